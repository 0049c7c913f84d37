//! The ties between flags and the parts that they share: which of them a flag names, and whether there is such a one.
//!
//! **In**: the paths of `refs`, and all flags. **Out**: links, and a warning for each name that is nowhere.
//! **Refuses**: to call something missing while a file cannot be read. **Not taken**: an error, since a service may
//! have segments from elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::flag_place::At;
use super::language::{Entity, Mapping, PathStep, Source, Test};
use super::off_flags::off_variants;
use super::path::without_mark;
use super::templates::has_template;
use crate::diagnostics::diagnostic::nearest;
use crate::diagnostics::{Diagnostic, Diagnostics, Place, lints};
use crate::document::yaml::{self, Dialect};
use crate::document::{Data, Entry, Map, Node};
use crate::flag::{Flag, GivesBack, Links, PartName};
use crate::format::names::{NameSet, item_name_rank, lists_what_takes_away};
use crate::format::relations::{FlagFacts, FlagIndex, Relations};

/// The start of the key of a segment, before its name.
pub const SEGMENT: &str = "segment ";

/// The start of the key of a group.
pub const GROUP: &str = "group ";

/// The members that name parts which are told apart from segments of the same name, and the start of their keys.
pub const APART: &[(&str, &str)] = &[("schemas", "schema "), ("strategies", "strategy ")];

/// Whether a part that is named so may be one of the format's own, which stands in no file.
#[must_use]
pub fn may_be_built_in(id: &str) -> bool {
    id.starts_with("strategy ")
}

/// The starts of keys of parts.
pub const PREFIXES: &[&str] = &[SEGMENT, GROUP, "schema ", "strategy ", "target ", "resource ", "annotation "];

/// The start of the key of a part that is called so.
pub fn prefix(called: &str) -> &'static str {
    PREFIXES.iter().find(|prefix| prefix.trim_end() == called).copied().unwrap_or_default()
}

/// The part that an entity is, and those that it refers to, or the flags that it decides about. All have the scope of
/// the file, such as a namespace, where parts have one.
pub fn links(mapping: &Mapping, entity: &Entity, at: &At<'_>, name: String, scope: &[String]) -> Links {
    let scoped = |group: bool| {
        let of_kind = |other: &&Entity| other.part && other.group == group;
        mapping.entities.iter().filter(of_kind).any(|part| !part.scope.is_empty())
    };
    let identity = |name: String| if scope.is_empty() { name } else { format!("{name}@{}", scope.join("/")) };
    let mut names = BTreeMap::new();
    for found in entity.refs.iter().flat_map(|path| at.walk(path)) {
        // Of a map with `key` or `keys` the other members say how these are joined.
        let named = ["key", "keys"].iter().filter_map(|name| found.node.get(name)).collect::<Vec<_>>();
        let all = if named.is_empty() { vec![found.node] } else { named };
        for node in all {
            texts(node, &mut names);
        }
    }
    for found in entity.refs_by_name.iter().flat_map(|refs| &refs.at).flat_map(|path| at.walk(path)) {
        for entry in found.node.as_map().into_iter().flat_map(Map::iter) {
            names.entry(without_mark(&entry.key).to_owned()).or_insert(entry.place);
        }
    }
    let folders = names.iter().filter(|(name, _)| name.contains('.'));
    let folders: Vec<(String, Place)> = folders.map(|(name, at)| (PartName::in_folders(name), *at)).collect();
    for (name, at) in folders {
        names.entry(name).or_insert(at);
    }
    if entity.group {
        // It names flags, where others are named.
        let name = format!("{}{name}", prefix(entity.called));
        let part = (!names.is_empty()).then(|| PartName { id: identity(name.clone()), name });
        let needs = super::needs::of(entity, at, scope);
        return Links { part, reaches: names.into_keys().map(identity).collect(), needs, ..Links::default() };
    }
    let apart = APART.iter().find(|(_, prefix)| prefix.trim_end() == entity.called);
    let id = |name: &str| apart.map_or_else(|| name.to_owned(), |(_, prefix)| format!("{prefix}{name}"));
    let part = entity.part.then(|| PartName { id: identity(id(&name)), name });
    let by_scope = !names.is_empty() && scoped(false);
    let named = |name: String| if by_scope { identity(name) } else { name };
    let mut refs: BTreeMap<String, Place> = names.into_iter().map(|(name, at)| (named(name), at)).collect();
    let apart = entity.apart.iter().flat_map(|(prefix, path)| at.walk(path).into_iter().map(move |at| (prefix, at)));
    refs.extend(apart.filter_map(|(prefix, found)| Some((format!("{prefix}{}", found.node.as_text()?), found.place))));
    let mut off = entity.depends.iter().flat_map(|depends| &depends.off).flat_map(|path| at.walk(path));
    let off_variant = off.find_map(|found| found.node.as_text().map(str::to_owned));
    let gives_back = gives_back(entity, at, scope);
    let needs = super::needs::of(entity, at, scope);
    let knows_names =
        entity.at.iter().flat_map(|path| &path.steps).any(|step| *step == PathStep::Named(NameSet::Flags));
    let around = at.around.filter(|_| knows_names).map(str::to_owned);
    let layout = knows_names.then(|| layout(entity, at));
    let lets_in = lets_in(entity, at);
    let absent = entity.absent;
    let members = [Some(at.entity), at.env].into_iter().flatten().filter_map(Node::as_map).flat_map(Map::iter);
    let off_variants = members.flat_map(|entry| off_variants(&entry.key, &entry.value)).collect();
    Links {
        part,
        refs,
        needs,
        off_variant,
        gives_back,
        off_variants,
        absent,
        lets_in,
        around,
        layout,
        ..Links::default()
    }
}

/// The sign that a flag takes something from its users. Where its own name may be one, so may that of what holds it.
fn gives_back(entity: &Entity, at: &At<'_>, scope: &[String]) -> Option<GivesBack> {
    let test = entity.gives_back.as_ref()?;
    let by_name = test.asks_for(NameSet::TakesAway);
    let holds = |test: &Test| test.holds(at) || test.is_unclear(at);
    if holds(test) {
        let several = if let Test::Any(tests) = test { tests.as_slice() } else { std::slice::from_ref(test) };
        let mut held = several.iter().filter(|test| holds(test));
        return Some(match held.next() {
            Some(test) if test.asks_for(NameSet::TakesAway) => GivesBack::Name,
            Some(test) if test.asks_about(NameSet::Defaults) => GivesBack::Default,
            _ => GivesBack::Content,
        });
    }
    // A name in it, next to the key by which it is found.
    let own = at.entity.as_map().into_iter().flat_map(Map::iter).filter(|entry| item_name_rank(&entry.key).is_some());
    if by_name && own.filter_map(|entry| entry.value.as_text()).any(|name| NameSet::TakesAway.has(name)) {
        return Some(GivesBack::Name);
    }
    let outer = at.keys.split_last().map_or(&[][..], |(_, outer)| outer);
    // The file, and the folder that it stands in.
    let file = at.path.rmatch_indices('/').nth(1).and_then(|(slash, _)| at.path.get(slash + 1..)).unwrap_or(at.path);
    let mut names = scope.iter().chain(outer).map(String::as_str).chain(at.around).chain([file]);
    let mut steps = entity.at.iter().flat_map(|path| &path.steps);
    let says = |name: &str| lists_what_takes_away(name) || NameSet::TakesAway.has(name);
    let takes_away = |step: &PathStep| matches!(step, PathStep::Key(name) if says(name));
    (by_name && (names.any(lists_what_takes_away) || steps.any(takes_away))).then_some(GivesBack::Holder)
}

/// Where a flag stands, without names: its way, and the member of an item that is its key.
fn layout(entity: &Entity, at: &At<'_>) -> String {
    let mut layout = at.layout.clone();
    if layout.contains("[]") {
        let members = entity.key.iter().flatten().filter_map(|source| match source {
            Source::Path(path) if !at.nodes(path).is_empty() => Some(path.shown()),
            _ => None,
        });
        layout.extend(members.take(1).flat_map(|member| [" by ".to_owned(), member]));
    }
    layout
}

/// The people who may get a flag while it is off, each with whether that is said of a new flag too.
fn lets_in(entity: &Entity, at: &At<'_>) -> BTreeMap<String, bool> {
    let mut found = BTreeMap::new();
    let [any, later] = &entity.lets_in;
    for (paths, certain) in [(later, false), (any, true)] {
        for path in paths {
            at.each_node(path, &mut |node| {
                let mut names = BTreeSet::new();
                all_named(node, &path.shown(), &mut names);
                found.extend(names.into_iter().map(|name| (name, certain)));
            });
        }
    }
    found
}

/// Everyone who is named in a node, at any depth, by where they stand; the place of an item says nothing.
fn all_named(node: &Node, path: &str, names: &mut BTreeSet<String>) {
    match &node.data {
        Data::Null | Data::Bool(false) => {}
        Data::Text(text) if text.is_empty() => {}
        Data::Bool(true) => {
            names.insert(path.to_owned());
        }
        Data::Text(text) => {
            names.insert(format!("{path}/{text}"));
        }
        Data::Number(number) => {
            names.insert(format!("{path}/{number}"));
        }
        Data::List(items) => items.iter().for_each(|item| all_named(item, path, names)),
        Data::Map(map) => {
            map.iter().for_each(|entry| all_named(&entry.value, &format!("{path}/{}", entry.key), names));
        }
    }
}

/// The parts that a flag refers to by the names of members, in the order by which the first of them counts; `None` if
/// there are fewer than two.
pub fn order(entity: &Entity, at: &At<'_>) -> Option<Node> {
    let refs = entity.refs_by_name.as_ref()?;
    let maps: Vec<&Node> = refs.at.iter().flat_map(|path| at.nodes(path)).collect();
    let own = maps.iter().filter_map(|node| node.as_map()).flat_map(Map::iter);
    let own: BTreeSet<&str> = own.map(|entry| without_mark(&entry.key)).collect();
    let all = at.nodes(refs.order.as_ref()?);
    let names = all.iter().filter_map(|node| node.as_text()).filter(|name| own.contains(name));
    let list: Vec<Node> = names.map(|name| Node::text(at.place, name.to_owned())).collect();
    let enough = list.len() > 1;
    let value = at.entity.with(Data::List(list));
    let entry = Entry { key: "order".to_owned(), place: at.place, value };
    enough.then(|| Node::new(at.place, Data::Map(Map(vec![entry]))))
}

/// All names in a value, each with its first place: strings, and numbers where those are names.
pub fn texts(node: &Node, out: &mut BTreeMap<String, Place>) {
    match &node.data {
        Data::Text(text) if text.starts_with(['[', '{']) => {
            // A list or a condition may be written as JSON in a string.
            if let Some(inner) = yaml::read(text.as_bytes(), &[Dialect::Json], &mut Diagnostics::of("")) {
                let mut names = BTreeMap::new();
                texts(&inner, &mut names);
                out.extend(names.into_keys().map(|name| (name, node.place)));
            }
        }
        Data::Text(text) => drop(out.entry(text.clone()).or_insert(node.place)),
        Data::List(items) => items.iter().for_each(|item| texts(item, out)),
        Data::Map(map) => map.iter().for_each(|entry| texts(&entry.value, out)),
        Data::Number(number) => drop(out.entry(number.to_string()).or_insert(node.place)),
        Data::Null | Data::Bool(_) => {}
    }
}

/// The segments that a flag names, as far as they are found by name.
pub fn relations(flag: &Flag) -> Relations {
    let has_segments = |format: &super::Mapping| format.entities.iter().any(|entity| entity.part && !entity.group);
    // A name with such signs is no name.
    let is_name = |name: &str| {
        name != "*" && !name.contains(['{', '[', '"']) && !APART.iter().any(|(_, prefix)| name.starts_with(prefix))
    };
    // Of the two spellings of a name the one that is written.
    let refs = &flag.links.refs;
    let is_written =
        |name: &str, place: &Place| !name.contains('/') || refs.get(&name.replace('/', ".")) != Some(place);
    let names = refs.iter().filter(|(name, place)| is_name(name) && is_written(name, place));
    let parts = names.map(|(name, place)| (format!("{SEGMENT}{name}"), *place));
    let known = flag.format.mapping.as_ref().is_some_and(has_segments);
    Relations { parts: if known { parts.collect() } else { Vec::new() }, ..Relations::default() }
}

/// Reports segments that are named and are nowhere.
pub fn check(flag: &FlagFacts, index: &FlagIndex<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for (key, place) in &flag.relations.parts {
        let format = flag.format.id.as_ref();
        if !index.is_whole() || [key, &PartName::in_folders(key)].iter().any(|key| index.has_part(format, key)) {
            continue;
        }
        let name = key.strip_prefix(SEGMENT).unwrap_or_default();
        if has_template(name) {
            continue;
        }
        // As many as are compared, and not all of them for each name that is nowhere.
        let known = index.parts(format).filter_map(|key| key.strip_prefix(SEGMENT)).filter(|other| !other.is_empty());
        let remedy = match nearest(name, known) {
            Some(meant) => format!("write `{}` if that is meant, or add the segment", meant.escape_debug()),
            None => "correct the name, or add the segment".to_owned(),
        };
        let message = format!(
            "`{}` names the segment `{}`, which is in no file that is read here",
            flag.key.escape_debug(),
            name.escape_debug()
        );
        diagnostics.push(Diagnostic::new(lints::NO_SUCH_SEGMENT, &flag.path, *place, message, remedy));
    }
}
