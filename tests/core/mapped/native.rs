//! The native format is one that a mapping could describe: every case is judged as its own reader judges it.

use std::collections::{BTreeMap, BTreeSet};

use countersign::flag::File;
use countersign::format::mapped::NATIVE;
use countersign::policy::{CONFIG_PATH, FORMATS_FOLDER};
use countersign::report::{Class, FlagReport, Report};

use crate::case_file::CASES;
use crate::files::judge_files;

/// The same files, read by the mapping.
fn by_the_mapping(files: &BTreeMap<String, File>) -> Option<BTreeMap<String, File>> {
    let mut files = files.clone();
    let config = String::from_utf8(files.get(CONFIG_PATH)?.bytes.clone()).ok()?;
    if config.contains("formats") {
        return None;
    }
    let config = format!("{}\nformats: {{\"**/*.yaml\": mirror, \"**/*.yml\": mirror}}\n", config.trim_end());
    let mapping = format!("{FORMATS_FOLDER}/mirror.yaml");
    files.insert(CONFIG_PATH.to_owned(), File::regular(CONFIG_PATH, config.into_bytes()));
    files.insert(mapping.clone(), File::regular(mapping, NATIVE.text.as_bytes().to_vec()));
    Some(files)
}

/// The rules that ask for approval, and what is switched on or off freely, by flag.
fn reported(report: &Report) -> BTreeMap<String, BTreeSet<String>> {
    let of = |flag: &FlagReport| {
        let rules = flag.changes.iter().filter_map(|change| match (change.rule, change.class) {
            (Some(rule), _) => Some(rule.as_str().to_owned()),
            (None, Class::NoEffect | Class::Routine) => None,
            (None, class) => Some(format!("free {}", class.word())),
        });
        (flag.key.clone(), rules.collect::<BTreeSet<String>>())
    };
    report.flags.iter().map(of).filter(|(_, rules)| !rules.is_empty()).collect()
}

/// Facts that the words of a mapping do not say, and the cases that show it.
const DIFFERENT: &[(&str, &[&str])] = &[
    (
        "the order of values inside of a condition says nothing",
        &["approval/kept-through-edits", "classes/no-effect-sets"],
    ),
    (
        "an empty list under a name is none, `null` is nothing, and a weight of zero is none",
        &["classes/no-effect-defaults", "classes/no-effect-null", "classes/no-effect-zero-weight"],
    ),
    ("weights that come with a segment are a part of it", &["rules/target-segments-added"]),
    ("a flag may serve everyone what stands for off", &["classes/created-nobody-free"]),
    (
        "what waits for its date is live already; to a mapping its start is an activation",
        &[
            "classes/kind",
            "files/flag-twice-reused",
            "rules/relaxed",
            "rules/relaxed-not",
            "rules/schedule-state",
            "when/not-computed-scheduled-now",
        ],
    ),
    (
        "other flags depend on this one",
        &[
            "switch-off/dependent-of-a-dependent",
            "switch-off/dependent-of-another-operator",
            "switch-off/dependent-served-when-off",
        ],
    ),
];

#[test]
fn every_case_is_judged_alike() {
    let (mut compared, mut found) = (0, BTreeMap::new());
    for case in CASES.iter() {
        let Ok(own) = case.judge() else { continue };
        // Its lints are code.
        if own.diagnostics.iter().any(countersign::diagnostics::Diagnostic::is_error) {
            continue;
        }
        let (Some(live), Some(proposed)) = (by_the_mapping(&case.live), by_the_mapping(&case.proposed)) else {
            continue;
        };
        compared += 1;
        let mapped = judge_files(&live, &proposed, None, &[]).unwrap_or_else(|found| panic!("{found:#?}"));
        if reported(&own) != reported(&mapped) {
            found.insert(case.name.as_str(), format!("{:?}\n    {:?}", reported(&own), reported(&mapped)));
        }
    }
    assert!(compared > 400, "{compared}");
    let expected: BTreeSet<&str> = DIFFERENT.iter().flat_map(|(_, cases)| *cases).copied().collect();
    let names: BTreeSet<&str> = found.keys().copied().collect();
    assert_eq!(names, expected, "{found:#?}");
}
