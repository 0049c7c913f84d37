//! flagd files: what is read, what is refused, and the history of a real one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use countersign::flag::{Flag, Kind};
use countersign::format::{self, flagd};
use countersign::text::shape::{canonical, canonical_field, canonical_record};
use countersign::text::{Data, Field, Map, Node, Problems, Shape};

const DATA: &str = "tests/data/opentelemetry-demo-flagd";

/// The flags of a text and its problems as `line:column id`.
fn read_as(path: &str, text: &str) -> (Option<Vec<Flag>>, Vec<String>) {
    let mut problems = Problems::of(path);
    let flags = (flagd::FORMAT.read)(text.as_bytes(), path, &mut problems);
    let problems = problems.finish(text);
    (flags, problems.iter().map(|p| format!("{}:{} {}", p.place.line, p.place.column, p.id)).collect())
}

fn read(text: &str) -> (Option<Vec<Flag>>, Vec<String>) {
    read_as("flags/x.flagd.json", text)
}

/// A file with the one flag `f` that has variants `on` and `off`, and more.
fn with(more: &str) -> String {
    format!(r#"{{"flags": {{"f": {{"state": "ENABLED", "variants": {{"on": true, "off": false}}{more}}}}}}}"#)
}

/// The ids of the problems of a file with that flag.
fn ids(text: &str) -> Vec<String> {
    read(text).1.iter().filter_map(|problem| problem.split(' ').nth(1)).map(str::to_owned).collect()
}

/// Everything a record says, in normal form, by the names on the way to it.
fn facts(record: &Map, fields: &[Field], at: &str, out: &mut BTreeMap<String, String>) {
    for entry in record.iter() {
        let name = format!("{at}{}", entry.key);
        let Some(field) = fields.iter().find(|field| field.name == entry.key) else {
            out.insert(name, canonical(&entry.value, &Shape::Any));
            continue;
        };
        match (&field.shape, &entry.value.data) {
            (Shape::Record(of), Data::Map(map)) => facts(map, of, &format!("{name}."), out),
            (Shape::Items { id, of, .. }, Data::List(items)) => {
                for item in items {
                    let mut map = item.as_map().cloned().unwrap_or_default();
                    map.0.retain(|entry| entry.key != *id);
                    let label = item.get(id).and_then(Node::as_text).unwrap_or("?");
                    facts(&map, of, &format!("{name} {label}."), out);
                }
            }
            _ => {
                out.insert(name, canonical_field(Some(&entry.value), field));
            }
        }
    }
}

fn all(flag: &Flag) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    facts(&flag.record, flag.fields, "", &mut out);
    out
}

/// All that differs between two flags.
fn differences(before: &Flag, after: &Flag) -> Vec<String> {
    let (old, new) = (all(before), all(after));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let told = names.into_iter().filter_map(|name| match (old.get(name), new.get(name)) {
        (Some(old), Some(new)) if old == new => None,
        (Some(old), Some(new)) => Some(format!("{name} {old} → {new}")),
        (Some(old), None) => Some(format!("- {name} {old}")),
        (None, Some(new)) => Some(format!("+ {name} {new}")),
        (None, None) => None,
    });
    let told: Vec<String> = told.collect();
    let same = canonical_record(&before.record, before.fields) == canonical_record(&after.record, after.fields);
    assert_eq!(told.is_empty(), same, "the normal form of the whole and of its parts: {told:?}");
    told
}

/// What differs between the flags `f` of two files without problems.
fn between(before: &str, after: &str) -> Vec<String> {
    let flag = |text: &str| match read(text) {
        (Some(flags), problems) if problems.is_empty() => flags.into_iter().find(|flag| flag.key == "f"),
        (_, problems) => panic!("{text}\n{problems:?}"),
    };
    match (flag(before), flag(after)) {
        (Some(before), Some(after)) => differences(&before, &after),
        _ => panic!("no `f` in {before} or {after}"),
    }
}

/// Every version of OpenTelemetry's demo flags: oid, date and subject of the commit, and the flags.
fn history() -> Vec<(String, Vec<Flag>)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(DATA);
    let subjects = fs::read_to_string(dir.join("HISTORY.txt")).expect("HISTORY.txt");
    let versions = subjects.lines().enumerate().map(|(at, subject)| {
        let oid = subject.split(' ').next().unwrap_or_default();
        let name = format!("{:02}-{oid}.json", at + 1);
        let bytes = fs::read(dir.join(&name)).expect("a version for each line of HISTORY.txt");
        let mut problems = Problems::of(&name);
        let flags = (flagd::FORMAT.read)(&bytes, "src/flagd/demo.flagd.json", &mut problems);
        assert_eq!(problems.finish(""), [], "{name}");
        (format!("{:02} {subject}", at + 1), flags.expect("flags of a file without problems"))
    });
    versions.collect()
}

/// What a version changed, one line for each thing; what is new or gone with all it says.
fn step(before: &[Flag], after: &[Flag]) -> Vec<String> {
    let find = |flags: &[Flag], key: &str| flags.iter().position(|flag| flag.key == key);
    let whole = |flag: &Flag| {
        let facts = all(flag).into_iter().filter(|(name, _)| name != "description");
        facts.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
    };
    let mut lines = Vec::new();
    for flag in before.iter().filter(|flag| find(after, &flag.key).is_none()) {
        lines.push(format!("  - {}: {}", flag.key, whole(flag)));
    }
    for flag in after {
        match find(before, &flag.key).and_then(|at| before.get(at)) {
            None => lines.push(format!("  + {}: {}", flag.key, whole(flag))),
            Some(old) => lines.extend(differences(old, flag).iter().map(|what| format!("  {}: {what}", flag.key))),
        }
    }
    if lines.is_empty() {
        lines.push("  nothing".to_owned());
    }
    let mut keys: Vec<&str> = after.iter().map(|flag| flag.key.as_str()).collect();
    keys.sort_unstable();
    lines.push(format!("  = {}", keys.join(" ")));
    lines
}

/// Real commits, step by step, as a person can check them. `SNAPSHOTS=overwrite` writes the file anew.
#[test]
fn the_steps_of_a_real_history() {
    let history = history();
    assert_eq!(history.len(), 27);
    let mut told = String::new();
    let mut before: &[Flag] = &[];
    for (subject, flags) in &history {
        let _ = write!(told, "{subject}\n{}\n\n", step(before, flags).join("\n"));
        before = flags;
    }
    snapbox::assert_data_eq!(told, snapbox::file!["data/opentelemetry-demo-flagd/steps.txt"].raw());
}
