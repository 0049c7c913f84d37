//! A draw: the variants that a hash gives to the users of a group. And the matrix of two draws: the users who go from
//! each variant to each other one.

use std::collections::BTreeMap;

use super::share::Share;

/// The space of hashes, cut into rows and columns: of a hash of 32 bits, `hash % rows` is the row and `hash / rows` the
/// column. One row is the hash itself on a line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Space {
    /// At least 1.
    pub rows: u64,
}

/// The number of hashes.
const ALL: u64 = 1 << 32;

impl Space {
    /// The hash as a whole, undivided.
    pub const LINE: Space = Space { rows: 1 };

    /// The number of columns; the last may have fewer rows than the others.
    fn columns(self) -> u64 {
        ALL.div_ceil(self.rows)
    }

    /// The number of hashes with a row from `first` up to `end` and a column from `low` up to `high`, ends excluded.
    fn hashes(self, first: u64, end: u64, low: u64, high: u64) -> u64 {
        let last = self.columns() - 1;
        let rows_of_last = ALL - last * self.rows;
        let full = high.min(last).saturating_sub(low) * end.saturating_sub(first);
        let has_last = low <= last && high > last;
        full + if has_last { end.min(rows_of_last).saturating_sub(first.min(rows_of_last)) } else { 0 }
    }
}

/// The variants of a group of users: of the hashes in the first `rows` rows, those up to the first end give the first
/// variant, and so on. Two draws with the same `by` see the same hash of a user; with another, they are independent.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Draw {
    pub space: Space,
    /// The input of the hash (salt and bucketing key), written so that two inputs are told apart.
    pub by: String,
    pub rows: u64,
    /// Variants with the end of their columns, which is excluded; ascending, none of them empty.
    pub ends: Vec<(String, u64)>,
}

/// The share of users for each pair of variants, before and after; no variant is `None`.
pub type Matrix = BTreeMap<(Option<String>, Option<String>), Share>;

impl Draw {
    /// The draw that gives nobody a variant.
    #[must_use]
    pub fn nobody() -> Self {
        Draw { space: Space::LINE, by: String::new(), rows: 0, ends: Vec::new() }
    }

    /// The draw that gives everyone this variant.
    #[must_use]
    pub fn everyone(variant: &str) -> Self {
        let space = Space::LINE;
        Draw { space, by: String::new(), rows: space.rows, ends: vec![(variant.to_owned(), space.columns())] }
    }

    /// The variant that all users get, if they all get the same: the inner `None` is no variant.
    #[must_use]
    pub fn constant(&self) -> Option<Option<&str>> {
        match self.ends.as_slice() {
            _ if self.rows == 0 => Some(None),
            [] => Some(None),
            [(variant, end)] if self.rows >= self.space.rows && *end >= self.space.columns() => Some(Some(variant)),
            _ => None,
        }
    }

    /// The variant of the users with this row and column.
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
        let rest = ALL - counts.values().sum::<u64>();
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

    /// The matrix of this draw and the one that replaces it.
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
            add(None, None, Share::of_hashes(space.hashes(either, space.rows, low, high)));
            low = high;
        }
        matrix
    }
}

/// The variant with this column. `at` is the index to start from; callers ask for ascending columns.
fn part<'d>(draw: &'d Draw, column: u64, at: &mut usize) -> Option<&'d str> {
    while draw.ends.get(*at).is_some_and(|(_, end)| *end <= column) {
        *at += 1;
    }
    draw.ends.get(*at).map(|(variant, _)| variant.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKETS: u64 = 100;
    const SLOTS: u64 = 42_949_673;

    #[test]
    fn all_hashes_are_counted_once() {
        let space = Space { rows: BUCKETS };
        assert_eq!((space.columns(), space.hashes(0, BUCKETS, 0, SLOTS)), (SLOTS, 1 << 32));
        let line = Space::LINE;
        assert_eq!((line.columns(), line.hashes(0, 1, 0, 1 << 32), line.hashes(0, 1, 5, 7)), (1 << 32, 1 << 32, 2));
        // Against counting them, around the ragged end: slot 42949672 has buckets 0 to 95.
        let near = || ((1u64 << 32) - 1000..1 << 32).map(|hash| (hash % BUCKETS, hash / BUCKETS));
        for (first, end, low, high) in [
            (0, 100, 42_949_665, SLOTS),
            (90, 100, 42_949_670, SLOTS),
            (96, 100, 42_949_672, SLOTS),
            (0, 10, 42_949_672, SLOTS),
            (5, 97, 42_949_663, 42_949_672),
        ] {
            let counted = near().filter(|(bucket, slot)| (first..end).contains(bucket) && (low..high).contains(slot));
            assert_eq!(space.hashes(first, end, low, high), counted.count() as u64, "{first} {end} {low} {high}");
        }
        assert_eq!(space.hashes(10, 10, 0, SLOTS), 0);
        assert_eq!(space.hashes(0, 100, 7, 7), 0);
    }
}
