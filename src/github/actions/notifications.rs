//! Notifications of the requestor: approvals, rejections, locks and overrides, each in a comment of its own, once.
//!
//! In: the report and the facts. Out: notifications, each with a key, which its comment bears in a line that nobody
//! sees. It refuses to take a notification for given before its comment is seen to be there, so that the next run makes
//! up for one that was cut short, and to take a comment for it that bears its key and does not say it: other workflows
//! write in our name, some of them what a stranger hands them. Not taken: noting it in the approval record before the
//! comment is written, which loses it then.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, PlanInput};
use crate::github::facts::{Comment, PullFacts};
use crate::github::fingerprint::short_digest;
use crate::github::record::words;
use crate::render::phrases::{THE_POLICY, override_name};
use crate::render::{self, Notice, NoticeCause};
use crate::report::{FlagReport, Freed, Report, Verdict};

/// How the line with the key begins and ends.
const OPEN: &str = "<!-- countersign/notification/v1 ";
const CLOSE: &str = " -->";

/// How many approvers are notified at most that a flag is switched off or restored.
const MOST_NOTIFIED: usize = 10;

/// The key and the words of a comment of ours, if it is a notification that nobody else has edited.
#[must_use]
pub fn notice_in(comment: &Comment) -> Option<(String, String)> {
    let (text, last) = comment.body.trim_end().rsplit_once('\n').filter(|_| comment.untouched)?;
    Some((last.strip_prefix(OPEN)?.strip_suffix(CLOSE)?.to_owned(), words(text)))
}

/// The notifications that were not given yet, and the answer to a command.
pub(super) fn plan(input: &PlanInput<'_>) -> Vec<Action> {
    let all = due(input).into_iter().filter(|(key, notice)| {
        let recorded = input.record.is_some_and(|record| record.notified.contains(key));
        !recorded && !is_there(input.facts, key, notice)
    });
    all.map(|(key, notice)| {
        let body = format!("{}\n{OPEN}{key}{CLOSE}", render::notice(&notice).trim_end());
        Action::Notify { body }
    })
    .collect()
}

/// The keys of the notifications that are seen to be there.
pub(super) fn given(input: &PlanInput<'_>) -> Vec<String> {
    let there = due(input).into_iter().filter(|(key, notice)| is_there(input.facts, key, notice));
    there.map(|(key, _)| key).collect()
}

/// Whether a comment of ours bears the key and says what the notification says.
fn is_there(facts: &PullFacts, key: &str, notice: &Notice) -> bool {
    let (to, gist) = render::notice_gist(notice);
    let gist = words(&gist);
    facts.notices.iter().any(|(known, text)| known == key && text.starts_with(&to) && text.contains(&gist))
}

/// All notifications there should be, by key.
fn due(input: &PlanInput<'_>) -> Vec<(String, Notice)> {
    let reported = input.report().map(|report| of(report, input.facts)).unwrap_or_default();
    input.answer.iter().cloned().chain(reported).map(|(key, notice)| (short_digest(&key), notice)).collect()
}

/// All notifications of a report, each with its key.
fn of(report: &Report, facts: &PullFacts) -> Vec<(String, Notice)> {
    let to = |said| Notice { to: vec![facts.requestor().to_owned()], said };
    let mut all: Vec<(String, Notice)> =
        reviews(report, facts).into_iter().map(|(key, said)| (key, to(said))).collect();
    for flag in &report.flags {
        let Some(holder) = flag.locked_by.as_ref().filter(|_| flag.verdict == Verdict::Locked) else { continue };
        let said = NoticeCause::Locked {
            flag: flag.id().to_string(),
            pull: holder.pull,
            requestor: holder.requestor.clone(),
            days: holder.days,
        };
        all.push((format!("locked {} {}", flag.id(), holder.pull), to(said)));
    }
    all.extend([Freed::SwitchOff, Freed::Restore].into_iter().filter_map(|how| freed(how, report, facts)));
    for counted in report.overrides() {
        let (name, digest, one) = (override_name(&counted), counted.digest, counted.overridden);
        let (by, flags, reason) = (one.by.clone(), vec![name.clone()], one.reason.clone());
        let digest = digest.to_owned();
        if let Some(debt) = &one.debt {
            let key = format!("glass broken {name} {digest}");
            let said = NoticeCause::GlassBroken { by, flags, digest, reason, due: debt.due.clone() };
            // The people who have to approve it afterwards are notified at once.
            let flag = report.flags.iter().find(|flag| Some(flag.id()) == counted.flag);
            let approvers = flag.into_iter().flat_map(|flag| flag.requirements.iter().flat_map(|one| &one.from));
            let approvers = approvers.map(|name| name.trim_start_matches('@').to_owned());
            let who: BTreeSet<String> = approvers.chain([facts.requestor().to_owned()]).collect();
            all.push((key, Notice { to: who.into_iter().take(MOST_NOTIFIED).collect(), said }));
            continue;
        }
        let key = format!("overridden {name} {digest}");
        all.push((key, to(NoticeCause::Overridden { by, flags, digest, reason })));
    }
    all
}

/// The notification of the approvers whose flags are switched off or restored without them: once for the same flags,
/// and not while the request is a draft, which nobody can merge.
fn freed(how: Freed, report: &Report, facts: &PullFacts) -> Option<(String, Notice)> {
    let all: Vec<&FlagReport> = report.flags.iter().filter(|flag| flag.freed == Some(how)).collect();
    let flags: Vec<String> = all.iter().map(|flag| flag.id().to_string()).collect();
    let names: BTreeSet<&str> =
        all.iter().flat_map(|flag| &flag.notified).map(|name| name.trim_start_matches('@')).collect();
    let others = names.into_iter().filter(|name| !name.eq_ignore_ascii_case(facts.requestor()));
    let to: Vec<String> = others.take(MOST_NOTIFIED).map(str::to_owned).collect();
    if facts.outline.draft || to.is_empty() {
        return None;
    }
    let key = match how {
        Freed::SwitchOff => "switched off",
        Freed::Restore => "restored",
    };
    let key = format!("{key} {}", flags.join(" "));
    Some((key, Notice { to, said: NoticeCause::Freed { how, flags, by: facts.requestor().to_owned() } }))
}

/// The approvals and rejections that count. A review is notified once, whatever becomes of it later.
fn reviews(report: &Report, facts: &PullFacts) -> Vec<(String, NoticeCause)> {
    let flags = report.flags.iter().map(|flag| (flag.id().to_string(), &flag.requirements));
    let all = flags.chain([(THE_POLICY.to_owned(), &report.policy.requirements)]);
    let mut people: BTreeMap<&str, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for (name, requirement) in all.flat_map(|(name, all)| all.iter().map(move |one| (name.clone(), one))) {
        for login in &requirement.approved_by {
            people.entry(login).or_default().0.insert(name.clone());
        }
        for login in &requirement.rejected_by {
            people.entry(login).or_default().1.insert(name.clone());
        }
    }
    let mut all = Vec::new();
    for (login, (approved, rejected)) in people {
        let review = facts.reviews.iter().rev().find(|review| {
            review.author.as_ref().is_some_and(|author| author.is_person() && author.login.eq_ignore_ascii_case(login))
        });
        let Some(review) = review else { continue };
        if !approved.is_empty() {
            let flags = approved.into_iter().collect();
            let said = NoticeCause::Approved { by: login.to_owned(), flags, still: render::pending_reviewers(report) };
            all.push((format!("approved {}", review.id), said));
        }
        if !rejected.is_empty() {
            let said = NoticeCause::Rejected { by: login.to_owned(), flags: rejected.into_iter().collect() };
            all.push((format!("rejected {}", review.id), said));
        }
    }
    all
}
