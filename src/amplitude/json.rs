//! JSON of the API to the tree of the flag files, and back.

use serde_json::Value;

use crate::diagnostics::Place;
use crate::document::{Data, Decimal, Entry, Map, Node};

/// A value as a node that stands nowhere.
pub(super) fn node(value: &Value) -> Node {
    let data = match value {
        Value::Null => Data::Null,
        Value::Bool(value) => Data::Bool(*value),
        Value::Number(number) => match Decimal::parse(&number.to_string()) {
            Some(number) => Data::Number(number),
            None => Data::Text(number.to_string()),
        },
        Value::String(text) => return Node::text(Place::START, text.clone()),
        Value::Array(items) => Data::List(items.iter().map(node).collect()),
        Value::Object(members) => {
            let member = |(key, value): (&String, &Value)| super::entry(key, node(value));
            Data::Map(Map(members.iter().map(member).collect()))
        }
    };
    Node::new(Place::START, data)
}

/// A node as a value to be sent.
pub(super) fn value(node: &Node) -> Value {
    match &node.data {
        Data::Null => Value::Null,
        Data::Bool(value) => Value::Bool(*value),
        Data::Number(number) => serde_json::from_str(&number.typed()).unwrap_or(Value::Null),
        Data::Text(text) => Value::String(text.clone()),
        Data::List(items) => Value::Array(items.iter().map(value).collect()),
        Data::Map(map) => {
            Value::Object(map.iter().map(|Entry { key, value: one, .. }| (key.clone(), value(one))).collect())
        }
    }
}

/// The text of a member that is a string or a number: ids are either.
pub(super) fn text(object: &Value, member: &str) -> Option<String> {
    match object.get(member)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
