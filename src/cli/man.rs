//! `man`: the manual pages, one for each command, made from the same help texts.

use std::path::PathBuf;

use clap::CommandFactory;

use super::show::Shell;
use super::{Args, Exit};
use crate::error::Error;

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  countersign man ~/.local/share/man/man1 && man countersign-check")]
pub struct ManArgs {
    /// The folder to write them into; it is made if it is not there
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

impl ManArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let folder = shell.dir().join(&self.folder);
        std::fs::create_dir_all(&folder)
            .and_then(|()| clap_mangen::generate_to(Args::command(), &folder))
            .map_err(|error| Error::file("write the manual pages into", &folder, &error))?;
        Ok(Exit::Clear)
    }
}
