//! Policy diff: the privileges people gain and lose by a proposed policy, and its other effects.
//!
//! In: two policies and the managed paths. Out: a [`PolicyDiff`]. It decides nothing. Not taken: a string diff of APPROVERS,
//! which does not say whose approval counts for which flags.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::approvers::{ApproverLine, Section};
use crate::policy::config::Narrowing;
use crate::policy::{Approvals, Approver, Pattern, Policy, Project, ProjectMatch};
use crate::report::PrivilegeChange;

/// Differences between two policies: privilege changes of people, and one sentence for each other effect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyDiff {
    pub privilege_changes: Vec<PrivilegeChange>,
    pub effects: Vec<String>,
}

impl PolicyDiff {
    /// The difference between two policies, over the managed files there are.
    #[must_use]
    pub fn between(old: &Policy, new: &Policy, paths: &[String]) -> PolicyDiff {
        let mut diff = PolicyDiff::default();
        admins(old, new, &mut diff);
        teams(old, new, &mut diff);
        approvers(old, new, paths, &mut diff);
        new_lines(old, new, paths, &mut diff);
        projects(old, new, &mut diff);
        managed(old, new, paths, &mut diff);
        criticals(old, new, &mut diff);
        diff.privilege_changes.sort();
        diff.privilege_changes.dedup();
        diff.effects.dedup();
        diff
    }

    fn privilege(&mut self, who: String, gained: bool, what: String) {
        self.privilege_changes.push(PrivilegeChange { who, gained, what });
    }
}

fn admins(old: &Policy, new: &Policy, diff: &mut PolicyDiff) {
    let what = "may respond to every requirement and approve changes to the policy";
    for (who, gained) in gained_and_lost(&old.config.admins, &new.config.admins) {
        diff.privilege(who.to_string(), gained, what.to_owned());
    }
}

fn teams(old: &Policy, new: &Policy, diff: &mut PolicyDiff) {
    let names: BTreeSet<&Approver> = old.config.teams.keys().chain(new.config.teams.keys()).collect();
    for team in names {
        match (old.config.teams.get(team), new.config.teams.get(team)) {
            (Some(before), Some(after)) => {
                for (who, gained) in gained_and_lost(before, after) {
                    diff.privilege(format!("@{who}"), gained, format!("counts as a member of {team}"));
                }
            }
            (None, Some(members)) => {
                let list: Vec<String> = members.iter().map(|member| format!("@{member}")).collect();
                diff.effects
                    .push(format!("the members of {team} are {} from now on, whatever GitHub lists", list.join(", ")));
            }
            (Some(_), None) => diff.effects.push(format!("the members of {team} are read from GitHub from now on")),
            (None, None) => {}
        }
    }
}

/// Privilege changes of the approvers named for the files there are, counted by project.
fn approvers(old: &Policy, new: &Policy, paths: &[String], diff: &mut PolicyDiff) {
    let mut changed: BTreeMap<(String, bool, String), Vec<&str>> = BTreeMap::new();
    for path in paths {
        let (before, after) = (named(old, path), named(new, path));
        for (who, gained) in gained_and_lost(&before, &after) {
            let project = match if gained { new.project_of(path) } else { old.project_of(path) } {
                ProjectMatch::Project(project) => project.name.clone(),
                ProjectMatch::Unmanaged | ProjectMatch::Several(_) => String::new(),
            };
            changed.entry((who.clone(), gained, project)).or_default().push(path);
        }
    }
    for ((who, gained, project), paths) in changed {
        let what = format!("may approve {} of `{project}`: {}", files(paths.len()), examples(&paths));
        diff.privilege(who, gained, what);
    }
}

/// Privileges from new lines of APPROVERS that match no file yet: their approvers may approve whatever a later proposal puts
/// at these paths.
fn new_lines(old: &Policy, new: &Policy, paths: &[String], diff: &mut PolicyDiff) {
    /// Each line is tried on every path, and nobody reads more of them.
    const MOST: usize = 100;
    let lines = |policy: &Policy| -> BTreeSet<(String, Vec<String>)> {
        let sections = policy.approvers.sections.iter().filter(|section| !section.optional);
        let named = |section: &Section, line: &ApproverLine| {
            let named = if line.approvers.is_empty() { &section.defaults } else { &line.approvers };
            (line.pattern.to_string(), named.iter().map(ToString::to_string).collect())
        };
        sections.flat_map(|section| section.lines.iter().map(|line| named(section, line))).collect()
    };
    let (before, after) = (lines(old), lines(new));
    let mut added = after.difference(&before);
    for (text, named) in added.by_ref().take(MOST) {
        // The policy was read from this pattern before.
        let Ok(pattern) = Pattern::codeowners(text) else { continue };
        if paths.iter().any(|path| pattern.matches(path)) {
            continue;
        }
        let what = format!("may approve changes at `{}`, where no file is yet", text.escape_debug());
        for who in named {
            diff.privilege(who.clone(), true, what.clone());
        }
    }
    let more = added.count();
    if more > 0 {
        diff.effects.push(format!("{more} more lines of APPROVERS are new; whether they match a file was not checked"));
    }
}

/// Approvers who may fill a place of some requirement for this path, without the admins.
fn named(policy: &Policy, path: &str) -> Vec<String> {
    let ProjectMatch::Project(project) = policy.project_of(path) else { return Vec::new() };
    match project.approvals {
        Approvals::None => Vec::new(),
        Approvals::Peer => vec!["anyone with write access".to_owned()],
        Approvals::Specific => {
            let found = policy.approvers.matching(path);
            found
                .iter()
                .filter(|found| !found.section.optional)
                .flat_map(|found| found.approvers.iter().map(ToString::to_string))
                .collect()
        }
    }
}

fn projects(old: &Policy, new: &Policy, diff: &mut PolicyDiff) {
    for project in &old.config.projects {
        match new.project(&project.name) {
            None => diff.effects.push(format!("project `{}` is gone", project.name)),
            Some(after) => project_changes(project, after, diff),
        }
    }
    for project in new.config.projects.iter().filter(|project| old.project(&project.name).is_none()) {
        let paths: Vec<String> = project.paths.iter().map(ToString::to_string).collect();
        let paths = examples(&paths.iter().map(String::as_str).collect::<Vec<_>>());
        let approvals = project.approvals.word();
        diff.effects.push(format!("project `{}` is new, approvals: {approvals}, paths: {paths}", project.name));
    }
    let counts = |policy: &Policy| -> BTreeMap<String, (u32, bool)> {
        let sections = policy.approvers.sections.iter();
        sections.filter_map(|section| Some((section.name.clone()?, (section.required, section.optional)))).collect()
    };
    let (before, after) = (counts(old), counts(new));
    for (name, (required, optional)) in &before {
        match after.get(name) {
            None => diff.effects.push(format!("section `{name}` is gone from APPROVERS")),
            Some((now, now_optional)) => {
                if now != required {
                    diff.effects.push(format!("section `{name}` requires {now} instead of {required}"));
                }
                if now_optional != optional {
                    let word = if *now_optional { "is only notified" } else { "is required" };
                    diff.effects.push(format!("section `{name}` {word} from now on"));
                }
            }
        }
    }
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        diff.effects.push(format!("section `{name}` is new in APPROVERS"));
    }
}

fn project_changes(before: &Project, after: &Project, diff: &mut PolicyDiff) {
    if before.approvals != after.approvals {
        diff.effects.push(format!(
            "`{}` goes from approvals: {} to approvals: {}",
            before.name,
            before.approvals.word(),
            after.approvals.word()
        ));
    }
    // Reported whether or not a file is there, because the next proposal may bring one.
    let paths = |project: &Project| -> Vec<String> { project.paths.iter().map(ToString::to_string).collect() };
    for (pattern, gained) in gained_and_lost(&paths(before), &paths(after)) {
        let word = if gained { "has the paths" } else { "no longer has the paths" };
        diff.effects.push(format!("`{}` {word} `{}`", before.name, pattern.escape_debug()));
    }
    if before.required != after.required {
        diff.effects.push(format!("`{}` requires {} instead of {}", before.name, after.required, before.required));
    }
}

fn managed(old: &Policy, new: &Policy, paths: &[String], diff: &mut PolicyDiff) {
    let manages = |policy: &Policy, path: &str| {
        matches!(policy.project_of(path), ProjectMatch::Project(_) | ProjectMatch::Several(_))
    };
    let lost: Vec<&str> =
        paths.iter().map(String::as_str).filter(|path| manages(old, path) && !manages(new, path)).collect();
    if !lost.is_empty() {
        diff.effects.push(format!(
            "no longer managed, so no approval is needed: {}: {}",
            files(lost.len()),
            examples(&lost)
        ));
    }
    let found: Vec<&str> =
        paths.iter().map(String::as_str).filter(|path| !manages(old, path) && manages(new, path)).collect();
    if !found.is_empty() {
        diff.effects.push(format!("managed from now on: {}: {}", files(found.len()), examples(&found)));
    }
    let mut moved: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for path in paths {
        if let (ProjectMatch::Project(before), ProjectMatch::Project(after)) =
            (old.project_of(path), new.project_of(path))
            && before.name != after.name
        {
            moved.entry((before.name.as_str(), after.name.as_str())).or_default().push(path);
        }
    }
    for ((before, after), paths) in moved {
        diff.effects.push(format!("from `{before}` to `{after}`: {}: {}", files(paths.len()), examples(&paths)));
    }
    let formats = |policy: &Policy| -> Vec<String> {
        policy.config.formats.iter().map(|(pattern, format)| format!("`{pattern}` is read as {}", format.id)).collect()
    };
    let (before, after) = (formats(old), formats(new));
    diff.effects.extend(
        gained_and_lost(&before, &after)
            .into_iter()
            .map(|(what, gained)| if gained { what.clone() } else { format!("no longer: {what}") }),
    );
}

fn criticals(old: &Policy, new: &Policy, diff: &mut PolicyDiff) {
    let (before, after) = (&old.config, &new.config);
    for (rule, gained) in gained_and_lost(&before.critical.relax, &after.critical.relax) {
        let word = if gained { "is no longer critical" } else { "is critical again" };
        diff.effects.push(format!("`{rule}` {word}"));
    }
    for (field, gained) in gained_and_lost(&before.critical.add, &after.critical.add) {
        let word = if gained { "needs approval from now on" } else { "no longer needs approval" };
        diff.effects.push(format!("`{field}` {word}"));
    }
    if before.critical.deactivation != after.critical.deactivation {
        let word = if after.critical.deactivation { "needs approval" } else { "is free" };
        diff.effects.push(format!("switching a live flag off {word} from now on"));
    }
    if before.critical.frees_restores() != after.critical.frees_restores() {
        let word = if after.critical.frees_restores() { "is free" } else { "needs approval" };
        diff.effects.push(format!("restoring exactly what was last live {word} from now on"));
    }
    if before.distinct != after.distinct {
        let word = if after.distinct { "one place only" } else { "a place in every requirement that names them" };
        diff.effects.push(format!("one person fills {word} from now on"));
    }
    if before.lock_after_days != after.lock_after_days {
        let days = |days: Option<u32>| days.map_or_else(|| "never".to_owned(), |days| format!("after {days} days"));
        diff.effects.push(format!(
            "a lock may be passed over {} instead of {}",
            days(after.lock_after_days),
            days(before.lock_after_days)
        ));
    }
    let protect = |policy: &Policy| -> Vec<String> { policy.config.protect.iter().map(ToString::to_string).collect() };
    for (pattern, gained) in gained_and_lost(&protect(old), &protect(new)) {
        let word = if gained { "protected from now on" } else { "no longer protected" };
        diff.effects.push(format!("{word}: `{pattern}`"));
    }
    let names: BTreeSet<&String> = before.sections.keys().chain(after.sections.keys()).collect();
    for name in names {
        let (was, is) = (before.sections.get(name), after.sections.get(name));
        if was != is {
            let only = |narrowing: Option<&Narrowing>| narrowing.map_or_else(|| "everything".to_owned(), described);
            diff.effects.push(format!("section `{name}` is required for {} instead of {}", only(is), only(was)));
        }
    }
}

/// The changes a section is required for, in words.
fn described(narrowing: &Narrowing) -> String {
    let only = narrowing.only.as_ref().map_or_else(
        || "everything".to_owned(),
        |rules| rules.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", "),
    );
    let bounds: Vec<String> = [("affected", narrowing.affected), ("exposed", narrowing.exposed)]
        .into_iter()
        .filter_map(|(verb, bound)| Some(format!("{verb} more than {}", bound?.exactly())))
        .collect();
    let within = narrowing.within.map(|days| format!(" within {days} days")).unwrap_or_default();
    if bounds.is_empty() { only } else { format!("{only} that {}{within}", bounds.join(" or ")) }
}

/// The items of only the second list (`true`) and of only the first (`false`).
fn gained_and_lost<'t, T: PartialEq>(before: &'t [T], after: &'t [T]) -> Vec<(&'t T, bool)> {
    let gained = after.iter().filter(|item| !before.contains(item)).map(|item| (item, true));
    let lost = before.iter().filter(|item| !after.contains(item)).map(|item| (item, false));
    gained.chain(lost).collect()
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

/// The first three, and how many more.
fn examples(paths: &[&str]) -> String {
    let first: Vec<String> = paths.iter().take(3).map(|path| format!("`{}`", path.escape_debug())).collect();
    let more = paths.len().saturating_sub(3);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", first.join(", "))
}
