//! `review`: the command of the Action. It judges the pull request of an event and carries out the missing actions.

use std::path::{Path, PathBuf};

use super::Exit;
use super::child::ReviewBudget;
use super::event::{self, Connect};
use super::show::{Printing, Shell};
use crate::error::Error;
use crate::github::actions::dry_run;
use crate::github::event::{Trigger, Work};
use crate::github::runner::{PullResult, RunResult, Runner};
use crate::render::{self, Look};
use crate::report::Verdict;

#[derive(clap::Args, Debug)]
#[command(after_help = "In GitHub Actions the event names the pull request. Elsewhere:
  countersign review --repo acme/shop --pr 12 --dry-run     print the actions, and carry out none
  countersign review --pr 12 --dump-evidence seen.json      also write the evidence down; then, offline:
  countersign check --base <base> --head <head> --evidence seen.json")]
pub struct ReviewArgs {
    /// The pull request [default: that of the event]
    #[arg(long, value_name = "N")]
    pr: Option<u64>,
    /// Carry out no action; print what would be done
    #[arg(long)]
    dry_run: bool,
    /// Write the evidence (reviews, people, teams) to this file; `check --evidence` takes it
    #[arg(long, value_name = "FILE")]
    dump_evidence: Option<PathBuf>,
    /// End with code 1 if an approval is missing, a flag is locked or rejected
    #[arg(long)]
    exit_code: bool,
    /// The review is one of several, and its reports are named after it
    #[arg(long, hide = true)]
    one_of_several: bool,
    #[command(flatten)]
    printing: Printing,
    #[command(flatten)]
    connect: Connect,
    #[command(flatten)]
    budget: ReviewBudget,
}

impl ReviewArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let work = match self.pr {
            Some(number) => Work::Pull(Trigger::of(number)),
            None => event::event()?,
        };
        if let Work::Nothing(why) = &work {
            shell.print(&format!("nothing to do: {why}\n"));
            return Ok(Exit::Clear);
        }
        let run = GateRun {
            connect: &self.connect,
            printing: &self.printing,
            budget: &self.budget,
            dry: self.dry_run,
            exit_code: self.exit_code,
            dump: self.dump_evidence.as_deref(),
            one_of_several: self.one_of_several,
        };
        run.carry_out(&work, shell)
    }
}

/// A run of the gate, by the options of `review` or `sweep`.
pub struct GateRun<'r> {
    pub connect: &'r Connect,
    pub printing: &'r Printing,
    pub budget: &'r ReviewBudget,
    pub dry: bool,
    pub exit_code: bool,
    /// The file for the evidence.
    pub dump: Option<&'r Path>,
    pub one_of_several: bool,
}

impl GateRun<'_> {
    /// Does the work, and prints what came out.
    pub fn carry_out(&self, work: &Work, shell: &Shell) -> anyhow::Result<Exit> {
        let connection = self.connect.open(shell)?;
        let args = self.args();
        let runner = Runner {
            client: &connection.client,
            objects: &connection.objects,
            dry: self.dry,
            url: event::artifacts(),
            apart: Some(&|number| self.budget.review(number, &args, shell)),
        };
        let result = runner.run(work);
        connection.log();
        self.finish(result, shell)
    }

    /// The options as arguments, for the review of one of several pull requests.
    fn args(&self) -> Vec<String> {
        let flags = [("--dry-run", self.dry), ("--exit-code", self.exit_code)].into_iter().filter(|(_, set)| *set);
        let flags = flags.map(|(name, _)| name.to_owned());
        let dump =
            self.dump.into_iter().flat_map(|path| ["--dump-evidence".into(), path.to_string_lossy().into_owned()]);
        self.connect.args().into_iter().chain(self.printing.args()).chain(flags).chain(dump).collect()
    }

    /// Prints and writes down the results; the worst decides the exit code.
    fn finish(&self, result: RunResult, shell: &Shell) -> anyhow::Result<Exit> {
        let RunResult { pulls, apart, errors, log } = result;
        for line in &log {
            shell.note(line);
        }
        let mut exit = Exit::Clear;
        let many = self.one_of_several || pulls.len() + apart.len() > 1;
        for one in &pulls {
            exit = exit.max(self.print(one, shell));
            write(one, many)?;
            if let (Some(path), Some(evidence)) = (self.dump, &one.evidence) {
                let path = shell.dir().join(path);
                let text = serde_json::to_string_pretty(evidence)? + "\n";
                std::fs::write(&path, text).map_err(|error| Error::file("write", &path, &error))?;
            }
        }
        for one in &apart {
            shell.print(&one.output);
            exit = exit.max(Exit::of_code(one.code));
        }
        let verdict =
            pulls.iter().filter_map(|one| Some(one.outcome.as_ref()?.as_ref().map_or(Verdict::Invalid, |r| r.verdict)));
        let apart = apart.iter().filter_map(|one| Verdict::of_word(one.verdict.as_deref()?));
        if let Some(verdict) = verdict.chain(apart).max() {
            event::output("verdict", verdict.word())?;
        }
        let Some((last, first)) = errors.split_last() else { return Ok(exit) };
        for error in first {
            shell.fail(error);
        }
        // The caller prints the last.
        Err(last.clone().into())
    }

    fn print(&self, one: &PullResult, shell: &Shell) -> Exit {
        for remark in &one.remarks {
            shell.note(remark);
        }
        let (format, look) = (self.printing.format.as_str(), shell.look(self.printing.all));
        let (text, exit) = match &one.outcome {
            Some(Ok(report)) => (render::review(format, report, &look), Exit::of(report, self.exit_code)),
            Some(Err(diagnostics)) => (render::diagnostics(format, diagnostics, &look), Exit::Policy),
            None => (String::new(), Exit::Clear),
        };
        // The workflow commands of `github` are ours, and escaped; other output may contain somebody else's.
        shell.print(&if self.printing.format == "github" { text } else { event::guarded(&text) });
        if self.dry {
            shell.print(&event::guarded(&dry_run::describe(one.pull, &one.actions)));
        }
        exit
    }
}

/// The files and the summary of a job.
fn write(one: &PullResult, many: bool) -> Result<(), Error> {
    let Some(Ok(report)) = &one.outcome else { return Ok(()) };
    event::summarize(&(render::review("markdown", report, &Look::default()) + "\n"))?;
    let Some(dir) = event::report_dir() else { return Ok(()) };
    std::fs::create_dir_all(&dir).map_err(|error| Error::file("make", &dir, &error))?;
    let name = if many { format!("report-{}", one.pull) } else { "report".to_owned() };
    for (kind, id) in [("json", "json"), ("html", "html")] {
        let path = dir.join(format!("{name}.{kind}"));
        std::fs::write(&path, render::review(id, report, &Look::default()))
            .map_err(|error| Error::file("write", &path, &error))?;
        if !many {
            event::output(if kind == "json" { "report" } else { kind }, &path.to_string_lossy())?;
        }
    }
    Ok(())
}
