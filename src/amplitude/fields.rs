//! Fields of an item, one row each: whether a creation takes them, and how an edit writes them.
//!
//! The one table of this room that names fields; their shapes are those of the flag files, which took them from this
//! API. Source: <https://amplitude.com/docs/apis/experiment/experiment-management-api-flags> and the page on
//! experiments.

use crate::document::{Data, Map, Node};
use crate::flag::Kind;

pub const KEY: &str = "key";
pub const KIND: &str = "kind";
pub const NAME: &str = "name";
pub const DESCRIPTION: &str = "description";
pub const STATE: &str = "state";
pub const VARIANTS: &str = "variants";
pub const PAYLOAD: &str = "payload";
pub const INCLUSIONS: &str = "inclusions";
pub const USERS: &str = "users";
pub const COHORTS: &str = "cohorts";
pub const WEIGHTS: &str = "rolloutWeights";
pub const PERCENTAGE: &str = "rolloutPercentage";
pub const SEGMENTS: &str = "targetSegments";
pub const CONDITIONS: &str = "conditions";
pub const BUCKETING_KEY: &str = "bucketingKey";
pub const BUCKETING_SALT: &str = "bucketingSalt";
pub const BUCKETING_UNIT: &str = "bucketingUnit";
pub const DEPLOYMENTS: &str = "deployments";
pub const DEPENDENCIES: &str = "parentDependencies";
pub const FLAGS: &str = "flags";
pub const OPERATOR: &str = "operator";
pub const EXPOSURE: &str = "exposureEvent";
pub const EXPERIMENT_TYPE: &str = "experimentType";
pub const DECISION: &str = "decision";
pub const START: &str = "startDate";
pub const END: &str = "endDate";

/// Members of a segment and of a condition that the API takes; any other one forbids to write the list they are in.
pub const OF_SEGMENT: &[&str] = &[NAME, CONDITIONS, "percentage", BUCKETING_KEY, WEIGHTS];
pub const OF_CONDITION: &[&str] = &[TYPE, "prop", OP, VALUES];
pub const TYPE: &str = "type";
pub const OP: &str = "op";
pub const VALUES: &str = "values";
pub const CONDITIONS_OF_SEGMENTS: &str = "targetSegments.conditions";

/// How a field is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WriteWay {
    /// The names of the item: never changed through the API.
    Identity,
    /// By `enabled` and `archive`.
    Lifecycle,
    /// By a member of its own name in the edit of the item.
    Edit,
    /// Variant by variant.
    OwnCalls,
    /// Ours: Amplitude has no such field.
    Ours,
    /// Not at all, with what to do instead.
    Never(&'static str),
}

/// A field of an item.
#[derive(Debug)]
pub struct FieldRow {
    pub name: &'static str,
    pub only_experiments: bool,
    /// Whether a creation takes it.
    pub on_create: bool,
    pub way: WriteWay,
}

const fn row(name: &'static str, way: WriteWay) -> FieldRow {
    FieldRow { name, only_experiments: false, on_create: false, way }
}

impl FieldRow {
    const fn on_create(mut self) -> Self {
        self.on_create = true;
        self
    }

    const fn only_experiments(mut self) -> Self {
        self.only_experiments = true;
        self
    }
}

/// Every field that a flag file may have.
pub const FIELDS: &[FieldRow] = &[
    row(KEY, WriteWay::Identity).on_create(),
    row(KIND, WriteWay::Identity),
    row(NAME, WriteWay::Edit).on_create(),
    row(DESCRIPTION, WriteWay::Edit).on_create(),
    row("owner", WriteWay::Ours),
    row("tags", WriteWay::Edit),
    row(STATE, WriteWay::Lifecycle),
    row("evaluationMode", WriteWay::Edit).on_create(),
    row(DEPLOYMENTS, WriteWay::OwnCalls),
    row(BUCKETING_KEY, WriteWay::Edit).on_create(),
    row(BUCKETING_UNIT, WriteWay::Edit),
    row(BUCKETING_SALT, WriteWay::Edit),
    row("stickyBucketing", WriteWay::Edit).only_experiments(),
    row(EXPOSURE, WriteWay::Never("Amplitude's API does not tell it: set it in the console")).only_experiments(),
    row(VARIANTS, WriteWay::OwnCalls).on_create(),
    row(PERCENTAGE, WriteWay::Edit),
    row(WEIGHTS, WriteWay::OwnCalls).on_create(),
    row(SEGMENTS, WriteWay::Edit).on_create(),
    row(START, WriteWay::Edit).only_experiments(),
    row(END, WriteWay::Edit).only_experiments(),
    row(DEPENDENCIES, WriteWay::Never("the API cannot write it: change it in the console, then import")),
    row(EXPERIMENT_TYPE, WriteWay::Edit).on_create().only_experiments(),
    row(DECISION, WriteWay::Edit).only_experiments(),
    row("decisionReason", WriteWay::Edit).only_experiments(),
    row("rolledOutVariant", WriteWay::Edit).only_experiments(),
];

/// The row of a field.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static FieldRow> {
    FIELDS.iter().find(|row| row.name == name)
}

/// The rows of one kind.
pub fn of_kind(kind: Kind) -> impl Iterator<Item = &'static FieldRow> {
    FIELDS.iter().filter(move |row| kind == Kind::Experiment || !row.only_experiments)
}

/// The string in a field of a record.
#[must_use]
pub fn text_of<'m>(record: &'m Map, field: &str) -> Option<&'m str> {
    record.get(field).and_then(Node::as_text)
}

/// The items of a list in a field of a record.
#[must_use]
pub fn list_of<'m>(record: &'m Map, field: &str) -> &'m [Node] {
    record.get(field).and_then(Node::as_list).unwrap_or_default()
}

/// A map with these members, which stands nowhere.
pub(super) fn map(members: Vec<(&str, Node)>) -> Node {
    let members = members.into_iter().map(|(key, value)| super::entry(key, value)).collect();
    Node::new(crate::diagnostics::Place::START, Data::Map(Map(members)))
}
