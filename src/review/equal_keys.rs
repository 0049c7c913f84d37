//! Flags of one file that have one key: which of the base is which of the proposal.
//!
//! **In**: the flags of both sides, of which the second of a key has a number. **Out**: the numbers of the base for the
//! flags of the proposal: those that say the same first, then the most alike. **Refuses**: nothing; a flag that is left
//! over is new, or was deleted. **Not taken**: the order of the file, by which one new entry in front would change all
//! that follow.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::canonical::canonical;
use crate::document::{Data, Shape};
use crate::flag::{Flag, FlagEntry};

/// Larger groups are paired by what they say, and then by their order: each pair of flags would be compared.
pub const MOST_COMPARED: usize = 64;

/// Gives the flags of the proposal the keys of those of the base that they are.
pub fn pair(live: &[FlagEntry], proposed: &mut [FlagEntry]) {
    let shared: BTreeSet<String> =
        live.iter().chain(&*proposed).filter_map(|entry| entry.flag.links.same_key.clone()).collect();
    if shared.is_empty() {
        return;
    }
    let mut groups: BTreeMap<String, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    let key = |entry: &FlagEntry| entry.flag.links.same_key.clone().unwrap_or_else(|| entry.flag.key.clone());
    for (at, key) in live.iter().map(key).enumerate().filter(|(_, key)| shared.contains(key)) {
        groups.entry(key).or_default().0.push(at);
    }
    for (at, key) in proposed.iter().map(key).enumerate().filter(|(_, key)| shared.contains(key)) {
        groups.entry(key).or_default().1.push(at);
    }
    let others: BTreeSet<String> =
        proposed.iter().filter(|entry| !groups.contains_key(&key(entry))).map(|entry| entry.flag.key.clone()).collect();
    for (bare, (old, new)) in groups {
        let flags = |side: &[FlagEntry], at: &[usize]| -> Vec<BTreeSet<String>> {
            at.iter().filter_map(|at| side.get(*at)).map(|entry| statements(&entry.flag)).collect()
        };
        let pairs = pairs(&flags(live, &old), &flags(proposed, &new));
        let mut taken: BTreeSet<String> = BTreeSet::new();
        let mut keys: Vec<Option<String>> = vec![None; new.len()];
        for (one, other) in pairs {
            let key = old.get(one).and_then(|at| live.get(*at)).map(|entry| entry.flag.key.clone());
            taken.extend(key.clone());
            if let Some(of) = keys.get_mut(other) {
                *of = key;
            }
        }
        // A new one has a number that no flag of the base has.
        taken.extend(old.iter().filter_map(|at| live.get(*at)).map(|entry| entry.flag.key.clone()));
        let mut next = 0usize;
        for (at, key) in new.iter().zip(keys) {
            let key = key.unwrap_or_else(|| {
                loop {
                    next += 1;
                    let key = if next == 1 { bare.clone() } else { format!("{bare}#{next}") };
                    if !others.contains(&key) && taken.insert(key.clone()) {
                        return key;
                    }
                }
            });
            if let Some(entry) = proposed.get_mut(*at) {
                entry.flag.links.same_key = (key != bare).then(|| bare.clone());
                entry.flag.key = key;
            }
        }
    }
}

/// Everything that a flag says, part by part.
pub fn statements(flag: &Flag) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for entry in flag.record.iter() {
        match &entry.value.data {
            Data::Map(map) => {
                let parts = map.iter().map(|part| (&part.key, canonical(&part.value, &Shape::Any)));
                all.extend(parts.map(|(path, value)| format!("{}/{path}={value}", entry.key)));
            }
            _ => drop(all.insert(format!("{}={}", entry.key, canonical(&entry.value, &Shape::Any)))),
        }
    }
    all
}

/// Pairs of indices: equal ones, then the most alike, then the rest in their order.
fn pairs(old: &[BTreeSet<String>], new: &[BTreeSet<String>]) -> Vec<(usize, usize)> {
    let mut by_content: BTreeMap<&BTreeSet<String>, Vec<usize>> = BTreeMap::new();
    for (at, said) in old.iter().enumerate().rev() {
        by_content.entry(said).or_default().push(at);
    }
    let mut pairs = Vec::new();
    let mut left = Vec::new();
    for (at, said) in new.iter().enumerate() {
        match by_content.get_mut(said).and_then(Vec::pop) {
            Some(one) => pairs.push((one, at)),
            None => left.push(at),
        }
    }
    let mut open: Vec<usize> = by_content.into_values().flatten().collect();
    open.sort_unstable();
    if open.len() <= MOST_COMPARED && left.len() <= MOST_COMPARED {
        let alike = |one: usize, other: usize| {
            old.get(one).zip(new.get(other)).map_or(0, |(one, other)| one.intersection(other).count())
        };
        let mut all: Vec<(usize, usize, usize)> = Vec::new();
        for one in &open {
            all.extend(left.iter().map(|other| (alike(*one, *other), *one, *other)));
        }
        // The most alike first; of equals, those that stand first.
        all.sort_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        for (_, one, other) in all {
            if open.contains(&one) && left.contains(&other) {
                pairs.push((one, other));
                open.retain(|at| *at != one);
                left.retain(|at| *at != other);
            }
        }
    }
    pairs.extend(open.into_iter().zip(left));
    pairs
}
