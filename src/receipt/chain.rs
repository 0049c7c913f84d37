//! The chain of trusts of a branch: whose signatures counted when, from its first trust on.
//!
//! In: receipts in the order of their commits. Out: the trust before each of them, and the last one. It refuses a trust
//! that no receipt lets in which a trust before it covers: no key vouches for its own appointment. A key that is
//! revoked today counts here still: otherwise whoever adds a line under `revoked` cuts the chain. But what it let in
//! has to lead to the policy that the branch has, and a policy that the branch took back adds no key where nobody but a
//! key that is gone let it in. Where the key is gone two people who may approve the policy, each with their own key,
//! take its place, as two admins may override: one of them alone could bring in what they please. Not taken: the trust
//! of today, which is whatever was pushed last.

use std::collections::BTreeSet;

use super::branch::BranchOrder;
use super::earliest_time::EarliestTime;
use super::history::{ParsedReceipt, ReceiptScope, SignedReceipt, TrustThen};
use super::signature::Signed;
use super::statement::{Receipt, ReceiptOutcome};
use crate::diagnostics::words::short;
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

/// A change of the policy that was let in.
struct ChainStep {
    place: usize,
    before: String,
    after: String,
    trust: Trust,
    /// Whether people let it in, or a key that the last trust of the chain names; until that is known, those who did.
    lasting: bool,
}

/// The trusts that receipts cover, each with the place of the commit that brought it.
pub struct TrustChain {
    first: Trust,
    later: Vec<(usize, Trust)>,
    /// The receipts of the people who took the place of a key that is gone, or who said that a change was not let in.
    pub anchors: Vec<Receipt>,
    /// Why the chain does not lead to the policy that the branch has; none if it does.
    pub astray: Option<String>,
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
        all: &mut [(usize, Vec<ParsedReceipt>)],
    ) -> Result<TrustChain, String> {
        let Some(begins) = &order.commits.begins else {
            return Err("no commit of the branch says whose signatures count".to_owned());
        };
        if let Some(second) = &order.commits.second {
            return Err(format!(
                "the branch has two histories with a trust, one that begins with {} and one with {}, and nobody can \
                 tell which of them is its own; bring the trust with `--trust`",
                short(begins),
                short(second)
            ));
        }
        let first = then(begins)?.ok_or("the first trust of the branch can't be read")?;
        let mut covered =
            CoveredPolicy { commit: begins.clone(), digest: (order.policy)(begins)?, trust: first.clone() };
        let line = Spine::of(order);
        let (mut steps, mut anchors) = (Vec::new(), Vec::new());
        // A trust that an attacker pushes says of no key that it ended: so each that the branch had is asked.
        let trusts: Vec<Trust> = line.policies.iter().filter_map(|(_, oid, _)| then(oid).ok().flatten()).collect();
        let mut earliest = EarliestTime::of(trusts.iter().chain([scope.trust]));
        for (place, some) in all.iter_mut() {
            let signing = Trust { unsigned: false, ..covered.trust.clone() };
            let revoked = [scope.trust.revoked.as_slice(), &signing.revoked].concat();
            earliest.pass(some, scope.now, &|one| scope.counts(one, &signing, &revoked).is_ok());
            let changes = |one: &&ParsedReceipt| one.receipt.policy.before != one.receipt.policy.after;
            let on_top = |one: &&ParsedReceipt| changes(one) && one.receipt.policy.before == covered.digest;
            let changing: Vec<&ParsedReceipt> = some.iter().filter(on_top).collect();
            if changing.is_empty() || line.is_taken_back(*place, &covered, then) {
                continue;
            }
            let by_people = anchored(scope, order, &covered, &changing);
            let (letting, refusing): (Vec<Receipt>, Vec<Receipt>) = by_people.into_iter().partition(is_let_in);
            // A trust signed by two of those who may approve it stands against any key of the receipts.
            let found = if refusing.is_empty() { let_in(scope, &covered, then, &changing) } else { None };
            let by_key = found.is_some();
            let found = found.or_else(|| letting.first().filter(|_| refusing.is_empty()).cloned());
            anchors.extend(letting.into_iter().filter(|_| !by_key).chain(refusing));
            let Some(receipt) = found else { continue };
            // A trust that is gone or cannot be read leaves the one before.
            let trust = then(&receipt.commit).ok().flatten().unwrap_or_else(|| covered.trust.clone());
            steps.push(ChainStep {
                place: *place,
                before: covered.digest,
                after: receipt.policy.after.clone(),
                trust: trust.clone(),
                lasting: !by_key,
            });
            covered = CoveredPolicy { commit: receipt.commit, digest: receipt.policy.after, trust };
        }
        let astray = line.policies.last().filter(|(.., digest)| *digest != covered.digest).map(|_| {
            format!(
                "the receipts lead to the policy of {}, and none of them lets in on top of it what the branch has at \
                 {}",
                short(&covered.commit),
                short(&line.tip)
            )
        });
        if astray.is_none() {
            lasting(scope, &covered.trust, all, &mut steps);
            prune(&mut steps);
        }
        let later = steps.into_iter().map(|step| (step.place, step.trust)).collect();
        Ok(TrustChain { first, later, anchors, astray })
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

/// The policies that a branch had, the oldest first: of each commit that brought another one its place, its name and
/// the policy.
struct Spine {
    policies: Vec<(usize, String, String)>,
    tip: String,
}

impl Spine {
    fn of(order: BranchOrder<'_>) -> Self {
        let mut commits: Vec<(usize, &String)> = order.commits.places.iter().map(|(oid, at)| (at.place, oid)).collect();
        commits.sort_unstable();
        let mut policies: Vec<(usize, String, String)> = Vec::new();
        for (place, oid) in &commits {
            // One that can't be read is none that anybody covers.
            let digest = (order.policy)(oid).unwrap_or_default();
            if policies.last().is_none_or(|(.., last)| *last != digest) {
                policies.push((*place, (*oid).clone(), digest));
            }
        }
        Spine { policies, tip: commits.last().map(|(_, oid)| (*oid).clone()).unwrap_or_default() }
    }

    /// Whether the branch has the covered policy again after this place, and all the while the same people and keys
    /// signed receipts: then the change is nothing to the chain, whoever let it in.
    fn is_taken_back(&self, place: usize, covered: &CoveredPolicy, then: &TrustThen<'_>) -> bool {
        let start = self.policies.partition_point(|(at, ..)| *at < place);
        for (_, oid, digest) in self.policies.get(start..).unwrap_or_default() {
            if *digest == covered.digest {
                return true;
            }
            if !then(oid).ok().flatten().is_some_and(|trust| same_signers(&trust, &covered.trust)) {
                return false;
            }
        }
        false
    }
}

/// Whether two trusts say the same of receipts.
fn same_signers(one: &Trust, other: &Trust) -> bool {
    let receipts = |trust: &Trust| {
        let Trust { repository, branches, receipts, keyless, revoked, unsigned, approvers: _, people: _ } =
            trust.clone();
        (repository, branches, receipts, keyless, revoked, unsigned)
    };
    receipts(one) == receipts(other)
}

/// The receipt that lets a change of the policy in on top of the covered one. A change that one of them let in stays
/// let in: somebody who has a key of before can make another one, and would keep the policy from changing.
fn let_in(
    scope: &ReceiptScope<'_>,
    covered: &CoveredPolicy,
    then: &TrustThen<'_>,
    changing: &[&ParsedReceipt],
) -> Option<Receipt> {
    let by = |one: &&&ParsedReceipt| {
        let trust = &covered.trust;
        let counts = scope.counts(one, trust, &trust.revoked).is_ok();
        // Where no signature is needed, that of a key of today or of the key that comes is as good as none.
        counts
            || trust.unsigned && {
                let after = then(&one.receipt.commit).ok().flatten();
                let mut keys = after.into_iter().chain([scope.trust.clone()]);
                keys.any(|keys| scope.counts(one, &Trust { unsigned: false, ..keys }, &scope.trust.revoked).is_ok())
            }
    };
    let mut found: Vec<&Receipt> =
        changing.iter().filter(by).map(|one| &one.receipt).filter(|one| is_let_in(one)).collect();
    found.sort_by_key(|receipt| instant(&receipt.made_at));
    found.first().copied().cloned()
}

/// Notes of each step whether a key let it in that the last trust names.
fn lasting(scope: &ReceiptScope<'_>, last: &Trust, all: &[(usize, Vec<ParsedReceipt>)], steps: &mut [ChainStep]) {
    let revoked = [scope.trust.revoked.as_slice(), &last.revoked].concat();
    let last = Trust { unsigned: last.unsigned && scope.trust.unsigned, ..last.clone() };
    for step in steps.iter_mut().filter(|step| !step.lasting) {
        let at = all.binary_search_by_key(&step.place, |(place, _)| *place).ok().and_then(|at| all.get(at));
        step.lasting = at.into_iter().flat_map(|(_, some)| some).any(|one| {
            let policy = &one.receipt.policy;
            let same = policy.before == step.before && policy.after == step.after && is_let_in(&one.receipt);
            same && scope.counts(one, &last, &revoked).is_ok()
        });
    }
}

/// Takes out what leads back to where it began, if nobody let it in but a key that is gone: that key adds no other one.
fn prune(steps: &mut Vec<ChainStep>) {
    let mut at = 0;
    while let Some(step) = steps.get(at) {
        let back = steps.iter().skip(at).position(|later| later.after == step.before);
        match back.filter(|_| !step.lasting) {
            Some(length) => drop(steps.drain(at..=at + length)),
            None => at += 1,
        }
    }
}

/// Whether a receipt says that the change of the policy was let in.
fn is_let_in(receipt: &Receipt) -> bool {
    let let_in = receipt.policy.consent.as_ref().is_some_and(|consent| match consent.outcome {
        ReceiptOutcome::Approved | ReceiptOutcome::Overridden | ReceiptOutcome::Free => true,
        ReceiptOutcome::Debt | ReceiptOutcome::Unknown | ReceiptOutcome::Unapproved => false,
    });
    let_in && receipt.worse_as_a_whole().is_none()
}

/// The receipts of a merge that people signed with the keys of their approvals who may approve a change of the covered
/// policy, where two of them say the same of the policy: what it became, and whether that was let in.
fn anchored(
    scope: &ReceiptScope<'_>,
    order: BranchOrder<'_>,
    covered: &CoveredPolicy,
    changing: &[&ParsedReceipt],
) -> Vec<Receipt> {
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
        if let Ok(SignedReceipt { receipt, signed: Signed::Key { principals, .. } }) =
            scope.counts(one, &people, &revoked)
        {
            by.push((principals.iter().map(|name| name.to_ascii_lowercase()).collect(), receipt));
        }
    }
    let agree =
        |one: &Receipt, other: &Receipt| one.policy.after == other.policy.after && is_let_in(one) == is_let_in(other);
    let another = |who: &BTreeSet<String>, receipt: &Receipt| {
        by.iter().any(|(others, other)| who.is_disjoint(others) && agree(receipt, other))
    };
    let found = by.iter().filter(|(who, receipt)| another(who, receipt));
    found.map(|(_, receipt)| receipt.clone()).collect()
}
