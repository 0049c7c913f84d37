//! Formats of flag files, and how one file is read: as data, and in text.
//!
//! In: the formats of a repository, and flags as they were read. Out: the JSON form of `countersign formats`, and lines
//! for people. It refuses to read files. Not taken: an output of its own for the mapping of a format, which is a file
//! already.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Look, Prose, Tone, plain};
use crate::diagnostics::words::counted;
use crate::diagnostics::{Diagnostic, escape};
use crate::document::{Data, Entry, Map, Node, Role, inline};
use crate::flag::{Flag, Kind};

/// The version of the JSON form.
pub const SCHEMA: &str = "countersign/formats/v1";

/// The formats of flag files, and how one file is read.
#[derive(Serialize, JsonSchema)]
pub struct FormatsAnswer {
    /// How the file that was named is read; null in a list of formats.
    pub file: Option<ReadFlags>,
    /// The formats: all, or the one that the file is read in.
    pub formats: Vec<ListedFormat>,
    /// The diagnostics of the file, or of the mappings of the repository.
    pub diagnostics: Vec<Diagnostic>,
    /// The version of this form: `countersign/formats/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
}

/// A format that flags are kept in.
#[derive(Serialize, JsonSchema)]
pub struct ListedFormat {
    /// The format and its tools, in one sentence without its full stop.
    pub about: Cow<'static, str>,
    /// Where it is from.
    pub from: FormatOrigin,
    /// Its name in the configuration.
    pub name: Cow<'static, str>,
}

/// Where a format is from.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FormatOrigin {
    /// The program reads it by code of its own.
    Code,
    /// A mapping that is built in.
    BuiltIn,
    /// A mapping of this repository.
    Repository,
}

impl FormatOrigin {
    fn words(self) -> &'static str {
        match self {
            FormatOrigin::Code => "in code",
            FormatOrigin::BuiltIn => "built in",
            FormatOrigin::Repository => "this repository",
        }
    }
}

/// How a file is read.
#[derive(Serialize, JsonSchema)]
pub struct ReadFlags {
    /// The reason for its format.
    pub by: FormatReason,
    /// Its flags, in the order of the file; empty if it cannot be read.
    pub flags: Vec<ReadFlag>,
    /// The name of the format that it is read in.
    pub format: Cow<'static, str>,
    /// The file, from the root of the repository if it is in one.
    pub path: String,
    /// Whether it was read without an error.
    pub valid: bool,
}

/// The reason for the format of a file.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FormatReason {
    /// The command line names it.
    Named,
    /// The policy of the work tree names it.
    Policy,
    /// The content of the file.
    Content,
    /// The name of the file.
    Path,
}

impl FormatReason {
    fn words(self) -> &'static str {
        match self {
            FormatReason::Named => "as `--as` says",
            FormatReason::Policy => "as the policy says",
            FormatReason::Content => "by what stands in it",
            FormatReason::Path => "by its name",
        }
    }
}

/// A flag as it is read.
#[derive(Serialize, JsonSchema)]
pub struct ReadFlag {
    /// The parts of it, each with the field that has it.
    pub fields: Vec<ReadField>,
    /// Its key, with its scope behind an `@`.
    pub key: String,
    /// Whether it is a flag or an experiment.
    pub kind: Kind,
    /// The line that it starts in.
    pub line: u32,
    /// Whether users are served by it, or will be without another commit.
    pub live: bool,
    /// The environment, channel or platform it is for; null if its file has none.
    pub scope: Option<String>,
    /// Its state, in the word of the format.
    pub state: String,
}

/// A part of a flag.
#[derive(Serialize, JsonSchema)]
pub struct ReadField {
    /// The field that has it.
    pub field: String,
    /// The line that its value starts in.
    pub line: u32,
    /// Where it is in the flag, by the names of the file; null if the field has its name.
    pub path: Option<String>,
    /// Whether the format has such a field; if not, any change of it needs approval on a live flag.
    pub read: bool,
    /// The value that was read, as JSON.
    pub value: Node,
}

impl ReadField {
    /// The name of the field or of the path, in a column.
    fn label(&self) -> &str {
        if self.read { &self.field } else { "not read" }
    }
}

impl ReadFlag {
    /// A flag, part by part.
    #[must_use]
    pub fn of(flag: &Flag) -> ReadFlag {
        let mut fields = Vec::new();
        for entry in flag.record.iter() {
            let row = flag.format.field(&entry.key);
            // The state stands with the key; the switch that it is read from is shown too where it is not certain.
            let of_state = row.is_some_and(|row| row.role == Role::Lifecycle && entry.value.place == flag.state.place);
            let is_state =
                row.is_some() && row.map(|row| row.name) == flag.format.lifecycle_field().map(|row| row.name);
            if of_state && (flag.is_sure() || is_state) {
                continue;
            }
            let mut add = |path: Option<String>, value: &Node| {
                fields.push(ReadField {
                    field: entry.key.clone(),
                    line: value.place.line,
                    path,
                    read: row.is_some(),
                    value: sets_as_lists(value),
                });
            };
            match &entry.value.data {
                // The values that a mapping selects for a field stand under its path.
                Data::Map(map) if flag.format.is_mapped() => {
                    map.iter().for_each(|part| add(Some(part.key.clone()), &part.value));
                }
                _ => add(None, &entry.value),
            }
        }
        ReadFlag {
            fields,
            key: flag.key.clone(),
            kind: flag.kind,
            line: flag.place.line,
            live: flag.state.live,
            scope: flag.scope.clone(),
            state: flag.state.word.clone(),
        }
    }
}

/// A value in which each list without order, a map from its items to themselves in normal form, is a list again.
fn sets_as_lists(node: &Node) -> Node {
    let itself = |entry: &Entry| entry.value.as_text() == Some(&entry.key) || entry.value.json() == entry.key;
    let data = match &node.data {
        Data::Map(map) if !map.0.is_empty() && map.iter().all(itself) => {
            Data::List(map.iter().map(|entry| entry.value.clone()).collect())
        }
        Data::Map(map) => {
            let inner = |entry: &Entry| Entry {
                key: entry.key.clone(),
                place: entry.place,
                value: sets_as_lists(&entry.value),
            };
            Data::Map(Map(map.iter().map(inner).collect()))
        }
        Data::List(items) => Data::List(items.iter().map(sets_as_lists).collect()),
        other => other.clone(),
    };
    node.with(data)
}

/// A list of formats, in text.
#[must_use]
pub fn formats_text(listed: &[ListedFormat], look: Look) -> String {
    let mut prose = Prose::new(look);
    let widest = listed.iter().map(|one| escape::columns(&one.name)).max().unwrap_or_default();
    for one in listed {
        let name = prose.tone(Tone::Strong, &one.name);
        let space = " ".repeat(widest - escape::columns(&one.name));
        let label = format!("{name}{space}  {}  ", escape::pad(one.from.words(), 15));
        prose.wrapped(&label, widest + 19, &one.about);
    }
    prose.finish()
}

/// How a file is read, in text.
#[must_use]
pub fn read_text(read: &ReadFlags, look: Look) -> String {
    let mut prose = Prose::new(look);
    let path = prose.tone(Tone::Strong, &read.path);
    let flags = counted(read.flags.len(), "flag");
    let how = if read.valid { flags } else { "it has errors".to_owned() };
    prose.line(&format!("{path}: read as {}, {}: {how}", read.format, read.by.words()));
    let names = read.flags.iter().flat_map(|flag| &flag.fields).map(|field| escape::columns(field.label()));
    let widest = names.max().unwrap_or_default();
    for flag in &read.flags {
        prose.blank();
        let key = prose.tone(Tone::Strong, &flag.key);
        let tone = if flag.live { Tone::Good } else { Tone::Warn };
        let live = prose.tone(tone, if flag.live { "live" } else { "not live" });
        let state = if flag.state == "live" { live } else { format!("{live} (`{}`)", plain(&flag.state)) };
        let scope = flag.scope.as_ref().map(|scope| format!(" for `{}`", plain(scope))).unwrap_or_default();
        prose.line(&format!("{key}: {}{scope}, {state}, line {}", flag.kind.word(), flag.line));
        for field in &flag.fields {
            field_line(field, widest, look, &mut prose);
        }
    }
    prose.finish()
}

/// A part of a flag: its field, its line, and its value as far as that goes into the width.
fn field_line(field: &ReadField, widest: usize, look: Look, prose: &mut Prose) {
    let path = match &field.path {
        Some(path) => format!("{path}: "),
        None if field.read => String::new(),
        None => format!("{}: ", field.field),
    };
    let template = field.value.as_text().is_some_and(|text| ["<%", "{{"].iter().any(|sign| text.contains(sign)));
    let note = if template { "a template, not known here: " } else { "" };
    let value = format!("{path}{note}{}", inline::inline(&field.value));
    let value = escape::cut(&value, look.width.saturating_sub(widest + 12).max(20));
    let name = escape::pad(field.label(), widest);
    let name = if field.read { name } else { prose.tone(Tone::Warn, &name) };
    prose.line(&format!("  {name} {:>6}  {value}", field.line));
}
