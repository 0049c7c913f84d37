//! The section `amplitude` of `config.yaml`: which project of the repository is which one in Amplitude.
//!
//! In: the section, checked against its rows. Out: an [`AmplitudeConfig`]. It refuses a project that the configuration
//! does not have, an id that is none, and two projects with one id, of which each would write what the other one has.
//! Not taken: the management key, which is no part of any file.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::config::{Project, field_names};
use super::pattern::Pattern;
use super::typed::Sections;
use crate::diagnostics::diagnostic::{choice, nearest};
use crate::diagnostics::{Diagnostics, lints};
use crate::document::{Map, Node};

/// The region that an organisation's data lives in; it is never guessed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AmplitudeRegion {
    #[default]
    Us,
    Eu,
}

impl AmplitudeRegion {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            AmplitudeRegion::Us => "us",
            AmplitudeRegion::Eu => "eu",
        }
    }
}

/// The `amplitude` section of the configuration.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AmplitudeConfig {
    /// Project of the configuration to the id of one in Amplitude, decimal digits.
    pub projects: BTreeMap<String, String>,
    pub region: AmplitudeRegion,
    /// Fields that are left to Amplitude's console: read and never written.
    pub unmanaged: Vec<String>,
}

/// The keys of the section.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AmplitudeSection {
    projects: BTreeMap<String, String>,
    region: Option<AmplitudeRegion>,
    unmanaged: Option<Vec<String>>,
}

/// The section, if there is one; its diagnostics are added.
pub(super) fn read(
    sections: &Sections<'_>,
    projects: &[Project],
    diagnostics: &mut Diagnostics<'_>,
) -> Option<AmplitudeConfig> {
    let (section, node) = sections.one::<AmplitudeSection>("amplitude", diagnostics)?;
    let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
    let entries = node.get("projects").and_then(Node::as_map).into_iter().flat_map(Map::iter);
    for entry in entries {
        let names = || projects.iter().map(|project| project.name.as_str());
        if !names().any(|name| name == entry.key) {
            let remedy = nearest(&entry.key, names()).map_or_else(
                || format!("write one of {}", choice(names())),
                |name| format!("write `{name}` if that is what you mean"),
            );
            let message = format!("`{}` is no project of this configuration", entry.key.escape_debug());
            diagnostics.add(lints::WRONG_WORD, entry.place, message, remedy);
        }
        let named = projects.iter().find(|project| project.name == entry.key);
        if named.is_some_and(|project| project.paths.iter().any(Pattern::has_placeholder)) {
            let message = format!("the flags of `{}` are told apart by their paths", entry.key.escape_debug());
            let remedy = "write `*` for the placeholder in its `paths`; in one project of Amplitude a key stands once";
            diagnostics.add(lints::WRONG_WORD, entry.place, message, remedy);
        }
        let Some(id) = entry.value.as_text() else { continue };
        if id.is_empty() || id.len() > 20 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            let message = format!("`{}` is no id of a project in Amplitude", id.escape_debug());
            let remedy = "write the number that Amplitude shows in the settings of the project, in quotes";
            diagnostics.add(lints::WRONG_WORD, entry.value.place, message, remedy);
        } else if let Some(other) = ids.insert(id, &entry.key) {
            let message = format!("`{other}` and `{}` are both the project {id} in Amplitude", entry.key);
            let remedy = "give each its own, or make them one project";
            diagnostics.add(lints::WRONG_WORD, entry.value.place, message, remedy);
        }
    }
    let unmanaged = field_names(section.unmanaged.as_deref(), node.get("unmanaged"), diagnostics);
    for one in node.get("unmanaged").and_then(Node::as_list).unwrap_or_default() {
        let Some(name) = one.as_text().filter(|name| name.contains('.')) else { continue };
        let message = format!("`{}` cannot be left to the console", name.escape_debug());
        let remedy = "name a whole field, such as `variants`";
        diagnostics.add(lints::WRONG_WORD, one.place, message, remedy);
    }
    Some(AmplitudeConfig { projects: section.projects, region: section.region.unwrap_or_default(), unmanaged })
}

/// Rights that a section gives: who may do what.
fn rights(config: Option<&AmplitudeConfig>) -> BTreeSet<(String, String)> {
    let Some(config) = config else { return BTreeSet::new() };
    let region = config.region.word();
    let of_projects = config.projects.iter().map(|(name, id)| {
        let who = format!("whoever approves changes of `{name}`");
        (who, format!("decides what project {id} of Amplitude's region `{region}` serves"))
    });
    let of_fields = config.unmanaged.iter().map(|field| {
        (
            "anyone who may use Amplitude's console".to_owned(),
            format!("may change `{field}` there, and no drift is right_change"),
        )
    });
    of_projects.chain(of_fields).collect()
}

/// Rights that a change of the section gives (true) and takes.
pub(super) fn changes(
    before: Option<&AmplitudeConfig>,
    after: Option<&AmplitudeConfig>,
) -> Vec<(String, bool, String)> {
    let (before, after) = (rights(before), rights(after));
    let right_change = |one: &(String, String), gained: bool| (one.0.clone(), gained, one.1.clone());
    let gained = after.difference(&before).map(|one| right_change(one, true));
    gained.chain(before.difference(&after).map(|one| right_change(one, false))).collect()
}
