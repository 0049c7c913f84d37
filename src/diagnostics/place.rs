//! Places in a file: lines and columns.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

/// A place in a file: line and column count from 1, columns count characters (Unicode scalar values).
/// `width` is the number of characters on its first line, for underlining only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
pub struct Place {
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1 in characters (Unicode scalar values).
    pub column: u32,
    #[serde(skip)]
    pub width: u32,
}

impl Place {
    /// The first character of a file: where a diagnostic of the file as a whole is reported.
    pub const START: Place = Place { line: 1, column: 1, width: 1 };

    /// Whether one of these places, or a part of it, is inside of this one.
    #[must_use]
    pub fn has_one_of(self, places: &BTreeSet<Place>) -> bool {
        let end = Place { column: self.column.saturating_add(self.width), width: 0, ..self };
        let last = places.range(..end).next_back().filter(|last| last.line == self.line);
        last.is_some_and(|last| last.column.saturating_add(last.width) > self.column)
    }
}

/// Byte offsets to lines and columns. Lines end at `\n` and nothing else, as in an editor and on GitHub:
/// the characters that some YAML readers take for line breaks are refused before anything is counted.
pub struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    ascii: bool,
    /// How many characters start before every `STRIDE`-th byte, so that a column far out in a line of a megabyte
    /// (minified JSON) needs no counting from its start.
    chars: Vec<u32>,
}

const STRIDE: usize = 512;

impl<'t> Lines<'t> {
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
        let ascii = text.is_ascii();
        let mut count = 0;
        let strides = text.as_bytes().chunks(STRIDE).map(|chunk| {
            count += starting(chunk);
            count
        });
        let chars = if ascii { Vec::new() } else { std::iter::once(0).chain(strides).collect() };
        Lines { text, starts, ascii, chars }
    }

    /// The place of the byte range `start..end`; offsets past the end or inside a character are moved back.
    #[must_use]
    pub fn place(&self, start: usize, end: usize) -> Place {
        let start = floor(self.text, start);
        let end = floor(self.text, end.max(start));
        let line = self.starts.partition_point(|&from| from <= start).saturating_sub(1);
        let from = self.starts.get(line).copied().unwrap_or(0);
        let stop = self.starts.get(line + 1).map_or(self.text.len(), |&next| next - 1).max(start);
        // In ASCII a byte is a character.
        let count = |from: usize, to: usize| {
            if self.ascii {
                u32::try_from(to.saturating_sub(from)).unwrap_or(u32::MAX)
            } else {
                self.before(to).saturating_sub(self.before(from))
            }
        };
        Place {
            line: u32::try_from(line + 1).unwrap_or(u32::MAX),
            column: count(from, start).saturating_add(1),
            width: count(start, end.min(stop)).max(1),
        }
    }

    /// How many characters start before the byte `at`.
    fn before(&self, at: usize) -> u32 {
        let stride = at / STRIDE;
        let rest = self.text.as_bytes().get(stride * STRIDE..at).map_or(0, starting);
        self.chars.get(stride).copied().unwrap_or(0) + rest
    }

    /// The content of a line (1 is the first) without its line break.
    #[must_use]
    pub fn line(&self, line: u32) -> Option<&'t str> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        let from = *self.starts.get(index)?;
        let to = self.starts.get(index + 1).map_or(self.text.len(), |&next| next - 1);
        self.text.get(from..to)
    }
}

/// The number of characters that start in these bytes.
fn starting(bytes: &[u8]) -> u32 {
    let count = bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
