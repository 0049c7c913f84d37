//! The approval record: what was displayed when, kept in the last line of our sticky comment, where nobody sees it.
//!
//! In: the body of that comment and when it was last edited. Out: the record, and a new last line. It refuses a comment
//! that somebody else wrote or edited, and any line it did not write itself: then nothing was ever displayed, and
//! approvals have to be given again. Not taken: a database, which a repository would have to run; a commit status,
//! which holds 140 characters; the time of a review's commit, which a force-push changes.
//!
//! GitHub's own edit history of the comment is the check of the record and not its source. Each record names the edit
//! that it was written over, so an edit between the two, by an overlapping run that lost it or by anybody else, is seen
//! and made up for (`find`). Read as the source, the history would have to be fetched whole at each verdict, up to 64
//! KB an edit; each old edit would need a proof of its own; somebody with write access can delete the text of an edit;
//! and GitHub documents neither how many edits it keeps nor when. Next to the record it is needed only where something
//! was lost, and an edit that is gone then costs an approval, never more.

mod deltas;
mod find;
mod gaps;
mod holds;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use find::{MOST_COMMITS, find, of_another};

use super::facts::Comment;
use super::fingerprint::long_digest;
use crate::approval::evidence::{DisplayedRevision, LockPassedOver, Override};
use crate::document::date::instant;

/// The first line of the comment, by which it is found.
pub const FIRST_LINE: &str = "<!-- countersign: this comment is kept up to date -->";
/// How the last line begins and ends.
const OPEN: &str = "<!-- countersign/record/v1 ";
const CLOSE: &str = " -->";
/// How many digits of a digest are kept. People are shown eight, and a machine finds another change with the same eight
/// in minutes; with these nobody does, even if they choose both changes.
const KEPT: usize = 32;
/// How long the last line may be: the room that the comment leaves for it.
pub const LONGEST: usize = crate::render::RECORD;

/// The events of one pull request, as far as later verdicts need them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApprovalRecord {
    /// The digests displayed from a moment on, oldest first: `project/key` to the first half of its digest.
    #[serde(default, with = "deltas", skip_serializing_if = "Vec::is_empty")]
    pub displays: Vec<DisplayedRevision>,
    /// Whether the edit that wrote this line also displayed the last of them, so that GitHub's time of the edit is the
    /// true one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fresh: bool,
    /// The edit of the comment that this record was written over, by GitHub's id; none if there was no edit yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follows: Option<String>,
    /// The commit on which our status bears the checksum of this record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum_on: Option<String>,
    /// The live flags this pull request holds, and since when.
    #[serde(default, with = "holds", skip_serializing_if = "BTreeMap::is_empty")]
    pub holds: BTreeMap<String, String>,
    /// The keys of the notifications that were seen to be there.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub notified: BTreeSet<String>,
    /// The digest of the content for which reviews were requested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_for: Option<String>,
    /// The digest of the content for which lines were annotated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annotated_for: Option<String>,
    /// Where the whole report was when the comment was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The successes of ours that may still be on commits. Each is taken back when the pull request leaves its commit.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub successes: BTreeSet<SuccessStatus>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
    /// The lock holders that an admin passed over.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<LockPassedOver>,
}

/// A success that was set on a commit for a base branch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuccessStatus {
    pub base: String,
    pub sha: String,
}

impl ApprovalRecord {
    /// Reads the approval record of our own comment; none if it can't be trusted.
    #[must_use]
    pub fn of(comment: &Comment) -> Option<ApprovalRecord> {
        if !comment.untouched {
            return None;
        }
        let mut record = Self::parse(&comment.body)?;
        if record.fresh {
            // It was written down before it was sent: it was displayed from the later moment on.
            let edited = instant(&comment.edited_at)?;
            if let Some(last) = record.displays.last_mut()
                && instant(&last.at).is_none_or(|at| at < edited)
            {
                last.at.clone_from(&comment.edited_at);
            }
            record.fresh = false;
        }
        Some(record)
    }

    /// Whether a comment of ours is the one with the approval record.
    #[must_use]
    pub fn is_in(body: &str) -> bool {
        body.lines().next() == Some(FIRST_LINE)
    }

    /// Reads what a comment says that it is, whoever wrote it.
    #[must_use]
    pub fn parse(body: &str) -> Option<ApprovalRecord> {
        // Only the first and the last line are ours alone; the lines between them may quote somebody.
        if !Self::is_in(body) {
            return None;
        }
        let json = body.lines().next_back()?.strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
        let record: ApprovalRecord = serde_json::from_str(json).ok()?;
        record.displays.iter().all(|display| instant(&display.at).is_some()).then_some(record)
    }

    /// The record checksum, which our status bears: over the whole comment, what people see and what we remember, and
    /// its number (0 for one that is only made with it). A comment in our name is not enough to be believed: other
    /// workflows write in the same name, some of them what a stranger hands them, even an earlier record of ours. None
    /// of those sets our status.
    #[must_use]
    pub fn checksum(body: &str, pull: u64, comment: u64) -> String {
        long_digest(&format!("{pull} {comment} {}", words(body)))
    }

    /// Notes the digests that are displayed now, if they differ from the last ones.
    /// `commits` are the base and the head that they are digests of.
    pub fn display(&mut self, digests: &[(String, String)], now: &str, commits: Option<(&str, &str)>) {
        let digests: BTreeMap<String, String> = digests
            .iter()
            .map(|(name, digest)| (name.clone(), digest.get(..KEPT).unwrap_or(digest).to_owned()))
            .collect();
        if self.displays.last().map_or(!digests.is_empty(), |last| last.digests != digests) {
            let (base, head) = commits.map(|(base, head)| (base.to_owned(), head.to_owned())).unzip();
            self.displays.push(DisplayedRevision { at: now.to_owned(), digests, base, head });
            self.fresh = true;
        }
    }

    /// Drops the locks that were passed over to switch a flag off, for the flags that are no longer only switched off.
    pub fn keep_passed(&mut self, switched_off: &[String]) {
        self.passed_over.retain(|one| !one.switch_off || switched_off.contains(&one.flag));
    }

    /// Notes which live flags are held. A flag that was held already keeps its time, unless the request was withdrawn
    /// meanwhile and made again at `renewed_at`.
    pub fn hold(&mut self, flags: impl IntoIterator<Item = String>, renewed_at: Option<&str>, now: &str) {
        let old = std::mem::take(&mut self.holds);
        let keeps = |since: &&String| renewed_at.is_none_or(|renewed| instant(since) >= instant(renewed));
        for flag in flags {
            let since = old.get(&flag).filter(keeps).cloned().unwrap_or_else(|| now.to_owned());
            self.holds.insert(flag, since);
        }
    }

    /// The whole body of the comment: its visible part with the first and the last line. If it would not fit, the
    /// oldest displays are dropped, so that approvals of them no longer count; `None` if even the newest does not fit.
    #[must_use]
    pub fn sign(&self, visible: &str) -> Option<String> {
        let mut kept = self.clone();
        loop {
            let line = kept.line();
            if line.chars().count() <= LONGEST {
                return Some(format!("{FIRST_LINE}\n{}\n\n{line}", visible.trim_end()));
            }
            if kept.displays.len() > 1 {
                kept.displays.remove(0);
            } else if !kept.notified.is_empty() {
                kept.notified.clear();
            } else {
                return None;
            }
        }
    }

    /// The record without displays and holds, which take most room, for when none of them can be kept.
    #[must_use]
    pub fn without_displays(&self) -> ApprovalRecord {
        ApprovalRecord { displays: Vec::new(), fresh: false, holds: BTreeMap::new(), ..self.clone() }
    }

    fn line(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        // Nothing in it may end the HTML comment, and names and reasons are other people's words.
        let json = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('@', "\\u0040");
        format!("{OPEN}{}{CLOSE}", json.replace("--", "-\\u002d"))
    }
}

/// A string without its line breaks and the number of its spaces, which GitHub may write in another way.
#[must_use]
pub fn words(body: &str) -> String {
    body.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Comment {
    /// Whether it shows just this and records just that: the time of a display may be written in two ways.
    #[must_use]
    pub fn is_current(&self, visible: &str, record: &ApprovalRecord) -> bool {
        let shown = self.body.strip_prefix(FIRST_LINE).and_then(|rest| rest.trim_end().rsplit_once('\n'));
        shown.is_some_and(|(shown, _)| shown.trim() == visible.trim())
            && ApprovalRecord::of(self).as_ref() == Some(record)
    }
}
