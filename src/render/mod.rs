//! Outputs: a report written down, one row an output and one file or folder an output.
//!
//! In: a [`Report`] or a list of [`Diagnostic`]s, and a [`Look`]. Out: text that ends in a newline. `view` computes what is
//! shown, once for all outputs; the outputs write it. They decide nothing, ask nobody, and let nothing untrusted act on a
//! terminal, a log or a page (see [`escape`](crate::diagnostics::escape)). Not taken: templates, and a Markdown library,
//! because the whole job is that some content is never cut and none becomes a link.

mod comment;
mod draw;
mod github;
mod html;
mod json;
mod markdown;
mod notice;
mod page;
pub mod phrases;
pub mod sarif;
pub mod stale;
mod status;
mod text;
mod tone;
mod values;
mod view;
pub mod wrap;

pub use crate::diagnostics::escape::prose as sentence;
pub use crate::diagnostics::escape::visible as plain;
pub use comment::{About, comment, invalid_policy_comment, quiet};
pub use github::lines;
pub use html::timeline::{Timeline, TimelineNotes, TimelineWords, timelines};
pub use json::{DiagnosticList, written as json};
pub use markdown::comment_size::{NEVER_CUT, RECORD, ROOM};
pub use notice::{Notice, NoticeCause, notice, notice_gist};
pub use phrases::NO_FLAG;
pub use status::{invalid_policy_status, status_line, status_text};
pub use tone::Tone;
pub use view::findings::{FindingSeverity, ReportFinding};
pub use view::{headline, in_order, pending_reviewers, sentence as change_sentence};

use crate::diagnostics::Diagnostic;
use crate::diagnostics::escape as safe;
use crate::report::Report;

/// An output.
pub struct Output {
    pub id: &'static str,
    /// Its readers, in a few words.
    pub about: &'static str,
    pub review: fn(&Report, &Look) -> String,
    pub diagnostics: fn(&[Diagnostic], &Look) -> String,
}

/// Every output. **A new output is one row here and one file.**
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
        about: "one file for a browser, with pictures of the impact",
        review: html::review,
        diagnostics: html::diagnostics,
    },
];

/// The output with this id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Output> {
    OUTPUTS.iter().find(|output| output.id == id)
}

/// Look of an output. Only `text` has a width, colours and drawings of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "switches of the command line, each on its own")]
pub struct Look {
    /// Columns.
    pub width: usize,
    pub color: bool,
    /// No Unicode drawing: `#` for bars, `->` for arrows.
    pub ascii: bool,
    /// Only the changes: neither verdicts nor requirements.
    pub changes_only: bool,
    /// Unfold routine changes and those without effect.
    pub all: bool,
}

impl Default for Look {
    fn default() -> Self {
        Look { width: 100, color: false, ascii: false, changes_only: false, all: false }
    }
}
