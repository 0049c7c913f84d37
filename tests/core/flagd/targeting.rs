//! Targeting: what is refused, and what counts as another rule.

use super::*;

#[test]
fn diagnostics_of_targeting() {
    let shared = r#"{"$evaluators": {"beta": {"==": [{"var": "ring"}, "beta"]}}, "flags""#;
    let cases: &[(&str, &[&str])] = &[
        (r#"{"if": [{"$ref": "beta"}, "on", "off"]}"#, &[]),
        (r#"{"if": [{"$ref": "bета"}, "on", "off"]}"#, &["unknown-evaluator"]),
        (r#"{"if": [{"$ref": 1}, "on", "off"]}"#, &["unknown-evaluator"]),
        (r#"{"if": [{"$ref": "beta", "!": 1}, "on", "off"]}"#, &["wrong-type"]),
        (r#"{"if": [{"==": [1, 1], "!=": [1, 2]}, "on"]}"#, &["wrong-type"]),
        (r#"{"if": [{}, "on"]}"#, &["wrong-type"]),
        (r#"{"if": [{"ends_wiht": [{"var": "email"}, "x"]}, "on"]}"#, &["unknown-word"]),
        // The variants of a rule, where that can be reported.
        (r#"{"if": [{"var": "a"}, "on", {"var": "b"}, "of", "off"]}"#, &["unknown-variant"]),
        (r#"{"if": [{"var": "a"}, "of", "of"]}"#, &["unknown-variant", "unknown-variant"]),
        (r#"{"if": [{"var": "a"}, null, "off"]}"#, &[]),
        (r#"{"if": [{"var": "a"}, "on"]}"#, &[]),
        (r#"{"if": [{"var": "a"}, {"if": [{"var": "b"}, "x", "on"]}]}"#, &["unknown-variant"]),
        (r#"{"if": [{"var": "a"}, true]}"#, &["unknown-variant"]),
        (r#"{"if": [{"var": "a"}, 1]}"#, &["unknown-variant"]),
        (r#"{"if": [{"var": "a"}, ["on"]]}"#, &["unknown-variant"]),
        (r#"{"==": [{"var": "a"}, 1]}"#, &["unknown-variant"]),
        (r#"{"$ref": "beta"}"#, &["unknown-variant"]),
        (r#"{"var": ["colour", "red"]}"#, &[]),
        (r#"{"cat": ["o", "n"]}"#, &[]),
        // fractional
        (r#"{"fractional": [["on"], ["off"]]}"#, &[]),
        (r#"{"fractional": [["on", 1]]}"#, &[]),
        (r#"{"fractional": [{"$ref": "beta"}, ["on", 0], ["off", 2147483647]]}"#, &[]),
        (r#"{"fractional": [["on", {"-": [{"var": "$flagd.timestamp"}, 1]}], ["off", 0]]}"#, &[]),
        (r#"{"fractional": [["onn", 10], ["off", 90]]}"#, &["unknown-variant"]),
        (r#"{"fractional": [[{"if": [{"var": "a"}, "x", "on"]}, 10], [null, 90]]}"#, &["unknown-variant"]),
        (r#"{"fractional": [[{"fractional": [["on"], ["no"]]}, 10], ["off", 90]]}"#, &["unknown-variant"]),
        (r#"{"fractional": [["on", 0], ["off", 0]]}"#, &["weights-all-zero"]),
        (r#"{"fractional": [{"var": "email"}]}"#, &["weights-all-zero"]),
        (r#"{"fractional": []}"#, &["weights-all-zero"]),
        (r#"{"fractional": [["on", 0.5], ["off", 90]]}"#, &["out-of-range"]),
        (r#"{"fractional": [["on", -1], ["off", 90]]}"#, &["out-of-range"]),
        (r#"{"fractional": [["on", 2147483648]]}"#, &["out-of-range"]),
        (r#"{"fractional": [["on", 2147483647], ["off"]]}"#, &["out-of-range"]),
        (r#"{"fractional": [["on", "10"], ["off", 90]]}"#, &["wrong-type"]),
        (r#"{"fractional": [["on", null], ["off", 90]]}"#, &["wrong-type"]),
        (r#"{"fractional": [["on", 10, 1], ["off", 90]]}"#, &["wrong-type"]),
        (r#"{"fractional": [[], ["off", 90]]}"#, &["wrong-type"]),
        (r#"{"fractional": [[["on"], 10], ["off", 90]]}"#, &["wrong-type"]),
        (r#"{"fractional": ["email", ["on", 10]]}"#, &["wrong-type"]),
        (r#"{"fractional": [null, ["on", 10]]}"#, &["wrong-type"]),
        (r#"{"fractional": [["on", 10], {"var": "email"}]}"#, &["wrong-type"]),
        (r#"{"fractional": "on"}"#, &["wrong-type"]),
    ];
    for (rule, expected) in cases {
        let text = with(&format!(r#", "targeting": {rule}"#)).replacen(r#"{"flags""#, shared, 1);
        assert_eq!(ids(&text), *expected, "{rule}");
    }
    // Where variants are called so, true and false are variants.
    let text =
        with(r#", "targeting": {"in": ["a", {"var": "b"}]}"#).replace("\"on\"", "\"true\"").replace("off", "false");
    assert_eq!(ids(&text), [""; 0]);
}

/// The parts of a change of `targeting`: exactly these parts differ.
#[test]
fn what_differs_in_targeting() {
    const ALL: &str = r#"{"fractional": [{"cat": ["a", {"var": "id"}]}, ["on", 10], ["off", 90]]}"#;
    let cases: &[(&str, &str, &[&str])] = &[
        // `in` asks whether a value is among others.
        (
            r#"{"if": [{"in": [{"var": "c"}, ["de", "nl"]]}, "on", "off"]}"#,
            r#"{"if": [{"in": [{"var": "c"}, ["nl", "de", "nl"]]}, "on", "off"]}"#,
            &[],
        ),
        (ALL, r#"{"fractional": [{"cat": ["a", {"var": "id"}]}, ["on", 1], ["off", 9]]}"#, &[]),
        (r#"{"fractional": [["on"], ["off"]]}"#, r#"{"fractional": [["on", 50], ["off", 50]]}"#, &[]),
        (r#"{"fractional": [["on", 5], ["off", 0]]}"#, r#"{"fractional": [["on", 1]]}"#, &[]),
        (
            ALL,
            r#"{"fractional": [{"cat": ["a", {"var": "id"}]}, ["off", 90], ["on", 10]]}"#,
            &[r#"targeting.fractional 1.weights [["on",1],["off",9]] → [["off",9],["on",1]]"#],
        ),
        (
            ALL,
            r#"{"fractional": [{"cat": ["b", {"var": "id"}]}, ["on", 10], ["off", 90]]}"#,
            &[r#"targeting.fractional 1.salt ["a"] → ["b"]"#],
        ),
        (
            ALL,
            r#"{"fractional": [{"cat": ["a", {"var": "account"}]}, ["on", 10], ["off", 90]]}"#,
            &[
                r#"targeting.fractional 1.bucketing {"cat":[{"salt":1},{"var":"id"}]} → {"cat":[{"salt":1},{"var":"account"}]}"#,
            ],
        ),
        (
            ALL,
            r#"{"fractional": [{"cat": [{"var": "id"}, "a"]}, ["on", 10], ["off", 90]]}"#,
            &[
                r#"targeting.fractional 1.bucketing {"cat":[{"salt":1},{"var":"id"}]} → {"cat":[{"var":"id"},{"salt":1}]}"#,
            ],
        ),
        (
            ALL,
            r#"{"fractional": [["on", 10], ["off", 90]]}"#,
            &[
                r#"- targeting.fractional 1.bucketing {"cat":[{"salt":1},{"var":"id"}]}"#,
                r#"- targeting.fractional 1.salt ["a"]"#,
            ],
        ),
        (
            r#"{"fractional": [["on", {"+": [1, 1]}], ["off", 2]]}"#,
            r#"{"fractional": [["on", {"+": [1, 1]}], ["off", 4]]}"#,
            &[r#"targeting.fractional 1.weights [["on",{"+":[1,1]}],["off",2]] → [["on",{"+":[1,1]}],["off",4]]"#],
        ),
        (
            r#"{"if": [{"var": "a"}, {"fractional": [["on"], ["off"]]}, {"fractional": [["off"]]}]}"#,
            r#"{"if": [{"var": "b"}, {"fractional": [["on"], ["off"]]}, {"fractional": [["on"]]}]}"#,
            &[
                r#"targeting.fractional 2.weights [["off",1]] → [["on",1]]"#,
                r#"targeting.rules {"if":[{"var":"a"},{"fractional":1},{"fractional":2}]} → {"if":[{"var":"b"},{"fractional":1},{"fractional":2}]}"#,
            ],
        ),
        (
            r#"{"fractional": [[{"fractional": [["on"], ["off"]]}, 1], ["off", 1]]}"#,
            r#"{"fractional": [[{"fractional": [["on"], ["off", 3]]}, 1], ["off", 1]]}"#,
            &[r#"targeting.fractional 2.weights [["on",1],["off",1]] → [["on",1],["off",3]]"#],
        ),
        // The name of an attribute, alone or in a list.
        (r#"{"if": [{"var": "a"}, "on", "off"]}"#, r#"{"if": [{"var": ["a"]}, "on", "off"]}"#, &[]),
        (
            r#"{"if": [{"==": [{"var": ["a"]}, 1]}, "on", "off"]}"#,
            r#"{"if": [{"==": [{"var": ["b"]}, 1]}, "on", "off"]}"#,
            &[
                r#"targeting.rules {"if":[{"==":[{"var":"a"},1]},"on","off"]} → {"if":[{"==":[{"var":"b"},1]},"on","off"]}"#,
            ],
        ),
        ("{}", "null", &[]),
        ("null", r#"{"var": "x"}"#, &[r#"+ targeting.rules {"var":"x"}"#]),
    ];
    let targeting = |rule: &str| with(&format!(r#", "targeting": {rule}"#));
    for (before, after, expected) in cases {
        assert_eq!(between(&targeting(before), &targeting(after)), *expected, "{before} → {after}");
        assert_eq!(between(&targeting(after), &targeting(after)), [""; 0], "{after}");
    }
}
