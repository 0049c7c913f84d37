//! `sweep`: the command of the Action's timer. It judges the open pull requests that changed unseen.

use super::Exit;
use super::child::ReviewBudget;
use super::event::Connect;
use super::review::GateRun;
use super::show::{Printing, Shell};
use crate::github::event::Work;

#[derive(clap::Args, Debug)]
#[command(
    after_help = "For changes without an event: somebody left a team, an event got lost. A pull request that has not
changed since its last review costs no request of its own.

Examples:
  countersign sweep --repo acme/shop --dry-run   print the actions, and carry out none
  countersign sweep                              in a job that a timer starts"
)]
pub struct SweepArgs {
    /// Carry out no action; print what would be done
    #[arg(long)]
    dry_run: bool,
    /// End with code 1 if an approval is missing, a flag is locked or rejected
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    printing: Printing,
    #[command(flatten)]
    connect: Connect,
    #[command(flatten)]
    budget: ReviewBudget,
}

impl SweepArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let run = GateRun {
            connect: &self.connect,
            printing: &self.printing,
            budget: &self.budget,
            dry: self.dry_run,
            exit_code: self.exit_code,
            dump: None,
            one_of_several: false,
        };
        run.carry_out(&Work::Sweep, shell)
    }
}
