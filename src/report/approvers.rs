//! The answer of `approvers`, as data: the people who may approve changes of a path, and the lines that say so.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the JSON form.
pub const SCHEMA: &str = "countersign/approvers/v1";

/// The people who may approve changes of files or flags, and the lines that say so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ListedApprovers {
    /// One for each file, in the order of the arguments; a key may stand for several.
    pub approvers: Vec<PathApprovers>,
    /// The version of this form: `countersign/approvers/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
}

/// The approvers of one path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PathApprovers {
    /// The admins, as the configuration names them.
    pub admins: Vec<String>,
    /// The approval mode of its project; null if no project has it, or several.
    pub approvals: Option<Approvals>,
    /// The key that was named; null if a path was.
    pub key: Option<String>,
    /// The lines of APPROVERS that hold for the path, one of each section that has one.
    pub lines: Vec<ApproversLine>,
    /// People who may approve changes of the policy and of protected paths besides the admins.
    pub policy_approvers: Vec<String>,
    /// The path, from the root of the repository.
    pub path: String,
    /// The project that has it; null if none has it, or several.
    pub project: Option<String>,
    /// Whether changes of it need an admin: the policy, and what the configuration protects.
    pub protected: bool,
    /// Projects that all have it, which is an error of the configuration: nobody can approve changes of it.
    pub several: Vec<String>,
}

/// A line of APPROVERS that holds for a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ApproversLine {
    /// `@user` and `@org/team`, alternatives; empty if nobody is named.
    pub from: Vec<String>,
    /// The line of APPROVERS, counted from 1.
    #[serde(rename = "line")]
    pub number: u32,
    /// Whether its section is optional: the people it names are only notified.
    pub optional: bool,
    /// How many distinct people.
    pub required: u32,
    /// The name of its section; null for lines before the first heading.
    pub section: Option<String>,
}

/// How a project's changes are approved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Approvals {
    /// By those a line of APPROVERS names.
    Specific,
    /// By anyone with write access but the requestor and the contributors.
    Peer,
    /// Not at all: a choice somebody wrote.
    None,
}

impl Approvals {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Approvals::Specific => "specific",
            Approvals::Peer => "peer",
            Approvals::None => "none",
        }
    }
}
