//! Maps of variants next to a list of shares, which go to them by their order: `variants: {a: 1, b: 2}` with
//! `weights: [90, 10]`.
//!
//! **In**: the value of a flag. **Out**: the names of such a map's members in their order, as a part of the flag.
//! **Refuses**: to take a list of numbers for shares that neither is called so nor sums to a whole. **Not taken**: the
//! order of every map, which says nothing to most readers.

use std::collections::BTreeSet;

use super::draft::words;
use super::flag::FlagNodes;
use super::flag_place::{At, address};
use super::path::without_mark;
use crate::document::{Data, Decimal, Entry, Map, Node};
use crate::format::names::NameSet;

/// The sums of shares of a whole, in thousandths.
const WHOLE: &[u128] = &[1_000, 100_000, 1_000_000, 10_000_000];

/// The number of lists of shares in one flag that are looked at one by one; with more of them each map counts.
const MOST_SHARES: usize = 1_000;

/// Lists of shares in a flag, and maps that these may be about.
struct SharesAndMaps<'a, 'n> {
    at: &'a At<'n>,
    nodes: FlagNodes<'a>,
    shares: Vec<ShareList<'n>>,
    /// Maps without such a list in them, each with the way to it, and whether it is called like one of variants.
    maps: Vec<(String, &'n Map, bool)>,
}

/// A list of shares.
struct ShareList<'n> {
    way: String,
    count: usize,
    node: &'n Node,
}

impl ShareList<'_> {
    /// Whether each item names the member of a map that has its share, by a member that all items have.
    fn name(&self, map: &Map) -> bool {
        let items: Option<Vec<&Map>> = self.node.as_list().and_then(|items| items.iter().map(Node::as_map).collect());
        let items = items.unwrap_or_default();
        let is_member = |name: &str| map.iter().any(|entry| without_mark(&entry.key) == name);
        let names = |key: &str| -> Option<BTreeSet<&str>> {
            items.iter().map(|item| item.get(key)?.as_text().map(without_mark).filter(|name| is_member(name))).collect()
        };
        let mut keys = items.first().into_iter().flat_map(|first| first.iter());
        keys.any(|entry| names(&entry.key).is_some_and(|names| names.len() == items.len()))
    }

    /// Whether a map stands next to it or to what it is in, or in a map that does.
    fn is_near(&self, way: &str) -> bool {
        let (one, other): (Vec<&str>, Vec<&str>) = (way.split('/').collect(), self.way.split('/').collect());
        let common = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
        one.len() == common + 1 || one.len() == common + 2 && other.len() <= common + 2
    }
}

/// The orders of maps that decide which share is whose; `None` where there are none.
pub fn orders(at: &At<'_>, nodes: FlagNodes<'_>) -> Option<Node> {
    if !has_shares(at.entity, "") {
        return None;
    }
    let mut found = SharesAndMaps { at, nodes, shares: Vec::new(), maps: Vec::new() };
    found.look(at.entity, "", "");
    let SharesAndMaps { mut shares, maps, .. } = found;
    shares.retain(|shares| !maps.iter().take(MOST_SHARES).any(|(_, map, _)| shares.name(map)));
    // Where some are called like variants, it is these.
    let named = maps.iter().any(|(.., named)| *named);
    let is_of = |shares: &ShareList<'_>, (way, map, is_named): &(String, &Map, bool)| {
        *is_named || !named && shares.count == map.0.len() && shares.is_near(way)
    };
    let maps = maps.iter().filter(|map| shares.len() > MOST_SHARES || shares.iter().any(|shares| is_of(shares, map)));
    let order = |(way, map, _): &(String, &Map, bool)| {
        let names = map.iter().map(|entry| Node::text(entry.place, without_mark(&entry.key)));
        let value = Node::new(at.place, Data::List(names.collect()));
        Entry { key: format!("the order of {way}"), place: at.place, value }
    };
    let entries: Vec<Entry> = maps.map(order).collect();
    (!entries.is_empty()).then(|| Node::new(at.place, Data::Map(Map(entries))))
}

/// Whether there is a list of shares in a value under this name.
fn has_shares(node: &Node, name: &str) -> bool {
    let below = || match &node.data {
        Data::Map(map) => map.iter().any(|entry| has_shares(&entry.value, without_mark(&entry.key))),
        Data::List(items) => items.iter().any(|item| has_shares(item, "")),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => false,
    };
    count_of_shares(node, name).is_some() || below()
}

impl<'n> SharesAndMaps<'_, 'n> {
    /// Whether a value belongs to another environment.
    fn is_of_another(&self, node: &Node) -> bool {
        let own = self.at.env.map(address) == Some(address(node));
        self.nodes.members.contains(&address(node)) && !own || self.at.is_of_another(node)
    }

    /// Looks at a value under this name, and at all that stands in it. Whether there is a list of shares in it.
    fn look(&mut self, node: &'n Node, name: &str, way: &str) -> bool {
        if self.is_of_another(node) {
            return false;
        }
        if let Some(count) = count_of_shares(node, name) {
            self.shares.push(ShareList { way: way.to_owned(), count, node });
            return true;
        }
        match &node.data {
            Data::Map(map) => {
                let mut has = false;
                for entry in map.iter() {
                    let name = without_mark(&entry.key);
                    let way = if way.is_empty() { name.to_owned() } else { format!("{way}/{name}") };
                    has |= self.look(&entry.value, name, &way);
                }
                if !has
                    && map.0.len() > 1
                    && !name.is_empty()
                    && words::field(name) != Some("meta")
                    && !NameSet::Notes.has(name)
                {
                    self.maps.push((way.to_owned(), map, words::field(name) == Some("variants")));
                }
                has
            }
            Data::List(items) => items
                .iter()
                .enumerate()
                .fold(false, |has, (at, item)| self.look(item, "", &format!("{way}/{at}")) | has),
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => false,
        }
    }
}

/// The number of shares in a list of them, in whatever form they stand there, in a map by their places, or in a string
/// such as `90/10`.
fn count_of_shares(node: &Node, name: &str) -> Option<usize> {
    // Every member of every flag is asked, and most are no numbers.
    let called = || words::is_of_shares(name);
    match &node.data {
        Data::List(items) if items.len() < 2 => None,
        Data::List(items) if items.iter().all(says_number) && called() => Some(items.len()),
        Data::List(items) => {
            let numbers: Vec<&Decimal> = items.iter().map(Node::as_number).collect::<Option<_>>()?;
            let all = numbers.iter().map(|number| number.thousandths());
            let sum = all.into_iter().try_fold(0_u128, |sum, one| sum.checked_add(one?))?;
            WHOLE.contains(&sum).then_some(items.len())
        }
        Data::Map(map) => {
            let by_place = map.0.len() > 1 && map.iter().all(|entry| says_digits(without_mark(&entry.key)));
            (by_place && called()).then_some(map.0.len())
        }
        Data::Text(text) => Some(numbers_in(text).count()).filter(|count| *count > 1 && called()),
        Data::Null | Data::Bool(_) | Data::Number(_) => None,
    }
}

fn says_number(node: &Node) -> bool {
    match &node.data {
        Data::Number(_) => true,
        Data::Text(text) => numbers_in(text).next().is_some(),
        Data::List(items) => items.iter().any(says_number),
        Data::Map(map) => map.iter().any(|entry| says_number(&entry.value)),
        Data::Null | Data::Bool(_) => false,
    }
}

/// The numbers of a string that holds nothing else but signs between them.
fn numbers_in(text: &str) -> impl Iterator<Item = &str> {
    let alone = !text.chars().any(char::is_alphabetic);
    let parts = text.split(|char: char| !char.is_ascii_digit() && char != '.');
    parts.filter(move |part| alone && part.contains(|char: char| char.is_ascii_digit()))
}

fn says_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
