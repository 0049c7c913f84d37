//! Statements: the in-toto Statement v1 of a receipt, as types. Its JSON form is the contract in
//! `schemas/receipt.schema.json`.
//!
//! In: nothing; `make` fills it. Out: data. Refuses: a member that no type has, a digest of another form, a subject
//! that the predicate does not know.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::changes::served::Served;
use crate::document::date::instant;
use crate::review::POLICY;

/// The type of every statement, as in-toto names it.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// The type of a receipt.
pub const RECEIPT_TYPE: &str = "urn:countersign:receipt:v1";

const DIGEST: &str = "^[0-9a-f]{64}$";
const COMMIT: &str = "^([0-9a-f]{40}|[0-9a-f]{64})$";

/// A statement of in-toto: subjects, and what is said of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(rename = "Statement")]
pub struct Statement<P> {
    /// The form of the statement: `https://in-toto.io/Statement/v1`.
    #[serde(rename = "_type")]
    #[schemars(extend("const" = STATEMENT_TYPE))]
    pub kind: String,
    /// The flags that exist after the merge, `project/key`, each with the digest of its served content; and the policy,
    /// `.countersign`, with that of its files.
    #[schemars(length(min = 1))]
    pub subject: Vec<StatementSubject>,
    /// The form of the predicate, such as `urn:countersign:receipt:v1`.
    pub predicate_type: String,
    /// The predicate: the statement about the subjects.
    pub predicate: P,
}

/// A subject of a statement: a flag or the policy, with its content.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementSubject {
    /// `project/key` of a flag, or `.countersign` for the policy.
    pub name: String,
    /// The digest of its content.
    pub digest: StatementDigest,
}

/// The digest of a subject.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementDigest {
    /// SHA-256, 64 hex digits. Of a flag it is that of the canonical form `countersign/served/v1`, not of any bytes of
    /// a file.
    #[schemars(regex(pattern = DIGEST))]
    pub sha256: String,
}

impl StatementSubject {
    #[must_use]
    pub fn new(name: impl Into<String>, sha256: impl Into<String>) -> StatementSubject {
        StatementSubject { name: name.into(), digest: StatementDigest { sha256: sha256.into() } }
    }
}

/// How a merged change, or a flag in it, came onto the branch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptOutcome {
    /// The change needed no approval.
    Free,
    /// Everyone who had to approve had approved this content.
    Approved,
    /// Admins overrode the requirements.
    Overridden,
    /// Admins broke the glass, and somebody else has to approve it.
    Debt,
    /// Whether the change was approved is not known.
    Unknown,
    /// The change was merged without the approvals it needed.
    Unapproved,
}

impl ReceiptOutcome {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            ReceiptOutcome::Free => "free",
            ReceiptOutcome::Approved => "approved",
            ReceiptOutcome::Overridden => "overridden",
            ReceiptOutcome::Debt => "debt",
            ReceiptOutcome::Unknown => "unknown",
            ReceiptOutcome::Unapproved => "unapproved",
        }
    }
}

/// Why a change of a flag needed no approval.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FreeBecause {
    /// The policy frees switching off.
    SwitchOff,
    /// The policy frees switching on again exactly what was last live.
    Restore,
    /// The policy asks for no approval of what differs.
    Policy,
    /// The flag does not differ: it was live when the receipts of the branch begin.
    Adopted,
}

/// One approval that counted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptApproval {
    /// Login of who approved.
    pub login: String,
    /// When it was submitted, RFC 3339; null if that is not known.
    pub at: Option<String>,
    /// The id of the review on GitHub; null for an approval that is none.
    pub review: Option<String>,
}

/// A requirement that was met or not.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptRequirement {
    /// The section of APPROVERS; null for lines before the first heading and for other modes.
    pub section: Option<String>,
    /// The line of APPROVERS; null if none asked.
    pub line: Option<u32>,
    /// Number of distinct people.
    pub required: u32,
    /// `@user` and `@org/team`, alternatives.
    pub from: Vec<String>,
    /// Logins whose approval counted.
    pub approved_by: Vec<String>,
}

/// The payment of a debt: approvals of that content by people who did not make the debt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptPayment {
    /// When the last of the approvals was submitted, RFC 3339.
    pub at: String,
    /// The commit that the branch was at when the payment was looked for, in full: under its policy and trust too those
    /// who pay could approve it.
    #[schemars(regex(pattern = COMMIT))]
    pub under: String,
    /// The requirements of then, with those whose approval counts now.
    pub requirements: Vec<ReceiptRequirement>,
    /// The approvals that counted.
    pub approvals: Vec<ReceiptApproval>,
}

/// The debt of content that came in by breaking the glass.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptDebt {
    /// When the glass was broken, RFC 3339.
    pub at: String,
    /// When it has to be paid, RFC 3339.
    pub due: String,
    /// The payment; null while there is none.
    pub paid: Option<ReceiptPayment>,
}

/// The override by two admins, or the breaking of the glass.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptOverride {
    /// Logins of the admins.
    pub by: Vec<String>,
    /// The reason, in the words of the first of them.
    pub reason: String,
    /// The debt that it made; left out for an override by two admins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debt: Option<ReceiptDebt>,
}

/// Requirements and approvals of one flag, or of the policy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Consent {
    /// How it came onto the branch.
    pub outcome: ReceiptOutcome,
    /// Why no approval was needed; null if one was.
    pub free: Option<FreeBecause>,
    /// Ids of the rules that its changes fall under.
    pub rules: Vec<String>,
    /// The digest that was displayed to the approvers: of the change, with its values before and after; null if nothing
    /// could be approved.
    pub displayed: Option<String>,
    /// Whether the approval is about the whole content, as that of an activation is, and not only about what changed.
    pub whole: bool,
    /// The requirements.
    pub requirements: Vec<ReceiptRequirement>,
    /// The approvals that counted.
    pub approvals: Vec<ReceiptApproval>,
    /// The override; null if there was none.
    pub overridden: Option<ReceiptOverride>,
}

impl Consent {
    /// The debt, if the glass was broken.
    #[must_use]
    pub fn debt(&self) -> Option<&ReceiptDebt> {
        self.overridden.as_ref()?.debt.as_ref()
    }

    /// The approvals that counted, then those that paid its debt.
    pub fn given(&self) -> impl Iterator<Item = &ReceiptApproval> {
        let paid = self.debt().and_then(|debt| debt.paid.as_ref());
        self.approvals.iter().chain(paid.into_iter().flat_map(|paid| &paid.approvals))
    }

    /// Whether what it says of a debt can be so. Nobody pays a debt of their own, and none is due before it is made.
    fn is_sound(&self) -> bool {
        let made = self.overridden.as_ref().filter(|one| one.debt.is_some());
        if (self.outcome == ReceiptOutcome::Debt) != made.is_some() {
            return false;
        }
        let Some((made, debt)) = made.and_then(|made| Some((made, made.debt.as_ref()?))) else { return true };
        let own = |login: &String| made.by.iter().any(|one| one.eq_ignore_ascii_case(login));
        let paid = debt.paid.iter().all(|paid| {
            let given = paid.requirements.iter().flat_map(|one| &one.approved_by);
            let mut given = given.chain(paid.approvals.iter().map(|one| &one.login));
            let met = paid.requirements.iter().all(|one| {
                let who: BTreeSet<String> = one.approved_by.iter().map(|login| login.to_ascii_lowercase()).collect();
                who.len() as u64 >= u64::from(one.required.max(1))
            });
            instant(&paid.at).is_some() && !paid.requirements.is_empty() && met && !given.any(own)
        });
        !made.by.is_empty()
            && instant(&debt.at).is_some_and(|at| instant(&debt.due).is_some_and(|due| due > at))
            && paid
    }
}

/// One flag that differs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptFlag {
    /// `project/key`.
    pub name: String,
    /// The name it had before, if it moved to another project; null if it did not.
    pub from: Option<String>,
    /// The served content before, under the name of before; null if there was no such flag.
    pub before: Option<Served>,
    /// The served content after; null if it is gone, or if its file cannot be read.
    pub after: Option<Served>,
    /// Its requirements and approvals.
    pub consent: Consent,
}

/// The policy on both sides.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptPolicy {
    /// SHA-256 of the files of the policy before, under which everything was judged.
    #[schemars(regex(pattern = DIGEST))]
    pub before: String,
    /// SHA-256 of the files of the policy after the merge.
    #[schemars(regex(pattern = DIGEST))]
    pub after: String,
    /// Requirements and approvals of the policy and for protected files; null if none of them changed.
    pub consent: Option<Consent>,
}

/// The pull request that brought it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiptPull {
    /// Its number.
    pub number: u64,
    /// Login of the person who opened it; null for a deleted account.
    pub requestor: Option<String>,
    /// Login of the person who merged it; null if that is not known.
    pub merged_by: Option<String>,
    /// When it was merged, RFC 3339.
    pub merged_at: String,
}

/// A receipt: what one merge did to the flags of a branch, and who agreed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Receipt {
    /// The repository, such as `acme/shop`.
    pub repository: String,
    /// The branch.
    pub branch: String,
    /// The commit, in full; the last of them if a pull request brought several.
    #[schemars(regex(pattern = COMMIT))]
    pub commit: String,
    /// The commit it was merged onto, in full, whose policy it was judged under.
    #[schemars(regex(pattern = COMMIT))]
    pub onto: String,
    /// The commit of the receipt before it on the branch, in full; null for the first merge under a policy.
    #[schemars(regex(pattern = COMMIT))]
    pub previous: Option<String>,
    /// When it was committed, RFC 3339, as the commit says.
    pub date: String,
    /// The author's name, as the commit says.
    pub author: String,
    /// The first line of the message.
    pub subject: String,
    /// The pull request that brought it; null if none did.
    pub pull: Option<ReceiptPull>,
    /// The worst of its parts.
    pub outcome: ReceiptOutcome,
    /// The reason for that, as one sentence without its full stop; null if the parts say it all.
    pub why: Option<String>,
    /// The policy.
    pub policy: ReceiptPolicy,
    /// Every flag that differs, by name.
    pub flags: Vec<ReceiptFlag>,
    /// When the receipt was made, RFC 3339.
    pub made_at: String,
    /// The program that made it, with its version.
    pub program: String,
}

impl Receipt {
    /// How it was let in whole, if that is worse than each of its parts: what nobody can approve as a whole nobody
    /// approved in part.
    #[must_use]
    pub fn worse_as_a_whole(&self) -> Option<ReceiptOutcome> {
        let parts = self.flags.iter().map(|flag| flag.consent.outcome);
        let worst = parts.chain(self.policy.consent.iter().map(|consent| consent.outcome)).max();
        match self.outcome {
            ReceiptOutcome::Unknown | ReceiptOutcome::Unapproved if worst < Some(self.outcome) => Some(self.outcome),
            _ => None,
        }
    }

    /// The payments in it.
    pub fn payments(&self) -> impl Iterator<Item = &ReceiptPayment> {
        self.flags.iter().filter_map(|flag| flag.consent.debt()?.paid.as_ref())
    }

    /// Whether every debt in it is paid.
    #[must_use]
    pub fn is_paid(&self) -> bool {
        self.flags.iter().filter_map(|flag| flag.consent.debt()).all(|debt| debt.paid.is_some())
    }

    /// The statement of a receipt.
    #[must_use]
    pub fn statement(self) -> Statement<Receipt> {
        let flags =
            self.flags.iter().filter_map(|flag| Some(StatementSubject::new(&flag.name, &flag.after.as_ref()?.digest)));
        let subject = flags.chain([StatementSubject::new(POLICY, &self.policy.after)]).collect();
        Statement { kind: STATEMENT_TYPE.to_owned(), subject, predicate_type: RECEIPT_TYPE.to_owned(), predicate: self }
    }

    /// The receipt in the payload of an envelope.
    ///
    /// # Errors
    /// The reason why it is refused. A statement that is not understood whole is no receipt.
    pub fn parse(payload: &[u8]) -> Result<Receipt, String> {
        let statement: Statement<Receipt> =
            serde_json::from_slice(payload).map_err(|error| format!("it is no receipt: {error}"))?;
        if statement.kind != STATEMENT_TYPE || statement.predicate_type != RECEIPT_TYPE {
            return Err(format!("it is no `{RECEIPT_TYPE}` in an in-toto statement"));
        }
        let receipt = statement.predicate.clone();
        let hex = |text: &str, lengths: &[usize]| {
            lengths.contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let sides = receipt.flags.iter().flat_map(|flag| [&flag.before, &flag.after]).flatten();
        let digests = sides.map(|side| &side.digest).chain([&receipt.policy.before, &receipt.policy.after]);
        if !digests.into_iter().all(|digest| hex(digest, &[64])) {
            return Err("a digest in it is not of 64 hex digits".to_owned());
        }
        let commits = [&receipt.commit, &receipt.onto].into_iter().chain(&receipt.previous);
        let under = receipt.payments().map(|paid| &paid.under);
        if !commits.chain(under).all(|id| hex(id, &[40, 64])) {
            return Err("a commit in it is no object id in full".to_owned());
        }
        if [&receipt.made_at, &receipt.date].into_iter().any(|time| instant(time).is_none()) {
            return Err("a time in it can't be read".to_owned());
        }
        let consents =
            receipt.flags.iter().map(|flag| &flag.consent).chain(&receipt.policy.consent).filter(|one| !one.is_sound());
        if consents.count() > 0 {
            return Err("a debt in it is none: its times, its outcome, or who paid it".to_owned());
        }
        let names: BTreeSet<&str> = receipt.flags.iter().map(|flag| flag.name.as_str()).collect();
        if names.len() != receipt.flags.len() {
            return Err("a flag is twice in it".to_owned());
        }
        // The subjects, which other verifiers read, and the content read here are one.
        if statement != receipt.clone().statement() {
            return Err("its subjects are not what its predicate says".to_owned());
        }
        Ok(receipt)
    }
}
