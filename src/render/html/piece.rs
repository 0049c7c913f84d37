//! Small pieces of a page. Text of theirs is made visible here and escaped by the template.

use crate::diagnostics::words::short;
use maud::{Markup, html};

use super::super::phrases::{Part, Phrase};
use super::super::tone::Tone;
use super::super::view::phrase_of;
use crate::diagnostics::escape as safe;
use crate::report::Verdict;

pub(super) fn verdict(verdict: Verdict) -> Markup {
    pill(Tone::of(verdict), phrase_of(verdict))
}

/// A word in a coloured frame.
pub(super) fn pill(tone: Tone, word: &str) -> Markup {
    html! { span.pill.(tone.class()) { (word) } }
}

/// A string of theirs, in quotes if it is blank and would be invisible.
pub(super) fn code(text: &str) -> Markup {
    visible_code(&safe::visible(text))
}

/// Visible text in code, in quotes if it is blank.
fn visible_code(text: &str) -> Markup {
    let blank = text.trim_matches(' ').is_empty();
    html! { code { @if blank { "\"" (text) "\"" } @else { (text) } } }
}

/// A sentence; the value before is `del` and the value after is `ins`.
pub(super) fn phrase(phrase: &Phrase) -> Markup {
    html! {
        @for part in &phrase.0 {
            @match part {
                Part::Ours(text) => (text),
                Part::Name(text) => (visible_code(text)),
                Part::Value(text) => span.value { (text) },
                Part::Old(text) => del { (text) },
                Part::New(text) => ins { (text) },
            }
        }
    }
}

/// A sentence with names in backticks. If a backtick has no partner, the names cannot be told apart, so all of it is
/// shown as one.
pub(super) fn prose(text: &str) -> Markup {
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        return code(text);
    }
    html! {
        @for (index, piece) in pieces.iter().enumerate() {
            @if index % 2 == 1 { (code(piece)) } @else { (safe::visible(piece)) }
        }
    }
}

/// All digits, the eight that people name in bold.
pub(super) fn digest(digest: &str) -> Markup {
    let short = short(digest);
    let rest = digest.get(short.len()..).unwrap_or_default();
    html! { code.digest { b { (safe::visible(short)) } (safe::visible(rest)) } }
}

/// A share of 0 to 1 as a bar next to its number. Any share above zero is visible.
pub(super) fn bar(share: f64, class: &str) -> Markup {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let width = if share > 0.0 { share.max(0.01) } else { 0.0 };
    html! {
        svg.bar aria-hidden="true" focusable="false" {
            rect.track width="100%" height="100%" {}
            @if width > 0.0 { rect.(class) width=(format!("{:.2}%", width * 100.0)) height="100%" {} }
        }
    }
}
