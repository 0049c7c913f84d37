//! The mappings of a repository: formats of its own, in `.countersign/formats`.

use super::{FORMATS_FOLDER, Pattern, irregular};
use crate::diagnostics::{Diagnostic, Diagnostics, Place, lints};
use crate::flag::File;
use crate::format::{FormatRef, mapped};

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

/// The name of the format that a mapping at this path describes.
fn name(path: &str) -> Option<&str> {
    let name = path.strip_prefix(FORMATS_FOLDER)?.strip_prefix('/')?.strip_suffix(".yaml")?;
    let plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_');
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}
