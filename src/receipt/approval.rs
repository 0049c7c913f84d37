//! Approvals that are signed by the key of a person, and count without a forge.
//!
//! In: envelopes and the trust. Out: the [`Evidence`] of a verdict, in which each response names the digests that were
//! displayed to whoever signed it. It refuses a response that nobody who is named signed, or that is about another
//! repository or branch. Not taken: rules of its own; the rules for who counts are those for reviews.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::envelope::Delivered;
use super::history::KeptEnvelope;
use super::openpgp::OpenPgpVerifier;
use super::signature::{Signed, SignedAs, signed};
use super::statement::{STATEMENT_TYPE, Statement, StatementSubject};
use crate::approval::evidence::{self, Dismissal, Evidence, Override, Review};
use crate::changes::served::hex;
use crate::document::date::instant;
use crate::policy::Trust;
use crate::review::POLICY;

/// The type of an approval.
pub const APPROVAL_TYPE: &str = "urn:countersign:approval:v1";

/// A response to a proposal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SignedResponse {
    /// The content may be merged.
    Approve,
    /// The content may not be merged.
    Reject,
    /// The content comes in without its approvals, as a debt: the glass is broken, for the reason in `note`.
    #[serde(rename = "break-glass")]
    BreakGlass,
    /// Somebody's rejection does not hold, for the reason in `note`.
    Dismiss,
}

/// The rejections that a response dismisses.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DismissedRejections {
    /// The login of who rejected.
    pub of: String,
    /// Which of their rejections: SHA-256 of each signed statement. One that they sign later is another one.
    pub statements: Vec<String>,
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
    /// The response.
    pub response: SignedResponse,
    /// The rejections that do not hold, in a response that dismisses some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dismisses: Option<DismissedRejections>,
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
    /// SHA-256 of the statement as it was signed.
    pub statement: String,
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

/// A response that counts for nothing because of what it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefusedResponse {
    /// The name of its envelope.
    pub name: String,
    /// The reason, as a sentence about it without its full stop.
    pub why: String,
}

/// Why a response is none of those to count.
enum Unread {
    /// The response is about nothing of the proposal, so nobody was asked who signed it.
    NotAbout,
    /// The response counts for nothing.
    Refused(String),
}

impl From<String> for Unread {
    fn from(why: String) -> Self {
        Unread::Refused(why)
    }
}

impl From<&str> for Unread {
    fn from(why: &str) -> Self {
        Unread::Refused(why.to_owned())
    }
}

/// The scope of responses: their subject, and who may sign them.
pub struct ApprovalScope<'s> {
    pub trust: &'s Trust,
    pub branch: &'s str,
    pub now: DateTime<Utc>,
    /// Verifies a signature of OpenPGP.
    pub openpgp: &'s OpenPgpVerifier<'s>,
    /// The names of what is proposed: about nothing of it no program is asked, as each answer takes a while.
    pub names: &'s [String],
}

/// The responses among these envelopes that were signed by who may, in the order of their times, and what is wrong with
/// the others.
#[must_use]
pub fn approvals(envelopes: &[KeptEnvelope], scope: &ApprovalScope<'_>) -> (Vec<SignedApproval>, Vec<RefusedResponse>) {
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    for envelope in envelopes {
        match read(&envelope.bytes, scope) {
            Ok(one) => found.push(one),
            Err(Unread::NotAbout) => {}
            Err(Unread::Refused(why)) => refused.push(RefusedResponse { name: envelope.name.clone(), why }),
        }
    }
    // Of what was said in the same second the rejection holds.
    found.sort_by_key(|one| (instant(&one.approval.at), one.approval.response == SignedResponse::Reject));
    (found, refused)
}

fn read(bytes: &[u8], scope: &ApprovalScope<'_>) -> Result<SignedApproval, Unread> {
    let ApprovalScope { trust, branch, now, openpgp, names } = *scope;
    let delivered = Delivered::parse(bytes)?;
    let statement: Statement<Approval> =
        serde_json::from_slice(&delivered.payload).map_err(|error| format!("it is no approval: {error}"))?;
    if statement.kind != STATEMENT_TYPE || statement.predicate_type != APPROVAL_TYPE {
        return Err(format!("it is no `{APPROVAL_TYPE}` in an in-toto statement").into());
    }
    let approval = statement.predicate;
    if !approval.repository.eq_ignore_ascii_case(&trust.repository) {
        return Err(format!("it is about `{}`", approval.repository.escape_debug()).into());
    }
    if approval.branch != branch {
        return Err(format!("it is about the branch `{}`", approval.branch.escape_debug()).into());
    }
    let whole =
        |oid: &str| matches!(oid.len(), 40 | 64) && oid.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !whole(&approval.base) || !whole(&approval.head) {
        return Err("a commit in it is no object id in full".into());
    }
    let reason = approval.note.as_deref().unwrap_or_default();
    if approval.response == SignedResponse::BreakGlass && !reason.chars().any(char::is_alphanumeric) {
        return Err("it breaks the glass and gives no reason".into());
    }
    if (approval.response == SignedResponse::Dismiss) != approval.dismisses.is_some() {
        return Err("it does not say whose rejection it dismisses".into());
    }
    if approval.response == SignedResponse::Dismiss && !reason.chars().any(char::is_alphanumeric) {
        return Err("it dismisses a rejection and gives no reason".into());
    }
    let at = instant(&approval.at).ok_or("its time can't be read")?;
    // Clocks differ by minutes. An approval from later than that would outlive a rejection of today; a rejection holds
    // whatever it says.
    if approval.response != SignedResponse::Reject && at > now + TimeDelta::minutes(5) {
        return Err(format!("it says that it was made at {}, which is still to come", approval.at).into());
    }
    let mut digests = BTreeMap::new();
    for StatementSubject { name, digest } in statement.subject {
        let whole = digest.sha256.len() == 64 && digest.sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !whole || digests.insert(name, digest.sha256).is_some() {
            return Err("its subjects are not what they should be".into());
        }
    }
    // Each signature of OpenPGP starts a program.
    let verify = digests.keys().any(|name| names.contains(name)).then_some(openpgp);
    // A late signature is made by a key that is valid now.
    match signed(&delivered, trust, SignedAs::Approval(verify), at.max(now)) {
        Signed::Key { principals: logins, .. } => {
            Ok(SignedApproval { logins, approval, statement: statement_id(&delivered.payload), digests })
        }
        Signed::Keyless { .. } | Signed::Unsigned => Err("it is not signed by the key of a person".into()),
        Signed::Unverified => Err(Unread::NotAbout),
        Signed::No(why) => Err(why.into()),
    }
}

/// Leaves out what was approved or dismissed of a flag after its glass was broken: that pays the debt, and was not
/// there when the change came in. A rejection holds whenever it was signed, and who may not break the glass breaks
/// nothing.
pub fn leave_out_payments(
    responses: &mut Vec<SignedApproval>,
    current: &BTreeMap<String, String>,
    may_break: &dyn Fn(&str) -> bool,
) {
    let mut broken: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
    for one in responses.iter().filter(|one| one.approval.response == SignedResponse::BreakGlass) {
        let Some(at) = instant(&one.approval.at).filter(|_| one.logins.iter().any(|login| may_break(login))) else {
            continue;
        };
        for (name, _) in one.digests.iter().filter(|(name, digest)| current.get(*name) == Some(*digest)) {
            let last = broken.entry(name.clone()).or_insert(at);
            *last = at.max(*last);
        }
    }
    for one in responses.iter_mut().filter(|one| one.approval.response != SignedResponse::Reject) {
        let at = instant(&one.approval.at);
        one.digests.retain(|name, _| broken.get(name).is_none_or(|broken| at.is_some_and(|at| at <= *broken)));
    }
    responses.retain(|one| !one.digests.is_empty());
}

/// The name of a statement by its bytes.
#[must_use]
pub fn statement_id(payload: &[u8]) -> String {
    hex(&Sha256::digest(payload))
}

/// Authors of a proposal, as far as they are known.
#[derive(Clone, Debug, Default)]
pub struct KnownAuthors {
    /// Their logins; none if somebody unknown wrote some of it.
    pub logins: Option<Vec<String>>,
    /// Gaps in that, one sentence each.
    pub unread: Vec<String>,
}

/// One response of a person to one flag: the response, the digest that it is about, and its statement.
type SaidOnce<'a> = (SignedResponse, &'a str, &'a str);

/// Whether somebody's rejection of a flag stands, and the digest that they approved, by what they said in the order of
/// the times. A rejection is lifted by an approval of the flag, and that of this very content by nothing but an
/// approval of this very content.
fn last_words(said: &[SaidOnce<'_>], current: Option<&String>) -> (bool, Option<String>) {
    let last = |response: SignedResponse, digest: Option<&String>| {
        said.iter().rposition(|(what, of, _)| *what == response && digest.is_none_or(|digest| of == digest))
    };
    let rejected =
        |digest: Option<&String>| last(SignedResponse::Reject, digest) > last(SignedResponse::Approve, digest);
    let own = current.and_then(|digest| last(SignedResponse::Approve, Some(digest)));
    let approved = own.or_else(|| last(SignedResponse::Approve, None));
    let approved = approved.and_then(|at| said.get(at)).map(|(_, digest, _)| (*digest).to_owned());
    (rejected(None) || current.is_some() && rejected(current), approved)
}

/// A dismissal of the rejections of one person, of one flag as it is proposed.
struct SignedDismissal<'a> {
    by: &'a str,
    at: &'a str,
    name: &'a str,
    of: &'a DismissedRejections,
}

/// The dismissals of what is proposed, each once for each flag.
fn dismissals<'a>(approvals: &'a [SignedApproval], current: &BTreeMap<String, String>) -> Vec<SignedDismissal<'a>> {
    let mut found = Vec::new();
    for one in approvals {
        let Some(of) = &one.approval.dismisses else { continue };
        for (name, _) in one.digests.iter().filter(|(name, digest)| current.get(*name) == Some(*digest)) {
            found.extend(one.logins.iter().map(|by| SignedDismissal { by, at: &one.approval.at, name, of }));
        }
    }
    found
}

impl SignedDismissal<'_> {
    /// Whether no rejection of this person stands, with those left out that it dismisses. Whether somebody may dismiss
    /// them is said where it is said for reviews.
    fn lifts(&self, (login, name): (&str, &str), said: &[SaidOnce<'_>], current: Option<&String>) -> bool {
        let dismissed =
            |one: &SaidOnce<'_>| one.0 == SignedResponse::Reject && self.of.statements.iter().any(|it| it == one.2);
        let left: Vec<SaidOnce<'_>> = said.iter().filter(|one| !dismissed(one)).copied().collect();
        self.name == name && self.of.of.eq_ignore_ascii_case(login) && !last_words(&left, current).0
    }
}

/// The responses of one person.
#[derive(Default)]
struct PersonResponses<'a> {
    /// By the name of the flag, in their order.
    flags: BTreeMap<&'a str, Vec<SaidOnce<'a>>>,
    /// The time of the last approval, and of the last rejection.
    times: [Option<&'a str>; 2],
}

/// The approvals and rejections, by login: a login is one person in whatever letters it is written.
fn responses_by_login(approvals: &[SignedApproval]) -> BTreeMap<String, PersonResponses<'_>> {
    let mut found: BTreeMap<String, PersonResponses<'_>> = BTreeMap::new();
    for one in approvals {
        let (response, at) = (one.approval.response, one.approval.at.as_str());
        for login in &one.logins {
            let own = found.entry(login.to_ascii_lowercase()).or_default();
            let [approved, rejected] = &mut own.times;
            match response {
                SignedResponse::Approve => *approved = Some(at),
                SignedResponse::Reject => *rejected = Some(at),
                SignedResponse::BreakGlass | SignedResponse::Dismiss => continue,
            }
            for (name, digest) in &one.digests {
                own.flags.entry(name).or_default().push((response, digest, &one.statement));
            }
        }
    }
    found
}

/// The glasses that were broken: for flags alone, since a change of the policy takes its approvals.
fn broken_glasses(approvals: &[SignedApproval]) -> Vec<Override> {
    let mut found = Vec::new();
    for one in approvals.iter().filter(|one| one.approval.response == SignedResponse::BreakGlass) {
        for login in &one.logins {
            let digests = one.digests.iter().filter(|(name, _)| *name != POLICY);
            found.extend(digests.map(|(_, digest)| Override {
                login: login.to_ascii_lowercase(),
                at: one.approval.at.clone(),
                digest: digest.clone(),
                reason: one.approval.note.clone().unwrap_or_default(),
                break_glass: true,
            }));
        }
    }
    found
}

impl PersonResponses<'_> {
    /// The reviews that they are, and the dismissals of those that no longer stand.
    fn reviews(
        &self,
        login: &str,
        dismissing: &[SignedDismissal<'_>],
        now: &str,
        current: &BTreeMap<String, String>,
    ) -> (Vec<Review>, Vec<Dismissal>) {
        let (mut reviews, mut dismissed) = (Vec::new(), Vec::new());
        let review = |state: &str, at: &str, digests: BTreeMap<String, String>| Review {
            login: login.to_owned(),
            kind: "User".to_owned(),
            state: state.to_owned(),
            submitted_at: at.to_owned(),
            digests: Some(digests),
        };
        let [mut approved, mut rejected]: [BTreeMap<String, String>; 2] = Default::default();
        for (name, said) in self.flags.iter().map(|(name, said)| (*name, said)) {
            let proposed = current.get(name);
            let (rejects, digest) = last_words(said, proposed);
            if !rejects {
                approved.extend(digest.map(|digest| (name.to_owned(), digest)));
                continue;
            }
            let last = said.last().map(|(_, digest, _)| (name.to_owned(), (*digest).to_owned()));
            let lifting: Vec<&SignedDismissal<'_>> =
                dismissing.iter().filter(|one| one.lifts((login, name), said, proposed)).collect();
            let Some(first) = lifting.iter().map(|one| one.at).min() else {
                rejected.extend(last);
                continue;
            };
            let digests: BTreeMap<String, String> = last.into_iter().collect();
            // These dismiss the rejection, whatever it says of its time.
            reviews.push(review("DISMISSED", first, digests.clone()));
            dismissed.extend(lifting.iter().map(|one| Dismissal {
                review: login.to_owned(),
                by: one.by.to_owned(),
                at: one.at.to_owned(),
                was: "CHANGES_REQUESTED".to_owned(),
                digests: Some(digests.clone()),
            }));
        }
        let states = [("APPROVED", approved), ("CHANGES_REQUESTED", rejected)];
        for ((state, digests), at) in states.into_iter().zip(self.times) {
            if !digests.is_empty() {
                reviews.push(review(state, at.unwrap_or(now), digests));
            }
        }
        (reviews, dismissed)
    }
}

/// The evidence that signed responses are. People whom the trust names may write; a team is what the configuration
/// says. `current` are the digests of what is proposed.
#[must_use]
pub fn evidence_of(
    approvals: &[SignedApproval],
    trust: &Trust,
    authors: KnownAuthors,
    now: &str,
    current: &BTreeMap<String, String>,
) -> Evidence {
    let dismissing = dismissals(approvals, current);
    let (mut reviews, mut dismissed) = (Vec::new(), Vec::new());
    for (login, responses) in &responses_by_login(approvals) {
        let (own, lifted) = responses.reviews(login, &dismissing, now, current);
        reviews.extend(own);
        dismissed.extend(lifted);
    }
    let people = trust.approvers.iter().flat_map(|signer| &signer.principals);
    Evidence {
        schema: evidence::SCHEMA.to_owned(),
        now: now.to_owned(),
        pull: None,
        draft: false,
        // Without a forge nobody opens a pull request. Its author is among the contributors, who may reject.
        requestor: String::new(),
        contributors: authors.logins,
        reviews,
        dismissals: Some(dismissed),
        permissions: people.map(|login| (login.clone(), "write".to_owned())).collect(),
        teams: BTreeMap::new(),
        displayed: Some(Vec::new()),
        contents: Vec::new(),
        open: Vec::new(),
        overrides: broken_glasses(approvals),
        passed_over: Vec::new(),
        unread: authors.unread,
    }
}
