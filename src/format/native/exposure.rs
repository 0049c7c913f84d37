//! Exposure model of a native flag: the groups of users that its segments make, and the draw of each as
//! `rolloutPercentage`, `rolloutWeights` and `bucketingSalt` say. Sources are named in [`super::hash`].
//!
//! The first segment that matches holds (`if`, `else if`, in Amplitude's words), whether or not it gives the user a
//! variant. Amplitude's engine goes on to the next segment when one gives nothing, but every segment that its server
//! compiles says `"variant": "off"`, which ends the search.

use std::sync::Arc;

use super::hash;
use crate::diagnostics::words::in_backticks;
use crate::document::decimal::ratio;
use crate::document::{Decimal, Node};
use crate::flag::Flag;
use crate::groups::{Draw, Space, Uncomputed};
use crate::impact::{Group, Groups, MOST_GROUPS, MOST_VARIANTS, Partition, check_lengths, check_variants};

/// The segments of a flag, in their order.
pub fn segments(flag: &Flag) -> &[Node] {
    flag.get("targetSegments").and_then(Node::as_list).unwrap_or_default()
}

/// The string in a field.
pub fn string<'f>(flag: &'f Flag, field: &str) -> Option<&'f str> {
    flag.get(field).and_then(Node::as_text)
}

/// The segments in their order, and all other users last.
///
/// # Errors
/// The size that is too large to be computed.
pub fn groups(flag: &Flag) -> Result<Groups<'_>, String> {
    check_size(flag)?;
    Ok(Groups { list: each(flag, &flag.variants()).collect(), partition: Partition::FirstMatch })
}

/// The variant that every user gets, if all get the same: the inner `None` is no variant, as of a flag that isn't live.
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
        // A segment without conditions leaves nobody to those below it.
        if group.name.is_some() && group.conditions.is_empty() {
            break;
        }
    }
    first
}

/// The variant of one user of a segment, by the value of what is hashed; `None` inside is no variant.
///
/// # Errors
/// The reason why it can't be computed.
pub fn variant_of(flag: &Flag, segment: Option<&str>, value: &str) -> Result<Option<String>, String> {
    if !flag.state.live {
        return Ok(None);
    }
    let groups = groups(flag)?.list;
    let group = groups.iter().find(|group| group.name.as_deref() == segment);
    let draw = group.ok_or("there is no such segment")?.draw.as_ref().map_err(|uncomputed| uncomputed.why.clone())?;
    let (bucket, slot) = hash::place(string(flag, "bucketingSalt").unwrap_or_default(), value);
    Ok(draw.at(bucket, slot).map(str::to_owned))
}

/// Refuses a flag that was made to cost minutes.
fn check_size(flag: &Flag) -> Result<(), String> {
    let segments = segments(flag);
    check_variants(flag)?;
    let weights = |node: Option<&Node>| node.and_then(Node::as_map).map_or(0, |weights| weights.0.len());
    let most = segments.iter().map(|segment| weights(segment.get("rolloutWeights"))).max().unwrap_or(0);
    if most.max(weights(flag.get("rolloutWeights"))) > MOST_VARIANTS {
        return Err(format!("the flag has more than {MOST_VARIANTS} variants"));
    }
    if segments.len() > MOST_GROUPS {
        return Err(format!("the flag has more than {MOST_GROUPS} segments"));
    }
    let own = ["bucketingSalt", "bucketingKey", "bucketingUnit"].iter().filter_map(|field| string(flag, field));
    let of_segments =
        segments.iter().flat_map(|segment| [string_of(segment, "name"), string_of(segment, "bucketingKey")]);
    let of_variants = flag.variant_items().flat_map(|(key, variant)| [key, string_of(variant, "name")]);
    check_lengths(own.chain(of_segments.flatten()).chain(of_variants.flatten()))
}

fn string_of<'n>(node: &'n Node, field: &str) -> Option<&'n str> {
    node.get(field).and_then(Node::as_text)
}

/// The groups one after the other; for a flag of which only the first few matter.
fn each<'f>(flag: &'f Flag, variants: &[&str]) -> impl Iterator<Item = Group<'f>> {
    let shared = flag.get("rolloutWeights");
    let context: Arc<str> = format!("{} {variants:?}", shared.map_or_else(String::new, Node::json)).into();
    let draw = move |percentage: Option<&Node>, own: Option<&Node>, key: Option<&Node>| {
        spread(flag, percentage, own.or(shared), key, variants).map_err(|why| {
            let json = |node: Option<&Node>| node.map_or_else(String::new, Node::json);
            let of = format!("{} {} {}", json(percentage), json(own), by(flag, key));
            Uncomputed { why, of, context: Arc::clone(&context) }
        })
    };
    let group = move |segment: Option<&'f Node>| match segment {
        Some(segment) => Group {
            name: Some(segment.get("name").and_then(Node::as_text).unwrap_or("?").to_owned()),
            conditions: segment.get("conditions").and_then(Node::as_list).unwrap_or_default().iter().collect(),
            draw: draw(segment.get("percentage"), segment.get("rolloutWeights"), segment.get("bucketingKey")),
            requires: &[],
            is_tree: false,
            unhashed: None,
            way: None,
        },
        None => Group {
            name: None,
            conditions: Vec::new(),
            draw: draw(flag.get("rolloutPercentage"), None, None),
            requires: &[],
            is_tree: false,
            unhashed: None,
            way: None,
        },
    };
    segments(flag).iter().map(Some).chain([None]).map(group)
}

/// The input of the hash, written so that two inputs are told apart. An absent salt is one that the server keeps.
fn by(flag: &Flag, own: Option<&Node>) -> String {
    let text = |node: Option<&Node>| node.and_then(Node::as_text).map(str::to_owned);
    let key = text(own).or_else(|| text(flag.get("bucketingKey")));
    let unit = text(flag.get("bucketingUnit")).unwrap_or_else(|| "User".to_owned());
    format!("{:?}", (text(flag.get("bucketingSalt")), key, unit))
}

/// The draw of a group with this percentage, these weights and maybe a bucketing key of its own. The error says why it
/// can't be computed.
fn spread(
    flag: &Flag,
    percentage: Option<&Node>,
    weights: Option<&Node>,
    key: Option<&Node>,
    variants: &[&str],
) -> Result<Draw, String> {
    let Some(percentage) = percentage else { return Ok(Draw::nobody()) };
    let percentage =
        percentage.as_number().ok_or_else(|| format!("{} is no percentage", in_backticks(&percentage.json())))?;
    let rows = rows(percentage).ok_or_else(|| format!("`{percentage}` is not from 0 to 100"))?;
    if rows == 0 {
        return Ok(Draw::nobody());
    }
    // Everyone who is in gets the only variant there is.
    if let (None, [only]) = (weights, variants) {
        return Ok(Draw {
            space: Space { rows: hash::BUCKETS },
            by: by(flag, key),
            rows,
            ends: hash::cut(1, 1).map(|end| ((*only).to_owned(), end)).into_iter().collect(),
        });
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
    Ok(Draw { space: Space { rows: hash::BUCKETS }, by: by(flag, key), rows, ends })
}

/// The number of buckets that a percentage allocates. A bucket is allocated if it is less than the percentage, so 12.5
/// takes 13 of them; how the server makes the whole number of the compiled form out of it is not public.
fn rows(percentage: &Decimal) -> Option<u64> {
    if let Some(whole) = percentage.to_integer() {
        return u64::try_from(whole).ok().filter(|whole| *whole <= hash::BUCKETS);
    }
    (1..=hash::BUCKETS)
        .find(|rows| Decimal::parse(&rows.to_string()).is_some_and(|rows| rows > *percentage))
        .filter(|_| !percentage.is_negative())
}
