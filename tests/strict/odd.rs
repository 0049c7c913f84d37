//! What every version of YAML reads alike and some reader in use does not.

use countersign::text::yaml::Syntax;

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
        ("a: {c  d: e}\n", Some(("c  d", space))),
        ("a: c  d\nb: ['c  d']\n", None),
        ("a: {b: c -}\n", Some(("c -", error))),
        ("a: c -\nb: {c-: d}\n", None),
    ] {
        let (node, problems) = reading(text.as_bytes(), Syntax::Yaml);
        assert_eq!(node.is_some(), said.is_none(), "{text}");
        let told: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
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
        let (node, problems) = reading(text.as_bytes(), Syntax::Yaml);
        let told: Vec<_> =
            problems.iter().map(|one| ((one.place.line, one.place.column), one.message.as_str())).collect();
        assert_eq!((node.is_none(), told), (true, vec![(place, message)]), "{text}");
    }
    for text in ["a: |\n  b\n  \n   # x\n", "a: 'b\n \n # x'\n", "a: b\n \n# x\n", "a: >-\n b\n \n # c\nd: e\n"] {
        assert_eq!(told(text.as_bytes(), Syntax::Yaml), [], "{text}");
    }
}
