//! The answer of `doctor`, as data: how well a repository is protected, findings, and what sets them right.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// The version of the JSON form.
pub const SCHEMA: &str = "countersign/doctor/v1";

/// The severity of a finding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The gate does not hold, or does not work.
    Error,
    /// The setting holds less than it seems to.
    Warning,
    /// The setting could not be read with this token, and is not taken for good.
    Unknown,
    /// The setting holds; this would be better.
    Advice,
    /// The setting is as it should be.
    Ok,
}

/// A finding of one check.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct DoctorFinding {
    /// The id of the check.
    pub id: &'static str,
    /// Its severity.
    pub level: Severity,
    /// The branch it is about; null if it is about the whole repository.
    pub branch: Option<String>,
    /// The state that was found.
    pub what: String,
    /// The reason why it matters.
    pub why: &'static str,
    /// The next step: where to click, or the command; empty if there is none.
    pub next: String,
}

/// How well one branch is protected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct BranchTier {
    /// The branch.
    pub branch: String,
    /// The status that has to be required there.
    pub context: String,
    /// The tier that is proven, 0 to 4.
    pub tier: u8,
    /// The tier if everything that could not be read were good.
    pub possible: u8,
}

/// How well a repository is protected against merges without a verdict: a tier, and findings with their next steps.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Diagnosis {
    /// The version of this form: `countersign/doctor/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
    /// Owner and name of the repository.
    pub repository: String,
    /// The tier that is proven, 0 to 4: that of the branch with the lowest.
    pub tier: u8,
    /// The tier if everything that could not be read were good.
    pub possible: u8,
    /// The tier in plain words.
    pub means: &'static str,
    /// The merges it prevents.
    pub holds: &'static str,
    /// The merges it does not prevent.
    pub open: &'static str,
    /// The steps to the next tier, in order; none if there is none.
    pub next: Vec<String>,
    /// Every branch that was examined, the default branch first.
    pub branches: Vec<BranchTier>,
    /// The findings, the worst first.
    pub findings: Vec<DoctorFinding>,
    /// The requests that set things right, and what has to wait.
    pub fixes: Fixes,
}

impl Diagnosis {
    #[must_use]
    pub fn count(&self, level: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.level == level).count()
    }
}

/// A request that changes one setting.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Fix {
    /// The change in words.
    pub what: String,
    /// The method of the request.
    pub method: &'static str,
    /// The path of the request below the address of the interface.
    pub path: String,
    /// The body of the request, as JSON.
    pub body: Value,
    /// The fix as a command.
    pub command: String,
}

/// The fixes of a repository.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
pub struct Fixes {
    /// The requests, in the order in which they have to be made.
    pub ready: Vec<Fix>,
    /// Steps that have to wait for something else, or can't be made by a request: what, and what is needed.
    pub held: Vec<String>,
}
