//! Bounds on the size of a flag whose impact is computed. No flag that people read comes near; one that was made to
//! cost minutes is not computed, and its impact is everyone to a bound of the policy.

use crate::flag::Flag;

pub const MOST_VARIANTS: usize = 100;

/// Groups of users of one flag.
pub const MOST_GROUPS: usize = 1000;

/// Conditions of one segment that are compared with each other.
pub const MOST_CONDITIONS: usize = 100;

/// Ways from one segment into another that are followed one by one.
pub const MOST_WAYS: usize = 2000;

/// Cells of all matrices together.
pub const MOST_CELLS: usize = 20_000;

/// Bytes of a string that is copied for each group: a name, a key, a salt.
const MOST_BYTES: usize = 1000;

/// Refuses a flag with too many variants.
///
/// # Errors
/// A sentence that says so.
pub fn check_variants(flag: &Flag) -> Result<(), String> {
    let few = flag.variant_items().count() <= MOST_VARIANTS;
    few.then_some(()).ok_or_else(|| format!("the flag has more than {MOST_VARIANTS} variants"))
}

/// Refuses strings that are too long.
///
/// # Errors
/// A sentence that says so.
pub fn check_lengths<'s>(mut strings: impl Iterator<Item = &'s str>) -> Result<(), String> {
    let long = strings.any(|string| string.len() > MOST_BYTES);
    if long { Err(format!("a name, a key or the salt has more than {MOST_BYTES} bytes")) } else { Ok(()) }
}
