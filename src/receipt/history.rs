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

/// A commit of a branch: its place, the oldest first, and when it was committed, in seconds since 1970-01-01 UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct CommitPlace {
    pub place: usize,
    pub seconds: i64,
}

/// The history of a branch, which receipts are held against.
#[derive(Clone, Copy)]
pub struct BranchOrder<'s> {
    pub places: &'s BTreeMap<String, CommitPlace>,
    /// Asks for the digest of the policy that a commit has, as a receipt has it.
    pub policy: &'s dyn Fn(&str) -> Result<String, String>,
    /// Asks what became of a commit that is not in the places.
    pub elsewhere: &'s dyn Fn(&str) -> Elsewhere,
}

/// What became of a commit that is not in the history of a branch by first parent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Elsewhere {
    /// It came later than what is verified.
    Later,
    /// The branch does not have it any more: its history was rewritten.
    Gone,
    /// A merge took it in as a second parent: the branch was turned round, so that another history is its own.
    TurnedRound,
}

impl BranchOrder<'_> {
    /// Whether a receipt says of its commit what git says: when it was made, onto what, and the policy on both sides. Otherwise it could
    /// choose the time and the policy that it is held to.
    fn agrees(&self, receipt: &Receipt) -> Result<(), String> {
        let Some(commit) = self.places.get(&receipt.commit) else {
            return Err("its commit is not in the history of the branch".to_owned());
        };
        if instant(&receipt.date).is_none_or(|date| date.timestamp() != commit.seconds) {
            return Err("its date is not that of its commit".to_owned());
        }
        if self.places.get(&receipt.onto).is_none_or(|onto| onto.place >= commit.place) {
            return Err("it was merged onto a commit that is not in the history of the branch before it".to_owned());
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

/// What receipts have to be about, and who may sign them.
pub struct ReceiptScope<'s> {
    pub trust: &'s Trust,
    /// Asks for the trust of a commit: a receipt is held to the trust of the last policy before it that receipts cover, so that no key
    /// vouches for its own appointment, and whatever a receipt says of the commit it was merged onto. `None` where one trust holds
    /// for all, as where an auditor brings their own.
    pub then: Option<&'s TrustThen<'s>>,
    /// The branch that is verified; the trust may name others whose receipts count.
    pub branch: Option<&'s str>,
    /// The history of the branch as git has it; none without a clone, or where it is cut off.
    pub order: Option<BranchOrder<'s>>,
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
    /// The branches that receipts which somebody signed who may are about.
    pub branches: BTreeSet<String>,
    /// Commits that somebody who is trusted today signed receipts of, and that the branch does not have by first parent.
    pub elsewhere: Vec<(String, Elsewhere)>,
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

/// The receipt in an envelope; else the commit that it is about, if that is known, and what is wrong.
fn parse(bytes: &[u8]) -> Result<ParsedReceipt, (Option<String>, String)> {
    let delivered = Delivered::parse(bytes).map_err(|why| (None, why))?;
    let receipt = Receipt::parse(&delivered.payload).map_err(|why| (None, why))?;
    Ok(ParsedReceipt { delivered, receipt })
}

/// The first trust of a branch, looked for once.
type FirstTrust = std::cell::OnceCell<Result<Trust, String>>;

impl ReceiptScope<'_> {
    /// The trust of the first receipt of all: that of the commit it was merged onto, or the first there was.
    fn first_trust(&self, receipt: &Receipt, order: BranchOrder<'_>, first: &FirstTrust) -> Result<Trust, String> {
        let Some(then) = self.then else { return Ok(self.trust.clone()) };
        for oid in [&receipt.onto, &receipt.commit] {
            if let Some(trust) = then(oid)? {
                return Ok(trust);
            }
        }
        let look = || {
            let mut commits: Vec<(&CommitPlace, &String)> = order.places.iter().map(|(oid, at)| (at, oid)).collect();
            commits.sort_unstable();
            for (_, oid) in commits {
                if let Some(trust) = then(oid)? {
                    return Ok(trust);
                }
            }
            Err("no commit of the branch says whose signatures count".to_owned())
        };
        first.get_or_init(look).clone()
    }

    fn is_elsewhere(&self, one: &ParsedReceipt) -> bool {
        self.order.is_some_and(|order| !order.places.contains_key(&one.receipt.commit))
    }

    /// What became of the commit of a receipt of this branch, if somebody signed it who is trusted today.
    fn elsewhere(&self, one: &ParsedReceipt) -> Option<Elsewhere> {
        let receipt = &one.receipt;
        let own = self.branch.is_some_and(|branch| branch == receipt.branch)
            && receipt.repository.eq_ignore_ascii_case(&self.trust.repository);
        let at = instant(&receipt.made_at).filter(|_| own)?;
        let signed = signed(&one.delivered, self.trust, SignedAs::Receipt, at, self.keyless);
        (signed.objection().is_none() && signed != Signed::Unsigned)
            .then(|| self.order.map(|order| (order.elsewhere)(&receipt.commit)))?
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
        if let Some(why) = signed.objection() {
            return Err(wrong(why.to_owned()));
        }
        if signed == Signed::Unsigned && !self.trust.unsigned {
            return Err(wrong("it is not signed, and the trust of today takes none that is not".to_owned()));
        }
        // Asked last, of what somebody who is trusted signed.
        if let Some(order) = &self.order {
            order.agrees(&receipt).map_err(wrong)?;
        }
        Ok(SignedReceipt { receipt, signed })
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
        let mut elsewhere: BTreeMap<String, Elsewhere> = BTreeMap::new();
        for envelope in envelopes {
            match parse(&envelope.bytes) {
                Ok(one) if scope.is_elsewhere(&one) => {
                    let commit = one.receipt.commit.clone();
                    let found = scope.elsewhere(&one);
                    if let Some(found) = found {
                        elsewhere.insert(commit.clone(), found);
                    }
                    let why = match found {
                        Some(Elsewhere::Later) => continue,
                        Some(Elsewhere::TurnedRound) => {
                            "its commit is in the history of the branch as a second parent: a merge turned the branch round"
                        }
                        Some(Elsewhere::Gone) => {
                            "its commit is not in the history of the branch any more, which was rewritten"
                        }
                        None => "its commit is not in the history of the branch",
                    };
                    tell("", (Some(commit), why.to_owned()));
                }
                Ok(one) => parsed.entry(one.receipt.commit.clone()).or_default().push(one),
                Err(why) => tell(&envelope.name, why),
            }
        }
        // Those that count, the newest last: one that was made again replaces the earlier one.
        let mut counting = |of_commit: Vec<ParsedReceipt>, trust: &dyn Fn(&Receipt) -> Result<Trust, String>| {
            let mut found: Vec<SignedReceipt> = Vec::new();
            for one in of_commit {
                let trust = trust(&one.receipt).map_err(|why| (Some(one.receipt.commit.clone()), why));
                match trust.and_then(|trust| scope.counts(one, &trust)) {
                    Ok(one) => found.push(one),
                    Err(why) => tell("", why),
                }
            }
            found.sort_by_key(|one| instant(&one.receipt.made_at));
            found
        };
        let mut branches = BTreeSet::new();
        let receipts = match (scope.order, scope.then) {
            (Some(order), then) => {
                let mut all: Vec<(usize, Vec<ParsedReceipt>)> = parsed
                    .into_iter()
                    .map(|(commit, some)| (order.places.get(&commit).map_or(usize::MAX, |at| at.place), some))
                    .collect();
                all.sort_by_key(|(place, _)| *place);
                let first = FirstTrust::new();
                let (mut covered, mut receipts): (Option<CoveredPolicy>, Vec<SignedReceipt>) = (None, Vec::new());
                for (_, some) in all {
                    let trust = |receipt: &Receipt| match &covered {
                        _ if then.is_none() => Ok(scope.trust.clone()),
                        Some(covered) => Ok(covered.trust.clone()),
                        None => scope.first_trust(receipt, order, &first),
                    };
                    let mut all = counting(some, &trust);
                    if let (Some(then), Some(last)) = (then, all.last()) {
                        let trust = trust(&last.receipt).unwrap_or_else(|_| scope.trust.clone());
                        // What one of them let in stays let in: whoever has a key of before can make another one, and would keep
                        // the policy from changing.
                        let next =
                            |covered, one: &SignedReceipt| Some(after(&one.receipt, covered, trust.clone(), then));
                        covered = all.iter().fold(covered, next);
                    }
                    receipts.extend(all.pop());
                }
                receipts
            }
            // Nobody knows which trust held when.
            (None, Some(_)) => {
                let cut = "the history of this clone is cut off; `git fetch --unshallow` brings it".to_owned();
                let refuse = |_: &Receipt| Err(cut.clone());
                for some in parsed.into_values() {
                    drop(counting(some, &refuse));
                }
                Vec::new()
            }
            (None, None) => {
                let trust = |_: &Receipt| Ok(scope.trust.clone());
                let all: BTreeMap<String, SignedReceipt> = parsed
                    .into_iter()
                    .filter_map(|(commit, some)| Some((commit, counting(some, &trust).pop()?)))
                    .collect();
                branches.extend(all.values().map(|one| one.receipt.branch.clone()));
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
        ReceiptHistory { receipts, problems, branches, elsewhere: elsewhere.into_iter().collect() }
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
    let (mut ordered, mut passed_over): (Vec<SignedReceipt>, Vec<SignedReceipt>) = (Vec::new(), Vec::new());
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
            passed_over.append(&mut following);
        }
    }
    while let Some(one) = passed_over.pop() {
        let commit = one.receipt.commit;
        passed_over.extend(after.remove(&Some(commit.clone())).unwrap_or_default());
        let why = "another receipt names the same one as the one before, and is newer, so this one and those after it count for nothing".to_owned();
        problems.push(ReceiptProblem { commit: Some(commit), why });
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
