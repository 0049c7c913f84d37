//! Who holds a flag: computed from the open pull requests, never stored.
//!
//! In: the evidence and the flag. Out: the pull request that holds it, if that is another one. A lock exists only
//! while a live flag waits; a new or sleeping flag may be worked on by several. Not taken: a lock that is taken and
//! released: every tool that stores locks has had to invent ways to lose them again.

use chrono::{DateTime, Utc};

use crate::approval::Evidence;
use crate::document::shape::instant;
use crate::report::Holder;

/// The pull request that holds a flag, unless it is this one. `names` are what the flag goes by (`project/key`), before
/// and after if it moves to another project: whoever holds either holds it.
///
/// The holder is the one whose request was displayed first, then the lower number. Drafts hold nothing, nor do
/// outsiders: anyone may open a pull request from a fork, and would hold every flag with it. Where the evidence has this
/// pull request among the open ones, it is measured as the others are, so that both sides find the same holder.
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
        None => our_display(names, evidence).filter(|_| !evidence.draft),
    };
    if ours.zip(evidence.pull).is_some_and(|ours| ours < (since, first.pull)) {
        return None;
    }
    Some(Holder {
        pull: first.pull,
        requestor: first.requestor.clone(),
        since: first.touches.get(name)?.clone(),
        days: instant(&evidence.now).map_or(0, |now| (now - since).num_days().max(0)),
    })
}

/// Since when this pull request's own request for the flag has been displayed without a break, where what it holds is
/// noted nowhere: who takes a flag back goes to the end of the line.
fn our_display(names: &[String], evidence: &Evidence) -> Option<DateTime<Utc>> {
    let mut shown: Vec<_> =
        evidence.shown.as_ref()?.iter().filter_map(|shown| Some((instant(&shown.at)?, &shown.digests))).collect();
    shown.sort_by_key(|(at, _)| *at);
    shown.into_iter().fold(None, |since, (at, digests)| {
        names.iter().any(|name| digests.contains_key(name)).then(|| since.unwrap_or(at))
    })
}

/// When a competing pull request's request was displayed; one that cannot be read is taken for the earliest.
fn moment(text: &str) -> DateTime<Utc> {
    instant(text).unwrap_or(DateTime::<Utc>::MIN_UTC)
}
