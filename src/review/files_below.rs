//! Files that may lie below others, by their paths alone: `features.yml` below `features-production.yml`.
//!
//! **In**: flags of other files, and one that goes from its file. **Out**: the flag of its key that may hold from then
//! on. **Refuses**: to say that nobody is served where the file below has the flag on. **Not taken**: the order in
//! which a service reads its files, which no path says.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::layers::{self, own_and_around};
use super::read::FlagChange;
use crate::flag::{Flag, FlagEntry};
use crate::format::known::generated;
use crate::format::mark_unknown;
use crate::format::names::{ServedIn, environments_in, folded, served_in, stands_for_others};
use crate::policy::own_name;

/// Words in a path that say no more than that environments follow.
pub const AROUND_ENVIRONMENTS: &[&str] = &["env", "environment", "environments", "envs"];

/// Names of files that are laid over others, besides those of environments and of regions.
pub const LAID_OVER: &[&str] = &["custom", "overlay", "overlays", "override", "overrides"];

/// The words of the path of a file.
struct PathWords {
    /// Its words, without those that stand for all environments.
    words: Vec<String>,
    /// How many of them are those of its folders.
    folders: usize,
    /// Whether it is named as holding in all environments.
    for_all: bool,
    /// Whether it is named as holding over others: in an environment, in a region, or as what is laid over them.
    is_over: bool,
}

/// How surely a file lies below another one, the surest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Underneath {
    /// All that the path of the upper one says more is an environment, or the lower one is named as holding for all.
    Layer,
    /// The path of the upper one says more.
    Wider,
    /// The upper one is of an environment or a region, or laid over others, the lower one not, in a folder around it.
    Around,
}

impl PathWords {
    fn of(path: &str) -> PathWords {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let split = |text: &str| -> Vec<String> { text.split('/').flat_map(words).collect() };
        let for_all = |word: &String| served_in(word) == Some(ServedIn::Everywhere);
        let says = |word: &String| !for_all(word) && !AROUND_ENVIRONMENTS.contains(&word.as_str());
        let (folders, name) = (split(folder), split(stem));
        let is_over = |word: &String| is_environment(word) || LAID_OVER.contains(&word.as_str());
        let is_region = matches!(name.as_slice(), [only] if only.len() == 2);
        PathWords {
            is_over: is_region || folders.iter().chain(&name).any(is_over),
            for_all: folders.iter().chain(&name).any(for_all),
            folders: folders.iter().filter(|word| says(word)).count(),
            words: folders.into_iter().chain(name).filter(says).collect(),
        }
    }

    /// Whether the file of this path may lie below that of another one.
    fn is_below(&self, above: &PathWords) -> Option<Underneath> {
        if let Some(more) = without(&above.words, &self.words) {
            let sure = !more.is_empty() && (self.for_all || more.iter().all(|word| is_environment(word)));
            return Some(if sure { Underneath::Layer } else { Underneath::Wider });
        }
        let folders = self.words.get(..self.folders).unwrap_or_default();
        let is_around = above.is_over && !self.is_over && without(&above.words, folders).is_some();
        is_around.then_some(Underneath::Around)
    }
}

/// Whether a word is the name of an environment, and not of all of them.
pub fn is_environment(word: &str) -> bool {
    served_in(word).is_some_and(|served| served != ServedIn::Everywhere)
}

/// The words of a name, in lower case: `features_eu`, `features-eu`, `featuresEu`, `features2`.
pub fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = '-';
    for char in name.chars() {
        let begins = before.is_lowercase() && char.is_uppercase();
        if begins || !char.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| char.is_alphanumeric()) {
            word.extend(char.to_lowercase());
        }
        before = char;
    }
    words.retain(|word| !word.is_empty());
    if let [only] = words.as_mut_slice() {
        let stem = only.trim_end_matches(|char: char| char.is_ascii_digit()).len();
        let number = if stem == 0 { String::new() } else { only.split_off(stem) };
        words.extend(Some(number).filter(|number| !number.is_empty()));
    }
    words
}

/// The words that are left of all if some are taken out in their order; `None` if they are not all there.
fn without<'w>(all: &'w [String], some: &[String]) -> Option<Vec<&'w str>> {
    let mut some = some.iter().peekable();
    let left = all.iter().filter(|word| some.next_if_eq(word).is_none()).map(String::as_str).collect();
    some.peek().is_none().then_some(left)
}

/// Whether a flag is off in its own file, and another file may have it on.
pub fn may_lie_over(before: &FlagEntry) -> bool {
    !before.flag.state.live && before.flag.links.part.is_none()
}

/// Whether that file may be of any project.
pub fn of_any_project(before: &FlagEntry) -> bool {
    may_lie_over(before) && is_mapped(&before.flag)
}

/// Whether a mapping reads it, or the file that it stands in, such as a patch of a resource.
fn is_mapped(flag: &Flag) -> bool {
    flag.format.is_mapped() || flag.format.scopes_by_member(flag)
}

/// The names of the resource that a flag stands in, if it does, and of what is around that.
pub fn resource_names(entry: &FlagEntry) -> impl Iterator<Item = &str> {
    let scope = entry.flag.scope.as_deref().filter(|_| entry.flag.format.has_resources());
    scope.into_iter().flat_map(|scope| scope.split('/'))
}

/// Formats of which one service may read files together.
fn readers(entry: &FlagEntry) -> String {
    if entry.flag.format.is_of_any_service() { String::new() } else { layers::family(entry) }
}

/// Flags of other files, by their keys.
#[derive(Default)]
pub struct FilesBelow<'e> {
    flags: BTreeMap<String, Vec<&'e FlagEntry>>,
    /// Parts that make maps of settings, by the names of those.
    generators: BTreeMap<String, &'e FlagEntry>,
}

impl<'e> FilesBelow<'e> {
    pub fn add(&mut self, entry: &'e FlagEntry) {
        self.flags.entry(folded(entry.flag.own_key())).or_default().push(entry);
        if entry.flag.links.part.is_some() && entry.flag.format.has_resources() {
            self.generators.extend(generated(&entry.flag.record).into_iter().map(|name| (name, entry)));
        }
    }

    /// The flag of another resource from which a container, or what a patch is laid over, may have the value from now
    /// on, if that is on.
    pub fn of_another_resource(&self, before: &FlagEntry) -> Option<(FlagEntry, Option<String>)> {
        let candidates = self.flags.get(&folded(before.flag.own_key())).into_iter().flatten();
        let may_hold = |other: &&&FlagEntry| {
            let flag = &other.flag;
            let is_other = flag.key != before.flag.key || other.path != before.path;
            let resources = [&before.flag, flag].iter().all(|flag| flag.format.has_resources());
            is_other && resources && flag.state.live && flag.links.part.is_none()
        };
        let found =
            candidates.copied().filter(|other| may_hold(&other)).min_by_key(|other| (&other.path, &other.flag.key));
        let Some(found) = found else { return self.of_a_generator(before) };
        let mut flag = Flag { key: before.flag.key.clone(), scope: before.flag.scope.clone(), ..found.flag.clone() };
        mark_unknown(&mut flag);
        let remark = format!("`{}` is on, which may hold from now on", found.flag.key.escape_debug());
        Some((FlagEntry { project: before.project.clone(), flag, ..found.clone() }, Some(remark)))
    }

    /// The flag that may hold from now on where a map of its name is made of files, which a patch is laid over.
    fn of_a_generator(&self, before: &FlagEntry) -> Option<(FlagEntry, Option<String>)> {
        let mut names = resource_names(before);
        let (name, found) = names.find_map(|name| Some((name, *self.generators.get(name)?)))?;
        let mut flag = Flag { place: found.flag.place, ..before.flag.clone() };
        flag.state.place = found.flag.place;
        mark_unknown(&mut flag);
        let (name, path) = (name.escape_debug(), found.path.escape_debug());
        let remark = format!("`{path}` makes a map called `{name}`, which may have it on");
        Some((FlagEntry { project: before.project.clone(), flag, ..found.clone() }, Some(remark)))
    }

    /// The flag that may hold from now on for one that is off and goes from its file, if that is on.
    pub fn below(&self, before: &FlagEntry) -> Option<(FlagEntry, Option<String>)> {
        let above = PathWords::of(&before.path);
        let candidates = self.flags.get(&folded(before.flag.own_key())).into_iter().flatten();
        let mapped = is_mapped(&before.flag);
        let together = |other: &FlagEntry| mapped || own_name(&other.project) == own_name(&before.project);
        let found = candidates.filter(|other| {
            let is_flag = other.path != before.path && other.flag.links.part.is_none();
            is_flag && readers(other) == readers(before) && together(other) && scopes_meet(&before.flag, &other.flag)
        });
        let mut ranked: Vec<_> = found
            .filter_map(|other| {
                let words = PathWords::of(&other.path);
                // Of formats that code reads only what is surely a layer: their own service says the rest.
                let below = words.is_below(&above).filter(|below| mapped || *below == Underneath::Layer)?;
                let rank = (below == Underneath::Around, Reverse(words.words.len()), !other.flag.state.live);
                Some((rank, &other.path, below, *other))
            })
            .collect();
        ranked.sort_by(|one, other| (&one.0, one.1).cmp(&(&other.0, other.1)));
        // A nearer one that is off may be in the way of it, or is read by nobody.
        let at = ranked.iter().position(|(.., other)| other.flag.state.live)?;
        let (_, _, below, found) = ranked.into_iter().nth(at)?;
        let sure = at == 0 && below == Underneath::Layer;
        let mut flag = Flag { key: before.flag.key.clone(), scope: before.flag.scope.clone(), ..found.flag.clone() };
        let remark = format!("it is on in `{}`, which may hold from now on", found.path.escape_debug());
        // Another format has no word for that.
        if !sure && flag.format.is_mapped() {
            mark_unknown(&mut flag);
        }
        Some((FlagEntry { project: before.project.clone(), flag, ..found.clone() }, (!sure).then_some(remark)))
    }
}

/// Flags that say what holds for all that have no entry of their own next to them, such as `checkout.*`: by their
/// files and the keys around them.
#[derive(Default)]
pub struct ForOthers<'e>(BTreeMap<(&'e str, &'e str), &'e FlagEntry>);

impl<'e> ForOthers<'e> {
    pub fn add(&mut self, entry: &'e FlagEntry) {
        let (around, name) = entry.flag.own_key().rsplit_once('.').unwrap_or(("", entry.flag.own_key()));
        let flag = &entry.flag;
        if flag.state.live && flag.links.part.is_none() && flag.format.is_mapped() && stands_for_others(name) {
            self.0.insert((&entry.path, around), entry);
        }
    }

    /// The flag that may hold from now on for one that is off and goes.
    pub fn instead_of(&self, before: &FlagEntry) -> Option<(FlagEntry, Option<String>)> {
        let around = own_and_around(before.flag.own_key()).into_iter().skip(1).chain([""]);
        let mut found = around.filter_map(|around| self.0.get(&(before.path.as_str(), around)));
        let found = found.find(|other| scopes_meet(&before.flag, &other.flag))?;
        let mut flag = Flag { key: before.flag.key.clone(), scope: before.flag.scope.clone(), ..found.flag.clone() };
        mark_unknown(&mut flag);
        let remark = format!(
            "`{}` is on, which may hold for all that have no entry of their own",
            found.flag.key.escape_debug()
        );
        Some((FlagEntry { project: before.project.clone(), flag, ..(*found).clone() }, Some(remark)))
    }
}

/// Whether one flag may hold where the other one did.
fn scopes_meet(before: &Flag, other: &Flag) -> bool {
    match (&before.scope, &other.scope) {
        (_, None) | (None, Some(_)) => true,
        (Some(one), Some(two)) => {
            // Of two resources of one name, one may leave its namespace out.
            let last = |scope: &str| scope.rsplit('/').next().map(str::to_owned);
            last(one) == last(two)
                || served_in(two) == Some(ServedIn::Everywhere)
                || !environments_in(one).is_disjoint(&environments_in(two))
        }
    }
}

/// Marks flags that are off in a file that moves, where another file that may lie below has them on.
pub fn moved_away(changes: &mut [FlagChange], others: &[&[FlagEntry]]) {
    if !changes.iter().any(goes_elsewhere) {
        return;
    }
    let there = others.iter().flat_map(|entries| entries.iter()).cloned();
    let there: Vec<FlagEntry> = there.chain(changes.iter().filter_map(|change| change.after.clone())).collect();
    let mut below = FilesBelow::default();
    for entry in &there {
        below.add(entry);
    }
    for change in changes.iter_mut().filter(|change| goes_elsewhere(change)) {
        let (Some(before), Some(after)) = (&change.before, &mut change.after) else { continue };
        let Some((found, _)) = below.below(before).filter(|(found, _)| found.path != after.path) else { continue };
        let path = found.path.escape_debug();
        let why = format!("its file moves, and it is on in `{path}`, which may hold where this file is not read");
        change.remarks.push(why);
        mark_unknown(&mut after.flag);
    }
}

/// Whether a flag that is off goes to another file, where whoever reads it may not look.
pub fn goes_elsewhere(change: &FlagChange) -> bool {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => {
            let mapped = after.flag.format.is_mapped();
            before.path != after.path && mapped && of_any_project(before) && !after.flag.state.live
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_say_which_file_is_below() {
        for (below, above, how) in [
            ("features.yml", "features-production.yml", Some(Underneath::Layer)),
            ("config/features.yml", "config/features_prod.yml", Some(Underneath::Layer)),
            ("config/feature_flags.yml", "config/feature_flags/production.yml", Some(Underneath::Layer)),
            ("config/feature_flags.yml", "config/environments/production/feature_flags.yml", Some(Underneath::Layer)),
            ("flags/default.yml", "flags/acme.yml", Some(Underneath::Layer)),
            ("flags/base.yml", "envs/prod/flags.json", Some(Underneath::Layer)),
            ("flags.yml", "flags-eu.yml", Some(Underneath::Wider)),
            ("flags/prod.yml", "flags/prod/eu.yml", Some(Underneath::Wider)),
            ("flags.yml", "flags.json", Some(Underneath::Wider)),
            ("config/flags.yml", "config/prod.yml", Some(Underneath::Around)),
            ("flags/staging.yml", "flags/production.yml", None),
            ("apps/web/flags.yml", "apps/pay/production.yml", None),
            ("flags/eu.yml", "flags/us.yml", None),
        ] {
            assert!(PathWords::of(below).is_below(&PathWords::of(above)) == how, "{below} {above}");
        }
    }
}
