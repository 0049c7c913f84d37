//! Files of one format for several environments, applications and namespaces: the next one is reviewed too, and flags
//! of one key are told apart by their paths.

use super::INIT;
use crate::empty::countersign;
use crate::shop::flag;
use crate::world::World;
use std::fs;

use super::new_files::{FLAGD, FLIPT, GOFF, SETTINGS};

const REGISTRY: &str = "search: false\n";

/// The report of `check` on a branch that adds or changes these files.
fn check(world: &World, files: &[(&str, &str)]) -> serde_json::Value {
    world.git(&["checkout", "-qB", "later", "main"]);
    world.commit(files);
    reported(world)
}

fn check_here(world: &World) -> serde_json::Value {
    world.commit(&[]);
    reported(world)
}

fn reported(world: &World) -> serde_json::Value {
    let (said, _) = countersign(world, &["check", "--base", "main", "--format", "json"]);
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"))
}

fn keys(report: &serde_json::Value) -> Vec<String> {
    let flags = report["flags"].as_array().unwrap().iter();
    flags.map(|flag| format!("{}/{}", flag["project"].as_str().unwrap(), flag["key"].as_str().unwrap())).collect()
}

fn world(files: &[(&str, &str)]) -> World {
    let world = World::with(files);
    let (said, code) = countersign(&world, INIT);
    assert_eq!(code, 0, "{said}");
    world.commit(&[]);
    assert_eq!(countersign(&world, &["lint"]), ("no diagnostics\n".to_owned(), 0), "{said}");
    world
}

/// The file of an environment that comes later, whether there were several of them on the day of `init`, or one.
#[test]
fn the_file_of_the_next_environment_is_reviewed() {
    let on = GOFF.replace("{variation: \"off\"}", "{variation: \"on\"}");
    let (asleep, awake) = (flag("a", "inactive", 20), flag("a", "active", 20));
    let flipt = FLIPT.replace("key: a", "key: b");
    for (files, comes, text, name) in [
        (&[("flags/dev.yaml", GOFF), ("flags/prod.yaml", GOFF)][..], "flags/eu.yaml", on.as_str(), "flags:eu/a"),
        (&[("dev.goff.yaml", GOFF), ("prod.goff.yaml", GOFF)], "eu.goff.yaml", &on, "flags:eu/a"),
        (&[("flags/prod.goff.yaml", GOFF)], "flags/dev.goff.yaml", &on, "flags:dev/a"),
        (&[("envs/dev/flags.json", FLAGD), ("envs/prod/flags.json", FLAGD)], "envs/eu/flags.json", FLAGD, "envs:eu/a"),
        (
            &[("prod/features.yaml", FLIPT), ("dev/features.yaml", FLIPT)],
            "eu/features.yaml",
            FLIPT,
            "flags:eu/a@default",
        ),
        (&[("production/default/features.yaml", FLIPT)], "uat/default/features.yaml", FLIPT, "flags:uat/a@default"),
        (&[("a/features.yaml", FLIPT), ("b/features.yaml", &flipt)], "c/features.yaml", FLIPT, "flags:c/a@default"),
        (
            &[("dev/feature_flags.yml", REGISTRY), ("prod/feature_flags.yml", REGISTRY)],
            "eu/feature_flags.yml",
            "search: true\n",
            "flags:eu/search",
        ),
        (
            &[("apps/web/feature_flags.yml", REGISTRY)],
            "apps/pay/feature_flags.yml",
            "search: true\n",
            "apps:pay/search",
        ),
        (&[("flags/dev/a.yaml", &asleep), ("flags/prod/a.yaml", &asleep)], "flags/eu/a.yaml", &awake, "flags:eu/a"),
        (&[("src/App/appsettings.json", SETTINGS)], "tests/appsettings.json", SETTINGS, "flags:tests/Beta"),
    ] {
        let world = world(files);
        let report = check(&world, &[(comes, text)]);
        assert_eq!((report["verdict"].as_str(), keys(&report)), (Some("pending"), vec![name.to_owned()]), "{comes}");
    }
}

/// A flag of one environment is no other's: not its dependent, not its layer, not a second one of its key.
#[test]
fn flags_of_one_key_are_told_apart() {
    let world = world(&[("envs/dev/flags.json", FLAGD), ("envs/prod/flags.json", FLAGD)]);
    let off = FLAGD.replace("ENABLED", "DISABLED");
    assert_ne!(off, FLAGD);
    let report = check(&world, &[("envs/prod/flags.json", &off)]);
    assert_eq!((report["verdict"].as_str(), keys(&report)), (Some("not-required"), vec!["envs:prod/a".to_owned()]));
    // The flag goes to another environment: it leaves one, and comes to the other.
    let report = check(&world, &[("envs/dev/flags.json", "{\"flags\": {}}"), ("envs/eu/flags.json", FLAGD)]);
    assert_eq!(
        (report["verdict"].as_str(), keys(&report)),
        (Some("pending"), vec!["envs:dev/a".to_owned(), "envs:eu/a".to_owned()])
    );
    let report = check(&world, &[("envs/eu/flags.json", &off)]);
    assert_eq!(report["verdict"], "not-required", "{report}");
    let (said, code) = countersign(&world, &["approvers", "a"]);
    assert!(code == 0 && said.contains("envs:dev") && said.contains("envs:prod"), "{said}");
    let (said, code) = countersign(&world, &["approvers", "envs:prod/a"]);
    assert!(code == 0 && !said.contains("envs:dev") && said.contains("envs:prod"), "{said}");
}

/// Where a second file has flags of one key, the help says the line of the configuration, and it works.
#[test]
fn the_help_for_a_second_environment_works_to_the_letter() {
    for (path, second) in [
        ("config/feature_flags.yml", "deploy/feature_flags.yml"),
        ("one/config/feature_flags.yml", "two/config/feature_flags.yml"),
        ("one/a/feature_flags.yml", "b/feature_flags.yml"),
        ("config/feature_flags.yml", "services/web/config/feature_flags.yml"),
    ] {
        let world = world(&[(path, REGISTRY)]);
        let report = check(&world, &[(second, REGISTRY)]);
        assert_eq!(report["verdict"], "invalid", "{second}");
        let found = report["diagnostics"].as_array().unwrap().iter().find(|one| one["id"] == "duplicate-flag").unwrap();
        let remedy = found["remedy"].as_str().unwrap();
        let line =
            remedy.split("add `").nth(1).and_then(|rest| rest.split('`').next()).unwrap_or_else(|| panic!("{remedy}"));
        world.git(&["checkout", "-q", "main"]);
        let config = fs::read_to_string(world.root.join(".countersign/config.yaml")).unwrap();
        let added = config.replace("    paths:\n", &format!("    paths:\n    - {line}\n"));
        assert_ne!(added, config);
        world.commit(&[(".countersign/config.yaml", &added)]);
        let report = check(&world, &[(second, REGISTRY)]);
        assert_eq!((report["verdict"].as_str(), keys(&report).len()), (Some("not-required"), 1), "{second}: {report}");
    }
}

/// In one project of Amplitude a key stands once.
#[test]
fn a_project_of_amplitude_has_no_placeholder() {
    let world = world(&[("envs/dev/flags.json", FLAGD), ("envs/prod/flags.json", FLAGD)]);
    let config = fs::read_to_string(world.root.join(".countersign/config.yaml")).unwrap();
    assert!(config.contains("# A `{placeholder}` in a path takes any name there"), "{config}");
    world.commit(&[(".countersign/config.yaml", &format!("{config}amplitude: {{projects: {{envs: \"1\"}}}}\n"))]);
    let (said, code) = countersign(&world, &["lint"]);
    assert!(code == 4 && said.contains("the flags of `envs` are told apart by"), "{code} {said}");
}

/// Of the files of a folder one is for all: an exception for production that goes leaves what it says.
#[test]
fn a_file_for_all_is_below_those_of_environments() {
    for (all, one) in [
        ("flags/default.yml", "flags/production.yml"),
        ("flags/common.yml", "flags/production.yml"),
        ("environments/base/flags.yml", "environments/production/flags.yml"),
        ("config/feature_flags.yml", "config/feature_flags/production.yml"),
        ("config/feature_flags.yml", "config/environments/production/feature_flags.yml"),
        ("config/features.yml", "config/features-production.yml"),
        ("config/features.yml", "config/features_prod.yml"),
        ("config/flags.yml", "config/flags/eu.yml"),
    ] {
        let world = world(&[(all, "a: true\nb: true\nc: false\n"), (one, "a: false\nb: true\nc: false\n")]);
        let report = check(&world, &[(one, "b: true\nc: false\n")]);
        assert_eq!(report["verdict"], "pending", "{one}: {report}");
        // Where nobody lays one over the other, a flag that was on is deleted.
        let report = check(&world, &[(one, "a: false\nc: false\n")]);
        assert_eq!(report["verdict"], "pending", "{one}: {report}");
        let report = check(&world, &[(one, "a: false\nb: true\n")]);
        assert_eq!(report["verdict"], "not-required", "{one}: {report}");
    }
}

/// An exception is taken away by another name of its file too, if nobody reads that. Files of other applications or
/// environments hold nothing for it.
#[test]
fn a_file_of_an_environment_that_gets_another_name() {
    let world = world(&[
        ("config/features.yml", "a: true\nb: true\n"),
        ("config/features-production.yml", "a: false\nb: true\n"),
    ]);
    world.git(&["checkout", "-qB", "later", "main"]);
    world.git(&["mv", "config/features-production.yml", "config/features-eu.yml"]);
    let report = check_here(&world);
    assert_eq!(report["verdict"], "pending", "{report:#}");
    for other in ["apps/web/flags.yml", "apps/pay/flags-staging.yml"] {
        let world =
            self::world(&[(other, "a: true\nb: true\n"), ("apps/pay/flags-production.yml", "a: false\nb: true\n")]);
        let report = check(&world, &[("apps/pay/flags-production.yml", "b: true\n")]);
        assert_eq!(report["verdict"], "not-required", "{other}: {report:#}");
    }
}

/// A file goes on under the other ending, or deeper: it is reviewed there too.
#[test]
fn other_endings_and_depths_are_reviewed() {
    let off = "a: false\nb: false\n";
    let world = world(&[("flags/dev.yml", off), ("flags/prod.yml", off)]);
    for comes in ["flags/prod.yaml", "flags/eu/stage.yml", "flags/eu/live.yaml"] {
        let report = check(&world, &[(comes, "a: true\nb: true\n")]);
        assert_ne!(report["verdict"], "not-required", "{comes}");
    }
}

/// The environment may stand behind the name, with any sign before it.
#[test]
fn an_environment_behind_the_name_of_a_file() {
    const ON: &str = "a: {enabled: true, owner: x}\nb: {enabled: true, owner: x}\n";
    for name in ["features-production.yml", "features_prod.yml", "features.production.yml", "flags-eu-prod.yml"] {
        let path = format!("config/{name}");
        let world = world(&[
            ("config/features.yml", "a: {enabled: true, owner: x}\nb: {enabled: false, owner: x}\n"),
            (&path, "a: {enabled: false, owner: x}\nb: {enabled: true, owner: x}\n"),
        ]);
        let report = check(&world, &[(&path, ON)]);
        assert_eq!(report["verdict"], "pending", "{name}: {report:#}");
    }
}
