//! `review`: what the Action runs. Judges the pull request an event is about, and posts what is missing there.

use std::path::{Path, PathBuf};

use super::event::{self, Connect};
use super::show::{Printing, Shell};
use super::{Exit, Failure};
use crate::github::dry_run;
use crate::github::event::{Trigger, Work};
use crate::github::runner::{Done, Outcome, Relay};
use crate::render;
use crate::report::{Report, Verdict};

#[derive(clap::Args, Debug)]
#[command(after_help = "In GitHub Actions the event says what to look at. Elsewhere:
  countersign review --repo acme/shop --pr 12 --dry-run     say what would be posted, and post nothing
  countersign review --pr 12 --dump-evidence seen.json      also write down what was seen; then, offline:
  countersign check --base <base> --head <head> --evidence seen.json")]
pub struct Review {
    /// The pull request [default: what the event is about]
    #[arg(long, value_name = "N")]
    pr: Option<u64>,
    /// Post nothing; print what would be posted
    #[arg(long)]
    dry_run: bool,
    /// Write what was seen of reviews, people and teams to this file; `check --evidence` takes it
    #[arg(long, value_name = "FILE")]
    dump_evidence: Option<PathBuf>,
    /// End with code 1 if an approval is missing, a flag is locked or rejected
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    printing: Printing,
    #[command(flatten)]
    connect: Connect,
}

impl Review {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let work = match self.pr {
            Some(number) => Work::Pull(Trigger::of(number)),
            None => event::event()?,
        };
        if let Work::Nothing(why) = &work {
            shell.print(&format!("nothing to do: {why}\n"));
            return Ok(Exit::Clear);
        }
        let connection = self.connect.open(shell)?;
        let relay = Relay {
            client: &connection.client,
            objects: &connection.objects,
            dry: self.dry_run,
            url: event::artifacts(),
        };
        let outcome = relay.work(&work);
        connection.log();
        finish(outcome, &self.printing, shell, self.dry_run, self.dump_evidence.as_deref(), self.exit_code)
    }
}

/// Prints and writes down what became of it; the worst decides how the command ends.
pub fn finish(
    outcome: Outcome,
    printing: &Printing,
    shell: &Shell,
    dry: bool,
    dump: Option<&Path>,
    blocking: bool,
) -> anyhow::Result<Exit> {
    let Outcome { done, undone, said } = outcome;
    for line in &said {
        shell.note(line);
    }
    let mut exit = Exit::Clear;
    let many = done.len() > 1;
    for one in &done {
        exit = exit.max(told(one, printing, shell, dry, blocking));
        written(one, many)?;
        if let (Some(path), Some(evidence)) = (dump, &one.evidence) {
            let path = shell.dir().join(path);
            let text = serde_json::to_string_pretty(evidence)? + "\n";
            std::fs::write(&path, text).map_err(|error| Failure::disk("write", &path, &error))?;
        }
    }
    let verdict =
        done.iter().filter_map(|one| Some(one.outcome.as_ref()?.as_ref().map_or(Verdict::Invalid, |r| r.verdict)));
    if let Some(verdict) = verdict.max() {
        event::output("verdict", verdict.word())?;
    }
    let mut failures = undone.into_iter().map(|one| {
        let failure = Failure::from(one.trouble);
        match one.pull {
            Some(number) => Failure { message: format!("#{number}: {}", failure.message), ..failure },
            None => failure,
        }
    });
    let Some(first) = failures.next() else { return Ok(exit) };
    // The last of them is told by whoever called; all are told.
    let mut last = first;
    for failure in failures {
        shell.fail(&last);
        last = failure;
    }
    Err(last.into())
}

fn told(one: &Done, printing: &Printing, shell: &Shell, dry: bool, blocking: bool) -> Exit {
    for remark in &one.remarks {
        shell.note(remark);
    }
    let output = render::by_id(&printing.format);
    let (text, exit) = match (&one.outcome, output) {
        (Some(Ok(report)), Some(output)) => {
            ((output.review)(report, &shell.look(printing.all)), Exit::of(report, blocking))
        }
        (Some(Err(diagnostics)), Some(output)) => {
            ((output.diagnostics)(diagnostics, &shell.look(printing.all)), Exit::Policy)
        }
        _ => (String::new(), Exit::Clear),
    };
    // The workflow commands of `github` are ours, and escaped; all else may hold somebody's.
    shell.print(&if printing.format == "github" { text } else { event::guarded(&text) });
    if dry {
        shell.print(&event::guarded(&dry_run::told(one.pull, &one.posts)));
    }
    exit
}

/// The files and the summary of a job.
fn written(one: &Done, many: bool) -> Result<(), Failure> {
    let Some(Ok(report)) = &one.outcome else { return Ok(()) };
    event::summarize(&(format(report, "markdown") + "\n"))?;
    let Some(dir) = event::report_dir() else { return Ok(()) };
    std::fs::create_dir_all(&dir).map_err(|error| Failure::disk("make", &dir, &error))?;
    let name = if many { format!("report-{}", one.pull) } else { "report".to_owned() };
    for (kind, id) in [("json", "json"), ("html", "html")] {
        let path = dir.join(format!("{name}.{kind}"));
        std::fs::write(&path, format(report, id)).map_err(|error| Failure::disk("write", &path, &error))?;
        if !many {
            event::output(if kind == "json" { "report" } else { kind }, &path.to_string_lossy())?;
        }
    }
    Ok(())
}

fn format(report: &Report, id: &str) -> String {
    render::by_id(id).map_or_else(String::new, |output| (output.review)(report, &render::Look::default()))
}
