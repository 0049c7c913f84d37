//! TOML into the tree, with the place of every value.
//!
//! In: the bytes of a file. Out: its [`Node`], or diagnostics. Refuses: what TOML refuses, keys that stand twice and
//! mixed tables among it; numbers that are none in JSON (`inf`, `nan`). Dates and times are strings as they are
//! written, as the readers that take files in several languages have them. Not taken: a reader of our own for a
//! language with one specification and one well-kept reader.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::unknown;
use super::yaml::{MAX_BYTES, MAX_DEPTH, MAX_NODES, characters};
use super::{Data, Decimal, Entry, Map, Node};
use crate::diagnostics::{Diagnostics, Lines, Place, lints};

/// Reads a file that may be so many times as large as others.
#[must_use]
pub fn read(bytes: &[u8], times: usize, diagnostics: &mut Diagnostics<'_>) -> Option<Node> {
    let before = diagnostics.count();
    let text = characters::text(bytes, MAX_BYTES * times, diagnostics)?;
    let damaged = diagnostics.count() != before;
    let mut found = Diagnostics::of(diagnostics.path());
    let node = read_text(&text, times, &mut found);
    if !damaged {
        diagnostics.take(found, 0);
    } else if node.is_some() {
        diagnostics.take_others(found);
    }
    Some(unknown::marked(node?, before, diagnostics))
}

fn read_text(text: &str, times: usize, diagnostics: &mut Diagnostics<'_>) -> Option<Node> {
    let lines = Lines::new(text);
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let span = error.span().unwrap_or(0..0);
            let message = format!("this is no TOML: {}", error.message().escape_debug());
            diagnostics.add(
                lints::SYNTAX,
                lines.place(span.start, span.end),
                message,
                "write it as https://toml.io/en/v1.1.0 says",
            );
            return None;
        }
    };
    if table.get_ref().is_empty() {
        diagnostics.add(
            lints::EMPTY_FILE,
            lines.place(0, 0),
            "the file says nothing",
            "describe a flag in it or delete it",
        );
        return None;
    }
    let mut reader = TomlReader { lines: &lines, diagnostics, left: MAX_NODES * times };
    reader.table(table.get_ref(), table.span(), 0)
}

/// A reader of one file whose syntax was parsed.
struct TomlReader<'t, 'd, 'p> {
    lines: &'t Lines<'t>,
    diagnostics: &'d mut Diagnostics<'p>,
    /// How many values the file may hold yet.
    left: usize,
}

impl TomlReader<'_, '_, '_> {
    fn table(&mut self, table: &DeTable<'_>, span: std::ops::Range<usize>, depth: usize) -> Option<Node> {
        let place = self.lines.place(span.start, span.end);
        if depth > MAX_DEPTH {
            let message = format!("tables and arrays are nested more than {MAX_DEPTH} deep here");
            self.diagnostics.add(lints::TOO_DEEP, place, message, "flatten the value");
            return None;
        }
        let mut entries = Vec::new();
        for (key, value) in table {
            let span = key.span();
            let place = self.lines.place(span.start, span.end);
            entries.push(Entry { key: key.get_ref().to_string(), place, value: self.value(value, depth + 1)? });
        }
        Some(Node::new(place, Data::Map(Map(entries))))
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, depth: usize) -> Option<Node> {
        let span = value.span();
        let place = self.lines.place(span.start, span.end);
        let Some(left) = self.left.checked_sub(1) else {
            self.diagnostics.add(
                lints::TOO_MANY_NODES,
                place,
                "the file holds too many values",
                "split it into several files",
            );
            return None;
        };
        self.left = left;
        let number = |text: String| Decimal::parse(&text.replace('_', ""));
        let data = match value.get_ref() {
            DeValue::Table(table) => return self.table(table, span, depth),
            DeValue::Array(items) => {
                if depth > MAX_DEPTH {
                    let message = format!("tables and arrays are nested more than {MAX_DEPTH} deep here");
                    self.diagnostics.add(lints::TOO_DEEP, place, message, "flatten the value");
                    return None;
                }
                let items: Option<Vec<Node>> = items.iter().map(|item| self.value(item, depth + 1)).collect();
                Data::List(items?)
            }
            DeValue::String(text) => Data::Text(text.to_string()),
            DeValue::Boolean(value) => Data::Bool(*value),
            DeValue::Datetime(date) => Data::Text(date.to_string()),
            DeValue::Integer(integer) => {
                let read = i64::from_str_radix(&integer.as_str().replace('_', ""), integer.radix()).ok();
                match read.and_then(|read| number(read.to_string())) {
                    Some(number) => Data::Number(number),
                    None => self.no_number(place, integer.as_str()),
                }
            }
            DeValue::Float(float) => match number(float.as_str().to_owned()) {
                Some(number) => Data::Number(number),
                None => self.no_number(place, float.as_str()),
            },
        };
        let quoted = matches!(value.get_ref(), DeValue::String(_));
        Some(Node { place, data, quoted, unknown: false })
    }

    fn no_number(&mut self, place: Place, text: &str) -> Data {
        let message = "this is no number that all readers have";
        self.diagnostics.add(lints::READERS_DISAGREE, place, message, "write a finite number of at most 64 bits");
        Data::Text(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Result<String, Vec<String>> {
        let mut diagnostics = Diagnostics::of("a.toml");
        let node = read(text.as_bytes(), 1, &mut diagnostics);
        let found = diagnostics.finish(text.as_bytes());
        let in_short =
            |one: &crate::diagnostics::Diagnostic| format!("{} {}:{}", one.id, one.place.line, one.place.column);
        node.filter(|_| found.is_empty()).map(|node| node.json()).ok_or_else(|| found.iter().map(in_short).collect())
    }

    #[test]
    fn values_are_those_of_toml() {
        let text = "# flags\n[a]\non = true\nn = 0x1F\nf = 1_0.50\nd = 2026-01-02T03:04:05Z\n[a.\"b.c\"]\nx = \
                    ['y', \"z\"]\n[[rules]]\np = +5\n";
        let expected =
            r#"{"a":{"on":true,"n":31,"f":10.5,"d":"2026-01-02T03:04:05Z","b.c":{"x":["y","z"]}},"rules":[{"p":5}]}"#;
        assert_eq!(json(text).as_deref(), Ok(expected));
    }

    #[test]
    fn what_is_none_is_refused_at_its_place() {
        for (text, expected) in [
            ("a = 1\na = 2\n", "syntax 2:1"),
            ("a = nan\n", "readers-disagree 1:5"),
            ("a = 99999999999999999999\n", "readers-disagree 1:5"),
            ("a: 1\n", "syntax 1:4"),
            ("# nothing\n", "empty-file 1:1"),
        ] {
            assert_eq!(json(text), Err(vec![expected.to_owned()]), "{text}");
        }
        assert!(json(&format!("a = {}{}\n", "[".repeat(40), "]".repeat(40))).is_err());
    }
}
