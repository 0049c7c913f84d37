//! Harness: targets by name, then rules by their priority, then the variation for all others.
//!
//! Source: `evaluation/evaluator.go` of harness/ff-golang-server-sdk: of a flag that is on a user gets the variation of
//! the first entry of `targetRules` that names them or a group of theirs, then of the first rule in the order of
//! `priority` all clauses of which hold, and else `onVariation`. A distribution cuts the numbers from 1 to 100, into
//! which the attribute `bucketBy` is hashed, in the order of its list.

use std::collections::BTreeSet;

use super::{FlagSource, ReadGroup, but, line, one_of, texts, thousandths, uncomputed};
use crate::document::canonical::canonical;
use crate::document::{Data, Decimal, Node, Shape};
use crate::groups::{Draw, OffVariant, ReadGroups, Uncomputed};

/// The groups of a flag in one environment, as it gives them while it is on.
pub fn read(source: &FlagSource<'_, '_>) -> ReadGroups {
    let variations = source.at.entity.get("spec").and_then(|spec| member(spec, "variations")).and_then(Node::as_list);
    let value = |variation: &Node| {
        let name = member(variation, "identifier")?.as_text()?.to_owned();
        Some((name, canonical(member(variation, "value")?, &Shape::Any)))
    };
    let values = variations.into_iter().flatten().filter_map(value).collect();
    ReadGroups { off: off(source), values, ..ReadGroups::of(groups(source)) }
}

/// The variation that everyone gets in an environment where the flag is off.
fn off(source: &FlagSource<'_, '_>) -> Option<OffVariant> {
    let is_off = member(source.at.env?, "state")?.as_text() == Some("off");
    let name = default(source, "offVariation").filter(|_| is_off)?.as_text()?.to_owned();
    Some(OffVariant { name, is_all: true })
}

/// A member of the default of the environment; without a default of its own, it has that of the flag.
fn default<'n>(source: &FlagSource<'_, 'n>, name: &str) -> Option<&'n Node> {
    let mut of = [source.at.env, source.at.entity.get("spec")].into_iter().flatten();
    member(of.find_map(|of| member(of, "default"))?, name)
}

fn groups(source: &FlagSource<'_, '_>) -> Result<Vec<ReadGroup>, String> {
    let env = source.at.env.ok_or("it names no environment")?;
    let list = |name: &str| -> Result<&[Node], String> {
        match member(env, name) {
            None => Ok(&[]),
            Some(node) => node.as_list().ok_or_else(|| format!("`{name}` is no list")),
        }
    };
    let mut found = Vec::new();
    for (number, rule) in list("targetRules")?.iter().enumerate() {
        let variation = member(rule, "variation").and_then(Node::as_text);
        let variation = variation.ok_or("an entry of `targetRules` has no `variation`")?;
        let mut targets = group("targets", number, said_by(rule, &["variation"]), Ok(Draw::everyone(variation)));
        // One that names groups of users, too, is about more than its targets.
        if rule.as_map().is_some_and(|map| map.0.len() == 2) {
            targets.requires =
                member(rule, "targets").map(|list| one_of("targets", list, Some("identifier"))).unwrap_or_default();
        }
        found.push(targets);
    }
    let priority = |rule: &Node| member(rule, "priority").and_then(Node::as_number).and_then(Decimal::to_integer);
    let mut rules = Vec::new();
    for rule in list("rules")? {
        rules.push((priority(rule).ok_or("a rule has no `priority` that is a whole number")?, rule));
    }
    rules.sort_by_key(|(priority, _)| *priority);
    let mut pairs = rules.iter().zip(rules.iter().skip(1));
    if pairs.any(|((one, _), (next, _))| one == next) {
        return Err("two rules have the same `priority`".to_owned());
    }
    for (number, (_, rule)) in rules.into_iter().enumerate() {
        found.push(group("rule", number, said_by(rule, &["serve", "priority"]), served(rule, source)));
    }
    let on = default(source, "onVariation").and_then(Node::as_text);
    found.push(ReadGroup::others(Ok(Draw::everyone(on.ok_or("there is no `onVariation`")?))));
    Ok(found)
}

fn member<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    node.get(name).filter(|node| !node.is_null())
}

fn group(what: &str, number: usize, said: Node, draw: Result<Draw, Uncomputed>) -> ReadGroup {
    let mut parts = BTreeSet::new();
    texts(&said, &mut parts);
    let (name, parts) = (Some(format!("{what} {}", number + 1)), parts.into_iter().collect());
    ReadGroup { name, conditions: vec![said], parts, requires: Vec::new(), is_tree: false, draw }
}

/// A rule or an entry of targets without some of its members. The order of its targets says nothing, nor does that of
/// the values of a clause.
fn said_by(node: &Node, without: &[&str]) -> Node {
    let mut said = but(node, without);
    sort_sets(&mut said);
    said
}

fn sort_sets(node: &mut Node) {
    match &mut node.data {
        Data::Map(map) => {
            for entry in &mut map.0 {
                sort_sets(&mut entry.value);
                if let ("targets" | "values", Data::List(items)) = (entry.key.as_str(), &mut entry.value.data) {
                    items.sort_by_cached_key(Node::json);
                }
            }
        }
        Data::List(items) => items.iter_mut().for_each(sort_sets),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
    }
}

/// The draw of a rule: one variation, or several by weight.
fn served(rule: &Node, source: &FlagSource<'_, '_>) -> Result<Draw, Uncomputed> {
    let cannot = |why: &str| uncomputed(why, rule, source.by(""));
    let serve = member(rule, "serve").ok_or_else(|| cannot("a rule serves nothing"))?;
    let Some(distribution) = member(serve, "distribution") else {
        let variation = ["serveVariation", "variation"].iter().find_map(|name| member(serve, name)?.as_text());
        return Ok(Draw::everyone(variation.ok_or_else(|| cannot("a rule serves no variation"))?));
    };
    // Without it they are hashed by their identifier.
    let by = member(distribution, "bucketBy").map_or(Some("identifier"), Node::as_text);
    let by = by.ok_or_else(|| cannot("what users are hashed by is no string"))?;
    let list = member(distribution, "variations").and_then(Node::as_list).unwrap_or_default();
    let part = |one: &'_ Node| -> Option<(String, u128)> {
        let share = thousandths(member(one, "weight")?)?;
        Some((member(one, "variation")?.as_text()?.to_owned(), share)).filter(|_| share.is_multiple_of(1000))
    };
    let parts: Option<Vec<(String, u128)>> = list.iter().map(part).collect();
    let parts = parts.ok_or_else(|| cannot("a distribution has no variation, or no weight that is a whole number"))?;
    if parts.iter().map(|(_, share)| share).sum::<u128>() != 100_000 {
        return Err(cannot("the weights of a distribution do not add up to 100"));
    }
    let cut = parts.iter().map(|(variation, share)| (variation.as_str(), share / 1000));
    line(source.by(&format!("100 {by:?}")), cut.collect::<Vec<_>>(), 100).ok_or_else(|| cannot("it has no weights"))
}
