//! The rows of a flag that a mapping reads. Each field holds what the mapping selects for it, by the paths of the file:
//! a difference names the field and the path.

use crate::document::{Data, Entry, Field, FieldImpact, Node, Role, Shape};

/// The states of a flag, whatever the words of its format.
pub const STATES: &[&str] = &["live", "scheduled", "unknown", "switched-off", "testing", "declared", "inactive"];

/// The field of the values that users can get, whose names others may have to be.
pub const VARIANTS: &str = "variants";

/// The field of the parts that a flag refers to.
pub const PARTS: &str = "parts";

/// The rows of a flag as it is compared.
pub static FIELDS: &[Field] = &[
    Field::new("state", Shape::OneOf(STATES), "Whether users are served by it, as the mapping's `live` says.")
        .required()
        .role(Role::Lifecycle)
        .impact(FieldImpact::Nobody),
    // The fields that `live` looks at, in the words of the file.
    field("stage", "The members that the state is read from.")
        .means("state")
        .role(Role::Lifecycle)
        .impact(FieldImpact::Nobody),
    field("segments", "The conditions for who gets what: rules, segments, conditions, filters.")
        .means("targetSegments")
        .impact(FieldImpact::Modelled),
    // Segments that it refers to, if they change.
    field(PARTS, "The content of the segments that it refers to.")
        .means("targetSegments")
        .role(Role::Parts)
        .impact(FieldImpact::Modelled),
    field("bucketing", "The value that is hashed to divide users.").means("bucketingKey").impact(FieldImpact::Modelled),
    field(VARIANTS, "The values that users can get.")
        .means("variants")
        .impact(FieldImpact::Unmodelled("what the application does with other names or values is not known here")),
    field("inclusions", "Users who get a variant whatever the rules say.").means("variants.inclusions"),
    field("rollout", "How many users get a variant at all.").means("rolloutPercentage").impact(FieldImpact::Modelled),
    field("distribution", "How many users get which variant.").means("rolloutWeights").impact(FieldImpact::Modelled),
    field("exposure", "The event that counts a user as exposed.").means("exposureEvent").impact(FieldImpact::Nobody),
    field("salt", "The string that is hashed with the user's id.").means("bucketingSalt").impact(FieldImpact::Modelled),
    field("sticky", "Whether users keep their variant.").means("stickyBucketing"),
    field("evaluation", "Where it is decided who gets what.").means("evaluationMode"),
    field("deployments", "The environments and applications that are served.").means("deployments"),
    field("dependencies", "The flags that decide whether users get this one.").means("parentDependencies"),
    field("schedule", "Dates at which it changes by itself.").means("startDate"),
    field("payload", "Data the application receives.").means("variants.payload"),
    field("owner", "The people who answer for it.").means("owner").impact(FieldImpact::Nobody),
    field("meta", "The notes for people.").means("description").impact(FieldImpact::Nobody),
];

/// Whether nobody gets anything else if this field differs.
pub fn concerns_nobody(name: &str) -> bool {
    matches!(name, "owner" | "meta")
}

/// The feature that a format without this field does not have, in words; `None` if users would not notice.
pub fn in_words(name: &str) -> Option<&'static str> {
    Some(match name {
        "segments" => "segments",
        "bucketing" => "bucketing keys",
        "variants" => "variants",
        "exposure" => "exposure events",
        "salt" => "salts",
        "sticky" => "sticky bucketing",
        "dependencies" => "dependencies",
        "schedule" => "schedules",
        _ => return None,
    })
}

/// The names that a mapping may give fields.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    FIELDS.iter().map(|field| field.name).filter(|name| !matches!(*name, "state" | "stage" | PARTS))
}

/// Adds parts to a field of a flag, which may have others already.
pub fn add(record: &mut Vec<Entry>, name: &str, more: Node) {
    let Some(there) = record.iter_mut().find(|entry| entry.key == name) else {
        record.push(Entry { key: name.to_owned(), place: more.place, value: more });
        return;
    };
    if let (Data::Map(there), Data::Map(more)) = (&mut there.value.data, more.data) {
        there.0.extend(more.0);
    }
}

const fn field(name: &'static str, doc: &'static str) -> Field {
    Field::new(name, Shape::Tree, doc).or("{}")
}
