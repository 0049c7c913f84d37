//! Classification: the class of each change, and the rule it falls under.
//!
//! In: a flag with its location before and after, and what the configuration makes critical. Out: changes with class
//! and rule, and what an approval of them covers. It refuses to let an unknown field pass on a live flag. Not taken:
//! deciding from the fields alone: the same edit is critical on a running experiment and routine on a planned one.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Act, Change, Class, SharedChange};
use super::critical::Critical;
use super::diff::{self, Difference};
use super::mode::mode_change;
use super::rules::{self, RuleId};
use super::switch_off::{is_by_switch_alone, says_off};
use crate::document::canonical::{canonical, canonical_field, canonical_record};
use crate::document::{Field, Node, Role, Shape};
use crate::flag::{Flag, FlagEntry};

/// A step of a flag from one version to the next. Exactly one of the two may be missing.
#[derive(Clone, Copy, Debug)]
pub enum Step<'p> {
    Created(&'p FlagEntry),
    Deleted(&'p FlagEntry),
    /// Gone from its project, while a flag of its key stands at this path, where no project asks for approval.
    Left(&'p FlagEntry, &'p str),
    Edited(&'p FlagEntry, &'p FlagEntry),
}

impl<'p> Step<'p> {
    #[must_use]
    pub fn before(self) -> Option<&'p FlagEntry> {
        match self {
            Step::Created(_) => None,
            Step::Deleted(before) | Step::Left(before, _) | Step::Edited(before, _) => Some(before),
        }
    }

    #[must_use]
    pub fn after(self) -> Option<&'p FlagEntry> {
        match self {
            Step::Deleted(_) | Step::Left(..) => None,
            Step::Created(after) | Step::Edited(_, after) => Some(after),
        }
    }

    /// Whether the flag is new and certainly gives everyone what stands for off.
    #[must_use]
    pub fn starts_off(self) -> bool {
        let Step::Created(FlagEntry { flag, .. }) = self else { return false };
        flag.format.gives_off(flag)
    }

    /// Whether the flag moved to another file, project or scope.
    #[must_use]
    pub fn moved(self) -> bool {
        match self {
            Step::Edited(before, after) => {
                before.path != after.path || before.project != after.project || self.has_other_scope()
            }
            Step::Created(_) | Step::Deleted(_) | Step::Left(..) => false,
        }
    }

    /// Whether the flag came under another scope, such as a namespace.
    fn has_other_scope(self) -> bool {
        matches!(self, Step::Edited(before, after) if before.flag.scope != after.flag.scope)
    }

    /// Whether its approvers of now are asked to let it go: it is live and moves, or leaves its project in any state. A
    /// flag that is off would else be moved to where nobody is asked and switched on there.
    fn goes(self) -> bool {
        let left = |before: &FlagEntry, after: &FlagEntry| before.project != after.project;
        match self {
            Step::Edited(before, after) => self.moved() && (before.flag.state.live || left(before, after)),
            Step::Left(..) => true,
            Step::Created(_) | Step::Deleted(_) => false,
        }
    }
}

/// The flag that an activation is compared with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Since<'p> {
    /// The flag as it was last live; without it all of the flag counts as new.
    pub last_live: Option<&'p FlagEntry>,
    /// Whether exactly that is restored, with nothing between.
    pub restores: bool,
}

/// Every change of a flag, classified.
#[must_use]
pub fn classify(step: Step<'_>, since: &Since<'_>, critical: &Critical) -> Vec<Change> {
    let live = |entry: Option<&FlagEntry>| entry.is_some_and(|entry| entry.flag.state.live);
    let (was, is) = (live(step.before()), live(step.after()));
    let mut changes: Vec<Change> = mode_change(step).into_iter().collect();
    if step.goes() {
        changes.extend(moved(step));
    } else if step.has_other_scope() {
        // While it is off, where it is off is routine.
        changes.extend(moved(step).map(|change| Change { class: Class::Routine, rule: None, ..change }));
    }
    match step {
        Step::Deleted(before) | Step::Left(before, _) => changes.push(deleted(before, was)),
        Step::Created(after) | Step::Edited(_, after) if !was && is => {
            activation(step, after, since, critical, &mut changes);
        }
        Step::Created(after) | Step::Edited(_, after) => {
            let before = step.before().map(|entry| &entry.flag);
            let by_switch = is_by_switch_alone(step);
            // It was off by its switch already, and what it gives then changes.
            let was_switched_off = before.is_some_and(|flag| flag.links.switched_off) && !by_switch;
            for difference in diff::compare(before, &after.flag) {
                let is_switch =
                    difference.row.is_some_and(|row| row.role == Role::Lifecycle) || says_off(&difference, &after.flag);
                let (class, rule) = if !difference.effect {
                    (Class::NoEffect, None)
                } else {
                    match (was, is) {
                        (true, true) if by_switch && is_switch => {
                            (Class::Deactivation, critical.deactivation.then_some(RuleId::DEACTIVATION))
                        }
                        (true, true) if decides_otherwise(&difference, before, &after.flag) => {
                            let starts = starts_to_serve(&difference, before, &after.flag);
                            let rule = if starts { RuleId::ACTIVATION } else { RuleId::TARGET_SEGMENTS };
                            (Class::Critical, Some(rule))
                        }
                        (true, true) => match rule_of(&difference.field, &difference.means, critical) {
                            Some(rule) => (Class::Critical, Some(rule)),
                            None => (Class::Routine, None),
                        },
                        // Whether it is on is said elsewhere from now on.
                        (true, false) if (!after.flag.is_off() || was_switched_off) && !is_of_people(&difference) => {
                            (Class::Critical, Some(RuleId::ACTIVATION))
                        }
                        (true, false) if is_switch => {
                            (Class::Deactivation, critical.deactivation.then_some(RuleId::DEACTIVATION))
                        }
                        (false, _) | (true, false) => (Class::Routine, None),
                    }
                };
                let path = path_of(&difference, step.before(), after);
                changes.push(change(difference, class, rule, path));
            }
        }
    }
    // Changes that need approval first, in the order of the file within each class.
    changes.sort_by_key(|change| change.class);
    changes
}

/// The changes of a flag that is switched on: what it becomes, compared with what it was when it was last live. An
/// approval covers all of the flag, so all of it is shown, also what was edited while it was off. Against the base
/// branch are only the state, and what no approval covers.
fn activation(step: Step<'_>, after: &FlagEntry, since: &Since<'_>, critical: &Critical, changes: &mut Vec<Change>) {
    let free = critical.off_is_free && step.starts_off() || critical.frees_restores() && since.restores;
    let rule = (!free).then_some(RuleId::ACTIVATION);
    let is_state = |difference: &Difference| difference.row.is_some_and(|row| row.role == Role::Lifecycle);
    let before = step.before().map(|entry| &entry.flag);
    let last_live = since.last_live.filter(|_| before.is_some());
    let mut shown = diff::compare(last_live.map(|entry| &entry.flag), &after.flag);
    shown.retain(|difference| difference.effect && !is_state(difference) && activates(difference, &after.flag));
    let tops: BTreeSet<String> = shown.iter().map(|difference| top(&difference.field).to_owned()).collect();
    let mut put_back = Vec::new();
    for difference in diff::compare(before, &after.flag) {
        let path = path_of(&difference, step.before(), after).clone();
        if !difference.effect {
            changes.push(change(difference, Class::NoEffect, None, &path));
        } else if is_state(&difference) && activates(&difference, &after.flag) {
            changes.push(change(difference, Class::Activation, rule, &path));
        } else if !activates(&difference, &after.flag) {
            changes.push(change(difference, Class::Routine, None, &path));
        } else if !tops.contains(top(&difference.field)) {
            // Edited while it was off, and put back to what was live.
            put_back.push(change(difference, Class::Routine, None, &path));
        }
    }
    for difference in shown {
        let mut change = change(difference, Class::Activation, rule, &after.path);
        if change.after.is_none() {
            // A removed flag stands in no file of today.
            (change.line, change.column) = (after.flag.place.line, after.flag.place.column);
        }
        changes.push(change);
    }
    // Of a flag that never was live there is nothing to put back: what was edited is a part of what goes live.
    if last_live.is_none() || !changes.iter().any(|change| change.class == Class::Activation) {
        for change in &mut put_back {
            (change.class, change.rule) = (Class::Activation, rule);
        }
    }
    changes.append(&mut put_back);
}

/// The file that a difference stands in.
fn path_of<'p>(difference: &Difference, before: Option<&'p FlagEntry>, after: &'p FlagEntry) -> &'p String {
    match before {
        Some(before) if difference.place_before => &before.path,
        _ => &after.path,
    }
}

/// The content an approval of these changes covers: (field, before, after) in normal form, sorted. Empty if nothing
/// needs one.
///
/// A critical change covers each critical top-level field that differs, whole, so that where an item was put counts.
/// An activation covers every critical field of the result, whether this proposal touched it or not, with what it is
/// compared with; a deletion every critical field of what goes. A move covers every critical field of the flag, because
/// the approvers of the new location never saw them: the flag may have changed at the old location without their
/// approval.
#[must_use]
pub fn covered(
    step: Step<'_>,
    since: &Since<'_>,
    changes: &[Change],
    critical: &Critical,
) -> Vec<(String, String, String)> {
    let rules: BTreeSet<RuleId> = changes.iter().filter_map(|change| change.rule).collect();
    let mut covered = Vec::new();
    let (before, after) = (step.before().map(|entry| &entry.flag), step.after().map(|entry| &entry.flag));
    let fields: BTreeSet<&str> = [before, after].into_iter().flatten().flat_map(names).collect();
    // A field that no table knows is not taken apart, so a dot in its name is just a dot.
    let gated: BTreeSet<&str> = changes
        .iter()
        .filter(|change| change.class == Class::Critical && change.rule != Some(RuleId::MOVED))
        .map(|change| if change.means.is_empty() { change.field.as_str() } else { top(&change.field) })
        .collect();
    let is_lifecycle = |name: &str| {
        let row = |flag: &Flag| flag.format.field(name).is_some_and(|row| row.role == Role::Lifecycle);
        [before, after].into_iter().flatten().any(row)
    };
    // Looked up by name, since a flag may have as many members as fit into a file.
    let last_live = since.last_live.filter(|_| before.is_some()).map(|entry| &entry.flag);
    let [was, is, last] = [before, after, last_live].map(|flag| flag.map(|flag| (flag, members_of(flag))));
    for field in fields {
        let said = |side: &Option<(&Flag, FlagMembers<'_>)>| {
            side.as_ref().map(|(flag, members)| value(flag, members, field)).unwrap_or_default()
        };
        let matters = |side: &Option<(&Flag, FlagMembers<'_>)>| {
            side.as_ref().is_some_and(|(flag, members)| matters(flag, members, field, critical))
        };
        if gated.contains(field) && before.is_some() && after.is_some() {
            covered.push((field.to_owned(), said(&was), said(&is)));
        } else if rules.contains(&RuleId::ACTIVATION) && matters(&is) {
            covered.push((field.to_owned(), said(&last), said(&is)));
        } else if rules.contains(&RuleId::DELETION) && matters(&was) {
            covered.push((field.to_owned(), said(&was), String::new()));
        } else if rules.contains(&RuleId::MOVED) && (matters(&was) || matters(&is))
            || rules.contains(&RuleId::DEACTIVATION) && is_lifecycle(field)
        {
            covered.push((field.to_owned(), said(&was), said(&is)));
        }
    }
    // An approval is always bound to something: what no case above names is bound to the whole flag.
    if covered.is_empty() && !rules.is_empty() {
        let whole = |flag: Option<&Flag>| {
            flag.map(|flag| canonical_record(&flag.record, flag.format.fields)).unwrap_or_default()
        };
        covered.push(("flag".to_owned(), whole(before), whole(after)));
    }
    covered.sort();
    covered
}

/// The rule a difference of a live flag falls under, by both names of its field.
pub(super) fn rule_of(field: &str, means: &str, critical: &Critical) -> Option<RuleId> {
    if is_added(field, means, critical) {
        return Some(RuleId::ADDED_FIELD);
    }
    let rule = if means.is_empty() { RuleId::UNKNOWN_FIELD.rule() } else { rules::covering(means) };
    rule.map(|rule| rule.id).filter(|id| !critical.relax.contains(id))
}

/// Whether a difference between two live states may be in who is served: one of them is not certain, or it is in what
/// the state is read from.
fn decides_otherwise(difference: &Difference, before: Option<&Flag>, after: &Flag) -> bool {
    let Some(row) = difference.row.filter(|row| row.role == Role::Lifecycle) else { return false };
    let is_state = after.format.lifecycle_field().is_some_and(|state| state.name == row.name);
    !is_state || !after.is_sure() || before.is_some_and(|before| !before.is_sure())
}

/// Whether that may have users start to get a flag. Where it is on for certain on both sides, they can only lose it,
/// unless a switch of its own is on from now on. Another word is no switch of its own: both mean that it is on.
fn starts_to_serve(difference: &Difference, before: Option<&Flag>, after: &Flag) -> bool {
    let name = difference.item.as_deref().and_then(|item| item.rsplit('/').next()).unwrap_or_default();
    let says_off = after.format.says_off(name);
    let on = |node: &Option<Node>| node.as_ref().and_then(Node::as_bool).map(|says| says != says_off);
    let is_word = |node: &Option<Node>| node.as_ref().is_some_and(|node| node.as_text().is_some());
    match before.is_none_or(Flag::is_sure) && after.is_sure() {
        false => true,
        true if is_word(&difference.before) && is_word(&difference.after) => false,
        true => on(&difference.after) != Some(false) && on(&difference.before) != Some(true),
    }
}

/// Whether a difference is in what only people read.
fn is_of_people(difference: &Difference) -> bool {
    difference.row.is_some_and(Field::concerns_nobody)
}

/// Whether the configuration makes this field critical, by either of its names.
fn is_added(field: &str, means: &str, critical: &Critical) -> bool {
    let under =
        |name: &str, outer: &str| name == outer || name.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'));
    critical.add.iter().any(|added| under(field, added) || under(means, added))
}

/// Whether a difference is part of becoming live: every critical field is, relaxed or not.
fn activates(difference: &Difference, flag: &Flag) -> bool {
    difference.means.is_empty()
        || rules::covering(&difference.means).is_some()
        || flag.format.field(&difference.field).is_some_and(|field| holds_critical(flag, field))
}

/// Whether a record holds a member that is critical though the record is not: flagd's `metadata`, of which `flagSetId`
/// decides which applications get the flag.
fn holds_critical(flag: &Flag, field: &Field) -> bool {
    let Shape::Record(members) = &field.shape else { return false };
    let said = |member: &&Field| flag.get(field.name).is_some_and(|value| value.get(member.name).is_some());
    members.iter().filter(said).any(|member| rules::covering(member.means).is_some())
}

/// The top-level names of a flag that a value is said for, known and unknown.
pub(super) fn names(flag: &Flag) -> impl Iterator<Item = &str> {
    let unknown = flag.record.iter().map(|entry| entry.key.as_str());
    flag.format.fields.iter().map(|field| field.name).chain(unknown)
}

/// The top-level members of a flag by name.
pub(super) type FlagMembers<'f> = BTreeMap<&'f str, &'f Node>;

pub(super) fn members_of(flag: &Flag) -> FlagMembers<'_> {
    flag.record.iter().map(|entry| (entry.key.as_str(), &entry.value)).collect()
}

/// The normal form of a top-level field.
pub(super) fn value(flag: &Flag, members: &FlagMembers<'_>, name: &str) -> String {
    let member = members.get(name).copied();
    match flag.format.field(name) {
        Some(field) => canonical_field(member, field),
        None => member.map_or_else(|| "null".to_owned(), |node| canonical(node, &Shape::Any)),
    }
}

/// Whether a top-level field is one an approval of the whole flag covers.
pub(super) fn matters(flag: &Flag, members: &FlagMembers<'_>, name: &str, critical: &Critical) -> bool {
    match flag.format.field(name) {
        Some(field) => {
            let means = if field.means.is_empty() { name } else { field.means };
            let added = critical.add.iter().any(|added| top(added) == name);
            rules::covering(means).is_some() || added || is_added(name, means, critical) || holds_critical(flag, field)
        }
        None => members.contains_key(name),
    }
}

fn top(field: &str) -> &str {
    field.split('.').next().unwrap_or(field)
}

fn change(difference: Difference, class: Class, rule: Option<RuleId>, path: &str) -> Change {
    Change {
        class,
        rule,
        field: difference.field,
        act: difference.act,
        item: difference.item,
        before: difference.before,
        after: difference.after,
        path: difference.path.unwrap_or_else(|| path.to_owned()),
        line: difference.place.line,
        column: difference.place.column,
        shared: difference.shared.then(SharedChange::default),
        means: difference.means,
        row: difference.row,
        list: difference.list,
    }
}

/// The change of location; none if the flag stays where it is.
fn moved(step: Step<'_>) -> Option<Change> {
    let before = step.before()?;
    let at = step.after().unwrap_or(before);
    let (place, same) = (at.flag.place, at.project == before.project && step.after().is_some());
    let name = |project: &str, path: &str, scope: &Option<String>| match (project, scope) {
        _ if same && !step.has_other_scope() => path.to_owned(),
        (_, scope) if same => {
            let scope = scope.as_deref().unwrap_or("none");
            if at.path == before.path { scope.to_owned() } else { format!("{scope} in {path}") }
        }
        ("", _) => format!("{path} (no approvals)"),
        (project, _) => format!("{path} ({project})"),
    };
    let from = name(&before.project, &before.path, &before.flag.scope);
    let to = match step {
        Step::Left(_, path) => name("", path, &None),
        Step::Created(_) | Step::Deleted(_) | Step::Edited(..) => name(&at.project, &at.path, &at.flag.scope),
    };
    Some(Change {
        class: Class::Critical,
        rule: Some(RuleId::MOVED),
        field: RuleId::MOVED.to_string(),
        act: Act::Changed,
        item: None,
        before: Some(Node::text(before.flag.place, from)),
        after: Some(Node::text(place, to)),
        path: at.path.clone(),
        line: place.line,
        column: place.column,
        shared: None,
        means: String::new(),
        row: None,
        list: None,
    })
}

fn deleted(before: &FlagEntry, was_live: bool) -> Change {
    let state = &before.flag.state;
    let row = before.flag.format.lifecycle_field();
    let name = row.map_or("", |row| row.name);
    Change {
        class: if was_live { Class::Critical } else { Class::Routine },
        rule: was_live.then_some(RuleId::DELETION),
        field: name.to_owned(),
        act: Act::Removed,
        item: None,
        before: Some(Node::text(state.place, state.word.clone())),
        after: None,
        path: before.path.clone(),
        line: before.flag.place.line,
        column: before.flag.place.column,
        shared: None,
        means: row.map_or("", |row| if row.means.is_empty() { row.name } else { row.means }).to_owned(),
        row,
        list: None,
    }
}
