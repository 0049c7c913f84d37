//! A pull request that changed: the commits it left, itself, and the pull requests that waited for it.

use super::{PullResult, RunResult, Runner};
use crate::error::Error;
use crate::github::actions::commit_state::retire;
use crate::github::event::{Closed, Trigger};
use crate::github::facts::{Outline, PullFacts, PullState};
use crate::github::fingerprint::Fingerprint;
use crate::github::record::SuccessStatus;

impl Runner<'_> {
    /// Takes back the successes the pull request left behind, reviews it, and then those that waited for it.
    pub(super) fn pull(&self, trigger: &Trigger, run: &mut RunResult) {
        let number = trigger.number;
        let mut facts = match self.client.facts(number) {
            Ok(facts) => facts,
            Err(error) => return run.fail(Some(number), self.revoke(trigger.commits(), error)),
        };
        let mut left = Vec::new();
        if let Err(error) = self.leave(trigger, &mut facts, &mut left, run) {
            let old = trigger.commits().filter(|sha| *sha != facts.outline.head);
            run.fail(Some(number), self.revoke(old, error));
        }
        let withdrawn = facts.state != PullState::Open || facts.outline.draft;
        let before = run.pulls.len();
        if facts.state == PullState::Open {
            self.open(facts.clone(), &left, None, run);
        } else {
            run.log.push(format!("#{number} is not open"));
        }
        let locked = run.pulls.get(before).map(still_locked).unwrap_or_default();
        let mut trigger = trigger.clone();
        if facts.state != PullState::Open {
            trigger.superseded = Some(facts.outline.head.clone());
        }
        self.release(&trigger, &facts, withdrawn, &locked, run);
    }

    /// Reviews the pull requests that waited for this one, but for those in `locked`, which it surely still locks. If
    /// it is `withdrawn`, it holds nothing any more.
    pub(super) fn release(
        &self,
        left: &Trigger,
        facts: &PullFacts,
        withdrawn: bool,
        locked: &[u64],
        run: &mut RunResult,
    ) {
        let number = facts.number();
        let outline = &facts.outline;
        let waits = |other: &Outline| {
            let fingerprint = other.own_status(&facts.viewer).and_then(|status| Fingerprint::of(&status.target));
            let holders = fingerprint.map(|fingerprint| fingerprint.locked_by).unwrap_or_default();
            // A pull request that waited for another one too may wait for that one alone now.
            withdrawn && !holders.is_empty()
                || holders.contains(&number) && (left.old_base.is_some() || !locked.contains(&other.number))
        };
        // A sibling: the status there may be about this pull request.
        let shared = |other: &Outline| {
            left.superseded.as_ref() == Some(&other.head)
                || left.old_base.as_ref() == Some(&other.base) && other.head == outline.head
        };
        let near = |other: &Outline| other.base == outline.base || left.old_base.as_ref() == Some(&other.base);
        let others = facts.open.iter().filter(|other| other.number != number && near(other));
        for other in others.filter(|other| waits(other) || shared(other)) {
            self.aside(other, run);
        }
    }

    /// Takes back the successes on commits that this pull request no longer proposes.
    fn leave(
        &self,
        trigger: &Trigger,
        facts: &mut PullFacts,
        left: &mut Vec<SuccessStatus>,
        run: &mut RunResult,
    ) -> Result<(), Error> {
        for (success, why) in left_behind(trigger, facts) {
            let statuses = self.client.statuses(&success.sha)?;
            if let Some(action) = retire(facts, &success.base, &success.sha, &statuses, &why) {
                self.apply(facts, std::slice::from_ref(&action))?;
                run.log.push(format!("{why} ({})", success.sha));
            }
            // Their record checksums hold, whatever else is set there now.
            facts.other_statuses.insert(success.sha.clone(), statuses);
            left.push(success);
        }
        Ok(())
    }
}

/// The successes that may be on commits this pull request no longer proposes, each with the reason it ends.
fn left_behind(trigger: &Trigger, facts: &PullFacts) -> Vec<(SuccessStatus, String)> {
    let number = facts.number();
    let (base, head) = (&facts.outline.base, &facts.outline.head);
    let mut left = Vec::new();
    let mut add = |base: &str, sha: &str, why: String| {
        left.push((SuccessStatus { base: base.to_owned(), sha: sha.to_owned() }, why));
    };
    if let Some(before) = trigger.superseded.as_ref().filter(|before| *before != head) {
        add(base, before, format!("superseded: #{number} moved on"));
    }
    if let Some(old_base) = trigger.old_base.as_ref().filter(|old_base| *old_base != base) {
        add(old_base, head, format!("#{number} is no longer for this branch"));
    }
    if let Some(Closed::Unmerged { head }) = &trigger.closed
        && facts.state == PullState::Closed
    {
        add(base, head, format!("closed: #{number} is no longer proposed"));
    }
    // A squash leaves the commit out of the branch: were the change reverted, it could be proposed again, and be merged
    // by the old success before anybody looks.
    if trigger.closed == Some(Closed::Merged) && facts.state == PullState::Merged {
        add(base, head, format!("merged: #{number} was merged"));
    }
    left
}

/// The pull requests that stay locked as long as this one holds anything: those it competes with.
fn still_locked(done: &PullResult) -> Vec<u64> {
    let Some(Ok(report)) = &done.outcome else { return Vec::new() };
    let holds = report.flags.iter().any(|flag| flag.locked_by.is_none() && flag.live.before && flag.digest.is_some());
    let open = done.evidence.iter().flat_map(|evidence| &evidence.open);
    if holds { open.map(|open| open.pull).collect() } else { Vec::new() }
}
