//! Who holds which live flag, who waits for it, and since when: the locks of all open pull requests at once.
//!
//! In: what each open pull request claims by its ledger. Out: one [`Held`] a flag and base branch. It refuses to store
//! anything: as for a verdict, the holder is computed. Not taken: judging each pull request anew, which costs their
//! objects; a claim that changed since its last judgement is the next sweep's to find.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::ledger::Ledger;
use crate::text::shape::instant;

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
    pub ledger: Ledger,
}

/// A live flag that a pull request holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Held {
    pub base: String,
    /// `project/key`.
    pub flag: String,
    pub pull: u64,
    pub requestor: String,
    /// When its request was first on display.
    pub since: String,
    /// Whole days since anything last happened on it; null if that is not known.
    pub idle_days: Option<i64>,
    /// Those that would hold it next, in this order.
    pub waiting: Vec<Waiting>,
}

/// A pull request that another one keeps waiting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    pub pull: u64,
    pub requestor: String,
    pub since: String,
    /// Whether an admin let it pass over the holder, so that it waits no longer.
    pub passed: bool,
}

/// The locks, by base branch and flag.
#[must_use]
pub fn locks(claims: &[Claim], now: &str) -> Vec<Held> {
    let mut by_flag: BTreeMap<(&str, &str), Vec<(&Claim, &str)>> = BTreeMap::new();
    for claim in claims.iter().filter(|claim| !claim.draft && !claim.outsider) {
        for (flag, since) in &claim.ledger.holds {
            by_flag.entry((&claim.base, flag)).or_default().push((claim, since));
        }
    }
    let mut found = Vec::new();
    for ((base, flag), mut claims) in by_flag {
        // A time that can't be read is taken for the earliest, as a verdict does.
        claims.sort_by_key(|(claim, since)| (instant(since).unwrap_or(DateTime::<Utc>::MIN_UTC), claim.pull));
        let Some(((holder, since), others)) = claims.split_first() else { continue };
        let passed = |claim: &Claim| claim.ledger.passed.iter().any(|one| one.pull == holder.pull && one.flag == flag);
        found.push(Held {
            base: base.to_owned(),
            flag: flag.to_owned(),
            pull: holder.pull,
            requestor: holder.requestor.clone(),
            since: (*since).to_owned(),
            idle_days: instant(now).zip(instant(&holder.updated_at)).map(|(now, then)| (now - then).num_days().max(0)),
            waiting: others
                .iter()
                .map(|(claim, since)| Waiting {
                    pull: claim.pull,
                    requestor: claim.requestor.clone(),
                    since: (*since).to_owned(),
                    passed: passed(claim),
                })
                .collect(),
        });
    }
    found
}
