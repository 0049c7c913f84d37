//! The files in `schemas/` are made from the tables and types that read and write the real thing, and everything the
//! project ships or writes holds to them. `SNAPSHOTS=overwrite cargo test --test core` writes them anew.

mod evidence;

use std::fs;
use std::path::{Path, PathBuf};

use countersign::amplitude::applied::ApplyDocument;
use countersign::amplitude::document::PlanDocument;
use countersign::amplitude::lock::Lock;
use countersign::approval::Evidence;
use countersign::document::schema::{DIALECT, document, id};
use countersign::document::shape::UnknownKeys;
use countersign::format::native;
use countersign::policy::config;
use countersign::policy::trust::TRUST_FIELDS;
use countersign::receipt::approval::Approval;
use countersign::receipt::audit::ReceiptAudit;
use countersign::receipt::verification::Verification;
use countersign::receipt::{Receipt, Statement};
use countersign::render::formats::FormatsAnswer;
use countersign::render::rules::Listed;
use countersign::render::{self, DiagnosticList};
use countersign::report::Report;
use countersign::report::approvers::ListedApprovers;
use countersign::report::doctor::Diagnosis;
use countersign::report::explained::Explained;
use countersign::report::locks::Locks;
use countersign::review::audit::Audit;
use countersign::review::simulation::Simulation;
use jsonschema::Validator;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use crate::case_file::{self, CASES};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The schema of this type.
fn written<T: JsonSchema>() -> Schema {
    schema_by::<T>(SchemaSettings::draft2020_12().for_serialize())
}

fn schema_by<T: JsonSchema>(settings: SchemaSettings) -> Schema {
    settings.with_transform(RecursiveTransform(unwrapped)).into_generator().into_root_schema_for::<T>()
}

/// Joins the lines of a description: where a comment of the source is wrapped is nothing to a reader of the schema.
fn unwrapped(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        let paragraphs: Vec<String> = text.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect();
        *text = paragraphs.join("\n\n");
    }
}

/// The schema of a date admits exactly what `lint` admits.
#[test]
fn dates_have_one_grammar() {
    let schema = json!({"type": "string", "pattern": countersign::document::date::pattern()});
    let admits = jsonschema::validator_for(&schema).unwrap();
    let good = [
        "2026-11-23",
        "2024-02-29",
        "2000-02-29",
        "2026-12-31T23:59:59Z",
        "2026-11-23T09:00:00+00:00",
        "2026-11-23T09:00:00-23:59",
        "2026-11-23T09:00:00.5Z",
        "2026-11-23T09:00:00.123456789+05:30",
    ];
    let bad = [
        "",
        "2026",
        "2026-11",
        "2026-1-2",
        "26-11-23",
        "02026-11-23",
        "0999-11-23",
        "+2026-11-23",
        " 2026-11-23",
        "2026-11-23 ",
        "2026-11-23\n",
        "2026-11-31",
        "2026-02-29",
        "1900-02-29",
        "2026-00-10",
        "2026-13-01",
        "2026-01-00",
        "2026/11/23",
        "2026-W01-1",
        "2026-11-23T",
        "2026-11-23T09",
        "2026-11-23T09:00",
        "2026-11-23T09:00Z",
        "2026-11-23T09:00:00",
        "2026-11-23T09:00:00.5",
        "2026-11-23t09:00:00Z",
        "2026-11-23T09:00:00z",
        "2026-11-23 09:00:00Z",
        "2026-11-23T9:00:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T09:60:00Z",
        "2026-11-23T09:00:60Z",
        "2026-11-23T23:59:60Z",
        "2026-11-23T09:00:00,5Z",
        "2026-11-23T09:00:00.Z",
        "2026-11-23T09:00:00.1234567890Z",
        "2026-11-23T09:00:00+0000",
        "2026-11-23T09:00:00+00",
        "2026-11-23T09:00:00+24:00",
        "2026-11-23T09:00:00+00:60",
        "2026-11-23T09:00:00 Z",
        "2026-11-23T09:00:00ZZ",
        "2026-11-23T09:00:00UTC",
        "2026-11-23T09:00:00[Europe/Berlin]",
        "２026-11-23",
        "2026-11-23T09:00:00Z\n",
        "2026‐11‐23",
        "20261123T090000Z",
    ];
    // Every day of some years too, those that are and those that aren't.
    let days = ["1000", "1896", "1900", "1999", "2000", "2023", "2024", "2100", "9996"]
        .into_iter()
        .flat_map(|year| (0..14).flat_map(move |month| (0..33).map(move |day| format!("{year}-{month:02}-{day:02}"))));
    for text in good {
        assert!(countersign::document::date::instant(text).is_some(), "{text}");
    }
    for text in bad {
        assert!(countersign::document::date::instant(text).is_none(), "{text:?}");
    }
    for text in good.into_iter().chain(bad).map(str::to_owned).chain(days) {
        let lint = countersign::document::date::instant(&text).is_some();
        assert_eq!(admits.is_valid(&json!(text)), lint, "{text:?}");
    }
}

/// The schemas by name, as the code has them now.
fn generated() -> Vec<(&'static str, Value)> {
    let flag = document(
        "flag",
        "Flag or experiment",
        "A feature flag or experiment in Countersign's native format, one a file. A field that is not named here is \
         let through with a warning; on a live flag it needs approval.",
        native::FIELDS,
        UnknownKeys::Warned,
    );
    let config = document(
        "config",
        "Countersign configuration",
        ".countersign/config.yaml: which projects there are, which files belong to them, and how changes of them are \
         approved. A key that is not named here is an error.",
        config::FIELDS,
        UnknownKeys::Refused,
    );
    let trust = document(
        "trust",
        "Countersign trust",
        ".countersign/trust.yaml: whose signatures under receipts and approvals count. A key that is not named here is an error.",
        TRUST_FIELDS,
        UnknownKeys::Refused,
    );
    let evidence = schema_by::<Evidence>(SchemaSettings::draft2020_12().for_deserialize());
    let named = |name: &'static str, schema: Schema| {
        let mut schema = schema.to_value();
        schema["$id"] = id(name).into();
        schema["title"] = format!("Countersign {name}").into();
        (name, schema)
    };
    vec![
        ("flag", flag),
        ("config", config),
        ("format", countersign::format::mapped::schema()),
        named("evidence", evidence),
        named("report", written::<Report>()),
        named("diagnostics", written::<DiagnosticList>()),
        named("rules", written::<Listed>()),
        named("formats", written::<FormatsAnswer>()),
        named("approvers", written::<ListedApprovers>()),
        named("explain", written::<Explained>()),
        named("locks", written::<Locks>()),
        named("doctor", written::<Diagnosis>()),
        named("audit", written::<Audit>()),
        named("simulate", written::<Simulation>()),
        named("verify", written::<Verification>()),
        named("approval", written::<Statement<Approval>>()),
        named("receipt-audit", written::<ReceiptAudit>()),
        ("trust", trust),
        named("amplitude-apply", written::<ApplyDocument<'_>>()),
        named("amplitude-plan", written::<PlanDocument<'_>>()),
        named("amplitude-lock", written::<Lock>()),
        named("receipt", written::<Statement<Receipt>>()),
    ]
}

fn validator(name: &str) -> Validator {
    let schema = generated().into_iter().find(|(known, _)| *known == name).unwrap().1;
    jsonschema::draft202012::options().should_validate_formats(false).build(&schema).unwrap()
}

/// The objections of a schema to a value, each with the place it is about.
fn objections(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn files(dir: &str, extension: &str) -> Vec<PathBuf> {
    fn walk(dir: &Path, extension: &str, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, extension, found);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(dir), extension, &mut found);
    found.sort();
    assert!(!found.is_empty(), "{dir} holds no .{extension}");
    found
}

fn yaml(path: &Path) -> Value {
    yaml_text(&fs::read_to_string(path).unwrap())
}

fn yaml_text(text: &str) -> Value {
    serde_json::to_value(serde_yaml::from_str::<serde_yaml::Value>(text).unwrap()).unwrap()
}

#[test]
fn the_files_are_what_the_code_says() {
    for (name, schema) in generated() {
        let path = root().join(format!("schemas/{name}.schema.json"));
        let text = format!("{schema:#}\n");
        if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
            fs::write(&path, &text).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(found, text, "{}: run `SNAPSHOTS=overwrite cargo test --test core`", path.display());
    }
}

#[test]
fn every_schema_has_a_head_and_holds_to_its_dialect() {
    for (name, schema) in generated() {
        assert_eq!(schema["$schema"], DIALECT, "{name}");
        assert_eq!(schema["$id"], format!("urn:countersign:schema:{name}:v1"));
        for member in ["title", "description"] {
            assert!(schema[member].as_str().is_some_and(|text| text.len() > 10), "{name} has no {member}");
        }
        jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// An editor shows a property's description when the mouse rests on it; that is how most people learn a format.
#[test]
fn every_property_is_explained() {
    fn walk(value: &Value, at: &str, found: &mut usize, silent: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                for (key, inner) in map {
                    let at = format!("{at}/{key}");
                    if key == "properties" {
                        for (name, property) in inner.as_object().into_iter().flatten() {
                            *found += 1;
                            let text = property.get("description").and_then(Value::as_str).unwrap_or_default();
                            if text.len() <= 10 || !text.ends_with('.') {
                                silent.push(format!("{at}/{name}: {text:?}"));
                            }
                        }
                    }
                    walk(inner, &at, found, silent);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, at, found, silent)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    for (name, schema) in generated() {
        let (mut found, mut silent) = (0, Vec::new());
        walk(&schema, name, &mut found, &mut silent);
        assert!(found > 5, "{name} has {found} properties");
        assert_eq!(silent, Vec::<String>::new());
    }
}

#[test]
fn the_shipped_flags_hold_to_the_schema() {
    let validator = validator("flag");
    let flags = [files("examples/shop/flags", "yaml"), files("examples/shop/experiments", "yaml")].concat();
    assert!(flags.len() >= 20, "{}", flags.len());
    for path in flags {
        assert_eq!(objections(&validator, &yaml(&path)), Vec::<String>::new(), "{}", path.display());
    }
}

#[test]
fn the_configurations_hold_to_the_schema() {
    let validator = validator("config");
    let shipped = files("examples", "yaml").into_iter().filter(|path| path.ends_with(".countersign/config.yaml"));
    let shipped = shipped.map(|path| fs::read(path).unwrap());
    let mut seen = 0;
    for text in shipped.chain(case_file::configurations()) {
        let text = String::from_utf8(text).unwrap();
        let file = countersign::flag::File::regular(config::CONFIG_PATH, text.clone());
        // A case may be about a configuration that does not hold.
        if config::read(&file, &[]).0.is_some() {
            seen += 1;
            assert_eq!(objections(&validator, &yaml_text(&text)), Vec::<String>::new(), "{text}");
        }
    }
    assert!(seen > 1, "{seen}");
}

#[test]
fn every_report_holds_to_the_schema() {
    let validator = validator("report");
    let mut seen = 0;
    for case in CASES.iter() {
        for report in [case.judge(), case.judge_back()].into_iter().flatten() {
            seen += 1;
            let found = objections(&validator, &serde_json::to_value(&report).unwrap());
            assert_eq!(found, Vec::<String>::new(), "{}", case.name);
        }
    }
    assert!(seen > 2, "{seen}");
}

/// The output of `lint`, and of `check` when there is no policy to judge by.
#[test]
fn every_list_of_diagnostics_holds_to_the_schema() {
    let validator = validator("diagnostics");
    let broken = countersign::flag::File::regular(config::CONFIG_PATH, "verzion: 1\nprojects: []\n");
    for (diagnostics, holds) in [(Vec::new(), 0), (config::read(&broken, &[]).1, 2)] {
        assert_eq!(diagnostics.len(), holds);
        let value = serde_json::from_str(&render::diagnostics("json", &diagnostics, &render::Look::default())).unwrap();
        assert_eq!(objections(&validator, &value), Vec::<String>::new());
    }
}

const FLAG: &str = "key: buy\nkind: flag\nstate: inactive\n";
const CONFIG: &str = "version: 1\nprojects:\n  all:\n    paths: ['flags/**']\n    approvals: peer\n";

/// A file that the tables refuse the schemas refuse too, and nothing else.
#[test]
fn what_is_wrong_is_refused() {
    let flags: &[(&str, &str, &[&str])] = &[
        ("nothing but what must be there", FLAG, &[]),
        ("an unknown field is let through", "key: buy\nkind: flag\nstate: active\nrolloutPercent: 3\n", &[]),
        ("null is absence", "key: buy\nkind: flag\nstate: active\nname: null\ndecision: null\ntags: null\n", &[]),
        ("null is no key", "key: null\nkind: flag\nstate: active\n", &["/key"]),
        ("no key, no kind", "state: active\n", &["", ""]),
        ("a list", "- key: buy\n", &[""]),
        ("a state that does not exist", "key: buy\nkind: flag\nstate: on\n", &["/state"]),
        (
            "more than everyone",
            "key: buy\nkind: flag\nstate: active\nrolloutPercentage: 101\n",
            &["/rolloutPercentage"],
        ),
        (
            "a number in quotes",
            "key: buy\nkind: flag\nstate: active\nrolloutPercentage: '20'\n",
            &["/rolloutPercentage"],
        ),
        (
            "a weight below nothing",
            "key: buy\nkind: flag\nstate: active\nrolloutWeights: {on: -1}\n",
            &["/rolloutWeights/on"],
        ),
        ("a key with a space", "key: buy now\nkind: flag\nstate: active\n", &["/key"]),
        ("no date", "key: buy\nkind: flag\nstate: active\nstartDate: tomorrow\n", &["/startDate"]),
        (
            "a segment without a name, a condition without an operator",
            "key: buy\nkind: flag\nstate: active\ntargetSegments:\n  - percentage: 1\n    conditions: [{prop: country, values: []}]\n",
            &["/targetSegments/0", "/targetSegments/0/conditions/0"],
        ),
    ];
    let configs: &[(&str, &str, &[&str])] = &[
        ("nothing but what must be there", CONFIG, &[]),
        ("an unknown key", &format!("{CONFIG}admin: ['@jo']\n"), &[""]),
        ("an unknown key of a project", &format!("{CONFIG}    requires: 2\n"), &["/projects/all"]),
        ("a mode that does not exist", &CONFIG.replace("peer", "anyone"), &["/projects/all/approvals"]),
        (
            "`off` without quotes is false to many readers",
            &CONFIG.replace("peer", "false"),
            &["/projects/all/approvals"],
        ),
        ("nobody is needed", &format!("{CONFIG}    required: 0\n"), &["/projects/all/required"]),
        ("no paths", "version: 1\nprojects: {all: {approvals: peer}}\n", &["/projects/all"]),
        ("a string for a list", &format!("{CONFIG}protect: .github/**\n"), &["/protect"]),
        ("null is absence", &format!("{CONFIG}protect: null\nteams: null\n"), &[]),
    ];
    for (name, cases) in [("flag", flags), ("config", configs)] {
        let validator = validator(name);
        for (what, text, places) in cases {
            let value = yaml_text(text);
            let mut found: Vec<String> =
                validator.iter_errors(&value).map(|error| error.instance_path().to_string()).collect();
            found.sort();
            assert_eq!(&found, places, "{name}: {what}");
            // The same answer from the table that reads the file.
            let file = |path: &str| countersign::flag::File::regular(path, *text);
            let holds = if name == "config" {
                config::read(&file(config::CONFIG_PATH), &[]).0.is_some()
            } else {
                let mut diagnostics = countersign::diagnostics::Diagnostics::of("flags/buy.yaml");
                native::FORMAT.flags_of(text.as_bytes(), "flags/buy.yaml", &mut diagnostics);
                !diagnostics.any_error()
            };
            assert_eq!(holds, places.is_empty(), "{name}: {what}");
        }
    }
}
