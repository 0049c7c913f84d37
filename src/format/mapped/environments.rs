//! The environments of a flag, as `each` finds them.

use std::collections::BTreeSet;

use super::flag_place::{At, address};
use super::language::{Each, Source};
use super::path::PathMatch;
use super::sources::holds;
use crate::document::Node;

/// The environments of a flag.
pub struct Environments<'n> {
    /// The nodes that `each` stands on, with their names.
    pub members: Vec<(PathMatch<'n>, Option<String>)>,
    /// Names that are only said elsewhere.
    pub also: BTreeSet<String>,
    /// The members.
    pub own: BTreeSet<usize>,
    /// Nodes next to the members that are one environment together: all others.
    pub others: Vec<usize>,
}

impl<'n> Environments<'n> {
    pub fn of(each: &Each, at: &At<'n>) -> Self {
        let members = each.at.iter().map(|path| at.walk(path)).find(|found| !found.is_empty()).unwrap_or_default();
        // Items that are told apart by their place alone, such as rules, are no environments.
        let by_place = each.key == [Source::Key(None)] && members.iter().all(is_numbered);
        let mut members = if by_place { Vec::new() } else { members };
        // The flag itself is no environment next to others.
        let alone = members.iter().any(|found| address(found.node) == address(at.entity));
        let others = each.others.iter().filter(|_| !alone && !members.is_empty()).flat_map(|path| at.nodes(path));
        let others: Vec<&Node> = others.collect();
        // Nor is what is named as said for all of them.
        members.retain(|found| others.iter().all(|node| address(node) != address(found.node)));
        let own: BTreeSet<usize> = members.iter().map(|found| address(found.node)).collect();
        let others = others.into_iter().filter(|node| !members.is_empty() && !holds(node, &own));
        let others: Vec<usize> = others.map(address).collect();
        let members: Vec<(PathMatch<'n>, Option<String>)> = members
            .into_iter()
            .map(|found| (named(&found, each, at), found))
            .map(|(name, found)| (found, name))
            .collect();
        let also = each.also.iter().flat_map(|path| at.walk(path)).filter(|found| !is_numbered(found));
        let also: BTreeSet<String> = also.filter_map(|found| last(&found)).collect();
        let mut found = Environments { members, also, own, others };
        for (_, name) in &found.members {
            if let Some(name) = name {
                found.also.remove(name);
            }
        }
        found
    }

    /// The names of all.
    pub fn names(&self) -> BTreeSet<&str> {
        self.members
            .iter()
            .filter_map(|(_, name)| name.as_deref())
            .chain(self.also.iter().map(String::as_str))
            .collect()
    }
}

fn is_numbered(found: &PathMatch<'_>) -> bool {
    found.names.last().is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
}

fn last(found: &PathMatch<'_>) -> Option<String> {
    found.names.last().map(|name| name.clone().into_owned())
}

/// The name of a member: what it says itself, or the name under which it stands.
fn named<'n>(member: &PathMatch<'n>, each: &Each, at: &At<'n>) -> Option<String> {
    let keys: Vec<String> = last(member).into_iter().collect();
    let inner = At { env: Some(member.node), place: member.place, entity: member.node, keys, ..at.clone() };
    inner.text(&each.key).or_else(|| last(member))
}
