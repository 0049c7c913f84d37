//! Payment of a debt: an approval, afterwards, of exactly what came in by breaking the glass.
//!
//! In: a receipt with a debt, the evidence of now, and the policy that the branch has now. Out: the receipt with the
//! debt paid. The payer could have approved the change when it was merged, and could still: neither somebody who was
//! let into a team since, nor somebody who left it. It refuses a payment by who made the debt, or who wrote the change.
//! Not taken: the time that somebody signs next to their approval, which they choose; the policy of when the payment is
//! looked for counts.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;

use super::allowed::PolicyReach;
use super::make::{approvals, receipt_requirements};
use super::statement::{Receipt, ReceiptPayment};
use crate::approval::Evidence;
use crate::document::date::{instant, rfc3339};
use crate::policy::Policy;
use crate::report::{FlagReport, Report, Verdict};
use crate::review::Examination;
use crate::review::audit::GivenApproval;

/// The policy of the branch after a merge, and what it would ask for that merge.
#[derive(Clone, Debug)]
pub struct LaterPolicy {
    /// The commit that has it, in full.
    pub commit: String,
    pub policy: Arc<Policy>,
    /// The report on the merge under this policy, as if nobody had responded.
    pub report: Report,
}

impl LaterPolicy {
    /// Whether somebody could approve this flag of the merge under this policy, where the configuration lists the
    /// members of teams, or these are. Of a flag that it does not know the admins could.
    #[must_use]
    pub fn lets_approve(&self, flag: &FlagReport, login: &str, teams: Option<&BTreeMap<String, Vec<String>>>) -> bool {
        let reach = PolicyReach { policy: &self.policy, teams };
        let same = |one: &&FlagReport| one.path == flag.path && one.key == flag.key;
        match self.report.flags.iter().find(same) {
            Some(found) if found.requirements.is_empty() => found.verdict == Verdict::NotRequired,
            Some(found) => found.requirements.iter().any(|requirement| reach.could(requirement, login)),
            None => reach.is_admin(login),
        }
    }
}

/// A receipt with the debts paid that somebody else approved since, by the evidence of now; none if nothing of it is.
#[must_use]
pub fn paid(
    receipt: &Receipt,
    examination: &Examination,
    (evidence, given): (&Evidence, &[GivenApproval]),
    later: &LaterPolicy,
    made_at: &str,
) -> Option<Receipt> {
    let mut evidence = evidence.clone();
    evidence.overrides.clear();
    evidence.open.clear();
    // Nobody pays a debt of their own.
    let makers = receipt.flags.iter().filter(|flag| flag.consent.debt().is_some_and(|debt| debt.paid.is_none()));
    let makers = makers.filter_map(|flag| flag.consent.overridden.as_ref()).flat_map(|made| made.by.clone());
    if let Some(contributors) = &mut evidence.contributors {
        contributors.extend(makers);
    }
    let unanswered = examination.clone().conclude(None, &[]);
    let mut receipt = receipt.clone();
    let mut any = false;
    for flag in &mut receipt.flags {
        let is = |one: &&FlagReport| one.id().is(&flag.name);
        let Some(about) = unanswered.flags.iter().find(is) else { continue };
        let report = examination.clone().conclude(Some(&of_now(&evidence, later, about)), &[]);
        let consent = &mut flag.consent;
        let of_this =
            |one: &&FlagReport| one.project == about.project && one.key == about.key && one.digest == consent.displayed;
        let reported = report.flags.iter().find(of_this).filter(|one| one.verdict == Verdict::Approved);
        let Some(reported) = reported else { continue };
        let Some(debt) = consent.overridden.as_mut().and_then(|made| made.debt.as_mut()) else { continue };
        if debt.paid.is_some() || reported.overridden.is_some() {
            continue;
        }
        let approvals = approvals(&reported.requirements, given);
        let last = approvals.iter().filter_map(|one| one.at.clone()).max_by_key(|at| instant(at));
        let at = last.unwrap_or_else(|| made_at.to_owned());
        let (under, requirements) = (later.commit.clone(), receipt_requirements(&reported.requirements));
        debt.paid = Some(ReceiptPayment { at, under, requirements, approvals });
        any = true;
    }
    // Of two receipts of one merge the newer one counts.
    let next = |before| rfc3339(before + TimeDelta::seconds(1));
    let later = instant(&receipt.made_at).filter(|before| instant(made_at).is_none_or(|now| now <= *before)).map(next);
    receipt.made_at = later.unwrap_or_else(|| made_at.to_owned());
    any.then_some(receipt)
}

/// The evidence without what those said for a flag who could not approve it any more. A rejection holds, whoever gave
/// it.
fn of_now(evidence: &Evidence, later: &LaterPolicy, flag: &FlagReport) -> Evidence {
    let mut evidence = evidence.clone();
    let teams = std::mem::take(&mut evidence.teams);
    let may = |login: &String| later.lets_approve(flag, login, Some(&teams));
    evidence.reviews.retain(|review| review.state != "APPROVED" || may(&review.login));
    if let Some(dismissals) = &mut evidence.dismissals {
        dismissals.retain(|one| may(&one.by));
    }
    evidence.teams = teams;
    evidence
}
