//! Parts that are not read: the rest of a document, and flags of another format inside of one.
//!
//! **In**: a document without what was read. **Out**: one flag that nobody knows to be off, so that a change of it
//! needs approval. **Refuses**: to pass over it. **Not taken**: reading a format inside of another one whose mapping
//! does not say so.

use std::collections::BTreeSet;

use super::at::{At, address};
use super::flag::entry;
use crate::document::{Data, Entry, Map, Node};
use crate::flag::{Flag, Kind, Links, State};
use crate::format::FormatRef;
use crate::format::known::{holds_switches, known};

/// A flag of which nothing but its text is known.
pub fn unread(format: &FormatRef, key: String, left: Node) -> Flag {
    let place = left.place;
    let record = vec![entry("state", place, Node::text(place, "unknown".to_owned())), entry("rest", place, left)];
    Flag {
        key,
        kind: Kind::Flag,
        scope: None,
        state: State { word: "unknown".to_owned(), live: true, place },
        place,
        record: Map(record),
        shared: None,
        links: Links::default(),
        drawn: None,
        format: format.clone(),
    }
}

/// A string that holds flags of another format than flagd's, as its name or its shape tells.
pub fn of_another_format(format: &FormatRef, at: &At<'_>) -> Option<Flag> {
    let (text, name) = (at.entity.as_text()?, at.keys.last()?);
    let other = || known(name, text.as_bytes()).is_some_and(|it| it.known.id != Some("flagd") && it.flags > 0);
    (other() || holds_switches(text)).then(|| unread(format, format!("flags in {name}"), at.entity.clone()))
}

/// A document without the nodes that were taken; `None` if nothing is left that says something.
pub fn without(node: &Node, taken: &BTreeSet<usize>) -> Option<Node> {
    if taken.contains(&address(node)) {
        return None;
    }
    let data = match &node.data {
        Data::Map(map) => {
            let left = map.iter().filter_map(|entry| {
                Some(Entry { key: entry.key.clone(), place: entry.place, value: without(&entry.value, taken)? })
            });
            let left: Vec<Entry> = left.collect();
            if left.is_empty() {
                return None;
            }
            Data::Map(Map(left))
        }
        Data::List(items) => {
            let left: Vec<Node> = items.iter().filter_map(|item| without(item, taken)).collect();
            if left.is_empty() {
                return None;
            }
            Data::List(left)
        }
        other => other.clone(),
    };
    Some(node.with(data))
}
