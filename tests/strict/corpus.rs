//! The corpus: texts that some reader of YAML in use was found to read otherwise than others, or that the profile has
//! to read, each with its value or with all its diagnostics. `SNAPSHOTS=overwrite` writes it anew.

use super::{PROFILE, differs, reading};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/strict/corpus.txt");

/// The texts of the corpus.
pub fn texts() -> Vec<String> {
    let corpus = std::fs::read_to_string(PATH).unwrap();
    corpus.lines().map(|line| serde_json::from_str(line.split(" => ").next().unwrap()).unwrap()).collect()
}

/// The outcome of a string: a value as JSON, or lints with their places.
fn outcome(text: &str) -> String {
    let (node, diagnostics) = reading(text.as_bytes(), PROFILE);
    let reported: Vec<String> =
        diagnostics.iter().map(|one| format!("{} {}:{}", one.id, one.place.line, one.place.column)).collect();
    node.map_or_else(|| reported.join(", "), |node| node.json())
}

#[test]
fn every_text_has_its_outcome() {
    let line = |text: &String| format!("{} => {}\n", serde_json::to_string(text).unwrap(), outcome(text));
    let found: String = texts().iter().map(line).collect();
    if std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite") {
        std::fs::write(PATH, &found).unwrap();
    }
    let expected = std::fs::read_to_string(PATH).unwrap();
    let wrong: Vec<_> = found.lines().zip(expected.lines()).filter(|(found, expected)| found != expected).collect();
    assert_eq!(wrong, []);
}

#[test]
fn what_is_read_others_read_alike() {
    for text in texts() {
        if let (Some(node), _) = reading(text.as_bytes(), PROFILE) {
            assert_eq!(differs(&node, &text), None, "{text}");
        }
    }
}
