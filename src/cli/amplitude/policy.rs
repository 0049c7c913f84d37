//! The policy of a commit; and, where that is invalid, the last valid one of the branch, by which flags are switched
//! off.
//!
//! Which project of Amplitude is which, and which files are flags, only a policy says. One that is invalid keeps nobody
//! from switching off: the branch had a valid one, and what that called a flag may go off. Nothing else is done by it.

use super::look::MOST_COMMITS;
use crate::cli::Exit;
use crate::cli::lint::LintedFiles;
use crate::cli::show::{Printing, Shell};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::words::short;
use crate::error::{Error, ErrorKind};
use crate::git::{Commit, MergedCommit, Repo};
use crate::policy::{POLICY_FOLDER, Policy};

/// The next step where no commit of the branch ever had a valid policy.
pub(super) const NO_POLICY_EVER: &str = "nothing was switched off: no commit of the branch has a valid policy, so \
                                         nobody knows which project of Amplitude is which; fix the policy as it says \
                                         above, or switch flags off in Amplitude's console";

/// The policy of a commit, or the diagnostics of an invalid one.
pub(super) fn read_policy(repo: &Repo, oid: &str) -> Result<Result<Policy, Vec<Diagnostic>>, Error> {
    let (policy, diagnostics) = Policy::read(&LintedFiles::open(repo, Some(oid))?.policy()?);
    Ok(policy.ok_or(diagnostics))
}

/// The policy of a commit, or the exit code for an invalid one, which is printed.
pub(super) fn policy(repo: &Repo, oid: &str, shell: &Shell) -> Result<Result<Policy, Exit>, Error> {
    let printing = Printing { format: "text".to_owned(), all: false };
    Ok(read_policy(repo, oid)?.map_err(|diagnostics| shell.invalid_policy(&diagnostics, &printing)))
}

/// The newest valid policy of the branch before the last of its commits, and the commit that it is of.
pub(super) fn last_valid(repo: &Repo, commits: &[MergedCommit]) -> Result<Option<(Policy, String)>, Error> {
    for merged in commits.iter().rev().take(MOST_COMMITS) {
        let Some(parent) = &merged.parent else { break };
        let comparison = repo.two_trees(&Commit::of(parent), &Commit::of(&merged.oid))?;
        let touched =
            comparison.over.is_some() || comparison.deltas.iter().any(|delta| delta.path.starts_with(POLICY_FOLDER));
        if touched && let Ok(policy) = read_policy(repo, parent)? {
            return Ok(Some((policy, parent.clone())));
        }
    }
    Ok(None)
}

/// The error for an invalid policy under which a run goes on for what has to go off.
pub(super) fn broken(diagnostics: &[Diagnostic], of: &str) -> Error {
    let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).collect();
    let place = |error: &&Diagnostic| format!("{}:{}: {}", error.path, error.place.line, error.message);
    let (first, more) = (errors.first().map(place).unwrap_or_default(), errors.len().saturating_sub(1));
    let more = if more == 0 { String::new() } else { format!(", and {more} more") };
    let message = format!(
        "the policy is invalid ({first}{more}), so by the one of {} flags are switched off, and nothing else is done",
        short(of)
    );
    Error::new(ErrorKind::Policy, message, "fix it in a pull request; `countersign lint` finds every error")
}
