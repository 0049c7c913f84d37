//! The responses to one proposal: of all that people signed, what is about it, what it took the place of, and who wrote
//! it.
//!
//! In: responses of whoever may sign, and what git knows of the proposal. Out: [`SignedResponses`], and the evidence
//! that they are. It refuses a response to a step that the branch took since, and a rejection of another proposal. Not
//! taken: reading git, which hands its answers in.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::approval::{KnownAuthors, RefusedResponse, SignedApproval, SignedResponse, evidence_of, leave_out_payments};
use super::key_steps::key_steps;
use crate::approval::Evidence;
use crate::document::date::rfc3339;
use crate::error::Error;
use crate::policy::{Policy, Trust};
use crate::report::{KeySteps, Report};

/// The time that the question is about.
#[derive(Clone, Copy)]
pub enum SignedWhen<'a> {
    /// The proposal is to be merged.
    Now,
    /// When it was merged. Approvals after the glass was broken don't count: those pay the debt, and were not there
    /// when it came in.
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

impl SignedWhen<'_> {
    /// The trust by which signatures count, where the base has this one.
    #[must_use]
    pub fn trust(self, of_base: &Trust) -> Trust {
        let mut trust = of_base.clone();
        match self {
            SignedWhen::Now => {}
            SignedWhen::AtMerge { revoked } => trust.revoked.extend(revoked.iter().cloned()),
            SignedWhen::Afterwards { trust: today } => trust = today.clone(),
        }
        trust
    }
}

/// The proposal that responses are to, as git knows it.
pub struct ProposalQuery<'p> {
    pub when: SignedWhen<'p>,
    /// Digests in full of what is proposed.
    pub digests: &'p BTreeMap<String, String>,
    /// The policy of its base.
    pub policy: &'p Policy,
    /// Asks whether it stands on top of a commit.
    pub is_on_top: &'p dyn Fn(&str) -> bool,
    /// Asks whether the branch has a flag as it was when a response to it was signed.
    pub still_open: &'p dyn Fn(&SignedApproval, &str) -> Result<bool, Error>,
}

/// Everything that was signed about a proposal, with who wrote it.
pub struct SignedResponses {
    pub trust: Trust,
    pub authors: KnownAuthors,
    pub now: DateTime<Utc>,
    /// Digests in full of what is proposed.
    pub digests: BTreeMap<String, String>,
    pub responses: Vec<SignedApproval>,
    /// Remarks about what counts for nothing, one sentence each.
    pub notes: Vec<String>,
    /// Responses that count for nothing because of what they are.
    pub refused: Vec<RefusedResponse>,
    /// Responses that are passed over because of what the branch has.
    pub passed_over: Vec<PassedOverResponse>,
}

/// A response to an older step of a flag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PassedOverResponse {
    /// SHA-256 of its statement as it was signed.
    pub statement: String,
    /// The reason, as a sentence without its full stop.
    pub why: String,
}

/// Leaves what is about the proposal, with what was passed over.
///
/// # Errors
/// If git fails.
pub fn responses_to(
    mut signed: Vec<SignedApproval>,
    trust: &Trust,
    query: &ProposalQuery<'_>,
) -> Result<(Vec<SignedApproval>, Vec<PassedOverResponse>), Error> {
    let mut passed_over = Vec::new();
    for one in &mut signed {
        let rejects = one.approval.response == SignedResponse::Reject;
        let mut left_out = Vec::new();
        for (name, digest) in query.digests {
            // A response about other content is stale in any case, and listed as such.
            let about = one.digests.get(name) == Some(digest);
            // A rejection is of what was displayed, and of what is put on top of it; another proposal is another
            // matter. It holds however often the step is proposed.
            let elsewhere =
                rejects && one.digests.contains_key(name) && !about && !(query.is_on_top)(&one.approval.head);
            if !rejects && about && !(query.still_open)(one, name)? {
                let who = one.logins.join(", ");
                let why = format!(
                    "the branch changed {name} since {who} signed an approval of this step, so it has to be given again"
                );
                passed_over.push(PassedOverResponse { statement: one.statement.clone(), why });
                left_out.push(name);
            } else if elsewhere {
                left_out.push(name);
            }
        }
        one.digests.retain(|name, _| !left_out.contains(&name));
    }
    signed.retain(|one| one.digests.keys().any(|name| query.digests.contains_key(name)));
    if let SignedWhen::AtMerge { .. } = query.when {
        let admins = query.policy.by_key(trust, &query.policy.config.admins, false);
        leave_out_payments(&mut signed, query.digests, &|login| admins.contains(&login.to_ascii_lowercase()));
    }
    Ok((signed, passed_over))
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

    /// Why the response of this envelope and this statement counts for nothing; none if it counts or is not here.
    #[must_use]
    pub fn objection(&self, envelope: &str, statement: &str) -> Option<&str> {
        let refused = self.refused.iter().find(|one| one.name == envelope).map(|one| &one.why);
        let passed_over = self.passed_over.iter().find(|one| one.statement == statement).map(|one| &one.why);
        refused.or(passed_over).map(String::as_str)
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
