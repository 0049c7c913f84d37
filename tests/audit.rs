//! `audit` and `simulate`: what landed, on real repositories and with the GitHub of the tests.

#[path = "github/fake/mod.rs"]
mod fake;
#[path = "support/git.rs"]
mod git;
#[path = "audit/landed.rs"]
mod landed;
#[path = "audit/offline.rs"]
mod offline;
#[path = "github/shop.rs"]
#[allow(dead_code, reason = "a shop of the stories, of which a part is used here")]
mod shop;

/// What `audit --format json` writes is what the schema says.
fn holds_to_its_schema(audit: &serde_json::Value) {
    let schema = serde_json::from_str(include_str!("../schemas/audit.schema.json")).unwrap();
    let validator = jsonschema::draft202012::options().should_validate_formats(false).build(&schema).unwrap();
    let wrong: Vec<String> =
        validator.iter_errors(audit).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(wrong, Vec::<String>::new());
}
