//! Files that no reader of flags takes, and that some service may read all the same.
//!
//! **In**: the text of such a file before and after a change. **Out**: whether it names one of some flags, and whether
//! a line changes that may switch something on. **Refuses**: to hold up a line that ends in a word for off. **Not
//! taken**: a second, lenient reader, which would take one file for something else than the service does.

use std::collections::BTreeSet;

/// The words that a line ends with which switches something off.
const OFF: &[&str] = &["0", "disabled", "false", "no", "off"];

/// The bytes of a file as text. UTF-16 without its zeros is near enough.
pub fn text(bytes: &[u8]) -> String {
    let without_zeros: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    String::from_utf8_lossy(&without_zeros).into_owned()
}

fn words(all: &str) -> impl Iterator<Item = String> + '_ {
    let words = all.split(|char: char| !char.is_alphanumeric() && char != '_').filter(|word| !word.is_empty());
    words.map(str::to_lowercase)
}

/// Whether a file has all words of one of these names, or may spell them in escapes.
pub fn names_one_of<'n>(text: &str, mut names: impl Iterator<Item = &'n str>) -> bool {
    let known: BTreeSet<String> = words(text).collect();
    let escapes = text.contains("\\u") || text.contains("\\x");
    escapes || names.any(|name| words(name).all(|word| known.contains(&word)))
}

/// Whether a line of a file changes that may switch something on: one that comes and is no comment, and does not end in
/// a word for off, or one that goes and does.
pub fn may_switch_on(before: &str, after: &str) -> bool {
    let says_something = |line: &&str| !line.is_empty() && !line.starts_with('#') && !line.starts_with("//");
    let lines = |text: &'_ str| -> Vec<String> {
        text.lines().map(str::trim).filter(says_something).map(str::to_owned).collect()
    };
    let (before, after) = (lines(before), lines(after));
    if before.len() == after.len() {
        let mut pairs = before.iter().zip(&after).filter(|(before, after)| before != after);
        return pairs.any(|(before, after)| is_off(before) || !is_off(after) || named(before) != named(after));
    }
    let first = before.iter().zip(&after).take_while(|(before, after)| before == after).count();
    let (before, after) = (before.get(first..).unwrap_or_default(), after.get(first..).unwrap_or_default());
    let last = before.iter().rev().zip(after.iter().rev()).take_while(|(before, after)| before == after).count();
    let between = |lines: &'_ [String]| lines.get(..lines.len() - last).unwrap_or_default().to_vec();
    between(before).iter().any(|line| is_off(line)) || !between(after).iter().all(|line| is_off(line))
}

/// Whether a line ends in a word for off.
fn is_off(line: &str) -> bool {
    let end = line.trim_end_matches([',', '"', '\'', ' ', '}', ']']);
    let word = end.rsplit([':', '=', ' ', '"', '\'']).next().unwrap_or_default();
    end.len() > word.len() && OFF.iter().any(|off| word.eq_ignore_ascii_case(off))
}

/// The part of a line before its value.
fn named(line: &str) -> &str {
    line.split([':', '=']).next().unwrap_or(line).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_may_switch_something_on() {
        for (before, after, may) in [
            ("", "cart:\ttrue\n", true),
            ("cart: false\n", "cart: true\n", true),
            ("cart: false\n", "", true),
            ("cart: false\n", "#cart: false\n", true),
            ("cart:\n  enabled: false\nx: [", "cart:\n  enabled: true\nx: [", true),
            ("a:\n  enabled: false\nb:\n  enabled: true\n", "a:\n  enabled: true\nb:\n  enabled: false\n", true),
            ("cart: true # no\n", "search: false # no\n", true),
            ("cart: true\nx: [\n", "cart: false\nx: [\n", false),
            ("\"cart\": true,\nx: [\n", "\"cart\": false,\n\nx: [\n", false),
            ("cart: true\nx: [\n", "x: [\n", false),
            ("x: [\n", "# a word\nx: [\n", false),
            ("x: [\n", "x: [\ncart: !!bool \"false\"\n", false),
        ] {
            assert_eq!(may_switch_on(before, after), may, "{before:?} {after:?}");
        }
    }

    #[test]
    fn names_of_flags() {
        let names = |text: &[u8]| names_one_of(&super::text(text), ["new-cart", "search"].into_iter());
        for text in ["new-cart:\ttrue", "Search: [", "\"new_x\": {\"cart\": 1, \"new\": 2}", "\"se\\u0061rch\": true"] {
            assert!(names(text.as_bytes()), "{text}");
        }
        let wide: Vec<u8> = "search: true".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(names(&wide));
        assert!(!names(b"research: true\nnew: 1"));
    }
}
