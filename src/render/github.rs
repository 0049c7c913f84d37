//! Annotations: workflow commands in a log, which GitHub shows on the lines of a pull request.
//!
//! Escaped as the toolkit does (actions/toolkit, `packages/core/src/command.ts`, `escapeData` and `escapeProperty`).

use super::view::findings::{self, FindingSeverity, ReportFinding};
use super::{Look, safe, view};
use crate::diagnostics::Diagnostic;
use crate::report::Report;

pub(super) fn review(report: &Report, look: &Look) -> String {
    let mut out = findings::of_report(report, look).iter().map(command).collect::<String>();
    if !look.changes_only {
        let level = match () {
            () if report.diagnostics.iter().any(Diagnostic::is_error) => "error",
            () if report.verdict.blocks() => "warning",
            () => "notice",
        };
        out.push_str(&format!("::{level} title=countersign::{}\n", data(&view::headline(report))));
    }
    out
}

pub(super) fn diagnostics(diagnostics: &[Diagnostic], _: &Look) -> String {
    findings::of_diagnostics(diagnostics).iter().map(command).collect()
}

/// Annotations as data, for a forge that keeps them by themselves: path, line, level and text, the most severe first.
/// The progress of approvals is left out, because it changes while the annotations do not.
#[must_use]
pub fn lines(report: &Report) -> Vec<(String, u32, &'static str, String)> {
    let of = |finding: &ReportFinding<'_>| {
        let level = match finding.severity {
            FindingSeverity::Error => "failure",
            FindingSeverity::Warning => "warning",
            FindingSeverity::Note => "notice",
        };
        (finding.path.to_owned(), finding.place.line, level, finding.message.clone())
    };
    findings::of_report(report, &Look::default()).iter().map(of).collect()
}

fn command(finding: &ReportFinding<'_>) -> String {
    let level = match finding.severity {
        FindingSeverity::Error => "error",
        FindingSeverity::Warning => "warning",
        FindingSeverity::Note => "notice",
    };
    let place = finding.place;
    let end = match place.width {
        0 | 1 => String::new(),
        width => format!(",endColumn={}", place.column.saturating_add(width)),
    };
    format!(
        "::{level} file={},line={},col={}{end},title={}::{}\n",
        property(finding.path),
        place.line,
        place.column,
        property(finding.rule),
        data(&finding.text()),
    )
}

fn data(text: &str) -> String {
    safe::visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
