//! Maps of variants next to a list of shares: these go to them by their order.

use countersign::report::Verdict;

use super::parts::files;
use super::{judged, own};

const PATH: &str = "config/feature_flags.yml";

#[test]
fn shares_that_change_hands_by_the_order_of_a_map() {
    let one = "entities: [{at: \"*\", live: {when: {at: enabled, is: true}}, fields: {variants: variants, distribution: weights}}]\n";
    let judge = |id: &str, before: &str, after: &str| match id {
        "own" => own(one, before, after).verdict,
        id => judged(id, &files(&[(PATH, before)]), &files(&[(PATH, after)])).verdict,
    };
    for (variants, turned, shares, waits) in [
        ("{c: 1, r: 2}", "{r: 2, c: 1}", "weights: [90, 10]", true),
        ("{c: , r: }", "{r: , c: }", "weights: [0.9, 0.1]", true),
        ("{c: {v: 1}, r: {v: 2}}", "{r: {v: 2}, c: {v: 1}}", "weights: [90%, 10%]", true),
        ("{c: 1, r: 2}", "{r: 2, c: 1}", "rollout: {weights: [9, 1]}", true),
        ("{c: 1, r: 2}", "{r: 2, c: 1}", "split: 90/10", true),
        ("{c: 1, r: 2, s: 3}", "{r: 2, c: 1, s: 3}", "weights: [90, 10]", true),
        ("{c: 1, r: 2}", "{r: 2, c: 1}", "split: ' 90/10'", true),
        ("{c: 1, r: 2}", "{r: 2, c: 1}", "weights: '[90, 10]'", true),
        ("{c: 1, r: 2}", "{r: 2, c: 1}", "weights: [{w: 90}, {w: 10}]", true),
        ("{c: 1, r: 2}", "{r: 2, c: 1}", "weights: {0: 90, 1: 10}", true),
        ("{c: 1, r: 2}", "{r: 2, c: 1}", "ranges: [[0, 90], [90, 100]]", true),
        ("{c: 1, r: 2}", "{r: 2, c: 1}", "cutoffs: [90, 100]", true),
        ("{c: 1, r: 2}", "{r: 2, c: 1}", "buckets: [0.9, 1.0]", true),
        // Shares by name, or numbers of something else.
        ("{c: 1, r: 2}", "{r: 2, c: 1}", "weights: {c: 90, r: 10}", false),
        ("{c: 1, r: 2}", "{r: 2, c: 1}", "sizes: [4, 5]", false),
        ("{c: 1, r: 2}", "{r: 2, c: 1}", "since: 10/12", false),
    ] {
        for id in ["registry", "generic", "own"] {
            let flag = |variants: &str| {
                format!("a: {{enabled: true, variants: {variants}, {shares}}}\nb: {{enabled: true}}\n")
            };
            let verdict = judge(id, &flag(variants), &flag(turned));
            assert_eq!(verdict == Verdict::Pending, waits, "{id} {variants} {shares}");
            // Members around the map say nothing by their order.
            let moved = format!("a: {{{shares}, enabled: true, variants: {variants}}}\nb: {{enabled: true}}\n");
            assert_eq!(judge(id, &flag(variants), &moved), Verdict::NotRequired, "{id} {moved}");
        }
    }
    // A map of another name, if its members are as many as the shares.
    for (name, shares, waits) in
        [("options", "[90, 10]", true), ("options", "[90, 5, 5]", false), ("notes", "[90, 10]", false)]
    {
        let flag = |map: &str| format!("a: {{enabled: true, {name}: {map}, weights: {shares}}}\n");
        let verdict = judge("registry", &flag("{x: 1, y: 2}"), &flag("{y: 2, x: 1}"));
        assert_eq!(verdict == Verdict::Pending, waits, "{name} {shares}");
    }
    // The variants of another environment are none of this one.
    let flag = |staging: &str| {
        format!(
            "a:\n  staging: {{enabled: false, variants: {staging}, weights: [90, 10]}}\n  production: {{enabled: true, \
             variants: {{c: 1, r: 2}}, weights: [90, 10]}}\n"
        )
    };
    let side = |text: &str| files(&[(PATH, text)]);
    let report = judged("registry", &side(&flag("{c: 1, r: 2}")), &side(&flag("{r: 2, c: 1}")));
    let keys: Vec<&str> = report.flags.iter().map(|flag| flag.key.as_str()).collect();
    assert_eq!(keys, ["a@staging"]);
}
