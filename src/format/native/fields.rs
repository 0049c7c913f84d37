//! The rows of a native flag file. Field names and types are those of Amplitude's Experiment Management API; `kind`,
//! `state` (for `enabled` and `archive`), `owner` and a variant's `inclusions` are ours.

use crate::document::{Display, Field, FieldImpact, Role, Shape};
use crate::flag::Kind;

/// Condition operators of Amplitude's API, spaces included.
const OPERATORS: &[&str] = &[
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

/// The words of both lifecycles (`LIFECYCLE`), as the schema has them.
pub(super) const STATES: &[&str] =
    &["inactive", "planning", "testing", "scheduled", "active", "running", "completed", "archived"];

const FLAG_STATES: &[&str] = &["inactive", "testing", "scheduled", "active", "archived"];
const EXPERIMENT_STATES: &[&str] = &["planning", "testing", "scheduled", "running", "completed", "archived"];

/// The words of the lifecycle of one kind.
pub(super) fn states_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Flag => FLAG_STATES,
        Kind::Experiment => EXPERIMENT_STATES,
    }
}

/// The rows of one kind, which differ in the words of the lifecycle only.
pub(super) fn of_kind(kind: Kind) -> &'static [Field] {
    static OF_FLAGS: [Field; 25] = rows(FLAG_STATES);
    static OF_EXPERIMENTS: [Field; 25] = rows(EXPERIMENT_STATES);
    match kind {
        Kind::Flag => &OF_FLAGS,
        Kind::Experiment => &OF_EXPERIMENTS,
    }
}

pub(super) const CONDITION: &[Field] = &[
    Field::new("type", Shape::OneOf(&["property"]), "The property that is looked at; only `property` exists.")
        .or("\"property\""),
    Field::new("prop", Shape::Text, "The user property; custom ones start with `gp:`.")
        .also(&["property", "attribute", "field", "key", "name"])
        .required(),
    Field::new("op", Shape::OneOf(OPERATORS), "How the property is compared with the values.")
        .also(&["operator", "operation", "comparator"])
        .required(),
    Field::new(
        "values",
        Shape::Set(&Shape::Text),
        "The values that it is compared with, any of them; `(none)` is no value.",
    )
    .also(&["value"])
    .required(),
];

const SEGMENT: &[Field] = &[
    Field::new("name", Shape::Text, "Name of the segment; names are distinct within a flag.").required(),
    Field::new("percentage", Shape::Percent, "How many percent of the matching users get a variant (0 to 100).")
        .also(&["rollout", "percent", "rolloutpercentage"])
        .display(Display::Percent)
        .required(),
    Field::new("bucketingKey", Shape::Text, "The user property that is hashed, if not the flag's."),
    Field::new(
        "rolloutWeights",
        Shape::Weights,
        "Variant to weight: how the segment's users are spread over the variants. Only the ratio counts: 1:1 is 50:50.",
    )
    .also(&["weights", "distribution", "split"])
    .display(Display::Weights)
    .noun("weights"),
    Field::new(
        "conditions",
        Shape::Set(&Shape::Record(CONDITION)),
        "All must hold for a user to be in the segment; none means everyone.",
    )
    .also(&["rules", "filters", "condition", "match", "where"])
    .display(Display::Conditions)
    .or("[]"),
];

const INCLUSIONS: &[Field] = &[
    Field::new("users", Shape::Set(&Shape::Text), "User or device ids that always get this variant, at most 2,000.")
        .display(Display::Set)
        .or("[]"),
    Field::new("cohorts", Shape::Set(&Shape::Text), "Ids of cohorts whose members always get this variant.")
        .display(Display::Set)
        .or("[]"),
];

const VARIANT: &[Field] = &[
    Field::new("key", Shape::Key, "The value the application receives, such as `treatment`.").required(),
    Field::new("name", Shape::Text, "Name of the variant for people; free text, unlike `key`."),
    Field::new("description", Shape::Text, "Purpose of the variant, for people who read the file."),
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
        "The owner of the property: the event, the user or the group.",
    )
    .required(),
    Field::new("subprop_value", Shape::Set(&Shape::Text), "The values that it is compared with, any of them.")
        .required(),
];

const EXPOSURE: &[Field] = &[
    Field::new("event_type", Shape::Text, "The event that counts a user as exposed.").required(),
    Field::new("filters", Shape::Set(&Shape::Record(FILTER)), "All must hold for the event to count.")
        .display(Display::Conditions)
        .or("[]"),
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
pub static FIELDS: &[Field] = &rows(STATES);

#[rustfmt::skip]
const fn rows(states: &'static [&'static str]) -> [Field; 25] {
    [
    Field::new("key", Shape::Key, "The name the code asks for. A flag is its key within its project, whatever file it is in.").role(Role::Key).impact(FieldImpact::Nobody).required().also(&["id", "flag", "flagkey", "flag_key"]),
    Field::new("kind", Shape::OneOf(&["flag", "experiment"]), "A flag is switched, an experiment is run and measured.").impact(FieldImpact::Nobody).required().also(&["type"]),
    Field::new("name", Shape::Text, "Name of the flag for people; free text, unlike `key`.").impact(FieldImpact::Nobody).also(&["title", "displayname", "display_name", "label"]),
    Field::new("description", Shape::Text, "Purpose of the flag, in a sentence or two.").impact(FieldImpact::Nobody).also(&["notes", "note", "comment", "summary"]),
    Field::new("owner", Shape::Text, "Owner, who answers for it: a person or a team.").impact(FieldImpact::Nobody).also(&["owners", "team", "maintainer", "maintainers", "author"]),
    Field::new("tags", Shape::Set(&Shape::Text), "Words to find it by; their order says nothing.").impact(FieldImpact::Nobody).display(Display::Set).or("[]").also(&["labels"]),
    Field::new("state", Shape::OneOf(states), "A flag is inactive, testing, scheduled, active or archived; an experiment is planning, testing, scheduled, running, completed or archived. Scheduled, active and running are live: changing what matters then needs approval.").role(Role::Lifecycle).impact(FieldImpact::Reported).required().also(&["enabled", "disabled", "active", "status", "lifecycle", "live", "archived", "archive", "stage", "isenabled"]),
    Field::new("evaluationMode", Shape::OneOf(&["remote", "local"]), "Whether the server or the SDK decides. Sticky bucketing and user enrichment exist only in `remote`.").impact(FieldImpact::Unmodelled("sticky bucketing and user enrichment exist only in `remote`")).or("\"remote\"").also(&["mode", "evaluation"]),
    Field::new("deployments", Shape::Set(&Shape::Text), "The deployments (environments, applications) it is served to.").impact(FieldImpact::Unmodelled("in those added everyone is new, in those removed nobody is served")).display(Display::Set).or("[]").also(&["environments", "environment", "env", "envs", "deployment"]),
    Field::new("bucketingKey", Shape::Text, "The user property that is hashed to decide who gets what, such as `user_id`.").impact(FieldImpact::Modelled).also(&["bucketby", "bucket_by", "hashattribute", "hash", "unit"]),
    Field::new("bucketingUnit", Shape::Text, "The unit that is bucketed: `User` or a group type.").impact(FieldImpact::Modelled).or("\"User\"").also(&["grouptype", "group_type"]),
    Field::new("bucketingSalt", Shape::Text, "Hashed together with the bucketing key; another salt shuffles everyone anew.").impact(FieldImpact::Modelled).also(&["salt", "seed"]),
    Field::new("stickyBucketing", Shape::Bool, "Whether users keep the variant they once got; only in remote evaluation.").impact(FieldImpact::Reported).or("false").also(&["sticky", "stickiness"]),
    Field::new("exposureEvent", Shape::Record(EXPOSURE), "The event that counts a user as exposed; nothing means Amplitude's own exposure event.").impact(FieldImpact::Nobody).also(&["exposure", "event", "metric"]),
    Field::new("variants", Shape::Items { id: "key", ordered: true, of: VARIANT }, "The variants that users can get. Their order decides who gets which.").impact(FieldImpact::Reported).display(Display::Variants).item_noun("variant").or("[]").also(&["variations", "values", "options", "treatments"]),
    Field::new("rolloutPercentage", Shape::Percent, "How many percent of all other users get a variant (0 to 100).").impact(FieldImpact::Modelled).display(Display::Percent).also(&["rollout", "percentage", "percent", "rolloutpercent", "rollout_percent", "traffic"]),
    Field::new("rolloutWeights", Shape::Weights, "Variant to weight: how all other users are spread over the variants. Only the ratio counts: 1:1 is 50:50.").impact(FieldImpact::Modelled).display(Display::Weights).noun("weights").also(&["weights", "distribution", "split", "allocation"]),
    Field::new("targetSegments", Shape::Items { id: "name", ordered: true, of: SEGMENT }, "Groups of users with a rollout of their own. The first one that matches holds, so their order counts.").impact(FieldImpact::Modelled).display(Display::Segments).item_noun("segment").or("[]").also(&["segments", "targeting", "rules", "targets", "audience", "audiences"]),
    Field::new("startDate", Shape::Date, "When it starts, such as `2026-11-23T09:00:00Z`; a scheduled item needs one.").impact(FieldImpact::Unmodelled("others are served on the days between")).also(&["start", "starts", "from", "startsat", "starts_at"]),
    Field::new("endDate", Shape::Date, "When it ends, such as `2026-12-14T09:00:00Z`; not before `startDate`.").impact(FieldImpact::Unmodelled("others are served on the days between")).also(&["end", "ends", "until", "expires", "expiry", "endsat", "ends_at"]),
    Field::new("parentDependencies", Shape::Record(DEPENDENCIES), "Other flags that decide whether this one is evaluated at all.").impact(FieldImpact::Unmodelled("who passes them before and after is not in this file")).also(&["dependencies", "dependson", "depends_on", "prerequisites", "requires"]),
    Field::new("experimentType", Shape::OneOf(&["a-b-test", "multi-arm-bandit"]), "A bandit changes its own weights.").impact(FieldImpact::Unmodelled("a bandit changes its weights by itself")).or("\"a-b-test\"").also(&["experiment"]),
    Field::new("decision", Shape::OneOf(&["rollout", "rollback", "continue-running"]), "The decision when the experiment ended.").impact(FieldImpact::Nobody).also(&["outcome", "result"]),
    Field::new("decisionReason", Shape::Text, "Why that was decided, for people who ask later.").impact(FieldImpact::Nobody).also(&["reason"]),
    Field::new("rolledOutVariant", Shape::Text, "The key of the variant that was rolled out to everyone, if one was.").impact(FieldImpact::Nobody).also(&["winner"]),
    ]
}
