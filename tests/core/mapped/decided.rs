//! Flags that are on, and of which something else decides from now on whether they are.

use countersign::changes::change::Class;
use countersign::render::{self, Look};
use countersign::report::{Report, Verdict};

use super::parts::files;
use super::reviewed::of;

const EVERYONE: &str = "until now everyone got `on`, and from now on";

/// A file in a format, its text before and after, the rule of its one flag, and what is said of it.
const DECIDED: &[(&str, &str, &str, &str, &str, &str)] = &[
    (
        "registry",
        "flags.yml",
        "a: true\n",
        "a: <%= ENV.fetch(\"A\", true) %>\n",
        "activation",
        "it was on, and whether it is from now on is not known",
    ),
    (
        "registry",
        "flags.yml",
        "a: <%= ENV.fetch(\"A\", true) %>\n",
        "a: true\n",
        "activation",
        "it is on from now on, and whether it was is not known",
    ),
    (
        "registry",
        "flags.yml",
        "a: <%= ENV.fetch(\"A\", true) %>\n",
        "a: <%= ENV.fetch(\"A\", false) %>\n",
        "activation",
        "whether it is on is not known",
    ),
    (
        "microsoft",
        "appsettings.json",
        "{\"FeatureManagement\": {\"a\": true}}",
        "{\"FeatureManagement\": {\"a\": {\"EnabledFor\": [{\"Name\": \"Percentage\", \"Parameters\": {\"Value\": 50}}]}}}",
        "target-segments",
        EVERYONE,
    ),
    (
        "microsoft",
        "appsettings.json",
        "{\"FeatureManagement\": {\"a\": {\"EnabledFor\": [{\"Name\": \"Percentage\", \"Parameters\": {\"Value\": 50}}]}}}",
        "{\"FeatureManagement\": {\"a\": true}}",
        "target-segments",
        "from now on everyone gets `on`, and until now filters decide",
    ),
    (
        "microsoft",
        "appsettings.json",
        "{\"feature_management\": {\"feature_flags\": [{\"id\": \"a\", \"enabled\": true}]}}",
        "{\"feature_management\": {\"feature_flags\": [{\"id\": \"a\", \"enabled\": true, \"conditions\": {\"client_filters\": [{\"name\": \"Eu\"}]}}]}}",
        "target-segments",
        EVERYONE,
    ),
    (
        "harness",
        "flags.yaml",
        "featureFlags: {flags: [{flag: {identifier: a, environments: [{identifier: prod, state: \"on\"}]}}]}\n",
        "featureFlags: {flags: [{flag: {identifier: a, environments: [{identifier: prod, state: <+x>}]}}]}\n",
        "activation",
        "whether it is from now on is not known",
    ),
];

fn said(report: &Report) -> String {
    render::review("text", report, &Look::default()).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn what_was_on_for_everyone_is_not_switched_on() {
    for (format, path, before, after, rule, words) in DECIDED {
        let report: Report = of(format, path, before, after);
        assert_eq!((report.verdict, report.flags.len()), (Verdict::Pending, 1), "{after}");
        let flag = &report.flags[0];
        let rules: Vec<&str> = flag.changes.iter().filter_map(|change| Some(change.rule?.as_str())).collect();
        assert!(rules.contains(rule), "{after}: {rules:?}");
        assert!(flag.changes.iter().all(|change| change.class == Class::Critical), "{after}");
        let text = said(&report);
        assert!(text.contains(words), "{after}: {text}");
        let starts =
            ["activation: users start to get it", "whether users start to get it", "whether users still get it"]
                .iter()
                .any(|why| text.contains(why));
        assert_eq!(starts, *rule == "activation", "{after}: {text}");
        assert!(!text.contains("newly exposed") && !text.contains("lose their variant"), "{after}: {text}");
    }
}

#[test]
fn of_a_new_flag_that_nobody_knows_to_be_on_nobody_knows_that_users_get_it() {
    let report = of("registry", "flags.yml", "b: true\n", "b: true\na: <%= ENV.fetch(\"A\", true) %>\n");
    let text = said(&report);
    assert_eq!(report.verdict, Verdict::Pending);
    assert!(text.contains("activation: whether users start to get it is not known"), "{text}");
    // Of one that is known, in the same file, it is said.
    let report = of("registry", "flags.yml", "b: true\n", "b: true\na: <%= ENV.fetch(\"A\", true) %>\nc: true\n");
    let text = said(&report);
    assert!(text.contains("is not known") && text.contains("activation: users start to get it"), "{text}");
}

#[test]
fn a_filter_that_goes_is_no_switch_that_goes_off() {
    let report = of("microsoft", "appsettings.json", DECIDED[3].2, DECIDED[3].3);
    assert!(!said(&report).contains("true → false"), "{}", said(&report));
}

fn sides(format: &str, before: &[(&str, &str)], after: &[(&str, &str)]) -> String {
    said(&super::judged(format, &files(before), &files(after)))
}

#[test]
fn where_another_layer_decides_no_share_of_everyone_is_known() {
    let of = |on: bool| format!("{{\"FeatureManagement\": {{\"Beta\": {on}}}}}");
    let (on, off) = (of(true), of(false));
    let below = "appsettings.json";
    let over = ("appsettings.Production.json", on.as_str());
    for (before, after) in [(&on, &off), (&off, &on)] {
        // It stands over both, on one side, or with the same value.
        for [old, new] in [[Some(over), Some(over)], [None, Some(over)], [Some(over), None]] {
            let side = |text: &'_ String, more: Option<(&'static str, &str)>| -> Vec<(String, String)> {
                let own = (below.to_owned(), text.clone());
                [own].into_iter().chain(more.map(|(path, text)| (path.to_owned(), text.to_owned()))).collect()
            };
            let [old, new] = [side(before, old), side(after, new)];
            let plain = |side: &[(String, String)]| -> std::collections::BTreeMap<String, String> {
                side.iter().cloned().collect()
            };
            let report = super::judged("microsoft", &plain(&old), &plain(&new));
            let base = report.flags.iter().find(|flag| flag.key == "Beta").unwrap();
            let summary = base.impact_summary.as_deref().unwrap();
            assert!(!summary.contains("100.0%"), "{summary}");
            assert!(summary.contains("`Beta@Production` may say otherwise"), "{summary}");
        }
        // Nothing stands over it.
        let text = sides("microsoft", &[(below, before)], &[(below, after)]);
        assert!(text.contains("100.0% of everyone"), "{text}");
    }
}

#[test]
fn shares_of_a_flag_that_needs_another_one() {
    let feature = |percentage: u32, more: &str| {
        format!(
            "bucketBy: userId\n{more}rules: {{production: [{{key: all, segments: '*', percentage: {percentage}}}]}}\n"
        )
    };
    let child = |percentage: u32| feature(percentage, "required: [parent]\n");
    let parent = feature(0, "");
    let at = |percentage: u32| {
        let child = child(percentage);
        super::judged(
            "featurevisor",
            &files(&[("features/child.yml", &feature(50, "required: [parent]\n")), ("features/parent.yml", &parent)]),
            &files(&[("features/child.yml", &child), ("features/parent.yml", &parent)]),
        )
    };
    let text = said(&at(80));
    assert!(text.contains("shares are of the users whom the flags that it needs let in"), "{text}");
}

/// Of a flag that goes and that nobody knew to be on, nobody knows that users lose it.
#[test]
fn a_deleted_flag_may_have_been_off() {
    let said = |before: &str, after: &str| {
        let report = of("registry", "flags.yml", before, after);
        assert_eq!(report.verdict, Verdict::Pending);
        render::review("text", &report, &Look::default())
    };
    let unknown = said("a: <%= ENV[\"A\"] %>\nb: false\n", "b: false\n");
    assert!(unknown.contains("deletion: whether users have it is not known"), "{unknown}");
    assert!(!unknown.contains("while live") && !unknown.contains("users who have it lose it"), "{unknown}");
    let live = said("a: true\nb: false\n", "b: false\n");
    assert!(live.contains("deletion: users who have it lose it") && live.contains("deleted while live"), "{live}");
}

/// A switch that goes has not become true, where nobody knows what is read from now on.
#[test]
fn a_switch_that_is_gone_is_no_other_one() {
    let report = of("registry", "flags.yml", "a: {enabled: false}\n", "a: {serve: false}\n");
    let changes = super::reviewed::changes(&report);
    assert!(changes.contains(&"a stage enabled: false → null @1".to_owned()), "{changes:#?}");
}

/// A switch that says by `true` that a flag is off, and words that both mean that it is on.
#[test]
fn nobody_starts_to_get_what_is_switched_off_or_called_otherwise() {
    const GOFF: &str = "search:\n  variations: {a: 1, b: 2}\n  defaultRule: {variation: a}\n  disable: false\n  scheduledRollout:\n    - {date: '2030-01-01T00:00:00Z', disable: false}\n";
    const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: env}\ndata: {FEATURE_CART: 'true'}\n";
    let off = GOFF.replace("\n  disable: false", "\n  disable: true");
    let said = |format: &str, path: &str, before: &str, after: &str| {
        let report = of(format, path, before, after);
        assert_eq!(report.verdict, Verdict::Pending);
        let text = render::review("text", &report, &Look::default());
        text.contains("activation: users start to get it")
    };
    // A step puts it back, so that it is no switch-off.
    assert!(!said("goff", "f.goff.yaml", GOFF, &off));
    assert!(said("goff", "f.goff.yaml", &off, GOFF));
    assert!(!said("kubernetes", "env.yaml", MAP, &MAP.replace("'true'", "'on'")));
}

/// A test finds something of another shape than it asks for, which a reader may take for what it asks for.
#[test]
fn values_of_another_shape_are_not_known_to_be_off() {
    for (test, before, after) in [
        ("{at: status, like: \"on*\"}", "status: \"off\"", "status: true"),
        ("{at: status, like: \"on*\"}", "status: \"off\"", "status: [\"on\"]"),
        ("{at: \"users/*\", absent: false}", "users: []", "users: ann"),
        ("{at: \"rules/*\", with: {at: enabled, is: true}}", "rules: []", "rules: [true]"),
        ("{at: \"rules/*\", with: {at: enabled, is: true}}", "rules: []", "rules: {enabled: true}"),
        ("{at: \"rules/*\", with: {at: enabled, is: true}}", "rules: []", "rules: all"),
        (
            "{at: \"rules/*\", named: status, by: name, with: {at: value, is: true}}",
            "status: a, rules: [{name: a, value: false}]",
            "status: a, rules: [{name: a, value: \"true\"}]",
        ),
    ] {
        let mapping = format!(
            "about: mine\nentities:\n  - at: \"*\"\n    key: \"@key\"\n    live: [{{when: {test}, is: live}}]\n    fields: {{segments: [status, users, rules]}}\n"
        );
        let file = |value: &str| format!("a: {{{value}}}\n");
        assert_eq!(super::own(&mapping, &file(before), &file(after)).verdict, Verdict::Pending, "{after}");
        assert_eq!(super::own(&mapping, &file(before), &file(before)).verdict, Verdict::NotRequired, "{before}");
    }
}

/// Steps of a schedule come before the switch only where they say something of it.
#[test]
fn a_flag_with_steps_that_is_switched_off_stays_off() {
    const GOFF: &str = "search:\n  variations: {a: 1, b: 2}\n  defaultRule: {variation: a}\n  disable: false\n  scheduledRollout:\n    - {date: '2030-01-01T00:00:00Z', defaultRule: {variation: b}}\n";
    let off = GOFF.replace("disable: false", "disable: true");
    assert_eq!(of("goff", "f.goff.yaml", GOFF, &off).verdict, Verdict::NotRequired);
    assert_eq!(of("goff", "f.goff.yaml", &off, GOFF).verdict, Verdict::Pending);
    // A step that may switch it on is one that does.
    let step = |disable: &str| off.replace("defaultRule: {variation: b}}", &format!("disable: {disable}}}"));
    for disable in ["false", "\"false\""] {
        assert_eq!(of("goff", "f.goff.yaml", GOFF, &step(disable)).verdict, Verdict::Pending, "{disable}");
    }
}

/// A flag that goes live and gives everyone what they had is not said to be one that users start to get.
#[test]
fn what_gives_nobody_anything_is_live_all_the_same() {
    let flag = |state: &str| {
        let env =
            format!("{{identifier: p, state: '{state}', default: {{onVariation: 'false', offVariation: 'false'}}}}");
        let flag = format!(
            "identifier: a, spec: {{variations: [{{identifier: 'false', value: 'false'}}]}}, environments: [{env}]"
        );
        format!("featureFlags: {{flags: [{{flag: {{{flag}}}}}]}}\n")
    };
    let report = of("harness", "flags.yaml", &flag("off"), &flag("on"));
    assert_eq!(report.verdict, Verdict::Pending);
    let text = said(&report);
    assert!(text.contains("activation: it is live from now on"), "{text}");
    assert!(!text.contains("users start to get it"), "{text}");
}
