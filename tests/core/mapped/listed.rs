//! Flags that are lists of those who get them, and names of people, customers and days, of which a mapping has none.

use countersign::diagnostics::Diagnostics;
use countersign::format::mapped::draft::draft;
use countersign::report::Verdict;

use super::parts::files;
use super::{judged, own, read};

/// Steps of one flag in a file, each with whether it waits.
const STEPS: &[(&str, &str, bool)] = &[
    ("search: [acme, globex]\n", "search: []\n", false),
    ("search: []\n", "search: [acme]\n", true),
    ("search: [acme]\n", "search: [acme, globex]\n", true),
    ("search: {customers: [acme]}\n", "search: {customers: []}\n", false),
    ("search: {customers: []}\n", "search: {customers: [acme]}\n", true),
    ("search: {tenants: [acme], description: d}\n", "search: {tenants: [], description: d}\n", false),
    // Those who are listed do not get it.
    ("search_blocked_for: [acme, globex]\n", "search_blocked_for: []\n", true),
    ("excluded_users: [acme, globex]\n", "excluded_users: []\n", true),
    // Something else may say who gets it.
    ("search: {customers: [acme], plan: pro}\n", "search: {customers: [], plan: pro}\n", true),
];

#[test]
fn an_empty_list_is_for_nobody() {
    for (before, after, waits) in STEPS {
        // A second flag, so that the draft knows what else there is.
        let side = |text: &str| format!("{text}cart: [acme]\n");
        let (before, after) = (side(before), side(after));
        let verdict = judged(
            "registry",
            &files(&[("config/feature_flags.yml", &before)]),
            &files(&[("config/feature_flags.yml", &after)]),
        )
        .verdict;
        assert_eq!(verdict == Verdict::Pending, *waits, "{before}{after}");
        let from = if before.contains("[]") { &after } else { &before };
        let mapping = drafted("flags.yml", from);
        let verdict = own(&mapping, &before, &after).verdict;
        assert_eq!(verdict == Verdict::Pending, *waits, "{before}{after}{mapping}");
    }
    let (flags, _) = read("registry", "f.yml", "production: {search: []}\nstaging: {search: [acme]}\n");
    let states: Vec<String> = flags.iter().map(|flag| format!("{} {}", flag.key, flag.state.word)).collect();
    assert_eq!(states, ["search@production inactive", "search@staging unknown"]);
}

fn drafted(path: &str, text: &str) -> String {
    draft(path, text.as_bytes(), &mut Diagnostics::of(path)).unwrap_or_else(|| panic!("{text}"))
}

/// The flags that a draft reads in its file, with their states.
fn states(path: &str, text: &str) -> (String, Vec<String>) {
    let draft = drafted(path, text);
    let mut diagnostics = Diagnostics::of("draft.yaml");
    let mapping = countersign::format::mapped::parse(draft.as_bytes(), &mut diagnostics).unwrap();
    let format = countersign::format::mapped::format("drafted", mapping);
    let mut diagnostics = Diagnostics::of(path);
    let flags = format.flags_of(text.as_bytes(), path, &mut diagnostics).unwrap();
    assert_eq!(diagnostics.finish(text.as_bytes()), [], "{draft}");
    (draft, flags.iter().map(|flag| format!("{} {}", flag.key, flag.state.word)).collect())
}

#[test]
fn names_of_people_and_days_are_in_no_draft() {
    for (path, text, expected) in [
        ("f.yml", "search: [acme, globex]\nbeta: [acme]\nold: []\n", &["search live", "beta live", "old inactive"][..]),
        (
            "f.json",
            "{\"search\": {\"users\": [\"jo@acme.com\"]}, \"beta\": {\"jo@acme.com\": true, \"kim@acme.com\": true}}",
            &["search unknown", "beta unknown"],
        ),
        (
            "f.yml",
            "new: {enabled: true, 6f9619ff-8b86-d011-b42d-00cf4fc964ff: true}\nold: {enabled: false, 2024-01-01: 10}\n",
            &["new live", "old switched-off"],
        ),
        ("f.yml", "features:\n  search:\n    customers: {'1001': true, '1002': true}\n", &["search unknown"]),
        (
            "f.yml",
            "customers:\n  acme: {search: true}\n  globex: {search: false}\n",
            &["acme.search live", "globex.search inactive"],
        ),
        ("f.yml", "customers:\n  acme: {search: true}\n", &["acme.search live"]),
        (
            "f.yml",
            "acme: {search: true, beta: false}\nglobex: {search: false}\n",
            &["acme.search live", "acme.beta inactive", "globex.search inactive"],
        ),
        ("beta_users.yml", "jo@acme.com: true\nkim@acme.com: false\n", &["beta_users live"]),
        ("beta_users.yml", "- jo@acme.com\n- kim@acme.com\n", &["beta_users live"]),
        // Flags may be called by numbers.
        ("f.yml", "features: {'1001': true, '1002': false}\n", &["1001 live", "1002 inactive"]),
    ] {
        let (draft, mut found) = states(path, text);
        let mut expected: Vec<String> = expected.iter().map(|one| (*one).to_owned()).collect();
        expected.sort();
        found.sort();
        assert_eq!(found, expected, "{text}{draft}");
        for name in ["acme", "globex", "jo@", "1001", "6f96", "2024-01-01"] {
            assert!(!draft.contains(name), "{name} {draft}");
        }
    }
    // Settings of one kind each stay apart.
    let (draft, _) = states("f.yml", "frontend: {search: true}\nbackend: {cart: true}\n");
    assert!(draft.contains("at: frontend/*") && draft.contains("at: backend/*"), "{draft}");
}

/// Switches next to the flags: the draft says that it does not read them, and the line that it proposes does.
#[test]
fn switches_next_to_the_flags_are_named() {
    let text = "feature_flags:\n  search: true\nmaintenance: false\nserver: {port: 1}\n";
    let (draft, found) = states("app.yml", text);
    assert_eq!(found, ["search live", "the rest of app.yml unknown"]);
    assert!(draft.contains("# These are switches that this draft does not read: `maintenance`."), "{draft}");
    let line = draft.lines().find_map(|line| line.strip_prefix("# - ")).unwrap();
    let mapping = format!("{draft}  - {line}\n");
    let after = text.replace("search: true", "search: false").replace("maintenance: false", "maintenance: true");
    let report = own(&mapping, text, &after);
    let keys: Vec<&str> = report.flags.iter().map(|flag| flag.key.as_str()).collect();
    assert_eq!(keys, ["search", "maintenance"], "{mapping}");
}
