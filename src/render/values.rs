//! Values in words: conditions, ratios and percentages. Everything that comes out is visible text.

use std::collections::{BTreeMap, BTreeSet};

use crate::changes::written::json;
use crate::diagnostics::escape as safe;
use crate::document::{Decimal, Map, Node, decimal};
use crate::format::Format;

/// A condition in the words of its format, `country is US or CA`; as JSON if it has no words.
pub(super) fn condition(node: &Node, format: &Format) -> String {
    (format.condition_words)(node, usize::MAX).unwrap_or_else(|| json(node))
}

/// A condition in little room: of many values the first, and how many more there are.
pub(super) fn short_condition(node: &Node, format: &Format) -> String {
    safe::cut(&(format.condition_words)(node, FEW).unwrap_or_else(|| json(node)), LONGEST)
}

/// Whether a condition can be put in words.
pub(super) fn has_words(node: &Node, format: &Format) -> bool {
    (format.condition_words)(node, 1).is_some()
}

/// Values of a condition that are shown where there may be thousands, because user ids are a usual property.
const FEW: usize = 12;

/// Characters of a condition in little room.
const LONGEST: usize = 600;

/// The weights of a flag with more variants are shown in their own order: each of thousands of changes would go through
/// all variants, and a file must not be able to take that long.
const MOST_ORDERED: usize = 1_000;

/// Weights of variants, before and after.
pub(super) struct Spread {
    /// Variant keys in the order of the report, then keys that only the weights have.
    pub keys: Vec<String>,
    pub before: Option<Vec<Decimal>>,
    pub after: Option<Vec<Decimal>>,
}

impl Spread {
    /// `None` if a side is neither absent nor a map of weights.
    pub(super) fn of(before: Option<&Node>, after: Option<&Node>, variants: &[String]) -> Option<Self> {
        let weights = |side: Option<&Node>| match side.filter(|node| !node.is_null()) {
            None => Some(None),
            Some(node) => {
                let map = node.as_map()?;
                let numbers = |map: &Map| map.iter().all(|entry| entry.value.as_number().is_some());
                (numbers(map) && !map.0.is_empty()).then(|| Some(map.clone()))
            }
        };
        let (before, after) = (weights(before)?, weights(after)?);
        if before.is_none() && after.is_none() {
            return None;
        }
        // By name, so that thousands of variants cost no more than a file of that size should.
        let by_name = |map: &Map| -> BTreeMap<String, Decimal> {
            map.iter().filter_map(|entry| Some((entry.key.clone(), entry.value.as_number()?.clone()))).collect()
        };
        let sides = [&before, &after].map(|side| side.as_ref().map(by_name));
        let named = |key: &&String| sides.iter().flatten().any(|side| side.contains_key(*key));
        let listed = if variants.len() > MOST_ORDERED { &[] } else { variants };
        let mut keys: Vec<String> = listed.iter().filter(named).cloned().collect();
        let mut taken: BTreeSet<String> = keys.iter().cloned().collect();
        for entry in [&before, &after].into_iter().flatten().flat_map(Map::iter) {
            if taken.insert(entry.key.clone()) {
                keys.push(entry.key.clone());
            }
        }
        let zero = Decimal::parse("0")?;
        let [before, after] = sides.map(|side| {
            let weight = |side: &BTreeMap<String, Decimal>, key| side.get(key).unwrap_or(&zero).clone();
            side.map(|side| keys.iter().map(|key| weight(&side, key)).collect::<Vec<_>>())
        });
        Some(Spread { keys, before, after })
    }

    /// Both ratios in smallest whole numbers, `1:3`; as written in the file if they are equal.
    pub(super) fn ratios(&self) -> (Option<String>, Option<String>) {
        let (mut before, mut after) = (self.before.as_deref().map(reduced), self.after.as_deref().map(reduced));
        if before == after {
            before = self.before.as_deref().map(written);
            after = self.after.as_deref().map(written);
        }
        (before, after)
    }

    /// The share of each variant, before and after, from 0 to 1.
    pub(super) fn shares(&self) -> Vec<(Option<f64>, Option<f64>)> {
        let shares = |side: &Option<Vec<Decimal>>| -> Vec<f64> {
            let weights: Vec<f64> = side.iter().flatten().map(Decimal::to_f64).collect();
            let total: f64 = weights.iter().sum();
            weights.iter().map(|weight| if total > 0.0 { (weight / total).clamp(0.0, 1.0) } else { 0.0 }).collect()
        };
        let (before, after) = (shares(&self.before), shares(&self.after));
        (0..self.keys.len()).map(|index| (before.get(index).copied(), after.get(index).copied())).collect()
    }
}

fn reduced(weights: &[Decimal]) -> String {
    match decimal::ratio(&weights.iter().collect::<Vec<_>>()) {
        Some(ratio) => ratio.iter().map(u128::to_string).collect::<Vec<_>>().join(":"),
        None => written(weights),
    }
}

fn written(weights: &[Decimal]) -> String {
    weights.iter().map(Decimal::to_string).collect::<Vec<_>>().join(":")
}

/// Two shares (0 to 1) as percentages, with as many decimals as it takes to tell them apart, at most six.
pub(super) fn percents(before: Option<f64>, after: Option<f64>) -> (String, String) {
    let write = |share: Option<f64>, places: usize| share.map_or(String::new(), |share| percent(share * 100.0, places));
    let apart = |places: &usize| before == after || write(before, *places) != write(after, *places);
    let places = (1..6).find(apart).unwrap_or(6);
    (write(before, places), write(after, places))
}

fn percent(value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "0" && value > 0.0 {
        return format!("<0.{}1%", "0".repeat(places.saturating_sub(1)));
    }
    format!("{text}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_told_apart() {
        let cases = [
            (0.5, 0.25, "50%", "25%"),
            (1.0 / 3.0, 2.0 / 3.0, "33.3%", "66.7%"),
            (0.33333, 0.33334, "33.333%", "33.334%"),
            (0.0, 0.00001, "0%", "<0.1%"),
            (1.0, 1.0, "100%", "100%"),
        ];
        for (before, after, left, right) in cases {
            assert_eq!(percents(Some(before), Some(after)), (left.to_owned(), right.to_owned()));
        }
    }
}
