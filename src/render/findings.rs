//! A report as findings, each at its line: what annotations and code scanning are made of.

use super::Look;
use super::moves;
use super::words::{self, Phrase};
use crate::changes::{RuleId, rules};
use crate::diagnostics::escape as safe;
use crate::diagnostics::{Diagnostic, Place, lints};
use crate::report::{Change, FlagReport, Report, Verdict};

/// How much a finding weighs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Weight {
    Error,
    Warning,
    Note,
}

/// The id under which a change of the policy is found; it has no row among the rules, for it is about no field.
pub(super) const POLICY: &str = "policy";

/// Something to see at one place. Both texts are visible text of one line.
pub(super) struct Finding<'r> {
    pub weight: Weight,
    /// A rule, a lint or [`POLICY`].
    pub rule: &'static str,
    pub path: &'r str,
    pub place: Place,
    pub message: String,
    /// Where it stands, which goes on after the message: it holds for now.
    pub stand: String,
}

impl Finding<'_> {
    pub fn whole(&self) -> String {
        format!("{}{}", self.message, self.stand)
    }
}

/// What a rule or lint is for, in one sentence.
pub(super) fn about(id: &str) -> &'static str {
    let lint = || lints::LINTS.iter().find(|lint| lint.id.as_str() == id).map(|lint| lint.about);
    match rules::by_id(id) {
        Some(rule) => rule.why,
        None if id == POLICY => "it decides who may approve what",
        None => lint().unwrap_or(""),
    }
}

/// Errors first, then warnings, then notes: GitHub shows ten annotations of a kind and step.
pub(super) fn of_report<'r>(report: &'r Report, look: &Look) -> Vec<Finding<'r>> {
    let mut found = of_diagnostics(&report.diagnostics);
    for flag in words::in_order(report) {
        for change in flag.changes.iter().filter(|change| words::gated(change)) {
            found.push(of_change(change, flag, look));
        }
    }
    let policy = &report.policy;
    for path in policy.paths.iter().filter(|_| policy.changed && !look.changes_only) {
        let (message, stand) = ("the policy changes".to_owned(), ask(policy.verdict, &policy.requirements));
        let stand = Phrase::new(": ").then(stand).plain();
        found.push(Finding { weight: weight(policy.verdict), rule: POLICY, path, place: Place::START, message, stand });
    }
    found.sort_by_key(|finding| finding.weight);
    found
}

pub(super) fn of_diagnostics(diagnostics: &[Diagnostic]) -> Vec<Finding<'_>> {
    let one = |diagnostic: &'_ Diagnostic| {
        let message = safe::visible(&diagnostic.message);
        let remedy = safe::visible(&diagnostic.remedy);
        (message, remedy)
    };
    let mut found: Vec<Finding<'_>> = diagnostics
        .iter()
        .map(|diagnostic| {
            let (message, remedy) = one(diagnostic);
            Finding {
                weight: match diagnostic.level {
                    crate::diagnostics::Level::Error => Weight::Error,
                    crate::diagnostics::Level::Warning => Weight::Warning,
                },
                rule: diagnostic.id.as_str(),
                path: &diagnostic.path,
                place: diagnostic.place,
                message: if remedy.is_empty() { message } else { format!("{message}; {remedy}") },
                stand: String::new(),
            }
        })
        .collect();
    found.sort_by_key(|finding| finding.weight);
    found
}

fn of_change<'r>(change: &'r Change, flag: &FlagReport, look: &Look) -> Finding<'r> {
    let name = format!("{}/{}", flag.project, flag.key);
    let mut message = Phrase::new(format!("{} ", flag.kind.word())).name(&name).ours(": ");
    message = message.then(words::sentence(change, &flag.variants));
    if let Some(effect) = moves::shown(flag) {
        message = message.ours("; in all: ").then(moves::sentence(effect));
    }
    let mut stand = Phrase::default();
    let mut weight = weight(flag.verdict);
    if look.changes_only {
        weight = Weight::Note;
    } else if flag.verdict != Verdict::NotRequired {
        stand = Phrase::new("; ").then(match &flag.locked_by {
            Some(holder) => words::lock(holder),
            None => ask(flag.verdict, &flag.requirements),
        });
    }
    let place = Place { line: change.line.max(1), column: change.column.max(1), width: 0 };
    Finding {
        weight,
        rule: change.rule.map_or(change.class.word(), RuleId::as_str),
        path: &change.path,
        place,
        message: message.plain(),
        stand: stand.plain(),
    }
}

fn weight(verdict: Verdict) -> Weight {
    match verdict {
        Verdict::NotRequired | Verdict::Approved => Weight::Note,
        Verdict::Pending | Verdict::Locked | Verdict::Rejected | Verdict::Invalid => Weight::Warning,
    }
}

/// Where it stands: "waits for 1 approval of @acme/payments".
fn ask(verdict: Verdict, requirements: &[crate::report::Requirement]) -> Phrase {
    match verdict {
        Verdict::NotRequired => Phrase::new("needs no approval"),
        Verdict::Approved => Phrase::new("approved"),
        Verdict::Locked => Phrase::new("locked by another pull request"),
        Verdict::Invalid => Phrase::new("cannot be judged until the errors are fixed"),
        Verdict::Rejected => {
            let people = requirements.iter().flat_map(|requirement| &requirement.rejected_by);
            Phrase::new("rejected by ").values(people.map(String::as_str), " and ")
        }
        Verdict::Pending => {
            let open = requirements.iter().filter(|requirement| requirement.missing() > 0);
            let mut phrase = Phrase::new("waits for ");
            for (index, requirement) in open.enumerate() {
                phrase = phrase.ours(if index > 0 { ", and for " } else { "" });
                phrase = phrase.then(words::asked(requirement, requirement.missing()));
            }
            if phrase.0.len() == 1 { phrase.ours("approval") } else { phrase }
        }
    }
}
