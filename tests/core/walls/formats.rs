//! A format is a folder: what no file outside of `src/format` may know of one.

use std::collections::BTreeSet;
use std::path::Path;

use countersign::document::{Field, Shape};
use countersign::format::{FORMATS, ids};

use super::{is_root, members, room, sources, tokens};

/// Rooms whose strings are JSON of others or of schemas: of the names of fields, those alone are looked for there that
/// mean nothing else (`rolloutWeights`, not `name`).
const OTHER_WORDS: &[&str] = &["diagnostics", "document", "git", "github", "cli"];

/// Files outside `format/` that may name fields of formats: each with the names (all if there are none) and the reason.
const NAME_FIELDS: &[(&str, &[&str], &str)] = &[
    ("amplitude/fields.rs", &[], "the table of what Amplitude's API writes, whose names the flag files took over"),
    ("amplitude/state.rs", &[], "Amplitude's words for the lifecycle"),
    ("changes/rules.rs", &[], "a rule is a row of the fields it covers"),
    ("changes/examples.rs", &[], "an example is a change of a field that a rule covers"),
    ("impact/result.rs", &["description"], "a keyword of JSON Schema"),
    ("render/draw.rs", &["users"], "a word of a sentence"),
    ("approval/evidence.rs", &["type"], "a keyword of JSON Schema"),
    ("cli/init/found.rs", &["gitlab"], "a host of repositories"),
    (
        "cli/init/choice.rs",
        &["generic", "registry"],
        "init chooses between the two formats that read a plain map of flags",
    ),
    ("groups/share.rs", &["description", "type"], "keywords of JSON Schema"),
];

/// Files outside `format/`, or the start of some, that know that a format may be described by a mapping, each with the
/// reason.
const KNOW_MAPPINGS: &[(&str, &str)] = &[
    ("policy/mappings.rs", "the mapping files of a repository are files of its policy"),
    ("cli/formats.rs", "the command shows mappings, and drafts them"),
    ("cli/init", "init drafts a mapping where no format reads a file"),
    ("cli/lint.rs", "lint surveys what mappings find"),
    ("cli/formats/reading.rs", "the command tries a mapping that is no format yet"),
];

/// A format is a folder: nothing outside names its fields or its id, takes from its module or compares its row.
#[test]
fn only_formats_know_formats() {
    let names = format_names();
    assert!(names.contains("rolloutWeights") && names.contains("fractional") && names.contains("flagd"), "{names:?}");
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let found: Vec<String> = files.iter().flat_map(|(path, text)| knows_formats(path, text, &names)).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    let cases: &[(&str, &str, &[&str])] = &[
        ("review/mod.rs", r#"fn f() { flag.get("rolloutWeights") }"#, &["review/mod.rs names `rolloutWeights`"]),
        ("review/mod.rs", r#"const S: &str = "targetSegments.name";"#, &["review/mod.rs names `targetSegments.name`"]),
        ("review/mod.rs", r##"/* "key" */ const S: &str = r#"state"#;"##, &["review/mod.rs names `state`"]),
        ("review/mod.rs", r#"const S: &str = "a state of its own";"#, &[]),
        ("github/api.rs", r#"fn f() { body["state"]["name"] }"#, &[]),
        ("github/api.rs", r#"fn f() { body["bucketingKey"] }"#, &["github/api.rs names `bucketingKey`"]),
        ("cli/init.rs", r#"match format.id { "native" => {} }"#, &["cli/init.rs names `native`"]),
        ("cli/init.rs", r#"match format.id { "flipt" => {} }"#, &["cli/init.rs names `flipt`"]),
        ("cli/show.rs", "fn f() { format.mapping.is_some() }", &["cli/show.rs knows mappings"]),
        ("cli/show.rs", "use crate::format::mapped;", &["cli/show.rs knows mappings"]),
        ("cli/show.rs", "fn f() { mapped::parse(b) }", &["cli/show.rs knows mappings"]),
        ("cli/formats.rs", "use crate::format::mapped; fn f() { format.mapping }", &[]),
        ("cli/init.rs", "use crate::format::{self, flagd::FORMAT};", &["cli/init.rs takes from `flagd`"]),
        ("cli/init.rs", "fn f() { std::ptr::eq(one.format, two) }", &["cli/init.rs compares the rows of formats"]),
        ("format/native/mod.rs", r#"fn f() { flag.get("state") }"#, &[]),
        ("changes/rules.rs", r#"fields: &["state"]"#, &[]),
    ];
    for (path, text, expected) in cases {
        assert_eq!(knows_formats(path, text, &names), *expected, "{path}: {text}");
    }
}

/// The ids of all formats, and the names of all fields in any of their records.
fn format_names() -> BTreeSet<&'static str> {
    let mut names: BTreeSet<&str> = ids().collect();
    let mut open: Vec<&Shape> = Vec::new();
    let mut fields: Vec<&Field> = FORMATS.iter().flat_map(|format| format.fields).collect();
    while let Some(field) = fields.pop() {
        names.insert(field.name);
        open.push(&field.shape);
        while let Some(shape) = open.pop() {
            match shape {
                Shape::Record(members) | Shape::Items { of: members, .. } => fields.extend(*members),
                Shape::Set(of) | Shape::MapOf(of) => open.push(of),
                _ => {}
            }
        }
    }
    names
}

/// Whether a source reads the mapping of a format, or takes from the module of mappings.
fn takes_mapping(text: &str) -> bool {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let takes = |line: &str| {
        ["mapped::", "::mapped", ".mapping"].iter().any(|part| {
            line.match_indices(part).any(|(at, _)| {
                let rest = line.get(at + part.len()..).unwrap_or_default();
                !part.ends_with(char::is_alphabetic) || !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
            })
        })
    };
    code.into_iter().any(takes)
}

/// Everything one file outside of `format/` knows of a format.
fn knows_formats(path: &str, text: &str, names: &BTreeSet<&str>) -> Vec<String> {
    // Unit tests need flags, and flags have a format.
    if room(path) == "format" || path.ends_with("/tests.rs") {
        return Vec::new();
    }
    let ids: Vec<&str> = ids().collect();
    let plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase()) && !ids.contains(&name);
    let other_words = OTHER_WORDS.contains(&room(path)) || is_root(room(path));
    let allowed = |name: &str| {
        NAME_FIELDS.iter().any(|(file, names, _)| *file == path && (names.is_empty() || names.contains(&name)))
    };
    let mut found = Vec::new();
    let (words, strings) = tokens(text);
    for string in strings {
        let mut parts = string.split('.');
        if parts.all(|part| names.contains(part) && !(other_words && plain(part))) && !allowed(string) {
            found.push(format!("{path} names `{string}`"));
        }
    }
    let taken = members(&words, "format").into_iter().filter(|module| ids.contains(module));
    found.extend(taken.map(|module| format!("{path} takes from `{module}`")));
    let mappings = words.iter().any(|word| matches!(*word, "mapped" | "mapping")) && takes_mapping(text);
    if mappings && !KNOW_MAPPINGS.iter().any(|(start, _)| path.starts_with(start)) {
        found.push(format!("{path} knows mappings"));
    }
    let arguments = text.split("ptr::eq(").skip(1).filter_map(|rest| rest.split(')').next());
    if arguments.into_iter().any(|pair| pair.contains("format") || pair.to_lowercase().contains("fields")) {
        found.push(format!("{path} compares the rows of formats"));
    }
    found
}
