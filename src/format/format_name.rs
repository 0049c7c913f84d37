//! A format by the name that a configuration and the command line have for it: `FORMAT`, or `FORMAT at PATH` where its
//! flags stand at another path of a file.
//!
//! In: the name, and what looks a format up by its id. Out: a [`NamedFormat`]. Refuses: a path at which that format can
//! have no flags. Not taken: messages about an unknown id, since only the caller knows which ids there are.

use super::{FLAGS_AT, FormatRef};

/// The format that a name stands for.
pub enum NamedFormat<'n> {
    Known(FormatRef),
    /// No format has this id.
    Unknown(&'n str),
    /// The format has no flags at such a path.
    WrongPath {
        message: String,
        remedy: String,
    },
}

/// Reads the name of a format.
pub fn named<'n>(name: &'n str, by_id: impl Fn(&str) -> Option<FormatRef>) -> NamedFormat<'n> {
    let (id, at) = name.split_once(" at ").map_or((name, None), |(id, at)| (id.trim(), Some(at.trim())));
    let Some(format) = by_id(id) else { return NamedFormat::Unknown(id) };
    let Some(at) = at else { return NamedFormat::Known(format) };
    match format.with_flags_at(at) {
        Some(format) => NamedFormat::Known(format),
        None => NamedFormat::WrongPath {
            message: format!("`{}` is no path at which `{id}` can have its flags", at.escape_debug()),
            remedy: format!("write `{FLAGS_AT}`, with names and `*` for all"),
        },
    }
}
