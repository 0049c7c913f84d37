//! Comparison of a proposal with its base: the changes that the merge would make.

use std::collections::BTreeSet;

use git2::Oid;

use super::load;
use super::revision::object_id;
use super::tree_diff::{self, PathDifference};
use super::tree_reader::TreeItem;
use super::{Commit, Comparison, Conflict, Delta, Error, MergeMethod, Proposal, Repo, lossy, reach, real_merge};
use crate::diagnostics::{Diagnostic, Place, budgets, lints};
use crate::error::ErrorKind;
use crate::report::Revision;

impl Repo {
    /// The changes that merging the proposal would make in the base.
    ///
    /// # Errors
    /// If objects or history are missing, or if a merge that only git can judge finds no git command.
    pub fn compare(&self, base: &Commit, proposal: &Proposal) -> Result<Comparison, Error> {
        let base_id = object_id(&base.oid)?;
        let (head, revision, mut conflicts) = match proposal {
            Proposal::Commit(commit) => (object_id(&commit.oid)?, revision(commit), Vec::new()),
            Proposal::Index => {
                let (head, conflicts) = self.index_as_commit()?;
                (head, Revision { name: "index".to_owned(), oid: None }, conflicts)
            }
            Proposal::Worktree => {
                let (head, conflicts) = self.worktree_as_commit()?;
                (head, Revision { name: "worktree".to_owned(), oid: None }, conflicts)
            }
        };
        let live = self.tree(base_id)?;
        let (way, differences, clashes) = match self.merged(base_id, head) {
            Ok(merged) => merged,
            Err(error) => return self.over_budget(error, self::revision(base), revision, live),
        };
        conflicts.extend(clashes);
        Ok(self.comparison(self::revision(base), revision, way, live, differences, conflicts))
    }

    /// The changes that merging `head` into `base` makes in `base`, and the paths in conflict.
    pub(super) fn merged(
        &self,
        base: Oid,
        head: Oid,
    ) -> Result<(MergeMethod, Vec<PathDifference>, Vec<Conflict>), Error> {
        let bases = reach::merge_bases(self.objects(), base, head)?;
        reach::reach(self.objects(), base, head, &bases)?.or_refuse()?;
        let live = self.tree(base)?;
        if bases == [head] {
            return Ok((MergeMethod::Contained, Vec::new(), Vec::new()));
        }
        if bases == [base] {
            return Ok((MergeMethod::Direct, tree_diff::compare(self.trees(), live, self.tree(head)?)?, Vec::new()));
        }
        // With one merge base the names tell whether the two sides touched different files only.
        if let [origin] = bases.as_slice() {
            let walked = tree_diff::merge(self.trees(), self.tree(*origin)?, live, self.tree(head)?)?;
            if !walked.overlapping {
                return Ok((MergeMethod::ByName, walked.differences, Vec::new()));
            }
        }
        self.want_for_merge(base, head, &bases)?;
        self.renames_within_budget(head, &bases)?;
        let merged = real_merge::merge(self.scratch()?, &self.command, base, head)?;
        let mut conflicts = merged.conflicts;
        let mut differences = tree_diff::compare(self.trees(), live, merged.tree)?;
        differences.retain(|found| match found.proposed {
            // Git 2.47 leaves entries without an object behind where renames on both sides are entangled.
            Some(item) if item.id.is_zero() => {
                let message = "git comes to no result for it".to_owned();
                conflicts.push(Conflict { path: lossy(&found.path), message });
                false
            }
            Some(_) | None => true,
        });
        Ok((MergeMethod::Merged, differences, conflicts))
    }

    /// Refuses a proposal in which git would look for renamed files for minutes: it compares each file that is gone
    /// with each that is new, by content. A file that is moved as it is costs nothing.
    fn renames_within_budget(&self, head: Oid, bases: &[Oid]) -> Result<(), Error> {
        /// The cost of comparing two files of no size, in bytes of such that have one.
        const PAIR: u64 = 2_048;
        let odb = load::odb(self.objects())?;
        let proposed = self.tree(head)?;
        let mut cost = 0_u64;
        for origin in bases {
            let differences = tree_diff::compare(self.trees(), self.tree(*origin)?, proposed)?;
            let ids = |side: fn(&PathDifference) -> (Option<TreeItem>, Option<TreeItem>)| {
                let sides = differences.iter().map(side);
                sides.filter_map(|(here, there)| here.filter(|_| there.is_none())).map(|item| item.id).collect()
            };
            let gone: Vec<Oid> = ids(|found| (found.live, found.proposed));
            let new: Vec<Oid> = ids(|found| (found.proposed, found.live));
            // An object that can't be read costs nothing here: the merge refuses it.
            let size = |id: &Oid| odb.read_header(*id).map_or(0, |(size, _)| size as u64);
            let [(gone, gone_bytes), (new, new_bytes)] = [(&gone, &new), (&new, &gone)].map(|(these, those)| {
                let moved: BTreeSet<&Oid> = those.iter().collect();
                let other: Vec<&Oid> = these.iter().filter(|id| !moved.contains(id)).collect();
                (other.len() as u64, if those.is_empty() { 0 } else { other.into_iter().map(size).sum::<u64>() })
            });
            let pairs = gone.saturating_mul(new).saturating_mul(PAIR);
            let bytes = gone.saturating_mul(new_bytes).saturating_add(new.saturating_mul(gone_bytes));
            cost = cost.saturating_add(pairs).saturating_add(bytes);
        }
        let megabytes = usize::try_from(cost >> 20).unwrap_or(usize::MAX);
        let over = budgets::RENAMES.is_over(megabytes, 0);
        if over { Err(Error::over(budgets::RENAMES, megabytes, &[])) } else { Ok(()) }
    }

    /// Two commits side by side, without merging them.
    ///
    /// # Errors
    /// If objects are missing.
    pub fn two_trees(&self, base: &Commit, head: &Commit) -> Result<Comparison, Error> {
        let live = self.tree(object_id(&base.oid)?)?;
        let differences = match tree_diff::compare(self.trees(), live, self.tree(object_id(&head.oid)?)?) {
            Ok(differences) => differences,
            Err(error) => return self.over_budget(error, revision(base), revision(head), live),
        };
        Ok(self.comparison(revision(base), revision(head), MergeMethod::Direct, live, differences, Vec::new()))
    }

    /// The comparison with a proposal that has more than is judged: it has no difference, and is invalid.
    fn over_budget(&self, error: Error, base: Revision, head: Revision, live: Oid) -> Result<Comparison, Error> {
        if error.kind != ErrorKind::OverBudget {
            return Err(error);
        }
        let over = Diagnostic::new(lints::OVER_BUDGET, "", Place::START, error.message, error.help);
        let comparison = self.comparison(base, head, MergeMethod::Direct, live, Vec::new(), Vec::new());
        Ok(Comparison { over: Some(over), ..comparison })
    }

    fn comparison(
        &self,
        base: Revision,
        head: Revision,
        way: MergeMethod,
        live: Oid,
        differences: Vec<PathDifference>,
        mut conflicts: Vec<Conflict>,
    ) -> Comparison {
        conflicts.sort();
        conflicts.dedup_by(|one, two| one.path == two.path);
        let entry = |path: &[u8], item: Option<_>, over: &[PathDifference]| {
            item.map(|item| self.entry_at(path, item, live, over))
        };
        let delta = |found: &PathDifference| Delta {
            path: lossy(&found.path),
            live: entry(&found.path, found.live, &[]),
            proposed: entry(&found.path, found.proposed, &differences),
        };
        let mut deltas: Vec<Delta> = differences.iter().map(delta).collect();
        deltas.sort_by(|one, two| one.path.cmp(&two.path));
        Comparison { base, head, way, deltas, conflicts, over: None, live, differences }
    }

    /// The tree of a commit.
    pub(super) fn tree(&self, commit: Oid) -> Result<Oid, Error> {
        let found = self.objects().find_commit(commit);
        found.map(|commit| commit.tree_id()).map_err(|error| Error::git(&format!("read the commit {commit}"), &error))
    }
}

fn revision(commit: &Commit) -> Revision {
    Revision { name: commit.name.clone(), oid: Some(commit.oid.clone()) }
}
