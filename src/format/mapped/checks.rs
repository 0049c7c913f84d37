//! Checks of a flag by its mapping, beyond what reading it finds.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::fields::VARIANTS;
use super::flag_place::At;
use super::language::{Entity, Mapping, Path, PathStep, Source, ValueForm};
use super::project::is_scalar;
use super::templates::has_template;
use crate::diagnostics::diagnostic::{choice, nearest};
use crate::diagnostics::{Diagnostics, Place, lints};
use crate::document::shape::shown;
use crate::document::{Data, Decimal, Entry, Map, Node};
use crate::flag::file_name;

/// Members under which a string is the name of a variant.
pub const NAMING: &[&str] =
    &["variation", "variant", "onVariation", "offVariation", "serve", "default_when_enabled", "default_when_disabled"];

/// Members under which numbers stand by the names of variants.
pub const WEIGHING: &[&str] = &["percentage", "distributions", "variationWeights"];

/// Checks one flag.
pub fn check(entity: &Entity, at: &At<'_>, record: &[Entry], key: &str, diagnostics: &mut Diagnostics<'_>) {
    incomplete(entity, at, key, diagnostics);
    percentages(entity, at, diagnostics);
    no_such_variant(entity, record, key, diagnostics);
}

/// The members of a map.
fn inside(node: &Node) -> impl Iterator<Item = &Entry> {
    node.as_map().into_iter().flat_map(Map::iter)
}

/// Reports a map outside of all flags that has the switch of one: its tools read no flag there.
pub fn misplaced(mapping: &Mapping, left: &Node, diagnostics: &mut Diagnostics<'_>) {
    let switch = |source: &Source| match source {
        Source::Path(path) => match path.steps.as_slice() {
            [PathStep::Key(key) | PathStep::Unquoted(key)] => Some(key.clone()),
            _ => None,
        },
        _ => None,
    };
    let tests = mapping.entities.iter().filter(|entity| !entity.part).flat_map(|entity| &entity.live);
    let switches: BTreeSet<String> = tests.flat_map(|(test, _)| test.sources()).filter_map(switch).collect();
    for entry in inside(left).chain(inside(left).flat_map(|entry| inside(&entry.value))) {
        let Some(map) = entry.value.as_map() else { continue };
        if let Some(switch) = map.iter().find(|inner| is_scalar(&inner.value) && switches.contains(&inner.key)) {
            let (name, switch) = (entry.key.escape_debug(), switch.key.escape_debug());
            let message = format!("`{name}` has `{switch}` as a flag has, and stands where none is read");
            diagnostics.add(lints::MISPLACED_FLAG, entry.place, message, "move it to where the other flags are");
        }
    }
}

/// The names of members on a way to flags, up to the first that may have any name.
fn way(path: &Path) -> Vec<&str> {
    path.steps.iter().map_while(PathStep::name).collect()
}

/// Reports what stands next to the flags of a file under a name that is nearly theirs, or is theirs in another place,
/// where all other names are none of ours.
pub fn nearly_flags(mapping: &Mapping, document: &Node, path: &str, diagnostics: &mut Diagnostics<'_>) {
    let all: Vec<Vec<&str>> = mapping.entities.iter().flat_map(|entity| &entity.at).map(way).collect();
    let first =
        |name: &str| all.iter().find(|way| way.first().is_some_and(|first| first.eq_ignore_ascii_case(name))).cloned();
    for entry in inside(document) {
        if !says(&entry.value) || first(&entry.key).is_some() {
            continue;
        }
        let inner =
            all.iter().find(|way| way.iter().skip(1).any(|step| step.eq_ignore_ascii_case(&entry.key))).cloned();
        let names = all.iter().filter_map(|way| way.first().copied());
        let near = || nearest(&entry.key, names).and_then(first);
        let is_one = || mapping.entities.iter().filter(|entity| is_like(entity, &entry.value)).flat_map(|one| &one.at);
        let meant = inner.or_else(near).or_else(|| is_one().map(way).find(|way| !way.is_empty()));
        if let Some(way) = meant {
            unread(entry, &way, diagnostics);
        }
    }
    for way in missed(mapping, document, path) {
        let Some((last, around)) = way.split_last() else { continue };
        let parent = around.iter().try_fold(document, |node, name| node.get(name));
        let known = |name: &str| all.iter().any(|way| way.contains(&name)) || name == FLAGS;
        for entry in parent.into_iter().flat_map(inside).filter(|entry| says(&entry.value)) {
            if known(&entry.key) || nearest(&entry.key, [*last]).is_some() {
                unread(entry, &way, diagnostics);
            }
        }
    }
}

/// The name of the flags in flagd's own file.
const FLAGS: &str = "flags";

/// The ways to flags of a document that has none at all, though it is of a kind that has them.
fn missed<'m>(mapping: &'m Mapping, document: &Node, path: &str) -> Vec<Vec<&'m str>> {
    let whole = At::document(document, path);
    let flags = mapping.entities.iter().filter(|entity| !entity.part);
    // Where there are kinds of documents, flags of any kind are in none by their place.
    let kinds = flags.clone().any(|entity| entity.only.is_some());
    let meant = flags.filter(|one| one.only.as_ref().map_or(!kinds, |test| test.holds(&whole)));
    let ways: Vec<Vec<&str>> = meant.flat_map(|entity| &entity.at).map(way).collect();
    let there = |way: &Vec<&str>| way.iter().try_fold(document, |node, name| node.get(name)).is_some();
    if ways.iter().any(there) { Vec::new() } else { ways.into_iter().filter(|way| way.len() > 1).take(1).collect() }
}

/// Whether a node says anything that could be flags.
fn says(node: &Node) -> bool {
    match &node.data {
        Data::Map(map) => !map.0.is_empty(),
        Data::List(items) => !items.is_empty(),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => false,
    }
}

/// Whether a map has a key of its own, and a switch, as these entities have.
fn is_like(entity: &Entity, node: &Node) -> bool {
    let member = |source: &Source| match source {
        Source::Path(path) => match path.steps.as_slice() {
            [PathStep::Key(key) | PathStep::Unquoted(key)] => node.get(key).is_some_and(is_scalar),
            _ => false,
        },
        _ => false,
    };
    let mut tests = entity.live.iter().flat_map(|(test, _)| test.sources());
    !entity.part && entity.key.iter().flatten().any(member) && tests.any(member)
}

fn unread(entry: &Entry, way: &[&str], diagnostics: &mut Diagnostics<'_>) {
    let (name, right) = (entry.key.escape_debug(), way.join("/"));
    let message = format!("`{name}` is not read: flags stand at `{}`", right.escape_debug());
    let remedy = format!("write `{right}` if these are flags");
    diagnostics.add(lints::MISPLACED_FLAG, entry.place, message, remedy);
}

/// Parts that the tools of the format ask for.
fn incomplete(entity: &Entity, at: &At<'_>, key: &str, diagnostics: &mut Diagnostics<'_>) {
    for sources in &entity.required {
        let names = || {
            sources.iter().filter_map(|source| match source {
                Source::Path(path) => Some(path.shown()),
                _ => None,
            })
        };
        let there = |source: &Source| match source {
            Source::Path(_) => at.any(std::slice::from_ref(source), &|node| !node.is_null()),
            _ => true,
        };
        if !sources.iter().any(there) {
            let names: Vec<String> = names().collect();
            let words = choice(names.iter().map(String::as_str));
            let message = format!("`{}` has no {words}", key.escape_debug());
            diagnostics.add(lints::INCOMPLETE_FLAG, at.place, message, format!("add {words}"));
        }
    }
}

static HUNDRED: LazyLock<Option<Decimal>> = LazyLock::new(|| Decimal::parse("100"));

/// Percentages that nobody can have.
fn percentages(entity: &Entity, at: &At<'_>, diagnostics: &mut Diagnostics<'_>) {
    let parts = entity.fields.iter().flat_map(|field| &field.parts);
    for part in parts.filter(|part| part.form == ValueForm::Percent) {
        at.each_value(&part.at, &mut |node| {
            if !may_be_percentage(node) {
                let message = format!("a percentage is {}", shown(node));
                diagnostics.add(lints::IMPOSSIBLE_PERCENTAGE, node.place, message, "write a number from 0 to 100");
            }
        });
    }
}

/// Whether a scalar is a number from 0 to 100, or nobody knows what it is.
fn may_be_percentage(node: &Node) -> bool {
    let fits = |number: &Decimal| !number.is_negative() && HUNDRED.as_ref().is_some_and(|most| number <= most);
    match &node.data {
        Data::Number(number) => fits(number),
        Data::Text(text) => Decimal::parse(text).is_some_and(|number| fits(&number)) || has_template(text),
        Data::Bool(_) => false,
        Data::Null | Data::Map(_) | Data::List(_) => true,
    }
}

/// Names of variants that are none.
fn no_such_variant(entity: &Entity, record: &[Entry], key: &str, diagnostics: &mut Diagnostics<'_>) {
    let value = |name: &str| record.iter().find(|entry| entry.key == name).map(|entry| &entry.value);
    let Some(variants) = value(VARIANTS).and_then(Node::as_map) else { return };
    let mut known: BTreeSet<Cow<'_, str>> = BTreeSet::new();
    let rows = entity.fields.iter().filter(|map| map.field == VARIANTS).flat_map(|map| &map.parts);
    let by: Vec<(&str, &str)> = rows.filter_map(|part| part.name.as_deref().zip(part.by.as_deref())).collect();
    // Next to a list of variants a scalar says something else, such as their type.
    let is_list = |entry: &Entry| matches!(entry.value.data, Data::Map(_) | Data::List(_));
    let has_list = variants.iter().any(is_list);
    for entry in variants.iter().filter(|entry| by.is_empty() && (!has_list || is_list(entry))) {
        match &entry.value.data {
            // A name that looks like a number or `true` has quotes there.
            Data::Map(map) => known.extend(map.iter().map(|entry| {
                let quoted = Some(&entry.key).filter(|key| key.starts_with('"'));
                let name = quoted.and_then(|key| serde_json::from_str::<String>(key).ok());
                name.map_or(Cow::Borrowed(entry.key.as_str()), Cow::Owned)
            })),
            Data::List(items) => known.extend(items.iter().filter_map(Node::as_text).map(Cow::Borrowed)),
            Data::Text(_) | Data::Null | Data::Bool(_) | Data::Number(_) => {
                known.insert(Cow::Borrowed(&entry.key));
            }
        }
    }
    // Where the mapping says which member names an item, these are all.
    for (part, by) in by {
        let items = variants.iter().filter(|entry| entry.key == part).filter_map(|entry| entry.value.as_list());
        let names = items.flatten().filter_map(|item| item.get(by)).filter(|name| is_scalar(name));
        known.extend(names.map(|name| name.as_text().map_or_else(|| Cow::Owned(name.json()), Cow::Borrowed)));
    }
    if known.is_empty() {
        return;
    }
    for map in entity.fields.iter().filter(|map| map.names) {
        let (mut named, mut later) = (Vec::new(), BTreeSet::new());
        if let Some(field) = value(map.field) {
            steps_add(field, &mut later);
        }
        for entry in value(map.field).and_then(Node::as_map).iter().flat_map(|map| map.iter()) {
            let last = file_name(&entry.key);
            match &entry.value.data {
                // The path leads to the name itself, or to that of a segment.
                Data::Text(text) if map.field != "segments" => named.push((text.as_str(), entry.value.place)),
                _ => names(&entry.value, last, &mut named),
            }
        }
        for (name, place) in
            named.into_iter().filter(|(name, _)| !known.contains(*name) && !later.contains(name) && !has_template(name))
        {
            refuse_unknown_names(place, name, key, &known, diagnostics);
        }
    }
}

/// Variations that the steps of a schedule add.
fn steps_add<'n>(node: &'n Node, out: &mut BTreeSet<&'n str>) {
    match &node.data {
        Data::Map(map) => {
            for entry in map.iter() {
                match (entry.key.as_str(), entry.value.as_map()) {
                    ("variations", Some(added)) => out.extend(added.iter().map(|one| one.key.as_str())),
                    _ => steps_add(&entry.value, out),
                }
            }
        }
        Data::List(items) => items.iter().for_each(|item| steps_add(item, out)),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
    }
}

fn names<'n>(node: &'n Node, under: &str, out: &mut Vec<(&'n str, Place)>) {
    match &node.data {
        Data::Map(map) if !map.0.is_empty() && map.iter().all(|entry| entry.value.as_number().is_some()) => {
            // Dates and percentages of a rollout that moves by itself are no names.
            if WEIGHING.contains(&under) {
                out.extend(map.iter().map(|entry| (entry.key.as_str(), entry.place)));
            }
        }
        Data::Map(map) => map.iter().for_each(|entry| names(&entry.value, &entry.key, out)),
        Data::List(items) => items.iter().for_each(|item| names(item, under, out)),
        // An item of a list whose order says nothing stands under its own name.
        Data::Text(text) if NAMING.contains(&under) && text != under => out.push((text, node.place)),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
    }
}

/// Adds what a file says that its mapping does not let it say.
fn refuse_unknown_names(
    place: Place,
    name: &str,
    key: &str,
    known: &BTreeSet<Cow<'_, str>>,
    diagnostics: &mut Diagnostics<'_>,
) {
    let few = || known.iter().map(Cow::as_ref).take(20);
    let remedy = match nearest(name, few()) {
        Some(meant) => format!("write `{meant}`, or add the variant"),
        None => format!("write one of {}, or add the variant", choice(few())),
    };
    let message = format!("`{}` names `{}`, which is none of its variants", key.escape_debug(), name.escape_debug());
    diagnostics.add(lints::NO_SUCH_VARIANT, place, message, remedy);
}
