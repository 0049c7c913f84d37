//! Plain flags: everyone who matches gets it, or a percentage of them, divided by weights.

use std::collections::{BTreeMap, BTreeSet};

use super::filter::{WHO, requirements};
use super::{FlagSource, line, saying, texts, thousandths, uncomputed};
use crate::document::canonical::canonical;
use crate::document::{Data, Entry, Map, Node, Shape};
use crate::format::mapped::language::{Path, PathStep, PlainModel};
use crate::format::mapped::walk::walk_by;
use crate::groups::{Draw, ReadGroup, Space};

/// The rows of hashes that a percentage takes, where weights divide those who are in: thousandths of all users.
const ROWS: u64 = 1000;

/// The users who meet the flag's conditions, and all others.
#[expect(clippy::unnecessary_wraps, reason = "the models of a format have one signature")]
pub fn read(plain: &PlainModel, source: &FlagSource<'_, '_>) -> Result<Vec<ReadGroup>, String> {
    let who = source.field("segments").cloned().and_then(saying);
    let of = Node::new(source.at.place, Data::Map(Map(source.record.to_vec())));
    let draw = draw(plain, source).map_err(|why| uncomputed(why, &of, source.by("")));
    let Some(who) = who else { return Ok(vec![ReadGroup::others(draw)]) };
    let mut parts = BTreeSet::new();
    texts(&who, &mut parts);
    let (name, parts) = (Some(WHO.to_owned()), parts.into_iter().collect());
    let requires = requirements(&who, plain);
    let matching = ReadGroup { name, conditions: vec![who], parts, requires, is_tree: false, draw };
    Ok(vec![matching, ReadGroup::others(Ok(Draw::nobody()))])
}

/// The members of each item in normal form, but for its name and its weight, by its name: they are what users get.
pub fn gives(plain: &PlainModel, source: &FlagSource<'_, '_>) -> BTreeMap<String, String> {
    let Some((path, by)) = plain.weights.as_ref().zip(plain.by.as_deref()).filter(|_| plain.gives_members) else {
        return BTreeMap::new();
    };
    let weight = path.steps.last().and_then(PathStep::name);
    let items = container(path).and_then(|steps| Some(walk_by(source.at.start(path)?, steps, None)));
    let items = items.iter().flatten().filter_map(|found| found.node.as_list()).flatten();
    let said = |one: &&Entry| one.key != by && Some(one.key.as_str()) != weight && saying(one.value.clone()).is_some();
    let mut found = BTreeMap::new();
    for item in items {
        let (Some(map), Some(name)) = (item.as_map(), item.get(by).and_then(Node::as_text)) else { continue };
        let members = Map(map.iter().filter(said).cloned().collect());
        let given = if members.0.is_empty() {
            String::new()
        } else {
            canonical(&Node::new(item.place, Data::Map(members)), &Shape::Any)
        };
        found.insert(name.to_owned(), given);
    }
    found
}

fn draw(plain: &PlainModel, source: &FlagSource<'_, '_>) -> Result<Draw, String> {
    let is_there = |path: &&Path| source.at.walk(path).iter().any(|found| !found.node.is_null());
    let there: Vec<&Path> = plain.percentage.iter().filter(is_there).collect();
    let share = match (there.as_slice(), plain.percentage.as_slice()) {
        ([], []) => 100_000,
        // Of one inside of another the inner one says it.
        ([one, .., last], _) if !last.is_inside(one) && !one.is_inside(last) => {
            return Err(format!("`{}` and `{}` are percentages", one.shown(), last.shown()));
        }
        ([path, ..], _) => percentage(path, source)?,
        ([], [path, ..]) => percentage(path, source)?,
    };
    let weights = plain.weights.as_ref().map(|path| weights(path, plain, source)).transpose()?;
    let too_fine = || "the numbers are too far apart to be computed".to_owned();
    let Some(weights) = weights.filter(|weights| !weights.is_empty()) else {
        return line(source.by(""), [("on", share)], 100_000).ok_or_else(too_fine);
    };
    let total: u128 = weights.iter().map(|(_, weight)| weight).sum();
    if total == 0 {
        return Err("all weights are 0".to_owned());
    }
    let rows = share * u128::from(ROWS) / 100_000;
    if rows * 100_000 != share * u128::from(ROWS) {
        return Err("the percentage has more than one decimal place".to_owned());
    }
    let columns = u128::from((1u64 << 32).div_ceil(ROWS));
    let (mut upto, mut last, mut ends) = (0u128, 0, Vec::new());
    for (variant, weight) in weights {
        upto += weight;
        let end = u64::try_from(upto.checked_mul(columns).ok_or_else(too_fine)? / total).map_err(|_| too_fine())?;
        if end > last {
            ends.push((variant, end));
            last = end;
        }
    }
    let rows = u64::try_from(rows).map_err(|_| too_fine())?;
    let draw = Draw { space: Space { rows: ROWS }, by: source.by(""), rows, ends };
    Ok(match draw.constant() {
        Some(Some(variant)) => Draw::everyone(variant),
        Some(None) => Draw::nobody(),
        None => draw,
    })
}

/// The last number at the path, in thousandths of a percent; without what leads to it, everyone.
fn percentage(path: &Path, source: &FlagSource<'_, '_>) -> Result<u128, String> {
    let found = source.at.walk(path);
    let Some(last) = found.last() else {
        let first = Path { steps: path.steps.iter().take(1).cloned().collect(), ..path.clone() };
        let plain = matches!(path.steps.first(), Some(PathStep::Key(_) | PathStep::Unquoted(_) | PathStep::AnyCase(_)));
        if plain && source.at.walk(&first).is_empty() {
            return Ok(100_000);
        }
        return Err(format!("there is no percentage at `{}`", path.shown()));
    };
    // Where no field says that it is a percentage, it may as well be a share of 1.
    let says_percent = path.shown().to_lowercase().contains("percent");
    let least = if says_percent { 1000 } else { 1001 };
    let part =
        last.node.as_number().and_then(|_| thousandths(last.node)).is_some_and(|share| share > 0 && share < least);
    if part && source.field("distribution").is_none() {
        return Err(format!("`{}` may be a percentage or a share of 1", path.shown()));
    }
    thousandths(last.node)
        .filter(|share| *share <= 100_000)
        .ok_or_else(|| format!("`{}` is no percentage from 0 to 100", path.shown()))
}

/// The weights at the path, in thousandths, in the order of the file, or of names if that means nothing.
fn weights(path: &Path, plain: &PlainModel, source: &FlagSource<'_, '_>) -> Result<Vec<(String, u128)>, String> {
    let by = plain.by.as_deref();
    let start = source.at.start(path);
    let path = &members_at(path, start);
    let found = start.map(|start| walk_by(start, &path.steps, by)).unwrap_or_default();
    let weight = |found: &crate::format::mapped::path::PathMatch<'_>| {
        let name = found
            .wild
            .last()
            .and_then(|at| found.names.get(*at))
            .map_or_else(String::new, |name| name.clone().into_owned());
        let weight = thousandths(found.node).ok_or_else(|| format!("`{}` is no weight", found.names.join("/")))?;
        Ok((name, weight))
    };
    let items = match path.steps.split_last() {
        Some((PathStep::Key(_) | PathStep::Unquoted(_) | PathStep::AnyCase(_), items)) => {
            start.map_or(0, |start| walk_by(start, items, by).len())
        }
        _ => found.len(),
    };
    if items != found.len() {
        return Err(format!("not all have a weight at `{}`", path.shown()));
    }
    let mut weights = found.iter().map(weight).collect::<Result<Vec<_>, String>>()?;
    // A map has no order, whatever its file looks like.
    let map = |steps: &[PathStep]| {
        start.is_some_and(|start| walk_by(start, steps, by).iter().all(|found| found.node.as_map().is_some()))
    };
    if plain.by_name || container(path).is_some_and(map) {
        weights.sort();
    }
    Ok(weights)
}

/// The path to each of the weights, also where it leads to the map of them: `rolloutWeights` as well as
/// `rolloutWeights/*`.
fn members_at(path: &Path, start: Option<&Node>) -> Path {
    let found = start.map(|start| walk_by(start, &path.steps, None)).unwrap_or_default();
    let map = !found.is_empty() && found.iter().all(|found| found.node.as_map().is_some());
    let each = map.then(|| PathStep::Any(String::new(), String::new()));
    Path { steps: path.steps.iter().cloned().chain(each).collect(), ..path.clone() }
}

/// The steps to what holds the items with weights.
pub fn container(path: &Path) -> Option<&[PathStep]> {
    let last = path.steps.iter().rposition(PathStep::is_wild)?;
    path.steps.get(..last)
}
