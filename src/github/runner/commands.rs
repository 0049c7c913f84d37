//! Commands in comments: read again, checked, done, answered.

use super::{Outcome, Relay, Spoken};
use crate::approval::digest::short;
use crate::approval::evidence::Override;
use crate::document::shape::instant;
use crate::github::command::{self, Command};
use crate::github::event::Trigger;
use crate::github::judge::{Judgement, Speaker};
use crate::github::record::Passed;
use crate::render::{Notice, Said};

impl Relay<'_> {
    /// Does what a comment says, if whoever wrote it may.
    pub(crate) fn command(&self, pull: u64, comment: u64, node: &str, outcome: &mut Outcome) {
        let spoken = match self.client.spoken(node, pull) {
            Ok(spoken) => spoken,
            Err(fault) => return outcome.add(Some(pull), Err(fault.into())),
        };
        let Some(author) = spoken.author.filter(crate::github::facts::Account::is_person) else {
            outcome.said.push("a command of nobody we know is no command".to_owned());
            return;
        };
        let Some(parsed) = command::parse(&spoken.body) else {
            outcome.said.push("the comment holds no command any more".to_owned());
            return;
        };
        let login = author.login;
        let permission = match self.client.permission(&login) {
            Ok(permission) => permission.unwrap_or_default(),
            Err(fault) => return outcome.add(Some(pull), Err(fault.into())),
        };
        // Strangers get no answer: each would be a comment that anyone can make us write.
        if !matches!(permission.as_str(), "write" | "maintain" | "admin") {
            outcome.said.push(format!("`{login}` has no write access, so the command is left alone"));
            return;
        }
        let line: String = spoken.body.lines().next().unwrap_or_default().chars().take(200).collect();
        let tell = |said| Some(Notice { to: login.clone(), said });
        let (command, edited) = (line.clone(), !spoken.unedited);
        let passed = std::cell::Cell::new(None);
        let answer = |judgement: &mut Judgement| -> Option<Notice> {
            let command = command.clone();
            let refuse = |why: &str| tell(Said::NotAllowed { command: command.clone(), why: why.to_owned() });
            if edited {
                return refuse("the comment was edited, so nobody knows who wrote what in it; write it anew");
            }
            match &parsed {
                Err(mistake) => {
                    tell(Said::Mistaken { command, why: mistake.message.clone(), instead: mistake.remedy.clone() })
                }
                Ok(Command::Recheck) => None,
                Ok(Command::Cancel) => tell(self.cancel(judgement, command)),
                Ok(Command::Unlock { flag }) => match unlock(judgement, &login, &spoken.at, flag) {
                    Ok(holder) => {
                        passed.set(Some(holder));
                        tell(Said::Done { command, what: format!("#{holder} is passed over for {flag}") })
                    }
                    Err(why) => refuse(&why),
                },
                Ok(Command::Override { digest, reason }) => {
                    match overrule(judgement, &login, &spoken.at, digest, reason) {
                        Ok(what) => tell(Said::Done { command, what }),
                        Err(why) => refuse(&why),
                    }
                }
            }
        };
        let speaker = Speaker { login: &login, permission: &permission };
        let spoken = Spoken { speaker, key: format!("command {comment}"), answer: &answer };
        self.one(pull, None, Some(&spoken), outcome);
        match &parsed {
            // What a token of a workflow does triggers no workflow: those that waited are looked at here.
            Ok(Command::Cancel) => match self.client.facts(pull) {
                Ok(facts) => {
                    self.release(&Trigger::of(pull), &facts, facts.outline.draft, &[], outcome);
                }
                Err(fault) => outcome.add(Some(pull), Err(fault.into())),
            },
            // Whoever is passed over is locked from now on.
            Ok(Command::Unlock { .. }) => {
                if let Some(holder) = passed.get() {
                    self.one(holder, None, None, outcome);
                }
            }
            Ok(Command::Recheck | Command::Override { .. }) | Err(_) => {}
        }
    }

    fn cancel(&self, judgement: &mut Judgement, command: String) -> Said {
        if self.dry || judgement.facts.outline.draft {
            return Said::Done { command, what: "this is a draft: nobody is asked, and it holds no flag".to_owned() };
        }
        match self.client.mutate("ToDraft", &serde_json::json!({ "id": judgement.facts.outline.node })) {
            Ok(_) => {
                judgement.facts.outline.draft = true;
                Said::Done { command, what: "this is a draft now: nobody is asked, and it holds no flag".to_owned() }
            }
            Err(fault) => Said::NotAllowed {
                command,
                why: format!("GitHub made no draft of it ({}); close the pull request instead", fault.words().0),
            },
        }
    }
}

fn admin(judgement: &Judgement, login: &str) -> Result<(), String> {
    match (&judgement.examination, &judgement.evidence) {
        (Some(examination), Some(evidence)) => examination.admin(login, evidence),
        _ => Err("the base policy does not hold, so it names no admins".to_owned()),
    }
}

/// Passes over a holder that has been idle long enough, and says which that is.
fn unlock(judgement: &mut Judgement, login: &str, at: &str, flag: &str) -> Result<u64, String> {
    admin(judgement, login)?;
    let days = judgement.examination.as_ref().and_then(crate::review::Examination::lock_after_days);
    let Some(days) = days else {
        return Err("the configuration has no `lock: {after: …}`, so no holder may be passed over".to_owned());
    };
    let Ok(report) = &judgement.outcome else { return Err("nothing could be judged".to_owned()) };
    let named = |one: &&crate::report::FlagReport| format!("{}/{}", one.project, one.key) == flag || one.key == flag;
    let locked: Vec<_> = report.flags.iter().filter(named).filter(|one| one.locked_by.is_some()).collect();
    let [one] = locked.as_slice() else {
        return Err(format!("{} flags that are locked here go by `{flag}`", locked.len()));
    };
    let holder = one.locked_by.as_ref().map(|holder| holder.pull).unwrap_or_default();
    let idle = judgement
        .facts
        .open
        .iter()
        .find(|other| other.number == holder)
        .and_then(|other| Some((instant(&judgement.facts.now)? - instant(&other.updated_at)?).num_days()));
    let idle = idle.ok_or_else(|| format!("how long #{holder} has been idle is not known"))?;
    if idle < i64::from(days) {
        return Err(format!("#{holder} has been idle for {idle} days, and only after {days} may it be passed over"));
    }
    // It may be held under more than one name, before and after a move.
    let names = judgement.evidence.iter().flat_map(|evidence| &evidence.open).filter(|open| open.pull == holder);
    let names: Vec<String> = names.flat_map(|open| open.touches.keys().cloned()).collect();
    // A key may hold a `/`: only the first one ends the project.
    let same = |name: &String| name.split_once('/').is_some_and(|(_, held)| held == one.key);
    let passed = names.into_iter().filter(same);
    let passed: Vec<Passed> =
        passed.map(|flag| Passed { flag, pull: holder, by: login.to_owned(), at: at.to_owned() }).collect();
    judgement.record.get_or_insert_default().passed.extend(passed);
    Ok(holder)
}

/// Notes that an admin lets exactly this through.
fn overrule(judgement: &mut Judgement, login: &str, at: &str, digest: &str, reason: &str) -> Result<String, String> {
    admin(judgement, login)?;
    let about: Vec<String> = judgement
        .digests
        .iter()
        .filter(|(_, whole)| whole.starts_with(digest))
        .map(|(_, whole)| whole.clone())
        .collect();
    let Some(whole) = about.first() else {
        return Err(format!("nothing here has the digest {} now; it may have changed since", short(digest)));
    };
    let record = judgement.record.get_or_insert_default();
    record.overrides.retain(|one| !(one.login.eq_ignore_ascii_case(login) && whole.starts_with(&one.digest)));
    record.overrides.push(Override {
        login: login.to_owned(),
        at: at.to_owned(),
        // All of it: another change that begins with the same digits was not overridden.
        digest: whole.clone(),
        reason: reason.to_owned(),
    });
    let others = record.overrides.iter().filter(|one| whole.starts_with(&one.digest)).count();
    Ok(if others < 2 {
        format!("noted; it takes effect when another admin writes the same for {}", short(whole))
    } else {
        format!("two admins said so for {}", short(whole))
    })
}
