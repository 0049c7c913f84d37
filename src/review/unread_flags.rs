//! Changed files that no project has, and that belong to flags which are reviewed: a layer next to a file of a project,
//! or a part of what a kustomization makes of its files.
//!
//! **In**: changed files outside of every project. **Out**: an error for each that may switch something on.
//! **Refuses**: to hold up what switches flags off, and what is for those who make them. **Not taken**: reviewing such
//! a file as one of the project next to it, since nobody said whose flags these are.

mod inner_flags;
mod layer_names;
mod lines;
mod text_parts;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use inner_flags::{inner_flags, is_settings, is_switch, only_goes_off, said, says_switch, takes_away};
pub use layer_names::LayerNames;
use layer_names::{Nearness, folder_of_layers, is_of_makers};
use lines::{ChangedLines, names_one_of, text};

use super::read::{Case, Pair};
use super::same_documents::kustomizations;
use super::surroundings::Surroundings;
use crate::diagnostics::{Diagnostic, Diagnostics, Place, lints};
use crate::document::{Data, Node};
use crate::flag::{File, FileKind, Flag, folder};
use crate::format::known::{about_flags, is_kustomization, known};
use crate::format::names::{NameSet, folded, lists_what_takes_away};
use crate::format::{FormatRef, has_switch};
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
}

impl Neighbour {
    fn read<S: Surroundings>(path: &str, format: &FormatRef, case: &Case, around: &S) -> Result<Self, S::Error> {
        let base = around.files(&[path.to_owned()].into())?;
        let all = |files: &[File]| files.iter().filter_map(|file| flags(format, file)).flatten().collect::<Vec<_>>();
        let before = all(&base);
        let after = match case.pairs.iter().find(|pair| pair.path == path) {
            Some(pair) => all(pair.proposed.as_slice()),
            None => before.clone(),
        };
        let keys: BTreeSet<String> = before.iter().chain(&after).map(|(_, flag)| flag.own_key().to_owned()).collect();
        let mut to_be: BTreeMap<String, Vec<Flag>> = BTreeMap::new();
        for (_, flag) in after {
            to_be.entry(folded(flag.own_key())).or_default().push(flag);
        }
        Ok(Neighbour { format: format.clone(), folded: keys.iter().map(|key| folded(key)).collect(), keys, to_be })
    }

    /// Whether a flag of another file is called like one of this one, which may have names around it: `eu.cart`, and
    /// `eu: {cart: true}`, which is one flag to some formats.
    fn has(&self, flag: &Flag) -> bool {
        self.is_flag(&folded(flag.own_key())) || !self.inside(flag).is_empty()
    }

    /// Whether one that is a switch is called so, and no setting.
    fn has_switch(&self, flag: &Flag) -> bool {
        self.is_flag(&folded(flag.own_key())) && has_switch(flag)
            || self.inside(flag).iter().any(|(_, value)| is_switch(value))
    }

    /// The values of its flags inside of one of another file that is called otherwise.
    fn inside<'f>(&self, flag: &'f Flag) -> Vec<(&'f str, &'f Node)> {
        if self.is_flag(&folded(flag.own_key())) {
            return Vec::new();
        }
        inner_flags(flag, &|name| self.folded.contains(&folded(name)))
    }

    /// Whether nothing changes but that flags of it go off inside of one of another file.
    fn only_goes_off(&self, before: Option<&Flag>, after: &Flag) -> bool {
        let is_flag = |name: &str| self.folded.contains(&folded(name));
        !self.inside(after).is_empty() && !takes_away(after) && only_goes_off(before, after, &is_flag)
    }

    /// Whether a flag of it is on, and so in another state than a value of another file said.
    fn holds_other_than(&self, name: &str, said: &dyn Fn(&Flag) -> bool) -> bool {
        let mut others = self.to_be.get(&folded(name)).into_iter().flatten();
        others.any(|other| other.state.live && !said(other))
    }

    /// Whether a flag of it is called so, or what follows a point in the name.
    fn is_flag(&self, name: &str) -> bool {
        let mut inner = name.match_indices('.').filter_map(|(at, _)| name.get(at + 1..));
        self.folded.contains(name) || inner.any(|part| self.folded.contains(part))
    }
}

/// A changed file that no project has, with its flags by each format that was asked for.
struct OutsideFile<'p> {
    pair: &'p Pair,
    by_format: BTreeMap<String, ReadSides>,
}

/// The flags of such a file by a format; none of a side that is not there.
struct ReadSides {
    /// `None` on either side if nobody knows what stands there.
    before: Option<FlagsByKey>,
    after: Option<FlagsByKey>,
    /// Whether the file is of the format by its name and its shape.
    is_known: bool,
}

impl OutsideFile<'_> {
    fn sides(&mut self, format: &FormatRef) -> &ReadSides {
        let pair = self.pair;
        self.by_format.entry(format.id.to_string()).or_insert_with(|| {
            let side = |file: &Option<File>| match file {
                Some(file) => flags(format, file),
                None => Some(FlagsByKey::new()),
            };
            let of_format = |file: &File| known(&file.path, &file.bytes).and_then(|found| found.known.id);
            let is_known = pair.proposed.as_ref().and_then(of_format) == Some(&*format.id);
            ReadSides { before: side(&pair.live), after: side(&pair.proposed), is_known }
        })
    }

    /// How it belongs to flags of a project, if it does and may switch something on.
    fn belongs_to(&mut self, next: &Neighbour, nearness: Nearness) -> Option<Belonging> {
        let pair = self.pair;
        if let Some(why) = unseen(pair) {
            return Some(Belonging::Unseen(why));
        }
        let ReadSides { before, after, is_known } = self.sides(&next.format);
        let unreadable = || {
            let is_unread = before.is_none() || after.is_none();
            (is_unread && names_flag_of(pair, next, nearness)).then_some(Belonging::Unreadable { now: after.is_none() })
        };
        let (none, Some(after)) = (FlagsByKey::new(), after) else { return unreadable() };
        let before = before.as_ref().unwrap_or(&none);
        // Words of a language, in a file called after it, say nothing about the flags of these names, nor do settings.
        let serves = |flag: &&Flag| match nearness {
            _ if flag.state.word != "unknown" || !flag.format.is_of_any_service() => true,
            Nearness::Word => true,
            Nearness::Environment => !has_settings(flag),
            // Another word than for off may say nothing.
            Nearness::Region => {
                let was_off = before.get(&flag.key).is_some_and(|before| !before.state.live);
                was_off || says_switch(flag) || next.inside(flag).iter().any(|(_, value)| is_switch(value))
            }
        };
        let of_reverse = lists_what_takes_away(&pair.path);
        let goes_off = |flag: &Flag| !of_reverse && next.only_goes_off(before.get(&flag.key), flag);
        let mut coming = coming_on(after, before).filter(serves).filter(|flag| !goes_off(flag)).peekable();
        let common = after.values().filter(|flag| next.has(flag)).count();
        let is_layer = *is_known || common > 0 && 2 * common >= after.len();
        let is_of_it = |flag: &Flag| match nearness {
            Nearness::Word => next.has(flag),
            Nearness::Environment | Nearness::Region => next.has_switch(flag),
        };
        if coming.peek().is_some() && (is_layer || coming.any(is_of_it)) {
            return Some(Belonging::Layer);
        }
        // Settings and words of another kind that are called like a flag say nothing about it.
        let gone = || before.iter().filter(|(key, _)| !after.contains_key(*key)).map(|(_, flag)| flag);
        let is_limit = |flag: &Flag| nearness == Nearness::Word && !has_settings(flag);
        let counts =
            |flag: &&Flag| has_switch(flag) || !flag.state.live || !flag.format.is_of_any_service() || is_limit(flag);
        let mut held = gone().filter(counts).filter(|flag| nearness == Nearness::Word || !has_settings(flag));
        let inner = gone().flat_map(|flag| next.inside(flag).into_iter().map(move |one| (flag, one)));
        let mut inner = inner.filter(|(_, (_, value))| is_switch(value));
        let is_same = |flag: &Flag, other: &Flag| !of_reverse && says_the_same(flag, other);
        let says_on = |flag: &Flag, value: &Node| {
            let reverse = of_reverse || takes_away(flag);
            matches!(value.data, Data::Bool(on) if on != reverse)
        };
        let is_held = held.any(|flag| next.holds_other_than(flag.own_key(), &|other| is_same(flag, other)))
            || inner.any(|(flag, (name, value))| next.holds_other_than(name, &|_| says_on(flag, value)));
        is_held.then_some(Belonging::Held).or_else(unreadable)
    }
}

/// Whether what is taken for a flag may be settings of something that is called so.
fn has_settings(flag: &Flag) -> bool {
    let is_unknown = flag.state.word == "unknown" && flag.format.is_of_any_service();
    is_unknown && said(flag).next().is_some() && flag.record.iter().all(|entry| is_settings(&entry.value))
}

/// Whether a file names a flag of another one in its text, and a line of it changes that may switch that on. A file of
/// an environment or a region has other settings too, so that only switches of such flags count in it.
fn names_flag_of(pair: &Pair, next: &Neighbour, nearness: Nearness) -> bool {
    let [before, after] =
        [&pair.live, &pair.proposed].map(|file| file.as_ref().map(|file| text(&file.bytes)).unwrap_or_default());
    let keys = || next.keys.iter().filter_map(|key| next.format.part_of_key(key));
    let is_flag = |name: &str| next.is_flag(&folded(name));
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

/// Files of which a kustomization makes something out of flags, and resources in the folders of others.
fn built<S: Surroundings>(
    outside: &[&Pair],
    managed: &[String],
    case: &Case,
    policy: &Policy,
    around: &S,
) -> Result<Vec<Diagnostic>, S::Error> {
    let of_resources = |path: &&String| policy.format(path).is_some_and(|format| format.has_resources());
    let resources: BTreeSet<&str> = managed.iter().filter(of_resources).map(String::as_str).collect();
    let Some(format) = resources.first().and_then(|path| policy.format(path)) else { return Ok(Vec::new()) };
    let named = managed.iter().filter(|path| is_kustomization(path)).cloned().collect();
    let mut all = kustomizations(around.files(&named)?.iter());
    all.extend(kustomizations(case.pairs.iter().filter_map(|pair| pair.proposed.as_ref())));
    all.extend(kustomizations(outside.iter().filter_map(|pair| pair.proposed.as_ref())));
    let about = about_flags(&all, &resources);
    let mut found = Vec::new();
    for (pair, file) in outside.iter().filter_map(|pair| Some((pair, pair.proposed.as_ref()?))) {
        let path = &file.path;
        let is_named = about.kustomizations.iter().filter_map(|name| all.get(name)).any(|one| one.has(path));
        let is_about = about.kustomizations.contains(path) || about.patches.contains(path);
        if let Some(why) = unseen(pair).filter(|_| is_named || is_about || about.variables.contains(path)) {
            let how = format!("{why}, and is a part of what is made of the files of a project");
            found.push(Diagnostic { remedy: protect_it(path), ..switches_on(pair, &format, &how) });
            continue;
        }
        let [is, was] = [Some(file), pair.live.as_ref()]
            .map(|file| file.and_then(|file| all_parts(&format, file)).unwrap_or_default());
        let is_resource = || known(path, &file.bytes).is_some_and(|found| found.known.id == Some(&*format.id));
        let belongs = if is_about {
            differ(&is, &was)
        } else if about.variables.contains(path) {
            sets_flags(file, pair.live.as_ref())
        } else if is_named || policy.manages_below(folder(path)) && !is_kustomization(path) && is_resource() {
            coming_on(&without_parts(is, &format), &without_parts(was, &format)).next().is_some()
        } else {
            false
        };
        if belongs {
            found.push(switches_on(pair, &format, "is a part of what is made of the files of a project"));
        }
    }
    Ok(found)
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

/// Whether nothing changes but that a flag is switched off.
fn is_switched_off(before: &Flag, after: &Flag) -> bool {
    let is_off = !after.state.live || after.links.switched_off;
    is_off
        && after.links.gives_back.is_none()
        && only_goes_off(Some(before), after, &|name| NameSet::Switches.has(name))
}

fn differ(is: &FlagsByKey, was: &FlagsByKey) -> bool {
    is.len() != was.len() || is.iter().any(|(key, flag)| was.get(key).is_none_or(|before| !says_the_same(before, flag)))
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

/// Whether a file of variables says something else of one that is called like a flag.
fn sets_flags(file: &File, before: Option<&File>) -> bool {
    let lines = |file: &File| -> BTreeSet<String> {
        String::from_utf8_lossy(&file.bytes).lines().map(|line| line.trim().to_owned()).collect()
    };
    let before = before.map(lines).unwrap_or_default();
    let names_flag = |line: &String| line.split_once('=').is_some_and(|(name, _)| NameSet::FlagName.has(name.trim()));
    lines(file).iter().any(|line| !before.contains(line) && names_flag(line))
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
