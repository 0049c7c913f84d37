//! The rules: what needs approval on a live flag, and why. **A new critical rule is one row here.**

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use super::examples::{self, RuleExample};

/// The id of a rule. Only this file makes one; the rules that code has to name have a constant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(transparent)]
pub struct RuleId(&'static str);

impl RuleId {
    pub const TARGET_SEGMENTS: RuleId = RuleId("target-segments");
    pub const UNKNOWN_FIELD: RuleId = RuleId("unknown-field");
    pub const ADDED_FIELD: RuleId = RuleId("added-field");
    pub const DELETION: RuleId = RuleId("deletion");
    pub const MOVED: RuleId = RuleId("moved");
    pub const ACTIVATION: RuleId = RuleId("activation");
    pub const DEACTIVATION: RuleId = RuleId("deactivation");
    pub const POLICY: RuleId = RuleId("policy");

    /// The id as people and JSON have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// The row of this id.
    #[must_use]
    pub fn rule(self) -> Option<&'static Rule> {
        by_id(self.0)
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A plain string: the schema of the contract has no list of the ids, which grows without a new version.
impl JsonSchema for RuleId {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "RuleId".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

/// The cause of a rule: fields, or an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleCause {
    /// A change of one of these native fields, or of anything under it. The longest match decides between rules.
    Fields(&'static [&'static str]),
    /// Something that happens to the flag, to the file it stands in or to the policy, whichever field says so.
    Event,
}

impl RuleCause {
    /// The native fields, none for an event.
    #[must_use]
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            RuleCause::Fields(fields) => fields,
            RuleCause::Event => &[],
        }
    }
}

/// A reason to ask for approval.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    pub id: RuleId,
    pub cause: RuleCause,
    /// Whether a configuration may switch it off (`critical: {relax: [id]}`).
    pub relaxable: bool,
    /// Whether it concerns the flag as a whole, so that a section which is required for some rules only
    /// (`sections: {name: {only: [id]}}`) is required for this one too.
    pub whole_flag: bool,
    /// Whether the impact takes everything into account that such a change does to users, so that a bound on the impact
    /// (`when: {affected: "> 5%"}`) may decide. A new rule says `false` until the model has all of it.
    pub modelled: bool,
    /// Why the change matters, in one sentence.
    pub why: &'static str,
    pub example: &'static RuleExample,
}

impl Rule {
    /// A rule about native fields that cannot be relaxed and that no impact takes into account.
    const fn of_fields(
        id: &'static str,
        fields: &'static [&'static str],
        why: &'static str,
        example: &'static RuleExample,
    ) -> Rule {
        let cause = RuleCause::Fields(fields);
        Rule { id: RuleId(id), cause, relaxable: false, whole_flag: false, modelled: false, why, example }
    }

    /// A rule about an event, with the same columns.
    const fn of_event(id: RuleId, why: &'static str, example: &'static RuleExample) -> Rule {
        Rule { id, cause: RuleCause::Event, relaxable: false, whole_flag: false, modelled: false, why, example }
    }

    const fn relaxable(self) -> Rule {
        Rule { relaxable: true, ..self }
    }

    const fn whole_flag(self) -> Rule {
        Rule { whole_flag: true, ..self }
    }

    const fn modelled(self) -> Rule {
        Rule { modelled: true, ..self }
    }
}

/// Every rule. The first six are those of Amplitude's Experiment Approvals and hold in every repository.
pub static RULES: &[Rule] = &[
    Rule::of_fields(
        "target-segments",
        &["targetSegments"],
        "segments, their order and their conditions decide which users are in",
        &examples::TARGET_SEGMENTS,
    )
    .modelled(),
    Rule::of_fields(
        "variants",
        &["variants"],
        "a variant is what users get, and the order of variants decides who gets which",
        &examples::VARIANTS,
    ),
    Rule::of_fields(
        "variant-distribution",
        &["rolloutWeights", "targetSegments.rolloutWeights", "experimentType"],
        "another ratio moves users from one variant to another, and a bandit moves them by itself",
        &examples::VARIANT_DISTRIBUTION,
    )
    .modelled(),
    Rule::of_fields(
        "exposure-event",
        &["exposureEvent"],
        "it decides who is counted, so the results before and after do not compare",
        &examples::EXPOSURE_EVENT,
    )
    .modelled(),
    Rule::of_fields(
        "bucketing-salt",
        &["bucketingSalt"],
        "another salt shuffles all users anew",
        &examples::BUCKETING_SALT,
    )
    .modelled(),
    Rule::of_fields(
        "sticky-bucketing",
        &["stickyBucketing"],
        "users keep their variant or lose it, a known cause of a sample-ratio mismatch",
        &examples::STICKY_BUCKETING,
    ),
    Rule::of_fields(
        "rollout",
        &["rolloutPercentage"],
        "it is how many users get the change at all",
        &examples::ROLLOUT,
    )
    .relaxable()
    .modelled(),
    Rule::of_fields(
        "bucketing-key",
        &["bucketingKey", "bucketingUnit"],
        "hashing something else makes users jump between variants",
        &examples::BUCKETING_KEY,
    )
    .relaxable()
    .modelled(),
    Rule::of_fields(
        "evaluation-mode",
        &["evaluationMode"],
        "sticky bucketing and user enrichment do not exist in local evaluation",
        &examples::EVALUATION_MODE,
    )
    .relaxable(),
    Rule::of_fields(
        "deployments",
        &["deployments"],
        "another deployment exposes another set of users",
        &examples::DEPLOYMENTS,
    )
    .relaxable(),
    Rule::of_fields(
        "dependencies",
        &["parentDependencies"],
        "another flag decides whether users get this one",
        &examples::DEPENDENCIES,
    )
    .relaxable(),
    Rule::of_fields(
        "schedule",
        &["startDate", "endDate", "state"],
        "an approval covers the times it was given for",
        &examples::SCHEDULE,
    )
    .relaxable(),
    Rule::of_fields(
        "inclusions",
        &["variants.inclusions"],
        "users and cohorts named here get the variant whatever the targeting says",
        &examples::INCLUSIONS,
    )
    .relaxable(),
    Rule::of_event(
        RuleId::UNKNOWN_FIELD,
        "no schema has a word for the field, so nobody can say that it does nothing",
        &examples::UNKNOWN_FIELD,
    )
    .relaxable(),
    Rule::of_event(
        RuleId::ADDED_FIELD,
        "this repository's configuration makes the field critical",
        &examples::ADDED_FIELD,
    ),
    Rule::of_event(RuleId::DELETION, "users who have it lose it", &examples::DELETION).whole_flag().modelled(),
    Rule::of_event(RuleId::MOVED, "another file, project or scope has other approvers", &examples::MOVED).whole_flag(),
    Rule::of_event(RuleId::ACTIVATION, "users start to get it", &examples::ACTIVATION).whole_flag().modelled(),
    Rule::of_event(
        RuleId::DEACTIVATION,
        "users stop getting it; free unless the configuration asks for approval",
        &examples::DEACTIVATION,
    )
    .whole_flag()
    .modelled(),
    Rule::of_event(
        RuleId::POLICY,
        "it decides who may approve what or what runs when they do, or nobody can say what it replaces",
        &examples::POLICY,
    ),
];

/// Native fields that no rule covers, each with the reason.
pub static WITHOUT_RULE: &[(&str, &str)] = &[
    ("key", "another key is another flag: the old one is deleted, the new one activated"),
    ("kind", "the lifecycle words follow it; the shares of users do not"),
    ("name", "shown to people, never to users"),
    ("description", "shown to people, never to users"),
    ("owner", "says who answers for it; the approvers stand in APPROVERS"),
    ("tags", "for finding, not for serving"),
    ("decision", "a record; the three fields that carry it out are covered by their own rules"),
    ("decisionReason", "a record"),
    ("rolledOutVariant", "a record; the weights that carry it out are covered by their own rule"),
];

/// The rule with this id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id.as_str() == id)
}

/// The rule that covers a native field: the one with the longest of the fields that it stands under.
#[must_use]
pub fn covering(field: &str) -> Option<&'static Rule> {
    let under = |outer: &str| field == outer || field.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'));
    RULES
        .iter()
        .flat_map(|rule| rule.cause.fields().iter().map(move |outer| (*outer, rule)))
        .filter(|(outer, _)| under(outer))
        .max_by_key(|(outer, _)| outer.len())
        .map(|(_, rule)| rule)
}
