//! The git half of a review on GitHub: the objects of the commits, fetched, and their examination.
//!
//! In: the names of a base and of heads. Out: the [`Examination`] of a proposal or of a merge-queue entry, with the
//! commits that touch managed files. It refuses to treat a commit that git does not have as an error of the person who
//! runs it, since GitHub named it. Not taken: the merge commit that GitHub offers (`refs/pull/N/merge`), which is stale
//! by design.

use std::path::{Path, PathBuf};

use super::doctor::ProjectFiles;
use super::facts::PullFacts;
use super::fingerprint::short_digest;
use crate::approval::Content;
use crate::diagnostics::Diagnostic;
use crate::document::date::instant;
use crate::error::Error;
use crate::git::inputs::{Under, examine, examine_proposal, policy_files, projects};
use crate::git::kept::RECEIPTS_REF;
use crate::git::keyless::Cosign;
use crate::git::token::Token;
use crate::git::{Commit, Comparison, Proposal, Remote, Repo, TreeSide};
use crate::policy::trust::KeylessIdentity;
use crate::policy::{Policy, PolicyFiles};
use crate::receipt::debt::known_debts;
use crate::report::KnownDebts;
use crate::review::Examination;

/// The places that objects of commits come from.
pub struct Objects {
    pub remote: Remote,
    /// A clone that is there already, used if it has all that is needed.
    pub clone: Option<PathBuf>,
}

/// The changes of one commit to one base, examined.
pub(super) struct ExaminedPull {
    pub examination: Examination,
    pub policy: Policy,
    /// Eight digits over the base policy.
    pub policy_digest: String,
    /// The commits that touch managed files.
    pub touching: Vec<String>,
}

/// Whether overdue debts hold an entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DebtHold {
    /// The commit is to be merged, so the objects of today do.
    Today,
    /// The commit was merged long ago.
    Passed,
}

/// The valid policy of a branch, and whether its projects have files, if these can be had.
pub struct PolicyAndProjects {
    pub policy: Policy,
    pub projects: Result<ProjectFiles, Error>,
}

/// An examined pull request, or the diagnostics of an invalid base policy.
pub(super) type ExaminedOrInvalid = Result<ExaminedPull, Vec<Diagnostic>>;

impl Objects {
    /// # Errors
    /// If the address is none.
    pub fn new(url: &str, token: Option<Token>, dir: &Path) -> Result<Objects, Error> {
        let clone = dir.join(".git").exists().then(|| dir.to_owned());
        Ok(Objects { remote: Remote::new(url, token)?, clone })
    }

    fn with(&self, base: &str, heads: &[String], commits: u64) -> Result<Repo, Error> {
        let depth = usize::try_from(commits).unwrap_or(usize::MAX).saturating_add(1);
        Repo::near_or_fetched(self.clone.as_deref(), &self.remote, base, heads, depth)
    }

    /// Examines the merge of a pull request into the tip of its base.
    pub(super) fn examine(&self, facts: &PullFacts) -> Result<ExaminedOrInvalid, Error> {
        let Some(tip) = &facts.base_tip else {
            return Err(Error::missing(format!("branch {}", facts.outline.base)));
        };
        let (base, head) = (commit(&facts.outline.base, tip), proposed(facts, &facts.outline.head));
        let examined = || {
            let repo = self.with(tip, std::slice::from_ref(&facts.outline.head), facts.commit_count)?;
            let comparison = repo.compare(&base, &Proposal::Commit(head.clone()))?;
            examined(&repo, &comparison, &base, &head, seconds(facts))
        };
        self.with_debts(examined().map_err(Error::not_usage)?, facts, tip)
    }

    /// Adds the debts that the receipts of the repository tell of, where its policy lets the glass be broken.
    fn with_debts(
        &self,
        examined: ExaminedOrInvalid,
        facts: &PullFacts,
        tip: &str,
    ) -> Result<ExaminedOrInvalid, Error> {
        let Ok(mut examined) = examined else { return Ok(examined) };
        let now = seconds(facts).unwrap_or_default();
        if let Some(debts) = self.debts(&examined.policy, &facts.outline.base, tip, now)? {
            examined.examination = examined.examination.with_debts(debts);
        }
        Ok(Ok(examined))
    }

    /// The debts of a branch with this policy; none without receipts, a trust, or a policy that lets the glass be
    /// broken.
    ///
    /// # Errors
    /// If its receipts can't be had.
    pub fn debts(&self, policy: &Policy, branch: &str, tip: &str, now: i64) -> Result<Option<KnownDebts>, Error> {
        let (Some(_), Some(trust)) = (policy.config.break_glass, &policy.trust) else { return Ok(None) };
        let kept = Repo::fetch_kept(&self.remote, RECEIPTS_REF, tip).map_err(Error::not_usage)?;
        let now = chrono::DateTime::from_timestamp(now, 0).unwrap_or_default();
        let cosign = Cosign::default();
        let verify = |bundle: &[u8], trusted: &[KeylessIdentity]| cosign.verify(bundle, trusted);
        Ok(kept.map(|kept| known_debts(&kept.envelopes, trust, Some(branch), now, &verify)))
    }

    /// The contents that approvals covered when these two commits were displayed; none if they are not to be had, since
    /// this is only to be reported.
    pub(super) fn contents(&self, base: &str, head: &str, commits: u64) -> Vec<Content> {
        let full = |oid: &str| matches!(oid.len(), 40 | 64) && oid.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !full(base) || !full(head) {
            return Vec::new();
        }
        let read = || -> Result<Vec<Content>, Error> {
            let repo = self.with(base, &[head.to_owned()], commits)?;
            let comparison = repo.compare(&commit("base", base), &Proposal::Commit(commit("head", head)))?;
            let examined = examine(&repo, &comparison, Under::Both, None)?;
            Ok(examined.map(|one| one.contents().into_iter().cloned().collect()).unwrap_or_default())
        };
        read().unwrap_or_default()
    }

    /// The policy at this commit and the files of its projects; `None` if it has no valid policy.
    ///
    /// # Errors
    /// If the files of the policy can't be had.
    pub fn policy_and_projects(&self, tip: &str) -> Result<Option<PolicyAndProjects>, Error> {
        let looked = || {
            let repo = self.with(tip, &[], 0)?;
            let here = commit("the branch", tip);
            let comparison = repo.two_trees(&here, &here)?;
            let policy = Policy::read_valid(&policy_files(&repo, &comparison, TreeSide::Live)?).ok();
            Ok(policy.map(|policy| {
                let found = projects(&repo, &comparison, &policy);
                let projects = found.map(|(empty, no_flag)| ProjectFiles { empty, no_flag }).map_err(Error::not_usage);
                PolicyAndProjects { policy, projects }
            }))
        };
        looked().map_err(Error::not_usage)
    }

    /// Examines an entry of a merge queue: `entry` is its commit, `below` the commit it was put on.
    pub(super) fn examine_entry(
        &self,
        facts: &PullFacts,
        below: &str,
        entry: &str,
        holds: DebtHold,
    ) -> Result<ExaminedOrInvalid, Error> {
        let examined = || {
            let heads = [entry.to_owned(), facts.outline.head.clone()];
            let repo = self.with(below, &heads, facts.commit_count.saturating_add(1))?;
            let base = commit(&facts.outline.base, below);
            let comparison = repo.two_trees(&base, &proposed(facts, entry))?;
            examined(&repo, &comparison, &base, &proposed(facts, &facts.outline.head), seconds(facts))
        };
        let examined = examined().map_err(Error::not_usage)?;
        match holds {
            DebtHold::Today => self.with_debts(examined, facts, below),
            DebtHold::Passed => Ok(examined),
        }
    }

    /// The pull requests, by number and head, that change something in this base or can't be examined. A base that
    /// moves can bring a file under a managed path that was none at the last review, since a merge follows a renamed
    /// folder.
    pub(super) fn with_changes(&self, base: &str, tip: &str, heads: &[(u64, String)]) -> Vec<u64> {
        let all: Vec<String> = heads.iter().map(|(_, head)| head.clone()).collect();
        let Ok(repo) = self.with(tip, &all, 0) else { return heads.iter().map(|(number, _)| *number).collect() };
        let unchanged = |head: &str| {
            let comparison = repo.compare(&commit(base, tip), &Proposal::Commit(commit(head, head))).ok()?;
            let examination = examine_proposal(&repo, &comparison, Under::Both, None).ok()?.ok()?;
            Some(examination.is_nothing())
        };
        heads.iter().filter(|(_, head)| unchanged(head) != Some(true)).map(|(number, _)| *number).collect()
    }
}

fn commit(name: &str, oid: &str) -> Commit {
    Commit { name: name.to_owned(), oid: oid.to_owned() }
}

/// The time by the clock of the server.
fn seconds(facts: &PullFacts) -> Option<i64> {
    instant(&facts.now).map(|now| now.timestamp())
}

fn proposed(facts: &PullFacts, oid: &str) -> Commit {
    commit(&format!("#{}", facts.number()), oid)
}

fn examined(
    repo: &Repo,
    comparison: &Comparison,
    base: &Commit,
    head: &Commit,
    now: Option<i64>,
) -> Result<ExaminedOrInvalid, Error> {
    let files = policy_files(repo, comparison, TreeSide::Live)?;
    let policy = match Policy::read_valid(&files) {
        Ok(policy) => policy,
        Err(diagnostics) => return Ok(Err(diagnostics)),
    };
    let examination = match examine_proposal(repo, comparison, Under::Both, now)? {
        Ok(examination) => examination,
        Err(diagnostics) => return Ok(Err(diagnostics)),
    };
    let touching = repo.touching(comparison, base, head, &policy, &examination)?;
    let policy_digest = policy_digest(&files);
    Ok(Ok(ExaminedPull { examination, policy, policy_digest, touching }))
}

/// Eight digits over the two files of a policy.
#[must_use]
pub fn policy_digest(files: &PolicyFiles) -> String {
    let text = |file: &Option<crate::flag::File>| {
        file.as_ref().map_or_else(String::new, |file| String::from_utf8_lossy(&file.bytes).into_owned())
    };
    let mut all = format!("{}\n---\n{}", text(&files.config), text(&files.approvers));
    for file in &files.formats {
        all.push_str(&format!("\n---\n{}\n{}", file.path, String::from_utf8_lossy(&file.bytes)));
    }
    short_digest(&all)
}
