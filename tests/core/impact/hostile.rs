//! Flags made to cost much: as large as a file may be, or with numbers nobody writes.

use std::time::{Duration, Instant};

use countersign::diagnostics::Diagnostics;
use countersign::flag::Flag;
use countersign::groups::Share;
use countersign::impact::{of as effect, sentence};
use proptest::prelude::*;

use super::live;

fn many(count: usize, of: impl Fn(usize) -> String) -> String {
    (0..count).map(of).collect::<Vec<_>>().join(", ")
}

fn flagd(text: &str) -> Flag {
    let mut diagnostics = Diagnostics::of("a.flagd.json");
    let flags =
        countersign::format::by_id("flagd").unwrap().flags_of(text.as_bytes(), "a.flagd.json", &mut diagnostics);
    flags.unwrap_or_else(|| panic!("{:?}", diagnostics.finish(text))).remove(0)
}

const EVEN: &str = "rolloutPercentage: 20\nrolloutWeights: {control: 1, treatment: 1}";

fn segments(count: usize, of: &dyn Fn(usize) -> String, more: &str) -> Flag {
    live(&format!("{EVEN}\n{more}\ntargetSegments: [{}]", many(count, of)))
}

fn short(n: usize) -> String {
    format!("{{name: s{n}, percentage: {}, conditions: [{{prop: a, op: is, values: [v{n}]}}]}}", n % 100)
}

fn turned(n: usize) -> String {
    format!("{{name: s{}, percentage: 10, conditions: [{{prop: a, op: is, values: [w{n}]}}]}}", 9999 - n)
}

fn conditions(count: usize, of: &dyn Fn(usize) -> String) -> Flag {
    live(&format!("{EVEN}\ntargetSegments: [{{name: s, percentage: 5, conditions: [{}]}}]", many(count, of)))
}

fn variants(count: usize, weight: usize, salt: &str) -> Flag {
    let list = many(count, |n| format!("{{key: v{n}}}"));
    let weights = many(count, |n| format!("v{n}: {}", 1 + n * weight % 7));
    live(&format!("variants: [{list}]\nrolloutPercentage: 20\nrolloutWeights: {{{weights}}}\nbucketingSalt: {salt}"))
}

fn both(variant_count: usize, segment_count: usize, salt: &str, key: &str) -> Flag {
    let list = many(variant_count, |n| format!("{{key: v{n}}}"));
    let weights = many(variant_count, |n| format!("v{n}: {}", 1 + n % 7));
    let list_of = many(segment_count, |n| {
        format!(
            "{{name: s{n}, bucketingKey: {key}{n}, percentage: {}, conditions: [{{prop: a, op: is, values: [v{n}]}}]}}",
            n % 100
        )
    });
    live(&format!(
        "variants: [{list}]\nrolloutPercentage: 20\nrolloutWeights: {{{weights}}}\nbucketingSalt: {salt}\ntargetSegments: [{list_of}]"
    ))
}

fn tree(count: usize, weight: usize) -> Flag {
    let pairs = |n: usize| format!(r#"{{"fractional": [["on", {weight}], ["off", {n}]]}}"#);
    let ifs = many(count, |n| format!(r#"{{"==": [{{"var": "a"}}, {n}]}}, {}"#, pairs(n)));
    flagd(&format!(
        r#"{{"flags": {{"f": {{"state": "ENABLED", "variants": {{"on": true, "off": false}}, "defaultVariant": "on", "targeting": {{"if": [{ifs}]}}}}}}}}"#
    ))
}

fn unclear(count: usize, more: &str) -> Flag {
    let ifs =
        many(count, |n| format!(r#"{{"fractional": [["on", {n}], [{{"var": "b{more}"}}, 1]]}}, {{"var": "x{n}"}}"#));
    flagd(&format!(
        r#"{{"flags": {{"f": {{"state": "ENABLED", "variants": {{"on": true, "off": false}}, "defaultVariant": "on", "targeting": {{"if": [{ifs}]}}}}}}}}"#
    ))
}

fn split(count: usize, weight: usize) -> Flag {
    let list = many(count, |n| format!(r#""v{n}": {n}"#));
    let pairs = many(count, |n| format!(r#"["v{n}", {}]"#, 1 + n * weight % 5));
    flagd(&format!(
        r#"{{"flags": {{"f": {{"state": "ENABLED", "variants": {{{list}}}, "defaultVariant": "v0", "targeting": {{"fractional": [{pairs}]}}}}}}}}"#
    ))
}

#[test]
fn large_flags_are_not_slow() {
    let rows: Vec<(&str, Flag, Flag, &[&str])> = vec![
        (
            "4000 segments, each with another percentage",
            segments(4000, &short, ""),
            segments(4000, &|n| short(n + 1).replacen(&format!("s{}", n + 1), &format!("s{n}"), 1), ""),
            &["the flag has more than 1000 segments"],
        ),
        (
            "4000 segments, turned round",
            segments(4000, &short, ""),
            segments(4000, &|n| short(3999 - n), ""),
            &["the flag has more than 1000 segments"],
        ),
        (
            "4000 segments, other ones",
            segments(4000, &short, ""),
            segments(4000, &turned, ""),
            &["the flag has more than 1000 segments"],
        ),
        (
            "6000 conditions of one property",
            conditions(6000, &|n| format!("{{prop: a, op: is, values: [b{n}]}}")),
            conditions(6000, &|n| format!("{{prop: a, op: is, values: [c{n}]}}")),
            &[],
        ),
        (
            "6000 conditions",
            conditions(6000, &|n| format!("{{prop: a{n}, op: is, values: [b]}}")),
            conditions(6000, &|n| format!("{{prop: a{n}, op: is, values: [c]}}")),
            &[],
        ),
        ("6000 variants", variants(6000, 1, "a"), variants(6000, 2, "a"), &["the flag has more than 100 variants"]),
        (
            "2000 variants, another salt",
            variants(2000, 1, "a"),
            variants(2000, 1, "b"),
            &["the flag has more than 100 variants"],
        ),
        (
            "100 variants, 1000 segments, another salt",
            both(100, 1000, "a", "k"),
            both(100, 1000, "b", "k"),
            &["users could go from one variant to another in more than 20000 ways"],
        ),
        (
            "100 variants, 1000 segments, other keys",
            both(100, 1000, "a", "k"),
            both(100, 1000, "a", "q"),
            &["users could go from one variant to another in more than 20000 ways"],
        ),
        (
            "60 variants, 5000 segments",
            both(60, 5000, "a", "k"),
            both(60, 5000, "b", "k"),
            &["the flag has more than 1000 segments"],
        ),
        (
            "a long salt",
            both(2, 900, &"a".repeat(500_000), "k"),
            both(2, 900, &"b".repeat(500_000), "k"),
            &["a name, a key or the salt has more than 1000 bytes"],
        ),
        ("other keys, 900 times", both(2, 900, "a", "k"), both(2, 900, "a", "q"), &[]),
        ("5000 flagd branches", tree(5000, 1), tree(5000, 2), &["`targeting` is too large"]),
        (
            "4000 flagd branches nobody understands",
            unclear(4000, "a"),
            unclear(4000, "b"),
            &["`targeting` is too large"],
        ),
        ("6000 flagd variants", split(6000, 1), split(6000, 2), &["the flag has more than 100 variants"]),
    ];
    for (what, before, after, unknown) in &rows {
        let started = Instant::now();
        let found = effect(Some(before), Some(after));
        let (said, json) = (sentence(&found), serde_json::to_string(&found).unwrap());
        assert_eq!(found.unknown, *unknown, "{what}");
        // Each takes a fraction of a second here; without bounds some took minutes and all of the memory.
        assert!(started.elapsed() < Duration::from_secs(10), "{what}: {:?}", started.elapsed());
        assert!(json.len() < 2_000_000 && said.len() < 2_000, "{what}: {} {}", json.len(), said.len());
        assert!(effect(Some(before), Some(before)).is_nothing(), "{what}: what is too large and stays is no change");
        assert_eq!(effect(None, Some(before)).unknown.is_empty(), unknown.is_empty() || what.contains("conditions"));
    }
}

/// Numbers of all sizes, places of the wrong kind, fields that are missing.
fn value() -> impl Strategy<Value = String> {
    let strange = [
        "0",
        "1",
        "2",
        "50",
        "99.5",
        "100",
        "100.1",
        "-1",
        "1e-300",
        "1e30",
        "1e38",
        "1e399",
        "1e400",
        "0.1",
        "33.333",
        "340282366920938463463374607431768211455",
        "18446744073709551616",
        "1e-37",
        "null",
        "true",
        "[]",
        "{}",
        "x",
        "''",
        "[1, 2]",
        "{control: 1}",
        "0x10",
        ".5",
        "NaN",
    ];
    prop_oneof![
        8 => prop::sample::select(strange.to_vec()).prop_map(str::to_owned),
        2 => (0..120i32).prop_map(|number| number.to_string()),
        1 => (1..40usize).prop_map(|digits| "9".repeat(digits)),
        1 => (1..60usize).prop_map(|digits| format!("0.{}1", "0".repeat(digits))),
    ]
}

fn native() -> impl Strategy<Value = String> {
    let weights = || {
        prop::collection::vec(value(), 0..4).prop_map(|values| {
            let each: Vec<String> = values
                .iter()
                .zip(["control", "treatment", "c", "d"])
                .map(|(value, key)| format!("{key}: {value}"))
                .collect();
            format!("{{{}}}", each.join(", "))
        })
    };
    let any_weights = prop_oneof![4 => weights(), 1 => value()];
    let condition = (
        value(),
        prop::sample::select(vec!["is", "less", "greater", "set contains", "glob match", "strange"]),
        value(),
    );
    let conditions = prop::collection::vec(condition, 0..4).prop_map(|list| {
        list.iter()
            .map(|(prop, op, value)| format!("{{prop: {prop}, op: {op}, values: [{value}]}}"))
            .collect::<Vec<_>>()
            .join(", ")
    });
    let segment = (0..3u8, value(), weights(), conditions, any::<bool>()).prop_map(
        |(name, percentage, weights, conditions, own)| {
            let own = if own { format!(", rolloutWeights: {weights}") } else { String::new() };
            format!("{{name: s{name}, percentage: {percentage}{own}, conditions: [{conditions}]}}")
        },
    );
    let segments = prop::collection::vec(segment, 0..4).prop_map(|list| format!("[{}]", list.join(", ")));
    let variants = prop::sample::select(vec![
        "[{key: control}, {key: treatment}]",
        "[{key: treatment}, {key: control}, {key: c}]",
        "[{key: control}, {key: control}]",
        "[{}, {key: 1}]",
        "[]",
        "x",
    ]);
    let states =
        prop::sample::select(vec!["running", "running", "running", "scheduled", "planning", "completed", "testing"]);
    (states, variants, value(), any_weights, prop_oneof![4 => segments, 1 => value()], value()).prop_map(
        |(state, variants, percentage, weights, segments, salt)| {
            format!(
                "key: x\nkind: experiment\nstate: {state}\nvariants: {variants}\nrolloutPercentage: {percentage}\n\
                 rolloutWeights: {weights}\ntargetSegments: {segments}\nbucketingSalt: {salt}\n"
            )
        },
    )
}

fn targeting() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            r#""on""#,
            r#""off""#,
            "null",
            "true",
            r#"{"var": "a"}"#,
            "[]",
            "3",
            r#"{"fractional": 3}"#
        ])
        .prop_map(str::to_owned),
        prop::collection::vec((prop::sample::select(vec![r#""on""#, r#""off""#, "null", "7", "[]"]), value()), 0..4)
            .prop_map(|pairs| {
                let each = pairs.iter().map(|(name, weight)| {
                    let weight = if serde_json::from_str::<serde_json::Value>(weight).is_ok() { weight } else { "1" };
                    format!("[{name}, {weight}]")
                });
                format!(r#"{{"fractional": [{}]}}"#, each.collect::<Vec<_>>().join(", "))
            }),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop::collection::vec(inner, 0..5).prop_map(|list| format!(r#"{{"if": [{}]}}"#, list.join(", ")))
    })
}

fn daemon() -> impl Strategy<Value = String> {
    let default = prop::sample::select(vec![r#""on""#, r#""off""#, "null", r#""other""#]);
    let state = prop::sample::select(vec!["ENABLED", "ENABLED", "DISABLED"]);
    (targeting(), default, state).prop_map(|(targeting, default, state)| {
        format!(
            r#"{{"flags": {{"x": {{"state": "{state}", "variants": {{"on": 1, "off": 2}}, "defaultVariant": {default}, "targeting": {targeting}}}}}}}"#
        )
    })
}

/// Everything that can be read, wrong or not, and whether it has no errors.
fn readable(format: &str, text: &str) -> Option<(Flag, bool)> {
    let mut diagnostics = Diagnostics::of("a.flagd.json");
    let path = if format == "flagd" { "a.flagd.json" } else { "x.yaml" };
    let flags = countersign::format::by_id(format).unwrap().flags_of(text.as_bytes(), path, &mut diagnostics);
    Some((flags.unwrap_or_default().into_iter().next()?, !diagnostics.any_error()))
}

fn holds(before: Option<&Flag>, after: Option<&Flag>) -> Result<(), TestCaseError> {
    let found = effect(before, after);
    prop_assert!(!sentence(&found).is_empty());
    prop_assert!(serde_json::to_string(&found).is_ok());
    prop_assert!(found.affected() >= found.exposed() && found.affected() <= Share::EVERYONE);
    for group in &found.per_segment {
        let all = group.matrix.iter().map(|flow| flow.share.numerator() * ((1 << 64) / flow.share.denominator()));
        prop_assert_eq!(all.sum::<u128>(), 1 << 64, "{:?}", group);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_can_be_read_has_an_effect(natives in (native(), native()), daemons in (daemon(), daemon())) {
        let native = [readable("native", &natives.0), readable("native", &natives.1)];
        let daemon = [readable("flagd", &daemons.0), readable("flagd", &daemons.1)];
        let flag = |side: &'_ Option<(Flag, bool)>| side.as_ref().map(|(flag, _)| flag.clone());
        for [one, other] in [&native, &daemon] {
            let (before, after) = (flag(one), flag(other));
            holds(before.as_ref(), after.as_ref())?;
            holds(None, after.as_ref())?;
            holds(before.as_ref(), None)?;
            // Two segments of one name are a mistake, and which of them became which is nowhere.
            if let Some((flag, true)) = one {
                prop_assert!(effect(Some(flag), Some(flag)).is_nothing(), "{natives:?} {daemons:?}");
            }
        }
        // From one format into the other.
        holds(flag(&native[0]).as_ref(), flag(&daemon[0]).as_ref())?;
    }
}
