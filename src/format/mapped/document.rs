//! The documents of a file, in the syntax that a mapping says, with what is embedded in texts taken out of them.

use super::language::{PathStep, Syntax};
use crate::diagnostics::{Diagnostics, Place, lints};
use crate::document::toml;
use crate::document::yaml::{self, Dialect, RowsOfFile};
use crate::document::{Data, Node};

/// One document of a file.
pub struct Document {
    pub node: Node,
}

/// Reads all documents; `None` if one of them cannot be read.
pub fn documents(bytes: &[u8], syntax: &Syntax, diagnostics: &mut Diagnostics<'_>) -> Option<Vec<Document>> {
    let bytes = if syntax.bom { bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes) } else { bytes };
    let text = if syntax.templates { quoted_templates(bytes) } else { None };
    let bytes = text.as_ref().map_or(bytes, String::as_bytes);
    let mut found = Vec::new();
    for (first, part) in if syntax.documents { split(bytes) } else { vec![(0, bytes)] } {
        let mut inner = Diagnostics::of(diagnostics.path());
        let rows = |_: &str| RowsOfFile { text_keys: syntax.text_keys, times: syntax.times, ..yaml::ANY_FILE };
        let node = if syntax.toml || ends(diagnostics.path(), ".toml") {
            toml::read(part, syntax.times, &mut inner)
        } else {
            yaml::read_by(part, &syntax.readers, rows, &mut inner)
        };
        diagnostics.take(inner, first);
        let mut node = node?;
        shift(&mut node, first);
        // Go's reader of JSON takes the last of them.
        let go = ends(diagnostics.path(), ".json") && syntax.readers.contains(&Dialect::GoV3);
        if syntax.any_case || go {
            refuse_other_cases(&node, syntax.any_case, diagnostics);
        }
        for (path, dialect) in &syntax.embedded {
            embedded(&mut node, &path.steps, *dialect, diagnostics);
        }
        found.push(Document { node });
    }
    Some(found)
}

fn ends(path: &str, end: &str) -> bool {
    path.to_ascii_lowercase().ends_with(end)
}

/// The documents of a file, each with the number of lines before it. What has nothing but comments is none.
fn split(bytes: &[u8]) -> Vec<(u32, &[u8])> {
    let mut parts: Vec<(u32, &[u8])> = Vec::new();
    let (mut start, mut first, mut at, mut line) = (0, 0u32, 0, 0u32);
    let mut ranges = Vec::new();
    for content in bytes.split_inclusive(|byte| *byte == b'\n') {
        line += 1;
        if content.trim_ascii_end() == b"---" {
            ranges.push((first, start, at));
            start = at + content.len();
            first = line;
        }
        at += content.len();
    }
    ranges.push((first, start, bytes.len()));
    for (first, start, end) in ranges {
        let part = bytes.get(start..end).unwrap_or_default();
        let says = |line: &[u8]| !line.trim_ascii().is_empty() && !line.trim_ascii().starts_with(b"#");
        if part.split(|byte| *byte == b'\n').any(says) {
            parts.push((first, part));
        }
    }
    // A file that says nothing is told so by its reader.
    if parts.is_empty() { vec![(0, bytes)] } else { parts }
}

fn shift(node: &mut Node, lines: u32) {
    if lines == 0 {
        return;
    }
    node.place.line += lines;
    match &mut node.data {
        Data::List(items) => items.iter_mut().for_each(|item| shift(item, lines)),
        Data::Map(map) => {
            for entry in &mut map.0 {
                entry.place.line += lines;
                shift(&mut entry.value, lines);
            }
        }
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
    }
}

/// Refuses keys that are the same in another letter case, and for .NET those that are paths.
fn refuse_other_cases(node: &Node, paths: bool, diagnostics: &mut Diagnostics<'_>) {
    match &node.data {
        Data::List(items) => items.iter().for_each(|item| refuse_other_cases(item, paths, diagnostics)),
        Data::Map(map) => {
            let mut known = std::collections::BTreeSet::new();
            for entry in map.iter() {
                if paths && entry.key.contains(':') {
                    let message = format!("`{}` is a path to .NET, which may lead to a flag", entry.key.escape_debug());
                    diagnostics.add(lints::BAD_KEY, entry.place, message, "write the maps out that it goes through");
                }
                if !known.insert(entry.key.to_lowercase()) {
                    let message =
                        format!("`{}` stands twice in one map, in another letter case", entry.key.escape_debug());
                    diagnostics.add(lints::DUPLICATE_KEY, entry.place, message, "remove one of them");
                }
                refuse_other_cases(&entry.value, paths, diagnostics);
            }
        }
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
    }
}

/// Writes all keys in lower case.
pub fn lower_keys(node: &mut Node) {
    match &mut node.data {
        Data::List(items) => items.iter_mut().for_each(lower_keys),
        Data::Map(map) => {
            for entry in &mut map.0 {
                entry.key = entry.key.to_lowercase();
                lower_keys(&mut entry.value);
            }
        }
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
    }
}

/// Puts documents in the place of the texts that hold them. All of it stands where the text does.
fn embedded(node: &mut Node, steps: &[PathStep], dialect: Dialect, diagnostics: &mut Diagnostics<'_>) {
    let Some((first, rest)) = steps.split_first() else {
        let Data::Text(text) = &node.data else { return };
        let mut inner = Diagnostics::of(diagnostics.path());
        let read = yaml::read(text.as_bytes(), &[dialect], &mut inner);
        diagnostics.take_at(inner, node.place);
        if let Some(mut read) = read {
            place_all(&mut read, node.place);
            *node = read;
        }
        return;
    };
    match (&mut node.data, first) {
        (Data::Map(map), PathStep::Key(key) | PathStep::AnyCase(key)) => {
            if let Some(entry) = map.0.iter_mut().find(|entry| entry.key == *key) {
                embedded(&mut entry.value, rest, dialect, diagnostics);
            }
        }
        (Data::Map(map), PathStep::Any(before, after)) => {
            for entry in &mut map.0 {
                if entry.key.strip_prefix(before.as_str()).is_some_and(|key| key.ends_with(after.as_str())) {
                    embedded(&mut entry.value, rest, dialect, diagnostics);
                }
            }
        }
        (Data::List(items), PathStep::Any(..)) => {
            for item in items {
                embedded(item, rest, dialect, diagnostics);
            }
        }
        _ => {}
    }
}

fn place_all(node: &mut Node, place: Place) {
    node.place = place;
    match &mut node.data {
        Data::List(items) => items.iter_mut().for_each(|item| place_all(item, place)),
        Data::Map(map) => {
            for entry in &mut map.0 {
                entry.place = place;
                place_all(&mut entry.value, place);
            }
        }
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
    }
}

/// The text with each template in the place of a value in quotes, so that it is a string that says so.
fn quoted_templates(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let open = |line: &str| ["<%", "{{"].iter().any(|sign| line.contains(sign));
    if !open(text) {
        return None;
    }
    let line = |line: &str| {
        let Some((key, value)) = line.split_once(": ").filter(|(_, value)| open(value)) else { return line.to_owned() };
        let value = value.trim_end().replace('\\', "\\\\").replace('"', "\\\"");
        format!("{key}: \"{value}\"")
    };
    Some(text.split('\n').map(line).collect::<Vec<_>>().join("\n"))
}
