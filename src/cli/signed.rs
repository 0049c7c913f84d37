//! The evidence of `check --signed`: responses that are kept in a reference, of people whose keys the trust names.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::range::branch_of;
use super::show::Shell;
use super::trust::trust_if_any;
use crate::approval::Evidence;
use crate::document::date::rfc3339;
use crate::error::Error;
use crate::git::branch_steps::{BranchSteps, FilesOfFlag};
use crate::git::gpg::Gpg;
use crate::git::kept::APPROVALS_REF;
use crate::git::{Commit, Comparison, Repo};
use crate::policy::trust::OpenPgpKey;
use crate::policy::{Policy, Trust};
use crate::receipt::approval::{
    ApprovalScope, KnownAuthors, SignedApproval, SignedResponse, approvals, evidence_of, leave_out_payments,
};
use crate::receipt::history::KeptEnvelope;
use crate::receipt::reach::key_steps;
use crate::report::{KeySteps, Report};
use crate::review::{Examination, POLICY};

/// So many responses that count for nothing are named.
const MOST_NOTES: usize = 10;

/// The time that the question is about.
#[derive(Clone, Copy)]
pub enum SignedWhen<'a> {
    /// It is to be merged.
    Now,
    /// When it was merged. Approvals after the glass was broken don't count: those pay the debt, and were not there when it came in.
    AtMerge {
        /// Fingerprints of keys that are revoked today.
        revoked: &'a [String],
    },
    /// After it was merged, to pay its debt: by the keys that the branch names today, whoever had one then.
    Afterwards {
        /// The trust of the branch today.
        trust: &'a Trust,
    },
}

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

/// Everything that was signed about a proposal, with who wrote it.
pub struct SignedResponses {
    trust: Trust,
    authors: KnownAuthors,
    now: DateTime<Utc>,
    /// Digests in full of what is proposed.
    digests: BTreeMap<String, String>,
    pub responses: Vec<SignedApproval>,
    /// Responses that are passed over, and why, one sentence each.
    pub notes: Vec<String>,
}

impl SignedResponses {
    /// The responses as evidence.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        evidence_of(&self.responses, &self.trust, self.authors.clone(), &rfc3339(self.now), &self.digests)
    }

    /// The next steps about a report, in commands that exist without a forge.
    #[must_use]
    pub fn steps(&self, report: &Report, (base, proposed): (&Policy, Option<&Policy>)) -> KeySteps {
        key_steps(report, (base, proposed), &self.trust, &self.authors)
    }

    /// The rejections of one person of these flags, as they may be dismissed.
    #[must_use]
    pub fn rejections(&self, login: &str, names: &[&String]) -> Vec<&SignedApproval> {
        let by = |one: &&SignedApproval| one.logins.iter().any(|name| name.eq_ignore_ascii_case(login));
        let about = |one: &&SignedApproval| one.digests.keys().any(|name| names.contains(&name));
        let rejects = |one: &&SignedApproval| one.approval.response == SignedResponse::Reject;
        self.responses.iter().filter(|one| by(one) && about(one) && rejects(one)).collect()
    }
}

/// Everything that was signed about this proposal, with notes on the standard error of what counts for nothing; none if the base does
/// not say whose signatures count.
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
    let mut trust = then.clone();
    match question.when {
        SignedWhen::Now => {}
        SignedWhen::AtMerge { revoked } => trust.revoked.extend(revoked.iter().cloned()),
        SignedWhen::Afterwards { trust: today } => trust = today.clone(),
    }
    let mut kept = repo.kept(APPROVALS_REF)?.unwrap_or_default();
    kept.envelopes.extend(question.with.cloned());
    let mut notes: Vec<String> = kept.warning(APPROVALS_REF).into_iter().collect();
    let now = DateTime::from_timestamp(question.now, 0).unwrap_or_default();
    let digests: BTreeMap<String, String> = examination.digests().into_iter().collect();
    let gpg = Gpg::of(repo);
    let verify = |signature: &[u8], message: &[u8], key: &OpenPgpKey| gpg.verify(signature, message, key);
    let names: Vec<String> = digests.keys().cloned().collect();
    let scope = ApprovalScope { trust: &trust, branch: &branch, now, openpgp: &verify, names: &names };
    let (mut signed, problems) = approvals(&kept.envelopes, &scope);
    for problem in problems.iter().take(MOST_NOTES) {
        notes.push(format!("{APPROVALS_REF}: {}, so it counts for nothing", problem.why));
    }
    if let Some(more) = problems.len().checked_sub(MOST_NOTES).filter(|more| *more > 0) {
        notes.push(format!("{APPROVALS_REF}: {more} more count for nothing"));
    }
    let steps = BranchSteps::of(repo, &base);
    let files: BTreeMap<&String, (Vec<String>, Vec<String>)> =
        digests.keys().map(|name| (name, (paths(examination, name), examination.part_paths_of(name)))).collect();
    for one in &mut signed {
        let (mut open, mut elsewhere) = (Vec::new(), Vec::new());
        for (name, digest) in &digests {
            // What is about other content is stale in any case, and told as that.
            let about = one.digests.get(name) == Some(digest);
            // A rejection is of what was displayed, and of what is put on top of it; another proposal is another matter.
            if one.approval.response == SignedResponse::Reject
                && one.digests.contains_key(name)
                && !about
                && !repo.is_on_top(&head.oid, &one.approval.head)
            {
                elsewhere.push(name.clone());
            }
            // It holds however often the step is proposed.
            if one.approval.response != SignedResponse::Reject
                && about
                && let Some((own, parts)) = files.get(name)
                && !steps.still_open(one, name, &FilesOfFlag { own, parts })?
            {
                open.push(name.clone());
            }
        }
        one.digests.retain(|name, _| !elsewhere.contains(name));
        for name in open {
            notes.push(format!(
                "the branch changed {name} since {} signed an approval of this step, so it has to be given again",
                one.logins.join(", ")
            ));
            one.digests.remove(&name);
        }
    }
    signed.retain(|one| one.digests.keys().any(|name| digests.contains_key(name)));
    let (policy, _) = examination.policies();
    if let SignedWhen::AtMerge { .. } = question.when {
        let admins = policy.by_key(&trust, &policy.config.admins, false);
        leave_out_payments(&mut signed, &digests, &|login| admins.contains(&login.to_ascii_lowercase()));
    }
    let touching = repo.touching(comparison, &base, &head, &policy, examination)?;
    // Whoever had an address then, or has it now, wrote what it wrote.
    let authors = repo.authors(&touching, &[&then, &trust])?;
    Ok(Some(SignedResponses { trust, authors, now, digests, responses: signed, notes }))
}

/// The files of a flag that differs, or of the policy.
fn paths(examination: &Examination, name: &str) -> Vec<String> {
    if name == POLICY { examination.policy_paths() } else { examination.paths_of(name) }
}
