//! Diagnostics: where, what, the line it is about, and the way out.

use maud::{Markup, html};

use super::piece::{Tone, pill, prose};
use crate::diagnostics::escape as safe;
use crate::diagnostics::{Diagnostic, Level};

/// Errors first: they make the verdict invalid.
pub(super) fn list(diagnostics: &[Diagnostic]) -> Markup {
    let (errors, warnings): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
        diagnostics.iter().partition(|diagnostic| diagnostic.is_error());
    html! { ul.diagnostics { @for diagnostic in errors.into_iter().chain(warnings) { li { (one(diagnostic)) } } } }
}

pub(super) fn worst(diagnostics: &[Diagnostic]) -> Markup {
    level(if diagnostics.iter().any(Diagnostic::is_error) { Level::Error } else { Level::Warning })
}

fn level(level: Level) -> Markup {
    match level {
        Level::Error => pill(Tone::Bad, "error"),
        Level::Warning => pill(Tone::Warn, "warning"),
    }
}

fn one(diagnostic: &Diagnostic) -> Markup {
    let place = format!("{}:{}:{}", safe::visible(&diagnostic.path), diagnostic.place.line, diagnostic.place.column);
    html! {
        p { (level(diagnostic.level)) " " code { (place) } " " span.soft { (diagnostic.id) } }
        p { (prose(&diagnostic.message)) }
        @if let Some(line) = &diagnostic.excerpt { (excerpt(line, diagnostic)) }
        @if !diagnostic.remedy.is_empty() { p { strong { "Help: " } (prose(&diagnostic.remedy)) } }
    }
}

/// The line, with what it is about marked. Columns count characters.
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
