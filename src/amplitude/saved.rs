//! Answers of Amplitude that somebody saved: what `curl` or the command line `amp` has written.
//!
//! In: a string of one or several JSON values, one after the other. Out: the items in them, and of each kind of list
//! whether its last page is there. Pages, plain lists and single objects are taken; of `amp`, whose API has names of
//! its own (`rollout_percentage`), the names are translated. An object that does not say whether it is on is named with
//! the reason. It refuses a string in which there is neither an item nor an empty list of them. Not taken: answers
//! about variants, which do not say whose they are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{Item, fields, json as ids, wire};
use crate::flag::Kind;

/// The items of strings, and why others in them could not be read, a sentence each.
#[derive(Debug, Default)]
pub struct SavedItems {
    pub items: Vec<Item>,
    pub unread: Vec<String>,
    /// The keys of those that do not say whether they are archived, and are taken as not.
    pub unsure: BTreeSet<String>,
    /// The lists of which a page names a next one, each with the cursor of that.
    pub continued: BTreeMap<&'static str, String>,
    /// The lists whose last page is there.
    pub ended: BTreeSet<&'static str>,
}

impl SavedItems {
    /// The lists whose last page is missing, each with the cursor that leads on.
    pub fn unfinished(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let open = self.continued.iter().filter(|(list, _)| !self.ended.contains(*list));
        open.map(|(list, cursor)| (*list, cursor.as_str()))
    }
}

const EXPERIMENTS: &str = "experiments";
/// The list of `amp`, which has flags alone.
const DATA: &str = "data";

/// A file as a string: Windows' shells save in UTF-16.
#[must_use]
pub fn decoded(bytes: &[u8]) -> String {
    let units = |of: fn([u8; 2]) -> u16, rest: &[u8]| -> String {
        let units: Vec<u16> = rest.chunks_exact(2).filter_map(|pair| pair.try_into().ok().map(of)).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => units(u16::from_le_bytes, rest),
        [0xfe, 0xff, rest @ ..] => units(u16::from_be_bytes, rest),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The items of a string.
///
/// # Errors
/// Why there are none, as a sentence.
pub fn items(text: &str) -> Result<SavedItems, String> {
    let mut found = SavedItems::default();
    // Some shells begin a file with a mark of its encoding.
    let text = text.trim_start_matches('\u{feff}');
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    for value in &mut values {
        let value = value.map_err(|error| format!("it is no JSON: {error}"))?;
        collect(&value, None, 0, &mut found);
    }
    // A project without experiments has a list of none.
    if found.items.is_empty() && (found.ended.is_empty() || !found.unread.is_empty()) {
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
                    Ok(item) => {
                        let known = object.get("archived").is_some_and(Value::is_boolean);
                        if !known && !wire::tells_archived(value) {
                            found.unsure.insert(item.key.clone());
                        }
                        found.items.push(item);
                    }
                    Err(why) => found.unread.push(why),
                }
                return;
            }
            for (name, kind) in [(fields::FLAGS, Some(Kind::Flag)), (EXPERIMENTS, Some(Kind::Experiment)), (DATA, kind)]
            {
                let Some(list) = object.get(name) else { continue };
                if list.is_array() {
                    match next_page(object) {
                        Some(cursor) => drop(found.continued.insert(name, cursor)),
                        None => drop(found.ended.insert(name)),
                    }
                }
                collect(list, kind, depth + 1, found);
            }
        }
        _ => {}
    }
}

/// The cursor of the page after this one: in the first API's place for it, or in that of the second.
fn next_page(page: &Map<String, Value>) -> Option<String> {
    let of = |place: &Value, member: &str| ids::text(place, member).filter(|cursor| !cursor.is_empty());
    let first = page.get("nextCursor").map(|cursor| json!({"cursor": cursor}));
    first.and_then(|place| of(&place, "cursor")).or_else(|| of(page.get("pagination")?, "next_cursor"))
}

fn one(object: &Map<String, Value>, kind: Option<Kind>) -> Result<Item, String> {
    let is_of_amp = object.contains_key("project_id");
    let object = if is_of_amp { translated(object) } else { Value::Object(object.clone()) };
    let is_experiment = || object.get(fields::EXPERIMENT_TYPE).is_some() || object.get(fields::STATE).is_some();
    let kind = kind.unwrap_or_else(|| if is_experiment() { Kind::Experiment } else { Kind::Flag });
    let mut item = wire::item(&object, kind)?;
    if is_of_amp && item.held.contains_key(fields::SEGMENTS) {
        // They have another form than the first API's, in which a later look will be.
        item.answered.remove(fields::SEGMENTS);
    }
    Ok(item)
}

/// The names of the second API as the first one has them, where they mean the same.
fn translated(object: &Map<String, Value>) -> Value {
    let mut out = Map::new();
    for (name, value) in object {
        let name = match name.as_str() {
            "archived" => "deleted".to_owned(),
            "updated_at" => "lastModifiedAt".to_owned(),
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
            (fields::DEPENDENCIES, Value::Object(_)) => prerequisites(value),
            (_, value) => value.clone(),
        };
        out.insert(name, value);
    }
    Value::Object(out)
}

/// The prerequisites of an item: a list there, and in the first API the variants by the id of each flag.
fn prerequisites(value: &Value) -> Value {
    let flags = value.get(fields::FLAGS).and_then(Value::as_array).into_iter().flatten();
    let by_id: Map<String, Value> = flags
        .filter_map(|flag| {
            Some((ids::text(flag, "flag_id")?, flag.get("allowed_variants").cloned().unwrap_or(json!([]))))
        })
        .collect();
    json!({fields::FLAGS: by_id, fields::OPERATOR: value.get(fields::OPERATOR)})
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
