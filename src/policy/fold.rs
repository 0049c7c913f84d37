//! Names as file systems compare them that do not tell `Flags` from `flags`: NTFS, APFS, HFS+, ext4 with case folding.
//!
//! In: a path. Out: its folded form; two paths of one form are one file on some machine. Full case folding (`ﬂ` is
//! `fl`, `ſ` is `s`), composed and decomposed letters, letters that show nothing, and the dots and spaces that Windows
//! takes off the end of a name. Not taken: lower case, which folds neither `ß` nor `ﬂ`; compatibility forms (`²`),
//! which no file system folds.

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizer, DecomposingNormalizer};
use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;

/// The folded form of a path.
#[must_use]
pub fn folded(path: &str) -> String {
    if path.is_ascii() {
        return trimmed(&path.to_ascii_lowercase());
    }
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let shown: String = path.chars().filter(|char| !ignorable.contains(*char)).collect();
    let decomposed = DecomposingNormalizer::new_nfd().normalize(&shown).into_owned();
    let plain = CaseMapper::new().fold_string(&decomposed).into_owned();
    trimmed(&ComposingNormalizer::new_nfc().normalize(&plain))
}

/// Each name without the dots and spaces at its end.
fn trimmed(path: &str) -> String {
    let ends = |part: &str| part.ends_with(['.', ' ']);
    if !path.split('/').any(ends) {
        return path.to_owned();
    }
    path.split('/').map(|part| part.trim_end_matches(['.', ' '])).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_file_under_many_names() {
        for name in [
            "Flags/Buy.yaml",
            "\u{fb02}ags/buy.yaml",
            "flag\u{17f}/buy.yaml",
            "fl\u{200c}ags/buy.yaml",
            "flags./buy.yaml",
            "flags /buy.yaml. ",
        ] {
            assert_eq!(folded(name), "flags/buy.yaml", "{name}");
        }
        assert_eq!(folded("caf\u{e9}"), folded("CAFE\u{301}"));
        assert_eq!(folded("stra\u{df}e"), folded("STRASSE"));
        assert_eq!(folded("\u{212a}elvin"), "kelvin", "the sign for kelvin");
        assert_ne!(folded("flags2"), folded("flags\u{b2}"), "no file system takes these for one");
    }
}
