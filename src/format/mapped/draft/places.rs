//! Places of flags in a file, as far as its shape shows them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::path::has_items;
use super::words;
use crate::document::{Data, Entry, Map, Node};
use crate::format::names::item_name_rank;

/// How deep flags may stand in maps that hold nothing else.
const DEEPEST: usize = 3;

/// More places than this are no places of flags, but parts of something else that look like them.
const MOST_PLACES: usize = 20;

/// How flags stand in their place.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PlaceForm {
    /// The document is one.
    Whole,
    /// Members of a map.
    Members,
    /// Items of a list, or what each of them has under one name.
    Items(Option<String>),
}

/// A place of flags, or of parts that flags use.
#[derive(Clone, Debug)]
pub struct FlagPlace<'n> {
    /// The names of the maps around it.
    pub path: Vec<String>,
    pub form: PlaceForm,
    /// Each with its name in the map.
    pub flags: Vec<(Option<&'n str>, &'n Node)>,
    /// Whether they are parts that flags use.
    pub part: bool,
    /// The member of other flags that these are in, whose key begins theirs.
    pub nested: Option<String>,
    /// The members of these flags that hold flags of their own.
    pub holds: Option<String>,
    /// The switches by which flags are told from what else stands there; without any all of it is flags.
    pub switches: Vec<String>,
    /// Whether it is one of several, each under the name of an environment, which the path ends with as a `*`.
    pub by_environment: bool,
}

/// The signs by which a map or a list is one of flags.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FlagSign {
    /// The list is called so, and one of its items looks like a flag.
    Named,
    /// All of them look like flags.
    All,
    /// The list is called so.
    NameAlone,
}

/// The places of flags in these documents, of the best kind that is there.
pub fn places<'n>(documents: &[&'n Node]) -> Vec<FlagPlace<'n>> {
    let by = |find: &dyn Fn(&'n Node, &mut Vec<FlagPlace<'n>>)| {
        let mut found = Vec::new();
        for document in documents {
            find(document, &mut found);
        }
        let found = joined(found);
        if found.len() > MOST_PLACES { Vec::new() } else { found }
    };
    let top = |sign| move |node: &'n Node, found: &mut Vec<FlagPlace<'n>>| found.extend(place(node, Vec::new(), sign));
    let below = |sign| move |node: &'n Node, found: &mut Vec<FlagPlace<'n>>| inside(node, &[], sign, found);
    let mut found = by(&top(FlagSign::All));
    if found.is_empty() {
        found = by(&below(FlagSign::Named));
        let around = by(&whole);
        // A flag with a switch of its own may have others in it, one below the other.
        if let [one] = found.as_slice()
            && one.path.len() == 1
            && one.form == PlaceForm::Members
            && around.iter().flat_map(|place| &place.flags).any(|(_, flag)| switch_of(flag).is_some())
        {
            found = around;
        }
        if !found.is_empty() {
            found.extend(by(&parts));
        }
    }
    for find in [
        &whole as &dyn Fn(&'n Node, &mut Vec<FlagPlace<'n>>),
        &mixed,
        &below(FlagSign::All),
        &below(FlagSign::NameAlone),
    ] {
        if found.is_empty() {
            found = by(find);
        }
    }
    if found.is_empty() {
        found = by(&top(FlagSign::NameAlone));
    }
    let inner: Vec<FlagPlace<'n>> = found.iter().flat_map(nested).collect();
    for place in &mut found {
        let own = place.path.clone();
        let within = inner.iter().find(|one| one.path.len() > own.len() && one.path.starts_with(&own));
        place.holds = within.and_then(|one| one.nested.clone());
    }
    joined(inner).into_iter().chain(found).collect()
}

/// Whether flags of two places have one name.
pub fn share_names(places: &[FlagPlace<'_>]) -> bool {
    let named = places.iter().filter(|place| !place.part && place.nested.is_none() && !place.by_environment);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    named.enumerate().any(|(number, place)| {
        let member = identifier(&place.flags.iter().map(|(_, flag)| *flag).collect::<Vec<_>>());
        let name = |(name, flag): &(Option<&str>, &Node)| {
            let own = || flag.get(member.as_deref()?)?.as_text().map(str::to_owned);
            name.map(str::to_owned).or_else(own)
        };
        place.flags.iter().filter_map(name).any(|name| *seen.entry(name).or_insert(number) != number)
    })
}

/// Flags inside of flags, such as the parts of a feature.
fn nested<'n>(around: &FlagPlace<'n>) -> Vec<FlagPlace<'n>> {
    let mut path = around.path.clone();
    match around.form {
        PlaceForm::Members if !around.part => path.push("*".to_owned()),
        PlaceForm::Whole => {}
        PlaceForm::Members | PlaceForm::Items(_) => return Vec::new(),
    }
    let entries = around.flags.iter().filter_map(|(_, flag)| flag.as_map()).flat_map(Map::iter);
    // Exceptions are flags too, and each has a switch of its own.
    let holds = |name: &str| words::holds_flags_here(name) || name == "overrides";
    let named = entries.filter(|entry| entry.value.as_map().is_some() && holds(&entry.key));
    let found = named.filter_map(|entry| {
        let path = path.iter().chain([&entry.key]).cloned().collect();
        let inner = place(&entry.value, path, FlagSign::All)?;
        Some(FlagPlace { nested: Some(entry.key.clone()), ..inner })
    });
    found.collect()
}

/// Places of the same path in several documents are one, and so are those in several environments.
fn joined(mut found: Vec<FlagPlace<'_>>) -> Vec<FlagPlace<'_>> {
    let mut all: Vec<FlagPlace<'_>> = Vec::new();
    let all_scopes = || found.iter().all(|place| place.path.last().is_some_and(|name| words::is_scope_name(name)));
    let some = || found.iter().any(|place| place.path.last().is_some_and(|name| words::is_environment(name)));
    if found.len() > 1 && all_scopes() && some() {
        for place in &mut found {
            place.path.pop();
            place.path.push("*".to_owned());
            place.by_environment = true;
        }
    }
    let mut known: BTreeMap<(Vec<String>, PlaceForm), usize> = BTreeMap::new();
    for place in found {
        let at = *known.entry((place.path.clone(), place.form.clone())).or_insert(all.len());
        match all.get_mut(at) {
            Some(one) => one.flags.extend(place.flags),
            None => all.push(place),
        }
    }
    all
}

/// The document as one flag.
fn whole<'n>(node: &'n Node, found: &mut Vec<FlagPlace<'n>>) {
    let Some(map) = node.as_map() else { return };
    let signs = map.iter().filter(|entry| words::field(&entry.key).is_some()).count();
    if signs + usize::from(switch_of(node).is_some()) > 1 {
        let form = PlaceForm::Whole;
        found.push(FlagPlace {
            path: Vec::new(),
            form,
            flags: vec![(None, node)],
            part: false,
            nested: None,
            holds: None,
            switches: Vec::new(),
            by_environment: false,
        });
    }
}

/// Flags that have a switch each, next to maps of plain switches: those maps, and then the flags.
fn mixed<'n>(node: &'n Node, found: &mut Vec<FlagPlace<'n>>) {
    let Some(map) = node.as_map() else { return };
    let (flags, others): (Vec<&Entry>, Vec<&Entry>) = map.iter().partition(|entry| switch_of(&entry.value).is_some());
    let group = |entry: &&'n Entry| place(&entry.value, vec![entry.key.clone()], FlagSign::All);
    let groups: Option<Vec<FlagPlace<'n>>> = others.iter().map(group).collect();
    let all_named = map.iter().all(|entry| words::can_be_named(&entry.key));
    let Some(groups) = groups.filter(|groups| all_named && !groups.is_empty() && !flags.is_empty()) else { return };
    let mut switches: Vec<String> =
        flags.iter().filter_map(|entry| switch_of(&entry.value)).map(|(name, _)| name.to_owned()).collect();
    switches.sort();
    switches.dedup();
    found.extend(groups);
    found.push(FlagPlace {
        path: Vec::new(),
        form: PlaceForm::Members,
        flags: flags.into_iter().map(|entry| (Some(entry.key.as_str()), &entry.value)).collect(),
        part: false,
        nested: None,
        holds: None,
        switches,
        by_environment: false,
    });
}

/// Parts of flags at the top of a document.
fn parts<'n>(node: &'n Node, found: &mut Vec<FlagPlace<'n>>) {
    let entries = node.as_map().into_iter().flat_map(Map::iter);
    for entry in entries.filter(|entry| words::is_part(&entry.key)) {
        let place = place(&entry.value, vec![entry.key.clone()], FlagSign::NameAlone);
        found.extend(place.filter(|place| all_maps(place)).map(|place| FlagPlace { part: true, ..place }));
    }
}

fn all_maps(place: &FlagPlace<'_>) -> bool {
    place.flags.iter().all(|(_, flag)| flag.as_map().is_some())
}

/// The places in the members of a map, and in theirs. One inside of another is none.
fn inside<'n>(node: &'n Node, path: &[String], sign: FlagSign, found: &mut Vec<FlagPlace<'n>>) {
    let Some(map) = node.as_map().filter(|_| path.len() < DEEPEST) else { return };
    // The variants of one flag are no flags themselves.
    let is_of_flag = |name: &str| words::field(name) == Some("variants") && !words::holds_flags_here(name);
    for entry in map.iter().filter(|entry| words::can_be_named(&entry.key) && !is_of_flag(&entry.key)) {
        let path: Vec<String> = path.iter().chain([&entry.key]).cloned().collect();
        let named = sign == FlagSign::All || words::holds_flags_here(&entry.key) || has_items(entry);
        match place(&entry.value, path.clone(), sign).filter(|_| named) {
            Some(place) => found.push(place),
            None => inside(&entry.value, &path, sign, found),
        }
    }
}

/// The place that a map or a list is, if it is one of flags.
fn place(node: &Node, path: Vec<String>, sign: FlagSign) -> Option<FlagPlace<'_>> {
    let (form, flags): (_, Vec<(Option<&str>, &Node)>) = match &node.data {
        Data::Map(map) => {
            (PlaceForm::Members, map.iter().map(|entry| (Some(entry.key.as_str()), &entry.value)).collect())
        }
        Data::List(items) => {
            let inner = inner_name(items);
            let of = |item| inner.and_then(|name| Node::get(item, name)).unwrap_or(item);
            (PlaceForm::Items(inner.map(str::to_owned)), items.iter().map(|item| (None, of(item))).collect())
        }
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => return None,
    };
    let list = form != PlaceForm::Members;
    let looks = |flag: &Node| {
        (!list || identifier(&[flag]).is_some()) && looks_like_a_flag(flag, list && sign != FlagSign::All)
    };
    // The members next to environments belong to the flag that has these.
    let of_one_flag = flags.iter().any(|(name, flag)| name.is_some_and(|name| holds_environments(name, flag)))
        || node.as_map().is_some_and(|map| words::has_environments(map) || has_overrides(map));
    let holds = match sign {
        _ if of_one_flag => false,
        FlagSign::Named => flags.iter().any(|(_, flag)| looks(flag)),
        FlagSign::All => flags.iter().all(|(_, flag)| looks(flag)),
        FlagSign::NameAlone => true,
    };
    let nested = None;
    (holds && !flags.is_empty()).then_some(FlagPlace {
        path,
        form,
        flags,
        part: false,
        nested,
        holds: None,
        switches: Vec::new(),
        by_environment: false,
    })
}

/// The one name under which every item of a list has a flag.
fn inner_name(items: &[Node]) -> Option<&str> {
    let only = |item: &Node| match item.as_map().map(|map| map.0.as_slice()) {
        Some([one]) => one.value.as_map().map(|_| one.key.clone()),
        _ => None,
    };
    let first = items.first()?.as_map()?.0.first()?.key.as_str();
    let same = words::can_be_named(first) && items.iter().all(|item| only(item).as_deref() == Some(first));
    same.then_some(first)
}

/// Whether a value looks like a flag; an item of a list that has a name does in any case.
fn looks_like_a_flag(node: &Node, named: bool) -> bool {
    match &node.data {
        Data::Bool(_) => true,
        Data::Map(map) => {
            let all = !map.0.is_empty() && map.iter().all(|entry| words::is_environment(&entry.key));
            let by_environment = all || words::has_environments(map);
            let has_field = || map.iter().any(|entry| words::field(&entry.key).is_some());
            let in_environments = || map.iter().any(|entry| holds_environments(&entry.key, &entry.value));
            named || by_environment || switch_of(node).is_some() || has_field() || in_environments()
        }
        Data::Null | Data::Number(_) | Data::Text(_) | Data::List(_) => false,
    }
}

/// Whether a member holds the environments of one flag.
fn holds_environments(name: &str, node: &Node) -> bool {
    words::is_scope(name)
        && match &node.data {
            Data::Map(map) => {
                !map.0.is_empty() && map.iter().all(|entry| entry.value.as_map().is_none_or(is_one_state))
            }
            Data::List(_) => true,
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => false,
        }
}

/// Whether an environment and exceptions from it are members of one map, which is a flag then.
fn has_overrides(map: &Map) -> bool {
    let has = |is: fn(&str) -> bool| map.iter().any(|entry| is(&entry.key));
    has(|name| name == "overrides") && has(words::is_environment)
}

/// Whether a map says of one flag what it is, and holds no flags of its own.
fn is_one_state(map: &Map) -> bool {
    map.iter().any(|entry| words::switch(&entry.key).is_some() || words::field(&entry.key).is_some())
}

/// The member that says whether a flag is on; and whether `true` is on.
pub fn switch_of(node: &Node) -> Option<(&str, bool)> {
    let says = |name: &str, value: &Node| match &value.data {
        Data::Bool(_) => true,
        Data::Text(word) => !words::is_value(name) && words::state(word).is_some(),
        Data::Null | Data::Number(_) | Data::List(_) | Data::Map(_) => false,
    };
    let members =
        node.as_map()?.iter().filter(|entry| words::can_be_named(&entry.key) && says(&entry.key, &entry.value));
    let ranked = members.filter_map(|entry| words::switch(&entry.key).map(|(rank, on)| (rank, on, entry.key.as_str())));
    ranked.min_by_key(|(rank, ..)| *rank).map(|(_, on, name)| (name, on))
}

/// The member that names all of these maps: with different strings, if there is one, else with anything.
pub fn identifier(flags: &[&Node]) -> Option<String> {
    let maps = flags.iter().map(|flag| flag.as_map());
    let maps: Vec<_> = maps.collect::<Option<_>>()?;
    let rank = |entry: &&Entry| item_name_rank(&entry.key).or((entry.key == "value").then_some(usize::MAX));
    let mut members: Vec<&Entry> = maps.first()?.iter().filter(|entry| rank(entry).is_some()).collect();
    members.sort_by_key(rank);
    let find = |fits: &dyn Fn(&Node) -> bool, unique: bool| {
        let names_all = |member: &&&Entry| {
            let said: Option<Vec<&Node>> = maps.iter().map(|map| map.get(&member.key)).collect();
            let said = said.filter(|said| said.iter().all(|node| fits(node))).unwrap_or_default();
            let apart: BTreeSet<Option<&str>> = said.iter().map(|node| node.as_text()).collect();
            !said.is_empty() && (!unique || apart.len() == said.len())
        };
        members.iter().find(names_all).map(|member| member.key.clone())
    };
    let is_name = |node: &Node| node.as_text().is_some_and(|text| !text.is_empty());
    find(&is_name, true).or_else(|| find(&is_name, false)).or_else(|| find(&|node| node.as_number().is_some(), false))
}
