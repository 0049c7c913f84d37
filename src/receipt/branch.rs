//! The branch that receipts are held against, as git has it.
//!
//! In: the commits of a branch by first parent, and where its trust begins. Out: whether a receipt says what git says.
//! It refuses a receipt that says another time, parent or policy: it would choose the trust that it is held to. Not
//! taken: flags, which an audit computes again.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::statement::Receipt;
use crate::diagnostics::words::short;
use crate::document::date::instant;
use crate::policy::trust::AllowedSigner;

/// A commit of a branch: its place, the oldest first, and when it was committed, in seconds since 1970-01-01 UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CommitPlace {
    pub place: usize,
    pub seconds: i64,
}

/// The commits of a branch, and the beginning of its trust.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BranchCommits {
    pub places: BTreeMap<String, CommitPlace>,
    /// The first commit that says whose signatures count; none if none does.
    pub begins: Option<String>,
    /// A commit with a trust that does not come from that one, or that came after there was none: which of the two is
    /// the branch's nobody can tell.
    pub second: Option<String>,
}

/// The history of a branch, which receipts are held against.
#[derive(Clone, Copy)]
pub struct BranchOrder<'s> {
    pub commits: &'s BranchCommits,
    /// Asks for the digest of the policy that a commit has, as a receipt has it.
    pub policy: &'s dyn Fn(&str) -> Result<String, String>,
    /// Asks for the keys of those who may approve a change of the policy that a commit has.
    pub anchors: &'s dyn Fn(&str) -> Vec<AllowedSigner>,
    /// Asks what became of a commit that is not among them.
    pub elsewhere: &'s dyn Fn(&str) -> Elsewhere,
}

/// Whereabouts of a commit that is not in the history of a branch by first parent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Elsewhere {
    /// The commit came later than the verified one.
    Later,
    /// The branch does not have it any more: its history was rewritten.
    Gone,
    /// A merge took it in as a second parent: the branch was turned round, so that another history is its own.
    TurnedRound,
}

impl BranchOrder<'_> {
    /// The place of a commit; that of one that the branch does not have is behind all.
    #[must_use]
    pub fn place(&self, commit: &str) -> usize {
        self.commits.places.get(commit).map_or(usize::MAX, |at| at.place)
    }

    /// Whether a receipt says of its commit what git says: when it was made, onto what, after what, and the policy on
    /// both sides.
    ///
    /// # Errors
    /// The difference from what git says.
    pub fn agrees(&self, receipt: &Receipt) -> Result<(), String> {
        let places = &self.commits.places;
        let Some(commit) = places.get(&receipt.commit) else {
            return Err("its commit is not in the history of the branch".to_owned());
        };
        if instant(&receipt.date).is_none_or(|date| date.timestamp() != commit.seconds) {
            return Err("its date is not that of its commit".to_owned());
        }
        let before = |oid: &String| places.get(oid).is_some_and(|other| other.place < commit.place);
        if !before(&receipt.onto) {
            return Err("it was merged onto a commit that is not in the history of the branch before it".to_owned());
        }
        if !receipt.previous.iter().all(before) {
            return Err(
                "it names a receipt before it whose commit is not in the history of the branch before it".to_owned()
            );
        }
        // Nothing is paid before it was there, and the branch says who may pay.
        let since = |oid: &String| places.get(oid).is_some_and(|other| other.place >= commit.place);
        if !receipt.payments().all(|paid| since(&paid.under)) {
            return Err(
                "a debt in it is paid under the policy of a commit that the branch does not have since".to_owned()
            );
        }
        let sides = [(&receipt.onto, &receipt.policy.before), (&receipt.commit, &receipt.policy.after)];
        for (oid, said) in sides {
            if (self.policy)(oid)? != *said {
                return Err(format!("it says of {} that it has another policy than git says", short(oid)));
            }
        }
        Ok(())
    }
}
