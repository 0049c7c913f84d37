//! The sticky comment: the report for people, and the approval record in its last line.

use super::{Action, PlanInput, notifications};
use crate::github::facts::PullFacts;
use crate::github::fingerprint::Fingerprint;
use crate::github::record::{ApprovalRecord, FIRST_LINE};
use crate::render::{self, About};

/// The planned comment.
pub struct CommentPlan {
    /// None if the comment is there as it has to be, or none is needed.
    pub action: Option<Action>,
    /// Whether the record fits into it: a revision that can't be recorded was never displayed.
    pub fits: bool,
    /// The checksum of its record; empty if no comment is needed.
    pub checksum: String,
}

/// Plans the comment with this record.
pub(super) fn plan(input: &PlanInput<'_>, mut record: ApprovalRecord) -> CommentPlan {
    let facts = input.facts;
    let existing = facts.sticky.as_ref();
    record.checksum_on = Some(facts.outline.head.clone());
    // Each run has a report at another address, which alone is no reason to edit the comment.
    let current = existing.filter(|comment| comment.is_current(&visible(input, record.url.as_ref()), &record));
    if current.is_none() {
        record.url.clone_from(&input.url);
        record.notified.extend(notifications::given(input));
        record.follows = existing.and_then(|comment| comment.edits.first()).map(|edit| edit.id.clone());
    }
    let visible = visible(input, record.url.as_ref());
    let whole = current.map(|comment| comment.body.clone()).or_else(|| record.sign(&visible));
    let fits = whole.is_some();
    let body = whole.or_else(|| record.without_displays().sign(&visible));
    let body = body.unwrap_or_else(|| format!("{FIRST_LINE}\n{visible}"));
    if input.is_quiet() && existing.is_none() {
        return CommentPlan { action: None, fits, checksum: String::new() };
    }
    let checksum = checksum(input, &body);
    let same = existing.is_some_and(|comment| comment.untouched && comment.body.trim_end() == body.trim_end());
    let action = (!same).then(|| Action::UpdateComment { id: existing.map(|comment| comment.id), body });
    CommentPlan { action, fits, checksum }
}

/// The visible part of the comment.
fn visible(input: &PlanInput<'_>, url: Option<&String>) -> String {
    match input.outcome {
        Ok(report) => render::comment(report, &about(input.facts, url)),
        Err(diagnostics) => render::invalid_policy_comment(diagnostics, &about(input.facts, url)),
    }
}

/// The checksum of the record in the comment. One that was made before the comment had a number is kept while the
/// record says nothing more.
fn checksum(input: &PlanInput<'_>, body: &str) -> String {
    let number = input.facts.number();
    let id = input.facts.sticky.as_ref().map_or(0, |comment| comment.id);
    let unnumbered = ApprovalRecord::checksum(body, number, 0);
    let numbered = ApprovalRecord::checksum(body, number, id);
    let own = own_fingerprint(input.facts);
    let bears = |checksum: &String| own.as_ref().is_some_and(|own| own.checksums.contains(checksum));
    if bears(&unnumbered) && !bears(&numbered) { unnumbered } else { numbered }
}

/// The fingerprint in our status on the head.
pub(super) fn own_fingerprint(facts: &PullFacts) -> Option<Fingerprint> {
    facts.outline.own_status(&facts.viewer).and_then(|status| Fingerprint::of(&status.target))
}

/// The facts of the pull request that the report does not have.
pub(super) fn about(facts: &PullFacts, url: Option<&String>) -> About {
    About {
        requestor: Some(facts.requestor().to_owned()),
        draft: facts.outline.draft,
        base: Some(facts.outline.base.clone()),
        head: Some(facts.outline.head.clone()),
        url: url.cloned(),
        ..About::default()
    }
}
