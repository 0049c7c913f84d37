//! The sections of `config.yaml` as types: what serde makes of them.
//!
//! **In**: the tree of the file, which the profile's reader made and the table of fields has checked.
//! **Out**: values of these types with the nodes they were written in, one section, project or list at a time, so that
//! a diagnostic in one hides none in another. **Not taken**: a second reading of the bytes by serde, which stops at a
//! duplicate key; serde's errors as the first word on a section, because serde stops at one and has no place for it.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_yaml::Value;

use crate::diagnostics::{Diagnostics, lints};
use crate::document::{Entry, Map, Node};
use crate::report::approvers::Approvals;

/// An entry of `projects`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectSection {
    pub paths: Vec<String>,
    pub approvals: Approvals,
    /// Taken from the tree, which reads `2.0` as 2, as the table of fields does.
    #[serde(rename = "required")]
    pub _required: Option<serde::de::IgnoredAny>,
}

/// Conditions that narrow a section of APPROVERS.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NarrowingSection {
    pub only: Option<Vec<String>>,
    pub when: Option<WhenSection>,
    pub scopes: Option<Vec<String>>,
}

/// The bounds on the impact from which on a section is required.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhenSection {
    pub affected: Option<String>,
    pub exposed: Option<String>,
    pub within: Option<String>,
}

/// The section `critical`: changes to the table of rules.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct CriticalSection {
    pub relax: Option<Vec<String>>,
    pub add: Option<Vec<String>>,
    pub deactivation: Option<FreeOrApproval>,
    pub restore: Option<FreeOrApproval>,
    pub activation: Option<ActivationSection>,
}

/// The activations that are critical.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivationSection {
    pub serves: Serves,
}

/// The activations that need approval, by what they serve.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Serves {
    Anything,
    OtherThanOff,
}

/// Whether a deactivation or a restore is free.
#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum FreeOrApproval {
    Free,
    Approval,
}

/// A row of `keyless` in `trust.yaml`: a signer of receipts without a key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeylessSection {
    pub issuer: String,
    pub identity: String,
    #[serde(rename = "valid-before")]
    pub valid_before: Option<String>,
}

/// The section `lock`: when an idle holder may be passed over.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockSection {
    pub after: String,
}

/// The sections of a file, by its tree.
pub struct Sections<'n> {
    node: &'n Node,
}

impl<'n> Sections<'n> {
    /// The sections of the file that was read into `node`.
    #[must_use]
    pub fn of(node: &'n Node) -> Self {
        Sections { node }
    }

    /// The section `name`, if it is there and well-formed.
    pub fn one<T: DeserializeOwned>(&self, name: &str, diagnostics: &mut Diagnostics<'_>) -> Option<(T, &'n Node)> {
        let node = self.node.get(name)?;
        Some((typed(node, diagnostics)?, node))
    }

    /// The entries of the section `name` that are well-formed.
    pub fn each<T: DeserializeOwned>(&self, name: &str, diagnostics: &mut Diagnostics<'_>) -> Vec<(T, &'n Entry)> {
        let entries = self.node.get(name).and_then(Node::as_map).into_iter().flat_map(Map::iter);
        entries.filter_map(|entry| Some((typed(&entry.value, diagnostics)?, entry))).collect()
    }
}

/// The node as a value of this type. If it is none, the table of fields has reported why; if it hasn't, serde's reason
/// is reported: a project that is left out would need no approval.
fn typed<T: DeserializeOwned>(node: &Node, diagnostics: &mut Diagnostics<'_>) -> Option<T> {
    // By way of a value, because serde's reasons then name no line of the text in between.
    let value = serde_yaml::from_str::<Value>(&node.json());
    match value.and_then(serde_yaml::from_value) {
        Ok(typed) => Some(typed),
        Err(error) => {
            if !diagnostics.any_error() {
                let remedy = "compare it with `schemas/config.schema.json`, and put keys and strings in quotes";
                diagnostics.add(lints::WRONG_TYPE, node.place, error.to_string(), remedy);
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Place;
    use crate::document::Data;

    /// A section and a project that are of no such type, and no table of fields has said so: an error, never a policy
    /// without them.
    #[test]
    fn a_value_of_another_type_is_an_error() {
        let map = |key: &str, value: Node| {
            Node::new(Place::START, Data::Map(Map(vec![Entry { key: key.to_owned(), place: Place::START, value }])))
        };
        let node = map("projects", map("web", Node::new(Place::START, Data::Bool(true))));
        let mut diagnostics = Diagnostics::of("config.yaml");
        assert_eq!(Sections::of(&node).each::<String>("projects", &mut diagnostics).len(), 0);
        assert!(diagnostics.any_error());
        let mut diagnostics = Diagnostics::of("config.yaml");
        assert!(Sections::of(&node).one::<String>("projects", &mut diagnostics).is_none());
        assert!(diagnostics.any_error());
        let mut diagnostics = Diagnostics::of("config.yaml");
        assert_eq!(Sections::of(&node).each::<bool>("projects", &mut diagnostics).len(), 1);
        assert!(!diagnostics.any_error());
    }
}
