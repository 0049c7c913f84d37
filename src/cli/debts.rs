//! The debts that a check has to know: those of the receipts that are kept here, where the base policy lets the glass
//! be broken.

use super::range::branch_of;
use super::show::Shell;
use crate::error::Error;
use crate::git::kept::RECEIPTS_REF;
use crate::git::keyless::Cosign;
use crate::git::{Commit, Comparison, Repo};
use crate::policy::trust::KeylessIdentity;
use crate::receipt::debt::{known_debts, known_of};
use crate::report::KnownDebts;
use crate::review::Examination;

/// The debts of the base branch. Nothing is known without receipts, which is said.
pub fn known(
    repo: &Repo,
    comparison: &Comparison,
    examination: &Examination,
    branch: Option<String>,
    now: i64,
    shell: &Shell,
) -> Result<KnownDebts, Error> {
    let (policy, _) = examination.policies();
    let (Some(_), Some(trust)) = (policy.config.break_glass, &policy.trust) else { return Ok(KnownDebts::default()) };
    let Some(kept) = repo.kept(RECEIPTS_REF)? else {
        shell.note(&format!(
            "which debts are overdue is not known: there is no `{RECEIPTS_REF}` here; `git fetch origin \
             {RECEIPTS_REF}:{RECEIPTS_REF}` \
             brings it"
        ));
        return Ok(KnownDebts::default());
    };
    let now = chrono::DateTime::from_timestamp(now, 0).unwrap_or_default();
    let base = comparison.base.oid.clone().map(|oid| Commit { name: comparison.base.name.clone(), oid });
    let branch = branch.or_else(|| branch_of(repo, base.as_ref()?));
    // As `verify` has them: a key that was taken out since counts for what it signed then, and what the branch does not
    // have is none of it.
    if let (Some(branch), Some(base)) = (&branch, &base)
        && !repo.is_shallow()
    {
        return Ok(known_of(&repo.receipts_of(&kept.envelopes, trust, (branch, base), now)?, now));
    }
    let cosign = Cosign::default();
    let verify = |bundle: &[u8], trusted: &[KeylessIdentity]| cosign.verify(bundle, trusted);
    Ok(known_debts(&kept.envelopes, trust, branch.as_deref(), now, &verify))
}
