//! Items of lists by their names, and spellings that move nobody.

use std::collections::BTreeSet;

use countersign::impact::{self, Impact, sentence};
use countersign::report::Verdict;

use super::impact::{only, reported};
use super::reviewed::{changes, of};
use super::{own, read};

#[test]
fn rules_are_known_by_their_names_and_their_order() {
    let rules = |rules: &str| {
        format!("a:\n  variations: {{x: 1, z: 2}}\n  targeting: [{rules}]\n  defaultRule: {{variation: x}}\n")
    };
    let (r, s) = ("{name: r, query: a eq 1, variation: z}", "{name: s, query: b eq 1, variation: z}");
    let reported = |before: &str, after: &str| changes(&of("goff", "a.yaml", &rules(before), &rules(after)));
    let order = reported(&format!("{r}, {s}"), &format!("{s}, {r}"));
    assert!(order.len() == 1 && order[0].contains("rules: [r,s] → [s,r]"), "{order:#?}");
    let edited = reported(&format!("{r}, {s}"), &format!("{r}, {}", s.replace("b eq 1", "b eq 2")));
    assert!(edited.len() == 1 && edited[0].contains("rules/s/query"), "{edited:#?}");
    // Another name is one where the rule stood.
    let renamed = reported(&format!("{r}, {s}"), &format!("{}, {s}", r.replace("name: r", "name: t")));
    assert!(renamed.iter().any(|line| line.contains("rules/r/name")), "{renamed:#?}");
}

#[test]
fn spellings_of_featurevisor_move_nobody() {
    let feature =
        |rule: &str| format!("bucketBy: userId\nrules:\n  production:\n    - {{key: e, {rule}, percentage: 50}}\n");
    for (one, other) in [
        ("segments: nl", "segments: [nl]"),
        ("segments: {and: [a, b]}", "segments: [b, a]"),
        ("segments: '*'", "segments: ['*']"),
        ("segments: nl", "segments: nl, enabled: true"),
        ("segments: nl, description: x", "segments: nl, description: y"),
    ] {
        let report = of("featurevisor", "features/f.yml", &feature(one), &feature(other));
        assert_eq!(report.verdict, Verdict::NotRequired, "{one} {other}");
        assert!(
            report.flags.iter().all(|flag| flag.impact.as_ref().is_some_and(Impact::is_nothing)),
            "{one} {other}: {report:?}"
        );
    }
    let weights = |weight: u32| {
        feature(&format!("segments: nl, variationWeights: {{a: {weight}, b: {}}}", 100 - weight))
            + "variations: [{value: a, weight: 50}, {value: b, weight: 50}]\n"
    };
    let report = of("featurevisor", "features/f.yml", &weights(10), &weights(20));
    let rules: Vec<_> = report.flags.iter().flat_map(|flag| &flag.changes).filter_map(|change| change.rule).collect();
    assert!(!rules.is_empty() && rules.iter().all(|rule| rule.as_str() == "variant-distribution"), "{rules:?}");
}

#[test]
fn a_key_without_quotes_is_a_key() {
    let (flags, _) = read("registry", "config/flags.yml", "y: true\nsearch: false\n");
    assert_eq!(flags.iter().map(|flag| &*flag.key).collect::<Vec<_>>(), ["y", "search"]);
}

/// A switch that is taken away is neither on nor off where a mapping says what both mean.
#[test]
fn absence_is_none_of_two_values_that_tests_name() {
    let both = "entities: [{at: '*', live: [{when: {at: killed, is: true}, is: inactive}, {when: {at: killed, is: false}, is: live}]}]\n";
    let one = "entities: [{at: '*', live: [{when: {at: 'on', is: true}, is: live}]}]\n";
    let verdict = |mapping: &str, before: &str, after: &str| own(mapping, before, after).verdict;
    for (before, after) in [
        ("a: {killed: true, x: 1}\n", "a: {x: 1}\n"),
        ("a: {killed: true}\n", "a: {killed: null}\n"),
        ("b: {killed: true}\n", "b: {killed: true}\na: {x: 1}\n"),
    ] {
        assert_eq!(verdict(both, before, after), Verdict::Pending, "{before}{after}");
    }
    assert_eq!(verdict(both, "a: {killed: false}\n", "a: {killed: true}\n"), Verdict::NotRequired);
    // One test alone says that everything else is off.
    assert_eq!(verdict(one, "a: {'on': true, x: 1}\n", "a: {x: 1}\n"), Verdict::NotRequired);
}

/// A path to a plain text is a name as much as one to a map with names.
#[test]
fn names_of_variants_are_looked_for_at_any_path() {
    for (fields, file, wrong) in [
        (
            "{variants: choices, distribution: {at: default, names: variants}}",
            "{choices: {old: 0, new: 1}, default: nope}",
            1,
        ),
        (
            "{variants: choices, distribution: {at: {d: default}, names: variants}}",
            "{choices: {old: 0}, default: nope}",
            1,
        ),
        (
            "{variants: choices, distribution: {at: 'when/*/give', names: variants}}",
            "{choices: {old: 0}, when: [{give: old}, {give: nope}]}",
            1,
        ),
        (
            "{variants: choices, distribution: {at: default, names: variants}}",
            "{choices: {old: 0, new: 1}, default: new}",
            0,
        ),
        (
            "{variants: {at: choices, list: keyed(name)}, distribution: {at: default, names: variants}}",
            "{choices: [{name: old}], default: nope}",
            1,
        ),
    ] {
        let mapping = format!("entities: [{{at: '*', live: [live], fields: {fields}}}]\n");
        let report = own(&mapping, "a: {}\n", &format!("a: {file}\n"));
        let found = report.diagnostics.iter().filter(|one| one.id.to_string() == "no-such-variant").count();
        assert_eq!(found, wrong, "{fields} {file}: {:#?}", report.diagnostics);
    }
}

/// Two items of one name are two: what one of them has is not what the other one has.
#[test]
fn a_part_that_goes_to_another_item_of_the_same_name_is_a_change() {
    let microsoft = |one: &str, other: &str| {
        let filter = |more: &str| format!("{{\"name\": \"Microsoft.TimeWindow\", \"parameters\": {{{more}}}}}");
        let all = format!("{}, {}", filter(one), filter(other));
        format!(
            "{{\"feature_management\": {{\"feature_flags\": [{{\"id\": \"A\", \"enabled\": true, \"conditions\":
{{\"client_filters\": [{all}]}}}}]}}}}\n"
        )
    };
    let unleash = |one: &str, other: &str| {
        let strategy =
            |more: &str| format!("{{\"name\": \"flexibleRollout\", \"parameters\": {{\"groupId\": \"g\"}}{more}}}");
        let all = [
            strategy(&format!(
                ", \"constraints\": [{{\"contextName\": \"userId\", \"operator\": \"IN\", \"values\": [\"bob\"]}}]{one}"
            )),
            strategy(other),
        ];
        format!(
            "{{\"version\": 1, \"features\": [{{\"name\": \"f\", \"enabled\": true, \"strategies\": [{}]}}]}}\n",
            all.join(", ")
        )
    };
    let goff = |one: &str, other: &str| {
        let rules = format!("[{{name: x, query: id eq 1, {one}}}, {{name: x, query: id ne 1, {other}}}]");
        format!("f:\n  variations: {{on: true, off: false}}\n  targeting: {rules}\n  defaultRule: {{variation: off}}\n")
    };
    let featurevisor = |one: &str, other: &str| {
        format!(
            "bucketBy: userId\nvariations: [{{value: a, weight: 50}}, {{value: b, weight: 50}}]\nrules:
  production:\n    - {{key: x, segments: bob, percentage: 100{one}}}\n    - {{key: x, segments: '*', percentage: 100{other}}}\n"
        )
    };
    let window = ["\"Start\": \"2010-01-01\", \"End\": \"2015-01-01\"", "\"Start\": \"2099-01-01\""];
    let moved = ["\"Start\": \"2010-01-01\"", "\"Start\": \"2099-01-01\", \"End\": \"2015-01-01\""];
    let variants = ", \"variants\": [{\"name\": \"new\", \"weight\": 1000}]";
    let (give, divide) = ("variation: off", "percentage: {on: 100, off: 0}");
    let weights = ", variationWeights: {a: 100, b: 0}";
    let doubled = |overrides: [&str; 2]| {
        let one = |more: &str| format!("{{key: v, value: 1{more}}}");
        format!(", variables: [{}]", overrides.map(one).join(", "))
    };
    let over = ", overrides: [{segments: bob, value: 2}]";
    let [here, there] = [doubled([over, ""]), doubled(["", over])];
    for (id, path, before, after) in [
        ("microsoft", "appsettings.json", microsoft(window[0], window[1]), microsoft(moved[0], moved[1])),
        ("unleash", "export.json", unleash(variants, ""), unleash("", variants)),
        ("goff", "f.goff.yaml", goff(divide, give), goff(give, divide)),
        ("featurevisor", "features/f.yml", featurevisor(weights, ""), featurevisor("", weights)),
        ("featurevisor", "features/f.yml", featurevisor(&here, ""), featurevisor(&there, "")),
    ] {
        let report = of(id, path, &before, &after);
        assert_eq!(report.verdict, Verdict::Pending, "{id} {after}: {report:#?}");
    }
    // To .NET one name in two letter cases.
    let cased = |names: [&str; 2], ends: [&str; 2]| {
        let filter = |(name, end): (&str, &str)| format!("{{\"Name\": \"{name}\", \"Parameters\": {{{end}}}}}");
        let all: Vec<String> = names.into_iter().zip(ends).map(filter).collect();
        format!("{{\"FeatureManagement\": {{\"A\": {{\"EnabledFor\": [{}]}}}}}}\n", all.join(", "))
    };
    let end = "\"End\": \"2015-01-01\"";
    let before = cased(["Foo", "foo"], [end, ""]);
    for after in [cased(["Foo", "foo"], ["", end]), cased(["foo", "Foo"], [end, ""])] {
        let report = of("microsoft", "appsettings.json", &before, &after);
        assert_eq!(report.verdict, Verdict::Pending, "{after}: {report:#?}");
    }
    let same = of("microsoft", "appsettings.json", &before, &cased(["foo", "Foo"], ["", end]));
    assert_eq!(same.verdict, Verdict::NotRequired, "{same:#?}");
}

/// A rule of Harness without an id is known by its priority in each field, and not by its place in one of them.
#[test]
fn a_whole_number_is_the_name_of_an_item() {
    let rule = |priority: u32, value: &str| {
        format!(
            "{{priority: {priority}, serve: {{variation: '{value}'}}, clauses: [{{attribute: x, op: in, values: [y{priority}]}}]}}"
        )
    };
    let file = |rules: &[String]| {
        let on = "state: 'on', default: {onVariation: 'on', offVariation: 'off'}";
        let env = format!("{{identifier: p, {on}, rules: [{}]}}", rules.join(", "));
        let variations = "[{identifier: 'on', value: x}, {identifier: 'off', value: y}]";
        let flag = format!("{{identifier: a, spec: {{variations: {variations}}}, environments: [{env}]}}");
        format!("featureFlags: {{flags: [{{flag: {flag}}}]}}\n")
    };
    let one = file(&[rule(20, "on"), rule(10, "off")]);
    let flag = only("harness", "flags.yaml", &one);
    let map = flag.get("distribution").and_then(|node| node.as_map().cloned()).unwrap_or_default();
    let ways: BTreeSet<String> = map.iter().map(|entry| entry.key.clone()).collect();
    assert_eq!(ways, ["default", "rules/10/serve", "rules/20/serve"].map(str::to_owned).into());
    // The order of the file says nothing.
    let other = file(&[rule(10, "off"), rule(20, "on")]);
    assert!(of("harness", "flags.yaml", &one, &other).flags.is_empty());
}

/// Variations under other names with the same values: the names change, for those whom the cut of names leaves alone.
#[test]
fn variants_of_the_same_value_under_another_name() {
    let goff = |one: &str, two: &str, rule: &str| {
        let rule = rule.replace("ONE", one).replace("TWO", two);
        format!("a: {{variations: {{{one}: b, {two}: c}}, defaultRule: {{{rule}}}}}\n")
    };
    let impact = |before: &str, after: &str| {
        let flag = |text: &str| read("goff", "flags.yaml", text).0.into_iter().next().unwrap();
        impact::of(Some(&flag(before)), Some(&flag(after)))
    };
    let all = "variation: ONE";
    let renamed = impact(&goff("x", "y", all), &goff("v", "w", all));
    let said = sentence(&renamed);
    assert!(said.starts_with("`x` renamed to `v`, `y` renamed to `w`: 100.0% of everyone get the new key"), "{said}");
    assert_eq!(renamed.caveats, ["variants that have another name give the values that they gave"]);
    // It needs approval all the same.
    assert_eq!(of("goff", "flags.yaml", &goff("x", "y", all), &goff("v", "w", all)).verdict, Verdict::Pending);
    // Users are cut by names: in another order of these some get the other value.
    let some = "percentage: {ONE: 20, TWO: 80}";
    let same = impact(&goff("x", "y", some), &goff("v", "w", some));
    assert!(same.per_segment.iter().all(|group| same.to_another_variant(group).is_nobody()));
    let turned = impact(&goff("x", "y", some), &goff("w", "v", some));
    let moved: Vec<String> =
        turned.per_segment.iter().map(|group| turned.to_another_variant(group).to_string()).collect();
    assert_eq!(moved, ["40.0%"]);
    // Another value is another variant.
    let other = impact(&goff("x", "y", all), &goff("v", "w", all).replace("v: b", "v: d"));
    assert!(sentence(&other).contains("100.0% switch variant"));
}

/// A variant flag of Flipt that is on answers so whether it has variants or not.
#[test]
fn variants_that_come_to_a_flag_without_any() {
    let flag = |more: &str| {
        let flag = format!("key: a, name: a, enabled: true{more}");
        only("flipt", "features.yaml", &format!("namespace: default\nflags: [{{{flag}}}]\n"))
    };
    let bare = flag("");
    let reports = |flag: &countersign::flag::Flag| -> Vec<String> {
        let impact = impact::of(Some(&bare), Some(flag));
        reported(&impact).into_iter().filter(|line| !line.starts_with("unmodelled")).collect()
    };
    let variants = flag(", variants: [{key: x}]");
    let impact = impact::of(Some(&bare), Some(&variants));
    let unmodelled =
        "unmodelled: `variants` changed: what the application does with other names or values is not known here";
    assert_eq!(reported(&impact), [unmodelled]);
    assert!(!sentence(&impact).contains("lose"), "{}", sentence(&impact));
    assert!(!sentence(&impact::of(Some(&variants), Some(&bare))).contains("newly"));
    assert_eq!(reports(&flag(", variants: [{key: x, default: true}]")), ["others: none→x 100.0%"]);
    assert_eq!(
        reports(&flag(", variants: [{key: x}], rules: [{segment: s, distributions: [{variant: x, rollout: 100}]}]")),
        ["rule 1 from others: none→x 100.0%"]
    );
    // Without variants on either side, a rule without one is a match.
    assert_eq!(
        reports(&flag(", rules: [{segment: s}]")),
        ["rule 1 from others: enabled, without a variant→match only 100.0%"]
    );
}

/// An item under another name is the one that says the same otherwise, wherever it stands.
#[test]
fn an_item_under_another_name_is_known_by_what_it_says() {
    let mapping = "entities: [{at: \"*\", live: {when: {at: enabled, is: true}}, fields: {variants: arms}}]\n";
    let file = |arms: &str| format!("a: {{enabled: true, arms: [{arms}, {{name: Default}}]}}\n");
    let report = own(
        mapping,
        &file("{name: Enabled, charts: false}"),
        &file("{name: With, charts: true}, {name: Without, charts: false}"),
    );
    let items: Vec<String> = report.flags[0].changes.iter().filter_map(|change| change.item.clone()).collect();
    assert_eq!(items, ["arms/Enabled/name", "arms/With"]);
}

/// Users who are named are compared by their names: one more leaves the others where they are.
#[test]
fn one_more_user_who_is_named() {
    let microsoft = |users: &str| {
        let allocation =
            format!(r#"{{"user": [{{"variant": "On", "users": [{users}]}}], "default_when_enabled": "Off"}}"#);
        let flag = format!(r#"{{"id": "a", "enabled": true, "allocation": {allocation}}}"#);
        only("microsoft", "a.json", &format!(r#"{{"feature_management": {{"feature_flags": [{flag}]}}}}"#))
    };
    let (one, two) = (microsoft(r#""jo""#), microsoft(r#""jo", "al""#));
    assert_eq!(reported(&impact::of(Some(&one), Some(&two))), ["users 1 from others: Off→On 100.0%"]);
    assert_eq!(reported(&impact::of(Some(&two), Some(&one))), ["others from users 1: On→Off 100.0%"]);
    let harness = |targets: &str| {
        let rule = format!("targetRules: [{{variation: 'off', targets: [{targets}]}}]");
        let env =
            format!("{{identifier: p, state: 'on', default: {{onVariation: 'on', offVariation: 'off'}}, {rule}}}");
        let flag = format!("identifier: a, spec: {{variations: []}}, environments: [{env}]");
        only("harness", "flags.yaml", &format!("featureFlags: {{flags: [{{flag: {{{flag}}}}}]}}\n"))
    };
    let (one, two) = (harness("{identifier: jo}"), harness("{identifier: jo}, {identifier: al}"));
    assert_eq!(reported(&impact::of(Some(&one), Some(&two))), ["targets 1 from others: on→off 100.0%"]);
}
