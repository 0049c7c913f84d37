//! The examples of the lints, as `countersign rules ID` and the documentation show them: each side is linted.

use std::collections::BTreeSet;

use countersign::diagnostics::guides::{self, Example};
use serde_json::Value;

use crate::git::command;
use crate::world::World;

const CONFIG: &str = "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: specific}\n";
const FLAG: &str = "key: buy\nkind: flag\nstate: active\nvariants: [{key: a}]\n";

/// The ids of what `lint` finds in a repository with these files.
fn found(files: &[(&str, String)]) -> BTreeSet<String> {
    let world = World::empty();
    world.write(&[
        (".countersign/config.yaml", CONFIG),
        (".countersign/APPROVERS", "/flags/ @alice\n"),
        ("flags/checkout/buy.yaml", FLAG),
    ]);
    for (path, text) in files {
        world.write(&[(path, text)]);
    }
    world.git(&["add", "-A"]);
    let done =
        command(env!("CARGO_BIN_EXE_countersign"), &world.root).args(["lint", "--format", "json"]).output().unwrap();
    let report: Value = serde_json::from_slice(&done.stdout).unwrap_or_else(|_| {
        panic!("{files:?}: {}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr))
    });
    let diagnostics = report["diagnostics"].as_array().unwrap();
    diagnostics.iter().map(|diagnostic| diagnostic["id"].as_str().unwrap().to_owned()).collect()
}

/// A wrong side has its lint, and a right one has nothing at all.
#[test]
fn every_example_is_true() {
    let mut wrong = Vec::new();
    for guide in guides::all() {
        let Some([before, after]) = guide.example.files() else { continue };
        let (before, after) = (found(&before), found(&after));
        if !before.contains(guide.lint.id.as_str()) {
            wrong.push(format!("{}: the example has {before:?}", guide.lint.id.as_str()));
        }
        if !after.is_empty() {
            wrong.push(format!("{}: the fixed example has {after:?}", guide.lint.id.as_str()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Only what no file by itself shows is reported and not linted.
#[test]
fn few_examples_are_only_reported() {
    let reported: Vec<&str> = guides::all()
        .filter(|guide| matches!(guide.example, Example::Described { .. }))
        .map(|guide| guide.lint.id.as_str())
        .collect();
    let expected = [
        "not-a-file",
        "case-collision",
        "path-characters",
        "no-format",
        "two-formats",
        "conflict",
        "live-unreadable",
        "too-much",
        "over-budget",
        "more-diagnostics",
        "too-big",
        "not-utf8",
        "loose-json",
        "too-deep",
        "too-many-nodes",
        "too-many-inclusions",
        // Of formats that are named in the configuration.
        "boolean-key",
        "no-such-variant",
        "no-such-segment",
        "incomplete-flag",
        "misplaced-flag",
        "impossible-percentage",
        "duplicate-document",
        "two-mappings",
        "unmanaged-flags",
        "unread-flags",
        "unmatched-scope",
        "no-config",
        "no-approvers",
        "unmatched-path",
    ];
    assert_eq!(reported, expected);
}

/// The page and the program say the same of a lint.
#[test]
fn the_page_has_the_section_that_the_program_prints() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    for (page, id) in
        [("rules.md", "variant-distribution"), ("lints.md", "duplicate-key"), ("lints.md", "bidi-control")]
    {
        let print = |more: &[&str]| {
            let done =
                command(env!("CARGO_BIN_EXE_countersign"), &root).args(["rules", id]).args(more).output().unwrap();
            String::from_utf8(done.stdout).unwrap()
        };
        let page = std::fs::read_to_string(root.join(page)).unwrap();
        let section = print(&["--format", "markdown"]);
        assert!(section.starts_with(&format!("## {id}\n")) && page.contains(&section), "{section}");
        // The text is the same without what marks it up.
        let bare = |text: &str| {
            text.replace(['*', '#'], "")
                .replace("```text\n", "")
                .replace("```\n", "")
                .split_whitespace()
                .collect::<String>()
        };
        assert_eq!(bare(&print(&[])).replace('`', ""), bare(&section).replace('`', ""));
    }
}
