//! All that is wrong with a file is reported in one run: a value that a reader refuses doesn't keep the rest from being
//! checked, and nothing is reported that only follows from it.

use countersign::diagnostics::{Diagnostic, Diagnostics};
use countersign::flag::File;
use countersign::format::by_id;
use countersign::policy::{APPROVERS_PATH, CONFIG_PATH, Policy, PolicyFiles, TRUST_PATH};

const CONFIG: &str =
    "version: 1\nadmins: [\"@ann\", \"@bob\"]\nprojects:\n  p: {paths: [flags/], approvals: specific}\n";

/// Line and lint of each.
fn reported(diagnostics: &[Diagnostic]) -> Vec<String> {
    diagnostics.iter().map(|one| format!("{} {}", one.place.line, one.id)).collect()
}

/// Of a flag file, in this format. No flag comes out of it.
fn flags(format: &str, path: &str, text: &[u8]) -> Vec<String> {
    let mut diagnostics = Diagnostics::of(path);
    let flags = by_id(format).unwrap().flags_of(text, path, &mut diagnostics);
    assert!(flags.is_none(), "{}: {flags:?}", String::from_utf8_lossy(text));
    reported(&diagnostics.finish(text))
}

#[test]
fn native() {
    let good = "key: buy\nkind: flag\nvariants: [{key: a}]\n";
    for (lines, expected) in [
        // An ambiguous scalar, a word that is none and a number out of range.
        (
            "state: actve\nowner: yes\nrolloutPercentage: 200",
            vec!["4 wrong-word", "5 ambiguous-scalar", "6 out-of-range"],
        ),
        // Of the wrong type besides.
        ("state: on\nrolloutPercentage: 1e3", vec!["4 ambiguous-scalar", "5 ambiguous-scalar"]),
        ("state: active\nstickyBucketing: yes\nowner: [a]", vec!["5 ambiguous-scalar", "6 wrong-type"]),
        // A key that nobody knows, and one that stands twice.
        ("state: active\nyes: 1\nownr: a", vec!["5 ambiguous-scalar", "6 unknown-field"]),
        (
            "state: active\nowner: a\nowner: [b]\nrolloutPercentage: -1",
            vec!["6 duplicate-key", "6 wrong-type", "7 out-of-range"],
        ),
        // Tags, anchors and merges.
        ("state: active\nrolloutPercentage: !!int \"5\"\nowner: [a]", vec!["5 tag", "6 wrong-type"]),
        (
            "state: active\nowner: &a kim\nname: *a\nrolloutPercentage: 101",
            vec!["5 anchor", "6 anchor", "7 out-of-range"],
        ),
        ("state: active\nowner: !Team {a: 1}\nrolloutPercentage: 101", vec!["5 tag", "5 wrong-type", "6 out-of-range"]),
        // Scalars that readers differ in, and characters that nobody sees.
        ("state: active\nowner:\tkim\nrolloutPercentage: 101", vec!["5 readers-disagree", "6 out-of-range"]),
        ("state: act\u{202e}ive\nrolloutPercentage: 101", vec!["4 bidi-control", "5 out-of-range"]),
        ("state: active # \u{2028}\nrolloutPercentage: 101", vec!["4 control-character", "5 out-of-range"]),
        ("state: active\nowner: \"a\\x02\"\nrolloutPercentage: 101", vec!["5 control-character", "6 out-of-range"]),
        // Checks that need the state, and checks that don't.
        ("state: actve\nstartDate: 2026-12-02\nendDate: 2026-12-01", vec!["4 wrong-word", "6 start-after-end"]),
        ("state: actve\nstartDate: 2026-1-2\nendDate: 2026-12-01", vec!["4 wrong-word", "5 ambiguous-scalar"]),
        // Names of variants are known, whatever readers make of them.
        ("state: active\nrolloutWeights: {a: 1e2, b: 1}", vec!["5 ambiguous-scalar", "5 weights-without-variant"]),
        ("state: active\ntargetSegments: [{name: x, conditions: yes, percentage: 5}]", vec!["5 ambiguous-scalar"]),
    ] {
        let text = format!("{good}{lines}\n");
        let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(flags("native", "flags/buy.yaml", text.as_bytes()), expected, "{text}");
    }
    // Of a kind that is no word, the state is not one of the other kind.
    assert_eq!(
        flags("native", "flags/a.yaml", b"key: yes\nkind: Experiment\nstate: running\nvariants: [{key: a}]\n"),
        ["1 ambiguous-scalar", "2 wrong-word"]
    );
    // A conflict, and a line that is no YAML, are the reason for what is around them.
    assert_eq!(flags("native", "flags/a.yaml", b"<<<<<<< a\nkey: yes\nkind: [\n"), ["1 conflict-marker"]);
    assert_eq!(flags("native", "flags/a.yaml", b"key: [a\nkind: no\n"), ["2 syntax"]);
    // In another encoding only the letters are wrong.
    assert_eq!(
        flags("native", "flags/a.yaml", b"key: a\nkind: flag\nstate: on\nowner: J\xfcrgen\n"),
        ["3 ambiguous-scalar", "4 not-utf8"]
    );
}

#[test]
fn flagd() {
    let json = "{\"flags\": {\n\"a\": {\"state\": ENABLED,\n\"variants\": {\"on\": 01, \"off\": false},\n\"defaultVariant\": \"no\"},\n\"b\": {\"state\": \"ENABLD\", \"state\": \"DISABLED\", \"variants\": {\"on\": true}, \"defaultVariant\": \"on\"}}}\n";
    let expected = ["2 syntax", "3 syntax", "4 unknown-variant", "5 wrong-word", "5 duplicate-key"];
    assert_eq!(flags("flagd", "flags/a.flagd.json", json.as_bytes()), expected);
    let yaml = "flags:\n  a:\n    state: !Foo ENABLED\n    variants: {\"on\": 0x1p, \"off\": .inf}\n    defaultVariant: \"x\"\n";
    assert_eq!(flags("flagd", "flags/a.flagd.yaml", yaml.as_bytes()), ["3 tag", "4 out-of-range", "5 unknown-variant"]);
}

#[test]
fn a_mapped_format() {
    let toml = "[a]\nenabled = true\nrollout = inf\n[b]\nenabled = nan\n";
    assert_eq!(flags("generic", "flags/a.toml", toml.as_bytes()), ["3 readers-disagree", "5 readers-disagree"]);
    let json = "{\"a\": {\"enabled\": tru},\n \"b\": {\"enabled\": True}}\n";
    assert_eq!(flags("generic", "flags/a.json", json.as_bytes()), ["1 syntax", "2 syntax"]);
}

/// Mistakes in the files of the policy. No policy comes out of them.
fn policy(path: &str, text: &str) -> Vec<String> {
    let file = |name: &str, good: &str| File::regular(name, if name == path { text } else { good });
    let trust = (path == TRUST_PATH).then(|| file(TRUST_PATH, ""));
    let formats = if path.contains("formats/") { vec![file(path, "")] } else { Vec::new() };
    let files = PolicyFiles {
        config: Some(file(CONFIG_PATH, CONFIG)),
        approvers: Some(file(APPROVERS_PATH, "flags/ @ann\n")),
        formats,
        trust,
    };
    let (policy, diagnostics) = Policy::read(&files);
    assert!(policy.is_none() || diagnostics.iter().any(Diagnostic::is_error), "{text}");
    assert!(Policy::read_valid(&files).is_err(), "{text}");
    reported(&diagnostics)
}

#[test]
fn files_of_the_policy() {
    let config = "version: 1\nadmins: [\"@ann\", @bob]\ndistinct: yes\nprojects:\n  p: {paths: [flags/], approvals: specfic}\nlock: {after: 1d, what: 1}\nnope: 1\n";
    let expected = ["3 ambiguous-scalar", "5 wrong-word", "6 unknown-key", "7 unknown-key"];
    assert_eq!(policy(CONFIG_PATH, &config.replace("@bob", "\"@bob\"")), expected);
    let twice = CONFIG.replace("admins", "distinct: true\ndistinct: false\nnope: 1\nadmins");
    assert_eq!(policy(CONFIG_PATH, &twice), ["3 duplicate-key", "4 unknown-key"]);
    // A key that stands twice hides nothing of what the sections say.
    let twice = "version: 1\nadmins: [ann, \"@bob\"]\nprojects:\n  p: {paths: [flags/], approvals: specific}\ncritical: {relax: [nope]}\nlock: {after: soon}\nlock: {after: 14d}\n";
    let expected = ["2 bad-approver", "5 bad-relax", "6 out-of-range", "7 duplicate-key"];
    assert_eq!(policy(CONFIG_PATH, twice), expected);
    let trust = "version: 1\nrepository: no\nbranches: main\nnope: 1\n";
    assert_eq!(policy(TRUST_PATH, trust), ["2 ambiguous-scalar", "3 wrong-type", "4 unknown-key"]);
    let mapping = "about: yes\nnope: 1\nentities: [{at: \"*\", key: \"@key\", nope: 1}]\n";
    assert_eq!(
        policy(".countersign/formats/own.yaml", mapping),
        ["1 ambiguous-scalar", "2 unknown-key", "3 unknown-key"]
    );
}
