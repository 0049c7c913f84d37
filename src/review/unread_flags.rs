//! Changed files that no project has, and that belong to flags which are reviewed: a layer next to a file of a project,
//! or a part of what a kustomization makes of its files.
//!
//! **In**: changed files outside of every project. **Out**: an error for each that may switch something on.
//! **Refuses**: to hold up what switches flags off, and what is for those who make them. **Not taken**: reviewing such
//! a file as one of the project next to it, since nobody said whose flags these are.

mod built;
mod flag_values;
mod layer_names;
mod lines;
mod switch_parts;
mod text_parts;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use built::built;
use flag_values::{KnownFlags, Layer, LayerEffect, joined, members};
pub use layer_names::{LayerNames, filled_in};
use layer_names::{Nearness, folder_of_layers, is_of_makers};
use lines::{ChangedLines, names_one_of, text};

use super::read::{Case, Pair};
use super::surroundings::Surroundings;
use crate::diagnostics::{Diagnostic, Diagnostics, Place, lints};
use crate::document::Node;
use crate::flag::{File, FileKind, Flag, folder};
use crate::format::known::{is_kustomization, known};
use crate::format::names::{NameSet, folded, lists_what_takes_away};
use crate::format::{FormatRef, nodes};
use crate::policy::{CONFIG_PATH, Policy, ProjectMatch, fold};

/// The flags of a file by their keys.
type FlagsByKey = BTreeMap<String, Flag>;

/// Looks at files outside of every project.
///
/// # Errors
/// The errors of the surroundings.
pub fn found<S: Surroundings>(
    outside: &[Pair],
    case: &Case,
    policy: &Policy,
    around: &S,
) -> Result<Vec<Diagnostic>, S::Error> {
    let outside: Vec<&Pair> = outside.iter().filter(|pair| !is_of_makers(&pair.path)).collect();
    if outside.is_empty() {
        return Ok(Vec::new());
    }
    let mut managed = around.managed()?;
    managed.retain(|path| !matches!(policy.project_of(path), ProjectMatch::Unmanaged));
    let names = LayerNames::of(managed.iter().map(String::as_str));
    let mut neighbours = BTreeMap::new();
    let mut found = Vec::new();
    for pair in &outside {
        let mut file = OutsideFile { pair, by_format: BTreeMap::new() };
        // A link or a submodule may hold a folder of layers.
        let may_hold = [&pair.live, &pair.proposed].into_iter().flatten().any(|file| file.kind.may_hold_files());
        let held = if may_hold { names.in_folder(&pair.path) } else { None };
        for (path, nearness) in names.next_to(&pair.path).chain(held.map(|path| (path, Nearness::Word))) {
            let Some(format) = policy.format(path) else { continue };
            let next = match neighbours.entry(path) {
                Entry::Occupied(found) => found.into_mut(),
                Entry::Vacant(place) => place.insert(Neighbour::read(path, &format, case, around)?),
            };
            if let Some(how) = file.belongs_to(next, nearness) {
                found.push(how.diagnostic(pair, &format, path));
                break;
            }
        }
    }
    let outside: Vec<&Pair> = outside.into_iter().filter(|pair| is_near(&pair.path, policy)).collect();
    found.extend(built(&outside, &managed, case, policy, around)?);
    found.sort();
    found.dedup_by(|one, other| one.path == other.path);
    Ok(found)
}

/// Whether a file may belong to flags of a project by where it stands.
#[must_use]
pub fn is_near(path: &str, policy: &Policy) -> bool {
    let own = folder(path);
    let below = |folder: &str| policy.manages_below(folder) || policy.manages_folded_below(&fold::folded(folder));
    is_kustomization(path) || [own, folder(own), folder_of_layers(path)].into_iter().any(below)
}

/// A file of a project next to one that no project has.
struct Neighbour {
    format: FormatRef,
    /// The keys of its flags on either side.
    keys: BTreeSet<String>,
    /// The keys without letter case and signs.
    folded: BTreeSet<String>,
    /// Its flags as the merge leaves them, by such keys.
    to_be: BTreeMap<String, Vec<Flag>>,
    /// The values of these flags as the merge leaves them.
    values: BTreeMap<String, Vec<Node>>,
    /// The names of members of flags, but those of notes.
    members: BTreeSet<String>,
}

impl Neighbour {
    fn read<S: Surroundings>(path: &str, format: &FormatRef, case: &Case, around: &S) -> Result<Self, S::Error> {
        let base = around.files(&[path.to_owned()].into())?;
        let all = |files: &[File]| files.iter().filter_map(|file| flags(format, file)).flatten().collect::<Vec<_>>();
        let left = match case.pairs.iter().find(|pair| pair.path == path) {
            Some(pair) => pair.proposed.as_slice(),
            None => &base,
        };
        let (before, after) = (all(&base), all(left));
        let keys: BTreeSet<String> = before.iter().chain(&after).map(|(_, flag)| flag.own_key().to_owned()).collect();
        let mut found = Neighbour {
            format: format.clone(),
            folded: keys.iter().map(|key| folded(key)).collect(),
            keys,
            to_be: BTreeMap::new(),
            values: BTreeMap::new(),
            members: BTreeSet::new(),
        };
        for (_, flag) in after {
            found.to_be.entry(folded(flag.own_key())).or_default().push(flag);
        }
        for node in left.iter().filter_map(|file| nodes(format, &file.bytes, &file.path)).flatten() {
            found.add_values("", &node);
        }
        Ok(found)
    }

    fn add_values(&mut self, path: &str, node: &Node) {
        for (name, inner) in members(node) {
            let path = joined(path, name);
            let Some(inner) = inner else { continue };
            match self.known_key(&path) {
                Some(key) => {
                    self.add_members(inner);
                    self.values.entry(key).or_default().push(inner.clone());
                }
                None => self.add_values(&path, inner),
            }
        }
    }

    fn add_members(&mut self, node: &Node) {
        for (name, inner) in members(node) {
            if let Some(inner) = inner.filter(|_| !NameSet::Notes.has(name)) {
                self.members.insert(name.to_owned());
                self.add_members(inner);
            }
        }
    }

    /// The key of its flag that is called so, or as what follows a point in the name, without letter case and signs.
    fn known_key(&self, name: &str) -> Option<String> {
        let name = folded(name);
        let inner = name.match_indices('.').filter_map(|(at, _)| name.get(at + 1..));
        let found = [name.as_str()].into_iter().chain(inner).find(|part| self.folded.contains(*part));
        found.map(str::to_owned)
    }

    /// Its flags that are called so and are on.
    fn on(&self, name: &str) -> impl Iterator<Item = &Flag> {
        let found = self.known_key(name).and_then(|key| self.to_be.get(&key));
        found.into_iter().flatten().filter(|flag| flag.state.live)
    }
}

impl KnownFlags for Neighbour {
    fn is_flag(&self, name: &str) -> bool {
        self.known_key(name).is_some()
    }

    fn is_on(&self, name: &str) -> bool {
        self.on(name).next().is_some()
    }

    fn values(&self, name: &str) -> &[Node] {
        self.known_key(name).and_then(|key| self.values.get(&key)).map_or(&[], Vec::as_slice)
    }

    fn has_member(&self, name: &str) -> bool {
        self.members.contains(name)
    }
}

/// A changed file that no project has, with what it says by each format that was asked for.
struct OutsideFile<'p> {
    pair: &'p Pair,
    by_format: BTreeMap<String, ReadSides>,
}

/// Both sides of such a file by a format; nothing of a side that is not there.
enum ReadSides {
    /// Nobody knows what stands on either side.
    Unread { now: bool },
    /// By any service, which takes flags from any place. Whether it is of the format by its name and its shape.
    Nodes { sides: [Vec<Node>; 2], is_known: bool },
    /// By the one service of the format. It is of that by its name and its shape, or has flags of the same names.
    Flags { sides: [FlagsByKey; 2], is_known: bool },
}

impl OutsideFile<'_> {
    fn sides(&mut self, format: &FormatRef) -> &ReadSides {
        let pair = self.pair;
        self.by_format.entry(format.id.to_string()).or_insert_with(|| {
            let unread = |now: bool| ReadSides::Unread { now };
            let of_format = |file: &File| known(&file.path, &file.bytes).and_then(|found| found.known.id);
            let is_known = pair.proposed.as_ref().and_then(of_format) == Some(&*format.id);
            if format.is_of_any_service() {
                let side = |file: &Option<File>| match file {
                    Some(file) => nodes(format, &file.bytes, &file.path),
                    None => Some(Vec::new()),
                };
                let Some(after) = side(&pair.proposed) else { return unread(true) };
                return side(&pair.live)
                    .map_or(unread(false), |before| ReadSides::Nodes { sides: [before, after], is_known });
            }
            let side = |file: &Option<File>| match file {
                Some(file) => flags(format, file),
                None => Some(FlagsByKey::new()),
            };
            let Some(after) = side(&pair.proposed) else { return unread(true) };
            side(&pair.live).map_or(unread(false), |before| ReadSides::Flags { sides: [before, after], is_known })
        })
    }

    /// How it belongs to flags of a project, if it does and may switch something on.
    fn belongs_to(&mut self, next: &Neighbour, nearness: Nearness) -> Option<Belonging> {
        let pair = self.pair;
        if let Some(why) = unseen(pair) {
            return Some(Belonging::Unseen(why));
        }
        let takes_away = lists_what_takes_away(&pair.path);
        match self.sides(&next.format) {
            ReadSides::Unread { now } => {
                names_flag_of(pair, next, nearness).then_some(Belonging::Unreadable { now: *now })
            }
            ReadSides::Nodes { sides: [before, after], is_known } => {
                let layer = Layer::of(next, nearness, takes_away, after);
                let layer = if *is_known { layer.of_format() } else { layer };
                match layer.effect(before, after) {
                    LayerEffect::SwitchesOn => Some(Belonging::Layer),
                    LayerEffect::Uncovers => Some(Belonging::Held),
                    LayerEffect::None => None,
                }
            }
            ReadSides::Flags { sides: [before, after], is_known } => {
                let common = after.values().filter(|flag| next.is_flag(flag.own_key())).count();
                let is_layer = *is_known && nearness == Nearness::Word || common > 0 && 2 * common >= after.len();
                if coming_on(after, before).any(|flag| is_layer || next.is_flag(flag.own_key())) {
                    return Some(Belonging::Layer);
                }
                let mut gone = before.iter().filter(|(key, _)| !after.contains_key(*key)).map(|(_, flag)| flag);
                let is_held =
                    |flag: &Flag| next.on(flag.own_key()).any(|other| takes_away || !says_the_same(flag, other));
                gone.any(is_held).then_some(Belonging::Held)
            }
        }
    }
}

/// Whether a file names a flag of another one in its text, and a line of it changes that may switch that on. A file of
/// an environment or a region has other settings too, so that only switches of such flags count in it.
fn names_flag_of(pair: &Pair, next: &Neighbour, nearness: Nearness) -> bool {
    let [before, after] =
        [&pair.live, &pair.proposed].map(|file| file.as_ref().map(|file| text(&file.bytes)).unwrap_or_default());
    let keys = || next.keys.iter().filter_map(|key| next.format.part_of_key(key));
    let is_flag = |name: &str| next.is_flag(name);
    let takes_away = lists_what_takes_away(&pair.path);
    (names_one_of(&before, keys()) || names_one_of(&after, keys()))
        && ChangedLines::of([&before, &after], takes_away, &is_flag, nearness != Nearness::Word).may_switch_on()
}

/// How a file belongs to flags of a project.
enum Belonging {
    /// The file switches something on over the flags of the other one.
    Layer,
    /// The file held some in another state than they have without it.
    Held,
    /// The file names some and can't be read, or could not before.
    Unreadable { now: bool },
    /// The file is called like a layer and was not looked at.
    Unseen(String),
}

impl Belonging {
    fn diagnostic(&self, pair: &Pair, format: &FormatRef, next: &str) -> Diagnostic {
        let (next, path) = (next.escape_debug(), &pair.path);
        let (how, remedy) = match self {
            Belonging::Layer => return switches_on(pair, format, &format!("stands next to `{next}`")),
            Belonging::Held => {
                let remedy = if pair.proposed.is_some() { name_it(pair, format) } else { protect_it(path) };
                (format!("had flags otherwise than `{next}` has them, which holds from now on"), remedy)
            }
            Belonging::Unreadable { now } => {
                let (how, remedy) =
                    if *now { ("cannot", "write it so that it can be read, or ") } else { ("could not", "") };
                (
                    format!("names flags of `{next}` and {how} be read as {}", format.id),
                    remedy.to_owned() + &protect_it(path),
                )
            }
            Belonging::Unseen(why) => (format!("{why}, and is called like a layer of `{next}`"), protect_it(path)),
        };
        let message = format!("this file {how}, no project has it, and nobody reviews what it switches on");
        Diagnostic::new(lints::UNREAD_FLAGS, path, Place::START, message, remedy)
    }
}

/// Up to so many bytes of a file outside of every project are read.
pub const LARGEST: u64 = 8 << 20;

/// Why nothing is known of what a file says or said, if so.
fn unseen(pair: &Pair) -> Option<String> {
    let why = |file: &File, is: &str, has: &str| match file.kind {
        FileKind::Regular if file.size == file.bytes.len() as u64 => None,
        FileKind::Regular if file.size > LARGEST => Some(format!("{has} {} bytes", file.size)),
        FileKind::Regular => Some("is one of too many to be looked at".to_owned()),
        kind => Some(format!("{is} {}", kind.noun())),
    };
    let now = pair.proposed.as_ref().and_then(|file| why(file, "is", "has"));
    now.or_else(|| why(pair.live.as_ref()?, "was", "had"))
}

/// All that a file has, with the parts of flags; `None` if nobody knows what stands there. Nothing is there of another
/// kind of file.
fn all_parts(format: &FormatRef, file: &File) -> Option<FlagsByKey> {
    let mut diagnostics = Diagnostics::of(&file.path);
    if let Some(found) = format.flags_of(&file.bytes, &file.path, &mut diagnostics) {
        return Some(found.into_iter().map(|flag| (flag.key.clone(), flag)).collect());
    }
    let is_other = |found: &Diagnostic| found.id.tells_of_another_file();
    diagnostics.finish(&file.bytes).iter().any(is_other).then(FlagsByKey::new)
}

fn flags(format: &FormatRef, file: &File) -> Option<FlagsByKey> {
    Some(without_parts(all_parts(format, file)?, format))
}

fn without_parts(mut all: FlagsByKey, format: &FormatRef) -> FlagsByKey {
    all.retain(|_, flag| flag.links.part.is_none() && !format.is_rest(flag));
    all
}

/// The flags that are on, or take something away, and said something else before.
fn coming_on<'f>(is: &'f FlagsByKey, was: &'f FlagsByKey) -> impl Iterator<Item = &'f Flag> {
    let may_serve = |flag: &Flag| flag.state.live || flag.links.gives_back.is_some() || !flag.links.lets_in.is_empty();
    let said_so = |key: &str, flag: &Flag| {
        was.get(key).is_some_and(|before| says_the_same(before, flag) || is_switched_off(before, flag))
    };
    is.iter().filter(move |(key, flag)| may_serve(flag) && !said_so(key, flag)).map(|(_, flag)| flag)
}

/// Whether a flag is switched off, and lets nobody else in.
fn is_switched_off(before: &Flag, after: &Flag) -> bool {
    let is_off = !after.state.live || after.links.switched_off;
    is_off && after.links.gives_back.is_none() && before.links.lets_in == after.links.lets_in
}

/// Whether two say the same to users.
fn says_the_same(before: &Flag, after: &Flag) -> bool {
    let said = |flag: &Flag| {
        // A member that may be a switch says whether a flag is on where its state is not known.
        let is_unknown = flag.state.word == "unknown";
        let of_users = |key: &str| is_unknown || flag.format.field(key).is_none_or(|row| !row.concerns_nobody());
        let all = flag.record.iter().filter(|entry| of_users(&entry.key));
        all.map(|entry| (entry.key.clone(), entry.value.clone())).collect::<Vec<_>>()
    };
    before.state.word == after.state.word && said(before) == said(after)
}

fn switches_on(pair: &Pair, format: &FormatRef, how: &str) -> Diagnostic {
    let message = format!("this file {how}, no project has it, and it may switch flags on that nobody reviews");
    Diagnostic::new(lints::UNREAD_FLAGS, &pair.path, Place::START, message, name_it(pair, format))
}

/// The remedy for a file that can be reviewed.
fn name_it(pair: &Pair, format: &FormatRef) -> String {
    let path = pair.path.escape_debug();
    let name: String = pair.path.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '-' }).collect();
    format!(
        "name it in `{CONFIG_PATH}` in this pull request, which an admin approves: under `projects` \
         `{}: {{paths: [\"{path}\"], approvals: peer}}`, or `approvals: none` if nobody is served by it, and under \
         `formats` `\"{path}\": {}`",
        name.trim_matches('-').to_lowercase(),
        format.id
    )
}

/// The remedy for a file that nobody can review as one of flags.
fn protect_it(path: &str) -> String {
    format!(
        "name it in `{CONFIG_PATH}` in this pull request, so that an admin approves each change of it: `protect: \
         [\"{}\"]`",
        path.escape_debug()
    )
}
