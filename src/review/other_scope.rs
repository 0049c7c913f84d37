//! Flags that keep their key and come under another scope, such as a namespace: one flag that moves.
//!
//! **In**: flags that are gone, and new ones. **Out**: those of one key in one change, scope by scope, the most alike
//! first. **Refuses**: to take two environments for one, since a flag that goes from one to another ends there and
//! starts here; to free anything: approvers of both scopes are asked. **Not taken**: a scope that a path says, whose
//! files stand over others.

use std::collections::{BTreeMap, BTreeSet};

use super::equal_keys::{MOST_COMPARED, statements};
use super::read::FlagChange;
use super::successors::as_callers_see;
use crate::flag::{Flag, FlagEntry};
use crate::format::names::environments_in;

/// A scope of the flags of a project and format.
type ScopeOfFlags = (String, String, Option<String>);

/// How much the flags of two scopes have in common.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Likeness {
    /// Whether one of them is the same, or they stand in one file.
    surely: bool,
    statements: usize,
    keys: usize,
}

/// Gives flags that are gone their successors among the new ones, which are taken out of those.
pub fn pair(gone: &mut [FlagChange], created: &mut Vec<(FlagEntry, bool)>) {
    let old = by_scope(gone.iter().enumerate().filter_map(|(at, change)| Some((at, change.before.as_ref()?))));
    let new =
        by_scope(created.iter().enumerate().filter(|(_, (_, unread))| !unread).map(|(at, (entry, _))| (at, entry)));
    if old.is_empty() || new.is_empty() || old.len() > MOST_COMPARED || new.len() > MOST_COMPARED {
        return;
    }
    let before = |at: usize| gone.get(at).and_then(|change| change.before.as_ref());
    let after = |at: usize| created.get(at).map(|(entry, _)| entry);
    let mut found: Vec<(Likeness, &ScopeOfFlags, &ScopeOfFlags)> = Vec::new();
    for (one, theirs) in &old {
        let others = new.iter().filter(|(other, _)| may_be(one, other));
        for (other, ours) in others {
            let same = theirs.iter().filter_map(|(key, at)| before(*at).zip(after(*ours.get(key)?)));
            let alike = same.fold(Likeness::default(), compared);
            if alike.surely && alike.keys > 0 {
                found.push((alike, one, other));
            }
        }
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut left, mut entered) = (BTreeSet::new(), BTreeSet::new());
    let mut pairs: BTreeMap<usize, usize> = BTreeMap::new();
    for (_, one, other) in found {
        if left.contains(one) || entered.contains(other) {
            continue;
        }
        left.insert(one);
        entered.insert(other);
        let keys = old.get(one).into_iter().flatten();
        pairs.extend(keys.filter_map(|(key, at)| Some((*new.get(other)?.get(key)?, *at))));
    }
    let mut at = 0;
    created.retain(|(entry, _)| {
        let change = pairs.get(&at).and_then(|old| gone.get_mut(*old));
        at += 1;
        let Some(change) = change else { return true };
        change.after = change.before.as_ref().map(|before| as_callers_see(before, entry.clone()));
        change.remarks.push("who does not read the new place loses it".to_owned());
        false
    });
}

/// The flags of each scope by their own keys.
fn by_scope<'e>(
    entries: impl Iterator<Item = (usize, &'e FlagEntry)>,
) -> BTreeMap<ScopeOfFlags, BTreeMap<String, usize>> {
    let mut found: BTreeMap<ScopeOfFlags, BTreeMap<String, usize>> = BTreeMap::new();
    for (at, entry) in entries.filter(|(_, entry)| is_of_scope(&entry.flag)) {
        let flag = &entry.flag;
        let place = (entry.project.clone(), flag.format.id.to_string(), flag.scope.clone());
        found.entry(place).or_default().entry(flag.own_key().to_owned()).or_insert(at);
    }
    found
}

/// Whether a flag is of a scope that another member of its file may change. A setting of a resource that is off may be
/// an exception from another resource: where it goes the exception ends.
fn is_of_scope(flag: &Flag) -> bool {
    let is_exception = flag.format.has_resources() && flag.is_off();
    flag.format.scopes_by_member(flag) && flag.links.same_key.is_none() && !flag.format.is_rest(flag) && !is_exception
}

/// Whether what was in one scope may be in another one now.
fn may_be(one: &ScopeOfFlags, other: &ScopeOfFlags) -> bool {
    let [was, is] = [one, other].map(|place| place.2.as_deref().map(environments_in).unwrap_or_default());
    (&one.0, &one.1) == (&other.0, &other.1) && one.2 != other.2 && (was == is || was.is_empty() || is.is_empty())
}

fn compared(alike: Likeness, (before, after): (&FlagEntry, &FlagEntry)) -> Likeness {
    let (old, new) = (statements(&before.flag), statements(&after.flag));
    let surely = alike.surely || before.path == after.path || old == new;
    Likeness { surely, statements: alike.statements + old.intersection(&new).count(), keys: alike.keys + 1 }
}
