//! A verification as SARIF 2.1.0: the flags that don't hold, and the files that can't be read.

use super::message;
use crate::diagnostics::Place;
use crate::receipt::countersigned::{Coverage, Covered};
use crate::receipt::verification::{POLICY_FILE, Verification};
use crate::render::sarif::{SarifKind, of_kinds};
use crate::render::{FindingSeverity, Look, ReportFinding, plain};

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
pub fn sarif(verification: &Verification, _: &Look) -> String {
    // A debt that is overdue holds, and is reported.
    let listed = |covered: &Covered| !verification.takes(covered) || covered.coverage == Coverage::Overdue;
    let flags = verification.flags.iter().filter(|flag| listed(&flag.covered));
    let flags = flags.map(|flag| {
        let place = Place { line: flag.line, column: flag.column, width: 0 };
        ReportFinding { place, ..finding(rule(&flag.covered), &flag.path, message(&flag.covered)) }
    });
    let policy = verification.policy.iter().filter(|policy| listed(policy));
    let policy = policy.map(|policy| finding(rule(policy), POLICY_FILE, message(policy)));
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
