//! Projects for the flag files that `init` found: one a folder, named after what tells it from the others.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::found::{Found, FoundFile};
use super::patterns::{PatternSearch, folder_of_format};
use super::united::united;
use crate::flag::{file_stem, folder};
use crate::format::names::{NamedPlace, folded, holds_flags};
use crate::git::Repo;
use crate::policy::{Pattern, PatternDialect};

/// A project to be written.
pub struct NewProject {
    pub name: String,
    /// Patterns that take the files, new ones like them and, of those that are there now, no other file with flags.
    pub paths: Vec<String>,
    /// Files that are not recognised by their names: the pattern and the id of the format.
    pub formats: Vec<(String, String)>,
    pub files: Vec<String>,
    /// Files that are named one by one, because no pattern takes them and nothing else: a new one is in no project.
    pub alone: Vec<String>,
    /// Formats by what reports call them, each with the number of its flags.
    pub counts: BTreeMap<String, usize>,
}

/// Names of folders that many repositories have, without hyphens and underscores, besides those of flags: they tell
/// nothing apart.
const GENERIC: &[&str] = &[
    "flag",
    "feature",
    "config",
    "configs",
    "configuration",
    "conf",
    "src",
    "main",
    "resources",
    "app",
    "apps",
    "services",
    "packages",
    "etc",
    "data",
    "deploy",
    "default",
    "settings",
    "files",
];

/// Whether a folder's name tells it from no other.
fn is_generic(name: &str) -> bool {
    holds_flags(name, NamedPlace::Folder) || GENERIC.contains(&folded(name).as_str())
}

/// The folder that a file's project is about: that around the folders of its format, below `flags/` the next one, else
/// its own.
fn location(file: &FoundFile) -> Cow<'_, str> {
    if let Some(around) = &file.around {
        return Cow::Borrowed(around);
    }
    if let Some((around, _)) = folder_of_format(file.known, &file.path) {
        return around;
    }
    let folder = folder(&file.path);
    let mut end = 0;
    let mut below_root = false;
    for part in folder.split('/') {
        end += part.len();
        if below_root {
            return Cow::Borrowed(folder.get(..end).unwrap_or(folder));
        }
        below_root = holds_flags(part, NamedPlace::Folder);
        end += 1;
    }
    Cow::Borrowed(folder)
}

/// Every file belongs to exactly one project, and no project has two files with flags of the same key.
pub fn projects(found: &Found, repo: &Repo) -> Vec<NewProject> {
    let mut files: Vec<&FoundFile> = found.gated().collect();
    let united = united(&mut files, found, repo);
    let mut groups: BTreeMap<&str, Vec<&FoundFile>> = BTreeMap::new();
    let places: Vec<Cow<'_, str>> = files.iter().map(|file| location(file)).collect();
    for (file, place) in files.iter().zip(&places) {
        groups.entry(place).or_default().push(file);
    }
    let mut parts: Vec<(&str, Vec<&FoundFile>, bool)> = Vec::new();
    let of_united = united.iter().map(|one| (one.location.as_str(), one.files.clone(), false));
    parts.extend(of_united);
    for (location, group) in groups {
        if same_key(&group) {
            let mut by_folder: BTreeMap<&str, Vec<&FoundFile>> = BTreeMap::new();
            for file in group {
                by_folder.entry(folder(&file.path)).or_default().push(file);
            }
            for (folder, group) in by_folder {
                let (many, one): (Vec<&FoundFile>, Vec<&FoundFile>) =
                    group.into_iter().partition(|file| holds_many(file));
                let apart = same_key(&many);
                parts.extend(many.iter().filter(|_| apart).map(|file| (folder, vec![*file], true)));
                let rest: Vec<&FoundFile> = if apart { one } else { many.into_iter().chain(one).collect() };
                parts.extend((!rest.is_empty()).then_some((folder, rest, false)));
            }
        } else {
            parts.push((location, group, false));
        }
    }
    let locations: BTreeSet<&str> = parts.iter().map(|(location, ..)| *location).collect();
    let mut names = distinct(&parts);
    let given = united.iter().map(|one| one.patterns.as_slice()).chain(std::iter::repeat(&[][..]));
    parts
        .iter()
        .zip(given)
        .map(|((location, group, alone), given)| {
            let outer = locations.iter().any(|other| below(other, location))
                || parts.iter().filter(|(one, ..)| one == location).count() > 1;
            let search =
                PatternSearch { found, repo, location, narrow: *alone || outer, single: parts.len() == 1, given };
            let mut counts = BTreeMap::new();
            for file in group {
                *counts.entry(file.label()).or_default() += file.flags;
            }
            let mut project = NewProject {
                name: names.pop_front().unwrap_or_default(),
                paths: Vec::new(),
                formats: Vec::new(),
                files: group.iter().map(|file| file.path.clone()).collect(),
                alone: Vec::new(),
                counts,
            };
            search.fill(group, &mut project);
            project
        })
        .collect()
}

/// Whether a file of its format holds many flags.
pub fn holds_many(file: &FoundFile) -> bool {
    file.format.as_ref().is_some_and(|format| !format.one_flag_a_file)
}

/// Whether two files hold flags of the same key.
pub fn same_key(group: &[&FoundFile]) -> bool {
    let mut seen = BTreeSet::new();
    group.iter().any(|file| {
        let own: BTreeSet<&str> = file.keys.iter().map(String::as_str).collect();
        own.into_iter().any(|key| !seen.insert(key))
    })
}

pub fn below(inner: &str, outer: &str) -> bool {
    !outer.is_empty() && inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
        || outer.is_empty() && !inner.is_empty()
}

/// A path as a pattern that takes it alone.
pub fn escaped(path: &str) -> String {
    Pattern::exactly(path, PatternDialect::Glob)
}

/// A name for each project: the last part of its folder that tells something, and as many parts before it as it takes
/// to tell them apart.
fn distinct(parts: &[(&str, Vec<&FoundFile>, bool)]) -> std::collections::VecDeque<String> {
    let words: Vec<Vec<String>> =
        parts.iter().map(|(location, group, alone)| words(location, group.first().filter(|_| *alone))).collect();
    let mut lengths = vec![1_usize; words.len()];
    let name =
        |words: &[String], length: usize| words.get(words.len().saturating_sub(length)..).unwrap_or_default().join("-");
    loop {
        let names: Vec<String> = words.iter().zip(&lengths).map(|(words, length)| name(words, *length)).collect();
        let mut again = false;
        for (at, own) in names.iter().enumerate() {
            let clash = names.iter().filter(|other| *other == own).count() > 1;
            if let (true, Some(length), Some(words)) = (clash, lengths.get_mut(at), words.get(at))
                && *length < words.len()
            {
                *length += 1;
                again = true;
            }
        }
        if !again {
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            let numbered = names.into_iter().map(|name| {
                let count = seen.entry(name.clone()).and_modify(|count| *count += 1).or_insert(1);
                if *count > 1 { format!("{name}-{count}") } else { name }
            });
            return numbered.collect();
        }
    }
}

/// The parts of a folder that may be in a name, those that tell something last.
fn words(location: &str, file: Option<&&FoundFile>) -> Vec<String> {
    let legal = |part: &str| -> String {
        let plain: String =
            part.chars().map(|char| if char.is_ascii_alphanumeric() || char == '_' { char } else { '-' }).collect();
        plain.trim_matches('-').to_owned()
    };
    let stem = file.map(|file| file_stem(&file.path));
    let parts = location.split('/').map(legal).chain(stem.map(legal)).filter(|part| !part.is_empty());
    let (generic, particular): (Vec<String>, Vec<String>) = parts.partition(|part| is_generic(part));
    match (particular.is_empty(), generic.last()) {
        (false, _) => generic.into_iter().chain(particular).collect(),
        (true, Some(_)) => generic,
        (true, None) => vec!["flags".to_owned()],
    }
}
