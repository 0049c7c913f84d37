//! The merge queue: each entry judged by its content, on top of those ahead of it.

use super::review::not_judged;
use super::{PullResult, RunResult, Runner};
use crate::error::Error;
use crate::github::actions::commit_state::{StatusLine, without_verdict};
use crate::github::actions::{Action, CommitState};
use crate::github::client::QueueEntry;
use crate::github::facts::{PullState, context};
use crate::github::judge::{Judgement, judge_entry};
use crate::github::objects::DebtHold;
use crate::render::{About, invalid_policy_status, status_text};

impl Runner<'_> {
    /// Judges every entry up to this head, since all of them are merged with it, and sets the worst state on that head.
    /// `onward`: also on every head behind it, since GitHub may look only at the last.
    pub(super) fn queue(&self, base: &str, head: &str, onward: bool, run: &mut RunResult) {
        let (viewer, entries) = match self.client.queue(base) {
            Ok(found) => found,
            Err(error) => return run.fail(None, error),
        };
        let Some(at) = entries.iter().position(|entry| entry.head == head) else {
            run.log.push(format!("no entry of the merge queue of `{}` has this head any more", base.escape_debug()));
            return;
        };
        let mut ahead: Option<u64> = None;
        let end = if onward { entries.len() } else { at + 1 };
        for (index, entry) in entries.iter().take(end).enumerate() {
            match self.entry(base, entry, ahead, &viewer, index >= at) {
                Ok((done, state)) => {
                    if state != CommitState::Success {
                        ahead = ahead.or(Some(entry.pull));
                    }
                    if index >= at {
                        run.pulls.push(done);
                    }
                }
                Err(error) => {
                    // An entry that could not be judged may be anything.
                    ahead = ahead.or(Some(entry.pull));
                    run.fail(Some(entry.pull), error);
                }
            }
        }
    }

    /// Judges one entry, with `ahead` the first entry ahead of it that is not approved, and sets its status if `set`.
    fn entry(
        &self,
        base: &str,
        entry: &QueueEntry,
        ahead: Option<u64>,
        viewer: &str,
        set: bool,
    ) -> Result<(PullResult, CommitState), Error> {
        let facts = self.client.facts(entry.pull)?;
        let judged = if facts.state == PullState::Open && facts.outline.base == base {
            judge_entry(self.client, self.objects, facts.clone(), &entry.base, &entry.head, DebtHold::Today)
        } else {
            Err(Error::unexpected(format!("#{} is in the queue and is not open for this branch", entry.pull)))
        };
        let line = status_line(&judged, ahead);
        let state = line.state;
        let remark = format!("#{} in the merge queue: {}", entry.pull, line.text);
        let there = entry.statuses.iter().find(|status| status.context == context(base));
        let status = without_verdict(&facts, base, &entry.head, there, &line);
        let same = there.is_some_and(|there| status.reads_like(there, viewer));
        let actions = if set && !same { vec![Action::SetStatus(status)] } else { Vec::new() };
        self.apply(&facts, &actions)?;
        let judgement = judged?;
        let done = PullResult {
            pull: entry.pull,
            outcome: Some(judgement.outcome),
            evidence: judgement.evidence,
            actions,
            remarks: vec![remark],
        };
        Ok((done, state))
    }
}

/// The status of an entry. An entry behind one that is not approved is a failure, since both would be merged.
fn status_line(judged: &Result<Judgement, Error>, ahead: Option<u64>) -> StatusLine {
    let (state, text) = match judged.as_ref().map(|judgement| &judgement.outcome) {
        Ok(Ok(report)) => (CommitState::of(report.verdict, true), status_text(report, &About::default())),
        Ok(Err(diagnostics)) => (CommitState::Error, invalid_policy_status(diagnostics)),
        Err(error) => (CommitState::Error, not_judged(error)),
    };
    match ahead.filter(|_| state == CommitState::Success) {
        Some(number) => {
            let text = format!("#{number}, ahead of it in the queue, is not approved");
            StatusLine { state: CommitState::Failure, text }
        }
        None => StatusLine { state, text },
    }
}
