//! Receipts of a branch in their order, and what is wrong with those that count for nothing.
//!
//! In: envelopes, the trust, and the history of the branch where there is a clone. Out: a [`ReceiptHistory`]. It refuses an
//! order that somebody chose: each receipt names the one before it, and where a link is missing that is told. Not taken: dates of
//! commits, which whoever commits chooses.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::envelope::Delivered;
use super::signature::{Signed, SignedAs, VerifiedBundle, signed};
use super::statement::Receipt;
use crate::document::date::instant;
use crate::policy::Trust;

/// Envelope bytes by a name, such as the path they are kept at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptEnvelope {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Asks for the trust of a receipt's time; none if there never was one by then, an error if it can't be read.
pub type TrustThen<'t> = dyn Fn(&Receipt) -> Result<Option<Trust>, String> + 't;

/// What receipts have to be about, and who may sign them.
pub struct ReceiptScope<'s> {
    pub trust: &'s Trust,
    /// The trust of then: that of the commit it was merged onto, or the first there was. A key does not vouch for its own
    /// appointment, nor for what was merged before. `None` where one trust holds for all, as where an auditor brings their own.
    pub then: Option<&'s TrustThen<'s>>,
    /// The branch that is verified; the trust may name others whose receipts count.
    pub branch: Option<&'s str>,
    /// The place of each commit in the history of the branch, the oldest first; none without a clone.
    pub order: Option<&'s BTreeMap<String, usize>>,
    /// The time now: no receipt was made later.
    pub now: DateTime<Utc>,
    /// Verifies a bundle of Sigstore's.
    pub keyless: &'s dyn Fn(&[u8]) -> VerifiedBundle,
}

/// An envelope that counts for nothing, or a link that is missing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptProblem {
    /// The commit it is about, as far as it says one.
    pub commit: Option<String>,
    /// What is wrong, as a sentence without its full stop.
    pub why: String,
}

/// A receipt that counts, and who signed it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedReceipt {
    pub receipt: Receipt,
    pub signed: Signed,
}

/// The receipts of a branch that count, in their order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReceiptHistory {
    pub receipts: Vec<SignedReceipt>,
    /// In the order of the envelopes, then the missing links.
    pub problems: Vec<ReceiptProblem>,
}

impl ReceiptScope<'_> {
    fn counts(&self, bytes: &[u8]) -> Result<SignedReceipt, (Option<String>, String)> {
        let delivered = Delivered::parse(bytes).map_err(|why| (None, why))?;
        let receipt = Receipt::parse(&delivered.payload).map_err(|why| (None, why))?;
        let wrong = |why: String| (Some(receipt.commit.clone()), why);
        if self.order.is_some_and(|order| !order.contains_key(&receipt.commit)) {
            return Err(wrong("its commit is not in the history of the branch".to_owned()));
        }
        let then = self.then.map(|then| then(&receipt)).transpose().map_err(wrong)?.flatten();
        let trust = match then {
            // What was revoked since is revoked.
            Some(then) => {
                let revoked = self.trust.revoked.iter().chain(&then.revoked).cloned().collect();
                Trust { revoked, ..then }
            }
            None => self.trust.clone(),
        };
        if !receipt.repository.eq_ignore_ascii_case(&trust.repository) {
            let (theirs, ours) = (receipt.repository.escape_debug(), trust.repository.escape_debug());
            return Err(wrong(format!("it is about `{theirs}`, and the trust is about `{ours}`")));
        }
        let trusted = trust.branches.contains(&receipt.branch);
        if !trusted && self.branch.is_some_and(|branch| branch != receipt.branch) {
            return Err(wrong(format!("it is about the branch `{}`", receipt.branch.escape_debug())));
        }
        let times = [&receipt.made_at, &receipt.date].map(|time| instant(time));
        let [Some(made), Some(date)] = times else { return Err(wrong("a time in it can't be read".to_owned())) };
        if made > self.now + TimeDelta::days(1) {
            return Err(wrong(format!("it says that it was made at {}, which is still to come", receipt.made_at)));
        }
        // A key that was not valid any more when the commit was made is not valid because somebody dates the receipt back.
        let signed = signed(&delivered, &trust, SignedAs::Receipt, made.max(date), self.keyless);
        let at = made.max(date);
        if let Signed::Key { fingerprint, .. } = &signed {
            // What is known today of the time in which a key was good holds for what it signed then.
            let today = self.trust.receipts.iter().filter(|signer| signer.fingerprint() == *fingerprint);
            let mut objections = today.map(|signer| signer.objection(at)).peekable();
            if objections.peek().is_some()
                && let Some(why) = objections.reduce(Option::and).flatten()
            {
                return Err(wrong(why));
            }
        }
        match signed.objection() {
            Some(why) => Err(wrong(why.to_owned())),
            None => Ok(SignedReceipt { receipt, signed }),
        }
    }
}

impl ReceiptHistory {
    /// The receipts among these envelopes that count.
    #[must_use]
    pub fn of(envelopes: &[KeptEnvelope], scope: &ReceiptScope<'_>) -> ReceiptHistory {
        let mut problems = Vec::new();
        let mut by_commit: BTreeMap<String, SignedReceipt> = BTreeMap::new();
        for envelope in envelopes {
            match scope.counts(&envelope.bytes) {
                Ok(one) => {
                    let known = by_commit.get(&one.receipt.commit);
                    // One that was made again replaces the earlier one.
                    let made = |one: &SignedReceipt| instant(&one.receipt.made_at);
                    if known.is_none_or(|known| made(known) < made(&one)) {
                        by_commit.insert(one.receipt.commit.clone(), one);
                    }
                }
                Err((commit, why)) => {
                    let why = match commit {
                        Some(_) => why,
                        None => format!("`{}`: {why}", envelope.name.escape_debug()),
                    };
                    problems.push(ReceiptProblem { commit, why });
                }
            }
        }
        let receipts = match scope.order {
            Some(order) => {
                let mut all: Vec<SignedReceipt> = by_commit.into_values().collect();
                all.sort_by_key(|one| order.get(&one.receipt.commit).copied());
                all
            }
            None => by_links(by_commit, &mut problems),
        };
        let there: BTreeSet<&String> = receipts.iter().map(|one| &one.receipt.commit).collect();
        for one in &receipts {
            if let Some(previous) = one.receipt.previous.as_ref().filter(|previous| !there.contains(previous)) {
                let why = format!(
                    "the receipt of {} names this one as the one before, and it is not there",
                    short(&one.receipt.commit)
                );
                problems.push(ReceiptProblem { commit: Some(previous.clone()), why });
            }
        }
        ReceiptHistory { receipts, problems }
    }
}

/// Each after the one it names. Where links are missing the parts are in the order in which they were made.
fn by_links(by_commit: BTreeMap<String, SignedReceipt>, problems: &mut Vec<ReceiptProblem>) -> Vec<SignedReceipt> {
    let mut after: BTreeMap<Option<String>, Vec<SignedReceipt>> = BTreeMap::new();
    let commits: BTreeSet<String> = by_commit.keys().cloned().collect();
    let mut starts = Vec::new();
    for one in by_commit.into_values() {
        match &one.receipt.previous {
            Some(previous) if commits.contains(previous) => {
                after.entry(Some(previous.clone())).or_default().push(one);
            }
            _ => starts.push(one),
        }
    }
    let first = |one: &SignedReceipt| (one.receipt.previous.is_some(), instant(&one.receipt.made_at));
    starts.sort_by_key(first);
    let mut ordered = Vec::new();
    for start in starts {
        let mut next = Some(start);
        while let Some(one) = next {
            let mut following = after.remove(&Some(one.receipt.commit.clone())).unwrap_or_default();
            if following.len() > 1 {
                let why = "two receipts name it as the one before: the history of the branch was rewritten".to_owned();
                problems.push(ReceiptProblem { commit: Some(one.receipt.commit.clone()), why });
                following.sort_by_key(|one| instant(&one.receipt.made_at));
            }
            ordered.push(one);
            next = following.pop();
        }
    }
    // What no start leads to is a ring, which nobody honest makes.
    for one in after.into_values().flatten() {
        let why = "no receipt leads to it".to_owned();
        problems.push(ReceiptProblem { commit: Some(one.receipt.commit), why });
    }
    ordered
}

/// The digits people are shown of a commit.
#[must_use]
pub fn short(commit: &str) -> &str {
    commit.get(..8).unwrap_or(commit)
}
