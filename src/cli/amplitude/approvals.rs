//! Approvals of what an apply would carry out: each merged change behind it, by the judgement of `audit`.
//!
//! In: the flags that would be written, with the commit that each was last applied at, and GitHub or evidence. Out: for
//! each flag whether everything that was merged since had its approvals, or why not. It refuses what is not known, what
//! was merged while there was no policy, and everything after a change of the policy that nobody approved, since such a
//! policy could free anything.

use std::collections::BTreeMap;

use crate::amplitude::lock::LOCK_PATH;
use crate::amplitude::plan::PlannedItem;
use crate::approval::Evidence;
use crate::cli::event::Connection;
use crate::error::Error;
use crate::git::examined_merges::{Gated, GatedChanges, gated};
use crate::git::inputs::{Under, examine};
use crate::git::{Commit, MergedCommit, Repo};
use crate::github::audit::{Question, judged_needing, without_evidence};
use crate::github::facts::Account;
use crate::policy::POLICY_FOLDER;
use crate::review::POLICY;
use crate::review::audit::{AuditOutcome, MergedChange, Unapproved, let_in};

/// The source of approvals.
pub(super) enum Witness<'w> {
    GitHub {
        connection: &'w Connection,
        branch: String,
        gate: Option<Account>,
    },
    Evidence(&'w Evidence),
    /// Nobody: no change is known to have had the approval it needed.
    Nobody,
}

/// The judge of an apply.
pub(super) struct Judge<'j> {
    pub repo: &'j Repo,
    /// The commits of the base branch up to the one that is applied, the oldest first.
    pub commits: &'j [MergedCommit],
    pub witness: Witness<'j>,
}

/// Whether a flag may be written; the reason if it may not.
pub(super) type Judged = BTreeMap<String, Result<(), Unapproved>>;

impl Judge<'_> {
    /// Whether nobody can be asked, so that nothing is known of any approval.
    pub fn is_alone(&self) -> bool {
        matches!(self.witness, Witness::Nobody)
    }

    /// Judges the flags, each by what was merged since the commit that Amplitude has.
    pub fn flags(&self, items: &[&PlannedItem]) -> Result<Judged, Error> {
        let mut by_since: BTreeMap<&str, Vec<&PlannedItem>> = BTreeMap::new();
        for item in items {
            by_since.entry(since(item)).or_default().push(item);
        }
        let mut judged = Judged::new();
        for (since, items) in by_since {
            let range = self.after(since);
            let GatedChanges { gated, without_policy } = gated(self.repo, range, &|| {})?;
            let changes = self.ask(gated)?;
            let verdict = |name: &str| let_in(name, &changes, without_policy > 0);
            judged.extend(items.iter().map(|item| (item.name.clone(), verdict(&item.name))));
        }
        Ok(judged)
    }

    /// Whether every change of the policy since Amplitude was first imported was approved; the reason if one was not.
    pub fn policy(&self) -> Result<Result<(), String>, Error> {
        let touches = |merged: &MergedCommit, is: &dyn Fn(&str) -> bool| -> Result<bool, Error> {
            let Some(parent) = &merged.parent else { return Ok(false) };
            let comparison = self.repo.two_trees(&Commit::of(parent), &Commit::of(&merged.oid))?;
            // One that is too large to be compared may have touched anything.
            Ok(comparison.over.is_some() || comparison.deltas.iter().any(|delta| is(&delta.path)))
        };
        let mut first = 0;
        for (at, merged) in self.commits.iter().enumerate() {
            if touches(merged, &|path| path == LOCK_PATH)? {
                first = at;
                break;
            }
        }
        let mut changed = Vec::new();
        for merged in self.commits.get(first..).unwrap_or_default() {
            if touches(merged, &|path| path.starts_with(POLICY_FOLDER))? {
                // Each under the policy it was merged onto; a merge onto none made the first one.
                changed.extend(gated(self.repo, std::slice::from_ref(merged), &|| {})?.gated);
            }
        }
        let objection = let_in(POLICY, &self.ask(changed)?, false);
        Ok(objection.map_err(|one| format!("the policy was changed without approval: {}", one.why)))
    }

    /// The commits after one; all of them after none.
    fn after(&self, since: &str) -> &[MergedCommit] {
        let at = self.commits.iter().position(|merged| merged.oid == since);
        self.commits.get(at.map_or(0, |at| at + 1)..).unwrap_or_default()
    }

    fn ask(&self, gated: Vec<Gated>) -> Result<Vec<MergedChange>, Error> {
        match &self.witness {
            Witness::Nobody => Ok(gated.iter().map(without_evidence).collect()),
            Witness::GitHub { connection, branch, gate } => {
                let question =
                    Question { client: &connection.client, objects: &connection.objects, branch, gate: gate.as_ref() };
                judged_needing(&question, gated, &|| {})
            }
            Witness::Evidence(evidence) => gated.iter().map(|one| self.by_evidence(one, evidence)).collect(),
        }
    }

    /// A merged change with evidence: it counts for the content that it is about, and for no other.
    fn by_evidence(&self, gated: &Gated, evidence: &Evidence) -> Result<MergedChange, Error> {
        let mut change = without_evidence(gated);
        let merged = &gated.merged_change;
        let Some(parent) = &merged.parent else { return Ok(change) };
        if gated.outcome.is_err() || change.outcome != AuditOutcome::Needed {
            return Ok(change);
        }
        let comparison = self.repo.two_trees(&Commit::of(parent), &Commit::of(&merged.oid))?;
        if let Ok(examination) = examine(self.repo, &comparison, Under::Both, Some(merged.seconds))? {
            let report = examination.conclude(Some(evidence), &[]);
            change.conclude(&report, "it", || None);
        }
        Ok(change)
    }
}

/// The commit that Amplitude has of a flag; empty for none.
fn since(item: &PlannedItem) -> &str {
    let made = || item.wanted.past.iter().find(|past| past.flag.is_none());
    item.base.as_ref().or_else(made).map_or("", |base| base.commit.as_str())
}
