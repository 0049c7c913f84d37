//! The way in which conditions change: whether they let in more users than before, or fewer.
//!
//! **In**: two trees of conditions, joined by *and*, *or* and *not*, of segments by name or of questions with an
//! operator. **Out**: the way, if it is certain. **Refuses**: to guess where several parts differ, or an operator is
//! not known. **Not taken**: how many users that are, which no file says.

use std::collections::BTreeSet;

use crate::document::canonical::canonical;
use crate::document::{Data, Map, Node, Shape};
use crate::groups::{FilterRequirement, RequirementKind, Turnover, turnover};

/// The way in which the users change whom a condition lets in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Widening {
    Same,
    More,
    Fewer,
    Unknown,
}

use Widening::{Fewer, More, Same, Unknown};

impl Widening {
    fn inverted(self) -> Self {
        match self {
            More => Fewer,
            Fewer => More,
            Same | Unknown => self,
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Same, way) | (way, Same) => way,
            (one, other) if one == other => one,
            _ => Unknown,
        }
    }
}

/// The turnover of a group whose first condition is its own, and whose others are what the segments say that it names;
/// `None` if the way is not certain.
pub fn certain(before: &[&Node], after: &[&Node]) -> Option<Turnover> {
    let ((own, old), (now, new)) = match (before.split_first(), after.split_first()) {
        (Some(before), Some(after)) => (before, after),
        (Some(_), None) => return way(More),
        (None, Some(_)) => return way(Fewer),
        (None, None) => return None,
    };
    let turned_round = || [own, now].iter().any(|node| denies(node));
    if old.len() != new.len() || !old.is_empty() && turned_round() {
        return None;
    }
    let parts = old.iter().zip(new).map(|(old, new)| compared(old, new)).fold(Same, Widening::and);
    way(parts.and(compared(own, now)))
}

fn way(way: Widening) -> Option<Turnover> {
    let mut found = Turnover::default();
    match way {
        Same | Unknown => return None,
        More => found.joins.push("users whom its conditions left out".to_owned()),
        Fewer => found.leaves.push("users whom its conditions leave out".to_owned()),
    }
    Some(found)
}

/// Whether something in it says *not*.
fn denies(node: &Node) -> bool {
    match &node.data {
        Data::Map(map) => map.iter().any(|entry| entry.key.eq_ignore_ascii_case("not") || denies(&entry.value)),
        Data::List(items) => items.iter().any(denies),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => false,
    }
}

/// A condition that is put together from others.
enum Junction<'n> {
    All(Vec<&'n Node>),
    Any(Vec<&'n Node>),
    NotAll(Vec<&'n Node>),
}

fn children(node: &Node) -> Vec<&Node> {
    match &node.data {
        Data::List(items) => items.iter().collect(),
        Data::Map(map) => map.iter().map(|entry| &entry.value).collect(),
        _ => vec![node],
    }
}

/// How a condition is put together; `None` for a question, or the name of a segment.
fn junction(node: &Node) -> Option<Junction<'_>> {
    let said = |name: &str| node.get(name).filter(|node| !node.is_null());
    let word = |name: &str, start: &str| said(name).and_then(Node::as_text).is_some_and(|word| word.starts_with(start));
    if node.as_list().is_some() {
        return Some(Junction::All(children(node)));
    }
    let only = |names: &[&str]| node.as_map()?.iter().all(|entry| names.contains(&entry.key.as_str())).then_some(());
    if let Some(all) = said("and") {
        only(&["and"])?;
        return Some(Junction::All(children(all)));
    }
    if let Some(any) = said("or") {
        only(&["or"])?;
        return Some(Junction::Any(children(any)));
    }
    if let Some(not) = said("not") {
        only(&["not"])?;
        return Some(Junction::NotAll(children(not)));
    }
    if let Some(keys) = said("keys") {
        only(&["keys", "operator"])?;
        let all = word("operator", "AND");
        return Some(if all { Junction::All(children(keys)) } else { Junction::Any(children(keys)) });
    }
    if let Some(names) = said("segment") {
        only(&["segment"])?;
        // A list of names is one of which any is enough.
        return if names.as_list().is_some() { Some(Junction::Any(children(names))) } else { junction(names) };
    }
    let constraints = said("constraints")?;
    only(&["constraints", "match"])?;
    let any = word("match", "ANY");
    Some(if any { Junction::Any(children(constraints)) } else { Junction::All(children(constraints)) })
}

fn text(node: &Node) -> String {
    canonical(node, &Shape::Any)
}

fn compared(old: &Node, new: &Node) -> Widening {
    if text(old) == text(new) {
        return Same;
    }
    match (old.as_text(), new.as_text()) {
        (Some("*"), _) => return Fewer,
        (_, Some("*")) => return More,
        _ => {}
    }
    if let Some(way) = in_one_member(old, new) {
        return way;
    }
    let (was, is) = match (junction(old), junction(new)) {
        (None, None) => return question(old, new),
        (was, is) => {
            let alone = |node| Junction::All(vec![node]);
            (was.unwrap_or_else(|| alone(old)), is.unwrap_or_else(|| alone(new)))
        }
    };
    match (was, is) {
        // One condition alone may be one of several, of which all have to hold, or any.
        (Junction::All(old), Junction::Any(new)) if old.len() == 1 => joined(&old, &new, More),
        (Junction::Any(old), Junction::All(new)) if new.len() == 1 => joined(&old, &new, More),
        (Junction::Any(old), Junction::All(new)) if old.len() == 1 => joined(&old, &new, Fewer),
        (Junction::All(old), Junction::Any(new)) if new.len() == 1 => joined(&old, &new, Fewer),
        (Junction::All(old), Junction::All(new)) => joined(&old, &new, Fewer),
        (Junction::Any(old), Junction::Any(new)) => joined(&old, &new, More),
        (Junction::NotAll(old), Junction::NotAll(new)) => joined(&old, &new, Fewer).inverted(),
        (Junction::All(old), Junction::Any(new)) if same_members(&old, &new) => More,
        (Junction::Any(old), Junction::All(new)) if same_members(&old, &new) => Fewer,
        _ => Unknown,
    }
}

/// The way of a junction to which one more part does that. One without any part is not compared: formats take it for
/// different things.
fn joined(old: &[&Node], new: &[&Node], more_does: Widening) -> Widening {
    if old.is_empty() || new.is_empty() {
        return Unknown;
    }
    let texts = |all: &[&Node]| all.iter().map(|node| text(node)).collect::<BTreeSet<String>>();
    let (was, is) = (texts(old), texts(new));
    let only = |all: &[&'_ Node], other: &BTreeSet<String>| -> Vec<usize> {
        (0..all.len()).filter(|at| all.get(*at).is_some_and(|node| !other.contains(&text(node)))).collect()
    };
    match (only(old, &is).as_slice(), only(new, &was).as_slice()) {
        ([], []) => Same,
        ([], _) => more_does,
        (_, []) => more_does.inverted(),
        ([one], [other]) => old.get(*one).zip(new.get(*other)).map_or(Unknown, |(old, new)| compared(old, new)),
        _ => Unknown,
    }
}

fn same_members(old: &[&Node], new: &[&Node]) -> bool {
    let texts = |all: &[&Node]| all.iter().map(|node| text(node)).collect::<BTreeSet<String>>();
    texts(old).len() > 1 && texts(old) == texts(new)
}

/// The way of two maps that differ in one member only, which holds the conditions.
fn in_one_member(old: &Node, new: &Node) -> Option<Widening> {
    const HOLDS: &[&str] = &["segments", "conditions"];
    let (one, other) = (old.as_map()?, new.as_map()?);
    let name = HOLDS.iter().find(|name| one.get(name).is_some() && other.get(name).is_some())?;
    let rest = |map: &Map| text(&Node::new(old.place, Data::Map(Map(without(map, name)))));
    (rest(one) == rest(other)).then(|| Some(compared(one.get(name)?, other.get(name)?)))?
}

fn without(map: &Map, name: &str) -> Vec<crate::document::Entry> {
    map.iter().filter(|entry| entry.key != name).cloned().collect()
}

/// The question of an operator, by the values that it has.
type OperatorQuestion = fn(BTreeSet<String>) -> Option<RequirementKind>;

/// Operators by what another value does to the users: of these any may hold, none may, the value is the least, or the
/// most.
const OPERATORS: &[(&str, OperatorQuestion)] = &[
    ("in", |all| Some(RequirementKind::AnyOf(all))),
    ("isoneof", |all| Some(RequirementKind::AnyOf(all))),
    ("notin", |all| Some(RequirementKind::NoneOf(all))),
    ("isnotoneof", |all| Some(RequirementKind::NoneOf(all))),
    ("gt", least),
    ("gte", least),
    ("greaterthan", least),
    ("greaterthanorequals", least),
    ("semvergreaterthan", least),
    ("semvergreaterthanorequals", least),
    ("lt", most),
    ("lte", most),
    ("lessthan", most),
    ("lessthanorequals", most),
    ("semverlessthan", most),
    ("semverlessthanorequals", most),
];

fn least(all: BTreeSet<String>) -> Option<RequirementKind> {
    all.into_iter().next().map(RequirementKind::AtLeast)
}

fn most(all: BTreeSet<String>) -> Option<RequirementKind> {
    all.into_iter().next().map(RequirementKind::AtMost)
}

/// The way of a question whose value differs, and nothing else.
fn question(old: &Node, new: &Node) -> Widening {
    let requirement = |node: &Node| -> Option<(String, FilterRequirement)> {
        let map = node.as_map()?;
        let operator = map.get("operator")?.as_text()?.to_lowercase();
        let operator: String = operator.chars().filter(|char| char.is_alphanumeric()).collect();
        let asks = OPERATORS.iter().find(|(known, _)| *known == operator)?.1;
        let plain = |node: &Node| node.as_text().map_or_else(|| node.json(), str::to_owned);
        let values = children(map.get("value")?).into_iter().map(plain).collect();
        let rest = text(&Node::new(node.place, Data::Map(Map(without(map, "value")))));
        Some((rest, FilterRequirement { name: String::new(), asks: asks(values)? }))
    };
    match (requirement(old), requirement(new)) {
        (Some((rest, old)), Some((other, new))) if rest == other => {
            let found = turnover(&[old], &[new]);
            match (found.joins.is_empty(), found.leaves.is_empty(), found.undecided.is_empty()) {
                (false, true, true) => More,
                (true, false, true) => Fewer,
                (true, true, true) => Same,
                _ => Unknown,
            }
        }
        _ => Unknown,
    }
}
