//! What every version of YAML reads alike and some reader in use does not.

use countersign::document::yaml::Syntax;

use super::{reading, told};

/// Texts without quotes that only within brackets aren't the same to all.
#[test]
fn ambiguous_in_brackets() {
    let map = "a map to some readers and a text to others";
    let space = "a text in which Symfony's reader makes one space of two";
    let error = "a text to some readers and an error to others";
    for (text, said) in [
        ("a: {b: [c:d]}\n", Some(("c:d", map))),
        ("a: {b: [http://c]}\n", Some(("http://c", map))),
        ("- [{b: [[c, d:e]]}]\n", Some(("d:e", map))),
        ("a: {b: [{e: f}, c:d]}\n", Some(("c:d", map))),
        ("a: {c:d: e}\n", Some(("c:d", map))),
        ("a: {b: c:d, e: http://f}\n", None),
        ("a: {b: [{e: c:d}]}\n", None),
        ("a: [c:d]\nb: {e: 'f'}\n", None),
        ("a: {b: ['c:d']}\n", None),
        ("a: [c  d]\n", Some(("c  d", space))),
        ("a: {c  d: e}\n", Some(("c  d", "a key that Symfony's reader cuts off at the space"))),
        ("a: c  d\nb: ['c  d']\n", None),
        ("a: {b: c -}\n", Some(("c -", error))),
        ("a: c -\nb: {c-: d}\n", None),
    ] {
        let (node, diagnostics) = reading(text.as_bytes(), Syntax::Yaml);
        assert_eq!(node.is_some(), said.is_none(), "{text}");
        let told: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
        match said {
            Some((scalar, how)) => {
                assert!(matches!(&*told, [one] if one.ends_with(&format!("`{scalar}` is {how}"))), "{text}")
            }
            None => assert!(told.is_empty(), "{text}"),
        }
    }
}

/// What looks like a comment or a mark and is part of a value to a reader of PHP's.
#[test]
fn what_symfony_reads() {
    let comment = "to Symfony's reader this comment is a part of the value above it, because of a line of spaces";
    for (text, place, message) in [
        ("enabled: false\n \n # x\n", (3, 2), comment),
        ("a:\n  - b\n   \n    # x\nc: d\n", (4, 5), comment),
        ("---\na: b...\n", (2, 5), "Symfony's reader cuts these dots off"),
    ] {
        let (node, diagnostics) = reading(text.as_bytes(), Syntax::Yaml);
        let told: Vec<_> =
            diagnostics.iter().map(|one| ((one.place.line, one.place.column), one.message.as_str())).collect();
        assert_eq!((node.is_none(), told), (true, vec![(place, message)]), "{text}");
    }
    for text in ["a: |\n  b\n  \n   # x\n", "a: 'b\n \n # x'\n", "a: b\n \n# x\n", "a: >-\n b\n \n # c\nd: e\n"] {
        assert_eq!(told(text.as_bytes(), Syntax::Yaml), [], "{text}");
    }
}

/// Values that are another type to a reader, and what some reader ends elsewhere, or starts elsewhere.
#[test]
fn what_one_reader_reads_otherwise() {
    let ambiguous = "ambiguous-scalar";
    let start = "readers-disagree";
    for (text, id, line, column) in [
        // Java's SnakeYAML Engine, Perl's YAML::XS, yaml-rust2.
        ("enabled: False\n", ambiguous, 1, 10),
        ("- TRUE\n", ambiguous, 1, 3),
        ("a: Null\n", ambiguous, 1, 4),
        ("a: [~]\n", ambiguous, 1, 5),
        // Symfony.
        ("a: -0\n", ambiguous, 1, 4),
        ("{enabled x: false}\n", ambiguous, 1, 2),
        ("a: {b, c: d}\n", ambiguous, 1, 6),
        ("a: [b: c]\n", ambiguous, 1, 5),
        ("a: [\t]\n", ambiguous, 1, 5),
        ("a: [b,\t'c']\n", ambiguous, 1, 7),
        ("'a'\t: b\n", ambiguous, 1, 4),
        ("a:\n  -\u{3000}b: c\n", ambiguous, 2, 3),
        ("- \u{180e}1\n", ambiguous, 1, 3),
        ("a: [b\n  c]\n", ambiguous, 1, 5),
        ("a: 'b \n  c'\n", ambiguous, 1, 4),
        ("a: \"b\n\tc\"\n", ambiguous, 1, 4),
        ("a: \"b\r\n  c\"\r\n", ambiguous, 1, 4),
        ("- a: |\n    # b\n", ambiguous, 2, 5),
        ("--- {a: b}\n", start, 1, 5),
        ("# c\n  - a\n", start, 2, 3),
        ("---\n  a:\n  - b\n", start, 2, 3),
        // libfyaml: the text is `enabled: true`.
        ("a:\n  b: |\n  enabled: true\n", ambiguous, 3, 3),
        // goccy/go-yaml, which merges under the last of these.
        ("a: b\n  - c # d\n", ambiguous, 1, 4),
        ("a: |-\n  b\n   \n", ambiguous, 2, 3),
        ("a:<<: {b: c}\n", ambiguous, 1, 1),
        // YAML::PP.
        ("a: b\n\n\n  c\n", ambiguous, 1, 4),
        ("a: \"b\n  \\\\\"\n", ambiguous, 1, 4),
        // js-yaml.
        ("a: \"b\\\n\n  c\"\n", ambiguous, 1, 4),
    ] {
        assert_eq!(told(text.as_bytes(), Syntax::Yaml), [(id, line, column)], "{text}");
    }
    for text in [
        "a: {b: , c: d}\n",
        "a: {b: c, d : e,\n  f: [g, # h\ti\n  j]}\n",
        "a: b c\n  d\n\n  e -f\n",
        "a: \"b\\\n  \\ c\n\n  d\"\n",
        "a: |\n  # b\n  c\n\n  d\ne: >-\n  f\n",
        "--- # c\na:\tb\n",
        // A list in the column of its key, whose first item starts with a bracket, is in no bracket.
        "a:\n- []\n- b-\n- c  d\n",
        "a:\n- {b: c}\n- d:e\n- -f\n",
    ] {
        assert_eq!(told(text.as_bytes(), Syntax::Yaml), [], "{text}");
    }
    // Nobody else reads these.
    for text in ["a: True\nb: ~\n", "a: {b c: d}\n", "a: [b: c]\n"] {
        assert_eq!(told(text.as_bytes(), Syntax::OwnYaml), [], "{text}");
    }
}
