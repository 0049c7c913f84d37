//! Bypassed approvals: what is live without the approvals that it needed, who let it, and why.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The way in which approvals were bypassed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BypassWay {
    /// An apply ran with the option to go past them.
    Override,
    /// The content is on the base branch and in Amplitude, and nobody approved it.
    Unapproved,
}

/// The facts of a bypass.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
pub struct BypassFacts {
    /// Whether an apply ran with the option to go past them, or nobody approved what is live already.
    pub way: BypassWay,
    /// The person who ran the apply, or else the author of the change that nobody approved.
    pub by: String,
    /// The reason that was given; empty if none was.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The change that was not approved, and why it was not.
    pub unapproved: String,
    /// When the apply ran, RFC 3339.
    pub at: String,
}

/// A flag whose approvals were bypassed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
pub struct BypassedApproval {
    /// `project/key`.
    pub flag: String,
    /// The person who let it live, when, why, and what was not approved.
    #[serde(flatten)]
    pub bypass: BypassFacts,
}
