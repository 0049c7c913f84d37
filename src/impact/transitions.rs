//! Transitions of groups of users from one draw to another.

use std::collections::{BTreeMap, BTreeSet};

use super::bounds::MOST_CELLS;
use super::model::Group;
use super::result::{Flow, Impact, Origin, SegmentImpact};
use super::unmodelled;
use crate::diagnostics::words::in_backticks;
use crate::groups::{Draw, Matrix, Share, Uncomputed};

/// The transitions so far; the matrix of two draws is computed once, for however many groups have them.
#[derive(Default)]
pub struct Transitions {
    /// The variants that give another value than before.
    revalued: BTreeSet<String>,
    /// The variants that give their users nothing.
    idle: BTreeSet<String>,
    known: BTreeMap<(Draw, Draw), Matrix>,
    /// The number of cells so far.
    cells: usize,
    too_many: bool,
}

impl Transitions {
    /// Transitions of a flag, of which these variants give another value than before.
    #[must_use]
    pub fn new(revalued: BTreeSet<String>) -> Self {
        Transitions { revalued, ..Transitions::default() }
    }

    /// Transitions of a flag that goes live or no longer is, of which these variants give their users nothing.
    #[must_use]
    pub fn with_idle(idle: BTreeSet<String>) -> Self {
        Transitions { idle, ..Transitions::default() }
    }

    /// Adds the impact on users who are in the one group before and in the other after, in a tree of questions.
    pub fn of_groups(&mut self, old: &Group<'_>, new: &Group<'_>, from: Option<Origin>, out: &mut Impact) {
        let (before, moves) = (out.per_segment.len(), from.is_some());
        self.add(&old.draw, &new.draw, new.name.clone(), from, false, out);
        // Of users who move and get something else, these are some.
        if !(moves && out.per_segment.len() > before) {
            self.unhashed(old, new, out);
        }
    }

    /// Adds a sentence if users who have no value to hash get something else. How many there are is in no file.
    pub fn unhashed(&self, old: &Group<'_>, new: &Group<'_>, out: &mut Impact) {
        if old.unhashed.is_none() && new.unhashed.is_none() {
            return;
        }
        let gets = |group: &Group<'_>| {
            let draw = group.unhashed.as_ref().or(group.draw.as_ref().ok())?;
            draw.constant().map(|variant| variant.map(str::to_owned))
        };
        let shown = |variant: &Option<String>| variant.as_deref().map_or_else(|| "no variant".to_owned(), in_backticks);
        out.unmodelled.extend(match (gets(old), gets(new)) {
            (Some(before), Some(after)) if before != after => {
                Some(format!("users who have no value to hash get {} instead of {}", shown(&after), shown(&before)))
            }
            (Some(Some(variant)), Some(_)) if self.revalued.contains(&variant) => {
                Some(format!("users who have no value to hash get another value of {}", in_backticks(&variant)))
            }
            (Some(_), Some(_)) => None,
            (Some(before), None) if new.draw.is_ok() => Some(format!(
                "users who have no value to hash got {} and are hashed like all others from now on",
                shown(&before)
            )),
            (None, Some(after)) if old.draw.is_ok() => {
                Some(format!("users who have no value to hash get {} and were hashed like all others", shown(&after)))
            }
            (Some(_) | None, None) | (None, Some(_)) => None,
        });
    }

    /// Adds the impact on a group that had the one draw and has the other.
    pub fn add(
        &mut self,
        before: &Result<Draw, Uncomputed>,
        after: &Result<Draw, Uncomputed>,
        segment: Option<String>,
        moved_from: Option<Origin>,
        new: bool,
        out: &mut Impact,
    ) {
        let (old, draw) = match (before, after) {
            (Ok(old), Ok(new)) => (old, new),
            (Err(old), Err(new)) if old == new => {
                out.unmodelled.extend(unmodelled::another_value(&self.revalued));
                return;
            }
            (Err(uncomputed), _) | (_, Err(uncomputed)) => {
                let whose = segment.as_deref().map_or_else(|| "all other users".to_owned(), in_backticks);
                out.unknown.push(format!("{whose}: {}", uncomputed.why));
                return;
            }
        };
        if self.too_many {
            return;
        }
        let matrix = self.known.entry((old.clone(), draw.clone())).or_insert_with(|| old.to(draw));
        self.cells += matrix.len();
        if self.cells > MOST_CELLS {
            // A group that stays as it is may be left out.
            self.too_many = new || !self.revalued.is_empty() || matrix.keys().any(|(from, to)| from != to);
            if self.too_many {
                out.unknown.push(format!("users could go from one variant to another in more than {MOST_CELLS} ways"));
            }
            return;
        }
        let mut impact = segment_impact(matrix, &self.idle, old.comparable(draw), (segment, moved_from, new));
        let kept = impact.matrix.iter().filter(|flow| flow.from == flow.to);
        let kept = kept.filter(|flow| flow.to.as_ref().is_some_and(|to| self.revalued.contains(to)));
        impact.another_value = kept.fold(Share::NOBODY, |sum, flow| sum.and(flow.share));
        // For a bound nobody in a new segment had a variant, so it is in the result even if all keep what they have.
        if impact.moved_from.is_none() || impact.new || !impact.changed().is_nobody() {
            out.per_segment.push(impact);
        }
    }
}

fn segment_impact(
    matrix: &Matrix,
    idle: &BTreeSet<String>,
    same_hash: bool,
    (segment, moved_from, new): (Option<String>, Option<Origin>, bool),
) -> SegmentImpact {
    fn given<'v>(variant: Option<&'v String>, idle: &BTreeSet<String>) -> Option<&'v String> {
        variant.filter(|variant| !idle.contains(*variant))
    }
    let sum = |wanted: fn(Option<&String>, Option<&String>) -> bool| {
        let wanted = |((from, to), _): &(&(Option<String>, Option<String>), &Share)| {
            wanted(given(from.as_ref(), idle), given(to.as_ref(), idle))
        };
        matrix.iter().filter(wanted).fold(Share::NOBODY, |sum, (_, share)| sum.and(*share))
    };
    SegmentImpact {
        segment,
        moved_from,
        new,
        same_hash,
        switch: sum(|from, to| from.is_some() && to.is_some() && from != to),
        newly: sum(|from, to| from.is_none() && to.is_some()),
        lose: sum(|from, to| from.is_some() && to.is_none()),
        another_value: Share::NOBODY,
        exposed_before: sum(|from, _| from.is_some()),
        exposed_after: sum(|_, to| to.is_some()),
        matrix: matrix
            .iter()
            .map(|((from, to), share)| Flow { from: from.clone(), to: to.clone(), share: *share })
            .collect(),
    }
}
