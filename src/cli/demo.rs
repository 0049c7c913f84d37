//! demo
use super::show::Shell;
use super::{Exit, Failure};
#[derive(clap::Args, Debug)]
pub struct Demo {}
impl Demo {
    pub fn run(self, _shell: &Shell) -> Result<Exit, Failure> {
        Ok(Exit::Clear)
    }
}
