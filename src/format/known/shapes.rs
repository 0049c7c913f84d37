//! Shapes of flag files: what stands in a file of each format, and how many flags that is.
//!
//! **In**: a document. **Out**: the number of its flags, or `None` if it has another shape. **Refuses**: nothing; a
//! file with an error keeps its shape. **Not taken**: the schemas of these formats, which a file in the wild seldom
//! keeps to the letter.

use super::is_kustomization;
use crate::diagnostics::Diagnostics;
use crate::document::yaml::{self, Dialect};
use crate::document::{Data, Entry, Map, Node};
use crate::flag::{file_name, file_stem};
use crate::format::mapped::draft::{is_sentence, state_of};
use crate::format::mapped::{has_items, lists_flags};
use crate::format::names::{NameSet, NamedPlace, ends_as_flags, holds_flags, item_name_rank, served_in};
use crate::format::native;

pub(super) fn map<'n>(node: &'n Node, key: &str) -> Option<&'n Map> {
    node.get(key)?.as_map()
}

pub(super) fn list<'n>(node: &'n Node, key: &str) -> Option<&'n [Node]> {
    node.get(key)?.as_list()
}

pub(super) fn some(count: usize) -> Option<usize> {
    (count > 0).then_some(count)
}

pub(super) fn count_entries(map: &Map, fits: impl Fn(&Node) -> bool) -> usize {
    map.iter().filter(|entry| fits(&entry.value)).count()
}

pub(super) fn count_items(items: &[Node], fits: impl Fn(&Node) -> bool) -> usize {
    items.iter().filter(|item| fits(item)).count()
}

pub(super) fn has(node: &Node, keys: &[&str]) -> bool {
    keys.iter().all(|key| node.get(key).is_some())
}

pub(super) fn has_any(node: &Node, keys: &[&str]) -> bool {
    keys.iter().any(|key| node.get(key).is_some())
}

pub(super) fn text_is(node: &Node, key: &str, words: &[&str]) -> bool {
    node.get(key).and_then(Node::as_text).is_some_and(|text| words.contains(&text))
}

/// The shape of flagd's own file, by its schema, its words or its name.
pub(super) fn flagd_file(node: &Node, path: &str) -> Option<usize> {
    let flag = |flag: &Node| {
        text_is(flag, "state", &["ENABLED", "DISABLED"])
            || flag.get("variants").is_some_and(|variants| variants.as_map().is_some())
                && has_any(flag, &["defaultVariant", "targeting", "state"])
    };
    let flags = match (map(node, "flags"), list(node, "flags")) {
        (Some(flags), _) => count_entries(flags, flag),
        (_, Some(flags)) => count_items(flags, |one| has(one, &["key"]) && flag(one)),
        _ => 0,
    };
    let schema = node.get("$schema").and_then(Node::as_text).is_some_and(|schema| schema.contains("flagd.dev/schema"));
    let named = path.contains(".flagd.") && node.get("flags").is_some();
    (flags > 0 || schema && node.get("flags").is_some() || named).then_some(flags)
}

/// Whether a string holds a list of switches under a name that such lists have.
pub(super) fn switches(text: &str) -> bool {
    let on = |flag: &Node| flag.as_bool().is_some() || flag.get("enabled").is_some_and(|one| one.as_bool().is_some());
    let held = |entry: &Entry| {
        let flags = entry.value.as_map().map(|map| count_entries(map, on)).unwrap_or_default();
        let items = entry.value.as_list().map(|items| count_items(items, on)).unwrap_or_default();
        holds_flags(&entry.key, NamedPlace::Member) && flags + items > 0
    };
    let node = yaml::read(text.as_bytes(), &[Dialect::Core], &mut Diagnostics::of(""));
    node.as_ref().and_then(Node::as_map).is_some_and(|map| map.iter().any(held))
}

/// Members of a kustomization, one of which every one has.
const KUSTOMIZED: &[&str] = &[
    "bases",
    "components",
    "configMapGenerator",
    "generators",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "replacements",
    "resources",
    "transformers",
];

/// Words of resources and patches that are about flags.
const ABOUT_FLAGS: &[&str] = &["flagSpec", "featureFlagSpec", "FEATURE_"];

/// Kinds of the operator that say which flags are served.
const SOURCES: &[&str] = &["FeatureFlagSource", "FlagSourceConfiguration", "Flagd", "InProcessConfiguration"];

/// Resources that hold flags, and, without a flag, those that say which flags are served.
pub(super) fn kubernetes(node: &Node, path: &str) -> Option<usize> {
    let patches = node.as_list().map(|items| {
        let is_patch = |item: &&Node| has(item, &["op", "path"]);
        let about = |item: &&Node| {
            let at = item.get("path").and_then(Node::as_text).unwrap_or_default();
            ABOUT_FLAGS.iter().any(|word| at.contains(word))
        };
        items.iter().filter(is_patch).filter(about).count()
    });
    if let Some(count) = patches {
        return some(count);
    }
    if is_kustomization(path) {
        let inline = node.json();
        let own = has_any(node, KUSTOMIZED) || text_is(node, "kind", &["Kustomization", "Component"]);
        return own.then(|| usize::from(ABOUT_FLAGS.iter().any(|word| inline.contains(word))));
    }
    let kind = node.get("kind").and_then(Node::as_text)?;
    let version = node.get("apiVersion").and_then(Node::as_text)?;
    if version.contains("openfeature.dev/") && SOURCES.contains(&kind) {
        return Some(0);
    }
    if node.get("spec").is_some_and(|spec| has_any(spec, &["template", "jobTemplate", "containers"])) {
        // A workload that serves flags, or has switches among its variables.
        let said = node.json();
        let about = ["openfeature.dev", "flagd", "\"FEATURE_", "\"FEATURES_", "\"FF_"];
        return about.iter().any(|word| said.contains(word)).then_some(0);
    }
    if version.contains("openfeature.dev/") && matches!(kind, "FeatureFlag" | "FeatureFlagConfiguration") {
        let spec = node.get("spec")?;
        let flags = spec.get("flagSpec").or_else(|| spec.get("featureFlagSpec"))?;
        return Some(map(flags, "flags").map_or(1, |flags| flags.0.len()));
    }
    let data = map(node, "data").filter(|_| kind == "ConfigMap")?;
    // A map of this name holds flags and nothing else.
    let name = node.get("metadata").and_then(|metadata| metadata.get("name")).and_then(Node::as_text);
    if name.is_some_and(|name| NameSet::FlagList.has(name)) {
        return Some(data.0.len());
    }
    let inside = |text: &str| {
        let mut diagnostics = Diagnostics::of("");
        flagd_file(&yaml::read(text.as_bytes(), &[Dialect::Core], &mut diagnostics)?, path).filter(|flags| *flags > 0)
    };
    let switch = |entry: &Entry| {
        let name = ["FEATURE_", "FEATURES_", "FF_"].iter().any(|start| entry.key.starts_with(start));
        let words = ["true", "false", "on", "off", "1", "0"];
        let word = entry.value.as_text().is_some_and(|text| words.contains(&text));
        (name && word).then_some(1)
    };
    data.iter()
        .filter_map(|entry| switch(entry).or_else(|| inside(entry.value.as_text()?)))
        .reduce(|one, more| one + more)
}

pub(super) fn native_file(node: &Node, _: &str) -> Option<usize> {
    let word = node.get("state").and_then(Node::as_text);
    let live = word.is_some_and(|word| native::FORMAT.lifecycle.iter().any(|known| known.word == word));
    let own =
        ["kind", "variants", "rolloutPercentage", "rolloutWeights", "targetSegments", "evaluationMode", "deployments"];
    let own_fields = own.iter().filter(|key| node.get(key).is_some()).count();
    let flag = node.get("key").is_some_and(|key| key.as_list().is_none() && key.as_map().is_none());
    // A word too few, or a wrong one, makes it a file with an error.
    (flag && (live && own_fields >= 1 || node.get("state").is_some() && own_fields >= 2 || own_fields >= 3))
        .then_some(1)
}

pub(super) fn goff(node: &Node, _: &str) -> Option<usize> {
    let flags = node.as_map()?;
    let flag = |flag: &Node| {
        let now = flag.get("variations").is_some_and(|all| all.as_map().is_some());
        let old = has(flag, &["true", "false"]) && has_any(flag, &["default", "percentage", "rule"]);
        now && has_any(flag, &["defaultRule", "targeting", "rule", "disable", "scheduledRollout"]) || old
    };
    let count = count_entries(flags, flag);
    some(count).filter(|count| count * 2 >= flags.0.len())
}

pub(super) fn flipt(node: &Node, _: &str) -> Option<usize> {
    // Others have `flags` with a `key` and `rules` too, and call their switch otherwise.
    const MEMBERS: &[&str] = &[
        "key",
        "name",
        "type",
        "description",
        "enabled",
        "metadata",
        "variants",
        "defaultVariant",
        "rules",
        "rollouts",
    ];
    const FILE: &[&str] = &["namespace", "version", "flags", "segments"];
    let flag = |flag: &Node| {
        let typed = flag.get("type").and_then(Node::as_text).is_some_and(|word| word.ends_with("_FLAG_TYPE"));
        let own = flag.as_map().is_some_and(|map| map.iter().all(|entry| MEMBERS.contains(&entry.key.as_str())));
        has(flag, &["key"]) && (typed || own && has_any(flag, &["enabled", "rules", "rollouts"]))
    };
    // An answer of its server has whole segments where a file has their names.
    let answered =
        |rule: &Node| list(rule, "segments").is_some_and(|all| all.iter().any(|one| has(one, &["matchType"])));
    let flags = list(node, "flags").unwrap_or_default();
    if flags.iter().filter_map(|flag| list(flag, "rules")).flatten().any(answered) {
        return None;
    }
    let flags = count_items(flags, flag);
    let segments = list(node, "segments").map_or(0, |all| count_items(all, |one| has(one, &["key"])));
    // The first flag is still to come.
    let empty = |name: &str| list(node, name).is_none_or(<[Node]>::is_empty);
    let begun = empty("flags")
        && empty("segments")
        && has(node, &["namespace"])
        && node.as_map().is_some_and(|map| map.iter().all(|entry| FILE.contains(&entry.key.as_str())));
    (flags > 0 || begun || segments > 0 && has_any(node, &["namespace", "version"])).then_some(flags)
}

/// Features of GrowthBook, which say nothing but its words.
pub(super) fn growthbook(node: &Node, _: &str) -> Option<usize> {
    const MEMBERS: &[&str] = &["defaultValue", "rules", "valueType", "prerequisites", "tags", "metadata"];
    let own = |map: &Map| map.iter().all(|entry| MEMBERS.contains(&entry.key.as_str()));
    let feature = |flag: &Node| flag.get("defaultValue").is_some() && flag.as_map().is_some_and(own);
    some(count_entries(map(node, "features")?, feature))
}

/// Features, and the files of a folder of Featurevisor's that say what becomes of them.
pub(super) fn featurevisor(node: &Node, path: &str) -> Option<usize> {
    let below = |name: &str| path.split('/').rev().skip(1).any(|part| part == name);
    let feature =
        has(node, &["bucketBy"]) && has_any(node, &["rules", "environments", "variations", "variablesSchema", "force"]);
    let segment = below("segments") && has(node, &["conditions"]) && !has(node, &["key"]);
    let group = below("groups")
        && list(node, "slots").is_some_and(|slots| slots.iter().all(|one| has_any(one, &["feature", "percentage"])));
    // The assignment of the last build.
    // Its folder may have another name.
    let traffic = |one: &Node| list(one, "traffic").is_some();
    let built = |all: &Map| below(".featurevisor") || count_entries(all, traffic) > 0;
    let state = path.contains("/existing-state") && map(node, "features").is_some_and(built);
    let target = below("targets") && has_any(node, &["tag", "tags", "includeFeatures", "excludeFeatures"]);
    let schema = below("schemas") && has_any(node, &["type", "oneOf", "properties", "enum", "const"]);
    (feature || segment || group || state || target || schema).then_some(usize::from(feature))
}

pub(super) fn unleash(node: &Node, _: &str) -> Option<usize> {
    let feature =
        |one: &Node| has(one, &["name"]) && has_any(one, &["strategies", "type", "enabled", "impressionData"]);
    let features = list(node, "features")?;
    let count = count_items(features, feature);
    // An export in which the first flag is still to come.
    let begun = features.is_empty()
        && (has_any(node, &["featureStrategies", "featureEnvironments"])
            || node.get("version").is_some_and(|version| version.as_number().is_some()) && node.size() <= 3);
    let own = has_any(node, &["version", "featureStrategies", "strategies", "featureEnvironments", "projects"]);
    (begun || count > 0 && own).then_some(count)
}

pub(super) fn harness(node: &Node, _: &str) -> Option<usize> {
    Some(list(node.get("featureFlags")?, "flags")?.len())
}

pub(super) fn microsoft(node: &Node, _: &str) -> Option<usize> {
    // An export of Azure App Configuration.
    let exported = |item: &Node| {
        let key = item.get("key").and_then(Node::as_text);
        key.is_some_and(|key| key.starts_with(".appconfig.featureflag/"))
    };
    let count = list(node, "items").map_or(0, |items| count_items(items, exported));
    if count > 0 {
        return Some(count);
    }
    let names = ["FeatureManagement", "feature_management", "feature-management"];
    let managed = node.as_map()?.iter().find(|entry| names.iter().any(|name| entry.key.eq_ignore_ascii_case(name)))?;
    Some(match list(&managed.value, "feature_flags").or_else(|| list(&managed.value, "feature-flags")) {
        Some(flags) => flags.len(),
        None => managed.value.as_map()?.0.len(),
    })
}

/// A template of Remote Config: parameters, alone or in groups.
pub(super) fn firebase(node: &Node, path: &str) -> Option<usize> {
    let parameter = |one: &Node| has_any(one, &["defaultValue", "conditionalValues"]);
    let parameters = |node: &Node| map(node, "parameters").map_or(0, |all| count_entries(all, parameter));
    let groups = map(node, "parameterGroups");
    let count = parameters(node) + groups.map_or(0, |all| all.iter().map(|group| parameters(&group.value)).sum());
    let named = path.ends_with("remoteconfig.template.json");
    (named || count > 0 && (groups.is_some() || has_any(node, &["conditions", "version", "etag"]))).then_some(count)
}

pub(super) fn launchdarkly(node: &Node, _: &str) -> Option<usize> {
    let flag =
        |flag: &Node| list(flag, "variations").is_some() && has_any(flag, &["on", "fallthrough", "offVariation"]);
    let flags = map(node, "flags").map_or(0, |flags| count_entries(flags, flag));
    some(flags + map(node, "flagValues").map_or(0, |flags| flags.0.len()))
}

pub(super) fn split(node: &Node, _: &str) -> Option<usize> {
    let items = node.as_list()?;
    let one = |item: &Node| {
        item.as_map().is_some_and(|map| map.0.len() == 1 && map.iter().all(|entry| has(&entry.value, &["treatment"])))
    };
    some(count_items(items, one)).filter(|count| *count == items.len())
}

pub(super) fn study(node: &Node, _: &str) -> Option<usize> {
    let items = node.as_list()?;
    some(count_items(items, |item| has(item, &["name"]) && list(item, "experiment").is_some()))
}

pub(super) fn duckduckgo(node: &Node, _: &str) -> Option<usize> {
    let states = ["enabled", "disabled", "internal", "preview"];
    let feature =
        |one: &Node| text_is(one, "state", &states) && has_any(one, &["exceptions", "features", "settings", "hash"]);
    if let Some(count) = map(node, "features").and_then(|features| some(count_entries(features, feature))) {
        return Some(count);
    }
    let alone = feature(node) && has(node, &["exceptions"]) || has(node, &["_meta", "exceptions"]);
    alone.then_some(1)
}

/// Features whose place in the list is their bit in a database.
pub(super) fn chatwoot(node: &Node, path: &str) -> Option<usize> {
    // Older lists have no names to display: then members that others do not have tell of it, or its first feature.
    const OWN: &[&str] = &["chatwoot_internal", "column", "help_url", "premium"];
    let items = node.as_list().filter(|_| path.ends_with("features.yml") || path.ends_with("features.yaml"))?;
    let displayed = items.iter().all(|item| has(item, &["display_name"]));
    let first = items.first().is_some_and(|item| text_is(item, "name", &["inbound_emails"]));
    let own = displayed || first || items.iter().any(|item| has_any(item, OWN));
    let count = count_items(items, |item| has(item, &["name", "enabled"]));
    some(count).filter(|count| own && *count == items.len())
}

pub(super) fn gitlab(node: &Node, _: &str) -> Option<usize> {
    (has(node, &["name", "default_enabled"]) && has_any(node, &["type", "group", "milestone"])).then_some(1)
}

/// Whether a file is called like a list of flags.
pub(super) fn is_registry(lower: &str) -> bool {
    let stem = file_stem(lower);
    // With an environment behind it: `features-production`, `flags-eu-prod`.
    let scoped = stem.rsplit_once(['-', '_']).is_some_and(|(_, last)| is_scope(last));
    let parts = stem.match_indices(['-', '_']).filter(|_| scoped).filter_map(|(at, _)| stem.get(..at));
    parts.chain([stem]).any(|name| holds_flags(name, NamedPlace::File))
}

/// Whether a file has a name that lists of flags have, and others too, such as `experiments.json`.
#[must_use]
pub fn may_hold_flags(path: &str) -> bool {
    let name = file_name(path);
    let stem = name.split('.').next().unwrap_or(name);
    [NamedPlace::File, NamedPlace::AmbiguousFile].iter().any(|place| holds_flags(stem, *place))
}

/// Whether a folder, or a file without its ending, is called like a list of flags.
pub fn is_registry_name(path: &str) -> bool {
    is_registry(&path.to_lowercase())
}

/// Whether a member of a file is for one environment, or for all.
fn is_scope(key: &str) -> bool {
    served_in(key).is_some() || NameSet::Environments.has(key)
}

/// The flags of a registry: the entries below its wrapper, if it has one next to settings alone.
fn entries(node: &Node) -> &Node {
    let Some(map) = node.as_map() else { return node };
    let held = |entry: &&Entry| entry.value.as_map().is_some() || entry.value.as_list().is_some();
    let alone = map.0.len() <= 2 || map.iter().filter(held).count() == 1;
    let wrapper = map.iter().find(|entry| alone && holds_flags(&entry.key, NamedPlace::Wrapper));
    let wrapper = wrapper.or_else(|| map.iter().find(|entry| lists_flags(map) && has_items(entry)));
    wrapper.map_or(node, |entry| &entry.value)
}

/// Descriptions only: whether a flag is on stands in a database. Anything that may be a switch rules it out.
pub(super) fn flipper(node: &Node, path: &str) -> Option<usize> {
    let flags = entries(node).as_map().filter(|_| is_registry(path))?;
    let described = |flag: &Node| {
        let notes = flag.as_map().is_some_and(|map| map.iter().all(|entry| NameSet::Notes.has(&entry.key)));
        is_sentence(flag) || notes && flag.get("description").is_some()
    };
    some(count_entries(flags, described)).filter(|count| *count == flags.0.len())
}

/// Whether true, false or a word for one of them stands anywhere in it.
fn has_switch(node: &Node) -> bool {
    match &node.data {
        Data::Bool(_) => true,
        Data::Text(word) => state_of(word).is_some(),
        Data::Map(map) => map.iter().any(|entry| has_switch(&entry.value)),
        Data::List(items) => items.iter().any(has_switch),
        Data::Null | Data::Number(_) => false,
    }
}

pub(super) fn registry(node: &Node, path: &str) -> Option<usize> {
    if !is_registry(path) {
        return named_inside(node, path).or_else(|| switches_alone(node, path));
    }
    let own_fields = entries(node);
    let switch = |value: &Node| {
        value.as_bool().is_some() || value.as_text().is_some() || value.as_map().is_some_and(|map| !map.0.is_empty())
    };
    let says_name =
        |item: &Node| item.as_map().is_some_and(|map| map.iter().any(|one| item_name_rank(&one.key).is_some()));
    let found = match (own_fields.as_map(), own_fields.as_list()) {
        // The same flags for each environment.
        (Some(each), _) if each.iter().all(|entry| is_scope(&entry.key)) => {
            some(each.iter().filter_map(|entry| Some(entry.value.as_map()?.0.len())).max().unwrap_or_default())
        }
        (Some(flags), _) => some(count_entries(flags, switch)).filter(|count| count * 2 >= flags.0.len()),
        (_, Some(items)) => some(count_items(items, |item| item.as_text().is_some() || says_name(item))),
        _ => None,
    };
    // A name of flags says enough where a switch stands anywhere in the file, and one that nothing else has says it of
    // whatever stands there: shares of users, names of those who get it.
    let stem = file_stem(path);
    found.or_else(|| has_switch(own_fields).then_some(1)).or_else(|| {
        let size = own_fields.as_map().map(|map| map.0.len()).or_else(|| Some(own_fields.as_list()?.len()));
        size.and_then(some).filter(|_| holds_flags(stem, NamedPlace::SureFile))
    })
}

/// Switches and nothing else, in a file whose name may be of something else, or in a folder that is called like flags.
fn switches_alone(node: &Node, path: &str) -> Option<usize> {
    let in_folder = || path.rsplit('/').nth(1).is_some_and(|folder| holds_flags(folder, NamedPlace::Folder));
    let name = file_name(path);
    let named = may_hold_flags(path) || ends_as_flags(name.split('.').next().unwrap_or(name));
    let own = if named || in_folder() { entries(node) } else { return None };
    let switch = |value: &Node| {
        let word = value.as_text().is_some_and(|word| state_of(word).is_some());
        let says = |entry: &Entry| {
            entry.value.as_bool().is_some() && (NameSet::Switches.has(&entry.key) || is_scope(&entry.key))
        };
        value.as_bool().is_some() || word || value.as_map().is_some_and(|map| map.iter().any(says))
    };
    let count = |node: &Node| match (node.as_map(), node.as_list()) {
        (Some(flags), _) => Some((count_entries(flags, switch), flags.0.len())),
        (_, Some(items)) => Some((count_items(items, |item| item.as_map().is_some() && switch(item)), items.len())),
        _ => None,
    };
    let each = own.as_map().filter(|map| map.iter().all(|entry| is_scope(&entry.key)));
    // The same flags for each environment, or the flags themselves.
    let (found, all) = match each {
        Some(each) => each.iter().filter_map(|entry| count(&entry.value)).max()?,
        None => count(own)?,
    };
    some(found).filter(|found| found * 2 > all)
}

/// Flags under a name that nothing else has, in a file whose own name may be of something else.
fn named_inside(node: &Node, path: &str) -> Option<usize> {
    let surely = |entry: &&Entry| holds_flags(&entry.key, NamedPlace::SureFile) && has_switch(&entry.value);
    let held = node.as_map().filter(|_| may_hold_flags(path))?.iter().find(surely)?;
    Some(held.value.as_map().map_or(1, |map| map.0.len()))
}
