//! Review requests: the eligible approvers, once for the same content.

use std::collections::BTreeSet;

use super::{Action, PlanInput};
use crate::github::fingerprint::short_digest;
use crate::github::record::ApprovalRecord;
use crate::policy::Approver;
use crate::report::{Mode, Report, Requirement, Verdict};

/// How many reviews are requested at most.
const MOST_REVIEWERS: usize = 10;

/// The review request, if one is due: never on a draft or for an outsider, never if the requestor picked an eligible
/// reviewer, and never twice for the same content.
pub(super) fn plan(report: &Report, input: &PlanInput<'_>, record: &mut ApprovalRecord) -> Option<Action> {
    let facts = input.facts;
    if facts.outline.draft || !facts.outline.insider() || report.verdict != Verdict::Pending {
        return None;
    }
    let content: Vec<String> = input.digests.iter().map(|(name, digest)| format!("{name}={digest}")).collect();
    let content = short_digest(&content.join("\n"));
    if record.requested_for.as_ref() == Some(&content) {
        return None;
    }
    record.requested_for = Some(content);
    let eligible = eligible(report);
    let picked = |name: &String| eligible.iter().any(|one| one.eq_ignore_ascii_case(name));
    if facts.requested.iter().any(picked) {
        return None;
    }
    // A person who approved an earlier revision is requested once more.
    let responded: BTreeSet<&String> =
        requirements(report).flat_map(|one| one.approved_by.iter().chain(&one.rejected_by)).collect();
    let wanted = eligible.into_iter().filter(|name| {
        !name.eq_ignore_ascii_case(facts.requestor()) && !responded.iter().any(|one| one.eq_ignore_ascii_case(name))
    });
    let owner = facts.repository.split('/').next().unwrap_or_default();
    request(wanted.take(MOST_REVIEWERS), owner)
}

fn requirements(report: &Report) -> impl Iterator<Item = &Requirement> {
    report.flags.iter().flat_map(|flag| &flag.requirements).chain(&report.policy.requirements)
}

/// The approvers that open requirements name, without the `@`.
fn eligible(report: &Report) -> BTreeSet<&str> {
    requirements(report)
        .filter(|requirement| requirement.missing() > 0)
        .filter(|requirement| requirement.mode != Mode::Peer || !requirement.from.is_empty())
        .flat_map(|requirement| requirement.from.iter().map(|name| name.trim_start_matches('@')))
        .collect()
}

fn request<'n>(names: impl Iterator<Item = &'n str>, owner: &str) -> Option<Action> {
    let (mut users, mut teams) = (Vec::new(), Vec::new());
    for name in names {
        match Approver::parse(&format!("@{name}")) {
            Ok(Approver::User(login)) => users.push(login),
            // GitHub takes only teams of the repository's own organisation.
            Ok(Approver::Team(team)) => match team.split_once('/') {
                Some((org, slug)) if org.eq_ignore_ascii_case(owner) => teams.push(slug.to_owned()),
                _ => {}
            },
            Err(_) => {}
        }
    }
    (!(users.is_empty() && teams.is_empty())).then_some(Action::RequestReviews { users, teams })
}
