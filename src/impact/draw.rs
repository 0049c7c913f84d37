//! How a group of users is spread over variants by a hash, and what two such spreads have in common.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::hash;
use super::share::Share;

/// What a hash decides by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Space {
    /// Amplitude's: `hash % 100` is the row, `hash / 100` the column.
    Buckets,
    /// flagd's: a single row, the hash itself the column.
    Line,
}

impl Space {
    fn rows(self) -> u64 {
        match self {
            Space::Buckets => hash::BUCKETS,
            Space::Line => 1,
        }
    }

    fn columns(self) -> u64 {
        match self {
            Space::Buckets => hash::SLOTS,
            Space::Line => 1 << 32,
        }
    }

    fn hashes(self, first: u64, end: u64, low: u64, high: u64) -> u64 {
        match self {
            Space::Buckets => hash::hashes(first, end, low, high),
            Space::Line => (end - first) * (high - low),
        }
    }
}

/// Who gets what: of the hashes in the first `rows` rows, those up to the first end the first variant, and so on.
/// Two draws with the same `by` see the same hash of a user; with another, they are taken as independent.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Draw {
    pub space: Space,
    /// What is hashed: salt and bucketing key, in whatever words tell two of them apart.
    pub by: String,
    pub rows: u64,
    /// Variants with the column their part ends before, ascending; none of them empty.
    pub ends: Vec<(String, u64)>,
}

/// Why a draw can't be said, and of what, so that what is not understood and did not change is no change.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unknown {
    pub why: String,
    pub of: String,
    /// What all groups of a flag have in common and could depend on; of both flags it is compared once for each group.
    pub among: Rc<str>,
}

/// From what to what users go: no variant is `None`.
pub type Matrix = BTreeMap<(Option<String>, Option<String>), Share>;

impl Draw {
    /// Nobody gets anything.
    #[must_use]
    pub fn nobody() -> Self {
        Draw { space: Space::Line, by: String::new(), rows: 0, ends: Vec::new() }
    }

    /// Everyone gets this variant.
    #[must_use]
    pub fn everyone(variant: &str) -> Self {
        let space = Space::Line;
        Draw { space, by: String::new(), rows: space.rows(), ends: vec![(variant.to_owned(), space.columns())] }
    }

    /// The one thing all users get, if they all get the same: the inner `None` is no variant.
    #[must_use]
    pub fn constant(&self) -> Option<Option<&str>> {
        match self.ends.as_slice() {
            _ if self.rows == 0 => Some(None),
            [] => Some(None),
            [(variant, end)] if self.rows >= self.space.rows() && *end >= self.space.columns() => Some(Some(variant)),
            _ => None,
        }
    }

    /// What the user with this row and column gets.
    #[must_use]
    pub fn at(&self, row: u64, column: u64) -> Option<&str> {
        let (variant, _) = self.ends.iter().find(|(_, end)| column < *end)?;
        (row < self.rows).then_some(variant)
    }

    /// The share of each outcome, no variant included.
    #[must_use]
    pub fn shares(&self) -> BTreeMap<Option<&str>, Share> {
        let mut counts: BTreeMap<Option<&str>, u64> = BTreeMap::new();
        let mut low = 0;
        for (variant, end) in &self.ends {
            *counts.entry(Some(variant)).or_default() += self.space.hashes(0, self.rows, low, *end);
            low = *end;
        }
        let rest = (1u64 << 32) - counts.values().sum::<u64>();
        counts.insert(None, rest);
        counts
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(what, count)| (what, Share::of_hashes(count)))
            .collect()
    }

    /// Whether the joint distribution of two draws is known exactly, and not by taking them as independent.
    #[must_use]
    pub fn comparable(&self, after: &Draw) -> bool {
        (self.space == after.space && self.by == after.by) || self.constant().is_some() || after.constant().is_some()
    }

    /// From what to what users go when this draw is replaced by `after`.
    #[must_use]
    pub fn to(&self, after: &Draw) -> Matrix {
        let own = |what: Option<&str>| what.map(str::to_owned);
        let mut matrix = Matrix::new();
        let mut add = |from: Option<&str>, to: Option<&str>, share: Share| {
            if !share.is_nobody() {
                let cell = matrix.entry((own(from), own(to))).or_insert(Share::NOBODY);
                *cell = cell.and(share);
            }
        };
        if self.space != after.space || self.by != after.by {
            // Also exact when one of the two is the same for all.
            for (from, share) in self.shares() {
                for (to, other) in after.shares() {
                    add(from, to, share.times(other));
                }
            }
            return matrix;
        }
        let (space, mut low) = (self.space, 0);
        let mut ends: Vec<u64> = self.ends.iter().chain(&after.ends).map(|(_, end)| *end).collect();
        ends.push(space.columns());
        ends.sort_unstable();
        let (mut at, mut to_at) = (0, 0);
        for high in ends {
            let from = part(self, low, &mut at);
            let to = part(after, low, &mut to_at);
            let rows = |draw: &Draw, what: Option<&str>| if what.is_some() { draw.rows } else { 0 };
            let (old, new) = (rows(self, from), rows(after, to));
            let (both, either) = (old.min(new), old.max(new));
            add(from, to, Share::of_hashes(space.hashes(0, both, low, high)));
            let alone = Share::of_hashes(space.hashes(both, either, low, high));
            if old > new {
                add(from, None, alone)
            } else {
                add(None, to, alone)
            }
            add(None, None, Share::of_hashes(space.hashes(either, space.rows(), low, high)));
            low = high;
        }
        matrix
    }
}

/// The variant whose part has this column; `at` is where to look from, and columns only grow.
fn part<'d>(draw: &'d Draw, column: u64, at: &mut usize) -> Option<&'d str> {
    while draw.ends.get(*at).is_some_and(|(_, end)| *end <= column) {
        *at += 1;
    }
    draw.ends.get(*at).map(|(variant, _)| variant.as_str())
}
