//! Strict YAML and JSON. The only room that names the YAML crates.
//!
//! In: the bytes of a file. Out: a [`Node`] in which every value knows its place, or diagnostics, all that can be found
//! at once. It refuses what two readers could understand differently: a flag file is approved by people who see its
//! text and served by programs that parse it, and those parsers are not ours to choose. Steps, each before the next:
//! size, Git LFS pointer, byte-order mark, UTF-8, characters; then a text too plain to differ about is read line by line
//! (see `plain`), and every other by two parsers that know nothing of each other and must come to the same, one of which
//! keeps places. Not taken: a single parser, since files exist that libyaml's family reads otherwise than all other users;
//! and reading JSON as YAML, which refuses tabs and long keys that JSON allows.

pub(crate) mod characters;
mod errors;
mod json;
mod odd;
mod plain;
mod scalar;
mod second;
mod tree;

use super::{Map, Node};
use crate::diagnostics::lints::{self, Lint};
use crate::diagnostics::{Diagnostics, Lines, Place};

/// Which language a text is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Syntax {
    Yaml,
    /// YAML that no program but this one reads: a bare `off` is a text there, since nobody takes it for anything else.
    OwnYaml,
    Json,
}

/// The largest file that is read, in bytes: a flagd file of several thousand flags fits.
pub const MAX_BYTES: usize = 1 << 20;
/// How many values a file may hold; the densest flagd file of [`MAX_BYTES`] has about 80,000.
pub const MAX_NODES: usize = 100_000;
/// How deep maps and lists may stand in each other. The second readers stop at 128.
pub const MAX_DEPTH: usize = 32;
/// More diagnostics than this of one file help nobody.
const MAX_TOLD: usize = 100;

/// Reads the bytes of the file that `problems` is about. `None` means that at least one error was added;
/// a text that is readable but questionable yields a node and diagnostics.
#[must_use]
pub fn read(bytes: &[u8], syntax: Syntax, diagnostics: &mut Diagnostics<'_>) -> Option<Node> {
    let text = characters::text(bytes, diagnostics)?;
    if syntax != Syntax::Json
        && let Some(node) = plain::read(text)
    {
        return Some(node);
    }
    let lines = Lines::new(text);
    let mut told = Told { diagnostics, count: 0 };
    let node = match syntax {
        Syntax::Yaml => tree::read(text, &lines, false, &mut told),
        Syntax::OwnYaml => tree::read(text, &lines, true, &mut told),
        Syntax::Json => json::read(text, &lines, &mut told),
    };
    let node = node.filter(|_| told.count == 0)?;
    (told.diagnostics.settled() || second::agrees(&node, text, syntax, &mut told)).then_some(node)
}

/// The diagnostics that reading adds: errors without exception, each once, a limited number.
struct Told<'r, 'p> {
    diagnostics: &'r mut Diagnostics<'p>,
    count: usize,
}

impl Told<'_, '_> {
    fn add(&mut self, lint: &Lint, place: Place, message: impl Into<String>, remedy: impl Into<String>) {
        if self.count < MAX_TOLD {
            self.diagnostics.add(lint, place, message, remedy);
        }
        self.count += 1;
    }

    fn too_deep(&mut self, place: Place) {
        self.add(
            lints::TOO_DEEP,
            place,
            format!("maps and lists are nested more than {MAX_DEPTH} deep here"),
            "flatten the value",
        );
    }

    fn too_many_nodes(&mut self, place: Place) {
        self.add(
            lints::TOO_MANY_NODES,
            place,
            format!("the file holds more than {MAX_NODES} values"),
            "split it into several files",
        );
    }

    fn empty_file(&mut self) {
        self.add(lints::EMPTY_FILE, Place::START, "the file says nothing", "describe a flag in it or delete it");
    }

    /// Every key of `map` that stood there before. Sorted, not compared each with each: a map may hold 100,000.
    fn duplicates(&mut self, map: &Map) {
        let mut entries: Vec<_> = map.iter().collect();
        entries.sort_by_key(|entry| (entry.key.as_str(), entry.place));
        let mut first = None;
        for entry in entries {
            match first {
                Some((key, line)) if key == entry.key => self.add(
                    lints::DUPLICATE_KEY,
                    entry.place,
                    format!("`{}` stands twice in one map, first in line {line}", shown(key)),
                    "remove one of the two",
                ),
                _ => first = Some((entry.key.as_str(), entry.place.line)),
            }
        }
    }

    /// The characters that an escape put into a text, where no editor shows them.
    fn escaped(&mut self, text: &str, is_key: bool, place: Place) {
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return;
        }
        for (_, char, lint) in characters::refused(text) {
            self.add(
                lint,
                place,
                format!("an escape puts {} into the text", characters::name(char)),
                "remove the escape",
            );
        }
        let breaks = |char: &char| matches!(char, '\n' | '\t' | '\r');
        if let Some(char) = text.chars().find(breaks).filter(|_| is_key) {
            self.add(
                lints::CONTROL_CHARACTER,
                place,
                format!("the key holds {}", characters::name(char)),
                "write the key on one line, without tabs",
            );
        }
    }
}

/// A text as it can be shown in backticks: short, on one line, with nothing invisible.
fn shown(text: &str) -> String {
    let mut chars = text.chars();
    let mut short = String::new();
    for char in chars.by_ref().take(60) {
        match char {
            '"' | '\'' | '\\' => short.push(char),
            _ => short.extend(char.escape_debug()),
        }
    }
    if chars.next().is_some() {
        short.push('…');
    }
    short
}
