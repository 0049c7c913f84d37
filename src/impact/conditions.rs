//! Two condition lists of a segment compared: who could now match, and who no longer.
//!
//! All conditions of a list must hold, and any of a condition's values. How an operator treats its values is that of
//! `matchCondition()` in `@amplitude/experiment-core`; a user without the property (`(none)`) is thought of too.

use std::collections::BTreeSet;

use super::bounds::MOST_CONDITIONS;
use crate::document::canonical::canonical;
use crate::document::{Decimal, Node, Shape};

/// Who comes and who goes, one phrase for each condition that says so. Who is in `undecided` may do either.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Turnover {
    pub joins: Vec<String>,
    pub leaves: Vec<String>,
    pub undecided: Vec<String>,
}

impl Turnover {
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        self.joins.is_empty() && self.leaves.is_empty() && self.undecided.is_empty()
    }
}

/// How the users who match differ when `before` becomes `after`.
#[must_use]
pub fn turnover(before: &[Node], after: &[Node]) -> Turnover {
    if before == after {
        return Turnover::default();
    }
    if before.len().max(after.len()) > MOST_CONDITIONS {
        let sorted = |nodes: &[Node]| {
            let mut texts: Vec<String> = nodes.iter().map(|node| canonical(node, &Shape::Any)).collect();
            texts.sort_unstable();
            texts
        };
        let mut out = Turnover::default();
        if sorted(before) != sorted(after) {
            out.undecided.push(format!("more than {MOST_CONDITIONS} conditions changed, and are not compared"));
        }
        return out;
    }
    let (mut gone, mut new) = (read(before), read(after));
    let kept: Vec<Condition<'_>> = gone.iter().filter(|condition| new.contains(condition)).cloned().collect();
    gone.retain(|condition| !kept.contains(condition));
    new.retain(|condition| !kept.contains(condition));
    let mut out = Turnover::default();
    let mut paired: BTreeSet<usize> = BTreeSet::new();
    for old in &gone {
        let same = |other: &Condition<'_>| other.prop == old.prop && other.kind == old.kind;
        // Two conditions about one property, changed at once: which became which is not in the file.
        let others: Vec<(usize, &Condition<'_>)> =
            new.iter().enumerate().filter(|(_, new)| new.prop == old.prop).collect();
        let competing = gone.iter().filter(|other| other.prop == old.prop).count();
        paired.extend(others.iter().map(|(at, _)| *at));
        match others.as_slice() {
            [] => out.joins.push(format!("users for whom {old} does not hold, a condition that is dropped")),
            [(_, one)] if competing == 1 && same(one) => values(old, one, &mut out),
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
    kind: Kind,
    values: BTreeSet<&'n str>,
}

/// What more values do to who matches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
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
    /// Nothing can be said but for equal values.
    Exact,
}

fn kind(op: &str) -> Kind {
    match op {
        "is" | "contains" | "glob match" => Kind::Any,
        "is not" | "does not contain" | "glob does not match" => Kind::NoneOf,
        "set contains" => Kind::All,
        "set does not contain" => Kind::NotAll,
        "less" | "less or equal" => Kind::Below,
        "greater" | "greater or equal" => Kind::Above,
        _ => Kind::Exact,
    }
}

impl std::fmt::Display for Condition<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", ticked(self.prop), self.op.escape_debug(), list(self.values.iter().copied()))
    }
}

fn read(nodes: &[Node]) -> Vec<Condition<'_>> {
    nodes
        .iter()
        .map(|node| {
            let text = |field: &str| node.get(field).and_then(Node::as_text).unwrap_or("?");
            let values = node.get("values").and_then(Node::as_list).unwrap_or_default();
            let op = text("op");
            Condition {
                prop: text("prop"),
                op,
                kind: kind(op),
                values: values.iter().filter_map(Node::as_text).collect(),
            }
        })
        .collect()
}

/// The same property and kind of operator with other values.
fn values(old: &Condition<'_>, new: &Condition<'_>, out: &mut Turnover) {
    let undecided = |out: &mut Turnover| {
        out.undecided.push(format!("{old} became {new}, and the two can't be compared"));
    };
    let more: Vec<&str> = new.values.difference(&old.values).copied().collect();
    let fewer: Vec<&str> = old.values.difference(&new.values).copied().collect();
    let prop = ticked(new.prop);
    let bounded = matches!(old.kind, Kind::Below | Kind::Above);
    if !bounded && old.op != new.op {
        return undecided(out);
    }
    let (op, more_text, fewer_text) = (new.op.escape_debug(), list(more.iter().copied()), list(fewer.iter().copied()));
    match old.kind {
        Kind::Any => {
            if !more.is_empty() {
                out.joins.push(format!("users for whom {prop} {op} {more_text}"));
            }
            if !fewer.is_empty() {
                out.leaves.push(format!("users for whom {prop} {op} {fewer_text}"));
            }
        }
        Kind::NoneOf => {
            let op = positive(new.op);
            if !fewer.is_empty() {
                out.joins.push(format!("users for whom {prop} {op} {fewer_text}"));
            }
            if !more.is_empty() {
                out.leaves.push(format!("users for whom {prop} {op} {more_text}"));
            }
        }
        Kind::All | Kind::NotAll => {
            let none = more.contains(&"(none)") || fewer.contains(&"(none)");
            let (wider, narrower) = match old.kind {
                Kind::All => (!fewer.is_empty(), !more.is_empty()),
                _ => (!more.is_empty(), !fewer.is_empty()),
            };
            match (wider, narrower) {
                _ if none => undecided(out),
                (true, false) => out.joins.push(format!("users who match {new} and did not match {old}")),
                (false, true) => out.leaves.push(format!("users who match {old} and do not match {new}")),
                _ => undecided(out),
            }
        }
        Kind::Below | Kind::Above => match (bound(old), bound(new)) {
            (Some(was), Some(is)) if was < is => moved(old, new, old.kind == Kind::Below, out),
            (Some(was), Some(is)) if was > is => moved(old, new, old.kind == Kind::Above, out),
            // Neither is more, since none is NaN: only whether it is included can differ.
            (Some(_), Some(_)) => match (old.op.ends_with("equal"), new.op.ends_with("equal")) {
                (false, true) => moved(old, new, true, out),
                (true, false) => moved(old, new, false, out),
                _ => {}
            },
            (None, _) | (_, None) => undecided(out),
        },
        Kind::Exact => undecided(out),
    }
}

fn moved(old: &Condition<'_>, new: &Condition<'_>, wider: bool, out: &mut Turnover) {
    if wider {
        out.joins.push(format!("users who match {new} and did not match {old}"));
    } else {
        out.leaves.push(format!("users who match {old} and do not match {new}"));
    }
}

/// The bound that decides, as the engine compares it: a double. `None` unless all values are plain numbers.
fn bound(condition: &Condition<'_>) -> Option<f64> {
    let numbers: Option<Vec<f64>> = condition
        .values
        .iter()
        .map(|value| Decimal::parse(value).map(|number| number.to_f64()).filter(|number| number.is_finite()))
        .collect();
    let numbers = numbers?.into_iter();
    match condition.kind {
        Kind::Below => numbers.reduce(f64::max),
        _ => numbers.reduce(f64::min),
    }
}

fn positive(op: &str) -> &str {
    match op {
        "is not" => "is",
        "does not contain" => "contains",
        "glob does not match" => "matches",
        other => other,
    }
}

/// Somebody's text as it is shown in a sentence: in backticks, one line, nothing invisible.
pub(super) fn ticked(text: &str) -> String {
    let shown: String = text.replace('`', "'").chars().take(60).flat_map(char::escape_debug).collect();
    let rest = if text.chars().nth(60).is_some() { "…" } else { "" };
    format!("`{}{rest}`", shown.replace("\\'", "'").replace("\\\"", "\""))
}

/// Up to three values in backticks.
fn list<'v>(values: impl ExactSizeIterator<Item = &'v str>) -> String {
    let more = values.len().saturating_sub(3);
    let mut shown: Vec<String> = values.take(3).map(ticked).collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    shown.join(" or ")
}
