//! Parts that flags refer to: a changed segment is a change of each live flag that names it, wherever both stand in a project.
//!
//! In: the flags that differ, and those that stay and name parts. Out: the flags with what changed parts say in their records, and no
//! change of a part that its flags show. Refuses: to drop a change of a part that no live flag of its project names, since others
//! may. Not taken: a part as one more flag, approved by others than those of the flags it decides about.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::read::FlagChange;
use super::related::FlagName;
use crate::document::canonical::canonical;
use crate::document::{Data, Entry, Map, Node, Role, Shape};
use crate::flag::{Flag, FlagEntry};
use crate::impact::{ReadGroup, ReadGroups};

/// The most values that parts add to flags in full.
const MOST_COPIED: usize = 500_000;

/// Changed parts of one side, by project and identity.
type Parts<'c> = BTreeMap<(&'c str, &'c str), Vec<&'c FlagEntry>>;

/// The parts that differ, by project and name: files that name one have flags it may decide about.
pub fn looked_for(changes: &[FlagChange]) -> BTreeSet<FlagName> {
    let sides = changes.iter().filter(|change| differs(change)).flat_map(|change| [&change.before, &change.after]);
    let named = sides.flatten().filter_map(|entry| Some((entry.project.clone(), entry.flag.links.part.clone()?.name)));
    named.collect()
}

/// Puts changed parts into the flags that refer to them. `steady` are flags that stay as they are. Returns the flags, and the parts
/// that they show.
pub fn link(changes: Vec<FlagChange>, steady: &[FlagEntry]) -> (Vec<FlagChange>, Vec<FlagChange>) {
    if !changes.iter().any(differs) {
        return (changes, Vec::new());
    }
    let same: BTreeSet<(&str, &str)> = steady
        .iter()
        .filter_map(|entry| Some((entry.path.as_str(), entry.flag.links.part.as_ref()?.id.as_str())))
        .collect();
    let parts = |side: fn(&FlagChange) -> Option<&FlagEntry>| {
        let mut found = Parts::new();
        for entry in changes.iter().filter(|change| differs(change)).filter_map(side) {
            let Some(part) = &entry.flag.links.part else { continue };
            found.entry((&entry.project, &part.id)).or_default().push(entry);
        }
        found
    };
    let (before, after) = (parts(|change| change.before.as_ref()), parts(|change| change.after.as_ref()));
    // In many flags only the hash of a part stands, which is told by itself.
    let whole = copied(&changes, steady, &before, &after) <= MOST_COPIED;
    let mut linked = Vec::new();
    // The identities that a live flag shows, by project.
    let mut shown: BTreeSet<(String, String)> = BTreeSet::new();
    let mut with = |entry: &FlagEntry, parts: &Parts<'_>| {
        let (entry, found) = with_parts(entry, parts, &same, if whole { says } else { hash });
        if entry.flag.state.live && whole {
            shown.extend(found);
        }
        entry
    };
    for entry in steady.iter().filter(|entry| entry.flag.links.part.is_none() && !entry.flag.links.refs.is_empty()) {
        let (old, new) = (with(entry, &before), with(entry, &after));
        if old.flag.record != new.flag.record {
            linked.push(FlagChange::became(old, Some(new)));
        }
    }
    let mut out = Vec::new();
    for change in &changes {
        let old = change.before.as_ref().map(|entry| with(entry, &before));
        let new = change.after.as_ref().map(|entry| with(entry, &after));
        out.push(FlagChange { before: old, after: new, ..change.clone() });
    }
    let is_shown = |entry: &FlagEntry| {
        entry.flag.links.part.as_ref().is_some_and(|part| shown.contains(&(entry.project.clone(), part.id.clone())))
    };
    let (parts, mut out): (Vec<FlagChange>, Vec<FlagChange>) =
        out.into_iter().partition(|change| differs(change) && change.entry().is_some_and(is_shown));
    out.append(&mut linked);
    out.sort_by(|a, b| super::read::order(a).cmp(&super::read::order(b)));
    (out, parts)
}

/// The number of values that parts add to the flags that refer to them.
fn copied(changes: &[FlagChange], steady: &[FlagEntry], before: &Parts<'_>, after: &Parts<'_>) -> usize {
    let sizes = |parts: &Parts<'_>| -> BTreeMap<(String, String), usize> {
        let size = |all: &Vec<&FlagEntry>| all.iter().map(|part| says(&part.flag).size()).sum();
        parts.iter().map(|((project, id), all)| (((*project).to_owned(), (*id).to_owned()), size(all))).collect()
    };
    let added = |flags: &mut dyn Iterator<Item = &FlagEntry>, sizes: &BTreeMap<(String, String), usize>| -> usize {
        let of = |entry: &FlagEntry| -> usize {
            // Once into the record, and once into each group that names it.
            let groups = entry.flag.drawn.as_ref().and_then(|read| read.now.as_ref().ok()).map_or(0, Vec::len);
            let of = |id: &String| sizes.get(&(entry.project.clone(), id.clone())).copied().unwrap_or(0);
            entry.flag.links.refs.iter().map(of).sum::<usize>().saturating_mul(groups + 1)
        };
        flags.map(of).fold(0, usize::saturating_add)
    };
    let old = added(&mut changes.iter().filter_map(|change| change.before.as_ref()).chain(steady), &sizes(before));
    let new = added(&mut changes.iter().filter_map(|change| change.after.as_ref()).chain(steady), &sizes(after));
    old.max(new)
}

/// Whether a part says something else than before.
fn differs(change: &FlagChange) -> bool {
    let said = |entry: &Option<FlagEntry>| entry.as_ref().map(|entry| says(&entry.flag));
    let part = |entry: &Option<FlagEntry>| entry.as_ref().is_some_and(|entry| entry.flag.links.part.is_some());
    (part(&change.before) || part(&change.after)) && !change.unreadable && said(&change.before) != said(&change.after)
}

/// The content of a part that is about users: all but its state and people's notes.
fn says(part: &Flag) -> Node {
    let matters = |entry: &&Entry| {
        part.format.field(&entry.key).is_none_or(|row| row.role == Role::Plain && !row.concerns_nobody())
    };
    Node::new(part.place, Data::Map(Map(part.record.iter().filter(matters).cloned().collect())))
}

/// The hash of the content of a part.
fn hash(part: &Flag) -> Node {
    let said = canonical(&says(part), &Shape::Any);
    let hash = crate::diagnostics::words::hex(&Sha256::digest(said.as_bytes()));
    Node::text(part.place, hash)
}

/// A flag with what changed parts say to whom it refers, and the identities of those.
fn with_parts(
    entry: &FlagEntry,
    parts: &Parts<'_>,
    same: &BTreeSet<(&str, &str)>,
    said_by: fn(&Flag) -> Node,
) -> (FlagEntry, Vec<(String, String)>) {
    let (mut found, mut out) = (Vec::new(), entry.clone());
    let Some(row) = entry.flag.format.fields.iter().find(|row| row.role == Role::Parts) else {
        return (out, Vec::new());
    };
    let (mut said, mut by_name) = (Vec::new(), BTreeMap::new());
    for id in &entry.flag.links.refs {
        let all = parts.get(&(entry.project.as_str(), id.as_str())).map(Vec::as_slice).unwrap_or_default();
        let own: Vec<&FlagEntry> = all.iter().copied().filter(|part| part.path == entry.path).collect();
        // One of the flag's own file stands before those of others.
        let those = match own.is_empty() {
            true if same.contains(&(entry.path.as_str(), id.as_str())) => Vec::new(),
            true => all.to_vec(),
            false => own,
        };
        for part in those {
            let node = said_by(&part.flag);
            if let Some(link) = &part.flag.links.part {
                by_name.insert(link.name.clone(), node.clone());
            }
            out.flag.links.found.insert(part.flag.key.clone(), part.path.clone());
            said.push(Entry { key: part.flag.key.clone(), place: part.flag.place, value: node });
            found.push((entry.project.clone(), id.clone()));
        }
    }
    if said.is_empty() {
        return (out, found);
    }
    let place = entry.flag.place;
    let value = Node::new(place, Data::Map(Map(said)));
    out.flag.record.0.push(Entry { key: row.name.to_owned(), place, value });
    out.flag.drawn = entry.flag.drawn.as_ref().map(|read| Arc::new(drawn_with(read, &by_name)));
    (out, found)
}

/// The groups of a flag, with what the parts say that their conditions name.
fn drawn_with(read: &ReadGroups, parts: &BTreeMap<String, Node>) -> ReadGroups {
    let mut read = read.clone();
    let add = |groups: &mut Result<Vec<ReadGroup>, String>| {
        for group in groups.iter_mut().flatten() {
            let said: Vec<Node> = group.parts.iter().filter_map(|name| parts.get(name)).cloned().collect();
            group.conditions.extend(said);
        }
    };
    add(&mut read.now);
    if let Some(end) = &mut read.end {
        add(&mut end.groups);
    }
    read
}
