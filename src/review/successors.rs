//! Successors: which flag of the proposal is which of the base.
//!
//! **In**: the flags of each file, before and after. **Out**: the changes, and flags that stay. **Refuses**: to pair
//! two in one project with one of another, or one of two environments, which ends in the one and starts in the other.
//! **Not taken**: renames, which are a deletion and an activation.

use std::collections::{BTreeMap, VecDeque};

use super::other_scope;
use super::read::{FileSides, FileValidity, FlagChange, order};
use crate::changes::diff::compare;
use crate::flag::FlagEntry;
use crate::format::compare_wrappers;

/// Pairs the flags of both sides by project and key. The flags that are left over are paired by key alone, because a
/// flag that moved to another project is still that flag, unless the paths of its files say two environments.
/// Flags of a list that say the same are `steady` if others need them, and `unsure` in an invalid file.
pub fn successors(
    sides: Vec<FileSides>,
    environment: &dyn Fn(&FlagEntry) -> Option<String>,
    (steady, unsure): (&mut Vec<FlagEntry>, &mut Vec<FlagEntry>),
) -> Vec<FlagChange> {
    let mut deleted: Vec<FlagEntry> = Vec::new();
    let mut created: Vec<(FlagEntry, bool)> = Vec::new();
    let mut flags = Vec::new();
    for side in sides {
        // Of a file with an error, or of which an error goes, a flag that says the same is not what it was.
        let list = |flags: &[FlagEntry]| {
            let first = flags.first().filter(|_| side.validity == FileValidity::Valid);
            flags.len() > 1 || first.is_some_and(|entry| !entry.flag.format.one_flag_a_file)
        };
        let is_list = list(&side.live) || list(&side.proposed);
        let mut proposed = Counterparts::new(side.proposed, |after| [after.flag.key.clone()]);
        for mut before in side.live {
            match proposed.take(&before.flag.key).map(|after| paired(&mut before, after)) {
                Some(after) if is_list && alike(&before, &after) && before.mode == after.mode => {
                    if side.validity == FileValidity::Differs {
                        unsure.push(after.clone());
                    }
                    let links = &after.flag.links;
                    if links.part.is_some() || after.flag.format.is_mapped() {
                        steady.push(after);
                    }
                }
                Some(after) => {
                    let mode = side.text_only.mode.clone().filter(|_| before.mode != after.mode);
                    let text = side.text_only.text.clone().filter(|_| before.flag.record == after.flag.record);
                    let remarks = mode.into_iter().chain(text).collect();
                    flags.push(FlagChange { remarks, ..FlagChange::became(before, Some(after)) });
                }
                None if side.proposed_unreadable => {
                    flags.push(FlagChange { unreadable: true, ..FlagChange::became(before, None) });
                }
                None => deleted.push(before),
            }
        }
        created.extend(proposed.rest().map(|after| (after, side.live_unreadable)));
    }
    // Flags that stayed in their project are paired first, so that none of them is paired with one of another project.
    let mut unpaired = Vec::new();
    let mut created = Counterparts::new(created, |(after, _)| [after.name()]);
    for mut before in deleted {
        match created.take(&before.name()) {
            Some((after, _)) => {
                let after = paired(&mut before, after);
                flags.push(FlagChange::became(before, Some(after)));
            }
            None => unpaired.push(before),
        }
    }
    // By the key alone, and with what the path says of an environment.
    let anywhere = |entry: &FlagEntry| (entry.flag.key.clone(), None);
    let there = |entry: &FlagEntry, environment: Option<String>| (entry.flag.key.clone(), Some(environment));
    let mut created =
        Counterparts::new(created.rest().collect(), |(after, _)| [anywhere(after), there(after, environment(after))]);
    let mut gone = Vec::new();
    for mut before in unpaired {
        let after = match environment(&before) {
            Some(name) => created.take(&there(&before, Some(name))).or_else(|| created.take(&there(&before, None))),
            None => created.take(&anywhere(&before)),
        };
        let after = after.map(|(after, _)| paired(&mut before, after));
        let change = FlagChange::became(before, after);
        if change.after.is_some() { flags.push(change) } else { gone.push(change) }
    }
    let (mut deleted, mut created): (Vec<FlagChange>, Vec<(FlagEntry, bool)>) = (gone, created.rest().collect());
    other_scope::pair(&mut deleted, &mut created);
    flags.append(&mut deleted);
    for (after, replaces_unreadable) in created {
        let remarks = if replaces_unreadable {
            vec!["the file before could not be read, so all of the flag counts as new".to_owned()]
        } else {
            Vec::new()
        };
        flags.push(FlagChange::of(Some(after), remarks));
    }
    flags.sort_by(|a, b| order(a).cmp(&order(b)));
    flags
}

/// Whether nothing is to be said of two: not even that they are written differently.
fn alike(before: &FlagEntry, after: &FlagEntry) -> bool {
    before.flag.record == after.flag.record || compare(Some(&before.flag), &after.flag).is_empty()
}

/// The successor of a flag.
fn paired(before: &mut FlagEntry, after: FlagEntry) -> FlagEntry {
    let mut after = as_callers_see(before, after);
    compare_wrappers(&mut before.flag, &mut after.flag);
    after
}

/// The flag with its numbers as they were where no caller sees another one.
pub fn as_callers_see(before: &FlagEntry, mut after: FlagEntry) -> FlagEntry {
    if after.flag.format.integers_are_floats && before.flag.record != after.flag.record {
        after.flag.record.keep_floats(&before.flag.record);
    }
    after
}

/// The candidates for the counterpart of something, each handed out once, by a name that several may have. A proposal
/// may delete and create thousands, so none is looked for by trying them all.
struct Counterparts<T, N> {
    all: Vec<Option<T>>,
    by_name: BTreeMap<N, VecDeque<usize>>,
}

impl<T, N: Ord> Counterparts<T, N> {
    fn new<const COUNT: usize>(all: Vec<T>, names: impl Fn(&T) -> [N; COUNT]) -> Self {
        let mut by_name: BTreeMap<N, VecDeque<usize>> = BTreeMap::new();
        for (at, one) in all.iter().enumerate() {
            for name in names(one) {
                by_name.entry(name).or_default().push_back(at);
            }
        }
        Counterparts { all: all.into_iter().map(Some).collect(), by_name }
    }

    /// The first of this name that is left.
    fn take(&mut self, name: &N) -> Option<T> {
        let candidates = self.by_name.get_mut(name)?;
        // A candidate with two names may have been taken by the other one.
        while let Some(at) = candidates.pop_front() {
            if let Some(found) = self.all.get_mut(at).and_then(Option::take) {
                return Some(found);
            }
        }
        None
    }

    /// Flags that are left, in their order.
    fn rest(self) -> impl Iterator<Item = T> {
        self.all.into_iter().flatten()
    }
}
