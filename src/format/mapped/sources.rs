//! The values that a part of a field is read from: the first of its sources that is there, or what stands for absence.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::flag_place::{At, address};
use super::language::{Entity, FieldPart, ListKind, Path, PathStep, Source};
use super::path::{PathMatch, without_mark};
use super::walk::{StepNames, each_node, walk_names};
use crate::document::{Data, Entry, Map, Node};

impl Source {
    /// The path, if it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Source::Path(path) => Some(path),
            _ => None,
        }
    }
}

/// The nodes of a part, by the first source that is there. A part with a name has it in the place of its path.
pub fn matches<'n>(part: &FieldPart, at: &At<'n>, any_case: bool) -> Vec<PathMatch<'n>> {
    let by = part.by.as_deref().or(match &part.list {
        ListKind::Keyed(by) => Some(by.as_str()),
        _ => None,
    });
    // A part that goes to another item of the same name has another way.
    let names = StepNames { by, own: true, lower: any_case, ..at.names() };
    if let [source] = part.at.as_slice() {
        return walk_source(source, names, at).into_iter().map(|one| renamed(one, source, part, any_case)).collect();
    }
    let mut found: Vec<PathMatch<'n>> = Vec::new();
    let mut taken: BTreeSet<Vec<Cow<'n, str>>> = BTreeSet::new();
    let mut first: Option<&[PathStep]> = None;
    for source in &part.at {
        let items = match source {
            Source::Path(path) => items(path),
            _ => &[],
        };
        // Paths through the same items are tried item by item.
        if first.is_some_and(|first| !found.is_empty() && (first != items || items.is_empty())) {
            break;
        }
        first = Some(items);
        let new: Vec<PathMatch<'n>> = walk_source(source, names, at)
            .into_iter()
            .filter(|one| items.is_empty() || !taken.contains(item_of(one)))
            .collect();
        if !items.is_empty() {
            taken.extend(new.iter().map(|one| item_of(one).to_vec()));
        }
        found.extend(new.into_iter().map(|one| renamed(one, source, part, any_case)));
    }
    found
}

/// The steps of a path up to its last `*`.
fn items(path: &Path) -> &[PathStep] {
    let last = path.steps.iter().rposition(PathStep::is_wild);
    last.and_then(|last| path.steps.get(..=last)).unwrap_or_default()
}

/// The names that lead to the last item on the way.
fn item_of<'m, 'n>(found: &'m PathMatch<'n>) -> &'m [Cow<'n, str>] {
    found.wild.last().and_then(|last| found.names.get(..=*last)).unwrap_or_default()
}

fn walk_source<'n>(source: &Source, names: StepNames<'_>, at: &At<'n>) -> Vec<PathMatch<'n>> {
    match source {
        Source::Path(path) => at.start(path).map(|start| walk_names(start, &path.steps, names)).unwrap_or_default(),
        Source::Value => {
            let node = at.env.unwrap_or(at.entity);
            match &node.data {
                // Member by member, each by its own name.
                Data::Map(_) => walk_names(node, &[PathStep::Any(String::new(), String::new())], names),
                _ => vec![PathMatch { names: Vec::new(), wild: Vec::new(), node, place: at.place }],
            }
        }
        // Names are no nodes of the document; they are added by `otherwise`.
        Source::Key(_)
        | Source::Name
        | Source::Item
        | Source::EnvKey
        | Source::Word(_)
        | Source::File
        | Source::FileCamel
        | Source::FileScope
        | Source::FilePart(..) => Vec::new(),
    }
}

/// A way that begins with the name of the part, in the place of the steps that every such way has. Of paths that end
/// otherwise the end is left out too: they are the same part.
fn renamed<'n>(mut found: PathMatch<'n>, source: &Source, part: &FieldPart, any_case: bool) -> PathMatch<'n> {
    let (Some(name), Source::Path(path)) = (&part.name, source) else { return found };
    if name.len() < 2 {
        return found;
    }
    let plain = path.steps.iter().take_while(|step| !step.is_wild()).count().min(found.names.len());
    let name = if any_case { name.to_lowercase() } else { name.clone() };
    found.names.drain(..plain);
    found.names.insert(0, Cow::Owned(name));
    found.wild.iter_mut().for_each(|at| *at = *at + 1 - plain);
    if part.at.iter().any(|other| last_step(other) != last_step(source)) {
        found.names.truncate(found.wild.last().map_or(1, |last| last + 1));
    }
    found
}

fn last_step(source: &Source) -> Option<&PathStep> {
    match source {
        Source::Path(path) => path.steps.last(),
        _ => None,
    }
}

/// The value in the place of a part that is not there: the name of the flag, if that is what is hashed, or a default.
pub fn otherwise(part: &FieldPart, at: &At<'_>) -> Option<Entry> {
    let named = part.at.iter().find(|source| !matches!(source, Source::Path(_) | Source::Value));
    if let Some(source) = named {
        let node = at.values(std::slice::from_ref(source)).into_iter().next()?.into_owned();
        return Some(Entry { key: "key".to_owned(), place: at.place, value: node });
    }
    let default = part.default.clone()?;
    let named = part.name.clone().filter(|name| name.len() > 1);
    let key = named.or_else(|| {
        part.at.iter().find_map(|source| match source {
            Source::Path(path) => Some(path.shown()),
            _ => None,
        })
    });
    Some(Entry { key: key.unwrap_or_default(), place: at.place, value: Node { place: at.place, ..default } })
}

/// Whether one of these stands in a node.
pub fn holds(node: &Node, those: &BTreeSet<usize>) -> bool {
    match &node.data {
        _ if those.contains(&address(node)) => true,
        Data::Map(map) => map.iter().any(|entry| holds(&entry.value, those)),
        Data::List(items) => items.iter().any(|item| holds(item, those)),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => false,
    }
}

/// A value without the parts that are said elsewhere; `None` if nothing is left of one that said something.
pub fn pruned(node: &Node, left_out: &dyn Fn(&Node) -> bool) -> Option<Node> {
    if left_out(node) {
        return None;
    }
    let data = match &node.data {
        Data::Map(map) => {
            let mut kept = Vec::with_capacity(map.0.len());
            kept.extend(map.iter().filter_map(|entry| {
                Some(Entry { value: pruned(&entry.value, left_out)?, key: entry.key.clone(), place: entry.place })
            }));
            Data::Map(Map(kept))
        }
        Data::List(items) => Data::List(items.iter().filter_map(|item| pruned(item, left_out)).collect()),
        other => other.clone(),
    };
    Some(node.with(data))
}

/// The nodes that paths with `@env` lead to, each with the name that it stands under, of those that `each` stands on.
pub fn by_environment(entity: &Entity, at: &At<'_>, names: &BTreeSet<&str>) -> BTreeMap<usize, String> {
    if names.is_empty() {
        return BTreeMap::new();
    }
    let fields = entity.fields.iter().flat_map(|field| &field.parts).flat_map(|part| &part.at);
    let mut found = BTreeMap::new();
    let mut look = |path: &Path| {
        // All below the name is of it.
        let Some(upto) = path.steps.iter().position(|step| *step == PathStep::Env) else { return };
        let around = path.steps.get(..upto).unwrap_or_default();
        let Some(start) = at.start(path) else { return };
        each_node(start, around, &mut |node| {
            for entry in node.as_map().into_iter().flat_map(Map::iter) {
                if names.contains(entry.key.as_str()) {
                    found.insert(address(&entry.value), entry.key.clone());
                }
            }
        });
    };
    fields.filter_map(Source::path).chain(&entity.refs).for_each(&mut look);
    for (test, _) in &entity.live {
        test.each_question(&mut |sources, _| sources.iter().filter_map(Source::path).for_each(&mut look));
    }
    found
}

impl PathStep {
    /// Whether it leads to a member of this name, wherever that stands.
    #[must_use]
    pub fn leads_to(&self, name: &str) -> bool {
        match self {
            PathStep::Key(key) => name == key,
            PathStep::Unquoted(key) => without_mark(name) == key,
            PathStep::AnyCase(key) => name.eq_ignore_ascii_case(key),
            PathStep::Any(before, after) => {
                name.strip_prefix(before.as_str()).is_some_and(|rest| rest.ends_with(after.as_str()))
            }
            PathStep::Named(set) => set.has(without_mark(name)),
            PathStep::Deep | PathStep::Env | PathStep::Name(_) => false,
        }
    }

    /// The member that it leads to, if it is one and has a name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            PathStep::Key(key) | PathStep::Unquoted(key) | PathStep::AnyCase(key) => Some(key),
            PathStep::Any(..) | PathStep::Deep | PathStep::Env | PathStep::Named(_) | PathStep::Name(_) => None,
        }
    }

    /// Whether it leads to several.
    pub fn is_wild(&self) -> bool {
        match self {
            PathStep::Any(..) | PathStep::Deep => true,
            PathStep::Named(set) => set.is_wild(),
            PathStep::Key(_) | PathStep::Unquoted(_) | PathStep::AnyCase(_) | PathStep::Env | PathStep::Name(_) => {
                false
            }
        }
    }
}
