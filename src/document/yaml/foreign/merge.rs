//! Merge keys: `<<` puts another map, or each of a list of maps, into its own.

use super::super::shown;
use super::Tree;
use crate::diagnostics::{Place, lints};
use crate::document::{Data, Map, Node};

impl Tree<'_, '_, '_, '_, '_> {
    /// Reports entries above `<<` that a reader in use replaces by what is merged: it goes from top to bottom.
    pub(super) fn overwritten(&mut self, map: &Map, place: Place, node: &Node) {
        if !self.readers.iter().any(|reader| reader.merges_in_order()) {
            return;
        }
        for entry in map.iter().filter(|entry| entry.place < place) {
            if node.get(&entry.key).is_some_and(|merged| *merged != entry.value) {
                let message = format!("`{}` is overwritten by `<<` below it, to Ruby's reader", shown(&entry.key));
                let remedy = "write `<<` first in its map";
                self.diagnostics.all.add(lints::READERS_DISAGREE, entry.place, message, remedy);
            }
        }
    }

    /// Adds the entries of another map, or of each in a list, that `map` doesn't have itself.
    pub(super) fn merge(&mut self, map: &mut Map, place: Place, node: Node) {
        match node.data {
            Data::Map(other) => {
                let mut known: std::collections::BTreeSet<String> = map.iter().map(|entry| entry.key.clone()).collect();
                for entry in other.0 {
                    if known.insert(entry.key.clone()) {
                        map.0.push(entry);
                    }
                }
            }
            Data::List(items) if items.iter().all(|item| item.as_map().is_some()) => {
                for item in items {
                    self.merge(map, place, item);
                }
            }
            // To Ruby's reader that is nothing, and whoever merges it has one that takes it.
            Data::Null if self.readers.iter().all(|reader| reader.merges_in_order()) => {}
            _ => {
                let message = "`<<` merges what is neither a map nor a list of maps";
                self.diagnostics.add(lints::MERGE_KEY, place, message, "write the keys out");
            }
        }
    }
}
