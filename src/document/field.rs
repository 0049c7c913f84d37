//! One field of a record, as a row: its name and shape, its default, and what the other rooms have to know of it.
//!
//! In: nothing, these are constants of a format or of the policy. Out: columns that the checks, the comparison, the
//! schema, the impact and the pictures read. Not taken: lists of field names in those rooms, which drift from the rows.

use super::shape::Shape;

/// A field of a record.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    pub shape: Shape,
    pub required: bool,
    /// The normal form of an absent field, as JSON; `null` if absence is a value of its own.
    pub default: &'static str,
    /// The field of the native vocabulary with the same meaning (`rolloutWeights` for flagd's `defaultVariant`), by
    /// which rules cover it; empty if the names are the same.
    pub means: &'static str,
    pub role: Role,
    pub impact: FieldImpact,
    pub display: Display,
    /// The word for the field in a sentence ("weights"); empty if its name is shown as code.
    pub noun: &'static str,
    /// The word for one item of a list ("segment"); empty if items have no word of their own.
    pub item_noun: &'static str,
    /// Names that other tools have for it, which a message takes for it.
    pub also: &'static [&'static str],
    /// A description for the schema: an editor's hover text teaches the format with it.
    pub doc: &'static str,
}

/// The part a field plays in every flag, whatever its format calls it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// None; the rules and the other columns say all there is to know.
    Plain,
    /// The flag's own key. Another key is another flag, so it is never a difference.
    Key,
    /// The word that says whether the flag is live.
    Lifecycle,
    /// The content of parts that the flag refers to and that stand elsewhere in its project.
    Parts,
}

/// How a change of a field alters what users get, as far as the impact can say. Columns of fields inside a list are not
/// read; there the list decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldImpact {
    /// Nobody gets anything else.
    Nobody,
    /// Modelled: shares are computed from the field.
    Modelled,
    /// The format reports it by itself (`unmodelled` of its exposure model).
    Reported,
    /// Only through the members of the record that its rows name; other members are people's notes.
    Members,
    /// Unmodelled: no share describes it; the reason, as a sentence.
    Unmodelled(&'static str),
}

/// The picture in which people are shown a change of a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Display {
    /// The value as the file has it.
    Value,
    /// A list of groups of users, each with its conditions, share and weights.
    Segments,
    /// The list of what users can get.
    Variants,
    /// Weights by variant, as a distribution.
    Weights,
    /// A share of users, 0 to 100.
    Percent,
    /// A list of conditions, each in words.
    Conditions,
    /// A list without order, as what was added and removed.
    Set,
}

impl Field {
    /// A row with the columns most fields have: not required, absent is `null`, shown as it is, and unmodelled.
    #[must_use]
    pub const fn new(name: &'static str, shape: Shape, doc: &'static str) -> Self {
        Field {
            name,
            shape,
            required: false,
            default: "null",
            means: "",
            role: Role::Plain,
            impact: FieldImpact::Unmodelled("what it does to users is not known here"),
            display: Display::Value,
            noun: "",
            item_noun: "",
            also: &[],
            doc,
        }
    }

    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    #[must_use]
    pub const fn or(mut self, default: &'static str) -> Self {
        self.default = default;
        self
    }

    #[must_use]
    pub const fn means(mut self, native: &'static str) -> Self {
        self.means = native;
        self
    }

    #[must_use]
    pub const fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// Whether nobody gets anything else if it differs.
    #[must_use]
    pub fn concerns_nobody(&self) -> bool {
        matches!(self.impact, FieldImpact::Nobody)
    }

    #[must_use]
    pub const fn impact(mut self, impact: FieldImpact) -> Self {
        self.impact = impact;
        self
    }

    #[must_use]
    pub const fn display(mut self, display: Display) -> Self {
        self.display = display;
        self
    }

    /// The word for the field in a sentence.
    #[must_use]
    pub const fn noun(mut self, noun: &'static str) -> Self {
        self.noun = noun;
        self
    }

    /// The word for one item of the list.
    #[must_use]
    pub const fn item_noun(mut self, noun: &'static str) -> Self {
        self.item_noun = noun;
        self
    }

    /// Names that other tools have for it.
    #[must_use]
    pub const fn also(mut self, names: &'static [&'static str]) -> Self {
        self.also = names;
        self
    }

    /// The field that tells the items of this list apart, if this is such a list.
    #[must_use]
    pub fn item_id(&self) -> Option<&'static str> {
        match self.shape {
            Shape::Items { id, .. } => Some(id),
            _ => None,
        }
    }

    /// The rows of the record, or of each item of the list, that the field holds.
    #[must_use]
    pub fn members(&self) -> &'static [Field] {
        match self.shape {
            Shape::Record(fields) | Shape::Items { of: fields, .. } => fields,
            _ => &[],
        }
    }
}
