//! Segments as an edit has them: all of them at once, since the API replaces the whole list.

use serde_json::{Map as Object, Value, json};

use super::{Item, fields, json};
use crate::document::{Map, Node};
use crate::flag::Flag;

/// The whole list. Members that the file leaves to Amplitude are those of its segment of that name; a segment without
/// weights of its own has those of all users, as in the file.
///
/// # Errors
/// Why it cannot be sent, as a sentence.
pub(super) fn written(have: &Item, want: &Flag) -> Result<Value, String> {
    let live = fields::list_of(&have.record, fields::SEGMENTS);
    let name_of = |node: &Node| node.get(fields::NAME).and_then(Node::as_text).map(str::to_owned);
    let mut all = Vec::new();
    for segment in fields::list_of(&want.record, fields::SEGMENTS) {
        let name = name_of(segment).ok_or("a segment has no name")?;
        let before = live.iter().find(|one| name_of(one).as_deref() == Some(&name));
        let mut made = Object::new();
        for member in segment.as_map().into_iter().flat_map(Map::iter).filter(|member| !member.value.is_null()) {
            if !fields::OF_SEGMENT.contains(&member.key.as_str()) {
                return Err(format!("nobody documents the member `{}` of a segment", member.key.escape_debug()));
            }
            made.insert(member.key.clone(), json::value(&member.value));
        }
        made.insert(fields::CONDITIONS.to_owned(), conditions(segment)?);
        let or = |made: &mut Object<String, Value>, field: &str, value: Option<&Node>| {
            if let (false, Some(value)) = (made.contains_key(field), value) {
                made.insert(field.to_owned(), json::value(value));
            }
        };
        let shared = want.get(fields::WEIGHTS).or_else(|| have.record.get(fields::WEIGHTS));
        if have.runs_as_bandit() {
            // Its own numbers, which it changes by itself.
            made.remove(fields::WEIGHTS);
            or(&mut made, fields::WEIGHTS, before.and_then(|before| before.get(fields::WEIGHTS)));
        }
        or(&mut made, fields::WEIGHTS, shared);
        or(&mut made, fields::BUCKETING_KEY, before.and_then(|before| before.get(fields::BUCKETING_KEY)));
        or(
            &mut made,
            fields::BUCKETING_KEY,
            want.get(fields::BUCKETING_KEY).or_else(|| have.record.get(fields::BUCKETING_KEY)),
        );
        // Where Amplitude was not asked, it has those that no file has.
        if !made.contains_key(fields::WEIGHTS) && !have.held.contains_key(fields::WEIGHTS) {
            return Err(format!(
                "segment {} has no `{}`, and the flag has none either",
                crate::diagnostics::escape::visible(&name),
                fields::WEIGHTS
            ));
        }
        all.push(Value::Object(made));
    }
    Ok(Value::Array(all))
}

/// The conditions, each with its type.
fn conditions(segment: &Node) -> Result<Value, String> {
    let mut all = Vec::new();
    for condition in segment.get(fields::CONDITIONS).and_then(Node::as_list).unwrap_or_default() {
        let mut made = Object::new();
        made.insert(fields::TYPE.to_owned(), json!("property"));
        for member in condition.as_map().into_iter().flat_map(Map::iter) {
            if !fields::OF_CONDITION.contains(&member.key.as_str()) {
                return Err(format!("nobody documents the member `{}` of a condition", member.key.escape_debug()));
            }
            made.insert(member.key.clone(), json::value(&member.value));
        }
        all.push(Value::Object(made));
    }
    Ok(Value::Array(all))
}
