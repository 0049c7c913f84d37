//! The surroundings of a proposal, read from a repository.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::inputs::concerns;
use super::search::{SearchedKeys, mentioning};
use super::{Comparison, Delta, Error, HistoryEnd, HistoryQuery, PastBase, PastVersion, Repo, TreeEntry, TreeSide};
use crate::diagnostics::budgets::{self, Budget};
use crate::flag::{File, FileKind};
use crate::policy::{Policy, ProjectMatch};
use crate::review::flag_past::{Past, PastContent, PastFile, PastFiles, PastQuery};
use crate::review::managed_files::may_decide;
use crate::review::unread_flags::is_near;
use crate::review::{FlagName, Surroundings};

/// A repository and what is compared in it.
pub(super) struct Around<'r> {
    pub repo: &'r Repo,
    pub comparison: &'r Comparison,
    pub base_policy: Arc<Policy>,
    pub proposed: Option<Arc<Policy>>,
    /// The time of the verdict, in seconds since 1970-01-01 UTC.
    pub now: Option<i64>,
}

/// Of files that no project manages so many are looked at, and none that is larger.
const MOST_OUTSIDE: usize = 100;
const LARGEST_OUTSIDE: usize = 256 * 1024;

/// Of those near the files of a project, which may belong to their flags, all that a format may read are looked at, as
/// long as they have so many bytes together, the smaller ones first.
const LARGEST_NEAR: usize = 8 * 1024 * 1024;
const MOST_NEAR: usize = 16 * 1024 * 1024;

impl Around<'_> {
    fn policies(&self) -> Vec<&Policy> {
        std::iter::once(&self.base_policy).chain(&self.proposed).map(AsRef::as_ref).collect()
    }

    /// The file of an entry of the past. A partial clone may not have it.
    fn content(&self, path: &str, entry: Option<&TreeEntry>) -> PastContent {
        match entry.map(|entry| self.repo.load(path, entry)) {
            None => PastContent::Absent,
            Some(Ok(file)) => PastContent::File(file),
            Some(Err(_)) => PastContent::Unread,
        }
    }

    fn base_then(&self, days: u32, base: Result<PastBase, &str>) -> PastFiles {
        let loaded = base.map_err(str::to_owned).and_then(|base| {
            let files = base.entries.iter().map(|(path, entry)| self.repo.load(path, entry));
            let files = files.collect::<Result<Vec<File>, Error>>();
            let files = files.map_err(|_| "its files are not at hand (a partial clone)".to_owned())?;
            Ok((base.commit, base.until.map(|until| until.saturating_add(seconds(days))), files))
        });
        match loaded {
            Ok((commit, until, files)) => PastFiles { days, commit: Ok(commit), until, files },
            Err(why) => PastFiles { days, commit: Err(why), until: None, files: Vec::new() },
        }
    }
}

/// The seconds of so many days.
fn seconds(days: u32) -> i64 {
    i64::from(days) * 86_400
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
        let over = |budget: &Budget, found: usize| (found > budget.most).then(|| Error::over(budget, found, b""));
        over(budgets::FILES, wanted.len()).map_or(Ok(()), Err)?;
        self.repo.expect_entries(wanted.iter().map(|(_, entry)| entry))?;
        let sizes = wanted.iter().map(|(path, entry)| self.repo.size(path, entry)).sum::<Result<usize, Error>>()?;
        over(budgets::ALL_BYTES, sizes).map_or(Ok(()), Err)?;
        let policy = &self.base_policy;
        let keys = SearchedKeys::new(&keys.iter().map(String::as_str).collect(), policy);
        self.repo.load_many(&wanted, |_, file| keys.may_be_in(policy, &file.path, &file.bytes).then_some(file))
    }

    fn changed_outside(&self) -> Result<Vec<File>, Error> {
        let unmanaged = |delta: &&Delta| !self.policies().iter().any(|policy| concerns(policy, delta));
        let near = |path: &str| is_near(path, &self.base_policy);
        let deltas = self.comparison.deltas.iter().filter(unmanaged);
        let mut wanted: Vec<(usize, String, TreeEntry)> = deltas
            .filter_map(|delta| Some((delta.path.clone(), delta.proposed.clone()?)))
            .filter(|(path, entry)| entry.kind == FileKind::Regular && may_decide(path))
            .filter_map(|(path, entry)| Some((self.repo.size(&path, &entry).ok()?, path, entry)))
            .filter(|(size, path, _)| *size <= if near(path) { LARGEST_NEAR } else { LARGEST_OUTSIDE })
            .collect();
        // Those next to files of a project first, which may be layers of them. The others are only for a remark, so
        // what a partial clone has not of them is not fetched.
        wanted.sort_by_key(|(size, path, _)| (!near(path), *size > LARGEST_OUTSIDE, *size));
        wanted.truncate(MOST_OUTSIDE);
        let mut left = MOST_NEAR;
        let mut fits = |size: usize| {
            left = left.saturating_sub(size);
            size <= LARGEST_OUTSIDE || left > 0
        };
        wanted.retain(|(size, ..)| fits(*size));
        let wanted: Vec<(String, TreeEntry)> = wanted.into_iter().map(|(_, path, entry)| (path, entry)).collect();
        let _ = self.repo.want(wanted.iter().filter(|(path, _)| near(path)).filter_map(|(_, entry)| entry.blob()));
        Ok(wanted.iter().filter_map(|(path, entry)| self.repo.load(path, entry).ok()).collect())
    }

    fn past(&self, query: &PastQuery) -> Past {
        let ago = |days: &u32| self.now.map(|now| now.saturating_sub(seconds(*days)));
        let question = HistoryQuery {
            versions: query.versions.iter().cloned().collect(),
            files: query.files.iter().cloned().collect(),
            moments: query.days.iter().filter_map(ago).collect(),
            decides: query.decides,
        };
        let found = self.repo.history(self.comparison, &question);
        let bases = found.bases.iter().flatten().flat_map(|base| base.entries.values());
        let entries = found.versions.iter().filter_map(|version| version.entry.as_ref()).chain(bases);
        // For a remark nothing is fetched. A blob that can't be fetched is missed where it is read.
        if query.decides {
            let _ = self.repo.want(entries.filter_map(TreeEntry::blob));
        }
        let version = |version: &PastVersion| PastFile {
            path: version.path.clone(),
            content: self.content(&version.path, version.entry.as_ref()),
            until: version.until.clone(),
        };
        let mut bases = found.bases.into_iter();
        let base = |days: &u32| match bases.next() {
            Some(base) => self.base_then(*days, base.map_err(HistoryEnd::why)),
            None => self.base_then(*days, Err("nobody said what time it is")),
        };
        Past {
            versions: found.versions.iter().map(version).collect(),
            end: found.end.map(|end| end.why().to_owned()),
            bases: query.days.iter().map(base).collect(),
        }
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

    fn files(&self, paths: &BTreeSet<String>) -> Result<Vec<File>, Error> {
        let read = |path: &String| self.repo.read(self.comparison, TreeSide::Live, path).transpose();
        paths.iter().filter_map(read).collect()
    }
}
