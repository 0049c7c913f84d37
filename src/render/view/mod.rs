//! The view of a report, as data: computed once here, then written by text, Markdown, HTML, SARIF and annotations.
//!
//! In: a [`Report`]. Out: a [`View`]: the headline and the next steps, the flags that need something first, each with
//! its impact, changes and requirements, the policy change, and the diagnostics file by file. It decides nothing: no
//! verdict, no limit. Not taken: a view for each output; they would differ in more than their spelling.

mod change;
pub(super) mod findings;
mod group;
mod headline;
mod impact;
mod requirements;
mod shape;

use crate::diagnostics::words::counted;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

pub use change::sentence;
pub(super) use change::{ChangeView, groups};
pub(super) use group::{FlagGroup, ShownOfGroup, grouped, ungrouped};
pub use headline::headline;
pub(super) use headline::{
    Headline, NextStep, Stage, flags_changed, of_diagnostics as diagnostics_headline, phrase_of, sentences,
};
pub(super) use impact::{
    ChangedConditions, ImpactView, affected, changing, most_affected, moving, sentence as impact_sentence, variant,
    verb, whose,
};
pub use requirements::pending_reviewers;
pub(super) use requirements::{ApprovalsView, RequirementView, approvers, pending_reviews, rejecters, requirements};
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
    /// "3 flags: 1 locked, 2 pending; 1 diagnostic".
    pub summary: String,
    pub steps: Vec<NextStep<'r>>,
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
        let flags = renames(in_order(report).into_iter().filter(shown).map(FlagView::of).collect());
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
    /// The deleted flag that it was, if it is renamed: its changes and requirements are among those below.
    pub was: Option<&'r FlagReport>,
    /// "planning → running".
    pub state: Phrase,
    pub lock: Option<Phrase>,
    /// The version that the changes of an activation are compared with, as a sentence without its full stop.
    pub since: Option<String>,
    pub impact: Option<ImpactView<'r>>,
    /// In the order of the file.
    pub changes: Vec<ChangeView<'r>>,
    pub requirements: Vec<RequirementView<'r>>,
    pub remarks: Vec<String>,
}

impl<'r> FlagView<'r> {
    fn of(flag: &'r FlagReport) -> Self {
        FlagView {
            report: flag,
            id: flag.id().to_string(),
            was: None,
            state: phrases::state(flag),
            lock: flag.locked_by.as_ref().map(phrases::lock),
            since: flag.last_live.as_ref().map(phrases::since),
            impact: ImpactView::of(flag),
            changes: flag.changes.iter().map(|change| ChangeView::of(change, flag)).collect(),
            requirements: RequirementView::all(&flag.requirements, false),
            remarks: flag
                .renamed_to
                .iter()
                .map(|key| format!("renamed to `{key}`"))
                .chain(flag.remarks.clone())
                .collect(),
        }
    }

    /// Takes in the deleted flag that this one was, so that a rename is one entry.
    fn take_in(&mut self, old: FlagView<'r>) {
        self.was = Some(old.report);
        if let Some(word) = &self.report.state.after {
            self.state = Phrase::new("renamed, ").value(word);
        }
        let changes = std::mem::take(&mut self.changes);
        let of_old = |mut change: ChangeView<'r>| {
            change.title = Phrase::default().value(&old.report.key).ours(" ").then(change.title);
            change.elsewhere = (change.change.path != self.report.path).then_some(change.change.path.as_str());
            change
        };
        self.changes = old.changes.into_iter().map(of_old).chain(changes).collect();
        let more = old.requirements.into_iter().filter(|one| !self.requirements.iter().any(|other| other.asks_as(one)));
        let more: Vec<RequirementView<'r>> = more.collect();
        self.requirements.extend(more);
        let more = old.report.remarks.iter().filter(|one| !self.remarks.contains(one)).cloned();
        let more: Vec<String> = more.collect();
        self.remarks.extend(more);
    }

    /// The sentences on the users of the deleted flag that a renamed one was, which its digest covers, as visible text.
    pub(super) fn of_old(&self) -> Vec<String> {
        let Some((key, impact)) = self.was.and_then(|old| Some((&old.key, old.impact.as_ref()?))) else {
            return Vec::new();
        };
        let said = std::iter::once(crate::impact::sentence(impact)).chain(impact.warnings.iter().cloned());
        said.map(|sentence| format!("`{key}`: {sentence}")).collect()
    }

    /// The approvals of the flag, as far as they are the same in all outputs.
    pub(super) fn approvals(&self) -> ApprovalsView<'r> {
        match (self.verdict(), &self.report.overridden) {
            (Verdict::NotRequired, _) => ApprovalsView::NotNeeded,
            (Verdict::Invalid, _) => ApprovalsView::Impossible,
            (_, Some(overridden)) => ApprovalsView::Overridden(overridden),
            (Verdict::Approved | Verdict::Pending | Verdict::Locked | Verdict::Rejected, None) => {
                ApprovalsView::OfPeople
            }
        }
    }

    /// The state and the changes that a table names, the first so many.
    pub(super) fn named_changes(&self, most: usize) -> NamedChanges<'_, 'r> {
        let turned = self.report.live.before != self.report.live.after;
        let matter = self.changes.iter().filter(|change| change.matters);
        // The state says what the change of the lifecycle would.
        let mut changes: Vec<&ChangeView<'r>> = matter.filter(|change| !(turned && change.is_state())).collect();
        let more = changes.len().saturating_sub(most);
        changes.truncate(most);
        NamedChanges { state: (turned || changes.is_empty()).then_some(&self.state), changes, more }
    }

    /// The names, of a renamed flag the old one first.
    pub(super) fn names(&self) -> Vec<String> {
        self.was.map(|old| old.id().to_string()).into_iter().chain([self.id.clone()]).collect()
    }

    /// The verdict on all of the entry.
    pub(super) fn verdict(&self) -> Verdict {
        self.was.map_or(self.report.verdict, |old| old.verdict.max(self.report.verdict))
    }

    /// The digests of what is approved, of a renamed flag the new one's first.
    pub(super) fn digests(&self) -> Vec<&'r str> {
        [Some(self.report), self.was].into_iter().flatten().filter_map(|flag| flag.digest.as_deref()).collect()
    }

    /// The changes that an approver has to see, and the others.
    pub(super) fn split(&self) -> (Vec<&ChangeView<'r>>, Vec<&ChangeView<'r>>) {
        self.changes.iter().partition(|change| change.matters)
    }
}

/// The changes of a flag that a table names.
pub(super) struct NamedChanges<'v, 'r> {
    /// The state of the flag, where it turned or nothing else is to be said.
    pub state: Option<&'v Phrase>,
    pub changes: Vec<&'v ChangeView<'r>>,
    /// How many more changes matter.
    pub more: usize,
}

/// A policy change and how it is shown.
pub(super) struct PolicyView<'r> {
    pub report: &'r PolicyReport,
    /// The warning about people who would get rights by it.
    pub self_appointed: Option<Phrase>,
    pub privileges: Vec<PrivilegeView<'r>>,
    pub requirements: Vec<RequirementView<'r>>,
}

/// A privilege that somebody gains or loses.
pub(super) struct PrivilegeView<'r> {
    pub who: &'r str,
    pub gained: bool,
    /// "gains" or "loses", or the same of several.
    pub verb: &'static str,
    pub what: &'r str,
}

impl<'r> PolicyView<'r> {
    fn of(policy: &'r PolicyReport) -> Self {
        let privileges = policy.privilege_changes.iter().map(|change| PrivilegeView {
            who: &change.who,
            gained: change.gained,
            verb: change.verb(),
            what: &change.what,
        });
        PolicyView {
            report: policy,
            self_appointed: (!policy.self_appointed.is_empty())
                .then(|| phrases::self_appointed(&policy.self_appointed, usize::MAX)),
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
        let phrase = Phrase::new(format!("makes {} ", first.noun())).name(&first.id().to_string()).ours(" unreadable");
        let phrase = match &first.state.before {
            Some(before) => phrase.ours(" (").value(before).ours(")"),
            None => phrase,
        };
        let more = match rest.len() {
            0 => String::new(),
            number => format!(", and {} of this file", counted(number, "more flag")),
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

/// The flags, each renamed one together with the deleted one that it was. Where one of the two is locked, overridden or
/// free, and the other is not, they are two: a sentence on one does not hold for the other.
fn renames(flags: Vec<FlagView<'_>>) -> Vec<FlagView<'_>> {
    let plain = |view: &FlagView<'_>| {
        let flag = view.report;
        flag.locked_by.is_none()
            && flag.overridden.is_none()
            && flag.freed.is_none()
            && flag.since_approved.is_empty()
            && flag.verdict != Verdict::Invalid
    };
    let name = |view: &FlagView<'_>, key: &str| {
        (view.report.project.clone(), key.to_owned(), view.report.verdict == Verdict::NotRequired)
    };
    let wanted: BTreeSet<(String, String, bool)> = flags
        .iter()
        .filter(|view| plain(view))
        .filter_map(|view| Some(name(view, view.report.renamed_from.as_deref()?)))
        .collect();
    let is_old = |view: &FlagView<'_>| {
        plain(view) && view.report.renamed_to.is_some() && wanted.contains(&name(view, &view.report.key))
    };
    let (old, mut rest): (Vec<FlagView<'_>>, Vec<FlagView<'_>>) = flags.into_iter().partition(is_old);
    let mut old: BTreeMap<(String, String, bool), FlagView<'_>> =
        old.into_iter().map(|view| (name(&view, &view.report.key), view)).collect();
    for view in rest.iter_mut().filter(|view| plain(view)) {
        if let Some(old) = view.report.renamed_from.as_deref().and_then(|key| old.remove(&name(view, key))) {
            view.take_in(old);
        }
    }
    rest.sort_by_key(|view| Reverse(view.verdict()));
    rest
}

fn cannot_be_read(flag: &FlagReport) -> bool {
    flag.verdict == Verdict::Invalid && flag.changes.is_empty()
}
