//! The verification of what is served: its form as data, and the judgement on the whole.
//!
//! In: what is known of each flag. Out: a [`Verification`], whose JSON form is the contract in
//! `schemas/verify.schema.json`. It refuses to hold where a file can't be read. Not taken: a verdict that depends on
//! what a reader wants to see.

use schemars::JsonSchema;
use serde::Serialize;

use super::branch::Elsewhere;
use super::countersigned::{Coverage, Covered};
use super::debt::Debt;
use super::history::ReceiptDiagnostic;

/// The file that stands for the policy, where a place is needed.
pub use crate::policy::CONFIG_PATH as POLICY_FILE;

/// The version of the JSON form.
pub const VERIFY_SCHEMA: &str = "countersign/verify/v1";

/// A flag that is served, at its place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServedFlag {
    /// Its coverage.
    #[serde(flatten)]
    pub covered: Covered,
    /// Its file, as it was named.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// A file of which nobody knows what it serves.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnreadFile {
    /// The file, as it was named.
    pub path: String,
    /// Why it can't be read, without a full stop.
    pub why: String,
}

/// A merge that receipts tell of and the branch does not have by first parent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LostMerge {
    /// The commit, in full.
    pub commit: String,
    /// Its whereabouts.
    pub became: Elsewhere,
}

/// A verification: the content that is served, held against the receipts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verification {
    /// The version of this form: `countersign/verify/v1`.
    #[schemars(extend("const" = VERIFY_SCHEMA))]
    pub schema: &'static str,
    /// Whether everything that is served is countersigned, free by policy or overridden, and everything could be read.
    pub holds: bool,
    /// The subject: a revision, or `files`.
    pub of: String,
    /// The repository that the trust is about.
    pub repository: String,
    /// The last merge that a receipt is known of: what came later is not known here. Null if there is no receipt.
    pub until: Option<String>,
    /// Number of receipts that count.
    pub receipts: usize,
    /// Whether content that was countersigned and is not the newest may be served.
    #[serde(skip)]
    pub takes_older: bool,
    /// Every flag that is served.
    pub flags: Vec<ServedFlag>,
    /// The policy; null where only files are verified.
    pub policy: Option<Covered>,
    /// Files that can't be read.
    pub unread: Vec<UnreadFile>,
    /// Merges that receipts tell of and the branch does not have by first parent, each with what became of it.
    pub elsewhere: Vec<LostMerge>,
    /// Every debt that is not paid or settled.
    pub debts: Vec<Debt>,
    /// Whether content whose debt is overdue may not be served: `--no-overdue`.
    #[serde(skip)]
    pub refuses_overdue: bool,
    /// Receipts that count for nothing, and links that are missing.
    #[serde(rename = "diagnostics")]
    pub receipt_diagnostics: Vec<ReceiptDiagnostic>,
}

impl Verification {
    /// Judges the whole. `older` says that content which was countersigned and is not the newest may be served.
    pub fn judge(&mut self, older: bool) {
        self.takes_older = older;
        let flags = self.flags.iter().all(|flag| self.takes(&flag.covered));
        let straight = self.elsewhere.iter().all(|one| match one.became {
            Elsewhere::Later => true,
            Elsewhere::Gone => older,
            Elsewhere::TurnedRound => false,
        });
        self.holds =
            straight && flags && self.unread.is_empty() && self.policy.as_ref().is_none_or(|policy| self.takes(policy));
    }

    /// Whether something may be served as it was asked.
    #[must_use]
    pub fn takes(&self, covered: &Covered) -> bool {
        match covered.coverage {
            Coverage::Older => self.takes_older,
            Coverage::Overdue => !self.refuses_overdue,
            coverage => coverage.holds(),
        }
    }

    /// How many flags are of this coverage.
    #[must_use]
    pub fn count(&self, coverage: Coverage) -> usize {
        self.flags.iter().filter(|flag| flag.covered.coverage == coverage).count()
    }
}
