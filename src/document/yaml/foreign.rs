//! YAML of foreign formats into a tree, from the parser's events: anchors, aliases and merges resolved, every value in
//! the place where it is written. The parser's byte offsets are used, not its lines: it counts carriage returns.
//!
//! **In**: a string, and the readers of its format. **Out**: its tree. **Refuses**: scalars that these readers take for
//! different things, keys that stand twice, tags that construct objects, several documents, and more values than
//! [`super::MAX_NODES`] after aliases are resolved.

mod layout;
mod merge;

use std::collections::{BTreeMap, BTreeSet};

use granit_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::dialect::{Dialect, Taken};
use super::errors;
use super::{MAX_DEPTH, MOST_DIAGNOSTICS, TextDiagnostics, UNQUOTED, quotes, shown, told_apart};
use crate::diagnostics::lints;
use crate::diagnostics::{Lines, Place};
use crate::document::{Data, Entry, Map, Node};

/// Reads a YAML text as these readers do.
pub fn read(
    text: &str,
    lines: &Lines<'_>,
    readers: &[Dialect],
    diagnostics: &mut TextDiagnostics<'_, '_>,
) -> Option<Node> {
    let options = granit_parser::options! {
        disallow_directives: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut tree = Tree {
        text,
        lines,
        readers,
        diagnostics,
        open: Vec::new(),
        anchors: BTreeMap::new(),
        root: None,
        documents: 0,
        nodes: 0,
        seen: 0,
        scalars: Vec::new(),
        merging: BTreeSet::new(),
    };
    while let Some(event) = parser.next_event() {
        match event {
            Ok((event, span)) if tree.diagnostics.count < MOST_DIAGNOSTICS => tree.take(event, span)?,
            Ok(_) => return None,
            Err(error) => {
                errors::report(&error, lines, tree.diagnostics);
                return None;
            }
        }
    }
    if tree.root.is_none() && tree.diagnostics.count == 0 {
        tree.diagnostics.empty_file(super::ANY_FILE.if_empty);
    }
    // PyYAML takes no tab for white space, and Go's readers do.
    let tabs = super::explain::tabs(text, &tree.scalars);
    for at in tabs {
        let message = "a tab, which some readers don't take for a space";
        tree.diagnostics.add(lints::READERS_DISAGREE, lines.place(at, at + 1), message, "write spaces");
    }
    if readers.len() > 1 {
        for (start, end) in layout::ambiguous_anchors(text, tree.scalars.iter().map(|(range, _)| range.clone())) {
            let message = "an anchor whose name stands twice, or not every reader knows";
            let remedy = "name each anchor once, with letters, digits, `-` and `_`";
            tree.diagnostics.add(lints::READERS_DISAGREE, lines.place(start, end), message, remedy);
        }
    }
    tree.root
}

/// The tree of a file while its events come in.
struct Tree<'t, 'l, 'r, 'p, 'o> {
    text: &'t str,
    lines: &'l Lines<'t>,
    readers: &'l [Dialect],
    diagnostics: &'o mut TextDiagnostics<'r, 'p>,
    open: Vec<OpenNode>,
    /// The nodes by the number of their anchor, each with the number of its values.
    anchors: BTreeMap<usize, (Node, usize)>,
    root: Option<Node>,
    documents: usize,
    nodes: usize,
    /// Where the last scalar or alias ended.
    seen: usize,
    /// The scalars: their bytes, and how they are written.
    scalars: Vec<(std::ops::Range<usize>, ScalarStyle)>,
    /// Anchors of maps that merge another one.
    merging: BTreeSet<usize>,
}

/// A list or map that isn't complete.
struct OpenNode {
    start: usize,
    anchor: usize,
    /// How many values there were before it.
    before: usize,
    items: Items,
}

/// The content of a list or map that is still open.
enum Items {
    List(Vec<Node>),
    Map { map: Map, key: Option<(String, Place)>, merged: Vec<(Place, Node)> },
}

impl Tree<'_, '_, '_, '_, '_> {
    /// `None` when reading on makes no sense.
    fn take(&mut self, event: Event<'_>, span: Span) -> Option<()> {
        let range = span.byte_range().unwrap_or(0..0);
        let place = self.lines.place(range.start, range.end);
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.diagnostics.several_documents(place);
                    return None;
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain;
                self.seen = range.end;
                self.scalars.push((range.clone(), style));
                self.check_layout(&range, style, place);
                if style == ScalarStyle::DoubleQuoted {
                    self.diagnostics.escaped(&text, false, place);
                }
                let constructs = tag.as_ref().is_some_and(|tag| !tag.is_yaml_core_schema_tag("str"));
                let string = self.tag(tag.as_deref(), "str", &span);
                if self.awaits_key() {
                    self.key(&text, plain && !string, place);
                    return Some(());
                }
                if plain && text == "<<" && !string {
                    self.diagnostics.merge_key(place);
                }
                let data = match plain && !string {
                    true if self.of_anybody() && Dialect::differ(&text) => Data::Text(text.into_owned() + UNQUOTED),
                    true => self.plain(&text, place),
                    false if self.of_anybody() => Data::Text(told_apart(text.into_owned())),
                    false => Data::Text(text.into_owned()),
                };
                self.done(Node { place, data, quoted: !plain || string, unknown: constructs }, anchor, 1)?;
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), "seq", &span);
                self.start(range.start, anchor, Items::List(Vec::new()))?;
            }
            Event::MappingStart(_, anchor, tag) => {
                self.tag(tag.as_deref(), "map", &span);
                let items = Items::Map { map: Map::default(), key: None, merged: Vec::new() };
                self.start(range.start, anchor, items)?;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                // A block ends where the next token starts, wherever that is; its text ended before.
                if matches!(self.text.as_bytes().get(range.end.saturating_sub(1)), Some(b']' | b'}')) {
                    self.seen = self.seen.max(range.end);
                }
                self.end()?;
            }
            Event::Alias(id) => {
                self.seen = range.end;
                self.alias(id, place)?;
            }
            _ => {}
        }
        Some(())
    }

    /// Refuses a scalar for how it is written.
    fn check_layout(&mut self, range: &std::ops::Range<usize>, style: ScalarStyle, place: Place) {
        // A block is quoted with the indentation of its first line; of others the line may be all of a file.
        let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let line = || self.text.get(..range.start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let start = if block { line() } else { range.start };
        let raw = self.text.get(start..range.end).unwrap_or_default();
        let bracket = |open: &OpenNode| matches!(self.text.as_bytes().get(open.start), Some(b'[' | b'{'));
        let in_brackets = self.open.iter().any(bracket);
        if let Some((message, remedy)) = layout::of_scalar(raw, style, in_brackets, self.readers) {
            let message = format!("`{}` {message}", shown(raw));
            self.diagnostics.add(lints::READERS_DISAGREE, place, message, remedy);
        }
    }

    /// Refuses to merge a map that merges another one itself, which not all readers do in the same order.
    fn check_merged(&mut self, merges: bool, place: Place) {
        let key = self.open.last().and_then(|open| match &open.items {
            Items::Map { key: Some((key, _)), .. } => Some(key),
            _ => None,
        });
        let under = key.is_some_and(|key| key == "<<");
        if under && merges && (self.readers.len() > 1 || self.readers.contains(&Dialect::Any)) {
            let message = "`<<` merges a map that merges another one, which readers do in different orders";
            self.diagnostics.add(lints::MERGE_KEY, place, message, "write the keys out");
        }
    }

    fn start(&mut self, start: usize, anchor: usize, items: Items) -> Option<()> {
        let place = self.lines.place(start, start);
        if self.awaits_key() {
            self.diagnostics.complex_key(place, self.lines.line(place.line));
            return None;
        }
        if self.open.len() == MAX_DEPTH {
            self.diagnostics.too_deep(place);
            return None;
        }
        self.open.push(OpenNode { start, anchor, before: self.nodes, items });
        Some(())
    }

    fn end(&mut self) -> Option<()> {
        let open = self.open.pop()?;
        let merges = matches!(&open.items, Items::Map { merged, .. } if !merged.is_empty());
        if merges && open.anchor > 0 {
            self.merging.insert(open.anchor);
        }
        self.check_merged(merges, self.lines.place(open.start, open.start));
        let data = match open.items {
            Items::List(mut items) => {
                items.shrink_to_fit();
                Data::List(items)
            }
            Items::Map { mut map, merged, .. } => {
                self.diagnostics.duplicates(map.iter().map(|entry| (entry.key.as_str(), entry.place)));
                for (place, node) in merged {
                    self.overwritten(&map, place, &node);
                    self.merge(&mut map, place, node);
                }
                map.0.shrink_to_fit();
                Data::Map(map)
            }
        };
        let place = self.lines.place(open.start, self.seen);
        let size = self.nodes - open.before + 1;
        self.done(Node::new(place, data), open.anchor, size)
    }

    /// Takes a value that is complete, of so many values, and keeps it if it has an anchor.
    fn done(&mut self, node: Node, anchor: usize, size: usize) -> Option<()> {
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        self.put(node, 1)
    }

    /// Puts what the alias stands for in its place. Its values keep the places where they are written, so that a change
    /// there is reported for each flag it reaches.
    fn alias(&mut self, id: usize, place: Place) -> Option<()> {
        let Some((node, size)) = self.anchors.get(&id).cloned() else {
            self.diagnostics.add(lints::ANCHOR, place, "an alias inside of what it stands for", "write the value out");
            return None;
        };
        if self.awaits_key() {
            self.diagnostics.complex_key(place, self.lines.line(place.line));
            return None;
        }
        self.check_merged(self.merging.contains(&id), place);
        self.put(node, size)
    }

    /// Whether a scalar is tagged as a string, which makes it one. Tags of plain maps and lists say nothing new; all
    /// others construct something.
    fn tag(&mut self, tag: Option<&Tag>, allowed: &str, span: &Span) -> bool {
        let Some(tag) = tag else { return false };
        if tag.is_yaml_core_schema_tag(allowed) {
            return true;
        }
        let range = span.tag_span().unwrap_or(*span).byte_range().unwrap_or(0..0);
        self.diagnostics.tag(self.lines.place(range.start, range.end), self.text.get(range).unwrap_or("!"));
        true
    }

    fn key(&mut self, text: &str, plain: bool, place: Place) {
        self.diagnostics.escaped(text, true, place);
        let merges = self.readers.iter().all(|reader| reader.merges());
        if text == "<<" && !(plain && merges) {
            self.diagnostics.merge_key(place);
        }
        let turned = self.turned_key(text).filter(|_| plain);
        if let Some(key) = &turned {
            let message = format!("the key `{}` is `{key}` to Kubernetes", shown(text));
            let remedy = format!("put it in quotes{}, or write `{key}`", quotes(text));
            self.diagnostics.all.add(lints::BOOLEAN_KEY, place, message, remedy);
        } else if plain && text != "<<" && !self.diagnostics.text_keys && !self.of_anybody() {
            self.check_key(text, place);
        }
        let text = match turned {
            Some(turned) => turned,
            None if self.of_anybody() && plain && !self.diagnostics.text_keys && Dialect::differ(text) => {
                text.to_owned() + UNQUOTED
            }
            None if self.of_anybody() => told_apart(text.to_owned()),
            None => text.to_owned(),
        };
        if let Some(OpenNode { items: Items::Map { key, .. }, .. }) = self.open.last_mut() {
            *key = Some((text, place));
        }
    }

    /// Whether nobody said who reads the file.
    fn of_anybody(&self) -> bool {
        self.readers == [Dialect::Any]
    }

    /// The key that Kubernetes makes of one that is true or false in YAML 1.1, such as `on`.
    fn turned_key(&self, text: &str) -> Option<String> {
        match (self.readers, Dialect::SigsYaml.take(text)) {
            ([Dialect::SigsYaml], Taken::Bool(value)) => Some(value.to_string()).filter(|key| key != text),
            _ => None,
        }
    }

    /// Refuses a key that isn't the string it is written as.
    fn check_key(&mut self, text: &str, place: Place) {
        let first = self.readers.first().copied().unwrap_or(Dialect::Core);
        let same = match first.take(text) {
            _ if self.readers.len() > 1 => self.readers.iter().all(|reader| reader.take(text) == Taken::String),
            Taken::String | Taken::Time => true,
            Taken::Bool(value) => text == value.to_string(),
            Taken::Number(number) => text == number.to_string(),
            Taken::Null | Taken::Nothing => false,
        };
        if !same {
            let message = format!("the key `{}` is no string to {}", shown(text), self.names(text));
            self.diagnostics.add(
                lints::AMBIGUOUS_SCALAR,
                place,
                message,
                format!("put the key in quotes{}", quotes(text)),
            );
        }
    }

    /// The value of a scalar without quotes, if the format's readers agree on it.
    fn plain(&mut self, text: &str, place: Place) -> Data {
        let mut taken = self.readers.iter().map(|reader| reader.take(text));
        let first = taken.next().unwrap_or(Taken::String);
        if taken.any(|other| other != first) {
            let message = format!("`{}` is {}", shown(text), self.each(text));
            let remedy = format!("put it in quotes{}", quotes(text));
            self.diagnostics.add(lints::READERS_DISAGREE, place, message, remedy);
        } else if first == Taken::Time && self.readers.len() > 1 {
            // JSON has no times: one reader hands on a string of another form, another an object that its checks
            // refuse.
            let message = format!("`{}` is a time, which each reader hands on in its own form", shown(text));
            let remedy = format!("put it in quotes{}", quotes(text));
            self.diagnostics.add(lints::READERS_DISAGREE, place, message, remedy);
        }
        match first {
            Taken::Null => Data::Null,
            Taken::Bool(value) => Data::Bool(value),
            Taken::Number(number) => Data::Number(number),
            Taken::String | Taken::Time => Data::Text(text.to_owned()),
            Taken::Nothing => {
                let message = format!("`{}` is no value that can be compared", shown(text));
                let remedy = format!("put it in quotes{}, or write another value", quotes(text));
                self.diagnostics.add(lints::OUT_OF_RANGE, place, message, remedy);
                Data::Text(text.to_owned())
            }
        }
    }

    /// The readers that don't take it for a string.
    fn names(&self, text: &str) -> String {
        let other = self.readers.iter().filter(|reader| reader.take(text) != Taken::String);
        other.map(|reader| reader.name()).collect::<Vec<_>>().join(" and ")
    }

    /// The value that each reader takes it for, in words.
    fn each(&self, text: &str) -> String {
        let said = |reader: &Dialect| {
            let what = match reader.take(text) {
                Taken::Null => "null".to_owned(),
                Taken::Bool(value) => value.to_string(),
                Taken::Number(number) => number.to_string(),
                Taken::String => "a string".to_owned(),
                Taken::Time => "a time".to_owned(),
                Taken::Nothing => "something else".to_owned(),
            };
            format!("{what} to {}", reader.name())
        };
        self.readers.iter().map(said).collect::<Vec<_>>().join(" and ")
    }

    fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(OpenNode { items: Items::Map { key: None, .. }, .. }))
    }

    fn put(&mut self, node: Node, size: usize) -> Option<()> {
        self.nodes += size;
        if self.nodes > self.diagnostics.most {
            self.diagnostics.too_many_nodes(node.place);
            return None;
        }
        match self.open.last_mut().map(|open| &mut open.items) {
            Some(Items::List(items)) => items.push(node),
            Some(Items::Map { map, key, merged }) => match key.take() {
                Some((name, place)) if name == "<<" => {
                    if !merged.is_empty() {
                        self.diagnostics.duplicate_merge(place);
                    }
                    merged.push((place, node));
                }
                Some((key, place)) => map.0.push(Entry { key, place, value: node }),
                None => {}
            },
            None => self.root = Some(node),
        }
        Some(())
    }
}
