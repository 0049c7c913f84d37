//! The base branch of an apply: the commit that is applied, those before it, and a tip that says something newer.

use std::collections::BTreeSet;

use super::policy::read_policy;
use crate::amplitude::plan::{AmplitudePlan, PlannedItem};
use crate::error::Error;
use crate::git::{Commit, Comparison, MergedCommit, Repo};
use crate::policy::AmplitudeConfig;

/// The base branch, as far as an apply needs it.
pub(super) struct BranchState {
    /// The commit to apply.
    pub commit: Commit,
    /// The commits of the branch up to it, the oldest first.
    pub commits: Vec<MergedCommit>,
    /// The tip of the branch, if that is another commit.
    pub newer: Option<NewerTip>,
}

impl BranchState {
    /// The commit that is named, or else the tip, in the branch of this tip.
    pub fn of(repo: &Repo, tip: &Commit, commit: Option<&str>) -> Result<BranchState, Error> {
        let commit = match commit {
            Some(commit) => repo.commit(commit)?,
            None => tip.clone(),
        };
        let mut commits = repo.merged_changes(None, tip, None)?;
        let Some(at) = commits.iter().position(|merged| merged.oid == commit.oid) else {
            let message = format!("`{}` was never what `{}` said, so it is not applied", commit.name, tip.name);
            return Err(Error::usage(message, format!("merge it into `{}` first", tip.name)));
        };
        commits.truncate(at + 1);
        let newer = if commit.oid == tip.oid { None } else { Some(NewerTip::read(repo, &commit, tip)?) };
        Ok(BranchState { commit, commits, newer })
    }
}

/// The reason for which a flag of an older commit is left.
pub(super) const SUPERSEDED: &str = "the branch says something newer of it: apply its tip, without `--commit`";

/// The tip of the branch, where an older commit is applied.
pub(super) struct NewerTip {
    /// The files in which the two differ.
    files: Comparison,
    /// The section `amplitude` of its policy; none if that is invalid or has none.
    config: Option<AmplitudeConfig>,
}

impl NewerTip {
    pub fn read(repo: &Repo, commit: &Commit, tip: &Commit) -> Result<NewerTip, Error> {
        let policy = read_policy(repo, &tip.oid)?.ok();
        let config = policy.and_then(|policy| policy.config.amplitude);
        Ok(NewerTip { files: repo.two_trees(commit, tip)?, config })
    }

    /// Whether the branch still says the same of where a project is in Amplitude, and of which fields are the
    /// console's.
    fn agrees(&self, project: &str, config: &AmplitudeConfig) -> bool {
        let fields = |config: &AmplitudeConfig| config.unmanaged.iter().cloned().collect::<BTreeSet<String>>();
        self.config.as_ref().is_some_and(|newer| {
            newer.region == config.region
                && newer.projects.get(project) == config.projects.get(project)
                && fields(newer) == fields(config)
        })
    }
}

/// The flags of which the tip of the branch says something else than the commit that is applied: another file, another
/// place in Amplitude, or other fields that are the console's.
pub(super) fn superseded(plan: &AmplitudePlan, config: &AmplitudeConfig, newer: Option<&NewerTip>) -> BTreeSet<String> {
    let Some(newer) = newer else { return BTreeSet::new() };
    let paths: BTreeSet<&str> = newer.files.deltas.iter().map(|delta| delta.path.as_str()).collect();
    let is = |item: &&PlannedItem| {
        let entry = &item.wanted.entry;
        newer.files.over.is_some() || paths.contains(entry.path.as_str()) || !newer.agrees(&entry.project, config)
    };
    plan.items.iter().filter(is).map(|item| item.name.clone()).collect()
}
