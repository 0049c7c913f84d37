//! What every version of YAML reads alike and some reader in use does not. Each was found by giving many readers the
//! same texts; who differs is named where it is refused.

use std::ops::Range;

/// What is odd about a text without quotes that has no other type, in the flow collections that are open.
pub fn unquoted(text: &str, brackets: &[u8], is_key: bool) -> Option<&'static str> {
    let flow = !brackets.is_empty();
    let listed_in_map = brackets.last() == Some(&b'[') && brackets.contains(&b'{');
    if text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace) {
        // Symfony and Rust's yaml12 know every white space of Unicode.
        Some("a text that some readers cut the white space off")
    } else if text.contains('\t') && !is_key {
        Some("a text in which Go's `goccy/go-yaml` drops the tab")
    } else if text.contains(':') && (listed_in_map || flow && is_key) {
        // Go's `goccy/go-yaml` reads `{a: [b:c]}` as `{a: [{b: c}]}`, and older versions more such.
        Some("a map to some readers and a text to others")
    } else if flow && text.contains("  ") {
        Some("a text in which Symfony's reader makes one space of two")
    } else {
        // Rust's yaml-rust2 and saphyr look for a list where a comma or bracket follows.
        (flow && text.ends_with('-') && !is_key).then_some("a text to some readers and an error to others")
    }
}

/// Comments that Symfony's reader takes for a part of the value above them: indented ones, deeper than that value's
/// line, right under a line of nothing but spaces. Nobody sees those spaces, and `false` becomes a text with them.
/// `blocks` are the scalars of several lines, in their order; in them nothing is a comment.
pub fn comments(text: &str, blocks: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut blocks = blocks.iter().peekable();
    let (mut offset, mut blank, mut above) = (0, false, None);
    for line in text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let said = line.trim_end().trim_start_matches(' ');
        let column = line.len() - line.trim_start_matches(' ').len();
        let at = start + column;
        while blocks.next_if(|block| block.end <= at).is_some() {}
        if blocks.peek().is_some_and(|block| block.start < start) {
            blank = false;
        } else if said.is_empty() {
            blank = column > 0;
        } else {
            if !said.starts_with('#') {
                above = Some(column);
            } else if blank && above.is_some_and(|above| column > above) {
                found.push(at..at + said.len());
            }
            blank = false;
        }
    }
    found
}

/// Three dots at the end of a file with a `---` at its start, where they are not a line of their own: Symfony's reader
/// cuts them off.
pub fn dots(text: &str) -> Option<Range<usize>> {
    let text = text.trim_ascii_end();
    let marked = text.lines().any(|line| line.starts_with("---"));
    let last = text.lines().next_back()?;
    (marked && last != "..." && last.ends_with("...")).then(|| text.len() - 3..text.len())
}

#[cfg(test)]
mod tests {
    use super::{comments, dots};

    #[test]
    fn which_dots() {
        for (text, at) in [("---\na: b...\n", Some(8)), ("a: b...\n", None), ("---\na: b\n...\n", None), ("", None)] {
            assert_eq!(dots(text).map(|range| range.start), at, "{text:?}");
        }
    }

    #[test]
    fn which_comments() {
        for (text, found) in [
            ("e: false\n \n # x\n", 1),
            ("e: false\n   \n  # x\nf: g\n \n # y\n", 2),
            ("e:\n- a\n \n # x\n", 1),
            ("e:\n  f: g\n   \n   # x\n", 1),
            ("e: false\n \n # x", 1),
            ("e: false\r\n \r\n # x\r\n", 1),
            ("e: false\n \n# x\n", 0),
            ("e: false\n\n # x\n", 0),
            ("e: false\n \n\n # x\n", 0),
            ("e: false\n # x\n", 0),
            ("e: false\n \nf: g\n", 0),
            ("e:\n  f: g\n  \n  # x\n", 0),
            (" \n # x\ne: f\n", 0),
        ] {
            assert_eq!(comments(text, &[]).len(), found, "{text:?}");
        }
        let block = "e: |\n  a\n  \n   # x\n";
        let inside = 3..block.len();
        assert_eq!(comments(block, std::slice::from_ref(&inside)), []);
    }
}
