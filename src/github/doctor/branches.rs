//! The checks of branches, of the policy on them, and of what the token can read.

use std::collections::BTreeSet;

use super::checks::Said;
use super::ladder::again;
use super::settings::{Branch, Known, Source};
use super::{Ground, Level};

/// Below this many requests left, the gate posts no success.
const RESERVE: u64 = 100;

fn each(ground: &Ground<'_>, look: impl Fn(&Branch) -> Vec<Said>) -> Vec<Said> {
    let of = |branch: &Branch| look(branch).into_iter().map(|said| said.on(&branch.name)).collect::<Vec<_>>();
    ground.read.branches.iter().flat_map(of).collect()
}

/// What could not be read, and how to see it.
fn unread(ground: &Ground<'_>, what: &str, why: &str) -> Said {
    Said::new(
        Level::Unknown,
        format!("{what} cannot be read with this token: {why}"),
        format!("run `{}` as an administrator", again(ground.read)),
    )
}

pub(super) fn required(ground: &Ground<'_>) -> Vec<Said> {
    let rules = format!("{}/settings/rules", ground.read.page);
    each(ground, |branch| {
        let context = branch.context();
        if let Some(why) = branch.tip.unread() {
            let next = format!("check its name, or run `{}` as an administrator", again(ground.read));
            return vec![Said::new(Level::Unknown, format!("the branch cannot be read: {why}"), next)];
        }
        let mut said: Vec<Said> = branch.unread().map(|why| unread(ground, "part of the rules", why)).collect();
        let by: BTreeSet<&str> = branch.requirements().map(|one| one.by.as_str()).collect();
        if !by.is_empty() {
            said.push(Said::ok(format!("`{context}` is required by {}", list(&by))));
        } else if said.is_empty() {
            let next = format!("require `{context}` in a ruleset: {rules}");
            said.push(Said::new(Level::Error, format!("`{context}` is not required"), next));
        }
        said
    })
}

pub(super) fn source(ground: &Ground<'_>) -> Vec<Said> {
    each(ground, |branch| {
        let strongest = branch.requirements().max_by_key(|one| match one.source {
            Source::Any => 0,
            Source::Actions => 1,
            Source::App(_) => 2,
        });
        let Some(required) = strongest else { return Vec::new() };
        let (context, page) = (&required.context, &required.page);
        vec![match required.source {
            Source::Any => Said::new(
                Level::Error,
                format!("`{context}` is taken from any source, so anyone who may write can post it"),
                format!("choose its source in {}: {page}", required.by),
            ),
            Source::Actions => Said::new(
                Level::Warning,
                format!("`{context}` is taken from GitHub Actions, so any workflow of this repository can post it"),
                format!("give the gate an App of its own and choose that as the source: {page}"),
            ),
            Source::App(id) => Said::ok(format!("`{context}` is taken from the App {id} alone")),
        }]
    })
}

pub(super) fn elsewhere(ground: &Ground<'_>) -> Vec<Said> {
    each(ground, |branch| {
        let own = branch.context();
        let all = branch.rules().flat_map(|rules| &rules.required);
        let foreign = all.filter(|one| one.context != own && one.context.starts_with("countersign/"));
        foreign
            .map(|one| {
                Said::new(
                    Level::Error,
                    format!("{} requires `{}` here, and what is posted here is `{own}`", one.by, one.context),
                    format!("make a ruleset for each branch, with its own status: {}", one.page),
                )
            })
            .collect()
    })
}

pub(super) fn switched_off(ground: &Ground<'_>) -> Vec<Said> {
    match &ground.read.rulesets {
        Known::There(all) => all
            .iter()
            .filter(|ruleset| !ruleset.active() && ruleset.branches().next().is_some())
            .map(|ruleset| {
                Said::new(
                    Level::Warning,
                    format!(
                        "the ruleset `{}` would require the status, and is `{}`",
                        ruleset.name, ruleset.enforcement
                    ),
                    format!("set it to active: {}", ruleset.page),
                )
            })
            .collect(),
        Known::Absent => Vec::new(),
        Known::Unread(why) => vec![unread(ground, "the list of rulesets", why)],
    }
}

pub(super) fn bypass(ground: &Ground<'_>) -> Vec<Said> {
    each(ground, |branch| {
        branch
            .requirements()
            .map(|one| match &one.bypass {
                Known::Unread(why) => unread(ground, &format!("who may bypass {}", one.by), why),
                Known::There(all) if !all.is_empty() => {
                    let wide = all.iter().any(|one| one.everyone);
                    let who: BTreeSet<&str> = all.iter().map(|one| one.who.as_str()).collect();
                    Said::new(
                        if wide { Level::Error } else { Level::Warning },
                        format!("{} can be bypassed by {}", one.by, list(&who)),
                        format!("take them off the list of those who may: {}", one.page),
                    )
                }
                Known::There(_) | Known::Absent => Said::ok(format!("nobody may bypass {}", one.by)),
            })
            .collect()
    })
}

pub(super) fn by_pull(ground: &Ground<'_>) -> Vec<Said> {
    let next = format!("add the rule `Require a pull request before merging`: {}/settings/rules", ground.read.page);
    each(ground, |branch| {
        let said = branch.rules().map(|rules| rules.by_pull);
        match any(branch, said) {
            Some(true) => vec![Said::ok("every change needs a pull request")],
            Some(false) => vec![Said::new(Level::Warning, "a change needs no pull request", next.clone())],
            None => partly(ground, branch, "whether a change needs a pull request"),
        }
    })
}

pub(super) fn force(ground: &Ground<'_>) -> Vec<Said> {
    let next = format!("add the rule `Block force pushes`: {}/settings/rules", ground.read.page);
    each(ground, |branch| {
        let said = branch.rules().map(|rules| rules.no_force);
        match any(branch, said) {
            Some(true) => vec![Said::ok("nobody may push by force")],
            Some(false) => vec![Said::new(Level::Warning, "force-pushes are not blocked", next.clone())],
            None => partly(ground, branch, "whether force-pushes are blocked"),
        }
    })
}

pub(super) fn rebase(ground: &Ground<'_>) -> Vec<Said> {
    let allowed = &ground.read.rebase_merge;
    if *allowed == Known::There(false) {
        return vec![Said::ok("nothing can be merged by rebase: the repository does not allow it")];
    }
    let repo = &ground.read.repository;
    let next = format!(
        "turn `Allow rebase merging` off (Settings, General, Pull Requests): gh api -X PATCH repos/{repo} -F \
         allow_rebase_merge=false"
    );
    // Branch protection of the older kind says nothing of how a pull request is merged.
    each(ground, |branch| match (&branch.rulesets, allowed) {
        (Known::There(rules), _) if rules.no_rebase => vec![Said::ok("the rules let nothing be merged by rebase")],
        (Known::There(rules), _) if rules.queue => {
            vec![Said::ok("a merge queue has judged what it merges, a rebase too")]
        }
        // That is told once already.
        (Known::Unread(_), _) => Vec::new(),
        (_, Known::Unread(why)) => vec![unread(ground, "whether a pull request may be merged by rebase", why)],
        _ => vec![Said::new(Level::Warning, "a pull request may be merged by rebase", next.clone())],
    })
}

/// Branch protection of which only the checks could be read. Where nothing of it could, that is told once already.
fn partly(ground: &Ground<'_>, branch: &Branch, what: &str) -> Vec<Said> {
    if branch.unread().next().is_some() {
        return Vec::new();
    }
    vec![unread(ground, what, "branch protection is told whole only to administrators")]
}

/// Whether any of the rules says yes; none if that could not be read whole.
fn any(branch: &Branch, said: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let said: Vec<Option<bool>> = said.collect();
    match said.contains(&Some(true)) {
        true => Some(true),
        false if said.contains(&None) || branch.unread().next().is_some() => None,
        false => Some(false),
    }
}

pub(super) fn moves(ground: &Ground<'_>) -> Vec<Said> {
    let next = format!("require a merge queue: {}/settings/rules", ground.read.page);
    each(ground, |branch| {
        let mut required = branch.requirements().peekable();
        if branch.queue() {
            return vec![Said::ok("a merge queue judges every change on top of those before it")];
        }
        if required.peek().is_none() {
            return Vec::new();
        }
        if required.any(|one| one.strict) {
            return vec![Said::ok("a branch has to be up to date before it is merged")];
        }
        let what = "a branch may be merged that was judged before its base moved";
        vec![Said::new(Level::Advice, what, next.clone())]
    })
}

/// What GitHub itself asks of reviews on a branch, the most of all that is in force.
fn asked(branch: &Branch) -> Option<super::Reviews> {
    let all = branch.rules().filter_map(|rules| rules.reviews);
    all.reduce(|one, other| super::Reviews {
        dismiss_stale: one.dismiss_stale || other.dismiss_stale,
        last_push: one.last_push || other.last_push,
        count: one.count.max(other.count),
    })
}

pub(super) fn stale(ground: &Ground<'_>) -> Vec<Said> {
    each(ground, |branch| match asked(branch) {
        Some(reviews) if reviews.dismiss_stale => {
            let what = "every push dismisses approvals, a rebase too; by themselves they last as long as their content";
            let next = "turn `Dismiss stale pull request approvals` off, unless all other files need it";
            vec![Said::new(Level::Advice, what, next)]
        }
        Some(_) => vec![Said::ok("GitHub dismisses no approvals")],
        None => Vec::new(),
    })
}

pub(super) fn last_push(ground: &Ground<'_>) -> Vec<Said> {
    each(ground, |branch| match asked(branch) {
        Some(reviews) if reviews.count > 0 && !reviews.last_push => {
            let what = "GitHub takes an approval by whoever pushed last for enough";
            let next = "turn `Require approval of the most recent reviewable push` on";
            vec![Said::new(Level::Advice, what, next)]
        }
        Some(reviews) if reviews.count > 0 => vec![Said::ok("somebody other than who pushed last has to approve")],
        _ => Vec::new(),
    })
}

pub(super) fn policy(ground: &Ground<'_>) -> Vec<Said> {
    each(ground, |branch| {
        vec![match ground.policies.get(branch.name.as_str()) {
            Some(Known::There(Ok(policy))) => {
                Said::ok(format!("the policy holds: {} projects", policy.config.projects.len()))
            }
            Some(Known::There(Err(diagnostics))) => {
                let first = diagnostics.iter().find(|diagnostic| diagnostic.is_error()).or(diagnostics.first());
                let what = first.map_or_else(String::new, |diagnostic| {
                    format!(": {}:{}: {}", diagnostic.path, diagnostic.place.line, diagnostic.message)
                });
                let next = first.map_or_else(String::new, |diagnostic| diagnostic.remedy.clone());
                Said::new(Level::Error, format!("the policy does not hold{what}"), next)
            }
            Some(Known::Unread(why)) => unread(ground, "the policy", why),
            Some(Known::Absent) | None => Said::new(
                Level::Error,
                "there is no .countersign/config.yaml",
                "run `countersign init` and have its files merged into this branch",
            ),
        }]
    })
}

/// The files that a policy has to protect.
const WORKFLOWS: [&str; 2] = [".github/workflows/countersign.yml", ".github/workflows/countersign-trigger.yml"];

pub(super) fn protects(ground: &Ground<'_>) -> Vec<Said> {
    let of = |(branch, policy): (&str, &crate::policy::Policy)| {
        let said = if WORKFLOWS.iter().all(|path| policy.protects(path)) {
            Said::ok("a change of the workflows needs an admin")
        } else {
            let next = "add `protect: [\".github/**\"]` to .countersign/config.yaml";
            Said::new(Level::Warning, "a change of the workflows needs nobody's approval", next)
        };
        said.on(branch)
    };
    ground.held_policies().map(of).collect()
}

pub(super) fn actions_approve(ground: &Ground<'_>) -> Vec<Said> {
    let repo = &ground.read.repository;
    vec![match &ground.read.actions_may_approve {
        Known::There(true) => Said::new(
            Level::Advice,
            "GitHub Actions may approve pull requests",
            format!(
                "gh api -X PUT repos/{repo}/actions/permissions/workflow -F can_approve_pull_request_reviews=false"
            ),
        ),
        Known::There(false) | Known::Absent => Said::ok("GitHub Actions may not approve pull requests"),
        Known::Unread(why) => unread(ground, "whether GitHub Actions may approve pull requests", why),
    }]
}

pub(super) fn teams(ground: &Ground<'_>) -> Vec<Said> {
    let next = "give the gate a token that may read members (the input `teams-token`), or list them under `teams` in \
                .countersign/config.yaml";
    let of = |(team, members): (&String, &Known<usize>)| match members {
        Known::There(count) => Said::ok(format!("`{team}` has {count} members")),
        Known::Absent | Known::Unread(_) => {
            let what = format!("the members of `{team}` cannot be read: there is no such team, or this token may not");
            Said::new(Level::Warning, what, next)
        }
    };
    ground.read.teams.iter().map(of).collect()
}

pub(super) fn admins(ground: &Ground<'_>) -> Vec<Said> {
    let mut said: Vec<Said> = Vec::new();
    for (login, permission) in &ground.read.admins {
        match permission {
            Known::There(word) if matches!(word.as_str(), "write" | "maintain" | "admin") => {}
            Known::There(word) => said.push(Said::new(
                Level::Warning,
                format!("`@{login}` is an admin of the policy and has the permission `{word}`"),
                "give them write access, or take them off `admins`",
            )),
            Known::Absent | Known::Unread(_) => {
                said.push(unread(ground, &format!("what `@{login}` may do here"), "there may be no such account"));
            }
        }
    }
    if said.is_empty() && !ground.read.admins.is_empty() {
        said.push(Said::ok("every admin of the policy has write access"));
    }
    said.extend(ground.held_policies().filter(|(_, policy)| policy.config.admins.is_empty()).map(|(branch, _)| {
        let next = "name somebody under `admins` in .countersign/config.yaml";
        Said::new(Level::Warning, "no admin is named, so nobody can approve a change of the policy", next).on(branch)
    }));
    said
}

pub(super) fn statuses(ground: &Ground<'_>) -> Vec<Said> {
    match &ground.read.statuses {
        Known::There(()) => vec![Said::ok("statuses can be read")],
        Known::Absent => Vec::new(),
        Known::Unread(why) => vec![unread(ground, "statuses", why)],
    }
}

pub(super) fn limit(ground: &Ground<'_>) -> Vec<Said> {
    match ground.read.remaining {
        Some(left) if left < RESERVE => {
            vec![Said::new(Level::Warning, format!("this token has {left} requests left in this hour"), "run it later")]
        }
        _ => Vec::new(),
    }
}

fn list(names: &BTreeSet<&str>) -> String {
    names.iter().copied().collect::<Vec<_>>().join(", ")
}
