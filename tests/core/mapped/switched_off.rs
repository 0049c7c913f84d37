//! Switch-offs that wait for nobody, however a format writes them, and what only looks like one.

use countersign::report::Verdict::{self, NotRequired, Pending};

use super::judged;
use super::parts::files;

fn verdict(format: &str, path: &str, before: &str, after: &str) -> Verdict {
    judged(format, &files(&[(path, before)]), &files(&[(path, after)])).verdict
}

/// A boolean flag of Flipt is off where none of its rollouts gives true to anybody.
#[test]
fn boolean_flags_of_flipt() {
    let flag = |enabled: bool, rollouts: &str| {
        format!(
            "namespace: d\nflags: [{{key: a, name: a, type: BOOLEAN_FLAG_TYPE, enabled: {enabled}, rollouts: [{rollouts}]}}]\n"
        )
    };
    let part = |percentage: u32, value: bool| format!("{{threshold: {{percentage: {percentage}, value: {value}}}}}");
    let segment = |value: bool| format!("{{segment: {{key: eu, value: {value}}}}}");
    for (before, after, expected) in [
        (flag(true, &part(20, false)), flag(false, &part(20, false)), NotRequired),
        (flag(true, &segment(false)), flag(false, &segment(false)), NotRequired),
        (flag(false, &part(20, true)), flag(false, &part(0, true)), NotRequired),
        (flag(false, &part(20, true)), flag(false, &part(20, false)), NotRequired),
        (flag(false, &segment(true)), flag(false, &segment(false)), NotRequired),
        (flag(true, &part(20, true)), flag(false, &part(20, true)), Pending),
        (flag(false, &part(0, true)), flag(false, &part(20, true)), Pending),
        (flag(false, &segment(false)), flag(false, &segment(true)), Pending),
        (flag(false, &part(20, false)), flag(true, &part(20, false)), Pending),
    ] {
        assert_eq!(verdict("flipt", "features.yml", &before, &after), expected, "{before}{after}");
    }
}

/// A flag of Harness that is off gives its off variation: only another one, or another value of it, needs approval.
#[test]
fn off_variations_of_harness() {
    let flag = |state: &str, off: &str, values: [&str; 2]| {
        format!(
            "featureFlags:\n  flags:\n    - flag:\n        identifier: a\n        name: a\n        spec: {{type: string, variations: [{{identifier: V1, value: {}}}, {{identifier: V2, value: {}}}]}}\n        environments: [{{identifier: prod, state: \"{state}\", default: {{onVariation: V2, offVariation: {off}}}}}]\n",
            values[0], values[1]
        )
    };
    let none = "featureFlags:\n  flags: []\n".to_owned();
    let plain = ["small", "big"];
    for (before, after, expected) in [
        (none.clone(), flag("off", "V1", plain), NotRequired),
        (flag("on", "V1", plain), flag("off", "V1", plain), NotRequired),
        (flag("off", "V1", plain), flag("off", "V1", ["small", "huge"]), NotRequired),
        (flag("off", "V1", plain), flag("off", "V1", ["\"false\"", "big"]), NotRequired),
        (none.clone(), flag("off", "V1", ["\"true\"", "\"false\""]), Pending),
        (none.clone(), flag("off", "V1", ["true", "false"]), Pending),
        (none, flag("on", "V1", plain), Pending),
        (flag("on", "V1", plain), flag("off", "V2", plain), Pending),
        (flag("on", "V1", plain), flag("off", "V1", ["huge", "big"]), Pending),
        (flag("off", "V1", plain), flag("off", "V2", plain), Pending),
        (flag("off", "V1", plain), flag("off", "V1", ["huge", "big"]), Pending),
        (flag("off", "V1", plain), flag("on", "V1", plain), Pending),
    ] {
        assert_eq!(verdict("harness", "flags.yaml", &before, &after), expected, "{before}{after}");
    }
}

/// Registries: a list of those it is on for, and words that some readers take for a switch.
#[test]
fn lists_and_words_of_registries() {
    for (before, after, expected) in [
        ("a: {enabled_for: [production, staging]}\n", "a: {enabled_for: [staging]}\n", NotRequired),
        ("a: {enabled_for: [production]}\n", "a: {enabled_for: []}\n", NotRequired),
        ("a: {enabled_for: [jo, kim]}\n", "a: {enabled_for: []}\n", NotRequired),
        (
            "a: {enabled_for: {environments: [production, staging]}}\n",
            "a: {enabled_for: {environments: [staging]}}\n",
            NotRequired,
        ),
        (
            "a: {enabled: true, enabled_for: [production]}\n",
            "a: {enabled: false, enabled_for: [production]}\n",
            NotRequired,
        ),
        ("a: {enabled: true, enabled_for: [jo]}\n", "a: {enabled: false, enabled_for: [jo]}\n", NotRequired),
        ("a: {enabled_for: [staging]}\n", "a: {enabled_for: [production, staging]}\n", Pending),
        ("a: {enabled_for: []}\n", "a: {enabled_for: [jo]}\n", Pending),
        ("a: {enabled: false, enabled_for: [jo]}\n", "a: {enabled: false, enabled_for: [jo, kim]}\n", Pending),
        (
            "a: {enabled: false, enabled_for: [staging]}\n",
            "a: {enabled: false, enabled_for: [staging, production]}\n",
            Pending,
        ),
        ("a: on\n", "a: off\n", NotRequired),
        ("a: {enabled: yes}\n", "a: {enabled: no}\n", NotRequired),
        ("a: {production: on}\n", "a: {production: off}\n", NotRequired),
        ("a: off\n", "a: on\n", Pending),
        ("b: true\n", "b: true\na: off\n", Pending),
        ("a: {enabled: on, rule: x}\n", "a: {enabled: off, rule: y}\n", Pending),
        ("a: {disabled: on}\n", "a: {disabled: off}\n", Pending),
        ("disable_a: on\n", "disable_a: off\n", Pending),
        ("a: {note: on}\n", "a: {note: off}\n", Pending),
    ] {
        assert_eq!(verdict("registry", "feature_flags.yml", before, after), expected, "{before}{after}");
    }
}

/// GitLab refuses a flag without a default, so that nobody knows it to be off.
#[test]
fn a_default_of_gitlab_that_goes() {
    let flag = |said: &str| format!("name: a\ntype: ops\ngroup: g\n{said}");
    let on = flag("default_enabled: true\n");
    for (after, expected) in [
        (flag("default_enabled: false\n"), NotRequired),
        (flag(""), Pending),
        (flag("default_enabled: null\n"), Pending),
    ] {
        assert_eq!(verdict("gitlab", "config/feature_flags/ops/a.yml", &on, &after), expected, "{after}");
    }
}

/// A percentage has several names, of which one is computed like another.
#[test]
fn percentages_of_registries() {
    for (name, from, to, computed) in [
        ("percentage", "10", "50", true),
        ("percent", "10", "50", true),
        ("rollout", "10", "50", true),
        ("rollout_percentage", "10", "50", true),
        ("rolloutPercentage", "10", "50", true),
        ("rollout", "{percentage: 10}", "{percentage: 50}", true),
        // A share of 1, or a percentage.
        ("rollout", "0.1", "0.5", false),
        ("rollout", "1", "50", false),
        ("percentage: 5, rollout", "10", "50", false),
    ] {
        let flag = |value: &str| format!("a: {{enabled: true, {name}: {value}}}\n");
        let [before, after] = [from, to].map(|value| files(&[("feature_flags.yml", &flag(value))]));
        let report = judged("registry", &before, &after);
        assert_eq!(report.verdict, Pending, "{name}");
        let unknown = report.flags.iter().filter_map(|flag| flag.impact.as_ref()).any(|one| !one.unknown.is_empty());
        assert_eq!(!unknown, computed, "{name} {from}: {:#?}", report.flags);
    }
}

/// The names that a warning offers are those of variants.
#[test]
fn no_other_name_is_offered_for_a_variant() {
    let text = "featureFlags:\n  flags:\n    - flag:\n        identifier: a\n        name: a\n        spec: {type: string, variations: [{identifier: x, value: x}, {identifier: y, value: y}]}\n        environments: [{identifier: prod, state: \"on\", default: {onVariation: NAME, offVariation: y}}]\n";
    for (name, warned) in [("x", false), ("nope", true), ("spec/type", true), ("string", true)] {
        let after = text.replace("NAME", name);
        let report = judged("harness", &files(&[("flags.yaml", text)]), &files(&[("flags.yaml", &after)]));
        let found: Vec<String> = report.diagnostics.iter().map(|one| format!("{one:?}")).collect();
        let of = found.iter().find(|one| one.contains("no-such-variant"));
        assert_eq!(of.is_some(), warned, "{name}: {found:?}");
        assert!(of.is_none_or(|one| one.contains("write one of `x` or `y`, or add the variant")), "{of:?}");
    }
}

/// Where `disabled: true` is what switches a flag off, it is no member that says it is on.
#[test]
fn a_switch_that_says_off_is_no_member_that_says_true() {
    for (before, after, expected) in [
        ("a: {enabled: true, disabled: true, x: 1}\n", "a: {enabled: false, disabled: true, x: 1}\n", NotRequired),
        ("a: {enabled: true}\n", "a: {enabled: false, disabled_reason: incident 42, updated_by: jo}\n", NotRequired),
        ("a: {enabled: true, other: true, x: 1}\n", "a: {enabled: false, other: true, x: 1}\n", Pending),
    ] {
        assert_eq!(verdict("registry", "config/feature_flags.yml", before, after), expected, "{before}{after}");
    }
}

/// A file with a flag in it.
type InFile = fn(&str) -> String;

/// Registries: a kill is one whatever words say it, and opens nothing.
#[test]
fn kills_of_registries_in_other_words() {
    for (before, after, expected) in [
        // Members that are true give nothing by that.
        ("{enabled: true, public: true}", "{enabled: false, public: true}", NotRequired),
        ("{enabled: true, sticky: \"true\"}", "{enabled: false, sticky: \"true\"}", NotRequired),
        ("{enabled: false, public: true}", "{enabled: true, public: true}", Pending),
        ("{enabled: false, public: true}", "{enabled: false, public: false}", Pending),
        ("{enabled: false, public: false}", "{enabled: false, public: true}", Pending),
        ("{enabled: true, public: true, x: true}", "{enabled: false, public: true, x: true}", Pending),
        ("{enabled: true, public: false}", "{enabled: false, public: true}", Pending),
        ("{enabled: true, sticky: {a: 1}}", "{enabled: false, sticky: {a: 2}}", Pending),
        // Notes of the author and the reason.
        ("{enabled: true, x: 1}", "{enabled: false, x: 1, disabled_reason: jo}", NotRequired),
        ("{enabled: true, x: 1}", "{enabled: false, x: 1, reason: jo, updatedBy: kim}", NotRequired),
        ("{enabled: true, x: 1, updated_by: kim}", "{enabled: false, x: 1, updated_by: jo}", NotRequired),
        ("{enabled: true, x: 1}", "{enabled: false, x: 2, reason: jo}", Pending),
        ("{enabled: true, x: 1}", "{enabled: false, x: 1, group: jo}", Pending),
        ("{enabled: true, x: 1}", "{enabled: false, x: 1, type: jo}", Pending),
        // Which of the two counts is not known.
        ("{enabled: true, disabled: true}", "{enabled: false, disabled: false}", Pending),
        // A value next to its type and its default.
        ("{type: bool, value: true, default: false}", "{type: bool, value: false, default: false}", NotRequired),
        ("{type: bool, value: false, default: false}", "{type: bool, value: true, default: false}", Pending),
        ("{type: bool, value: true, default: true}", "{type: bool, value: false, default: true}", Pending),
        ("{type: bool, value: false, default: false}", "{type: bool, value: false, default: true}", Pending),
        ("{type: bool, value: false, default: false}", "{type: bool, default: false}", Pending),
        ("{value: true, rules: [1]}", "{value: false, rules: [1]}", Pending),
        ("{value: red}", "{value: blue}", Pending),
        ("{value: true, default: red}", "{value: false, default: blue}", Pending),
        ("{value: false, default: red}", "{value: false, default: \"true\"}", Pending),
        ("{value: false, enabled_for: []}", "{value: false, enabled_for: [jo]}", Pending),
    ] {
        let places: [(&str, InFile); 3] = [
            ("flags", |flag| format!("search: {flag}\n")),
            ("environments", |flag| {
                format!("search: {{environments: {{production: {flag}, staging: {{enabled: true}}}}}}\n")
            }),
            ("by environment", |flag| {
                format!("production:\n  search: {flag}\nstaging:\n  search: {{enabled: true}}\n")
            }),
        ];
        for (place, file) in places {
            let found = verdict("registry", "config/feature_flags.yml", &file(before), &file(after));
            assert_eq!(found, expected, "{place}: {before} {after}");
        }
    }
    // A name that takes something away.
    let kill = |value: &str| format!("disable_search: {{type: bool, value: {value}, default: false}}\n");
    assert_eq!(verdict("registry", "config/feature_flags.yml", &kill("true"), &kill("false")), Pending);
}
