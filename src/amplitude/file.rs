//! Flag files out of items: what an import writes, and Amplitude's side of a comparison.
//!
//! In: an item, or the fields of one. Out: a file in canonical form that the reader of flag files takes without an
//! error. A part that Amplitude has and no file can say (a cohort clause, a word of old, a character that is refused)
//! is left out, named in a comment at the top, and so stays unmanaged. Refuses: an item whose key can be no key of a
//! file.

use std::collections::BTreeMap;

use super::{Item, entry, fields};
use crate::diagnostics::escape::{cut, visible};
use crate::diagnostics::words::json_string;
use crate::diagnostics::{Diagnostics, Place};
use crate::document::{Data, Entry, Map, Node};
use crate::format::VOCABULARY;

/// A file for an item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WrittenFlag {
    pub text: String,
    /// The fields that stay in Amplitude alone, each with the reason.
    pub left_out: BTreeMap<String, String>,
}

/// The reason for which weights are in no file.
pub const OF_A_BANDIT: &str = "a running bandit changes its weights by itself";

/// The file of an item.
///
/// # Errors
/// Why there can be none, as a sentence.
pub fn write(item: &Item) -> Result<WrittenFlag, String> {
    write_without(item, BTreeMap::new())
}

/// The reason for which it is not known whom the variants of an item include; none if it is known, or the record has
/// it.
#[must_use]
pub fn unread(item: &Item) -> Option<&'static str> {
    let known = |variant: &Node| {
        let key = variant.get(fields::KEY).and_then(Node::as_text);
        key.is_some_and(|key| item.inclusions_of.contains(key)) || variant.get(fields::INCLUSIONS).is_some()
    };
    if fields::list_of(&item.record, fields::VARIANTS).iter().all(known) {
        return None;
    }
    Some(if item.archived {
        "whom its variants include is not read while it is archived"
    } else {
        "whom its variants include was not read; `countersign amplitude import --inclusions all` reads it"
    })
}

/// The file of an item with more that is Amplitude's: fields, each with the reason.
///
/// # Errors
/// Why there can be none, as a sentence.
pub fn write_without(item: &Item, mut left_out: BTreeMap<String, String>) -> Result<WrittenFlag, String> {
    left_out.extend(item.held.iter().map(|(field, why)| ((*field).to_owned(), why.clone())));
    let mut record = item.record.clone();
    if item.runs_as_bandit() {
        left_out.insert(fields::WEIGHTS.to_owned(), OF_A_BANDIT.to_owned());
        for segments in record.0.iter_mut().filter(|field| field.key == fields::SEGMENTS) {
            without(&mut segments.value, fields::WEIGHTS);
        }
    }
    let word = Node::text(Place::START, item.word());
    let own = [
        (fields::KEY, Node::text(Place::START, item.key.clone())),
        (fields::KIND, Node::text(Place::START, item.kind.word())),
        (fields::STATE, word),
    ];
    let mut all: Vec<Entry> = own.into_iter().map(|(name, node)| entry(name, node)).collect();
    all.extend(record.0.into_iter().filter(|field| !left_out.contains_key(&field.key)));
    let order = |field: &Entry| VOCABULARY.fields.iter().position(|row| row.name == field.key);
    all.sort_by_key(order);
    // A field that the reader refuses is left out, until it takes the rest.
    loop {
        let text = text_of(&all, &left_out);
        let Some((line, why)) = first_error(&text) else {
            let text = VOCABULARY.canonical.and_then(|canonical| canonical(&text)).unwrap_or(text);
            return Ok(WrittenFlag { text, left_out });
        };
        let at = line.checked_sub(1 + left_out.len()).filter(|at| *at < all.len());
        let field = at.map(|at| all.remove(at));
        match field.filter(|field| ![fields::KEY, fields::KIND, fields::STATE].contains(&field.key.as_str())) {
            Some(field) => drop(left_out.insert(field.key, why)),
            None => return Err(format!("no file can have it: {why}")),
        }
    }
}

/// Amplitude's side of a comparison: these fields in canonical form, whatever a check says of them.
#[must_use]
pub fn side(record: &Map) -> String {
    let mut all = record.0.clone();
    while unreadable(&text_of(&all, &BTreeMap::new())) {
        // A field that no file can hold at all is not there; the comparison of fields has said so already.
        let Some(at) =
            all.iter().rposition(|field| ![fields::KEY, fields::KIND, fields::STATE].contains(&field.key.as_str()))
        else {
            break;
        };
        all.remove(at);
    }
    text_of(&all, &BTreeMap::new())
}

/// The fields, one a line below a line for each that is left out.
fn text_of(all: &[Entry], left_out: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    for (field, why) in left_out {
        out.push_str(&format!("# `{field}` is Amplitude's and not managed here: {}\n", cut(&visible(why), 160)));
    }
    for field in all {
        let mut value = String::new();
        put(&field.value, &mut value);
        out.push_str(&format!("{}: {value}\n", json_string(&field.key)));
    }
    out
}

fn first_error(text: &str) -> Option<(usize, String)> {
    let mut diagnostics = Diagnostics::of("");
    let _ = VOCABULARY.flags_of(text.as_bytes(), "", &mut diagnostics);
    let found = diagnostics.finish(text);
    let error = found.into_iter().find(crate::diagnostics::Diagnostic::is_error)?;
    Some((usize::try_from(error.place.line).unwrap_or(usize::MAX), error.message))
}

fn unreadable(text: &str) -> bool {
    let mut diagnostics = Diagnostics::of("");
    VOCABULARY.flags_of(text.as_bytes(), "", &mut diagnostics).is_none()
}

/// Takes a member out of every map of a list.
pub(super) fn without(list: &mut Node, member: &str) {
    let Data::List(items) = &mut list.data else { return };
    for item in items {
        if let Data::Map(members) = &mut item.data {
            members.0.retain(|one| one.key != member);
        }
    }
}

/// A value in one line, which every reader of the profile takes alike.
fn put(node: &Node, out: &mut String) {
    match &node.data {
        Data::Null => out.push_str("null"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) => out.push_str(&number.typed()),
        Data::Text(text) => out.push_str(&json_string(text)),
        Data::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                put(item, out);
            }
            out.push(']');
        }
        Data::Map(map) => {
            out.push('{');
            for (at, member) in map.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                out.push_str(&json_string(&member.key));
                out.push_str(": ");
                put(&member.value, out);
            }
            out.push('}');
        }
    }
}
