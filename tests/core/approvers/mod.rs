//! APPROVERS: how it is read, and the tables that others test CODEOWNERS with (hmarr/codeowners, GitHub's
//! documentation).

use countersign::diagnostics::Diagnostics;
use countersign::policy::approvers_file::Approvers;
use serde_json::Value;

mod facts;
mod hmarr;
mod hostile;
mod model;
mod patterns;
mod reading;

/// Line, column and id of a diagnostic.
type Found = (u32, u32, &'static str);

fn data(name: &str) -> Value {
    let path = format!("{}/tests/data/codeowners/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).expect("the file is there")).expect("it is JSON")
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_else(|| panic!("{value} has no text `{member}`"))
}

fn list<'v>(value: &'v Value, member: &str) -> &'v [Value] {
    value[member].as_array().unwrap_or_else(|| panic!("no list `{member}`"))
}

/// The lines that are read, and every diagnostic as line, column and id.
fn parse(bytes: &[u8]) -> (Approvers, Vec<Found>) {
    let mut diagnostics = Diagnostics::of(".countersign/APPROVERS");
    let approvers = Approvers::parse(bytes, &mut diagnostics);
    if !diagnostics.any_error() {
        approvers.warn(&mut diagnostics);
    }
    let found = diagnostics.finish(bytes);
    (
        approvers,
        found
            .iter()
            .map(|diagnostic| (diagnostic.place.line, diagnostic.place.column, diagnostic.id.as_str()))
            .collect(),
    )
}

fn good(text: &str) -> Approvers {
    let (approvers, diagnostics) = parse(text.as_bytes());
    assert_eq!(diagnostics, [], "{text}");
    approvers
}

fn names(approvers: &Approvers, path: &str) -> Vec<Vec<String>> {
    approvers.matching(path).iter().map(|found| found.approvers.iter().map(ToString::to_string).collect()).collect()
}

/// Every pattern, path and answer of the table.
fn table() -> Vec<(String, String, bool)> {
    let cases = data("patterns.json");
    let cases = cases.as_array().expect("a list");
    assert_eq!(cases.len(), 30);
    cases
        .iter()
        .flat_map(|case| {
            let paths = case["paths"].as_object().expect("a map").iter();
            paths.map(|(path, takes)| (text(case, "pattern").to_owned(), path.clone(), takes == &Value::Bool(true)))
        })
        .collect()
}
