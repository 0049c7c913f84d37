//! Lists whose items have no names: what a reviewer reads of an edit, and that no edit is passed over.

use countersign::report::{Report, Verdict};

use super::parts::files;
use super::reviewed::{changes, of};
use super::{judged, own};

fn goff(rules: &[(u32, &str)]) -> String {
    let rule = |(query, gives): &(u32, &str)| format!("    - {{query: c eq {query}, {gives}}}\n");
    let rules: String = rules.iter().map(rule).collect();
    format!("s:\n  variations: {{a: 1, b: 2}}\n  targeting:\n{rules}  defaultRule: {{variation: b}}\n")
}

fn of_goff(before: &[(u32, &str)], after: &[(u32, &str)]) -> Report {
    of("goff", "a.goff.yaml", &goff(before), &goff(after))
}

const A: &str = "variation: a";
const B: &str = "variation: b";
const HALF: &str = "percentage: {a: 50, b: 50}";

#[test]
fn one_rule_goes_and_another_one_is_edited() {
    let before = [(0, B), (1, HALF), (2, B), (3, A), (4, B), (5, A)];
    assert_eq!(
        changes(&of_goff(&before, &[(1, HALF), (2, B), (3, A), (4, A), (5, A)])),
        [
            "s segments rules/0: {query:c eq 0} → null @4",
            "s distribution variations/0/variation: b → null @4",
            "s distribution variations/3/variation: b → a @7",
        ]
    );
    assert_eq!(
        changes(&of_goff(&before, &[(0, B), (9, A), (1, HALF), (2, B), (3, A), (4, B), (7, A)])),
        [
            "s segments rules/1: null → {query:c eq 9} @5",
            "s segments rules/6/query: c eq 5 → c eq 7 @10",
            "s distribution variations/1/variation: null → a @5",
        ]
    );
    // Nothing of its own is said of the rules behind, which are other ones by their number.
    let whole = changes(&of_goff(&[(0, HALF), (1, A)], &[(1, A)]));
    assert_eq!(whole.len(), 2, "{whole:#?}");
}

#[test]
fn one_rule_of_flipts_goes_and_another_one_is_edited() {
    let file = |rules: &[(u32, &str)]| {
        let rule = |(segment, variant): &(u32, &str)| {
            format!("      - {{segment: s{segment}, distributions: [{{variant: {variant}, rollout: 100}}]}}\n")
        };
        let rules: String = rules.iter().map(rule).collect();
        format!(
            "flags:\n  - key: f\n    name: f\n    enabled: true\n    variants: [{{key: a}}, {{key: b}}]\n    rules:\n{rules}"
        )
    };
    let before = file(&[(0, "b"), (1, "a"), (2, "b"), (3, "a")]);
    let after = file(&[(1, "a"), (2, "a"), (3, "a")]);
    assert_eq!(
        changes(&of("flipt", "features.yaml", &before, &after)),
        [
            "f@default segments rules/0: {} → null @7",
            "f@default segments segment/0: [s0] → null @7",
            "f@default distribution rules/0/distributions: [{rollout:100,variant:b}] → null @7",
            "f@default distribution rules/1/distributions/0/variant: b → a @8",
        ]
    );
}

const PAYLOADS: &str = "files: [flags.yml]
syntax: {is: yaml}
entities:
  - at: '*'
    key: '@key'
    live: [{when: {at: 'on', is: true}, is: live}]
    fields: {payload: sites, segments: {at: order, list: positional}}
";

#[test]
fn items_of_a_payload_are_paired_by_what_they_say() {
    let file = |sites: &[(&str, &str)]| {
        let site = |(domain, hide): &(&str, &str)| format!("    - {{domain: {domain}, hide: {hide}}}\n");
        format!("f:\n  'on': true\n  sites:\n{}", sites.iter().map(site).collect::<String>())
    };
    let sites = [("a", "1"), ("b", "2"), ("c", "3"), ("d", "4"), ("e", "5")];
    let found = |after: &[(&str, &str)]| changes(&own(PAYLOADS, &file(&sites), &file(after)));
    assert_eq!(
        found(&[("b", "2"), ("c", "9"), ("e", "5")]),
        [
            "f payload sites/0: {domain:a,hide:1} → null @4",
            "f payload sites/1/hide: 3 → 9 @5",
            "f payload sites/3: {domain:d,hide:4} → null @7",
        ]
    );
    // Moved as it is, and moved and edited.
    assert_eq!(
        found(&[("e", "5"), ("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]),
        ["f payload sites/0: null → {domain:e,hide:5} @4", "f payload sites/4: {domain:e,hide:5} → null @8",]
    );
    assert_eq!(
        found(&[("b", "2"), ("c", "3"), ("d", "4"), ("e", "5"), ("a", "9")]),
        ["f payload sites/0: {domain:a,hide:1} → null @4", "f payload sites/4: null → {domain:a,hide:9} @8",]
    );
    // Twice the same, of which one goes.
    assert_eq!(
        changes(&own(PAYLOADS, &file(&[("a", "1"), ("a", "1"), ("b", "2")]), &file(&[("a", "1"), ("b", "2")]))),
        ["f payload sites/1: {domain:a,hide:1} → null @5"]
    );
}

#[test]
fn where_the_place_is_the_meaning_items_are_compared_by_it() {
    let file = |order: &str| format!("f:\n  'on': true\n  order: [{order}]\n");
    assert_eq!(
        changes(&own(PAYLOADS, &file("a, b, c"), &file("b, c"))),
        ["f segments order/0: a → b @3", "f segments order/1: b → c @3", "f segments order/2: c → null @3"]
    );
}

/// Each list of up to three rules against each other one: each difference waits, and is reported.
#[test]
fn no_edit_of_a_list_is_passed_over() {
    let rules = [(0, A), (0, B), (1, A), (0, HALF)];
    let mut lists: Vec<Vec<(u32, &str)>> = vec![Vec::new()];
    for length in 0..3 {
        let longer = lists.iter().filter(|list| list.len() == length).flat_map(|list| {
            let with = |rule: &(u32, &'static str)| list.iter().copied().chain([*rule]).collect::<Vec<_>>();
            rules.iter().map(with).collect::<Vec<_>>()
        });
        let longer: Vec<_> = longer.collect();
        lists.extend(longer);
    }
    // One in seven, which meets all lengths and rules.
    let pairs = lists.iter().flat_map(|one| lists.iter().map(move |other| (one, other)));
    for (before, after) in pairs.step_by(7).filter(|(before, after)| before != after) {
        let report = of_goff(before, after);
        let reported = report.flags.iter().flat_map(|flag| &flag.changes).any(|change| change.rule.is_some());
        assert!(reported && report.verdict == Verdict::Pending, "{before:?} {after:?}");
    }
}

/// An exclusion that goes lets users in, whatever stands behind it.
#[test]
fn an_exclusion_that_goes_waits() {
    let before = [(0, B), (1, A), (0, A)];
    for after in [[(1, A), (0, A)].as_slice(), &[(1, A), (0, A), (0, B)], &[(0, A), (1, A), (0, B)]] {
        let report = of_goff(&before, after);
        assert_eq!(report.verdict, Verdict::Pending, "{after:?}");
        let gone = changes(&report).iter().any(|line| line.contains("b → null") || line.contains("b → a"));
        assert!(gone, "{after:?}: {:#?}", changes(&report));
    }
}

/// Two large items that are nearly alike are listed by what differs in their places.
#[test]
fn large_items_that_change_places_stay_short() {
    let rule = |variation: &str, more: &str| {
        let targets: String = (0..800).map(|number| format!("{{\"identifier\": \"user-{number}\"}},")).collect();
        format!("{{\"variation\": \"{variation}\", \"targets\": [{targets}{{\"identifier\": \"{more}\"}}]}}")
    };
    let file = |rules: [String; 2]| {
        let spec =
            "\"variations\": [{\"identifier\": \"a\", \"value\": \"a\"}, {\"identifier\": \"b\", \"value\": \"b\"}]";
        let on =
            "\"identifier\": \"p\", \"state\": \"on\", \"default\": {\"onVariation\": \"a\", \"offVariation\": \"a\"}";
        let environment = format!("{{{on}, \"targetRules\": [{}]}}", rules.join(", "));
        let flag = format!("\"identifier\": \"f\", \"spec\": {{{spec}}}, \"environments\": [{environment}]");
        format!("{{\"featureFlags\": {{\"flags\": [{{\"flag\": {{{flag}}}}}]}}}}")
    };
    let before = file([rule("a", "x"), rule("b", "y")]);
    for after in [file([rule("b", "y"), rule("a", "x")]), file([rule("b", "x"), rule("a", "y")])] {
        let report = of("harness", "flags.json", &before, &after);
        assert_eq!(report.verdict, Verdict::Pending, "{:#?}", report.diagnostics);
        let found = changes(&report);
        assert!(found.len() <= 4, "{found:#?}");
    }
}

/// The shares of a rule stand under its name, in another field.
#[test]
fn a_rule_of_another_name_is_one_line() {
    let goff = |rules: &[(&str, &str, u32)]| {
        let rule = |(name, plan, on): &(&str, &str, u32)| {
            let name = if name.is_empty() { String::new() } else { format!("name: {name}, ") };
            format!("    - {{{name}query: 'plan eq \"{plan}\"', percentage: {{on: {on}, off: {}}}}}\n", 100 - on)
        };
        let rules: String = rules.iter().map(rule).collect();
        format!("f:\n  variations: {{on: true, off: false}}\n  targeting:\n{rules}  defaultRule: {{variation: off}}\n")
    };
    let lines = |before: &[(&str, &str, u32)], after: &[(&str, &str, u32)]| -> Vec<String> {
        let found = changes(&of("goff", "a.goff.yaml", &goff(before), &goff(after)));
        found.iter().map(|line| line.split(" @").next().unwrap_or_default().to_owned()).collect()
    };
    let old = [("rule-05", "a", 20), ("b-05", "b", 30), ("rest", "c", 10)];
    let name = |from: &str, to: &str| format!("f segments rules/{from}/name: {from} → {to}");
    for (after, expected) in [
        ([("rule-06", "a", 20), ("b-05", "b", 30), ("rest", "c", 10)], vec![name("rule-05", "rule-06")]),
        (
            [("rule-06", "a", 20), ("b-06", "b", 30), ("rest", "c", 10)],
            vec![name("rule-05", "rule-06"), name("b-05", "b-06")],
        ),
        // Other changes have their own lines.
        (
            [("rule-06", "a", 20), ("b-05", "b", 30), ("rest", "c", 15)],
            vec![
                name("rule-05", "rule-06"),
                "f distribution percentages/rest/percentage/on: 10 → 15".to_owned(),
                "f distribution percentages/rest/percentage/off: 90 → 85".to_owned(),
            ],
        ),
        (
            [("rule-06", "a", 25), ("b-05", "b", 30), ("rest", "c", 10)],
            vec![
                name("rule-05", "rule-06"),
                "f distribution percentages/rule-06/percentage/on: 20 → 25".to_owned(),
                "f distribution percentages/rule-06/percentage/off: 80 → 75".to_owned(),
            ],
        ),
    ] {
        assert_eq!(lines(&old, &after), expected);
    }
    // Names that change hands are no other names.
    let swapped = [("b-05", "a", 20), ("rule-05", "b", 30), ("rest", "c", 10)];
    assert!(lines(&old, &swapped).iter().any(|line| line.starts_with("f distribution ")));
    // Another rule is another one.
    let other = [("rule-06", "z", 20), ("b-05", "b", 30), ("rest", "c", 10)];
    assert!(lines(&old, &other).iter().any(|line| line.starts_with("f distribution ")));
}

/// An empty list next to all flags may stand for nobody, or for everyone, but for one to which flags come.
#[test]
fn an_empty_list_next_to_all_flags() {
    let verdict = |format: &str, path: &str, before: &str, after: &str| {
        judged(format, &files(&[(path, before)]), &files(&[(path, after)])).verdict
    };
    let flags = "features:\n  search: true\n";
    for empty in ["only: []\n", "only: {}\n", "settings: {only: []}\n", "settings: {a: 1, only: []}\n"] {
        let with = format!("{flags}{empty}");
        let without = if empty.contains("a: 1") { format!("{flags}settings: {{a: 1}}\n") } else { flags.to_owned() };
        assert_eq!(verdict("registry", "flags.yml", &without, &with), Verdict::Pending, "{empty}");
        assert_eq!(verdict("registry", "flags.yml", &with, &without), Verdict::Pending, "{empty}");
        // A switch-off next to it waits for nobody.
        let off = with.replace("true", "false");
        assert_eq!(verdict("registry", "flags.yml", &with, &off), Verdict::NotRequired, "{empty}");
    }
    for (format, path, before, after) in [
        ("registry", "flags.yml", "features: {search: false}\n", "features: {}\n"),
        ("registry", "flags.yml", "features: {}\n", "features: {search: false}\n"),
        ("registry", "flags.yml", "{}\n", "features: {search: false}\n"),
        ("unleash", "e.json", "{\"features\": []}\n", "{\"features\": [], \"segments\": []}\n"),
        ("flipt", "features.yml", "namespace: a\nflags: []\n", "namespace: a\nflags: []\nsegments: []\n"),
    ] {
        assert_eq!(verdict(format, path, before, after), Verdict::NotRequired, "{before}{after}");
        assert_eq!(verdict(format, path, after, before), Verdict::NotRequired, "{after}{before}");
    }
}
