//! The end of an apply as a document: what `apply --format json` writes.
//!
//! In: what became of each flag. Out: a document of one form, in the words of the text. A contract: members are added,
//! and none is taken away.

use schemars::JsonSchema;
use serde::Serialize;

use super::apply::{AppliedFlag, ApplyOutcome};
use super::plan::AmplitudePlan;
use crate::report::BypassedApproval;

/// The version of the JSON form.
pub const SCHEMA: &str = "countersign/amplitude-apply/v1";

/// The end of an apply for one flag.
#[derive(Clone, Debug)]
pub struct EndedFlag {
    /// `project/key`.
    pub name: String,
    pub applied: Option<AppliedFlag>,
    /// Why nothing was written, or nothing more; none if everything was tried.
    pub left: Option<String>,
}

/// An apply, written down.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplyDocument<'a> {
    /// The version of this form.
    pub schema: &'static str,
    /// The digest of the plan that was made for it, 64 hex digits.
    pub plan: String,
    /// The commit that was applied, in full.
    pub commit: Option<&'a str>,
    /// Whether Amplitude has what the files say, and all of both could be read.
    pub whole: bool,
    /// The flags about which something was to be done, in the order in which it was.
    pub flags: Vec<EndedDocument<'a>>,
    /// The flags that are live without the approvals that they needed.
    pub bypassed: &'a [BypassedApproval],
}

/// The end of an apply for one flag, written down.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EndedDocument<'a> {
    /// `project/key`.
    pub flag: &'a str,
    /// `done`, `left`, `by-hand`, `conflict`, `refused`, `not-yet` (accepted and not applied), `unknown` or `stopped`.
    pub outcome: &'static str,
    /// The reason for that; none where it is done.
    pub why: Option<String>,
    /// The calls that Amplitude accepted, each in a line.
    pub calls: &'a [String],
    /// Remarks for people.
    pub notes: &'a [String],
}

impl EndedFlag {
    /// Whether Amplitude has what the file says.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.left.is_none() && self.applied.as_ref().is_none_or(|applied| applied.outcome == ApplyOutcome::Done)
    }

    fn document(&self) -> EndedDocument<'_> {
        let (calls, notes) =
            self.applied.as_ref().map_or((&[][..], &[][..]), |applied| (&applied.done[..], &applied.notes[..]));
        let (outcome, why) = match (&self.left, &self.applied) {
            (Some(left), _) => ("left", Some(left.clone())),
            (None, Some(applied)) => applied.outcome.word_and_reason(),
            (None, None) => ("done", None),
        };
        EndedDocument { flag: &self.name, outcome, why, calls, notes }
    }
}

impl ApplyOutcome {
    /// The word of the outcome, and its reason.
    #[must_use]
    pub fn word_and_reason(&self) -> (&'static str, Option<String>) {
        let (word, why) = match self {
            ApplyOutcome::Done => return ("done", None),
            ApplyOutcome::ByHand(what) => ("by-hand", what.join("; ")),
            ApplyOutcome::Conflict(why) => ("conflict", why.clone()),
            ApplyOutcome::Refused(why) => ("refused", why.clone()),
            ApplyOutcome::Pending(why) => ("not-yet", why.clone()),
            ApplyOutcome::NeedsLeave(why) => ("left", format!("{why}; add `--allow-intermediate` if that may be")),
            ApplyOutcome::Unknown(why) => ("unknown", why.clone()),
            ApplyOutcome::Stopped(error) => ("stopped", error.message.clone()),
        };
        (word, Some(why))
    }
}

/// The document of an apply.
#[must_use]
pub fn document<'a>(
    plan: &'a AmplitudePlan,
    ended: &'a [EndedFlag],
    bypassed: &'a [BypassedApproval],
) -> ApplyDocument<'a> {
    ApplyDocument {
        schema: SCHEMA,
        plan: plan.digest(),
        commit: plan.commit.as_deref(),
        whole: plan.unread.is_empty() && ended.iter().all(EndedFlag::is_done),
        flags: ended.iter().map(EndedFlag::document).collect(),
        bypassed,
    }
}
