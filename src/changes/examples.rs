//! Examples of the critical rules: for each the smallest change that has it, and what to do about it.
//!
//! In: nothing. Out: the [`RuleExample`]s that the rows of [`RULES`](super::rules::RULES) name, from which the
//! documentation and `countersign rules ID` are made. It refuses nothing; a test judges every example that is made of
//! files. Not taken: one sentence for all rules, since some changes have a better way than to ask.

/// A change that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleExample {
    pub before: &'static str,
    pub after: &'static str,
    /// The way on without the approval, as one sentence without its full stop.
    pub instead: &'static str,
    /// Whether both sides are lines of one flag file, after a key, a kind, a state and variants.
    pub lines: bool,
}

const fn lines(before: &'static str, after: &'static str, instead: &'static str) -> RuleExample {
    RuleExample { before, after, instead, lines: true }
}

const fn event(before: &'static str, after: &'static str, instead: &'static str) -> RuleExample {
    RuleExample { before, after, instead, lines: false }
}

pub const TARGET_SEGMENTS: RuleExample = lines(
    "targetSegments:\n  - name: US\n    percentage: 100\n    conditions: [{type: property, prop: country, op: is, \
     values: [US]}]",
    "targetSegments:\n  - name: US\n    percentage: 100\n    conditions: [{type: property, prop: country, op: is, \
     values: [US, CA]}]",
    "write a new segment below the others, if it is only meant to add users: those above it keep what they have",
);

pub const VARIANTS: RuleExample = lines(
    "variants: [{key: control}, {key: treatment, payload: {steps: 2}}]",
    "variants: [{key: control}, {key: treatment, payload: {steps: 1}}]",
    "add a variant with a weight of 0 first, and give it users later: then nobody gets something else by surprise",
);

pub const VARIANT_DISTRIBUTION: RuleExample = lines(
    "rolloutWeights: {control: 1, treatment: 1}",
    "rolloutWeights: {control: 1, treatment: 3}",
    "raise `rolloutPercentage` to get more users: another ratio in a running experiment moves those who are in it",
);

pub const EXPOSURE_EVENT: RuleExample = lines(
    "exposureEvent: {event_type: \"Checkout Viewed\"}",
    "exposureEvent: {event_type: \"Checkout Started\"}",
    "start another experiment, so that each of them counts by one event",
);

pub const BUCKETING_SALT: RuleExample = lines(
    "bucketingSalt: mHdQDzeE",
    "bucketingSalt: x9KlmN02",
    "leave the salt as it is; to draw users anew, start another experiment",
);

pub const STICKY_BUCKETING: RuleExample =
    lines("stickyBucketing: false", "stickyBucketing: true", "decide on it before the experiment starts");

pub const ROLLOUT: RuleExample = lines(
    "rolloutPercentage: 20",
    "rolloutPercentage: 50",
    "to stop in a hurry, switch the flag off: that waits for nobody",
);

pub const BUCKETING_KEY: RuleExample = lines(
    "bucketingKey: user_id",
    "bucketingKey: device_id",
    "start another experiment: every user is drawn anew by the other key",
);

pub const EVALUATION_MODE: RuleExample =
    lines("evaluationMode: remote", "evaluationMode: local", "try the other mode in a copy of the flag");

pub const DEPLOYMENTS: RuleExample =
    lines("deployments: [web]", "deployments: [web, ios]", "give the other deployment a flag of its own");

pub const DEPENDENCIES: RuleExample = lines(
    "parentDependencies: {flags: {pay: [treatment]}}",
    "parentDependencies: {flags: {pay: [control]}}",
    "leave the dependency, and change the flag that it is about",
);

pub const SCHEDULE: RuleExample =
    lines("endDate: 2026-12-01", "endDate: 2026-12-24", "to stop earlier, switch the flag off: that waits for nobody");

pub const INCLUSIONS: RuleExample = lines(
    "variants: [{key: control}, {key: treatment, inclusions: {users: [u1]}}]",
    "variants: [{key: control}, {key: treatment, inclusions: {users: [u1, u2]}}]",
    "include a cohort, and add testers to it where it is kept",
);

pub const UNKNOWN_FIELD: RuleExample = lines(
    "teamColour: red",
    "teamColour: blue",
    "write notes as comments or under `tags`, or name the field as the schema has it",
);

pub const ADDED_FIELD: RuleExample = event(
    "# .countersign/config.yaml\ncritical: {add: [owner]}\n\n# flags/checkout/buy.yaml\nowner: jo",
    "# .countersign/config.yaml\ncritical: {add: [owner]}\n\n# flags/checkout/buy.yaml\nowner: kim",
    "take the field out of `critical: {add: […]}`, if its changes need no approval after all",
);

pub const DELETION: RuleExample = event(
    "flags/checkout/buy.yaml     state: running",
    "(no file)",
    "switch the flag off first, which waits for nobody, and delete it in another pull request",
);

pub const MOVED: RuleExample = event(
    "flags/checkout/buy.yaml     of the project checkout",
    "flags/growth/buy.yaml       of the project growth",
    "switch the flag off before it is moved within its project; to another project it needs both teams in any case",
);

pub const ACTIVATION: RuleExample = lines(
    "state: planning\nrolloutPercentage: 20",
    "state: running\nrolloutPercentage: 20",
    "edit the flag while it is off, as long as you like: only the activation asks",
);

pub const DEACTIVATION: RuleExample = event(
    "# .countersign/config.yaml\ncritical: {deactivation: approval}\n\n# flags/checkout/buy.yaml\nstate: running",
    "# .countersign/config.yaml\ncritical: {deactivation: approval}\n\n# flags/checkout/buy.yaml\nstate: completed",
    "leave `critical: {deactivation: approval}` out, and switching off waits for nobody",
);

pub const POLICY: RuleExample = event(
    "# .countersign/APPROVERS\n/flags/checkout/ @acme/payments",
    "# .countersign/APPROVERS\n/flags/checkout/ @acme/payments @jo",
    "name people in teams of the forge: who joins a team changes no policy",
);
