//! Making a receipt of a merge.
//!
//! In: what a merge did to the flags, the report on it, and how an audit judged it. Out: a [`Receipt`]. It refuses to
//! call approved what the report does not. Not taken: deciding here who may approve; the report has decided that.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::payment::LaterPolicy;
use super::statement::{
    Consent, FreeBecause, Receipt, ReceiptApproval, ReceiptDebt, ReceiptFlag, ReceiptOutcome, ReceiptOverride,
    ReceiptPolicy, ReceiptPull, ReceiptRequirement,
};
use crate::changes::RuleId;
use crate::changes::served::{Served, ServedChange};
use crate::document::date::instant;
use crate::policy::Policy;
use crate::report::{FlagReport, Freed, Overridden, Report, Requirement, Verdict};
use crate::review::audit::{AuditOutcome, GivenApproval, MergedChange};

/// A merge that needs a receipt: what it did, before anybody is asked who approved it.
#[derive(Clone, Debug)]
pub struct MergeFacts {
    /// The commit, in full.
    pub commit: String,
    /// The commit it was merged onto, in full.
    pub onto: String,
    /// When it was committed, RFC 3339.
    pub date: String,
    pub author: String,
    /// The first line of the message.
    pub subject: String,
    pub served: Vec<ServedChange>,
    /// Flags that were live when the receipts of the branch begin, and do not differ.
    pub adopted: Vec<(String, Served)>,
    /// SHA-256 of the files of the policy, before and after.
    pub policy: [String; 2],
    /// The report as if nobody had responded.
    pub report: Report,
    /// The policy it was merged under.
    pub base_policy: Arc<Policy>,
    /// The policy that it left, if that is another one and valid.
    pub proposed: Option<Arc<Policy>>,
    /// The policies under which debts of it were paid, as far as they are valid.
    pub later: Vec<LaterPolicy>,
}

/// Where and when a receipt is made.
#[derive(Clone, Debug)]
pub struct MadeFor<'m> {
    pub repository: &'m str,
    pub branch: &'m str,
    /// The commit of the receipt before it.
    pub previous: Option<String>,
    pub made_at: &'m str,
}

/// Whether a merge may have a receipt. The one with which the receipts of a branch begin brings the trust, and nobody
/// can let that in by a signature that only it makes count: its receipt would be in everybody's way for good.
///
/// # Errors
/// The reason if it may not.
pub fn may_have_receipt(judged: &MergedChange, begins: bool) -> Result<(), &'static str> {
    if begins && !judged.outcome.is_let_in() {
        return Err("it brings the trust with which the receipts begin, and nobody is known to have approved it");
    }
    Ok(())
}

/// The receipt of a merge, as it was judged.
#[must_use]
pub fn receipt(facts: &MergeFacts, judged: &MergedChange, made: &MadeFor<'_>) -> Receipt {
    let answered = judged.judged.as_ref();
    let report = answered.map_or(&facts.report, |judged| &judged.report);
    let given = answered.map(|judged| judged.approvals.as_slice()).unwrap_or_default();
    let open = match judged.outcome {
        AuditOutcome::Needed | AuditOutcome::Unknown => ReceiptOutcome::Unknown,
        AuditOutcome::Free | AuditOutcome::Approved | AuditOutcome::Overridden | AuditOutcome::Unapproved => {
            ReceiptOutcome::Unapproved
        }
    };
    let mut flags: Vec<ReceiptFlag> = facts.served.iter().map(|served| flag(served, report, given, open)).collect();
    if made.previous.is_none() {
        flags.extend(facts.adopted.iter().map(|(name, served)| adopted(name, served)));
        flags.sort_by(|one, two| one.name.cmp(&two.name));
    }
    let policy = &report.policy;
    let consent = policy.changed.then(|| consent(&ReportedParts::of_policy(report, false), given, open));
    let outcomes = flags.iter().map(|flag| flag.consent.outcome).chain(consent.iter().map(|one| one.outcome));
    let [before, after] = facts.policy.clone();
    // A report that is invalid or in doubt as a whole is no better than that, whatever its parts are.
    let whole = (!judged.outcome.is_let_in()).then_some(open);
    Receipt {
        repository: made.repository.to_owned(),
        branch: made.branch.to_owned(),
        commit: facts.commit.clone(),
        onto: facts.onto.clone(),
        previous: made.previous.clone(),
        date: facts.date.clone(),
        author: facts.author.clone(),
        subject: facts.subject.clone(),
        pull: judged.pull.as_ref().map(|pull| ReceiptPull {
            number: pull.number,
            requestor: pull.requestor.clone(),
            merged_by: pull.merged_by.clone(),
            merged_at: pull.merged_at.clone(),
        }),
        outcome: outcomes.chain(whole).max().unwrap_or(ReceiptOutcome::Free),
        why: judged.why.clone(),
        policy: ReceiptPolicy { before, after, consent },
        flags,
        made_at: made.made_at.to_owned(),
        program: concat!("countersign ", env!("CARGO_PKG_VERSION")).to_owned(),
    }
}

/// The part of the report about a flag, or about the policy.
struct ReportedParts<'r> {
    verdict: Verdict,
    freed: Option<Freed>,
    whole: bool,
    rules: BTreeSet<RuleId>,
    digest: Option<&'r String>,
    requirements: &'r [Requirement],
    overridden: Option<&'r Overridden>,
}

impl ReportedParts<'_> {
    fn of_policy(report: &Report, whole: bool) -> ReportedParts<'_> {
        let policy = &report.policy;
        ReportedParts {
            verdict: policy.verdict,
            freed: None,
            whole,
            rules: BTreeSet::from([RuleId::POLICY]),
            digest: policy.digest.as_ref(),
            requirements: &policy.requirements,
            overridden: policy.overridden.as_ref(),
        }
    }
}

impl ServedChange {
    /// Whether it says the same as before, in a file that is valid again.
    pub(super) fn stays(&self, report: &Report) -> bool {
        self.same && report.verdict != Verdict::Invalid
    }
}

/// A flag that was live when the receipts of its branch begin, as the policy was there.
fn adopted(name: &str, served: &Served) -> ReceiptFlag {
    let consent = Consent {
        outcome: ReceiptOutcome::Free,
        free: Some(FreeBecause::Adopted),
        rules: Vec::new(),
        displayed: None,
        whole: false,
        requirements: Vec::new(),
        approvals: Vec::new(),
        overridden: None,
    };
    let (before, after) = (Some(served.clone()), Some(served.clone()));
    ReceiptFlag { name: name.to_owned(), from: None, before, after, consent }
}

fn flag(served: &ServedChange, report: &Report, given: &[GivenApproval], open: ReceiptOutcome) -> ReceiptFlag {
    let reported = |flag: &&FlagReport| flag.id().is(&served.reported);
    let parts = match report.flags.iter().find(reported) {
        // An approval of the policy's scope is one of the files it takes in.
        _ if served.by_policy => ReportedParts::of_policy(report, served.before.is_none()),
        Some(flag) => ReportedParts {
            verdict: flag.verdict,
            freed: flag.freed,
            whole: flag.is_displayed_whole(),
            rules: flag.changes.iter().filter_map(|change| change.rule).collect(),
            digest: flag.digest.as_ref(),
            requirements: &flag.requirements,
            overridden: flag.overridden.as_ref(),
        },
        // A change that the report does not have is unapproved, and so is what an invalid merge leaves as it is.
        None => ReportedParts {
            verdict: if served.stays(report) { Verdict::NotRequired } else { Verdict::Invalid },
            freed: None,
            whole: false,
            rules: BTreeSet::new(),
            digest: None,
            requirements: &[],
            overridden: None,
        },
    };
    let after = served.after.clone().filter(|_| !served.unreadable);
    let mut consent = consent(&parts, given, open);
    if !served.shown_by.is_empty() {
        // Of a part what is displayed is its change, and who lets it in are those who let in each flag that it decides
        // about.
        consent.whole = false;
        let shows = |flag: &&FlagReport| served.shown_by.iter().any(|name| flag.id().is(name));
        let others =
            report.flags.iter().filter(shows).map(|flag| outcome(flag.verdict, flag.overridden.as_ref(), open));
        consent.outcome = others.fold(consent.outcome, ReceiptOutcome::max);
        consent.free = consent.free.filter(|_| consent.outcome == ReceiptOutcome::Free);
    }
    ReceiptFlag { name: served.name.clone(), from: served.from.clone(), before: served.before.clone(), after, consent }
}

fn outcome(verdict: Verdict, overridden: Option<&Overridden>, open: ReceiptOutcome) -> ReceiptOutcome {
    match verdict {
        Verdict::NotRequired => ReceiptOutcome::Free,
        Verdict::Approved if overridden.is_some_and(|one| one.debt.is_some()) => ReceiptOutcome::Debt,
        Verdict::Approved if overridden.is_some() => ReceiptOutcome::Overridden,
        Verdict::Approved => ReceiptOutcome::Approved,
        Verdict::Invalid => ReceiptOutcome::Unapproved,
        Verdict::Pending | Verdict::Locked | Verdict::Rejected => open,
    }
}

fn consent(parts: &ReportedParts<'_>, given: &[GivenApproval], open: ReceiptOutcome) -> Consent {
    let outcome = outcome(parts.verdict, parts.overridden, open);
    let free = (outcome == ReceiptOutcome::Free).then_some(match parts.freed {
        Some(Freed::SwitchOff) => FreeBecause::SwitchOff,
        Some(Freed::Restore) => FreeBecause::Restore,
        None => FreeBecause::Policy,
    });
    Consent {
        outcome,
        free,
        rules: parts.rules.iter().map(|rule| rule.as_str().to_owned()).collect(),
        displayed: parts.digest.cloned(),
        whole: parts.whole,
        requirements: receipt_requirements(parts.requirements),
        approvals: approvals(parts.requirements, given),
        overridden: parts.overridden.map(|one| ReceiptOverride {
            by: one.by.clone(),
            reason: one.reason.clone(),
            debt: one.debt.as_ref().map(|debt| ReceiptDebt { at: debt.at.clone(), due: debt.due.clone(), paid: None }),
        }),
    }
}

/// Requirements as a receipt has them.
pub(super) fn receipt_requirements(requirements: &[Requirement]) -> Vec<ReceiptRequirement> {
    let all = requirements.iter().map(|one| ReceiptRequirement {
        section: one.section.clone(),
        line: one.line,
        required: one.required,
        from: one.from.clone(),
        approved_by: one.approved_by.clone(),
    });
    all.collect()
}

/// The approvals that counted, each with the last that its author gave.
pub(super) fn approvals(requirements: &[Requirement], given: &[GivenApproval]) -> Vec<ReceiptApproval> {
    let logins: BTreeSet<&String> = requirements.iter().flat_map(|one| &one.approved_by).collect();
    let approvals = logins.into_iter().map(|login| {
        let of = given.iter().filter(|given| given.login.eq_ignore_ascii_case(login));
        let last = of.max_by_key(|given| instant(&given.at));
        ReceiptApproval {
            login: login.clone(),
            at: last.map(|given| given.at.clone()),
            review: last.and_then(|given| given.review.clone()),
        }
    });
    approvals.collect()
}
