//! Shapes of values, and the check of a file against the rows of its record. The same rows bring a file into normal
//! form for comparison and become its JSON Schema, so that the three cannot drift.
//!
//! In: a node and the rows it should have. Out: diagnostics, each at the value it is about. Refuses: nothing by itself;
//! a level of `error` does. Not taken: types with a member a field, which lose places and stop at the first error.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::date::instant;
use super::decimal::Decimal;
use super::field::Field;
use super::node::{Data, Entry, Map, Node};
use super::synonyms;
use crate::diagnostics::Diagnostics;
use crate::diagnostics::Place;
use crate::diagnostics::diagnostic::{choice, nearest};
use crate::diagnostics::lints;
use crate::diagnostics::words::shortened;

/// The type of a field, and with it how two values are compared.
#[derive(Debug)]
pub enum Shape {
    /// A string that says a number of days, which its reader checks.
    Days,
    /// Any string.
    Text,
    /// A key: ASCII letters, digits, `.`, `_` and `-`.
    Key,
    Bool,
    /// A decimal from 0 to 100.
    Percent,
    /// A whole number of at least this.
    Count(u32),
    /// Key to decimal of at least 0; compared as ratios.
    Weights,
    /// A list of pairs of a variant and its weight, in the order in which hashes are cut; compared as ratios while all
    /// weights are numbers.
    Split,
    /// A date, or a date-time with its zone (`date`); compared as instants.
    Date,
    /// One of these words and no other.
    OneOf(&'static [&'static str]),
    /// Any string; these words are known.
    Known(&'static [&'static str]),
    /// Anything at all.
    Any,
    /// Maps and lists of anything, compared member by member.
    Tree,
    /// A list whose order has no meaning.
    Set(&'static Shape),
    /// Key to value.
    MapOf(&'static Shape),
    /// A map with these fields.
    Record(&'static [Field]),
    /// A list of maps told apart by the field `id`.
    Items {
        id: &'static str,
        ordered: bool,
        of: &'static [Field],
    },
}

/// Treatment of a key that no row names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnknownKeys {
    /// A warning. In a flag; a change of it on a live one needs approval.
    Warned,
    /// An error. In the policy.
    Refused,
}

/// Checks `node` against a record's rows and adds every diagnostic. `what` names the record in messages.
pub fn check(
    node: &Node,
    fields: &'static [Field],
    what: impl Display,
    unknown: UnknownKeys,
    diagnostics: &mut Diagnostics<'_>,
) {
    check_but(node, fields, &[], what, unknown, diagnostics);
}

/// Checks a map against its fields, where it was reported already that some are missing.
pub fn check_but(
    node: &Node,
    fields: &'static [Field],
    reported: &[&str],
    what: impl Display,
    unknown: UnknownKeys,
    diagnostics: &mut Diagnostics<'_>,
) {
    let Data::Map(map) = &node.data else {
        if node.unknown {
            return;
        }
        diagnostics.add(
            lints::WRONG_TYPE,
            node.place,
            format!("{what} is {}, not a map", node.kind()),
            format!("write its fields as `key: value`, starting with `{}:`", fields.first().map_or("key", |f| f.name)),
        );
        return;
    };
    let missing = |field: &&Field| field.required && map.get(field.name).is_none() && !reported.contains(&field.name);
    let mut missing: Vec<&Field> = fields.iter().filter(missing).collect();
    for entry in map.iter() {
        let misspelt = || nearest(&entry.key, missing.iter().map(|field| field.name));
        let known_as = || missing.iter().find(|field| field.also.contains(&entry.key.as_str()));
        match fields.iter().find(|field| field.name == entry.key) {
            Some(field) => check_value(&entry.value, field.name, &field.shape, field.required, unknown, diagnostics),
            // A misspelt name is one error, not a field too many and one too few.
            None => match (misspelt(), known_as()) {
                (None, None) => unknown_key(entry, map, fields, &what, unknown, diagnostics),
                (misspelt, known_as) => {
                    let field = known_as.filter(|_| misspelt.is_none());
                    let name = misspelt.or(field.map(|field| field.name)).unwrap_or_default();
                    let message = format!("{what} has no `{name}`, and `{}` is no field of it", shortened(&entry.key));
                    let value = field.map_or_else(String::new, |field| format!(" with {}", expected(&field.shape)));
                    diagnostics.add(lints::MISSING_FIELD, entry.place, message, format!("write `{name}`{value}"));
                    missing.retain(|field| field.name != name);
                }
            },
        }
    }
    for field in missing {
        diagnostics.add(
            lints::MISSING_FIELD,
            node.place,
            format!("{what} has no `{}`", field.name),
            format!("add `{}:`, {}", field.name, expected(&field.shape)),
        );
    }
}

/// Of more names than these nobody reads a list.
const MOST_NAMES: usize = 12;

fn unknown_key(
    entry: &Entry,
    map: &Map,
    fields: &[Field],
    what: &dyn Display,
    unknown: UnknownKeys,
    diagnostics: &mut Diagnostics<'_>,
) {
    let lint = match unknown {
        UnknownKeys::Warned => lints::UNKNOWN_FIELD,
        UnknownKeys::Refused => lints::UNKNOWN_KEY,
    };
    diagnostics.add_with(lint, entry.place, || {
        let names = fields.iter().map(|field| field.name);
        let lower = entry.key.to_lowercase();
        let others = || fields.iter().flat_map(|field| field.also.iter().map(move |name| (*name, field)));
        // A short name is near to too many others.
        let near = |name: &str| name.len() > 5 && nearest(&lower, [name]).is_some();
        let known_as = others().find(|(name, _)| *name == lower).or_else(|| others().find(|(name, _)| near(name)));
        let known_as = known_as.map(|(_, field)| field);
        let remedy = match (nearest(&entry.key, names.clone()), known_as) {
            (Some(meant), _) if map.get(meant).is_none() => format!("write `{meant}` if that is what you mean"),
            (_, Some(field)) if map.get(field.name).is_none() => {
                format!("write `{}` with {} if that is what you mean", field.name, expected(&field.shape))
            }
            (Some(name), _) => format!("remove it, `{name}` is there for that"),
            (None, Some(field)) => format!("remove it, `{}` is there for that", field.name),
            (None, None) if fields.len() <= MOST_NAMES => format!("remove it or use one of {}", choice(names)),
            (None, None) => "remove it, or write it as a comment behind a `#`".to_owned(),
        };
        (format!("`{}` is no field of {what}", shortened(&entry.key)), remedy)
    });
}

fn check_value(
    node: &Node,
    name: &str,
    shape: &Shape,
    required: bool,
    unknown: UnknownKeys,
    diagnostics: &mut Diagnostics<'_>,
) {
    if node.is_null() && !required || node.unknown {
        return;
    }
    let wrong = |diagnostics: &mut Diagnostics<'_>| {
        diagnostics.add(
            lints::WRONG_TYPE,
            node.place,
            format!("`{name}` is {}: {}", node.kind(), shown(node)),
            format!("write {}", expected(shape)),
        );
    };
    match (shape, &node.data) {
        (Shape::Text | Shape::Known(_) | Shape::OneOf(_), Data::Text(text)) if !node.quoted && timestamp(text) => {
            two_values(node, name, diagnostics);
        }
        (Shape::Any, _) => check_dates(node, name, diagnostics),
        (Shape::Tree, _) | (Shape::Bool, Data::Bool(_)) => {}
        (Shape::Text | Shape::Days, Data::Text(_)) => {}
        (Shape::Key, Data::Text(text)) => check_key(text, name, node.place, diagnostics),
        (Shape::Date, Data::Text(text)) => check_date(text, node, name, diagnostics),
        (Shape::Percent, Data::Number(number)) => {
            let hundred = Decimal::parse("100");
            if number.is_negative() || hundred.is_some_and(|most| *number > most) {
                out_of_range(node, name, shape, diagnostics);
            }
        }
        (Shape::Count(least), Data::Number(number)) => {
            let fits = number.to_integer().is_some_and(|n| n >= i128::from(*least) && n <= i128::from(u32::MAX));
            if !fits {
                out_of_range(node, name, shape, diagnostics);
            }
        }
        (Shape::OneOf(words) | Shape::Known(words), Data::Text(text)) if words.contains(&text.as_str()) => {}
        (Shape::OneOf(words), Data::Text(text)) => {
            wrong_word(lints::WRONG_WORD, node, name, text, words, diagnostics);
        }
        (Shape::Known(words), Data::Text(text)) => {
            wrong_word(lints::UNKNOWN_WORD, node, name, text, words, diagnostics);
        }
        (Shape::Weights, Data::Map(map)) => {
            map.iter().for_each(|entry| check_weight(entry, name, shape, diagnostics));
        }
        (Shape::Split, Data::List(pairs)) if pairs.iter().all(|pair| pair.as_list().is_some_and(|p| p.len() == 2)) => {}
        (Shape::Set(of), Data::List(items)) => {
            for item in items {
                check_value(item, name, of, true, unknown, diagnostics);
            }
        }
        (Shape::MapOf(of), Data::Map(map)) => {
            for entry in map.iter() {
                check_value(&entry.value, &entry.key, of, true, unknown, diagnostics);
            }
        }
        (Shape::Record(fields), Data::Map(_)) => check(node, fields, format_args!("`{name}`"), unknown, diagnostics),
        (Shape::Items { id, of, .. }, Data::List(items)) => {
            for item in items {
                match item.get(id).and_then(Node::as_text) {
                    Some(label) => check(item, of, format_args!("`{label}` in `{name}`"), unknown, diagnostics),
                    None => check(item, of, format_args!("an item of `{name}`"), unknown, diagnostics),
                }
            }
            check_distinct(items, id, name, diagnostics);
        }
        _ => wrong(diagnostics),
    }
}

fn two_values(node: &Node, name: &str, diagnostics: &mut Diagnostics<'_>) {
    let message = format!("`{name}` is a date to YAML 1.1 and a string to YAML 1.2: {}", shown(node));
    diagnostics.add(lints::AMBIGUOUS_SCALAR, node.place, message, "put it in quotes");
}

/// Reports dates without quotes in a value of any shape: an application gets what its reader takes them for.
fn check_dates(node: &Node, name: &str, diagnostics: &mut Diagnostics<'_>) {
    match &node.data {
        Data::Text(text) if !node.quoted && timestamp(text) => two_values(node, name, diagnostics),
        Data::List(items) => items.iter().for_each(|item| check_dates(item, name, diagnostics)),
        Data::Map(map) => map.iter().for_each(|entry| check_dates(&entry.value, &entry.key, diagnostics)),
        _ => {}
    }
}

fn check_date(text: &str, node: &Node, name: &str, diagnostics: &mut Diagnostics<'_>) {
    if instant(text).is_some() {
        return;
    }
    // To JavaScript it is in the zone of the machine, to Go an error.
    let zoned = format!("{text}Z");
    let (what, remedy) = if instant(&zoned).is_some() {
        ("a time without its zone", format!("add the zone, such as `Z` for UTC: `\"{zoned}\"`"))
    } else {
        ("no date", "write it as `2026-11-23` or `2026-11-23T12:00:00Z`".to_owned())
    };
    let message = format!("`{name}` is {}, which is {what}", shown(node));
    diagnostics.add(lints::BAD_DATE, node.place, message, remedy);
}

fn check_weight(entry: &Entry, name: &str, shape: &Shape, diagnostics: &mut Diagnostics<'_>) {
    check_key(&entry.key, name, entry.place, diagnostics);
    match &entry.value.data {
        Data::Number(number) if !number.is_negative() => {}
        Data::Number(_) => out_of_range(&entry.value, &entry.key, shape, diagnostics),
        _ => diagnostics.add(
            lints::WRONG_TYPE,
            entry.value.place,
            format!("the weight of `{}` is {}: {}", entry.key, entry.value.kind(), shown(&entry.value)),
            "write a plain decimal number of at least 0, without quotes",
        ),
    }
}

fn check_distinct(items: &[Node], id: &str, name: &str, diagnostics: &mut Diagnostics<'_>) {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for node in items.iter().filter_map(|item| item.get(id)) {
        let Some(label) = node.as_text() else { continue };
        match seen.get(label) {
            Some(line) => diagnostics.add(
                lints::DUPLICATE_ITEM,
                node.place,
                format!("`{name}` has `{label}` twice, first in line {line}"),
                format!("give each its own `{id}`"),
            ),
            None => drop(seen.insert(label, node.place.line)),
        }
    }
}

/// Adds a diagnostic unless `key` looks the same to every reader.
pub fn check_key(key: &str, name: &str, place: Place, diagnostics: &mut Diagnostics<'_>) {
    if is_key(key) {
        return;
    }
    let message = format!("`{}` is not usable as a key in `{name}`", shortened(key));
    let message = if key.len() > LONGEST_KEY { format!("{message}: it has {} bytes", key.len()) } else { message };
    diagnostics.add(lints::BAD_KEY, place, message, KEY_REMEDY);
}

/// The remedy for what is no key.
pub const KEY_REMEDY: &str =
    "use ASCII letters, digits, `.`, `_`, `%` and `-`, starting with a letter, digit or `_`, at most 200";

/// The longest key, in bytes.
const LONGEST_KEY: usize = 200;

/// Whether a key looks the same to every reader.
#[must_use]
pub fn is_key(key: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'%');
    let starts = key.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    starts && key.bytes().all(plain) && key.len() <= LONGEST_KEY
}

fn out_of_range(node: &Node, name: &str, shape: &Shape, diagnostics: &mut Diagnostics<'_>) {
    let message = format!("`{name}` is {}, which is out of range", shown(node));
    diagnostics.add(lints::OUT_OF_RANGE, node.place, message, format!("write {}", expected(shape)));
}

fn wrong_word(
    lint: &lints::Lint,
    node: &Node,
    name: &str,
    text: &str,
    words: &[&'static str],
    diagnostics: &mut Diagnostics<'_>,
) {
    diagnostics.add_with(lint, node.place, || {
        let meant = synonyms::word(text, words).or_else(|| nearest(text, words.iter().copied()));
        let remedy = match meant {
            Some(meant) => {
                format!("write `{meant}` if that is what you mean; allowed are {}", choice(words.iter().copied()))
            }
            None => format!("write one of {}", choice(words.iter().copied())),
        };
        (format!("`{name}` is {}", shown(node)), remedy)
    });
}

/// The first 60 characters of a value, in backticks.
#[must_use]
pub fn shown(node: &Node) -> String {
    format!("`{}`", shortened(&node.as_text().map_or_else(|| node.json(), str::to_owned)))
}

/// A value of this shape in words, for a remedy.
pub(super) fn expected(shape: &Shape) -> String {
    match shape {
        Shape::Days => "a number of days, such as `14d`".into(),
        Shape::Text | Shape::Known(_) => "a string, in quotes if it looks like something else".into(),
        Shape::Key => "a key of ASCII letters, digits, `.`, `_` and `-`, such as `one-click-checkout`".into(),
        Shape::Bool => "`true` or `false`".into(),
        Shape::Percent => "a number from 0 to 100".into(),
        Shape::Count(least) => format!("a whole number of at least {least}"),
        Shape::Weights => {
            "a map from variant to weight, each a number of at least 0, such as `{control: 1, treatment: 1}`".into()
        }
        Shape::Split => "a list of pairs, each a variant and its weight, such as `[[on, 10], [off, 90]]`".into(),
        Shape::Date => "a date such as `2026-11-23` or `2026-11-23T12:00:00Z`".into(),
        Shape::OneOf(words) => format!("one of {}", choice(words.iter().copied())),
        Shape::Any | Shape::Tree => "any value".into(),
        Shape::Set(_) => "a list".into(),
        Shape::MapOf(_) => "a map".into(),
        Shape::Record(fields) => {
            format!("a map with {}", choice(fields.iter().map(|field| field.name)).replace(" or ", " and "))
        }
        Shape::Items { id, .. } => format!("a list of maps, each with its `{id}`"),
    }
}

/// Whether an unquoted string is a timestamp to a YAML 1.1 reader (<https://yaml.org/type/timestamp.html>).
fn timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 8
        && bytes.iter().take(4).all(u8::is_ascii_digit)
        && bytes.get(4) == Some(&b'-')
        && text
            .split(['-', 'T', 't', ' ', ':', '.', 'Z', '+'])
            .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
}
