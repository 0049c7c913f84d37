//! Reading for diagnostics alone: the fields that checks look at, where no flag is compared with another.
//!
//! **In**: a mapping, and a document. **Out**: the fields of its flags that have to be read. **Refuses**: to leave out
//! a field in which a check may find something; of a large document all fields are read, since only they tell whether
//! its flags say too much. **Not taken**: checks of their own for this, which would find something else than a review.

use super::checks::{NAMING, WEIGHING};
use super::fields::VARIANTS;
use super::flags::MOST_COPIED;
use super::language::{Entity, FieldMap, Mapping, Source};
use super::path::without_mark;
use crate::document::{Data, Node};

/// The fields of flags that are looked for in a document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReadFields {
    /// All fields.
    All,
    /// Fields that may be wrong: by themselves, or also by the variants that they name.
    Checked { names: bool },
}

impl ReadFields {
    pub fn has(self, row: &FieldMap) -> bool {
        match self {
            ReadFields::All => true,
            ReadFields::Checked { names } => may_be_wrong(row) || names && (row.names || row.field == VARIANTS),
        }
    }
}

/// Whether a field has words that are refused, or leads to more than is judged.
fn may_be_wrong(row: &FieldMap) -> bool {
    !row.words.is_empty() || !row.follows.is_empty()
}

/// The documents of a mapping of which not all fields have to be read.
#[derive(Clone, PartialEq, Debug)]
pub struct CheckedOnly {
    /// Up to how many values such a document has.
    values: usize,
    /// The members under which strings are names of variants, in lower case; `None` if any may be one.
    naming: Option<Vec<String>>,
}

impl CheckedOnly {
    pub fn of(mapping: &Mapping) -> Self {
        let rows = || mapping.entities.iter().flat_map(|entity| &entity.fields);
        let follows = rows().any(|row| !row.follows.is_empty());
        CheckedOnly { values: if follows { 0 } else { most_values(&mapping.entities) }, naming: naming(rows()) }
    }

    pub fn fields(&self, document: &Node) -> ReadFields {
        if document.size() > self.values {
            return ReadFields::All;
        }
        let may_name = |naming: &Vec<String>| may_name_variants(document, "", naming);
        ReadFields::Checked { names: self.naming.as_ref().is_none_or(may_name) }
    }
}

/// Up to how many values a document may have so that its flags do not say too much, whatever their fields take of it:
/// each value may be a flag, and each part of all fields, the state and the rest may hold all values.
fn most_values(entities: &[Entity]) -> usize {
    let parts = |entity: &Entity| 2 + entity.fields.iter().map(|row| row.parts.len()).sum::<usize>();
    (MOST_COPIED / entities.iter().map(parts).max().unwrap_or(1)).isqrt()
}

/// The members under which strings are names of variants: those that checks know, and the ends of the paths of fields
/// that name variants.
fn naming<'m>(rows: impl Iterator<Item = &'m FieldMap>) -> Option<Vec<String>> {
    let mut found: Vec<String> = NAMING.iter().map(|name| name.to_ascii_lowercase()).collect();
    // Strings of these are names of segments.
    for part in rows.filter(|row| row.names && row.field != "segments").flat_map(|row| &row.parts) {
        if part.default.as_ref().is_some_and(has_text) {
            return None;
        }
        for source in &part.at {
            let Source::Path(path) = source else { return None };
            found.push(path.steps.last()?.name()?.to_ascii_lowercase());
        }
    }
    Some(found)
}

fn has_text(node: &Node) -> bool {
    match &node.data {
        Data::Text(_) => true,
        Data::Map(map) => map.iter().any(|entry| has_text(&entry.value)),
        Data::List(items) => items.iter().any(has_text),
        Data::Null | Data::Bool(_) | Data::Number(_) => false,
    }
}

/// Whether something that stands under this name may be one of a variant: a string, a map of shares, or JSON in a
/// string. An item of a list may be called as such a member is.
fn may_name_variants(node: &Node, under: &str, naming: &[String]) -> bool {
    let is_naming = |name: &str| naming.iter().any(|one| name.eq_ignore_ascii_case(one));
    let is_weighing = |name: &str| WEIGHING.iter().any(|one| name.eq_ignore_ascii_case(one));
    match &node.data {
        Data::Text(text) => is_naming(under) || is_naming(text) || is_weighing(text) || text.starts_with(['{', '[']),
        Data::Map(map) => {
            !map.0.is_empty() && is_weighing(under)
                || map.iter().any(|entry| may_name_variants(&entry.value, without_mark(&entry.key), naming))
        }
        Data::List(items) => items.iter().any(|item| may_name_variants(item, under, naming)),
        Data::Null | Data::Bool(_) | Data::Number(_) => false,
    }
}
