//! The comment that people see of a pull request's review: the Markdown of the report, with what the report cannot know.
//!
//! In: a [`Report`] or the diagnostics of a policy that does not hold, and an [`About`]. Out: Markdown of at most
//! [`ROOM`](super::ROOM) characters that mentions nobody, since a comment is edited often. What hides in the comment
//! (markers, the approval record) is added by whoever posts it. It refuses nothing: what does not fit says so.

use super::{Look, markdown};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::escape as safe;
use crate::report::Report;

/// What the comment says and the report does not know. The default knows nothing.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Login of who opened the pull request, as it is not one of the approvers'.
    pub requestor: Option<String>,
    /// Whether it is a draft, so that nobody is asked.
    pub draft: bool,
    /// The branch it would be merged into, if the report names a commit instead.
    pub base: Option<String>,
    /// The commit that was judged, in full, if the report names another (such as a merge that was made for it).
    pub head: Option<String>,
    /// Where the whole report is: an artifact or the run that made it. Shown if it is a plain `https://` or `http://` address.
    pub url: Option<String>,
    /// When this was found out, RFC 3339. Give it only with something else that changed: each other time is an edit.
    pub at: Option<String>,
    /// The overrides that were given, also those that no longer count.
    pub overrides: Vec<Override>,
}

/// An approval that admins gave in place of those who should have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Override {
    /// The digest it is for, or its first digits, eight or more.
    pub digest: String,
    /// Logins of the admins.
    pub by: Vec<String>,
    /// Why, in their words.
    pub reason: String,
}

/// What is visible of the sticky comment.
#[must_use]
pub fn comment(report: &Report, about: &About) -> String {
    markdown::document(report, &Look::default(), about)
}

/// The same where nothing can be judged, since the base policy does not hold.
#[must_use]
pub fn lawless(diagnostics: &[Diagnostic], about: &About) -> String {
    markdown::lawless(diagnostics, about)
}

/// Whether a comment would tell anyone anything. A pull request that had none needs none then; one that has a comment
/// has to be told that it is over.
#[must_use]
pub fn quiet(report: &Report) -> bool {
    report.flags.is_empty() && !report.policy.changed && report.diagnostics.is_empty()
}

/// A link, if the address is one that can hide nothing.
pub(super) fn link(words: &str, url: &str) -> Option<String> {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '/' | '.' | '-' | '_' | '?' | '=' | '&' | '#' | '%');
    let web = url.starts_with("https://") || url.starts_with("http://");
    (web && url.len() <= 500 && url.chars().all(plain)).then(|| format!("[{words}]({url})"))
}

/// A time as people read it: `2026-11-23 12:00 UTC`.
pub(super) fn time(at: &str) -> String {
    match (at.get(..10), at.get(11..16), at.ends_with('Z')) {
        (Some(day), Some(minute), true) => safe::code(&format!("{day} {minute} UTC")),
        _ => safe::code(&safe::cut(at, 40)),
    }
}
