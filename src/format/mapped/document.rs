//! The documents of a file, in the syntax that a mapping says, with what is embedded in texts taken out of them.

use std::collections::BTreeSet;

use super::embedded::TextPlace;
use super::language::{Mapping, Path, PathStep};
use super::letter_case::{KnownMembers, fold};
use super::templates::{MARKS, quoted_templates, settle};
use crate::diagnostics::words::json_string;
use crate::diagnostics::{Diagnostics, Place, escape, lints};
use crate::document::toml;
use crate::document::yaml::{self, Dialect, MAX_NODES, RowsOfFile, UNQUOTED};
use crate::document::{Data, Entry, Map, Node};

/// One document of a file.
pub struct Document {
    pub node: Node,
    /// Its lines, if it has to be known where those of a string in it stand.
    lines: Vec<String>,
    /// The number of lines before it.
    first: u32,
    /// Whether it is not the first one of its file.
    pub later: bool,
}

impl Document {
    /// The number of lines of its file before it.
    pub fn lines_before(&self) -> u32 {
        self.first
    }

    /// Where a string of it stands.
    pub fn text_place(&self, text: &str, start: Place) -> TextPlace {
        TextPlace::of(text, start, &self.lines, self.first)
    }
}

/// Reads all documents; `None` if one of them cannot be read.
pub fn documents(bytes: &[u8], mapping: &Mapping, diagnostics: &mut Diagnostics<'_>) -> Option<Vec<Document>> {
    let syntax = &mapping.syntax;
    let bytes = if syntax.bom { bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes) } else { bytes };
    let of = |mark: &str| Some(bytes).filter(|_| syntax.templates).and_then(|bytes| quoted_templates(bytes, mark));
    let [Some(text), Some(other)] = MARKS.map(of) else { return read(bytes, mapping, diagnostics) };
    // A string of several lines begins with no quotes.
    let mut inner = Diagnostics::of(diagnostics.path());
    let both = read(text.as_bytes(), mapping, &mut inner);
    let both = both.zip(read(other.as_bytes(), mapping, &mut Diagnostics::of(diagnostics.path())));
    let Some((mut found, others)) = both else { return read(bytes, mapping, diagnostics) };
    diagnostics.take(inner, 0);
    for (document, other) in found.iter_mut().zip(&others) {
        settle(&mut document.node, &other.node);
        document.lines.iter_mut().for_each(|line| *line = line.replace(MARKS[0], UNQUOTED));
    }
    Some(found)
}

/// Reads all documents of a file without templates, or with templates in quotes.
fn read(bytes: &[u8], mapping: &Mapping, diagnostics: &mut Diagnostics<'_>) -> Option<Vec<Document>> {
    let syntax = &mapping.syntax;
    let json = bytes.trim_ascii_start().starts_with(b"{") || bytes.trim_ascii_start().starts_with(b"[");
    // Tools that read YAML know JSON by the name of the file, and read it as such.
    let looser = [Dialect::Jsonc, Dialect::Json5];
    // And JSON that is called YAML.
    let called_yaml = [".yaml", ".yml"].iter().any(|end| ends(diagnostics.path(), end));
    let of_json = syntax.readers.iter().any(|reader| looser.contains(reader) || *reader == Dialect::Json);
    let stays = of_json && !called_yaml;
    let readers: &[Dialect] = if of_json && called_yaml { &[Dialect::Any] } else { &syntax.readers };
    // Its reader is not named, and some readers accept comments.
    let json_reader = if syntax.readers.contains(&Dialect::Any) { Dialect::AnyJson } else { Dialect::Json };
    let by_name = [(".json", json_reader), (".jsonc", Dialect::Jsonc), (".json5", Dialect::Json5)];
    let named = by_name.iter().find(|(end, _)| ends(diagnostics.path(), end) && !stays).map(|(_, dialect)| *dialect);
    // Of the last flag that goes only comments are left, which readers of YAML take for nothing at all.
    let alone = mapping.entities.iter().flat_map(|entity| &entity.at).any(|path| path.steps.is_empty());
    let yaml = named.is_none() && !stays;
    if yaml && !alone && !bytes.split(|byte| *byte == b'\n').any(says) && std::str::from_utf8(bytes).is_ok() {
        let node = Node::new(Place::START, Data::Map(Map::default()));
        return Some(vec![Document { node, lines: Vec::new(), first: 0, later: false }]);
    }
    let mut found = Vec::new();
    let mut left = MAX_NODES * syntax.times;
    let mut whole = true;
    let begins = if syntax.documents { second_document(bytes) } else { None };
    let toml = syntax.toml || ends(diagnostics.path(), ".toml");
    for (first, part) in if syntax.documents && yaml && !toml { split(bytes) } else { vec![(0, bytes)] } {
        let mut inner = Diagnostics::of(diagnostics.path());
        let rows = |_: &str| RowsOfFile { text_keys: syntax.text_keys, times: syntax.times, ..yaml::ANY_FILE };
        let node = if toml {
            toml::read(part, syntax.times, &mut inner)
        } else if let Some(dialect) = named {
            yaml::read_by(part, &[dialect], rows, &mut inner)
        } else {
            yaml::read_by(part, readers, rows, &mut inner)
        };
        diagnostics.take(inner, first);
        let Some(mut node) = node else {
            whole = false;
            continue;
        };
        let flagd = mapping.entities.iter().any(|entity| entity.flagd);
        let asks = flagd || !syntax.strings.is_empty() || !syntax.embedded.is_empty();
        let text = Some(part).filter(|_| asks).and_then(|part| std::str::from_utf8(part).ok());
        let lines: Vec<&str> = text.map(|text| text.split('\n').collect()).unwrap_or_default();
        for path in &syntax.strings {
            each_at(&mut node, &path.steps, &mut |node| as_string(node, &lines, json, diagnostics));
        }
        if first > 0 {
            node.move_places(&|place| Place { line: place.line + first, ..place });
        }
        if (json || toml) && syntax.readers.contains(&Dialect::GoV3) {
            KnownMembers::of(mapping).refuse_other_cases(&node, diagnostics);
        }
        if syntax.any_case {
            refuse_other_cases(&node, diagnostics);
            refuse_paths(&node, mapping, diagnostics);
        }
        for (path, dialect) in &syntax.embedded {
            each_at(&mut node, &path.steps, &mut |node| {
                let Data::Text(text) = &node.data else { return };
                let place = TextPlace::of(text, node.place, &lines, first);
                whole &= embedded(node, *dialect, place, diagnostics);
            });
        }
        let size = node.size();
        left = left.checked_sub(size).or_else(|| {
            let message = format!("the documents of the file hold more than {} values", MAX_NODES * syntax.times);
            diagnostics.add(lints::TOO_MANY_NODES, node.place, message, "split it into several files");
            None
        })?;
        let lines = lines.iter().filter(|_| flagd).map(|line| (*line).to_owned()).collect();
        let later = begins.is_some_and(|begins| first >= begins);
        found.push(Document { node, lines, first, later });
    }
    whole.then_some(found)
}

/// Makes a string of a scalar that its reader takes as it is written.
fn as_string(node: &mut Node, lines: &[&str], json: bool, diagnostics: &mut Diagnostics<'_>) {
    if !matches!(node.data, Data::Bool(_) | Data::Number(_)) {
        // No time, for one.
        node.quoted |= matches!(node.data, Data::Text(_));
        return;
    }
    let line = lines.get(node.place.line as usize - 1).filter(|_| !json);
    let (from, width) = (node.place.column as usize - 1, node.place.width as usize);
    let raw: Option<String> = line.map(|line| match line.is_ascii() {
        true => line.get(from..from + width).unwrap_or_default().to_owned(),
        // Each would be counted from the start of a line that is all of a file.
        false if line.len() > 4096 => String::new(),
        false => line.chars().skip(from).take(width).collect(),
    });
    let plain = |raw: &String| {
        !raw.is_empty() && raw.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '.' | '+' | '-' | '_'))
    };
    match raw.filter(plain) {
        Some(raw) => node.data = Data::Text(raw),
        None => {
            let message =
                format!("{} is no string, and its reader takes nothing else", crate::document::shape::shown(node));
            diagnostics.add(lints::WRONG_TYPE, node.place, message, "put it in quotes");
        }
    }
}

fn ends(path: &str, end: &str) -> bool {
    let start = path.len().checked_sub(end.len());
    start.and_then(|start| path.get(start..)).is_some_and(|found| found.eq_ignore_ascii_case(end))
}

/// Whether a line has more than a comment.
fn says(line: &[u8]) -> bool {
    !line.trim_ascii().is_empty() && !line.trim_ascii().starts_with(b"#")
}

/// The documents of a file, each with the number of lines before it. A part with nothing but comments is none.
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
        if part.split(|byte| *byte == b'\n').any(says) {
            parts.push((first, part));
        }
    }
    // A file that says nothing gets the diagnostic of its reader.
    if parts.is_empty() { vec![(0, bytes)] } else { parts }
}

/// The number of the lines before the part with the second document, also where the first one has nothing in it.
fn second_document(bytes: &[u8]) -> Option<u32> {
    let (mut begun, mut line, mut part) = (false, 0u32, 0);
    for content in bytes.split(|byte| *byte == b'\n') {
        line += 1;
        // Only a bare one divides parts; a part before another one is refused.
        let bare = content.trim_ascii_end() == b"---";
        let behind = content.strip_prefix(b"---");
        let divides = behind.is_some_and(|behind| behind.first().is_none_or(u8::is_ascii_whitespace));
        part = if bare { line } else { part };
        if divides && begun {
            return Some(part);
        }
        begun |= divides || says(content);
    }
    None
}

/// Refuses keys that are paths to .NET and lead to where flags are: `FeatureManagement:Beta`.
fn refuse_paths(node: &Node, mapping: &Mapping, diagnostics: &mut Diagnostics<'_>) {
    let first = |path: &Path| match path.steps.first() {
        Some(PathStep::Key(key) | PathStep::Unquoted(key) | PathStep::AnyCase(key)) => Some(fold(key).into_owned()),
        _ => None,
    };
    let ways: BTreeSet<Option<String>> = mapping.entities.iter().flat_map(|entity| &entity.at).map(first).collect();
    for entry in node.as_map().into_iter().flat_map(Map::iter) {
        let name = entry.key.split(':').next().unwrap_or_default();
        if ways.contains(&None) || ways.contains(&Some(fold(name).into_owned())) {
            refuse_colons(entry, diagnostics);
        }
    }
}

fn refuse_colons(entry: &Entry, diagnostics: &mut Diagnostics<'_>) {
    if entry.key.contains(':') {
        let message = format!("`{}` is a path to .NET, which leads to a flag", entry.key.escape_debug());
        let nested = |inner: String, part: &str| format!("{{{}: {inner}}}", json_string(part));
        let maps = entry.key.rsplit(':').fold("…".to_owned(), nested);
        let remedy =
            format!("write it as maps, in which an item of a list has its number: `{}`", escape::cut(&maps, 200));
        diagnostics.add(lints::BAD_KEY, entry.place, message, remedy);
    }
    let mut next = vec![&entry.value];
    while let Some(node) = next.pop() {
        match &node.data {
            Data::List(items) => next.extend(items),
            Data::Map(map) => map.iter().for_each(|entry| refuse_colons(entry, diagnostics)),
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
        }
    }
}

/// Refuses keys that are the same in another letter case.
fn refuse_other_cases(node: &Node, diagnostics: &mut Diagnostics<'_>) {
    match &node.data {
        Data::List(items) => items.iter().for_each(|item| refuse_other_cases(item, diagnostics)),
        Data::Map(map) => {
            let mut known = BTreeSet::new();
            for entry in map.iter() {
                if !known.insert(fold(&entry.key)) {
                    let message =
                        format!("`{}` stands twice in one map, in another letter case", entry.key.escape_debug());
                    diagnostics.add(lints::DUPLICATE_KEY, entry.place, message, "remove one of them");
                }
                refuse_other_cases(&entry.value, diagnostics);
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

/// Puts a document in the place of the text that holds it. Whether it can be read.
fn embedded(node: &mut Node, dialect: Dialect, place: TextPlace, diagnostics: &mut Diagnostics<'_>) -> bool {
    let Data::Text(text) = &node.data else { return true };
    // A word next to documents is a value like any other.
    if dialect == Dialect::Json && !text.trim_start().starts_with(['{', '[']) {
        return true;
    }
    let mut inner = Diagnostics::of(diagnostics.path());
    let read = yaml::read(text.as_bytes(), &[dialect], &mut inner);
    diagnostics.take_at(inner, |inner| place.place(inner), place.is_exact());
    let Some(mut read) = read else { return false };
    place.put(&mut read);
    *node = read;
    true
}

/// Calls a function for each node that the steps lead to.
fn each_at(node: &mut Node, steps: &[PathStep], each: &mut dyn FnMut(&mut Node)) {
    let Some((first, rest)) = steps.split_first() else { return each(node) };
    match (&mut node.data, first) {
        (_, PathStep::Deep) => {
            each_at(node, rest, each);
            match &mut node.data {
                Data::Map(map) => map.0.iter_mut().for_each(|entry| each_at(&mut entry.value, steps, each)),
                Data::List(items) => items.iter_mut().for_each(|item| each_at(item, steps, each)),
                Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
            }
        }
        (Data::Map(map), _) => {
            for entry in map.0.iter_mut().filter(|entry| first.leads_to(&entry.key)) {
                each_at(&mut entry.value, rest, each);
            }
        }
        (Data::List(items), PathStep::Any(..)) => items.iter_mut().for_each(|item| each_at(item, rest, each)),
        _ => {}
    }
}
