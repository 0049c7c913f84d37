//! Flags that are off: what they give all the same, and words by which they go off.
//!
//! **In**: a flag before and after. **Out**: whether it gives something else while it is off, or went off by a word
//! that readers take for different things, or that is no switch to all who write registries.
//! **Refuses**: to take a word for off where anything else changed.
//! **Not taken**: a state of its own for each word.

use std::collections::BTreeSet;

use super::fields::concerns_nobody;
use super::language::{Mapping, PathStep, Source};
use super::notes::may_be_note;
use super::path::without_mark;
use crate::document::yaml::UNQUOTED;
use crate::document::{Decimal, Entry, Map, Node};
use crate::flag::{Flag, file_name};
use crate::format::names::{NameSet, environments_in, item_name_rank, may_say_on, surely_serves_users};

/// Members that hold variants.
const VARIANTS: &[&str] = &["alternatives", "arms", "treatments", "variants", "variations"];

/// Whether a flag that is off gives another variant than it gave or would have given before, or another value under its
/// name, and not what stands for off.
#[must_use]
pub fn gives_another_while_off(before: &Flag, after: &Flag) -> bool {
    let (was, is) = (VariantWhileOff::of(before), VariantWhileOff::of(after));
    was != is && !is.is_off()
}

/// Whether nothing changes but that words for on became words for off: unquoted ones, and where the format knows
/// switches by their usual names, those under such a name.
#[must_use]
pub fn goes_off_by_word(before: &Flag, after: &Flag) -> bool {
    // Notes concern nobody.
    fn deciding(flag: &Flag) -> Vec<&Entry> {
        flag.record.0.iter().filter(|entry| !concerns_nobody(&entry.key)).collect()
    }
    let (was, is) = (deciding(before), deciding(after));
    let usual = usual_switches_go_off(before, after);
    let pairs = || was.iter().zip(&is);
    let same = |(one, other): (&&Entry, &&Entry)| {
        let off = || ["stage", "payload"].contains(&one.key.as_str()) && (usual || all_off(after, one, other));
        one.key == other.key && (one.value == other.value || off())
    };
    was.len() == is.len() && pairs().all(same) && pairs().any(|(one, other)| one.value != other.value)
}

/// The words for off, in lower case, that variants under a member are called by: such a word is no switch, but the
/// variant given.
#[must_use]
pub fn off_variants(name: &str, variants: &Node) -> BTreeSet<String> {
    let is_one = VARIANTS.iter().any(|known| name.eq_ignore_ascii_case(known));
    let mut names = BTreeSet::new();
    let mut add = |name: &str| {
        let name = without_mark(name).to_ascii_lowercase();
        names.extend(is_off_word(&name).then_some(name));
    };
    variants.as_map().filter(|_| is_one).into_iter().flat_map(Map::iter).for_each(|entry| add(&entry.key));
    for item in variants.as_list().filter(|_| is_one).into_iter().flatten() {
        let named = item.as_map().into_iter().flat_map(Map::iter);
        let named = named.filter(|entry| item_name_rank(&entry.key).is_some()).map(|entry| &entry.value);
        for name in named.chain([item]) {
            match name.as_bool() {
                Some(value) => add(if value { "true" } else { "false" }),
                None => name.as_text().into_iter().for_each(&mut add),
            }
        }
    }
    names
}

/// Whether nothing of a flag changes but that switches which it looks at go off, such as those of a flag around it.
#[must_use]
pub fn switches_go_off(before: &Flag, after: &Flag) -> bool {
    fn others(flag: &Flag) -> impl Iterator<Item = (&str, &Node)> {
        flag.record.0.iter().filter(|entry| entry.key != "stage").map(|entry| (entry.key.as_str(), &entry.value))
    }
    fn stage(flag: &Flag) -> Vec<&Entry> {
        flag.record.get("stage").and_then(Node::as_map).into_iter().flat_map(Map::iter).collect()
    }
    let (was, is) = (stage(before), stage(after));
    let says_off = |name: &str| {
        let name = file_name(name);
        after.format.says_off(name) || NameSet::TakesAway.has(name)
    };
    let off = |node: &Node| match (node.as_bool(), node.as_text()) {
        (Some(value), _) => !value,
        (None, Some(word)) => super::draft::state_of(word) == Some("inactive"),
        (None, None) => false,
    };
    let goes = |one: &&Entry| match is.iter().find(|other| other.key == one.key) {
        Some(other) => one.value == other.value || !says_off(&one.key) && off(&other.value),
        // A switch that says `true` answers, and one that says `false` does not.
        None => !says_off(&one.key) && one.value.as_bool() == Some(true),
    };
    others(before).eq(others(after))
        && was.iter().all(goes)
        && is.iter().all(|one| was.iter().any(|other| other.key == one.key))
}

/// Whether a switch says that a flag is on or off, and not something else, such as a percentage.
#[must_use]
pub fn has_switch(flag: &Flag) -> bool {
    let said = flag.record.get("stage").and_then(Node::as_map).into_iter().flat_map(Map::iter);
    let mut names = said.map(|entry| entry.key.rsplit('/').next().unwrap_or_default());
    names.any(|name| name == "value" || NameSet::Switches.has(name))
}

/// Whether of a part of the record nothing changes but words for on into words for off, in the places of switches.
fn all_off(after: &Flag, one: &Entry, other: &Entry) -> bool {
    let (Some(was), Some(is)) = (one.value.as_map(), other.value.as_map()) else { return false };
    let is_switch = |name: &str| one.key == "stage" || !environments_in(name).is_empty();
    let goes_off = |one: &Entry, other: &Entry| {
        let name = file_name(&other.key);
        let to_off = word_of(&one.value) == Some(true) && word_of(&other.value) == Some(false);
        to_off && is_switch(name) && !after.format.says_off(name) && !gives_variant(after, name, &other.value)
    };
    let mut pairs = was.iter().zip(is.iter());
    was.0.len() == is.0.len()
        && pairs.all(|(one, other)| one.key == other.key && (one.value == other.value || goes_off(one, other)))
}

/// Whether an unquoted word is on to readers that take it for a switch.
fn word_of(node: &Node) -> Option<bool> {
    let word = node.as_text()?.strip_suffix(UNQUOTED)?.to_ascii_lowercase();
    match word.as_str() {
        "on" | "yes" | "y" => Some(true),
        "off" | "no" | "n" => Some(false),
        _ => None,
    }
}

/// Whether of what decides about a flag only members change that are called like a switch, each from on to off, and
/// nothing stands next to them that may give users something then.
fn usual_switches_go_off(before: &Flag, after: &Flag) -> bool {
    let environment = after.scope.as_deref().map(file_name);
    let goes = |key: &str| match (before.get(key), after.get(key)) {
        (None, None) => true,
        (Some(was), Some(is)) => members_go_off(was, is, after, environment),
        _ => false,
    };
    after.format.mapping.as_ref().is_some_and(knows_usual_switches) && goes("stage") && goes("payload")
}

/// Whether a format knows switches by their usual names.
fn knows_usual_switches(mapping: &Mapping) -> bool {
    let is_one =
        |source: &&Source| source.path().is_some_and(|path| path.steps.contains(&PathStep::Named(NameSet::Switches)));
    mapping.entities.iter().any(|entity| entity.live.iter().any(|(test, _)| test.sources().iter().any(is_one)))
}

fn members_go_off(was: &Node, is: &Node, flag: &Flag, environment: Option<&str>) -> bool {
    let (Some(was), Some(is)) = (was.as_map(), is.as_map()) else { return false };
    let goes = |(one, other): (&Entry, &Entry)| {
        let name = file_name(without_mark(&one.key));
        let is_environment = || environment == Some(name) || surely_serves_users(name, false);
        let holds_it = ["environments", "envs"].contains(&name) || environment == Some(name);
        one.key == other.key
            && match (&one.value, &other.value) {
                (was, is) if holds_it && was.as_map().is_some() => members_go_off(was, is, flag, environment),
                (was, is) if was == is => gives_nothing(name, was),
                (was, is) => is_switched_off(name, is_environment(), was, is) && !gives_variant(flag, name, is),
            }
    };
    was.0.len() == is.0.len() && was.iter().zip(is.iter()).all(goes)
}

/// Whether a member surely gives nobody anything where the flag is off.
fn gives_nothing(name: &str, node: &Node) -> bool {
    let divides = ["groups", "segments", "users", "variants"].contains(&name);
    let hashes = NameSet::Percentages.has(name) || NameSet::Seeds.has(name);
    divides || hashes || NameSet::Notes.has(name) && may_be_note(name, node)
}

/// Whether a member that is called like a switch goes from on to off, or what stands under that of an environment.
/// Of numbers, `value` may be any.
fn is_switched_off(name: &str, is_environment: bool, was: &Node, is: &Node) -> bool {
    let by_word = ["state", "status", "value"].contains(&name) || is_environment;
    let may_be_number = ["state", "status"].contains(&name) || NameSet::Switches.has(name);
    let number = |node: &Node| node.as_number().filter(|_| may_be_number).and_then(Decimal::to_integer);
    match (was.as_bool(), is.as_bool()) {
        (Some(true), Some(false)) => may_say_on(name) || by_word && name != "value",
        _ if !by_word && !may_say_on(name) => false,
        _ if number(is) == Some(0) => number(was) == Some(1),
        _ => said_by_word(was) == Some(true) && said_by_word(is) == Some(false),
    }
}

/// Whether the value of a member is what a variant of the flag is called. One such as `enabled` is always a switch.
fn gives_variant(flag: &Flag, name: &str, value: &Node) -> bool {
    let word = match value.as_bool() {
        Some(value) => value.to_string(),
        None => value.as_text().map(|word| without_mark(word).to_ascii_lowercase()).unwrap_or_default(),
    };
    !may_say_on(name) && flag.links.off_variants.contains(&word)
}

/// Whether a word is on, or off. A word for a flag whose work is done, such as `archived`, is neither.
#[must_use]
pub fn said_by_word(node: &Node) -> Option<bool> {
    let word = node.as_text()?.trim_end_matches(UNQUOTED).to_ascii_lowercase();
    match word.as_str() {
        "always" | "ga" | "y" => Some(true),
        word if is_off_word(word) => Some(false),
        word => (super::draft::state_of(word) == Some("live")).then_some(true),
    }
}

fn is_off_word(word: &str) -> bool {
    ["disabled", "false", "inactive", "n", "never", "no", "off"].contains(&word)
}

/// The variant that a flag gives while it is off, with what stands under its name.
#[derive(PartialEq)]
struct VariantWhileOff<'f> {
    name: Option<&'f str>,
    variant: Option<&'f Node>,
}

impl<'f> VariantWhileOff<'f> {
    fn of(flag: &'f Flag) -> Self {
        let name = flag.links.off_variant.as_deref();
        let lists = flag.get("variants").and_then(Node::as_map).into_iter().flat_map(Map::iter);
        let mut members = lists.filter_map(|entry| entry.value.as_map()).flat_map(Map::iter);
        // A name that looks like a number or `true` has quotes there.
        let is =
            |key: &str, name: &str| key == name || serde_json::from_str::<String>(key).is_ok_and(|key| key == name);
        let variant = name.and_then(|name| members.find(|entry| is(&entry.key, name))).map(|entry| &entry.value);
        VariantWhileOff { name, variant }
    }

    /// Whether everyone gets what stands for off.
    fn is_off(&self) -> bool {
        let value = self.variant.and_then(|variant| variant.get("value"));
        value.is_some_and(|value| {
            value.as_bool() == Some(false) || value.as_text().is_some_and(|text| text.eq_ignore_ascii_case("false"))
        })
    }
}
