//! What the requestor is told, once each, by a comment of its own.
//!
//! In: the report and the facts. Out: notices, each with what it goes by, which its comment bears in a line that nobody
//! sees. It refuses to remember a notice that nobody has seen: only what stands there was told, so that a run that is
//! cut short is made up for. Not taken: noting it in the approval record before it is posted, which loses it then.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Facts;
use super::plan::{POLICY, flag_name, overridden};
use crate::render::{self, Notice, Said};
use crate::report::{Report, Verdict};

/// How the line begins and ends by which a notice is known.
const OPEN: &str = "<!-- countersign/told ";
const CLOSE: &str = " -->";

/// A notice with the line it is known by.
#[must_use]
pub fn marked(text: &str, key: &str) -> String {
    format!("{}\n{OPEN}{key}{CLOSE}", text.trim_end())
}

/// What a comment of ours goes by, if it is a notice.
#[must_use]
pub fn key_of(body: &str) -> Option<&str> {
    body.lines().next_back()?.strip_prefix(OPEN)?.strip_suffix(CLOSE)
}

/// What the requestor has to know, each with what it goes by: approvals and rejections that count, locks, overrides.
pub(super) fn news(report: &Report, facts: &Facts) -> Vec<(String, Notice)> {
    let mut news = Vec::new();
    let tell = |said| Notice { to: facts.author().to_owned(), said };
    let every = || report.flags.iter().map(|flag| (flag_name(flag), &flag.requirements));
    let policy = (!report.policy.requirements.is_empty()).then(|| (POLICY.to_owned(), &report.policy.requirements));
    let all: Vec<_> = every().chain(policy).collect();
    let mut people: BTreeMap<&str, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for (name, requirements) in &all {
        for requirement in *requirements {
            for login in &requirement.approved_by {
                people.entry(login).or_default().0.insert(name.clone());
            }
            for login in &requirement.rejected_by {
                people.entry(login).or_default().1.insert(name.clone());
            }
        }
    }
    for (login, (approved, rejected)) in people {
        // A review is told of once, whatever becomes of it later.
        let review = facts.reviews.iter().rev().find(|review| {
            review.author.as_ref().is_some_and(|author| author.is_person() && author.login.eq_ignore_ascii_case(login))
        });
        let Some(review) = review else { continue };
        if !approved.is_empty() {
            let said = Said::Approved {
                by: login.to_owned(),
                flags: approved.into_iter().collect(),
                still: render::pending_reviewers(report),
            };
            news.push((format!("approved {}", review.id), tell(said)));
        }
        if !rejected.is_empty() {
            let said = Said::Rejected { by: login.to_owned(), flags: rejected.into_iter().collect() };
            news.push((format!("rejected {}", review.id), tell(said)));
        }
    }
    for flag in &report.flags {
        let Some(holder) = &flag.locked_by else { continue };
        if flag.verdict == Verdict::Locked {
            let said = Said::Locked {
                flag: flag_name(flag),
                pull: holder.pull,
                requestor: holder.requestor.clone(),
                days: holder.days,
            };
            news.push((format!("locked {} {}", flag_name(flag), holder.pull), tell(said)));
        }
    }
    for (name, digest, one) in overridden(report) {
        let key = format!("overridden {name} {digest}");
        let said = Said::Overridden {
            by: one.by.clone(),
            flags: vec![name],
            digest: digest.to_owned(),
            reason: one.reason.clone(),
        };
        news.push((key, tell(said)));
    }
    news
}
