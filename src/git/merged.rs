//! Merged changes, looked at under the policy it was merged under.
//!
//! In: a repository and its merged changes, each on top of the one before. Out: for each of them the comparison with what it
//! was merged onto and the policy there. A merged change that touches nothing the policy names costs a comparison of two trees: the policy is
//! read anew only after a merged change that touches it. Refused: judging under a policy that does not hold.

use crate::diagnostics::Diagnostic;
use crate::git::{Commit, Comparison, Error, MergedCommit, Repo, TreeSide};
use crate::policy::{APPROVERS_PATH, CONFIG_PATH, PolicyFiles};
use crate::render;
use crate::report::{Report, Verdict};
use crate::review::Policies;

use super::inputs::{Stop, Under, collisions, concerns, examine, examine_by, policy_files};

/// The policy a merged change was merged onto.
#[derive(Clone)]
pub enum PolicyAt {
    /// There was none.
    None,
    Holds(Policies),
    /// There was one that does not hold: what is wrong, and the last one that did.
    Broken(Vec<Diagnostic>, Option<Policies>),
}

/// The report as if nobody had answered; or what was wrong with the policy.
pub type Outcome = Result<Report, Vec<Diagnostic>>;

/// A merged change that needed approval, or could not have got any.
pub struct Gated {
    pub merged_change: MergedCommit,
    pub outcome: Outcome,
}

/// What there is to audit.
pub struct Found {
    pub gated: Vec<Gated>,
    /// How many were merged while there was no policy.
    pub lawless: usize,
}

/// Every merged change that needed approval under the policy it was merged under. `step` is told of each that was looked at.
///
/// # Errors
/// If git fails.
pub fn gated(repo: &Repo, merged_changes: &[MergedCommit], step: &dyn Fn()) -> Result<Found, Error> {
    let mut found = Found { gated: Vec::new(), lawless: 0 };
    walk(repo, merged_changes, &mut |merged_change, comparison, policy_at| {
        step();
        let outcome = match policy_at {
            PolicyAt::None => {
                found.lawless += 1;
                None
            }
            PolicyAt::Holds(policies) => needs(repo, comparison, policies)?,
            PolicyAt::Broken(diagnostics, last) => {
                let touched = match last {
                    Some(last) => concerned(repo, comparison, last)?,
                    None => true,
                };
                touched.then(|| Err(diagnostics.clone()))
            }
        };
        found.gated.extend(outcome.map(|outcome| Gated { merged_change: merged_change.clone(), outcome }));
        Ok(())
    })?;
    Ok(found)
}

/// The report on a merged change under the policy it was merged under, if anything in it needed approval.
///
/// # Errors
/// If git fails.
pub fn needs(repo: &Repo, comparison: &Comparison, policies: &Policies) -> Result<Option<Outcome>, Error> {
    if !concerned(repo, comparison, policies)? {
        return Ok(None);
    }
    match examine(repo, comparison, Under::Both) {
        Ok(examination) => {
            let report = render::within_a_comment(examination.conclude(None, &[]));
            Ok((report.verdict != Verdict::NotRequired).then_some(Ok(report)))
        }
        Err(Stop::Policy(diagnostics)) => Ok(Some(Err(diagnostics))),
        Err(Stop::Repo(error)) => Err(error),
    }
}

/// The report on a merged change under another policy than the one it was merged onto.
///
/// # Errors
/// If git fails.
pub fn under(repo: &Repo, comparison: &Comparison, policies: Policies) -> Result<Report, Error> {
    let examination = examine_by(repo, comparison, policies)?;
    Ok(render::within_a_comment(examination.conclude(None, &[])))
}

/// Whether a policy has anything to say of what a merged change touched.
///
/// # Errors
/// If a tree can't be read.
pub fn concerned(repo: &Repo, comparison: &Comparison, policies: &Policies) -> Result<bool, Error> {
    Ok(comparison.deltas.iter().any(|delta| concerns(&policies.base, delta))
        || !collisions(repo, comparison, policies)?.is_empty())
}

type Each<'e> = dyn FnMut(&MergedCommit, &Comparison, &PolicyAt) -> Result<(), Error> + 'e;

/// Goes through the merged changes with what each changed and the policy it was merged under.
///
/// # Errors
/// If git fails, or `each` does.
pub fn walk(repo: &Repo, merged_changes: &[MergedCommit], each: &mut Each<'_>) -> Result<(), Error> {
    let mut policy_at: Option<PolicyAt> = None;
    for merged_change in merged_changes {
        let here = commit(&merged_change.oid);
        // The very first commit was merged onto nothing, and so on no policy.
        let there = merged_change.parent.as_deref().map_or_else(|| here.clone(), commit);
        let comparison = repo.two_trees(&there, &here)?;
        let policy = match (policy_at.take(), &merged_change.parent) {
            (Some(policy), _) => policy,
            (None, Some(_)) => read(&policy_files(repo, &comparison, TreeSide::Live)?, None),
            (None, None) => PolicyAt::None,
        };
        each(merged_change, &comparison, &policy)?;
        let touched = comparison.deltas.iter().any(|delta| [CONFIG_PATH, APPROVERS_PATH].contains(&&*delta.path));
        let next = touched || merged_change.parent.is_none();
        policy_at =
            Some(if next { read(&policy_files(repo, &comparison, TreeSide::Proposed)?, Some(policy)) } else { policy });
    }
    Ok(())
}

/// A policy that was there and is gone does not hold: whoever took it away is free of nothing.
fn read(files: &PolicyFiles, before: Option<PolicyAt>) -> PolicyAt {
    match (Policies::read(files, files), before) {
        (Ok(policies), _) => PolicyAt::Holds(policies),
        (Err(_), None | Some(PolicyAt::None)) if files.config.is_none() => PolicyAt::None,
        (Err(diagnostics), Some(PolicyAt::Holds(policies) | PolicyAt::Broken(_, Some(policies)))) => {
            PolicyAt::Broken(diagnostics, Some(policies))
        }
        (Err(diagnostics), None | Some(PolicyAt::None | PolicyAt::Broken(_, None))) => {
            PolicyAt::Broken(diagnostics, None)
        }
    }
}

pub(super) fn commit(oid: &str) -> Commit {
    Commit { name: oid.chars().take(8).collect(), oid: oid.to_owned() }
}
