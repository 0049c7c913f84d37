//! Featurevisor: the rules of an environment one after the other; a percentage is in, divided by the weights of
//! variations.
//!
//! Source: `packages/core/src/builder/traffic.ts` and `packages/sdk/src/bucketer.ts` of featurevisor/featurevisor (July
//! 2026). A build keeps what it gave users before: a percentage that grows keeps those who are in and their variations;
//! one that shrinks, other variations or weights (also one of 0), and a rule under another key divide all anew. No file
//! then says who gets which variation, so the draws here say how many, and only what stays of a rule that grows; for
//! all else a sentence says so. One variation alone has the users from 0 to its share, whatever was before. A range's
//! end is in it, which is one user in 100,000 more than its share, and is left out here.

use std::collections::BTreeSet;

use super::{FlagSource, ReadGroup, but, check_rules, line, saying, texts, thousandths, uncomputed};
use crate::diagnostics::Diagnostics;
use crate::diagnostics::words::in_backticks;
use crate::document::{Data, Map, Node};
use crate::format::mapped::language::{NotOfSeveral, ValueForm};
use crate::format::mapped::normal::formed;
use crate::groups::{Draw, ReadGroups, Space, Uncomputed};

const ROWS: u64 = 1000;

/// The members of a rule that a build reads. Those about variables change nobody's variation.
const MEMBERS: &[&str] = &[
    "key",
    "description",
    "segments",
    "percentage",
    "enabled",
    "variation",
    "variationWeights",
    "variables",
    "variableOverrides",
];

/// The groups of a feature in one environment.
pub fn read(source: &FlagSource<'_, '_>) -> ReadGroups {
    let parts = source.at.entity.get("variations").and_then(Node::as_list).unwrap_or_default();
    let weighed =
        parts.iter().map(|one| ["value", "weight"].map(|name| one.get(name).map_or_else(String::new, Node::json)));
    let keeps = weighed.map(|[value, weight]| format!("{value} {weight}")).collect::<Vec<_>>().join("\n");
    ReadGroups { keeps: Some(keeps), ..ReadGroups::of(groups(source)) }
}

fn groups(source: &FlagSource<'_, '_>) -> Result<Vec<ReadGroup>, String> {
    let (feature, env) = (source.at.entity, source.at.env);
    let rules = match env.or_else(|| feature.get("rules")).map(|rules| &rules.data) {
        Some(Data::List(rules)) => rules.as_slice(),
        Some(Data::Map(_)) => env
            .and_then(|env| env.get("rules"))
            .and_then(Node::as_list)
            .ok_or("the environment has no list of rules")?,
        _ => return Err("there are no rules by environment".to_owned()),
    };
    check_rules(rules.len(), feature.get("variations").and_then(Node::as_list).map_or(0, <[Node]>::len))?;
    let mut found = forced(source);
    for (number, rule) in rules.iter().enumerate() {
        let key = rule.get("key").and_then(Node::as_text);
        let name = key.map_or_else(|| format!("rule {}", number + 1), str::to_owned);
        let said = in_normal_form(only(rule, &["segments", "enabled"]));
        let everyone = said.get("segments").and_then(Node::as_text) == Some("*");
        let said = saying(if everyone { but(&said, &["segments"]) } else { said });
        let mut parts = BTreeSet::new();
        if let Some(said) = &said {
            texts(said, &mut parts);
        }
        let draw = draw(rule, source);
        let conditions = said.into_iter().collect();
        found.push(ReadGroup {
            name: Some(name),
            conditions,
            parts: parts.into_iter().collect(),
            requires: Vec::new(),
            is_tree: true,
            draw,
        });
    }
    let divides = |group: &ReadGroup| group.draw.as_ref().is_ok_and(|draw| draw.space != Space::LINE);
    let names: BTreeSet<&Option<String>> = found.iter().map(|group| &group.name).collect();
    if names.len() < found.len() && found.iter().any(divides) {
        return Err("two rules have one key, by which builds know them".to_owned());
    }
    found.push(ReadGroup::others(Ok(Draw::nobody())));
    Ok(found)
}

/// Users who are forced, before all rules: in the environment, under its name, or in a feature without environments.
fn forced(source: &FlagSource<'_, '_>) -> Vec<ReadGroup> {
    let (feature, env) = (source.at.entity, source.at.env);
    let own = env.and_then(|env| env.get("force"));
    let named = || feature.get("force")?.get(source.at.env_key.as_deref()?);
    let whole = || feature.get("force").filter(|_| env.is_none());
    let Some(force) = own.or_else(named).or_else(whole) else { return Vec::new() };
    let variations = feature.get("variations").and_then(Node::as_list).is_some_and(|list| !list.is_empty());
    let one = |(number, entry): (usize, &Node)| {
        let said = saying(in_normal_form(but(entry, &["variation", "enabled", "variables"])));
        let mut parts = BTreeSet::new();
        if let Some(said) = &said {
            texts(said, &mut parts);
        }
        let given = |given: &str| match entry.get("variables") {
            None => Ok(Draw::everyone(given)),
            Some(_) => Err(uncomputed("variables of their own are forced", entry, source.by(""))),
        };
        // Only a user who is forced in surely gets the variation; other users may be kept out by a rule.
        let draw = match (entry.get("enabled").and_then(Node::as_bool), entry.get("variation")) {
            (Some(false), _) => Ok(Draw::nobody()),
            (Some(true), None) if !variations => given("on"),
            (Some(true), Some(variation)) if variations => match variation.as_text() {
                Some(name) => given(name),
                None => Err(uncomputed("the forced variation is no string", entry, source.by(""))),
            },
            _ => Err(uncomputed("whether they get what is forced depends on the rules", entry, source.by(""))),
        };
        let name = Some(format!("forced {}", number + 1));
        ReadGroup {
            name,
            conditions: said.into_iter().collect(),
            parts: parts.into_iter().collect(),
            requires: Vec::new(),
            is_tree: true,
            draw,
        }
    };
    match force.as_list() {
        Some(list) => list.iter().enumerate().map(one).collect(),
        // Of another form nobody knows what it is read as.
        None => vec![one((0, force))],
    }
}

/// A map with these of its members.
fn only(node: &Node, these: &[&str]) -> Node {
    let kept = node.as_map().into_iter().flat_map(Map::iter).filter(|entry| these.contains(&entry.key.as_str()));
    node.with(Data::Map(Map(kept.cloned().collect())))
}

/// Conditions as they are compared: segments in the normal form of conditions, and a rule that says that it is on as
/// any other.
fn in_normal_form(mut said: Node) -> Node {
    if let Data::Map(map) = &mut said.data {
        map.0.retain(|entry| entry.key != "enabled" || entry.value.as_bool() != Some(true));
        for entry in map.0.iter_mut().filter(|entry| entry.key == "segments") {
            entry.value =
                formed(entry.value.clone(), ValueForm::Logic(NotOfSeveral::AsWritten), &mut Diagnostics::of(""));
        }
    }
    said
}

fn draw(rule: &Node, source: &FlagSource<'_, '_>) -> Result<Draw, Uncomputed> {
    let feature = source.at.entity;
    let of = Node::new(rule.place, Data::Map(Map(vec![])));
    let mut whole = of.clone();
    if let Data::Map(map) = &mut whole.data {
        // Notes for people change nobody's variation.
        let notes = &["description"];
        map.0.extend(but(rule, notes).as_map().into_iter().flat_map(Map::iter).cloned());
        if let Some(mut entry) = feature.as_map().and_then(|map| map.entry("variations")).cloned() {
            if let Data::List(items) = &mut entry.value.data {
                for item in items {
                    *item = but(item, notes);
                }
            }
            map.0.push(entry);
        }
    }
    let cannot = |why: &str| uncomputed(why, &whole, source.by(""));
    if let Some(other) =
        rule.as_map().into_iter().flat_map(Map::iter).find(|entry| !MEMBERS.contains(&entry.key.as_str()))
    {
        return Err(cannot(&format!("what {} does is not known here", in_backticks(&other.key))));
    }
    let share = rule.get("percentage").and_then(thousandths).filter(|share| *share <= 100_000);
    let share = share.ok_or_else(|| cannot("its percentage is no number from 0 to 100"))?;
    let variations = match feature.get("variations").filter(|node| !node.is_null()) {
        None => &[],
        Some(node) => node.as_list().ok_or_else(|| cannot("`variations` is no list"))?,
    };
    if rule.get("variationWeights").is_some() {
        return Err(cannot("the rule divides users by weights of its own"));
    }
    if let Some(one) = rule.get("variation") {
        let named = one.as_text().filter(|_| !variations.is_empty());
        let name = named.ok_or_else(|| cannot("the variation that the rule gives is none of the feature's"))?;
        return line(source.by("100000"), [(name, share)], 100_000).ok_or_else(|| cannot("too fine"));
    }
    let name = |variation: &Node| match &variation.get("value")?.data {
        Data::Text(text) => Some(text.clone()),
        Data::Number(number) => Some(number.to_string()),
        Data::Bool(value) => Some(value.to_string()),
        _ => None,
    };
    let weight = |one: &'_ Node| one.get("weight").filter(|weight| weight.as_number().is_some()).and_then(thousandths);
    let weighed: Option<Vec<(String, u128)>> = variations.iter().map(|one| Some((name(one)?, weight(one)?))).collect();
    let mut weighed = weighed.ok_or_else(|| cannot("a variation has no value, or no weight"))?;
    if !weighed.is_empty() && weighed.iter().map(|(_, weight)| weight).sum::<u128>() != 100_000 {
        return Err(cannot("the weights of its variations do not add up to 100"));
    }
    weighed.retain(|(_, weight)| *weight > 0);
    let several = match weighed.as_slice() {
        [] => Err("on"),
        [(variation, _)] => Err(variation.as_str()),
        several => Ok(several),
    };
    let several = match several {
        Ok(several) => several,
        Err(one) => return line(source.by("100000"), [(one, share)], 100_000).ok_or_else(|| cannot("too fine")),
    };
    if rule.get("key").and_then(Node::as_text).is_none() {
        return Err(cannot("the rule has no key, by which builds know it"));
    }
    let rows = u64::try_from(share / 100).unwrap_or(0);
    if !share.is_multiple_of(100) {
        return Err(cannot("its percentage has more than one decimal place"));
    }
    let columns = u128::from((1u64 << 32).div_ceil(ROWS));
    let (mut upto, mut ends) = (0u128, Vec::new());
    for (variation, weight) in several {
        upto += weight;
        ends.push((variation.clone(), u64::try_from(upto * columns / 100_000).unwrap_or(u64::MAX)));
    }
    // One number decides for all rules who is in. Which variation they get, each rule has divided in its own time.
    let draw = Draw { space: Space { rows: ROWS }, by: source.by("100000"), rows, ends };
    Ok(if rows == 0 { Draw::nobody() } else { draw })
}
