//! Changes of what is served, each of which somebody could write so that it seems to be none; and equal files, which
//! say nothing.

use std::collections::BTreeMap;

use countersign::report::{FlagReport, Report, Verdict};

use super::judged;
use crate::mapped::own;

/// A format, a path, and the file before and after.
type Step<'s> = (&'s str, &'s str, &'s str, &'s str);

fn report((format, path, before, after): Step<'_>) -> Report {
    let side = |text: &str| BTreeMap::from([(path.to_owned(), text.to_owned())]);
    judged(format, &side(before), &side(after))
}

fn reported(report: &Report) -> String {
    let flags = report.flags.iter().map(|flag| {
        let changes: Vec<String> = flag
            .changes
            .iter()
            .map(|change| format!("{:?} {} {:?}", change.class, change.field, change.item))
            .collect();
        format!("{} {:?}→{:?}: {changes:?}", flag.key, flag.state.before, flag.state.after)
    });
    let found = report.diagnostics.iter().map(|one| format!("{} {}", one.id, one.message));
    flags.chain(found).collect::<Vec<_>>().join("\n")
}

const CONFIGMAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  f.yaml: |\n    flags:\n      checkout:\n        state: DISABLED\n        variants:\n          on: true\n          off: false\n        defaultVariant: \"on\"\n";

const TWICE: &str = "{\"feature_management\":{\"feature_flags\":[{\"id\":\"Beta\",\"enabled\":true},{\"id\":\"Beta\",\"enabled\":false}]}}";

const OFF: &str = "featureFlags: {flags: [{flag: {name: a, identifier: a, environments: [{identifier: p, state: \"off\", default: {onVariation: \"on\", offVariation: \"off\"}}]}}]}\n";

const LIST: &str = "apiVersion: v1\nkind: List\nitems:\n- kind: ConfigMap\n  metadata: {name: x}\n  data:\n    f.json: '{\"flags\":{\"a\":{\"state\":\"DISABLED\",\"variants\":{\"on\":true}}}}'\n";

const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData:\n  f.json: '{\"flags\":{\"a\":{\"state\":\"DISABLED\",\"variants\":{\"on\":true}}}}'\n";

/// The served content changes, so that somebody has to approve it, or the file is refused.
const LOUD: &[Step<'_>] = &[
    (
        "harness",
        "a.yaml",
        OFF,
        "featureFlags: {flags: [{flag: {name: a, identifier: a, environments: [{identifier: p, state: \"off\", default: {onVariation: \"on\", offVariation: \"on\"}}]}}]}\n",
    ),
    (
        "kubernetes",
        "a.yaml",
        LIST,
        "apiVersion: v1\nkind: List\nitems:\n- kind: ConfigMap\n  metadata: {name: x}\n  data:\n    f.json: '{\"flags\":{\"a\":{\"state\":\"ENABLED\",\"variants\":{\"on\":true}}}}'\n",
    ),
    (
        "kubernetes",
        "a.yaml",
        SECRET,
        "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData:\n  f.json: '{\"flags\":{\"a\":{\"state\":\"ENABLED\",\"variants\":{\"on\":true}}}}'\n",
    ),
    (
        "kubernetes",
        "a.yaml",
        "kind: ConfigMap\nmetadata: {name: x}\n",
        "kind: ConfigMap\nmetadata: {name: x}\nbinaryData: {f.json: eyJmbGFncyI6e319}\n",
    ),
    (
        "kubernetes",
        "a.yaml",
        "kind: ConfigMap\nmetadata: {name: x, namespace: a}\ndata:\n  f.json: '{\"flags\":{\"a\":{\"state\":\"ENABLED\",\"variants\":{\"on\":true},\"defaultVariant\":\"on\"}}}'\n",
        "kind: ConfigMap\nmetadata: {name: x, namespace: b}\ndata:\n  f.json: '{\"flags\":{\"a\":{\"state\":\"ENABLED\",\"variants\":{\"on\":true},\"defaultVariant\":\"on\"}}}'\n",
    ),
    (
        "kubernetes",
        "a.yaml",
        CONFIGMAP,
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  f.yaml: |\n    flags:\n      checkout:\n        state: ENABLED\n        variants:\n          on: true\n          off: false\n        defaultVariant: \"on\"\n",
    ),
    (
        "kubernetes",
        "a.yaml",
        CONFIGMAP,
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  f.yaml: \"\"\n",
    ),
    (
        "kubernetes",
        "a.yaml",
        "kind: ConfigMap\nmetadata: {name: x}\ndata:\n  f.json: '{\"flags\":{\"a\":{\"state\":\"DISABLED\",\"variants\":{\"on\":true}}}}'\n",
        "kind: ConfigMap\nmetadata: {name: x}\ndata:\n  f.json: '{\"Flags\":{\"a\":{\"state\":\"ENABLED\",\"variants\":{\"on\":true}}}}'\n",
    ),
    (
        "kubernetes",
        "a.yaml",
        "kind: ConfigMap\nmetadata: {name: x}\ndata:\n  f.json: '{\"flags\":{\"a\":{\"state\":\"DISABLED\",\"variants\":{\"on\":true}}}}'\n",
        "kind: ConfigMap\nmetadata: {name: x}\ndata:\n  f.json: '{\"fl\\u0061gs\":{\"a\":{\"state\":\"ENABLED\",\"variants\":{\"on\":true}}},\"z\":1,\"z\":1}'\n",
    ),
    (
        "kubernetes",
        "a.yaml",
        "kind: ConfigMap\nmetadata: {name: x}\ndata:\n  f.json: '{\"flags\":{\"a\":{\"state\":\"DISABLED\",\"variants\":{\"on\":true}}}}'\n",
        "kind: ConfigMap\nmetadata: {name: x}\ndata:\n  f.json: |\n    flags :\n      a: {state: ENABLED, variants: {a: true}}\n    ---\n    x: 1\n",
    ),
    (
        "goff",
        "a.yaml",
        "f:\n  variations: {a: true, b: false}\n  defaultRule: {variation: a}\n  disable: true\n  scheduledRollout: [{date: 2099-01-01T00:00:00Z, defaultRule: {variation: b}}]\n",
        "f:\n  variations: {a: true, b: false}\n  defaultRule: {variation: a}\n  scheduledRollout: [{date: 2099-01-01T00:00:00Z, defaultRule: {variation: b}}]\n",
    ),
    ("microsoft", "a.json", TWICE, "{\"feature_management\":{\"feature_flags\":[{\"id\":\"Beta\",\"enabled\":true}]}}"),
    (
        "microsoft",
        "a.json",
        "{\"feature_management\":{\"feature_flags\":[{\"id\":\"Beta\",\"enabled\":true},{\"id\":\"beta\",\"enabled\":false}]}}",
        "{\"feature_management\":{\"feature_flags\":[{\"id\":\"beta\",\"enabled\":false},{\"id\":\"Beta\",\"enabled\":true}]}}",
    ),
    ("microsoft", "a.json", "{\"feature_management\":{\"feature_flags\":[{\"id\":\"Beta\",\"enabled\":true}]}}", TWICE),
    (
        "flipt",
        "a.yaml",
        "flags: [{key: a, name: a, enabled: true}, {key: a, name: a, enabled: false}]\n",
        "flags: [{key: a, name: a, enabled: true}]\n",
    ),
    (
        "featurevisor",
        "features/f.yml",
        "bucketBy: userId\narchived: true\nrules: [{key: e, segments: \"*\", percentage: 100}]\n",
        "bucketBy: userId\nrules: [{key: e, segments: \"*\", percentage: 100}]\n",
    ),
    (
        "featurevisor",
        "features/f.yml",
        "bucketBy: userId\narchived: true\nforce: [{conditions: [], enabled: true}]\n",
        "bucketBy: userId\nforce: [{conditions: [], enabled: true}]\n",
    ),
    (
        "featurevisor",
        "features/f.yml",
        "bucketBy: userId\nvariablesSchema: {v: {type: integer, defaultValue: 0, disabledValue: 1}}\nrules: {p: [{key: e, segments: \"*\", percentage: 0}]}\n",
        "bucketBy: userId\nvariablesSchema: {v: {type: integer, defaultValue: 0, disabledValue: 2}}\nrules: {p: [{key: e, segments: \"*\", percentage: 0}]}\n",
    ),
    (
        "featurevisor",
        "features/f.yml",
        "bucketBy: userId\nexpose: {p: false}\nrules: {p: [{key: e, segments: \"*\", percentage: 10}]}\n",
        "bucketBy: userId\nexpose: {p: true}\nrules: {p: [{key: e, segments: \"*\", percentage: 10}]}\n",
    ),
    (
        "goff",
        "a.yaml",
        "f: {variations: {\"true\": A, \"True\": B}, defaultRule: {variation: true}}\n",
        "f: {variations: {\"true\": A, \"True\": B}, defaultRule: {variation: True}}\n",
    ),
    (
        "goff",
        "a.yaml",
        "f: {variations: {a: 1}, bucketingKey: 1.0, defaultRule: {variation: a}}\n",
        "f: {variations: {a: 1}, bucketingKey: 1.00, defaultRule: {variation: a}}\n",
    ),
    (
        "goff",
        "a.json",
        "{\"f\":{\"variations\":{\"a\":1},\"defaultRule\":{\"variation\":\"a\"},\"disable\":true}}",
        "{\"f\":{\"variations\":{\"a\":1},\"defaultRule\":{\"variation\":\"a\"},\"disable\":true,\"di\u{17f}able\":false}}",
    ),
    (
        "goff",
        "flags.goff",
        "{\"f\":{\"variations\":{\"a\":1},\"defaultRule\":{\"variation\":\"a\"},\"disable\":true}}",
        "{\"f\":{\"variations\":{\"a\":1},\"defaultRule\":{\"variation\":\"a\"},\"disable\":true,\"Disable\":false}}",
    ),
    (
        "goff",
        "a.yaml",
        "f: {variations: {a: 1, b: 2}, defaultRule: {percentage: {a: 20, b: 80}}}\n",
        "f: {variations: {a: 1, b: 2}, defaultRule: {percentage: {a: \"20\", b: 80}}}\n",
    ),
    (
        "unleash",
        "a.json",
        "{\"features\":[{\"name\":\"c\"}],\"dependencies\":[{\"feature\":\"c\",\"dependencies\":[{\"feature\":\"p\",\"enabled\":true}]}]}",
        "{\"features\":[{\"name\":\"c\"}],\"dependencies\":[]}",
    ),
    ("gitlab", "a.yml", "name: a\ndefault_enabled: false\n", "name: a\ndefault_enabled: [true]\n"),
    (
        "unleash",
        "a.json",
        "{\"features\":[{\"name\":\"c\",\"enabled\":false}]}",
        "{\"features\":[{\"name\":\"c\",\"enabled\":{\"production\":true}}]}",
    ),
    (
        "featurevisor",
        "segments/s.yml",
        "conditions: [{attribute: a, operator: equals, value: \"[1]\"}]\n",
        "conditions: [{attribute: a, operator: equals, value: [1]}]\n",
    ),
];

#[test]
fn what_is_served_is_reported() {
    for step in LOUD {
        let report = report(*step);
        assert_ne!(report.verdict, Verdict::NotRequired, "{}\n→ {}\n{}", step.2, step.3, reported(&report));
    }
}

/// Files that say the same.
const SILENT: &[Step<'_>] = &[
    (
        "microsoft",
        "a.json",
        "{\"feature_management\":{\"feature_flags\":[{\"id\":\"a\",\"enabled\":true,\"variants\":[{\"name\":\"x\"}],\"allocation\":{\"default_when_enabled\":\"x\"},\"telemetry\":{\"enabled\":true}}]}}",
        "{\"feature_management\":{\"feature_flags\":[{\"id\":\"a\",\"enabled\":true,\"Variants\":[{\"Name\":\"x\"}],\"Allocation\":{\"Default_When_Enabled\":\"x\"},\"Telemetry\":{\"Enabled\":true}}]}}",
    ),
    (
        "flipt",
        "a.yaml",
        "flags: [{key: a, name: a, enabled: true, rules: [{segment: s, distributions: [{variant: v, rollout: 50}]}]}]\n",
        "namespace: default\nflags: [{key: a, name: a, enabled: true, rules: [{segment: s, distributions: [{variant: v, rollout: 50.0}]}]}]\n",
    ),
    ("registry", "a.yml", "a: false\n", "a: false # see {{ docs }}\n"),
    (
        "goff",
        "a.yaml",
        "f: {variations: {a: 1}, defaultRule: {variation: a}, experimentation: {start: 2026-03-01T01:00:00+01:00}}\n",
        "f: {variations: {a: 1}, defaultRule: {variation: a}, disable: false, experimentation: {start: 2026-03-01T00:00:00Z}}\n",
    ),
    (
        "goff",
        "a.json",
        "{\"f\":{\"variations\":{\"on\":1,\"On\":2},\"defaultRule\":{\"variation\":\"on\"}},\"F\":{\"variations\":{\"a\":1},\"defaultRule\":{\"variation\":\"a\"}}}",
        "{\"F\":{\"defaultRule\":{\"variation\":\"a\"},\"variations\":{\"a\":1}},\"f\":{\"variations\":{\"on\":1,\"On\":2},\"defaultRule\":{\"variation\":\"on\"}}}",
    ),
];

#[test]
fn what_says_the_same_is_not_reported() {
    for step in SILENT {
        let report = report(*step);
        assert_eq!(report.verdict, Verdict::NotRequired, "{}\n→ {}\n{}", step.2, step.3, reported(&report));
    }
}

/// Flags that are switched off, and nothing else.
const FREE: &[Step<'_>] = &[
    (
        "featurevisor",
        "features/f.yml",
        "bucketBy: userId\nrules: {p: [{key: e, segments: \"*\", percentage: 10}], s: [{key: e, segments: \"*\", percentage: 10}]}\n",
        "bucketBy: userId\nexpose: {p: false}\nrules: {p: [{key: e, segments: \"*\", percentage: 10}], s: [{key: e, segments: \"*\", percentage: 10}]}\n",
    ),
    (
        "featurevisor",
        "features/f.yml",
        "bucketBy: userId\nrules: [{key: e, segments: \"*\", percentage: 100}]\n",
        "bucketBy: userId\nrules: [{key: e, segments: \"*\", percentage: 0}]\n",
    ),
    (
        "featurevisor",
        "features/f.yml",
        "bucketBy: userId\nrules: {p: [{key: e, segments: \"*\", percentage: 100}]}\n",
        "bucketBy: userId\nrules: {}\n",
    ),
    (
        "goff",
        "a.yaml",
        "f: {variations: {a: 1}, defaultRule: {variation: a}}\n",
        "f: {variations: {a: 1}, defaultRule: {variation: a}, disable: true}\n",
    ),
];

#[test]
fn switching_off_is_free() {
    for step in FREE {
        let report = report(*step);
        assert_eq!(report.verdict, Verdict::NotRequired, "{}\n→ {}\n{}", step.2, step.3, reported(&report));
    }
}

/// Mappings of a repository, with a file before and after that goes on.
#[test]
fn every_switch_that_a_test_looks_at_is_reported() {
    for (live, before, after) in [
        (
            "[{when: {at: \"envs/*/enabled\", is: true}, is: live}]",
            "{envs: {p: {enabled: true}, s: {enabled: false}}}",
            "{envs: {p: {enabled: true}, s: {enabled: true}}}",
        ),
        (
            "[{when: {at: steps, absent: false}, is: live}, {when: {at: enabled, is: true}, is: live}]",
            "{steps: 1, enabled: false}",
            "{steps: 1, enabled: true}",
        ),
        ("[{when: {at: enabled, is: true}, is: live}]", "{enabled: false}", "{enabled: {production: true}}"),
        ("[{when: {at: enabled, is: true}, is: live}]", "{enabled: [false]}", "{enabled: [true]}"),
        ("[{when: {at: pct, over: 0}, is: live}]", "{pct: 0}", "{pct: [100]}"),
    ] {
        let mapping = format!("entities: [{{at: \"flags/*\", live: {live}, fields: {{meta: note}}}}]\n");
        let file = |flag: &str| format!("flags: {{f: {flag}}}\n");
        let report = own(&mapping, &file(before), &file(after));
        assert_ne!(report.verdict, Verdict::NotRequired, "{live}\n{before} → {after}\n{}", reported(&report));
    }
}

#[test]
fn what_a_format_does_not_have_is_said() {
    let step = (
        "goff",
        "a.yaml",
        "f: {variations: {a: 1, b: 2}, defaultRule: {variation: a}}\n",
        "f: {variations: {a: 1, b: 2}, defaultRule: {variation: b}}\n",
    );
    let impact = report(step).flags.remove(0).impact.unwrap();
    assert_eq!(impact.without, ["sticky bucketing", "dependencies"]);
}

#[test]
fn an_entry_of_a_list_that_only_grows() {
    let mapping = "entities: [{at: \"flags/*\", live: [{when: {at: \"on_\", is: true}, is: live}], fields: {distribution: {at: steps, list: append}}}]\n";
    let file = |steps: &str| format!("flags: {{f: {{on_: true, steps: {steps}}}}}\n");
    let reported = |before: &str, after: &str| {
        own(mapping, &file(before), &file(after)).flags.remove(0).impact.unwrap().unmodelled
    };
    assert_eq!(reported("[5, 25]", "[5, 25, 50]"), Vec::<String>::new());
    let edited = reported("[5, 25]", "[5, 50]");
    assert_eq!(
        edited,
        [
            "`steps/1` is edited in place in a list that only grows: who has drawn by the old entry doesn't draw again, so that only new users may get what it says now"
        ]
    );
    let shorter = reported("[5, 25]", "[5]");
    assert_eq!(shorter, ["`steps` is shorter, and only grows: users who have seen the entries may keep them"]);
}

#[test]
fn a_key_that_is_hashed_and_renamed() {
    let flag = "{variations: {a: 1, b: 2}, defaultRule: {percentage: {a: 20, b: 80}}}";
    let report = report(("goff", "a.yaml", &format!("f: {flag}\n"), &format!("g: {flag}\n")));
    let remarks: Vec<&String> = report.flags.iter().flat_map(|flag| &flag.remarks).collect();
    assert!(
        remarks.iter().any(|remark| remark.contains("and every user is bucketed anew, since the key is hashed")),
        "{remarks:?}"
    );
    let renamed = |flag: &FlagReport| (flag.key.clone(), flag.renamed_from.clone(), flag.renamed_to.clone());
    let g = Some("g".to_owned());
    assert_eq!(
        report.flags.iter().map(renamed).collect::<Vec<_>>(),
        [("f".to_owned(), None, g.clone()), ("g".to_owned(), Some("f".to_owned()), None)]
    );
    assert_eq!(report.verdict, Verdict::Pending);
}

#[test]
fn a_rename_with_one_more_edit_is_a_rename() {
    let flag = |share: u32| {
        format!(
            "{{variations: {{a: 1, b: 2}}, targeting: [{{query: x eq 1, variation: b}}], metadata: {{team: web}}, trackEvents: false, defaultRule: {{percentage: {{a: {share}, b: {}}}}}}}",
            100 - share
        )
    };
    let of = |before: &str, after: &str| report(("goff", "a.yaml", before, after));
    let reported = of(
        &format!("f: {}\n", flag(20)),
        &format!("g: {}\nother: {{variations: {{a: 1}}, defaultRule: {{variation: a}}}}\n", flag(30)),
    );
    let renamed: Vec<_> = reported.flags.iter().map(|flag| (flag.key.as_str(), flag.renamed_from.as_deref())).collect();
    assert_eq!(renamed, [("f", None), ("g", Some("f")), ("other", None)]);
    let remark = reported.flags.iter().find(|flag| flag.key == "g").unwrap().remarks.join(" ");
    assert!(remark.contains("nearly the same, so it is probably renamed, with distribution"), "{remark}");
    assert!(remark.contains("every user is bucketed anew, since the key is hashed"), "{remark}");
    assert_eq!(reported.verdict, Verdict::Pending);
    // A new flag that has little in common is none.
    let other = of(&format!("f: {}\n", flag(20)), "g: {variations: {x: 1, y: 2}, defaultRule: {variation: x}}\n");
    assert!(other.flags.iter().all(|flag| flag.renamed_from.is_none()), "{:?}", other.flags);
}

#[test]
fn who_drew_by_an_entry_does_not_draw_again() {
    let mapping = "entities: [{at: \"flags/*\", live: [{when: {at: \"on_\", is: true}, is: live}], impact: {percentage: steps/*/percent}, fields: {distribution: {at: steps, list: append}}}]\n";
    let of = |before: &str, after: &str| {
        let file = |steps: &str| format!("flags: {{f: {{on_: true, steps: {steps}}}}}\n");
        own(mapping, &file(before), &file(after)).flags.remove(0)
    };
    let edited = of("[{percent: 25}]", "[{percent: 50}]").impact.unwrap();
    assert_eq!((edited.per_segment.len(), edited.unknown.len(), edited.unmodelled.len()), (0, 1, 0), "{edited:#?}");
    assert!(edited.unknown[0].starts_with("`steps/0` is edited in place"), "{edited:#?}");
    let added = of("[{percent: 25}]", "[{percent: 25}, {percent: 50}]");
    assert_eq!(
        added.impact_summary.unwrap(),
        "`on` 25% → 50% of everyone: 25.0% newly exposed, nobody switches variant"
    );
}

/// Old and new key of each flag that is reported as renamed.
fn renamed(step: Step<'_>) -> Vec<(String, String)> {
    let flags = report(step).flags.into_iter();
    flags.filter_map(|flag| Some((flag.renamed_from?, flag.key))).collect()
}

#[test]
fn a_switch_is_no_content_by_which_a_flag_is_known() {
    let none: [(String, String); 0] = [];
    let registry = |before: &str, after: &str| renamed(("registry", "a.yml", before, after));
    let named = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    assert_eq!(registry("old_search: true\nx: false\n", "dark_mode: true\nx: false\n"), none);
    assert_eq!(
        registry(
            "a: {staging: true, preprod: true, production: true}\nx: {staging: false, production: true}\n",
            "b: {staging: true}\nx: {staging: false, production: true}\n"
        ),
        none
    );
    assert_eq!(registry("a: {enabled: true, percentage: 50}\n", "b: {enabled: true, percentage: 50}\n"), none);
    let boolean = |key: &str| {
        format!(
            "{{\"flags\": {{\"{key}\": {{\"state\": \"ENABLED\", \"variants\": {{\"on\": true, \"off\": false}}, \"defaultVariant\": \"on\"}}}}}}"
        )
    };
    assert_eq!(renamed(("flagd", "a.json", &boolean("search"), &boolean("banner"))), none);
    // Nearly the same name, or a description.
    assert_eq!(registry("new-search: true\n", "new_search: true\n"), [named("new-search", "new_search")]);
    assert_eq!(
        registry(
            "a: {enabled: true, description: Search in titles}\n",
            "b: {enabled: true, description: Search in titles}\n"
        ),
        [named("a", "b")]
    );
    // In each environment.
    let both = |key: &str| format!("{key}: {{staging: true, production: true}}\n");
    assert_eq!(
        registry(&both("new-search"), &both("new_search")),
        [named("new-search@staging", "new_search@staging"), named("new-search@production", "new_search@production")]
    );
    assert_eq!(registry(&both("new-search"), "new_search: {staging: true}\nx: {production: false}\n"), none);
}
