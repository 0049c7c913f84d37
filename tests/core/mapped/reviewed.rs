//! Edits as people make them, and the words that their reviewers read.

use std::collections::BTreeMap;

use countersign::flag::File;
use countersign::policy::{CONFIG_PATH, FORMATS_FOLDER};
use countersign::render::{self, Look};
use countersign::report::{Report, Verdict};

use super::{files_of, judged, own, parts::files, read};
use crate::files::judge_files;

/// The changes of a report, each as `flag field path: before → after @line`.
pub fn changes(report: &Report) -> Vec<String> {
    let json: serde_json::Value = serde_json::from_str(&text("json", report)).unwrap();
    let mut found = Vec::new();
    for flag in json["flags"].as_array().unwrap() {
        for change in flag["changes"].as_array().unwrap() {
            let side = |name: &str| change[name].to_string().replace('"', "");
            let item = change["item"].as_str().unwrap_or_default();
            let (key, field) = (flag["key"].as_str().unwrap(), change["field"].as_str().unwrap());
            found.push(format!("{key} {field} {item}: {} → {} @{}", side("before"), side("after"), change["line"]));
        }
    }
    found
}

fn text(output: &str, report: &Report) -> String {
    render::review(output, report, &Look::default())
}

pub fn of(id: &str, path: &str, before: &str, after: &str) -> Report {
    judged(id, &files(&[(path, before)]), &files(&[(path, after)]))
}

const SECOND: &str = "bucketBy: userId
variations: [{value: a, weight: 50}, {value: b, weight: 50}]
rules:
  production:
    - {key: nl, segments: nl, percentage: 0}
    - {key: all, segments: '*', percentage: 100}
  staging: [{key: all, segments: '*', percentage: 100}]
force:
  staging: [{segments: qa, variation: a}]
expose: {staging: true}
";

#[test]
fn what_is_said_of_another_environment_is_none_of_this_one() {
    let of = |after: &str| changes(&of("featurevisor", "features/f.yml", SECOND, after));
    let forced = of(&SECOND.replace("segments: qa", "segments: team"));
    assert!(!forced.is_empty() && forced.iter().all(|line| line.starts_with("f@staging ")), "{forced:#?}");
    // One that has no rules is an environment all the same.
    let canary = of(&SECOND.replace("force:\n", "force:\n  canary: [{segments: x, variation: b}]\n"));
    assert!(!canary.is_empty() && canary.iter().all(|line| line.starts_with("f@canary ")), "{canary:#?}");
    let off = SECOND.replace("percentage: 100}\n  staging", "percentage: 0}\n  staging");
    assert_eq!(
        read("featurevisor", "features/f.yml", &off).0.iter().map(|flag| flag.state.word.as_str()).collect::<Vec<_>>(),
        ["inactive", "live"]
    );
}

#[test]
fn rules_are_known_by_their_keys() {
    let new = SECOND.replace("    - {key: all", "    - {key: be, segments: be, percentage: 0}\n    - {key: all");
    let found = changes(&of("featurevisor", "features/f.yml", SECOND, &new));
    assert!(found.iter().any(|line| line.contains("rules/be/percentage")), "{found:#?}");
    assert!(!found.iter().any(|line| line.contains("distribution rules/all")), "{found:#?}");
}

#[test]
fn generations_of_one_feature_say_the_same() {
    let first = "bucketBy: userId
variablesSchema:
  - {key: color, type: string, defaultValue: red}
variations:
  - {value: a, weight: 50}
  - value: b
    weight: 50
    variables:
      - {key: color, value: blue, overrides: [{segments: nl, value: orange}]}
environments:
  production:
    rules: [{key: all, segments: '*', percentage: 100}]
    force: [{segments: qa, variation: b}]
";
    let second = "bucketBy: userId
variablesSchema:
  color: {type: string, defaultValue: red}
variations:
  - {value: a, weight: 50}
  - value: b
    weight: 50
    variables: {color: blue}
    variableOverrides: {color: [{segments: nl, value: orange}]}
rules:
  production: [{key: all, segments: '*', percentage: 100}]
force:
  production: [{segments: qa, variation: b}]
";
    assert_eq!(changes(&of("featurevisor", "features/f.yml", first, second)), [""; 0]);
    for (from, to) in [
        ("orange", "white"),
        ("blue", "black"),
        ("red,", "green,"),
        ("red}", "green}"),
        ("segments: qa", "segments: x"),
    ] {
        for side in [first, second].iter().filter(|side| side.contains(from)) {
            assert_ne!(
                changes(&of("featurevisor", "features/f.yml", first, &side.replace(from, to))),
                [""; 0],
                "{from}"
            );
        }
    }
    // Overrides that stand in both forms are none that are known.
    let both = first.replace("variables:\n", "variableOverrides: {}\n    variables:\n");
    assert_ne!(changes(&of("featurevisor", "features/f.yml", first, &both)), [""; 0]);
}

const WEIGHTS: &str = "entities:
  - at: \"*\"
    live: [live]
    impact: {weights: \"arms/*/weight\", by: name}
    fields:
      variants: {at: arms, except: [\"*/weight\"]LIST}
      distribution: {at: \"arms/*/weight\", by: name, as: share}
";

#[test]
fn shares_are_shown_as_parts_of_their_sum() {
    let arms = |weights: &[u32]| {
        let lines = weights.iter().enumerate().map(|(at, weight)| format!("    - {{name: n{at}, weight: {weight}}}\n"));
        format!("a:\n  arms:\n{}", lines.collect::<String>())
    };
    let mapping = WEIGHTS.replace("LIST", "");
    let found = changes(&own(&mapping, &arms(&[50, 50]), &arms(&[60, 50])));
    assert_eq!(
        found,
        [
            "a distribution arms/n0/weight: 50 → 6/11 (54.55%) @3",
            "a distribution arms/n1/weight: 50 → 5/11 (45.45%) @4"
        ]
    );
    assert_eq!(changes(&own(&mapping, &arms(&[50, 50]), &arms(&[1, 1]))), [""; 0]);
    assert_eq!(changes(&own(&mapping, &arms(&[1, 2]), &arms(&[10, 20]))), [""; 0]);
    assert_ne!(changes(&own(&mapping, &arms(&[1, 2]), &arms(&[10, 21]))), [""; 0]);
}

#[test]
fn an_order_is_reported_or_means_nothing() {
    let (one, other) = ("{name: x, weight: 20}", "{name: y, weight: 80}");
    let arms = |first: &str, second: &str| format!("a: {{arms: [{first}, {second}]}}\n");
    let ordered = own(&WEIGHTS.replace("LIST", ""), &arms(one, other), &arms(other, one));
    assert_eq!(ordered.verdict, Verdict::Pending);
    let keyed = WEIGHTS.replace("LIST", ", list: keyed(name)");
    let silent = own(&keyed, &arms(one, other), &arms(other, one));
    assert_eq!(silent.verdict, Verdict::NotRequired);
    // And then a share that moves is the same whoever stands first.
    let grown = own(&keyed, &arms(one, other), &arms("{name: y, weight: 70}", "{name: x, weight: 30}"));
    assert!(text("text", &grown).contains("10.0%"), "{}", text("text", &grown));
    assert!(!text("text", &grown).contains("30.0%"), "{}", text("text", &grown));
}

#[test]
fn a_constraint_is_known_by_what_it_is_about() {
    let segment = |value: &str, note: &str| {
        format!(
            "namespace: shop\nsegments:\n  - key: eu\n    constraints:\n      - {{type: STRING_COMPARISON_TYPE, property: country, operator: isoneof, value: '{value}'{note}}}\n      - {{type: STRING_COMPARISON_TYPE, property: plan, operator: eq, value: pro}}\n"
        )
    };
    let (before, after) = (segment(r#"["de","nl"]"#, ""), segment(r#"["de","nl","fr"]"#, ""));
    let found = changes(&of("flipt", "features.yml", &before, &after));
    assert!(
        found.iter().any(|line| line.contains("constraints/country~1isoneof") || line.contains("country")),
        "{found:#?}"
    );
    assert!(!found.iter().any(|line| line.contains("STRING_COMPARISON_TYPE")), "{found:#?}");
    let noted = of("flipt", "features.yml", &before, &segment(r#"["de","nl"]"#, ", description: those near"));
    assert_eq!(noted.verdict, Verdict::NotRequired);
}

#[test]
fn each_rule_may_name_its_segments_in_its_own_form() {
    let rules = |second: &str| {
        format!(
            "namespace: shop\nflags:\n  - key: f\n    type: VARIANT_FLAG_TYPE\n    enabled: true\n    variants: [{{key: v}}]\n    rules:\n      - {{segment: eu, distributions: [{{variant: v, rollout: 100}}]}}\n      - {{{second}, distributions: [{{variant: v, rollout: 100}}]}}\n"
        )
    };
    let silent = of("flipt", "features.yml", &rules("segment: staff"), &rules("segments: [staff]"));
    assert_eq!(changes(&silent), [""; 0]);
    assert_ne!(changes(&of("flipt", "features.yml", &rules("segment: staff"), &rules("segments: [all]"))), [""; 0]);
}

#[test]
fn a_part_of_a_string_stands_at_its_own_line() {
    let map = |percentage: u32| {
        format!(
            "kind: ConfigMap\nmetadata: {{name: x}}\ndata:\n  f.json: |\n    {{\n      \"flags\": {{\n        \"a\": {{\"state\": \"ENABLED\", \"variants\": {{\"on\": true, \"off\": false}}, \"defaultVariant\": \"on\"}},\n        \"b\": {{\"state\": \"ENABLED\", \"variants\": {{\"on\": {percentage}, \"off\": false}},\n          \"defaultVariant\": \"off\"}}\n      }}\n    }}\n"
        )
    };
    let before = format!("kind: Other\n---\n{}", map(1));
    let after =
        format!("kind: Other\n---\n{}", map(1).replace("\"defaultVariant\": \"off\"}", "\"defaultVariant\": \"on\"}"));
    let line =
        1 + u32::try_from(after.lines().position(|line| line.starts_with("          \"defaultVariant\"")).unwrap())
            .unwrap();
    let report = of("kubernetes", "a.yaml", &before, &after);
    let found = changes(&report);
    assert!(found.iter().any(|one| one.ends_with(&format!("@{line}"))), "{line}: {found:#?}");
    // In quotes all is where the text begins.
    let quoted = |value: &str| {
        format!(
            "kind: ConfigMap\nmetadata: {{name: x}}\ndata:\n  f.json: '{{\"flags\": {{\"a\": {{\"state\": \"ENABLED\", \"variants\": {{\"on\": 1, \"off\": 2}}, \"defaultVariant\": \"{value}\"}}}}}}'\n"
        )
    };
    let found = changes(&of("kubernetes", "a.yaml", &quoted("on"), &quoted("off")));
    assert!(found.iter().all(|one| one.ends_with("@4")) && !found.is_empty(), "{found:#?}");
}

#[test]
fn a_mapping_s_own_text_too() {
    let mapping = "syntax: {embedded: [{at: 'data/*', is: yaml}]}\nentities:\n  - {at: 'data/*/*', key: '@key', live: [live], fields: {payload: '@value'}}\n";
    let file = |value: u32| format!("data:\n  f.yaml: |\n\n    a: 1\n    b: {value}\n");
    assert_eq!(changes(&own(mapping, &file(1), &file(2))), ["b payload value: 1 → 2 @5"]);
}

#[test]
fn an_empty_list_is_no_empty_map() {
    let mapping = "entities: [{at: '*', live: [live], fields: {payload: '@value'}}]\n";
    assert_eq!(changes(&own(mapping, "a: {x: []}\n", "a: {x: {}}\n")), ["a payload x: [] → {} @1"]);
}

#[test]
fn what_readers_take_for_different_things_is_kept_as_it_is_written() {
    for id in ["generic", "registry"] {
        for (plain, other) in [
            ("no", "\"no\""),
            ("off", "\"off\""),
            ("yes", "true"),
            ("010", "10"),
            ("010", "8"),
            ("1_000", "\"1_000\""),
            ("1:30", "\"1:30\""),
            ("2026-01-01", "\"2026-01-01\""),
            ("{no: x}", "{\"no\": x}"),
            ("no", "\"no (unquoted)\""),
            ("\"a (unquoted)\"", "\"a (unquoted) (quoted)\""),
        ] {
            let file = |value: &str| format!("search:\n  value: {value}\n");
            let report = of(id, "config/feature_flags.yml", &file(plain), &file(other));
            assert_eq!(report.verdict, Verdict::Pending, "{id}: {plain} to {other}");
        }
    }
    // A switch that some read as on is not known to be off.
    let (flags, _) = read("registry", "config/feature_flags.yml", "a: yes\nb: true\nc: 'no'\n");
    assert_eq!(flags.iter().map(|flag| flag.state.word.as_str()).collect::<Vec<_>>(), ["unknown", "live", "unknown"]);
    // A file that says who reads it is read as that reader does.
    let mapping = "syntax: {readers: [ruby]}\nentities: [{at: '*', live: [{when: {at: '@value', is: true}, is: live}], fields: {payload: '@value'}}]\n";
    assert_eq!(changes(&own(mapping, "a: yes\n", "a: true\n")), [""; 0]);
    // A date is one in either form.
    let dated = "entities: [{at: '*', live: [live], fields: {schedule: {at: until, as: date}}}]\n";
    assert_eq!(changes(&own(dated, "a: {until: 2026-01-01}\n", "a: {until: '2026-01-01T00:00:00Z'}\n")), [""; 0]);
}

#[test]
fn a_flag_whose_off_variant_is_served_changes_when_it_is_switched() {
    let flag = |state: &str| {
        format!(
            "featureFlags:\n  flags:\n    - flag:\n        identifier: algo\n        spec: {{type: string, variations: [{{identifier: a, value: a}}, {{identifier: b, value: b}}]}}\n        environments: [{{identifier: dev, state: \"{state}\", default: {{onVariation: a, offVariation: b}}}}]\n"
        )
    };
    let report = of("harness", "flags.yaml", &flag("off"), &flag("on"));
    let said = text("text", &report);
    assert_eq!(report.verdict, Verdict::Pending);
    assert!(!said.contains("no effect") && said.contains("goes live: 100.0% of everyone get `a`"), "{said}");
    let off = of("harness", "flags.yaml", &flag("on"), &flag("off"));
    assert_eq!(off.verdict, Verdict::NotRequired);
    assert!(text("text", &off).contains("everyone gets `b`"), "{off:#?}");
}

#[test]
fn an_export_of_unleash_4_can_be_approved() {
    let export = |enabled: bool| {
        format!(
            "{{\"version\": 4, \"features\": [], \"featureStrategies\": [{{\"featureName\": \"search\"}}], \"featureEnvironments\": [{{\"featureName\": \"search\", \"enabled\": {enabled}}}], \"segments\": [{{\"id\": 1}}], \"strategies\": [{{\"name\": \"1\"}}]}}"
        )
    };
    let report = of("unleash", "state.json", &export(false), &export(true));
    assert_eq!((report.verdict, report.diagnostics.len()), (Verdict::Pending, 0), "{:#?}", report.diagnostics);
    assert_eq!(report.flags.len(), 1);
}

#[test]
fn a_new_flag_that_gives_off_is_free_where_the_policy_says_so() {
    let policy = "version: 1\nadmins: [\"@root\"]\ncritical: {activation: {serves: other-than-off}}\nprojects: {all: {paths: [\"flags/**\"], approvals: peer}}\nformats: {\"flags/*.goff.yaml\": goff, \"flags/*.yml\": flipt}\n";
    let verdict = |path: &str, text: &str| {
        let side = |more: Option<(&str, &str)>| -> BTreeMap<String, File> {
            let all = [(CONFIG_PATH, policy)].into_iter().chain(more);
            all.map(|(path, text)| (path.to_owned(), File::regular(path, text.as_bytes().to_vec()))).collect()
        };
        judge_files(&side(None), &side(Some((path, text))), None, &[]).unwrap().verdict
    };
    let goff = |rule: &str| format!("b:\n  variations: {{\"on\": true, \"off\": false}}\n  defaultRule: {{{rule}}}\n");
    for (rule, free) in [
        ("variation: \"off\"", true),
        ("percentage: {\"on\": 0, \"off\": 100}", true),
        ("variation: \"on\"", false),
        ("percentage: {\"on\": 1, \"off\": 99}", false),
        (
            "variation: \"off\", progressiveRollout: {initial: {variation: \"off\", date: 2020-01-01T00:00:00Z}, end: {variation: \"on\", date: 2030-01-01T00:00:00Z}}",
            false,
        ),
        // Until it begins it gives everyone what it begins with.
        (
            "progressiveRollout: {initial: {variation: \"on\", percentage: 0, date: 2030-01-01T00:00:00Z}, end: {variation: \"off\", percentage: 100, date: 2030-02-01T00:00:00Z}}",
            false,
        ),
    ] {
        let expected = if free { Verdict::NotRequired } else { Verdict::Pending };
        assert_eq!(verdict("flags/b.goff.yaml", &goff(rule)), expected, "{rule}");
    }
    // Of another name, what it gives is not known to be off.
    let other = goff("variation: \"off\"").replace("\"off\": false", "\"off\": \"classic\"");
    assert_eq!(verdict("flags/b.goff.yaml", &other), Verdict::Pending);
    let flipt = |percentage: u32| {
        format!(
            "namespace: shop\nflags:\n  - {{key: b, type: BOOLEAN_FLAG_TYPE, enabled: false, rollouts: [{{threshold: {{percentage: {percentage}, value: true}}}}]}}\n"
        )
    };
    assert_eq!(verdict("flags/b.yml", &flipt(0)), Verdict::NotRequired);
    assert_eq!(verdict("flags/b.yml", &flipt(1)), Verdict::Pending);
}

#[test]
fn a_registry_without_a_flag_is_one() {
    let full = "# Our switches.\nsearch:\n  description: The search of 2026\n";
    let path = "config/feature_flags.yml";
    for empty in ["# Our switches.\n", "", "\n# None.\n\n"] {
        for id in ["flipper", "registry", "generic"] {
            let gone = of(id, path, full, empty);
            assert!(gone.verdict != Verdict::Invalid && gone.diagnostics.is_empty(), "{id}: {:#?}", gone.diagnostics);
            assert_eq!(of(id, path, empty, full).flags.len(), 1, "{id}");
        }
    }
    // Of a flag a file, one that says nothing is a mistake.
    let (before, after) = ("bucketBy: u\nrules: {p: [{key: e, segments: \"*\", percentage: 10}]}\n", "# gone\n");
    assert_eq!(of("featurevisor", "features/f.yml", before, after).verdict, Verdict::Invalid);
    assert_eq!(of("unleash", "state.json", "{\"features\": []}", "").verdict, Verdict::Invalid);
}

#[test]
fn another_mapping_is_known_by_what_it_makes_of_the_flags() {
    let side = |mapping: &str| -> BTreeMap<String, File> {
        let all = [
            (CONFIG_PATH.to_owned(), super::config("own")),
            (format!("{FORMATS_FOLDER}/own.yaml"), mapping.to_owned()),
            (
                "flags.yml".to_owned(),
                "flags:\n  a: {enabled: true, cfg: 1}\n  b: {enabled: false, cfg: 2}\n".to_owned(),
            ),
        ];
        all.into_iter().map(|(path, text)| (path.clone(), File::regular(path, text.into_bytes()))).collect()
    };
    let mapping =
        "entities: [{at: 'flags/*', live: [{when: {at: enabled, is: true}, is: live}], fields: {payload: cfg}}]\n";
    let reported = |from: &str, to: &str| {
        assert!(mapping.contains(from), "{from}");
        let report = judge_files(&side(mapping), &side(&mapping.replace(from, to)), None, &[]).unwrap();
        text("text", &report).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let off = reported("is: live}]", "is: testing}]");
    assert!(off.contains("1 flag is read in another state: `a` live → testing"), "{off}");
    assert!(off.contains("may change `a` without approval"), "{off}");
    let fields = reported("payload: cfg", "meta: cfg");
    assert!(fields.contains("2 flags are read with other fields: `a`, `b`"), "{fields}");
    let gone = reported("at: 'flags/*'", "at: 'flag/*'");
    assert!(gone.contains("2 flags are read no more: `a`, `b`"), "{gone}");
    let about = reported("entities:", "about: our flags\nentities:");
    assert!(!about.contains("read"), "{about}");
}

#[test]
fn the_name_of_a_default_rule_is_for_people() {
    let flag = |rule: &str| format!("f:\n  variations: {{name: 1, b: 2}}\n  defaultRule: {{{rule}}}\n");
    let of = |before: &str, after: &str| of("goff", "flags.goff.yaml", &flag(before), &flag(after));
    let renamed = of("name: old, variation: b", "name: new, variation: b");
    assert_eq!(renamed.verdict, Verdict::NotRequired, "{:#?}", changes(&renamed));
    // A variation of that name is one.
    let shares = of("percentage: {name: 10, b: 90}", "percentage: {name: 20, b: 80}");
    assert_eq!(shares.verdict, Verdict::Pending);
}

#[test]
fn a_word_that_no_test_names_is_no_off() {
    let words = "entities: [{at: '*', live: [{when: {at: status, in: [enabled, 'on']}, is: live}, {when: {at: status, is: internal}, is: testing}, {when: {at: status, is: 'off'}, is: inactive}]}]\n";
    let envs = "entities: [{at: '*', live: [{when: {at: envs, has: production}, is: live}]}]\n";
    let verdict = |mapping: &str, before: &str, after: &str| own(mapping, before, after).verdict;
    for other in ["Enabled", "gradual", "true", "1", "['on']", "{default: 'on'}"] {
        let after = format!("a: {{status: {other}}}\n");
        assert_eq!(verdict(words, "a: {status: enabled}\n", &after), Verdict::Pending, "{other}");
    }
    for off in ["'off'", "internal", "null"] {
        let after = format!("a: {{status: {off}}}\n");
        assert_eq!(verdict(words, "a: {status: enabled}\n", &after), Verdict::NotRequired, "{off}");
    }
    for other in ["'production,staging'", "all", "true", "[{name: production}]"] {
        let after = format!("a: {{envs: {other}}}\n");
        assert_eq!(verdict(envs, "a: {envs: [production]}\n", &after), Verdict::Pending, "{other}");
    }
    for off in ["[staging]", "[]", "null"] {
        let after = format!("a: {{envs: {off}}}\n");
        assert_eq!(verdict(envs, "a: {envs: [production]}\n", &after), Verdict::NotRequired, "{off}");
    }
}

/// Brave's studies, which may have one name.
fn study(channels: &str, from: u32, enabled: u32) -> String {
    format!(
        "  {{name: 'S', filter: {{channel: [{channels}], min_version: '{from}.*', platform: ['WINDOWS']}},\n   experiment: [{{name: 'Enabled', probability_weight: {enabled}}}, {{name: 'Disabled', probability_weight: {}}}]}},\n",
        100 - enabled
    )
}

#[test]
fn flags_of_one_key_are_the_ones_that_are_most_alike() {
    let mapping = files_of("examples/formats").remove("brave.yaml").unwrap().replace("files:", "# files:");
    let of = |before: &[String], after: &[String]| {
        own(&mapping, &format!("[\n{}]\n", before.concat()), &format!("[\n{}]\n", after.concat()))
    };
    let (nightly, old, new) = (study("'NIGHTLY'", 148, 100), study("'RELEASE'", 125, 0), study("'RELEASE'", 148, 90));
    // Another order changes nothing.
    let swapped = of(&[old.clone(), new.clone()], &[new.clone(), old.clone()]);
    assert_eq!(changes(&swapped), [""; 0], "{}", text("text", &swapped));
    // The study of new versions goes to all, by way of another one that gets its channel.
    let release = of(&[nightly, old.clone(), new], &[study("'NIGHTLY', 'RELEASE'", 148, 100), old]);
    let found: Vec<String> = changes(&release).into_iter().filter(|line| line.starts_with("S@RELEASE")).collect();
    assert!(!found.is_empty() && found.iter().all(|line| line.contains("distribution")), "{found:#?}");
    assert!(found.iter().any(|line| line.contains("90 → 100") || line.contains("90")), "{found:#?}");
}

#[test]
fn a_key_with_a_number_is_a_key() {
    let mapping = "equal-keys: fine\nentities: [{at: '*', live: [live], fields: {payload: '@value'}}]\n";
    let swapped = own(mapping, "a: 1\n'a#2': 2\n", "a: 2\n'a#2': 1\n");
    assert_eq!(changes(&swapped).len(), 2);
}
