//! Names of the items of a list of flags, where these have no member that a mapping names.
//!
//! **In**: the items that a path leads to. **Out**: for each the member that names it: the first well-known one that
//! all items of its list have, each with another string. **Refuses**: a member that two items say alike, or that may be
//! a switch. **Not taken**: a name for some of the items, next to numbers for the others.

use std::collections::{BTreeMap, BTreeSet};

use super::flag_place::address;
use super::path::{PathMatch, without_mark};
use crate::document::{Entry, Map};
use crate::format::names::item_name_rank;

/// The members that name items, by the addresses of these.
pub fn named_items<'n>(found: &[PathMatch<'n>]) -> BTreeMap<usize, &'n Entry> {
    let mut lists: BTreeMap<Vec<&str>, Vec<&PathMatch<'n>>> = BTreeMap::new();
    for item in found {
        let is_item = item.names.last().is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
        if let Some((_, way)) = item.names.split_last().filter(|_| is_item) {
            lists.entry(way.iter().map(AsRef::as_ref).collect()).or_default().push(item);
        }
    }
    let mut named = BTreeMap::new();
    for items in lists.values() {
        let members = |item: &PathMatch<'n>| -> BTreeMap<usize, &'n Entry> {
            let entries = item.node.as_map().into_iter().flat_map(Map::iter);
            entries.filter_map(|entry| Some((item_name_rank(without_mark(&entry.key))?, entry))).collect()
        };
        let members: Vec<BTreeMap<usize, &Entry>> = items.iter().map(|item| members(item)).collect();
        let names_all = |rank: &&usize| {
            let said = members.iter().filter_map(|members| members.get(*rank)?.value.as_text());
            let names: BTreeSet<&str> = said.filter(|name| !name.is_empty()).collect();
            let is_switch = names.iter().all(|name| super::draft::state_of(without_mark(name)).is_some());
            names.len() == items.len() && !(is_switch && items.len() > 1)
        };
        let Some(rank) = members.first().and_then(|first| first.keys().find(names_all)) else { continue };
        let of = items.iter().zip(&members).filter_map(|(item, members)| Some((item, *members.get(rank)?)));
        named.extend(of.map(|(item, entry)| (address(item.node), entry)));
    }
    named
}
