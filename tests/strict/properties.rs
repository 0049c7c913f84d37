use countersign::document::yaml::Syntax;
use proptest::prelude::*;

use super::reading;

/// Whatever stands in the file: either a tree and no error, or an error at a place that the file has.
fn sound(bytes: &[u8], syntax: Syntax) -> Result<(), TestCaseError> {
    let (node, diagnostics) = reading(bytes, syntax);
    prop_assert_eq!(node.is_some(), diagnostics.is_empty());
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.split('\n').collect();
    for diagnostic in diagnostics {
        let line = lines.get(usize::try_from(diagnostic.place.line)? - 1);
        let column = usize::try_from(diagnostic.place.column)?;
        prop_assert!(
            line.is_some_and(|line| (1..=line.chars().count() + 1).contains(&column)),
            "{diagnostic:?} in {text:?}"
        );
        prop_assert!(!diagnostic.message.is_empty() && !diagnostic.remedy.is_empty());
        prop_assert!(!diagnostic.message.chars().any(char::is_control), "{}", diagnostic.message);
    }
    Ok(())
}

const FRAGMENTS: &[&str] = &[
    "a", "b: ", "key", ":", ": ", " ", "  ", "\n", "\n  ", "\n- ", "- ", "? ", "{", "}", "[", "]", ", ", "'", "\"",
    "\\", "\\u202e", "#", " # c\n", "|", ">-", "\n---\n", "...", "&a ", "*a", "!!str ", "!", "%", "<<", "~", "null",
    "off", "010", "1.5", "1:30", "\t", "\r\n", "é", "😀", "@", "`", "\"x\"", "'y'", "{a: 1}", "[1, 2]", "\\n", "0x1F",
    "=", "-", "//", "true",
];

fn json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    // No control or bidirectional characters: those are refused even in escapes.
    let text = "[a-zA-Z0-9 :,#'\"\\\\/{}\\[\\]&*!|>%@`~é😀中_.+-]{0,12}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-100_000i32..100_000).prop_map(|n| Value::from(f64::from(2 * n + 1) / 16.0)),
        text.prop_map(Value::from),
        "(off|yes|010|1e3|1:30|<<|=|~|null|true|\\.inf|line\nbreak|tab\tstop|)".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(text, inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        sound(&bytes, Syntax::Yaml)?;
        sound(&bytes, Syntax::Json)?;
    }

    #[test]
    fn any_text(text in "\\PC{0,80}") {
        sound(text.as_bytes(), Syntax::Yaml)?;
        sound(text.as_bytes(), Syntax::Json)?;
    }

    #[test]
    fn any_fragments(parts in prop::collection::vec(prop::sample::select(FRAGMENTS), 0..20)) {
        let text = parts.concat();
        sound(text.as_bytes(), Syntax::Yaml)?;
        sound(text.as_bytes(), Syntax::Json)?;
    }

    /// What another writer prints as JSON is read back, as JSON and as YAML alike.
    #[test]
    fn printed_and_read(value in json(), pretty in any::<bool>()) {
        let printed = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let printed = printed.unwrap_or_default();
        let (as_json, diagnostics) = reading(printed.as_bytes(), Syntax::Json);
        prop_assert_eq!(diagnostics, vec![]);
        let again = as_json.as_ref().and_then(|node| serde_json::from_str(&node.json()).ok());
        prop_assert_eq!(again.as_ref(), Some(&value));
        let (as_yaml, diagnostics) = reading(printed.as_bytes(), Syntax::Yaml);
        prop_assert_eq!(diagnostics, vec![]);
        prop_assert_eq!(as_yaml, as_json);
    }

    /// The same for a writer of YAML, which knows when to quote; where it doesn't, the file is refused, not misread.
    #[test]
    fn written_as_yaml(value in json()) {
        let printed = serde_yaml::to_string(&value).unwrap_or_default();
        let (node, diagnostics) = reading(printed.as_bytes(), Syntax::Yaml);
        match node {
            Some(node) => {
                let again: Option<serde_json::Value> = serde_json::from_str(&node.json()).ok();
                prop_assert_eq!(again, Some(value));
            }
            None => prop_assert!(!diagnostics.is_empty()),
        }
    }
}
