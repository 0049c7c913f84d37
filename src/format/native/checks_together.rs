//! Checks of a native flag against the flags it depends on (`parentDependencies`).

use std::collections::BTreeSet;

use crate::diagnostics::diagnostic::choice;
use crate::diagnostics::{Diagnostic, lints};
use crate::document::{Entry, Map, Node};
use crate::flag::Flag;
use crate::format::relations::{Dependency, FlagFacts, FlagIndex, Lookup, Relations};

/// The flags that a flag depends on, in the order of its file.
#[must_use]
pub fn relations(flag: &Flag) -> Relations {
    let dependencies = flag.get("parentDependencies");
    let flags = dependencies.and_then(|node| node.get("flags")).and_then(Node::as_map);
    let plain = |entry: &Entry| match entry.key.as_str() {
        "flags" => true,
        "operator" => entry.value.as_text() == Some("all") || entry.value.is_null(),
        _ => false,
    };
    let otherwise = !dependencies.and_then(Node::as_map).is_none_or(|map| map.iter().all(plain));
    let strings =
        |node: &Node| node.as_list().unwrap_or_default().iter().filter_map(Node::as_text).map(str::to_owned).collect();
    let dependencies = flags.into_iter().flat_map(Map::iter).map(|entry| Dependency {
        key: entry.key.clone(),
        place: entry.place,
        variants: strings(&entry.value),
        otherwise,
    });
    let local = flag.get("evaluationMode").and_then(Node::as_text) == Some("local");
    Relations { dependencies: dependencies.collect(), local, ..Relations::default() }
}

/// Adds the diagnostics of a flag's dependencies.
pub fn check(flag: &FlagFacts, index: &FlagIndex<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut add = |lint, place, message: String, remedy: String| {
        diagnostics.push(Diagnostic::new(lint, &flag.path, place, message, remedy))
    };
    for Dependency { key, place, variants, .. } in &flag.relations.dependencies {
        let depends = format!("`{}` depends on `{}`", flag.key, key.escape_debug());
        let parent = match index.find(&flag.project, key) {
            Lookup::Found(parent) => parent,
            Lookup::InInvalidFile => continue,
            Lookup::InUnreportedFile => {
                let message = format!("{depends}, and the file that has it cannot be read");
                let remedy = "fix that file first; `countersign lint` lists its errors".to_owned();
                add(lints::MISSING_DEPENDENCY, *place, message, remedy);
                continue;
            }
            Lookup::Missing => {
                let message = format!("{depends}, which `{}` does not have", flag.project);
                let remedy = "name a flag of the same project, or remove the dependency".to_owned();
                add(lints::MISSING_DEPENDENCY, *place, message, remedy);
                continue;
            }
        };
        // `off` stands for the users who get no variant.
        let listed: BTreeSet<&str> = if variants.len() > FEW_VARIANTS {
            parent.variants.iter().map(|known| &**known).collect()
        } else {
            BTreeSet::new()
        };
        let is_listed = |variant: &str| match variants.len() {
            ..=FEW_VARIANTS => parent.variants.iter().any(|known| **known == *variant),
            _ => listed.contains(variant),
        };
        let known = |variant: &String| variant == "off" || is_listed(variant);
        if let Some(lost) = variants.iter().find(|variant| !known(variant)) {
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
        if flag.relations.local && !parent.relations.local {
            add(
                lints::DEPENDENCY_MODE,
                *place,
                format!("`{}` is evaluated locally and depends on `{key}`, which is evaluated remotely", flag.key),
                "evaluate both the same way".to_owned(),
            );
        }
        if let Some(circle) = circle(flag, key, index) {
            let message = format!("the dependency goes in a circle: {circle}");
            add(lints::CYCLIC_DEPENDENCY, *place, message, "remove one of the dependencies".to_owned());
        }
    }
}

/// Of so few variants each is looked for in the parent's list.
const FEW_VARIANTS: usize = 8;

/// The largest circle whose flags are all named: each of its dependencies is reported with all of it.
const MOST_NAMED: usize = 20;

/// The circle of dependencies from `flag` over `key` back to `flag`, as people read it.
fn circle(flag: &FlagFacts, key: &str, index: &FlagIndex<'_>) -> Option<String> {
    let size = index.circle(&flag.project, &flag.key, key)?;
    if size > MOST_NAMED {
        return Some(format!("{size} flags depend on each other, `{}` and `{key}` among them", flag.key));
    }
    let mut paths = vec![vec![key]];
    let mut seen = vec![key];
    while let Some(path) = paths.pop() {
        let last = *path.last()?;
        if last == &*flag.key {
            let names: Vec<String> = std::iter::once(&*flag.key).chain(path).map(|key| format!("`{key}`")).collect();
            return Some(names.join(" → "));
        }
        let Lookup::Found(next) = index.find(&flag.project, last) else { continue };
        for parent in &next.relations.dependencies {
            let within = index.circle(&flag.project, &flag.key, &parent.key).is_some();
            if within && !seen.contains(&parent.key.as_str()) {
                seen.push(&parent.key);
                paths.push(path.iter().copied().chain([parent.key.as_str()]).collect());
            }
        }
    }
    None
}
