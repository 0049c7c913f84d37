//! Resources of Kubernetes that decide which flags are served.

use std::collections::BTreeMap;

use countersign::format;
use countersign::report::Verdict;

use super::parts::files;
use super::reviewed::{changes, of};
use super::{judged, read};

/// The verdict on a file in which `from` becomes `to`.
fn edited(text: &str, from: &str, to: &str) -> Verdict {
    assert!(text.contains(from), "{from}");
    of("kubernetes", "k8s/a.yaml", text, &text.replacen(from, to, 1)).verdict
}

const OPERATOR: &str = "apiVersion: core.openfeature.dev/v1beta1
kind: Flagd
metadata: {name: flagd, namespace: p}
spec: {featureFlagSource: end-to-end}
---
apiVersion: core.openfeature.dev/v1beta1
kind: InProcessConfiguration
metadata: {name: in, namespace: p}
spec: {host: flagd, offlineFlagSourcePath: /a, selector: x}
---
apiVersion: core.openfeature.dev/v1alpha1
kind: FeatureFlagConfiguration
metadata: {name: f, namespace: p}
spec:
  syncProvider: {name: kubernetes}
  flagDSpec: {envs: [{name: A, value: b}]}
  resources: {limits: {memory: 1Mi}}
  featureFlagSpec: {flags: {x: {state: ENABLED, variants: {\"on\": true}, defaultVariant: \"on\"}}}
";

#[test]
fn resources_that_say_which_flags_are_served() {
    for (from, to) in [
        ("end-to-end", "other"),
        ("host: flagd", "host: other"),
        ("Path: /a", "Path: /b"),
        ("selector: x", "selector: y"),
        ("name: kubernetes", "name: http"),
        ("value: b", "value: c"),
        ("  syncProvider: {name: kubernetes}\n", ""),
        ("  syncProvider", "  serviceProvider: {name: other}\n  syncProvider"),
    ] {
        assert_eq!(edited(OPERATOR, from, to), Verdict::Pending, "{from}");
    }
    assert_eq!(edited(OPERATOR, "1Mi", "2Mi"), Verdict::NotRequired);
    let more = format!("{OPERATOR}---\nkind: Flagd\nmetadata: {{name: new}}\nspec: {{featureFlagSource: x}}\n");
    assert_eq!(of("kubernetes", "k8s/a.yaml", OPERATOR, &more).verdict, Verdict::Pending);
}

/// Annotations are no edit of the flags, which may be switched off all the same.
#[test]
fn annotations_that_take_a_resource_away() {
    let flag = "apiVersion: core.openfeature.dev/v1beta1\nkind: FeatureFlag\nmetadata:\n  name: f\n  labels: {a: b}\nspec:\n  flagSpec: {flags: {x: {state: ENABLED, variants: {\"on\": true}, defaultVariant: \"on\"}}}\n";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: f\n  labels: {a: b}\ndata: {FEATURE_X: 'true'}\n";
    for text in [flag, map] {
        for (key, verdict) in [
            ("config.kubernetes.io/local-config", Verdict::Pending),
            ("argocd.argoproj.io/hook", Verdict::Pending),
            ("kustomize.toolkit.fluxcd.io/reconcile", Verdict::Pending),
            // A kustomization may select resources by any of them.
            ("example.com/env", if text == flag { Verdict::Pending } else { Verdict::NotRequired }),
            ("kubectl.kubernetes.io/last-applied-configuration", Verdict::NotRequired),
        ] {
            let to = format!("  annotations: {{{key}: 'true'}}\n  labels");
            assert_eq!(edited(text, "  labels", &to), verdict, "{key}");
            let with = text.replace("  labels", &to);
            let off = with.replace("ENABLED", "DISABLED").replace("FEATURE_X: 'true'", "FEATURE_X: 'false'");
            assert_eq!(of("kubernetes", "k8s/a.yaml", &with, &off).verdict, Verdict::NotRequired, "{key}");
        }
    }
}

/// Each resource has them once it is built.
#[test]
fn annotations_of_a_kustomization() {
    let before = "resources: [a.yaml]\ncommonLabels: {app: shop}\n";
    for (line, verdict) in [
        ("commonAnnotations: {config.kubernetes.io/local-config: 'true'}\n", Verdict::Pending),
        ("commonAnnotations: {kapp.k14s.io/noop: ''}\n", Verdict::Pending),
        ("commonAnnotations: {description: the shop}\n", Verdict::NotRequired),
    ] {
        let after = format!("{before}{line}");
        assert_eq!(of("kubernetes", "k8s/kustomization.yaml", before, &after).verdict, verdict, "{line}");
    }
}

/// Anything that is none of flagd's under the name of a flag is said of one.
#[test]
fn documents_under_the_name_of_a_flag() {
    let before = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app-config}\ndata:\n  FEATURE_FLAGS: '{\"checkout\": false}'\n  FEATURE_USERS: '[\"ann\"]'\n  FEATURE_MODE: 'off'\n  SETTINGS: '{\"port\": 1}'\n";
    for (from, to, verdict) in [
        ("\"checkout\": false", "\"checkout\": true", Verdict::Pending),
        ("[\"ann\"]", "[\"ann\", \"bob\"]", Verdict::Pending),
        ("MODE: 'off'", "MODE: '[on]'", Verdict::Pending),
        ("MODE: 'off'", "MODE: '{on: 1}'", Verdict::Pending),
        ("  SETTINGS", "  FEATURE_NEW: '{\"enabled\": true}'\n  SETTINGS", Verdict::Pending),
        ("'{\"checkout\": false}'", "|\n    {\n    \"checkout\": true}", Verdict::Pending),
        ("  SETTINGS", "  features.properties: |\n    search=true\n  SETTINGS", Verdict::Pending),
        ("metadata", "$patch: delete\nmetadata", Verdict::Pending),
        ("data:\n", "data:\n  $patch: replace\n", Verdict::Pending),
        ("\"port\": 1", "\"port\": 2", Verdict::NotRequired),
    ] {
        assert_eq!(edited(before, from, to), verdict, "{to}");
    }
    let lines = before.replace("'{\"checkout\": false}'", "|\n    {\n      \"checkout\": false\n    }");
    assert_eq!(edited(&lines, "false\n    }", "true\n    }"), Verdict::Pending);
}

/// Every builder of resources takes the items out of any list.
#[test]
fn lists_of_any_kind_have_resources() {
    let flag = |state: &str| {
        format!(
            "apiVersion: core.openfeature.dev/v1beta1\nkind: FeatureFlag\nmetadata: {{name: f}}\nspec: {{flagSpec: {{flags: {{x: {{state: {state}, variants: {{\"on\": true}}, defaultVariant: \"on\"}}}}}}}}\n"
        )
    };
    for kind in ["FooList", "ResourceList", "List"] {
        let list = |state: &str| {
            let lines = flag(state).trim_end().replace('\n', "\n    ");
            format!("apiVersion: v1\nkind: {kind}\nitems:\n  - {lines}\n")
        };
        for (before, after) in [(flag("DISABLED"), list("ENABLED")), (list("DISABLED"), list("ENABLED"))] {
            assert_eq!(of("kubernetes", "a.yaml", &before, &after).verdict, Verdict::Pending, "{kind}");
        }
    }
}

/// A directive says how a patch is laid over a resource, and may take anything of that away, wherever it stands.
#[test]
fn directives_of_patches_are_about_flags() {
    let patch = |env: &str, container: &str, pod: &str| {
        format!(
            "kind: Deployment\nmetadata: {{name: d}}\nspec:\n  template:\n    spec:\n      containers: [{{name: c, env: [{env}]{container}}}]\n{pod}"
        )
    };
    let off = "{name: FEATURE_Y, value: 'false'}";
    let before = patch(off, "", "");
    for after in [
        patch(&format!("{off}, {{$patch: replace}}"), "", ""),
        patch("{name: FEATURE_Y, value: 'false', $patch: delete}", "", ""),
        patch(off, ", $patch: delete", ""),
        patch(off, ", $retainKeys: [name]", ""),
        patch(off, "", "      $patch: replace\n"),
        patch(off, "", "      $deleteFromPrimitiveList/x: [a]\n"),
        format!("$patch: delete\n{before}"),
        before.replace(&format!("[{off}]"), "null"),
        before.replace("[{name: c", "null\n      volumes: [{name: c"),
        "kind: Deployment\nmetadata: {name: d}\nspec: {template: null}\n".to_owned(),
        "kind: Deployment\nmetadata: {name: d}\nspec:\n".to_owned(),
    ] {
        assert_eq!(of("kubernetes", "a.yaml", &before, &after).verdict, Verdict::Pending, "{after}");
        assert_eq!(of("kubernetes", "a.yaml", &after, &before).verdict, Verdict::Pending, "{after}");
    }
    let map = "kind: ConfigMap\nmetadata: {name: m}\ndata: {LOG: a}\n";
    assert_eq!(of("kubernetes", "a.yaml", map, &map.replace("{LOG: a}", "null")).verdict, Verdict::Pending);
    // Several patches of one resource are told apart by their files.
    let other = |name: &str| (format!("k8s/{name}.yaml"), patch("", &format!(", x: {name}, $patch: delete"), ""));
    let patches = "patches: [{path: one.yaml}, {path: two.yaml}]\n".to_owned();
    let one = BTreeMap::from([other("one"), ("k8s/kustomization.yaml".to_owned(), patches)]);
    let both = one.clone().into_iter().chain([other("two")]).collect();
    let report = judged("kubernetes", &one, &both);
    assert_eq!((report.verdict, report.diagnostics.len()), (Verdict::Pending, 0), "{:?}", report.diagnostics);
    let on = patch("{name: FEATURE_Y, value: 'true'}, {$patch: replace}", "", "");
    assert_eq!(of("kubernetes", "a.yaml", &on, &on.replace("'true'", "'false'")).verdict, Verdict::NotRequired);
    assert_eq!(of("kubernetes", "a.yaml", &on.replace("'true'", "'false'"), &on).verdict, Verdict::Pending);
}

/// Patches of one resource in one file are parts by themselves, whose order counts, and each needs approval.
#[test]
fn patches_of_one_file_are_told_apart() {
    let patch = |name: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: shop}}\nspec: {{template: {{spec: {{containers: [{{name: {name}, $patch: delete}}]}}}}}}\n"
        )
    };
    let kustomization = "resources: [../base]\npatches: [{path: p.yaml}]\n";
    let report = |before: &str, after: &str| {
        let side = |text: &str| files(&[("k8s/kustomization.yaml", kustomization), ("k8s/p.yaml", text)]);
        judged("kubernetes", &side(before), &side(after))
    };
    let both = |one: &str, two: &str| format!("{}---\n{}", patch(one), patch(two));
    for (before, after) in [
        (patch("a"), both("a", "b")),
        (both("a", "b"), both("a", "c")),
        (both("a", "b"), both("b", "a")),
        (both("a", "b"), patch("a")),
        (both("a", "b"), patch("b")),
        (patch("a"), both("a", "a")),
    ] {
        let report = report(&before, &after);
        assert_eq!(
            (report.verdict, report.diagnostics.len()),
            (Verdict::Pending, 0),
            "{after}{:?}",
            report.diagnostics
        );
    }
    assert_eq!(report(&both("a", "b"), &both("a", "b")).flags.len(), 0);
}

/// Of both, `valueFrom` counts where the value is empty.
#[test]
fn a_variable_from_elsewhere_is_not_known_to_be_off() {
    let pod = |list: &str, more: &str| {
        format!(
            "kind: Pod\nmetadata: {{name: a}}\nspec: {{{list}: [{{name: c, env: [{{name: FEATURE_X, {more}}}]}}]}}\n"
        )
    };
    for list in ["containers", "initContainers"] {
        for value in ["value: '', ", "value: 'false', ", ""] {
            let after = pod(list, &format!("{value}valueFrom: {{configMapKeyRef: {{name: x, key: y}}}}"));
            let report = of("kubernetes", "a.yaml", &pod(list, "value: 'false'"), &after);
            assert_eq!(report.verdict, Verdict::Pending, "{after}");
        }
    }
}

/// A container has the value of the map if it says none itself.
#[test]
fn a_variable_that_goes_may_be_one_of_a_map() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: feature-flags}\ndata: {FEATURE_X: 'true'}\n";
    let own = "env: [{name: FEATURE_X, value: 'false'}], ";
    let workload = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: shop}}\nspec: {{template: {{spec: {{containers: [{{name: shop, {own}envFrom: [{{configMapRef: {{name: feature-flags}}}}]}}]}}}}}}\n"
    );
    let files = |map: &str, workload: &str| {
        BTreeMap::from([("k8s/map.yaml".to_owned(), map.to_owned()), ("k8s/shop.yaml".to_owned(), workload.to_owned())])
    };
    let off = map.replace("'true'", "'false'");
    for (map, verdict) in [(map, Verdict::Pending), (off.as_str(), Verdict::NotRequired)] {
        let after = files(map, &workload.replace(own, ""));
        assert_eq!(judged("kubernetes", &files(map, &workload), &after).verdict, verdict, "{map}");
        // The same where both stand in one file.
        let one = |workload: &str| format!("{map}---\n{workload}");
        let report = of("kubernetes", "k8s/all.yaml", &one(&workload), &one(&workload.replace(own, "")));
        assert_eq!(report.verdict, verdict, "{map}");
    }
}

/// A map of variables; its name and one of them are replaced.
const MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app-config, namespace: p}\ndata:\n  LOG_LEVEL: info\n  FEATURE_CART: 'false'\n  NAME: 'false'\n  URL: 'http://a'\n";

#[test]
fn maps_that_are_called_like_a_list_of_flags() {
    for (name, verdict) in [
        ("open-feature-demo-env-flag-config", Verdict::Pending),
        ("feature-config", Verdict::Pending),
        ("shop-flag-values", Verdict::Pending),
        ("flagd-config", Verdict::NotRequired),
        ("app-config", Verdict::NotRequired),
    ] {
        let before = MAP.replace("app-config", name).replace("NAME", "NEW_WELCOME_MESSAGE");
        let after = before.replace("NEW_WELCOME_MESSAGE: 'false'", "NEW_WELCOME_MESSAGE: 'true'");
        assert_ne!(before, after);
        assert_eq!(of("kubernetes", "a.yaml", &before, &after).verdict, verdict, "{name}");
    }
}

#[test]
fn settings_that_are_called_like_a_flag() {
    for (name, on, off) in [
        ("NEW_CHECKOUT_ENABLED", Verdict::Pending, Verdict::NotRequired),
        ("ENABLE_CHECKOUT", Verdict::Pending, Verdict::NotRequired),
        ("enableCheckout", Verdict::Pending, Verdict::NotRequired),
        ("checkout.enabled", Verdict::Pending, Verdict::NotRequired),
        ("checkout-enabled", Verdict::Pending, Verdict::NotRequired),
        ("IS_BETA", Verdict::Pending, Verdict::NotRequired),
        ("ROLLOUT_X", Verdict::Pending, Verdict::NotRequired),
        ("SWITCH_X", Verdict::Pending, Verdict::NotRequired),
        ("AB_TEST_X", Verdict::Pending, Verdict::NotRequired),
        // Where it is off users have what it takes away.
        ("DISABLE_CHECKOUT", Verdict::Pending, Verdict::Pending),
        ("CHECKOUT_DISABLED", Verdict::Pending, Verdict::Pending),
        ("MAINTENANCE_MODE", Verdict::Pending, Verdict::Pending),
        ("USE_PROXY", Verdict::NotRequired, Verdict::NotRequired),
    ] {
        let before = MAP.replace("NAME", name);
        let after = before.replace(&format!("{name}: 'false'"), &format!("{name}: 'true'"));
        assert_ne!(before, after);
        assert_eq!(of("kubernetes", "a.yaml", &before, &after).verdict, on, "{name}");
        assert_eq!(of("kubernetes", "a.yaml", &after, &before).verdict, off, "{name}");
    }
    // A setting that no mapping reads is no change of the flag next to it.
    let report = of("kubernetes", "a.yaml", MAP, &MAP.replace("info", "debug"));
    assert_eq!((report.verdict, report.flags.len()), (Verdict::NotRequired, 0));
    assert_eq!(
        changes(&of("kubernetes", "a.yaml", MAP, &MAP.replace("FEATURE_CART: 'false'", "FEATURE_CART: 'true'"))).len(),
        2
    );
}

#[test]
fn a_container_has_such_settings_too() {
    let of = |list: &str, name: &str, from: &str, to: &str| {
        let text = |value: &str| {
            format!(
                "kind: Deployment\nmetadata: {{name: a}}\nspec: {{template: {{spec: {{{list}: [{{name: c, env: [{{name: {name}, value: '{value}'}}]}}]}}}}}}\n"
            )
        };
        of("kubernetes", "a.yaml", &text(from), &text(to)).verdict
    };
    for list in ["containers", "initContainers"] {
        assert_eq!(of(list, "CART_ENABLED", "false", "true"), Verdict::Pending);
        assert_eq!(of(list, "CART_ENABLED", "true", "false"), Verdict::NotRequired);
        assert_eq!(of(list, "DISABLE_CART", "true", "false"), Verdict::Pending);
    }
}

/// A container's variable stands over what the pod takes from a map; in another container it does not.
#[test]
fn an_exception_that_goes_to_another_resource_is_gone() {
    let pod = |holder: &str| {
        let env = |name: &str| if name == holder { "env: [{name: FEATURE_CART, value: 'false'}]" } else { "tty: true" };
        let container = |name: &str| format!("[{{name: {name}, {}}}]", env(name));
        format!(
            "kind: Deployment\nmetadata: {{name: a}}\nspec: {{template: {{spec: {{containers: {}, initContainers: {}}}}}}}\n",
            container("web"),
            container("setup")
        )
    };
    let map = MAP.replace("FEATURE_CART: 'false'", "FEATURE_CART: 'true'");
    let all = |holder: &str| format!("{map}---\n{}", pod(holder));
    let to = |holder: &str| of("kubernetes", "a.yaml", &all("web"), &all(holder)).verdict;
    assert_eq!(to("setup"), Verdict::Pending);
    assert_eq!(to("web"), Verdict::NotRequired);
}

#[test]
fn all_of_a_map_that_is_called_like_a_list_of_flags() {
    let tekton = MAP.replace("app-config", "feature-flags").replace("NAME", "disable-affinity");
    let keys = |text: &str| {
        let flags = read("kubernetes", "a.yaml", text).0;
        flags.iter().map(|flag| format!("{} {}", flag.key, flag.state.word)).collect::<Vec<_>>()
    };
    assert_eq!(
        keys(&tekton),
        [
            "LOG_LEVEL@p/feature-flags unknown",
            "FEATURE_CART@p/feature-flags inactive",
            "disable-affinity@p/feature-flags inactive",
            "URL@p/feature-flags unknown"
        ]
    );
    for name in ["feature-flags", "config-features", "shop-toggles", "flags", "feature-flags-prod"] {
        let text = MAP.replace("app-config", name);
        assert_eq!(edited(&text, "NAME: 'false'", "NAME: 'true'"), Verdict::Pending, "{name}");
        assert_eq!(edited(&text, "info", "debug"), Verdict::Pending, "{name}");
        let on = text.replace("NAME: 'false'", "NAME: 'true'");
        assert_eq!(edited(&on, "NAME: 'true'", "NAME: 'false'"), Verdict::NotRequired, "{name}");
        // A document that is none of flagd's, and one that is.
        let document = format!("{text}  a.properties: |\n    new.cart=false\n    b=c\n");
        assert_eq!(edited(&document, "new.cart=false", "new.cart=true"), Verdict::Pending, "{name}");
        let flagd = format!(
            "{text}  a.yaml: |\n    flags:\n      x: {{state: DISABLED, variants: {{a: 1}}, defaultVariant: a}}\n"
        );
        assert_eq!(edited(&flagd, "DISABLED", "ENABLED"), Verdict::Pending, "{name}");
        assert_eq!(
            edited(&flagd.replace("DISABLED", "ENABLED"), "ENABLED", "DISABLED"),
            Verdict::NotRequired,
            "{name}"
        );
        // Knative and Tekton describe their settings so.
        let example = format!("{text}  _example: |\n    a: b\n    c: d\n");
        assert_eq!(edited(&example, "a: b", "a: c"), Verdict::NotRequired, "{name}");
        let found = format::known::known("config/config-feature-flags.yaml", text.as_bytes()).unwrap();
        assert_eq!((found.known.id, found.flags), (Some("kubernetes"), 4), "{name}");
    }
}

/// To Kubernetes a key without quotes may be true: then it is no longer what the flag names. One that is there already
/// stops nobody.
#[test]
fn a_key_that_kubernetes_takes_for_true_is_refused() {
    let resource = |key: &str, serves: &str| {
        format!(
            "kind: FeatureFlag\nmetadata: {{name: x, namespace: p}}\nspec:\n  flagSpec:\n    flags:\n      f:\n        state: ENABLED\n        variants: {{{key}: true, \"off\": false}}\n        defaultVariant: \"{serves}\"\n"
        )
    };
    let quoted = resource("\"on\"", "off");
    assert_eq!(edited(&quoted, "\"on\"", "on"), Verdict::Invalid);
    assert_eq!(edited("kind: Service\n", "kind: Service\n", &resource("on", "off")), Verdict::Invalid);
    assert_eq!(edited(&resource("on", "off"), "ENABLED", "DISABLED"), Verdict::NotRequired);
    assert_eq!(edited(&resource("on", "off"), "\"off\": false", "\"off\": false, c: true"), Verdict::Pending);
    assert_eq!(edited(&resource("on", "off"), "on:", "\"on\":"), Verdict::Pending);
}

/// A setting that a patch leaves to the map that a kustomization makes of files may be on there.
#[test]
fn a_patch_of_a_generated_map_leaves_what_that_has() {
    let kustomization =
        |how: &str| format!("kind: Kustomization\nconfigMapGenerator:\n- {{name: shop-feature-flags, {how}}}\n");
    let patch = |data: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: shop-feature-flags}}\ndata: {{{data}}}\n")
    };
    let judge = |kustomization: &str, before: &str, after: &str| {
        let side = |data: &str| {
            files(&[("base/kustomization.yaml", kustomization), ("overlays/prod/patch.yaml", &patch(data))])
        };
        judged("kubernetes", &side(before), &side(after)).verdict
    };
    let (both, one) = ("FEATURE_A: 'false', FEATURE_B: 'true'", "FEATURE_B: 'true'");
    for how in ["literals: [FEATURE_A=true]", "envs: [flags.env]", "files: [FEATURE_A]"] {
        assert_eq!(judge(&kustomization(how), both, one), Verdict::Pending, "{how}");
        assert_eq!(judge(&kustomization(how), both, &both.replace("true", "false")), Verdict::NotRequired, "{how}");
    }
    // A map of another name.
    let other = kustomization("envs: [flags.env]").replace("shop-", "cart-");
    assert_eq!(judge(&other, both, one), Verdict::NotRequired);
}
