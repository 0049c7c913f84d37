//! The review of one open pull request: judged, acted upon, and repeated if anything changed meanwhile.

use super::commands::CommandRun;
use super::{PullResult, Runner};
use crate::error::{Error, ErrorKind};
use crate::github::actions::commit_state::{StatusLine, without_verdict};
use crate::github::actions::{Action, Applied, CommitState, PlanInput, apply, plan, revoke_successes};
use crate::github::facts::{Comment, PullFacts, PullState, Status};
use crate::github::fingerprint::Fingerprint;
use crate::github::judge::{Judgement, judge};
use crate::github::record::SuccessStatus;
use crate::render::Notice;
use crate::review::Examination;

/// How often a pull request is reviewed that changes meanwhile.
const MOST_REVIEWS: u32 = 3;
/// The status of a pull request that changed after its success was set.
const CHANGED: &str = "it changed while it was looked at; looking again";

impl Runner<'_> {
    /// Judges and acts, until nothing changed meanwhile. A best-effort action that has to be tried again later is left
    /// in `deferred`.
    pub(super) fn review(
        &self,
        mut facts: PullFacts,
        known: &[SuccessStatus],
        command: Option<&CommandRun<'_>>,
        deferred: &mut Option<Error>,
    ) -> Result<PullResult, Error> {
        let number = facts.number();
        for _ in 0..MOST_REVIEWS {
            let prepared = self.prepare(&mut facts, known, command).map_err(|error| self.fail(&facts, error))?;
            let Prepared { judgement, left, answer, actions } = prepared;
            if self.dry {
                return Ok(result(judgement, actions, Vec::new()));
            }
            let early = |action: &Action| {
                action.takes_success_back() || matches!(action, Action::RequestReviews { .. } | Action::Annotate { .. })
            };
            let (first, mut rest): (Vec<Action>, Vec<Action>) = actions.iter().cloned().partition(early);
            let mut applied = self.apply(&facts, &first)?;
            if applied.deferred.is_some() {
                let input = PlanInput { deferred: true, ..self.input(&judgement, &left, answer) };
                // The comment is another then, and so is the checksum that a status has to bear before it.
                rest = plan(&input).into_iter().filter(|action| !first.contains(action)).collect();
            }
            let settled = self.settle(&judgement.facts, &rest, &mut applied)?;
            *deferred = applied.deferred;
            if settled {
                return Ok(result(judgement, actions, applied.skipped));
            }
            facts = self.client.facts(number)?;
            if facts.state != PullState::Open {
                let remarks = applied.skipped;
                return Ok(PullResult { pull: number, outcome: None, evidence: None, actions, remarks });
            }
        }
        let text = "it changes faster than it can be looked at";
        self.set_status(&facts, CommitState::Pending, text, None)?;
        Err(Error::new(ErrorKind::Network, text, "run it again"))
    }

    /// Judges a pull request, lets a command take effect, and plans the actions.
    fn prepare(
        &self,
        facts: &mut PullFacts,
        known: &[SuccessStatus],
        command: Option<&CommandRun<'_>>,
    ) -> Result<Prepared, Error> {
        let commander = command.map(|command| &command.commander);
        let mut judgement = judge(self.client, self.objects, facts.clone(), commander)?;
        facts.commits.clone_from(&judgement.facts.commits);
        let answer = match command {
            Some(command) => command.carry_out(self, &mut judgement)?,
            None => None,
        };
        let left = self.left(&judgement, known).map_err(|error| {
            let successes = judgement.record.iter().flat_map(|record| &record.successes);
            self.revoke(successes.map(|success| success.sha.as_str()), error)
        })?;
        let mut actions = plan(&self.input(&judgement, &left, answer.clone()));
        let notifies = actions.iter().any(|action| matches!(action, Action::Notify { .. }));
        if notifies && !judgement.facts.unread_comments.is_empty() {
            self.client.read_notifications(&mut judgement.facts)?;
            actions = plan(&self.input(&judgement, &left, answer.clone()));
        }
        Ok(Prepared { judgement, left, answer, actions })
    }

    /// Applies actions, the comment and a success only if nothing changed before, and takes the success back if
    /// something did meanwhile or if that can't be known. Returns whether nothing changed.
    fn settle(&self, facts: &PullFacts, actions: &[Action], applied: &mut Applied) -> Result<bool, Error> {
        let comment = actions.iter().position(|action| matches!(action, Action::UpdateComment { .. }));
        let (writing, actions) = actions.split_at_checked(comment.map_or(0, |at| at + 1)).unwrap_or((&[], actions));
        let mut sticky = facts.sticky.clone();
        if !writing.is_empty() {
            if !self.client.unchanged(facts, sticky.as_ref())? {
                return Ok(false);
            }
            let sent = self.apply(facts, writing)?;
            let (id, body) = sent.written.clone().unwrap_or_default();
            applied.add(sent);
            sticky = match sticky {
                Some(before) => Some(Comment { body, ..before }),
                None => self.only_one(facts, id)?,
            };
            if sticky.is_none() || !self.client.unchanged(facts, sticky.as_ref())? {
                return Ok(false);
            }
        }
        let at = actions.iter().position(Action::is_success).unwrap_or(actions.len());
        let (before, after) = actions.split_at_checked(at).unwrap_or((actions, &[]));
        applied.add(self.apply(facts, before)?);
        let Some((success, after)) = after.split_first() else { return Ok(true) };
        if writing.is_empty() && !self.client.unchanged(facts, sticky.as_ref())? {
            return Ok(false);
        }
        let sent = self.apply(facts, std::slice::from_ref(success));
        // It may be there now, unless it was never sent or refused.
        let never = [ErrorKind::Limited, ErrorKind::Refused, ErrorKind::Denied];
        let may_be_there = !sent.as_ref().is_err_and(|error| never.contains(&error.kind));
        match sent.and_then(|_| self.client.unchanged(facts, sticky.as_ref())) {
            Ok(true) => {
                applied.add(self.apply(facts, after)?);
                Ok(true)
            }
            Ok(false) => {
                self.set_status(facts, CommitState::Pending, CHANGED, Some(success))?;
                Ok(false)
            }
            Err(error) if may_be_there => {
                match self.set_status(facts, CommitState::Error, &not_judged(&error), Some(success)) {
                    Ok(()) => Err(error),
                    Err(second) => Err(both(&error, second)),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// The comment that was just made, if it is the only one of its kind: another run may have made one at the same
    /// time.
    fn only_one(&self, facts: &PullFacts, id: u64) -> Result<Option<Comment>, Error> {
        let mut all = self.client.all_candidates(&facts.outline.node)?;
        all.retain(|one| facts.copies.iter().all(|known| known.id != one.id));
        let alone = all.iter().all(|one| one.id == id);
        Ok(all.pop().filter(|_| alone))
    }

    /// The successes of ours on commits that this pull request has left, with the statuses there; those that are
    /// `known` to be taken back need no look.
    fn left(&self, judgement: &Judgement, known: &[SuccessStatus]) -> Result<Vec<(SuccessStatus, Vec<Status>)>, Error> {
        let outline = &judgement.facts.outline;
        let all = judgement.record.iter().flat_map(|record| &record.successes);
        let left = all.filter(|success| success.sha != outline.head || success.base != outline.base);
        let statuses = |success: &SuccessStatus| {
            if known.contains(success) { Ok(Vec::new()) } else { self.client.statuses(&success.sha) }
        };
        left.map(|success| Ok((success.clone(), statuses(success)?))).collect()
    }

    fn input<'j>(
        &self,
        judgement: &'j Judgement,
        left: &'j [(SuccessStatus, Vec<Status>)],
        answer: Option<(String, Notice)>,
    ) -> PlanInput<'j> {
        // A statement about the base alone may be another once the base has moved.
        let nothing = matches!(&judgement.outcome, Ok(report) if report.flags.is_empty()
            && !report.policy.changed && report.diagnostics.is_empty() && !report.no_flag);
        let tip = judgement.facts.base_tip.as_deref().unwrap_or("");
        PlanInput {
            facts: &judgement.facts,
            record: judgement.record.as_ref(),
            outcome: &judgement.outcome,
            digests: &judgement.digests,
            holds: &judgement.holds,
            teams: &judgement.teams,
            rests_on_people: judgement.rests_on_people,
            until: judgement.examination.as_ref().and_then(Examination::past_until),
            base: if nothing { &judgement.policy } else { tip },
            left,
            siblings: &judgement.siblings,
            url: self.url.clone(),
            answer,
            deferred: false,
        }
    }

    pub(super) fn apply(&self, facts: &PullFacts, actions: &[Action]) -> Result<Applied, Error> {
        if self.dry {
            return Ok(Applied::default());
        }
        apply(self.client, facts.number(), &facts.viewer, actions)
    }

    /// Sets a status on the head that stands for no verdict, in the place of the one in the facts, or of one that was
    /// set since.
    fn set_status(
        &self,
        facts: &PullFacts,
        state: CommitState,
        text: &str,
        since: Option<&Action>,
    ) -> Result<(), Error> {
        let outline = &facts.outline;
        let line = StatusLine { state, text: text.to_owned() };
        let mut status = without_verdict(facts, &outline.base, &outline.head, outline.status(), &line);
        if let Some(Action::SetStatus(since)) = since {
            let before = Fingerprint::of(&since.target);
            status.target = Fingerprint::without_verdict(before.as_ref()).address(&facts.url);
        }
        self.apply(facts, &[Action::SetStatus(status)]).map(drop)
    }

    /// Sets the status that the pull request could not be judged, unless it is there already.
    pub(super) fn fail(&self, facts: &PullFacts, error: Error) -> Error {
        let outline = &facts.outline;
        let line = StatusLine { state: CommitState::Error, text: not_judged(&error) };
        let status = without_verdict(facts, &outline.base, &outline.head, outline.status(), &line);
        let is_there = outline.status().is_some_and(|there| status.reads_like(there, &facts.viewer));
        if is_there {
            return error;
        }
        match self.apply(facts, &[Action::SetStatus(status)]) {
            Ok(_) => error,
            Err(second) => both(&error, second),
        }
    }

    /// Takes back every success of ours on commits whose pull requests cannot be read: by the REST interface, which may
    /// answer where GraphQL does not.
    pub(super) fn revoke<'c>(&self, commits: impl IntoIterator<Item = &'c str>, error: Error) -> Error {
        for sha in commits.into_iter().filter(|_| !self.dry) {
            if let Err(second) = revoke_successes(self.client, sha, &not_judged(&error)) {
                return both(&error, second);
            }
        }
        error
    }
}

/// A judged pull request and its planned actions.
struct Prepared {
    judgement: Judgement,
    left: Vec<(SuccessStatus, Vec<Status>)>,
    answer: Option<(String, Notice)>,
    actions: Vec<Action>,
}

fn result(judgement: Judgement, actions: Vec<Action>, remarks: Vec<String>) -> PullResult {
    PullResult {
        pull: judgement.facts.number(),
        outcome: Some(judgement.outcome),
        evidence: judgement.evidence,
        actions,
        remarks,
    }
}

/// The status after an error.
pub(super) fn not_judged(error: &Error) -> String {
    format!("could not be judged: {}", error.message)
}

/// Both errors matter, the second one more: an old status is still there.
fn both(first: &Error, second: Error) -> Error {
    let message = format!("{}; and the status could not be set: {}", first.message, second.message);
    Error { message, ..second }
}
