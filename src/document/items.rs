//! Renamed items: items of a list that have another name than before and are otherwise the same, or nearly.
//!
//! In: a list of named items before and after. Out: pairs of indices. Refuses: to pair an item whose name is on the
//! other side too, since a name is what code and files refer to. Not taken: the best of all pairings, which takes
//! quadratic time in what a stranger writes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::canonical::{canonical_record, same_field};
use super::field::Field;
use super::node::{Map, Node};

/// The index before and after of each renamed item. Items are told apart by the field `id` and have the fields `of`.
///
/// Items with the same content are paired first, those at the same place before others; then items at the same place
/// that have at least half of their fields in common.
#[must_use]
pub fn renamed(before: &[Node], after: &[Node], id: &str, of: &[Field]) -> Vec<(usize, usize)> {
    let (mut gone, mut new) = (without_namesake(before, after, id), without_namesake(after, before, id));
    if gone.is_empty() || new.is_empty() {
        return Vec::new();
    }
    let contents = |items: &BTreeMap<usize, &Map>| -> BTreeMap<usize, String> {
        items.iter().map(|(at, map)| (*at, content(map, id, of))).collect()
    };
    let (old_contents, new_contents) = (contents(&gone), contents(&new));
    let mut pairs = Vec::new();
    let mut pair = |at: usize, to: usize, gone: &mut BTreeMap<usize, &Map>, new: &mut BTreeMap<usize, &Map>| {
        gone.remove(&at);
        new.remove(&to);
        pairs.push((at, to));
    };
    for (at, content) in &old_contents {
        if new_contents.get(at) == Some(content) {
            pair(*at, *at, &mut gone, &mut new);
        }
    }
    let mut waiting: BTreeMap<&str, VecDeque<usize>> = BTreeMap::new();
    for (to, content) in new_contents.iter().filter(|(to, _)| new.contains_key(to)) {
        waiting.entry(content).or_default().push_back(*to);
    }
    for (at, content) in &old_contents {
        if gone.contains_key(at)
            && let Some(to) = waiting.get_mut(content.as_str()).and_then(VecDeque::pop_front)
        {
            pair(*at, to, &mut gone, &mut new);
        }
    }
    let alike: Vec<usize> = gone
        .iter()
        .filter(|(at, old)| new.get(at).is_some_and(|new| half_alike(old, new, id, of)))
        .map(|(at, _)| *at)
        .collect();
    for at in alike {
        pair(at, at, &mut gone, &mut new);
    }
    pairs.sort_unstable();
    pairs
}

/// The items whose name none of the others has, by index.
fn without_namesake<'n>(items: &'n [Node], others: &[Node], id: &str) -> BTreeMap<usize, &'n Map> {
    let name = |node: &'_ Node| node.get(id).and_then(Node::as_text).map(str::to_owned);
    let taken: BTreeSet<String> = others.iter().filter_map(name).collect();
    let is_free = |node: &Node| name(node).is_some_and(|name| !taken.contains(&name));
    let numbered = items.iter().enumerate().filter(|(_, node)| is_free(node));
    numbered.filter_map(|(at, node)| Some((at, node.as_map()?))).collect()
}

/// The normal form of an item without its name.
fn content(item: &Map, id: &str, of: &[Field]) -> String {
    let unnamed = Map(item.iter().filter(|entry| entry.key != id).cloned().collect());
    canonical_record(&unnamed, of)
}

/// Whether at least half of the fields that either item has are the same in both.
fn half_alike(old: &Map, new: &Map, id: &str, of: &[Field]) -> bool {
    let names: BTreeSet<&str> =
        old.iter().chain(new.iter()).map(|entry| entry.key.as_str()).filter(|name| *name != id).collect();
    let same = |name: &&&str| match of.iter().find(|field| field.name == **name) {
        Some(field) => same_field(old.get(name), new.get(name), field),
        None => old.get(name) == new.get(name),
    };
    let alike = names.iter().filter(same).count();
    alike > 0 && alike * 2 >= names.len()
}
