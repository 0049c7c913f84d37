//! Mistakes that the tools of a format let through.

use countersign::diagnostics::Diagnostics;
use countersign::format::mapped::{BUILT_IN, NATIVE, parse};
use serde_json::json;

use super::{leaves, read, serde_yaml_of};

#[test]
fn what_other_tools_let_through() {
    let cases: &[(&str, &str, &str, &[&str])] = &[
        ("goff", "a.yaml", "f: {variations: {a: 1}, defaultRule: {variation: b}}\n", &["no-such-variant 1:50"]),
        ("goff", "a.yaml", "f: {variations: {a: 1}, defaultRule: {percentage: {b: 1}}}\n", &["no-such-variant 1:52"]),
        (
            "kubernetes",
            "a.yaml",
            "kind: FeatureFlag\nmetadata: {name: x}\nspec: {flagSpec: {flags: {f: {state: ENABLED, variants: {on: true}}}}}\n",
            &["boolean-key 3:58"],
        ),
        (
            "goff",
            "a.yaml",
            "f: {variations: {a: 1}}\nf: {variations: {a: 2}}\n",
            &["incomplete-flag 1:1", "duplicate-key 2:1"],
        ),
        (
            "unleash",
            "s.json",
            "{\"features\":[{\"name\":\"a\",\"enabled\":true}],\n\"b\":{\"enabled\":true},\"more\":{\"c\":{\"enabled\":false}}}",
            &["misplaced-flag 2:1", "misplaced-flag 2:30"],
        ),
        (
            "flipt",
            "a.yaml",
            "namespace: d\nflags: []\nflag:\n  - {key: d, name: d, enabled: true}\n",
            &["misplaced-flag 3:1"],
        ),
        (
            "microsoft",
            "a.json",
            "{\"FeatureManagement\": {\"A\": true}, \"Logging\": {\"x\": 1},\n\"feature_mangement\": {\"feature_flags\": [1]},\n\"feature_flags\": [{\"id\": \"C\"}]}",
            &["misplaced-flag 2:1", "misplaced-flag 3:1"],
        ),
        ("harness", "a.yaml", "featureFlags: {flags: []}\nflags: [{flag: {identifier: a}}]\n", &["misplaced-flag 2:1"]),
        ("harness", "a.yaml", "featureFlags:\n  flag: {identifier: a, name: a}\n", &["misplaced-flag 2:3"]),
        (
            "kubernetes",
            "a.yaml",
            "kind: FeatureFlag\nmetadata: {name: x}\nspec:\n  flags: {f: {state: ENABLED, variants: {a: true}}}\n",
            &["misplaced-flag 4:3"],
        ),
        (
            "kubernetes",
            "a.yaml",
            "kind: FeatureFlag\nmetadata: {name: x}\nspec:\n  featureFlagSpec: {flags: {f: {state: ENABLED}}}\n",
            &["misplaced-flag 4:3"],
        ),
        // A patch of one says nothing of flags.
        ("kubernetes", "a.yaml", "kind: FeatureFlag\nmetadata: {name: x}\nspec: {other: {a: 1}}\n", &[]),
        ("kubernetes", "a.yaml", "kind: Job\nspec: {template: {spec: {container: {a: 1}}}}\n", &[]),
        (
            "flipt",
            "a.yaml",
            "flags: [{key: a, name: a, enabled: false}]\nnew: {key: b, name: b, enabled: true}\n",
            &["misplaced-flag 2:1"],
        ),
        // A template is a string that nobody knows.
        ("registry", "a.yml", "feature_flags:\n  a: <%= ENV['A'] %>\n", &[]),
        ("goff", "a.yaml", "f: {variations: {on: 1, off: 2}, defaultRule: {variation: on}}\n", &[]),
    ];
    for (id, path, text, expected) in cases {
        assert_eq!(read(id, path, text).1, *expected, "{text}");
    }
    let (flags, _) = read("registry", "a.yml", "feature_flags:\n  a: <%= ENV['A'] %>\n  b: true\n");
    let states: Vec<&str> = flags.iter().map(|flag| &*flag.state.word).collect();
    assert_eq!(states, ["unknown", "live"]);
    // Next to a template in one line, what is none is read.
    let line = "feature_flags:\n  a: {enabled: false, description: \"see <%= x %>, there\", owner: <%= y, 'z' %>}\n  b: [\"{{ z }}\", {{ .Values.y }}]\n  c: \"{{ .Values.c }}\" # x\n";
    let (flags, found) = read("registry", "a.yml", line);
    assert!(found.is_empty(), "{found:?}");
    let states: Vec<&str> = flags.iter().map(|flag| &*flag.state.word).collect();
    assert_eq!(states, ["inactive", "unknown", "unknown"]);
    let owner = flags[0].record.iter().find(|entry| entry.key == "owner").unwrap();
    assert!(format!("{:?}", owner.value).contains("<%= y, 'z' %>"), "{owner:?}");
}

/// Places of a mapping whose values are those of files, which may be anything.
fn is_of_files(at: &str) -> bool {
    let names: Vec<&str> = at.split('/').collect();
    ["is", "in", "has", "default", "implied"].iter().any(|name| names.contains(name)) && !at.contains("/syntax/")
        // A name that another part of the mapping has to have is no matter of the schema.
        || ["/list/", "/as/", "/by/", "/without"].iter().any(|part| at.contains(part))
}

/// The schema and the reader refuse the same: a mapping with another value anywhere is valid to both or to none.
#[test]
fn the_schema_of_a_mapping_says_what_its_reader_says() {
    let schema = jsonschema::validator_for(&countersign::format::mapped::schema()).unwrap();
    let more = "entities: [{at: z}, {inherits: above, at: '*', key: [name, ['@key0', '@path:a/*']], scope: '=x', each: {at: 'a/*', key: name, also: b, absent: inactive}, required: [a, [b, c]], where: {at: '@key', like: ['a*']}, only: {file: 'a/*'}, live: [{when: {any: [{env: [production]}, {at: b, over: 1}, {not: {at: c, absent: true}}]}, is: live}, unknown], impact: {percentage: p, weights: w, by: name}, fields: {variants: {at: {v: v}, unordered: 'a/*', follows: {'*/b': ':'}, implied: {'*/c': 1}}, meta: [x, '@value'], salt: '@key'}}]\nsyntax: {is: yaml, strings: ['a/*'], embedded: [{at: 'b/c', is: json}], largest: 2}\n";
    let texts = BUILT_IN.iter().chain([&NATIVE]).map(|one| one.text).chain([more]);
    let (mut refused, mut apart) = (0, Vec::new());
    for text in texts {
        let value = serde_yaml_of(text).unwrap();
        let mut all = Vec::new();
        leaves(&value, String::new(), &mut all);
        for at in all.iter().filter(|at| !is_of_files(at)) {
            for other in
                [json!("@bogus"), json!("a//b"), json!(""), json!(5), json!(true), json!([]), json!({}), json!("a*b*c")]
            {
                // Names of parts, where there may be none.
                if other == json!({}) && ["/list", "/as", "/by"].iter().any(|end| at.ends_with(end)) {
                    continue;
                }
                let mut changed = value.clone();
                *changed.pointer_mut(at).unwrap() = other.clone();
                let text = serde_json::to_string(&changed).unwrap();
                let read = parse(text.as_bytes(), &mut Diagnostics::of("x.yaml")).is_some();
                refused += usize::from(!read);
                if schema.is_valid(&changed) != read {
                    apart.push(format!("{at} {other}: read {read}"));
                }
            }
        }
    }
    let count = apart.len();
    apart.sort();
    apart.dedup();
    assert!(apart.is_empty(), "{count}: {apart:#?}");
    assert!(refused > 1000, "{refused}");
}

/// Variations of Featurevisor's, of Harness's targets, of Microsoft's and of rollouts that move by themselves.
#[test]
fn names_of_variants_stand_in_many_places() {
    let feature = |rules: &str| {
        format!(
            "bucketBy: userId\nvariations: [{{value: control, weight: 50}}, {{value: treatment, weight: 50}}]\nvariablesSchema: {{variation: {{type: string, defaultValue: x}}}}\n{rules}\n"
        )
    };
    let rule = |said: &str| format!("[{{key: nl, segments: nl, percentage: 25, {said}}}]");
    let force = |name: &str| format!("[{{segments: qa, variation: {name}}}]");
    let files = |rule: &str, force: &str| {
        [
            feature(&format!("rules: {rule}\nforce: {force}")),
            feature(&format!("rules: {{production: {rule}, staging: []}}\nforce: {{production: {force}}}")),
            feature(&format!(
                "environments: {{production: {{rules: {rule}, force: {force}}}, staging: {{rules: []}}}}"
            )),
        ]
    };
    let found = |rule: &str, force: &str| -> Vec<Vec<String>> {
        let all = files(rule, force);
        all.iter().map(|text| read("featurevisor", "features/a.yml", text).1).collect()
    };
    let ids = |found: Vec<Vec<String>>| -> Vec<Vec<String>> {
        let id = |one: String| one.split(' ').next().unwrap_or_default().to_owned();
        found.into_iter().map(|all| all.into_iter().map(id).collect()).collect()
    };
    let right = found(&rule("variation: treatment"), &force("control"));
    assert_eq!(right, [[""; 0]; 3]);
    assert_eq!(found(&rule("variationWeights: {control: 10, treatment: 90}"), "[]"), [[""; 0]; 3]);
    for (rule, force) in [
        (rule("variation: tratment"), force("control")),
        (rule("variationWeights: {contrl: 10, treatment: 90}"), force("control")),
        (rule("variables: {variation: x}"), force("tratment")),
    ] {
        assert_eq!(ids(found(&rule, &force)), [["no-such-variant"]; 3], "{rule} {force}");
    }
    // Without variations there is nothing to hold names against, and variables are none.
    let bare = "bucketBy: userId\nvariablesSchema: {a: {type: string, defaultValue: x}}\nrules: {production: [{key: a, segments: '*', percentage: 5, variation: b}]}\n";
    assert_eq!(read("featurevisor", "features/a.yml", bare).1, [""; 0]);
    let harness = |target: &str| {
        format!("featureFlags: {{flags: [{{flag: {{identifier: f, spec: {{type: string, variations: [{{identifier: a, value: a}}]}}, environments: [{{identifier: p, state: on, default: {{onVariation: a, offVariation: a}}, targetRules: [{{targets: [{{identifier: x}}], variation: {target}}}]}}]}}}}]}}\n").replace("state: on", "state: \"on\"")
    };
    let microsoft = |off: &str| {
        format!(
            "{{\"feature_management\": {{\"feature_flags\": [{{\"id\": \"A\", \"enabled\": true, \"variants\": [{{\"name\": \"a\"}}], \"allocation\": {{\"default_when_disabled\": \"{off}\"}}}}]}}}}"
        )
    };
    let goff = |to: &str, more: &str| {
        format!(
            "f: {{variations: {{a: 1, b: 2}}, defaultRule: {{progressiveRollout: {{initial: {{variation: a, date: 2024-01-01T00:00:00Z}}, end: {{variation: {to}, date: 2024-02-01T00:00:00Z}}}}}}{more}}}\n"
        )
    };
    let step = ", scheduledRollout: [{date: 2024-01-01T00:00:00Z, variations: {c: 3}, defaultRule: {variation: c}}]";
    for (id, path, text, wrong) in [
        ("harness", "a.yaml", harness("a"), false),
        ("harness", "a.yaml", harness("b"), true),
        ("microsoft", "a.json", microsoft("a"), false),
        ("microsoft", "a.json", microsoft("b"), true),
        ("goff", "a.yaml", goff("b", ""), false),
        ("goff", "a.yaml", goff("c", ""), true),
        ("goff", "a.yaml", goff("b", step), false),
        ("goff", "a.yaml", goff("b", &step.replace("{c: 3}", "{d: 3}")), true),
    ] {
        let found = ids(vec![read(id, path, &text).1]);
        assert_eq!(found, [vec!["no-such-variant"; usize::from(wrong)]], "{text}");
    }
}

/// A template says nothing before it is filled in, with quotes or without them, and is no name of anything.
#[test]
fn a_template_is_none_of_the_values_that_it_stands_for() {
    let goff = "s:\n  variations: {a: 1, b: 2}\n  bucketingKey: u\n  targeting:\n    - query: x eq 1\n      variation: a\n  defaultRule:\n    variation: b\n";
    let feature = "bucketBy: u\nvariations: [{value: a, weight: 50}, {value: b, weight: 50}]\nrules:\n  production:\n    - key: a\n      segments: everyone\n      percentage: 10\n      variation: b\n";
    let flipt = "flags:\n  - key: a\n    name: a\n    enabled: true\n    variants: [{key: v}]\n    rules:\n      - segment: s\n        distributions:\n          - variant: v\n            rollout: 100\nsegments:\n  - {key: s, name: s, match_type: ALL_MATCH_TYPE, constraints: []}\n";
    let harness = "featureFlags:\n  flags:\n    - flag:\n        identifier: f\n        spec:\n          type: boolean\n          variations: [{identifier: 'true', value: 'true'}, {identifier: 'false', value: 'false'}]\n        environments:\n          - identifier: p\n            state: 'on'\n            default: {onVariation: 'true', offVariation: 'false'}\n";
    let gitlab = "name: f\ndefault_enabled: true\n";
    let cases = [
        ("goff", "a.yaml", goff, "x eq 1"),
        ("goff", "a.yaml", goff, "variation: a"),
        ("goff", "a.yaml", goff, "variation: b"),
        ("goff", "a.yaml", goff, "bucketingKey: u"),
        ("featurevisor", "features/a.yml", feature, "segments: everyone"),
        ("featurevisor", "features/a.yml", feature, "percentage: 10"),
        ("featurevisor", "features/a.yml", feature, "variation: b"),
        ("featurevisor", "features/a.yml", feature, "bucketBy: u"),
        ("flipt", "features.yaml", flipt, "segment: s"),
        ("flipt", "features.yaml", flipt, "variant: v"),
        ("flipt", "features.yaml", flipt, "rollout: 100"),
        ("harness", ".harness/flags.yaml", harness, "state: 'on'"),
        ("harness", ".harness/flags.yaml", harness, "onVariation: 'true'"),
        ("gitlab", "config/feature_flags/b/f.yml", gitlab, "default_enabled: true"),
    ];
    for (id, path, before, part) in cases {
        assert_eq!(before.matches(part).count(), 1, "{part}");
        let member = part.split_once(": ").map_or("", |(member, _)| member);
        for template in ["{{ x }}", "<%= x %>", "\"{{ x }}\"", "\"<%= x %>\"", "{{ x | default \"y\" }}"] {
            let within = part.ends_with(": 'true'");
            if member.is_empty() && template.starts_with('{') || within && template.contains("default") {
                continue;
            }
            let value = if member.is_empty() { template.to_owned() } else { format!("{member}: {template}") };
            let after = before.replace(part, &value);
            let (flags, found) = read(id, path, &after);
            assert!(!flags.is_empty() && found.is_empty(), "{id} {value}: {found:?}");
            let report = super::reviewed::of(id, path, before, &after);
            assert_eq!(report.verdict, countersign::report::Verdict::Pending, "{id} {value}");
            let summary = report.flags[0].impact_summary.clone().unwrap_or_default();
            assert!(!summary.contains(".0%"), "{id} {value}: {summary}");
        }
    }
    // With quotes and without them are two things: what comes out may be `false`.
    let registry = |value: &str| format!("feature_flags:\n  a: {value}\n");
    for (one, other) in [("{{ x }}", "\"{{ x }}\""), ("<%= x %>", "\"<%= x %>\""), ("{{ x }} # a", "{{ y }} # a")] {
        let report = super::reviewed::of("registry", "config/flags.yml", &registry(one), &registry(other));
        assert_eq!(report.verdict, countersign::report::Verdict::Pending, "{one} {other}");
    }
}

/// A string that somebody writes as reports show a template is none.
#[test]
fn a_string_that_looks_like_a_template_is_another_value() {
    let one = |id: &str, before: &str, after: &str| super::reviewed::of(id, "config/flags.yml", before, after).verdict;
    let registry = |value: &str| format!("feature_flags:\n  a: {value}\n  b: <%= y %>\n");
    let goff = |value: &str| format!("a:\n  variations: {{x: 1, y: 2}}\n  defaultRule:\n    variation: {value}\n");
    let written = "\"<%= x %> (unquoted)\"";
    for value in [
        written,
        "'<%= x %> (unquoted)'",
        "\"<%= x %> \\u0028unquoted)\"",
        "\"<%= x %> (unquoted) (quoted)\"",
        "|-\n    <%= x %> (unquoted)",
    ] {
        // Nor where another template stands in a place that is none of a value.
        for more in ["", "notes: |\n  k: <%= y %>\n", "c: [1] # [<%= y %>]\n"] {
            let (before, after) = (registry("<%= x %>") + more, registry(value) + more);
            assert_eq!(one("registry", &before, &after), countersign::report::Verdict::Pending, "{value} {more}");
        }
    }
    assert_eq!(one("goff", &goff("<%= x %>"), &goff(written)), countersign::report::Verdict::Pending);
    let shared = "feature_flags:\n  a: &a\n    enabled: <%= x %>\n  b: *a\n";
    let (_, found) = read("registry", "config/flags.yml", shared);
    assert_eq!(found, Vec::<String>::new());
}

/// A reader that takes no templates says that this is one, and what helps.
#[test]
fn a_template_without_quotes_is_called_one() {
    let of = |text: &str| {
        let mut diagnostics = Diagnostics::of("a.yaml");
        let _ = countersign::format::by_id("native").unwrap().flags_of(text.as_bytes(), "a.yaml", &mut diagnostics);
        diagnostics.finish(text.as_bytes())
    };
    for (text, remedy) in [
        (
            "key: a\nname: {{ x }}\n",
            "write what comes out of it, or put it in quotes if it is a string, as in `key: \"{{ … }}\"`",
        ),
        ("key: a\n{{ if x }}: b\n", "write what comes out of it in its place"),
    ] {
        let found = of(text);
        let one = found.iter().find(|one| one.id.to_string() == "complex-key").unwrap_or_else(|| panic!("{found:#?}"));
        assert!(one.message.starts_with("a template"), "{found:#?}");
        assert_eq!(one.remedy, remedy);
    }
    assert!(!of("key: a\nname: \"{{ x }}\"\n").iter().any(|one| one.id.to_string() == "complex-key"));
}

/// Of an entry with templates alone each environment is unknown, and one of its own.
#[test]
fn environments_of_templates_are_environments() {
    for of in ["<%= ENV.fetch('A', false) %>", "{{ x }}", "\"{{ x }}\""] {
        let text = format!(
            "feature_flags:\n  a:\n    staging: {of}\n    production: {of}\n  b:\n    staging: true\n    production: false\n"
        );
        let (flags, found) = read("registry", "config/feature_flags.yml", &text);
        let found_flags: Vec<String> = flags.iter().map(|flag| format!("{} {}", flag.key, flag.state.word)).collect();
        let expected = ["a@staging unknown", "a@production unknown", "b@staging live", "b@production inactive"];
        assert_eq!((found_flags.as_slice(), found), (expected.map(str::to_owned).as_slice(), Vec::new()), "{of}");
    }
}
