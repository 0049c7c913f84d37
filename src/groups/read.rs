//! The groups of a flag as a format reads them, and the users who join or leave one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::draw::Draw;
use super::requirement::FilterRequirement;
use crate::document::Node;

/// A draw that can't be computed. Two that are equal are no change, whatever they are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Uncomputed {
    pub why: String,
    /// The part of the file that the draw is made of.
    pub of: String,
    /// The rest that the draw of any group of the flag could depend on; shared, and compared once for each group.
    pub context: Arc<str>,
}

/// The groups of a flag as its format read them together with the flag.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadGroups {
    /// The groups in which users are now, the last of which has all others. The error says why they cannot be computed.
    pub now: Result<Vec<ReadGroup>, String>,
    /// The groups that the flag has by itself after its last date.
    pub end: Option<LaterGroups>,
    pub caveats: Vec<String>,
    /// The key by which a format divides users that keeps what it gave them before: while this stays as it is and
    /// shares grow, users keep their variants, and else all are divided anew. `None` if the hash of a user alone
    /// decides.
    pub keeps: Option<String>,
    /// The variants that change nothing for who has them.
    pub idle: BTreeSet<String>,
    /// By variant what it gives, in normal form, where that is all of it and its name says nothing.
    pub gives: BTreeMap<String, String>,
    /// By variant its value, in normal form, where applications are given that and, next to it, the name.
    pub values: BTreeMap<String, String>,
    /// Whether applications ask for what variants name, and not for the flag by its key.
    pub names_features: bool,
    /// The variant that everyone gets while the flag is off, of one that is.
    pub off: Option<OffVariant>,
    /// The name of what users have of a flag without variants that is on, where they are asked for that alone.
    pub bare: Option<&'static str>,
}

/// A variant that everyone gets while a flag is off.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OffVariant {
    pub name: String,
    /// Whether it is all that users get of the flag, so that who has the same variant while it is on has what they had.
    pub is_all: bool,
}

impl ReadGroups {
    /// Groups that stay as they are.
    #[must_use]
    pub fn of(now: Result<Vec<ReadGroup>, String>) -> Self {
        let (caveats, idle, gives, values) = (Vec::new(), BTreeSet::new(), BTreeMap::new(), BTreeMap::new());
        ReadGroups {
            now,
            end: None,
            caveats,
            keeps: None,
            idle,
            gives,
            values,
            names_features: false,
            off: None,
            bare: None,
        }
    }
}

/// The groups of a flag at a later date.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LaterGroups {
    /// The date as the file has it.
    pub date: String,
    pub live: bool,
    pub groups: Result<Vec<ReadGroup>, String>,
}

/// A group of users, as `impact::Group`, with conditions of its own.
#[derive(Clone, PartialEq, Debug)]
pub struct ReadGroup {
    pub name: Option<String>,
    pub conditions: Vec<Node>,
    /// The identities of the segments that the conditions refer to.
    pub parts: Vec<String>,
    pub requires: Vec<FilterRequirement>,
    /// Whether conditions are trees joined by *and*, *or* and *not*.
    pub is_tree: bool,
    pub draw: Result<Draw, Uncomputed>,
}

impl Eq for ReadGroup {}

impl ReadGroup {
    /// The group of all users that no other group has.
    #[must_use]
    pub fn others(draw: Result<Draw, Uncomputed>) -> Self {
        ReadGroup { name: None, conditions: Vec::new(), parts: Vec::new(), requires: Vec::new(), is_tree: false, draw }
    }
}

/// Users who match a segment after a change and did not before, and the other way round: one phrase for each condition
/// that says so. Users in `undecided` may do either.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Turnover {
    pub joins: Vec<String>,
    pub leaves: Vec<String>,
    pub undecided: Vec<String>,
    /// Whether the conditions differ and some have members that were not compared, since nobody knows them.
    pub unknown_members: bool,
}

impl Turnover {
    /// Whether the same users match.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        self.joins.is_empty() && self.leaves.is_empty() && self.undecided.is_empty()
    }
}
