//! `amplitude plan` and `amplitude drift`: what differs between a commit and Amplitude, and what an apply would do
//! about it. They change nothing.

use std::path::PathBuf;

use super::files;
use super::look::OtherSide;
use super::options::CompareOptions;
use super::policy::policy;
use crate::amplitude::outputs::PlanView;
use crate::amplitude::plan::{AmplitudePlan, Finding, StrayItem};
use crate::cli::Exit;
use crate::cli::show::{Printing, Shell};
use crate::error::Error;
use crate::git::Repo;
use crate::render;
use crate::render::phrases::bypassed;
use crate::report::{Class, Report};

/// The options of both.
#[derive(clap::Args, Debug)]
pub struct Compared {
    /// The commit whose files are compared [default: that of --base]
    #[arg(long, value_name = "REV")]
    head: Option<String>,
    /// End with code 1 if a field that matters differs, something is live in Amplitude and not in git, or approvals
    /// were bypassed
    #[arg(long)]
    exit_code: bool,
    /// Also show what matters to nobody, field by field
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    options: CompareOptions,
}

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  countersign amplitude plan                             what an apply of the default branch would do
  countersign amplitude plan --format json > plan.json   the same, as a document for `apply`
  countersign amplitude plan --offline --head HEAD       what merging HEAD would do, without a key")]
pub struct PlanArgs {
    #[command(flatten)]
    compared: Compared,
    /// Do not ask Amplitude: take it to have what the base branch says
    #[arg(long)]
    offline: bool,
    /// Write the document to this file as well
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  countersign amplitude drift                            what Amplitude has that the default branch does not say
  countersign amplitude drift --exit-code                fail if any of it matters")]
pub struct DriftArgs {
    #[command(flatten)]
    compared: Compared,
}

impl PlanArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        self.compared.run(shell, false, self.offline, self.out.as_ref())
    }
}

impl DriftArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        self.compared.run(shell, true, false, None)
    }
}

impl Compared {
    fn run(self, shell: &Shell, turned: bool, offline: bool, out: Option<&PathBuf>) -> anyhow::Result<Exit> {
        let repo = shell.repo()?;
        let commit = match &self.head {
            Some(head) => repo.commit(head)?,
            None => self.options.tip(&repo)?,
        };
        let policy = match policy(&repo, &commit.oid, shell)? {
            Ok(policy) => policy,
            Err(exit) => return Ok(exit),
        };
        let sight = self.options.sight(&repo, &commit, &policy)?;
        let plan = if offline {
            sight.plan(&OtherSide::Assumed(&self.options.tip(&repo)?))?
        } else {
            self.options.connect.with(sight.config, |client| sight.plan(&OtherSide::Amplitude(client)))??
        };
        let mut report = sight.report(&plan, turned);
        for one in &report.bypassed {
            shell.note(&bypassed(one).plain());
        }
        let document = |report: &Report| render::json(&plan.document(report));
        if let Some(path) = out {
            let at = shell.dir().join(path);
            std::fs::write(&at, document(&report)).map_err(|error| Error::file("write", &at, &error))?;
        }
        let written = document(&report);
        let format = self.options.format.as_str();
        let view = PlanView::of(&plan, turned);
        if matches!(format, "text" | "markdown") {
            // They stand in the head, whether a flag differs or not.
            report.bypassed.clear();
        }
        match format {
            "json" => shell.print(&written),
            "html" => {
                report.remarks = view.remarks();
                self.report(&report, shell);
            }
            "markdown" => shell.print(&view.markdown(&report, self.all)),
            _ => {
                shell.print(&crate::cli::event::guarded(&view.text(shell.look(false))));
                self.report(&report, shell);
            }
        }
        if self.head.is_none() {
            uncommitted(&plan, &repo, shell);
        }
        // The parts that could be read were printed; the rest is an error.
        if let Some(error) = plan.unread_error() {
            return Err(error.into());
        }
        Ok(if self.exit_code && matters(&plan, &report) { Exit::Blocked } else { Exit::Clear })
    }

    fn report(&self, report: &Report, shell: &Shell) {
        if !report.flags.is_empty() || self.options.format == "html" {
            shell.report(report, &Printing { format: self.options.format.clone(), all: self.all }, true);
        }
    }
}

/// Says of items without a file that an import has written theirs, and nobody has committed them.
fn uncommitted(plan: &AmplitudePlan, repo: &Repo, shell: &Shell) {
    let Some(Ok(lock)) = repo.workdir().map(files::lock) else { return };
    let written = |stray: &&StrayItem| lock.item(&stray.project, &stray.key).is_some_and(|item| item.file.is_some());
    match plan.strays.iter().filter(written).count() {
        0 => {}
        number => shell.note(&format!(
            "{} in no file of that commit, but imported in the work tree: commit the files and merge them",
            if number == 1 { "1 item is".to_owned() } else { format!("{number} items are") }
        )),
    }
}

/// Whether anything differs that matters to users or that nobody knows of, or is live without its approvals.
fn matters(plan: &AmplitudePlan, report: &Report) -> bool {
    let critical = |class: Class| matches!(class, Class::Critical | Class::Activation | Class::Deactivation);
    report.flags.iter().flat_map(|flag| &flag.changes).any(|change| critical(change.class))
        || plan.strays.iter().any(|stray| stray.live)
        || plan.items.iter().any(|item| matches!(item.finding, Finding::Aside(_)) || !item.strayed.is_empty())
        || !plan.bypassed().is_empty()
}
