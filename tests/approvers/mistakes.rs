//! Malformed files: every mistake, with its place and what is said of it.

use countersign::diagnostics::Diagnostics;
use countersign::policy::approvers::Approvers;

use super::{Found, parse};

#[test]
fn a_malformed_file_is_told_all_of_its_mistakes_with_their_places() {
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
        // Lines that never decide; not told while lines are missing because of errors.
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
