//! Parts of a flag that a field is read from, in normal form; and the parts that no field names.
//!
//! **In**: a flag's place in its document, and the row of a mapping. **Out**: a map from path to value, in which the
//! order of what has none is gone and what may be written in several ways is written in one. **Refuses**: nothing; a
//! value of another form than the mapping says is taken as it stands. **Not taken**: one value for each field, in which
//! nobody would find the line that changed.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::entries::NamedEntries;
use super::fields::concerns_nobody;
use super::flag::FlagNodes;
use super::flag_place::{At, NodeSet, address};
use super::language::{Entity, FieldMap, Mapping, PathStep, Source, SwitchShapes, Test, TestQuestion, ValueForm};
use super::normal::{formed, listed, mark_times, shares};
use super::path::PathMatch;
use super::sources::{matches, otherwise, pruned};
use super::walk::each_node;
use crate::diagnostics::{Diagnostics, lints};
use crate::document::shape::shown;
use crate::document::{Data, Entry, Map, Node};

/// The parts of one flag that were read so far.
pub struct Projection<'a, 'n> {
    pub at: &'a At<'n>,
    nodes: FlagNodes<'a>,
    /// The one of the members that is its own.
    own: Option<usize>,
    selected: NodeSet,
    /// Nodes of fields that bear on users.
    shown: NodeSet,
    excepted: NodeSet,
}

impl<'a, 'n> Projection<'a, 'n> {
    pub fn new(at: &'a At<'n>, nodes: FlagNodes<'a>) -> Self {
        let own = at.env.map(address);
        let (selected, shown, mut excepted) = (NodeSet::default(), NodeSet::default(), NodeSet::default());
        at.env.into_iter().for_each(|env| excepted.insert(env));
        Projection { at, nodes, own, selected, shown, excepted }
    }

    fn select(&mut self, source: &Source) {
        if let Source::Path(path) = source {
            self.at.each_node(path, &mut |node| self.selected.insert(node));
        }
    }

    fn select_tested(&mut self, source: &Source) {
        match source {
            Source::Path(path) => {
                self.at.each_node(path, &mut |node| {
                    if is_scalar(node) {
                        self.selected.insert(node);
                    }
                });
            }
            Source::Value => {
                let value = self.at.env.unwrap_or(self.at.entity);
                if is_scalar(value) {
                    self.selected.insert(value);
                }
            }
            _ => {}
        }
    }

    /// The values that the tests of `live` looked at, other than one switch that is all there is to the state: another
    /// word for the same state is a change all the same. `sure` says that the tests decided.
    pub fn stage(&mut self, entity: &Entity, sure: bool) -> Option<Node> {
        let at = self.at;
        entity.tested.iter().for_each(|(source, _)| self.select_tested(source));
        self.shown.sort();
        let mut entries = NamedEntries::default();
        let is_word = |said: &Node| {
            said.as_bool().is_some()
                || said
                    .as_text()
                    .is_some_and(|text| ["true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word)))
        };
        let says_more = |said: &Node| !(sure && entity.switch == SwitchShapes::Alike && is_word(said));
        // A string is another word for it, which not every reader knows.
        let plain = |found: &Vec<&Node>| found.len() <= 1 && found.iter().all(|node| node.as_text().is_none());
        let switch = one_switch(entity).filter(|_| sure).map(|path| at.nodes(path)).filter(plain);
        let mut seen: BTreeSet<usize> = switch.into_iter().flatten().map(address).collect();
        for (source, question) in &entity.tested {
            let says = |node: &Node| answer(question, node).filter(says_more).filter(|_| !self.shown.has(node));
            match source {
                // The flag itself, if it is no more than a value: other words of one state are a change too.
                Source::Value => {
                    let value = at.env.unwrap_or(at.entity);
                    if let Some(said) = says(value).filter(is_scalar)
                        && seen.insert(address(value))
                    {
                        entries.push("value".to_owned(), at.place, said);
                    }
                }
                Source::Path(path) => {
                    // Most have been asked about before, or say nothing.
                    let mut left = false;
                    at.each_node(path, &mut |node| {
                        left = left || !seen.contains(&address(node)) && says(node).is_some();
                    });
                    for found in left.then(|| at.walk(path)).into_iter().flatten() {
                        if let Some(said) = says(found.node)
                            && seen.insert(address(found.node))
                        {
                            entries.push(way(&found.names), found.place, said);
                        }
                    }
                }
                _ => {}
            }
        }
        map(entries, at)
    }

    /// The parts that no field names.
    pub fn rest(&mut self, entity: &Entity) -> Option<Node> {
        let at = self.at;
        // Only what gave the name: another one next to it is a part like any other.
        for sources in entity.key.iter().chain(&entity.scope) {
            let gives = |source: &&Source| at.values(std::slice::from_ref(source)).iter().any(|node| is_scalar(node));
            match sources.iter().find(gives) {
                Some(Source::Item) => at.named_by.iter().for_each(|entry| self.selected.insert(&entry.value)),
                Some(source) => self.select(source),
                None => {}
            }
        }
        let env = at.env.filter(|env| address(env) != address(at.entity));
        if let (Some(each), Some(env)) = (&entity.each, env) {
            // The name of the environment, such as `identifier`, is no part of it.
            for source in &each.key {
                match source {
                    Source::Path(path) => each_node(env, &path.steps, &mut |node| self.selected.insert(node)),
                    Source::Value => self.selected.insert(env),
                    _ => {}
                }
            }
        }
        self.selected.sort();
        self.excepted.sort();
        self.left(at.entity, false)
    }

    fn left(&self, node: &Node, covered: bool) -> Option<Node> {
        // A flag inside of this one is seen by itself.
        let here = address(node);
        let another = self.nodes.members.contains(&here) && self.own != Some(here) || self.at.is_of_another(node);
        let other = another || self.nodes.entries.contains(&here) && here != address(self.at.entity);
        let covered = match (other || self.selected.has(node), self.excepted.has(node)) {
            (true, _) => true,
            (false, true) => false,
            (false, false) => covered,
        };
        let data = match &node.data {
            Data::Map(map) if !map.0.is_empty() => {
                let left = map.iter().filter_map(|entry| {
                    Some(Entry { value: self.left(&entry.value, covered)?, key: entry.key.clone(), place: entry.place })
                });
                let left: Vec<Entry> = left.collect();
                if left.is_empty() {
                    return None;
                }
                Data::Map(Map(left))
            }
            Data::List(items) if !items.is_empty() => {
                let left: Vec<Node> = items.iter().filter_map(|item| self.left(item, covered)).collect();
                if left.is_empty() {
                    return None;
                }
                Data::List(left)
            }
            _ if covered => return None,
            other => other.clone(),
        };
        Some(node.with(data))
    }
}

/// The path of the first test, if it is a switch and the only one that gives its state: then the state says all of it.
fn one_switch(entity: &Entity) -> Option<&super::language::Path> {
    let ((test, state), rest) = entity.live.split_first()?;
    let Test::At(sources, TestQuestion::In(values)) = test else { return None };
    if *state == "inactive" || rest.iter().any(|(test, other)| other == state && !test.asks_for_words(sources)) {
        return None;
    }
    match (sources.as_slice(), values.as_slice()) {
        ([Source::Path(path)], [one]) if one.as_bool().is_some() && !path.steps.iter().any(PathStep::is_wild) => {
            Some(path)
        }
        _ => None,
    }
}

/// The answer of a value to a question about it: of a switch that it is the one of the question, of a number that it is
/// larger; else the value.
fn answer(question: &TestQuestion, node: &Node) -> Option<Node> {
    match question {
        _ if node.is_null() || !question.is_of_value() => None,
        // A map or list in the place of a switch has its parts told by themselves.
        TestQuestion::In(_) if !is_scalar(node) => None,
        TestQuestion::In(values) => match (values.as_slice(), node.as_bool()) {
            ([one], Some(value)) if one.as_bool().is_some() => (one.as_bool() == Some(value)).then(|| node.clone()),
            _ => Some(node.clone()),
        },
        // The keys of a map are strings, so that nothing in it answers.
        TestQuestion::Has(one) if node.as_map().is_some() && one.as_text().is_none() => None,
        TestQuestion::Over(number) => match super::state::over(node, number) {
            Some(true) => Some(node.with(Data::Bool(true))),
            Some(false) => None,
            None => Some(node.clone()),
        },
        _ => Some(node.clone()),
    }
}

fn is_deep(step: &PathStep) -> bool {
    *step == PathStep::Deep
}

pub fn is_scalar(node: &Node) -> bool {
    !matches!(node.data, Data::Map(_) | Data::List(_))
}

/// The places whose values tests look at, each with the question, in their order and once.
pub fn tested(live: &[(Test, &'static str)]) -> Vec<(Source, TestQuestion)> {
    let mut found: Vec<(Source, TestQuestion)> = Vec::new();
    for (test, _) in live {
        test.each_question(&mut |sources, question| {
            if !question.is_of_value() {
                return;
            }
            // The value itself comes first.
            let (value, paths): (Vec<&Source>, _) = sources.iter().partition(|source| **source == Source::Value);
            for source in value.into_iter().chain(paths) {
                if !found.iter().any(|(other, asked)| other == source && asked == question) {
                    found.push((source.clone(), question.clone()));
                }
            }
        });
    }
    found
}

/// The value of a field: a map from path to normal form. `None` if nothing is there.
pub fn field(
    row: &FieldMap,
    projection: &mut Projection<'_, '_>,
    mapping: &Mapping,
    diagnostics: &mut Diagnostics<'_>,
) -> Option<Node> {
    let at = projection.at;
    let mut entries = NamedEntries::default();
    for part in &row.parts {
        let found = matches(part, at, mapping.syntax.any_case);
        let mut values: Vec<(PathMatch<'_>, Node)> = Vec::new();
        for found in found.into_iter().filter(|found| part.form.takes(found.node)) {
            projection.selected.insert(found.node);
            if !concerns_nobody(row.field) {
                show(found.node, &mut projection.shown);
            }
            let mut excepted = NodeSet::default();
            // Nothing stands in a scalar.
            for path in row.except.iter().filter(|path| !is_scalar(found.node) || path.steps.iter().all(is_deep)) {
                each_node(found.node, &path.steps, &mut |node| excepted.insert(node));
            }
            excepted.sort();
            projection.excepted.add(&excepted);
            let left_out = |node: &Node| excepted.has(node) || at.is_of_another(node);
            let Some(node) = pruned(found.node, &left_out) else { continue };
            let mut node = formed(node, part.form, diagnostics);
            // Where moments are compared, either form is one.
            if part.form != ValueForm::Date && !concerns_nobody(row.field) {
                mark_times(&mut node, &mapping.syntax.readers);
            }
            if mapping.syntax.any_case {
                super::document::lower_keys(&mut node);
            }
            check_words(&node, row, &found, diagnostics);
            super::path_strings::follow(&mut node, (row, mapping.syntax.any_case), at, diagnostics);
            values.push((found, super::inner_values::settled(node, row, part)));
        }
        if part.form == ValueForm::Share {
            shares(&mut values);
        }
        // An empty value says the same as an absent one, where that is the default.
        let none = part.default.as_ref().is_some_and(is_empty);
        if values.is_empty()
            && !none
            && let Some(Entry { key, place, value }) = otherwise(part, at)
        {
            let value = listed(formed(value, part.form, diagnostics), &part.list);
            entries.push(key, place, value);
        }
        for (found, node) in values.into_iter().filter(|(_, node)| !(none && is_empty(node))) {
            let node = listed(node, &part.list);
            entries.push(way(&found.names), found.place, node);
        }
    }
    map(entries, at)
}

/// Refuses words that a mapping does not allow.
fn check_words(node: &Node, row: &FieldMap, found: &PathMatch<'_>, diagnostics: &mut Diagnostics<'_>) {
    for (path, words) in &row.words {
        each_node(node, &path.steps, &mut |one| {
            if one.as_text().is_some_and(|text| !words.iter().any(|word| word == text)) {
                let words = crate::diagnostics::diagnostic::choice(words.iter().map(String::as_str));
                let last = match path.steps.last() {
                    Some(PathStep::Key(key)) => key.clone(),
                    _ => way(&found.names),
                };
                let message = format!("`{}` is {}", last.escape_debug(), shown(one));
                diagnostics.add(lints::WRONG_WORD, one.place, message, format!("write one of {words}"));
            }
        });
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.data {
        Data::Map(map) => map.0.is_empty(),
        Data::List(items) => items.is_empty(),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => false,
    }
}

/// All nodes of a value.
fn show(node: &Node, out: &mut NodeSet) {
    out.insert(node);
    match &node.data {
        Data::Map(map) => map.iter().for_each(|entry| show(&entry.value, out)),
        Data::List(items) => items.iter().for_each(|item| show(item, out)),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
    }
}

/// A way in words. A slash in a name is written as JSON Pointer has it.
pub fn way(names: &[Cow<'_, str>]) -> String {
    let mut way = String::with_capacity(names.iter().map(|name| name.len() + 1).sum());
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            way.push('/');
        }
        if name.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
            way.push_str(&name.replace('~', "~0").replace('/', "~1"));
        } else {
            way.push_str(name);
        }
    }
    way
}

fn map(entries: NamedEntries, at: &At<'_>) -> Option<Node> {
    let map = entries.into_map();
    let place = map.0.first().map_or(at.place, |entry| entry.value.place);
    (!map.0.is_empty()).then(|| Node::new(place, Data::Map(map)))
}
