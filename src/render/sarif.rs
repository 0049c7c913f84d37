//! SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/>), the few types of it that are needed.

use serde::Serialize;

use super::view::findings::{self, Finding, Severity};
use super::{Look, json};
use crate::diagnostics::Diagnostic;
use crate::report::Report;

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    /// Our columns count characters; SARIF's default counts UTF-16 units.
    column_kind: &'static str,
    results: Vec<SarifResult>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<SarifRule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRule {
    id: &'static str,
    short_description: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [SarifLocation; 1],
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifLocation {
    physical_location: Physical,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u32>,
}

pub(super) fn review(report: &Report, look: &Look) -> String {
    log(&findings::of_report(report, look))
}

pub(super) fn diagnostics(diagnostics: &[Diagnostic], _: &Look) -> String {
    log(&findings::of_diagnostics(diagnostics))
}

fn log(found: &[Finding<'_>]) -> String {
    let mut ids: Vec<&'static str> = found.iter().map(|finding| finding.rule).collect();
    ids.sort_unstable();
    ids.dedup();
    let rules = ids.iter().map(|id| SarifRule { id, short_description: message(findings::about(id)) }).collect();
    let results = found.iter().map(|finding| result(finding, &ids)).collect();
    json::written(&Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver: Driver { name: "countersign", version: env!("CARGO_PKG_VERSION"), rules } },
            column_kind: "unicodeCodePoints",
            results,
        }],
    })
}

fn result(finding: &Finding<'_>, ids: &[&str]) -> SarifResult {
    let place = finding.place;
    SarifResult {
        rule_id: finding.rule,
        rule_index: ids.binary_search(&finding.rule).unwrap_or(0),
        level: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        message: message(&finding.text()),
        locations: [SarifLocation {
            physical_location: Physical {
                artifact_location: Artifact { uri: uri(finding.path), uri_base_id: "%SRCROOT%" },
                region: Region {
                    start_line: place.line.max(1),
                    start_column: place.column.max(1),
                    end_column: (place.width > 1).then(|| place.column.max(1).saturating_add(place.width)),
                },
            },
        }],
    }
}

/// `[text](target)` in a message is a link (3.11.6), so a bracket of ours or theirs must not be one.
fn message(text: &str) -> Message {
    Message { text: text.replace("](", "] (") }
}

/// A path as a relative reference (RFC 3986): all but unreserved characters and `/` percent-encoded, so that it can hold
/// neither a scheme nor a query.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
