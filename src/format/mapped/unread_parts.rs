//! Parts that are not read: the rest of a document, and flags of another format inside of one.
//!
//! **In**: a document without what was read. **Out**: one flag that nobody knows to be off, so that a change of it
//! needs approval. **Refuses**: to pass over it. **Not taken**: reading a format inside of another one whose mapping
//! does not say so.

use std::collections::BTreeSet;

use super::flag::entry;
use super::flag_place::{At, address};
use super::language::{Entity, Mapping, Path, PathStep};
use super::walk::{each_node, walk};
use crate::diagnostics::Place;
use crate::document::{Data, Entry, Map, Node};
use crate::flag::{Flag, ItemLists, Kind, Links, State};
use crate::format::FormatRef;
use crate::format::known::{holds_switches, known};
use crate::format::names::NameSet;

/// A flag of which nothing but its text is known.
pub fn unread(format: &FormatRef, key: String, left: Node) -> Flag {
    let place = left.place;
    let record = vec![entry("state", place, Node::text(place, "unknown".to_owned())), entry("rest", place, left)];
    Flag {
        key,
        kind: Kind::Flag,
        scope: None,
        state: State { word: "unknown".to_owned(), live: true, place },
        place,
        record: Map(record),
        shared: None,
        lists: ItemLists::new(),
        links: Links::default(),
        drawn: None,
        format: format.clone(),
    }
}

/// The part of a flag for the environments that it does not name: that there are others.
pub fn for_others(place: Place) -> Node {
    let said = entry("environments", place, Node::text(place, "all others".to_owned()));
    Node::new(place, Data::Map(Map(vec![said])))
}

/// A string that holds flags of another format than flagd's, as its name or its shape tells.
pub fn of_another_format(format: &FormatRef, at: &At<'_>) -> Option<Flag> {
    let (text, name) = (at.entity.as_text()?, at.keys.last()?);
    let other = || known(name, text.as_bytes()).is_some_and(|it| it.known.id != Some("flagd") && it.flags > 0);
    (other() || holds_switches(text)).then(|| unread(format, format!("flags in {name}"), at.entity.clone()))
}

/// The nodes of stamps. By a set of names only such values are found as can be neither a switch nor flags.
pub fn stamps(mapping: &Mapping, document: &Node) -> Vec<usize> {
    let is_stamp = |node: &&Node| match &node.data {
        Data::Null | Data::Number(_) => true,
        Data::Text(text) => super::draft::state_of(text).is_none(),
        Data::List(items) => items.iter().all(|item| item.as_text().is_some()),
        Data::Bool(_) | Data::Map(_) => false,
    };
    let of = |path: &Path| {
        let by_set = path.steps.iter().any(|step| matches!(step, PathStep::Named(_)));
        let mut found = Vec::new();
        each_node(document, &path.steps, &mut |node| found.extend((!by_set || is_stamp(&node)).then(|| address(node))));
        found
    };
    mapping.stamps.iter().flat_map(of).collect()
}

/// Maps that are left around flags in a document that has none and says nothing else: `features: {}`. No list and
/// nothing at all are among them, which may take away what another file says.
pub fn emptied(mapping: &Mapping, document: &Node) -> BTreeSet<usize> {
    let is_empty = |node: &Node| node.as_map().is_some_and(|map| map.0.is_empty());
    let is_name = |step: &PathStep| matches!(step, PathStep::Key(_) | PathStep::Named(NameSet::Flags));
    let mut found = BTreeSet::new();
    for at in mapping.entities.iter().flat_map(|entity| &entity.at) {
        let Some((PathStep::Any(..), around)) = at.steps.split_last() else { continue };
        if !around.is_empty() && around.iter().all(is_name) {
            each_node(document, around, &mut |node| found.extend(is_empty(node).then(|| address(node))));
        }
    }
    let all: BTreeSet<usize> = stamps(mapping, document).into_iter().chain(found.iter().copied()).collect();
    if found.is_empty() || without(document, &all).is_some() { BTreeSet::new() } else { found }
}

/// Empty maps and lists around flags, to which nothing has come yet, and a document that is one.
pub fn empty_around<'n>(mapping: &Mapping, document: &'n Node, path: &'n str) -> Vec<usize> {
    let whole = At::document(document, path);
    let entities = mapping.entities.iter().filter(|one| one.only.as_ref().is_none_or(|test| test.holds(&whole)));
    let entities: Vec<&Entity> = entities.collect();
    let is_used = |at: &&Path| !walk(document, &at.steps).is_empty();
    // A file without flags may have them anywhere; in another one, places of other flags are known by their names.
    let is_without = entities.iter().all(|one| !one.at.iter().any(|at| is_used(&at)));
    let mut found = Vec::new();
    for entity in entities {
        let used = entity.at.iter().find(is_used);
        for at in used.map_or(entity.at.as_slice(), std::slice::from_ref) {
            let around = at.steps.split_last().map_or(&[][..], |(_, around)| around);
            for length in 0..=around.len() {
                let steps = around.get(..length).unwrap_or_default();
                let is_named = steps.last().is_none_or(|step| !step.is_wild());
                if used.is_some() || is_without || is_named {
                    each_node(document, steps, &mut |node| found.extend(is_empty(node).then(|| address(node))));
                }
            }
        }
    }
    found
}

fn is_empty(node: &Node) -> bool {
    node.as_map().is_some_and(|map| map.0.is_empty()) || node.as_list().is_some_and(<[Node]>::is_empty)
}

/// A document without the nodes that were taken; `None` if nothing is left.
pub fn without(node: &Node, taken: &BTreeSet<usize>) -> Option<Node> {
    if taken.contains(&address(node)) {
        return None;
    }
    let data = match &node.data {
        Data::Map(map) => {
            let left = map.iter().filter_map(|entry| {
                Some(Entry { key: entry.key.clone(), place: entry.place, value: without(&entry.value, taken)? })
            });
            let left: Vec<Entry> = left.collect();
            if left.is_empty() && !is_empty(node) {
                return None;
            }
            Data::Map(Map(left))
        }
        Data::List(items) => {
            let left: Vec<Node> = items.iter().filter_map(|item| without(item, taken)).collect();
            if left.is_empty() && !is_empty(node) {
                return None;
            }
            Data::List(left)
        }
        other => other.clone(),
    };
    Some(node.with(data))
}
