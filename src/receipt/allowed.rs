//! Allowance: whether those whom a receipt names could approve, override or break the glass under the policy of then.
//!
//! In: what git knows of a merge, and its receipt. Out: sentences about who could not. It refuses to take a receipt's
//! word for what the policy says. Not taken: members of a team that the configuration doesn't list, of whom only the
//! forge knew.

use std::collections::{BTreeMap, BTreeSet};

use super::audit::reported;
use super::make::MergeFacts;
use super::statement::{Consent, Receipt, ReceiptDebt, ReceiptOutcome, ReceiptPayment, ReceiptRequirement};
use crate::changes::served::ServedChange;
use crate::diagnostics::words::short;
use crate::document::date::instant;
use crate::policy::{Approver, Policy};
use crate::report::{Mode, Requirement, Side};
use crate::review::POLICY;

/// Approvers whom a receipt names and who could not be under the policy of then, and which requirements they don't
/// fill.
pub(super) fn not_allowed(facts: &MergeFacts, receipt: &Receipt) -> Vec<String> {
    let mut found = Vec::new();
    let mut look = |name: &str, requirements: &[Requirement], consent: &Consent| match consent.outcome {
        ReceiptOutcome::Approved => found.extend(not_filled(facts, name, requirements, &consent.requirements)),
        ReceiptOutcome::Overridden => {
            let by = overriders(consent);
            if by.len() < 2 {
                found.push(format!("an override of {name} takes two admins"));
            }
            for login in by.iter().filter(|login| !is_admin(&facts.base_policy, login)) {
                found.push(format!("@{login} was no admin under the policy of then, and overrode {name}"));
            }
        }
        ReceiptOutcome::Debt => {
            found.extend(not_broken(facts, name, consent, &receipt.made_at));
            if let Some(paid) = consent.debt().and_then(|debt| debt.paid.as_ref()) {
                found.extend(not_filled(facts, name, requirements, &paid.requirements));
                found.extend(not_any_more(facts, name, paid));
            }
        }
        ReceiptOutcome::Free | ReceiptOutcome::Unknown | ReceiptOutcome::Unapproved => {}
    };
    for flag in &receipt.flags {
        let by_policy = |served: &&ServedChange| served.by_policy && served.name == flag.name;
        if facts.served.iter().any(|served| by_policy(&served)) {
            look(&flag.name, &facts.report.policy.requirements, &flag.consent);
        } else if let Some(reported) = reported(facts, &flag.name) {
            look(&flag.name, &reported.requirements, &flag.consent);
        }
    }
    if let Some(consent) = &receipt.policy.consent {
        look(POLICY, &facts.report.policy.requirements, consent);
    }
    found
}

fn overriders(consent: &Consent) -> BTreeSet<String> {
    let by = consent.overridden.iter().flat_map(|one| &one.by);
    by.map(|login| login.to_ascii_lowercase()).collect()
}

/// Requirements that the approvers whom a receipt names don't fill.
fn not_filled(facts: &MergeFacts, name: &str, required: &[Requirement], given: &[ReceiptRequirement]) -> Vec<String> {
    let mut found = Vec::new();
    // Where a bound looks back, the requirement rests on the day on which it was judged.
    if facts.base_policy.config.days_looked_back().next().is_some() {
        return found;
    }
    if given.len() != required.len() {
        return vec![format!("its receipt has other requirements of {name} than the policy of then")];
    }
    for (requirement, given) in required.iter().zip(given) {
        let who: BTreeSet<String> = given.approved_by.iter().map(|one| one.to_ascii_lowercase()).collect();
        if requirement.from != given.from
            || requirement.required != given.required
            || (who.len() as u64) < u64::from(requirement.required)
        {
            found.push(format!("its receipt has other requirements of {name} than the policy of then"));
        }
        for login in who.iter().filter(|login| !could(facts, requirement, login)) {
            found.push(format!("@{login} could not approve {name} under the policy of then"));
        }
    }
    found
}

/// People who paid a debt and could not approve it under the policy that the branch had then.
fn not_any_more(facts: &MergeFacts, name: &str, paid: &ReceiptPayment) -> Vec<String> {
    let short = short(&paid.under);
    let (Some(flag), Some(later)) =
        (reported(facts, name), facts.later.iter().find(|later| later.commit == paid.under))
    else {
        return vec![format!("the debt of {name} is paid under the policy of {short}, which can't be read")];
    };
    let who: BTreeSet<&String> = paid.approvals.iter().map(|one| &one.login).collect();
    let left = who.into_iter().filter(|login| !later.lets_approve(flag, login, None));
    left.map(|login| format!("@{login} could not approve {name} under the policy of {short}, and paid its debt"))
        .collect()
}

/// Why the glass could not be broken like that under the policy of then.
fn not_broken(facts: &MergeFacts, name: &str, consent: &Consent, made_at: &str) -> Vec<String> {
    let rules = [Some(&facts.base_policy), facts.proposed.as_ref()].into_iter().flatten();
    let rules = rules.map(|policy| policy.config.break_glass).collect::<Option<Vec<_>>>();
    let Some(rules) = rules.filter(|_| name != POLICY) else {
        return vec![format!("the glass could not be broken for {name} under the policy of then")];
    };
    let mut found = Vec::new();
    let by = overriders(consent);
    let people = rules.iter().map(|one| one.people).max().unwrap_or(1);
    if (by.len() as u64) < u64::from(people) {
        found.push(format!("breaking the glass for {name} took more people under the policy of then"));
    }
    for login in by.iter().filter(|login| !is_admin(&facts.base_policy, login)) {
        found.push(format!("@{login} was no admin under the policy of then, and broke the glass for {name}"));
    }
    let days = rules.iter().map(|one| i64::from(one.days)).min().unwrap_or(0);
    let late = |debt: &ReceiptDebt| {
        let (at, due, made) = (instant(&debt.at)?, instant(&debt.due)?, instant(made_at)?);
        Some(due > at + chrono::TimeDelta::days(days) || at > made)
    };
    if consent.debt().and_then(late) != Some(false) {
        found.push(format!("the debt of {name} is due later than the policy of then says"));
    }
    found
}

/// Whether somebody could fill a place of a requirement of a merge.
fn could(facts: &MergeFacts, requirement: &Requirement, login: &str) -> bool {
    let policy = match requirement.policy {
        Side::Base => &facts.base_policy,
        Side::Proposed => facts.proposed.as_deref().unwrap_or(&facts.base_policy),
    };
    PolicyReach { policy, teams: None }.could(requirement, login)
}

fn is_admin(policy: &Policy, login: &str) -> bool {
    PolicyReach { policy, teams: None }.is_admin(login)
}

/// The people whom a policy names, with the members of teams that it does not list, where those are known. Where they
/// are not, the word of a receipt counts.
#[derive(Clone, Copy)]
pub(super) struct PolicyReach<'p> {
    pub policy: &'p Policy,
    pub teams: Option<&'p BTreeMap<String, Vec<String>>>,
}

impl PolicyReach<'_> {
    /// Whether somebody could fill a place of a requirement.
    pub fn could(self, requirement: &Requirement, login: &str) -> bool {
        let among = |name: &str| Approver::parse(name).is_ok_and(|approver| self.is(&approver, login));
        requirement.mode == Mode::Peer || requirement.from.iter().any(|name| among(name)) || self.is_admin(login)
    }

    pub fn is_admin(self, login: &str) -> bool {
        self.policy.config.admins.iter().any(|admin| self.is(admin, login))
    }

    fn is(self, approver: &Approver, login: &str) -> bool {
        let listed = |members: &[String]| members.iter().any(|member| member.eq_ignore_ascii_case(login));
        match (approver, self.policy.config.teams.get(approver), self.teams) {
            (Approver::User(name), ..) => name.eq_ignore_ascii_case(login),
            (Approver::Team(_), Some(members), _) => listed(members),
            (Approver::Team(_), None, Some(teams)) => teams.get(&approver.to_string()).is_some_and(|it| listed(it)),
            (Approver::Team(_), None, None) => true,
        }
    }
}
