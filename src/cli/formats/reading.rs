//! `formats try`: how one file is read, flag by flag and field by field.

use super::{Exit, Formats, Shell, file};
use crate::cli::event;
use crate::cli::show::TextOrJson;
use crate::diagnostics::{Diagnostic, Diagnostics, escape};
use crate::error::Error;
use crate::flag::{File, file_stem};
use crate::format::format_name::{self, NamedFormat};
use crate::format::{FormatRef, known, mapped};
use crate::policy::{CONFIG_PATH, Policy, ProjectMatch};
use crate::render;
use crate::render::formats::{FormatReason, FormatsAnswer, ReadFlag, ReadFlags, SCHEMA, read_text};
use crate::review::read::read_as;

#[derive(clap::Args, Debug)]
#[command(
    after_help = "Without --as the file is read as the policy of the work tree says, else by what stands in it, else
by its name. A member marked `not read` is in no field: on a live flag any change of it needs approval.

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
        let flags: Vec<ReadFlag> = flags.iter().flatten().map(|entry| ReadFlag::of(&entry.flag)).collect();
        let read = ReadFlags { by, flags, format: format.id.clone(), path: file.path.clone(), valid };
        if self.output.is_json() {
            let formats = vec![formats.listed(&format)];
            shell.print(&render::json(&FormatsAnswer { file: Some(read), formats, diagnostics, schema: SCHEMA }));
        } else {
            shell.print(&event::guarded(&read_text(&read, shell.look(true))));
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
    let stem = file_stem(name);
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
    // Any YAML may be called like a native flag; one that looks like none is somebody else's.
    let has_key = || file.bytes.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"key:"));
    let own_name = crate::format::recognise(path).filter(|format| !format.one_flag_a_file || has_key());
    own_name.map(|format| (format, FormatReason::Path)).ok_or_else(|| {
        let message = format!("no format is known for `{}`", given.escape_debug());
        let remedy = format!(
            "name one with `--as`, or under `formats` in `{CONFIG_PATH}`; `countersign formats draft {given}` starts \
             one of your own"
        );
        Error::usage(message, remedy)
    })
}
