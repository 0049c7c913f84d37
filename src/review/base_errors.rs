//! Errors that stand on the base branch already: one that a proposal does not touch does not stop it, and no error
//! stops switching a flag off.
//!
//! In: the diagnostics of one file on both sides, and its flags. Out: the proposed ones, some with another level. It
//! refuses to let an unchanged error pass in a flag that changes otherwise. Not taken: comparing places, since a line
//! that is added above moves all of them.

use std::collections::{BTreeMap, BTreeSet};

use super::read::FlagChange;
use crate::changes::classify::Step;
use crate::changes::{diff, switch_off};
use crate::diagnostics::{Diagnostic, Level, Subject, lints};
use crate::document::{Field, Role};
use crate::flag::FlagEntry;

/// Says of each error that stands on the base branch whether it stops this proposal. It does not in a flag that stays
/// as it is, nor anywhere in a file of which flags are switched off and nothing else is changed. A member of the file
/// that nobody knows stops the proposal that adds or changes it, and so does the first comment in JSON whose reader
/// nobody named, or a key without quotes that is true or false to Kubernetes.
pub fn weigh(diagnostics: &mut [Diagnostic], base: &[Diagnostic], live: &[FlagEntry], proposed: &[FlagEntry]) {
    let by_key = |flags| -> BTreeMap<&str, &FlagEntry> {
        let entries: &[FlagEntry] = flags;
        entries.iter().map(|entry| (entry.flag.key.as_str(), entry)).collect()
    };
    let (was, is) = (by_key(live), by_key(proposed));
    let same = |key: &str| match (was.get(key), is.get(key)) {
        (Some(before), Some(after)) => before.flag.record == after.flag.record,
        // On neither side is there a flag to read.
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    let off = |key: &str| match (was.get(key), is.get(key)) {
        (Some(before), Some(after)) => before.flag.record == after.flag.record || is_quiet(before, after),
        _ => false,
    };
    let only_off = was.keys().chain(is.keys()).all(|key| off(key));
    let mut left = BTreeMap::new();
    for diagnostic in base {
        *left.entry(diagnostic.without_place()).or_insert(0u32) += 1;
    }
    let mut stand = Vec::new();
    for diagnostic in &*diagnostics {
        // As often as it stands there, and no more.
        let left = left.get_mut(&diagnostic.without_place()).filter(|left| **left > 0);
        stand.push(left.map(|left| *left -= 1).is_some());
    }
    for (diagnostic, stands) in diagnostics.iter_mut().zip(stand) {
        match &diagnostic.subject {
            Subject::Part(_) if diagnostic.id == lints::UNKNOWN_FIELD.id && !stands => {
                diagnostic.level = Level::Error;
            }
            // A reader that is strict would refuse all of the file from now on, switch-offs in it too; and a key that
            // Kubernetes takes for `true` is no longer what the flag names.
            Subject::File | Subject::Part(_)
                if [lints::LOOSE_JSON.id, lints::BOOLEAN_KEY.id].contains(&diagnostic.id) && !stands =>
            {
                diagnostic.level = Level::Error;
            }
            Subject::Flag(key) if stands && (only_off || same(key)) => tolerate(diagnostic),
            Subject::File | Subject::Part(_) if stands && only_off => tolerate(diagnostic),
            Subject::File | Subject::Part(_) | Subject::Flag(_) => {}
        }
    }
}

/// Diagnostics between flags: those that stand on the base branch too stop nobody from switching flags off.
pub fn weigh_between(diagnostics: &mut [Diagnostic], base: &[Diagnostic], changes: &[FlagChange]) {
    let off = |change: &FlagChange| match (&change.before, &change.after) {
        (Some(before), Some(after)) => is_quiet(before, after),
        _ => false,
    };
    let mut only_off: BTreeMap<&str, bool> = BTreeMap::new();
    for change in changes {
        for entry in [&change.before, &change.after].into_iter().flatten() {
            *only_off.entry(&entry.path).or_insert(true) &= off(change);
        }
    }
    let on_base: BTreeSet<_> = base.iter().map(Diagnostic::without_place).collect();
    for diagnostic in diagnostics {
        let only_off = only_off.get(diagnostic.path.as_str()).copied().unwrap_or(false);
        if only_off && on_base.contains(&diagnostic.without_place()) {
            tolerate(diagnostic);
        }
    }
}

fn tolerate(diagnostic: &mut Diagnostic) {
    if diagnostic.is_error() {
        diagnostic.level = Level::Warning;
        diagnostic.message.push_str(", on the base branch too");
    }
}

/// Whether a live flag is switched off, or a part of flags changes in what concerns nobody: a patch of a resource has
/// the value of each switch in it as well.
fn is_quiet(before: &FlagEntry, after: &FlagEntry) -> bool {
    let nobody = |difference: &diff::Difference| difference.row.is_some_and(Field::concerns_nobody);
    let is_part = before.flag.links.no_flag.is_some() && before.flag.links.no_flag == after.flag.links.no_flag;
    let stays = before.path == after.path && before.project == after.project;
    switched_off(before, after)
        || is_part
            && stays
            && diff::compare(Some(&before.flag), &after.flag).iter().filter(|one| one.effect).all(nobody)
}

/// Whether a live flag is switched off, and nothing else of it is changed.
fn switched_off(before: &FlagEntry, after: &FlagEntry) -> bool {
    let lifecycle = |difference: &diff::Difference| difference.row.is_some_and(|row| row.role == Role::Lifecycle);
    before.flag.state.live
        && (!after.flag.state.live || switch_off::is_by_switch_alone(Step::Edited(before, after)))
        && before.path == after.path
        && before.project == after.project
        && diff::compare(Some(&before.flag), &after.flag).iter().filter(|one| one.effect).all(lifecycle)
}
