//! The formats' own schemas, restated: a valid file is read without a word, and of an invalid one
//! something is said, or a change of it needs approval.

use countersign::flag::Flag;

use super::read;

/// A format, a path, a file, and what must be found in it: the flags of a valid one, or what is said of an invalid one.
type Row = (&'static str, &'static str, &'static str, &'static str);

const VALID: &[Row] = &[
    (
        "goff",
        "a.yaml",
        "f:\n  variations: {A: false, B: true}\n  targeting:\n    - {name: legacy, query: '(env eq \"pro\") and (user_id eq 9)', percentage: {A: 0, B: 100}}\n    - {query: 'key eq \"x\"', variation: A}\n  defaultRule: {name: default, percentage: {A: 10, B: 90}}\n  experimentation: {start: 2021-03-20T00:00:00.10-05:00, end: 2021-03-21T00:00:00.10-05:00}\n  trackEvents: false\n  version: 12\n  metadata: {pr: 4}\n",
        "f scheduled",
    ),
    (
        "goff",
        "a.yaml",
        "f:\n  variations: {a: {k: [1, 2]}, b: {k: []}}\n  defaultRule:\n    progressiveRollout:\n      initial: {variation: a, date: 2024-01-01T05:00:00.100Z}\n      end: {variation: b, date: 2024-01-05T05:00:00.100Z}\n  scheduledRollout:\n    - {date: 2024-02-01T05:00:00Z, variations: {a: {k: [3]}}}\n",
        "f scheduled",
    ),
    ("goff", "a.yaml", "f:\n  true: 1\n  false: 0\n  default: 0\n  rule: key eq \"x\"\n  percentage: 50\n", "f live"),
    (
        "flipt",
        "features.yaml",
        "version: \"1.4\"\nnamespace: {key: shop, name: Shop}\nflags:\n  - key: a\n    name: A\n    description: d\n    metadata: {team: x}\n    enabled: false\n    variants: [{key: v, name: V, attachment: {pi: 3.141, list: [1]}}, {key: w}]\n    rules:\n      - segment: {keys: [s, t], operator: AND_SEGMENT_OPERATOR}\n        rank: 1\n        distributions: [{variant: v, rollout: 30}, {variant: w, rollout: 70}]\n  - key: b\n    name: B\n    type: BOOLEAN_FLAG_TYPE\n    enabled: true\n    rollouts:\n      - {description: d, threshold: {percentage: 50, value: true}}\nsegments:\n  - {key: s, name: S, match_type: ANY_MATCH_TYPE, constraints: [{type: DATETIME_COMPARISON_TYPE, property: at, operator: lt, value: '2024-01-01', description: d}]}\n  - {key: t, name: T}\n",
        "a@shop inactive, b@shop live, segment s@shop unknown, segment t@shop unknown",
    ),
    (
        "flipt",
        "features.yaml",
        "namespace: a\nflags: [{key: x, name: X, enabled: true}]\n---\nnamespace: b\nflags: [{key: x, name: X, enabled: false}]\n",
        "x@a live, x@b inactive",
    ),
    (
        "featurevisor",
        "features/f.yml",
        "description: d\ntags: [all]\nbucketBy: {or: [userId, deviceId]}\nvariablesSchema: {color: {type: string, defaultValue: red}}\nvariations:\n  - {value: control, weight: 50}\n  - {value: treatment, weight: 50, variables: {color: blue}}\nforce: {production: [{conditions: [{attribute: userId, operator: equals, value: \"1\"}], variation: treatment}]}\nrules:\n  staging: [{key: everyone, segments: \"*\", percentage: 100}]\n  production: [{key: nl, segments: [netherlands, {not: [staff]}], percentage: 2.5, variables: {color: green}}]\n",
        "f@staging live, f@production live",
    ),
    (
        "featurevisor",
        "features/f.yml",
        "description: d\nbucketBy: userId\nenvironments:\n  production: {rules: [{key: \"1\", segments: \"*\", percentage: 80}], expose: true}\n",
        "f@production live",
    ),
    (
        "featurevisor",
        "segments/nl.yml",
        "description: d\nconditions:\n  - {attribute: country, operator: in, value: [nl]}\n  - {or: [{attribute: age, operator: greaterThan, value: 18}, {not: [{attribute: plan, operator: exists}]}]}\n",
        "segment nl unknown",
    ),
    (
        "gitlab",
        "config/feature_flags/development/a.yml",
        "---\nname: a\nintroduced_by_url: https://example.com/1\nrollout_issue_url:\nmilestone: '13.5'\ntype: development\ngroup: group::x\ndefault_enabled: false\nlog_state_changes: true\n",
        "a inactive",
    ),
    (
        "unleash",
        "s.json",
        "{\"version\":1,\"features\":[{\"name\":\"a\",\"description\":\"\",\"type\":\"release\",\"project\":\"p\",\"enabled\":true,\"stale\":false,\"strategies\":[{\"name\":\"flexibleRollout\",\"parameters\":{\"rollout\":\"25\",\"stickiness\":\"default\",\"groupId\":\"a\"},\"constraints\":[]}],\"variants\":[{\"name\":\"x\",\"weight\":1000}],\"createdAt\":\"2021-01-01T00:00:00.000Z\",\"lastSeenAt\":null}]}\n",
        "a@p live, the rest of s.json unknown with the rest",
    ),
    (
        "harness",
        "flags.yaml",
        "featureFlags:\n  flags:\n    - flag:\n        name: A\n        identifier: a\n        permanent: false\n        spec: {type: boolean, variations: [{identifier: \"true\", value: \"true\"}, {identifier: \"false\", value: \"false\"}]}\n        environments:\n          - {identifier: p, default: {onVariation: \"true\", offVariation: \"false\"}, state: \"on\", targetRules: [{targets: [{identifier: jo}], variation: \"true\"}], rules: [{clauses: [{op: in, values: [x]}], serve: {distribution: {bucketBy: identifier, variations: [{variation: \"true\", weight: 40}, {variation: \"false\", weight: 60}]}}}]}\n          - {identifier: q, default: {onVariation: \"true\", offVariation: \"false\"}, state: \"off\"}\n",
        "a@p live, a@q inactive",
    ),
    (
        "microsoft",
        "appsettings.json",
        "{\"feature_management\":{\"feature_flags\":[{\"id\":\"a\",\"description\":\"d\",\"display_name\":\"A\",\"enabled\":true,\"conditions\":{\"requirement_type\":\"All\",\"client_filters\":[{\"name\":\"Microsoft.TimeWindow\",\"parameters\":{\"Start\":\"Wed, 01 May 2024 13:59:59 GMT\"}}]},\"variants\":[{\"name\":\"Big\",\"configuration_value\":{\"Size\":300},\"status_override\":\"Disabled\"}],\"allocation\":{\"percentile\":[{\"variant\":\"Big\",\"from\":0,\"to\":10}],\"user\":[{\"variant\":\"Big\",\"users\":[\"jo\"]}],\"default_when_enabled\":\"Big\",\"seed\":\"s\"},\"telemetry\":{\"enabled\":true}}]}}\n",
        "a live",
    ),
    (
        "microsoft",
        "appsettings.json",
        "{\"FeatureManagement\":{\"a\":true,\"b\":{\"RequirementType\":\"Any\",\"EnabledFor\":[{\"Name\":\"Percentage\",\"Parameters\":{\"Value\":50}}]}}}\n",
        "a live, b live",
    ),
    (
        "kubernetes",
        "a.yaml",
        "apiVersion: core.openfeature.dev/v1beta1\nkind: FeatureFlag\nmetadata: {name: x}\nspec: {flagSpec: {flags: {a: {state: ENABLED, variants: {\"on\": true, \"off\": false}, defaultVariant: \"off\", targeting: {}}}}}\n",
        "a@x ENABLED",
    ),
];

const REFUSED: &[Row] = &[
    ("flipt", "features.yaml", "flags: [{key: a, name: a, enabled: true, type: OTHER}]\n", "wrong-word 1:48"),
    ("goff", "a.yaml", "f: {defaultRule: {variation: a}}\n", "incomplete-flag 1:1"),
    ("goff", "a.yaml", "f: {variations: {a: 1}}\n", "incomplete-flag 1:1"),
    ("goff", "a.yaml", "f: {variations: {a: 1}, defaultRule: {variation: b}}\n", "no-such-variant 1:50"),
    ("goff", "a.yaml", "f: {variations: {a: 1}, defaultRule: {percentage: {b: 100}}}\n", "no-such-variant 1:52"),
    ("goff", "a.yaml", "f: {variations: {a: 1}, defaultRule: {variation: a}, disable: \"no\"}\n", "f unknown"),
    ("goff", "a.yaml", "f: {variations: {a: 1}, defaultRule: {variation: a}, extra: 1}\n", "f live with the rest"),
    ("goff", "a.yaml", "f: true\n", "incomplete-flag 1:1"),
    ("goff", "a.yaml", "[f]\n", "incomplete-flag 1:2"),
    ("flipt", "features.yaml", "flags: {a: 1}\n", "bad-key 1:9"),
    ("flipt", "features.yaml", "flags: [{name: a, enabled: true}]\n", "bad-key 1:9"),
    ("flipt", "features.yaml", "flags: [{key: a, name: a, enabled: \"true\"}]\n", "a@default unknown"),
    (
        "flipt",
        "features.yaml",
        "flags: [{key: a, name: a, enabled: true, variants: [{key: v}], rules: [{segment: s, distributions: [{variant: w, rollout: 100}]}]}]\n",
        "no-such-variant 1:111",
    ),
    (
        "flipt",
        "features.yaml",
        "flags: [{key: a, name: a, enabled: true}, {key: a, name: a, enabled: true}]\n",
        "duplicate-key 1:43",
    ),
    (
        "featurevisor",
        "features/f.yml",
        "description: x\nrules: {p: [{key: e, segments: \"*\", percentage: 10}]}\n",
        "incomplete-flag 2:9",
    ),
    (
        "featurevisor",
        "features/f.yml",
        "bucketBy: userId\nrules: {p: [{key: e, segments: \"*\", percentage: 120}]}\n",
        "impossible-percentage 2:49",
    ),
    (
        "featurevisor",
        "features/f.yml",
        "bucketBy: userId\nrules: {p: [{key: e, segments: \"*\", percentage: many}]}\n",
        "impossible-percentage 2:49",
    ),
    ("featurevisor", "features/f.yml", "bucketBy: userId\n", "f unknown"),
    (
        "featurevisor",
        "features/f.yml",
        "bucketBy: userId\nextra: 1\nrules: {p: [{key: e, segments: \"*\", percentage: 10}]}\n",
        "f@p live with the rest",
    ),
    (
        "microsoft",
        "appsettings.json",
        "{\"feature_management\":{\"feature_flags\":[{\"enabled\":true}]}}",
        "bad-key 1:41",
    ),
    (
        "microsoft",
        "appsettings.json",
        "{\"feature_management\":{\"feature_flags\":[{\"id\":\"a\",\"enabled\":\"maybe\"}]}}",
        "a unknown",
    ),
    ("microsoft", "appsettings.json", "{\"feature_management\":{\"feature_flags\":{\"a\":true}}}", "bad-key 1:41"),
    ("microsoft", "appsettings.json", "{\"FeatureManagement\":{\"a\":\"yes\"}}", "a unknown"),
    ("unleash", "s.json", "{\"version\":1,\"features\":[{\"enabled\":true}]}", "bad-key 1:26"),
    (
        "unleash",
        "s.json",
        "{\"version\":1,\"features\":[{\"name\":\"a\",\"project\":\"p\",\"enabled\":\"yes\"}]}",
        "a@p unknown, the rest of s.json unknown with the rest",
    ),
    ("unleash", "s.json", "{\"version\":1,\"features\":{\"a\":true}}", "bad-key 1:26"),
    (
        "harness",
        "flags.yaml",
        "featureFlags: {flags: [{flag: {name: a, identifier: a, environments: [{identifier: p, state: maybe}]}}]}\n",
        "incomplete-flag 1:71",
    ),
    (
        "harness",
        "flags.yaml",
        "featureFlags: {flags: [{flag: {name: a, environments: [{identifier: p, state: \"on\"}]}}]}\n",
        "bad-key 1:56",
    ),
    (
        "harness",
        "flags.yaml",
        "featureFlags: {flags: [{flag: {name: a, identifier: a, spec: {variations: [{identifier: x, value: \"1\"}]}, environments: [{identifier: p, state: \"on\", default: {onVariation: y, offVariation: x}}]}}]}\n",
        "no-such-variant 1:174",
    ),
    ("gitlab", "a.yml", "name: a\ndefault_enabled: \"true\"\n", "a unknown"),
    ("gitlab", "a.yml", "name: a\n", "incomplete-flag 1:1"),
    ("gitlab", "a.yml", "default_enabled: true\nname: [a]\n", "a live with the rest"),
    (
        "kubernetes",
        "a.yaml",
        "kind: FeatureFlag\nmetadata: {name: x}\nspec: {flagSpec: {flags: {a: {state: ON, variants: {\"on\": true}, defaultVariant: \"on\"}}}}\n",
        "wrong-type 3:38",
    ),
    (
        "kubernetes",
        "a.yaml",
        "kind: FeatureFlag\nmetadata: {name: x}\nspec: {flagSpec: {flags: [1]}}\n",
        "wrong-type 3:27",
    ),
];

/// Their tools refuse these; any value there is compared, and a change of it needs approval.
const READ_ALL_THE_SAME: &[Row] = &[
    ("goff", "a.yaml", "f: {variations: [a], defaultRule: {variation: a}}\n", "f live"),
    ("goff", "a.yaml", "f: {variations: {a: 1}, defaultRule: {variation: a}, targeting: {query: x}}\n", "f live"),
    (
        "goff",
        "a.yaml",
        "f: {variations: {a: 1}, defaultRule: {variation: a}, experimentation: {start: soon}}\n",
        "f scheduled",
    ),
    (
        "flipt",
        "features.yaml",
        "flags: [{key: a, name: a, enabled: true, variants: [{key: v}], rules: [{segment: s, distributions: [{variant: v, rollout: 120}]}]}]\n",
        "a@default live",
    ),
    ("flipt", "features.yaml", "flag: []\n", ""),
    ("featurevisor", "features/f.yml", "bucketBy: userId\nrules: {p: {key: e}}\n", "f@p inactive"),
    (
        "featurevisor",
        "features/f.yml",
        "bucketBy: userId\nvariations: [{value: a, weight: 50}]\nrules: {p: [{key: e, segments: \"*\", percentage: 10}]}\n",
        "f@p live",
    ),
    (
        "microsoft",
        "appsettings.json",
        "{\"feature_management\":{\"feature_flags\":[{\"id\":\"a\",\"enabled\":true,\"allocation\":{\"default_when_enabled\":\"x\"}}]}}",
        "a live",
    ),
    ("kubernetes", "a.yaml", "kind: FeatureFlag\nmetadata: {name: x}\nspec: {flags: {}}\n", ""),
];

/// The outcome of a file: its first diagnostic, else the state of each flag, and whether it says what nobody knows.
fn said(id: &str, path: &str, text: &str) -> String {
    let (flags, found) = read(id, path, text);
    if let Some(first) = found.first() {
        return first.clone();
    }
    let of = |flag: &Flag| {
        let rest = flag.record.iter().any(|entry| entry.key == "rest");
        format!("{} {}{}", flag.key, flag.state.word, if rest { " with the rest" } else { "" })
    };
    flags.iter().map(of).collect::<Vec<_>>().join(", ")
}

fn all_say(rows: &[Row]) {
    let said =
        rows.iter().map(|row| (row.2, said(row.0, row.1, row.2), row.3)).filter(|(_, said, wanted)| said != wanted);
    let wrong: Vec<_> = said.collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_a_schema_allows_is_read() {
    all_say(VALID);
}

#[test]
fn what_a_schema_refuses_is_said_or_unknown() {
    all_say(REFUSED);
    for (.., said) in REFUSED {
        assert!(said.contains(':') || said.contains("unknown") || said.contains("rest"), "{said}");
    }
}

#[test]
fn what_only_the_own_tools_refuse_is_read() {
    all_say(READ_ALL_THE_SAME);
}
