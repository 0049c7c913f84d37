//! One change of a flag as the report has it: a field, what was done to it, and what that is with regard to approval.

use schemars::JsonSchema;
use serde::Serialize;

use super::rules::RuleId;
use crate::document::{Field, Node};

/// The class of a change, with regard to approval.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// A critical field of a live flag differs.
    Critical,
    /// Part of a flag's becoming live.
    Activation,
    /// A live flag stops being live.
    Deactivation,
    /// Needs no approval.
    Routine,
    /// The text differs and means the same.
    NoEffect,
}

impl Class {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Class::Critical => "critical",
            Class::Activation => "activation",
            Class::Deactivation => "deactivation",
            Class::Routine => "routine",
            Class::NoEffect => "no-effect",
        }
    }
}

/// The act of a change: what was done to a field or to an item of a list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// The value was not there before.
    Added,
    /// The value is no longer there.
    Removed,
    /// The value is another one.
    Changed,
    /// Equal items in another order.
    Reordered,
}

/// A change that stands outside of the flags of a file, for several of them.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SharedChange {
    /// The flags that it changes, by `project/key`; none where it is listed with another one.
    pub flags: Vec<String>,
    /// The flag with which it is shown, and all flags are named; null if it is this one.
    pub listed_with: Option<String>,
}

/// One difference in one field.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Change {
    /// The class of the change, with regard to approval.
    pub class: Class,
    /// The id of the rule it falls under, if it needs approval.
    pub rule: Option<RuleId>,
    /// The field in its format's own words, parts joined by dots: `targetSegments.percentage`.
    pub field: String,
    /// The act: what was done to the field, or to the item of a list.
    pub act: Act,
    /// Which item of a list: a segment's name, a variant's key.
    pub item: Option<String>,
    /// The value on the base branch, or in an activation when the flag was last live there; null if it is absent.
    pub before: Option<Node>,
    /// The value the merge would leave; null if it is absent.
    pub after: Option<Node>,
    /// The file to look in: the proposed one, or the live one for what was removed.
    pub path: String,
    /// The line of that file, counted from 1.
    pub line: u32,
    /// The column of that line, counted from 1 in characters (Unicode scalar values).
    pub column: u32,
    /// All flags that this place of the file changes, if it stands outside of them; left out otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<SharedChange>,
    /// The native field it is about (`rolloutWeights` for flagd's `defaultVariant`); empty if no schema knows it.
    #[serde(skip)]
    pub means: String,
    /// The row of the field in its format, for its picture and its words; `None` for a field that no row names.
    #[serde(skip)]
    pub row: Option<&'static Field>,
    /// The row of the outermost list that holds the field, if one does: the list that `item` is of.
    #[serde(skip)]
    pub list: Option<&'static Field>,
}
