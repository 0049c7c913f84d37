//! Resources of one kind, name and namespace: if both are applied, the later one is kept.

use std::collections::BTreeMap;

use countersign::diagnostics::Diagnostic;
use countersign::report::{Report, Verdict};

use super::judged;
use super::parts::files;

const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: flagd-cfg, namespace: p}\ndata:\n  flags.json: |\n    {\"flags\": {\"x\": {\"state\": \"ENABLED\", \"variants\": {\"on\": true, \"off\": false}, \"defaultVariant\": \"on\"}}}\n";
const EMPTY: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: flagd-cfg, namespace: p}\n";
const FEATURE_FLAG: &str = "apiVersion: core.openfeature.dev/v1beta1\nkind: FeatureFlag\nmetadata: {name: f, namespace: p}\nspec: {flagSpec: {flags: {x: {state: ENABLED, variants: {\"on\": true}, defaultVariant: \"on\"}}}}\n";

type Files<'f> = &'f [(&'f str, &'f str)];

fn step(before: Files<'_>, after: Files<'_>) -> Report {
    judged("kubernetes", &files(before), &files(after))
}

/// The places of the errors of a report.
fn errors(report: &Report) -> Vec<String> {
    assert_eq!(report.verdict == Verdict::Invalid, report.diagnostics.iter().any(Diagnostic::is_error));
    let errors = report.diagnostics.iter().filter(|one| one.is_error());
    errors.map(|one| format!("{} {}:{}", one.id, one.path, one.place.line)).collect()
}

#[test]
fn a_second_resource_takes_the_place_of_the_first() {
    let base = [("k8s/a.yaml", CONFIG_MAP)];
    for second in [
        EMPTY.to_owned(),
        format!("{EMPTY}data: {{flags.json: \"{{}}\"}}\n"),
        format!("{EMPTY}data: {{a: b}}\n"),
        // The namespace may be given where it is applied.
        EMPTY.replace(", namespace: p", ""),
        EMPTY.replace("v1", "v1beta1"),
    ] {
        let together = format!("{CONFIG_MAP}---\n{second}");
        let twice = step(&base, &[("k8s/a.yaml", &together)]);
        assert_eq!(errors(&twice), ["duplicate-document k8s/a.yaml:3", "duplicate-document k8s/a.yaml:10"], "{second}");
        let first = format!("{second}---\n{CONFIG_MAP}");
        assert_eq!(errors(&step(&base, &[("k8s/a.yaml", &first)])).len(), 2, "{second}");
        let apart = step(&base, &[base[0], ("k8s/z.yaml", &second)]);
        assert_eq!(errors(&apart), ["duplicate-document k8s/a.yaml:3", "duplicate-document k8s/z.yaml:3"], "{second}");
        // Where they are, the first that is edited says so, and what is switched off waits for nobody.
        let both = [base[0], ("k8s/z.yaml", second.as_str())];
        let off = CONFIG_MAP.replace("ENABLED", "DISABLED");
        assert_eq!(step(&both, &[("k8s/a.yaml", &off), both[1]]).verdict, Verdict::NotRequired, "{second}");
        let off = together.replace("ENABLED", "DISABLED");
        let report = step(&[("k8s/a.yaml", &together)], &[("k8s/a.yaml", &off)]);
        assert_eq!((report.verdict, errors(&report)), (Verdict::NotRequired, vec![]), "{second}");
        // The remedy.
        assert_eq!(errors(&step(&both, &base)), [""; 0], "{second}");
        assert_eq!(errors(&step(&base, &[base[0], ("k8s/other/z.yaml", &second)])), [""; 0], "{second}");
    }
    let more = FEATURE_FLAG.replace("{x: {state: ENABLED, variants: {\"on\": true}, defaultVariant: \"on\"}}", "{}");
    let report = step(&[("f.yaml", FEATURE_FLAG)], &[("f.yaml", &format!("{FEATURE_FLAG}---\n{more}"))]);
    assert_eq!(errors(&report), ["duplicate-document f.yaml:3", "duplicate-document f.yaml:8"]);
    let deployment = "kind: Deployment\nmetadata: {name: shop}\nspec: {template: {spec: {containers: [{name: c, env: [{name: FEATURE_X, value: 'true'}]}]}}}\n";
    let without = "kind: Deployment\nmetadata: {name: shop}\nspec: {template: {spec: {containers: [{name: c}]}}}\n";
    assert_eq!(errors(&step(&[("d.yaml", deployment)], &[("d.yaml", deployment), ("e.yaml", without)])).len(), 2);
    let source = "kind: FeatureFlagSource\nmetadata: {name: shop}\nspec: {sources: []}\n";
    let found = errors(&step(&[("d.yaml", source)], &[("d.yaml", source), ("e.yaml", source)]));
    assert!(found.contains(&"duplicate-document d.yaml:2".to_owned()), "{found:#?}");
}

/// Resources that are told apart by what they say, or hold no flags on either side.
#[test]
fn resources_that_are_not_one() {
    for (one, other) in [
        (CONFIG_MAP, EMPTY.replace("namespace: p", "namespace: q")),
        (CONFIG_MAP, EMPTY.replace("flagd-cfg", "other")),
        (CONFIG_MAP, EMPTY.replace("ConfigMap", "Service")),
        (CONFIG_MAP, EMPTY.replace("name: flagd-cfg, ", "")),
        (EMPTY, format!("{EMPTY}data: {{a: b}}\n")),
    ] {
        let report = step(&[("k8s/a.yaml", one)], &[("k8s/a.yaml", one), ("k8s/z.yaml", &other)]);
        assert_eq!(errors(&report), [""; 0], "{other}");
        let report = step(&[("k8s/a.yaml", one)], &[("k8s/a.yaml", &format!("{one}---\n{other}"))]);
        assert_eq!(errors(&report), [""; 0], "{other}");
    }
    // Files that stand so may be applied to two namespaces.
    let unsaid = EMPTY.replace(", namespace: p", "");
    let both = [("k8s/a.yaml", CONFIG_MAP), ("k8s/z.yaml", unsaid.as_str())];
    let edited = CONFIG_MAP.replace("defaultVariant\": \"on", "defaultVariant\": \"off");
    let report = step(&both, &[("k8s/a.yaml", &edited), both[1]]);
    assert_eq!((errors(&report), report.verdict), (vec![], Verdict::Pending));
    // One that goes to another file stands once.
    assert_eq!(errors(&step(&[("k8s/a.yaml", CONFIG_MAP)], &[("k8s/b.yaml", CONFIG_MAP)])), [""; 0]);
}

/// Folders are environments or overlays, and what a kustomization lays over others is no resource.
#[test]
fn overlays_and_environments_are_no_second_resource() {
    let patch = format!("{EMPTY}data: {{flags.json: \"{{}}\"}}\n");
    let base = "resources: [flags.yaml]\n";
    let overlay = |more: &str| format!("resources: [../../base]\n{more}");
    let all: &[(&str, Files<'_>)] = &[
        ("overlays", &[("base/flags.yaml", CONFIG_MAP), ("overlays/prod/flags.yaml", &patch)]),
        ("environments", &[("dev/flags.yaml", &patch), ("prod/flags.yaml", EMPTY), ("flags.yaml", CONFIG_MAP)]),
        (
            "a patch next to it",
            &[
                ("base/flags.yaml", CONFIG_MAP),
                ("base/patch.yaml", &patch),
                ("base/kustomization.yaml", "resources: [flags.yaml]\npatches: [{path: patch.yaml}]\n"),
            ],
        ),
        (
            "two patches of an overlay",
            &[
                ("base/flags.yaml", CONFIG_MAP),
                ("base/kustomization.yaml", base),
                ("overlays/prod/one.yaml", &patch),
                ("overlays/prod/two.yaml", EMPTY),
                ("overlays/prod/kustomization.yml", &overlay("patchesStrategicMerge: [one.yaml, ./two.yaml]\n")),
            ],
        ),
        (
            "patches in a folder of their own",
            &[
                ("base/flags.yaml", CONFIG_MAP),
                ("base/kustomization.yaml", base),
                ("patches/one.yaml", CONFIG_MAP),
                ("patches/two.yaml", EMPTY),
                (
                    "overlays/prod/kustomization.yaml",
                    &overlay(
                        "patches:\n- path: ../../patches/one.yaml\n- {path: ../../patches/two.yaml, target: {kind: ConfigMap}}\n",
                    ),
                ),
            ],
        ),
        (
            "one that the kustomization does not name",
            &[("k8s/flags.yaml", CONFIG_MAP), ("k8s/old.yaml", EMPTY), ("k8s/kustomization.yaml", base)],
        ),
    ];
    for (what, after) in all {
        let no_twice = |report: &Report| {
            let found = errors(report);
            assert!(!found.iter().any(|one| one.starts_with("duplicate-document")), "{what}: {found:#?}");
        };
        no_twice(&step(&after[..1], after));
        for left_out in 0..after.len() {
            // The kustomization itself comes in the first step only.
            if after[left_out].0.contains("kustomization") {
                continue;
            }
            let before: BTreeMap<String, String> = files(
                &after.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, file)| *file).collect::<Vec<_>>(),
            );
            no_twice(&judged("kubernetes", &before, &files(after)));
        }
    }
    // Both are named as resources.
    let both = "resources: [flags.yaml, more.yaml]\n";
    let k8s = [("k8s/flags.yaml", CONFIG_MAP), ("k8s/kustomization.yaml", base)];
    let after = [k8s[0], ("k8s/kustomization.yaml", both), ("k8s/more.yaml", EMPTY)];
    assert_eq!(errors(&step(&k8s, &after)).len(), 2);
}
