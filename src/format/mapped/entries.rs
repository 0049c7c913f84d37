//! Entries of a map that is being made, whose names are told apart.

use std::collections::BTreeMap;

use crate::diagnostics::Place;
use crate::document::{Entry, Map, Node};

/// Entries of a map that is being made. A name that is there already has a number.
#[derive(Default)]
pub struct NamedEntries {
    entries: Vec<Entry>,
    /// How often each name was taken, once there are more than a few.
    taken: BTreeMap<String, usize>,
}

/// Most names that are looked through one by one.
const FEW_NAMES: usize = 8;

impl NamedEntries {
    pub fn push(&mut self, name: String, place: Place, value: Node) {
        let name = if name.is_empty() { "value".to_owned() } else { name };
        if self.entries.len() == FEW_NAMES && self.taken.is_empty() {
            self.taken.extend(self.entries.iter().map(|entry| (entry.key.clone(), 0)));
        }
        let mut key = name.clone();
        let mut count = 0;
        while self.has(&key) {
            count = self.taken.get(&name).copied().unwrap_or(count) + 1;
            self.taken.entry(name.clone()).and_modify(|taken| *taken = count);
            key = format!("{name}#{}", count + 1);
        }
        if self.entries.len() >= FEW_NAMES {
            self.taken.insert(key.clone(), 0);
        }
        self.entries.push(Entry { key, place, value });
    }

    pub fn has(&self, name: &str) -> bool {
        if self.entries.len() > FEW_NAMES {
            self.taken.contains_key(name)
        } else {
            self.entries.iter().any(|entry| entry.key == name)
        }
    }

    pub fn into_map(mut self) -> Map {
        self.entries.shrink_to_fit();
        Map(self.entries)
    }
}
