//! What our own comment remembers, and which comment that is.
//!
//! In: the facts, with every comment that begins like ours. Out: the approval record, if one of them bears a record checksum of ours. It refuses
//! a copy, be it of what ours said once. Not taken: the first comment in our name, since other workflows write in it.

use crate::github::client::{Client, Fault};
use crate::github::facts::{Comment, Facts, Status};
use crate::github::fingerprint::Mark;
use crate::github::is_oid;
use crate::github::plan::is_ours;
use crate::github::record::ApprovalRecord;

/// Of more comments that begin like ours than this nobody asks whether they are.
const MOST_COMMENTS: usize = 20;

/// What our own comment remembers, and which that is: the first that bears the record checksum that one of our statuses bears, on
/// the head or on the commit it names. Anything else that was written in our name is taken for a copy, to be removed and
/// never to be written into: whoever made it may edit it again.
pub(super) fn remembered(client: &Client, facts: &mut Facts) -> Result<Option<ApprovalRecord>, Fault> {
    let mut found: Vec<Comment> = facts.sticky.take().into_iter().chain(std::mem::take(&mut facts.doubles)).collect();
    let mut at = sealed(client, facts, &found)?;
    if at.is_none() && !found.is_empty() {
        // Ours may be further down.
        let more = client.later(facts)?.into_iter().filter(|more| found.iter().all(|one| one.id != more.id));
        found.extend(more.collect::<Vec<_>>());
        at = sealed(client, facts, &found)?;
    }
    let (at, record) = at.unzip();
    facts.sticky = at.map(|at| found.remove(at));
    facts.doubles = found;
    Ok(record)
}

/// The first of these comments that is ours indeed: one that was sealed as the comment it is, and only if there is none,
/// one that says what was sealed before ours had a number. A copy of our first words is no use while ours remembers more.
fn sealed(client: &Client, facts: &mut Facts, comments: &[Comment]) -> Result<Option<(usize, ApprovalRecord)>, Fault> {
    let some = || comments.iter().enumerate().take(MOST_COMMENTS);
    let known = some().map(|(at, comment)| (at, comment, comment.id));
    let made = some().map(|(at, comment)| (at, comment, 0));
    for (at, comment, number) in known.chain(made) {
        let Some(record) = ApprovalRecord::of(comment) else { continue };
        let checksum = record.checksum(facts.number(), number);
        let bears = |statuses: &[Status]| {
            let ours = statuses.iter().filter(|status| is_ours(status, &facts.viewer));
            ours.filter_map(|status| Mark::of(&status.target)).any(|mark| mark.checksums.contains(&checksum))
        };
        if bears(&facts.outline.statuses) {
            return Ok(Some((at, record)));
        }
        let Some(sha) = record.sealed.clone().filter(|sha| is_oid(sha) && *sha != facts.outline.head) else { continue };
        let there = match facts.elsewhere.get(&sha) {
            Some(there) => there.clone(),
            None => client.statuses(&sha)?,
        };
        if bears(&there) {
            return Ok(Some((at, record)));
        }
        facts.elsewhere.insert(sha, there);
    }
    Ok(None)
}
