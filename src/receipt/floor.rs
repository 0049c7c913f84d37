//! The earliest time that a receipt can be of, by what the branch had before it.
//!
//! In: receipts in the order of their commits. Out: for each the time that it is not older than. A commit comes after those it was put
//! on, and of those an earlier receipt says when they were there: both the date of the commit and the time when the receipt was made are
//! not later than that, unless somebody has a key that counts. It refuses nothing. Not taken: the date of a commit alone, which
//! whoever commits chooses: one that is dated ahead would end the keys of everybody after it.

use chrono::{DateTime, Utc};

use super::history::{ParsedReceipt, ProblemKind, ReceiptProblem, ReceiptScope, SignedReceipt};
use super::signature::{Signed, SignedAs, signed};
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
    trust.receipts.iter().any(|signer| signer.valid_before.is_some())
        || trust.keyless.iter().any(|one| one.valid_before.is_some())
}

/// Notes of each receipt when it was at the earliest, by those before it which somebody signed who is trusted today.
pub(super) fn note_floors(scope: &ReceiptScope<'_>, all: &mut [(usize, Vec<ParsedReceipt>)]) {
    if !ends(scope.trust) {
        return;
    }
    let mut floor: Option<DateTime<Utc>> = None;
    for (_, some) in all {
        let mut first: Option<DateTime<Utc>> = None;
        for one in some {
            one.floor = floor;
            let Some(at) = there(&one.receipt).filter(|at| *at <= scope.now) else { continue };
            let what = SignedAs::Receipt(scope.keyless);
            let by = signed(&one.delivered, scope.trust, what, at.max(floor.unwrap_or(at)));
            if by.objection().is_none() && by != Signed::Unsigned {
                first = Some(first.map_or(at, |first| first.min(at)));
            }
        }
        floor = floor.max(first);
    }
}

/// Leaves out the receipts, in the order of their links, whose signer had come to an end when the one before them was there.
pub(super) fn drop_ended(trust: &Trust, all: &mut Vec<SignedReceipt>, problems: &mut Vec<ReceiptProblem>) {
    let mut floor: Option<DateTime<Utc>> = None;
    all.retain(|one| {
        let why = floor.and_then(|floor| one.signed.objection_in(trust, floor));
        match &why {
            None => floor = floor.max(there(&one.receipt)),
            Some(why) => problems.push(ReceiptProblem {
                commit: Some(one.receipt.commit.clone()),
                why: format!("{why} when what it names as the one before was merged"),
                kind: ProblemKind::Refused,
            }),
        }
        why.is_none()
    });
}
