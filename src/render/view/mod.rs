//! The view of a report, as data: computed once here, then written by text, Markdown, HTML, SARIF and annotations.
//!
//! In: a [`Report`]. Out: a [`View`]: the headline and the next steps, the flags that need something first, each with its
//! impact, changes and requirements, the policy change, and the diagnostics file by file. It decides nothing: no verdict, no
//! limit. Not taken: a view for each output; they would differ in more than their spelling.

mod change;
pub(super) mod findings;
mod headline;
mod impact;
mod requirements;
mod shape;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

pub use change::sentence;
pub(super) use change::{ChangeView, groups};
pub use headline::headline;
pub(super) use headline::{Headline, Stage, Step, flags_changed, phrase_of, sentences};
pub(super) use impact::{ImpactView, affected, changing, moving, sentence as impact_sentence, variant, verb, whose};
pub use requirements::pending_reviewers;
pub(super) use requirements::{
    OverrideView, RequirementView, approvers, overrides, pending_reviews, rejecters, requirements,
};
pub(super) use shape::{ChangeShape, SegmentParts};

use super::phrases::{self, Phrase};
use crate::diagnostics::Diagnostic;
use crate::report::{FlagReport, PolicyReport, Report, Verdict};

/// A report and how it is shown.
pub(super) struct View<'r> {
    pub report: &'r Report,
    /// Whether verdicts and requirements are shown, and not only changes.
    pub judged: bool,
    pub compared: Phrase,
    pub headline: Headline,
    /// "3 flags: 1 locked, 2 pending; 1 problem".
    pub summary: String,
    pub steps: Vec<Step<'r>>,
    /// The flags that can be read, those that need something first.
    pub flags: Vec<FlagView<'r>>,
    /// The policy, if it changes.
    pub policy: Option<PolicyView<'r>>,
    pub diagnostics: Vec<DiagnosticView<'r>>,
}

impl<'r> View<'r> {
    pub(super) fn of(report: &'r Report, changes_only: bool) -> Self {
        let diagnostics = DiagnosticView::all(&report.diagnostics, &report.flags);
        let errors = report.diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
        let errors: BTreeSet<&str> = errors.map(|diagnostic| diagnostic.path.as_str()).collect();
        let shown = |flag: &&FlagReport| !(cannot_be_read(flag) && errors.contains(flag.path.as_str()));
        let flags = in_order(report).into_iter().filter(shown).map(FlagView::of).collect();
        let policy = (report.policy.changed && !changes_only).then(|| PolicyView::of(&report.policy));
        View {
            report,
            judged: !changes_only,
            compared: phrases::compared(report),
            headline: Headline::of(report),
            summary: headline::summary(report),
            steps: headline::steps(report),
            flags,
            policy,
            diagnostics,
        }
    }
}

/// A flag and how it is shown.
pub(super) struct FlagView<'r> {
    pub report: &'r FlagReport,
    /// "checkout/one-click-checkout".
    pub id: String,
    /// "planning → running".
    pub state: Phrase,
    pub lock: Option<Phrase>,
    /// What the changes of an activation are compared with, as a sentence without its full stop.
    pub since: Option<String>,
    pub impact: Option<ImpactView<'r>>,
    /// In the order of the file.
    pub changes: Vec<ChangeView<'r>>,
    pub requirements: Vec<RequirementView<'r>>,
}

impl<'r> FlagView<'r> {
    fn of(flag: &'r FlagReport) -> Self {
        FlagView {
            report: flag,
            id: phrases::id(flag),
            state: phrases::state(flag),
            lock: flag.locked_by.as_ref().map(phrases::lock),
            since: flag.last_live.as_ref().map(phrases::since),
            impact: ImpactView::of(flag),
            changes: flag.changes.iter().map(|change| ChangeView::of(change, flag)).collect(),
            requirements: RequirementView::all(&flag.requirements, false),
        }
    }

    /// The changes that an approver has to see, and the others.
    pub(super) fn split(&self) -> (Vec<&ChangeView<'r>>, Vec<&ChangeView<'r>>) {
        self.changes.iter().partition(|change| change.matters)
    }
}

/// A policy change and how it is shown.
pub(super) struct PolicyView<'r> {
    pub report: &'r PolicyReport,
    pub privileges: Vec<PrivilegeView<'r>>,
    pub requirements: Vec<RequirementView<'r>>,
}

/// A privilege that somebody gains or loses.
pub(super) struct PrivilegeView<'r> {
    pub who: &'r str,
    pub gained: bool,
    /// "gains" or "loses".
    pub verb: &'static str,
    pub what: &'r str,
}

impl<'r> PolicyView<'r> {
    fn of(policy: &'r PolicyReport) -> Self {
        let privileges = policy.privilege_changes.iter().map(|change| PrivilegeView {
            who: &change.who,
            gained: change.gained,
            verb: if change.gained { "gains" } else { "loses" },
            what: &change.what,
        });
        PolicyView {
            report: policy,
            privileges: privileges.collect(),
            requirements: RequirementView::all(&policy.requirements, true),
        }
    }
}

/// A diagnostic and the flags that it makes unreadable.
pub(super) struct DiagnosticView<'r> {
    pub diagnostic: &'r Diagnostic,
    /// On the first error of a file: the flags that cannot be read because of it, which are shown nowhere else.
    pub unreadable: Vec<&'r FlagReport>,
}

impl<'r> DiagnosticView<'r> {
    /// The diagnostics file by file, files with errors first; of a file, its errors first.
    pub(super) fn all(diagnostics: &'r [Diagnostic], flags: &'r [FlagReport]) -> Vec<Self> {
        let mut files: BTreeMap<&str, (bool, usize)> = BTreeMap::new();
        for (at, diagnostic) in diagnostics.iter().enumerate() {
            let file = files.entry(diagnostic.path.as_str()).or_insert((true, at));
            file.0 &= !diagnostic.is_error();
        }
        let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
        sorted.sort_by_key(|one| (files.get(one.path.as_str()).copied(), !one.is_error()));
        let mut without: BTreeMap<&str, Vec<&FlagReport>> = BTreeMap::new();
        for flag in flags.iter().filter(|flag| cannot_be_read(flag)) {
            without.entry(&flag.path).or_default().push(flag);
        }
        let view = |diagnostic: &'r Diagnostic| {
            let flags = if diagnostic.is_error() { without.remove(diagnostic.path.as_str()) } else { None };
            DiagnosticView { diagnostic, unreadable: flags.unwrap_or_default() }
        };
        sorted.into_iter().map(view).collect()
    }

    /// "makes experiment `checkout/broken` unreadable (running)".
    pub(super) fn consequence(&self) -> Option<Phrase> {
        let (first, rest) = self.unreadable.split_first()?;
        let phrase = Phrase::new(format!("makes {} ", first.kind.word())).name(&phrases::id(first)).ours(" unreadable");
        let phrase = match &first.state.before {
            Some(before) => phrase.ours(" (").value(before).ours(")"),
            None => phrase,
        };
        let more = match rest.len() {
            0 => String::new(),
            number => format!(", and {} of this file", phrases::count(number, "more flag")),
        };
        Some(phrase.ours(more))
    }

    /// "flags/a.yaml:12:3"; none for a diagnostic of the whole.
    pub(super) fn place(&self) -> Option<String> {
        let Diagnostic { path, place, .. } = self.diagnostic;
        (!path.is_empty()).then(|| format!("{path}:{}:{}", place.line, place.column))
    }
}

/// The flags, those that need something first, else in the report's order.
#[must_use]
pub fn in_order(report: &Report) -> Vec<&FlagReport> {
    let mut flags: Vec<&FlagReport> = report.flags.iter().collect();
    flags.sort_by_key(|flag| Reverse(flag.verdict));
    flags
}

fn cannot_be_read(flag: &FlagReport) -> bool {
    flag.verdict == Verdict::Invalid && flag.changes.is_empty()
}
