//! A proposal against its base: what the merge would change.

use std::collections::BTreeSet;
use std::fs;

use git2::{ErrorCode, Oid, Repository};

use super::trees::{self, Difference};
use super::{Commit, Comparison, Conflict, Delta, Error, Proposal, Repo, Way, lossy, merge};
use crate::report::Revision;

impl Repo {
    /// What merging the proposal would change in the base.
    ///
    /// # Errors
    /// If objects or history are missing, or if a merge that only git can judge finds no git command.
    pub fn compare(&self, base: &Commit, proposal: &Proposal) -> Result<Comparison, Error> {
        let base_id = id(base)?;
        let (head, revision, mut conflicts) = match proposal {
            Proposal::Commit(commit) => (id(commit)?, revision(commit), Vec::new()),
            Proposal::Index => {
                let (head, conflicts) = self.index_as_commit()?;
                (head, Revision { name: "index".to_owned(), oid: None }, conflicts)
            }
            Proposal::Worktree => {
                let (head, conflicts) = self.worktree_as_commit()?;
                (head, Revision { name: "worktree".to_owned(), oid: None }, conflicts)
            }
        };
        let bases = merge_bases(self.objects(), base_id, head)?;
        reaches_far_enough(self.objects(), base_id, head, &bases)?;
        let live = self.tree(base_id)?;
        let (way, differences) = if bases == [head] {
            (Way::Contained, Vec::new())
        } else if bases == [base_id] {
            (Way::Direct, trees::compare(self.objects(), live, self.tree(head)?)?)
        } else {
            let mut moved = false;
            let mut by_name = None;
            for origin in &bases {
                let walked = trees::merge(self.objects(), self.tree(*origin)?, live, self.tree(head)?)?;
                moved |= walked.moved;
                by_name = Some(walked).filter(|walked| !walked.overlapping && bases.len() == 1);
            }
            if let Some(walked) = by_name {
                (Way::ByName, walked.differences)
            } else {
                let merged = merge::merge(self.scratch()?, &self.command, base_id, head, moved)?;
                conflicts.extend(merged.conflicts);
                let mut differences = trees::compare(self.objects(), live, merged.tree)?;
                differences.retain(|found| match found.proposed {
                    // Git 2.47 leaves entries without an object behind where renames on both sides are entangled.
                    Some(item) if item.id.is_zero() => {
                        let message = "git comes to no result for it".to_owned();
                        conflicts.push(Conflict { path: lossy(&found.path), message });
                        false
                    }
                    Some(_) | None => true,
                });
                (Way::Merged, differences)
            }
        };
        Ok(self.comparison(self::revision(base), revision, way, live, differences, conflicts))
    }

    /// Two commits side by side, without merging them.
    ///
    /// # Errors
    /// If objects are missing.
    pub fn two_trees(&self, base: &Commit, head: &Commit) -> Result<Comparison, Error> {
        let live = self.tree(id(base)?)?;
        let differences = trees::compare(self.objects(), live, self.tree(id(head)?)?)?;
        Ok(self.comparison(revision(base), revision(head), Way::Direct, live, differences, Vec::new()))
    }

    fn comparison(
        &self,
        base: Revision,
        head: Revision,
        way: Way,
        live: Oid,
        differences: Vec<Difference>,
        mut conflicts: Vec<Conflict>,
    ) -> Comparison {
        conflicts.sort();
        conflicts.dedup_by(|one, two| one.path == two.path);
        let entry = |item: Option<_>| item.map(|item| self.entry(item));
        let delta = |found: &Difference| Delta {
            path: lossy(&found.path),
            live: entry(found.live),
            proposed: entry(found.proposed),
        };
        let mut deltas: Vec<Delta> = differences.iter().map(delta).collect();
        deltas.sort_by(|one, two| one.path.cmp(&two.path));
        let odd = |found: &&Difference| std::str::from_utf8(&found.path).is_err();
        let odd_paths = differences.iter().filter(odd).map(|found| lossy(&found.path)).collect();
        Comparison { base, head, way, deltas, conflicts, odd_paths, live, differences }
    }

    /// The tree of a commit.
    fn tree(&self, commit: Oid) -> Result<Oid, Error> {
        let found = self.objects().find_commit(commit);
        found.map(|commit| commit.tree_id()).map_err(|error| Error::git(&format!("read the commit {commit}"), &error))
    }
}

fn revision(commit: &Commit) -> Revision {
    Revision { name: commit.name.clone(), oid: Some(commit.oid.clone()) }
}

fn id(commit: &Commit) -> Result<Oid, Error> {
    // The number of digits says which kind of id it is.
    let kind = if commit.oid.len() > 40 { git2::ObjectFormat::Sha256 } else { git2::ObjectFormat::Sha1 };
    Oid::from_str_ext(&commit.oid, kind)
        .map_err(|_| Error::usage(format!("`{}` is no object id", commit.oid), "give the object id in full"))
}

/// The best common ancestors; several if the history is criss-cross.
fn merge_bases(repo: &Repository, base: Oid, head: Oid) -> Result<Vec<Oid>, Error> {
    match repo.merge_bases(base, head) {
        Ok(found) => Ok(found.iter().copied().collect()),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(Vec::new()),
        Err(error) => Err(Error::git("search the merge base", &error)),
    }
}

/// Refuses merge bases that may be the wrong ones because a shallow clone cut off history.
///
/// A common ancestor that was found is one. It is the best one if every way from either tip leads to it or ends at a
/// true root: if a commit on this side of it was cut from its parents, a better ancestor may lie beyond. If one
/// tip contains the other that tip is the best, whatever was cut off. Several merge bases are merged with each
/// other first, by *their* merge bases, so for them nothing may be cut off at all.
fn reaches_far_enough(repo: &Repository, base: Oid, head: Oid, bases: &[Oid]) -> Result<(), Error> {
    let shallow = repo.is_shallow();
    let deepen = |message: &str| {
        Err(Error::outside(
            message,
            "run `git fetch --deepen=100`, again until it is enough, or `git fetch --unshallow`",
        ))
    };
    match bases {
        [] if shallow => deepen("the history is cut off before the base and the proposal meet (a shallow clone)"),
        [] => Err(Error::usage(
            "the base and the proposal have no commit in common, so they cannot be merged",
            "compare branches of one history, or start the branch anew from the base",
        )),
        [only] if *only == base || *only == head => Ok(()),
        [only] if shallow => {
            let cut = cut_off(repo)?;
            let walk = || {
                let mut walk = repo.revwalk()?;
                walk.push(base)?;
                walk.push(head)?;
                walk.hide(*only)?;
                for commit in walk {
                    if cut.contains(&commit?) {
                        return Ok(true);
                    }
                }
                Ok(false)
            };
            match walk() {
                Ok(false) => Ok(()),
                Ok(true) => deepen("the history is cut off between the merge base and a tip, so it may be another one"),
                Err(error) => Err(Error::git("walk the history", &error)),
            }
        }
        [_] => Ok(()),
        _ if shallow => deepen("there are several merge bases and the history beyond them is cut off"),
        _ => Ok(()),
    }
}

/// The commits a shallow clone cut from their parents.
fn cut_off(repo: &Repository) -> Result<BTreeSet<Oid>, Error> {
    let text = fs::read_to_string(repo.commondir().join("shallow"))
        .map_err(|error| Error::disk("read where the shallow clone ends", &error))?;
    let ids = text.lines().map(|line| Oid::from_str_ext(line.trim(), repo.object_format()));
    ids.collect::<Result<_, _>>().map_err(|error| Error::git("read where the shallow clone ends", &error))
}
