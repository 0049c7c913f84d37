//! The rules: what needs approval on a live flag, and why. **A new critical rule is one row here.**

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

/// The id of a rule. Only this file makes one; the rules that code has to name have a constant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(transparent)]
pub struct RuleId(&'static str);

impl RuleId {
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

/// What brings a rule about.
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
}

/// Every rule. The first six are those of Amplitude's Experiment Approvals and hold in every repository.
pub static RULES: &[Rule] = &[
    Rule {
        id: RuleId("target-segments"),
        cause: RuleCause::Fields(&["targetSegments"]),
        relaxable: false,
        whole_flag: false,
        modelled: true,
        why: "segments, their order and their conditions decide which users are in",
    },
    Rule {
        id: RuleId("variants"),
        cause: RuleCause::Fields(&["variants"]),
        relaxable: false,
        whole_flag: false,
        modelled: false,
        why: "a variant is what users get, and the order of variants decides who gets which",
    },
    Rule {
        id: RuleId("variant-distribution"),
        cause: RuleCause::Fields(&["rolloutWeights", "targetSegments.rolloutWeights", "experimentType"]),
        relaxable: false,
        whole_flag: false,
        modelled: true,
        why: "another ratio moves users from one variant to another, and a bandit moves them by itself",
    },
    Rule {
        id: RuleId("exposure-event"),
        cause: RuleCause::Fields(&["exposureEvent"]),
        relaxable: false,
        whole_flag: false,
        modelled: true,
        why: "it decides who is counted, so the results before and after do not compare",
    },
    Rule {
        id: RuleId("bucketing-salt"),
        cause: RuleCause::Fields(&["bucketingSalt"]),
        relaxable: false,
        whole_flag: false,
        modelled: true,
        why: "another salt shuffles all users anew",
    },
    Rule {
        id: RuleId("sticky-bucketing"),
        cause: RuleCause::Fields(&["stickyBucketing"]),
        relaxable: false,
        whole_flag: false,
        modelled: false,
        why: "users keep their variant or lose it, a known cause of a sample-ratio mismatch",
    },
    Rule {
        id: RuleId("rollout"),
        cause: RuleCause::Fields(&["rolloutPercentage"]),
        relaxable: true,
        whole_flag: false,
        modelled: true,
        why: "it is how many users get the change at all",
    },
    Rule {
        id: RuleId("bucketing-key"),
        cause: RuleCause::Fields(&["bucketingKey", "bucketingUnit"]),
        relaxable: true,
        whole_flag: false,
        modelled: true,
        why: "hashing something else makes users jump between variants",
    },
    Rule {
        id: RuleId("evaluation-mode"),
        cause: RuleCause::Fields(&["evaluationMode"]),
        relaxable: true,
        whole_flag: false,
        modelled: false,
        why: "sticky bucketing and user enrichment do not exist in local evaluation",
    },
    Rule {
        id: RuleId("deployments"),
        cause: RuleCause::Fields(&["deployments"]),
        relaxable: true,
        whole_flag: false,
        modelled: false,
        why: "another deployment exposes another set of users",
    },
    Rule {
        id: RuleId("dependencies"),
        cause: RuleCause::Fields(&["parentDependencies"]),
        relaxable: true,
        whole_flag: false,
        modelled: false,
        why: "another flag decides whether users get this one",
    },
    Rule {
        id: RuleId("schedule"),
        cause: RuleCause::Fields(&["startDate", "endDate", "state"]),
        relaxable: true,
        whole_flag: false,
        modelled: false,
        why: "an approval covers the times it was given for",
    },
    Rule {
        id: RuleId("inclusions"),
        cause: RuleCause::Fields(&["variants.inclusions"]),
        relaxable: true,
        whole_flag: false,
        modelled: false,
        why: "users and cohorts named here get the variant whatever the targeting says",
    },
    Rule {
        id: RuleId::UNKNOWN_FIELD,
        cause: RuleCause::Event,
        relaxable: true,
        whole_flag: false,
        modelled: false,
        why: "no schema has a word for the field, so nobody can say that it does nothing",
    },
    Rule {
        id: RuleId::ADDED_FIELD,
        cause: RuleCause::Event,
        relaxable: false,
        whole_flag: false,
        modelled: false,
        why: "this repository's configuration makes the field critical",
    },
    Rule {
        id: RuleId::DELETION,
        cause: RuleCause::Event,
        relaxable: false,
        whole_flag: true,
        modelled: true,
        why: "users who have it lose it",
    },
    Rule {
        id: RuleId::MOVED,
        cause: RuleCause::Event,
        relaxable: false,
        whole_flag: true,
        modelled: false,
        why: "another file or project has other approvers",
    },
    Rule {
        id: RuleId::ACTIVATION,
        cause: RuleCause::Event,
        relaxable: false,
        whole_flag: true,
        modelled: true,
        why: "users start to get it",
    },
    Rule {
        id: RuleId::DEACTIVATION,
        cause: RuleCause::Event,
        relaxable: false,
        whole_flag: true,
        modelled: true,
        why: "users stop getting it; free unless the configuration asks for approval",
    },
    Rule {
        id: RuleId::POLICY,
        cause: RuleCause::Event,
        relaxable: false,
        whole_flag: false,
        modelled: false,
        why: "it decides who may approve what or what runs when they do, or nobody can say what it replaces",
    },
];

/// Native fields that no rule covers, each with the reason.
pub static WITHOUT_RULE: &[(&str, &str)] = &[
    ("key", "another key is another flag: the old one is deleted, the new one activated"),
    ("kind", "the lifecycle words follow it; who gets what does not"),
    ("name", "shown to people, never to users"),
    ("description", "shown to people, never to users"),
    ("owner", "says who answers for it; who approves is said by APPROVERS"),
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
