//! `receipt --vsa`: writes the summary of the branch in the form of SLSA's source track, signed as receipts are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::files::write;
use super::{ReceiptArgs, kept_if_any};
use crate::changes::served::hex;
use crate::cli::range::{branch_of, tip_of};
use crate::cli::show::Shell;
use crate::document::date::rfc3339;
use crate::error::{Error, ErrorKind};
use crate::git::receipt_facts::unagreed;
use crate::git::{Commit, Repo, TreeSide};
use crate::policy::{Approvals, Policy, ProjectMatch, is_policy_path};
use crate::receipt::Receipt;
use crate::receipt::envelope::Delivered;
use crate::receipt::summary::{SummaryOf, summary};

#[derive(clap::Args, Debug)]
pub struct SummaryOptions {
    /// Write a source VSA of the branch into this file: every change of every file was agreed to by two people
    #[arg(long, value_name = "FILE")]
    pub vsa: Option<PathBuf>,
    /// The address of the repository in it [default: `git+https://github.com/` and the repository of the trust]
    #[arg(long, value_name = "URI", requires = "vsa")]
    resource: Option<String>,
}

impl ReceiptArgs {
    pub(super) fn summarize(&self, shell: &Shell, repo: &Repo, seconds: i64, path: &Path) -> Result<(), Error> {
        let tip = tip_of(repo, self.branch.as_deref())?;
        let files = repo.policy_at(&tip)?;
        let trust = crate::cli::trust::trust_of(repo, &tip)?;
        let branch =
            self.branch.clone().or_else(|| branch_of(repo, &tip)).ok_or_else(|| {
                Error::usage("which branch the summary is about is not known", "name it with `--branch`")
            })?;
        let kept = kept_if_any(repo)?.unwrap_or_default();
        let now = chrono::DateTime::from_timestamp(seconds, 0).unwrap_or_default();
        let history = repo.receipts_of(&kept, &trust, (&branch, &tip), now)?;
        let mut envelopes: BTreeMap<String, String> = BTreeMap::new();
        for one in &kept {
            let receipt = Delivered::parse(&one.bytes).ok().and_then(|one| Receipt::parse(&one.payload).ok());
            if let Some(receipt) = receipt
                && history.receipts.iter().any(|known| known.receipt == receipt)
            {
                envelopes.insert(receipt.commit, hex(&Sha256::digest(&one.bytes)));
            }
        }
        let merged: Vec<String> = repo.merged_changes(None, &tip, None)?.into_iter().map(|one| one.oid).collect();
        let at = rfc3339(now);
        let resource = self.summary.resource.clone();
        let resource = resource.unwrap_or_else(|| format!("git+https://github.com/{}", trust.repository));
        let policy = Policy::read_valid(&files).map_err(|_| {
            Error::new(ErrorKind::Policy, "the policy of the branch is invalid", "run `countersign lint`")
        })?;
        let of = SummaryOf {
            commit: &tip.oid,
            branch: &branch,
            resource: &resource,
            policy: &files.digest(),
            at: &at,
            unprotected: &unprotected(repo, &tip, &policy)?,
            merged: &merged,
            envelopes: &envelopes,
            unagreed: &|receipt| unagreed(repo, receipt).map_err(|error| error.message),
            is_empty: &|commit| repo.is_empty_commit(commit),
        };
        let statement = summary(&of, &history).map_err(|why| {
            let help = "a source VSA says that two people agreed to every change of every file since the first \
                        receipt; `verify` and \
                        `audit --receipts` say what holds without that";
            Error::new(ErrorKind::OverBudget, format!("{} is not two-party reviewed: {why}", tip.name), help)
        })?;
        let envelope = self.envelope(shell, &serde_json::to_vec(&statement).unwrap_or_default())?;
        write(&shell.dir().join(path), format!("{}\n", envelope.json()).as_bytes())?;
        let signed = if self.sign_with.is_some() { "signed" } else { "not signed" };
        shell.note(&format!("source VSA of {} written to {}, {signed}", tip.name, path.display()));
        Ok(())
    }
}

/// The files of a commit whose changes nobody has to approve.
fn unprotected(repo: &Repo, tip: &Commit, policy: &Policy) -> Result<Vec<String>, Error> {
    let comparison = repo.two_trees(tip, tip)?;
    let mut found = Vec::new();
    repo.list(&comparison, TreeSide::Live, &|_| true, &mut |path, _| {
        let managed = match policy.project_of(path) {
            ProjectMatch::Project(project) => project.approvals != Approvals::None,
            ProjectMatch::Several(_) | ProjectMatch::Unmanaged => false,
        };
        if !managed && !policy.protects(path) && !is_policy_path(path) {
            found.push(path.to_owned());
        }
    })?;
    Ok(found)
}
