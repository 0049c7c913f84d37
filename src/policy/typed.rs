//! The sections of `config.yaml` as types: what serde makes of them.
//!
//! **In**: the file's bytes, and its tree, which the profile's reader made and the table of fields has checked. **Out**: values of these
//! types with the nodes they were written in, one section, project or list at a time, so that a mistake in one hides none in
//! another. **Not taken**: serde's errors as the first word on a mistake, because it stops at one and has no place for it.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_yaml::Value;

use super::config::Approvals;
use crate::diagnostics::{Diagnostics, lints};
use crate::document::{Entry, Map, Node};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectSection {
    pub paths: Vec<String>,
    pub approvals: Approvals,
    pub required: Option<u32>,
}

/// What narrows a section of APPROVERS.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NarrowingSection {
    pub only: Option<Vec<String>>,
    pub when: Option<WhenSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhenSection {
    pub affected: Option<String>,
    pub exposed: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct CriticalSection {
    pub relax: Option<Vec<String>>,
    pub add: Option<Vec<String>>,
    pub deactivation: Option<Deactivation>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Deactivation {
    Free,
    Approval,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockSection {
    pub after: String,
}

/// The file as serde sees it, with its tree.
pub struct Sections<'n> {
    value: Value,
    node: &'n Node,
}

impl<'n> Sections<'n> {
    /// The sections of the file that `node` was read from.
    #[must_use]
    pub fn of(bytes: &[u8], node: &'n Node) -> Self {
        Sections { value: serde_yaml::from_slice(bytes).unwrap_or(Value::Null), node }
    }

    /// The section `name`, if it is there and well-formed.
    pub fn one<T: DeserializeOwned>(&self, name: &str, diagnostics: &mut Diagnostics<'_>) -> Option<(T, &'n Node)> {
        let node = self.node.get(name)?;
        Some((typed(self.value.get(name)?, node, diagnostics)?, node))
    }

    /// The entries of the section `name` that are well-formed.
    pub fn each<T: DeserializeOwned>(&self, name: &str, diagnostics: &mut Diagnostics<'_>) -> Vec<(T, &'n Entry)> {
        let Some(value) = self.value.get(name) else { return Vec::new() };
        let entries = self.node.get(name).and_then(Node::as_map).into_iter().flat_map(Map::iter);
        entries.filter_map(|entry| Some((typed(value.get(&entry.key)?, &entry.value, diagnostics)?, entry))).collect()
    }
}

/// A value of this type. Where it is none, the table of fields has said why; if it hasn't, serde's reason is told.
fn typed<T: DeserializeOwned>(value: &Value, node: &Node, diagnostics: &mut Diagnostics<'_>) -> Option<T> {
    serde_yaml::from_value(value.clone())
        .map_err(|error| {
            if !diagnostics.any_error() {
                diagnostics.add(lints::WRONG_TYPE, node.place, error.to_string(), "write it as the schema says");
            }
        })
        .ok()
}
