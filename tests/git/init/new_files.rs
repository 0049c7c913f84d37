//! Files that come after `init`: a new flag file is in a project as those are that were there, and is reviewed.

use std::fs;

use super::INIT;
use crate::empty::countersign;
use crate::world::World;

const GOFF: &str = "a:\n  variations: {\"on\": true, \"off\": false}\n  defaultRule: {variation: \"off\"}\n";
const FLIPT: &str =
    "version: \"1.5\"\nnamespace: default\nflags:\n- {key: a, name: A, type: VARIANT_FLAG_TYPE, enabled: true}\n";
const GITLAB: &str =
    "---\nname: foo\nintroduced_by_url:\nmilestone: '15.9'\ntype: ops\ngroup: group::a\ndefault_enabled: true\n";
const FEATURE: &str = "description: x\ntags: [all]\nbucketBy: userId\nrules:\n  production:\n    - {key: all, segments: s, percentage: 100}\n";
const FEATURE_OF_ALL: &str = "description: x\ntags: [all]\nbucketBy: userId\nrules:\n  production:\n    - {key: all, segments: \"*\", percentage: 100}\n";
const SETTINGS: &str = "{\"FeatureManagement\": {\"Beta\": true}}";
const KUBERNETES: &str = "apiVersion: core.openfeature.dev/v1beta1\nkind: FeatureFlag\nmetadata: {name: x}\nspec:\n  flagSpec:\n    flags:\n      a: {state: ENABLED, variants: {\"on\": true}, defaultVariant: \"on\"}\n";
const FLAGD: &str =
    "{\"flags\": {\"a\": {\"state\": \"ENABLED\", \"variants\": {\"on\": true}, \"defaultVariant\": \"on\"}}}";
const STUDY: &str =
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
        let (told, _) = countersign(&world, &["check", "--all"]);
        assert!(told.contains(key) && told.contains("pending: "), "{comes}: {told}\n{said}");
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
        let (told, _) = countersign(&world, &["check"]);
        let scope = comes.split('.').nth(1).unwrap();
        assert!(told.contains(&format!("@{scope}")) && told.contains("pending: "), "{comes}: {told}\n{said}");
    }
}

/// Features, segments, groups and what the last build gave whom are one project: a segment reaches the features that name it.
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
        // What says where features are read is no flag, and decides all of them.
        world.commit(&[(&path("featurevisor.config.js"), "module.exports = {environments: []}\n")]);
        let (settings, _) = countersign(&world, &["check"]);
        assert!(settings.contains("Policy change") && settings.contains("pending"), "{settings}");
        world.git(&["reset", "-q", "--hard", "HEAD~1"]);
        world.commit(&[
            (&path("segments/s.yml"), "description: s\nconditions: [{attribute: a, operator: equals, value: b}]\n"),
            (&path("groups/g.yml"), "description: g\nslots: [{feature: a, percentage: 50}]\n"),
            (&path(".featurevisor/existing-state-production.json"), "{\"features\": {\"a\": {\"traffic\": [1]}}}"),
        ]);
        let (told, _) = countersign(&world, &["check", "--all"]);
        for one in ["segment s", "a@production", "shop/b@production", "group g", "existing-state-production"] {
            assert!(told.contains(one), "{one}: {told}");
        }
        // The group is shown on the feature that it names.
        assert!(told.contains("pending: 3 flags"), "{told}");
    }
}

/// What is shipped as an example is written where a repository needs it, and reads its files.
#[test]
fn shipped_mappings_are_written() {
    for (path, text, name) in
        [("studies/AStudy.json5", STUDY, "brave"), ("features/a.json", FEATURE_OF_DUCKDUCKGO, "duckduckgo")]
    {
        let world = World::with(&[(path, text), ("features/README.md", "x\n"), ("studies/README.md", "x\n")]);
        let (said, _) = countersign(&world, INIT);
        assert!(said.contains(&format!("wrote  .countersign/formats/{name}.yaml")), "{said}");
        let written = fs::read_to_string(world.root.join(format!(".countersign/formats/{name}.yaml"))).unwrap();
        let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/formats/");
        assert_eq!(written, fs::read_to_string(format!("{shipped}{name}.yaml")).unwrap());
        assert_eq!(countersign(&world, &["lint"]), ("no diagnostics\n".to_owned(), 0));
    }
}

/// Where other files stand in the folder, no pattern takes what comes, and that is said.
#[test]
fn what_is_named_one_by_one_is_told() {
    let world = World::with(&[
        ("flags/one.yaml", &crate::shop::flag("one", "inactive", 20)),
        ("flags/other.yaml", "services: {}\n"),
    ]);
    let (said, _) = countersign(&world, INIT);
    assert!(said.contains("`flags` has flags/one.yaml by name, because the folder has other files"), "{said}");
}
