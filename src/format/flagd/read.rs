//! A flagd file into flags: the common part folded into each, and `targeting` taken apart.

use std::collections::{BTreeMap, BTreeSet};

use super::checks::{check_key, check_metadata, other_case, unknown_variant, wrong_type};
use super::fields::FILE;
use super::jsonlogic::{self, Evaluators};
use super::{FORMAT, fractional, references};
use crate::diagnostics::diagnostic::nearest;
use crate::diagnostics::{Diagnostics, Place, Subject, lints};
use crate::document::canonical::canonical;
use crate::document::shape::{self, Shape, UnknownKeys, shown};
use crate::document::yaml::{self, Dialect};
use crate::document::{Data, Entry, Map, Node};
use crate::flag::{Flag, ItemLists, Kind, Links, State};
use crate::format::FormatRef;

/// The number of values that may be copied from the common part of a file into its flags. Without a bound, a small file
/// that refers to one large evaluator many times is a large one.
const MOST_COPIED: usize = 500_000;

/// Reads a file.
pub fn read(bytes: &[u8], path: &str, diagnostics: &mut Diagnostics<'_>) -> Option<Vec<Flag>> {
    let readers = super::FORMAT.readers_of(path);
    let node = yaml::read_by(bytes, readers, |_| yaml::ANY_FILE, diagnostics)?;
    // YAML becomes JSON before references are looked for, so only in JSON does it matter how they are written.
    let written = readers.contains(&Dialect::Json).then(|| references::written(bytes));
    references::check(&node, written.as_ref(), diagnostics);
    read_node(node, false, diagnostics)
}

/// Reads what stands in another file: the flags themselves. Such a file may be a patch, and what a flag leaves out
/// stands in what is patched.
pub fn read_inside(node: &Node, diagnostics: &mut Diagnostics<'_>) -> Option<Vec<Flag>> {
    // A writer of JSON writes it in one way.
    references::check(node, None, diagnostics);
    read_node(node.clone(), true, diagnostics)
}

/// Reads a string that may hold flags as a file of its own. Their places are those in the string.
pub fn read_text(text: &str, diagnostics: &mut Diagnostics<'_>) -> Option<Vec<Flag>> {
    // Other settings stand in strings too. One that could hold flags and cannot be read is refused.
    let read_loosely = yaml::read(text.as_bytes(), &[Dialect::Core], &mut Diagnostics::of(""));
    let has_flags = match &read_loosely {
        Some(node) => node.as_map().is_some_and(|map| map.iter().any(|entry| entry.key.eq_ignore_ascii_case("flags"))),
        None => may_name_flags(text),
    };
    if !has_flags {
        return Some(Vec::new());
    }
    let json = text.trim_start().starts_with('{');
    read(text.as_bytes(), if json { "flags.json" } else { "flags.yaml" }, diagnostics)
}

/// Whether a string that cannot be read may have a member `flags`: one that reads so in some letter case, or an escape
/// in JSON.
fn may_name_flags(text: &str) -> bool {
    let json = text.trim_start().starts_with('{');
    let lower = text.to_lowercase();
    let named = lower.match_indices("flags").any(|(at, word)| {
        let rest = lower.get(at + word.len()..).unwrap_or_default().trim_start_matches(['"', '\'']).trim_start();
        rest.starts_with(':')
    });
    named || json && text.contains("\\u")
}

/// Reads what a file says, wherever it stands.
fn read_node(node: Node, partial: bool, diagnostics: &mut Diagnostics<'_>) -> Option<Vec<Flag>> {
    let (flags, mut common) = file(node, diagnostics)?;
    common.partial = partial;
    let mut read = Vec::new();
    for entry in flags {
        diagnostics.about(Subject::Flag(entry.key.clone()));
        let flag = flag(entry, &mut common, diagnostics);
        diagnostics.about(Subject::File);
        let Some(flag) = flag else { continue };
        read.push(flag);
        if common.evaluators.left == 0 {
            diagnostics.add(
                lints::TOO_MANY_NODES,
                common.place,
                format!("what this file says for all flags comes to more than {MOST_COPIED} values in its flags"),
                "split the file, or make `$evaluators` and `metadata` smaller",
            );
            return None;
        }
    }
    Some(read)
}

/// The common part of a file, which holds for all its flags.
struct Common {
    place: Place,
    evaluators: Evaluators,
    metadata: Vec<Entry>,
    /// How many values the metadata has.
    size: usize,
    /// Whether a flag may leave out what every flag has.
    partial: bool,
}

/// Takes a file apart: its flags by key, and the rest.
fn file(node: Node, diagnostics: &mut Diagnostics<'_>) -> Option<(Vec<Entry>, Common)> {
    const MEMBERS: [&str; 4] = ["$schema", "flags", "$evaluators", "metadata"];
    let place = node.place;
    let Data::Map(members) = node.data else {
        wrong_type(&node, "the file", "a map with `flags`", diagnostics);
        return None;
    };
    let mut flags = None;
    let mut common =
        Common { place, evaluators: Evaluators::none(MOST_COPIED), metadata: vec![], size: 0, partial: false };
    // Members that a flag or the file lacks if their names are not right.
    let mut lacking = vec!["flags", "$evaluators"];
    lacking.retain(|name| members.get(name).is_none());
    let mut misnamed = Vec::new();
    for entry in members.0 {
        if entry.key != "flags" {
            diagnostics.about(Subject::Part(canonical(&entry.value, &Shape::Any)));
        }
        match entry.key.as_str() {
            "$schema" => {}
            "flags" => flags = Some(entry.value),
            "$evaluators" => common.evaluators.read(entry.value, diagnostics),
            "metadata" => match entry.value.data {
                Data::Map(map) => {
                    check_metadata(&map, diagnostics);
                    common.metadata = map.0;
                }
                // A reader in Python drops the file at `null` too.
                _ => wrong_type(&entry.value, "`metadata`", "a map", diagnostics),
            },
            _ => {
                if let Some(name) = other_case(&entry, &MEMBERS, diagnostics) {
                    misnamed.push(name);
                } else {
                    let message = format!("`{}` is no member of a flagd file", entry.key.escape_debug());
                    let meant = nearest(&entry.key, MEMBERS);
                    let (lint, remedy) = match meant {
                        // A misspelt name is one error, and not one for each place that lacks the member.
                        Some(meant) if lacking.contains(&meant) => (lints::MISSING_FIELD, format!("write `{meant}`")),
                        Some(meant) => (lints::UNKNOWN_FIELD, format!("write `{meant}` if that is what you mean")),
                        None => (lints::UNKNOWN_FIELD, "remove it, or say it under `metadata`".to_owned()),
                    };
                    misnamed.extend(meant);
                    diagnostics.add(lint, entry.place, message, remedy);
                }
            }
        }
        diagnostics.about(Subject::File);
    }
    lacking.retain(|name| misnamed.contains(name));
    common.evaluators.unreadable |= lacking.contains(&"$evaluators");
    common.size = common.metadata.iter().map(|entry| entry.value.size()).sum();
    let flags = match flags {
        Some(Node { data: Data::Map(map), .. }) => map.0,
        Some(Node { data: Data::List(items), .. }) => keyed(items, diagnostics),
        Some(other) => {
            wrong_type(&other, "`flags`", "a map from key to flag", diagnostics);
            return None;
        }
        None => {
            if !lacking.contains(&"flags") {
                let remedy = "add `flags`, a map from key to flag";
                diagnostics.add(lints::MISSING_FIELD, place, "the file has no `flags`", remedy);
            }
            return None;
        }
    };
    Some((flags, common))
}

/// The flags of the daemon's other form: a list in which each says its key.
fn keyed(items: Vec<Node>, diagnostics: &mut Diagnostics<'_>) -> Vec<Entry> {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut flags = Vec::new();
    for mut item in items {
        let Data::Map(map) = &mut item.data else {
            wrong_type(&item, "an item of `flags`", "a map with its `key`", diagnostics);
            continue;
        };
        let Some(at) = map.0.iter().position(|entry| entry.key == "key") else {
            let misnamed = map.iter().filter(|entry| other_case(entry, &["key"], diagnostics).is_some()).count();
            if misnamed == 0 {
                let remedy = "add its `key`, a string";
                diagnostics.add(lints::MISSING_FIELD, item.place, "an item of `flags` has no `key`", remedy);
            }
            continue;
        };
        let key = map.0.remove(at).value;
        let place = key.place;
        let Data::Text(key) = key.data else {
            wrong_type(&key, "`key`", "a string", diagnostics);
            continue;
        };
        if let Some(line) = seen.get(&key) {
            diagnostics.add(
                lints::DUPLICATE_FLAG,
                place,
                format!("`{}` stands twice in `flags`, first in line {line}", key.escape_debug()),
                "remove one of them",
            );
            continue;
        }
        seen.insert(key.clone(), place.line);
        flags.push(Entry { key, place, value: item });
    }
    flags
}

/// Members that the daemon keeps for itself in a flag, both strings (`core/pkg/model/flag.go`). At any other type it
/// drops the file with all its flags.
const DAEMON: [&str; 2] = ["source", "selector"];

/// The members of a flag: those that the format has, and all others.
struct FlagdMembers {
    fields: BTreeMap<&'static str, Entry>,
    unknown: Vec<Entry>,
}

impl FlagdMembers {
    /// The members of a flag that is called `what`; `None` if it is no map.
    fn of(value: Node, what: &str, partial: bool, diagnostics: &mut Diagnostics<'_>) -> Option<Self> {
        let Data::Map(map) = value.data else {
            wrong_type(&value, what, "a map with its `state` and `variants`", diagnostics);
            return None;
        };
        let names = || FILE.iter().map(|field| field.name);
        let known: Vec<&str> = names().chain(["key"]).chain(DAEMON).collect();
        let mut misnamed = Vec::new();
        let (refused, own): (Vec<Entry>, Vec<Entry>) = map.0.into_iter().partition(|entry| {
            let name = other_case(entry, &known, diagnostics);
            misnamed.extend(name);
            name.is_some()
        });
        check_of_daemon(&own, what, diagnostics);
        let own = Node::new(value.place, Data::Map(Map(own)));
        misnamed.extend(FILE.iter().map(|field| field.name).filter(|name| partial && own.get(name).is_none()));
        shape::check_but(&own, FILE, &misnamed, what, UnknownKeys::Warned, diagnostics);
        let Data::Map(own) = own.data else { return None };
        let mut members = FlagdMembers { fields: BTreeMap::new(), unknown: refused };
        for entry in own.0 {
            match names().find(|name| *name == entry.key) {
                Some(name) => drop(members.fields.insert(name, entry)),
                None => members.unknown.push(entry),
            }
        }
        Some(members)
    }

    /// A member that says something.
    fn take(&mut self, name: &str) -> Option<Entry> {
        self.fields.remove(name).filter(|entry| !entry.value.is_null())
    }
}

/// Refuses members that readers keep for themselves.
fn check_of_daemon(own: &[Entry], what: &str, diagnostics: &mut Diagnostics<'_>) {
    // Python's reader has the key as an argument of its own and stops; Go's does at any but a string.
    for entry in own.iter().filter(|entry| entry.key == "key") {
        let message = format!("{what} has a member `key`, at which readers drop the file with all its flags");
        diagnostics.add(lints::READERS_DISAGREE, entry.place, message, "remove it: the key is the name of the flag");
    }
    for entry in own.iter().filter(|entry| DAEMON.contains(&entry.key.as_str())) {
        if !matches!(entry.value.data, Data::Text(_) | Data::Null) {
            wrong_type(&entry.value, &format!("`{}`", entry.key), "a string, or remove it", diagnostics);
        }
    }
}

fn flag(entry: Entry, common: &mut Common, diagnostics: &mut Diagnostics<'_>) -> Option<Flag> {
    let Entry { key, place, value } = entry;
    check_key(&key, "flags", place, diagnostics);
    let what = format!("the flag `{}`", key.escape_debug());
    let mut members = FlagdMembers::of(value, &what, common.partial, diagnostics)?;
    let (state, said) = state(members.take("state"), place, common.partial);
    let variants = members.take("variants").map(|entry| variants(entry, diagnostics));
    let keys: Option<BTreeSet<&str>> = variants.as_ref().and_then(|entry| {
        let items = entry.value.as_list()?;
        Some(items.iter().filter_map(|item| item.get("key")?.as_text()).collect())
    });
    let default = members.take("defaultVariant");
    if let Some((entry, keys)) = default.as_ref().zip(keys.as_ref()) {
        check_default(entry, &key, keys, diagnostics);
    }
    let rule = members.take("targeting");
    let shared = rule.as_ref().and_then(|entry| common.evaluators.used(&entry.value));
    let targeting = match rule {
        Some(entry) => targeting(entry, &key, keys.as_ref(), &mut common.evaluators, diagnostics),
        None => named("targeting", place, Data::Map(Map::default())),
    };
    let own = members.take("metadata");
    if let Some(map) = own.as_ref().and_then(|entry| entry.value.as_map()) {
        check_metadata(map, diagnostics);
    }
    let metadata = metadata(own, place, common);
    common.evaluators.spend(common.size);

    let record = [Some(said), members.take("description"), Some(metadata), variants, default, Some(targeting)];
    Some(Flag {
        key,
        kind: Kind::Flag,
        state,
        scope: None,
        place,
        record: Map(record.into_iter().flatten().chain(members.unknown).collect()),
        shared,
        lists: ItemLists::new(),
        links: Links::default(),
        drawn: None,
        format: FormatRef::Row(&FORMAT),
    })
}

/// Refuses a default that is none of the variants.
fn check_default(default: &Entry, key: &str, variants: &BTreeSet<&str>, diagnostics: &mut Diagnostics<'_>) {
    let Some(name) = default.value.as_text().filter(|name| !variants.contains(name)) else { return };
    let message = format!("`defaultVariant` of `{}` is {}", key.escape_debug(), shown(&default.value));
    unknown_variant(default.value.place, &message, name, variants, diagnostics);
}

/// The state, and its entry in the record. An absent one was reported as an error, or stands in another file; flagd
/// serves a flag without one.
fn state(entry: Option<Entry>, place: Place, partial: bool) -> (State, Entry) {
    let entry = entry.unwrap_or_else(|| named("state", place, Data::Null));
    let word = match &entry.value.data {
        Data::Text(word) => word.clone(),
        Data::Null if partial => "unknown".to_owned(),
        _ => entry.value.json(),
    };
    let known = FORMAT.lifecycle.iter().find(|known| known.word == word);
    // The evaluator serves every flag whose state is not the one that is off.
    let live = known.is_none_or(|known| known.live);
    (State { word, live, place: entry.value.place }, entry)
}

fn variants(mut entry: Entry, diagnostics: &mut Diagnostics<'_>) -> Entry {
    let Data::Map(map) = entry.value.data else { return entry };
    if map.0.is_empty() {
        let remedy = "add at least one, such as `\"on\": true`";
        diagnostics.add(lints::MISSING_FIELD, entry.value.place, "`variants` is empty", remedy);
    }
    let first =
        map.iter().find(|variant| !variant.value.unknown).map(|variant| (variant.key.clone(), variant.value.kind()));
    for variant in &map.0 {
        if matches!(variant.value.data, Data::Null | Data::List(_)) {
            let what = format!("the variant `{}`", variant.key.escape_debug());
            wrong_type(&variant.value, &what, "a string, a number, `true`, `false` or a map", diagnostics);
        } else if let Some((key, kind)) =
            first.as_ref().filter(|(_, kind)| !variant.value.unknown && *kind != variant.value.kind())
        {
            let (key, name) = (key.escape_debug(), variant.key.escape_debug());
            let message = format!("the variant `{name}` is {}, and `{key}` is {kind}", variant.value.kind());
            let remedy = "give all variants values of one type; an application asks for a flag by its type";
            diagnostics.add(lints::WRONG_TYPE, variant.value.place, message, remedy);
        }
    }
    let items = map.0.into_iter().map(|variant| {
        check_key(&variant.key, "variants", variant.place, diagnostics);
        let key = named("key", variant.place, Data::Text(variant.key));
        let value = Entry { key: "value".into(), place: variant.value.place, value: variant.value };
        Node::new(variant.place, Data::Map(Map(vec![key, value])))
    });
    entry.value.data = Data::List(items.collect());
    entry
}

fn targeting(
    mut entry: Entry,
    key: &str,
    variants: Option<&BTreeSet<&str>>,
    evaluators: &mut Evaluators,
    diagnostics: &mut Diagnostics<'_>,
) -> Entry {
    let place = entry.value.place;
    if entry.value.as_map().is_some_and(|map| map.0.is_empty()) {
        return entry;
    }
    evaluators.check(&entry.value, diagnostics);
    let mut rules = super::sets::in_order(evaluators.expand(entry.value));
    // An evaluator in the place of the whole rule is shown where the flag refers to it.
    rules.place = place;
    for result in jsonlogic::results(&rules) {
        let Some(variants) = variants else { break };
        let missing = match &result.data {
            Data::Text(name) => (!variants.contains(name.as_str())).then_some(name.as_str()),
            Data::Bool(true) => (!variants.contains("true")).then_some("true"),
            Data::Bool(false) => (!variants.contains("false")).then_some("false"),
            Data::Map(_) => ["true", "false"].into_iter().find(|name| !variants.contains(name)),
            Data::Number(number) => (!variants.contains(number.to_string().as_str())).then_some(""),
            Data::List(_) => Some(""),
            Data::Null => None,
        };
        if let Some(name) = missing {
            let message = match result.data {
                Data::Map(_) => format!("`targeting` of `{}` can give `{name}`", key.escape_debug()),
                _ => format!("`targeting` of `{}` gives {}", key.escape_debug(), shown(result)),
            };
            unknown_variant(result.place, &message, name, variants, diagnostics);
        }
    }
    let (rules, fractional) = fractional::cut(rules);
    let mut parts = vec![named("rules", place, rules.data)];
    if !fractional.is_empty() {
        parts.push(named("fractional", place, Data::List(fractional)));
    }
    entry.value = Node::new(place, Data::Map(Map(parts)));
    entry
}

/// The file's metadata with the flag's own over it, as flagd hands them to applications.
fn metadata(own: Option<Entry>, place: Place, common: &Common) -> Entry {
    let mut entry = own.unwrap_or_else(|| named("metadata", place, Data::Map(Map::default())));
    if let Data::Map(map) = &mut entry.value.data {
        let names: BTreeSet<String> = map.iter().map(|entry| entry.key.clone()).collect();
        map.0.extend(common.metadata.iter().filter(|entry| !names.contains(&entry.key)).cloned());
    }
    entry
}

pub fn named(key: &str, place: Place, data: Data) -> Entry {
    Entry { key: key.to_owned(), place, value: Node { place, quoted: true, unknown: false, data } }
}
