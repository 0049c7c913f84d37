//! Policy diff: the privileges people gain and lose by a proposed policy, and its other effects.
//!
//! In: two policies and the managed paths. Out: a [`PolicyDiff`]. It decides nothing. Refuses: to leave out a setting;
//! a new key of the configuration does not compile until its change is reported. Not taken: a string diff of APPROVERS,
//! which does not say whose approval counts for which flags.

mod crowd;
mod needs;
mod path_words;
mod paths;
mod signers;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::{amplitude, break_glass};
use crate::diagnostics::words::counted;
use crate::policy::approvers_file::ApproverLine;
use crate::policy::config::Narrowing;
use crate::policy::{Approver, Config, Pattern, Policy, Project, ProjectMatch};
use crate::report::PrivilegeChange;

/// Differences between two policies: privilege changes of people, and one sentence for each other effect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyDiff {
    pub privilege_changes: Vec<PrivilegeChange>,
    pub effects: Vec<String>,
}

const WRITERS: &str = "anyone with write access";

impl PolicyDiff {
    /// The difference between two policies, over the managed files there are.
    #[must_use]
    pub fn between(old: &Policy, new: &Policy, paths: &[String]) -> PolicyDiff {
        let mut diff = PolicyDiff::default();
        // Every key of the configuration is compared below, or by path.
        let Config {
            admins: _,
            places: _,
            policy_approvers: _,
            external_approvers: _,
            projects: _,
            formats: _,
            teams: _,
            sections: _,
            critical: _,
            lock_after_days: _,
            break_glass: _,
            protect: _,
            distinct: _,
            amplitude: _,
            named_formats: _,
        } = &new.config;
        admins(old, new, &mut diff);
        teams(old, new, paths, &mut diff);
        let later = later(old, new, &mut diff);
        diff.privilege_changes.extend(paths::privileges(old, new, paths, &later));
        projects(old, new, &mut diff);
        managed(old, new, paths, &mut diff);
        formats(old, new, paths, &mut diff);
        settings(old, new, &mut diff);
        narrowings(old, new, &mut diff);
        signers::signers(old, new, &mut diff);
        for (who, gained, what) in amplitude::changes(old.config.amplitude.as_ref(), new.config.amplitude.as_ref()) {
            diff.privilege(who, gained, what);
        }
        for (who, gained, what) in break_glass::changes(old.config.break_glass, new.config.break_glass) {
            diff.privilege(who, gained, what);
        }
        diff.privilege_changes.sort();
        diff.privilege_changes.dedup();
        diff.effects.dedup();
        diff
    }

    fn privilege(&mut self, who: impl Into<String>, gained: bool, what: String) {
        self.privilege_changes.push(PrivilegeChange {
            who: who.into(),
            several: false,
            gained,
            what,
            paths: Vec::new(),
        });
    }
}

fn admins(old: &Policy, new: &Policy, diff: &mut PolicyDiff) {
    let what = "may respond to every requirement and approve changes to the policy";
    for (who, gained) in gained_and_lost(&old.config.admins, &new.config.admins) {
        diff.privilege(who.to_string(), gained, what.to_owned());
    }
    for (who, gained) in gained_and_lost(&old.config.policy_approvers, &new.config.policy_approvers) {
        diff.privilege(who.to_string(), gained, "may approve changes to the policy and to protected paths".to_owned());
    }
}

fn teams(old: &Policy, new: &Policy, paths: &[String], diff: &mut PolicyDiff) {
    let names: BTreeSet<&Approver> = old.config.teams.keys().chain(new.config.teams.keys()).collect();
    let changed = |team: &&&Approver| old.config.teams.get(**team) != new.config.teams.get(**team);
    let changed: BTreeSet<&Approver> = names.iter().filter(changed).copied().collect();
    let approving = paths::approving(&changed, new, paths);
    for team in changed {
        let mut rights = Vec::new();
        if new.config.admins.contains(team) {
            rights.push("is an admin".to_owned());
        }
        if let Some(paths) = approving.get(team) {
            rights.push(format!(
                "may approve {}: {}",
                crate::diagnostics::words::counted(paths.len(), "file"),
                examples(paths)
            ));
        }
        let rights = if rights.is_empty() { String::new() } else { format!(", and so {}", rights.join(" and ")) };
        let mut add = |who: String, gained, what: String| {
            let paths = approving.get(team).into_iter().flatten().map(|path| (*path).to_owned()).collect();
            diff.privilege_changes.push(PrivilegeChange {
                who,
                several: false,
                gained,
                what: format!("{what}{rights}"),
                paths,
            });
        };
        let counts = format!("counts as a member of {team}");
        let (before, after) = (old.config.teams.get(team), new.config.teams.get(team));
        let none = Vec::new();
        for (who, gained) in gained_and_lost(before.unwrap_or(&none), after.unwrap_or(&none)) {
            let instead = match (before, after) {
                (None, Some(_)) => ", whatever the forge lists",
                (Some(_), None) => " even if the forge does not list them",
                _ => "",
            };
            add(format!("@{who}"), gained, format!("{counts}{instead}"));
        }
        match (before, after) {
            (None, Some(members)) => {
                let list: Vec<String> = members.iter().map(|member| format!("@{member}")).collect();
                diff.effects.push(format!(
                    "the members of {team} are {} from now on, whatever the forge lists",
                    list.join(", ")
                ));
            }
            (Some(_), None) => {
                add(team.to_string(), true, "has every member that the forge lists".to_owned());
                diff.effects.push(format!("the members of {team} are read from the forge from now on"));
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
}

/// A path for each pattern that differs: what the pattern says of files that are not there yet. The approvers of the
/// pattern may approve whatever a later proposal puts at these paths.
fn later(old: &Policy, new: &Policy, diff: &mut PolicyDiff) -> Vec<(String, String)> {
    /// Lines that are all looked at, so that their order counts too.
    const FEW: usize = 2_000;
    /// Lines that differ and are looked at where there are more.
    const MOST: usize = 1_000;
    type Line<'p> = (Option<String>, &'p ApproverLine);
    let lines = |policy: &'_ Policy| -> Vec<(Option<String>, String, Vec<String>)> {
        let lines = policy.approvers.sections.iter().flat_map(|section| {
            let name = section.name.as_ref().map(|name| name.to_lowercase());
            section.lines.iter().map(move |line| -> Line<'_> { (name.clone(), line) })
        });
        let written = |(name, line): Line<'_>| {
            (name, line.pattern.to_string(), line.approvers.iter().map(ToString::to_string).collect())
        };
        lines.map(written).collect()
    };
    let (before, after) = (lines(old), lines(new));
    let mut texts: BTreeSet<String> = BTreeSet::new();
    if before.len() + after.len() <= FEW {
        texts.extend(before.into_iter().chain(after).map(|(_, text, _)| text));
    } else {
        let (had, has): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), after.iter().collect());
        let mut differing = had.symmetric_difference(&has);
        texts.extend(differing.by_ref().take(MOST).map(|(_, text, _)| text.clone()));
        let more = differing.count();
        let moved = !before.iter().filter(|line| has.contains(line)).eq(after.iter().filter(|line| had.contains(line)));
        if more > 0 || moved {
            let lines = if more > 0 {
                let differ = if more == 1 { "line of APPROVERS differs" } else { "lines of APPROVERS differ" };
                format!("{more} more {differ}")
            } else {
                "lines of APPROVERS moved".to_owned()
            };
            diff.effects.push(format!("{lines}; whether they give anybody rights over later files was not checked"));
        }
    }
    let written = texts.iter().filter_map(|text| Some((Pattern::codeowners(text).ok()?, text.clone())));
    let paths = [old, new].into_iter().flat_map(|policy| &policy.config.projects).flat_map(|project| &project.paths);
    let paths: BTreeMap<String, &Pattern> = paths.map(|pattern| (pattern.to_string(), pattern)).collect();
    let paths = paths.into_iter().take(FEW).map(|(text, pattern)| (pattern.clone(), text));
    written.chain(paths).map(|(pattern, text)| (pattern.example(), text)).collect()
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
            "no longer managed: {}: {}",
            crate::diagnostics::words::counted(lost.len(), "file"),
            examples(&lost)
        ));
    }
    let found: Vec<&str> =
        paths.iter().map(String::as_str).filter(|path| !manages(old, path) && manages(new, path)).collect();
    if !found.is_empty() {
        diff.effects.push(format!(
            "managed from now on: {}: {}",
            crate::diagnostics::words::counted(found.len(), "file"),
            examples(&found)
        ));
    }
    let mut moved: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for path in paths {
        let names = old.project_name(path).zip(new.project_name(path));
        if let Some(names) = names.filter(|(before, after)| before != after) {
            moved.entry(names).or_default().push(path);
        }
    }
    for ((before, after), paths) in moved {
        diff.effects.push(format!(
            "from `{before}` to `{after}`: {}: {}",
            crate::diagnostics::words::counted(paths.len(), "file"),
            examples(&paths)
        ));
    }
}

/// Files that are read as another format from now on: one format takes for a rollout what another one does not look at.
fn formats(old: &Policy, new: &Policy, paths: &[String], diff: &mut PolicyDiff) {
    let written = |policy: &Policy| -> Vec<String> {
        policy
            .config
            .formats
            .iter()
            .map(|(pattern, format)| format!("{} is read as {}", code(pattern), format.id))
            .collect()
    };
    let (before, after) = (written(old), written(new));
    let differing = gained_and_lost(&before, &after);
    diff.effects.extend(
        differing.iter().map(|(what, gained)| if *gained { (*what).clone() } else { format!("no longer: {what}") }),
    );
    let kept = |all: &'_ [String], other: &[String]| -> Vec<String> {
        all.iter().filter(|what| other.contains(what)).cloned().collect()
    };
    if kept(&before, &after) != kept(&after, &before) {
        diff.effects
            .push("`formats` are tried in another order; the first pattern that matches a file decides".to_owned());
    }
    if before == after {
        return;
    }
    let mut read: BTreeMap<(Cow<'static, str>, Cow<'static, str>), Vec<&str>> = BTreeMap::new();
    for path in paths {
        let id = |policy: &Policy| policy.format(path).map_or(Cow::Borrowed("no format"), |format| format.id.clone());
        let (before, after) = (id(old), id(new));
        if before != after && !matches!(old.project_of(path), ProjectMatch::Unmanaged) {
            read.entry((before, after)).or_default().push(path);
        }
    }
    for ((before, after), paths) in read {
        let what = format!(
            "may change what only {before} looks at in {}, read as {after} from now on: {}",
            crate::diagnostics::words::counted(paths.len(), "file"),
            examples(&paths)
        );
        let paths = paths.into_iter().map(str::to_owned).collect();
        diff.privilege_changes.push(PrivilegeChange {
            who: WRITERS.to_owned(),
            several: false,
            gained: true,
            what,
            paths,
        });
    }
}

fn settings(old: &Policy, new: &Policy, diff: &mut PolicyDiff) {
    let (before, after) = (&old.config, &new.config);
    for (rule, gained) in gained_and_lost(&before.critical.relax, &after.critical.relax) {
        let word = if gained { "is no longer critical" } else { "is critical again" };
        diff.effects.push(format!("`{rule}` {word}"));
    }
    for (field, gained) in gained_and_lost(&before.critical.add, &after.critical.add) {
        let word = if gained { "needs approval from now on" } else { "no longer needs approval" };
        diff.effects.push(format!("{} {word}", code(field)));
    }
    if before.critical.deactivation != after.critical.deactivation {
        let word = if after.critical.deactivation { "needs approval" } else { "is free" };
        diff.effects.push(format!("switching a live flag off {word} from now on"));
    }
    if before.critical.off_is_free != after.critical.off_is_free {
        let free = after.critical.off_is_free;
        diff.privilege(WRITERS, free, "may add a flag that serves off to everyone without approval".to_owned());
    }
    if before.critical.frees_restores() != after.critical.frees_restores() {
        let free = after.critical.frees_restores();
        diff.privilege(WRITERS, free, "may switch on exactly what was last live without approval".to_owned());
    }
    if before.distinct != after.distinct {
        let word = if after.distinct { "one place only" } else { "a place in every requirement that names them" };
        diff.effects.push(format!("one person fills {word} from now on"));
    }
    if before.external_approvers != after.external_approvers {
        let what = "may approve without write access where APPROVERS names them";
        diff.privilege("people", after.external_approvers, what.to_owned());
    }
    if before.lock_after_days != after.lock_after_days {
        let days = |days: Option<u32>| {
            days.map_or_else(|| "never".to_owned(), |days| format!("after {}", counted(days, "day")))
        };
        let sooner = after.lock_after_days.unwrap_or(u32::MAX) < before.lock_after_days.unwrap_or(u32::MAX);
        let (is, was) = (days(after.lock_after_days), days(before.lock_after_days));
        let (is, instead) = if sooner { (is, was) } else { (was, is) };
        diff.privilege("an admin", sooner, format!("may pass over the holder of a lock {is} instead of {instead}"));
    }
    let protect = |policy: &Policy| -> Vec<String> { policy.config.protect.iter().map(ToString::to_string).collect() };
    for (pattern, protected) in gained_and_lost(&protect(old), &protect(new)) {
        diff.privilege_changes.push(PrivilegeChange {
            who: WRITERS.to_owned(),
            several: false,
            gained: !protected,
            what: format!("may change files at {} without an admin", code(pattern)),
            paths: vec![pattern.clone()],
        });
    }
}

fn narrowings(old: &Policy, new: &Policy, diff: &mut PolicyDiff) {
    let (before, after) = (&old.config.sections, &new.config.sections);
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let (was, is) = (before.get(name), after.get(name));
        if was != is {
            let only = |narrowing: Option<&Narrowing>| narrowing.map_or_else(|| "everything".to_owned(), described);
            diff.effects.push(format!("section {} is required for {} instead of {}", code(name), only(is), only(was)));
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
    let within = narrowing.within.map(|days| format!(" within {}", counted(days, "day"))).unwrap_or_default();
    let scopes = narrowing.scopes.as_ref().map(|scopes| scopes.iter().map(code).collect::<Vec<_>>().join(" or "));
    let scopes = scopes.map(|scopes| format!(" in {scopes}")).unwrap_or_default();
    if bounds.is_empty() { only + &scopes } else { format!("{only} that {}{within}{scopes}", bounds.join(" or ")) }
}

/// The items of only the second list (`true`) and of only the first (`false`).
fn gained_and_lost<'t, T: Ord>(before: &'t [T], after: &'t [T]) -> Vec<(&'t T, bool)> {
    let (had, has): (BTreeSet<&T>, BTreeSet<&T>) = (before.iter().collect(), after.iter().collect());
    let gained = after.iter().filter(|item| !had.contains(item)).map(|item| (item, true));
    let lost = before.iter().filter(|item| !has.contains(item)).map(|item| (item, false));
    gained.chain(lost).collect()
}

/// Somebody's text as an output shows it.
fn code(text: impl std::fmt::Display) -> String {
    format!("`{}`", text.to_string().escape_debug())
}

/// The first three, and how many more.
fn examples(paths: &[&str]) -> String {
    first(paths, 3)
}

/// The first of some paths, and how many more.
fn first(paths: &[&str], most: usize) -> String {
    let first: Vec<String> = paths.iter().take(most).map(code).collect();
    let rest = crate::diagnostics::words::and_more(paths.len().saturating_sub(most));
    format!("{}{rest}", first.join(", "))
}
