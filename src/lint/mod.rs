//! What is wrong with flags that only shows when they are looked at together.
//!
//! In: all flags at hand, and the law. Out: problems at the places of the flags concerned. It judges no flag that was
//! not read. Not taken: checks of one flag alone; those belong to its format, which knows its words.

use std::collections::BTreeMap;

use crate::flag::Placed;
use crate::policy::{Approvals, Law};
use crate::text::{Node, Place, Problem, lints};

/// Checks the flags of one side against each other. Flags that others depend on, or that might have the same key, must
/// be among them.
#[must_use]
pub fn together(flags: &[Placed], law: &Law) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut by_id: BTreeMap<(&str, &str), Vec<&Placed>> = BTreeMap::new();
    for placed in flags {
        by_id.entry((&placed.project, &placed.flag.key)).or_default().push(placed);
    }
    for twins in by_id.values().filter(|twins| twins.len() > 1) {
        duplicates(twins, &mut problems);
    }
    for placed in flags {
        dependencies(placed, &by_id, &mut problems);
        if let Some(problem) = uncovered(placed, law) {
            problems.push(problem);
        }
        if let Some(problem) = file_name(placed) {
            problems.push(problem);
        }
    }
    problems.sort();
    problems.dedup();
    problems
}

/// The keys a flag depends on, each with its place and the variants that let a user pass.
#[must_use]
pub fn parents(placed: &Placed) -> Vec<(&str, Place, Vec<&str>)> {
    let flags = placed.flag.get("parentDependencies").and_then(|node| node.get("flags")).and_then(Node::as_map);
    flags
        .into_iter()
        .flat_map(crate::text::Map::iter)
        .map(|entry| {
            let variants = entry.value.as_list().unwrap_or_default().iter().filter_map(Node::as_text).collect();
            (entry.key.as_str(), entry.place, variants)
        })
        .collect()
}

fn duplicates(twins: &[&Placed], problems: &mut Vec<Problem>) {
    for placed in twins {
        let Some(other) = twins.iter().find(|other| other.path != placed.path || other.flag.place != placed.flag.place)
        else {
            continue;
        };
        problems.push(Problem::new(
            lints::DUPLICATE_FLAG,
            &placed.path,
            placed.flag.place,
            format!(
                "`{}` stands in `{}` too, line {}",
                placed.flag.key,
                other.path.escape_debug(),
                other.flag.place.line
            ),
            format!("keep one of the two in `{}`", placed.project),
        ));
    }
}

type ById<'f> = BTreeMap<(&'f str, &'f str), Vec<&'f Placed>>;

fn dependencies(placed: &Placed, by_id: &ById<'_>, problems: &mut Vec<Problem>) {
    let mut add = |lint, place, message: String, remedy: String| {
        problems.push(Problem::new(lint, &placed.path, place, message, remedy))
    };
    for (key, place, variants) in parents(placed) {
        let Some(parent) = by_id.get(&(placed.project.as_str(), key)).and_then(|found| found.first()) else {
            add(
                lints::MISSING_DEPENDENCY,
                place,
                format!(
                    "`{}` depends on `{}`, which `{}` does not have",
                    placed.flag.key,
                    key.escape_debug(),
                    placed.project
                ),
                "name a flag of the same project, or remove the dependency".to_owned(),
            );
            continue;
        };
        let known = parent.flag.variants();
        // `off` stands for the users who get no variant.
        if let Some(lost) = variants.iter().find(|variant| **variant != "off" && !known.contains(variant)) {
            add(
                lints::MISSING_DEPENDENCY,
                place,
                format!("`{key}` has no variant `{}`", lost.escape_debug()),
                format!("name one of {}", crate::text::problem::choice(known.iter().copied().chain(["off"]))),
            );
        }
        if placed.flag.state.live && !parent.flag.state.live {
            add(
                lints::INACTIVE_DEPENDENCY,
                place,
                format!("`{}` is live and depends on `{key}`, which is {}", placed.flag.key, parent.flag.state.word),
                format!("activate `{key}` first"),
            );
        }
        let local = |placed: &Placed| placed.flag.get("evaluationMode").and_then(Node::as_text) == Some("local");
        if local(placed) && !local(parent) {
            add(
                lints::DEPENDENCY_MODE,
                place,
                format!(
                    "`{}` is evaluated locally and depends on `{key}`, which is evaluated remotely",
                    placed.flag.key
                ),
                "evaluate both the same way".to_owned(),
            );
        }
        if let Some(way) = way_back(placed, key, by_id) {
            add(
                lints::CYCLIC_DEPENDENCY,
                place,
                format!("the dependency goes in a circle: {way}"),
                "remove one of the dependencies".to_owned(),
            );
        }
    }
}

/// The way from `key` back to `placed` over dependencies, as people read it.
fn way_back(placed: &Placed, key: &str, by_id: &ById<'_>) -> Option<String> {
    let mut ways = vec![vec![key.to_owned()]];
    let mut seen = vec![key.to_owned()];
    while let Some(way) = ways.pop() {
        let last = way.last()?;
        if *last == placed.flag.key {
            let names: Vec<String> =
                std::iter::once(&placed.flag.key).chain(&way).map(|key| format!("`{key}`")).collect();
            return Some(names.join(" → "));
        }
        let next = by_id.get(&(placed.project.as_str(), last.as_str())).and_then(|found| found.first());
        for (key, _, _) in next.map(|next| parents(next)).unwrap_or_default() {
            if !seen.iter().any(|other| other == key) {
                seen.push(key.to_owned());
                ways.push(way.iter().cloned().chain([key.to_owned()]).collect());
            }
        }
    }
    None
}

fn uncovered(placed: &Placed, law: &Law) -> Option<Problem> {
    let specific = law.project(&placed.project)?.approvals == Approvals::Specific;
    if !specific || !placed.flag.state.live {
        return None;
    }
    let covered =
        law.approvers.matching(&placed.path).iter().any(|found| !found.section.optional && !found.approvers.is_empty());
    (!covered).then(|| {
        Problem::new(
            lints::UNCOVERED_FLAG,
            &placed.path,
            placed.flag.place,
            format!("`{}` is live and no line of APPROVERS names anyone for it", placed.flag.key),
            "add a line for its path to `.countersign/APPROVERS`; until then a change of it waits for an admin",
        )
    })
}

/// Only formats with one flag a file name the file after it.
fn file_name(placed: &Placed) -> Option<Problem> {
    let single = std::ptr::eq(placed.flag.fields, crate::format::native::FIELDS);
    let name = placed.path.rsplit('/').next()?;
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    (single && stem != placed.flag.key).then(|| {
        Problem::new(
            lints::FILE_NAME,
            &placed.path,
            placed.flag.place,
            format!("`{}` is in a file named `{}`", placed.flag.key, name.escape_debug()),
            format!("name the file `{}.yaml`", placed.flag.key),
        )
    })
}
