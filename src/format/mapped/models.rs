//! Types of a mapping: how users are divided, and the meaning of orders and of `not`.
//!
//! **In**: nothing. **Out**: types. **Refuses**: nothing. **Not taken**: computing anything, which is
//! done elsewhere.

use super::exposure::NamedModel;
use super::language::Path;

/// How users are divided among what a flag gives.
#[derive(Clone, PartialEq, Debug)]
pub enum ImpactModel {
    Plain(PlainModel),
    /// As the evaluator of this format does it.
    Named(&'static NamedModel),
}

/// The parts of an item with a weight that users may be given.
pub const GIVES: &[&str] = &["name", "members"];

/// Everyone whom the flag is about gets it, or a percentage of them, divided by weights.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PlainModel {
    /// Where the percentage is, the first of several that is there; of one path the last one counts.
    pub percentage: Vec<Path>,
    pub weights: Option<Path>,
    /// The member by which items with weights are named.
    pub by: Option<String>,
    /// Whether the order of the list of weights means nothing, so that users are divided in the order of names.
    pub by_name: bool,
    /// Whether users are given the other members of an item with a weight, and not its name: without any, it changes
    /// nothing.
    pub gives_members: bool,
    /// Parts of the segments, all of which have to hold for a user: lists of which one has to be met, or none.
    pub any_of: Vec<Path>,
    pub none_of: Vec<Path>,
    /// Parts of the segments that are the lowest or highest version, or number.
    pub at_least: Vec<Path>,
    pub at_most: Vec<Path>,
}

impl PlainModel {
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.percentage.iter().chain(&self.weights).chain(self.required())
    }

    /// The parts of the segments that are known to be requirements.
    #[must_use]
    pub fn required(&self) -> Vec<&Path> {
        [&self.any_of, &self.none_of, &self.at_least, &self.at_most].into_iter().flatten().collect()
    }
}

/// The meaning of the order of a map next to shares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MapOrder {
    /// The order may say which share is whose.
    Counts,
    /// Nothing, to an evaluator that is known.
    Nothing,
}

/// The meaning of `not` with several conditions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotOfSeveral {
    /// One that readers differ in: none of them, or not all of them.
    AsWritten,
    /// One meaning: not all of them hold.
    NotAll,
}
