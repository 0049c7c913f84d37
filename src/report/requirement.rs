//! Requirements in a report: who must approve, and who did.

use schemars::JsonSchema;
use serde::Serialize;

use super::reason::NotCountedReason;
use crate::changes::rules::RuleId;

/// A response that does not count.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct NotCounted {
    /// The person who responded.
    pub login: String,
    /// Why the response does not count, as a sentence without its subject.
    pub why: NotCountedReason,
}

/// Side of a policy change that requires an approval.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The base policy.
    Base,
    /// The policy as the proposal would leave it.
    Proposed,
}

/// The mode of a requirement: who may respond to it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The approvers named by a line of APPROVERS.
    Specific,
    /// Anyone with write access but the requestor and the contributors.
    Peer,
    /// Admins: for the policy itself, and for a flag that no line covers.
    Admins,
}

/// Requirement: how many approvals, of whom, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Requirement {
    /// The mode: who may respond.
    pub mode: Mode,
    /// Whether the base policy asks for it, or the proposed policy.
    pub policy: Side,
    /// The section of APPROVERS; null for lines before the first heading and for other modes.
    pub section: Option<String>,
    /// How many distinct people.
    pub required: u32,
    /// `@user` and `@org/team`, alternatives; in `peer` mode suggestions.
    pub from: Vec<String>,
    /// The line of APPROVERS that requires it.
    pub line: Option<u32>,
    /// The path that line was matched against.
    pub path: String,
    /// The ids of the rules the changes fall under.
    pub because: Vec<RuleId>,
    /// Decisions by impact: which section's approval is required, or not, because of how many users are affected.
    pub decided: Vec<String>,
    /// Logins whose approval counts.
    pub approved_by: Vec<String>,
    /// Logins whose rejection counts.
    pub rejected_by: Vec<String>,
    /// Everybody else who responded, and why the response does not count.
    pub not_counted: Vec<NotCounted>,
}

impl Requirement {
    /// How many approvals are still missing.
    #[must_use]
    pub fn missing(&self) -> u32 {
        self.required.saturating_sub(u32::try_from(self.approved_by.len()).unwrap_or(u32::MAX))
    }
}
