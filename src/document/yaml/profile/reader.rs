//! The lines of a file: block maps and block lists, read top down, line by line.

use super::quoted::Quoted;
use super::{LONGEST_KEY, ScalarSite, ends, length, scalar, spaces};
use crate::diagnostics::Place;
use crate::document::yaml::{MAX_DEPTH, MAX_NODES};
use crate::document::{Data, Entry, Map, Node};

/// In a map of more entries than this, keys that are the same are found by sorting.
const FEW: usize = 12;

/// The tree of `text`; or where it leaves the profile.
pub fn read(text: &str) -> Result<Node, Place> {
    let mut reader = Reader {
        rest: text,
        here: None,
        number: 0,
        gap: false,
        spaced: false,
        above: None,
        ended: false,
        wrong: false,
        ascii: text.is_ascii(),
        windows: memchr::memchr(b'\r', text.as_bytes()).is_some(),
        counted: (0, 0, 0),
        seen: (0, 0),
        nodes: 0,
        depth: 0,
        braces: 0,
        entries: Vec::new(),
        items: Vec::new(),
    };
    match reader.file(text) {
        Some(node) => Ok(node),
        None => Err(reader.stop()),
    }
}

/// A line with content, or what is left of it after the dash of a list.
#[derive(Clone, Copy)]
pub(super) struct Line<'t> {
    /// Counted from 1.
    pub number: u32,
    /// All of it, without its end.
    pub text: &'t str,
    /// Where in it its content begins.
    pub at: usize,
}

impl Line<'_> {
    fn is_item(&self) -> bool {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        matches!(rest, [b'-'] | [b'-', b' ', ..])
    }

    pub fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }
}

/// The beginning of something whose end is not reached.
#[derive(Clone, Copy)]
pub(super) struct Start<'t> {
    pub line: Line<'t>,
    column: u32,
}

/// The reader of the closed profile at a place in a file.
#[allow(clippy::struct_excessive_bools, reason = "each is about another thing, and they are read apart")]
pub(super) struct Reader<'t> {
    rest: &'t str,
    /// The line that is read; `None` after the last.
    pub here: Option<Line<'t>>,
    /// How many lines were taken off `rest`.
    number: u32,
    /// Whether an empty line stands before `here`.
    gap: bool,
    /// Whether the line above is one of nothing but spaces.
    pub spaced: bool,
    /// The column of the content above.
    above: Option<usize>,
    /// Whether a `...` has ended the document.
    ended: bool,
    /// Whether something outside of all values leaves the profile.
    wrong: bool,
    /// Whether a byte is a character.
    ascii: bool,
    /// Whether a line ends in a carriage return.
    pub windows: bool,
    /// The number of characters in this line before this byte: line, byte, characters.
    counted: (u32, usize, u32),
    /// The line in which the last value ended, and where in it.
    pub seen: (u32, usize),
    pub nodes: usize,
    pub depth: usize,
    /// How many flow maps are open.
    pub braces: usize,
    /// The entries read of the maps and lists that are not complete, the innermost last: each is as large as it has to
    /// be.
    pub entries: Vec<Entry>,
    pub items: Vec<Node>,
}

/// Every step is `None` where the text leaves the profile.
impl<'t> Reader<'t> {
    fn file(&mut self, text: &str) -> Option<Node> {
        self.next();
        let marked = self.here.is_some_and(|line| line.text.starts_with("---") && ends(line.text, 3));
        if marked {
            self.next();
        }
        // A reader of PHP's wants the first line in the first column.
        let line = self.here.filter(|line| line.at == 0)?;
        if marked && cuts_dots(text) {
            return None;
        }
        let node = self.nested(line, None)?;
        (self.here.is_none() && !self.wrong).then_some(node)
    }

    /// The place at which reading stopped.
    fn stop(&mut self) -> Place {
        match self.here {
            Some(line) => self.start(line).place(self, line.at),
            None => Place { line: self.number.max(1), column: 1, width: 1 },
        }
    }

    /// Takes the next line, whatever is in it.
    pub fn raw(&mut self) -> Option<&'t str> {
        let end = memchr::memchr(b'\n', self.rest.as_bytes());
        let (line, rest) = match end {
            Some(end) => (self.rest.get(..end)?, self.rest.get(end + 1..)?),
            None => (Some(self.rest).filter(|rest| !rest.is_empty())?, ""),
        };
        self.rest = rest;
        self.number += 1;
        Some(line.strip_suffix('\r').unwrap_or(line))
    }

    /// A mark that `raw` goes back to.
    pub fn mark(&self) -> (&'t str, u32) {
        (self.rest, self.number)
    }

    pub fn back(&mut self, mark: (&'t str, u32)) {
        (self.rest, self.number) = mark;
    }

    /// Goes to the next line that is neither blank nor a comment.
    pub fn next(&mut self) {
        self.here = None;
        self.gap = false;
        while let Some(text) = self.raw() {
            let at = spaces(text, 0);
            match text.as_bytes().get(at) {
                None => {
                    self.gap = true;
                    self.spaced = at > 0;
                    continue;
                }
                // A reader of PHP's takes a comment under a line of spaces for a part of the value above.
                Some(b'#') => self.wrong |= self.spaced && self.above.is_some_and(|above| at > above),
                Some(b'.') if at == 0 && text.starts_with("...") && ends(text, 3) => {
                    self.ended = true;
                    self.above = Some(0);
                }
                Some(_) => {
                    self.wrong |= self.ended;
                    self.spaced = false;
                    self.above = Some(at);
                    self.here = Some(Line { number: self.number, text, at });
                    return;
                }
            }
            self.spaced = false;
        }
    }

    /// The value that begins at `line`: lists and maps go on in the lines below. `parent` is the column of the key or
    /// dash that it belongs to.
    fn nested(&mut self, line: Line<'t>, parent: Option<usize>) -> Option<Node> {
        self.here = Some(line);
        if line.is_item() {
            return self.list();
        }
        let first = if matches!(line.byte(line.at)?, b'{' | b'[') { None } else { key(line, line.at, ScalarSite::Key) };
        match first {
            Some(first) => self.map(first),
            None => self.rest_of(line, parent),
        }
    }

    /// The map that starts here with this key: the lines that start in this column, each with a key.
    fn map(&mut self, first: Key) -> Option<Node> {
        let start = self.enter()?;
        let from = self.entries.len();
        let mut first = Some(first);
        while let Some(line) = self.here.filter(|line| line.at == start.line.at) {
            let key = first.take().or_else(|| key(line, line.at, ScalarSite::Key))?;
            let place = self.start(line).place(self, key.end);
            self.seen = (line.number, key.end);
            let value = if ends(line.text, key.after) {
                let colon = Line { at: key.after - 1, ..line };
                let absent = self.start(colon).place(self, key.after);
                self.next();
                self.below(start.line.at, absent)?
            } else {
                let at = spaces(line.text, key.after);
                self.rest_of(Line { at, ..line }, Some(start.line.at))?
            };
            self.entries.push(Entry { key: key.said, place, value });
        }
        let map = self.entries_from(from)?;
        self.leave(start, map)
    }

    /// The list that starts here: the lines with a dash in this column.
    fn list(&mut self) -> Option<Node> {
        let start = self.enter()?;
        let from = self.items.len();
        while let Some(line) = self.here.filter(|line| line.at == start.line.at && line.is_item()) {
            let after = line.at + 1;
            let next = if ends(line.text, after) {
                self.next();
                self.here.filter(|next| next.at > line.at)?
            } else {
                Line { at: spaces(line.text, after), ..line }
            };
            // A reader of PHP's finds a key in the comment of `- -2 # a: b`.
            let negative = next.byte(next.at) == Some(b'-') && !next.is_item();
            if negative && memchr::memchr(b'#', next.text.as_bytes()).is_some() {
                return None;
            }
            let item = self.nested(next, Some(line.at))?;
            self.items.push(item);
        }
        let items = self.items.drain(from..).collect();
        self.leave(start, Data::List(items))
    }

    fn enter(&mut self) -> Option<Start<'t>> {
        self.depth += 1;
        self.nodes += 1;
        let line = self.here.filter(|_| self.depth <= MAX_DEPTH && self.nodes <= MAX_NODES)?;
        Some(self.start(line))
    }

    /// Ends what started there. No line that is deeper may be left.
    fn leave(&mut self, start: Start<'t>, data: Data) -> Option<Node> {
        self.depth -= 1;
        let deeper = self.here.is_some_and(|line| line.at > start.line.at);
        let (number, end) = self.seen;
        let end = if number == start.line.number { end } else { start.line.text.len() };
        (!deeper).then(|| Node { place: start.place(self, end), data, quoted: false, unknown: false })
    }

    /// The value in the lines below a key in this column; null if nothing stands there. A list may start in the same
    /// column, but not after an empty line: a reader of PHP's takes the next key for a part of it.
    fn below(&mut self, column: usize, absent: Place) -> Option<Node> {
        let Some(line) = self.here.filter(|line| line.at > column || line.at == column && line.is_item()) else {
            self.nodes += 1;
            return (self.nodes <= MAX_NODES).then(|| Node::new(absent, Data::Null));
        };
        if line.at == column && self.gap { None } else { self.nested(line, Some(column)) }
    }

    /// A value that is no block collection, and ends with its last line.
    fn rest_of(&mut self, line: Line<'t>, parent: Option<usize>) -> Option<Node> {
        self.here = Some(line);
        if matches!(line.byte(line.at)?, b'|' | b'>') {
            return self.block(line, parent?);
        }
        let (node, end) = self.value(line.at, parent, None)?;
        let last = self.here?;
        self.seen = (last.number, end);
        if !ends(last.text, end) {
            self.here = Some(Line { at: end, ..last });
            return None;
        }
        self.next();
        Some(node)
    }

    /// The map of the entries since then, if every key is another one.
    pub fn entries_from(&mut self, from: usize) -> Option<Data> {
        let entries: Vec<Entry> = self.entries.drain(from..).collect();
        distinct(&entries).then_some(Data::Map(Map(entries)))
    }

    /// The beginning of what stands at `line`. To be asked in the order of the text: characters are counted once.
    pub fn start(&mut self, line: Line<'t>) -> Start<'t> {
        let (number, byte, chars) = self.counted;
        let (byte, chars) = if number == line.number && byte <= line.at { (byte, chars) } else { (0, 0) };
        let count = chars.saturating_add(self.chars(line, byte, line.at));
        self.counted = (line.number, line.at, count);
        Start { line, column: count.saturating_add(1) }
    }

    fn chars(&self, line: Line<'t>, from: usize, to: usize) -> u32 {
        let text = line.text.get(from..to).unwrap_or_default();
        u32::try_from(if self.ascii { text.len() } else { text.chars().count() }).unwrap_or(u32::MAX)
    }
}

impl<'t> Start<'t> {
    /// The place of what goes on to this byte of the line.
    pub fn place(&self, reader: &Reader<'t>, end: usize) -> Place {
        let width = reader.chars(self.line, self.line.at, end).max(1);
        Place { line: self.line.number, column: self.column, width }
    }
}

/// A key: its string, where it ends, and where its colon ends.
pub(super) struct Key {
    pub said: String,
    pub end: usize,
    pub after: usize,
}

/// The key that starts here. A space or the end of the line follows its colon; after a quoted key in brackets that may
/// be missing, as in JSON.
pub(super) fn key(line: Line<'_>, at: usize, site: ScalarSite) -> Option<Key> {
    let text = line.text;
    let (said, end, quotes) = match line.byte(at)? {
        b'"' | b'\'' => {
            let mut quoted = Quoted::open(text, at)?;
            let end = quoted.part(text, at + 1)??;
            (quoted.key()?, end, true)
        }
        _ => {
            let rest = text.get(at..)?;
            let end = length(rest, site)?;
            let Data::Text(said) = scalar(rest.get(..end)?, site)? else { return None };
            (said, at + end, false)
        }
    };
    let colon = spaces(text, end);
    let spaced = matches!(line.byte(colon + 1), None | Some(b' ')) || quotes && site == ScalarSite::FlowKey;
    (line.byte(colon) == Some(b':') && spaced && said.len() <= LONGEST_KEY).then_some(Key {
        said,
        end,
        after: colon + 1,
    })
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

/// Whether the last line ends in three dots that are not all of it, in a file that starts with a `---`: a reader of
/// PHP's cuts them off.
pub fn cuts_dots(text: &str) -> bool {
    let last = text.trim_ascii_end().rsplit('\n').next().unwrap_or_default();
    last != "..." && last.ends_with("...") && text.lines().any(|line| line.starts_with("---"))
}
