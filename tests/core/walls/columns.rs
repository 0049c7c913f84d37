//! The width of a page: comments and code keep to the columns that rustfmt keeps to, where it leaves them alone.

use std::ops::Range;
use std::path::Path;

use super::{sources, tokens};

/// As `max_width` in rustfmt.toml.
const WIDEST: usize = 120;

/// The folders with sources, and whether any string in them may be as long as it likes: data, and what is expected.
const FOLDERS: &[(&str, bool)] = &[("src", false), ("tests", true), ("benches", true), ("fuzz/src", true)];

/// Starts of rows of tables that have one row a line.
const ROWS: &[&str] = &["Field::new("];

#[test]
fn no_line_is_wider_than_a_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for (folder, any_string) in FOLDERS {
        let files = sources(&root.join(folder));
        assert!(!files.is_empty(), "{folder} was not found");
        for (path, text) in files {
            found.extend(wide(&text, *any_string).into_iter().map(|line| format!("{folder}/{path}:{line}")));
        }
    }
    assert!(found.is_empty(), "{} lines are wider than {WIDEST} columns\n{}", found.len(), found.join("\n"));
}

/// The numbers of lines that are too wide and need not be.
fn wide(text: &str, any_string: bool) -> Vec<usize> {
    let strings: Vec<Range<usize>> = tokens(text).1.into_iter().map(|string| place(text, string)).collect();
    let may_be_wide = |string: &Range<usize>| {
        let string = &text[string.clone()];
        // Of several lines, each as it is written; or with signs that stand for others, as in JSON or a file.
        let own_lines = string.lines().rev().skip(1).any(|line| !line.ends_with('\\'));
        any_string || own_lines || is_raw(text, string) || string.contains("\\n") || string.contains("\\\"")
    };
    let mut at = 0;
    let mut found = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        let here = at..at + line.len();
        at = here.end + 1;
        let line_of_string =
            |string: &Range<usize>| string.start < here.end && string.end > here.start && may_be_wide(string);
        let start = line.trim_start();
        // An address has no place to break.
        let address = start.starts_with("//") && start.contains("://") && start.split(' ').count() <= 2;
        let excused = address || is_row(start) || strings.iter().any(line_of_string);
        if line.chars().count() > WIDEST && !excused {
            found.push(number + 1);
        }
    }
    found
}

/// Whether a line is a row of a table, which stands in one line each.
fn is_row(line: &str) -> bool {
    let constant = line.split(',').next().unwrap_or_default();
    let lint = constant.len() > 1 && constant.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    lint || ROWS.iter().any(|start| line.starts_with(start))
}

/// The bytes of a source that a part of it takes.
fn place(text: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    start..start + part.len()
}

/// Whether a string is raw, by the sign before its quote.
fn is_raw(text: &str, string: &str) -> bool {
    let before = &text[..place(text, string).start];
    before.trim_end_matches('"').trim_end_matches('#').ends_with('r')
}

/// The test of the test.
#[test]
fn wide_lines_are_found() {
    let long = "word ".repeat(30);
    let address = format!("https://example.com/{}", "a".repeat(120));
    let wide = |line: &str, any_string: bool| !wide(&format!("fn f() {{\n{line}\n}}"), any_string).is_empty();
    assert!(wide(&format!("// {long}"), true) && wide(&format!("let {};", long.replace(' ', "_")), true));
    assert!(wide(&format!("let x = \"{long}\";"), false) && !wide(&format!("let x = \"{long}\";"), true));
    assert!(wide(&format!("let x = \"{long}\\\nmore\";"), false));
    assert!(!wide(&format!("let x = \"{long}\nmore\";"), false));
    assert!(!wide(&format!("let x = r#\"{long}\"#;"), false) && !wide(&format!("let x = \"{long}\\n\";"), false));
    assert!(!wide(&format!("/// <{address}>"), false) && wide(&format!("/// see {long} <{address}>"), false));
    assert!(!wide(&format!("TOO_BIG, \"too-big\", Error, \"{long}\";"), false));
}
