//! Flags that are shown together, because everything that is shown of them is the same but their names, their files,
//! their lines and their digests.

use std::collections::BTreeMap;

use super::{ChangeView, FlagView};
use crate::diagnostics::words::counted;
use crate::document::Node;
use crate::report::{Requirement, Verdict};

/// Flags that are alike, in their order; never empty.
pub(in crate::render) struct FlagGroup<'v, 'r> {
    first: &'v FlagView<'r>,
    others: Vec<&'v FlagView<'r>>,
}

/// The parts of a flag that an output shows of a group, besides the changes that matter and the impact.
#[derive(Clone, Copy)]
pub(in crate::render) struct ShownOfGroup {
    /// The verdict and the approvals.
    pub judged: bool,
    /// Responses that don't count, remarks, and how many changes are left out. Another output has them in a place of
    /// their own.
    pub details: bool,
}

impl<'v, 'r> FlagGroup<'v, 'r> {
    pub(in crate::render) fn first(&self) -> &'v FlagView<'r> {
        self.first
    }

    /// The flag, if it is alone.
    pub(in crate::render) fn only(&self) -> Option<&'v FlagView<'r>> {
        self.others.is_empty().then_some(self.first)
    }

    pub(in crate::render) fn flags(&self) -> impl Iterator<Item = &'v FlagView<'r>> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }

    /// How many flags there are besides the first.
    pub(in crate::render) fn more(&self) -> usize {
        self.others.len()
    }

    /// Whether the same verdict is on all of them, and none is held by another pull request than the others.
    pub(in crate::render) fn is_judged_alike(&self) -> bool {
        let holder = |flag: &FlagView<'_>| flag.report.locked_by.as_ref().map(|holder| holder.pull);
        self.flags().all(|flag| flag.verdict() == self.first.verdict() && holder(flag) == holder(self.first))
    }

    /// The worst verdict on any of them.
    pub(in crate::render) fn verdict(&self) -> Verdict {
        self.flags().map(FlagView::verdict).max().unwrap_or(self.first.verdict())
    }

    /// "20 flags", "3 experiments".
    pub(in crate::render) fn number(&self) -> String {
        counted(self.others.len() + 1, self.first.report.noun())
    }
}

impl ShownOfGroup {
    /// The content, whoever approved it: the verdict on each flag is next to its name.
    pub const CONTENT: ShownOfGroup = ShownOfGroup { judged: false, details: false };
}

/// As many groups a flag is compared with. Where more have the same titles and differ, nobody sees which are alike.
const MOST_COMPARED: usize = 100;

/// The flags in groups of those that are alike, each where its first flag is.
pub(in crate::render) fn grouped<'v, 'r>(flags: &[&'v FlagView<'r>], shown: ShownOfGroup) -> Vec<FlagGroup<'v, 'r>> {
    let mut groups: Vec<FlagGroup<'v, 'r>> = Vec::new();
    // By the titles of the changes, so that ten thousand flags are not all compared with each other.
    let mut places: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    // The limit of `review` counts flags of the same content once, however many groups there are.
    let mut contents: BTreeMap<String, usize> = BTreeMap::new();
    for flag in flags.iter().copied() {
        let content = flag.report.content_key().filter(|_| !shown.judged && !shown.details);
        let known = content.as_ref().and_then(|content| contents.get(content)).copied();
        if let Some(group) = known.and_then(|at| groups.get_mut(at)) {
            group.others.push(flag);
            continue;
        }
        let titles = flag.split().0.iter().map(|change| change.title.plain()).collect();
        let known = places.entry(titles).or_default();
        let with = known.iter().take(MOST_COMPARED);
        let alike = with.copied().find(|at| groups.get(*at).is_some_and(|group| alike(group.first, flag, shown)));
        match alike.and_then(|at| groups.get_mut(at)) {
            Some(group) => group.others.push(flag),
            None => {
                known.push(groups.len());
                contents.extend(content.map(|content| (content, groups.len())));
                groups.push(FlagGroup { first: flag, others: Vec::new() });
            }
        }
    }
    groups
}

/// Each flag as a group of its own.
pub(in crate::render) fn ungrouped<'v, 'r>(flags: &[&'v FlagView<'r>]) -> Vec<FlagGroup<'v, 'r>> {
    flags.iter().map(|flag| FlagGroup { first: flag, others: Vec::new() }).collect()
}

fn alike(one: &FlagView<'_>, other: &FlagView<'_>, shown: ShownOfGroup) -> bool {
    let old = |view: &FlagView<'_>| view.was.map(|old| old.key.clone());
    let (first, second) = (one.report, other.report);
    first.kind == second.kind
        && one.state == other.state
        && one.since == other.since
        && old(one) == old(other)
        && one.of_old() == other.of_old()
        && first.impact == second.impact
        && pairwise(&one.split().0, &other.split().0, |one, other| alike_change(one, other))
        && (!shown.judged || alike_approvals(one, other, shown.details))
        && (!shown.details || one.remarks == other.remarks && left_out(one) == left_out(other))
}

/// The classes of the changes that don't matter.
fn left_out(view: &FlagView<'_>) -> Vec<crate::report::Class> {
    view.split().1.iter().map(|change| change.change.class).collect()
}

fn alike_change(one: &ChangeView<'_>, other: &ChangeView<'_>) -> bool {
    let value = |node: &Option<Node>| node.as_ref().map(Node::json);
    let (first, second) = (one.change, other.change);
    one.title == other.title
        && one.rule() == other.rule()
        && one.elsewhere == other.elsewhere
        && (first.act, &first.field, &first.item, &first.shared)
            == (second.act, &second.field, &second.item, &second.shared)
        && value(&first.before) == value(&second.before)
        && value(&first.after) == value(&second.after)
}

fn alike_approvals(one: &FlagView<'_>, other: &FlagView<'_>, details: bool) -> bool {
    let shown = |requirement: &Requirement| {
        let not_counted = if details { requirement.not_counted.clone() } else { Vec::new() };
        Requirement { path: String::new(), not_counted, ..requirement.clone() }
    };
    let (first, second) = (one.report, other.report);
    one.verdict() == other.verdict()
        && one.lock == other.lock
        && (first.switch_off, first.freed) == (second.switch_off, second.freed)
        && first.overridden == second.overridden
        && first.notified == second.notified
        && pairwise(&one.requirements, &other.requirements, |one, other| {
            shown(one.requirement) == shown(other.requirement)
        })
}

fn pairwise<T>(one: &[T], other: &[T], alike: impl Fn(&T, &T) -> bool) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike(one, other))
}
