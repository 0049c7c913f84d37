//! What each merged change did to the flags of a branch: the facts that a receipt is made from and checked against.
//!
//! In: a repository and its merged changes, each on top of the one before. Out: [`MergeFacts`] of every one that touches what the
//! policy there manages or protects. It refuses to examine under an invalid policy. Not taken: merged changes of before there
//! was a policy, of which nobody said what they needed.

use super::inputs::{Under, examine, policy_files};
use super::merged::{Gated, PolicyAt, commit, concerned, walk};
use super::{Comparison, Error, MergedCommit, Repo, TreeSide};
use crate::receipt::make::MergeFacts;
use crate::report::Verdict;

/// The merged changes that need a receipt.
#[derive(Debug, Default)]
pub struct MergesFound {
    pub facts: Vec<MergeFacts>,
    /// Those that were merged under an invalid policy and touched what the last valid one names: commit and date.
    pub without_valid_policy: Vec<MergedCommit>,
}

/// The merged changes that need a receipt. `step` is called for each that was looked at.
///
/// # Errors
/// If git fails.
pub fn merges_found(repo: &Repo, merged_changes: &[MergedCommit], step: &dyn Fn()) -> Result<MergesFound, Error> {
    let mut found = MergesFound::default();
    walk(repo, merged_changes, &mut |merged_change, comparison, policy_at| {
        step();
        match policy_at {
            PolicyAt::None => {}
            PolicyAt::Valid(policies) => {
                if concerned(repo, comparison, policies)? {
                    match facts_of(repo, comparison, merged_change)? {
                        Some(facts) => found.facts.push(facts),
                        None => found.without_valid_policy.push(merged_change.clone()),
                    }
                }
            }
            PolicyAt::Invalid(_, last) => {
                let touched = match last {
                    Some(last) => concerned(repo, comparison, last)?,
                    None => true,
                };
                if touched {
                    found.without_valid_policy.push(merged_change.clone());
                }
            }
        }
        Ok(())
    })?;
    Ok(found)
}

/// The facts of several merged changes that came as one: from the commit they were merged onto to the last of them.
///
/// # Errors
/// If git fails.
pub fn facts_between(repo: &Repo, onto: &str, last: &MergeFacts) -> Result<Option<MergeFacts>, Error> {
    let comparison = repo.two_trees(&commit(onto), &commit(&last.commit))?;
    let seconds = crate::document::date::instant(&last.date).map_or(0, |at| at.timestamp());
    let merged_change = MergedCommit {
        oid: last.commit.clone(),
        parent: Some(onto.to_owned()),
        seconds,
        author: last.author.clone(),
        subject: last.subject.clone(),
    };
    facts_of(repo, &comparison, &merged_change)
}

fn facts_of(repo: &Repo, comparison: &Comparison, merged_change: &MergedCommit) -> Result<Option<MergeFacts>, Error> {
    let Ok(examination) = examine(repo, comparison, Under::Both, Some(merged_change.seconds))? else { return Ok(None) };
    let date = chrono::DateTime::from_timestamp(merged_change.seconds, 0).unwrap_or_default();
    let (base_policy, proposed) = examination.policies();
    Ok(Some(MergeFacts {
        base_policy,
        proposed,
        commit: merged_change.oid.clone(),
        onto: merged_change.parent.clone().unwrap_or_default(),
        date: date.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        author: merged_change.author.clone(),
        subject: merged_change.subject.clone(),
        served: examination.served(),
        policy: [TreeSide::Live, TreeSide::Proposed]
            .map(|side| policy_files(repo, comparison, side).map(|files| files.digest()))
            .into_iter()
            .collect::<Result<Vec<_>, _>>()?
            .try_into()
            .unwrap_or_default(),
        report: examination.conclude(None, &[]),
    }))
}

impl MergeFacts {
    /// The merged change as an audit looks at it.
    #[must_use]
    pub fn gated(&self) -> Gated {
        let seconds = crate::document::date::instant(&self.date).map_or(0, |at| at.timestamp());
        let merged_change = MergedCommit {
            oid: self.commit.clone(),
            parent: Some(self.onto.clone()),
            seconds,
            author: self.author.clone(),
            subject: self.subject.clone(),
        };
        Gated { merged_change, outcome: Ok(self.report.clone()) }
    }

    /// Whether it needed approval, or was freed from it by the policy.
    #[must_use]
    pub fn is_gated(&self) -> bool {
        self.report.verdict != Verdict::NotRequired || self.report.flags.iter().any(|flag| flag.freed.is_some())
    }
}
