//! Folders of Featurevisor that its settings rename: `segmentsDirectoryPath: path.join(__dirname, "audiences")`.
//!
//! **In**: the text of `featurevisor.config.js`, and its path. **Out**: the folders by their usual names, and the
//! settings whose folder is not known. **Refuses**: more than strings that are joined. **Not taken**:
//! running the settings, which are a program.

use crate::flag::{file_name, folder};
use std::collections::{BTreeMap, BTreeSet};

use super::kustomize::resolved;

/// The folders that decide about flags, as settings call them: each with its usual pattern in the table of formats.
const FOLDERS: &[(&str, &str)] = &[
    ("features", "features"),
    ("groups", "groups"),
    ("schemas", "schemas"),
    ("segments", "segments"),
    ("sets", "sets"),
    ("state", ".featurevisor/**/existing-state*.json"),
    ("targets", "targets"),
];

/// The pattern of the settings.
pub(super) const SETTINGS: &str = "**/featurevisor.config.*";

/// The end of the names of these settings.
const SETTING: &str = "DirectoryPath";

/// Words that stand around strings where a path is made of them.
const JOINING: &[&str] = &["", "path", "join", "resolve", "__dirname", "process", "cwd", "import", "meta", "dirname"];

/// The folders that one file of settings renames.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RenamedFolders {
    /// The path of the settings.
    pub settings: String,
    /// By the usual pattern, the paths from the root of the repository.
    pub folders: BTreeMap<&'static str, String>,
    /// Settings whose folder is not known.
    pub unknown: BTreeSet<&'static str>,
}

impl RenamedFolders {
    /// Reads settings; `None` of a file that is called otherwise.
    #[must_use]
    pub fn read(path: &str, bytes: &[u8]) -> Option<RenamedFolders> {
        if !is_settings(path) {
            return None;
        }
        let text = without_comments(&String::from_utf8_lossy(bytes));
        let mut found = RenamedFolders { settings: path.to_owned(), ..RenamedFolders::default() };
        for (at, _) in text.match_indices(SETTING) {
            let (before, after) = text.split_at_checked(at).unwrap_or_default();
            let name = before.rsplit(|char: char| !char.is_ascii_alphanumeric()).next().unwrap_or_default();
            let Some((name, usual)) = FOLDERS.iter().find(|(known, _)| *known == name) else { continue };
            let after = after.get(SETTING.len()..).unwrap_or_default().trim_start_matches(['"', '\'', '`']);
            let value = after.trim_start().strip_prefix(':').and_then(joined);
            let own = value.and_then(|value| resolved(folder(path), &value)).filter(|own| !own.is_empty());
            // Each set has folders of its own.
            match own.filter(|_| *name != "sets") {
                Some(own) => drop(found.folders.insert(usual, own)),
                None => drop(found.unknown.insert(name)),
            }
        }
        Some(found)
    }

    /// The folder of the settings.
    #[must_use]
    pub fn location(&self) -> &str {
        folder(&self.settings)
    }

    /// Whether a file stands in one of these folders.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.folders.values().any(|own| path.strip_prefix(own.as_str()).is_some_and(|rest| rest.starts_with('/')))
    }
}

/// Whether a file is called like settings of Featurevisor.
#[must_use]
pub fn is_settings(path: &str) -> bool {
    file_name(path).starts_with("featurevisor.config.")
}

/// The path that an expression makes of strings, up to the next member; `None` if it is made of something else.
fn joined(value: &str) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    let (mut word, mut depth) = (String::new(), 0_usize);
    let mut chars = value.chars();
    let is_known = |word: &mut String| JOINING.contains(&std::mem::take(word).as_str());
    // Whether it is said from where the path goes on, and whether an absolute one starts anew.
    let (mut starts, mut resolves) = (false, false);
    while let Some(char) = chars.next() {
        starts |= ["__dirname", "cwd", "dirname"].contains(&word.as_str());
        resolves |= word == "resolve";
        match char {
            '"' | '\'' | '`' => {
                let text: String = chars.by_ref().take_while(|other| *other != char).collect();
                let absolute = text.starts_with('/') && (resolves || !starts);
                if absolute || text.contains(['\\', '$', '*']) || !is_known(&mut word) {
                    return None;
                }
                parts.push(text.trim_matches('/').to_owned());
            }
            // The folder around a path, and no variable.
            '(' if word == "dirname" => return None,
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            ',' | '}' | ';' if depth == 0 => break,
            _ if char.is_alphanumeric() || char == '_' => {
                word.push(char);
                continue;
            }
            '.' | ',' | '+' => {}
            _ if char.is_whitespace() => {}
            _ => return None,
        }
        if !is_known(&mut word) {
            return None;
        }
    }
    (is_known(&mut word) && !parts.is_empty()).then(|| parts.join("/"))
}

/// The text without comments. A string has none.
fn without_comments(text: &str) -> String {
    let (mut out, mut quote) = (String::new(), None);
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match (char, chars.peek()) {
            ('/', Some('/')) if quote.is_none() => {
                let _ = chars.by_ref().find(|other| *other == '\n');
                out.push('\n');
                continue;
            }
            ('/', Some('*')) if quote.is_none() => {
                let mut last = ' ';
                let _ =
                    chars.by_ref().skip(1).find(|other| std::mem::replace(&mut last, *other) == '*' && *other == '/');
                continue;
            }
            ('"' | '\'' | '`', _) if quote.is_none() => quote = Some(char),
            _ if quote == Some(char) => quote = None,
            _ => {}
        }
        out.push(char);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_settings_rename() {
        let read = |text: &str| RenamedFolders::read("pkg/featurevisor.config.js", text.as_bytes()).unwrap();
        for (value, folder) in [
            ("path.join(__dirname, \"audiences\")", Some("pkg/audiences")),
            ("path.join(__dirname, 'data', \"audiences\"),\n", Some("pkg/data/audiences")),
            ("__dirname + '/audiences'", Some("pkg/audiences")),
            ("\"./audiences\" // as people call them\n", Some("pkg/audiences")),
            ("path.resolve(process.cwd(), \"../audiences/\") /* , */", Some("audiences")),
            ("`audiences`", Some("pkg/audiences")),
            ("`${root}/audiences`", None),
            ("path.join(root, \"audiences\")", None),
            ("process.env.FOLDER", None),
            ("flag ? \"a\" : \"b\"", None),
            ("path.join(__dirname, \"../../..\", \"x\")", None),
            ("path.join(path.dirname(__dirname), \"audiences\")", None),
            ("path.join(import.meta.dirname, \"/audiences\")", Some("pkg/audiences")),
            ("path.resolve(__dirname, \"/audiences\")", None),
            ("\"/audiences\"", None),
        ] {
            for quoted in ["segmentsDirectoryPath", "\"segmentsDirectoryPath\""] {
                let found = read(&format!("module.exports = {{ tags: [\"all\"], {quoted}: {value} }};"));
                assert_eq!(found.folders.get("segments").map(String::as_str), folder, "{value}");
                assert_eq!(found.unknown.contains("segments"), folder.is_none(), "{value}");
            }
        }
        let found = read(
            "export default {featuresDirectoryPath, datafilesDirectoryPath: \"d\" }; // groupsDirectoryPath: \"x\"",
        );
        assert!(found.folders.is_empty() && found.unknown == ["features"].into(), "{found:?}");
        assert!(RenamedFolders::read("pkg/other.js", b"").is_none());
    }
}
