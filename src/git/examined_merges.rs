//! Merged changes, each examined under the policy it was merged under.
//!
//! In: a repository and its merged changes, each on top of the one before. Out: for each of them the comparison with
//! its parent and the policy there. It refuses to examine under an invalid policy. Not taken: reading the policy anew
//! for each; only a merged change that touches the policy makes that necessary, and one that touches nothing the policy
//! names costs a comparison of two trees.

use crate::diagnostics::Diagnostic;
use crate::git::{Commit, Comparison, Error, MergedCommit, Repo, TreeSide};
use crate::policy::{PolicyFiles, is_policy_path};
use crate::report::{Report, Verdict};
use crate::review::Policies;

use super::inputs::{Under, collisions, concerns, examine, examine_by, policy_files};

/// The policy that a merged change was merged under.
#[derive(Clone)]
pub enum PolicyAt {
    /// There was none.
    None,
    Valid(Policies),
    /// There was an invalid one: its diagnostics, and the last valid one before it.
    Invalid(Vec<Diagnostic>, Option<Policies>),
}

/// The report as if nobody had responded, or the diagnostics of an invalid policy.
pub type Unanswered = Result<Report, Vec<Diagnostic>>;

/// A merged change that needed approval, could not have got any, or was freed from it by the policy.
pub struct Gated {
    pub merged_change: MergedCommit,
    pub outcome: Unanswered,
}

/// The merged changes that an audit is about.
pub struct GatedChanges {
    pub gated: Vec<Gated>,
    /// How many were merged while there was no policy.
    pub without_policy: usize,
}

/// Every merged change that needed approval under the policy it was merged under, or was freed from it. `step` is
/// called for each that was examined.
///
/// # Errors
/// If git fails.
pub fn gated(repo: &Repo, merged_changes: &[MergedCommit], step: &dyn Fn()) -> Result<GatedChanges, Error> {
    let freed = |outcome: &Unanswered| {
        outcome.as_ref().is_ok_and(|report| report.flags.iter().any(|flag| flag.freed.is_some()))
    };
    let mut found = GatedChanges { gated: Vec::new(), without_policy: 0 };
    walk(repo, merged_changes, &mut |merged_change, comparison, policy_at| {
        step();
        let outcome = match policy_at {
            PolicyAt::None => {
                found.without_policy += 1;
                None
            }
            PolicyAt::Valid(policies) => unanswered(repo, comparison, policies, merged_change.seconds)?
                .filter(|outcome| needed(outcome) || freed(outcome)),
            PolicyAt::Invalid(diagnostics, last) => {
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

/// The report on a merged change under the policy it was merged under, if anything in it needed approval. `then` is
/// when it was merged.
///
/// # Errors
/// If git fails.
pub fn needs(
    repo: &Repo,
    comparison: &Comparison,
    policies: &Policies,
    then: i64,
) -> Result<Option<Unanswered>, Error> {
    Ok(unanswered(repo, comparison, policies, then)?.filter(needed))
}

fn needed(outcome: &Unanswered) -> bool {
    outcome.as_ref().map_or(true, |report| report.verdict != Verdict::NotRequired)
}

/// The report on a merged change, unless it touched nothing that the policy it was merged under names.
fn unanswered(
    repo: &Repo,
    comparison: &Comparison,
    policies: &Policies,
    then: i64,
) -> Result<Option<Unanswered>, Error> {
    if !concerned(repo, comparison, policies)? {
        return Ok(None);
    }
    let examined = examine(repo, comparison, Under::Both, Some(then))?;
    Ok(Some(examined.map(|examination| examination.conclude(None, &[]))))
}

/// The report on a merged change under another policy than the one it was merged onto. `then` is when it was merged.
///
/// # Errors
/// If git fails.
pub fn under(repo: &Repo, comparison: &Comparison, policies: Policies, then: i64) -> Result<Report, Error> {
    let examination = examine_by(repo, comparison, policies, Some(then))?;
    Ok(examination.conclude(None, &[]))
}

/// Whether a merged change touched anything that a policy protects or manages.
///
/// # Errors
/// If a tree can't be read.
pub fn concerned(repo: &Repo, comparison: &Comparison, policies: &Policies) -> Result<bool, Error> {
    Ok(comparison.deltas.iter().any(|delta| concerns(&policies.base, delta))
        || !collisions(repo, comparison, policies)?.is_empty())
}

/// The function that [`walk`] calls for each merged change.
type Visit<'v> = dyn FnMut(&MergedCommit, &Comparison, &PolicyAt) -> Result<(), Error> + 'v;

/// Visits the merged changes, each with its comparison and the policy it was merged under.
///
/// # Errors
/// If git fails, or `visit` does.
pub fn walk(repo: &Repo, merged_changes: &[MergedCommit], visit: &mut Visit<'_>) -> Result<(), Error> {
    let mut policy_at: Option<PolicyAt> = None;
    for merged_change in merged_changes {
        let here = Commit::shortly(&merged_change.oid);
        // The very first commit was merged onto nothing, and so on no policy.
        let there = merged_change.parent.as_deref().map_or_else(|| here.clone(), Commit::shortly);
        let comparison = repo.two_trees(&there, &here)?;
        let policy = match (policy_at.take(), &merged_change.parent) {
            (Some(policy), _) => policy,
            (None, Some(_)) => read(&policy_files(repo, &comparison, TreeSide::Live)?, None),
            (None, None) => PolicyAt::None,
        };
        visit(merged_change, &comparison, &policy)?;
        let touched = comparison.deltas.iter().any(|delta| is_policy_path(&delta.path));
        let next = touched || merged_change.parent.is_none();
        policy_at =
            Some(if next { read(&policy_files(repo, &comparison, TreeSide::Proposed)?, Some(policy)) } else { policy });
    }
    Ok(())
}

/// A policy that was there and is gone is an invalid one: taking it away frees nobody.
fn read(files: &PolicyFiles, before: Option<PolicyAt>) -> PolicyAt {
    match (Policies::read(files, files), before) {
        (Ok(policies), _) => PolicyAt::Valid(policies),
        (Err(_), None | Some(PolicyAt::None)) if files.config.is_none() => PolicyAt::None,
        (Err(diagnostics), Some(PolicyAt::Valid(policies) | PolicyAt::Invalid(_, Some(policies)))) => {
            PolicyAt::Invalid(diagnostics, Some(policies))
        }
        (Err(diagnostics), None | Some(PolicyAt::None | PolicyAt::Invalid(_, None))) => {
            PolicyAt::Invalid(diagnostics, None)
        }
    }
}
