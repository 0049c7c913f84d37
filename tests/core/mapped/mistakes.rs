//! Mistakes that the tools of a format let through.

use super::read;

#[test]
fn what_other_tools_let_through() {
    let cases: &[(&str, &str, &str, &[&str])] = &[
        ("goff", "a.yaml", "f: {variations: {a: 1}, defaultRule: {variation: b}}\n", &["no-such-variant 1:50"]),
        ("goff", "a.yaml", "f: {variations: {a: 1}, defaultRule: {percentage: {b: 1}}}\n", &["no-such-variant 1:52"]),
        (
            "kubernetes",
            "a.yaml",
            "kind: FeatureFlag\nmetadata: {name: x}\nspec: {flagSpec: {flags: {f: {state: ENABLED, variants: {on: true}}}}}\n",
            &["boolean-key 3:58"],
        ),
        (
            "goff",
            "a.yaml",
            "f: {variations: {a: 1}}\nf: {variations: {a: 2}}\n",
            &["incomplete-flag 1:1", "duplicate-key 2:1"],
        ),
        (
            "unleash",
            "s.json",
            "{\"features\":[{\"name\":\"a\",\"enabled\":true}],\n\"b\":{\"enabled\":true},\"more\":{\"c\":{\"enabled\":false}}}",
            &["misplaced-flag 2:1", "misplaced-flag 2:30"],
        ),
        (
            "flipt",
            "a.yaml",
            "namespace: d\nflags: []\nflag:\n  - {key: d, name: d, enabled: true}\n",
            &["misplaced-flag 3:1"],
        ),
        (
            "microsoft",
            "a.json",
            "{\"FeatureManagement\": {\"A\": true}, \"Logging\": {\"x\": 1},\n\"feature_mangement\": {\"feature_flags\": [1]},\n\"feature_flags\": [{\"id\": \"C\"}]}",
            &["misplaced-flag 2:1", "misplaced-flag 3:1"],
        ),
        ("harness", "a.yaml", "featureFlags: {flags: []}\nflags: [{flag: {identifier: a}}]\n", &["misplaced-flag 2:1"]),
        // A template is a string that nobody knows.
        ("registry", "a.yml", "feature_flags:\n  a: <%= ENV['A'] %>\n", &[]),
        ("goff", "a.yaml", "f: {variations: {on: 1, off: 2}, defaultRule: {variation: on}}\n", &[]),
    ];
    for (id, path, text, expected) in cases {
        assert_eq!(read(id, path, text).1, *expected, "{text}");
    }
    let (flags, _) = read("registry", "a.yml", "feature_flags:\n  a: <%= ENV['A'] %>\n  b: true\n");
    let states: Vec<&str> = flags.iter().map(|flag| &*flag.state.word).collect();
    assert_eq!(states, ["unknown", "live"]);
    // Next to a template in one line, what is none is read.
    let line = "feature_flags:\n  a: {enabled: false, description: \"see <%= x %>, there\", owner: <%= y, 'z' %>}\n  b: [\"{{ z }}\", {{ .Values.y }}]\n  c: \"{{ .Values.c }}\" # x\n";
    let (flags, found) = read("registry", "a.yml", line);
    assert!(found.is_empty(), "{found:?}");
    let states: Vec<&str> = flags.iter().map(|flag| &*flag.state.word).collect();
    assert_eq!(states, ["inactive", "unknown", "unknown"]);
    let owner = flags[0].record.iter().find(|entry| entry.key == "owner").unwrap();
    assert!(format!("{:?}", owner.value).contains("<%= y, 'z' %>"), "{owner:?}");
}
