//! The report as JSON: the contract for programs.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Look, safe};
use crate::diagnostics::Diagnostic;
use crate::report::Report;

/// The version of the list of diagnostics.
const DIAGNOSTICS: &str = "countersign/diagnostics/v1";

/// A list of diagnostics without a review: those of `lint`, or those of an invalid policy.
#[derive(Serialize, JsonSchema)]
pub struct DiagnosticList<'p> {
    /// The version of this form: `countersign/diagnostics/v1`.
    #[schemars(extend("const" = DIAGNOSTICS))]
    schema: &'static str,
    /// The diagnostics in file order.
    diagnostics: &'p [Diagnostic],
}

pub(super) fn review(report: &Report, _: &Look) -> String {
    written(report)
}

pub(super) fn diagnostics(diagnostics: &[Diagnostic], _: &Look) -> String {
    written(&DiagnosticList { schema: DIAGNOSTICS, diagnostics })
}

/// Any of our types as JSON: pretty, with a newline at the end. None can fail to be written.
#[must_use]
pub fn written(value: &impl Serialize) -> String {
    let mut text = safe::json(serde_json::to_string_pretty(value).unwrap_or_default());
    text.push('\n');
    text
}
