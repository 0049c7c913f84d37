//! The commit state: the status on the head, and on commits that the pull request has left.
//!
//! In: the reports of all pull requests that propose the commit. Out: the status, with the fingerprint in its address.
//! It refuses a success before the comment it rests on is there. Not taken: a status a pull request, which one commit
//! cannot have.

use std::collections::{BTreeMap, BTreeSet};

use super::comment::{CommentPlan, about, own_fingerprint};
use super::{Action, PlanInput};
use crate::github::facts::{PullFacts, Status, context};
use crate::github::fingerprint::{Fingerprint, PullInputs, members, shared};
use crate::render;
use crate::report::{Report, Verdict};

/// The state of a commit status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CommitState {
    Success,
    Pending,
    Failure,
    Error,
}

impl CommitState {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            CommitState::Success => "success",
            CommitState::Pending => "pending",
            CommitState::Failure => "failure",
            CommitState::Error => "error",
        }
    }

    /// Whether a status has this state; GraphQL writes it in capitals.
    #[must_use]
    pub fn is_of(self, status: &Status) -> bool {
        status.state.eq_ignore_ascii_case(self.word())
    }

    /// The state for a verdict. In a merge queue nobody is waited for, so `pending` would only be a slow `failure`.
    #[must_use]
    pub fn of(verdict: Verdict, queued: bool) -> CommitState {
        match verdict {
            Verdict::NotRequired | Verdict::Approved => CommitState::Success,
            Verdict::Pending | Verdict::Locked if !queued => CommitState::Pending,
            Verdict::Pending | Verdict::Locked | Verdict::Rejected | Verdict::Invalid => CommitState::Failure,
        }
    }
}

/// A status to set on a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStatus {
    pub sha: String,
    pub context: String,
    pub state: CommitState,
    pub text: String,
    /// The address behind it, with the fingerprint.
    pub target: String,
}

impl NewStatus {
    /// Whether a status says the same for people, whatever its fingerprint is.
    #[must_use]
    pub fn reads_like(&self, status: &Status, viewer: &str) -> bool {
        status.is_ours(viewer) && status.description == self.text && self.state.is_of(status)
    }
}

/// State and description of a status.
pub struct StatusLine {
    pub state: CommitState,
    pub text: String,
}

/// Above this many of our own statuses on one commit, no success is set any more: GitHub takes 1,000, and the last of
/// them must be left for taking a success back.
pub const MOST_STATUSES: u32 = 900;

/// The status the commit should have: the same whichever of its pull requests is looked at, since all of them show it.
pub(super) fn wanted(input: &PlanInput<'_>) -> StatusLine {
    let line = |facts: &PullFacts, report: &Report| StatusLine {
        state: CommitState::of(report.verdict, false),
        text: render::status_text(report, &about(facts, None)),
    };
    let own = match input.outcome {
        Ok(report) => line(input.facts, report),
        Err(diagnostics) => StatusLine { state: CommitState::Error, text: render::invalid_policy_status(diagnostics) },
    };
    let siblings = input.siblings.iter().map(|(facts, report)| (facts.number(), line(facts, report)));
    let mut all: BTreeMap<u64, StatusLine> = siblings.collect();
    all.insert(input.facts.number(), own);
    let worst = all.iter().find(|(_, line)| line.state != CommitState::Success).map(|(number, _)| *number);
    let numbers: Vec<String> = all.keys().map(|number| format!("#{number}")).collect();
    let chosen = worst.and_then(|number| all.remove_entry(&number)).or_else(|| all.pop_first());
    let Some((number, mut line)) = chosen else {
        return StatusLine { state: CommitState::Error, text: "nothing was judged".to_owned() };
    };
    if worst.is_some() && numbers.len() > 1 {
        let text = format!("{} share this commit; #{number}: {}", numbers.join(", "), line.text);
        line.text = render::status_line(&text);
    }
    if worst.is_none() && count(input.facts) >= MOST_STATUSES {
        let text = "this commit has had too many statuses to take another success back: push a new commit";
        return StatusLine { state: CommitState::Failure, text: text.to_owned() };
    }
    line
}

/// The status of a pull request whose approval record would not fit into its comment. The limit of `review` leaves room
/// for the displayed revision; only the rest of a record, which the core does not know, can be too long.
pub(super) fn unrecorded() -> StatusLine {
    let text = "the displayed content no longer fits into one comment: split this pull request";
    StatusLine { state: CommitState::Failure, text: text.to_owned() }
}

/// The status before everything else, and the one after everything else: a success comes last. If the comment changes,
/// its record checksum is set before it is written.
pub(super) fn plan(
    input: &PlanInput<'_>,
    wanted: &StatusLine,
    comment: &CommentPlan,
) -> (Option<Action>, Option<Action>) {
    let before = count(input.facts);
    let set = status(input, wanted, &comment.checksum, before);
    if !set.as_ref().is_some_and(Action::is_success) {
        return (set, None);
    }
    let own = own_fingerprint(input.facts);
    if comment.action.is_none() || own.is_some_and(|own| own.checksums.contains(&comment.checksum)) {
        return (None, set);
    }
    let text = "all that is needed is there; it is being written down".to_owned();
    let waiting = StatusLine { state: CommitState::Pending, text };
    let first = status(input, &waiting, &comment.checksum, before);
    let after = before.saturating_add(u32::from(first.is_some()));
    (first, status(input, wanted, &comment.checksum, after))
}

/// How many statuses the head has had from us.
fn count(facts: &PullFacts) -> u32 {
    own_fingerprint(facts).map_or(0, |own| own.count)
}

/// The status, unless it is there already; `before` is how many of ours there will be before it.
fn status(input: &PlanInput<'_>, line: &StatusLine, checksum: &str, before: u32) -> Option<Action> {
    let facts = input.facts;
    let own = own_fingerprint(facts);
    let success = line.state == CommitState::Success;
    let fingerprint = |count| Fingerprint {
        inputs: inputs(input),
        members: members(input.teams),
        locked_by: holders(input),
        rests_on_people: success && input.rests_on_people,
        until: input.until,
        count,
        checksums: Fingerprint::checksums_with(own.as_ref(), checksum),
    };
    let new = NewStatus {
        sha: facts.outline.head.clone(),
        context: context(&facts.outline.base),
        state: line.state,
        text: line.text.clone(),
        target: fingerprint(before.saturating_add(1)).address(&facts.url),
    };
    let same = facts
        .outline
        .own_status(&facts.viewer)
        .is_some_and(|status| new.reads_like(status, &facts.viewer) && own == Some(fingerprint(count(facts))));
    (!same).then_some(Action::SetStatus(new))
}

/// The digits of everything that can be seen of the pull requests that propose the commit.
fn inputs(input: &PlanInput<'_>) -> String {
    let all = input.siblings.iter().map(|(facts, _)| facts).chain([input.facts]);
    let inputs = all.map(|facts| {
        let outline = &facts.outline;
        let (draft, author) = (outline.draft, outline.author.as_ref());
        let seen = PullInputs { base: input.base, head: &outline.head, draft, author, reviews: &facts.reviews };
        (facts.number(), seen.digits())
    });
    shared(inputs.collect())
}

fn reports<'i>(input: &'i PlanInput<'_>) -> impl Iterator<Item = &'i Report> {
    input.siblings.iter().map(|(_, report)| report).chain(input.report())
}

/// The pull requests that hold a flag of the commit.
fn holders(input: &PlanInput<'_>) -> BTreeSet<u64> {
    let flags = reports(input).flat_map(|report| &report.flags);
    let locked = flags.filter(|flag| flag.verdict == Verdict::Locked);
    locked.filter_map(|flag| flag.locked_by.as_ref()).map(|holder| holder.pull).collect()
}

/// Takes a success back on a commit that is no longer proposed for a base, or it would hold for whoever proposes the
/// commit again. It is taken back, whoever set it under our name, unless an open pull request proposes that commit for
/// that base.
#[must_use]
pub fn retire(facts: &PullFacts, base: &str, sha: &str, statuses: &[Status], why: &str) -> Option<Action> {
    let still = facts.open.iter().any(|other| other.head == sha && other.base == base);
    let context = context(base);
    let status = statuses.iter().find(|status| status.context == context)?;
    if still || !CommitState::Success.is_of(status) {
        return None;
    }
    let line = StatusLine { state: CommitState::Pending, text: why.to_owned() };
    Some(Action::SetStatus(without_verdict(facts, base, sha, Some(status), &line)))
}

/// A status that stands for no verdict, in the place of another.
#[must_use]
pub fn without_verdict(
    facts: &PullFacts,
    base: &str,
    sha: &str,
    before: Option<&Status>,
    line: &StatusLine,
) -> NewStatus {
    let before = before.filter(|status| status.is_ours(&facts.viewer));
    let fingerprint = before.and_then(|status| Fingerprint::of(&status.target));
    NewStatus {
        sha: sha.to_owned(),
        context: context(base),
        state: line.state,
        text: render::status_line(&line.text),
        target: Fingerprint::without_verdict(fingerprint.as_ref()).address(&facts.url),
    }
}
