//! A mapping drafted from the shape of a file.
//!
//! **In**: a path and the bytes of a file. **Out**: the text of a mapping that reads it, with a comment wherever a
//! person has to decide. **Refuses**: to guess silently: a member without a well-known name is left unknown.
//! **Not taken**: looking at several files at once; the author of a mapping adds what the others have.

mod entity;
mod places;
mod states;
pub(super) mod words;

use super::document::documents;
use super::language::{Mapping, Syntax};
use super::path::without_mark;
use crate::diagnostics::{Diagnostics, escape};
use crate::document::yaml::profile::{ScalarSite, unquoted};
use crate::document::{Data, Entry, Map, Node};
use crate::flag::{Flag, file_name};
use crate::format::known::says_nothing;

/// The ways to write a file that are tried, the first that reads it: the line of the mapping, by the endings of files.
const SYNTAXES: &[(&[&str], &[&str])] = &[
    (&[".json"], &["is: json", "is: json, bom: true", "is: jsonc", "is: jsonc, bom: true", "is: json5"]),
    (&[".jsonc"], &["is: jsonc", "is: jsonc, bom: true", "is: json5"]),
    (&[".json5"], &["is: json5"]),
    (&[".toml"], &["is: toml"]),
    (
        &[""],
        &[
            "is: yaml",
            "is: yaml, documents: many",
            "is: yaml, keys: text",
            "is: yaml, documents: many, keys: text",
            "is: yaml, bom: true",
            "is: yaml, templates: unknown",
            "is: yaml, documents: many, keys: text, templates: unknown",
        ],
    ),
];

/// How much of a file is drafted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DraftDepth {
    /// Environments and fields too.
    Fields,
    /// Where flags are, and when they are live.
    States,
    /// Where flags are.
    Places,
}

/// How flags of several places are told apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DraftKeys {
    /// By their own names.
    Own,
    /// By the names of the maps around them too.
    ByPlace,
    /// By their order.
    Equal,
}

/// The text of a mapping for a file. `None` if it cannot be read, with an error, or if there is nothing in it that
/// could be a flag.
#[must_use]
pub fn draft(path: &str, bytes: &[u8], diagnostics: &mut Diagnostics<'_>) -> Option<String> {
    let lower = path.to_ascii_lowercase();
    let (_, ways) = SYNTAXES.iter().find(|(ends, _)| ends.iter().any(|end| lower.ends_with(end)))?;
    let read = ways.iter().find_map(|way| {
        let mut found = Diagnostics::of(path);
        let read = documents(bytes, &Mapping::of(syntax(way)?), &mut found)?;
        (!found.any_error()).then_some((*way, read))
    });
    let Some((way, documents)) = read else {
        // The objections to the plainest way.
        let plainest = ways.first().and_then(|way| syntax(way))?;
        let _ = self::documents(bytes, &Mapping::of(plainest), diagnostics);
        return None;
    };
    let shapes: Vec<Node> = documents.into_iter().map(|document| as_written(document.node)).collect();
    let nodes: Vec<&Node> = shapes.iter().collect();
    let places = places::places(&nodes);
    // A file whose flags are all gone has no shape.
    if places.is_empty() || nodes.iter().all(|node| says_nothing(node)) {
        return None;
    }
    // Another word in the name of the file, such as `v2`, is no scope.
    let of_file = super::path::file_scope(path).is_none_or(words::is_environment);
    let write = |(depth, keys): (DraftDepth, DraftKeys), outside: &[String]| {
        let head = head(path, way, outside, keys == DraftKeys::Equal);
        places.iter().fold(head, |text, place| text + &entity::entity(place, depth, keys, of_file))
    };
    // As much of it as reads the file, with keys that stand twice if there are some that nothing tells apart.
    let depths = [DraftDepth::Fields, DraftDepth::States, DraftDepth::Places];
    // A name that stands in two places is two flags, also where nothing but their environments tells them apart.
    let keys = if places::share_names(&places) {
        vec![DraftKeys::ByPlace, DraftKeys::Equal]
    } else {
        vec![DraftKeys::Own, DraftKeys::ByPlace, DraftKeys::Equal]
    };
    let drafts = depths.into_iter().flat_map(|depth| keys.iter().map(move |keys| (depth, *keys)));
    let reads = |draft: (DraftDepth, DraftKeys)| flags(path, bytes, &write(draft, &[])).map(|flags| (draft, flags));
    let none = ((DraftDepth::Places, DraftKeys::Equal), Vec::new());
    let (draft, flags) = drafts.into_iter().find_map(reads).unwrap_or(none);
    Some(write(draft, &outside(&flags)))
}

/// A document without what tells scalars apart that have no quotes: paths and words are written without it.
fn as_written(mut node: Node) -> Node {
    node.data = match node.data {
        Data::Map(map) => Data::Map(Map(map
            .0
            .into_iter()
            .map(|entry| Entry { key: without_mark(&entry.key).to_owned(), value: as_written(entry.value), ..entry })
            .collect())),
        Data::List(items) => Data::List(items.into_iter().map(as_written).collect()),
        Data::Text(text) => Data::Text(without_mark(&text).to_owned()),
        other => other,
    };
    node
}

pub use super::state::is_sentence;

/// The state that a word stands for, such as `off`.
pub fn state_of(word: &str) -> Option<&'static str> {
    words::state(word)
}

/// Whether a member of this name says by `true` that a flag is on; `None` if it is no switch.
pub fn switch_of(name: &str) -> Option<bool> {
    words::switch(name).map(|(_, on)| on)
}

pub use words::{is_of_shares, is_percentage, is_type, lets_in};

fn mapping(text: &str) -> Option<Mapping> {
    super::parse(text.as_bytes(), &mut Diagnostics::of("draft.yaml"))
}

fn syntax(way: &str) -> Option<Syntax> {
    mapping(&format!("syntax: {{{way}}}\nentities: [{{at: \".\"}}]\n")).map(|mapping| mapping.syntax)
}

/// The flags that a mapping reads, if it is right and they are.
fn flags(path: &str, bytes: &[u8], text: &str) -> Option<Vec<Flag>> {
    let format = super::format("draft", mapping(text)?);
    let mut found = Diagnostics::of(path);
    let flags = format.flags_of(bytes, path, &mut found)?;
    (!found.any_error()).then_some(flags)
}

/// The names of what stands outside of all flags.
fn outside(flags: &[Flag]) -> Vec<String> {
    let rest = flags.iter().filter(|flag| super::is_rest(flag)).filter_map(|flag| flag.get("rest"));
    let mut names: Vec<String> =
        rest.filter_map(Node::as_map).flat_map(Map::iter).map(|entry| entry.key.clone()).collect();
    names.sort();
    names.dedup();
    names
}

fn head(path: &str, way: &str, outside: &[String], equal: bool) -> String {
    let file = file_name(path);
    let mut text = format!(
        "# A draft from the shape of {}. Look at every line, above all at those marked `Decide`.\n",
        escape::visible(path)
    );
    text.push_str("# Keep it as .countersign/formats/NAME.yaml; `countersign formats try FILE --as NAME` shows what it reads.\n\n");
    text.push_str("# Decide: whose flags these are, in one sentence.\n");
    text.push_str(&format!("about: {}\n", always_quoted(&format!("the flags of {}", plain(file)))));
    text.push_str("# Decide: the files of this format; `**` is any number of folders.\n");
    text.push_str(&format!("files: [{}]\n", always_quoted(&plain(path))));
    if syntax(way).is_some_and(|syntax| !syntax.toml && !syntax.readers.iter().any(|reader| reader.is_json())) {
        text.push_str("# Decide: whose YAML it is: add `readers`, such as `readers: [ruby]`, so that what they take otherwise is refused.\n");
    }
    text.push_str(&format!("syntax: {{{way}}}\n"));
    if !outside.is_empty() {
        text.push_str(&format!("# Outside of the flags: {}.\n", listed(outside)));
        text.push_str("# Decide: `unknown` takes all of it for one flag more; `fine` passes over what changes nothing for users.\n");
    }
    text.push_str("outside: unknown\n");
    text.push_str("stamps: [\"{stamps}\"]\n");
    if equal {
        text.push_str("# Decide: some flags have the same key; name what tells them apart under `key` or `scope`, or they are numbered.\n");
        text.push_str("equal-keys: fine\n");
    }
    text + "entities:\n"
}

/// A path as a pattern: what does not stand for itself there is any character.
fn plain(path: &str) -> String {
    let is_plain = |char: char| char.is_alphanumeric() || matches!(char, '/' | '.' | '_' | '-' | ' ' | '+' | '@');
    path.chars().map(|char| if is_plain(char) { char } else { '?' }).collect()
}

/// How many names a comment lists.
const MOST_NAMES: usize = 20;

/// Names for a comment.
fn listed(names: &[String]) -> String {
    let shown = names.iter().take(MOST_NAMES).map(|name| format!("`{}`", escape::cut(name, 60)));
    let mut shown: Vec<String> = shown.collect();
    if names.len() > MOST_NAMES {
        shown.push(format!("{} more", names.len() - MOST_NAMES));
    }
    shown.join(", ")
}

/// A string in quotes, as YAML and JSON both write it.
fn always_quoted(text: &str) -> String {
    escape::in_quotes(text)
}

/// A string as a value in brackets, in quotes if it needs them.
fn quoted(text: &str) -> String {
    let stays = matches!(unquoted(text, ScalarSite::Flow { colon: false }), Some(Data::Text(read)) if read == text);
    if stays { text.to_owned() } else { always_quoted(text) }
}

/// A key in braces, in quotes if it needs them.
fn quoted_key(text: &str) -> String {
    let stays = matches!(unquoted(text, ScalarSite::FlowKey), Some(Data::Text(read)) if read == text);
    if stays { text.to_owned() } else { always_quoted(text) }
}
