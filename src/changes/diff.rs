//! Field diff: the differences between two versions of a flag.
//!
//! In: a flag before and after. Out: [`Difference`]s in the order of the format's table, each at the smallest field
//! that explains it and with its place. It refuses to overlook: whenever the normal forms of two values differ,
//! at least one difference with an effect comes out. Not taken: comparing texts or trees without a table, which
//! cannot know that the order of variants matters and that of tags does not, nor that 1:1 is 50:50.

use std::collections::{BTreeMap, BTreeSet};

use super::change::Act;
use super::named_items::NamedItems;
use super::shifted::{NamesAfter, forms, names_after};
use super::shorter::{are_better, shorter};
use crate::diagnostics::Place;
use crate::document::alignment::{aligned, forms_of};
use crate::document::canonical::{canonical, same_field};
use crate::document::items::renamed;
use crate::document::{Data, Display, Field, Map, Node, Role, Shape};
use crate::flag::{Flag, SharedPart};

/// A difference in one field, or in one item of a list.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The field in its format's words, parts joined by dots.
    pub field: String,
    /// The native field it is about; empty if no table has a word for it.
    pub means: String,
    /// The row of the field; `None` if no row names it.
    pub row: Option<&'static Field>,
    /// The row of the outermost list that holds the field.
    pub list: Option<&'static Field>,
    pub act: Act,
    pub item: Option<String>,
    pub before: Option<Node>,
    pub after: Option<Node>,
    /// Where it stands: in the file after, or in the one before if it was removed.
    pub place: Place,
    /// Whether the place is in the file before.
    pub place_before: bool,
    /// Whether the two mean different things; the same value written differently has none.
    pub effect: bool,
    /// Whether it stands outside of the flags of its file, for several of them.
    pub shared: bool,
    /// The file, if that is not the flag's own.
    pub path: Option<String>,
}

/// Compares a flag with its successor. A flag that is new has all its fields added.
#[must_use]
pub fn compare(before: Option<&Flag>, after: &Flag) -> Vec<Difference> {
    let nothing = Map::default();
    let mut out = Vec::new();
    let old = before.map_or(&nothing, |flag| &flag.record);
    let sides = before.map(|before| (before, after));
    let at = Route { field: "", means: "", row: None, list: None, item: None, place: after.place, sides };
    members(old, &after.record, after.format.fields, &at, &mut out);
    // The key is who the flag is, not a field of it: flags are paired by it. Where no table has a word for `key` (in a
    // map of flagd flags, each under its key) a field of that name is one like any other.
    out.retain(|difference| difference.row.is_none_or(|row| row.role != Role::Key));
    if let Some(before) = before {
        narrow(&mut out, before, after);
    }
    let files = [Some(after), before].into_iter().flatten().map(|flag| &flag.links.found);
    elsewhere(&mut out, &files.collect::<Vec<_>>());
    // A new flag has nothing that could be written differently.
    out.retain(|difference| difference.effect || before.is_some());
    out
}

/// Puts the parts of a file that a flag uses in the place of a difference that is only theirs: each at its own line.
fn narrow(out: &mut Vec<Difference>, before: &Flag, after: &Flag) {
    let (Some(old), Some(new)) = (&before.shared, &after.shared) else { return };
    let Some(at) = out.iter().position(|one| one.field == new.field && one.item.is_none()) else { return };
    if old.own != new.own || old.field != new.field {
        return;
    }
    let was = |name: &str| {
        let at = old.parts.binary_search_by(|part| part.name.as_str().cmp(name));
        at.ok().and_then(|at| old.parts.get(at))
    };
    let changed = new.parts.iter().filter_map(|part| Some((was(&part.name)?, part)));
    let changed: Vec<_> = changed.filter(|(old, new)| old.said != new.said).collect();
    if changed.is_empty() {
        return;
    }
    let whole = out.remove(at);
    let part = |(old, new): (&SharedPart, &SharedPart)| Difference {
        item: Some(new.name.clone()),
        act: Act::Changed,
        before: Some(Node::clone(&old.said)),
        after: Some(Node::clone(&new.said)),
        place: new.place,
        place_before: false,
        shared: true,
        ..whole.clone()
    };
    out.splice(at..at, changed.into_iter().map(part));
}

/// Names the file of each difference of a part that the flag refers to.
fn elsewhere(out: &mut [Difference], files: &[&BTreeMap<String, String>]) {
    for difference in out.iter_mut().filter(|one| one.row.is_some_and(|row| row.role == Role::Parts)) {
        let Some(item) = &difference.item else { continue };
        let within = |(name, _): &(&String, &String)| {
            item.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let found = files.iter().flat_map(|files| files.iter()).filter(within).max_by_key(|(name, _)| name.len());
        difference.path = found.map(|(_, path)| path.clone());
        difference.shared = true;
    }
}

/// Whether two flags say the same in every field, whatever their texts look like.
#[must_use]
pub fn same(before: &Flag, after: &Flag) -> bool {
    use crate::document::canonical::canonical_record;
    canonical_record(&before.record, before.format.fields) == canonical_record(&after.record, after.format.fields)
}

/// Where a comparison is: the names on the way, and the place of what holds it all.
struct Route<'r> {
    field: &'r str,
    means: &'r str,
    row: Option<&'static Field>,
    list: Option<&'static Field>,
    item: Option<&'r str>,
    place: Place,
    /// The flags, if both are there.
    sides: Option<(&'r Flag, &'r Flag)>,
}

fn members(before: &Map, after: &Map, fields: &'static [Field], at: &Route<'_>, out: &mut Vec<Difference>) {
    for field in fields {
        member(before.get(field.name), after.get(field.name), field, at, out);
    }
    // By key, since a stranger's map may hold 100,000 that no row names.
    let unnamed = |map| -> BTreeMap<&str, &Node> {
        let entries = Map::iter(map).filter(|entry| fields.iter().all(|field| field.name != entry.key));
        entries.map(|entry| (entry.key.as_str(), &entry.value)).collect()
    };
    let (was, is) = (unnamed(before), unnamed(after));
    let keys = before.iter().chain(after.iter().filter(|entry| !was.contains_key(entry.key.as_str())));
    for entry in keys.filter(|entry| was.contains_key(entry.key.as_str()) || is.contains_key(entry.key.as_str())) {
        let (old, new) = (was.get(entry.key.as_str()).copied(), is.get(entry.key.as_str()).copied());
        let name = join(at.field, &entry.key);
        let effect = old.map(|node| canonical(node, &Shape::Any)) != new.map(|node| canonical(node, &Shape::Any));
        if old == new {
            continue;
        }
        // Under a field that a table knows, what is unknown belongs to that field, whatever dots its name has; at the
        // top `means` is empty, and nobody knows it.
        let at = Route { field: &name, row: None, ..*at };
        let found = out.len();
        // Of a mapped format it may be most of a file: each part of it has its own line.
        if effect && old.is_some() && new.is_some() && at.sides.is_some_and(|(_, new)| new.format.is_mapped()) {
            tree(old, new, "", &at, out);
        }
        if !out.iter().skip(found).any(|difference| difference.effect) {
            out.truncate(found);
            push(old, new, &at, effect, out);
        }
    }
}

fn member(
    before: Option<&Node>,
    after: Option<&Node>,
    field: &'static Field,
    at: &Route<'_>,
    out: &mut Vec<Difference>,
) {
    if before == after {
        return;
    }
    let name = join(at.field, field.name);
    let means = match field.means {
        "" => join(at.means, field.name),
        native => native.to_owned(),
    };
    let list = at.list.or_else(|| matches!(field.shape, Shape::Items { .. }).then_some(field));
    let at = Route { field: &name, means: &means, row: Some(field), list, ..*at };
    let differs = !same_field(before, after, field);
    let found = out.len();
    match (&field.shape, non_null(before), non_null(after)) {
        (Shape::Record(fields), Some(Data::Map(old)), Some(Data::Map(new))) => members(old, new, fields, &at, out),
        (Shape::Items { id, ordered, of }, Some(Data::List(old)), Some(Data::List(new))) => {
            items(old, new, id, *ordered, of, &at, out);
        }
        (Shape::Items { id, ordered, of }, None, Some(Data::List(new))) => {
            items(&[], new, id, *ordered, of, &at, out);
        }
        (Shape::Items { id, ordered, of }, Some(Data::List(old)), None) => {
            items(old, &[], id, *ordered, of, &at, out);
        }
        (Shape::Tree, ..) => tree(before, after, "", &at, out),
        _ => push(before, after, &at, differs, out),
    }
    let explained = out.iter().skip(found).any(|difference| difference.effect);
    if differs && !explained {
        // A difference in meaning is always reported, whatever the walk above made of it.
        out.truncate(found);
        push(before, after, &at, true, out);
    } else if !differs {
        out.truncate(found);
        // The order of these says no more than that of the members of a map.
        if !matches!(field.shape, Shape::Items { ordered: false, .. }) || !in_other_order(before, after) {
            push(before, after, &at, false, out);
        }
    }
}

/// Whether two lists have the same items, each written as before.
fn in_other_order(before: Option<&Node>, after: Option<&Node>) -> bool {
    let sorted = |side: Option<&Node>| -> Option<Vec<Node>> {
        let mut items = side?.as_list()?.to_vec();
        items.sort_by_cached_key(Node::json);
        Some(items)
    };
    sorted(before).is_some_and(|items| sorted(after).is_some_and(|other| items == other))
}

/// The differences of two trees, each at the smallest part that explains it, named by the way to it.
fn tree(before: Option<&Node>, after: Option<&Node>, path: &str, at: &Route<'_>, out: &mut Vec<Difference>) {
    let within = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
    match (before.map(|node| &node.data), after.map(|node| &node.data)) {
        _ if before == after => {}
        (Some(Data::Map(old)), Some(Data::Map(new))) => {
            let shifted = at.sides.filter(|_| path.is_empty()).and_then(|sides| names_after(old, sides, at.field));
            let found = out.len();
            if let Some(names) = &shifted {
                parts(old, new, names, path, at, out);
                let mut by_place = Vec::new();
                parts(old, new, &NamesAfter::new(), path, at, &mut by_place);
                if are_better(&by_place, out.get(found..).unwrap_or_default()) {
                    out.truncate(found);
                    out.append(&mut by_place);
                }
            }
            // Where all items say what they said, their places are the difference.
            if !out.iter().skip(found).any(|difference| difference.effect) {
                out.truncate(found);
                parts(old, new, &NamesAfter::new(), path, at, out);
            }
        }
        (Some(Data::List(old)), Some(Data::List(new))) if let Some(items) = named_items(old, new, at) => {
            for (name, before, after) in items.pairs() {
                tree(before, after, &within(&name.replace('~', "~0").replace('/', "~1")), at, out);
            }
            if let Some((old, new)) = items.other_order() {
                let item = (!path.is_empty()).then_some(path);
                let place = new.first().map_or(at.place, |(_, node)| node.place);
                let names = |side: Vec<(&str, &Node)>| side.into_iter().map(|(name, _)| name.to_owned()).collect();
                push_order(names(old), names(new), &Route { item, place, ..*at }, out);
            }
        }
        (Some(Data::List(old)), Some(Data::List(new))) => {
            let whole = at.sides.and_then(|sides| forms(sides, at.field, path, (old, new)));
            let pairs = match whole {
                Some((old, new)) => aligned(old, new),
                None => aligned(&forms_of(old), &forms_of(new)),
            };
            for (was, is) in shorter(pairs, old, new) {
                let (before, after) = (was.and_then(|at| old.get(at)), is.and_then(|at| new.get(at)));
                let name = is.or(was).map(|at| at.to_string()).unwrap_or_default();
                tree(before, after, &within(&name), at, out);
            }
        }
        // A part that comes or goes is listed member by member at the top, where each is a way through the file.
        (None, Some(Data::Map(new))) if path.is_empty() => {
            new.iter().for_each(|entry| tree(None, Some(&entry.value), &entry.key, at, out));
        }
        (Some(Data::Map(old)), None) if path.is_empty() => {
            old.iter().for_each(|entry| tree(Some(&entry.value), None, &entry.key, at, out));
        }
        _ => {
            let effect =
                before.map(|node| canonical(node, &Shape::Any)) != after.map(|node| canonical(node, &Shape::Any));
            let item = (!path.is_empty()).then_some(path);
            let place = after.or(before).map_or(at.place, |node| node.place);
            push(before, after, &Route { item, place, ..*at }, effect, out);
        }
    }
}

/// The differences of two maps, by the names after of what stood there before.
fn parts(old: &Map, new: &Map, names: &NamesAfter<'_>, path: &str, at: &Route<'_>, out: &mut Vec<Difference>) {
    let within = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
    let is: BTreeMap<&str, &Node> = new.iter().map(|one| (one.key.as_str(), &one.value)).collect();
    let mut known = BTreeSet::new();
    for entry in old.iter() {
        let key = entry.key.as_str();
        let now = names.get(key).map_or(Some(key), |name| name.as_deref());
        known.extend(now);
        let after = now.and_then(|now| is.get(now)).copied();
        tree(Some(&entry.value), after, &within(now.unwrap_or(key)), at, out);
    }
    for entry in new.iter().filter(|entry| !known.contains(entry.key.as_str())) {
        tree(None, Some(&entry.value), &within(&entry.key), at, out);
    }
}

fn non_null(node: Option<&Node>) -> Option<&Data> {
    node.filter(|node| !node.is_null()).map(|node| &node.data)
}

fn items(
    before: &[Node],
    after: &[Node],
    id: &str,
    ordered: bool,
    of: &'static [Field],
    at: &Route<'_>,
    out: &mut Vec<Difference>,
) {
    let label = |node: &Node| node.get(id).and_then(Node::as_text).map(str::to_owned);
    // The first of each name, as a look through the list would find it.
    let index = |list: &[Node]| -> BTreeMap<String, usize> {
        list.iter().enumerate().rev().filter_map(|(at, node)| Some((label(node)?, at))).collect()
    };
    // The index after of each item before, and the other way round. A renamed item is one whose name changed, not one
    // that goes and another that comes. The impact decides which segment is which.
    let is_segment = at.row.is_some_and(|row| row.display == Display::Segments);
    let segments = at.sides.filter(|_| is_segment);
    let segments = segments.and_then(|(before, after)| after.format.exposure.paired_segments(before, after));
    let (now, was): (BTreeMap<usize, usize>, BTreeMap<usize, usize>) = match segments {
        Some(pairs) => (pairs.iter().copied().collect(), pairs.iter().map(|(at, to)| (*to, *at)).collect()),
        None => {
            let (old_names, new_names) = (index(before), index(after));
            let namesake = |list: &[Node], names: &BTreeMap<String, usize>| -> BTreeMap<usize, usize> {
                let found = |(at, node)| Some((at, *names.get(&label(node)?)?));
                list.iter().enumerate().filter_map(found).collect()
            };
            let (mut now, mut was) = (namesake(before, &new_names), namesake(after, &old_names));
            for (at, to) in renamed(before, after, id, of) {
                now.insert(at, to);
                was.insert(to, at);
            }
            (now, was)
        }
    };
    for (old_at, old) in before.iter().enumerate() {
        let Some(name) = label(old) else { continue };
        if !now.contains_key(&old_at) {
            push(Some(old), None, &Route { item: Some(&name), ..*at }, true, out);
        }
    }
    for (new_at, new) in after.iter().enumerate() {
        let Some(name) = label(new) else { continue };
        let at = Route { item: Some(&name), place: new.place, ..*at };
        match was.get(&new_at).and_then(|at| before.get(*at)) {
            None => push(None, Some(new), &at, true, out),
            Some(old) => {
                if let (Some(old), Some(new)) = (old.as_map(), new.as_map()) {
                    members(old, new, of, &at, out);
                }
            }
        }
    }
    let order = |list: &[Node]| list.iter().filter_map(label).collect::<Vec<_>>();
    let (old, new) = (order(before), order(after));
    // Appending keeps the order of what was there; anything else puts some item before another.
    let name_now = |at| now.get(&at).and_then(|to| after.get(*to)).and_then(label);
    let kept: Vec<String> = (0..before.len()).filter_map(name_now).collect();
    if ordered && !kept.is_empty() && !new.iter().zip(&kept).all(|(new, old)| new == old) {
        let place = after.first().map_or(at.place, |node| node.place);
        push_order(old, new, &Route { place, ..*at }, out);
    }
}

/// The items of two lists by their names, if the format has names for items.
fn named_items<'n>(old: &'n [Node], new: &'n [Node], at: &Route<'_>) -> Option<NamedItems<'n>> {
    NamedItems::of(old, new, at.sides?.1.format.item_names())
}

/// A difference in nothing but the order of the items of these names.
fn push_order(old: Vec<String>, new: Vec<String>, at: &Route<'_>, out: &mut Vec<Difference>) {
    let list = |names: Vec<String>| {
        let items = names.into_iter().map(|name| Node::text(at.place, name)).collect();
        Node::new(at.place, Data::List(items))
    };
    out.push(Difference {
        field: at.field.to_owned(),
        means: at.means.to_owned(),
        row: at.row,
        list: at.list,
        act: Act::Reordered,
        item: at.item.map(str::to_owned),
        before: Some(list(old)),
        after: Some(list(new)),
        place: at.place,
        place_before: false,
        effect: true,
        shared: false,
        path: None,
    });
}

fn push(before: Option<&Node>, after: Option<&Node>, at: &Route<'_>, effect: bool, out: &mut Vec<Difference>) {
    let present = |node: Option<&Node>| node.filter(|node| !node.is_null()).cloned();
    let (mut before, mut after) = (present(before), present(after));
    // A switch that is not there is off, if the flag is, and the other way round.
    if let Some((old, new)) = at.sides.filter(|(old, _)| old.format.is_mapped())
        && at.row.is_some_and(|row| row.role == Role::Lifecycle)
    {
        let other = |node: &Node, flag: &Flag| {
            // Of a flag that nobody knows to be on, what is not there may be either.
            let on = node.as_bool().filter(|on| flag.is_sure() && *on != flag.state.live)?;
            Some(node.with(Data::Bool(!on)))
        };
        match (&before, &after) {
            (None, Some(node)) => before = other(node, old),
            (Some(node), None) => after = other(node, new),
            _ => {}
        }
    }
    let (act, place, place_before) = match (&before, &after) {
        (Some(old), None) => (Act::Removed, old.place, true),
        (None, Some(new)) => (Act::Added, new.place, false),
        (Some(_), Some(new)) => (Act::Changed, new.place, false),
        (None, None) => (Act::Changed, at.place, false),
    };
    out.push(Difference {
        field: at.field.to_owned(),
        means: at.means.to_owned(),
        row: at.row,
        list: at.list,
        act,
        item: at.item.map(str::to_owned),
        before,
        after,
        place,
        place_before,
        effect,
        shared: false,
        path: None,
    });
}

fn join(outer: &str, name: &str) -> String {
    if outer.is_empty() { name.to_owned() } else { format!("{outer}.{name}") }
}
