//! Checks of a flag by its mapping, beyond what reading it finds.

use std::collections::BTreeSet;

use super::language::Entity;
use super::read::refuse_unknown_names;
use crate::diagnostics::{Diagnostics, Place};
use crate::document::{Data, Entry, Node};

/// Members under which a string is the name of a variant.
const NAMING: &[&str] = &["variation", "variant", "onVariation", "offVariation", "serve", "default_when_enabled"];

/// Names of variants that are none.
pub fn check(entity: &Entity, record: &[Entry], key: &str, diagnostics: &mut Diagnostics<'_>) {
    let value = |name: &str| record.iter().find(|entry| entry.key == name).map(|entry| &entry.value);
    let Some(variants) = value("variants").and_then(Node::as_map) else { return };
    let mut known = BTreeSet::new();
    for entry in variants.iter() {
        match &entry.value.data {
            Data::Map(map) => known.extend(map.iter().map(|entry| entry.key.clone())),
            Data::List(items) => known.extend(items.iter().filter_map(Node::as_text).map(str::to_owned)),
            Data::Text(_) | Data::Null | Data::Bool(_) | Data::Number(_) => drop(known.insert(entry.key.clone())),
        }
    }
    if known.is_empty() {
        return;
    }
    for map in entity.fields.iter().filter(|map| map.names) {
        let mut named = Vec::new();
        for entry in value(map.field).and_then(Node::as_map).iter().flat_map(|map| map.iter()) {
            let last = entry.key.rsplit('/').next().unwrap_or_default();
            names(&entry.value, last, &mut named);
        }
        for (name, place) in named.into_iter().filter(|(name, _)| !known.contains(*name)) {
            refuse_unknown_names(place, name, key, &known, diagnostics);
        }
    }
}

fn names<'n>(node: &'n Node, under: &str, out: &mut Vec<(&'n str, Place)>) {
    match &node.data {
        Data::Map(map) if !map.0.is_empty() && map.iter().all(|entry| entry.value.as_number().is_some()) => {
            // Dates and percentages of a rollout that moves by itself are no names.
            if under == "percentage" || under == "distributions" {
                out.extend(map.iter().map(|entry| (entry.key.as_str(), entry.place)));
            }
        }
        Data::Map(map) => map.iter().for_each(|entry| names(&entry.value, &entry.key, out)),
        Data::List(items) => items.iter().for_each(|item| names(item, under, out)),
        Data::Text(text) if NAMING.contains(&under) => out.push((text, node.place)),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
    }
}
