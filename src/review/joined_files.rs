//! Files that their reader joins with the file they stand over: what comes out for their scope, where that is something
//! else than both say by themselves.
//!
//! **In**: the files that differ, and those that they are joined with. **Out**: changes of the flags of a scope that
//! none of the two files shows: a flag that another one takes the place of, one that has the switch of another.
//! **Refuses**: to take for off what comes out as on. **Not taken**: what comes out in the place of what a file says
//! where that is as strict, since receipts cover what stands in files.

use std::collections::{BTreeMap, BTreeSet};

use super::read::{Case, FlagChange, order};
use super::surroundings::Surroundings;
use crate::changes::Critical;
use crate::changes::classify::{Since, Step, classify};
use crate::flag::{File, FileKind, Flag, FlagEntry, file_stem};
use crate::format::{FormatRef, mark_unknown};
use crate::policy::{Policy, ProjectMatch};

/// The content of one path on both sides.
type BothSides<'f> = [Option<&'f File>; 2];

/// Adds what comes out of files that are joined.
///
/// # Errors
/// The errors of the surroundings.
pub fn apply<S: Surroundings>(
    changes: &mut Vec<FlagChange>,
    case: &Case,
    policy: &Policy,
    around: &S,
) -> Result<(), S::Error> {
    let joins = |path: &str| policy.format(path).filter(|format| format.joins_by_place());
    let differing: Vec<&str> =
        case.pairs.iter().map(|pair| pair.path.as_str()).filter(|path| joins(path).is_some()).collect();
    if differing.is_empty() {
        return Ok(());
    }
    // The files below those that differ, and those above.
    let below: BTreeSet<String> = differing.iter().filter_map(|path| joins(path)?.file_below(path)).collect();
    let mut unchanged = around.files(&below)?;
    let stems: BTreeSet<(String, String)> = differing
        .iter()
        .filter_map(|path| {
            let ProjectMatch::Project(project) = policy.project_of(path) else { return None };
            let name = file_stem(path);
            Some((project.name_at(path), name.to_owned()))
        })
        .collect();
    unchanged.extend(around.holding(&stems)?);
    let mut files: BTreeMap<&str, BothSides<'_>> =
        unchanged.iter().map(|file| (file.path.as_str(), [Some(file); 2])).collect();
    files.extend(case.pairs.iter().map(|pair| (pair.path.as_str(), [pair.live.as_ref(), pair.proposed.as_ref()])));
    for (path, above) in &files {
        let Some(format) = joins(path) else { continue };
        let Some(base) = format.file_below(path) else { continue };
        let ProjectMatch::Project(project) = policy.project_of(path) else { continue };
        if !differing.contains(path) && !differing.contains(&base.as_str()) {
            continue;
        }
        let below = files.get(base.as_str()).copied().unwrap_or_default();
        let entry = |flag: Flag| FlagEntry {
            project: project.name_at(path),
            path: (*path).to_owned(),
            mode: above.iter().flatten().last().map_or(crate::flag::PLAIN, |file| file.mode),
            flag,
        };
        match JoinedFlags::read(&format, path, &base, below, *above) {
            Some(found) => found.add_to(changes, &entry),
            None => mark_unread(changes, path, &base),
        }
    }
    changes.sort_by(|a, b| order(a).cmp(&order(b)));
    Ok(())
}

/// Marks flags that are off in a file whose join cannot be read, also those that go: what comes out of both nobody
/// knows. A switch-off waits for nobody.
fn mark_unread(changes: &mut [FlagChange], path: &str, base: &str) {
    let is_off = |entry: &Option<FlagEntry>| entry.as_ref().is_none_or(|entry| !entry.flag.state.live);
    for change in changes.iter_mut().filter(|change| is_off(&change.before)) {
        let is_here = |entry: &&FlagEntry| entry.path == path && !entry.flag.state.live;
        let Some(entry) = change.entry().filter(is_here) else { continue };
        let mut after = entry.clone();
        mark_unknown(&mut after.flag);
        change.after = Some(after);
        let base = base.escape_debug();
        change.remarks.push(format!("`{base}` cannot be read, with which its file is joined: correct that file first"));
    }
}

/// The flags of one scope by their keys, before and after.
struct JoinedFlags<'p> {
    path: &'p str,
    base: &'p str,
    /// As they come out.
    joined: [BTreeMap<String, Flag>; 2],
    /// As the file below has them for the scope.
    below: [BTreeMap<String, Flag>; 2],
    /// As the file itself has them.
    own: [BTreeMap<String, Flag>; 2],
}

impl<'p> JoinedFlags<'p> {
    /// Reads all; `None` if one of the files cannot be read.
    fn read(
        format: &FormatRef,
        path: &'p str,
        base: &'p str,
        below: BothSides<'_>,
        above: BothSides<'_>,
    ) -> Option<JoinedFlags<'p>> {
        let whole = |file: &File| file.kind == FileKind::Regular && file.size == file.bytes.len() as u64;
        if !below.iter().chain(&above).flatten().all(|file| whole(file)) {
            return None;
        }
        let bytes = |sides: BothSides<'_>, side: usize| -> Option<Vec<u8>> {
            sides.get(side).copied().flatten().map(|file| file.bytes.clone())
        };
        let read = |below: Option<Vec<u8>>, above: Option<Vec<u8>>| -> Option<BTreeMap<String, Flag>> {
            let flags = format.joined(below.as_deref(), above.as_deref(), path)?;
            Some(flags.into_iter().map(|flag| (flag.key.clone(), flag)).collect())
        };
        let side = |side: usize| {
            let (below, above) = (bytes(below, side), bytes(above, side));
            Some((read(below.clone(), above.clone())?, read(below, None)?, read(None, above)?))
        };
        let ((joined_before, below_before, own_before), (joined_after, below_after, own_after)) = (side(0)?, side(1)?);
        Some(JoinedFlags {
            path,
            base,
            joined: [joined_before, joined_after],
            below: [below_before, below_after],
            own: [own_before, own_after],
        })
    }

    /// Puts what comes out in the place of what the file says, where that would pass and this would not.
    fn add_to(self, changes: &mut Vec<FlagChange>, entry: &dyn Fn(Flag) -> FlagEntry) {
        let [before, after] = &self.joined;
        let [below_before, below_after] = &self.below;
        let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for key in keys {
            let (was, is) = (before.get(key), after.get(key));
            // For this scope it is what the file below has for all.
            let as_below = same(was, below_before.get(key)) && same(is, below_after.get(key));
            let own = changes.iter().position(|change| {
                let sides = || [&change.before, &change.after].into_iter().flatten();
                sides().any(|one| one.path == self.path && one.flag.key == *key)
            });
            let change = own.and_then(|own| changes.get(own));
            let says_off = change.and_then(|change| change.after.as_ref()).is_some_and(|one| !one.flag.state.live);
            let is_on = is.is_some_and(|flag| flag.state.live);
            let misleads = says_off && is_on;
            if (as_below || same(was, is)) && !misleads {
                continue;
            }
            let at_own_place = |flag: &Flag, own: &BTreeMap<String, Flag>| {
                let place = own.get(key).map_or(crate::diagnostics::Place::START, |flag| flag.place);
                entry(crate::format::put_at(flag, place))
            };
            let [own_before, own_after] = &self.own;
            let (was, is) =
                (was.map(|flag| at_own_place(flag, own_before)), is.map(|flag| at_own_place(flag, own_after)));
            let asks = |was: Option<&FlagEntry>, is: Option<&FlagEntry>| {
                let step = match (was, is) {
                    (Some(was), Some(is)) => Step::Edited(was, is),
                    (Some(was), None) => Step::Deleted(was),
                    (None, Some(is)) => Step::Created(is),
                    (None, None) => return false,
                };
                let changes = classify(step, &Since::default(), &Critical::default());
                changes.iter().any(|change| change.rule.is_some())
            };
            let own_asks = change.is_some_and(|change| asks(change.before.as_ref(), change.after.as_ref()));
            let live = |entry: &Option<FlagEntry>| entry.as_ref().is_some_and(|entry| entry.flag.state.live);
            // A flag that goes off is free, and has to be reported where nothing else says it.
            let untold = change.is_none() && live(&was) != live(&is);
            let counts = misleads || untold || asks(was.as_ref(), is.as_ref());
            if own_asks || !counts {
                continue;
            }
            let remark = format!(
                "`{}` and `{}` are joined member by member, and their lists by the place of each item: this is what \
                 comes out",
                self.base.escape_debug(),
                self.path.escape_debug()
            );
            let joined =
                FlagChange { before: was, after: is, remarks: vec![remark], joined: true, ..FlagChange::default() };
            match own.and_then(|own| changes.get_mut(own)) {
                Some(change) => *change = joined,
                None => changes.push(joined),
            }
        }
    }
}

/// Whether two say the same, or neither is there.
fn same(one: Option<&Flag>, other: Option<&Flag>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.record == other.record && one.state.word == other.state.word,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}
