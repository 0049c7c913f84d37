//! Differences that bear on users and that no share describes: unmodelled fields, variants that give something else,
//! and keys that nobody here knows.
//!
//! A bound on affected users must not be passed below by an unmodelled difference, so every row of a format says of its
//! field whether it is modelled, concerns nobody, or is reported here when it differs.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{ExposureModel, FlagSides};
use super::result::{Impact, Lifecycle};
use crate::diagnostics::words::counted;
use crate::diagnostics::words::in_backticks;
use crate::document::canonical::{canonical, same_field};
use crate::document::{Field, FieldImpact, Map, Node, Role, Shape};
use crate::flag::Flag;

/// Adds a sentence for each unmodelled difference.
pub fn add(sides: &FlagSides<'_>, model: &ExposureModel, out: &mut Impact) {
    let out = &mut out.unmodelled;
    if let (Lifecycle::Active, Some(before), Some(after)) = (sides.lifecycle, sides.before, sides.after) {
        for field in after.format.fields {
            fields(before.record.get(field.name), after.record.get(field.name), field, field.name, out);
        }
        if before.scope != after.scope {
            out.push("who reads the new place is not known here".to_owned());
        }
    }
    (model.unmodelled)(sides, out);
    // Unknown keys do nothing while the flag is not served.
    let served = |flag: &&Flag| flag.state.live;
    unknown_keys(sides.before.filter(served), sides.after.filter(served), out);
}

/// Adds a sentence if the field, or a member that matters, differs and is not modelled.
fn fields(before: Option<&Node>, after: Option<&Node>, field: &Field, name: &str, out: &mut Vec<String>) {
    match field.impact {
        FieldImpact::Nobody | FieldImpact::Modelled | FieldImpact::Reported => {}
        FieldImpact::Members => {
            let member = |side: Option<&'_ Node>, name: &str| side.and_then(|node| node.get(name)).cloned();
            for inner in field.members() {
                fields(member(before, inner.name).as_ref(), member(after, inner.name).as_ref(), inner, name, out);
            }
        }
        FieldImpact::Unmodelled(why) => {
            if !same_field(before, after, field) {
                out.push(format!("`{name}` changed: {why}"));
            }
        }
    }
}

/// Whether a live flag stays live and is the same in every field that shares are computed from.
#[must_use]
pub fn modelled_alike(sides: &FlagSides<'_>) -> bool {
    let (Lifecycle::Active, Some(before), Some(after)) = (sides.lifecycle, sides.before, sides.after) else {
        return false;
    };
    let rows = before.format.fields.iter().chain(after.format.fields);
    let same = |field: &Field| same_field(before.record.get(field.name), after.record.get(field.name), field);
    // The value served while it is off, or its server, is none of those fields.
    let served = before.state.word == after.state.word || before.is_sure() && after.is_sure();
    // Of a state that is read from something else than before it is not known that it is the same.
    let mut read_from = after.format.fields.iter().filter(|field| field.role == Role::Lifecycle && !field.required);
    // Nor is it of one that the model refuses: the members that the state is read from may be served too.
    let refused = |flag: &Flag| flag.drawn.as_ref().is_some_and(|drawn| drawn.now.is_err());
    let unsure = !(before.is_sure() && after.is_sure()) || refused(before) || refused(after);
    served
        && !(unsure && read_from.any(|field| !same(field)))
        && before.variants() == after.variants()
        && rows.filter(|field| field.impact == FieldImpact::Modelled).all(same)
}

/// The variants on both sides whose value differs.
#[must_use]
pub fn revalued(before: &Flag, after: &Flag) -> BTreeSet<String> {
    fn values(flag: &Flag) -> BTreeMap<&str, Option<&Node>> {
        let member = flag.format.exposure.value;
        flag.variant_items().filter_map(|(key, variant)| Some((key?, variant.get(member)))).collect()
    }
    let old = values(before);
    let differs = |(key, value): &(&str, Option<&Node>)| old.get(key).is_some_and(|old| old != value);
    values(after).into_iter().filter(differs).map(|(key, _)| key.to_owned()).collect()
}

/// Adds a warning for each variant whose value has another type: an application asks for a flag by its type.
pub fn add_types(before: &Flag, after: &Flag, out: &mut Vec<String>) {
    fn types(flag: &Flag) -> BTreeMap<&str, &'static str> {
        let member = flag.format.exposure.value;
        let of = |variant: &Node| match variant.get(member) {
            None => "nothing",
            Some(node) => match node.as_number() {
                Some(number) if number.is_float() => "a floating-point number",
                Some(_) => "an integer",
                None => node.kind(),
            },
        };
        flag.variant_items().filter_map(|(key, variant)| Some((key?, of(variant)))).collect()
    }
    let old = types(before);
    for (key, after) in types(after) {
        if let Some(before) = old.get(key).filter(|before| **before != after) {
            let key = in_backticks(key);
            out.push(format!("{key} was {before} and becomes {after}: callers that ask for the old type get an error"));
        }
    }
}

/// A sentence for variants that give another value where it is not known who is served them.
#[must_use]
pub fn another_value(revalued: &BTreeSet<String>) -> Option<String> {
    let changed: Vec<&String> = revalued.iter().collect();
    match changed.as_slice() {
        [] => None,
        [key] => Some(format!("{} gives something else than before", in_backticks(key))),
        [key, rest @ ..] => {
            let more = counted(rest.len(), "more variant");
            Some(format!("{} and {more} give something else than before", in_backticks(key)))
        }
    }
}

/// Adds a sentence if keys differ that no row names: somebody wrote them for a reason.
fn unknown_keys(before: Option<&Flag>, after: Option<&Flag>, out: &mut Vec<String>) {
    let of = |flag: Option<&Flag>| -> BTreeMap<String, Vec<String>> {
        let mut found = BTreeMap::new();
        if let Some(flag) = flag {
            collect(&flag.record, flag.format.fields, &mut String::new(), &mut found);
        }
        for values in found.values_mut() {
            values.sort();
        }
        found
    };
    let (old, new) = (of(before), of(after));
    let changed: BTreeSet<&String> =
        old.keys().chain(new.keys()).filter(|key| old.get(*key) != new.get(*key)).collect();
    let mut changed = changed.into_iter();
    if let Some(first) = changed.next() {
        let rest = match changed.count() {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        out.push(format!("what {} does is not known here{rest}", in_backticks(first)));
    }
}

/// Collects the values of unknown keys by their path. Items are told apart by their values, so that another order is no
/// difference.
fn collect(map: &Map, fields: &'static [Field], path: &mut String, found: &mut BTreeMap<String, Vec<String>>) {
    for entry in map.iter() {
        let length = path.len();
        if length > 0 {
            path.push('.');
        }
        path.push_str(&entry.key);
        match fields.iter().find(|field| field.name == entry.key) {
            Some(field) if field.impact == FieldImpact::Members => {}
            Some(field) => collect_inside(&entry.value, &field.shape, path, found),
            None => found.entry(path.clone()).or_default().push(canonical(&entry.value, &Shape::Any)),
        }
        path.truncate(length);
    }
}

fn collect_inside(node: &Node, shape: &'static Shape, path: &mut String, found: &mut BTreeMap<String, Vec<String>>) {
    match shape {
        Shape::Record(fields) => {
            if let Some(map) = node.as_map() {
                collect(map, fields, path, found);
            }
        }
        Shape::Items { id, of, .. } => {
            for item in node.as_list().unwrap_or_default() {
                let label = item.get(id).and_then(Node::as_text).unwrap_or("?");
                if let Some(map) = item.as_map() {
                    let length = path.len();
                    path.push_str(&format!("[{label}]"));
                    collect(map, of, path, found);
                    path.truncate(length);
                }
            }
        }
        Shape::Set(of) => {
            for item in node.as_list().unwrap_or_default() {
                let mut here = BTreeMap::new();
                collect_inside(item, of, path, &mut here);
                // A key that went from one item to another is a difference.
                for (key, values) in here {
                    let whose = canonical(item, of);
                    found.entry(key).or_default().extend(values.into_iter().map(|value| format!("{value} of {whose}")));
                }
            }
        }
        Shape::MapOf(of) => {
            for entry in node.as_map().into_iter().flat_map(Map::iter) {
                collect_inside(&entry.value, of, path, found);
            }
        }
        Shape::Text
        | Shape::Days
        | Shape::Key
        | Shape::Bool
        | Shape::Percent
        | Shape::Count(_)
        | Shape::Weights
        | Shape::Split
        | Shape::Date
        | Shape::OneOf(_)
        | Shape::Known(_)
        | Shape::Any
        | Shape::Tree => {}
    }
}
