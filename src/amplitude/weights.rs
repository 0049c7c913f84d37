//! Weights of all users, which the API writes one variant at a time.
//!
//! In: the numbers that Amplitude has and those of the file. Out: one call for each number that changes, and the
//! distributions in between, which nobody asked for. Growing weights come first, so that the sum is never zero; numbers
//! are those of the file on the scale that Amplitude has them in. Not taken: a catch-all segment, which is atomic and
//! another shape.

use std::collections::BTreeMap;

use crate::document::{Decimal, Map, Node};

/// One variant with its new weight.
#[derive(Clone, PartialEq, Debug)]
pub struct WeightChange {
    pub variant: String,
    pub weight: Decimal,
}

/// The changes in their order. `then` are the weights that Amplitude's come from, for their scale.
#[must_use]
pub fn changes(have: Option<&Map>, want: &Map, then: Option<&Map>, variants: &[String]) -> Vec<WeightChange> {
    let have = numbers(have);
    let scale = scale(&have, &numbers(then));
    let want: BTreeMap<&str, Decimal> =
        numbers(Some(want)).into_iter().map(|(key, number)| (key, times(number, scale))).collect();
    let zero = Decimal::parse("0");
    let of = |all: &BTreeMap<&str, Decimal>, key: &str| all.get(key).cloned().or_else(|| zero.clone());
    let mut found: Vec<(bool, WeightChange)> = Vec::new();
    for variant in variants {
        let (Some(is), Some(to)) = (of(&have, variant), of(&want, variant)) else { continue };
        if is != to {
            let grows = to.to_f64() > is.to_f64();
            found.push((!grows, WeightChange { variant: variant.clone(), weight: to }));
        }
    }
    found.sort_by_key(|(falls, _)| *falls);
    found.into_iter().map(|(_, change)| change).collect()
}

/// The distribution after each change but the last: `on 50%, off-peak 50%`.
#[must_use]
pub fn between(have: Option<&Map>, changes: &[WeightChange], variants: &[String]) -> Vec<String> {
    let mut now: BTreeMap<String, Decimal> =
        numbers(have).into_iter().map(|(key, number)| (key.to_owned(), number)).collect();
    let mut found = Vec::new();
    for change in changes.iter().take(changes.len().saturating_sub(1)) {
        now.insert(change.variant.clone(), change.weight.clone());
        found.push(shares(&now, variants));
    }
    found
}

fn shares(weights: &BTreeMap<String, Decimal>, variants: &[String]) -> String {
    let of = |variant: &String| weights.get(variant).map_or(0.0, Decimal::to_f64);
    let total: f64 = variants.iter().map(of).sum();
    let share = |variant: &String| {
        let share = if total > 0.0 { 100.0 * of(variant) / total } else { 0.0 };
        let text = format!("{share:.1}");
        format!("{variant} {}%", text.strip_suffix(".0").unwrap_or(&text))
    };
    variants.iter().map(share).collect::<Vec<_>>().join(", ")
}

fn numbers(map: Option<&Map>) -> BTreeMap<&str, Decimal> {
    let all = map.into_iter().flat_map(Map::iter);
    all.filter_map(|entry| Some((entry.key.as_str(), entry.value.as_number()?.clone()))).collect()
}

/// How many times the numbers of `then` Amplitude's are; 1 if they are no multiple of them.
fn scale(have: &BTreeMap<&str, Decimal>, then: &BTreeMap<&str, Decimal>) -> f64 {
    let positive = then.iter().filter(|(_, weight)| weight.to_f64() > 0.0);
    let mut ratios = positive.map(|(key, weight)| have.get(key).map_or(0.0, Decimal::to_f64) / weight.to_f64());
    let Some(first) = ratios.next().filter(|first| *first > 0.0) else { return 1.0 };
    if ratios.all(|ratio| (ratio - first).abs() < first * 1e-9) { first } else { 1.0 }
}

fn times(number: Decimal, scale: f64) -> Decimal {
    if (scale - 1.0).abs() < 1e-12 {
        return number;
    }
    let text = format!("{:.6}", number.to_f64() * scale);
    Decimal::parse(text.trim_end_matches('0').trim_end_matches('.')).unwrap_or(number)
}

/// The weights of a record.
pub(super) fn map_of(node: Option<&Node>) -> Option<&Map> {
    node.and_then(Node::as_map)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amplitude::json;

    fn weights(text: &str) -> Node {
        json::node(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn as_few_calls_as_the_numbers_need() {
        let keys: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
        for (have, want, then, calls, between_them) in [
            (r#"{"a":1,"b":1}"#, r#"{"a":3,"b":1}"#, r#"{"a":1,"b":1}"#, "a=3", ""),
            (r#"{"a":1,"b":1,"c":1}"#, r#"{"a":2,"b":1,"c":0}"#, "{}", "a=2 c=0", "a 50%, b 25%, c 25%"),
            (r#"{"a":60,"b":40}"#, r#"{"a":50,"b":50}"#, r#"{"a":60,"b":40}"#, "b=50 a=50", "a 54.5%, b 45.5%, c 0%"),
            // The file has its numbers on another scale.
            (r#"{"a":60,"b":40}"#, r#"{"a":1,"b":1}"#, r#"{"a":3,"b":2}"#, "a=20 b=20", "a 33.3%, b 66.7%, c 0%"),
            (r#"{"a":1,"b":1}"#, r#"{"a":0,"b":100}"#, "{}", "b=100 a=0", "a 1%, b 99%, c 0%"),
            ("{}", r#"{"a":1}"#, "{}", "a=1", ""),
        ] {
            let (have, want, then) = (weights(have), weights(want), weights(then));
            let found = changes(have.as_map(), want.as_map().unwrap(), then.as_map(), &keys);
            let said: Vec<String> = found.iter().map(|one| format!("{}={}", one.variant, one.weight)).collect();
            assert_eq!(said.join(" "), calls);
            assert_eq!(between(have.as_map(), &found, &keys).join("; "), between_them);
        }
    }
}
