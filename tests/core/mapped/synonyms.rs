//! Spellings of the same in a format: all of a row say the same, and what looks like them does not.

use std::collections::BTreeMap;

use countersign::report::{Report, Verdict};

use super::judged;

/// A format, a path, a file with a hole, what stands in the hole with the same meaning, and what only looks so.
pub type Row = (&'static str, &'static str, &'static str, &'static [&'static str], &'static [&'static str]);

const RULE: &str = "flags: [{key: a, name: a, enabled: true, variants: [{key: v}], rules: [{HOLE, distributions: [{variant: v, rollout: 100}]}]}]\n";
pub const SEGMENT: &str = "flags: [{key: a, name: a, enabled: true, variants: [{key: v}], rules: [{segment: s, distributions: [{variant: v, rollout: 100}]}]}]\nsegments: [{key: s, name: S, HOLE}]\n";
const ROLLOUT: &str =
    "flags: [{key: a, name: a, type: BOOLEAN_FLAG_TYPE, enabled: true, rollouts: [{segment: HOLE}]}]\n";
pub const CONDITIONS: &str = "conditions: HOLE\n";
const FEATURE: &str = "bucketBy: userId\nrules: {p: [{key: e, segments: HOLE, percentage: 10}]}\n";
pub const REQUIRING: &str = "bucketBy: userId\nHOLE\nrules: {p: [{key: e, segments: \"*\", percentage: 10}]}\n";
const OVER: &str = "bucketBy: id\nvariations: [{value: a, weight: 100, HOLE}]\nrules: {p: [{key: e, segments: \"*\", percentage: 50}]}\n";
const RULE_OVER: &str = "bucketBy: id\nrules: {p: [{key: e, segments: \"*\", percentage: 50, variableOverrides: {c: [{HOLE, value: x}]}}]}\n";
const HASHED: &str = "bucketBy: HOLE\nvariations: [{value: a, weight: 50}, {value: b, weight: 50}]\nrules: {p: [{key: e, segments: \"*\", percentage: 50}]}\n";
const SCHEMA: &str =
    "bucketBy: userId\nvariablesSchema: HOLE\nrules: {p: [{key: e, segments: \"*\", percentage: 10}]}\n";
const FORCED: &str =
    "bucketBy: userId\nforce: [{segments: HOLE, enabled: true}]\nrules: [{key: e, segments: \"*\", percentage: 10}]\n";
pub const GOFF: &str = "f:\n  variations: {a: 1, b: 2}\n  defaultRule: {percentage: {a: 20, b: 80}}\n  HOLE\n";
pub const UNLEASH: &str =
    "{\"version\": 1, \"features\": [{\"name\": \"a\", \"project\": \"p\", \"enabled\": true HOLE}]}";
pub const MICROSOFT: &str = "{\"feature_management\": {\"feature_flags\": [{\"id\": \"a\", \"enabled\": true HOLE}]}}";
pub const HARNESS: &str = "featureFlags: {flags: [{flag: {name: a, identifier: a, environments: [{identifier: p, state: \"on\", default: {onVariation: \"true\"} HOLE}]}}]}\n";

const ROWS: &[Row] = &[
    (
        "flipt",
        "features.yaml",
        RULE,
        &[
            "segment: eu",
            "segment: {keys: [eu]}",
            "segment: {keys: [eu], operator: AND_SEGMENT_OPERATOR}",
            "segments: [eu]",
        ],
        &["segment: us", "segment: {keys: [eu, us]}", "rank: 1", "segment: [[eu]]"],
    ),
    (
        "flipt",
        "features.yaml",
        RULE,
        &[
            "segment: {keys: [eu, us]}",
            "segment: {keys: [us, eu], operator: OR_SEGMENT_OPERATOR}",
            "segments: [us, eu]",
        ],
        &["segment: {keys: [eu, us], operator: AND_SEGMENT_OPERATOR}", "segments: [us, eu, de]", "segment: \"eu, us\""],
    ),
    (
        "flipt",
        "features.yaml",
        ROLLOUT,
        &[
            "{key: eu, value: true}",
            "{keys: [eu], value: true}",
            "{value: true, keys: [eu], operator: OR_SEGMENT_OPERATOR}",
        ],
        &["{key: eu, value: false}", "{keys: [eu, us], value: true}", "{key: us, value: true}"],
    ),
    (
        "flipt",
        "features.yaml",
        SEGMENT,
        &[
            "constraints: [{type: STRING_COMPARISON_TYPE, property: country, operator: isoneof, value: '[\"de\",\"nl\"]'}, {property: plan, operator: eq, value: pro}]",
            "match_type: ALL_MATCH_TYPE, constraints: [{property: plan, operator: eq, value: pro}, {type: STRING_COMPARISON_TYPE, property: country, operator: isoneof, value: [de, nl]}]",
        ],
        &[
            "match_type: ANY_MATCH_TYPE, constraints: [{type: STRING_COMPARISON_TYPE, property: country, operator: isoneof, value: [de, nl]}, {property: plan, operator: eq, value: pro}]",
            "constraints: [{property: plan, operator: eq, value: pro}]",
            "constraints: []",
        ],
    ),
    (
        "featurevisor",
        "features/f.yml",
        FEATURE,
        &["nl", "[nl]", "{and: [nl]}", "{or: [nl]}", "'[\"nl\"]'"],
        &["{not: [nl]}", "\"*\"", "de", "{nl: [nl]}", "{and: nl}"],
    ),
    (
        "featurevisor",
        "features/f.yml",
        FEATURE,
        &[
            "{and: [nl, {not: [staff]}]}",
            "[{not: [staff]}, nl]",
            "{and: [{not: [{and: [staff]}]}, nl, nl]}",
            "'{\"and\": [\"nl\", {\"not\": [\"staff\"]}]}'",
        ],
        &[
            "{or: [nl, {not: [staff]}]}",
            "{and: [nl, staff]}",
            "{and: [nl, {not: staff}]}",
            "[nl, [{not: [staff, de]}]]",
        ],
    ),
    // Of conditions it is one meaning to all of them: not all of these hold.
    (
        "featurevisor",
        "segments/s.yml",
        CONDITIONS,
        &["{not: [X, Y]}", "[{not: [Y, X]}]", "{not: [{and: [X, Y]}]}", "{not: [[X, Y]]}"],
        &["{not: [{or: [X, Y]}]}", "{not: [X]}", "{and: [{not: [X]}, {not: [Y]}]}", "{and: [X, Y]}"],
    ),
    // To older SDKs `not` of several segments of a rule is neither, and not only that one is missing.
    (
        "featurevisor",
        "features/f.yml",
        FEATURE,
        &["{not: [a, b]}", "{not: [b, a, a]}"],
        &["{not: [{and: [a, b]}]}", "{not: [{or: [a, b]}]}", "{not: [a, {and: [b, c]}]}"],
    ),
    (
        "featurevisor",
        "features/f.yml",
        FEATURE,
        &["{or: [a, b, c]}", "{or: [c, {or: [b, a]}]}"],
        &["{or: [a, {and: [b, c]}]}", "{not: [a, b, c]}", "[a, b, c]"],
    ),
    (
        "featurevisor",
        "features/f.yml",
        SCHEMA,
        &[
            "[{key: a, type: array, defaultValue: [x, y]}, {key: b, type: array, defaultValue: []}]",
            "{b: {type: array, defaultValue: []}, a: {defaultValue: [x, y], type: array}}",
        ],
        &[
            "{a: {type: array, defaultValue: [y, x]}, b: {type: array, defaultValue: []}}",
            "[{key: a, type: array, defaultValue: [y, x]}, {key: b, type: array, defaultValue: []}]",
        ],
    ),
    (
        "featurevisor",
        "features/f.yml",
        SCHEMA,
        &["{a: {type: json, defaultValue: {steps: [{key: x}, {key: y}]}}}"],
        &["{a: {type: json, defaultValue: {steps: [{key: y}, {key: x}]}}}"],
    ),
    (
        "featurevisor",
        "features/f.yml",
        HASHED,
        &["id", "[id]", "{or: [id]}"],
        &["device", "[id, device]", "{or: [id, device]}", "{and: [id]}", "[[id]]"],
    ),
    // Segments and conditions of what overrides a variable are those of rules and of segments.
    (
        "featurevisor",
        "features/f.yml",
        OVER,
        &[
            "variableOverrides: {c: [{segments: nl, value: x}]}",
            "variableOverrides: {c: [{segments: [nl], value: x}]}",
            "variableOverrides: {c: [{segments: {and: [nl]}, value: x}]}",
            "type: boolean, variableOverrides: {c: [{segments: nl, value: x}]}",
        ],
        &[
            "variableOverrides: {c: [{segments: de, value: x}]}",
            "variableOverrides: {c: [{segments: {not: [nl]}, value: x}]}",
            "variableOverrides: {c: [{segments: nl, value: y}]}",
            "variableOverrides: {c: [{segments: nl, value: x}, {segments: nl, value: y}]}",
            "type: [boolean], variableOverrides: {c: [{segments: nl, value: x}]}",
        ],
    ),
    (
        "featurevisor",
        "features/f.yml",
        OVER,
        &[
            "variables: [{key: c, value: w, overrides: [{segments: [a, b], value: [x, y]}]}]",
            "variables: {c: w}, variableOverrides: {c: [{segments: {and: [b, a]}, value: [x, y]}]}",
        ],
        &[
            "variables: {c: w}, variableOverrides: {c: [{segments: {or: [b, a]}, value: [x, y]}]}",
            "variables: {c: w}, variableOverrides: {c: [{segments: [a, b], value: [y, x]}]}",
            "variables: {c: [{segments: [a, b], value: [x, y]}]}",
        ],
    ),
    // A value is what it is, also where it looks like an override.
    (
        "featurevisor",
        "features/f.yml",
        OVER,
        &["variables: {c: [{segments: [nl]}]}"],
        &["variables: {c: [{segments: nl}]}"],
    ),
    (
        "featurevisor",
        "features/f.yml",
        RULE_OVER,
        &["segments: nl", "segments: [nl]", "segments: {or: [nl]}"],
        &["segments: [nl, de]", "segments: de", "conditions: nl"],
    ),
    (
        "featurevisor",
        "features/f.yml",
        RULE_OVER,
        &["conditions: {not: [X, Y]}", "conditions: [{not: [{and: [Y, X]}]}]"],
        &["conditions: {not: [X]}", "segments: {not: [X, Y]}"],
    ),
    (
        "featurevisor",
        "features/f.yml",
        HASHED,
        &["[id, device]"],
        &["[device, id]", "{or: [id, device]}", "{or: [device, id]}"],
    ),
    ("featurevisor", "features/f.yml", FORCED, &["[a, b]", "{and: [b, a]}"], &["{or: [a, b]}", "a"]),
    (
        "featurevisor",
        "features/f.yml",
        REQUIRING,
        &[
            "tags: [web, ios]",
            "tags: [ios, web]\nrequired: []\nforce: []",
            "tags: [ios, web]\narchived: false\nexpose: true",
        ],
        &["tags: [web]", "tags: [web, ios]\nrequired: [b]", "tags: [web, ios]\nforce: [{segments: a, enabled: true}]"],
    ),
    (
        "goff",
        "a.yaml",
        GOFF,
        &[
            "disable: false",
            "trackEvents: true",
            "targeting: []",
            "disable: false\n  targeting: []\n  trackEvents: true",
        ],
        &[
            "trackEvents: false",
            "bucketingKey: account",
            "targeting: [{query: x eq 1, variation: b}]",
            "targeting: {}\n  rule: x",
        ],
    ),
    (
        "goff",
        "a.yaml",
        GOFF,
        &[
            "targeting: [{name: r, query: x eq 1, percentage: {a: 10, b: 90}}]",
            "targeting: [{percentage: {b: 90.0, a: 1e1}, query: \"x eq 1\", name: r}]",
        ],
        &[
            "targeting: [{name: r, query: x eq 1, percentage: {a: 1, b: 9}}]",
            "targeting: [{name: r, query: x  eq 1, percentage: {a: 10, b: 90}}]",
            "targeting: [{name: r, query: x eq 1, percentage: {a: 90, b: 10}}]",
        ],
    ),
    (
        "unleash",
        "state.json",
        UNLEASH,
        &["", ", \"strategies\": []", ", \"variants\": [], \"archived\": false"],
        &[", \"strategies\": [{\"name\": \"default\"}]", ", \"variants\": [{\"name\": \"a\", \"weight\": 1000}]"],
    ),
    (
        "unleash",
        "state.json",
        UNLEASH,
        &[
            ", \"strategies\": [{\"name\": \"flexibleRollout\", \"parameters\": {\"rollout\": \"50\", \"groupId\": \"a\"}}]",
            ", \"strategies\": [{\"parameters\": {\"groupId\": \"a\", \"rollout\": 50}, \"name\": \"flexibleRollout\"}]",
        ],
        &[
            ", \"strategies\": [{\"name\": \"flexibleRollout\", \"parameters\": {\"rollout\": \"5\", \"groupId\": \"a\"}}]",
        ],
    ),
    (
        "microsoft",
        "appsettings.json",
        MICROSOFT,
        &[
            "",
            ", \"conditions\": {\"client_filters\": []}",
            ", \"conditions\": {\"requirement_type\": \"Any\", \"client_filters\": []}, \"variants\": []",
        ],
        &[
            ", \"conditions\": {\"client_filters\": [{\"name\": \"x\"}]}",
            ", \"conditions\": {\"requirement_type\": \"All\"}",
        ],
    ),
    (
        "harness",
        "flags.yaml",
        HARNESS,
        &[
            ", targetRules: [{targets: [jo, al], variation: \"true\"}]",
            ", targetRules: [{targets: [al, jo], variation: \"true\"}]",
        ],
        &[
            ", targetRules: [{targets: [al], variation: \"true\"}]",
            ", targetRules: [{targets: [jo, al], variation: \"false\"}]",
        ],
    ),
    ("registry", "a.yml", "a: HOLE\n", &["false", "false # as ever"], &["true", "\"true\"", "yes"]),
    (
        "gitlab",
        "config/feature_flags/development/a.yml",
        "name: a\ndefault_enabled: true\nHOLE\n",
        &["", "# nothing"],
        &["x: 1"],
    ),
];

fn report(row: &Row, before: &str, after: &str) -> Report {
    let side = |hole: &str| BTreeMap::from([(row.1.to_owned(), row.2.replace("HOLE", hole))]);
    judged(row.0, &side(before), &side(after))
}

#[test]
fn spellings_of_the_same_are_silent() {
    assert_silent(ROWS);
}

/// All of a row say the same, and nothing else does.
pub fn assert_silent(rows: &[Row]) {
    for row in rows {
        let (format, _, _, same, other) = row;
        for (one, two) in same.iter().flat_map(|one| same.iter().map(move |two| (one, two))) {
            let report = report(row, one, two);
            let reported = report.flags.iter().flat_map(|flag| &flag.changes).filter(|change| change.rule.is_some());
            assert_eq!(
                report.verdict,
                Verdict::NotRequired,
                "{format}: {one} → {two}: {:#?}",
                reported.collect::<Vec<_>>()
            );
            // A difference that is silent in the fields is reported in no share of users either.
            let affected: Vec<_> = report
                .flags
                .iter()
                .filter(|flag| flag.impact.as_ref().is_some_and(|impact| !impact.is_nothing()))
                .collect();
            assert!(affected.is_empty() || *format == "featurevisor", "{format}: {one} → {two}: {affected:#?}");
        }
        for (one, two) in same.iter().flat_map(|one| other.iter().map(move |two| (one, two))) {
            let verdict = report(row, one, two).verdict;
            assert_ne!(verdict, Verdict::NotRequired, "{format}: {one} → {two}");
        }
    }
}
