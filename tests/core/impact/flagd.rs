//! flagd's own arithmetic: `(murmur3(key) * total) >> 32`, weights cumulated in the order of the list.

use countersign::diagnostics::Diagnostics;
use countersign::flag::Flag;
use countersign::format::flagd::FORMAT;
use countersign::format::native::hash::murmur3;
use countersign::groups::Share;
use countersign::impact::{of as effect, sentence};

pub fn flag(more: &str) -> Flag {
    let text = format!(
        r#"{{"flags": {{"f": {{"state": "ENABLED", "variants": {{"on": true, "off": false, "maybe": null}}, {more}}}}}}}"#
    );
    let mut diagnostics = Diagnostics::of("f.flagd.json");
    let flags = FORMAT.flags_of(text.as_bytes(), "f.flagd.json", &mut diagnostics);
    flags.unwrap_or_else(|| panic!("{:?}\n{text}", diagnostics.finish(&text))).remove(0)
}

fn split(first: &str, pairs: &str) -> String {
    let first = if first.is_empty() { String::new() } else { format!("{first}, ") };
    format!(r#"{{"fractional": [{first}{pairs}]}}"#)
}

pub fn targeted(rule: &str) -> String {
    format!(r#""defaultVariant": "off", "targeting": {rule}"#)
}

#[test]
fn changes_and_what_is_said_of_them() {
    let ten = split("", r#"["on", 10], ["off", 90]"#);
    let half = split("", r#"["on", 50], ["off", 50]"#);
    let intern = r#"{"ends_with": [{"var": "email"}, "@example.com"]}"#;
    let tree = |condition: &str, last: &str| format!(r#"{{"if": [{condition}, "on", {last}]}}"#);
    let cases = [
        (
            r#""defaultVariant": "off""#.to_owned(),
            r#""defaultVariant": "on""#.to_owned(),
            "`on` 0% → 100% of everyone: 100.0% switch variant",
        ),
        (targeted(&ten), targeted(&ten), "no effect on who gets what"),
        (targeted(&ten), targeted(&ten.replace("10", "1").replace("90", "9")), "no effect on who gets what"),
        (targeted(&ten), targeted(&half), "`on` 10% → 50% of everyone: 40.0% switch variant"),
        (
            targeted(&half),
            targeted(&split("", r#"["off", 50], ["on", 50]"#)),
            "the same shares of everyone: 100.0% switch variant",
        ),
        (
            targeted(&half),
            targeted(&split(
                r#"{"cat": [{"var": "$flagd.flagKey"}, {"var": "targetingKey"}]}"#,
                r#"["on", 1], ["off", 1]"#,
            )),
            // Those without a targeting key are hashed by the one and not by the other; Python's reader hashes the two
            // otherwise.
            "the same shares of everyone: 50.0% switch variant; not modelled: users who have no value to hash got \
             `off` and are hashed like all others from now on",
        ),
        (
            targeted(&tree(intern, &ten)),
            targeted(&format!(r#"{{"if": [{{"nope": [1]}}, "on", {}]}}"#, tree(intern, &ten))),
            "not computed: `{\"nope\":[1]}` is no rule that every reader can evaluate; at one it cannot, it gives nobody a variant",
        ),
        (
            targeted(&tree(intern, &ten)),
            targeted(&tree(r#"{"%": [{"var": "c"}]}"#, &ten)),
            "not computed: `{\"%\":[{\"var\":\"c\"}]}` is no rule that every reader can evaluate; at one it cannot, it gives nobody a variant",
        ),
        (
            targeted(&half),
            targeted(&split(r#"{"cat": ["salt", {"var": "targetingKey"}]}"#, r#"["on", 1], ["off", 1]"#)),
            "the same shares of everyone: 50.0% switch variant; not modelled: users who have no value to hash got \
             `off` and are hashed like all others from now on",
        ),
        (
            targeted(&tree(intern, &ten)),
            targeted(&tree(intern, &half)),
            "`on` 10% → 50% of all other users: 40.0% switch variant",
        ),
        (
            r#""defaultVariant": "off""#.to_owned(),
            targeted(&tree(intern, r#""off""#)),
            "`on` 0% → 100% of `{\"ends_with\":[{\"var\":\"email\"},\"@example.com\"]}`: 100.0% switch variant",
        ),
        (
            targeted(&tree(intern, &ten)),
            targeted(&tree(r#"{"ends_with": [{"var": "email"}, "@example.org"]}"#, &ten)),
            "users who were in `{\"ends_with\":[{\"var\":\"email\"},\"@example.com\"]}`: 90.0% switch variant; \
             users who come from all other users to `{\"ends_with\":[{\"var\":\"email\"},\"@example.org\"]}`: 90.0% switch variant",
        ),
        (
            targeted(&half),
            targeted(&split("", r#"["on", {"var": "weight"}], ["off", 50]"#)),
            "not computed: all other users: a weight is computed for each user, or is no whole number",
        ),
        (
            targeted(&half).replace("\"off\", \"targeting\"", "null, \"targeting\""),
            targeted(&split("", r#"["on", 50], [null, 50]"#)).replace("\"off\", \"targeting\"", "null, \"targeting\""),
            "`off` 50% → 0% of everyone: 50.0% lose their variant, nobody switches variant",
        ),
    ];
    for (before, after, said) in cases {
        let effect = effect(Some(&flag(&before)), Some(&flag(&after)));
        assert_eq!(sentence(&effect), said, "{before}\n{after}");
        assert_eq!(effect.is_nothing(), said.starts_with("no effect"), "{before}\n{after}");
        assert_eq!(effect.unknown.is_empty(), !said.contains("not computed"));
    }
}

#[test]
fn disabled_is_what_the_code_has() {
    let on = flag(&targeted(&split("", r#"["on", 10], ["off", 90]"#)));
    let mut off = on.clone();
    off.state.live = false;
    assert_eq!(sentence(&effect(Some(&on), Some(&off))), "no longer live: 100.0% of everyone lose their variant");
    assert_eq!(sentence(&effect(Some(&off), Some(&on))), "goes live: 100.0% of everyone newly exposed");
    assert_eq!(effect(Some(&off), Some(&on)).exposed(), Share::EVERYONE);
}

/// The exact share against counting users as flagd draws them.
#[test]
fn shares_are_those_of_flagds_arithmetic() {
    let pairs = [("on", 3u64), ("off", 0), ("maybe", 5), ("off", 2)];
    let others = [("off", 1u64), ("on", 1), ("maybe", 1)];
    let draw = |pairs: &[(&'static str, u64)], hash: u32| {
        let total: u64 = pairs.iter().map(|(_, weight)| weight).sum();
        let bucket = (u64::from(hash) * total) >> 32;
        let mut end = 0;
        pairs
            .iter()
            .find(|(_, weight)| {
                end += weight;
                bucket < end
            })
            .unwrap()
            .0
    };
    let written = |pairs: &[(&str, u64)]| {
        let each: Vec<String> = pairs.iter().map(|(name, weight)| format!(r#"["{name}", {weight}]"#)).collect();
        targeted(&split("", &each.join(", ")))
    };
    let effect = effect(Some(&flag(&written(&pairs))), Some(&flag(&written(&others))));
    let [group] = effect.per_segment.as_slice() else { panic!("{effect:?}") };
    let ids = 40_000u32;
    for flow in &group.matrix {
        let counted = (0..ids)
            .map(|id| murmur3(&format!("fuser-{id}")))
            .filter(|hash| {
                Some(draw(&pairs, *hash)) == flow.from.as_deref() && Some(draw(&others, *hash)) == flow.to.as_deref()
            })
            .count();
        let (expected, counted) = (flow.share.to_f64(), f64::from(u32::try_from(counted).unwrap()) / f64::from(ids));
        assert!((expected - counted).abs() < 5.0 * (expected / f64::from(ids)).sqrt(), "{flow:?}: {counted}");
    }
}
