//! The approval record of a pull request, and the comment it is in.
//!
//! In: the facts, with every comment that begins like ours. Out: the record of the first that bears a checksum which one of
//! our statuses bears too. It refuses a copy, even of an earlier record of ours. Not taken: the first comment in our name,
//! since other workflows write in it.

use super::ApprovalRecord;
use crate::error::Error;
use crate::github::client::Client;
use crate::github::facts::{Comment, PullFacts, Status};
use crate::github::fingerprint::Fingerprint;
use crate::github::is_oid;

/// Of the comments that begin like ours, how many are compared with the statuses.
const MOST_COMMENTS: usize = 20;

/// Finds the sticky comment and its record: its checksum is in a status of ours, on the head or on the commit that the
/// record names. Every other comment of that kind is taken for a copy, to be removed and never to be written into, since
/// whoever made it may edit it again.
///
/// # Errors
/// If GitHub can't be asked.
pub fn find(client: &Client, facts: &mut PullFacts) -> Result<Option<ApprovalRecord>, Error> {
    let mut comments: Vec<Comment> = facts.sticky.take().into_iter().chain(std::mem::take(&mut facts.copies)).collect();
    let mut found = genuine(client, facts, &comments)?;
    if found.is_none() && !comments.is_empty() {
        // Ours may be further down.
        let more = client.more_candidates(facts)?.into_iter();
        let new: Vec<Comment> = more.filter(|more| comments.iter().all(|one| one.id != more.id)).collect();
        comments.extend(new);
        found = genuine(client, facts, &comments)?;
    }
    let (at, record) = found.unzip();
    facts.sticky = at.map(|at| comments.remove(at));
    facts.copies = comments;
    Ok(record)
}

/// The first comment whose checksum a status of ours bears, made with the comment's own number; only if there is none, one
/// whose checksum was made before ours had a number. A copy of our first words is no use while ours records more.
fn genuine(
    client: &Client,
    facts: &mut PullFacts,
    comments: &[Comment],
) -> Result<Option<(usize, ApprovalRecord)>, Error> {
    let some = || comments.iter().enumerate().take(MOST_COMMENTS);
    let numbered = some().map(|(at, comment)| (at, comment, comment.id));
    let unnumbered = some().map(|(at, comment)| (at, comment, 0));
    for (at, comment, number) in numbered.chain(unnumbered) {
        let Some(record) = ApprovalRecord::of(comment) else { continue };
        let checksum = record.checksum(facts.number(), number);
        let bears = |statuses: &[Status]| {
            let ours = statuses.iter().filter(|status| status.is_ours(&facts.viewer));
            ours.filter_map(|status| Fingerprint::of(&status.target)).any(|one| one.checksums.contains(&checksum))
        };
        if bears(&facts.outline.statuses) {
            return Ok(Some((at, record)));
        }
        let other = record.checksum_on.clone().filter(|sha| is_oid(sha) && *sha != facts.outline.head);
        let Some(sha) = other else { continue };
        let statuses = match facts.other_statuses.get(&sha) {
            Some(statuses) => statuses.clone(),
            None => client.statuses(&sha)?,
        };
        if bears(&statuses) {
            return Ok(Some((at, record)));
        }
        facts.other_statuses.insert(sha, statuses);
    }
    Ok(None)
}
