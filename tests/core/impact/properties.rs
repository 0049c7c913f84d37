//! Properties of every change, checked against hashing users one by one.

use std::collections::BTreeMap;

use countersign::flag::Flag;
use countersign::format::native::hash::{BUCKETS, SLOTS, place};
use countersign::format::native::variant_of;
use countersign::groups::Share;
use countersign::impact::{Impact, of as effect};
use proptest::prelude::*;

use super::live;

/// A spread as a file has it: order of variants with weights, percentage, salt.
#[derive(Clone, Debug)]
struct Spread {
    order: Vec<usize>,
    weights: Vec<u32>,
    percentage: u32,
    salt: u32,
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

impl Spread {
    fn flag(&self) -> Flag {
        let variants: Vec<String> = self.order.iter().map(|at| format!("{{key: {}}}", NAMES[*at])).collect();
        let weights: Vec<String> =
            self.order.iter().map(|at| format!("{}: {}", NAMES[*at], self.weights[*at])).collect();
        live(&format!(
            "variants: [{}]\nrolloutWeights: {{{}}}\nrolloutPercentage: {}\nbucketingSalt: 's{}'",
            variants.join(", "),
            weights.join(", "),
            self.percentage,
            self.salt
        ))
    }

    /// By the words of the documentation alone.
    fn draw(&self, id: u32) -> Option<&'static str> {
        let (bucket, slot) = place(&format!("s{}", self.salt), &id.to_string());
        if bucket >= u64::from(self.percentage) {
            return None;
        }
        let total: u64 = self.weights.iter().map(|weight| u64::from(*weight)).sum();
        let mut upto = 0;
        let found = self.order.iter().find(|at| {
            upto += u64::from(self.weights[**at]);
            // slot < ceil(SLOTS * upto / total)
            slot * total < SLOTS * upto
        });
        found.map(|at| NAMES[*at])
    }
}

fn spread() -> impl Strategy<Value = Spread> {
    let order = (1..=4usize).prop_flat_map(|n| Just((0..n).collect::<Vec<_>>()).prop_shuffle());
    let weights = prop::collection::vec(0..20u32, 4).prop_map(|mut weights| {
        weights[0] += 1;
        weights
    });
    (order, weights, 0..=100u32, 0..2u32).prop_map(|(order, mut weights, percentage, salt)| {
        for (at, weight) in weights.iter_mut().enumerate() {
            if !order.contains(&at) {
                *weight = 0;
            }
        }
        Spread { order, weights, percentage, salt }
    })
}

fn matrix(effect: &Impact) -> BTreeMap<(Option<String>, Option<String>), Share> {
    let [group] = effect.per_segment.as_slice() else { panic!("{effect:?}") };
    group.matrix.iter().map(|flow| ((flow.from.clone(), flow.to.clone()), flow.share)).collect()
}

/// Numerators over a denominator of 2^64 add up to it exactly.
fn whole(shares: impl Iterator<Item = Share>) -> bool {
    shares.map(|share| share.numerator() * ((1 << 64) / share.denominator())).sum::<u128>() == 1 << 64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(crate::properties::cases(96)))]

    #[test]
    fn shares_add_up_and_swapping_sides_transposes(one in spread(), other in spread()) {
        let (before, after) = (one.flag(), other.flag());
        let there = effect(Some(&before), Some(&after));
        let forth = matrix(&there);
        prop_assert!(whole(forth.values().copied()));
        let [group] = there.per_segment.as_slice() else { panic!() };
        let kept = forth.iter().filter(|((from, to), _)| from == to).map(|(_, share)| *share);
        prop_assert!(whole(kept.chain([group.switch, group.newly, group.lose])));
        let back = matrix(&effect(Some(&after), Some(&before)));
        let turned: BTreeMap<_, _> = back.into_iter().map(|((from, to), share)| ((to, from), share)).collect();
        prop_assert_eq!(forth, turned);
    }

    #[test]
    fn nothing_changes_when_nothing_does(one in spread(), times in 2..7u32) {
        let same = effect(Some(&one.flag()), Some(&one.flag()));
        prop_assert!(same.is_nothing());
        let scaled = Spread { weights: one.weights.iter().map(|weight| weight * times).collect(), ..one.clone() };
        let scaled = effect(Some(&one.flag()), Some(&scaled.flag()));
        prop_assert!(scaled.is_nothing() && scaled.affected() == Share::NOBODY);
    }

    /// Every cell of the matrix against counting users; each user's variant against the documentation.
    #[test]
    fn the_matrix_is_what_hashing_gives(one in spread(), other in spread(), reorder in any::<bool>()) {
        let mut other = other;
        if reorder {
            // The same but for the order of the variants.
            other = Spread { order: one.order.iter().rev().copied().collect(), ..one.clone() };
        }
        let (before, after) = (one.flag(), other.flag());
        let matrix = matrix(&effect(Some(&before), Some(&after)));
        let ids = 3000u32;
        let mut counts: BTreeMap<(Option<String>, Option<String>), u32> = BTreeMap::new();
        for id in 0..ids {
            let (from, to) = (one.draw(id).map(str::to_owned), other.draw(id).map(str::to_owned));
            if id < 300 {
                prop_assert_eq!(variant_of(&before, None, &id.to_string()), Ok(from.clone()));
                prop_assert_eq!(variant_of(&after, None, &id.to_string()), Ok(to.clone()));
            }
            *counts.entry((from, to)).or_default() += 1;
        }
        for cell in counts.keys() {
            prop_assert!(matrix.contains_key(cell), "{:?} is not in {:?}", cell, matrix);
        }
        for (cell, share) in &matrix {
            let expected = share.to_f64();
            let counted = f64::from(counts.get(cell).copied().unwrap_or(0)) / f64::from(ids);
            let error = (expected * (1.0 - expected) / f64::from(ids)).sqrt();
            prop_assert!((expected - counted).abs() <= 6.0 * error + 0.002, "{:?}: {} {}", cell, expected, counted);
        }
    }
}

/// Where parts of the hash space meet, and at its ragged end, against counting every one of the hashes there.
#[test]
fn the_ragged_end_is_counted() {
    let total: u64 = (0..BUCKETS).map(|bucket| ((1u64 << 32) - 1 - bucket) / BUCKETS + 1).sum();
    assert_eq!(total, 1 << 32);
    let flag = |percentage| live(&format!("rolloutWeights: {{control: 1}}\nrolloutPercentage: {percentage}"));
    for percentage in 0..=100u64 {
        let effect = effect(None, Some(&flag(percentage)));
        let buckets: u64 = (0..percentage).map(|bucket| ((1u64 << 32) - 1 - bucket) / BUCKETS + 1).sum();
        let share = effect.per_segment[0].newly;
        assert_eq!(share.numerator() * ((1 << 32) / share.denominator()), u128::from(buckets), "{percentage}");
    }
}
