//! Related flags: unchanged flags that changed ones depend on, successors in other files, renames, restored versions.

use std::collections::BTreeSet;

use super::read::{FlagChange, PastFile, read_live};
use super::standing;
use super::switch_off::gone_with;
use crate::changes::diff;
use crate::diagnostics::{Diagnostic, Level, lints};
use crate::document::Role;
use crate::document::canonical::canonical_record;
use crate::flag::{File, FlagEntry};
use crate::format::relations::{FlagFacts, InvalidFiles};
use crate::policy::{Approvals, Policy};
use crate::review::together;

/// Flags of the files that do not differ, as far as changed flags concern them.
#[derive(Debug, Default)]
pub struct UnchangedFlags {
    pub flags: Vec<FlagEntry>,
    /// Files among them that cannot be read. They stand like that on the base branch, so this proposal does not report them.
    pub unread: InvalidFiles,
}

/// A flag by its project and its key, which is distinct within the project.
pub type FlagName = (String, String);

/// Flags to look for in the files that do not differ, because changed flags depend on them, might have the same key or may
/// have gone there.
pub fn unresolved(changes: &[FlagChange], unchanged: &[FlagEntry], policy: &Policy) -> BTreeSet<FlagName> {
    let at_hand = |project: &str, key: &str| {
        let mut flags = changes.iter().filter_map(|change| change.after.as_ref()).chain(unchanged);
        flags.any(|entry| entry.project == project && entry.flag.key == key)
    };
    let mut keys = BTreeSet::new();
    let free = || policy.config.projects.iter().filter(|project| project.approvals == Approvals::None);
    for change in changes {
        if let Some(before) = change.before.as_ref().filter(|_| leaves(change, policy)) {
            keys.extend(free().map(|project| (project.name.clone(), before.flag.key.clone())));
        }
        match (&change.before, &change.after) {
            (None, Some(entry)) | (Some(entry), None) => {
                keys.insert((entry.project.clone(), entry.flag.key.clone()));
            }
            (Some(before), Some(after)) => {
                let lost = before.flag.variants().iter().any(|variant| !after.flag.variants().contains(variant));
                let deactivated = before.flag.state.live && !after.flag.state.live;
                let local = |entry: &FlagEntry| (entry.flag.format.relations)(&entry.flag).local;
                let moved = before.project != after.project || local(before) != local(after);
                if lost || deactivated || moved {
                    // Flags of the project that it leaves may depend on it.
                    keys.insert((before.project.clone(), before.flag.key.clone()));
                    keys.insert((after.project.clone(), after.flag.key.clone()));
                }
            }
            (None, None) => {}
        }
    }
    keys.append(&mut gone_with(changes, unchanged));
    let flags = changes.iter().filter_map(|change| change.after.as_ref()).chain(unchanged);
    for entry in flags {
        let parents = (entry.flag.format.relations)(&entry.flag).dependencies.into_iter().map(|parent| parent.key);
        keys.extend(parents.filter(|key| !at_hand(&entry.project, key)).map(|key| (entry.project.clone(), key)));
    }
    keys
}

/// Finds the successor of a flag that is gone from its file and stands in one that does not differ.
pub fn adopt(changes: Vec<FlagChange>, unchanged: &[FlagEntry]) -> Vec<FlagChange> {
    let successor = |before: &FlagEntry| {
        unchanged.iter().find(|other| other.flag.key == before.flag.key && other.project == before.project).cloned()
    };
    changes
        .into_iter()
        .map(|change| match (&change.before, &change.after) {
            (Some(before), None) if !change.unreadable => FlagChange { after: successor(before), ..change },
            _ => change,
        })
        .collect()
}

/// Whether a change takes a flag that is off out of a project that asks for approval. One that is on is deleted, which
/// needs approval wherever it goes.
fn leaves(change: &FlagChange, policy: &Policy) -> bool {
    let asks = |entry: &FlagEntry| policy.project(&entry.project).is_some_and(|one| one.approvals != Approvals::None);
    change.after.is_none()
        && !change.unreadable
        && change.before.as_ref().is_some_and(|before| !before.flag.state.live && asks(before))
}

/// The keys of flags that are off and gone from their project.
pub fn leaving(changes: &[FlagChange], unchanged: &[FlagEntry], policy: &Policy) -> BTreeSet<String> {
    let adopted = |before: &FlagEntry| {
        unchanged.iter().any(|other| other.flag.key == before.flag.key && other.project == before.project)
    };
    let gone = changes.iter().filter(|change| leaves(change, policy)).filter_map(|change| change.before.as_ref());
    gone.filter(|before| !adopted(before)).map(|before| before.flag.key.clone()).collect()
}

/// Finds where a flag that is off goes when it leaves its project in parts: a flag of its key in a project without approvals,
/// put there before, or in a file of no project that this proposal brings.
pub fn left(changes: &mut [FlagChange], unchanged: &[FlagEntry], brought: &[File], policy: &Policy) {
    let asks = |entry: &FlagEntry| policy.project(&entry.project).is_some_and(|one| one.approvals != Approvals::None);
    let there = changes.iter().filter_map(|change| change.after.as_ref()).chain(unchanged);
    let mut free: Vec<(String, String)> =
        there.filter(|entry| !asks(entry)).map(|entry| (entry.flag.key.clone(), entry.path.clone())).collect();
    for file in brought {
        let flags = read_live(file, policy, "").unwrap_or_default();
        free.extend(flags.into_iter().map(|entry| (entry.flag.key, entry.path)));
    }
    for change in changes.iter_mut().filter(|change| leaves(change, policy)) {
        let key = change.before.as_ref().map(|before| &before.flag.key);
        change.left_to = free.iter().find(|(other, _)| Some(other) == key).map(|(_, path)| path.clone());
    }
}

/// Adds a remark to a deleted flag and a created one with the same content: two changes to approve, and one rename.
pub fn renames(changes: &mut [FlagChange]) {
    let content = |entry: &FlagEntry| {
        let mut record = entry.flag.record.clone();
        let format = entry.flag.format;
        record.0.retain(|member| format.field(&member.key).is_none_or(|row| row.role != Role::Key));
        (entry.project.clone(), canonical_record(&record, format.fields))
    };
    let gone: Vec<(String, (String, String))> = changes
        .iter()
        .filter(|change| change.after.is_none() && !change.unreadable)
        .filter_map(|change| change.before.as_ref().map(|before| (before.flag.key.clone(), content(before))))
        .collect();
    let mut pairs = Vec::new();
    for change in changes.iter_mut() {
        if let (None, Some(after)) = (&change.before, &change.after)
            && let Some((old, _)) = gone.iter().find(|(_, what)| *what == content(after))
        {
            pairs.push((old.clone(), after.flag.key.clone()));
            change.remarks.push(format!(
                "`{old}` is deleted and this flag has the same content: code that asks for the old key gets nothing, and \
                 users are bucketed anew where the key is hashed"
            ));
        }
    }
    for change in changes.iter_mut().filter(|change| change.after.is_none()) {
        let key = change.before.as_ref().map(|before| before.flag.key.clone());
        if let Some((_, new)) = pairs.iter().find(|(old, _)| Some(old) == key.as_ref()) {
            change.remarks.push(format!("renamed to `{new}`"));
        }
    }
}

/// Adds a remark to a flag that is put back to a version which was live once: reverts, and reverts of reverts, are common.
pub fn restored(changes: &mut [FlagChange], past: &[PastFile], policy: &Policy) {
    for change in changes {
        let Some(after) = change.after.as_ref().filter(|after| after.flag.state.live) else { continue };
        let mut versions = past.iter().filter(|past| past.file.path == after.path).peekable();
        if versions.peek().is_none()
            || change.before.as_ref().is_some_and(|before| diff::same(&before.flag, &after.flag))
        {
            continue;
        }
        let same = |past: &&PastFile| {
            let flags = read_live(&past.file, policy, &after.project).unwrap_or_default();
            flags.iter().any(|then| then.flag.key == after.flag.key && diff::same(&then.flag, &after.flag))
        };
        if let Some(past) = versions.find(same) {
            change.remarks.push(format!("restores what was live at {}", past.commit));
        }
    }
}

/// Diagnostics between flags, as far as this proposal brings them about.
pub fn found_together(
    changes: &[FlagChange],
    unchanged: &UnchangedFlags,
    invalid: &InvalidFiles,
    policy: &Policy,
) -> Vec<Diagnostic> {
    let side = |pick: fn(&FlagChange) -> Option<&FlagEntry>| -> Vec<FlagFacts> {
        let mut flags: Vec<FlagFacts> =
            changes.iter().filter_map(pick).chain(&unchanged.flags).map(FlagFacts::of).collect();
        flags.sort_by(|a, b| (&a.path, a.place).cmp(&(&b.path, b.place)));
        flags.dedup_by(|a, b| a.path == b.path && a.place == b.place);
        flags
    };
    let together = |flags: Vec<FlagFacts>| {
        together::together(&flags.iter().collect::<Vec<_>>(), invalid, &unchanged.unread, policy)
    };
    let before = together(side(|change| change.before.as_ref()));
    let touched: BTreeSet<&str> =
        changes.iter().filter_map(|change| Some(change.after.as_ref()?.path.as_str())).collect();
    let mut diagnostics = together(side(|change| change.after.as_ref()));
    diagnostics.retain(|diagnostic| touched.contains(diagnostic.path.as_str()) || !before.contains(diagnostic));
    standing::weigh_between(&mut diagnostics, &before, changes);
    for diagnostic in &mut diagnostics {
        // A flag without a named approver is not invalid: its change awaits an admin.
        if diagnostic.id == lints::UNCOVERED_FLAG.id {
            diagnostic.level = Level::Warning;
        }
    }
    diagnostics
}
