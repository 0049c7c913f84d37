//! Formats that a mapping describes: the built-in ones on their examples, and mappings that are wrong.

mod absent;
mod attacks;
mod dates;
mod decided;
mod depends;
mod diagnostics;
mod drafted;
mod elsewhere;
mod examples;
mod featurevisor;
mod firebase;
mod for_diagnostics;
mod gives_back;
mod impact;
mod joined;
mod kills;
mod kubernetes;
mod layers;
mod letter_case;
mod lists;
mod members;
mod moved;
mod named;
mod native;
mod notes;
mod ordered;
mod parents;
mod parts;
mod random_drafts;
mod random_edits;
mod registries;
mod reviewed;
mod schemas;
mod selected;
mod served;
mod shipped;
mod spellings;
mod switched_off;
mod synonyms;
mod syntax;
mod twice;
mod uncovered;
mod usual_switches;
mod vectors;
mod vendors;
mod widening;
mod words;
mod wrapped;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use countersign::changes::change::Class;
use countersign::diagnostics::Diagnostics;
use countersign::flag::{File, Flag};
use countersign::format;
use countersign::format::mapped::{BUILT_IN, NATIVE, parse};
use countersign::policy::{CONFIG_PATH, FORMATS_FOLDER};
use countersign::report::{Report, Verdict};
use serde_json::{Value, json};

use crate::files::judge_files;

fn read(id: &str, path: &str, text: &str) -> (Vec<Flag>, Vec<String>) {
    let mut diagnostics = Diagnostics::of(path);
    let flags = format::by_id(id).unwrap().flags_of(text.as_bytes(), path, &mut diagnostics).unwrap_or_default();
    let found = diagnostics.finish(text.as_bytes());
    (flags, found.iter().map(|one| format!("{} {}:{}", one.id, one.place.line, one.place.column)).collect())
}

/// The files of an example, by path.
fn example(name: &str) -> BTreeMap<String, String> {
    files_of(&format!("examples/formats/{name}"))
}

/// The files of a folder of this repository, by their path in it.
fn files_of(folder: &str) -> BTreeMap<String, String> {
    fn all(root: &Path, folder: &Path, out: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                all(root, &path, out);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                out.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = BTreeMap::new();
    all(&root, &root, &mut found);
    found
}

fn config(id: &str) -> String {
    format!(
        "version: 1\nadmins: [\"@root\"]\nprojects: {{all: {{paths: [\"**\"], approvals: peer}}}}\nformats: {{\"**\": {id}}}\n"
    )
}

fn judged(id: &str, before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Report {
    let side = |files: &BTreeMap<String, String>| {
        let policy = [(CONFIG_PATH.to_owned(), config(id))];
        let all = policy.into_iter().chain(files.iter().map(|(path, text)| (path.clone(), text.clone())));
        all.map(|(path, text)| (path.clone(), File::regular(path, text.into_bytes()))).collect()
    };
    judge_files(&side(before), &side(after), None, &[]).unwrap_or_else(|found| panic!("{found:#?}"))
}

/// A proposal for a file in a format of the repository's own.
fn own(mapping: &str, before: &str, after: &str) -> Report {
    own_at("flags.yml", mapping, before, after)
}

/// The same of a file at another path.
fn own_at(path: &str, mapping: &str, before: &str, after: &str) -> Report {
    let side = |text: &str| -> BTreeMap<String, File> {
        let all = [
            (CONFIG_PATH.to_owned(), config("own")),
            (format!("{FORMATS_FOLDER}/own.yaml"), mapping.to_owned()),
            (path.to_owned(), text.to_owned()),
        ];
        all.into_iter().map(|(path, text)| (path.clone(), File::regular(path, text.into_bytes()))).collect()
    };
    judge_files(&side(before), &side(after), None, &[]).unwrap_or_else(|found| panic!("{found:#?}"))
}

const EXAMPLES: &[(&str, &[&str])] = &[
    ("goff", &["banner live", "new-search live", "old-cart inactive"]),
    ("flipt", &["checkout@shop live", "checkout@staging inactive", "dark-mode@shop live", "segment eu@shop unknown"]),
    (
        "featurevisor",
        &[
            "redesign@production live",
            "redesign@staging live",
            "segment employees unknown",
            "segment netherlands unknown",
        ],
    ),
    ("kubernetes", &["banner@shop-flags/flags.json ENABLED", "welcome@demo/shop ENABLED"]),
    ("registry", &["banner live", "new_search live", "old_cart inactive"]),
    ("gitlab", &["import live"]),
    ("unleash", &["search@default live", "the rest of .unleash/flags.json unknown"]),
    ("harness", &["dark_mode@production live", "dark_mode@staging inactive"]),
    ("microsoft", &["Beta live", "Legacy live"]),
    ("generic", &["cart unknown", "search unknown", "the rest of config/switches.json unknown"]),
];

#[test]
fn every_built_in_mapping_is_right() {
    for built_in in BUILT_IN.iter().chain([&NATIVE]) {
        let mut diagnostics = Diagnostics::of(built_in.name);
        let mapping = parse(built_in.text.as_bytes(), &mut diagnostics);
        let found = diagnostics.finish(built_in.text.as_bytes());
        assert!(found.is_empty() && mapping.is_some(), "{}: {found:#?}", built_in.name);
    }
    // The schema takes what the reader takes.
    let schema = jsonschema::validator_for(&countersign::format::mapped::schema()).unwrap();
    for built_in in BUILT_IN.iter().chain([&NATIVE]) {
        let value = serde_yaml_of(built_in.text).unwrap();
        assert!(schema.is_valid(&value), "{}: {:?}", built_in.name, schema.validate(&value));
    }
}

#[test]
fn the_examples_are_read() {
    for (id, expected) in EXAMPLES {
        let mut found = Vec::new();
        for (path, text) in example(id) {
            let (flags, diagnostics) = read(id, &path, &text);
            assert_eq!(diagnostics, Vec::<String>::new(), "{id}: {path}");
            found.extend(flags.iter().map(|flag| format!("{} {}", flag.key, flag.state.word)));
        }
        found.sort();
        assert_eq!(found, *expected, "{id}");
    }
}

/// JSON, which all readers of YAML take, with other places for everything.
fn as_json(text: &str) -> Option<Value> {
    if text.contains("\n---\n") || text.contains("//") {
        return None;
    }
    serde_yaml_of(text)
}

fn serde_yaml_of(text: &str) -> Option<Value> {
    use countersign::document::yaml::{self, Dialect};
    let mut diagnostics = Diagnostics::of("x.yaml");
    let node = yaml::read(text.trim_start_matches("---\n").as_bytes(), &[Dialect::Core], &mut diagnostics)?;
    serde_json::from_str(&node.json()).ok()
}

/// Where something stands in a document.
fn leaves(value: &Value, at: String, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => map
            .iter()
            .for_each(|(key, value)| leaves(value, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), out)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(number, value)| leaves(value, format!("{at}/{number}"), out))
        }
        _ => out.push(at),
    }
}

fn another(value: &Value) -> Value {
    match value {
        Value::Bool(value) => json!(!value),
        Value::Number(number) => json!(number.as_f64().unwrap_or_default() + 1.0),
        Value::String(text) => match text.parse::<u32>() {
            Ok(number) => json!((number + 1).to_string()),
            Err(_) => json!(format!("{text}x")),
        },
        _ => json!("x"),
    }
}

/// The same in another layout is silent, and no change of any value is: it is reported, or the file is refused.
#[test]
fn same_is_silent_and_another_value_is_reported() {
    // A part that a mapping passes over, and says so.
    let passed_over = |id: &str, at: &str| match id {
        "flipt" => at.starts_with("/version") || at.starts_with("/namespace/name"),
        "microsoft" => at.starts_with("/Logging"),
        "kubernetes" => at.starts_with("/apiVersion") || at.starts_with("/metadata/namespace"),
        _ => false,
    };
    let mut reported = 0;
    for (id, _) in EXAMPLES {
        let files = example(id);
        for (path, text) in &files {
            let Some(value) = as_json(text) else { continue };
            let with = |value: &Value| {
                let mut other = files.clone();
                other.insert(path.clone(), serde_json::to_string_pretty(value).unwrap() + "\n");
                other
            };
            let same = judged(id, &files, &with(&value));
            let loud: Vec<&str> = same
                .flags
                .iter()
                .filter(|flag| flag.changes.iter().any(|change| change.class != Class::NoEffect))
                .map(|flag| &*flag.key)
                .collect();
            assert!(
                loud.is_empty() && same.verdict != Verdict::Invalid,
                "{id}: {path}: {loud:?} {:?}",
                same.diagnostics
            );
            let mut all = Vec::new();
            leaves(&value, String::new(), &mut all);
            for at in all.iter().filter(|at| !passed_over(id, at)) {
                let mut changed = value.clone();
                let leaf = changed.pointer_mut(at).unwrap();
                *leaf = another(leaf);
                let report = judged(id, &files, &with(&changed));
                let loud =
                    report.flags.iter().any(|flag| flag.changes.iter().any(|change| change.class != Class::NoEffect));
                assert!(loud || report.verdict == Verdict::Invalid, "{id}: {path}: another {at} is silent");
                reported += 1;
            }
        }
    }
    assert!(reported > 80, "{reported}");
}

/// A format, a path, the file before and after, and the rules.
type Case = ((&'static str, &'static str, String), String, &'static [&'static str]);

/// Objects that must be read as a flag that is live, and as what.
#[test]
fn classes() {
    let goff = |text: &str| ("goff", "a.goff.yaml", text.to_owned());
    let flag = "f: {variations: {a: 1, b: 2}, defaultRule: {percentage: {a: 50, b: 50}}}\n";
    let cases: &[Case] = &[
        // The sum is a part of the hash.
        (goff(flag), flag.replace("{a: 50, b: 50}", "{a: 1, b: 1}"), &["variant-distribution", "variant-distribution"]),
        (goff(flag), flag.replace("{a: 50, b: 50}", "{b: 50, a: 50}"), &[]),
        (goff(flag), flag.replace("{a: 50, b: 50}", "{a: 1, b: 2}"), &["variant-distribution", "variant-distribution"]),
        // A default that is written out.
        (goff(flag), flag.replace("defaultRule", "trackEvents: true, defaultRule"), &[]),
        (goff(flag), flag.replace("defaultRule", "trackEvents: false, defaultRule"), &["exposure-event"]),
        (goff(flag), flag.replace("defaultRule", "newThing: 1, defaultRule"), &["unknown-field"]),
        (goff(flag), flag.replace("variations: {a: 1", "variations: {a: 3"), &["variants"]),
        // The key is hashed: another key is another flag.
        (goff(flag), flag.replace("f: {", "g: {"), &["activation", "deletion"]),
        (goff(flag), flag.replace("defaultRule", "disable: true, defaultRule"), &[]),
        // Numbers that are no shares are compared as they are.
        (
            goff("f: {variations: {a: 1}, defaultRule: {progressiveRollout: {percentage: {initial: 10, end: 90}}}}\n"),
            "f: {variations: {a: 1}, defaultRule: {progressiveRollout: {percentage: {initial: 1, end: 9}}}}\n".into(),
            &["schedule", "schedule"],
        ),
    ];
    for ((id, path, before), after, expected) in cases {
        let files = |text: &str| BTreeMap::from([((*path).to_owned(), text.to_owned())]);
        let report = judged(id, &files(before), &files(after));
        let mut rules: Vec<String> = report
            .flags
            .iter()
            .flat_map(|flag| &flag.changes)
            .filter_map(|change| Some(change.rule?.to_string()))
            .collect();
        rules.sort();
        if expected.iter().any(|rule| ["activation", "deletion"].contains(rule)) {
            rules.dedup();
        }
        assert_eq!(rules, *expected, "{after}");
    }
}

#[test]
fn a_mapping_that_is_wrong() {
    let cases: &[(&str, &[&str])] = &[
        ("entities: [{at: \"*\"}]\n", &[]),
        ("about: x\n", &["missing-field 1:1"]),
        ("entitys: [{at: \"*\"}]\nentities: [{at: \"*\"}]\n", &["unknown-key 1:1"]),
        ("entities: [{at: \"*\", keys: x}]\n", &["unknown-key 1:22"]),
        ("entities: [{at: \"a//b\"}]\n", &["wrong-word 1:17"]),
        ("entities: [{at: \"@what/b\"}]\n", &["wrong-word 1:17"]),
        ("entities: [{at: 5}]\n", &["wrong-word 1:17"]),
        ("entities: [{at: \"*\", live: [on]}]\n", &["ambiguous-scalar 1:29"]),
        ("entities: [{at: \"*\", live: [{when: {at: a}, is: live}]}]\n", &["wrong-word 1:36"]),
        ("entities: [{at: \"*\", live: [{when: always, is: alive}]}]\n", &["wrong-word 1:48"]),
        ("entities: [{at: \"*\", fields: {weights: a}}]\n", &["wrong-word 1:31"]),
        ("entities: [{at: \"*\", fields: {variants: {at: a, list: keyed}}}]\n", &["wrong-word 1:55"]),
        ("entities: [{at: \"*\", fields: {variants: {list: set}}}]\n", &["missing-field 1:41"]),
        ("entities: [{at: \"*\", rest: ignore}]\n", &["wrong-word 1:28"]),
        ("syntax: {is: xml}\nentities: [{at: \"*\"}]\n", &["wrong-word 1:14"]),
        ("syntax: {readers: [perl]}\nentities: [{at: \"*\"}]\n", &["wrong-word 1:20"]),
        ("outside: fin\nentities: [{at: \"*\"}]\n", &["wrong-word 1:10"]),
        ("[]\n", &["wrong-type 1:1"]),
    ];
    for (text, expected) in cases {
        let mut diagnostics = Diagnostics::of("x.yaml");
        let mapping = parse(text.as_bytes(), &mut diagnostics);
        let found: Vec<String> = diagnostics
            .finish(text.as_bytes())
            .iter()
            .map(|one| format!("{} {}:{}", one.id, one.place.line, one.place.column))
            .collect();
        let (mut found, mut expected) = (found, expected.to_vec());
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected, "{text}");
        assert_eq!(mapping.is_some(), expected.is_empty(), "{text}");
    }
}

/// A mapping is policy: a file and its mapping do not change together, and a broken mapping makes the policy invalid.
#[test]
fn a_mapping_is_policy() {
    let side = |mapping: &str, file: &str| -> BTreeMap<String, File> {
        let files = [
            (
                CONFIG_PATH.to_owned(),
                "version: 1\nadmins: [\"@root\"]\nprojects: {all: {paths: [\"*.json\"], approvals: peer}}\n",
            ),
            (format!("{FORMATS_FOLDER}/own.yaml"), mapping),
            ("a.json".to_owned(), file),
        ];
        files.into_iter().map(|(path, text)| (path.clone(), File::regular(path, text.as_bytes()))).collect()
    };
    let mapping = "files: [\"*.json\"]\nsyntax: {is: json}\nentities: [{at: \"*\", live: [live], fields: {payload: \"@value\"}}]\n";
    let loose = mapping.replace("live: [live]", "live: [inactive]");
    let judge = |before: (&str, &str), after: (&str, &str)| {
        judge_files(&side(before.0, before.1), &side(after.0, after.1), None, &[])
    };
    let edit = judge((mapping, "{\"f\": 1}"), (mapping, "{\"f\": 2}")).unwrap();
    assert_eq!((edit.verdict, edit.policy.verdict), (Verdict::Pending, Verdict::NotRequired));
    let alone = judge((mapping, "{\"f\": 1}"), (&loose, "{\"f\": 1}")).unwrap();
    assert_eq!((alone.flags.len(), alone.policy.verdict), (0, Verdict::Pending));
    let both = judge((mapping, "{\"f\": 1}"), (&loose, "{\"f\": 2}")).unwrap();
    assert_eq!(both.verdict, Verdict::Invalid);
    assert!(both.diagnostics.iter().any(|one| one.id.to_string() == "two-formats"), "{:#?}", both.diagnostics);
    let broken = judge((mapping, "{\"f\": 1}"), ("entities: 5\n", "{\"f\": 1}")).unwrap();
    assert_eq!(broken.policy.verdict, Verdict::Invalid);
    assert!(judge(("entities: 5\n", "{}"), (mapping, "{}")).is_err());
    let gone = judge((mapping, "{\"f\": 1}"), (mapping, "{}")).unwrap();
    assert_eq!(gone.verdict, Verdict::Pending);
}

/// A section that is only about production lets staging pass, in one file.
#[test]
fn sections_by_scope() {
    let config = "version: 1\nadmins: [\"@root\"]\nprojects: {all: {paths: [\"features/**\"], approvals: specific}}\n\
                  formats: {\"**\": featurevisor}\nsections: {Release: {scopes: [production]}, Staging: {scopes: [staging]}}\n";
    let approvers = "[Release]\nfeatures/** @alice\n[Staging]\nfeatures/** @bob\n";
    let before = example("featurevisor")["features/redesign.yml"].clone();
    let required = |after: String| -> Vec<String> {
        let side = |text: &str| -> BTreeMap<String, File> {
            let files = [(CONFIG_PATH, config), (".countersign/APPROVERS", approvers), ("features/redesign.yml", text)];
            files.into_iter().map(|(path, text)| (path.to_owned(), File::regular(path, text.as_bytes()))).collect()
        };
        let report = judge_files(&side(&before), &side(&after), None, &[]).unwrap_or_else(|found| panic!("{found:#?}"));
        let required = report.flags.iter().flat_map(|flag| {
            flag.requirements.iter().map(|one| format!("{} {}", flag.key, one.section.clone().unwrap_or_default()))
        });
        required.collect()
    };
    assert_eq!(required(before.replace("percentage: 25", "percentage: 50")), ["redesign@production Release"]);
    assert_eq!(required(before.replace("percentage: 100", "percentage: 50")), ["redesign@staging Staging"]);
    // A shared part is a change of both.
    let both = required(before.replace("bucketBy: userId", "bucketBy: deviceId"));
    assert_eq!(both, ["redesign@staging Staging", "redesign@production Release"]);
}

/// A section that is left out for its scopes alone leaves nothing to ask for, unless a scope may be misspelt.
#[test]
fn another_scope_is_free() {
    let before = example("featurevisor")["features/redesign.yml"].clone();
    let approvers = "[Release]\nfeatures/** @alice\n";
    for (scopes, staging, production) in [
        ("production", Verdict::NotRequired, Verdict::Pending),
        ("prodution", Verdict::NotRequired, Verdict::Pending),
        ("live", Verdict::NotRequired, Verdict::Pending),
        ("stagng", Verdict::Pending, Verdict::Pending),
        ("Staging", Verdict::Pending, Verdict::Pending),
    ] {
        let config = format!(
            "version: 1\nadmins: [\"@root\"]\nprojects: {{all: {{paths: [\"features/**\"], approvals: specific}}}}\n\
             formats: {{\"**\": featurevisor}}\nsections: {{Release: {{scopes: [{scopes}]}}}}\n"
        );
        let side = |text: &str| -> BTreeMap<String, File> {
            let files =
                [(CONFIG_PATH, &*config), (".countersign/APPROVERS", approvers), ("features/redesign.yml", text)];
            files.into_iter().map(|(path, text)| (path.to_owned(), File::regular(path, text.as_bytes()))).collect()
        };
        let verdict = |after: String| {
            let report =
                judge_files(&side(&before), &side(&after), None, &[]).unwrap_or_else(|found| panic!("{found:#?}"));
            let admins = report.flags.iter().flat_map(|flag| &flag.requirements).filter(|one| one.section.is_none());
            assert_eq!(admins.count(), 0, "{scopes}");
            report.verdict
        };
        assert_eq!(verdict(before.replace("percentage: 100", "percentage: 50")), staging, "{scopes}");
        assert_eq!(verdict(before.replace("percentage: 25", "percentage: 50")), production, "{scopes}");
    }
}
