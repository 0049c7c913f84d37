//! Flipt: rules and rollouts one after the other; users are hashed with the key of the flag and cut in the order of the
//! list.
//!
//! Source: `internal/server/evaluation/evaluation.go` of flipt-io/flipt, version 2 (August 2026): of the distributions
//! of a rule with more than nothing each has its share of their sum, of 1,000 buckets of CRC-32 of the flag's key and
//! the user's id. A rollout by percentage is asked about the hash of the two in the other order modulo 100, and whoever
//! is not in goes on to the next. Version 1 does not divide by the sum and cuts off each part, and the client engines
//! round their sums, so that a sum other than 100 and parts of a tenth of a percent are not computed. A rule
//! without distributions is a match without a variant, for which applications may ask. Of a flag without variants, as a
//! switch was before there were boolean flags, they ask whether it is enabled. A variant flag that is off gives its
//! default to the client engines, and nothing to version 1.

use std::collections::BTreeSet;

use super::{FlagSource, ReadGroup, but, line, texts, thousandths, uncomputed};
use crate::document::{Data, Map, Node};
use crate::format::mapped::flag::entry;
use crate::format::mapped::normal::segment_names;
use crate::groups::{Draw, OffVariant, ReadGroups, Space, Uncomputed};

/// The name of a match without a variant; with a space, so that no variant has it.
const MATCH_ONLY: &str = "match only";

/// The name of what a flag without variants gives those whom no rule is about: applications ask whether it is enabled.
const ENABLED: &str = "enabled, without a variant";

/// The groups of a flag of either type.
pub fn read(source: &FlagSource<'_, '_>) -> ReadGroups {
    let flag = source.at.entity;
    let of_type = flag.get("type").and_then(Node::as_text).unwrap_or("VARIANT_FLAG_TYPE");
    let list = |name: &str| -> Result<&[Node], String> {
        match flag.get(name).filter(|node| !node.is_null()) {
            None => Ok(&[]),
            Some(node) => node.as_list().ok_or_else(|| format!("`{name}` is no list")),
        }
    };
    let enabled = flag.get("enabled").and_then(Node::as_bool) == Some(true);
    let now = match of_type {
        "VARIANT_FLAG_TYPE" if !enabled => while_off(source),
        "VARIANT_FLAG_TYPE" => list("rules").and_then(|rules| of_rules(rules, source)),
        "BOOLEAN_FLAG_TYPE" => list("rollouts").and_then(|rollouts| of_rollouts(rollouts, source)),
        _ => Err("its `type` is none that is known".to_owned()),
    };
    // A boolean flag answers while it is off, too.
    let is_switch = of_type == "BOOLEAN_FLAG_TYPE";
    let off = (is_switch && !enabled).then(|| OffVariant { name: "false".to_owned(), is_all: true });
    ReadGroups { off, bare: (!is_switch).then_some(ENABLED), ..ReadGroups::of(now) }
}

/// Ranks, if there are any, have to say the order of the list.
fn in_order(items: &[Node]) -> Result<(), String> {
    let ranks: Vec<&Node> = items.iter().filter_map(|item| item.get("rank")).collect();
    let numbers: Vec<i128> =
        ranks.iter().filter_map(|rank| rank.as_number().and_then(crate::document::Decimal::to_integer)).collect();
    let rising = numbers.windows(2).all(|pair| pair.first() < pair.last());
    let fine = ranks.is_empty() || (numbers.len() == items.len() && rising);
    fine.then_some(()).ok_or_else(|| "`rank` says another order than the list".to_owned())
}

fn group(number: usize, said: Node, draw: Result<Draw, Uncomputed>) -> ReadGroup {
    let mut parts = BTreeSet::new();
    texts(&said, &mut parts);
    let name = Some(format!("rule {}", number + 1));
    ReadGroup {
        name,
        conditions: vec![said],
        parts: parts.into_iter().collect(),
        requires: Vec::new(),
        is_tree: true,
        draw,
    }
}

/// A rule with its segments in the one form of several.
fn segments_of(mut rule: Node) -> Node {
    if let Data::Map(map) = &mut rule.data {
        for entry in map.0.iter_mut().filter(|entry| matches!(entry.key.as_str(), "segment" | "segments")) {
            segment_names(&mut entry.value);
            "segment".clone_into(&mut entry.key);
        }
    }
    rule
}

/// The draw of all users of a variant flag that has no variant that is the default, and of one that has.
fn default_of(flag: &Node) -> Result<Draw, String> {
    let variants = flag.get("variants").and_then(Node::as_list).unwrap_or_default();
    let mut defaults = variants.iter().filter(|variant| variant.get("default").and_then(Node::as_bool) == Some(true));
    match (defaults.next(), defaults.next()) {
        (None, _) => Ok(Draw::nobody()),
        (Some(one), None) => match one.get("key").and_then(Node::as_text) {
            Some(key) => Ok(Draw::everyone(key)),
            None => Err("the default variant has no key".to_owned()),
        },
        (Some(_), Some(_)) => Err("several variants are the default".to_owned()),
    }
}

fn has_no_variants(flag: &Node) -> bool {
    flag.get("variants").is_none_or(|all| all.is_null() || all.as_list().is_some_and(<[Node]>::is_empty))
}

/// A variant flag that is off gives its default variant by some engines, and by others nothing.
fn while_off(source: &FlagSource<'_, '_>) -> Result<Vec<ReadGroup>, String> {
    let default = default_of(source.at.entity)?;
    let Some(Some(variant)) = default.constant() else { return Ok(vec![ReadGroup::others(Ok(default))]) };
    let of = Node::new(source.at.entity.place, Data::Text(variant.to_owned()));
    let draw =
        uncomputed("while it is off, some engines give its default variant, and others give none", &of, String::new());
    Ok(vec![ReadGroup::others(Err(draw))])
}

fn of_rules(rules: &[Node], source: &FlagSource<'_, '_>) -> Result<Vec<ReadGroup>, String> {
    in_order(rules)?;
    let default = default_of(source.at.entity)?;
    let mut found = Vec::new();
    for (number, rule) in rules.iter().enumerate() {
        let draw = distributed(rule, &default, source);
        found.push(group(number, segments_of(but(rule, &["distributions", "rank"])), draw));
    }
    let others = if has_no_variants(source.at.entity) { Draw::everyone(ENABLED) } else { default };
    found.push(ReadGroup::others(Ok(others)));
    Ok(found)
}

/// The draw of a rule's distributions.
fn distributed(rule: &Node, default: &Draw, source: &FlagSource<'_, '_>) -> Result<Draw, Uncomputed> {
    let cannot = |why: &str| uncomputed(why, rule, source.by(""));
    let list = match rule.get("distributions").filter(|node| !node.is_null()) {
        None => &[],
        Some(node) => node.as_list().ok_or_else(|| cannot("`distributions` is no list"))?,
    };
    let part = |one: &'_ Node| -> Option<(String, u128, bool)> {
        let variant = one.get("variant")?.as_text()?.to_owned();
        let Some(rollout) = one.get("rollout") else { return Some((variant, 0, true)) };
        let share = thousandths(rollout)?;
        Some((variant, share, in_buckets(rollout, share)))
    };
    let parts: Option<Vec<(String, u128, bool)>> = list.iter().map(part).collect();
    let mut parts = parts.ok_or_else(|| cannot("a distribution has no variant, or no number from 0"))?;
    parts.retain(|(_, share, _)| *share > 0);
    if parts.is_empty() {
        // It matches, with the default variant if there is one.
        return Ok(match default.constant() {
            Some(None) => Draw::everyone(MATCH_ONLY),
            _ => default.clone(),
        });
    }
    if parts.iter().map(|(_, share, _)| share).sum::<u128>() != 100_000 {
        return Err(cannot("its distributions do not add up to 100, which the versions of Flipt take otherwise"));
    }
    if !parts.iter().all(|(.., in_buckets)| *in_buckets) {
        return Err(cannot(
            "its distributions are no tenths of a percent, which the versions of Flipt round otherwise",
        ));
    }
    let cut = parts.iter().map(|(variant, share, _)| (variant.as_str(), share / 100));
    line(source.by("1000"), cut.collect::<Vec<_>>(), 1000).ok_or_else(|| cannot("its distributions have no sum"))
}

/// Whether a share is so many buckets of a tenth of a percent, also to those versions that cut off after a
/// multiplication of single precision.
fn in_buckets(rollout: &Node, share: u128) -> bool {
    let single: Option<f32> = rollout.as_number().and_then(|number| number.to_string().parse().ok());
    let cut_off = single.map(|single| format!("{:.0}", (single * 10.0).trunc()));
    share.is_multiple_of(100) && cut_off == Some((share / 100).to_string())
}

/// The groups of a boolean flag: those whom a rollout by segment is about, each after the percentages before it.
fn of_rollouts(rollouts: &[Node], source: &FlagSource<'_, '_>) -> Result<Vec<ReadGroup>, String> {
    in_order(rollouts)?;
    // For each hash from 0 to 99 what the percentages so far decided.
    let mut decided: Vec<Option<bool>> = vec![None; 100];
    let mut found = Vec::new();
    for (number, rollout) in rollouts.iter().enumerate() {
        let value = |of: &Node| match of.get("value").filter(|node| !node.is_null()) {
            None => Ok(false),
            Some(node) => node.as_bool().ok_or_else(|| "`value` of a rollout is neither true nor false".to_owned()),
        };
        if let Some(threshold) = rollout.get("threshold").filter(|node| !node.is_null()) {
            let share = threshold.get("percentage").map_or(Some(0), thousandths).filter(|share| *share <= 100_000);
            let share = share.ok_or("`percentage` of a rollout is no number from 0 to 100")?;
            let value = value(threshold)?;
            // The hash is a whole number, and in if it is less.
            let upto = usize::try_from(share.div_ceil(1000)).unwrap_or(100);
            for slot in decided.iter_mut().take(upto) {
                slot.get_or_insert(value);
            }
        } else if let Some(segment) = rollout.get("segment").filter(|node| !node.is_null()) {
            let draw = of_slots(&decided, value(segment)?, source);
            let mut said = but(segment, &["value"]);
            segment_names(&mut said);
            // As a rule has it, so that a list of names means the same.
            let said = Data::Map(Map(vec![entry("segment", segment.place, said)]));
            found.push(group(number, Node::new(segment.place, said), Ok(draw)));
        } else {
            return Err("a rollout is neither by percentage nor by segment".to_owned());
        }
    }
    let enabled = match source.at.entity.get("enabled").filter(|node| !node.is_null()) {
        None => false,
        Some(node) => node.as_bool().ok_or("`enabled` is neither true nor false")?,
    };
    found.push(ReadGroup::others(Ok(of_slots(&decided, enabled, source))));
    Ok(found)
}

/// The draw of what percentages decided, and of a value for all others. Off is a variant too: the flag says it.
fn of_slots(decided: &[Option<bool>], rest: bool, source: &FlagSource<'_, '_>) -> Draw {
    let mut ends: Vec<(String, u64)> = Vec::new();
    for (slot, value) in (1u64..).zip(decided) {
        let name = if value.unwrap_or(rest) { "true" } else { "false" };
        let end = (slot << 32) / 100;
        match ends.last_mut().filter(|(last, _)| last == name) {
            Some((_, last)) => *last = end,
            None => ends.push((name.to_owned(), end)),
        }
    }
    let draw = Draw { space: Space::LINE, by: source.by("100"), rows: 1, ends };
    match draw.constant() {
        Some(Some(variant)) => Draw::everyone(variant),
        _ => draw,
    }
}
