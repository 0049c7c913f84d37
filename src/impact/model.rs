//! The model that a format hands over: the groups of users of a flag, the draw of each, and what no share describes.
//!
//! Everything a format knows of hashing, conditions and fields ends here; the arithmetic in this room is the same for
//! all.

use std::collections::BTreeSet;

use super::result::{Impact, Lifecycle};
use crate::document::Node;
use crate::flag::Flag;
use crate::groups::{Draw, FilterRequirement, OffVariant, Turnover, Uncomputed};

/// The subject and the values of a condition that asks whether the one is among the others; `None` for any other
/// condition.
pub type ListedValues = fn(condition: &str) -> Option<(String, BTreeSet<String>)>;

/// The functions by which a format exposes users to variants.
#[derive(Debug)]
pub struct ExposureModel {
    /// A name for the way in which users are hashed and told apart. Flags of two algorithms are not compared.
    pub algorithm: &'static str,
    /// The member of a variant that holds what an application gets.
    pub value: &'static str,
    /// The groups of a flag. The error says why they can't be computed: "the flag has more than 100 variants".
    pub groups: fn(&Flag) -> Result<Groups<'_>, String>,
    /// The conditions of a group in normal form, equal for two groups that the same users match.
    pub conditions: fn(&[&Node]) -> String,
    /// The turnover of a group whose conditions change. Only asked of groups that are tried one after the other.
    pub turnover: fn(before: &Group<'_>, after: &Group<'_>) -> Turnover,
    /// The subject and the values of a condition that asks whether the one is among the others. Only asked of groups in
    /// a tree.
    pub listed: ListedValues,
    /// Whether a variant gives its users nothing that they would not have without the flag, which is new or served
    /// otherwise before.
    pub idle: fn(flag: &Flag, variant: &str, new: bool) -> bool,
    /// The variant that everyone has of a flag while it is off, where it is off before or after it is on.
    pub while_off: for<'f> fn(off: &'f Flag, on: &Flag) -> Option<&'f OffVariant>,
    /// Adds a sentence for each difference that no share describes, other than those of fields and of unknown keys.
    pub unmodelled: fn(&FlagSides<'_>, &mut Vec<String>),
    /// Adds causes, intent, warnings and caveats to an impact with its shares computed.
    pub notes: fn(&FlagSides<'_>, &mut Impact),
}

/// The groups of users of one flag, which have no user in common and together have all.
#[derive(Clone, Debug)]
pub struct Groups<'f> {
    pub list: Vec<Group<'f>>,
    pub partition: Partition,
}

/// The way in which users are told apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Partition {
    /// Segments are tried in order, and a user is in the first whose conditions hold; the last group has all others.
    FirstMatch,
    /// Questions, one inside the other, lead to the groups. While the questions are the same, users stay in their
    /// group.
    Tree {
        questions: String,
        /// The conditions of the questions, each once.
        conditions: Vec<String>,
        /// The answers on the ways to the groups, each after the one that it points to.
        answers: Vec<Answer>,
        /// The name of the field that asks them, for messages.
        field: &'static str,
    },
}

/// An answer to a question on the way to a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The index of the answer before it.
    pub after: Option<usize>,
    /// The index of the condition.
    pub condition: usize,
    pub holds: bool,
}

/// A group of users and what they get.
#[derive(Clone, Debug)]
pub struct Group<'f> {
    /// The name of the segment; `None` is all other users, or everyone.
    pub name: Option<String>,
    /// The conditions under which a user is in it, in the words of the format.
    pub conditions: Vec<&'f Node>,
    /// The conditions as requirements that all have to hold, if the format can say so.
    pub requires: &'f [FilterRequirement],
    /// Whether conditions are trees joined by *and*, *or* and *not*.
    pub is_tree: bool,
    pub draw: Result<Draw, Uncomputed>,
    /// The draw of users who have no value to hash, if it is another one.
    pub unhashed: Option<Draw>,
    /// In a tree: the index of the last answer on the way to it.
    pub way: Option<usize>,
}

/// A flag before and after a change; at least one side is there.
#[derive(Clone, Copy, Debug)]
pub struct FlagSides<'f> {
    pub before: Option<&'f Flag>,
    pub after: Option<&'f Flag>,
    pub lifecycle: Lifecycle,
}

impl<'f> FlagSides<'f> {
    #[must_use]
    pub fn new(before: Option<&'f Flag>, after: Option<&'f Flag>) -> Self {
        let live = |flag: Option<&Flag>| flag.is_some_and(|flag| flag.state.live);
        let lifecycle = match (live(before), live(after)) {
            (true, true) => Lifecycle::Active,
            (false, true) => Lifecycle::Activated,
            (true, false) => Lifecycle::Deactivated,
            (false, false) => Lifecycle::Inactive,
        };
        FlagSides { before, after, lifecycle }
    }

    /// The model of the format that the change leaves the flag in.
    #[must_use]
    pub fn model(&self) -> Option<&'f ExposureModel> {
        self.after.or(self.before).map(|flag| &flag.format.exposure)
    }
}

impl<'f> Groups<'f> {
    /// The groups that somebody can be in. A segment without conditions takes everyone and leaves nobody to those
    /// below.
    pub fn inhabited(&self) -> impl Iterator<Item = (usize, &Group<'f>)> {
        let takes_all = |group: &Group<'_>| group.name.is_some() && group.conditions.is_empty();
        let last = match self.partition {
            Partition::FirstMatch => self.list.iter().position(takes_all),
            Partition::Tree { .. } => None,
        };
        self.list.iter().enumerate().take(last.map_or(self.list.len(), |at| at + 1))
    }
}
