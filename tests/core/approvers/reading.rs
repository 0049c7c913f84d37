//! APPROVERS as it is read: sections and their lines, every mistake with its place, and lookups tried on random files.

use proptest::prelude::*;

use super::patterns::{a_path, a_pattern};
use super::*;

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
fn every_diagnostic_of_a_malformed_file_has_its_place() {
    let table: &[(&[u8], &[Found])] = &[
        // Whole files.
        (b"", &[]),
        (b"\n \t\n# a\n  # b\n", &[]),
        (b"a @alice\r\nb @bob\r\n", &[]),
        (b"a @alice\r", &[]),
        (b"\xef\xbb\xbfa @alice\n", &[(1, 1, "byte-order-mark")]),
        (b"a @alice\n\xef\xbb\xbfb @bob\n", &[(2, 1, "control-character")]),
        (b"\xff\xfea\0 \0\n\0b @bob\n", &[(1, 1, "not-utf8"), (2, 1, "control-character")]),
        ("é/ @alice \u{e9}\n".as_bytes(), &[(1, 11, "bad-approver")]),
        (b"a @alice\n\xc3\xa9\xff\xff @bob\nc d\n", &[(2, 2, "not-utf8"), (3, 3, "bad-approver")]),
        // Characters.
        (b"a @alice\rb @bob\n", &[(1, 9, "control-character")]),
        (b"a @alice\r\r\n", &[(1, 9, "control-character")]),
        (b"# a\rb @bob\n", &[(1, 4, "control-character")]),
        (b"a\0 @alice\n", &[(1, 2, "control-character")]),
        ("a\u{a0}@alice\n".as_bytes(), &[(1, 2, "control-character")]),
        ("a @al\u{200b}ice\n".as_bytes(), &[(1, 6, "control-character")]),
        ("é\u{2028}b @alice\n".as_bytes(), &[(1, 2, "control-character")]),
        ("a \u{202e}@alice\u{2069}\n".as_bytes(), &[(1, 3, "bidi-control"), (1, 10, "bidi-control")]),
        ("# \u{202e}\n".as_bytes(), &[(1, 3, "bidi-control")]),
        ("# 一\u{3000}二 \u{1f468}\u{200d}\u{1f4bb}\n".as_bytes(), &[]),
        // Patterns.
        (b"!a @alice\n", &[(1, 1, "bad-pattern")]),
        (b"/ @alice\n// @alice\na//b @alice\n", &[(1, 1, "bad-pattern"), (2, 1, "bad-pattern"), (3, 1, "bad-pattern")]),
        (b"./a @alice\na/../b @alice\n", &[(1, 1, "bad-pattern"), (2, 1, "bad-pattern")]),
        (b"a*** @alice\n", &[(1, 1, "bad-pattern")]),
        (b"a\\\n", &[(1, 1, "bad-pattern")]),
        (b"a\\/b @alice\n", &[(1, 1, "bad-pattern")]),
        (b"a#b @alice\n", &[(1, 1, "bad-pattern")]),
        (b"  a#b @alice bob # c\n", &[(1, 3, "bad-pattern"), (1, 14, "bad-approver")]),
        (b"\\#a\\#b\\ c\\\\ @alice\n\\[x]/[y] @alice\n\\^[x] @alice\n^x @alice\n@x/y @alice\n", &[]),
        // Approvers.
        (b"a b\n", &[(1, 3, "bad-approver")]),
        (b"a @\n", &[(1, 3, "bad-approver")]),
        (b"a @alice, @bob\n", &[(1, 3, "bad-approver")]),
        (b"a @alice@bob\n", &[(1, 3, "bad-approver")]),
        (b"a @alice#b\n", &[(1, 3, "bad-approver")]),
        (
            b"a\t@-a @a.b @a/ @/b @a/b/c @@maintainer\n",
            &[
                (1, 3, "bad-approver"),
                (1, 7, "bad-approver"),
                (1, 12, "bad-approver"),
                (1, 16, "bad-approver"),
                (1, 20, "bad-approver"),
                (1, 27, "bad-approver"),
            ],
        ),
        ("a @аlice\n".as_bytes(), &[(1, 3, "bad-approver")]),
        (b"a @dependabot[bot]\n", &[(1, 3, "bad-approver")]),
        (b"a @a123456789b123456789c123456789d123456789\n", &[(1, 3, "bad-approver")]),
        (b"a @alice @Alice @Acme/Ops @acme/ops\n", &[(1, 10, "duplicate-approver"), (1, 27, "duplicate-approver")]),
        (b"my file @alice\n", &[(1, 4, "bad-approver")]),
        // Headings.
        (b"[A\na @alice\n", &[(1, 1, "bad-section")]),
        (b" ^[A] [2] @alice\na @alice\n", &[(1, 7, "bad-section")]),
        (
            b"[]\n[ ]\n^[]\n[][2]\n",
            &[(1, 1, "bad-section"), (2, 1, "bad-section"), (3, 1, "bad-section"), (4, 1, "bad-section")],
        ),
        (
            b"[A][0]\na @a\n[B][x]\na @a\n[C][]\na @a\n[D][-1]\na @a\n[E][2\na @a\n[F][02]\n[G][+2]\n[H][4294967296]\n",
            &[
                (1, 4, "bad-section"),
                (3, 4, "bad-section"),
                (5, 4, "bad-section"),
                (7, 4, "bad-section"),
                (9, 4, "bad-section"),
                (11, 4, "bad-section"),
                (12, 4, "bad-section"),
                (13, 4, "bad-section"),
            ],
        ),
        (b"[A][0] bob @carol\n", &[(1, 4, "bad-section"), (1, 8, "bad-approver")]),
        (
            b"[A]{2} @alice\n[A]@alice\n[slug]/page.tsx @alice\n",
            &[(1, 4, "bad-section"), (2, 4, "bad-section"), (3, 7, "bad-section")],
        ),
        (b"[A [B] @alice\n", &[(1, 2, "bad-section")]),
        (b"[A] bob b@c.de # d\na @alice\n", &[(1, 5, "bad-approver"), (1, 9, "bad-approver")]),
        (b"[A] @alice\n", &[(1, 1, "empty-section")]),
        (b"[A] @alice\na\n[B] @bob\nb\n[a] @bob\nc\n", &[(5, 1, "bad-section")]),
        (b"[A][2]\na @alice\n^[a]\nb @bob\n", &[(3, 1, "sections-differ")]),
        // Lines that never decide; not reported while lines are missing because of errors.
        (b"a/b @alice\na/ @bob\n/a/c/*.x @alice\n[A]\na/b @alice\n", &[(1, 1, "shadowed-pattern")]),
        (b"docs/ @alice\n[A]\na @a\nb @b\n** @c\n", &[(3, 1, "shadowed-pattern"), (4, 1, "shadowed-pattern")]),
        (b"a @alice\na @bob\nc d\n", &[(3, 3, "bad-approver")]),
    ];
    for (bytes, expected) in table {
        assert_eq!(parse(bytes).1, *expected, "{}", String::from_utf8_lossy(bytes).escape_debug());
    }
}

#[test]
fn diagnostics_say_what_is_there_and_what_to_do() {
    let table = [
        (
            "a alice@example.com",
            "`alice@example.com` is an e-mail address, and no account can be checked against it to see who may respond",
            "name the account as `@user` or its team as `@org/team`",
        ),
        (
            "!docs/ @alice",
            "`!docs/` is an exclusion to some readers, and would leave its paths without approvers",
            "give these paths a pattern of their own, or write `\\!` if the name starts with `!`",
        ),
        (
            "my file @alice",
            "`file` is neither `@user` nor `@org/team`",
            "write `@file` if it is a name, or `\\ ` for each space that belongs to the path",
        ),
        (
            "a @\u{430}lice",
            "`@\u{430}lice` holds `\u{430}` (U+0430), which no login has",
            "type the name anew in ASCII letters, since look-alikes name somebody else",
        ),
        (
            "[Docs][0]",
            "`0` is not a count of approvals",
            "write a whole number of at least 1, or `^[Name]` for a section that is notified and not required",
        ),
        (
            "docs/a @alice\n/docs @bob",
            "`docs/a` never decides, since `/docs` in line 2 takes all of its paths",
            "move it below that line, put its approvers there, or remove it",
        ),
        (
            "[Docs][2]\na @alice\n^[DOCS]\nb @bob",
            "the section `Docs` has another heading in line 1, and the stricter holds: it is required, with 2 approvals for all of its lines",
            "give both headings the same `^` and the same count, or the sections different names",
        ),
    ];
    for (file, message, remedy) in table {
        let mut diagnostics = Diagnostics::of("APPROVERS");
        let approvers = Approvers::parse(file.as_bytes(), &mut diagnostics);
        if !diagnostics.any_error() {
            approvers.warn(&mut diagnostics);
        }
        let found: Vec<_> =
            diagnostics.finish(file).into_iter().map(|diagnostic| (diagnostic.message, diagnostic.remedy)).collect();
        assert_eq!(found, [(message.to_owned(), remedy.to_owned())], "{file}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_index_answers_as_a_scan_of_all_lines_does(
        lines in prop::collection::vec((prop::sample::select(vec!["", "A", "B"]), a_pattern()), 1..30),
        paths in prop::collection::vec(a_path(), 8),
    ) {
        let mut file = String::new();
        // Lines before the first heading first; headings of one name come again and again.
        for (_, pattern) in lines.iter().filter(|(section, _)| section.is_empty()) {
            file += &format!("{pattern} @alice\n");
        }
        for (section, pattern) in lines.iter().filter(|(section, _)| !section.is_empty()) {
            file += &format!("[{section}]\n{pattern} @alice\n");
        }
        let mut diagnostics = Diagnostics::of("APPROVERS");
        let approvers = Approvers::parse(file.as_bytes(), &mut diagnostics);
        prop_assert!(!diagnostics.any_error());
        prop_assert_eq!(approvers.sections.iter().map(|section| section.lines.len()).sum::<usize>(), lines.len());
        for path in paths {
            let scanned: Vec<_> = approvers.sections.iter()
                .filter_map(|section| section.lines.iter().rev().find(|line| line.pattern.matches(&path)))
                .map(|line| line.place.line)
                .collect();
            let found: Vec<_> = approvers.matching(&path).iter().map(|found| found.line.place.line).collect();
            prop_assert_eq!(found, scanned, "{} in\n{}", path, file);
        }
        // A line that is said to be shadowed by another never decides.
        for shadowed in approvers.shadowed() {
            prop_assert!(shadowed.line.place.line < shadowed.by.place.line);
        }
    }

    #[test]
    fn a_shadowed_line_takes_nothing_that_the_later_one_does_not(
        patterns in prop::collection::vec(a_pattern(), 2..6),
        paths in prop::collection::vec(a_path(), 16),
    ) {
        let file: String = patterns.iter().map(|pattern| format!("{pattern} @alice\n")).collect();
        let approvers = Approvers::parse(file.as_bytes(), &mut Diagnostics::of("APPROVERS"));
        for shadowed in approvers.shadowed() {
            for path in &paths {
                let takes = shadowed.line.pattern.matches(path);
                prop_assert!(!takes || shadowed.by.pattern.matches(path), "{} by {}: {}", shadowed.line.pattern, shadowed.by.pattern, path);
            }
        }
    }
}
