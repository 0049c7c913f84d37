//! `amplitude`: flags of Amplitude to files, files to Amplitude.

mod connect;
mod files;
mod import;

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
}

impl AmplitudeArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        match self.command {
            AmplitudeCommand::Import(command) => command.run(shell),
        }
    }
}
