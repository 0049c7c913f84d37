//! The native format: Amplitude's field names, one flag or experiment a file, one lifecycle field.
//!
//! In: a YAML file. Out: one flag. Refuses: a file whose `key` or `state` can't be read, since nothing can be known of
//! such a flag. Not taken: the two fields that Amplitude has for the lifecycle (`enabled`, `archive`), of which some
//! combinations mean nothing.
//!
//! Field names and types follow Amplitude's Experiment Management API
//! (<https://amplitude.com/docs/apis/experiment/experiment-management-api-flags>), so that what people know from
//! there holds here.

mod checks;
mod checks_together;
mod conditions;
mod draft;
mod exposure;
mod fields;
pub mod hash;
mod notes;
mod unmodelled;
mod words;

use std::borrow::Cow;

pub use self::exposure::variant_of;
pub use self::fields::FIELDS;
use super::{Format, FormatRef, LifecycleWord};
use crate::diagnostics::diagnostic::choice;
use crate::diagnostics::{Diagnostics, lints};
use crate::document::shape::{self, UnknownKeys};
use crate::document::yaml::{self, Dialect, RowsOfFile};
use crate::document::{Data, Node, synonyms};
use crate::flag::{Flag, ItemLists, Kind, Links, State};
use crate::impact::ExposureModel;

pub static FORMAT: Format = Format {
    id: Cow::Borrowed("native"),
    about: Cow::Borrowed("one flag or experiment a YAML file, in Amplitude's field names"),
    recognises: |path| {
        let lower = path.to_ascii_lowercase();
        lower.ends_with(".yaml") || lower.ends_with(".yml")
    },
    readers: &[("", &[Dialect::Profile])],
    read: |_, bytes, path, diagnostics| read(bytes, path, diagnostics),
    mapping: None,
    canonical: Some(|text| yaml::canonical_text(text, FIELDS)),
    draft: Some(draft::draft),
    // The use that an application makes of a payload is not known.
    integers_are_floats: false,
    one_flag_a_file: true,
    fields: FIELDS,
    lifecycle: LIFECYCLE,
    exposure: ExposureModel {
        algorithm: "Amplitude: murmur3 of SALT/VALUE, its remainder by 100 and its quotient",
        value: "payload",
        groups: exposure::groups,
        conditions: conditions::normal_form,
        turnover: |before, after| conditions::turnover(&before.conditions, &after.conditions),
        listed: |_| None,
        idle: |_, _, _| false,
        while_off: |_, _| None,
        unmodelled: unmodelled::add,
        notes: notes::add,
    },
    // No variant is off; users who have one by name are reported by the exposure model.
    without: Cow::Borrowed(&[]),
    serves_off: |flag| exposure::everyone_gets(flag) == Some(None),
    relations: checks_together::relations,
    check_relations: checks_together::check,
    condition_words: words::condition,
};

const BOTH: &[Kind] = &[Kind::Flag, Kind::Experiment];

/// The lifecycles of a flag (inactive, testing, scheduled, active, archived) and of an experiment (planning, testing,
/// scheduled, running, completed, archived).
const LIFECYCLE: &[LifecycleWord] = &[
    LifecycleWord { word: "inactive", kinds: &[Kind::Flag], live: false, sure: true, off: true },
    LifecycleWord { word: "planning", kinds: &[Kind::Experiment], live: false, sure: true, off: true },
    LifecycleWord { word: "testing", kinds: BOTH, live: false, sure: true, off: true },
    LifecycleWord { word: "scheduled", kinds: BOTH, live: true, sure: true, off: false },
    LifecycleWord { word: "active", kinds: &[Kind::Flag], live: true, sure: true, off: false },
    LifecycleWord { word: "running", kinds: &[Kind::Experiment], live: true, sure: true, off: false },
    LifecycleWord { word: "completed", kinds: &[Kind::Experiment], live: false, sure: true, off: true },
    LifecycleWord { word: "archived", kinds: BOTH, live: false, sure: true, off: true },
];

fn read(bytes: &[u8], path: &str, diagnostics: &mut Diagnostics<'_>) -> Option<Vec<Flag>> {
    let node = yaml::read_by(bytes, FORMAT.readers_of(path), rows_of_text, diagnostics)?;
    let kind = kind(&node);
    // A word of the other kind has a message of its own.
    let other = node.get("state").and_then(Node::as_text);
    let other = other.is_some_and(|word| LIFECYCLE.iter().any(|known| known.word == word));
    let rows = if other { FIELDS } else { fields::of_kind(kind) };
    shape::check(&node, rows, "the flag", UnknownKeys::Warned, diagnostics);
    let state = state(&node, kind, diagnostics);
    let key = node.get("key").and_then(|key| Some((key.as_text()?.to_owned(), key.place)));
    let whole = key.is_some() && state.is_some();
    let (key, place) = key.unwrap_or((String::new(), node.place));
    // Of a flag whose state is unknown nothing is said that depends on it.
    let state = state.unwrap_or(State { word: String::new(), live: false, place });
    let Data::Map(record) = node.data else { return None };
    let (links, scope) = (Links::default(), None);
    let flag = Flag {
        key,
        kind,
        state,
        place,
        record,
        scope,
        shared: None,
        lists: ItemLists::new(),
        links,
        drawn: None,
        format: FormatRef::Row(&FORMAT),
    };
    checks::check(&flag, diagnostics);
    whole.then(|| vec![flag])
}

/// The kind that the file says. Of a word that is none the state decides, so that it is not refused for that word.
fn kind(node: &Node) -> Kind {
    let of_experiments =
        |word: &str| LIFECYCLE.iter().any(|known| known.word == word && known.kinds == [Kind::Experiment]);
    match node.get("kind").map(Node::as_text) {
        Some(Some("experiment")) => Kind::Experiment,
        Some(Some("flag")) => Kind::Flag,
        _ if node.get("state").and_then(Node::as_text).is_some_and(of_experiments) => Kind::Experiment,
        _ => Kind::Flag,
    }
}

/// The rows for the remedies of a file that cannot be read: those of its kind, as far as a line says which that is.
fn rows_of_text(text: &str) -> RowsOfFile {
    let experiment = |line: &str| {
        line.strip_prefix("kind:").is_some_and(|kind| kind.trim().trim_matches(['"', '\'']).starts_with("experiment"))
    };
    let kind = if text.lines().any(experiment) { Kind::Experiment } else { Kind::Flag };
    RowsOfFile { fields: fields::of_kind(kind), ..yaml::ANY_FILE }
}

/// The lifecycle word of a flag. `None` if it has none of its kind; then that was reported.
fn state(node: &Node, kind: Kind, diagnostics: &mut Diagnostics<'_>) -> Option<State> {
    let state = node.get("state")?;
    let word = state.as_text()?;
    if let Some(known) = FORMAT.lifecycle_of(kind).find(|known| known.word == word) {
        return Some(State { word: known.word.to_owned(), live: known.live, place: state.place });
    }
    // A word of neither kind is the wrong word for the field, and was reported with it.
    if LIFECYCLE.iter().any(|known| known.word == word) {
        diagnostics.add(
            lints::WRONG_WORD,
            state.place,
            format!("`state` is `{word}`, which is no state of {}", article(kind)),
            match synonyms::word(word, fields::states_of(kind)) {
                Some(meant) => {
                    format!("write `{meant}`; allowed are {}", choice(fields::states_of(kind).iter().copied()))
                }
                None => format!("write one of {}", choice(fields::states_of(kind).iter().copied())),
            },
        );
    }
    None
}

fn article(kind: Kind) -> &'static str {
    match kind {
        Kind::Flag => "a flag",
        Kind::Experiment => "an experiment",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_has_the_words_of_the_lifecycle() {
        let words: Vec<&str> = LIFECYCLE.iter().map(|known| known.word).collect();
        assert_eq!(words, fields::STATES);
        for kind in [Kind::Flag, Kind::Experiment] {
            let words: Vec<&str> = FORMAT.lifecycle_of(kind).map(|known| known.word).collect();
            assert_eq!(words, fields::states_of(kind));
        }
    }
}
