//! The report as JSON: the contract for programs.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Look, safe};
use crate::diagnostics::Diagnostic;
use crate::report::Report;

/// The version of the list of diagnostics.
const PROBLEMS: &str = "countersign/problems/v1";

/// A list of diagnostics without a review: those of `lint`, or those of an invalid policy.
#[derive(Serialize, JsonSchema)]
pub struct ProblemList<'p> {
    /// The version of this form: `countersign/problems/v1`.
    #[schemars(extend("const" = PROBLEMS))]
    schema: &'static str,
    /// The diagnostics in file order.
    #[serde(rename = "problems")]
    diagnostics: &'p [Diagnostic],
}

pub(super) fn review(report: &Report, _: &Look) -> String {
    written(report)
}

pub(super) fn diagnostics(diagnostics: &[Diagnostic], _: &Look) -> String {
    written(&ProblemList { schema: PROBLEMS, diagnostics })
}

/// Any of our types as JSON: pretty, with a newline at the end. None can fail to be written.
#[must_use]
pub fn written(value: &impl Serialize) -> String {
    let mut text = safe::json(serde_json::to_string_pretty(value).unwrap_or_default());
    text.push('\n');
    text
}
