//! Canonical YAML: a file of the profile written anew, in one layout, with all of its comments.
//!
//! **In**: a string, and the rows of its fields. **Out**: the same in canonical form: fields in the order of their
//! rows, two spaces a level, one blank line at most, quotes only where they are needed, a map or list in one line where
//! that is short. **Refuses**: a string that is not in the profile; and to return one that says anything else than
//! before, or has lost a comment: what was written is read again and compared. **Not taken**: the layout of another
//! formatter, of which none knows the profile.

mod anchors;
mod comments;

use crate::diagnostics::words::json_string;
use std::fmt::Write as _;

use self::anchors::{Anchors, CommentSite};
use super::profile::{ScalarSite, unquoted};
use super::{characters, profile};
use crate::diagnostics::Diagnostics;
use crate::diagnostics::escape::columns;
use crate::document::{Data, Entry, Field, Node, Shape};

/// A map or list that fits is written in one line of at most so many columns.
const WIDTH: usize = 100;

/// The text in canonical form. `None` if it cannot be read, or cannot be written anew without losing anything.
#[must_use]
pub fn canonical_text(text: &str, fields: &'static [Field]) -> Option<String> {
    let written = rewritten(text, fields)?;
    // Written once more it is the same, so that nobody's editor and hook write it back and forth.
    (rewritten(&written, fields)? == written).then_some(written)
}

fn rewritten(text: &str, fields: &'static [Field]) -> Option<String> {
    let mut silent = Diagnostics::of("");
    characters::text(text.as_bytes(), super::MAX_BYTES, &mut silent)?;
    let node = profile::read(text).ok()?;
    let windows = text.contains('\r');
    let unix = text.replace("\r\n", "\n");
    let lines: Vec<Vec<char>> = unix.lines().map(|line| line.chars().collect()).collect();
    let found = comments::of(&lines, &node);
    let mut writer = Writer { out: String::new(), lines: &lines, anchors: Anchors::new(&node, &found, &lines) };
    writer.root(&node, Expect::Fields(fields));
    let written = writer.out;
    // The proof that nothing was lost.
    let again = profile::read(&written).ok().filter(|again| *again == node)?;
    let left: Vec<Vec<char>> = written.lines().map(|line| line.chars().collect()).collect();
    let texts = |comments: Vec<comments::YamlComment>| {
        let mut texts: Vec<String> = comments.into_iter().map(|comment| comment.text).collect();
        texts.sort();
        texts
    };
    let kept = texts(comments::of(&left, &again)) == texts(found);
    kept.then(|| if windows { written.replace('\n', "\r\n") } else { written })
}

/// The rows or the shape of a value.
#[derive(Clone, Copy)]
enum Expect {
    Fields(&'static [Field]),
    Shape(&'static Shape),
    Unknown,
}

impl Expect {
    fn fields(self) -> &'static [Field] {
        match self {
            Expect::Fields(fields) => fields,
            Expect::Shape(Shape::Record(fields)) => fields,
            Expect::Shape(_) | Expect::Unknown => &[],
        }
    }

    fn member(self, key: &str) -> Expect {
        match self {
            Expect::Shape(Shape::MapOf(shape)) => Expect::Shape(shape),
            _ => {
                let field = self.fields().iter().find(|field| field.name == key);
                field.map_or(Expect::Unknown, |field| Expect::Shape(&field.shape))
            }
        }
    }

    fn item(self) -> Expect {
        match self {
            Expect::Shape(Shape::Set(shape)) => Expect::Shape(shape),
            Expect::Shape(Shape::Items { of, .. }) => Expect::Fields(of),
            Expect::Fields(_) | Expect::Shape(_) | Expect::Unknown => Expect::Unknown,
        }
    }

    /// Whether each item stands in a line of its own.
    fn listed(self) -> bool {
        matches!(self, Expect::Shape(Shape::Items { .. }))
    }
}

/// A writer of the canonical form.
struct Writer<'t> {
    out: String,
    lines: &'t [Vec<char>],
    anchors: Anchors,
}

impl Writer<'_> {
    fn root(&mut self, node: &Node, expect: Expect) {
        let (top, blank) = self.anchors.top();
        for comment in &top {
            self.comment(comment, 0);
        }
        if blank {
            self.blank();
        }
        match &node.data {
            Data::Map(map) if !map.0.is_empty() => self.map(&map.0, expect, 0, false),
            Data::List(items) if !items.is_empty() => self.list(items, expect, 0),
            _ => {
                let text = self.inline(node, expect, ScalarSite::Block).unwrap_or_default();
                self.out.push_str(&text);
                self.end(&[]);
            }
        }
        for comment in self.anchors.bottom() {
            self.comment(&comment, 0);
        }
    }

    /// The entries in the order of their rows, those without a row last.
    fn ordered<'n>(entries: &'n [Entry], fields: &[Field]) -> Vec<(usize, &'n Entry)> {
        let row = |entry: &Entry| fields.iter().position(|field| field.name == entry.key).unwrap_or(fields.len());
        let mut ordered: Vec<(usize, &Entry)> = entries.iter().enumerate().collect();
        ordered.sort_by_key(|(_, entry)| row(entry));
        ordered
    }

    /// A map, one entry a line. `begun` if the first entry goes on with the line of a dash.
    fn map(&mut self, entries: &[Entry], expect: Expect, indent: usize, mut begun: bool) {
        for (_, entry) in Self::ordered(entries, expect.fields()) {
            let site = CommentSite::of(entry.place);
            if begun && self.anchors.has_above(site) {
                self.end(&[]);
                begun = false;
            }
            if !begun {
                self.above(site, indent);
                let _ = write!(self.out, "{:indent$}", "");
            }
            begun = false;
            let _ = write!(self.out, "{}:", key(&entry.key, ScalarSite::Key));
            self.value(&entry.value, expect.member(&entry.key), indent, site, " ");
            self.below(site, indent);
        }
    }

    /// A list, one item a line.
    fn list(&mut self, items: &[Node], expect: Expect, indent: usize) {
        let short = |writer: &Self, item: &Node| writer.one_line(item, expect.item(), indent + 2);
        let all_short = items.iter().all(|item| item.as_map().is_none() || short(self, item).is_some());
        for item in items {
            let site = CommentSite::of_item(item.place);
            self.above(site, indent);
            let _ = write!(self.out, "{:indent$}-", "");
            let line = if all_short { short(self, item) } else { None };
            match (&item.data, line) {
                (_, Some(line)) => {
                    self.out.push(' ');
                    self.out.push_str(&line);
                    let right = self.anchors.right(site);
                    self.end(&right);
                }
                (Data::Map(map), None) if !map.0.is_empty() => {
                    let right = self.anchors.right(site);
                    let begun = right.is_empty();
                    if begun {
                        self.out.push(' ')
                    } else {
                        self.end(&right)
                    }
                    self.map(&map.0, expect.item(), indent + 2, begun);
                }
                (_, None) => self.value(item, expect.item(), indent, site, " "),
            }
            self.below(site, indent);
        }
    }

    /// The value behind a key or a dash, to the end of the line or of the lines below.
    fn value(&mut self, node: &Node, expect: Expect, indent: usize, site: CommentSite, space: &str) {
        let right = self.anchors.right(site);
        if let Some(block) = self.block_lines(node) {
            let (header, lines) = block;
            let _ = write!(self.out, "{space}{header}");
            self.end(&right);
            for line in lines {
                let line = if line.is_empty() { String::new() } else { format!("{:1$}{line}", "", indent + 2) };
                self.out.push_str(&line);
                self.out.push('\n');
            }
            return;
        }
        let used = self.out.len() - self.out.rfind('\n').map_or(0, |at| at + 1);
        let whole = match (&node.data, expect.listed()) {
            (Data::List(items), true) if !items.is_empty() => None,
            _ => self.one_line(node, expect, used + 1),
        };
        match (&node.data, whole) {
            (_, Some(line)) => {
                let _ = write!(self.out, "{space}{line}");
                self.end(&right);
            }
            (Data::Map(map), None) => {
                self.end(&right);
                self.map(&map.0, expect, indent + 2, false);
            }
            (Data::List(items), None) => {
                self.end(&right);
                self.list(items, expect, indent + 2);
            }
            // Scalars are never too long for a line.
            (_, None) => {
                let line = self.inline(node, expect, ScalarSite::Block).unwrap_or_default();
                let _ = write!(self.out, "{space}{line}");
                self.end(&right);
            }
        }
    }

    /// The value in one line, if it fits behind `used` columns and has no comment in it.
    fn one_line(&self, node: &Node, expect: Expect, used: usize) -> Option<String> {
        let scalar = !matches!(&node.data, Data::Map(_) | Data::List(_));
        if scalar && self.block_lines(node).is_some() {
            return None;
        }
        let line = self.inline(node, expect, ScalarSite::Block)?;
        (scalar || used + columns(&line) <= WIDTH && !self.anchors.any_within(node)).then_some(line)
    }

    /// The value in one line, however long. `None` if a block scalar is in it.
    fn inline(&self, node: &Node, expect: Expect, site: ScalarSite) -> Option<String> {
        let inner = ScalarSite::Flow { colon: false };
        match &node.data {
            Data::Map(map) => {
                let member = |(_, entry): (usize, &Entry)| {
                    let value = self.inline(&entry.value, expect.member(&entry.key), inner)?;
                    Some(format!("{}: {value}", key(&entry.key, ScalarSite::FlowKey)))
                };
                let ordered = Self::ordered(&map.0, expect.fields());
                let members: Option<Vec<String>> = ordered.into_iter().map(member).collect();
                Some(format!("{{{}}}", members?.join(", ")))
            }
            Data::List(items) => {
                let items: Option<Vec<String>> =
                    items.iter().map(|item| self.inline(item, expect.item(), inner)).collect();
                Some(format!("[{}]", items?.join(", ")))
            }
            Data::Text(_) if site != ScalarSite::Block && self.block_lines(node).is_some() => None,
            Data::Text(text) => Some(Self::string(node, text, site)),
            Data::Null => Some("null".to_owned()),
            Data::Bool(value) => Some(value.to_string()),
            // Digit for digit: `1` and `1.0` are two values.
            Data::Number(_) => Some(self.written(node)),
        }
    }

    /// A string without quotes if it is a word; a scalar that starts with a digit stays as it is.
    fn string(node: &Node, text: &str, site: ScalarSite) -> String {
        let same = matches!(unquoted(text, site), Some(Data::Text(said)) if said == text);
        let word = text.starts_with(char::is_alphabetic) || !node.quoted;
        if same && word { text.to_owned() } else { json_string(text) }
    }

    /// A scalar as the file has it.
    fn written(&self, node: &Node) -> String {
        let (line, column, width) = (node.place.line as usize, node.place.column as usize, node.place.width as usize);
        let chars = self.lines.get(line - 1).map(Vec::as_slice).unwrap_or_default();
        chars.iter().skip(column - 1).take(width).collect()
    }

    /// The header and the lines of a block scalar, without their indentation.
    fn block_lines(&self, node: &Node) -> Option<(String, Vec<String>)> {
        let block = comments::block_of(self.lines, node)?;
        let text = |line: usize| -> String {
            self.lines.get(line).map(|chars| chars.iter().skip(block.indent).collect()).unwrap_or_default()
        };
        let lines = (block.first..block.end).map(text).collect();
        Some((block.header, lines))
    }

    fn above(&mut self, site: CommentSite, indent: usize) {
        let (comments, blank) = self.anchors.above(site);
        for comment in &comments {
            self.comment(comment, indent);
        }
        if blank {
            self.blank();
        }
    }

    fn below(&mut self, site: CommentSite, indent: usize) {
        for comment in self.anchors.below(site) {
            self.comment(&comment, indent);
        }
    }

    fn comment(&mut self, comment: &comments::YamlComment, indent: usize) {
        if comment.blank_before {
            self.blank();
        }
        let _ = writeln!(self.out, "{:indent$}{}", "", comment.text);
    }

    /// One blank line, but not at the beginning.
    fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// The end of a line, with the comments that stand behind it.
    fn end(&mut self, right: &[String]) {
        for comment in right {
            let _ = write!(self.out, " {comment}");
        }
        self.out.push('\n');
    }
}

fn key(text: &str, site: ScalarSite) -> String {
    let same = matches!(unquoted(text, site), Some(Data::Text(said)) if said == text);
    if same { text.to_owned() } else { json_string(text) }
}
