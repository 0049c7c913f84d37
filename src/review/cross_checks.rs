//! Checks of flags against each other, the policy and the paths of the repository.
//!
//! In: the facts of all flags at hand, and the policy. Out: diagnostics at the places of the flags concerned. Refuses:
//! to judge a flag that was not read; to report a consequence next to its cause. Not taken: checks that need the words
//! of a format (dependencies between flags); its row brings those, and they are called here.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::diagnostic::{choice, nearest};
use crate::diagnostics::{Diagnostic, Place, lints};
use crate::document::shape::is_key;
use crate::flag::folder;
use crate::format::known;
use crate::format::relations::{FlagFacts, FlagIndex, InvalidFiles};
use crate::policy::fold::folded;
use crate::policy::misspelt::alternatives;
use crate::policy::{
    APPROVERS_PATH, Approvals, CONFIG_PATH, Pattern, Policy, Project, ProjectMatch, own_name, placeholders,
};

/// Checks the flags of one side against each other. Flags that others depend on, or that might have the same key, must
/// be among them, or in one of the `invalid` files, whose errors are reported, or the `unreported` ones.
#[must_use]
pub fn check_together(
    flags: &[&FlagFacts],
    invalid: &InvalidFiles,
    unreported: &InvalidFiles,
    policy: &Policy,
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let index = FlagIndex::new(flags, invalid, unreported);
    for same_key in index.duplicates() {
        duplicates(same_key, policy, &mut diagnostics);
    }
    for flag in flags {
        (flag.format.check_relations)(flag, &index, &mut diagnostics);
        diagnostics.extend(uncovered(flag, policy));
        diagnostics.extend(file_name(flag));
    }
    diagnostics.sort();
    diagnostics.dedup();
    diagnostics
}

/// Adds a diagnostic for each flag whose key another flag of its project has too.
fn duplicates(same_key: &[&FlagFacts], policy: &Policy, diagnostics: &mut Vec<Diagnostic>) {
    for flag in same_key {
        let other = |other: &&&FlagFacts| other.path != flag.path || other.place != flag.place;
        // All but one place of a group are another one: one of the first two is.
        let Some(other) = same_key.iter().take(2).find(other) else {
            continue;
        };
        diagnostics.push(Diagnostic::new(
            lints::DUPLICATE_FLAG,
            &flag.path,
            flag.place,
            format!("`{}` stands in `{}` too, line {}", flag.key, other.path.escape_debug(), other.place.line),
            // Files of two services or environments are read by themselves.
            if other.path == flag.path || flag.format.one_flag_a_file && folder(&other.path) == folder(&flag.path) {
                format!("keep one of the two in `{}`", flag.project)
            } else {
                format!(
                    "keep one of the two in `{}`; or, if another service or environment reads each file, let an admin \
                     first {} in `{CONFIG_PATH}`",
                    flag.project,
                    told_apart(flag, other, policy)
                )
            },
        ));
    }
}

/// The way to tell the flags of two files apart, in the configuration.
fn told_apart(flag: &FlagFacts, other: &FlagFacts, policy: &Policy) -> String {
    let project = policy.project(&flag.project);
    let patterns = project.map(|project| project.paths.as_slice()).unwrap_or_default();
    let paths: [&str; 2] = [&flag.path, &other.path];
    let found = if flag.format.one_flag_a_file {
        placeholders::for_folders_of(&paths)
    } else {
        placeholders::for_paths(&paths, patterns).or_else(|| placeholders::for_deeper(paths, patterns))
    };
    match found {
        Some(pattern) => format!("add `\"{pattern}\"` to the `paths` of `{}`", own_name(&flag.project)),
        None => "give each a project of its own under `projects`".to_owned(),
    }
}

/// The diagnostic of a live flag for which APPROVERS names nobody, though its project asks for named approvers.
fn uncovered(flag: &FlagFacts, policy: &Policy) -> Option<Diagnostic> {
    let specific = policy.project(&flag.project)?.approvals == Approvals::Specific;
    if !specific || !flag.live {
        return None;
    }
    let covered = policy
        .approvers
        .matching(&flag.path)
        .iter()
        .any(|found| !found.section.optional && !found.approvers.is_empty());
    (!covered).then(|| {
        Diagnostic::new(
            lints::UNCOVERED_FLAG,
            &flag.path,
            flag.place,
            format!("`{}` is live and no line of APPROVERS names anyone for it", flag.key),
            "add a line for its path to `.countersign/APPROVERS`; until then a change of it waits for an admin",
        )
    })
}

/// The diagnostic of a file that holds one flag and has another name.
fn file_name(flag: &FlagFacts) -> Option<Diagnostic> {
    let name = crate::flag::file_name(&flag.path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    // A key that no file can be named after was reported.
    (flag.format.one_flag_a_file && stem != &*flag.key && is_key(&flag.key)).then(|| {
        Diagnostic::new(
            lints::FILE_NAME,
            &flag.path,
            flag.place,
            format!("`{}` is in a file named `{}`", flag.key, name.escape_debug()),
            format!("name the file `{}.yaml`", flag.key),
        )
    })
}

/// Lines of APPROVERS and paths of projects that match none of these files; `empty` are the diagnostics of projects
/// without any.
#[must_use]
pub fn dead_patterns(policy: &Policy, paths: &[&str], empty: &[Diagnostic]) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    // Nearly every line is the last to match some path; only the others are tried one by one.
    let holding: BTreeSet<Place> =
        paths.iter().flat_map(|path| policy.approvers.matching(path)).map(|found| found.line.place).collect();
    let lines = policy.approvers.sections.iter().flat_map(|section| &section.lines);
    for line in lines.filter(|line| !holding.contains(&line.place)) {
        if !paths.iter().any(|path| line.pattern.matches(path)) {
            let remedy = match alternatives(&line.pattern.to_string()) {
                Some(each) => format!("write a line for each: {}", choice(each.iter().map(String::as_str))),
                None => "fix the pattern, or remove the line".to_owned(),
            };
            diagnostics.push(Diagnostic::new(
                lints::DEAD_PATTERN,
                APPROVERS_PATH,
                line.place,
                format!("`{}` matches no managed file", line.pattern),
                remedy,
            ));
        }
    }
    // Of a project without a file the project is named, not each of its patterns.
    let is_empty = |project: &&Project| empty.iter().any(|one| one.place == project.place);
    for project in policy.config.projects.iter().filter(|project| !is_empty(project)) {
        // Where a format keeps files, some may come later.
        let dead = |pattern: &&Pattern| {
            !known::is_usual_place(&pattern.to_string()) && !paths.iter().any(|path| pattern.matches(path))
        };
        for pattern in project.paths.iter().filter(dead) {
            diagnostics.push(Diagnostic::new(
                lints::DEAD_PATTERN,
                CONFIG_PATH,
                project.place,
                format!("`{pattern}` of `{}` matches no file", project.name),
                "fix the pattern, or remove it",
            ));
        }
    }
    diagnostics
}

/// Scopes that sections name and no flag has, if flags have any.
#[must_use]
pub fn unmatched_scopes(policy: &Policy, scopes: &BTreeSet<&str>) -> Vec<Diagnostic> {
    let known: BTreeSet<&str> = scopes.iter().flat_map(|scope| scope.split('/').chain([*scope])).collect();
    let mut diagnostics = Vec::new();
    for (section, narrowing) in policy.config.sections.iter().filter(|_| !known.is_empty()) {
        for scope in narrowing.scopes.iter().flatten().filter(|scope| !known.contains(scope.as_str())) {
            let place = policy.config.places.sections.get(section).map_or(Place::START, |(_, place)| *place);
            let few = || known.iter().copied().take(20);
            let remedy = match nearest(scope, few()) {
                Some(meant) => format!("write `{}` if that is meant", meant.escape_debug()),
                None => format!("write one of {}, or remove it", choice(few())),
            };
            let message = format!("`{section}` is about the scope `{}`, which no flag has", scope.escape_debug());
            diagnostics.push(Diagnostic::new(lints::UNMATCHED_SCOPE, CONFIG_PATH, place, message, remedy));
        }
    }
    diagnostics
}

/// Paths that are one where case does not count, if one of them is managed or part of the policy: on many machines one
/// hides the other.
#[must_use]
pub fn case_collisions<'p>(paths: impl Iterator<Item = &'p String>, policy: &Policy) -> Vec<Diagnostic> {
    let concerns = |path: &str| !matches!(policy.project_of(path), ProjectMatch::Unmanaged) || policy.protects(path);
    let mut files: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for path in paths {
        files.entry(folded(path)).or_default().push(path);
    }
    let mut diagnostics = Vec::new();
    let mut collide = |path: &str, other: &str| {
        if concerns(path) || concerns(other) {
            let message = format!("`{}` is there too and differs only in case", other.escape_debug());
            diagnostics.push(Diagnostic::new(
                lints::CASE_COLLISION,
                path,
                Place::START,
                message,
                "rename one of the two",
            ));
        }
    };
    for (lower, counterparts) in &files {
        for path in counterparts {
            if let Some(other) = counterparts.iter().take(2).find(|other| *other != path) {
                collide(path, other);
            }
            // A file where a folder of this path would stand.
            let folders = lower.match_indices('/').filter_map(|(at, _)| lower.get(..at));
            for other in folders.filter_map(|folder| files.get(folder)).flatten() {
                collide(path, other);
            }
        }
    }
    diagnostics
}
