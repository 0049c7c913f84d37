//! `diff`: the changes of a proposal, by flag and field.

use std::path::PathBuf;

use super::check::Proposed;
use super::show::{Printing, Shell};
use super::{Exit, other_policy};
use crate::error::Error;
use crate::git::inputs::{self, Examined, Under};
use crate::git::{Comparison, Repo, TreeSide, or_head, range};
use crate::policy::Policy;
use crate::report::Report;
use crate::review::Policies;

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  countersign diff                what HEAD would change on the remote's default branch
  countersign diff main           … on main
  countersign diff v1.2 v1.3      between two commits, as they are, without merging; v1.2..v1.3 is the same
  countersign diff v1.2...v1.3    from where the two parted
  countersign diff --worktree     what the files on disk would change
  countersign diff --policy . HEAD~9 HEAD~8   what a commit changed from before there was a policy")]
pub struct DiffArgs {
    /// The branch it would be merged into, or A..B or A...B as for git diff [default: the remote's default branch, else
    /// main or master]
    #[arg(value_name = "BASE")]
    base: Option<String>,
    /// Compare BASE with this commit as it is, not with what a merge would leave
    #[arg(value_name = "HEAD", conflicts_with_all = ["staged", "worktree", "head"])]
    other: Option<String>,
    #[command(flatten)]
    proposed: Proposed,
    /// Read the flags by the .countersign of this folder, as it is on disk; no approval is judged by it
    #[arg(long, value_name = "DIR")]
    policy: Option<PathBuf>,
    /// End with code 1 if anything differs
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    printing: Printing,
}

impl DiffArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let repo = shell.repo()?;
        let comparison = match (self.base.as_deref(), &self.other) {
            (Some(base), other) if range(base).is_some() => self.range(&repo, base, other.is_some())?,
            (Some(base), Some(other)) => repo.two_trees(&repo.commit(base)?, &repo.commit(other)?)?,
            (base, _) => self.proposed.compare(&repo, base)?,
        };
        match self.examined(&repo, &comparison, shell)? {
            Ok(examination) => {
                let other_policy = self.policy.as_ref().map(|folder| folder.display().to_string());
                let report = Report { other_policy, ..examination.conclude(None, &[]) };
                shell.report(&report, &self.printing, true);
                let differs = !report.flags.is_empty() || report.policy.changed;
                let exit = Exit::of(&report, false);
                let files = inputs::policy_files(&repo, &comparison, TreeSide::Live)?;
                if self.policy.is_none() && files.config.is_some() && Policy::read_valid(&files).is_err() {
                    shell.note(&format!(
                        "by the policy that is proposed; the one of `{}` is invalid, so `countersign check` approves \
                         nothing until it is fixed there",
                        comparison.base.name.escape_debug()
                    ));
                }
                Ok(if exit == Exit::Clear && self.exit_code && differs { Exit::Blocked } else { exit })
            }
            Err(diagnostics) => Ok(shell.invalid_policy(&diagnostics, &self.printing)),
        }
    }

    /// The examination by the policy that is asked for.
    fn examined(&self, repo: &Repo, comparison: &Comparison, shell: &Shell) -> Result<Examined, Error> {
        let Some(folder) = self.policy.as_deref() else {
            return inputs::examine_proposal(repo, comparison, Under::Either, None);
        };
        let files = other_policy::files(Some(folder), shell, repo)?;
        let policies = match Policies::read(&files, &files) {
            Ok(policies) => policies,
            Err(diagnostics) => return Ok(Err(diagnostics)),
        };
        shell.note(&format!("by the policy in `{}`, which decides about no merge", folder.display()));
        inputs::examine_by(repo, comparison, policies, None).map(Ok)
    }

    /// The two commits of a range, as they are: `A..B`, or for `A...B` the commit where the two parted, and B.
    fn range(&self, repo: &Repo, text: &str, more: bool) -> Result<Comparison, Error> {
        if more || !self.proposed.is_default() {
            let message = format!("`{text}` names both sides already");
            return Err(Error::usage(message, "write the range and nothing else that names a side"));
        }
        let (from, to) = range(text).unwrap_or((text, ""));
        let (from, to) = (repo.commit(or_head(from))?, repo.commit(or_head(to))?);
        let base = if text.contains("...") { repo.merge_base(&from, &to)? } else { from };
        repo.two_trees(&base, &to)
    }
}
