//! YAML into a tree, from the parser's events; what is told of how they are written stands in `refused`. The parser's
//! byte offsets are used, not its lines: it counts carriage returns.

mod refused;

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};

use super::odd;
use super::scalar::{self, Plain};
use super::{MAX_DEPTH, MAX_NODES, MAX_TOLD, Told, shown};
use crate::diagnostics::lints;
use crate::diagnostics::{Lines, Place};
use crate::document::{Data, Entry, Map, Node};

/// Reads a YAML text; what it tells is always an error.
pub fn read(text: &str, lines: &Lines<'_>, own: bool, told: &mut Told<'_, '_>) -> Option<Node> {
    let mut options = granit_parser::options! {
        disallow_directives: true,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    options.set_emit_comments(false);
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut tree = Tree {
        text,
        lines,
        own,
        told,
        open: Vec::new(),
        blocks: Vec::new(),
        root: None,
        documents: 0,
        nodes: 0,
        seen: 0,
    };
    while let Some(event) = parser.next_event() {
        match event {
            Ok((event, span)) if tree.told.count < MAX_TOLD => tree.take(event, span)?,
            Ok(_) => return None,
            Err(error) => {
                tree.syntax(&error);
                return None;
            }
        }
    }
    if tree.root.is_none() && tree.told.count == 0 {
        tree.told.empty_file();
    }
    if let Some(range) = odd::dots(text) {
        let message = "Symfony's reader cuts these dots off";
        tree.told.add(lints::READERS_DISAGREE, lines.place(range.start, range.end), message, "put the text in quotes");
    }
    if let Some(range) = odd::start(text) {
        let message = "Symfony's reader reads what starts here otherwise than others";
        let remedy = "start it in the first column of a line of its own";
        tree.told.add(lints::READERS_DISAGREE, lines.place(range.start, range.end), message, remedy);
    }
    for range in odd::comments(text, &tree.blocks) {
        let message = "to Symfony's reader this comment is a part of the value above it, because of a line of spaces";
        let remedy = "delete the spaces in the line above";
        tree.told.add(lints::READERS_DISAGREE, lines.place(range.start, range.end), message, remedy);
    }
    tree.root
}

struct Tree<'t, 'l, 'r, 'p, 'o> {
    text: &'t str,
    lines: &'l Lines<'t>,
    own: bool,
    told: &'o mut Told<'r, 'p>,
    open: Vec<Open>,
    /// The scalars of several lines.
    blocks: Vec<Range<usize>>,
    root: Option<Node>,
    documents: usize,
    nodes: usize,
    /// Where the last scalar, alias or bracket ended: only punctuation and comments stand between it and the next.
    seen: usize,
}

/// A list or map that isn't complete.
struct Open {
    start: usize,
    /// What opened it, if that is in the text: the first item of a list in block style may start with one too.
    bracket: Option<u8>,
    items: Items,
}

enum Items {
    List(Vec<Node>),
    Map(Map, Next),
}

/// What a map waits for.
enum Next {
    Key,
    /// The value of this key.
    Value(String, Place),
    /// The value of a key that was refused and has no text.
    Lost,
}

impl Tree<'_, '_, '_, '_, '_> {
    /// `None` when reading on makes no sense.
    fn take(&mut self, event: Event<'_>, span: Span) -> Option<()> {
        let range = span.byte_range().unwrap_or(0..0);
        match event {
            Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let place = self.lines.place(range.start, range.end);
                    let message = "a second document starts here, and some readers take only the first";
                    self.told.add(lints::SEVERAL_DOCUMENTS, place, message, "keep one document in a file");
                    return None;
                }
            }
            Event::Scalar(text, style, _, tag) => {
                let tagged = tag.is_some();
                if tagged {
                    self.tag(&span);
                }
                self.scalar(text, style, tagged, range.start, range.end)?;
            }
            Event::SequenceStart(style, _, tag) => {
                if tag.is_some() {
                    self.tag(&span);
                }
                self.start(style, range.start, Items::List(Vec::new()))?;
            }
            Event::MappingStart(style, _, tag) => {
                if tag.is_some() {
                    self.tag(&span);
                }
                self.start(style, range.start, Items::Map(Map::default(), Next::Key))?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(range.end)?,
            Event::Anchor(_, name) => self.anchor(&format!("&{name}"), range.start, range.end),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                let name = self.text.get(range.clone()).unwrap_or("*").to_owned();
                self.anchor(&name, range.start, range.end);
                self.seen = range.end;
                let place = self.lines.place(range.start, range.end);
                if !self.key(Next::Lost) {
                    self.put(Node::new(place, Data::Null))?;
                }
            }
            _ => {
                let place = self.lines.place(range.start, range.end);
                self.told.add(lints::SYNTAX, place, "something that is not understood", "write plain maps and lists");
                return None;
            }
        }
        Some(())
    }

    fn start(&mut self, style: StructureStyle, start: usize, items: Items) -> Option<()> {
        let place = self.lines.place(start, start);
        if self.open.len() == MAX_DEPTH {
            self.told.too_deep(place);
            return None;
        }
        if !self.explicit_key(start) && self.awaits_key() {
            self.complex_key(place);
        }
        // `[a: 1]` holds a map without brackets of its own.
        let first = self.text.as_bytes().get(start).copied().filter(|byte| matches!(byte, b'[' | b'{'));
        let flow = style == StructureStyle::Flow;
        let bracket = first.filter(|_| flow);
        if bracket.is_some() {
            self.seen = start + 1;
        } else if flow && !self.own {
            let message = "a map without braces, and some readers find a text or an error";
            self.told.add(lints::AMBIGUOUS_SCALAR, place, message, "put braces around it, as in `[{key: value}]`");
        }
        self.open.push(Open { start, bracket, items });
        Some(())
    }

    fn end(&mut self, end: usize) -> Option<()> {
        let open = self.open.pop()?;
        // A block ends where the next token starts, wherever that is; its text ended before.
        if matches!(self.text.as_bytes().get(end.saturating_sub(1)), Some(b']' | b'}')) {
            if open.bracket.is_some() {
                self.tabs(self.seen, end);
            }
            self.seen = self.seen.max(end);
        }
        let data = match open.items {
            Items::List(items) => Data::List(items),
            Items::Map(map, _) => {
                self.told.duplicates(&map);
                Data::Map(map)
            }
        };
        let place = self.lines.place(open.start, self.seen);
        if self.key(Next::Lost) { Some(()) } else { self.put(Node::new(place, data)) }
    }

    fn scalar(&mut self, text: Cow<'_, str>, style: ScalarStyle, tagged: bool, start: usize, end: usize) -> Option<()> {
        let plain = style == ScalarStyle::Plain;
        let place = self.lines.place(start, end);
        let is_key = self.awaits_key();
        if self.text.get(start..end).is_some_and(|text| text.contains('\n')) {
            self.blocks.push(start..end);
        }
        self.spread(&text, style, start, end);
        let explicit = is_key && self.explicit_key(start);
        // The parser says `~` where nothing is written.
        let absent = plain && start == end;
        if absent && !is_key {
            self.absent(place, start);
        }
        if self.in_flow() {
            self.tabs(self.seen, start);
        } else if is_key {
            let colon = self.text.get(end..).and_then(|rest| rest.find(':')).unwrap_or(0);
            self.tabs(end, end + colon);
        }
        self.seen = self.seen.max(end);
        if absent && self.open.is_empty() {
            return Some(());
        }
        if style == ScalarStyle::DoubleQuoted || is_key {
            self.told.escaped(&text, is_key, place);
        }
        if text == "<<" && (plain || is_key) {
            self.told.add(
                lints::MERGE_KEY,
                place,
                "`<<` merges another map into this one in YAML 1.1 and is an ordinary key in YAML 1.2",
                "write the keys out",
            );
        }
        if is_key {
            if absent && !explicit {
                self.complex_key(place);
            } else if !absent && plain && !tagged {
                self.plain_key(&text, place);
            }
            self.key(if absent { Next::Lost } else { Next::Value(text.into_owned(), place) });
            return Some(());
        }
        if absent && matches!(self.open.last(), Some(Open { items: Items::List(_), .. })) {
            // js-yaml reads `- -`, line break, `- a` as a list in a list with `a` in the inner one.
            let message = "an item without a value, and some readers take what comes next for it";
            self.told.add(lints::AMBIGUOUS_SCALAR, place, message, "write `null`, or delete the item");
        }
        let data = match plain && !tagged {
            true if absent => Data::Null,
            true => self.plain(text, place),
            false => Data::Text(text.into_owned()),
        };
        self.put(Node { place, data, quoted: !plain })
    }

    fn plain(&mut self, text: Cow<'_, str>, place: Place) -> Data {
        match scalar::resolve(&text) {
            Plain::Null | Plain::Bool(_) if !self.own && odd::typed(&text) => {
                let message = format!("`{}` is a text to some readers", shown(&text));
                let lower = if text == "~" { "null".to_owned() } else { text.to_ascii_lowercase() };
                let remedy = format!("write `{lower}`, or put it in quotes: `\"{text}\"`");
                self.told.add(lints::AMBIGUOUS_SCALAR, place, message, remedy);
            }
            Plain::Null => return Data::Null,
            Plain::Bool(value) => return Data::Bool(value),
            Plain::Number(number) if number.is_finite() => return Data::Number(number),
            Plain::Number(_) | Plain::TooLong => self.told.add(
                lints::OUT_OF_RANGE,
                place,
                format!("`{}` is a number beyond what readers keep", shown(&text)),
                "write a smaller number, or put it in quotes",
            ),
            // `approvals: off` is read by nobody but us.
            Plain::Ambiguous { .. } if self.own && text.bytes().all(|byte| byte.is_ascii_alphabetic()) => {}
            Plain::Ambiguous { how, remedy } => {
                self.told.add(lints::AMBIGUOUS_SCALAR, place, format!("`{}` is {how}", shown(&text)), remedy);
            }
            Plain::Text => {
                if let Some(how) = self.odd(&text) {
                    let whole = text.trim().len() == text.len();
                    let text = shown(&text);
                    let quotes = format!("put it in quotes: `\"{text}\"`");
                    let remedy = if whole { &quotes } else { "delete the white space, or put the text in quotes" };
                    self.told.add(lints::AMBIGUOUS_SCALAR, place, format!("`{text}` is {how}"), remedy);
                }
            }
        }
        Data::Text(text.into_owned())
    }

    fn plain_key(&mut self, text: &str, place: Place) {
        let how = match scalar::resolve(text) {
            Plain::Null => "nothing to some readers and a text to others".to_owned(),
            Plain::Bool(_) => "true or false to some readers and a text to others".to_owned(),
            Plain::Number(_) | Plain::TooLong => "a number to some readers and a text to others".to_owned(),
            Plain::Ambiguous { how, .. } => how,
            Plain::Text if scalar::is_timestamp(text) => "a date in YAML 1.1 and a text in YAML 1.2".to_owned(),
            Plain::Text => match self.odd(text) {
                Some(how) => how.to_owned(),
                None => return,
            },
        };
        let text = shown(text);
        self.told.add(
            lints::AMBIGUOUS_SCALAR,
            place,
            format!("the key `{text}` is {how}"),
            format!("put the key in quotes: `\"{text}\"`"),
        );
    }

    /// What is odd about a text without quotes that has no other type.
    fn odd(&self, text: &str) -> Option<&'static str> {
        let brackets: Vec<u8> = self.open.iter().filter_map(|open| open.bracket).collect();
        odd::unquoted(text, if self.own { &[] } else { &brackets }, self.awaits_key())
    }

    /// Whether the node that comes next is a key.
    fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { items: Items::Map(_, Next::Key), .. }))
    }

    /// Makes the node that just ended a key, if the map is waiting for one.
    fn key(&mut self, key: Next) -> bool {
        if !self.awaits_key() {
            return false;
        }
        if let Some(Open { items: Items::Map(_, next), .. }) = self.open.last_mut() {
            *next = key;
        }
        true
    }

    fn put(&mut self, node: Node) -> Option<()> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            self.told.too_many_nodes(node.place);
            return None;
        }
        match self.open.last_mut() {
            Some(Open { items: Items::List(items), .. }) => items.push(node),
            Some(Open { items: Items::Map(map, next), .. }) => {
                if let Next::Value(key, place) = std::mem::replace(next, Next::Key) {
                    map.0.push(Entry { key, place, value: node });
                }
            }
            None => self.root = Some(node),
        }
        Some(())
    }
}
