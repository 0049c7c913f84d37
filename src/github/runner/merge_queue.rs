//! The merge queue: each entry judged by its content, on top of those before it.

use super::{Done, Outcome, Relay};
use crate::github::client::Entry;
use crate::github::facts::{State, Status};
use crate::github::judge::{Trouble, judge_entry};
use crate::github::plan::{Light, Post, is_ours, plain};
use crate::render::{About, invalid_policy_status, status_text};

impl Relay<'_> {
    /// Judges every entry up to this head, since all of them land with it, and says the worst on that head; `onward`
    /// also on every head behind it: the last may be the only one that GitHub asks about.
    pub(crate) fn queue(&self, base: &str, head: &str, onward: bool, outcome: &mut Outcome) {
        let (viewer, entries) = match self.client.queue(base) {
            Ok(found) => found,
            Err(fault) => return outcome.add(None, Err(fault.into())),
        };
        let Some(at) = entries.iter().position(|entry| entry.head == head) else {
            outcome
                .said
                .push(format!("no entry of the merge queue of `{}` has this head any more", base.escape_debug()));
            return;
        };
        let mut ahead: Option<u64> = None;
        let end = if onward { entries.len() } else { at + 1 };
        for (index, entry) in entries.iter().take(end).enumerate() {
            let result = self.entry(base, entry, ahead, &viewer, index >= at);
            if let Ok((_, light)) = &result
                && *light != Light::Success
            {
                ahead = ahead.or(Some(entry.pull));
            }
            match result {
                Ok((done, _)) if index >= at => outcome.done.push(done),
                Ok(_) => {}
                Err(trouble) => {
                    // One that could not be judged may be anything.
                    ahead = ahead.or(Some(entry.pull));
                    outcome.add(Some(entry.pull), Err(trouble));
                }
            }
        }
    }

    fn entry(
        &self,
        base: &str,
        entry: &Entry,
        ahead: Option<u64>,
        viewer: &str,
        post: bool,
    ) -> Result<(Done, Light), Trouble> {
        let facts = self.client.facts(entry.pull)?;
        let there = entry.statuses.iter().find(|status| status.context == crate::github::facts::context(base));
        let judged = if facts.state == State::Open && facts.outline.base == base {
            judge_entry(self.client, self.objects, facts.clone(), &entry.base, &entry.head)
        } else {
            Err(Trouble::Forge(crate::github::client::Fault::Odd(format!(
                "#{} is in the queue and is not open for this branch",
                entry.pull
            ))))
        };
        let (light, text) = match &judged {
            Ok(judgement) => match &judgement.outcome {
                Ok(report) => (Light::of(report.verdict, true), status_text(report, &About::default())),
                Err(diagnostics) => (Light::Error, invalid_policy_status(diagnostics)),
            },
            Err(trouble) => (Light::Error, format!("could not be judged: {}", trouble.words().0)),
        };
        let (light, text) = match ahead {
            Some(number) if light == Light::Success => {
                (Light::Failure, format!("#{number}, ahead of it in the queue, is not approved"))
            }
            _ => (light, text),
        };
        let status = plain(&facts, base, &entry.head, there, light, &text);
        let posts = if post && !same(there, &status, viewer) { vec![status] } else { Vec::new() };
        self.carry(&facts, &posts)?;
        let judgement = judged?;
        let done = Done {
            pull: entry.pull,
            outcome: Some(judgement.outcome),
            evidence: judgement.evidence,
            posts,
            remarks: vec![format!("#{} in the merge queue: {text}", entry.pull)],
        };
        Ok((done, light))
    }
}

fn same(there: Option<&Status>, post: &Post, viewer: &str) -> bool {
    let Post::Status { light, text, .. } = post else { return false };
    there.is_some_and(|status| {
        is_ours(status, viewer) && status.description == *text && status.state.eq_ignore_ascii_case(light.word())
    })
}
