//! Items of a list that have names: rules with a key are told by it, wherever they stand.
//!
//! In: a list before and after. Out: pairs of items, and whether their order is another. Refuses: lists of which an
//! item has no name, or two have one; those are told by their places. Not taken: the row of a table that says which
//! member is the name, since a stranger's list has none.

use std::collections::BTreeMap;

use crate::document::Node;

/// Items with their names.
type ItemsByName<'n> = Vec<(&'n str, &'n Node)>;

/// Two lists in which every item has a name of its own.
pub struct NamedItems<'n> {
    old: ItemsByName<'n>,
    new: ItemsByName<'n>,
}

impl<'n> NamedItems<'n> {
    /// The lists, if both have names under one of the members, and one of these names is in both.
    pub fn of(old: &'n [Node], new: &'n [Node], members: &[&str]) -> Option<Self> {
        let named = |list: &'n [Node], by: &str| -> Option<ItemsByName<'n>> {
            let all: ItemsByName<'n> =
                list.iter().map(|node| Some((node.get(by)?.as_text()?, node))).collect::<Option<_>>()?;
            let distinct: BTreeMap<&str, &Node> = all.iter().copied().collect();
            (distinct.len() == all.len()).then_some(all)
        };
        members.iter().find_map(|by| {
            let both = NamedItems { old: named(old, by)?, new: named(new, by)? };
            let there: BTreeMap<&str, &Node> = both.new.iter().copied().collect();
            both.old.iter().any(|(name, _)| there.contains_key(name)).then_some(both)
        })
    }

    /// The name of each item, and the item before and after. One that has another name stands where it stood.
    pub fn pairs(&self) -> Vec<(&'n str, Option<&'n Node>, Option<&'n Node>)> {
        let (was, is): (BTreeMap<&str, &Node>, BTreeMap<&str, &Node>) =
            (self.old.iter().copied().collect(), self.new.iter().copied().collect());
        let mut pairs = Vec::new();
        let renamed = |at: usize| self.new.get(at).filter(|(name, _)| !was.contains_key(name)).map(|(_, node)| *node);
        for (at, (name, node)) in self.old.iter().enumerate() {
            pairs.push((*name, Some(*node), is.get(name).copied().or_else(|| renamed(at))));
        }
        let taken = |at: usize| self.old.get(at).is_some_and(|(name, _)| !is.contains_key(name));
        for (at, (name, node)) in self.new.iter().enumerate() {
            if !was.contains_key(name) && !taken(at) {
                pairs.push((*name, None, Some(*node)));
            }
        }
        pairs
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
