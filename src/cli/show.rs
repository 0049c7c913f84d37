//! The terminal: its width, its colours, and where things are printed.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anstream::AutoStream;
use clap::ColorChoice;

use super::{Exit, Failure};
use crate::render::{self, Look};
use crate::repo::Repo;
use crate::report::Report;
use crate::text::Problem;

/// Widest useful output; longer lines are hard to read.
const MAX_WIDTH: usize = 120;
/// What a pipe gets.
const PIPE_WIDTH: usize = 100;

/// Where a command runs and prints.
#[derive(Debug)]
pub struct Shell {
    color: anstream::ColorChoice,
    dir: PathBuf,
}

/// How to print: the options every printing command has.
#[derive(clap::Args, Debug)]
pub struct Printing {
    /// How to write it down
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = formats())]
    pub format: String,
    /// Also show what needs no approval, field by field
    #[arg(long)]
    pub all: bool,
}

fn formats() -> clap::builder::PossibleValuesParser {
    let values = render::OUTPUTS.iter().map(|output| clap::builder::PossibleValue::new(output.id).help(output.about));
    clap::builder::PossibleValuesParser::new(values)
}

impl Shell {
    pub fn new(color: ColorChoice, dir: Option<PathBuf>) -> Self {
        let color = match color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        Shell { color, dir: dir.unwrap_or_else(|| PathBuf::from(".")) }
    }

    /// The folder the command runs in.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The repository it runs in. A commit hook is handed the index that counts in `GIT_INDEX_FILE`.
    pub fn repo(&self) -> Result<Repo, Failure> {
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

    /// Prints text as it is; a closed pipe is no error.
    pub fn print(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    }

    pub fn report(&self, report: &Report, printing: &Printing, changes_only: bool) {
        let look = Look { changes_only, ..self.look(printing.all) };
        if let Some(output) = render::by_id(&printing.format) {
            self.print(&(output.review)(report, &look));
        }
    }

    pub fn problems(&self, problems: &[Problem], printing: &Printing) {
        if let Some(output) = render::by_id(&printing.format) {
            self.print(&(output.problems)(problems, &self.look(printing.all)));
        }
    }

    /// Says on the standard error why a command could not do its work.
    pub fn fail(&self, failure: &Failure) {
        let mut err = AutoStream::new(std::io::stderr(), self.color).lock();
        let red = anstyle::AnsiColor::Red.on_default().bold();
        let bold = anstyle::Style::new().bold();
        let message = render::plain(&failure.message);
        let _ = writeln!(err, "{red}error:{red:#} {message}");
        if !failure.remedy.is_empty() {
            let _ = writeln!(err, "{bold}help:{bold:#} {}", render::plain(&failure.remedy));
        }
    }

    /// The law does not hold: its problems, and the code that says so.
    pub fn lawless(&self, problems: &[Problem], printing: &Printing) -> Exit {
        self.problems(problems, printing);
        Exit::Law
    }

    /// Whether somebody is watching the standard error.
    pub fn watched(&self) -> bool {
        std::io::stderr().is_terminal()
    }
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
