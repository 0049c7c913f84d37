//! Ways through a document, and what is found at their ends.

use std::borrow::Cow;

use super::language::{Path, PathStep, Root, Source};
use crate::diagnostics::Place;
use crate::document::yaml::{Dialect, UNQUOTED};
use crate::document::{Data, Entry, Map, Node};
use crate::flag::file_name;
use crate::format::names::{NameSet, NamedPlace, Sureness, holds_flags, item_name_rank, surely_serves_users};

/// A node that a path leads to.
#[derive(Clone, Debug)]
pub struct PathMatch<'n> {
    /// The name of each step: keys, and numbers of items.
    pub names: Vec<Cow<'n, str>>,
    /// Which of the names a `*` stood for.
    pub wild: Vec<usize>,
    pub node: &'n Node,
    /// Where the key of it stands, or the node.
    pub place: Place,
}

impl<'n> PathMatch<'n> {
    /// The first name on the way that no `*` stood for, but that of the node itself.
    pub fn around(&self) -> Option<&'n str> {
        let before = self.names.len().saturating_sub(1);
        let at = (0..before).find(|at| !self.wild.contains(at))?;
        match self.names.get(at) {
            Some(Cow::Borrowed(name)) => Some(name),
            Some(Cow::Owned(_)) | None => None,
        }
    }
}

/// The way to a flag without its names, `*` for a key and `[]` for an item, with the names behind the first of these;
/// or, with `named`, to an environment of it, with all names on the way.
pub fn layout(found: &PathMatch<'_>, named: bool) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for (at, name) in found.names.iter().enumerate() {
        let last = named && at + 1 == found.names.len();
        match found.wild.contains(&at) || last {
            true if name.bytes().all(|byte| byte.is_ascii_digit()) => parts.push("[]"),
            true if named => parts.push("{environment}"),
            true => parts.push("*"),
            // A name between two others, such as that of a list of flags in an environment.
            false if named || !parts.is_empty() => parts.push(name),
            false => {}
        }
    }
    parts.join("/")
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
        let number = |part: &str| part.strip_prefix("@key")?.parse().ok();
        let step = |part: &str| match part.split_once('*') {
            _ if part.is_empty() => None,
            _ if part == "@env" => Some(PathStep::Env),
            _ if part == "**" => Some(PathStep::Deep),
            _ if part.starts_with('{') => NameSet::parse(part).map(PathStep::Named),
            _ if number(part).is_some() => number(part).map(PathStep::Name),
            None if Dialect::differ(part) => Some(PathStep::Unquoted(part.to_owned())),
            None => Some(PathStep::Key(part.to_owned())),
            Some((_, after)) if after.contains('*') => None,
            Some((before, after)) => Some(PathStep::Any(before.to_owned(), after.to_owned())),
        };
        let steps: Vec<PathStep> = rest.split('/').map(step).collect::<Option<_>>()?;
        // Each one more goes through everything below again.
        (steps.iter().filter(|step| **step == PathStep::Deep).count() <= 1).then_some(Path { root, steps })
    }

    /// Whether it leads on from where another path ends.
    #[must_use]
    pub fn is_inside(&self, other: &Path) -> bool {
        self.root == other.root && self.steps.len() > other.steps.len() && self.steps.starts_with(&other.steps)
    }

    /// The path for keys in any letter case.
    #[must_use]
    pub fn in_any_case(mut self) -> Path {
        for step in &mut self.steps {
            if let PathStep::Key(key) | PathStep::Unquoted(key) = step {
                *step = PathStep::AnyCase(std::mem::take(key));
            }
        }
        self
    }

    /// The path without its `*`s and what comes before them, for a default that stands in no file.
    pub fn shown(&self) -> String {
        let step = |step: &PathStep| match step {
            PathStep::Key(key) | PathStep::Unquoted(key) | PathStep::AnyCase(key) => key.clone(),
            PathStep::Any(before, after) => format!("{before}*{after}"),
            PathStep::Deep => "**".to_owned(),
            PathStep::Env => "@env".to_owned(),
            PathStep::Named(set) => set.word().to_owned(),
            PathStep::Name(at) => format!("@key{at}"),
        };
        self.steps.iter().map(step).collect::<Vec<_>>().join("/")
    }
}

impl Source {
    /// Reads a path, or one of `@key`, `@key0`, `@name`, `@item`, `@env-key`, `@value`, `@file`, `@file-camel`,
    /// `@file-scope`, `@path:features/*.yaml` and `=word`.
    pub fn parse(text: &str) -> Option<Source> {
        Some(match text {
            "@key" => Source::Key(None),
            "@name" => Source::Name,
            "@item" => Source::Item,
            "@value" => Source::Value,
            "@file" => Source::File,
            "@file-camel" => Source::FileCamel,
            "@file-scope" => Source::FileScope,
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

/// The name of a file up to its first point.
pub fn stem(path: &str) -> &str {
    let name = file_name(path);
    name.split_once('.').map_or(name, |(stem, _)| stem)
}

/// A name in camel case: each letter or digit after a hyphen is a capital, and the hyphen is left out.
pub fn camel(name: &str) -> String {
    let mut parts = name.split('-');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut chars = part.chars();
        match chars.next().filter(|first| first.is_ascii_lowercase() || first.is_ascii_digit()) {
            Some(first) => out.extend([first.to_ascii_uppercase()].into_iter().chain(chars)),
            None => out.extend(["-", part]),
        }
    }
    out
}

/// The part of a file's name between its first and its last point.
pub fn file_scope(path: &str) -> Option<&str> {
    let name = file_name(path).trim_start_matches('.');
    let (_, rest) = name.split_once('.')?;
    rest.rsplit_once('.').map(|(scope, _)| scope).filter(|scope| !scope.is_empty())
}

/// A key as it is written, without what tells that it stands without quotes.
pub fn without_mark(key: &str) -> &str {
    key.strip_suffix(UNQUOTED).unwrap_or(key)
}

/// The name of a member, and whether its value may say that something is on, as may what comes out of a template.
fn switch(entry: &Entry) -> (&str, bool) {
    let may_be_on = match &entry.value.data {
        Data::Bool(_) | Data::Map(_) | Data::Null => true,
        Data::Text(text) => super::templates::has_template(text),
        Data::Number(_) | Data::List(_) => false,
    };
    (without_mark(&entry.key), may_be_on)
}

/// Whether members of a map are in a set. Environments are looked for where their names are surest: flags that are
/// called like one have maps of environments.
pub fn is_in(set: NameSet, map: &Map) -> bool {
    match set {
        NameSet::Environments => level(map) == EnvironmentLevel::Here,
        NameSet::FlagsOrEnvironments => level(map) == EnvironmentLevel::Either,
        _ => true,
    }
}

/// Whether what a map holds is lists of flags that say their own names, such as `[[feature]]` in TOML: nothing next to
/// them may be a flag.
pub fn lists_flags(map: &Map) -> bool {
    let is_note = |entry: &Entry| match &entry.value.data {
        Data::Null | Data::Number(_) => true,
        Data::Text(text) => super::draft::state_of(without_mark(text)).is_none(),
        Data::Bool(_) | Data::List(_) | Data::Map(_) => false,
    };
    let is_entry = |entry: &Entry| item_name_rank(without_mark(&entry.key)).is_some();
    map.iter().any(has_items) && map.iter().all(|entry| has_items(entry) || is_note(entry) && !is_entry(entry))
}

/// Whether a member is a list of flags that say their own names.
pub fn has_items(entry: &Entry) -> bool {
    let named = |item: &Node| {
        let mut entries = item.as_map().into_iter().flat_map(Map::iter);
        entries.any(|entry| item_name_rank(without_mark(&entry.key)).is_some() && entry.value.as_text().is_some())
    };
    let items = entry.value.as_list().filter(|_| holds_flags(without_mark(&entry.key), NamedPlace::NamedItems));
    items.is_some_and(|items| items.iter().all(named))
}

/// Where the environments of a map are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum EnvironmentLevel {
    /// They are its members.
    Here,
    /// They are inside of its members, which are flags, or nowhere.
    Below,
    /// Both have names of environments, so that one who says the wrong one takes users for makers.
    Either,
}

fn sureness(map: &Map) -> Sureness {
    NameSet::Environments.sureness(map.iter().map(switch))
}

fn level(map: &Map) -> EnvironmentLevel {
    let inner = || map.iter().filter_map(|entry| entry.value.as_map());
    let below = || inner().map(sureness);
    let most = || below().max().unwrap_or(Sureness::None);
    let has_users = || map.iter().any(|entry| surely_serves_users(without_mark(&entry.key), false));
    let users_below = || inner().any(says_users);
    match sureness(map) {
        Sureness::None => EnvironmentLevel::Below,
        Sureness::Parts if most() >= Sureness::All(2) => EnvironmentLevel::Below,
        // Each of those below has one as well.
        Sureness::Some(_) if below().min().is_some_and(|least| least >= Sureness::Some(1)) => EnvironmentLevel::Below,
        here @ (Sureness::Some(_) | Sureness::All(_)) if most() > here && has_users() => EnvironmentLevel::Either,
        here @ (Sureness::Some(_) | Sureness::All(_)) if most() > here => EnvironmentLevel::Below,
        _ if users_below() => EnvironmentLevel::Either,
        _ => EnvironmentLevel::Here,
    }
}

/// Whether a list has names of environments and nothing else, one of which nothing else has.
pub fn are_environments(items: &[Node]) -> bool {
    let names = || items.iter().filter_map(Node::as_text).map(|name| (without_mark(name), true));
    names().count() == items.len() && NameSet::Environments.sureness(names()) >= Sureness::All(1)
}

/// Whether a map names an environment with users in it as those of one flag are named, by itself or in a member for
/// them.
fn says_users(map: &Map) -> bool {
    let all = sureness(map) == Sureness::Parts;
    let named = |map: &Map| map.iter().any(|entry| surely_serves_users(without_mark(&entry.key), all));
    let listed = |node: &Node| match &node.data {
        Data::Map(map) => map.iter().any(|entry| surely_serves_users(without_mark(&entry.key), true)),
        Data::List(items) => {
            items.iter().filter_map(Node::as_text).any(|name| surely_serves_users(without_mark(name), true))
        }
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => false,
    };
    let enabled_for = map.get("enabled_for").and_then(|node| node.get("environments"));
    let held = ["environments", "envs"].iter().filter_map(|name| map.get(name)).chain(enabled_for);
    named(map) || held.into_iter().any(listed)
}
