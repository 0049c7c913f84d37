//! Files that come after `init`, of which there was nothing on its day: settings, names that only the vendor knows,
//! first flags.

use super::INIT;
use crate::empty::countersign;
use crate::world::World;
use std::fs;

use super::new_files::{FEATURE, FLAGD, FLIPT, GOFF, STUDY};

/// The files that say which flags a vendor's reader reads are protected, also where there is none yet.
#[test]
fn settings_of_where_flags_are_read_are_protected() {
    for (path, text, settings) in [
        ("flag-config.goff.yaml", GOFF, &["goff-proxy.yaml", "relay/goff-proxy.toml"][..]),
        ("flags/features.yml", FLIPT, &[".flipt.yml", "flipt.yaml", "deploy/flipt.yml"]),
        ("features/a.yml", FEATURE, &["featurevisor.config.js", "featurevisor.config.ts"]),
    ] {
        for one in settings {
            let world = World::with(&[(path, text)]);
            countersign(&world, INIT);
            world.commit(&[]);
            world.git(&["checkout", "-qb", "later"]);
            world.commit(&[(one, "include: [x.yml]\n")]);
            let (said, _) = countersign(&world, &["check"]);
            assert!(said.contains("\npending: the policy change waits"), "{one}: {said}");
        }
    }
}

/// Features, groups and segments that come are reviewed, whatever the files of today look like.
#[test]
fn folders_of_settings_are_whole_whatever_stands_in_them() {
    for (other, text) in [
        ("groups/g.yml", "description: g\nslots: [{feature: a, percentage: 50}, {percentage: 50}]\n"),
        ("groups/g.yml", "description: g\n"),
        ("segments/s.yml", "description: s\n"),
        ("features/new.yml", "description: n\ntags: [all]\nbucketBy: userId\n"),
        ("features/empty.yml", ""),
    ] {
        let world = World::with(&[
            ("featurevisor.config.js", "module.exports = {}\n"),
            ("features/a.yml", FEATURE),
            ("README.md", "flags\n"),
            (other, text),
        ]);
        countersign(&world, INIT);
        let config = fs::read_to_string(world.root.join(".countersign/config.yaml")).unwrap();
        for folder in ["features", "groups", "segments"] {
            let taken = [format!("- {folder}/**\n"), format!("- {folder}/**/*.y*ml\n")];
            assert!(taken.iter().any(|pattern| config.contains(pattern)), "{other} {folder}: {config}");
        }
    }
}

/// Flipt serves files of more names than people give them at first.
#[test]
fn files_of_all_names_that_flipt_reads_are_reviewed() {
    for comes in ["more-features.yml", "shop/shopfeatures.yaml", "shop/features.json"] {
        let world = World::with(&[("features.yml", FLIPT)]);
        countersign(&world, INIT);
        world.commit(&[]);
        world.git(&["checkout", "-qb", "later"]);
        let json = r#"{"namespace": "pay", "flags": [{"key": "c", "name": "C", "type": "BOOLEAN_FLAG_TYPE", "enabled": true}]}"#;
        world.commit(&[(comes, json)]);
        let (said, _) = countersign(&world, &["check"]);
        assert!(said.contains("\npending: ") && said.contains("c@pay"), "{comes}: {said}");
    }
}

/// A submodule that goes on to another commit holds up nobody where files are managed for their names; one that comes,
/// or that stands in a folder of flags, does.
#[test]
fn submodules_that_go_on_are_warned_of() {
    let registry = ("config/feature_flags.yml", "a: false\n");
    for (file, path, new, verdict) in [
        (registry, "modules/lib", false, "not-required"),
        (registry, "modules/lib", true, "invalid"),
        (("studies/AStudy.json5", STUDY), "studies/more", false, "invalid"),
    ] {
        let world = World::with(&[file]);
        let put = |digit: &str| {
            fs::create_dir_all(world.root.join(path)).unwrap();
            world.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{},{path}", digit.repeat(40))]);
            world.git(&["commit", "-qm", "lib"]);
        };
        if !new {
            put("1");
        }
        countersign(&world, INIT);
        world.commit(&[]);
        world.git(&["checkout", "-qb", "later"]);
        put("2");
        let (said, _) = countersign(&world, &["check", "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&said).unwrap();
        assert_eq!(report["verdict"], verdict, "{path} {new}: {said}");
        let mut found = report["diagnostics"].as_array().unwrap().iter();
        assert!(found.any(|one| one["id"] == "not-a-file"), "{path} {new}: {said}");
        let (said, code) = countersign(&world, &["lint", "--format", "json"]);
        assert_eq!(code == 0, path == "modules/lib", "{path} {new}: {said}");
    }
}

/// A vendor's file in which the first flag is still to come is known by the vendor's own marks.
#[test]
fn first_flags_of_empty_files_are_reviewed() {
    for (path, empty, first) in [
        (
            ".harness/flags.yaml",
            "featureFlags:\n  flags: []\n  projectIdentifier: p\n",
            "featureFlags:\n  flags:\n  - flag: {name: A, identifier: a, environments: [{identifier: prod, default: {onVariation: \"true\", offVariation: \"false\"}, state: \"on\"}], spec: {type: boolean, variations: [{identifier: \"true\", value: \"true\"}, {identifier: \"false\", value: \"false\"}]}}\n  projectIdentifier: p\n",
        ),
        (
            "features.yml",
            "namespace: default\nflags: []\n",
            "namespace: default\nflags:\n- {key: a, name: a, type: BOOLEAN_FLAG_TYPE, enabled: true}\n",
        ),
        (
            ".unleash/flags.json",
            "{\"version\": 1, \"features\": []}\n",
            "{\"version\": 1, \"features\": [{\"name\": \"a\", \"type\": \"release\", \"enabled\": true, \"strategies\": [{\"name\": \"default\"}]}]}\n",
        ),
        ("appsettings.json", "{\"FeatureManagement\": {}}\n", "{\"FeatureManagement\": {\"a\": true}}\n"),
        (
            "src/appsettings.json",
            "{\"feature_management\": {\"feature_flags\": []}}\n",
            "{\"feature_management\": {\"feature_flags\": [{\"id\": \"a\", \"enabled\": true}]}}\n",
        ),
    ] {
        let world = World::with(&[(path, empty)]);
        let (said, _) = countersign(&world, INIT);
        assert!(!said.contains("No flag file was found"), "{path}: {said}");
        let (said, code) = countersign(&world, &["lint"]);
        assert_eq!(code, 0, "{path}: {said}");
        world.commit(&[]);
        world.git(&["checkout", "-qb", "later"]);
        world.commit(&[(path, first)]);
        let (said, _) = countersign(&world, &["check"]);
        assert!(said.contains("\npending: 1 flag waits"), "{path}: {said}");
    }
}

/// Files for two environments may have a mapping each: what one of them switched off is on where it says so no more.
#[test]
fn overrides_of_drafts_are_layers_of_each_other() {
    for (on, off) in [("status: active", "status: draft"), ("\"on\": true", "\"on\": false")] {
        let base = format!("a:\n  {off}\nb:\n  {on}\n");
        let over = format!("a:\n  {on}\nb:\n  {off}\n");
        let path = "config/feature_flags.production.yml";
        let world = World::with(&[("config/feature_flags.yml", base.as_str()), (path, over.as_str())]);
        countersign(&world, INIT);
        world.commit(&[]);
        world.git(&["checkout", "-qb", "later"]);
        world.commit(&[(path, &format!("a:\n  {on}\n"))]);
        let (said, _) = countersign(&world, &["check"]);
        assert!(said.contains("\npending: 1 flag waits") && said.contains("b@production"), "{said}");
    }
}

/// The state of the last build decides who keeps which variation: with sets it stands apart from them.
#[test]
fn states_of_builds_are_reviewed_wherever_they_are_written() {
    const SETS: &str = "module.exports = {sets: true, environments: false}\n";
    const ONE: &str = "module.exports = {environments: false}\n";
    let sets = |folder: &str| [format!("{folder}sets/dev/features/a.yml"), format!("{folder}sets/live/features/a.yml")];
    let cases = [
        ("featurevisor.config.js", SETS, sets("").to_vec(), ".featurevisor/sets/live/existing-state.json"),
        (
            "apps/x/featurevisor.config.js",
            SETS,
            sets("apps/x/").to_vec(),
            "apps/x/.featurevisor/sets/dev/existing-state-production.json",
        ),
        ("featurevisor.config.js", ONE, vec!["features/a.yml".to_owned()], ".featurevisor/existing-state.json"),
    ];
    for (config, settings, features, state) in cases {
        for known in [false, true] {
            let mut files: Vec<(&str, &str)> = vec![(config, settings)];
            files.extend(features.iter().map(|path| (path.as_str(), FEATURE)));
            if known {
                files.push((state, STATE));
            }
            let world = World::with(&files);
            countersign(&world, INIT);
            world.commit(&[(state, STATE)]);
            let (linted, _) = countersign(&world, &["lint"]);
            assert!(!linted.contains("error"), "{state}: {linted}");
            world.git(&["checkout", "-qb", "later"]);
            world.commit(&[(state, &STATE.replace("[0, 5000]", "[0, 9000]"))]);
            let (said, _) = countersign(&world, &["check"]);
            assert!(said.contains("\npending: 1 flag waits"), "{state} {known}: {said}");
        }
    }
}

const STATE: &str = "{\"features\": {\"a\": {\"traffic\": [{\"key\": \"a\", \"percentage\": 10000, \"allocation\": [{\"variation\": \"x\", \"range\": [0, 5000]}]}]}}}\n";

/// The settings of a server say which flags it reads, whatever they are called.
#[test]
fn settings_of_servers_are_protected_by_what_stands_in_them() {
    const GIT: &str = "storage:\n  type: git\n  git: {repository: \"https://example.com/x\", ref: main}\n";
    const REMOTE: &str =
        "storage:\n  default: {remote: \"https://example.com/x\", branch: main, backend: {type: memory}}\n";
    const RELAY: &str = "listen: 1031\nretrievers:\n  - {kind: github, repositorySlug: a/b, branch: main}\n";
    const ONE: &str = "retriever: {kind: file, path: main.yaml}\n";
    const SOURCES: &str = "{\"sources\": [{\"uri\": \"main.json\", \"provider\": \"file\"}]}\n";
    for (flags, text, settings, said_there) in [
        ("flipt/features.yml", FLIPT, "flipt/config.yml", GIT),
        ("flags/features.yml", FLIPT, "deploy/server.yaml", REMOTE),
        ("flags/a.goff.yaml", GOFF, "relay/config.yaml", RELAY),
        ("flags/a.goff.yaml", GOFF, "relay/one.yml", ONE),
        ("flags/a.flagd.json", FLAGD, "deploy/flagd.json", SOURCES),
    ] {
        let world = World::with(&[(flags, text), (settings, said_there)]);
        let (said, _) = countersign(&world, INIT);
        assert!(!said.contains("0 flags"), "{settings}: {said}");
        world.commit(&[]);
        world.git(&["checkout", "-qb", "later"]);
        world.commit(&[(settings, &said_there.replace("main", "other"))]);
        let (said, _) = countersign(&world, &["check"]);
        assert!(said.contains("\npending: the policy change waits"), "{settings}: {said}");
    }
    // Without flags of its format it is about something else.
    let world = World::with(&[("config/feature_flags.yml", "a: true\n"), ("flipt/server.yml", GIT)]);
    countersign(&world, INIT);
    let config = fs::read_to_string(world.root.join(".countersign/config.yaml")).unwrap();
    assert!(!config.contains("server.yml"), "{config}");
}

/// A format may have files above the size of others; all of them are found, and the folder stays a pattern.
#[test]
fn large_files_of_a_format_are_found() {
    let rules = format!("[{}]", vec!["\"a rule of some length\""; 60_000].join(", "));
    let android = |state: &str| {
        format!(
            "{{\"features\": {{\"chat\": {{\"state\": \"{state}\"}}, \"hiding\": {{\"state\": \"enabled\", \"settings\": {{\"rules\": {rules}}}}}}}}}"
        )
    };
    let (before, after) = (android("internal"), android("enabled"));
    assert!(before.len() > 1 << 20);
    let world = World::with(&[
        ("features/chat.json", "{\"state\": \"internal\", \"exceptions\": []}"),
        ("features/hiding.json", "{\"state\": \"enabled\", \"exceptions\": []}"),
        ("overrides/android-override.json", &before),
    ]);
    let (said, _) = countersign(&world, INIT);
    world.commit(&[]);
    for (path, text) in [
        ("overrides/android-override.json", after.as_str()),
        ("overrides/linux-override.json", "{\"features\": {\"chat\": {\"state\": \"enabled\"}}}"),
    ] {
        world.git(&["checkout", "-qB", "later", "main"]);
        world.commit(&[(path, text)]);
        let (reported, _) = countersign(&world, &["check"]);
        assert!(reported.contains("\npending: "), "{path}: {reported}\n{said}");
    }
}
