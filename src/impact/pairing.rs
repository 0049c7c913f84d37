//! The pairing of a flag's segments before and after: the fate of each, and the ways on which users get from one into
//! another.

use std::collections::BTreeMap;

use super::bounds::MOST_WAYS;
use super::model::{Groups, Turnover};
use crate::document::Node;

/// A way from one group into another, or into the same: the index of the group before and after.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SegmentMove {
    pub before: usize,
    pub after: usize,
}

/// The fate of a segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    Added,
    Removed,
    Kept(Turnover),
}

/// Two sides of a flag, with the groups of the one found in the other.
pub struct Pairing<'g, 'f> {
    before: &'g Groups<'f>,
    after: &'g Groups<'f>,
    /// For each group before, its index after.
    now: Vec<Option<usize>>,
    /// For each group after, its index before and its turnover, if it was there.
    was: Vec<Option<(usize, Turnover)>>,
}

impl<'g, 'f> Pairing<'g, 'f> {
    /// Pairs segments by their names, and all other users with all other users.
    #[must_use]
    pub fn new(before: &'g Groups<'f>, after: &'g Groups<'f>, turnover: fn(&[&Node], &[&Node]) -> Turnover) -> Self {
        let index: BTreeMap<Option<&str>, usize> =
            before.list.iter().enumerate().map(|(at, group)| (group.name.as_deref(), at)).collect();
        let mut now = vec![None; before.list.len()];
        let was = after.list.iter().enumerate().map(|(to, group)| {
            let at = *index.get(&group.name.as_deref())?;
            if let Some(slot) = now.get_mut(at) {
                *slot = Some(to);
            }
            Some((at, turnover(&before.list.get(at)?.conditions, &group.conditions)))
        });
        let was = was.collect();
        Pairing { before, after, now, was }
    }

    /// Every segment of either side with its fate, in the order after and then before.
    pub fn fates(&self) -> impl Iterator<Item = (&'g str, Fate)> {
        let kept = self.after.list.iter().zip(&self.was).filter_map(|(group, was)| {
            let fate = was.as_ref().map_or(Fate::Added, |(_, turnover)| Fate::Kept(turnover.clone()));
            Some((group.name.as_deref()?, fate))
        });
        let gone = self.before.list.iter().zip(&self.now).filter_map(|(group, now)| match now {
            Some(_) => None,
            None => Some((group.name.as_deref()?, Fate::Removed)),
        });
        kept.chain(gone)
    }

    /// Whether this group after is a segment that was not there before.
    #[must_use]
    pub fn is_new(&self, to: usize) -> bool {
        matches!(self.was.get(to), Some(None))
    }

    /// Whether segments that were kept stand in another order.
    #[must_use]
    pub fn reordered(&self) -> bool {
        let places: Vec<usize> = self.was.iter().flatten().map(|(at, _)| *at).collect();
        places.windows(2).any(|pair| matches!(pair, [one, next] if one > next))
    }

    /// The ways that users can take, first of those who stay. `None` if there are too many.
    ///
    /// A user leaves a group for one above it that now matches, or for any other when the old one no longer matches;
    /// and comes into a group that did not match before, or that stood below the one that held.
    #[must_use]
    pub fn ways(&self) -> Option<Vec<SegmentMove>> {
        let may_come: Vec<(usize, Option<usize>, bool)> = self
            .after
            .inhabited()
            .map(|(to, _)| match self.was.get(to) {
                Some(Some((at, turnover))) => {
                    (to, Some(*at), !turnover.joins.is_empty() || !turnover.undecided.is_empty())
                }
                _ => (to, None, true),
            })
            .collect();
        let (mut stay, mut go) = (Vec::new(), Vec::new());
        for (at, _) in self.before.inhabited() {
            let now = self.now.get(at).copied().flatten();
            let turnover = now.and_then(|now| self.was.get(now)).and_then(Option::as_ref).map(|(_, turnover)| turnover);
            let leaves = turnover.is_none_or(|turnover| !turnover.leaves.is_empty() || !turnover.undecided.is_empty());
            for (to, was, joins) in &may_come {
                let above = now.is_some_and(|now| *to < now);
                let below = was.is_some_and(|was| was > at);
                if Some(*to) == now {
                    stay.push(SegmentMove { before: at, after: *to });
                } else if (above || leaves) && (below || *joins) {
                    go.push(SegmentMove { before: at, after: *to });
                }
            }
            if go.len() > MOST_WAYS {
                return None;
            }
        }
        stay.extend(go);
        Some(stay)
    }
}
