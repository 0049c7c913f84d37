//! Commands in comments: read again, checked, carried out, answered.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::{RunResult, Runner};
use crate::approval::digest::stands_for;
use crate::approval::evidence::{LockPassedOver, Override};
use crate::changes::SwitchOff;
use crate::diagnostics::words::{counted, in_backticks, whole_in_backticks};
use crate::document::date::instant;
use crate::error::Error;
use crate::github::command::{self, Command};
use crate::github::event::Trigger;
use crate::github::facts::{Account, PullFacts};
use crate::github::judge::{Commander, Judgement};
use crate::render::phrases::binding;
use crate::render::{Notice, NoticeCause};
use crate::report::FlagReport;
use crate::review::{Examination, POLICY};

/// A command that is carried out with the review of its pull request.
pub(super) struct CommandRun<'c> {
    pub commander: Commander<'c>,
    parsed: &'c Result<Command, Error>,
    /// The first line of the comment, for the answer.
    line: String,
    /// When the comment was written.
    at: String,
    edited: bool,
    /// The key of the answer, under which it is given once.
    key: String,
    /// The lock holder that was passed over.
    passed_over: Cell<Option<u64>>,
}

/// The effect of a command.
enum Effect {
    /// None that needs an answer.
    Silent,
    /// The command was carried out; the answer says what was done.
    Done(String),
    /// The record notes that an admin overrides the approvals of this flag with this digest.
    Overridden { name: String, digest: String, break_glass: bool },
    /// This person may not give it, or not now, and why.
    Refused(String),
    /// The command was not understood.
    Unclear(Error),
}

impl Runner<'_> {
    /// Carries out the command in a comment, if its author may give it.
    pub(super) fn command(&self, pull: u64, comment: u64, node: &str, run: &mut RunResult) {
        let found = match self.client.command_comment(node, pull) {
            Ok(found) => found,
            Err(error) => return run.fail(Some(pull), error),
        };
        let Some(author) = found.author.filter(Account::is_person) else {
            run.log.push("only a person gives commands".to_owned());
            return;
        };
        let Some(parsed) = command::parse(&found.body) else {
            run.log.push("the comment holds no command any more".to_owned());
            return;
        };
        let permission = match self.client.permission(&author.login) {
            Ok(permission) => permission.unwrap_or_default(),
            Err(error) => return run.fail(Some(pull), error),
        };
        // Outsiders get no answer: each would be a comment that anyone can make us write.
        if !matches!(permission.as_str(), "write" | "maintain" | "admin") {
            run.log.push(format!("`{}` has no write access, so the command is left alone", author.login));
            return;
        }
        let command = CommandRun {
            commander: Commander { login: &author.login, permission: &permission },
            parsed: &parsed,
            line: found.body.lines().next().unwrap_or_default().chars().take(200).collect(),
            at: found.at,
            edited: !found.unedited,
            key: format!("command {comment}"),
            passed_over: Cell::new(None),
        };
        self.one(pull, None, Some(&command), run);
        match &parsed {
            // The token of a workflow triggers no workflow: the pull requests that waited are reviewed here.
            Ok(Command::Cancel) => match self.client.facts(pull) {
                Ok(facts) => self.release(&Trigger::of(pull), &facts, facts.outline.draft, &[], run),
                Err(error) => run.fail(Some(pull), error),
            },
            // The holder that was passed over is locked from now on.
            Ok(Command::Unlock { .. }) => {
                if let Some(holder) = command.passed_over.get() {
                    self.one(holder, None, None, run);
                }
            }
            Ok(Command::Recheck | Command::Override { .. }) | Err(_) => {}
        }
    }

    /// Makes the pull request a draft.
    fn cancel(&self, judgement: &mut Judgement) -> Effect {
        if self.dry || judgement.facts.outline.draft {
            return Effect::Done("this is a draft: nobody is asked, and it holds no flag".to_owned());
        }
        match self.client.mutate("ToDraft", &serde_json::json!({ "id": judgement.facts.outline.node })) {
            Ok(_) => {
                judgement.facts.outline.draft = true;
                Effect::Done("this is a draft now: nobody is asked, and it holds no flag".to_owned())
            }
            Err(error) => Effect::Refused(format!(
                "GitHub made no draft of it ({}); close the pull request instead",
                error.message
            )),
        }
    }
}

impl CommandRun<'_> {
    /// Lets the command take effect, concludes again, and returns the answer with its key.
    pub(super) fn carry_out(
        &self,
        runner: &Runner<'_>,
        judgement: &mut Judgement,
    ) -> Result<Option<(String, Notice)>, Error> {
        let effect = self.effect(runner, judgement);
        judgement.conclude_again(runner.client)?;
        Ok(self.answer(effect, judgement).map(|said| {
            let to = vec![self.commander.login.to_owned()];
            (self.key.clone(), Notice { to, said })
        }))
    }

    fn effect(&self, runner: &Runner<'_>, judgement: &mut Judgement) -> Effect {
        if self.edited {
            let why = "the comment was edited, so nobody knows who wrote what in it; write it anew";
            return Effect::Refused(why.to_owned());
        }
        let effect = match self.parsed {
            Err(error) => return Effect::Unclear(error.clone()),
            Ok(Command::Recheck) => return Effect::Silent,
            Ok(Command::Cancel) => return runner.cancel(judgement),
            Ok(Command::Unlock { flag }) => self.unlock(judgement, flag),
            Ok(Command::Override { flag, digest, reason, break_glass }) => {
                self.overrule(judgement, flag, digest, reason, *break_glass)
            }
        };
        effect.unwrap_or_else(Effect::Refused)
    }

    /// The answer, after the report was concluded again with the effect.
    fn answer(&self, effect: Effect, judgement: &Judgement) -> Option<NoticeCause> {
        let command = self.line.clone();
        Some(match effect {
            Effect::Silent => return None,
            Effect::Done(what) => NoticeCause::Done { command, what },
            Effect::Overridden { name, digest, break_glass } => {
                let report = judgement.outcome.as_ref().ok();
                let found = report.and_then(|report| {
                    report.overrides().into_iter().find(|one| one.digest == digest).map(|one| one.overridden.clone())
                });
                let due = found.as_ref().and_then(|one| one.debt.as_ref()).map(|debt| debt.due.clone());
                let what = if let Some(due) = due {
                    format!(
                        "the glass is broken for {}; somebody else has to approve exactly this by `{due}`",
                        whole_in_backticks(&name)
                    )
                } else if break_glass && found.is_none() {
                    format!(
                        "noted for {}; it takes effect when as many admins said so as the policy wants, and over no \
                         rejection",
                        whole_in_backticks(&name)
                    )
                } else if found.is_some() {
                    format!("two admins said so for {}", whole_in_backticks(&name))
                } else {
                    let line = format!("{} override {name} {} <reason>", command::PREFIX, binding(&digest));
                    format!(
                        "noted for {}; it takes effect when another admin writes `{line}`",
                        whole_in_backticks(&name)
                    )
                };
                NoticeCause::Done { command, what }
            }
            Effect::Refused(why) => NoticeCause::NotAllowed { command, why },
            Effect::Unclear(error) => NoticeCause::Mistaken { command, why: error.message, instead: error.help },
        })
    }

    /// Whether the author is an admin of the policy.
    fn admin(&self, judgement: &Judgement) -> Result<(), String> {
        match (&judgement.examination, &judgement.evidence) {
            (Some(examination), Some(evidence)) => examination.admin(self.commander.login, evidence),
            _ => Err("the base policy is invalid, so it names no admins".to_owned()),
        }
    }

    /// Passes over the holder of a flag's lock: at once for a switch-off, else if it has been idle long enough.
    fn unlock(&self, judgement: &mut Judgement, flag: &str) -> Result<Effect, String> {
        self.admin(judgement)?;
        let Ok(report) = &judgement.outcome else { return Err("nothing could be judged".to_owned()) };
        let locked =
            report.flags.iter().filter_map(|one| Some((one.id().to_string(), (one, one.locked_by.as_ref()?.pull))));
        let same = |(a, _): &(&FlagReport, u64), (b, _): &(&FlagReport, u64)| std::ptr::eq(*a, *b);
        let (_, (one, holder)) = named(locked, flag, "is locked", same)?;
        let holder = &holder;
        // Switching a live flag off, and nothing else, is not kept waiting by anybody's lock.
        let switch_off = one.switch_off.is_some_and(SwitchOff::is_alone);
        if !switch_off {
            let days = judgement.examination.as_ref().and_then(Examination::lock_after_days);
            idle_for(&judgement.facts, *holder, days)?;
        }
        // It may be held under more than one name, before and after a move. Another flag of its key is another one.
        let moved = judgement.digests.iter().filter(|(_, digest)| Some(digest) == one.digest.as_ref());
        let own: BTreeSet<String> = moved.map(|(name, _)| name.clone()).chain([one.id().to_string()]).collect();
        let held = judgement.evidence.iter().flat_map(|evidence| &evidence.open).filter(|open| open.pull == *holder);
        let names = held.flat_map(|open| open.touches.keys()).filter(|name| own.contains(*name));
        let (by, at) = (self.commander.login, &self.at);
        let passed: Vec<LockPassedOver> = names
            .map(|flag| LockPassedOver {
                flag: flag.clone(),
                pull: *holder,
                by: by.to_owned(),
                at: at.clone(),
                switch_off,
            })
            .collect();
        let holder = *holder;
        judgement.record.get_or_insert_default().passed_over.extend(passed);
        self.passed_over.set(Some(holder));
        Ok(Effect::Done(format!("#{holder} is passed over for {flag}")))
    }

    /// Notes that an admin overrides the approvals of exactly this content of a flag.
    fn overrule(
        &self,
        judgement: &mut Judgement,
        flag: &str,
        digest: &str,
        reason: &str,
        break_glass: bool,
    ) -> Result<Effect, String> {
        match (&judgement.examination, &judgement.evidence) {
            (Some(examination), Some(evidence)) if break_glass => {
                examination.may_break_glass(self.commander.login, evidence)?;
                if flag == POLICY {
                    return Err(
                        "a change of the policy takes its approvals, or two admins who override them".to_owned()
                    );
                }
            }
            _ => self.admin(judgement)?,
        }
        let (name, whole) = named(judgement.digests.iter().cloned(), flag, "awaits approval", String::eq)?;
        if !stands_for(digest, &whole) {
            return Err(format!(
                "{} has another digest now, since its content or the base changed; read what the comment displays now, \
                 and copy the digest from there",
                whole_in_backticks(&name)
            ));
        }
        let login = self.commander.login;
        let record = judgement.record.get_or_insert_default();
        record.overrides.retain(|one| {
            !(one.login.eq_ignore_ascii_case(login) && whole.starts_with(&one.digest) && one.break_glass == break_glass)
        });
        record.overrides.push(Override {
            login: login.to_owned(),
            at: self.at.clone(),
            // All of it: another change that begins with the same digits was not overridden.
            digest: whole.clone(),
            reason: reason.to_owned(),
            break_glass,
        });
        Ok(Effect::Overridden { name, digest: whole, break_glass })
    }
}

/// Checks that the holder of a lock has been idle for as long as the policy wants.
fn idle_for(facts: &PullFacts, holder: u64, days: Option<u32>) -> Result<(), String> {
    let Some(days) = days else {
        let why = "the configuration has no `lock: {after: …}`, so no holder may be passed over but by switching the \
                   flag off";
        return Err(why.to_owned());
    };
    let updated = facts.open.iter().find(|other| other.number == holder).map(|other| &other.updated_at);
    let idle = updated.and_then(|at| Some((instant(&facts.now)? - instant(at)?).num_days()));
    let idle = idle.ok_or_else(|| format!("how long #{holder} has been idle is not known"))?;
    if idle < i64::from(days) {
        return Err(format!(
            "#{holder} has been idle for {}, and only after {} may it be passed over",
            counted(idle, "day"),
            counted(days, "day")
        ));
    }
    Ok(())
}

/// Flags that the answer to a refused command lists.
const LISTED: usize = 5;

/// The one flag that a command names, by `project/key` or by a key that no other flag here has. `same` says whether two
/// names are of one flag, as those before and after a move are.
///
/// # Errors
/// That there is none or more than one, with the names to write.
fn named<T>(
    all: impl Iterator<Item = (String, T)>,
    given: &str,
    what: &str,
    same: impl Fn(&T, &T) -> bool,
) -> Result<(String, T), String> {
    let mut all: Vec<(String, T)> = all.collect();
    if let Some(at) = all.iter().position(|(name, _)| name == given) {
        return Ok(all.swap_remove(at));
    }
    let list = |names: Vec<&str>| {
        let more = names.len().saturating_sub(LISTED);
        let more = crate::diagnostics::words::and_more(more);
        format!("{}{more}", names.into_iter().take(LISTED).map(whole_in_backticks).collect::<Vec<_>>().join(", "))
    };
    // Only the first `/` ends the project.
    let of_key = |name: &str| name.split_once('/').is_some_and(|(_, key)| key == given);
    let meant: Vec<&(String, T)> = all.iter().filter(|(name, _)| of_key(name)).collect();
    if meant.is_empty() {
        let names = list(all.iter().map(|(name, _)| name.as_str()).collect());
        let there = if names.is_empty() { "there is none".to_owned() } else { format!("there are: {names}") };
        return Err(format!("no flag here that {what} is named {}; {there}", in_backticks(given)));
    }
    if meant.iter().any(|(_, one)| meant.iter().any(|(_, other)| !same(one, other))) {
        let names = list(meant.iter().map(|(name, _)| name.as_str()).collect());
        return Err(format!(
            "{} is the key of several flags here, each of which {what}; write one of {names}",
            in_backticks(given)
        ));
    }
    let at = all.iter().position(|(name, _)| of_key(name));
    at.map(|at| all.swap_remove(at)).ok_or_else(|| format!("no flag here is named {}", in_backticks(given)))
}
