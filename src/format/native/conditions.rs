//! Turnover of a segment: the users who match its new conditions and not its old ones, and the other way round.
//!
//! All conditions of a list must hold, and any of a condition's values. Operators treat their values as in
//! `matchCondition()` of `@amplitude/experiment-core`; a user without the property (`(none)`) is thought of too.

use std::collections::BTreeSet;

use super::fields::CONDITION;
use crate::diagnostics::words::in_backticks;
use crate::document::canonical::canonical;
use crate::document::{Decimal, Node, Shape};
use crate::groups::Turnover;
use crate::impact::MOST_CONDITIONS;

/// The conditions in normal form: their order says nothing, nor does that of their values.
#[must_use]
pub fn normal_form(conditions: &[&Node]) -> String {
    sorted(conditions, &Shape::Record(CONDITION)).join(",")
}

fn sorted(conditions: &[&Node], shape: &Shape) -> Vec<String> {
    let mut forms: Vec<String> = conditions.iter().map(|node| canonical(node, shape)).collect();
    forms.sort_unstable();
    forms
}

/// The users who start and stop to match when `before` becomes `after`.
#[must_use]
pub fn turnover(before: &[&Node], after: &[&Node]) -> Turnover {
    if before == after {
        return Turnover::default();
    }
    let known = |key: &str| CONDITION.iter().any(|field| field.name == key);
    let unknown = |node: &&Node| node.as_map().is_none_or(|map| map.iter().any(|entry| !known(&entry.key)));
    let unknown_members = before.iter().chain(after).any(unknown);
    let mut out = Turnover { unknown_members, ..Turnover::default() };
    if before.len().max(after.len()) > MOST_CONDITIONS {
        if sorted(before, &Shape::Any) != sorted(after, &Shape::Any) {
            out.undecided.push(format!("more than {MOST_CONDITIONS} conditions changed, and are not compared"));
        }
        return out;
    }
    let (mut gone, mut new) = (read(before), read(after));
    let kept: Vec<Condition<'_>> = gone.iter().filter(|condition| new.contains(condition)).cloned().collect();
    gone.retain(|condition| !kept.contains(condition));
    new.retain(|condition| !kept.contains(condition));
    let mut paired: BTreeSet<usize> = BTreeSet::new();
    for old in &gone {
        let same = |other: &Condition<'_>| other.prop == old.prop && other.rule == old.rule;
        // Of two conditions about one property that changed at once, the file does not say which became which.
        let others: Vec<(usize, &Condition<'_>)> =
            new.iter().enumerate().filter(|(_, new)| new.prop == old.prop).collect();
        let of_property = gone.iter().filter(|other| other.prop == old.prop).count();
        paired.extend(others.iter().map(|(at, _)| *at));
        match others.as_slice() {
            [] => out.joins.push(format!("users for whom {old} does not hold, a condition that is dropped")),
            [(_, one)] if of_property == 1 && same(one) => values(old, one, &mut out),
            _ => {
                let mut now: Vec<String> = others.iter().take(3).map(|(_, other)| other.to_string()).collect();
                if others.len() > 3 {
                    now.push(format!("{} more", others.len() - 3));
                }
                out.undecided.push(format!("{old} became {}, and the two can't be compared", now.join(" and ")));
            }
        }
    }
    for (_, added) in new.iter().enumerate().filter(|(at, _)| !paired.contains(at)) {
        out.leaves.push(format!("users for whom {added} does not hold, a condition that is added"));
    }
    out
}

/// A condition as it is compared.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Condition<'n> {
    prop: &'n str,
    op: &'n str,
    rule: ValuesRule,
    values: BTreeSet<&'n str>,
}

/// The effect of more values on the users who match.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ValuesRule {
    /// Any value suffices: more values, more users.
    Any,
    /// None of the values may hold: more values, fewer users.
    NoneOf,
    /// All of the values must hold, and `(none)` is looked for among them.
    All,
    /// Not all of the values may hold, and `(none)` is looked for among them.
    NotAll,
    /// Below the largest of the values.
    Below,
    /// Above the smallest of the values.
    Above,
    /// Nothing can be said unless the values are equal.
    Exact,
}

fn values_rule(op: &str) -> ValuesRule {
    match op {
        "is" | "contains" | "glob match" => ValuesRule::Any,
        "is not" | "does not contain" | "glob does not match" => ValuesRule::NoneOf,
        "set contains" => ValuesRule::All,
        "set does not contain" => ValuesRule::NotAll,
        "less" | "less or equal" => ValuesRule::Below,
        "greater" | "greater or equal" => ValuesRule::Above,
        _ => ValuesRule::Exact,
    }
}

impl std::fmt::Display for Condition<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", in_backticks(self.prop), self.op.escape_debug(), list(self.values.iter().copied()))
    }
}

fn read<'n>(nodes: &[&'n Node]) -> Vec<Condition<'n>> {
    nodes
        .iter()
        .map(|node| {
            let text = |field: &str| node.get(field).and_then(Node::as_text).unwrap_or("?");
            let values = node.get("values").and_then(Node::as_list).unwrap_or_default();
            let op = text("op");
            Condition {
                prop: text("prop"),
                op,
                rule: values_rule(op),
                values: values.iter().filter_map(Node::as_text).collect(),
            }
        })
        .collect()
}

/// Adds the turnover of two conditions of one property and kind of operator.
fn values(old: &Condition<'_>, new: &Condition<'_>, out: &mut Turnover) {
    let undecided = |out: &mut Turnover| {
        out.undecided.push(format!("{old} became {new}, and the two can't be compared"));
    };
    let more: Vec<&str> = new.values.difference(&old.values).copied().collect();
    let fewer: Vec<&str> = old.values.difference(&new.values).copied().collect();
    let prop = in_backticks(new.prop);
    let bounded = matches!(old.rule, ValuesRule::Below | ValuesRule::Above);
    if !bounded && old.op != new.op {
        return undecided(out);
    }
    let (op, more_text, fewer_text) = (new.op.escape_debug(), list(more.iter().copied()), list(fewer.iter().copied()));
    match old.rule {
        ValuesRule::Any => {
            if !more.is_empty() {
                out.joins.push(format!("users for whom {prop} {op} {more_text}"));
            }
            if !fewer.is_empty() {
                out.leaves.push(format!("users for whom {prop} {op} {fewer_text}"));
            }
        }
        ValuesRule::NoneOf => {
            let op = positive(new.op);
            if !fewer.is_empty() {
                out.joins.push(format!("users for whom {prop} {op} {fewer_text}"));
            }
            if !more.is_empty() {
                out.leaves.push(format!("users for whom {prop} {op} {more_text}"));
            }
        }
        ValuesRule::All | ValuesRule::NotAll => {
            let none = more.contains(&"(none)") || fewer.contains(&"(none)");
            let (wider, narrower) = match old.rule {
                ValuesRule::All => (!fewer.is_empty(), !more.is_empty()),
                _ => (!more.is_empty(), !fewer.is_empty()),
            };
            match (wider, narrower) {
                _ if none => undecided(out),
                (true, false) => out.joins.push(format!("users who match {new} and did not match {old}")),
                (false, true) => out.leaves.push(format!("users who match {old} and do not match {new}")),
                _ => undecided(out),
            }
        }
        ValuesRule::Below | ValuesRule::Above => match (bound(old), bound(new)) {
            (Some(was), Some(is)) if was < is => bound_moved(old, new, old.rule == ValuesRule::Below, out),
            (Some(was), Some(is)) if was > is => bound_moved(old, new, old.rule == ValuesRule::Above, out),
            // The bounds are equal, since none is NaN; only whether they are included can differ.
            (Some(_), Some(_)) => match (old.op.ends_with("equal"), new.op.ends_with("equal")) {
                (false, true) => bound_moved(old, new, true, out),
                (true, false) => bound_moved(old, new, false, out),
                _ => {}
            },
            (None, _) | (_, None) => undecided(out),
        },
        ValuesRule::Exact => undecided(out),
    }
}

fn bound_moved(old: &Condition<'_>, new: &Condition<'_>, wider: bool, out: &mut Turnover) {
    if wider {
        out.joins.push(format!("users who match {new} and did not match {old}"));
    } else {
        out.leaves.push(format!("users who match {old} and do not match {new}"));
    }
}

/// The bound that decides, as a double, which the engine compares. `None` unless all values are plain numbers.
fn bound(condition: &Condition<'_>) -> Option<f64> {
    let numbers: Option<Vec<f64>> = condition
        .values
        .iter()
        .map(|value| Decimal::parse(value).map(|number| number.to_f64()).filter(|number| number.is_finite()))
        .collect();
    let numbers = numbers?.into_iter();
    match condition.rule {
        ValuesRule::Below => numbers.reduce(f64::max),
        _ => numbers.reduce(f64::min),
    }
}

/// The operator without its negation.
fn positive(op: &str) -> &str {
    match op {
        "is not" => "is",
        "does not contain" => "contains",
        "glob does not match" => "matches",
        other => other,
    }
}

/// Up to three values in backticks.
fn list<'v>(values: impl ExactSizeIterator<Item = &'v str>) -> String {
    let more = values.len().saturating_sub(3);
    let mut shown: Vec<String> = values.take(3).map(in_backticks).collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    shown.join(" or ")
}
