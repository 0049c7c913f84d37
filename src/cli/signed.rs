//! The evidence of `check --signed`: responses that are kept in a reference, of people whose keys the trust names.

use super::range::branch_of;
use super::show::Shell;
use crate::approval::Evidence;
use crate::document::date::instant;
use crate::error::{Error, ErrorKind};
use crate::git::kept::APPROVALS_REF;
use crate::git::{Commit, Comparison, Repo};
use crate::policy::Policy;
use crate::receipt::approval::{SignedApproval, SignedResponse, approvals, evidence_of};
use crate::review::{Examination, POLICY};

/// So many responses that count for nothing are told.
const MOST_TOLD: usize = 10;

/// What is asked of the signed responses.
pub struct SignedAsked<'a> {
    /// The name of the branch; by the base if none is given.
    pub branch: Option<String>,
    /// Seconds since 1970-01-01 UTC.
    pub now: i64,
    /// Whether approvals after the glass was broken don't count: those pay the debt, and were not there when it came in.
    pub as_of_merge: bool,
    /// Fingerprints of keys that are revoked today, where the base is of long ago.
    pub revoked: &'a [String],
}

/// Everything that was signed about this proposal; none if the base does not say whose signatures count. What counts for nothing is
/// told on the standard error.
pub fn evidence(
    repo: &Repo,
    comparison: &Comparison,
    examination: &Examination,
    asked: &SignedAsked<'_>,
    shell: &Shell,
) -> Result<Option<Evidence>, Error> {
    let now = asked.now;
    let commit = |name: &str, oid: Option<&String>| {
        let none = || Error::usage("only a commit can be approved", "commit it first");
        Ok::<Commit, Error>(Commit { name: name.to_owned(), oid: oid.cloned().ok_or_else(none)? })
    };
    let base = commit(&comparison.base.name, comparison.base.oid.as_ref())?;
    let head = commit(&comparison.head.name, comparison.head.oid.as_ref())?;
    let branch = asked.branch.clone().or_else(|| branch_of(repo, &base)).ok_or_else(|| {
        Error::usage(format!("`{}` is no branch, and approvals are for one", base.name), "name it with `--branch`")
    })?;
    let policy = Policy::read_valid(&repo.policy_at(&base)?)
        .map_err(|_| Error::new(ErrorKind::Policy, "the policy of the base is invalid", "run `countersign lint`"))?;
    let Some(mut trust) = policy.trust.clone() else {
        let why =
            "has no `.countersign/trust.yaml`, so no signature counts and nothing passes but what needs no approval";
        shell.note(&format!("`{}` {why}", base.name));
        return Ok(None);
    };
    trust.revoked.extend(asked.revoked.iter().cloned());
    let kept = repo.kept(APPROVALS_REF)?.unwrap_or_default();
    if let Some(warning) = kept.warning(APPROVALS_REF) {
        shell.note(&warning);
    }
    let clock = chrono::DateTime::from_timestamp(now, 0).unwrap_or_default();
    let (mut signed, problems) = approvals(&kept.envelopes, &trust, &branch, clock);
    for problem in problems.iter().take(MOST_TOLD) {
        shell.note(&format!("{APPROVALS_REF}: {}, so it counts for nothing", problem.why));
    }
    if let Some(more) = problems.len().checked_sub(MOST_TOLD).filter(|more| *more > 0) {
        shell.note(&format!("{APPROVALS_REF}: {more} more count for nothing"));
    }
    let digests = examination.digests();
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
                && !repo.still_open(one, &base, name, &paths(examination, name), &examination.part_paths_of(name))?
            {
                open.push(name.clone());
            }
        }
        one.digests.retain(|name, _| !elsewhere.contains(name));
        for name in open {
            shell.note(&format!(
                "the branch changed {name} since {} signed an approval of this step, so it has to be given again",
                one.logins.join(", ")
            ));
            one.digests.remove(&name);
        }
    }
    let concerned =
        |one: &SignedApproval| one.digests.keys().any(|name| digests.iter().any(|(known, _)| known == name));
    signed.retain(concerned);
    let about = |one: &SignedApproval| digests.iter().any(|(name, digest)| one.digests.get(name) == Some(digest));
    let broken = signed.iter().filter(|one| one.approval.response == SignedResponse::BreakGlass && about(one));
    let broken = broken.filter_map(|one| instant(&one.approval.at)).max();
    if let Some(broken) = broken.filter(|_| asked.as_of_merge) {
        signed.retain(|one| instant(&one.approval.at).is_some_and(|at| at <= broken));
    }
    let touching = repo.touching(comparison, &base, &head, &policy, examination)?;
    let authors = repo.authors(&touching, &trust)?;
    let evidence = evidence_of(
        &signed,
        &trust,
        authors,
        &clock.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        &digests.into_iter().collect(),
    );
    Ok(Some(evidence))
}

/// The files of a flag that differs, or of the policy.
fn paths(examination: &Examination, name: &str) -> Vec<String> {
    if name == POLICY { examination.policy_paths() } else { examination.paths_of(name) }
}
