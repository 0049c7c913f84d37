//! Who has to approve, who has, and who did not count and why.

use maud::{Markup, html};

use super::super::words::{self, Phrase, count};
use super::piece::{Tone, phrase, pill, prose};
use crate::diagnostics::escape as safe;
use crate::report::{Requirement, Verdict};

/// For the table: how many are given of how many, requirement by requirement.
pub(super) fn given(requirements: &[Requirement]) -> Markup {
    html! {
        @for requirement in requirements {
            p.given { (placed(requirement)) " of " (requirement.required) }
        }
    }
}

/// How many places are filled; more approvals than asked fill no more.
fn placed(requirement: &Requirement) -> u32 {
    requirement.required.saturating_sub(requirement.missing())
}

pub(super) fn section(requirements: &[Requirement], told: &[String], verdict: Verdict) -> Markup {
    html! {
        @if !requirements.is_empty() || !told.is_empty() || verdict == Verdict::NotRequired {
            h3 { "Approvals" }
            @if requirements.is_empty() && verdict == Verdict::NotRequired { p { "None needed." } }
            (list(requirements, false))
            @if !told.is_empty() {
                p.soft { (phrase(&Phrase::new("Told, not asked: ").values(told.iter().map(String::as_str), ", "))) }
            }
        }
    }
}

pub(super) fn list(requirements: &[Requirement], of_policy: bool) -> Markup {
    html! { @for requirement in requirements { (one(requirement, of_policy)) } }
}

fn one(requirement: &Requirement, of_policy: bool) -> Markup {
    let tone = match (requirement.rejected_by.is_empty(), requirement.missing()) {
        (false, _) => Tone::Bad,
        (true, 0) => Tone::Good,
        (true, _) => Tone::Warn,
    };
    html! {
        div.ask {
            p {
                strong { (phrase(&words::asked(requirement, requirement.required))) } " "
                (pill(tone, &words::stands(requirement)))
            }
            p.soft { (phrase(&words::source(requirement, of_policy))) }
            @for decided in &requirement.decided { p.soft { (prose(decided)) } }
            @if !requirement.approved_by.is_empty() || !requirement.rejected_by.is_empty() {
                ul.people {
                    @for login in &requirement.approved_by { li.yes { (person(login)) " approved" } }
                    @for login in &requirement.rejected_by { li.no { (person(login)) " rejected" } }
                }
            }
            @if !requirement.not_counted.is_empty() {
                p.soft { (count(requirement.not_counted.len(), "response")) " not counted:" }
                ul.people {
                    @for other in &requirement.not_counted { li.none { (person(&other.login)) " " (prose(&other.why)) } }
                }
            }
        }
    }
}

fn person(login: &str) -> Markup {
    html! { span.value { (safe::visible(login)) } }
}
