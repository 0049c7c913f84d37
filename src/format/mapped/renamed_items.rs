//! Items of a list that have another name and say the same otherwise, such as a rule of GO Feature Flag.
//!
//! **In**: a flag before and after. **Out**: the flag before, whose parts stand under the names of afterwards.
//! **Refuses**: to take an item for another one that says anything else, or whose name stood there before; the names
//! themselves stay as they were, and differ. **Not taken**: the likeness of items, since an edited one with another
//! name is another one to its readers.

use std::collections::{BTreeMap, BTreeSet};

use super::language::Mapping;
use super::project::way;
use super::walk::{StepNames, item_names};
use crate::document::{Data, Node};
use crate::flag::Flag;

/// The names before and after, as they stand in the ways to parts.
type Renames = BTreeMap<String, String>;

/// The most items of a list with another name of which each is compared with each.
const MOST: usize = 100;

/// Puts the parts of a flag under the names that the items of its lists have afterwards.
pub fn take_names(before: &mut Flag, after: &Flag) {
    let Some(mapping) = after.format.mapping.as_ref().filter(|_| before.record != after.record) else { return };
    let mut renames = Renames::new();
    for by in members(mapping) {
        for entry in before.record.iter() {
            let Some(lists) = entry.value.as_map() else { continue };
            for list in lists.iter() {
                let now = after.record.get(&entry.key).and_then(|field| field.get(&list.key)).and_then(Node::as_list);
                if let (Some(old), Some(new)) = (list.value.as_list(), now) {
                    renames.extend(renamed(old, new, by));
                }
            }
        }
    }
    if renames.is_empty() {
        return;
    }
    for field in &mut before.record.0 {
        let Data::Map(parts) = &mut field.value.data else { continue };
        let keys: Vec<Option<String>> = parts.iter().map(|part| under_new_name(&part.key, &renames)).collect();
        let all = || parts.iter().zip(&keys).map(|(part, key)| key.as_ref().unwrap_or(&part.key));
        if all().collect::<BTreeSet<_>>().len() == keys.len() {
            for (part, key) in parts.0.iter_mut().zip(keys) {
                part.key = key.unwrap_or_else(|| std::mem::take(&mut part.key));
            }
        }
    }
}

/// The members by which items are told apart.
fn members(mapping: &Mapping) -> impl Iterator<Item = &str> {
    let parts = mapping.entities.iter().flat_map(|entity| &entity.fields).flat_map(|field| &field.parts);
    let all: BTreeSet<&str> = parts.filter_map(|part| part.by.as_deref()).collect();
    all.into_iter()
}

/// The items of one list that have another name: of those that say the same the first is the first.
fn renamed(old: &[Node], new: &[Node], by: &str) -> Renames {
    let names = |items| -> Vec<String> {
        item_names(items, StepNames { by: Some(by), own: true, ..StepNames::default() })
            .into_iter()
            .map(|name| way(&[name]))
            .collect()
    };
    let (was, is) = (names(old), names(new));
    let [known, later] = [&was, &is].map(|names| names.iter().map(String::as_str).collect::<BTreeSet<_>>());
    let comes = |at: &usize| is.get(*at).is_some_and(|name| !known.contains(name.as_str()));
    let mut left: Vec<usize> = (0..new.len()).filter(comes).collect();
    if left.len() > MOST {
        return Renames::new();
    }
    let mut found = Renames::new();
    for (item, name) in old.iter().zip(&was).filter(|(_, name)| !later.contains(name.as_str())) {
        let same = |at: &usize| new.get(*at).is_some_and(|other| without(item, by) == without(other, by));
        let Some(place) = left.iter().position(same) else { continue };
        found.extend(is.get(left.remove(place)).map(|new| (name.clone(), new.clone())));
    }
    found
}

fn without(item: &Node, by: &str) -> Option<BTreeMap<String, Node>> {
    let map = item.as_map()?;
    Some(map.iter().filter(|entry| entry.key != by).map(|entry| (entry.key.clone(), entry.value.clone())).collect())
}

fn under_new_name(way: &str, renames: &Renames) -> Option<String> {
    let mut names: Vec<&str> = way.split('/').collect();
    let item = names.get_mut(1)?;
    *item = renames.get(*item)?;
    Some(names.join("/"))
}
