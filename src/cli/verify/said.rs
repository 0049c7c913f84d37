//! A verification written down: text, SARIF 2.1.0 and JUnit XML. Text of others is escaped in each.

use serde_json::{Value, json};

use super::by_whom;
use crate::cli::prose::Prose;
use crate::receipt::branch::Elsewhere;
use crate::receipt::cover::{Coverage, Covered};
use crate::receipt::history::short;
use crate::receipt::verification::Verification;
use crate::render::Tone;
use crate::render::sarif::uri;
use crate::render::{Look, phrases, plain};

fn tone(coverage: Coverage) -> Tone {
    match coverage {
        Coverage::Off | Coverage::Countersigned | Coverage::Free => Tone::Good,
        Coverage::Overridden | Coverage::Debt | Coverage::Overdue | Coverage::Older => Tone::Warn,
        Coverage::Nobody => Tone::Bad,
    }
}

/// So many receipts that count for nothing are told in text.
const MOST_TOLD: usize = 20;

const ALL: [Coverage; 8] = [
    Coverage::Nobody,
    Coverage::Older,
    Coverage::Overdue,
    Coverage::Debt,
    Coverage::Overridden,
    Coverage::Countersigned,
    Coverage::Free,
    Coverage::Off,
];

fn details(covered: &Covered) -> Vec<String> {
    by_whom(covered).into_iter().chain(covered.why.iter().cloned()).collect()
}

pub fn text(verification: &Verification, look: Look) -> String {
    let mut prose = Prose::new(look);
    let counted = ALL.into_iter().filter(|one| verification.count(*one) > 0);
    let counted: Vec<String> = counted.map(|one| format!("{} {}", verification.count(one), one.words())).collect();
    let flags = phrases::count(verification.flags.len(), "flag");
    let counted = if counted.is_empty() { String::new() } else { format!(": {}", counted.join(", ")) };
    prose.wrapped("", 0, &format!("{} of {}: {flags}{counted}", verification.of, verification.repository));
    let mut last = "";
    for coverage in ALL {
        for flag in verification.flags.iter().filter(|flag| flag.covered.coverage == coverage) {
            if coverage == Coverage::Off {
                continue;
            }
            if last != coverage.words() {
                prose.blank();
                let words = prose.tone(tone(coverage), coverage.words());
                prose.line(&words);
                last = coverage.words();
            }
            prose.wrapped("  ", 2, &format!("{}  {}:{}", flag.covered.name, flag.path, flag.line));
            for said in details(&flag.covered) {
                prose.wrapped("    ", 4, &said);
            }
        }
    }
    if let Some(policy) = &verification.policy {
        prose.blank();
        let words = prose.tone(tone(policy.coverage), &format!("policy: {}", policy.coverage.words()));
        prose.line(&words);
        for said in details(policy) {
            prose.wrapped("  ", 2, &said);
        }
    }
    for lost in &verification.elsewhere {
        let what = match lost.became {
            Elsewhere::TurnedRound => {
                "is a second parent here: a merge turned the branch round, and its history is another one"
            }
            Elsewhere::Gone | Elsewhere::Later => {
                "is not in the history of the branch any more: it was rewritten, and what is served is older than its receipts"
            }
        };
        prose.blank();
        let words = prose.tone(Tone::Bad, "history");
        prose.wrapped(&format!("{words}  "), 9, &format!("{} has a receipt and {what}", short(&lost.commit)));
    }
    for unread in &verification.unread {
        prose.blank();
        let words = prose.tone(Tone::Bad, "unreadable");
        prose.wrapped(&format!("{words}  "), 12, &format!("{}: {}", unread.path, unread.why));
    }
    if !verification.receipt_problems.is_empty() {
        prose.blank();
        let count = phrases::count(verification.receipt_problems.len(), "receipt");
        let words = prose.tone(Tone::Warn, &format!("{count} not counted"));
        prose.line(&words);
        for problem in verification.receipt_problems.iter().take(MOST_TOLD) {
            let commit = problem.commit.as_deref().map(|commit| format!("{}: ", short(commit))).unwrap_or_default();
            prose.wrapped("  ", 2, &format!("{commit}{}", problem.why));
        }
        if let Some(more) = verification.receipt_problems.len().checked_sub(MOST_TOLD).filter(|more| *more > 0) {
            prose.wrapped("  ", 2, &format!("and {more} more, which `--output json` names"));
        }
    }
    prose.blank();
    let until = verification.until.as_deref().map_or_else(
        || "no receipt counts".to_owned(),
        |commit| {
            let count = phrases::count(verification.receipts, "receipt");
            format!("by {count}, the last of {}; what was merged later is not known here", short(commit))
        },
    );
    prose.wrapped("", 0, &until);
    prose.finish()
}

/// The flags that don't hold, and the files that can't be read, as results of code scanning.
pub fn sarif(verification: &Verification) -> String {
    let place = |path: &str, line: u32, column: u32| {
        json!([{"physicalLocation": {
            "artifactLocation": {"uri": uri(path), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": line.max(1), "startColumn": column.max(1)},
        }}])
    };
    let result = |covered: &Covered, path: &str, line: u32, column: u32| {
        let (rule, level) = match covered.coverage {
            Coverage::Older => ("older", "warning"),
            Coverage::Overdue => ("debt-overdue", "warning"),
            Coverage::Nobody
            | Coverage::Off
            | Coverage::Countersigned
            | Coverage::Free
            | Coverage::Debt
            | Coverage::Overridden => ("nobody-countersigned", "error"),
        };
        json!({"ruleId": rule, "level": level, "message": {"text": message(covered)},
            "locations": place(path, line, column),
            "partialFingerprints": {"primaryLocationLineHash": format!("{}:1", covered.digest)}})
    };
    // A debt that is overdue holds, and is told.
    let listed = |covered: &Covered| !verification.takes(covered) || covered.coverage == Coverage::Overdue;
    let flags = verification.flags.iter().filter(|flag| listed(&flag.covered));
    let flags = flags.map(|flag| result(&flag.covered, &flag.path, flag.line, flag.column));
    let policy = verification.policy.iter().filter(|policy| listed(policy));
    let policy = policy.map(|policy| result(policy, crate::policy::CONFIG_PATH, 1, 1));
    let unread = verification.unread.iter().map(|unread| {
        json!({"ruleId": "unreadable", "level": "error", "message": {"text": safe(&unread.why)},
            "locations": place(&unread.path, 1, 1)})
    });
    let results: Vec<Value> = flags.chain(policy).chain(unread).collect();
    let rule = |id: &str, about: &str| json!({"id": id, "shortDescription": {"text": about}});
    let rules = [
        rule("nobody-countersigned", "nobody countersigned what is served"),
        rule("debt-overdue", "nobody approved in time what came in by breaking the glass"),
        rule("older", "what is served is older than the branch"),
        rule("unreadable", "nobody knows what a file serves"),
    ];
    let driver = json!({"name": "countersign", "version": env!("CARGO_PKG_VERSION"), "rules": rules});
    crate::render::json(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }))
}

fn message(covered: &Covered) -> String {
    let why = covered.why.join("; ");
    let why = if why.is_empty() { why } else { format!(": {why}") };
    safe(&format!("{}: {}{why}", covered.name, covered.coverage.words()))
}

/// `[text](target)` in a message is a link, so a bracket of others must not be one.
fn safe(text: &str) -> String {
    plain(text).replace("](", "] (")
}

/// Each flag as a test, for dashboards of pipelines.
pub fn junit(verification: &Verification) -> String {
    let mut failures = 0;
    let mut cases = String::new();
    for flag in &verification.flags {
        let (name, path) = (xml(&flag.covered.name), xml(&flag.path));
        cases.push_str(&format!("    <testcase classname=\"{path}\" name=\"{name}\""));
        if flag.covered.coverage == Coverage::Overdue && !verification.refuses_overdue {
            let said = xml(&message(&flag.covered));
            cases.push_str(&format!(">\n      <system-out>{said}</system-out>\n    </testcase>\n"));
        } else if verification.takes(&flag.covered) {
            cases.push_str("/>\n");
        } else {
            failures += 1;
            let said = xml(&message(&flag.covered));
            let kind = xml(flag.covered.coverage.words());
            cases.push_str(&format!(">\n      <failure type=\"{kind}\" message=\"{said}\"/>\n    </testcase>\n"));
        }
    }
    for unread in &verification.unread {
        failures += 1;
        let (path, why) = (xml(&unread.path), xml(&unread.why));
        cases.push_str(&format!(
            "    <testcase classname=\"{path}\" name=\"{path}\">\n      <failure type=\"unreadable\" message=\"{why}\"/>\n    </testcase>\n"
        ));
    }
    if let Some(policy) = verification.policy.as_ref().filter(|policy| !verification.takes(policy)) {
        failures += 1;
        let said = xml(&message(policy));
        cases.push_str(&format!(
            "    <testcase classname=\".countersign\" name=\"policy\">\n      <failure type=\"policy\" message=\"{said}\"/>\n    </testcase>\n"
        ));
    }
    let tests = cases.matches("<testcase ").count();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"countersign verify\" tests=\"{tests}\" failures=\"{failures}\">\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

/// Text in an attribute of XML, with nothing in it that XML 1.0 can't hold.
fn xml(text: &str) -> String {
    let text = plain(text);
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    escaped.chars().filter(|char| !char.is_control() && !matches!(char, '\u{fffe}' | '\u{ffff}')).collect()
}
