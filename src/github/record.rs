//! What was displayed when: the memory of a pull request, hidden in the last line of our own comment.
//!
//! In: the text of that comment and when it was last edited. Out: the approval record, and a new last line. It refuses a comment
//! that somebody else wrote or edited, and any line it did not write itself: then nothing was ever displayed, and
//! approvals have to be given again. Not taken: a database, which a repository would have to run; a commit status,
//! which holds 140 characters; the time of a review's commit, which a force-push moves.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::facts::Comment;
use crate::approval::evidence::{DisplayedRevision, Override};
use crate::document::shape::instant;

/// The first line of the comment, by which it is found.
pub const MARK: &str = "<!-- countersign: this comment is kept up to date -->";
/// How the last line begins and ends.
const OPEN: &str = "<!-- countersign/record/v1 ";
const CLOSE: &str = " -->";
/// How many digits of a digest are kept. People are shown eight, and a machine finds another change with the same eight
/// in minutes; with these nobody does, even if they choose both changes.
const KEPT: usize = 32;
/// How long the last line may be: what the comment leaves for it.
pub const LONGEST: usize = crate::render::RECORD;

/// What happened on one pull request, as far as later verdicts need it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApprovalRecord {
    /// The digests displayed from a moment on, oldest first: `project/key` to the first half of its digest.
    #[serde(default, with = "deltas", skip_serializing_if = "Vec::is_empty")]
    pub shown: Vec<DisplayedRevision>,
    /// Whether the last of them was displayed with the edit that wrote this line, so that GitHub's time of that edit
    /// is the true one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fresh: bool,
    /// When those was displayed that did so later than they were written down: by GitHub's clock.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub merged: BTreeMap<String, String>,
    /// The commit on which our status bears the record checksum of this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
    /// The live flags this pull request holds, and since when.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub holds: BTreeMap<String, String>,
    /// What was told by a comment that was seen to be there.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub told: BTreeSet<String>,
    /// For which content reviewers were asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// For which content lines were annotated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<String>,
    /// Where the whole report was when the comment was last edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where a success of ours may stand: base branch and commit. It is taken back when the pull request moves on.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub green: BTreeSet<Green>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<Override>,
    /// Holders that an admin passed over: which flag, which pull request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<Passed>,
}

/// A commit on which a success of ours may stand, and for which base branch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Green {
    pub base: String,
    pub sha: String,
}

/// A holder that an admin passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passed {
    pub flag: String,
    pub pull: u64,
    pub by: String,
    pub at: String,
}

impl ApprovalRecord {
    /// Reads the approval record of our own comment; nothing if it can't be trusted.
    #[must_use]
    pub fn of(comment: &Comment) -> Option<ApprovalRecord> {
        if !comment.untouched {
            return None;
        }
        let mut record = Self::parse(&comment.body)?;
        if record.fresh {
            // It was written down before it was posted: it was displayed from the later moment on.
            let posted = instant(&comment.edited_at)?;
            if let Some(last) = record.shown.last()
                && instant(&last.at).is_none_or(|at| at < posted)
            {
                record.merged.insert(last.at.clone(), comment.edited_at.clone());
            }
            record.fresh = false;
        }
        Some(record)
    }

    /// Whether a comment of ours is the one with the approval record.
    #[must_use]
    pub fn is_in(body: &str) -> bool {
        body.lines().next() == Some(MARK)
    }

    fn parse(body: &str) -> Option<ApprovalRecord> {
        // Only the first and the last line are ours alone; whatever stands between them may quote somebody.
        if !Self::is_in(body) {
            return None;
        }
        let json = body.lines().next_back()?.strip_prefix(OPEN)?.strip_suffix(CLOSE)?;
        let record: ApprovalRecord = serde_json::from_str(json).ok()?;
        record.shown.iter().all(|shown| instant(&shown.at).is_some()).then_some(record)
    }

    /// What was displayed, each since it really was.
    #[must_use]
    pub fn displays(&self) -> Vec<DisplayedRevision> {
        let since = |at: &String| {
            let merged = self.merged.get(at).filter(|merged| instant(merged) > instant(at));
            merged.unwrap_or(at).clone()
        };
        self.shown
            .iter()
            .map(|shown| DisplayedRevision { at: since(&shown.at), digests: shown.digests.clone() })
            .collect()
    }

    /// What nobody may forge of it, as the digits our status bears: what was displayed, what was overridden, whom an
    /// admin passed over, and the comment it is written into, which is 0 for one that is only made with it. A comment in
    /// our name is not enough to be believed: other workflows write in the same name, some of them what a stranger hands
    /// them, be it what ours remembered once. None of those posts our status.
    #[must_use]
    pub fn checksum(&self, pull: u64, comment: u64) -> String {
        let told = (pull, comment, &self.shown, &self.overrides, &self.passed);
        super::fingerprint::long_mark(&serde_json::to_string(&told).unwrap_or_default())
    }

    /// The record checksum of what a whole comment remembers.
    #[must_use]
    pub fn checksum_of(body: &str, pull: u64, comment: u64) -> String {
        Self::parse(body).unwrap_or_default().checksum(pull, comment)
    }

    /// Notes what is displayed now: only if it differs from what is there.
    pub fn show(&mut self, digests: &[(String, String)], now: &str) {
        let digests: BTreeMap<String, String> = digests
            .iter()
            .map(|(name, digest)| (name.clone(), digest.get(..KEPT).unwrap_or(digest).to_owned()))
            .collect();
        if self.shown.last().map_or(!digests.is_empty(), |last| last.digests != digests) {
            self.shown.push(DisplayedRevision { at: now.to_owned(), digests });
            self.fresh = true;
        }
    }

    /// Notes which live flags are held: since when is kept for those that were held already, unless the request was
    /// withdrawn meanwhile and made again: `anew` is when that was.
    pub fn hold(&mut self, flags: impl IntoIterator<Item = String>, anew: Option<&str>, now: &str) {
        let old = std::mem::take(&mut self.holds);
        let stands = |since: &&String| anew.is_none_or(|anew| instant(since) >= instant(anew));
        for flag in flags {
            let since = old.get(&flag).filter(stands).cloned().unwrap_or_else(|| now.to_owned());
            self.holds.insert(flag, since);
        }
    }

    /// The comment with its first and last line: the whole body. The oldest displays are forgotten first if it would
    /// not fit, so that approvals of them no longer count; `None` if even the newest does not fit.
    #[must_use]
    pub fn sign(&self, visible: &str) -> Option<String> {
        let mut kept = self.clone();
        loop {
            let line = kept.line();
            if line.chars().count() <= LONGEST {
                return Some(format!("{MARK}\n{}\n\n{line}", visible.trim_end()));
            }
            if kept.shown.len() > 1 {
                let gone = kept.shown.remove(0);
                // Two may have been written down in the same second.
                if kept.shown.iter().all(|shown| shown.at != gone.at) {
                    kept.merged.remove(&gone.at);
                }
            } else if !kept.told.is_empty() {
                kept.told.clear();
            } else {
                return None;
            }
        }
    }

    /// The approval record without what takes most room, displays and holds: for when nothing of them can be kept. Whom was told
    /// what is still known then.
    #[must_use]
    pub fn forget(&self) -> ApprovalRecord {
        ApprovalRecord {
            shown: Vec::new(),
            merged: BTreeMap::new(),
            fresh: false,
            holds: BTreeMap::new(),
            ..self.clone()
        }
    }

    fn line(&self) -> String {
        let json = serde_json::to_string(self).unwrap_or_default();
        // Nothing in it may end the HTML comment, and names and reasons are other people's words.
        let json = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('@', "\\u0040");
        format!("{OPEN}{}{CLOSE}", json.replace("--", "-\\u002d"))
    }
}

impl Comment {
    /// Whether it says just this and remembers just that: when something was displayed may be written in two ways.
    #[must_use]
    pub fn says(&self, visible: &str, record: &ApprovalRecord) -> bool {
        let shown = self.body.strip_prefix(MARK).and_then(|rest| rest.trim_end().rsplit_once('\n'));
        shown.is_some_and(|(shown, _)| shown.trim() == visible.trim())
            && ApprovalRecord::of(self).as_ref() == Some(record)
    }
}

/// Each display as what differs from the one before, an empty digest for what is gone: the line is short of room.
mod deltas {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::approval::evidence::DisplayedRevision;

    pub fn serialize<S: Serializer>(shown: &[DisplayedRevision], serializer: S) -> Result<S::Ok, S::Error> {
        let mut last: BTreeMap<String, String> = BTreeMap::new();
        let mut out = Vec::new();
        for display in shown {
            let mut digests = display.digests.clone();
            digests.retain(|name, digest| last.get(name) != Some(digest));
            digests.extend(
                last.keys()
                    .filter(|name| !display.digests.contains_key(*name))
                    .map(|name| (name.clone(), String::new())),
            );
            out.push(DisplayedRevision { at: display.at.clone(), digests });
            last.clone_from(&display.digests);
        }
        out.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<DisplayedRevision>, D::Error> {
        let mut shown = Vec::<DisplayedRevision>::deserialize(deserializer)?;
        let mut last: BTreeMap<String, String> = BTreeMap::new();
        for display in &mut shown {
            last.append(&mut display.digests);
            last.retain(|_, digest| !digest.is_empty());
            display.digests.clone_from(&last);
        }
        Ok(shown)
    }
}
