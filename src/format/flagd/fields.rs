//! The rows of a flagd flag: as the file has it, and as it is compared.

use crate::document::{Display, Field, FieldImpact, Role, Shape};

/// The rows of a flag as it is compared. `variants`, `targeting` and `metadata` are rearranged from what the file has.
pub static FIELDS: &[Field] = &[
    Field::new(
        "state",
        Shape::OneOf(&["ENABLED", "DISABLED"]),
        "`DISABLED` gives every user what the code falls back to.",
    )
    .required()
    .role(Role::Lifecycle)
    .impact(FieldImpact::Nobody),
    Field::new("description", Shape::Text, "Purpose of the flag.").impact(FieldImpact::Nobody),
    Field::new("metadata", Shape::Record(METADATA), "The file's `metadata` with the flag's own over it.")
        .or("{}")
        .means("description")
        .impact(FieldImpact::Members),
    Field::new("variants", Shape::Items { id: "key", ordered: false, of: VARIANT }, "The values that users can get.")
        .or("[]")
        .impact(FieldImpact::Reported)
        .display(Display::Variants)
        .item_noun("variant"),
    Field::new(
        "defaultVariant",
        Shape::Text,
        "The variant of users to whom `targeting` gives nothing; null is the default of the code.",
    )
    .means("rolloutWeights")
    .impact(FieldImpact::Modelled),
    Field::new("targeting", Shape::Record(TARGETING), "The rules for who gets what.")
        .or("{}")
        .means("targetSegments")
        .impact(FieldImpact::Modelled),
];

const METADATA: &[Field] = &[Field::new(
    "flagSetId",
    Shape::Any,
    "The set the flag is in; applications that ask for another set do not get it.",
)
.means("deployments")
.impact(FieldImpact::Unmodelled("applications that ask for another `flagSetId` do not get it"))];

const VARIANT: &[Field] = &[
    Field::new("key", Shape::Text, "The name that `defaultVariant` and `targeting` have for it.").required(),
    Field::new("value", Shape::Any, "The value the application receives."),
];

const TARGETING: &[Field] = &[
    Field::new("rules", Shape::Any, "The JsonLogic rule; `{fractional: 1}` is the place of the first `fractional`.")
        .means("targetSegments")
        .item_noun("evaluator"),
    Field::new(
        "fractional",
        Shape::Items { id: "number", ordered: true, of: FRACTIONAL },
        "Each `fractional` of the rule, numbered in the order of the text.",
    )
    .or("[]")
    .means("targetSegments")
    .display(Display::Segments)
    .item_noun("segment"),
];

const FRACTIONAL: &[Field] = &[
    Field::new("number", Shape::Text, "Which one it is.").required(),
    Field::new(
        "bucketing",
        Shape::Any,
        "The value that is hashed; `{salt: 1}` is the place of the first constant. Absent: the flag's key and the \
                 targeting key.",
    )
    .means("bucketingKey"),
    Field::new("salt", Shape::Any, "The constants that are hashed with it, and the flag's key.").means("bucketingSalt"),
    Field::new("weights", Shape::Split, "Variants and weights in the order in which the hash is cut.")
        .means("targetSegments.rolloutWeights"),
];

/// The rows of a flag as the file has it.
pub(super) const FILE: &[Field] = &[
    Field::new("state", Shape::OneOf(&["ENABLED", "DISABLED"]), "").required(),
    Field::new("variants", Shape::MapOf(&Shape::Any), "").required(),
    Field::new("defaultVariant", Shape::Text, ""),
    Field::new("targeting", Shape::MapOf(&Shape::Any), ""),
    Field::new("description", Shape::Text, ""),
    Field::new("metadata", Shape::MapOf(&Shape::Any), ""),
];
