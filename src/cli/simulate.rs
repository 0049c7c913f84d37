//! `simulate`: the approvals that another policy would have required for merged changes.

use std::path::PathBuf;

use super::range::{Range, bar};
use super::show::{Shell, TextOrJson};
use super::{Exit, other_policy};
use crate::git::examined_merges::{PolicyAt, concerned, needs, under, walk};
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
        let files = other_policy::files(self.policy.as_deref(), shell, &repo)?;
        let other = match Policies::read(&files, &files) {
            Ok(other) => other,
            Err(diagnostics) => {
                return Ok(shell.invalid_policy(&diagnostics, &self.output.printing()));
            }
        };
        let chosen = self.range.choose(&repo, None)?;
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
}
