//! Changes that stand outside of the flags of a file, for several of them: shown once, with the flags that they change.

use std::collections::BTreeMap;

use super::ExaminedChange;
use crate::flag::FlagEntry;
use crate::report::Change;

/// The path, line and column of a change, and what it is about there.
type SharedPlace = (String, u32, u32, Option<String>);

/// Names the flags that each shared change reaches, and the one it is listed with: the first whose approvers have to
/// see it, else the first.
pub fn show_once(examined: &mut [ExaminedChange]) {
    // For each place the flags that it changes, and which of them shows it.
    let mut reached: BTreeMap<SharedPlace, (Vec<String>, Option<String>)> = BTreeMap::new();
    for one in &*examined {
        let Some(entry) = one.flag.entry() else { continue };
        for change in one.changes.iter().filter(|change| change.shared.is_some()) {
            let (flags, shown) = reached.entry(place(change)).or_default();
            flags.push(entry.name());
            if change.rule.is_some() && shown.is_none() {
                *shown = Some(entry.name());
            }
        }
    }
    for one in examined {
        let Some(id) = one.flag.entry().map(FlagEntry::name) else { continue };
        for change in &mut one.changes {
            let place = place(change);
            let (Some(shared), Some((flags, shown))) = (&mut change.shared, reached.get(&place)) else { continue };
            let shown = shown.as_ref().or(flags.first()).filter(|shown| **shown != id);
            shared.flags = if shown.is_none() { flags.clone() } else { Vec::new() };
            shared.listed_with = shown.cloned();
        }
    }
}

fn place(change: &Change) -> SharedPlace {
    (change.path.clone(), change.line, change.column, change.item.clone())
}
