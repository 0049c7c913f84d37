//! Shapes of files that have no flag: settings that say where flags are read, and descriptions of other files.
//!
//! **In**: a document. **Out**: whether it is one. **Refuses**: nothing. **Not taken**: names of files, since each
//! server takes its settings from any.

use super::shapes::{count_entries, count_items, has, has_any, list, some, text_is};
use crate::document::Node;

/// The settings of Flipt's server: the repository, branch and folder that its flags are read from.
pub(super) fn flipt_server(node: &Node, _: &str) -> Option<usize> {
    const PLACES: &[&str] = &["git", "local", "object", "oci", "remote", "backend"];
    const KINDS: &[&str] = &["git", "local", "object", "oci", "database"];
    let place = |one: &Node| has_any(one, PLACES) || text_is(one, "type", KINDS);
    let storage = node.get("storage")?;
    let named = storage.as_map().is_some_and(|map| count_entries(map, place) > 0);
    // A file of flags has none.
    (node.get("flags").is_none() && (place(storage) || named)).then_some(0)
}

/// The settings of GO Feature Flag's relay: where its flags are retrieved from.
pub(super) fn goff_relay(node: &Node, _: &str) -> Option<usize> {
    let all = list(node, "retrievers").unwrap_or_default().iter().chain(node.get("retriever"));
    let sets = list(node, "flagSets").or_else(|| list(node, "flagsets")).unwrap_or_default();
    let all = all.chain(sets.iter().flat_map(|set| list(set, "retrievers").unwrap_or_default()));
    (all.filter(|one| has(one, &["kind"])).count() > 0).then_some(0)
}

/// The settings of flagd: the sources of its flags.
pub(super) fn flagd_server(node: &Node, _: &str) -> Option<usize> {
    let sources = list(node, "sources")?;
    some(count_items(sources, |one| has(one, &["uri", "provider"]))).map(|_| 0)
}

/// Whether a document describes others: a JSON Schema, or a group of OpenTelemetry's conventions.
pub(super) fn is_schema(node: &Node) -> bool {
    const WORDS: &[&str] = &["$defs", "allOf", "anyOf", "definitions", "items", "oneOf", "properties"];
    let named = node.get("$schema").and_then(Node::as_text).is_some_and(|schema| schema.contains("json-schema.org/"));
    let alone = node.as_map().is_some_and(|map| map.0.len() == 1);
    let conventions =
        list(node, "groups").is_some_and(|groups| groups.iter().all(|one| has(one, &["id", "attributes"])));
    named && has_any(node, WORDS) || alone && conventions
}
