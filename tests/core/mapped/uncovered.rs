//! Entries that go from a file leave what they stood over: an entry for all others, an environment, a document.

use countersign::report::Verdict;

use super::parts::{files, of_projects};
use super::{judged, own};

const PATH: &str = "config/feature_flags.yml";

fn verdict(id: &str, before: &str, after: &str) -> Verdict {
    judged(id, &files(&[(PATH, before)]), &files(&[(PATH, after)])).verdict
}

/// Roles, regions or clients of a flag: the one that is taken out gets what is said for all others.
#[test]
fn an_exception_of_a_flag_leaves_what_holds_for_all_others() {
    let two = "entities: [{at: \"*/*\", key: [\"@key0\", \"@key1\"], live: {when: {at: \"@value\", is: true}}}]\n";
    let one = "entities: [{at: \"checkout/*\", live: {when: {at: \"@value\", is: true}}}]\n";
    for mapping in [one, two] {
        for (name, verdict) in [
            ("\"*\"", Verdict::Pending),
            ("all", Verdict::Pending),
            ("everyone", Verdict::Pending),
            ("others", Verdict::Pending),
            ("rest", Verdict::Pending),
            ("any", Verdict::Pending),
            ("Coach", Verdict::NotRequired),
        ] {
            let file = |more: &str, on: bool| format!("checkout: {{{name}: {on}{more}}}\n");
            let judged = |before: &str, after: &str| own(mapping, before, after).verdict;
            assert_eq!(judged(&file(", Athlete: false", true), &file("", true)), verdict, "{name} {mapping}");
            assert_eq!(judged(&file(", Athlete: false", false), &file("", false)), Verdict::NotRequired, "{name}");
            // Both are switched off, or one is, free.
            assert_eq!(judged(&file("", true), &file(", Athlete: false", true)), Verdict::NotRequired, "{name}");
            assert_eq!(judged(&file(", Athlete: false", true), &file(", Athlete: false", false)), Verdict::NotRequired);
        }
    }
}

/// The switch of an entry held back the environments next to it.
#[test]
fn a_switch_for_all_that_goes_gives_environments_back() {
    for said in [
        "environments: [production]",
        "environments: [staging, production]",
        "environments: {production: true}",
        "environments: {production: {enabled: true}}",
        "envs: [production]",
        "enabled_for: [production]",
        "production: true",
    ] {
        for switch in ["enabled", "active"] {
            let before = format!("a: {{{switch}: false, {said}}}\nb: true\n");
            let after = format!("a: {{{said}}}\nb: true\n");
            assert_eq!(verdict("registry", &before, &after), Verdict::Pending, "{before}{after}");
            assert_ne!(verdict("registry", &before, &before.replace("b: true", "b: false")), Verdict::Pending);
        }
    }
    // Where they are off there is nothing to give back, and a switch that makes room for environments hides nothing.
    let off = "a: {environments: {production: false}}\n";
    assert_eq!(
        verdict("registry", "a: {enabled: false, environments: {production: false}}\n", off),
        Verdict::NotRequired
    );
    assert_eq!(verdict("registry", "a: false\n", off), Verdict::NotRequired);
}

/// A mapping may read several documents of a file whose own reader takes the first.
#[test]
fn a_flag_that_comes_to_the_first_document_is_a_change() {
    let mapping =
        "syntax: {is: yaml, documents: many}\nentities: [{at: \"*\", live: {when: {at: \"@value\", is: true}}}]\n";
    let judged = |before: &str, after: &str| own(mapping, before, after).verdict;
    for (before, after, verdict) in [
        ("a: true\n---\nb: true\n", "a: true\nb: true\n", Verdict::Pending),
        ("a: true\n---\nb: true\n", "b: true\n---\na: true\n", Verdict::Pending),
        ("a: true\nb: true\n", "a: true\n---\nb: true\n", Verdict::Pending),
        ("a: true\nb: true\n", "---\n---\na: true\nb: true\n", Verdict::Pending),
        ("a: true\nb: true\n", "---\n--- # x\na: true\nb: true\n", Verdict::Pending),
        ("a: true\nb: true\n", "---\n--- !!map\na: true\nb: true\n", Verdict::Pending),
        ("a: true\n---\nb: true\n---\nc: true\n", "a: true\n---\nc: true\n---\nb: true\n", Verdict::NotRequired),
        ("a: true\n---\nb: true\n", "# says\n---\na: true\n---\nb: true\n", Verdict::NotRequired),
        ("a: true\n---\nb: true\n", "a: true\n---\nb: false\n", Verdict::NotRequired),
        // Out of sight nobody knows it to be off.
        ("a: true\nb: false\n", "a: true\n---\nb: false\n", Verdict::Pending),
        ("a: true\n---\nb: false\n", "a: true\nb: false\n", Verdict::NotRequired),
    ] {
        assert_eq!(judged(before, after), verdict, "{before}=>\n{after}");
    }
}

/// A patch of a resource says what differs, and the rest stands in its base.
#[test]
fn a_patch_of_a_resource_may_leave_out_what_its_base_has() {
    const BASE: &str = "overlays/base/flags.yaml";
    const PATCH: &str = "overlays/prod/flags.yaml";
    let resource = |flags: &str| {
        format!("kind: FeatureFlag\nmetadata: {{name: ff}}\nspec: {{flagSpec: {{flags: {{{flags}}}}}}}\n")
    };
    let base = resource(
        "a: {state: ENABLED, variants: {x: true, y: false}, defaultVariant: x}, b: {state: DISABLED, variants: {x: true}}",
    );
    let report = |before: &str, after: &str| {
        let side = |patch: &str| files(&[(BASE, &base), (PATCH, &resource(patch))]);
        let projects = "{base: {paths: [\"overlays/base/*\"], approvals: peer}, prod: {paths: [\"overlays/prod/*\"], approvals: peer}}";
        of_projects(projects, "kubernetes", &side(before), &side(after))
    };
    for (before, after, verdict) in [
        ("a: {defaultVariant: y}", "a: {defaultVariant: x}", Verdict::Pending),
        ("b: {defaultVariant: x}", "b: {state: ENABLED}", Verdict::Pending),
        ("a: {defaultVariant: x}", "a: {defaultVariant: x, state: DISABLED}", Verdict::NotRequired),
        ("a: {defaultVariant: x, state: DISABLED}", "a: {defaultVariant: x}", Verdict::Pending),
        // The exception is gone, and its base is on; or off.
        ("a: {state: DISABLED}, b: {state: DISABLED}", "b: {state: DISABLED}", Verdict::Pending),
        ("a: {state: DISABLED}, b: {state: DISABLED}", "a: {state: DISABLED}", Verdict::NotRequired),
        ("b: {state: DISABLED}", "b: {state: DISABLED}, a: {state: DISABLED}", Verdict::NotRequired),
    ] {
        let report = report(before, after);
        assert_eq!(report.verdict, verdict, "{before} => {after}: {report:#?}");
    }
    // In a file of flagd's own nothing else has it.
    assert_eq!(verdict("flagd", "{\"flags\": {}}", "{\"flags\": {\"a\": {\"state\": \"ENABLED\"}}}"), Verdict::Invalid);
}

/// Environments next to the flags of a file are scopes of these.
#[test]
fn environments_next_to_flags_are_scopes_of_them() {
    let file =
        |all: &str, production: &str| format!("features: {{{all}}}\nenvironments: {{production: {{{production}}}}}\n");
    for (before, after, verdict) in [
        (file("a: true, b: false", "a: true"), file("a: true, b: false", "a: false"), Verdict::NotRequired),
        (file("a: true, b: false", "a: false"), file("a: true, b: false", "a: true"), Verdict::Pending),
        (file("a: true, b: false", "a: false, b: false"), file("a: true, b: false", "b: false"), Verdict::Pending),
        (file("a: true", "a: {enabled: true}"), file("a: true", "a: {enabled: false}"), Verdict::NotRequired),
        // Another member than a flag of the file may be anything.
        (file("a: true", "a: true, login: true"), file("a: true", "a: true, login: false"), Verdict::Pending),
        (file("a: true", "features: {a: true}"), file("a: true", "features: {a: false}"), Verdict::NotRequired),
    ] {
        assert_eq!(self::verdict("registry", &before, &after), verdict, "{before}{after}");
    }
    let report = judged(
        "registry",
        &files(&[(PATH, &file("a: true", "a: true"))]),
        &files(&[(PATH, &file("a: true", "a: false"))]),
    );
    assert_eq!(report.flags.iter().map(|flag| flag.key.as_str()).collect::<Vec<_>>(), ["a@production"]);
}

/// A value that a flag without a switch gives everyone is one; next to a switch, it is what everyone had before.
#[test]
fn a_served_value_is_a_switch() {
    for name in ["default_value", "defaultValue"] {
        let file = |value: &str| format!("a: {{{name}: {value}, description: d}}\nb: true\n");
        for (before, after, expected) in [
            ("true", "false", Verdict::NotRequired),
            ("false", "true", Verdict::Pending),
            ("old", "new", Verdict::Pending),
            // Anything else may switch it on.
            ("true, targeting: [x]", "false, targeting: [x]", Verdict::Pending),
            ("false, targeting: [x]", "false, targeting: [x, y]", Verdict::Pending),
        ] {
            assert_eq!(verdict("registry", &file(before), &file(after)), expected, "{name} {before} {after}");
        }
        for (value, expected) in [
            // Everyone had it before.
            ("true", Verdict::NotRequired),
            ("\"true\"", Verdict::NotRequired),
            ("\"false\"", Verdict::NotRequired),
            ("x", Verdict::NotRequired),
            ("true, users: [jo]", Verdict::Pending),
        ] {
            let file = |on: bool| format!("a: {{enabled: {on}, {name}: {value}}}\nb: true\n");
            assert_eq!(verdict("registry", &file(true), &file(false)), expected, "{name} {value}");
        }
    }
}

/// A feature that leaves the archive is on where its environments say so.
#[test]
fn a_flag_that_is_archived_no_longer_is_on_where_it_was() {
    let file = |archived: bool, on: bool| {
        format!(
            "{{\"version\": 4, \"features\": [{{\"name\": \"a\", \"archived\": {archived}}}], \"featureStrategies\": [], \
             \"featureEnvironments\": [{{\"featureName\": \"a\", \"environment\": \"production\", \"enabled\": {on}}}]}}"
        )
    };
    let verdict = |before: &str, after: &str| {
        let side = |text: &str| files(&[("export.json", text)]);
        judged("unleash", &side(before), &side(after)).verdict
    };
    assert_eq!(verdict(&file(true, true), &file(false, true)), Verdict::Pending);
    assert_eq!(verdict(&file(false, true), &file(true, true)), Verdict::NotRequired);
    assert_eq!(verdict(&file(true, false), &file(false, false)), Verdict::NotRequired);
}

/// A file that is off and nearer by its name hides nothing: nobody knows that it is read.
#[test]
fn a_nearer_file_that_is_off_hides_nothing() {
    let (all, one) = ("config/features.yml", "config/features-production.yml");
    let (on, off) = ("checkout: true\nlogin: true\n", "checkout: false\n");
    let projects = "{app: {paths: [\"config/{file}.*\"], approvals: peer}}";
    let judged = |before: &_, after: &_| of_projects(projects, "registry", before, after);
    let before = files(&[(all, on), (one, off)]);
    for (name, after) in [
        ("another ending", files(&[(all, on), ("config/features-production.yaml", off)])),
        ("another case", files(&[(all, on), ("config/features-Production.yml", off)])),
        ("a decoy", files(&[(all, on), (one, "search: false\n"), ("config/features.production.yml", off)])),
        (
            "a decoy of another format",
            files(&[(all, on), ("config/features_production.json", "{\"checkout\": false}")]),
        ),
    ] {
        assert_eq!(judged(&before, &after).verdict, Verdict::Pending, "{name}");
    }
    let decoy = files(&[(all, on), (one, off), ("config/features.production.yml", off)]);
    assert_eq!(judged(&before, &decoy).verdict, Verdict::NotRequired);
    let out = files(&[(all, on), (one, "search: false\n"), ("config/features.production.yml", off)]);
    assert_eq!(judged(&decoy, &out).verdict, Verdict::Pending);
}

/// A default is for those whom nothing else gives the flag.
#[test]
fn a_default_is_a_switch_alone() {
    for (before, after, expected) in [
        ("{default_value: true}", "{default_value: false}", Verdict::NotRequired),
        ("{default_value: false}", "{default_value: true}", Verdict::Pending),
        ("{default_value: false, percentage: 0}", "{default_value: false, percentage: 100}", Verdict::Pending),
        ("{defaultValue: false, variants: {x: 0}}", "{defaultValue: false, variants: {x: 100}}", Verdict::Pending),
        ("{default_value: false, defaultValue: false}", "{default_value: false, defaultValue: true}", Verdict::Pending),
        (
            "{archived: true, default_value: false, environments: {production: true}}",
            "{default_value: false, environments: {production: true}}",
            Verdict::Pending,
        ),
    ] {
        let file = |flag: &str| format!("a: {flag}\nb: true\n");
        assert_eq!(verdict("registry", &file(before), &file(after)), expected, "{before} {after}");
    }
}

/// A flag that leaves the map of flags of its environment is found by nobody there.
#[test]
fn flags_in_a_map_of_an_environment_stay_in_it() {
    let file = |production: &str| format!("flags: {{a: true}}\nenvironments: {{production: {production}}}\n");
    let (before, after) = (file("{flags: {a: false}}"), file("{flags: {}, a: false}"));
    assert_eq!(verdict("registry", &before, &after), Verdict::Pending);
}

/// An exception that is one for another environment alone from then on leaves the others to the file below.
#[test]
fn an_exception_that_gets_narrower_leaves_the_others() {
    let (all, one) = ("config/features.yml", "config/features-production.yml");
    let projects = "{app: {paths: [\"config/{file}.*\"], approvals: peer}}";
    let side = |on: bool, text: &str| files(&[(all, &format!("checkout: {on}\n")), (one, text)]);
    for narrower in ["checkout: {staging: false}\n", "checkout: {environments: {staging: false}}\n"] {
        for (on, verdict) in [(true, Verdict::Pending), (false, Verdict::NotRequired)] {
            let report = of_projects(projects, "registry", &side(on, "checkout: false\n"), &side(on, narrower));
            assert_eq!(report.verdict, verdict, "{on} {narrower}");
        }
    }
}

/// Nothing is served from a map or list of flags that has none, so it is no flag itself.
#[test]
fn an_empty_map_of_flags_is_none() {
    for (before, after) in [("features: {a: true}\n", "features: {}\n"), ("flags: {a: true}\n", "flags: {}\n")] {
        let report = judged("registry", &files(&[(PATH, before)]), &files(&[(PATH, after)]));
        let keys: Vec<&str> = report.flags.iter().map(|flag| flag.key.as_str()).collect();
        assert_eq!(keys, ["a"], "{before}{after}");
    }
    assert_eq!(verdict("registry", "features: {}\n", "features: {a: true}\n"), Verdict::Pending);
}

/// An exception that is off where a flag takes something away gives that back to those for whom it is made.
#[test]
fn an_exception_from_what_a_flag_takes_away() {
    let file = |on: bool, more: &str| {
        format!("flags: {{disable_cart: {on}, cart: true, a: true}}\nenvironments: {{production: {{a: true{more}}}}}\n")
    };
    for (on, more, expected) in [
        (true, ", disable_cart: false", Verdict::Pending),
        (false, ", disable_cart: false", Verdict::NotRequired),
        (true, ", cart: false", Verdict::NotRequired),
    ] {
        assert_eq!(verdict("registry", &file(on, ""), &file(on, more)), expected, "{on} {more}");
    }
    // Where both come together nothing was taken from anybody.
    let none = "flags: {cart: true, a: true}\nenvironments: {production: {a: true}}\n";
    let (before, after) = (files(&[(PATH, none)]), files(&[(PATH, &file(true, ", disable_cart: false"))]));
    let report = judged("registry", &before, &after);
    let verdicts: Vec<String> =
        report.flags.iter().map(|flag| format!("{} {}", flag.key, flag.verdict.word())).collect();
    assert_eq!(verdicts, ["disable_cart pending", "disable_cart@production not-required"]);
    let map = |on: bool| format!("kind: ConfigMap\nmetadata: {{name: m}}\ndata: {{DISABLE_CART: '{on}'}}\n");
    let over = |value: &str| format!("kind: ConfigMap\nmetadata: {{name: n}}\ndata: {{{value}LOG: a}}\n");
    for (on, expected) in [(true, Verdict::Pending), (false, Verdict::NotRequired)] {
        let side = |value: &str| files(&[("k8s/base/m.yaml", &map(on)), ("k8s/prod/m.yaml", &over(value))]);
        let report = judged("kubernetes", &side(""), &side("DISABLE_CART: 'false', "));
        assert_eq!(report.verdict, expected, "{on}");
    }
}

const UNLEASH_4: &str = r#"{"version": 4, "features": [
  {"name": "a", "project": "default", "archivedAt": null},
  {"name": "b", "project": "default", "archived": true, "archivedAt": "2026-01-01"},
  {"name": "c", "project": "default", "archivedAt": "2026-01-01"},
  {"name": "d", "project": "default", "archived": true}],
 "featureEnvironments": [
  {"featureName": "a", "environment": "production", "enabled": true},
  {"featureName": "b", "environment": "production", "enabled": true},
  {"featureName": "c", "environment": "production", "enabled": true},
  {"featureName": "d", "environment": "production", "enabled": false}],
 "featureStrategies": [
  {"id": "1", "name": "default", "featureName": "a", "environment": "production", "variants": [{"name": "x", "weight": 1000}]},
  {"id": "2", "name": "default", "featureName": "a", "environment": "production", "variants": [{"name": "y", "weight": 1000}]}]}"#;

/// A feature of an export of Unleash holds in all environments, and these say whether it is on.
#[test]
fn what_an_export_says_of_a_feature_counts_where_it_is_on() {
    let feature = |name: &str, more: &str| format!("  {{\"name\": \"{name}\", \"project\": \"default\"{more}}},\n");
    let (archived, at) = (", \"archived\": true", ", \"archivedAt\": \"2026-01-01\"");
    let strategies: Vec<&str> = UNLEASH_4.lines().filter(|line| line.contains("\"id\"")).collect();
    let turned = format!("{},\n{}]}}", strategies[1].strip_suffix("]}").unwrap(), strategies[0].trim_end_matches(','));
    for (from, to, waits) in [
        (at.to_owned() + "},\n  {\"name\": \"d\"", ", \"archivedAt\": null},\n  {\"name\": \"d\"".to_owned(), true),
        (feature("c", at), feature("c", ""), true),
        (feature("c", at), String::new(), true),
        (feature("b", &format!("{archived}{at}")), String::new(), true),
        (feature("b", &format!("{archived}{at}")), feature("b", at), true),
        (feature("a", ", \"archivedAt\": null"), feature("a", ""), false),
        (feature("a", ", \"archivedAt\": null"), feature("a", ", \"archivedAt\": null, \"hidden\": false"), true),
        (feature("a", ", \"archivedAt\": null"), feature("a", ", \"archivedAt\": null, \"stale\": true"), false),
        (feature("a", ", \"archivedAt\": null"), feature("a", &format!("{archived}{at}")), false),
        (feature("a", ", \"archivedAt\": null"), feature("a", "").replace("default", "other"), true),
        // Where it is off everywhere, none of this is anything.
        (
            "\"d\", \"project\": \"default\", \"archived\": true".to_owned(),
            "\"d\", \"project\": \"other\"".to_owned(),
            false,
        ),
        (",\n  {\"name\": \"d\", \"project\": \"default\", \"archived\": true}".to_owned(), String::new(), false),
        // The first strategy with variants that holds gives one.
        (strategies.join("\n"), turned, true),
    ] {
        assert!(UNLEASH_4.contains(&from), "{from}");
        let verdict = verdict("unleash", UNLEASH_4, &UNLEASH_4.replacen(&from, &to, 1));
        assert_eq!(verdict == Verdict::Pending, waits, "{from}{to} {verdict:?}");
    }
}

/// An import makes a flag of it, with the environments that the file has on already.
#[test]
fn an_export_of_unleash_names_a_feature_whose_environment_is_on() {
    let named = "  {\"name\": \"d\", \"project\": \"default\", \"archived\": true}],";
    assert!(UNLEASH_4.contains(named));
    let of = |production: bool, is_there: bool| {
        let feature =
            if is_there { "  {\"name\": \"d\", \"project\": \"default\"}]," } else { "  {\"name\": \"e\"}]," };
        let entry = "{\"featureName\": \"d\", \"environment\": \"production\", \"enabled\": ";
        let text = UNLEASH_4.replacen(named, feature, 1);
        text.replacen(&format!("{entry}false"), &format!("{entry}{production}"), 1)
    };
    assert_eq!(verdict("unleash", &of(true, false), &of(true, true)), Verdict::Pending);
    assert_eq!(verdict("unleash", &of(false, false), &of(false, true)), Verdict::NotRequired);
    // A new flag is asked for once.
    let report = judged("unleash", &files(&[("f", &of(false, false))]), &files(&[("f", &of(true, true))]));
    let pending = report.flags.iter().filter(|flag| flag.verdict == Verdict::Pending);
    assert_eq!(pending.map(|flag| flag.key.as_str()).collect::<Vec<_>>(), ["d@production"]);
}

/// All strategies of an export of Unleash stand in one list.
#[test]
fn a_strategy_has_its_place_among_those_of_its_flag() {
    let strategy = |id: &str, flag: &str, variants: &str| {
        format!(
            "{{{id}\"name\": \"default\", \"featureName\": \"{flag}\", \"environment\": \"production\", \"variants\": [{variants}]}}"
        )
    };
    let export = |strategies: &[String]| {
        format!(
            "{{\"version\": 4, \"features\": [{{\"name\": \"a\"}}, {{\"name\": \"b\"}}], \"featureEnvironments\": [
{{\"featureName\": \"a\", \"environment\": \"production\", \"enabled\": true}},
{{\"featureName\": \"b\", \"environment\": \"production\", \"enabled\": true}}], \"featureStrategies\": [{}]}}",
            strategies.join(",\n")
        )
    };
    let variant = "{\"name\": \"x\", \"weight\": 1000}";
    for (id, other) in [("\"id\": \"1\", ", "\"id\": \"2\", "), ("", "")] {
        let of_a = strategy(id, "a", variant);
        let keys = |front: String| {
            let (before, after) = (export(std::slice::from_ref(&of_a)), export(&[front, of_a.clone()]));
            let report = judged("unleash", &files(&[("f", &before)]), &files(&[("f", &after)]));
            report.flags.iter().map(|flag| flag.key.clone()).collect::<Vec<_>>()
        };
        let [a, b] = if id.is_empty() { ["a.default.1", "b.default.0"] } else { ["a.default.1", "b.default.2"] };
        assert_eq!(keys(strategy(other, "b", variant)), [format!("{b}@production")], "{id}");
        // In front of one of the same flag it takes its place.
        let both = keys(strategy(other, "a", ""));
        assert!(both.contains(&format!("{a}@production")) && both.len() == 2, "{both:?}");
    }
}

/// A flag that is called like a part is a flag.
#[test]
fn names_of_parts_are_names_of_flags_too() {
    for called in ["plain", "segment x", "group x", "resource x", "annotation x", "the rest of x"] {
        let named = |text: &str| text.replace("\"c\"", &format!("\"{called}\""));
        let entry = "\"c\", \"project\": \"default\", \"archivedAt\": \"2026-01-01\"";
        let restored = UNLEASH_4.replace(entry, "\"c\", \"project\": \"default\"");
        assert_eq!(verdict("unleash", &named(UNLEASH_4), &named(&restored)), Verdict::Pending, "{called}");
        let gone = UNLEASH_4.replace(&format!("  {{\"name\": {entry}}},\n"), "");
        assert_eq!(verdict("unleash", &named(UNLEASH_4), &named(&gone)), Verdict::Pending, "{called}");
    }
}
