//! The floor plan, kept: reads `src/` and fails with the file and the door it should not have.
//!
//! Calls that clippy sees (of `std::env`, `std::fs`, the clock) are in `clippy.toml`; this test adds what it cannot
//! see: which room uses which, which file names which crate, how long a file is and whether a room says what it is for.

use std::collections::BTreeSet;
use std::path::Path;

#[path = "walls/columns.rs"]
mod columns;
#[path = "walls/contributing.rs"]
mod contributing;
#[path = "walls/formats.rs"]
mod formats;
#[path = "walls/prose.rs"]
mod prose;

use Uses::{Above, Only};

/// Which other rooms a room may use.
enum Uses {
    /// All that stand above it in the table.
    Above,
    /// These.
    Only(&'static [&'static str]),
}

/// The floor plan, top to bottom.
const ROOMS: &[(&str, Uses)] = &[
    ("error", Only(&[])),
    ("diagnostics", Only(&[])),
    ("document", Above),
    ("groups", Only(&["diagnostics", "document"])),
    // A flag knows the row of its format, whose functions take flags; `NAMED_ONLY` lets it know no more.
    ("flag", Only(&["diagnostics", "document", "groups", "format"])),
    ("impact", Only(&["diagnostics", "document", "groups", "flag"])),
    ("format", Above),
    ("changes", Only(&["diagnostics", "document", "flag"])),
    ("report", Only(&["diagnostics", "document", "groups", "flag", "format", "impact", "changes"])),
    ("policy", Above),
    ("approval", Above),
    ("review", Above),
    ("receipt", Above),
    // Audits are made by `review`, and what is said of receipts by `receipt`; a renderer draws both.
    (
        "render",
        Only(&[
            "error",
            "diagnostics",
            "document",
            "groups",
            "flag",
            "impact",
            "format",
            "changes",
            "report",
            "review",
            "receipt",
        ]),
    ),
    ("git", Only(&["error", "diagnostics", "document", "flag", "changes", "policy", "report", "review", "receipt"])),
    ("github", Above),
    ("amplitude", Above),
    ("cli", Above),
];

/// Doors of which a file may take these names and no others: the room, the other room, the names. The first goes up.
const NAMED_ONLY: &[(&str, &str, &[&str])] = &[("flag", "format", &["FormatRef"]), ("impact", "flag", &["Flag"])];

/// The rooms, or the start of the files, that talk to the outside. All others are pure.
const OUTSIDE: &[&str] = &["git/", "github/", "amplitude/client/", "cli/"];

/// Words no pure room has a use for, each with what to do instead.
const IMPURE: &[(&str, &str)] = &[
    ("HashMap", "use BTreeMap, whose order is the same in every run"),
    ("HashSet", "use BTreeSet, whose order is the same in every run"),
    ("RandomState", "nothing here is random"),
    ("SystemTime", "take the time as an argument"),
    ("Instant", "take the time as an argument"),
];

/// Parts of the standard library that lead outside.
const IMPURE_STD: &[&str] = &["env", "fs", "net", "process", "thread", "time"];

/// Crates that one place alone may name, since the rest of the house would have to change with them: each with the
/// rooms, or the start of the files, that may.
const CRATES: &[(&str, &[&str])] = &[
    ("git2", &["git/"]),
    // The digest that names a key of OpenPGP is SHA-1, as that of git.
    ("gix_hash", &["git/packs", "policy/trust/openpgp"]),
    ("gix_pack", &["git/packs"]),
    ("gix_zlib", &["git/packs"]),
    ("granit_parser", &["document/yaml"]),
    ("ssh_key", &["policy/trust", "receipt/signature", "git/ssh"]),
    ("serde_yaml", &["policy/typed.rs", "cli/init.rs"]),
    ("clap", &["cli/"]),
    ("clap_complete", &["cli/"]),
    ("indicatif", &["cli/"]),
    ("maud", &["render/html"]),
    ("octocrab", &["github/client"]),
    ("tokio", &["github/client", "amplitude/client"]),
    ("hyper", &["amplitude/client/wire.rs"]),
    ("hyper_util", &["amplitude/client/wire.rs"]),
    ("hyper_rustls", &["amplitude/client/wire.rs"]),
    ("rustls", &["amplitude/client/wire.rs"]),
    ("anyhow", &["git/", "cli/", "main.rs"]),
];

/// Calls that keep memory until the program ends, in sources and in tests.
const LEAKS: &[&str] = &["Box::leak", "String::leak", "Vec::leak", "mem::forget", ".leak("];

/// A file is a room's worth of thought; longer than this it is two.
const LONGEST: usize = 450;

#[test]
fn every_room_keeps_to_its_doors() {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(files.len() > 10, "the sources were not found");
    let found: Vec<String> = files.iter().flat_map(|(path, text)| violations(path, text)).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// Files of tests keep to the size of what they test, and leak nothing.
#[test]
fn no_test_file_is_too_long() {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"));
    assert!(files.len() > 10, "the tests were not found");
    let mut found: Vec<String> = files.iter().filter_map(|(path, text)| length(path, text)).collect();
    // This file names them.
    let others = files.iter().filter(|(path, _)| path != "core/walls.rs");
    found.extend(others.flat_map(|(path, text)| leaks(path, text)));
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// The test of the test: each of these is caught, in these words, and nothing else is.
#[test]
fn bad_sources_are_caught() {
    let doc = "//! A room.\n";
    let cases: &[(&str, &str, &[&str])] = &[
        ("changes/mod.rs", "use crate::flag::Flag;\nuse crate::document::{Node, Place};", &[]),
        ("changes/mod.rs", "use crate::git::Repo;", &["changes/mod.rs uses git"]),
        ("changes/mod.rs", "fn f() { crate::cli::run() }", &["changes/mod.rs uses cli"]),
        ("changes/mod.rs", "use crate::{flag::Flag, review::{a, b}, document};", &["changes/mod.rs uses review"]),
        ("changes/mod.rs", "use super::render;", &["changes/mod.rs uses render"]),
        ("changes/sets.rs", "use super::super::render;", &["changes/sets.rs uses render"]),
        ("changes/sets.rs", "use super::{render, items};", &[]),
        ("changes/mod.rs", "mod tests { use super::super::{flag, review}; }", &["changes/mod.rs uses review"]),
        ("changes/mod.rs", "mod tests { use super::*; }", &[]),
        ("changes/mod.rs", "use crate::*;", &["changes/mod.rs uses * of the whole crate"]),
        ("changes/mod.rs", "use crate as house;", &["changes/mod.rs renames the whole crate"]),
        ("changes/mod.rs", "pub(crate) fn f() {}", &[]),
        (
            "changes/mod.rs",
            "// crate::cli\n/* crate::cli /* nested */ crate::cli */ const S: &str = \"crate::cli\";",
            &[],
        ),
        (
            "changes/mod.rs",
            "const S: &str = r#\"\" crate::cli\"#; const C: char = '\"'; use crate::cli;",
            &["changes/mod.rs uses cli"],
        ),
        ("changes/mod.rs", "fn f<'a>(x: &'a str) -> &'a str { crate::cli::g('\\'') }", &["changes/mod.rs uses cli"]),
        ("document/node.rs", "use crate::flag::Flag;", &["document/node.rs uses flag"]),
        ("flag.rs", "use crate::format::FormatRef;", &[]),
        ("flag.rs", "use crate::impact::Draw;", &["flag.rs uses impact"]),
        (
            "flag.rs",
            "use crate::format::{FormatRef, FORMATS};",
            &["flag.rs takes `FORMATS` from format, not only FormatRef"],
        ),
        ("render/text.rs", "use crate::{policy::Policy, rules::RULES};", &["render/text.rs uses policy"]),
        ("review.rs", "use crate::approval::tally;", &[]),
        ("cli/lint.rs", "use crate::review::together; use clap::Parser; use std::{env, fs};", &[]),
        ("lobby.rs", "", &["lobby.rs is in no room of the table: add it at its floor"]),
        ("report.rs", "use clap::Parser;", &["report.rs names clap"]),
        ("git/mod.rs", "use git2::Repository;", &[]),
        ("review.rs", "use git2::Repository;", &["review.rs names git2"]),
        ("document/yaml.rs", "use granit_parser::Parser;", &[]),
        ("format/native.rs", "use serde_yaml::Value;", &["format/native.rs names serde_yaml"]),
        ("policy/mod.rs", "fn f() -> anyhow::Result<()> {}", &["policy/mod.rs names anyhow"]),
        ("policy/mod.rs", "use std::{collections::BTreeMap, fs};", &["policy/mod.rs uses std::fs"]),
        ("policy/mod.rs", "fn f() { std::env::var(\"X\"); }", &["policy/mod.rs uses std::env"]),
        ("policy/mod.rs", "const D: &str = env!(\"CARGO_PKG_VERSION\");", &[]),
        (
            "policy/mod.rs",
            "use std::collections::HashMap;",
            &["policy/mod.rs uses HashMap: use BTreeMap, whose order is the same in every run"],
        ),
        ("git/work.rs", "fn f() { Box::leak(b); }", &["git/work.rs has `Box::leak`"]),
        ("git/work.rs", "use std::fs; use std::collections::HashMap;", &[]),
        ("amplitude/client/wire.rs", "use std::time::Instant;", &[]),
        (
            "amplitude/plan.rs",
            "use std::time::Instant;",
            &["amplitude/plan.rs uses std::time", "amplitude/plan.rs uses Instant: take the time as an argument"],
        ),
    ];
    for (path, text, expected) in cases {
        assert_eq!(violations(path, &format!("{doc}{text}")), *expected, "{path}: {text}");
    }
    assert_eq!(violations("changes/mod.rs", "use crate::flag;"), ["changes/mod.rs does not open with `//!`"]);
    let long = format!("{doc}{}", "\n".repeat(LONGEST));
    assert_eq!(violations("changes/mod.rs", &long), ["changes/mod.rs has 451 lines, more than 450: make it two"]);
}

/// Everything one file does that the floor plan does not allow. `path` starts below `src/`.
fn violations(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let here = room(path);
    let words = words(text);
    if !is_root(here) {
        match ROOMS.iter().position(|(name, _)| *name == here) {
            None => found.push(format!("{path} is in no room of the table: add it at its floor")),
            Some(floor) => found.extend(doors(path, &words).into_iter().filter_map(|door| wrong(path, floor, door))),
        }
    }
    for (_, other, names) in NAMED_ONLY.iter().filter(|(room, ..)| *room == here) {
        let others = members(&words, other).into_iter().filter(|name| !names.contains(name));
        found.extend(others.map(|name| format!("{path} takes `{name}` from {other}, not only {}", names.join(", "))));
    }
    for (name, allowed) in CRATES {
        if words.contains(name) && !allowed.iter().any(|start| path.starts_with(start)) {
            found.push(format!("{path} names {name}"));
        }
    }
    if !OUTSIDE.iter().any(|start| path.starts_with(start)) && !is_root(here) {
        let std = members(&words, "std").into_iter().filter(|part| IMPURE_STD.contains(part));
        found.extend(std.map(|part| format!("{path} uses std::{part}")));
        let impure = IMPURE.iter().filter(|(word, _)| words.contains(word));
        found.extend(impure.map(|(word, instead)| format!("{path} uses {word}: {instead}")));
    }
    if !text.starts_with("//!") {
        found.push(format!("{path} does not open with `//!`"));
    }
    found.extend(length(path, text));
    found.extend(leaks(path, text));
    found
}

/// Each call that leaks.
fn leaks(path: &str, text: &str) -> Vec<String> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    LEAKS.iter().filter(|call| code.contains(*call)).map(|call| format!("{path} has `{call}`")).collect()
}

/// The objection to the length of a file, if anything is.
fn length(path: &str, text: &str) -> Option<String> {
    let lines = text.lines().count();
    (lines > LONGEST).then(|| format!("{path} has {lines} lines, more than {LONGEST}: make it two"))
}

/// The objection to a door, if anything is.
fn wrong(path: &str, floor: usize, door: &str) -> Option<String> {
    match door {
        "*" => return Some(format!("{path} uses * of the whole crate")),
        "as" => return Some(format!("{path} renames the whole crate")),
        _ => {}
    }
    let (here, uses) = ROOMS.get(floor)?;
    let there = ROOMS.iter().position(|(name, _)| *name == door)?;
    let open = door == *here
        || match uses {
            Above => there < floor,
            Only(rooms) => rooms.contains(&door),
        };
    (!open).then(|| format!("{path} uses {door}"))
}

/// The names a file takes from the root of the crate, by `crate::` or by enough `super::`, each once.
fn doors<'t>(path: &str, words: &[&'t str]) -> BTreeSet<&'t str> {
    let mut found = members(words, "crate");
    found.extend(words.windows(2).filter(|pair| *pair == ["crate", "as"]).map(|pair| pair[1]));
    // `super` once leaves a room's mod.rs, twice a file next to it.
    let deep = path.trim_end_matches("/mod.rs").split('/').count();
    let mut at = 0;
    while at < words.len() {
        let supers = words[at..].chunks(2).take_while(|pair| *pair == ["super", "::"]).count();
        if supers >= deep {
            // `use super::*` is how a test module takes what it tests, which is its own room.
            found.extend(group(&words[at + 2 * supers..]).into_iter().filter(|name| *name != "*"));
        }
        at += (2 * supers).max(1);
    }
    found
}

/// The first names after `root::`, wherever it stands.
fn members<'t>(words: &[&'t str], root: &str) -> BTreeSet<&'t str> {
    let after = words.windows(2).enumerate().filter(|(_, pair)| *pair == [root, "::"]).map(|(at, _)| at + 2);
    after.flat_map(|at| group(&words[at..])).collect()
}

/// The first name of a path, or of every path of a `{a::b, c}` group.
fn group<'t>(words: &[&'t str]) -> Vec<&'t str> {
    let [first, rest @ ..] = words else { return Vec::new() };
    if *first != "{" {
        return vec![first];
    }
    let (mut depth, mut starts, mut found) = (1, true, Vec::new());
    for word in rest {
        match *word {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 1 => starts = true,
            name if starts => {
                found.push(name);
                starts = false;
            }
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    found
}

/// The words and signs of a Rust source without its comments and literals. `::` is one sign.
fn words(text: &str) -> Vec<&str> {
    tokens(text).0
}

/// The words and signs of a Rust source, and what stands between the quotes of its strings.
fn tokens(text: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut found, mut strings) = (Vec::new(), Vec::new());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => comment(rest),
            '"' => 1 + quoted(&rest[1..], '"'),
            '\'' => character(rest),
            'r' | 'b' if raw(rest).is_some() => raw(rest).unwrap_or(1),
            _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            ':' if rest.starts_with("::") => 2,
            _ => first.len_utf8(),
        };
        let (word, after) = rest.split_at(length);
        if word.len() > 1 && word.trim_end_matches('#').ends_with('"') {
            strings.push(word.trim_start_matches(['r', 'b']).trim_matches('#').trim_matches('"'));
        }
        if is_word(first) && !word.ends_with(['"', '#']) || ["::", "{", "}", ",", "*"].contains(&word) {
            found.push(word);
        }
        rest = after;
    }
    (found, strings)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length of a block comment; they nest.
fn comment(text: &str) -> usize {
    let mut depth = 0;
    for (at, _) in text.char_indices() {
        if text[at..].starts_with("/*") {
            depth += 1;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            if depth == 0 {
                return at + 2;
            }
        }
    }
    text.len()
}

/// The length of a literal up to and with its closing quote, after the opening one.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a character literal, or of the quote that starts a lifetime.
fn character(text: &str) -> usize {
    let mut inside = text[1..].chars();
    match (inside.next(), inside.next()) {
        (Some('\\'), _) => 1 + quoted(&text[1..], '\''),
        (Some(c), Some('\'')) => 2 + c.len_utf8(),
        _ => 1,
    }
}

/// The length of a raw or byte string, if one starts here.
fn raw(text: &str) -> Option<usize> {
    let prefix = text.find(|c| c != 'r' && c != 'b')?;
    let hashes = text[prefix..].find(|c| c != '#')?;
    let start = prefix + hashes;
    if !text[start..].starts_with('"') || prefix > 2 {
        return None;
    }
    let body = &text[start + 1..];
    if !text[..prefix].contains('r') {
        return Some(start + 1 + quoted(body, '"'));
    }
    let end = format!("\"{}", "#".repeat(hashes));
    Some(start + 1 + body.find(&end)? + end.len())
}

/// The room a file stands in: `changes` for `changes/sets.rs`, `report` for `report.rs`.
fn room(path: &str) -> &str {
    path.split_once('/').map_or(path, |(room, _)| room).trim_end_matches(".rs")
}

fn is_root(room: &str) -> bool {
    room == "lib" || room == "main"
}

/// Every Rust file under a folder with its text, in the order of their paths.
fn sources(dir: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(dir).unwrap().to_str().unwrap().replace('\\', "/");
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}
