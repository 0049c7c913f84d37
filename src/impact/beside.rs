//! What a change does to users that no share counts: the fields beside the arithmetic, and those nobody here knows.
//!
//! A bound on whom a change moves must not be passed below by what is not counted, so every field of a format is here
//! one of three: the shares are made of it, it concerns no user, or it is told as not counted when it differs.

use std::collections::{BTreeMap, BTreeSet};

use super::conditions::ticked;
use super::{Impact, Lifecycle};
use crate::document::canonical::{canonical, same_field};
use crate::document::{Field, Map, Node, Shape};
use crate::flag::Flag;

/// Fields that concern no user, or of which the shares are made.
const COUNTED: &[&str] = &[
    // What people read, and what is counted of users rather than given to them.
    "key",
    "kind",
    "name",
    "description",
    "owner",
    "tags",
    "exposureEvent",
    "decision",
    "decisionReason",
    "rolledOutVariant",
    // What the shares are made of.
    "bucketingKey",
    "bucketingUnit",
    "bucketingSalt",
    "rolloutPercentage",
    "rolloutWeights",
    "targetSegments",
    "defaultVariant",
    "targeting",
    // Told by themselves below.
    "state",
    "variants",
    "stickyBucketing",
];

/// Adds what is not counted.
pub fn add(before: Option<&Flag>, after: Option<&Flag>, out: &mut Impact) {
    let mut say = |what: String| out.unmodelled.push(what);
    match (out.lifecycle, before, after) {
        (Lifecycle::Active, Some(before), Some(after)) => {
            fields(before, after, &mut say);
            state(before, after, &mut say);
            contents(before, after, &mut say);
        }
        (Lifecycle::Active | Lifecycle::Activated | Lifecycle::Deactivated | Lifecycle::Inactive, _, _) => {}
    }
    // Where a flag is not served, its inclusions and strange fields do nothing either; testers are served in testing.
    let served = |flag: &&Flag| flag.state.live;
    let tested = |flag: &&Flag| flag.state.live || flag.state.word == "testing";
    inclusions(before.filter(tested), after.filter(tested), &mut say);
    strangers(before.filter(served), after.filter(served), &mut say);
}

/// Fields of which a change bears on users in a way the file doesn't say.
fn fields(before: &Flag, after: &Flag, say: &mut impl FnMut(String)) {
    for field in after.fields.iter().filter(|field| !COUNTED.contains(&field.name)) {
        if same_field(before.record.get(field.name), after.record.get(field.name), field) {
            continue;
        }
        let what = match field.name {
            "parentDependencies" => "who passes them before and after is not in this file",
            "deployments" => "in those added everyone is new, in those removed nobody is served",
            "evaluationMode" => "sticky bucketing and user enrichment exist only in `remote`",
            "experimentType" => "a bandit changes its weights by itself",
            "startDate" | "endDate" => "others are served on the days between",
            "metadata" => {
                let set = |flag: &Flag| flag.get("metadata").and_then(|node| node.get("flagSetId")).map(Node::json);
                if set(before) == set(after) {
                    continue;
                }
                "applications that ask for another `flagSetId` do not get it"
            }
            _ => "what it does to users is not known here",
        };
        say(format!("`{}` changed: {what}", field.name));
    }
    if super::caveats::sticky(before) && !super::caveats::sticky(after) {
        say("users who kept an older variant until now, as sticky bucketing ends".into());
    }
}

/// Two words for live, of which one waits.
fn state(before: &Flag, after: &Flag, say: &mut impl FnMut(String)) {
    match (before.state.word.as_str(), after.state.word.as_str()) {
        ("scheduled", "scheduled") => {}
        ("scheduled", _) => say("it no longer waits for `startDate`".into()),
        (_, "scheduled") => say("it waits for `startDate`, and until then nobody is served".into()),
        _ => {}
    }
}

/// Variants that are still called the same and give something else.
fn contents(before: &Flag, after: &Flag, say: &mut impl FnMut(String)) {
    let of = |flag: &Flag| -> BTreeMap<String, String> {
        let each = flag.get("variants").and_then(Node::as_list).unwrap_or_default().iter();
        let gives = |variant: &Node| {
            let parts = ["payload", "value"].iter().filter_map(|name| variant.get(name));
            parts.filter(|node| !node.is_null()).map(|node| canonical(node, &Shape::Any)).collect::<String>()
        };
        each.filter_map(|variant| Some((variant.get("key")?.as_text()?.to_owned(), gives(variant)))).collect()
    };
    let (old, new) = (of(before), of(after));
    let changed: Vec<&String> =
        new.iter().filter(|(key, gives)| old.get(*key).is_some_and(|was| was != *gives)).map(|(key, _)| key).collect();
    match changed.as_slice() {
        [] => {}
        [key] => say(format!("{} gives something else than before", ticked(key))),
        [key, rest @ ..] => {
            let more =
                if rest.len() == 1 { "1 more variant".to_owned() } else { format!("{} more variants", rest.len()) };
            say(format!("{} and {more} give something else than before", ticked(key)));
        }
    }
}

/// Users who get a variant by name, whatever the rest says: no part of a segment, and cohorts are of any size.
fn inclusions(before: Option<&Flag>, after: Option<&Flag>, say: &mut impl FnMut(String)) {
    let of = |flag: Option<&Flag>, kind: &str| -> BTreeSet<(String, String)> {
        let variants = flag.and_then(|flag| flag.get("variants")).and_then(Node::as_list).unwrap_or_default();
        let each = variants.iter().flat_map(|variant| {
            let key = variant.get("key").and_then(Node::as_text).unwrap_or("?");
            let ids =
                variant.get("inclusions").and_then(|node| node.get(kind)).and_then(Node::as_list).unwrap_or_default();
            ids.iter().filter_map(Node::as_text).map(move |id| (key.to_owned(), id.to_owned()))
        });
        each.collect()
    };
    for (kind, one, many) in [("users", "user", "users"), ("cohorts", "cohort", "cohorts")] {
        let (old, new) = (of(before, kind), of(after, kind));
        let count = |number: usize| if number == 1 { format!("1 {one}") } else { format!("{number} {many}") };
        let (more, fewer) = (new.difference(&old).count(), old.difference(&new).count());
        if more > 0 {
            say(format!("{} more by name, whatever the rest says", count(more)));
        }
        if fewer > 0 {
            say(format!("{} no longer by name", count(fewer)));
        }
    }
}

/// Keys that no table has a word for, with what they say: whoever wrote them had something in mind.
fn strangers(before: Option<&Flag>, after: Option<&Flag>, say: &mut impl FnMut(String)) {
    let of = |flag: Option<&Flag>| -> BTreeMap<String, Vec<String>> {
        let mut found = BTreeMap::new();
        if let Some(flag) = flag {
            unknown_keys(&flag.record, flag.fields, &mut String::new(), &mut found);
        }
        for said in found.values_mut() {
            said.sort();
        }
        found
    };
    let (old, new) = (of(before), of(after));
    let changed: BTreeSet<&String> =
        old.keys().chain(new.keys()).filter(|key| old.get(*key) != new.get(*key)).collect();
    let mut changed = changed.into_iter();
    if let Some(first) = changed.next() {
        let rest = match changed.count() {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        say(format!("what {} does is not known here{rest}", ticked(first)));
    }
}

/// Unknown keys by their path. Items are told apart by what they say, so that another order is no difference.
fn unknown_keys(map: &Map, fields: &'static [Field], path: &mut String, found: &mut BTreeMap<String, Vec<String>>) {
    for entry in map.iter() {
        let length = path.len();
        if length > 0 {
            path.push('.');
        }
        path.push_str(&entry.key);
        match fields.iter().find(|field| field.name == entry.key) {
            // flagd merges what people note there into every flag; the one key with a meaning is among the fields.
            Some(field) if field.name == "metadata" => {}
            Some(field) => inside(&entry.value, &field.shape, path, found),
            None => found.entry(path.clone()).or_default().push(canonical(&entry.value, &Shape::Any)),
        }
        path.truncate(length);
    }
}

fn inside(node: &Node, shape: &'static Shape, path: &mut String, found: &mut BTreeMap<String, Vec<String>>) {
    match shape {
        Shape::Record(fields) => {
            if let Some(map) = node.as_map() {
                unknown_keys(map, fields, path, found);
            }
        }
        Shape::Items { id, of, .. } => {
            for item in node.as_list().unwrap_or_default() {
                let label = item.get(id).and_then(Node::as_text).unwrap_or("?");
                if let Some(map) = item.as_map() {
                    let length = path.len();
                    path.push_str(&format!("[{label}]"));
                    unknown_keys(map, of, path, found);
                    path.truncate(length);
                }
            }
        }
        Shape::Set(of) => {
            for item in node.as_list().unwrap_or_default() {
                let mut here = BTreeMap::new();
                inside(item, of, path, &mut here);
                // A key that went from one item to another is a difference.
                for (key, said) in here {
                    let whose = canonical(item, of);
                    found.entry(key).or_default().extend(said.into_iter().map(|said| format!("{said} of {whose}")));
                }
            }
        }
        Shape::MapOf(of) => {
            for entry in node.as_map().into_iter().flat_map(Map::iter) {
                inside(&entry.value, of, path, found);
            }
        }
        Shape::Text
        | Shape::Key
        | Shape::Bool
        | Shape::Percent
        | Shape::Count(_)
        | Shape::Weights
        | Shape::Split
        | Shape::Date
        | Shape::OneOf(_)
        | Shape::Known(_)
        | Shape::Any => {}
    }
}
