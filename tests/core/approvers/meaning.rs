//! Sections, approvers and the patterns of the configuration.

use std::collections::BTreeSet;

use countersign::policy::approvers::Approver;
use countersign::policy::pattern::Pattern;

use super::{good, names, parse};

#[test]
fn sections_are_independent_and_one_name_is_one_section() {
    let approvers = good(
        "* @everyone\n[Documentation] @docs\nee/docs/\n*.md\n^[Database][2] @dba # told\nmodel/**\nREADME.md @bob\n\
         [DOCUMENTATION] # goes on\nREADME.md\n[ Two   words ][3]\n*.md\n",
    );
    let shape: Vec<_> = approvers
        .sections
        .iter()
        .map(|s| (s.name.as_deref(), s.required, s.optional, s.lines.len(), s.place.line))
        .collect();
    assert_eq!(
        shape,
        [
            (None, 1, false, 1, 1),
            (Some("Documentation"), 1, false, 3, 2),
            (Some("Database"), 2, true, 2, 5),
            (Some("Two   words"), 3, false, 1, 10),
        ]
    );
    let said: Vec<_> = approvers.matching("README.md").iter().map(|m| m.line.place.line).collect();
    assert_eq!(said, [1, 9, 7, 11], "in the order of the sections, the last line of each");
    let none: Vec<String> = Vec::new();
    assert_eq!(
        names(&approvers, "README.md"),
        [vec!["@everyone".to_owned()], vec!["@docs".into()], vec!["@bob".into()], none]
    );
    assert_eq!(names(&approvers, "model/a"), [["@everyone"], ["@dba"]]);
    assert_eq!(approvers.section("two words").map(|section| section.required), Some(3));
    assert_eq!(approvers.section("two"), None);
}

#[test]
fn of_two_headings_the_stricter_holds() {
    for (file, required, optional) in [
        ("[A][2]\na @a\n[A]\nb @b\n", 2, false),
        ("[A]\na @a\n[A][2]\nb @b\n", 2, false),
        ("^[A]\na @a\n[A]\nb @b\n", 1, false),
        ("[A]\na @a\n^[A][3]\nb @b\n", 3, false),
        ("^[A][3]\na @a\n^[A]\nb @b\n", 3, true),
    ] {
        let (approvers, diagnostics) = parse(file.as_bytes());
        assert_eq!(diagnostics, [(3, 1, "sections-differ")], "{file}");
        let sections: Vec<_> = approvers.sections.iter().map(|s| (s.required, s.optional, s.lines.len())).collect();
        assert_eq!(sections, [(required, optional, 2)], "{file}");
    }
}

#[test]
fn lines_under_a_broken_heading_go_into_no_other_section() {
    let (approvers, _) = parse(b"a @alice\n[A\nb @bob\n[B]\nc @carol\n");
    let lines: Vec<_> = approvers.sections.iter().map(|s| (s.name.as_deref(), s.lines.len())).collect();
    assert_eq!(lines, [(None, 1), (Some("B"), 1)]);
}

#[test]
fn approvers_are_compared_without_case_and_shown_as_written() {
    let parse = |text: &str| Approver::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"));
    assert_eq!(parse("@Alice"), parse("@aLICE"));
    assert_eq!(parse("@Acme/Pay-Ments"), parse("@acme/pay-ments"));
    assert_ne!(parse("@acme"), parse("@acme/ops"));
    assert_eq!(parse("@Acme/Ops").to_string(), "@Acme/Ops");
    assert!(parse("@Alice").is_user("alice") && !parse("@acme/ops").is_user("acme/ops"));
    let set = BTreeSet::from([parse("@b"), parse("@A"), parse("@a"), parse("@a/x"), parse("@A/X")]);
    let set: Vec<String> = set.iter().map(|approver| approver.to_string().to_lowercase()).collect();
    assert_eq!(set, ["@a", "@a/x", "@b"]);
    // Managed users' logins have an underscore, old ones may end in a hyphen.
    for odd in ["@octocat_acme", "@old-", "@a", "@a1234567890123456789012345678901234567", "@a/b_c-1"] {
        assert_eq!(parse(odd).to_string(), odd);
    }
}

#[test]
fn globs_start_at_the_root_and_take_what_is_below() {
    for (pattern, path, takes) in [
        ("flags/checkout/**", "flags/checkout/a.yaml", true),
        ("flags/checkout/**", "flags/checkout/a/b.yaml", true),
        ("flags/checkout/**", "x/flags/checkout/a.yaml", false),
        ("flags/checkout/**", "flags/checkout", false),
        ("*.json", "a.json", true),
        ("*.json", "a/b.json", false),
        ("**/*.json", "a/b.json", true),
        (".github", ".github/workflows/a.yml", true),
        (".github", "a/.github/b", false),
        (".github/", ".github/a", true),
        (".github/", ".github", false),
        ("flags/*", "flags/a.yaml", true),
        ("flags/*", "flags/a/b.yaml", false),
        ("legacy/flags.yaml", "legacy/flags.yaml", true),
        ("/legacy/flags.yaml", "legacy/flags.yaml", true),
        ("my flags/**", "my flags/a", true),
        ("flags/#1.yaml", "flags/#1.yaml", true),
        ("flags/\\[a\\].yaml", "flags/[a].yaml", true),
        ("*", "a", true),
        ("*", "a/b", false),
        ("**", "a/b", true),
    ] {
        assert_eq!(Pattern::glob(pattern).map(|glob| glob.matches(path)), Ok(takes), "`{pattern}` and `{path}`");
    }
    for refused in ["", "/", "!a", "a//b", "./a", "../a", "{a,b}", "[ab]", "a]", "a}", "a\\", "a/***"] {
        assert!(Pattern::glob(refused).is_err(), "`{refused}`");
    }
}
