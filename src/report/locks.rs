//! The answer of `locks`, as data: the holder of each live flag, and the pull requests that wait for it.

use schemars::JsonSchema;
use serde::Serialize;

/// The version of the JSON form.
pub const SCHEMA: &str = "countersign/locks/v1";

/// The locks of live flags: the holder of each, and the pull requests that wait for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Locks {
    /// Every flag that is held, by base branch and name.
    pub locks: Vec<HeldLock>,
    /// When the locks were computed, by GitHub's clock, RFC 3339.
    pub now: String,
    /// The version of this form: `countersign/locks/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
}

/// A live flag that a pull request holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeldLock {
    /// The branch that the pull request is to be merged into.
    pub base: String,
    /// `project/key` of the flag.
    pub flag: String,
    /// Whole days since anything last happened on it; null if that is not known.
    pub idle_days: Option<i64>,
    /// The number of the pull request that holds it.
    pub pull: u64,
    /// Login of the requestor of that pull request.
    pub requestor: String,
    /// When its request was first displayed, RFC 3339.
    pub since: String,
    /// Whether no status of the gate proves that: the next review of that pull request does, or takes it back.
    pub unproven: bool,
    /// The pull requests that would hold it next, in this order.
    pub waiting: Vec<LockWaiter>,
}

/// A pull request that waits for the holder of a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LockWaiter {
    /// Whether an admin let it pass over the holder, so that it waits no longer.
    pub passed: bool,
    /// Its number.
    pub pull: u64,
    /// Login of its requestor.
    pub requestor: String,
    /// When its request was first displayed, RFC 3339.
    pub since: String,
}
