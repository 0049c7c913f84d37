//! Who has to approve, who has, and who did not count and why, for a terminal.

use super::page::{Page, Span, Tone, span};
use super::words::{self, Phrase};
use crate::diagnostics::escape as safe;
use crate::report::Requirement;

/// Every requirement, each with its people under it.
pub(super) fn requirements(requirements: &[Requirement], of_policy: bool, page: &mut Page) {
    for requirement in requirements {
        page.blank();
        one(requirement, of_policy, page);
    }
}

/// Who is told and not asked.
pub(super) fn told(told: &[String], page: &mut Page) {
    if !told.is_empty() {
        let told = page.spans(&Phrase::new("told, not asked: ").values(told.iter().map(String::as_str), ", "));
        page.blank();
        page.line(3, &told);
    }
}

fn one(requirement: &Requirement, of_policy: bool, page: &mut Page) {
    let mut line = vec![span(Tone::Strong, "needs ")];
    line.extend(page.spans(&words::asked(requirement, requirement.required)));
    line.push(span(Tone::Plain, ": "));
    let tone = match (requirement.rejected_by.is_empty(), requirement.missing()) {
        (false, _) => Tone::Bad,
        (true, 0) => Tone::Good,
        (true, _) => Tone::Warn,
    };
    line.push(span(tone, words::stands(requirement)));
    page.line(3, &line);
    let source = page.spans(&words::source(requirement, of_policy));
    let source: Vec<Span> = source.into_iter().map(|(_, text)| span(Tone::Quiet, text)).collect();
    page.line(5, &source);
    for decided in &requirement.decided {
        page.line(5, &[span(Tone::Plain, safe::visible(decided))]);
    }
    let mut told = |tone: Tone, sign: &str, text: String| {
        page.put(&[span(tone, format!("     {sign} "))], &[span(tone, "         ")], &[span(tone, text)]);
    };
    for login in &requirement.approved_by {
        told(Tone::Good, "+", format!("{} approved", safe::visible(login)));
    }
    for login in &requirement.rejected_by {
        told(Tone::Bad, "-", format!("{} rejected", safe::visible(login)));
    }
    for other in &requirement.not_counted {
        told(
            Tone::Plain,
            "?",
            format!("{} does not count: {}", safe::visible(&other.login), safe::visible(&other.why)),
        );
    }
}
