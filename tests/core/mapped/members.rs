//! Every member that decides about users, format by format: under which field another value of it is reported.

use std::collections::{BTreeMap, BTreeSet};

use countersign::changes::change::Class;
use serde_json::{Value, json};

use super::{judged, serde_yaml_of};

/// A format, the path and the text of a file with all of its members, and for places in it the field that has to tell.
type Members = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const MEMBERS: &[Members] = &[
    (
        "goff",
        "a.yaml",
        "f:
  variations: {on: 1, off: 2}
  bucketingKey: accountId
  targeting:
    - {name: beta, query: 'plan eq \"beta\"', percentage: {on: 20, off: 80}}
    - {name: rest, query: 'plan eq \"pro\"', variation: on}
    - name: slow
      query: 'plan eq \"x\"'
      progressiveRollout:
        initial: {variation: off, percentage: 0, date: 2026-01-01T00:00:00Z}
        end: {variation: on, percentage: 50, date: 2026-02-01T00:00:00Z}
  defaultRule: {variation: off}
  trackEvents: true
  experimentation: {start: 2026-03-01T00:00:00Z, end: 2026-04-01T00:00:00Z}
  scheduledRollout: [{date: 2026-03-05T00:00:00Z, defaultRule: {variation: on}}]
  metadata: {issue: 1}
",
        &[
            ("/f/variations/on", "variants"),
            ("/f/bucketingKey", "bucketing"),
            ("/f/targeting/0/query", "segments"),
            ("/f/targeting/0/percentage/on", "distribution"),
            ("/f/targeting/1/variation", "distribution"),
            ("/f/targeting/2/progressiveRollout/end/percentage", "schedule"),
            ("/f/targeting/2/progressiveRollout/end/date", "schedule"),
            ("/f/defaultRule/variation", "distribution"),
            ("/f/trackEvents", "exposure"),
            ("/f/experimentation/end", "schedule"),
            ("/f/scheduledRollout/0/date", "schedule"),
            ("/f/metadata/issue", "meta"),
        ],
    ),
    (
        "flipt",
        "features.yaml",
        "namespace: shop
flags:
  - key: v
    name: V
    type: VARIANT_FLAG_TYPE
    enabled: true
    variants: [{key: old}, {key: new, attachment: {steps: 2}}]
    rules: [{segment: eu, distributions: [{variant: old, rollout: 70}, {variant: new, rollout: 30}]}]
  - key: b
    name: B
    type: BOOLEAN_FLAG_TYPE
    enabled: false
    rollouts: [{threshold: {percentage: 10, value: true}}, {segment: {key: eu, value: true}}]
segments:
  - {key: eu, name: EU, match_type: ANY_MATCH_TYPE, constraints: [{type: STRING_COMPARISON_TYPE, property: country, operator: eq, value: de}]}
",
        &[
            ("/flags/0/variants/1/attachment/steps", "variants"),
            ("/flags/0/rules/0/segment", "segments"),
            ("/flags/0/rules/0/distributions/0/rollout", "distribution"),
            ("/flags/0/rules/0/distributions/0/variant", "distribution"),
            ("/flags/0/name", "meta"),
            ("/flags/1/enabled", "stage"),
            ("/flags/1/rollouts/0/threshold/percentage", "distribution"),
            ("/flags/1/rollouts/0/threshold/value", "segments"),
            ("/flags/1/rollouts/1/segment/value", "segments"),
            ("/segments/0/constraints/0/value", "parts"),
            ("/segments/0/match_type", "parts"),
        ],
    ),
    (
        "featurevisor",
        "features/f.yml",
        "description: F
tags: [web]
bucketBy: userId
required: [other]
variablesSchema: {color: {type: string, defaultValue: red}}
variations: [{value: control, weight: 50}, {value: treatment, weight: 50, variables: {color: blue}}]
rules:
  production:
    - {key: nl, segments: {and: [nl, {not: [staff]}]}, percentage: 25}
    - {key: rest, segments: '*', percentage: 10}
force:
  production: [{conditions: [{attribute: userId, operator: equals, value: me}], variation: treatment}]
",
        &[
            ("/tags/0", "segments"),
            ("/bucketBy", "bucketing"),
            ("/required/0", "dependencies"),
            ("/variablesSchema/color/defaultValue", "variants"),
            ("/variations/1/value", "variants"),
            ("/variations/1/variables/color", "variants"),
            ("/variations/1/weight", "distribution"),
            ("/rules/production/0/segments/and/0", "segments"),
            ("/rules/production/0/percentage", "distribution"),
            ("/force/production/0/variation", "segments"),
            ("/description", "meta"),
        ],
    ),
    (
        "unleash",
        "a.json",
        "features:
  - name: f
    enabled: true
    impressionData: false
    strategies:
      - {id: 1, name: flexibleRollout, parameters: {rollout: '50', stickiness: userId, groupId: f}, constraints: [{contextName: country, operator: IN, values: [de]}], segments: [3], variants: [{name: c, weight: 1000, stickiness: userId, payload: {type: string, value: z}}]}
    variants: [{name: a, weight: 500, stickiness: userId, payload: {type: string, value: x}}, {name: b, weight: 500}]
",
        &[
            ("/features/0/impressionData", "exposure"),
            ("/features/0/strategies/0/name", "segments"),
            ("/features/0/strategies/0/parameters/rollout", "distribution"),
            ("/features/0/strategies/0/parameters/stickiness", "bucketing"),
            ("/features/0/strategies/0/parameters/groupId", "salt"),
            ("/features/0/strategies/0/constraints/0/values/0", "segments"),
            ("/features/0/strategies/0/segments/0", "segments"),
            ("/features/0/strategies/0/variants/0/weight", "distribution"),
            ("/features/0/strategies/0/variants/0/stickiness", "bucketing"),
            ("/features/0/strategies/0/variants/0/payload/value", "variants"),
            ("/features/0/variants/0/weight", "distribution"),
            ("/features/0/variants/0/stickiness", "bucketing"),
            ("/features/0/variants/0/payload/value", "variants"),
        ],
    ),
    (
        "unleash",
        "a.json",
        "features: [{name: f}]
featureEnvironments:
  - {featureName: f, environment: p, enabled: true, variants: [{name: a, weight: 1000, stickiness: userId}]}
featureStrategies:
  - {id: 1, name: s, featureName: f, environment: p, parameters: {rollout: '50', stickiness: userId, groupId: f}, variants: [{name: c, weight: 1000, stickiness: userId, payload: {type: string, value: z}}]}
",
        &[
            ("/featureEnvironments/0/variants/0/weight", "distribution"),
            ("/featureEnvironments/0/variants/0/stickiness", "bucketing"),
            ("/featureStrategies/0/parameters/stickiness", "bucketing"),
            ("/featureStrategies/0/variants/0/weight", "distribution"),
            ("/featureStrategies/0/variants/0/stickiness", "bucketing"),
            ("/featureStrategies/0/variants/0/payload/value", "variants"),
        ],
    ),
    (
        "harness",
        "a.yaml",
        "featureFlags:
  flags:
    - flag:
        identifier: f
        name: F
        spec: {type: boolean, variations: [{identifier: 'true', value: 'true'}, {identifier: 'false', value: 'false'}]}
        environments:
          - identifier: production
            state: 'on'
            default: {onVariation: 'true', offVariation: 'false'}
            rules: [{clauses: [{attribute: email, op: ends_with, values: [x]}], serve: {variation: 'true'}}, {clauses: [], priority: 2, serve: {distribution: {bucketBy: account, variations: [{variation: 'true', weight: 100}]}}}]
            targetRules: [{targets: [me], variation: 'false'}]
        prerequisites: [{flagIdentifier: other, variations: ['true']}]
",
        &[
            ("/featureFlags/flags/0/flag/spec/variations/0/value", "variants"),
            ("/featureFlags/flags/0/flag/environments/0/default/onVariation", "distribution"),
            ("/featureFlags/flags/0/flag/environments/0/rules/0/clauses/0/op", "segments"),
            ("/featureFlags/flags/0/flag/environments/0/rules/0/serve/variation", "distribution"),
            ("/featureFlags/flags/0/flag/environments/0/rules/1/serve/distribution/bucketBy", "bucketing"),
            ("/featureFlags/flags/0/flag/environments/0/rules/1/serve/distribution/variations/0/weight", "distribution"),
            ("/featureFlags/flags/0/flag/environments/0/targetRules/0/targets/0", "segments"),
            ("/featureFlags/flags/0/flag/prerequisites/0/variations/0", "dependencies"),
            ("/featureFlags/flags/0/flag/name", "meta"),
        ],
    ),
    (
        "microsoft",
        "a.json",
        "feature_management:
  feature_flags:
    - id: f
      enabled: true
      description: F
      conditions: {requirement_type: All, client_filters: [{name: Microsoft.TimeWindow, parameters: {Start: x, Recurrence: {Range: {EndDate: y}}}}, {name: Microsoft.Percentage, parameters: {Value: 5}}]}
      variants: [{name: a, configuration_value: 1}, {name: b, configuration_value: 2}]
      allocation:
        default_when_enabled: a
        user: [{variant: b, users: [me]}]
        group: [{variant: b, groups: [us]}]
        percentile: [{variant: a, from: 0, to: 50}, {variant: b, from: 50, to: 100}]
        seed: s
      telemetry: {enabled: true}
",
        &[
            ("/feature_management/feature_flags/0/conditions/requirement_type", "segments"),
            ("/feature_management/feature_flags/0/conditions/client_filters/0/parameters/Start", "schedule"),
            ("/feature_management/feature_flags/0/conditions/client_filters/0/parameters/Recurrence/Range/EndDate", "schedule"),
            ("/feature_management/feature_flags/0/conditions/client_filters/1/parameters/Value", "segments"),
            ("/feature_management/feature_flags/0/variants/0/configuration_value", "variants"),
            ("/feature_management/feature_flags/0/allocation/default_when_enabled", "distribution"),
            ("/feature_management/feature_flags/0/allocation/user/0/users/0", "segments"),
            ("/feature_management/feature_flags/0/allocation/group/0/groups/0", "segments"),
            ("/feature_management/feature_flags/0/allocation/percentile/0/to", "distribution"),
            ("/feature_management/feature_flags/0/allocation/seed", "salt"),
            ("/feature_management/feature_flags/0/telemetry/enabled", "exposure"),
            ("/feature_management/feature_flags/0/description", "meta"),
        ],
    ),
    (
        "gitlab",
        "a.yml",
        "name: f\ndefault_enabled: true\ngroup: group::import\nmilestone: '17.1'\ntype: beta\n",
        &[("/group", "owner"), ("/milestone", "meta"), ("/type", "meta"), ("/default_enabled", "state")],
    ),
];

fn another(value: &Value) -> Value {
    match value {
        Value::Bool(value) => json!(!value),
        Value::Number(number) => json!(number.as_f64().unwrap_or_default() + 1.0),
        // A date stays one, and a number in a string too.
        Value::String(text) if text.ends_with("00:00Z") => json!(text.replace("00:00Z", "00:01Z")),
        Value::String(text) if text.parse::<u32>().is_ok() => json!("51"),
        // A name of another variant.
        Value::String(text) => json!(match text.as_str() {
            "on" => "off",
            "off" => "on",
            "true" => "false",
            "false" => "true",
            "old" => "new",
            "a" => "b",
            _ => return json!(format!("{text}x")),
        }),
        _ => json!("x"),
    }
}

#[test]
fn each_member_is_reported_under_its_field() {
    let mut wrong = Vec::new();
    for (id, path, text, members) in MEMBERS {
        let value = serde_yaml_of(text).unwrap_or_else(|| panic!("{text}"));
        let side = |value: &Value| BTreeMap::from([((*path).to_owned(), value.to_string())]);
        for (at, field) in *members {
            let mut changed = value.clone();
            let leaf = changed.pointer_mut(at).unwrap_or_else(|| panic!("{id} has no {at}"));
            *leaf = another(leaf);
            let report = judged(id, &side(&value), &side(&changed));
            let reported: BTreeSet<&str> = report
                .flags
                .iter()
                .flat_map(|flag| &flag.changes)
                .filter(|change| change.class != Class::NoEffect)
                .map(|change| change.field.as_str())
                .collect();
            if !reported.contains(field) {
                wrong.push(format!("{id} {at}: {field}, and not {reported:?} {:?}", report.diagnostics));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A field that a format is without has no place in it.
#[test]
fn without_is_held_against_the_fields() {
    let cases = [
        ("without: [sticky]\nentities: [{at: \"*\", fields: {salt: a}}]\n", ""),
        ("without: [stick]\nentities: [{at: \"*\"}]\n", "wrong-word 1:11"),
        ("without: [sticky, salt]\nentities: [{at: \"*\", fields: {salt: a}}]\n", "wrong-word 1:19"),
        ("without: salt\nentities: [{at: a}, {at: b, fields: {salt: a}}]\n", "wrong-word 1:10"),
    ];
    for (text, expected) in cases {
        let mut diagnostics = countersign::diagnostics::Diagnostics::of("x.yaml");
        let mapping = countersign::format::mapped::parse(text.as_bytes(), &mut diagnostics);
        let found = diagnostics.finish(text.as_bytes());
        let reported: Vec<String> =
            found.iter().map(|one| format!("{} {}:{}", one.id, one.place.line, one.place.column)).collect();
        assert_eq!(reported.join(", "), expected, "{text}");
        assert_eq!(mapping.is_some(), expected.is_empty(), "{text}");
    }
}

/// An entity that inherits has the members of the one above it, but for its own and for `at`.
#[test]
fn an_entity_inherits_from_the_one_above() {
    let parsed = |text: &str| {
        let mut diagnostics = countersign::diagnostics::Diagnostics::of("x.yaml");
        let mapping = countersign::format::mapped::parse(text.as_bytes(), &mut diagnostics);
        let found = diagnostics.finish(text.as_bytes());
        mapping.ok_or_else(|| {
            found.iter().map(|one| format!("{} {}:{}", one.id, one.place.line, one.place.column)).collect::<Vec<_>>()
        })
    };
    let first = "entities:\n  - {only: {file: 'a/*'}, at: a, key: name, scope: '=s', live: [live], rest: payload}\n";
    let whole = "  - {at: b, only: always, key: id, scope: '=s', live: [live], rest: payload}\n  - {at: c, only: always, key: id, scope: '=s', live: [live], rest: nothing}\n";
    let short = "  - {inherits: above, at: b, only: always, key: id}\n  - {inherits: above, at: c, rest: nothing}\n";
    assert_eq!(parsed(&format!("{first}{short}")).unwrap(), parsed(&format!("{first}{whole}")).unwrap());
    // Its own tests may stand around those of the other one, and the flag itself is what `@env` means without `each`.
    let live = "{when: {at: \"@env/active\", is: true}, is: live}, unknown";
    let first = format!("entities:\n  - {{at: a, live: [{live}], fields: {{owner: [\"@env/team\", team]}}}}\n");
    let inner =
        format!("{first}  - {{inherits: above, at: b, each: \"*\", live: [{{when: always, is: testing}}, above]}}\n");
    let whole =
        format!("{first}  - {{inherits: above, at: b, each: \"*\", live: [{{when: always, is: testing}}, {live}]}}\n");
    assert_eq!(parsed(&inner).unwrap(), parsed(&whole).unwrap());
    let plain = inner.replacen("\"@env/active\"", "active", 1).replacen("[\"@env/team\", team]", "team", 1);
    assert_eq!(parsed(&inner).unwrap().entities[0], parsed(&plain).unwrap().entities[0]);
    assert_ne!(parsed(&inner).unwrap().entities[1], parsed(&plain).unwrap().entities[1]);
    for (text, expected) in [
        ("entities: [{at: a, live: [above]}]\n", ["wrong-word 1:27"]),
        ("entities: [{at: a, live: [unknown]}, {at: b, live: [above, live]}]\n", ["wrong-word 1:53"]),
        ("entities: [{at: a}, {inherits: above, at: b, live: [above]}]\n", ["wrong-word 1:53"]),
        ("entities: [{inherits: above, at: a}]\n", ["wrong-word 1:12"]),
        ("entities: [{at: a}, {inherits: below, at: b}]\n", ["wrong-word 1:32"]),
        ("entities: [{at: a}, {inherits: above}]\n", ["wrong-word 1:21"]),
        // Said once, where it stands.
        ("entities: [{at: a, rest: more}, {inherits: above, at: b}]\n", ["wrong-word 1:26"]),
    ] {
        assert_eq!(parsed(text).unwrap_err(), expected, "{text}");
    }
}
