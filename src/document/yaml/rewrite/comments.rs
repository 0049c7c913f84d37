//! The comments of a file of the profile, and the lines of its block scalars.
//!
//! In: the lines of a file, and its tree. Out: each comment with its place. The tree says where quotes open and where
//! blocks stand; everything else that a `#` after a blank starts is a comment.

use std::collections::BTreeSet;

use crate::document::{Data, Node};

/// A comment, from its `#` on.
#[derive(Clone, Debug)]
pub struct YamlComment {
    pub text: String,
    /// Line and column, counted from 0.
    pub at: (usize, usize),
    /// Whether nothing stands before it in its line.
    pub alone: bool,
    /// Whether an empty line stands above it.
    pub blank_before: bool,
}

/// A block scalar: its header, its indentation, and its lines, of which the last is not one of them.
pub struct ScalarBlock {
    pub header: String,
    pub indent: usize,
    pub first: usize,
    pub end: usize,
}

/// The block that a string was written as; `None` for one that stands in its line.
pub fn block_of(lines: &[Vec<char>], node: &Node) -> Option<ScalarBlock> {
    let (line, column) = (node.place.line as usize - 1, node.place.column as usize - 1);
    let start = lines.get(line)?.get(column);
    if !node.quoted || !matches!(node.data, Data::Text(_)) || matches!(start, Some('"' | '\'')) && !headed(lines, line)
    {
        return None;
    }
    let blank = |line: &[char]| line.iter().all(|char| *char == ' ');
    let indent = lines.get(line)?.iter().take_while(|char| **char == ' ').count();
    let mut end = line;
    for (number, text) in lines.iter().enumerate().skip(line) {
        if blank(text) {
            continue;
        }
        if text.iter().take_while(|char| **char == ' ').count() < indent {
            break;
        }
        end = number + 1;
    }
    let above = (0..line).rev().find(|line| lines.get(*line).is_some_and(|text| !blank(text)))?;
    let header = header(lines.get(above)?)?;
    Some(ScalarBlock { header, indent, first: above + 1, end })
}

/// Whether the last line with text above this one ends in the header of a block.
fn headed(lines: &[Vec<char>], line: usize) -> bool {
    let above = lines.get(..line).unwrap_or_default().iter().rev();
    let mut above = above.filter(|text| !text.iter().all(|char| *char == ' '));
    above.next().is_some_and(|text| header(text).is_some())
}

/// The header of a block at the end of a line, in front of any comment.
fn header(line: &[char]) -> Option<String> {
    let text: String = line.iter().collect();
    let text = text.find(" #").and_then(|at| text.get(..at)).unwrap_or(&text).trim_end().to_owned();
    let word = text.rsplit(' ').next().unwrap_or_default();
    matches!(word, "|" | "|-" | ">" | ">-").then(|| word.to_owned())
}

/// Every comment of a file, in its order.
pub fn of(lines: &[Vec<char>], node: &Node) -> Vec<YamlComment> {
    let (mut quotes, mut blocks) = (BTreeSet::new(), Vec::new());
    places(lines, node, &mut quotes, &mut blocks);
    let mut found = Vec::new();
    let mut open = None;
    for (number, line) in lines.iter().enumerate() {
        if blocks.iter().any(|block: &ScalarBlock| (block.first..block.end).contains(&number)) {
            continue;
        }
        let mut at = 0;
        while let Some(char) = line.get(at) {
            match open {
                Some(quote) => {
                    if *char == '\\' && quote == '"'
                        || *char == quote && quote == '\'' && line.get(at + 1) == Some(&'\'')
                    {
                        at += 1;
                    } else if *char == quote {
                        open = None;
                    }
                }
                None if quotes.contains(&(number, at)) => open = Some(*char),
                None if *char == '#' && (at == 0 || line.get(at - 1) == Some(&' ')) => {
                    let text: String = line.iter().skip(at).collect();
                    found.push(YamlComment {
                        text: text.trim_end().to_owned(),
                        at: (number, at),
                        alone: line.iter().take(at).all(|char| *char == ' '),
                        blank_before: empty(lines, number),
                    });
                    break;
                }
                None => {}
            }
            at += 1;
        }
    }
    found
}

/// Whether an empty line stands above this one.
pub fn empty(lines: &[Vec<char>], number: usize) -> bool {
    let above = number.checked_sub(1).and_then(|above| lines.get(above));
    above.is_some_and(|line| line.iter().all(|char| *char == ' '))
}

/// Where quotes open, and the blocks.
fn places(lines: &[Vec<char>], node: &Node, quotes: &mut BTreeSet<(usize, usize)>, blocks: &mut Vec<ScalarBlock>) {
    let mut quote = |line: u32, column: u32| {
        let at = (line as usize - 1, column as usize - 1);
        if matches!(lines.get(at.0).and_then(|line| line.get(at.1)), Some('"' | '\'')) {
            quotes.insert(at);
        }
    };
    match &node.data {
        Data::Text(_) => match block_of(lines, node) {
            Some(block) => blocks.push(block),
            None if node.quoted => quote(node.place.line, node.place.column),
            None => {}
        },
        Data::Map(map) => {
            for entry in map.iter() {
                quote(entry.place.line, entry.place.column);
            }
            for entry in map.iter() {
                places(lines, &entry.value, quotes, blocks);
            }
        }
        Data::List(items) => {
            for item in items {
                places(lines, item, quotes, blocks);
            }
        }
        Data::Null | Data::Bool(_) | Data::Number(_) => {}
    }
}
