//! Report: a verdict with everything it is made of, as data. Its JSON form is the contract in
//! `schemas/report.schema.json`.
//!
//! In: nothing; `review` fills it. Out: data. Not taken: anything an output adds; outputs write the report and decide nothing.

use schemars::JsonSchema;
use serde::Serialize;

pub use crate::changes::change::{Act, Change, Class, SharedChange};
use crate::changes::rules::RuleId;
use crate::diagnostics::{Diagnostic, lints};
use crate::flag::Kind;
use crate::format::Format;
use crate::impact::{Impact, PastImpact, Segment};

/// The version of the JSON form.
pub const SCHEMA: &str = "countersign/report/v1";

/// Verdict on one flag or on the whole, from the mildest to the worst. The whole has the worst of its parts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No approval is needed.
    NotRequired,
    /// Everyone who must approve has approved this content.
    Approved,
    /// An approval is missing.
    Pending,
    /// Another open pull request holds the lock of the flag.
    Locked,
    /// An eligible person has rejected it, and the rejection was not dismissed.
    Rejected,
    /// Something cannot be read or is contradictory, so nobody can approve it.
    Invalid,
}

impl Verdict {
    /// The verdict with this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Verdict> {
        let all = [
            Verdict::NotRequired,
            Verdict::Approved,
            Verdict::Pending,
            Verdict::Locked,
            Verdict::Rejected,
            Verdict::Invalid,
        ];
        all.into_iter().find(|verdict| verdict.word() == word)
    }

    /// The word for it in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::NotRequired => "not-required",
            Verdict::Approved => "approved",
            Verdict::Pending => "pending",
            Verdict::Locked => "locked",
            Verdict::Rejected => "rejected",
            Verdict::Invalid => "invalid",
        }
    }

    /// Whether it blocks a merge.
    #[must_use]
    pub fn blocks(self) -> bool {
        match self {
            Verdict::NotRequired | Verdict::Approved => false,
            Verdict::Pending | Verdict::Locked | Verdict::Rejected | Verdict::Invalid => true,
        }
    }
}

/// One of the two commits that were compared.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Revision {
    /// The branch, tag or revision as it was given; `index` or `worktree` for uncommitted files.
    #[serde(rename = "ref")]
    pub name: String,
    /// The commit, in full; null for the index and the work tree.
    pub oid: Option<String>,
}

/// A response that does not count.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
pub struct NotCounted {
    /// Who responded.
    pub login: String,
    /// Why the response does not count, as a sentence without its subject.
    pub why: String,
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

/// Who may respond to a requirement.
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
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Requirement {
    /// Who may respond.
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

/// The pull request that holds the lock of a flag.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Holder {
    /// Its number.
    pub pull: u64,
    /// Login of its author.
    pub requestor: String,
    /// When its request for this flag was first displayed, RFC 3339.
    pub since: String,
    /// Whole days since then.
    pub days: i64,
}

/// Override: admins let content in that was not approved.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Overridden {
    /// Logins of the admins.
    pub by: Vec<String>,
    /// The reason, in the words of the first of them.
    pub reason: String,
}

/// Whether a flag is live, before and after.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Live {
    /// On the base branch.
    pub before: bool,
    /// After the merge.
    pub after: bool,
}

/// The lifecycle states, before and after; null where the flag does not exist or cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct States {
    /// On the base branch, such as `planning`.
    pub before: Option<String>,
    /// After the merge, such as `running`.
    pub after: Option<String>,
}

/// The content that an activation is compared with.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct LastLiveReport {
    /// The commit that ended the time in which the flag was last live, in words. Null if the whole flag is shown instead.
    pub until: Option<String>,
    /// Whether exactly that content is restored, in the same file.
    pub restored: bool,
    /// Why it is not known when the flag was last live; null if it is, or if it never was.
    pub unknown: Option<String>,
}

/// One flag whose file differs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FlagReport {
    /// The project it belongs to, by its name in the configuration.
    pub project: String,
    /// The name by which code evaluates it; distinct within the project.
    pub key: String,
    /// Whether it is a flag or an experiment.
    pub kind: Kind,
    /// The row of its format, for the words of conditions and fields.
    #[serde(skip)]
    pub format: &'static Format,
    /// Its file in the proposal, or in the base if it is deleted.
    pub path: String,
    /// Its file in the base, if that is another one.
    pub previous_path: Option<String>,
    /// Whether users are served by it, or will be without another commit.
    pub live: Live,
    /// Its lifecycle in its format's own words.
    pub state: States,
    /// The verdict on this flag alone.
    pub verdict: Verdict,
    /// SHA-256 over the content that an approval of this flag covers, 64 hex digits; null if nothing needs approval.
    pub digest: Option<String>,
    /// How the change alters what users get, in one sentence; null if the proposal cannot be read.
    pub impact_summary: Option<String>,
    /// The impact in numbers, for each group of users the file names.
    pub impact: Option<Impact>,
    /// The impact on what users got some days ago, where a bound of the policy looks back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub past_impacts: Vec<PastImpact>,
    /// The content that an activation is compared with, field by field; null for every other change.
    pub last_live: Option<LastLiveReport>,
    /// The segments in the order in which they are tried; a user is in the first whose conditions hold. Removed segments
    /// come last. Left out if there are none, and where the impact names no segment or nobody is affected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
    /// The variants in their order, of the proposal or else of the base.
    pub variants: Vec<String>,
    /// Every difference, in the order of the file.
    pub changes: Vec<Change>,
    /// The requirements, all of which have to be met.
    pub requirements: Vec<Requirement>,
    /// Approvers of optional sections, who are notified; no approval of theirs is needed.
    pub notified: Vec<String>,
    /// The competing pull request that holds the lock; null if none does.
    pub locked_by: Option<Holder>,
    /// The admins who let exactly this through unapproved; null if none did.
    pub overridden: Option<Overridden>,
    /// Remarks for an approver, one sentence each.
    pub remarks: Vec<String>,
}

/// Privilege change: somebody gains or loses the right to approve something.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PrivilegeChange {
    /// `@user`, `@org/team`, or `anyone with write access`.
    pub who: String,
    /// True if they gain the privilege, false if they lose it.
    pub gained: bool,
    /// The privilege, as a sentence without its subject: "may approve 12 files of `checkout`", or "is enough for every change
    /// in 2 files of `checkout`" where the requirement of these files got weaker.
    pub what: String,
    /// Every managed file that the change is about, and every pattern of files that are not there yet. Left out if it is about
    /// none in particular.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
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
    /// The admins who let exactly this through unapproved; null if none did.
    pub overridden: Option<Overridden>,
    /// Who gains and who loses which privilege to approve.
    pub privilege_changes: Vec<PrivilegeChange>,
    /// Other effects of the proposed policy: fields no longer critical, flags no longer managed.
    pub effects: Vec<String>,
}

/// A whole review.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// The version of this form: `countersign/report/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// The verdict on the whole: the worst of its flags, of the policy change and of the diagnostics.
    pub verdict: Verdict,
    /// The commit that the proposal would be merged into.
    pub base: Revision,
    /// The proposed commit.
    pub head: Revision,
    /// Every flag that differs, and the only flag of a file that is written differently.
    pub flags: Vec<FlagReport>,
    /// The changes of the policy and of protected paths.
    pub policy: PolicyReport,
    /// Diagnostics of the files that differ, of the policy and of the tree, in file order.
    #[serde(rename = "problems")]
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Whether more needs approval than one comment can show, so that nobody can approve it.
    #[must_use]
    pub fn is_too_much(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.id == lints::TOO_MUCH.id)
    }
}
