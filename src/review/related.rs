//! Related flags: unchanged flags that changed ones depend on, successors in other files, renames.

use std::collections::{BTreeMap, BTreeSet};

use super::base_errors;
use super::files_below::{FilesBelow, ForOthers, goes_elsewhere, may_lie_over, of_any_project, resource_names};
use super::layers;
use super::read::{FlagChange, read_live};
use super::switch_off::{self, gone_with};
use crate::changes::classify::Step;
use crate::changes::rules;
use crate::diagnostics::words::{and_more, in_backticks};
use crate::diagnostics::{Diagnostic, Level, lints};
use crate::document::Field;
use crate::flag::{File, FlagEntry};
use crate::format::is_nowhere;
use crate::format::relations::{FlagFacts, InvalidFiles};
use crate::impact::Impact;
use crate::policy::{Approvals, Policy, Project};
use crate::review::cross_checks;

/// Flags of the files that do not differ, as far as changed flags concern them.
#[derive(Debug, Default)]
pub struct UnchangedFlags {
    pub flags: Vec<FlagEntry>,
    /// Files among them that cannot be read. They stand like that on the base branch, so this proposal does not report
    /// them.
    pub unread: InvalidFiles,
}

/// A flag by its project and its key, which is distinct within the project.
pub type FlagName = (String, String);

/// Flags to look for in the files that do not differ, because changed flags depend on them, might have the same key or
/// may have gone there.
pub fn unresolved(changes: &[FlagChange], unchanged: &[FlagEntry], policy: &Policy) -> BTreeSet<FlagName> {
    let all = || changes.iter().filter_map(|change| change.after.as_ref()).chain(unchanged);
    let known: BTreeSet<(&str, &str)> = all().map(|entry| (entry.project.as_str(), entry.flag.key.as_str())).collect();
    let at_hand = |project: &str, key: &str| known.contains(&(project, key));
    let mut keys = BTreeSet::new();
    // Layers of one flag may be of several projects.
    let everywhere = |key: &str| -> Vec<FlagName> {
        let spellings = layers::spellings(key);
        let names =
            |project: &Project| spellings.iter().map(|key| (project.name.clone(), key.clone())).collect::<Vec<_>>();
        policy.config.projects.iter().flat_map(names).collect()
    };
    let free = || policy.config.projects.iter().filter(|project| project.approvals == Approvals::None);
    for change in changes {
        if let Some(entry) = change.entry().filter(|_| layers::may_be_said_above(change)) {
            keys.extend(layers::own_and_around(entry.flag.own_key()).into_iter().flat_map(everywhere));
        }
        if let Some(before) = change.before.as_ref().filter(|_| leaves(change, policy)) {
            keys.extend(free().map(|project| (project.name.clone(), before.flag.key.clone())));
        }
        match (&change.before, &change.after) {
            (None, Some(entry)) | (Some(entry), None) => {
                keys.insert((entry.project.clone(), entry.flag.key.clone()));
                let exempts = change.before.is_none() && switch_off::may_exempt(entry);
                if exempts
                    || change.after.is_none() && (layers::stands_over_others(&entry.flag) || of_any_project(entry))
                {
                    keys.extend(everywhere(entry.flag.own_key()));
                    keys.extend(resource_names(entry).flat_map(everywhere));
                }
            }
            (Some(before), Some(after)) => {
                if layers::may_uncover(change) || goes_elsewhere(change) {
                    keys.extend(everywhere(before.flag.own_key()));
                }
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
    for entry in changes.iter().filter_map(|change| change.after.as_ref()) {
        let named = (entry.flag.format.relations)(&entry.flag).parts.into_iter().map(|(key, _)| key);
        for key in named.filter(|key| !at_hand(&entry.project, key)) {
            keys.extend(policy.config.projects.iter().map(|project| (project.name.clone(), key.clone())));
        }
    }
    for entry in all() {
        let parents = (entry.flag.format.relations)(&entry.flag).dependencies.into_iter().map(|parent| parent.key);
        keys.extend(parents.filter(|key| !at_hand(&entry.project, key)).map(|key| (entry.project.clone(), key)));
    }
    keys
}

/// Finds the successor of a flag that is gone from its file: itself in a file that does not differ, or, where files
/// stand over others, the flag that was hidden by it.
pub fn adopt(changes: Vec<FlagChange>, unchanged: &[FlagEntry], steady: &[FlagEntry]) -> Vec<FlagChange> {
    let mut by_name: BTreeMap<(&str, &str), &FlagEntry> = BTreeMap::new();
    for other in unchanged {
        by_name.entry((&other.project, &other.flag.key)).or_insert(other);
    }
    let mut hidden = layers::FlagLayers::default();
    let gone = |change: &FlagChange| {
        change.after.is_none() && change.before.as_ref().is_some_and(|before| layers::stands_over_others(&before.flag))
    };
    let hides = changes.iter().any(gone);
    let there = unchanged.iter().chain(changes.iter().filter_map(|change| change.after.as_ref())).chain(steady);
    there.filter(|_| hides).for_each(|other| hidden.add(other));
    let below = |before: &FlagEntry| hidden.below(before);
    let itself =
        |before: &FlagEntry| by_name.get(&(before.project.as_str(), before.flag.key.as_str())).copied().cloned();
    let mut lower = FilesBelow::default();
    let may_go = |change: &FlagChange| change.after.is_none() && change.before.as_ref().is_some_and(may_lie_over);
    let uncovers = changes.iter().any(may_go);
    let now = unchanged.iter().chain(changes.iter().filter_map(|change| change.after.as_ref())).chain(steady);
    let mut for_others = ForOthers::default();
    now.filter(|_| uncovers).for_each(|other| {
        lower.add(other);
        for_others.add(other);
    });
    // Whether such files are layers is a guess: one that was on is deleted, which needs approval in any case.
    let uncovered = |before: &FlagEntry| {
        let before = Some(before).filter(|before| may_lie_over(before))?;
        for_others.instead_of(before).or_else(|| lower.below(before)).or_else(|| lower.of_another_resource(before))
    };
    let found: Vec<Option<(FlagEntry, Option<String>)>> = changes
        .iter()
        .map(|change| match (&change.before, &change.after) {
            (Some(before), None) if !change.unreadable => {
                let sure = itself(before).or_else(|| below(before));
                sure.map(|entry| (entry, None)).or_else(|| uncovered(before))
            }
            _ => None,
        })
        .collect();
    let changes = changes
        .into_iter()
        .zip(found)
        .map(|(mut change, successor)| {
            if let Some((successor, remark)) = successor {
                change.after = Some(successor);
                change.remarks.extend(remark);
            }
            change
        })
        .collect::<Vec<_>>();
    leave_out_nowhere(changes)
}

/// The changes without the flags that were nowhere on, and that their files have in environments from then on: each of
/// these is reported by itself.
fn leave_out_nowhere(mut changes: Vec<FlagChange>) -> Vec<FlagChange> {
    let in_scope = |entry: &FlagEntry| (entry.path.clone(), entry.flag.own_key().to_owned());
    let after = changes.iter().filter_map(|change| change.after.as_ref());
    let scoped: BTreeSet<_> = after.filter(|entry| entry.flag.scope.is_some()).map(in_scope).collect();
    changes.retain(|change| match (&change.before, &change.after) {
        (Some(before), None) => !(is_nowhere(&before.flag) && scoped.contains(&in_scope(before))),
        _ => true,
    });
    changes
}

/// A remark on shares of users of a flag that others decide about as well: they are of those users whom these let in.
pub fn let_in_by(step: Step<'_>, impact: &Impact) -> Option<String> {
    impact.per_segment.iter().find(|group| !group.changed().is_nobody())?;
    let sides = || [step.before(), step.after()].into_iter().flatten();
    let parents: BTreeSet<String> = sides()
        .flat_map(|entry| (entry.flag.format.relations)(&entry.flag).dependencies)
        .map(|parent| parent.key)
        .collect();
    let says = |entry: &FlagEntry| {
        let mut rows = entry.flag.format.fields.iter();
        let means = |row: &Field| if row.means.is_empty() { row.name } else { row.means };
        let rule = rules::by_id("dependencies").map_or(&[][..], |rule| rule.cause.fields());
        let row = rows.find(|row| rule.contains(&means(row)));
        row.is_some_and(|row| entry.flag.get(row.name).is_some_and(|said| said.size() > 1))
    };
    match parents.first() {
        Some(first) => {
            let (first, more) = (in_backticks(first), and_more(parents.len() - 1));
            Some(format!("shares are of the users whom {first}{more} lets in"))
        }
        None if sides().any(says) => Some("shares are of the users whom the flags that it needs let in".to_owned()),
        None => None,
    }
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

/// Finds where a flag that is off goes when it leaves its project in parts: a flag of its key in a project without
/// approvals, put there before, or in a file of no project that this proposal brings.
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

/// Diagnostics between flags, as far as this proposal brings them about.
pub fn found_together(
    (changes, shown): (&[FlagChange], &[FlagChange]),
    (unchanged, steady): (&UnchangedFlags, &[FlagEntry]),
    invalid: &InvalidFiles,
    policy: &Policy,
) -> Vec<Diagnostic> {
    // Flags of files that differ were at hand as they changed; of those that stay, only parts are named by others.
    let parts = || steady.iter().filter(|entry| entry.flag.links.part.is_some());
    let side = |pick: fn(&FlagChange) -> Option<&FlagEntry>| -> Vec<FlagFacts> {
        let mut flags: Vec<FlagFacts> = changes
            .iter()
            .chain(shown)
            .filter_map(pick)
            .chain(&unchanged.flags)
            .chain(parts())
            .map(FlagFacts::of)
            .collect();
        flags.sort_by(|a, b| (&a.path, a.place).cmp(&(&b.path, b.place)));
        flags.dedup_by(|a, b| a.path == b.path && a.place == b.place);
        flags
    };
    let together = |flags: Vec<FlagFacts>| {
        cross_checks::check_together(&flags.iter().collect::<Vec<_>>(), invalid, &unchanged.unread, policy)
    };
    let before = together(side(|change| change.before.as_ref()));
    let known: BTreeSet<&Diagnostic> = before.iter().collect();
    let touched: BTreeSet<&str> =
        changes.iter().filter_map(|change| Some(change.after.as_ref()?.path.as_str())).collect();
    let mut diagnostics = together(side(|change| change.after.as_ref()));
    diagnostics.retain(|diagnostic| touched.contains(diagnostic.path.as_str()) || !known.contains(diagnostic));
    base_errors::weigh_between(&mut diagnostics, &before, changes);
    for diagnostic in &mut diagnostics {
        // A flag without a named approver is not invalid: its change awaits an admin.
        if diagnostic.id == lints::UNCOVERED_FLAG.id {
            diagnostic.level = Level::Warning;
        }
    }
    diagnostics
}
