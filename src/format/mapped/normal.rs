//! Values in normal form: what may be written in several ways is written in one.

use std::collections::BTreeMap;

use super::language::{FieldMap, ListKind, ValueForm};
use super::path::PathMatch;
use super::project::{NamedEntries, is_scalar};
use crate::diagnostics::Diagnostics;
use crate::document::canonical::canonical;
use crate::document::date::instant;
use crate::document::decimal::ratio;
use crate::document::yaml::{self, Dialect};
use crate::document::{Data, Decimal, Entry, Map, Node, Shape};

/// A value in the one form of several.
pub fn formed(mut node: Node, row: &FieldMap, diagnostics: &mut Diagnostics<'_>) -> Node {
    match row.form {
        ValueForm::AsIs => {}
        ValueForm::Share | ValueForm::Number | ValueForm::Percent => each_scalar(&mut node, &mut |node| {
            let number = match &node.data {
                Data::Text(text) if row.form != ValueForm::Number => Decimal::parse(text),
                Data::Number(number) => Decimal::parse(&number.to_string()),
                _ => None,
            };
            if let Some(number) = number {
                node.data = Data::Number(number);
            }
        }),
        ValueForm::Date => each_scalar(&mut node, &mut |node| {
            if let Some(instant) = node.as_text().and_then(instant) {
                node.data = Data::Text(instant.to_rfc3339());
            }
        }),
        // A string inside of it is what it says.
        ValueForm::Json => {
            let text = node.as_text().filter(|text| text.trim_start().starts_with(['{', '[']));
            let mut inner = Diagnostics::of(diagnostics.path());
            if let Some(read) = text.and_then(|text| yaml::read(text.as_bytes(), &[Dialect::Json], &mut inner)) {
                node.data = read.data;
            }
        }
    }
    node
}

fn each_scalar(node: &mut Node, change: &mut dyn FnMut(&mut Node)) {
    match &mut node.data {
        Data::List(items) => items.iter_mut().for_each(|item| each_scalar(item, change)),
        Data::Map(map) => map.0.iter_mut().for_each(|entry| each_scalar(&mut entry.value, change)),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => change(node),
    }
}

/// Numbers of which only the ratio counts, as percents of their sum where those are exact: siblings, and the members of a map
/// of nothing but numbers.
pub fn shares(values: &mut [(PathMatch<'_>, Node)]) {
    let mut siblings: BTreeMap<String, Vec<&mut Node>> = BTreeMap::new();
    for (found, node) in values {
        if matches!(node.data, Data::Number(_)) {
            // Those that differ in the last `*` only.
            let upto = found.wild.last().copied().unwrap_or(found.names.len());
            siblings.entry(found.names.get(..upto).unwrap_or_default().join("/")).or_default().push(node);
        } else {
            shares_within(node);
        }
    }
    siblings.into_values().for_each(to_shares);
}

fn shares_within(node: &mut Node) {
    match &mut node.data {
        Data::Map(map) if map.iter().all(|entry| entry.value.as_number().is_some()) => {
            to_shares(map.0.iter_mut().map(|entry| &mut entry.value).collect());
        }
        Data::Map(map) => map.0.iter_mut().for_each(|entry| shares_within(&mut entry.value)),
        Data::List(items) => items.iter_mut().for_each(shares_within),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
    }
}

/// One number alone has no ratio to anything, and stays as it is.
fn to_shares(mut group: Vec<&mut Node>) {
    let weights: Option<Vec<&Decimal>> = group.iter().map(|node| node.as_number()).collect();
    let Some(parts) = weights.filter(|weights| weights.len() > 1).as_deref().and_then(ratio) else { return };
    let sum: u128 = parts.iter().sum();
    let hundredths = |part: &u128| {
        part.checked_mul(10_000).filter(|scaled| sum > 0 && scaled.is_multiple_of(sum)).map(|scaled| scaled / sum)
    };
    let exact: Option<Vec<String>> = parts
        .iter()
        .map(|part| hundredths(part).map(|hundredths| format!("{}.{:02}", hundredths / 100, hundredths % 100)))
        .collect();
    let texts = exact.unwrap_or_else(|| parts.iter().map(u128::to_string).collect());
    for (node, text) in group.iter_mut().zip(texts) {
        if let Some(number) = Decimal::parse(text.strip_suffix(".00").unwrap_or(&text)) {
            node.data = Data::Number(number);
        }
    }
}

/// Lists as what their order means: those without order, or with names, become maps.
pub fn listed(node: Node, kind: &ListKind) -> Node {
    let data = match node.data {
        Data::List(items) => {
            // What stands in the items is theirs: the order of a payload's list is a part of it.
            let key = |item: &Node| match kind {
                ListKind::Ordered | ListKind::Append | ListKind::Positional => None,
                ListKind::Set => Some(label(item)),
                ListKind::Keyed(names) => {
                    let parts: Option<Vec<String>> =
                        names.split('+').map(|name| item.get(name).filter(|node| is_scalar(node)).map(label)).collect();
                    parts.map(|parts| parts.join("/")).or_else(|| is_scalar(item).then(|| label(item)))
                }
            };
            match items.iter().map(key).collect::<Option<Vec<String>>>() {
                None => Data::List(items),
                Some(keys) => {
                    let mut entries = NamedEntries::default();
                    for (key, item) in keys.into_iter().zip(items) {
                        // Twice the same in a set is the same set.
                        if *kind != ListKind::Set || !entries.has(&key) {
                            entries.push(key, item.place, item);
                        }
                    }
                    Data::Map(entries.into_map())
                }
            }
        }
        Data::Map(map) => {
            let entry = |entry: Entry| Entry { value: listed(entry.value, kind), ..entry };
            Data::Map(Map(map.0.into_iter().map(entry).collect()))
        }
        other => other,
    };
    Node { data, ..node }
}

/// A value as the name of an item.
fn label(node: &Node) -> String {
    match &node.data {
        // Not `"1"` for `1`.
        Data::Text(text) if Decimal::parse(text).is_none() && !["true", "false", "null"].contains(&text.as_str()) => {
            text.clone()
        }
        _ => canonical(node, &Shape::Any),
    }
}
