//! Audit of a branch by its receipts: what was merged, held against what they say.
//!
//! In: the merges as git has them, and the receipts that count. Out: a [`ReceiptAudit`]. It refuses to take a receipt's
//! word for anything that git knows: what each merge did to which flag, and who could approve it under the policy of
//! then. Not taken: what only the forge knew, which is what a signature is for.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::allowed::not_allowed;
use super::debt::{Debt, DebtState};
use super::history::{ReceiptDiagnostic, ReceiptDiagnosticKind, ReceiptHistory, SignedReceipt};
use super::make::MergeFacts;
use super::statement::{Consent, FreeBecause, Receipt, ReceiptFlag, ReceiptOutcome};
use crate::changes::RuleId;
use crate::changes::served::ServedChange;
use crate::report::FlagReport;
use crate::review::POLICY;

/// The version of the JSON form.
pub const RECEIPT_AUDIT_SCHEMA: &str = "countersign/receipt-audit/v1";

/// Outcome of a merge by its receipt, where that may say so.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MergeOutcome {
    /// The change needed no approval.
    Free,
    /// Everyone who had to approve had.
    Approved,
    /// Admins overrode the requirements.
    Overridden,
    /// Admins broke the glass, and somebody else approved it since.
    Paid,
    /// Admins broke the glass, and nobody else approved it yet.
    Debt,
    /// Whether the change was approved is not known.
    Unknown,
    /// The change was merged without the approvals it needed.
    Unapproved,
    /// The receipt names somebody who could not approve it under the policy of then.
    NotAllowed,
    /// The receipt says another thing than git.
    Differs,
    /// There is no receipt that counts.
    Missing,
}

impl MergeOutcome {
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            MergeOutcome::Free => "free",
            MergeOutcome::Approved => "approved",
            MergeOutcome::Overridden => "overridden",
            MergeOutcome::Paid => "debt paid",
            MergeOutcome::Debt => "debt",
            MergeOutcome::Unknown => "unknown",
            MergeOutcome::Unapproved => "unapproved",
            MergeOutcome::NotAllowed => "not allowed",
            MergeOutcome::Differs => "differs",
            MergeOutcome::Missing => "no receipt",
        }
    }

    /// Whether an auditor has nothing to ask.
    #[must_use]
    pub fn is_clean(self) -> bool {
        match self {
            MergeOutcome::Free
            | MergeOutcome::Approved
            | MergeOutcome::Overridden
            | MergeOutcome::Paid
            | MergeOutcome::Debt => true,
            MergeOutcome::Unknown
            | MergeOutcome::Unapproved
            | MergeOutcome::NotAllowed
            | MergeOutcome::Differs
            | MergeOutcome::Missing => false,
        }
    }
}

/// One flag, or the policy, in one merge.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditedFlag {
    /// `project/key`, or `.countersign` for the policy and protected files.
    pub name: String,
    /// The changes in one sentence; null if git alone can't say.
    pub what: Option<String>,
    /// Ids of the rules that its changes fall under.
    pub rules: Vec<String>,
    /// How it came onto the branch, by its receipt; null if there is none.
    pub outcome: Option<ReceiptOutcome>,
    /// Logins of those whose approval counted.
    pub approved_by: Vec<String>,
    /// Logins of the admins who overrode the requirements, or broke the glass.
    pub overridden_by: Vec<String>,
    /// Their reason; null without an override.
    pub reason: Option<String>,
}

/// One merge that needs a receipt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditedMerge {
    /// The commit, in full.
    pub commit: String,
    /// When it was committed, RFC 3339, as the commit says.
    pub date: String,
    /// The author's name, as the commit says.
    pub author: String,
    /// The first line of the message.
    pub subject: String,
    /// How it came onto the branch, by its receipt and git.
    pub outcome: MergeOutcome,
    /// The reasons, one sentence each without a full stop.
    pub why: Vec<String>,
    /// The number of the pull request; null if none brought it or nothing is known.
    pub pull: Option<u64>,
    /// Login of who opened it; null if that is not known.
    pub requestor: Option<String>,
    /// Login of who merged it; null if that is not known.
    pub merged_by: Option<String>,
    /// The signer of the receipt, in words; null without one.
    pub signed: Option<String>,
    /// The flags that it changed.
    pub flags: Vec<AuditedFlag>,
}

/// An audit by receipts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReceiptAudit {
    /// The version of this form: `countersign/receipt-audit/v1`.
    #[schemars(extend("const" = RECEIPT_AUDIT_SCHEMA))]
    pub schema: &'static str,
    /// The repository that the trust is about.
    pub repository: String,
    /// The range in words.
    pub range: String,
    /// Every merge of the range that needs a receipt, in the order they were merged.
    pub merges: Vec<AuditedMerge>,
    /// Every debt that was made in the range, paid or not, in the order of the merges.
    pub debts: Vec<Debt>,
    /// Receipts that count for nothing, links that are missing, and files that somebody took away.
    #[serde(rename = "diagnostics")]
    pub receipt_diagnostics: Vec<ReceiptDiagnostic>,
    /// Diagnostics of no merge here: files that are no receipt, and receipts of other branches or of merges outside of
    /// the range.
    pub unrelated: Vec<ReceiptDiagnostic>,
}

impl ReceiptAudit {
    /// Whether an auditor has nothing to ask: everything is in order, and no debt is overdue.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.debts.iter().all(|debt| debt.state != DebtState::Overdue)
            && self.receipt_diagnostics.is_empty()
            && self.merges.iter().all(|merge| merge.outcome.is_clean())
    }

    /// Leaves only what is about this flag or approved by this person.
    pub fn narrow(&mut self, flag: Option<&str>, approver: Option<&str>) {
        if let Some(name) = flag {
            self.debts.retain(|debt| debt.flag == name);
            for merge in &mut self.merges {
                merge.flags.retain(|flag| flag.name == name);
            }
            self.merges.retain(|merge| !merge.flags.is_empty());
        }
        if let Some(login) = approver.map(|login| login.trim_start_matches('@')) {
            let by = |flag: &AuditedFlag| {
                flag.approved_by.iter().chain(&flag.overridden_by).any(|one| one.eq_ignore_ascii_case(login))
            };
            let own = |one: &String| one.eq_ignore_ascii_case(login);
            self.debts.retain(|debt| debt.by.iter().chain(&debt.paid_by).any(own));
            for merge in &mut self.merges {
                merge.flags.retain(by);
            }
            self.merges.retain(|merge| !merge.flags.is_empty());
        }
    }
}

/// Holds merges against the receipts of their branch.
#[must_use]
pub fn audited(merges: &[MergeFacts], history: &ReceiptHistory) -> Vec<AuditedMerge> {
    let by_commit: BTreeMap<&str, &SignedReceipt> =
        history.receipts.iter().map(|one| (one.receipt.commit.as_str(), one)).collect();
    let mut audited = Vec::new();
    for facts in merges {
        let receipt = by_commit.get(facts.commit.as_str());
        let mut merge = AuditedMerge {
            commit: facts.commit.clone(),
            date: facts.date.clone(),
            author: facts.author.clone(),
            subject: facts.subject.clone(),
            outcome: MergeOutcome::Missing,
            why: Vec::new(),
            pull: None,
            requestor: None,
            merged_by: None,
            signed: None,
            flags: flags(facts, receipt.map(|one| &one.receipt)),
        };
        match receipt {
            None => {
                let diagnostic = history.diagnostics.iter().find(|diagnostic| {
                    diagnostic.commit.as_deref() == Some(&facts.commit)
                        && diagnostic.kind == ReceiptDiagnosticKind::Refused
                });
                merge.why.push(diagnostic.map_or_else(
                    || "no receipt is about it: it was pushed past the gate, or its receipt was taken away".to_owned(),
                    |diagnostic| format!("its receipt counts for nothing: {}", diagnostic.why),
                ));
            }
            Some(one) => {
                let receipt = &one.receipt;
                merge.signed = Some(one.signed.words());
                merge.pull = receipt.pull.as_ref().map(|pull| pull.number);
                merge.requestor = receipt.pull.as_ref().and_then(|pull| pull.requestor.clone());
                merge.merged_by = receipt.pull.as_ref().and_then(|pull| pull.merged_by.clone());
                let differs = differences(facts, receipt);
                let not_allowed = not_allowed(facts, receipt);
                merge.outcome = if !differs.is_empty() {
                    MergeOutcome::Differs
                } else if !not_allowed.is_empty() {
                    MergeOutcome::NotAllowed
                } else {
                    match receipt.outcome {
                        ReceiptOutcome::Free => MergeOutcome::Free,
                        ReceiptOutcome::Approved => MergeOutcome::Approved,
                        ReceiptOutcome::Overridden => MergeOutcome::Overridden,
                        ReceiptOutcome::Debt if receipt.is_paid() => MergeOutcome::Paid,
                        ReceiptOutcome::Debt => MergeOutcome::Debt,
                        ReceiptOutcome::Unknown => MergeOutcome::Unknown,
                        ReceiptOutcome::Unapproved => MergeOutcome::Unapproved,
                    }
                };
                merge.why.extend(differs.into_iter().chain(not_allowed).chain(receipt.why.clone()));
            }
        }
        audited.push(merge);
    }
    audited
}

pub(super) fn reported<'f>(facts: &'f MergeFacts, name: &str) -> Option<&'f FlagReport> {
    let served = facts.served.iter().find(|served| served.name == name)?;
    facts.report.flags.iter().find(|flag| flag.id().is(&served.reported))
}

fn flags(facts: &MergeFacts, receipt: Option<&Receipt>) -> Vec<AuditedFlag> {
    let row = |name: &str, what: Option<String>, rules: Vec<String>, consent: Option<&Consent>| {
        let overridden = consent.and_then(|consent| consent.overridden.as_ref());
        AuditedFlag {
            name: name.to_owned(),
            what,
            rules,
            outcome: consent.map(|consent| consent.outcome),
            approved_by: consent
                .map(|consent| consent.given().map(|one| one.login.clone()).collect())
                .unwrap_or_default(),
            overridden_by: overridden.map(|one| one.by.clone()).unwrap_or_default(),
            reason: overridden.map(|one| one.reason.clone()),
        }
    };
    let mut rows = Vec::new();
    for served in &facts.served {
        let consent = receipt.and_then(|receipt| receipt.flags.iter().find(|flag| flag.name == served.name));
        let reported = reported(facts, &served.name);
        let by_policy = served.by_policy.then(|| match (&served.from, &served.before, &served.after) {
            (Some(from), ..) => format!("{from} until then, by the policy"),
            (None, None, _) => "live when the policy took it in".to_owned(),
            (None, _, None) => "no more under the policy, or under another name".to_owned(),
            (None, Some(_), Some(_)) => "read in another way by the policy".to_owned(),
        });
        let what = reported.map(|flag| {
            let mut fields: Vec<&str> = flag.changes.iter().map(|change| change.field.as_str()).collect();
            fields.dedup();
            let impact = flag.impact_summary.as_deref().map(|impact| format!(": {impact}")).unwrap_or_default();
            format!("{}{impact}", fields.join(", "))
        });
        let what = by_policy.or(what);
        rows.push(row(&served.name, what, rules(served, reported), consent.map(|flag| &flag.consent)));
    }
    if facts.report.policy.changed {
        let consent = receipt.and_then(|receipt| receipt.policy.consent.as_ref());
        let what = facts.report.policy.paths.join(", ");
        rows.push(row(POLICY, Some(what), vec![RuleId::POLICY.to_string()], consent));
    }
    rows
}

fn rules(served: &ServedChange, flag: Option<&FlagReport>) -> Vec<String> {
    if served.by_policy {
        return vec![RuleId::POLICY.to_string()];
    }
    let ids = flag.into_iter().flat_map(|flag| &flag.changes).filter_map(|change| change.rule);
    ids.map(|rule| rule.as_str().to_owned()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Differences between a receipt and git.
fn differences(facts: &MergeFacts, receipt: &Receipt) -> Vec<String> {
    let mut found = Vec::new();
    let mut differ = |what: &str, same: bool| {
        if !same {
            found.push(format!("its receipt has another {what} than git"));
        }
    };
    differ("parent", receipt.onto == facts.onto);
    differ("policy", [receipt.policy.before.clone(), receipt.policy.after.clone()] == facts.policy);
    let (adopted, flags): (Vec<&ReceiptFlag>, Vec<&ReceiptFlag>) =
        receipt.flags.iter().partition(|flag| flag.consent.free == Some(FreeBecause::Adopted));
    let known = |flag: &&ReceiptFlag| {
        let live = facts.adopted.iter().find(|(name, _)| *name == flag.name).map(|(_, served)| served);
        receipt.previous.is_none() && live.is_some() && flag.before.as_ref() == live && flag.after.as_ref() == live
    };
    differ("list of flags that were live before", adopted.iter().all(known));
    let theirs: BTreeSet<&String> = flags.iter().map(|flag| &flag.name).collect();
    let ours: BTreeSet<&String> = facts.served.iter().map(|served| &served.name).collect();
    differ("list of flags", theirs == ours);
    for served in &facts.served {
        let Some(flag) = receipt.flags.iter().find(|flag| flag.name == served.name) else { continue };
        let after = served.after.clone().filter(|_| !served.unreadable);
        if flag.before != served.before || flag.after != after || flag.from != served.from {
            found.push(format!("its receipt has another content of {} than git", served.name));
        }
        let reported = reported(facts, &served.name);
        let consent = &flag.consent;
        let by_policy = served.by_policy;
        let displayed =
            if by_policy { facts.report.policy.digest.clone() } else { reported.and_then(|flag| flag.digest.clone()) };
        let whole = match (by_policy, served.shown_by.is_empty()) {
            (true, _) => served.before.is_none(),
            (false, true) => reported.is_some_and(FlagReport::is_displayed_whole),
            (false, false) => false,
        };
        if consent.rules != rules(served, reported) || consent.displayed != displayed || consent.whole != whole {
            found.push(format!("its receipt says that something else of {} was displayed", served.name));
        }
        let needs = reported.map_or(!served.stays(&facts.report), |flag| flag.verdict.blocks());
        if needs && matches!(consent.outcome, ReceiptOutcome::Free) {
            found.push(format!("its receipt frees {}, which needed approval", served.name));
        }
    }
    let changed = facts.report.policy.changed;
    let consent = receipt.policy.consent.as_ref();
    if changed != consent.is_some()
        || consent.is_some_and(|consent| {
            consent.displayed != facts.report.policy.digest || consent.outcome == ReceiptOutcome::Free
        })
    {
        found.push("its receipt says that another change of the policy was displayed".to_owned());
    }
    found
}
