//! Values that readers take for something else than they look like, and words that a format does not have.

use countersign::report::Verdict;

use super::impact::reported;
use super::reviewed::{changes, of};
use super::{own, read};

fn impact(before: &str, after: &str) -> Vec<String> {
    let first = |text: &str| read("flipt", "features.yml", text).0.into_iter().next().unwrap();
    reported(&countersign::impact::of(Some(&first(before)), Some(&first(after))))
}

fn boolean(enabled: &str) -> String {
    format!(
        "namespace: default\nflags:\n- key: b\n  name: B\n  type: BOOLEAN_FLAG_TYPE\n  enabled: {enabled}\n  rollouts: \
         [{{threshold: {{percentage: 10, value: true}}}}]\n"
    )
}

fn lint_ids(text: &str) -> Vec<String> {
    let found = read("flipt", "features.yml", text).1;
    found.iter().filter_map(|one| Some(one.split_once(' ')?.0.to_owned())).collect()
}

fn summary(before: &str, after: &str) -> String {
    of("flipt", "features.yml", before, after).flags[0].impact_summary.clone().unwrap_or_default()
}

/// Flipt's reader takes `yes` for true where it asks for one of both, and a string for neither.
#[test]
fn a_switch_that_is_neither_true_nor_false_is_not_computed() {
    for (before, after) in
        [("false", "yes"), ("true", "on"), ("yes", "true"), ("yes", "false"), ("yes", "no"), ("true", "\"false\"")]
    {
        let said = impact(&boolean(before), &boolean(after)).join("\n");
        assert!(said.contains("`enabled` is neither true nor false"), "{before} {after}: {said}");
        assert_eq!(of("flipt", "features.yml", &boolean(before), &boolean(after)).verdict, Verdict::Pending);
    }
}

/// Before boolean flags such a one was a switch, and applications ask whether it is enabled.
#[test]
fn a_flag_without_variants_and_rules_goes_to_everyone() {
    let flag = |enabled: bool| format!("namespace: default\nflags: [{{key: chat, name: Chat, enabled: {enabled}}}]\n");
    let on = summary(&flag(false), &flag(true));
    assert!(on.contains("100.0% of everyone") && !on.contains("nobody"), "{on}");
    let off = summary(&flag(true), &flag(false));
    assert!(off.contains("100.0% of everyone") && !off.contains("nobody"), "{off}");
    assert_eq!(of("flipt", "features.yml", &flag(true), &flag(false)).verdict, Verdict::NotRequired);
    // With variants and no rule nobody is given one.
    let with = |enabled: bool| flag(enabled).replace("enabled", "variants: [{key: a}], enabled");
    let on = summary(&with(false), &with(true));
    assert!(!on.contains("100.0%"), "{on}");
}

/// A format, a path, a file with a date in it, and whether quotes around that say something else.
type TimeCase<'f> = (&'static str, &'static str, &'f dyn Fn(&str) -> String, bool);

/// A date without quotes is a time to the readers of these formats, and no string.
#[test]
fn a_date_in_quotes_is_another_value() {
    let goff = |value: &str| {
        format!(
            "a:\n  variations: {{x: {value}, y: z}}\n  targeting: [{{name: n, query: {value}, variation: x}}]\n  defaultRule: {{variation: y}}\n"
        )
    };
    let steps = |value: &str| {
        format!(
            "a:\n  variations: {{x: 1}}\n  defaultRule: {{variation: x}}\n  scheduledRollout: [{{date: {value}, defaultRule: {{variation: x}}}}]\n"
        )
    };
    let flipt = |value: &str| {
        format!(
            "namespace: default\nflags:\n- key: v\n  name: V\n  enabled: true\n  variants: [{{key: x, attachment: {{d: {value}}}}}]\n  rules: [{{segment: s, distributions: [{{variant: x, rollout: 100}}]}}]\nsegments: [{{key: s, name: S, match_type: ALL_MATCH_TYPE}}]\n"
        )
    };
    let featurevisor = |value: &str| {
        format!(
            "bucketBy: u\nvariations: [{{value: a, weight: 100}}]\nvariablesSchema: {{d: {{type: string, defaultValue: {value}}}}}\nrules: {{production: [{{key: a, segments: \"*\", percentage: 100}}]}}\n"
        )
    };
    let cases: [TimeCase<'_>; 4] = [
        ("goff", "a.goff.yaml", &goff, true),
        ("goff", "a.goff.yaml", &steps, false),
        ("flipt", "features.yml", &flipt, true),
        // Its reader has no times.
        ("featurevisor", "features/a.yml", &featurevisor, false),
    ];
    for (format, path, file, differs) in cases {
        for (one, two) in [("2026-01-01T00:00:00Z", "\"2026-01-01T00:00:00Z\""), ("2026-01-01", "!!str 2026-01-01")] {
            for (before, after) in [(one, two), (two, one)] {
                let report = of(format, path, &file(before), &file(after));
                assert_eq!(!changes(&report).is_empty(), differs, "{format} {before} → {after}");
                let expected = if differs { Verdict::Pending } else { Verdict::NotRequired };
                assert_eq!(report.verdict, expected, "{format} {before} → {after}");
            }
        }
        let (before, after) = (file("2026-01-01"), file("\"2026-01-01 (a time)\""));
        assert_ne!(of(format, path, &before, &after).verdict, Verdict::NotRequired, "{format}");
    }
    // A query is a string to its reader, and so is every such value of JSON.
    let query = goff("\"2026-01-01\"").replace("query: \"2026-01-01\"", "query: 2026-01-01");
    assert_eq!(changes(&of("goff", "a.goff.yaml", &goff("\"2026-01-01\""), &query)), Vec::<String>::new());
    let json = "{\"a\": {\"variations\": {\"x\": \"2026-01-01\"}, \"defaultRule\": {\"variation\": \"x\"}}}";
    let yaml = "a: {variations: {x: \"2026-01-01\"}, defaultRule: {variation: x}}\n";
    assert_eq!(changes(&of("goff", "a.json", json, yaml)), Vec::<String>::new());
}

const FLIPT: &str = "namespace: default
flags:
- {key: b, name: B, type: BOOLEAN_FLAG_TYPE, enabled: true, rollouts: [{segment: {keys: [s, t], operator: AND_SEGMENT_OPERATOR, value: true}}]}
- {key: v, name: V, enabled: true, rules: [{segment: {keys: [s, t], operator: OR_SEGMENT_OPERATOR}}]}
segments:
- {key: s, name: S, match_type: ANY_MATCH_TYPE, constraints: [{type: STRING_COMPARISON_TYPE, property: c, operator: prefix, value: de}]}
- {key: t, name: T, match_type: ALL_MATCH_TYPE, constraints: [{type: NUMBER_COMPARISON_TYPE, property: n, operator: gte, value: '3'}]}
";

/// Flipt loads nothing of a state with a word that it does not know.
#[test]
fn words_that_flipt_does_not_have() {
    assert_eq!(lint_ids(FLIPT), Vec::<String>::new());
    for (word, wrong) in [
        ("BOOLEAN_FLAG_TYPE", "OOLEAN_FLAG_TYPE"),
        ("AND_SEGMENT_OPERATOR", "AND"),
        ("OR_SEGMENT_OPERATOR", "OR"),
        ("ANY_MATCH_TYPE", "NY_MATCH_TYPE"),
        ("STRING_COMPARISON_TYPE", "TRING_COMPARISON_TYPE"),
        ("prefix", "starts"),
        ("gte", "'>='"),
    ] {
        let text = FLIPT.replacen(word, wrong, 1);
        assert_eq!(lint_ids(&text), ["wrong-word"], "{wrong}");
        assert_eq!(of("flipt", "features.yml", FLIPT, &text).verdict, Verdict::Invalid, "{wrong}");
    }
    // A value that looks like a number is the string that is written.
    let value = |text: &str| FLIPT.replace("value: de", &format!("value: {text}"));
    assert_eq!(of("flipt", "features.yml", &value("010"), &value("8")).verdict, Verdict::Pending);
    assert_eq!(of("flipt", "features.yml", &value("010"), &value("'010'")).verdict, Verdict::NotRequired);
}

/// Words by path in a mapping of one's own.
#[test]
fn words_of_a_part_of_a_field() {
    let mapping =
        "entities: [{at: '*', live: live, fields: {segments: {at: rules, words: {'*/kind': [user, team]}}}}]\n";
    let file = |word: &str| format!("a: {{rules: [{{kind: {word}, of: x}}]}}\n");
    assert_eq!(own(mapping, &file("user"), &file("team")).verdict, Verdict::Pending);
    assert_eq!(own(mapping, &file("user"), &file("usr")).verdict, Verdict::Invalid);
}
