//! Flags and the flags around them: those that do not differ and still matter, successors elsewhere, renames.

use std::collections::BTreeSet;

use super::read::{FlagChange, Past, read_live};
use crate::changes::diff;
use crate::diagnostics::{Diagnostic, Level, lints};
use crate::document::Role;
use crate::document::canonical::canonical_record;
use crate::flag::FlagEntry;
use crate::format::relations::FlagFacts;
use crate::policy::Policy;
use crate::review::together;

/// Keys that must be looked for among the files that do not differ, since flags here lean on them or might clash.
pub fn unresolved(items: &[FlagChange], bystanders: &[FlagEntry]) -> BTreeSet<String> {
    let at_hand = |project: &str, key: &str| {
        let mut flags = items.iter().filter_map(|item| item.after.as_ref()).chain(bystanders);
        flags.any(|placed| placed.project == project && placed.flag.key == key)
    };
    let mut keys = BTreeSet::new();
    for item in items {
        match (&item.before, &item.after) {
            (None, Some(placed)) | (Some(placed), None) => {
                keys.insert(placed.flag.key.clone());
            }
            (Some(before), Some(after)) => {
                let lost = before.flag.variants().iter().any(|variant| !after.flag.variants().contains(variant));
                let asleep = before.flag.state.live && !after.flag.state.live;
                let local = |entry: &FlagEntry| (entry.flag.format.relations)(&entry.flag).local;
                let moved = before.project != after.project || local(before) != local(after);
                if lost || asleep || moved {
                    keys.insert(after.flag.key.clone());
                }
            }
            (None, None) => {}
        }
    }
    let flags = items.iter().filter_map(|item| item.after.as_ref()).chain(bystanders);
    for placed in flags {
        let parents = (placed.flag.format.relations)(&placed.flag).dependencies.into_iter().map(|parent| parent.key);
        keys.extend(parents.filter(|key| !at_hand(&placed.project, key)));
    }
    keys
}

/// A flag that is gone from its file and stands in one that did not change has its successor there.
pub fn adopt(items: Vec<FlagChange>, bystanders: &[FlagEntry]) -> Vec<FlagChange> {
    let successor = |before: &FlagEntry| {
        bystanders.iter().find(|other| other.flag.key == before.flag.key && other.project == before.project).cloned()
    };
    items
        .into_iter()
        .map(|item| match (&item.before, &item.after) {
            (Some(before), None) if !item.unreadable => FlagChange { after: successor(before), ..item },
            _ => item,
        })
        .collect()
}

/// A flag that goes and one that comes with the same content are a rename: two changes to approve, and one to explain.
pub fn renames(items: &mut [FlagChange]) {
    let content = |placed: &FlagEntry| {
        let mut record = placed.flag.record.clone();
        let format = placed.flag.format;
        record.0.retain(|entry| format.field(&entry.key).is_none_or(|row| row.role != Role::Key));
        (placed.project.clone(), canonical_record(&record, format.fields))
    };
    let gone: Vec<(String, (String, String))> = items
        .iter()
        .filter(|item| item.after.is_none() && !item.unreadable)
        .filter_map(|item| item.before.as_ref().map(|before| (before.flag.key.clone(), content(before))))
        .collect();
    let mut pairs = Vec::new();
    for item in items.iter_mut() {
        if let (None, Some(after)) = (&item.before, &item.after)
            && let Some((old, _)) = gone.iter().find(|(_, what)| *what == content(after))
        {
            pairs.push((old.clone(), after.flag.key.clone()));
            item.remarks.push(format!(
                "`{old}` goes and this comes with the same content: code that asks for the old key gets nothing, and \
                 where the key is hashed users are drawn anew"
            ));
        }
    }
    for item in items.iter_mut().filter(|item| item.after.is_none()) {
        let key = item.before.as_ref().map(|before| before.flag.key.clone());
        if let Some((_, new)) = pairs.iter().find(|(old, _)| Some(old) == key.as_ref()) {
            item.remarks.push(format!("renamed to `{new}`"));
        }
    }
}

/// A proposal that puts a flag back to what was once live says so: reverts, and reverts of reverts, are common.
pub fn restored(items: &mut [FlagChange], past: &[Past], policy: &Policy) {
    for item in items {
        let Some(after) = item.after.as_ref().filter(|after| after.flag.state.live) else { continue };
        let mut versions = past.iter().filter(|past| past.file.path == after.path).peekable();
        if versions.peek().is_none() || item.before.as_ref().is_some_and(|before| diff::same(&before.flag, &after.flag))
        {
            continue;
        }
        let same = |past: &&Past| {
            let flags = read_live(&past.file, policy, &after.project).unwrap_or_default();
            flags.iter().any(|then| then.flag.key == after.flag.key && diff::same(&then.flag, &after.flag))
        };
        if let Some(past) = versions.find(same) {
            item.remarks.push(format!("restores what was live at {}", past.commit));
        }
    }
}

/// Diagnostics that flags have with each other, as far as this proposal brings them about.
pub fn found_together(items: &[FlagChange], bystanders: &[FlagEntry], policy: &Policy) -> Vec<Diagnostic> {
    let side = |pick: fn(&FlagChange) -> Option<&FlagEntry>| -> Vec<FlagFacts> {
        let mut flags: Vec<FlagFacts> = items.iter().filter_map(pick).chain(bystanders).map(FlagFacts::of).collect();
        flags.sort_by(|a, b| (&a.path, a.place).cmp(&(&b.path, b.place)));
        flags.dedup_by(|a, b| a.path == b.path && a.place == b.place);
        flags
    };
    let together = |flags: Vec<FlagFacts>| together::together(&flags.iter().collect::<Vec<_>>(), policy);
    let before = together(side(|item| item.before.as_ref()));
    let touched: BTreeSet<&str> = items.iter().filter_map(|item| Some(item.after.as_ref()?.path.as_str())).collect();
    let mut diagnostics = together(side(|item| item.after.as_ref()));
    diagnostics.retain(|diagnostic| touched.contains(diagnostic.path.as_str()) || !before.contains(diagnostic));
    for diagnostic in &mut diagnostics {
        // Nobody named is no reason to refuse the change: it waits for an admin.
        if diagnostic.id == lints::UNCOVERED_FLAG.id {
            diagnostic.level = Level::Warning;
        }
    }
    diagnostics
}
