//! Debts: content of a flag that came in by breaking the glass, and that somebody else has to approve afterwards.

use schemars::JsonSchema;
use serde::Serialize;

/// The debt that is made where the glass was broken for a change.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct NewDebt {
    /// When the glass was broken, RFC 3339.
    pub at: String,
    /// When somebody else has to have approved exactly this content, RFC 3339.
    pub due: String,
}

/// A debt that is overdue.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
pub struct OverdueDebt {
    /// `project/key` of the flag.
    pub flag: String,
    /// The commit that brought it, in full.
    pub commit: String,
    /// Logins of those who broke the glass.
    pub by: Vec<String>,
    /// Why, in the words of the first of them.
    pub reason: String,
    /// When it had to be paid, RFC 3339.
    pub due: String,
    /// The digest of the served content that it took the place of; none if there was no such flag.
    #[serde(skip)]
    pub before: Option<String>,
}

/// A debt that a receipt tells of which counts for nothing here, so that nobody knows whether it is one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
pub struct UnknownDebt {
    /// `project/key` of the flag.
    pub flag: String,
    /// The commit that brought it, in full.
    pub commit: String,
}

/// The debts of a repository, as far as its receipts tell.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct KnownDebts {
    /// The oldest first.
    pub overdue: Vec<OverdueDebt>,
    /// Debts of which only receipts tell that don't count by the trust of today, where that of then is not known.
    pub unknown: Vec<UnknownDebt>,
    /// When the next one is overdue, in seconds since 1970-01-01 UTC.
    pub next: Option<i64>,
}
