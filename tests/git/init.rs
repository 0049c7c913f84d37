//! Where `init` may run, what it does the second time, and what it recognises.

mod choice;
mod environments;
mod found_names;
mod later_files;
mod new_files;

use std::fs;
use std::path::Path;

use crate::empty::countersign;
use crate::git::{command, git};
use crate::shop::flag;
use crate::world::World;

/// The output of the program in a folder of the repository, and its exit code.
fn run(dir: &Path, args: &[&str]) -> (String, i32) {
    let done = command(env!("CARGO_BIN_EXE_countersign"), dir).args(args).output().unwrap();
    let text = String::from_utf8(done.stdout).unwrap() + &String::from_utf8(done.stderr).unwrap();
    (text, done.status.code().unwrap())
}

const INIT: &[&str] = &["init", "--no-workflows", "--admin", "@acme/leads"];

/// One file of each format that is known, with the name and the number of flags that `init` tells of it.
const FILES: &[(&str, &str, &str)] = &[
    (
        "a/flags.json",
        r#"{"$schema": "https://flagd.dev/schema/v0/flags.json", "flags": {"x": {"state": "ENABLED", "variants": {"on": 1}}}}"#,
        "1 flag (flagd)",
    ),
    (
        "b/demo.flagd.yaml",
        "flags:\n  x: {state: ENABLED, variants: {\"on\": true, \"off\": false}, defaultVariant: \"on\"}\n",
        "1 flag (flagd)",
    ),
    (
        "c/toggles.yml",
        "flags:\n  x:\n    state: DISABLED\n    variants: {a: 1, b: 2}\n    defaultVariant: a\n",
        "1 flag (flagd)",
    ),
    (
        "d/list.json",
        r#"{"flags": [{"key": "x", "state": "ENABLED", "variants": {"a": 1}, "defaultVariant": "a"}]}"#,
        "1 flag (flagd)",
    ),
    ("e/one.yaml", "key: one\nkind: flag\nstate: active\nvariants: [{key: on}]\n", "1 flag (native)"),
    ("f/two.yaml", "key: two\nkind: flag\nstate: actve\nvariants: [{key: a}]\n", "1 flag (native)"),
    (
        "g/feature.yaml",
        "apiVersion: v1\nkind: Namespace\n---\napiVersion: core.openfeature.dev/v1beta1\nkind: FeatureFlag\nmetadata: {name: x}\nspec:\n  flagSpec:\n    flags:\n      a: {state: ENABLED}\n      b: {state: ENABLED}\n",
        "2 flags (Kubernetes FeatureFlag)",
    ),
    (
        "g2/map.yaml",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  demo.flagd.json: |\n    {\"flags\": {\"a\": {\"state\": \"ENABLED\", \"variants\": {}}}}\n",
        "",
    ),
    (
        "h/config.goff.yaml",
        "x:\n  variations: {\"on\": true}\n  defaultRule: {variation: \"on\"}\n",
        "1 flag (GO Feature Flag)",
    ),
    ("h2/flag-config.yaml", "x:\n  percentage: 30\n  true: a\n  false: b\n  default: c\n", ""),
    (
        "i/features.yml",
        "version: \"1.5\"\nnamespace: default\nflags:\n- key: x\n  enabled: true\n  type: VARIANT_FLAG_TYPE\n",
        "1 flag (Flipt)",
    ),
    (
        "j/features/foo.yml",
        "bucketBy: userId\nvariations: [{value: a, weight: 100}]\nrules:\n  production: [{key: all, segments: \"*\", percentage: 100}]\n",
        "1 flag (Featurevisor)",
    ),
    (
        "k/flags.json",
        r#"{"version": 1, "features": [{"name": "x", "enabled": true, "strategies": [{"name": "default"}]}]}"#,
        "1 flag (Unleash)",
    ),
    ("l/flags.yaml", "featureFlags:\n  flags:\n    - flag: {identifier: x, environments: []}\n", "1 flag (Harness)"),
    (
        "m/appsettings.json",
        "\u{feff}{\"Logging\": {}, // other settings\n \"FeatureManagement\": {\"Beta\": true, \"New\": false}}",
        "2 flags (Microsoft Feature Management)",
    ),
    (
        "n/data.json",
        r#"{"flags": {"x": {"on": true, "variations": [true, false], "fallthrough": {"variation": 0}}}}"#,
        "1 flag (LaunchDarkly)",
    ),
    (
        "n/remoteconfig.template.json",
        r#"{"parameters": {"x": {"defaultValue": {"value": "true"}}}, "version": {"versionNumber": "2"}}"#,
        "1 flag (mapping `firebase`)",
    ),
    (
        "n/datafile.json",
        r#"{"version": "4", "featureFlags": [{"id": "1", "key": "x", "rolloutId": "2"}], "rollouts": []}"#,
        "1 flag (Optimizely)",
    ),
    ("n/remote-config.json", r#"{"ttl": 60, "featureFlags": {"x": true, "z": false}}"#, "2 flags (registry)"),
    ("n/feature_flags.yml", "search: 50\ncart: 0\n", "2 flags (registry)"),
    ("n/feature-toggles.json", r#"{"enabled_features": ["a"], "disabled_features": ["c"]}"#, "2 flags (registry)"),
    ("n/ab_tests.yml", "x:\n  red: 1\n  blue: 1\n", "1 flag (registry)"),
    (
        "n/flags.yaml",
        "flags: [{name: x, everyone: true}]\nswitches: [{name: z, active: true}]\nsamples: []\n",
        "2 flags (",
    ),
    ("o/growthbook.json", r#"{"features": {"x": {"defaultValue": false, "rules": []}}}"#, "1 flag (GrowthBook)"),
    ("p/split.yaml", "- x:\n    treatment: \"on\"\n- y:\n    treatment: \"off\"\n", "2 flags (Split)"),
    (
        "q/studies/AStudy.json5",
        "[{name: 'A', experiment: [{name: 'x', probability_weight: 100,}]}]",
        "1 flag (mapping `brave`)",
    ),
    (
        "r/features/foo.json",
        r#"{"state": "enabled", "exceptions": [], "features": {"x": {"state": "internal"}}}"#,
        "(mapping `duckduckgo`)",
    ),
    (
        "s/feature_flags/ops/foo.yml",
        "---\nname: foo\nintroduced_by_url:\nmilestone: '15.9'\ntype: ops\ngroup: group::a\ndefault_enabled: false\n",
        "1 flag (GitLab)",
    ),
    (
        "t/feature_flags.yml",
        "search: Search for everyone\nlogin: Sign in\n  with a link\n",
        "2 flags (Flipper registry)",
    ),
    ("t/feature-toggles.yaml", "groups: [{team: pay, toggles: [{id: a, default: false}]}]\n", "1 flag ("),
    ("t/feature_switches.yml", "switches: [{name: a, state: disabled}, {name: b, state: enabled}]\n", "2 flags ("),
    ("u/feature-flags.json", r#"{"search": true, "login": {"production": false}}"#, "2 flags (registry)"),
    ("v/feature_flags.yml", "a: true\nb: <%= ENV.fetch(\"B\", false) %>\nc: {{ x }}\n", "(registry)"),
    ("w/nimbus.fml.yaml", "channels: [release]\nfeatures:\n  home:\n    variables: {}\n", "1 flag (Firefox Nimbus)"),
];

#[test]
fn every_known_format_is_named() {
    for (path, text, reported) in FILES.iter().filter(|(.., reported)| !reported.is_empty()) {
        let world = World::with(&[
            (path, text),
            ("package.json", "{\"features\": {}, \"state\": 1}\n"),
            ("docker-compose.yml", "services: {}\n"),
        ]);
        let (said, code) = countersign(&world, INIT);
        let found: Vec<&str> = said.lines().filter(|line| line.starts_with("found  ")).collect();
        assert!(code == 0 && found.len() == 1, "{path}: {said}");
        assert!(found[0].contains(reported) && found[0].contains(path), "{path}: {said}");
        let not_read = ["LaunchDarkly", "GrowthBook", "Flagsmith", "Statsig", "Split", "Nimbus", "Optimizely"];
        let gated = !not_read.iter().any(|name| reported.contains(name));
        assert_eq!(gated, found[0].contains(": project `"), "{path}: {said}");
        assert_eq!(!gated, found[0].to_lowercase().contains("not gated"), "{path}: {said}");
        assert_eq!(!gated, said.contains("This repository has no flag that can be gated yet"), "{path}: {said}");
        // The files that it wrote can be read, and has no mistake of its own.
        let (linted, _) = countersign(&world, &["lint"]);
        assert!(!linted.contains(".countersign/"), "{path}: {linted}");
    }
}

#[test]
fn other_shapes_of_known_formats() {
    for (path, text, _) in FILES.iter().filter(|(.., reported)| reported.is_empty()) {
        let world = World::with(&[(path, text)]);
        let (said, _) = countersign(&world, INIT);
        assert!(said.contains(&format!("in {path}: ")) && !said.contains("No flag file was found"), "{said}");
    }
}

/// A file that may hold flags, by its name, is passed over with words and with what to do about it.
#[test]
fn files_that_may_hold_flags_are_named() {
    for (path, text) in [
        ("experiments.json", "[{\"name\": \"a\", \"salt\": \"a\", \"min\": 0, \"max\": 100}]\n"),
        ("config/experiments.yml", "a:\n  red: 1\n  blue: 1\n"),
        ("config/rollout.yml", "a: 10\nb: 20\n"),
        ("features.toml", "a = 50\n"),
        ("remote-config.json", "{\"a\": {\"value\": 1}}\n"),
    ] {
        for other in [None, Some(("config/feature_flags.yml", "a: true\n"))] {
            let files: Vec<(&str, &str)> = [(path, text)].into_iter().chain(other).collect();
            let world = World::with(&files);
            let (said, _) = countersign(&world, INIT);
            let named: Vec<&str> = said.lines().filter(|line| line.starts_with("passed over  ")).collect();
            assert!(named.len() == 1 && named[0].contains(path) && named[0].contains("NOT GATED"), "{path}: {said}");
            // The remedy works when it is followed.
            let config = fs::read_to_string(world.path(".countersign/config.yaml")).unwrap();
            let more = format!("  more: {{paths: [\"{path}\"], approvals: peer}}\n");
            let config = config.replacen("projects:\n", &format!("projects:\n{more}"), 1);
            let config = if config.contains("\nformats:\n") {
                config.replacen("\nformats:\n", &format!("\nformats:\n  {path}: generic\n"), 1)
            } else {
                format!("{config}formats: {{\"{path}\": generic}}\n")
            };
            fs::write(world.path(".countersign/config.yaml"), config).unwrap();
            let (linted, clean) = countersign(&world, &["lint"]);
            assert_eq!((linted.as_str(), clean), ("no diagnostics\n", 0), "{path}");
            let (listed, _) = countersign(&world, &["formats", "try", path]);
            assert!(listed.contains("read as generic"), "{path}: {listed}");
        }
    }
    let world =
        World::with(&[("data/experiment_results.json", "{\"a\": 1}\n"), ("config/feature_flags.yml", "a: true\n")]);
    assert!(!countersign(&world, INIT).0.contains("passed over"));
}

#[test]
fn files_of_nothing_are_not_flags() {
    let world = World::with(&[
        ("package.json", "{\"name\": \"x\", \"features\": {\"a\": {}}, \"flags\": []}"),
        ("flags.json", "{\"version\": 3}"),
        ("features.yml", "- 1\n"),
        ("src/key.yaml", "key: value\nother: 1\n"),
        (".github/workflows/ci.yml", "on: push\njobs: {}\n"),
        ("i18n/en.yaml", "state: State\nkey: Key\n"),
        ("deploy.yaml", "apiVersion: v1\nkind: ConfigMap\ndata: {a: \"1\"}\n"),
        ("broken.json", "{"),
    ]);
    let (said, _) = countersign(&world, INIT);
    assert!(said.starts_with("No flag file was found, so a first flag is written"), "{said}");
    let named: Vec<&str> =
        said.lines().filter_map(|line| line.strip_prefix("passed over  ")?.split(',').next()).collect();
    assert_eq!(named, ["features.yml", "flags.json"], "{said}");
    assert_eq!(countersign(&world, &["lint"]), ("no diagnostics\n".to_owned(), 0));
}

/// Paths with texts, or names with paths.
type Pairs<'p> = &'p [(&'p str, &'p str)];

/// Projects are folders, called after what tells them apart.
#[test]
fn projects_have_names_that_say_something() {
    let flagd = |key: &str| {
        format!(
            "{{\"flags\": {{\"{key}\": {{\"state\": \"ENABLED\", \"variants\": {{\"a\": 1}}, \"defaultVariant\": \"a\"}}}}}}"
        )
    };
    let (a, b, c) = (flagd("a"), flagd("b"), flagd("c"));
    let native = |key: &str| flag(key, "inactive", 20);
    let (one, two, three) = (native("one"), native("two"), native("three"));
    let cases: &[(Pairs<'_>, Pairs<'_>)] = &[
        (
            &[("services/pay/config/flags.json", &a), ("services/web/config/flags.json", &b)],
            &[("services", "services/**/flags.json services/{folder}/config/flags.json")],
        ),
        (
            &[("env/dev.flagd.json", &a), ("env/prod.flagd.json", &a)],
            &[("env", "**/*.flagd.json **/*.flagd.y*ml env/**/{environment}.flagd.json")],
        ),
        (
            &[("env/dev.flagd.json", &a), ("env/prod.flagd.json", &b)],
            &[("env", "**/*.flagd.json **/*.flagd.y*ml env/**/{environment}.flagd.json")],
        ),
        (
            &[("dev/x/flags.flagd.json", &a), ("prod/x/flags.flagd.json", &c)],
            &[("flags", "**/*.flagd.json **/*.flagd.y*ml {environment}/x/*.flagd.json")],
        ),
        (
            &[("flags/web/one.yaml", &one), ("flags/web/deep/two.yaml", &two), ("flags/app/three.yaml", &three)],
            &[("app", "flags/app/**"), ("web", "flags/web/**")],
        ),
        (
            &[("flags/one.yaml", &one), ("flags/web/two.yaml", &two)],
            &[("flags", "flags/*.y*ml"), ("web", "flags/web/**")],
        ),
        (&[("flags/one.yaml", &one), ("flags/README.md", "flags\n")], &[("flags", "flags/**/*.y*ml")]),
        (&[("flags/one.yaml", &one), ("flags/other.yaml", "services: {}\n")], &[("flags", "flags/one.yaml")]),
        (&[("flags/one.yaml", &one), ("flags/two.yml", &two)], &[("flags", "flags/**")]),
        (&[("one.yaml", &one), ("flags.flagd.json", &a)], &[("flags", "**/*.flagd.json **/*.flagd.y*ml one.yaml")]),
    ];
    for (files, expected) in cases {
        let world = World::with(files);
        let (said, code) = countersign(&world, INIT);
        assert_eq!(code, 0, "{said}");
        let config = fs::read_to_string(world.root.join(".countersign/config.yaml")).unwrap();
        let config: serde_json::Value = serde_yaml::from_str(&config).unwrap();
        let found: Vec<(String, String)> = config["projects"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, project)| {
                let paths = project["paths"].as_array().unwrap().iter().map(|path| path.as_str().unwrap());
                (name.clone(), paths.collect::<Vec<_>>().join(" "))
            })
            .collect();
        let mut found: Vec<(&str, &str)> = found.iter().map(|(name, paths)| (name.as_str(), paths.as_str())).collect();
        found.sort_unstable();
        assert_eq!(found, *expected, "{said}");
        let (linted, code) = countersign(&world, &["lint"]);
        assert_eq!((linted.as_str(), code), ("no diagnostics\n", 0), "{expected:?}");
    }
}

#[test]
fn the_second_time_it_changes_nothing_and_says_what_is_there() {
    let world = World::with(&[("flags/web/a.yaml", &flag("a", "active", 20)), ("CODEOWNERS", "* @acme/all\n")]);
    countersign(&world, INIT);
    world.commit(&[(
        "config/new.flagd.json",
        "{\"flags\": {\"x\": {\"state\": \"ENABLED\", \"variants\": {\"a\": 1}}}}",
    )]);
    let (said, code) = countersign(&world, &["init", "--no-workflows"]);
    assert_eq!((world.git(&["status", "--porcelain"]), code), (String::new(), 0), "{said}");
    for line in [
        "kept   .countersign/config.yaml, which is there already",
        "kept   .countersign/APPROVERS, which is there already",
        "kept   .pre-commit-config.yaml, which is there already",
        "It is set up: 1 project (web) with 1 flag in 1 file.",
        "  config/new.flagd.json (flagd, 1 flag)",
    ] {
        assert!(said.lines().any(|one| one == line), "{line}: {said}");
    }
    assert!(!said.contains("No admin") && !said.contains("wrote") && !said.contains("git add"), "{said}");
    // A policy that cannot be read stays as it is too.
    world.commit(&[(".countersign/config.yaml", "version: 7\n")]);
    let (said, _) = countersign(&world, &["init", "--no-workflows"]);
    assert!(said.contains("cannot be read: `countersign lint` says why"), "{said}");
    assert_eq!(world.git(&["status", "--porcelain"]), "");
}

#[test]
fn without_a_commit_in_a_subfolder_and_in_a_bare_repository() {
    // No commit: everything is committed together, on the branch that there will be.
    let world = World::made(&["init", "-q", "-b", "trunk"]);
    world.write(&[("flags/web/a.yaml", &flag("a", "active", 20))]);
    let (said, code) = countersign(&world, INIT);
    assert!(said.contains("  git add .\n") && said.contains("merged into `trunk`") && code == 0, "{said}");
    assert_eq!(countersign(&world, &["lint"]), ("no diagnostics\n".to_owned(), 0));
    // In a subfolder the commands work there.
    let world = World::with(&[("flags/web/a.yaml", &flag("a", "active", 20)), ("src/x", "")]);
    let inside = world.root.join("src");
    let (said, code) = run(&inside, INIT);
    assert!(world.root.join(".countersign/config.yaml").is_file() && code == 0, "{said}");
    let add =
        said.lines().find_map(|line| line.trim().strip_prefix("git ").filter(|rest| rest.starts_with("add"))).unwrap();
    git(&inside, &add.split(' ').collect::<Vec<_>>());
    assert_eq!(world.git(&["diff", "--cached", "--name-only"]).lines().count(), 3, "{said}");
    assert_eq!(world.git(&["ls-files", "--others"]), "");
    // A bare one says how to get a work tree, and that works to the letter.
    let bare = world.root.join("bare.git");
    world.git(&["commit", "-qm", "policy"]);
    world.git(&["clone", "-q", "--bare", ".", "bare.git"]);
    let (said, code) = run(&bare, &["init"]);
    assert_eq!(code, 2, "{said}");
    let help = said.split('`').nth(1).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_countersign")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let done = command("sh", &bare).args(["-c", help]).env("PATH", path).output().unwrap();
    assert!(done.status.success(), "{help}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Right after `init` nobody is sent back to it.
#[test]
fn what_is_written_and_not_merged_is_reported_so() {
    let world = World::with(&[("flags/web/a.yaml", &flag("a", "active", 20))]);
    countersign(&world, INIT);
    for args in [&["check"][..], &["check", "--worktree"], &["approvers", "a"], &["check", "--format", "markdown"]] {
        let (said, code) = countersign(&world, args);
        assert!(!said.contains("countersign init") && code == 4, "{args:?}: {said}");
        assert!(said.contains("merge it into `main`"), "{args:?}: {said}");
    }
    assert_eq!(countersign(&world, &["lint"]), ("no diagnostics\n".to_owned(), 0));
    world.commit(&[]);
    assert_eq!(countersign(&world, &["check"]).1, 0);
}

/// A file that is refused is one of flags nevertheless.
#[test]
fn a_refused_file_is_found_and_has_approvers() {
    let world = World::with(&[
        ("flags/one.yaml", "key: one\nkind: flag\nstate: active\nvariants: [{key: on}]\n"),
        ("CODEOWNERS", "/flags/ @acme/web\n"),
    ]);
    let (said, _) = countersign(&world, INIT);
    assert!(said.starts_with("found  1 flag (native) in flags/one.yaml: project `flags`"), "{said}");
    let (linted, code) = countersign(&world, &["lint"]);
    assert!(linted.contains("flags/one.yaml:4:") && code == 3, "{linted}");
    world.commit(&[]);
    let (said, code) = countersign(&world, &["approvers", "one"]);
    assert!(
        said.starts_with("flags/one.yaml\n  project flags, approvals: specific\n  1 of @acme/web") && code == 0,
        "{said}"
    );
}

/// A workflow with a placeholder would fail each time that it runs.
#[test]
fn no_workflow_is_written_that_cannot_run() {
    let world = World::with(&[("flags/web/a.yaml", &flag("a", "active", 20)), (".github/x", "")]);
    let (said, _) = countersign(&world, &["init", "--admin", "@acme/leads"]);
    assert!(said.contains("No workflow was written") && !world.root.join(".github/workflows").exists(), "{said}");
    let pin = "acme/countersign@0123456789abcdef0123456789abcdef01234567";
    let (said, _) = countersign(&world, &["init", "--action", pin]);
    assert!(said.contains("wrote  .github/workflows/countersign.yml"), "{said}");
    let gate = fs::read_to_string(world.root.join(".github/workflows/countersign.yml")).unwrap();
    assert!(gate.contains(pin) && !gate.contains("your-org"), "{gate}");
}
