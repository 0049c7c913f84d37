//! Values written for people: a scalar in one line, a map or list in indented lines, and what differs between two
//! values.
//!
//! In: nodes. Out: visible text, the same in every output, because the limit on what one comment can show counts
//! exactly these characters. It refuses nothing. Not taken: YAML as it stands in the file; two spellings of one value
//! read alike.

use crate::diagnostics::escape as safe;
pub use crate::document::inline::{inline, json, quoted};
use crate::document::{Data, Node};

/// Maps and lists nested in another one are unfolded when they are wider than this.
const FOLDED: usize = 56;

/// A value in several lines: a string as its own lines, a map or list as indented JSON.
#[must_use]
pub fn lines(node: &Node) -> Vec<String> {
    match &node.data {
        Data::Text(text) if text.contains('\n') => text.split('\n').map(safe::visible).collect(),
        Data::List(_) | Data::Map(_) => {
            let mut out = Vec::new();
            unfold("", node, "", 0, &mut out);
            out
        }
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => vec![inline(node)],
    }
}

fn unfold(label: &str, node: &Node, comma: &str, depth: usize, out: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    let flat = json(node);
    let small = depth > 0 && safe::columns(&flat) <= FOLDED;
    match &node.data {
        Data::List(items) if !small && !items.is_empty() => {
            out.push(format!("{indent}{label}["));
            for (index, item) in items.iter().enumerate() {
                unfold("", item, if index + 1 < items.len() { "," } else { "" }, depth + 1, out);
            }
            out.push(format!("{indent}]{comma}"));
        }
        Data::Map(map) if !small && !map.0.is_empty() => {
            out.push(format!("{indent}{label}{{"));
            for (index, entry) in map.iter().enumerate() {
                let label = format!("{}: ", safe::in_quotes(&entry.key));
                unfold(&label, &entry.value, if index + 1 < map.0.len() { "," } else { "" }, depth + 1, out);
            }
            out.push(format!("{indent}}}{comma}"));
        }
        _ => out.push(format!("{indent}{label}{flat}{comma}")),
    }
}

/// Two values without the lines that both begin with and both end with.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct DifferingLines {
    pub before: Vec<String>,
    pub after: Vec<String>,
    /// How many equal lines were left out above.
    pub above: usize,
    /// How many equal lines were left out below.
    pub below: usize,
}

impl DifferingLines {
    /// The lines in which two values differ; an absent value has none.
    #[must_use]
    pub fn of(before: Option<&Node>, after: Option<&Node>) -> Self {
        let [mut before, mut after] = [before, after].map(|side| side.map(lines).unwrap_or_default());
        if before == after {
            return DifferingLines { before, after, above: 0, below: 0 };
        }
        let above = before.iter().zip(&after).take_while(|(old, new)| old == new).count();
        before.drain(..above);
        after.drain(..above);
        let below = before.iter().rev().zip(after.iter().rev()).take_while(|(old, new)| old == new).count();
        before.truncate(before.len() - below);
        after.truncate(after.len() - below);
        DifferingLines { before, after, above, below }
    }

    fn size(&self) -> usize {
        self.before.iter().chain(&self.after).map(|line| line.chars().count() + 3).sum()
    }
}

/// Two values in the fewest characters.
#[derive(Debug, PartialEq, Eq)]
pub enum ShortestForm {
    /// Each in one line.
    Inline { before: Option<String>, after: Option<String> },
    /// Only the lines that differ.
    Lines(DifferingLines),
}

/// Characters of a block of lines in addition to the lines.
const BLOCK: usize = 70;

impl ShortestForm {
    /// The shortest form of two values, of which one may be absent. A string of several lines is never in one line.
    #[must_use]
    pub fn of(before: Option<&Node>, after: Option<&Node>) -> Self {
        let multiline = |node: &&Node| matches!(&node.data, Data::Text(text) if text.contains('\n'));
        let inline = |side: Option<&Node>| side.map(inline);
        let (old, new) = (inline(before), inline(after));
        let size: usize = [&old, &new].into_iter().flatten().map(|value| value.chars().count()).sum();
        let several = before.into_iter().chain(after).any(|node| multiline(&node));
        // Most values are so short that no lines have to be compared.
        if size <= BLOCK && !several {
            return ShortestForm::Inline { before: old, after: new };
        }
        let lines = DifferingLines::of(before, after);
        if several || lines.size() + BLOCK < size {
            return ShortestForm::Lines(lines);
        }
        ShortestForm::Inline { before: old, after: new }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Place;

    #[test]
    fn only_the_middle_differs() {
        let text = |text: &str| Node::new(Place::START, Data::Text(text.to_owned()));
        let (before, after) = (text("a\nb\nc\nd"), text("a\nx\nd"));
        let differing = DifferingLines::of(Some(&before), Some(&after));
        assert_eq!((differing.above, differing.below), (1, 1));
        assert_eq!((differing.before, differing.after), (vec!["b".into(), "c".into()], vec!["x".into()]));
        let repeated = DifferingLines::of(Some(&text("a\na")), Some(&text("a\na\na")));
        assert_eq!((repeated.above, repeated.after.len(), repeated.below), (2, 1, 0));
    }

    #[test]
    fn the_shortest_form() {
        let text = |text: &str| Node::new(Place::START, Data::Text(text.to_owned()));
        let short = ShortestForm::of(None, Some(&text("x")));
        assert_eq!(short, ShortestForm::Inline { before: None, after: Some("x".to_owned()) });
        let long = |last: &str| text(&format!("{}\n{last}", "a line that both have\n".repeat(20)));
        let ShortestForm::Lines(lines) = ShortestForm::of(Some(&long("x")), Some(&long("y"))) else { panic!("inline") };
        assert_eq!((lines.before, lines.after), (vec!["x".to_owned()], vec!["y".to_owned()]));
        // Nothing in common: both in one line are shorter than unfolded.
        let list = |item: &str| Node::new(Place::START, Data::List(vec![text(&item.repeat(40)); 3]));
        let both = ShortestForm::of(Some(&list("x")), Some(&list("y")));
        assert!(matches!(both, ShortestForm::Inline { .. }));
    }
}
