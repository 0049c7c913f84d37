//! Diagnostics for a terminal: place first, the line with the place underlined, and the remedy.

use super::super::page::{Page, span};
use super::super::view::DiagnosticView;
use crate::diagnostics::escape as safe;
use crate::diagnostics::{Diagnostic, Level};
use crate::render::Tone;

/// All of them, a blank line between.
pub(super) fn write(diagnostics: &[DiagnosticView<'_>], page: &mut Page) {
    for view in diagnostics {
        page.blank();
        one(view, page);
    }
}

fn one(view: &DiagnosticView<'_>, page: &mut Page) {
    let diagnostic = view.diagnostic;
    let (tone, word) = match diagnostic.level {
        Level::Error => (Tone::Bad, "error"),
        Level::Warning => (Tone::Warn, "warning"),
    };
    let place = view.place().map_or_else(String::new, |place| format!("{}: ", safe::visible(&place)));
    page.line(
        0,
        &[
            span(Tone::Strong, place),
            span(tone, format!("{word}[{}]", diagnostic.id)),
            span(Tone::Plain, format!(": {}", safe::visible(&diagnostic.message))),
        ],
    );
    if let Some(line) = &diagnostic.excerpt {
        underlined(line, diagnostic, tone, page);
    }
    if !diagnostic.remedy.is_empty() {
        page.copyable(4, &[span(Tone::Good, "help: "), span(Tone::Plain, safe::visible(&diagnostic.remedy))]);
    }
    if let Some(consequence) = view.consequence() {
        page.phrase(4, &consequence);
    }
}

/// The line and a row of `^` under the place. Columns count characters in the file and cells on the screen, and a
/// character shown as an escape takes several cells. Of a long line only the part around the place is shown.
fn underlined(line: &str, diagnostic: &Diagnostic, tone: Tone, page: &mut Page) {
    let number = diagnostic.place.line.to_string();
    let gutter = number.len().max(4);
    let room = page.width().saturating_sub(gutter + 3);
    let cells: Vec<String> = line.chars().map(shown).collect();
    let at = usize::try_from(diagnostic.place.column).unwrap_or(usize::MAX).saturating_sub(1).min(cells.len());
    let marked = usize::try_from(diagnostic.place.width).unwrap_or(1).max(1);
    let columns = |cells: &[String]| cells.iter().map(|cell| safe::columns(cell)).sum::<usize>();
    let mut from = 0;
    // Keep the start of the place and a third of the page before it in view.
    while from < at && columns(cells.get(from..at).unwrap_or_default()) > room.saturating_sub(4) * 2 / 3 {
        from += 1;
    }
    let cut = page.either("…", "...");
    let mut text = String::from(if from > 0 { cut } else { "" });
    let mut before = text.clone();
    let mut under = 0;
    for (index, cell) in cells.iter().enumerate().skip(from) {
        if safe::columns(&text) + safe::columns(cell) + 3 > room {
            text.push_str(cut);
            break;
        }
        text.push_str(cell);
        if index < at {
            before.push_str(cell);
        } else if index - at < marked {
            under += safe::columns(cell);
        }
    }
    let bar = page.either("│", "|");
    page.raw(&[span(Tone::Quiet, format!("{number:>gutter$} {bar} ")), span(Tone::Plain, text)]);
    page.raw(&[
        span(Tone::Quiet, format!("{:>gutter$} {bar} ", "")),
        span(Tone::Plain, " ".repeat(safe::columns(&before))),
        span(tone, "^".repeat(under.max(1))),
    ]);
}

fn shown(c: char) -> String {
    if c == '\t' { "    ".to_owned() } else { safe::visible(c.encode_utf8(&mut [0; 4])) }
}
