//! Groups at the ends of questions: which users go from one into another when the questions change.
//!
//! Users are told apart by their answers to the questions of both sides. A group before and one after have users in
//! common unless the ways to them give different answers to a question. Conditions are told apart as they are written,
//! so that a condition added, removed or edited is followed exactly; that no user may answer as one of the ways wants,
//! the report says of everyone who comes from one group to another.

use std::collections::{BTreeMap, BTreeSet};

use super::bounds::MOST_WAYS;
use super::model::{Group, Groups, ListedValues, Partition};
use super::result::{Cause, Impact, Origin};
use super::transitions::Transitions;

/// The most pairs of groups that are looked at.
const MOST_PAIRS: usize = 10_000;

/// Adds the impact on each group. `false` if there are too many.
pub fn compare(
    before: &Groups<'_>,
    after: &Groups<'_>,
    listed: ListedValues,
    transitions: &mut Transitions,
    out: &mut Impact,
) -> bool {
    let (Partition::Tree { questions, .. }, Partition::Tree { questions: others, .. }) =
        (&before.partition, &after.partition)
    else {
        return false;
    };
    match (before.list.as_slice(), after.list.as_slice()) {
        (old, new) if questions == others => {
            for (old, new) in old.iter().zip(new) {
                transitions.of_groups(old, new, None, out);
            }
        }
        // Where all users were one group, each group of the other side is a part of it.
        ([one], groups) => groups.iter().for_each(|group| transitions.of_groups(one, group, None, out)),
        (groups, [one]) => {
            for group in groups {
                transitions.unhashed(group, one, out);
                transitions.add(&group.draw, &one.draw, group.name.clone(), None, false, out);
            }
        }
        (old, new) => return crossed((before, old), (after, new), listed, transitions, out),
    }
    true
}

/// Every group before with every group after that has users in common with it.
fn crossed(
    (before, old): (&Groups<'_>, &[Group<'_>]),
    (after, new): (&Groups<'_>, &[Group<'_>]),
    listed: ListedValues,
    transitions: &mut Transitions,
    out: &mut Impact,
) -> bool {
    if old.len() * new.len() > MOST_PAIRS {
        return false;
    }
    let mut known = BTreeMap::new();
    let (was, is) = (ways(before, &mut known), ways(after, &mut known));
    let implied = implied(&known, listed);
    let contradicts = |one: &BTreeMap<usize, bool>, two: &BTreeMap<usize, bool>| {
        let implied = |at: &usize| implied.get(at).into_iter().flatten();
        one.iter().filter(|(_, holds)| **holds).any(|(at, _)| implied(at).any(|wider| two.get(wider) == Some(&false)))
    };
    let in_common = |one: &BTreeMap<usize, bool>, two: &BTreeMap<usize, bool>| {
        let (few, many) = if one.len() < two.len() { (one, two) } else { (two, one) };
        let same = few.iter().all(|(condition, holds)| many.get(condition).is_none_or(|other| other == holds));
        same && !contradicts(one, two) && !contradicts(two, one)
    };
    let mut pairs = Vec::new();
    for (from, one) in old.iter().zip(&was) {
        for (to, two) in new.iter().zip(&is) {
            if let (Some(one), Some(two)) = (one, two)
                && in_common(one, two)
            {
                pairs.push((from, to));
            }
        }
    }
    if pairs.len() > MOST_WAYS {
        return false;
    }
    // First those who stay, as everywhere.
    pairs.sort_by_key(|(from, to)| from.name != to.name);
    let first = out.per_segment.len();
    for (from, to) in pairs {
        let origin = (from.name != to.name).then(|| Origin { segment: from.name.clone() });
        transitions.of_groups(from, to, origin, out);
    }
    // Users who stay in a group may answer a new question either way.
    let mut at = first;
    while let Some(group) = out.per_segment.get(at) {
        if out.per_segment.iter().take(at).any(|other| other == group) {
            out.per_segment.remove(at);
        } else {
            at += 1;
        }
    }
    if out.per_segment.iter().any(|group| !group.changed().is_nobody()) {
        out.causes.push(Cause::Conditions);
    }
    true
}

/// For each condition those that hold whenever it does: the same of more values.
fn implied(known: &BTreeMap<&str, usize>, listed: ListedValues) -> BTreeMap<usize, Vec<usize>> {
    let mut by_subject: BTreeMap<String, Vec<(usize, BTreeSet<String>)>> = BTreeMap::new();
    for (condition, at) in known {
        if let Some((subject, values)) = listed(condition) {
            by_subject.entry(subject).or_default().push((*at, values));
        }
    }
    let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for conditions in by_subject.values().filter(|conditions| conditions.len() * conditions.len() <= MOST_PAIRS) {
        for (at, values) in conditions {
            let wider = conditions.iter().filter(|(other, more)| other != at && values.is_subset(more));
            found.insert(*at, wider.map(|(other, _)| *other).collect());
        }
    }
    found
}

/// The answers on the way to each group, by the number of the condition; `None` for a way that contradicts itself.
fn ways<'g>(groups: &'g Groups<'_>, known: &mut BTreeMap<&'g str, usize>) -> Vec<Option<BTreeMap<usize, bool>>> {
    let Partition::Tree { conditions, answers, .. } = &groups.partition else { return Vec::new() };
    let mut numbers = Vec::new();
    for condition in conditions {
        let next = known.len();
        numbers.push(*known.entry(condition).or_insert(next));
    }
    let way = |group: &Group<'_>| {
        let mut said = BTreeMap::new();
        let mut at = group.way;
        while let Some(answer) = at.and_then(|at| answers.get(at)) {
            let number = *numbers.get(answer.condition)?;
            if *said.entry(number).or_insert(answer.holds) != answer.holds {
                return None;
            }
            at = answer.after;
        }
        Some(said)
    };
    groups.list.iter().map(way).collect()
}
