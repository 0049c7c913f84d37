//! Policy change in a report: who gains and who loses a privilege, the changed lines, and the requirements.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Overridden, Requirement, SinceApproval, Verdict};

/// Privilege change: somebody gains or loses the right to approve something.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PrivilegeChange {
    /// `@user`, `@org/team`, or `anyone with write access`.
    pub who: String,
    /// Whether `who` names several, so that the verb is a plural.
    #[serde(skip)]
    pub several: bool,
    /// True if they gain the privilege, false if they lose it.
    pub gained: bool,
    /// The privilege, as what follows "gains:": "may approve 12 files of `checkout`", or "sufficient for every change
    /// in 2 files of `checkout`" where the requirement of these files got weaker.
    pub what: String,
    /// Every managed file that the change is about, and every pattern of files that are not there yet. Left out if it
    /// is about none in particular.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
}

impl PrivilegeChange {
    /// The verb between `who` and `what`.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match (self.gained, self.several) {
            (true, false) => "gains",
            (true, true) => "gain",
            (false, false) => "loses",
            (false, true) => "lose",
        }
    }
}

/// A line of a file that was added or removed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangedLine {
    /// Whether it is there after the merge, or only before.
    pub added: bool,
    /// Its number, in the file after the merge or else before.
    pub line: u32,
    /// The line, without its end.
    pub text: String,
}

/// The changed lines of a file of the policy or under a protected path.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangedFile {
    /// Where the file is, from the root of the repository.
    pub path: String,
    /// The first of its changed lines.
    pub lines: Vec<ChangedLine>,
    /// How many more there are.
    pub left_out: usize,
}

/// Policy change.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyReport {
    /// Whether the policy or a protected path differs.
    pub changed: bool,
    /// The verdict on the policy change alone.
    pub verdict: Verdict,
    /// SHA-256 over the content that an approval of this change covers, 64 hex digits; null if nothing needs approval.
    pub digest: Option<String>,
    /// The files of the policy and protected paths that differ.
    pub paths: Vec<String>,
    /// The requirements of the policy change, all of which have to be met.
    pub requirements: Vec<Requirement>,
    /// The differences since approvals that no longer count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub since_approved: Vec<SinceApproval>,
    /// The admins who let exactly this through unapproved; null if none did.
    pub overridden: Option<Overridden>,
    /// The privileges to approve that somebody gains or loses.
    pub privilege_changes: Vec<PrivilegeChange>,
    /// People who gain a privilege and opened the pull request or contributed to it, as `@user`, or as the team they
    /// are in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub self_appointed: Vec<String>,
    /// Other effects of the proposed policy: fields no longer critical, flags no longer managed.
    pub effects: Vec<String>,
    /// The changed lines of the files, as far as they are text and not too many.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed_lines: Vec<ChangedFile>,
}
