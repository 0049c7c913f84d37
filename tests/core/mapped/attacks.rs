//! Edits by which somebody could try that a live flag is read as one that is off, or a change as none.

use super::*;

/// A format, a path, a file, the states of its flags and its diagnostics.
type UnclearCase = (&'static str, &'static str, String, &'static [&'static str], &'static [&'static str]);

/// An unknown state counts as live, whatever somebody writes into a switch.
#[test]
fn what_is_not_known_is_live() {
    let flipt = |enabled: &str| format!("flags: [{{key: a, enabled: {enabled}}}]\n");
    let rules =
        "bucketBy: id\nrules: [{key: a, segments: x, percentage: 0}, {key: b, segments: \"*\", percentage: 100}]\n";
    let map = "kind: ConfigMap\nmetadata: {name: x}\ndata:\n  f.json: |\n    ";
    let flags = "{\"flags\": {\"f\": {\"state\": \"ENABLED\", \"variants\": {\"on\": true}, \"targeting\": {\"$ref\" : \"e\"}}}, \"$evaluators\": {\"e\": {\"==\": [1, 1]}}}\n";
    let cases: &[UnclearCase] = &[
        ("flipt", "a.yaml", flipt("yes"), &["a@default unknown"], &[]),
        ("flipt", "a.yaml", flipt("1"), &["a@default unknown"], &[]),
        ("flipt", "a.yaml", flipt("false"), &["a@default inactive"], &[]),
        (
            "goff",
            "a.yaml",
            "f: {variations: {a: 1}, defaultRule: {variation: a}, disable: \"true\"}\n".into(),
            &["f unknown"],
            &[],
        ),
        (
            "harness",
            "a.yaml",
            "featureFlags: {flags: [{flag: {identifier: f, spec: {variations: [{identifier: a}]}, environments: [{identifier: p, state: ON}]}}]}\n".into(),
            &["f@p unknown"],
            &[],
        ),
        ("featurevisor", "features/a.yml", rules.into(), &["a live"], &[]),
        ("featurevisor", "features/a.yml", "rules: {p: [{percentage: \"50%\"}]}\n".into(), &["a@p unknown"], &[]),
        (
            "registry",
            "a.yml",
            "features: {a: {enabled: false, production: true}, b: \"off\"}\n".into(),
            &["a unknown", "a@production unknown", "b unknown"],
            &[],
        ),
        (
            "microsoft",
            "a.json",
            "{\"FeatureManagement\": {\"F\": true, \"f\": false}}".into(),
            &["F unknown", "f#2 unknown"],
            &["duplicate-key 1:35", "duplicate-key 1:35"],
        ),
        (
            "kubernetes",
            "a.yaml",
            format!("{map}{flags}"),
            &["f@x/f.json ENABLED"],
            &["unknown-variant 5:81", "readers-disagree 5:82"],
        ),
        ("kubernetes", "a.yaml", format!("{map}{{\"other\": 1}}\n"), &[], &[]),
        ("kubernetes", "a.yaml", format!("{map}{{\"flags\": \n"), &[], &["syntax 5:5"]),
    ];
    for (id, path, text, states, lints) in cases {
        let (flags, mut found) = read(id, path, text);
        // The files are as short as they can be.
        found.retain(|one| !one.starts_with("incomplete-flag") && !one.starts_with("impossible-percentage"));
        let flags: Vec<String> = flags.iter().map(|flag| format!("{} {}", flag.key, flag.state.word)).collect();
        assert_eq!(
            (flags.iter().map(String::as_str).collect::<Vec<_>>(), found),
            (states.to_vec(), lints.iter().map(|lint| (*lint).to_owned()).collect()),
            "{text}"
        );
    }
    // A study for no channel is one for all of them.
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/formats/brave.yaml")).unwrap();
    let mapping = parse(text.as_bytes(), &mut Diagnostics::of("brave.yaml")).unwrap();
    let brave = format::mapped::format("brave", mapping);
    let study = b"[{name: 'S', filter: {platform: ['IOS']}, experiment: [{name: 'x', probability_weight: 100}]}]";
    let flags = brave.flags_of(study, "studies/S.json5", &mut Diagnostics::of("studies/S.json5")).unwrap();
    assert_eq!(flags.iter().map(|flag| (&*flag.key, flag.state.live)).collect::<Vec<_>>(), [("S", true)]);
}

/// Two files that a tool reads otherwise: a format, a path, the file before and after.
type EditCase = (&'static str, &'static str, &'static str, &'static str);

/// Edits that were free once, and change what users get of a live flag.
#[test]
fn edits_that_are_reported() {
    const CRD: &str = "kind: FeatureFlagConfiguration\nmetadata: {name: x}\nspec:\n";
    let spec = |name: &str, default: &str| {
        format!("  {name}: {{flags: {{f: {{state: ENABLED, variants: {{a: 1, b: 2}}, defaultVariant: {default}}}}}}}\n")
    };
    let cases: &[EditCase] = &[
        (
            "registry",
            "a.yml",
            "f:\n  new: {name: A, \"on\": true}\n  old: {name: B, \"on\": false}\n",
            "f:\n  old: {name: A, \"on\": true}\n  new: {name: B, \"on\": false}\n",
        ),
        ("registry", "a.yml", "a: {key: null, \"on\": false}\nb: true\n", "a: {key: null, \"on\": true}\nb: true\n"),
        ("gitlab", "a.yml", "name: null\ndefault_enabled: false\n", "name: null\ndefault_enabled: true\n"),
        (
            "featurevisor",
            "features/r.yml",
            "bucketBy: id\nrules: {production: [{key: all, segments: \"*\", percentage: 50}]}\n",
            "bucketBy: id\nrules: {production: [{key: all, segments: \"*\", percentage: 100}]}\nenvironments: {x: {}}\n",
        ),
        (
            "featurevisor",
            "features/r.yml",
            "bucketBy: [a, b]\nrules: {p: [{percentage: 50}]}\n",
            "bucketBy: [b, a]\nrules: {p: [{percentage: 50}]}\n",
        ),
        (
            "featurevisor",
            "features/r.yml",
            "tags: [web]\nrules: {p: [{percentage: 50}]}\n",
            "tags: [ios]\nrules: {p: [{percentage: 50}]}\n",
        ),
        (
            "microsoft",
            "a.json",
            "{\"FeatureManagement\": {\"A\": true}}",
            "{\"FeatureManagement\": {\"A\": true}, \"FeatureManagement:A\": false}",
        ),
        (
            "goff",
            "a.yaml",
            "f: {variations: {a: [x, y]}, defaultRule: {variation: a}}\n",
            "f: {variations: {a: [y, x]}, defaultRule: {variation: a}}\n",
        ),
        (
            "goff",
            "a.yaml",
            "f: {disable: true, variations: {a: 1}}\n",
            "f: {disable: true, variations: {a: 1}, scheduledRollout: [{date: 2020-01-01T00:00:00Z, disable: false}]}\n",
        ),
        (
            "goff",
            "a.json",
            "{\"f\": {\"disable\": true, \"variations\": {\"a\": 1}}}",
            "{\"f\": {\"disable\": true, \"Disable\": false, \"variations\": {\"a\": 1}}}",
        ),
        (
            "flipt",
            "a.yaml",
            "flags: [{key: f, enabled: true}]\n",
            "flags: [{key: f, enabled: true, type: BOOLEAN_FLAG_TYPE}]\n",
        ),
        (
            "flipt",
            "a.yaml",
            "namespace: a\nflags: [{key: f, enabled: true}]\n---\nnamespace: b\nflags: [{key: f, enabled: false}]\n",
            "namespace: b\nflags: [{key: f, enabled: false}]\n",
        ),
        (
            "unleash",
            "a.json",
            "{\"version\": 3, \"features\": [{\"name\": \"f\"}], \"featureEnvironments\": [{\"enabled\": false}]}",
            "{\"version\": 3, \"features\": [{\"name\": \"f\"}], \"featureEnvironments\": [{\"enabled\": true}]}",
        ),
        (
            "unleash",
            "a.json",
            "{\"features\": [{\"name\": \"f\", \"enabled\": true, \"variants\": [{\"name\": \"a\", \"weight\": 1}, {\"name\": \"b\", \"weight\": 1}]}]}",
            "{\"features\": [{\"name\": \"f\", \"enabled\": true, \"variants\": [{\"name\": \"b\", \"weight\": 1}, {\"name\": \"a\", \"weight\": 1}]}]}",
        ),
    ];
    let files = |path: &str, text: &str| BTreeMap::from([(path.to_owned(), text.to_owned())]);
    let verdict =
        |id: &str, path: &str, before: &str, after: &str| judged(id, &files(path, before), &files(path, after)).verdict;
    for (id, path, before, after) in cases {
        let verdict = verdict(id, path, before, after);
        assert!(matches!(verdict, Verdict::Pending | Verdict::Invalid), "{id}: {before}\n{after}\n{verdict:?}");
    }
    let before = format!("{CRD}{}", spec("featureFlagSpec", "a"));
    let after = format!("{CRD}{}{}", spec("featureFlagSpec", "b"), spec("flagSpec", "a"));
    assert_eq!(verdict("kubernetes", "a.yaml", &before, &after), Verdict::Pending);
}

/// Of two flags with one key nobody knows which is read, so what either says, and their order, needs approval.
/// Some flags of a file are switches, and some are maps with one: an edit of a note is none of a switch.
#[test]
fn a_note_in_a_map_with_a_switch_is_no_switch() {
    let mapping = "entities:\n  - at: \"*\"\n    live:\n      - {when: {at: [enabled, \".\"], is: true}, is: live}\n      - {when: {at: [enabled, \".\"], is: false}, is: inactive}\n    fields: {owner: owner}\n";
    let text = "a: true\nb: {enabled: true, owner: x}\n";
    let noted = own(mapping, text, &text.replace("owner: x", "owner: z"));
    assert_eq!(noted.verdict, Verdict::NotRequired, "{:?}", noted.flags);
    let switched = own(mapping, &text.replace("enabled: true", "enabled: false"), text);
    assert_eq!(switched.verdict, Verdict::Pending);
    let unknown = own(mapping, text, &text.replace("owner: x", "users: [z]"));
    assert_eq!(unknown.verdict, Verdict::Pending, "{:?}", unknown.flags);
}

#[test]
fn flags_of_one_key_are_reported_each() {
    let flag = |on: bool| format!("{{\"id\": \"A\", \"enabled\": {on}}}");
    let file =
        |a: bool, b: bool| format!("{{\"feature_management\": {{\"feature_flags\": [{}, {}]}}}}", flag(a), flag(b));
    for (before, after) in
        [((false, false), (false, true)), ((false, false), (true, false)), ((true, false), (false, true))]
    {
        let side = |(a, b): (bool, bool)| parts::files(&[("a.json", &file(a, b))]);
        let report = judged("microsoft", &side(before), &side(after));
        assert!(report.flags.iter().any(|flag| !flag.changes.is_empty()), "{before:?} {after:?}");
        assert_ne!(report.verdict, Verdict::NotRequired, "{before:?} {after:?}");
    }
    // Off is off, whichever is read.
    let side = |on: bool| parts::files(&[("a.json", &file(on, on))]);
    let report = judged("microsoft", &side(true), &side(false));
    assert!(report.flags.iter().all(|flag| flag.live.before && !flag.live.after), "{:#?}", report.flags);
    assert_eq!((report.flags.len(), report.verdict), (2, Verdict::NotRequired));
    let list = |a: bool, b: bool| format!("flags: [{{key: A, enabled: {a}}}, {{key: A, enabled: {b}}}]\n");
    let side = |a: bool, b: bool| parts::files(&[("a.yml", &list(a, b))]);
    let report = judged("registry", &side(false, true), &side(true, false));
    assert!(report.flags.iter().any(|flag| !flag.changes.is_empty()));
}

/// An empty list is a filter that lets all pass, as one that is not there.
#[test]
fn an_empty_list_of_channels_is_every_channel() {
    const BRAVE: &str = include_str!("../../../examples/formats/brave.yaml");
    let study = |channels: &str| {
        format!(
            "[{{name: 'A', experiment: [{{name: 'on', probability_weight: 50}}], filter: {{channel: {channels}}}}}]\n"
        )
    };
    let verdict = |after: &str| own(BRAVE, &study("['RELEASE', 'BETA']"), &study(after)).verdict;
    assert_eq!(verdict("['RELEASE']"), Verdict::NotRequired);
    assert_eq!(verdict("[]"), Verdict::Pending);
}

/// Rails keeps what environments share in one map and merges it into each of them.
#[test]
fn what_environments_share_is_reported_for_each() {
    let rails = |search: bool| {
        format!(
            "default: &default\n  search: {search}\n  pay: true\nstaging:\n  <<: *default\n  pay: false\nproduction:\n  <<: *default\n"
        )
    };
    let (flags, found) = read("registry", "config/feature_flags.yml", &rails(false));
    assert!(found.is_empty(), "{found:?}");
    let state = |key: &str| flags.iter().find(|flag| flag.key == key).map(|flag| &*flag.state.word);
    assert_eq!((state("pay@production"), state("pay@staging")), (Some("live"), Some("inactive")));
    let side = |on: bool| parts::files(&[("a.yml", &rails(on))]);
    let report = judged("registry", &side(false), &side(true));
    let reported: Vec<&str> = report.flags.iter().map(|flag| &*flag.key).collect();
    assert!(["search@production", "search@staging"].iter().all(|key| reported.contains(key)), "{reported:?}");
    assert_eq!(report.verdict, Verdict::Pending);
}

/// A part of 1 is a percentage to one team and a share to another.
#[test]
fn a_number_that_may_be_a_share_is_none() {
    let file = |share: &str| format!("search: {{enabled: true, percentage: {share}}}\n");
    let text = |before: &str, after: &str| {
        let side = |share: &str| parts::files(&[("a.yml", &file(share))]);
        let report = judged("registry", &side(before), &side(after));
        countersign::render::review("text", &report, &countersign::render::Look::default())
    };
    let unclear = text("0.25", "0.5");
    assert!(unclear.contains("may be a percentage or a share of 1") && !unclear.contains("newly exposed"), "{unclear}");
    for reported in [text("25%", "50%"), text("25", "50")] {
        assert!(reported.contains("25.0% newly exposed"), "{reported}");
    }
}
