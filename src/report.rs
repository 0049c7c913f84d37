//! The report: everything a verdict is made of, as data. Renderers draw it and add nothing; its JSON form is the
//! contract in `schemas/report.schema.json`.

use schemars::JsonSchema;
use serde::Serialize;

pub use crate::changes::change::{Act, Change, Class};
use crate::changes::rules::RuleId;
use crate::diagnostics::Diagnostic;
use crate::flag::Kind;
use crate::format::Format;
use crate::impact::{Impact, Segment};

/// The version of the JSON form.
pub const SCHEMA: &str = "countersign/report/v1";

/// The answer, for one flag and for the whole, from nothing in the way to nothing goes. The whole has the worst.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing in it needs approval.
    NotRequired,
    /// Everyone who must approve has approved this content.
    Approved,
    /// An approval is missing.
    Pending,
    /// Another open pull request holds the flag.
    Locked,
    /// An eligible person has rejected it and nobody lifted that.
    Rejected,
    /// Something cannot be read or makes no sense; nobody can approve it.
    Invalid,
}

impl Verdict {
    /// The word people are shown and JSON has.
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

    /// Whether it stands in the way of a merge.
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
    /// The branch, tag or revision as it was asked for; `index` or `worktree` for what is not committed.
    #[serde(rename = "ref")]
    pub name: String,
    /// The commit, in full; null for the index and the work tree.
    pub oid: Option<String>,
}

/// A response that was given and did not count.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
pub struct NotCounted {
    /// Who responded.
    pub login: String,
    /// Why that does not count, as a sentence without its subject.
    pub why: String,
}

/// Which policy asks for an approval, when a proposal changes the policy.
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

/// How many have to approve, of whom, and why.
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
    /// `@user` and `@org/team`, alternatives; in `peer` mode those worth asking.
    pub from: Vec<String>,
    /// The line of APPROVERS that says so.
    pub line: Option<u32>,
    /// The path that line was matched against.
    pub path: String,
    /// The ids of the rules the changes fall under.
    pub because: Vec<RuleId>,
    /// What the bounds of the configuration decided: which section is asked, or not, because the change moves how many.
    pub decided: Vec<String>,
    /// Logins whose approval fills a place.
    pub approved_by: Vec<String>,
    /// Logins whose rejection stands.
    pub rejected_by: Vec<String>,
    /// All other users who responded, and why that did not count.
    pub not_counted: Vec<NotCounted>,
}

impl Requirement {
    /// How many approvals are still missing.
    #[must_use]
    pub fn missing(&self) -> u32 {
        self.required.saturating_sub(u32::try_from(self.approved_by.len()).unwrap_or(u32::MAX))
    }
}

/// The pull request that holds a flag.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Holder {
    /// Its number.
    pub pull: u64,
    /// Login of who opened it.
    pub requestor: String,
    /// When its request for this flag was first displayed, RFC 3339.
    pub since: String,
    /// Whole days since then.
    pub days: i64,
}

/// A decision of admins over everyone's head.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Overridden {
    /// Logins of the admins.
    pub by: Vec<String>,
    /// Why, in the words of the first of them.
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

/// The lifecycle words, before and after; null where the flag does not exist or cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct States {
    /// On the base branch, such as `planning`.
    pub before: Option<String>,
    /// After the merge, such as `running`.
    pub after: Option<String>,
}

/// One flag whose file differs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FlagReport {
    /// The project it belongs to, by its name in the configuration.
    pub project: String,
    /// The name the code asks for; distinct within the project.
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
    /// The answer for this flag alone.
    pub verdict: Verdict,
    /// SHA-256 over what an approval of this flag covers, 64 hex digits; null if nothing needs approval.
    pub digest: Option<String>,
    /// How the change alters what users get, in one sentence; null if the proposal cannot be read.
    pub impact_summary: Option<String>,
    /// The same as numbers, for each group of users the file names.
    pub impact: Option<Impact>,
    /// Who is in each segment, in the order in which they are tried: a user is in the first whose conditions hold. Those
    /// that go come last. Left out if there are none, and where the effect tells of no segment or the change of nobody.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
    /// The variants in their order, of the proposal or else of the base.
    pub variants: Vec<String>,
    /// Every difference, in the order of the file.
    pub changes: Vec<Change>,
    /// Whose approval is needed; all of them have to be met.
    pub requirements: Vec<Requirement>,
    /// Approvers of optional sections, who are notified; no approval of theirs is needed.
    pub notified: Vec<String>,
    /// The other open pull request that holds it; null if none does.
    pub locked_by: Option<Holder>,
    /// The admins who let exactly this through unapproved; null if none did.
    pub overridden: Option<Overridden>,
    /// What else an approver should know, one sentence each.
    pub remarks: Vec<String>,
}

/// One way in which a proposal changes who may approve what.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PrivilegeChange {
    /// `@user`, `@org/team`, or `anyone with write access`.
    pub who: String,
    /// True if they gain it, false if they lose it.
    pub gained: bool,
    /// What, as a sentence without its subject: "may approve 12 flags of `checkout`".
    pub what: String,
}

/// What the proposal does to the policy.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyReport {
    /// Whether the policy or a protected path differs.
    pub changed: bool,
    /// The answer for the change of the policy alone.
    pub verdict: Verdict,
    /// SHA-256 over what an approval of this change covers, 64 hex digits; null if nothing needs approval.
    pub digest: Option<String>,
    /// The files of the policy and protected paths that differ.
    pub paths: Vec<String>,
    /// Whose approval the change of the policy needs; all of them have to be met.
    pub requirements: Vec<Requirement>,
    /// The admins who let exactly this through unapproved; null if none did.
    pub overridden: Option<Overridden>,
    /// Who gains and who loses the power to approve what.
    pub privilege_changes: Vec<PrivilegeChange>,
    /// What else the new policy would change: fields no longer critical, flags no longer managed.
    pub effects: Vec<String>,
}

/// A whole review.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// The version of this form: `countersign/report/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// The answer for the whole: the worst of its flags, of the policy and of the diagnostics.
    pub verdict: Verdict,
    /// What the proposal would be merged into.
    pub base: Revision,
    /// What is proposed.
    pub head: Revision,
    /// Every flag that differs, and the only flag of a file whose text differs.
    pub flags: Vec<FlagReport>,
    /// What the proposal does to the policy and to protected paths.
    pub policy: PolicyReport,
    /// What is wrong with the files that differ, with the policy, or with the tree, in file order.
    #[serde(rename = "problems")]
    pub diagnostics: Vec<Diagnostic>,
}
