//! Values written for people: a scalar in one line, a map or list in indented lines, and what differs between two values.
//!
//! In: nodes. Out: visible text, the same in every output, because the limit on what one comment can show counts exactly
//! these characters. It refuses nothing. Not taken: YAML as it stands in the file; two spellings of one value read alike.

use super::{Data, Decimal, Node};
use crate::diagnostics::escape as safe;

/// A string value: bare if it is one plain word, else in double quotes so that its end can be seen.
#[must_use]
pub fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '/' | '@' | '-' | '+' | '%');
    let other_type = matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "null")
        || text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))
            && Decimal::parse(text).is_some();
    if !text.is_empty() && text.chars().all(plain) && !other_type {
        return text.to_owned();
    }
    safe::in_quotes(text)
}

/// A value in one line: a scalar as it is, anything else as JSON with blanks between its parts.
#[must_use]
pub fn inline(node: &Node) -> String {
    match &node.data {
        Data::Text(text) => quoted(text),
        _ => json(node),
    }
}

/// JSON in one line.
#[must_use]
pub fn json(node: &Node) -> String {
    match &node.data {
        Data::Null => "null".to_owned(),
        Data::Bool(value) => value.to_string(),
        Data::Number(number) => number.to_string(),
        Data::Text(text) => safe::in_quotes(text),
        Data::List(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(", ")),
        Data::Map(map) => {
            let members: Vec<String> =
                map.iter().map(|entry| format!("{}: {}", safe::in_quotes(&entry.key), json(&entry.value))).collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

/// The items of a list as alternatives: `US, CA or DE`. Of more than `most` the first, and how many there are more.
#[must_use]
pub fn alternatives(node: &Node, most: usize) -> Option<String> {
    let items = node.as_list()?;
    let mut written: Vec<String> = items.iter().take(most).map(inline).collect();
    if items.len() > most {
        written.push(format!("{} more", items.len() - most));
    }
    match written.split_last() {
        None => Some("nothing at all".to_owned()),
        Some((last, [])) => Some(last.clone()),
        Some((last, rest)) => Some(format!("{} or {last}", rest.join(", "))),
    }
}

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
    fn strings_in_quotes_where_needed() {
        let cases = [
            ("running", "running"),
            ("two words", "\"two words\""),
            ("20", "\"20\""),
            ("true", "\"true\""),
            ("", "\"\""),
            ("say \"hi\"", "\"say \\\"hi\\\"\""),
            ("2026-11-23", "2026-11-23"),
            ("a → b", "\"a → b\""),
        ];
        for (text, shown) in cases {
            assert_eq!(quoted(text), shown);
        }
    }

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
