//! Plain texts, read line by line: what nearly every flag file is, at a tenth of what a parser of all of YAML takes.
//!
//! In: a text whose characters were let through. Out: its tree, with places; or nothing, and the parsers have it.
//! Plain is a text of `key: value` and `- item` lines, of scalars and flow collections that end where their line ends,
//! of words and decimals. In these few forms no version of YAML differs, nor any maintained reader that was tried, in
//! eight languages; where one did, the form is not plain (it is named there), or refused by all (see `odd`). Whatever
//! else stands in a text (an escape, a block, a text over two lines, an odd number, a key twice), nothing is said of it:
//! this reader tells no diagnostic and refuses nothing. The tests hold it against both parsers: what it takes, they take
//! for the same, place by place.

use super::scalar::{self, Plain};
use super::{MAX_DEPTH, MAX_NODES};
use crate::diagnostics::Place;
use crate::document::{Data, Decimal, Entry, Map, Node};

/// Longer keys are left to the parsers: some readers give up looking for the colon.
const LONGEST_KEY: usize = 200;
/// Longer lines are left to the parsers: to count their characters for every place would take too long.
const LONGEST_LINE: usize = 1000;
/// In a map of more entries than this, keys that are the same are found by sorting.
const FEW: usize = 12;

/// The tree of `text`, if it is plain.
pub fn read(text: &str) -> Option<Node> {
    if memchr::memchr2(b'\t', b'\r', text.as_bytes()).is_some() || !text.ends_with('\n') {
        return None;
    }
    let mut reader = Reader {
        rest: text,
        here: None,
        number: 0,
        gap: false,
        odd: false,
        ascii: text.is_ascii(),
        seen: (0, 0),
        nodes: 0,
        depth: 0,
        braces: 0,
        entries: Vec::new(),
        items: Vec::new(),
    };
    reader.next();
    // Only in the first line: where an empty one stands before it, Symfony's reader says that a second document starts.
    // And in a file with that mark it cuts three dots off the end.
    if text.starts_with("---\n") {
        reader.odd |= text.trim_ascii_end().ends_with("...");
        reader.next();
    }
    // Symfony's reader wants the first line in the first column.
    let line = reader.here.filter(|line| line.at == 0)?;
    let node = if line.is_item() { reader.list(false) } else { reader.map() };
    node.filter(|_| reader.here.is_none() && !reader.odd)
}

/// A line that says something, or what is left of it after the dash of a list.
#[derive(Clone, Copy)]
struct Line<'t> {
    /// Counted from 1.
    number: u32,
    /// All of it, without its end.
    text: &'t str,
    /// Where in it what it says begins.
    at: usize,
}

impl Line<'_> {
    fn is_item(&self) -> bool {
        self.text.as_bytes().get(self.at..).is_some_and(|text| text.starts_with(b"- "))
    }
}

struct Reader<'t> {
    rest: &'t str,
    here: Option<Line<'t>>,
    /// How many lines were taken off `rest`.
    number: u32,
    /// Whether an empty line stands before `here`.
    gap: bool,
    /// Whether a line is too long, or nothing but spaces: after one, Symfony's reader takes a comment for text.
    odd: bool,
    /// Whether a byte is a character.
    ascii: bool,
    /// The line in which the last value ended, and where in it.
    seen: (u32, usize),
    nodes: usize,
    depth: usize,
    /// How many flow maps are open.
    braces: usize,
    /// What was read of the maps and lists that are not complete, the innermost last: each is as large as it has to be.
    entries: Vec<Entry>,
    items: Vec<Node>,
}

/// Every step is `None` where the text is not plain.
impl<'t> Reader<'t> {
    /// Goes to the next line that is neither blank nor a comment.
    fn next(&mut self) {
        self.here = None;
        self.gap = false;
        while let Some(end) = memchr::memchr(b'\n', self.rest.as_bytes()) {
            let (text, rest) = self.rest.split_at(end);
            self.rest = rest.get(1..).unwrap_or_default();
            self.number += 1;
            let at = spaces(text, 0);
            self.odd |= !self.ascii && text.len() > LONGEST_LINE;
            match text.as_bytes().get(at) {
                _ if self.odd => return,
                Some(b'#') => {}
                Some(_) => {
                    self.here = Some(Line { number: self.number, text, at });
                    return;
                }
                None => {
                    self.gap = true;
                    self.odd |= at > 0;
                }
            }
        }
    }

    /// The map that starts here: the lines that start in this column, each with a key.
    fn map(&mut self) -> Option<Node> {
        let start = self.enter()?;
        let from = self.entries.len();
        while let Some(line) = self.here.filter(|line| line.at == start.at) {
            let (key, end, after) = key(line.text, line.at)?;
            let place = self.place(line, line.at, end);
            self.seen = (line.number, end);
            let value = if ends(line.text, after) {
                self.next();
                self.below(start.at)?
            } else {
                self.rest_of(line, spaces(line.text, after))?
            };
            self.entries.push(Entry { key: key.to_owned(), place, value });
        }
        let map = self.entries_from(from)?;
        self.leave(start, map)
    }

    /// The list that starts here: the lines with a dash in this column. The parser says of one that stands `beside` its
    /// key, in the same column, that it starts after the dash.
    fn list(&mut self, beside: bool) -> Option<Node> {
        let start = self.enter()?;
        let from = self.items.len();
        while let Some(line) = self.here.filter(|line| line.at == start.at && line.is_item()) {
            let at = spaces(line.text, line.at + 2);
            // Symfony's reader finds a key in the comment of `- -2 # a: b`.
            if line.text.as_bytes().get(at) == Some(&b'-') && line.text.contains('#') {
                return None;
            }
            let is_map = !matches!(line.text.as_bytes().get(at)?, b'{' | b'[') && key(line.text, at).is_some();
            let item = if is_map {
                self.here = Some(Line { at, ..line });
                self.map()?
            } else {
                self.rest_of(line, at)?
            };
            self.items.push(item);
        }
        let items = self.items.drain(from..).collect();
        let list = self.leave(start, Data::List(items))?;
        let at = if beside { spaces(start.text, start.at + 2) } else { start.at };
        Some(Node { place: self.stretch(start, at), ..list })
    }

    fn enter(&mut self) -> Option<Line<'t>> {
        self.depth += 1;
        self.nodes += 1;
        self.here.filter(|_| self.depth <= MAX_DEPTH && self.nodes <= MAX_NODES)
    }

    /// Ends what started there. No line that is deeper may be left.
    fn leave(&mut self, start: Line<'t>, data: Data) -> Option<Node> {
        self.depth -= 1;
        let deeper = self.here.is_some_and(|line| line.at > start.at);
        (!deeper).then(|| Node { place: self.stretch(start, start.at), data, quoted: false })
    }

    /// The place of what starts there and ended just now.
    fn stretch(&self, start: Line<'t>, at: usize) -> Place {
        let (number, end) = self.seen;
        self.place(start, at, if number == start.number { end } else { start.text.len() })
    }

    /// What stands in the lines below a key in this column. A list may start in the same one, but not after an empty
    /// line: Symfony's reader takes the next key for a part of it.
    fn below(&mut self, column: usize) -> Option<Node> {
        let line = self.here?;
        match line.is_item() {
            true if line.at > column || line.at == column && !self.gap => self.list(line.at == column),
            false if line.at > column => self.map(),
            _ => None,
        }
    }

    /// A value that ends with its line.
    fn rest_of(&mut self, line: Line<'t>, at: usize) -> Option<Node> {
        let (node, end) = self.value(line, at, None)?;
        self.seen = (line.number, end);
        self.next();
        ends(line.text, end).then_some(node)
    }

    /// The value that starts here, in this bracket or in none, and where it ends.
    fn value(&mut self, line: Line<'t>, at: usize, within: Option<u8>) -> Option<(Node, usize)> {
        let text = line.text;
        let (data, end, quoted) = match text.as_bytes().get(at)? {
            b'"' | b'\'' => {
                let (said, end) = quoted(text, at)?;
                (Data::Text(said.to_owned()), end, true)
            }
            b'{' => {
                let from = self.entries.len();
                self.braces += 1;
                let end = self.members(line, at, b'}', |reader, at| {
                    let (key, end, after) = key(text, at)?;
                    let place = reader.place(line, at, end);
                    let at = Some(spaces(text, after)).filter(|at| *at > after)?;
                    let (value, end) = reader.value(line, at, Some(b'{'))?;
                    reader.entries.push(Entry { key: key.to_owned(), place, value });
                    Some(end)
                })?;
                self.braces -= 1;
                (self.entries_from(from)?, end, false)
            }
            b'[' => {
                let from = self.items.len();
                let end = self.members(line, at, b']', |reader, at| {
                    let (item, end) = reader.value(line, at, Some(b'['))?;
                    reader.items.push(item);
                    Some(end)
                })?;
                (Data::List(self.items.drain(from..).collect()), end, false)
            }
            _ => {
                // Go's `goccy/go-yaml` finds a map in the list of `{a: [b:c]}`.
                let colon = within != Some(b'[') || self.braces == 0;
                let said = text.get(at..at + length(text.get(at..)?, within.is_some(), colon)?)?.trim_end_matches(' ');
                // Rust's readers want no dash before a comma, and some cut off whatever Unicode calls white space.
                let differs =
                    within.is_some() && said.ends_with('-') || !said.is_ascii() && said.ends_with(char::is_whitespace);
                (scalar(said).filter(|_| !differs)?, at + said.len(), false)
            }
        };
        self.nodes += 1;
        (self.nodes <= MAX_NODES).then_some((Node { place: self.place(line, at, end), data, quoted }, end))
    }

    /// The map of the entries since then, if every key is another one.
    fn entries_from(&mut self, from: usize) -> Option<Data> {
        let entries: Vec<Entry> = self.entries.drain(from..).collect();
        distinct(&entries).then_some(Data::Map(Map(entries)))
    }

    /// Where a flow collection ends that starts here, after taking its members one by one.
    fn members(
        &mut self,
        line: Line<'t>,
        at: usize,
        close: u8,
        mut one: impl FnMut(&mut Self, usize) -> Option<usize>,
    ) -> Option<usize> {
        self.depth += 1;
        let next = |at: usize| Some((spaces(line.text, at), line.text.as_bytes().get(spaces(line.text, at))?));
        let (mut at, mut byte) = next(at + 1).filter(|_| self.depth <= MAX_DEPTH)?;
        let mut first = true;
        while *byte != close {
            if !first {
                at = next(at + 1).filter(|_| *byte == b',')?.0;
            }
            (at, byte) = next(one(self, at)?)?;
            first = false;
        }
        self.depth -= 1;
        Some(at + 1)
    }

    /// The place of some bytes of a line.
    fn place(&self, line: Line<'t>, start: usize, end: usize) -> Place {
        let chars = |text: Option<&str>| {
            let text = text.unwrap_or_default();
            u32::try_from(if self.ascii { text.len() } else { text.chars().count() }).unwrap_or(u32::MAX)
        };
        let column = chars(line.text.get(..start)).saturating_add(1);
        Place { line: line.number, column, width: chars(line.text.get(start..end)).max(1) }
    }
}

/// Where the spaces end that may stand here.
fn spaces(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| **byte == b' ').count()
}

/// Whether nothing but a comment is left of a line.
fn ends(text: &str, after: usize) -> bool {
    let at = spaces(text, after);
    match text.as_bytes().get(at) {
        None => true,
        Some(byte) => *byte == b'#' && at > after,
    }
}

/// The key that starts here, where it ends, and where its colon ends, which nothing follows or a space.
fn key(text: &str, at: usize) -> Option<(&str, usize, usize)> {
    let bytes = text.as_bytes();
    let (key, end) = match bytes.get(at)? {
        b'"' | b'\'' => quoted(text, at).filter(|(key, _)| {
            !key.is_empty() && *key != "<<" && key.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        })?,
        byte if byte.is_ascii_alphabetic() || *byte == b'_' => {
            let rest = bytes.get(at..)?.iter();
            let letters = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
            let end = at + rest.take_while(letters).count();
            (text.get(at..end).filter(|key| is_word(key))?, end)
        }
        _ => return None,
    };
    let colon = bytes.get(end) == Some(&b':') && matches!(bytes.get(end + 1), None | Some(b' '));
    // JavaScript's older readers lose what stands under `__proto__`.
    (colon && key.len() <= LONGEST_KEY && key != "__proto__").then_some((key, end, end + 1))
}

/// Whether a text without quotes that starts with a letter or so is a text to every reader.
fn is_word(text: &str) -> bool {
    matches!(scalar::resolve(text), Plain::Text)
        && !["true", "false", "null"].iter().any(|typed| text.eq_ignore_ascii_case(typed))
}

/// Whether every key is another one.
fn distinct(entries: &[Entry]) -> bool {
    if entries.len() <= FEW {
        let stood = |at: usize, key: &str| entries.iter().take(at).any(|entry| entry.key == key);
        return !entries.iter().enumerate().any(|(at, entry)| stood(at, &entry.key));
    }
    let mut keys: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    keys.sort_unstable();
    keys.is_sorted_by(|one, two| one < two)
}

/// What stands in the quotes that open here, without escapes, doubled quotes or breaks; and where they end.
fn quoted(text: &str, at: usize) -> Option<(&str, usize)> {
    let quote = *text.as_bytes().get(at)?;
    let inside = text.get(at + 1..)?;
    let length = memchr::memchr2(quote, b'\\', inside.as_bytes())?;
    let end = at + 1 + length;
    // A quote after the quote is one that is meant.
    let bytes = text.as_bytes();
    let closed = bytes.get(end) == Some(&quote) && bytes.get(end + 1) != Some(&quote);
    Some((inside.get(..length).filter(|_| closed)?, end + 1))
}

/// How long a scalar without quotes is, with the spaces after it; whether it may hold a colon.
fn length(text: &str, flow: bool, colon: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let next = |at: usize| bytes.get(at + 1).copied().unwrap_or(b' ');
    let starts = match bytes.first()? {
        b'-' => next(0).is_ascii_digit(),
        byte if byte.is_ascii() => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'(' | b'$'),
        // Some readers strip every white space that Unicode knows.
        _ => text.starts_with(char::is_alphanumeric),
    };
    for (at, byte) in bytes.iter().enumerate().filter(|_| starts) {
        match byte {
            // In `a:b` it is a character like any other, to readers of our century.
            b':' if colon && (next(at).is_ascii_alphanumeric() || next(at) == b'/') => {}
            // Symfony's reader makes one space of two.
            b' ' if flow && next(at) == b' ' => return None,
            b'#' if !flow && at > 0 && bytes.get(at - 1) == Some(&b' ') => return Some(at),
            b':' | b'#' => return None,
            b',' | b']' | b'}' if flow => return Some(at),
            b'[' | b'{' | b'"' | b'\'' | b'?' | b'&' | b'*' | b'!' | b'|' | b'>' | b'`' if flow => {
                return None;
            }
            _ => {}
        }
    }
    (starts && !flow).then_some(bytes.len())
}

/// What a scalar without quotes says, by what all versions of YAML share.
fn scalar(text: &str) -> Option<Data> {
    let numeric = text.starts_with(|char: char| char.is_ascii_digit() || char == '-');
    match text {
        "null" => Some(Data::Null),
        "true" => Some(Data::Bool(true)),
        "false" => Some(Data::Bool(false)),
        _ if is_decimal(text) => Decimal::parse(text).map(Data::Number),
        _ => {
            let date = matches!(text.as_bytes(), [_, _, _, _, b'-', _, _, b'-', _, _, ..]);
            // No number of any base has one of these in it.
            let letter = |byte: u8| matches!(byte, b'g'..=b'z') && !matches!(byte, b'o' | b'x');
            // The npm package `yamljs` makes a number of whatever starts with `0x`.
            let based = numeric && text.trim_start_matches('-').starts_with("0x");
            let is_text = (!numeric || date || text.bytes().any(letter)) && !based && is_word(text);
            is_text.then(|| Data::Text(text.to_owned()))
        }
    }
}

/// Whether it is a decimal as everybody writes one: `1.50`, and not `+1`, `01` or `1.`.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "1"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= 15
        && digits(whole)
        && digits(fraction)
        && (whole == "0" || !whole.starts_with('0'))
        // Zero has no sign.
        && (unsigned == text || unsigned.bytes().any(|byte| matches!(byte, b'1'..=b'9')))
}

#[cfg(test)]
mod tests;
