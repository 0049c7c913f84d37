//! `diff`: the changes of a proposal, by flag and field.

use super::Exit;
use super::check::Proposed;
use super::show::{Printing, Shell};
use crate::git::inputs::{self, Under};

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  countersign diff                what HEAD would change on the remote's default branch
  countersign diff main           … on main
  countersign diff v1.2 v1.3      between two commits, as they are, without merging
  countersign diff --worktree     what the files on disk would change")]
pub struct DiffArgs {
    /// The branch it would be merged into [default: the remote's default branch, else main or master]
    #[arg(value_name = "BASE")]
    base: Option<String>,
    /// Compare BASE with this commit as it is, not with what a merge would leave
    #[arg(value_name = "HEAD", conflicts_with_all = ["staged", "worktree", "head"])]
    other: Option<String>,
    #[command(flatten)]
    proposed: Proposed,
    /// End with code 1 if anything differs
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    printing: Printing,
}

impl DiffArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let repo = shell.repo()?;
        let comparison = match (&self.base, &self.other) {
            (Some(base), Some(other)) => repo.two_trees(&repo.commit(base)?, &repo.commit(other)?)?,
            (base, _) => self.proposed.compare(&repo, base.as_deref())?,
        };
        match inputs::examine_proposal(&repo, &comparison, Under::Either, None)? {
            Ok(examination) => {
                let report = examination.conclude(None, &[]);
                shell.report(&report, &self.printing, true);
                let differs = !report.flags.is_empty() || report.policy.changed;
                let exit = Exit::of(&report, false);
                Ok(if exit == Exit::Clear && self.exit_code && differs { Exit::Blocked } else { exit })
            }
            Err(diagnostics) => Ok(shell.invalid_policy(&diagnostics, &self.printing)),
        }
    }
}
