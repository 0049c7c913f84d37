//! The plan: the actions that are missing on a pull request, in the order in which they have to be carried out.
//!
//! In: a [`PlanInput`]. Out: actions: first those that take a success back, last the success, when everything it rests
//! on is displayed, and then the notifications. It refuses to plan what is there already. Not taken: an order by kind,
//! which would leave an old success in place while a comment is written.

use std::collections::{BTreeMap, BTreeSet};

use super::commit_state::retire;
use super::{Action, CommitState, annotations, comment, commit_state, notifications, review_requests};
use crate::diagnostics::Diagnostic;
use crate::github::facts::{PullFacts, Status};
use crate::github::record::{ApprovalRecord, SuccessStatus};
use crate::render::{self, Notice};
use crate::report::Report;
use crate::review::is_let_through_unshown;

/// Everything a plan is made from.
pub struct PlanInput<'a> {
    pub facts: &'a PullFacts,
    /// The approval record of our sticky comment.
    pub record: Option<&'a ApprovalRecord>,
    /// The report, or the diagnostics of an invalid base policy.
    pub outcome: &'a Result<Report, Vec<Diagnostic>>,
    /// The digests to display, by `project/key`: [`Examination::digests`](crate::review::Examination::digests).
    pub digests: &'a [(String, String)],
    /// The live flags this pull request holds: [`Examination::locks`](crate::review::Examination::locks).
    pub holds: &'a [String],
    /// The members of all teams of the policy, if an approval of a team is required.
    pub teams: &'a BTreeMap<String, Vec<String>>,
    /// Whether the verdict rests on permissions that were asked for, person by person.
    pub rests_on_people: bool,
    /// The time from which on a bound looks back at another commit:
    /// [`Examination::past_until`](crate::review::Examination::past_until).
    pub until: Option<i64>,
    /// The part of the base that the verdict depends on: its tip, or only its policy where no flag differs.
    pub base: &'a str,
    /// The successes on commits that this pull request has left, with the statuses there.
    pub left: &'a [(SuccessStatus, Vec<Status>)],
    /// The sibling pull requests and the report of each.
    pub siblings: &'a [(PullFacts, Report)],
    /// The address of the whole report.
    pub url: Option<String>,
    /// The answer to a command and its key, under which it is given once.
    pub answer: Option<(String, Notice)>,
    /// Whether best-effort actions are deferred to the next run, since one could not be carried out now.
    pub deferred: bool,
}

impl PlanInput<'_> {
    /// The report, unless the base policy is invalid.
    pub(super) fn report(&self) -> Option<&Report> {
        self.outcome.as_ref().ok()
    }

    /// Whether a comment would tell nobody anything.
    pub(super) fn is_quiet(&self) -> bool {
        self.report().is_some_and(render::quiet)
    }
}

/// The missing actions, in order.
#[must_use]
pub fn plan(input: &PlanInput<'_>) -> Vec<Action> {
    let mut record = input.record.cloned().unwrap_or_default();
    let retired = leave(input, &mut record);
    let wanted = commit_state::wanted(input);
    if wanted.state == CommitState::Success && input.report().is_some() && !input.is_quiet() {
        let outline = &input.facts.outline;
        record.successes.insert(SuccessStatus { base: outline.base.clone(), sha: outline.head.clone() });
    }
    note(input, &mut record);
    let best_effort = match input.report().filter(|_| !input.deferred) {
        Some(report) => {
            let requests = review_requests::plan(report, input, &mut record);
            requests.into_iter().chain(annotations::plan(report, input.facts, &mut record)).collect()
        }
        None => Vec::new(),
    };
    let comment = comment::plan(input, record);
    let wanted = if comment.fits { wanted } else { commit_state::unrecorded() };
    let (first, last) = commit_state::plan(input, &wanted, &comment);
    let copies = input.facts.copies.iter().map(|copy| Action::DeleteComment { id: copy.id });
    first
        .into_iter()
        .chain(retired)
        // Before the comment that records them: a run that is cut short in between repeats them, which changes nothing.
        .chain(best_effort)
        .chain(comment.action)
        .chain(copies)
        .chain(last)
        .chain(notifications::plan(input))
        .collect()
}

/// Takes back the successes on commits that the pull request has left.
fn leave(input: &PlanInput<'_>, record: &mut ApprovalRecord) -> Vec<Action> {
    let why = format!("superseded: #{} moved on", input.facts.number());
    let mut retired = Vec::new();
    for (success, statuses) in input.left {
        retired.extend(retire(input.facts, &success.base, &success.sha, statuses, &why));
        record.successes.remove(success);
    }
    retired
}

/// Notes in the record the digests that the comment displays and the flags that the pull request holds.
fn note(input: &PlanInput<'_>, record: &mut ApprovalRecord) {
    let facts = input.facts;
    let Some(report) = input.report() else {
        // Diagnostics of a policy are no content to approve.
        return record.display(&[], &facts.now, None);
    };
    let fits = !report.is_too_much();
    let commits = facts.base_tip.as_deref().map(|base| (base, facts.outline.head.as_str()));
    // Of content that no comment shows nobody approves anything, whoever lets it through.
    let unshown = report.flags.iter().filter(|flag| is_let_through_unshown(flag));
    let unshown: BTreeSet<&str> = unshown.filter_map(|flag| flag.digest.as_deref()).collect();
    let shown = input.digests.iter().filter(|(_, digest)| fits && !unshown.contains(digest.as_str()));
    record.display(&shown.cloned().collect::<Vec<_>>(), &facts.now, commits);
    // A draft requests nothing, and so holds nothing; ready again, it comes after those that made a request meanwhile.
    let holds = if facts.outline.draft || !fits { &[] } else { input.holds };
    record.hold(holds.iter().cloned(), facts.renewed_at.as_deref(), &facts.now);
}
