//! What the proposal does to the policy.

use maud::{Markup, html};

use super::people;
use super::piece::{code, digest, prose, verdict};
use crate::diagnostics::escape as safe;
use crate::report::PolicyReport;

pub(super) fn section(policy: &PolicyReport) -> Markup {
    html! {
        section.card id="policy" aria-labelledby="policy-title" {
            div.top {
                h2 id="policy-title" { span.kind { "the policy" } " " span.name { "who may approve what" } }
                (verdict(policy.verdict))
            }
            dl.about {
                div { dt { "Files" } dd { @for path in &policy.paths { (code(path)) " " } } }
                @if let Some(hash) = &policy.digest { div { dt { "Digest" } dd { (digest(hash)) } } }
            }
            @if !policy.privilege_changes.is_empty() {
                h3 { "Who gains and who loses power" }
                ul.signed {
                    @for power in &policy.privilege_changes {
                        @if power.gained {
                            li.added { strong.value { (safe::visible(&power.who)) } " gains: " (prose(&power.what)) }
                        } @else {
                            li.removed { strong.value { (safe::visible(&power.who)) } " loses: " (prose(&power.what)) }
                        }
                    }
                }
            }
            @for effect in &policy.effects { p.note.warn { (prose(effect)) } }
            @if !policy.requirements.is_empty() { h3 { "Approvals" } (people::list(&policy.requirements, true)) }
        }
    }
}
