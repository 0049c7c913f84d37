//! The impact of a change of a mapped flag. What is not plain is not known, and counts as everyone.

use crate::flag::Flag;
use crate::impact::Groups;

/// The groups of a flag.
///
/// # Errors
/// What is not known of it.
pub fn groups(flag: &Flag) -> Result<Groups<'_>, String> {
    Err(format!("who gets what of a flag in `{}` is not computed", flag.format.id))
}
