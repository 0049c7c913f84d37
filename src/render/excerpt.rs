//! Diagnostics for a terminal: place first, the line it is about with the place underlined, and the way out.

use super::page::{Page, Tone, span};
use crate::diagnostics::escape as safe;
use crate::diagnostics::{Diagnostic, Level};

/// All of them, errors and warnings as they come, a blank line between.
pub(super) fn all(diagnostics: &[Diagnostic], page: &mut Page) {
    for diagnostic in diagnostics {
        page.blank();
        one(diagnostic, page);
    }
}

fn one(diagnostic: &Diagnostic, page: &mut Page) {
    let (tone, word) = match diagnostic.level {
        Level::Error => (Tone::Bad, "error"),
        Level::Warning => (Tone::Warn, "warning"),
    };
    let place = format!("{}:{}:{}: ", safe::visible(&diagnostic.path), diagnostic.place.line, diagnostic.place.column);
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
        page.line(4, &[span(Tone::Good, "help: "), span(Tone::Plain, safe::visible(&diagnostic.remedy))]);
    }
}

/// The line and a row of `^` under what it is about. Columns count characters in the file and cells on the screen,
/// and a character shown as an escape takes several cells. A long line is cut to what is around the place.
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
