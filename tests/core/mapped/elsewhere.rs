//! Parts of files that decide about flags from elsewhere.

use super::own;
use super::reviewed::{changes, of};
use countersign::report::Verdict;

const CART: &str = "{\"feature_management\": {\"feature_flags\": [{\"id\": \"Cart\", \"enabled\": true, \"variants\": [
  {\"name\": \"Small\", \"configuration_reference\": \"ShoppingCart:Small\"},
  {\"name\": \"Big\", \"configuration_reference\": \"shoppingcart:Big\"}],
  \"allocation\": {\"percentile\": [{\"variant\": \"Big\", \"from\": 0, \"to\": 100}]}}]},
\"ShoppingCart\": {\"Big\": {\"Size\": 600},
  \"Small\": {\"Size\": 300}, \"Other\": 1},
\"ShoppingCart:Big:Color\": \"red\"}
";

#[test]
fn the_settings_that_a_variant_stands_for_are_a_part_of_it() {
    let of = |from: &str, to: &str| of("microsoft", "appsettings.json", CART, &CART.replace(from, to));
    let report = of("600", "6000");
    assert_eq!(report.verdict, Verdict::Pending);
    assert_eq!(
        changes(&report),
        ["Cart variants variants/Big/configuration_reference/shoppingcart:big/size: 600 → 6000 @5"]
    );
    // In .NET the name of a member may be a path itself.
    assert_eq!(
        changes(&of("\"red\"", "\"blue\"")),
        ["Cart variants variants/Big/configuration_reference/shoppingcart:big:color: red → blue @7"]
    );
    let report = of("\"Other\": 1", "\"Other\": 2");
    assert_eq!((report.verdict, changes(&report)), (Verdict::NotRequired, Vec::new()));
    // Of what is served to nobody, a change is reported and free while the flag is off.
    let off = CART.replace("\"enabled\": true", "\"enabled\": false");
    let report = super::reviewed::of("microsoft", "appsettings.json", &off, &off.replace("600", "6000"));
    assert_eq!((report.verdict, changes(&report).len()), (Verdict::NotRequired, 1));
}

const MAP: &str = "apiVersion: v1
kind: ConfigMap
metadata: {name: env, namespace: prod}
data:
  LOG_LEVEL: debug
  FEATURE_X: \"false\"
  ff_cart: \"100\"
  registry.yml: |
    feature_flags: {search: false}
";

const POD: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: prod}
spec:
  replicas: 2
  template:
    metadata:
      annotations: {openfeature.dev/featureflagsource: prod/a}
    spec:
      initContainers:
        - {name: side, image: \"ghcr.io/open-feature/flagd:v1\", args: [start, \"--sources=[{}]\"]}
      containers:
        - {name: flagd, args: [start, --uri, core.openfeature.dev/prod/a]}
        - name: app
          image: shop:1
          env:
            - {name: FEATURE_CART, value: \"true\"}
            - {name: PORT, value: \"80\"}
      volumes:
        - {name: flags, configMap: {name: flags-a}}
";

/// An edit, and its report: the keys of flags, and whether somebody is required.
#[track_caller]
fn reported(text: &str, edits: &[(&str, &str, &[&str], Verdict)]) {
    for (from, to, keys, verdict) in edits {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        let report = of("kubernetes", "deploy.yaml", text, &text.replace(from, to));
        let found: Vec<&str> = report.flags.iter().map(|flag| flag.key.as_str()).collect();
        assert_eq!((found.as_slice(), report.verdict), (*keys, *verdict), "{from} → {to}");
    }
}

#[test]
fn switches_of_an_environment_are_flags() {
    use Verdict::{NotRequired, Pending};
    reported(
        MAP,
        &[
            ("FEATURE_X: \"false\"", "FEATURE_X: \"true\"", &["FEATURE_X@prod/env"], Pending),
            ("ff_cart: \"100\"", "ff_cart: \"10\"", &["ff_cart@prod/env"], Pending),
            ("  FEATURE_X: \"false\"\n", "", &["FEATURE_X@prod/env"], NotRequired),
            ("debug", "info", &[], NotRequired),
            ("search: false", "search: true", &["flags in registry.yml@prod/env/registry.yml"], Pending),
        ],
    );
    // Switching off is in nobody's way.
    let on = MAP.replace("FEATURE_X: \"false\"", "FEATURE_X: \"true\"");
    reported(&on, &[("FEATURE_X: \"true\"", "FEATURE_X: \"false\"", &["FEATURE_X@prod/env"], NotRequired)]);
}

#[test]
fn a_workload_says_whose_flags_it_gets() {
    use Verdict::{NotRequired, Pending};
    reported(
        POD,
        &[
            (
                "source: prod/a",
                "source: prod/b",
                &["annotation Deployment.shop.openfeature.dev/featureflagsource@prod"],
                Pending,
            ),
            ("openfeature.dev/prod/a]", "openfeature.dev/prod/b]", &["resource Deployment.shop.flagd@prod"], Pending),
            ("--sources=[{}]", "--sources=[]", &["resource Deployment.shop.side@prod"], Pending),
            ("flagd:v1", "flagd:v2", &["resource Deployment.shop.side@prod"], NotRequired),
            ("flags-a", "flags-b", &["resource Deployment.shop.volume.flags@prod"], Pending),
            ("value: \"true\"", "value: \"false\"", &["FEATURE_CART@prod/shop/app"], NotRequired),
            ("\"80\"", "\"81\"", &[], NotRequired),
            ("shop:1", "shop:2", &[], NotRequired),
            ("replicas: 2", "replicas: 3", &[], NotRequired),
        ],
    );
}

/// The order of variables says nothing, unless one is made of those before it.
#[test]
fn variables_of_a_container_that_change_places() {
    use Verdict::{Invalid, NotRequired, Pending};
    let text = |kind: &str, name: &str, env: &[&str]| {
        let env: Vec<String> = env
            .iter()
            .map(|one| one.split_once('=').unwrap())
            .map(|(name, value)| format!("            - {{name: {name}, value: \"{value}\"}}\n"))
            .collect();
        format!(
            "kind: Deployment\nmetadata: {{name: shop, namespace: prod}}\nspec:\n  template:\n    spec:\n      {kind}:\n        - {{name: first, image: x}}\n        - name: {name}\n          env:\n{}",
            env.concat()
        )
    };
    for kind in ["containers", "initContainers"] {
        for (name, before, after, verdict) in [
            (
                "app",
                ["FEATURE_A=true", "X=1", "FEATURE_B=true"],
                ["FEATURE_B=true", "FEATURE_A=true", "X=1"],
                NotRequired,
            ),
            ("flagd", ["A=1", "B=2", "C=3"], ["C=3", "A=1", "B=2"], NotRequired),
            ("app", ["X=1", "Y=2", "FEATURE_A=$(X)"], ["Y=2", "FEATURE_A=$(X)", "X=1"], Pending),
            ("app", ["X=1", "Y=2", "FEATURE_A=$(X)"], ["X=0", "Y=2", "FEATURE_A=$(X)"], Pending),
            (
                "app",
                ["FEATURE_X=true", "Y=2", "FEATURE_A=$(FEATURE_X)"],
                ["FEATURE_A=$(FEATURE_X)", "FEATURE_X=true", "Y=2"],
                Pending,
            ),
            ("flagd", ["A=1", "B=2", "C=$(A)"], ["C=$(A)", "A=1", "B=2"], Pending),
            ("flagd", ["A=1", "B=2", "A=3"], ["A=3", "B=2", "A=1"], Pending),
            // The last of two counts.
            (
                "app",
                ["FEATURE_A=true", "X=1", "FEATURE_A=false"],
                ["FEATURE_A=false", "X=1", "FEATURE_A=true"],
                Invalid,
            ),
        ] {
            let report = of("kubernetes", "deploy.yaml", &text(kind, name, &before), &text(kind, name, &after));
            assert_eq!(report.verdict, verdict, "{kind} {name} {before:?} → {after:?}");
        }
    }
    // Containers have names, and their order says nothing.
    let both = |first: &str, second: &str| {
        let one = |name: &str| {
            let value = name == "app";
            format!("        - {{name: {name}, env: [{{name: FEATURE_A, value: \"{value}\"}}]}}\n")
        };
        format!("kind: Pod\nmetadata: {{name: shop}}\nspec:\n      containers:\n{}{}", one(first), one(second))
    };
    let report = of("kubernetes", "pod.yaml", &both("app", "side"), &both("side", "app"));
    assert_eq!((report.verdict, report.flags.len()), (NotRequired, 0));
}

#[test]
fn a_kustomization_needs_approval() {
    use Verdict::{NotRequired, Pending};
    let file = "resources: [base]\npatches: [{path: p.yaml}]\nimages: [{name: a, newTag: v1}]\n";
    let of = |path: &str, from: &str, to: &str| super::reviewed::of("kubernetes", path, file, &file.replace(from, to));
    for path in ["prod/kustomization.yaml", "kustomization.yml"] {
        assert_eq!(of(path, "{path: p.yaml}", "").verdict, Pending);
        assert_eq!(of(path, "resources: [base]", "resources: [base]\nnamespace: x").verdict, Pending);
        assert_eq!(of(path, "v1", "v2").verdict, NotRequired);
    }
    let patch = "- {op: replace, path: /spec/flagSpec/flags/a/defaultVariant, value: \"on\"}\n";
    let report = super::reviewed::of("kubernetes", "p.yaml", patch, &patch.replace("\"on\"", "\"off\""));
    assert_eq!(report.verdict, Pending);
}

#[test]
fn sources_of_featurevisor_need_approval() {
    for (path, text) in [("targets/web.yml", "tags: [a]\n"), ("schemas/color.yml", "type: string\ndefault: red\n")] {
        let report = of("featurevisor", path, text, &text.replace("[a]", "[a, b]").replace("red", "blue"));
        assert_eq!(report.verdict, Verdict::Pending, "{path}");
    }
    // A folder in the name of a segment may be written with a point.
    let feature = "bucketBy: id\nrules: {production: [{key: p, segments: geo.eu, percentage: 100}]}\n";
    let segment = "conditions: [{attribute: c, operator: equals, value: de}]\n";
    let side = |segment: &str| super::parts::files(&[("features/c.yml", feature), ("segments/geo/eu.yml", segment)]);
    let report = super::judged("featurevisor", &side(segment), &side(&segment.replace("value: de", "value: fr")));
    assert_eq!(report.flags.iter().map(|flag| flag.key.as_str()).collect::<Vec<_>>(), ["c@production"]);
    assert!(report.diagnostics.iter().all(|one| one.id.to_string() != "no-such-segment"), "{:#?}", report.diagnostics);
}

const PLACES: &str = "entities: [{at: '*', key: ['@key', name], live: [{when: {at: enabled, is: true}, is: live}], fields: {variants: {at: bits, list: positional}}}]\n";

/// Without one item of a list in which the place means something, those that follow are in another place.
#[test]
fn what_follows_moves_up() {
    let before = "- {name: a, enabled: true}\n- {name: b, enabled: true}\n- {name: c, enabled: false}\n- {name: d, enabled: true}\n";
    let report = own(PLACES, before, &before.replace("- {name: b, enabled: true}\n", ""));
    let renamed: Vec<(&str, Option<&str>)> =
        report.flags.iter().map(|flag| (flag.key.as_str(), flag.renamed_to.as_deref())).collect();
    let expected = [("1.b", None), ("2.c", Some("1.c")), ("3.d", Some("2.d"))];
    assert!(expected.iter().all(|one| renamed.contains(one)), "{renamed:?}");
    let before = "- {name: a, enabled: true, bits: [x, v, z]}\n";
    let report = own(PLACES, before, &before.replace("v, z", "z"));
    assert_eq!(changes(&report), ["0.a variants bits/1: v → z @1", "0.a variants bits/2: z → null @1"]);
}

/// The rest of a file may be most of it.
#[test]
fn what_nobody_knows_has_its_own_line() {
    const MAPPING: &str = "entities: [{at: \"flags/*\", live: [{when: {at: \"on\", is: true}, is: live}]}]\n";
    const FILE: &str = "flags:\n  a: {\"on\": true, who: {team: x}}\nother:\n  x: 1\n  list:\n    - 1\n    - {z: 2}\n";
    let of = |after: &str| changes(&own(MAPPING, FILE, after));
    assert_eq!(of(&FILE.replace("z: 2", "z: 3")), ["the rest of flags.yml rest other/list/1/z: 2 → 3 @7"]);
    assert_eq!(
        of(&FILE.replace("x: 1", "x: 2").replace("z: 2", "z: 2, q: 1")),
        ["the rest of flags.yml rest other/x: 1 → 2 @4", "the rest of flags.yml rest other/list/1/q: null → 1 @7"]
    );
    assert_eq!(of(&FILE.replace("team: x", "team: b")), ["a rest who/team: x → b @2"]);
    assert_eq!(own(MAPPING, FILE, &FILE.replace("z: 2", "z: 3")).verdict, Verdict::Pending);
}

/// A kustomization may lay a patch over the resources that have a label.
#[test]
fn a_label_that_a_kustomization_selects_by() {
    let map = |label: &str, on: bool| {
        format!("kind: ConfigMap\nmetadata: {{name: m, {label}}}\ndata: {{SEARCH_ENABLED: '{on}', OTHER: a}}\n")
    };
    let selecting = |selector: &str| {
        format!("resources: [../base]\npatches:\n- path: patch.yaml\n  target: {{kind: ConfigMap{selector}}}\n")
    };
    let patch = "kind: ConfigMap\nmetadata: {name: any}\ndata: {SEARCH_ENABLED: 'true'}\n";
    let judge = |selector: &str, before: &str, after: &str, labels: [&str; 2]| {
        let side = |map: &str, label: &str| {
            let base = format!("resources: [map.yaml]\nlabels: [{{pairs: {{a: {label}}}}}]\n");
            super::parts::files(&[
                ("k8s/base/map.yaml", map),
                ("k8s/base/kustomization.yaml", &base),
                ("k8s/prod/kustomization.yaml", &selecting(selector)),
                ("k8s/prod/patch.yaml", patch),
            ])
        };
        let report = super::judged("kubernetes", &side(before, labels[0]), &side(after, labels[1]));
        let pending = report.flags.iter().filter(|flag| flag.verdict == Verdict::Pending);
        (report.verdict, pending.map(|flag| flag.key.clone()).collect::<Vec<_>>())
    };
    let (front, back) = (map("labels: {tier: front}", false), map("labels: {tier: back}", false));
    let noted = map("annotations: {note: x}", false);
    let plain = map("uid: u", false);
    let same = ["x", "x"];
    let labels = ", labelSelector: tier=front";
    let asks = (Verdict::Pending, vec!["resource Kustomization.k8s/prod".to_owned()]);
    let free = (Verdict::NotRequired, Vec::new());
    for (before, after) in [(&back, &front), (&front, &back), (&plain, &front), (&front, &plain)] {
        assert_eq!(judge(labels, before, after, same), asks, "{before}{after}");
        assert_eq!(judge("", before, after, same), free, "{before}{after}");
        assert_eq!(judge(", annotationSelector: note=x", before, after, same), free, "{before}{after}");
    }
    assert_eq!(judge(", annotationSelector: note=x", &plain, &noted, same), asks);
    assert_eq!(judge(labels, &plain, &noted, same), free);
    // Labels that another kustomization gives.
    assert_eq!(judge(labels, &front, &front, ["x", "y"]), asks);
    assert_eq!(judge("", &front, &front, ["x", "y"]), free);
    // Its switches are free as before.
    assert_eq!(judge(labels, &map("labels: {tier: front}", true), &front, same), free);
}
