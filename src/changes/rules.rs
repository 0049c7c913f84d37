//! The rules: which fields are critical on a live flag, and why. **A new critical rule is one row here.**

/// A reason to ask for approval.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    pub id: &'static str,
    /// The native fields it covers, each with everything under it; the longest match decides.
    pub fields: &'static [&'static str],
    /// Whether a configuration may switch it off (`critical: {relax: [id]}`).
    pub relaxable: bool,
    /// Why the change matters, in one sentence.
    pub why: &'static str,
}

/// Every rule. The first six are those of Amplitude's Experiment Approvals and hold in every repository.
pub static RULES: &[Rule] = &[
    Rule {
        id: "target-segments",
        fields: &["targetSegments"],
        relaxable: false,
        why: "segments, their order and their conditions decide which users are in",
    },
    Rule {
        id: "variants",
        fields: &["variants"],
        relaxable: false,
        why: "a variant is what users get, and the order of variants decides who gets which",
    },
    Rule {
        id: "variant-distribution",
        fields: &["rolloutWeights", "targetSegments.rolloutWeights"],
        relaxable: false,
        why: "another ratio moves users from one variant to another",
    },
    Rule {
        id: "exposure-event",
        fields: &["exposureEvent"],
        relaxable: false,
        why: "it decides who is counted, so the results before and after do not compare",
    },
    Rule {
        id: "bucketing-salt",
        fields: &["bucketingSalt"],
        relaxable: false,
        why: "another salt shuffles all users anew",
    },
    Rule {
        id: "sticky-bucketing",
        fields: &["stickyBucketing"],
        relaxable: false,
        why: "users keep their variant or lose it, a known cause of a sample-ratio mismatch",
    },
    Rule {
        id: "rollout",
        fields: &["rolloutPercentage"],
        relaxable: true,
        why: "it is how many users get the change at all",
    },
    Rule {
        id: "bucketing-key",
        fields: &["bucketingKey", "bucketingUnit"],
        relaxable: true,
        why: "hashing something else makes users jump between variants",
    },
    Rule {
        id: "evaluation-mode",
        fields: &["evaluationMode"],
        relaxable: true,
        why: "sticky bucketing and user enrichment do not exist in local evaluation",
    },
    Rule {
        id: "deployments",
        fields: &["deployments"],
        relaxable: true,
        why: "another deployment exposes another set of users",
    },
    Rule {
        id: "dependencies",
        fields: &["parentDependencies"],
        relaxable: true,
        why: "another flag decides whether users get this one",
    },
    Rule {
        id: "schedule",
        fields: &["startDate", "endDate", "state"],
        relaxable: true,
        why: "an approval covers the times it was given for",
    },
    Rule {
        id: "inclusions",
        fields: &["variants.inclusions"],
        relaxable: true,
        why: "users and cohorts named here get the variant whatever the targeting says",
    },
    Rule {
        id: "unknown-field",
        fields: &[],
        relaxable: true,
        why: "no schema has a word for the field, so nobody can say that it does nothing",
    },
    Rule {
        id: "added-field",
        fields: &[],
        relaxable: false,
        why: "this repository's configuration makes the field critical",
    },
    Rule { id: "deletion", fields: &[], relaxable: false, why: "users who have it lose it" },
    Rule { id: "moved", fields: &[], relaxable: false, why: "another file or project has other approvers" },
    Rule { id: "activation", fields: &[], relaxable: false, why: "users start to get it" },
    Rule {
        id: "deactivation",
        fields: &[],
        relaxable: false,
        why: "users stop getting it; free unless the configuration asks for approval",
    },
    Rule {
        id: "policy",
        fields: &[],
        relaxable: false,
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
    ("experimentType", "how results are analysed; the weights a bandit rewrites are covered by their own rule"),
    ("decision", "a record; the three fields that carry it out are covered by their own rules"),
    ("decisionReason", "a record"),
    ("rolledOutVariant", "a record; the weights that carry it out are covered by their own rule"),
];

/// The rule with this id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id)
}

/// The rule that covers a native field, by the longest of the fields it stands under.
#[must_use]
pub fn covering(field: &str) -> Option<&'static Rule> {
    let under = |outer: &str| field == outer || field.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'));
    RULES
        .iter()
        .flat_map(|rule| rule.fields.iter().map(move |outer| (*outer, rule)))
        .filter(|(outer, _)| under(outer))
        .max_by_key(|(outer, _)| outer.len())
        .map(|(_, rule)| rule)
}
