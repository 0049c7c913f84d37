//! Shifted items: parts of a field that are named by the place of an item, of which another one before it came or went.
//!
//! In: a field before, and the lists of both flags. Out: the name after of each such part. Refuses: to move parts of a
//! list whose place is its meaning, which no flag has among its lists. Not taken: alignment of the parts alone, since
//! `a` of one rule is no other value than `a` of the next.

use std::collections::BTreeMap;

use crate::document::alignment::{ItemForm, aligned};
use crate::document::{Map, Node};
use crate::flag::Flag;

/// The name after of each part before that stands in an item of a list; `None` if the item is gone.
pub type NamesAfter<'n> = BTreeMap<&'n str, Option<String>>;

/// The names after of the parts of a field, if any of them has another one or none.
pub fn names_after<'n>(before: &'n Map, (old, new): (&Flag, &Flag), field: &str) -> Option<NamesAfter<'n>> {
    let mut names = NamesAfter::new();
    for (name, forms) in lists_of(old, field) {
        let Some((_, now)) = lists_of(new, field).find(|(other, _)| *other == name) else { continue };
        let to: BTreeMap<usize, Option<usize>> =
            aligned(forms, now).into_iter().filter_map(|(at, to)| Some((at?, to))).collect();
        for entry in before.iter() {
            let Some((number, rest)) = item_of(&entry.key, name) else { continue };
            let Some(to) = to.get(&number) else { continue };
            names.entry(entry.key.as_str()).or_insert_with(|| to.map(|to| format!("{name}/{to}{rest}")));
        }
    }
    let shifts = names.iter().any(|(name, after)| after.as_deref() != Some(name));
    shifts.then_some(names)
}

/// The forms of the items of a list that is a part by itself, before and after.
pub fn forms<'f>(
    (old, new): (&'f Flag, &'f Flag),
    field: &str,
    name: &str,
    (before, after): (&[Node], &[Node]),
) -> Option<(&'f [ItemForm], &'f [ItemForm])> {
    let of = |flag: &'f Flag, items: &[Node]| {
        let (_, forms) = lists_of(flag, field).find(|(other, _)| *other == name)?;
        // Items of another environment are left out of the field.
        (forms.len() == items.len()).then_some(forms)
    };
    of(old, before).zip(of(new, after))
}

fn lists_of<'f>(flag: &'f Flag, field: &str) -> impl Iterator<Item = (&'f str, &'f [ItemForm])> {
    let of_field = flag.lists.iter().filter(move |((row, _), _)| *row == field);
    of_field.map(|((_, name), forms)| (name.as_str(), &**forms))
}

/// The place of the item that a part stands in, and the way on from there.
fn item_of<'k>(key: &'k str, list: &str) -> Option<(usize, &'k str)> {
    let rest = key.strip_prefix(list)?.strip_prefix('/')?;
    let (number, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let number = number.parse().ok().filter(|place: &usize| place.to_string() == number)?;
    Some((number, rest))
}
