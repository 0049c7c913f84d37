//! Refusals of the strict reader and their places, and what it reads. Every row has all diagnostics of its text.

mod corpus;
mod dialects;
mod dialects_agree;
mod json;
mod properties;
mod reads;
mod referee;
mod refuses;

use countersign::diagnostics::{Diagnostic, Diagnostics, Level, Place};
use countersign::document::yaml::{Dialect, read};
use countersign::document::{Data, Node};

/// The native format.
pub const PROFILE: &[Dialect] = &[Dialect::Profile];
pub const JSON: &[Dialect] = &[Dialect::Json];

pub fn reading(bytes: &[u8], readers: &[Dialect]) -> (Option<Node>, Vec<Diagnostic>) {
    let mut diagnostics = Diagnostics::of("flags/tax.yaml");
    let node = read(bytes, readers, &mut diagnostics);
    (node, diagnostics.finish(bytes))
}

/// Lint, line and column of something that is found in a string.
pub type FoundLint = (&'static str, u32, u32);

/// The subject of a row, its text, and everything found.
pub type Row<'r> = (&'r str, &'r [u8], &'r [FoundLint]);

pub fn found_lints(bytes: &[u8], readers: &[Dialect]) -> Vec<FoundLint> {
    let (node, diagnostics) = reading(bytes, readers);
    assert_eq!(node.is_none(), diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error));
    diagnostics
        .into_iter()
        .map(|diagnostic| (diagnostic.id.as_str(), diagnostic.place.line, diagnostic.place.column))
        .collect()
}

pub fn check(readers: &[Dialect], rows: &[Row<'_>]) {
    let differing = |(name, bytes, expected): &Row<'_>| {
        let found = found_lints(bytes, readers);
        (found != *expected).then(|| format!("{name}: {found:?} instead of {expected:?}"))
    };
    let wrong: Vec<String> = rows.iter().filter_map(differing).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The places of all keys and scalars, in the order of the text.
pub fn places(node: &Node, out: &mut Vec<Place>) {
    match &node.data {
        Data::Map(map) => {
            for entry in map.iter() {
                out.push(entry.place);
                places(&entry.value, out);
            }
        }
        Data::List(items) => items.iter().for_each(|item| places(item, out)),
        _ => out.push(node.place),
    }
}

/// The difference that two other readers, one of them with places, make of a string in the profile that isn't `node`.
pub fn differs(node: &Node, text: &str) -> Option<String> {
    let (other, diagnostics) = reading(text.as_bytes(), &[Dialect::Core]);
    let Some(other) = other else { return Some(format!("{diagnostics:?}")) };
    if *node != other {
        return Some(format!("{} and {}", node.json(), other.json()));
    }
    let of = |node: &Node| {
        let mut found = Vec::new();
        places(node, &mut found);
        found.iter().map(|place| (place.line, place.column)).collect::<Vec<_>>()
    };
    let (ours, theirs) = (of(node), of(&other));
    if ours != theirs {
        return Some(format!("{ours:?} and {theirs:?}"));
    }
    referee::differs_as_yaml(node, text)
}
