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
use super::statement::{Receipt, ReceiptOutcome};
use crate::document::date::instant;
use crate::policy::Trust;

/// Envelope bytes by a name, such as the path they are kept at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptEnvelope {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Asks for the trust that a commit has; none if it has none, an error if it can't be read.
pub type TrustThen<'t> = dyn Fn(&str) -> Result<Option<Trust>, String> + 't;

/// What receipts have to be about, and who may sign them.
pub struct ReceiptScope<'s> {
    pub trust: &'s Trust,
    /// Asks for the trust of a commit: a receipt is held to the trust of the last policy before it that receipts cover, so that no key
    /// vouches for its own appointment, and whatever a receipt says of the commit it was merged onto. `None` where one trust holds
    /// for all, as where an auditor brings their own.
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

/// An envelope with the receipt in it.
struct ParsedReceipt {
    delivered: Delivered,
    receipt: Receipt,
}

/// The policy that receipts cover so far, and its trust.
struct CoveredPolicy {
    digest: String,
    trust: Trust,
}

impl ReceiptScope<'_> {
    fn parse(&self, bytes: &[u8]) -> Result<ParsedReceipt, (Option<String>, String)> {
        let delivered = Delivered::parse(bytes).map_err(|why| (None, why))?;
        let receipt = Receipt::parse(&delivered.payload).map_err(|why| (None, why))?;
        if self.order.is_some_and(|order| !order.contains_key(&receipt.commit)) {
            return Err((Some(receipt.commit), "its commit is not in the history of the branch".to_owned()));
        }
        Ok(ParsedReceipt { delivered, receipt })
    }

    /// The trust of the first receipt of all: that of the commit it was merged onto, or the first there was.
    fn first_trust(&self, receipt: &Receipt, order: &BTreeMap<String, usize>) -> Result<Trust, String> {
        let Some(then) = self.then else { return Ok(self.trust.clone()) };
        let before =
            order.get(&receipt.onto).zip(order.get(&receipt.commit)).is_some_and(|(onto, commit)| onto < commit);
        if !before {
            return Err("it was merged onto a commit that is not in the history of the branch before it".to_owned());
        }
        for oid in [&receipt.onto, &receipt.commit] {
            if let Some(trust) = then(oid)? {
                return Ok(trust);
            }
        }
        let mut commits: Vec<(&usize, &String)> = order.iter().map(|(oid, place)| (place, oid)).collect();
        commits.sort_unstable();
        for (_, oid) in commits {
            if let Some(trust) = then(oid)? {
                return Ok(trust);
            }
        }
        Err("no commit of the branch says whose signatures count".to_owned())
    }

    fn counts(&self, parsed: ParsedReceipt, trust: &Trust) -> Result<SignedReceipt, (Option<String>, String)> {
        let ParsedReceipt { delivered, receipt } = parsed;
        let wrong = |why: String| (Some(receipt.commit.clone()), why);
        // What was revoked since is revoked.
        let revoked = self.trust.revoked.iter().chain(&trust.revoked).cloned().collect();
        let trust = Trust { revoked, ..trust.clone() };
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
        let mut tell = |name: &str, (commit, why): (Option<String>, String)| {
            let why = match commit {
                Some(_) => why,
                None => format!("`{}`: {why}", name.escape_debug()),
            };
            problems.push(ReceiptProblem { commit, why });
        };
        let mut parsed: BTreeMap<String, Vec<ParsedReceipt>> = BTreeMap::new();
        for envelope in envelopes {
            match scope.parse(&envelope.bytes) {
                Ok(one) => parsed.entry(one.receipt.commit.clone()).or_default().push(one),
                Err(why) => tell(&envelope.name, why),
            }
        }
        let mut newest = |of_commit: Vec<ParsedReceipt>, trust: &dyn Fn(&Receipt) -> Result<Trust, String>| {
            let mut found: Option<SignedReceipt> = None;
            for one in of_commit {
                let trust = trust(&one.receipt).map_err(|why| (Some(one.receipt.commit.clone()), why));
                match trust.and_then(|trust| scope.counts(one, &trust)) {
                    Ok(one) => {
                        // One that was made again replaces the earlier one.
                        let made = |one: &SignedReceipt| instant(&one.receipt.made_at);
                        if found.as_ref().is_none_or(|known| made(known) < made(&one)) {
                            found = Some(one);
                        }
                    }
                    Err(why) => tell("", why),
                }
            }
            found
        };
        let receipts = match (scope.order, scope.then) {
            (Some(order), then) => {
                let mut all: Vec<(usize, Vec<ParsedReceipt>)> = parsed
                    .into_iter()
                    .map(|(commit, some)| (order.get(&commit).copied().unwrap_or(usize::MAX), some))
                    .collect();
                all.sort_by_key(|(place, _)| *place);
                let (mut covered, mut receipts): (Option<CoveredPolicy>, Vec<SignedReceipt>) = (None, Vec::new());
                for (_, some) in all {
                    let trust = |receipt: &Receipt| match &covered {
                        _ if then.is_none() => Ok(scope.trust.clone()),
                        Some(covered) => Ok(covered.trust.clone()),
                        None => scope.first_trust(receipt, order),
                    };
                    let Some(one) = newest(some, &trust) else { continue };
                    if let Some(then) = then {
                        let trust = trust(&one.receipt).unwrap_or_else(|_| scope.trust.clone());
                        covered = Some(after(&one.receipt, covered, trust, then));
                    }
                    receipts.push(one);
                }
                receipts
            }
            // Nobody knows which trust held when.
            (None, Some(_)) => {
                let cut = "the history of this clone is cut off; `git fetch --unshallow` brings it".to_owned();
                let refuse = |_: &Receipt| Err(cut.clone());
                for some in parsed.into_values() {
                    drop(newest(some, &refuse));
                }
                Vec::new()
            }
            (None, None) => {
                let trust = |_: &Receipt| Ok(scope.trust.clone());
                let all =
                    parsed.into_iter().filter_map(|(commit, some)| Some((commit, newest(some, &trust)?))).collect();
                by_links(all, &mut problems)
            }
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

/// The policy that is covered after a receipt: another one only if it was approved on top of the one before.
fn after(receipt: &Receipt, covered: Option<CoveredPolicy>, trust: Trust, then: &TrustThen<'_>) -> CoveredPolicy {
    let covered = covered.unwrap_or_else(|| CoveredPolicy { digest: receipt.policy.before.clone(), trust });
    let (before, after) = (&receipt.policy.before, &receipt.policy.after);
    let outcome = receipt.policy.consent.as_ref().map(|consent| consent.outcome);
    let let_in = matches!(outcome, Some(ReceiptOutcome::Approved | ReceiptOutcome::Overridden | ReceiptOutcome::Free));
    if before == after || *before != covered.digest || !let_in {
        return covered;
    }
    // A trust that is gone or cannot be read leaves the one before.
    let trust = then(&receipt.commit).ok().flatten().unwrap_or(covered.trust);
    CoveredPolicy { digest: after.clone(), trust }
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
