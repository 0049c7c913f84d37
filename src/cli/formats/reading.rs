//! `formats try`: how one file is read, flag by flag and field by field.

use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;

use super::{Exit, Formats, FormatsAnswer, SCHEMA, Shell, file};
use crate::cli::prose::Prose;
use crate::cli::show::TextOrJson;
use crate::diagnostics::words::counted;
use crate::diagnostics::{Diagnostic, Diagnostics, escape};
use crate::document::{Data, Entry, Map, Node, Role, inline};
use crate::error::Error;
use crate::flag::{File, Flag, Kind};
use crate::format::format_name::{self, NamedFormat};
use crate::format::{FormatRef, known, mapped};
use crate::policy::{CONFIG_PATH, Policy, ProjectMatch};
use crate::render;
use crate::render::Tone;
use crate::review::read::read_as;

#[derive(clap::Args, Debug)]
#[command(
    after_help = "Without --as the file is read as the policy of the work tree says, else by what stands in it, else
by its name. What is marked `not read` is what no field has: on a live flag any change of it needs
approval.

Examples:
  countersign formats try config/switches.yml
  countersign formats try config/switches.yml --as registry
  countersign formats try config/switches.yml --as draft.yaml   with the mapping in this file"
)]
pub struct TryArgs {
    /// A file with flags, in the work tree or not
    #[arg(value_name = "FILE")]
    file: String,
    /// Read it in this format: a name, or the path of a mapping
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    output: TextOrJson,
}

/// How a file is read.
#[derive(Serialize, JsonSchema)]
pub struct ReadFlags {
    /// The reason for its format.
    by: FormatReason,
    /// Its flags, in the order of the file; empty if it cannot be read.
    flags: Vec<ReadFlag>,
    /// The name of the format that it is read in.
    format: Cow<'static, str>,
    /// The file, from the root of the repository if it is in one.
    path: String,
    /// Whether it was read without an error.
    valid: bool,
}

/// The reason for the format of a file.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum FormatReason {
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
struct ReadFlag {
    /// The parts of it, each with the field that has it.
    fields: Vec<ReadField>,
    /// Its key, with its scope behind an `@`.
    key: String,
    /// Whether it is a flag or an experiment.
    kind: Kind,
    /// The line that it starts in.
    line: u32,
    /// Whether users are served by it, or will be without another commit.
    live: bool,
    /// The environment, channel or platform it is for; null if its file has none.
    scope: Option<String>,
    /// Its state, in the word of the format.
    state: String,
}

/// A part of a flag.
#[derive(Serialize, JsonSchema)]
struct ReadField {
    /// The field that has it.
    field: String,
    /// The line that its value starts in.
    line: u32,
    /// Where it is in the flag, by the names of the file; null if the field has its name.
    path: Option<String>,
    /// Whether the format has such a field; if not, any change of it needs approval on a live flag.
    read: bool,
    /// The value that was read, as JSON.
    value: Node,
}

impl ReadField {
    /// The name of the field or of the path, in a column.
    fn label(&self) -> &str {
        if self.read { &self.field } else { "not read" }
    }
}

impl TryArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let formats = Formats::open(shell)?;
        let printing = self.output.printing();
        let file = file(&self.file, &formats, shell)?;
        let (policy, wrong) = if self.name.is_none() && formats.files.config.is_some() {
            Policy::read(&formats.files)
        } else {
            (None, Vec::new())
        };
        if wrong.iter().any(Diagnostic::is_error) {
            return Ok(shell.invalid_policy(&wrong, &printing));
        }
        let (format, by) = match &self.name {
            Some(name) => (named(name, &self.file, &formats, shell)?, FormatReason::Named),
            None => found(&file, &self.file, policy.as_ref())?,
        };
        let (flags, diagnostics) = read_as(&file, Some(&format), "");
        let valid = flags.is_some() && !diagnostics.iter().any(Diagnostic::is_error);
        let flags: Vec<ReadFlag> = flags.iter().flatten().map(|entry| read_flag(&entry.flag)).collect();
        let read = ReadFlags { by, flags, format: format.id.clone(), path: file.path.clone(), valid };
        if self.output.is_json() {
            let formats = vec![formats.listed(&format)];
            shell.print(&render::json(&FormatsAnswer { file: Some(read), formats, diagnostics, schema: SCHEMA }));
        } else {
            shell.print(&text(&read, shell));
            if !diagnostics.is_empty() {
                shell.print("\n");
                shell.diagnostics(&diagnostics, &printing);
            }
            // Nothing but its name says that it is in this format.
            if !valid && read.by == FormatReason::Path {
                shell.print(&format!(
                    "\nIf it is in no format of these, `countersign formats draft {}` starts a mapping for it.\n",
                    escape::visible(&self.file)
                ));
            }
        }
        Ok(if valid { Exit::Clear } else { Exit::Invalid })
    }
}

/// The format that the command line names.
fn named(name: &str, given: &str, formats: &Formats, shell: &Shell) -> Result<FormatRef, Error> {
    match format_name::named(name, |id| formats.by_name(id)) {
        NamedFormat::Known(format) => return Ok(format),
        NamedFormat::WrongPath { message, remedy } => return Err(Error::usage(message, remedy)),
        NamedFormat::Unknown(_) => {}
    }
    let is_path = name.ends_with(".yaml") || name.ends_with(".yml");
    if !is_path {
        return Err(formats.unknown(name, |meant| format!("countersign formats try {given} --as {meant}")));
    }
    let mapping = file(name, formats, shell)?;
    let mut found = Diagnostics::of(&mapping.path);
    let parsed = mapped::parse(&mapping.bytes, &mut found);
    let stem = name.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or(name);
    let first = found.finish(&mapping.bytes).into_iter().find(Diagnostic::is_error);
    match (parsed, first) {
        (Some(parsed), None) => Ok(mapped::format(stem, parsed)),
        (_, first) => {
            let said = first.map(|one| (format!("{}:{}: {}", one.path, one.place.line, one.message), one.remedy));
            let (message, remedy) =
                said.unwrap_or_else(|| (format!("`{name}` is no mapping"), "see docs/formats.md".to_owned()));
            Err(Error::usage(message, remedy))
        }
    }
}

/// The format of a file that nobody named one for.
fn found(file: &File, given: &str, policy: Option<&Policy>) -> Result<(FormatRef, FormatReason), Error> {
    let path = file.path.as_str();
    if let Some(policy) = policy {
        let configured = policy.config.formats.iter().any(|(pattern, _)| pattern.matches(path));
        let managed = !matches!(policy.project_of(path), ProjectMatch::Unmanaged);
        if let Some(format) = policy.format(path).filter(|_| configured || managed) {
            return Ok((format, FormatReason::Policy));
        }
    }
    if let Some(known) = known::known(path, &file.bytes).filter(|found| found.flags > 0) {
        return known.known.format().map(|format| (format, FormatReason::Content)).ok_or_else(|| {
            let message =
                format!("`{given}` looks like a file of {}, and no format for it is built in", known.known.name);
            let remedy = format!("write a mapping: `countersign formats draft {given}` makes a start");
            Error::usage(message, remedy)
        });
    }
    crate::format::recognise(path).map(|format| (format, FormatReason::Path)).ok_or_else(|| {
        let message = format!("no format is known for `{}`", given.escape_debug());
        let remedy = format!(
            "name one with `--as`, or under `formats` in `{CONFIG_PATH}`; `countersign formats draft {given}` starts one of your own"
        );
        Error::usage(message, remedy)
    })
}

fn read_flag(flag: &Flag) -> ReadFlag {
    let mut fields = Vec::new();
    for entry in flag.record.iter() {
        let row = flag.format.field(&entry.key);
        // The state stands with the key; the switch that it is read from is shown too where it is not certain.
        let of_state = row.is_some_and(|row| row.role == Role::Lifecycle && entry.value.place == flag.state.place);
        let is_state = row.is_some() && row.map(|row| row.name) == flag.format.lifecycle_field().map(|row| row.name);
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
            Data::Map(map) if flag.format.fields_by_path() => {
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

/// A value in which each list without order, a map from its items to themselves in normal form, is a list again.
fn sets_as_lists(node: &Node) -> Node {
    let itself = |entry: &Entry| entry.value.as_text() == Some(&entry.key) || entry.value.json() == entry.key;
    let data = match &node.data {
        Data::Map(map) if !map.0.is_empty() && map.iter().all(itself) => {
            Data::List(map.iter().map(|entry| entry.value.clone()).collect())
        }
        Data::Map(map) => {
            let inner = |entry: &Entry| Entry { value: sets_as_lists(&entry.value), ..entry.clone() };
            Data::Map(Map(map.iter().map(inner).collect()))
        }
        Data::List(items) => Data::List(items.iter().map(sets_as_lists).collect()),
        other => other.clone(),
    };
    Node { data, ..node.clone() }
}

fn text(read: &ReadFlags, shell: &Shell) -> String {
    let look = shell.look(true);
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
        let state = if flag.state == "live" { live } else { format!("{live} (`{}`)", render::plain(&flag.state)) };
        let scope = flag.scope.as_ref().map(|scope| format!(" for `{}`", render::plain(scope))).unwrap_or_default();
        prose.line(&format!("{key}: {}{scope}, {state}, line {}", flag.kind.word(), flag.line));
        for field in &flag.fields {
            let path = match &field.path {
                Some(path) => format!("{path}: "),
                None if field.read => String::new(),
                None => format!("{}: ", field.field),
            };
            let template =
                field.value.as_text().is_some_and(|text| ["<%", "{{"].iter().any(|sign| text.contains(sign)));
            let note = if template { "a template, not known here: " } else { "" };
            let shown = escape::cut(
                &format!("{path}{note}{}", inline::inline(&field.value)),
                look.width.saturating_sub(widest + 12).max(20),
            );
            let name = escape::pad(field.label(), widest);
            let name = if field.read { name } else { prose.tone(Tone::Warn, &name) };
            prose.line(&format!("  {name} {:>6}  {shown}", field.line));
        }
    }
    prose.finish()
}
