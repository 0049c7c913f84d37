//! SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/>), the few types of it that are needed.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::view::findings::{self, FindingSeverity, ReportFinding};
use super::{Look, json};
use crate::changes::rules;
use crate::diagnostics::Diagnostic;
use crate::report::Report;

/// The file: `sarifLog`.
#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

/// One run of one tool.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    /// Our columns count characters; SARIF's default counts UTF-16 units.
    column_kind: &'static str,
    results: Vec<SarifResult>,
}

/// The tool of a run.
#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

/// The program, with the rules it may report.
#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<SarifRule>,
}

/// A lint, as a `reportingDescriptor`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRule {
    id: &'static str,
    short_description: Message,
    help: Message,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<String>,
}

/// A finding.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [SarifLocation; 1],
    partial_fingerprints: BTreeMap<&'static str, String>,
}

/// Plain text, as SARIF wraps it.
#[derive(Serialize)]
struct Message {
    text: String,
}

/// The place of a finding.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifLocation {
    physical_location: Physical,
}

/// A file and a region of it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

/// A file, by its address.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    uri_base_id: &'static str,
}

/// A region of a file, counted from 1.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    /// The column after the last one.
    end_column: u32,
}

pub(super) fn review(report: &Report, look: &Look) -> String {
    log(&findings::of_report(report, look), &of_the_page)
}

pub(super) fn diagnostics(diagnostics: &[Diagnostic], _: &Look) -> String {
    log(&findings::of_diagnostics(diagnostics), &of_the_page)
}

/// A kind of finding that has no section in the pages of rules and lints: its id, what it is about, and the way out.
pub struct SarifKind(pub &'static str, pub &'static str, pub &'static str);

/// Findings of these kinds.
#[must_use]
pub fn of_kinds(found: &[ReportFinding<'_>], kinds: &[SarifKind]) -> String {
    log(found, &|id| {
        let kind = kinds.iter().find(|kind| kind.0 == id);
        let (about, help) = kind.map_or((id, ""), |kind| (kind.1, kind.2));
        SarifRule { id, short_description: message(about), help: message(help), help_uri: None }
    })
}

/// A rule or lint, which has its section in a page of the documentation.
fn of_the_page(id: &'static str) -> SarifRule {
    SarifRule {
        id,
        short_description: message(findings::about(id)),
        help: message(&format!("`countersign rules {id}` says why, and how to fix it")),
        help_uri: help_uri(REPOSITORY, id),
    }
}

fn log(found: &[ReportFinding<'_>], rule: &dyn Fn(&'static str) -> SarifRule) -> String {
    let mut ids: Vec<&'static str> = found.iter().map(|finding| finding.rule).collect();
    ids.sort_unstable();
    ids.dedup();
    let rules = ids.iter().map(|id| rule(id)).collect();
    let mut known = BTreeMap::new();
    let results = found.iter().map(|finding| result(finding, &ids, &mut known)).collect();
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

/// The address of the project's repository: the key `repository` of `Cargo.toml`, empty while there is none.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// The section about a rule or lint in the documentation of this release; none while the project has no address.
fn help_uri(repository: &str, id: &str) -> Option<String> {
    let page = if rules::by_id(id).is_some() { "rules.md" } else { "lints.md" };
    let release = concat!("v", env!("CARGO_PKG_VERSION"));
    let repository = repository.trim_end_matches('/');
    repository.starts_with("https://").then(|| format!("{repository}/blob/{release}/docs/{page}#{id}"))
}

/// The fingerprint by which GitHub's code scanning knows a result again: made of what it is about and not of its line.
/// Results that are about the same are counted.
fn fingerprint(finding: &ReportFinding<'_>, known: &mut BTreeMap<String, u32>) -> String {
    let mut hash = Sha256::new();
    for part in [finding.rule, finding.path, &finding.identity] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let hash: String = crate::diagnostics::words::hex(&hash.finalize()).chars().take(32).collect();
    let times = known.entry(hash.clone()).or_insert(0);
    *times += 1;
    format!("{hash}:{times}")
}

fn result(finding: &ReportFinding<'_>, ids: &[&str], known: &mut BTreeMap<String, u32>) -> SarifResult {
    let place = finding.place;
    SarifResult {
        rule_id: finding.rule,
        rule_index: ids.binary_search(&finding.rule).unwrap_or(0),
        level: match finding.severity {
            FindingSeverity::Error => "error",
            FindingSeverity::Warning => "warning",
            FindingSeverity::Note => "note",
        },
        message: message(&finding.text()),
        locations: [SarifLocation {
            physical_location: Physical {
                artifact_location: Artifact { uri: uri(finding.path), uri_base_id: "%SRCROOT%" },
                region: Region {
                    start_line: place.line.max(1),
                    start_column: place.column.max(1),
                    end_column: place.column.max(1).saturating_add(place.width.max(1)),
                },
            },
        }],
        partial_fingerprints: BTreeMap::from([("primaryLocationLineHash", fingerprint(finding, known))]),
    }
}

/// `[text](target)` in a message is a link (3.11.6), so a bracket of ours or theirs must not be one.
fn message(text: &str) -> Message {
    Message { text: text.replace("](", "] (") }
}

/// A path as a relative reference (RFC 3986): all but unreserved characters and `/` percent-encoded, so that it can
/// hold neither a scheme nor a query.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_has_its_section_where_the_project_has_an_address() {
        let release = env!("CARGO_PKG_VERSION");
        let at = |page: &str| Some(format!("https://git.example/acme/tool/blob/v{release}/docs/{page}"));
        assert_eq!(help_uri("https://git.example/acme/tool/", "rollout"), at("rules.md#rollout"));
        assert_eq!(help_uri("https://git.example/acme/tool", "duplicate-key"), at("lints.md#duplicate-key"));
        assert_eq!(help_uri("", "rollout"), None);
    }
}
