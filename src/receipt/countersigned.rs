//! Coverage: whether somebody countersigned the content of a flag that is served.
//!
//! In: the receipts of a branch in their order, and the served content of a flag. Out: a [`Covered`]. An approval
//! covers what changed, that of an activation the whole flag; so a flag is countersigned if every step since it was
//! switched on was. It refuses to let an approval of the next change cover one that nobody approved. Not taken: the
//! last receipt alone.

use std::collections::BTreeMap;

pub use super::coverage::{Coverage, Covered, CoveringReceipt};
use super::history::ReceiptHistory;
use super::statement::{Consent, FreeBecause, Receipt, ReceiptOutcome};
use crate::changes::served::Served;
use crate::diagnostics::words::short;
use crate::document::date::instant;
use crate::policy::own_name;
use crate::review::POLICY;
use chrono::{DateTime, Utc};

/// A kind of issue with a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum IssueKind {
    /// Nobody countersigned it.
    Nobody,
    /// Admins overrode its approvals.
    Overridden,
    /// The glass was broken for it, and it is not paid; when it is due.
    Debt { due: Option<DateTime<Utc>> },
}

/// A step that nobody countersigned, admins overrode or broke the glass for, and that no later one made good.
#[derive(Clone, PartialEq, Eq, Debug)]
struct OpenIssue {
    kind: IssueKind,
    /// The receipt that it came with.
    at: usize,
    why: String,
}

impl FlagState {
    /// Whether no step that it rests on is one that nobody countersigned.
    fn is_sound(&self) -> bool {
        self.issues.iter().all(|issue| issue.kind != IssueKind::Nobody)
    }
}

impl OpenIssue {
    fn is_overdue(&self, now: DateTime<Utc>) -> bool {
        match self.kind {
            IssueKind::Debt { due } => due.is_none_or(|due| due < now),
            IssueKind::Nobody | IssueKind::Overridden => false,
        }
    }
}

/// The content of a flag after one of its receipts.
#[derive(Clone, Debug)]
struct FlagState {
    after: Option<Served>,
    /// The receipt it came with.
    at: usize,
    /// The receipt of the last approval, override or restore that it rests on.
    rests_on: Option<usize>,
    issues: Vec<OpenIssue>,
}

/// The states of all flags by the receipts of a branch.
pub struct Covers<'h> {
    history: &'h ReceiptHistory,
    now: DateTime<Utc>,
    flags: BTreeMap<&'h str, Vec<FlagState>>,
    policy: Vec<FlagState>,
}

impl<'h> Covers<'h> {
    #[must_use]
    pub fn of(history: &'h ReceiptHistory, now: DateTime<Utc>) -> Covers<'h> {
        let mut covers = Covers { history, now, flags: BTreeMap::new(), policy: Vec::new() };
        for (at, one) in history.receipts.iter().enumerate() {
            let receipt = &one.receipt;
            let policy = |digest: &String| Served { digest: digest.clone(), live: true };
            let (before, after) = (policy(&receipt.policy.before), policy(&receipt.policy.after));
            if covers.policy.is_empty() {
                // The policy under which the first receipt was made is the anchor, if there was none before it.
                let why =
                    format!("the receipts before {} are not there, so what the policy was nobody knows", step(receipt));
                let issues =
                    receipt.previous.iter().map(|_| OpenIssue { kind: IssueKind::Nobody, at, why: why.clone() });
                let issues = issues.collect();
                let anchor = FlagState { after: Some(before.clone()), at, rests_on: Some(at), issues };
                covers.policy.push(anchor);
            }
            let known = covers.policy.last().and_then(|state| state.after.as_ref());
            // A change judged under an unapproved policy is unapproved.
            let last_sound = covers.policy.iter().rfind(|state| state.is_sound());
            let sound = if known == Some(&before) {
                covers.policy.last().is_some_and(FlagState::is_sound)
            } else {
                last_sound.is_some_and(|state| state.after.as_ref() == Some(&before))
            };
            if before != after || known != Some(&before) {
                let consent = receipt.policy.consent.as_ref();
                let state = next((&covers.policy, &[]), (at, receipt), Some(&before), Some(&after), consent, true);
                covers.policy.push(state);
            }
            for flag in &receipt.flags {
                // Of a flag that comes from another project the steps there count on.
                let from = flag.from.as_deref().unwrap_or(flag.name.as_str());
                let known = covers.flags.get(from).map(Vec::as_slice).unwrap_or_default();
                let known = known.get(..known.partition_point(|state| state.at < at)).unwrap_or_default();
                let own = if flag.from.is_some() { covers.flags.get(flag.name.as_str()) } else { None };
                let own = own.map(Vec::as_slice).unwrap_or_default();
                let (before, after) = (flag.before.as_ref(), flag.after.as_ref());
                let state = next((known, own), (at, receipt), before, after, Some(&flag.consent), sound);
                covers.flags.entry(flag.name.as_str()).or_default().push(state);
            }
        }
        covers
    }

    /// Every flag that a receipt is about.
    pub fn names(&self) -> impl Iterator<Item = &'h str> {
        self.flags.keys().copied()
    }

    /// Whether receipts are about flags of this project by names that tell its files apart, such as `app:prod`.
    #[must_use]
    pub fn tell_apart(&self, project: &str) -> bool {
        let mut projects = self.names().filter_map(|name| name.split_once('/')).map(|(of, _)| of);
        projects.any(|of| of != project && own_name(of) == project)
    }

    /// The part of a project with this name that is there by the last receipt about it, such as a segment: its key is
    /// its kind and its name.
    #[must_use]
    pub fn part(&self, project: &str, id: &str) -> Option<&'h str> {
        let is = |name: &str| {
            let key = name.split_once('/').filter(|(of, _)| *of == project).map(|(_, key)| key);
            key.and_then(|key| key.split_once(' ')).is_some_and(|(_, part)| part == id)
        };
        let there = |states: &[FlagState]| states.last().is_some_and(|state| state.after.is_some());
        self.flags.iter().find(|(name, states)| is(name) && there(states)).map(|(name, _)| *name)
    }

    /// Coverage of a flag with this content.
    #[must_use]
    pub fn cover(&self, name: &str, served: &Served) -> Covered {
        if !served.live {
            return covered(name, served, Coverage::Off, None, Vec::new());
        }
        let states = self.flags.get(name).map(Vec::as_slice).unwrap_or_default();
        self.look_up(name, served, states)
    }

    /// Coverage of the policy with this digest.
    #[must_use]
    pub fn cover_policy(&self, digest: &str) -> Covered {
        let served = Served { digest: digest.to_owned(), live: true };
        let found = self.look_up(POLICY, &served, &self.policy);
        // The receipts that count lead elsewhere, whatever these say of it.
        match &self.history.astray {
            Some(why) if found.coverage.holds() => {
                let help = "two people who may approve the policy settle which changes were let in";
                covered(POLICY, &served, Coverage::Nobody, None, vec![format!("{why}; {help}")])
            }
            _ => found,
        }
    }

    fn look_up(&self, name: &str, served: &Served, states: &[FlagState]) -> Covered {
        let Some(last) = states.last() else {
            let why = vec!["no receipt is about it".to_owned()];
            return covered(name, served, Coverage::Nobody, None, why);
        };
        let same = |state: &&FlagState| state.after.as_ref() == Some(served);
        let Some(state) = states.iter().rfind(same) else {
            let why = vec!["no receipt is about this content".to_owned()];
            return covered(name, served, Coverage::Nobody, None, why);
        };
        let receipt = self.receipt(state.rests_on.unwrap_or(state.at), name);
        let mut why: Vec<String> = state.issues.iter().map(|issue| issue.why.clone()).collect();
        let nobody = state.issues.iter().any(|issue| issue.kind == IssueKind::Nobody);
        let debt = |issue: &OpenIssue| matches!(issue.kind, IssueKind::Debt { .. });
        let coverage = if nobody {
            Coverage::Nobody
        } else if last.after != state.after {
            why.push(match &last.after {
                Some(after) if after.live => {
                    format!("the branch has other content since {}", self.words(last.at))
                }
                Some(_) => format!("the branch has it switched off since {}", self.words(last.at)),
                None => format!("the branch does not have it since {}", self.words(last.at)),
            });
            Coverage::Older
        } else if state.issues.iter().any(|issue| issue.is_overdue(self.now)) {
            Coverage::Overdue
        } else if state.issues.iter().any(debt) {
            Coverage::Debt
        } else if !state.issues.is_empty() {
            Coverage::Overridden
        } else if state.rests_on.is_some() {
            Coverage::Countersigned
        } else {
            Coverage::Free
        };
        covered(name, served, coverage, receipt, why)
    }

    /// Whether a flag, if it is live, still rests on the debt that the receipt at this place made for the flag of this
    /// name: that flag, or one that has another name since.
    pub(super) fn owes(&self, at: usize, name: &str) -> bool {
        let debt = |issue: &OpenIssue| issue.at == at && matches!(issue.kind, IssueKind::Debt { .. });
        let live = |state: &&FlagState| state.after.as_ref().is_some_and(|after| after.live);
        let owing = |name: &str| {
            let last = self.flags.get(name).and_then(|states| states.last()).filter(live);
            last.is_some_and(|state| state.issues.iter().any(debt))
        };
        // A flag that moved to another project took its debt along.
        let later = || self.history.receipts.get(at..).unwrap_or_default().iter().flat_map(|one| &one.receipt.flags);
        let mut names = vec![name];
        for flag in later() {
            if flag.from.as_deref().is_some_and(|from| names.contains(&from)) && !names.contains(&flag.name.as_str()) {
                names.push(&flag.name);
            }
        }
        names.into_iter().any(owing)
    }

    fn words(&self, at: usize) -> String {
        let receipt = self.history.receipts.get(at).map(|one| &one.receipt);
        receipt.map(step).unwrap_or_default()
    }

    fn receipt(&self, at: usize, name: &str) -> Option<CoveringReceipt> {
        let one = self.history.receipts.get(at)?;
        let receipt = &one.receipt;
        let consent = if name == POLICY {
            receipt.policy.consent.as_ref()
        } else {
            receipt.flags.iter().find(|flag| flag.name == name).map(|flag| &flag.consent)
        };
        let paid = |consent: &Consent| consent.debt().is_some_and(|debt| debt.paid.is_some());
        let mut by: Vec<String> = match consent {
            Some(consent) if paid(consent) => consent.given().map(|approval| approval.login.clone()).collect(),
            Some(Consent { overridden: Some(overridden), .. }) => overridden.by.clone(),
            Some(consent) => consent.approvals.iter().map(|approval| approval.login.clone()).collect(),
            None => Vec::new(),
        };
        by.dedup();
        Some(CoveringReceipt {
            commit: receipt.commit.clone(),
            date: receipt.date.clone(),
            pull: receipt.pull.as_ref().map(|pull| pull.number),
            by,
            signed: one.signed.clone(),
        })
    }
}

fn covered(
    name: &str,
    served: &Served,
    coverage: Coverage,
    receipt: Option<CoveringReceipt>,
    why: Vec<String>,
) -> Covered {
    Covered { name: name.to_owned(), digest: served.digest.clone(), coverage, receipt, why }
}

/// A merge in words: "1a2b3c4d of 2026-03-03 (#12)".
#[must_use]
pub fn step(receipt: &Receipt) -> String {
    let day = receipt.date.get(..10).unwrap_or_default();
    let pull = receipt.pull.as_ref().map(|pull| format!(" (#{})", pull.number)).unwrap_or_default();
    format!("{} of {day}{pull}", short(&receipt.commit))
}

/// Reasons that are kept of a flag. Later reasons are cleared with them.
const MOST_REASONS: usize = 12;

/// The receipt that a flag rests on, and its issues.
type RestAndIssues = (Option<usize>, Vec<OpenIssue>);

/// The receipt and the issues before a step: after the last one, and with what came in without a receipt.
fn before_the_step(states: &[FlagState], (at, receipt): (usize, &Receipt), before: Option<&Served>) -> RestAndIssues {
    let last = states.last();
    let mut issues = last.map(|state| state.issues.clone()).unwrap_or_default();
    let mut rests_on = last.and_then(|state| state.rests_on);
    let issue = |why: String| OpenIssue { kind: IssueKind::Nobody, at, why };
    match (before, last.map(|state| state.after.as_ref())) {
        // A flag that was live when the receipts of a branch begin is taken as it is, as the policy is.
        (Some(before), None) if before.live && receipt.previous.is_some() => {
            issues.push(issue(format!("it was live before {}, and no receipt says how it came to be", step(receipt))));
        }
        (before, Some(known)) if known != before => {
            // Put back without a receipt to what was approved last, it is what was approved.
            match states.iter().rfind(|state| state.is_sound()).filter(|state| state.after.as_ref() == before) {
                Some(state) => (rests_on, issues) = (state.rests_on, state.issues.clone()),
                None => {
                    issues.push(issue(format!("it changed before {} without a receipt", step(receipt))));
                    rests_on = None;
                }
            }
        }
        _ => {}
    }
    (rests_on, issues)
}

/// The reason of who overrode the requirements or broke the glass.
fn reason(consent: Option<&Consent>) -> &str {
    let overridden = consent.and_then(|consent| consent.overridden.as_ref());
    overridden.map_or("no reason", |overridden| overridden.reason.as_str())
}

/// The issue with requirements that admins overrode.
fn overriding((at, receipt): (usize, &Receipt), consent: Option<&Consent>) -> OpenIssue {
    let why = format!("overridden with {}: {}", step(receipt), reason(consent));
    OpenIssue { kind: IssueKind::Overridden, at, why }
}

/// The issue with a glass that was broken; none once its debt is paid.
fn broken_glass((at, receipt): (usize, &Receipt), consent: Option<&Consent>) -> Option<OpenIssue> {
    let debt = consent.and_then(Consent::debt);
    if debt.is_some_and(|debt| debt.paid.is_some()) {
        return None;
    }
    let (due, by) = (debt.and_then(|debt| instant(&debt.due)), debt.map_or("never", |debt| debt.due.as_str()));
    let (step, reason) = (step(receipt), reason(consent));
    let why = format!("the glass was broken with {step}: {reason}; somebody else has to approve that by {by}");
    Some(OpenIssue { kind: IssueKind::Debt { due }, at, why })
}

/// The state of a flag after one more receipt. `own` are the states under the name that it has after it.
fn next(
    (states, own): (&[FlagState], &[FlagState]),
    (at, receipt): (usize, &Receipt),
    before: Option<&Served>,
    after: Option<&Served>,
    consent: Option<&Consent>,
    sound: bool,
) -> FlagState {
    let Some(after) = after else {
        return FlagState { after: None, at, rests_on: None, issues: Vec::new() };
    };
    let outcome = consent.map_or(ReceiptOutcome::Unapproved, |consent| consent.outcome);
    let outcome = receipt.worse_as_a_whole().unwrap_or(outcome);
    let one = ReceiptOfFlag { at, receipt, before, after, consent, outcome, sound };
    let so_far = before_the_step(states, (at, receipt), before);
    let same = before == Some(after);
    let (rests_on, issues) = if same { one.same(states, so_far) } else { one.other(states, own, so_far) };
    FlagState { after: Some(after.clone()), at, rests_on, issues }
}

/// A receipt in what it says of one flag.
struct ReceiptOfFlag<'r> {
    at: usize,
    receipt: &'r Receipt,
    before: Option<&'r Served>,
    after: &'r Served,
    consent: Option<&'r Consent>,
    outcome: ReceiptOutcome,
    /// Whether the policy by which it was judged was approved.
    sound: bool,
}

impl ReceiptOfFlag<'_> {
    fn issue(&self, why: String) -> OpenIssue {
        OpenIssue { kind: IssueKind::Nobody, at: self.at, why }
    }

    /// The last sound state, if its content is here again: taking back an unapproved change leaves the approved
    /// content.
    fn taken_back(&self, states: &[FlagState]) -> Option<RestAndIssues> {
        let known = states.last().map(|state| state.after.as_ref());
        let state = states.iter().rfind(|state| state.is_sound())?;
        let again = state.after.as_ref() == Some(self.after) && known == Some(self.before);
        again.then(|| (state.rests_on, state.issues.clone()))
    }

    /// Users are served the same, whatever else was written: if all of it could be read.
    fn same(&self, states: &[FlagState], (rests_on, mut issues): RestAndIssues) -> RestAndIssues {
        let invalid = self.consent.is_some_and(|consent| consent.displayed.is_none() && consent.free.is_none());
        let refused = matches!(self.outcome, ReceiptOutcome::Unapproved | ReceiptOutcome::Unknown);
        if invalid && refused && self.after.live {
            issues.push(self.issue(format!("{} left its file in a state that nobody can approve", step(self.receipt))));
            return (rests_on, issues);
        }
        self.taken_back(states).unwrap_or((rests_on, issues))
    }

    /// Users are served something else, which rests on what the receipt says.
    fn other(
        &self,
        states: &[FlagState],
        own: &[FlagState],
        (mut rests_on, mut issues): RestAndIssues,
    ) -> RestAndIssues {
        let (at, receipt, consent, outcome) = (self.at, self.receipt, self.consent, self.outcome);
        let let_in = matches!(outcome, ReceiptOutcome::Approved | ReceiptOutcome::Overridden | ReceiptOutcome::Debt);
        if self.sound && let_in && consent.is_some_and(|consent| consent.whole) {
            issues.clear();
        }
        // A flag that comes back to a name may be what it was under it.
        let is = |state: &&FlagState| state.after.as_ref() == Some(self.after);
        match outcome {
            ReceiptOutcome::Approved => rests_on = Some(at),
            ReceiptOutcome::Overridden => {
                rests_on = Some(at);
                issues.push(overriding((at, receipt), consent));
            }
            ReceiptOutcome::Debt => {
                rests_on = Some(at);
                issues.extend(broken_glass((at, receipt), consent));
            }
            ReceiptOutcome::Free => {
                let free = consent.and_then(|consent| consent.free).filter(|_| self.after.live);
                if free == Some(FreeBecause::Restore) {
                    match states.iter().rfind(is).or_else(|| own.iter().rfind(is)) {
                        Some(state) => (rests_on, issues) = (state.rests_on, state.issues.clone()),
                        None => issues.push(self.issue(format!("{} restored what no receipt is about", step(receipt)))),
                    }
                }
            }
            ReceiptOutcome::Unknown => {
                issues.push(self.issue(format!("it is not known whether {} was approved", step(receipt))));
            }
            ReceiptOutcome::Unapproved => {
                issues.push(self.issue(format!("{} was merged without the approvals it needed", step(receipt))));
            }
        }
        if !self.sound && self.after.live {
            issues.push(self.issue(format!("{} was judged under a policy that nobody approved", step(receipt))));
        } else if outcome == ReceiptOutcome::Approved
            && let Some(state) = states.iter().chain(own).rfind(|state| is(state) && state.issues.is_empty())
        {
            // The whole content is one that was countersigned before.
            issues = state.issues.clone();
        }
        if let Some(taken_back) = self.taken_back(states) {
            (rests_on, issues) = taken_back;
        }
        if issues.len() > MOST_REASONS && issues.iter().take(MOST_REASONS).any(|issue| issue.kind == IssueKind::Nobody)
        {
            issues.truncate(MOST_REASONS);
            issues.push(self.issue("and so on with later merges".to_owned()));
        }
        (rests_on, issues)
    }
}
