//! Values of flags of a project in a layer, wherever they stand in it: `eu: {de: {cart: true}}`, `enabled: [cart]`.
//!
//! **In**: the documents of a layer before and after a change. **Out**: whether one of these flags may go on by it.
//! **Refuses**: to take a setting or a word of a language for a switch, and a value below two names that take something
//! away for anything that is known. **Not taken**: reading a layer by the mapping of the file next to it, which knows
//! flags in their usual places only.

use std::collections::BTreeMap;

use super::layer_names::Nearness;
use super::switch_parts::{SwitchParts, goes_off, word};
use crate::diagnostics::Place;
use crate::document::yaml::UNQUOTED;
use crate::document::{Data, Entry, Map, Node};
use crate::format::names::{
    NameSet, NamedPlace, ends_as_flags, holds_flags, item_name_rank, lists_what_takes_away, says_off, served_in,
};
use crate::format::{state_of, switch_of};
use crate::review::files_below::LAID_OVER;

/// The flags of the file next to a layer.
pub trait KnownFlags {
    /// Whether one is called so.
    fn is_flag(&self, name: &str) -> bool;
    /// Whether one that is called so is on.
    fn is_on(&self, name: &str) -> bool;
    /// The values of those that are called so.
    fn values(&self, name: &str) -> &[Node];
    /// Whether one has a member of this name, besides notes.
    fn has_member(&self, name: &str) -> bool;
}

/// The effect of a change on users, the worst last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LayerEffect {
    None,
    /// A flag is no longer held in another state than the file next to it says.
    Uncovers,
    SwitchesOn,
}

/// The surroundings of a value.
#[derive(Clone, Copy)]
struct ValueContext {
    meaning: TrueMeaning,
    /// Whether it stands where flags do.
    holds_flags: bool,
}

/// The meaning of true for a flag.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TrueMeaning {
    On,
    Off,
    /// A name around it may take something away, or say who gets it.
    Unknown,
}

impl TrueMeaning {
    fn below(self, name: &str) -> TrueMeaning {
        let is_off_switch = says_off(name) || switch_of(name) == Some(false);
        // Other names than regions: `no` is one.
        let may_turn = name.len() > 2 && (NameSet::TakesAway.has(name) || lists_what_takes_away(name));
        match self {
            TrueMeaning::On if is_off_switch => TrueMeaning::Off,
            _ if is_off_switch || may_turn => TrueMeaning::Unknown,
            meaning => meaning,
        }
    }
}

impl ValueContext {
    fn inside(self, name: &str) -> ValueContext {
        let is_scope = name.len() == 2 || served_in(name).is_some() || LAID_OVER.contains(&name);
        let is_list = holds_flags(name, NamedPlace::Member) || ends_as_flags(name) || lists_what_takes_away(name);
        let is_switch = says_off(name) || switch_of(name).is_some() || state_of(name).is_some();
        ValueContext { meaning: self.meaning.below(name), holds_flags: is_scope || is_list || is_switch }
    }
}

/// A layer of the flags of another file.
pub struct Layer<'n> {
    next: &'n dyn KnownFlags,
    nearness: Nearness,
    /// Whether its own flags count too: most of its switches are of flags that are known, or it is of the format.
    has_own: bool,
    root: ValueContext,
}

impl<'n> Layer<'n> {
    /// `takes_away` says that the path of the file says so of all flags in it.
    pub fn of(next: &'n dyn KnownFlags, nearness: Nearness, takes_away: bool, nodes: &[Node]) -> Self {
        let meaning = if takes_away { TrueMeaning::Unknown } else { TrueMeaning::On };
        let root = ValueContext { meaning, holds_flags: true };
        let mut layer = Layer { next, nearness, has_own: false, root };
        let (mut known, mut own) = (0, 0);
        for node in nodes {
            layer.count(root, "", node, &mut known, &mut own);
        }
        layer.has_own = nearness == Nearness::Word && known > 0 && own <= known;
        layer
    }

    /// The layer as a file of the format by its name and its shape: its own flags count, whatever it knows of others.
    pub fn of_format(self) -> Self {
        let has_own = self.has_own || self.nearness == Nearness::Word;
        Layer { has_own, ..self }
    }

    fn count(&self, around: ValueContext, path: &str, node: &Node, known: &mut usize, own: &mut usize) {
        for (name, inner) in members(node).filter(|_| around.holds_flags) {
            let path = joined(path, name);
            match inner {
                _ if self.next.is_flag(&path) => *known += 1,
                Some(inner) if self.is_own_flag(inner) => *own += 1,
                Some(inner) => self.count(around.inside(name), &path, inner, known, own),
                None => {}
            }
        }
    }

    /// Whether something is a flag that the file next to it does not have.
    fn is_own_flag(&self, node: &Node) -> bool {
        let is_switch = |(name, value): (&str, Option<&Node>)| {
            switch_of(name).is_some() && value.is_some_and(|value| value.as_bool().is_some())
        };
        let has_flag = || members(node).any(|(name, _)| self.next.is_flag(name));
        node.as_bool().is_some() || node.as_map().is_some() && members(node).any(is_switch) && !has_flag()
    }

    pub fn effect(&self, before: &[Node], after: &[Node]) -> LayerEffect {
        let all = 0..before.len().max(after.len());
        all.map(|at| self.inside(self.root, "", before.get(at), after.get(at))).max().unwrap_or(LayerEffect::None)
    }

    /// The effect of a value that is none of a flag, below the names of a path.
    fn inside(&self, around: ValueContext, path: &str, before: Option<&Node>, after: Option<&Node>) -> LayerEffect {
        if before == after {
            return LayerEffect::None;
        }
        let listed = Node::new(Place::START, Data::Bool(true));
        let mut pairs: BTreeMap<&str, [Vec<&Node>; 2]> = BTreeMap::new();
        for (side, node) in [before, after].into_iter().enumerate() {
            for (name, inner) in node.into_iter().flat_map(members) {
                // A string in a list of other things, or in the place of a list, is no flag.
                let is_listed = self.nearness == Nearness::Word
                    || around.holds_flags && node.is_some_and(|node| node.as_list().is_some());
                let Some(inner) = inner.or(Some(&listed).filter(|_| is_listed)) else { continue };
                if let Some(side) = pairs.entry(name).or_default().get_mut(side) {
                    side.push(inner);
                }
            }
        }
        let effect = |(name, [before, after]): (&str, [Vec<&Node>; 2])| {
            let all = 0..before.len().max(after.len());
            all.map(|at| self.named(around, path, name, [&before, &after].map(|side| side.get(at).copied()))).max()
        };
        pairs.into_iter().filter_map(effect).max().unwrap_or(LayerEffect::None)
    }

    fn named(&self, around: ValueContext, path: &str, name: &str, [before, after]: [Option<&Node>; 2]) -> LayerEffect {
        if before == after {
            return LayerEffect::None;
        }
        let is_text = before.into_iter().chain(after).all(|node| node.as_text().is_some());
        if NameSet::Notes.has(name) && is_text {
            return LayerEffect::None;
        }
        let path = joined(path, name);
        let is_own =
            || self.has_own && around.holds_flags && before.into_iter().chain(after).all(|node| self.is_own_flag(node));
        if self.next.is_flag(&path) || is_own() {
            return self.flag(around, &path, name, [before, after]);
        }
        // A member of a flag by its whole name: `cart.enabled`.
        let ends = name.rmatch_indices('.').map(|(at, _)| path.len() - name.len() + at);
        let mut parts = ends.filter_map(|at| Some((path.get(..at)?, path.get(at + 1..)?)));
        if let Some((flag, member)) = parts.find(|(flag, _)| self.next.is_flag(flag)) {
            let around_it = |node: &Node| Node::new(node.place, Data::Map(Map(vec![entry(member, node)])));
            let [before, after] = [before, after].map(|node| node.map(around_it));
            return self.flag(around, flag, flag, [before.as_ref(), after.as_ref()]);
        }
        self.inside(around.inside(name), &path, before, after)
    }

    fn flag(&self, around: ValueContext, path: &str, name: &str, [before, after]: [Option<&Node>; 2]) -> LayerEffect {
        let parts = |sure| SwitchParts {
            next: self.next,
            path,
            name,
            is_listed: around.holds_flags,
            sure: sure || self.nearness != Nearness::Word,
        };
        let [was, is] = [before, after].map(|node| parts(false).of_flag(node?));
        if was == is {
            return LayerEffect::None;
        }
        let meaning = around.meaning.below(name);
        let Some(is) = is else {
            // Only what surely is a switch held something.
            let held = before.and_then(|node| parts(true).of_flag(node));
            let gave = match meaning {
                TrueMeaning::On => Some(true),
                TrueMeaning::Off => Some(false),
                TrueMeaning::Unknown => None,
            };
            let held = held.filter(|held| gave.is_none() || word(held) != gave);
            // A flag that takes something away may do so by being off there.
            let is_turned = meaning != around.meaning;
            let is_same = || before.is_some_and(|node| self.next.values(path).contains(node));
            let stays = around.meaning == TrueMeaning::On && is_same();
            let uncovers = held.is_some() && (is_turned || self.next.is_on(path)) && !stays;
            return if uncovers { LayerEffect::Uncovers } else { LayerEffect::None };
        };
        let of_words = || self.next.values(path).iter().any(|value| value.as_text().is_some());
        let is_off = match meaning {
            TrueMeaning::On => goes_off(was.as_ref(), &is, &of_words),
            TrueMeaning::Off => is.as_bool() == Some(true),
            TrueMeaning::Unknown => false,
        };
        if is_off { LayerEffect::None } else { LayerEffect::SwitchesOn }
    }
}

pub fn entry(key: &str, node: &Node) -> Entry {
    Entry { key: key.to_owned(), place: node.place, value: node.clone() }
}

/// The parts of a value with their names: members, items that say their names, and strings, which have no value.
pub fn members(node: &Node) -> impl Iterator<Item = (&str, Option<&Node>)> {
    fn item(node: &Node) -> (&str, Option<&Node>) {
        let named = node.as_map().into_iter().flat_map(Map::iter);
        let ranked = named.filter_map(|entry| Some((item_name_rank(&entry.key)?, entry.value.as_text()?)));
        match node.as_text() {
            Some(text) => (without_mark(text), None),
            None => (ranked.min().map_or("", |(_, name)| without_mark(name)), Some(node)),
        }
    }
    let members = node.as_map().into_iter().flat_map(Map::iter);
    let text =
        node.as_text().into_iter().flat_map(|text| without_mark(text).split(',')).map(|name| (name.trim(), None));
    let items = node.as_list().into_iter().flatten().map(item);
    members.map(|entry| (without_mark(&entry.key), Some(&entry.value))).chain(text).chain(items)
}

/// A name below the names of a path.
pub fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// A word as it is written.
pub fn without_mark(text: &str) -> &str {
    text.strip_suffix(UNQUOTED).unwrap_or(text)
}
