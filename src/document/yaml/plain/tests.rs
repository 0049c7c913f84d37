//! The reader of plain texts held against the two parsers: `granit` with places, `libyaml` without.

use include_dir::{Dir, include_dir};
use proptest::prelude::*;

use crate::diagnostics::{Diagnostics, Lines};
use crate::document::Node;
use crate::document::yaml::{MAX_DEPTH, Syntax, Told, second, tree};

static SHOP: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples/shop");

/// What has to be taken, and is cut up and put together anew below.
const FILES: &[&str] = &[
    "---\nkey: a # c\n\n# c\nmap:\n  b: -1.5\n  c: 0\nlist:\n- x y\n-   k: v\n    l: true\n- [a, 'b', \"c d\", {}]\n",
    "a:\n  -  {b: 1, \"on\": null, c: [ ] , d: gp:plan}\n  - b: 2026-11-23T12:00:00Z\n    c:\n      - d: é (x)\ne: {}\n",
    "\"e f\": a\n",
    "a:\n- []\n- b:c\n- d  e\n- f-\ng:\n- {h: i}\n- j:k\n",
    "a: b\nc:\n- d\n  # e\n\nf: [a:b, é, {g: é:b, h: [é, é]}, \"é\"]   # é\n",
    "- a:\n    b:\n    -  c: d   \n       'e': \"it's\"\n- 1\n- -0.25\n- '1'\n- null\n- false\n",
    "a: {b-: c }\nb: [ c , d ]\nc: \"\"\nd: a:b/c, d] e} f\ne: /x\nf: [1.50, 1.0, 0.00, -0.10]\n",
];

/// What is YAML, and left to the parsers.
const LEFT: &[&str] = &[
    "a: b\n  c\n",
    "a: |\n  b\n",
    "a: \"b\\n\"\n",
    "a: 'it''s'\n",
    "a:\n",
    "a:\nb: c\n",
    "a:\n  b\n",
    "a: -0.00\n",
    "a: 1.0e+3\n",
    "a: 12345678901234567\n",
    "a: [b,\n  c]\n",
    "a: [b, c,]\n",
    "a: {\"b\":c}\n",
    "a: {b: }\n",
    "a: [\"b\" , 'c'':']\n",
    "- - a\n",
    "-\n  a: b\n",
    "a: b#c\n",
    "a: -b\n",
    "a: .b\n",
    "a:\tb\n",
    "a: b",
    "a: b\r\n",
    "a: b\n...\n",
    "--- # c\na: b\n",
    "\"\": b\n",
    "\"é\": b\n",
    "é: b\n",
    "a b: c\n",
    "a\n",
    "{a: b}\n",
    "\n---\na: b\n",
    "# c\n---\na: b\n",
    "a: b\n \n# c\nc: d\n",
    "a: b\n  \n",
    "a:\n  b: c\n \n  # d\n",
    "a:\n\n- b\nc: d\n",
    "a:\n# c\n\n- b\n",
    "- -2 # a: b\n# c\n",
    "__proto__: a\n",
    "a: {'__proto__': b}\n",
    "a: 0xg\n",
    "a: 9007199254740993\n",
    "a: €b\n",
];

/// What is no flag file to anybody, or refused: the parsers tell why.
const WRONG: &[&str] = &[
    "",
    "\n# a\n",
    "---\n",
    "a: b\n---\nb: c\n",
    "%YAML 1.1\n---\na: b\n",
    "a: b\n# c\n  d\n",
    "a: b\n d: e\n",
    "a:\n  b: c\n d: e\n",
    " a: b\nc: d\n",
    "- a: b\n c: d\n",
    "-  a: b\n  c: d\n",
    "- a\nb: c\n",
    "a: b\n- c\n",
    "a:\n  - b\n  c: d\n",
    "a:\n  b: c\n  - d\n",
    "a: \"b\"#c\n",
    "a: [b]#c\n",
    "a: [b]c\n",
    "a: {b: c\n",
    "a: {b: c}}\n",
    "a: [b}\n",
    "a: [, b]\n",
    "a: 'it's'\n",
    "a: [\"b\"\"]\n",
    "a: @b\n",
    "a: b\na: c\n",
    "a: {b: c, b: c}\n",
    "a: b: c\n",
    "a: &b c\n",
    "a: !!str b\n",
    "a: off\n",
    "a: 010\n",
    "a: 1:30\n",
    "a: 1_000\n",
    "a: 0x1f\n",
    "a: 0b-1\n",
    "a: e3\n",
    "E-2: a\n",
    "a: inf\n",
    "a: {NaN: b}\n",
    "a: _1\n",
    "__.5: a\n",
    "a: 2026-02-30\n",
    "a: 2026-11-23T24:00:00Z\n",
    "a: {b: [c:d]}\n",
    "a: {b: [{c: d}, http://c]}\n",
    "a: [{b: [[c:d]]}]\n",
    "a: +-5\n",
    "a: -_2\n",
    "a: b\tc\n",
    "---\na: b...\n",
    "a: b\n \n # c\nd: e\n",
    "a: -0\n",
    "a: ~\n",
    "a: Null\n",
    "a: True\n",
    "  a: b\n",
    "---\n  a: b\n",
    "a: {b c: d}\n",
    "a: {b, c: d}\n",
    "a: [b: c]\n",
    "a:\n  b: |\n  c: d\n",
    "--- {a: b}\n",
    "a: [b  c]\n",
    "a: [b -]\n",
    "- \u{3000}a\n",
    "a: b\u{a0}\n",
    "on: b\n",
    "\"<<\": {b: c}\n",
    "<<: {b: c}\n",
    "? a\n: b\n",
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

/// What the parser with places makes of a text that it refuses nothing of.
fn first(text: &str) -> Option<Node> {
    let mut diagnostics = Diagnostics::of("flags/tax.yaml");
    let mut told = Told { diagnostics: &mut diagnostics, count: 0 };
    tree::read(text, &Lines::new(text), false, &mut told).filter(|_| told.count == 0)
}

/// Whether libyaml's reader makes the same of it.
fn second(node: &Node, text: &str) -> bool {
    let mut diagnostics = Diagnostics::of("flags/tax.yaml");
    second::agrees(node, text, Syntax::Yaml, &mut Told { diagnostics: &mut diagnostics, count: 0 })
}

/// All that a node is, places and quotes too: two nodes are equal already when they say the same.
fn whole(node: &Node) -> String {
    format!("{node:#?}")
}

#[test]
fn what_is_plain() {
    let files = files();
    assert!(files.len() > 15);
    for text in files {
        let node = super::read(text).unwrap_or_else(|| panic!("not plain: {text}"));
        assert_eq!(Some(whole(&node)), first(text).as_ref().map(whole), "{text}");
        assert!(second(&node, text), "{text}");
    }
}

#[test]
fn what_is_left_to_the_parsers() {
    for text in LEFT {
        assert!(super::read(text).is_none(), "{text}");
        assert!(first(text).is_some_and(|node| second(&node, text)), "{text}");
    }
    for text in WRONG {
        assert!(super::read(text).is_none() && first(text).is_none(), "{text}");
    }
}

#[test]
fn what_is_too_much() {
    let nested = |depth: usize| format!("a: {}{}\n", "[".repeat(depth), "]".repeat(depth));
    let lists = |depth: usize| {
        let line = |level: usize| format!("{}- a:\n", "    ".repeat(level));
        format!("{}{}- b\n", (0..depth).map(line).collect::<String>(), "    ".repeat(depth))
    };
    let keys = |count: usize| (0..count).map(|at| format!("k{at}: v\n")).collect::<String>();
    let long = |length: usize| format!("{}: v\n", "k".repeat(length));
    let line = |char: &str, length: usize| format!("a: [{char}, {}]\n", vec!["b"; length].join(", "));
    for (text, plain) in [
        (nested(MAX_DEPTH - 1), true),
        (nested(MAX_DEPTH), false),
        (lists(MAX_DEPTH / 2 - 1), true),
        (lists(MAX_DEPTH / 2), false),
        (keys(1000), true),
        (keys(1000) + "k7: v\n", false),
        (long(super::LONGEST_KEY), true),
        (long(super::LONGEST_KEY + 1), false),
        (line("a", super::LONGEST_LINE), true),
        (line("é", super::LONGEST_LINE), false),
        (line("é", super::LONGEST_LINE / 4), true),
    ] {
        let node = super::read(&text);
        assert_eq!(node.is_some(), plain, "{text}");
        assert!(node.is_none_or(|node| first(&text).is_some_and(|first| whole(&first) == whole(&node))), "{text}");
    }
}

/// A text that differs little from one that is plain: pieces that mean something in YAML put in, and a few characters
/// cut out.
fn edited() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "", "", " ", "  ", "\n", "\n  ", "\n- ", "- ", "-", ": ", ":", ", ", ",", "{", "}", "[", "]", "'", "\"", "#",
        " #", "? ", "~", "null", "true", "no", "1", "0", ".", "e3", "+", "_", "\\", "|", ">", "&a ", "*a", "!!str ",
        "---", "...", "%", "=", "<<: ", "a", "a: ", "\"on\": ", "\u{a0}", "é", "\n\n", "\n#\n", "\n    ", "@", "`",
        "(", "/", "$", "<", "\u{3000}", "{}", "[]", "''", "\"\"", ":a", "\n...\n", "\n---\n",
    ];
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0usize..8, prop::sample::select(PIECES)), 0..=4);
    let base = prop_oneof![prop::sample::select(FILES), prop::sample::select(LEFT), prop::sample::select(files())];
    (base, edits).prop_map(|(text, edits)| {
        let mut text = text.to_owned();
        for (at, cut, piece) in edits {
            let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let from = at.index(starts.len());
            let to = starts[(from + cut.saturating_sub(4)).min(starts.len() - 1)];
            text.replace_range(starts[from]..to, piece);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// What it takes, our parser takes for the same, with the same places, and so does libyaml's.
    #[test]
    fn what_it_takes_all_take(text in edited()) {
        if let Some(node) = super::read(&text) {
            prop_assert_eq!(Some(whole(&node)), first(&text).as_ref().map(whole), "{}", text);
            prop_assert!(second(&node, &text), "{}", text);
        }
    }
}
