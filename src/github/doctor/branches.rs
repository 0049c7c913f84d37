//! The checks of branches, of the policy on them, and of what the token can read.

use std::collections::BTreeSet;

use super::checks::CheckResult;
use super::ladder::again;
use super::settings::{Branch, Known, StatusSource};
use super::{Inspection, Severity};
use crate::github::client::RESERVE;
use crate::report::doctor::Fix;

fn each(inspection: &Inspection<'_>, look: impl Fn(&Branch) -> Vec<CheckResult>) -> Vec<CheckResult> {
    let of = |branch: &Branch| look(branch).into_iter().map(|found| found.on(&branch.name)).collect::<Vec<_>>();
    inspection.settings.branches.iter().flat_map(of).collect()
}

/// The result for a setting that could not be read, and how to see it.
pub(super) fn unread(inspection: &Inspection<'_>, what: &str, why: &str) -> CheckResult {
    CheckResult::new(
        Severity::Unknown,
        format!("{what} cannot be read with this token: {why}"),
        format!("run `{}` as an administrator", again(inspection.settings)),
    )
}

pub(super) fn required(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    let rules = format!("{}/settings/rules", inspection.settings.page);
    each(inspection, |branch| {
        let context = branch.context();
        if let Some(why) = branch.tip.unread() {
            let next = format!("check its name, or run `{}` as an administrator", again(inspection.settings));
            return vec![CheckResult::new(Severity::Unknown, format!("the branch cannot be read: {why}"), next)];
        }
        let mut found: Vec<CheckResult> =
            branch.unread().map(|why| unread(inspection, "part of the rules", why)).collect();
        let by: BTreeSet<&str> = branch.requirements().map(|one| one.by.as_str()).collect();
        if !by.is_empty() {
            found.push(CheckResult::ok(format!("`{context}` is required by {}", list(&by))));
        } else if found.is_empty() {
            let next = format!("require `{context}` in a ruleset: {rules}");
            found.push(CheckResult::new(Severity::Error, format!("`{context}` is not required"), next));
        }
        found
    })
}

pub(super) fn source(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    each(inspection, |branch| {
        let strongest = branch.requirements().max_by_key(|one| match one.source {
            StatusSource::Any => 0,
            StatusSource::Actions => 1,
            StatusSource::App(_) => 2,
        });
        let Some(required) = strongest else { return Vec::new() };
        let (context, page) = (&required.context, &required.page);
        vec![match required.source {
            StatusSource::Any => CheckResult::new(
                Severity::Error,
                format!("`{context}` is taken from any source, so anyone who may write can set it"),
                format!("choose its source in {}: {page}", required.by),
            ),
            StatusSource::Actions => CheckResult::new(
                Severity::Warning,
                format!("`{context}` is taken from GitHub Actions, so any workflow of this repository can set it"),
                format!("give the gate an App of its own and choose that as the source: {page}"),
            ),
            StatusSource::App(id) => CheckResult::ok(format!("`{context}` is taken from the App {id} alone")),
        }]
    })
}

pub(super) fn elsewhere(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    each(inspection, |branch| {
        let own = branch.context();
        let all = branch.rules().flat_map(|rules| &rules.required);
        let foreign = all.filter(|one| one.context != own && one.context.starts_with("countersign/"));
        foreign
            .map(|one| {
                CheckResult::new(
                    Severity::Error,
                    format!("{} requires `{}` here, and the gate sets `{own}` here", one.by, one.context),
                    format!("make a ruleset for each branch, with its own status: {}", one.page),
                )
            })
            .collect()
    })
}

pub(super) fn switched_off(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    match &inspection.settings.rulesets {
        Known::There(all) => all
            .iter()
            .filter(|ruleset| !ruleset.active() && ruleset.branches().next().is_some())
            .map(|ruleset| {
                CheckResult::new(
                    Severity::Warning,
                    format!(
                        "the ruleset `{}` would require the status, and is `{}`",
                        ruleset.name, ruleset.enforcement
                    ),
                    format!("set it to active: {}", ruleset.page),
                )
            })
            .collect(),
        Known::Absent => Vec::new(),
        Known::Unread(why) => vec![unread(inspection, "the list of rulesets", why)],
    }
}

pub(super) fn bypass(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    each(inspection, |branch| {
        branch
            .requirements()
            .map(|one| match &one.bypass {
                Known::Unread(why) => unread(inspection, &format!("who may bypass {}", one.by), why),
                Known::There(all) if !all.is_empty() => {
                    let wide = all.iter().any(|one| one.everyone);
                    let who: BTreeSet<&str> = all.iter().map(|one| one.who.as_str()).collect();
                    CheckResult::new(
                        if wide { Severity::Error } else { Severity::Warning },
                        format!("{} can be bypassed by {}", one.by, list(&who)),
                        format!("take them off the list of those who may: {}", one.page),
                    )
                }
                Known::There(_) | Known::Absent => CheckResult::ok(format!("nobody may bypass {}", one.by)),
            })
            .collect()
    })
}

pub(super) fn by_pull(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    let next =
        format!("add the rule `Require a pull request before merging`: {}/settings/rules", inspection.settings.page);
    each(inspection, |branch| {
        let found = branch.rules().map(|rules| rules.by_pull);
        match any(branch, found) {
            Some(true) => vec![CheckResult::ok("every change needs a pull request")],
            Some(false) => vec![CheckResult::new(Severity::Warning, "a change needs no pull request", next.clone())],
            None => partly(inspection, branch, "whether a change needs a pull request"),
        }
    })
}

pub(super) fn force(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    let next = format!("add the rule `Block force pushes`: {}/settings/rules", inspection.settings.page);
    each(inspection, |branch| {
        let found = branch.rules().map(|rules| rules.no_force);
        match any(branch, found) {
            Some(true) => vec![CheckResult::ok("nobody may push by force")],
            Some(false) => vec![CheckResult::new(Severity::Warning, "force-pushes are not blocked", next.clone())],
            None => partly(inspection, branch, "whether force-pushes are blocked"),
        }
    })
}

pub(super) fn rebase(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    let allowed = &inspection.settings.rebase_merge;
    if *allowed == Known::There(false) {
        return vec![CheckResult::ok("nothing can be merged by rebase: the repository does not allow it")];
    }
    let next = format!(
        "turn `Allow rebase merging` off (Settings, General, Pull Requests): {}",
        Fix::rebase_merging(inspection.settings).command
    );
    // Branch protection of the older kind says nothing of how a pull request is merged.
    each(inspection, |branch| match (&branch.rulesets, allowed) {
        (Known::There(rules), _) if rules.no_rebase => {
            vec![CheckResult::ok("the rules let nothing be merged by rebase")]
        }
        (Known::There(rules), _) if rules.queue => {
            vec![CheckResult::ok("a merge queue has judged what it merges, a rebase too")]
        }
        // Another check reports that.
        (Known::Unread(_), _) => Vec::new(),
        (_, Known::Unread(why)) => vec![unread(inspection, "whether a pull request may be merged by rebase", why)],
        _ => vec![CheckResult::new(Severity::Warning, "a pull request may be merged by rebase", next.clone())],
    })
}

/// The result for branch protection of which only the checks could be read. Where nothing could be read, another check
/// reports that.
fn partly(inspection: &Inspection<'_>, branch: &Branch, what: &str) -> Vec<CheckResult> {
    if branch.unread().next().is_some() {
        return Vec::new();
    }
    vec![unread(inspection, what, "GitHub shows all of branch protection only to administrators")]
}

/// Whether any of the rules says yes; none if not all of them could be read.
fn any(branch: &Branch, found: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let found: Vec<Option<bool>> = found.collect();
    match found.contains(&Some(true)) {
        true => Some(true),
        false if found.contains(&None) || branch.unread().next().is_some() => None,
        false => Some(false),
    }
}

pub(super) fn base_moves(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    let next = format!("require a merge queue: {}/settings/rules", inspection.settings.page);
    each(inspection, |branch| {
        let mut required = branch.requirements().peekable();
        if branch.queue() {
            return vec![CheckResult::ok("a merge queue judges every change on top of those before it")];
        }
        if required.peek().is_none() {
            return Vec::new();
        }
        if required.any(|one| one.strict) {
            return vec![CheckResult::ok("a branch has to be up to date before it is merged")];
        }
        let what = "a branch may be merged that was judged before its base moved";
        vec![CheckResult::new(Severity::Advice, what, next.clone())]
    })
}

/// The requirements that GitHub itself has of reviews on a branch, the strictest of all that are in force.
fn review_rules(branch: &Branch) -> Option<super::Reviews> {
    let all = branch.rules().filter_map(|rules| rules.reviews);
    all.reduce(|one, other| super::Reviews {
        dismiss_stale: one.dismiss_stale || other.dismiss_stale,
        last_push: one.last_push || other.last_push,
        count: one.count.max(other.count),
    })
}

pub(super) fn stale(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    each(inspection, |branch| match review_rules(branch) {
        Some(reviews) if reviews.dismiss_stale => {
            let what = "every push dismisses approvals, a rebase too; by themselves they last as long as their content";
            let next = "turn `Dismiss stale pull request approvals` off, unless all other files need it";
            vec![CheckResult::new(Severity::Advice, what, next)]
        }
        Some(_) => vec![CheckResult::ok("GitHub dismisses no approvals")],
        None => Vec::new(),
    })
}

pub(super) fn last_push(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    each(inspection, |branch| match review_rules(branch) {
        Some(reviews) if reviews.count > 0 && !reviews.last_push => {
            let what = "GitHub counts an approval by the person who pushed last";
            let next = "turn `Require approval of the most recent reviewable push` on";
            vec![CheckResult::new(Severity::Advice, what, next)]
        }
        Some(reviews) if reviews.count > 0 => {
            vec![CheckResult::ok("somebody other than who pushed last has to approve")]
        }
        _ => Vec::new(),
    })
}

pub(super) fn policy(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    each(inspection, |branch| {
        vec![match inspection.policies.get(branch.name.as_str()) {
            Some(Known::There(Ok(policy))) => {
                CheckResult::ok(format!("the policy is valid: {} projects", policy.config.projects.len()))
            }
            Some(Known::There(Err(diagnostics))) => {
                let first = diagnostics.iter().find(|diagnostic| diagnostic.is_error()).or(diagnostics.first());
                let what = first.map_or_else(String::new, |diagnostic| {
                    format!(": {}:{}: {}", diagnostic.path, diagnostic.place.line, diagnostic.message)
                });
                let next = first.map_or_else(String::new, |diagnostic| diagnostic.remedy.clone());
                CheckResult::new(Severity::Error, format!("the policy is invalid{what}"), next)
            }
            Some(Known::Unread(why)) => unread(inspection, "the policy", why),
            Some(Known::Absent) | None => CheckResult::new(
                Severity::Error,
                "there is no .countersign/config.yaml",
                "run `countersign init` and have its files merged into this branch",
            ),
        }]
    })
}

/// The files that a policy has to protect.
const WORKFLOWS: [&str; 2] = [".github/workflows/countersign.yml", ".github/workflows/countersign-trigger.yml"];

pub(super) fn protects(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    let of = |(branch, policy): (&str, &crate::policy::Policy)| {
        let found = if WORKFLOWS.iter().all(|path| policy.protects(path)) {
            CheckResult::ok("a change of the workflows needs an admin")
        } else {
            let next = "add `protect: [\".github/**\"]` to .countersign/config.yaml";
            CheckResult::new(Severity::Warning, "a change of the workflows needs nobody's approval", next)
        };
        found.on(branch)
    };
    inspection.valid_policies().map(of).collect()
}

pub(super) fn actions_approve(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    vec![match &inspection.settings.actions_may_approve {
        Known::There(true) => CheckResult::new(
            Severity::Advice,
            "GitHub Actions may approve pull requests",
            Fix::actions_approve(inspection.settings).command,
        ),
        Known::There(false) | Known::Absent => CheckResult::ok("GitHub Actions may not approve pull requests"),
        Known::Unread(why) => unread(inspection, "whether GitHub Actions may approve pull requests", why),
    }]
}

pub(super) fn teams(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    let next = "give the gate a token that may read members (the input `teams-token`), or list them under `teams` in \
                .countersign/config.yaml";
    let of = |(team, members): (&String, &Known<usize>)| match members {
        Known::There(count) => CheckResult::ok(format!("`{team}` has {count} members")),
        Known::Absent | Known::Unread(_) => {
            let what = format!("the members of `{team}` cannot be read: there is no such team, or this token may not");
            CheckResult::new(Severity::Warning, what, next)
        }
    };
    inspection.settings.teams.iter().map(of).collect()
}

pub(super) fn admins(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    let mut found: Vec<CheckResult> = Vec::new();
    for (login, permission) in &inspection.settings.admins {
        match permission {
            Known::There(word) if matches!(word.as_str(), "write" | "maintain" | "admin") => {}
            Known::There(word) => found.push(CheckResult::new(
                Severity::Warning,
                format!("`@{login}` is an admin of the policy and has the permission `{word}`"),
                "give them write access, or take them off `admins`",
            )),
            Known::Absent | Known::Unread(_) => {
                found.push(unread(inspection, &format!("what `@{login}` may do here"), "there may be no such account"));
            }
        }
    }
    if found.is_empty() && !inspection.settings.admins.is_empty() {
        found.push(CheckResult::ok("every admin of the policy has write access"));
    }
    found
}

/// Whether two people may approve changes of the policy. A team that can't be read may have many members.
pub(super) fn second_person(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    let of = |(branch, policy): (&str, &crate::policy::Policy)| {
        let (people, unlisted) = policy.config.people_of_policy();
        let size = |team: &&crate::policy::Approver| match inspection.settings.teams.get(&team.to_string()) {
            Some(Known::There(size)) => *size,
            Some(Known::Absent | Known::Unread(_)) | None => 2,
        };
        let sizes = unlisted.iter().map(size);
        let (most, all) = sizes.fold((0, 0), |(most, all), size| (size.max(most), all + size));
        let found = match people.first() {
            _ if most > 1 || people.len() + all > 1 => CheckResult::ok("two people may approve changes of the policy"),
            Some(one) => CheckResult::new(
                Severity::Warning,
                format!("only `@{one}` may approve changes of the policy, and nobody approves their own"),
                "name a second person under `admins` or `policy-approvers` in .countersign/config.yaml",
            ),
            None if all > 0 => CheckResult::new(
                Severity::Warning,
                "only one member of a team may approve changes of the policy, and nobody approves their own",
                "name a second person under `admins` or `policy-approvers` in .countersign/config.yaml",
            ),
            None => CheckResult::new(
                Severity::Warning,
                "no admin is named, so nobody can approve a change of the policy",
                "name somebody under `admins` in .countersign/config.yaml",
            ),
        };
        found.on(branch)
    };
    inspection.valid_policies().map(of).collect()
}

/// The option that lets approvers without write access count.
pub(super) fn external(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    let on = inspection.valid_policies().filter(|(_, policy)| policy.config.external_approvers);
    on.map(|(branch, _)| {
        let what = "`external-approvers: true`: people whom APPROVERS names count without write access";
        CheckResult::ok(what).on(branch)
    })
    .collect()
}

pub(super) fn statuses(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    match &inspection.settings.statuses {
        Known::There(()) => vec![CheckResult::ok("statuses can be read")],
        Known::Absent => Vec::new(),
        Known::Unread(why) => vec![unread(inspection, "statuses", why)],
    }
}

pub(super) fn limit(inspection: &Inspection<'_>) -> Vec<CheckResult> {
    match inspection.settings.remaining {
        Some(left) if left < RESERVE => {
            vec![CheckResult::new(
                Severity::Warning,
                format!("this token has {left} requests left in this hour"),
                "run it later",
            )]
        }
        _ => Vec::new(),
    }
}

fn list(names: &BTreeSet<&str>) -> String {
    names.iter().copied().collect::<Vec<_>>().join(", ")
}
