//! How large a flag may be for its effect to be computed. No flag that people read comes near; one that was made to cost
//! minutes is not computed, which counts as everyone.

use super::Arithmetic;
use crate::document::Node;
use crate::document::canonical::same_field;
use crate::flag::Flag;

pub const MOST_VARIANTS: usize = 100;

/// Segments, or for flagd the ends of `targeting`.
pub const MOST_GROUPS: usize = 1000;

/// Conditions of one segment that are compared with each other.
pub const MOST_CONDITIONS: usize = 100;

/// Ways from one segment into another that are followed one by one.
pub const MOST_WAYS: usize = 2000;

/// Cells of all matrices together.
pub const MOST_CELLS: usize = 20_000;

/// Bytes of a text that is told for each group again: a name, a key, a salt.
const MOST_TEXT: usize = 1000;

/// What of a flag is too large, in words.
#[must_use]
pub fn too_large(flag: &Flag) -> Option<String> {
    let list = |field: &str| flag.get(field).and_then(Node::as_list).unwrap_or_default();
    let (variants, segments) = (list("variants"), list("targetSegments"));
    let parts = || segments.iter().chain(variants);
    let weights = |node: Option<&Node>| node.and_then(Node::as_map).map_or(0, |weights| weights.0.len());
    let most = segments.iter().map(|segment| weights(segment.get("rolloutWeights"))).max().unwrap_or(0);
    if variants.len() > MOST_VARIANTS || most.max(weights(flag.get("rolloutWeights"))) > MOST_VARIANTS {
        return Some(format!("the flag has more than {MOST_VARIANTS} variants"));
    }
    if segments.len() > MOST_GROUPS {
        return Some(format!("the flag has more than {MOST_GROUPS} segments"));
    }
    let own = ["bucketingSalt", "bucketingKey", "bucketingUnit"].iter().filter_map(|field| flag.get(field));
    let of_parts = parts().flat_map(|part| ["name", "key", "bucketingKey"].map(|field| part.get(field)));
    let long = |node: &Node| node.as_text().is_some_and(|text| text.len() > MOST_TEXT);
    let long = own.chain(of_parts.flatten()).any(long);
    long.then(|| format!("a name, a key or the salt has more than {MOST_TEXT} bytes"))
}

/// Whether two flags say the same in every field that shares are made of.
#[must_use]
pub fn draw_alike(before: &Flag, after: &Flag) -> bool {
    let fields: &[&str] = match (Arithmetic::of(before), Arithmetic::of(after)) {
        (Some(Arithmetic::Amplitude), Some(Arithmetic::Amplitude)) => {
            &["bucketingKey", "bucketingUnit", "bucketingSalt", "rolloutPercentage", "rolloutWeights", "targetSegments"]
        }
        (Some(Arithmetic::Flagd), Some(Arithmetic::Flagd)) => &["defaultVariant", "targeting"],
        _ => return false,
    };
    let rows = after.fields.iter().filter(|row| fields.contains(&row.name));
    before.variants() == after.variants()
        && rows.into_iter().all(|row| same_field(before.record.get(row.name), after.record.get(row.name), row))
}
