//! The groups a flag spreads its users by: its segments and all other users, before and after, and who can get from one
//! into another.
//!
//! The first segment that matches holds (`if`, `else if`, in Amplitude's words), whether or not it gives the user a
//! variant. Amplitude's engine goes on to the next segment when one gives nothing, but every segment that its server
//! compiles says `"variant": "off"`, which ends the search.

use std::collections::BTreeMap;

use super::bounds::MOST_WAYS;
use super::conditions::{Turnover, turnover};
use super::draw::{Draw, Unknown};
use crate::document::Node;

/// A group of users and what they get, or why that can't be said.
#[derive(Clone, Debug)]
pub struct Group<'f> {
    /// The segment; `None` is everyone who is in no segment.
    pub name: Option<String>,
    pub conditions: &'f [Node],
    pub draw: Result<Draw, Unknown>,
}

/// From which group into which.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Way {
    pub before: usize,
    pub after: usize,
}

/// What became of a segment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fate {
    Added,
    Removed,
    Kept(Turnover),
}

/// Two sides of a flag with the groups of the one found in the other.
pub struct Pairing<'g, 'f> {
    pub before: &'g [Group<'f>],
    pub after: &'g [Group<'f>],
    /// For each group before, where it stands after.
    now: Vec<Option<usize>>,
    /// For each group after, where it stood before, and its turnover if it did.
    was: Vec<Option<(usize, Turnover)>>,
}

impl<'g, 'f> Pairing<'g, 'f> {
    /// Pairs segments by their names, and all other users with all other users.
    #[must_use]
    pub fn new(before: &'g [Group<'f>], after: &'g [Group<'f>]) -> Self {
        let index: BTreeMap<Option<&str>, usize> =
            before.iter().enumerate().map(|(at, group)| (group.name.as_deref(), at)).collect();
        let mut now = vec![None; before.len()];
        let was = after.iter().enumerate().map(|(to, group)| {
            let at = *index.get(&group.name.as_deref())?;
            if let Some(slot) = now.get_mut(at) {
                *slot = Some(to);
            }
            Some((at, turnover(before.get(at)?.conditions, group.conditions)))
        });
        let was = was.collect();
        Pairing { before, after, now, was }
    }

    /// Every segment of either side with its fate, in the order after and then before.
    pub fn fates(&self) -> impl Iterator<Item = (&'g str, Fate)> {
        let kept = self.after.iter().zip(&self.was).filter_map(|(group, was)| {
            let fate = was.as_ref().map_or(Fate::Added, |(_, turnover)| Fate::Kept(turnover.clone()));
            Some((group.name.as_deref()?, fate))
        });
        let gone = self.before.iter().zip(&self.now).filter_map(|(group, now)| match now {
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

    /// The ways users can take, those who stay first. `None` if there are too many.
    ///
    /// A user leaves a group for one above it that now matches, or for any other when the old one no longer matches;
    /// and comes into a group that did not match before, or that stood below the one that held.
    #[must_use]
    pub fn ways(&self) -> Option<Vec<Way>> {
        let may_come: Vec<(usize, Option<usize>, bool)> = reachable(self.after)
            .map(|(to, _)| match self.was.get(to) {
                Some(Some((at, turnover))) => {
                    (to, Some(*at), !turnover.joins.is_empty() || !turnover.undecided.is_empty())
                }
                _ => (to, None, true),
            })
            .collect();
        let (mut stay, mut go) = (Vec::new(), Vec::new());
        for (at, _) in reachable(self.before) {
            let now = self.now.get(at).copied().flatten();
            let turnover = now.and_then(|now| self.was.get(now)).and_then(Option::as_ref).map(|(_, turnover)| turnover);
            let leaves = turnover.is_none_or(|turnover| !turnover.leaves.is_empty() || !turnover.undecided.is_empty());
            for (to, was, joins) in &may_come {
                let above = now.is_some_and(|now| *to < now);
                let below = was.is_some_and(|was| was > at);
                if Some(*to) == now {
                    stay.push(Way { before: at, after: *to });
                } else if (above || leaves) && (below || *joins) {
                    go.push(Way { before: at, after: *to });
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

/// The groups somebody can be in: a segment without conditions takes everyone, and leaves nobody to those below it.
pub fn reachable<'g, 'f>(groups: &'g [Group<'f>]) -> impl Iterator<Item = (usize, &'g Group<'f>)> {
    let all = groups.iter().position(|group| group.name.is_some() && group.conditions.is_empty());
    groups.iter().enumerate().take(all.map_or(groups.len(), |at| at + 1))
}
