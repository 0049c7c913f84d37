//! References to `$evaluators` as flagd's readers find them.
//!
//! In: a file, as text and as a tree. Out: diagnostics. The daemon until April 2026, JavaScript's and Java's readers
//! search the text of the whole file for `"$ref":`, white space and `"name"`; the daemon since then and .NET's search
//! it written anew, for a map of that one member; Python's only the flags. All of them expand a map of one
//! member in `targeting`, with the colon right behind the quote. Not taken: expanding what one of them does, since the
//! others serve something else.

use std::collections::BTreeSet;

use crate::diagnostics::{Diagnostics, Place, Subject, lints};
use crate::document::{Data, Map, Node};

/// The lines and columns at which the text of a JSON file has `"$ref":`.
pub fn written(bytes: &[u8]) -> BTreeSet<(u32, u32)> {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let text = String::from_utf8_lossy(bytes);
    let mut found = BTreeSet::new();
    for (at, line) in text.split('\n').enumerate() {
        // Characters are counted once a line, however many references it has.
        let (mut from, mut column) = (0, 1);
        for (byte, _) in line.match_indices("\"$ref\":") {
            column += number(line.get(from..byte).map_or(0, |before| before.chars().count()));
            from = byte;
            found.insert((number(at + 1), column));
        }
    }
    found
}

/// Adds a diagnostic for each reference that only some readers expand. `written` are the places in the text; `None` if
/// the file is not JSON.
pub fn check(file: &Node, written: Option<&BTreeSet<(u32, u32)>>, diagnostics: &mut Diagnostics<'_>) {
    for member in file.as_map().into_iter().flat_map(Map::iter) {
        key(&member.key, member.place, ReferenceSite::Elsewhere, written, diagnostics);
        match (member.key.as_str(), &member.value.data) {
            ("flags", Data::Map(flags)) => {
                for entry in flags.iter() {
                    diagnostics.about(Subject::Flag(entry.key.clone()));
                    flag(&entry.value, written, diagnostics);
                }
            }
            ("flags", Data::List(flags)) => {
                for item in flags {
                    let key = item.get("key").and_then(Node::as_text).unwrap_or_default();
                    diagnostics.about(Subject::Flag(key.to_owned()));
                    flag(item, written, diagnostics);
                }
            }
            ("$evaluators", _) => walk(&member.value, ReferenceSite::Evaluators, written, diagnostics),
            _ => walk(&member.value, ReferenceSite::Elsewhere, written, diagnostics),
        }
        diagnostics.about(Subject::File);
    }
}

fn flag(flag: &Node, written: Option<&BTreeSet<(u32, u32)>>, diagnostics: &mut Diagnostics<'_>) {
    for field in flag.as_map().into_iter().flat_map(Map::iter) {
        let site = if field.key == "targeting" { ReferenceSite::Targeting } else { ReferenceSite::Elsewhere };
        key(&field.key, field.place, site, written, diagnostics);
        walk(&field.value, site, written, diagnostics);
    }
}

/// The part of a file in which a reference to an evaluator stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ReferenceSite {
    Targeting,
    /// Where a reference is reported with the rules.
    Evaluators,
    Elsewhere,
}

fn walk(node: &Node, site: ReferenceSite, written: Option<&BTreeSet<(u32, u32)>>, diagnostics: &mut Diagnostics<'_>) {
    match &node.data {
        Data::Map(map) => {
            for entry in map.iter() {
                key(&entry.key, entry.place, site, written, diagnostics);
                walk(&entry.value, site, written, diagnostics);
            }
        }
        Data::List(items) => items.iter().for_each(|item| walk(item, site, written, diagnostics)),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
    }
}

fn key(
    key: &str,
    place: Place,
    site: ReferenceSite,
    written: Option<&BTreeSet<(u32, u32)>>,
    diagnostics: &mut Diagnostics<'_>,
) {
    let plain = written.is_none_or(|written| written.contains(&(place.line, place.column)));
    let (message, remedy) = match (key, site) {
        ("$ref", ReferenceSite::Targeting) if !plain => {
            ("a reference is written as only some readers find it", "write it as `{\"$ref\": \"name\"}`")
        }
        ("$ref", ReferenceSite::Elsewhere) => {
            ("a reference stands outside of `targeting`, where only some readers expand it", "write out the value")
        }
        // The end of such a key is a reference to those who search the text.
        (key, _) if key.len() > 4 && key.ends_with("\"$ref") => {
            ("the end of this key is a reference to some readers", "give it a name without quotes")
        }
        _ => return,
    };
    diagnostics.add(lints::READERS_DISAGREE, place, message, remedy);
}
