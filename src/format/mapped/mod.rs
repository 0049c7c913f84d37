//! Formats that a mapping describes: built in, or of a repository.
//!
//! **In**: a mapping (`.countersign/formats/NAME.yaml`) and a file. **Out**: flags whose fields say what the mapping
//! selects for them, by the paths of the file. **Refuses**: to pass over what no mapping names: it is a field that
//! nobody knows. **Not taken**: a row of a table for every field of every format, which nobody outside of this project
//! could add.

mod builtin;
mod checked_only;
mod checks;
mod document;
pub mod draft;
mod embedded;
mod entries;
mod environments;
mod exposure;
mod fields;
mod flag;
mod flag_place;
mod flags;
mod inner_values;
mod item_keys;
mod item_lists;
mod joined;
mod keys;
pub mod language;
mod letter_case;
mod links;
mod members;
mod models;
mod needs;
mod normal;
mod ordered;
mod parse;
mod path;
mod path_strings;
mod unique_documents;
mod unread_parts;
mod walk;
pub(in crate::format) use path::{has_items, lists_flags};
mod notes;
mod off_flags;
mod project;
mod read;
mod renamed_items;
mod schema;
pub mod selected;
mod sources;
mod state;
mod survey;
mod templates;

pub use builtin::{BUILT_IN, BuiltIn, NATIVE};
pub use fields::{FIELDS, STATES};
pub use joined::{below, joined, put_at};
pub use keys::part_of_key;
pub use language::Mapping;
pub use links::may_be_built_in;
pub use notes::is_only_note;
pub use off_flags::{gives_another_while_off, goes_off_by_word, has_switch, said_by_word, switches_go_off};
pub use parse::parse;
pub use read::size_remedy;
pub use schema::schema;
pub use survey::{MOST_SURVEYED, survey};
pub use unique_documents::{NamedDocument, named_documents, nodes};

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use super::{Format, FormatRef, LifecycleWord};
use crate::diagnostics::Diagnostics;
use crate::document::{Data, Map, Node};
use crate::flag::{Flag, FlagEntry, Kind, NoFlag, State};
use crate::format::names::{ServedIn, served_in};
use crate::impact::ExposureModel;

const BOTH: &[Kind] = &[Kind::Flag, Kind::Experiment];

/// The state of a flag whose switch is off, and that gives everyone a variant then: whether that is off nobody knows.
const SWITCHED_OFF: &str = "switched-off";

const LIFECYCLE: &[LifecycleWord] = &[
    LifecycleWord { word: "live", kinds: BOTH, live: true, sure: true, off: false },
    LifecycleWord { word: "scheduled", kinds: BOTH, live: true, sure: true, off: false },
    // The switch that decides whether it is served is not in git.
    LifecycleWord { word: "unknown", kinds: BOTH, live: true, sure: false, off: false },
    // Its own switch is off, and it gives users something all the same.
    LifecycleWord { word: SWITCHED_OFF, kinds: BOTH, live: true, sure: false, off: false },
    LifecycleWord { word: "testing", kinds: BOTH, live: false, sure: true, off: true },
    // Whether it is on is in a database, and which flags there are is in git.
    LifecycleWord { word: DECLARED, kinds: BOTH, live: false, sure: true, off: false },
    LifecycleWord { word: "inactive", kinds: BOTH, live: false, sure: true, off: true },
];

/// Makes the scopes of flags on both sides the same, as far as a flag has others on the other side.
pub fn pair_scopes(live: &[FlagEntry], proposed: &mut Vec<FlagEntry>) {
    add_left_scopes(live, proposed);
    add_held_back(live, proposed);
    restored(live, proposed);
}

/// Marks flags of which their environments say whether they are on, where one of these does: those that were off
/// altogether, such as archived ones, those that say something else than before, and those that come to environments
/// which are on already.
fn restored(live: &[FlagEntry], proposed: &mut [FlagEntry]) {
    let before: BTreeMap<&str, &Flag> = live
        .iter()
        .map(|entry| &entry.flag)
        .filter(|flag| flag.scope.is_none() && !flag.state.live)
        .map(|flag| (flag.key.as_str(), flag))
        .collect();
    let said = |flag: &Flag| -> Vec<(String, Node)> {
        let of_users = |key: &str| key != "state" && !fields::concerns_nobody(key);
        let all = flag.record.iter().filter(|entry| of_users(&entry.key));
        all.map(|entry| (entry.key.clone(), entry.value.clone())).collect()
    };
    let differs = |was: &Flag, is: &Flag| was.is_off() || said(was) != said(is);
    let known: BTreeSet<&str> = live.iter().map(|entry| entry.flag.key.as_str()).collect();
    let is_on = |entry: &&FlagEntry| entry.flag.scope.is_some() && entry.flag.state.live && !is_part(&entry.flag);
    let was_on: BTreeSet<&str> = live.iter().filter(is_on).map(|entry| entry.flag.own_key()).collect();
    let declared = |flag: &Flag| {
        let is_said_elsewhere = flag.scope.is_none() && !flag.state.live && !flag.is_off();
        let key = flag.key.as_str();
        let comes = !known.contains(key) && was_on.contains(key);
        is_said_elsewhere && (comes || before.get(key).is_some_and(|was| differs(was, flag)))
    };
    if !proposed.iter().any(|entry| declared(&entry.flag)) {
        return;
    }
    let on: BTreeSet<String> = proposed.iter().filter(is_on).map(own_key).collect();
    for entry in proposed.iter_mut().filter(|entry| declared(&entry.flag)) {
        if on.contains(&entry.flag.key) {
            mark_unknown(&mut entry.flag);
        }
    }
}

/// Adds the flags of which only one scope left the file. One that was on is off there, and not deleted.
fn add_left_scopes(live: &[FlagEntry], proposed: &mut Vec<FlagEntry>) {
    let keys: BTreeSet<&str> = proposed.iter().map(|entry| entry.flag.key.as_str()).collect();
    let left: Vec<&FlagEntry> = live.iter().filter(|entry| !keys.contains(entry.flag.key.as_str())).collect();
    if left.is_empty() {
        return;
    }
    let each = |mapping: &Mapping| mapping.entities.iter().any(|entity| entity.each.is_some());
    let each_of = |flag: &Flag| flag.format.mapping.as_ref().is_some_and(each);
    let base = |flag: &Flag| {
        let scope = flag.scope.as_ref().filter(|_| each_of(flag))?;
        flag.key.strip_suffix(scope.as_str())?.strip_suffix('@').map(str::to_owned)
    };
    // One that has no scope any more is there too.
    let whole = |flag: &Flag| base(flag).or_else(|| (flag.scope.is_none() && each_of(flag)).then(|| flag.key.clone()));
    let there: BTreeMap<String, &FlagEntry> =
        proposed.iter().filter_map(|entry| Some((whole(&entry.flag)?, entry))).collect();
    let of_all = |flag: &Flag| {
        let scope = flag.scope.as_deref();
        flag.state.live && scope.is_none_or(|scope| served_in(scope) == Some(ServedIn::Everywhere))
    };
    let for_all: BTreeSet<String> =
        proposed.iter().filter(|entry| of_all(&entry.flag)).filter_map(|entry| whole(&entry.flag)).collect();
    let of_some = |flag: &Flag| flag.scope.is_some() && !of_all(flag);
    let scoped: BTreeSet<String> =
        proposed.iter().filter(|entry| of_some(&entry.flag)).filter_map(|entry| base(&entry.flag)).collect();
    let off_where_absent = |flag: &Flag| {
        let mapping = flag.format.mapping.as_ref();
        let mut each =
            mapping.into_iter().flat_map(|mapping| &mapping.entities).filter_map(|entity| entity.each.as_ref());
        each.all(|each| each.absent_is_off)
    };
    let mut added = Vec::new();
    for entry in left {
        let Some(base) = base(&entry.flag) else { continue };
        let Some(sibling) = there.get(&base) else { continue };
        // The flag for all is what holds in its place, unless others are still listed next to it.
        let for_all = for_all.contains(&base) && !(entry.flag.links.listed && scoped.contains(&base));
        // Where it was off, what the flag says of all environments may hold from now on.
        let word = match entry.flag.state.live {
            true if for_all || !entry.flag.is_sure() && !entry.flag.links.listed => "unknown",
            true => "inactive",
            false if off_where_absent(&entry.flag) => continue,
            false => "unknown",
        };
        let mut flag = entry.flag.clone();
        let place = sibling.flag.place;
        flag.place = place;
        flag.state.place = place;
        set_state(&mut flag, word);
        if word == "unknown" && entry.flag.state.live {
            add_to_rest(&mut flag, "its entry for the environment", "none".to_owned());
        }
        added.push(FlagEntry { flag, ..FlagEntry::clone(sibling) });
    }
    proposed.append(&mut added);
}

/// Adds the switches for all environments that go while one of these stays and may be on: it may have held that back.
/// An entry for all of them that was archived may be on as well.
fn add_held_back(live: &[FlagEntry], proposed: &mut Vec<FlagEntry>) {
    let keys: BTreeSet<&str> = proposed.iter().map(|entry| entry.flag.key.as_str()).collect();
    let of_all = |flag: &Flag| is_nowhere(flag) || is_entry_for_all(flag);
    let goes = |entry: &&FlagEntry| of_all(&entry.flag) && !keys.contains(entry.flag.key.as_str());
    let gone: Vec<&FlagEntry> = live.iter().filter(goes).collect();
    if gone.is_empty() {
        return;
    }
    let stays = |entry: &&FlagEntry| entry.flag.scope.is_some() && entry.flag.state.live;
    let before: BTreeSet<&str> = live.iter().filter(stays).map(|entry| entry.flag.key.as_str()).collect();
    let still = proposed.iter().filter(|entry| stays(entry) && before.contains(entry.flag.key.as_str()));
    let held: BTreeMap<String, &FlagEntry> = still.map(|entry| (own_key(entry), entry)).collect();
    let mut added = Vec::new();
    for entry in gone {
        let Some(scoped) = held.get(&entry.flag.key) else { continue };
        let mut flag = entry.flag.clone();
        flag.place = scoped.flag.place;
        flag.state.place = scoped.flag.place;
        mark_unknown(&mut flag);
        add_to_rest(&mut flag, "its entry for all environments", "none".to_owned());
        added.push(FlagEntry { flag, ..FlagEntry::clone(scoped) });
    }
    proposed.append(&mut added);
}

/// Whether a flag was nowhere on, and may stand in environments from then on, of which each is reported by itself.
#[must_use]
pub fn is_nowhere(flag: &Flag) -> bool {
    let entities = flag.format.mapping.iter().flat_map(|mapping| &mapping.entities);
    flag.scope.is_none() && flag.is_off() && entities.into_iter().any(|entity| entity.each.is_some())
}

/// Whether a flag says what holds in all environments, of formats that have these at another place of the file.
fn is_entry_for_all(flag: &Flag) -> bool {
    let mapping = flag.format.mapping.as_ref();
    let entities = || mapping.into_iter().flat_map(|mapping| &mapping.entities);
    let apart = entities().any(|entity| !entity.scope.is_empty()) && entities().all(|entity| entity.each.is_none());
    apart && flag.scope.is_none() && !flag.state.live && flag.links.no_flag.is_none()
}

fn own_key(entry: &FlagEntry) -> String {
    entry.flag.own_key().to_owned()
}

/// Puts a flag into the state that nobody knows.
pub fn mark_unknown(flag: &mut Flag) {
    set_state(flag, "unknown");
}

/// Puts a flag, or a part that no flag uses, into the state in which it does nothing.
pub fn mark_inactive(flag: &mut Flag) {
    set_state(flag, "inactive");
}

/// Makes the place of a flag in its file a part of both sides, if it is another one, or in a map of another name: who
/// reads flags there is not known.
pub fn compare_wrappers(before: &mut Flag, after: &mut Flag) {
    renamed_items::take_names(before, after);
    let around = |flag: &Flag| flag.links.around.clone().unwrap_or_else(|| "none".to_owned());
    let layout = |flag: &Flag| flag.links.layout.clone().unwrap_or_default();
    let document = |flag: &Flag| if flag.links.later { "a later one" } else { "the first" }.to_owned();
    // A reader of the first document does not see that it is off from then on.
    if !before.links.later && after.links.later && after.is_off() {
        mark_unknown(after);
    }
    let pairs = [
        ("the map around all flags", around(before), around(after)),
        ("the place of flags in the file", layout(before), layout(after)),
        ("the document that it stands in", document(before), document(after)),
    ];
    for (what, old, new) in pairs.into_iter().filter(|(_, old, new)| old != new) {
        add_to_rest(before, what, old);
        add_to_rest(after, what, new);
        // Where one scope is not found any more, what is said for all holds there.
        if after.scope.is_some() && !after.state.live {
            mark_unknown(after);
        }
    }
}

fn add_to_rest(flag: &mut Flag, what: &str, said: String) {
    let place = flag.place;
    let said = flag::entry(what, place, Node::text(place, said));
    match flag.record.0.iter_mut().find(|entry| entry.key == "rest").map(|entry| &mut entry.value.data) {
        Some(Data::Map(map)) => map.0.push(said),
        _ => flag.record.0.push(flag::entry("rest", place, Node::new(place, Data::Map(Map(vec![said]))))),
    }
}

/// Puts a flag into another state, at the same place.
fn set_state(flag: &mut Flag, word: &str) {
    let place = flag.state.place;
    let live = LIFECYCLE.iter().any(|known| known.word == word && known.live);
    flag.state = State { word: word.to_owned(), live, place };
    flag.links.switched_off = word == SWITCHED_OFF;
    for field in flag.record.0.iter_mut().filter(|field| field.key == "state") {
        field.value = Node::text(place, word.to_owned());
    }
}

/// Whether this is a part that flags use, or one that names flags.
#[must_use]
pub fn is_part(flag: &Flag) -> bool {
    flag.links.no_flag == Some(NoFlag::Part)
}

/// Whether this is the key of such a part. A flag may be called so too.
#[must_use]
pub fn is_key_of_part(key: &str) -> bool {
    links::PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}

/// Whether this is a segment that says whom it has, in a format whose flags name segments.
#[must_use]
pub fn is_used_by_name(mapping: &Mapping, flag: &Flag) -> bool {
    let only_segments = flag.get("segments").is_some() && flag.get("rest").is_none();
    names_parts(mapping) && only_segments && is_part(flag) && flag.key.starts_with(links::SEGMENT)
}

/// Whether a database says which flags of this format are on, since no state of theirs does.
#[must_use]
pub fn is_declaration(mapping: &Mapping, flag: &Flag) -> bool {
    let mut states = mapping.entities.iter().flat_map(|entity| &entity.live).map(|(_, state)| *state);
    flag.state.word == DECLARED && states.all(|state| [DECLARED, "unknown"].contains(&state))
}

/// The state of a flag whose file says that it is there, and no more.
const DECLARED: &str = "declared";

/// Whether flags name parts in this format.
#[must_use]
pub fn names_parts(mapping: &Mapping) -> bool {
    let refers = |entity: &language::Entity| {
        !entity.refs.is_empty() || entity.refs_by_name.is_some() || !entity.apart.is_empty()
    };
    mapping.entities.iter().any(|entity| !entity.part && !entity.group && refers(entity))
}

/// Whether this is what stands in a file outside of all flags.
#[must_use]
pub fn is_rest(flag: &Flag) -> bool {
    flag.links.no_flag == Some(NoFlag::Rest)
}

/// The key of what stands outside of all flags of a file, before its path.
const REST: &str = "the rest of ";

/// The row of a format that is built in.
#[must_use]
pub fn built_in(name: &str) -> Option<FormatRef> {
    static ROWS: LazyLock<BTreeMap<&'static str, FormatRef>> = LazyLock::new(|| {
        let row = |built_in: &BuiltIn| {
            let mapping = parse(built_in.text.as_bytes(), &mut Diagnostics::of(built_in.name))?;
            Some((built_in.name, format(built_in.name, mapping)))
        };
        BUILT_IN.iter().filter_map(row).collect()
    });
    ROWS.get(name).cloned()
}

/// A format of one kind of flag with its flags at another path; `None` if it has several kinds, or this is no path.
#[must_use]
pub fn at(format: &Format, path: &str) -> Option<FormatRef> {
    let mut mapping = format.mapping.clone()?;
    let [entity] = mapping.entities.as_mut_slice() else { return None };
    let path = language::Path::parse(path).filter(|path| path.root == language::Root::Entity)?;
    // Names around flags tell those of one name apart.
    let wild = path.steps.iter().filter(|step| matches!(step, language::PathStep::Any(..))).count();
    entity.scope.extend((1..wild).map(|at| vec![language::Source::Key(Some(at - 1))]));
    entity.at = vec![path];
    Some(self::format(&format.id, mapping))
}

/// A format that reads the same flags, of which none will be compared: neither who gets what of them nor the lists that
/// they are read from are looked for, and of small documents only the fields that checks look at. `None` of a format
/// without a mapping.
#[must_use]
pub fn for_diagnostics(format: &Format) -> Option<FormatRef> {
    let mut mapping = format.mapping.clone()?;
    mapping.checked_only = Some(checked_only::CheckedOnly::of(&mapping));
    for entity in &mut mapping.entities {
        entity.impact = None;
        entity.lists = item_lists::ListPlaces::default();
    }
    Some(self::format(&format.id, mapping))
}

/// The row of a format that a mapping describes.
#[must_use]
pub fn format(name: &str, mapping: Mapping) -> FormatRef {
    let without: Vec<&'static str> = mapping.without.iter().filter_map(|name| fields::in_words(name)).collect();
    FormatRef::Mapped(Arc::new(Format {
        id: Cow::Owned(name.to_owned()),
        about: Cow::Owned(mapping.about.clone()),
        mapping: Some(mapping),
        recognises: |_| false,
        readers: &[],
        read: |format, bytes, path, diagnostics| {
            let mapping = format.mapping.as_ref()?;
            read::read(format, mapping, bytes, path, diagnostics)
        },
        canonical: None,
        draft: None,
        integers_are_floats: true,
        one_flag_a_file: false,
        fields: FIELDS,
        lifecycle: LIFECYCLE,
        exposure: ExposureModel {
            algorithm: "shares of a mapping",
            value: "value",
            groups: exposure::groups,
            conditions: exposure::conditions,
            turnover: exposure::turnover,
            listed: |_| None,
            idle: exposure::is_idle,
            while_off: exposure::while_off,
            unmodelled: exposure::add_unmodelled,
            notes: exposure::add_notes,
        },
        without: Cow::Owned(without),
        serves_off: exposure::serves_off,
        relations: links::relations,
        check_relations: links::check,
        condition_words: |_, _| None,
    }))
}
