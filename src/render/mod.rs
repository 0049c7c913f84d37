//! Outputs: reports, audits, verifications and lists written down, one row an output and one file or folder a writer.
//!
//! In: a [`Report`](crate::report::Report), a list of diagnostics, an audit, a verification, rows of rules; and a
//! [`Look`]. Out: text that ends in a newline. A view computes what is shown, once for all outputs (`view` that of a
//! report); the outputs write it. They decide nothing, ask nobody, and let nothing untrusted act on a terminal, a log
//! or a page (see [`escape`](crate::diagnostics::escape)). Not taken: templates, and a Markdown library, because the
//! whole job is that some content is never cut and none becomes a link.

mod approvers;
mod audit;
mod comment;
pub mod diagnosis;
mod draw;
mod explained;
pub mod formats;
mod github;
mod html;
mod json;
mod locks;
mod markdown;
mod notice;
mod outputs;
mod page;
pub mod phrases;
pub mod receipt_audit;
pub mod receipts_made;
pub mod rules;
mod sarif;
mod simulation;
pub mod stale;
mod status;
mod text;
mod tone;
mod values;
pub mod verification;
mod view;
pub mod wrap;

pub use crate::diagnostics::escape::prose as sentence;
pub use crate::diagnostics::escape::visible as plain;
pub use audit::{AuditView, range_words};
pub use comment::{About, comment, invalid_policy_comment, quiet};
pub use github::lines;
pub use json::{DiagnosticList, written as json};
pub use markdown::comment_size::{NEVER_CUT, RECORD, ROOM};
pub use notice::{Notice, NoticeCause, notice, notice_gist};
pub use outputs::{OUTPUTS, Output, by_id, diagnostics, review};
pub use page::Prose;
pub use phrases::{NO_FLAG, locked_by};
pub use status::{invalid_policy_status, status_line, status_text};
pub use tone::Tone;
pub use view::findings::{FindingSeverity, ReportFinding};
pub use view::{headline, in_order, pending_reviewers, sentence as change_sentence};

use crate::diagnostics::escape as safe;

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
