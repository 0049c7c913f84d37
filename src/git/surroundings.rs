//! The surroundings of a proposal, read from a repository.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::inputs::concerns;
use super::search::{SearchedKeys, mentioning};
use super::{Comparison, Delta, Error, Repo, TreeEntry, TreeSide};
use crate::flag::{File, FileKind};
use crate::policy::{Policy, ProjectMatch};
use crate::review::{FlagName, Surroundings};

/// A repository and what is compared in it.
pub(super) struct Around<'r> {
    pub repo: &'r Repo,
    pub comparison: &'r Comparison,
    pub base_policy: Arc<Policy>,
    pub proposed: Option<Arc<Policy>>,
}

impl Around<'_> {
    fn policies(&self) -> Vec<&Policy> {
        std::iter::once(&self.base_policy).chain(&self.proposed).map(AsRef::as_ref).collect()
    }
}

impl Surroundings for Around<'_> {
    type Error = Error;

    fn holding(&self, flags: &BTreeSet<FlagName>) -> Result<Vec<File>, Error> {
        let differing: BTreeSet<&str> = self.comparison.deltas.iter().map(|delta| delta.path.as_str()).collect();
        mentioning(self.repo, self.comparison, &self.base_policy, flags, &|path| !differing.contains(path))
    }

    fn brought(&self, keys: &BTreeSet<String>) -> Result<Vec<File>, Error> {
        let unmanaged = |delta: &&Delta| !self.policies().iter().any(|policy| concerns(policy, delta));
        let deltas = self.comparison.deltas.iter().filter(unmanaged);
        let wanted: Vec<(String, TreeEntry)> = deltas
            .filter_map(|delta| Some((delta.path.clone(), delta.proposed.clone()?)))
            .filter(|(path, entry)| entry.kind == FileKind::Regular && self.base_policy.format(path).is_some())
            .collect();
        let keys = SearchedKeys::new(&keys.iter().map(String::as_str).collect());
        let found = self.repo.load_many(&wanted, |file| keys.may_be_in(&file.bytes).then_some(file))?;
        Ok(found.into_iter().flatten().collect())
    }

    fn managed(&self) -> Result<Vec<String>, Error> {
        let mut paths = BTreeSet::new();
        let policies = self.policies();
        let enter = |dir: &str| policies.iter().any(|policy| policy.manages_below(dir));
        for side in [TreeSide::Live, TreeSide::Proposed] {
            self.repo.list(self.comparison, side, &enter, &mut |path, _| {
                if policies.iter().any(|policy| !matches!(policy.project_of(path), ProjectMatch::Unmanaged)) {
                    paths.insert(path.to_owned());
                }
            })?;
        }
        Ok(paths.into_iter().collect())
    }
}
