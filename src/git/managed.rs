//! Managed files: the projects that have one, and whether the repository has a flag at all.
//!
//! **In**: a comparison and the policy that would hold after the merge. **Out**: a [`ManagedFiles`]. **Refuses**: to
//! take a file that can't be loaded for one without flags. **Not taken**: reading every file; the walk ends as soon as
//! each project has one, and one file with a flag answers for all.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::{Comparison, Error, Repo, TreeEntry, TreeSide, lossy, tree_diff};
use crate::diagnostics::Diagnostic;
use crate::flag::FileKind;
use crate::policy::{Pattern, Policy, Project, ProjectMatch};
use crate::review::empty::{FlagsNearby, MOST_OPENED, emptied_project, empty_project, may_hold_a_flag, ranked};

/// More files than these are not opened to find a flag: a repository with so many has flags.
const FEW: usize = 8;

/// The result of a look at the projects of a policy.
#[derive(Debug, Default)]
pub(super) struct ManagedFiles {
    /// One for each project that has no file on either side, or whose last file goes.
    pub empty: Vec<Diagnostic>,
    /// Whether no project has a flag.
    pub no_flag: bool,
}

impl ManagedFiles {
    /// Looks at both sides of a comparison. `known` says that a file which differs holds a flag.
    pub(super) fn of(repo: &Repo, comparison: &Comparison, policy: &Policy, known: bool) -> Result<Self, Error> {
        let mut left: Vec<&Project> = policy.config.projects.iter().collect();
        let mut seen: Vec<(String, TreeEntry)> = Vec::new();
        for delta in &comparison.deltas {
            let entries = delta.proposed.iter().chain(&delta.live);
            if take_off(policy, &delta.path, &mut left) && seen.len() < FEW {
                seen.extend(entries.map(|entry| (delta.path.clone(), entry.clone())));
            }
        }
        let takes = |project: &Project, path: &str| project.paths.iter().any(|pattern| pattern.matches(path));
        let below = |project: &Project, dir: &str| project.paths.iter().any(|pattern| pattern.may_match_below(dir));
        let all_below = |project: &Project, dir: &str| project.paths.iter().any(|pattern| pattern.takes_all_below(dir));
        let still = RefCell::new(left);
        if !still.borrow().is_empty() {
            // To git no folder is empty, so that one of which a project takes all need not be read.
            let enter = |dir: &str| {
                let mut left = still.borrow_mut();
                left.retain(|project| !all_below(project, dir));
                left.iter().any(|project| below(project, dir))
            };
            repo.walk(comparison, &enter, &mut |path, entry| {
                let mut left = still.borrow_mut();
                let before = left.len();
                // A link or a submodule in the place of its folder has a diagnostic of its own.
                let special = entry.kind.may_hold_files();
                left.retain(|project| !(takes(project, path) || special && below(project, path)));
                if left.len() < before {
                    seen.push((path.to_owned(), entry));
                }
                left.is_empty()
            })?;
        }
        let left = still.into_inner();
        let any = |files: &[(String, TreeEntry)]| files.iter().any(|file| repo.may_have_flag(policy, file));
        seen.truncate(FEW);
        let no_flag = !known && !any(&seen) && {
            // The first files hold none: all of them decide, unless there are many.
            let mut all: Vec<(String, TreeEntry)> = Vec::new();
            repo.walk(comparison, &|dir| policy.manages_below(dir), &mut |path, entry| {
                if !matches!(policy.project_of(path), ProjectMatch::Unmanaged) {
                    all.push((path.to_owned(), entry));
                }
                all.len() > FEW
            })?;
            all.len() <= FEW && !any(&all)
        };
        let mut empty = repo.emptied(comparison, policy)?;
        if !left.is_empty() {
            let mut files: Vec<(String, TreeEntry)> = Vec::new();
            repo.list(comparison, TreeSide::Proposed, &|dir| !dir.starts_with('.'), &mut |path, entry| {
                files.push((path.to_owned(), entry));
            })?;
            for project in left {
                let nearest = nearest_flags(repo, project, policy, &files)?;
                empty.push(empty_project(project, policy, nearest.as_ref()));
            }
        }
        Ok(ManagedFiles { empty, no_flag })
    }
}

/// Takes the projects of a path off those that are left; whether the path has one.
fn take_off(policy: &Policy, path: &str, left: &mut Vec<&Project>) -> bool {
    match policy.project_of(path) {
        ProjectMatch::Unmanaged => return false,
        ProjectMatch::Project(project) => left.retain(|one| project.name != one.name),
        ProjectMatch::Several(projects) => left.retain(|one| projects.iter().all(|project| project.name != one.name)),
    }
    true
}

/// The path of the nearest file with flags that no project has.
///
/// # Errors
/// If a file can't be read.
pub fn nearest_flags(
    repo: &Repo,
    project: &Project,
    policy: &Policy,
    files: &[(String, TreeEntry)],
) -> Result<Option<FlagsNearby>, Error> {
    let regular = || files.iter().filter(|(_, entry)| entry.kind == FileKind::Regular);
    let nearest = ranked(project, policy, regular().map(|(path, _)| path.as_str()));
    let opened: BTreeSet<&str> = nearest.iter().take(MOST_OPENED).copied().collect();
    let wanted: Vec<(String, TreeEntry)> =
        regular().filter(|(path, _)| opened.contains(path.as_str())).cloned().collect();
    let found = repo.load_many(&wanted, |_, file| FlagsNearby::of(&file))?.into_iter();
    let mut holding: BTreeMap<String, FlagsNearby> = found.map(|one| (one.path.clone(), one)).collect();
    Ok(nearest.into_iter().find_map(|path| holding.remove(path)))
}

impl Repo {
    /// The diagnostics of projects whose last file goes with the proposal.
    fn emptied(&self, comparison: &Comparison, policy: &Policy) -> Result<Vec<Diagnostic>, Error> {
        let of = |path: &str| match policy.project_of(path) {
            ProjectMatch::Project(project) => Some(project),
            ProjectMatch::Unmanaged | ProjectMatch::Several(_) => None,
        };
        let gone = comparison.deltas.iter().filter(|delta| delta.proposed.is_none());
        let mut losing: BTreeMap<&str, &Project> =
            gone.filter_map(|delta| of(&delta.path)).map(|project| (project.name.as_str(), project)).collect();
        for delta in comparison.deltas.iter().filter(|delta| delta.proposed.is_some()) {
            of(&delta.path).map(|project| losing.remove(project.name.as_str()));
        }
        if !losing.is_empty() {
            let patterns: Vec<&Pattern> = losing.values().flat_map(|project| &project.paths).collect();
            let enter = |dir: &str| patterns.iter().any(|pattern| pattern.may_match_below(dir));
            self.list(comparison, TreeSide::Proposed, &enter, &mut |path, entry| {
                of(path).map(|project| losing.remove(project.name.as_str()));
                // A link or a submodule in the place of its folder has a diagnostic of its own.
                if entry.kind.may_hold_files() {
                    losing.retain(|_, project| !project.paths.iter().any(|pattern| pattern.may_match_below(path)));
                }
            })?;
        }
        Ok(losing.into_values().map(emptied_project).collect())
    }

    /// Visits the files of the live side in these folders, until `each` has seen enough.
    fn walk(
        &self,
        comparison: &Comparison,
        enter: &dyn Fn(&str) -> bool,
        each: &mut dyn FnMut(&str, TreeEntry) -> bool,
    ) -> Result<(), Error> {
        let mut enter = |dir: &[u8]| enter(&lossy(dir));
        let mut visit = |path: &[u8], item| each(&lossy(path), self.entry_at(path, item, comparison.live, &[]));
        tree_diff::list_until(&self.trees(), comparison.live, &mut enter, &mut visit)
    }

    /// Whether a file holds a flag, or may: a file that is not at hand may.
    fn may_have_flag(&self, policy: &Policy, file: &(String, TreeEntry)) -> bool {
        if file.1.kind != FileKind::Regular {
            return false;
        }
        let found = self
            .load_many(std::slice::from_ref(file), |_, file| Some(may_hold_a_flag(policy, &file.path, &file.bytes)));
        found.map_or(true, |found| found.contains(&true))
    }
}
