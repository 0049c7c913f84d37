//! Random edits of files in every format: values, members, items, names and order, and what holds of each.
//!
//! The edits are the same in each run, since what says the same in a format is a list that people keep (`equivalent`);
//! more of them can be asked for with `PROPTEST_CASES` when a mapping or the core is changed.

mod edit;
mod equivalent;
mod seeds;

mod tree;

use std::collections::BTreeMap;

use countersign::changes::change::{Change, Class};
use countersign::flag::File;
use countersign::policy::{CONFIG_PATH, FORMATS_FOLDER};
use countersign::report::{Report, Verdict};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::config;
use crate::files::judge_files;
use crate::properties::cases;
use edit::{Dice, edit, move_member};
use seeds::{SEEDS, Seed};
use tree::Tree;

type Files = BTreeMap<String, Tree>;

impl Seed {
    fn read(&self) -> Files {
        self.files.iter().map(|(path, text)| ((*path).to_owned(), serde_json::from_str(text).unwrap())).collect()
    }

    fn judge(&self, before: &Files, after: &Files) -> Report {
        let side = |files: &Files| -> BTreeMap<String, File> {
            let trees = files.iter().map(|(path, tree)| (path.clone(), tree.to_string()));
            let mapping = self.mapping.map(|text| (format!("{FORMATS_FOLDER}/{}.yaml", self.id), text.to_owned()));
            let all = trees.chain(mapping).chain([(CONFIG_PATH.to_owned(), config(self.id))]);
            all.map(|(path, text)| (path.clone(), File::regular(path, text.into_bytes()))).collect()
        };
        judge_files(&side(before), &side(after), None, &[]).unwrap_or_else(|found| panic!("{found:#?}"))
    }
}

fn changes(report: &Report) -> impl Iterator<Item = &Change> {
    report.flags.iter().flat_map(|flag| &flag.changes)
}

fn is_reported(report: &Report) -> bool {
    report.verdict == Verdict::Invalid || changes(report).any(|change| change.class != Class::NoEffect)
}

fn is_free(report: &Report) -> bool {
    report.verdict == Verdict::NotRequired
}

/// Whether a flag is switched off, or goes.
fn takes_away(report: &Report) -> bool {
    report.flags.iter().any(|flag| (flag.live.before && !flag.live.after) || flag.state.after.is_none())
}

#[test]
fn the_seeds_are_without_diagnostics() {
    for seed in SEEDS {
        let files = seed.read();
        let report = seed.judge(&BTreeMap::new(), &files);
        assert!(report.diagnostics.is_empty(), "{}: {:#?}", seed.id, report.diagnostics);
        assert!(report.flags.iter().any(|flag| flag.live.after), "{}", seed.id);
        assert!(!is_reported(&seed.judge(&files, &files)), "{}", seed.id);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(200), rng_seed: RngSeed::Fixed(7), ..ProptestConfig::default() })]

    /// A difference is reported, unless it says the same or stands in a part that the format passes over.
    #[test]
    fn no_edit_is_silent(number in 0..SEEDS.len(), bytes in prop::collection::vec(any::<u8>(), 20..60)) {
        let (seed, mut dice) = (&SEEDS[number], Dice::of(&bytes));
        let before = seed.read();
        let mut after = before.clone();
        let what = edit(&mut dice, &mut after);
        if !equivalent::says_the_same(seed.id, &before, &after) {
            let report = seed.judge(&before, &after);
            prop_assert!(is_reported(&report), "{}: {what} is silent", seed.id);
            let stuck = report.verdict == Verdict::Invalid
                && !report.diagnostics.iter().any(|found| found.is_error() && !found.remedy.is_empty());
            prop_assert!(!stuck, "{}: {what} is refused without a remedy", seed.id);
        }
    }

    /// A member that goes from one item of a list to another one is reported, also where both have one name.
    #[test]
    fn no_move_is_silent(number in 0..SEEDS.len(), bytes in prop::collection::vec(any::<u8>(), 20..60)) {
        let (seed, mut dice) = (&SEEDS[number], Dice::of(&bytes));
        let before = seed.read();
        let mut after = before.clone();
        let what = move_member(&mut dice, &mut after);
        if let Some(what) = what.filter(|_| !equivalent::says_the_same(seed.id, &before, &after)) {
            prop_assert!(is_reported(&seed.judge(&before, &after)), "{}: {what} is silent", seed.id);
        }
    }

    /// A change that is free one way is not free the other way round, but for texts for people.
    #[test]
    fn no_edit_is_free_both_ways(number in 0..SEEDS.len(), bytes in prop::collection::vec(any::<u8>(), 20..60)) {
        let (seed, mut dice) = (&SEEDS[number], Dice::of(&bytes));
        let before = seed.read();
        let mut after = before.clone();
        let what = edit(&mut dice, &mut after);
        let there = seed.judge(&before, &after);
        if is_free(&there) && is_reported(&there) {
            let back = seed.judge(&after, &before);
            let live = back.flags.iter().any(|flag| flag.live.before != flag.live.after);
            prop_assert!(!is_free(&back) || !live, "{}: {what} switches something on, and is free", seed.id);
        }
    }

    /// A second edit hides none that needs approval, and two steps that are free do what a free one does.
    #[test]
    fn two_edits_need_what_each_needs(number in 0..SEEDS.len(), bytes in prop::collection::vec(any::<u8>(), 40..90)) {
        let (seed, mut dice) = (&SEEDS[number], Dice::of(&bytes));
        let before = seed.read();
        let mut between = before.clone();
        let first = edit(&mut dice, &mut between);
        let mut after = between.clone();
        let second = edit(&mut dice, &mut after);
        if after != before && after != between {
            let (one, other, both) =
                (seed.judge(&before, &between), seed.judge(&between, &after), seed.judge(&before, &after));
            let all_free = is_free(&one) && is_free(&other);
            // A flag that is switched off first may go for free.
            prop_assert!(!all_free || is_free(&both) || takes_away(&both), "{}: {first}, {second} in two steps", seed.id);
            let hidden = one.verdict == Verdict::Pending && is_free(&both) && is_reported(&both) && !takes_away(&both);
            prop_assert!(!hidden || takes_away(&other), "{}: {second} hides that {first}", seed.id);
        }
    }
}
