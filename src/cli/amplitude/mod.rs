//! `amplitude`: flags of Amplitude to files, files to Amplitude.

mod apply;
mod approvals;
mod branch;
mod bypass;
mod carry_out;
mod comment;
mod connect;
mod files;
mod import;
mod look;
mod options;
mod plan;
mod policy;
mod remember;
mod stale;

use super::Exit;
use super::show::Shell;

#[derive(clap::Args, Debug)]
pub struct AmplitudeArgs {
    #[command(subcommand)]
    command: AmplitudeCommand,
}

#[derive(clap::Subcommand, Debug)]
enum AmplitudeCommand {
    /// Write the flags and experiments of Amplitude as flag files, where no file says anything else
    Import(import::ImportArgs),
    /// Say what differs between a commit and Amplitude, and which calls an apply would make
    Plan(plan::PlanArgs),
    /// Say what Amplitude has that a commit does not say, and who changed it
    Drift(plan::DriftArgs),
    /// Say in a comment of a pull request which calls merging it will make
    Comment(comment::CommentArgs),
    /// Make Amplitude have what was merged and approved
    Apply(Box<apply::ApplyArgs>),
}

impl AmplitudeArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        match self.command {
            AmplitudeCommand::Import(command) => command.run(shell),
            AmplitudeCommand::Plan(command) => command.run(shell),
            AmplitudeCommand::Drift(command) => command.run(shell),
            AmplitudeCommand::Comment(command) => command.run(shell),
            AmplitudeCommand::Apply(command) => command.run(shell),
        }
    }
}
