//! The receipts of a branch that count, by its history: every command that looks at some has them from here.
//!
//! In: a clone if there is one, envelopes, and whose signatures count. Out: a [`ReceiptHistory`]. It refuses to judge
//! by the trust of today what was signed under another, unless somebody brings one that holds for all. Not taken: a cut
//! history without a trust that is brought, of which nobody knows which trust held when.

use chrono::{DateTime, Utc};

use super::keyless::Cosign;
use super::past_trusts::TrustsOfThen;
use super::wider_history::WiderHistory;
use super::{Commit, Error, Repo};
use crate::error::ErrorKind;
use crate::policy::Trust;
use crate::policy::trust::KeylessIdentity;
use crate::receipt::branch::{BranchCommits, BranchOrder, Elsewhere};
use crate::receipt::history::{KeptEnvelope, ReceiptHistory, ReceiptScope, TrustThen};

/// The question which receipts of a branch count.
pub struct ReceiptQuery<'q> {
    pub trust: &'q Trust,
    /// Whether that trust holds for all, whatever stood in the branch.
    pub brought: bool,
    /// The branch they have to be about; any that the trust takes, if none is named.
    pub branch: Option<&'q str>,
    /// The commits of the branch; none without a clone, or where its history is cut off.
    pub order: Option<&'q BranchCommits>,
    /// The commit that is looked at, and the tip of the branch, which may be later.
    pub seen: Option<(&'q Commit, Option<Commit>)>,
    pub now: DateTime<Utc>,
}

impl ReceiptQuery<'_> {
    /// The receipts among these envelopes that count.
    #[must_use]
    pub fn history(&self, repo: Option<&Repo>, envelopes: &[KeptEnvelope]) -> ReceiptHistory {
        let cosign = Cosign::default();
        let keyless = |bundle: &[u8], trusted: &[KeylessIdentity]| cosign.verify(bundle, trusted);
        let then = repo.map(TrustsOfThen::of);
        let ask = |oid: &str| then.as_ref().map_or(Ok(None), |then| then.at(oid));
        let policy = |oid: &str| then.as_ref().map_or(Ok(String::new()), |then| then.policy_digest(oid));
        let anchors = |oid: &str| then.as_ref().map_or(Vec::new(), |then| then.policy_signers(oid));
        let wider = repo.zip(self.seen.clone()).map(|(repo, (seen, tip))| WiderHistory::of(repo, seen, tip));
        let elsewhere = |oid: &str| wider.as_ref().map_or(Elsewhere::Gone, |wider| wider.elsewhere(oid));
        let scope = ReceiptScope {
            trust: self.trust,
            then: (then.is_some() && !self.brought).then_some(&ask as &TrustThen<'_>),
            branch: self.branch,
            order: self.order.map(|commits| BranchOrder {
                commits,
                policy: &policy,
                anchors: &anchors,
                elsewhere: &elsewhere,
            }),
            now: self.now,
            keyless: &keyless,
        };
        ReceiptHistory::of(envelopes, &scope)
    }
}

impl Repo {
    /// The commits of a branch; none if its history is cut off: then links say the order.
    ///
    /// # Errors
    /// If git fails.
    pub fn branch_order(&self, tip: &Commit) -> Result<Option<BranchCommits>, Error> {
        match self.branch_commits(tip) {
            Ok(commits) => Ok(Some(commits)),
            Err(error) if error.kind == ErrorKind::CutOff => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The receipts that count of a branch, by the trust of then.
    ///
    /// # Errors
    /// If git fails.
    pub fn receipts_of(
        &self,
        kept: &[KeptEnvelope],
        trust: &Trust,
        (branch, tip): (&str, &Commit),
        now: DateTime<Utc>,
    ) -> Result<ReceiptHistory, Error> {
        let order = self.branch_order(tip)?;
        let wanted = ReceiptQuery {
            trust,
            brought: false,
            branch: Some(branch),
            order: order.as_ref(),
            seen: Some((tip, self.default_base().ok())),
            now,
        };
        Ok(wanted.history(Some(self), kept))
    }
}
