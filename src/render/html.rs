//! The report as one HTML file for a browser: the verdict, a table of the flags, then flag by flag whom it moves, who has
//! to approve and what changes, folded field by field.
//!
//! In: what every output gets. Out: a page that loads nothing and runs nothing, and says so to the browser by a content
//! security policy that allows its one style, by hash. It refuses to make a link of anything but a place in itself.
//! Not taken: a script, even of our own (folding is `details`, themes are a media query), and `style` attributes, which
//! a policy by hash forbids: lengths are drawn as SVG.

mod change;
mod diagnostic;
mod effect;
mod flow;
mod page;
mod people;
mod piece;
mod policy;
mod who;

use maud::{Markup, html};

use self::piece::{Tone, code, phrase, pill, prose, verdict};
use super::words::{self, Phrase, count};
use super::{Look, safe};
use crate::diagnostics::Diagnostic;
use crate::report::{FlagReport, Report};

pub(super) fn review(report: &Report, look: &Look) -> String {
    let title = title(report, look);
    let flags = words::in_order(report);
    let policy = report.policy.changed && !look.changes_only;
    let compared =
        Phrase::new("comparing ").then(words::revision(&report.base)).ours(" → ").then(words::revision(&report.head));
    let body = html! {
        header {
            h1 { (headline(&title, report, look)) }
            p.soft { (phrase(&compared)) }
            @if !look.changes_only { (steps(report)) }
        }
        main {
            @if !flags.is_empty() || policy || !report.diagnostics.is_empty() { (contents(report, &flags, look)) }
            @if !report.diagnostics.is_empty() {
                section.card id="problems" aria-labelledby="problems-title" {
                    h2 id="problems-title" { (count(report.diagnostics.len(), "problem")) }
                    (diagnostic::list(&report.diagnostics))
                }
            }
            @for (index, flag) in flags.iter().enumerate() { (one(index + 1, flag, look)) }
            @if policy { (policy::section(&report.policy)) }
        }
    };
    page::document(&title, &body)
}

pub(super) fn diagnostics(diagnostics: &[Diagnostic], _: &Look) -> String {
    let title = match diagnostics.len() {
        0 => "no problems".to_owned(),
        number => count(number, "problem"),
    };
    let body = html! {
        header { h1 { (title) } }
        main {
            @if !diagnostics.is_empty() {
                section.card aria-label="Problems" { (diagnostic::list(diagnostics)) }
            }
        }
    };
    page::document(&title, &body)
}

fn title(report: &Report, look: &Look) -> String {
    match report.flags.len() {
        _ if !look.changes_only => words::headline(report),
        0 => "no flag changes".to_owned(),
        number => format!("{} changed", count(number, "flag")),
    }
}

fn headline(title: &str, report: &Report, look: &Look) -> Markup {
    let tone = if super::fits(report) { Tone::of(report.verdict) } else { Tone::Bad };
    match title.split_once(": ") {
        Some((word, rest)) if !look.changes_only => {
            let (answer, moves) = rest.split_once("; ").unwrap_or((rest, ""));
            html! {
                (pill(tone, word)) span.away { ":" } " " (answer)
                @if !moves.is_empty() { span.away { "; " } span.more { (moves) } }
            }
        }
        _ => html! { (title) },
    }
}

/// More things to do than this nobody does in one go.
const STEPS: usize = 8;

fn steps(report: &Report) -> Markup {
    let steps = words::next(report);
    html! {
        @if !steps.is_empty() {
            ul.steps aria-label="What to do next" {
                @for step in steps.iter().take(STEPS) { li { (phrase(step)) } }
                @if steps.len() > STEPS { li { "and " (steps.len() - STEPS) " more, named below" } }
            }
        }
    }
}

/// What there is, each with a link to it.
fn contents(report: &Report, flags: &[&FlagReport], look: &Look) -> Markup {
    let judged = !look.changes_only;
    html! {
        table.contents {
            caption { (if judged { words::summary(report) } else { count(flags.len(), "flag") }) }
            thead {
                tr {
                    th scope="col" { "Flag" }
                    @if judged { th scope="col" { "Verdict" } th scope="col" { "Approvals" } }
                    @else { th scope="col" { "State" } }
                }
            }
            tbody {
                @for (index, flag) in flags.iter().enumerate() {
                    tr {
                        th scope="row" {
                            a href={ "#flag-" (index + 1) } { (name(flag)) }
                            @if let Some(moves) = effect::sentence(flag) { p { (moves) } }
                        }
                        @if judged {
                            td { (verdict(flag.verdict)) }
                            td { (people::given(&flag.requirements)) }
                        } @else {
                            td { (phrase(&words::state(flag))) }
                        }
                    }
                }
                @if report.policy.changed && judged {
                    tr {
                        th scope="row" { a href="#policy" { "the policy" } p { "who may approve what" } }
                        td { (verdict(report.policy.verdict)) }
                        td { (people::given(&report.policy.requirements)) }
                    }
                }
                @if !report.diagnostics.is_empty() {
                    tr {
                        th scope="row" { a href="#problems" { (count(report.diagnostics.len(), "problem")) } }
                        td { (diagnostic::worst(&report.diagnostics)) }
                        @if judged { td {} }
                    }
                }
            }
        }
    }
}

fn name(flag: &FlagReport) -> Markup {
    html! { span.soft { (safe::visible(&flag.project)) "/" } wbr; span.key { (safe::visible(&flag.key)) } }
}

fn one(number: usize, flag: &FlagReport, look: &Look) -> Markup {
    let judged = !look.changes_only;
    let title = format!("flag-{number}-title");
    html! {
        article.card id={ "flag-" (number) } aria-labelledby=(title) {
            div.top {
                h2 id=(title) { span.kind { (flag.kind.word()) } " " span.name { (name(flag)) } }
                @if judged { (verdict(flag.verdict)) }
            }
            (about(flag, look))
            @if let Some(holder) = flag.locked_by.as_ref().filter(|_| judged) {
                p.note.warn { (phrase(&words::lock(holder))) }
            }
            (effect::section(flag))
            @for remark in &flag.remarks { p.note { (prose(remark)) } }
            @if judged { (people::section(&flag.requirements, &flag.notified, flag.verdict)) }
            (change::section(flag))
        }
    }
}

fn about(flag: &FlagReport, look: &Look) -> Markup {
    html! {
        dl.about {
            div { dt { "State" } dd { (phrase(&words::state(flag))) } }
            div {
                dt { "File" }
                dd {
                    (code(&flag.path))
                    @if let Some(previous) = &flag.previous_path { ", was " (code(previous)) }
                }
            }
            @if let Some(digest) = flag.digest.as_deref().filter(|_| !look.changes_only) {
                div { dt { "Digest" } dd { (piece::digest(digest)) } }
            }
        }
    }
}
