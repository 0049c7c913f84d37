//! Values in normal form: content that may be written in several ways is written in one.

use std::collections::BTreeMap;

use super::entries::{NamedEntries, UniqueNames};
use super::language::{ListKind, NotOfSeveral, ValueForm};
use super::path::PathMatch;
use super::project::is_scalar;
use crate::diagnostics::{Diagnostics, Place};
use crate::document::canonical::canonical;
use crate::document::date::instant;
use crate::document::decimal::ratio;
use crate::document::yaml::{self, Dialect, Taken, UNQUOTED};
use crate::document::{Data, Decimal, Entry, Map, Node, Shape};

/// A value in the one form of several.
pub fn formed(mut node: Node, form: ValueForm, diagnostics: &mut Diagnostics<'_>) -> Node {
    match form {
        ValueForm::AsIs | ValueForm::Note | ValueForm::Stamp => {}
        ValueForm::Share | ValueForm::Number | ValueForm::Percent => each_scalar(&mut node, &mut |node| {
            let number = match &node.data {
                Data::Text(text) if form != ValueForm::Number => Decimal::parse(text),
                Data::Number(number) => Some(number.plain()),
                _ => None,
            };
            if let Some(number) = number {
                node.data = Data::Number(number);
            }
        }),
        ValueForm::Date => each_scalar(&mut node, &mut |node| {
            let text = node.as_text().map(|text| text.strip_suffix(UNQUOTED).unwrap_or(text));
            if let Some(instant) = text.and_then(instant) {
                node.data = Data::Text(instant.to_rfc3339());
            }
        }),
        ValueForm::Json => from_json(&mut node, diagnostics),
        ValueForm::SegmentNames => segment_names(&mut node),
        ValueForm::Logic(not) => {
            // Strings inside of it are what they are.
            if node.as_text().is_some() {
                from_json(&mut node, diagnostics);
            }
            node = logic(node, not);
        }
        ValueForm::HashKeys => hash_keys(&mut node),
        ValueForm::Variables => variables(&mut node),
        ValueForm::Overrides => overrides(&mut node),
    }
    node
}

/// Tells a time from a string that looks like one: readers that know times make a value of another type of it. The mark
/// makes a string of it that nobody writes.
pub fn mark_times(node: &mut Node, readers: &[Dialect]) {
    const TIME: &str = " (a time)";
    const QUOTED: &str = " (quoted)";
    let ([reader], false) = (readers, readers == [Dialect::Any]) else { return };
    each_scalar(node, &mut |node| {
        let (quoted, Data::Text(text)) = (node.quoted, &mut node.data) else { return };
        if [TIME, QUOTED].iter().any(|end| text.ends_with(end)) {
            text.push_str(QUOTED);
        } else if !quoted && text.starts_with(|char: char| char.is_ascii_digit()) && reader.take(text) == Taken::Time {
            text.push_str(TIME);
        }
    });
}

/// Variables of each item as a map from name to value, and what overrides them under `variableOverrides`: a list of
/// `{key, value, overrides}` says the same.
fn variables(node: &mut Node) {
    match &mut node.data {
        Data::List(items) => items.iter_mut().for_each(variables),
        Data::Map(map) => {
            let known = map.0.iter_mut().filter(|entry| entry.key == "variableOverrides");
            known.for_each(|entry| overrides(&mut entry.value));
            let Some(at) = map.0.iter().position(|entry| entry.key == "variables") else { return };
            let has_overrides = map.get("variableOverrides").is_some();
            let Some(entry) = map.0.get_mut(at) else { return };
            let Data::List(items) = &entry.value.data else { return };
            let place = entry.place;
            let known = |item: &Node| {
                let key = item.get("key")?.as_text().filter(|key| !key.is_empty())?.to_owned();
                let plain = item.as_map()?.iter().all(|one| ["key", "value", "overrides"].contains(&one.key.as_str()));
                Some((key, item.get("value")?.clone(), item.get("overrides").cloned())).filter(|_| plain)
            };
            let Some(read) = items.iter().map(known).collect::<Option<Vec<_>>>() else { return };
            // A file with both says something that nobody knows.
            if has_overrides && read.iter().any(|(_, _, over)| over.is_some()) {
                return;
            }
            let (mut values, mut overrides) = (NamedEntries::default(), NamedEntries::default());
            let mut names = UniqueNames::default();
            for (key, value, over) in read {
                let key = names.take(&key);
                if let Some(over) = over {
                    overrides.push(key.clone(), over.place, over);
                }
                values.push(key, value.place, value);
            }
            entry.value.data = Data::Map(values.into_map());
            let overrides = overrides.into_map();
            if !overrides.0.is_empty() {
                let mut value = Node::new(place, Data::Map(overrides));
                self::overrides(&mut value);
                map.0.push(Entry { key: "variableOverrides".to_owned(), place, value });
            }
        }
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
    }
}

/// Segments and conditions of values that override a variable, in normal form.
fn overrides(node: &mut Node) {
    let Data::Map(variables) = &mut node.data else { return };
    for Entry { value: variable, .. } in &mut variables.0 {
        let Data::List(items) = &mut variable.data else { continue };
        for item in items {
            let Data::Map(members) = &mut item.data else { continue };
            for entry in &mut members.0 {
                let not = match entry.key.as_str() {
                    "segments" => NotOfSeveral::AsWritten,
                    "conditions" => NotOfSeveral::NotAll,
                    _ => continue,
                };
                entry.value = formed(entry.value.clone(), ValueForm::Logic(not), &mut Diagnostics::of(""));
            }
        }
    }
}

/// The one attribute that is hashed, where a list or `{or: […]}` has no other. The order of several is a part of what
/// is hashed.
fn hash_keys(node: &mut Node) {
    let first = match &node.data {
        Data::Map(map) if map.0.len() == 1 => map.get("or"),
        _ => Some(&*node),
    };
    if let Some([one]) = first.and_then(Node::as_list)
        && one.as_text().is_some()
    {
        node.data = one.data.clone();
    }
}

/// JSON in a string is what it says.
fn from_json(node: &mut Node, diagnostics: &Diagnostics<'_>) {
    match &mut node.data {
        Data::Text(text) if text.trim_start().starts_with(['{', '[']) => {
            let mut inner = Diagnostics::of(diagnostics.path());
            if let Some(mut read) = yaml::read(text.as_bytes(), &[Dialect::Json], &mut inner) {
                // A part of it has no line of its own that is sure: an escape or a fold may stand between.
                read.move_places(&|_| node.place);
                node.data = read.data;
            }
        }
        Data::Map(map) => map.0.iter_mut().for_each(|entry| from_json(&mut entry.value, diagnostics)),
        Data::List(items) => items.iter_mut().for_each(|item| from_json(item, diagnostics)),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
    }
}

/// Names of segments as a sorted list: `eu`, `[eu]`, `{key: eu}` and `{keys: [eu], operator: …}` say the same. How
/// several are joined stands in the operator, of which Flipt has one that is meant if there is none.
pub fn segment_names(node: &mut Node) {
    const ANY: &str = "OR_SEGMENT_OPERATOR";
    let names_of = |node: &Node| -> Option<Vec<String>> {
        let all = node.as_list().unwrap_or(std::slice::from_ref(node));
        let mut names: Vec<String> = all.iter().map(|one| one.as_text().map(str::to_owned)).collect::<Option<_>>()?;
        names.sort();
        names.dedup();
        (!names.is_empty()).then_some(names)
    };
    let place = node.place;
    let list = |names: Vec<String>| Data::List(names.into_iter().map(|name| Node::text(place, name)).collect());
    if let Data::Map(map) = &mut node.data {
        let named = match (map.get("key"), map.get("keys")) {
            (Some(one), None) | (None, Some(one)) => names_of(one),
            _ => None,
        };
        let Some(names) = named else { return };
        let one = names.len() == 1;
        let meant = |entry: &Entry| entry.key == "operator" && (one || entry.value.as_text() == Some(ANY));
        map.0.retain(|entry| !matches!(entry.key.as_str(), "key" | "keys") && !meant(entry));
        let data = list(names);
        if map.0.is_empty() {
            node.data = data;
        } else {
            map.0.push(Entry { key: "keys".to_owned(), place, value: Node::new(place, data) });
        }
    } else if let Some(names) = names_of(node) {
        node.data = list(names);
    }
}

/// Conditions with their parts in one order: a list is `and`, and one in another of its kind is a part of it. The
/// meaning of `not` with several is left as it is written: of conditions Featurevisor reads that not all of them hold,
/// and of the segments of a rule that, or in its older SDKs that none of them does.
fn logic(node: Node, not: NotOfSeveral) -> Node {
    let Node { place, data, quoted, unknown } = node;
    let list = |node: &Node| node.as_list().is_some_and(|items| !items.is_empty());
    match data {
        Data::List(items) if !items.is_empty() => joined(place, "and", items, not),
        Data::Map(mut map) if map.0.len() == 1 && map.iter().all(|entry| list(&entry.value)) => {
            let Some(Entry { key: word, value: Node { data: Data::List(items), .. }, .. }) = map.0.pop() else {
                return Node { place, data: Data::Map(map), quoted, unknown };
            };
            match word.as_str() {
                "and" | "or" => joined(place, &word, items, not),
                "not" => match not {
                    NotOfSeveral::AsWritten => under(place, word, parts(None, items, not)),
                    NotOfSeveral::NotAll => under(place, word, vec![joined(place, "and", items, not)]),
                },
                _ => under(place, word, items),
            }
        }
        data => Node { place, data: with_sets(data), quoted, unknown },
    }
}

/// A condition, in which the order of a list says nothing where its operator asks whether something is in it.
fn with_sets(mut data: Data) -> Data {
    if let Data::Map(map) = &mut data
        && map.get("operator").and_then(Node::as_text).is_some_and(|word| ["in", "notIn"].contains(&word))
    {
        for entry in &mut map.0 {
            if let Data::List(items) = &mut entry.value.data {
                items.sort_by_cached_key(|item| canonical(item, &Shape::Any));
            }
        }
    }
    data
}

/// Parts under a word, or the only one.
fn joined(place: Place, word: &str, items: Vec<Node>, not: NotOfSeveral) -> Node {
    let mut items = parts(Some(word), items, not);
    match items.pop() {
        Some(one) if items.is_empty() => one,
        last => under(place, word.to_owned(), items.into_iter().chain(last).collect()),
    }
}

fn under(place: Place, word: String, items: Vec<Node>) -> Node {
    let value = Node::new(place, Data::List(items));
    Node::new(place, Data::Map(Map(vec![Entry { key: word, place, value }])))
}

/// The parts under a word, in one order, each once. Those that stand under `joining` again are parts by themselves.
fn parts(joining: Option<&str>, items: Vec<Node>, not: NotOfSeveral) -> Vec<Node> {
    let mut all: BTreeMap<String, Node> = BTreeMap::new();
    for item in items.into_iter().map(|item| logic(item, not)) {
        let inner = match (&item.data, joining) {
            (Data::Map(map), Some(word)) if map.0.len() == 1 => map.get(word).and_then(Node::as_list),
            _ => None,
        };
        for one in inner.map_or_else(|| vec![item.clone()], <[Node]>::to_vec) {
            all.entry(canonical(&one, &Shape::Any)).or_insert(one);
        }
    }
    all.into_values().collect()
}

fn each_scalar(node: &mut Node, change: &mut dyn FnMut(&mut Node)) {
    match &mut node.data {
        Data::List(items) => items.iter_mut().for_each(|item| each_scalar(item, change)),
        Data::Map(map) => map.0.iter_mut().for_each(|entry| each_scalar(&mut entry.value, change)),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => change(node),
    }
}

/// Numbers of which only the ratio counts, as percents of their sum where those are exact, else as fractions of it:
/// siblings, and the members of a map of nothing but numbers.
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
    for (node, part) in group.iter_mut().zip(&parts) {
        node.data = match hundredths(part) {
            Some(share) => {
                let text = format!("{}.{:02}", share / 100, share % 100);
                let Some(number) = Decimal::parse(text.strip_suffix(".00").unwrap_or(&text)) else { continue };
                Data::Number(number)
            }
            None => Data::Text(fraction(*part, sum)),
        };
    }
}

/// A share that is no percent of two places: `5/11 (45.45%)`.
fn fraction(part: u128, sum: u128) -> String {
    let (mut divisor, mut rest) = (part, sum);
    while rest > 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    let divisor = divisor.max(1);
    let hundredths = part.saturating_mul(10_000).saturating_add(sum / 2).checked_div(sum).unwrap_or(0);
    format!("{}/{} ({}.{:02}%)", part / divisor, sum / divisor, hundredths / 100, hundredths % 100)
}

/// Lists as what their order means: those without order, or with names, become maps.
pub fn listed(node: Node, kind: &ListKind) -> Node {
    let data = match node.data {
        Data::List(items) => {
            // The content of the items is theirs: the order of a payload's list is a part of it.
            let key = |(at, item): (usize, &Node)| match kind {
                ListKind::Ordered | ListKind::Append => None,
                // Without one, each that follows is in another place.
                ListKind::Positional => Some(at.to_string()),
                ListKind::Set => Some(label(item)),
                ListKind::Keyed(names) => {
                    let parts: Option<Vec<String>> =
                        names.split('+').map(|name| item.get(name).filter(|node| is_scalar(node)).map(label)).collect();
                    parts.map(|parts| parts.join("/")).or_else(|| is_scalar(item).then(|| label(item)))
                }
            };
            let ordered = matches!(kind, ListKind::Ordered | ListKind::Append);
            match items.iter().enumerate().map(key).collect::<Option<Vec<String>>>().filter(|_| !ordered) {
                None => Data::List(items),
                Some(keys) => {
                    let mut entries = NamedEntries::default();
                    for (key, mut item) in keys.into_iter().zip(items) {
                        // Its name is said by where it stands.
                        if let (ListKind::Keyed(name), Data::Map(map)) = (kind, &mut item.data) {
                            map.0.retain(|entry| entry.key != *name);
                        }
                        // Twice the same in a set is the same set.
                        if *kind != ListKind::Set || !entries.has(&key) {
                            entries.push(key, item.place, item);
                        }
                    }
                    Data::Map(entries.into_map())
                }
            }
        }
        // A map of sets; anything deeper is a value, and its order a part of it.
        Data::Map(map) if *kind == ListKind::Set => {
            let set = |node: Node| if node.as_list().is_some() { listed(node, kind) } else { node };
            let entry = |entry: Entry| Entry { value: set(entry.value), ..entry };
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
