//! Lists of values that a rule asks about with `in`: sets, whatever their order.
//!
//! In: a rule. Out: the same with such lists in one order, each value once; and of a condition in JSON its subject and
//! its set. Refuses: lists with rules in them, which stay as they are. Not taken: `in` of a string, which asks for a
//! part of it.

use std::collections::{BTreeMap, BTreeSet};

use super::jsonlogic::operation;
use crate::document::canonical::canonical;
use crate::document::{Data, Entry, Map, Node, Shape};

/// The operator that asks whether a value is in a list.
const IN: &str = "in";

/// A rule with the lists of `in` in one order, and attributes by their names alone: `{"var": ["email"]}` asks for that
/// of `{"var": "email"}`.
pub fn in_order(node: Node) -> Node {
    let asks = matches!(operation(&node), Some((IN, _)));
    let reads = matches!(operation(&node), Some(("var", _)));
    let Node { place, data, quoted, unknown } = node;
    let data = match data {
        Data::Map(map) => {
            let within = |Entry { key, place, value }: Entry| {
                let value = match in_order(value) {
                    Node { data: Data::List(items), place, quoted, unknown } if asks && items.len() == 2 => {
                        let items = items.into_iter().enumerate();
                        let data = items.map(|(at, item)| if at == 1 { as_set(item) } else { item }).collect();
                        Node { place, data: Data::List(data), quoted, unknown }
                    }
                    Node { data: Data::List(mut items), .. } if reads && is_one_name(&items) => {
                        items.pop().unwrap_or_else(|| Node::new(place, Data::Null))
                    }
                    value => value,
                };
                Entry { key, place, value }
            };
            Data::Map(Map(map.0.into_iter().map(within).collect()))
        }
        Data::List(items) => Data::List(items.into_iter().map(in_order).collect()),
        scalar @ (Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_)) => scalar,
    };
    Node { place, data, quoted, unknown }
}

/// Whether a list is the name of one attribute.
fn is_one_name(items: &[Node]) -> bool {
    matches!(items, [Node { data: Data::Text(_), .. }])
}

/// A list of plain values in their order, each once.
fn as_set(node: Node) -> Node {
    let Node { place, data, quoted, unknown } = node;
    let plain = |item: &Node| !matches!(item.data, Data::Map(_) | Data::List(_)) && !item.unknown;
    let data = match data {
        Data::List(items) if items.iter().all(plain) => {
            let mut sorted: BTreeMap<String, Node> = BTreeMap::new();
            for item in items {
                sorted.entry(canonical(&item, &Shape::Any)).or_insert(item);
            }
            Data::List(sorted.into_values().collect())
        }
        other => other,
    };
    Node { place, data, quoted, unknown }
}

/// The subject and the values of a condition in JSON that asks with `in`.
pub fn listed(condition: &str) -> Option<(String, BTreeSet<String>)> {
    if !condition.starts_with("{\"in\"") {
        return None;
    }
    let read: serde_json::Value = serde_json::from_str(condition).ok()?;
    let [subject, values] = read.get(IN)?.as_array()?.as_slice() else { return None };
    let values = values.as_array()?;
    let plain = values.iter().all(|value| !value.is_object() && !value.is_array());
    plain.then(|| (subject.to_string(), values.iter().map(ToString::to_string).collect()))
}
