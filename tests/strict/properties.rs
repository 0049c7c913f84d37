use countersign::document::yaml::Dialect;
use proptest::prelude::*;

use super::{JSON, PROFILE, corpus, differs, reading, referee};

/// Foreign YAML, read as two readers do.
const FOREIGN: &[Dialect] = &[Dialect::GoV3, Dialect::PyYaml];

const ALL: [&[Dialect]; 6] = [PROFILE, FOREIGN, &[Dialect::Psych], JSON, &[Dialect::Jsonc], &[Dialect::Json5]];

/// For any file: either a tree and no error, or an error at a place that the file has.
fn sound(bytes: &[u8], readers: &[Dialect]) -> Result<(), TestCaseError> {
    let (node, diagnostics) = reading(bytes, readers);
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
        for readers in ALL {
            sound(&bytes, readers)?;
        }
    }

    #[test]
    fn any_text(text in "\\PC{0,80}") {
        for readers in ALL {
            sound(text.as_bytes(), readers)?;
        }
    }

    #[test]
    fn any_fragments(parts in prop::collection::vec(prop::sample::select(FRAGMENTS), 0..20)) {
        let text = parts.concat();
        for readers in ALL {
            sound(text.as_bytes(), readers)?;
        }
    }

    /// The JSON of another writer is read back as JSON; and in the profile too, or refused.
    #[test]
    fn printed_and_read(value in json(), pretty in any::<bool>()) {
        let printed = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let printed = printed.unwrap_or_default();
        for readers in [JSON, &[Dialect::Jsonc], &[Dialect::Json5]] {
            let (as_json, diagnostics) = reading(printed.as_bytes(), readers);
            prop_assert_eq!(diagnostics, vec![]);
            let again = as_json.as_ref().and_then(|node| serde_json::from_str(&node.json()).ok());
            prop_assert_eq!(again.as_ref(), Some(&value));
            prop_assert_eq!(as_json.and_then(|node| referee::differs_as_json(&node, &printed)), None);
        }
        if let (Some(node), _) = reading(printed.as_bytes(), PROFILE) {
            prop_assert_eq!(differs(&node, &printed), None, "{}", printed);
        }
    }

    /// The same for a writer of YAML: the file is read as it was meant or refused.
    #[test]
    fn written_as_yaml(value in json()) {
        let printed = serde_yaml::to_string(&value).unwrap_or_default();
        if let (Some(node), _) = reading(printed.as_bytes(), PROFILE) {
            let again: Option<serde_json::Value> = serde_json::from_str(&node.json()).ok();
            prop_assert_eq!(again, Some(value));
        }
    }
}

/// A string that differs little from one of the corpus: pieces that mean something in YAML put in, and a few characters
/// cut out.
fn edited() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "",
        "",
        " ",
        "  ",
        "\n",
        "\n  ",
        "\n- ",
        "- ",
        "-",
        ": ",
        ":",
        ", ",
        ",",
        "{",
        "}",
        "[",
        "]",
        "'",
        "\"",
        "#",
        " #",
        "? ",
        "~",
        "null",
        "true",
        "no",
        "1",
        "0",
        ".",
        "e3",
        "+",
        "_",
        "\\",
        "|\n ",
        ">",
        ">-\n  ",
        "&a ",
        "*a",
        "!!str ",
        "---",
        "...",
        "%",
        "=",
        "<<: ",
        "a",
        "a: ",
        "\"on\": ",
        "\u{a0}",
        "é",
        "\n\n",
        "\n#\n",
        "\n    ",
        "@",
        "`",
        "(",
        "/",
        "$",
        "<",
        "\u{3000}",
        "{}",
        "[]",
        "''",
        "\"\"",
        ":a",
        "\n...\n",
        "\n---\n",
        "\t",
        "\r\n",
        "\n \n",
        "\\n",
        "\\u0041",
        "2026-11-23",
        "2026-11-23T09:00:00Z",
        "-1.5",
        "\n   x\n",
        " # c\n",
    ];
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0usize..8, prop::sample::select(PIECES)), 0..=4);
    (prop::sample::select(corpus::texts()), edits).prop_map(|(mut text, edits)| {
        for (at, cut, piece) in edits {
            let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let from = at.index(starts.len());
            let to = starts[(from + cut.saturating_sub(4)).min(starts.len() - 1)];
            text.replace_range(starts[from]..to, piece);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// A document that the profile's reader takes, two others take for the same, with the same places; of what it
    /// refuses, there is a reason.
    #[test]
    fn edited_texts(text in edited()) {
        sound(text.as_bytes(), PROFILE)?;
        if let (Some(node), _) = reading(text.as_bytes(), PROFILE) {
            prop_assert_eq!(differs(&node, &text), None, "{:?}", text);
        }
    }
}
