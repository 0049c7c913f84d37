//! Reach of the history: whether enough of it is here to judge a proposal.
//!
//! A shallow clone ends somewhere, and looks from the inside as if history began there.

use std::collections::BTreeSet;
use std::fs;

use git2::{ErrorCode, Oid, Repository};

use super::error::ErrorKind;
use super::revision::object_id;
use super::{Error, Repo};

/// How far the history reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reach {
    /// Far enough.
    Enough,
    /// Not far enough, for this reason.
    Cut(&'static str),
    /// To its beginning, and the two have nothing in common.
    Unrelated,
}

impl Reach {
    pub fn or_refuse(self) -> Result<(), Error> {
        match self {
            Reach::Enough => Ok(()),
            Reach::Cut(message) => Err(deepen(message)),
            Reach::Unrelated => Err(Error::usage(
                "the base and the proposal have no commit in common, so they cannot be merged",
                "compare branches of one history, or start the branch anew from the base",
            )),
        }
    }
}

pub(super) fn deepen(message: &str) -> Error {
    let help = "run `git fetch --unshallow`, or `git fetch --deepen=100` until it is enough; in a GitHub workflow give \
                `actions/checkout` the setting `fetch-depth: 0`";
    Error::new(ErrorKind::CutOff, message, help)
}

impl Repo {
    /// Whether all of these objects are here.
    #[must_use]
    pub fn has(&self, ids: &[String]) -> bool {
        let Ok(odb) = self.git.odb() else { return false };
        ids.iter().all(|id| object_id(id).is_ok_and(|id| odb.exists(id)))
    }

    /// Whether this repository has everything needed to judge the commit `head` as a proposal for `base`, and to name
    /// its contributors. A partial clone has not: its missing objects can't be fetched without writing to it.
    ///
    /// # Errors
    /// If one of them is no object id in full, or git fails.
    pub fn serves(&self, base: &str, head: &str) -> Result<bool, Error> {
        let (base, head) = (object_id(base)?, object_id(head)?);
        if self.git.find_commit(base).is_err() || self.git.find_commit(head).is_err() {
            return Ok(false);
        }
        Ok(!self.leaves_out()? && enough(&self.git, base, head)?)
    }

    /// Whether this is a partial clone.
    fn leaves_out(&self) -> Result<bool, Error> {
        let fail = |error: git2::Error| Error::git("read the configuration", &error);
        let config = self.git.config().map_err(fail)?;
        let mut promisors = config.entries(Some(r"^remote\..*\.promisor$")).map_err(fail)?;
        Ok(promisors.next().is_some())
    }
}

/// Whether the history is enough to compare the two and to name every contribution.
pub(super) fn enough(repo: &Repository, base: Oid, head: Oid) -> Result<bool, Error> {
    Ok(match reach(repo, base, head, &merge_bases(repo, base, head)?)? {
        Reach::Enough => range(repo, base, head)? == Reach::Enough,
        Reach::Cut(_) => false,
        Reach::Unrelated => true,
    })
}

/// The best common ancestors; several if the history is criss-cross.
pub(super) fn merge_bases(repo: &Repository, base: Oid, head: Oid) -> Result<Vec<Oid>, Error> {
    match repo.merge_bases(base, head) {
        Ok(found) => Ok(found.iter().copied().collect()),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(Vec::new()),
        Err(error) => Err(Error::git("search the merge base", &error)),
    }
}

/// Whether these merge bases may be the wrong ones because a shallow clone cut off history.
///
/// A common ancestor that was found is one. It is the best one if every way from either tip leads to it or ends at a
/// true root: if a commit on this side of it was cut from its parents, a better ancestor may lie beyond. If one
/// tip contains the other that tip is the best, whatever was cut off. Several merge bases are merged with each
/// other first, by *their* merge bases, so for them nothing may be cut off at all.
pub(super) fn reach(repo: &Repository, base: Oid, head: Oid, bases: &[Oid]) -> Result<Reach, Error> {
    let shallow = repo.is_shallow();
    Ok(match bases {
        [] if shallow => Reach::Cut("the history is cut off before the base and the proposal meet (a shallow clone)"),
        [] => Reach::Unrelated,
        [only] if *only == base || *only == head => Reach::Enough,
        [only] if shallow => {
            let cut = cut_off(repo)?;
            if walk(repo, &[base, head], *only)?.iter().any(|commit| cut.contains(commit)) {
                Reach::Cut("the history is cut off between the merge base and a tip, so it may be another one")
            } else {
                Reach::Enough
            }
        }
        [_] => Reach::Enough,
        _ if shallow => Reach::Cut("there are several merge bases and the history beyond them is cut off"),
        _ => Reach::Enough,
    })
}

/// Whether every commit of `head` that is not in `base` is here, and the merges among them can be made again.
///
/// Where history is cut off on the base's side only, a commit of the base may pass for one of the proposal. Then the
/// way goes on down to the very first commit, so reaching that in a shallow clone is taken for a sign that history
/// is missing.
pub(super) fn range(repo: &Repository, base: Oid, head: Oid) -> Result<Reach, Error> {
    if !repo.is_shallow() {
        return Ok(Reach::Enough);
    }
    let cut = cut_off(repo)?;
    for id in walk(repo, &[head], base)? {
        let commit = repo.find_commit(id).map_err(|error| Error::git(&format!("read the commit {id}"), &error))?;
        let parents: Vec<Oid> = commit.parent_ids().collect();
        let known = match parents.as_slice() {
            _ if cut.contains(&id) => false,
            [] => false,
            [one, two] => !matches!(reach(repo, *one, *two, &merge_bases(repo, *one, *two)?)?, Reach::Cut(_)),
            [_] | [_, _, ..] => true,
        };
        if !known {
            return Ok(Reach::Cut("the history of the proposal is cut off before it meets the base"));
        }
    }
    Ok(Reach::Enough)
}

/// Every commit that can be reached from the tips and not from `hidden`, the newest first.
pub(super) fn walk(repo: &Repository, tips: &[Oid], hidden: Oid) -> Result<Vec<Oid>, Error> {
    let walk = || {
        let mut walk = repo.revwalk()?;
        walk.set_sorting(git2::Sort::TOPOLOGICAL)?;
        for tip in tips {
            walk.push(*tip)?;
        }
        walk.hide(hidden)?;
        walk.collect::<Result<Vec<Oid>, _>>()
    };
    walk().map_err(|error| Error::git("walk the history", &error))
}

/// The commits a shallow clone cut from their parents.
pub(super) fn cut_off(repo: &Repository) -> Result<BTreeSet<Oid>, Error> {
    let text = fs::read_to_string(repo.commondir().join("shallow"))
        .map_err(|error| Error::disk("read where the shallow clone ends", &error))?;
    let ids = text.lines().map(|line| Oid::from_str_ext(line.trim(), repo.object_format()));
    ids.collect::<Result<_, _>>().map_err(|error| Error::git("read where the shallow clone ends", &error))
}
