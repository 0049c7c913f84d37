//! Parts that flags refer to: a changed segment is a change of each live flag that names it, and a changed group one of
//! each that it names, wherever both stand.
//!
//! In: the flags that differ, and those that stay and name parts. Out: the flags with what changed parts say in their
//! records, and no change of a part that its flags show. Refuses: to drop a change of a part that no live flag names,
//! since others may; to stop at the border of a project, which is one of people and not of what is served. Not taken: a
//! part as one more flag, approved by others than those of the flags it decides about.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::read::FlagChange;
use super::related::FlagName;
use crate::diagnostics::Place;
use crate::document::canonical::canonical;
use crate::document::{Data, Entry, Map, Node, Role, Shape};
use crate::flag::{Flag, FlagEntry, PartName};
use crate::groups::{ReadGroup, ReadGroups, Uncomputed};
use crate::policy::Policy;

/// The most values that parts add to flags in full.
const MOST_COPIED: usize = 500_000;

/// Changed parts of one side: by their format and identity, and by the flags that they name.
#[derive(Default)]
struct Parts<'c> {
    named: BTreeMap<(&'c str, &'c str), Vec<&'c FlagEntry>>,
    reaching: BTreeMap<(&'c str, &'c str), Vec<&'c FlagEntry>>,
}

impl<'c> Parts<'c> {
    fn of(changes: &'c [FlagChange], side: fn(&FlagChange) -> Option<&FlagEntry>) -> Self {
        let mut found = Parts::default();
        for entry in changes.iter().filter(|change| differs(change)).filter_map(side) {
            let Some(part) = &entry.flag.links.part else { continue };
            found.named.entry((entry.flag.format.id.as_ref(), &part.id)).or_default().push(entry);
            for key in &entry.flag.links.reaches {
                found.reaching.entry((entry.flag.format.id.as_ref(), key)).or_default().push(entry);
            }
        }
        found
    }

    /// The parts that a flag refers to, and those that name it. Of parts of one name those of its own file stand before
    /// those of its project, and these before all others: the parts of `nearer` are there and did not change.
    fn of_flag(&self, entry: &FlagEntry, nearer: &Unchanged<'_>) -> Vec<&'c FlagEntry> {
        let format = entry.flag.format.id.as_ref();
        let mut found = Vec::new();
        for id in entry.flag.links.refs.keys() {
            let all = self.named.get(&(format, id.as_str())).map(Vec::as_slice).unwrap_or_default();
            let of_file: Vec<&FlagEntry> = all.iter().copied().filter(|part| part.path == entry.path).collect();
            let of_project: Vec<&FlagEntry> =
                all.iter().copied().filter(|part| part.project == entry.project).collect();
            if !of_file.is_empty() {
                found.extend(of_file);
            } else if nearer.files.contains(&(entry.path.as_str(), id.as_str())) {
            } else if !of_project.is_empty() {
                found.extend(of_project);
            } else if !nearer.projects.contains(&(entry.project.as_str(), format, id.as_str())) {
                found.extend(all.iter().copied());
            }
        }
        found.extend(self.reaching.get(&(format, entry.flag.own_key())).into_iter().flatten().copied());
        found
    }

    /// The number of values that they add to a flag.
    fn size(&self, entry: &FlagEntry, nearer: &Unchanged<'_>, sizes: &BTreeMap<(&str, &str), usize>) -> usize {
        // Once into the record, and once into each group that names it.
        let groups = entry.flag.drawn.as_ref().and_then(|read| read.now.as_ref().ok()).map_or(0, Vec::len);
        let of = |part: &FlagEntry| sizes.get(&(part.path.as_str(), part.flag.key.as_str())).copied().unwrap_or(0);
        let all = self.of_flag(entry, nearer).into_iter().map(of).fold(0, usize::saturating_add);
        all.saturating_mul(groups + 1)
    }
}

/// Parts that stay as they are, by file and by project.
struct Unchanged<'c> {
    files: BTreeSet<(&'c str, &'c str)>,
    projects: BTreeSet<(&'c str, &'c str, &'c str)>,
}

/// The parts that differ, and the flags that those name: files that have such a name have flags they may decide about.
/// People divide a repository into projects, and not what is served, so that it may be any of them.
pub fn looked_for(changes: &[FlagChange], policy: &Policy) -> BTreeSet<FlagName> {
    let sides = changes.iter().filter(|change| differs(change)).flat_map(|change| [&change.before, &change.after]);
    let mut names: BTreeSet<&str> = BTreeSet::new();
    // A flag may write the folder in a name with a point.
    let mut dotted: Vec<String> = Vec::new();
    for entry in sides.flatten() {
        let Some(part) = &entry.flag.links.part else { continue };
        if entry.flag.links.reaches.is_empty() {
            names.insert(&part.name);
            dotted.extend(part.name.contains('/').then(|| part.name.replace('/', ".")));
        } else {
            names.extend(entry.flag.links.reaches.iter().map(String::as_str));
        }
    }
    names.extend(dotted.iter().map(String::as_str));
    let projects = policy.config.projects.iter().map(|project| &project.name);
    projects.flat_map(|project| names.iter().map(|name| (project.clone(), (*name).to_owned()))).collect()
}

/// Puts changed parts into the flags that refer to them. `steady` are flags that stay as they are, and `all_read` says
/// that no file with others is unread. Returns the flags, and the parts that they show.
pub fn link(changes: Vec<FlagChange>, steady: &[FlagEntry], all_read: bool) -> (Vec<FlagChange>, Vec<FlagChange>) {
    if !changes.iter().any(differs) {
        return (changes, Vec::new());
    }
    let same = || steady.iter().filter_map(|entry| Some((entry, entry.flag.links.part.as_ref()?.id.as_str())));
    let nearer = Unchanged {
        files: same().map(|(entry, id)| (entry.path.as_str(), id)).collect(),
        projects: same().map(|(entry, id)| (entry.project.as_str(), entry.flag.format.id.as_ref(), id)).collect(),
    };
    let sides: [fn(&FlagChange) -> Option<&FlagEntry>; 2] =
        [|change| change.before.as_ref(), |change| change.after.as_ref()];
    let [before, after] = sides.map(|side| Parts::of(&changes, side));
    // In many flags only the hash of a part stands, which is told by itself.
    let added = |side: fn(&FlagChange) -> Option<&FlagEntry>, parts: &Parts<'_>| {
        let all = parts.named.values().flatten();
        let sizes = all.map(|part| ((part.path.as_str(), part.flag.key.as_str()), says(&part.flag).size())).collect();
        let flags = changes.iter().filter_map(side).chain(steady);
        flags.map(|entry| parts.size(entry, &nearer, &sizes)).fold(0, usize::saturating_add)
    };
    let whole = added(sides[0], &before).max(added(sides[1], &after)) <= MOST_COPIED;
    let mut linked = Vec::new();
    // The parts that a live flag shows, by file and identity.
    let mut shown: BTreeSet<(String, String)> = BTreeSet::new();
    let mut with = |entry: &FlagEntry, parts: &Parts<'_>| {
        let found = parts.of_flag(entry, &nearer);
        if entry.flag.state.live && whole {
            let id = |part: &&FlagEntry| Some((part.path.clone(), part.flag.links.part.as_ref()?.id.clone()));
            shown.extend(found.iter().filter_map(id));
        }
        with_parts(entry, &found, if whole { says } else { hash })
    };
    // Those that some flag names, live or not.
    let named: BTreeSet<(String, String)> = {
        let flags = changes.iter().flat_map(|change| [&change.before, &change.after]).flatten().chain(steady);
        let parts = flags.flat_map(|entry| [&before, &after].map(|parts| parts.of_flag(entry, &nearer))).flatten();
        parts.filter_map(|part| Some((part.path.clone(), part.flag.links.part.as_ref()?.id.clone()))).collect()
    };
    for entry in steady.iter().filter(|entry| entry.flag.links.part.is_none()) {
        if [&before, &after].iter().all(|parts| parts.of_flag(entry, &nearer).is_empty()) {
            continue;
        }
        let (old, new) = (with(entry, &before), with(entry, &after));
        if old.flag.record != new.flag.record {
            linked.push(FlagChange::became(old, Some(new)));
        }
    }
    let mut out = Vec::new();
    let renamed = other_names(&changes);
    for change in &changes {
        let old = change.before.as_ref().map(|entry| with(entry, &before));
        let old = if has_other_name(change) { old.map(|entry| renamed_parts(entry, &renamed)) } else { old };
        let new = change.after.as_ref().map(|entry| with(entry, &after));
        let mut change = FlagChange { before: old, after: new, ..change.clone() };
        let part = change.entry().and_then(|entry| Some((entry.path.clone(), entry.flag.links.part.clone()?)));
        if let Some((path, part)) = part.filter(|_| differs(&change))
            && !named.contains(&(path, part.id))
        {
            unnamed(&mut change, &part.name, all_read);
        }
        out.push(change);
    }
    let is_shown = |entry: &FlagEntry| {
        entry.flag.links.part.as_ref().is_some_and(|part| shown.contains(&(entry.path.clone(), part.id.clone())))
    };
    let (parts, mut out): (Vec<FlagChange>, Vec<FlagChange>) =
        out.into_iter().partition(|change| differs(change) && change.entry().is_some_and(is_shown));
    out.append(&mut linked);
    out.sort_by(|a, b| super::read::order(a).cmp(&super::read::order(b)));
    (out, parts)
}

/// Says of a changed part that no flag names it. A new one affects nobody then, and the reference to it will be the
/// change that does.
fn unnamed(change: &mut FlagChange, name: &str, all_read: bool) {
    let name = name.escape_debug();
    let unused = |entry: &&mut FlagEntry| all_read && entry.flag.format.is_used_by_name(&entry.flag);
    let new = change.before.is_none();
    let is_named = change.entry().is_some_and(|entry| entry.flag.format.names_parts());
    match change.after.as_mut().filter(|_| new).filter(unused) {
        Some(entry) => {
            crate::format::mark_inactive(&mut entry.flag);
            change
                .remarks
                .push(format!("new, and no flag names `{name}` in the files that are read here: nobody is affected"));
        }
        None if !is_named => {}
        None => change.remarks.push(format!("no flag names `{name}` in the files that are read here")),
    }
}

/// Whether a part says something else than before.
fn differs(change: &FlagChange) -> bool {
    let said = |entry: &Option<FlagEntry>| entry.as_ref().map(|entry| says(&entry.flag));
    let part = |entry: &Option<FlagEntry>| entry.as_ref().is_some_and(|entry| entry.flag.links.part.is_some());
    (part(&change.before) || part(&change.after))
        && !change.unreadable
        && (said(&change.before) != said(&change.after) || has_other_name(change))
}

/// Whether a flag or part has another key than before, since it came under another scope.
fn has_other_name(change: &FlagChange) -> bool {
    matches!((&change.before, &change.after), (Some(before), Some(after)) if before.flag.key != after.flag.key)
}

/// The keys of parts that came under another scope, by those that they had.
fn other_names(changes: &[FlagChange]) -> BTreeMap<String, String> {
    let moved = changes.iter().filter(|change| differs(change) && has_other_name(change));
    let keys =
        |change: &FlagChange| Some((change.before.as_ref()?.flag.key.clone(), change.after.as_ref()?.flag.key.clone()));
    moved.filter_map(keys).collect()
}

/// A flag that came under another scope, with its parts as they are called there, so that only what they say is
/// compared.
fn renamed_parts(mut entry: FlagEntry, names: &BTreeMap<String, String>) -> FlagEntry {
    let row = entry.flag.format.fields.iter().find(|row| row.role == Role::Parts);
    let parts = row.and_then(|row| entry.flag.record.0.iter_mut().find(|member| member.key == row.name));
    if let Some(Data::Map(map)) = parts.map(|member| &mut member.value.data) {
        for part in &mut map.0 {
            if let Some(name) = names.get(&part.key) {
                part.key.clone_from(name);
            }
        }
    }
    entry
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

/// A flag with what changed parts say.
fn with_parts(entry: &FlagEntry, parts: &[&FlagEntry], said_by: fn(&Flag) -> Node) -> FlagEntry {
    let mut out = entry.clone();
    let row = entry.flag.format.fields.iter().find(|row| row.role == Role::Parts);
    let Some(row) = row.filter(|_| !parts.is_empty()) else { return out };
    let (mut said, mut named) = (Vec::new(), NamedParts::default());
    for part in parts {
        let node = said_by(&part.flag);
        match &part.flag.links.part {
            Some(_) if !part.flag.links.reaches.is_empty() => named.of_all.push(node.clone()),
            Some(link) => drop(named.by_name.insert(link.name.clone(), node.clone())),
            None => {}
        }
        out.flag.links.found.insert(part.flag.key.clone(), part.path.clone());
        said.push(Entry { key: part.flag.key.clone(), place: part.flag.place, value: node });
    }
    let place = entry.flag.place;
    let value = Node::new(place, Data::Map(Map(said)));
    out.flag.record.0.push(Entry { key: row.name.to_owned(), place, value });
    out.flag.drawn = entry.flag.drawn.as_ref().map(|read| Arc::new(drawn_with(read, &named)));
    out
}

/// The content of changed parts: of those that conditions name, and of those that decide about all users of a flag.
#[derive(Default)]
struct NamedParts {
    by_name: BTreeMap<String, Node>,
    of_all: Vec<Node>,
}

/// The groups of a flag, with what the parts say that their conditions name.
fn drawn_with(read: &ReadGroups, parts: &NamedParts) -> ReadGroups {
    let mut read = read.clone();
    let add = |groups: &mut Result<Vec<ReadGroup>, String>| {
        for group in groups.iter_mut().flatten() {
            let named =
                |name: &String| parts.by_name.get(name).or_else(|| parts.by_name.get(&PartName::in_folders(name)));
            let said: Vec<Node> = group.parts.iter().filter_map(named).cloned().collect();
            group.conditions.extend(said);
            if let Ok(draw) = &group.draw
                && !parts.of_all.is_empty()
                && draw.constant() != Some(None)
            {
                let why = "which of its users the group leaves to the flag is not computed".to_owned();
                let of = canonical(&Node::new(Place::START, Data::List(parts.of_all.clone())), &Shape::Any);
                group.draw = Err(Uncomputed { why, of, context: format!("{draw:?}").into() });
            }
        }
    };
    add(&mut read.now);
    if let Some(end) = &mut read.end {
        add(&mut end.groups);
    }
    read
}
