//! Creation of an item: the call that makes it, off and served nowhere, and the item that the call makes.
//!
//! In: a flag of a file that Amplitude has no item for. Out: the first call, and those that follow as far as they are
//! known before Amplitude has given it an id. It refuses segments that the API does not take. Not taken: making it in
//! one call, which the API has no room for: the share, the salt and the tags are written afterwards.

use std::collections::BTreeMap;

use serde_json::{Map as Object, Value, json};

use super::compare::projected;
use super::lock::LockedItem;
use super::state::{ServingState, WantedState, wanted_state};
use super::steps::{PlannedCall, Sides, Steps, steps};
use super::{Item, fields, list_of, segments};
use crate::document::Node;
use crate::flag::Flag;

/// The creation of a flag, off and served nowhere. The rest is written once it is there.
pub(super) fn creation(project: &str, flag: &Flag, unmanaged: &[String]) -> Result<Steps, String> {
    let mut body = Object::new();
    body.insert("projectId".to_owned(), json!(project));
    let blank = blank(project, flag);
    for row in fields::of_kind(flag.kind).filter(|row| row.on_create) {
        let Some(value) = flag.get(row.name) else { continue };
        let value = match row.name {
            fields::SEGMENTS => segments::written(&blank, flag)?,
            fields::VARIANTS => {
                Value::Array(fields::list_of(&flag.record, fields::VARIANTS).iter().map(without_inclusions).collect())
            }
            _ => super::json::value(value),
        };
        body.insert(row.name.to_owned(), value);
    }
    let create = PlannedCall::new("POST", format!("/{}", list_of(flag.kind)), Value::Object(body));
    // The calls that follow, as they will be on a new item without its id.
    let view = projected(&blank, flag, unmanaged);
    let rest = steps(Sides { have: &blank, want: flag, view: &view, then: None, dependents: &[] });
    let mut stages = vec![vec![create]];
    stages.extend(rest.stages);
    Ok(Steps { stages, by_hand: rest.by_hand, ..Steps::default() })
}

fn without_inclusions(variant: &Node) -> Value {
    let mut value = super::json::value(variant);
    if let Some(members) = value.as_object_mut() {
        members.remove(fields::INCLUSIONS);
    }
    value
}

/// The item that a creation makes: with everything that a creation takes, and the rest at nothing.
fn blank(project: &str, flag: &Flag) -> Item {
    let taken = |field: &&crate::document::Entry| fields::by_name(&field.key).is_some_and(|row| row.on_create);
    let mut record = crate::document::Map(flag.record.iter().filter(taken).cloned().collect());
    for list in record.0.iter_mut().filter(|field| field.key == fields::VARIANTS) {
        super::file::without(&mut list.value, fields::INCLUSIONS);
    }
    Item {
        id: "ID".to_owned(),
        project: project.to_owned(),
        key: flag.key.clone(),
        kind: flag.kind,
        enabled: false,
        archived: false,
        is_web: false,
        phase: None,
        record,
        answered: fields::of_kind(flag.kind).map(|row| row.name).collect(),
        held: BTreeMap::new(),
        inclusions_of: flag.variants().into_iter().map(str::to_owned).collect(),
        variants_read: true,
        unknown: Vec::new(),
        modified_by: None,
        modified_at: None,
        version: None,
    }
}

/// The item that Amplitude has if it has exactly what a file says: for a plan without a key.
#[must_use]
pub fn assumed(project: &str, flag: &Flag, locked: Option<&LockedItem>) -> Item {
    let mut item = blank(project, flag);
    item.id = locked.map_or_else(|| "ID".to_owned(), |locked| locked.id.clone());
    item.record = flag.record.clone();
    item.enabled = flag.state.live && wanted_state(&flag.state.word) != WantedState::Scheduled;
    item.archived = wanted_state(&flag.state.word) == WantedState::To(ServingState::Archived);
    let held = locked.into_iter().flat_map(|locked| &locked.read_only);
    item.held = held.filter_map(|(field, why)| Some((fields::by_name(field)?.name, why.clone()))).collect();
    item
}
