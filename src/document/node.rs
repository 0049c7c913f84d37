//! The tree that YAML and JSON are read into, with the place of every part of the text.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::decimal::Decimal;
use crate::diagnostics::Place;

/// A value and where it stands. Two nodes are equal when they say the same, wherever they stand and however
/// they are quoted; the order of a map's keys says nothing, the order of a list does.
#[derive(Clone, Debug)]
pub struct Node {
    pub place: Place,
    pub data: Data,
    /// Whether a scalar was written in quotes or as a block; `true` for everything read from JSON strings.
    pub quoted: bool,
    /// Whether the reader refused it: its place is known, what it says is not. There is an error at it, so nothing else
    /// is said of it.
    pub unknown: bool,
}

/// The value of a node.
#[derive(Clone, Debug)]
pub enum Data {
    Null,
    Bool(bool),
    Number(Decimal),
    Text(String),
    List(Vec<Node>),
    Map(Map),
}

/// Numbers are the same if they have the same type to an application: `1` and `1.0` are two.
impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Data::Null, Data::Null) => true,
            (Data::Bool(one), Data::Bool(two)) => one == two,
            (Data::Number(one), Data::Number(two)) => one.same_value(two),
            (Data::Text(one), Data::Text(two)) => one == two,
            (Data::List(one), Data::List(two)) => one == two,
            (Data::Map(one), Data::Map(two)) => one == two,
            (Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) | Data::List(_) | Data::Map(_), _) => false,
        }
    }
}

/// The entries of a map in the order of the text; keys are distinct (a reader refuses the second of two).
#[derive(Clone, Debug, Default)]
pub struct Map(pub Vec<Entry>);

/// One `key: value`, with the place of the key; the value has its own.
#[derive(Clone, Debug)]
pub struct Entry {
    pub key: String,
    pub place: Place,
    pub value: Node,
}

impl Map {
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.key == key)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter()
    }

    /// Changes the place of each key and of all values; see [`Node::move_places`].
    pub fn move_places(&mut self, to: &dyn Fn(Place) -> Place) {
        for entry in &mut self.0 {
            entry.place = to(entry.place);
            entry.value.move_places(to);
        }
    }

    /// Takes numbers that were floats and are integers of the same value as the floats that they were.
    pub fn keep_floats(&mut self, before: &Map) {
        let olds: BTreeMap<&str, &Node> = before.iter().map(|old| (old.key.as_str(), &old.value)).collect();
        for entry in &mut self.0 {
            if let Some(old) = olds.get(entry.key.as_str()) {
                entry.value.keep_floats(old);
            }
        }
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        fn pair(entry: &Entry) -> (&str, &Node) {
            (&entry.key, &entry.value)
        }
        if self.0.len() != other.0.len() {
            return false;
        }
        // Nearly always both have the same order. Where they have not, keys are sorted, not each looked for: a map may
        // hold 100,000.
        if self.0.iter().zip(&other.0).all(|(one, two)| one.key == two.key) {
            return self.0.iter().zip(&other.0).all(|(one, two)| one.value == two.value);
        }
        let [one, two] = [self, other].map(|map| {
            let mut pairs: Vec<_> = map.iter().map(pair).collect();
            pairs.sort_unstable_by_key(|(key, _)| *key);
            pairs
        });
        one == two
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.data == other.data && !self.unknown && !other.unknown
    }
}

impl Node {
    #[must_use]
    pub fn new(place: Place, data: Data) -> Self {
        Node { place, data, quoted: false, unknown: false }
    }

    /// A node at the same place that says something else.
    #[must_use]
    pub fn with(&self, data: Data) -> Self {
        Node { place: self.place, data, quoted: self.quoted, unknown: self.unknown }
    }

    /// How many values stand in this one, itself included. No reader lets it nest deeper than the stack can follow.
    #[must_use]
    pub fn size(&self) -> usize {
        1 + match &self.data {
            Data::List(items) => items.iter().map(Node::size).sum(),
            Data::Map(map) => map.iter().map(|entry| entry.value.size()).sum(),
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => 0,
        }
    }

    /// Changes the place of the value, of each of its keys and of all values in it.
    pub fn move_places(&mut self, to: &dyn Fn(Place) -> Place) {
        self.place = to(self.place);
        match &mut self.data {
            Data::List(items) => items.iter_mut().for_each(|item| item.move_places(to)),
            Data::Map(map) => map.move_places(to),
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
        }
    }

    /// A string that no file holds, made by a reader or a comparison, shown at `place`.
    #[must_use]
    pub fn text(place: Place, text: impl Into<String>) -> Self {
        Node { place, data: Data::Text(text.into()), quoted: true, unknown: false }
    }

    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.data {
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.data {
            Data::List(items) => Some(items),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.data {
            Data::Bool(value) => Some(value),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_number(&self) -> Option<&Decimal> {
        match &self.data {
            Data::Number(number) => Some(number),
            _ => None,
        }
    }

    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    /// The member `key` of a map, unless it is absent or null.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key).filter(|node| !node.is_null())
    }

    /// See [`Map::keep_floats`]. Items are found by their `key`, or by their place.
    fn keep_floats(&mut self, before: &Node) {
        match (&mut self.data, &before.data) {
            (Data::Number(number), Data::Number(old)) if number.is_integer_of(old) => *number = old.clone(),
            (Data::Map(map), Data::Map(old)) => map.keep_floats(old),
            (Data::List(items), Data::List(olds)) => {
                let keys: BTreeMap<&str, &Node> =
                    olds.iter().filter_map(|old| Some((old.get("key")?.as_text()?, old))).collect();
                for (at, item) in items.iter_mut().enumerate() {
                    let named = item.get("key").and_then(Node::as_text).and_then(|key| keys.get(key).copied());
                    if let Some(old) = named.or_else(|| olds.get(at)) {
                        item.keep_floats(old);
                    }
                }
            }
            _ => {}
        }
    }

    /// The type in words, for a message: "a number", "a list"; "unknown" if its reader refused it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.data {
            _ if self.unknown => "unknown",
            Data::Null => "nothing",
            Data::Bool(_) => "true or false",
            Data::Number(_) => "a number",
            Data::Text(_) => "a string",
            Data::List(_) => "a list",
            Data::Map(_) => "a map",
        }
    }

    /// The value as compact JSON, keys in the order of the text.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A node is written as the plain value it says; numbers digit for digit, never through a float.
impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.data {
            Data::Null => serializer.serialize_unit(),
            Data::Bool(value) => serializer.serialize_bool(*value),
            Data::Number(number) => number.serialize(serializer),
            Data::Text(text) => serializer.serialize_str(text),
            Data::List(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Data::Map(map) => {
                let mut out = serializer.serialize_map(Some(map.0.len()))?;
                for entry in map.iter() {
                    out.serialize_entry(&entry.key, &entry.value)?;
                }
                out.end()
            }
        }
    }
}

impl JsonSchema for Node {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Value".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({"description": "Any JSON value, as the flag file has it."})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_says_nothing() {
        let map = |keys: &[(&str, bool)]| {
            let entry = |(key, value): &(&str, bool)| Entry {
                key: (*key).to_owned(),
                place: Place::START,
                value: Node::new(Place::START, Data::Bool(*value)),
            };
            Map(keys.iter().map(entry).collect())
        };
        let one = map(&[("a", true), ("b", false), ("c", true)]);
        for (other, same) in [
            (map(&[("a", true), ("b", false), ("c", true)]), true),
            (map(&[("c", true), ("b", false), ("a", true)]), true),
            (map(&[("c", true), ("b", true), ("a", true)]), false),
            (map(&[("a", true), ("b", true), ("c", true)]), false),
            (map(&[("a", true), ("b", false), ("d", true)]), false),
            (map(&[("a", true), ("b", false)]), false),
        ] {
            assert_eq!((one == other, other == one), (same, same), "{other:?}");
        }
    }
}
