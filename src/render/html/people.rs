//! Requirements: who has approved or rejected, who did not count and why, and who is notified.

use crate::diagnostics::words::{capital, counted};
use crate::render::Tone;
use maud::{Markup, html};

use super::super::phrases::{NO_APPROVAL, Phrase, notified, overridden};
use super::super::view::{ApprovalsView, FlagView, RequirementView};
use super::piece::{phrase, pill, prose};
use crate::diagnostics::escape as safe;

/// Approvals given and required, one line a requirement; more approvals than required do not count.
pub(super) fn given(requirements: &[RequirementView<'_>]) -> Markup {
    html! {
        @for requirement in requirements.iter().map(|view| view.requirement) {
            p.given { (requirement.required.saturating_sub(requirement.missing())) " of " (requirement.required) }
        }
    }
}

pub(super) fn section(flag: &FlagView<'_>) -> Markup {
    let (report, requirements) = (flag.report, &flag.requirements);
    let none = requirements.is_empty() && matches!(flag.approvals(), ApprovalsView::NotNeeded);
    html! {
        @if none || !requirements.is_empty() || !report.notified.is_empty() {
            h3 { "Approvals" }
            @if none { p { (capital(NO_APPROVAL)) "." } }
            (list(requirements))
            @if let Some(by) = &report.overridden {
                p.note.bad {
                    (capitalised(overridden(by, usize::MAX).ours(": ").value(&by.reason)))
                }
            }
            @if !report.notified.is_empty() { p.soft { (capitalised(notified(&report.notified))) } }
        }
    }
}

/// A sentence that opens with our own words, the first letter in upper case.
fn capitalised(mut sentence: Phrase) -> Markup {
    if let Some(super::super::phrases::Part::Ours(text)) = sentence.0.first_mut() {
        *text = capital(text);
    }
    phrase(&sentence)
}

pub(super) fn list(requirements: &[RequirementView<'_>]) -> Markup {
    html! { @for requirement in requirements { (one(requirement)) } }
}

fn one(view: &RequirementView<'_>) -> Markup {
    let requirement = view.requirement;
    html! {
        div.requirement {
            p { strong { (phrase(&view.needs)) } " " (pill(Tone::of(view.verdict), &view.progress)) }
            p.soft { (phrase(&view.source)) }
            @for decided in &requirement.decided { p.soft { (prose(decided)) } }
            @if !requirement.approved_by.is_empty() || !requirement.rejected_by.is_empty() {
                ul.people {
                    @for login in &requirement.approved_by { li.yes { (person(login)) " approved" } }
                    @for login in &requirement.rejected_by { li.no { (person(login)) " rejected" } }
                }
            }
            @if !requirement.not_counted.is_empty() {
                p.soft { (counted(requirement.not_counted.len(), "response")) " not counted:" }
                ul.people {
                    @for other in &requirement.not_counted {
                        li.none { (person(&other.login)) " " (prose(&other.why.to_string())) }
                    }
                }
            }
        }
    }
}

fn person(login: &str) -> Markup {
    html! { span.value { (safe::visible(login)) } }
}
