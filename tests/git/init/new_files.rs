//! Files that come after `init`: a new flag file is in a project as those are that were there, and is reviewed.

use std::fs;

use super::INIT;
use crate::empty::countersign;
use crate::world::World;

pub const GOFF: &str = "a:\n  variations: {\"on\": true, \"off\": false}\n  defaultRule: {variation: \"off\"}\n";
pub const FLIPT: &str =
    "version: \"1.5\"\nnamespace: default\nflags:\n- {key: a, name: A, type: VARIANT_FLAG_TYPE, enabled: true}\n";
const GITLAB: &str =
    "---\nname: foo\nintroduced_by_url:\nmilestone: '15.9'\ntype: ops\ngroup: group::a\ndefault_enabled: true\n";
pub const FEATURE: &str = "description: x\ntags: [all]\nbucketBy: userId\nrules:\n  production:\n    - {key: all, segments: s, percentage: 100}\n";
const FEATURE_OF_ALL: &str = "description: x\ntags: [all]\nbucketBy: userId\nrules:\n  production:\n    - {key: all, segments: \"*\", percentage: 100}\n";
pub const SETTINGS: &str = "{\"FeatureManagement\": {\"Beta\": true}}";
const KUBERNETES: &str = "apiVersion: core.openfeature.dev/v1beta1\nkind: FeatureFlag\nmetadata: {name: x}\nspec:\n  flagSpec:\n    flags:\n      a: {state: ENABLED, variants: {\"on\": true}, defaultVariant: \"on\"}\n";
pub const FLAGD: &str =
    "{\"flags\": {\"a\": {\"state\": \"ENABLED\", \"variants\": {\"on\": true}, \"defaultVariant\": \"on\"}}}";
pub const STUDY: &str =
    "[{name: 'A', experiment: [{name: 'x', probability_weight: 100,}], filter: {channel: ['RELEASE']}}]";
const FEATURE_OF_DUCKDUCKGO: &str =
    "{\"state\": \"enabled\", \"exceptions\": [], \"features\": {\"x\": {\"state\": \"enabled\"}}}";

/// A file that is there, one that comes, its text and the key of a flag in it.
const COMES: &[(&str, &str, &str, &str)] = &[
    ("flags/a.goff.yaml", "flags/b.goff.yaml", GOFF, "b"),
    ("flags/a.goff.yaml", "services/pay/b.goff.yml", GOFF, "b"),
    ("flipt/features.yaml", "flipt/shop/features.yml", FLIPT, "b"),
    ("config/feature_flags/ops/foo.yml", "config/feature_flags/beta/bar.yml", GITLAB, "bar"),
    ("features/a.yml", "features/shop/b.yml", FEATURE_OF_ALL, "shop/b"),
    ("src/appsettings.json", "src/appsettings.Staging.json", SETTINGS, "Delta"),
    ("deploy/flags.yaml", "deploy/more.yaml", KUBERNETES, "flag deploy/b "),
    ("flags/a.flagd.json", "flags/team/b.flagd.json", FLAGD, "b"),
    ("studies/AStudy.json5", "studies/BStudy.json5", STUDY, "B"),
    ("features/a.json", "features/b.json", FEATURE_OF_DUCKDUCKGO, "b.x"),
    ("config/feature_flags.yml", "config/feature_flags.production.yml", "a: true\nc: false\n", "b@production"),
    ("flags/features.yml", "flags/toggles.yml", "a: true\nc: false\n", "b"),
];

#[test]
fn a_new_file_like_the_old_ones_is_reviewed() {
    for (there, comes, text, key) in COMES {
        let world = World::with(&[(there, text), ("package.json", "{\"name\": \"x\"}\n"), ("src/main.rs", "")]);
        let (said, code) = countersign(&world, INIT);
        let (linted, clean) = countersign(&world, &["lint"]);
        assert_eq!((linted.as_str(), clean, code), ("no diagnostics\n", 0, 0), "{there}: {said}");
        world.commit(&[]);
        world.git(&["checkout", "-qb", "later"]);
        let other = text
            .replace("a:", "b:")
            .replace("\nc:", "\nd:")
            .replace("\"a\"", "\"b\"")
            .replace("key: a", "key: b")
            .replace("name: foo", "name: bar")
            .replace("Beta", "Delta")
            .replace("'A'", "'B'");
        world.commit(&[(comes, &other)]);
        let (reported, _) = countersign(&world, &["check", "--all"]);
        assert!(reported.contains(key) && reported.contains("pending: "), "{comes}: {reported}\n{said}");
    }
}

/// Files of environments are one project, each a scope, so that one of another environment is reviewed too.
#[test]
fn files_of_environments_are_scopes() {
    for (there, comes, text) in [
        (["appsettings.json", "appsettings.Production.json"], "appsettings.Staging.json", SETTINGS),
        (
            ["config/feature_flags.production.yml", "config/feature_flags.staging.yml"],
            "config/feature_flags.qa.yml",
            "a: true\n",
        ),
    ] {
        let world = World::with(&[(there[0], text), (there[1], text), ("package.json", "{\"name\": \"x\"}\n")]);
        let (said, code) = countersign(&world, INIT);
        assert_eq!((countersign(&world, &["lint"]), code), (("no diagnostics\n".to_owned(), 0), 0), "{said}");
        assert_eq!(said.lines().filter(|line| line.starts_with("found  ")).count(), 1, "{said}");
        world.commit(&[]);
        world.git(&["checkout", "-qb", "later"]);
        world.commit(&[(comes, text)]);
        let (reported, _) = countersign(&world, &["check"]);
        let scope = comes.split('.').nth(1).unwrap();
        assert!(
            reported.contains(&format!("@{scope}")) && reported.contains("pending: "),
            "{comes}: {reported}\n{said}"
        );
    }
}

/// Features, segments, groups and what the last build gave whom are one project: a segment reaches the features that
/// name it.
#[test]
fn all_of_featurevisor_is_one_project() {
    for around in ["", "sets/shop/", "config/flags/"] {
        let path = |name: &str| format!("{around}{name}");
        let files = [
            (path("features/a.yml"), FEATURE),
            (path("features/shop/b.yml"), FEATURE),
            (path("segments/s.yml"), "description: s\nconditions: \"*\"\n"),
            (path("groups/g.yml"), "description: g\nslots: [{feature: a, percentage: 100}]\n"),
            (path("attributes/userId.yml"), "type: string\ndescription: u\n"),
            (path(".featurevisor/REVISION"), "12\n"),
            (path(".featurevisor/existing-state-production.json"), "{\"features\": {\"a\": {\"traffic\": []}}}"),
            (path("featurevisor.config.js"), "module.exports = {}\n"),
        ];
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let world = World::with(&files);
        let (said, _) = countersign(&world, INIT);
        assert_eq!(said.lines().filter(|line| line.starts_with("found  ")).count(), 1, "{said}");
        assert!(said.starts_with("found  2 flags (Featurevisor) in "), "{said}");
        assert_eq!(countersign(&world, &["lint"]), ("no diagnostics\n".to_owned(), 0));
        world.commit(&[]);
        world.git(&["checkout", "-qb", "later"]);
        // A setting of where features are read is no flag, and decides all of them.
        world.commit(&[(&path("featurevisor.config.js"), "module.exports = {environments: []}\n")]);
        let (settings, _) = countersign(&world, &["check"]);
        assert!(settings.contains("Policy change") && settings.contains("pending"), "{settings}");
        world.git(&["reset", "-q", "--hard", "HEAD~1"]);
        world.commit(&[
            (&path("segments/s.yml"), "description: s\nconditions: [{attribute: a, operator: equals, value: b}]\n"),
            (&path("groups/g.yml"), "description: g\nslots: [{feature: a, percentage: 50}]\n"),
            (&path(".featurevisor/existing-state-production.json"), "{\"features\": {\"a\": {\"traffic\": [1]}}}"),
        ]);
        let (reported, _) = countersign(&world, &["check", "--all"]);
        for one in ["segment s", "a@production", "shop/b@production", "group g", "existing-state-production"] {
            assert!(reported.contains(one), "{one}: {reported}");
        }
        // The group is shown on the feature that it names.
        assert!(reported.contains("pending: 3 flags"), "{reported}");
    }
}

/// Folders that settings rename are followed, and those that they compute are named.
#[test]
fn folders_that_settings_of_featurevisor_rename() {
    const CONFIG: &str = "const path = require(\"path\");\nmodule.exports = {\n  featuresDirectoryPath: \
                          path.join(__dirname, \"FEATURES\"),\n  segmentsDirectoryPath: path.join(__dirname, \
                          \"audiences\"),\n  groupsDirectoryPath: \"grp\", // a comment\n  stateDirectoryPath: \
                          \"state\",\n};\n";
    for (around, features) in [("", "features"), ("", "flags"), ("pkg/ff/", "features"), ("pkg/ff/", "toggles")] {
        let path = |name: &str| format!("{around}{name}");
        let config = CONFIG.replace("FEATURES", features);
        let files = [
            (path(&format!("{features}/a.yml")), FEATURE),
            (path("audiences/s.yml"), "conditions: [{attribute: a, operator: equals, value: b}]\n"),
            (path("grp/g.yml"), "description: g\nslots: [{feature: a, percentage: 100}]\n"),
            (path("state/existing-state-production.json"), "{\"features\": {\"a\": {\"traffic\": []}}}"),
            (path("featurevisor.config.js"), config.as_str()),
        ];
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let world = World::with(&files);
        let (said, _) = countersign(&world, INIT);
        assert_eq!(said.lines().filter(|line| line.starts_with("found  ")).count(), 1, "{said}");
        assert_eq!(countersign(&world, &["lint"]), ("no diagnostics\n".to_owned(), 0), "{said}");
        world.commit(&[]);
        world.git(&["checkout", "-qb", "later"]);
        for (name, text, key) in [
            ("audiences/s.yml", "conditions: [{attribute: a, operator: equals, value: c}]\n", "a@production"),
            ("grp/g.yml", "description: g\nslots: [{feature: a, percentage: 50}]\n", "group g"),
            (
                "state/existing-state-production.json",
                "{\"features\": {\"a\": {\"traffic\": [1]}}}",
                "existing-state-production",
            ),
            ("audiences/new/t.yml", "conditions: \"*\"\n", "segment t"),
        ] {
            world.commit(&[(&path(name), text)]);
            let (reported, _) = countersign(&world, &["check", "--all"]);
            // A new segment is named by no flag yet.
            let pending = !key.starts_with("segment");
            assert!(reported.contains(key) && reported.contains("pending: ") == pending, "{name}: {reported}");
            world.git(&["reset", "-q", "--hard", "HEAD~1"]);
        }
    }
    let config = CONFIG.replace("path.join(__dirname, \"audiences\")", "process.env.AUDIENCES");
    let world = World::with(&[("features/a.yml", FEATURE), ("featurevisor.config.js", &config)]);
    let (said, _) = countersign(&world, INIT);
    assert!(said.contains("`segmentsDirectoryPath`") && said.contains("nobody reviews"), "{said}");
}

/// A mapping that is shipped as an example is written where a repository needs it, and reads its files.
#[test]
fn shipped_mappings_are_written() {
    for (path, text, name) in [
        ("studies/AStudy.json5", STUDY, "brave"),
        ("features/a.json", FEATURE_OF_DUCKDUCKGO, "duckduckgo"),
        ("config/features.yml", "- name: a\n  display_name: A\n  enabled: true\n", "chatwoot"),
        (
            "config/features.yml",
            "- name: a\n  enabled: true\n- name: b\n  enabled: false\n  premium: true\n",
            "chatwoot",
        ),
        ("config/features.yml", "- name: inbound_emails\n  enabled: true\n- name: b\n  enabled: false\n", "chatwoot"),
    ] {
        let world = World::with(&[(path, text), ("features/README.md", "x\n"), ("studies/README.md", "x\n")]);
        let (said, _) = countersign(&world, INIT);
        assert!(said.contains(&format!("wrote  .countersign/formats/{name}.yaml")), "{said}");
        let written = fs::read_to_string(world.root.join(format!(".countersign/formats/{name}.yaml"))).unwrap();
        let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/formats/");
        assert_eq!(written, fs::read_to_string(format!("{shipped}{name}.yaml")).unwrap());
        assert_eq!(countersign(&world, &["lint"]), ("no diagnostics\n".to_owned(), 0));
    }
}

/// The files of a shipped mapping are those that it says, also those in which nothing looks like a flag of its own.
#[test]
fn files_of_a_shipped_mapping_are_those_it_says() {
    let world = World::with(&[
        ("features/web-detection.json", "{\"state\": \"enabled\", \"exceptions\": []}"),
        (
            "overrides/macos-override.json",
            "{\"features\": {\"webDetection\": {\"state\": \"disabled\", \"exceptions\": []}}}",
        ),
        ("overrides/browsers/safari-override.json", "{\"features\": {\"webDetection\": {\"state\": \"disabled\"}}}"),
        ("overrides/browsers/edge-override.json", "{\"features\": {}}"),
        ("overrides/README.md", "x\n"),
    ]);
    let (said, _) = countersign(&world, INIT);
    assert_eq!(countersign(&world, &["lint"]), ("no diagnostics\n".to_owned(), 0), "{said}");
    world.commit(&[]);
    world.git(&["checkout", "-qb", "later"]);
    for (path, text, key) in [
        (
            "overrides/browsers/safari-override.json",
            "{\"features\": {\"webDetection\": {\"state\": \"enabled\"}}}",
            "webDetection@browsers/safari",
        ),
        (
            "overrides/browsers/edge-override.json",
            "{\"features\": {\"gpc\": {\"state\": \"enabled\"}}}",
            "gpc@browsers/edge",
        ),
        ("overrides/linux-override.json", "{\"features\": {\"gpc\": {\"state\": \"enabled\"}}}", "gpc@linux"),
        // The file for all, which does not differ, is found by another spelling of the key.
        ("overrides/macos-override.json", "{\"features\": {}}", "webDetection@macos"),
    ] {
        world.commit(&[(path, text)]);
        let (reported, _) = countersign(&world, &["check"]);
        assert!(reported.contains(key) && reported.contains("pending: 1 flag waits"), "{path}: {reported}\n{said}");
        world.git(&["reset", "-q", "--hard", "HEAD~1"]);
    }
}

/// A link to a file of another name is nobody's, wherever flags may be. One that is called like a file of flags, or
/// leads to a folder, is not.
#[cfg(unix)]
#[test]
fn links_to_other_files_are_nobodys() {
    use std::os::unix::fs::symlink;
    let world = World::with(&[("src/a.flagd.json", FLAGD), ("AGENTS.md", "x\n"), ("docs/README.md", "x\n")]);
    symlink("AGENTS.md", world.root.join("CLAUDE.md")).unwrap();
    let (said, _) = countersign(&world, INIT);
    assert_eq!(countersign(&world, &["lint"]), ("no diagnostics\n".to_owned(), 0), "{said}");
    world.commit(&[]);
    world.git(&["checkout", "-qb", "later"]);
    for (link, target, reported) in [
        ("docs/CLAUDE.md", "README.md", "not required"),
        ("docs/AGENTS.md", "../AGENTS.md", "not required"),
        ("docs/b.flagd.json", "../src/a.flagd.json", "invalid"),
        ("docs/flags", "../src", "invalid"),
        ("docs/flags", "/etc", "invalid"),
        ("docs/flags", "nowhere", "invalid"),
        ("docs/flags", "../CLAUDE.md", "invalid"),
    ] {
        symlink(target, world.root.join(link)).unwrap();
        world.commit(&[]);
        let (said, _) = countersign(&world, &["check"]);
        assert!(said.contains(&format!("\n{reported}: ")), "{link} -> {target}: {said}");
        let (linted, _) = countersign(&world, &["lint"]);
        // On disk a link to a link is followed.
        let clean = reported == "not required" || target == "../CLAUDE.md";
        assert_eq!(linted == "no diagnostics\n", clean, "{link} -> {target}: {linted}");
        world.git(&["reset", "-q", "--hard", "HEAD~1"]);
    }
    // Where the folder decides, a link to a file may lead to a folder of flags after the next change, in which it does
    // not differ.
    let config = fs::read_to_string(world.root.join(".countersign/config.yaml")).unwrap();
    let config = config.replace("**/*.flagd.", "src/**/*.flagd.");
    world.commit(&[(".countersign/config.yaml", &config)]);
    world.git(&["branch", "-qf", "main"]);
    symlink("../AGENTS.md", world.root.join("src/team")).unwrap();
    world.commit(&[]);
    let (said, _) = countersign(&world, &["check"]);
    assert!(said.contains("\ninvalid: ") && said.contains("src/team:1:1: error[not-a-file]"), "{said}");
    world.git(&["reset", "-q", "--hard", "HEAD~2"]);
    world.git(&["branch", "-qf", "main"]);
    // A file that a link takes the place of is deleted.
    fs::remove_dir_all(world.root.join("src")).unwrap();
    symlink("AGENTS.md", world.root.join("src")).unwrap();
    world.commit(&[]);
    let (said, _) = countersign(&world, &["check"]);
    assert!(said.contains("\npending: ") && said.contains("deleted"), "{said}");
}

/// Where other files stand in the folder, no pattern takes what comes, and that is said.
#[test]
fn what_is_named_one_by_one_is_reported() {
    let world = World::with(&[
        ("flags/one.yaml", &crate::shop::flag("one", "inactive", 20)),
        ("flags/other.yaml", "services: {}\n"),
    ]);
    let (said, _) = countersign(&world, INIT);
    assert!(said.contains("`flags` has flags/one.yaml by name, because the folder has other files"), "{said}");
}

/// A workload with a switch among its variables is taken along with the flags next to it.
#[test]
fn workloads_with_switches_are_taken_along() {
    let workload = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec: {template: {spec: {containers: [{name: shop, image: shop, env: [{name: FEATURE_SEARCH, value: 'false'}]}]}}}\n";
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {ports: []}\n";
    let world =
        World::with(&[("k8s/flags.yaml", KUBERNETES), ("k8s/shop.yaml", workload), ("k8s/service.yaml", service)]);
    let (said, code) = countersign(&world, INIT);
    assert_eq!(code, 0, "{said}");
    world.commit(&[]);
    world.git(&["checkout", "-qB", "later", "main"]);
    world.commit(&[("k8s/shop.yaml", &workload.replace("'false'", "'true'"))]);
    let (reported, _) = countersign(&world, &["check"]);
    assert!(reported.contains("pending: "), "{reported}\n{said}");
}

/// A file that a kustomization lays over flags decides about them, and so do the values of a chart.
#[test]
fn files_that_decide_about_flags_are_taken_along() {
    let base = "resources: [flags.yaml]\n";
    let over =
        "resources: [../../base]\npatches: [{path: patch.yaml}, {path: size.json, target: {kind: Deployment}}]\n";
    let patch = "- {op: replace, path: /metadata/labels/a, value: \"b\"}\n";
    let world = World::with(&[
        ("base/flags.yaml", KUBERNETES),
        ("base/kustomization.yaml", base),
        ("overlays/prod/kustomization.yaml", over),
        ("overlays/prod/patch.yaml", patch),
        ("overlays/dev/Kustomization", "resources: [../../base]\nconfigMapGenerator: [{name: a, envs: [dev.env]}]\n"),
        ("overlays/dev/dev.env", "A=1\n"),
        ("overlays/far/kustomization.yml", "resources: [../../base, 'https://github.com/x/y?ref=v1']\n"),
        ("overlays/prod/size.json", "[{\"op\": \"replace\", \"path\": \"/spec/replicas\", \"value\": 2}]"),
        ("other/kustomization.yaml", "resources: [app.yaml]\n"),
        ("other/app.yaml", "kind: Deployment\n"),
    ]);
    let (said, code) = countersign(&world, INIT);
    assert_eq!((countersign(&world, &["lint"]), code), (("no diagnostics\n".to_owned(), 0), 0), "{said}");
    world.commit(&[]);
    for (path, text, required) in [
        ("base/kustomization.yaml", "resources: [flags.yaml, more.yaml]\n", true),
        ("overlays/prod/kustomization.yaml", "resources: [../../base]\n", true),
        ("overlays/prod/patch.yaml", "- {op: remove, path: /metadata/labels/a}\n", true),
        ("overlays/dev/Kustomization", "resources: [../../base, more.yaml]\n", true),
        ("overlays/dev/dev.env", "A=2\n", true),
        ("overlays/far/kustomization.yml", "resources: [../../base, 'https://github.com/x/y?ref=v2']\n", true),
        ("overlays/prod/new.yaml", "- {op: replace, path: /spec/flagSpec/flags/a/state, value: ENABLED}\n", true),
        ("overlays/prod/size.json", "[{\"op\": \"replace\", \"path\": \"/spec/replicas\", \"value\": 3}]", false),
        ("other/kustomization.yaml", "resources: [app.yaml, b.yaml]\n", false),
    ] {
        world.git(&["checkout", "-qB", "later", "main"]);
        world.commit(&[(path, text)]);
        let (reported, _) = countersign(&world, &["check", "--all"]);
        assert_eq!(reported.contains("pending: "), required, "{path}: {reported}\n{said}");
    }
    // A patch of flags that no project has is named as any new file of flags.
    world.git(&["checkout", "-qB", "later", "main"]);
    let text = "- {op: replace, path: /spec/flagSpec/flags/a/defaultVariant, value: \"on\"}\n";
    world.commit(&[("overlays/staging/p.yaml", text)]);
    let (reported, _) = countersign(&world, &["check", "--all"]);
    assert!(reported.contains("unmanaged-flags"), "{reported}");
}

#[test]
fn values_of_a_chart_are_protected() {
    let template = KUBERNETES.replace("defaultVariant: \"on\"", "defaultVariant: \"{{ .Values.search }}\"");
    for template in [
        KUBERNETES,
        &template,
        "{{- if .Values.flags }}\napiVersion: core.openfeature.dev/v1beta1\nkind: FeatureFlag\n{{- end }}\n",
    ] {
        let world = World::with(&[
            ("shop/Chart.yaml", "name: shop\n"),
            ("shop/values.yaml", "search: \"on\"\n"),
            ("shop/charts/cart/templates/flags.yaml", template),
            ("shop/charts/cart/values-prod.yaml", "search: \"on\"\n"),
        ]);
        let (said, code) = countersign(&world, INIT);
        let (linted, clean) = countersign(&world, &["lint"]);
        assert_eq!((clean, code), (0, 0), "{linted}{said}");
        world.commit(&[]);
        for (path, text) in [
            ("shop/values.yaml", "search: \"off\"\n"),
            ("shop/charts/cart/values-prod.yaml", "search: \"off\"\n"),
            (
                "shop/charts/cart/templates/flags.yaml",
                &*template
                    .replace("core.openfeature.dev/v1beta1", "core.openfeature.dev/v1beta2")
                    .replace("a: {state", "b: {state"),
            ),
        ] {
            world.git(&["checkout", "-qB", "later", "main"]);
            world.commit(&[(path, text)]);
            let (reported, _) = countersign(&world, &["check", "--all"]);
            assert!(reported.contains("pending"), "{path}: {reported}\n{said}");
        }
    }
}

/// The folders that a datafile of Featurevisor's is built from, and no others of their names.
#[test]
fn targets_and_schemas_of_featurevisor_are_taken_along() {
    let world = World::with(&[
        ("features/a.yml", FEATURE_OF_ALL),
        ("targets/web.yml", "tags: [all]\n"),
        ("schemas/color.yml", "type: string\n"),
        ("api/schemas/user.yml", "type: object\n"),
    ]);
    let (said, code) = countersign(&world, INIT);
    assert_eq!((countersign(&world, &["lint"]), code), (("no diagnostics\n".to_owned(), 0), 0), "{said}");
    world.commit(&[]);
    for (path, text, required) in [
        ("targets/web.yml", "tags: [all, beta]\n", true),
        ("schemas/color.yml", "type: number\n", true),
        ("schemas/size.yml", "type: number\n", true),
        ("api/schemas/user.yml", "type: array\n", false),
    ] {
        world.git(&["checkout", "-qB", "later", "main"]);
        world.commit(&[(path, text)]);
        let (reported, _) = countersign(&world, &["check", "--all"]);
        assert_eq!(reported.contains("pending: "), required, "{path}: {reported}\n{said}");
    }
}
