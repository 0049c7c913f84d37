//! init
use super::show::Shell;
use super::{Exit, Failure};
#[derive(clap::Args, Debug)]
pub struct Init {}
impl Init {
    pub fn run(self, _shell: &Shell) -> Result<Exit, Failure> {
        Ok(Exit::Clear)
    }
}
