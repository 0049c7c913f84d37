//! Canonical YAML: what is written anew says the same, keeps every comment, and stays as it is when it is written once
//! more.

use std::path::Path;

use countersign::changes::diff;
use countersign::diagnostics::Diagnostics;
use countersign::document::yaml::{Dialect, canonical_text, read};
use countersign::flag::{Flag, Kind};
use countersign::format::native::{FIELDS, FORMAT};
use proptest::prelude::*;

fn flag(text: &str) -> Option<Flag> {
    let mut diagnostics = Diagnostics::of("flags/a.yaml");
    FORMAT.flags_of(text.as_bytes(), "flags/a.yaml", &mut diagnostics)?.pop()
}

/// Two flags without a difference, in effect or only in how a value is written.
fn assert_same(before: &str, after: &str) {
    let (one, two) = (flag(before).unwrap(), flag(after).unwrap_or_else(|| panic!("cannot be read:\n{after}")));
    assert_eq!(diff::compare(Some(&one), &two).len(), 0, "{before}\n---\n{after}");
}

fn written(text: &str) -> String {
    let written = canonical_text(text, FIELDS).unwrap_or_else(|| panic!("cannot be written anew:\n{text}"));
    assert_eq!(canonical_text(&written, FIELDS).as_deref(), Some(written.as_str()), "twice");
    written
}

#[test]
fn one_layout() {
    let before = "\
# A license.

state:   active
# Why.
key: 'a'   # the key
kind: \"flag\"
tags: [ b,
  a ]
variants:
- key: control   # one
  # of the control
  payload: {b: 1.0, a: \"yes\"}
- {key: treatment}
# - {key: third}
targetSegments:
- conditions:
  - {type: property, prop: country, op: is, values: [US, CA]}


  - {op: is, prop: plan, values: [\"1\"]}   # as a string
  percentage: 20
  name: 'It''s'
  # below the name
description: >-
  Two lines
  of text.
unknown: {z: ~x, a: [1, 2]}
# The end.
";
    // A sign that no word starts with.
    let before = before.replace("~x", "x");
    let after = "\
# A license.

# Why.
key: a # the key
kind: flag
description: >-
  Two lines
  of text.
tags: [b, a]
state: active
variants:
  - key: control # one
    # of the control
    payload: {b: 1.0, a: \"yes\"}
  - key: treatment
# - {key: third}
targetSegments:
  - name: It's
    # below the name
    percentage: 20
    conditions:
      - {type: property, prop: country, op: is, values: [US, CA]}

      - {prop: plan, op: is, values: [\"1\"]} # as a string
unknown: {z: x, a: [1, 2]}
# The end.
";
    let found = written(&before);
    assert_same(&before, &found);
    assert_eq!(found, after);
    let windows = before.replace('\n', "\r\n");
    assert_eq!(written(&windows), after.replace('\n', "\r\n"));
}

#[test]
fn files_that_people_keep() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("examples/shop"), root.join("examples/small"), root.join("tests/git/cli/repo")];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "yaml") {
                let text = std::fs::read_to_string(&path).unwrap();
                if flag(&text).is_some() {
                    assert_same(&text, &written(&text));
                    count += 1;
                }
            }
        }
    }
    assert!(count > 5, "{count}");
}

/// The texts of the profile that its readers were tried on: nothing that is returned says anything else.
#[test]
fn strange_texts() {
    let node = |text: &str| read(text.as_bytes(), &[Dialect::Profile], &mut Diagnostics::of("x"));
    let (mut read_at_all, mut refused) = (0, Vec::new());
    for line in include_str!("../strict/corpus.txt").lines() {
        let text: String = serde_json::from_str(line.split(" => ").next().unwrap()).unwrap();
        let Some(before) = node(&text) else { continue };
        read_at_all += 1;
        match canonical_text(&text, FIELDS) {
            Some(after) => assert_eq!(node(&after), Some(before), "{text}\n---\n{after}"),
            None => refused.push(text),
        }
    }
    assert!(read_at_all > 40 && refused.len() * 10 < read_at_all, "{read_at_all}: {refused:#?}");
}

/// A new file is valid, off, in canonical form, and says nothing that a lint has anything against.
#[test]
fn new_files() {
    let draft = FORMAT.draft.unwrap();
    for (kind, key) in
        [(Kind::Flag, "one"), (Kind::Experiment, "a.b_c-1"), (Kind::Flag, "on"), (Kind::Experiment, "2026")]
    {
        let text = draft(kind, key);
        let mut diagnostics = Diagnostics::of("flags/a.yaml");
        let flags = FORMAT.flags_of(text.as_bytes(), "flags/a.yaml", &mut diagnostics).unwrap();
        assert_eq!(diagnostics.finish(&text), [], "{text}");
        assert_eq!((flags[0].key.as_str(), flags[0].kind, flags[0].state.live), (key, kind, false));
        assert_eq!(written(&text), text);
        assert!(
            text.lines().filter(|line| line.starts_with("# ")).count() > 5
                && text.lines().all(|line| line.len() <= 100)
        );
    }
}

/// Lines of a file, each an entry of its own, in some of the ways in which people write them.
const PIECES: &[&str] = &[
    "name: \"A name\"",
    "owner: 'it''s me'",
    "description: |\n  One\n\n  # no comment\n  two",
    "tags: [b, \"on\", a]",
    "tags:\n- b\n- \"on\" # quoted",
    "variants:\n  - key: control\n    payload: {a: 1.0, b: [x, y]}\n  - key: treatment",
    "variants: [{key: control}, {key: treatment}]",
    "variants: [\n  {key: control}, # first\n  {key: treatment}\n  ]",
    "rolloutWeights: {control: 1, treatment: 3}",
    "rolloutWeights:\n  control: 1\n\n  # why three\n  treatment: 3",
    "rolloutPercentage: 12.50",
    "deployments: []",
    "targetSegments:\n  - conditions: [{prop: a, op: is, values: [b]}]\n    name: one\n    percentage: 5",
    "exposureEvent:\n    filters: []\n    event_type: \"Checkout: viewed\"",
    "unknown:\n  deep:\n    - - a\n      - b\n    - c: null",
    "startDate: 2026-11-23",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_layout(
        picked in proptest::sample::subsequence((0..PIECES.len()).collect::<Vec<_>>(), 0..PIECES.len()).prop_shuffle(),
        between in proptest::collection::vec(0..4usize, PIECES.len() + 4),
        windows in any::<bool>(),
    ) {
        let mut names = std::collections::BTreeSet::new();
        let mut pieces = vec!["key: a", "kind: experiment", "state: running"];
        let picked = picked.iter().map(|at| PIECES[*at]);
        pieces.extend(picked.filter(|piece| names.insert(piece.split(':').next().unwrap())));
        let (mut text, mut comments) = (String::new(), 0);
        for (piece, between) in pieces.iter().zip(&between) {
            if *between > 1 {
                text.push_str(&format!("# comment {comments}.\n"));
                comments += 1;
            }
            if *between % 2 == 1 {
                text.push('\n');
            }
            text.push_str(piece);
            if *between == 3 && !piece.contains('\n') {
                text.push_str(&format!("   # comment {comments}."));
                comments += 1;
            }
            text.push('\n');
        }
        if windows {
            text = text.replace('\n', "\r\n");
        }
        prop_assume!(flag(&text).is_some());
        let after = written(&text);
        assert_same(&text, &after);
        for number in 0..comments {
            let comment = format!("# comment {number}.");
            prop_assert_eq!(after.matches(&comment).count(), 1, "{}\n---\n{}", text, after);
        }
        for own in ["# quoted", "# first", "# why three", "# no comment"] {
            prop_assert_eq!(after.contains(own), text.contains(own), "{}\n---\n{}", text, after);
        }
    }
}
