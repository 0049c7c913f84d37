//! The merges of a range as units of which each has one receipt, and the merge before them.

use crate::cli::range::Chosen;
use crate::error::Error;
use crate::git::receipt_facts::{facts_between, merges_found};
use crate::git::{Commit, Repo};
use crate::receipt::branch::BranchCommits;
use crate::receipt::make::MergeFacts;

/// The merges with those united that came by one pull request, which was merged by rebasing: of each group the last
/// commit and the one that the first was put on.
pub fn united(repo: &Repo, facts: Vec<MergeFacts>, groups: &[(&str, &str)]) -> Result<Vec<MergeFacts>, Error> {
    let mut units: Vec<MergeFacts> = Vec::new();
    let by_commit: std::collections::BTreeMap<&str, &str> = groups.iter().copied().collect();
    for one in facts {
        match by_commit.get(one.commit.as_str()).filter(|onto| **onto != one.onto) {
            None => units.push(one),
            Some(onto) => {
                let start = units.iter().position(|unit| unit.onto == *onto);
                units.truncate(start.unwrap_or(units.len()));
                units.push(facts_between(repo, onto, &one)?.unwrap_or(one));
            }
        }
    }
    Ok(units)
}

/// Evidence is about one merge: what it brought in several commits, as by a fast-forward, is one.
pub fn as_one(repo: &Repo, chosen: &Chosen, facts: Vec<MergeFacts>) -> Result<Vec<MergeFacts>, Error> {
    let onto = chosen.merged_changes.first().and_then(|first| first.parent.clone());
    match (facts.last(), onto) {
        (Some(last), Some(onto)) if facts.iter().filter(|facts| facts.is_gated()).count() > 1 => {
            Ok(facts_between(repo, &onto, last)?.map_or(facts, |one| vec![one]))
        }
        _ => Ok(facts),
    }
}

/// Where the receipts of a branch begin: with its first trust. Earlier merges need none.
pub struct Beginning(Option<BranchCommits>);

impl Beginning {
    pub fn of(repo: &Repo, tip: &Commit) -> Result<Beginning, Error> {
        Ok(Beginning(repo.branch_order(tip)?))
    }

    /// Whether it is this commit.
    pub fn is(&self, commit: &str) -> bool {
        let begins = self.0.as_ref().and_then(|commits| commits.begins.as_deref());
        begins == Some(commit)
    }

    /// Whether it is before a commit of the branch.
    pub fn is_before(&self, commit: &str) -> bool {
        let Some(commits) = &self.0 else { return true };
        let place = |oid: &str| commits.places.get(oid).map(|at| at.place);
        match &commits.begins {
            Some(begins) => place(begins) < place(commit),
            None => true,
        }
    }
}

/// The commit of the receipt before the first of a range: that of the last merge before it that needs one.
pub fn before(repo: &Repo, chosen: &Chosen) -> Result<Option<String>, Error> {
    const AT_ONCE: usize = 64;
    let first = chosen.merged_changes.first().and_then(|first| first.parent.clone());
    let Some(parent) = first else { return Ok(None) };
    let earlier = repo.merged_changes(None, &Commit::shortly(&parent), None)?;
    for some in earlier.rchunks(AT_ONCE) {
        if let Some(last) = merges_found(repo, some, &|| ())?.facts.pop() {
            // Before there was a trust nobody could sign a receipt that counts.
            let trusts = last.base_policy.trust.is_some() || last.proposed.is_some_and(|after| after.trust.is_some());
            return Ok(trusts.then_some(last.commit));
        }
    }
    Ok(None)
}
