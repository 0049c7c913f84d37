//! flagd, OpenFeature's flag daemon: several flags a file, JSON or YAML, targeting as JsonLogic.
//!
//! In: a file in the shape of <https://flagd.dev/schema/v0/flags.json>, its `flags` a map by key or, as the daemon
//! also reads them, a list of maps with a `key`. Out: one flag for each, its `targeting` taken apart into what decides
//! (`rules`) and what distributes (`fractional`), so that a new condition and a new ratio are told apart.
//!
//! What the file says for all its flags is folded into each of them, since that is what it changes: `$evaluators`
//! are put in the place of the `$ref`s that name them, `metadata` is merged under the flag's own (as flagd does), and
//! members that no schema knows appear as unknown fields `/NAME` of every flag. Only `$schema` is passed over.
//!
//! Live is every `state` but `DISABLED`, since that is the one word flagd's evaluator looks for.
//!
//! It refuses what flagd's own implementations read differently: a field in the wrong letter case (Go's JSON reader
//! takes `State` for `state`, the others don't), a `$ref` inside of an evaluator, weights that are no whole numbers.
//! Not taken: comparing `targeting` as one tree, in which moving users from one variant to another, drawing them
//! anew and choosing other users would all be the same change.

mod refuse;
mod rules;
mod split;

use std::collections::{BTreeMap, BTreeSet};

use self::refuse::{check_key, file_like, other_case, unknown_variant, wrong_type};
use self::rules::Evaluators;
use super::Format;
use crate::flag::{Flag, Kind, State};
use crate::text::problem::{choice, nearest};
use crate::text::shape::{self, Unknown, shown};
use crate::text::yaml::{self, Dialect};
use crate::text::{Data, Entry, Field, Map, Node, Place, Problems, Shape, lints};

pub static FORMAT: Format = Format {
    id: "flagd",
    about: "OpenFeature's flagd: several flags a file, JSON or YAML",
    claims: |path| {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        [".flagd.json", ".flagd.yaml", ".flagd.yml"].iter().any(|end| name.ends_with(end))
    },
    // The daemon converts YAML with Go's yaml.v3 (open-feature/flagd, core/pkg/utils/yaml.go), the Python provider's file
    // resolver with PyYAML (python-sdk-contrib, process/connector/file_watcher.py).
    readers: &[(".json", &[Dialect::Json]), ("", &[Dialect::GoV3, Dialect::PyYaml])],
    read,
    fields: FIELDS,
};

/// A flag as it is compared. `variants`, `targeting` and `metadata` are rearranged from what the file has.
pub const FIELDS: &[Field] = &[
    Field::new("state", Shape::OneOf(STATES), "`DISABLED` gives every user what the code falls back to.").required(),
    Field::new("description", Shape::Text, "What it is for."),
    Field::new("metadata", Shape::Record(METADATA), "The file's `metadata` with the flag's own over it.")
        .or("{}")
        .means("description"),
    Field::new("variants", Shape::Items { id: "key", ordered: false, of: VARIANT }, "What users can get.").or("[]"),
    Field::new(
        "defaultVariant",
        Shape::Text,
        "What users get whom `targeting` gives nothing; null: what the code has.",
    )
    .means("rolloutWeights"),
    Field::new("targeting", Shape::Record(TARGETING), "Who gets what.").or("{}").means("targetSegments"),
];

const STATES: &[&str] = &["ENABLED", "DISABLED"];

const METADATA: &[Field] = &[Field::new(
    "flagSetId",
    Shape::Any,
    "The set the flag is in; applications that ask for another set do not get it.",
)
.means("deployments")];

const VARIANT: &[Field] = &[
    Field::new("key", Shape::Text, "What `defaultVariant` and `targeting` call it.").required(),
    Field::new("value", Shape::Any, "The value the application receives."),
];

const TARGETING: &[Field] = &[
    Field::new("rules", Shape::Any, "The JsonLogic rule; `{fractional: 1}` is where the first `fractional` stood.")
        .means("targetSegments"),
    Field::new(
        "fractional",
        Shape::Items { id: "number", ordered: true, of: FRACTIONAL },
        "Each `fractional` of the rule, numbered in the order of the text.",
    )
    .or("[]")
    .means("targetSegments"),
];

const FRACTIONAL: &[Field] = &[
    Field::new("number", Shape::Text, "Which one it is.").required(),
    Field::new(
        "bucketing",
        Shape::Any,
        "What is hashed; `{salt: 1}` is where the first constant stood. Nothing: the flag's key and the targeting key.",
    )
    .means("bucketingKey"),
    Field::new("salt", Shape::Any, "The constants that are hashed with it, and the flag's key.").means("bucketingSalt"),
    Field::new("weights", Shape::Split, "Variants and weights in the order in which the hash is cut.")
        .means("targetSegments.rolloutWeights"),
];

/// A flag as the file has it.
const FILE: &[Field] = &[
    Field::new("state", Shape::OneOf(STATES), "").required(),
    Field::new("variants", Shape::MapOf(&Shape::Any), "").required(),
    Field::new("defaultVariant", Shape::Text, ""),
    Field::new("targeting", Shape::MapOf(&Shape::Any), ""),
    Field::new("description", Shape::Text, ""),
    Field::new("metadata", Shape::MapOf(&Shape::Any), ""),
];

/// How many values may be copied from what a file says for all flags into each: without a bound, a small file
/// that refers to one large evaluator many times is a large one.
const MOST_COPIED: usize = 500_000;

fn read(bytes: &[u8], path: &str, problems: &mut Problems<'_>) -> Option<Vec<Flag>> {
    let node = yaml::read(bytes, FORMAT.readers_of(path), problems)?;
    let (flags, mut common) = file(node, problems)?;
    let mut read = Vec::new();
    for entry in flags {
        let Some(flag) = flag(entry, &mut common, problems) else { continue };
        read.push(flag);
        if common.evaluators.left == 0 {
            problems.add(
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

/// What a file says for all its flags.
struct Common {
    place: Place,
    evaluators: Evaluators,
    metadata: Vec<Entry>,
    /// Members no schema knows, renamed to `/NAME`.
    unknown: Vec<Entry>,
    /// How many values the two above have.
    size: usize,
}

/// Takes a file apart: its flags by key, and the rest.
fn file(node: Node, problems: &mut Problems<'_>) -> Option<(Vec<Entry>, Common)> {
    const MEMBERS: [&str; 4] = ["$schema", "flags", "$evaluators", "metadata"];
    let place = node.place;
    let Data::Map(members) = node.data else {
        wrong_type(&node, "the file", "a map with `flags`", problems);
        return None;
    };
    let mut flags = None;
    let mut common =
        Common { place, evaluators: Evaluators::none(MOST_COPIED), metadata: vec![], unknown: vec![], size: 0 };
    for mut entry in members.0 {
        match entry.key.as_str() {
            "$schema" => {}
            "flags" => flags = Some(entry.value),
            "$evaluators" => common.evaluators.read(entry.value, problems),
            "metadata" => match entry.value.data {
                Data::Map(map) => common.metadata = map.0,
                Data::Null => {}
                _ => wrong_type(&entry.value, "`metadata`", "a map", problems),
            },
            _ => {
                if !other_case(&entry, &MEMBERS, problems) {
                    let remedy = match nearest(&entry.key, MEMBERS) {
                        Some(meant) => format!("write `{meant}` if that is what you mean"),
                        None => format!("remove it or use one of {}", choice(MEMBERS)),
                    };
                    let name = entry.key.escape_debug();
                    problems.add(
                        lints::UNKNOWN_FIELD,
                        entry.place,
                        format!("`{name}` is no member of a flagd file"),
                        remedy,
                    );
                }
                entry.key.insert(0, '/');
                common.unknown.push(entry);
            }
        }
    }
    common.size = common.metadata.iter().chain(&common.unknown).map(|entry| rules::size(&entry.value)).sum();
    let flags = match flags {
        Some(Node { data: Data::Map(map), .. }) => map.0,
        Some(Node { data: Data::List(items), .. }) => keyed(items, problems),
        Some(other) => {
            wrong_type(&other, "`flags`", "a map from key to flag", problems);
            return None;
        }
        None => {
            problems.add(lints::MISSING_FIELD, place, "the file has no `flags`", "add `flags`, a map from key to flag");
            return None;
        }
    };
    Some((flags, common))
}

/// The flags of the daemon's other form: a list in which each says its key.
fn keyed(items: Vec<Node>, problems: &mut Problems<'_>) -> Vec<Entry> {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut flags = Vec::new();
    for mut item in items {
        let Data::Map(map) = &mut item.data else {
            wrong_type(&item, "an item of `flags`", "a map with its `key`", problems);
            continue;
        };
        let Some(at) = map.0.iter().position(|entry| entry.key == "key") else {
            problems.add(lints::MISSING_FIELD, item.place, "an item of `flags` has no `key`", "add its `key`, a text");
            continue;
        };
        let key = map.0.remove(at).value;
        let place = key.place;
        let Data::Text(key) = key.data else {
            wrong_type(&key, "`key`", "a text", problems);
            continue;
        };
        if let Some(line) = seen.get(&key) {
            problems.add(
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

fn flag(entry: Entry, common: &mut Common, problems: &mut Problems<'_>) -> Option<Flag> {
    let Entry { key, place, value } = entry;
    check_key(&key, "flags", place, problems);
    let what = format!("the flag `{}`", key.escape_debug());
    let Data::Map(map) = value.data else {
        wrong_type(&value, &what, "a map with its `state` and `variants`", problems);
        return None;
    };
    let names = || FILE.iter().map(|field| field.name);
    let known: Vec<&str> = names().collect();
    let (disputed, own): (Vec<Entry>, Vec<Entry>) =
        map.0.into_iter().partition(|entry| other_case(entry, &known, problems) || file_like(entry, problems));
    let own = Node::new(value.place, Data::Map(Map(own)));
    shape::check(&own, FILE, &what, Unknown::Told, problems);
    let Data::Map(own) = own.data else { return None };

    let mut fields: BTreeMap<&'static str, Entry> = BTreeMap::new();
    let mut unknown = disputed;
    for entry in own.0 {
        match names().find(|name| *name == entry.key) {
            Some(name) => {
                fields.insert(name, entry);
            }
            None => unknown.push(entry),
        }
    }
    let mut field = |name: &'static str| fields.remove(name).filter(|entry| !entry.value.is_null());
    let state = state(field("state"), place);
    let variants = field("variants").map(|entry| variants(entry, &mut common.evaluators, problems));
    let keys: Option<BTreeSet<&str>> = variants.as_ref().and_then(|entry| {
        let items = entry.value.as_list()?;
        Some(items.iter().filter_map(|item| item.get("key")?.as_text()).collect())
    });
    let default = field("defaultVariant");
    if let (Some(entry), Some(keys)) = (&default, &keys)
        && let Some(name) = entry.value.as_text()
        && !keys.contains(name)
    {
        let message = format!("`defaultVariant` of `{}` is {}", key.escape_debug(), shown(&entry.value));
        unknown_variant(entry.value.place, &message, name, keys, problems);
    }
    let targeting = match field("targeting") {
        Some(entry) => targeting(entry, &key, keys.as_ref(), &mut common.evaluators, problems),
        None => named("targeting", place, Data::Map(Map::default())),
    };
    let metadata = metadata(field("metadata"), place, common);
    let unknown = unknown.into_iter().chain(common.unknown.iter().cloned());
    common.evaluators.spend(common.size);

    let record = [Some(state.1), field("description"), Some(metadata), variants, default, Some(targeting)];
    let record = Map(record.into_iter().flatten().chain(unknown).collect());
    Some(Flag { key, kind: Kind::Flag, state: state.0, place, record, fields: FIELDS })
}

/// The state, and how the record has it. An absent one has been told as an error; flagd serves such a flag.
fn state(entry: Option<Entry>, place: Place) -> (State, Entry) {
    let entry = entry.unwrap_or_else(|| named("state", place, Data::Null));
    let word = entry.value.as_text().map_or_else(|| entry.value.json(), str::to_owned);
    let live = word != "DISABLED";
    (State { word, live, place: entry.value.place }, entry)
}

fn variants(mut entry: Entry, evaluators: &mut Evaluators, problems: &mut Problems<'_>) -> Entry {
    let Data::Map(map) = entry.value.data else { return entry };
    if map.0.is_empty() {
        let remedy = "add at least one, such as `\"on\": true`";
        problems.add(lints::MISSING_FIELD, entry.value.place, "`variants` is empty", remedy);
    }
    let first = map.0.first().map(|variant| (variant.key.clone(), variant.value.kind()));
    for variant in &map.0 {
        if let Some((key, kind)) = first.as_ref().filter(|(_, kind)| *kind != variant.value.kind()) {
            let (key, name) = (key.escape_debug(), variant.key.escape_debug());
            let message = format!("the variant `{name}` is {}, and `{key}` is {kind}", variant.value.kind());
            let remedy = "give all variants values of one type; an application asks for a flag by its type";
            problems.add(lints::WRONG_TYPE, variant.value.place, message, remedy);
        }
    }
    let items = map.0.into_iter().map(|variant| {
        check_key(&variant.key, "variants", variant.place, problems);
        let key = named("key", variant.place, Data::Text(variant.key));
        // flagd replaces references by searching the whole text of the file, so that it finds them here too.
        let value = evaluators.expand(variant.value);
        let value = Entry { key: "value".into(), place: value.place, value };
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
    problems: &mut Problems<'_>,
) -> Entry {
    let place = entry.value.place;
    if entry.value.as_map().is_some_and(|map| map.0.is_empty()) {
        return entry;
    }
    evaluators.check(&entry.value, problems);
    let mut rules = evaluators.expand(entry.value);
    // An evaluator in the place of the whole rule is shown where the flag refers to it.
    rules.place = place;
    for result in rules::results(&rules) {
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
            unknown_variant(result.place, &message, name, variants, problems);
        }
    }
    let (rules, fractional) = split::cut(rules);
    let mut parts = vec![named("rules", place, rules.data)];
    if !fractional.is_empty() {
        parts.push(named("fractional", place, Data::List(fractional)));
    }
    entry.value = Node::new(place, Data::Map(Map(parts)));
    entry
}

/// The file's metadata with the flag's own over it: what flagd hands to applications.
fn metadata(own: Option<Entry>, place: Place, common: &Common) -> Entry {
    let mut entry = own.unwrap_or_else(|| named("metadata", place, Data::Map(Map::default())));
    if let Data::Map(map) = &mut entry.value.data {
        let names: BTreeSet<String> = map.iter().map(|entry| entry.key.clone()).collect();
        map.0.extend(common.metadata.iter().filter(|entry| !names.contains(&entry.key)).cloned());
    }
    entry
}

fn named(key: &str, place: Place, data: Data) -> Entry {
    Entry { key: key.to_owned(), place, value: Node { place, quoted: true, data } }
}
