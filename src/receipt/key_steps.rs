//! Next steps where approvals are signed by key, in commands that exist without a forge.
//!
//! In: a report, the policies, the trust, and who wrote the proposal. Out: the [`KeySteps`]. It refuses to name a step
//! that leads nowhere: to ask people for an approval who have no key, or while no approval counts. Not taken: deciding
//! anything; the verdict is there.

use std::collections::BTreeSet;

use super::approval::KnownAuthors;
use crate::diagnostics::diagnostic::choice;
use crate::policy::{Approver, Policy, TRUST_PATH, Trust};
use crate::report::{KeyRequirement, KeySteps, Mode, Report, Requirement, Side};

/// The steps for a report on what is proposed under this name.
#[must_use]
pub fn key_steps(
    report: &Report,
    (base, proposed): (&Policy, Option<&Policy>),
    trust: &Trust,
    authors: &KnownAuthors,
) -> KeySteps {
    let mut steps = KeySteps { proposal: report.head.name.clone(), ..KeySteps::default() };
    let by_policy = report.policy.requirements.iter().map(|one| (one, true));
    let by_flag = report.flags.iter().flat_map(|flag| &flag.requirements).map(|one| (one, false));
    let missing: Vec<(&Requirement, bool)> =
        by_policy.chain(by_flag).filter(|(one, _)| one.missing() > 0 && one.rejected_by.is_empty()).collect();
    let policy_out_of_reach = base.policy_by_key(trust).is_empty() || trust.people.is_empty();
    if authors.logins.is_none() && !missing.is_empty() {
        steps.first.push(unknown_author(report, trust));
        steps.out_of_reach = missing.iter().map(|(one, _)| KeyRequirement::of(one)).collect();
    }
    let wrote: BTreeSet<String> = authors.logins.iter().flatten().map(|login| login.to_ascii_lowercase()).collect();
    for (one, _) in &missing {
        let policy = match one.policy {
            Side::Base => base,
            Side::Proposed => proposed.unwrap_or(base),
        };
        let from: Vec<Approver> = one.from.iter().filter_map(|name| Approver::parse(name).ok()).collect();
        let able = policy.by_key(trust, &from, one.mode == Mode::Peer);
        let left = able.iter().filter(|login| !wrote.contains(*login) && !one.approved_by.contains(*login)).count();
        if left >= usize::try_from(one.missing()).unwrap_or(usize::MAX) {
            continue;
        }
        let teams = policy.unlisted(&from);
        let step = if teams.is_empty() {
            let people = if from.is_empty() {
                "the people who may approve this".to_owned()
            } else {
                choice(one.from.iter().map(String::as_str))
            };
            format!(
                "put a key of {people} who did not write this under `approvers` of {TRUST_PATH}, in a proposal of its \
                 own"
            )
        } else {
            let names = choice(teams.iter().map(String::as_str));
            format!(
                "list the members of {names} under `teams` of .countersign/config.yaml, and their keys in \
                 {TRUST_PATH}, in a proposal of its own"
            )
        };
        if !steps.first.contains(&step) {
            steps.first.push(step);
        }
        steps.out_of_reach.push(KeyRequirement::of(one));
    }
    steps.stuck = policy_out_of_reach && missing.iter().any(|(_, of_policy)| *of_policy);
    if policy_out_of_reach && !steps.out_of_reach.is_empty() {
        steps.first = vec![
            "have an administrator of the server bring in what is missing: by key nobody can approve a change of this \
             policy, and `countersign lint` says why"
                .to_owned(),
        ];
    }
    steps
}

/// The step where nobody knows who wrote it.
fn unknown_author(report: &Report, trust: &Trust) -> String {
    let people = format!("under `people` of {TRUST_PATH}");
    let anew = format!(
        "make the commits anew under an address {people}: `git rebase {} --exec 'git commit --amend --no-edit \
         --reset-author'`",
        report.base.name
    );
    if trust.people.is_empty() {
        return format!("give the addresses of those who contribute to them {people}");
    }
    format!("{anew}, or give the address that is not known to somebody {people}, in a proposal of its own")
}
