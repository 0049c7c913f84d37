//! A verification written down: text, SARIF 2.1.0 and JUnit XML. Text of others is escaped in each.
//!
//! In: a [`Verification`]. Out: text, results and tests; JSON is the verification itself. It refuses to judge: what
//! holds is said by the verification. Not taken: a sentence about a flag in each output.

pub(super) mod junit;
pub(super) mod results;

use super::audit::logins;
use super::receipt_audit::diagnostic_words;
use super::{Look, Prose, Tone, phrases, plain};
use crate::diagnostics::words::short;
use crate::receipt::branch::Elsewhere;
use crate::receipt::countersigned::{Coverage, Covered};
use crate::receipt::verification::Verification;

fn tone(coverage: Coverage) -> Tone {
    match coverage {
        Coverage::Off | Coverage::Countersigned | Coverage::Free => Tone::Good,
        Coverage::Overridden | Coverage::Debt | Coverage::Overdue | Coverage::Older => Tone::Warn,
        Coverage::Nobody => Tone::Bad,
    }
}

/// The number of receipts that count for nothing which text lists.
const MOST_LISTED: usize = 20;

/// Coverages in the order in which they are listed: the worst first.
const WORST_FIRST: [Coverage; 8] = [
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

pub(super) fn text(verification: &Verification, look: &Look) -> String {
    let mut prose = Prose::new(*look);
    prose.wrapped("", 0, &head(verification));
    flags(verification, &mut prose);
    if let Some(policy) = &verification.policy {
        prose.blank();
        let words = prose.tone(tone(policy.coverage), &format!("policy: {}", policy.coverage.words()));
        prose.line(&words);
        for detail in details(policy) {
            prose.wrapped("  ", 2, &detail);
        }
    }
    for lost in &verification.elsewhere {
        prose.blank();
        let words = prose.tone(Tone::Bad, "history");
        let became = became(lost.became);
        prose.wrapped(&format!("{words}  "), 9, &format!("{} has a receipt and {became}", short(&lost.commit)));
    }
    for unread in &verification.unread {
        prose.blank();
        let words = prose.tone(Tone::Bad, "unreadable");
        prose.wrapped(&format!("{words}  "), 12, &format!("{}: {}", unread.path, unread.why));
    }
    not_counted(verification, &mut prose);
    prose.blank();
    prose.wrapped("", 0, &until(verification));
    prose.finish()
}

fn head(verification: &Verification) -> String {
    let counted = WORST_FIRST.into_iter().filter(|one| verification.count(*one) > 0);
    let counted: Vec<String> = counted.map(|one| format!("{} {}", verification.count(one), one.words())).collect();
    let flags = phrases::count(verification.flags.len(), "flag");
    let counted = if counted.is_empty() { String::new() } else { format!(": {}", counted.join(", ")) };
    format!("{} of {}: {flags}{counted}", verification.of, verification.repository)
}

/// The flags that are on, by their coverage.
fn flags(verification: &Verification, prose: &mut Prose) {
    for coverage in WORST_FIRST.into_iter().filter(|coverage| *coverage != Coverage::Off) {
        let mut flags = verification.flags.iter().filter(|flag| flag.covered.coverage == coverage).peekable();
        if flags.peek().is_some() {
            prose.blank();
            let words = prose.tone(tone(coverage), coverage.words());
            prose.line(&words);
        }
        for flag in flags {
            prose.wrapped("  ", 2, &format!("{}  {}:{}", flag.covered.name, flag.path, flag.line));
            for detail in details(&flag.covered) {
                prose.wrapped("    ", 4, &detail);
            }
        }
    }
}

fn became(became: Elsewhere) -> &'static str {
    match became {
        Elsewhere::TurnedRound => {
            "is a second parent here: a merge turned the branch round, and its history is another one"
        }
        Elsewhere::Gone | Elsewhere::Later => {
            "is not in the history of the branch any more: it was rewritten, and what is served is older than its \
             receipts"
        }
    }
}

/// The receipts that count for nothing.
fn not_counted(verification: &Verification, prose: &mut Prose) {
    let diagnostics = &verification.receipt_diagnostics;
    if diagnostics.is_empty() {
        return;
    }
    prose.blank();
    let count = phrases::count(diagnostics.len(), "receipt");
    let words = prose.tone(Tone::Warn, &format!("{count} not counted"));
    prose.line(&words);
    for diagnostic in diagnostics.iter().take(MOST_LISTED) {
        prose.wrapped("  ", 2, &diagnostic_words(diagnostic));
    }
    if let Some(more) = diagnostics.len().checked_sub(MOST_LISTED).filter(|more| *more > 0) {
        prose.wrapped("  ", 2, &format!("and {more} more, which `--output json` names"));
    }
}

/// How far the receipts go.
fn until(verification: &Verification) -> String {
    let Some(commit) = &verification.until else { return "no receipt counts".to_owned() };
    let count = phrases::count(verification.receipts, "receipt");
    format!("by {count}, the last of {}; nothing is known here of later merges", short(commit))
}

fn message(covered: &Covered) -> String {
    let why = covered.why.join("; ");
    let why = if why.is_empty() { why } else { format!(": {why}") };
    plain(&format!("{}: {}{why}", covered.name, covered.coverage.words()))
}

/// The words after a flag: the people who let it in, and the day.
fn by_whom(covered: &Covered) -> Option<String> {
    let receipt = covered.receipt.as_ref()?;
    if matches!(covered.coverage, Coverage::Nobody | Coverage::Off) {
        return None;
    }
    let by = if receipt.by.is_empty() { String::new() } else { format!("by {}, ", logins(&receipt.by)) };
    let pull = receipt.pull.map(|pull| format!(" (#{pull})")).unwrap_or_default();
    let day = receipt.date.get(..10).unwrap_or_default();
    // The signer states who approved, and nobody else is consulted here who could know.
    let signed = match receipt.signed.signer() {
        _ if receipt.by.is_empty() => receipt.signed.words(),
        Some(signer) => format!("according to {signer}"),
        None => format!("according to whoever made it, {}", receipt.signed.words()),
    };
    Some(format!("{by}{day}, {}{pull}, {signed}", short(&receipt.commit)))
}
