//! Alignment of lists whose items have no names: an item is known by what it says, wherever it stands.
//!
//! In: the forms of the items before and after. Out: pairs of indices, in order. Items that say the same are paired
//! first, as many as keep their order; between those, items that begin with the same member; between those, items by
//! their place. Refuses: time that grows with the product of two lists. Not taken: items that moved as pairs, since
//! where order is meaning another place is another thing.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::node::{Data, Node};

/// The form of an item, equal for two items that say the same. It is short, so two items may have one form by chance:
/// the content of a pair has to be compared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ItemForm {
    content: u64,
    /// The first member that is a value, such as `domain: example.com`.
    first: Option<u64>,
}

/// The index of an item before and after; one of them at least.
pub type ItemPair = (Option<usize>, Option<usize>);

/// Pairs found so far, in order on both sides.
type PairsInOrder = Vec<(usize, usize)>;

/// The most comparisons by which the longest common order of two lists is looked for.
const MOST_CELLS: usize = 1 << 12;

impl ItemForm {
    #[must_use]
    pub fn of(item: &Node) -> Self {
        let first = item.as_map().and_then(|map| {
            let entry = map.iter().find(|entry| !matches!(entry.value.data, Data::List(_) | Data::Map(_)))?;
            let mut hasher = DefaultHasher::new();
            entry.key.hash(&mut hasher);
            Some(hash(&entry.value, hasher))
        });
        ItemForm { content: hash(item, DefaultHasher::new()), first }
    }
}

/// The forms of all items of a list.
#[must_use]
pub fn forms_of(items: &[Node]) -> Vec<ItemForm> {
    items.iter().map(ItemForm::of).collect()
}

fn hash(node: &Node, mut hasher: DefaultHasher) -> u64 {
    match &node.data {
        Data::Null => 0_u8.hash(&mut hasher),
        Data::Bool(value) => (1_u8, value).hash(&mut hasher),
        Data::Number(number) => (2_u8, number.to_string()).hash(&mut hasher),
        Data::Text(text) => (3_u8, text).hash(&mut hasher),
        Data::List(items) => {
            (4_u8, items.len()).hash(&mut hasher);
            for item in items {
                hash(item, DefaultHasher::new()).hash(&mut hasher);
            }
        }
        Data::Map(map) => {
            // The order of keys says nothing.
            let of = |key: &str, value: &Node| {
                let mut hasher = DefaultHasher::new();
                key.hash(&mut hasher);
                hash(value, hasher)
            };
            let sum = map.iter().fold(0_u64, |sum, entry| sum.wrapping_add(of(&entry.key, &entry.value)));
            (5_u8, map.0.len(), sum).hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// Every item of both lists once, paired where it is on both sides.
#[must_use]
pub fn aligned(before: &[ItemForm], after: &[ItemForm]) -> Vec<ItemPair> {
    let contents = |forms: &[ItemForm]| -> Vec<Option<u64>> { forms.iter().map(|form| Some(form.content)).collect() };
    let firsts = |forms: &[ItemForm]| -> Vec<Option<u64>> { forms.iter().map(|form| form.first).collect() };
    let anchors = common(&contents(before), &contents(after));
    let anchors = between(anchors, &firsts(before), &firsts(after), common);
    let mut pairs: Vec<ItemPair> = Vec::with_capacity(before.len().max(after.len()));
    let (mut from, mut to) = (0, 0);
    for (at, now) in anchors.into_iter().chain([(before.len(), after.len())]) {
        // By place, and what is left of either.
        let both = (at - from).min(now - to);
        pairs.extend((0..both).map(|number| (Some(from + number), Some(to + number))));
        pairs.extend((from + both..at).map(|number| (Some(number), None)));
        pairs.extend((to + both..now).map(|number| (None, Some(number))));
        if at < before.len() && now < after.len() {
            pairs.push((Some(at), Some(now)));
        }
        (from, to) = (at + 1, now + 1);
    }
    pairs
}

/// Adds the pairs that are found between pairs.
fn between(
    anchors: PairsInOrder,
    before: &[Option<u64>],
    after: &[Option<u64>],
    find: impl Fn(&[Option<u64>], &[Option<u64>]) -> PairsInOrder,
) -> PairsInOrder {
    let (mut found, mut from, mut to) = (Vec::with_capacity(anchors.len()), 0, 0);
    for (at, now) in anchors.into_iter().chain([(before.len(), after.len())]) {
        let part =
            |list: &'_ [Option<u64>], from: usize, upto: usize| list.get(from..upto).unwrap_or_default().to_vec();
        let more = find(&part(before, from, at), &part(after, to, now));
        found.extend(more.into_iter().map(|(old, new)| (from + old, to + new)));
        if at < before.len() && now < after.len() {
            found.push((at, now));
        }
        (from, to) = (at + 1, now + 1);
    }
    found
}

/// Pairs of equal values, in order on both sides: what is equal at both ends; between these the most that keep their
/// order, if the lists are short; else what each list has once, and what is found between such pairs.
fn common(before: &[Option<u64>], after: &[Option<u64>]) -> PairsInOrder {
    trimmed(before, after, |old, new| {
        if old.len().saturating_mul(new.len()) <= MOST_CELLS {
            return longest(old, new);
        }
        between(once(old, new), old, new, |old, new| {
            trimmed(old, new, |old, new| {
                let few = old.len().saturating_mul(new.len()) <= MOST_CELLS;
                if few { longest(old, new) } else { Vec::new() }
            })
        })
    })
}

fn same(old: Option<&Option<u64>>, new: Option<&Option<u64>>) -> bool {
    matches!((old, new), (Some(Some(old)), Some(Some(new))) if old == new)
}

/// Values that are equal at both ends, with those that are found between.
fn trimmed(
    before: &[Option<u64>],
    after: &[Option<u64>],
    find: impl Fn(&[Option<u64>], &[Option<u64>]) -> PairsInOrder,
) -> PairsInOrder {
    let start = before.iter().zip(after).take_while(|(old, new)| same(Some(old), Some(new))).count();
    let most = before.len().min(after.len()) - start;
    let ends = before.iter().rev().zip(after.iter().rev()).take(most);
    let end = ends.take_while(|(old, new)| same(Some(old), Some(new))).count();
    let (upto, until) = (before.len() - end, after.len() - end);
    let old = before.get(start..upto).unwrap_or_default();
    let new = after.get(start..until).unwrap_or_default();
    let middle = find(old, new).into_iter().map(|(at, to)| (start + at, start + to));
    let last = (0..end).map(|number| (upto + number, until + number));
    (0..start).map(|number| (number, number)).chain(middle).chain(last).collect()
}

/// The longest common order of two lists.
fn longest(before: &[Option<u64>], after: &[Option<u64>]) -> PairsInOrder {
    let width = after.len() + 1;
    let cell = |at: usize, to: usize| at * width + to;
    // The length of the longest one from here to the end.
    let mut lengths = vec![0_u32; (before.len() + 1) * width];
    let get = |lengths: &[u32], at, to| lengths.get(cell(at, to)).copied().unwrap_or(0);
    for at in (0..before.len()).rev() {
        for to in (0..after.len()).rev() {
            let length = if same(before.get(at), after.get(to)) {
                get(&lengths, at + 1, to + 1) + 1
            } else {
                get(&lengths, at + 1, to).max(get(&lengths, at, to + 1))
            };
            if let Some(slot) = lengths.get_mut(cell(at, to)) {
                *slot = length;
            }
        }
    }
    let (mut at, mut to, mut found) = (0, 0, Vec::new());
    while at < before.len() && to < after.len() {
        if same(before.get(at), after.get(to)) {
            found.push((at, to));
            (at, to) = (at + 1, to + 1);
        } else if get(&lengths, at + 1, to) >= get(&lengths, at, to + 1) {
            at += 1;
        } else {
            to += 1;
        }
    }
    found
}

/// Pairs of the values that each list has once, as many as keep their order.
fn once(before: &[Option<u64>], after: &[Option<u64>]) -> PairsInOrder {
    let places = |list: &[Option<u64>]| -> BTreeMap<u64, Option<usize>> {
        let mut places = BTreeMap::new();
        for (at, value) in list.iter().enumerate() {
            let Some(value) = value else { continue };
            places.entry(*value).and_modify(|place| *place = None).or_insert(Some(at));
        }
        places
    };
    let (old, new) = (places(before), places(after));
    let mut both: PairsInOrder =
        old.iter().filter_map(|(value, at)| Some(((*at)?, new.get(value).copied().flatten()?))).collect();
    both.sort_unstable();
    // The longest row of rising places: for each length the pair that ends such a row earliest, and the pair before.
    let (mut ends, mut previous): (Vec<usize>, Vec<Option<usize>>) = (Vec::new(), Vec::with_capacity(both.len()));
    let place = |number: &usize| both.get(*number).map(|(_, to)| *to);
    for (number, (_, to)) in both.iter().enumerate() {
        let length = ends.partition_point(|end| place(end) < Some(*to));
        previous.push(length.checked_sub(1).and_then(|before| ends.get(before).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = number,
            None => ends.push(number),
        }
    }
    let mut row = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(number) = next {
        row.extend(both.get(number).copied());
        next = previous.get(number).copied().flatten();
    }
    row.reverse();
    row
}

#[cfg(test)]
mod tests {
    use super::{ItemForm, aligned, once};
    use crate::diagnostics::Place;
    use crate::document::{Data, Entry, Map, Node};

    /// Items of one letter, or `a=b` for a map with a first member.
    fn forms(items: &str) -> Vec<ItemForm> {
        let text = |text: &str| Node::text(Place::START, text);
        let item = |item: &str| match item.split_once('=') {
            None => text(item),
            Some((first, rest)) => {
                let entry = |key: &str, value| Entry { key: key.to_owned(), place: Place::START, value };
                let rest = Node::new(Place::START, Data::List(vec![text(rest)]));
                Node::new(Place::START, Data::Map(Map(vec![entry("first", text(first)), entry("rest", rest)])))
            }
        };
        items.split_whitespace().map(|one| ItemForm::of(&item(one))).collect()
    }

    fn pairs(before: &str, after: &str) -> String {
        let number = |at: Option<usize>| at.map_or_else(|| "-".to_owned(), |at| at.to_string());
        let pairs = aligned(&forms(before), &forms(after));
        pairs.into_iter().map(|(at, to)| number(at) + &number(to)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn items_are_paired_by_what_they_say_and_then_by_place() {
        for (before, after, expected) in [
            ("", "", ""),
            ("a b", "a b", "00 11"),
            ("a b c", "b c", "0- 10 21"),
            ("b c", "a b c", "-0 01 12"),
            // One removed, one edited.
            ("a b c d e", "b c x e", "0- 10 21 32 43"),
            // Duplicates, of which one goes.
            ("a a b a", "a b a", "00 1- 21 32"),
            // Moved, and swapped with an equal one.
            ("a b c", "c a b", "-0 01 12 2-"),
            ("a b a", "a a b", "00 1- 21 -2"),
            // By the first member.
            ("a=1 b=2 c=3", "b=4 c=3", "0- 10 21"),
            ("a=1 b=2", "b=4 a=5", "0- 10 -1"),
            ("a b", "c d e", "00 11 -2"),
        ] {
            assert_eq!(pairs(before, after), expected, "{before:?} {after:?}");
        }
    }

    #[test]
    fn long_lists_are_paired_too_and_in_time() {
        let many: Vec<String> = (0..20_000).map(|number| format!("i{number}")).collect();
        let before = many.join(" ");
        let after = many.iter().filter(|item| *item != "i7").map(|item| item.replace("i9000", "x")).collect::<Vec<_>>();
        let forms = [forms(&before), forms(&after.join(" "))];
        let pairs = aligned(&forms[0], &forms[1]);
        let apart = pairs.iter().filter(|(at, to)| at.zip(*to).is_none_or(|(at, to)| at != to + usize::from(at > 7)));
        assert_eq!(apart.copied().collect::<Vec<_>>(), [(Some(7), None)]);
        assert_eq!(once(&[Some(1), Some(2), Some(3)], &[Some(3), Some(1), Some(2)]), [(0, 1), (1, 2)]);
        // Nothing but duplicates.
        let [one, other] = ["a ", "b "].map(|item| self::forms(&item.repeat(20_000)));
        let mixed: Vec<ItemForm> = one.iter().zip(&other).flat_map(|(one, other)| [*one, *other, *one]).collect();
        let turned: Vec<ItemForm> = mixed.iter().rev().copied().skip(1).collect();
        let pairs = aligned(&mixed, &turned);
        assert_eq!(pairs.iter().filter(|(at, _)| at.is_some()).count(), mixed.len());
        assert_eq!(pairs.iter().filter(|(_, to)| to.is_some()).count(), turned.len());
    }
}
