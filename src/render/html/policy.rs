//! Policy change: its files, who gains and who loses privileges, its other effects, its changed lines, and its
//! requirements.

use crate::diagnostics::words::counted;
use maud::{Markup, html};

use super::super::phrases::POLICY;
use super::super::view::PolicyView;
use super::people;
use super::piece::{code, digest, phrase, prose, verdict};
use crate::diagnostics::escape as safe;
use crate::report::{ChangedFile, ChangedLine};

/// Said where somebody would get rights by their own change.
pub(super) const OWN: &str = "they appoint themselves";

pub(super) fn section(policy: &PolicyView<'_>) -> Markup {
    let report = policy.report;
    let own = |who: &str, gained: bool| gained && report.self_appointed.iter().any(|name| name == who);
    html! {
        section.card id="policy" aria-labelledby="policy-title" {
            div.top {
                h2 id="policy-title" { span.name { (POLICY) } }
                (verdict(report.verdict))
            }
            dl.about {
                div { dt { "Files" } dd { @for path in &report.paths { (code(path)) " " } } }
                @if let Some(hash) = &report.digest { div { dt { "Digest" } dd { (digest(hash)) } } }
            }
            @if !policy.privileges.is_empty() {
                h3 { "Who gains and who loses privileges" }
                ul.signed {
                    @for change in &policy.privileges {
                        li.(if change.gained { "added" } else { "removed" }).own[own(change.who, change.gained)] {
                            strong.value { (safe::visible(change.who)) } " " (change.verb) ": " (prose(change.what))
                        }
                    }
                }
            }
            @if let Some(warning) = &policy.self_appointed { p.note.bad { strong { "Warning: " } (phrase(warning)) } }
            @for effect in &report.effects { p.note.warn { (prose(effect)) } }
            @for file in &report.changed_lines { (changed(file)) }
            @if !policy.requirements.is_empty() { h3 { "Approvals" } (people::list(&policy.requirements)) }
        }
    }
}

/// The changed lines of one file, each with its number.
fn changed(file: &ChangedFile) -> Markup {
    html! {
        h3 { "Changed lines" }
        p.soft { (code(&file.path)) }
        ul.rows {
            @for line in &file.lines {
                @if line.added { li.added { (number(line)) ins { code { (safe::visible(&line.text)) } } } }
                @else { li.removed { (number(line)) del { code { (safe::visible(&line.text)) } } } }
            }
        }
        @if file.left_out > 0 { p.soft { "and " (counted(file.left_out, "more changed line")) } }
    }
}

fn number(line: &ChangedLine) -> Markup {
    html! { span.line { (line.line) } " " }
}
