//! The second opinion on plain texts, without a second parser: read line by line, beside the tree of the first reader.
//!
//! In: a text whose characters were let through, and the tree. Out: whether the text is plain and says that tree.
//! Plain is what nearly every flag file is: `key: value` and `- item` lines, scalars and flow collections that end
//! where their line ends, words and decimals. In these few forms no version of YAML and no reader differs, and a
//! text of them is read here by its own rules, not by the tree's. It refuses nothing: whatever it does not know
//! (an escape, a block, a text over two lines, an odd number) is for the second parser to judge, at twenty times the
//! cost. The tests hold it against that parser: what it takes, the other takes for the same.

use crate::text::{Data, Map, Node};

/// Longer keys are left to the second parser: some readers give up looking for the colon.
const LONGEST_KEY: usize = 200;

/// Whether `text` is plain and says exactly `node`.
pub fn says(node: &Node, text: &str) -> bool {
    if memchr::memchr2(b'\t', b'\r', text.as_bytes()).is_some() || !text.ends_with('\n') {
        return false;
    }
    let mut walk = Walk { rest: text, here: None };
    walk.next();
    if walk.here.is_some_and(|line| line.column == 0 && line.text == "---") {
        walk.next();
    }
    walk.block(node).is_some() && walk.here.is_none()
}

/// A line that says something, from its first character on, or what of it is left after the dashes of a list.
#[derive(Clone, Copy)]
struct Line<'t> {
    column: usize,
    text: &'t str,
}

struct Walk<'t> {
    rest: &'t str,
    here: Option<Line<'t>>,
}

/// Every step is `None` where the text is not plain or says something else.
impl<'t> Walk<'t> {
    /// Goes to the next line that is neither blank nor a comment.
    fn next(&mut self) {
        self.here = None;
        while let Some((line, rest)) = self.rest.split_once('\n') {
            self.rest = rest;
            let text = line.trim_start_matches(' ');
            if !text.is_empty() && !text.starts_with('#') {
                self.here = Some(Line { column: line.len() - text.len(), text });
                return;
            }
        }
    }

    /// What starts a line: a map, or a list.
    fn block(&mut self, node: &Node) -> Option<()> {
        match &node.data {
            Data::Map(map) => self.map(map),
            Data::List(items) => self.list(items),
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => None,
        }
    }

    fn map(&mut self, map: &Map) -> Option<()> {
        let column = self.here.filter(|_| !map.0.is_empty())?.column;
        for entry in map.iter() {
            let line = self.here.filter(|line| line.column == column)?;
            let after = key(line.text, &entry.key)?;
            if !ends(after) {
                self.inline(after.trim_start_matches(' '), &entry.value)?;
                continue;
            }
            self.next();
            // A list may start in the column of its key.
            let deeper = self.here?.column > column;
            let beside = self.here?.column == column && entry.value.as_list().is_some();
            self.block(&entry.value).filter(|()| deeper || beside)?;
        }
        Some(())
    }

    fn list(&mut self, items: &[Node]) -> Option<()> {
        let column = self.here.filter(|_| !items.is_empty())?.column;
        for item in items {
            let line = self.here.filter(|line| line.column == column)?;
            let text = line.text.strip_prefix("- ")?.trim_start_matches(' ');
            match &item.data {
                Data::Map(map) if !text.starts_with('{') => {
                    self.here = Some(Line { column: column + line.text.len() - text.len(), text });
                    self.map(map)?;
                }
                _ => self.inline(text, item)?,
            }
        }
        Some(())
    }

    /// A value that ends with its line.
    fn inline(&mut self, text: &str, node: &Node) -> Option<()> {
        let after = value(text, node, false)?;
        self.next();
        ends(after).then_some(())
    }
}

/// Whether nothing but a comment is left of a line.
fn ends(after: &str) -> bool {
    let text = after.trim_start_matches(' ');
    text.is_empty() || (text.starts_with('#') && text.len() < after.len())
}

/// What follows `key` and its colon: nothing, or something after a space.
fn key<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let after = match text.as_bytes().first()? {
        b'"' | b'\'' => quoted(text, key)?,
        _ => text.strip_prefix(key).filter(|_| is_word(key))?,
    };
    after.strip_prefix(':').filter(|after| key.len() <= LONGEST_KEY && (after.is_empty() || after.starts_with(' ')))
}

/// A key that is a text to every reader without quotes.
fn is_word(key: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    key.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
        && key.bytes().all(letters)
        && !is_typed(key)
}

/// The words that are no texts.
fn is_typed(word: &str) -> bool {
    ["true", "false", "null"].iter().any(|typed| word.eq_ignore_ascii_case(typed))
}

/// What follows a value that starts here and says `node`.
fn value<'t>(text: &'t str, node: &Node, flow: bool) -> Option<&'t str> {
    match text.as_bytes().first()? {
        b'"' | b'\'' => quoted(text, node.as_text()?),
        b'{' => {
            let entries = node.as_map()?.iter();
            members(text, '}', entries, |text, entry| value(spaced(key(text, &entry.key)?)?, &entry.value, true))
        }
        b'[' => members(text, ']', node.as_list()?.iter(), |text, item| value(text, item, true)),
        _ => {
            let scalar = text.get(..length(text, flow)?)?.trim_end_matches(' ');
            text.strip_prefix(scalar).filter(|_| means(scalar, node))
        }
    }
}

/// What follows a flow collection whose members are these.
fn members<'t, T>(
    text: &'t str,
    close: char,
    members: impl Iterator<Item = T>,
    one: impl Fn(&'t str, T) -> Option<&'t str>,
) -> Option<&'t str> {
    let mut rest = text.get(1..)?.trim_start_matches(' ');
    for (at, member) in members.enumerate() {
        if at > 0 {
            rest = rest.strip_prefix(',')?.trim_start_matches(' ');
        }
        rest = one(rest, member)?.trim_start_matches(' ');
    }
    rest.strip_prefix(close)
}

fn spaced(after: &str) -> Option<&str> {
    Some(after.strip_prefix(' ')?.trim_start_matches(' '))
}

/// What follows a text in quotes that says `said`, without escapes, doubled quotes or breaks.
fn quoted<'t>(text: &'t str, said: &str) -> Option<&'t str> {
    let quote = text.get(..1)?;
    let inside = text.get(1..)?.strip_prefix(said)?;
    let after = inside.strip_prefix(quote)?;
    (memchr::memchr2(*quote.as_bytes().first()?, b'\\', said.as_bytes()).is_none()).then_some(after)
}

/// How long a scalar without quotes is, with the spaces after it.
fn length(text: &str, flow: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let next = |at: usize| bytes.get(at + 1).copied().unwrap_or(b' ');
    let starts = match bytes.first()? {
        b'-' => next(0).is_ascii_digit(),
        byte => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'/' | b'(' | b'$') || !byte.is_ascii(),
    };
    for (at, byte) in bytes.iter().enumerate().filter(|_| starts) {
        match byte {
            // In `a:b` it is a character like any other, to readers of our century.
            b':' if next(at).is_ascii_alphanumeric() || next(at) == b'/' => {}
            b'#' if !flow && at > 0 && bytes.get(at - 1) == Some(&b' ') => return Some(at),
            b':' | b'#' => return None,
            b',' | b']' | b'}' if flow => return Some(at),
            b'[' | b'{' | b'"' | b'\'' | b'?' | b'&' | b'*' | b'!' | b'|' | b'>' | b'`' if flow => {
                return None;
            }
            _ => {}
        }
    }
    (starts && !flow).then_some(bytes.len())
}

/// Whether a scalar without quotes says `node`, by what all versions of YAML share.
fn means(scalar: &str, node: &Node) -> bool {
    let number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    match &node.data {
        Data::Null => scalar == "null",
        Data::Bool(value) => scalar == if *value { "true" } else { "false" },
        // As it is written in normal form: `1.5` and not `1.50`, `+1` or `01`.
        Data::Number(value) => scalar.len() <= 16 && scalar.bytes().all(number) && value.to_string() == scalar,
        Data::Text(text) => {
            let numeric = scalar.starts_with(|char: char| char.is_ascii_digit() || char == '-');
            let date = matches!(scalar.as_bytes(), [_, _, _, _, b'-', _, _, b'-', _, _, ..]);
            // No number of any base has one of these in it.
            let letter = |byte: u8| matches!(byte, b'g'..=b'z') && !matches!(byte, b'o' | b'x');
            text == scalar && (!numeric || date || scalar.bytes().any(letter)) && !is_typed(scalar)
        }
        Data::List(_) | Data::Map(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use include_dir::{Dir, include_dir};
    use proptest::prelude::*;

    use super::super::{Syntax, Told, second, tree};
    use super::says;
    use crate::text::{Lines, Node, Problems};

    static SHOP: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples/shop");

    /// What has to be taken, and is cut up and put together anew below.
    const FILES: &[&str] = &[
        "---\nkey: a # c\n\n# c\nmap:\n  b: -1.5\n  c: 0\nlist:\n- x y\n-   k: v\n    l: true\n- [a, 'b', \"c d\", {}]\n",
        "a:\n  -  {b: 1, \"on\": null, c: [ ] , d: gp:plan}\n  - b: 2026-11-23T12:00:00Z\n    c:\n      - d: é (x)\ne: {}\n",
    ];

    /// What is left to the second parser.
    const LEFT: &[&str] = &[
        "a: b\n  c\n",
        "a: |\n  b\n",
        "a: \"b\\n\"\n",
        "a: 'it''s'\n",
        "a:\n",
        "a: 1.50\n",
        "a: 1.0e+3\n",
        "a: [b,\n  c]\n",
        "a: [b, c,]\n",
        "- - a\n",
        "a: ~\n",
        "a: b#c\n",
        "a: -b\n",
        "a:\tb\n",
        "a: b",
    ];

    fn files() -> Vec<&'static str> {
        fn is_flag(path: &str) -> bool {
            path.ends_with(".yaml") && !path.starts_with(".countersign")
        }
        fn below<'d>(dir: &'d Dir<'d>) -> Vec<&'d str> {
            let flags = dir.files().filter(|file| file.path().to_str().is_some_and(is_flag));
            flags.filter_map(|file| file.contents_utf8()).chain(dir.dirs().flat_map(below)).collect()
        }
        FILES.iter().copied().chain(below(&SHOP)).collect()
    }

    /// What the first reader makes of a text, if anything.
    fn read(text: &str) -> Option<Node> {
        let mut problems = Problems::of("flags/tax.yaml");
        let mut told = Told { problems: &mut problems, count: 0 };
        tree::read(text, &Lines::new(text), false, &mut told).filter(|_| told.count == 0)
    }

    fn second(node: &Node, text: &str) -> bool {
        let mut problems = Problems::of("flags/tax.yaml");
        second::agrees(node, text, Syntax::Yaml, &mut Told { problems: &mut problems, count: 0 })
    }

    #[test]
    fn what_is_plain() {
        let files = files();
        assert!(files.len() > 15);
        for text in files {
            assert!(read(text).is_some_and(|node| says(&node, text)), "{text}");
        }
        for text in LEFT {
            assert!(read(text).is_some_and(|node| !says(&node, text) && second(&node, text)), "{text}");
        }
    }

    #[test]
    fn what_is_something_else() {
        let texts = [
            "a: b\n",
            "a: c\n",
            "b: b\n",
            "a: b\nc: d\n",
            "a: [b]\n",
            "a: {b: b}\n",
            "a:\n  b: b\n",
            "a:\n- b\n",
            "- a: b\n",
            "a: [b, b]\n",
            "a: [[b]]\n",
            "a:\n- b\n- b\n",
            "a:\n- b: b\n",
            "a:\n- b: b\n  c: d\n",
            "a:\n- b: b\nc: d\n",
            "a: 1\n",
            "a: '1'\n",
            "a: 2\n",
            "a: true\n",
            "a: 'true'\n",
            "a: null\n",
            "a: 'null'\n",
            "a: b c\n",
        ];
        for (at, one) in texts.iter().enumerate() {
            for (other, two) in texts.iter().enumerate() {
                let node = read(one).expect("it is read");
                // `[b]` and `- b`, `{b: b}` and `b: b` say the same.
                assert_eq!(says(&node, two), read(two).is_some_and(|two| two == node), "{at} {other}: {one}{two}");
            }
        }
    }

    #[test]
    fn what_is_nothing_of_the_kind() {
        let cases = [
            ("a:\n  b: c\n", "a:\nb: c\n"),
            ("a:\n  b: c\n", "a:\n b: c\n  d: e\n"),
            ("- a: b\n  c: d\n", "- a: b\n c: d\n"),
            ("- a: b\n  c: d\n", "-  a: b\n  c: d\n"),
            ("a: \"b\"\n", "a: \"b\"#c\n"),
            ("a: [b]\n", "a: [b]#c\n"),
            ("a: b\n", "a: b\n...\n"),
            ("a: b\n", "a: b\n---\n"),
            ("a: b\n", "%YAML 1.1\n---\na: b\n"),
            ("a: b\n", "a: b\n# c\n  d\n"),
            ("a: b\n", "a:b\n"),
            ("a: {b: c}\n", "a: {b:c}\n"),
            ("a: {b: c}\n", "a: {b: c\n"),
            ("a: {b: c}\n", "a: {b: c}}\n"),
            ("a: [b, c]\n", "a: [b c]\n"),
            ("a: \"it's\"\n", "a: 'it's'\n"),
            ("a: [\"b\"]\n", "a: [\"b\"\"]\n"),
        ];
        for (ours, theirs) in cases {
            let node = read(ours).expect("it is read");
            assert!(!says(&node, theirs), "{ours}{theirs}");
        }
    }

    /// Two texts that differ little: pieces that mean something in YAML put in, and a few characters cut out.
    fn edited() -> impl Strategy<Value = (String, String)> {
        const PIECES: &[&str] = &[
            "", "", " ", "  ", "\n", "\n  ", "\n- ", "- ", "-", ": ", ":", ", ", ",", "{", "}", "[", "]", "'", "\"",
            "#", " #", "? ", "~", "null", "true", "1", "0", ".", "e3", "+", "\\", "|", ">", "&a ", "*a", "!!str ",
            "---", "...", "%", "=", "<<: ", "a", "a: ", "\"on\": ", "\u{a0}", "é", "\n\n", "\n#\n",
        ];
        let edits = |most| {
            let edit = (any::<prop::sample::Index>(), 0usize..8, prop::sample::select(PIECES));
            prop::collection::vec(edit, 0..=most)
        };
        let apply = |text: &mut String, edits: Vec<(prop::sample::Index, usize, &str)>| {
            for (at, cut, piece) in edits {
                let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
                let from = at.index(starts.len());
                let to = starts[(from + cut.saturating_sub(4)).min(starts.len() - 1)];
                text.replace_range(starts[from]..to, piece);
            }
        };
        let base = prop_oneof![prop::sample::select(FILES), prop::sample::select(files())];
        (base, edits(3), edits(1)).prop_map(move |(text, first, second)| {
            let mut one = text.to_owned();
            apply(&mut one, first);
            let mut two = one.clone();
            apply(&mut two, second);
            (one, two)
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Whatever tree it is asked about: what it takes, libyaml's reader takes for the same, and so does ours.
        #[test]
        fn what_it_takes_all_take((one, two) in edited()) {
            for (ours, text) in [(&one, &two), (&two, &one), (&two, &two)] {
                if let Some(node) = read(ours).filter(|node| says(node, text)) {
                    prop_assert!(second(&node, text), "{}", text);
                    prop_assert_eq!(read(text), Some(node), "{}", text);
                }
            }
        }
    }
}
