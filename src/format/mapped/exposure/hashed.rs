//! Keys of bucketing: attributes of users that are hashed, all of them or the first that a user has.
//!
//! Source: `packages/sdk/src/bucketer.ts` of featurevisor/featurevisor (July 2026): of `{or: [userId, device]}` it
//! hashes the first attribute that a user has. As everywhere, a user is taken to have what is hashed.

use std::borrow::Cow;

use crate::diagnostics::words::in_backticks;
use crate::document::{Data, Entry, Map, Node};
use crate::flag::Flag;

/// A field of keys as users who have all of them are hashed.
pub fn first_keys(field: &Node) -> String {
    let one = |part: &Entry| Entry { value: first(&part.value).clone(), ..part.clone() };
    let parts = field.as_map().map(|parts| field.with(Data::Map(Map(parts.iter().map(one).collect()))));
    parts.map_or(Cow::Borrowed(field), Cow::Owned).json()
}

/// A sentence if only users who do not have the first key are hashed by something else.
pub fn other_later_keys(before: &Flag, after: &Flag) -> Option<String> {
    let (old, new) = (before.record.get("bucketing")?, after.record.get("bucketing")?);
    if old.json() == new.json() || first_keys(old) != first_keys(new) {
        return None;
    }
    let names: Vec<&str> = new.as_map()?.iter().filter_map(|part| first(&part.value).as_text()).collect();
    let name = names.first().map_or_else(|| "the first key".to_owned(), |name| in_backticks(name));
    Some(format!("users without {name} are hashed by something else than before"))
}

/// The first key of `{or: […]}`; anything else is all of it.
fn first(keys: &Node) -> &Node {
    let or = keys.as_map().filter(|map| map.0.len() == 1).and_then(|map| map.get("or"));
    or.and_then(Node::as_list).and_then(<[Node]>::first).filter(|first| first.as_text().is_some()).unwrap_or(keys)
}
