//! Every field of a native flag, changed in both directions in every state: each change has the class and the rule that
//! the specification gives it. The rows are written from the specification, not from the program's own tables.

use std::collections::{BTreeMap, BTreeSet};

use countersign::flag::File;
use countersign::format::native::FIELDS;
use countersign::report::{Class, Report, Verdict};

use crate::files;

/// A field, two ways to write it, and the rule that a change of it falls under on a live flag; `-` for none. An empty
/// value leaves the field out.
const ROWS: &[(&str, &str, &str, &str)] = &[
    ("name", "One", "Two", "-"),
    ("description", "one", "two", "-"),
    ("owner", "ann", "ben", "-"),
    ("tags", "[a]", "[b]", "-"),
    ("evaluationMode", "remote", "local", "evaluation-mode"),
    ("evaluationMode", "", "local", "evaluation-mode"),
    ("deployments", "[web]", "[web, app]", "deployments"),
    ("deployments", "", "[web]", "deployments"),
    ("bucketingKey", "user_id", "device_id", "bucketing-key"),
    ("bucketingKey", "", "device_id", "bucketing-key"),
    ("bucketingUnit", "User", "org id", "bucketing-key"),
    ("bucketingUnit", "", "org id", "bucketing-key"),
    ("bucketingSalt", "abcd", "efgh", "bucketing-salt"),
    ("bucketingSalt", "", "efgh", "bucketing-salt"),
    ("stickyBucketing", "true", "false", "sticky-bucketing"),
    ("stickyBucketing", "", "true", "sticky-bucketing"),
    ("exposureEvent", "{event_type: a}", "{event_type: b}", "exposure-event"),
    ("exposureEvent", "", "{event_type: b}", "exposure-event"),
    (
        "exposureEvent",
        "{event_type: a}",
        "{event_type: a, filters: [{subprop_key: x, subprop_op: is, subprop_type: user, subprop_value: [US]}]}",
        "exposure-event",
    ),
    ("variants", "[{key: control}, {key: treatment}]", "[{key: control}, {key: treatment}, {key: third}]", "variants"),
    ("variants", "[{key: control}, {key: treatment}]", "[{key: treatment}, {key: control}]", "variants"),
    ("variants", "[{key: control}, {key: treatment}]", "[{key: control}, {key: treatment, payload: 1}]", "variants"),
    ("variants", "[{key: control}, {key: treatment}]", "[{key: control}, {key: treatment, name: T}]", "variants"),
    (
        "variants",
        "[{key: control}, {key: treatment}]",
        "[{key: control}, {key: treatment, description: t}]",
        "variants",
    ),
    (
        "variants",
        "[{key: control}, {key: treatment}]",
        "[{key: control}, {key: treatment, inclusions: {users: [u]}}]",
        "inclusions",
    ),
    (
        "variants",
        "[{key: control}, {key: treatment}]",
        "[{key: control}, {key: treatment, inclusions: {cohorts: [c]}}]",
        "inclusions",
    ),
    ("rolloutPercentage", "10", "20", "rollout"),
    ("rolloutPercentage", "", "20", "rollout"),
    ("rolloutWeights", "{control: 1, treatment: 1}", "{control: 1, treatment: 3}", "variant-distribution"),
    ("rolloutWeights", "", "{control: 1, treatment: 3}", "variant-distribution"),
    ("targetSegments", "", "[{name: S, percentage: 5}]", "target-segments"),
    ("targetSegments", "[{name: S, percentage: 5}]", "[{name: S, percentage: 6}]", "target-segments"),
    ("targetSegments", "[{name: S, percentage: 5}]", "[{name: T, percentage: 5}]", "target-segments"),
    (
        "targetSegments",
        "[{name: S, percentage: 5}, {name: T, percentage: 6}]",
        "[{name: T, percentage: 6}, {name: S, percentage: 5}]",
        "target-segments",
    ),
    (
        "targetSegments",
        "[{name: S, percentage: 5}]",
        "[{name: S, percentage: 5, bucketingKey: device_id}]",
        "target-segments",
    ),
    (
        "targetSegments",
        "[{name: S, percentage: 5}]",
        "[{name: S, percentage: 5, rolloutWeights: {control: 1, treatment: 2}}]",
        "variant-distribution",
    ),
    (
        "targetSegments",
        "[{name: S, percentage: 5, rolloutWeights: {control: 1, treatment: 1}}]",
        "[{name: S, percentage: 5, rolloutWeights: {control: 1, treatment: 2}}]",
        "variant-distribution",
    ),
    (
        "targetSegments",
        "[{name: S, percentage: 5}]",
        "[{name: S, percentage: 5, conditions: [{prop: country, op: is, values: [US]}]}]",
        "target-segments",
    ),
    (
        "targetSegments",
        "[{name: S, percentage: 5, conditions: [{prop: country, op: is, values: [US]}]}]",
        "[{name: S, percentage: 5, conditions: [{prop: country, op: is not, values: [US]}]}]",
        "target-segments",
    ),
    ("startDate", "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z", "schedule"),
    ("endDate", "2026-12-20T00:00:00Z", "2026-12-21T00:00:00Z", "schedule"),
    ("endDate", "", "2026-12-21T00:00:00Z", "schedule"),
    ("parentDependencies", "", "{flags: {other: [full]}}", "dependencies"),
    ("parentDependencies", "{flags: {other: [full]}}", "{flags: {other: [half]}}", "dependencies"),
    ("experimentType", "a-b-test", "multi-arm-bandit", "variant-distribution"),
    ("experimentType", "", "multi-arm-bandit", "variant-distribution"),
    ("decision", "rollout", "rollback", "-"),
    ("decision", "", "continue-running", "-"),
    ("decisionReason", "so", "thus", "-"),
    ("rolledOutVariant", "control", "treatment", "-"),
    ("forceVariant", "control", "treatment", "unknown-field"),
    ("forceVariant", "", "treatment", "unknown-field"),
];

/// The same value in another spelling, which is never more than `no-effect`.
const ALIKE: &[(&str, &str, &str)] = &[
    ("evaluationMode", "", "remote"),
    ("bucketingUnit", "", "User"),
    ("stickyBucketing", "", "false"),
    ("experimentType", "", "a-b-test"),
    ("rolloutWeights", "{control: 1, treatment: 1}", "{control: 50, treatment: 50}"),
    ("tags", "[a, b]", "[b, a]"),
    ("deployments", "[a, b]", "[b, a]"),
    ("startDate", "2026-12-01T00:00:00Z", "2026-12-01T01:00:00+01:00"),
];

const STATES: &[(&str, &str, bool)] = &[
    ("flag", "inactive", false),
    ("flag", "testing", false),
    ("flag", "scheduled", true),
    ("flag", "active", true),
    ("flag", "archived", false),
    ("experiment", "planning", false),
    ("experiment", "testing", false),
    ("experiment", "scheduled", true),
    ("experiment", "running", true),
    ("experiment", "completed", false),
    ("experiment", "archived", false),
];

/// A flag with this field written so, and all others in a plain way.
fn flag(kind: &str, state: &str, field: &str, value: &str) -> String {
    let mut fields = BTreeMap::from([
        ("bucketingKey", "user_id"),
        ("variants", "[{key: control}, {key: treatment}]"),
        ("rolloutPercentage", "10"),
        ("startDate", "2026-12-01T00:00:00Z"),
    ]);
    fields.insert(field, value);
    let lines =
        fields.iter().filter(|(_, value)| !value.is_empty()).map(|(field, value)| format!("{field}: {value}\n"));
    format!("key: a\nkind: {kind}\nstate: {state}\n{}", lines.collect::<String>())
}

fn judge(before: &str, after: &str) -> Report {
    let file = |path: &str, text: &str| (path.to_owned(), File::regular(path, text));
    let side = |text: &str| -> BTreeMap<String, File> {
        let config = "version: 1\nprojects: {p: {paths: [flags/], approvals: specific}}\n";
        let other = "key: other\nkind: flag\nstate: active\nvariants: [{key: full}, {key: half}]\n";
        [
            file(".countersign/config.yaml", config),
            file(".countersign/APPROVERS", "/flags/ @alice\n"),
            file("flags/a.yaml", text),
            file("flags/other.yaml", other),
        ]
        .into()
    };
    let report = files::judge_files(&side(before), &side(after), None, &[]).unwrap();
    assert_ne!(report.verdict, Verdict::Invalid, "{:?}", report.diagnostics);
    report
}

/// The class of each change of a field, with its rule. An activation lists every field that it covers.
fn classes<'r>(report: &'r Report, field: &str) -> BTreeSet<(Class, &'r str)> {
    let of_field = |name: &str| name.split('.').next() == Some(field);
    let changes = report.flags.iter().flat_map(|flag| &flag.changes).filter(|change| of_field(&change.field));
    changes.map(|change| (change.class, change.rule.map_or("-", |rule| rule.as_str()))).collect()
}

#[test]
fn every_field_in_both_directions_and_every_state() {
    for (kind, state, live) in STATES {
        for (field, one, other, rule) in ROWS {
            for (before, after) in [(one, other), (other, one)] {
                let report = judge(&flag(kind, state, field, before), &flag(kind, state, field, after));
                let expected = match (live, *rule) {
                    (true, "-") | (false, _) => (Class::Routine, "-"),
                    (true, rule) => (Class::Critical, rule),
                };
                let reported = format!("{kind} {state} {field}: {before} -> {after}");
                assert_eq!(classes(&report, field), BTreeSet::from([expected]), "{reported}");
                assert_eq!(report.flags[0].digest.is_some(), expected.0 == Class::Critical, "{reported}");
            }
        }
    }
}

/// A change on the way into life is covered by the activation; on the way out of it nobody is required.
#[test]
fn every_field_on_the_way_into_life_and_out_of_it() {
    for (kind, asleep, awake) in [("flag", "inactive", "active"), ("experiment", "planning", "running")] {
        for (field, one, other, rule) in ROWS {
            for (before, after) in [(one, other), (other, one)] {
                let reported = format!("{kind} {field}: {before} -> {after}");
                let expected = if *rule == "-" { (Class::Routine, "-") } else { (Class::Activation, "activation") };
                let up = judge(&flag(kind, asleep, field, before), &flag(kind, awake, field, after));
                assert_eq!(classes(&up, field), BTreeSet::from([expected]), "{reported}");
                let down = judge(&flag(kind, awake, field, before), &flag(kind, asleep, field, after));
                assert_eq!(classes(&down, field), BTreeSet::from([(Class::Routine, "-")]), "{reported}");
            }
        }
    }
}

#[test]
fn another_spelling_is_no_change() {
    for (kind, state, _) in STATES {
        for (field, one, other) in ALIKE {
            for (before, after) in [(one, other), (other, one)] {
                let report = judge(&flag(kind, state, field, before), &flag(kind, state, field, after));
                let classes: BTreeSet<Class> = classes(&report, field).into_iter().map(|(class, _)| class).collect();
                assert!(classes.is_subset(&BTreeSet::from([Class::NoEffect])), "{kind} {state} {field}: {classes:?}");
            }
        }
    }
}

/// A new field has a row here.
#[test]
fn every_field_has_a_row() {
    let rows: BTreeSet<&str> = ROWS.iter().map(|(field, ..)| *field).collect();
    // The identity of the flag; the other two have a table of their own, `from_every_state_to_every_state`.
    let apart = ["key", "kind", "state"];
    let missing: Vec<&str> =
        FIELDS.iter().map(|field| field.name).filter(|name| !rows.contains(name) && !apart.contains(name)).collect();
    assert_eq!(missing, [""; 0]);
}
