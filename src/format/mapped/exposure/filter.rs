//! The filter of a plain flag: which users it is for, as requirements that all have to hold.
//!
//! **In**: what the field of segments says, and the paths that the mapping calls bounds and lists. **Out**:
//! requirements, and what becomes of the number of users if they change. **Refuses**: numbers, which no file knows.
//! **Not taken**: the names of members as a hint of what they ask.

use std::collections::BTreeSet;

use crate::document::canonical::canonical;
use crate::document::{Data, Map, Node, Shape};
use crate::format::mapped::language::{Path, PathStep, PlainModel};
use crate::groups::{FilterRequirement, RequirementKind};
use crate::impact::{Impact, Lifecycle};

/// The name of the group of users whom a plain flag is about.
pub const WHO: &str = "the users it is for";

/// The requirements of what a flag says of its users; none if the mapping does not say that all of it has to hold.
pub fn requirements(who: &Node, plain: &PlainModel) -> Vec<FilterRequirement> {
    let mut found = Vec::new();
    if !plain.required().is_empty() {
        add(who, &mut Vec::new(), plain, &mut found);
    }
    found
}

fn add(node: &Node, way: &mut Vec<String>, plain: &PlainModel, found: &mut Vec<FilterRequirement>) {
    let leads = |to: &[PathStep]| {
        to.len() > way.len() && to.iter().zip(way.iter()).all(|(step, name)| step.name() == Some(name.as_str()))
    };
    let inside = way.is_empty() || plain.required().iter().any(|path| leads(&path.steps));
    if let (Data::Map(map), true) = (&node.data, inside) {
        for entry in map.iter() {
            // The key here is the whole path of a part of the field.
            let length = way.len();
            way.extend(entry.key.split('/').map(str::to_owned));
            add(&entry.value, way, plain, found);
            way.truncate(length);
        }
        return;
    }
    let is = |paths: &[Path]| {
        paths.iter().any(|path| {
            path.steps.len() == way.len()
                && path.steps.iter().zip(way.iter()).all(|(step, name)| step.name() == Some(name.as_str()))
        })
    };
    let bound = |node: &Node| node.as_text().map(str::to_owned).or_else(|| Some(node.as_number()?.to_string()));
    let asks = match bound(node) {
        Some(bound) if is(&plain.at_least) => RequirementKind::AtLeast(bound),
        Some(bound) if is(&plain.at_most) => RequirementKind::AtMost(bound),
        _ if is(&plain.any_of) => RequirementKind::AnyOf(items(node)),
        _ if is(&plain.none_of) => RequirementKind::NoneOf(items(node)),
        _ => RequirementKind::Other(canonical(node, &Shape::Any)),
    };
    found.push(FilterRequirement { name: way.join("/"), asks });
}

/// The items of a set, or of a list with names, which are maps from the name of each.
fn items(node: &Node) -> BTreeSet<String> {
    match &node.data {
        Data::Map(Map(entries)) => {
            entries.iter().map(|entry| format!("{} {}", entry.key, canonical(&entry.value, &Shape::Any))).collect()
        }
        Data::List(items) => items.iter().map(|item| canonical(item, &Shape::Any)).collect(),
        _ => BTreeSet::from([canonical(node, &Shape::Any)]),
    }
}

const MORE: &str = "it is for more than before, and how many more is not known";
const FEWER: &str = "it is for fewer than before, and how many fewer is not known";
const OTHERS: &str = "it is for others than before, and how many come or go is not known";

/// Puts a sentence in the place of shares of users who come to the flag or leave it: of how many there are, no file has
/// a word.
pub fn without_numbers(out: &mut Impact) {
    if out.lifecycle != Lifecycle::Active {
        return;
    }
    let Some(at) = out.members.iter().position(|members| members.segment == WHO) else { return };
    let Some(members) = out.members.get(at) else { return };
    // A flag without a filter is for everyone.
    if members.added || members.removed {
        let sentence = if members.added { FEWER } else { MORE };
        out.per_segment.clear();
        out.members.remove(at);
        out.unknown.push(sentence.to_owned());
        return;
    }
    let some = |phrases: &[String]| !phrases.is_empty();
    let sentence = match (some(&members.joins), some(&members.leaves), some(&members.undecided)) {
        (true, false, false) => MORE,
        (false, true, false) => FEWER,
        _ => OTHERS,
    };
    let groups = out.per_segment.len();
    out.per_segment.retain(|group| group.moved_from.is_none() || group.changed().is_nobody());
    if out.per_segment.len() < groups {
        out.unknown.push(sentence.to_owned());
    }
}
