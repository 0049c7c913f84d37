//! More spellings of the same: orders and defaults that mean nothing, and what is said for people.

use super::synonyms::{CONDITIONS, GOFF, HARNESS, MICROSOFT, REQUIRING, Row, SEGMENT, UNLEASH, assert_silent};

const ROWS: &[Row] = &[
    (
        "flipt",
        "features.yaml",
        SEGMENT,
        &[
            "constraints: [{type: STRING_COMPARISON_TYPE, property: c, operator: isoneof, value: '[\"de\",\"nl\"]'}]",
            "constraints: [{type: STRING_COMPARISON_TYPE, property: c, operator: isoneof, value: '[\"nl\", \"de\"]'}]",
            "constraints: [{type: STRING_COMPARISON_TYPE, property: c, operator: isoneof, value: [nl, de]}]",
        ],
        &[
            "constraints: [{type: STRING_COMPARISON_TYPE, property: c, operator: isoneof, value: [nl, fr]}]",
            "constraints: [{type: STRING_COMPARISON_TYPE, property: c, operator: isnotoneof, value: [de, nl]}]",
        ],
    ),
    (
        "flipt",
        "features.yaml",
        SEGMENT,
        &[
            "constraints: [{type: T, property: c, operator: eq, value: de}, {type: T, property: c, operator: eq, value: nl}]",
            "constraints: [{type: T, property: c, operator: eq, value: nl}, {type: T, property: c, operator: eq, value: de}]",
        ],
        &["constraints: [{type: T, property: c, operator: eq, value: nl}]"],
    ),
    (
        "flipt",
        "features.yaml",
        "flags: [{key: a, name: a, type: BOOLEAN_FLAG_TYPE, enabled: true, rollouts: [{HOLE}]}]\n",
        &["threshold: {percentage: 10, value: true}", "description: for us, threshold: {percentage: 10, value: true}"],
        &["threshold: {percentage: 20, value: true}", "threshold: {percentage: 10, value: false}"],
    ),
    (
        "featurevisor",
        "features/a.yml",
        REQUIRING,
        &["", "deprecated: true", "description: gone soon"],
        &["disabledVariationValue: x"],
    ),
    (
        "featurevisor",
        "segments/a.yml",
        CONDITIONS,
        &[
            "[{attribute: c, operator: in, value: [nl, be]}, {attribute: d, operator: equals, value: x}]",
            "[{attribute: d, operator: equals, value: x}, {attribute: c, operator: in, value: [be, nl]}]",
        ],
        &[
            "[{attribute: c, operator: in, value: [nl]}, {attribute: d, operator: equals, value: x}]",
            "[{attribute: c, operator: notIn, value: [nl, be]}, {attribute: d, operator: equals, value: x}]",
        ],
    ),
    (
        "unleash",
        ".unleash/flags.json",
        UNLEASH,
        &[
            ", \"strategies\": [{\"name\": \"x\", \"segments\": [1, 2], \"constraints\": [{\"values\": [\"a\"]}]}]",
            ", \"strategies\": [{\"name\": \"x\", \"title\": \"t\", \"segments\": [2, 1], \"constraints\": [{\"values\": [\"a\"], \"caseInsensitive\": false}]}]",
        ],
        &[", \"strategies\": [{\"name\": \"x\", \"segments\": [1], \"constraints\": [{\"values\": [\"a\"]}]}]"],
    ),
    (
        "microsoft",
        "appsettings.json",
        MICROSOFT,
        &[
            ", \"allocation\": {\"user\": [{\"variant\": \"x\", \"users\": [\"a\", \"b\"]}]}, \"variants\": [{\"name\": \"x\"}]",
            ", \"allocation\": {\"user\": [{\"variant\": \"x\", \"users\": [\"b\", \"a\"]}]}, \"variants\": [{\"name\": \"x\"}]",
        ],
        &[
            ", \"allocation\": {\"user\": [{\"variant\": \"x\", \"users\": [\"b\"]}]}, \"variants\": [{\"name\": \"x\"}]",
        ],
    ),
    (
        "microsoft",
        "appsettings.json",
        MICROSOFT,
        &[
            ", \"conditions\": {\"client_filters\": [{\"name\": \"T\", \"parameters\": {\"Audience\": {\"Groups\": [{\"Name\": \"a\", \"RolloutPercentage\": 1}, {\"Name\": \"b\"}]}}}]}",
            ", \"conditions\": {\"client_filters\": [{\"name\": \"T\", \"parameters\": {\"Audience\": {\"Groups\": [{\"Name\": \"b\"}, {\"Name\": \"a\", \"RolloutPercentage\": 1}]}}}]}",
        ],
        &[
            ", \"conditions\": {\"client_filters\": [{\"name\": \"T\", \"parameters\": {\"Audience\": {\"Groups\": [{\"Name\": \"b\"}]}}}]}",
        ],
    ),
    (
        "harness",
        "flags.yaml",
        HARNESS,
        &[", name: Production", ", name: Prod"],
        &[", rules: [{identifier: r, serve: {variation: \"true\"}}]"],
    ),
    (
        "gitlab",
        "config/feature_flags/development/b.yml",
        "name: b\ndefault_enabled: true\nHOLE\n",
        &["", "intended_to_rollout_by: '17.0'"],
        &["intended: '17.0'"],
    ),
    (
        "flipt",
        "features.yaml",
        SEGMENT,
        &[
            "constraints: [{type: NUMBER_COMPARISON_TYPE, property: c, operator: isoneof, value: '[3, 1, 2]'}]",
            "constraints: [{type: NUMBER_COMPARISON_TYPE, property: c, operator: isoneof, value: [1, 2, 3]}]",
        ],
        &["constraints: [{type: NUMBER_COMPARISON_TYPE, property: c, operator: isoneof, value: [1, 2, 4]}]"],
    ),
    (
        "harness",
        "flags.yaml",
        HARNESS,
        &["", ", rules: []", ", targetRules: [], rules: []"],
        &[
            ", rules: [{clauses: [], serve: {variation: \"true\"}}]",
            ", targetRules: [{targets: [jo], variation: \"true\"}]",
        ],
    ),
    (
        "flipt",
        "features.yaml",
        SEGMENT,
        &[
            "constraints: [{property: c, operator: isoneof, value: '[\"de\",\"nl\"]'}]",
            "constraints: [{property: c, operator: isoneof, value: [de, nl]}]",
        ],
        &[
            "constraints: [{property: c, operator: isoneof, value: [nl]}]",
            "constraints: [{property: c, operator: isnotoneof, value: [nl, de]}]",
            "constraints: [{property: c, operator: isoneof, value: \"nl, de\"}]",
        ],
    ),
    (
        "flipt",
        "features.yaml",
        "flags: [{key: a, name: a, enabled: true, variants: [{key: v, HOLE}]}]\n",
        &["name: v", "name: V, default: false", "description: d"],
        &["default: true", "attachment: {a: 1}", "default: \"false\""],
    ),
    (
        "goff",
        "a.yaml",
        GOFF,
        &[
            "targeting: [{name: r, query: x eq 1, variation: b}]",
            "targeting: [{name: r, query: x eq 1, variation: b, disable: false}]",
        ],
        &[
            "targeting: [{name: r, query: x eq 1, variation: b, disable: true}]",
            "targeting: [{name: r, query: x eq 1, variation: b, disable: \"false\"}]",
        ],
    ),
    (
        "unleash",
        "state.json",
        UNLEASH,
        &[
            ", \"strategies\": [{\"name\": \"s\", \"constraints\": [{\"contextName\": \"c\", \"operator\": \"IN\", \"values\": [\"a\", \"b\"]}]}]",
            ", \"strategies\": [{\"name\": \"s\", \"disabled\": false, \"constraints\": [{\"contextName\": \"c\", \"operator\": \"IN\", \"inverted\": false, \"values\": [\"b\", \"a\"]}]}], \"impressionData\": false",
        ],
        &[
            ", \"strategies\": [{\"name\": \"s\", \"disabled\": true, \"constraints\": [{\"contextName\": \"c\", \"operator\": \"IN\", \"values\": [\"a\", \"b\"]}]}]",
            ", \"strategies\": [{\"name\": \"s\", \"constraints\": [{\"contextName\": \"c\", \"operator\": \"IN\", \"inverted\": true, \"values\": [\"b\", \"a\"]}]}]",
            ", \"strategies\": [{\"name\": \"s\", \"constraints\": []}]",
        ],
    ),
    (
        "unleash",
        "state.json",
        UNLEASH,
        &[
            ", \"strategies\": [{\"name\": \"s\", \"constraints\": []}], \"variants\": [{\"name\": \"v\", \"weight\": 1000, \"overrides\": []}]",
            ", \"strategies\": [{\"name\": \"s\"}], \"variants\": [{\"name\": \"v\", \"weight\": 1000}]",
        ],
        &[
            ", \"strategies\": [{\"name\": \"s\"}], \"variants\": [{\"name\": \"v\", \"weight\": 1000, \"overrides\": [{\"contextName\": \"c\", \"values\": [\"x\"]}]}]",
        ],
    ),
    (
        "microsoft",
        "appsettings.json",
        MICROSOFT,
        &[
            ", \"variants\": [{\"name\": \"x\"}]",
            ", \"variants\": [{\"name\": \"x\", \"status_override\": \"None\"}], \"telemetry\": {\"enabled\": false}",
            ", \"Variants\": [{\"Name\": \"x\", \"Status_Override\": \"None\"}], \"telemetry\": {}",
        ],
        &[
            ", \"variants\": [{\"name\": \"x\", \"status_override\": \"Disabled\"}]",
            ", \"variants\": [{\"name\": \"x\"}], \"telemetry\": {\"enabled\": true}",
        ],
    ),
    (
        "microsoft",
        "appsettings.json",
        MICROSOFT,
        &[
            ", \"conditions\": {\"client_filters\": [{\"name\": \"Microsoft.Targeting\", \"parameters\": {\"Audience\": {\"Users\": [\"a\", \"b\"]}}}]}",
            ", \"conditions\": {\"client_filters\": [{\"name\": \"Microsoft.Targeting\", \"parameters\": {\"Audience\": {\"Users\": [\"b\", \"a\"]}}}]}",
        ],
        &[
            ", \"conditions\": {\"client_filters\": [{\"name\": \"Microsoft.Targeting\", \"parameters\": {\"Audience\": {\"Users\": [\"a\"]}}}]}",
            ", \"conditions\": {\"client_filters\": [{\"name\": \"Targeting\", \"parameters\": {\"Audience\": {\"Users\": [\"a\", \"b\"]}}}]}",
        ],
    ),
];

#[test]
fn orders_and_notes_are_silent() {
    assert_silent(ROWS);
}
