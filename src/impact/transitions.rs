//! Transitions of groups of users from one draw to another.

use std::collections::BTreeMap;

use super::bounds::MOST_CELLS;
use super::draw::{Draw, Matrix};
use super::model::Uncomputed;
use super::result::{Flow, Impact, Origin, SegmentImpact};
use super::sentence::in_backticks;
use super::share::Share;

/// The transitions so far; the matrix of two draws is computed once, for however many groups have them.
#[derive(Default)]
pub struct Transitions {
    known: BTreeMap<(Draw, Draw), Matrix>,
    /// The number of cells so far.
    cells: usize,
    too_many: bool,
}

impl Transitions {
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
            (Err(old), Err(new)) if old == new => return,
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
            self.too_many = new || matrix.keys().any(|(from, to)| from != to);
            if self.too_many {
                out.unknown.push(format!("users could go from one variant to another in more than {MOST_CELLS} ways"));
            }
            return;
        }
        let impact = segment_impact(matrix, old.comparable(draw), segment, moved_from, new);
        // For a bound nobody in a new segment had a variant, so it is in the result even if all keep what they have.
        if impact.moved_from.is_none() || impact.new || !impact.changed().is_nobody() {
            out.per_segment.push(impact);
        }
    }
}

fn segment_impact(
    matrix: &Matrix,
    same_hash: bool,
    segment: Option<String>,
    moved_from: Option<Origin>,
    new: bool,
) -> SegmentImpact {
    let sum = |wanted: fn(&Option<String>, &Option<String>) -> bool| {
        matrix.iter().filter(|((from, to), _)| wanted(from, to)).fold(Share::NOBODY, |sum, (_, share)| sum.and(*share))
    };
    SegmentImpact {
        segment,
        moved_from,
        new,
        same_hash,
        switch: sum(|from, to| from.is_some() && to.is_some() && from != to),
        newly: sum(|from, to| from.is_none() && to.is_some()),
        lose: sum(|from, to| from.is_some() && to.is_none()),
        exposed_before: sum(|from, _| from.is_some()),
        exposed_after: sum(|_, to| to.is_some()),
        matrix: matrix
            .iter()
            .map(|((from, to), share)| Flow { from: from.clone(), to: to.clone(), share: *share })
            .collect(),
    }
}
