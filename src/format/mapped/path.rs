//! Ways through a document, and what is found at their ends.

use super::language::{Path, PathStep, Root, Source};
use crate::document::{Data, Node};

/// A node that a path leads to.
#[derive(Clone, Debug)]
pub struct PathMatch<'n> {
    /// The name of each step: keys, and numbers of items.
    pub names: Vec<String>,
    /// Which of the names a `*` stood for.
    pub wild: Vec<usize>,
    pub node: &'n Node,
    /// Where the key of it stands, or the node.
    pub place: crate::diagnostics::Place,
}

impl Path {
    /// Reads a path such as `rules/*/percentage`, `@env/state` or `@doc/namespace`.
    pub fn parse(text: &str) -> Option<Path> {
        let (root, rest) = match text.strip_prefix('@') {
            None => (Root::Entity, text),
            Some(rest) => {
                let (name, rest) = rest.split_once('/').unwrap_or((rest, "."));
                match name {
                    "env" => (Root::Env, rest),
                    "doc" => (Root::Document, rest),
                    _ => return None,
                }
            }
        };
        if rest == "." {
            return Some(Path { root, steps: Vec::new() });
        }
        let step = |part: &str| match part.split_once('*') {
            _ if part.is_empty() => None,
            _ if part == "@env" => Some(PathStep::Env),
            None => Some(PathStep::Key(part.to_owned())),
            Some((_, after)) if after.contains('*') => None,
            Some((before, after)) => Some(PathStep::Any(before.to_owned(), after.to_owned())),
        };
        Some(Path { root, steps: rest.split('/').map(step).collect::<Option<_>>()? })
    }

    /// The path for keys in any letter case.
    #[must_use]
    pub fn in_any_case(mut self) -> Path {
        for step in &mut self.steps {
            if let PathStep::Key(key) = step {
                *step = PathStep::AnyCase(std::mem::take(key));
            }
        }
        self
    }

    /// The path without its `*`s and what comes before them, for a default that stands in no file.
    pub fn shown(&self) -> String {
        let step = |step: &PathStep| match step {
            PathStep::Key(key) | PathStep::AnyCase(key) => key.clone(),
            PathStep::Any(before, after) => format!("{before}*{after}"),
            PathStep::Env => "@env".to_owned(),
        };
        self.steps.iter().map(step).collect::<Vec<_>>().join("/")
    }
}

impl Source {
    /// Reads a path, or one of `@key`, `@key0`, `@env-key`, `@value`, `@file`, `@path:features/*.yaml` and `=word`.
    pub fn parse(text: &str) -> Option<Source> {
        Some(match text {
            "@key" => Source::Key(None),
            "@value" => Source::Value,
            "@file" => Source::File,
            "@env-key" => Source::EnvKey,
            _ if text.len() > 1 && text.starts_with('=') => Source::Word(text.trim_start_matches('=').to_owned()),
            _ => match (text.strip_prefix("@key"), text.strip_prefix("@path:")) {
                (Some(number), _) => Source::Key(Some(number.parse().ok()?)),
                (_, Some(pattern)) => {
                    let (before, after) = pattern.split_once('*')?;
                    (!after.contains('*')).then(|| Source::FilePart(before.to_owned(), after.to_owned()))?
                }
                (None, None) => Source::Path(Path::parse(text)?),
            },
        })
    }
}

/// Everything the steps lead to, in the order of the file.
pub fn walk<'n>(node: &'n Node, steps: &[PathStep]) -> Vec<PathMatch<'n>> {
    walk_by(node, steps, None)
}

/// The same, where the items of a list have the name that their member `by` says.
pub fn walk_by<'n>(node: &'n Node, steps: &[PathStep], by: Option<&str>) -> Vec<PathMatch<'n>> {
    let mut found = Vec::new();
    step(PathMatch { names: Vec::new(), wild: Vec::new(), node, place: node.place }, steps, by, &mut found);
    found
}

fn step<'n>(at: PathMatch<'n>, steps: &[PathStep], by: Option<&str>, found: &mut Vec<PathMatch<'n>>) {
    let Some((first, rest)) = steps.split_first() else { return found.push(at) };
    let next = |name: String, wild: bool, node: &'n Node, place| {
        let mut next = PathMatch { names: at.names.clone(), wild: at.wild.clone(), node, place };
        if wild {
            next.wild.push(next.names.len());
        }
        next.names.push(name);
        next
    };
    match (first, &at.node.data) {
        (PathStep::Key(key), Data::Map(map)) => {
            if let Some(entry) = map.entry(key) {
                step(next(key.clone(), false, &entry.value, entry.place), rest, by, found);
            }
        }
        (PathStep::AnyCase(key), Data::Map(map)) => {
            for entry in map.iter().filter(|entry| entry.key.eq_ignore_ascii_case(key)) {
                step(next(entry.key.clone(), false, &entry.value, entry.place), rest, by, found);
            }
        }
        (PathStep::Any(before, after), Data::Map(map)) => {
            for entry in map.iter() {
                let inner = entry.key.strip_prefix(before.as_str()).and_then(|key| key.strip_suffix(after.as_str()));
                if inner.is_some() {
                    step(next(entry.key.clone(), true, &entry.value, entry.place), rest, by, found);
                }
            }
        }
        (PathStep::Any(before, after), Data::List(items)) if before.is_empty() && after.is_empty() => {
            for (number, item) in items.iter().enumerate() {
                // An item that is a string is its own name.
                let named = by.and_then(|by| item.get(by)).unwrap_or(item).as_text().map(str::to_owned);
                let name = named.unwrap_or_else(|| number.to_string());
                step(next(name, true, item, item.place), rest, by, found);
            }
        }
        _ => {}
    }
}
