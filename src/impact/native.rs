//! The groups of a native flag: what `rolloutPercentage`, `rolloutWeights` and `targetSegments` say, as draws.

use std::rc::Rc;

use super::conditions::ticked;
use super::draw::{Draw, Space, Unknown};
use super::groups::Group;
use super::hash;
use crate::document::decimal::ratio;
use crate::document::{Decimal, Node};
use crate::flag::Flag;

/// The segments in their order, and all other users last.
#[must_use]
pub fn groups(flag: &Flag) -> Vec<Group<'_>> {
    each(flag, &flag.variants()).collect()
}

/// The one thing everybody gets, if it is one: the inner `None` is no variant, which is what a flag that isn't live gives.
#[must_use]
pub fn everyone_gets(flag: &Flag) -> Option<Option<String>> {
    if !flag.state.live {
        return Some(None);
    }
    let (variants, mut first) = (flag.variants(), None);
    for group in each(flag, &variants) {
        let gets = group.draw.ok()?.constant()?.map(str::to_owned);
        if *first.get_or_insert_with(|| gets.clone()) != gets {
            return None;
        }
        // It leaves nobody to those below it.
        if group.name.is_some() && group.conditions.is_empty() {
            break;
        }
    }
    first
}

fn each<'f>(flag: &'f Flag, variants: &[&str]) -> impl Iterator<Item = Group<'f>> {
    let segments = flag.get("targetSegments").and_then(Node::as_list).unwrap_or_default();
    let shared = flag.get("rolloutWeights");
    let among: Rc<str> = format!("{} {variants:?}", shared.map_or_else(String::new, Node::json)).into();
    let draw = move |percentage: Option<&Node>, own: Option<&Node>, key: Option<&Node>| {
        spread(flag, percentage, own.or(shared), key, variants).map_err(|why| {
            let json = |node: Option<&Node>| node.map_or_else(String::new, Node::json);
            let of = format!("{} {} {}", json(percentage), json(own), by(flag, key));
            Unknown { why, of, among: Rc::clone(&among) }
        })
    };
    let group = move |segment: Option<&'f Node>| match segment {
        Some(segment) => Group {
            name: Some(segment.get("name").and_then(Node::as_text).unwrap_or("?").to_owned()),
            conditions: segment.get("conditions").and_then(Node::as_list).unwrap_or_default(),
            draw: draw(segment.get("percentage"), segment.get("rolloutWeights"), segment.get("bucketingKey")),
        },
        None => Group { name: None, conditions: &[], draw: draw(flag.get("rolloutPercentage"), None, None) },
    };
    segments.iter().map(Some).chain([None]).map(group)
}

/// What is hashed, in words that tell two of it apart. An absent salt is one that the server keeps.
fn by(flag: &Flag, own: Option<&Node>) -> String {
    let text = |node: Option<&Node>| node.and_then(Node::as_text).map(str::to_owned);
    let key = text(own).or_else(|| text(flag.get("bucketingKey")));
    let unit = text(flag.get("bucketingUnit")).unwrap_or_else(|| "User".to_owned());
    format!("{:?}", (text(flag.get("bucketingSalt")), key, unit))
}

fn spread(
    flag: &Flag,
    percentage: Option<&Node>,
    weights: Option<&Node>,
    key: Option<&Node>,
    variants: &[&str],
) -> Result<Draw, String> {
    let Some(percentage) = percentage else { return Ok(Draw::nobody()) };
    let percentage =
        percentage.as_number().ok_or_else(|| format!("{} is no percentage", ticked(&percentage.json())))?;
    let rows = rows(percentage).ok_or_else(|| format!("`{percentage}` is not from 0 to 100"))?;
    if rows == 0 {
        return Ok(Draw::nobody());
    }
    let weights = weights.and_then(Node::as_map).ok_or("there are no `rolloutWeights` to spread users by")?;
    let zero = Decimal::parse("0");
    let weight = |variant: &&str| match weights.get(variant) {
        Some(node) => node.as_number(),
        None => zero.as_ref(),
    };
    let listed: Option<Vec<&Decimal>> = variants.iter().map(weight).collect();
    let listed = listed.ok_or("a weight is no number")?;
    // All zero, one negative, or too far apart.
    let ratio = ratio(&listed).ok_or("no ratio can be made of the weights")?;
    let too_far = || "the weights are too far apart to be computed".to_owned();
    let total = ratio.iter().try_fold(0u128, |sum, weight| sum.checked_add(*weight)).ok_or_else(too_far)?;
    let (mut upto, mut ends, mut last) = (0u128, Vec::new(), 0);
    for (variant, weight) in variants.iter().zip(ratio) {
        upto += weight;
        let end = hash::cut(upto, total).ok_or_else(too_far)?;
        if end > last {
            ends.push(((*variant).to_owned(), end));
            last = end;
        }
    }
    Ok(Draw { space: Space::Buckets, by: by(flag, key), rows, ends })
}

/// How many buckets are allocated. A bucket is allocated when it is less than the percentage, so 12.5 takes 13 of them;
/// how the server makes the whole number of the compiled form out of it is not public.
fn rows(percentage: &Decimal) -> Option<u64> {
    if let Some(whole) = percentage.to_integer() {
        return u64::try_from(whole).ok().filter(|whole| *whole <= hash::BUCKETS);
    }
    (1..=hash::BUCKETS)
        .find(|rows| Decimal::parse(&rows.to_string()).is_some_and(|rows| rows > *percentage))
        .filter(|_| !percentage.is_negative())
}
