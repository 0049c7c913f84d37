//! What every version of YAML reads alike and some reader in use does not. Each was found by giving many readers the
//! same texts; who differs is named where it is refused.

use std::ops::Range;

/// What is odd about a text without quotes that has no other type, in the flow collections that are open.
pub fn unquoted(text: &str, brackets: &[u8], is_key: bool) -> Option<&'static str> {
    let flow = !brackets.is_empty();
    let listed_in_map = brackets.last() == Some(&b'[') && brackets.contains(&b'{');
    // A white space until Unicode 6.3, and still to PHP.
    let white = |char: char| char.is_whitespace() || char == '\u{180e}';
    if text.starts_with(white) || text.ends_with(char::is_whitespace) {
        // Symfony and Rust's yaml12 know every white space of Unicode.
        Some("a text that some readers cut the white space off")
    } else if text.contains('\t') && !is_key {
        Some("a text in which Go's `goccy/go-yaml` drops the tab")
    } else if text.contains(':') && (listed_in_map || flow && is_key) {
        // Go's `goccy/go-yaml` reads `{a: [b:c]}` as `{a: [{b: c}]}`, and older versions more such.
        Some("a map to some readers and a text to others")
    } else if text.strip_prefix('-').is_some_and(|rest| rest.starts_with(white)) {
        // The dash of a list, with a space that is not ASCII's.
        Some("a list to Symfony's reader and a text to others")
    } else if is_key && text.ends_with("<<") && text != "<<" {
        Some("a merge of maps to Go's `goccy/go-yaml`")
    } else if flow && is_key && text.contains(' ') {
        // `{enabled x: false}` has a key `enabled` there.
        Some("a key that Symfony's reader cuts off at the space")
    } else if flow && text.contains("  ") {
        Some("a text in which Symfony's reader makes one space of two")
    } else {
        // Rust's yaml-rust2 and saphyr look for a list where a comma or bracket follows.
        (flow && text.ends_with('-') && !is_key).then_some("a text to some readers and an error to others")
    }
}

/// Whether it is `~` or has capital letters: texts to Java's SnakeYAML Engine as it comes, some to Perl's YAML::XS and
/// Rust's yaml-rust2. `False` is true there.
pub fn typed(text: &str) -> bool {
    !matches!(text, "" | "null" | "true" | "false")
}

/// What is odd about how a scalar of several lines is written that is no block, and the remedy.
pub fn lines(written: &str, flow: bool) -> Option<(&'static str, &'static str)> {
    const REMEDY: &str = "write the text in double quotes, on one line";
    let windows = written.starts_with(['"', '\'']) && written.contains('\r');
    if windows {
        let how = "breaks its lines as Windows does, and Go's `goccy/go-yaml` keeps the carriage returns";
        return Some((how, "end lines with a line feed alone, or write the text on one line"));
    }
    let blank = |line: &str| line.trim_ascii().is_empty();
    let mut below = written.split('\n').skip(1);
    match written.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            // Symfony's reader keeps tabs and trailing spaces; goccy and YAML::PP lose a backslash.
            let starts = |line: &str| {
                let said = line.trim_start_matches(' ');
                said.starts_with('\t') || said.starts_with(if quote == '"' { "\\\\" } else { "''" })
            };
            let all: Vec<&str> = written.split('\n').collect();
            let ends = all.windows(2).any(|pair| {
                let [line, next] = pair else { return false };
                let open = line.ends_with([' ', '\t']) && !line.trim_start_matches(' ').is_empty();
                let slash = line.ends_with('\\') && (quote == '\'' || line.ends_with("\\\\") || blank(next));
                open || slash
            });
            (ends || below.any(starts))
                .then_some(("breaks its lines where readers differ in the spaces and backslashes", REMEDY))
        }
        _ if flow => Some(("is a text over several lines in brackets, and Symfony's reader drops the breaks", REMEDY)),
        _ => {
            // Go's goccy has a comment after such a line in the text; it and YAML::PP lose blank lines.
            let marks = |line: &str| line.trim_ascii_start().starts_with(['-', '|', '>']);
            let gaps = below.clone().any(|line| blank(line) && !line.trim_end_matches('\r').is_empty())
                || below.clone().zip(below.clone().skip(1)).any(|(line, next)| blank(line) && blank(next));
            (gaps || below.any(marks))
                .then_some(("holds a line that is blank or starts like a list, and some readers differ", REMEDY))
        }
    }
}

/// What is odd about the text of a block, and the remedy.
pub fn block(text: &str) -> Option<(&'static str, &'static str)> {
    let spaces = |line: &str| !line.is_empty() && line.trim_ascii().is_empty();
    let said = text.trim_end_matches('\n');
    if said.trim_ascii().is_empty() {
        // To Symfony's reader, goccy and yaml-rust2 it is a line break.
        Some(("is a block without text, and libfyaml takes the lines below for it", "write `\"\"` instead"))
    } else if said.split('\n').all(|line| line.starts_with('#')) {
        Some(("is a block of comments to Symfony's reader", "write the text in double quotes, on one line"))
    } else {
        let remedy = "delete the spaces at its end and in its blank lines, or write the text in double quotes";
        (said.ends_with([' ', '\t']) || said.split('\n').any(spaces))
            .then_some(("is a block with spaces that Go's `goccy/go-yaml` drops", remedy))
    }
}

/// Where a file starts as Symfony's reader doesn't understand: it drops all of the line of a `---`, and takes what does
/// not start in the first column for a text or an error.
pub fn start(text: &str) -> Option<Range<usize>> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let said = line.trim_end().trim_start_matches(' ');
        let at = offset + line.len() - line.trim_start_matches(' ').len();
        let marked = line.strip_prefix("---").filter(|rest| rest.starts_with([' ', '\t', '\r', '\n']));
        let after = marked.map(str::trim_start);
        if let Some(after) = after.filter(|after| !after.is_empty() && !after.starts_with('#')) {
            return Some(offset + line.len() - after.len()..offset + line.trim_end().len());
        }
        offset += line.len();
        if !said.is_empty() && !said.starts_with('#') && marked.is_none() {
            return (line.starts_with(' ') && !said.starts_with(['[', '{'])).then(|| at..at + 1);
        }
    }
    None
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
        assert!(comments(block, std::slice::from_ref(&inside)).is_empty());
    }
}
