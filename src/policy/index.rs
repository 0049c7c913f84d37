//! An index of lines: those that could take a path, found without trying them all.
//!
//! Every pattern has a string that each path it takes must hold at a known place ([`Hint`]). The lines are sorted by
//! that text. The keys a path starts with are all among the ancestors of one key, the last that is not behind the
//! path in the order of bytes; so a look-up is one binary search and a walk up. Not taken: buckets by directory, which
//! put all lines of a flat directory of 10,000 flags into one bucket.

use super::meaning::Hint;
use super::pattern::Pattern;

/// Lines by the string that their paths must hold. Lines are numbers, given in file order.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    by_path_start: Starts,
    by_part_start: Starts,
    /// Keys are back to front.
    by_part_end: Starts,
}

impl Index {
    pub(super) fn new<'p>(patterns: impl Iterator<Item = &'p Pattern>) -> Self {
        let (mut path_start, mut part_start, mut part_end) = (Vec::new(), Vec::new(), Vec::new());
        for (line, pattern) in patterns.enumerate() {
            match pattern.meaning().hint() {
                Hint::PathStart(key) => path_start.push((key, line)),
                Hint::PartStart(key) => part_start.push((key, line)),
                Hint::PartEnd(key) => part_end.push((key, line)),
            }
        }
        Index {
            by_path_start: Starts::new(path_start),
            by_part_start: Starts::new(part_start),
            by_part_end: Starts::new(part_end),
        }
    }

    /// Calls `found` for every line that could take this path, in no particular order and for some lines twice; lines
    /// of one key come last to first.
    pub(super) fn candidates(&self, path: &str, found: &mut impl FnMut(usize)) {
        self.by_path_start.of(path, found);
        if !(self.by_part_start.is_empty() && self.by_part_end.is_empty()) {
            for part in path.split('/') {
                self.by_part_start.of(part, found);
                let backwards: String = part.chars().rev().collect();
                self.by_part_end.of(&backwards, found);
            }
        }
    }
}

/// Keys in order, each with its lines and the longest other key it starts with.
#[derive(Clone, Debug, Default)]
pub(super) struct Starts(Vec<PrefixStart>);

/// A key, the lines of it, and the longest other key it starts with.
#[derive(Clone, Debug)]
struct PrefixStart {
    key: String,
    /// Ascending.
    lines: Vec<usize>,
    parent: Option<usize>,
}

impl Starts {
    pub(super) fn new(mut keyed: Vec<(String, usize)>) -> Self {
        keyed.sort_unstable();
        let mut starts: Vec<PrefixStart> = Vec::new();
        for (key, line) in keyed {
            if let Some(last) = starts.last_mut().filter(|last| last.key == key) {
                last.lines.push(line);
                continue;
            }
            let mut parent = starts.len().checked_sub(1);
            while let Some(start) = parent.and_then(|at| starts.get(at)) {
                if key.starts_with(&start.key) {
                    break;
                }
                parent = start.parent;
            }
            starts.push(PrefixStart { key, lines: vec![line], parent });
        }
        Starts(starts)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of(&self, text: &str, found: &mut impl FnMut(usize)) {
        self.prefixes(text).for_each(|start| start.lines.iter().rev().for_each(|&line| found(line)));
    }

    /// The last line of all whose key this text starts with.
    pub(super) fn last(&self, text: &str) -> Option<usize> {
        self.prefixes(text).filter_map(|start| start.lines.last().copied()).max()
    }

    /// The keys this text starts with, the longest first.
    fn prefixes<'s>(&'s self, text: &'s str) -> impl Iterator<Item = &'s PrefixStart> {
        let nearest = self.0.partition_point(|start| start.key.as_str() <= text).checked_sub(1);
        std::iter::successors(nearest.and_then(|at| self.0.get(at)), |start| start.parent.and_then(|at| self.0.get(at)))
            .filter(move |start| text.starts_with(&start.key))
    }
}
