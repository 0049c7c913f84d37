//! Search for keys in files that do not differ: by bytes.
//!
//! **In**: flags by project and key, and the base. **Out**: the files of these projects that hold or name such a key,
//! or that may do so in another spelling. **Refuses**: to leave out a file whose bytes may spell a key otherwise. **Not
//! taken**: parsing to find a key, which costs a hundred times as much.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;

use super::{Comparison, Error, Repo, TreeEntry, TreeSide};
use crate::flag::{File, FileKind};
use crate::policy::{Policy, Project, ProjectMatch, own_name};
use crate::review::FlagName;

/// How many bytes of a string are looked for: the search for a long one that is like a part of itself is costly.
const LONGEST: usize = 100;

/// Texts that are looked for in files, by their starts.
struct SearchedTexts(Option<AhoCorasick>);

impl SearchedTexts {
    fn new(texts: &BTreeSet<&str>, any_case: bool) -> Self {
        // A line break may stand for a space.
        let plain = !texts.iter().any(|text| text.is_empty() || text.contains(char::is_whitespace));
        let start = |text: &&'_ str| text.as_bytes().get(..LONGEST).unwrap_or(text.as_bytes()).to_vec();
        let starts: BTreeSet<Vec<u8>> = texts.iter().map(start).collect();
        let search = || AhoCorasick::builder().ascii_case_insensitive(any_case).build(starts).ok();
        SearchedTexts(plain.then(search).flatten())
    }

    /// Whether one of them stands here, or may do so in another spelling.
    fn may_be_in(&self, bytes: &[u8]) -> bool {
        // An escape may spell a key that the bytes don't show, and so may a doubled quote.
        let spelled = || memchr::memchr(b'\\', bytes).is_some() || memchr::memmem::find(bytes, b"''").is_some();
        self.0.as_ref().is_none_or(|texts| texts.is_match(bytes)) || spelled()
    }
}

/// Keys that are looked for in files.
pub(super) struct SearchedKeys {
    whole: SearchedTexts,
    /// By format, where a key is put together from parts: a part of each.
    parts: BTreeMap<String, SearchedTexts>,
}

impl SearchedKeys {
    pub fn new(keys: &BTreeSet<&str>, policy: &Policy) -> Self {
        let mut parts = BTreeMap::new();
        for (_, format) in policy.config.formats.iter().filter(|(_, format)| format.is_mapped()) {
            parts.entry(format.id.to_string()).or_insert_with(|| {
                let texts: Option<BTreeSet<&str>> = keys.iter().map(|key| format.part_of_key(key)).collect();
                texts.map_or(SearchedTexts(None), |texts| SearchedTexts::new(&texts, true))
            });
        }
        SearchedKeys { whole: SearchedTexts::new(keys, false), parts }
    }

    /// Whether a file holds one of the keys, or may do so in another spelling.
    pub fn may_be_in(&self, policy: &Policy, path: &str, bytes: &[u8]) -> bool {
        match policy.format(path).and_then(|format| self.parts.get(format.id.as_ref())) {
            // A key may be the name of the file in camel case.
            Some(parts) => {
                let plain = || path.replace('-', "");
                parts.may_be_in(path.as_bytes()) || parts.may_be_in(plain().as_bytes()) || parts.may_be_in(bytes)
            }
            None => self.whole.may_be_in(bytes),
        }
    }
}

/// Flags that are looked for, each in its project by the name that the configuration has for it.
pub struct SearchedFlags(BTreeMap<String, SearchedKeys>);

impl SearchedFlags {
    #[must_use]
    pub fn new(flags: &BTreeSet<FlagName>, policy: &Policy) -> Self {
        let mut by_project: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (project, key) in flags {
            by_project.entry(own_name(project)).or_default().insert(key);
        }
        let searched =
            by_project.into_iter().map(|(project, keys)| (project.to_owned(), SearchedKeys::new(&keys, policy)));
        SearchedFlags(searched.collect())
    }

    /// The keys that a file at this path may hold. A file without a format holds none.
    fn of(&self, policy: &Policy, path: &str) -> Vec<&SearchedKeys> {
        let of = |project: &Project| self.0.get(&project.name);
        let keys: Vec<&SearchedKeys> = match policy.project_of(path) {
            ProjectMatch::Unmanaged => Vec::new(),
            ProjectMatch::Project(project) => of(project).into_iter().collect(),
            ProjectMatch::Several(projects) => projects.into_iter().filter_map(of).collect(),
        };
        if policy.format(path).is_some() { keys } else { Vec::new() }
    }

    /// Whether a file may mention one of the flags.
    #[must_use]
    pub fn may_be_in(&self, policy: &Policy, path: &str, bytes: &[u8]) -> bool {
        self.of(policy, path).iter().any(|keys| keys.may_be_in(policy, path, bytes))
    }
}

/// Every file of the base that may mention one of these flags, within their projects.
///
/// # Errors
/// If git fails.
pub fn mentioning(
    repo: &Repo,
    comparison: &Comparison,
    policy: &Policy,
    flags: &BTreeSet<FlagName>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<File>, Error> {
    let searched = SearchedFlags::new(flags, policy);
    let projects = policy.config.projects.iter().filter(|project| searched.0.contains_key(&project.name));
    let patterns: Vec<_> = projects.flat_map(|project| &project.paths).collect();
    let enter = |dir: &str| patterns.iter().any(|pattern| pattern.may_match_below(dir));
    let mut entries: Vec<(String, TreeEntry)> = Vec::new();
    let mut keys: Vec<Vec<&SearchedKeys>> = Vec::new();
    repo.list(comparison, TreeSide::Live, &enter, &mut |path, entry| {
        if entry.kind == FileKind::Regular && wanted(path) {
            let those = searched.of(policy, path);
            if !those.is_empty() {
                entries.push((path.to_owned(), entry));
                keys.push(those);
            }
        }
    })?;
    let looked_for = |at: usize, file: &File| {
        keys.get(at).is_none_or(|keys| keys.iter().any(|keys| keys.may_be_in(policy, &file.path, &file.bytes)))
    };
    // A file over the limit has no bytes, and holds no key.
    let fits = |file: &File| file.size == file.bytes.len() as u64;
    repo.load_many(&entries, |at, file| (fits(&file) && looked_for(at, &file)).then_some(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_in_every_spelling() {
        let keys = SearchedTexts::new(&BTreeSet::from(["one-click", "two"]), false);
        for text in ["key: one-click", "key: \"one\\u002dclick\"", "{'it''s': 1}", "parents: [two]"] {
            assert!(keys.may_be_in(text.as_bytes()), "{text}");
        }
        assert!(!keys.may_be_in(b"key: three\nname: \"one click\"\n"));
        // A fold may spell it.
        assert!(SearchedTexts::new(&BTreeSet::from(["one click"]), false).may_be_in(b"key: >\n  one\n  click\n"));
    }

    #[test]
    fn long_keys_are_found_by_their_starts() {
        let [long, start, less] = [4_000, 50, 49].map(|count| "a_".repeat(count));
        let searched = SearchedTexts::new(&BTreeSet::from([long.as_str(), "cart"]), false);
        for (text, found) in [(&*long, true), ("x: cart", true), (&*start, true), (&*less, false), ("A_", false)] {
            assert_eq!(searched.may_be_in(text.as_bytes()), found, "{}", text.len());
        }
    }
}
