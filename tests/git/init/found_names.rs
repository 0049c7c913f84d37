//! Which files `init` takes for flags: by the names of files and folders, and by what stands in them.

use std::fs;

use super::INIT;
use crate::empty::countersign;
use crate::world::World;

/// Switches in a file or a folder of a name that flags have are found, and reviewed.
#[test]
fn switches_are_found_by_the_name_of_their_file_or_folder() {
    const YAML: &str = "a: false\nb: true\n";
    const JSON: &str = "{\"a\": false, \"b\": true}\n";
    for (path, text) in [
        ("config/flags/prod.yml", YAML),
        ("flags/web.yml", YAML),
        ("flags/dev.yml", "a: {production: false, staging: true}\n"),
        ("feature-flags/prod.json", JSON),
        ("config/feature-flags/default.json", JSON),
        ("feature_flags/web.toml", "a = false\nb = true\n"),
        ("config/features/prod.yml", "production: {a: false}\nstaging: {a: true}\n"),
        ("toggles/shop.json", "[{\"name\": \"a\", \"enabled\": false}]\n"),
        ("config/switches.yml", YAML),
        ("feature_gates.yaml", YAML),
        ("kill_switches.yml", YAML),
        ("beta_features.yml", "a: {enabled: false, owner: o}\n"),
        ("config/launch-flags.json", JSON),
        ("gates.yml", YAML),
        ("experiments.yml", "a: \"off\"\nb: \"on\"\n"),
        ("feature_flags.yml", "a: [development]\nb: 0\n"),
    ] {
        let world = World::with(&[(path, text)]);
        let (said, _) = countersign(&world, INIT);
        assert!(said.contains("found  "), "{path}: {said}");
        world.commit(&[]);
        let (linted, clean) = countersign(&world, &["lint"]);
        assert_eq!(clean, 0, "{path}: {linted}");
        world.git(&["checkout", "-qb", "later"]);
        let on = text.replace("false", "true").replace("\"off\"", "\"on\"").replace("b: 0", "b: 50");
        world.commit(&[(path, &on)]);
        let (said, _) = countersign(&world, &["check"]);
        assert!(said.contains("\npending: "), "{path}: {said}");
    }
}

/// A name alone is not enough where others have it too.
#[test]
fn what_says_nothing_of_flags_is_none() {
    for (path, text) in [
        ("flags/de.json", "{\"name\": \"Germany\", \"colours\": [\"black\", \"red\"], \"eu\": true}\n"),
        ("config/switches.yml", "core-1: {address: 10.0.0.1, ports: 48}\n"),
        ("features/config.json", "{\"title\": \"x\", \"size\": 3, \"open\": true}\n"),
        ("beta.yml", "version: 1.2.3\n"),
        // Descriptions of files, and answers of a server.
        (
            "docs/schema/flags.json",
            "{\"$schema\": \"http://json-schema.org/draft-07/schema#\", \"properties\": {\"a\": {\"type\": \"string\"}}, \"additionalProperties\": false}\n",
        ),
        (
            "schema/feature_flags.json",
            "{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", \"$defs\": {\"x\": {\"type\": \"boolean\"}}, \"type\": \"object\"}\n",
        ),
        (
            "attributes/feature_flag.yaml",
            "groups:\n  - {id: registry.feature_flag, type: attribute_group, attributes: [{id: key, type: string, stability: true}]}\n",
        ),
        (
            "testdata/state.json",
            "{\"namespace\": {\"key\": \"default\"}, \"flags\": [{\"key\": \"a\", \"name\": \"a\", \"type\": \"VARIANT_FLAG_TYPE\", \"enabled\": true, \"rules\": [{\"rank\": 1, \"segments\": [{\"key\": \"s\", \"matchType\": \"ANY_SEGMENT_MATCH_TYPE\"}]}]}]}\n",
        ),
    ] {
        let world = World::with(&[(path, text)]);
        let (said, _) = countersign(&world, INIT);
        assert!(said.contains("No flag file was found"), "{path}: {said}");
        let (linted, clean) = countersign(&world, &["lint"]);
        assert_eq!(clean, 0, "{path}: {linted}");
        let config = fs::read_to_string(world.root.join(".countersign/config.yaml")).unwrap();
        assert!(!config.contains(path), "{path}: {config}");
    }
}

/// Features of somebody else who says `defaultValue` too are read: an admin is not asked to switch them off.
#[test]
fn a_registry_with_default_values_is_no_growthbook() {
    const OWN: &str = "{\"features\": {\"a\": {\"name\": \"A\", \"description\": \"d\", \"enabled\": true, \"defaultValue\": true}}}\n";
    let world = World::with(&[("config/feature-flags.json", OWN)]);
    let (said, _) = countersign(&world, INIT);
    assert!(said.contains("found  1 flag (registry)"), "{said}");
    world.commit(&[]);
    world.git(&["checkout", "-qb", "later"]);
    world.commit(&[("config/feature-flags.json", &OWN.replace("\"enabled\": true", "\"enabled\": false"))]);
    let (said, _) = countersign(&world, &["check"]);
    assert!(!said.contains("policy change waits"), "{said}");
}

/// Pipelines stand next to the flags of Harness, and are none.
#[test]
fn other_files_of_harness_are_no_flags() {
    const FLAGS: &str = "featureFlags:\n  flags:\n    - flag:\n        identifier: a\n        name: a\n        spec: {type: boolean, variations: [{identifier: \"true\", value: \"true\"}, {identifier: \"false\", value: \"false\"}]}\n        environments: [{identifier: prod, state: \"off\", default: {onVariation: \"true\", offVariation: \"false\"}}]\n";
    for folder in ["", "apps/shop/"] {
        let flags = format!("{folder}.harness/flags.yaml");
        let world = World::with(&[(flags.as_str(), FLAGS)]);
        countersign(&world, INIT);
        world.commit(&[]);
        world.git(&["checkout", "-qb", "later"]);
        let pipeline = format!("{folder}.harness/pipelines/build.yaml");
        world.commit(&[(pipeline.as_str(), "image: {{.Values.image}}\n---\nkind: Service\n")]);
        let (said, _) = countersign(&world, &["check"]);
        assert!(said.contains("not required: no flag changes"), "{folder}: {said}");
        world.commit(&[(flags.as_str(), &FLAGS.replace("state: \"off\"", "state: \"on\""))]);
        let (said, _) = countersign(&world, &["check"]);
        assert!(said.contains("\npending: 1 flag waits"), "{folder}: {said}");
    }
}
