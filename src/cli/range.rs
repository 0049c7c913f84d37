//! The merged changes that a command is about: `A..B` as git has it, or all since a day.

use indicatif::{ProgressBar, ProgressStyle};

use super::show::Shell;
use crate::document::date::instant;
use crate::error::Error;
use crate::git::{Commit, MergedCommit, Repo};
use crate::report::Revision;

/// From how many merged changes on a progress bar is shown.
const LONG: usize = 200;

#[derive(clap::Args, Debug)]
pub struct Range {
    /// Commits of a branch, as git names a range: those of B that are not in A; `A..` goes up to HEAD
    #[arg(value_name = "A..B", required_unless_present = "since")]
    pub(super) range: Option<String>,
    /// Only from the first that is as young as this, such as 2026-10-01 [without A..B: of the default branch]
    #[arg(long, value_name = "DATE")]
    pub(super) since: Option<String>,
}

/// The merged changes a range names.
pub struct Chosen {
    pub from: Option<Commit>,
    pub to: Commit,
    pub since: Option<String>,
    pub merged_changes: Vec<MergedCommit>,
}

impl Range {
    /// The merged changes; without a range those of this branch, else of the default branch.
    pub fn choose(&self, repo: &Repo, branch: Option<&str>) -> Result<Chosen, Error> {
        let since = match &self.since {
            Some(since) => Some(instant(since).ok_or_else(|| {
                let message = format!("`--since`: `{}` is no date", since.escape_debug());
                Error::usage(message, "write a day such as `2026-10-01`")
            })?),
            None => None,
        };
        let (from, to) = match &self.range {
            Some(range) => ends(repo, range)?,
            None => (None, tip_of(repo, branch)?),
        };
        let merged_changes = repo.merged_changes(from.as_ref(), &to, since.map(|since| since.timestamp()))?;
        Ok(Chosen { from, to, since: self.since.clone(), merged_changes })
    }
}

/// The tip of a branch, here or at a remote; without a name that of the default branch.
pub fn tip_of(repo: &Repo, branch: Option<&str>) -> Result<Commit, Error> {
    let base = repo.default_base();
    let named = base.as_ref().ok().and_then(|base| branch_of(repo, base));
    let Some(name) = branch.filter(|name| named.as_deref() != Some(name)) else { return base };
    let remote = || repo.remotes().into_iter().find_map(|remote| repo.commit(&format!("{remote}/{name}")).ok());
    repo.commit(name).or_else(|error| remote().ok_or(error))
}

fn ends(repo: &Repo, range: &str) -> Result<(Option<Commit>, Commit), Error> {
    let wrong = |what: &str, remedy: String| {
        Error::usage(format!("`{}` {what}, expected `A..B`", range.escape_debug()), remedy)
    };
    let Some((from, to)) = range.split_once("..") else {
        return Err(wrong("is one commit", format!("write `{}..` for what came after it", range.escape_debug())));
    };
    if let Some(to) = to.strip_prefix('.') {
        return Err(wrong("has three dots", format!("write two: `{}..{}`", from.escape_debug(), to.escape_debug())));
    }
    let end = |name: &str| if name.is_empty() { repo.head() } else { repo.commit(name) };
    Ok((Some(end(from)?), end(to)?))
}

impl Chosen {
    /// The branch the last commit was named by, as GitHub calls it; none if it was not named by a branch.
    pub fn branch(&self, repo: &Repo) -> Option<String> {
        branch_of(repo, &self.to)
    }

    pub fn from(&self) -> Option<Revision> {
        self.from.as_ref().map(revision)
    }

    pub fn to(&self) -> Revision {
        revision(&self.to)
    }
}

/// The branch that a commit was named by, as a forge calls it; none if it was not named by a branch.
pub fn branch_of(repo: &Repo, commit: &Commit) -> Option<String> {
    let name = match commit.name.as_str() {
        "HEAD" | "@" => repo.head().ok()?.name,
        name => name.to_owned(),
    };
    // `main~1` is no branch, whatever `main` is.
    if name.contains(['~', '^', ':']) || name.contains("@{") {
        return None;
    }
    let is = |full: String| repo.commit(&full).is_ok_and(|found| found.oid == commit.oid);
    if is(format!("refs/heads/{name}")) {
        return Some(name);
    }
    let remote = repo.remotes().into_iter().find_map(|remote| name.strip_prefix(&format!("{remote}/")));
    remote.filter(|_| is(format!("refs/remotes/{name}"))).map(str::to_owned)
}

fn revision(commit: &Commit) -> Revision {
    Revision { name: commit.name.clone(), oid: Some(commit.oid.clone()) }
}

/// A progress bar, if there is enough to do for somebody to wonder.
pub fn bar(length: usize, what: &str) -> ProgressBar {
    if length <= LONG || !Shell::watched() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(&format!("{{bar:40}} {{pos}}/{{len}} {what}"));
    ProgressBar::new(length as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
