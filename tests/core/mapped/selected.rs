//! Resources that a kustomization selects by their labels, wherever these and its selector stand.

use countersign::report::Verdict;

/// A map that is off, with members of `metadata` after its name.
fn map(name: &str, metadata: &str) -> String {
    format!("kind: ConfigMap\nmetadata: {{name: {name}{metadata}}}\ndata: {{SEARCH_ENABLED: 'false'}}\n---\n")
}

const BACK: &str = ", labels: {tier: back}";

/// The verdict on the files of a base that kustomizations select from, and the flags that need approval.
fn judge(selecting: &[(&str, &str)], before: &[(&str, &str)], after: &[(&str, &str)]) -> (Verdict, Vec<String>) {
    let side = |files: &[(&str, &str)]| {
        let own = ("k8s/base/kustomization.yaml", "resources: [one.yaml, two.yaml]\n");
        super::parts::files(&[&[own], selecting, files].concat())
    };
    let report = super::judged("kubernetes", &side(before), &side(after));
    let pending = report.flags.iter().filter(|flag| flag.verdict == Verdict::Pending);
    (report.verdict, pending.map(|flag| flag.key.clone()).collect())
}

const BY_LABEL: &[(&str, &str)] = &[(
    "k8s/prod/kustomization.yaml",
    "resources: [../base]\npatches: [{path: patch.yaml, target: {labelSelector: tier!=back}}]\n",
)];

/// Files of the base before and after.
type Case<'a> = [&'a [(&'a str, &'a str)]; 2];

#[test]
fn a_resource_is_the_same_one_in_any_file() {
    let in_a = |metadata: &str| map("m", &format!(", namespace: a{metadata}"));
    let in_b = |metadata: &str| map("m", &format!(", namespace: b{metadata}"));
    let (front, back, other) = (map("m", ""), map("m", BACK), map("o", BACK));
    let [one, two, patch] = ["k8s/base/one.yaml", "k8s/base/two.yaml", "k8s/prod/patch.yaml"];
    let asks = (Verdict::Pending, vec!["resource Kustomization.k8s/prod".to_owned()]);
    let both = |a: &str, b: &str| in_a(a) + &in_b(b);
    let apart: &[Case<'_>] = &[
        // From one namespace to the other.
        [&[(one, &both(BACK, ""))], &[(one, &both("", BACK))]],
        // To another file, without its label or with one.
        [&[(one, &(back.clone() + &other))], &[(one, &other), (two, &front)]],
        [&[(one, &(front.clone() + &other))], &[(one, &other), (two, &back)]],
        [&[(one, &back)], &[(two, &front)]],
        // A patch with a label that goes, and a resource that comes.
        [&[(one, &front), (patch, &back)], &[(one, &front)]],
        [&[(one, &other)], &[(one, &other), (two, &front)]],
        // Two that change places.
        [&[(one, &front), (patch, &back)], &[(one, &back), (patch, &front)]],
    ];
    for [before, after] in apart {
        let found = judge(BY_LABEL, before, after);
        assert_eq!(found.0, Verdict::Pending, "{before:?}{after:?}");
        assert!(found.1.contains(&asks.1[0]), "{before:?}{after:?}{found:?}");
        let plain: Vec<_> =
            BY_LABEL.iter().map(|(path, text)| (*path, text.replace("labelSelector", "name"))).collect();
        let plain: Vec<_> = plain.iter().map(|(path, text)| (*path, text.as_str())).collect();
        assert_eq!(judge(&plain, before, after).0, Verdict::NotRequired, "{before:?}{after:?}");
    }
    let ordered = |labels: &str| map("m", &format!(", labels: {{{labels}}}"));
    let same: &[Case<'_>] = &[
        [&[(one, &ordered("a: x, b: y"))], &[(one, &ordered("b: y, a: x"))]],
        [&[(one, &back)], &[(two, &back)]],
        [&[(one, &(back.clone() + &other))], &[(one, &other), (two, &back)]],
        [&[(one, &both(BACK, ""))], &[(one, &(in_b("") + &in_a(BACK)))]],
        // One that goes, and a patch of one that is there.
        [&[(one, &other), (two, &back)], &[(one, &other)]],
        [&[(one, &back)], &[(one, &back), (patch, "kind: ConfigMap\nmetadata: {name: m}\n")]],
    ];
    for [before, after] in same {
        assert_eq!(judge(BY_LABEL, before, after).0, Verdict::NotRequired, "{before:?}{after:?}");
    }
}

#[test]
fn a_selector_in_any_document_of_a_kustomization() {
    let transformer = |kind: &str, how: &str| {
        format!("apiVersion: builtin\nkind: {kind}\nmetadata: {{name: t}}\n{how}target: {{labelSelector: tier=back}}\n")
    };
    let patch = transformer("PatchTransformer", "patch: '{}'\n");
    let inner = patch.replace('\n', "\n  ");
    let inline = format!("resources: [../base]\ntransformers:\n- |\n  {inner}\n");
    let replacement = "source: {kind: ConfigMap, name: o}\ntargets: [{select: {labelSelector: tier=back}}]\n";
    let inner_json =
        r#"{resources: [../base], transformers: ['{"kind":"PatchTransformer","target":{"labelSelector":"a"}}']}"#;
    let rows: &[(&str, &str, &str)] = &[
        ("kustomization.yaml", &inline, "resource Kustomization.k8s/prod"),
        ("kustomization.yaml", inner_json, "resource Kustomization.k8s/prod"),
        ("t.yaml", &patch, "resource PatchTransformer.t"),
        ("t.yaml", &transformer("PatchJson6902Transformer", ""), "resource PatchJson6902Transformer.t"),
        ("r.yaml", replacement, "resource patch.k8s/prod/r"),
        ("r.yaml", &format!("- {}", replacement.replace('\n', "\n  ")), "resource patch.k8s/prod/r"),
        (
            "r.yaml",
            &format!(
                "kind: ReplacementTransformer\nmetadata: {{name: t}}\nreplacements: [{{{}}}]",
                "targets: [{select: {labelSelector: a=b}}]"
            ),
            "resource ReplacementTransformer.t",
        ),
    ];
    for (file, text, key) in rows {
        let path = format!("k8s/prod/{file}");
        let selecting = [(path.as_str(), *text)];
        let (before, after) = (map("m", BACK), map("m", ""));
        let own = |text: &str| [("k8s/base/one.yaml", text.to_owned())];
        let [[before], [after]] = [own(&before), own(&after)];
        let found = judge(&selecting, &[(before.0, &before.1)], &[(after.0, &after.1)]);
        assert_eq!(found, (Verdict::Pending, vec![(*key).to_owned()]), "{text}");
        // Another selector is a change as well.
        let other = text.replace("labelSelector", "name");
        let name = "k8s/base/one.yaml";
        let side = |text: &str| super::parts::files(&[(&path, text), (name, &before.1)]);
        assert_eq!(super::judged("kubernetes", &side(text), &side(&other)).verdict, Verdict::Pending, "{text}");
    }
    // Pods are selected otherwise.
    let affinity = "kind: Deployment\nmetadata: {name: d}\n\
                    spec: {template: {spec: {$patch: merge, affinity: {labelSelector: {a: b}}}}}\n";
    let (before, after) = (map("m", BACK), map("m", ""));
    let found =
        judge(&[("k8s/prod/d.yaml", affinity)], &[("k8s/base/one.yaml", &before)], &[("k8s/base/one.yaml", &after)]);
    assert_eq!(found, (Verdict::NotRequired, Vec::new()));
}
