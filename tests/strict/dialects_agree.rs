//! A document of the closed profile is the same to every reader of YAML, with the same places: so the profile's own
//! reader may read it for all of them.

use std::path::Path;

use countersign::diagnostics::Place;
use countersign::document::Node;
use countersign::document::yaml::Dialect;

use super::{PROFILE, places, reading};
use crate::case_file::CASES;

const READERS: &[Dialect] =
    &[Dialect::Core, Dialect::GoV3, Dialect::SigsYaml, Dialect::JsYaml, Dialect::Psych, Dialect::PyYaml];

/// All texts of YAML that the repository holds.
fn texts(folder: &Path, out: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, out);
        } else if path.extension().is_some_and(|end| end == "yaml" || end == "yml") {
            out.push(std::fs::read_to_string(&path).unwrap_or_default());
        }
    }
}

/// The value, and where its keys and scalars begin. A list in the column of its key, and how wide a block is, are
/// reported otherwise.
fn said(node: &Node) -> (String, Vec<(u32, u32)>) {
    let mut found: Vec<Place> = Vec::new();
    places(node, &mut found);
    (node.json(), found.iter().map(|place| (place.line, place.column)).collect())
}

#[test]
fn what_is_in_the_profile_is_the_same_to_all() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    for folder in ["examples", "tests/data", "src/format/mappings", ".github"] {
        texts(&root.join(folder), &mut all);
    }
    for case in CASES.iter() {
        let files = case.live.values().chain(case.proposed.values());
        all.extend(files.filter_map(|file| String::from_utf8(file.bytes.clone()).ok()));
    }
    all.extend(super::corpus::texts());
    let keys = [
        "1",
        "1.50",
        "-1",
        "0",
        "true",
        "null",
        "2026-01-01",
        "14d",
        "2026-01-01T00:00:00Z",
        "a b",
        "a.b",
        "=",
        "+a",
        "a:b",
        "~",
    ];
    all.extend(
        keys.iter().flat_map(|key| [format!("{key}: a\n"), format!("a: {key}\n"), format!("a: {{{key}: [{key}]}}\n")]),
    );
    all.sort();
    all.dedup();
    let (mut compared, mut wrong) = (0, Vec::new());
    for text in &all {
        let (Some(own), _) = reading(text.as_bytes(), PROFILE) else { continue };
        for reader in READERS {
            // Two of a kind are not read by the profile's reader.
            let (other, found) = reading(text.as_bytes(), &[*reader, *reader]);
            if found.iter().any(|one| one.message.contains("is a time")) {
                continue;
            }
            compared += 1;
            if other.as_ref().map(said) != Some(said(&own)) {
                wrong.push(format!("{reader:?}\n{text}\n{:?}\n{:?}\n{found:?}", said(&own), other.as_ref().map(said)));
            }
        }
    }
    wrong.truncate(10);
    assert!(wrong.is_empty() && compared > 2500, "{compared}\n{}", wrong.join("\n\n"));
}
