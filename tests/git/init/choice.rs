//! The format that `init` chooses for a file that nothing but its name tells of: one that reads it, and in which no
//! switch is missed.

use super::INIT;
use crate::empty::countersign;
use crate::world::World;

/// A file, what `init` says of it, a part of it that is a switch, the same switched on, and the flag that goes live.
const SWITCHES: &[(&str, &str, &str, &str, &str, &str)] = &[
    (
        "appsettings.yaml",
        "FeatureManagement:\n  Beta: false\n",
        "1 flag (Microsoft Feature Management)",
        "Beta: false",
        "Beta: true",
        "Beta",
    ),
    (
        "config/appconfig.json",
        "{\"items\": [{\"key\": \".appconfig.featureflag/Beta\", \"value\": \"{\\\"id\\\": \\\"Beta\\\", \\\"enabled\\\": false}\"}]}\n",
        "1 flag (Microsoft Feature Management)",
        "false}",
        "true}",
        "Beta",
    ),
    (
        "host.json",
        "{\"version\": \"2.0\", \"featureManagement\": {\"Beta\": false}}\n",
        "1 flag (Microsoft Feature Management)",
        "false}",
        "true}",
        "Beta",
    ),
    (
        "deploy/cm.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: feature-flags}\ndata:\n  new-search: 'false'\n",
        "1 flag (Kubernetes FeatureFlag)",
        "'false'",
        "'true'",
        "new-search@feature-flags",
    ),
    (
        "config/toggles.yml",
        "toggles:\n  new_search:\n    description: New search for all\n    owner: t\n    environments: {development: true, production: false}\n  dark:\n    description: Dark mode for all\n    environments: {development: true, production: true}\n",
        "(registry)",
        "production: false",
        "production: true",
        "new_search@production",
    ),
    (
        "config/feature_flags.yml",
        "production:\n  a: true\n  b: false\nstaging:\n  a: true\n  b: true\n",
        "4 flags (registry)",
        "b: false",
        "b: true",
        "b@production",
    ),
    (
        "config/feature_flags.yml",
        "feature_flags:\n  a: {local: true, production: false}\n  b: {local: true, production: true}\n",
        "4 flags (registry)",
        "production: false",
        "production: true",
        "a@production",
    ),
    (
        "config/features.yml",
        "- name: a\n  enabled: true\n- name: b\n  enabled: false\n",
        "2 flags (registry)",
        "enabled: false",
        "enabled: true",
        "b",
    ),
    (
        "config/flags.jsonc",
        "{\n// kill switches\n\"a\": true, \"b\": {\"enabled\": false}}\n",
        "2 flags (registry)",
        "\"enabled\": false",
        "\"enabled\": true",
        "b",
    ),
    (
        "config/flags.json",
        "{\n// kill switches\n\"a\": true, \"b\": {\"enabled\": false}}\n",
        "2 flags (registry)",
        "\"enabled\": false",
        "\"enabled\": true",
        "b",
    ),
    (
        "config/feature_flags.yml",
        "env: production\nflags:\n- {name: a, enabled: false}\n- {name: b, enabled: true}\n---\nenv: staging\nflags:\n- {name: c, enabled: true}\n",
        "3 flags (mapping `feature_flags`)",
        "enabled: false",
        "enabled: true",
        "a",
    ),
    (
        "config/flags.json",
        "{\"version\": 3, \"modules\": {\"billing\": {\"flags\": {\"a\": {\"enabled\": false}, \"b\": {\"enabled\": true}}}}}",
        "2 flags (mapping `flags`)",
        "\"enabled\": false",
        "\"enabled\": true",
        "a",
    ),
    (
        "config/flags.toml",
        "[flags.a]\nenabled = false\n[flags.b]\nenabled = true\n[[experiments]]\nname = \"c\"\nenabled = true\n",
        "3 flags (mapping `flags`)",
        "enabled = false",
        "enabled = true",
        "a",
    ),
    (
        "config/feature_flags.yml",
        "- {name: a, status: \"off\", rollout: 25}\n- {name: b, status: \"on\", rollout: 100}\n",
        "2 flags (mapping `feature_flags`)",
        "\"off\"",
        "\"on\"",
        "a",
    ),
    (
        "config/flags.json5",
        "[{id: 'a', active: false, arms: [{name: 'x', weight: 50}]}, {id: 'b', active: true, arms: []},]",
        "2 flags (mapping `flags`)",
        "active: false",
        "active: true",
        "a",
    ),
    // A mapping could be drafted for a part of each of these, of which more would be known.
    (
        "config/feature_flags.yml",
        "defaults: &defaults\n  mails: <%= ENV['MAILS'] == '1' %>\nproduction:\n  <<: *defaults\ndevelopment:\n  <<: *defaults\ntest:\n  <<: *defaults\n  mails: false\n",
        "4 flags (registry)",
        "mails: false",
        "mails: true",
        "mails@test",
    ),
    (
        "config/features.toml",
        "[features]\nenabled = true\nauto_reload = false\n[features.signing]\nenabled = false\nmode = 3\n[features.sync]\nenabled = false\nfast = true\n[features.proofs]\nenabled = false\nsize = 100\n[features.distribution]\nauto_update = false\nbranch = \"main\"\n",
        "6 flags (registry)",
        "[features.signing]\nenabled = false",
        "[features.signing]\nenabled = true",
        "signing",
    ),
];

#[test]
fn a_format_is_chosen_that_reads_the_file() {
    for (path, text, reported, off, on, key) in SWITCHES {
        let world = World::with(&[(path, text)]);
        let (said, _) = countersign(&world, INIT);
        assert!(said.contains(reported), "{path}: {said}\n{text}");
        let (linted, clean) = countersign(&world, &["lint"]);
        // Strict readers take no comment in a `.json`.
        let loose = path.ends_with(".json") && text.contains("//");
        assert_eq!(clean, 0, "{said}\n{text}");
        assert!(linted == "no diagnostics\n" || loose && linted.contains("warning[loose-json]"), "{linted}\n{text}");
        world.commit(&[]);
        world.git(&["checkout", "-qb", "later"]);
        world.commit(&[(path, &text.replacen(off, on, 1))]);
        let (changes, _) = countersign(&world, &["check", "--all"]);
        let live = changes.lines().any(|line| line.contains(&format!("/{key} ")) && line.contains("pending"));
        assert!(live && changes.contains("activation"), "{path}: {changes}\n{said}");
        assert!(!said.contains("drafted") || said.contains("look at each line marked `Decide`"), "{said}");
    }
}

/// A file of flags that has none yet, or that others' tools would read otherwise, is managed: the first flag in it is a
/// change.
#[test]
fn what_holds_no_flag_yet_is_managed() {
    for (path, before, after) in [
        ("config/feature_flags.json", "{}\n", "{\"a\": true}\n"),
        ("config/feature_flags.yml", "# none yet\n", "a: true\n"),
        ("config/feature_flags.yml", "feature_flags:\n", "feature_flags:\n  a: true\n"),
        (
            "config/toggles.json",
            "{\"staging\": {}, \"production\": {}}\n",
            "{\"staging\": {}, \"production\": {\"a\": true}}\n",
        ),
        // No flags of Flipt, though they have keys and rules.
        (
            "config/feature-flags.json",
            "{\"flags\": [{\"key\": \"a\", \"on\": false, \"rules\": []}]}\n",
            "{\"flags\": [{\"key\": \"a\", \"on\": true, \"rules\": []}]}\n",
        ),
        // The same names below others, which change places.
        (
            "config/features.yml",
            "payments:\n  export: true\norders:\n  export: false\n",
            "payments:\n  export: false\norders:\n  export: true\n",
        ),
    ] {
        let world = World::with(&[(path, before)]);
        let (said, _) = countersign(&world, INIT);
        world.commit(&[]);
        world.git(&["checkout", "-qb", "later"]);
        world.commit(&[(path, after)]);
        let (checked, _) = countersign(&world, &["check", "--all"]);
        assert!(checked.contains("\npending: "), "{said}\n{checked}\n{before}");
    }
}

/// Only descriptions are a declaration: whatever may be a switch needs approval when it changes.
#[test]
fn what_may_be_a_switch_is_no_description() {
    for (text, before, after) in [
        ("a: \"off\"\nb: \"on\"\n", "\"off\"", "\"on\""),
        ("a: {description: New search for all, percentage: 10}\n", "10", "100"),
        ("a: {description: New search for all, state: disabled}\n", "disabled", "enabled"),
        ("a: {description: New search for all, \"on\": false}\n", "false", "true"),
        ("a: {description: New search for all, actors: [x]}\n", "[x]", "[x, y]"),
        ("a: only for staff\nb: Search for all users\n", "only for staff", "always for everybody"),
        ("a: 10 percent of users\n", "10 percent", "90 percent"),
    ] {
        // Also where somebody calls it one of Flipper.
        for named in [false, true] {
            let world = World::with(&[("config/feature_flags.yml", text)]);
            let (said, _) = countersign(&world, INIT);
            assert!(!said.contains("(Flipper registry)"), "{said}\n{text}");
            let config = std::fs::read_to_string(world.root.join(".countersign/config.yaml")).unwrap();
            if named {
                let start = config.find("formats:").unwrap();
                let end = config.find("\n\n# Workflows").unwrap();
                let config = format!(
                    "{}formats: {{\"config/feature_flags*.y*ml\": flipper}}{}",
                    &config[..start],
                    &config[end..]
                );
                world.write(&[(".countersign/config.yaml", &config)]);
            }
            assert_eq!(countersign(&world, &["lint"]), ("no diagnostics\n".to_owned(), 0), "{said}\n{text}");
            world.commit(&[]);
            world.git(&["checkout", "-qb", "later"]);
            world.commit(&[("config/feature_flags.yml", &text.replacen(before, after, 1))]);
            let (reported, _) = countersign(&world, &["check", "--all"]);
            assert!(reported.contains("pending: 1 flag waits"), "{named}: {reported}\n{text}");
        }
    }
}

/// The state of such flags is in a database, whatever settings stand next to them.
#[test]
fn settings_next_to_declarations_leave_these_what_they_are() {
    let text = "layout: support\nparent_controller: \"Support::Base\"\nfeature_flags:\n  one_login:\n    author: Jo\n    description: Sign in with another account\n  search:\n    author: Al\n    description: Find people by their names\n";
    let world = World::with(&[("config/feature_flags.yml", text)]);
    let (said, _) = countersign(&world, INIT);
    assert!(said.contains("2 flags (Flipper registry)"), "{said}");
    world.commit(&[]);
    world.git(&["checkout", "-qb", "later"]);
    let more = format!("{text}  tags:\n    author: Jo\n    description: Show what a person is good at\n");
    world.commit(&[("config/feature_flags.yml", &more)]);
    let (reported, _) = countersign(&world, &["check", "--all"]);
    assert!(reported.contains("not required: ") && !reported.contains("users start to get it"), "{reported}");
    // Another setting is one that nobody knows.
    world.git(&["checkout", "-qf", "main"]);
    world.git(&["checkout", "-qb", "settings"]);
    world.commit(&[("config/feature_flags.yml", &text.replace("Support::Base", "Open::Base"))]);
    let (reported, _) = countersign(&world, &["check", "--all"]);
    assert!(reported.contains("pending: "), "{reported}");
}
