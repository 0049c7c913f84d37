//! The order of receipts without a clone: each after the one it names.

use std::collections::{BTreeMap, BTreeSet};

use super::history::{ReceiptDiagnostic, ReceiptDiagnosticKind, SignedReceipt};
use crate::document::date::instant;

/// Each after the one it names. Where links are missing the parts are in the order in which they were made.
pub fn by_links(all: Vec<SignedReceipt>, diagnostics: &mut Vec<ReceiptDiagnostic>) -> Vec<SignedReceipt> {
    let mut after: BTreeMap<Option<String>, Vec<SignedReceipt>> = BTreeMap::new();
    let commits: BTreeSet<String> = all.iter().map(|one| one.receipt.commit.clone()).collect();
    let mut starts = Vec::new();
    for one in all {
        match &one.receipt.previous {
            Some(previous) if commits.contains(previous) => {
                after.entry(Some(previous.clone())).or_default().push(one);
            }
            _ => starts.push(one),
        }
    }
    let first = |one: &SignedReceipt| (one.receipt.previous.is_some(), instant(&one.receipt.made_at));
    starts.sort_by_key(first);
    let (mut ordered, mut passed_over): (Vec<SignedReceipt>, Vec<SignedReceipt>) = (Vec::new(), Vec::new());
    for start in starts {
        let mut next = Some(start);
        while let Some(one) = next {
            let mut following = after.remove(&Some(one.receipt.commit.clone())).unwrap_or_default();
            if following.len() > 1 {
                let why = "two receipts name it as the one before: the history of the branch was rewritten".to_owned();
                diagnostics.push(ReceiptDiagnostic {
                    commit: Some(one.receipt.commit.clone()),
                    why,
                    kind: ReceiptDiagnosticKind::Refused,
                });
                following.sort_by_key(|one| instant(&one.receipt.made_at));
            }
            ordered.push(one);
            next = following.pop();
            passed_over.append(&mut following);
        }
    }
    while let Some(one) = passed_over.pop() {
        let commit = one.receipt.commit;
        passed_over.extend(after.remove(&Some(commit.clone())).unwrap_or_default());
        let why = "another receipt names the same one as the one before, and is newer, so this one and those after it \
                   count for nothing"
            .to_owned();
        diagnostics.push(ReceiptDiagnostic { commit: Some(commit), why, kind: ReceiptDiagnosticKind::Refused });
    }
    // Receipts that no start leads to are a ring, which nobody honest makes.
    for one in after.into_values().flatten() {
        let why = "no receipt leads to it".to_owned();
        diagnostics.push(ReceiptDiagnostic {
            commit: Some(one.receipt.commit),
            why,
            kind: ReceiptDiagnosticKind::Refused,
        });
    }
    ordered
}
