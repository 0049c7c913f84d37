//! flagd files: what is read, what is refused, and the history of a real one.

#[path = "support/folders.rs"]
mod folders;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use countersign::diagnostics::Diagnostics;
use countersign::document::canonical::{canonical, canonical_field, canonical_record};
use countersign::document::{Data, Field, Map, Node, Shape};
use countersign::flag::{Flag, Kind};
use countersign::format::{self, flagd};
use countersign::policy::{APPROVERS_PATH, CONFIG_PATH};
use countersign::report::{Change, Report};

const DATA: &str = "tests/data/opentelemetry-demo-flagd";

/// The flags of a text and its diagnostics as `line:column id`.
fn read_as(path: &str, text: &str) -> (Option<Vec<Flag>>, Vec<String>) {
    let mut diagnostics = Diagnostics::of(path);
    let flags = (flagd::FORMAT.read)(text.as_bytes(), path, &mut diagnostics);
    let diagnostics = diagnostics.finish(text);
    (flags, diagnostics.iter().map(|p| format!("{}:{} {}", p.place.line, p.place.column, p.id)).collect())
}

fn read(text: &str) -> (Option<Vec<Flag>>, Vec<String>) {
    read_as("flags/x.flagd.json", text)
}

/// A file with the one flag `f` that has variants `on` and `off`, and more.
fn with(more: &str) -> String {
    format!(r#"{{"flags": {{"f": {{"state": "ENABLED", "variants": {{"on": true, "off": false}}{more}}}}}}}"#)
}

/// The ids of the diagnostics of a file with that flag.
fn ids(text: &str) -> Vec<String> {
    read(text).1.iter().filter_map(|diagnostic| diagnostic.split(' ').nth(1)).map(str::to_owned).collect()
}

/// Everything a record says, in normal form, by the names on the way to it.
fn facts(record: &Map, fields: &[Field], at: &str, out: &mut BTreeMap<String, String>) {
    for entry in record.iter() {
        let name = format!("{at}{}", entry.key);
        let Some(field) = fields.iter().find(|field| field.name == entry.key) else {
            out.insert(name, canonical(&entry.value, &Shape::Any));
            continue;
        };
        match (&field.shape, &entry.value.data) {
            (Shape::Record(of), Data::Map(map)) => facts(map, of, &format!("{name}."), out),
            (Shape::Items { id, of, .. }, Data::List(items)) => {
                for item in items {
                    let mut map = item.as_map().cloned().unwrap_or_default();
                    map.0.retain(|entry| entry.key != *id);
                    let label = item.get(id).and_then(Node::as_text).unwrap_or("?");
                    facts(&map, of, &format!("{name} {label}."), out);
                }
            }
            _ => {
                out.insert(name, canonical_field(Some(&entry.value), field));
            }
        }
    }
}

fn all(flag: &Flag) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    facts(&flag.record, flag.fields, "", &mut out);
    out
}

/// All that differs between two flags.
fn differences(before: &Flag, after: &Flag) -> Vec<String> {
    let (old, new) = (all(before), all(after));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let told = names.into_iter().filter_map(|name| match (old.get(name), new.get(name)) {
        (Some(old), Some(new)) if old == new => None,
        (Some(old), Some(new)) => Some(format!("{name} {old} → {new}")),
        (Some(old), None) => Some(format!("- {name} {old}")),
        (None, Some(new)) => Some(format!("+ {name} {new}")),
        (None, None) => None,
    });
    let told: Vec<String> = told.collect();
    let same = canonical_record(&before.record, before.fields) == canonical_record(&after.record, after.fields);
    assert_eq!(told.is_empty(), same, "the normal form of the whole and of its parts: {told:?}");
    told
}

/// What differs between the flags `f` of two files without diagnostics.
fn between(before: &str, after: &str) -> Vec<String> {
    let flag = |text: &str| match read(text) {
        (Some(flags), diagnostics) if diagnostics.is_empty() => flags.into_iter().find(|flag| flag.key == "f"),
        (_, diagnostics) => panic!("{text}\n{diagnostics:?}"),
    };
    match (flag(before), flag(after)) {
        (Some(before), Some(after)) => differences(&before, &after),
        _ => panic!("no `f` in {before} or {after}"),
    }
}

#[test]
fn a_flag_in_full() {
    let text = r##"{
  "$schema": "https://flagd.dev/schema/v0/flags.json",
  "metadata": {"team": "shop", "flagSetId": "web"},
  "flags": {
    "header color": {
      "state": "DISABLED",
      "description": "what colour the header has",
      "variants": {"red": "#f00", "blue": "#00f"},
      "defaultVariant": "red",
      "metadata": {"team": "ux"},
      "targeting": {"if": [
        {"$ref": "internal"},
        {"fractional": [
          {"cat": ["2026-", {"var": "$flagd.flagKey"}, {"var": "email"}]},
          ["red", 25.0],
          ["blue"]
        ]},
        null
      ]},
      "note": [1.50]
    }
  },
  "$evaluators": {"internal": {"ends_with": [{"var": "email"}, "@example.com"]}}
}"##;
    let (flags, diagnostics) = read(text);
    assert_eq!(diagnostics, ["20:7 unknown-field"]);
    let [flag] = flags.as_deref().expect("flags") else { panic!("one flag") };
    assert_eq!((flag.key.as_str(), flag.kind), ("header color", Kind::Flag));
    assert_eq!((flag.place.line, flag.place.column), (5, 5));
    assert_eq!((flag.state.word.as_str(), flag.state.live, flag.state.place.line), ("DISABLED", false, 6));
    assert_eq!(flag.variants(), ["red", "blue"]);
    let said: Vec<String> = all(flag).iter().map(|(name, value)| format!("{name} {value}")).collect();
    assert_eq!(
        said,
        [
            r#"defaultVariant "red""#,
            r#"description "what colour the header has""#,
            r#"metadata.flagSetId "web""#,
            r#"metadata.team "ux""#,
            "note [1.5]",
            r#"state "DISABLED""#,
            r#"targeting.fractional 1.bucketing {"cat":[{"salt":1},{"salt":2},{"var":"email"}]}"#,
            r#"targeting.fractional 1.salt ["2026-",{"var":"$flagd.flagKey"}]"#,
            r#"targeting.fractional 1.weights [["red",25],["blue",1]]"#,
            r#"targeting.rules {"if":[{"ends_with":[{"var":"email"},"@example.com"]},{"fractional":1},null]}"#,
            r##"variants blue.value "#00f""##,
            r##"variants red.value "#f00""##,
        ]
    );
}

#[test]
fn the_other_forms_of_a_file() {
    let map = with(r#", "defaultVariant": "on""#);
    let list = r#"{"flags": [{"key": "f", "state": "ENABLED", "variants": {"off": false, "on": true}, "defaultVariant": "on"}]}"#;
    assert_eq!(between(&map, list), [""; 0]);
    let yaml =
        "flags:\n  f:\n    state: ENABLED\n    variants: {\"on\": true, \"off\": false}\n    defaultVariant: \"on\"\n";
    let (flags, diagnostics) = read_as("a.flagd.yaml", yaml);
    assert_eq!(diagnostics, [""; 0]);
    let (json, _) = read(&map);
    match (flags.as_deref(), json.as_deref()) {
        (Some([yaml]), Some([json])) => assert_eq!(differences(json, yaml), [""; 0]),
        other => panic!("{other:?}"),
    }
    // Unquoted, the two variants would be true and false to some readers of YAML.
    let (_, diagnostics) = read_as("a.flagd.yaml", "flags: {f: {state: ENABLED, variants: {on: 1, off: 0}}}\n");
    assert_eq!(diagnostics, ["1:40 ambiguous-scalar", "1:47 ambiguous-scalar"]);
    assert_eq!(read(r#"{"flags": {}}"#).0.map(|flags| flags.len()), Some(0));
}

#[test]
fn which_names_are_claimed() {
    let named = |path: &str| format::recognise(path).map(|format| format.id);
    assert_eq!(named("src/flagd/demo.flagd.json"), Some("flagd"));
    assert_eq!(named("flags/Shop.FLAGD.yml"), Some("flagd"));
    assert_eq!(named("flags/x.flagd.yaml"), Some("flagd"));
    assert_eq!(named("flags/flagd.yaml"), Some("native"));
    assert_eq!(named("a.flagd.json/flags.json"), None);
}

#[test]
fn diagnostics_of_the_file() {
    let cases: &[(&str, &[&str])] = &[
        ("[]", &["1:1 wrong-type"]),
        ("{}", &["1:1 missing-field"]),
        (r#"{"flags": null}"#, &["1:11 wrong-type"]),
        (r#"{"flags": "all"}"#, &["1:11 wrong-type"]),
        (r#"{"flags": {}, "metadata": 1}"#, &["1:27 wrong-type"]),
        (r#"{"flags": {}, "$evaluators": []}"#, &["1:30 wrong-type"]),
        (r#"{"flags": {}, "$evaluators": {"a": {}}}"#, &["1:36 wrong-type"]),
        (r#"{"flags": {}, "$evaluators": {"a": "on"}}"#, &["1:36 wrong-type"]),
        // Which of the two flagd replaces first is chance.
        (r#"{"flags": {}, "$evaluators": {"a": {"!": {"$ref": "b"}}, "b": {"!": true}}}"#, &["1:51 unknown-evaluator"]),
        (r#"{"flags": {}, "flag": {}}"#, &["1:15 unknown-field"]),
        (r#"{"flags": {}, "Metadata": {}}"#, &["1:15 readers-disagree"]),
        (r#"{"flags": {}, "$Evaluators": {}}"#, &["1:15 readers-disagree"]),
        (r#"{"flags": {"f": 1}}"#, &["1:17 wrong-type"]),
        (r#"{"flags": {"f": {}, "f": {}}}"#, &["1:21 duplicate-key"]),
        (r#"{"flags": [1]}"#, &["1:12 wrong-type"]),
        (r#"{"flags": [{"state": "ENABLED"}]}"#, &["1:12 missing-field"]),
        (r#"{"flags": [{"key": 1}]}"#, &["1:20 wrong-type"]),
        (
            r#"{"flags": [{"key": "f", "state": "ENABLED", "variants": {"a": 1}}, {"key": "f"}]}"#,
            &["1:76 duplicate-flag"],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text).1, *expected, "{text}");
    }
}

#[test]
fn diagnostics_of_a_flag() {
    let state = |state: &str| format!(r#"{{"flags": {{"f": {{{state} "variants": {{"on": true}}}}}}}}"#);
    let keyed = |key: &str| with("").replace("\"f\"", &format!("\"{key}\""));
    let cases: &[(String, &[&str])] = &[
        (with(""), &[]),
        (with(r#", "defaultVariant": null"#), &[]),
        (with(r#", "defaultVariant": "of""#), &["unknown-variant"]),
        (with(r#", "defaultVariant": """#), &["unknown-variant"]),
        (with(r#", "defaultVariant": true"#), &["wrong-type"]),
        (with(r#", "targeting": null"#), &[]),
        (with(r#", "targeting": {}"#), &[]),
        (with(r#", "targeting": "on""#), &["wrong-type"]),
        (with(r#", "metadata": []"#), &["wrong-type"]),
        (with(r#", "description": 1"#), &["wrong-type"]),
        (with(r#", "defaultVarient": "on""#), &["unknown-field"]),
        (with(r#", "key": "f""#), &["unknown-field"]),
        // To Go, in which the daemon is written, these are the fields of those names.
        (with(r#", "State": "DISABLED""#), &["readers-disagree"]),
        (with(r#", "defaultvariant": "on""#), &["readers-disagree"]),
        (with(r#", "ſtate": "DISABLED""#), &["readers-disagree"]),
        (with(r#", "/metadata": 1"#), &["bad-key"]),
        (state(""), &["missing-field"]),
        (state(r#""state": null,"#), &["wrong-type"]),
        (state(r#""state": "enabled","#), &["wrong-word"]),
        (state(r#""state": true,"#), &["wrong-type"]),
        (state(r#""state": "DISABLED","#), &[]),
        (r#"{"flags": {"f": {"state": "ENABLED"}}}"#.into(), &["missing-field"]),
        (r#"{"flags": {"f": {"state": "ENABLED", "variants": {}}}}"#.into(), &["missing-field"]),
        (r#"{"flags": {"f": {"state": "ENABLED", "variants": ["on"]}}}"#.into(), &["wrong-type"]),
        (
            r#"{"flags": {"f": {"state": "ENABLED", "variants": {"a": 1, "b": 2.5, "c": "3", "d": null}}}}"#.into(),
            &["wrong-type", "wrong-type"],
        ),
        (keyed("payments/refund v2@eu:$1"), &[]),
        (keyed(""), &["bad-key"]),
        (keyed(" f"), &["bad-key"]),
        (keyed("a  b"), &["bad-key"]),
        (keyed("a`b"), &["bad-key"]),
        (keyed("а"), &["bad-key"]),
        (keyed(&"k".repeat(201)), &["bad-key"]),
        (with("").replace("\"on\"", "\"o\u{442}\""), &["bad-key"]),
    ];
    for (text, expected) in cases {
        assert_eq!(ids(text), *expected, "{text}");
    }
}

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
        // What a rule gives, where that can be told.
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

/// What a change of `targeting` is shown as: exactly these parts differ.
#[test]
fn what_differs_in_targeting() {
    const ALL: &str = r#"{"fractional": [{"cat": ["a", {"var": "id"}]}, ["on", 10], ["off", 90]]}"#;
    let cases: &[(&str, &str, &[&str])] = &[
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
        ("{}", "null", &[]),
        ("null", r#"{"var": "x"}"#, &[r#"+ targeting.rules {"var":"x"}"#]),
    ];
    let targeting = |rule: &str| with(&format!(r#", "targeting": {rule}"#));
    for (before, after, expected) in cases {
        assert_eq!(between(&targeting(before), &targeting(after)), *expected, "{before} → {after}");
        assert_eq!(between(&targeting(after), &targeting(after)), [""; 0], "{after}");
    }
}

#[test]
fn what_the_file_says_for_all_shows_in_each() {
    let file = |more: &str, own: &str| with(own).replacen('{', &format!("{{{more}, "), 1);
    let rule = r#", "targeting": {"if": [{"$ref": "beta"}, "on", "off"]}"#;
    let beta = |ring: &str| format!(r#""$evaluators": {{"beta": {{"==": [{{"var": "ring"}}, "{ring}"]}}}}"#);
    assert_eq!(
        between(&file(&beta("beta"), rule), &file(&beta("all"), rule)),
        [
            r#"targeting.rules {"if":[{"==":[{"var":"ring"},"beta"]},"on","off"]} → {"if":[{"==":[{"var":"ring"},"all"]},"on","off"]}"#
        ]
    );
    // Writing the rule out changes nothing; neither does an evaluator that no flag refers to.
    let out = r#", "targeting": {"if": [{"==": [{"var": "ring"}, "beta"]}, "on", "off"]}"#;
    assert_eq!(between(&file(&beta("beta"), rule), &file(&beta("all"), out)), [""; 0]);
    // flagd replaces references by their text, wherever they stand.
    let value = |ring: &str| {
        with("").replace("false", "{}").replace("true", r#"{"$ref": "beta"}"#).replacen(
            '{',
            &format!("{{{}, ", beta(ring)),
            1,
        )
    };
    assert_eq!(
        between(&value("a"), &value("b")),
        [r#"variants on.value {"==":[{"var":"ring"},"a"]} → {"==":[{"var":"ring"},"b"]}"#]
    );

    let meta = |meta: &str| format!(r#""metadata": {meta}"#);
    let cases: &[(&str, &str, &[&str])] = &[
        (r#"{"team": "a"}"#, r#"{"team": "b"}"#, &[r#"metadata.team "a" → "b""#]),
        (r#"{"flagSetId": "a"}"#, r#"{"flagSetId": "b"}"#, &[r#"metadata.flagSetId "a" → "b""#]),
        (r#"{"own": "a"}"#, r#"{"own": "b"}"#, &[]),
        ("{}", "null", &[]),
    ];
    for (before, after, expected) in cases {
        let own = r#", "metadata": {"own": "mine"}"#;
        assert_eq!(between(&file(&meta(before), own), &file(&meta(after), own)), *expected, "{before} → {after}");
    }

    // A member nobody knows is a field of every flag, so that it cannot change unseen.
    let unknown = |value: &str| read(&file(&format!(r#""sampling": {value}"#), ""));
    match (unknown("1"), unknown("2")) {
        ((Some(old), diagnostics), (Some(new), _)) => {
            assert_eq!(diagnostics, ["1:2 unknown-field"]);
            assert_eq!(
                old.iter().zip(&new).flat_map(|(old, new)| differences(old, new)).collect::<Vec<_>>(),
                ["/sampling 1 → 2"]
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(between(&file(r#""$schema": "a""#, ""), &file(r#""$schema": "b""#, "")), [""; 0]);
}

#[test]
fn a_broken_state_is_served_and_so_live() {
    for (state, word) in [(r#""state": "enabled","#, "enabled"), ("", "null"), (r#""state": 1,"#, "1")] {
        let (flags, _) = read(&format!(r#"{{"flags": {{"f": {{{state} "variants": {{"on": true}}}}}}}}"#));
        let states: Vec<_> = flags.iter().flatten().map(|flag| (flag.state.word.as_str(), flag.state.live)).collect();
        assert_eq!(states, [(word, true)]);
    }
}

/// A small file that stands for a large one is refused before it becomes one.
#[test]
fn references_cannot_blow_up_a_file() {
    let long = format!(r#"{{"in": [1, [{}]]}}"#, vec!["1"; 20_000].join(","));
    let many = |count: usize| vec![r#"{"$ref": "long"}"#; count].join(",");
    let file = |count: usize| {
        with(&format!(r#", "targeting": {{"if": [{{"or": [{}]}}, "on", "off"]}}"#, many(count))).replacen(
            '{',
            &format!(r#"{{"$evaluators": {{"long": {long}}}, "#),
            1,
        )
    };
    assert_eq!(ids(&file(20)), [""; 0]);
    assert_eq!(ids(&file(2000)), ["too-many-nodes"]);
    let flags = (0..3000).map(|at| format!(r#""f{at}": {{"state": "ENABLED", "variants": {{"on": true}}}}"#));
    let flags = flags.collect::<Vec<_>>().join(",");
    let metadata = (0..1000).map(|at| format!(r#""m{at}": 1"#)).collect::<Vec<_>>().join(",");
    let (read, diagnostics) = read(&format!(r#"{{"metadata": {{{metadata}}}, "flags": {{{flags}}}}}"#));
    assert_eq!((read.is_none(), diagnostics), (true, vec!["1:1 too-many-nodes".to_owned()]));
}

/// Every version of OpenTelemetry's demo flags: oid, date and subject of the commit, and the flags.
fn history() -> Vec<(String, Vec<Flag>)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(DATA);
    let subjects = fs::read_to_string(dir.join("HISTORY.txt")).expect("HISTORY.txt");
    let versions = subjects.lines().enumerate().map(|(at, subject)| {
        let oid = subject.split(' ').next().unwrap_or_default();
        let name = format!("{:02}-{oid}.json", at + 1);
        let bytes = fs::read(dir.join(&name)).expect("a version for each line of HISTORY.txt");
        let mut diagnostics = Diagnostics::of(&name);
        let flags = (flagd::FORMAT.read)(&bytes, "src/flagd/demo.flagd.json", &mut diagnostics);
        assert_eq!(diagnostics.finish(""), [], "{name}");
        (format!("{:02} {subject}", at + 1), flags.expect("flags of a file without problems"))
    });
    versions.collect()
}

/// What a version changed, one line for each thing; what is new or gone with all it says.
fn step(before: &[Flag], after: &[Flag]) -> Vec<String> {
    let find = |flags: &[Flag], key: &str| flags.iter().position(|flag| flag.key == key);
    let whole = |flag: &Flag| {
        let facts = all(flag).into_iter().filter(|(name, _)| name != "description");
        facts.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
    };
    let mut lines = Vec::new();
    for flag in before.iter().filter(|flag| find(after, &flag.key).is_none()) {
        lines.push(format!("  - {}: {}", flag.key, whole(flag)));
    }
    for flag in after {
        match find(before, &flag.key).and_then(|at| before.get(at)) {
            None => lines.push(format!("  + {}: {}", flag.key, whole(flag))),
            Some(old) => lines.extend(differences(old, flag).iter().map(|what| format!("  {}: {what}", flag.key))),
        }
    }
    if lines.is_empty() {
        lines.push("  nothing".to_owned());
    }
    let mut keys: Vec<&str> = after.iter().map(|flag| flag.key.as_str()).collect();
    keys.sort_unstable();
    lines.push(format!("  = {}", keys.join(" ")));
    lines
}

/// Real commits, step by step, as a person can check them. `SNAPSHOTS=overwrite` writes the file anew.
#[test]
fn the_steps_of_a_real_history() {
    let history = history();
    assert_eq!(history.len(), 27);
    let mut told = String::new();
    let mut before: &[Flag] = &[];
    for (subject, flags) in &history {
        let _ = write!(told, "{subject}\n{}\n\n", step(before, flags).join("\n"));
        before = flags;
    }
    snapbox::assert_data_eq!(told, snapbox::file!["data/opentelemetry-demo-flagd/steps.txt"].raw());
}

/// The example repository is read without a word, and the judgements its README promises are the ones that come.
#[test]
fn the_example_and_its_promises() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/flagd");
    let repository = tempfile::tempdir().expect("a temporary folder");
    let files = [CONFIG_PATH, APPROVERS_PATH, "flags/web.flagd.json", "flags/payments.flagd.yaml", "README.md"];
    let text = |path: &str| fs::read_to_string(example.join(path)).expect("a file of the example");
    for path in files {
        write(&repository.path().join("live"), path, text(path));
    }
    // For each edit: the file, what is replaced by what, and what is asked because of it.
    let cases: &[(&str, &str, &str, &[&str])] = &[
        ("web.flagd.json", "", "", &[]),
        (
            "web.flagd.json",
            r#""defaultVariant": "off"
    },
    "seat-map""#,
            r#""defaultVariant": "on"
    },
    "seat-map""#,
            &["maintenance-banner 1 of @acme/web because variant-distribution"],
        ),
        (
            "web.flagd.json",
            r#"["map", 10],
              ["list", 90]"#,
            r#"["map", 20],
              ["list", 80]"#,
            &["seat-map 1 of @acme/web because variant-distribution"],
        ),
        (
            "web.flagd.json",
            r#"["map", 10],
              ["list", 90]"#,
            r#"["map", 1], ["list", 9]"#,
            &[],
        ),
        (
            "web.flagd.json",
            r#"["map", 10],
              ["list", 90]"#,
            r#"["list", 90], ["map", 10]"#,
            &["seat-map 1 of @acme/web because variant-distribution"],
        ),
        (
            "web.flagd.json",
            "@acme.example",
            "@example.com",
            &["dark-mode 1 of @acme/web because target-segments", "seat-map 1 of @acme/web because target-segments"],
        ),
        (
            "web.flagd.json",
            r#""flagSetId": "web""#,
            r#""flagSetId": "shop""#,
            &[
                "dark-mode 1 of @acme/web because deployments",
                "maintenance-banner 1 of @acme/web because deployments",
                "seat-map 1 of @acme/web because deployments",
            ],
        ),
        ("payments.flagd.yaml", "DISABLED\n", "ENABLED\n", &["gift-vouchers 2 of @acme/payments because activation"]),
        (
            "payments.flagd.yaml",
            "provider-2026",
            "provider-2027",
            &["payment-provider 2 of @acme/payments because bucketing-salt"],
        ),
        ("payments.flagd.yaml", "Pay with a voucher", "Pay with a gift voucher", &[]),
    ];
    for (file, from, to, expected) in cases {
        let path = format!("flags/{file}");
        let live = text(&path);
        assert!(live.contains(from), "{from} in {file}");
        for other in files {
            write(&repository.path().join("proposed"), other, text(other));
        }
        write(&repository.path().join("proposed"), &path, live.replacen(from, to, 1));
        let report = folders::judge(repository.path()).expect("a policy to judge by");
        assert_eq!(report.diagnostics, [], "{from} → {to}");
        let mut asked: Vec<String> = Vec::new();
        for flag in &report.flags {
            for one in &flag.requirements {
                let (from, because) =
                    (one.from.join(" "), one.because.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(" "));
                asked.push(format!("{} {} of {from} because {because}", flag.key, one.required));
            }
        }
        asked.sort();
        assert_eq!(asked, *expected, "{from} → {to}");
    }
    let flags = ["flags/web.flagd.json", "flags/payments.flagd.yaml"].map(|path| {
        let mut diagnostics = Diagnostics::of(path);
        let flags = (flagd::FORMAT.read)(text(path).as_bytes(), path, &mut diagnostics).unwrap_or_default();
        assert_eq!(diagnostics.finish(""), [], "{path}");
        flags.into_iter().map(|flag| flag.key).collect::<Vec<_>>().join(" ")
    });
    assert_eq!(flags, ["maintenance-banner seat-map dark-mode", "payment-provider gift-vouchers"]);
}

/// A repository whose policy asks one person about every flag; `live/` and `proposed/` are still to be filled.
fn repository() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let config = "version: 1\nadmins: [\"@root\"]\nprojects:\n  demo: {paths: [\"flags/**\"], approvals: specific}\n";
    write(dir.path(), CONFIG_PATH, config);
    write(dir.path(), APPROVERS_PATH, "* @alice\n");
    write(dir.path(), "why.txt", "commits of a real repository, judged as if they had been pull requests\n");
    dir
}

fn write(dir: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let path = dir.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a new folder");
    fs::write(path, bytes).expect("a new file");
}

/// What a review says of a step: each flag, and each change of one that was there before.
fn judgement(report: &Report) -> Vec<String> {
    let mut lines = vec![format!("  {}", report.verdict.word())];
    for flag in &report.flags {
        let rules: BTreeSet<&str> =
            flag.changes.iter().filter_map(|change| change.rule).map(|id| id.as_str()).collect();
        let rules: Vec<&str> = rules.into_iter().collect();
        lines.push(format!("  {}: {} {}", flag.key, flag.verdict.word(), rules.join(" ")).trim_end().to_owned());
        let telling =
            |change: &&Change| change.rule.is_some_and(|rule| rule.as_str() != "activation") || change.before.is_some();
        for change in flag.changes.iter().filter(telling) {
            let item = change.item.as_ref().map(|item| format!("[{item}]")).unwrap_or_default();
            let value = |node: &Option<Node>| node.as_ref().map_or_else(|| "-".to_owned(), Node::json);
            let (before, after) = (value(&change.before), value(&change.after));
            let (class, rule) = (change.class.word(), change.rule.map_or("", |id| id.as_str()));
            let class = format!("{class} {rule}");
            let field = &change.field;
            lines.push(format!("    {}: {} {field}{item}: {before} → {after}", change.line, class.trim_end()));
        }
    }
    lines.extend(
        report.diagnostics.iter().map(|diagnostic| format!("  {}: {}", diagnostic.place.line, diagnostic.id.as_str())),
    );
    lines
}

/// What would have been asked of whom, had each commit of that history been a pull request.
#[test]
fn the_judgements_of_a_real_history() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(DATA);
    let subjects = fs::read_to_string(dir.join("HISTORY.txt")).expect("HISTORY.txt");
    let repository = repository();
    let mut told = String::new();
    let mut before: Option<Vec<u8>> = None;
    for (at, subject) in subjects.lines().enumerate() {
        let oid = subject.split(' ').next().unwrap_or_default();
        let bytes = fs::read(dir.join(format!("{:02}-{oid}.json", at + 1))).expect("a version for each line");
        if let Some(before) = before {
            write(repository.path(), "live/flags/demo.flagd.json", before);
            write(repository.path(), "proposed/flags/demo.flagd.json", &bytes);
            let report = folders::judge(repository.path()).expect("a policy to judge by");
            let _ = write!(told, "{:02} {subject}\n{}\n\n", at + 1, judgement(&report).join("\n"));
        }
        before = Some(bytes);
    }
    snapbox::assert_data_eq!(told, snapbox::file!["data/opentelemetry-demo-flagd/judgements.txt"].raw());
}
