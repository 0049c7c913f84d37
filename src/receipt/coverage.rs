//! Coverages: what may be known of the content of a flag, as data.
//!
//! In: nothing; `countersigned` fills it. Out: data. It refuses nothing. Not taken: a score, which nobody could act on.

use schemars::JsonSchema;
use serde::Serialize;

use super::signature::Signed;

/// Whether somebody countersigned what is served.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Coverage {
    /// The flag is off, and off needs no receipt.
    Off,
    /// Everyone who had to approve it had.
    Countersigned,
    /// The policy asked for no approval of it.
    Free,
    /// Admins overrode the requirements.
    Overridden,
    /// Admins broke the glass, and somebody else has to approve it in time.
    Debt,
    /// Admins broke the glass, and nobody else approved it in time.
    Overdue,
    /// The content was countersigned once, and the branch has newer content.
    Older,
    /// Nobody countersigned it, or a part of it.
    Nobody,
}

impl Coverage {
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Coverage::Off => "off",
            Coverage::Countersigned => "countersigned",
            Coverage::Free => "free by policy",
            Coverage::Overridden => "overridden",
            Coverage::Debt => "in debt",
            Coverage::Overdue => "debt overdue",
            Coverage::Older => "older than the branch",
            Coverage::Nobody => "nobody countersigned this",
        }
    }

    /// Whether it may be served.
    #[must_use]
    pub fn holds(self) -> bool {
        match self {
            Coverage::Off
            | Coverage::Countersigned
            | Coverage::Free
            | Coverage::Overridden
            | Coverage::Debt
            | Coverage::Overdue => true,
            Coverage::Older | Coverage::Nobody => false,
        }
    }
}

/// The receipt that something rests on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CoveringReceipt {
    /// The commit, in full.
    pub commit: String,
    /// When it was committed, RFC 3339.
    pub date: String,
    /// The number of the pull request that brought it; null if none did.
    pub pull: Option<u64>,
    /// Logins of those whose approval, or whose override, let it in.
    pub by: Vec<String>,
    /// The signer of the receipt, in words.
    #[serde(serialize_with = "Signed::write_words")]
    #[schemars(with = "String")]
    pub signed: Signed,
}

/// Coverage of one flag that is served.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Covered {
    /// `project/key`, or `.countersign` for the policy.
    pub name: String,
    /// SHA-256 of its served content, 64 hex digits.
    pub digest: String,
    /// Whether somebody countersigned it.
    pub coverage: Coverage,
    /// The receipt that says so; null if there is none.
    pub receipt: Option<CoveringReceipt>,
    /// The reasons, one sentence each without a full stop; empty if the receipt says it all.
    pub why: Vec<String>,
}
