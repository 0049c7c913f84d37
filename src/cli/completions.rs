//! `completions`: a script that teaches a shell the commands and options.

use clap::CommandFactory;

use super::show::Shell;
use super::{Args, Exit};

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  countersign completions bash > ~/.local/share/bash-completion/completions/countersign
  countersign completions zsh > ~/.zfunc/_countersign
  countersign completions fish > ~/.config/fish/completions/countersign.fish")]
pub struct CompletionsArgs {
    /// The shell it is for
    shell: clap_complete::Shell,
}

impl CompletionsArgs {
    pub fn run(self, shell: &Shell) -> Exit {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Args::command(), "countersign", &mut script);
        shell.print(&String::from_utf8_lossy(&script));
        Exit::Clear
    }
}
