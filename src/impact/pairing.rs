//! The pairing of a flag's segments before and after: the fate of each, and the ways on which users get from one into
//! another.
//!
//! A name is not hashed and nobody is in a segment because of it, so a renamed segment is the same segment.

use std::collections::{BTreeMap, VecDeque};

use super::bounds::MOST_WAYS;
use super::model::{ExposureModel, Group, Groups};
use super::result::Origin;
use crate::groups::Turnover;

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
    /// Pairs the segments of the two sides, and all other users with all other users.
    #[must_use]
    pub fn new(before: &'g Groups<'f>, after: &'g Groups<'f>, model: &ExposureModel) -> Self {
        let mut now = vec![None; before.list.len()];
        let mut was: Vec<Option<(usize, Turnover)>> = vec![None; after.list.len()];
        for (at, to) in pairs(&before.list, &after.list, model) {
            let (Some(old), Some(new)) = (before.list.get(at), after.list.get(to)) else { continue };
            if let (Some(now), Some(was)) = (now.get_mut(at), was.get_mut(to)) {
                *now = Some(to);
                *was = Some((at, (model.turnover)(old, new)));
            }
        }
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

    /// The group in which users were before they came along this way, by its name today if it still has one; `None` if
    /// they stay.
    #[must_use]
    pub fn origin(&self, way: SegmentMove) -> Option<Origin> {
        let now = self.now.get(way.before).copied().flatten();
        let group = now.map_or_else(|| self.before.list.get(way.before), |to| self.after.list.get(to))?;
        (now != Some(way.after)).then(|| Origin { segment: group.name.clone() })
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

/// The index before and after of each group that is on both sides: groups with the same conditions, namesakes before
/// others and else in their order; then groups with the same name; then those that were renamed as well as widened or
/// narrowed, if no third one stands between them and a group that is paired.
#[must_use]
pub fn pairs(before: &[Group<'_>], after: &[Group<'_>], model: &ExposureModel) -> Vec<(usize, usize)> {
    let same = |old: &Group<'_>, new: &Group<'_>| old.name == new.name && old.conditions == new.conditions;
    if before.len() == after.len() && before.iter().zip(after).all(|(old, new)| same(old, new)) {
        return (0..before.len()).map(|at| (at, at)).collect();
    }
    let mut now: Vec<Option<usize>> = vec![None; before.len()];
    let mut taken = vec![false; after.len()];
    // The last group has all other users, and no condition, as a segment may have.
    let forms = |list: &[Group<'_>]| -> Vec<(bool, String)> {
        list.iter().map(|group| (group.name.is_some(), (model.conditions)(&group.conditions))).collect()
    };
    let (old_forms, new_forms) = (forms(before), forms(after));
    let names = |list: &[Group<'_>]| -> Vec<Option<String>> { list.iter().map(|group| group.name.clone()).collect() };
    let (old_names, new_names) = (names(before), names(after));
    let both = |forms: &[(bool, String)], names: &[Option<String>]| -> Vec<_> {
        forms.iter().cloned().zip(names.iter().cloned()).collect()
    };
    pair_equal(&both(&old_forms, &old_names), &both(&new_forms, &new_names), &mut now, &mut taken);
    pair_equal(&old_forms, &new_forms, &mut now, &mut taken);
    pair_equal(&old_names, &new_names, &mut now, &mut taken);
    let free: Vec<usize> = (0..after.len()).filter(|to| !taken.get(*to).copied().unwrap_or(true)).collect();
    for to in free {
        // The group above, or the top, is the same on both sides.
        let at = match to.checked_sub(1) {
            None => 0,
            Some(above) => match now.iter().position(|now| *now == Some(above)) {
                Some(above) => above + 1,
                None => continue,
            },
        };
        if let (Some(old), Some(new), Some(slot @ None)) = (before.get(at), after.get(to), now.get_mut(at)) {
            let turnover = (model.turnover)(old, new);
            if turnover.undecided.is_empty() && (turnover.joins.is_empty() || turnover.leaves.is_empty()) {
                *slot = Some(to);
            }
        }
    }
    now.into_iter().enumerate().filter_map(|(at, to)| Some((at, to?))).collect()
}

/// The index before and after of each group that users may leave for another one, whatever these give; none if there
/// are too many.
#[must_use]
pub fn moves(before: &Groups<'_>, after: &Groups<'_>, model: &ExposureModel) -> Vec<(usize, usize)> {
    let pairing = Pairing::new(before, after, model);
    let ways = pairing.ways().unwrap_or_default();
    ways.into_iter().filter(|way| pairing.origin(*way).is_some()).map(|way| (way.before, way.after)).collect()
}

/// Pairs what is equal, the first with the first.
fn pair_equal<K: Ord>(before: &[K], after: &[K], now: &mut [Option<usize>], taken: &mut [bool]) {
    let mut free: BTreeMap<&K, VecDeque<usize>> = BTreeMap::new();
    for ((to, key), _) in after.iter().enumerate().zip(&*taken).filter(|(_, taken)| !**taken) {
        free.entry(key).or_default().push_back(to);
    }
    for (key, slot) in before.iter().zip(now) {
        if slot.is_none()
            && let Some(to) = free.get_mut(key).and_then(VecDeque::pop_front)
        {
            *slot = Some(to);
            if let Some(taken) = taken.get_mut(to) {
                *taken = true;
            }
        }
    }
}
