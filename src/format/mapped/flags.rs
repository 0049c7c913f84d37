//! The flags of one file together: how much they may say, and that no two have one key.

use std::collections::{BTreeMap, BTreeSet};

use super::language::Mapping;
use crate::diagnostics::{Diagnostics, lints};
use crate::document::{Data, Entry, Map, Node};
use crate::flag::Flag;

/// The flags that were read so far.
pub struct FlagList {
    pub read: Vec<Flag>,
    /// How many values they may hold yet: what all of a file shares is in each of its flags.
    left: usize,
}

/// How many values the flags of a file may hold: three times what a file may.
pub const MOST_COPIED: usize = 3 * crate::document::yaml::MAX_NODES;

/// How many environments a flag may have.
pub const MOST_ENVIRONMENTS: usize = 1000;

impl FlagList {
    /// Flags of a file that may be so many times as large as others.
    pub fn new(times: usize) -> Self {
        FlagList { read: Vec::new(), left: MOST_COPIED * times }
    }

    /// Adds a flag, unless they say too much.
    pub fn add(&mut self, flag: Flag, diagnostics: &mut Diagnostics<'_>) -> Option<()> {
        let size: usize = flag.record.iter().map(|entry| entry.value.size()).sum();
        match self.left.checked_sub(size) {
            Some(left) => self.left = left,
            None => {
                let message =
                    "what the flags of this file say comes to more than is judged, since each has a part of all";
                diagnostics.add(
                    lints::TOO_MANY_NODES,
                    flag.place,
                    message,
                    "split the file, or name fewer environments in it",
                );
                return None;
            }
        }
        self.read.push(flag);
        Some(())
    }
}

/// Equal keys of one file: the second has a number, in the order of the file. Unless the format has them so, nobody
/// knows which of them is served. Of two patches of one resource both count, in their order, and each needs approval.
pub fn distinct(mut flags: Vec<Flag>, mapping: &Mapping, diagnostics: &mut Diagnostics<'_>) -> Vec<Flag> {
    let fold = |key: &str| if mapping.syntax.any_case { key.to_lowercase() } else { key.to_owned() };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    // The number that was given last, so that those before it are not tried again.
    let mut given: BTreeMap<String, usize> = BTreeMap::new();
    let mut keys: BTreeSet<String> = flags.iter().map(|flag| flag.key.clone()).collect();
    for flag in &mut flags {
        let count = seen.entry(fold(&flag.key)).or_default();
        *count += 1;
        if *count > 1 {
            if !mapping.several && !is_resource(flag) {
                let message = format!(
                    "`{}` stands twice in this file, and whoever reads flags by their keys takes one of the two",
                    flag.key.escape_debug()
                );
                let remedy = "remove one of them; if another member tells them apart, write a mapping that has it \
                              in its `key`, such as `key: [service, name]`";
                diagnostics.add(lints::DUPLICATE_KEY, flag.place, message, remedy);
            }
            let last = given.entry(flag.key.clone()).or_default();
            let mut number = (*count).max(*last + 1);
            while keys.contains(&format!("{}#{number}", flag.key)) {
                number += 1;
            }
            *last = number;
            let key = format!("{}#{number}", flag.key);
            keys.insert(key.clone());
            flag.links.same_key = Some(std::mem::replace(&mut flag.key, key));
        }
    }
    if !mapping.several {
        let bare = |flag: &Flag| fold(flag.links.same_key.as_ref().unwrap_or(&flag.key));
        // Whichever of them is read, it is off if all of them are.
        let live: BTreeSet<String> = flags.iter().filter(|flag| flag.state.live).map(bare).collect();
        let mut order: BTreeMap<String, usize> = BTreeMap::new();
        for flag in &mut flags {
            let key = bare(flag);
            if live.contains(&key) && seen.get(&key).is_some_and(|count| *count > 1) {
                let place = order.entry(key).or_default();
                *place += 1;
                be_unknown(flag, *place);
            }
        }
    }
    flags
}

/// Whether it is a part that decides about flags and that none of them names.
fn is_resource(flag: &Flag) -> bool {
    super::is_part(flag) && flag.key.starts_with(super::links::prefix("resource"))
}

/// Makes a flag one of which nobody knows whether it is read. The words of its state, and its place among those of its
/// key, are a part of it all the same: either may decide what is served.
fn be_unknown(flag: &mut Flag, order: usize) {
    let place = flag.state.place;
    let word = flag.state.word.clone();
    super::mark_unknown(flag);
    let member = |key: &str, text: String| Entry { key: key.to_owned(), place, value: Node::text(place, text) };
    let said = [member("state", word), member("order", order.to_string())];
    match flag.record.0.iter_mut().find(|entry| entry.key == "stage").map(|entry| &mut entry.value.data) {
        Some(Data::Map(map)) => map.0.extend(said),
        _ => {
            flag.record.0.retain(|entry| entry.key != "stage");
            let value = Node::new(place, Data::Map(Map(said.to_vec())));
            flag.record.0.push(Entry { key: "stage".to_owned(), place, value });
        }
    }
}
