//! One look at a pull request: judged, posted, and looked at again if anything moved meanwhile.

use super::{Done, Relay, Spoken};
use crate::github::client::{Fault, Posted, carry_out, put_out};
use crate::github::facts::{Facts, State, Status};
use crate::github::fingerprint::Mark;
use crate::github::judge::{Judgement, Trouble, judge};
use crate::github::plan::{Ground, Judged, Light, Post, is_ours, plain, plan};
use crate::github::record::Green;
use crate::render::Notice;

/// How often a pull request is looked at again when it changes meanwhile.
const LOOKS: u32 = 3;
/// What a status says that nobody may rely on yet.
const MOVED: &str = "it changed while it was looked at; looking again";

impl Relay<'_> {
    /// Judges, posts, and looks again until nothing changed meanwhile.
    pub(super) fn look(
        &self,
        first: Facts,
        known: &[Green],
        spoken: Option<&Spoken<'_>>,
        late: &mut Option<Fault>,
    ) -> Result<Done, Trouble> {
        let mut facts = first;
        for _ in 0..LOOKS {
            let number = facts.number();
            let judgement = match judge(self.client, self.objects, facts.clone(), spoken.map(|spoken| &spoken.speaker))
            {
                Ok(judgement) => judgement,
                Err(trouble) => return Err(self.fail(&facts, trouble)),
            };
            let heard = self.hear(judgement, spoken, &mut facts);
            let (mut judgement, said) = heard.map_err(|trouble| self.fail(&facts, trouble))?;
            let left = self.left(&judgement, known).map_err(|fault| {
                let fault = self.alarm(greens(&judgement), fault);
                self.fail(&facts, fault)
            })?;
            let mut posts = plan(&self.ground(&judgement, &left, said.clone()));
            if posts.iter().any(|post| matches!(post, Post::Notice { .. })) && !judgement.facts.unread.is_empty() {
                self.client.read_on(&mut judgement.facts).map_err(|fault| self.fail(&facts, fault.into()))?;
                posts = plan(&self.ground(&judgement, &left, said.clone()));
            }
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
            // What takes a success back, and what is only polite.
            let early = |post: &Post| match post {
                Post::Status { light, .. } => *light != Light::Success,
                post => matches!(post, Post::Ask { .. } | Post::Lines { .. }),
            };
            let (first, mut rest): (Vec<Post>, Vec<Post>) = posts.iter().cloned().partition(early);
            let mut posted = self.carry(&facts, &first)?;
            if posted.late.is_some() {
                let ground = Ground { later: true, ..self.ground(&judgement, &left, said) };
                rest = plan(&ground).into_iter().filter(|post| !early(post)).collect();
            }
            let stays = self.land(&facts, &rest, &mut posted)?;
            *late = posted.late;
            if stays {
                return Ok(done(judgement, posts, posted.missed));
            }
            facts = self.client.facts(number)?;
            if facts.state != State::Open {
                return Ok(Done { pull: number, outcome: None, evidence: None, posts, remarks: posted.missed });
            }
        }
        let text = "it changes faster than it can be looked at";
        self.say(&facts, Light::Pending, text, None)?;
        Err(Trouble::Forge(Fault::Unreachable(format!("#{}: {text}", facts.number()))))
    }

    /// Carries posts out, a success only if nothing changed before, and takes it back if something did meanwhile, or if
    /// that can't be told. Says whether it stays at that.
    fn land(&self, facts: &Facts, posts: &[Post], posted: &mut Posted) -> Result<bool, Trouble> {
        let gives = |post: &Post| matches!(post, Post::Status { light: Light::Success, .. });
        let at = posts.iter().position(gives).unwrap_or(posts.len());
        let (before, after) = posts.split_at_checked(at).unwrap_or((posts, &[]));
        posted.add(self.carry(facts, before)?);
        let Some((success, told)) = after.split_first() else { return Ok(true) };
        if !self.client.unchanged(facts)? {
            return Ok(false);
        }
        let sent = self.carry(facts, std::slice::from_ref(success));
        // It may stand there now, unless it was never sent or refused.
        let stands = !matches!(sent, Err(Fault::Limited { .. } | Fault::Refused(_) | Fault::Denied(_)));
        match sent.and_then(|_| self.client.unchanged(facts)) {
            Ok(true) => {
                posted.add(self.carry(facts, told)?);
                Ok(true)
            }
            Ok(false) => {
                self.say(facts, Light::Pending, MOVED, Some(success))?;
                Ok(false)
            }
            Err(fault) if stands => {
                let trouble = Trouble::from(fault);
                let text = format!("could not be judged: {}", trouble.words().0);
                match self.say(facts, Light::Error, &text, Some(success)) {
                    Ok(()) => Err(trouble),
                    Err(fault) => Err(both(&trouble, &fault)),
                }
            }
            Err(fault) => Err(fault.into()),
        }
    }

    /// Lets a command change the approval record, and judges again with what it says now.
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
    pub(super) fn left(&self, judgement: &Judgement, known: &[Green]) -> Result<Vec<(Green, Vec<Status>)>, Fault> {
        let outline = &judgement.facts.outline;
        let left = judgement.record.iter().flat_map(|record| &record.green);
        let left = left.filter(|green| green.sha != outline.head || green.base != outline.base);
        let there = |green: &Green| {
            if known.contains(green) { Ok(Vec::new()) } else { self.client.statuses(&green.sha) }
        };
        left.map(|green| Ok((green.clone(), there(green)?))).collect()
    }

    pub(super) fn ground<'j>(
        &self,
        judgement: &'j Judgement,
        left: &'j [(Green, Vec<Status>)],
        said: Option<(String, Notice)>,
    ) -> Ground<'j> {
        let nothing = matches!(&judgement.outcome, Ok(report) if report.flags.is_empty() && !report.policy.changed);
        let tip = judgement.facts.base_tip.as_deref().unwrap_or("");
        Ground {
            facts: &judgement.facts,
            record: judgement.record.as_ref(),
            judged: match &judgement.outcome {
                Ok(report) => Judged::Report(report),
                Err(diagnostics) => Judged::InvalidPolicy(diagnostics),
            },
            digests: &judgement.digests,
            holds: &judgement.holds,
            teams: &judgement.teams,
            base: if nothing { &judgement.policy } else { tip },
            left,
            siblings: &judgement.siblings,
            url: self.url.clone(),
            said,
            later: false,
        }
    }

    pub(super) fn carry(&self, facts: &Facts, posts: &[Post]) -> Result<Posted, Fault> {
        if self.dry {
            return Ok(Posted::default());
        }
        carry_out(self.client, facts.number(), &facts.viewer, posts)
    }

    /// Says something on its head that is no verdict, in the place of what stood there when it was looked at, or of what
    /// was posted since.
    pub(super) fn say(&self, facts: &Facts, light: Light, text: &str, since: Option<&Post>) -> Result<(), Fault> {
        let outline = &facts.outline;
        let mut post = plain(facts, &outline.base, &outline.head, outline.status(), light, text);
        if let (Post::Status { target, .. }, Some(Post::Status { target: posted, .. })) = (&mut post, since) {
            *target = Mark::plain(Mark::of(posted).as_ref()).address(&facts.url);
        }
        self.carry(facts, std::slice::from_ref(&post)).map(drop)
    }

    /// Says on the pull request that it could not be judged, unless that is there already.
    pub(super) fn fail(&self, facts: &Facts, trouble: Trouble) -> Trouble {
        let outline = &facts.outline;
        let text = format!("could not be judged: {}", trouble.words().0);
        let post = plain(facts, &outline.base, &outline.head, outline.status(), Light::Error, &text);
        let there = outline.status().is_some_and(|status| {
            is_ours(status, &facts.viewer)
                && matches!(&post, Post::Status { text, .. } if *text == status.description)
                && status.state.eq_ignore_ascii_case(Light::Error.word())
        });
        if !there && let Err(fault) = self.say(facts, Light::Error, &text, None) {
            return both(&trouble, &fault);
        }
        trouble
    }

    /// Takes back every success of ours on commits of which nothing can be found out: by the other interface, which
    /// may answer where the one with the facts does not.
    pub(super) fn alarm<'c>(&self, commits: impl IntoIterator<Item = &'c str>, fault: Fault) -> Trouble {
        let trouble = Trouble::from(fault);
        let text = format!("could not be judged: {}", trouble.words().0);
        for sha in commits.into_iter().filter(|_| !self.dry) {
            if let Err(fault) = put_out(self.client, sha, &text) {
                return both(&trouble, &fault);
            }
        }
        trouble
    }
}

/// The commits a success of ours was posted on.
fn greens(judgement: &Judgement) -> impl Iterator<Item = &str> {
    judgement.record.iter().flat_map(|record| &record.green).map(|green| green.sha.as_str())
}

/// Both are worth knowing, the second one more: what stood there stands.
fn both(trouble: &Trouble, fault: &Fault) -> Trouble {
    let (first, second) = (trouble.words().0, fault.words().0);
    Trouble::Forge(Fault::Unreachable(format!("{first}; and the status could not be set: {second}")))
}
