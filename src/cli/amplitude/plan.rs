//! `amplitude plan` and `amplitude drift`: what differs between a commit and Amplitude, and what an apply would do about it.
//! They change nothing.

use std::path::PathBuf;

use super::files;
use super::look::{OtherSide, remarks};
use super::options::CompareOptions;
use super::policy::policy;
use crate::amplitude::plan::{AmplitudePlan, Finding, PlannedItem, StrayItem};
use crate::cli::Exit;
use crate::cli::show::{Printing, Shell};
use crate::error::Error;
use crate::flag::FlagId;
use crate::git::Repo;
use crate::render::Prose;
use crate::render::Tone;
use crate::render::phrases::{bypassed, count};
use crate::render::{self, Look, sentence};
use crate::report::{Class, NamedRemarks, Report};

/// The most characters of Markdown, which ends in issues: GitHub takes 65,536.
const MOST: usize = 60_000;

/// The options of both.
#[derive(clap::Args, Debug)]
pub struct Compared {
    /// The commit whose files are compared [default: that of --base]
    #[arg(long, value_name = "REV")]
    head: Option<String>,
    /// End with code 1 if a field that matters differs, something is live in Amplitude and not in git, or approvals were bypassed
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
        if matches!(format, "text" | "markdown") {
            // They stand in the head, whether a flag differs or not.
            report.bypassed.clear();
        }
        match format {
            "json" => shell.print(&written),
            "html" => {
                report.remarks = plan_remarks(&plan, turned);
                self.report(&report, shell);
            }
            "markdown" => {
                // No line of it begins with somebody else's text, and it goes into issues.
                let mut out = markdown(&plan, turned);
                if !report.flags.is_empty() {
                    let look = Look { changes_only: true, all: self.all, ..Look::default() };
                    out.push_str(&render::review("markdown", &report, &look));
                }
                if out.chars().count() > MOST {
                    let head: String = out.lines().take(1).collect();
                    let command = if turned { "drift" } else { "plan" };
                    out = format!(
                        "{head}\n\nIt is too much for an issue: `countersign amplitude {command}` says all of it.\n"
                    );
                }
                shell.print(&out);
            }
            _ => {
                shell.print(&crate::cli::event::guarded(&text(&plan, turned, shell)));
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

fn flags_differ(number: usize) -> String {
    if number == 1 { "1 flag differs".to_owned() } else { format!("{number} flags differ") }
}

fn head(plan: &AmplitudePlan, turned: bool) -> String {
    let differs = |item: &&PlannedItem| item.finding != Finding::Same || !item.strayed.is_empty();
    let differ = plan.items.iter().filter(differs).count();
    let unread = match plan.unread.len() {
        0 => String::new(),
        1 => ", as far as it could be read: 1 part could not".to_owned(),
        parts => format!(", as far as it could be read: {parts} parts could not"),
    };
    let commit = plan.commit.as_deref().and_then(|oid| oid.get(..8)).unwrap_or_default();
    let digest = plan.digest();
    let id = digest.get(..12).unwrap_or_default();
    if turned {
        let what = if differ == 0 { "nothing differs".to_owned() } else { flags_differ(differ) };
        return format!("Amplitude against {commit}: {what}{unread}");
    }
    let calls = match (plan.from_amplitude, plan.calls()) {
        (_, 0) if differ == 0 => "Amplitude has what the files say".to_owned(),
        (true, calls) => format!("{}, {} to Amplitude", flags_differ(differ), count(calls, "call")),
        (false, calls) => format!("merging will make {} to Amplitude", count(calls, "call")),
    };
    format!("plan {id} of {commit}: {calls}{unread}")
}

/// The items that the report of changes does not show: those without changes of fields, and those without a file.
pub(super) fn others(plan: &AmplitudePlan, turned: bool) -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for item in plan.listed().filter(|item| item.differing.is_empty() && item.finding != Finding::New) {
        found.push((item.name.clone(), remarks(item, turned)));
    }
    for stray in &plan.strays {
        let live = if stray.live { "live in Amplitude, and in no file" } else { "in Amplitude, and in no file" };
        let who = stray.changed_by.as_deref().map(|who| format!(", changed by {who}")).unwrap_or_default();
        let when = stray.changed_at.as_deref().map(|at| format!(" at {at}")).unwrap_or_default();
        found.push((
            FlagId { project: &stray.project, key: &stray.key }.to_string(),
            vec![format!("{live} (id {}){who}{when}", stray.id)],
        ));
    }
    found
}

/// The head, the parts that could not be read and the items that no file has, for an output that draws a report alone.
pub(super) fn plan_remarks(plan: &AmplitudePlan, turned: bool) -> Vec<NamedRemarks> {
    let mut found = vec![NamedRemarks { name: String::new(), remarks: vec![head(plan, turned)], bad: false }];
    found.extend(plan.unread.iter().map(|part| NamedRemarks {
        name: part.name().to_owned(),
        remarks: vec![part.error.to_string()],
        bad: true,
    }));
    let others = others(plan, turned).into_iter();
    found.extend(others.map(|(name, remarks)| NamedRemarks { name, remarks, bad: false }));
    found
}

pub(super) fn text(plan: &AmplitudePlan, turned: bool, shell: &Shell) -> String {
    let mut prose = Prose::new(shell.look(false));
    prose.wrapped("", 0, &head(plan, turned));
    for part in &plan.unread {
        prose.blank();
        let name = prose.tone(Tone::Bad, part.name());
        prose.wrapped(&format!("{name}: "), 2, &part.error.to_string());
    }
    for one in &plan.bypassed() {
        prose.blank();
        let label = prose.tone(Tone::Bad, "APPROVALS BYPASSED  ");
        prose.wrapped(&label, 2, &bypassed(one).plain());
    }
    for (name, lines) in others(plan, turned) {
        prose.blank();
        let name = prose.tone(Tone::Strong, &name);
        prose.line(&name);
        for line in lines {
            prose.wrapped("  ", 2, &line);
        }
    }
    if plan.items.iter().any(|item| !item.differing.is_empty() || item.finding == Finding::New) {
        prose.blank();
    }
    prose.finish()
}

fn markdown(plan: &AmplitudePlan, turned: bool) -> String {
    let mut out = format!("### {}\n\n", sentence(&head(plan, turned)));
    for part in &plan.unread {
        let (name, why) = (sentence(part.name()), sentence(&part.error.to_string()));
        out.push_str(&format!("- **{name}** could not be read: {why}\n"));
    }
    for one in &plan.bypassed() {
        out.push_str(&format!("> [!CAUTION]\n> {}\n\n", bypassed(one).markdown()));
    }
    for (name, lines) in others(plan, turned) {
        out.push_str(&format!("- **{}**\n", sentence(&name)));
        for line in lines {
            out.push_str(&format!("  - {}\n", sentence(&line)));
        }
    }
    if !out.ends_with("\n\n") {
        out.push('\n');
    }
    out
}
