//! The whole of an audit by receipts: which merges it is about, what is wrong with their receipts, and what they owe.
//!
//! In: merges as git has them, the receipts that count, and what else git knows. Out: a [`ReceiptAudit`]. It refuses to
//! leave out a diagnostic because it is about no merge: it is named apart. Not taken: the dates of commits for the end
//! of an audit, which whoever commits chooses.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::audit::{AuditedMerge, MergeOutcome, RECEIPT_AUDIT_SCHEMA, ReceiptAudit, audited};
use super::debt::debts;
use super::history::{ReceiptDiagnostic, ReceiptDiagnosticKind, ReceiptHistory};
use super::make::MergeFacts;
use super::statement::Receipt;
use crate::document::date::instant;

/// The subject of an audit, as git has it.
pub struct AuditSubject<'a> {
    /// The repository that the trust is about.
    pub repository: &'a str,
    /// The range in words.
    pub range: String,
    /// The merges of the range that need a receipt.
    pub merges: &'a [MergeFacts],
    /// Every commit of the range, and the one with which the receipts of the branch begin.
    pub commits: &'a BTreeSet<String>,
    /// The commit with which the receipts begin, whose trust nobody could let in by one; none if that is not known.
    pub begins: Option<&'a str>,
    /// Commits that were merged under an invalid policy.
    pub without_valid_policy: &'a [String],
    /// Files that were taken out of the reference with the receipts, in words.
    pub taken_away: &'a [String],
    /// The end of the audit; none if it goes up to the tip.
    pub until: Option<DateTime<Utc>>,
    pub now: DateTime<Utc>,
}

impl AuditSubject<'_> {
    /// Holds it against the receipts that count.
    #[must_use]
    pub fn audit(self, history: &ReceiptHistory) -> ReceiptAudit {
        let merges = audited(self.merges, history);
        let mut merges = match self.until {
            Some(until) => up_to(merges, history, until, self.now),
            None => merges,
        };
        let counts = |diagnostic: &ReceiptDiagnostic| {
            let of = |commit: &String| {
                self.commits.contains(commit) || history.elsewhere.iter().any(|(one, _)| one == commit)
            };
            // Signed again it is as it should be.
            diagnostic.kind != ReceiptDiagnosticKind::Repeated && diagnostic.commit.as_ref().is_some_and(of)
        };
        let (mut diagnostics, mut unrelated): (Vec<ReceiptDiagnostic>, Vec<ReceiptDiagnostic>) =
            history.diagnostics.iter().cloned().partition(counts);
        let diagnostic = |commit: Option<&String>, why: String| ReceiptDiagnostic {
            commit: commit.cloned(),
            why,
            kind: ReceiptDiagnosticKind::Refused,
        };
        // Its content is taken as it is, as where nobody audits it.
        let beginning = merges
            .iter()
            .position(|one| Some(one.commit.as_str()) == self.begins && one.outcome == MergeOutcome::Missing);
        if let Some(at) = beginning {
            let begun = merges.remove(at);
            let why = "it brings the trust with which the receipts begin, and has none itself; look at who let it in";
            unrelated.insert(0, diagnostic(Some(&begun.commit), why.to_owned()));
        }
        diagnostics.extend(self.without_valid_policy.iter().map(|commit| {
            diagnostic(Some(commit), "it was merged under an invalid policy, so nobody knows what it needed".to_owned())
        }));
        // Otherwise a merge says why.
        if let Some(why) = history.astray.clone().filter(|_| merges.iter().all(|merge| merge.outcome.is_clean())) {
            diagnostics.push(diagnostic(None, why));
        }
        diagnostics.extend(self.taken_away.iter().map(|why| diagnostic(None, why.clone())));
        let mut debts = debts(history, self.now);
        debts.retain(|debt| merges.iter().any(|merge| merge.commit == debt.commit));
        ReceiptAudit {
            schema: RECEIPT_AUDIT_SCHEMA,
            repository: self.repository.to_owned(),
            range: self.range,
            merges,
            debts,
            receipt_diagnostics: diagnostics,
            unrelated,
        }
    }
}

/// The merges that were there before an end, in their order.
fn up_to(
    merges: Vec<AuditedMerge>,
    history: &ReceiptHistory,
    end: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Vec<AuditedMerge> {
    let merged = merged_by(&merges, history, now);
    let there = |at: Option<DateTime<Utc>>| at.is_none_or(|at| at < end);
    merges.into_iter().zip(merged).filter(|(_, at)| there(*at)).map(|(merge, _)| merge).collect()
}

/// When each merge was there at the latest: as a commit after it, or its receipt, says so. The author of a commit says
/// when it was made, and a merge that is dated ahead would be in no audit with an end.
fn merged_by(merges: &[AuditedMerge], history: &ReceiptHistory, now: DateTime<Utc>) -> Vec<Option<DateTime<Utc>>> {
    let by_commit: BTreeMap<&str, &Receipt> =
        history.receipts.iter().map(|one| (one.receipt.commit.as_str(), &one.receipt)).collect();
    let mut latest = now;
    let mut all: Vec<Option<DateTime<Utc>>> = Vec::new();
    for merge in merges.iter().rev() {
        let receipt = by_commit.get(merge.commit.as_str());
        let pull = receipt.and_then(|receipt| receipt.pull.as_ref());
        let said = [Some(&merge.date), receipt.map(|receipt| &receipt.made_at), pull.map(|pull| &pull.merged_at)];
        latest = said.into_iter().flatten().filter_map(|text| instant(text)).fold(latest, DateTime::min);
        all.push(Some(latest));
    }
    all.reverse();
    all
}
