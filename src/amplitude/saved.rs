//! Answers of Amplitude that somebody saved: what `curl` or the command line `amp` has written.
//!
//! In: a string of one or several JSON values, one after the other. Out: the items in them. Pages, plain lists and single
//! objects are taken; of `amp`, whose API has names of its own (`rollout_percentage`), the names are translated. An object that does not say
//! whether it is on is named with the reason. It refuses a string in which there is no item. Not taken: answers about variants, which
//! do not say whose they are.

use serde_json::{Map, Value};

use super::{Item, fields, wire};
use crate::flag::Kind;

/// The items of a string, and why others in it could not be read, a sentence each.
#[derive(Debug, Default)]
pub struct SavedItems {
    pub items: Vec<Item>,
    pub unread: Vec<String>,
}

/// The items of a string.
///
/// # Errors
/// Why there are none, as a sentence.
pub fn items(text: &str) -> Result<SavedItems, String> {
    let mut found = SavedItems::default();
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    for value in &mut values {
        let value = value.map_err(|error| format!("it is no JSON: {error}"))?;
        collect(&value, None, 0, &mut found);
    }
    if found.items.is_empty() {
        let nothing = || "there is no flag and no experiment in it".to_owned();
        return Err(found.unread.into_iter().next().unwrap_or_else(nothing));
    }
    Ok(found)
}

fn collect(value: &Value, kind: Option<Kind>, depth: usize, found: &mut SavedItems) {
    match value {
        _ if depth > 4 => {}
        Value::Array(all) => all.iter().for_each(|one| collect(one, kind, depth + 1, found)),
        Value::Object(object) => {
            if object.contains_key("id") && object.contains_key(fields::KEY) {
                match one(object, kind) {
                    Ok(item) => found.items.push(item),
                    Err(why) => found.unread.push(why),
                }
                return;
            }
            let lists = [(fields::FLAGS, Some(Kind::Flag)), ("experiments", Some(Kind::Experiment)), ("data", kind)];
            lists
                .into_iter()
                .filter_map(|(name, kind)| Some((object.get(name)?, kind)))
                .for_each(|(list, kind)| collect(list, kind, depth + 1, found));
        }
        _ => {}
    }
}

fn one(object: &Map<String, Value>, kind: Option<Kind>) -> Result<Item, String> {
    let object = if object.contains_key("project_id") { translated(object) } else { Value::Object(object.clone()) };
    let is_experiment = || object.get(fields::EXPERIMENT_TYPE).is_some() || object.get(fields::STATE).is_some();
    let kind = kind.unwrap_or_else(|| if is_experiment() { Kind::Experiment } else { Kind::Flag });
    wire::item(&object, kind)
}

/// The names of the second API as the first one has them, where they mean the same.
fn translated(object: &Map<String, Value>) -> Value {
    let mut out = Map::new();
    for (name, value) in object {
        let name = match name.as_str() {
            "archived" => "deleted".to_owned(),
            // Weights there are of segments with clauses of another form: they are named, and never taken for ours.
            other => camel(other),
        };
        let value = match (name.as_str(), value) {
            (fields::SEGMENTS, Value::Array(segments)) => {
                let member = |segment: &Value| match segment {
                    Value::Object(members) => {
                        Value::Object(members.iter().map(|(name, value)| (camel(name), value.clone())).collect())
                    }
                    other => other.clone(),
                };
                Value::Array(segments.iter().map(member).collect())
            }
            (_, value) => value.clone(),
        };
        out.insert(name, value);
    }
    Value::Object(out)
}

fn camel(name: &str) -> String {
    let mut out = String::new();
    let mut up = false;
    for char in name.chars() {
        match char {
            '_' => up = true,
            _ if up => {
                out.push(char.to_ascii_uppercase());
                up = false;
            }
            _ => out.push(char),
        }
    }
    out
}
