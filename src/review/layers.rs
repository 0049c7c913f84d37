//! Files and parts of files that stand over others: those for one environment over those for all.
//!
//! In: the flag changes of a proposal, and flags that stay. Out: the flag that one which is gone had hidden, and the
//! flags that are off here and served above. Refuses: to call free what another layer may give users. Not taken: the
//! merge of all layers, which every service does in its own way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::read::FlagChange;
use crate::diagnostics::words::and_more;
use crate::flag::{Flag, FlagEntry, folder};
use crate::format::names::{ServedIn, everywhere, folded, served_in};
use crate::format::{self, has_switch, mark_unknown, switches_go_off};
use crate::groups::ReadGroups;

/// Whether a flag is that of one scope, which may stand over what is said for all.
pub fn stands_over_others(flag: &Flag) -> bool {
    flag.scope.is_some() && flag.format.is_mapped()
}

/// Whether a flag is said for all scopes.
fn is_below(flag: &Flag) -> bool {
    match &flag.scope {
        None => flag.format.layers_files(),
        Some(scope) => flag.format.is_mapped() && served_in(scope) == Some(ServedIn::Everywhere),
    }
}

/// Whether another scope may serve a flag that is off here, before and after, and that changes otherwise than by
/// switches that go off: by those nobody gets more, whatever stands above.
pub fn may_be_served_above(before: &FlagEntry, after: &FlagEntry) -> bool {
    let off = !before.flag.state.live && !after.flag.state.live;
    off && is_below(&after.flag) && !switches_go_off(&before.flag, &after.flag)
}

/// Whether other scopes may say something else of a changed flag than is said for all.
pub fn may_be_said_above(change: &FlagChange) -> bool {
    [&change.before, &change.after].into_iter().flatten().any(|entry| is_below(&entry.flag))
}

/// Where flags of one key are layers of each other: the project, and the folder, whoever approves what stands in it.
fn layered_with(entry: &FlagEntry) -> [String; 2] {
    let folder = folder(&entry.path);
    [format!("project {}", entry.project), format!("folder {folder}")]
}

/// The formats of which flags are layers of each other: each built-in one by itself, and mappings of the repository
/// together, since files for two environments may have one each.
pub fn family(entry: &FlagEntry) -> String {
    let id = &*entry.flag.format.id;
    format::ids().find(|known| *known == id).unwrap_or_default().to_owned()
}

/// A key as layers have it in common: one may be named after its file, with hyphens, and written in camel case in
/// another layer.
fn common(key: &str) -> String {
    folded(key)
}

/// The spellings of a key in other layers, to look for.
pub fn spellings(key: &str) -> BTreeSet<String> {
    let plain: String = key.chars().filter(|char| !matches!(char, '_' | '-' | ' ')).collect();
    let joined = |sign: char| -> String {
        let mut out = String::new();
        for char in key.chars() {
            match char {
                '_' | '-' | ' ' => out.push(sign),
                _ if char.is_uppercase() && out.ends_with(char::is_alphanumeric) => {
                    out.extend([sign].into_iter().chain(char.to_lowercase()));
                }
                _ => out.extend(char.to_lowercase()),
            }
        }
        out
    };
    BTreeSet::from([key.to_owned(), plain, joined('-'), joined('_')])
}

/// The key of a flag, and those of the flags around it: a scope that has one of these on may have what is inside of it
/// on as well.
pub fn own_and_around(key: &str) -> Vec<&str> {
    let around = key.match_indices('.').filter_map(|(at, _)| key.get(..at));
    std::iter::once(key).chain(around).filter(|key| !key.is_empty()).collect()
}

/// Flags by the places where they are layers of each other, their format and their key.
#[derive(Default)]
pub struct FlagLayers<'e>(BTreeMap<(String, String, String), &'e FlagEntry>);

impl<'e> FlagLayers<'e> {
    pub fn add(&mut self, entry: &'e FlagEntry) {
        for folder in layered_with(entry) {
            self.0.insert((folder, family(entry), common(&entry.flag.key)), entry);
        }
    }

    fn find(&self, near: &FlagEntry, key: &str) -> Option<&'e FlagEntry> {
        let family = family(near);
        layered_with(near).into_iter().find_map(|folder| self.0.get(&(folder, family.clone(), common(key))).copied())
    }

    /// The flag that one which is gone had hidden.
    pub fn below(&self, before: &FlagEntry) -> Option<FlagEntry> {
        if !stands_over_others(&before.flag) {
            return None;
        }
        let own = before.flag.own_key();
        let whole = before.flag.format.layers_files().then(|| own.to_owned());
        let others = everywhere().map(|scope| format!("{own}@{scope}"));
        let mut keys = whole.into_iter().chain(others).filter(|key| *key != before.flag.key);
        let found = keys.find_map(|key| self.find(before, &key))?;
        let flag = Flag { key: before.flag.key.clone(), scope: before.flag.scope.clone(), ..found.flag.clone() };
        Some(FlagEntry { flag, ..found.clone() })
    }
}

/// Whether a flag that stands over others, and is off, goes to another file: whether its reader looks there nobody
/// knows.
fn leaves_its_file(change: &FlagChange) -> bool {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => {
            before.path != after.path
                && !before.flag.state.live
                && !after.flag.state.live
                && stands_over_others(&before.flag)
        }
        _ => false,
    }
}

/// Whether a flag that stands over others, and is off, is off by another member than by its switch from then on: of
/// layers that are joined member by member, the switch of the one below holds.
fn loses_its_switch(change: &FlagChange) -> bool {
    let (Some(before), Some(after)) = (&change.before, &change.after) else { return false };
    let off = !before.flag.state.live && !after.flag.state.live;
    off && stands_over_others(&after.flag) && has_switch(&before.flag) && !has_switch(&after.flag)
}

/// Whether a flag that is off may leave what it stands over from then on.
pub fn may_uncover(change: &FlagChange) -> bool {
    leaves_its_file(change) || loses_its_switch(change)
}

/// Marks flags that are off, and leave their file or their switch, where they are on without that.
pub fn moved_away(changes: &mut [FlagChange], others: &[&[FlagEntry]]) {
    if !changes.iter().any(may_uncover) {
        return;
    }
    let mut layers = FlagLayers::default();
    let there = others.iter().flat_map(|entries| entries.iter()).cloned();
    let there: Vec<FlagEntry> = there.chain(changes.iter().filter_map(|change| change.after.clone())).collect();
    for entry in &there {
        layers.add(entry);
    }
    for change in changes.iter_mut().filter(|change| may_uncover(change)) {
        let moves = leaves_its_file(change);
        let (Some(before), Some(after)) = (&change.before, &mut change.after) else { continue };
        let Some(below) = layers.below(before).filter(|below| below.flag.state.live) else { continue };
        let path = below.path.escape_debug();
        change.remarks.push(if moves {
            format!("its file moves, and it is on in `{path}`, which holds where this file is not read")
        } else {
            format!("it has no switch of its own any more, and that in `{path}` is on, which may hold from now on")
        });
        mark_unknown(&mut after.flag);
    }
}

/// Marks flags that are off here and on in a scope above, which takes over what is said here: nobody knows them to be
/// off.
pub fn served_above(changes: &mut [FlagChange], others: &[&[FlagEntry]]) {
    let may_be = |change: &FlagChange| match (&change.before, &change.after) {
        (Some(before), Some(after)) => may_be_served_above(before, after),
        _ => false,
    };
    if !changes.iter().any(may_be) {
        return;
    }
    let there = changes.iter().flat_map(|change| [&change.before, &change.after]).flatten();
    let there = there.chain(others.iter().flat_map(|entries| entries.iter()));
    let above = layers_above(there.filter(|entry| entry.flag.state.live));
    for change in changes.iter_mut().filter(|change| may_be(change)) {
        let (Some(before), Some(after)) = (&mut change.before, &mut change.after) else { continue };
        let own = own_and_around(after.flag.own_key());
        let Some(key) = own.iter().flat_map(|key| named(after, key)).find_map(|name| above.get(&name)?.first()) else {
            continue;
        };
        let key = key.escape_debug();
        change.remarks.push(format!("it is off here and `{key}` is on, which may take over what is said here"));
        for entry in [before, after] {
            mark_unknown(&mut entry.flag);
        }
    }
}

/// The name of a layer of a flag: where it stands, its format and its key.
type LayerName = (String, String, String);

fn named(entry: &FlagEntry, key: &str) -> [LayerName; 2] {
    layered_with(entry).map(|folder| (folder, family(entry), common(key)))
}

/// The keys of the flags that stand over others, by the names of those.
fn layers_above<'e>(entries: impl Iterator<Item = &'e FlagEntry>) -> BTreeMap<LayerName, BTreeSet<String>> {
    let mut above: BTreeMap<LayerName, BTreeSet<String>> = BTreeMap::new();
    for entry in entries.filter(|entry| stands_over_others(&entry.flag) && !is_below(&entry.flag)) {
        for name in named(entry, entry.flag.own_key()) {
            above.entry(name).or_default().insert(entry.flag.key.clone());
        }
    }
    above
}

/// Takes the shares of users from what is said for all, where scopes above may say something else: of all users they
/// are not known.
pub fn decided_above(changes: &mut [FlagChange], others: &[&[FlagEntry]]) {
    if !changes.iter().any(may_be_said_above) {
        return;
    }
    let there = changes.iter().flat_map(|change| [&change.before, &change.after]).flatten();
    let above = layers_above(there.chain(others.iter().flat_map(|entries| entries.iter())));
    for change in changes.iter_mut().filter(|change| may_be_said_above(change)) {
        let Some(entry) = change.entry() else { continue };
        let own = own_and_around(entry.flag.own_key());
        let keys: BTreeSet<&String> =
            own.iter().flat_map(|key| named(entry, key)).filter_map(|name| above.get(&name)).flatten().collect();
        let Some(first) = keys.first() else { continue };
        let (first, more) = (first.escape_debug(), and_more(keys.len() - 1));
        let why = format!("`{first}`{more} may say otherwise, where it stands over what is said here");
        for entry in [&mut change.before, &mut change.after].into_iter().flatten() {
            entry.flag.drawn = Some(Arc::new(ReadGroups::of(Err(why.clone()))));
        }
    }
}
