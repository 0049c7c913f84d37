//! Files that are joined with the file that they stand over, as .NET joins its settings: member by member, and lists by
//! the place of each item, whatever its name is.
//!
//! **In**: the bytes of both. **Out**: the flags that come out. **Refuses**: to read them if one cannot be read. **Not
//! taken**: settings from elsewhere, such as variables of the environment.

use std::collections::BTreeMap;

use super::document::documents;
use super::language::{Mapping, Source};
use super::letter_case::fold;
use crate::diagnostics::{Diagnostics, Place};
use crate::document::yaml::characters;
use crate::document::{Data, Entry, Map, Node};
use crate::flag::Flag;
use crate::format::FormatRef;

/// The path of the file that the one at `path` stands over, if both are joined.
#[must_use]
pub fn below(mapping: &Mapping, path: &str) -> Option<String> {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let sources = mapping.entities.iter().filter(|_| mapping.joined).flat_map(|entity| entity.scope.iter().flatten());
    let mut names = sources.filter_map(|source| match source {
        Source::FilePart(before, after) => {
            let scope = name.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
            (!scope.is_empty()).then(|| format!("{}{after}", before.trim_end_matches('.')))
        }
        _ => None,
    });
    let below = names.next()?;
    Some(if folder.is_empty() { below } else { format!("{folder}/{below}") })
}

/// The flags of a file at `path` that stands over another one; an absent member says nothing.
#[must_use]
pub fn joined(format: &FormatRef, below: Option<&[u8]>, above: Option<&[u8]>, path: &str) -> Option<Vec<Flag>> {
    let mapping = format.mapping.as_ref()?;
    let read = |bytes: &[u8]| Some(documents(bytes, mapping, &mut Diagnostics::of(path))?.into_iter().next()?.node);
    let node = match (below, above) {
        (None, None) => return Some(Vec::new()),
        // As it stands there, line by line.
        (Some(bytes), None) | (None, Some(bytes)) => {
            return format.flags_of(bytes, path, &mut Diagnostics::of(path));
        }
        (Some(below), Some(above)) => join(&read(below)?, &read(above)?),
    };
    format.flags_of(as_json(&node).as_bytes(), path, &mut Diagnostics::of(path))
}

/// A document as JSON in which an escape stands for each character that no file may hold as it is.
fn as_json(node: &Node) -> String {
    let json = node.json();
    let mut out = String::with_capacity(json.len());
    let mut rest = 0;
    for (at, char, _) in characters::refused(&json) {
        out.push_str(json.get(rest..at).unwrap_or_default());
        // All of them are of the first plane, and within strings.
        out.push_str(&format!("\\u{:04x}", u32::from(char)));
        rest = at + char.len_utf8();
    }
    out.push_str(json.get(rest..).unwrap_or_default());
    out
}

/// The value that comes out of two. An empty value takes nothing away, and a scalar stands next to the members of a
/// map: of the two readers take true, else the members.
fn join(below: &Node, above: &Node) -> Node {
    // .NET passes over blanks, and over NUL, around the word.
    let is_true =
        |text: &str| text.trim_matches(|char: char| char.is_whitespace() || char == '\0').eq_ignore_ascii_case("true");
    let on = |node: &Node| node.as_bool() == Some(true) || node.as_text().is_some_and(is_true);
    match (members(below), members(above)) {
        (None, None) => above.clone(),
        (Some(one), None) => {
            if one.is_empty() || on(above) {
                above.clone()
            } else {
                below.clone()
            }
        }
        (None, Some(two)) => {
            if two.is_empty() || on(below) {
                below.clone()
            } else {
                above.clone()
            }
        }
        (Some(one), Some(two)) => {
            let mut all: Vec<(String, Node)> = one;
            let at: BTreeMap<String, usize> =
                all.iter().enumerate().map(|(at, (key, _))| (fold(key).into_owned(), at)).collect();
            for (key, value) in two {
                match at.get(fold(&key).as_ref()).and_then(|at| all.get_mut(*at)) {
                    Some((_, known)) => *known = join(known, &value),
                    None => all.push((key, value)),
                }
            }
            let is_list = [below, above].iter().any(|node| matches!(node.data, Data::List(_)));
            above.with(if is_list {
                Data::List(in_order(all))
            } else {
                Data::Map(Map(all.into_iter().map(entry).collect()))
            })
        }
    }
}

fn entry((key, value): (String, Node)) -> Entry {
    Entry { key, place: value.place, value }
}

/// The members of a map or a list, in which the place of an item is its name.
fn members(node: &Node) -> Option<Vec<(String, Node)>> {
    match &node.data {
        Data::Map(map) => Some(map.iter().map(|entry| (entry.key.clone(), entry.value.clone())).collect()),
        Data::List(items) => Some(items.iter().enumerate().map(|(at, item)| (at.to_string(), item.clone())).collect()),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => None,
    }
}

/// The items of a list by their numbers; a name that is no number is no item.
fn in_order(all: Vec<(String, Node)>) -> Vec<Node> {
    let numbered = all.into_iter().filter_map(|(key, node)| Some((key.parse::<usize>().ok()?, node)));
    numbered.collect::<BTreeMap<usize, Node>>().into_values().collect()
}

/// The flag with all that it says at one place, since what comes out of two files has none in either.
#[must_use]
pub fn put_at(flag: &Flag, place: Place) -> Flag {
    let mut flag = flag.clone();
    (flag.place, flag.state.place) = (place, place);
    flag.record.move_places(&|_| place);
    flag
}
