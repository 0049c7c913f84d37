//! The cost of the effect of one change. A review does it once for each changed flag.
//!
//! `cargo bench --bench impact`

use countersign::diagnostics::Diagnostics;
use countersign::flag::Flag;
use countersign::format::native::FORMAT;
use countersign::impact::{of as effect, sentence};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// An experiment with so many segments; the first has `percentage`.
fn flag(segments: u32, percentage: u32, reversed: bool) -> Flag {
    let mut text = String::from(
        "key: x\nkind: experiment\nstate: running\nbucketingKey: user_id\nbucketingSalt: mHdQDzeE\n\
         variants: [{key: control}, {key: treatment}]\nrolloutPercentage: 20\nrolloutWeights: {control: 1, treatment: 1}\n\
         targetSegments:\n",
    );
    let mut numbers: Vec<u32> = (0..segments).collect();
    if reversed {
        numbers.reverse();
    }
    for number in numbers {
        let percentage = if number == 0 { percentage } else { number % 100 };
        text.push_str(&format!(
            "  - {{name: s{number}, percentage: {percentage}, rolloutWeights: {{control: 1, treatment: {}}}, \
             conditions: [{{prop: country, op: is, values: [c{number}]}}]}}\n",
            number % 7
        ));
    }
    if segments == 0 {
        text.push_str("  []\n");
    }
    let mut diagnostics = Diagnostics::of("x.yaml");
    FORMAT.flags_of(text.as_bytes(), "x.yaml", &mut diagnostics).expect("a flag").remove(0)
}

#[divan::bench(args = [0, 1, 10, 100, 1000])]
fn one_percentage(bencher: Bencher<'_, '_>, segments: u32) {
    let (before, mut after) = (flag(segments, 10, false), flag(segments, 50, false));
    if segments == 0 {
        let at = after.record.0.iter().position(|entry| entry.key == "rolloutPercentage").expect("it");
        after.record.0[at].value.data =
            countersign::document::Data::Number(countersign::document::Decimal::parse("50").expect("50"));
    }
    bencher.bench(|| effect(Some(black_box(&before)), Some(black_box(&after))));
}

/// The worst there is: every segment below every other one, each pair a way users could take.
#[divan::bench(args = [10, 60])]
fn segments_reversed(bencher: Bencher<'_, '_>, segments: u32) {
    let (before, after) = (flag(segments, 10, false), flag(segments, 10, true));
    bencher.bench(|| effect(Some(black_box(&before)), Some(black_box(&after))));
}

#[divan::bench]
fn words(bencher: Bencher<'_, '_>) {
    let effect = effect(Some(&flag(100, 10, false)), Some(&flag(100, 50, false)));
    bencher.bench(|| sentence(black_box(&effect)));
}
