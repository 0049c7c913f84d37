//! `simulate`: the approvals that another policy would have required for merged changes.

use crate::diagnostics::words::counted;
use std::path::{Path, PathBuf};

use super::Exit;
use super::prose::Prose;
use super::range::{Chosen, Range, bar};
use super::show::{Shell, TextOrJson};
use crate::error::Error;
use crate::flag::File;
use crate::git::LIMIT;
use crate::git::merged::{PolicyAt, concerned, needs, under, walk};
use crate::policy::{APPROVERS_PATH, CONFIG_PATH, FOLDER, FORMATS_FOLDER, PolicyFiles, TRUST_PATH};
use crate::render::Tone;
use crate::render::{self, Look};
use crate::report::{Mode, Verdict};
use crate::review::Policies;
use crate::review::simulation::{
    BothPolicies, PolicyOutcome, SimulatedChange, SimulatedRequirement, Simulation, SimulationTally,
};

/// More people than this are not listed in the text.
const MOST: usize = 10;

#[derive(clap::Args, Debug)]
#[command(
    after_help = "To try a change of the policy before it is proposed. Every merged change is judged under the policy it was merged under and
under the other one; people who might have answered are not asked.

Examples:
  countersign simulate --since 2026-07-01     the policy of the work tree, on merged changes since
  countersign simulate --policy ../draft A..B    the .countersign folder in ../draft, on a range"
)]
pub struct SimulateArgs {
    #[command(flatten)]
    range: Range,
    /// The folder with the other .countersign [default: the work tree]
    #[arg(long, value_name = "DIR")]
    policy: Option<PathBuf>,
    #[command(flatten)]
    output: TextOrJson,
}

impl SimulateArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let repo = shell.repo()?;
        let root = match (&self.policy, repo.workdir()) {
            (Some(dir), _) => policy_root(&shell.dir().join(dir), dir)?,
            (None, Some(root)) => root.to_owned(),
            (None, None) => {
                let message = "a bare repository has no files on disk";
                return Err(Error::usage(message, "name a folder with the other policy with `--policy`").into());
            }
        };
        let mut formats = Vec::new();
        for path in mappings(&root)? {
            formats.extend(read(&root, &path)?);
        }
        let files = PolicyFiles {
            config: read(&root, CONFIG_PATH)?,
            approvers: read(&root, APPROVERS_PATH)?,
            formats,
            trust: read(&root, TRUST_PATH)?,
        };
        let other = match Policies::read(&files, &files) {
            Ok(other) => other,
            Err(diagnostics) => {
                return Ok(shell.invalid_policy(&diagnostics, &self.output.printing()));
            }
        };
        let chosen = self.range.choose(&repo)?;
        let progress = bar(chosen.merged_changes.len(), "merged changes");
        let mut tally = SimulationTally::default();
        walk(&repo, &chosen.merged_changes, &mut |merged_change, comparison, policy_at| {
            progress.inc(1);
            let then = match policy_at {
                PolicyAt::None => PolicyOutcome::nothing(&[]),
                PolicyAt::Invalid(diagnostics, _) => PolicyOutcome::nothing(diagnostics),
                PolicyAt::Valid(policies) => match needs(&repo, comparison, policies, merged_change.seconds)? {
                    Some(Err(diagnostics)) => PolicyOutcome::nothing(&diagnostics),
                    Some(Ok(report)) => PolicyOutcome::of(Some(&report)),
                    None => PolicyOutcome::of(None),
                },
            };
            let now = if concerned(&repo, comparison, &other)? {
                PolicyOutcome::of(Some(&under(&repo, comparison, other.clone(), merged_change.seconds)?))
            } else {
                PolicyOutcome::of(None)
            };
            let date = chrono::DateTime::from_timestamp(merged_change.seconds, 0);
            tally.take(SimulatedChange {
                commit: merged_change.oid.clone(),
                date: date.map_or_else(String::new, crate::document::date::rfc3339),
                author: merged_change.author.clone(),
                subject: merged_change.subject.clone(),
                then,
                now,
            });
            Ok(())
        })?;
        progress.finish_and_clear();
        let simulation = tally.finish(chosen.from(), chosen.to(), chosen.since.clone());
        shell.print(&if self.output.is_json() {
            render::json(&simulation)
        } else {
            text(&simulation, shell.look(false))
        });
        Ok(Exit::Clear)
    }
}

/// The folder that holds `.countersign`; that folder itself, and a file in it, stand for it.
fn policy_root(path: &Path, given: &Path) -> Result<PathBuf, Error> {
    let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut above = full.ancestors();
    let found = above.find(|folder| folder.join(CONFIG_PATH).is_file());
    let near = |root: &&Path| {
        let names = ["", FOLDER, CONFIG_PATH, APPROVERS_PATH];
        names.iter().any(|name| full == if name.is_empty() { root.to_path_buf() } else { root.join(name) })
    };
    found.filter(|root| path.exists() && near(root)).map(Path::to_owned).ok_or_else(|| {
        let message = format!("there is no `{CONFIG_PATH}` in `{}`", given.display());
        Error::usage(message, "name the folder that holds `.countersign` with the other policy")
    })
}

/// The paths of the mappings under a folder with a policy, sorted.
fn mappings(root: &Path) -> Result<Vec<String>, Error> {
    let entries = match std::fs::read_dir(root.join(FORMATS_FOLDER)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(Error::outside(format!("cannot list `{FORMATS_FOLDER}`: {error}"), "see that it is readable"));
        }
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut paths: Vec<String> = names.map(|name| format!("{FORMATS_FOLDER}/{name}")).collect();
    paths.sort();
    Ok(paths)
}

/// A file of the other policy, if it is there.
fn read(root: &Path, path: &str) -> Result<Option<File>, Error> {
    let at = root.join(path);
    match std::fs::read(&at) {
        Ok(bytes) => {
            let size = bytes.len() as u64;
            let bytes = if size > LIMIT { Vec::new() } else { bytes };
            Ok(Some(File { size, ..File::regular(path, bytes) }))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file("read", &at, &error)),
    }
}

fn text(simulation: &Simulation, look: Look) -> String {
    let mut prose = Prose::new(look);
    let totals = &simulation.totals;
    let range = Chosen::words(simulation.from.as_ref(), &simulation.to, simulation.since.as_deref());
    prose.wrapped("", 0, &format!("{range}: {}", counted(totals.merged_changes, "merged change")));
    let arrow = prose.arrow();
    let both = |one: BothPolicies| format!("{} {arrow} {}", one.then, one.now);
    prose.wrapped("  needed approval  ", 19, &both(totals.gated));
    prose.wrapped("  approvals needed ", 19, &both(totals.approvals));
    prose.wrapped("  newly gated      ", 19, &totals.newly_gated.to_string());
    prose.wrapped("  no longer gated  ", 19, &totals.no_longer_gated.to_string());
    if totals.without_policy > 0 {
        prose.wrapped("  without a policy    ", 19, &totals.without_policy.to_string());
    }
    if !simulation.people.is_empty() {
        prose.blank();
        let heading = prose.tone(Tone::Strong, "most approvals, in merged changes:");
        prose.line(&heading);
        for one in simulation.people.iter().take(MOST) {
            prose.wrapped("  ", 2, &format!("{}  {}", one.who, both(one.merged_changes)));
        }
        if simulation.people.len() > MOST {
            prose.line(&format!("  and {} more", simulation.people.len() - MOST));
        }
    }
    for one in &simulation.merged_changes {
        prose.blank();
        let (oid, day) = (crate::diagnostics::words::short(&one.commit), one.date.get(..10).unwrap_or_default());
        prose.wrapped("", 0, &format!("{oid}  {day}  {}: {}", one.author, one.subject));
        for (label, said) in [("  then  ", &one.then), ("  now   ", &one.now)] {
            for (index, line) in lines(said).iter().enumerate() {
                prose.wrapped(if index == 0 { label } else { "        " }, 8, line);
            }
        }
    }
    if simulation.merged_changes.is_empty() {
        prose.blank();
        prose.line("the two policies ask the same for all of it");
    }
    prose.finish()
}

/// The result of a policy for a merged change, line by line.
fn lines(said: &PolicyOutcome) -> Vec<String> {
    let mut lines: Vec<String> = said.requirements.iter().map(ask).collect();
    let diagnostic =
        |one: &crate::diagnostics::Diagnostic| format!("invalid: {}:{}: {}", one.path, one.place.line, one.message);
    match said.verdict {
        None if said.diagnostics.is_empty() => lines.push("no policy".to_owned()),
        None => lines.push("a policy that does not hold".to_owned()),
        Some(Verdict::Invalid) => lines.extend(said.diagnostics.iter().map(diagnostic)),
        Some(_) if lines.is_empty() => lines.push("nothing".to_owned()),
        Some(_) => {}
    }
    lines
}

fn ask(ask: &SimulatedRequirement) -> String {
    let number = counted(ask.required, "approval");
    let whom = match ask.mode {
        Mode::Specific => ask.from.join(" or "),
        Mode::Peer => "any peer".to_owned(),
        Mode::Admins if ask.from.is_empty() => "an admin, and none is named".to_owned(),
        Mode::Admins => format!("an admin ({})", ask.from.join(" or ")),
    };
    format!("{}: {number} of {whom}", ask.what)
}
