//! Statements of GitHub's documentation on CODEOWNERS.

use super::{data, good, list, names, parse, text};

/// How we stand to a fact of GitHub's documentation.
enum Stand {
    Holds(fn()),
    /// On purpose not so, and why.
    Differs(&'static str, fn()),
    /// Not a matter of reading the file.
    Elsewhere(&'static str),
}

const FACTS: &[(&str, Stand)] = &[
    ("locations", Stand::Elsewhere("one place, `.countersign/APPROVERS`, so that no second file can come first")),
    ("branch", Stand::Elsewhere("holds: the policy is read from the tip of the base branch")),
    (
        "size",
        Stand::Differs("not loaded either, and an error: without approvers everything would be free", || {
            let mut file = b"# ".to_vec();
            file.resize(3 * 1024 * 1024, b'x');
            assert_eq!(parse(&file).1, []);
            file.push(b'x');
            assert_eq!(parse(&file).1, [(1, 1, "too-big")]);
        }),
    ),
    (
        "bad-line",
        Stand::Differs("a skipped line is an approval nobody asked for", || {
            let (approvers, diagnostics) = parse(b"a @alice\nb nobody\nc @carol\n");
            assert_eq!(diagnostics, [(2, 3, "bad-approver")]);
            assert_eq!(names(&approvers, "c"), [["@carol"]], "the other lines are still read");
        }),
    ),
    (
        "last-match",
        Stand::Holds(|| {
            let approvers = good("* @alice\n*.yaml @bob\n");
            assert_eq!(names(&approvers, "a.yaml"), [["@bob"]]);
            assert_eq!(names(&approvers, "a.json"), [["@alice"]]);
        }),
    ),
    (
        "one-line",
        Stand::Holds(|| {
            let (approvers, diagnostics) = parse(b"*.yaml @alice\n*.yaml @bob\n");
            assert_eq!(names(&approvers, "a.yaml"), [["@bob"]]);
            assert_eq!(diagnostics, [(1, 1, "shadowed-pattern")], "and we say so");
        }),
    ),
    (
        "any-owner",
        Stand::Holds(|| {
            let approvers = good("* @alice @acme/payments\n");
            let found = approvers.matching("a");
            assert_eq!((found[0].section.required, found[0].approvers.len()), (1, 2));
        }),
    ),
    (
        "empty-owners",
        Stand::Differs("the line holds, and a path without approvers waits for an admin instead of being free", || {
            assert_eq!(names(&good("* @alice\ndocs/\n"), "docs/a"), [[""; 0]]);
        }),
    ),
    (
        "no-negation",
        Stand::Holds(|| assert_eq!(parse(b"* @alice\n!docs/ @bob\n").1, [(2, 1, "bad-pattern")], "and it is an error")),
    ),
    (
        "no-range",
        Stand::Holds(|| {
            let approvers = good("*.[ch] @alice\n");
            assert_eq!(names(&approvers, "a.c"), [[""; 0]; 0]);
            assert_eq!(names(&approvers, "a.[ch]"), [["@alice"]]);
        }),
    ),
    (
        "no-escape-pound",
        Stand::Differs(
            "GitLab and git let `\\#` stand for a `#`, and without it such a path could not be named",
            || {
                assert_eq!(names(&good("\\#notes @alice\n"), "#notes"), [["@alice"]]);
            },
        ),
    ),
    (
        "case",
        Stand::Holds(|| {
            let approvers = good("Docs/ @alice\n");
            assert_eq!(names(&approvers, "Docs/a"), [["@alice"]]);
            assert_eq!(names(&approvers, "docs/a"), [[""; 0]; 0]);
        }),
    ),
    ("inline-comment", Stand::Holds(|| assert_eq!(names(&good("a @alice # not @bob\n"), "a"), [["@alice"]]))),
    ("access", Stand::Elsewhere("holds: write access is asked for when an approval is counted, and unknown is no")),
    ("draft", Stand::Elsewhere("holds: nobody is asked on a draft")),
    ("author", Stand::Elsewhere("holds, and contributors do not count either")),
    (
        "e-mail",
        Stand::Differs("an address says nothing about who may respond: no account can be checked against it", || {
            assert_eq!(parse(b"a alice@example.com\n").1, [(1, 3, "bad-approver")]);
        }),
    ),
];

#[test]
fn every_fact_of_githubs_documentation_holds_or_not_for_a_reason() {
    let facts = data("github-facts.json");
    let ids: Vec<&str> = list(&facts, "facts").iter().map(|fact| text(fact, "id")).collect();
    assert_eq!(FACTS.iter().map(|(id, _)| *id).collect::<Vec<_>>(), ids);
    for (id, stand) in FACTS {
        match stand {
            Stand::Holds(check) => check(),
            Stand::Differs(why, check) => {
                assert!(why.len() > 20, "{id}");
                check();
            }
            Stand::Elsewhere(why) => assert!(why.len() > 20, "{id}"),
        }
    }
}
