//! What the proposal does to the law.

use maud::{Markup, html};

use super::people;
use super::piece::{code, digest, prose, verdict};
use crate::diagnostics::escape as safe;
use crate::report::LawReport;

pub(super) fn section(law: &LawReport) -> Markup {
    html! {
        section.card id="law" aria-labelledby="law-title" {
            div.top {
                h2 id="law-title" { span.kind { "the law" } " " span.name { "who may approve what" } }
                (verdict(law.verdict))
            }
            dl.about {
                div { dt { "Files" } dd { @for path in &law.paths { (code(path)) " " } } }
                @if let Some(hash) = &law.digest { div { dt { "Digest" } dd { (digest(hash)) } } }
            }
            @if !law.power.is_empty() {
                h3 { "Who gains and who loses power" }
                ul.signed {
                    @for power in &law.power {
                        @if power.gains {
                            li.added { strong.value { (safe::visible(&power.who)) } " gains: " (prose(&power.what)) }
                        } @else {
                            li.removed { strong.value { (safe::visible(&power.who)) } " loses: " (prose(&power.what)) }
                        }
                    }
                }
            }
            @for effect in &law.effects { p.note.warn { (prose(effect)) } }
            @if !law.requirements.is_empty() { h3 { "Approvals" } (people::list(&law.requirements, true)) }
        }
    }
}
