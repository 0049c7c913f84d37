//! A review from an event to what is posted: asks, judges, plans, posts, looks again.
//!
//! In: what an event asks for. Out: what became of each pull request it concerns. It refuses to leave an old success
//! standing: what goes wrong is posted as `error` before it is told, and a success is posted only if nothing changed
//! while it was found, and taken back if something did meanwhile. Not taken: a queue of work of our own; the forge's
//! events are one, and the sweep is for those that get lost.

mod merge_queue;
mod spoken;
mod sweep;

use crate::approval::Evidence;
use crate::forge::github::{Client, Fault, Posted, carry_out};
use crate::gate::event::{Closed, Trigger, Work};
use crate::gate::facts::{Facts, Outline, State, Status};
use crate::gate::ledger::Green;
use crate::gate::plan::{Ground, Judged, Light, Post, is_ours, plain, plan, retire};
use crate::gather::pull::{Judgement, Objects, Speaker, Trouble, judge};
use crate::render::Notice;
use crate::report::Report;
use crate::text::Problem;

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
    /// The report, or what is wrong with the law; none if there was nothing to judge.
    pub outcome: Option<Result<Report, Vec<Problem>>>,
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

/// A change to the ledger that a command makes, and the answer to it.
pub(crate) struct Spoken<'s> {
    pub speaker: Speaker<'s>,
    /// What the command goes by, so that it is answered once.
    pub key: String,
    pub answer: &'s dyn Fn(&mut Judgement) -> Option<Notice>,
}

/// How often a pull request is looked at again when it changes meanwhile.
const LOOKS: u32 = 3;
/// What a status says that nobody may rely on yet.
const MOVED: &str = "it changed while it was looked at; looking again";

impl Relay<'_> {
    /// Does what an event asks for.
    #[must_use]
    pub fn work(&self, work: &Work) -> Outcome {
        let mut outcome = Outcome::default();
        match work {
            Work::Pull(trigger) => self.pull(trigger, &mut outcome),
            Work::Head { sha } => self.head(sha, &mut outcome),
            Work::Queue { base, head } => self.queue(base, head, &mut outcome),
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
        let facts = match self.client.facts(number) {
            Ok(facts) => facts,
            Err(fault) => return outcome.add(Some(number), Err(fault.into())),
        };
        if let Err(fault) = self.leave(trigger, &facts, outcome) {
            outcome.add(Some(number), Err(fault.into()));
        }
        let released = facts.state != State::Open || facts.outline.draft;
        let open = facts.open.clone();
        let (base, viewer) = (facts.outline.base.clone(), facts.viewer.clone());
        let before = outcome.done.len();
        if facts.state == State::Open {
            self.settle(facts, outcome);
        } else {
            outcome.said.push(format!("#{number} is not open"));
        }
        let rivals = outcome.done.get(before).map(rivals).unwrap_or_default();
        let waiting = |other: &&Outline| {
            let status = other.status().filter(|status| is_ours(status, &viewer));
            let locked = status.is_some_and(|status| status.description.starts_with("locked by #"));
            let by_this = status.is_some_and(|status| status.description.starts_with(&format!("locked by #{number}:")));
            other.number != number
                && other.base == base
                && ((released && locked) || (by_this && !rivals.contains(&other.number)))
        };
        for other in open.iter().filter(waiting) {
            self.one(other.number, None, outcome);
        }
    }

    /// Takes back what stands on commits that this pull request no longer proposes.
    fn leave(&self, trigger: &Trigger, facts: &Facts, outcome: &mut Outcome) -> Result<(), Fault> {
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
        for (base, sha, why) in old {
            let there = self.client.statuses(&sha)?;
            if let Some(post) = retire(facts, &base, &sha, &there, &why) {
                self.carry(facts, std::slice::from_ref(&post))?;
                outcome.said.push(format!("{why} ({sha})"));
            }
        }
        Ok(())
    }

    /// Whichever open pull requests have this head; if none has, whatever changed: the hint may be of another commit.
    fn head(&self, sha: &str, outcome: &mut Outcome) {
        match self.client.every() {
            Ok((viewer, every)) => {
                let found: Vec<u64> =
                    every.iter().filter(|seen| seen.outline.head == sha).map(|seen| seen.outline.number).collect();
                if found.is_empty() {
                    return self.stale(&viewer, &every, None, outcome);
                }
                for number in found {
                    self.one(number, None, outcome);
                }
            }
            Err(fault) => outcome.add(None, Err(fault.into())),
        }
    }

    /// Looks at one pull request, says what is missing there, and adds what became of it.
    pub(crate) fn one(&self, number: u64, spoken: Option<&Spoken<'_>>, outcome: &mut Outcome) {
        match self.client.facts(number) {
            Ok(facts) if facts.state == State::Open => self.settled(facts, spoken, outcome),
            Ok(_) => outcome.said.push(format!("#{number} is not open")),
            Err(fault) => outcome.add(Some(number), Err(fault.into())),
        }
    }

    fn settle(&self, facts: Facts, outcome: &mut Outcome) {
        self.settled(facts, None, outcome);
    }

    fn settled(&self, facts: Facts, spoken: Option<&Spoken<'_>>, outcome: &mut Outcome) {
        let (number, queued, base) = (facts.number(), facts.queued.clone(), facts.outline.base.clone());
        let result = self.look(facts, spoken);
        outcome.add(Some(number), result);
        // What people say of it now holds for its entry in the queue too.
        if let Some(head) = queued {
            self.queue(&base, &head, outcome);
        }
    }

    /// Judges, posts, and looks again until nothing changed meanwhile.
    fn look(&self, first: Facts, spoken: Option<&Spoken<'_>>) -> Result<Done, Trouble> {
        let mut facts = first;
        for _ in 0..LOOKS {
            let number = facts.number();
            let judgement = match judge(self.client, self.objects, facts.clone(), spoken.map(|spoken| &spoken.speaker))
            {
                Ok(judgement) => judgement,
                Err(trouble) => return Err(self.fail(&facts, trouble)),
            };
            let (judgement, said) = self.hear(judgement, spoken, &mut facts)?;
            let left = self.left(&judgement)?;
            let posts = plan(&self.ground(&judgement, &left, said));
            let done = |judgement: Judgement, posts, remarks| Done {
                pull: number,
                outcome: Some(judgement.outcome),
                evidence: judgement.evidence,
                posts,
                remarks,
            };
            if self.dry {
                return Ok(done(judgement, posts, Vec::new()));
            }
            let gives = |post: &Post| matches!(post, Post::Status { light: Light::Success, .. });
            let at = posts.iter().position(gives).unwrap_or(posts.len());
            let (before, after) = posts.split_at_checked(at).unwrap_or((&posts, &[]));
            let mut posted = self.carry(&facts, before)?;
            if after.is_empty() {
                return Ok(done(judgement, posts, posted.missed));
            }
            if self.client.unchanged(&facts)? {
                let success = after.get(..1).unwrap_or_default();
                self.carry(&facts, success)?;
                if self.client.unchanged(&facts)? {
                    posted.missed.extend(self.carry(&facts, after.get(1..).unwrap_or_default())?.missed);
                    return Ok(done(judgement, posts, posted.missed));
                }
                self.withdraw(&facts, MOVED)?;
            }
            facts = self.client.facts(number)?;
            if facts.state != State::Open {
                return Ok(Done { pull: number, outcome: None, evidence: None, posts, remarks: posted.missed });
            }
        }
        let text = "it changes faster than it can be looked at";
        self.withdraw(&facts, text)?;
        Err(Trouble::Forge(Fault::Unreachable(format!("#{}: {text}", facts.number()))))
    }

    /// Lets a command change the ledger, and judges again with what it says now.
    fn hear(
        &self,
        mut judgement: Judgement,
        spoken: Option<&Spoken<'_>>,
        facts: &mut Facts,
    ) -> Result<(Judgement, Option<(String, Notice)>), Trouble> {
        facts.commits.clone_from(&judgement.facts.commits);
        let Some(spoken) = spoken else { return Ok((judgement, None)) };
        let answer = (spoken.answer)(&mut judgement);
        judgement.conclude_again(self.client)?;
        Ok((judgement, answer.map(|notice| (spoken.key.clone(), notice))))
    }

    /// The commits this pull request has left and where a success of ours may stand still.
    fn left(&self, judgement: &Judgement) -> Result<Vec<(Green, Vec<Status>)>, Fault> {
        let outline = &judgement.facts.outline;
        let green = judgement.ledger.iter().flat_map(|ledger| &ledger.green);
        let left = green.filter(|green| green.sha != outline.head || green.base != outline.base);
        left.map(|green| Ok((green.clone(), self.client.statuses(&green.sha)?))).collect()
    }

    fn ground<'j>(
        &self,
        judgement: &'j Judgement,
        left: &'j [(Green, Vec<Status>)],
        said: Option<(String, Notice)>,
    ) -> Ground<'j> {
        let nothing = matches!(&judgement.outcome, Ok(report) if report.flags.is_empty() && !report.law.changed);
        let tip = judgement.facts.base_tip.as_deref().unwrap_or("");
        Ground {
            facts: &judgement.facts,
            ledger: judgement.ledger.as_ref(),
            judged: match &judgement.outcome {
                Ok(report) => Judged::Report(report),
                Err(problems) => Judged::Lawless(problems),
            },
            digests: &judgement.digests,
            holds: &judgement.holds,
            teams: &judgement.teams,
            base: if nothing { &judgement.law } else { tip },
            left,
            siblings: &judgement.siblings,
            url: self.url.clone(),
            said,
        }
    }

    fn carry(&self, facts: &Facts, posts: &[Post]) -> Result<Posted, Fault> {
        if self.dry {
            return Ok(Posted::default());
        }
        carry_out(self.client, facts.number(), &facts.viewer, posts)
    }

    /// Takes back whatever stands there.
    fn withdraw(&self, facts: &Facts, text: &str) -> Result<(), Fault> {
        let outline = &facts.outline;
        let post = plain(facts, &outline.base, &outline.head, outline.status(), Light::Pending, text);
        self.carry(facts, std::slice::from_ref(&post)).map(drop)
    }

    /// Says on the pull request that it could not be judged, unless that is there already.
    fn fail(&self, facts: &Facts, trouble: Trouble) -> Trouble {
        let outline = &facts.outline;
        let text = format!("could not be judged: {}", trouble.words().0);
        let post = plain(facts, &outline.base, &outline.head, outline.status(), Light::Error, &text);
        let there = outline.status().is_some_and(|status| {
            is_ours(status, &facts.viewer)
                && matches!(&post, Post::Status { text, .. } if *text == status.description)
                && status.state.eq_ignore_ascii_case(Light::Error.word())
        });
        if !there && let Err(fault) = self.carry(facts, std::slice::from_ref(&post)) {
            // Both are worth knowing, the second one more: what stood there stands.
            return Trouble::Forge(Fault::Unreachable(format!(
                "{}; and the status could not be set: {}",
                trouble.words().0,
                fault.words().0
            )));
        }
        trouble
    }
}

/// The pull requests that hold what this one touches: they are looked at by themselves.
fn rivals(done: &Done) -> Vec<u64> {
    let Some(Ok(report)) = &done.outcome else { return Vec::new() };
    let held = report.flags.iter().any(|flag| flag.locked_by.is_none() && flag.live.before && flag.digest.is_some());
    // As long as this one holds anything, those it locks stay locked.
    let open = done.evidence.iter().flat_map(|evidence| &evidence.open);
    if held { open.map(|open| open.pull).collect() } else { Vec::new() }
}
