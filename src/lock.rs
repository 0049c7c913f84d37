//! Who holds a flag: computed from the open pull requests, never stored.
//!
//! In: the evidence and the flag. Out: the pull request that holds it, if that is another one. A lock exists only
//! while a live flag waits; a new or sleeping flag may be worked on by several. Not taken: a lock that is taken and
//! released: every tool that stores locks has had to invent ways to lose them again.

use chrono::{DateTime, Utc};

use crate::approval::Evidence;
use crate::report::Holder;
use crate::text::shape::instant;

/// The pull request that holds `what` (`project/key`), unless it is this one.
///
/// The holder is the one whose request was on display first, then the lower number. Drafts hold nothing, nor do
/// outsiders: anyone may open a pull request from a fork, and would hold every flag with it.
#[must_use]
pub fn holder(what: &str, evidence: &Evidence) -> Option<Holder> {
    let now = instant(&evidence.now)?;
    let rivals = evidence.open.iter().filter(|open| !open.draft && !open.outsider && Some(open.pull) != evidence.pull);
    let (since, first) = rivals
        .filter_map(|open| Some((instant(open.touches.get(what)?)?, open)))
        .min_by_key(|(since, open)| (*since, open.pull))?;
    let ours = our_display(what, evidence).zip(evidence.pull).filter(|_| !evidence.draft);
    if ours.is_some_and(|ours| ours < (since, first.pull)) {
        return None;
    }
    Some(Holder {
        pull: first.pull,
        requestor: first.requestor.clone(),
        since: first.touches.get(what)?.clone(),
        days: (now - since).num_days().max(0),
    })
}

/// When this pull request's own request for the flag was first on display.
fn our_display(what: &str, evidence: &Evidence) -> Option<DateTime<Utc>> {
    let shown = evidence.shown.as_ref()?;
    shown.iter().filter(|shown| shown.digests.contains_key(what)).filter_map(|shown| instant(&shown.at)).min()
}
