//! `formats`: the formats of flag files, how a file is read, and mappings to start one's own from.

mod reading;

use std::io::Read as _;
use std::path::Path;

use super::Exit;
use super::event;
use super::lint::LintedFiles;
use super::show::{Shell, TextOrJson};
use crate::diagnostics::diagnostic::nearest;
use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::error::{Error, ErrorKind};
use crate::flag::File;
use crate::format::known::KnownFormat;
use crate::format::{self, Format, FormatRef, known, mapped};
use crate::git::{LARGEST, Repo};
use crate::policy::mappings::{self, OwnFormat};
use crate::policy::{FORMATS_FOLDER, PolicyFiles};
use crate::render::formats::{FormatOrigin, FormatsAnswer, ListedFormat, SCHEMA, formats_text};
use crate::render::{self, Look};
use crate::review::read::read_as;
use reading::TryArgs;

#[derive(clap::Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "A format of your own is a mapping in .countersign/formats: `draft` writes one from a file, `show`
prints one that is built in, `try` shows what is read with it.

Examples:
  countersign formats                                 all formats, and where each is from
  countersign formats try config/switches.yml         how a file is read
  countersign formats show goff                       a mapping that is built in
  countersign formats draft config/switches.yml > .countersign/formats/switches.yaml"
)]
pub struct FormatsArgs {
    #[command(subcommand)]
    command: Option<FormatsCommand>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(clap::Subcommand, Debug)]
enum FormatsCommand {
    /// List every format: of the program and of this repository
    List(ListArgs),
    /// Print the mapping of a format, as a start for your own
    Show(ShowArgs),
    /// Say how a file is read: its flags, their states, and the field that each part is
    Try(TryArgs),
    /// Write a mapping from the shape of a file, with a comment wherever you have to decide
    Draft(DraftArgs),
}

#[derive(clap::Args, Debug)]
#[command(
    after_help = "Formats are in code, built in as a mapping, or of this repository: a mapping in .countersign/formats."
)]
struct ListArgs {
    #[command(flatten)]
    output: TextOrJson,
}

#[derive(clap::Args, Debug)]
#[command(after_help = "It prints the file of the mapping and nothing else.

Examples:
  countersign formats show goff
  countersign formats show registry > .countersign/formats/switches.yaml")]
struct ShowArgs {
    /// The name of a format
    #[arg(value_name = "NAME")]
    name: String,
}

#[derive(clap::Args, Debug)]
#[command(after_help = "The draft reads this file; whether it is right, only you can tell. Each line `# Decide:` is a
question. Where nothing is decided, a flag counts as live and a part of it as one that nobody knows,
so that changes need approval.

Examples:
  countersign formats draft config/switches.yml
  countersign formats draft config/switches.yml > .countersign/formats/switches.yaml
  countersign formats try config/switches.yml --as switches")]
struct DraftArgs {
    /// A file with flags, in the work tree or not
    #[arg(value_name = "FILE")]
    file: String,
}

impl FormatsArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        match self.command {
            None => self.list.run(shell),
            Some(FormatsCommand::List(list)) => list.run(shell),
            Some(FormatsCommand::Show(show)) => show.run(shell),
            Some(FormatsCommand::Try(reading)) => reading.run(shell),
            Some(FormatsCommand::Draft(draft)) => draft.run(shell),
        }
    }
}

/// The formats of the work tree around the folder of the command; none outside of a repository.
struct Formats {
    repo: Option<Repo>,
    files: PolicyFiles,
    own: Vec<OwnFormat>,
    diagnostics: Vec<Diagnostic>,
}

impl Formats {
    fn open(shell: &Shell) -> Result<Formats, Error> {
        let repo = match shell.repo() {
            Ok(repo) => Some(repo).filter(|repo| repo.workdir().is_some()),
            // The folder that was named is there, and in no repository.
            Err(error) if error.is_usage() && shell.dir().is_dir() => None,
            Err(error) => return Err(error),
        };
        let files = match &repo {
            Some(repo) => LintedFiles::open(repo, None)?.policy()?,
            None => PolicyFiles::default(),
        };
        let (own, diagnostics) = mappings::read(&files.formats);
        Ok(Formats { repo, files, own, diagnostics })
    }

    /// All formats. One of the repository takes the place of a mapping of its name that is built in.
    fn all(&self) -> Vec<FormatRef> {
        let own = self.own.iter().map(|one| one.format.clone());
        let built_in = format::ids().filter(|id| !self.own.iter().any(|one| one.format.id == *id));
        built_in.filter_map(format::by_id).chain(own).collect()
    }

    fn by_name(&self, name: &str) -> Option<FormatRef> {
        self.all().into_iter().find(|format| format.id == name)
    }

    fn listed(&self, format: &Format) -> ListedFormat {
        let from = match &format.mapping {
            None => FormatOrigin::Code,
            Some(_) if self.own.iter().any(|one| one.format.reads_as(format)) => FormatOrigin::Repository,
            Some(_) => FormatOrigin::BuiltIn,
        };
        ListedFormat { about: format.about.clone(), from, name: format.id.clone() }
    }

    /// The error of a name that no format has.
    fn unknown(&self, name: &str, command: impl Fn(&str) -> String) -> Error {
        let message = format!("`{}` is no format", name.escape_debug());
        let broken = format!("{FORMATS_FOLDER}/{name}.yaml");
        if self.diagnostics.iter().any(|diagnostic| diagnostic.path == broken && diagnostic.is_error()) {
            let message = format!("`{broken}` has errors, so it is no format yet");
            return Error::usage(message, "run `countersign formats`, which shows them");
        }
        let all = self.all();
        let names: Vec<&str> = all.iter().map(|format| format.id.as_ref()).collect();
        Error::usage(
            message,
            match nearest(name, names) {
                Some(meant) => format!("run `{}` if that is meant", command(meant)),
                None => "run `countersign formats` for all of them".to_owned(),
            },
        )
    }
}

impl ListArgs {
    fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let formats = Formats::open(shell)?;
        let listed: Vec<ListedFormat> = formats.all().iter().map(|format| formats.listed(format)).collect();
        let broken = formats.diagnostics.iter().any(Diagnostic::is_error);
        if self.output.is_json() {
            let diagnostics = formats.diagnostics;
            shell.print(&render::json(&FormatsAnswer { file: None, formats: listed, diagnostics, schema: SCHEMA }));
        } else {
            shell.print(&event::guarded(&formats_text(&listed, shell.look(true))));
            if !formats.diagnostics.is_empty() {
                shell.print("\n");
                shell.diagnostics(&formats.diagnostics, &self.output.printing());
            }
        }
        Ok(if broken { Exit::Policy } else { Exit::Clear })
    }
}

impl ShowArgs {
    fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let formats = Formats::open(shell)?;
        let command = |name: &str| format!("countersign formats show {name}");
        let name = self.name.as_str();
        if formats.own.iter().any(|one| one.format.id == name) {
            let path = format!("{FORMATS_FOLDER}/{name}.yaml");
            let file = formats.files.formats.iter().find(|file| file.path == path);
            shell.print(&file.map(|file| String::from_utf8_lossy(&file.bytes)).unwrap_or_default());
            return Ok(Exit::Clear);
        }
        if let Some(built_in) = mapped::BUILT_IN.iter().chain([&mapped::NATIVE]).find(|one| one.name == name) {
            shell.print(built_in.text);
            return Ok(Exit::Clear);
        }
        let shipped = known::shipped().find(|one| one.name == name);
        let Some(format) = formats.by_name(name) else {
            let Some(shipped) = shipped else { return Err(formats.unknown(name, command).into()) };
            shell.print(shipped.text);
            shell.note(&format!("`{name}` is an example: copy it to {FORMATS_FOLDER}/{name}.yaml to read files by it"));
            return Ok(Exit::Clear);
        };
        let message = format!("`{}` is read by code and not by a mapping, so there is none to show", format.id);
        let remedy =
            "start from a file with `countersign formats draft FILE`, or from `countersign formats show generic`";
        Err(Error::usage(message, remedy).into())
    }
}

impl DraftArgs {
    fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let formats = Formats::open(shell)?;
        let file = file(&self.file, &formats, shell)?;
        let mut found = Diagnostics::of(&file.path);
        let drafted = mapped::draft::draft(&file.path, &file.bytes, &mut found);
        let found = found.finish(&file.bytes);
        let Some(drafted) = drafted else {
            if found.is_empty() {
                let message = format!("nothing in `{}` looks like a flag", file.path.escape_debug());
                let remedy = "write the mapping yourself, from `countersign formats show generic`";
                return Err(Error::usage(message, remedy).into());
            }
            tell(&found, shell);
            return Ok(Exit::Invalid);
        };
        let reads = |format: &FormatRef| {
            let (flags, found) = read_as(&file, Some(format), "");
            flags.is_some_and(|flags| !flags.is_empty()) && !found.iter().any(Diagnostic::is_error)
        };
        let known = known::known(&file.path, &file.bytes).map(|found| found.known);
        // A mapping that is shipped says more than the shape of one file.
        let shipped = known.filter(|known| known.shipped_format().as_ref().is_some_and(reads));
        let shipped = shipped.and_then(|known| known.shipped.as_ref()).map(|shipped| shipped.text.to_owned());
        let drafted = shipped.unwrap_or(drafted);
        shell.print(&drafted);
        let mut diagnostics = Diagnostics::of(&file.path);
        if let Some(mapping) = mapped::parse(drafted.as_bytes(), &mut diagnostics) {
            let format = mapped::format("draft", mapping);
            let (_, diagnostics) = read_as(&file, Some(&format), "");
            if diagnostics.iter().any(Diagnostic::is_error) {
                tell(&diagnostics, shell);
                return Ok(Exit::Invalid);
            }
        }
        if let Some(format) = known.and_then(KnownFormat::format).filter(reads) {
            let (id, path) = (&format.id, &self.file);
            let command = format!("countersign formats try {path} --as {id}");
            shell.note(&format!("the file looks like one of `{id}`, which is built in: see `{command}`"));
        }
        Ok(Exit::Clear)
    }
}

/// Writes diagnostics where notes go: the standard output is for the mapping.
fn tell(diagnostics: &[Diagnostic], shell: &Shell) {
    let look = Look { color: false, ..shell.look(false) };
    render::diagnostics("text", diagnostics, &look).lines().for_each(|line| shell.note(line));
}

/// A file that was named: by its path from the root of the repository, if it is in one.
fn file(given: &str, formats: &Formats, shell: &Shell) -> Result<File, Error> {
    let at = shell.dir().join(given);
    let failed =
        |error: &std::io::Error| Error { kind: ErrorKind::Usage, ..Error::file("read", Path::new(given), error) };
    let mut bytes = Vec::new();
    // A pipe would be waited for.
    if !std::fs::metadata(&at).map_err(|error| failed(&error))?.is_file() {
        let message = format!("`{}` is no file", given.escape_debug());
        return Err(Error::usage(message, "name a file, such as `config/feature_flags.yml`"));
    }
    let opened = std::fs::File::open(&at).map_err(|error| failed(&error))?;
    opened.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    if bytes.len() as u64 > LARGEST {
        let message = format!("`{}` has more than {LARGEST} bytes", given.escape_debug());
        return Err(Error::usage(message, "split it, or name a part of it: no review reads a file of that size"));
    }
    let inside = formats.repo.as_ref().and_then(|repo| shell.path_in(repo, given));
    let outside = || given.replace('\\', "/").trim_start_matches("./").trim_start_matches('/').to_owned();
    Ok(File::regular(inside.unwrap_or_else(outside), bytes))
}
