//! The format that `init` chooses for a file: one that reads it, and a mapping to be written where none of them does.
//!
//! **In**: a file that is known to hold flags. **Out**: a format, and the text of a mapping if it is none that is built in. **Refuses**: a
//! format that has something against the file, where nothing but its name speaks for that format. **Not taken**: the first format that
//! reads a file at all: one that takes the whole of it for one flag reads anything.

use std::collections::BTreeMap;

use super::found::FoundFile;
use crate::diagnostics::Diagnostics;
use crate::flag::{File, Flag};
use crate::format::known::KnownFormat;
use crate::format::{FormatRef, mapped};
use crate::review::read::read_as;

/// A mapping that is written to `.countersign/formats`.
#[derive(Clone)]
pub struct NewMapping {
    pub name: String,
    pub text: String,
    /// Whether a person has to look at every line of it.
    pub drafted: bool,
}

/// How a file is read.
pub struct FileReading {
    pub format: Option<FormatRef>,
    pub mapping: Option<NewMapping>,
    /// The keys of its flags.
    pub flags: Vec<String>,
}

/// The keys of what a format reads in a file, and of the rest of it; `None` if there is an error.
pub fn read_by(format: &FormatRef, path: &str, bytes: &[u8]) -> Option<Vec<String>> {
    read(format, path, bytes).map(|flags| flags.into_iter().map(|flag| flag.key).collect())
}

fn read(format: &FormatRef, path: &str, bytes: &[u8]) -> Option<Vec<Flag>> {
    let (flags, problems) = read_as(&File::regular(path, bytes), Some(format), "");
    let clean = !problems.iter().any(crate::diagnostics::Diagnostic::is_error);
    flags.filter(|_| clean).map(|entries| entries.into_iter().map(|entry| entry.flag).collect())
}

/// How a file is read that looks like one of a known format.
pub fn reading(known: &KnownFormat, path: &str, bytes: &[u8]) -> FileReading {
    if let Some(shipped) = &known.shipped {
        let format = known.shipped_format();
        let keys = format.as_ref().and_then(|format| keys(format, path, bytes));
        let mapping = NewMapping { name: shipped.name.to_owned(), text: shipped.text.to_owned(), drafted: false };
        let read = keys.is_some();
        return FileReading {
            format: format.filter(|_| read),
            mapping: Some(mapping).filter(|_| read),
            flags: keys.unwrap_or_default(),
        };
    }
    let format = known.format();
    let flags = format.as_ref().and_then(|format| keys(format, path, bytes)).unwrap_or_default();
    FileReading { format, mapping: None, flags }
}

/// The keys of the flags in a file, without segments and the rest of the file.
fn keys(format: &FormatRef, path: &str, bytes: &[u8]) -> Option<Vec<String>> {
    let mut diagnostics = Diagnostics::of(path);
    let flags = format.flags_of(bytes, path, &mut diagnostics)?;
    Some(flags.into_iter().filter(|flag| !mapped::is_rest(flag) && !is_part(flag)).map(|flag| flag.key).collect())
}

/// Whether this is a part that flags use, such as a segment, or one that names flags, such as a group.
fn is_part(flag: &Flag) -> bool {
    flag.format.mapping.is_some() && ["segment ", "group "].iter().any(|word| flag.key.starts_with(word))
}

/// Gives each drafted mapping a name of its own.
pub fn name_mappings(files: &mut [FoundFile]) {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for mapping in files.iter_mut().filter_map(|file| file.mapping.as_mut()) {
        let (plain, mut count) = (mapping.name.clone(), 1);
        while texts.get(&mapping.name).is_some_and(|text| *text != mapping.text) {
            count += 1;
            mapping.name = format!("{plain}-{count}");
        }
        texts.insert(mapping.name.clone(), mapping.text.clone());
    }
}
