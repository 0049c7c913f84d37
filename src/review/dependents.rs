//! Flags that depend on others: which of them go live with a flag that is not their own.
//!
//! In: the flag changes of a proposal, and flags that stay. Out: the live flags that are served from now on, or to
//! other users, because a flag that they depend on differs, as activations of their own. Refuses: to make a switch-off
//! wait for the sake of the flag that is switched off; the flag that goes live by it waits. Not taken: flags
//! that go off with another one, which is what a switch-off is for.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::flag_past::LastLive;
use super::read::FlagChange;
use super::related::FlagName;
use crate::flag::{Flag, FlagEntry, Need, NeededState};
use crate::format::{mark_inactive, mark_unknown};
use crate::policy::Policy;

/// How often it may turn out otherwise for one flag: those that depend on each other in a circle may never settle.
const MOST_TURNS: usize = 50;

/// A flag by its format and key, which flags of several files may have.
type Name<'f> = (&'f str, &'f str);

/// A flag by its file and key.
type Spot<'f> = (&'f str, &'f str);

/// The flags of one side, and whether each is served as far as it and those that it depends on say.
struct ServedFlags<'f> {
    flags: BTreeMap<Name<'f>, Vec<&'f FlagEntry>>,
    served: BTreeMap<Spot<'f>, bool>,
    /// The names of both sides.
    known: &'f BTreeSet<(String, String)>,
}

impl<'f> ServedFlags<'f> {
    fn of(entries: impl Iterator<Item = &'f FlagEntry>, known: &'f BTreeSet<(String, String)>) -> Self {
        let mut side = ServedFlags { flags: BTreeMap::new(), served: BTreeMap::new(), known };
        let mut depend: Vec<&FlagEntry> = Vec::new();
        for entry in entries {
            side.flags.entry(name(&entry.flag)).or_default().push(entry);
            side.served.insert(spot(entry), entry.flag.state.live);
            depend.extend((!entry.flag.links.needs.is_empty()).then_some(entry));
        }
        let mut dependents: BTreeMap<Spot<'_>, Vec<usize>> = BTreeMap::new();
        for (at, entry) in depend.iter().enumerate() {
            for other in entry.flag.links.needs.iter().filter_map(|need| side.needed(entry, need)) {
                dependents.entry(spot(other)).or_default().push(at);
            }
        }
        let mut turns = vec![0; depend.len()];
        let mut waiting: VecDeque<usize> = (0..depend.len()).collect();
        while let Some(at) = waiting.pop_front() {
            let Some((entry, turns)) = depend.get(at).zip(turns.get_mut(at)) else { continue };
            let is_served =
                entry.flag.state.live && entry.flag.links.needs.iter().all(|need| side.lets_pass(entry, need));
            if side.served.insert(spot(entry), is_served) != Some(is_served) && *turns < MOST_TURNS {
                *turns += 1;
                waiting.extend(dependents.get(&spot(entry)).into_iter().flatten());
            }
        }
        side
    }

    /// The flag that another one needs: of several of one name the one whose file is the nearest.
    fn needed(&self, by: &FlagEntry, need: &Need) -> Option<&'f FlagEntry> {
        let all = self.flags.get(&(by.flag.format.id.as_ref(), need.key.as_str()))?;
        let common = |entry: &&&FlagEntry| {
            let same = entry.path.bytes().zip(by.path.bytes()).take_while(|(one, other)| one == other);
            (same.count(), entry.path == by.path)
        };
        all.iter().max_by_key(common).copied()
    }

    /// Whether the flag that another one needs lets users pass. One that is in no file that is read here may give
    /// anything.
    fn lets_pass(&self, by: &FlagEntry, need: &Need) -> bool {
        let other = self.needed(by, need);
        let is_on = other.is_some_and(|other| self.is_served(other));
        let unknown = || !self.known.contains(&(by.flag.format.id.to_string(), need.key.clone()));
        let gives = || other.and_then(|other| other.flag.links.off_variant.as_ref());
        match need.state {
            NeededState::Off => !is_on,
            NeededState::On => is_on || unknown(),
            NeededState::OnOrOff => is_on || unknown() || gives().is_none_or(|variant| need.variants.contains(variant)),
        }
    }

    fn is_served(&self, entry: &FlagEntry) -> bool {
        self.served.get(&spot(entry)) == Some(&true)
    }
}

fn name(flag: &Flag) -> Name<'_> {
    (flag.format.id.as_ref(), flag.key.as_str())
}

fn spot(entry: &FlagEntry) -> Spot<'_> {
    (&entry.path, &entry.flag.key)
}

/// The flags that depend on those that differ, and what these depend on, to be looked for in files that do not differ.
pub fn looked_for(changes: &[FlagChange], others: &[&[FlagEntry]], policy: &Policy) -> BTreeSet<FlagName> {
    // Notes for people reach no other flag.
    let may_reach = |change: &&FlagChange| match (&change.before, &change.after) {
        (Some(before), Some(after)) => differ(&before.flag, &after.flag),
        (None, _) | (_, None) => true,
    };
    let sides = changes.iter().filter(may_reach).flat_map(|change| [&change.before, &change.after]).flatten();
    let mut names: BTreeSet<&str> =
        sides.filter(|entry| entry.flag.format.has_dependents()).map(|entry| entry.flag.own_key()).collect();
    if names.is_empty() {
        return BTreeSet::new();
    }
    let dotted: Vec<String> =
        names.iter().filter(|name| name.contains('/')).map(|name| name.replace('/', ".")).collect();
    for entry in others.iter().flat_map(|entries| entries.iter()).filter(|entry| !entry.flag.links.needs.is_empty()) {
        names.insert(entry.flag.own_key());
        names.extend(entry.flag.links.needs.iter().map(|need| need.name.as_str()));
    }
    names.extend(dotted.iter().map(String::as_str));
    let projects = policy.config.projects.iter().map(|project| &project.name);
    projects.flat_map(|project| names.iter().map(|name| (project.clone(), (*name).to_owned()))).collect()
}

/// Adds the flags that go live because of the changes, and notes with each of these which they are.
pub fn go_live(changes: &mut Vec<FlagChange>, steady: &[FlagEntry]) {
    let sides = || changes.iter().flat_map(|change| [&change.before, &change.after]).flatten().chain(steady);
    if sides().all(|entry| entry.flag.links.needs.is_empty()) {
        return;
    }
    let known: BTreeSet<(String, String)> =
        sides().map(|entry| (entry.flag.format.id.to_string(), entry.flag.key.clone())).collect();
    // The flags of a file that cannot be read are not known, and reported as that.
    let after = |change: &FlagChange| match &change.after {
        None if change.unreadable => change.before.clone(),
        after => after.clone(),
    };
    let live: Vec<FlagEntry> = changes.iter().filter_map(|change| change.before.clone()).collect();
    let proposed: Vec<FlagEntry> = changes.iter().filter_map(after).collect();
    // Flags that others show with their parts are in both.
    let shown: BTreeSet<Spot<'_>> = proposed.iter().map(spot).collect();
    let others = || steady.iter().filter(|entry| !shown.contains(&spot(entry)));
    let before = ServedFlags::of(others().chain(&live), &known);
    let after = ServedFlags::of(others().chain(&proposed), &known);
    let was: BTreeMap<Spot<'_>, &FlagEntry> = others().chain(&live).map(|entry| (spot(entry), entry)).collect();
    let mut found: Vec<GoesLive> = Vec::new();
    for entry in others().chain(&proposed).filter(|entry| !entry.flag.links.needs.is_empty()) {
        let was_live = was.get(&spot(entry)).is_some_and(|entry| entry.flag.state.live);
        if !was_live || !after.is_served(entry) {
            continue;
        }
        let opened = |need: &&Need| !before.lets_pass(entry, need) && after.lets_pass(entry, need);
        // The users whom a flag that is on lets pass by its variants are not known.
        let other_users = |need: &&Need| {
            let [old, new] = [&before, &after].map(|side| side.needed(entry, need));
            let differs = old.zip(new).is_some_and(|(old, new)| differ(&old.flag, &new.flag));
            let was_on = old.is_some_and(|old| before.is_served(old));
            !need.variants.is_empty() && was_on && differs && after.lets_pass(entry, need)
        };
        let all = !before.is_served(entry);
        let mut needs = entry.flag.links.needs.iter();
        let with = if all { needs.find(opened) } else { needs.find(other_users) };
        found.extend(with.map(|need| {
            let is_off = after.needed(entry, need).is_none_or(|one| !after.is_served(one));
            let how = match (all, is_off) {
                (true, _) => Opening::Whole,
                (false, true) => Opening::WhereOff,
                (false, false) => Opening::OtherUsers,
            };
            GoesLive { entry: entry.clone(), with: need.key.clone(), how }
        }));
    }
    for one in found {
        one.put(changes);
    }
    changes.sort_by(|a, b| super::read::order(a).cmp(&super::read::order(b)));
}

/// Whether a flag may give its users something else.
fn differ(old: &Flag, new: &Flag) -> bool {
    let said = |flag: &Flag| {
        let matters = |key: &str| flag.format.field(key).is_none_or(|row| !row.concerns_nobody());
        flag.record.iter().filter(|entry| matters(&entry.key)).cloned().collect::<Vec<_>>()
    };
    let switched = old.state.live != new.state.live;
    let (old, new) = (said(old), said(new));
    switched
        || old.len() != new.len()
        || old.iter().zip(&new).any(|(old, new)| (&old.key, &old.value) != (&new.key, &new.value))
}

/// A live flag that is served to more users, or to others, because of a flag that it depends on.
struct GoesLive {
    entry: FlagEntry,
    with: String,
    how: Opening,
}

/// The effect of another flag on one that depends on it.
#[derive(Clone, Copy)]
enum Opening {
    /// From nobody to all whom it is for.
    Whole,
    /// The other flag is off, and gives by that what it asks for.
    WhereOff,
    /// The other flag gives its users something else.
    OtherUsers,
}

impl GoesLive {
    fn put(self, changes: &mut Vec<FlagChange>) {
        let GoesLive { entry, with, how } = self;
        let (key, other) = (entry.flag.key.escape_debug(), with.escape_debug());
        let is_itself = |change: &FlagChange| change.after.as_ref().is_some_and(|one| spot(one) == spot(&entry));
        let at = changes.iter().position(is_itself).unwrap_or(changes.len());
        if at == changes.len() {
            changes.push(FlagChange::became(entry.clone(), Some(entry.clone())));
        }
        let (of_flag, of_other) = match how {
            Opening::Whole => (
                format!("it goes live with `{other}`, on which it depends: until now it was served to nobody"),
                format!("`{key}` depends on it and goes live with it, which is approved there"),
            ),
            Opening::WhereOff => (
                format!("it is served where `{other}` is off, and goes live with that for all whom it is for"),
                format!("`{key}` is served where this one is off and goes live with that, which is approved there"),
            ),
            Opening::OtherUsers => (
                format!("it depends on what `{other}` gives, which changes: its users from now on are not known"),
                format!("`{key}` depends on what it gives, which is approved there"),
            ),
        };
        if let Some(change) = changes.get_mut(at) {
            match (&mut change.before, how) {
                (Some(before), Opening::Whole) => {
                    // Its content was approved when it came to the base: only differences from that are displayed.
                    change.past.last_live = LastLive::OnBase(Box::new(before.clone()));
                    mark_inactive(&mut before.flag);
                }
                // The users whom variants of the other flag let pass are not known.
                (Some(before), Opening::WhereOff | Opening::OtherUsers) => mark_unknown(&mut before.flag),
                (None, _) => {}
            }
            change.remarks.push(of_flag);
        }
        let id = &entry.flag.format.id;
        let is_cause = |change: &&mut FlagChange| {
            change.entry().is_some_and(|one| one.flag.key == with && one.flag.format.id == *id)
        };
        if let Some(cause) = changes.iter_mut().find(is_cause) {
            cause.remarks.push(of_other);
            cause.brings.push(entry.name());
        }
    }
}
