//! Bytes to a string in which every reader and every editor sees the same characters and the same lines.

use std::borrow::Cow;

use crate::diagnostics::first;
use crate::diagnostics::lints::{self, Lint};
use crate::diagnostics::{Diagnostics, Lines, Place};

/// Most characters of a file that are named one by one; the rest is counted.
const MAX_NAMED: usize = 20;

/// The text of a file, or the reason why it has none. Characters that no file may hold are reported, and a letter
/// stands for each, so that the rest can be checked.
pub fn text<'b>(bytes: &'b [u8], most: usize, diagnostics: &mut Diagnostics<'_>) -> Option<Cow<'b, str>> {
    if bytes.len() > most {
        diagnostics.add(
            lints::TOO_BIG,
            Place::START,
            format!("the file has {} bytes; at most {most} are read", bytes.len()),
            "split it into several files",
        );
        return None;
    }
    if bytes.starts_with(b"version https://git-lfs.github.com/spec/") {
        diagnostics.add(
            lints::LFS_POINTER,
            Place::START,
            "the repository holds a Git LFS pointer to this file, so a review shows a hash instead of the flag",
            "take the path out of `.gitattributes` and commit the file itself",
        );
        return None;
    }
    if let Some(encoding) = wide(bytes) {
        diagnostics.add(
            lints::NOT_UTF8,
            Place::START,
            format!("the file is in {encoding}, not in UTF-8"),
            "save the file as UTF-8 without a byte-order mark",
        );
        return None;
    }
    let marked = bytes.starts_with("\u{feff}".as_bytes());
    if marked {
        diagnostics.add(
            lints::BYTE_ORDER_MARK,
            Place::START,
            "the file starts with a byte-order mark, U+FEFF",
            "save the file as UTF-8 without a byte-order mark",
        );
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            not_utf8(bytes, error.valid_up_to(), diagnostics);
            let lossy = String::from_utf8_lossy(bytes).replace(char::REPLACEMENT_CHARACTER, "x");
            return Some(Cow::Owned(harmless(&lossy)));
        }
    };
    let whole = !marked & plain(text, if marked { '\u{feff}'.len_utf8() } else { 0 }, diagnostics);
    Some(if whole { Cow::Borrowed(text) } else { Cow::Owned(harmless(text)) })
}

/// The text with a letter for each character that is refused, and without a mark at its start.
fn harmless(text: &str) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut harmless = String::with_capacity(text.len());
    let mut rest = 0;
    for (at, char, _) in refused(text) {
        harmless.push_str(text.get(rest..at).unwrap_or_default());
        harmless.push('x');
        rest = at + char.len_utf8();
    }
    harmless.push_str(text.get(rest..).unwrap_or_default());
    harmless
}

/// The characters of `text` that no flag file may hold, with their offsets.
pub fn refused(text: &str) -> impl Iterator<Item = (usize, char, &'static Lint)> {
    // Most files hold none of the bytes with which a refused character starts.
    let suspicious = first(text, |byte| matches!(byte, 0..=8 | 11..=31 | 127 | 0xC2 | 0xD8 | 0xE2 | 0xEF));
    let chars = if suspicious.is_some() { text } else { "" }.char_indices();
    chars.filter_map(move |(at, char)| match char {
        '\t' | '\n' => None,
        '\r' => (text.as_bytes().get(at + 1) != Some(&b'\n')).then_some((at, char, lints::CONTROL_CHARACTER)),
        // C0, DEL and C1 with U+0085; line breaks of libyaml; characters that YAML calls not printable.
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
            Some((at, char, lints::CONTROL_CHARACTER))
        }
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some((at, char, lints::BIDI_CONTROL))
        }
        _ => None,
    })
}

/// A character that cannot be shown, in words: "U+2028, a line separator".
pub fn name(char: char) -> String {
    let what = match char {
        '\0' => "NUL",
        '\t' => "a tab",
        '\n' => "a line feed",
        '\r' => "a carriage return",
        '\x1b' => "an escape",
        '\x7f' => "DEL",
        '\u{85}' => "a next-line control",
        '\u{2028}' => "a line separator",
        '\u{2029}' => "a paragraph separator",
        '\u{feff}' => "a byte-order mark",
        '\u{61c}' | '\u{200e}' | '\u{200f}' => "a direction mark",
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "a bidirectional control",
        _ => "a control character",
    };
    format!("U+{:04X}, {what}", u32::from(char))
}

/// Whether `text` holds no refused character after the first `skip` bytes; reports those that it holds.
fn plain(text: &str, skip: usize, diagnostics: &mut Diagnostics<'_>) -> bool {
    let mut found = refused(text).filter(|(at, ..)| *at >= skip).peekable();
    if found.peek().is_none() {
        return true;
    }
    let lines = Lines::new(text);
    for (at, char, lint) in found.by_ref().take(MAX_NAMED) {
        let why = match char {
            '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => ": some readers start a new line there, most editors don't",
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                ": an editor shows the text around it in another order"
            }
            _ => "",
        };
        let remedy =
            if char == '\r' { "end lines with a line feed alone, or with both" } else { "delete the character" };
        let place = lines.place(at, at + char.len_utf8());
        diagnostics.add(lint, place, format!("the file holds {}{why}", name(char)), remedy);
    }
    if let Some((at, char, lint)) = found.next() {
        let message = format!("{} more such characters follow, from here on", found.count() + 1);
        diagnostics.add(lint, lines.place(at, at + char.len_utf8()), message, "delete them all");
    }
    false
}

/// The encoding with wide characters that a file is in. Flag files start with ASCII, so that a zero byte among the
/// first two, or a byte-order mark, gives it away.
fn wide(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [1..=127, 0, 0, 0, ..] | [0, 0, 0, 1..=127, ..] => {
            Some("UTF-32")
        }
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [1..=127, 0, 1..=127, 0, ..] | [0, 1..=127, 0, 1..=127, ..] => {
            Some("UTF-16")
        }
        _ => None,
    }
}

fn not_utf8(bytes: &[u8], valid: usize, diagnostics: &mut Diagnostics<'_>) {
    let (before, after) = bytes.split_at_checked(valid).unwrap_or((bytes, &[]));
    let before = std::str::from_utf8(before).unwrap_or_default();
    let place = Lines::new(before).place(before.len(), before.len());
    let guess = match after {
        // Latin-1 has its letters from 0xC0 on; in UTF-8 such a byte would be followed by one from 0x80 on.
        [byte @ 0xA0..=0xFF, next, ..] if next.is_ascii() => {
            format!("; in Latin-1 it would be `{}`", char::from(*byte))
        }
        [byte @ 0xA0..=0xFF] => format!("; in Latin-1 it would be `{}`", char::from(*byte)),
        [0x80..=0x9F, next, ..] if next.is_ascii() => "; the file may be in Windows-1252".to_owned(),
        _ => String::new(),
    };
    let byte = after.first().copied().unwrap_or_default();
    diagnostics.add(
        lints::NOT_UTF8,
        place,
        format!("the byte 0x{byte:02X} here is not UTF-8{guess}"),
        "save the file as UTF-8 without a byte-order mark",
    );
}
