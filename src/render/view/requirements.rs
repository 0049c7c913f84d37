//! Requirements as data: who has approved or rejected, who did not count and who is pending.
//!
//! In: a [`Report`]. Out: [`RequirementView`]s for one flag or the policy, and the [`PendingReview`]s of the whole,
//! each for all the flags that wait for the same people.

use super::super::phrases::{self, Phrase, THE_POLICY};
use super::in_order;
use crate::report::{FlagReport, Overridden, Report, Requirement, Verdict};

/// A requirement and how it is shown.
pub(in crate::render) struct RequirementView<'r> {
    pub requirement: &'r Requirement,
    /// "2 approvals of @acme/payments or @alice".
    pub needs: Phrase,
    /// "1 given, 1 missing".
    pub progress: String,
    /// Approved, rejected or pending.
    pub verdict: Verdict,
    /// "line 4 of APPROVERS, section `Payments`, for rollout".
    pub source: Phrase,
}

impl<'r> RequirementView<'r> {
    pub(super) fn all(requirements: &'r [Requirement], of_policy: bool) -> Vec<Self> {
        let view = |requirement: &'r Requirement| RequirementView {
            requirement,
            needs: phrases::approvals(requirement, requirement.required),
            progress: phrases::progress(requirement),
            verdict: match (requirement.rejected_by.is_empty(), requirement.missing()) {
                (false, _) => Verdict::Rejected,
                (true, 0) => Verdict::Approved,
                (true, _) => Verdict::Pending,
            },
            source: phrases::source(requirement, of_policy),
        };
        requirements.iter().map(view).collect()
    }

    /// Whether both ask the same of the same people, and as much is there; the rules and the file may be others.
    pub(super) fn asks_as(&self, other: &Self) -> bool {
        let shown =
            |requirement: &Requirement| Requirement { because: Vec::new(), path: String::new(), ..requirement.clone() };
        shown(self.requirement) == shown(other.requirement)
    }

    /// Logins whose response counts, by the kind of response.
    pub(in crate::render) fn counted(&self) -> [(&'r [String], &'static str); 2] {
        [(&self.requirement.approved_by, "approved"), (&self.requirement.rejected_by, "rejected")]
    }
}

/// Approvals that are missing of the same people, for one or several flags.
pub(in crate::render) struct PendingReview<'r> {
    pub requirement: &'r Requirement,
    pub flags: Vec<&'r FlagReport>,
    pub policy: bool,
}

impl PendingReview<'_> {
    /// "2 of @acme/payments or @alice".
    pub(in crate::render) fn reviewers(&self) -> Phrase {
        phrases::pending_reviewers(self.requirement)
    }

    /// The policy and the flags, by name.
    pub(in crate::render) fn subjects(&self) -> Vec<String> {
        let policy = self.policy.then(|| THE_POLICY.to_owned());
        policy.into_iter().chain(self.flags.iter().map(|flag| flag.id().to_string())).collect()
    }
}

/// The missing approvals, the policy's first, those of the same people together. A locked or invalid flag waits for
/// nobody's approval, and neither does an overridden one; where somebody rejected, another approval does not help.
pub(in crate::render) fn pending_reviews(report: &Report) -> Vec<PendingReview<'_>> {
    let policy = report.policy.requirements.iter().map(|requirement| (None, requirement));
    let policy = policy.filter(|_| report.policy.overridden.is_none());
    let flags = in_order(report)
        .into_iter()
        .filter(|flag| !matches!(flag.verdict, Verdict::Locked | Verdict::Invalid) && flag.overridden.is_none());
    let flags = flags.flat_map(|flag| flag.requirements.iter().map(move |requirement| (Some(flag), requirement)));
    let mut pending: Vec<PendingReview<'_>> = Vec::new();
    for (flag, requirement) in policy.chain(flags) {
        let reached = report.by_key.as_ref().is_none_or(|steps| steps.reaches(requirement));
        if requirement.missing() == 0 || !requirement.rejected_by.is_empty() || !reached {
            continue;
        }
        let same = |review: &PendingReview<'_>| {
            let other = review.requirement;
            let key = |one: &Requirement| (one.mode, one.required, one.missing());
            key(other) == key(requirement) && other.from == requirement.from
        };
        let at = pending.iter().position(same).unwrap_or(pending.len());
        if at == pending.len() {
            pending.push(PendingReview { requirement, flags: Vec::new(), policy: false });
        }
        let Some(review) = pending.get_mut(at) else { continue };
        review.policy |= flag.is_none();
        review.flags.extend(flag.filter(|flag| !review.flags.iter().any(|known| std::ptr::eq(*known, *flag))));
    }
    pending
}

/// The pending reviewers of the whole report, each as "1 of @acme/payments".
#[must_use]
pub fn pending_reviewers(report: &Report) -> Vec<String> {
    pending_reviews(report).iter().map(|review| review.reviewers().plain()).collect()
}

/// The approvals of a flag, as they are shown.
pub(in crate::render) enum ApprovalsView<'r> {
    NotNeeded,
    /// The flag is invalid, which nobody can approve.
    Impossible,
    Overridden(&'r Overridden),
    /// People approved, rejected or are pending.
    OfPeople,
}

/// Every requirement of the whole.
pub(in crate::render) fn requirements(report: &Report) -> impl Iterator<Item = &Requirement> {
    report.policy.requirements.iter().chain(report.flags.iter().flat_map(|flag| &flag.requirements))
}

/// Everyone whose approval counts, each once.
pub(in crate::render) fn approvers<'r>(requirements: impl IntoIterator<Item = &'r Requirement>) -> Vec<String> {
    each_once(requirements, |requirement| &requirement.approved_by)
}

/// Everyone whose rejection counts, each once.
pub(in crate::render) fn rejecters<'r>(requirements: impl IntoIterator<Item = &'r Requirement>) -> Vec<String> {
    each_once(requirements, |requirement| &requirement.rejected_by)
}

fn each_once<'r>(
    requirements: impl IntoIterator<Item = &'r Requirement>,
    list: fn(&Requirement) -> &Vec<String>,
) -> Vec<String> {
    let mut logins: Vec<String> = requirements.into_iter().flat_map(list).cloned().collect();
    logins.sort_unstable();
    logins.dedup();
    logins
}
