//! What is wrong with flags that only shows when they are looked at together.
//!
//! In: all flags at hand, and the policy. Out: diagnostics at the places of the flags concerned. It judges no flag that was
//! not read. Not taken: checks of one flag alone; those belong to its format, which knows its words.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::diagnostic::choice;
use crate::diagnostics::{Diagnostic, Place, lints};
use crate::document::Node;
use crate::flag::FlagEntry;
use crate::policy::{APPROVERS_PATH, Approvals, CONFIG_PATH, Policy, ProjectMatch};

/// What has to be known of a flag to look at it beside others: little enough to keep for every flag of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    pub project: Box<str>,
    pub path: Box<str>,
    pub key: Box<str>,
    pub place: Place,
    pub live: bool,
    pub state: Box<str>,
    pub local: bool,
    pub variants: Box<[Box<str>]>,
    pub parents: Box<[Parent]>,
    /// Whether its file holds no other flag, so that it should be named after it.
    pub single: bool,
}

/// A flag another one depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    pub key: String,
    pub place: Place,
    /// The variants that let a user pass.
    pub variants: Vec<String>,
}

impl Facts {
    #[must_use]
    pub fn of(placed: &FlagEntry) -> Facts {
        let flag = &placed.flag;
        Facts {
            project: placed.project.as_str().into(),
            path: placed.path.as_str().into(),
            key: flag.key.as_str().into(),
            place: flag.place,
            live: flag.state.live,
            state: flag.state.word.as_str().into(),
            local: flag.get("evaluationMode").and_then(Node::as_text) == Some("local"),
            variants: flag.variants().into_iter().map(Box::from).collect(),
            parents: parents(placed).into(),
            single: std::ptr::eq(flag.fields, crate::format::native::FIELDS),
        }
    }

    fn id(&self) -> (&str, &str) {
        (&self.project, &self.key)
    }
}

/// The flags that one depends on, in the order of its file.
#[must_use]
pub fn parents(placed: &FlagEntry) -> Vec<Parent> {
    let flags = placed.flag.get("parentDependencies").and_then(|node| node.get("flags")).and_then(Node::as_map);
    let texts =
        |node: &Node| node.as_list().unwrap_or_default().iter().filter_map(Node::as_text).map(str::to_owned).collect();
    flags
        .into_iter()
        .flat_map(crate::document::Map::iter)
        .map(|entry| Parent { key: entry.key.clone(), place: entry.place, variants: texts(&entry.value) })
        .collect()
}

/// Checks the flags of one side against each other. Flags that others depend on, or that might have the same key, must
/// be among them.
#[must_use]
pub fn together(flags: &[&Facts], policy: &Policy) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut by_id = flags.to_vec();
    by_id.sort_by_key(|flag| flag.id());
    for counterparts in by_id.chunk_by(|one, two| one.id() == two.id()).filter(|counterparts| counterparts.len() > 1) {
        duplicates(counterparts, &mut diagnostics);
    }
    for flag in flags {
        dependencies(flag, &by_id, &mut diagnostics);
        diagnostics.extend(uncovered(flag, policy));
        diagnostics.extend(file_name(flag));
    }
    diagnostics.sort();
    diagnostics.dedup();
    diagnostics
}

/// The first flag of this key in a project, among all sorted by both.
fn find<'f>(by_id: &[&'f Facts], project: &str, key: &str) -> Option<&'f Facts> {
    let first = by_id.partition_point(|flag| flag.id() < (project, key));
    by_id.get(first).copied().filter(|flag| flag.id() == (project, key))
}

fn duplicates(counterparts: &[&Facts], diagnostics: &mut Vec<Diagnostic>) {
    for flag in counterparts {
        let Some(other) = counterparts.iter().find(|other| other.path != flag.path || other.place != flag.place) else {
            continue;
        };
        diagnostics.push(Diagnostic::new(
            lints::DUPLICATE_FLAG,
            &flag.path,
            flag.place,
            format!("`{}` stands in `{}` too, line {}", flag.key, other.path.escape_debug(), other.place.line),
            format!("keep one of the two in `{}`", flag.project),
        ));
    }
}

fn dependencies(flag: &Facts, by_id: &[&Facts], diagnostics: &mut Vec<Diagnostic>) {
    let mut add = |lint, place, message: String, remedy: String| {
        diagnostics.push(Diagnostic::new(lint, &flag.path, place, message, remedy))
    };
    for Parent { key, place, variants } in &flag.parents {
        let Some(parent) = find(by_id, &flag.project, key) else {
            add(
                lints::MISSING_DEPENDENCY,
                *place,
                format!("`{}` depends on `{}`, which `{}` does not have", flag.key, key.escape_debug(), flag.project),
                "name a flag of the same project, or remove the dependency".to_owned(),
            );
            continue;
        };
        // `off` stands for the users who get no variant.
        if let Some(lost) = variants
            .iter()
            .find(|variant| *variant != "off" && !parent.variants.iter().any(|known| **known == ***variant))
        {
            add(
                lints::MISSING_DEPENDENCY,
                *place,
                format!("`{key}` has no variant `{}`", lost.escape_debug()),
                format!("name one of {}", choice(parent.variants.iter().map(|variant| &**variant).chain(["off"]))),
            );
        }
        if flag.live && !parent.live {
            add(
                lints::INACTIVE_DEPENDENCY,
                *place,
                format!("`{}` is live and depends on `{key}`, which is {}", flag.key, parent.state),
                format!("activate `{key}` first"),
            );
        }
        if flag.local && !parent.local {
            add(
                lints::DEPENDENCY_MODE,
                *place,
                format!("`{}` is evaluated locally and depends on `{key}`, which is evaluated remotely", flag.key),
                "evaluate both the same way".to_owned(),
            );
        }
        if let Some(way) = way_back(flag, key, by_id) {
            let message = format!("the dependency goes in a circle: {way}");
            add(lints::CYCLIC_DEPENDENCY, *place, message, "remove one of the dependencies".to_owned());
        }
    }
}

/// The way from `key` back to `flag` over dependencies, as people read it.
fn way_back(flag: &Facts, key: &str, by_id: &[&Facts]) -> Option<String> {
    let mut ways = vec![vec![key]];
    let mut seen = vec![key];
    while let Some(way) = ways.pop() {
        let last = *way.last()?;
        if last == &*flag.key {
            let names: Vec<String> = std::iter::once(&*flag.key).chain(way).map(|key| format!("`{key}`")).collect();
            return Some(names.join(" → "));
        }
        let next = find(by_id, &flag.project, last);
        for parent in next.map(|next| &*next.parents).unwrap_or_default() {
            if !seen.contains(&parent.key.as_str()) {
                seen.push(&parent.key);
                ways.push(way.iter().copied().chain([parent.key.as_str()]).collect());
            }
        }
    }
    None
}

fn uncovered(flag: &Facts, policy: &Policy) -> Option<Diagnostic> {
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

fn file_name(flag: &Facts) -> Option<Diagnostic> {
    let name = flag.path.rsplit('/').next()?;
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    (flag.single && stem != &*flag.key).then(|| {
        Diagnostic::new(
            lints::FILE_NAME,
            &flag.path,
            flag.place,
            format!("`{}` is in a file named `{}`", flag.key, name.escape_debug()),
            format!("name the file `{}.yaml`", flag.key),
        )
    })
}

/// Lines of APPROVERS and paths of projects that match none of these files.
#[must_use]
pub fn dead_patterns(policy: &Policy, paths: &[String]) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    // Nearly every line is the last to match some path; only the others are tried one by one.
    let holding: BTreeSet<Place> =
        paths.iter().flat_map(|path| policy.approvers.matching(path)).map(|found| found.line.place).collect();
    let lines = policy.approvers.sections.iter().flat_map(|section| &section.lines);
    for line in lines.filter(|line| !holding.contains(&line.place)) {
        if !paths.iter().any(|path| line.pattern.matches(path)) {
            diagnostics.push(Diagnostic::new(
                lints::DEAD_PATTERN,
                APPROVERS_PATH,
                line.place,
                format!("`{}` matches no managed file", line.pattern),
                "fix the pattern, or remove the line",
            ));
        }
    }
    for project in &policy.config.projects {
        for pattern in project.paths.iter().filter(|pattern| !paths.iter().any(|path| pattern.matches(path))) {
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

/// Paths that differ only in case, if one of them is managed or part of the policy: on many machines one hides the other.
/// Case is Unicode's; composed and decomposed forms are not brought together.
#[must_use]
pub fn case_collisions(paths: &[String], policy: &Policy) -> Vec<Diagnostic> {
    let concerns = |path: &str| !matches!(policy.project_of(path), ProjectMatch::Unmanaged) || policy.protects(path);
    let mut files: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for path in paths {
        files.entry(path.to_lowercase()).or_default().push(path);
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
            if let Some(other) = counterparts.iter().find(|other| *other != path) {
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
