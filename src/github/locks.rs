//! Who holds which live flag, who waits for it, and since when: the locks of all open pull requests at once.
//!
//! In: what each open pull request claims by its approval record. Out: one [`Held`] a flag and base branch. It refuses to store
//! anything: as for a verdict, the holder is computed. Not taken: judging each pull request anew, which costs their
//! objects; a claim that changed since its last judgement is the next sweep's to find.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use super::record::ApprovalRecord;
use crate::document::shape::instant;

/// The version of the JSON form.
pub const SCHEMA: &str = "countersign/locks/v1";

/// An open pull request that touches live flags.
#[derive(Clone, Debug)]
pub struct Claim {
    pub pull: u64,
    pub base: String,
    pub requestor: String,
    pub draft: bool,
    /// Whether its requestor has no write access; such a one holds nothing.
    pub outsider: bool,
    /// When anything last happened on it.
    pub updated_at: String,
    pub record: ApprovalRecord,
}

/// Which open pull request holds which live flag, and who waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Locks {
    /// Every flag that is held, by base branch and name.
    pub locks: Vec<Held>,
    /// When that was so, by GitHub's clock, RFC 3339.
    pub now: String,
    /// The version of this form: `countersign/locks/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: &'static str,
}

/// A live flag that a pull request holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    /// The branch that the pull request is to be merged into.
    pub base: String,
    /// `project/key` of the flag.
    pub flag: String,
    /// Whole days since anything last happened on it; null if that is not known.
    pub idle_days: Option<i64>,
    /// The number of the pull request that holds it.
    pub pull: u64,
    /// Login of who opened that pull request.
    pub requestor: String,
    /// When its request was first displayed, RFC 3339.
    pub since: String,
    /// Those that would hold it next, in this order.
    pub waiting: Vec<Waiting>,
}

/// A pull request that another one keeps waiting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// Whether an admin let it pass over the holder, so that it waits no longer.
    pub passed: bool,
    /// Its number.
    pub pull: u64,
    /// Login of who opened it.
    pub requestor: String,
    /// When its request was first displayed, RFC 3339.
    pub since: String,
}

/// The locks, by base branch and flag.
#[must_use]
pub fn locks(claims: &[Claim], now: &str) -> Vec<Held> {
    let mut by_flag: BTreeMap<(&str, &str), Vec<(&Claim, &str)>> = BTreeMap::new();
    for claim in claims.iter().filter(|claim| !claim.draft && !claim.outsider) {
        for (flag, since) in &claim.record.holds {
            by_flag.entry((&claim.base, flag)).or_default().push((claim, since));
        }
    }
    let mut found = Vec::new();
    for ((base, flag), mut claims) in by_flag {
        // A time that can't be read is taken for the earliest, as a verdict does.
        claims.sort_by_key(|(claim, since)| (instant(since).unwrap_or(DateTime::<Utc>::MIN_UTC), claim.pull));
        let Some(((holder, since), others)) = claims.split_first() else { continue };
        let passed = |claim: &Claim| claim.record.passed.iter().any(|one| one.pull == holder.pull && one.flag == flag);
        found.push(Held {
            base: base.to_owned(),
            flag: flag.to_owned(),
            idle_days: instant(now).zip(instant(&holder.updated_at)).map(|(now, then)| (now - then).num_days().max(0)),
            pull: holder.pull,
            requestor: holder.requestor.clone(),
            since: (*since).to_owned(),
            waiting: others
                .iter()
                .map(|(claim, since)| Waiting {
                    passed: passed(claim),
                    pull: claim.pull,
                    requestor: claim.requestor.clone(),
                    since: (*since).to_owned(),
                })
                .collect(),
        });
    }
    found
}
