//! Approvals that are signed by the key of a person, and count without a forge.
//!
//! In: envelopes and the trust. Out: the [`Evidence`] of a verdict, in which each response names the digests that were displayed
//! to whoever signed it. It refuses a response that nobody who is named signed, or that is about another repository or branch.
//! Not taken: rules of its own; who counts is said where it is said for reviews.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::envelope::Delivered;
use super::history::{KeptEnvelope, ReceiptProblem};
use super::signature::{Signed, SignedAs, signed};
use super::statement::{STATEMENT_TYPE, Statement, StatementSubject};
use crate::approval::evidence::{self, Evidence, Override, Review};
use crate::document::date::instant;
use crate::policy::Trust;
use crate::policy::trust::KeylessIdentity;
use crate::review::POLICY;

/// The type of an approval.
pub const APPROVAL_TYPE: &str = "urn:countersign:approval:v1";

/// What somebody said to a proposal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SignedResponse {
    /// It may be merged.
    Approve,
    /// It may not.
    Reject,
    /// It comes in without its approvals, as a debt: the glass is broken, for the reason in `note`.
    #[serde(rename = "break-glass")]
    BreakGlass,
}

/// A response to a proposal, with the digests that were displayed as the subjects of its statement.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Approval {
    /// The repository, such as `acme/shop`.
    pub repository: String,
    /// The branch that it would be merged into.
    pub branch: String,
    /// The tip of that branch when it was displayed, in full.
    pub base: String,
    /// The proposed commit that was displayed, in full.
    pub head: String,
    /// What was said.
    pub response: SignedResponse,
    /// Why, in the words of who said it; null if nothing was said.
    pub note: Option<String>,
    /// When, RFC 3339, by the clock of who said it.
    pub at: String,
    /// The program it was said with, with its version.
    pub program: String,
}

/// A response that counts as one: the person who signed it, and what they said to which digests.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedApproval {
    /// Logins before the key in the trust.
    pub logins: Vec<String>,
    pub approval: Approval,
    /// Digests in full, by `project/key`, or `.countersign` for the policy.
    pub digests: BTreeMap<String, String>,
}

/// The statement of a response.
#[must_use]
pub fn statement(approval: Approval, digests: &BTreeMap<String, String>) -> Statement<Approval> {
    Statement {
        kind: STATEMENT_TYPE.to_owned(),
        subject: digests.iter().map(|(name, digest)| StatementSubject::new(name, digest)).collect(),
        predicate_type: APPROVAL_TYPE.to_owned(),
        predicate: approval,
    }
}

/// The responses among these envelopes that were signed by who may, in the order of their times, and what is wrong with the
/// others.
#[must_use]
pub fn approvals(
    envelopes: &[KeptEnvelope],
    trust: &Trust,
    branch: &str,
    now: DateTime<Utc>,
) -> (Vec<SignedApproval>, Vec<ReceiptProblem>) {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for envelope in envelopes {
        match read(&envelope.bytes, trust, branch, now) {
            Ok(one) => found.push(one),
            Err(why) => {
                let why = format!("`{}`: {why}", envelope.name.escape_debug());
                problems.push(ReceiptProblem { commit: None, why });
            }
        }
    }
    // Of what was said in the same second the rejection holds.
    found.sort_by_key(|one| (instant(&one.approval.at), one.approval.response == SignedResponse::Reject));
    (found, problems)
}

fn read(bytes: &[u8], trust: &Trust, branch: &str, now: DateTime<Utc>) -> Result<SignedApproval, String> {
    let delivered = Delivered::parse(bytes)?;
    let statement: Statement<Approval> =
        serde_json::from_slice(&delivered.payload).map_err(|error| format!("it is no approval: {error}"))?;
    if statement.kind != STATEMENT_TYPE || statement.predicate_type != APPROVAL_TYPE {
        return Err(format!("it is no `{APPROVAL_TYPE}` in an in-toto statement"));
    }
    let approval = statement.predicate;
    if !approval.repository.eq_ignore_ascii_case(&trust.repository) {
        return Err(format!("it is about `{}`", approval.repository.escape_debug()));
    }
    if approval.branch != branch {
        return Err(format!("it is about the branch `{}`", approval.branch.escape_debug()));
    }
    let whole =
        |oid: &str| matches!(oid.len(), 40 | 64) && oid.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !whole(&approval.base) || !whole(&approval.head) {
        return Err("a commit in it is no object id in full".to_owned());
    }
    let reason = approval.note.as_deref().unwrap_or_default();
    if approval.response == SignedResponse::BreakGlass && !reason.chars().any(char::is_alphanumeric) {
        return Err("it breaks the glass and gives no reason".to_owned());
    }
    let at = instant(&approval.at).ok_or("its time can't be read")?;
    // Clocks differ by minutes. An approval from later than that would outlive a rejection of today; a rejection holds whatever it says.
    if approval.response != SignedResponse::Reject && at > now + TimeDelta::minutes(5) {
        return Err(format!("it says that it was made at {}, which is still to come", approval.at));
    }
    let mut digests = BTreeMap::new();
    for StatementSubject { name, digest } in statement.subject {
        let whole = digest.sha256.len() == 64 && digest.sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !whole || digests.insert(name, digest.sha256).is_some() {
            return Err("its subjects are not what they should be".to_owned());
        }
    }
    // What is signed late is signed by a key that is valid now.
    let nobody = |_: &[u8], _: &[KeylessIdentity]| Err(String::new());
    match signed(&delivered, trust, SignedAs::Approval, at.max(now), &nobody) {
        Signed::Key { who, .. } => {
            let logins = who.split(", ").map(str::to_owned).collect();
            Ok(SignedApproval { logins, approval, digests })
        }
        Signed::Keyless { .. } | Signed::Unsigned => Err("it is not signed by the key of a person".to_owned()),
        Signed::No(why) => Err(why),
    }
}

/// Who wrote a proposal, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct KnownAuthors {
    /// Their logins; none if somebody unknown wrote some of it.
    pub logins: Option<Vec<String>>,
    /// What is not known, one sentence each.
    pub unread: Vec<String>,
}

/// What one person said to one flag, in the order of the times.
type Said<'a> = Vec<(SignedResponse, &'a str)>;

/// Whether somebody's rejection of a flag stands, and the digest that they approved. A rejection is lifted by an approval of the flag,
/// and that of this very content by nothing but an approval of this very content.
fn standing(said: &Said<'_>, current: Option<&String>) -> (bool, Option<String>) {
    let last = |response: SignedResponse, digest: Option<&String>| {
        said.iter().rposition(|(what, of)| *what == response && digest.is_none_or(|digest| of == digest))
    };
    let rejected =
        |digest: Option<&String>| last(SignedResponse::Reject, digest) > last(SignedResponse::Approve, digest);
    let own = current.and_then(|digest| last(SignedResponse::Approve, Some(digest)));
    let approved = own.or_else(|| last(SignedResponse::Approve, None));
    let approved = approved.and_then(|at| said.get(at)).map(|(_, digest)| (*digest).to_owned());
    (rejected(None) || current.is_some() && rejected(current), approved)
}

/// The evidence that signed responses are. Whoever is named by the trust may write; a team is what the configuration says.
/// `current` are the digests of what is proposed.
#[must_use]
pub fn evidence_of(
    approvals: &[SignedApproval],
    trust: &Trust,
    authors: KnownAuthors,
    now: &str,
    current: &BTreeMap<String, String>,
) -> Evidence {
    let mut overrides = Vec::new();
    let mut said: BTreeMap<&str, BTreeMap<&str, Said<'_>>> = BTreeMap::new();
    let mut times: BTreeMap<&str, [Option<&str>; 2]> = BTreeMap::new();
    for one in approvals {
        let (response, at) = (one.approval.response, one.approval.at.as_str());
        for login in &one.logins {
            let [approved, rejected] = times.entry(login).or_default();
            match response {
                SignedResponse::Approve => *approved = Some(at),
                SignedResponse::Reject => *rejected = Some(at),
                SignedResponse::BreakGlass => {
                    let reason = one.approval.note.clone().unwrap_or_default();
                    overrides.extend(one.digests.iter().filter(|(name, _)| *name != POLICY).map(|(_, digest)| {
                        Override {
                            login: login.clone(),
                            at: at.to_owned(),
                            digest: digest.clone(),
                            reason: reason.clone(),
                            break_glass: true,
                        }
                    }));
                    continue;
                }
            }
            for (name, digest) in &one.digests {
                said.entry(login).or_default().entry(name).or_default().push((response, digest));
            }
        }
    }
    let mut reviews = Vec::new();
    for (login, flags) in said {
        let [mut approved, mut rejected]: [BTreeMap<String, String>; 2] = Default::default();
        for (name, said) in flags {
            let (rejects, digest) = standing(&said, current.get(name));
            let last = said.last().map(|(_, digest)| (*digest).to_owned());
            match (rejects, digest) {
                (true, _) => rejected.extend(last.map(|digest| (name.to_owned(), digest))),
                (false, digest) => approved.extend(digest.map(|digest| (name.to_owned(), digest))),
            }
        }
        let times = times.get(login).copied().unwrap_or_default();
        for ((state, digests), at) in [("APPROVED", approved), ("CHANGES_REQUESTED", rejected)].into_iter().zip(times) {
            if !digests.is_empty() {
                reviews.push(Review {
                    login: login.to_owned(),
                    kind: "User".to_owned(),
                    state: state.to_owned(),
                    submitted_at: at.unwrap_or(now).to_owned(),
                    digests: Some(digests),
                });
            }
        }
    }
    let people = trust.approvers.iter().flat_map(|signer| &signer.principals);
    Evidence {
        schema: evidence::SCHEMA.to_owned(),
        now: now.to_owned(),
        pull: None,
        draft: false,
        // Without a forge nobody opens a pull request. Whoever wrote it is among the contributors, who may reject.
        requestor: String::new(),
        contributors: authors.logins,
        reviews,
        dismissals: Some(Vec::new()),
        permissions: people.map(|login| (login.clone(), "write".to_owned())).collect(),
        teams: BTreeMap::new(),
        shown: Some(Vec::new()),
        contents: Vec::new(),
        open: Vec::new(),
        overrides,
        passed_over: Vec::new(),
        unread: authors.unread,
    }
}
