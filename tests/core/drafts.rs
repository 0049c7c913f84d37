//! Mappings drafted from files: each is right, and reads the file it was made from.

use std::fs;
use std::path::Path;

use countersign::diagnostics::Diagnostics;
use countersign::document::Map;
use countersign::flag::Flag;
use countersign::format::mapped::{self, draft::draft};

/// The draft of a file, and the flags that it reads there.
fn drafted(path: &str, text: &str) -> (String, Vec<Flag>) {
    let mut diagnostics = Diagnostics::of(path);
    let draft = draft(path, text.as_bytes(), &mut diagnostics);
    let found = diagnostics.finish(text);
    let draft = draft.unwrap_or_else(|| panic!("{path}: {found:#?}"));
    assert!(found.is_empty(), "{path}: {found:#?}");
    let mut diagnostics = Diagnostics::of("draft.yaml");
    let mapping = mapped::parse(draft.as_bytes(), &mut diagnostics);
    let found = diagnostics.finish(&draft);
    let mapping = mapping.unwrap_or_else(|| panic!("{path}: {found:#?}\n{draft}"));
    assert!(found.is_empty(), "{path}: {found:#?}\n{draft}");
    let mut diagnostics = Diagnostics::of(path);
    let format = mapped::format("drafted", mapping);
    let flags = format.flags_of(text.as_bytes(), path, &mut diagnostics);
    let found = diagnostics.finish(text);
    assert!(found.is_empty(), "{path}: {found:#?}\n{draft}");
    let flags = flags.unwrap_or_else(|| panic!("{path}: nothing is read\n{draft}"));
    (draft, flags)
}

fn states(flags: &[Flag]) -> Vec<String> {
    flags.iter().map(|flag| format!("{} {}", flag.key, flag.state.word)).collect()
}

/// The fields of a flag, and of the rest the names.
fn fields(flag: &Flag) -> Vec<String> {
    let parts = flag.record.iter().filter(|entry| !matches!(entry.key.as_str(), "state" | "stage"));
    parts
        .flat_map(|entry| {
            let names = entry.value.as_map().into_iter().flat_map(Map::iter);
            names.map(|part| format!("{} {}", entry.key, part.key))
        })
        .collect()
}

/// Each file of the examples, with its flags and their states.
const EXAMPLES: &[(&str, &[&str])] = &[
    (
        "featurevisor/features/redesign.yml",
        &["redesign unknown", "redesign@staging unknown", "redesign@production unknown"],
    ),
    ("featurevisor/segments/netherlands.yml", &["netherlands unknown"]),
    ("featurevisor/segments/employees.yml", &["employees unknown"]),
    (
        "flipt/flags/features.yaml",
        &[
            "checkout live",
            "dark-mode switched-off",
            "segment eu unknown",
            "the rest of flags/features.yaml unknown",
            "checkout#2 inactive",
            "the rest of flags/features.yaml#2 unknown",
        ],
    ),
    ("generic/config/switches.json", &["search live", "cart inactive", "the rest of config/switches.json unknown"]),
    ("gitlab/config/feature_flags/beta/import.yml", &["import live"]),
    ("goff/flags/search.goff.yaml", &["new-search unknown", "banner unknown", "old-cart switched-off"]),
    (
        "harness/.harness/flags.yaml",
        &["dark_mode unknown", "dark_mode@production live", "dark_mode@staging switched-off"],
    ),
    (
        "kubernetes/deploy/flags.yaml",
        &["welcome live", "the rest of deploy/flags.yaml unknown", "the rest of deploy/flags.yaml#2 unknown"],
    ),
    ("microsoft/appsettings.json", &["Beta live", "Legacy live", "the rest of appsettings.json unknown"]),
    ("registry/config/feature_flags.yml", &["new_search live", "old_cart inactive", "banner live"]),
    ("unleash/.unleash/flags.json", &["search live", "the rest of .unleash/flags.json unknown"]),
];

#[test]
fn every_example_is_drafted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/formats");
    let mut seen = 0;
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let at = entry.unwrap().path();
            let path = at.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
            if at.is_dir() {
                folders.push(at);
            } else if path.contains('/') {
                let (_, expected) =
                    EXAMPLES.iter().find(|(known, _)| *known == path).unwrap_or_else(|| panic!("{path}"));
                let text = fs::read_to_string(&at).unwrap();
                let inside = path.split_once('/').unwrap().1;
                let (draft, flags) = drafted(inside, &text);
                assert_eq!(states(&flags), *expected, "{path}\n{draft}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, EXAMPLES.len());
}

/// Shapes as people have them, each with its flags, their states and fields.
const SHAPES: &[(&str, &str, &[&str])] = &[
    ("a map of switches", "a: true\nb: false\n", &["a live: ", "b inactive: "]),
    (
        "a map of words",
        "flags: {a: \"on\", b: \"off\", c: beta, d: later}\n",
        &["a live: ", "b inactive: ", "c live: ", "d unknown: "],
    ),
    (
        "a list with keys",
        "- {key: a, disabled: true, owner: web}\n- {key: b, disabled: false, percentage: 10, note: x}\n",
        &["a inactive: owner owner", "b live: distribution percentage, rest note"],
    ),
    (
        "a map by environment",
        "toggles:\n  a: {production: true, staging: false}\n  b: {production: false}\n",
        &["a@production live: ", "a@staging inactive: ", "b@production inactive: "],
    ),
    (
        "variants with weights",
        "features:\n  a: {enabled: true, variants: [{name: x, weight: 1}, {name: z, weight: 3}], seed: s}\n",
        &["a live: variants variants, distribution variants/x/weight, distribution variants/z/weight, salt seed"],
    ),
    (
        "environments with flags",
        "prod:\n  a: true\n  b: {enabled: false}\ndev:\n  a: false\n",
        &["a@prod live: ", "b@prod inactive: ", "a@dev inactive: "],
    ),
    (
        "flags next to groups of switches",
        "a: {enabled: true, rollout_percentage: 10}\nb: {enabled: false}\nemergency: {stop: false, \"read_only\": true}\n",
        &["stop inactive: ", "read_only live: ", "a live: distribution rollout_percentage", "b inactive: "],
    ),
    (
        "two levels, of which the outer tells the same names apart",
        "checkout: {web: true, ios: false}\nsearch: {web: false, ios: true}\n",
        &["checkout.web live: ", "checkout.ios inactive: ", "search.web inactive: ", "search.ios live: "],
    ),
    (
        "a switch with members that may be another",
        "flags:\n  a: {enabled: false, overrides: {production: false}}\n  b: {enabled: false, owner: web, jira: W-1}\n  c: {enabled: true, forced: x}\n",
        &["a switched-off: rest overrides", "b inactive: owner owner, rest jira", "c live: rest forced"],
    ),
    (
        "environments next to members that may be switches",
        "flags:\n  a: {environments: {production: {enabled: false}, qa: {enabled: true}}, owner: web, forced: x}\n  b: {environments: {production: {enabled: false, team: web}}, owner: web}\n",
        &[
            "a unknown: owner owner, rest forced",
            "a@production switched-off: owner owner",
            "a@qa live: owner owner",
            "b@production inactive: owner owner, owner team",
        ],
    ),
    ("a list of names", "features: [a, b]\n", &["a unknown: ", "b unknown: "]),
    (
        "names that are no paths",
        "flags:\n  a: {\"x/y\": 1, \"@z\": 2, enabled: true}\n",
        &["a live: rest x/y, rest @z"],
    ),
];

#[test]
fn shapes_are_drafted() {
    for (what, text, expected) in SHAPES {
        let (draft, flags) = drafted("config/some flags.yml", text);
        let found: Vec<String> =
            flags.iter().map(|flag| format!("{} {}: {}", flag.key, flag.state.word, fields(flag).join(", "))).collect();
        assert_eq!(found, *expected, "{what}\n{draft}");
    }
}

/// Real files of several tools, whatever is drafted of them.
#[test]
fn wild_files_are_drafted() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/wild")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let at = entry.unwrap().path();
            let path = at.to_str().unwrap().to_owned();
            if at.is_dir() {
                // The version that comes after differs little from what was before.
                folders.extend((!at.ends_with("after")).then_some(at));
            } else if [".json", ".yaml", ".yml", ".json5"].iter().any(|end| path.ends_with(end)) {
                let text = fs::read_to_string(&at).unwrap();
                let mut diagnostics = Diagnostics::of("config/wild.yaml");
                let end = path.rsplit('.').next().unwrap();
                if draft(&format!("config/wild.{end}"), text.as_bytes(), &mut diagnostics).is_some() {
                    let (draft, flags) = drafted(&format!("config/wild.{end}"), &text);
                    assert!(!flags.is_empty(), "{path}\n{draft}");
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn what_cannot_be_read_is_reported_and_what_says_nothing_is_none() {
    for (text, errors) in [("a: [\n", true), ("a: 1\na: 2\n", true), ("5\n", false), ("{}\n", false), ("[]\n", false)] {
        let mut diagnostics = Diagnostics::of("x.yaml");
        assert_eq!(draft("x.yaml", text.as_bytes(), &mut diagnostics), None, "{text}");
        assert_eq!(diagnostics.any_error(), errors, "{text}");
    }
}

/// Shapes whose parts have a name that is not a flag's everywhere: where they are, and what they mean.
const NESTED: &[(&str, &str, &[&str], &[&str])] = &[
    (
        "studies/a.json5",
        "[{name: 'A', experiment: [{name: 'x', probability_weight: 10}, {name: 'y', probability_weight: 90}],\nfilter: {channel: ['RELEASE', 'BETA'], platform: ['IOS']}}]",
        &["A unknown", "A@RELEASE unknown", "A@BETA unknown"],
        &[
            "segments filter",
            "distribution experiment/x/probability_weight",
            "distribution experiment/y/probability_weight",
            "variants experiment",
        ],
    ),
    (
        "overrides/ios.json",
        "{\"features\": {\"auto\": {\"state\": \"enabled\", \"features\": {\"sub\": {\"state\": \"disabled\", \"targets\": []}}}}}",
        &["auto.sub switched-off", "auto live"],
        &["segments targets"],
    ),
    (
        "features/auto.json",
        "{\"state\": \"enabled\", \"settings\": 1, \"features\": {\"sub\": {\"state\": \"disabled\"}}}",
        &["auto.sub inactive", "auto live"],
        &[],
    ),
    (
        "config/f.yml",
        "default: &d\n  a: false\nproduction:\n  <<: *d\n  b: true\n",
        &["a@default inactive", "a@production inactive", "b@production live"],
        &[],
    ),
    (
        "config/f.yml",
        "search: Find things by their names.\ncart: Keep what is bought together.\n",
        &["search declared", "cart declared"],
        &["meta value"],
    ),
    (
        "flags.json",
        "{\"a\": {\"enabled\": true, \"rollout\": 25, \"countries\": [\"de\"], \"expires\": \"2026-01-01\"}, \"b\": false}",
        &["a live", "b inactive"],
        &["segments countries", "distribution rollout", "schedule expires"],
    ),
];

#[test]
fn parts_are_found_where_they_are() {
    for (path, text, expected, of_first) in NESTED {
        let (draft, flags) = drafted(path, text);
        let mut found = states(&flags);
        let mut wanted: Vec<String> = expected.iter().map(|one| (*one).to_owned()).collect();
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{draft}");
        let mut found = fields(&flags[0]);
        let mut wanted: Vec<String> = of_first.iter().map(|one| (*one).to_owned()).collect();
        found.sort();
        wanted.sort();
        assert_eq!(found, wanted, "{draft}");
    }
    let (draft, _) = drafted("f.yml", "feature_flags:\n  a: {development: true, production: false}\n");
    assert!(!draft.contains("No field has"), "{draft}");
}
