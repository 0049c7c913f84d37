//! Flags that come under another scope of their file, such as a namespace: one flag, of which the move and each edit
//! are reported.

use std::collections::BTreeMap;

use countersign::flag::File;
use countersign::policy::{APPROVERS_PATH, CONFIG_PATH};
use countersign::report::{Report, Verdict};

use super::judged;
use super::parts::files;
use super::reviewed::{changes, of};
use crate::files::judge_files;

const RESOURCE: &str = "apiVersion: core.openfeature.dev/v1beta1
kind: FeatureFlag
metadata: {name: NAME}
spec:
  flagSpec:
    flags:
      color:
        state: ENABLED
        variants: {red: CC0000, blue: 0000CC}
        defaultVariant: red
      algo:
        state: ENABLED
        variants: {memo: memo, loop: loop}
        defaultVariant: memo
";

fn resource(name: &str) -> String {
    RESOURCE.replace("NAME", name)
}

fn kubernetes(before: &str, after: &str) -> Report {
    of("kubernetes", "flags.yaml", before, after)
}

#[test]
fn another_namespace_or_name_is_a_move_of_each_flag() {
    for (old, new, from, to) in [
        ("e2e", "e2e, namespace: shop", "e2e", "shop/e2e"),
        ("e2e, namespace: shop", "e2e", "shop/e2e", "e2e"),
        ("e2e", "e3e", "e2e", "e3e"),
    ] {
        let report = kubernetes(&resource(old), &resource(new));
        assert_eq!(report.verdict, Verdict::Pending);
        let reported =
            [("color", 7), ("algo", 11)].map(|(key, line)| format!("{key}@{to} moved : {from} → {to} @{line}"));
        assert_eq!(changes(&report), reported);
        let edited = kubernetes(&resource(old), &resource(new).replace("defaultVariant: red", "defaultVariant: blue"));
        let mut reported = reported.to_vec();
        reported.insert(1, format!("color@{to} defaultVariant : red → blue @10"));
        assert_eq!(changes(&edited), reported);
    }
}

#[test]
fn resources_are_told_apart_by_what_they_say() {
    let both = |one: &str, other: &str| {
        let other = resource(other).replace("defaultVariant: red", "defaultVariant: blue").replace("memo: memo, ", "");
        format!("{}---\n{other}", resource(one))
    };
    let before = both("a", "b");
    // Each of the two is the one that it resembles, wherever it stands now.
    let after = both("c", "d");
    let found = changes(&kubernetes(&before, &after));
    assert!(found.iter().all(|line| line.contains("a → c") || line.contains("b → d")), "{found:#?}");
    assert_eq!(found.len(), 4);
    // With its file it is the same, as far as a flag of it stays as it is.
    let report = judged("kubernetes", &files(&[("a.yaml", &resource("a"))]), &files(&[("b.yaml", &resource("b"))]));
    let found = changes(&report);
    assert!(found[0].starts_with("color@b moved : a in a.yaml → b in b.yaml"), "{found:#?}");
    assert_eq!(found.len(), 2);
}

#[test]
fn from_one_environment_to_another_a_flag_ends_and_starts() {
    let report = kubernetes(&resource("a, namespace: shop-dev"), &resource("a, namespace: shop-prod"));
    let lives: Vec<(bool, bool)> = report.flags.iter().map(|flag| (flag.live.before, flag.live.after)).collect();
    assert_eq!(lives.iter().filter(|live| **live == (false, true)).count(), 2, "{lives:?}");
    assert_eq!(lives.len(), 4);
}

#[test]
fn where_a_flag_is_off_is_routine() {
    let off = |name: &str| resource(name).replace("ENABLED", "DISABLED");
    let report = kubernetes(&off("a"), &off("b"));
    assert_eq!((report.verdict, changes(&report).len()), (Verdict::NotRequired, 2));
    // Switched on elsewhere is switched on.
    assert_eq!(kubernetes(&off("a"), &resource("b")).verdict, Verdict::Pending);
}

#[test]
fn approvers_of_both_scopes_are_asked() {
    let config = "version: 1\nadmins: [\"@root\"]\nprojects: {all: {paths: [\"*.yaml\"], approvals: specific}}
formats: {\"*.yaml\": kubernetes}
sections: {Old: {scopes: [shop/a]}, New: {scopes: [shop/b]}, Other: {scopes: [shop/c]}}
";
    let approvers = "[Old]\n* @old\n[New]\n* @new\n[Other]\n* @other\n";
    let side = |name: &str| -> BTreeMap<String, File> {
        let text = resource(&format!("{name}, namespace: shop"));
        let all = [(CONFIG_PATH, config.to_owned()), (APPROVERS_PATH, approvers.to_owned()), ("flags.yaml", text)];
        all.map(|(path, text)| (path.to_owned(), File::regular(path, text))).into()
    };
    let report = judge_files(&side("a"), &side("b"), None, &[]).unwrap_or_else(|found| panic!("{found:#?}"));
    for flag in &report.flags {
        let required: Vec<&str> = flag.requirements.iter().filter_map(|one| one.section.as_deref()).collect();
        assert_eq!(required, ["New", "Old"], "{}", flag.key);
    }
    assert_eq!(report.flags.len(), 2);
}

const FLIPT: &str = "namespace: default
flags:
  - key: checkout
    type: VARIANT_FLAG_TYPE
    enabled: true
    variants: [{key: old}, {key: new}]
    rules:
      - segment: eu
        distributions: [{variant: old, rollout: 70}, {variant: new, rollout: 30}]
  - key: dark
    type: BOOLEAN_FLAG_TYPE
    enabled: false
segments:
  - key: eu
    match_type: ANY_MATCH_TYPE
    constraints: [{type: STRING_COMPARISON_TYPE, property: country, operator: eq, value: de}]
";

#[test]
fn segments_move_with_the_flags_that_name_them() {
    let shop = FLIPT.replace("namespace: default", "namespace: shop");
    let flipt = |after: &str| changes(&of("flipt", "features.yml", FLIPT, after));
    let moved = ["checkout@shop moved : default → shop @3", "dark@shop moved : default → shop @10"];
    assert_eq!(flipt(&shop), moved);
    let found = flipt(&shop.replace("value: de", "value: fr"));
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found[1].starts_with("checkout@shop parts segment eu@shop/"), "{found:#?}");
    let found = flipt(&shop.replace("rollout: 70", "rollout: 60").replace("rollout: 30", "rollout: 40"));
    assert!(found.iter().any(|line| line.contains("checkout@shop distribution rules/0/distributions")), "{found:#?}");
}

#[test]
fn an_environment_in_an_export_is_no_place_of_a_flag() {
    let export = |environment: &str| {
        format!(
            "{{\"version\": 4, \"features\": [{{\"name\": \"a\", \"project\": \"default\"}}],
\"featureEnvironments\": [{{\"featureName\": \"a\", \"environment\": \"{environment}\", \"enabled\": true}}]}}"
        )
    };
    let found = changes(&of("unleash", ".unleash/flags.json", &export("north"), &export("south")));
    assert!(!found.is_empty() && found.iter().all(|line| !line.contains("moved")), "{found:#?}");
}
