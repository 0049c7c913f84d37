//! `sweep`: what the Action's timer runs. Judges whichever open pull requests changed unseen.

use super::Exit;
use super::event::{self, Connect};
use super::review::finish;
use super::show::{Printing, Shell};
use crate::github::event::Work;
use crate::github::runner::Relay;

#[derive(clap::Args, Debug)]
#[command(
    after_help = "For what no event tells: somebody left a team, an event got lost. Who has not changed since they were
last judged costs no request of their own.

Examples:
  countersign sweep --repo acme/shop --dry-run   say what would be posted, and post nothing
  countersign sweep                              in a job that a timer starts"
)]
pub struct Sweep {
    /// Post nothing; print what would be posted
    #[arg(long)]
    dry_run: bool,
    /// End with code 1 if an approval is missing, a flag is locked or rejected
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    printing: Printing,
    #[command(flatten)]
    connect: Connect,
}

impl Sweep {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let connection = self.connect.open(shell)?;
        let relay = Relay {
            client: &connection.client,
            objects: &connection.objects,
            dry: self.dry_run,
            url: event::artifacts(),
        };
        let outcome = relay.work(&Work::Sweep);
        connection.log();
        finish(outcome, &self.printing, shell, self.dry_run, None, self.exit_code)
    }
}
