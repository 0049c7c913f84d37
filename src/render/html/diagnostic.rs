//! Diagnostics: place, message, the line with the place marked, and the remedy.

use crate::render::Tone;
use maud::{Markup, html};

use super::super::view::DiagnosticView;
use super::piece::{phrase, pill, prose};
use crate::diagnostics::escape as safe;
use crate::diagnostics::{Diagnostic, Level};

pub(super) fn list(diagnostics: &[DiagnosticView<'_>]) -> Markup {
    html! { ul.diagnostics { @for view in diagnostics { li { (one(view)) } } } }
}

pub(super) fn worst(diagnostics: &[DiagnosticView<'_>]) -> Markup {
    let error = diagnostics.iter().any(|view| view.diagnostic.is_error());
    level(if error { Level::Error } else { Level::Warning })
}

fn level(level: Level) -> Markup {
    match level {
        Level::Error => pill(Tone::Bad, "error"),
        Level::Warning => pill(Tone::Warn, "warning"),
    }
}

fn one(view: &DiagnosticView<'_>) -> Markup {
    let diagnostic = view.diagnostic;
    html! {
        p {
            (level(diagnostic.level)) " "
            @if let Some(place) = view.place() { code { (safe::visible(&place)) } " " }
            span.soft { (diagnostic.id) }
        }
        p { (prose(&diagnostic.message)) }
        @if let Some(line) = &diagnostic.excerpt { (excerpt(line, diagnostic)) }
        @if !diagnostic.remedy.is_empty() { p { strong { "Help: " } (prose(&diagnostic.remedy)) } }
        @if let Some(consequence) = view.consequence() { p { "It " (phrase(&consequence)) "." } }
    }
}

/// The line with the place marked. Columns count characters.
fn excerpt(line: &str, diagnostic: &Diagnostic) -> Markup {
    let index = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let at = index(diagnostic.place.column).saturating_sub(1);
    let end = at.saturating_add(index(diagnostic.place.width).max(1));
    let part = |from: usize, to: usize| -> String {
        let shown = |c: char| if c == '\t' { "    ".to_owned() } else { safe::visible(c.encode_utf8(&mut [0; 4])) };
        line.chars().take(to).skip(from).map(shown).collect()
    };
    let marked = part(at, end);
    html! {
        p.excerpt {
            span.line { (diagnostic.place.line) }
            code { (part(0, at)) @if !marked.is_empty() { mark { (marked) } } (part(end, usize::MAX)) }
        }
    }
}
