//! The evidence of `check --signed`: responses that are kept in a reference, of people whose keys the trust names.

use std::collections::BTreeMap;

use chrono::DateTime;

use super::range::branch_of;
use super::show::Shell;
use super::trust::trust_if_any;
use crate::error::Error;
use crate::git::branch_steps::{BranchSteps, FilesOfFlag};
use crate::git::gpg::Gpg;
use crate::git::kept::APPROVALS_REF;
use crate::git::{Commit, Comparison, Repo};
use crate::policy::trust::OpenPgpKey;
use crate::receipt::approval::{ApprovalScope, RefusedResponse, SignedApproval, approvals};
use crate::receipt::history::KeptEnvelope;
use crate::receipt::proposal::{ProposalQuery, responses_to};
pub use crate::receipt::proposal::{SignedResponses, SignedWhen};
use crate::review::{Examination, POLICY};

/// Most responses that count for nothing which are named.
const MOST_NOTES: usize = 10;

/// The question to the signed responses.
#[derive(Clone)]
pub struct SignedQuestion<'a> {
    /// The name of the branch; by the base if none is given.
    pub branch: Option<String>,
    /// Seconds since 1970-01-01 UTC.
    pub now: i64,
    pub when: SignedWhen<'a>,
    /// A response that is about to be kept.
    pub with: Option<&'a KeptEnvelope>,
}

/// Everything that was signed about this proposal, with notes on the standard error of what counts for nothing; none if
/// the base does not say whose signatures count.
pub fn noted(
    repo: &Repo,
    comparison: &Comparison,
    examination: &Examination,
    question: &SignedQuestion<'_>,
    shell: &Shell,
) -> Result<Option<SignedResponses>, Error> {
    let Some(found) = responses(repo, comparison, examination, question)? else {
        let why =
            "has no `.countersign/trust.yaml`, so no signature counts and nothing passes but what needs no approval";
        shell.note(&format!("`{}` {why}", comparison.base.name));
        return Ok(None);
    };
    for note in &found.notes {
        shell.note(note);
    }
    Ok(Some(found))
}

/// Everything that was signed about this proposal; none if the base does not say whose signatures count.
pub fn responses(
    repo: &Repo,
    comparison: &Comparison,
    examination: &Examination,
    question: &SignedQuestion<'_>,
) -> Result<Option<SignedResponses>, Error> {
    let commit = |name: &str, oid: Option<&String>| {
        let none = || Error::usage("only a commit can be approved", "commit it first");
        Ok::<Commit, Error>(Commit { name: name.to_owned(), oid: oid.cloned().ok_or_else(none)? })
    };
    let base = commit(&comparison.base.name, comparison.base.oid.as_ref())?;
    let head = commit(&comparison.head.name, comparison.head.oid.as_ref())?;
    let branch = question.branch.clone().or_else(|| branch_of(repo, &base)).ok_or_else(|| {
        Error::usage(format!("`{}` is no branch, and approvals are for one", base.name), "name it with `--branch`")
    })?;
    let Some(then) = trust_if_any(repo, &base)? else { return Ok(None) };
    let trust = question.when.trust(&then);
    let mut kept = repo.kept(APPROVALS_REF)?.unwrap_or_default();
    kept.envelopes.extend(question.with.cloned());
    let mut notes: Vec<String> = kept.warning(APPROVALS_REF).into_iter().collect();
    let now = DateTime::from_timestamp(question.now, 0).unwrap_or_default();
    let digests: BTreeMap<String, String> = examination.digests().into_iter().collect();
    let gpg = Gpg::of(repo);
    let verify = |signature: &[u8], message: &[u8], key: &OpenPgpKey| gpg.verify(signature, message, key);
    let names: Vec<String> = digests.keys().cloned().collect();
    let scope = ApprovalScope { trust: &trust, branch: &branch, now, openpgp: &verify, names: &names };
    let (signed, refused) = approvals(&kept.envelopes, &scope);
    for RefusedResponse { name, why } in refused.iter().take(MOST_NOTES) {
        notes.push(format!("{APPROVALS_REF}: `{}`: {why}, so it counts for nothing", name.escape_debug()));
    }
    if let Some(more) = refused.len().checked_sub(MOST_NOTES).filter(|more| *more > 0) {
        notes.push(format!("{APPROVALS_REF}: {more} more count for nothing"));
    }
    let steps = BranchSteps::of(repo, &base);
    let files: BTreeMap<&String, (Vec<String>, Vec<String>)> =
        digests.keys().map(|name| (name, (paths(examination, name), examination.part_paths_of(name)))).collect();
    let still_open = |one: &SignedApproval, name: &str| match files.get(&name.to_owned()) {
        Some((own, parts)) => steps.still_open(one, name, &FilesOfFlag { own, parts }),
        None => Ok(true),
    };
    let (policy, _) = examination.policies();
    let wanted = ProposalQuery {
        when: question.when,
        digests: &digests,
        policy: &policy,
        is_on_top: &|below| repo.is_on_top(&head.oid, below),
        still_open: &still_open,
    };
    let (responses, passed_over) = responses_to(signed, &trust, &wanted)?;
    notes.extend(passed_over.iter().map(|one| one.why.clone()));
    let touching = repo.touching(comparison, &base, &head, &policy, examination)?;
    // A person who had an address then, or has it now, wrote its commits.
    let authors = repo.authors(&touching, &[&then, &trust])?;
    Ok(Some(SignedResponses { trust, authors, now, digests, responses, notes, refused, passed_over }))
}

/// The files of a flag that differs, or of the policy.
fn paths(examination: &Examination, name: &str) -> Vec<String> {
    if name == POLICY { examination.policy_paths() } else { examination.paths_of(name) }
}
