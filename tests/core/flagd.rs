//! flagd files: what is read, what is refused, and the history of a real one.

mod history;
mod references;
mod reviewed;
mod targeting;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use countersign::diagnostics::Diagnostics;
use countersign::document::canonical::{canonical, canonical_field, canonical_record};
use countersign::document::{Data, Field, Map, Node, Shape};
use countersign::flag::{File, Flag, Kind};
use countersign::format::{self, flagd};
use countersign::policy::{APPROVERS_PATH, CONFIG_PATH};
use countersign::report::{Change, Report};

use crate::files::judge_files;
use crate::patch::Files;

const DATA: &str = "tests/data/opentelemetry-demo-flagd";

/// The flags of a string and its diagnostics as `line:column id`.
fn read_as(path: &str, text: &str) -> (Option<Vec<Flag>>, Vec<String>) {
    let mut diagnostics = Diagnostics::of(path);
    let flags = flagd::FORMAT.flags_of(text.as_bytes(), path, &mut diagnostics);
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
    facts(&flag.record, flag.format.fields, "", &mut out);
    out
}

/// All that differs between two flags.
fn differences(before: &Flag, after: &Flag) -> Vec<String> {
    let (old, new) = (all(before), all(after));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let reported = names.into_iter().filter_map(|name| match (old.get(name), new.get(name)) {
        (Some(old), Some(new)) if old == new => None,
        (Some(old), Some(new)) => Some(format!("{name} {old} → {new}")),
        (Some(old), None) => Some(format!("- {name} {old}")),
        (None, Some(new)) => Some(format!("+ {name} {new}")),
        (None, None) => None,
    });
    let reported: Vec<String> = reported.collect();
    let same =
        canonical_record(&before.record, before.format.fields) == canonical_record(&after.record, after.format.fields);
    assert_eq!(reported.is_empty(), same, "the normal form of the whole and of its parts: {reported:?}");
    reported
}

/// The differences between the flags `f` of two files without diagnostics.
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

/// Python's reader gives nobody a variant where a weight has a point.
#[test]
fn a_weight_has_no_point() {
    let lints =
        |weight: &str| ids(&with(&format!(r#", "targeting": {{"fractional": [["on", {weight}], ["off", 90]]}}"#)));
    for weight in ["10.0", "1e1", "10.5"] {
        assert_eq!(lints(weight), ["out-of-range"], "{weight}");
    }
    assert_eq!(lints("10"), [""; 0]);
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
          ["red", 25],
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
fn which_names_are_recognised() {
    let named = |path: &str| format::recognise(path).map(|format| format.id.clone().into_owned());
    assert_eq!(named("src/flagd/demo.flagd.json").as_deref(), Some("flagd"));
    assert_eq!(named("flags/Shop.FLAGD.yml").as_deref(), Some("flagd"));
    assert_eq!(named("flags/x.flagd.yaml").as_deref(), Some("flagd"));
    assert_eq!(named("flags/flagd.yaml").as_deref(), Some("native"));
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
        (r#"{"flags": {}, "metadata": null}"#, &["1:27 wrong-type"]),
        (r#"{"flags": {}, "metadata": {"x": null}}"#, &["1:33 wrong-type"]),
        (r#"{"flags": {}, "metadata": {"x": [], "": 1}}"#, &["1:33 wrong-type", "1:37 bad-key"]),
        (r#"{"flags": {}, "$evaluators": []}"#, &["1:30 wrong-type"]),
        (r#"{"flags": {}, "$evaluators": {"a": {}}}"#, &["1:36 wrong-type"]),
        (r#"{"flags": {}, "$evaluators": {"a": "on"}}"#, &["1:36 wrong-type"]),
        // Which of the two flagd replaces first is chance.
        (r#"{"flags": {}, "$evaluators": {"a": {"!": {"$ref": "b"}}, "b": {"!": true}}}"#, &["1:51 unknown-evaluator"]),
        (r#"{"flags": {}, "flag": {}}"#, &["1:15 unknown-field"]),
        (r#"{"flags": {}, "Metadata": {}}"#, &["1:15 readers-disagree"]),
        (r#"{"flags": {}, "$Evaluators": {}}"#, &["1:15 readers-disagree"]),
        (r#"{"flags": {}, "Flags": {}}"#, &["1:15 readers-disagree"]),
        (
            r#"{"flags": [{"key": "f", "Key": "g", "state": "ENABLED", "variants": {"a": 1}}]}"#,
            &["1:25 readers-disagree"],
        ),
        (r#"{"flags": [{"Key": "f", "state": "ENABLED", "variants": {"a": 1}}]}"#, &["1:13 readers-disagree"]),
        (r#"{"flags": {"f": 1}}"#, &["1:17 wrong-type"]),
        (
            r#"{"flags": {"f": {"state": "ENABLED", "variants": {"a": 1}}, "f": {"state": "ENABLED", "variants": {"a": 1}}}}"#,
            &["1:61 duplicate-key"],
        ),
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
        (with(r#", "key": "f""#), &["readers-disagree", "unknown-field"]),
        (with(r#", "key": 5"#), &["readers-disagree", "unknown-field"]),
        // To Go, in which the daemon is written, these are the fields of those names.
        (with(r#", "State": "DISABLED""#), &["readers-disagree"]),
        (with(r#", "defaultvariant": "on""#), &["readers-disagree"]),
        (with(r#", "ſtate": "DISABLED""#), &["readers-disagree"]),
        (with(r#", "Key": "f""#), &["readers-disagree"]),
        (with(r#", "DefaultVariant": "on""#), &["readers-disagree"]),
        // The daemon keeps these two itself, as strings.
        (with(r#", "source": "a", "selector": null"#), &["unknown-field", "unknown-field"]),
        (with(r#", "source": 5"#), &["unknown-field", "wrong-type"]),
        (with(r#", "selector": []"#), &["unknown-field", "wrong-type"]),
        (with(r#", "ſource": "a""#), &["readers-disagree"]),
        (with(r#", "SELECTOR": "a""#), &["readers-disagree"]),
        (with(r#", "metadata": {"x": null}"#), &["wrong-type"]),
        (with(r#", "metadata": {"x": {}, "y": "z", "n": 1, "b": true}"#), &["wrong-type"]),
        (with(r#", "metadata": null"#), &[]),
        (with("").replace("true", "[]").replace("false", "[]"), &["wrong-type", "wrong-type"]),
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

    let meta = |meta: &str| format!(r#""metadata": {meta}"#);
    let cases: &[(&str, &str, &[&str])] = &[
        (r#"{"team": "a"}"#, r#"{"team": "b"}"#, &[r#"metadata.team "a" → "b""#]),
        (r#"{"flagSetId": "a"}"#, r#"{"flagSetId": "b"}"#, &[r#"metadata.flagSetId "a" → "b""#]),
        (r#"{"own": "a"}"#, r#"{"own": "b"}"#, &[]),
    ];
    for (before, after, expected) in cases {
        let own = r#", "metadata": {"own": "mine"}"#;
        assert_eq!(between(&file(&meta(before), own), &file(&meta(after), own)), *expected, "{before} → {after}");
    }

    // A member nobody knows is one diagnostic of the file, and of no flag.
    let unknown = |value: &str| file(&format!(r#""sampling": {value}"#), "");
    match (read(&unknown("1")), read(&unknown("2"))) {
        ((Some(old), diagnostics), (Some(new), _)) => {
            assert_eq!(diagnostics, ["1:2 unknown-field"]);
            assert_eq!(old.iter().zip(&new).flat_map(|(old, new)| differences(old, new)).count(), 0);
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
