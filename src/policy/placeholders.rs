//! Placeholders: parts of a path that tell files with the same flags apart, as in `envs/{environment}/flags.json`.
//!
//! **In**: the pattern of a project. **Out**: the text in a path that stands where a placeholder is, and the pattern in
//! which two paths differ by placeholders alone. **Refuses**: two of them in one part of a path, or one next to a
//! wildcard, where nobody could say which text is whose. **Not taken**: telling files apart by their folders without
//! being asked to; a flag that moves would be another one.

use super::meaning::{Meaning, PatternPart, PatternPiece, wild};
use super::misread::Misread;
use super::pattern::{Pattern, PatternDialect};
use crate::flag::file_name;
use crate::format::names::{ServedIn, served_in};

/// A placeholder in a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placeholder {
    /// Its name, as in `{environment}`.
    name: String,
    /// The number of its part.
    part: usize,
    /// How many bytes of a name stand before it.
    before: usize,
    /// The pieces of the pattern behind it.
    behind: Vec<PatternPiece>,
}

/// The signs between words in the name of a file.
const BETWEEN: [char; 3] = ['.', '-', '_'];

impl Placeholder {
    /// The placeholder in a part of a pattern, if it has just this one, and no wildcard next to it or before.
    pub(super) fn of(text: &str, part: usize) -> Option<Placeholder> {
        let (before, rest) = text.split_once('{')?;
        let (name, behind) = rest.split_once('}')?;
        let plain = |text: &str| !text.contains(['*', '?', '[', ']', '{', '}', '\\']);
        let pieces = behind.chars().map(|char| match char {
            '*' => PatternPiece::Many,
            '?' => PatternPiece::One,
            char => PatternPiece::Char(char),
        });
        let ends = !behind.starts_with(['*', '?']) && plain(&behind.replace(['*', '?'], ""));
        let letters = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-' || char == '_';
        let is_name = name.starts_with(|char: char| char.is_ascii_lowercase()) && name.chars().all(letters);
        let found = || Placeholder { name: name.to_owned(), part, before: before.len(), behind: pieces.collect() };
        (is_name && plain(before) && ends).then(found)
    }

    /// Its part of the pattern: at least one character in its place.
    pub(super) fn part(&self, text: &str) -> PatternPart {
        let before = text.get(..self.before).unwrap_or_default();
        let mut pieces: Vec<PatternPiece> = before.chars().map(PatternPiece::Char).collect();
        pieces.extend([PatternPiece::One, PatternPiece::Many]);
        pieces.extend(&self.behind);
        PatternPart::Wild(pieces)
    }

    /// The text that it stands for in a name that its part takes, the shortest of several.
    fn value<'t>(&self, name: &'t str) -> &'t str {
        let rest = name.get(self.before..).unwrap_or(name);
        let mut ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]).skip(1);
        let end = ends.find(|end| rest.get(*end..).is_some_and(|behind| wild(&self.behind, behind)));
        end.and_then(|end| rest.get(..end)).unwrap_or(rest)
    }
}

/// The reason why placeholders of a pattern with these parts could stand for several texts.
pub(super) fn misread(placeholders: &[Placeholder], parts: &[PatternPart]) -> Option<Misread> {
    let any = |parts: Option<&[PatternPart]>| parts.is_some_and(|parts| parts.contains(&PatternPart::Any));
    placeholders.iter().enumerate().find_map(|(at, Placeholder { name, part, .. })| {
        if placeholders.iter().take(at).any(|other| other.name == *name) {
            let remedy = "give each a name of its own, such as `{region}`";
            return Some(Misread::new(format!("`{{{name}}}` stands in it twice"), remedy));
        }
        (any(parts.get(..*part)) && any(parts.get(*part..))).then(|| {
            let remedy = "write the folders on one side of it, with `*` for each whose name is open";
            Misread::new(format!("between two `**` any folder may be `{{{name}}}`"), remedy)
        })
    })
}

/// The texts in a path that the placeholders of a pattern stand for.
pub(super) fn values<'t>(placeholders: &[Placeholder], meaning: &Meaning, path: &'t str) -> Option<Vec<&'t str>> {
    if placeholders.is_empty() {
        return None;
    }
    let mut found: Vec<&str> = vec![""; placeholders.len()];
    let takes = meaning.walk(path, &mut |part, name| {
        for (placeholder, value) in placeholders.iter().zip(&mut found).filter(|(one, _)| one.part == part) {
            *value = placeholder.value(name);
        }
    });
    takes.then_some(found)
}

/// The placeholder that says for which environment the flags of a file are.
const ENVIRONMENT: &str = "environment";

/// The environment that one of these texts says, as [`values`] finds them.
pub(super) fn environment<'t>(placeholders: &[Placeholder], values: &[&'t str]) -> Option<&'t str> {
    let mut all = placeholders.iter().zip(values);
    all.find(|(placeholder, _)| placeholder.name == ENVIRONMENT).map(|(_, value)| *value)
}

/// The sign behind the own name of a project; no name has it.
const BEHIND_NAME: char = ':';

/// The name of a project for flags that are told apart by these texts of their path: `app:prod`.
pub(super) fn full_name(project: &str, values: &[&str]) -> String {
    let mut name = project.to_owned();
    for value in values {
        name.push(BEHIND_NAME);
        for char in value.chars() {
            if char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '-') {
                name.push(char);
            } else {
                let mut bytes = [0; 4];
                name.extend(char.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")));
            }
        }
    }
    name
}

/// The name that a project has in the configuration, of the name that its flags have for it.
#[must_use]
pub fn own_name(name: &str) -> &str {
    name.split(BEHIND_NAME).next().unwrap_or(name)
}

/// The pattern that takes all of these paths and has placeholders where they differ, if such a one tells them apart:
/// they have as many parts, and of a part that differs the beginning or the end of whole words may be the same.
#[must_use]
pub fn telling_apart(paths: &[&str]) -> Option<String> {
    let split: Vec<Vec<&str>> = paths.iter().map(|path| path.split('/').collect()).collect();
    let first = split.first()?;
    if split.iter().any(|parts| parts.len() != first.len()) {
        return None;
    }
    let mut pattern: Vec<String> = Vec::new();
    for at in 0..first.len() {
        let names: Vec<&str> = split.iter().filter_map(|parts| parts.get(at).copied()).collect();
        let same = names.windows(2).all(|two| two.first() == two.last());
        let is_file = at + 1 == first.len();
        pattern.push(match names.first() {
            Some(name) if same => Pattern::exactly(name, PatternDialect::Glob),
            _ => differing(&names, is_file)?,
        });
    }
    let text = in_any_ending(pattern.join("/"));
    let read = Pattern::glob(&text).ok()?;
    let mut all: Vec<Vec<&str>> = paths.iter().filter_map(|path| read.placeholder_values(path)).collect();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    (count == paths.len() && all.len() == count).then_some(text)
}

/// The pattern that tells these paths apart, with the name of the files as a pattern of their project has it: other
/// files next to them, such as those that stand over them, go with them.
#[must_use]
pub fn for_paths(paths: &[&str], patterns: &[Pattern]) -> Option<String> {
    telling_apart(paths).or_else(|| by_folder(paths)).map(|text| with_names(text, paths, patterns))
}

/// The pattern for the deeper of two files that are called alike, with the folder in which they begin to differ, from
/// their ends, as a placeholder: `services/{folder}/config/flags.yml`. The other one keeps its name.
#[must_use]
pub fn for_deeper(paths: [&str; 2], patterns: &[Pattern]) -> Option<String> {
    let split = paths.map(|path| path.split('/').collect::<Vec<&str>>());
    let [one, other] = &split;
    let alike = one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count();
    let (path, parts) = paths.iter().zip(&split).max_by_key(|(_, parts)| parts.len())?;
    let at = parts.len().checked_sub(alike + 1).filter(|_| alike > 0)?;
    let exactly = |(place, part): (usize, &&str)| {
        if place == at { "{folder}".to_owned() } else { Pattern::exactly(part, PatternDialect::Glob) }
    };
    let pattern: Vec<String> = parts.iter().enumerate().map(exactly).collect();
    let text = with_names(in_any_ending(pattern.join("/")), &[path], patterns);
    let read = Pattern::glob(&text).ok()?;
    (paths.iter().filter(|path| read.matches(path)).count() == 1).then_some(text)
}

/// The pattern for all files below folders that these are in, if the first folder in which they differ tells them
/// apart.
#[must_use]
pub fn for_folders_of(paths: &[&str]) -> Option<String> {
    let split: Vec<Vec<&str>> = paths.iter().map(|path| path.split('/').collect()).collect();
    let first = split.first()?;
    let at = (0..first.len()).find(|at| split.iter().any(|parts| parts.get(*at) != first.get(*at)))?;
    let names: Vec<&str> =
        split.iter().filter_map(|parts| parts.get(at).filter(|_| at + 1 < parts.len())).copied().collect();
    if names.len() != paths.len() {
        return None;
    }
    let folders = first.iter().take(at).map(|part| Pattern::exactly(part, PatternDialect::Glob));
    let parts: Vec<String> = folders.chain([differing(&names, false)?, "**".to_owned()]).collect();
    Some(parts.join("/"))
}

/// The pattern for files of one name that are at different depths, by the folder that each is in.
fn by_folder(paths: &[&str]) -> Option<String> {
    let split: Vec<(&str, &str)> = paths.iter().map(|path| path.rsplit_once('/').unwrap_or(("", path))).collect();
    let (_, name) = split.first()?;
    let mut folders: Vec<&str> = split.iter().map(|(folder, _)| file_name(folder)).collect();
    folders.sort_unstable();
    folders.dedup();
    let apart = folders.len() == paths.len() && split.iter().all(|(_, other)| other == name);
    apart.then(|| in_any_ending(format!("**/{{folder}}/{}", Pattern::exactly(name, PatternDialect::Glob))))
}

/// A pattern for YAML files, whichever of the two endings they have.
fn in_any_ending(text: String) -> String {
    let stem = text.strip_suffix(".yaml").or_else(|| text.strip_suffix(".yml"));
    stem.map(|stem| format!("{stem}.y*ml")).unwrap_or(text)
}

/// The pattern for files of the environments to come, if one is named in all of these paths: a folder, or with
/// `in_names` the first word of each name.
#[must_use]
pub fn for_environments(paths: &[&str], patterns: &[Pattern], in_names: bool) -> Option<String> {
    let exactly = |text: &str| Pattern::exactly(text, PatternDialect::Glob);
    let parts: Vec<&str> = paths.first()?.split('/').collect();
    let (name, folders) = parts.split_last()?;
    let of_name = name.split_once('.').filter(|(word, _)| in_names && is_environment(word));
    let mut pattern: Vec<String> = folders.iter().map(|folder| exactly(folder)).collect();
    match (folders.iter().rposition(|folder| is_environment(folder)), of_name) {
        (Some(at), _) => *pattern.get_mut(at)? = "{environment}".to_owned(),
        (None, Some(_)) => {}
        (None, None) => return None,
    }
    let in_folder = pattern.iter().any(|part| part.starts_with('{'));
    pattern.push(match of_name.filter(|_| !in_folder) {
        Some((_, rest)) => format!("{{environment}}.{}", exactly(rest)),
        None => exactly(name),
    });
    let text = with_names(in_any_ending(pattern.join("/")), paths, patterns);
    let read = Pattern::glob(&text).ok()?;
    let values: Option<Vec<&str>> = paths.iter().map(|path| read.placeholder_values(path)?.first().copied()).collect();
    values?.into_iter().all(is_environment).then_some(text)
}

/// The pattern for files of the applications to come, if these are in the folder of one, below a folder that `holds`
/// applications.
#[must_use]
pub fn for_folders(paths: &[&str], patterns: &[Pattern], holds: &dyn Fn(&str) -> bool) -> Option<String> {
    let parts: Vec<&str> = paths.first()?.split('/').collect();
    let at = parts.iter().position(|part| holds(part)).map(|at| at + 1).filter(|at| at + 1 < parts.len())?;
    let exactly = |part: &&str| Pattern::exactly(part, PatternDialect::Glob);
    let mut pattern: Vec<String> = parts.iter().map(exactly).collect();
    *pattern.get_mut(at)? = "{folder}".to_owned();
    let text = with_names(in_any_ending(pattern.join("/")), paths, patterns);
    let read = Pattern::glob(&text).ok()?;
    paths.iter().all(|path| read.matches(path)).then_some(text)
}

/// A pattern with the name of its files as one of these has it, where that takes the paths too.
fn with_names(text: String, paths: &[&str], patterns: &[Pattern]) -> String {
    let wider = |pattern: &Pattern| {
        let written = pattern.to_string();
        let name = written.rsplit('/').next().filter(|name| name.contains('*') && *name != "**")?.to_owned();
        let (folder, own) = text.rsplit_once('/').filter(|(_, own)| !own.contains('{'))?;
        let candidate = format!("{folder}/{name}");
        let read = [&candidate, &text].map(|text| Pattern::glob(text).ok());
        let fits = paths.iter().all(|path| {
            let [wider, own] = read.each_ref().map(|read| read.as_ref().and_then(|read| read.placeholder_values(path)));
            wider == own
        });
        (name != own && fits && paths.iter().all(|path| pattern.matches(path))).then_some(candidate)
    };
    patterns.iter().find_map(wider).unwrap_or(text)
}

/// A part of a pattern with a placeholder for what differs in these names.
fn differing(names: &[&str], is_file: bool) -> Option<String> {
    let first = *names.first()?;
    // A folder is one word.
    let words = |name: &str, text: &str| -> usize {
        let whole = name.get(..text.len()).map_or(0, |start| start.rfind(BETWEEN).map_or(0, |at| at + 1));
        if is_file { whole } else { 0 }
    };
    let common = |one: &str, other: &str| one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let start = names.iter().map(|name| common(first, name)).min()?;
    let before = words(first, first.get(..start).unwrap_or_default());
    let backwards = |name: &str| name.chars().rev().collect::<String>();
    let reversed: Vec<String> = names.iter().map(|name| backwards(name)).collect();
    let end = reversed.iter().map(|name| common(&backwards(first), name)).min()?;
    let behind = words(&backwards(first), backwards(first).get(..end).unwrap_or_default());
    let values: Vec<&str> = names.iter().filter_map(|name| name.get(before..name.len().checked_sub(behind)?)).collect();
    if values.len() != names.len() || values.iter().any(|value| value.is_empty()) {
        return None;
    }
    let word = match (values.iter().all(|value| is_environment(value)), is_file) {
        (true, _) => "environment",
        (false, true) => "file",
        (false, false) => "folder",
    };
    let exactly = |text: Option<&str>| Pattern::exactly(text.unwrap_or_default(), PatternDialect::Glob);
    let start = exactly(first.get(..before));
    let end = exactly(first.get(first.len().saturating_sub(behind)..));
    Some(format!("{start}{{{word}}}{end}"))
}

fn is_environment(name: &str) -> bool {
    served_in(name).is_some_and(|served| served != ServedIn::Everywhere)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_place_of_a_placeholder() {
        let of = |pattern: &str, path: &str| {
            let pattern = Pattern::glob(pattern).unwrap_or_else(|why| panic!("{pattern}: {}", why.message));
            pattern.placeholder_values(path).map(|values| values.join(" "))
        };
        for (pattern, path, values) in [
            ("envs/{environment}/flags.json", "envs/prod/flags.json", Some("prod")),
            ("envs/{environment}/flags.json", "envs/prod/eu/flags.json", None),
            ("flags/{environment}.goff.yaml", "flags/eu-1.goff.yaml", Some("eu-1")),
            ("flags/{environment}.goff.yaml", "flags/.goff.yaml", None),
            ("flags/{environment}.y*ml", "flags/eu.x.yaml", Some("eu.x")),
            ("flags/a-{environment}.y?ml", "flags/a-prod.yaml", Some("prod")),
            ("**/{app}/appsettings*.json", "src/a/b/appsettings.Production.json", Some("b")),
            ("{team}/**/{environment}/x.yaml", "pay/a/b/prod/x.yaml", Some("pay prod")),
            ("{team}/**/{environment}/x.yaml", "pay/prod/x.yaml", Some("pay prod")),
            ("envs/*/flags.json", "envs/prod/flags.json", None),
        ] {
            assert_eq!(of(pattern, path).as_deref(), values, "{pattern} {path}");
        }
    }

    #[test]
    fn names_of_files_that_differ_differ() {
        assert_eq!(full_name("app", &["prod", "eu 1"]), "app:prod:eu%201");
        assert_ne!(full_name("app", &["a:b"]), full_name("app", &["a", "b"]));
        assert_ne!(full_name("app", &["a%3Ab"]), full_name("app", &["a:b"]));
        assert_eq!(own_name("app:prod:eu"), "app");
        assert_eq!(own_name("app"), "app");
    }

    #[test]
    fn no_placeholder_stands_where_its_text_could_be_another() {
        for text in [
            "a/{b}{c}/d",
            "a/{b}-{c}/d",
            "a/*{b}/d",
            "a/{b}*/d",
            "a/{b}?/d",
            "a/{b}-{c}*/d",
            "a/{b,c}/d",
            "a/{B}/d",
            "a/{}/d",
            "a/{b/d",
            "a/{b c}/d",
            "{b}/{b}/d",
            "**/{b}/**/d",
            "a/**/{b}/**",
        ] {
            assert!(Pattern::glob(text).is_err(), "{text}");
        }
        assert!(Pattern::codeowners("a/{b}/c").is_ok_and(|pattern| !pattern.has_placeholder()));
    }

    #[test]
    fn files_of_one_name_are_told_apart_by_their_folders() {
        let names = [Pattern::glob("**/appsettings*.json").unwrap()];
        for (paths, pattern) in [
            (["src/App/appsettings.json", "src/Worker/appsettings.json"], Some("src/{folder}/appsettings*.json")),
            (["src/App/appsettings.json", "tests/appsettings.json"], Some("**/{folder}/appsettings*.json")),
            (["appsettings.json", "tests/appsettings.json"], Some("**/{folder}/appsettings*.json")),
            (["a/b/App/appsettings.json", "c/App/appsettings.json"], None),
        ] {
            assert_eq!(for_paths(&paths, &names).as_deref(), pattern, "{paths:?}");
        }
    }

    #[test]
    fn the_deeper_of_two_files_gets_a_placeholder() {
        let names = [Pattern::glob("**/feature_flags*.y*ml").unwrap()];
        for (paths, pattern) in [
            (
                ["config/feature_flags.yml", "services/web/config/feature_flags.yml"],
                Some("services/{folder}/config/feature_flags*.y*ml"),
            ),
            (["web/config/feature_flags.yml", "config/feature_flags.yml"], Some("{folder}/config/feature_flags*.y*ml")),
            (["config/feature_flags.yml", "x/y/flags.yml"], None),
            (["a/config/feature_flags.yml", "b/config/feature_flags.yml"], None),
        ] {
            assert_eq!(for_deeper(paths, &names).as_deref(), pattern, "{paths:?}");
        }
    }

    #[test]
    fn folders_of_files_with_one_flag_each_are_told_apart() {
        for (paths, pattern) in [
            (&["flags/dev/a.yaml", "flags/prod/x/a.yaml"][..], Some("flags/{environment}/**")),
            (&["web/a.yaml", "pay/a.yaml", "pay/b.yaml"], Some("{folder}/**")),
            (&["flags/a.yaml", "flags/b.yaml"], None),
            (&["flags/a.yaml", "flags/x/a.yaml"], None),
            (&["flags/a.yaml"], None),
        ] {
            assert_eq!(for_folders_of(paths).as_deref(), pattern, "{paths:?}");
        }
    }

    #[test]
    fn an_application_leaves_room_for_others() {
        let of = |path: &str| for_folders(&[path], &[], &|folder| folder == "apps");
        assert_eq!(of("apps/a/config/f.yml").as_deref(), Some("apps/{folder}/config/f.y*ml"));
        assert_eq!(of("apps/f.yml"), None);
        assert_eq!(of("a/config/f.yml"), None);
    }

    #[test]
    fn an_environment_in_a_path_leaves_room_for_others() {
        let names = [Pattern::glob("**/*features.y*ml").unwrap()];
        for (paths, in_names, pattern) in [
            (&["production/default/features.yaml"][..], false, Some("{environment}/default/*features.y*ml")),
            (&["flags/prod.goff.yaml"], true, Some("flags/{environment}.goff.y*ml")),
            (&["flags/prod.goff.yaml"], false, None),
            (&["flags/web.goff.yaml"], true, None),
            (&["prod/a.json", "dev/a.json"], false, Some("{environment}/a.json")),
            (&["prod/a.json", "web/a.json"], false, None),
            (&["a.json"], true, None),
        ] {
            assert_eq!(for_environments(paths, &names, in_names).as_deref(), pattern, "{paths:?}");
        }
    }

    #[test]
    fn paths_are_told_apart_where_they_differ() {
        for (paths, pattern) in [
            (&["envs/prod/flags.json", "envs/dev/flags.json"][..], Some("envs/{environment}/flags.json")),
            (&["flags/dev.goff.yaml", "flags/prod.goff.yaml"], Some("flags/{environment}.goff.y*ml")),
            (&["feature_flags.dev.yml", "feature_flags.demo.yml"], Some("feature_flags.{environment}.y*ml")),
            (&["src/App/a.json", "src/Worker/a.json"], Some("src/{folder}/a.json")),
            (&["x/prod/default/f.yaml", "x/dev/web/f.yaml"], Some("x/{environment}/{folder}/f.y*ml")),
            (&["x/[a].json", "x/[b].json"], Some("x/{file}.json")),
            (&["a/flags.json", "flags.json"], None),
            (&["a/flags.json", "a/flags.dev.json"], None),
            (&["a/f.json", "a/f.json"], None),
        ] {
            assert_eq!(telling_apart(paths).as_deref(), pattern, "{paths:?}");
        }
    }
}
