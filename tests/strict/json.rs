//! JSON, JSON with comments and JSON5.

use countersign::document::yaml::{Dialect, MAX_NODES};

use super::{JSON, check, reading};

#[test]
fn json_is_read() {
    let long = format!("{{\"{}\":\n\t1}}", "k".repeat(2000));
    let rows = [
        (r#"{"off": "off", "1": [010e0, 1]}"#.replace("010e0", "10e-1"), r#"{"off":"off","1":[1.0,1]}"#.to_owned()),
        (
            "\t[1e3, 1E-2, -0, 0.10, 123456789012345678901]\r\n".into(),
            "[1000.0,0.01,-0,0.1,123456789012345678901]".into(),
        ),
        (r#"["\ud83d\ude00\u00e9\/\\\"\n\t", "é😀", ""]"#.into(), r#"["😀é/\\\"\n\t","é😀",""]"#.into()),
        ("{\"a\"\n:\n[ ]\n,\"b\":{ }}".into(), r#"{"a":[],"b":{}}"#.into()),
        ("[true,false,null]".into(), "[true,false,null]".into()),
        ("1.7976931348623157e308".into(), "17976931348623157e292".into()),
        ("5e-324".into(), "5e-324".into()),
        (long.clone(), long.replace("\n\t", "")),
    ];
    for (text, json) in rows {
        let (node, diagnostics) = reading(text.as_bytes(), JSON);
        assert_eq!(diagnostics, [], "{text}");
        assert_eq!(node.map(|node| node.json()), Some(json), "{text}");
    }
}

#[test]
fn json_is_refused() {
    let open_lists = "[".repeat(10_000);
    let open_maps = "{\"a\": ".repeat(10_000);
    let many = format!("[{}0]", "0,".repeat(MAX_NODES));
    check(
        JSON,
        &[
            ("empty", b" \n", &[("empty-file", 1, 1)]),
            (
                "duplicate",
                b"{\"a\": 1, \"b\": {\"c\": 1, \"\\u0063\": 2}, \"a\": 3}",
                &[("duplicate-key", 1, 24), ("duplicate-key", 1, 38)],
            ),
            ("lists that stay open", open_lists.as_bytes(), &[("too-deep", 1, 33)]),
            ("maps that stay open", open_maps.as_bytes(), &[("too-deep", 1, 193)]),
            ("too many values", many.as_bytes(), &[("too-many-nodes", 1, 200_000)]),
            (
                "escaped bidi",
                b"{\"a\": \"\\u202e\", \"\\u2066\": 1}",
                &[("bidi-control", 1, 7), ("bidi-control", 1, 17)],
            ),
            (
                "escaped controls",
                b"[\"\\u0000\", \"\\b\\f\", \"\\r\", \"\\u2028\"]",
                &[
                    ("control-character", 1, 2),
                    ("control-character", 1, 12),
                    ("control-character", 1, 12),
                    ("control-character", 1, 20),
                    ("control-character", 1, 26),
                ],
            ),
            (
                "line feed and tab in keys",
                b"{\"a\\n\": 1, \"b\\t\": 2, \"c\": \"\\n\\t\\r\\n\"}",
                &[("control-character", 1, 2), ("control-character", 1, 12)],
            ),
            ("half a surrogate pair", b"[\"\\ud83d\"]", &[("syntax", 1, 3)]),
            ("the other half", b"[\"\\ude00\"]", &[("syntax", 1, 3)]),
            ("half a pair and a letter", b"[\"\\ud83d\\u0041\"]", &[("syntax", 1, 3)]),
            ("unknown escape", b"[\"\\x41\"]", &[("syntax", 1, 3)]),
            ("short escape", "[\"\\u00é\"]".as_bytes(), &[("syntax", 1, 3)]),
            ("a comment", b"{\n// c\n\"a\": 1}", &[("syntax", 2, 1)]),
            ("a hash comment", b"# c\n{}", &[("syntax", 1, 1)]),
            ("a comma at the end of a map", b"{\"a\": 1,\n}", &[("syntax", 2, 1)]),
            ("a comma at the end of a list", b"[1, ]", &[("syntax", 1, 5)]),
            ("single quotes", b"{'a': 1}", &[("syntax", 1, 2)]),
            ("a bare key", b"{a: 1}", &[("syntax", 1, 2)]),
            ("bare words", b"[yes]", &[("syntax", 1, 2)]),
            ("True", b"{\"a\": True}", &[("syntax", 1, 7)]),
            ("NaN", b"[NaN]", &[("syntax", 1, 2)]),
            ("a leading zero", b"[010]", &[("syntax", 1, 2)]),
            ("a plus", b"[+1]", &[("syntax", 1, 2)]),
            ("a leading point", b"[.5]", &[("syntax", 1, 2)]),
            ("a trailing point", b"[5.]", &[("syntax", 1, 2)]),
            ("hexadecimal", b"[0x1F]", &[("syntax", 1, 2)]),
            ("a minus alone", b"[-]", &[("syntax", 1, 2)]),
            ("an exponent without digits", b"[1e+]", &[("syntax", 1, 2)]),
            ("out of range", b"[1e400, 1]", &[("out-of-range", 1, 2)]),
            ("a line break in a string", b"{\"a\": \"x\ny\"}", &[("syntax", 1, 9)]),
            ("an open text", "{\"é\": \"x}".as_bytes(), &[("syntax", 1, 7)]),
            ("an open map", b"{\"a\": 1", &[("syntax", 1, 8)]),
            ("two values", b"{}\n{}", &[("syntax", 2, 1)]),
            ("no colon", b"{\"a\" 1}", &[("syntax", 1, 6)]),
            ("no comma", b"[1 2]", &[("syntax", 1, 4)]),
        ],
    );
}

#[test]
fn with_comments() {
    let readers = &[Dialect::Jsonc];
    let text = "// a\n{ /* b\n */ \"c\": [1, 2, /* d */], // e\n \"//f\": \"/* g */\",\n}\n// h";
    let (node, diagnostics) = reading(text.as_bytes(), readers);
    assert_eq!(diagnostics, []);
    assert_eq!(node.map(|node| node.json()).as_deref(), Some(r#"{"c":[1,2],"//f":"/* g */"}"#));
    check(
        readers,
        &[
            ("only comments", b"// a\n", &[("empty-file", 1, 1)]),
            ("an open comment", b"{\n/* a", &[("syntax", 2, 1)]),
            ("a comma alone", b"[,]", &[("syntax", 1, 2)]),
            ("a comma alone in a map", b"{,}", &[("syntax", 1, 2)]),
            ("two commas", b"[1,,]", &[("syntax", 1, 4)]),
            ("a duplicate", b"{\"a\": 1, // b\n\"a\": 2,}", &[("duplicate-key", 2, 1)]),
            ("single quotes", b"{'a': 1}", &[("syntax", 1, 2)]),
            ("bidi in a comment", "{} // \u{202e}".as_bytes(), &[("bidi-control", 1, 7)]),
        ],
    );
}

/// <https://spec.json5.org>, sections 3 to 8.
#[test]
fn json5() {
    let readers = &[Dialect::Json5];
    for (text, json) in [
        ("{unquoted: 'it\\'s', $a_1: \"b\", 'c d': [1,],}", r#"{"unquoted":"it's","$a_1":"b","c d":[1]}"#),
        ("[+1, -.5, 5., 0xFf, -0x10, 1e3, 0]", "[1,-0.5,5.0,255,-16,1000.0,0]"),
        ("'one\\\ntwo\\x41\\u0042'", r#""onetwoAB""#),
        ("{é: true, null: null}", r#"{"é":true,"null":null}"#),
        ("// a\n['\"', \"'\"]", r#"["\"","'"]"#),
    ] {
        let (node, diagnostics) = reading(text.as_bytes(), readers);
        assert_eq!(diagnostics, [], "{text}");
        assert_eq!(node.map(|node| node.json()).as_deref(), Some(json), "{text}");
    }
    check(
        readers,
        &[
            ("a duplicate", b"{a: 1, 'a': 2, \"\\x61\": 3}", &[("duplicate-key", 1, 8), ("duplicate-key", 1, 16)]),
            ("infinity", b"[-Infinity]", &[("out-of-range", 1, 2)]),
            ("an octal number", b"[010]", &[("syntax", 1, 2)]),
            ("a point alone", b"[.]", &[("syntax", 1, 2)]),
            ("a key that is a number", b"{1: 2}", &[("syntax", 1, 2)]),
            ("an escaped control in a key", b"{'\\v': 1}", &[("control-character", 1, 2)]),
            ("an open string", b"['a]", &[("syntax", 1, 2)]),
            ("a line break in a string", b"['a\nb']", &[("syntax", 1, 4)]),
        ],
    );
}
