//! Files of one environment that stand over others: what such a file leaves out, another one says.

use std::collections::BTreeMap;

use countersign::report::{Report, Verdict};

use super::judged;
use super::parts::{files, of_projects};

fn settings(on: bool) -> String {
    format!("{{\"FeatureManagement\": {{\"Beta\": {on}}}}}")
}

/// The report on each flag, with the verdict.
fn reported(
    format: &str,
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> (Vec<String>, Verdict) {
    let report: Report = judged(format, before, after);
    let rules = |flag: &countersign::report::FlagReport| {
        let mut rules: Vec<&str> =
            flag.changes.iter().filter_map(|change| change.rule).map(countersign::changes::RuleId::as_str).collect();
        rules.dedup();
        format!("{} {}", flag.key, rules.join(" "))
    };
    (report.flags.iter().map(rules).collect(), report.verdict)
}

#[test]
fn an_overlay_is_a_scope() {
    let base = files(&[("appsettings.json", &settings(false))]);
    let with =
        |on: bool| files(&[("appsettings.json", &settings(false)), ("appsettings.Production.json", &settings(on))]);
    assert_eq!(
        reported("microsoft", &base, &with(true)),
        (vec!["Beta@Production activation".to_owned()], Verdict::Pending)
    );
    assert_eq!(reported("microsoft", &base, &with(false)).1, Verdict::NotRequired);
    assert_eq!(reported("microsoft", &with(false), &with(true)).0, ["Beta@Production activation"]);
    assert_eq!(reported("microsoft", &with(true), &with(false)).1, Verdict::NotRequired);
}

/// An overlay that goes to another folder, or gets another ending, may be read no more.
#[test]
fn an_overlay_that_moves_hides_nothing_for_certain() {
    for (format, below, over, to, on, off) in [
        (
            "microsoft",
            "src/appsettings.json",
            "src/appsettings.Production.json",
            "src/config/appsettings.Production.json",
            settings(true),
            settings(false),
        ),
        (
            "registry",
            "flags.yml",
            "flags.production.yml",
            "flags.production.yaml",
            "Beta: true\n".to_owned(),
            "Beta: false\n".to_owned(),
        ),
    ] {
        for (there, verdict) in [(&on, Verdict::Pending), (&off, Verdict::NotRequired)] {
            let before = files(&[(below, there), (over, &off)]);
            let moved = files(&[(below, there), (to, &off)]);
            assert_eq!(reported(format, &before, &moved).1, verdict, "{format} {there}");
        }
    }
}

/// A flag that is off in the overlay and on below it is on where the overlay does not say so any more.
#[test]
fn what_an_overlay_hid_comes_back() {
    for (format, below, over, on, off) in [
        ("microsoft", "appsettings.json", "appsettings.Production.json", settings(true), settings(false)),
        ("registry", "flags.yml", "flags.production.yml", "Beta: true\n".to_owned(), "Beta: false\n".to_owned()),
    ] {
        let scope = over.split('.').nth(1).unwrap();
        let before = files(&[(below, &on), (over, &off)]);
        let gone = files(&[(below, &on)]);
        let key = format!("Beta@{scope}");
        assert_eq!(reported(format, &before, &gone), (vec![format!("{key} activation")], Verdict::Pending), "{format}");
        // Both in one proposal.
        let switched = files(&[(below, &on)]);
        let before = files(&[(below, &off), (over, &off)]);
        let (rules, verdict) = reported(format, &before, &switched);
        assert!(
            rules.contains(&"Beta activation".to_owned()) && rules.contains(&format!("{key} activation")),
            "{rules:?}"
        );
        assert_eq!(verdict, Verdict::Pending);
        // Off in both: nothing comes back.
        let before = files(&[(below, &off), (over, &off)]);
        assert_eq!(reported(format, &before, &files(&[(below, &off)])).1, Verdict::NotRequired, "{format}");
    }
}

/// A switch that was off for one environment is gone, and what holds for all says on.
#[test]
fn an_environment_that_was_off_is_not_off_where_it_is_gone() {
    let each = "flags:\n  search: {enabled: true, environments: {production: false, staging: true}}\n";
    let by_environment =
        "default:\n  search: true\n  pay: true\nproduction:\n  search: false\n  pay: true\nstaging:\n  pay: true\n";
    for (before, after) in [
        (each, each.replace("production: false, ", "")),
        (by_environment, by_environment.replace("production:\n  search: false\n", "production:\n")),
        (by_environment, by_environment.replace("production:\n  search: false\n  pay: true\n", "")),
    ] {
        let (rules, verdict) = reported("registry", &files(&[("f.yml", before)]), &files(&[("f.yml", &after)]));
        assert!(rules.contains(&"search@production activation".to_owned()), "{rules:?}\n{after}");
        assert_eq!(verdict, Verdict::Pending);
    }
    // Of Featurevisor an environment without rules has none.
    let feature = "bucketBy: userId\nrules:\n  staging: [{key: a, segments: '*', percentage: 100}]\n  production: [{key: a, segments: '*', percentage: 0}]\n";
    let after = feature.replace("  production: [{key: a, segments: '*', percentage: 0}]\n", "");
    let at = |text: &str| files(&[("features/a.yml", text)]);
    assert_eq!(reported("featurevisor", &at(feature), &at(&after)).1, Verdict::NotRequired);
}

/// An environment that only `force` or `expose` names is one as well.
#[test]
fn forced_users_of_an_environment_without_rules() {
    let feature = "bucketBy: userId\nvariations: [{value: a, weight: 50}, {value: b, weight: 50}]\nrules: {staging: [{key: e, segments: '*', percentage: 100}]}\nforce: {production: [{segments: qa, enabled: true, variation: b}]}\n";
    let at = |text: &str| files(&[("features/c.yml", text)]);
    let (rules, _) = reported("featurevisor", &at(feature), &at(&feature.replace("segments: qa", "segments: '*'")));
    assert_eq!(rules, ["c@production target-segments"]);
}

/// An archived flag is off, whatever else it says.
#[test]
fn the_first_test_that_holds_decides() {
    let feature = "bucketBy: userId\nexpose: [web]\nrules: [{key: e, segments: '*', percentage: 100}]\n";
    let at = |text: &str| files(&[("features/c.yml", text)]);
    let (rules, verdict) = reported("featurevisor", &at(feature), &at(&format!("{feature}archived: true\n")));
    assert_eq!((rules, verdict), (vec!["c ".to_owned()], Verdict::NotRequired));
}

/// A switch of which nobody knows what it says is no description, and does not become one for free.
#[test]
fn a_description_in_the_place_of_a_switch() {
    let at = |text: &str| files(&[("f.yml", text)]);
    for (before, after) in [("sw: false\n", "sw: the new search bar\n"), ("sw: []\n", "sw: all of the users\n")] {
        let (rules, verdict) = reported("flipper", &at(before), &at(after));
        assert_eq!((rules, verdict), (vec!["sw activation".to_owned()], Verdict::Pending), "{before}");
    }
    assert_eq!(
        reported("flipper", &at("sw: the new bar here\n"), &at("sw: the old bar here\n")).1,
        Verdict::NotRequired
    );
}

#[test]
fn a_colon_in_a_key_of_other_settings_is_fine() {
    let settings = |other: &str| {
        files(&[("appsettings.json", &format!("{{\"Claims\": {other}, \"FeatureManagement\": {{\"A\": true}}}}"))])
    };
    let names = "{\"http://schemas.xmlsoap.org/claims/name\": \"name\", \"C:/logs\": 1}";
    assert_eq!(reported("microsoft", &settings("{}"), &settings(names)).1, Verdict::NotRequired);
    for path in [
        "{\"FeatureManagement:Beta\": true}",
        "{\"FeatureManagement\": {\"Beta:EnabledFor:0:Name\": \"AlwaysOn\"}}",
        "{\"featuremanagement:Beta\": true}",
    ] {
        let report = judged("microsoft", &settings("{}"), &files(&[("appsettings.json", path)]));
        assert_eq!(report.verdict, Verdict::Invalid, "{path}");
    }
}

const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, namespace: prod}\ndata:\n  flags.goff.yaml: |\n    x: {variations: {A: true, B: false}, defaultRule: {variation: B}}\n  features.yml: |\n    namespace: a\n    flags: [{key: b, name: b, type: BOOLEAN_FLAG_TYPE, enabled: false}]\n  appsettings.json: |\n    {\"FeatureManagement\": {\"Beta\": false}}\n  other.yml: |\n    replicas: 1\n";

#[test]
fn flags_of_other_formats_inside_of_a_resource_are_not_passed_over() {
    let at = |text: &str| files(&[("cm.yaml", text)]);
    for (old, new, key) in [
        ("variation: B", "variation: A", "flags in flags.goff.yaml@prod/cm/flags.goff.yaml"),
        ("enabled: false", "enabled: true", "flags in features.yml@prod/cm/features.yml"),
        ("\"Beta\": false", "\"Beta\": true", "flags in appsettings.json@prod/cm/appsettings.json"),
    ] {
        let report = judged("kubernetes", &at(MAP), &at(&MAP.replace(old, new)));
        assert_eq!(report.flags.iter().map(|flag| &*flag.key).collect::<Vec<_>>(), [key]);
        assert_eq!(report.verdict, Verdict::Pending, "{key}");
        assert!(report.diagnostics.iter().all(|one| one.id.as_str() == "misplaced-flag"), "{:?}", report.diagnostics);
    }
    assert_eq!(
        reported("kubernetes", &at(MAP), &at(&MAP.replace("replicas: 1", "replicas: 2"))).1,
        Verdict::NotRequired
    );
}

#[test]
fn whose_flags_a_workload_gets_is_reported() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: prod}\nspec: {template: {metadata: {annotations: {openfeature.dev/enabled: 'true', openfeature.dev/featureflagsource: prod/a}}, spec: {containers: []}}}\n";
    let at = |text: &str| files(&[("d.yaml", text)]);
    let (rules, verdict) = reported("kubernetes", &at(deployment), &at(&deployment.replace("prod/a", "prod/b")));
    assert_eq!(verdict, Verdict::Pending, "{rules:?}");
    assert_eq!(
        reported("kubernetes", &at(deployment), &at(&deployment.replace("containers: []", "containers: [{name: x}]")))
            .1,
        Verdict::NotRequired
    );
}

/// A flag that is off here and on in a layer above gives its users what is said here.
#[test]
fn an_entry_that_is_off_below_one_that_is_on() {
    let below = "{\"feature_management\": {\"feature_flags\": [{\"id\": \"A\", \"enabled\": false, \"conditions\": {\"client_filters\": [{\"name\": \"Microsoft.Percentage\", \"parameters\": {\"Value\": 5}}]}}]}}";
    let above = "{\"feature_management\": {\"feature_flags\": [{\"id\": \"A\", \"enabled\": true}]}}";
    let at = |below: &str, above: &str| files(&[("appsettings.json", below), ("appsettings.Production.json", above)]);
    let (rules, verdict) = reported("microsoft", &at(below, above), &at(&below.replace(": 5", ": 95"), above));
    // Production has the filters that are said for all.
    let expected = ["A@Production target-segments", "A target-segments"].map(str::to_owned).to_vec();
    assert_eq!((rules, verdict), (expected, Verdict::Pending));
    let off = above.replace("true", "false");
    assert_eq!(
        reported("microsoft", &at(below, &off), &at(&below.replace(": 5", ": 95"), &off)).1,
        Verdict::NotRequired
    );
    let registry = "default: {search: {enabled: false, percentage: 5}}\nproduction: {search: {enabled: true}}\n";
    let one = |text: &str| files(&[("f.yml", text)]);
    let (rules, verdict) =
        reported("registry", &one(registry), &one(&registry.replace("percentage: 5", "percentage: 95")));
    assert_eq!(verdict, Verdict::Pending, "{rules:?}");
}

/// The approvers of a file are one thing, and over which file it stands another.
#[test]
fn layers_of_several_projects() {
    let projects = "{base: {paths: [\"appsettings.json\"], approvals: peer}, prod: {paths: [\"appsettings.Production.json\"], approvals: peer}}";
    let at = |below: &str, above: &str| files(&[("appsettings.json", below), ("appsettings.Production.json", above)]);
    let off = settings(false).replace("false", "{\"EnabledFor\": [], \"RequirementType\": \"Any\"}");
    let all = off.replace("Any", "All");
    let report = of_projects(projects, "microsoft", &at(&off, &settings(true)), &at(&all, &settings(true)));
    assert_eq!(report.verdict, Verdict::Pending, "{report:?}");
    let gone = files(&[("appsettings.json", &settings(true))]);
    let report = of_projects(projects, "microsoft", &at(&settings(true), &settings(false)), &gone);
    assert_eq!(report.verdict, Verdict::Pending, "{report:?}");
}

#[test]
fn a_kustomization_is_one_by_its_name() {
    let at = |path: &str, text: &str| files(&[(path, text)]);
    for (path, before, after) in [
        (
            "overlays/prod/kustomization.yaml",
            "resources: [../base]\npatches: [{path: off.yaml}]\n",
            "resources: [../base]\n",
        ),
        (
            "overlays/prod/patch.yaml",
            "- {op: replace, path: /spec/a, value: 'off'}\n",
            "- {op: replace, path: /spec/a, value: 'on'}\n",
        ),
    ] {
        assert_eq!(reported("kubernetes", &at(path, before), &at(path, after)).1, Verdict::Pending, "{path}");
    }
    let two = files(&[("a/kustomization.yaml", "resources: [x]\n"), ("b/kustomization.yaml", "resources: [x]\n")]);
    assert_eq!(reported("kubernetes", &files(&[]), &two).0.len(), 2);
}

/// A flag of Harness has no environment before somebody looks at it in one, and nobody has it until then.
#[test]
fn a_flag_without_an_environment_is_nowhere_on() {
    let flag = "featureFlags:\n  flags:\n    - flag:\n        name: send\n        identifier: send\n        spec: {type: boolean, variations: [{identifier: 'true', value: 'true'}, {identifier: 'false', value: 'false'}]}\n";
    let environment = |state: &str| {
        format!(
            "{flag}        environments:\n          - {{identifier: prod, state: '{state}', default: {{onVariation: 'true', offVariation: 'false'}}}}\n"
        )
    };
    let at = |text: &str| files(&[("flags.yaml", text)]);
    let none = at("featureFlags: {flags: []}\n");
    for bare in [flag.to_owned(), format!("{flag}        environments: []\n")] {
        assert_eq!(reported("harness", &none, &at(&bare)), (vec!["send ".to_owned()], Verdict::NotRequired), "{bare}");
        // The flag gives way to what it is in each environment.
        assert_eq!(
            reported("harness", &at(&bare), &at(&environment("off"))),
            (vec!["send@prod ".to_owned()], Verdict::NotRequired)
        );
        assert_eq!(
            reported("harness", &at(&bare), &at(&environment("on"))),
            (vec!["send@prod activation".to_owned()], Verdict::Pending)
        );
    }
    // A list of anything but environments may be anything.
    let unclear = format!("{flag}        environments: everywhere\n");
    assert_eq!(reported("harness", &none, &at(&unclear)).1, Verdict::Pending);
}

/// Unleash keeps what is on in an environment in a list of its own since version 3.
#[test]
fn flags_of_unleash_by_environment() {
    let text = "{\"version\": 4, \"features\": [{\"name\": \"a\", \"project\": \"default\", \"type\": \"release\"}], \"featureStrategies\": [{\"id\": \"x1\", \"featureName\": \"a\", \"environment\": \"production\", \"strategyName\": \"flexibleRollout\", \"parameters\": {\"rollout\": \"10\", \"stickiness\": \"default\", \"groupId\": \"a\"}}], \"featureEnvironments\": [{\"enabled\": false, \"featureName\": \"a\", \"environment\": \"production\"}, {\"enabled\": true, \"featureName\": \"a\", \"environment\": \"default\"}]}";
    let at = |text: &str| files(&[("e.json", text)]);
    for (old, new, expected, verdict) in [
        ("\"enabled\": false", "\"enabled\": true", "a@production activation", Verdict::Pending),
        ("\"enabled\": true", "\"enabled\": false", "a@default ", Verdict::NotRequired),
        ("\"10\"", "\"60\"", "a.flexibleRollout.x1@production variant-distribution", Verdict::Pending),
        (
            "\"groupId\": \"a\"",
            "\"groupId\": \"b\"",
            "a.flexibleRollout.x1@production bucketing-salt",
            Verdict::Pending,
        ),
        ("\"type\": \"release\"", "\"type\": \"kill-switch\"", "a ", Verdict::NotRequired),
        ("\"type\": \"release\"", "\"variants\": [{\"name\": \"x\", \"weight\": 1}]", "a activation", Verdict::Pending),
    ] {
        assert_eq!(
            reported("unleash", &at(text), &at(&text.replace(old, new))),
            (vec![expected.to_owned()], verdict),
            "{new}"
        );
    }
}

/// Of layers that are joined member by member, one that loses its switch has that of the one below.
#[test]
fn a_layer_that_loses_its_switch_has_the_one_below() {
    let judge = |base: &str, before: &str, after: &str| {
        let side = |above: &str| {
            files(&[("config/features.yml", base), ("config/features.production.yml", &format!("a: {above}\n"))])
        };
        judged("registry", &side(before), &side(after)).verdict
    };
    let (on, off) = ("a: {enabled: true}\n", "a: {enabled: false}\n");
    for (before, after, waits) in [
        ("{enabled: false}", "{default_value: false}", true),
        ("{enabled: false}", "{percentage: 0}", true),
        ("false", "{default_value: false}", true),
        ("{enabled: false, description: x}", "{enabled: false}", false),
        ("{enabled: false}", "{active: false}", false),
        ("{enabled: false}", "false", false),
        ("{default_value: false}", "{enabled: false}", false),
    ] {
        assert_eq!(judge(on, before, after) == Verdict::Pending, waits, "{before} {after}");
        assert_ne!(judge(off, before, after), Verdict::Pending, "{before} {after}");
    }
}
