//! Mappings on a repository: keys that are put together from several places, and paths that lead to nothing.

use crate::git::command;
use crate::shop::Shop;

const OWN: &str = ".countersign/formats/own.yaml";

fn config(format: &str) -> String {
    format!(
        "version: 1\nadmins: [\"@root\"]\nprojects: {{all: {{paths: [\"f/**\"], approvals: peer}}}}\nformats: {{\"f/**\": {format}}}\n"
    )
}

/// A repository with a file, and a proposal that adds another one; its verdict.
fn second(format: &str, mapping: &str, (path, text): (&str, &str), (other, same): (&str, &str)) -> String {
    let shop = Shop::new(&[(".countersign/config.yaml", &config(format)), (OWN, mapping), (path, text)]);
    shop.propose("second", &[(other, same)]);
    let report = shop.judge("second");
    report["verdict"].as_str().unwrap_or_else(|| panic!("{report:#}")).to_owned()
}

const NONE: &str = "entities: [{at: '*', live: [live]}]\n";

#[test]
fn a_second_flag_of_a_composed_key_is_found() {
    let flipt = |on: bool| {
        format!("namespace: shop\nflags:\n  - {{key: ab, name: A, type: BOOLEAN_FLAG_TYPE, enabled: {on}}}\n")
    };
    assert_eq!(second("flipt", NONE, ("f/features.yml", &flipt(true)), ("f/b.features.yml", &flipt(false))), "invalid");
    let each = "entities: [{at: '*', each: '*', live: [{when: {at: '@env', is: true}, is: live}]}]\n";
    assert_eq!(second("own", each, ("f/a.yml", "abc: {prod: true}\n"), ("f/b.yml", "abc: {prod: false}\n")), "invalid");
    let parts = "entities: [{at: '*/*', key: ['@key0', '@key'], live: [{when: {at: '@value', is: true}, is: live}]}]\n";
    assert_eq!(
        second("own", parts, ("f/a.yml", "abc: {prod: true}\n"), ("f/b.yml", "abc: {prod: false}\n")),
        "invalid"
    );
    let file = "entities: [{at: '.', key: '@file', live: [{when: {at: enabled, is: true}, is: live}]}]\n";
    assert_eq!(second("own", file, ("f/a/x.yml", "enabled: true\n"), ("f/b/x.yml", "enabled: false\n")), "invalid");
    let feature = "bucketBy: u\nrules: {prod: [{key: e, segments: \"*\", percentage: 100}]}\n";
    let off = feature.replace("100", "0");
    assert_eq!(second("featurevisor", NONE, ("f/features/a.yml", feature), ("f/features/a.yaml", &off)), "invalid");
    // Another key is another flag.
    assert_ne!(
        second("own", parts, ("f/a.yml", "abc: {prod: true}\n"), ("f/b.yml", "abd: {prod: false}\n")),
        "invalid"
    );
}

/// The diagnostics of a mapping and its file.
fn lint(format: &str, mapping: &str, text: &str) -> String {
    let shop = Shop::new(&[(".countersign/config.yaml", &config(format)), (OWN, mapping), ("f/flags.yml", text)]);
    let output = command(env!("CARGO_BIN_EXE_countersign"), shop.dir()).args(["lint", "--color", "never"]).output();
    let said = String::from_utf8(output.unwrap().stdout).unwrap();
    let lines: Vec<&str> = said.lines().map(str::trim).collect();
    lines.join(" ")
}

#[test]
fn a_file_of_two_mappings_is_refused() {
    let one = "files: [\"f/**\"]\nentities: [{at: '*', live: [{when: {at: '@value', is: true}, is: live}]}]\n";
    let two = "files: [\"f/*.yml\"]\nentities: [{at: '*', live: [{when: {at: '@value', is: false}, is: live}]}]\n";
    let plain = "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects: {all: {paths: [\"f/**\"], approvals: peer}}\n";
    let named = format!("{plain}formats: {{\"f/a.yml\": two}}\n");
    let (first, second) = (".countersign/formats/one.yaml", ".countersign/formats/two.yaml");
    let said = |config: &str| {
        let shop =
            Shop::new(&[(".countersign/config.yaml", config), (first, one), (second, two), ("f/a.yml", "x: true\n")]);
        let output = command(env!("CARGO_BIN_EXE_countersign"), shop.dir()).args(["lint", "--color", "never"]).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    let found = said(plain);
    assert!(found.contains("error[two-mappings]: the mappings `one` and `two` both take this file"), "{found}");
    // Its remedy, to the letter.
    assert!(found.contains("`formats: {\"f/a.yml\": one}`"), "{found}");
    assert!(!said(&named).contains("two-mappings"), "{}", said(&named));
    // The second one comes in a proposal that leaves the file as it is.
    let shop = Shop::new(&[(".countersign/config.yaml", plain), (first, one), ("f/a.yml", "x: true\n")]);
    shop.propose("second", &[(second, two)]);
    let report = shop.judge("second");
    assert_eq!(report["verdict"], "invalid", "{report:#}");
    assert!(report["diagnostics"].to_string().contains("two-mappings"), "{report:#}");
}

#[test]
fn a_new_file_of_flags_that_no_project_has_is_warned_of() {
    let flags = "a:\n  variations: {x: true, z: false}\n  defaultRule: {variation: z}\n";
    let config = config("goff").replace("f/**", "f/*.goff.yaml");
    let shop = Shop::new(&[(".countersign/config.yaml", &config), ("f/a.goff.yaml", flags), ("notes.yaml", "x: 1\n")]);
    shop.propose("second", &[("f/b.yaml", &flags.replace("a:", "b:")), ("more.yaml", "replicas: 2\n")]);
    let report = shop.judge("second");
    let found: Vec<String> = report["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| format!("{} {} {}", one["id"], one["level"], one["path"]))
        .collect();
    assert_eq!(found, ["\"unmanaged-flags\" \"warning\" \"f/b.yaml\""], "{report:#}");
}

#[test]
fn a_scope_that_no_flag_has_is_warned_of() {
    let config = format!(
        "{}sections: {{Release: {{scopes: [prodution]}}}}\n",
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects: {all: {paths: [\"f/**\"], approvals: specific}}\nformats: {\"f/**\": registry}\n"
    );
    let approvers = "[Release]\n/f/ @kim\n";
    let said = |config: &str| {
        let flags = "search: {production: true, staging: false}\n";
        let shop = Shop::new(&[
            (".countersign/config.yaml", config),
            (".countersign/APPROVERS", approvers),
            ("f/a.yml", flags),
        ]);
        let output = command(env!("CARGO_BIN_EXE_countersign"), shop.dir()).args(["lint", "--color", "never"]).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    let found = said(&config);
    assert!(
        found.contains("warning[unmatched-scope]") && found.contains("write `production` if that is meant"),
        "{found}"
    );
    assert!(!said(&config.replace("prodution", "production")).contains("unmatched-scope"));
}

#[test]
fn a_path_that_leads_to_nothing_is_warned_of() {
    let flags = "flags:\n  a: {enabled: true}\n  b: {enabled: false}\n";
    let mapping = |at: &str, switch: &str| {
        format!("entities:\n  - at: {at}\n    live: [{{when: {{at: {switch}, is: true}}, is: live}}]\n")
    };
    let right = lint("own", &mapping("flags/*", "enabled"), flags);
    assert!(!right.contains("unmatched-path"), "{right}");
    let switch = lint("own", &mapping("flags/*", "enable"), flags);
    assert!(
        switch.contains(
            "own.yaml:3:1: warning[unmatched-path]: `live` asks about `enable`, which is not in any of the 2 flags"
        ),
        "{switch}"
    );
    let place = lint("own", &format!("outside: fine\n{}", mapping("flag/*", "enabled")), flags);
    assert!(
        place.contains("own.yaml:3:1: warning[unmatched-path]: `own` finds no flag in the file that it reads"),
        "{place}"
    );
    let generic = lint("\"generic at app/nope/*\"", NONE, flags);
    assert!(generic.contains("warning[unmatched-path]: `generic` finds no flag"), "{generic}");
    // A step that is the name of what is around the flag.
    let inner = "features:\n  a: {state: on, features: {b: {state: on}}}\n";
    let parent = "entities:\n  - at: features/*/features/*\n    live: [{when: {at: \"@doc/features/@key0/state\", is: on}, is: live}]\n";
    let around = lint("own", parent, inner);
    assert!(!around.contains("unmatched-path"), "{around}");
    // A test for absence asks about what is not there.
    let absent = "entities:\n  - {at: flags/*, live: [{when: {at: off, absent: true}, is: live}]}\n";
    assert!(!lint("own", &absent.replace("off,", "gone,"), flags).contains("unmatched-path"));
}

/// A resource of Kubernetes stands once in its folder; a patch that a kustomization names, managed or not, is none.
#[test]
fn a_second_resource_of_one_name_is_refused() {
    let map = |data: &str| format!("kind: ConfigMap\nmetadata: {{name: shop}}\ndata: {{{data}}}\n");
    let (flags, none) = (map("FEATURE_X: 'true'"), map(""));
    let config = config("kubernetes");
    let base = [(".countersign/config.yaml", config.as_str()), ("f/a.yaml", flags.as_str()), ("f/c.yaml", "x: y\n")];
    let said = |more: &[(&str, &str)]| {
        let shop = Shop::new(&base);
        shop.propose("second", more);
        let verdict = shop.judge("second")["verdict"].as_str().map(str::to_owned);
        let lint = command(env!("CARGO_BIN_EXE_countersign"), shop.dir())
            .args(["lint", "--rev", "second", "--color", "never"])
            .output()
            .unwrap();
        (verdict.unwrap(), String::from_utf8(lint.stdout).unwrap().matches("error[duplicate-document]").count())
    };
    assert_eq!(said(&[("f/b.yaml", &none)]), ("invalid".to_owned(), 2));
    assert_eq!(said(&[("f/other/b.yaml", &none)]), ("not-required".to_owned(), 0));
    let named = "resources: [f/a.yaml]\npatches: [{path: f/b.yaml}]\n";
    assert_eq!(said(&[("f/b.yaml", &none), ("kustomization.yaml", named)]).1, 0);
    let named = "resources: [a.yaml]\npatches: [{path: b.yaml}]\n";
    assert_eq!(said(&[("f/b.yaml", &none), ("f/kustomization.yaml", named)]).1, 0);
}

/// A registry of more than a mebibyte is not loaded; its remedy leads to a mapping that reads it.
#[test]
fn a_file_that_is_too_large_has_a_remedy_that_works() {
    let flags: String = (0..25_000).map(|at| format!("a_flag_with_a_usual_length_of_name_{at:05}: true\n")).collect();
    let found = lint("registry", NONE, &flags);
    assert!(
        found.contains(&format!("the file has {} bytes", flags.len())) && !found.contains("one flag a file"),
        "{found}"
    );
    assert!(found.contains("`countersign formats show registry`") && found.contains("`largest: 2`"), "{found}");
    let mut shown = command(env!("CARGO_BIN_EXE_countersign"), std::path::Path::new("/"));
    let shown = shown.args(["formats", "show", "registry"]).output().unwrap().stdout;
    let larger = String::from_utf8(shown).unwrap().replace("syntax: {", "syntax: {largest: 2, ");
    let found = lint("own", &larger, &flags);
    assert!(!found.contains("too-big") && !found.contains("error"), "{found}");
}
