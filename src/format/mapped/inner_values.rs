//! Values inside of the value of a field, at paths that a mapping names.

use super::language::{FieldMap, FieldPart, ListKind, Path, PathStep};
use super::normal::listed;
use super::project::is_scalar;
use super::state::same;
use crate::document::{Data, Node};

/// The value without what says the same as its absence, and with lists whose order says nothing in one order.
pub fn settled(mut node: Node, row: &FieldMap, part: &FieldPart) -> Node {
    for (path, values) in &part.implied {
        each_at(&mut node, &path.steps, &mut |inner| !values.iter().any(|value| same(value, inner)));
    }
    for Path { steps, .. } in &row.unordered {
        each_at(&mut node, steps, &mut |inner| {
            if inner.as_list().is_some_and(|items| items.iter().all(is_scalar)) {
                // A value that comes or goes is one change, whatever place it has.
                *inner = listed(inner.clone(), &ListKind::Set);
            } else if let Data::List(items) = &mut inner.data {
                items.sort_by_cached_key(Node::json);
                items.dedup_by_key(|item| item.json());
            }
            true
        });
    }
    node
}

/// Changes everything that the steps lead to, and takes out the members of which `change` says false. Items of a list
/// stay: without one the others would have other places.
pub fn each_at(node: &mut Node, steps: &[PathStep], change: &mut dyn FnMut(&mut Node) -> bool) -> bool {
    let Some((first, rest)) = steps.split_first() else { return change(node) };
    if *first == PathStep::Deep && !each_at(node, rest, change) {
        return false;
    }
    match &mut node.data {
        Data::Map(map) if *first == PathStep::Deep => {
            map.0.retain_mut(|entry| each_at(&mut entry.value, steps, change));
        }
        Data::List(items) if *first == PathStep::Deep => {
            for item in items {
                each_at(item, steps, change);
            }
        }
        Data::Map(map) => {
            map.0.retain_mut(|entry| !first.leads_to(&entry.key) || each_at(&mut entry.value, rest, change))
        }
        Data::List(items) => {
            if matches!(first, PathStep::Any(before, after) if before.is_empty() && after.is_empty()) {
                for item in items {
                    each_at(item, rest, change);
                }
            }
        }
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
    }
    true
}
