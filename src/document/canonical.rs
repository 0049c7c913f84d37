//! The normal form of values, as JSON: two values mean the same exactly when their forms are the same bytes.
//!
//! In: a value and its shape. Out: one text, written in one go into one buffer, since digests and comparisons ask for
//! it again and again. It refuses nothing: a value that its shape can't hold is taken as it stands. Not taken: a
//! canonical JSON of others' (RFC 8785), which passes numbers through floats.

use super::date::instant;
use super::decimal::{Decimal, ratio};
use super::field::Field;
use super::node::{Data, Map, Node};
use super::shape::Shape;
use super::split;

/// The normal form of a field: equal for two values exactly when they mean the same.
#[must_use]
pub fn canonical_field(node: Option<&Node>, field: &Field) -> String {
    match node.filter(|node| !node.is_null()) {
        Some(node) => canonical(node, &field.shape),
        None => field.default.to_owned(),
    }
}

/// Whether two values of a field mean the same.
#[must_use]
pub fn same_field(one: Option<&Node>, two: Option<&Node>, field: &Field) -> bool {
    // Equal content has equal meaning, which can be seen without writing it.
    one == two || canonical_field(one, field) == canonical_field(two, field)
}

/// The normal form of a value, as JSON: sets sorted, weights as ratios, dates as instants, defaults left out,
/// keys sorted, numbers digit for digit. A value that its shape can't hold is taken as it stands.
#[must_use]
pub fn canonical(node: &Node, shape: &Shape) -> String {
    let mut out = String::new();
    put(node, shape, &mut out);
    out
}

/// The normal form of a map with the given fields; fields at their default are left out.
#[must_use]
pub fn canonical_record(map: &Map, fields: &[Field]) -> String {
    let mut out = String::new();
    put_record(map, fields, &mut out);
    out
}

fn put(node: &Node, shape: &Shape, out: &mut String) {
    match (shape, &node.data) {
        (Shape::Weights, Data::Map(map)) => match weights(map) {
            Some(weights) => put_map(out, weights, |(key, weight), out| {
                put_key(key, out);
                out.push_str(&weight.to_string());
            }),
            None => put_any(node, out),
        },
        (Shape::Split, Data::List(pairs)) => match split::parts(pairs) {
            Some(parts) => put_list(out, parts, |(given, weight), out| {
                out.push('[');
                put_any(given, out);
                out.push_str(&format!(",{weight}]"));
            }),
            None => put_any(node, out),
        },
        (Shape::Percent | Shape::Count(_), Data::Number(number)) => out.push_str(&number.to_string()),
        (Shape::Date, Data::Text(text)) => match instant(text) {
            Some(instant) => out.push_str(&format!("\"{}\"", instant.to_rfc3339())),
            None => put_any(node, out),
        },
        (Shape::Set(of), Data::List(items)) => {
            put_sorted(out, ['[', ']'], items, true, |item, out| put(item, of, out));
        }
        (Shape::MapOf(of), Data::Map(map)) => put_map(out, map.iter(), |entry, out| {
            put_key(&entry.key, out);
            put(&entry.value, of, out);
        }),
        (Shape::Record(fields), Data::Map(map)) => put_record(map, fields, out),
        (Shape::Items { ordered, of, .. }, Data::List(items)) => {
            let put = |item: &Node, out: &mut String| match item.as_map() {
                Some(map) => put_record(map, of, out),
                None => put_any(item, out),
            };
            if *ordered { put_list(out, items, put) } else { put_sorted(out, ['[', ']'], items, false, put) }
        }
        _ => put_any(node, out),
    }
}

fn put_record(map: &Map, fields: &[Field], out: &mut String) {
    put_map(out, map.iter(), |entry, out| {
        let start = out.len();
        put_key(&entry.key, out);
        let value = out.len();
        match fields.iter().find(|field| field.name == entry.key) {
            Some(_) if entry.value.is_null() => out.truncate(start),
            Some(field) => {
                put(&entry.value, &field.shape, out);
                if out.get(value..) == Some(field.default) {
                    out.truncate(start);
                }
            }
            None => put_any(&entry.value, out),
        }
    });
}

/// The weights that are more than nothing, as whole numbers.
fn weights(map: &Map) -> Option<Vec<(&str, u128)>> {
    let weights: Option<Vec<&Decimal>> = map.iter().map(|entry| entry.value.as_number()).collect();
    let keys = map.iter().map(|entry| entry.key.as_str());
    Some(keys.zip(ratio(&weights?)?).filter(|(_, weight)| *weight > 0).collect())
}

/// The normal form of a value as it stands: keys sorted, numbers digit for digit.
fn put_any(node: &Node, out: &mut String) {
    match &node.data {
        Data::List(items) => put_list(out, items, put_any),
        Data::Map(map) => put_map(out, map.iter(), |entry, out| {
            put_key(&entry.key, out);
            put_any(&entry.value, out);
        }),
        Data::Text(text) => put_text(text, out),
        Data::Number(number) => out.push_str(&number.typed()),
        Data::Bool(true) => out.push_str("true"),
        Data::Bool(false) => out.push_str("false"),
        Data::Null => out.push_str("null"),
    }
}

fn put_list<T>(out: &mut String, items: impl IntoIterator<Item = T>, put: impl Fn(T, &mut String)) {
    out.push('[');
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        put(item, out);
    }
    out.push(']');
}

fn put_map<T>(out: &mut String, members: impl IntoIterator<Item = T>, put: impl Fn(T, &mut String)) {
    put_sorted(out, ['{', '}'], members, false, put);
}

/// Members in the order of their texts, `once` each of equal ones. One that puts nothing is left out.
fn put_sorted<T>(
    out: &mut String,
    [open, close]: [char; 2],
    members: impl IntoIterator<Item = T>,
    once: bool,
    put: impl Fn(T, &mut String),
) {
    let (mut text, mut ends) = (String::new(), vec![0]);
    for member in members {
        put(member, &mut text);
        ends.push(text.len());
    }
    let part = |(start, end): (&usize, &usize)| text.get(*start..*end).filter(|part| !part.is_empty());
    let mut parts: Vec<&str> = ends.iter().zip(ends.iter().skip(1)).filter_map(part).collect();
    parts.sort_unstable();
    if once {
        parts.dedup();
    }
    out.push(open);
    for (at, part) in parts.into_iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(part);
    }
    out.push(close);
}

fn put_key(key: &str, out: &mut String) {
    put_text(key, out);
    out.push(':');
}

fn put_text(text: &str, out: &mut String) {
    // Nearly every text is plain; the others are escaped as JSON has it.
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::Value::from(text).to_string());
    }
}
