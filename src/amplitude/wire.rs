//! Items out of the API's JSON: tolerant in what is stated, exact in what it means.
//!
//! In: an object of a list or of its own, and the answers about its variants. Out: an [`Item`]. Ids are strings or
//! numbers, names and descriptions are empty, null or absent alike; a member that is absent was not stated. It refuses
//! an object without id, project, key or `enabled`, of which nobody knows what it is. Not taken: types that fail on a
//! new word.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::fields::{self, WriteWay};
use super::{Item, entry, json};
use crate::diagnostics::Place;
use crate::diagnostics::escape::visible;
use crate::document::{Data, Map, Node, Shape};
use crate::flag::Kind;
use crate::format::VOCABULARY;

/// Members that say who, when and how many, which no comparison looks at.
const ASIDE: &[&str] = &[
    "id",
    "projectId",
    "enabled",
    DELETED,
    "archive",
    "createdBy",
    "createdAt",
    "lastModifiedBy",
    "lastModifiedAt",
    "url",
    "version",
    "versions",
    "object",
    DELIVERY,
];

/// The member by which some answers say whether code or a web page shows an item.
const DELIVERY: &str = "deliveryMethod";

/// The member that says whether an item is archived.
const DELETED: &str = "deleted";

/// Whether an object says that it is archived, or that it is not.
#[must_use]
pub fn tells_archived(object: &Value) -> bool {
    object.get(DELETED).is_some_and(Value::is_boolean)
}

/// Whether an object says everything that decides who is served. A list may say less than the answer about an item.
#[must_use]
pub fn tells_enough(object: &Value) -> bool {
    let serving = [fields::VARIANTS, fields::PERCENTAGE, fields::WEIGHTS, fields::SEGMENTS, fields::DEPLOYMENTS];
    tells_archived(object) && serving.iter().all(|field| object.get(*field).is_some())
}

/// An object as an item. `kind` is the list that it is in.
///
/// # Errors
/// The member that is missing, in a sentence.
pub fn item(object: &Value, kind: Kind) -> Result<Item, String> {
    let needed = |member: &str| json::text(object, member).filter(|text| !text.is_empty());
    let id = needed("id").ok_or("an object has no `id`")?;
    let missing = |member: &str| format!("the {} {} has no `{member}`", kind.word(), visible(&id));
    let project = needed("projectId").ok_or_else(|| missing("projectId"))?;
    let key = needed(fields::KEY).ok_or_else(|| missing(fields::KEY))?;
    if !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("`{}` is no id of a flag or experiment", visible(&id)));
    }
    if object.get(DELETED).is_some_and(|deleted| !deleted.is_boolean() && !deleted.is_null()) {
        return Err(format!(
            "the {} {} says `{DELETED}` in a way that is neither yes nor no",
            kind.word(),
            visible(&id)
        ));
    }
    let enabled = object.get("enabled").filter(|enabled| !enabled.is_null()).ok_or_else(|| missing("enabled"))?;
    let wrong = || format!("`enabled` of the {} {} is neither true nor false", kind.word(), visible(&id));
    let enabled = enabled.as_bool().ok_or_else(wrong)?;
    let mut item = Item {
        project,
        key,
        kind,
        enabled,
        archived: object.get(DELETED).and_then(Value::as_bool).unwrap_or(false),
        is_web: object.get(DELIVERY).and_then(Value::as_str) == Some("web"),
        phase: json::text(object, fields::STATE),
        record: Map::default(),
        answered: BTreeSet::new(),
        held: BTreeMap::new(),
        inclusions_of: BTreeSet::new(),
        variants_read: false,
        unknown: Vec::new(),
        modified_by: json::text(object, "lastModifiedBy").or_else(|| json::text(object, "createdBy")),
        modified_at: json::text(object, "lastModifiedAt").or_else(|| json::text(object, "createdAt")),
        version: None,
        id,
    };
    for row in fields::of_kind(kind) {
        let Some(given) = object
            .get(row.name)
            .filter(|_| !matches!(row.way, WriteWay::Identity | WriteWay::Lifecycle | WriteWay::Ours))
        else {
            continue;
        };
        item.answered.insert(row.name);
        item.read(row.name, given);
    }
    let named = |member: &&String| {
        !ASIDE.contains(&member.as_str()) && fields::by_name(member).is_none_or(|row| row.way == WriteWay::Ours)
    };
    item.unknown = object.as_object().into_iter().flatten().map(|(member, _)| member).filter(named).cloned().collect();
    item.settle();
    Ok(item)
}

impl Item {
    fn read(&mut self, field: &'static str, given: &Value) {
        let node = match field {
            fields::VARIANTS => list(given, variant),
            fields::SEGMENTS => {
                if let Some(why) = unwritable(given) {
                    self.held.insert(field, why);
                }
                Some(json::node(given)).filter(|node| node.as_list().is_some())
            }
            fields::WEIGHTS => {
                Some(json::node(given)).filter(|node| node.as_map().is_some_and(|map| !map.0.is_empty()))
            }
            fields::DEPLOYMENTS => list(given, |one| json::text(&serde_json::json!({"id": one}), "id").map(text)),
            fields::NAME | fields::DESCRIPTION => given.as_str().filter(|said| !said.is_empty()).map(text),
            fields::DEPENDENCIES => {
                let any = given.get(fields::FLAGS).and_then(Value::as_object).is_some_and(|flags| !flags.is_empty());
                if any {
                    self.held.insert(field, "the API cannot write prerequisites and groups".to_owned());
                }
                any.then(|| json::node(given))
            }
            _ => Some(json::node(given)).filter(|node| !node.is_null()),
        };
        if let Some(node) = node {
            self.record.0.push(entry(field, node));
        }
    }

    /// Takes the answer about the variants: only that one tells payloads and descriptions for sure.
    ///
    /// # Errors
    /// If it is no list of variants.
    pub fn take_variants(&mut self, answer: &Value) -> Result<(), String> {
        let wrong =
            || format!("the variants of the {} {} are no list of variants", self.kind.word(), visible(&self.id));
        let node = list(answer, variant).ok_or_else(wrong)?;
        self.variants_read = true;
        self.answered.insert(fields::VARIANTS);
        self.put(fields::VARIANTS, node);
        self.settle();
        Ok(())
    }

    /// Takes the users and the cohorts that a variant includes.
    ///
    /// # Errors
    /// If one of them is no list of ids: that does not mean that nobody is included.
    pub fn take_inclusions(&mut self, variant: &str, users: &Value, cohorts: &Value) -> Result<(), String> {
        let mut members: Vec<(&str, Node)> = Vec::new();
        for (name, answer) in [(fields::USERS, users), (fields::COHORTS, cohorts)] {
            let ids = list(answer, |one| json::text(&serde_json::json!({"id": one}), "id").map(text));
            let wrong = || {
                let (kind, id) = (self.kind.word(), visible(&self.id));
                format!("the {name} that `{}` of the {kind} {id} includes are no list of ids", visible(variant))
            };
            let ids = ids.ok_or_else(wrong)?;
            if ids.as_list().is_some_and(|ids| !ids.is_empty()) {
                members.push((name, ids));
            }
        }
        self.inclusions_of.insert(variant.to_owned());
        let of = |node: &Node| node.get(fields::KEY).and_then(Node::as_text) == Some(variant);
        let entries = self.record.0.iter_mut().filter(|entry| entry.key == fields::VARIANTS);
        for found in entries.filter_map(|entry| match &mut entry.value.data {
            Data::List(variants) => variants.iter_mut().find(|node| of(node)),
            _ => None,
        }) {
            let Data::Map(record) = &mut found.data else { continue };
            record.0.retain(|member| member.key != fields::INCLUSIONS);
            if !members.is_empty() {
                record.0.push(entry(fields::INCLUSIONS, fields::map(members.clone())));
            }
        }
        Ok(())
    }

    fn put(&mut self, field: &str, node: Node) {
        match self.record.0.iter_mut().find(|entry| entry.key == field) {
            Some(entry) => entry.value = node,
            None => self.record.0.push(entry(field, node)),
        }
    }

    /// Takes out of the weights what is about no variant: the shares are those of the variants there are.
    fn settle(&mut self) {
        let keys: BTreeSet<String> = self.variants().map(str::to_owned).collect();
        let known = |entry: &crate::document::Entry| keys.contains(&entry.key);
        for field in &mut self.record.0 {
            match (field.key.as_str(), &mut field.value.data) {
                (fields::WEIGHTS, Data::Map(weights)) => weights.0.retain(known),
                (fields::SEGMENTS, Data::List(segments)) => {
                    for segment in segments {
                        let Data::Map(members) = &mut segment.data else { continue };
                        for member in members.0.iter_mut().filter(|member| member.key == fields::WEIGHTS) {
                            if let Data::Map(weights) = &mut member.value.data {
                                weights.0.retain(known);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        let empty = |node: &Node| node.as_map().is_some_and(|map| map.0.is_empty());
        self.record.0.retain(|field| field.key != fields::WEIGHTS || !empty(&field.value));
    }

    /// The keys of its variants, in their order.
    pub fn variants(&self) -> impl Iterator<Item = &str> {
        let variants = fields::list_of(&self.record, fields::VARIANTS);
        variants.iter().filter_map(|variant| variant.get(fields::KEY).and_then(Node::as_text))
    }
}

fn text(said: impl Into<String>) -> Node {
    Node::text(Place::START, said)
}

fn list(given: &Value, each: impl Fn(&Value) -> Option<Node>) -> Option<Node> {
    // Null is an empty list; anything else than a list was not understood.
    let items = match given {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().map(each).collect::<Option<Vec<Node>>>()?,
        _ => return None,
    };
    Some(Node::new(Place::START, Data::List(items)))
}

/// A variant; an empty name, description or payload is none, as the API tells unset ones so.
fn variant(given: &Value) -> Option<Node> {
    let mut members = vec![(fields::KEY, text(json::text(given, fields::KEY)?))];
    for name in [fields::NAME, fields::DESCRIPTION] {
        members.extend(
            given.get(name).and_then(Value::as_str).filter(|said| !said.is_empty()).map(|said| (name, text(said))),
        );
    }
    let payload = given.get(fields::PAYLOAD).filter(|payload| !payload.is_null() && **payload != serde_json::json!({}));
    members.extend(payload.map(|payload| (fields::PAYLOAD, json::node(payload))));
    Some(fields::map(members))
}

/// Why the segments cannot be written back: the API replaces all of them at once, and takes only what it documents.
fn unwritable(segments: &Value) -> Option<String> {
    let operators = operators();
    let unknown_member = |object: &Value, known: &[&str]| {
        object.as_object()?.keys().find(|member| !known.contains(&member.as_str())).cloned()
    };
    for segment in segments.as_array().into_iter().flatten() {
        let name = visible(segment.get(fields::NAME).and_then(Value::as_str).unwrap_or("?"));
        for condition in segment.get(fields::CONDITIONS).and_then(Value::as_array).into_iter().flatten() {
            let of = |member: &str| condition.get(member).and_then(Value::as_str).unwrap_or_default();
            match of(fields::TYPE) {
                "property" => {}
                "cohort" => return Some(format!("cohort clause in segment {name}")),
                other => return Some(format!("clause of type {} in segment {name}", visible(other))),
            }
            if !operators.contains(&of(fields::OP)) {
                return Some(format!("operator {} in segment {name}", visible(of(fields::OP))));
            }
            let strings = |values: &Value| values.as_array().is_some_and(|values| values.iter().all(Value::is_string));
            if !condition.get(fields::VALUES).is_some_and(strings) {
                return Some(format!("values that are no strings in segment {name}"));
            }
            if let Some(member) = unknown_member(condition, fields::OF_CONDITION) {
                return Some(format!("unknown member {} of a clause in segment {name}", visible(&member)));
            }
        }
        if let Some(member) = unknown_member(segment, fields::OF_SEGMENT) {
            return Some(format!("unknown member {} in segment {name}", visible(&member)));
        }
    }
    None
}

/// The operators that the API documents, as the row of the flag files has them.
fn operators() -> &'static [&'static str] {
    let conditions = VOCABULARY.field_at(fields::CONDITIONS_OF_SEGMENTS).map(|field| &field.shape);
    let Some(Shape::Set(Shape::Record(rows))) = conditions else { return &[] };
    match rows.iter().find(|row| row.name == fields::OP).map(|row| &row.shape) {
        Some(Shape::OneOf(words)) => words,
        _ => &[],
    }
}
