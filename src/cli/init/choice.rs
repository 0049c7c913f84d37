//! The format that `init` chooses for a file: one that reads it, and a mapping to be written where none of them does.
//!
//! **In**: a file that is known to hold flags. **Out**: a format, and the text of a mapping if it is none that is built
//! in. **Refuses**: a format that has something against the file, where nothing but its name speaks for that format.
//! **Not taken**: the first format that reads a file at all: one that takes the whole of it for one flag reads
//! anything.

use std::collections::BTreeMap;

use super::found::FoundFile;
use crate::diagnostics::Diagnostics;
use crate::flag::{File, Flag, file_stem};
use crate::format::known::KnownFormat;
use crate::format::{FormatRef, by_id, mapped};
use crate::git::LIMIT;
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
    if bytes.len() as u64 > LIMIT * format.times() as u64 {
        return None;
    }
    let (flags, diagnostics) = read_as(&File::regular(path, bytes), Some(format), "");
    let clean = !diagnostics.iter().any(crate::diagnostics::Diagnostic::is_error);
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
    if known.guessed {
        return guessed(known, path, bytes);
    }
    let format = known.format();
    let flags = format.as_ref().and_then(|format| keys(format, path, bytes)).unwrap_or_default();
    FileReading { format, mapping: None, flags }
}

/// How well a format reads a file.
struct FormatAttempt {
    format: FormatRef,
    mapping: Option<NewMapping>,
    flags: Vec<Flag>,
    /// Whether all of the file is flags.
    whole: bool,
    /// How many of the flags are known to be on or off.
    known: usize,
}

impl FormatAttempt {
    /// Tries a format; `None` if it has something against the file, or finds no flag in it.
    fn of(format: FormatRef, mapping: Option<NewMapping>, path: &str, bytes: &[u8]) -> Option<FormatAttempt> {
        let (rest, flags): (Vec<Flag>, Vec<Flag>) = read(&format, path, bytes)?.into_iter().partition(mapped::is_rest);
        let known = flags.iter().filter(|flag| flag.is_sure()).count();
        (!flags.is_empty()).then_some(FormatAttempt { mapping, whole: rest.is_empty(), known, flags, format })
    }

    /// Whether it understands the file: all of it, and of most flags whether they are on.
    fn understands(&self) -> bool {
        self.whole && self.known * 2 > self.flags.len()
    }

    /// Whether it reads more of the file than another one: the state of more flags in a hundred, else more of the
    /// whole. One that reads few of the flags of the other reads only a part of the file.
    fn is_better_than(&self, other: &FormatAttempt) -> bool {
        let share = |attempt: &FormatAttempt| attempt.known * 100 / attempt.flags.len().max(1);
        let many = self.known * 2 > other.known && self.flags.len() * 4 > other.flags.len();
        many && (share(self), self.whole) > (share(other), other.whole)
    }

    fn reading(self) -> FileReading {
        let keys = self.flags.into_iter().filter(|flag| !flag.format.is_part(flag)).map(|flag| flag.key).collect();
        FileReading { format: Some(self.format), mapping: self.mapping, flags: keys }
    }
}

/// How a file is read that is called like a list of flags: as the first of a few formats that understands it, else with
/// a mapping that is drafted from its shape.
fn guessed(known: &KnownFormat, path: &str, bytes: &[u8]) -> FileReading {
    let built_in = |id: &str| FormatAttempt::of(by_id(id)?, None, path, bytes);
    let own = known.format().and_then(|format| FormatAttempt::of(format, None, path, bytes));
    let own = match own {
        Some(attempt) if attempt.understands() => return attempt.reading(),
        attempt => attempt,
    };
    let plain = match built_in("registry") {
        Some(attempt) if attempt.understands() => return attempt.reading(),
        attempt => attempt,
    };
    // Settings next to the flags are the rest of the file in either.
    let plain = match (own, plain) {
        (Some(own), Some(plain)) if !own.is_better_than(&plain) => Some(plain),
        (own, plain) => own.or(plain),
    };
    let drafted = mapped::draft::draft(path, bytes, &mut Diagnostics::of(path)).and_then(|text| {
        let name = mapping_name(path);
        let mapping = mapped::parse(text.as_bytes(), &mut Diagnostics::of(path))?;
        let format = mapped::format(&name, mapping);
        FormatAttempt::of(format, Some(NewMapping { name, text, drafted: true }), path, bytes)
    });
    let chosen = match (plain, drafted) {
        (Some(plain), Some(drafted)) if drafted.is_better_than(&plain) => Some(drafted),
        (Some(plain), _) => Some(plain),
        (None, Some(drafted)) if drafted.known > 0 => Some(drafted),
        (None, drafted) => built_in("generic").or(drafted),
    };
    match chosen {
        Some(attempt) => attempt.reading(),
        // It has an error, which `lint` tells.
        None => FileReading { format: by_id("registry"), mapping: None, flags: Vec::new() },
    }
}

/// The name of a mapping for this file.
fn mapping_name(path: &str) -> String {
    let stem = file_stem(path);
    let name: String =
        stem.chars().map(|char| if char.is_ascii_alphanumeric() || char == '_' { char } else { '-' }).collect();
    let name = name.trim_matches('-').to_owned();
    // A format that is built in has the name already.
    let taken = name.is_empty() || by_id(&name).is_some();
    if taken { "own-flags".to_owned() } else { name }
}

/// The keys of the flags in a file, without segments and the rest of the file.
fn keys(format: &FormatRef, path: &str, bytes: &[u8]) -> Option<Vec<String>> {
    let mut diagnostics = Diagnostics::of(path);
    let flags = format.flags_of(bytes, path, &mut diagnostics)?;
    Some(
        flags
            .into_iter()
            .filter(|flag| !flag.format.is_rest(flag) && !flag.format.is_part(flag))
            .map(|flag| flag.key)
            .collect(),
    )
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
