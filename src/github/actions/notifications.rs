//! Notifications of the requestor: approvals, rejections, locks and overrides, each in a comment of its own, once.
//!
//! In: the report and the facts. Out: notifications, each with a key, which its comment bears in a line that nobody sees.
//! It refuses to take a notification for given before its comment is seen to be there, so that the next run makes up for
//! one that was cut short. Not taken: noting it in the approval record before the comment is written, which loses it then.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, POLICY, PlanInput, flag_name, overrides};
use crate::github::facts::PullFacts;
use crate::github::fingerprint::short_digest;
use crate::render::{self, Notice, Said};
use crate::report::{FlagReport, Report, Verdict};

/// How the line with the key begins and ends.
const OPEN: &str = "<!-- countersign/notification/v1 ";
const CLOSE: &str = " -->";

/// How many approvers are told at most that a flag is switched off.
const MOST_TOLD: usize = 10;

/// The key of a comment of ours, if it is a notification.
#[must_use]
pub fn key_of(body: &str) -> Option<&str> {
    body.lines().next_back()?.strip_prefix(OPEN)?.strip_suffix(CLOSE)
}

/// The notifications that were not given yet, and the answer to a command.
pub(super) fn plan(input: &PlanInput<'_>) -> Vec<Action> {
    let mut all: Vec<(String, Notice)> = input.answer.iter().cloned().collect();
    if let Some(report) = input.report() {
        all.extend(of(report, input.facts));
    }
    let given = |key: &String| {
        input.facts.notified.contains(key) || input.record.is_some_and(|record| record.notified.contains(key))
    };
    let all = all.into_iter().map(|(key, notice)| (short_digest(&key), notice)).filter(|(key, _)| !given(key));
    all.map(|(key, notice)| {
        let body = format!("{}\n{OPEN}{key}{CLOSE}", render::notice(&notice).trim_end());
        Action::Notify { body }
    })
    .collect()
}

/// All notifications of a report, each with its key.
fn of(report: &Report, facts: &PullFacts) -> Vec<(String, Notice)> {
    let to = |said| Notice { to: vec![facts.requestor().to_owned()], said };
    let mut all: Vec<(String, Notice)> =
        reviews(report, facts).into_iter().map(|(key, said)| (key, to(said))).collect();
    for flag in &report.flags {
        let Some(holder) = flag.locked_by.as_ref().filter(|_| flag.verdict == Verdict::Locked) else { continue };
        let said = Said::Locked {
            flag: flag_name(flag),
            pull: holder.pull,
            requestor: holder.requestor.clone(),
            days: holder.days,
        };
        all.push((format!("locked {} {}", flag_name(flag), holder.pull), to(said)));
    }
    all.extend(switched_off(report, facts));
    for (name, digest, one) in overrides(report) {
        let said = Said::Overridden {
            by: one.by.clone(),
            flags: vec![name.clone()],
            digest: digest.to_owned(),
            reason: one.reason.clone(),
        };
        all.push((format!("overridden {name} {digest}"), to(said)));
    }
    all
}

/// The notification of the approvers whose flags are switched off without them: once for the same flags, and not while the
/// request is a draft, which nobody can merge.
fn switched_off(report: &Report, facts: &PullFacts) -> Option<(String, Notice)> {
    let free = |flag: &&FlagReport| flag.switch_off.is_some() && flag.digest.is_none();
    let off: Vec<&FlagReport> = report.flags.iter().filter(free).collect();
    let flags: Vec<String> = off.iter().map(|flag| flag_name(flag)).collect();
    let names: BTreeSet<&str> =
        off.iter().flat_map(|flag| &flag.notified).map(|name| name.trim_start_matches('@')).collect();
    let others = names.into_iter().filter(|name| !name.eq_ignore_ascii_case(facts.requestor()));
    let to: Vec<String> = others.take(MOST_TOLD).map(str::to_owned).collect();
    if facts.outline.draft || to.is_empty() {
        return None;
    }
    let key = format!("switched off {}", flags.join(" "));
    Some((key, Notice { to, said: Said::SwitchedOff { flags, by: facts.requestor().to_owned() } }))
}

/// The approvals and rejections that count. A review is notified once, whatever becomes of it later.
fn reviews(report: &Report, facts: &PullFacts) -> Vec<(String, Said)> {
    let flags = report.flags.iter().map(|flag| (flag_name(flag), &flag.requirements));
    let all = flags.chain([(POLICY.to_owned(), &report.policy.requirements)]);
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
            let said = Said::Approved { by: login.to_owned(), flags, still: render::pending_reviewers(report) };
            all.push((format!("approved {}", review.id), said));
        }
        if !rejected.is_empty() {
            let said = Said::Rejected { by: login.to_owned(), flags: rejected.into_iter().collect() };
            all.push((format!("rejected {}", review.id), said));
        }
    }
    all
}
