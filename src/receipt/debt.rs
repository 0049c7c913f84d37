//! Debts: what came in by breaking the glass, who has to approve it by when, and whether somebody did.
//!
//! In: the receipts of a branch, and the time now. Out: every [`Debt`]. `payment` says how one is paid; it is
//! settled as well where no live flag rests on it any more. It refuses to take a debt for paid whose receipt does not
//! say so. Not taken: a list of debts of its own, which somebody could forget to keep.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::countersigned::Covers;
use super::envelope::Delivered;
use super::history::{KeptEnvelope, ReceiptHistory, ReceiptScope};
use super::statement::Receipt;
use crate::changes::served::Served;
use crate::document::date::instant;
use crate::policy::Trust;
use crate::report::{KnownDebts, OverdueDebt, UnknownDebt};

/// State of a debt.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DebtState {
    /// There is time to pay it.
    Open,
    /// Nobody paid it in time, and it is not paid.
    Overdue,
    /// Somebody else approved that content.
    Paid,
    /// No live flag rests on it: all of the flag was approved since, or it is off or gone.
    Settled,
}

impl DebtState {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            DebtState::Open => "open",
            DebtState::Overdue => "overdue",
            DebtState::Paid => "paid",
            DebtState::Settled => "settled",
        }
    }
}

/// A debt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Debt {
    /// `project/key` of the flag.
    pub flag: String,
    /// The commit that brought it, in full.
    pub commit: String,
    /// The number of the pull request; null if none brought it.
    pub pull: Option<u64>,
    /// Logins of those who broke the glass.
    pub by: Vec<String>,
    /// Why, in the words of the first of them.
    pub reason: String,
    /// When it was made, RFC 3339.
    pub at: String,
    /// When it has to be paid, RFC 3339.
    pub due: String,
    /// Whether it is open, overdue, paid or settled.
    pub state: DebtState,
    /// Logins of those who approved it afterwards.
    pub paid_by: Vec<String>,
    /// When the last of them did, RFC 3339; null while it is not paid.
    pub paid_at: Option<String>,
    /// The served content that it took the place of.
    #[serde(skip)]
    pub before: Option<Served>,
}

/// Every debt that the receipts tell of, in the order of the merges.
#[must_use]
pub fn debts(history: &ReceiptHistory, now: DateTime<Utc>) -> Vec<Debt> {
    let covers = Covers::of(history, now);
    let mut found = Vec::new();
    for (at, one) in history.receipts.iter().enumerate() {
        let receipt = &one.receipt;
        for flag in &receipt.flags {
            let Some((made, debt)) = flag.consent.overridden.as_ref().zip(flag.consent.debt()) else { continue };
            let state = match &debt.paid {
                Some(_) => DebtState::Paid,
                None if !covers.owes(at, &flag.name) => DebtState::Settled,
                None if instant(&debt.due).is_none_or(|due| due < now) => DebtState::Overdue,
                None => DebtState::Open,
            };
            let mut paid_by: Vec<String> =
                debt.paid.iter().flat_map(|paid| &paid.approvals).map(|one| one.login.clone()).collect();
            paid_by.dedup();
            found.push(Debt {
                flag: flag.name.clone(),
                commit: receipt.commit.clone(),
                pull: receipt.pull.as_ref().map(|pull| pull.number),
                by: made.by.clone(),
                reason: made.reason.clone(),
                at: debt.at.clone(),
                due: debt.due.clone(),
                state,
                paid_by,
                paid_at: debt.paid.as_ref().map(|paid| paid.at.clone()),
                before: flag.before.clone(),
            });
        }
    }
    found
}

/// The debts that a gate has to know, by the trust of today: a gate has no history to tell the trust of then from.
/// Bundles of Sigstore's are verified by `keyless`.
#[must_use]
pub fn known_debts(
    kept: &[KeptEnvelope],
    trust: &Trust,
    branch: Option<&str>,
    now: DateTime<Utc>,
    keyless: &super::signature::BundleVerifier<'_>,
) -> KnownDebts {
    let scope = ReceiptScope { trust, then: None, branch, order: None, now, keyless };
    let history = ReceiptHistory::of(kept, &scope);
    KnownDebts { unknown: unknown(kept, &history, &scope), ..known_of(&history, now) }
}

/// The debts of which only receipts tell that count for nothing: their key may be one that was taken out since.
fn unknown(kept: &[KeptEnvelope], history: &ReceiptHistory, scope: &ReceiptScope<'_>) -> Vec<UnknownDebt> {
    let known: BTreeSet<&String> = history.receipts.iter().map(|one| &one.receipt.commit).collect();
    let mut newest: BTreeMap<String, Receipt> = BTreeMap::new();
    let own = |receipt: &Receipt| {
        receipt.repository.eq_ignore_ascii_case(&scope.trust.repository)
            && scope.branch.is_none_or(|branch| branch == receipt.branch)
            && !known.contains(&receipt.commit)
    };
    let all = kept.iter().filter_map(|one| Delivered::parse(&one.bytes).ok());
    for receipt in all.filter_map(|one| Receipt::parse(&one.payload).ok()).filter(own) {
        let made = |receipt: &Receipt| instant(&receipt.made_at);
        if newest.get(&receipt.commit).is_none_or(|other| made(other) < made(&receipt)) {
            newest.insert(receipt.commit.clone(), receipt);
        }
    }
    let mut found = Vec::new();
    for receipt in newest.into_values() {
        let owing = receipt.flags.iter().filter(|flag| flag.consent.debt().is_some_and(|debt| debt.paid.is_none()));
        found.extend(owing.map(|flag| UnknownDebt { flag: flag.name.clone(), commit: receipt.commit.clone() }));
    }
    found
}

/// The debts that a gate has to know, of receipts that count.
#[must_use]
pub fn known_of(history: &ReceiptHistory, now: DateTime<Utc>) -> KnownDebts {
    let all = debts(history, now);
    let next = all.iter().filter(|debt| debt.state == DebtState::Open).filter_map(|debt| instant(&debt.due));
    let next = next.map(|at| at.timestamp() + 1).min();
    let overdue = all.into_iter().filter(|debt| debt.state == DebtState::Overdue).map(|debt| OverdueDebt {
        flag: debt.flag,
        commit: debt.commit,
        by: debt.by,
        reason: debt.reason,
        due: debt.due,
        before: debt.before.map(|served| served.digest),
    });
    KnownDebts { overdue: overdue.collect(), unknown: Vec::new(), next }
}
