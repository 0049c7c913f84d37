//! The chain of trusts of a branch: whose signatures counted when, from its first trust on.
//!
//! In: receipts in the order of their commits. Out: the trust before each of them, and the last one. It refuses a trust that no receipt
//! lets in which a trust before it covers: no key vouches for its own appointment. A key that is revoked today counts here
//! still: otherwise whoever adds a line under `revoked` cuts the chain. Where the key is gone two people who may approve the policy, each with
//! their own key, take its place, as two admins may override: one of them alone could bring in what they please. Not taken: the trust of today, which is whatever was pushed last.

use std::collections::BTreeSet;

use super::branch::BranchOrder;
use super::history::{ParsedReceipt, ReceiptScope, SignedReceipt, TrustThen};
use super::signature::Signed;
use super::statement::{Receipt, ReceiptOutcome};
use crate::document::date::instant;
use crate::policy::Trust;

/// A policy that receipts cover, with its trust.
#[derive(Clone)]
struct CoveredPolicy {
    /// The commit that brought it.
    commit: String,
    digest: String,
    trust: Trust,
}

/// The trusts that receipts cover, each with the place of the commit that brought it.
pub struct TrustChain {
    first: Trust,
    later: Vec<(usize, Trust)>,
    /// The receipts of the people who took the place of a key that is gone.
    pub anchors: Vec<Receipt>,
}

impl TrustChain {
    /// The chain that these receipts make, by commit in the order of the branch.
    ///
    /// # Errors
    /// If the branch has no trust to begin with, or two.
    pub fn of(
        scope: &ReceiptScope<'_>,
        order: BranchOrder<'_>,
        then: &TrustThen<'_>,
        all: &[(usize, Vec<ParsedReceipt>)],
    ) -> Result<TrustChain, String> {
        let Some(begins) = &order.commits.begins else {
            return Err("no commit of the branch says whose signatures count".to_owned());
        };
        if let Some(second) = &order.commits.second {
            return Err(format!(
                "the branch has two histories with a trust, one that begins with {} and one with {}, and nobody can tell which of them \
                 is its own; bring the trust with `--trust`",
                super::history::short(begins),
                super::history::short(second)
            ));
        }
        let first = then(begins)?.ok_or("the first trust of the branch can't be read")?;
        let mut covered =
            CoveredPolicy { commit: begins.clone(), digest: (order.policy)(begins)?, trust: first.clone() };
        let (mut later, mut anchors) = (Vec::new(), Vec::new());
        for (place, some) in all {
            let changes = |one: &&ParsedReceipt| one.receipt.policy.before != one.receipt.policy.after;
            let mut counting: Vec<&Receipt> = Vec::new();
            for one in some.iter().filter(changes) {
                if scope.counts(one, &covered.trust, &covered.trust.revoked).is_ok() {
                    counting.push(&one.receipt);
                }
            }
            counting.sort_by_key(|receipt| instant(&receipt.made_at));
            // What one of them let in stays let in: whoever has a key of before can make another one, and would keep the policy
            // from changing.
            let before = covered.digest.clone();
            covered = counting.into_iter().fold(covered, |covered, receipt| after(receipt, covered, then));
            if covered.digest == before {
                let by_people = anchored(scope, order, &covered, some.iter().filter(changes));
                if let Some(receipt) = by_people.first() {
                    covered = after(receipt, covered, then);
                }
                anchors.extend(by_people);
            }
            if covered.digest != before {
                later.push((*place, covered.trust.clone()));
            }
        }
        Ok(TrustChain { first, later, anchors })
    }

    /// The trust before the commit at this place.
    #[must_use]
    pub fn before(&self, place: usize) -> &Trust {
        self.later.iter().rfind(|(at, _)| *at < place).map_or(&self.first, |(_, trust)| trust)
    }

    /// The last trust that receipts cover. It signs again what a key signed that is gone.
    #[must_use]
    pub fn last(&self) -> &Trust {
        self.before(usize::MAX)
    }
}

/// The policy that is covered after a receipt: another one only if it was let in on top of the one before.
fn after(receipt: &Receipt, covered: CoveredPolicy, then: &TrustThen<'_>) -> CoveredPolicy {
    let (before, after) = (&receipt.policy.before, &receipt.policy.after);
    if *before != covered.digest || !is_let_in(receipt) {
        return covered;
    }
    // A trust that is gone or cannot be read leaves the one before.
    let trust = then(&receipt.commit).ok().flatten().unwrap_or(covered.trust);
    CoveredPolicy { commit: receipt.commit.clone(), digest: after.clone(), trust }
}

/// Whether a receipt says that the change of the policy was let in.
fn is_let_in(receipt: &Receipt) -> bool {
    let let_in = receipt.policy.consent.as_ref().is_some_and(|consent| match consent.outcome {
        ReceiptOutcome::Approved | ReceiptOutcome::Overridden | ReceiptOutcome::Free => true,
        ReceiptOutcome::Debt | ReceiptOutcome::Unknown | ReceiptOutcome::Unapproved => false,
    });
    let_in && receipt.worse_as_a_whole().is_none()
}

/// The receipts of a merge that people signed with the keys of their approvals who may approve a change of the covered policy, where
/// two of them say of the policy that it became the same.
fn anchored<'p>(
    scope: &ReceiptScope<'_>,
    order: BranchOrder<'_>,
    covered: &CoveredPolicy,
    changing: impl Iterator<Item = &'p ParsedReceipt>,
) -> Vec<Receipt> {
    let changing: Vec<&ParsedReceipt> = changing.filter(|one| one.receipt.policy.before == covered.digest).collect();
    if changing.len() < 2 {
        return Vec::new();
    }
    let people = Trust {
        receipts: (order.anchors)(&covered.commit),
        keyless: Vec::new(),
        unsigned: false,
        ..covered.trust.clone()
    };
    let revoked = [scope.trust.revoked.as_slice(), &covered.trust.revoked].concat();
    let mut by: Vec<(BTreeSet<String>, Receipt)> = Vec::new();
    for one in changing {
        if let Ok(SignedReceipt { receipt, signed: Signed::Key { who, .. } }) = scope.counts(one, &people, &revoked) {
            by.push((who.split(", ").map(str::to_ascii_lowercase).collect(), receipt));
        }
    }
    let agree = |one: &Receipt, other: &Receipt| one.policy.after == other.policy.after;
    let another = |who: &BTreeSet<String>, receipt: &Receipt| {
        by.iter().any(|(others, other)| who.is_disjoint(others) && agree(receipt, other))
    };
    let found = by.iter().filter(|(who, receipt)| another(who, receipt) && is_let_in(receipt));
    found.map(|(_, receipt)| receipt.clone()).collect()
}
