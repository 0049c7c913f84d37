//! Patterns for the files of a new project: those that are there, and those that will come.
//!
//! **In**: files of one project, and the columns of their formats' rows. **Out**: the widest patterns that take all of
//! these files and no other file that says something. **Refuses**: a pattern that takes a file of another project, or
//! one that its format cannot read. **Not taken**: each file by its name, as long as anything else fits: a new file
//! would be reviewed by nobody.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::found::{Found, FoundFile};
use super::projects::{NewProject, below, escaped, holds_many};
use crate::flag::{file_name, folder};
use crate::format;
use crate::format::known::{KnownFormat, SetFolders};
use crate::git::Repo;
use crate::policy::Pattern;

/// The question: patterns of a project in this folder.
pub struct PatternSearch<'f> {
    pub found: &'f Found,
    pub repo: &'f Repo,
    pub location: &'f str,
    /// Whether other projects are in the folder or below it.
    pub narrow: bool,
    /// Whether there is no other project.
    pub single: bool,
    /// The patterns, if they are known.
    pub given: &'f [String],
}

/// Files of one format.
struct FormatPart<'f> {
    known: &'static KnownFormat,
    /// The name of the format, as the configuration has it.
    id: String,
    files: Vec<&'f FoundFile>,
}

/// How many files that are not of a project are read to see whether a pattern may take them.
const MOST_READ: usize = 500;

/// The endings of files in one syntax, as a pattern has them.
const ENDINGS: &[(&[&str], &str)] = &[(&[".yaml", ".yml"], ".y*ml")];

impl PatternSearch<'_> {
    /// Writes the patterns of these files into a project.
    pub fn fill(&self, group: &[&FoundFile], project: &mut NewProject) {
        let mut parts: Vec<FormatPart<'_>> = Vec::new();
        for file in group {
            let id = match (&file.mapping, &file.format) {
                (Some(mapping), _) => mapping.name.clone(),
                (None, Some(format)) => format.id.to_string(),
                (None, None) => continue,
            };
            match parts.iter_mut().find(|part| part.id == id) {
                Some(part) => part.files.push(file),
                None => parts.push(FormatPart { known: file.known, id, files: vec![file] }),
            }
        }
        let several = parts.len() > 1;
        for part in &parts {
            let (patterns, alone) = match self.given {
                [] => self.patterns(part, several),
                given => (given.to_vec(), Vec::new()),
            };
            for pattern in patterns.iter().chain(&alone) {
                let named =
                    |file: &&&FoundFile| format::recognise(&file.path).is_some_and(|format| format.id == part.id);
                let taken = || part.files.iter().filter(|file| takes(pattern, &file.path));
                // One that has no file yet is named as the first of it will be.
                let by_name = match taken().next() {
                    Some(_) => taken().all(|file| named(&file)),
                    None => Pattern::glob(pattern).is_ok_and(|pattern| {
                        format::recognise(&pattern.example()).is_some_and(|format| format.id == part.id)
                    }),
                };
                if !by_name {
                    project.formats.push((pattern.clone(), part.id.clone()));
                }
            }
            project.paths.extend(patterns);
            project.alone.extend(alone.iter().cloned());
            project.paths.extend(alone);
        }
        project.paths.sort();
        project.paths.dedup();
    }

    /// Patterns that take new files too, and those that take one file each.
    fn patterns(&self, part: &FormatPart<'_>, several: bool) -> (Vec<String>, Vec<String>) {
        let mut left: Vec<&FoundFile> = part.files.clone();
        let mut patterns = self.of_mapping(part, &mut left);
        patterns.extend(self.of_folders(part, &mut left));
        patterns.extend(self.of_names(part, &mut left));
        let more = if left.is_empty() { None } else { self.of_location(part, &left, several) };
        if let Some(more) = more {
            patterns.extend(more);
            left.clear();
        }
        (patterns, left.iter().map(|file| escaped(&file.path)).collect())
    }

    /// The files that a shipped mapping says are its own, whether there is a flag in them yet.
    fn of_mapping(&self, part: &FormatPart<'_>, left: &mut Vec<&FoundFile>) -> Vec<String> {
        let shipped = part.known.shipped_format();
        let files = shipped.as_ref().and_then(|format| format.mapping.as_ref()).map(|mapping| mapping.files.as_slice());
        let patterns: Vec<String> = files.unwrap_or_default().iter().map(|file| joined(self.location, file)).collect();
        let mine = |path: &str| part.files.iter().any(|file| file.path == path);
        // No other project or format has one of them, and this one reads them all.
        let fits = |path: &&String| {
            !self.found.files.iter().any(|file| file.path == **path)
                && shipped.as_ref().is_some_and(|format| self.found.reads(self.repo, path, format))
        };
        let taken = self.found.all.iter().filter(|path| patterns.iter().any(|pattern| takes(pattern, path)));
        let others: Vec<&String> = taken.filter(|path| !mine(path)).collect();
        if others.len() > MOST_READ || !others.iter().all(fits) {
            return Vec::new();
        }
        left.retain(|file| !patterns.iter().any(|pattern| takes(pattern, &file.path)));
        patterns
    }

    /// The folders of the format, as wide as they hold nothing else.
    fn of_folders(&self, part: &FormatPart<'_>, left: &mut Vec<&FoundFile>) -> Vec<String> {
        let inside = |file: &FoundFile| {
            file.around.as_deref() == Some(self.location)
                || folder_of_format(part.known, &file.path).is_some_and(|(location, _)| location == self.location)
        };
        if !left.iter().any(|file| inside(file)) {
            return Vec::new();
        }
        // A build writes its own files, in a syntax of their own.
        let is_built = |file: &&&FoundFile| {
            let renamed = part.known.folders.iter().filter(|folder| folder.contains('*'));
            let mut renamed = renamed.filter_map(|folder| self.renamed(part, folder));
            renamed.any(|own| below(&file.path, own))
                || folder_of_format(part.known, &file.path).is_some_and(|(_, folder)| folder.contains('*'))
        };
        let ends = endings(&left.iter().copied().filter(|file| !is_built(&file)).collect::<Vec<_>>());
        let apart = self.apart_from_set(part);
        let is_set = apart.is_some();
        let mut found: Vec<String> = apart.filter(|pattern| self.fits(pattern, part)).into_iter().collect();
        for folder in part.known.folders.iter().filter(|folder| !is_set || !folder.contains('*')) {
            let renamed = self.renamed(part, folder);
            let base = renamed.map_or_else(|| joined(self.location, folder), escaped);
            let (whole, by_ending) = if let Some((_, names)) = folder.split_once('*') {
                let names = names.trim_start_matches('*');
                (vec![renamed.map_or_else(|| base.clone(), |_| format!("{base}/**{names}"))], Vec::new())
            } else {
                (vec![format!("{base}/**")], ends.iter().map(|end| format!("{base}/**/*{end}")).collect())
            };
            let fits = |way: &Vec<String>| way.iter().all(|pattern| self.fits(pattern, part));
            // By their endings, so that a README is none of them.
            let is_by_ending = !by_ending.is_empty() && (fits(&by_ending) || self.has_settings(part));
            let way = if is_by_ending { by_ending } else { whole };
            found.extend(way.iter().filter(|_| is_by_ending || fits(&way)).cloned());
        }
        left.retain(|file| !found.iter().any(|pattern| takes(pattern, &file.path)));
        found
    }

    /// The folder by which settings of the format replace one of its own.
    fn renamed(&self, part: &FormatPart<'_>, folder: &str) -> Option<&str> {
        let own = self.found.renamed.iter().filter(|one| part.known.renames() && one.location() == self.location);
        own.filter_map(|one| one.folders.get(folder)).map(String::as_str).next()
    }

    /// The pattern of the files that are kept apart from a set, if this is the folder of one.
    fn apart_from_set(&self, part: &FormatPart<'_>) -> Option<String> {
        let sets = part.known.sets.as_ref()?;
        let (around, name) = around_set(sets, self.location)?;
        Some(joined(around, &format!("{}/{}/{}", sets.apart, escaped(name), sets.files)))
    }

    /// Whether settings of the format say that its folders are there, whatever stands in their files today.
    fn has_settings(&self, part: &FormatPart<'_>) -> bool {
        let set = part.known.sets.as_ref().and_then(|sets| around_set(sets, self.location));
        let around = set.map_or(self.location, |(around, _)| around);
        let inside = |path: &&String| folder(path) == around;
        let mut here = self.found.all.iter().filter(inside);
        here.any(|path| part.known.settings.iter().any(|settings| takes(settings, path)))
    }

    /// The names that files of the format have anywhere.
    fn of_names(&self, part: &FormatPart<'_>, left: &mut Vec<&FoundFile>) -> Vec<String> {
        let name = |path: &str| file_name(path).to_owned();
        let names: Vec<String> = part.known.names.iter().map(|name| (*name).to_owned()).collect();
        let mut of = |names: &[String]| -> Vec<String> {
            let wide = (self.single && !self.found.foreign).then(String::new).filter(|_| !self.narrow);
            let deep = (!self.narrow).then(|| escaped(self.location));
            let ways = wide.into_iter().chain(deep).map(|base| joined(&base, "**/"));
            let ways = ways.chain([if self.location.is_empty() {
                String::new()
            } else {
                format!("{}/", escaped(self.location))
            }]);
            for base in ways {
                let patterns: Vec<String> = names.iter().map(|name| format!("{base}{name}")).collect();
                let takes_some = |pattern: &String| left.iter().any(|file| takes(pattern, &file.path));
                // A name that files of others have, and none of these, is left to them.
                let (fitting, others): (Vec<String>, Vec<String>) =
                    patterns.into_iter().partition(|pattern| self.fits(pattern, part));
                if fitting.iter().any(takes_some) && !others.iter().any(takes_some) {
                    left.retain(|file| !fitting.iter().any(|pattern| takes(pattern, &file.path)));
                    return fitting;
                }
            }
            Vec::new()
        };
        let mut found = of(&names);
        if part.known.guessed && !is_of_flags(self.location) {
            // A list of flags is known by its name: another one like it.
            let stems: BTreeSet<String> = part.files.iter().map(|file| stem_pattern(&name(&file.path))).collect();
            found.extend(of(&stems.into_iter().collect::<Vec<_>>()));
        }
        found
    }

    /// All of the folder, or the files in it that end as these do.
    fn of_location(&self, part: &FormatPart<'_>, left: &[&FoundFile], several: bool) -> Option<Vec<String>> {
        let by_name = |file: &&FoundFile| format::recognise(&file.path).is_some_and(|format| format.id == part.id);
        let named = left.iter().all(by_name);
        let one_each = named && !left.iter().any(|file| holds_many(file));
        let location = escaped(self.location);
        if self.location.is_empty() || !left.iter().all(|file| below(&file.path, self.location)) {
            return None;
        }
        let inside = self.found.all.iter().filter(|path| below(path, self.location));
        let of_flags = named || is_of_flags(self.location) || part.known.alone && inside.count() > 1;
        let direct = left.iter().all(|file| folder(&file.path) == self.location);
        let ends = endings(left);
        let mut ways: Vec<Vec<String>> = Vec::new();
        if !self.narrow {
            ways.extend((one_each && !several).then(|| vec![format!("{location}/**")]));
            ways.extend(of_flags.then(|| ends.iter().map(|end| format!("{location}/**/*{end}")).collect()));
        }
        ways.extend((of_flags && direct).then(|| ends.iter().map(|end| format!("{location}/*{end}")).collect()));
        if !part.known.alone {
            ways.extend((!self.narrow).then(|| ends.iter().map(|end| format!("{location}/**/*{end}")).collect()));
            ways.extend(direct.then(|| ends.iter().map(|end| format!("{location}/*{end}")).collect()));
        }
        ways.into_iter().find(|way| way.iter().all(|pattern| self.fits(pattern, part)))
    }

    /// Whether every file that a pattern takes is one of these, or one in which nothing is said.
    fn fits(&self, pattern: &str, part: &FormatPart<'_>) -> bool {
        fits(pattern, &part.files, self.found, self.repo)
    }
}

/// Whether every file that a pattern takes is one of these, which are of one format, or one in which nothing is said.
pub fn fits(pattern: &str, files: &[&FoundFile], found: &Found, repo: &Repo) -> bool {
    let Ok(pattern) = Pattern::glob(pattern) else { return false };
    let own: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let Some(format) = files.first().and_then(|file| file.format.as_ref()) else { return false };
    let others: Vec<&String> =
        found.all.iter().filter(|path| pattern.matches(path) && !own.contains(path.as_str())).collect();
    others.len() <= MOST_READ
        && others.iter().all(|path| {
            let flags = found.files.iter().any(|file| file.path == **path);
            !flags && found.says_nothing(repo, path, format)
        })
}

/// The folder around the folders of a format, and which of these a file is below.
pub fn folder_of_format<'p>(known: &KnownFormat, path: &'p str) -> Option<(Cow<'p, str>, &'static str)> {
    if let Some(SetFolders { folder, apart, files }) = known.sets
        && let Some((around, name)) = path.split_once(&format!("{apart}/"))
        && (around.is_empty() || around.ends_with('/'))
        && let Some((name, _)) = name.split_once('/')
    {
        return Some((Cow::Owned(format!("{around}{folder}/{name}")), files));
    }
    let mut at = 0;
    for part in path.split('/') {
        let rest = path.get(at..).unwrap_or_default();
        let is = |folder: &&&str| folder.split('/').next() == Some(part) && rest.len() > part.len();
        if let Some(folder) = known.folders.iter().find(is) {
            return Some((Cow::Borrowed(path.get(..at.saturating_sub(1)).unwrap_or_default()), folder));
        }
        at += part.len() + 1;
    }
    None
}

/// The folder around the folder of sets, and the name of the set, of the folder of a set.
fn around_set<'p>(sets: &SetFolders, location: &'p str) -> Option<(&'p str, &'p str)> {
    let (around, name) = location.rsplit_once('/')?;
    let around = around.strip_suffix(sets.folder)?;
    (around.is_empty() || around.ends_with('/')).then(|| (around.trim_end_matches('/'), name))
}

/// Whether a pattern takes a path.
pub fn takes(pattern: &str, path: &str) -> bool {
    Pattern::glob(pattern).is_ok_and(|pattern| pattern.matches(path))
}

fn joined(base: &str, rest: &str) -> String {
    if base.is_empty() { rest.to_owned() } else { format!("{}/{rest}", escaped(base)) }
}

/// Whether a folder is called like one of flags.
fn is_of_flags(folder: &str) -> bool {
    format::known::is_registry_name(folder)
}

/// A list of flags by its name, in any of its endings and for any environment: `feature_flags*.y*ml`.
pub fn stem_pattern(name: &str) -> String {
    let stem = name.split('.').next().unwrap_or(name);
    format!("{}*{}", escaped(stem), end_pattern(name))
}

fn endings(files: &[&FoundFile]) -> BTreeSet<String> {
    files.iter().map(|file| end_pattern(&file.path)).collect()
}

/// The ending of a file's name as a pattern, two-part endings of formats whole: `.flagd.json`, `.y*ml`.
fn end_pattern(path: &str) -> String {
    let name = file_name(path);
    let last = name.rfind('.').and_then(|at| name.get(at..)).unwrap_or_default();
    let family = ENDINGS.iter().find(|(ends, _)| ends.contains(&last));
    family.map_or_else(|| escaped(last), |(_, pattern)| (*pattern).to_owned())
}
