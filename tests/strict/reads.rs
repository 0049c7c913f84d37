use countersign::document::yaml::{MAX_DEPTH, Syntax};
use countersign::document::{Data, Node};

use super::{reading, told};

#[test]
fn yaml_is_read() {
    let rows = [
        ("a: 1\nb: -2.50\nc: 0.1\nd: -0.0\ne: 1.5e+3\n", r#"{"a":1,"b":-2.5,"c":0.1,"d":0,"e":1500}"#),
        ("a: 18446744073709551616\nb: 9223372036854775808\n", r#"{"a":18446744073709551616,"b":9223372036854775808}"#),
        ("[true, false, null, ]\n", "[true,false,null]"),
        ("a:\nb: {c: , d: }\ne:\n- null\n- x\n", r#"{"a":null,"b":{"c":null,"d":null},"e":[null,"x"]}"#),
        ("a: 2026-11-23\nb: 2026-11-23T12:00:00Z\n", r#"{"a":"2026-11-23","b":"2026-11-23T12:00:00Z"}"#),
        (
            "a: 1.2.3\nb: 8080:80\nc: v1\nd: 12ab\nf: --x\ng: 0xZZ\nh: 1e\n",
            r#"{"a":"1.2.3","b":"8080:80","c":"v1","d":"12ab","f":"--x","g":"0xZZ","h":"1e"}"#,
        ),
        ("a: 'it''s'\nb: \"\\u00e9\\n\\t\\\"\\/\\x41\"\n", r#"{"a":"it's","b":"é\n\t\"/A"}"#),
        ("a: |\n  one\n   two\n\nb: >-\n  one\n  two\n", r#"{"a":"one\n two\n","b":"one two"}"#),
        ("a: one\n  two\n", r#"{"a":"one two"}"#),
        ("--- # c\na: 1 # c\n# c\n...\n# c\n", r#"{"a":1}"#),
        (
            "a: {b: [c, {d: e}]}\r\nf: 'g'\r\nh: |\r\n  i\r\n  j\r\n",
            r#"{"a":{"b":["c",{"d":"e"}]},"f":"g","h":"i\nj\n"}"#,
        ),
        ("a:\t1\t# tab\n", r#"{"a":1}"#),
        ("a: {\n  b: 1\n}\n", r#"{"a":{"b":1}}"#),
        ("\"\": 1\n\"1\": 2\n'true': 3\n", r#"{"":1,"1":2,"true":3}"#),
        ("😀: [ü, \"中\"]\n", r#"{"😀":["ü","中"]}"#),
        ("just text\n", r#""just text""#),
        ("null\n", "null"),
        ("{\"a\":\"b\",\"c\":[1,2]}", r#"{"a":"b","c":[1,2]}"#),
    ];
    for (text, json) in rows {
        let (node, diagnostics) = reading(text.as_bytes(), Syntax::Yaml);
        assert_eq!(diagnostics, [], "{text}");
        assert_eq!(node.map(|node| node.json()).as_deref(), Some(json), "{text}");
    }
}

#[test]
fn json_is_read() {
    let long = format!("{{\"{}\":\n\t1}}", "k".repeat(2000));
    let rows = [
        (r#"{"off": "off", "1": [010e0, 1]}"#.replace("010e0", "10e-1"), r#"{"off":"off","1":[1,1]}"#.to_owned()),
        ("\t[1e3, 1E-2, -0, 0.10, 123456789012345678901]\r\n".into(), "[1000,0.01,0,0.1,123456789012345678901]".into()),
        (r#"["\ud83d\ude00\u00e9\/\\\"\n\t", "é😀", ""]"#.into(), r#"["😀é/\\\"\n\t","é😀",""]"#.into()),
        ("{\"a\"\n:\n[ ]\n,\"b\":{ }}".into(), r#"{"a":[],"b":{}}"#.into()),
        ("[true,false,null]".into(), "[true,false,null]".into()),
        ("1.7976931348623157e308".into(), "17976931348623157e292".into()),
        ("5e-324".into(), "5e-324".into()),
        (long.clone(), long.replace("\n\t", "")),
    ];
    for (text, json) in rows {
        let (node, diagnostics) = reading(text.as_bytes(), Syntax::Json);
        assert_eq!(diagnostics, [], "{text}");
        assert_eq!(node.map(|node| node.json()), Some(json), "{text}");
    }
}

/// Every value and key with its line, column, width and whether it is quoted.
#[test]
fn places() {
    fn walk(node: &Node, out: &mut Vec<String>) {
        let quoted = if node.quoted { " quoted" } else { "" };
        let at = format!("{}:{}+{}{quoted}", node.place.line, node.place.column, node.place.width);
        match &node.data {
            Data::Map(map) => {
                out.push(format!("map {at}"));
                for entry in map.iter() {
                    let place = entry.place;
                    out.push(format!("{}= {}:{}+{}", entry.key, place.line, place.column, place.width));
                    walk(&entry.value, out);
                }
            }
            Data::List(items) => {
                out.push(format!("list {at}"));
                for item in items {
                    walk(item, out);
                }
            }
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => out.push(format!("{} {at}", node.json())),
        }
    }
    let yaml = "# ü\né: \"ü\" # c\nlist:\n  - k: 12\n    w: {a: 1,\n        b: 'x'}\n  - null\nempty:\ntext: |\n  one\n  two\n";
    let json = "{\n\t\"é\": [\"ü\", 1.50, {}], \"k\": null\n}\n";
    for (text, syntax, expected) in [
        (
            yaml,
            Syntax::Yaml,
            vec![
                "map 2:1+10",
                "é= 2:1+1",
                "\"ü\" 2:4+3 quoted",
                "list= 3:1+4",
                "list 4:3+7",
                "map 4:5+5",
                "k= 4:5+1",
                "12 4:8+2",
                "w= 5:5+1",
                "map 5:8+6",
                "a= 5:9+1",
                "1 5:12+1",
                "b= 6:9+1",
                "\"x\" 6:12+3 quoted",
                "null 7:5+4",
                "empty= 8:1+5",
                "null 8:6+1",
                "text= 9:1+4",
                "\"one\\ntwo\\n\" 10:3+3 quoted",
            ],
        ),
        (
            json,
            Syntax::Json,
            vec![
                "map 1:1+1",
                "é= 2:2+3",
                "list 2:7+15",
                "\"ü\" 2:8+3 quoted",
                "1.5 2:13+4",
                "map 2:19+2",
                "k= 2:24+3",
                "null 2:29+4",
            ],
        ),
    ] {
        let (node, diagnostics) = reading(text.as_bytes(), syntax);
        assert_eq!(diagnostics, []);
        let mut found = Vec::new();
        walk(&node.unwrap_or_else(|| panic!("{text} is read")), &mut found);
        assert_eq!(found, expected);
    }
}

/// Columns far out in a long line, counted in characters.
#[test]
fn places_in_a_long_line() {
    let text = format!("[{}off]", "é😀, ".repeat(5_000));
    assert_eq!(told(text.as_bytes(), Syntax::Yaml), [("ambiguous-scalar", 1, 20_002)]);
    for count in [254, 255, 256, 257, 511, 512] {
        let text = format!("\"{}\" @", "é".repeat(count));
        assert_eq!(told(text.as_bytes(), Syntax::Json), [("syntax", 1, u32::try_from(count + 4).unwrap_or(0))]);
    }
}

#[test]
fn depth_that_is_allowed() {
    let yaml = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    let block = format!("{}x\n", "- ".repeat(MAX_DEPTH));
    assert_eq!(told(yaml.as_bytes(), Syntax::Json), []);
    assert_eq!(told(yaml.as_bytes(), Syntax::Yaml), []);
    assert_eq!(told(block.as_bytes(), Syntax::Yaml), []);
}
