//! A report, written down: one row an output, one file an output.
//!
//! In: a [`Report`] or a list of [`Diagnostic`]s, and a [`Look`]. Out: text that ends in a newline. It decides nothing
//! and asks nobody; it refuses to let anything untrusted act on a terminal, a log or a page (see `safe`). Not taken:
//! templates, and a Markdown library: what must never be cut and what must never be a link is the whole job.

mod bounds;
mod comment;
mod draw;
mod excerpt;
mod findings;
mod github;
mod html;
mod json;
mod logic;
mod markdown;
mod moves;
mod notice;
mod page;
mod people;
mod phrase;
mod sarif;
mod standing;
mod status;
mod text;
mod values;
mod view;
pub mod words;

pub use crate::diagnostics::escape::prose as sentence;
pub use crate::diagnostics::escape::visible as plain;
pub use bounds::{RECORD, ROOM};
pub use comment::{About, Override, comment, lawless, quiet};
pub use github::lines;
pub use json::{Found, written as json};
pub use notice::{Notice, Said, notice};
pub use standing::awaited;
pub use status::{invalid_policy_status, status_line, status_text};

use crate::diagnostics::escape as safe;
use crate::diagnostics::{Diagnostic, Place, lints};
use crate::report::{Report, Verdict};

/// A way to write a report down.
pub struct Output {
    pub id: &'static str,
    /// Who it is for, in a few words.
    pub about: &'static str,
    pub review: fn(&Report, &Look) -> String,
    pub diagnostics: fn(&[Diagnostic], &Look) -> String,
}

/// Every output. **A new one is one row here and one file.**
pub static OUTPUTS: &[Output] = &[
    Output { id: "text", about: "for people, in a terminal", review: text::review, diagnostics: text::diagnostics },
    Output {
        id: "json",
        about: "for programs; the schema is versioned",
        review: json::review,
        diagnostics: json::diagnostics,
    },
    Output {
        id: "markdown",
        about: "for a pull-request comment or a job summary",
        review: markdown::review,
        diagnostics: markdown::diagnostics,
    },
    Output {
        id: "sarif",
        about: "SARIF 2.1.0, for code scanning",
        review: sarif::review,
        diagnostics: sarif::diagnostics,
    },
    Output {
        id: "github",
        about: "workflow commands that annotate the lines of a pull request",
        review: github::review,
        diagnostics: github::diagnostics,
    },
    Output {
        id: "html",
        about: "one file for a browser, with pictures of whom it moves",
        review: html::review,
        diagnostics: html::diagnostics,
    },
];

/// The output with this id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Output> {
    OUTPUTS.iter().find(|output| output.id == id)
}

/// How it should look. Only `text` has a width, colours and drawings of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "switches of the command line, each on its own")]
pub struct Look {
    /// Columns.
    pub width: usize,
    pub color: bool,
    /// No Unicode drawing: `#` for bars, `->` for arrows.
    pub ascii: bool,
    /// Only what would change: neither verdicts nor requirements.
    pub changes_only: bool,
    /// Unfold routine changes and those without effect.
    pub all: bool,
}

impl Default for Look {
    fn default() -> Self {
        Look { width: 100, color: false, ascii: false, changes_only: false, all: false }
    }
}

/// Whether everything that needs approval fits into one comment. If it does not, nobody could read what they
/// approve, and the answer is to split the pull request.
#[must_use]
pub fn fits(report: &Report) -> bool {
    markdown::fits(report)
}

/// The report, made `invalid` if what needs approval is more than one comment can show: the same answer everywhere,
/// whichever output is asked for.
#[must_use]
pub fn within_a_comment(mut report: Report) -> Report {
    if !fits(&report) {
        report.verdict = Verdict::Invalid;
        let message = "more needs approval than one comment can show, so nobody could read what they approve";
        let diagnostic = Diagnostic::new(lints::TOO_MUCH, "", Place::START, message, "split this pull request");
        report.diagnostics.push(diagnostic);
    }
    report
}
