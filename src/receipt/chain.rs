//! The chain of trusts of a branch: whose signatures counted when, from its first trust on.
//!
//! In: receipts in the order of their commits. Out: the trust before each of them, and the last one. It refuses a trust that no receipt
//! lets in which a trust before it covers: no key vouches for its own appointment. A key that is revoked today counts here
//! still: otherwise whoever adds a line under `revoked` cuts the chain. Not taken: the trust of today, which is whatever was pushed last.

use super::branch::BranchOrder;
use super::history::{ParsedReceipt, ReceiptScope, TrustThen};
use super::statement::{Receipt, ReceiptOutcome};
use crate::document::date::instant;
use crate::policy::Trust;

/// A policy that receipts cover, with its trust.
#[derive(Clone)]
struct CoveredPolicy {
    digest: String,
    trust: Trust,
}

/// The trusts that receipts cover, each with the place of the commit that brought it.
pub struct TrustChain {
    first: Trust,
    later: Vec<(usize, Trust)>,
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
        let mut covered = CoveredPolicy { digest: (order.policy)(begins)?, trust: first.clone() };
        let mut later = Vec::new();
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
            if covered.digest != before {
                later.push((*place, covered.trust.clone()));
            }
        }
        Ok(TrustChain { first, later })
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
    let let_in = receipt.policy.consent.as_ref().is_some_and(|consent| match consent.outcome {
        ReceiptOutcome::Approved | ReceiptOutcome::Overridden | ReceiptOutcome::Free => true,
        ReceiptOutcome::Debt | ReceiptOutcome::Unknown | ReceiptOutcome::Unapproved => false,
    });
    if *before != covered.digest || !let_in || receipt.worse_as_a_whole().is_some() {
        return covered;
    }
    // A trust that is gone or cannot be read leaves the one before.
    let trust = then(&receipt.commit).ok().flatten().unwrap_or(covered.trust);
    CoveredPolicy { digest: after.clone(), trust }
}
