//! The approval record of a pull request, and the comment it is in.
//!
//! In: the facts, with every comment that begins like ours. Out: the record of the first that bears a checksum which
//! one of our statuses bears too, made up for edits that it does not know of. It refuses a copy, even of an earlier
//! record of ours. Not taken: the first comment in our name, since other workflows write in it.

use std::collections::BTreeSet;

use super::gaps::MissedEdits;
use super::{ApprovalRecord, FIRST_LINE};
use crate::error::Error;
use crate::github::client::Client;
use crate::github::facts::{CONTEXT, Comment, Outline, PullFacts, Status};
use crate::github::fingerprint::Fingerprint;
use crate::github::is_oid;

/// Of the comments that begin like ours, how many are compared with the statuses.
const MOST_COMMENTS: usize = 20;
/// Of how many commits of other pull requests the statuses are read.
pub const MOST_COMMITS: usize = 20;
/// Of how many commits all statuses are read, and not only the last of each context: two runs may have set one each.
const MOST_HISTORIES: usize = 3;

/// Finds the sticky comment and its record: its checksum is in a status of ours, on the head or on the commit that the
/// record names. Every other comment of that kind is taken for a copy, to be removed and never to be written into,
/// since whoever made it may edit it again. While a copy in our name stands there, nobody knows which of the two people
/// read.
///
/// # Errors
/// If GitHub can't be asked.
pub fn find(client: &Client, facts: &mut PullFacts) -> Result<Option<ApprovalRecord>, Error> {
    let mut comments: Vec<Comment> = facts.sticky.take().into_iter().chain(std::mem::take(&mut facts.copies)).collect();
    let mut proofs = Proofs::default();
    let mut found = genuine(client, facts, &comments, &mut proofs)?;
    if found.is_none() && !comments.is_empty() {
        // Ours may be further down.
        let more = client.more_candidates(facts)?.into_iter();
        let new: Vec<Comment> = more.filter(|more| comments.iter().all(|one| one.id != more.id)).collect();
        comments.extend(new);
        found = genuine(client, facts, &comments, &mut proofs)?;
    }
    let Some((at, mut record)) = found else {
        facts.copies = comments;
        return Ok(None);
    };
    let sticky = comments.remove(at);
    make_up(client, facts, &sticky, &mut record, &mut proofs)?;
    if let Some(since) = comments.iter().filter(|copy| copy.untouched).map(|copy| &copy.created_at).min() {
        record.interrupt(since);
    }
    (facts.sticky, facts.copies) = (Some(sticky), comments);
    Ok(Some(record))
}

/// The first comment whose checksum a status of ours bears, made with the comment's own number; only if there is none,
/// one whose checksum was made before ours had a number. A copy of our first words is no use while ours records more.
fn genuine(
    client: &Client,
    facts: &mut PullFacts,
    comments: &[Comment],
    proofs: &mut Proofs,
) -> Result<Option<(usize, ApprovalRecord)>, Error> {
    let some = || comments.iter().enumerate().take(MOST_COMMENTS);
    let numbered = some().map(|(at, comment)| (at, comment, comment.id));
    let unnumbered = some().map(|(at, comment)| (at, comment, 0));
    let all: Vec<(usize, &Comment, u64)> = numbered.chain(unnumbered).collect();
    // First by the statuses that count, which are here; the earlier ones cost requests.
    for reach in [StatusReach::Shown, StatusReach::All] {
        for (at, comment, number) in &all {
            let Some(record) = ApprovalRecord::of(comment) else { continue };
            if proofs.prove(client, facts, &record, &comment.body, *number, reach)? {
                return Ok(Some((*at, record)));
            }
        }
    }
    Ok(None)
}

/// Makes up for what was written into the comment and is not in its record.
fn make_up(
    client: &Client,
    facts: &mut PullFacts,
    sticky: &Comment,
    record: &mut ApprovalRecord,
    proofs: &mut Proofs,
) -> Result<(), Error> {
    let missed = match sticky.missed(record.follows.as_deref()) {
        MissedEdits::Some([]) => return Ok(()),
        MissedEdits::Some(missed) => missed,
        MissedEdits::Unknown => {
            record.begin_at(&sticky.edited_at);
            return Ok(());
        }
    };
    let bodies = client.edit_bodies(&sticky.node)?;
    let mut lost = Vec::new();
    for edit in missed.iter().rev() {
        let mut proven = None;
        if let Some(body) = bodies.get(&edit.id).filter(|body| body.starts_with(FIRST_LINE))
            && let Some(parsed) = ApprovalRecord::parse(body)
            && proofs.prove(client, facts, &parsed, body, sticky.id, StatusReach::All)?
        {
            proven = Some(parsed);
        }
        lost.push((edit.at.clone(), proven));
    }
    record.restore(lost, &sticky.edited_at);
    Ok(())
}

/// Whether a status of ours bears a checksum. Those that other workflows set in the same name are for the gate of no
/// branch.
fn bears(statuses: &[Status], viewer: &str, checksum: &String) -> bool {
    let ours = statuses.iter().filter(|one| one.is_ours(viewer) && one.context.starts_with(CONTEXT));
    ours.filter_map(|status| Fingerprint::of(&status.target)).any(|one| one.checksums.contains(checksum))
}

/// The record of another pull request: that of the first of these comments, or of their earlier texts, whose checksum a
/// status of ours bears that counts on its head or on the commit that the record names. `left` is how many commits may
/// be asked about: the head is in the list of open pull requests, and only a run that is under way is not on it.
///
/// # Errors
/// If GitHub can't be asked.
pub fn of_another(
    client: &Client,
    viewer: &str,
    outline: &Outline,
    texts: &[(u64, &str)],
    left: &mut usize,
) -> Result<Option<ApprovalRecord>, Error> {
    let mut elsewhere: Option<(String, Vec<Status>)> = None;
    for (comment, body) in texts {
        let Some(record) = ApprovalRecord::parse(body) else { continue };
        let proves = |statuses: &[Status]| {
            let numbers = [*comment, 0].into_iter();
            numbers
                .map(|number| ApprovalRecord::checksum(body, outline.number, number))
                .any(|one| bears(statuses, viewer, &one))
        };
        if proves(&outline.statuses) {
            return Ok(Some(record));
        }
        let Some(sha) = record.checksum_on.as_ref().filter(|sha| is_oid(sha) && **sha != outline.head) else {
            continue;
        };
        if elsewhere.as_ref().is_none_or(|(known, _)| known != sha) && *left > 0 {
            *left -= 1;
            elsewhere = Some((sha.clone(), client.statuses(sha)?));
        }
        if elsewhere.as_ref().is_some_and(|(known, statuses)| known == sha && proves(statuses)) {
            return Ok(Some(record));
        }
    }
    Ok(None)
}

/// The statuses of a commit that are looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum StatusReach {
    /// The last of each context.
    Shown,
    /// Statuses that were replaced as well.
    All,
}

/// The commits whose statuses were all read.
#[derive(Default)]
struct Proofs {
    histories: BTreeSet<String>,
}

impl Proofs {
    /// Whether a status of ours bears the checksum of this body: one that counts on the head or on the commit that the
    /// record names, or an earlier one there.
    fn prove(
        &mut self,
        client: &Client,
        facts: &mut PullFacts,
        record: &ApprovalRecord,
        body: &str,
        number: u64,
        reach: StatusReach,
    ) -> Result<bool, Error> {
        let checksum = ApprovalRecord::checksum(body, facts.number(), number);
        let bears = |facts: &PullFacts, statuses: &[Status]| bears(statuses, &facts.viewer, &checksum);
        if bears(facts, &facts.outline.statuses) {
            return Ok(true);
        }
        let Some(sha) = record.checksum_on.clone().filter(|sha| is_oid(sha)) else { return Ok(false) };
        if sha != facts.outline.head && !facts.other_statuses.contains_key(&sha) {
            let statuses = client.statuses(&sha)?;
            facts.other_statuses.insert(sha.clone(), statuses);
        }
        if facts.other_statuses.get(&sha).is_some_and(|statuses| bears(facts, statuses)) {
            return Ok(true);
        }
        if reach == StatusReach::All && self.histories.len() < MOST_HISTORIES && self.histories.insert(sha.clone()) {
            let history = client.status_history(&sha)?;
            facts.other_statuses.entry(sha.clone()).or_default().extend(history);
        }
        Ok(facts.other_statuses.get(&sha).is_some_and(|statuses| bears(facts, statuses)))
    }
}
