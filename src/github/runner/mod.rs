//! A review from an event to what is posted: asks, judges, plans, posts, looks again.
//!
//! In: what an event asks for. Out: what became of each pull request it concerns. It refuses to leave an old success
//! standing: what goes wrong is posted as `error` before it is told, and a success is posted only if nothing changed
//! while it was found, and taken back if something did meanwhile. Not taken: a queue of work of our own; the forge's
//! events are one, and the sweep is for those that get lost.

mod commands;
mod look;
mod merge_queue;
mod sweep;

use crate::approval::Evidence;
use crate::diagnostics::Diagnostic;
use crate::github::client::{Client, Fault};
use crate::github::event::{Closed, Trigger, Work};
use crate::github::facts::{Facts, Outline, State};
use crate::github::judge::{Judgement, Objects, Speaker, Trouble};
use crate::github::plan::{Post, is_ours, retire};
use crate::github::record::Green;
use crate::render::Notice;
use crate::report::Report;

/// What carries a review out.
pub struct Relay<'r> {
    pub client: &'r Client,
    pub objects: &'r Objects,
    /// Whether posts are only told.
    pub dry: bool,
    /// Where the whole report of this run will be.
    pub url: Option<String>,
}

/// What became of one pull request.
pub struct Done {
    pub pull: u64,
    /// The report, or what is wrong with the policy; none if there was nothing to judge.
    pub outcome: Option<Result<Report, Vec<Diagnostic>>>,
    pub evidence: Option<Evidence>,
    pub posts: Vec<Post>,
    /// What did not land and need not, and what else is worth a line in the log.
    pub remarks: Vec<String>,
}

/// What could not be done for one pull request.
pub struct Undone {
    pub pull: Option<u64>,
    pub trouble: Trouble,
}

/// What became of the work of one event: whatever could be done is, whatever else went wrong.
#[derive(Default)]
pub struct Outcome {
    pub done: Vec<Done>,
    pub undone: Vec<Undone>,
    /// Lines for the log.
    pub said: Vec<String>,
}

impl Outcome {
    fn add(&mut self, pull: Option<u64>, result: Result<Done, Trouble>) {
        match result {
            Ok(done) => self.done.push(done),
            Err(trouble) => self.undone.push(Undone { pull, trouble }),
        }
    }
}

/// A change to the approval record that a command makes, and the answer to it.
pub(crate) struct Spoken<'s> {
    pub speaker: Speaker<'s>,
    /// What the command goes by, so that it is answered once.
    pub key: String,
    pub answer: &'s dyn Fn(&mut Judgement) -> Option<Notice>,
}

impl Relay<'_> {
    /// Does what an event asks for.
    #[must_use]
    pub fn work(&self, work: &Work) -> Outcome {
        let mut outcome = Outcome::default();
        match work {
            Work::Pull(trigger) => self.pull(trigger, &mut outcome),
            Work::Head { sha, pulls } => self.head(sha, pulls, &mut outcome),
            Work::Queue { base, head } => self.queue(base, head, false, &mut outcome),
            Work::Base { branch, .. } => self.sweep(Some(branch), &mut outcome),
            Work::Sweep => self.sweep(None, &mut outcome),
            Work::Command { pull, comment, node } => self.command(*pull, *comment, node, &mut outcome),
            Work::Nothing(why) => outcome.said.push(format!("nothing to do: {why}")),
        }
        outcome
    }

    /// One pull request: what it leaves behind, itself, and those that waited for it.
    fn pull(&self, trigger: &Trigger, outcome: &mut Outcome) {
        let number = trigger.number;
        let mut facts = match self.client.facts(number) {
            Ok(facts) => facts,
            Err(fault) => return outcome.add(Some(number), Err(self.alarm(trigger.commits(), fault))),
        };
        let mut left = Vec::new();
        if let Err(fault) = self.leave(trigger, &mut facts, &mut left, outcome) {
            let old = trigger.commits().filter(|sha| *sha != facts.outline.head);
            outcome.add(Some(number), Err(self.alarm(old, fault)));
        }
        let gone = facts.state != State::Open || facts.outline.draft;
        let before = outcome.done.len();
        if facts.state == State::Open {
            self.settled(facts.clone(), &left, None, outcome);
        } else {
            outcome.said.push(format!("#{number} is not open"));
        }
        let competing = outcome.done.get(before).map(competing).unwrap_or_default();
        let mut moved = trigger.clone();
        if facts.state != State::Open {
            moved.superseded = Some(facts.outline.head.clone());
        }
        self.release(&moved, &facts, gone, &competing, outcome);
    }

    /// Looks at those that waited for this pull request, unless it still stands in their way: `gone` if it holds
    /// nothing any more, `competing pull requests` are those it surely still locks.
    fn release(&self, left: &Trigger, facts: &Facts, gone: bool, competing: &[u64], outcome: &mut Outcome) {
        let number = facts.number();
        let outline = &facts.outline;
        let locked_by_this = format!("locked by #{number}:");
        let waits = |other: &Outline| {
            let text = other.status().filter(|status| is_ours(status, &facts.viewer)).map(|status| &status.description);
            let locked = text.is_some_and(|text| {
                gone && text.contains("locked by #")
                    || left.old_base.is_some() && text.contains(&locked_by_this)
                    || text.contains(&locked_by_this) && !competing.contains(&other.number)
            });
            // The same commit, proposed there too: what stands on it may be about this one.
            let shared = left.superseded.as_ref() == Some(&other.head)
                || left.old_base.as_ref() == Some(&other.base) && other.head == outline.head;
            locked || shared
        };
        let here = |other: &Outline| other.base == outline.base || left.old_base.as_ref() == Some(&other.base);
        for other in facts.open.iter().filter(|other| other.number != number && here(other) && waits(other)) {
            self.one(other.number, Some(&other.head), None, outcome);
        }
    }

    /// Takes back what stands on commits that this pull request no longer proposes.
    fn leave(
        &self,
        trigger: &Trigger,
        facts: &mut Facts,
        left: &mut Vec<Green>,
        outcome: &mut Outcome,
    ) -> Result<(), Fault> {
        let number = facts.number();
        let mut old: Vec<(String, String, String)> = Vec::new();
        if let Some(before) = trigger.superseded.as_ref().filter(|before| **before != facts.outline.head) {
            old.push((facts.outline.base.clone(), before.clone(), format!("superseded: #{number} moved on")));
        }
        if let Some(base) = trigger.old_base.as_ref().filter(|base| **base != facts.outline.base) {
            old.push((base.clone(), facts.outline.head.clone(), format!("#{number} is no longer for this branch")));
        }
        if let Some(Closed::Unmerged { head }) = &trigger.closed
            && facts.state == State::Closed
        {
            old.push((facts.outline.base.clone(), head.clone(), format!("closed: #{number} is no longer proposed")));
        }
        // A squash leaves the commit out of the branch: were the change reverted, it could be proposed again, and be merged
        // by what stands on it before anybody looks.
        if trigger.closed == Some(Closed::Merged) && facts.state == State::Merged {
            old.push((facts.outline.base.clone(), facts.outline.head.clone(), format!("merged: #{number} was merged")));
        }
        for (base, sha, why) in old {
            let there = self.client.statuses(&sha)?;
            if let Some(post) = retire(facts, &base, &sha, &there, &why) {
                self.carry(facts, std::slice::from_ref(&post))?;
                outcome.said.push(format!("{why} ({sha})"));
            }
            // What they record checksum is sealed whatever else stands there now.
            facts.elsewhere.insert(sha.clone(), there);
            left.push(Green { base, sha });
        }
        Ok(())
    }

    /// Whichever open pull requests have this head; if none has, whatever changed: the hint may be of another commit.
    fn head(&self, sha: &str, pulls: &[u64], outcome: &mut Outcome) {
        for number in pulls {
            self.one(*number, Some(sha), None, outcome);
        }
        if !pulls.is_empty() {
            return;
        }
        match self.client.every() {
            Ok((viewer, every)) => {
                let found: Vec<u64> =
                    every.iter().filter(|seen| seen.outline.head == sha).map(|seen| seen.outline.number).collect();
                if found.is_empty() {
                    return self.stale(&viewer, &every, None, outcome);
                }
                for number in found {
                    self.one(number, Some(sha), None, outcome);
                }
            }
            Err(fault) => outcome.add(None, Err(self.alarm([sha], fault))),
        }
    }

    /// Looks at one pull request, whose head was there when last heard of, says what is missing there, and adds what
    /// became of it.
    pub(crate) fn one(&self, number: u64, head: Option<&str>, spoken: Option<&Spoken<'_>>, outcome: &mut Outcome) {
        match self.client.facts(number) {
            Ok(facts) if facts.state == State::Open => self.settled(facts, &[], spoken, outcome),
            Ok(_) => outcome.said.push(format!("#{number} is not open")),
            Err(fault) => outcome.add(Some(number), Err(self.alarm(head, fault))),
        }
    }

    /// Looks at one that is open; nothing of it is green any more where it is known to have left.
    fn settled(&self, facts: Facts, left: &[Green], spoken: Option<&Spoken<'_>>, outcome: &mut Outcome) {
        let (number, queued, base) = (facts.number(), facts.queued.clone(), facts.outline.base.clone());
        let mut late = None;
        let result = self.look(facts, left, spoken, &mut late);
        outcome.add(Some(number), result);
        if let Some(fault) = late {
            outcome.add(Some(number), Err(fault.into()));
        }
        // What people say of it now holds for its entry in the queue too, and for those that stand on that.
        if let Some(head) = queued {
            self.queue(&base, &head, true, outcome);
        }
    }
}

/// The pull requests that hold what this one touches: they are looked at by themselves.
fn competing(done: &Done) -> Vec<u64> {
    let Some(Ok(report)) = &done.outcome else { return Vec::new() };
    let held = report.flags.iter().any(|flag| flag.locked_by.is_none() && flag.live.before && flag.digest.is_some());
    // As long as this one holds anything, those it locks stay locked.
    let open = done.evidence.iter().flat_map(|evidence| &evidence.open);
    if held { open.map(|open| open.pull).collect() } else { Vec::new() }
}
