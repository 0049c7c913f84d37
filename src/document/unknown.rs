//! Unknown values: scalars and keys that their reader refused. They stay in the tree, so that the rest of the file is
//! checked in the same run, and nothing more is said of them, because the cause is there already.
//!
//! In: the tree of a file, and the errors of its reader. Out: the tree with its unknown values marked. Not taken: to
//! stop at the first of them, which makes people repair a file in as many runs as it has errors.

use std::collections::BTreeSet;

use super::node::{Data, Node};
use crate::diagnostics::{Diagnostics, Place};

/// The tree, in which the values are marked that the errors since `before` are about.
pub fn marked(mut node: Node, before: [usize; 2], diagnostics: &mut Diagnostics<'_>) -> Node {
    if diagnostics.count() == before {
        return node;
    }
    let errors: BTreeSet<Place> = diagnostics.errors_at().collect();
    if !errors.is_empty() {
        let mut causes = errors.clone();
        mark(&mut node, &errors, &mut causes);
        diagnostics.set_causes(causes);
    }
    node
}

fn mark(node: &mut Node, errors: &BTreeSet<Place>, causes: &mut BTreeSet<Place>) {
    match &mut node.data {
        Data::List(items) => items.iter_mut().for_each(|item| mark(item, errors, causes)),
        Data::Map(map) => {
            for entry in &mut map.0 {
                if entry.place.has_one_of(errors) {
                    causes.insert(entry.place);
                }
                mark(&mut entry.value, errors, causes);
            }
        }
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {
            node.unknown |= node.place.has_one_of(errors);
            if node.unknown {
                causes.insert(node.place);
            }
        }
    }
}
