//! An audit by receipts as a table of comma-separated values (RFC 4180), one row a flag and merge.

use super::{AuditedMergeView, ReceiptAuditView};
use crate::receipt::audit::{AuditedFlag, ReceiptAudit};
use crate::render::{Look, plain};

/// The names of the columns.
const HEAD: &str = "date,commit,outcome,flag,what,rules,approved_by,overridden_by,reason,pull,requestor,merged_by,\
                    author,subject,signed,why,debt,debt_due,debt_paid_at";
const COLUMNS: usize = 19;

pub fn csv(view: &ReceiptAuditView<'_>, _: &Look) -> String {
    let mut out = format!("{HEAD}\r\n");
    for merge in &view.merges {
        for flag in &merge.flags {
            let row = row(view.audit, merge, flag.flag);
            let row: Vec<String> = row.iter().map(|one| cell(one)).collect();
            out.push_str(&format!("{}\r\n", row.join(",")));
        }
    }
    out
}

/// A cell. Where a spreadsheet would take it for a formula, it is one no more.
fn cell(text: &str) -> String {
    let text = plain(text);
    let formula = text.starts_with(['=', '+', '-', '@', '\t']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
}

fn row(audit: &ReceiptAudit, view: &AuditedMergeView<'_>, flag: &AuditedFlag) -> [String; COLUMNS] {
    let merge = view.merge;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let debt = audit.debts.iter().find(|debt| debt.commit == merge.commit && debt.flag == flag.name);
    [
        merge.date.clone(),
        merge.commit.clone(),
        merge.outcome.words().to_owned(),
        flag.name.clone(),
        text(&flag.what),
        flag.rules.join(" "),
        flag.approved_by.join(" "),
        flag.overridden_by.join(" "),
        text(&flag.reason),
        merge.pull.map(|pull| pull.to_string()).unwrap_or_default(),
        text(&merge.requestor),
        text(&merge.merged_by),
        merge.author.clone(),
        merge.subject.clone(),
        text(&merge.signed),
        merge.why.join("; "),
        debt.map(|debt| debt.state.word().to_owned()).unwrap_or_default(),
        debt.map(|debt| debt.due.clone()).unwrap_or_default(),
        debt.and_then(|debt| debt.paid_at.clone()).unwrap_or_default(),
    ]
}
