//! Items of a list that have names: rules with a key are told by it, wherever they stand.
//!
//! In: a list before and after. Out: pairs of items, and whether their order is another. Refuses: lists of which an
//! item has no name, or two have one; those are told by their places. Not taken: the row of a table that says which
//! member is the name, since a stranger's list has none.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::document::{Map, Node};

/// Items with their names.
type ItemsByName<'n> = Vec<(&'n str, &'n Node)>;

/// The contents of items but for their names, by their places.
type UnnamedItems = BTreeMap<usize, String>;

/// Two lists in which every item has a name of its own.
pub struct NamedItems<'n> {
    /// The member that is the name.
    by: &'n str,
    old: ItemsByName<'n>,
    new: ItemsByName<'n>,
}

impl<'n> NamedItems<'n> {
    /// The lists, if both have names under one of the members, and one of these names is in both.
    pub fn of(old: &'n [Node], new: &'n [Node], members: &[&'n str]) -> Option<Self> {
        let named = |list: &'n [Node], by: &str| -> Option<ItemsByName<'n>> {
            let all: ItemsByName<'n> =
                list.iter().map(|node| Some((node.get(by)?.as_text()?, node))).collect::<Option<_>>()?;
            let distinct: BTreeMap<&str, &Node> = all.iter().copied().collect();
            (distinct.len() == all.len()).then_some(all)
        };
        members.iter().find_map(|&by| {
            let both = NamedItems { by, old: named(old, by)?, new: named(new, by)? };
            let there: BTreeMap<&str, &Node> = both.new.iter().copied().collect();
            both.old.iter().any(|(name, _)| there.contains_key(name)).then_some(both)
        })
    }

    /// The name of each item, and the item before and after. One that has another name is the one that says the same
    /// otherwise, or else the one that stands where it stood.
    pub fn pairs(&self) -> Vec<(&'n str, Option<&'n Node>, Option<&'n Node>)> {
        let (was, is): (BTreeMap<&str, &Node>, BTreeMap<&str, &Node>) =
            (self.old.iter().copied().collect(), self.new.iter().copied().collect());
        let renamed = self.renamed(&was, &is);
        let now = |at: usize| self.new.get(*renamed.get(&at)?).map(|(_, node)| *node);
        let mut pairs = Vec::new();
        for (at, (name, node)) in self.old.iter().enumerate() {
            pairs.push((*name, Some(*node), is.get(name).copied().or_else(|| now(at))));
        }
        let taken: BTreeSet<usize> = renamed.values().copied().collect();
        for (at, (name, node)) in self.new.iter().enumerate() {
            if !was.contains_key(name) && !taken.contains(&at) {
                pairs.push((*name, None, Some(*node)));
            }
        }
        pairs
    }

    /// The place after of each item that has another name, by its place before.
    fn renamed(&self, was: &BTreeMap<&str, &Node>, is: &BTreeMap<&str, &Node>) -> BTreeMap<usize, usize> {
        let without = |list: &ItemsByName<'n>, other: &BTreeMap<&str, &Node>| -> UnnamedItems {
            let all = list.iter().enumerate().filter(|(_, (name, _))| !other.contains_key(name));
            all.map(|(at, (_, node))| (at, self.unnamed(node))).collect()
        };
        let gone = without(&self.old, is);
        if gone.is_empty() {
            return BTreeMap::new();
        }
        let mut left = without(&self.new, was);
        let mut found = BTreeMap::new();
        let mut take = |same: &mut dyn FnMut(usize, &str, &UnnamedItems) -> Option<usize>| {
            for (at, said) in &gone {
                if !found.contains_key(at)
                    && let Some(to) = same(*at, said, &left)
                {
                    left.remove(&to);
                    found.insert(*at, to);
                }
            }
        };
        take(&mut |at, said, left| left.get(&at).is_some_and(|other| other == said).then_some(at));
        let mut alike: BTreeMap<String, VecDeque<usize>> = BTreeMap::new();
        for (at, said) in without(&self.new, was) {
            alike.entry(said).or_default().push_back(at);
        }
        take(&mut |_, said, left| {
            // One that says nothing is like any other such.
            let places = alike.get_mut(said).filter(|_| !said.is_empty())?;
            std::iter::from_fn(|| places.pop_front()).find(|to| left.contains_key(to))
        });
        take(&mut |at, _, left| left.contains_key(&at).then_some(at));
        found
    }

    /// The content of an item but for its name.
    fn unnamed(&self, node: &Node) -> String {
        let said = node.as_map().into_iter().flat_map(Map::iter).filter(|entry| entry.key != self.by);
        let mut parts: Vec<String> = said.map(|entry| format!("{} {}", entry.key, entry.value.json())).collect();
        parts.sort();
        parts.join("\n")
    }

    /// The items that are in both lists, if they stand in another order.
    pub fn other_order(&self) -> Option<(ItemsByName<'n>, ItemsByName<'n>)> {
        let common = |side: &ItemsByName<'n>, other: &ItemsByName<'n>| -> ItemsByName<'n> {
            let there: BTreeMap<&str, &Node> = other.iter().copied().collect();
            side.iter().filter(|(name, _)| there.contains_key(name)).copied().collect()
        };
        let (old, new) = (common(&self.old, &self.new), common(&self.new, &self.old));
        let same = old.iter().zip(&new).all(|((one, _), (other, _))| one == other);
        (!same).then_some((old, new))
    }
}
