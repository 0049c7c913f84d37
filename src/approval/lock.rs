//! Locks: which competing pull request holds the lock of a flag. Computed from the open pull requests, never stored.
//!
//! In: the evidence and the flag. Out: the competing pull request that holds the lock, if there is one. A lock exists
//! only while a live flag awaits approval; several pull requests may work on a new or inactive flag. Not taken: a lock
//! that is taken and released, because every tool that stores locks had to invent ways to lose them again.

use chrono::{DateTime, Utc};

use crate::approval::Evidence;
use crate::document::date::instant;
use crate::report::Holder;

/// The competing pull request that holds the lock of a flag; `None` if no other does. `names` are the flag's names
/// (`project/key`), before and after if it moves to another project; a lock on either locks the flag.
///
/// The holder is the pull request whose request was displayed first, then the one with the lower number. Drafts hold no
/// lock, and neither do pull requests of outsiders, because anyone may open one from a fork. Where the evidence has
/// this pull request among the open ones, it is measured as the others are, so that both sides find the same holder.
#[must_use]
pub fn holder(names: &[String], evidence: &Evidence) -> Option<Holder> {
    let competing =
        evidence.open.iter().filter(|open| !open.draft && !open.outsider && Some(open.pull) != evidence.pull);
    let (since, first, name) = competing
        .flat_map(|open| names.iter().filter_map(move |name| Some((moment(open.touches.get(name)?), open, name))))
        .min_by_key(|(since, open, _)| (*since, open.pull))?;
    let own = evidence.open.iter().find(|open| Some(open.pull) == evidence.pull);
    let ours = match own {
        Some(own) if own.draft || own.outsider => None,
        Some(own) => names.iter().filter_map(|name| instant(own.touches.get(name)?)).min(),
        None => own_request(names, evidence).filter(|_| !evidence.draft),
    };
    if ours.zip(evidence.pull).is_some_and(|ours| ours < (since, first.pull)) {
        return None;
    }
    Some(Holder {
        pull: first.pull,
        requestor: first.requestor.clone(),
        since: first.touches.get(name)?.clone(),
        days: instant(&evidence.now).map_or(0, |now| (now - since).num_days().max(0)),
        unproven: first.unproven,
    })
}

/// The time since which this pull request's own request for the flag has been displayed without a break, for evidence
/// that does not list this pull request among the open ones. A request that was withdrawn in between starts anew.
fn own_request(names: &[String], evidence: &Evidence) -> Option<DateTime<Utc>> {
    let mut displayed: Vec<_> =
        evidence.displayed.as_ref()?.iter().filter_map(|one| Some((instant(&one.at)?, &one.digests))).collect();
    displayed.sort_by_key(|(at, _)| *at);
    displayed.into_iter().fold(None, |since, (at, digests)| {
        names.iter().any(|name| digests.contains_key(name)).then(|| since.unwrap_or(at))
    })
}

/// The time a competing pull request's request was displayed; one that cannot be read is taken for the earliest.
fn moment(text: &str) -> DateTime<Utc> {
    instant(text).unwrap_or(DateTime::<Utc>::MIN_UTC)
}
