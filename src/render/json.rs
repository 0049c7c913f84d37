//! The report as JSON: the contract for programs.

use serde::Serialize;

use super::{Look, safe};
use crate::report::Report;
use crate::text::Problem;

/// The version of the list of problems.
const PROBLEMS: &str = "countersign/problems/v1";

#[derive(Serialize)]
struct List<'p> {
    schema: &'static str,
    problems: &'p [Problem],
}

pub(super) fn review(report: &Report, _: &Look) -> String {
    written(report)
}

pub(super) fn problems(problems: &[Problem], _: &Look) -> String {
    written(&List { schema: PROBLEMS, problems })
}

/// Pretty, with a newline at the end. None of our types can fail to be written.
pub(super) fn written(value: &impl Serialize) -> String {
    let mut text = safe::json(&serde_json::to_string_pretty(value).unwrap_or_default());
    text.push('\n');
    text
}
