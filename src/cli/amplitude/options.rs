//! Options that `plan`, `drift` and `apply` share: the live branch, the project, the form of the output, the
//! connection.

use super::connect::ConnectAmplitude;
use super::look::Sight;
use crate::cli::show::outputs;
use crate::error::Error;
use crate::git::{Commit, Repo};
use crate::policy::Policy;

/// Options of every command that compares a commit with Amplitude.
#[derive(clap::Args, Debug)]
pub(super) struct CompareOptions {
    /// The branch that is live [default: the remote's default branch, else main or master]
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// Only this project of the configuration [default: all that are in Amplitude]
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// How to write it down
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = outputs(|output| output.of_plans))]
    pub format: String,
    #[command(flatten)]
    pub connect: ConnectAmplitude,
}

impl CompareOptions {
    /// The tip of the live branch.
    pub fn tip(&self, repo: &Repo) -> Result<Commit, Error> {
        repo.or_default_base(self.base.as_deref())
    }

    /// The look at a commit by a policy.
    pub fn sight<'s>(&'s self, repo: &'s Repo, commit: &'s Commit, policy: &'s Policy) -> Result<Sight<'s>, Error> {
        Sight::new(repo, commit, policy, self.project.as_deref())
    }
}
