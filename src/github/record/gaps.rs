//! The gaps of an approval record: times at which something else was displayed than it says.
//!
//! In: the edits that GitHub keeps of the sticky comment. Out: the record with what stood there in between. It refuses
//! to take an edit that can't be proven for a display: nobody knows what people saw then, so no approval of that time
//! counts.

use super::ApprovalRecord;
use crate::approval::evidence::DisplayedRevision;
use crate::document::date::instant;
use crate::github::facts::{Comment, CommentEdit};

/// The edits of a comment that its record does not know of.
#[derive(Debug, PartialEq, Eq)]
pub enum MissedEdits<'c> {
    /// These, newest first.
    Some(&'c [CommentEdit]),
    /// All there are, and maybe more: the edit that the record was written over is not among them.
    Unknown,
}

impl Comment {
    /// The edits between the newest, which wrote this body, and the one that its record names as the last before.
    #[must_use]
    pub fn missed(&self, follows: Option<&str>) -> MissedEdits<'_> {
        let earlier = self.edits.get(1..).unwrap_or_default();
        let known = match follows {
            Some(follows) => earlier.iter().position(|edit| edit.id == follows),
            // Made with the comment, or written over it as it was made, which is the oldest of the edits.
            None => self.whole.then(|| earlier.len().saturating_sub(1)),
        };
        known.and_then(|known| earlier.get(..known)).map_or(MissedEdits::Unknown, MissedEdits::Some)
    }

    /// Whether nobody wrote into it but the run that made this body, and the one before that.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        let record = ApprovalRecord::of(self);
        record.is_none_or(|record| self.missed(record.follows.as_deref()) == MissedEdits::Some(&[]))
    }
}

impl ApprovalRecord {
    /// Puts in the records that were overwritten, oldest first: each with the time of its edit, and none if what stood
    /// there can't be proven. Their memory is added, and their content was displayed until the next edit.
    pub(super) fn restore(&mut self, lost: Vec<(String, Option<ApprovalRecord>)>, edited_at: &str) {
        let now = self.now_displayed(edited_at);
        self.displays.retain(|display| instant(&display.at) < instant(edited_at));
        for (at, record) in lost {
            let record = record.unwrap_or_default();
            self.displays.push(record.now_displayed(&at));
            for success in record.successes {
                self.successes.insert(success);
            }
            let overrides =
                record.overrides.into_iter().filter(|one| !self.overrides.contains(one)).collect::<Vec<_>>();
            self.overrides.extend(overrides);
            let passed =
                record.passed_over.into_iter().filter(|one| !self.passed_over.contains(one)).collect::<Vec<_>>();
            self.passed_over.extend(passed);
            self.notified.extend(record.notified);
            for (flag, since) in record.holds {
                self.holds.entry(flag).or_insert(since);
            }
        }
        self.displays.push(now);
    }

    /// Forgets what was displayed before the last edit.
    pub(super) fn begin_at(&mut self, edited_at: &str) {
        self.displays = vec![self.now_displayed(edited_at)];
    }

    /// Forgets what was displayed from a moment on: something else was displayed as well.
    pub(super) fn interrupt(&mut self, at: &str) {
        self.displays.retain(|display| instant(&display.at) < instant(at));
        self.displays.push(DisplayedRevision { at: at.to_owned(), ..DisplayedRevision::default() });
    }

    fn now_displayed(&self, at: &str) -> DisplayedRevision {
        DisplayedRevision { at: at.to_owned(), ..self.displays.last().cloned().unwrap_or_default() }
    }
}
