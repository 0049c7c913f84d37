//! `simulate`: the approvals that another policy would have required for merged changes.

use std::path::{Path, PathBuf};

use super::Exit;
use super::range::{Range, bar};
use super::show::{Shell, TextOrJson};
use crate::error::Error;
use crate::flag::File;
use crate::git::merged::{PolicyAt, concerned, needs, under, walk};
use crate::git::{LIMIT, Repo};
use crate::policy::{APPROVERS_PATH, CONFIG_PATH, FOLDER, FORMATS_FOLDER, PolicyFiles, TRUST_PATH};
use crate::review::Policies;
use crate::review::simulation::{PolicyOutcome, SimulatedChange, SimulationTally};

#[derive(clap::Args, Debug)]
#[command(
    after_help = "To try a change of the policy before it is proposed. Every merged change is judged under the policy \
                  it was merged under and
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
        let files = self.other_policy(shell, &repo)?;
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
        shell.written(self.output.id(), |output, look| Some(output.simulation?(&simulation, look)));
        Ok(Exit::Clear)
    }

    /// The files of the policy to judge by.
    fn other_policy(&self, shell: &Shell, repo: &Repo) -> Result<PolicyFiles, Error> {
        let root = match (&self.policy, repo.workdir()) {
            (Some(dir), _) => policy_root(&shell.dir().join(dir), dir)?,
            (None, Some(root)) => root.to_owned(),
            (None, None) => {
                let message = "a bare repository has no files on disk";
                return Err(Error::usage(message, "name a folder with the other policy with `--policy`"));
            }
        };
        let mut formats = Vec::new();
        for path in mappings(&root)? {
            formats.extend(read(&root, &path)?);
        }
        Ok(PolicyFiles {
            config: read(&root, CONFIG_PATH)?,
            approvers: read(&root, APPROVERS_PATH)?,
            formats,
            trust: read(&root, TRUST_PATH)?,
        })
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
