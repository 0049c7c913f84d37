//! Reasons for which a response does not count: as data, and their words.
//!
//! In: nothing; the tally picks one. Out: an enum, which Display puts into words without a subject. It refuses nothing.
//! Not taken: deciding by the words, so that they can be changed without a verdict changing.

use std::fmt::{Display, Formatter, Result};

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::diagnostics::diagnostic::choice;
use crate::diagnostics::words::short;

/// A known fact for which somebody may not respond.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ineligible {
    /// Nobody who is named, and no admin. It says less than any other reason.
    NotAnApprover,
    /// The person who opened the pull request.
    Requestor,
    /// An author of some of the change.
    Contributor,
    /// A login with letters that GitHub gives nobody.
    NotALogin,
    /// An account of this type.
    NotAPerson { kind: String },
    /// An account with this permission and no other. `external`: named, so that it would count where the policy lets
    /// external approvers count.
    NoWriteAccess { permission: String, external: bool },
}

/// A fact that is not known and decides whether somebody may respond: never a yes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UnknownFact {
    /// The contributors to the change, with what could not be read.
    Contributors { unread: Vec<String> },
    /// The permission of the person.
    WriteAccess,
    /// The members of a team.
    Members { team: String },
}

/// The reason for which a response does not count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotCountedReason {
    /// The person may not respond.
    Ineligible(Ineligible),
    /// Nobody knows whether the person may respond.
    Unknown(UnknownFact),
    /// A rejection by somebody who may not reject.
    RejectionOf(Ineligible),
    /// A rejection by somebody who may be able to reject: it blocks, and is no proven rejection.
    PossibleRejection(UnknownFact),
    /// A rejection that these people lifted.
    RejectionLifted { by: Vec<String> },
    /// A rejection that these people dismissed, who may not lift it.
    DismissedInVain { by: Vec<String> },
    /// A review that somebody dismissed, and that may have been a rejection.
    DismissedUnknown,
    /// A review in a state that is none of those known.
    UnknownState { state: String },
    /// A review that was no rejection and that this person dismissed.
    ReviewDismissed { by: String },
    /// An approval of the content of this digest, which is not that of today.
    OtherContent { digest: String },
    /// A signed response that does not name this content.
    NotSigned,
    /// An approval by this person when nobody knows what was displayed.
    RevisionNotKept { login: String },
    /// An approval whose time cannot be read.
    UnreadableTime,
    /// An approval before anything was displayed.
    BeforeDisplay,
    /// An approval before this content was displayed.
    BeforeThisDisplay,
    /// An approval that counts for another requirement.
    FillsAnotherPlace,
}

impl NotCountedReason {
    /// Whether it only says that somebody is no approver of the requirement.
    #[must_use]
    pub fn is_no_approver(&self) -> bool {
        *self == NotCountedReason::Ineligible(Ineligible::NotAnApprover)
    }
}

impl Display for Ineligible {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Ineligible::NotAnApprover => f.write_str("is neither a required approver nor an admin"),
            Ineligible::Requestor => f.write_str("asked for the change"),
            Ineligible::Contributor => f.write_str("contributed to the change"),
            Ineligible::NotALogin => f.write_str("is not a login GitHub could have given"),
            Ineligible::NotAPerson { kind } => write!(f, "is not a person (`{kind}`)"),
            Ineligible::NoWriteAccess { permission, external } => {
                write!(f, "has no write access (`{permission}`)")?;
                let but = ", and the configuration has no `external-approvers: true`";
                f.write_str(if *external { but } else { "" })
            }
        }
    }
}

impl Display for UnknownFact {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            UnknownFact::Contributors { unread } => {
                f.write_str("who contributed to the change is not known")?;
                f.write_str(if unread.is_empty() { "" } else { ": " })?;
                f.write_str(&unread.join(", "))
            }
            UnknownFact::WriteAccess => f.write_str("whether they have write access is not known"),
            UnknownFact::Members { team } => write!(f, "who is in `{team}` is not known"),
        }
    }
}

impl Display for NotCountedReason {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let all = |logins: &[String]| choice(logins.iter().map(String::as_str));
        match self {
            NotCountedReason::Ineligible(why) => why.fmt(f),
            NotCountedReason::Unknown(fact) => fact.fmt(f),
            NotCountedReason::RejectionOf(why) => write!(f, "rejected it, but {why}"),
            NotCountedReason::PossibleRejection(fact) => write!(f, "{fact}, so their rejection may count"),
            NotCountedReason::RejectionLifted { by } => write!(f, "rejected it; {} lifted that", all(by)),
            NotCountedReason::DismissedInVain { by } => {
                write!(f, "rejected it; {} dismissed that and may not lift it", all(by))
            }
            NotCountedReason::DismissedUnknown => {
                f.write_str("their review was dismissed, and whether it was a rejection is not known")
            }
            NotCountedReason::UnknownState { state } => {
                write!(f, "reviewed with `{}`, which is no known answer", state.escape_debug())
            }
            NotCountedReason::ReviewDismissed { by } => {
                write!(f, "their review was dismissed by `{}`", by.escape_debug())
            }
            NotCountedReason::OtherContent { digest } => {
                write!(f, "approved {}, which is no longer the proposed content", short(digest).escape_debug())
            }
            NotCountedReason::NotSigned => f.write_str("signed no approval of it"),
            NotCountedReason::RevisionNotKept { login } => {
                let what = "the revision displayed when they approved was not kept";
                write!(f, "{what}; `--approve @{login}` vouches for it")
            }
            NotCountedReason::UnreadableTime => f.write_str("the time of their approval cannot be read"),
            NotCountedReason::BeforeDisplay => f.write_str("approved before anything was displayed"),
            NotCountedReason::BeforeThisDisplay => f.write_str("approved before this was displayed"),
            NotCountedReason::FillsAnotherPlace => f.write_str("approved, and fills a place of another requirement"),
        }
    }
}

impl Serialize for NotCountedReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for NotCountedReason {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        String::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        String::json_schema(generator)
    }
}
