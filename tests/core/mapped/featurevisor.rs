//! Featurevisor: what one feature says in several places, and what of other files decides about it.

use std::collections::BTreeMap;

use countersign::impact::sentence;
use countersign::report::{Report, Verdict};

use super::impact::reported;
use super::judged;
use super::parts::files;
use super::reviewed::{changes, of};

const PATH: &str = "features/page.yml";

const PAGE: &str = "bucketBy: userId
tags: [all, web]
variablesSchema: {color: {type: string, defaultValue: red}}
variations: [{value: a, weight: 50}, {value: b, weight: 50}]
rules:
  production:
    - {key: nl, segments: nl, percentage: 80}
    - {key: rest, segments: '*', percentage: 50, variables: {color: blue}}
  staging: [{key: all, segments: '*', percentage: 100}]
";

fn edited(from: &str, to: &str) -> Report {
    let after = PAGE.replace(from, to);
    assert_ne!(after, PAGE, "{from}");
    of("featurevisor", PATH, PAGE, &after)
}

/// Each change with its rule.
fn ruled(report: &Report) -> Vec<String> {
    let all = report.flags.iter().flat_map(|flag| flag.changes.iter().map(move |change| (flag, change)));
    let rule = |rule: Option<countersign::changes::RuleId>| rule.map_or("-", countersign::changes::RuleId::as_str);
    all.map(|(flag, change)| format!("{} {}", flag.key, rule(change.rule))).collect()
}

/// The sentences of the impacts of all flags.
fn shares(report: &Report) -> Vec<String> {
    report.flags.iter().filter_map(|flag| flag.impact.as_ref()).flat_map(reported).collect()
}

/// Rules without environments are a list; a builder for environments looks at no other member than these.
#[test]
fn rules_are_a_list_or_by_environment() {
    let off = PAGE.replace("percentage: 80", "percentage: 0").replace("percentage: 50", "percentage: 0");
    let other = |text: &str| format!("{text}  x: {{percentage: 0}}\n");
    let states = |report: &Report| -> Vec<String> {
        report.flags.iter().map(|flag| format!("{} {:?}", flag.key, flag.state.after)).collect()
    };
    let report = of("featurevisor", PATH, &off, &other(PAGE));
    assert_eq!(report.verdict, Verdict::Pending, "{:?}", states(&report));
    assert!(states(&report).contains(&"page@production Some(\"live\")".to_owned()), "{:?}", states(&report));
    let first = |percentage: u8| {
        format!(
            "bucketBy: userId\nenvironments: {{production: {{rules: [{{key: a, segments: '*', percentage: {percentage}}}]}}}}\n"
        )
    };
    for map in ["rules: {production: {percentage: 0}}", "environments: {production: {rules: {percentage: 0}}}"] {
        let before = format!("bucketBy: userId\n{map}\n");
        let report = of("featurevisor", PATH, &before, &before.replace("percentage: 0", "percentage: 100"));
        assert_eq!(report.verdict, Verdict::Pending, "{map}");
    }
    for rules in ["rules: [{key: b, segments: '*', percentage: 0}]\n", "rules: {x: {percentage: 0}}\n"] {
        let report = of("featurevisor", PATH, &first(0), &format!("{}{rules}", first(100)));
        assert_eq!(report.verdict, Verdict::Pending, "{:?}", states(&report));
    }
}

/// Its reader takes YAML 1.2 as it is written.
#[test]
fn scalars_are_those_of_yaml_1_2() {
    for (to, verdict) in [("5_0", Verdict::Pending), ("0b110010", Verdict::Pending), ("0x32", Verdict::NotRequired)] {
        assert_eq!(edited("percentage: 50", &format!("percentage: {to}")).verdict, verdict, "{to}");
    }
    let merged =
        PAGE.replace("  staging: [", "  staging: &all [").replace("rules:\n", "<<: {archived: false}\nrules:\n");
    assert_eq!(of("featurevisor", PATH, PAGE, &merged).verdict, Verdict::Invalid);
}

#[test]
fn other_variables_of_a_rule_move_nobody() {
    let report = edited("blue", "green");
    assert_eq!(changes(&report), ["page@production payload rules/rest/variables/color: blue → green @8"]);
    assert_eq!(ruled(&report), ["page@production variants"]);
    assert_eq!(report.verdict, Verdict::Pending);
    assert_eq!(shares(&report), ["unmodelled: `payload` changed: what it does to users is not known here"]);
    // Nor does their order, nor what a schema has no word for.
    let two = PAGE.replace("{color: blue}", "{color: blue, size: [x, y]}");
    let report = of("featurevisor", PATH, &two, &two.replace("[x, y]", "[y, x]"));
    assert!(report.verdict == Verdict::Pending && shares(&report).len() == 1, "{:?}", shares(&report));
    let report = edited("percentage: 50,", "percentage: 50, later: x,");
    assert_eq!(shares(&report), ["unknown: `rest`: what `later` does is not known here"]);
    // A value that overrides a variable of a rule, or is forced, is reported in the same way.
    let over = |segment: &str| {
        PAGE.replace(
            "{color: blue}",
            &format!("{{color: blue}}, variableOverrides: {{color: [{{segments: {segment}, value: x}}]}}"),
        )
    };
    let report = of("featurevisor", PATH, &over("nl"), &over("be"));
    assert_eq!((ruled(&report), shares(&report).len()), (vec!["page@production variants".to_owned()], 1));
    let forced =
        |color: &str| format!("{PAGE}force:\n  production: [{{segments: qa, variables: {{color: {color}}}}}]\n");
    let report = of("featurevisor", PATH, &forced("x"), &forced("y"));
    assert_eq!(ruled(&report), ["page@production variants"]);
    // A variable named as what is served when there are no variations switches nothing off.
    let on = |given: &str| {
        format!(
            "bucketBy: id\nrules: {{production: [{{key: r, segments: '*', percentage: 100, variables: {{on: {given}}}}}]}}\n"
        )
    };
    assert_eq!(of("featurevisor", PATH, &on("false"), &on("true")).verdict, Verdict::Pending);
    assert_eq!(of("featurevisor", PATH, &on("true"), &on("false")).verdict, Verdict::Pending);
}

#[test]
fn one_number_decides_for_all_rules_of_a_feature() {
    let narrowed = |from: u32, to: u32| {
        let side = |segments: &str| {
            let text = PAGE.replace("percentage: 80", &format!("percentage: {from}"));
            text.replace("percentage: 50", &format!("percentage: {to}")).replace("segments: nl", segments)
        };
        shares(&of("featurevisor", PATH, &side("segments: nl"), &side("segments: [nl, phone]")))
    };
    let lines = narrowed(80, 50);
    assert!(lines.iter().any(|line| line == "rest from nl: a→none 15.0%, b→none 15.0%"), "{lines:#?}");
    assert!(
        lines.iter().any(|line| line.starts_with("unknown: users who come to `rest` from another rule")),
        "{lines:#?}"
    );
    // Where both give the same, each has divided its users in its own time.
    let both = |rules: &str| {
        format!(
            "bucketBy: id\nvariations: [{{value: a, weight: 50}}, {{value: b, weight: 50}}]\nrules: {{p: [{rules}]}}\n"
        )
    };
    let [one, two] = ["one", "two"].map(|key| format!("{{key: {key}, segments: {key}, percentage: 100}}"));
    let report = of("featurevisor", PATH, &both(&format!("{one}, {two}")), &both(&format!("{two}, {one}")));
    assert!(
        shares(&report).iter().any(|line| line.starts_with("unknown: users who come to `two`")),
        "{:?}",
        shares(&report)
    );
    // So nobody is said to keep their variant.
    let side = |segments: &str| PAGE.replace("segments: nl", segments);
    let sentence =
        of("featurevisor", PATH, PAGE, &side("segments: [nl, phone]")).flags[0].impact.as_ref().map(sentence);
    assert!(sentence.as_ref().is_some_and(|text| !text.contains("nobody switches")), "{sentence:?}");
    let lines = narrowed(10, 90);
    assert!(lines.iter().any(|line| line == "rest from nl: none→a 40.0%, none→b 40.0%"), "{lines:#?}");
}

#[test]
fn tags_that_an_environment_is_exposed_to() {
    let exposed = |said: &str| format!("{PAGE}expose: {{production: {said}}}\n");
    let of = |before: &str, after: &str| of("featurevisor", PATH, before, after);
    let report = of(PAGE, &exposed("[all, web]"));
    assert!(changes(&report).iter().all(|line| line.contains(" segments exposed/")), "{:#?}", changes(&report));
    assert!(ruled(&report).iter().all(|line| line == "page@production target-segments"), "{:?}", ruled(&report));
    assert!(!shares(&report).iter().any(|line| line.contains("none→")), "{:?}", shares(&report));
    let report = of(&exposed("[all, web]"), &exposed("[web]"));
    assert_eq!(changes(&report), ["page@production segments exposed/all: all → null @10"]);
    assert_eq!(report.verdict, Verdict::Pending);
    assert_eq!(of(&exposed("[all, web]"), &exposed("[web, all]")).verdict, Verdict::NotRequired);
    // Exposed to nobody is off, and that is in nobody's way.
    assert_eq!(of(&exposed("[web]"), &exposed("false")).verdict, Verdict::NotRequired);
    assert_eq!(of(PAGE, &exposed("false")).verdict, Verdict::NotRequired);
    assert_eq!(of(&exposed("false"), &exposed("[web]")).verdict, Verdict::Pending);
    // It is none of another environment, whichever generation says it.
    let first = PAGE.replace("rules:\n  production:\n", "environments:\n  production:\n   expose: false\n   rules:\n");
    let first = first.replace("  staging: [{", "  staging:\n   rules: [{");
    for report in [of(&first, &exposed("false")), of(&exposed("true"), &exposed("false"))] {
        assert_eq!(report.verdict, Verdict::NotRequired);
        assert!(report.flags.iter().all(|flag| flag.key == "page@production"), "{:?}", changes(&report));
    }
}

#[test]
fn words_about_variables_are_for_people() {
    let with = |said: &str| PAGE.replace("type: string,", &format!("type: string, {said}"));
    for (one, other) in [("description: x,", "description: y,"), ("", "deprecated: true,")] {
        let report = of("featurevisor", PATH, &with(one), &with(other));
        assert_eq!(report.verdict, Verdict::NotRequired, "{:#?}", changes(&report));
        assert!(!report.flags.is_empty(), "{other}");
    }
    let list =
        |said: &str| PAGE.replace("{color: {type", "[{key: color, type").replace("red}}", &format!("red{said}}}]"));
    assert_eq!(of("featurevisor", PATH, &list(""), &list(", description: x")).verdict, Verdict::NotRequired);
    let report = edited("{value: a, weight: 50}", "{value: a, weight: 50, description: x}");
    assert_eq!(report.verdict, Verdict::NotRequired, "{:#?}", changes(&report));
    // Inside of a value they are what users get.
    let value = |said: &str| {
        PAGE.replace("type: string, defaultValue: red", &format!("type: object, defaultValue: {{description: {said}}}"))
    };
    assert_eq!(of("featurevisor", PATH, &value("x"), &value("y")).verdict, Verdict::Pending);
}

/// The first attribute that a user has is hashed, so that for those who have the one it is the same as before.
#[test]
fn another_attribute_for_users_without_the_first() {
    let or = "bucketBy: {or: [userId, device]}";
    let (without, grown) = ("users without `userId` are hashed by something else than before", "percentage: 90");
    for (from, to) in [("bucketBy: userId", or), (or, "bucketBy: userId"), (or, "bucketBy: {or: [userId, phone]}")] {
        let before = PAGE.replace("bucketBy: userId", from);
        let report = of("featurevisor", PATH, &before, &before.replace(from, to));
        assert_eq!(report.verdict, Verdict::Pending, "{to}");
        assert_eq!(ruled(&report), ["page@production bucketing-key", "page@staging bucketing-key"], "{to}");
        assert_eq!(shares(&report), vec![format!("unmodelled: {without}"); 2], "{to}");
        let after = before.replace(from, to).replace("percentage: 80", grown);
        let lines = shares(&of("featurevisor", PATH, &before, &after));
        assert!(lines.contains(&"nl: none→a 5.0%, none→b 5.0%".to_owned()), "{lines:#?}");
        assert!(lines.contains(&format!("unmodelled: {without}")), "{lines:#?}");
    }
    // By another one first all are divided anew.
    let report = edited("bucketBy: userId", "bucketBy: {or: [device, userId]}");
    assert!(shares(&report).iter().any(|line| line.contains("a→b")), "{:?}", shares(&report));
}

#[test]
fn what_a_disabled_feature_gives_is_a_variant() {
    let report = of("featurevisor", PATH, PAGE, &format!("{PAGE}disabledVariationValue: a\n"));
    assert!(
        report.verdict == Verdict::Pending && ruled(&report).iter().all(|line| line.ends_with(" variants")),
        "{:?}",
        ruled(&report)
    );
}

const EU: &str = "conditions: [{attribute: country, operator: equals, value: de}]\n";

fn repository(segments: &str, slots: (u32, u32)) -> BTreeMap<String, String> {
    let feature = |segments: &str| {
        format!("bucketBy: id\nrules: {{production: [{{key: r, segments: {segments}, percentage: 50}}]}}\n")
    };
    let group = format!(
        "slots: [{{feature: checkout.page, percentage: {}}}, {{feature: a, percentage: {}}}]\n",
        slots.0, slots.1
    );
    files(&[
        ("features/a.yml", &feature("'*'")),
        ("features/checkout/page.yml", &feature(segments)),
        ("segments/geo/eu.yml", EU),
        ("groups/g.yml", &group),
    ])
}

#[test]
fn a_folder_in_a_reference_may_be_written_with_a_point() {
    let before = repository("geo.eu", (50, 50));
    let report = judged("featurevisor", &before, &repository("geo.eu", (70, 30)));
    let keys = |report: &Report| report.flags.iter().map(|flag| flag.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(&report), ["a@production", "checkout/page@production"]);
    assert!(report.diagnostics.iter().all(|one| one.id.as_str() != "no-such-segment"), "{:#?}", report.diagnostics);
    // The users who switch are seen as they are with the other spelling.
    for spelling in ["geo.eu", "geo/eu"] {
        let (before, mut after) = (repository(spelling, (50, 50)), repository(spelling, (50, 50)));
        after.insert("segments/geo/eu.yml".to_owned(), EU.replace("value: de", "value: fr"));
        let report = judged("featurevisor", &before, &after);
        assert_eq!(keys(&report), ["checkout/page@production"]);
        assert_eq!(shares(&report), ["others from r: on→none 50.0%", "r from others: none→on 50.0%"], "{spelling}");
    }
}

#[test]
fn how_a_group_divides_users_is_not_computed() {
    let (before, mut after) = (repository("geo.eu", (50, 50)), repository("geo.eu", (50, 50)));
    after.insert(
        "groups/g.yml".to_owned(),
        "slots: [{feature: a, percentage: 30}, {feature: b, percentage: 70}]\n".to_owned(),
    );
    after.insert("features/a.yml".to_owned(), before["features/a.yml"].replace("percentage: 50", "percentage: 30"));
    let report = judged("featurevisor", &before, &after);
    assert_eq!(report.verdict, Verdict::Pending);
    let shares = shares(&report);
    assert!(
        shares.iter().all(|line| line.starts_with("unknown: `r`: which of its users the group leaves")),
        "{shares:#?}"
    );
    assert_eq!(shares.len(), 2);
}

/// A rule may give one variation to all who are in, whatever the weights say.
#[test]
fn a_rule_that_gives_one_variation_is_computed() {
    let feature = |rule: &str| {
        format!(
            "bucketBy: userId\nvariations: [{{value: a, weight: 50}}, {{value: b, weight: 50}}]\nrules: {{production: [{{key: r, segments: \"*\", {rule}}}]}}\n"
        )
    };
    let of = |before: &str, after: &str| {
        let report = super::reviewed::of("featurevisor", "features/f.yml", &feature(before), &feature(after));
        report.flags[0].impact.as_ref().map(super::impact::reported).unwrap_or_default()
    };
    assert_eq!(of("percentage: 25, variation: a", "percentage: 30, variation: a"), ["r: none→a 5.0%"]);
    assert_eq!(of("percentage: 25, variation: a", "percentage: 25, variation: b"), ["r: a→b 25.0%"]);
    // Notes for people have no impact, on what is not computed either.
    let own = "percentage: 25, variationWeights: {a: 90, b: 10}";
    assert_eq!(of(own, &format!("{own}, description: ours")), [""; 0]);
}

/// A variation that is forced switches nothing on, unless `enabled` stands next to it; a rule is on anyway.
#[test]
fn forcing_on_is_a_change() {
    let forced =
        |said: &str| PAGE.replace("rules:\n", &format!("force: {{production: [{{segments: '*', {said}}}]}}\nrules:\n"));
    let [variation, on] = ["variation: a", "variation: a, enabled: true"].map(forced);
    for (before, after) in [(&variation, &on), (&on, &variation)] {
        let report = of("featurevisor", PATH, before, after);
        assert_eq!((report.verdict, report.flags.len()), (Verdict::Pending, 1), "{before}{after}");
    }
    let report = edited("percentage: 80", "percentage: 80, enabled: true");
    assert_eq!((report.verdict, report.flags.len()), (Verdict::NotRequired, 0));
}

/// A schema decides what variables give, and a target which datafiles have a feature: both are changes of the features
/// that they are about.
#[test]
fn schemas_and_targets_are_changes_of_their_features() {
    let page = PAGE.replace("{type: string, defaultValue: red}", "{schema: money, defaultValue: {a: 1}}");
    let schema = "description: m\ntype: object\nproperties: {a: {type: integer, default: 1}}\n";
    let target = "description: t\nincludeFeatures: [page, other]\n";
    let of = |path: &str, before: &str, after: &str| {
        let side = |text: &str| files(&[(PATH, &page), ("segments/nl.yml", "conditions: '*'\n"), (path, text)]);
        let report = judged("featurevisor", &side(before), &side(after));
        let mut keys: Vec<String> = report.flags.iter().map(|flag| flag.key.clone()).collect();
        keys.sort_unstable();
        (keys, report.verdict)
    };
    let both = vec!["page@production".to_owned(), "page@staging".to_owned()];
    let (keys, verdict) = of("schemas/money.yml", schema, &schema.replace("default: 1", "default: 2"));
    assert_eq!((keys, verdict), (both.clone(), Verdict::Pending));
    let (keys, verdict) = of("targets/web.yml", target, &target.replace("[page, other]", "[other]"));
    assert!(both.iter().all(|key| keys.contains(key)), "{keys:?}");
    assert_eq!(verdict, Verdict::Pending);
    // Of another name, and what only people read.
    let (keys, _) = of("schemas/other.yml", schema, &schema.replace("default: 1", "default: 2"));
    assert_eq!(keys, ["schema other"]);
    let (_, verdict) = of("schemas/money.yml", schema, &schema.replace("description: m", "description: n"));
    assert_eq!(verdict, Verdict::NotRequired);
}
