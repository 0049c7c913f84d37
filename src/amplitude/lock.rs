//! The lock file: which item of Amplitude is which file, and what it was when it was imported.
//!
//! In and out: `.countersign/amplitude.lock`, JSON for the machine, sorted, one line a member, so that two branches
//! merge. Every file of its folder is protected: a changed id would send one flag's changes to another. Refuses: a
//! version that is not known, and members that are not. Not taken: the values themselves; the files have those.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::flag::Kind;
use crate::report::BypassFacts;

/// Where it stands.
pub const LOCK_PATH: &str = ".countersign/amplitude.lock";

/// The version of its form.
pub const SCHEMA: &str = "countersign/amplitude-lock/v1";

/// The lock file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The version of this form.
    pub schema: String,
    /// By the project's name in the configuration.
    pub projects: BTreeMap<String, LockedProject>,
}

/// The items of a project.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LockedProject {
    /// The id of the project in Amplitude.
    pub id: String,
    /// Its items, by their keys in Amplitude.
    pub items: BTreeMap<String, LockedItem>,
}

/// An item as it was when it was last imported or applied.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LockedItem {
    /// Its id in Amplitude, which stays when its key changes.
    pub id: String,
    /// `flag` or `experiment`.
    pub kind: String,
    /// The number of its latest version, if that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// SHA-256 of the item without what stands in answers of their own.
    pub hash: String,
    /// SHA-256 of the file that was written for it; absent if none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// SHA-256 of the file of which Amplitude was last seen to have everything; absent if that was never seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied: Option<String>,
    /// Why it is edited in Amplitude's console alone; absent if the API takes edits of it, as far as anybody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub console: Option<String>,
    /// How its approvals were bypassed; absent if they were not, or if it was applied with approvals since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bypassed: Option<BypassFacts>,
    /// Fields that stay in Amplitude alone, each with the reason.
    #[serde(default, rename = "readOnly", skip_serializing_if = "BTreeMap::is_empty")]
    pub read_only: BTreeMap<String, String>,
    /// SHA-256 of each of those as it was then, as far as Amplitude stated it, so that a change of it is found.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kept: BTreeMap<String, String>,
}

impl Default for Lock {
    fn default() -> Self {
        Lock { schema: SCHEMA.to_owned(), projects: BTreeMap::new() }
    }
}

impl Lock {
    /// Reads the file.
    ///
    /// # Errors
    /// Why it cannot be read, as a sentence.
    pub fn parse(text: &str) -> Result<Lock, String> {
        let lock: Lock = serde_json::from_str(text).map_err(|error| format!("it is no lock file: {error}"))?;
        if lock.schema == SCHEMA {
            Ok(lock)
        } else {
            Err(format!("its form is `{}`, and only `{SCHEMA}` is known", lock.schema.escape_debug()))
        }
    }

    /// The file.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// An item of a project.
    #[must_use]
    pub fn item(&self, project: &str, key: &str) -> Option<&LockedItem> {
        self.projects.get(project)?.items.get(key)
    }

    /// The ids of a project, each with its kind; none if the project had another id in Amplitude.
    #[must_use]
    pub fn ids(&self, project: &str, id: &str) -> BTreeMap<String, Kind> {
        let known = self.projects.get(project).filter(|known| known.id == id);
        let items = known.into_iter().flat_map(|known| known.items.values());
        items
            .map(|item| {
                (item.id.clone(), if item.kind == Kind::Experiment.word() { Kind::Experiment } else { Kind::Flag })
            })
            .collect()
    }

    /// The key under which a project has an id.
    #[must_use]
    pub fn key_of(&self, project: &str, id: &str) -> Option<&str> {
        let items = &self.projects.get(project)?.items;
        items.iter().find(|(_, item)| item.id == id).map(|(key, _)| key.as_str())
    }
}
