//! The answer of `explain`, as data: the approvals a pull request awaits, and why others did not count.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Holder, SinceApproval, Verdict};
use crate::diagnostics::Diagnostic;

/// The version of the JSON form.
pub const SCHEMA: &str = "countersign/explain/v1";

/// The approvals an open pull request awaits, and why each response that was given did not count.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explained {
    /// The version of this form: `countersign/explain/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// Owner and name of the repository.
    pub repository: String,
    /// The number of the pull request.
    pub pull: u64,
    /// Its page on GitHub.
    pub url: String,
    /// The answer for the whole pull request, as of now.
    pub verdict: Verdict,
    /// The status, its state before its text; null if there is none of ours on this commit.
    pub status: Option<String>,
    /// How many statuses of ours this commit has had.
    pub statuses: u32,
    /// How many it may have had until no success is set any more.
    pub most_statuses: u32,
    /// The approvals that are missing.
    pub missing: Vec<Missing>,
    /// The rejections that hold.
    pub rejected: Vec<Rejected>,
    /// The responses that were given and did not count.
    pub not_counted: Vec<NotCountedResponse>,
    /// The differences since approvals that no longer count.
    pub since_approved: Vec<ExplainedStale>,
    /// The flags that another pull request holds.
    pub locked: Vec<Locked>,
    /// Other open pull requests that would bring the same commit, and their verdicts.
    pub siblings: Vec<Sibling>,
    /// The errors in files or in the policy, which nobody can approve.
    pub diagnostics: Vec<Diagnostic>,
    /// Everything that could not be read, which counts as no.
    pub unread: Vec<String>,
}

/// Approvals that are missing.
#[derive(Serialize, JsonSchema)]
pub struct Missing {
    /// `project/key` of the flag, or `the policy`.
    pub what: String,
    /// How many approvals are missing.
    pub count: u32,
    /// How many of whom, in words.
    pub who: String,
    /// The line of APPROVERS that asks for them; null if none does.
    pub line: Option<u32>,
}

/// A rejection that holds.
#[derive(Serialize, JsonSchema)]
pub struct Rejected {
    /// `project/key` of the flag, or `the policy`.
    pub what: String,
    /// Logins of the people who rejected it.
    pub by: Vec<String>,
    /// The way out, in one sentence without a full stop.
    pub remedy: String,
}

/// A response that was given and did not count.
#[derive(Serialize, JsonSchema)]
pub struct NotCountedResponse {
    /// Login of the person.
    pub login: String,
    /// `project/key` of each flag it did not count for, or `the policy`.
    pub what: Vec<String>,
    /// Why that does not count, as a sentence without its subject.
    pub why: String,
}

/// The differences since an approval that no longer counts.
#[derive(Serialize, JsonSchema)]
pub struct ExplainedStale {
    /// `project/key` of the flag, or `the policy`.
    pub what: String,
    /// The people who approved, the content, and the difference.
    #[serde(flatten)]
    pub approval: SinceApproval,
}

/// A flag that another pull request holds.
#[derive(Serialize, JsonSchema)]
pub struct Locked {
    /// `project/key` of the flag.
    pub flag: String,
    /// The pull request that holds it.
    pub by: Holder,
}

/// Another open pull request that would bring the same commit.
#[derive(Serialize, JsonSchema)]
pub struct Sibling {
    /// Its number.
    pub pull: u64,
    /// The answer for it.
    pub verdict: Verdict,
}
