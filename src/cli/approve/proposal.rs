//! The proposal to which `approve` signs a response: its commits, and whether a response to it counts.

use std::collections::BTreeMap;

use super::making::{SignedEnvelope, broke_glass, counts, not_any_more};
use crate::cli::signed::{SignedQuestion, SignedResponses, SignedWhen, responses};
use crate::error::Error;
use crate::git::receipt_facts::later_policy;
use crate::git::{Commit, Comparison, Repo};
use crate::policy::Trust;
use crate::receipt::approval::{SignedResponse, statement_id};
use crate::receipt::history::KeptEnvelope;
use crate::review::Examination;

/// The commits that a response is about, and the trust by which it counts.
pub struct CommitsToSign {
    pub head: Commit,
    /// The commit that it is compared with: the tip, or of a merged change its first parent.
    pub base: Commit,
    pub tip: Commit,
    pub branch: String,
    /// A merged change is approved by the keys of today: one that is gone since pays nothing, and one that came since
    /// may.
    pub trust: Trust,
    pub merged: bool,
}

/// A proposal, examined.
pub struct ProposalToSign<'r> {
    pub repo: &'r Repo,
    pub commits: CommitsToSign,
    pub comparison: Comparison,
    pub examination: Examination,
    /// Seconds since 1970-01-01 UTC.
    pub now: i64,
}

impl ProposalToSign<'_> {
    /// Everything that was signed about it, and a response that is about to be kept.
    pub fn responses(&self, with: Option<&KeptEnvelope>) -> Result<Option<SignedResponses>, Error> {
        let CommitsToSign { branch, trust, merged, .. } = &self.commits;
        let when = if *merged { SignedWhen::Afterwards { trust } } else { SignedWhen::Now };
        let question = SignedQuestion { branch: Some(branch.clone()), now: self.now, when, with };
        responses(self.repo, &self.comparison, &self.examination, &question)
    }

    /// Why a response to these digests would count for nothing.
    pub fn objection(
        &self,
        made: &SignedEnvelope,
        payload: &[u8],
        digests: &BTreeMap<String, String>,
        (response, dismissed): (SignedResponse, Option<&str>),
    ) -> Result<Option<String>, Error> {
        let with = KeptEnvelope { name: "your response".to_owned(), bytes: made.envelope.json().into_bytes() };
        let Some(known) = self.responses(Some(&with))? else { return Ok(None) };
        let report = self.examination.clone().conclude(Some(&known.evidence()), &[]);
        let (policy, _) = self.examination.policies();
        let CommitsToSign { head, base, tip, merged, .. } = &self.commits;
        if *merged {
            let later = later_policy(self.repo, (&base.oid, &head.oid), &tip.oid)?;
            if let Some(why) = later.and_then(|later| not_any_more(&later, &report, &made.logins, digests)) {
                return Ok(Some(format!("{why} of `{}`", tip.name)));
            }
            if let Some(why) = broke_glass(&known, &made.logins, (&policy, digests)) {
                return Ok(Some(why));
            }
        }
        let statement = statement_id(payload);
        if known.responses.iter().any(|one| one.statement == statement) {
            return Ok(counts(&report, &made.logins, response, dismissed, (&policy, digests)).err());
        }
        let none = "it is about nothing of the proposal";
        Ok(Some(known.objection(&with.name, &statement).unwrap_or(none).to_owned()))
    }
}
