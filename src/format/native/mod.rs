//! The native format: Amplitude's field names, one flag or experiment a file, one lifecycle field.
//!
//! Field names and types follow Amplitude's Experiment Management API
//! (<https://amplitude.com/docs/apis/experiment/experiment-management-api-flags>), so that what people know from
//! there holds here. Ours are `kind`, `state` (for `enabled` and `archive`), `owner` and a variant's `inclusions`.

mod sense;

use super::Format;
use crate::flag::{Flag, Kind, State};
use crate::text::shape::{self, Unknown};
use crate::text::yaml::{self, Dialect};
use crate::text::{Data, Field, Node, Problems, Shape, lints};

pub static FORMAT: Format = Format {
    id: "native",
    about: "one flag or experiment a YAML file, in Amplitude's field names",
    claims: |path| {
        let lower = path.to_ascii_lowercase();
        lower.ends_with(".yaml") || lower.ends_with(".yml")
    },
    readers: &[("", &[Dialect::Profile])],
    read,
    fields: FIELDS,
};

/// The lifecycle of a flag, and whether each word is live.
pub const FLAG_STATES: &[(&str, bool)] =
    &[("inactive", false), ("testing", false), ("scheduled", true), ("active", true), ("archived", false)];

/// The lifecycle of an experiment, and whether each word is live.
pub const EXPERIMENT_STATES: &[(&str, bool)] = &[
    ("planning", false),
    ("testing", false),
    ("scheduled", true),
    ("running", true),
    ("completed", false),
    ("archived", false),
];

/// Condition operators of Amplitude's API, spaces included.
pub const OPERATORS: &[&str] = &[
    "is",
    "is not",
    "contains",
    "does not contain",
    "less",
    "less or equal",
    "greater",
    "greater or equal",
    "set is",
    "set is not",
    "set contains",
    "set does not contain",
    "glob match",
    "glob does not match",
];

const STATES: &[&str] = &["inactive", "planning", "testing", "scheduled", "active", "running", "completed", "archived"];

const CONDITION: &[Field] = &[
    Field::new("type", Shape::OneOf(&["property"]), "What is looked at; only `property` exists.").or("\"property\""),
    Field::new("prop", Shape::Text, "The user property; custom ones start with `gp:`.").required(),
    Field::new("op", Shape::OneOf(OPERATORS), "How the property is compared with the values.").required(),
    Field::new("values", Shape::Set(&Shape::Text), "What it is compared with, any of them; `(none)` is no value.")
        .required(),
];

const SEGMENT: &[Field] = &[
    Field::new("name", Shape::Text, "What the segment is called; names are distinct within a flag.").required(),
    Field::new("percentage", Shape::Percent, "How many percent of the matching users get a variant (0 to 100).")
        .required(),
    Field::new("bucketingKey", Shape::Text, "The user property that is hashed, if not the flag's."),
    Field::new(
        "rolloutWeights",
        Shape::Weights,
        "Variant to weight: how the segment's users are spread over the variants. Only the ratio counts: 1:1 is 50:50.",
    ),
    Field::new(
        "conditions",
        Shape::Set(&Shape::Record(CONDITION)),
        "All must hold for a user to be in the segment; none means everyone.",
    )
    .or("[]"),
];

const INCLUSIONS: &[Field] = &[
    Field::new("users", Shape::Set(&Shape::Text), "User or device ids that always get this variant, at most 2,000.")
        .or("[]"),
    Field::new("cohorts", Shape::Set(&Shape::Text), "Ids of cohorts whose members always get this variant.").or("[]"),
];

const VARIANT: &[Field] = &[
    Field::new("key", Shape::Key, "The value the application receives, such as `treatment`.").required(),
    Field::new("name", Shape::Text, "What people call the variant; free text, unlike `key`."),
    Field::new("description", Shape::Text, "What the variant does, for whoever reads the file."),
    Field::new("payload", Shape::Any, "Data the application receives with the variant."),
    Field::new("inclusions", Shape::Record(INCLUSIONS), "Testers who get this variant whatever the targeting says.")
        .or("{}"),
];

const FILTER: &[Field] = &[
    Field::new("group_type", Shape::Text, "`User`, a group type, or nothing."),
    Field::new("subprop_key", Shape::Text, "The property that is compared."),
    Field::new("subprop_op", Shape::Known(OPERATORS), "How the property is compared with the value.").required(),
    Field::new(
        "subprop_type",
        Shape::Known(&["event", "user", "group"]),
        "Whose property it is: the event's, the user's or the group's.",
    )
    .required(),
    Field::new("subprop_value", Shape::Set(&Shape::Text), "What it is compared with, any of them.").required(),
];

const EXPOSURE: &[Field] = &[
    Field::new("event_type", Shape::Text, "The event that counts a user as exposed.").required(),
    Field::new("filters", Shape::Set(&Shape::Record(FILTER)), "All must hold for the event to count.").or("[]"),
];

const DEPENDENCIES: &[Field] = &[
    Field::new(
        "flags",
        Shape::MapOf(&Shape::Set(&Shape::Text)),
        "Key of another flag of the project to the variants that let a user pass.",
    )
    .or("{}"),
    Field::new("operator", Shape::Known(&["all"]), "Whether all have to let the user pass.").or("\"all\""),
];

/// Every field of a native flag file.
pub static FIELDS: &[Field] = &[
    Field::new("key", Shape::Key, "The name the code asks for. A flag is its key within its project, whatever file it is in.").required(),
    Field::new("kind", Shape::OneOf(&["flag", "experiment"]), "A flag is switched, an experiment is run and measured.").required(),
    Field::new("name", Shape::Text, "What people call it; free text, unlike `key`."),
    Field::new("description", Shape::Text, "What it is for, in a sentence or two."),
    Field::new("owner", Shape::Text, "Who answers for it: a person or a team."),
    Field::new("tags", Shape::Set(&Shape::Text), "Words to find it by; their order says nothing.").or("[]"),
    Field::new("state", Shape::OneOf(STATES), "A flag is inactive, testing, scheduled, active or archived; an experiment is planning, testing, scheduled, running, completed or archived. Scheduled, active and running are live: changing what matters then needs approval.").required(),
    Field::new("evaluationMode", Shape::OneOf(&["remote", "local"]), "Whether the server or the SDK decides. Sticky bucketing and user enrichment exist only in `remote`.").or("\"remote\""),
    Field::new("deployments", Shape::Set(&Shape::Text), "The deployments (environments, applications) it is served to.").or("[]"),
    Field::new("bucketingKey", Shape::Text, "The user property that is hashed to decide who gets what, such as `user_id`."),
    Field::new("bucketingUnit", Shape::Text, "What is bucketed: `User` or a group type.").or("\"User\""),
    Field::new("bucketingSalt", Shape::Text, "Hashed together with the bucketing key; another salt shuffles everyone anew."),
    Field::new("stickyBucketing", Shape::Bool, "Whether users keep the variant they once got; only in remote evaluation.").or("false"),
    Field::new("exposureEvent", Shape::Record(EXPOSURE), "The event that counts a user as exposed; nothing means Amplitude's own exposure event."),
    Field::new("variants", Shape::Items { id: "key", ordered: true, of: VARIANT }, "What users can get. Their order decides who gets which.").or("[]"),
    Field::new("rolloutPercentage", Shape::Percent, "How many percent of the users in no segment get a variant (0 to 100)."),
    Field::new("rolloutWeights", Shape::Weights, "Variant to weight: how the users in no segment are spread over the variants. Only the ratio counts: 1:1 is 50:50."),
    Field::new("targetSegments", Shape::Items { id: "name", ordered: true, of: SEGMENT }, "Groups of users with a rollout of their own. The first one that matches holds, so their order counts.").or("[]"),
    Field::new("startDate", Shape::Date, "When it starts, such as `2026-11-23T09:00:00Z`; a scheduled item needs one."),
    Field::new("endDate", Shape::Date, "When it ends, such as `2026-12-14T09:00:00Z`; not before `startDate`."),
    Field::new("parentDependencies", Shape::Record(DEPENDENCIES), "Other flags that decide whether this one is evaluated at all."),
    Field::new("experimentType", Shape::OneOf(&["a-b-test", "multi-arm-bandit"]), "A bandit changes its own weights.").or("\"a-b-test\""),
    Field::new("decision", Shape::OneOf(&["rollout", "rollback", "continue-running"]), "What was decided when the experiment ended."),
    Field::new("decisionReason", Shape::Text, "Why that was decided, for whoever asks later."),
    Field::new("rolledOutVariant", Shape::Text, "The key of the variant that was rolled out to everyone, if one was."),
];

fn read(bytes: &[u8], path: &str, problems: &mut Problems<'_>) -> Option<Vec<Flag>> {
    let node = yaml::read(bytes, FORMAT.readers_of(path), problems)?;
    shape::check(&node, FIELDS, "the flag", Unknown::Told, problems);
    let key = node.get("key")?;
    let kind = match node.get("kind").and_then(Node::as_text) {
        Some("experiment") => Kind::Experiment,
        _ => Kind::Flag,
    };
    let state = state(&node, kind, problems)?;
    let (key, place) = (key.as_text()?.to_owned(), key.place);
    let Data::Map(record) = node.data else { return None };
    let flag = Flag { key, kind, state, place, record, fields: FIELDS };
    sense::check(&flag, problems);
    Some(vec![flag])
}

fn state(node: &Node, kind: Kind, problems: &mut Problems<'_>) -> Option<State> {
    let state = node.get("state")?;
    let word = state.as_text()?;
    let words = match kind {
        Kind::Flag => FLAG_STATES,
        Kind::Experiment => EXPERIMENT_STATES,
    };
    if let Some((word, live)) = words.iter().find(|(known, _)| *known == word) {
        return Some(State { word: (*word).to_owned(), live: *live, place: state.place });
    }
    if STATES.contains(&word) {
        problems.add(
            lints::WRONG_WORD,
            state.place,
            format!("`state` is `{word}`, which is no state of {}", article(kind)),
            format!("write one of {}", crate::text::problem::choice(words.iter().map(|(word, _)| *word))),
        );
    }
    None
}

fn article(kind: Kind) -> &'static str {
    match kind {
        Kind::Flag => "a flag",
        Kind::Experiment => "an experiment",
    }
}
