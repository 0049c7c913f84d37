//! Refusals of the profile, and their places.

use countersign::document::yaml::{Dialect, MAX_BYTES, MAX_NODES};

use super::{FoundLint, JSON, PROFILE, check, found_lints, reading};

#[test]
fn bytes_and_characters() {
    for readers in [PROFILE, JSON, &[Dialect::PyYaml]] {
        check(
            readers,
            &[
                ("larger than allowed", &vec![b'#'; MAX_BYTES + 1], &[("too-big", 1, 1)]),
                ("50 MB", &vec![b' '; 50_000_000], &[("too-big", 1, 1)]),
                (
                    "Git LFS",
                    b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n",
                    &[("lfs-pointer", 1, 1)],
                ),
                ("byte-order mark", b"\xEF\xBB\xBF{\"a\": 1}\n", &[("byte-order-mark", 1, 1)]),
                (
                    "byte-order mark, and one more",
                    b"\xEF\xBB\xBF{\"a\": \"\xEF\xBB\xBF\"}\n",
                    &[("byte-order-mark", 1, 1), ("control-character", 1, 9)],
                ),
                ("UTF-16, little end first, marked", b"\xFF\xFEa\0:\0", &[("not-utf8", 1, 1)]),
                ("UTF-16, big end first, marked", b"\xFE\xFF\0a\0:", &[("not-utf8", 1, 1)]),
                ("UTF-16 without a mark", b"a\0:\0 \x001\0", &[("not-utf8", 1, 1)]),
                ("UTF-32", b"a\0\0\0:\0\0\0", &[("not-utf8", 1, 1)]),
                ("Latin-1", b"{\"a\": 1,\n \"name\": \"caf\xE9\"}\n", &[("not-utf8", 2, 14)]),
                ("Latin-1 at the end, after a character of two bytes", b"\xC3\xA9 \xE9", &[("not-utf8", 1, 3)]),
                ("a surrogate in UTF-8", b"{\"a\": \"\xED\xA0\x80\"}", &[("not-utf8", 1, 8)]),
                ("an overlong slash", b"{\"a\": \"\xC0\xAF\"}", &[("not-utf8", 1, 8)]),
                ("NUL", b"{\"a\":\n \"b\0c\"}", &[("control-character", 2, 4)]),
                ("NUL after a byte that looks like UTF-16", b"a\0b", &[("control-character", 1, 2)]),
                (
                    "bell, escape, DEL",
                    b"{\"a\": \"\x07\x1B\x7F\"}",
                    &[("control-character", 1, 8), ("control-character", 1, 9), ("control-character", 1, 10)],
                ),
                (
                    "C1 and next line",
                    "{\"a\": \"\u{80}\u{85}\u{9f}\u{a0}\"}".as_bytes(),
                    &[("control-character", 1, 8), ("control-character", 1, 9), ("control-character", 1, 10)],
                ),
                ("a bare carriage return", b"{\"a\": 1,\r\"b\": 2}\r\n", &[("control-character", 1, 9)]),
                (
                    "not characters",
                    "{\"a\": \"\u{fffe}\u{ffff}\u{fffd}\"}".as_bytes(),
                    &[("control-character", 1, 8), ("control-character", 1, 9)],
                ),
                (
                    "bidi in a key and in values",
                    "{\"\u{202e}a\": [\"\u{2066}\",\n \"\u{61c}\u{200f}é\"]}".as_bytes(),
                    &[("bidi-control", 1, 3), ("bidi-control", 1, 10), ("bidi-control", 2, 3), ("bidi-control", 2, 4)],
                ),
                ("columns count characters", "{\"äöü\": \"€😀\u{202e}\"}".as_bytes(), &[("bidi-control", 1, 12)]),
            ],
        );
    }
    let many = "\u{202e}".repeat(1000);
    let (_, diagnostics) = reading(many.as_bytes(), PROFILE);
    assert_eq!(diagnostics.len(), 21);
    assert_eq!(diagnostics[20].message, "980 more such characters follow, from here on");
}

/// `# note<U+2028>enabled: true` is one comment to an editor and to most readers, and a key to libyaml's family.
#[test]
fn a_smuggled_key() {
    for (char, id) in [('\u{85}', "U+0085"), ('\u{2028}', "U+2028"), ('\u{2029}', "U+2029"), ('\r', "U+000D")] {
        let text = format!("key: a\n# note{char}enabled: true\n");
        let (node, diagnostics) = reading(text.as_bytes(), PROFILE);
        assert!(node.is_none());
        let [diagnostic] = diagnostics.as_slice() else { panic!("{diagnostics:?}") };
        assert_eq!(
            (diagnostic.id.as_str(), diagnostic.place.line, diagnostic.place.column),
            ("control-character", 2, 7)
        );
        assert!(diagnostic.message.starts_with(&format!("the file holds {id}, ")), "{}", diagnostic.message);
    }
}

#[test]
fn yaml_without_content_is_refused() {
    check(
        PROFILE,
        &[
            ("empty", b"", &[("empty-file", 1, 1)]),
            ("blank", b" \n\n", &[("empty-file", 1, 1)]),
            ("only comments", b"# a\n# b\n", &[("empty-file", 1, 1)]),
            ("only a document start", b"---\n", &[("empty-file", 1, 1)]),
            ("only an empty document", b"--- # nothing\n...\n", &[("empty-file", 1, 1)]),
        ],
    );
}

#[test]
fn keys_are_refused() {
    check(
        PROFILE,
        &[
            ("duplicate", b"a: 1\nb: 2\na: 3\n", &[("duplicate-key", 3, 1)]),
            ("duplicate three times", b"{a: 1, a: 2, a: 3}", &[("duplicate-key", 1, 8), ("duplicate-key", 1, 14)]),
            (
                "duplicate in one map only",
                b"x: {a: 1}\nz: {a: 1}\nx:\n  - a: 1\n  - a: 2\n",
                &[("duplicate-key", 3, 1)],
            ),
            (
                "duplicate weight, deep",
                b"flags:\n  - key: tax\n    rolloutWeights: {\"on\": 1, \"off\": 2, \"on\": 3}\n",
                &[("duplicate-key", 3, 41)],
            ),
            (
                "duplicate, quoted otherwise",
                b"'a': 1\n\"\\x61\": 2\na: 3\n",
                &[("duplicate-key", 2, 1), ("duplicate-key", 3, 1)],
            ),
            ("duplicate after non-ASCII text", "{é: 'ü', é: 2}\n".as_bytes(), &[("duplicate-key", 1, 10)]),
            (
                "duplicate and a later syntax error",
                b"a: {b: 1, b: 2}\nc: [\n",
                &[("duplicate-key", 1, 11), ("syntax", 2, 4)],
            ),
            ("merge", b"a:\n  <<: {b: 1}\n", &[("merge-key", 2, 3)]),
            ("merge, quoted", b"'<<': 1\n", &[("merge-key", 1, 1)]),
            ("merge as a value", b"a: <<\n", &[("merge-key", 1, 4)]),
            (
                "merge of an alias",
                b"a: &x {b: 1}\nc:\n  <<: *x\n",
                &[("anchor", 1, 4), ("merge-key", 3, 3), ("anchor", 3, 7)],
            ),
            ("explicit key", b"? a\n: b\n", &[("complex-key", 1, 1)]),
            ("explicit key later", b"a: 1 # ?\n# ?\n? b # ?\n: 2\n", &[("complex-key", 3, 1)]),
            (
                "explicit keys in flow",
                b"{? a : b, c: d, ? , ? e}",
                &[
                    ("complex-key", 1, 2),
                    ("complex-key", 1, 17),
                    ("readers-disagree", 1, 19),
                    ("complex-key", 1, 21),
                    ("readers-disagree", 1, 24),
                ],
            ),
            ("explicit key in a list", b"[? a : b]\n", &[("complex-key", 1, 2), ("readers-disagree", 1, 2)]),
            ("explicit key without text", b"? \n? a\n", &[("complex-key", 1, 1), ("complex-key", 2, 1)]),
            ("explicit key that is a map", b"? a : b\n: c\n", &[("complex-key", 1, 1)]),
            ("explicit key that is a list", b"?\n  - a\n  - b\n: c\n", &[("complex-key", 1, 1)]),
            ("list as a key", b"[a]: b\n", &[("complex-key", 1, 1)]),
            ("map as a key", b"a:\n  {b: c}: d\n  {b: c}: d\n", &[("complex-key", 2, 3), ("complex-key", 3, 3)]),
            ("no key", b"a: 1\n: b\n", &[("complex-key", 2, 1)]),
            ("no key in flow", b"{: a, b: c}", &[("complex-key", 1, 2)]),
            ("alias as a key", b"&x a: 1\n*x : 2\n", &[("anchor", 1, 1), ("anchor", 2, 1)]),
            (
                "keys that are no texts",
                b"1: a\n1.5: b\ntrue: c\nnull: d\n~: e\n2026-11-23: f\noff: g\n1: h\n",
                &[
                    ("ambiguous-scalar", 1, 1),
                    ("ambiguous-scalar", 2, 1),
                    ("ambiguous-scalar", 3, 1),
                    ("ambiguous-scalar", 4, 1),
                    ("ambiguous-scalar", 5, 1),
                    ("ambiguous-scalar", 6, 1),
                    ("ambiguous-scalar", 7, 1),
                    ("ambiguous-scalar", 8, 1),
                    ("duplicate-key", 8, 1),
                ],
            ),
            ("a tab in a key", b"a\tb: 1\n'c\td': 2\n", &[("ambiguous-scalar", 1, 1), ("control-character", 2, 1)]),
        ],
    );
}

#[test]
fn anchors_tags_and_documents_are_refused() {
    let laughs = "a: &a [lol, lol]\nb: &b [*a, *a]\nc: [*b, *b, *missing]\n";
    check(
        PROFILE,
        &[
            ("anchor", b"a: &x 1\nb: &z\n  c: 1\n&k d: 1\n", &[("anchor", 1, 4), ("anchor", 2, 4), ("anchor", 4, 1)]),
            (
                "alias bomb",
                laughs.as_bytes(),
                &[
                    ("anchor", 1, 4),
                    ("anchor", 2, 4),
                    ("anchor", 2, 8),
                    ("anchor", 2, 12),
                    ("anchor", 3, 5),
                    ("anchor", 3, 9),
                    ("anchor", 3, 13),
                ],
            ),
            ("an alias of itself", b"a: &x [*x]\n", &[("anchor", 1, 4), ("anchor", 1, 8)]),
            (
                "tags",
                b"a: !!str 1\n!!int b: 1\nc: !x [1]\nd: !<x:y>\n  e: 1\nf: ! off\n!!binary g: 1\n",
                &[("tag", 1, 4), ("tag", 2, 1), ("tag", 3, 4), ("tag", 4, 4), ("tag", 6, 4), ("tag", 7, 1)],
            ),
            ("a tag that is not declared", b"a: !e!x 1\n", &[("tag", 1, 4)]),
            ("two documents", b"a: 1\n---\nb: 2\n---\nc: 3\n", &[("several-documents", 2, 1)]),
            ("two documents, the first one empty", b"---\n---\na: 1\n", &[("several-documents", 2, 1)]),
            ("two documents, the second one empty", b"a: 1\n---\n", &[("several-documents", 2, 1)]),
            ("two documents, the first one ended", b"a: 1\n...\nb: 2\n", &[("several-documents", 3, 1)]),
            ("a directive", b"%YAML 1.1\n---\na: off\n", &[("directive", 1, 1)]),
            ("another directive", b"# c\n%TAG ! x:\n---\na: 1\n", &[("directive", 2, 1)]),
        ],
    );
}

#[test]
fn large_yaml_is_refused() {
    let open_lists = "[".repeat(10_000);
    let open_maps = "{a: ".repeat(10_000);
    let open_keys = "? ".repeat(20_000);
    let block_lists = "- ".repeat(10_000);
    let indented: Vec<String> = (0..40).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    let indented = indented.concat();
    let mixed = format!("{}{}{}", "- ".repeat(20), "[".repeat(20), "]".repeat(20));
    let many = "- 1\n".repeat(MAX_NODES + 1);
    check(
        PROFILE,
        &[
            ("lists that stay open", open_lists.as_bytes(), &[("too-deep", 1, 33)]),
            ("maps that stay open", open_maps.as_bytes(), &[("too-deep", 1, 129)]),
            ("lists in lists", block_lists.as_bytes(), &[("too-deep", 1, 65)]),
            ("maps in maps", indented.as_bytes(), &[("too-deep", 33, 33)]),
            ("lists in flow and block", mixed.as_bytes(), &[("too-deep", 1, 53)]),
            ("too many values", many.as_bytes(), &[("too-many-nodes", 100_001, 3)]),
        ],
    );
    let mut expected: Vec<FoundLint> = (0..31).map(|depth| ("complex-key", 1, 2 * depth + 1)).collect();
    expected.push(("too-deep", 1, 65));
    assert_eq!(found_lints(open_keys.as_bytes(), PROFILE), expected);
    assert_eq!(found_lints("- &a b\n".repeat(10_000).as_bytes(), PROFILE).len(), 100);
}

#[test]
fn escapes_are_refused() {
    check(
        PROFILE,
        &[
            ("escaped bidi", b"a: \"x\\u202ey\"\n\"\\u2066\": 1\n", &[("bidi-control", 1, 4), ("bidi-control", 2, 1)]),
            ("escaped controls", b"a: \"\\0\\e\\N\\L\\P\\x07\"\n", &[("control-character", 1, 4); 6]),
            (
                "escaped line feed and tab",
                b"a: \"x\\n\\ty\"\n\"b\\n\": 1\n\"c\\t\": 2\n",
                &[("control-character", 2, 1), ("control-character", 3, 1)],
            ),
            ("escaped surrogates, which only JSON has", b"a: \"\\ud83d\\ude00\"\n", &[("ambiguous-scalar", 1, 4)]),
        ],
    );
}

/// Scalars that js-yaml and the npm package yaml read otherwise than PyYAML and libyaml.
#[test]
fn scalars_that_readers_take_otherwise_are_refused() {
    check(
        PROFILE,
        &[
            ("an item without a value", b"- -\n- a\n", &[("readers-disagree", 1, 4)]),
            (
                "items without values",
                b"a:\n  -\n  - # c\n  - b\n",
                &[("readers-disagree", 2, 4), ("readers-disagree", 3, 8)],
            ),
            ("a key that starts like a document", b"---enabled: true\n", &[("ambiguous-scalar", 1, 1)]),
            ("a string that starts like its end", b"a: ...b\n", &[("ambiguous-scalar", 1, 4)]),
            (
                "blocks with a digit",
                b"a: |2\n    x\nb: # |1\n  >-1 # c\n    z\n",
                &[("readers-disagree", 1, 4), ("readers-disagree", 4, 3)],
            ),
            ("out of range", b"a: 1.5e+999\nb: 1.0e+350\n", &[("ambiguous-scalar", 1, 4), ("ambiguous-scalar", 2, 4)]),
        ],
    );
}

#[test]
fn broken_syntax_is_refused() {
    check(
        PROFILE,
        &[
            ("a tab before a list", b"a:\n\t- b\n", &[("syntax", 2, 2)]),
            ("a tab before a key", b"\ta: 1\n", &[("readers-disagree", 1, 1)]),
            ("open single quote", b"a: 'x\nb: 1\n", &[("syntax", 1, 4)]),
            ("open double quote", "é: \"x\n".as_bytes(), &[("syntax", 1, 4)]),
            ("open list", b"a: [1, 2\n", &[("syntax", 1, 4)]),
            ("closed by another bracket", b"a: {b: 1]\n", &[("syntax", 1, 4)]),
            ("a bracket too many", b"a: [1]]\n", &[("syntax", 1, 7)]),
            ("a colon too many", b"a: b: c\n", &[("syntax", 1, 5)]),
            ("a key without colon", b"a: 1\nfoo\n", &[("syntax", 2, 1)]),
            ("wrong indentation", b"a:\n  b: 1\n c: 2\n", &[("syntax", 3, 2)]),
            ("unknown escape", b"a: \"x\\q\"\n", &[("syntax", 1, 4)]),
            ("reserved character", b"a: @x\n", &[("syntax", 1, 4)]),
            ("a block at the end without line feed", b"a: 1\nb: |\n  text", &[("readers-disagree", 3, 3)]),
        ],
    );
}

/// A scalar without quotes that is outside of the profile: one message, whose remedy works.
#[test]
fn unquoted_scalars() {
    let or = |value: &str, text: &str| format!("write `{value}`, or put it in quotes: `\"{text}\"`");
    let number =
        |text: &str| format!("put it in quotes: `\"{text}\"`; a number is written as `-1.5`, with at most 15 digits");
    let date = |text: &str| {
        format!("put it in quotes: `\"{text}\"`; a date is written as `2026-11-23` or `2026-11-23T09:00:00Z`")
    };
    let quotes = |text: &str| format!("put it in quotes: `\"{text}\"`");
    let mut rows = vec![];
    rows.extend(["y", "Yes", "ON", "tRUE"].map(|text| (text, or("true", text))));
    rows.extend(["n", "no", "Off", "FALSE"].map(|text| (text, or("false", text))));
    rows.extend(["~", "NULL", "Null"].map(|text| (text, or("null", text))));
    rows.extend(
        ["010", "1_000", "0x1F", "1e3", "+1", ".5", "5.", "1:30", "-0", "-0.0", "1234567890123456", ".inf", "1.2.3"]
            .map(|text| (text, number(text))),
    );
    rows.extend(
        [
            "2026-02-29",
            "2026-1-1",
            "2026-11-23T09:00:00",
            "2026-11-23 09:00:00Z",
            "2026-11-23T24:00:00Z",
            "2026-11-23T09:00:00.5Z",
            "0000-01-01",
        ]
        .map(|text| (text, date(text))),
    );
    rows.extend(
        [
            "nan",
            "Infinity",
            "e3",
            "E-2",
            "_a",
            "/a",
            "(a",
            "$a",
            "60 days",
            "a  b",
            "a-",
            "a|b",
            "a~",
            "€a",
            "a\u{301}b",
            "a🎉",
            "=",
            "<a",
            "a:é",
        ]
        .map(|text| (text, quotes(text))),
    );
    for (scalar, remedy) in rows {
        for text in [format!("ä: {scalar}\n"), format!("- {scalar}\n"), format!("ä: {{b: {scalar} }}\n")] {
            let (node, diagnostics) = reading(text.as_bytes(), PROFILE);
            assert!(node.is_none(), "{text}");
            let found: Vec<_> =
                diagnostics.iter().map(|one| (one.id.as_str(), one.message.as_str(), one.remedy.as_str())).collect();
            let message =
                format!("`{scalar}` without quotes is not the same to all readers").replace('\u{301}', "\\u{301}");
            assert_eq!(found, [("ambiguous-scalar", message.as_str(), remedy.as_str())], "{text}");
        }
        for quoted in [format!("ä: '{scalar}'\n"), format!("\"{scalar}\": a\n"), format!("[\"{scalar}\"]\n")] {
            assert_eq!(found_lints(quoted.as_bytes(), PROFILE), [], "{quoted}");
        }
    }
}
