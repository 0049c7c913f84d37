//! Formats without what only comparisons need, by which `lint` reads.

use std::collections::BTreeSet;

use countersign::diagnostics::{Diagnostics, lints};
use countersign::document::Node;
use countersign::flag::{File, Flag};
use countersign::format::{self, FormatRef};
use countersign::policy::{CONFIG_PATH, FORMATS_FOLDER, Policy, PolicyFiles};

use super::{EXAMPLES, config, example, read};

/// Only who gets what, the lists of items and fields that no check looks at are left out: the same flags are read, and
/// the same errors found.
#[test]
fn the_same_is_read_and_found() {
    let (mut models, mut lists, mut fewer, mut unknown) = (0, 0, 0, 0);
    for (id, _) in EXAMPLES {
        let format = format::by_id(id).unwrap();
        let Some(other) = format.for_diagnostics() else { continue };
        for (path, text) in example(id) {
            for text in edited(&text) {
                let read = |format: &FormatRef| {
                    let mut diagnostics = Diagnostics::of(&path);
                    let flags = format.flags_of(text.as_bytes(), &path, &mut diagnostics).unwrap_or_default();
                    let more = flags.iter().map(|flag| (flag.drawn.is_some(), !flag.lists.is_empty()));
                    let more = more
                        .fold([0, 0], |[drawn, lists], (one, two)| [drawn + i32::from(one), lists + i32::from(two)]);
                    let record = |flag: &Flag| {
                        flag.record.iter().map(|entry| (entry.key.clone(), entry.value.clone())).collect()
                    };
                    let records: Vec<Vec<(String, Node)>> = flags.iter().map(record).collect();
                    let said = flags.into_iter().map(|flag| (flag.key, flag.state, flag.links)).collect::<Vec<_>>();
                    (said, diagnostics.finish(text.as_bytes()), more, records)
                };
                let (flags, found, more, all) = read(&format);
                models += more[0];
                lists += more[1];
                unknown += found.iter().filter(|one| one.id == lints::NO_SUCH_VARIANT.id).count();
                let (same_flags, same_found, none, some) = read(&other);
                assert_eq!((same_flags, same_found, none), (flags, found, [0, 0]), "{id} {path}\n{text}");
                // The words of a state that is not known are all that the shorter one has by itself.
                let fields = |record: &[(String, Node)]| record.iter().filter(|(name, _)| name != "stage").count();
                fewer += all.iter().map(|record| fields(record)).sum::<usize>();
                fewer -= some.iter().map(|record| fields(record)).sum::<usize>();
            }
        }
    }
    let counts = (models, lists, fewer, unknown);
    assert!(models > 0 && lists > 0 && fewer > 1000 && unknown > 20, "{counts:?}");
}

/// A file with wrong values, and with each of its words once written otherwise.
fn edited(text: &str) -> Vec<String> {
    let wrong = [("true", "50"), ("percentage", "percentages"), ("100", "101"), ("key", "keys")];
    let words: BTreeSet<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 1).collect();
    let otherwise = |word: &&str| text.replacen(word, &format!("{word}x"), 1);
    let edited = wrong.iter().map(|(from, to)| text.replace(from, to)).chain(words.iter().map(otherwise));
    edited.chain([text.to_owned()]).collect()
}

/// Names at the ends of a mapping's own paths, under members that name a variant, as shares and in defaults.
#[test]
fn names_that_are_no_variants_are_found_alike() {
    for (distribution, file) in [
        ("{at: fallback, names: variants}", "fallback: nope"),
        ("{at: {d: fallback}, names: variants}", "fallback: nope"),
        ("{at: 'when/*/give', names: variants}", "when: [{give: nope}]"),
        ("{at: {d: 'when/*'}, names: variants}", "when: {x: nope}"),
        ("{at: {d: when}, names: variants}", "when: [{serve: nope}]"),
        ("{at: {d: when}, names: variants}", "when: {x: {percentage: {nope: 100}}}"),
        ("{at: {d: when}, as: {d: json}, names: variants}", "when: '{\"variation\": \"nope\"}'"),
        ("{at: {d: fallback}, default: {d: nope}, names: variants}", "x: 1"),
        ("{at: {d: [when, '=nope']}, names: variants}", "x: 1"),
    ] {
        let mapping = format!(
            "entities: [{{at: '*', live: [live], fields: {{variants: choices, distribution: {distribution}}}}}]\n"
        );
        let files = PolicyFiles {
            config: Some(File::regular(CONFIG_PATH, config("own"))),
            formats: vec![File::regular(format!("{FORMATS_FOLDER}/own.yaml"), mapping)],
            ..PolicyFiles::default()
        };
        let read = |policy: Policy| {
            let text = format!("a: {{choices: {{old: 0, new: 1}}, {file}}}\n");
            let mut diagnostics = Diagnostics::of("flags.yml");
            policy.format("flags.yml").unwrap().flags_of(text.as_bytes(), "flags.yml", &mut diagnostics);
            diagnostics.finish(text.as_bytes())
        };
        let (policy, wrong) = Policy::read(&files);
        let policy = policy.unwrap_or_else(|| panic!("{distribution}: {wrong:?}"));
        let found = read(policy.clone());
        assert_eq!(found.iter().filter(|one| one.id == lints::NO_SUCH_VARIANT.id).count(), 1, "{distribution} {file}");
        assert_eq!(read(policy.for_diagnostics()), found, "{distribution} {file}");
    }
}

/// A tag that is called like a member which names a variant.
#[test]
fn an_item_of_a_set_names_no_variant() {
    let text = "bucketBy: id\ntags: [variation]\nvariations: [{value: a, weight: 100}]\nrules: {e: []}\n";
    let (_, found) = read("featurevisor", "features/a.yml", text);
    assert_eq!(found, Vec::<String>::new());
}

/// Of a document that may say too much all is read, as in a review: the limit is on what flags say together.
#[test]
fn a_file_that_says_too_much_is_refused_alike() {
    let rules: String = (0..400).map(|at| format!("  e{at}: [{{key: a, percentage: {at}}}]\n")).collect();
    let text = format!("bucketBy: id\nvariations:\n{}rules:\n{rules}", "  - {value: v, weight: 100}\n".repeat(400));
    let format = format::by_id("featurevisor").unwrap();
    let read = |format: &FormatRef| {
        let mut diagnostics = Diagnostics::of("features/a.yml");
        let flags = format.flags_of(text.as_bytes(), "features/a.yml", &mut diagnostics);
        (flags.is_some(), diagnostics.finish(text.as_bytes()))
    };
    let (is_read, found) = read(&format);
    assert!(!is_read && found.iter().any(|one| one.id == lints::TOO_MANY_NODES.id), "{found:?}");
    assert_eq!(read(&format.for_diagnostics().unwrap()), (is_read, found));
}
