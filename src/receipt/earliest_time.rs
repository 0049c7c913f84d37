//! The earliest time that a receipt can be of, by what the branch had before it.
//!
//! In: receipts in the order of their commits. Out: for each the time that it is not older than. A commit comes after
//! those it was put on, and of those an earlier receipt says when they were there: both the date of the commit and the
//! time when the receipt was made are not later than that, unless somebody has a key that counts. It refuses nothing.
//! Not taken: the date of a commit alone, which whoever commits chooses: one that is dated ahead would end the keys of
//! everybody after it.

use chrono::{DateTime, Utc};

use super::history::{ParsedReceipt, ReceiptDiagnostic, ReceiptDiagnosticKind, ReceiptScope, SignedReceipt};
use super::statement::Receipt;
use crate::document::date::instant;
use crate::policy::Trust;

/// When the commit of a receipt was there, at the latest.
fn there(receipt: &Receipt) -> Option<DateTime<Utc>> {
    let [made, date] = [&receipt.made_at, &receipt.date].map(|time| instant(time));
    Some(made?.min(date?))
}

/// Whether some signer of a trust has an end, so that the time of a receipt matters.
fn ends(trust: &Trust) -> bool {
    // People take the place of a key that is gone.
    trust.receipts.iter().chain(&trust.approvers).any(|signer| signer.valid_before.is_some())
        || trust.keyless.iter().any(|one| one.valid_before.is_some())
}

/// The time that has passed when the commits of a branch are gone through in their order; where no key has an end it is
/// of no matter.
pub(super) struct EarliestTime {
    at: Option<DateTime<Utc>>,
    matters: bool,
}

impl EarliestTime {
    /// The earliest time of a branch that had these trusts.
    pub fn of<'t>(mut trusts: impl Iterator<Item = &'t Trust>) -> EarliestTime {
        EarliestTime { at: None, matters: trusts.any(ends) }
    }

    /// Notes of the receipts of the next commit when they were made at the earliest, and takes from those that count
    /// when that was.
    pub fn pass(&mut self, some: &mut [ParsedReceipt], now: DateTime<Utc>, counts: &dyn Fn(&ParsedReceipt) -> bool) {
        if !self.matters {
            return;
        }
        for one in some.iter_mut() {
            one.earliest = self.at;
        }
        // Of those that say the earliest time nobody has said it later.
        let times = some.iter().filter(|one| counts(one)).filter_map(|one| there(&one.receipt));
        self.at = self.at.max(times.filter(|at| *at <= now).min());
    }
}

/// Notes the earliest times where one trust holds for all.
pub(super) fn note_earliest_times(scope: &ReceiptScope<'_>, all: &mut [(usize, Vec<ParsedReceipt>)]) {
    let mut earliest = EarliestTime::of(std::iter::once(scope.trust));
    // An unsigned receipt proves no time.
    let trust = Trust { unsigned: false, ..scope.trust.clone() };
    for (_, some) in all {
        earliest.pass(some, scope.now, &|one| scope.counts(one, &trust, &trust.revoked).is_ok());
    }
}

/// Leaves out the receipts, in the order of their links, whose signer had come to an end when the one before them was
/// there.
pub(super) fn drop_ended(trust: &Trust, all: &mut Vec<SignedReceipt>, diagnostics: &mut Vec<ReceiptDiagnostic>) {
    let mut earliest: Option<DateTime<Utc>> = None;
    all.retain(|one| {
        let why = earliest.and_then(|earliest| one.signed.objection_in(trust, earliest));
        match &why {
            None => earliest = earliest.max(there(&one.receipt)),
            Some(why) => diagnostics.push(ReceiptDiagnostic {
                commit: Some(one.receipt.commit.clone()),
                why: format!("{why} when what it names as the one before was merged"),
                kind: ReceiptDiagnosticKind::Refused,
            }),
        }
        why.is_none()
    });
}
