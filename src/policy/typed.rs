//! The sections of `config.yaml` as types: what serde makes of them.
//!
//! **In**: the file's bytes, and its tree, which the profile's reader made and the table of fields has checked.
//! **Out**: values of these types with the nodes they were written in, one section, project or list at a time, so that
//! a mistake in one hides none in another. **Not taken**: serde's errors as the first word on a mistake, because it
//! stops at one and has no place for it.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_yaml::Value;

use crate::diagnostics::{Diagnostics, lints};
use crate::document::{Entry, Map, Node};
use crate::report::approvers::Approvals;

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhenSection {
    pub affected: Option<String>,
    pub exposed: Option<String>,
    pub within: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct CriticalSection {
    pub relax: Option<Vec<String>>,
    pub add: Option<Vec<String>>,
    pub deactivation: Option<FreeOrApproval>,
    pub restore: Option<FreeOrApproval>,
    pub activation: Option<ActivationSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivationSection {
    pub serves: Serves,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Serves {
    Anything,
    OtherThanOff,
}

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
        Some((typed(self.value.get(name), node, diagnostics)?, node))
    }

    /// The entries of the section `name` that are well-formed.
    pub fn each<T: DeserializeOwned>(&self, name: &str, diagnostics: &mut Diagnostics<'_>) -> Vec<(T, &'n Entry)> {
        let value = self.value.get(name);
        let entries = self.node.get(name).and_then(Node::as_map).into_iter().flat_map(Map::iter);
        let typed = |entry: &'n Entry| {
            let value = value.and_then(|value| value.get(&entry.key));
            Some((typed(value, &entry.value, diagnostics)?, entry))
        };
        entries.filter_map(typed).collect()
    }
}

/// A value of this type. If it is none, the table of fields has reported why; if it hasn't, serde's reason is reported.
/// A value that the tree has and serde has not is an error too: a project that is left out would need no approval.
fn typed<T: DeserializeOwned>(value: Option<&Value>, node: &Node, diagnostics: &mut Diagnostics<'_>) -> Option<T> {
    let why = match value.map(|value| serde_yaml::from_value(value.clone())) {
        Some(Ok(typed)) => return Some(typed),
        Some(Err(error)) => error.to_string(),
        None => "two readers of YAML find different keys here".to_owned(),
    };
    if !diagnostics.any_error() {
        let remedy = "compare it with `schemas/config.schema.json`, and put keys and strings in quotes";
        diagnostics.add(lints::WRONG_TYPE, node.place, why, remedy);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Place;
    use crate::document::Data;

    fn text(text: &str) -> Node {
        Node::new(Place::START, Data::Text(text.to_owned()))
    }

    /// A tree that has a section and a project which serde does not find: an error, never a policy without them.
    #[test]
    fn a_value_that_serde_does_not_find_is_an_error() {
        let map = |key: &str, value: Node| {
            Node::new(Place::START, Data::Map(Map(vec![Entry { key: key.to_owned(), place: Place::START, value }])))
        };
        let node = map("projects", map("web", text("x")));
        for bytes in ["projects: {other: x}", "other: 1", "[", "projects: x"] {
            let sections = Sections::of(bytes.as_bytes(), &node);
            let mut diagnostics = Diagnostics::of("config.yaml");
            assert_eq!(sections.each::<String>("projects", &mut diagnostics).len(), 0, "{bytes}");
            assert!(diagnostics.any_error(), "{bytes}");
        }
        let node = map("lock", text("x"));
        let mut diagnostics = Diagnostics::of("config.yaml");
        assert!(Sections::of(b"other: 1", &node).one::<String>("lock", &mut diagnostics).is_none());
        assert!(diagnostics.any_error());
    }
}
