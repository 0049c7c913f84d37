//! Names of items and of entries of a map that is being made, which are told apart.

use std::collections::BTreeMap;

use crate::diagnostics::Place;
use crate::document::{Entry, Map, Node};

/// Names that were given. One that is there already has a number.
#[derive(Default)]
pub struct UniqueNames {
    /// How often each name was taken again.
    taken: BTreeMap<String, usize>,
}

impl UniqueNames {
    pub fn take(&mut self, name: &str) -> String {
        let mut key = name.to_owned();
        let mut count = 0;
        while self.taken.contains_key(&key) {
            count = self.taken.get(name).copied().unwrap_or(count) + 1;
            self.taken.entry(name.to_owned()).and_modify(|taken| *taken = count);
            key = format!("{name}#{}", count + 1);
        }
        self.taken.insert(key.clone(), 0);
        key
    }
}

/// Entries of a map that is being made. A name that is there already has a number.
#[derive(Default)]
pub struct NamedEntries {
    entries: Vec<Entry>,
    /// The names, once there are more than a few.
    names: UniqueNames,
}

/// Most names that are looked through one by one.
const FEW_NAMES: usize = 8;

impl NamedEntries {
    pub fn push(&mut self, name: String, place: Place, value: Node) {
        let name = if name.is_empty() { "value".to_owned() } else { name };
        if self.names.taken.is_empty() && (self.entries.len() == FEW_NAMES || self.has(&name)) {
            self.names.taken.extend(self.entries.iter().map(|entry| (entry.key.clone(), 0)));
        }
        let key = if self.names.taken.is_empty() { name } else { self.names.take(&name) };
        self.entries.push(Entry { key, place, value });
    }

    pub fn has(&self, name: &str) -> bool {
        if self.names.taken.is_empty() {
            self.entries.iter().any(|entry| entry.key == name)
        } else {
            self.names.taken.contains_key(name)
        }
    }

    pub fn into_map(mut self) -> Map {
        self.entries.shrink_to_fit();
        Map(self.entries)
    }
}
