//! Import: items of Amplitude to files, where no file says anything else.
//!
//! In: the items of a project, the flag files it has, and the lock file. Out: what to write, and what not, with the
//! reason. A file that says what Amplitude has is left as it is written. It refuses to write over a file that anybody
//! edited since it was imported, and over one of another flag. Not taken: merging the two by field, which would be a
//! guess at what was meant.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::client::Details;
use super::compare::projected;
use super::lock::{LockedItem, LockedProject};
use super::unread::UnreadPart;
use super::{Item, fields, file};
use crate::diagnostics::escape::visible;
use crate::flag::FlagEntry;
use crate::policy::fold::folded;

/// The reason for which an item that says what it is is edited in the console alone.
const IS_WEB: &str = "Amplitude says that it is a web experiment";

/// A flag file of the project as it is now.
pub struct PresentFile {
    pub entry: FlagEntry,
    pub bytes: Vec<u8>,
    /// Whether it is in the format that takes Amplitude's fields.
    pub native: bool,
}

/// The surroundings of an import into one project.
pub struct ImportSite<'s> {
    pub files: &'s [PresentFile],
    /// Every path that is taken, and those below the project whose files could not be read.
    pub taken: &'s BTreeSet<String>,
    /// The folder that new files go to.
    pub folder: &'s str,
    pub locked: Option<&'s LockedProject>,
    /// Fields that the policy leaves to the console.
    pub unmanaged: &'s [String],
    /// The files of the project that have an error.
    pub invalid: &'s [UnreadPart],
}

/// The result of an import for one item.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Imported {
    /// The file is new.
    New { path: String, text: String },
    /// The file is as it was imported last, and Amplitude has changed.
    Updated { path: String, text: String },
    /// The file says what Amplitude has.
    Same { path: String },
    /// The file says something else, and somebody edited it.
    Edited { path: String, fields: Vec<&'static str> },
    /// There can be no file.
    Without { why: String },
}

/// The result of an import.
#[derive(Debug)]
pub struct Import {
    /// By key.
    pub items: BTreeMap<String, (Imported, BTreeMap<String, String>)>,
    /// Keys that changed in Amplitude: the old one and the new one.
    pub renamed: Vec<(String, String)>,
    /// Keys of which Amplitude has another item than before, or one of another kind, each with what it is.
    pub replaced: Vec<(String, String)>,
    pub locked: LockedProject,
}

/// Imports the items of one project. `project` is its id in Amplitude.
#[must_use]
pub fn import(project: &str, items: &[Item], around: &ImportSite<'_>) -> Import {
    let mut done = Import {
        items: BTreeMap::new(),
        renamed: Vec::new(),
        replaced: Vec::new(),
        locked: LockedProject { id: project.to_owned(), items: BTreeMap::new() },
    };
    let mut taken: BTreeSet<String> = around.taken.iter().map(|path| folded(path)).collect();
    let (chosen, others) = one_a_key(items, around.locked);
    for (key, others) in others {
        let ids: Vec<&str> = others.iter().map(|item| item.id.as_str()).collect();
        let ids = ids.join(", ");
        if chosen.iter().any(|item| item.key == key) {
            done.replaced.push((key.to_owned(), format!("another item of this key is left alone: {ids}")));
        } else {
            let why = format!("Amplitude has several items of this key ({ids}): archive and rename all but one");
            done.items.insert(key.to_owned(), (Imported::Without { why }, BTreeMap::new()));
        }
    }
    for item in chosen {
        let before = around.locked.and_then(|locked| locked.items.iter().find(|(_, one)| one.id == item.id));
        if let Some((key, _)) = before.filter(|(key, _)| **key != item.key) {
            done.renamed.push((key.clone(), item.key.clone()));
        }
        if before.is_some_and(|(_, one)| one.kind != item.kind.word()) {
            let what = format!("it was converted and is of kind {} in Amplitude now", item.kind.word());
            done.replaced.push((item.key.clone(), what));
        }
        let anew = around.locked.and_then(|locked| locked.items.get(&item.key)).filter(|one| one.id != item.id);
        if let (None, Some(old)) = (before, anew) {
            let what = format!("it was made anew: the item {} in the place of {}", item.id, old.id);
            done.replaced.push((item.key.clone(), what));
        }
        let locked = before.map(|(_, one)| one);
        let (imported, left_out, written) = imported(item, around, locked, &mut taken);
        let applied = match &imported {
            Imported::New { text, .. } | Imported::Updated { text, .. } => Some(hash(text.as_bytes())),
            Imported::Same { path } => {
                around.files.iter().find(|known| known.entry.path == *path).map(|known| file_hash(&known.bytes))
            }
            Imported::Edited { .. } | Imported::Without { .. } => locked.and_then(|one| one.applied.clone()),
        };
        let remembered = LockedItem {
            id: item.id.clone(),
            kind: item.kind.word().to_owned(),
            version: item.version,
            hash: item.outline_digest(),
            file: written,
            applied,
            console: item.is_web.then(|| IS_WEB.to_owned()).or_else(|| locked.and_then(|one| one.console.clone())),
            bypassed: locked.and_then(|one| one.bypassed.clone()),
            kept: left_out.keys().filter_map(|field| Some((field.clone(), item.kept(field)?))).collect(),
            read_only: left_out.clone(),
        };
        done.locked.items.insert(item.key.clone(), remembered);
        done.items.insert(item.key.clone(), (imported, left_out));
    }
    // Items that were not in the answer are not forgotten: one page or one saved file is not the whole of a project.
    for (key, item) in around.locked.into_iter().flat_map(|locked| &locked.items) {
        let known = done.locked.items.contains_key(key) || done.locked.items.values().any(|one| one.id == item.id);
        if !known {
            done.locked.items.insert(key.clone(), item.clone());
        }
    }
    done
}

/// The items of which each has a key of its own, and the others of each key. Of several the one is meant that the lock
/// file has, else the only one that is not archived: nobody documents that a key cannot be used again.
fn one_a_key<'i>(
    items: &'i [Item],
    locked: Option<&LockedProject>,
) -> (Vec<&'i Item>, BTreeMap<&'i str, Vec<&'i Item>>) {
    let mut by_key: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    for item in items {
        by_key.entry(&item.key).or_default().push(item);
    }
    let (mut chosen, mut others) = (Vec::new(), BTreeMap::new());
    for (key, mut all) in by_key {
        let known = locked.and_then(|locked| locked.items.get(key));
        let of_lock = all.iter().position(|item| known.is_some_and(|known| known.id == item.id));
        let alive: Vec<usize> = (0..all.len()).filter(|at| all.get(*at).is_some_and(|item| !item.archived)).collect();
        let only = match (all.len(), alive.as_slice()) {
            (1, _) => Some(0),
            (_, [only]) => Some(*only),
            _ => None,
        };
        chosen.extend(of_lock.or(only).map(|at| all.remove(at)));
        if !all.is_empty() {
            others.insert(key, all);
        }
    }
    (chosen, others)
}

/// The most requests of an import up to the versions, unless more are asked for: at 20 a second, with the pages of
/// versions that follow, and with room for a slow machine, less than three minutes.
pub const MOST_REQUESTS: usize = 3_200;

/// The items whose included users and cohorts an import reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Included {
    /// Items of all that fit into [`MOST_REQUESTS`], the enabled ones first.
    Fitting,
    All,
    Enabled,
    Nobody,
}

/// The parts of each item that an import reads in requests of their own.
#[derive(Debug)]
pub struct ItemReads {
    pub details: Vec<Details>,
    /// How many requests that takes.
    pub requests: usize,
    /// How many items are not archived and not asked what they include.
    pub left: usize,
    /// How many requests those would take.
    pub more: usize,
}

/// Decides what to read after `sent` requests. An archived item serves nobody and is known by its list. Of the
/// `managed` ones, by project and key, a file says whom their variants include: a plan will compare that, so an import
/// has to read it.
#[must_use]
pub fn reading(items: &[Item], included: Included, managed: &BTreeSet<(String, String)>, sent: usize) -> ItemReads {
    let mut found = ItemReads { details: vec![Details::default(); items.len()], requests: 0, left: 0, more: 0 };
    let mut order: Vec<(usize, &Item)> = items.iter().enumerate().filter(|(_, item)| !item.archived).collect();
    found.requests = order.len();
    let said = |item: &Item| managed.contains(&(item.project.clone(), item.key.clone()));
    order.sort_by_key(|(_, item)| (!said(item), !item.enabled, item.key.as_str(), item.id.as_str()));
    for (at, item) in order {
        let Some(details) = found.details.get_mut(at) else { continue };
        details.variants = true;
        let keys: BTreeSet<String> = item.variants().map(str::to_owned).collect();
        let cost = 2 * keys.len();
        let reads = said(item)
            || match included {
                Included::Fitting => sent + found.requests + cost <= MOST_REQUESTS,
                Included::All => true,
                Included::Enabled => item.enabled,
                Included::Nobody => false,
            };
        if reads {
            found.requests += cost;
            details.inclusions = keys;
        } else {
            found.left += 1;
            found.more += cost;
        }
    }
    found
}

/// Whether Windows keeps the name of a file to itself, whatever its ending.
fn reserved(key: &str) -> bool {
    let stem = key.split('.').next().unwrap_or(key).to_ascii_lowercase();
    let numbered = |name: &str| stem.strip_prefix(name).is_some_and(|rest| matches!(rest.as_bytes(), [b'1'..=b'9']));
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

/// The result for an item, the fields that its file leaves out with the reasons, and the digest of that file.
type ImportedItem = (Imported, BTreeMap<String, String>, Option<String>);

fn imported(
    item: &Item,
    around: &ImportSite<'_>,
    locked: Option<&LockedItem>,
    taken: &mut BTreeSet<String>,
) -> ImportedItem {
    let without = |why: String| (Imported::Without { why }, BTreeMap::new(), None);
    let known = around.files.iter().find(|known| known.entry.flag.key == item.key);
    let completed = known.filter(|known| known.native).map(|known| item.completed(&known.entry.flag));
    let whole = completed.as_ref().unwrap_or(item);
    // A writer who thinks that nobody is included would be wrong.
    let unread = file::unread(whole).map(|why| (fields::INCLUSIONS.to_owned(), why.to_owned()));
    let written = match file::write_without(whole, unread.into_iter().collect()) {
        Ok(written) => written,
        Err(why) => return without(why),
    };
    let left_out = written.left_out.clone();
    let Some(known) = known else {
        let path = format!("{}{}.yaml", around.folder, item.key);
        // A name that is hidden, or a folder, to some system.
        if item.key.starts_with('.') || item.key.ends_with('.') || reserved(&item.key) {
            return without(format!("a file named `{}.yaml` is hidden or refused by some systems", visible(&item.key)));
        }
        if let Some(part) = around.invalid.iter().find(|part| part.name() == path) {
            return without(format!("{}; correct it, then import again", part.error.message));
        }
        if !taken.insert(folded(&path)) {
            return without(format!("`{path}` is taken, perhaps in other letters"));
        }
        let hash = hash(written.text.as_bytes());
        return (Imported::New { path, text: written.text }, left_out, Some(hash));
    };
    let path = known.entry.path.clone();
    if !known.native {
        return without(format!("`{path}` has the key, in a format that is not applied to Amplitude"));
    }
    let flag = &known.entry.flag;
    let view = projected(item, flag, around.unmanaged);
    let mut differing = view.differing(flag);
    if item.kind != flag.kind {
        differing.insert(0, fields::KIND);
    }
    let before = locked.and_then(|locked| locked.file.clone());
    let now = file_hash(&known.bytes);
    let untouched = before.as_deref() == Some(now.as_str());
    // A file that was written when everything had been read, or by hand, needs no remark about what was not read now.
    let says = |text: &str| now == hash(text.as_bytes());
    let says_it = says(&written.text) || file::write(whole).is_ok_and(|bare| says(&bare.text));
    if untouched && !says_it {
        let hash = hash(written.text.as_bytes());
        return (Imported::Updated { path, text: written.text }, left_out, Some(hash));
    }
    if differing.is_empty() {
        let hash = if says_it { Some(now) } else { before };
        return (Imported::Same { path }, left_out, hash);
    }
    (Imported::Edited { path, fields: differing }, left_out, before)
}

/// SHA-256 of a file in whatever line ends git wrote it, 64 hex digits.
#[must_use]
pub fn file_hash(bytes: &[u8]) -> String {
    let (mut text, mut rest) = (Vec::with_capacity(bytes.len()), bytes);
    while let [first, tail @ ..] = rest {
        if !(*first == b'\r' && tail.first() == Some(&b'\n')) {
            text.push(*first);
        }
        rest = tail;
    }
    hash(&text)
}

/// SHA-256, 64 hex digits.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
