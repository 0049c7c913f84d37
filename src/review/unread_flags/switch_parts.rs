//! The parts of the value of a flag that may be switches, and whether it goes off by them.
//!
//! **In**: the value of a flag in a layer. **Out**: what is left of it without notes, settings and words of a language,
//! and whether nobody gets more by a change of that. **Refuses**: to take a shorter list or fewer members for less,
//! unless they surely let somebody in. **Not taken**: the states that a mapping reads, for one place of a flag each.

use super::flag_values::{KnownFlags, entry, without_mark};
use crate::document::{Data, Entry, Map, Node};
use crate::flag::file_name;
use crate::format::names::{NameSet, folded, may_say_on, says_off, served_in, stands_for_others};
use crate::format::{is_of_shares, is_only_note, is_type, lets_in, said_by_word, state_of, switch_of};
use crate::review::files_below::LAID_OVER;

/// The way in which a value of a flag is looked at.
pub struct SwitchParts<'n> {
    pub next: &'n dyn KnownFlags,
    /// Its name after those around it, and alone.
    pub path: &'n str,
    pub name: &'n str,
    /// Whether it stands where flags do.
    pub is_listed: bool,
    /// Whether only what surely is a switch counts, as in a file that has other settings too.
    pub sure: bool,
}

impl SwitchParts<'_> {
    /// The part of the value of a flag that may be a switch.
    pub fn of_flag(&self, node: &Node) -> Option<Node> {
        let is_like = |test: &dyn Fn(&Node) -> bool| self.next.values(self.path).iter().any(test);
        let counts = match &node.data {
            Data::Null => !self.sure,
            Data::Bool(_) => true,
            Data::Number(_) => {
                !self.sure || share(node).is_some() && (self.is_listed || is_like(&|value| value.as_number().is_some()))
            }
            Data::Text(_) => self.text(self.name, node) || is_like(&|value| value.as_text().is_some()),
            Data::List(_) => !self.sure || self.is_listed || is_like(&|value| value.as_list().is_some()),
            Data::Map(map) => return self.of_map(node, map),
        };
        counts.then(|| node.clone())
    }

    fn of_map(&self, node: &Node, map: &Map) -> Option<Node> {
        let words = |test: &dyn Fn(&str) -> bool| {
            map.iter().any(|entry| test(without_mark(&entry.key)) && entry.value.as_text().is_some())
        };
        // Both are there as words to be shown.
        let are_labels = words(&|name| may_say_on(name)) && words(&says_off);
        let of_settings = |entry: &&Entry| {
            let is_other = matches!(entry.value.data, Data::Text(_) | Data::Number(_) | Data::Map(_));
            is_other && !is_note(entry) && self.of_member(&entry.key, &entry.value, true).is_none()
        };
        let has_settings = self.sure && map.iter().any(|entry| of_settings(&entry));
        // Next to a switch all else may say who gets the flag.
        let is_switch =
            |entry: &Entry| switch_of(without_mark(&entry.key)).is_some() && entry.value.as_bool().is_some();
        let whole = SwitchParts { sure: self.sure && !map.iter().any(is_switch), ..*self };
        let parts = map.iter().filter(|entry| !is_note(entry)).filter_map(|entry| {
            let is_label = are_labels && entry.value.as_text().is_some();
            let part = whole.of_member(&entry.key, &entry.value, has_settings).filter(|_| !is_label)?;
            Some(self::entry(&entry.key, &part))
        });
        let parts = Map(parts.collect());
        let is_left = !parts.0.is_empty() || map.0.is_empty() && !self.sure;
        is_left.then(|| node.with(Data::Map(parts)))
    }

    fn of_member(&self, key: &str, node: &Node, has_settings: bool) -> Option<Node> {
        let name = without_mark(key);
        let is_known = self.next.has_member(name) || !self.sure;
        let is_switch = switch_of(name).is_some() || says_off(name) || may_say_on(name);
        let is_scope = is_scope(name);
        let counts = match &node.data {
            Data::Null => is_known,
            Data::Bool(_) => is_known || is_switch || is_scope || !has_settings,
            Data::Number(_) => is_known || is_switch || is_scope || is_share(name),
            Data::Text(_) => (is_known || is_switch || is_scope || is_share(name)) && self.text(name, node),
            Data::List(_) => is_known || is_switch || lets_in(name),
            Data::Map(map) => return self.of_map(node, map),
        };
        counts.then(|| node.clone())
    }

    /// Whether a string under a name may be a switch.
    fn text(&self, name: &str, node: &Node) -> bool {
        let Some(text) = node.as_text().map(without_mark) else { return false };
        let is_label = folded(text) == folded(name);
        let is_switch = word(node).is_some() || state_of(text).is_some() || share(node).is_some();
        match text {
            _ if is_label => false,
            _ if is_switch || stands_for_others(text) => true,
            _ if self.sure => self.next.has_member(name),
            _ => !is_prose(text) && !is_address(text) && !is_type(text),
        }
    }
}

fn is_note(entry: &Entry) -> bool {
    is_only_note(without_mark(&entry.key), &entry.value)
}

fn is_share(name: &str) -> bool {
    NameSet::Percentages.has(name) || is_of_shares(name)
}

/// Whether a member of a flag is one of the places where it is served apart.
fn is_scope(name: &str) -> bool {
    name.len() == 2 || served_in(name).is_some() || LAID_OVER.contains(&name)
}

/// Whether a string is a sentence for people, and no expression.
fn is_prose(text: &str) -> bool {
    let is_of_words = |char: char| char.is_alphanumeric() || " ,.;:'’!?-".contains(char);
    let first = text.split(' ').next().unwrap_or_default();
    text.starts_with(char::is_uppercase)
        && text.split_whitespace().count() > 2
        && text.chars().all(is_of_words)
        && state_of(first).is_none()
        && !stands_for_others(first)
}

/// Whether a string is the address of a page, or the path of a file.
fn is_address(text: &str) -> bool {
    let is_file = || text.rsplit_once('/').is_some_and(|(_, name)| name.contains('.'));
    !text.contains(char::is_whitespace) && (text.contains("://") || is_file())
}

/// A number that may be a share of users, also with its sign.
fn share(node: &Node) -> Option<f64> {
    let number = match &node.data {
        Data::Number(number) => number.to_f64(),
        Data::Text(text) => text.strip_suffix('%')?.trim().parse().ok()?,
        Data::Null | Data::Bool(_) | Data::List(_) | Data::Map(_) => return None,
    };
    (0.0..=100.0).contains(&number).then_some(number)
}

/// Whether a value alone says on or off.
pub fn word(node: &Node) -> Option<bool> {
    let of_share = || match share(node)? {
        0.0 => Some(false),
        100.0 => Some(true),
        _ => None,
    };
    let of_word = || match node.as_text()? {
        // In quotes these are no words.
        "n" | "y" => None,
        text => said_by_word(node).or_else(|| stands_for_others(without_mark(text)).then_some(true)),
    };
    node.as_bool().or_else(of_share).or_else(of_word)
}

/// Whether nobody gets more by a value than by the one before. `of_words` says whether flags are words where they are
/// known.
pub fn goes_off(before: Option<&Node>, after: &Node, of_words: &dyn Fn() -> bool) -> bool {
    let was_text = || before.is_some_and(|node| node.as_text().is_some());
    match &after.data {
        Data::Null => false,
        Data::Bool(on) => !on,
        Data::Number(_) => share(after) == Some(0.0),
        Data::Text(text) => (was_text() || of_words()) && (word(after) == Some(false) || is_none(text)),
        Data::List(items) => items.is_empty() && before.and_then(Node::as_list).is_some(),
        Data::Map(map) => {
            let none = Map::default();
            map_goes_off(before.and_then(Node::as_map).unwrap_or(&none), map)
        }
    }
}

fn is_none(text: &str) -> bool {
    without_mark(text).eq_ignore_ascii_case("none")
}

/// Whether some items were there before, among more that let somebody in.
fn is_part(items: &[Node], before: &[Node]) -> bool {
    let let_in = |item: &Node| {
        item.as_text().map(without_mark).is_some_and(|text| {
            let is_turned = text.to_ascii_lowercase().starts_with("not") || NameSet::TakesAway.has(text);
            text.starts_with(char::is_alphanumeric) && !is_turned
        })
    };
    let gone = || before.iter().filter(|item| !items.contains(item));
    items.len() < before.len() && items.iter().all(|item| before.contains(item)) && gone().all(let_in)
}

fn map_goes_off(before: &Map, after: &Map) -> bool {
    let switches = || after.iter().filter(|entry| is_on_switch(&entry.key));
    let is_on = switches().any(|entry| word(&entry.value) != Some(false));
    let is_off = switches().next().is_some() && !is_on;
    let is_killed = after.iter().any(|entry| is_off_switch(&entry.key) && word(&entry.value) == Some(true));
    let same = |entry: &Entry| before.get(&entry.key) == Some(&entry.value);
    let is_percentage = |entry: &Entry| NameSet::Percentages.has(without_mark(&entry.key));
    let is_zero = |entry: &Entry| is_percentage(entry) && share(&entry.value) == Some(0.0);
    let serves_nobody = after.iter().any(is_zero) && after.iter().all(|entry| is_zero(entry) || same(entry));
    let says = |entry: &Entry| match without_mark(&entry.key) {
        name if is_on_switch(name) => is_off || same(entry),
        name if is_off_switch(name) => word(&entry.value) == Some(true),
        _ => same(entry) || gives_nothing(entry),
    };
    if serves_nobody || (is_off || is_killed) && after.iter().all(says) {
        return true;
    }
    let less = |entry: &Entry| match before.get(&entry.key) {
        Some(was) if *was == entry.value => true,
        Some(was) => gives_less(&entry.key, was, &entry.value, is_on),
        None => false,
    };
    before.0.len() == after.0.len() && after.iter().all(less)
}

fn is_on_switch(key: &str) -> bool {
    let name = without_mark(key);
    !is_off_switch(name) && (switch_of(name) == Some(true) || may_say_on(name))
}

fn is_off_switch(key: &str) -> bool {
    let name = without_mark(key);
    says_off(name) || switch_of(name) == Some(false)
}

/// Whether a member surely gives nobody anything next to a switch that says off. Of an environment it may, by a share.
fn gives_nothing(entry: &Entry) -> bool {
    fn says_nothing(name: &str, node: &Node, is_inner: bool) -> bool {
        let inner = |entry: &Entry| {
            let name = without_mark(&entry.key);
            !is_off_switch(name) && !NameSet::TakesAway.has(name) && says_nothing(name, &entry.value, true)
        };
        match &node.data {
            Data::Bool(on) => !on,
            Data::Null => true,
            Data::Number(_) => share(node) == Some(0.0) || !(is_scope(name) || is_inner && is_share(name)),
            // Another one may name people.
            Data::Text(text) => without_mark(text).is_empty() || word(node) == Some(false),
            Data::List(items) => items.is_empty(),
            Data::Map(map) => map.iter().all(inner),
        }
    }
    let name = without_mark(&entry.key);
    !NameSet::TakesAway.has(name) && says_nothing(name, &entry.value, false)
}

/// Whether nobody gets more by a member than before. An empty list next to a switch that says on may be for everyone.
fn gives_less(key: &str, before: &Node, after: &Node, is_on: bool) -> bool {
    let name = without_mark(key);
    match (&before.data, &after.data) {
        _ if is_off_switch(name) || NameSet::TakesAway.has(name) => false,
        (Data::List(was), Data::List(is)) => lets_in(name) && is_part(is, was) && !(is_on && is.is_empty()),
        (Data::Map(was), Data::Map(is)) if LAID_OVER.contains(&name) => {
            let goes = |entry: &Entry| match is.get(&entry.key) {
                Some(value) => *value == entry.value || goes_off(Some(&entry.value), value, &|| false),
                None => word(&entry.value) == Some(true) && !NameSet::TakesAway.has(file_name(&entry.key)),
            };
            was.iter().all(goes) && is.iter().all(|entry| was.get(&entry.key).is_some())
        }
        // Next to a switch that says on, it may say who gets the flag.
        _ if is_scope(name) => !is_on && goes_off(Some(before), after, &|| false),
        _ => false,
    }
}
