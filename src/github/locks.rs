//! Locks: which open pull request holds which live flag, which ones wait for it, and since when.
//!
//! In: the approval record of each open pull request. Out: the competing pull requests of one, as evidence; and one
//! [`HeldLock`] a flag and base branch, for `locks`. It refuses to store a lock: the holder is computed each time. Not
//! taken: reviewing each pull request anew, which costs their objects; a hold that changed since the last review of its
//! pull request is the next sweep's to find.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::client::Client;
use super::facts::{Outline, PullFacts};
use super::fingerprint::Fingerprint;
use super::record::{self, ApprovalRecord};
use crate::approval::evidence::OpenPull;
use crate::document::date::instant;
use crate::error::Error;
use crate::report::locks::{HeldLock, LockWaiter};

/// An open pull request that holds live flags, by its own approval record, or waits for them.
#[derive(Clone, Debug)]
pub struct LockRequest {
    pub pull: u64,
    pub base: String,
    pub requestor: String,
    pub draft: bool,
    /// Whether its requestor has no write access, and so holds nothing.
    pub outsider: bool,
    /// When anything last happened on it.
    pub updated_at: String,
    pub record: ApprovalRecord,
    /// Whether no status of ours proves the record.
    pub unproven: bool,
}

/// The requests among these pull requests for a flag that counts. A record that no status of ours proves holds what it
/// says, so that nobody takes a lock away by writing into a comment, and lets nothing pass over anybody.
///
/// # Errors
/// If one can't be read.
fn requests<'o>(
    client: &Client,
    viewer: &str,
    outlines: impl Iterator<Item = &'o Outline>,
    counts: &dyn Fn(u64, &String) -> bool,
) -> Result<Vec<LockRequest>, Error> {
    let outlines: Vec<&Outline> = outlines.filter(|outline| outline.may_have_record()).collect();
    if outlines.is_empty() {
        return Ok(Vec::new());
    }
    let comments = client.stickies(&outlines)?;
    let (mut found, mut left) = (Vec::new(), record::MOST_COMMITS);
    for outline in outlines {
        let first = comments.get(&outline.number);
        let fingerprint = outline.own_status(viewer).and_then(|status| Fingerprint::of(&status.target));
        if first.is_none() && fingerprint.is_none_or(|one| one.checksums.is_empty()) {
            continue;
        }
        let shown = first.filter(|first| first.untouched).map(|first| (first.id, &*first.body));
        let proven = record::of_another(client, viewer, outline, shown.as_slice(), &mut left)?;
        let unproven = proven.is_none();
        let mut record = match proven {
            Some(record) => record,
            None => unproven_record(client, viewer, outline, &mut left)?,
        };
        record.holds.retain(|flag, _| counts(outline.number, flag));
        if record.holds.is_empty() {
            continue;
        }
        found.push(LockRequest {
            pull: outline.number,
            base: outline.base.clone(),
            requestor: outline.requestor().to_owned(),
            draft: outline.draft,
            outsider: match &outline.author {
                Some(author) => is_outsider(client, &author.login)?,
                None => true,
            },
            updated_at: outline.updated_at.clone(),
            record,
            unproven,
        });
    }
    Ok(found)
}

/// The record of a pull request on which the first comment that begins like ours proves nothing: that of another
/// comment, or of an earlier text, that a status of ours proves; else everything that any of them says is held.
fn unproven_record(
    client: &Client,
    viewer: &str,
    outline: &Outline,
    left: &mut usize,
) -> Result<ApprovalRecord, Error> {
    let texts = client.texts(outline)?;
    let now = texts.iter().map(|(comment, _)| (comment.id, &*comment.body));
    let earlier = texts.iter().flat_map(|(comment, earlier)| earlier.iter().map(|body| (comment.id, &**body)));
    let all: Vec<(u64, &str)> = now.chain(earlier).collect();
    let mut known = record::of_another(client, viewer, outline, &all, left)?.unwrap_or_default();
    known.passed_over.clear();
    if known.holds.is_empty() {
        let holds = all.iter().filter_map(|(_, body)| ApprovalRecord::parse(body)).flat_map(|record| record.holds);
        for (flag, since) in holds {
            let earliest = known.holds.entry(flag).or_insert_with(|| since.clone());
            if since < *earliest {
                *earliest = since;
            }
        }
    }
    Ok(known)
}

/// Whether somebody is known to have no write access. Somebody whose permission can't be read may hold a flag: unknown
/// is no free way.
fn is_outsider(client: &Client, login: &str) -> Result<bool, Error> {
    Ok(matches!(client.permission(login)?.as_deref(), Some("read" | "triage" | "none")))
}

/// The lock requests of the open pull requests into one base branch, or into all.
///
/// # Errors
/// If one can't be read.
pub fn all(client: &Client, base: Option<&str>) -> Result<Vec<LockRequest>, Error> {
    let (viewer, open) = client.open_pulls()?;
    let outlines = open.iter().map(|listed| &listed.outline);
    requests(client, &viewer, outlines.filter(|outline| base.is_none_or(|base| outline.base == base)), &|_, _| true)
}

/// The competing pull requests, which hold one of these flags, with this one among them: each less the flags for which
/// it was passed over. Empty if there is no other.
///
/// # Errors
/// If GitHub can't be asked.
pub(super) fn competing(
    client: &Client,
    facts: &PullFacts,
    names: &[String],
    record: Option<&ApprovalRecord>,
) -> Result<Vec<OpenPull>, Error> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let own = facts.number();
    let others = facts
        .open
        .iter()
        .filter(|other| other.number != own && other.base == facts.outline.base)
        // A sibling does not compete: whichever of the two is merged brings the same commit.
        .filter(|other| other.head != facts.outline.head);
    let passed = |pull: u64, flag: &String| {
        record.is_some_and(|record| record.passed_over.iter().any(|one| one.pull == pull && one.flag == *flag))
    };
    let others = requests(client, &facts.viewer, others, &|pull, flag| names.contains(flag) && !passed(pull, flag))?;
    if others.is_empty() {
        return Ok(Vec::new());
    }
    // The flags for which others were let pass over this one.
    let lost: BTreeSet<&String> = others
        .iter()
        .filter(|other| !other.draft)
        .flat_map(|other| &other.record.passed_over)
        .filter(|passed| passed.pull == own)
        .map(|passed| &passed.flag)
        .collect();
    let renewed = facts.renewed_at.as_deref().and_then(instant);
    let mut touches = record.map(|record| record.holds.clone()).unwrap_or_default();
    touches.retain(|flag, since| {
        names.contains(flag) && !lost.contains(flag) && renewed.is_none_or(|renewed| instant(since) >= Some(renewed))
    });
    let this = OpenPull {
        pull: own,
        requestor: facts.requestor().to_owned(),
        draft: facts.outline.draft,
        outsider: !touches.is_empty() && is_outsider(client, facts.requestor())?,
        touches,
        unproven: false,
    };
    let others = others.iter().map(|other| OpenPull {
        pull: other.pull,
        requestor: other.requestor.clone(),
        draft: other.draft,
        outsider: other.outsider,
        touches: other.record.holds.clone(),
        unproven: other.unproven,
    });
    Ok(others.chain([this]).collect())
}

/// The locks, by base branch and flag.
#[must_use]
pub fn locks(requests: &[LockRequest], now: &str) -> Vec<HeldLock> {
    let mut by_flag: BTreeMap<(&str, &str), Vec<(&LockRequest, &str)>> = BTreeMap::new();
    for request in requests.iter().filter(|request| !request.draft && !request.outsider) {
        for (flag, since) in &request.record.holds {
            by_flag.entry((&request.base, flag)).or_default().push((request, since));
        }
    }
    let mut found = Vec::new();
    for ((base, flag), mut requests) in by_flag {
        // A time that can't be read is taken for the earliest, as a verdict does.
        requests.sort_by_key(|(request, since)| (instant(since).unwrap_or(DateTime::<Utc>::MIN_UTC), request.pull));
        let Some(((holder, since), others)) = requests.split_first() else { continue };
        let passed = |request: &LockRequest| {
            request.record.passed_over.iter().any(|one| one.pull == holder.pull && one.flag == flag)
        };
        found.push(HeldLock {
            base: base.to_owned(),
            flag: flag.to_owned(),
            idle_days: instant(now).zip(instant(&holder.updated_at)).map(|(now, then)| (now - then).num_days().max(0)),
            pull: holder.pull,
            requestor: holder.requestor.clone(),
            since: (*since).to_owned(),
            unproven: holder.unproven,
            waiting: others
                .iter()
                .map(|(request, since)| LockWaiter {
                    passed: passed(request),
                    pull: request.pull,
                    requestor: request.requestor.clone(),
                    since: (*since).to_owned(),
                })
                .collect(),
        });
    }
    found
}
