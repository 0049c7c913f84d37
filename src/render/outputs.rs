//! The table of outputs: their ids, their readers, and what each can write.
//!
//! In: data of the core, or a view that was made of it. Out: text that ends in a newline. The values of `--format` and
//! `--output` are read from here, so a command offers what it can write and nothing else. Not taken: a list of names in
//! each command.

use super::audit::{self, AuditView};
use super::receipt_audit::{self, ReceiptAuditView, csv, timeline};
use super::rules::{self, RulesView};
use super::verification::{self, junit, results};
use super::{Look, approvers, diagnosis, explained, github, html, json, locks, markdown, sarif, simulation, text};
use crate::diagnostics::Diagnostic;
use crate::receipt::verification::Verification;
use crate::report::Report;
use crate::report::approvers::ListedApprovers;
use crate::report::doctor::Diagnosis;
use crate::report::explained::Explained;
use crate::report::locks::Locks;
use crate::review::simulation::Simulation;

/// An output, with a column for everything that may be written; none where this output does not have it.
pub struct Output {
    pub id: &'static str,
    /// Its readers, in a few words.
    pub about: &'static str,
    /// Whether its lines may begin with words of others, which a runner of workflows would take for commands.
    pub guarded: bool,
    /// Whether every command that answers with data of its own has it, such as `approvers`.
    pub of_answers: bool,
    /// Whether plans for Amplitude have it; those are written where Amplitude is known.
    pub of_plans: bool,
    pub review: Option<fn(&Report, &Look) -> String>,
    pub diagnostics: Option<fn(&[Diagnostic], &Look) -> String>,
    pub audit: Option<fn(&AuditView<'_>, &Look) -> String>,
    pub receipt_audit: Option<fn(&ReceiptAuditView<'_>, &Look) -> String>,
    pub verification: Option<fn(&Verification, &Look) -> String>,
    pub rules: Option<fn(&RulesView<'_>, &Look) -> String>,
    pub approvers: Option<fn(&ListedApprovers, &Look) -> String>,
    pub explained: Option<fn(&Explained, &Look) -> String>,
    pub locks: Option<fn(&Locks, &Look) -> String>,
    pub diagnosis: Option<fn(&Diagnosis, &Look) -> String>,
    pub simulation: Option<fn(&Simulation, &Look) -> String>,
}

/// A row without any writer.
const NOTHING: Output = Output {
    id: "",
    about: "",
    guarded: false,
    of_answers: false,
    of_plans: false,
    review: None,
    diagnostics: None,
    audit: None,
    receipt_audit: None,
    verification: None,
    rules: None,
    approvers: None,
    explained: None,
    locks: None,
    diagnosis: None,
    simulation: None,
};

/// Every output. **A new output is one row here and one file.**
pub static OUTPUTS: &[Output] = &[
    Output {
        id: "text",
        about: "for people, in a terminal",
        guarded: true,
        of_answers: true,
        of_plans: true,
        review: Some(text::review),
        diagnostics: Some(text::diagnostics),
        audit: Some(audit::text),
        receipt_audit: Some(receipt_audit::text),
        verification: Some(verification::text),
        rules: Some(rules::text),
        approvers: Some(approvers::text),
        explained: Some(explained::text),
        locks: Some(locks::text),
        diagnosis: Some(diagnosis::text),
        simulation: Some(simulation::text),
    },
    Output {
        id: "json",
        about: "for programs; the schema is versioned",
        of_answers: true,
        of_plans: true,
        review: Some(json::review),
        diagnostics: Some(json::diagnostics),
        audit: Some(|view, _| json::written(view.audit)),
        receipt_audit: Some(|view, _| json::written(view.audit)),
        verification: Some(|verification, _| json::written(verification)),
        rules: Some(|view, _| json::written(&view.listed())),
        approvers: Some(|listed, _| json::written(listed)),
        explained: Some(|explained, _| json::written(explained)),
        locks: Some(|locks, _| json::written(locks)),
        diagnosis: Some(|diagnosis, _| json::written(diagnosis)),
        simulation: Some(|simulation, _| json::written(simulation)),
        ..NOTHING
    },
    Output {
        id: "markdown",
        about: "for a pull-request comment or a job summary",
        guarded: true,
        of_plans: true,
        review: Some(markdown::review),
        diagnostics: Some(markdown::diagnostics),
        audit: Some(audit::markdown),
        receipt_audit: Some(receipt_audit::markdown),
        rules: Some(rules::markdown),
        ..NOTHING
    },
    Output {
        id: "sarif",
        about: "SARIF 2.1.0, for code scanning",
        review: Some(sarif::review),
        diagnostics: Some(sarif::diagnostics),
        verification: Some(results::sarif),
        ..NOTHING
    },
    Output {
        id: "github",
        about: "workflow commands that annotate the lines of a pull request",
        review: Some(github::review),
        diagnostics: Some(github::diagnostics),
        ..NOTHING
    },
    Output { id: "csv", about: "for a spreadsheet", receipt_audit: Some(csv::csv), ..NOTHING },
    Output {
        id: "html",
        about: "one file for a browser, with pictures of the impact",
        of_plans: true,
        review: Some(html::review),
        diagnostics: Some(html::diagnostics),
        receipt_audit: Some(timeline::page),
        ..NOTHING
    },
    Output {
        id: "junit",
        about: "JUnit XML, for the dashboard of a pipeline",
        verification: Some(junit::junit),
        ..NOTHING
    },
];

/// The output with this id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Output> {
    OUTPUTS.iter().find(|output| output.id == id)
}

/// A report in one of the outputs; nothing where that writes no reports.
#[must_use]
pub fn review(id: &str, report: &Report, look: &Look) -> String {
    by_id(id).and_then(|output| output.review).map_or_else(String::new, |write| write(report, look))
}

/// Diagnostics in one of the outputs; nothing where that writes none.
#[must_use]
pub fn diagnostics(id: &str, diagnostics: &[Diagnostic], look: &Look) -> String {
    by_id(id).and_then(|output| output.diagnostics).map_or_else(String::new, |write| write(diagnostics, look))
}
