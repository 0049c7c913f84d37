//! Terminal: its width, its colours, and the printing of every command's output.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use anstream::AutoStream;
use clap::ColorChoice;
use clap::builder::{PossibleValue, PossibleValuesParser};

use super::check::seconds_now;
use super::{Exit, event};
use crate::diagnostics::words::short;
use crate::diagnostics::{Diagnostic, lints};
use crate::error::Error;
use crate::git::Repo;
use crate::render::phrases::count;
use crate::render::{self, Look, OUTPUTS, Output};
use crate::report::{Report, Revision};

/// Columns of the widest useful output; longer lines are hard to read.
const MAX_WIDTH: usize = 120;
/// Columns of output into a pipe.
const PIPE_WIDTH: usize = 100;

/// Surroundings of a command: its folder and its terminal.
#[derive(Debug)]
pub struct Shell {
    color: anstream::ColorChoice,
    dir: PathBuf,
    unwritten: OnceLock<String>,
}

/// Options of every command that prints a report.
#[derive(clap::Args, Debug)]
pub struct Printing {
    /// How to write it down
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = formats())]
    pub format: String,
    /// Also show what needs no approval, field by field
    #[arg(long)]
    pub all: bool,
}

/// Option of every command that prints text or JSON.
#[derive(clap::Args, Debug)]
pub struct TextOrJson {
    /// How to write it down
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = outputs(|output| output.of_answers))]
    format: String,
}

impl TextOrJson {
    /// The id of the output.
    pub fn id(&self) -> &str {
        &self.format
    }

    pub fn is_json(&self) -> bool {
        self.format == "json"
    }

    /// The output, for a report or for diagnostics.
    pub fn printing(&self) -> Printing {
        Printing { format: self.format.clone(), all: false }
    }
}

impl Printing {
    /// The options as arguments, for another run of the program.
    pub fn args(&self) -> Vec<String> {
        let format = ["--format".to_owned(), self.format.clone()];
        format.into_iter().chain(self.all.then(|| "--all".to_owned())).collect()
    }
}

/// The outputs of a report, for `--format`, each with its readers.
pub fn formats() -> PossibleValuesParser {
    let outputs = OUTPUTS.iter().filter(|output| output.review.is_some());
    PossibleValuesParser::new(outputs.map(|output| PossibleValue::new(output.id).help(output.about)))
}

/// The outputs that have something, by the table of outputs.
pub fn outputs(has: impl Fn(&Output) -> bool) -> PossibleValuesParser {
    PossibleValuesParser::new(OUTPUTS.iter().filter(|output| has(output)).map(|output| output.id))
}

impl Shell {
    pub fn new(color: ColorChoice, dir: Option<PathBuf>) -> Self {
        let color = match color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        Shell { color, dir: dir.unwrap_or_else(|| PathBuf::from(".")), unwritten: OnceLock::new() }
    }

    /// The folder the command runs in.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The repository it runs in. Git hands a commit hook the index of the commit in `GIT_INDEX_FILE`.
    pub fn repo(&self) -> Result<Repo, Error> {
        if !self.dir.is_dir() {
            let message = format!("`{}` is no folder", self.dir.display());
            return Err(Error::usage(message, "name a folder of the repository with `-C`"));
        }
        let repo = Repo::open(&self.dir)?;
        Ok(match std::env::var_os("GIT_INDEX_FILE").filter(|index| !index.is_empty()) {
            Some(index) => {
                // Git names it from the root of the work tree.
                let root = repo.workdir().map(Path::to_owned).unwrap_or_default();
                repo.with_index(root.join(index))
            }
            None => repo,
        })
    }

    /// A path relative to the folder the command runs in, made relative to the root of the repository. It need not
    /// exist. `None` if it leads out of the repository.
    pub fn path_in(&self, repo: &Repo, given: &str) -> Option<String> {
        let root = repo.workdir().and_then(|root| root.canonicalize().ok());
        let here = self.dir.canonicalize().ok();
        let prefix = match (&root, &here) {
            (Some(root), Some(here)) => here.strip_prefix(root).ok()?.to_path_buf(),
            _ => PathBuf::new(),
        };
        let mut parts: Vec<String> = Vec::new();
        for part in prefix.join(given).components() {
            match part {
                Component::Normal(part) => parts.push(part.to_string_lossy().into_owned()),
                Component::CurDir => {}
                Component::ParentDir => drop(parts.pop()?),
                Component::Prefix(_) | Component::RootDir => return None,
            }
        }
        Some(parts.join("/"))
    }

    pub fn look(&self, all: bool) -> Look {
        let choice = match self.color {
            anstream::ColorChoice::Auto => AutoStream::choice(&std::io::stdout()),
            chosen => chosen,
        };
        Look {
            width: width(),
            color: !matches!(choice, anstream::ColorChoice::Never),
            ascii: !unicode(),
            changes_only: false,
            all,
        }
    }

    /// Prints text as it is. A closed pipe is no error, because its reader has enough. Any other failure is an error,
    /// because half a report reads like a whole one.
    pub fn print(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush())
            && error.kind() != ErrorKind::BrokenPipe
        {
            let _ = self.unwritten.set(error.to_string());
        }
    }

    /// The error of writing the output, if it could not all be written.
    pub fn unwritten(&self) -> Option<Error> {
        let why = self.unwritten.get()?;
        let message = format!("the output could not be written: {why}");
        Some(Error::outside(message, "make room where it goes, and run it again"))
    }

    /// Prints what one of the outputs writes, so that a runner of workflows takes no line of it for a command.
    pub fn written(&self, id: &str, write: impl FnOnce(&Output, &Look) -> Option<String>) {
        let Some(output) = render::by_id(id) else { return };
        let text = write(output, &self.look(false)).unwrap_or_default();
        self.print(&if output.guarded { event::guarded(&text) } else { text });
    }

    pub fn report(&self, report: &Report, printing: &Printing, changes_only: bool) {
        let look = Look { changes_only, ..self.look(printing.all) };
        self.print(&render::review(&printing.format, report, &look));
    }

    pub fn diagnostics(&self, diagnostics: &[Diagnostic], printing: &Printing) {
        self.print(&render::diagnostics(&printing.format, diagnostics, &self.look(printing.all)));
    }

    /// Prints on the standard error why a command could not do its work.
    pub fn fail(&self, error: &Error) {
        let mut err = AutoStream::new(std::io::stderr(), self.color).lock();
        let red = anstyle::AnsiColor::Red.on_default().bold();
        let bold = anstyle::Style::new().bold();
        let message = render::plain(&error.message);
        let _ = writeln!(err, "{red}error:{red:#} {message}");
        if !error.help.is_empty() {
            let _ = writeln!(err, "{bold}help:{bold:#} {}", render::plain(&error.help));
        }
    }

    /// Prints a line about progress on the standard error.
    pub fn note(&self, line: &str) {
        let mut err = AutoStream::new(std::io::stderr(), self.color).lock();
        let _ = writeln!(err, "{}", render::plain(line));
    }

    /// Takes in what another tip of a reference keeps, and says how many are new.
    pub fn join_kept(&self, repo: &Repo, reference: &str, other: &str, what: &str) -> Result<(), Error> {
        let joined = repo.join_kept(reference, other, seconds_now())?;
        self.note(&format!("{} taken in", count(joined.new, what)));
        for path in &joined.left_out {
            self.note(&format!("left out `{}`, which is in the way and is no {what}", path.escape_debug()));
        }
        Ok(())
    }

    /// Prints the diagnostics of an invalid policy, and gives the exit code for it.
    pub fn invalid_policy(&self, diagnostics: &[Diagnostic], printing: &Printing) -> Exit {
        self.diagnostics(diagnostics, printing);
        Exit::Policy
    }

    /// Says of each error in the policy of the base that it stands there, because the file on disk may have none, and
    /// how one gets on.
    pub fn invalid_base(&self, base: &Revision, mut diagnostics: Vec<Diagnostic>, printing: &Printing) -> Exit {
        let commit = base.oid.as_deref().map(|oid| format!(" at {}", short(oid))).unwrap_or_default();
        let place = format!("on `{}`{commit}", base.name.escape_debug());
        let mut any = false;
        for one in diagnostics.iter_mut().filter(|one| one.id != lints::WITHOUT_POLICY) {
            one.message = format!("{}, {place}", one.message);
            any |= one.is_error();
        }
        let exit = self.invalid_policy(&diagnostics, printing);
        if any {
            self.note(&format!(
                "the policy is read from the base, so it has to be fixed there: until then nothing can be approved, \
                 and a merge, also one of the fix or of a switch-off, needs somebody who may pass over the gate of \
                 `{}`; `countersign lint` looks at the files here",
                base.name.escape_debug()
            ));
        }
        exit
    }

    /// Whether the standard error is a terminal.
    pub fn watched() -> bool {
        std::io::stderr().is_terminal()
    }
}

/// Prints a line on the standard error, where no `Shell` is at hand.
pub fn warn(line: &str) {
    let _ = writeln!(AutoStream::auto(std::io::stderr()).lock(), "{}", render::plain(line));
}

fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = std::io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    let width = columns.or_else(|| terminal.map(|(width, _)| usize::from(width.0)));
    width.unwrap_or(PIPE_WIDTH).clamp(40, MAX_WIDTH)
}

/// Whether the locale can show more than ASCII. Unset means UTF-8, as nearly every terminal is.
fn unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    locale.is_none_or(|locale| {
        let locale = locale.to_lowercase();
        !(locale == "c" || locale == "posix" || (locale.contains('.') && !locale.contains("utf")))
    })
}
