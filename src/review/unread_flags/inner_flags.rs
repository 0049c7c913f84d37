//! Flags of a project inside of what a format takes for one flag of a layer: `eu: {de: {cart: true}}`.
//!
//! **In**: a flag of a layer, and the names of flags of a project. **Out**: the values of such names in it, and whether
//! nothing changes in it but that some of them go off. **Refuses**: to take a value below a name that takes something
//! away for off. **Not taken**: reading a layer by the mapping a second time, deeper, which would find flags anywhere.

use crate::document::yaml::UNQUOTED;
use crate::document::{Data, Entry, Map, Node, Role};
use crate::flag::{Flag, file_name};
use crate::format::names::{NameSet, says_off};
use crate::format::{state_of, switch_of};

/// Whether a flag of a project is called so.
pub type IsFlag<'n> = &'n dyn Fn(&str) -> bool;

/// The values of names of flags anywhere in the record of a flag, each with its name.
pub fn inner_flags<'f>(flag: &'f Flag, is_flag: IsFlag<'_>) -> Vec<(&'f str, &'f Node)> {
    fn walk<'f>(map: &'f Map, is_flag: IsFlag<'_>, found: &mut Vec<(&'f str, &'f Node)>) {
        for entry in map.iter() {
            let name = file_name(&entry.key);
            if is_flag(name) {
                found.push((name, &entry.value));
            }
            visit(&entry.value, is_flag, found);
        }
    }
    fn visit<'f>(node: &'f Node, is_flag: IsFlag<'_>, found: &mut Vec<(&'f str, &'f Node)>) {
        match &node.data {
            Data::Map(map) => walk(map, is_flag, found),
            Data::List(items) => items.iter().for_each(|item| visit(item, is_flag, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    flag.record.iter().for_each(|entry| visit(&entry.value, is_flag, &mut found));
    found
}

/// Whether a value is a switch, and not a setting of something that is called like a flag.
pub fn is_switch(node: &Node) -> bool {
    match &node.data {
        Data::Bool(_) => true,
        Data::Number(_) => share(node).is_some(),
        Data::Text(word) => is_state(word),
        Data::Map(map) => map.iter().any(|entry| says_off(&entry.key) || switch_of(&entry.key).is_some()),
        Data::Null | Data::List(_) => false,
    }
}

/// Whether a value is made of strings that are no words for on or off, such as the address of a service.
pub fn is_settings(node: &Node) -> bool {
    match &node.data {
        Data::Text(word) => !is_state(word),
        Data::Number(_) => share(node).is_none(),
        Data::Map(map) => map.iter().all(|entry| is_settings(&entry.value)),
        Data::Null | Data::Bool(_) | Data::List(_) => false,
    }
}

/// Whether a string stands for on or off, also to those readers only that take a word without quotes for it.
fn is_state(word: &str) -> bool {
    state_of(word.strip_suffix(UNQUOTED).unwrap_or(word)).is_some()
}

/// A number that may be a share of users.
fn share(node: &Node) -> Option<f64> {
    let Data::Number(number) = &node.data else { return None };
    number.to_string().parse().ok().filter(|number| (0.0..=100.0).contains(number))
}

/// Whether what is taken for one flag takes away what stands in it: `disabled: {cart: true}`.
pub fn takes_away(flag: &Flag) -> bool {
    flag.links.gives_back.is_some()
        || flag.own_key().split('.').any(|name| says_off(name) || NameSet::TakesAway.has(name))
}

/// Whether a flag says a word or a number that may be its switch: `cart: "on"`, `cart: {status: enabled}`.
pub fn says_switch(flag: &Flag) -> bool {
    let maps = said(flag).filter_map(|entry| entry.value.as_map());
    maps.flat_map(Map::iter).any(|entry| is_switch(&entry.value))
}

/// The entries of a record but the word for its state, which follows from the others.
pub fn said(flag: &Flag) -> impl Iterator<Item = &Entry> {
    let is_lifecycle = |key: &str| flag.format.field(key).is_some_and(|row| row.role == Role::Lifecycle);
    flag.record.iter().filter(move |entry| entry.value.as_text().is_none() || !is_lifecycle(&entry.key))
}

/// Whether nothing changes from one record to another but that flags of a project go off in it.
pub fn only_goes_off(before: Option<&Flag>, after: &Flag, is_flag: IsFlag<'_>) -> bool {
    // The word for its state follows from the rest.
    let is_state = |entry: &&Entry| after.format.field(&entry.key).is_some_and(|row| row.role == Role::Lifecycle);
    let said = |flag: &Flag| Map(flag.record.iter().filter(|entry| !is_state(entry)).cloned().collect());
    maps_go_off(&before.map_or(Map(Vec::new()), said), &said(after), is_flag)
}

fn maps_go_off(before: &Map, after: &Map, is_flag: IsFlag<'_>) -> bool {
    let goes = |entry: &Entry| goes_off(&entry.key, before.get(&entry.key), Some(&entry.value), is_flag);
    let gone =
        |entry: &Entry| after.get(&entry.key).is_some() || goes_off(&entry.key, Some(&entry.value), None, is_flag);
    after.iter().all(goes) && before.iter().all(gone)
}

fn goes_off(key: &str, before: Option<&Node>, after: Option<&Node>, is_flag: IsFlag<'_>) -> bool {
    let none = Map(Vec::new());
    let name = file_name(key);
    if before == after {
        return true;
    }
    if says_off(name) || NameSet::TakesAway.has(name) {
        return false;
    }
    if is_flag(name) {
        return match after {
            Some(after) => is_off(after),
            None => before.is_some_and(|node| matches!(node.data, Data::Bool(true))),
        };
    }
    let map = |node: Option<&'_ Node>| match node {
        Some(node) => node.as_map().cloned(),
        None => Some(none.clone()),
    };
    match (map(before), map(after)) {
        (Some(before), Some(after)) => maps_go_off(&before, &after, is_flag),
        _ => false,
    }
}

/// Whether a flag with this value is surely off.
fn is_off(node: &Node) -> bool {
    fn says_on(node: &Node) -> bool {
        match &node.data {
            Data::Bool(on) => *on,
            Data::Map(map) => map.iter().any(|entry| says_off(&entry.key) || says_on(&entry.value)),
            Data::List(items) => items.iter().any(says_on),
            _ => false,
        }
    }
    let is_false = |node: &Node| matches!(node.data, Data::Bool(false));
    let of_map = |map: &Map| {
        map.iter().any(|entry| NameSet::Switches.has(&entry.key) && is_false(&entry.value)) && !says_on(node)
    };
    is_false(node) || share(node) == Some(0.0) || node.as_map().is_some_and(of_map)
}
