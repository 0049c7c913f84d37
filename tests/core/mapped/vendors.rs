//! Edits of vendors' formats that look like something else: what their evaluators make of them.

use countersign::report::{Report, Verdict};

use super::impact::reported;
use super::parts::files;
use super::reviewed::{changes, of};
use super::{judged, read};

/// The state of each flag before and after, and whether anybody has to approve.
fn states(report: &Report) -> (Vec<String>, Verdict) {
    let flags = report.flags.iter().map(|flag| {
        let word = |side: &Option<String>| side.clone().unwrap_or_else(|| "none".to_owned());
        format!("{} {} {}", flag.key, word(&flag.state.before), word(&flag.state.after))
    });
    (flags.collect(), report.verdict)
}

/// The impact of a change on the first flag of a file.
fn impact(format: &str, path: &str, before: &str, after: &str) -> Vec<String> {
    let first = |text: &str| read(format, path, text).0.into_iter().next().unwrap();
    reported(&countersign::impact::of(Some(&first(before)), Some(&first(after))))
}

const UNLEASH: &str = r#"{"version": 1, "features": [
  {"name": "a", "project": "default", "enabled": true, "strategies": [{"name": "default", "segments": [1]}]},
  {"name": "b", "project": "default", "enabled": true, "strategies": [{"name": "default", "segments": [2]}]}],
 "segments": [{"id": 1, "name": "s", "constraints": [{"contextName": "country", "operator": "IN", "values": ["de", "at"]}]}]}"#;

const UNLEASH_4: &str = r#"{"features": [{"name": "a"}],
 "featureStrategies": [{"name": "default", "id": "11", "featureName": "a", "environment": "production", "segments": [7]}],
 "featureEnvironments": [{"featureName": "a", "environment": "production", "enabled": true}],
 "segments": [{"id": 7, "name": "s", "constraints": [{"contextName": "country", "operator": "IN", "values": ["de", "at"]}]}]}"#;

#[test]
fn a_segment_that_a_number_names() {
    for (before, key) in [(UNLEASH, "a@default"), (UNLEASH_4, "a.default.11@production")] {
        let edit = |from: &str, to: &str| of("unleash", "state.json", before, &before.replacen(from, to, 1));
        let report = edit("\"at\"]", "\"nl\"]");
        let found = changes(&report);
        assert!(!found.is_empty() && found.iter().all(|line| line.starts_with(&format!("{key} parts "))), "{found:?}");
        assert!(found.iter().any(|line| line.contains("→ nl")), "{found:?}");
        assert_eq!(report.verdict, Verdict::Pending);
        // Names and orders are for people.
        for (from, to) in [("\"name\": \"s\"", "\"name\": \"t\""), ("\"de\", \"at\"", "\"at\", \"de\"")] {
            assert_eq!(edit(from, to).verdict, Verdict::NotRequired, "{from}");
        }
        // A name of another type is found by nobody.
        for id in ["\"id\": 1,", "\"id\": 7,"] {
            let text = id.replace(": ", ": \"").replace(',', "\",");
            assert!(!before.contains(id) || edit(id, &text).verdict == Verdict::Pending, "{id}");
        }
    }
    let (_, found) = read("unleash", "state.json", UNLEASH);
    assert!(found.is_empty(), "{found:?}");
}

/// An import looks at the version, and only one of the two ways of saying where a flag is on is read.
#[test]
fn unleash_environments_next_to_switches_decide_nothing() {
    let off = UNLEASH.replace("\"enabled\": true", "\"enabled\": false");
    let added = r#""featureEnvironments": [{"featureName": "z", "environment": "x", "enabled": false}], "segments""#;
    for after in [UNLEASH, off.as_str()] {
        let after = after.replacen("\"segments\": [{\"id\"", &format!("{added}: [{{\"id\""), 1);
        assert!(after.contains("featureEnvironments"));
        assert_eq!(of("unleash", "state.json", &off, &after).verdict, Verdict::Pending, "{after}");
    }
    let strategies = UNLEASH_4.replacen("{\"name\": \"a\"}", "{\"name\": \"a\", \"strategies\": []}", 1);
    assert_eq!(of("unleash", "state.json", UNLEASH_4, &strategies).verdict, Verdict::Pending);
}

/// By its type and its key the clients of a store find an item.
#[test]
fn azure_items_are_found_by_type_and_key() {
    let before = r#"{"items": [{"key": ".appconfig.featureflag/New", "label": "p", "content_type": "application/vnd.microsoft.appconfig.ff+json", "value": "{\"id\": \"New\", \"enabled\": true}", "etag": "x"}]}"#;
    for (from, to, verdict) in [
        ("application/vnd.microsoft.appconfig.ff+json", "text/plain", Verdict::Pending),
        ("featureflag/New", "featureflag/New2", Verdict::Pending),
        ("\"etag\": \"x\"", "\"etag\": \"y\"", Verdict::NotRequired),
    ] {
        let after = before.replacen(from, to, 1);
        assert_ne!(before, after);
        assert_eq!(of("microsoft", "export.json", before, &after).verdict, verdict, "{to}");
    }
}

fn flipt(rules: &str) -> String {
    format!(
        "namespace: shop\nflags:\n  - {{key: a, name: a, type: VARIANT_FLAG_TYPE, enabled: true, rules: [{rules}]}}\nsegments: [{{key: eu, name: eu}}, {{key: us, name: us}}]\n"
    )
}

/// Applications that name no variants ask whether a user matches.
#[test]
fn a_rule_without_distributions_is_a_match() {
    let [none, eu, us] = ["", "{segment: eu}", "{segment: us}"].map(flipt);
    let of = |before: &str, after: &str| impact("flipt", "features.yaml", before, after);
    assert_eq!(of(&none, &eu), ["rule 1 from others: enabled, without a variant→match only 100.0%"]);
    assert_eq!(of(&eu, &none), ["others from rule 1: match only→enabled, without a variant 100.0%"]);
    assert!(!of(&eu, &us).is_empty());
    // Where one variant is the default, users get that, whether they match or not.
    let default = |text: &str| text.replace("rules:", "variants: [{key: on, default: true}], rules:");
    assert_eq!(of(&default(&none), &default(&eu)), Vec::<String>::new());
    // A flag that nobody gets is off; one that some users match is not, nor one that applications ask about.
    let new = |text: &str| {
        let policy = "version: 1\nadmins: [\"@root\"]\ncritical: {activation: {serves: other-than-off}}\nprojects: {all: {paths: [\"**\"], approvals: peer}}\nformats: {\"**\": flipt}\n";
        let side = |files: &[(&str, &str)]| {
            let all = files.iter().copied().chain([(countersign::policy::CONFIG_PATH, policy)]);
            let file = |(path, text): (&str, &str)| {
                (path.to_owned(), countersign::flag::File::regular(path.to_owned(), text.as_bytes().to_vec()))
            };
            all.map(file).collect()
        };
        let empty = "namespace: shop\nflags: []\n";
        crate::files::judge_files(&side(&[("features.yaml", empty)]), &side(&[("features.yaml", text)]), None, &[])
            .unwrap()
            .verdict
    };
    let bare = |text: &str| text.split("segments:").next().unwrap().to_owned();
    assert_eq!((new(&bare(&none)), new(&bare(&eu))), (Verdict::Pending, Verdict::Pending));
    assert_eq!(new(&bare(&none).replace("rules:", "variants: [{key: a}], rules:")), Verdict::NotRequired);
}

fn microsoft(enabled: &str, off: &str, disabled: &str) -> String {
    format!(
        r#"{{"feature_management": {{"feature_flags": [{{"id": "a", "enabled": {enabled},
 "variants": [{{"name": "On", "configuration_value": true}}, {off}],
 "allocation": {{"percentile": [{{"variant": "On", "from": 0, "to": 50}}, {{"variant": "Off", "from": 50, "to": 100}}],
 "default_when_enabled": "Off", "default_when_disabled": "{disabled}"}}}}]}}}}"#
    )
}

const GIVES_FALSE: &str = r#"{"name": "Off", "configuration_value": false}"#;

/// Variants that stand for off while a flag is disabled.
const OFF: &[&str] = &[
    GIVES_FALSE,
    r#"{"name": "Off", "configuration_value": false, "status_override": "Disabled"}"#,
    r#"{"name": "Off", "configuration_value": 0, "status_override": "None"}"#,
    r#"{"Name": "Off", "Configuration_Value": "off"}"#,
];

/// Variants of which nobody knows that, and that may hide behind one of the others.
const NOT_OFF: &[&str] = &[
    r#"{"name": "Off"}"#,
    r#"{"name": "Off", "configuration_value": false, "configuration_reference": "Shop:Off"}"#,
    r#"{"name": "Off", "configuration_value": true}"#,
    r#"{"name": "Off", "configuration_value": false, "status_override": "Enabled"}"#,
    r#"{"name": "Off", "configuration_value": false}, {"name": "Off", "configuration_value": true}"#,
    r#"{"name": "off", "configuration_value": false}"#,
];

#[test]
fn a_flag_with_variants_is_switched_off() {
    let of = |before: &str, after: &str| of("microsoft", "appsettings.json", before, after);
    for off in OFF {
        let [on, disabled] = ["true", "false"].map(|enabled| microsoft(enabled, off, "Off"));
        let (found, verdict) = states(&of(&on, &disabled));
        assert_eq!((found, verdict), (vec!["a live inactive".to_owned()], Verdict::NotRequired), "{off}");
        assert_eq!(of(&disabled, &on).verdict, Verdict::Pending, "{off}");
        // While it is off, another variant that everyone gets is none that passes.
        for other in NOT_OFF {
            assert_eq!(of(&disabled, &microsoft("false", other, "Off")).verdict, Verdict::Pending, "{other}");
        }
        assert_eq!(of(&disabled, &microsoft("false", off, "On")).verdict, Verdict::Pending, "{off}");
    }
    // The first ones were approved as what it gives then.
    for (other, verdict) in
        NOT_OFF.iter().zip([[Verdict::NotRequired; 2], [Verdict::Pending; 2], [Verdict::Pending; 2]].concat())
    {
        let [on, disabled] = ["true", "false"].map(|enabled| microsoft(enabled, other, "Off"));
        assert_eq!(of(&on, &disabled).verdict, verdict, "{other}");
    }
}

fn harness(env: &str, values: [&str; 2]) -> String {
    format!(
        "featureFlags:\n  flags:\n    - flag:\n        name: a\n        identifier: a\n        spec:\n          type: string\n          default: {{onVariation: new, offVariation: old}}\n          variations: [{{identifier: new, value: {}}}, {{identifier: old, value: {}}}]\n        environments:\n          - {{identifier: production, {env}}}\n",
        values[0], values[1]
    )
}

const BY_DEFAULT: &str = "default: {onVariation: new, offVariation: old}";

#[test]
fn who_gets_what_in_harness() {
    let file = |env: &str| harness(env, ["x", "y"]);
    let of = |before: &str, after: &str| impact("harness", "flags.yaml", &file(before), &file(after));
    let on = |more: &str| format!("state: \"on\", {BY_DEFAULT}{more}");
    let target = on(", targetRules: [{variation: old, targets: [{identifier: jo}]}]");
    let rule = |serve: &str| {
        on(&format!(", rules: [{{priority: 1, serve: {serve}, clauses: [{{attribute: x, op: in, values: [y]}}]}}]"))
    };
    assert_eq!(of(&on(""), &on("").replace("onVariation: new", "onVariation: old")), ["others: new→old 100.0%"]);
    assert_eq!(of(&on(""), &target), ["targets 1 from others: new→old 100.0%"]);
    assert_eq!(of(&on(""), &rule("{serveVariation: old}")), ["rule 1 from others: new→old 100.0%"]);
    let split = |old: u32| {
        let rest = 100 - old;
        rule(&format!(
            "{{distribution: {{bucketBy: identifier, variations: [{{variation: old, weight: {old}}}, {{variation: new, weight: {rest}}}]}}}}"
        ))
    };
    assert_eq!(of(&split(20), &split(50)), ["rule 1: new→old 30.0%"]);
    // The order of targets, and of the values of a clause, says nothing.
    let [targets, other] = ["{identifier: jo}, {identifier: al}", "{identifier: al}, {identifier: jo}"]
        .map(|all| target.replace("{identifier: jo}", all));
    assert_eq!(of(&targets, &other), Vec::<String>::new());
    let [values, other] = ["[y, z]", "[z, y]"].map(|all| rule("{serveVariation: old}").replace("[y]", all));
    assert_eq!(of(&values, &other), Vec::<String>::new());
    // One that has no default of its own has that of the flag.
    assert_eq!(of(&on(""), "state: \"on\""), Vec::<String>::new());
    // An order that evaluators differ in is not computed.
    let twice = split(20).replace("rules: [", "rules: [{priority: 1, serve: {serveVariation: new}, clauses: []}, ");
    assert_eq!(of(&on(""), &twice).len(), 1);
    assert!(of(&on(""), &twice)[0].contains("two rules have the same `priority`"));
}

#[test]
fn a_flag_of_harness_is_off_by_what_it_gives() {
    let of = |before: &str, after: &str| states(&of("harness", "flags.yaml", before, after));
    let on = format!("state: \"on\", {BY_DEFAULT}");
    let off = on.replace("\"on\"", "\"off\"");
    for env in [off.as_str(), "state: \"off\""] {
        let [live, inactive] = [on.as_str(), env].map(|env| harness(env, ["\"true\"", "\"false\""]));
        assert_eq!(of(&live, &inactive).1, Verdict::NotRequired, "{env}");
        // The value under that name decides, and not the name.
        let other = harness(env, ["\"true\"", "\"true\""]);
        assert_eq!(of(&inactive, &other).1, Verdict::Pending, "{env}");
        assert_eq!(of(&live, &other).1, Verdict::Pending, "{env}");
    }
    // The variations for environments to come are nobody's in those that have their own.
    let text = harness(&on, ["x", "y"]);
    let later = text.replacen("onVariation: new", "onVariation: old", 1);
    assert_eq!(of(&text, &later).1, Verdict::NotRequired);
    let [text, later] = [&text, &later].map(|text| text.replace(&format!(", {BY_DEFAULT}"), ""));
    assert_eq!(of(&text, &later).1, Verdict::Pending);
}

/// Both kinds of files are parts, and each has names of its own.
#[test]
fn a_target_and_a_segment_of_one_name() {
    let text = "description: x\n";
    let all = [("segments/android.yml", text), ("targets/android.yml", text), ("schemas/android.yml", text)];
    let report = judged("featurevisor", &files(&all[..1]), &files(&all));
    let mut keys: Vec<&str> = report.flags.iter().map(|flag| flag.key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["schema android", "target android"]);
    assert!(report.diagnostics.iter().all(|one| one.id.as_str() != "duplicate-flag"), "{:?}", report.diagnostics);
}

/// Microsoft's flags with variants give one while they are off: to switch one off, and to change nothing else, is free.
#[test]
fn a_flag_with_variants_is_switched_off_by_its_switch_alone() {
    const FLAG: &str = "{\"feature_management\": {\"feature_flags\": [{\"id\": \"A\", \"enabled\": true, \"variants\": [{\"name\": \"On\", \"configuration_value\": 1}, {\"name\": \"NAME\", VALUE\"status_override\": \"None\"}, {\"name\": \"Zero\", \"configuration_value\": \"z\"}], \"allocation\": {\"percentile\": [{\"variant\": \"On\", \"from\": 0, \"to\": 50}], \"default_when_disabled\": \"NAME\"}}]}}";
    let of = |before: &str, after: &str| of("microsoft", "appsettings.json", before, after);
    for name in ["Off", "Control", "Small"] {
        for value in ["0", "false", "\"\"", "null", "\"300px\"", "\"false\"", "\"off\"", "[]", "{}", "1", ""] {
            let said = if value.is_empty() { String::new() } else { format!("\"configuration_value\": {value}, ") };
            let on = FLAG.replace("NAME", name).replace("VALUE", &said);
            let off = on.replace("\"enabled\": true", "\"enabled\": false");
            let report = of(&on, &off);
            assert_eq!(report.verdict, Verdict::NotRequired, "{name} {value}");
            assert!(report.flags[0].switch_off.is_some(), "{name} {value}");
            assert_eq!(
                of(&on, &on.replace("\"enabled\": true", "\"enabled\": \"false\"")).verdict,
                Verdict::NotRequired
            );
            assert_eq!(of(&off, &on).verdict, Verdict::Pending, "{name} {value}");
            // With anything else it waits, and so does each edit of what it gives while it is off.
            let other = |text: &str| text.replace(&format!("disabled\": \"{name}\""), "disabled\": \"Zero\"");
            assert_eq!(of(&on, &other(&off)).verdict, Verdict::Pending, "{name} {value}");
            assert_eq!(of(&off, &other(&off)).verdict, Verdict::Pending, "{name} {value}");
            let served =
                |text: &str| text.replace(&format!("{said}\"status"), "\"configuration_value\": \"y\", \"status");
            assert_eq!(of(&on, &served(&off)).verdict, Verdict::Pending, "{name} {value}");
            assert_eq!(of(&off, &served(&off)).verdict, Verdict::Pending, "{name} {value}");
        }
    }
    // A variant that is on is none of being off.
    for said in ["\"configuration_value\": true, ", "\"configuration_value\": \"true\", "] {
        let on = FLAG.replace("NAME", "On2").replace("VALUE", said);
        assert_eq!(of(&on, &on.replace("\"enabled\": true", "\"enabled\": false")).verdict, Verdict::Pending, "{said}");
    }
    let on = FLAG.replace("NAME", "Off").replace("VALUE", "").replace("\"None\"", "\"Enabled\"");
    assert_eq!(of(&on, &on.replace("\"enabled\": true", "\"enabled\": false")).verdict, Verdict::Pending);
    // A new flag that is off gives its variant from now on.
    let none = "{\"feature_management\": {\"feature_flags\": []}}";
    let new = FLAG.replace("NAME", "Small").replace("VALUE", "").replace("true", "false");
    assert_eq!(of(none, &new).verdict, Verdict::Pending);
}

/// The generation before 2022 had the steps of a rollout below `rollout`.
#[test]
fn a_step_of_the_old_generation_enables_a_flag_of_goff() {
    let old = "a:\n  percentage: 10\n  true: A\n  false: B\n  default: C\n  disable: true\n";
    let with =
        |step: &str| format!("{old}  rollout: {{scheduled: {{steps: [{{date: 2027-01-01T00:00:00Z, {step}}}]}}}}\n");
    let verdict = |after: &str| of("goff", "f.goff.yaml", old, after).verdict;
    assert_eq!(verdict(&with("disable: false")), Verdict::Pending);
    assert_eq!(verdict(&with("percentage: 90")), Verdict::NotRequired);
}

/// The settings of Microsoft's libraries in YAML, and an export of its service.
#[test]
fn microsofts_flags_in_yaml_and_in_an_export() {
    let states = |path: &str, text: &str| {
        let (flags, found) = read("microsoft", path, text);
        assert_eq!(found, Vec::<String>::new(), "{text}");
        flags.iter().map(|flag| format!("{} {}", flag.key, flag.state.word)).collect::<Vec<_>>()
    };
    let yaml = "# Settings.\nLogging: {Level: Info}\nFeatureManagement:\n  Beta: false\n  Gamma:\n    EnabledFor:\n      - Name: Microsoft.Percentage\n        Parameters: {Value: 10}\n";
    for (path, scope) in [("appsettings.yaml", ""), ("src/appsettings.Production.yml", "@Production")] {
        assert_eq!(states(path, yaml), [format!("Beta{scope} inactive"), format!("Gamma{scope} live")]);
        let of = |from: &str, to: &str| of("microsoft", path, yaml, &yaml.replace(from, to)).verdict;
        assert_eq!(of("Beta: false", "Beta: true"), Verdict::Pending);
        assert_eq!(of("Value: 10", "Value: 50"), Verdict::Pending);
        assert_eq!(of("Level: Info", "Level: Debug"), Verdict::NotRequired);
        let on = yaml.replace("Beta: false", "Beta: true");
        assert_eq!(super::reviewed::of("microsoft", path, &on, yaml).verdict, Verdict::NotRequired);
    }
    let schema = "feature_management:\n  feature_flags:\n    - id: Beta\n      enabled: true\n";
    assert_eq!(states("appsettings.yaml", schema), ["Beta live"]);
    // Spring writes names with hyphens.
    let spring = "feature-management:\n  Beta: true\n  Gamma:\n    enabled-for:\n      - name: Random\n";
    assert_eq!(states("application.yml", spring), ["Beta live", "Gamma live"]);
    assert_eq!(
        of("microsoft", "application.yml", spring, &spring.replace("Random", "Other")).verdict,
        Verdict::Pending
    );
    let export = |enabled: bool| {
        format!(
            "{{\"items\": [\n{{\"key\": \".appconfig.featureflag/Beta\", \"label\": null, \"content_type\": \"application/vnd.microsoft.appconfig.ff+json\", \"value\": \"{{\\\"id\\\": \\\"Beta\\\", \\\"enabled\\\": {enabled}}}\"}},\n{{\"key\": \".appconfig.featureflag/Beta\", \"label\": \"prod\", \"value\": \"{{\\\"id\\\": \\\"Beta\\\", \\\"enabled\\\": false}}\"}},\n{{\"key\": \"Size\", \"value\": \"300px\"}}]}}"
        )
    };
    assert_eq!(states("appconfig.json", &export(false)), ["Beta inactive", "Beta@prod inactive"]);
    let of = |before: &str, after: &str| of("microsoft", "appconfig.json", before, after).verdict;
    assert_eq!(of(&export(false), &export(true)), Verdict::Pending);
    assert_eq!(of(&export(true), &export(false)), Verdict::NotRequired);
    assert_eq!(of(&export(true), &export(true).replace("300px", "500px")), Verdict::NotRequired);
    for (path, text, flags) in [("appsettings.yaml", yaml, 2), ("config/appconfig.json", export(true).as_str(), 2)] {
        let found = countersign::format::known::known(path, text.as_bytes()).unwrap();
        assert_eq!((found.known.id, found.flags), (Some("microsoft"), flags), "{path}");
    }
}

/// Microsoft's readers know a switch in both schemas, and as a string.
#[test]
fn a_switch_of_microsoft_is_the_same_in_all_of_its_shapes() {
    let old = |said: &str| format!("{{\"FeatureManagement\": {{\"A\": {said}, \"Z\": true}}}}");
    let new = |said: &str| {
        format!(
            "{{\"feature_management\": {{\"feature_flags\": [{{\"id\": \"A\", {said}}}, {{\"id\": \"Z\", \"enabled\": true}}]}}}}"
        )
    };
    let shapes = |on: &str| {
        [old(on), old(&format!("\"{on}\"")), new(&format!("\"enabled\": {on}")), new(&format!("\"enabled\": \"{on}\""))]
    };
    let of = |before: &str, after: &str| of("microsoft", "appsettings.json", before, after);
    for (on, off) in shapes("true").iter().zip(&shapes("false")) {
        for (one, other) in shapes("true").iter().zip(shapes("true").iter().rev()) {
            assert_eq!(of(one, other).flags.len(), 0, "{one}{other}");
        }
        assert_eq!(of(on, off).verdict, Verdict::NotRequired, "{on}");
        assert_eq!(of(off, on).verdict, Verdict::Pending, "{on}");
    }
}

/// Go's readers of JSON and TOML take a member in another letter case for the one that they know.
#[test]
fn members_in_another_letter_case_are_refused_where_go_reads_them() {
    let goff = |more: &str| {
        format!(
            r#"{{"Search": {{"variations": {{"Default": 1, "True": 2}}, "defaultRule": {{"percentage": {{"Default": 40, "True": 60}}}}, "disable": true{more}}}}}"#
        )
    };
    let before = goff("");
    assert_eq!(of("goff", "f.goff.json", &before, &before).verdict, Verdict::NotRequired);
    for more in [
        r#""Disable": false"#,
        r#""ScheduledRollout": [{"date": "2030-01-01T00:00:00Z", "disable": false}]"#,
        r#""scheduledrollout": [{"date": "2030-01-01T00:00:00Z", "disable": false}]"#,
        r#""scheduledRollout": [{"date": "2030-01-01T00:00:00Z", "Disable": false}]"#,
        r#""scheduledRollout": [{"Date": "2030-01-01T00:00:00Z", "disable": false}]"#,
        r#""targeting": [{"Query": "a eq b", "variation": "True"}]"#,
        r#""experimentation": {"Start": "2030-01-01T00:00:00Z"}"#,
    ] {
        let after = goff(&format!(", {more}"));
        assert_eq!(of("goff", "f.goff.json", &before, &after).verdict, Verdict::Invalid, "{after}");
    }
    let toml = "[search]\ndisable = true\n[search.variations]\na = 1\n[search.defaultRule]\nvariation = \"a\"\n";
    let step = "[[search.scheduledRollout]]\ndate = 2030-01-01T00:00:00Z\nDisable = false\n";
    assert_eq!(of("goff", "f.toml", toml, &format!("{toml}{step}")).verdict, Verdict::Invalid);
    let flipt = |flag: &str| format!(r#"{{"namespace": "d", "flags": [{{"key": "a", "name": "a", {flag}}}]}}"#);
    let before = flipt(r#""type": "BOOLEAN_FLAG_TYPE", "enabled": false, "rollouts": [], "metadata": {"Type": 1}"#);
    assert_eq!(of("flipt", "features.json", &before, &before).verdict, Verdict::NotRequired);
    for flag in [
        r#""type": "BOOLEAN_FLAG_TYPE", "enabled": false, "Enabled": true"#,
        r#""type": "BOOLEAN_FLAG_TYPE", "Enabled": true"#,
        r#""Type": "BOOLEAN_FLAG_TYPE", "enabled": false"#,
        r#""type": "BOOLEAN_FLAG_TYPE", "enabled": false, "Rollouts": [{"threshold": {"percentage": 10, "value": true}}]"#,
        r#""type": "BOOLEAN_FLAG_TYPE", "enabled": false, "rollouts": [{"Threshold": {"percentage": 10, "value": true}}]"#,
        r#""type": "BOOLEAN_FLAG_TYPE", "enabled": false, "rollouts": [{"threshold": {"percentage": 10, "Value": true}}]"#,
    ] {
        assert_eq!(of("flipt", "features.json", &before, &flipt(flag)).verdict, Verdict::Invalid, "{flag}");
    }
    for top in ["Flags", "Segments", "Namespace"] {
        let after = before.replace(r#"{"namespace""#, &format!(r#"{{"{top}": [], "namespace""#));
        assert_eq!(of("flipt", "features.json", &before, &after).verdict, Verdict::Invalid, "{after}");
    }
    let mapping = "about: mine\nsyntax: {is: yaml, readers: [go]}\nentities:\n  - at: flags/*\n    key: '@key'\n    lets-in: [users]\n    live: [{when: {at: enabled, is: true}, is: live}]\n    fields: {segments: {at: notes, except: ['*/note']}}\n";
    let own =
        |flags: &str| super::own_at("flags.json", mapping, r#"{"flags": {"a": {"enabled": false}}}"#, flags).verdict;
    for after in [
        r#"{"flags": {"a": {"enabled": false}}, "Flags": {"a": {"enabled": true}}}"#,
        r#"{"flags": {"a": {"enabled": false, "Users": ["x"]}}}"#,
        r#"{"flags": {"a": {"enabled": false, "ENABLED": true}}}"#,
    ] {
        assert_eq!(own(after), Verdict::Invalid, "{after}");
    }
    // A mapping that names two spellings reads both.
    let both = mapping.replace("{at: notes,", "{at: {one: notes, two: Notes},");
    let file = |name: &str| format!(r#"{{"flags": {{"a": {{"enabled": false, "{name}": {{}}}}}}}}"#);
    for (name, expected) in
        [("notes", Verdict::NotRequired), ("Notes", Verdict::NotRequired), ("NOTES", Verdict::Invalid)]
    {
        let report = super::own_at("flags.json", &both, r#"{"flags": {"a": {"enabled": false}}}"#, &file(name));
        assert_eq!(report.verdict, expected, "{name}");
    }
    // Readers of YAML look at it.
    let yaml = "a:\n  variations: {x: 1}\n  defaultRule: {variation: x}\n";
    assert_ne!(of("goff", "f.goff.yaml", yaml, &format!("{yaml}  Version: 1\n")).verdict, Verdict::Invalid);
}
