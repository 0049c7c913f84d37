//! Contributions: the commits of a proposal that touch managed files, with their authors.
//!
//! Merging the base into a branch brings thousands of changes and makes nobody their author, so a merge counts only for
//! what it has that the automatic merge of its parents has not. Where that can't be said, it counts.
//!
//! Content may have been written under another path first, and moved or copied from there in the same proposal:
//! `sources` finds those commits.

use std::collections::{BTreeMap, BTreeSet};

use git2::Oid;

use super::load::odb;
use super::reach::{self, Reach};
use super::revision::object_id;
use super::sources::{self, DraftSigns, Written};
use super::tree_diff::{self, PathDifference};
use super::tree_reader::TreeItem;
use super::{Commit, Comparison, Error, Repo, lossy};
use crate::diagnostics::budgets;
use crate::error::ErrorKind;
use crate::flag::FileKind;

/// Files, and bytes of them, that are read to say which are drafts; of more, each may be one.
const MOST_READ: usize = 400;
const MOST_BYTES: usize = 16 << 20;

/// Paths that all commits of a proposal together may write, for it to be said where content came from.
const MOST_WRITTEN: usize = 200_000;

impl Repo {
    /// The object ids of all commits that are in the head and not in the base and touch a managed path: those with one
    /// parent if they change one, those without if they bring one, merges of two if what they have under one is not
    /// what git makes of the two by itself, merges of more if one differs from any parent. Besides them, the commits
    /// that wrote such content elsewhere (see `sources`). The newest come first.
    ///
    /// `managed` is asked of every path that differs, file, link or submodule; `keys` are those of the flags that
    /// differ.
    ///
    /// # Errors
    /// If objects or history are missing, or a merge that only git can judge finds no git command.
    pub fn contributions(
        &self,
        base: &Commit,
        head: &Commit,
        managed: &dyn Fn(&str) -> bool,
        keys: &BTreeSet<String>,
    ) -> Result<Vec<String>, Error> {
        let (base, head) = (object_id(&base.oid)?, object_id(&head.oid)?);
        let bases = reach::merge_bases(self.objects(), base, head)?;
        reach::reach(self.objects(), base, head, &bases)?.or_refuse()?;
        reach::range(self.objects(), base, head)?.or_refuse()?;
        let walked = reach::walk(self.objects(), &[head], base)?;
        let mut merges = 0;
        for commit in &walked {
            merges += usize::from(self.parents_of(*commit)?.len() > 1);
        }
        let within = walked.len() <= budgets::COMMITS.most && merges <= budgets::MERGES.most;
        let found = if within { affordable(self.counting(&walked, managed, keys))? } else { None };
        // Where it costs more than a budget to say, each counts.
        Ok(found.unwrap_or(walked).iter().map(ToString::to_string).collect())
    }

    /// Contributions of some commits that touch a managed path.
    fn counting(
        &self,
        walked: &[Oid],
        managed: &dyn Fn(&str) -> bool,
        keys: &BTreeSet<String>,
    ) -> Result<Vec<Oid>, Error> {
        let mut commits = Vec::new();
        let mut room = MOST_WRITTEN;
        for commit in walked.iter().copied() {
            let parents = self.parents_of(commit)?;
            let written = self.written(commit, &parents)?;
            let counts = match parents.as_slice() {
                [] | [_] => written.iter().any(|found| managed(&lossy(&found.path))),
                [one, two] => self.merge_touches(commit, *one, *two, managed)?,
                [_, _, ..] => self.differs_from_any(commit, &parents, managed)?,
            };
            room = room.saturating_sub(written.len());
            let written = if room > 0 { written } else { Vec::new() };
            commits.push(Written { commit, counts, written });
        }
        // Nothing of it comes to lie under a managed path, or too much was written to say where it came from.
        let any = commits.iter().any(|one| one.counts);
        if any && room == 0 {
            for one in &mut commits {
                one.counts = true;
            }
        } else if any {
            let drafts = self.drafts(&commits, managed, keys);
            sources::count(&mut commits, managed, &drafts);
        }
        Ok(commits.iter().filter(|one| one.counts).map(|one| one.commit).collect())
    }

    /// The contents of YAML and JSON that commits wrote outside of managed paths and that are drafts of what the
    /// proposal brings there, or may be.
    fn drafts(&self, commits: &[Written], managed: &dyn Fn(&str) -> bool, keys: &BTreeSet<String>) -> BTreeSet<Oid> {
        let is_managed = |found: &&PathDifference| managed(&lossy(&found.path));
        let others = commits.iter().filter(|one| !one.counts).flat_map(|one| &one.written);
        let like = others.filter(|found| sources::is_like_a_flag(&found.path) && !is_managed(found));
        let like: BTreeSet<Oid> = like.filter_map(|found| file(found.proposed)).collect();
        let brought = commits.iter().flat_map(|one| &one.written).filter(is_managed);
        let brought: BTreeSet<(Option<Oid>, Oid)> =
            brought.filter_map(|found| Some((file(found.live), file(found.proposed)?))).collect();
        let all: BTreeSet<Oid> = like
            .iter()
            .copied()
            .chain(brought.iter().flat_map(|(live, proposed)| live.iter().chain([proposed]).copied()))
            .collect();
        if like.is_empty() || all.len() > MOST_READ || self.want(all.iter().copied()).is_err() {
            return like;
        }
        let mut left = MOST_BYTES;
        let mut read = |id: Oid| -> Option<Vec<u8>> {
            let odb = odb(self.objects()).ok()?;
            left = left.checked_sub(odb.read_header(id).ok()?.0)?;
            Some(odb.read(id).ok()?.data().to_vec())
        };
        let mut signs = DraftSigns::new(keys);
        for (live, proposed) in brought {
            let live = live.map_or(Some(Vec::new()), &mut read);
            let (Some(live), Some(proposed)) = (live, read(proposed)) else { return like };
            signs.bring(&live, &proposed);
        }
        like.into_iter().filter(|id| read(*id).is_none_or(|bytes| signs.are_in(&bytes))).collect()
    }

    /// The paths that a commit wrote itself: those that differ from all of its parents.
    fn written(&self, commit: Oid, parents: &[Oid]) -> Result<Vec<PathDifference>, Error> {
        let Some((first, others)) = parents.split_first() else {
            return tree_diff::all(self.trees(), self.tree(commit)?);
        };
        let mut written = self.changes(*first, commit)?;
        for other in others {
            let changes = self.changes(*other, commit)?;
            let here: BTreeSet<&[u8]> = changes.iter().map(|found| found.path.as_slice()).collect();
            written.retain(|found| here.contains(found.path.as_slice()));
        }
        Ok(written)
    }

    /// Whether the merge would bring something under a managed path that the proposal itself does not touch by that
    /// name, as it follows a file or a folder that the base has renamed: then any of its commits may have written it.
    ///
    /// # Errors
    /// If objects or history are missing.
    pub fn carried(
        &self,
        base: &Commit,
        head: &Commit,
        comparison: &Comparison,
        managed: &dyn Fn(&str) -> bool,
    ) -> Result<bool, Error> {
        let (base, head) = (object_id(&base.oid)?, object_id(&head.oid)?);
        let all = comparison.deltas.iter().map(|delta| delta.path.as_str());
        let there: Vec<&str> = all.filter(|path| managed(path)).collect();
        for origin in reach::merge_bases(self.objects(), base, head)? {
            let Some(changes) = affordable(self.changes(origin, head))? else { return Ok(true) };
            let named: BTreeSet<String> = changes.iter().map(|found| lossy(&found.path)).collect();
            if there.iter().any(|path| !named.contains(*path)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn parents_of(&self, commit: Oid) -> Result<Vec<Oid>, Error> {
        let fail = |error: git2::Error| Error::git(&format!("read the commit {commit}"), &error);
        Ok(self.objects().find_commit(commit).map_err(fail)?.parent_ids().collect())
    }

    fn differs_from_any(&self, commit: Oid, parents: &[Oid], managed: &dyn Fn(&str) -> bool) -> Result<bool, Error> {
        for parent in parents {
            if self.changes(*parent, commit)?.iter().any(|found| managed(&lossy(&found.path))) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn merge_touches(&self, commit: Oid, one: Oid, two: Oid, managed: &dyn Fn(&str) -> bool) -> Result<bool, Error> {
        let bases = reach::merge_bases(self.objects(), one, two)?;
        if reach::reach(self.objects(), one, two, &bases)? == Reach::Unrelated {
            return self.differs_from_any(commit, &[one, two], managed);
        }
        let (_, expected, conflicts) = self.merged(one, two)?;
        if conflicts.iter().any(|clash| managed(&clash.path)) {
            return Ok(true);
        }
        let actual = self.changes(one, commit)?;
        let (expected, actual) = (by_path(&expected), by_path(&actual));
        let mut paths = expected.keys().chain(actual.keys());
        Ok(paths.any(|path| expected.get(path) != actual.get(path) && managed(&lossy(path))))
    }

    fn changes(&self, from: Oid, to: Oid) -> Result<Vec<PathDifference>, Error> {
        tree_diff::compare(self.trees(), self.tree(from)?, self.tree(to)?)
    }
}

/// The content of an entry that is a file.
fn file(item: Option<TreeItem>) -> Option<Oid> {
    item.filter(|item| item.kind() == FileKind::Regular).map(|item| item.id)
}

/// A result, unless it is over a budget.
fn affordable<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
    match found {
        Err(error) if error.kind == ErrorKind::OverBudget => Ok(None),
        found => found.map(Some),
    }
}

/// The new entry of each path that differs.
fn by_path(differences: &[PathDifference]) -> BTreeMap<&[u8], Option<TreeItem>> {
    differences.iter().map(|found| (found.path.as_slice(), found.proposed)).collect()
}
