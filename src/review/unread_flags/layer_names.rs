//! Names of files that may be layers of the same flags, by their paths alone: `features-eu.yml` next to `features.yml`.
//!
//! **In**: paths. **Out**: the paths that may belong together with another one, and how near they are. **Refuses**: to
//! take a file of another folder for a layer, but for folders of environments, and where file or folder is called
//! alike. **Not taken**: what stands in the files, which tells whether they have flags in common.

use std::collections::{BTreeMap, BTreeSet};

use crate::flag::file_name;
use crate::format::names::{ServedIn, served_in, surely_serves};
use crate::review::files_below::{AROUND_ENVIRONMENTS, LAID_OVER, is_environment, words};
use crate::review::managed_files::may_decide;

/// Words in the name of a file that nobody is served by.
const SERVES_NOBODY: &[&str] = &[
    "bak", "backup", "example", "examples", "fixture", "fixtures", "mock", "mocks", "old", "orig", "sample", "schema",
    "snapshot", "spec", "stub", "tests",
];

/// How near the names of two files are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nearness {
    /// Both are called alike, but for a word.
    Word,
    /// One of them is called after an environment, or called alike in a folder around or below, as files of other
    /// settings are too.
    Environment,
    /// One of them is called after a region, or as what is laid over others; any file may be.
    Region,
}

/// A path in words, in lower case.
struct FileWords<'p> {
    path: &'p str,
    /// The folders, without those of environments.
    folders: Vec<String>,
    words: Vec<String>,
}

impl<'p> FileWords<'p> {
    fn of(path: &'p str) -> Self {
        let (folder, name) = filled_in(path).rsplit_once('/').unwrap_or(("", filled_in(path)));
        let folders = folder.split('/').filter(|part| !part.is_empty() && !is_around(part));
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        FileWords { path, folders: folders.map(str::to_lowercase).collect(), words: words(stem) }
    }

    /// The nearness of a file in the same folder.
    fn nearness(&self, other: &FileWords<'_>) -> Option<Nearness> {
        let (own, words) = (&self.words, &other.words);
        let is_new = |word: &&String| !own.contains(word);
        let new: Vec<&str> = words.iter().filter(is_new).map(String::as_str).collect();
        let of_makers = matches!(new.as_slice(), [only] if served_in(only) == Some(ServedIn::Makers));
        if of_makers || new.iter().any(|word| SERVES_NOBODY.contains(word)) {
            return None;
        }
        let differing = own.iter().zip(words).filter(|(one, other)| one != other).count();
        let single = |test: &dyn Fn(&str) -> bool| {
            [own, words].iter().any(|words| matches!(words.as_slice(), [word] if test(word)))
        };
        let has_all = |all: &[String], some: &[String]| {
            let mut all = all.iter();
            some.iter().all(|word| all.any(|other| other == word))
        };
        if has_all(words, own) || has_all(own, words) || own.len() == words.len() && differing == 1 && own.len() > 1 {
            Some(Nearness::Word)
        } else if single(&|word| served_in(word).is_some()) {
            Some(Nearness::Environment)
        } else if single(&|word| word.len() == 2 || LAID_OVER.contains(&word)) {
            Some(Nearness::Region)
        } else {
            None
        }
    }
}

/// The path of what a template at this path is filled in for, or the path itself: `features.yml.erb`.
pub fn filled_in(path: &str) -> &str {
    let filled = path.rsplit_once('.').filter(|(filled, end)| may_decide(filled) && !SERVES_NOBODY.contains(end));
    filled.filter(|_| !may_decide(path)).map_or(path, |(filled, _)| filled)
}

fn is_around(part: &str) -> bool {
    is_environment(part) || AROUND_ENVIRONMENTS.contains(&part)
}

/// Whether nobody is served by what stands in a folder of this name.
fn serves_nobody(folder: &str) -> bool {
    words(folder).iter().any(|word| SERVES_NOBODY.contains(&word.as_str()))
}

/// The folders that are left of all if some are taken out in their order; `None` if they are not all there.
fn without<'f>(all: &'f [String], some: &[String]) -> Option<Vec<&'f str>> {
    let mut some = some.iter().peekable();
    let left = all.iter().filter(|one| some.next_if_eq(one).is_none()).map(String::as_str).collect();
    some.peek().is_none().then_some(left)
}

/// Paths of one name. Many files of it may change, so they are not compared each with each.
#[derive(Default)]
struct SameName<'p> {
    by_folders: BTreeMap<Vec<String>, Vec<&'p str>>,
    /// The folders of those that have a folder in theirs.
    with_folder: BTreeMap<String, Vec<Vec<String>>>,
}

impl<'p> SameName<'p> {
    fn add(&mut self, name: &FileWords<'p>) {
        let others = self.by_folders.entry(name.folders.clone()).or_default();
        if others.is_empty() {
            for folder in &name.folders {
                self.with_folder.entry(folder.clone()).or_default().push(name.folders.clone());
            }
        }
        others.push(name.path);
    }

    /// The paths in a folder below these, or in one around them.
    fn below_or_around(&self, own: &[String]) -> Vec<&'p str> {
        let serves = |more: &[&str]| !more.is_empty() && !more.iter().any(|folder| serves_nobody(folder));
        let is_near = |folders: &Vec<String>| {
            without(own, folders).or_else(|| without(folders, own)).is_some_and(|more| serves(&more))
        };
        // Those around them have some of these folders, and no others.
        let known: Vec<&String> = own.iter().filter(|folder| self.with_folder.contains_key(*folder)).collect();
        let ways = if known.len() < MOST_FOLDERS { 0..1_u32 << known.len() } else { 0..0 };
        let some = |way: u32| known.iter().enumerate().filter(move |(at, _)| way & (1 << at) != 0);
        let around = ways.map(|way| some(way).map(|(_, folder)| (*folder).clone()).collect::<Vec<_>>());
        let mut found: BTreeSet<&Vec<String>> = BTreeSet::new();
        found.extend(around.filter_map(|folders| Some(self.by_folders.get_key_value(&folders)?.0)));
        // Those below them have all of these.
        let lists: Option<Vec<_>> = own.iter().map(|folder| self.with_folder.get(folder)).collect();
        match lists.map(|lists| lists.into_iter().min_by_key(|list| list.len())) {
            _ if known.len() >= MOST_FOLDERS => found.extend(self.by_folders.keys()),
            Some(Some(fewest)) => found.extend(fewest),
            Some(None) => found.extend(self.by_folders.keys()),
            None => {}
        }
        let near = found.into_iter().filter(|folders| is_near(folders));
        near.filter_map(|folders| self.by_folders.get(folders)).flatten().copied().collect()
    }
}

/// Paths with fewer folders in common with others are looked up by each choice of them.
const MOST_FOLDERS: usize = 8;

/// Paths by their folders.
pub struct LayerNames<'p> {
    by_folders: BTreeMap<Vec<String>, Vec<FileWords<'p>>>,
    by_words: BTreeMap<Vec<String>, SameName<'p>>,
}

impl<'p> LayerNames<'p> {
    pub fn of(paths: impl Iterator<Item = &'p str>) -> Self {
        let mut all = LayerNames { by_folders: BTreeMap::new(), by_words: BTreeMap::new() };
        for name in paths.map(FileWords::of) {
            all.by_words.entry(name.words.clone()).or_default().add(&name);
            all.by_folders.entry(name.folders.clone()).or_default().push(name);
        }
        all
    }

    /// The paths of which the one at another path may be a layer, or the other way round.
    pub fn next_to<'n>(&'n self, path: &'n str) -> impl Iterator<Item = (&'p str, Nearness)> + 'n {
        let other = FileWords::of(path);
        let may_be_layer = may_decide(filled_in(path));
        // A folder of parts: `features/eu.yml`, `features.d/eu.yml`, `overrides/eu.yml`.
        let parts = (0..other.folders.len()).filter_map(|at| {
            let (around, inner) = other.folders.split_at_checked(at)?;
            let mut folder = words(inner.first()?);
            folder.retain(|word| word != "d");
            let all = folder.len();
            folder.retain(|word| !LAID_OVER.contains(&word.as_str()));
            let is_laid_over = folder.is_empty() && all > 0;
            let known = self.by_folders.get(around)?.iter();
            Some(known.filter(move |known| is_laid_over || known.words == folder))
        });
        let parts: Vec<_> = parts.flatten().map(|known| (known.path, Nearness::Region)).collect();
        // One that is called alike in a folder below, or in one around.
        let same_name = self.by_words.get(&other.words);
        let below = same_name.map(|same| same.below_or_around(&other.folders)).unwrap_or_default();
        let below = below.into_iter().map(|path| (path, Nearness::Environment));
        let own = self.by_folders.get(&other.folders).into_iter().flatten();
        let own = own.filter_map(move |known| Some((known.path, known.nearness(&other)?)));
        own.chain(below).chain(parts).filter(move |_| may_be_layer)
    }

    /// Whether a file at this path, or one in a folder there, may be such a layer.
    pub fn is_near(&self, path: &str) -> bool {
        self.next_to(path).next().is_some() || self.in_folder(path).is_some()
    }

    /// A path of which layers may stand in a folder of this name: any next to it, but in the uppermost folder, where
    /// those of all else stand, one of an environment or of parts.
    pub fn in_folder(&self, folder: &str) -> Option<&'p str> {
        let inside = format!("{folder}/-.yml");
        let around = FileWords::of(folder).folders;
        let name = file_name(folder);
        let is_laid_over = words(name).iter().all(|word| LAID_OVER.contains(&word.as_str()));
        // As far as the folders of a known path go: `production/config` is one of `config`.
        let first = self.by_folders.range(around.clone()..).next().filter(|(folders, _)| folders.starts_with(&around));
        let here =
            first.filter(|(folders, _)| is_around(name) || is_laid_over || !around.is_empty() && **folders == around);
        here.and_then(|(_, known)| known.first())
            .map(|known| known.path)
            .or_else(|| Some(self.next_to(&inside).next()?.0))
    }
}

/// The folder of a path, and around those of environments at its end.
pub fn folder_of_layers(path: &str) -> &str {
    let mut folder = crate::flag::folder(path);
    while !folder.is_empty() && is_around(file_name(folder)) {
        folder = crate::flag::folder(folder);
    }
    folder
}

/// Whether a file is for an environment of those who make the flags, by its path, and for none of users: a whole folder
/// or name is called so, or ends as nothing else does. Others are for more people: `features-dev-portal.yml`.
pub fn is_of_makers(path: &str) -> bool {
    let users = path.split(['/', '.', '_', '-']).any(|word| served_in(word) == Some(ServedIn::Users));
    let makers = |part: &str| {
        let last = part.rsplit(['_', '-']).next().unwrap_or(part);
        served_in(part) == Some(ServedIn::Makers) || surely_serves(ServedIn::Makers, last)
    };
    !users && path.split(['/', '.']).any(makers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_stand_together() {
        use Nearness::{Environment, Region, Word};
        for (known, other, nearness) in [
            ("features.yml", "features-eu.yml", Some(Word)),
            ("features.yml", "featuresEu.yml", Some(Word)),
            ("features.yml", "features2.yml", Some(Word)),
            ("features.yml", "features@eu.yml", Some(Word)),
            ("config/features.yml", "config/features.eu.json", Some(Word)),
            ("config/features.yml", "config/production/features.yml", Some(Word)),
            ("config/features.yml", "config/environments/production/features.yml", Some(Word)),
            ("config/features-us.yml", "config/features-eu.yml", Some(Word)),
            ("config/features-eu.yml", "config/features.yml", Some(Word)),
            ("config/flags.yml", "config/prod.yml", Some(Environment)),
            ("config/prod.yml", "config/flags.yml", Some(Environment)),
            ("config/flags.yml", "config/eu.yml", Some(Region)),
            ("config/flags.yml", "config/overrides.yml", Some(Region)),
            ("config/flags.yml", "config/flags/eu.yml", Some(Region)),
            ("config/flags.yml", "config/flags.d/acme.yml", Some(Region)),
            ("config/features.yml", "production/config/features.yml", Some(Word)),
            ("config/features.yml", "config/overrides/features.yml", Some(Environment)),
            ("config/features.yml", "config/tenants/acme/features.yml", Some(Environment)),
            ("config/eu/features.yml", "config/features.yml", Some(Environment)),
            ("config/features.yml", "config/features.yml.erb", Some(Word)),
            ("config/features.yml", "config/prod.yml.tmpl", Some(Environment)),
            ("config/features.yml", "config/features-ab-test.yml", Some(Word)),
            ("config/features.yml", "config/features-test.yml", None),
            ("config/features.yml", "config/features.yml.bak", None),
            ("config/features.yml", "config/overrides/acme.yml", Some(Region)),
            ("config/features.yml", "config/features.d/eu/acme.yml", Some(Region)),
            ("config/features.yml", "config/features-overrides/acme.yml", Some(Region)),
            ("config/features.yml", "config/fixtures/features.yml", None),
            ("config/features.yml", "config/docs/acme.yml", None),
            ("config/features.yml", "config/features.mock.json", None),
            ("config/features.yml", "config/features.example.yml", None),
            ("config/features.yml", "spec/features-eu.yml", None),
            ("config/features.yml", "features/eu.yml", None),
            ("flags/checkout.yml", "flags/search.yml", None),
            ("config/flags.yml", "config/database.yml", None),
        ] {
            let names = LayerNames::of([known].into_iter());
            let mut found: Vec<_> = names.next_to(other).collect();
            found.truncate(1);
            let expected: Vec<_> = nearness.map(|nearness| (known, nearness)).into_iter().collect();
            assert_eq!(found, expected, "{known} {other}");
        }
    }

    #[test]
    fn files_of_one_name_by_their_folders() {
        let all = ["", "a", "b", "a/b", "b/a", "a/x/b", "a/b/c", "x", "a/b/c/d/e/f/g/h/i", "a/c/e/g/i", "a/tests/b"];
        let path = |folder: &str| format!("{folder}/f.yml").trim_start_matches('/').to_owned();
        let paths: Vec<String> = all.iter().map(|folder| path(folder)).collect();
        let names = LayerNames::of(paths.iter().map(String::as_str));
        for other in all.iter().chain(&["y", "a/y", "y/a/b", "a/b/c/d/e/f/g/h/i/j"]) {
            let own: Vec<String> = other.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
            let is_near = |known: &&String| {
                let folders = FileWords::of(known).folders;
                let more = without(&own, &folders).or_else(|| without(&folders, &own));
                more.is_some_and(|more| !more.is_empty() && !more.contains(&"tests"))
            };
            let mut expected: Vec<&str> = paths.iter().filter(is_near).map(String::as_str).collect();
            let mut found = names.by_words[&vec!["f".to_owned()]].below_or_around(&own);
            expected.sort_unstable();
            found.sort_unstable();
            assert_eq!(found, expected, "{other}");
        }
    }

    #[test]
    fn folders_of_layers() {
        let names = LayerNames::of(["config/features.yml"].into_iter());
        for folder in [
            "config/production",
            "config/environments",
            "config/features",
            "config/features.d",
            "config/overrides",
            "config/tenants",
            "production",
            "overrides",
        ] {
            assert_eq!(names.in_folder(folder), Some("config/features.yml"), "{folder}");
        }
        for folder in ["tenants", "docs/production", "config/docs/production", "third_party/x"] {
            assert_eq!(names.in_folder(folder), None, "{folder}");
        }
        let names = LayerNames::of(["features.yml"].into_iter());
        assert_eq!(names.in_folder("production"), Some("features.yml"));
        assert_eq!(names.in_folder("third_party"), None);
    }

    #[test]
    fn folders_without_those_of_environments() {
        for (path, folder) in [
            ("config/features.yml", "config"),
            ("config/environments/production/features.yml", "config"),
            ("prod/features.yml", ""),
            ("features.yml", ""),
            ("prod/eu/features.yml", "prod/eu"),
        ] {
            assert_eq!(folder_of_layers(path), folder, "{path}");
        }
    }

    #[test]
    fn files_of_makers() {
        for path in [
            "config/features-eu-dev.yml",
            "config/features.test.yml",
            "k8s/overlays/dev/kustomization.yaml",
            "shop-staging/features.yml",
        ] {
            assert!(is_of_makers(path), "{path}");
        }
        for path in [
            "config/features-eu.yml",
            "config/features-ab-test.yml",
            "config/features-dev-portal.yml",
            "dev-portal/features.yml",
            "k8s/overlays/prod-test/kustomization.yaml",
        ] {
            assert!(!is_of_makers(path), "{path}");
        }
    }
}
