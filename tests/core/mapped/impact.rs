//! Users and variants of mapped flags: as the evaluators of their formats divide users.

use countersign::impact::{Impact, of, sentence};

use super::{own, read};

/// The flows of users who get something else, a line for each group; then what is not known.
pub fn reported(impact: &Impact) -> Vec<String> {
    let mut lines = Vec::new();
    for group in &impact.per_segment {
        let who = group.segment.as_deref().unwrap_or("others");
        let from = group
            .moved_from
            .as_ref()
            .map_or_else(String::new, |from| format!(" from {}", from.segment.as_deref().unwrap_or("others")));
        let name = |variant: &Option<String>| variant.clone().unwrap_or_else(|| "none".to_owned());
        let flows = group.matrix.iter().filter(|flow| flow.from != flow.to);
        let flows: Vec<String> =
            flows.map(|flow| format!("{}→{} {}", name(&flow.from), name(&flow.to), flow.share)).collect();
        if !flows.is_empty() {
            lines.push(format!("{who}{from}: {}", flows.join(", ")));
        }
    }
    lines.extend(impact.unknown.iter().map(|why| format!("unknown: {why}")));
    lines.extend(impact.unmodelled.iter().map(|why| format!("unmodelled: {why}")));
    lines
}

/// The impact of a change of the only flag of a file.
fn impact(format: &str, before: &str, after: &str) -> Vec<String> {
    let path = if format == "featurevisor" { "features/a.yml" } else { "a.yaml" };
    let flag = |text: &str| {
        let (flags, found) = read(format, path, text);
        let own = |flag: &countersign::flag::Flag| {
            flag.links.part.is_none() && flag.scope.as_deref().is_none_or(|scope| scope != "staging")
        };
        let flags: Vec<_> = flags.into_iter().filter(own).collect();
        assert!(flags.len() == 1 && found.iter().all(|one| !one.contains("error")), "{text}\n{found:?}");
        flags.into_iter().next().unwrap()
    };
    reported(&of(Some(&flag(before)), Some(&flag(after))))
}

fn goff(of: &str) -> String {
    format!("a:\n  variations: {{on: true, off: false}}\n{of}")
}

#[test]
fn go_feature_flag() {
    let default = |rule: &str| goff(&format!("  defaultRule: {rule}\n"));
    let ramp = |on: u32| default(&format!("{{percentage: {{on: {on}, off: {}}}}}", 100 - on));
    assert_eq!(impact("goff", &ramp(20), &ramp(50)), ["others: off→on 30.0%"]);
    assert_eq!(impact("goff", &ramp(50), &ramp(20)), ["others: on→off 30.0%"]);
    assert_eq!(impact("goff", &default("{variation: off}"), &ramp(10)), ["others: off→on 10.0%"]);
    // The percentage stands before the variation, and a rollout before both; that something differs is reported all the
    // same.
    assert_eq!(
        impact("goff", &ramp(20), &default("{variation: on, percentage: {on: 20, off: 80}}")),
        ["unmodelled: `distribution` differs in a way that is not computed"]
    );
    // Another sum is another modulus, by which all users are cut anew.
    let halves = default("{percentage: {on: 1, off: 1}}");
    assert_eq!(impact("goff", &ramp(50), &halves), ["others: off→on 25.0%, on→off 25.0%"]);
    // Cut in the reverse order of names: `off` has the last part, `zero` would have the first.
    let three =
        goff("  defaultRule: {percentage: {on: 40, off: 40, zero: 20}}\n").replace("off: false", "off: false, zero: 0");
    let before = three.replace("on: 40, off: 40, zero: 20", "on: 40, off: 60, zero: 0");
    assert_eq!(impact("goff", &before, &three), ["others: off→on 20.0%, on→zero 20.0%"]);
}

#[test]
fn rules_of_go_feature_flag() {
    let with = |rules: &str| goff(&format!("  targeting: {rules}\n  defaultRule: {{variation: off}}\n"));
    let beta = |rest: &str| with(&format!("[{{name: beta, query: 'plan eq \"beta\"', {rest}}}]"));
    assert_eq!(
        impact("goff", &beta("percentage: {on: 10, off: 90}"), &beta("percentage: {on: 30, off: 70}")),
        ["beta: off→on 20.0%"]
    );
    // Other conditions: some may come or go, up to all.
    let other = with("[{name: beta, query: 'plan eq \"pro\"', variation: on}]");
    assert_eq!(
        impact("goff", &beta("variation: on"), &other),
        ["others from beta: on→off 100.0%", "beta from others: off→on 100.0%"]
    );
    // A rule that is switched off is not asked, and one without a query is about all.
    assert_eq!(
        impact("goff", &beta("variation: on"), &beta("variation: on, disable: true")),
        ["others from beta: on→off 100.0%"]
    );
    assert_eq!(impact("goff", &with("[]"), &with("[{name: all, variation: on}]")), ["all from others: off→on 100.0%"]);
    // Another name is the same rule.
    let renamed = beta("variation: on").replace("name: beta", "name: gamma");
    assert_eq!(impact("goff", &beta("variation: on"), &renamed), Vec::<String>::new());
    assert_eq!(
        impact("goff", &beta("variation: on"), &beta("percentage: {on: many}")),
        ["unknown: `beta`: a percentage of it is no number, is negative or has more than three decimal places"]
    );
}

#[test]
fn what_moves_by_itself_is_taken_as_it_ends() {
    let rollout = |from: u32, to: u32| {
        goff(&format!(
            "  defaultRule:\n    progressiveRollout:\n      initial: {{variation: off, percentage: {from}, date: 2026-01-01T00:00:00Z}}\n      end: {{variation: on, percentage: {to}, date: 2026-02-01T00:00:00Z}}\n"
        ))
    };
    let reported = impact("goff", &rollout(0, 20), &rollout(0, 50));
    assert_eq!(reported.first().map(String::as_str), Some("others: off→on 30.0%"), "{reported:?}");
    // Zero is everyone to its evaluator.
    let reported = impact("goff", &rollout(0, 20), &rollout(0, 0));
    assert_eq!(reported.first().map(String::as_str), Some("others: off→on 80.0%"), "{reported:?}");
    let steps = |last: u32| {
        goff(&format!(
            "  targeting: [{{name: beta, query: 'b eq 1', percentage: {{on: 10, off: 90}}}}]\n  defaultRule: {{variation: off}}\n  scheduledRollout:\n    - {{date: 2026-03-01T00:00:00Z, targeting: [{{name: beta, percentage: {{on: {last}, off: {}}}}}]}}\n    - {{date: 2026-02-01T00:00:00Z, targeting: [{{name: beta, percentage: {{on: 50, off: 50}}}}]}}\n",
            100 - last
        ))
    };
    let reported = impact("goff", &steps(60), &steps(100));
    let end = reported.iter().find(|line| line.contains("by itself")).unwrap_or_else(|| panic!("{reported:?}"));
    assert!(end.contains("2026-03-01T00:00:00Z") && end.contains("40.0%"), "{end}");
}

fn flipt(of: &str) -> String {
    format!(
        "version: '1.4'\nnamespace: shop\nflags:\n  - key: a\n    name: A\n{of}segments:\n  - key: eu\n    constraints: []\n"
    )
}

#[test]
fn flipt_divides_users() {
    let rules = |old: u32| {
        flipt(&format!(
            "    type: VARIANT_FLAG_TYPE\n    enabled: true\n    variants: [{{key: old}}, {{key: new}}]\n    rules:\n      - segment: eu\n        distributions: [{{variant: old, rollout: {old}}}, {{variant: new, rollout: {}}}]\n",
            100 - old
        ))
    };
    assert_eq!(impact("flipt", &rules(90), &rules(60)), ["rule 1: old→new 30.0%"]);
    // The order of distributions is the order of the cuts.
    let turned = rules(60).replace(
        "[{variant: old, rollout: 60}, {variant: new, rollout: 40}]",
        "[{variant: new, rollout: 40}, {variant: old, rollout: 60}]",
    );
    assert_eq!(impact("flipt", &rules(60), &turned), ["rule 1: new→old 40.0%, old→new 40.0%"]);
    // A user in no rule gets the default variant.
    let default = rules(60).replace("{key: new}", "{key: new, default: true}");
    assert_eq!(impact("flipt", &rules(60), &default).first().map(String::as_str), Some("others: none→new 100.0%"));
    let short = rules(60).replace("rollout: 40", "rollout: 30");
    assert!(impact("flipt", &rules(60), &short)[0].starts_with("unknown: `rule 1`: its distributions do not add up"));
}

#[test]
fn boolean_flags_of_flipt() {
    let rollouts = |of: &str| flipt(&format!("    type: BOOLEAN_FLAG_TYPE\n    enabled: false\n    rollouts:\n{of}"));
    let threshold = |percentage: u32| format!("      - threshold: {{percentage: {percentage}, value: true}}\n");
    let segment = "      - segment: {key: eu, value: true}\n";
    assert_eq!(impact("flipt", &rollouts(&threshold(10)), &rollouts(&threshold(25))), ["others: false→true 15.0%"]);
    // A user whom a percentage leaves out goes on to the next.
    let both = |first: String, then: &str| rollouts(&(first + then));
    assert_eq!(
        impact("flipt", &both(threshold(10), segment), &both(threshold(25), segment)),
        ["others: false→true 15.0%"]
    );
    let off = segment.replace("true", "false");
    assert_eq!(
        impact("flipt", &both(threshold(10), segment), &both(threshold(10), &off)),
        ["rule 2: true→false 90.0%"]
    );
    // With rollouts `enabled` is what they do not decide.
    let on = rollouts(&threshold(10)).replace("enabled: false", "enabled: true");
    assert_eq!(impact("flipt", &rollouts(&threshold(10)), &on), ["others: false→true 90.0%"]);
}

#[test]
fn featurevisor_divides_users() {
    let feature = |variations: &str, percentage: u32| {
        format!(
            "bucketBy: userId\n{variations}rules:\n  production:\n    - {{key: nl, segments: nl, percentage: {percentage}}}\n"
        )
    };
    let two = "variations: [{value: control, weight: 50}, {value: treatment, weight: 50}]\n";
    assert_eq!(impact("featurevisor", &feature("", 20), &feature("", 50)), ["nl: none→on 30.0%"]);
    assert_eq!(
        impact("featurevisor", &feature(two, 20), &feature(two, 50)),
        ["nl: none→control 15.0%, none→treatment 15.0%"]
    );
    // One that shrinks divides users anew, by what builds before gave.
    let shrinks = impact("featurevisor", &feature(two, 50), &feature(two, 20));
    assert_eq!(
        shrinks.last().map(String::as_str),
        Some("unknown: `nl`: users are divided anew, which depends on what they were given before")
    );
    // A forced user comes first, and one who is forced in another environment is none of it.
    let forced = |env: &str, said: &str, share: u32| {
        feature("", share) + &format!("force:\n  {env}: [{{segments: qa, {said}}}]\n")
    };
    let shares = |env: &str, said: &str| impact("featurevisor", &forced(env, said, 20), &forced(env, said, 50));
    assert_eq!(shares("staging", "enabled: true"), ["nl: none→on 30.0%"]);
    assert_eq!(shares("production", "enabled: true"), ["nl: none→on 30.0%"]);
    assert_eq!(
        impact("featurevisor", &forced("production", "enabled: false", 20), &forced("production", "enabled: true", 20)),
        ["forced 1: none→on 100.0%"]
    );
    let variables = |value: u32| forced("production", &format!("variables: {{a: {value}}}"), 20);
    assert!(impact("featurevisor", &variables(1), &variables(2)).iter().any(|line| line.starts_with("unknown")));
}

#[test]
fn microsoft_allocates() {
    let settings = |allocation: &str| {
        format!(
            "{{\"feature_management\": {{\"feature_flags\": [{{\"id\": \"a\", \"enabled\": true, \"variants\": [{{\"name\": \"x\"}}, {{\"name\": \"y\"}}], \"allocation\": {allocation}}}]}}}}"
        )
    };
    let split = |at: u32| {
        settings(&format!(
            "{{\"percentile\": [{{\"variant\": \"x\", \"from\": 0, \"to\": {at}}}, {{\"variant\": \"y\", \"from\": {at}, \"to\": 100}}], \"seed\": \"s\"}}"
        ))
    };
    assert_eq!(impact("microsoft", &split(50), &split(80)), ["others: y→x 30.0%"]);
    let default = settings(
        "{\"default_when_enabled\": \"y\", \"percentile\": [{\"variant\": \"x\", \"from\": 20, \"to\": 50}], \"seed\": \"s\"}",
    );
    assert_eq!(impact("microsoft", &split(50), &default), ["others: x→y 20.0%"]);
    let other_seed = split(50).replace("\"seed\": \"s\"", "\"seed\": \"t\"");
    assert_eq!(impact("microsoft", &split(50), &other_seed), ["others: x→y 25.0%, y→x 25.0%"]);
    let overlapping = split(50).replace("\"from\": 50", "\"from\": 40");
    assert!(impact("microsoft", &split(50), &overlapping)[0].starts_with("unknown"));
}

/// A study of Brave as its mapping reads it.
fn study(filter: &str, enabled: u32) -> String {
    format!(
        "[{{name: 'S', filter: {{{filter}, channel: ['RELEASE']}}, experiment: [\n  {{name: 'Enabled', probability_weight: {enabled}, feature_association: {{enable_feature: ['S']}}}},\n  {{name: 'Default', probability_weight: {}}}]}}]\n",
        100 - enabled
    )
}

fn of_studies(before: &str, after: &str) -> Impact {
    let mapping = super::files_of("examples/formats").remove("brave.yaml").unwrap().replace("files:", "# files:");
    let flags = own(&mapping, before, after).flags.into_iter();
    flags.filter(|flag| flag.key.ends_with("RELEASE")).find_map(|flag| flag.impact).unwrap()
}

#[test]
fn a_filter_that_only_narrows_or_only_widens() {
    const FEWER: &str = "unknown: it is for fewer than before, and how many fewer is not known";
    const MORE: &str = "unknown: it is for more than before, and how many more is not known";
    const OTHERS: &str = "unknown: it is for others than before, and how many come or go is not known";
    let base = "min_version: '1.2', platform: ['MAC', 'IOS']";
    for (before, after, expected) in [
        (base, "min_version: '1.2', platform: ['MAC', 'IOS'], max_version: '1.5'", FEWER),
        (base, "min_version: '1.2', platform: ['MAC', 'IOS'], country: ['us']", FEWER),
        (base, "min_version: '1.10', platform: ['MAC', 'IOS']", FEWER),
        (base, "min_version: '1.2', platform: ['IOS']", FEWER),
        (base, "min_version: '1.2', platform: ['MAC', 'IOS'], exclude_country: ['us']", FEWER),
        (base, "min_version: '1.2', platform: ['MAC', 'IOS', 'LINUX']", MORE),
        (base, "platform: ['MAC', 'IOS']", MORE),
        (base, "min_version: '1.1.*', platform: ['MAC', 'IOS']", MORE),
        (base, "min_version: '1.2', platform: ['MAC', 'LINUX']", OTHERS),
        (base, "min_version: '1.1', platform: ['MAC']", OTHERS),
        // Nobody, or everybody.
        (base, "min_version: '1.2', platform: []", OTHERS),
    ] {
        assert_eq!(reported(&of_studies(&study(before, 50), &study(after, 50))), [expected], "{after}");
    }
    // The same users, written otherwise.
    let mapping = super::files_of("examples/formats").remove("brave.yaml").unwrap().replace("files:", "# files:");
    let same = own(&mapping, &study(base, 50), &study("platform: ['IOS', 'MAC'], min_version: '1.2'", 50));
    assert_eq!(same.flags.len(), 0);
    // Where nobody is given anything, nobody comes or goes.
    let nobody = of_studies(&study(base, 50), &study("min_version: '1.3', platform: ['MAC', 'IOS']", 60));
    assert_eq!(reported(&nobody), ["the users it is for: Default→Enabled 10.0%", FEWER]);
}

#[test]
fn an_arm_that_changes_nothing_exposes_nobody() {
    let off = study("min_version: '1.2'", 8).replace("'RELEASE'", "'NIGHTLY'");
    let on = study("min_version: '1.2'", 8);
    let impact = of_studies(&off, &on);
    assert_eq!(
        countersign::impact::sentence(&impact),
        "goes live: 8.0% of `the users it is for` get `Enabled`, 92.0% `Default`"
    );
    assert_eq!((impact.exposed().to_string(), impact.affected().to_string()), ("8.0%".to_owned(), "8.0%".to_owned()));
}

#[test]
fn what_is_off_of_a_switch_exposes_nobody() {
    let of = |format: &str, path: &str, before: &str, after: &str| {
        let side = |text: &str| std::collections::BTreeMap::from([(path.to_owned(), text.to_owned())]);
        let flag = super::judged(format, &side(before), &side(after)).flags.remove(0);
        (flag.impact_summary.unwrap(), flag.impact.unwrap().affected().to_string())
    };
    let reported = |summary: &str, share: &str| (summary.to_owned(), share.to_owned());
    let flipt = |rest: &str| {
        format!(
            "namespace: d\nflags:\n  - key: f\n    name: F\n    type: BOOLEAN_FLAG_TYPE\n    enabled: false\n{rest}"
        )
    };
    assert_eq!(
        of("flipt", "features.yml", &flipt(""), &flipt("    rollouts: [{threshold: {percentage: 10, value: true}}]\n")),
        reported("goes live: 10.0% of everyone get `true`", "10.0%")
    );
    let flagd = |state: &str| {
        format!(
            "{{\"flags\": {{\"f\": {{\"state\": \"{state}\", \"variants\": {{\"on\": true, \"off\": false}}, \"defaultVariant\": \"off\", \"targeting\": {{\"fractional\": [[\"on\", 1], [\"off\", 9]]}}}}}}}}"
        )
    };
    // While it was disabled or not there, applications got the default of their code, which may be anything.
    assert_eq!(of("flagd", "a.json", "{\"flags\": {}}", &flagd("ENABLED")).1, "100.0%");
    assert_eq!(of("flagd", "a.json", &flagd("DISABLED"), &flagd("ENABLED")).1, "100.0%");
}

#[test]
fn a_variation_that_does_not_exist_gives_nothing() {
    let before = goff("  defaultRule: {variation: Default}\n");
    assert_eq!(impact("goff", &before, &goff("  defaultRule: {variation: off}\n")), ["others: none→off 100.0%"]);
}

/// A filter that comes is for fewer, one that goes for more: nobody comes to a flag that was for everyone.
#[test]
fn a_first_filter_narrows_and_the_last_one_widens() {
    const DUCKDUCKGO: &str = include_str!("../../../examples/formats/duckduckgo.yaml");
    let mapping = DUCKDUCKGO.replace("files:", "# files:").replace("{file: \"features/*\"}", "always");
    let feature = |exceptions: &str| format!("{{\"state\": \"enabled\", \"exceptions\": [{exceptions}]}}");
    let reported = |before: &str, after: &str| {
        let report = super::own(&mapping, &feature(before), &feature(after));
        report.flags.first().and_then(|flag| flag.impact_summary.clone())
    };
    let one = "{\"domain\": \"x.y\"}";
    let sentence =
        |way: &str| Some(format!("not computed: it is for {way} than before, and how many {way} is not known"));
    assert_eq!(reported("", one), sentence("fewer"));
    assert_eq!(reported(one, ""), sentence("more"));
    assert_eq!(reported("", ""), None);
}

/// A path to the map of weights is one to each of them.
#[test]
fn the_map_of_weights_may_be_named_itself() {
    for (at, flags) in [
        (".", "tests:\n  a: {red: 1, blue: HOLE}\n"),
        ("weights", "tests:\n  a: {weights: {red: 1, blue: HOLE}}\n"),
        ("weights/*", "tests:\n  a: {weights: {red: 1, blue: HOLE}}\n"),
    ] {
        let mapping = format!(
            "files: [flags.yml]\nentities: [{{at: \"tests/*\", live: [live], impact: {{weights: \"{at}\"}}, fields: {{distribution: \
             {{at: \"{}\", as: share}}}}}}]\n",
            at.trim_end_matches("/*")
        );
        let report = own(&mapping, &flags.replace("HOLE", "1"), &flags.replace("HOLE", "3"));
        let impact = report.flags[0].impact.clone().unwrap();
        assert_eq!(reported(&impact), ["others: red→blue 25.0%"], "{at}");
    }
}

/// The first flag of a file.
pub fn only(format: &str, path: &str, text: &str) -> countersign::flag::Flag {
    let (flags, found) = read(format, path, text);
    assert!(found.iter().all(|one| !one.contains("error")), "{text}\n{found:?}");
    flags.into_iter().next().unwrap()
}

/// A flag of Harness that is off gives its off variation, so that who gets that from one that is on gets nothing else.
#[test]
fn a_flag_that_gives_a_variation_while_it_is_off() {
    let typed = |kind: &str, state: &str, on: &str, value: &str| {
        let variations = format!("[{{identifier: 'true', value: 'true'}}, {{identifier: 'false', value: '{value}'}}]");
        let env =
            format!("{{identifier: p, state: '{state}', default: {{onVariation: '{on}', offVariation: 'false'}}}}");
        let flag = format!("identifier: a, spec: {{type: {kind}, variations: {variations}}}, environments: [{env}]");
        only("harness", "flags.yaml", &format!("featureFlags: {{flags: [{{flag: {{{flag}}}}}]}}\n"))
    };
    let flag = |state: &str, on: &str, value: &str| typed("boolean", state, on, value);
    let (off, on) = (flag("off", "true", "false"), flag("on", "true", "false"));
    let turned_on = of(Some(&off), Some(&on));
    assert_eq!(reported(&turned_on), ["others: false→true 100.0%"]);
    assert_eq!(turned_on.per_segment[0].newly.to_string(), "100.0%");
    assert_eq!(sentence(&turned_on), "goes live: 100.0% of everyone get `true`");
    let turned_off = of(Some(&on), Some(&off));
    assert_eq!(reported(&turned_off), ["others: true→false 100.0%"]);
    assert_eq!(turned_off.per_segment[0].lose.to_string(), "100.0%");
    assert_eq!(sentence(&turned_off), "no longer live: 100.0% of everyone get `false`");
    // On, it gives what it gave.
    let (off, on) = (flag("off", "false", "false"), flag("on", "false", "false"));
    let (turned_on, turned_off) = (of(Some(&off), Some(&on)), of(Some(&on), Some(&off)));
    assert!(turned_on.is_nothing(), "{turned_on:#?}");
    assert_eq!(sentence(&turned_on), "goes live: nobody gets anything else than while it was off");
    assert_eq!(sentence(&turned_off), "no longer live: nobody gets anything else");
    // Another value of the same variation is something else.
    let on = flag("on", "false", "no");
    assert_eq!(reported(&of(Some(&off), Some(&on))), ["others: none→false 100.0%"]);
    // So is the same value of another type.
    assert_eq!(
        reported(&of(Some(&off), Some(&typed("string", "on", "false", "false")))),
        ["others: none→false 100.0%"]
    );
    // A new flag has no other side.
    assert_eq!(reported(&of(None, Some(&on))), ["others: none→false 100.0%"]);
}

/// A boolean flag of Flipt answers `false` while it is off, and one of Microsoft's names its variant for that.
#[test]
fn variants_while_a_flag_is_off() {
    let flipt = |enabled: bool, rollouts: &str| {
        let flag = format!("key: a, name: a, type: BOOLEAN_FLAG_TYPE, enabled: {enabled}{rollouts}");
        only("flipt", "features.yaml", &format!("namespace: default\nflags: [{{{flag}}}]\n"))
    };
    let (off, on) = (flipt(false, ""), flipt(true, ""));
    assert_eq!(reported(&of(Some(&off), Some(&on))), ["others: false→true 100.0%"]);
    assert_eq!(sentence(&of(Some(&on), Some(&off))), "no longer live: 100.0% of everyone get `false`");
    let some = flipt(false, ", rollouts: [{threshold: {percentage: 20, value: true}}]");
    assert_eq!(reported(&of(Some(&off), Some(&some))), ["others: false→true 20.0%"]);
    assert_eq!(sentence(&of(Some(&off), Some(&some))), "goes live: 20.0% of everyone get `true`");

    let microsoft = |enabled: bool, on: &str| {
        let variants =
            r#"[{"name": "Off", "configuration_value": false}, {"name": "On", "configuration_value": true}]"#;
        let allocation = format!(r#"{{"default_when_disabled": "Off", "default_when_enabled": "{on}"}}"#);
        let flag =
            format!(r#"{{"id": "a", "enabled": {enabled}, "variants": {variants}, "allocation": {allocation}}}"#);
        only("microsoft", "a.json", &format!(r#"{{"feature_management": {{"feature_flags": [{flag}]}}}}"#))
    };
    let turned_on = of(Some(&microsoft(false, "On")), Some(&microsoft(true, "On")));
    assert_eq!(reported(&turned_on), ["others: Off→On 100.0%"]);
    // Whether it is on is asked by itself.
    let turned_on = of(Some(&microsoft(false, "Off")), Some(&microsoft(true, "Off")));
    assert_eq!(reported(&turned_on), ["others: none→Off 100.0%"]);
}
