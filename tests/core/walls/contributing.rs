//! The floor plan of CONTRIBUTING.md, which is that of the code.

use std::path::Path;

use super::ROOMS;

/// The floor plan in CONTRIBUTING.md is that of the code, and each file that it names is there.
#[test]
fn contributing_names_what_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("CONTRIBUTING.md")).unwrap();
    let section = |title: &str| {
        let (_, rest) = text.split_once(&format!("## {title}\n")).unwrap();
        rest.split_once("\n## ").map_or(rest, |(section, _)| section)
    };
    let named = |line: &'_ str| line.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let rows = section("The floor plan").lines().filter(|line| line.starts_with("| `"));
    let plan: Vec<String> = rows
        .filter_map(|row| Some(named(row).first()?.trim_end_matches('/').trim_end_matches(".rs").to_owned()))
        .collect();
    assert_eq!(plan, ROOMS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    let answers = section("Where is X?").lines().filter(|line| line.starts_with("| "));
    let files: Vec<String> = answers.flat_map(named).filter(|name| name.starts_with("src/")).collect();
    assert!(files.len() > 50, "{files:?}");
    let missing: Vec<&String> = files.iter().filter(|file| !root.join(file).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
