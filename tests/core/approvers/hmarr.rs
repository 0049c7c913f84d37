//! The tables of hmarr/codeowners.

use std::collections::BTreeSet;

use countersign::policy::Approver;
use countersign::policy::pattern::Pattern;

use super::{Found, data, list, parse, table, text};

#[test]
fn patterns_take_what_they_take_in_hmarr_codeowners() {
    let table = table();
    assert_eq!(table.len(), 153);
    for (pattern, path, takes) in table {
        let compiled = Pattern::codeowners(&pattern).unwrap_or_else(|why| panic!("`{pattern}`: {why}"));
        assert_eq!(compiled.matches(&path), takes, "`{pattern}` and `{path}`");
        assert_eq!(compiled.to_string(), pattern);
    }
}

/// Where we read a line of hmarr/codeowners' parser tests otherwise, what we find in it, and why.
const READ_OTHERWISE: &[(&str, &[Found], &str)] = &[
    ("malformed rule", &[(1, 11, "bad-approver")], "an error there as well; its position 11 is our column"),
    ("malformed owners", &[(1, 10, "bad-approver")], "an error there as well; its position 10 is our column"),
    (
        "team owners file with one parentheses on the right",
        &[(1, 12, "bad-approver")],
        "no account can be checked against an e-mail address",
    ),
    ("email owners", &[(1, 10, "bad-approver")], "no account can be checked against an e-mail address"),
    ("multiple owners", &[(1, 26, "bad-approver")], "no account can be checked against an e-mail address"),
    ("email owners without email matcher", &[(1, 10, "bad-approver")], "an error there as well, if asked for"),
    ("empty rule", &[], "an empty line is no rule; there it never reaches the function under test"),
    ("team owners without team matcher", &[], "kinds cannot be switched off: a team is always an approver"),
    ("username owners without username matcher", &[], "kinds cannot be switched off: a user is always an approver"),
];

#[test]
fn lines_are_read_as_in_hmarr_codeowners_or_otherwise_for_a_reason() {
    let cases = data("parse-cases.json");
    let mut otherwise: BTreeSet<&str> = BTreeSet::new();
    let of_files = list(&cases, "file_cases").iter().map(|case| {
        let rules = case["rules"].as_array().cloned().unwrap_or_default();
        (text(case, "name"), text(case, "contents"), rules, case.get("error").is_some())
    });
    let of_rules = list(&cases, "rule_cases").iter().map(|case| {
        let mut rule = case.clone();
        rule["line"] = 1.into();
        (text(case, "name"), text(case, "rule"), vec![rule], case.get("error").is_some())
    });
    for (name, contents, rules, error) in of_files.chain(of_rules) {
        let (approvers, diagnostics) = parse(contents.as_bytes());
        if let Some((name, expected, why)) = READ_OTHERWISE.iter().find(|(other, ..)| *other == name) {
            assert_eq!(diagnostics, *expected, "{name}: {why}");
            assert!(otherwise.insert(name), "{name} stands twice");
            continue;
        }
        assert!(!error, "{name} is an error there and has no row here");
        assert_eq!(diagnostics, [], "{name}");
        let ours: Vec<_> = approvers
            .sections
            .iter()
            .flat_map(|section| &section.lines)
            .map(|line| {
                let owners: Vec<_> = line
                    .approvers
                    .iter()
                    .map(|approver| match approver {
                        Approver::User(name) => ("username".to_owned(), name.clone()),
                        Approver::Team(name) => ("team".to_owned(), name.clone()),
                    })
                    .collect();
                (line.place.line, line.pattern.to_string(), owners)
            })
            .collect();
        let theirs: Vec<_> = rules
            .iter()
            .map(|rule| {
                let owners: Vec<_> = list(rule, "owners")
                    .iter()
                    .map(|owner| {
                        (
                            owner[0].as_str().unwrap_or_default().to_owned(),
                            owner[1].as_str().unwrap_or_default().to_owned(),
                        )
                    })
                    .collect();
                let line = rule["line"].as_u64().and_then(|line| u32::try_from(line).ok()).expect("a line");
                (line, text(rule, "pattern").to_owned(), owners)
            })
            .collect();
        assert_eq!(ours, theirs, "{name}");
    }
    assert_eq!(otherwise, READ_OTHERWISE.iter().map(|(name, ..)| *name).collect(), "a row without its case");
    // Where the file is looked for: ours has one place, so that nobody can shadow it with another.
    assert_eq!(list(&cases, "find_file_cases").len(), 8);
}
