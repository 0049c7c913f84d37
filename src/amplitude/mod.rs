//! The Amplitude room: everything that knows Amplitude's Experiment Management API.
//!
//! In: flags and experiments as Amplitude has them, and files of the repository. Out: the same item on both sides in
//! the words of the flag files, what differs, and the calls that would make one side the other. It refuses to write
//! what it can't read back, and to take a field that Amplitude did not tell for an empty one. Not taken: Amplitude's
//! second API (`amp flags`), which has no experiments and can't change targeting; and a journal of what was done: each
//! step is computed from a fresh read.
//!
//! The flow: [`wire`] makes an [`Item`] out of JSON, [`mod@file`] writes it down as a flag file, [`compare`] holds the
//! two against each other, [`lock`] remembers ids. Only the client talks to the network.

pub mod applied;
pub mod apply;
pub mod base;
pub mod client;
pub mod compare;
mod content_calls;
pub mod creation;
pub mod document;
pub mod fields;
pub mod file;
pub mod import;
mod json;
mod lists;
pub mod lock;
mod manual_parts;
pub mod outputs;
pub mod plan;
pub mod relations;
pub mod saved;
pub mod saved_plan;
mod segments;
pub mod state;
pub mod steps;
pub mod unread;
pub mod weights;
pub mod wire;

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::diagnostics::escape::url_segment;
use crate::document::canonical::canonical_record;
use crate::document::{Data, Entry, Map, Node};
use crate::flag::Kind;
use crate::format::VOCABULARY;

/// A flag or experiment as Amplitude has it, in the words of the flag files.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "facts, each on its own")]
pub struct Item {
    /// Decimal digits; stays when the key changes.
    pub id: String,
    /// The id of its project.
    pub project: String,
    pub key: String,
    pub kind: Kind,
    /// Whether it serves users.
    pub enabled: bool,
    pub archived: bool,
    /// Whether Amplitude says that it is a web experiment, which its API does not edit.
    pub is_web: bool,
    /// Amplitude's own word for the phase of an experiment, an open set.
    pub phase: Option<String>,
    /// Every field that Amplitude stated, but for those at their own empty value.
    pub record: Map,
    /// The fields that Amplitude stated at all: any other is not known, and not empty.
    pub answered: BTreeSet<&'static str>,
    /// Fields of which a part cannot be written through the API, or stands in no file, each with the reason.
    pub held: BTreeMap<&'static str, String>,
    /// The variants whose inclusions were read.
    pub inclusions_of: BTreeSet<String>,
    /// Whether payloads and descriptions of the variants were read.
    pub variants_read: bool,
    /// Members that no field has a word for.
    pub unknown: Vec<String>,
    pub modified_by: Option<String>,
    pub modified_at: Option<String>,
    /// The number of its latest version, if that was read.
    pub version: Option<u64>,
}

impl Item {
    /// Whether Amplitude changes its weights by itself.
    #[must_use]
    pub fn runs_as_bandit(&self) -> bool {
        self.enabled && fields::text_of(&self.record, fields::EXPERIMENT_TYPE) == Some("multi-arm-bandit")
    }

    /// SHA-256 of everything that was read of it and that means something, 64 hex digits.
    #[must_use]
    pub fn digest(&self) -> String {
        self.digest_of(&self.record)
    }

    /// Digest of the item without what stands in answers of their own: payloads, descriptions and inclusions of the
    /// variants.
    #[must_use]
    pub fn outline_digest(&self) -> String {
        let mut record = self.record.clone();
        for entry in record.0.iter_mut().filter(|entry| entry.key == fields::VARIANTS) {
            let Data::List(variants) = &mut entry.value.data else { continue };
            for variant in variants {
                if let Data::Map(members) = &mut variant.data {
                    members.0.retain(|member| member.key == fields::KEY);
                }
            }
        }
        self.digest_of(&record)
    }

    /// SHA-256 of a field that stays in Amplitude alone, 64 hex digits; none if Amplitude did not tell it, or changes
    /// it by itself.
    #[must_use]
    pub fn kept(&self, field: &str) -> Option<String> {
        let row = VOCABULARY.fields.iter().find(|row| row.name == field)?;
        // Of variants not every look reads everything.
        let comes_and_goes = field == fields::VARIANTS || field == fields::WEIGHTS && self.runs_as_bandit();
        if comes_and_goes || !self.answered.contains(row.name) {
            return None;
        }
        let value = Map(value(&self.record, field).map(|node| entry(field, node.clone())).into_iter().collect());
        let hash = Sha256::digest(canonical_record(&value, VOCABULARY.fields));
        Some(hash.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    fn digest_of(&self, record: &Map) -> String {
        let mut hash = Sha256::new();
        let held: Vec<String> = self.held.iter().map(|(field, why)| format!("{field}: {why}")).collect();
        let facts = format!(
            "{}\n{}\n{}\n{}\n{}\n{}\n",
            self.key,
            self.kind.word(),
            self.enabled,
            self.archived,
            held.join("\n"),
            canonical_record(record, VOCABULARY.fields)
        );
        hash.update(facts);
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The list that a kind is in.
#[must_use]
fn list_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Flag => fields::FLAGS,
        Kind::Experiment => "experiments",
    }
}

/// The path of an item.
#[must_use]
fn path_of(kind: Kind, id: &str) -> String {
    format!("/{}/{}", list_of(kind), url_segment(id))
}

/// The value of a field in a record, unless it is null.
fn value<'m>(record: &'m Map, field: &str) -> Option<&'m Node> {
    record.get(field).filter(|node| !node.is_null())
}

fn entry(key: &str, value: Node) -> Entry {
    Entry { key: key.to_owned(), place: value.place, value }
}

#[cfg(test)]
mod tests;
