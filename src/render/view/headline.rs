//! Headline of a report: its stage as people name it, the verdict in one line, the count of flags, and the next steps.

use super::super::Tone;
use super::super::phrases::{self, NO_FLAG, Phrase, SPLIT};
use super::requirements::{PendingReview, pending_reviews, rejecters};
use super::{impact, in_order};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::words::{counted, short};
use crate::report::{Holder, KeySteps, OverdueDebt, Report, Verdict};

/// The stage of a pull request, as its comment and its status name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::render) enum Stage {
    /// More needs approval than one comment can show.
    TooMuch,
    Invalid,
    Rejected,
    Locked,
    Pending,
    /// Pending, and nobody is asked to review a draft.
    Draft,
    /// Approved, by an override of at least one part.
    Overridden,
    Approved,
    /// Flags change and need no approval.
    NotRequired,
    /// No flag changes.
    Nothing,
}

impl Stage {
    pub(in crate::render) fn of(report: &Report, draft: bool) -> Self {
        match report.verdict {
            Verdict::Invalid if report.is_too_much() => Stage::TooMuch,
            Verdict::Invalid => Stage::Invalid,
            Verdict::Rejected => Stage::Rejected,
            Verdict::Locked => Stage::Locked,
            Verdict::Pending if draft => Stage::Draft,
            Verdict::Pending => Stage::Pending,
            Verdict::Approved if !report.overrides().is_empty() => Stage::Overridden,
            Verdict::Approved => Stage::Approved,
            Verdict::NotRequired if report.flags.is_empty() && !report.policy.changed => Stage::Nothing,
            Verdict::NotRequired => Stage::NotRequired,
        }
    }
}

/// A headline of three parts.
pub(in crate::render) struct Headline {
    /// "pending".
    pub verdict: Verdict,
    /// "2 of 3 flags wait for approval".
    pub answer: String,
    /// "affects up to 40.0% of a segment's users".
    pub impact: Option<String>,
}

impl Headline {
    pub(in crate::render) fn of(report: &Report) -> Self {
        let (mut answer, with_impact) = answer(report);
        if report.no_flag {
            let nothing = Stage::of(report, false) == Stage::Nothing;
            answer = if nothing { NO_FLAG.to_owned() } else { format!("{NO_FLAG}; {answer}") };
        }
        let impact = if with_impact { impact::summary(report) } else { None };
        Headline { verdict: report.verdict, answer, impact }
    }

    /// The reason and the impact: "2 flags wait for approval; affects up to 40.0% of a segment's users".
    pub(in crate::render) fn reason(&self) -> String {
        let impact = self.impact.as_ref().map_or_else(String::new, |impact| format!("; {impact}"));
        format!("{}{impact}", self.answer)
    }
}

/// The headline of a report in one line.
#[must_use]
pub fn headline(report: &Report) -> String {
    let headline = Headline::of(report);
    format!("{}: {}", headline.verdict.in_prose(), headline.reason())
}

/// The headline where only changes are shown.
pub(in crate::render) fn flags_changed(report: &Report) -> String {
    match report.flags.len() {
        0 if report.no_flag => NO_FLAG.to_owned(),
        0 => "no flag changes".to_owned(),
        number => format!("{} changed", counted(number, "flag")),
    }
}

/// The debt that holds the first locked flag, if no pull request does.
fn held(report: &Report) -> bool {
    let mut locked = report.flags.iter().filter(|flag| flag.verdict == Verdict::Locked);
    locked.all(|flag| flag.locked_by.is_none() && flag.held_by.is_some())
}

fn locked_one(report: &Report) -> &'static str {
    if held(report) { "is held by an overdue debt" } else { "is locked by another pull request" }
}

fn locked_many(report: &Report) -> &'static str {
    if held(report) { "are held by overdue debts" } else { "are locked by other pull requests" }
}

/// The reason of a verdict, and whether the impact is to be added.
fn answer(report: &Report) -> (String, bool) {
    let flags = report.flags.iter().filter(|flag| flag.verdict == report.verdict).count();
    let total = report.flags.len();
    let policy = report.policy.changed && report.policy.verdict == report.verdict;
    let of = |one: &str, many: &str| {
        let who =
            if flags == total { counted(flags, "flag") } else { format!("{flags} of {}", counted(total, "flag")) };
        (flags > 0).then(|| format!("{who} {}", if flags == 1 { one } else { many }))
    };
    let (of_flags, of_policy) = match report.verdict {
        Verdict::NotRequired if total == 0 => return ("no flag changes".to_owned(), false),
        Verdict::NotRequired => return (format!("{} changed, no approval needed", counted(total, "flag")), true),
        Verdict::Approved => (of("is approved", "are approved"), "the policy change is approved"),
        Verdict::Pending => (of("waits for approval", "wait for approval"), "the policy change waits for approval"),
        Verdict::Locked => {
            (of(locked_one(report), locked_many(report)), "the policy change is locked by another pull request")
        }
        Verdict::Rejected => (of("was rejected", "were rejected"), "the policy change was rejected"),
        Verdict::Invalid => {
            let errors = report.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
            if report.is_too_much() {
                return (SPLIT.to_owned(), false);
            } else if errors > 0 {
                return (format!("{} to fix first", counted(errors, "error")), false);
            }
            (of("is invalid", "are invalid"), "the proposed policy is invalid")
        }
    };
    let parts: Vec<String> = of_flags.into_iter().chain(policy.then(|| of_policy.to_owned())).collect();
    if parts.is_empty() { ("see below".to_owned(), false) } else { (parts.join(", "), true) }
}

/// "3 flags: 1 locked, 2 pending; 1 diagnostic".
pub(in crate::render) fn summary(report: &Report) -> String {
    let order = [
        Verdict::Invalid,
        Verdict::Rejected,
        Verdict::Locked,
        Verdict::Pending,
        Verdict::Approved,
        Verdict::NotRequired,
    ];
    let verdicts = order.into_iter().filter_map(|verdict| {
        let number = report.flags.iter().filter(|flag| flag.verdict == verdict).count();
        (number > 0).then(|| format!("{number} {}", phrase_of(verdict)))
    });
    let mut text = counted(report.flags.len(), "flag");
    if !report.flags.is_empty() {
        text = format!("{text}: {}", verdicts.collect::<Vec<_>>().join(", "));
    }
    if report.policy.changed {
        text = format!("{text}; policy change: {}", phrase_of(report.policy.verdict));
    }
    if !report.diagnostics.is_empty() {
        text = format!("{text}; {}", counted(report.diagnostics.len(), "diagnostic"));
    }
    text
}

/// A verdict in prose.
pub(in crate::render) fn phrase_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::NotRequired => phrases::NO_APPROVAL,
        other => other.word(),
    }
}

/// The headline of a list of diagnostics: "1 error, 2 warnings".
pub(in crate::render) fn of_diagnostics(diagnostics: &[Diagnostic]) -> (Tone, String) {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    match (errors, diagnostics.len() - errors) {
        (0, 0) => (Tone::Good, "no diagnostics".to_owned()),
        (0, warnings) => (Tone::Warn, counted(warnings, "warning")),
        (errors, 0) => (Tone::Bad, counted(errors, "error")),
        (errors, warnings) => (Tone::Bad, format!("{}, {}", counted(errors, "error"), counted(warnings, "warning"))),
    }
}

/// The next step that somebody has to take.
pub(in crate::render) enum NextStep<'r> {
    /// Propose less at once, in the way that the diagnostic names.
    Split(&'r Diagnostic),
    FixErrors,
    /// Have an overdue debt paid, which holds a flag.
    Pay(&'r OverdueDebt, Option<&'r KeySteps>),
    /// Wait for the pull request that holds the lock of a flag.
    Wait {
        holder: Option<&'r Holder>,
    },
    /// Have the rejection of a flag lifted, or of the policy.
    Rejected {
        by: Vec<String>,
        by_key: Option<&'r KeySteps>,
    },
    /// The step that a missing approval by key waits for.
    ByKey(&'r str),
    AskForReview(PendingReview<'r>, Option<&'r KeySteps>),
}

impl NextStep<'_> {
    /// The step as one sentence.
    pub(in crate::render) fn phrase(&self) -> Phrase {
        match self {
            NextStep::Split(diagnostic) => Phrase::of_message(&diagnostic.remedy),
            NextStep::FixErrors => Phrase::new("fix the errors, then check again"),
            NextStep::Pay(debt, by_key) => {
                let commit = short(&debt.commit);
                let mut phrase = Phrase::new("have somebody else approve what came in with ").value(commit);
                phrase = phrase.ours(" by breaking the glass");
                if by_key.is_some() {
                    let receipt = "countersign receipt --debts --signed --sign-with KEY";
                    phrase = phrase
                        .then(phrases::by_command("--merged ", commit))
                        .ours(", and the receipt made anew (")
                        .name(receipt)
                        .ours(")");
                }
                phrase.ours(", or switch ").value(&debt.flag).ours(" off")
            }
            NextStep::Wait { holder: Some(holder) } => {
                Phrase::new(format!("wait until #{} is merged, closed or made a draft", holder.pull))
            }
            NextStep::Wait { holder: None } => {
                Phrase::new("wait until the pull request that holds the lock is merged, closed or made a draft")
            }
            NextStep::Rejected { by, by_key: None } => phrases::lifting(by),
            NextStep::Rejected { by, by_key: Some(steps) } => phrases::lifting_by_key(by, &steps.proposal),
            NextStep::ByKey(step) => Phrase::of_message(step),
            NextStep::AskForReview(review, by_key) => {
                let requirement = review.requirement;
                let phrase = Phrase::new("ask for ").then(phrases::approvals(requirement, requirement.missing()));
                match by_key {
                    Some(steps) => phrase.then(phrases::by_command("", &steps.proposal)),
                    None => phrase,
                }
            }
        }
    }
}

/// The next steps, the most urgent first; none if nothing blocks.
pub(in crate::render) fn steps(report: &Report) -> Vec<NextStep<'_>> {
    if let Some(diagnostic) = report.too_much() {
        return vec![NextStep::Split(diagnostic)];
    }
    let mut steps = Vec::new();
    let by_key = report.by_key.as_ref();
    if report.diagnostics.iter().any(Diagnostic::is_error) {
        steps.push(NextStep::FixErrors);
    }
    for flag in in_order(report) {
        match flag.verdict {
            Verdict::Locked if flag.locked_by.is_none() && flag.held_by.is_some() => {
                steps.extend(flag.held_by.as_ref().map(|debt| NextStep::Pay(debt, by_key)));
            }
            Verdict::Locked => {
                steps.push(NextStep::Wait { holder: flag.locked_by.as_ref() });
            }
            Verdict::Rejected => {
                steps.push(NextStep::Rejected { by: rejecters(&flag.requirements), by_key });
            }
            _ => {}
        }
    }
    if report.policy.verdict == Verdict::Rejected {
        steps.push(NextStep::Rejected { by: rejecters(&report.policy.requirements), by_key });
    }
    steps.extend(by_key.iter().flat_map(|by_key| &by_key.first).map(|step| NextStep::ByKey(step)));
    steps.extend(pending_reviews(report).into_iter().map(|review| NextStep::AskForReview(review, by_key)));
    let asks = |step: &NextStep<'_>| matches!(step, NextStep::Rejected { .. } | NextStep::AskForReview(..));
    if by_key.is_some() && steps.iter().any(asks) {
        steps.push(NextStep::ByKey(
            "share what was signed (`git push origin refs/countersign/approvals`), and check or push again",
        ));
    }
    steps
}

/// The next steps as sentences, each once.
pub(in crate::render) fn sentences(steps: &[NextStep<'_>]) -> Vec<Phrase> {
    let mut sentences: Vec<Phrase> = Vec::new();
    for step in steps {
        let sentence = step.phrase();
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    sentences
}
