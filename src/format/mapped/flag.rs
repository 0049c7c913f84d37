//! One flag of a document: its names, its state and its fields.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::SWITCHED_OFF;
use super::checked_only::ReadFields;
use super::fields::{add, concerns_nobody};
use super::flag_place::{At, address};
use super::language::{Each, Entity, MapOrder, Mapping, Path, Rest, Root, Source, Test, TestQuestion};
use super::path::PathMatch;
use super::project::{Projection, field};
use super::state::{are_unclear, is_unnamed};
use crate::diagnostics::{Diagnostics, Place, lints};
use crate::document::{Data, Entry, Map, Node};
use crate::flag::{Flag, Links, NoFlag, State};
use crate::format::{FormatRef, flagd};

/// Nodes of a document that are flags or parts of some.
#[derive(Clone, Copy)]
pub struct FlagNodes<'a> {
    /// The nodes that `each` stands on, of which only one belongs to the flag.
    pub members: &'a BTreeSet<usize>,
    /// The nodes of all flags.
    pub entries: &'a BTreeSet<usize>,
    pub fields: ReadFields,
}

/// Reads one flag.
pub fn flag(
    (format, mapping, entity): (&FormatRef, &Mapping, &Entity),
    mut at: At<'_>,
    nodes: FlagNodes<'_>,
    diagnostics: &mut Diagnostics<'_>,
) -> Flag {
    let FlagNames { name, places, scope, key } = FlagNames::of(entity, &at);
    match name.is_empty().then(|| nameless(mapping, entity)).flatten() {
        Some((message, remedy)) => diagnostics.add(lints::BAD_KEY, at.place, message, remedy),
        None => {
            flagd::check_key(&name, "this file", at.place, diagnostics);
            flagd::check_key(&key, "this file", at.place, diagnostics);
        }
    }
    let StateWord { word, sure } = StateWord::of(entity, &at, name.is_empty());
    let live = format.lifecycle.iter().any(|known| known.word == word && known.live);
    at.name = Some(name.clone());
    let listed = at.env.is_some_and(|env| env.as_text().is_some());
    let mut projection = Projection::new(&at, nodes);
    let mut record = vec![entry("state", at.place, Node::text(at.place, word.to_owned()))];
    for map in entity.fields.iter().filter(|map| nodes.fields.has(map)) {
        let value = field(map, &mut projection, mapping, diagnostics);
        record.extend(value.map(|value| entry(map.field, value.place, value)));
    }
    if !entity.part && !entity.group && at.is_known_by_place(&name) {
        tell_apart(&mut record);
    }
    if let Some(order) = super::links::order(entity, &at) {
        add(&mut record, "segments", order);
    }
    if nodes.fields == ReadFields::All {
        let decided = sure && word != "unknown";
        record.extend(projection.stage(entity, decided).map(|stage| entry("stage", stage.place, stage)));
        // Without environments that are named, what it says holds for more.
        if word == "unknown" && is_for_others(&at, nodes) {
            add(&mut record, "stage", super::unread_parts::for_others(at.place));
        }
        if let Some(rest) = projection.rest(entity) {
            add_rest(&mut record, entity, rest);
        }
    }
    super::checks::check(entity, &at, &record, &key, diagnostics);
    let drawn = super::exposure::read(entity, &at, &record).map(Arc::new);
    if nodes.fields == ReadFields::All
        && entity.map_order == MapOrder::Counts
        && let Some(orders) = super::ordered::orders(&at, nodes)
    {
        add(&mut record, "distribution", orders);
    }
    let lists = entity.lists.lists(mapping.syntax.any_case, &at);
    Flag {
        key,
        kind: entity.kind,
        scope: (!scope.is_empty()).then_some(scope),
        state: State { word: word.to_owned(), live, place: at.place },
        place: at.place,
        record: Map(record),
        shared: None,
        lists,
        links: Links {
            no_flag: (entity.part || entity.group).then_some(NoFlag::Part),
            switched_off: word == SWITCHED_OFF,
            listed,
            later: at.later,
            ..super::links::links(mapping, entity, &at, name, &places)
        },
        drawn,
        format: format.clone(),
    }
}

/// The names of a flag.
struct FlagNames {
    /// Without its scope.
    name: String,
    /// The parts of the scope that its file or its path say.
    places: Vec<String>,
    /// The places and the environment, joined.
    scope: String,
    key: String,
}

impl FlagNames {
    fn of(entity: &Entity, at: &At<'_>) -> Self {
        let texts = |all: &[Vec<Source>]| -> Vec<String> { all.iter().filter_map(|one| at.text(one)).collect() };
        let name = texts(&entity.key).join(".");
        let places = texts(&entity.scope);
        let scope = places.iter().chain(&at.env_key).map(String::as_str).collect::<Vec<_>>().join("/");
        let prefix = if entity.part || entity.group { super::links::prefix(entity.called) } else { "" };
        let key = if scope.is_empty() { format!("{prefix}{name}") } else { format!("{prefix}{name}@{scope}") };
        FlagNames { name, places, scope, key }
    }
}

/// The message about a flag without the members that name it, and its remedy.
fn nameless(mapping: &Mapping, entity: &Entity) -> Option<(String, String)> {
    let member = |source: &Source| match source {
        Source::Path(path) if path.root == Root::Entity => Some(format!("`{}`", path.shown())),
        _ => None,
    };
    let members: Vec<String> = entity.key.iter().flatten().filter_map(member).collect();
    let members = (!members.is_empty()).then(|| members.join(" or "))?;
    let joined = if mapping.joined {
        ", that of the item in whose place it stands if it changes one of another file"
    } else {
        ""
    };
    Some((format!("a flag here has no {members}, by which it is known"), format!("give it its {members}{joined}")))
}

/// The state of a flag, and whether its tests decided it.
struct StateWord {
    word: &'static str,
    sure: bool,
}

impl StateWord {
    fn of(entity: &Entity, at: &At<'_>, nameless: bool) -> Self {
        let held = entity.live.iter().position(|(test, _)| test.holds(at));
        let holding = held.and_then(|held| entity.live.get(held));
        let nowhere = nameless
            || at.env.is_none()
                && at.env_key.is_none()
                && entity.each.as_ref().is_some_and(|each| !says_nowhere(each, holding.map(|(test, _)| test), at));
        // A test after the one that holds decides nothing.
        let tests = held.and_then(|held| entity.live.get(..=held)).unwrap_or(&entity.live);
        let unclear = are_unclear(tests, at) || held.is_none() && is_unnamed(&entity.live, at);
        // Whether a live flag uses a part is not known here, nor where a flag is that names no environment, nor what a
        // switch says that is neither on nor off.
        let sure = !entity.part && !nowhere && !unclear;
        let word = if sure { holding.map_or("inactive", |(_, state)| state) } else { "unknown" };
        StateWord { word, sure }
    }
}

/// Whether a flag without an environment says that it is nowhere on: an empty map of environments does. An empty list
/// may be a filter that lets all pass, and without any list it may be on everywhere, unless the test that holds asks
/// for just that.
fn says_nowhere(each: &Each, holding: Option<&Test>, at: &At<'_>) -> bool {
    let asks_for_none = match holding {
        Some(Test::At(sources, TestQuestion::Absent(true))) => {
            each.at.iter().all(|path| sources.contains(&Source::Path(path.clone())))
        }
        _ => false,
    };
    let outer = each.at.iter().filter_map(|path| path.steps.split_last().map(|(_, steps)| (path.root, steps)));
    let walk = |(root, steps): (Root, &[_])| at.walk(&Path { root, steps: steps.to_vec() });
    let found: Vec<PathMatch<'_>> = outer.flat_map(walk).collect();
    let nothing = |found: &PathMatch<'_>| match &found.node.data {
        Data::List(items) => items.is_empty(),
        other => *other == Data::Null,
    };
    found.iter().any(|found| matches!(&found.node.data, Data::Map(map) if map.0.is_empty()))
        || asks_for_none && found.iter().all(nothing)
}

/// Takes what people read as what tells the flag from others, since nothing else does: with another title it is another
/// flag.
fn tell_apart(record: &mut Vec<Entry>) {
    let (read, rest): (Vec<Entry>, _) =
        std::mem::take(record).into_iter().partition(|entry| concerns_nobody(&entry.key));
    *record = rest;
    for entry in read {
        add(record, "rest", entry.value);
    }
}

/// Adds what no field names to the field that has it.
fn add_rest(record: &mut Vec<Entry>, entity: &Entity, rest: Node) {
    let name = match entity.rest {
        Rest::Unknown => "rest",
        Rest::Payload => "payload",
        Rest::Nothing => "meta",
    };
    add(record, name, rest);
}

/// Whether a flag is for all environments that it does not name.
fn is_for_others(at: &At<'_>, nodes: FlagNodes<'_>) -> bool {
    let entity = address(at.entity);
    at.env.is_some_and(|env| address(env) == entity) && !nodes.members.contains(&entity)
}

pub fn entry(key: &str, place: Place, value: Node) -> Entry {
    Entry { key: key.to_owned(), place, value }
}
