//! Report: a verdict with everything it is made of, as data. Its JSON form is the contract in
//! `schemas/report.schema.json`.
//!
//! In: nothing; `review` fills it. Out: data. Not taken: anything an output adds; outputs write the report and decide
//! nothing.

mod alike;
pub mod approvers;
mod by_key;
mod bypassed;
mod debt;
pub mod doctor;
pub mod explained;
pub mod locks;
mod overridden;
mod policy;
mod reason;
mod remarks;
mod requirement;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::by_key::{KeyRequirement, KeySteps};
pub use self::bypassed::{BypassFacts, BypassWay, BypassedApproval};
pub use self::debt::{KnownDebts, NewDebt, OverdueDebt, UnknownDebt};
pub use self::overridden::{CountedOverride, Overridden};
pub use self::policy::{ChangedFile, ChangedLine, PolicyReport, PrivilegeChange};
pub use self::reason::{Ineligible, NotCountedReason, UnknownFact};
pub use self::remarks::NamedRemarks;
pub use self::requirement::{Mode, NotCounted, Requirement, Side};
use crate::changes::SwitchOff;
pub use crate::changes::change::{Act, Change, Class, SharedChange};
use crate::diagnostics::{Diagnostic, lints};
use crate::flag::{FlagId, Kind};
use crate::format::FormatRef;
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
    /// Another open pull request holds the lock of the flag, or an overdue debt of the flag does.
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

    /// The verdict in a line of prose.
    #[must_use]
    pub fn in_prose(self) -> &'static str {
        match self {
            Verdict::NotRequired => "not required",
            other => other.word(),
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
    /// Whether nothing proves that it does: the comment that says so may be somebody else's. Left out if it is proven.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unproven: bool,
}

/// A lock that an admin passed over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct PassedOver {
    /// The pull request that holds it.
    pub pull: u64,
    /// Login of the admin.
    pub by: String,
    /// When they said so, RFC 3339.
    pub at: String,
}

/// A change that would need approval, if the policy did not free it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Freed {
    /// A live flag is switched off.
    SwitchOff,
    /// A flag is switched on exactly as it was last live.
    Restore,
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
    /// The commit that ended the time in which the flag was last live, in words. Null if the whole flag is shown
    /// instead.
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
    pub format: FormatRef,
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
    /// The segments in the order in which they are tried; a user is in the first whose conditions hold. Removed
    /// segments come last. Left out if there are none, and where the impact names no segment or nobody is affected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Segment>,
    /// The variants in their order, of the proposal or else of the base.
    pub variants: Vec<String>,
    /// Every difference, in the order of the file.
    pub changes: Vec<Change>,
    /// The requirements, all of which have to be met.
    pub requirements: Vec<Requirement>,
    /// The differences since approvals that no longer count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub since_approved: Vec<SinceApproval>,
    /// Approvers of optional sections, who are notified; no approval of theirs is needed. For a change that the policy
    /// frees, everyone who could approve another change of the flag.
    pub notified: Vec<String>,
    /// Why no approval is needed, if the policy frees the change; left out if it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freed: Option<Freed>,
    /// The condition that switching the flag off waits for; null if the change does something else.
    pub switch_off: Option<SwitchOff>,
    /// The competing pull request that holds the lock; null if none does.
    pub locked_by: Option<Holder>,
    /// The overdue debt that holds further changes of the flag; left out if none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_by: Option<OverdueDebt>,
    /// Locks of other pull requests that an admin passed over for this one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<PassedOver>,
    /// The admins who let exactly this through unapproved; null if none did.
    pub overridden: Option<Overridden>,
    /// The key of a flag of the project that is deleted, of which this one has the content. Left out if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
    /// The key of a new flag of the project that has the content of this one, which is deleted. Left out if there is
    /// none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renamed_to: Option<String>,
    /// Remarks for an approver, one sentence each.
    pub remarks: Vec<String>,
}

impl FlagReport {
    /// The name of the flag.
    #[must_use]
    pub fn id(&self) -> FlagId<'_> {
        FlagId { project: &self.project, key: &self.key }
    }

    /// The word for this flag, or for a part that flags use.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        if self.format.is_key_of_part(&self.key) { "part" } else { self.kind.word() }
    }

    /// Whether all of the flag is displayed and approved, as where it is switched on, and not only what changed.
    #[must_use]
    pub fn is_displayed_whole(&self) -> bool {
        self.changes.iter().any(|change| change.class == Class::Activation && change.rule.is_some())
    }
}

/// The kind of a part of the content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContentKind {
    /// The project and the path of a flag.
    Location,
    /// The mode git gives its file.
    FileMode,
    /// The rules that ask for the approval.
    Rules,
    /// A field of the flag, in normal form.
    Field,
    /// The impact that is displayed, in normal form.
    Impact,
    /// A file of the policy or under a protected path, by its mode, size and hash.
    File,
}

/// The differences since an approval that no longer counts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SinceApproval {
    /// Logins of the people who approved that content.
    pub by: Vec<String>,
    /// Its digest, as many digits as were recorded.
    pub digest: String,
    /// The parts in which it differs from what is proposed now.
    pub changes: Vec<SinceChange>,
    /// Why that is not known, as a sentence without its full stop; null if it is.
    pub unknown: Option<String>,
}

/// A part of the content that differs from what was approved. Values are in normal form, empty where there is none;
/// those of the impact are the sentence about it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SinceChange {
    /// The kind of the part.
    pub kind: ContentKind,
    /// The field, or the path of the file; empty for the other kinds.
    pub name: String,
    /// The value on the base branch when it was approved.
    pub approved_before: String,
    /// The value that was approved.
    pub approved_after: String,
    /// The value on the base branch now.
    pub before: String,
    /// The value that is proposed now.
    pub after: String,
}

/// The pull request that is reviewed. Nothing in a verdict depends on it but on its author.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PullReport {
    /// Its number.
    pub number: u64,
    /// Login of who opened it.
    pub author: String,
    /// Its title, if it is known.
    pub title: Option<String>,
    /// The repository, such as `acme/shop`, if it is known.
    pub repository: Option<String>,
    /// Its address, if it is known.
    pub url: Option<String>,
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
    /// The pull request; left out if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pull: Option<PullReport>,
    /// Whether the repository manages no flag at all: no project has one, neither on the base branch nor in the
    /// proposal. Left out if it has.
    #[serde(rename = "noFlag", skip_serializing_if = "std::ops::Not::not")]
    pub no_flag: bool,
    /// The folder on disk whose policy read the flags, which decides about no merge; left out where it is that of the
    /// commits.
    #[serde(rename = "otherPolicy", skip_serializing_if = "Option::is_none")]
    pub other_policy: Option<String>,
    /// Every flag that differs, and the only flag of a file that is written differently.
    pub flags: Vec<FlagReport>,
    /// The changes of the policy and of protected paths.
    pub policy: PolicyReport,
    /// Every overdue debt of the repository, the oldest first. Left out if there is none, or if its receipts are not
    /// here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub debts: Vec<OverdueDebt>,
    /// Debts of which only receipts tell that don't count by the trust of today: whether they are paid is not known
    /// here.
    #[serde(rename = "unknownDebts", skip_serializing_if = "Vec::is_empty")]
    pub unknown_debts: Vec<UnknownDebt>,
    /// The flags that Amplitude serves without the approvals that they needed. Left out if there is none, or if
    /// Amplitude is not compared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bypassed: Vec<BypassedApproval>,
    /// Remarks on the whole, and on items that are no flag of a file, for outputs that show nothing besides the report.
    #[serde(skip)]
    pub remarks: Vec<NamedRemarks>,
    /// Diagnostics of the files that differ, of the policy and of the tree, in file order.
    pub diagnostics: Vec<Diagnostic>,
    /// The next steps where approvals are signed by key; none where a forge has reviews.
    #[serde(skip)]
    pub by_key: Option<KeySteps>,
}

impl Report {
    /// Whether more needs approval than one comment can show, so that nobody can approve it.
    #[must_use]
    pub fn is_too_much(&self) -> bool {
        self.too_much().is_some()
    }

    /// The diagnostic that says so.
    #[must_use]
    pub fn too_much(&self) -> Option<&Diagnostic> {
        self.diagnostics.iter().find(|diagnostic| diagnostic.id == lints::TOO_MUCH.id)
    }
}
