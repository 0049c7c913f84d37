//! Checks of one native flag beyond the shapes of its fields. Most of them are facts of Amplitude's documentation
//! (<https://amplitude.com/docs/feature-experiment>) that a reviewer would have to know by heart.

use std::collections::BTreeSet;

use crate::diagnostics::diagnostic::{choice, nearest};
use crate::diagnostics::{Diagnostics, Place, lints};
use crate::document::date::instant;
use crate::document::{Map, Node};
use crate::flag::{Flag, Kind};

/// How many users a variant may include by name.
const MOST_INCLUSIONS: usize = 2000;

/// Adds the diagnostics of one flag.
pub fn check(flag: &Flag, diagnostics: &mut Diagnostics<'_>) {
    let variants = flag.variants();
    let known: BTreeSet<&str> = variants.iter().copied().collect();
    variant_names(flag, diagnostics);
    segments(flag, diagnostics);
    no_variants(flag, diagnostics);
    sticky(flag, diagnostics);
    times(flag, diagnostics);
    // Where a variant has no key, or the list is none, the error is there and not at the names of variants.
    let key = |variant: &Node| variant.get("key").and_then(Node::as_text).is_some();
    if !flag.get("variants").is_none_or(|list| list.as_list().is_some_and(|items| items.iter().all(key))) {
        return;
    }
    for (weights, whose) in all_weights(flag) {
        distribution(weights, &whose, &known, &variants, diagnostics);
    }
    if let Some(winner) = flag.get("rolledOutVariant")
        && let Some(text) = winner.as_text()
        && !variants.contains(&text)
    {
        unknown_variant(text, "rolledOutVariant", winner.place, &variants, diagnostics);
    }
}

fn items<'f>(flag: &'f Flag, field: &str) -> &'f [Node] {
    flag.get(field).and_then(Node::as_list).unwrap_or_default()
}

fn variant_names(flag: &Flag, diagnostics: &mut Diagnostics<'_>) {
    for variant in items(flag, "variants") {
        let Some(key) = variant.get("key") else { continue };
        if key.as_text().is_some_and(|text| text.eq_ignore_ascii_case("off")) {
            diagnostics.add(
                lints::VARIANT_NAMED_OFF,
                key.place,
                "a variant is named `off`, which stands for users who get none",
                "call it `control` or `disabled`",
            );
        }
        let users = variant.get("inclusions").and_then(|inclusions| inclusions.get("users"));
        if let Some(users) = users
            && users.as_list().is_some_and(|list| list.len() > MOST_INCLUSIONS)
        {
            let count = users.as_list().map_or(0, <[Node]>::len);
            diagnostics.add(
                lints::TOO_MANY_INCLUSIONS,
                users.place,
                format!("{count} users are included by name, and {MOST_INCLUSIONS} can be"),
                "put them in a cohort",
            );
        }
    }
}

/// A live flag that has nothing to give. Weights without variants are errors that say it already.
fn no_variants(flag: &Flag, diagnostics: &mut Diagnostics<'_>) {
    let listed = flag.get("variants").is_some_and(|list| list.as_list().is_none_or(|items| !items.is_empty()));
    if flag.state.live && !listed && all_weights(flag).is_empty() {
        let off = match flag.kind {
            Kind::Flag => "inactive",
            Kind::Experiment => "planning",
        };
        diagnostics.add(
            lints::NO_VARIANTS,
            flag.state.place,
            format!("`state` is `{}` and there are no `variants`, so nobody gets anything", flag.state.word),
            format!("add `variants: [{{key: \"on\"}}]`, or write `state: {off}`"),
        );
    }
}

/// The weights of the flag and of each segment, each with its name in a message.
fn all_weights(flag: &Flag) -> Vec<(&Node, String)> {
    let own = flag.get("rolloutWeights").map(|weights| (weights, "`rolloutWeights`".to_owned()));
    let segments = items(flag, "targetSegments").iter().filter_map(|segment| {
        let name = segment.get("name").and_then(Node::as_text).unwrap_or("?");
        Some((segment.get("rolloutWeights")?, format!("`rolloutWeights` of segment `{}`", name.escape_debug())))
    });
    own.into_iter().chain(segments).collect()
}

fn distribution(
    weights: &Node,
    whose: &str,
    known: &BTreeSet<&str>,
    variants: &[&str],
    diagnostics: &mut Diagnostics<'_>,
) {
    let Some(map) = weights.as_map() else { return };
    for entry in map.iter().filter(|entry| !known.contains(entry.key.as_str())) {
        let remedy = match nearest(&entry.key, variants.iter().copied()) {
            Some(meant) => format!("write `{meant}` if that is what you mean"),
            None => instead(variants),
        };
        diagnostics.add(
            lints::WEIGHTS_WITHOUT_VARIANT,
            entry.place,
            format!("{whose} names `{}`, which is no variant", entry.key.escape_debug()),
            remedy,
        );
    }
    let zero = |entry: &crate::document::Entry| entry.value.as_number().is_some_and(crate::document::Decimal::is_zero);
    if map.iter().all(zero) {
        diagnostics.add(
            lints::WEIGHTS_ALL_ZERO,
            weights.place,
            format!("all weights in {whose} are zero"),
            "give at least one variant a weight above zero",
        );
    }
}

fn segments(flag: &Flag, diagnostics: &mut Diagnostics<'_>) {
    let segments = items(flag, "targetSegments");
    // A segment that is no map was reported with its shape.
    for segment in segments.iter().filter(|segment| segment.as_map().is_some()) {
        let name = segment.get("name").and_then(Node::as_text).unwrap_or("?");
        // Conditions that are no list were reported with their shape.
        if segment.get("conditions").is_none_or(|all| all.as_list().is_some_and(<[Node]>::is_empty)) {
            diagnostics.add(
                lints::SEGMENT_TAKES_EVERYONE,
                segment.place,
                format!(
                    "segment `{}` has no conditions, so it takes every user and those below it none",
                    name.escape_debug()
                ),
                "add `conditions`, or use `rolloutPercentage` for everyone",
            );
        }
    }
    // Only ratios are compared, because a segment at another percentage biases nothing.
    let numbers = |weights: &&Map| weights.iter().all(|entry| entry.value.as_number().is_some());
    let ratio = |weights: &Node| weights.as_map().filter(numbers).map(normal);
    let shares = |segment: &Node| segment.get("rolloutWeights").and_then(ratio);
    let mut seen: Option<String> = flag.get("rolloutWeights").and_then(ratio);
    for segment in segments.iter().filter(|_| flag.kind == Kind::Experiment) {
        let Some(share) = shares(segment) else { continue };
        let place = segment.get("rolloutWeights").map_or(segment.place, |weights| weights.place);
        match &seen {
            Some(first) if *first != share => {
                diagnostics.add(
                    lints::UNEVEN_SEGMENTS,
                    place,
                    "this segment distributes otherwise than the rest of the experiment, which biases its results",
                    "use the same ratio everywhere",
                );
                break;
            }
            Some(_) => {}
            None => seen = Some(share),
        }
    }
}

fn normal(weights: &Map) -> String {
    let node = Node::new(Place::START, crate::document::Data::Map(weights.clone()));
    crate::document::canonical::canonical(&node, &crate::document::Shape::Weights)
}

fn sticky(flag: &Flag, diagnostics: &mut Diagnostics<'_>) {
    let local = flag.get("evaluationMode").and_then(Node::as_text) == Some("local");
    if let Some(sticky) = flag.get("stickyBucketing").filter(|sticky| local && sticky.as_bool() == Some(true)) {
        diagnostics.add(
            lints::STICKY_LOCAL,
            sticky.place,
            "`stickyBucketing` is on and `evaluationMode` is `local`, which cannot remember anyone",
            "switch it off, or evaluate remotely",
        );
    }
}

fn times(flag: &Flag, diagnostics: &mut Diagnostics<'_>) {
    let time = |field: &str| flag.get(field).and_then(Node::as_text).and_then(instant);
    if flag.state.word == "scheduled" && flag.get("startDate").is_none() {
        diagnostics.add(
            lints::SCHEDULED_WITHOUT_START,
            flag.state.place,
            "`state` is `scheduled` and there is no `startDate`",
            "add `startDate:`, or choose another state",
        );
    }
    if let (Some(start), Some(end), Some(node)) = (time("startDate"), time("endDate"), flag.get("endDate"))
        && start >= end
    {
        diagnostics.add(
            lints::START_AFTER_END,
            node.place,
            "`endDate` is not after `startDate`",
            "swap them, or fix the wrong one",
        );
    }
}

fn unknown_variant(text: &str, field: &str, place: Place, variants: &[&str], diagnostics: &mut Diagnostics<'_>) {
    let message = format!("`{field}` is `{}`, which is no variant", text.escape_debug());
    diagnostics.add(lints::UNKNOWN_VARIANT, place, message, instead(variants));
}

fn instead(variants: &[&str]) -> String {
    if variants.is_empty() {
        return "add it to `variants`".to_owned();
    }
    format!("name one of {}", choice(variants.iter().copied()))
}
