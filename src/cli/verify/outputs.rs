//! A verification written down: text, SARIF 2.1.0 and JUnit XML. Text of others is escaped in each.

use super::by_whom;
use crate::cli::prose::Prose;
use crate::diagnostics::Place;
use crate::receipt::branch::Elsewhere;
use crate::receipt::cover::{Coverage, Covered};
use crate::receipt::history::short;
use crate::receipt::verification::Verification;
use crate::render::Tone;
use crate::render::sarif::{SarifKind, of_kinds};
use crate::render::{FindingSeverity, Look, ReportFinding, phrases, plain};

fn tone(coverage: Coverage) -> Tone {
    match coverage {
        Coverage::Off | Coverage::Countersigned | Coverage::Free => Tone::Good,
        Coverage::Overridden | Coverage::Debt | Coverage::Overdue | Coverage::Older => Tone::Warn,
        Coverage::Nobody => Tone::Bad,
    }
}

/// The number of receipts that count for nothing which text lists.
const MOST_LISTED: usize = 20;

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
    if !verification.receipt_diagnostics.is_empty() {
        prose.blank();
        let count = phrases::count(verification.receipt_diagnostics.len(), "receipt");
        let words = prose.tone(Tone::Warn, &format!("{count} not counted"));
        prose.line(&words);
        for diagnostic in verification.receipt_diagnostics.iter().take(MOST_LISTED) {
            let commit = diagnostic.commit.as_deref().map(|commit| format!("{}: ", short(commit))).unwrap_or_default();
            prose.wrapped("  ", 2, &format!("{commit}{}", diagnostic.why));
        }
        if let Some(more) = verification.receipt_diagnostics.len().checked_sub(MOST_LISTED).filter(|more| *more > 0) {
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

const NOBODY: &str = "nobody-countersigned";
const OVERDUE: &str = "debt-overdue";
const OLDER: &str = "older";
const UNREADABLE: &str = "unreadable";

const KINDS: &[SarifKind] = &[
    SarifKind(
        NOBODY,
        "nobody countersigned what is served",
        "put it back to what was approved last, or switch it off and on again with the approval of the activation",
    ),
    SarifKind(
        OVERDUE,
        "nobody approved in time what came in by breaking the glass",
        "have somebody approve it who could then and can now, and run `countersign receipt --debts`",
    ),
    SarifKind(OLDER, "what is served is older than the branch", "deploy what the branch has, or say `--older`"),
    SarifKind(UNREADABLE, "nobody knows what a file serves", "correct the file, and propose the change again"),
];

/// The flags that don't hold, and the files that can't be read, as results of code scanning.
pub fn sarif(verification: &Verification) -> String {
    // A debt that is overdue holds, and is reported.
    let listed = |covered: &Covered| !verification.takes(covered) || covered.coverage == Coverage::Overdue;
    let flags = verification.flags.iter().filter(|flag| listed(&flag.covered));
    let flags = flags.map(|flag| {
        let place = Place { line: flag.line, column: flag.column, width: 0 };
        ReportFinding { place, ..finding(rule(&flag.covered), &flag.path, message(&flag.covered)) }
    });
    let policy = verification.policy.iter().filter(|policy| listed(policy));
    let policy = policy.map(|policy| finding(rule(policy), crate::policy::CONFIG_PATH, message(policy)));
    let unread = verification.unread.iter();
    let unread = unread.map(|unread| finding((UNREADABLE, FindingSeverity::Error), &unread.path, plain(&unread.why)));
    of_kinds(&flags.chain(policy).chain(unread).collect::<Vec<_>>(), KINDS)
}

fn rule(covered: &Covered) -> (&'static str, FindingSeverity) {
    match covered.coverage {
        Coverage::Older => (OLDER, FindingSeverity::Warning),
        Coverage::Overdue => (OVERDUE, FindingSeverity::Warning),
        Coverage::Nobody
        | Coverage::Off
        | Coverage::Countersigned
        | Coverage::Free
        | Coverage::Debt
        | Coverage::Overridden => (NOBODY, FindingSeverity::Error),
    }
}

fn finding<'v>((rule, severity): (&'static str, FindingSeverity), path: &'v str, message: String) -> ReportFinding<'v> {
    let identity = message.clone();
    ReportFinding { severity, rule, path, place: Place::START, message, identity, progress: String::new() }
}

fn message(covered: &Covered) -> String {
    let why = covered.why.join("; ");
    let why = if why.is_empty() { why } else { format!(": {why}") };
    plain(&format!("{}: {}{why}", covered.name, covered.coverage.words()))
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
