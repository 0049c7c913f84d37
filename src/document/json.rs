//! JSON (RFC 8259) into a tree, JSON with comments, and JSON5: one reading each, so only duplicates, depth, size and
//! characters need care beyond syntax.

mod json5;

use super::yaml::{ANY_FILE, Dialect, MAX_DEPTH, TextDiagnostics};
use crate::diagnostics::Lines;
use crate::diagnostics::lints::{self, Lint};
use crate::diagnostics::words::shortened as shown;
use crate::document::{Data, Decimal, Entry, Map, Node};

/// Reads a string in one of the three; each diagnostic is an error, but for those that only strict readers have.
pub fn read(
    text: &str,
    lines: &Lines<'_>,
    dialect: Dialect,
    diagnostics: &mut TextDiagnostics<'_, '_>,
) -> Option<Node> {
    let comments = dialect != Dialect::Json;
    let five = dialect == Dialect::Json5;
    let mut reader = JsonReader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        lines,
        diagnostics,
        comments,
        five,
        first_comment: None,
        first_comma: None,
        nodes: 0,
        depth: 0,
    };
    reader.space();
    if reader.peek().is_none() {
        reader.diagnostics.empty_file(ANY_FILE.if_empty);
        return None;
    }
    let node = reader.value()?;
    reader.space();
    if reader.peek().is_some() {
        return reader.unexpected("the end of the file");
    }
    if dialect == Dialect::AnyJson {
        reader.warn_of_loose();
    }
    Some(node)
}

/// A reader of one file, at the byte it has come to.
struct JsonReader<'t, 'l, 'r, 'p, 'o> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    lines: &'l Lines<'t>,
    diagnostics: &'o mut TextDiagnostics<'r, 'p>,
    /// Whether there are comments, and commas before closing brackets.
    comments: bool,
    /// Whether it is JSON5.
    five: bool,
    /// The first comment, and the first comma before a closing bracket.
    first_comment: Option<(usize, usize)>,
    first_comma: Option<(usize, usize)>,
    nodes: usize,
    depth: usize,
}

impl JsonReader<'_, '_, '_, '_, '_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        loop {
            while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
                self.at += 1;
            }
            if !(self.comments && self.comment()) {
                return;
            }
        }
    }

    /// Whether a comment stood here, which is passed. One without an end is left, for whoever expects a value.
    fn comment(&mut self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = if rest.starts_with("//") {
            Some(rest.find('\n').unwrap_or(rest.len()))
        } else if rest.starts_with("/*") {
            rest.get(2..).and_then(|inside| inside.find("*/")).map(|end| end + 4)
        } else {
            None
        };
        if let Some(length) = length {
            self.first_comment = self.first_comment.or(Some((self.at, self.at + length)));
            self.at += length;
        }
        length.is_some()
    }

    /// Takes a closing bracket after a comma.
    fn takes_after_comma(&mut self, byte: u8, comma: usize) -> bool {
        let taken = self.comments && self.take(byte);
        if taken {
            self.first_comma = self.first_comma.or(Some((comma, comma + 1)));
        }
        taken
    }

    /// Warns of the first comment and the first comma that a strict reader refuses, each kind by itself: a file may
    /// have one of the two for years, as its reader accepts just that.
    fn warn_of_loose(&mut self) {
        let found = [("a comment", self.first_comment), ("a comma before a closing bracket", self.first_comma)];
        for (what, (from, to)) in found.into_iter().filter_map(|(what, range)| Some((what, range?))) {
            let message = format!("{what} in a `.json` file, which strict readers of JSON refuse as a whole");
            let remedy = "delete it; if its reader accepts it, call the file `.jsonc`, or read it by a mapping of \
                          your own with `syntax: {is: jsonc}`";
            self.diagnostics.add(lints::LOOSE_JSON, self.lines.place(from, to), message, remedy);
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    fn refuse<T>(&mut self, lint: &Lint, from: usize, message: impl Into<String>, remedy: &str) -> Option<T> {
        let place = self.lines.place(from, self.at);
        self.diagnostics.add(lint, place, message, remedy);
        None
    }

    fn unexpected<T>(&mut self, expected: &str) -> Option<T> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let (message, remedy) = match rest.chars().next() {
            None => (format!("the file ends where {expected} was expected"), "close what is open"),
            Some('/') if self.comments => ("a comment without its end".to_owned(), "close it with `*/`"),
            Some('#' | '/') => ("JSON has no comments".to_owned(), "delete the comment, or write the file as YAML"),
            Some('\'') => ("JSON has no single quotes".to_owned(), "write double quotes"),
            Some(char @ ('}' | ']')) if self.after_comma() => (format!("a comma before `{char}`"), "delete the comma"),
            Some(char) => (
                format!("`{}` stands where {expected} was expected", char.escape_debug()),
                "write JSON, with every key and every string in double quotes",
            ),
        };
        self.refuse(lints::SYNTAX, self.at, message, remedy)
    }

    fn after_comma(&self) -> bool {
        let before = self.bytes.get(..self.at).unwrap_or_default();
        before.iter().rev().find(|byte| !byte.is_ascii_whitespace()) == Some(&b',')
    }

    fn value(&mut self) -> Option<Node> {
        let from = self.at;
        self.nodes += 1;
        if self.nodes > self.diagnostics.most {
            self.diagnostics.too_many_nodes(self.lines.place(from, from));
            return None;
        }
        let data = match self.peek() {
            Some(b'{') => self.nested(Self::map)?,
            Some(b'[') => self.nested(Self::list)?,
            Some(b'"') => Data::Text(self.string(false)?),
            Some(b'\'') if self.five => Data::Text(self.string(false)?),
            Some(b'+' | b'-' | b'.' | b'0'..=b'9') if self.five => self.number5().unwrap_or_else(|| self.since(from)),
            Some(b'-' | b'0'..=b'9') => self.number().unwrap_or_else(|| self.since(from)),
            Some(b'a'..=b'z' | b'A'..=b'Z') => self.word().unwrap_or_else(|| self.since(from)),
            _ => return self.unexpected("a value"),
        };
        let quoted = matches!(data, Data::Text(_));
        Some(Node { place: self.lines.place(from, self.at), data, quoted, unknown: false })
    }

    /// A scalar that was refused, as it is written.
    fn since(&self, from: usize) -> Data {
        Data::Text(self.text.get(from..self.at).unwrap_or_default().to_owned())
    }

    fn nested(&mut self, inside: fn(&mut Self) -> Option<Data>) -> Option<Data> {
        if self.depth == MAX_DEPTH {
            self.diagnostics.too_deep(self.lines.place(self.at, self.at));
            return None;
        }
        self.depth += 1;
        self.at += 1;
        let data = inside(self);
        self.depth -= 1;
        data
    }

    fn list(&mut self) -> Option<Data> {
        let mut items = Vec::new();
        self.space();
        if self.take(b']') {
            return Some(Data::List(items));
        }
        loop {
            self.space();
            items.push(self.value()?);
            self.space();
            if self.take(b']') {
                items.shrink_to_fit();
                return Some(Data::List(items));
            }
            let comma = self.at;
            if !self.take(b',') {
                return self.unexpected("`,` or `]`");
            }
            self.space();
            if self.takes_after_comma(b']', comma) {
                return Some(Data::List(items));
            }
        }
    }

    fn map(&mut self) -> Option<Data> {
        let mut map = Map::default();
        self.space();
        if self.take(b'}') {
            return Some(Data::Map(map));
        }
        let mut comma = self.at;
        loop {
            self.space();
            if !map.0.is_empty() && self.takes_after_comma(b'}', comma) {
                return Some(self.closed(map));
            }
            let from = self.at;
            let key = match self.peek() {
                Some(b'"') => self.string(true)?,
                Some(b'\'') if self.five => self.string(true)?,
                _ if self.five => self.name()?,
                _ => return self.unexpected("a key in double quotes"),
            };
            let place = self.lines.place(from, self.at);
            self.space();
            if !self.take(b':') {
                return self.unexpected("`:`");
            }
            self.space();
            let value = self.value()?;
            map.0.push(Entry { key, place, value });
            self.space();
            if self.take(b'}') {
                return Some(self.closed(map));
            }
            comma = self.at;
            if !self.take(b',') {
                return self.unexpected("`,` or `}`");
            }
        }
    }

    fn closed(&mut self, mut map: Map) -> Data {
        // Most hold few, and a place for four each is most of what a file of them takes.
        map.0.shrink_to_fit();
        self.diagnostics.duplicates(map.iter().map(|entry| (entry.key.as_str(), entry.place)));
        Data::Map(map)
    }

    fn word(&mut self) -> Option<Data> {
        let from = self.at;
        while matches!(self.peek(), Some(byte) if byte.is_ascii_alphanumeric() || byte == b'_') {
            self.at += 1;
        }
        match self.text.get(from..self.at).unwrap_or_default() {
            "true" => Some(Data::Bool(true)),
            "false" => Some(Data::Bool(false)),
            "null" => Some(Data::Null),
            other => {
                let message = format!("`{}` is no JSON value", shown(other));
                self.refuse(lints::SYNTAX, from, message, "write `true`, `false` or `null`, or put it in double quotes")
            }
        }
    }

    fn digits(&mut self) -> usize {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - from
    }

    fn number(&mut self) -> Option<Data> {
        let from = self.at;
        self.take(b'-');
        let mut whole = self.take(b'0') || self.digits() > 0;
        if self.take(b'.') {
            whole &= self.digits() > 0;
        }
        if self.take(b'e') || self.take(b'E') {
            let _sign = self.take(b'+') || self.take(b'-');
            whole &= self.digits() > 0;
        }
        let rest = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'.' | b'+' | b'-')) {
            self.at += 1;
        }
        let text = self.text.get(from..self.at).unwrap_or_default();
        if !whole || rest != self.at {
            let message = format!("`{}` is no JSON number", shown(text));
            return self.refuse(
                lints::SYNTAX,
                from,
                message,
                "write a plain decimal number, or put it in double quotes",
            );
        }
        self.kept(from, Decimal::parse(text))
    }

    /// The number that was written since `from`, if it is one that readers keep.
    fn kept(&mut self, from: usize, number: Option<Decimal>) -> Option<Data> {
        if let Some(number) = number.filter(Decimal::is_finite) {
            return Some(Data::Number(number));
        }
        let text = self.text.get(from..self.at).unwrap_or_default();
        let message = format!("`{}` is a number beyond what readers keep", shown(text));
        self.refuse(lints::OUT_OF_RANGE, from, message, "write a smaller number, or put it in double quotes")
    }

    fn string(&mut self, is_key: bool) -> Option<String> {
        let from = self.at;
        let quote = self.peek()?;
        self.at += 1;
        let mut text = String::new();
        let mut escaped = false;
        loop {
            let run = self.at;
            while self.peek().is_some_and(|byte| byte != quote && !matches!(byte, b'\\' | 0..=31)) {
                self.at += 1;
            }
            text.push_str(self.text.get(run..self.at).unwrap_or_default());
            match self.peek() {
                Some(byte) if byte == quote => {
                    self.at += 1;
                    // Formats in JSON with comments keep patterns with such characters; they are shown as their
                    // numbers.
                    if escaped && (is_key || !self.comments) {
                        self.diagnostics.escaped(&text, is_key, self.lines.place(from, self.at));
                    }
                    return Some(text);
                }
                Some(b'\\') if self.five && self.continues() => {}
                Some(b'\\') => {
                    escaped = true;
                    text.push(self.escape().unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                Some(byte) => {
                    let message = "a string with a line break or a tab in it";
                    let none = self.refuse(lints::SYNTAX, self.at, message, "write `\\n` or `\\t`");
                    // Behind a line break a quote may be missing.
                    if matches!(byte, b'\n' | b'\r') {
                        return none;
                    }
                    self.at += 1;
                }
                None => {
                    self.at = from + 1;
                    return self.refuse(
                        lints::SYNTAX,
                        from,
                        "a string without its closing quote",
                        "add the closing `\"`",
                    );
                }
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let from = self.at;
        self.at += 1;
        let letter = self.peek();
        self.at += usize::from(letter.is_some_and(|byte| byte.is_ascii()));
        let char = match letter {
            Some(byte @ (b'"' | b'\\' | b'/')) => Some(char::from(byte)),
            Some(b'b') => Some('\u{8}'),
            Some(b'f') => Some('\u{c}'),
            Some(b'n') => Some('\n'),
            Some(b'r') => Some('\r'),
            Some(b't') => Some('\t'),
            Some(b'u') => self.unicode(),
            Some(byte) if self.five => self.escape5(byte),
            _ => None,
        };
        if char.is_none() {
            let shown = shown(self.text.get(from..self.at).unwrap_or_default());
            let message = format!("`{shown}` is no character");
            return self.refuse(
                lints::SYNTAX,
                from,
                message,
                "write the character itself, or a pair of `\\u` surrogates",
            );
        }
        char
    }

    /// The rest of `\u0041`, or of a surrogate pair, as one character.
    fn unicode(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first);
        }
        if !(self.take(b'\\') && self.take(b'u')) {
            return None;
        }
        let second = self.hex()?;
        let low = second.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
        char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + low)
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}
