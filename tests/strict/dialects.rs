//! Foreign YAML: what each reader takes a scalar for, and what anchors, aliases and merges come to.

use countersign::document::yaml::{Dialect, MAX_NODES};

use super::{check, found_lints, reading};

/// A scalar without quotes, and its value to yaml.v3, sigs.k8s.io/yaml, js-yaml, Psych, PyYAML and YAML 1.2's core
/// schema, as JSON; `!` if it has none that can be compared. The sources stand in `src/document/yaml/dialect.rs`.
const SCALARS: &[(&str, [&str; 6])] = &[
    ("a", ["\"a\""; 6]),
    ("", ["null"; 6]),
    ("~", ["null"; 6]),
    ("NULL", ["null"; 6]),
    ("nULL", ["\"nULL\"", "\"nULL\"", "\"nULL\"", "null", "\"nULL\"", "\"nULL\""]),
    ("True", ["true"; 6]),
    ("tRUE", ["\"tRUE\"", "\"tRUE\"", "\"tRUE\"", "true", "\"tRUE\"", "\"tRUE\""]),
    ("off", ["\"off\"", "false", "\"off\"", "false", "false", "\"off\""]),
    ("Yes", ["\"Yes\"", "true", "\"Yes\"", "true", "true", "\"Yes\""]),
    ("y", ["\"y\"", "true", "\"y\"", "\"y\"", "\"y\"", "\"y\""]),
    ("17", ["17"; 6]),
    ("+17", ["17"; 6]),
    ("017", ["15", "15", "17", "15", "15", "17"]),
    ("089", ["89", "89", "89", "\"089\"", "\"089\"", "89"]),
    ("0o17", ["15", "15", "15", "\"0o17\"", "\"0o17\"", "15"]),
    ("0x1F", ["31"; 6]),
    ("-0x1F", ["-31", "-31", "-31", "-31", "-31", "\"-0x1F\""]),
    ("0X1F", ["31", "31", "\"0X1F\"", "\"0X1F\"", "\"0X1F\"", "\"0X1F\""]),
    ("0b11", ["3", "3", "3", "3", "3", "\"0b11\""]),
    ("1_000", ["1000", "1000", "1000", "1000", "1000", "\"1_000\""]),
    ("1,000", ["\"1,000\"", "\"1,000\"", "\"1,000\"", "1000", "\"1,000\"", "\"1,000\""]),
    ("1:30", ["\"1:30\"", "\"1:30\"", "\"1:30\"", "5400", "90", "\"1:30\""]),
    ("1.5", ["1.5"; 6]),
    (".5", ["0.5"; 6]),
    ("-.5", ["-0.5", "-0.5", "\"-.5\"", "-0.5", "\"-.5\"", "-0.5"]),
    ("5.", ["5.0"; 6]),
    ("1e3", ["1000.0", "1000.0", "1000.0", "\"1e3\"", "\"1e3\"", "1000.0"]),
    ("1.5e3", ["1500.0", "1500.0", "1500.0", "\"1.5e3\"", "\"1.5e3\"", "1500.0"]),
    ("1.5e+3", ["1500.0"; 6]),
    (".inf", ["!"; 6]),
    (".NaN", ["!"; 6]),
    (".Inf", ["!"; 6]),
    (":a", ["\":a\"", "\":a\"", "\":a\"", "!", "\":a\"", "\":a\""]),
    ("1.2.3", ["\"1.2.3\""; 6]),
    ("2026-11-23", ["\"2026-11-23\""; 6]),
    ("60 days", ["\"60 days\""; 6]),
];

const READERS: [Dialect; 6] =
    [Dialect::GoV3, Dialect::SigsYaml, Dialect::JsYaml, Dialect::Psych, Dialect::PyYaml, Dialect::Core];

#[test]
fn scalars() {
    let mut wrong = Vec::new();
    for (scalar, expected) in SCALARS {
        for (reader, expected) in READERS.into_iter().zip(expected) {
            let (node, diagnostics) = reading(format!("a: {scalar}\n").as_bytes(), &[reader]);
            let value = node.and_then(|node| node.as_map()?.get("a").map(countersign::document::Node::json));
            let found = value.unwrap_or_else(|| {
                assert!(
                    diagnostics.iter().all(|diagnostic| diagnostic.id.as_str() == "out-of-range"),
                    "{diagnostics:?}"
                );
                "!".to_owned()
            });
            if found != *expected {
                wrong.push(format!("{scalar} to {}: {found} instead of {expected}", reader.name()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Only a scalar that the format's own readers take for different things is refused.
#[test]
fn several_readers() {
    let flagd = &[Dialect::GoV3, Dialect::PyYaml];
    check(
        flagd,
        &[
            ("alike", b"a: 010\nb: 0x1F\nd: x:y z\ne: {f: [g: h]}\n", &[]),
            ("a word", b"a: off\n", &[("readers-disagree", 1, 4)]),
            (
                "numbers",
                b"a: 1e3\nb: 0o17\nc: 1:30\n",
                &[("readers-disagree", 1, 4), ("readers-disagree", 2, 4), ("readers-disagree", 3, 4)],
            ),
            ("a key", b"on: 1\nb: 2\n3: c\n", &[("ambiguous-scalar", 1, 1), ("ambiguous-scalar", 3, 1)]),
            ("quoted", b"'on': 'off'\n", &[]),
            (
                "numbers that only one reader knows",
                b"a: +.5\nb: 5e2_\nc: .5_\nd: +_505\ne: 0x_\nf: [09_]\n",
                &[
                    ("readers-disagree", 1, 4),
                    ("readers-disagree", 2, 4),
                    ("readers-disagree", 3, 4),
                    ("readers-disagree", 4, 4),
                    ("readers-disagree", 5, 4),
                    ("readers-disagree", 6, 5),
                ],
            ),
            ("an escape that Go's readers don't know", b"a: \"\\/x\"\n", &[("readers-disagree", 1, 4)]),
            ("a backslash and a slash", b"a: \"\\\\/x\"\n", &[]),
            (
                "names of anchors",
                "a: &\u{e9} x\nb: &a.b x\n".as_bytes(),
                &[("readers-disagree", 1, 4), ("readers-disagree", 2, 4)],
            ),
            ("an anchor twice", b"a: &q x\nb: &q y\n", &[("readers-disagree", 2, 4)]),
            (
                "signs in brackets",
                b"a: {b: what? now, c: :y}\n",
                &[("readers-disagree", 1, 8), ("readers-disagree", 1, 22)],
            ),
            ("signs without brackets", b"a: what? now\nb: x:y\n", &[]),
            ("a tab in a string", b"a: x\ty\n", &[("readers-disagree", 1, 4)]),
            ("a tab in a block", b"a: |\n    \tx\n", &[("readers-disagree", 2, 5)]),
            ("a merge of a merge", b"a: &a {k: 1, <<: {k: 2}}\nb: {<<: *a}\n", &[("merge-key", 2, 9)]),
        ],
    );
    let (_, diagnostics) = reading(b"a: off\n", flagd);
    assert_eq!(diagnostics[0].message, "`off` is a string to Go's yaml.v3 and false to PyYAML");
    assert_eq!(diagnostics[0].remedy, "put it in quotes: `\"off\"`");
    assert_eq!(found_lints(b"a: 2026-11-23\n", &[Dialect::SigsYaml, Dialect::Psych]), [("readers-disagree", 1, 4)]);
    // A time to both: JSON has none, and Python's reader of flagd drops a file for it.
    for time in ["2026-11-23", "2026-01-01T00:00:00Z", "2026-01-01 00:00:00"] {
        let text = format!("metadata: {{since: {time}}}\n");
        assert_eq!(found_lints(text.as_bytes(), &[Dialect::GoV3, Dialect::PyYaml])[0].0, "readers-disagree", "{time}");
    }
}

#[test]
fn anchors_and_merges() {
    let text = "base: &base {a: 1, b: [x]}\none: *base\ntwo:\n  <<: *base\n  b: 2\nthree:\n  <<: [{a: 3}, *base]\n  c: &s text\nfour: *s\n";
    let (node, diagnostics) = reading(text.as_bytes(), &[Dialect::PyYaml]);
    assert_eq!(diagnostics, []);
    let node = node.unwrap();
    assert_eq!(
        node.json(),
        r#"{"base":{"a":1,"b":["x"]},"one":{"a":1,"b":["x"]},"two":{"b":2,"a":1},"three":{"c":"text","a":3,"b":["x"]},"four":"text"}"#
    );
    // A value keeps the place where it is written.
    let place = |path: [&str; 2]| {
        let map = node.as_map().unwrap().get(path[0]).unwrap().as_map().unwrap();
        let place = map.entry(path[1]).unwrap().value.place;
        (place.line, place.column)
    };
    assert_eq!([place(["one", "a"]), place(["two", "a"]), place(["two", "b"])], [(1, 17), (1, 17), (5, 6)]);
    assert_eq!(found_lints(text.as_bytes(), &[Dialect::Core]), [("merge-key", 4, 3), ("merge-key", 7, 3)]);
}

#[test]
fn foreign_yaml_is_refused() {
    let laughs: String = (1..9).map(|at| format!("a{at}: &a{at} [*a{0}, *a{0}, *a{0}, *a{0}]\n", at - 1)).collect();
    let laughs = format!("a0: &a0 [1, 2, 3, 4]\n{laughs}");
    let many = format!("a: &a [{}]\nb: *a\nc: *a\n", "1, ".repeat(MAX_NODES / 2 - 10));
    check(
        &[Dialect::GoV3],
        &[
            ("a duplicate", b"a: 1\n'a': 2\n", &[("duplicate-key", 2, 1)]),
            ("two merges", b"a: &a {}\nb:\n  <<: *a\n  <<: *a\n", &[("duplicate-key", 4, 3)]),
            ("a merge of a string", b"a:\n  <<: b\n", &[("merge-key", 2, 3)]),
            ("a quoted merge", b"a:\n  '<<': {b: c}\n", &[("merge-key", 2, 3)]),
            ("an object", b"a: !ruby/object:Set {}\nb: !!python/name:os.system x\n", &[("tag", 1, 4), ("tag", 2, 4)]),
            ("a number from a tag", b"a: !!int '1'\n", &[("tag", 1, 4)]),
            ("several documents", b"a: 1\n---\nb: 2\n", &[("several-documents", 2, 1)]),
            ("an alias of nothing", b"a: *b\n", &[("syntax", 1, 4)]),
            ("an alias in itself", b"a: &a [*a]\n", &[("anchor", 1, 8)]),
            ("more than a file may hold", laughs.as_bytes(), &[("too-many-nodes", 7, 9)]),
            ("a large value, twice", many.as_bytes(), &[("too-many-nodes", 1, 7)]),
            ("a list for a key", b"[a]: b\n", &[("complex-key", 1, 1)]),
            ("an escaped control", b"a: \"\\e\"\n", &[("control-character", 1, 4)]),
        ],
    );
    let (node, diagnostics) = reading(b"a: !!str 010\nb: !!map {c: !!seq [d]}\n", &[Dialect::GoV3]);
    assert_eq!(diagnostics, []);
    assert_eq!(node.map(|node| node.json()).as_deref(), Some(r#"{"a":"010","b":{"c":["d"]}}"#));
}
