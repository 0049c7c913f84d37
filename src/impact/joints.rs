//! What becomes of a group of users whose draw is replaced by another.

use std::collections::BTreeMap;

use super::bounds::MOST_CELLS;
use super::conditions::ticked;
use super::draw::{Draw, Matrix, Unknown};
use super::{Flow, Impact, Origin, SegmentImpact, Share};

/// What two draws have in common, computed once for each two.
#[derive(Default)]
pub struct Joints {
    known: BTreeMap<(Draw, Draw), Matrix>,
    /// How many cells were told so far.
    cells: usize,
    too_many: bool,
}

impl Joints {
    /// Tells what becomes of a group that had the one draw and has the other.
    pub fn add(
        &mut self,
        before: &Result<Draw, Unknown>,
        after: &Result<Draw, Unknown>,
        segment: Option<String>,
        moved_from: Option<Origin>,
        new: bool,
        out: &mut Impact,
    ) {
        let (old, draw) = match (before, after) {
            (Ok(old), Ok(new)) => (old, new),
            (Err(old), Err(new)) if old == new => return,
            (Err(unknown), _) | (_, Err(unknown)) => {
                let whose = segment.as_deref().map_or_else(|| "all other users".to_owned(), ticked);
                out.unknown.push(format!("{whose}: {}", unknown.why));
                return;
            }
        };
        if self.too_many {
            return;
        }
        let matrix = self.known.entry((old.clone(), draw.clone())).or_insert_with(|| old.to(draw));
        self.cells += matrix.len();
        if self.cells > MOST_CELLS {
            // A group that stays as it is need not be told.
            self.too_many = new || matrix.keys().any(|(from, to)| from != to);
            if self.too_many {
                out.unknown.push(format!("users could go from what to what in more than {MOST_CELLS} ways"));
            }
            return;
        }
        let effect = group_effect(matrix, old.comparable(draw), segment, moved_from, new);
        // A bound counts a new segment as one that nobody was exposed in, so it is told even if all keep what they have.
        if effect.moved_from.is_none() || effect.new || !effect.changed().is_nobody() {
            out.per_segment.push(effect);
        }
    }
}

fn group_effect(
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
