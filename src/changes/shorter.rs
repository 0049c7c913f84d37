//! The shorter of two ways to compare lists: by what their items say, and by the places of these.
//!
//! In: items paired by what they say. Out: the same, or pairs by place. Refuses: to leave anything out; either way all
//! that differs is listed. Not taken: the shorter one always, since items that are paired by what they say keep their
//! numbers.

use std::collections::BTreeMap;

use super::diff::Difference;
use crate::document::alignment::ItemPair;
use crate::document::{Data, Node};

/// The most values that differ of a change that is short anyway.
const SHORT: usize = 100;

/// Whether a change of so many values is better listed as one of so many others.
fn is_better(values: usize, others: usize) -> bool {
    values > SHORT && others.saturating_mul(2) < values
}

/// Pairs of items, by their places where far less differs so: two large items that change places or one member each.
pub fn shorter(pairs: Vec<ItemPair>, before: &[Node], after: &[Node]) -> Vec<ItemPair> {
    let weight = |pairs: &[ItemPair]| -> usize {
        let of = |(was, is): &ItemPair| match (was.and_then(|at| before.get(at)), is.and_then(|at| after.get(at))) {
            (Some(was), Some(is)) => differing(was, is),
            (one, other) => one.or(other).map_or(0, Node::size),
        };
        pairs.iter().map(of).sum()
    };
    let values = weight(&pairs);
    if values <= SHORT {
        return pairs;
    }
    let at = |place: usize, items: &[Node]| (place < items.len()).then_some(place);
    let most = before.len().max(after.len());
    let places: Vec<ItemPair> = (0..most).map(|place| (at(place, before), at(place, after))).collect();
    if is_better(values, weight(&places)) { places } else { pairs }
}

/// Whether differences are far more than others of the same two flags.
pub fn are_better(others: &[Difference], found: &[Difference]) -> bool {
    let weight = |all: &[Difference]| -> usize {
        all.iter().flat_map(|one| [&one.before, &one.after]).flatten().map(Node::size).sum()
    };
    others.iter().any(|one| one.effect) && is_better(weight(found), weight(others))
}

/// The number of values that are another one, or none, at the same place.
fn differing(before: &Node, after: &Node) -> usize {
    match (&before.data, &after.data) {
        (Data::Map(old), Data::Map(new)) => {
            let mut left: BTreeMap<&str, &Node> = new.iter().map(|entry| (entry.key.as_str(), &entry.value)).collect();
            let of = old.iter().map(|entry| match left.remove(entry.key.as_str()) {
                Some(after) => differing(&entry.value, after),
                None => entry.value.size(),
            });
            of.sum::<usize>() + left.into_values().map(Node::size).sum::<usize>()
        }
        (Data::List(old), Data::List(new)) => {
            let both: usize = old.iter().zip(new).map(|(before, after)| differing(before, after)).sum();
            let rest = old.iter().skip(new.len()).chain(new.iter().skip(old.len()));
            both + rest.map(Node::size).sum::<usize>()
        }
        _ if before == after => 0,
        _ => before.size() + after.size(),
    }
}
