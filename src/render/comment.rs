//! Sticky comment of a pull request's review: the Markdown of the report, with facts that the report does not have.
//!
//! In: a [`Report`] or the diagnostics of an invalid policy, and an [`About`]. Out: Markdown of at most
//! [`ROOM`](super::ROOM) characters that mentions nobody, because a comment is edited often. Its caller adds the hidden
//! parts (markers, the approval record). It refuses nothing; a sentence says what does not fit.

use super::{Look, markdown};
use crate::diagnostics::Diagnostic;
use crate::report::Report;

/// Facts about a pull request that the report does not have. The default has none.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Login of who opened the pull request, who is none of the approvers.
    pub requestor: Option<String>,
    /// Whether it is a draft, so that nobody is asked to review.
    pub draft: bool,
    /// The branch it would be merged into, if the report names a commit instead.
    pub base: Option<String>,
    /// The reviewed commit, in full, if the report names another (such as a merge that was made for it).
    pub head: Option<String>,
    /// Address of the whole report: an artifact or the run that made it. Shown if it is a plain `https://` or `http://`
    /// address.
    pub url: Option<String>,
    /// The time of the review, RFC 3339. Give it only with other changes of the comment, or each run is an edit.
    pub at: Option<String>,
}

/// The visible part of the sticky comment.
#[must_use]
pub fn comment(report: &Report, about: &About) -> String {
    markdown::document(report, &Look::default(), about)
}

/// The visible part of the sticky comment where the base policy is invalid.
#[must_use]
pub fn invalid_policy_comment(diagnostics: &[Diagnostic], about: &About) -> String {
    markdown::invalid_policy(diagnostics, about)
}

/// Whether a pull request needs no comment. One that has a comment already needs it updated all the same.
#[must_use]
pub fn quiet(report: &Report) -> bool {
    report.flags.is_empty() && !report.policy.changed && report.diagnostics.is_empty()
}
