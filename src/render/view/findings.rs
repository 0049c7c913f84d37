//! Findings: a report as a list of messages, each at its line, for annotations and code scanning.

use super::super::Look;
use super::super::phrases::{self, Phrase};
use super::requirements::rejecters;
use super::{DiagnosticView, change, impact, in_order};
use crate::changes::rules;
use crate::diagnostics::escape as safe;
use crate::diagnostics::{Diagnostic, Level, Place, lints};
use crate::report::{Change, FlagReport, Overridden, Report, Requirement, Verdict};

/// Severity of a finding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum FindingSeverity {
    Error,
    Warning,
    Note,
}

/// The rule id of a policy change, which has no row among the rules because it is about no field.
pub(in crate::render) const POLICY: &str = "policy";

/// A message at one place; both texts are visible text of one line.
pub struct ReportFinding<'r> {
    pub severity: FindingSeverity,
    /// A rule, a lint or `POLICY`.
    pub rule: &'static str,
    pub path: &'r str,
    pub place: Place,
    pub message: String,
    /// The identity among the findings of its rule in its file: the same after an edit elsewhere in the file.
    pub identity: String,
    /// The pending reviewers, to be added to the message; they change while the message does not.
    pub progress: String,
}

impl ReportFinding<'_> {
    pub fn text(&self) -> String {
        format!("{}{}", self.message, self.progress)
    }
}

/// The purpose of a rule or lint, in one sentence.
pub(in crate::render) fn about(id: &str) -> &'static str {
    let lint = || lints::LINTS.iter().find(|lint| lint.id.as_str() == id).map(|lint| lint.about);
    match rules::by_id(id) {
        Some(rule) => rule.why,
        None if id == POLICY => "it decides who may approve what",
        None => lint().unwrap_or(""),
    }
}

/// Errors first, then warnings, then notes, because GitHub shows ten annotations of a kind and step.
pub(in crate::render) fn of_report<'r>(report: &'r Report, look: &Look) -> Vec<ReportFinding<'r>> {
    let mut found = of_diagnostics(&report.diagnostics);
    for flag in in_order(report) {
        let gated = flag.changes.iter().filter(|change| change::gated(change));
        found.extend(gated.map(|change| of_change(change, flag, look)));
    }
    let policy = &report.policy;
    for path in policy.paths.iter().filter(|_| policy.changed && !look.changes_only) {
        let progress = progress(policy.verdict, &policy.requirements, policy.overridden.as_ref());
        found.push(ReportFinding {
            severity: severity(policy.verdict),
            rule: POLICY,
            path,
            place: Place::START,
            message: "the policy changes".to_owned(),
            identity: String::new(),
            progress: Phrase::new(": ").then(progress).plain(),
        });
    }
    found.sort_by_key(|finding| finding.severity);
    found
}

pub(in crate::render) fn of_diagnostics(diagnostics: &[Diagnostic]) -> Vec<ReportFinding<'_>> {
    let mut found: Vec<ReportFinding<'_>> =
        DiagnosticView::all(diagnostics, &[]).into_iter().map(|view| of_diagnostic(view.diagnostic)).collect();
    found.sort_by_key(|finding| finding.severity);
    found
}

fn of_diagnostic(diagnostic: &Diagnostic) -> ReportFinding<'_> {
    let (message, remedy) = (safe::visible(&diagnostic.message), safe::visible(&diagnostic.remedy));
    ReportFinding {
        severity: match diagnostic.level {
            Level::Error => FindingSeverity::Error,
            Level::Warning => FindingSeverity::Warning,
        },
        rule: diagnostic.id.as_str(),
        path: &diagnostic.path,
        place: diagnostic.place,
        identity: diagnostic
            .excerpt
            .as_deref()
            .map_or_else(|| diagnostic.message.clone(), |line| line.trim().to_owned()),
        message: if remedy.is_empty() { message } else { format!("{message}; {remedy}") },
        progress: String::new(),
    }
}

fn of_change<'r>(change: &'r Change, flag: &FlagReport, look: &Look) -> ReportFinding<'r> {
    let mut message = Phrase::new(format!("{} ", flag.noun())).name(&flag.id().to_string()).ours(": ");
    message = message.then(change::sentence(change, flag));
    if let Some(impact) = impact::shown(flag) {
        message = message.ours("; in all: ").then(impact::sentence(impact));
    }
    let judged = !look.changes_only;
    let mut progress = Phrase::default();
    if judged && flag.verdict != Verdict::NotRequired {
        progress = Phrase::new("; ").then(match &flag.locked_by {
            Some(holder) => phrases::lock(holder),
            None => self::progress(flag.verdict, &flag.requirements, flag.overridden.as_ref()),
        });
    }
    ReportFinding {
        severity: if judged { severity(flag.verdict) } else { FindingSeverity::Note },
        rule: change.rule.map_or(change.class.word(), crate::changes::RuleId::as_str),
        path: &change.path,
        place: Place { line: change.line.max(1), column: change.column.max(1), width: 0 },
        message: message.plain(),
        identity: format!("{}\n{}\n{}", flag.id(), change.field, change.item.as_deref().unwrap_or_default()),
        progress: progress.plain(),
    }
}

fn severity(verdict: Verdict) -> FindingSeverity {
    if verdict.blocks() { FindingSeverity::Warning } else { FindingSeverity::Note }
}

/// "waits for 1 approval of @acme/payments".
fn progress(verdict: Verdict, requirements: &[Requirement], overridden: Option<&Overridden>) -> Phrase {
    match verdict {
        Verdict::NotRequired => Phrase::new(phrases::NO_APPROVAL),
        Verdict::Approved => match overridden {
            Some(overridden) => phrases::overridden(overridden, usize::MAX),
            None => Phrase::new("approved"),
        },
        Verdict::Locked => Phrase::new("locked by another pull request"),
        Verdict::Invalid => Phrase::new("invalid until the errors are fixed"),
        Verdict::Rejected => Phrase::new("rejected by ").values(&rejecters(requirements), " and "),
        Verdict::Pending => {
            let missing = requirements.iter().filter(|requirement| requirement.missing() > 0);
            let mut phrase = Phrase::new("waits for ");
            for (index, requirement) in missing.enumerate() {
                phrase = phrase.ours(if index > 0 { ", and for " } else { "" });
                phrase = phrase.then(phrases::approvals(requirement, requirement.missing()));
            }
            if phrase.0.len() == 1 { phrase.ours("approval") } else { phrase }
        }
    }
}
