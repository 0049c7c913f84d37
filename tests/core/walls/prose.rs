//! Decisions rest on data: no file compares a sentence, or looks into one, that was written for people.

use std::path::Path;

use super::sources;

/// Names of variables and members that hold sentences for people.
const SENTENCES: &[&str] = &["why", "note", "reason", "message", "remedy", "sentence", "objection"];

/// Looks into a string.
const LOOKS: &[&str] =
    &[" == ", " != ", ".contains(", ".starts_with(", ".ends_with(", ".strip_prefix(", ".strip_suffix("];

/// Files that look into a sentence and decide nothing by it, each with the reason.
const LAYOUT: &[(&str, &str)] =
    &[("cli/init/words.rs", "a line is quoted where its message does not quote it already")];

#[test]
fn no_decision_is_read_out_of_a_sentence() {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(files.len() > 10, "the sources were not found");
    let own = files.iter().filter(|(path, _)| !path.ends_with("tests.rs") && !path.contains("/tests/"));
    let own = own.filter(|(path, _)| LAYOUT.iter().all(|(one, _)| path != one));
    let found: Vec<String> = own.flat_map(|(path, text)| reads(path, text)).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    for (line, is_caught) in [
        ("May::No(why) if why == NOT_AN_APPROVER => {}", true),
        ("other.why != NOT_AN_APPROVER", true),
        ("notes.iter().find(|note| note.contains(\"your response\"))", true),
        ("why.is_no_approver()", false),
        ("nobody_knows_why == 1", false),
        ("// why == prose", false),
    ] {
        assert_eq!(reads("a.rs", line).len(), usize::from(is_caught), "{line}");
    }
}

/// The lines of a file, up to its tests, that look into a sentence.
fn reads(path: &str, text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or(text).lines().enumerate();
    let code = code.filter(|(_, line)| !line.trim_start().starts_with("//"));
    code.filter(|(_, line)| SENTENCES.iter().any(|name| LOOKS.iter().any(|look| has(line, &format!("{name}{look}")))))
        .map(|(at, line)| format!("src/{path}:{}: `{}` reads a sentence: decide by data", at + 1, line.trim()))
        .collect()
}

/// Whether a line has this, where no longer name ends in it.
fn has(line: &str, wanted: &str) -> bool {
    line.match_indices(wanted)
        .any(|(at, _)| !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_'))
}
