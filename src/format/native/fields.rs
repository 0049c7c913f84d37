//! The rows of a native flag file. Field names and types are those of Amplitude's Experiment Management API; `kind`,
//! `state` (for `enabled` and `archive`), `owner` and a variant's `inclusions` are ours.

use crate::document::{Display, Field, FieldImpact, Role, Shape};

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

pub(super) const CONDITION: &[Field] = &[
    Field::new("type", Shape::OneOf(&["property"]), "What is looked at; only `property` exists.").or("\"property\""),
    Field::new("prop", Shape::Text, "The user property; custom ones start with `gp:`.").required(),
    Field::new("op", Shape::OneOf(OPERATORS), "How the property is compared with the values.").required(),
    Field::new("values", Shape::Set(&Shape::Text), "What it is compared with, any of them; `(none)` is no value.")
        .required(),
];

const SEGMENT: &[Field] = &[
    Field::new("name", Shape::Text, "What the segment is called; names are distinct within a flag.").required(),
    Field::new("percentage", Shape::Percent, "How many percent of the matching users get a variant (0 to 100).")
        .display(Display::Percent)
        .required(),
    Field::new("bucketingKey", Shape::Text, "The user property that is hashed, if not the flag's."),
    Field::new(
        "rolloutWeights",
        Shape::Weights,
        "Variant to weight: how the segment's users are spread over the variants. Only the ratio counts: 1:1 is 50:50.",
    )
    .display(Display::Weights)
    .noun("weights"),
    Field::new(
        "conditions",
        Shape::Set(&Shape::Record(CONDITION)),
        "All must hold for a user to be in the segment; none means everyone.",
    )
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
    Field::new("name", Shape::Text, "What people call the variant; free text, unlike `key`."),
    Field::new("description", Shape::Text, "What the variant does, for people who read the file."),
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
pub static FIELDS: &[Field] = &[
    Field::new("key", Shape::Key, "The name the code asks for. A flag is its key within its project, whatever file it is in.").role(Role::Key).impact(FieldImpact::Nobody).required(),
    Field::new("kind", Shape::OneOf(&["flag", "experiment"]), "A flag is switched, an experiment is run and measured.").impact(FieldImpact::Nobody).required(),
    Field::new("name", Shape::Text, "What people call it; free text, unlike `key`.").impact(FieldImpact::Nobody),
    Field::new("description", Shape::Text, "What it is for, in a sentence or two.").impact(FieldImpact::Nobody),
    Field::new("owner", Shape::Text, "Who answers for it: a person or a team.").impact(FieldImpact::Nobody),
    Field::new("tags", Shape::Set(&Shape::Text), "Words to find it by; their order says nothing.").impact(FieldImpact::Nobody).display(Display::Set).or("[]"),
    Field::new("state", Shape::OneOf(STATES), "A flag is inactive, testing, scheduled, active or archived; an experiment is planning, testing, scheduled, running, completed or archived. Scheduled, active and running are live: changing what matters then needs approval.").role(Role::Lifecycle).impact(FieldImpact::Reported).required(),
    Field::new("evaluationMode", Shape::OneOf(&["remote", "local"]), "Whether the server or the SDK decides. Sticky bucketing and user enrichment exist only in `remote`.").impact(FieldImpact::Unmodelled("sticky bucketing and user enrichment exist only in `remote`")).or("\"remote\""),
    Field::new("deployments", Shape::Set(&Shape::Text), "The deployments (environments, applications) it is served to.").impact(FieldImpact::Unmodelled("in those added everyone is new, in those removed nobody is served")).display(Display::Set).or("[]"),
    Field::new("bucketingKey", Shape::Text, "The user property that is hashed to decide who gets what, such as `user_id`.").impact(FieldImpact::Modelled),
    Field::new("bucketingUnit", Shape::Text, "What is bucketed: `User` or a group type.").impact(FieldImpact::Modelled).or("\"User\""),
    Field::new("bucketingSalt", Shape::Text, "Hashed together with the bucketing key; another salt shuffles everyone anew.").impact(FieldImpact::Modelled),
    Field::new("stickyBucketing", Shape::Bool, "Whether users keep the variant they once got; only in remote evaluation.").impact(FieldImpact::Reported).or("false"),
    Field::new("exposureEvent", Shape::Record(EXPOSURE), "The event that counts a user as exposed; nothing means Amplitude's own exposure event.").impact(FieldImpact::Nobody),
    Field::new("variants", Shape::Items { id: "key", ordered: true, of: VARIANT }, "What users can get. Their order decides who gets which.").impact(FieldImpact::Reported).display(Display::Variants).item_noun("variant").or("[]"),
    Field::new("rolloutPercentage", Shape::Percent, "How many percent of the users in no segment get a variant (0 to 100).").impact(FieldImpact::Modelled).display(Display::Percent),
    Field::new("rolloutWeights", Shape::Weights, "Variant to weight: how the users in no segment are spread over the variants. Only the ratio counts: 1:1 is 50:50.").impact(FieldImpact::Modelled).display(Display::Weights).noun("weights"),
    Field::new("targetSegments", Shape::Items { id: "name", ordered: true, of: SEGMENT }, "Groups of users with a rollout of their own. The first one that matches holds, so their order counts.").impact(FieldImpact::Modelled).display(Display::Segments).item_noun("segment").or("[]"),
    Field::new("startDate", Shape::Date, "When it starts, such as `2026-11-23T09:00:00Z`; a scheduled item needs one.").impact(FieldImpact::Unmodelled("others are served on the days between")),
    Field::new("endDate", Shape::Date, "When it ends, such as `2026-12-14T09:00:00Z`; not before `startDate`.").impact(FieldImpact::Unmodelled("others are served on the days between")),
    Field::new("parentDependencies", Shape::Record(DEPENDENCIES), "Other flags that decide whether this one is evaluated at all.").impact(FieldImpact::Unmodelled("who passes them before and after is not in this file")),
    Field::new("experimentType", Shape::OneOf(&["a-b-test", "multi-arm-bandit"]), "A bandit changes its own weights.").impact(FieldImpact::Unmodelled("a bandit changes its weights by itself")).or("\"a-b-test\""),
    Field::new("decision", Shape::OneOf(&["rollout", "rollback", "continue-running"]), "What was decided when the experiment ended.").impact(FieldImpact::Nobody),
    Field::new("decisionReason", Shape::Text, "Why that was decided, for people who ask later.").impact(FieldImpact::Nobody),
    Field::new("rolledOutVariant", Shape::Text, "The key of the variant that was rolled out to everyone, if one was.").impact(FieldImpact::Nobody),
];
