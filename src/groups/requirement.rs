//! Requirements of a filter: every one has to hold for a user, so that one more lets fewer users in, and one less more.
//!
//! In: the requirements of a group on both sides. Out: the users who could now match, and who no longer. Refuses: to
//! say which way it goes of values that cannot be compared. Not taken: how many users a requirement leaves out, which
//! no file knows.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::read::Turnover;
use crate::diagnostics::words::in_backticks;

/// One requirement, by its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FilterRequirement {
    pub name: String,
    pub asks: RequirementKind,
}

/// The question of a requirement to a user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RequirementKind {
    AnyOf(BTreeSet<String>),
    NoneOf(BTreeSet<String>),
    /// A version or a number.
    AtLeast(String),
    AtMost(String),
    /// Anything else, in normal form.
    Other(String),
}

/// The way in which the users change who meet a requirement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum FilterWay {
    Same,
    More,
    Fewer,
    Unknown,
}

/// The turnover of a filter, each requirement of which is reported.
#[must_use]
pub fn turnover(before: &[FilterRequirement], after: &[FilterRequirement]) -> Turnover {
    let by_name = |all: &'_ [FilterRequirement]| -> BTreeMap<String, RequirementKind> {
        all.iter().map(|one| (one.name.clone(), one.asks.clone())).collect()
    };
    let (old, new) = (by_name(before), by_name(after));
    let mut out = Turnover::default();
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        let way = match (old.get(name), new.get(name)) {
            (Some(old), Some(new)) => compared(old, new),
            (None, Some(new)) => {
                if new.is_empty() {
                    FilterWay::Unknown
                } else {
                    FilterWay::Fewer
                }
            }
            (Some(old), None) => {
                if old.is_empty() {
                    FilterWay::Unknown
                } else {
                    FilterWay::More
                }
            }
            (None, None) => FilterWay::Same,
        };
        let name = in_backticks(name);
        match way {
            FilterWay::Same => {}
            FilterWay::More => out.joins.push(format!("users whom {name} left out")),
            FilterWay::Fewer => out.leaves.push(format!("users whom {name} leaves out")),
            FilterWay::Unknown => out.undecided.push(format!("another {name}, which is not compared")),
        }
    }
    out
}

impl RequirementKind {
    /// Whether it has no value: some readers ask nothing then, and others let nobody in.
    fn is_empty(&self) -> bool {
        matches!(self, RequirementKind::AnyOf(all) if all.is_empty())
    }
}

fn compared(old: &RequirementKind, new: &RequirementKind) -> FilterWay {
    use RequirementKind::{AnyOf, AtLeast, AtMost, NoneOf, Other};
    match (old, new) {
        _ if old == new => FilterWay::Same,
        (AnyOf(old), AnyOf(new)) if !old.is_empty() && !new.is_empty() => of_sets(old, new),
        (NoneOf(old), NoneOf(new)) => of_sets(new, old),
        (AtLeast(old), AtLeast(new)) => of_bounds(new, old, 0),
        (AtMost(old), AtMost(new)) => of_bounds(old, new, u64::MAX),
        (AnyOf(_) | NoneOf(_) | AtLeast(_) | AtMost(_) | Other(_), _) => FilterWay::Unknown,
    }
}

/// The way in which more values of a set let more users in.
fn of_sets(old: &BTreeSet<String>, new: &BTreeSet<String>) -> FilterWay {
    match (old.is_subset(new), new.is_subset(old)) {
        (true, true) => FilterWay::Same,
        (true, false) => FilterWay::More,
        (false, true) => FilterWay::Fewer,
        (false, false) => FilterWay::Unknown,
    }
}

/// The way in which a higher bound lets more users in; `any` is the number that `*` stands for.
fn of_bounds(old: &str, new: &str, any: u64) -> FilterWay {
    match version(old, any).zip(version(new, any)).map(|(old, new)| order(&old, &new)) {
        Some(Ordering::Less) => FilterWay::More,
        Some(Ordering::Greater) => FilterWay::Fewer,
        Some(Ordering::Equal) => FilterWay::Same,
        None => FilterWay::Unknown,
    }
}

/// The parts of a version such as `1.60.2` or `146.*`, of which those after the last are 0, or anything after `*`.
fn version(text: &str, any: u64) -> Option<(Vec<u64>, u64)> {
    let (text, rest) = match text.strip_suffix(".*") {
        Some(text) => (text, any),
        None => (text, 0),
    };
    let part = |part: &str| if part.bytes().all(|byte| byte.is_ascii_digit()) { part.parse().ok() } else { None };
    Some((text.split('.').map(part).collect::<Option<Vec<u64>>>()?, rest))
}

fn order((old, after_old): &(Vec<u64>, u64), (new, after_new): &(Vec<u64>, u64)) -> Ordering {
    // One part more than either has, for what comes after the last.
    let length = old.len().max(new.len()) + 1;
    let parts = |all: &[u64], rest: u64| -> Vec<u64> {
        all.iter().copied().chain(std::iter::repeat(rest)).take(length).collect()
    };
    parts(old, *after_old).cmp(&parts(new, *after_new))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_versions() {
        for (old, new, at_most, at_least) in [
            ("1.5", "1.6", FilterWay::More, FilterWay::Fewer),
            ("1.10", "1.9", FilterWay::Fewer, FilterWay::More),
            ("1.5", "1.5.0", FilterWay::Same, FilterWay::Same),
            ("147.1.88.136", "147.*", FilterWay::More, FilterWay::More),
            ("146.*", "147.*", FilterWay::More, FilterWay::Fewer),
            ("52130000", "52140000", FilterWay::More, FilterWay::Fewer),
            ("1.5", "1.6-beta", FilterWay::Unknown, FilterWay::Unknown),
        ] {
            assert_eq!(of_bounds(old, new, u64::MAX), at_most, "{old} {new}");
            assert_eq!(of_bounds(new, old, 0), at_least, "{old} {new}");
        }
    }
}
