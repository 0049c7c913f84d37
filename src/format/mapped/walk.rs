//! Walks through a document along a path: to the nodes at its end, with or without the names on the way.
//!
//! **In**: a node and steps. **Out**: what these lead to, in the order of the file. **Refuses**: nothing; a step that
//! is not there leads nowhere. **Not taken**: names for those who only ask what is there, since every flag asks often.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::entries::UniqueNames;
use super::language::PathStep;
use super::letter_case::fold;
use super::path::{PathMatch, are_environments, has_items, is_in, lists_flags, without_mark};
use crate::diagnostics::Place;
use crate::document::{Data, Entry, Node};
use crate::format::names::NameSet;

/// Everything the steps lead to, in the order of the file.
pub fn walk<'n>(node: &'n Node, steps: &[PathStep]) -> Vec<PathMatch<'n>> {
    walk_by(node, steps, None)
}

/// The matches of a path, where the items of a list have the name that their member `by` says.
pub fn walk_by<'n>(node: &'n Node, steps: &[PathStep], by: Option<&str>) -> Vec<PathMatch<'n>> {
    walk_names(node, steps, StepNames { by, ..StepNames::default() })
}

/// The matches of a path, with the names that are asked for.
pub fn walk_names<'n>(node: &'n Node, steps: &[PathStep], step_names: StepNames<'_>) -> Vec<PathMatch<'n>> {
    let mut found = Vec::new();
    if steps.iter().all(leads_to_one) {
        let mut names = Vec::with_capacity(steps.len());
        let mut enter = |entry: &'n Entry| names.push(step_names.of_member(entry));
        if let Some((node, place)) = follow(node, steps, step_names, &mut enter) {
            found.push(PathMatch { names, wild: Vec::new(), node, place });
        }
        return found;
    }
    // Names are put together only for what is there.
    let mut any = false;
    each_node_of(node, steps, step_names, &mut |_| any = true);
    if !any {
        return found;
    }
    let mut push = |names: &[Cow<'n, str>], wild: &[usize], node, place| {
        found.push(PathMatch { names: names.to_vec(), wild: wild.to_vec(), node, place });
    };
    let (names, wild) = (Vec::new(), Vec::new());
    PathWalk { step_names, named: true, names, wild, each: &mut push }.step(node, node.place, steps);
    found
}

/// Calls a function for each node that the steps lead to, in the order of the file.
pub fn each_node<'n>(node: &'n Node, steps: &[PathStep], each: &mut dyn FnMut(&'n Node)) {
    each_node_of(node, steps, StepNames::default(), each);
}

/// The same, where steps may have the names that led to a flag.
pub fn each_node_of<'n>(node: &'n Node, steps: &[PathStep], step_names: StepNames<'_>, each: &mut dyn FnMut(&'n Node)) {
    if steps.iter().all(leads_to_one) {
        return follow(node, steps, step_names, &mut |_| {}).map(|(node, _)| node).into_iter().for_each(each);
    }
    let mut each = |_: &[Cow<'n, str>], _: &[usize], node, _| each(node);
    let (names, wild) = (Vec::new(), Vec::new());
    PathWalk { step_names, named: false, names, wild, each: &mut each }.step(node, node.place, steps);
}

/// Whether a step leads to one member of a map, or to none. Nearly all steps do, and most lead to none.
fn leads_to_one(step: &PathStep) -> bool {
    matches!(step, PathStep::Key(_) | PathStep::Env)
}

/// The node at the end of steps that lead to one each, with its place. `enter` is called for each member on the way.
fn follow<'n>(
    node: &'n Node,
    steps: &[PathStep],
    step_names: StepNames<'_>,
    enter: &mut dyn FnMut(&'n Entry),
) -> Option<(&'n Node, Place)> {
    let (mut node, mut place) = (node, node.place);
    for step in steps {
        let name = if let PathStep::Key(key) = step { key } else { step_names.env? };
        let entry = node.as_map()?.entry(name)?;
        enter(entry);
        (node, place) = (&entry.value, entry.place);
    }
    Some((node, place))
}

/// The names of items: what a member of theirs says, a string or a whole number, or the place of the item. Where each
/// has a name of its own, the second one that is called `x` is `x#2`, whatever is in it.
pub fn item_names<'n>(items: &'n [Node], names: StepNames<'_>) -> Vec<Cow<'n, str>> {
    let name = |(number, item): (usize, &'n Node)| {
        let said = names.of(item);
        let whole = || said?.as_number()?.to_integer();
        // An item that is a string is its own name.
        match said.unwrap_or(item).as_text() {
            Some(name) => Cow::Borrowed(name),
            None => whole().map_or_else(|| item_number(number), |whole| Cow::Owned(whole.to_string())),
        }
    };
    let mut found: Vec<Cow<'n, str>> = items.iter().enumerate().map(name).collect();
    if names.own && has_equal_ones(&found) {
        let mut taken = UniqueNames::default();
        for name in &mut found {
            *name = Cow::Owned(taken.take(name));
        }
    }
    found
}

/// Whether two of the names are the same.
fn has_equal_ones(names: &[Cow<'_, str>]) -> bool {
    const FEW: usize = 8;
    if names.len() > FEW {
        return names.iter().collect::<BTreeSet<_>>().len() < names.len();
    }
    names.iter().enumerate().any(|(at, name)| names.iter().skip(at + 1).any(|other| other == name))
}

/// The name of an item that has none.
fn item_number(number: usize) -> Cow<'static, str> {
    const DIGITS: &str = "0123456789";
    DIGITS.get(number..=number).map_or_else(|| Cow::Owned(number.to_string()), Cow::Borrowed)
}

/// Takes each node at the end of the steps: its names, those of `*`s among them, itself, and its place.
type EachNode<'n, 'w> = &'w mut dyn FnMut(&[Cow<'n, str>], &[usize], &'n Node, Place);

/// The names of the steps on a way.
#[derive(Clone, Copy, Default)]
pub struct StepNames<'w> {
    /// The member that says the name of an item.
    pub by: Option<&'w str>,
    /// Whether each item has a name of its own.
    pub own: bool,
    /// Whether members are known in any letter case, and their names written in lower case.
    pub lower: bool,
    /// The name of what `each` stands on; without it, there is nothing under it.
    pub env: Option<&'w str>,
    /// The names that the `*`s of the entity's path stood for.
    pub keys: &'w [String],
}

impl StepNames<'_> {
    /// The member of an item that says its name.
    pub fn of<'n>(&self, item: &'n Node) -> Option<&'n Node> {
        let by = self.by?;
        let is_it = |entry: &&Entry| entry.key == by || self.lower && fold(&entry.key) == fold(by);
        item.as_map()?.iter().find(is_it).map(|entry| &entry.value)
    }

    fn of_member<'n>(&self, entry: &'n Entry) -> Cow<'n, str> {
        if self.lower { Cow::Owned(entry.key.to_lowercase()) } else { Cow::Borrowed(&entry.key) }
    }
}

/// A walk and the way to where it is.
struct PathWalk<'n, 'w> {
    step_names: StepNames<'w>,
    /// Whether anybody asks for the way.
    named: bool,
    names: Vec<Cow<'n, str>>,
    wild: Vec<usize>,
    each: EachNode<'n, 'w>,
}

impl<'n> PathWalk<'n, '_> {
    fn step(&mut self, node: &'n Node, place: Place, steps: &[PathStep]) {
        let Some((first, rest)) = steps.split_first() else {
            return (self.each)(&self.names, &self.wild, node, place);
        };
        match (first, &node.data) {
            (PathStep::Deep, data) => {
                self.step(node, place, rest);
                match data {
                    Data::Map(map) => {
                        for entry in map.iter() {
                            self.enter(self.step_names.of_member(entry), false, (&entry.value, entry.place), steps);
                        }
                    }
                    Data::List(items) => {
                        for (number, item) in items.iter().enumerate() {
                            self.enter(item_number(number), false, (item, item.place), steps);
                        }
                    }
                    Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
                }
            }
            (PathStep::Key(key), Data::Map(map)) => {
                if let Some(entry) = map.entry(key) {
                    self.enter(self.step_names.of_member(entry), false, (&entry.value, entry.place), rest);
                }
            }
            (PathStep::Unquoted(_) | PathStep::AnyCase(_) | PathStep::Any(..), Data::Map(map)) => {
                let wild = matches!(first, PathStep::Any(..));
                for entry in map.iter().filter(|entry| first.leads_to(&entry.key)) {
                    self.enter(self.step_names.of_member(entry), wild, (&entry.value, entry.place), rest);
                }
            }
            (PathStep::Env, Data::Map(map)) => {
                if let Some(entry) = self.step_names.env.and_then(|name| map.entry(name)) {
                    self.enter(self.step_names.of_member(entry), false, (&entry.value, entry.place), rest);
                }
            }
            (PathStep::Name(at), Data::Map(map)) => {
                let name = self.step_names.keys.get(*at);
                for entry in map.iter().filter(|entry| name.is_some_and(|name| without_mark(&entry.key) == name)) {
                    self.enter(self.step_names.of_member(entry), false, (&entry.value, entry.place), rest);
                }
            }
            // A name that a `*` stood for is the number of an item.
            (PathStep::Name(_) | PathStep::Unquoted(_), Data::List(items)) => {
                let name = match first {
                    PathStep::Name(at) => self.step_names.keys.get(*at),
                    PathStep::Unquoted(name) => Some(name),
                    _ => None,
                };
                let number = name.and_then(|name| name.parse().ok());
                if let Some((item, name)) = number.and_then(|number: usize| items.get(number)).zip(name) {
                    self.enter(Cow::Owned(name.clone()), false, (item, item.place), rest);
                }
            }
            // A list of the names of environments.
            (PathStep::Named(NameSet::Environments), Data::List(items)) if are_environments(items) => {
                for item in items {
                    let name = item.as_text().map(without_mark).unwrap_or_default();
                    self.enter(Cow::Borrowed(name), true, (item, item.place), rest);
                }
            }
            (PathStep::Named(set), Data::Map(map)) if is_in(*set, map) => {
                let items = *set == NameSet::Flags && lists_flags(map);
                for entry in map.iter().filter(|entry| set.has(without_mark(&entry.key)) || items && has_items(entry)) {
                    self.enter(self.step_names.of_member(entry), set.is_wild(), (&entry.value, entry.place), rest);
                }
            }
            (PathStep::Any(before, after), Data::List(items)) if before.is_empty() && after.is_empty() => {
                if !self.named {
                    return items.iter().for_each(|item| self.step(item, item.place, rest));
                }
                for (item, name) in items.iter().zip(item_names(items, self.step_names)) {
                    self.enter(name, true, (item, item.place), rest);
                }
            }
            _ => {}
        }
    }

    fn enter(&mut self, name: Cow<'n, str>, wild: bool, (node, place): (&'n Node, Place), rest: &[PathStep]) {
        if !self.named {
            return self.step(node, place, rest);
        }
        if wild {
            self.wild.push(self.names.len());
        }
        self.names.push(name);
        self.step(node, place, rest);
        self.names.pop();
        if wild {
            self.wild.pop();
        }
    }
}
