//! Values in a line, and the flow collections that go on in the next.

use super::quoted::Quoted;
use super::reader::{Line, Reader, key};
use super::{ScalarSite, length, scalar, spaces};
use crate::document::yaml::{MAX_DEPTH, MAX_NODES};
use crate::document::{Data, Entry, Node};

impl<'t> Reader<'t> {
    /// The value that starts at this byte of the line, in this bracket or in none, and where in `here` it ends.
    pub(super) fn value(&mut self, at: usize, parent: Option<usize>, within: Option<u8>) -> Option<(Node, usize)> {
        let line = self.here?;
        let start = self.start(Line { at, ..line });
        let (data, end, quoted) = match line.byte(at)? {
            b'"' | b'\'' => {
                let (said, end) = self.quoted(line, at, parent)?;
                (Data::Text(said), end, true)
            }
            b'{' => {
                let from = self.entries.len();
                self.braces += 1;
                let end = self.members(at, parent, b'}', |reader, at| reader.member(at, parent))?;
                self.braces -= 1;
                (self.entries_from(from)?, end, false)
            }
            b'[' => {
                let from = self.items.len();
                let end = self.members(at, parent, b']', |reader, at| {
                    let (item, end) = reader.value(at, parent, Some(b'['))?;
                    reader.items.push(item);
                    Some(end)
                })?;
                (Data::List(self.items.drain(from..).collect()), end, false)
            }
            _ => {
                let site = match within {
                    None => ScalarSite::Block,
                    Some(bracket) => ScalarSite::Flow { colon: bracket == b'{' || self.braces == 0 },
                };
                let rest = line.text.get(at..)?;
                let length = length(rest, site)?;
                (scalar(rest.get(..length)?, site)?, at + length, false)
            }
        };
        self.nodes += 1;
        let first = if self.here?.number == line.number { end } else { line.text.len() };
        (self.nodes <= MAX_NODES).then(|| (Node { place: start.place(self, first), data, quoted, unknown: false }, end))
    }

    /// One `key: value` of a flow map, and where it ends.
    fn member(&mut self, at: usize, parent: Option<usize>) -> Option<usize> {
        let line = self.here?;
        let key = key(line, at, ScalarSite::FlowKey)?;
        let place = self.start(Line { at, ..line }).place(self, key.end);
        let at = self.skip(key.after, parent)?;
        let (value, end) = self.value(at, parent, Some(b'{'))?;
        self.entries.push(Entry { key: key.said, place, value });
        Some(end)
    }

    /// Where a flow collection ends that starts here, after taking its members one by one.
    fn members(
        &mut self,
        at: usize,
        parent: Option<usize>,
        close: u8,
        mut one: impl FnMut(&mut Self, usize) -> Option<usize>,
    ) -> Option<usize> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut at = self.skip(at + 1, parent)?;
        while self.here?.byte(at)? != close {
            let end = one(self, at)?;
            at = self.skip(end, parent)?;
            match self.here?.byte(at)? {
                b',' => at = self.skip(at + 1, parent)?,
                byte if byte == close => {}
                _ => return None,
            }
        }
        self.depth -= 1;
        Some(at + 1)
    }

    /// Where the next token of a flow collection starts, perhaps in a line below, deeper than what the collection
    /// belongs to. One that belongs to nothing does not go on in the first column either.
    fn skip(&mut self, at: usize, parent: Option<usize>) -> Option<usize> {
        let line = self.here?;
        let next = spaces(line.text, at);
        match line.byte(next) {
            Some(b'#') if next > at => {}
            Some(_) => return Some(next),
            None => {}
        }
        self.next();
        let deeper = |line: &Line<'_>| line.at > parent.unwrap_or(0);
        Some(self.here.filter(deeper)?.at)
    }

    /// The string in the quotes that open here, and where in `here` they close.
    fn quoted(&mut self, line: Line<'t>, at: usize, parent: Option<usize>) -> Option<(String, usize)> {
        let mut quoted = Quoted::open(line.text, at)?;
        let mut text = line.text;
        let mut from = at + 1;
        loop {
            if let Some(end) = quoted.part(text, from)? {
                return Some((quoted.value()?, end));
            }
            // A reader of Go's keeps the carriage returns; others differ in spaces and backslashes at either end of a
            // line.
            if self.windows || from == text.len() || text.ends_with([' ', '\t', '\\']) {
                return None;
            }
            let mut blank = 0;
            (text, from) = loop {
                let text = self.raw()?;
                let at = spaces(text, 0);
                if at < text.len() {
                    break (text, at);
                }
                blank += 1;
            };
            let deep = from > parent.unwrap_or(0);
            if !deep || quoted.is_special(text, from) {
                return None;
            }
            quoted.fold(blank);
            self.here = Some(Line { number: self.mark().1, text, at: from });
        }
    }
}
