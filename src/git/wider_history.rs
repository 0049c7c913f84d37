//! The fate of a commit that a branch does not have by first parent.
//!
//! In: what is verified, the tip of the branch, and a commit. Out: an [`Elsewhere`]. It refuses to take a commit that
//! was merged as a second parent for one of the branch. Not taken: reflogs, which only the clone has that saw it.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use git2::Oid;

use super::{Commit, Repo};
use crate::receipt::branch::Elsewhere;

/// The history that commits are looked for in, read once it is asked.
pub struct WiderHistory<'r> {
    repo: &'r Repo,
    /// The commit that is verified.
    tip: Option<Oid>,
    /// The tip of the branch, which may be later.
    branch: Option<Commit>,
    later: OnceCell<BTreeSet<String>>,
}

impl<'r> WiderHistory<'r> {
    #[must_use]
    pub fn of(repo: &'r Repo, tip: &Commit, branch: Option<Commit>) -> Self {
        WiderHistory { repo, tip: Oid::from_str(&tip.oid).ok(), branch, later: OnceCell::new() }
    }

    /// The fate of a commit that is not in the first-parent history of the one that is verified.
    #[must_use]
    pub fn elsewhere(&self, oid: &str) -> Elsewhere {
        let later = self.later.get_or_init(|| {
            let merged = self.branch.as_ref().map(|branch| self.repo.merged_changes(None, branch, None));
            let merged = merged.and_then(Result::ok).unwrap_or_default();
            merged.into_iter().map(|one| one.oid).collect()
        });
        if later.contains(oid) {
            return Elsewhere::Later;
        }
        let within = Oid::from_str(oid)
            .ok()
            .zip(self.tip)
            .is_some_and(|(id, tip)| self.repo.objects().graph_descendant_of(tip, id).unwrap_or(false));
        if within { Elsewhere::TurnedRound } else { Elsewhere::Gone }
    }
}
