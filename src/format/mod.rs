//! Text into flags: one row a format, one file a format.
//!
//! In: a file's bytes. Out: flags with their fields in the format's own words, and problems with places. A format
//! says which of its fields mean which native one, what live means, and nothing about who approves.

pub mod flagd;
pub mod native;

use crate::flag::Flag;
use crate::text::yaml::Dialect;
use crate::text::{Field, Problems};

/// A format flags are kept in.
#[derive(Debug)]
pub struct Format {
    pub id: &'static str,
    /// What it is and whose, in one sentence.
    pub about: &'static str,
    /// Whether a file of this name is in this format, when the configuration doesn't say.
    pub claims: fn(path: &str) -> bool,
    /// The readers of its files by how a path ends, the first that fits; an empty end fits all. A value that several readers take
    /// for different things is refused.
    pub readers: &'static [(&'static str, &'static [Dialect])],
    /// Reads a file. `None` if nothing can be said of its flags; then at least one error was added.
    pub read: fn(bytes: &[u8], path: &str, problems: &mut Problems<'_>) -> Option<Vec<Flag>>,
    pub fields: &'static [Field],
}

impl Format {
    /// The readers of the file at `path`.
    #[must_use]
    pub fn readers_of(&self, path: &str) -> &'static [Dialect] {
        let path = path.to_ascii_lowercase();
        self.readers.iter().find(|(end, _)| path.ends_with(end)).map_or(&[Dialect::Profile], |(_, readers)| readers)
    }
}

/// All formats. The first that claims a path reads it; native comes last since it claims every YAML file.
pub static FORMATS: &[&Format] = &[&flagd::FORMAT, &native::FORMAT];

/// The format with this id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| format.id == id)
}

/// The format that recognises a path by its name.
#[must_use]
pub fn recognise(path: &str) -> Option<&'static Format> {
    FORMATS.iter().copied().find(|format| (format.claims)(path))
}
