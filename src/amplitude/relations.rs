//! Relations between items: prerequisites, groups for mutual exclusion and holdouts, and the order that they ask for.
//!
//! In: the items of a project, and the names of its groups. Out: what an item needs, in words, and an order of flags in
//! which one that others need is switched on before them, and off or archived after them. It refuses nothing: the API
//! writes none of these relations, so they are reported, with where they are changed.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::PlannedItem;
use super::{Item, fields};
use crate::diagnostics::escape::visible;
use crate::document::{Map, Node};
use crate::flag::Kind;

/// Prerequisites of an item: the id of a flag, an experiment or a group, and the variants or slots that will do.
#[must_use]
pub fn needs(item: &Item) -> Vec<(String, Vec<String>)> {
    let flags = item.record.get(fields::DEPENDENCIES).and_then(|node| node.get(fields::FLAGS)).and_then(Node::as_map);
    let words =
        |node: &Node| node.as_list().unwrap_or_default().iter().filter_map(Node::as_text).map(str::to_owned).collect();
    flags.into_iter().flat_map(Map::iter).map(|entry| (entry.key.clone(), words(&entry.value))).collect()
}

/// The ids that items need and that are no items themselves: those of groups.
#[must_use]
pub fn unknown_flags(items: &[Item]) -> BTreeSet<String> {
    let known: BTreeSet<&str> = items.iter().map(|item| item.id.as_str()).collect();
    let all = items.iter().flat_map(needs).map(|(id, _)| id);
    all.filter(|id| !known.contains(id.as_str())).collect()
}

/// Says of each item what it needs, by name. `groups` are the names of groups by their ids.
pub fn explain(items: &mut [Item], groups: &BTreeMap<String, String>) {
    let names: BTreeMap<String, String> =
        items.iter().map(|item| (item.id.clone(), format!("{} `{}`", item.kind.word(), visible(&item.key)))).collect();
    for item in items {
        if !item.held.contains_key(fields::DEPENDENCIES) {
            continue;
        }
        let phrases = needs(item).into_iter().map(|(id, variants)| {
            let name = names.get(&id).or_else(|| groups.get(&id)).cloned();
            let name = name.unwrap_or_else(|| format!("group {}", visible(&id)));
            let variants: Vec<String> = variants.iter().map(|variant| visible(variant)).collect();
            if variants.is_empty() { name } else { format!("{name} ({})", variants.join(", ")) }
        });
        let phrases: Vec<String> = phrases.collect();
        let why = format!(
            "it needs {}, and the API cannot write that: set prerequisites on its page in the console, groups on \
             theirs",
            phrases.join(" and ")
        );
        item.held.insert(fields::DEPENDENCIES, why);
    }
}

/// The items that name this one as a prerequisite.
fn children<'i>(have: &Item, items: &'i [Item]) -> impl Iterator<Item = &'i Item> {
    let id = have.id.clone();
    items.iter().filter(move |item| !item.archived && needs(item).iter().any(|(need, _)| *need == id))
}

/// The keys of the items that name this one as a prerequisite.
#[must_use]
pub fn dependents(have: &Item, items: &[Item]) -> Vec<String> {
    children(have, items).map(|item| visible(&item.key)).collect()
}

/// Warnings for people who switch an item on or off.
pub(super) fn warnings(have: &Item, items: &[Item], comes_on: bool, goes_off: bool) -> Vec<String> {
    let mut phrases = Vec::new();
    if comes_on {
        let off =
            needs(have).into_iter().filter_map(|(id, _)| items.iter().find(|item| item.id == id && !item.enabled));
        phrases.extend(off.map(|item| {
            format!(
                "it needs `{}`, which is off in Amplitude: unless that is switched on first, Amplitude may refuse this",
                visible(&item.key)
            )
        }));
    }
    if goes_off {
        phrases.extend(
            children(have, items)
                .filter(|item| item.enabled)
                .map(|item| format!("`{}` needs it, and serves nobody who does not get it", visible(&item.key))),
        );
    }
    phrases
}

/// Flags in the order in which they are applied, as indices: flags before experiments, by name; but what others need is
/// switched on before them, and switched off or archived after them.
#[must_use]
pub fn order(work: &[&PlannedItem]) -> Vec<usize> {
    let id = |at: usize| work.get(at)?.have.as_ref().map(|have| have.id.as_str());
    let goes = |at: usize| work.get(at).is_some_and(|item| item.kill().is_some() || item.archives());
    let mut first: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); work.len()];
    for (child, item) in work.iter().enumerate() {
        for (need, _) in item.have.iter().flat_map(needs) {
            for parent in (0..work.len()).filter(|at| id(*at) == Some(need.as_str())) {
                let (before, after) = if goes(child) || goes(parent) { (child, parent) } else { (parent, child) };
                if let Some(first) = first.get_mut(after) {
                    first.insert(before);
                }
            }
        }
    }
    let mut plain: Vec<usize> = (0..work.len()).collect();
    plain.sort_by_key(|at| {
        work.get(*at).map(|item| (item.wanted.entry.flag.kind == Kind::Experiment, item.name.clone()))
    });
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for at in plain {
        visit(at, &first, &mut seen, &mut found);
    }
    found
}

/// Adds an index after those that come before it. A circle, which Amplitude does not let anybody make, is cut
/// somewhere.
fn visit(from: usize, first: &[BTreeSet<usize>], seen: &mut BTreeSet<usize>, found: &mut Vec<usize>) {
    let mut open = vec![(from, false)];
    while let Some((at, whole)) = open.pop() {
        if whole {
            found.push(at);
        } else if seen.insert(at) {
            open.push((at, true));
            open.extend(first.get(at).into_iter().flatten().map(|before| (*before, false)));
        }
    }
}
