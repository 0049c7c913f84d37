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

#[test]
fn shares_by_name_and_members_that_say_nothing_by_their_order() {
    // Of shares that name their variants, no map is one of them by its order, nor is an item of a list.
    let flag = |variants: &str, parts: &str| {
        format!("a: {{enabled: true, options: {variants}, rollout: [{parts}], extra: [{{p: 1, q: 2}}]}}\n")
    };
    let judge =
        |before: &str, after: &str| judged("registry", &files(&[(PATH, before)]), &files(&[(PATH, after)])).verdict;
    let named = "{variant: x, weight: 90}, {variant: y, weight: 10}";
    let before = flag("{x: 1, y: 2}", named);
    assert_eq!(judge(&before, &flag("{y: 2, x: 1}", named)), Verdict::NotRequired);
    let turned = "{weight: 90, variant: x}, {weight: 10, variant: y}";
    assert_eq!(judge(&before, &flag("{x: 1, y: 2}", turned)), Verdict::NotRequired);
    let by_place = "{weight: 90, by: most}, {weight: 10, by: few}";
    assert_eq!(judge(&flag("{x: 1, y: 2}", by_place), &flag("{y: 2, x: 1}", by_place)), Verdict::Pending);
    // Names of something else.
    let others = "{variant: p, weight: 90}, {variant: q, weight: 10}";
    assert_eq!(judge(&flag("{x: 1, y: 2}", others), &flag("{y: 2, x: 1}", others)), Verdict::Pending);
    // A map in one next to the shares.
    for shares in ["weights: [90, 10]", "split: 90/10", "rollout: {weights: [90, 10]}"] {
        let flag = |colours: &str| format!("a: {{enabled: true, content: {{colours: {colours}}}, {shares}}}\n");
        assert_eq!(judge(&flag("{x: 1, y: 2}"), &flag("{y: 2, x: 1}")), Verdict::Pending, "{shares}");
    }
    let plain = flag("{x: 1, y: 2}", "90, 10");
    assert_eq!(judge(&plain, &plain.replace("{p: 1, q: 2}", "{q: 2, p: 1}")), Verdict::NotRequired);
    // Flipt and Microsoft know which share is whose.
    let flipt = "version: '1.2'\nflags:\n- {key: a, name: a, type: VARIANT_FLAG_TYPE, enabled: true, variants: [{key: x, name: X}, \
                 {key: y, name: Y}], rules: [{segment: {keys: [s], operator: OR}, distributions: [{variant: x, rollout: 90}, \
                 {variant: y, rollout: 10}]}]}\nsegments: [{key: s, name: s, match_type: ALL_MATCH_TYPE}]\n";
    let microsoft = r#"{"feature_management": {"feature_flags": [{"id": "A", "enabled": true,
        "telemetry": {"enabled": true, "metadata": {"Label": "x", "Etag": "y"}},
        "variants": [{"name": "B", "configuration_value": "b"}, {"name": "S", "configuration_value": "s"}],
        "allocation": {"percentile": [{"variant": "B", "from": 0, "to": 50}, {"variant": "S", "from": 50, "to": 100}]}}]}}"#;
    for (id, path, before, one, other) in [
        ("flipt", "features.yml", flipt, "{key: x, name: X}", "{name: X, key: x}"),
        ("flipt", "features.yml", flipt, "{variant: x, rollout: 90}", "{rollout: 90, variant: x}"),
        ("flipt", "features.yml", flipt, "{keys: [s], operator: OR}", "{operator: OR, keys: [s]}"),
        ("microsoft", "appsettings.json", microsoft, r#""Label": "x", "Etag": "y""#, r#""Etag": "y", "Label": "x""#),
        (
            "microsoft",
            "appsettings.json",
            microsoft,
            r#""name": "B", "configuration_value": "b""#,
            r#""configuration_value": "b", "name": "B""#,
        ),
    ] {
        let after = before.replace(one, other);
        assert_ne!(before, after);
        let report = judged(id, &files(&[(path, before)]), &files(&[(path, after.as_str())]));
        assert_eq!((report.verdict, report.flags.len()), (Verdict::NotRequired, 0), "{id} {other}");
    }
}
