//! Receipts of a branch in their order, and what is wrong with those that count for nothing.
//!
//! In: envelopes, the trust, and the history of the branch where there is a clone. Out: a [`ReceiptHistory`]. It
//! refuses an order that somebody chose: each receipt names the one before it, and where a link is missing that is
//! reported. Not taken: dates of commits, which whoever commits chooses.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::branch::{BranchOrder, Elsewhere};
use super::chain::TrustChain;
use super::earliest_time::{drop_ended, note_earliest_times};
use super::envelope::Delivered;
use super::links::by_links;
use super::signature::{BundleVerifier, Signed, SignedAs, signed};
use super::statement::Receipt;
use crate::diagnostics::words::short;
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

/// The scope of receipts: their subject, and who may sign them.
pub struct ReceiptScope<'s> {
    pub trust: &'s Trust,
    /// Asks for the trust of a commit: a receipt is held to the trust of the last policy before it that receipts cover,
    /// so that no key vouches for its own appointment, and whatever a receipt says of the commit it was merged onto.
    /// `None` where one trust holds for all, as where an auditor brings their own.
    pub then: Option<&'s TrustThen<'s>>,
    /// The branch that is verified; the trust may name others whose receipts count.
    pub branch: Option<&'s str>,
    /// The history of the branch as git has it; none without a clone, or where it is cut off.
    pub order: Option<BranchOrder<'s>>,
    /// The time now: no receipt was made later.
    pub now: DateTime<Utc>,
    /// Verifies a bundle of Sigstore's.
    pub keyless: &'s BundleVerifier<'s>,
}

/// An envelope that counts for nothing, or a link that is missing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptDiagnostic {
    /// The commit it is about, as far as it says one.
    pub commit: Option<String>,
    /// The error, as a sentence without its full stop.
    pub why: String,
    #[serde(skip)]
    pub kind: ReceiptDiagnosticKind,
}

/// A kind of diagnostic of a receipt.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ReceiptDiagnosticKind {
    /// The receipt counts for nothing.
    Refused,
    /// The receipt counts for nothing, and says what the one says that counts of its commit, as where it was signed
    /// again.
    Repeated,
    /// There is none, so that nothing is wrong with one.
    Absent,
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
    pub diagnostics: Vec<ReceiptDiagnostic>,
    /// The branches that receipts are about which somebody signed who may, without a clone.
    pub branches: BTreeSet<String>,
    /// Commits that somebody who is trusted today signed receipts of, and that the branch does not have by first
    /// parent.
    pub elsewhere: Vec<(String, Elsewhere)>,
    /// Why what they say of the policy does not lead to the one that the branch has; none if it does, or where one
    /// trust holds for all.
    pub astray: Option<String>,
}

/// The commit of a receipt that counts for nothing, as far as it says one, and why.
type Refused = (Option<String>, String);

/// An envelope with the receipt in it.
pub(super) struct ParsedReceipt {
    pub delivered: Delivered,
    pub receipt: Receipt,
    /// When it was made at the earliest, by what the branch had before it; none if that is not known.
    pub earliest: Option<DateTime<Utc>>,
}

/// The receipt in an envelope; else the commit that it is about, if that is known, and what is wrong.
fn parse(bytes: &[u8]) -> Result<ParsedReceipt, Refused> {
    let delivered = Delivered::parse(bytes).map_err(|why| (None, why))?;
    let receipt = Receipt::parse(&delivered.payload).map_err(|why| (None, why))?;
    Ok(ParsedReceipt { delivered, receipt, earliest: None })
}

impl ReceiptScope<'_> {
    fn is_elsewhere(&self, one: &ParsedReceipt) -> bool {
        self.order.is_some_and(|order| !order.commits.places.contains_key(&one.receipt.commit))
    }

    /// Whereabouts of the commit of a receipt of this branch, if somebody signed it who is trusted today.
    fn elsewhere(&self, one: &ParsedReceipt) -> Option<Elsewhere> {
        let receipt = &one.receipt;
        let own = self.branch.is_some_and(|branch| branch == receipt.branch)
            && receipt.repository.eq_ignore_ascii_case(&self.trust.repository);
        let at = instant(&receipt.made_at).filter(|_| own)?;
        let signed = signed(&one.delivered, self.trust, SignedAs::Receipt(self.keyless), at);
        (signed.objection().is_none() && signed != Signed::Unsigned)
            .then(|| self.order.map(|order| (order.elsewhere)(&receipt.commit)))?
    }

    /// The receipt, if it counts under this trust.
    pub(super) fn counts(
        &self,
        parsed: &ParsedReceipt,
        trust: &Trust,
        revoked: &[String],
    ) -> Result<SignedReceipt, Refused> {
        let ParsedReceipt { delivered, receipt, earliest } = parsed;
        let wrong = |why: String| (Some(receipt.commit.clone()), why);
        let trust = Trust { revoked: revoked.to_vec(), ..trust.clone() };
        // A repository that is renamed has another name in the trust of then, in that of the merge that says so, and in
        // that of today.
        let names = |trust: &Trust| receipt.repository.eq_ignore_ascii_case(&trust.repository);
        let of_commit = || self.then.and_then(|then| then(&receipt.commit).ok().flatten());
        if !names(&trust) && !names(self.trust) && !of_commit().is_some_and(|trust| names(&trust)) {
            let (theirs, ours) = (receipt.repository.escape_debug(), trust.repository.escape_debug());
            return Err(wrong(format!("it is about `{theirs}`, and the trust is about `{ours}`")));
        }
        let trusted = [&trust, self.trust].iter().any(|trust| trust.branches.contains(&receipt.branch));
        if !trusted && self.branch.is_some_and(|branch| branch != receipt.branch) {
            return Err(wrong(format!("it is about the branch `{}`", receipt.branch.escape_debug())));
        }
        let times = [&receipt.made_at, &receipt.date].map(|time| instant(time));
        let [Some(made), Some(date)] = times else { return Err(wrong("a time in it can't be read".to_owned())) };
        if made > self.now + TimeDelta::days(1) {
            return Err(wrong(format!("it says that it was made at {}, which is still to come", receipt.made_at)));
        }
        // The committer chooses the date: a date to come is no reason to take a key of now for one that has ended.
        let at = made.max(date.min(self.now));
        // Nor does it choose a time of before what the branch had already, or of before the log of Sigstore's has it.
        let at = [*earliest, delivered.logged].into_iter().flatten().fold(at, DateTime::max);
        // A key that was not valid any more when the commit was made is not valid because somebody dates the receipt
        // back.
        let signed = signed(delivered, &trust, SignedAs::Receipt(self.keyless), at);
        // The time known today in which a signer was good holds for its signatures of then.
        if let Some(why) = signed.objection_in(self.trust, at) {
            return Err(wrong(why));
        }
        if let Some(why) = signed.objection() {
            return Err(wrong(why.to_owned()));
        }
        // Asked last, of what somebody who is trusted signed.
        if let Some(order) = &self.order {
            order.agrees(receipt).map_err(wrong)?;
        }
        Ok(SignedReceipt { receipt: receipt.clone(), signed })
    }

    /// The receipt, if it counts under the trust of then, or under the last that receipts cover, which signs again what
    /// was signed by a key that is gone. A key revoked since is revoked.
    fn counts_in(&self, chain: &TrustChain, place: usize, parsed: &ParsedReceipt) -> Result<SignedReceipt, Refused> {
        // An unsigned receipt, which anybody could push, counts as long as such are accepted.
        let unsigned = self.trust.unsigned && chain.last().unsigned;
        let then = chain.before(place);
        let then = &Trust { unsigned: then.unsigned && unsigned, ..then.clone() };
        let revoked = [self.trust.revoked.as_slice(), &then.revoked, &chain.last().revoked].concat();
        self.counts(parsed, then, &revoked).or_else(|(commit, why)| {
            let last = &Trust { unsigned, ..chain.last().clone() };
            self.counts(parsed, last, &revoked).map_err(|_| {
                let today = self.counts(parsed, self.trust, &revoked).is_ok();
                let why = if today {
                    "its key stands in a trust that no receipt covers; the merge that brought the key needs a receipt \
                     by one of before it, or by two people who may approve the policy"
                        .to_owned()
                } else {
                    why
                };
                (commit, why)
            })
        })
    }
}

impl ReceiptHistory {
    /// The names of all flags that receipts are about.
    pub fn flags(&self) -> impl Iterator<Item = &str> {
        self.receipts.iter().flat_map(|one| &one.receipt.flags).map(|flag| flag.name.as_str())
    }

    /// Whether a receipt names somebody who approved something, or let it in.
    #[must_use]
    pub fn is_named(&self, login: &str) -> bool {
        let consents = self
            .receipts
            .iter()
            .flat_map(|one| one.receipt.flags.iter().map(|flag| &flag.consent).chain(&one.receipt.policy.consent));
        let is = |name: &String| name.eq_ignore_ascii_case(login);
        consents.into_iter().any(|consent| {
            consent.given().any(|one| is(&one.login)) || consent.overridden.iter().flat_map(|one| &one.by).any(is)
        })
    }

    /// The receipts among these envelopes that count.
    #[must_use]
    pub fn of(envelopes: &[KeptEnvelope], scope: &ReceiptScope<'_>) -> ReceiptHistory {
        let mut diagnostics = Vec::new();
        let mut tell = |name: &str, (commit, why): Refused, kind: ReceiptDiagnosticKind| {
            let why = match commit {
                Some(_) => why,
                None => format!("`{}`: {why}", name.escape_debug()),
            };
            diagnostics.push(ReceiptDiagnostic { commit, why, kind });
        };
        let (parsed, elsewhere) = sorted_out(envelopes, scope, &mut tell);
        let mut branches = BTreeSet::new();
        let mut astray = None;
        let receipts = match (scope.order, scope.then) {
            (Some(order), Some(then)) => {
                let all = in_place(parsed, |commit| order.place(commit));
                let (receipts, led) = by_chain(all, scope, (order, then), &mut tell);
                astray = led;
                receipts
            }
            // Nobody knows which trust held when.
            (None, Some(_)) => {
                let cut = "the history of this clone is cut off; `git fetch --unshallow` brings it";
                for one in parsed.into_values().flatten() {
                    tell("", (Some(one.receipt.commit), cut.to_owned()), ReceiptDiagnosticKind::Refused);
                }
                Vec::new()
            }
            (order, None) => {
                let place = |commit: &String| order.map_or(0, |order| order.place(commit));
                let mut all = in_place(parsed, place);
                if order.is_some() {
                    note_earliest_times(scope, &mut all);
                }
                let counts = |one: &ParsedReceipt| scope.counts(one, scope.trust, &scope.trust.revoked);
                let all: Vec<SignedReceipt> = all
                    .iter()
                    .filter_map(|(_, some)| {
                        newest(some.iter().map(|one| (&one.receipt, counts(one))), &|_| true, &mut tell)
                    })
                    .collect();
                branches.extend(all.iter().map(|one| one.receipt.branch.clone()));
                match order {
                    Some(_) => all,
                    None => {
                        let mut all = by_links(all, &mut diagnostics);
                        drop_ended(scope.trust, &mut all, &mut diagnostics);
                        all
                    }
                }
            }
        };
        diagnostics.extend(absent(&receipts));
        ReceiptHistory { receipts, diagnostics, branches, elsewhere: elsewhere.into_iter().collect(), astray }
    }
}

/// Takes the diagnostic of an envelope, by its name.
type Tell<'t> = dyn FnMut(&str, Refused, ReceiptDiagnosticKind) + 't;

/// The receipts by their commits, and those of other places of the history.
type SortedOut = (BTreeMap<String, Vec<ParsedReceipt>>, BTreeMap<String, Elsewhere>);

fn sorted_out(envelopes: &[KeptEnvelope], scope: &ReceiptScope<'_>, tell: &mut Tell<'_>) -> SortedOut {
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
                tell("", (Some(commit), why.to_owned()), ReceiptDiagnosticKind::Refused);
            }
            Ok(one) => parsed.entry(one.receipt.commit.clone()).or_default().push(one),
            Err(why) => tell(&envelope.name, why, ReceiptDiagnosticKind::Refused),
        }
    }
    (parsed, elsewhere)
}

/// The receipts in the order of their commits.
fn in_place(
    parsed: BTreeMap<String, Vec<ParsedReceipt>>,
    place: impl Fn(&String) -> usize,
) -> Vec<(usize, Vec<ParsedReceipt>)> {
    let mut all: Vec<(usize, Vec<ParsedReceipt>)> =
        parsed.into_iter().map(|(commit, some)| (place(&commit), some)).collect();
    all.sort_by_key(|(place, _)| *place);
    all
}

/// The receipts that count by the trust of their time, and the diagnostic of a chain of trusts that was led astray.
fn by_chain(
    mut all: Vec<(usize, Vec<ParsedReceipt>)>,
    scope: &ReceiptScope<'_>,
    (order, then): (BranchOrder<'_>, &TrustThen<'_>),
    tell: &mut Tell<'_>,
) -> (Vec<SignedReceipt>, Option<String>) {
    let chain = match TrustChain::of(scope, order, then, &mut all) {
        Ok(chain) => chain,
        Err(why) => {
            let begins = order.commits.begins.clone().or(Some(String::new()));
            tell("", (begins, why), ReceiptDiagnosticKind::Refused);
            return (Vec::new(), None);
        }
    };
    let mut receipts = Vec::new();
    for (place, some) in &all {
        let found = some.iter().map(|one| (&one.receipt, scope.counts_in(&chain, *place, one)));
        // A receipt signed by people for the chain alone is as it should be.
        let found = found.filter(|(one, found)| found.is_ok() || !chain.anchors.contains(one));
        // One by who counts today stands before one by a key that is gone.
        let today = |one: &SignedReceipt| one.signed.stands_in(chain.last());
        receipts.extend(newest(found, &today, tell));
    }
    (receipts, chain.astray.clone())
}

/// The receipts that others name as the one before, and that are not there.
fn absent(receipts: &[SignedReceipt]) -> Vec<ReceiptDiagnostic> {
    let there: BTreeSet<&String> = receipts.iter().map(|one| &one.receipt.commit).collect();
    let before = receipts.iter().filter_map(|one| Some((&one.receipt.commit, one.receipt.previous.as_ref()?)));
    let missing = before.filter(|(_, previous)| !there.contains(previous));
    let diagnostic = |(commit, previous): (&String, &String)| ReceiptDiagnostic {
        commit: Some(previous.clone()),
        why: format!("the receipt of {} names this one as the one before, and it is not there", short(commit)),
        kind: ReceiptDiagnosticKind::Absent,
    };
    missing.map(diagnostic).collect()
}

/// The receipt of one commit, of several that count: one that was made again replaces the earlier one.
fn newest<'p>(
    all: impl Iterator<Item = (&'p Receipt, Result<SignedReceipt, Refused>)>,
    today: &dyn Fn(&SignedReceipt) -> bool,
    tell: &mut dyn FnMut(&str, Refused, ReceiptDiagnosticKind),
) -> Option<SignedReceipt> {
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    for (receipt, one) in all {
        match one {
            Ok(one) => found.push(one),
            Err(why) => refused.push((receipt, why)),
        }
    }
    let found = found.into_iter().max_by_key(|one| (today(one), instant(&one.receipt.made_at)));
    for (receipt, why) in refused {
        let repeated = found.as_ref().is_some_and(|found| says_the_same(&found.receipt, receipt));
        tell("", why, if repeated { ReceiptDiagnosticKind::Repeated } else { ReceiptDiagnosticKind::Refused });
    }
    found
}

/// Whether two receipts say the same, whenever and by whatever program they were made.
fn says_the_same(one: &Receipt, other: &Receipt) -> bool {
    let (made_at, program) = (one.made_at.clone(), one.program.clone());
    *one == Receipt { made_at, program, ..other.clone() }
}
