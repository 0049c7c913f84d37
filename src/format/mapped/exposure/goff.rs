//! GO Feature Flag: rules one after the other, and users cut in the reverse order of the names of variations.
//!
//! Source: `modules/core/flag/rule.go` and `internal_flag.go` of thomaspoignant/go-feature-flag (August 2026). The hash
//! is FNV-1a of the flag's key and the user's, modulo the sum of percentages in thousandths; a variation has the users
//! from the end of the one before it up to its own. A progressive rollout is taken as it ends, and steps of a schedule
//! are merged in the order of dates.

use super::{FlagSource, ReadGroup, but, check_rules, end, line, saying, thousandths, uncomputed};
use crate::diagnostics::words::in_backticks;
use crate::document::canonical::canonical;
use crate::document::date::instant;
use crate::document::{Data, Decimal, Entry, Map, Node, Shape};
use crate::groups::{Draw, ReadGroups, Uncomputed};

/// The members of a rule that decide who gets what among those it is about, or say nothing.
const GIVES: &[&str] = &["percentage", "variation", "progressiveRollout", "name"];

/// The most percentages that are added up in every order.
const MOST_ADDED: usize = 5;

/// The rules as they are, and as they are after the last step of the schedule.
pub fn read(source: &FlagSource<'_, '_>) -> ReadGroups {
    let flag = source.at.entity;
    let mut caveats = Vec::new();
    let disabled = flag.get("disable").and_then(Node::as_bool) == Some(true);
    let mut now = groups(flag, source, &mut caveats);
    let mut steps: Vec<&Node> =
        flag.get("scheduledRollout").and_then(Node::as_list).unwrap_or_default().iter().collect();
    let date = |step: &Node| step.get("date").and_then(Node::as_text).map(str::to_owned);
    // The evaluator passes over a step without a date.
    steps.retain(|step| date(step).is_some());
    let unclear = steps.iter().any(|step| date(step).is_none_or(|date| instant(&date).is_none()));
    steps.sort_by_key(|step| date(step).and_then(|date| instant(&date)));
    let last = steps.last().and_then(|step| date(step));
    let end = last.map(|date| {
        if unclear {
            return end(date, true, Err("a date of its schedule is none".to_owned()));
        }
        // Each step may say anew all that the flag says, and all that the steps before it said.
        let said = |step: &&Node| parts_of(step);
        if let Err(why) = check_rules(steps.len(), parts_of(flag) + steps.iter().map(said).sum::<usize>()) {
            return end(date, true, Err(why));
        }
        let merged = steps.iter().fold(flag.clone(), |flag, step| merged(flag, step));
        let live = merged.get("disable").and_then(Node::as_bool) != Some(true);
        end(date, live, groups(&merged, source, &mut caveats))
    });
    if disabled && end.is_some() {
        // It counts as live for its steps, and gives nobody anything before them.
        now = Ok(vec![ReadGroup::others(Ok(Draw::nobody()))]);
    }
    let variations = flag.get("variations").and_then(Node::as_map).into_iter().flat_map(Map::iter);
    let values = variations.map(|entry| (entry.key.clone(), canonical(&entry.value, &Shape::Any))).collect();
    ReadGroups { end, caveats, values, ..ReadGroups::of(now) }
}

/// How many items or members a value has.
fn members(node: &Node) -> usize {
    node.as_list().map_or_else(|| node.as_map().map_or(0, |map| map.0.len()), <[Node]>::len)
}

/// How many variations and rules a flag or a step has.
fn parts_of(flag: &Node) -> usize {
    ["variations", "targeting"].iter().filter_map(|name| flag.get(name)).map(members).sum()
}

fn groups(flag: &Node, source: &FlagSource<'_, '_>, caveats: &mut Vec<String>) -> Result<Vec<ReadGroup>, String> {
    if flag.get("variations").is_none() {
        return Err("flags of the generation before 2022 are not computed".to_owned());
    }
    let rules = flag.get("targeting").map(|node| node.as_list().ok_or("`targeting` is no list")).transpose()?;
    check_rules(rules.map_or(0, <[Node]>::len), flag.get("variations").map_or(0, members))?;
    let mut found = Vec::new();
    for (number, rule) in rules.unwrap_or_default().iter().enumerate() {
        if rule.get("disable").and_then(Node::as_bool) == Some(true) {
            continue;
        }
        let name = rule.get("name").and_then(Node::as_text).filter(|name| !name.is_empty());
        let name = name.map_or_else(|| format!("rule {}", number + 1), str::to_owned);
        // One that is not off says no more than without the word.
        let on = rule.get("disable").is_some_and(|node| node.as_bool() == Some(false));
        let said = if on { but(&but(rule, GIVES), &["disable"]) } else { but(rule, GIVES) };
        let asks = rule.get("query").and_then(Node::as_text).is_some_and(|query| !query.trim().is_empty());
        let conditions =
            if asks { vec![said] } else { saying(but(&said, &["query", "disable"])).into_iter().collect() };
        let draw = draw(rule, flag, source, caveats);
        found.push(ReadGroup {
            name: Some(name),
            conditions,
            parts: Vec::new(),
            requires: Vec::new(),
            is_tree: false,
            draw,
        });
    }
    let default = flag.get("defaultRule").ok_or("there is no `defaultRule`")?;
    found.push(ReadGroup::others(draw(default, flag, source, caveats)));
    Ok(found)
}

fn draw(rule: &Node, flag: &Node, source: &FlagSource<'_, '_>, caveats: &mut Vec<String>) -> Result<Draw, Uncomputed> {
    let cannot = |why: &str| uncomputed(why, rule, source.by(""));
    if let Some(rollout) = rule.get("progressiveRollout").filter(|node| !node.is_null()) {
        return progressive(rollout, source, caveats).ok_or_else(|| cannot("its progressive rollout is incomplete"));
    }
    let percentages = rule.get("percentage").and_then(Node::as_map).filter(|map| !map.0.is_empty());
    let Some(percentages) = percentages else {
        let variation = rule.get("variation").and_then(Node::as_text);
        let variation = variation.ok_or_else(|| cannot("it gives no variation"))?;
        if flag.get("variations").is_some_and(|all| all.get(variation).is_none()) {
            let name = in_backticks(variation);
            let caveat = format!("{name} is no variation: users who are to get it get the default of the code");
            caveats.extend((!caveats.contains(&caveat)).then_some(caveat));
            return Ok(Draw::nobody());
        }
        return Ok(Draw::everyone(variation));
    };
    let part = |value: &'_ Node| value.as_number().filter(|_| thousandths(value).is_some()).map(Decimal::to_f64);
    let cut: Option<Vec<(&str, f64)>> =
        percentages.iter().map(|entry| Some((entry.key.as_str(), part(&entry.value)?))).collect();
    let Some(mut cut) = cut else {
        return Err(cannot("a percentage of it is no number, is negative or has more than three decimal places"));
    };
    // "True" before "False", as the generation before had it.
    cut.sort_by(|a, b| b.0.cmp(a.0));
    let parts: Vec<f64> = cut.iter().map(|(_, part)| *part).collect();
    let total = total(&parts).ok_or_else(|| {
        cannot("its percentages are added up in any order, and rounded: users could be drawn otherwise at each look")
    })?;
    let (mut upto, mut last, mut pieces) = (0.0, 0, Vec::new());
    for (variation, part) in cut {
        upto += part * 1000.0;
        let end = whole(upto).unwrap_or(u128::MAX).min(total);
        pieces.push((variation, end.saturating_sub(last)));
        last = end;
    }
    line(source.by(&total.to_string()), pieces, total).ok_or_else(|| cannot("its percentages have no sum"))
}

/// A float as the evaluator makes a whole number of it: cut off, not rounded.
fn whole(number: f64) -> Option<u128> {
    format!("{:.0}", number.trunc()).parse().ok()
}

/// The number of buckets, which the evaluator computes in floats and in the order of a Go map, that is, in any. `None`
/// if it depends on the order.
fn total(parts: &[f64]) -> Option<u128> {
    // Multiples of an eighth are added up exactly.
    if parts.iter().all(|part| (part * 8.0).fract() == 0.0) {
        return whole(parts.iter().sum::<f64>() * 1000.0);
    }
    if parts.len() > MOST_ADDED {
        return None;
    }
    let mut sums = vec![(0.0, parts.to_vec())];
    for _ in parts {
        let next = |(sum, left): (f64, Vec<f64>)| {
            (0..left.len()).filter_map(move |at| {
                let rest = left.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, part)| *part).collect();
                Some((sum + left.get(at)?, rest))
            })
        };
        sums = sums.into_iter().flat_map(next).collect();
    }
    let mut totals = sums.into_iter().map(|(sum, _)| whole(sum * 1000.0));
    let first = totals.next()??;
    totals.all(|total| total == Some(first)).then_some(first)
}

/// A rollout that moves by itself, as it ends.
fn progressive(rollout: &Node, source: &FlagSource<'_, '_>, caveats: &mut Vec<String>) -> Option<Draw> {
    let [initial, last] = ["initial", "end"].map(|side| rollout.get(side));
    let variation = |side: Option<&'_ Node>| side?.get("variation")?.as_text().map(str::to_owned);
    let date = |side: Option<&Node>| side?.get("date")?.as_text().map(str::to_owned);
    let (from, to, at) = (variation(initial)?, variation(last)?, date(last)?);
    if instant(&at)? <= instant(&date(initial)?)? {
        return None;
    }
    let share = match last?.get("percentage").filter(|node| !node.is_null()) {
        None => 100_000,
        Some(node) => {
            thousandths(node)?;
            whole(node.as_number()?.to_f64() * 1000.0)?
        }
    };
    // The evaluator takes 0 and what is over 100 for 100.
    let share = if share == 0 || share > 100_000 { 100_000 } else { share };
    let caveat = format!("a rollout moves by itself until `{at}`, and is taken as it ends");
    if !caveats.contains(&caveat) {
        caveats.push(caveat);
    }
    line(source.by("100000"), [(to.as_str(), share), (from.as_str(), 100_000 - share)], 100_000)
}

/// A flag after a step of its schedule.
fn merged(mut flag: Node, step: &Node) -> Node {
    let there = |node: &'_ Node, key: &str| node.get(key).filter(|node| !node.is_null()).cloned();
    if let Some(disable) = there(step, "disable") {
        set(&mut flag, "disable", disable);
    }
    if let Some(rule) = there(step, "defaultRule") {
        let old = there(&flag, "defaultRule").unwrap_or_else(|| empty(&rule));
        set(&mut flag, "defaultRule", merged_rule(old, &rule));
    }
    if let Some(Data::Map(more)) = there(step, "variations").map(|node| node.data) {
        let mut variations = there(&flag, "variations").unwrap_or_else(|| empty(&flag));
        more.0.into_iter().for_each(|entry| set(&mut variations, &entry.key, entry.value));
        set(&mut flag, "variations", variations);
    }
    if let Some(Data::List(updates)) = there(step, "targeting").map(|node| node.data) {
        let name = |rule: &Node| rule.get("name").and_then(Node::as_text).map(str::to_owned);
        let mut rules = there(&flag, "targeting").map(|node| node.data).and_then(|data| match data {
            Data::List(rules) => Some(rules),
            _ => None,
        });
        let rules = rules.get_or_insert_with(Vec::new);
        for update in updates {
            match rules.iter_mut().find(|rule| name(rule).is_some() && name(rule) == name(&update)) {
                Some(rule) => *rule = merged_rule(rule.clone(), &update),
                None => rules.push(update),
            }
        }
        let place = flag.place;
        set(&mut flag, "targeting", Node::new(place, Data::List(std::mem::take(rules))));
    }
    flag
}

fn merged_rule(mut rule: Node, update: &Node) -> Node {
    for entry in update.as_map().into_iter().flat_map(Map::iter).filter(|entry| !entry.value.is_null()) {
        match (entry.key.as_str(), &entry.value.data) {
            ("percentage", Data::Map(parts)) => {
                let mut all = rule.get("percentage").cloned().unwrap_or_else(|| empty(update));
                for part in parts.iter() {
                    // A negative one takes the variation out.
                    let gone = part.value.as_number().is_some_and(Decimal::is_negative);
                    if gone { unset(&mut all, &part.key) } else { set(&mut all, &part.key, part.value.clone()) }
                }
                set(&mut rule, "percentage", all);
            }
            ("progressiveRollout", Data::Map(sides)) => {
                let mut all = rule.get("progressiveRollout").cloned().unwrap_or_else(|| empty(update));
                for side in sides.iter() {
                    let mut whole = all.get(&side.key).cloned().unwrap_or_else(|| empty(update));
                    let members = side.value.as_map().into_iter().flat_map(Map::iter);
                    members.for_each(|member| set(&mut whole, &member.key, member.value.clone()));
                    set(&mut all, &side.key, whole);
                }
                set(&mut rule, "progressiveRollout", all);
            }
            _ => set(&mut rule, &entry.key, entry.value.clone()),
        }
    }
    rule
}

fn empty(like: &Node) -> Node {
    Node::new(like.place, Data::Map(Map::default()))
}

fn set(node: &mut Node, key: &str, value: Node) {
    unset(node, key);
    if let Data::Map(map) = &mut node.data {
        map.0.push(Entry { key: key.to_owned(), place: value.place, value });
    }
}

fn unset(node: &mut Node, key: &str) {
    if let Data::Map(map) = &mut node.data {
        map.0.retain(|entry| entry.key != key);
    }
}
