//! The report as one HTML file for a browser: the verdict, the pull request, a table of the flags, then flag by flag
//! its changes, folded field by field, its impact and its requirements.
//!
//! In: a report and a [`Look`]. Out: a page that loads nothing and runs nothing, and says so to the browser by a
//! content security policy that allows its one style, by hash. It refuses to link to anything but a place in itself,
//! the pull request and the pages of merges. Not taken: a script, even of our own (folding is `details`, themes are a
//! media query), and `style` attributes, which a policy by hash forbids: lengths are drawn as SVG.

mod change;
mod diagnostic;
mod flow;
mod impact;
mod page;
mod people;
mod piece;
mod policy;
mod pull;
mod segments;
pub(in crate::render) mod timeline;

use crate::diagnostics::words::counted;
use crate::render::Tone;
use maud::{Markup, html};

use self::piece::{code, phrase, pill, prose, verdict};
use super::phrases::{POLICY, bypassed, debts};
use super::view::{self, DiagnosticView, FlagView, View};
use super::{Look, safe};
use crate::diagnostics::Diagnostic;
use crate::report::{NamedRemarks, Report};

pub(super) fn review(report: &Report, look: &Look) -> String {
    let view = View::of(report, look.changes_only);
    let title = if view.judged { view::headline(report) } else { view::flags_changed(report) };
    let body = html! {
        header {
            h1 { @if view.judged { (headline(&view)) } @else { (title) } }
            @if let Some(pull) = &report.pull { (pull::line(pull)) }
            p.soft { (phrase(&view.compared)) }
            @for one in &report.bypassed { p.note.bad { (phrase(&bypassed(one))) } }
            @for about in &report.remarks { (named(about)) }
            @for debt in &debts(report) { p.note.bad { (phrase(debt)) } }
            @if view.judged { (steps(&view)) }
        }
        main {
            @if !view.flags.is_empty() || view.policy.is_some() || !view.diagnostics.is_empty() { (contents(&view)) }
            @if !view.diagnostics.is_empty() {
                section.card id="diagnostics" aria-labelledby="diagnostics-title" {
                    h2 id="diagnostics-title" { (counted(view.diagnostics.len(), "diagnostic")) }
                    (diagnostic::list(&view.diagnostics))
                }
            }
            @for (index, flag) in view.flags.iter().enumerate() { (one(index + 1, flag, view.judged)) }
            @if let Some(policy) = &view.policy { (policy::section(policy)) }
        }
    };
    page::document(&title, &body)
}

pub(super) fn diagnostics(diagnostics: &[Diagnostic], _: &Look) -> String {
    let (_, title) = view::diagnostics_headline(diagnostics);
    let body = html! {
        header { h1 { (title) } }
        main {
            @if !diagnostics.is_empty() {
                section.card aria-label="Diagnostics" { (diagnostic::list(&DiagnosticView::all(diagnostics, &[]))) }
            }
        }
    };
    page::document(&title, &body)
}

/// Remarks on one thing, each a line.
fn named(about: &NamedRemarks) -> Markup {
    html! {
        @for remark in &about.remarks {
            p.note.bad[about.bad] {
                @if !about.name.is_empty() { strong { (prose(&about.name)) } ": " }
                (prose(remark))
            }
        }
    }
}

fn headline(view: &View<'_>) -> Markup {
    let headline = &view.headline;
    html! {
        (pill(Tone::of(headline.verdict), headline.verdict.in_prose())) span.away { ":" } " " (headline.answer)
        @if let Some(impact) = &headline.impact { span.away { "; " } span.more { (impact) } }
    }
}

/// Next steps that are listed; nobody does more in one go.
const STEPS: usize = 8;

fn steps(view: &View<'_>) -> Markup {
    let steps = view::sentences(&view.steps);
    html! {
        @if !steps.is_empty() {
            ul.steps aria-label="Next steps" {
                @for step in steps.iter().take(STEPS) { li { (phrase(step)) } }
                @if steps.len() > STEPS { li { "and " (steps.len() - STEPS) " more, named below" } }
            }
        }
    }
}

/// The table of contents, each row with a link.
fn contents(view: &View<'_>) -> Markup {
    html! {
        table.contents {
            caption { @if view.judged { (view.summary) } @else { (counted(view.flags.len(), "flag")) } }
            thead {
                tr {
                    th scope="col" { "Flag" }
                    th scope="col" { "What changes" }
                    th scope="col" { "Impact" }
                    @if view.judged { th scope="col" { "Approvals" } }
                }
            }
            tbody {
                @for (index, flag) in view.flags.iter().enumerate() {
                    tr {
                        th scope="row" {
                            a href={ "#flag-" (index + 1) } { (name(flag)) }
                            @if view.judged { p { (verdict(flag.verdict())) } }
                        }
                        td { (changes(flag)) }
                        td { @if let Some(sentence) = impact::sentence(flag) { (sentence) } }
                        @if view.judged { td { (people::given(&flag.requirements)) } }
                    }
                }
                @if let Some(policy) = &view.policy {
                    tr {
                        th scope="row" { a href="#policy" { (POLICY) } p { (verdict(policy.report.verdict)) } }
                        td { @for path in &policy.report.paths { p { (code(path)) } } }
                        td { @if !policy.report.self_appointed.is_empty() { (pill(Tone::Bad, policy::OWN)) } }
                        td { (people::given(&policy.requirements)) }
                    }
                }
                @if !view.diagnostics.is_empty() {
                    tr {
                        th scope="row" { a href="#diagnostics" { (counted(view.diagnostics.len(), "diagnostic")) } }
                        td { (diagnostic::worst(&view.diagnostics)) }
                        td {}
                        @if view.judged { td {} }
                    }
                }
            }
        }
    }
}

/// Changes of one flag that the table names.
const CHANGES: usize = 3;

fn changes(flag: &FlagView<'_>) -> Markup {
    let named = flag.named_changes(CHANGES);
    html! {
        @if let Some(state) = named.state { p { (phrase(state)) } }
        @for change in &named.changes { p { (phrase(&change.title)) } }
        @if named.more > 0 { p.soft { "and " (named.more) " more" } }
    }
}

fn name(flag: &FlagView<'_>) -> Markup {
    html! {
    @if let Some(old) = flag.was { span.soft { (safe::visible(&old.project)) "/" (safe::visible(&old.key)) " → " } }
     span.soft { (safe::visible(&flag.report.project)) "/" } wbr; span.key { (safe::visible(&flag.report.key)) } }
}

fn one(number: usize, flag: &FlagView<'_>, judged: bool) -> Markup {
    let title = format!("flag-{number}-title");
    html! {
        article.card id={ "flag-" (number) } aria-labelledby=(title) {
            div.top {
                h2 id=(title) { span.kind { (flag.report.noun()) } " " span.name { (name(flag)) } }
                @if judged { (verdict(flag.verdict())) }
            }
            (about(flag, judged))
            @if let Some(lock) = flag.lock.as_ref().filter(|_| judged) { p.note.warn { (phrase(lock)) } }
            @if let Some(since) = &flag.since { p.note { (prose(since)) } }
            (change::section(flag))
            (impact::section(flag))
            @for sentence in flag.of_old() { p.note { (prose(&sentence)) } }
            @for remark in &flag.remarks { p.note { (prose(remark)) } }
            @if judged { (people::section(flag)) }
        }
    }
}

fn about(flag: &FlagView<'_>, judged: bool) -> Markup {
    let report = flag.report;
    html! {
        dl.about {
            div { dt { "State" } dd { (phrase(&flag.state)) } }
            div {
                dt { "File" }
                dd {
                    (code(&report.path))
                    @if let Some(previous) = &report.previous_path { ", was " (code(previous)) }
                }
            }
            @for digest in flag.digests().into_iter().filter(|_| judged) {
                div { dt { "Digest" } dd { (piece::digest(digest)) } }
            }
        }
    }
}
