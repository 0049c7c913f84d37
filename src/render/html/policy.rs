//! Policy change: its files, who gains and who loses privileges, its other effects, and its requirements.

use maud::{Markup, html};

use super::super::phrases::POLICY;
use super::super::view::PolicyView;
use super::people;
use super::piece::{code, digest, prose, verdict};
use crate::diagnostics::escape as safe;

pub(super) fn section(policy: &PolicyView<'_>) -> Markup {
    let report = policy.report;
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
                        li.(if change.gained { "added" } else { "removed" }) {
                            strong.value { (safe::visible(change.who)) } " " (change.verb) ": " (prose(change.what))
                        }
                    }
                }
            }
            @for effect in &report.effects { p.note.warn { (prose(effect)) } }
            @if !policy.requirements.is_empty() { h3 { "Approvals" } (people::list(&policy.requirements)) }
        }
    }
}
