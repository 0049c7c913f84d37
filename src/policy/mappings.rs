//! The mappings of a repository: formats of its own, in `.countersign/formats`.

use super::config::pattern;
use super::typed::Sections;
use super::{FORMATS_FOLDER, Pattern, irregular};
use crate::diagnostics::diagnostic::{choice, nearest};
use crate::diagnostics::{Diagnostic, Diagnostics, Place, lints};
use crate::flag::File;
use crate::format::format_name::{self, NamedFormat};
use crate::format::{self, FormatRef, mapped};

/// A format that a mapping of the repository describes, and the files that are in it.
#[derive(Clone, Debug)]
pub struct OwnFormat {
    pub format: FormatRef,
    pub files: Vec<Pattern>,
}

/// Reads the mappings. One that is wrong is left out, and there is an error.
pub fn read(files: &[File]) -> (Vec<OwnFormat>, Vec<Diagnostic>) {
    let mut formats = Vec::new();
    let mut all = Vec::new();
    for file in files {
        let mut diagnostics = Diagnostics::of(&file.path);
        let name = name(&file.path);
        match (irregular(file), name) {
            (Some(irregular), _) => {
                all.push(irregular);
                continue;
            }
            (None, None) => {
                let message = format!("`{}` names no format", file.path.escape_debug());
                let remedy = format!("call it `{FORMATS_FOLDER}/NAME.yaml`, its name in letters, digits, `-` and `_`");
                diagnostics.add(lints::BAD_KEY, Place::START, message, remedy);
            }
            (None, Some(name)) => {
                if let Some(mapping) = mapped::parse(&file.bytes, &mut diagnostics) {
                    let pattern = |text: &String| {
                        Pattern::glob(text)
                            .map_err(|why| diagnostics.add(lints::BAD_PATTERN, Place::START, why.message, why.remedy))
                            .ok()
                    };
                    let patterns = mapping.files.iter().filter_map(pattern).collect();
                    let format = mapped::format(name, mapping);
                    formats.push(OwnFormat { format, files: patterns });
                }
            }
        }
        all.extend(diagnostics.finish(&file.bytes));
    }
    (formats, all)
}

/// The format of each pattern: what the configuration says first, and how much that is, then what the mappings say of
/// themselves.
pub(super) fn formats(
    sections: &Sections<'_>,
    own: &[OwnFormat],
    diagnostics: &mut Diagnostics<'_>,
) -> (Vec<(Pattern, FormatRef)>, usize) {
    let mut formats = Vec::new();
    for (id, entry) in sections.each::<String>("formats", diagnostics) {
        let pattern = pattern(&entry.key, entry.place, diagnostics);
        let built_in = format::ids().map(|id: &str| id);
        let ids = own.iter().map(|one| one.format.id.as_ref()).chain(built_in);
        let by_id = |id: &str| {
            let found = own.iter().find(|one| one.format.id == id).map(|one| one.format.clone());
            found.or_else(|| format::by_id(id))
        };
        match format_name::named(&id, by_id) {
            NamedFormat::Known(format) => formats.extend(pattern.map(|pattern| (pattern, format))),
            NamedFormat::WrongPath { message, remedy } => {
                diagnostics.add(lints::WRONG_WORD, entry.value.place, message, remedy);
            }
            NamedFormat::Unknown(id) => {
                let meant = nearest(id, ids.clone()).map_or_else(
                    || format!("write one of {}, or describe it in `.countersign/formats/{id}.yaml`", choice(ids)),
                    |id| format!("write `{id}` if that is what you mean"),
                );
                diagnostics.add(
                    lints::WRONG_WORD,
                    entry.value.place,
                    format!("`{id}` is no format that is read"),
                    meant,
                );
            }
        }
    }
    let mapped = own.iter().flat_map(|one| one.files.iter().map(|pattern| (pattern.clone(), one.format.clone())));
    let named = formats.len();
    formats.extend(mapped);
    (formats, named)
}

/// The name of the format that a mapping at this path describes.
fn name(path: &str) -> Option<&str> {
    let name = path.strip_prefix(FORMATS_FOLDER)?.strip_prefix('/')?.strip_suffix(".yaml")?;
    let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_');
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}
