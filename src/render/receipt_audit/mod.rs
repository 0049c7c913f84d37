//! An audit by receipts written down: text, Markdown, CSV and a page of one view.
//!
//! In: a [`ReceiptAudit`], and the address of the repository on its forge. Out: a [`ReceiptAuditView`], of which the
//! outputs write the lines. It refuses to judge: the outcome of each merge is the audit's. Not taken: sentences made in
//! each output.

pub(super) mod csv;
pub(super) mod timeline;

use super::audit::{AuditRow, block, logins, title};
use super::{Look, Prose, Tone, phrases, sentence};
use crate::diagnostics::words::short;
use crate::receipt::ReceiptOutcome;
use crate::receipt::audit::{AuditedFlag, AuditedMerge, MergeOutcome, ReceiptAudit};
use crate::receipt::debt::{Debt, DebtState};
use crate::receipt::history::ReceiptDiagnostic;

/// Outcomes in the order in which they are counted: the worst first.
const WORST_FIRST: [MergeOutcome; 10] = [
    MergeOutcome::Missing,
    MergeOutcome::Differs,
    MergeOutcome::NotAllowed,
    MergeOutcome::Unapproved,
    MergeOutcome::Unknown,
    MergeOutcome::Debt,
    MergeOutcome::Overridden,
    MergeOutcome::Paid,
    MergeOutcome::Approved,
    MergeOutcome::Free,
];

/// An audit by receipts as it is shown.
pub struct ReceiptAuditView<'a> {
    pub(super) audit: &'a ReceiptAudit,
    /// The address of the repository on its forge, without a slash at its end; none where it has none.
    address: Option<&'a str>,
    head: String,
    merges: Vec<AuditedMergeView<'a>>,
    debts: Vec<DebtView>,
    /// Receipts that count for nothing.
    diagnostics: Vec<String>,
}

/// A merge as outputs show it.
struct AuditedMergeView<'a> {
    merge: &'a AuditedMerge,
    row: AuditRow,
    /// The pull request that brought it, in words.
    pull: Option<String>,
    flags: Vec<AuditedFlagView<'a>>,
}

/// A flag of a merge as outputs show it.
struct AuditedFlagView<'a> {
    flag: &'a AuditedFlag,
    /// The people who agreed to it, in words.
    agreed: Vec<String>,
}

/// A debt as outputs show it.
struct DebtView {
    tone: Tone,
    words: String,
}

impl<'a> ReceiptAuditView<'a> {
    #[must_use]
    pub fn of(audit: &'a ReceiptAudit, address: Option<&'a str>) -> ReceiptAuditView<'a> {
        let debt = |debt: &Debt| DebtView {
            tone: if debt.state == DebtState::Overdue { Tone::Bad } else { Tone::Quiet },
            words: debt_words(debt),
        };
        ReceiptAuditView {
            audit,
            address,
            head: head(audit),
            merges: audit.merges.iter().map(AuditedMergeView::of).collect(),
            debts: audit.debts.iter().map(debt).collect(),
            diagnostics: audit.receipt_diagnostics.iter().map(diagnostic_words).collect(),
        }
    }
}

impl<'a> AuditedMergeView<'a> {
    fn of(merge: &'a AuditedMerge) -> AuditedMergeView<'a> {
        let pull = pull_words(merge);
        let view = |flag| AuditedFlagView { flag, agreed: agreed(flag) };
        let flags: Vec<AuditedFlagView<'_>> = merge.flags.iter().map(view).collect();
        let lines = merge.why.iter().cloned().chain(pull.clone()).chain(flags.iter().map(AuditedFlagView::line));
        let row = AuditRow {
            tone: tone(merge.outcome),
            outcome: merge.outcome.words(),
            title: title(&merge.commit, &merge.date, &merge.author, &merge.subject),
            details: lines.map(|line| ("", line)).collect(),
        };
        AuditedMergeView { merge, row, pull, flags }
    }
}

impl AuditedFlagView<'_> {
    /// The flag, its changes and who agreed.
    fn line(&self) -> String {
        let parts = std::iter::once(&self.flag.name).chain(&self.flag.what).chain(&self.agreed);
        parts.map(String::as_str).collect::<Vec<_>>().join("; ")
    }
}

fn tone(outcome: MergeOutcome) -> Tone {
    match outcome {
        MergeOutcome::Free | MergeOutcome::Approved | MergeOutcome::Paid => Tone::Good,
        MergeOutcome::Overridden | MergeOutcome::Debt | MergeOutcome::Unknown => Tone::Warn,
        MergeOutcome::Unapproved | MergeOutcome::NotAllowed | MergeOutcome::Differs | MergeOutcome::Missing => {
            Tone::Bad
        }
    }
}

fn head(audit: &ReceiptAudit) -> String {
    let count = |outcome: MergeOutcome| audit.merges.iter().filter(|merge| merge.outcome == outcome).count();
    let counted: Vec<String> = WORST_FIRST
        .into_iter()
        .filter(|outcome| count(*outcome) > 0)
        .map(|outcome| format!("{} {}", count(outcome), outcome.words()))
        .collect();
    let merges = phrases::count(audit.merges.len(), "merge");
    let counted = if counted.is_empty() { String::new() } else { format!(": {}", counted.join(", ")) };
    format!("{} of {}, {merges} with a receipt or in need of one{counted}", audit.range, audit.repository)
}

/// The people who agreed to a step of a flag, in words.
fn agreed(flag: &AuditedFlag) -> Vec<String> {
    let mut words = Vec::new();
    if !flag.approved_by.is_empty() {
        words.push(format!("approved by {}", logins(&flag.approved_by)));
    }
    if !flag.overridden_by.is_empty() {
        let reason = flag.reason.clone().unwrap_or_default();
        let verb = phrases::overriding(flag.outcome == Some(ReceiptOutcome::Debt));
        words.push(format!("{verb} by {}: {reason}", logins(&flag.overridden_by)));
    }
    words
}

/// A debt and what became of it, in words.
fn debt_words(debt: &Debt) -> String {
    let became = match (debt.state, &debt.paid_at) {
        (DebtState::Paid, Some(at)) => format!("paid by {} at {at}", logins(&debt.paid_by)),
        (DebtState::Settled, _) => "settled: no live flag rests on it any more".to_owned(),
        (state, _) => format!("{}, due at {}", state.word(), debt.due),
    };
    let (commit, by) = (short(&debt.commit), logins(&debt.by));
    format!("debt of {}, {commit}: {by} broke the glass: {}; {became}", debt.flag, debt.reason)
}

fn pull_words(merge: &AuditedMerge) -> Option<String> {
    let login = |login: &Option<String>| login.as_ref().map_or("somebody".to_owned(), |login| format!("@{login}"));
    let number = merge.pull?;
    Some(format!("#{number} of {}, merged by {}", login(&merge.requestor), login(&merge.merged_by)))
}

/// A receipt that counts for nothing, in words.
pub(super) fn diagnostic_words(diagnostic: &ReceiptDiagnostic) -> String {
    let commit = diagnostic.commit.as_deref().map(|commit| format!("{}: ", short(commit))).unwrap_or_default();
    format!("{commit}{}", diagnostic.why)
}

pub(super) fn text(view: &ReceiptAuditView<'_>, look: &Look) -> String {
    let mut prose = Prose::new(*look);
    prose.wrapped("", 0, &view.head);
    for merge in &view.merges {
        merge.row.text(&mut prose, 11);
    }
    block(&mut prose, &view.debts.iter().map(|debt| debt.words.clone()).collect::<Vec<_>>());
    block(&mut prose, &view.diagnostics);
    if let Some((first, others)) = view.audit.unrelated.split_first() {
        prose.blank();
        let more = others.len();
        let more = if more > 0 { format!(", and {more} more, which `--format json` names") } else { String::new() };
        prose.wrapped("", 0, &format!("besides, of no merge here: {}{more}", diagnostic_words(first)));
    }
    prose.finish()
}

pub(super) fn markdown(view: &ReceiptAuditView<'_>, _: &Look) -> String {
    let mut out = format!("### Audit by receipts: {}\n", sentence(&view.head));
    out.extend(view.merges.iter().map(|merge| merge.row.markdown()));
    for debt in &view.debts {
        out.push_str(&format!("\n- {}\n", sentence(&debt.words)));
    }
    for diagnostic in &view.diagnostics {
        out.push_str(&format!("\n{}\n", sentence(diagnostic)));
    }
    out
}
