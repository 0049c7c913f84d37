//! Places of what is read, and depth that is allowed.

use countersign::document::yaml::MAX_DEPTH;
use countersign::document::{Data, Node};

use super::{JSON, PROFILE, found_lints, reading};

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
    for (text, readers, expected) in [
        (
            yaml,
            PROFILE,
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
            JSON,
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
        let (node, diagnostics) = reading(text.as_bytes(), readers);
        assert_eq!(diagnostics, []);
        let mut found = Vec::new();
        walk(&node.unwrap_or_else(|| panic!("{text} is read")), &mut found);
        assert_eq!(found, expected);
    }
}

/// Columns far out in a long line, counted in characters.
#[test]
fn places_in_a_long_line() {
    let text = format!("[{}off]", "éé, ".repeat(5_000));
    assert_eq!(found_lints(text.as_bytes(), PROFILE), [("ambiguous-scalar", 1, 20_002)]);
    for count in [254, 255, 256, 257, 511, 512] {
        let text = format!("\"{}\" @", "é".repeat(count));
        assert_eq!(found_lints(text.as_bytes(), JSON), [("syntax", 1, u32::try_from(count + 4).unwrap_or(0))]);
    }
}

#[test]
fn depth_that_is_allowed() {
    let yaml = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
    let block = format!("{}x\n", "- ".repeat(MAX_DEPTH));
    assert_eq!(found_lints(yaml.as_bytes(), JSON), []);
    assert_eq!(found_lints(yaml.as_bytes(), PROFILE), []);
    assert_eq!(found_lints(block.as_bytes(), PROFILE), []);
}
