//! The runner: an event, from the look at its pull requests to the actions on them.
//!
//! In: the [`Work`] of an event. Out: a [`RunResult`]: what became of each pull request. It refuses to leave an old
//! success in place: an error is set as a status before it is reported, and a success is set only if nothing changed
//! meanwhile, and taken back if something did. Not taken: a work queue of our own; GitHub's events are one, and the
//! sweep makes up for those that get lost.

mod changed_pull;
mod child;
mod commands;
mod merge_queue;
mod review;
mod sweep;

use crate::approval::Evidence;
use crate::diagnostics::Diagnostic;
use crate::error::Error;
use crate::github::actions::Action;
use crate::github::client::Client;
use crate::github::event::Work;
use crate::github::facts::{PullFacts, PullState};
use crate::github::objects::Objects;
use crate::github::record::SuccessStatus;
use crate::report::Report;
pub use child::{Apart, ApartResult};
use commands::CommandRun;

/// Everything a run needs.
pub struct Runner<'r> {
    pub client: &'r Client,
    pub objects: &'r Objects,
    /// Whether actions are only planned.
    pub dry: bool,
    /// The address of the whole report of this run.
    pub url: Option<String>,
    /// The way to review one of several pull requests apart; none to review them all in this process.
    pub apart: Option<Apart<'r>>,
}

/// The outcome for one pull request.
pub struct PullResult {
    pub pull: u64,
    /// The report, or the diagnostics of an invalid base policy; none if there was nothing to judge.
    pub outcome: Option<Result<Report, Vec<Diagnostic>>>,
    pub evidence: Option<Evidence>,
    pub actions: Vec<Action>,
    /// Lines for the log, such as a best-effort action that was skipped.
    pub remarks: Vec<String>,
}

/// The outcome of one event: everything that could be done is done, even if something else failed.
#[derive(Default)]
pub struct RunResult {
    pub pulls: Vec<PullResult>,
    /// Pull requests that were reviewed in processes of their own.
    pub apart: Vec<ApartResult>,
    pub errors: Vec<Error>,
    /// Lines for the log.
    pub log: Vec<String>,
}

impl RunResult {
    fn add(&mut self, pull: u64, result: Result<PullResult, Error>) {
        match result {
            Ok(done) => self.pulls.push(done),
            Err(error) => self.fail(Some(pull), error),
        }
    }

    fn fail(&mut self, pull: Option<u64>, error: Error) {
        self.errors.push(match pull {
            Some(number) => error.at(format!("#{number}")),
            None => error,
        });
    }
}

impl Runner<'_> {
    /// Does the work that an event asks for.
    #[must_use]
    pub fn run(&self, work: &Work) -> RunResult {
        let mut run = RunResult::default();
        match work {
            Work::Pull(trigger) => self.pull(trigger, &mut run),
            Work::Head { sha, pulls } => self.head(sha, pulls, &mut run),
            Work::Queue { base, head } => self.queue(base, head, false, &mut run),
            Work::Base { branch, .. } => self.sweep(Some(branch), &mut run),
            Work::Sweep => self.sweep(None, &mut run),
            Work::Command { pull, comment, node } => self.command(*pull, *comment, node, &mut run),
            Work::Nothing(why) => run.log.push(format!("nothing to do: {why}")),
        }
        run
    }

    /// Reviews the open pull requests with this head; if there are none, all that changed, since the hint may be of
    /// another commit.
    fn head(&self, sha: &str, pulls: &[u64], run: &mut RunResult) {
        for number in pulls {
            self.one(*number, Some(sha), None, run);
        }
        if !pulls.is_empty() {
            return;
        }
        match self.client.open_pulls() {
            Ok((viewer, open)) => {
                let found: Vec<u64> =
                    open.iter().filter(|one| one.outline.head == sha).map(|one| one.outline.number).collect();
                if found.is_empty() {
                    return self.review_changed(&viewer, &open, None, run);
                }
                for number in found {
                    self.one(number, Some(sha), None, run);
                }
            }
            Err(error) => run.fail(None, self.revoke([sha], error)),
        }
    }

    /// Reviews one pull request, whose head was there when last heard of.
    fn one(&self, number: u64, head: Option<&str>, command: Option<&CommandRun<'_>>, run: &mut RunResult) {
        match self.client.facts(number) {
            Ok(facts) if facts.state == PullState::Open => self.open(facts, &[], command, run),
            Ok(_) => run.log.push(format!("#{number} is not open")),
            Err(error) => run.fail(Some(number), self.revoke(head, error)),
        }
    }

    /// Reviews an open pull request, whose successes on the commits in `left` are taken back already.
    fn open(&self, facts: PullFacts, left: &[SuccessStatus], command: Option<&CommandRun<'_>>, run: &mut RunResult) {
        let (number, queued, base) = (facts.number(), facts.queued.clone(), facts.outline.base.clone());
        let mut deferred = None;
        let result = self.review(facts, left, command, &mut deferred);
        run.add(number, result);
        if let Some(error) = deferred {
            run.fail(Some(number), error);
        }
        // The reviews of the pull request count for its entry in the merge queue too, and for those behind it.
        if let Some(head) = queued {
            self.queue(&base, &head, true, run);
        }
    }
}
