//! Files of one format in several folders, or under several names, that are one project.
//!
//! **In**: the files of one format. **Out**: the patterns of a project for all of them and for those that will come,
//! with a placeholder where files have flags of one key. **Refuses**: a pattern that takes a file of another project.
//! **Not taken**: a project for each file; the file of the next environment would be reviewed by nobody.

use std::collections::{BTreeMap, BTreeSet};

use super::found::{Found, FoundFile};
use super::patterns::{fits, stem_pattern, takes};
use super::projects::{below, escaped, holds_many, same_key};
use crate::flag::{file_name, folder};
use crate::format::known::KnownFormat;
use crate::git::Repo;
use crate::policy::{Pattern, placeholders};

/// Files that are one project.
pub struct UnitedFiles<'f> {
    /// The folder that all of them are below.
    pub location: String,
    pub files: Vec<&'f FoundFile>,
    pub patterns: Vec<String>,
}

/// Folders in which each folder is an application.
const APPLICATIONS: &[&str] = &["apps", "packages", "projects", "services"];

/// Takes the files out that are one project of several folders or environments.
pub fn united<'f>(files: &mut Vec<&'f FoundFile>, found: &Found, repo: &Repo) -> Vec<UnitedFiles<'f>> {
    let mut by_format: BTreeMap<String, Vec<&'f FoundFile>> = BTreeMap::new();
    // A format with folders of its own, or with a mapping that says its files, keeps them there.
    let has_places =
        |known: &KnownFormat| !known.folders.is_empty() || known.shipped.is_some() && known.names.is_empty();
    for file in files.iter().filter(|file| !has_places(file.known)) {
        by_format.entry(file.label()).or_default().push(file);
    }
    let mut all: Vec<UnitedFiles<'f>> = Vec::new();
    for (_, group) in by_format {
        let Some(first) = group.first() else { continue };
        let location = around(&group);
        let fits = |pattern: &String| fits(pattern, &group, found, repo);
        // Folders of others are not looked through.
        let base = if found.foreign { escaped(&location) } else { String::new() };
        let base = if base.is_empty() { base } else { format!("{base}/") };
        let anywhere: Vec<String> = first.known.names.iter().map(|name| format!("{base}**/{name}")).collect();
        let anywhere: Vec<String> = anywhere.into_iter().filter(fits).collect();
        let Some(mut patterns) = patterns(&group, first.known, anywhere, &base) else { continue };
        if patterns.iter().all(fits) {
            let deeper: Vec<(usize, String)> =
                patterns.iter().enumerate().filter_map(|(at, pattern)| Some((at, any_depth(pattern)?))).collect();
            for (at, deeper) in deeper.into_iter().filter(|(_, deeper)| fits(deeper)) {
                let known = patterns.contains(&deeper);
                match patterns.get_mut(at).filter(|_| deeper.contains('{')) {
                    Some(pattern) => *pattern = deeper,
                    None => patterns.extend((!known).then_some(deeper)),
                }
            }
            let location = named_after(&patterns).unwrap_or(location);
            all.push(UnitedFiles { location, patterns, files: group });
        }
    }
    files.retain(|file| all.iter().all(|one| one.files.iter().all(|other| other.path != file.path)));
    all
}

/// The folder in which the files are told apart, after which their project is named.
fn named_after(patterns: &[String]) -> Option<String> {
    let (before, _) = patterns.iter().find_map(|pattern| pattern.split_once('{'))?;
    let folder = folder(before);
    Some(folder.trim_end_matches("**").trim_end_matches('/').to_owned()).filter(|folder| !folder.contains(['*', '\\']))
}

/// The pattern for files of the same name deeper below the folder in which the first placeholder is.
fn any_depth(pattern: &str) -> Option<String> {
    let (before, after) = pattern.split_once('{')?;
    let folder = folder(before);
    let name = pattern.rsplit('/').next().filter(|name| *name != "**" && after.contains('}'))?;
    let base = if folder.is_empty() || folder.ends_with("**") { folder.to_owned() } else { format!("{folder}/**") };
    Some(format!("{}/{name}", if base.is_empty() { "**" } else { &base }))
}

/// Patterns that take all of the files, if they are more than what one folder has for one reader.
fn patterns(group: &[&FoundFile], known: &KnownFormat, anywhere: Vec<String>, base: &str) -> Option<Vec<String>> {
    if !group.iter().all(|file| holds_many(file)) {
        return of_single_flags(group);
    }
    let folders: BTreeSet<&str> = group.iter().map(|file| folder(&file.path)).collect();
    let all_named = group.iter().all(|file| anywhere.iter().any(|pattern| takes(pattern, &file.path)));
    let known_names = anywhere.into_iter().filter(|_| all_named && !known.guessed);
    let apart = telling_apart(group, &folders, known);
    if same_key(group) {
        return apart.map(|first| std::iter::once(first).chain(known_names).collect());
    }
    let to_come = to_come(group, known, base).or(apart.filter(|_| folders.len() > 1));
    let several = folders.len() > 1 || to_come.is_some();
    let found: Vec<String> = to_come.into_iter().chain(known_names).collect();
    (several && !found.is_empty()).then_some(found)
}

/// The patterns of files that have a flag each, if folders tell those of one key apart.
fn of_single_flags(group: &[&FoundFile]) -> Option<Vec<String>> {
    let paths: Vec<&str> = group.iter().map(|file| file.path.as_str()).collect();
    let pattern = placeholders::for_folders_of(&paths).filter(|_| same_key(group))?;
    let read = Pattern::glob(&pattern).ok()?;
    let mut by_folder: BTreeMap<Vec<&str>, Vec<&FoundFile>> = BTreeMap::new();
    for file in group {
        by_folder.entry(read.placeholder_values(&file.path)?).or_default().push(file);
    }
    let apart = by_folder.values().all(|files| !same_key(files));
    apart.then(|| vec![pattern])
}

/// The pattern with a placeholder for what will come: files of other environments, or of other applications.
fn to_come(group: &[&FoundFile], known: &KnownFormat, base: &str) -> Option<String> {
    let paths: Vec<&str> = group.iter().map(|file| file.path.as_str()).collect();
    let names = names(group, known);
    let by_ending = paths.iter().all(|path| known.ends.iter().any(|end| path.ends_with(end)));
    let of_environments = || placeholders::for_environments(&paths, &names, by_ending);
    let of_applications = || placeholders::for_folders(&paths, &names, &|folder| APPLICATIONS.contains(&folder));
    if let Some(text) = of_environments().or_else(of_applications).filter(|_| known.alone) {
        return Some(text);
    }
    // Applications next to the one that is there, if its file has a name of the format.
    let named = |path: &&str| known.names.iter().any(|name| takes(&format!("**/{name}"), path));
    known.applications.filter(|_| paths.iter().all(named)).map(|pattern| format!("{base}{pattern}"))
}

/// The names that files of the format have, or such as these have.
fn names(group: &[&FoundFile], known: &KnownFormat) -> Vec<Pattern> {
    let own = known.names.iter().map(|name| (*name).to_owned());
    let name = |file: &&FoundFile| file_name(&file.path).to_owned();
    let alike = group.iter().filter(|_| known.guessed).map(|file| stem_pattern(&name(file)));
    own.chain(alike).filter_map(|name| Pattern::glob(&format!("**/{name}")).ok()).collect()
}

/// The pattern with a placeholder that leaves no two flags of one key in one place.
fn telling_apart(group: &[&FoundFile], folders: &BTreeSet<&str>, known: &KnownFormat) -> Option<String> {
    let paths: Vec<&str> = group.iter().map(|file| file.path.as_str()).collect();
    if let Some(text) = placeholders::for_paths(&paths, &names(group, known)) {
        return Some(text);
    }
    // Several files in each of several folders, such as those that stand over others.
    let of = |folder_of: &str| -> Vec<&FoundFile> {
        group.iter().copied().filter(|file| folder(&file.path) == folder_of).collect()
    };
    let name = known.names.iter().find(|name| paths.iter().all(|path| takes(&format!("**/{name}"), path)))?;
    if folders.len() < 2 || folders.iter().any(|folder| same_key(&of(folder))) {
        return None;
    }
    let each: Vec<String> = folders.iter().map(|folder| format!("{folder}/x")).collect();
    let text = placeholders::telling_apart(&each.iter().map(String::as_str).collect::<Vec<_>>())?;
    Some(format!("{}{name}", text.strip_suffix('x')?))
}

/// The innermost folder that has all files below it.
fn around(group: &[&FoundFile]) -> String {
    let mut location = group.first().map_or("", |file| folder(&file.path));
    while !location.is_empty() && !group.iter().all(|file| below(&file.path, location)) {
        location = folder(location);
    }
    location.to_owned()
}
