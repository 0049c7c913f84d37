//! Budgets of the flags of a proposal: their number and size, counted once they are read and before they are compared.

use std::collections::BTreeMap;

use super::read::FlagChange;
use crate::diagnostics::budgets::{self, Budget};
use crate::diagnostics::{Diagnostic, Place};
use crate::document::{Display, Field, Node};
use crate::flag::{Flag, FlagEntry};

/// The diagnostics of everything that the proposed flags of one file have too much of. The size of a flag on the base
/// is no reason to refuse it, so that a flag from before there were budgets can be edited, made smaller and switched
/// off.
pub fn of_file(live: &[FlagEntry], proposed: &[FlagEntry]) -> Vec<Diagnostic> {
    let before: BTreeMap<&str, &Flag> = live.iter().map(|entry| (entry.flag.key.as_str(), &entry.flag)).collect();
    let mut over = Vec::new();
    for entry in proposed {
        let is = counts(&entry.flag);
        if is.iter().all(|(budget, found)| *found <= budget.most) {
            continue;
        }
        let was = before.get(entry.flag.key.as_str()).map(|flag| counts(flag));
        for (at, (budget, found)) in is.into_iter().enumerate() {
            let was = was.and_then(|was| was.get(at).map(|(_, found)| *found)).unwrap_or(0);
            over.extend(budget.check(&entry.path, entry.flag.place, found, was));
        }
    }
    over
}

/// The diagnostics of everything that a whole proposal has too much of. Deleted flags count nothing.
pub fn of_proposal(flags: &[FlagChange]) -> Vec<Diagnostic> {
    let after = || flags.iter().filter_map(|change| change.after.as_ref());
    let parents = |flag: &Flag| (flag.format.relations)(flag).dependencies.len();
    let before = flags.iter().filter_map(|change| change.before.as_ref()).map(|entry| parents(&entry.flag)).sum();
    let relations = after().map(|entry| parents(&entry.flag)).sum();
    let over = [
        budgets::FLAGS.check("", Place::START, after().count(), 0),
        budgets::RELATIONS.check("", Place::START, relations, before),
    ];
    over.into_iter().flatten().collect()
}

fn counts(flag: &Flag) -> [(&'static Budget, usize); 5] {
    let shown_as = |fields: &'static [Field], display| fields.iter().find(|field| field.display == display);
    let row = shown_as(flag.format.fields, Display::Segments);
    let segments = row.and_then(|row| flag.get(row.name)).and_then(Node::as_list).unwrap_or_default();
    let within = row.and_then(|row| shown_as(row.members(), Display::Conditions));
    let conditions = |segment: &Node| within.and_then(|row| segment.get(row.name)?.as_list()).map_or(0, <[Node]>::len);
    let unknown = flag.record.iter().filter(|entry| flag.format.field(&entry.key).is_none()).count();
    [
        (budgets::MEMBERS, unknown),
        (budgets::VARIANTS, flag.variant_items().count()),
        (budgets::SEGMENTS, segments.len()),
        (budgets::CONDITIONS, segments.iter().map(conditions).sum()),
        (budgets::FLAG_VALUES, flag.record.iter().map(|entry| entry.value.size()).sum()),
    ]
}
