//! The settings of a repository, read in the order in which one leads to the next.
//!
//! In: a client and the named branches. Out: [`RepositorySettings`]. It refuses to guess a setting that it could not
//! see: that one is unread. Only if GitHub can't be asked at all there is an error. Not taken: reading everything at
//! once, since most of it depends on the branches.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::github::client::Client;
use crate::github::doctor::{Branch, Known, RepositorySettings, people};
use crate::github::objects::Objects;

/// How many admins are looked up at most.
const MOST_ADMINS: usize = 20;

/// Looks into the files of each branch with a policy, which git fetches without their contents.
pub fn look_into(settings: &mut RepositorySettings, objects: &Objects, now: i64) {
    for branch in &mut settings.branches {
        let (Known::There(_), Known::There(tip)) = (&branch.policy, &branch.tip) else { continue };
        (branch.projects, branch.debts) = match objects.policy_and_projects(tip) {
            Ok(Some(found)) => {
                let debts = objects.debts(&found.policy, &branch.name, tip, now);
                (found.projects.map_or_else(unread, Known::There), debts.map_or_else(unread, known_or_absent))
            }
            Ok(None) => (Known::Absent, Known::Absent),
            Err(error) => (unread(error.clone()), unread(error)),
        };
    }
}

fn known_or_absent<T>(found: Option<T>) -> Known<T> {
    found.map_or(Known::Absent, Known::There)
}

fn unread<T>(error: Error) -> Known<T> {
    Known::Unread(error.message)
}

/// Reads the settings of the default branch, of the named branches, and of those whose status a ruleset names.
///
/// # Errors
/// If GitHub can't be asked.
pub fn read(client: &Client, named: &[String]) -> Result<RepositorySettings, Error> {
    let (repository, default_branch, rebase_merge) = client.repository()?;
    let rulesets = client.rulesets()?;
    let mut names = vec![default_branch.clone()];
    let required = rulesets.there().into_iter().flatten().filter(|ruleset| ruleset.active());
    let required = required.flat_map(|ruleset| ruleset.branches().map(str::to_owned));
    for name in named.iter().cloned().chain(required) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut branches: Vec<Branch> = Vec::new();
    for name in &names {
        let mut branch = client.branch(name, &rulesets)?;
        branch.policy = match &branch.tip {
            Known::There(tip) => client.policy(tip)?,
            Known::Absent => Known::Unread("the branch is not there".to_owned()),
            Known::Unread(why) => Known::Unread(why.clone()),
        };
        branches.push(branch);
    }
    let tip = branches.first().map(|branch| branch.tip.clone());
    let (workflows, statuses) = match tip {
        Some(Known::There(tip)) => (client.workflows(&tip)?, client.sees_statuses(&tip)?),
        Some(Known::Unread(why)) => (Known::Unread(why.clone()), Known::Unread(why)),
        Some(Known::Absent) | None => (Known::Absent, Known::Absent),
    };
    let policies: Vec<_> = branches.iter().filter_map(|branch| branch.policy.there()).collect();
    let (teams, admins) = people(&policies);
    let members = if teams.is_empty() { BTreeMap::new() } else { client.members(&teams)? };
    let size = |team: String| {
        let size =
            members.get(&team).map_or_else(|| Known::Unread(String::new()), |members| Known::There(members.len()));
        (team, size)
    };
    let mut rights = BTreeMap::new();
    for login in admins.into_iter().take(MOST_ADMINS) {
        let permission = client.permission(&login)?;
        rights.insert(login, permission.map_or_else(|| Known::Unread(String::new()), Known::There));
    }
    Ok(RepositorySettings {
        repository,
        page: client.page(),
        default_branch,
        rulesets,
        workflows,
        actions_may_approve: client.actions_may_approve()?,
        rebase_merge,
        environments: client.environments()?,
        teams: teams.into_iter().map(size).collect(),
        admins: rights,
        statuses,
        remaining: client.left().map(|(left, _)| left),
        branches,
    })
}
