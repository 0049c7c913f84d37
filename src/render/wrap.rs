//! Wrapping: text in lines of a width, which is counted in columns as a terminal shows them.

use crate::diagnostics::escape::columns;

/// A word that is wider than a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LongWord {
    /// The text is broken at the end of the line.
    Broken,
    /// The text is longer than the line, so that it can be copied.
    Whole,
}

/// Breaks text into lines of at most `width` columns, at blanks where there are any. A piece of text keeps its tone; a
/// blank between words has the default one.
#[must_use]
pub fn wrap<T: Copy + PartialEq + Default>(
    text: &[(T, String)],
    width: usize,
    long: LongWord,
) -> Vec<Vec<(T, String)>> {
    let mut lines: Vec<Vec<(T, String)>> = vec![Vec::new()];
    let mut used = 0;
    for word in words(text, width, long) {
        let wide: usize = word.iter().map(|(_, text)| columns(text)).sum();
        if used > 0 && used + 1 + wide > width {
            lines.push(Vec::new());
            used = 0;
        } else if used > 0 {
            push(&mut lines, T::default(), " ");
            used += 1;
        }
        for (tone, text) in word {
            if long == LongWord::Whole || used + columns(text) <= width {
                push(&mut lines, tone, text);
                used += columns(text);
                continue;
            }
            for c in text.chars() {
                let mut buffer = [0; 4];
                let glyph: &str = c.encode_utf8(&mut buffer);
                if used + columns(glyph) > width {
                    lines.push(Vec::new());
                    used = 0;
                }
                push(&mut lines, tone, glyph);
                used += columns(glyph);
            }
        }
    }
    lines
}

fn push<T: PartialEq>(lines: &mut [Vec<(T, String)>], tone: T, text: &str) {
    let Some(line) = lines.last_mut() else { return };
    match line.last_mut() {
        Some((last, before)) if *last == tone => before.push_str(text),
        _ => line.push((tone, text.to_owned())),
    }
}

/// Words, each of one or more tones; two blanks in a row have an empty word between them. Code in backticks is
/// one word, because it is there to be copied.
fn words<T: Copy>(text: &[(T, String)], width: usize, long: LongWord) -> Vec<Vec<(T, &str)>> {
    let mut words: Vec<Vec<(T, &str)>> = vec![Vec::new()];
    for (tone, text) in text {
        for (index, piece) in pieces(text, width, long).into_iter().enumerate() {
            if index > 0 {
                words.push(Vec::new());
            }
            if let Some(word) = words.last_mut()
                && !piece.is_empty()
            {
                word.push((*tone, piece));
            }
        }
    }
    words
}

/// The parts of a string between the blanks at which a line may end.
fn pieces(text: &str, width: usize, long: LongWord) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut from, mut at) = (0, 0);
    while let Some(found) = text.get(at..).and_then(|rest| rest.find([' ', '`'])) {
        let here = at + found;
        at = here + 1;
        if text.as_bytes().get(here) == Some(&b' ') {
            pieces.push(text.get(from..here).unwrap_or_default());
            from = at;
        } else if let Some(end) = text.get(at..).and_then(|rest| rest.find('`')) {
            let span = text.get(here..=at + end).unwrap_or_default();
            if long == LongWord::Whole || columns(span) <= width {
                at += end + 1;
            }
        }
    }
    pieces.push(text.get(from..).unwrap_or_default());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_in_columns() {
        let lines = |text: &str, width, long| -> Vec<String> {
            let lines = wrap(&[((), text.to_owned())], width, long);
            lines.iter().map(|line| line.iter().map(|((), text)| text.as_str()).collect()).collect()
        };
        assert_eq!(lines("one two three", 8, LongWord::Broken), ["one two", "three"]);
        assert_eq!(lines("日本 日本", 6, LongWord::Broken), ["日本", "日本"]);
        assert_eq!(lines("a 1234567 b", 5, LongWord::Broken), ["a", "12345", "67 b"]);
        assert_eq!(lines("a 1234567 b", 5, LongWord::Whole), ["a", "1234567", "b"]);
        assert_eq!(lines("", 5, LongWord::Broken), [""]);
        assert_eq!(lines("write `a b c` or `d`", 12, LongWord::Broken), ["write", "`a b c` or", "`d`"]);
        assert_eq!(lines("a `b c d e` f", 6, LongWord::Whole), ["a", "`b c d e`", "f"]);
        assert_eq!(lines("a `b c d e` f", 6, LongWord::Broken), ["a `b c", "d e` f"]);
        assert_eq!(lines("it's ` open", 6, LongWord::Broken), ["it's `", "open"]);
    }
}
