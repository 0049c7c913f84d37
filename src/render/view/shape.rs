//! Shape of a change: the drawing and the words that suit it. It is chosen by the row of the field in its format, and
//! by the values, so that nothing is drawn that is not in the file.

use std::collections::BTreeSet;

use super::super::values::{self, Spread};
use crate::changes::RuleId;
use crate::changes::written;
use crate::diagnostics::escape as safe;
use crate::document::canonical::canonical;
use crate::document::{Data, Decimal, Display, Entry, Field, Map, Node, Shape};
use crate::impact::Unsure;
use crate::report::{Act, Change, FlagReport};

/// Shape of a change.
pub(in crate::render) enum ChangeShape<'c> {
    /// The flag is gone; in words, since nobody may know whether it was on.
    Deleted(&'static str),
    /// The flag is in another file or project.
    Moved,
    /// Equal items in another order, by name.
    Reordered(Vec<String>, Vec<String>),
    /// A segment was added or removed.
    Segment(SegmentParts<'c>),
    /// A variant was added or removed.
    Variant(&'c Node, Option<&'static str>),
    /// Users are spread over variants.
    Spread(Spread),
    /// A share of users, 0 to 100.
    Percent(Option<&'c Decimal>, Option<&'c Decimal>),
    /// Members of a set were added and removed; all three lists are in words.
    Members { removed: Vec<String>, added: Vec<String>, kept: Vec<String> },
    /// Anything else.
    Value(Option<&'c Node>, Option<&'c Node>),
}

impl<'c> ChangeShape<'c> {
    pub(super) fn of(change: &'c Change, flag: &FlagReport) -> Self {
        if change.shared.as_ref().is_some_and(|shared| shared.listed_with.is_some()) {
            return ChangeShape::Value(None, None);
        }
        let present = |node: &'c Option<Node>| node.as_ref().filter(|node| !node.is_null());
        let (before, after) = (present(&change.before), present(&change.after));
        if is_its_name(change, before, after) {
            return ChangeShape::Value(None, None);
        }
        match (change.rule, change.act) {
            (Some(RuleId::DELETION), _) if unsure(flag).is_some() => return ChangeShape::Deleted("deleted"),
            (Some(RuleId::DELETION), _) => return ChangeShape::Deleted("deleted while live"),
            (Some(RuleId::MOVED), _) => return ChangeShape::Moved,
            (_, Act::Reordered) => {
                let id = change.list.and_then(Field::item_id);
                return ChangeShape::Reordered(names(before, id), names(after, id));
            }
            (_, Act::Added | Act::Removed | Act::Changed) => {}
        }
        let display = change.row.map_or(Display::Value, |row| row.display);
        let only = if before.is_none() || after.is_none() { after.or(before) } else { None };
        let item = only.filter(|_| change.item.is_some());
        let shape = match (display, item) {
            (Display::Segments, Some(node)) => {
                let parts = node.as_map().zip(change.row).map(|(map, row)| SegmentParts::of(map, row));
                parts.map(ChangeShape::Segment)
            }
            (Display::Variants, Some(node)) => Some(ChangeShape::Variant(node, change.row.and_then(Field::item_id))),
            (Display::Weights, _) => Spread::of(before, after, &flag.variants).map(ChangeShape::Spread),
            (Display::Percent, _) => {
                let number = |side: Option<&'c Node>| side.map(Node::as_number);
                match (number(before), number(after)) {
                    (Some(None), _) | (_, Some(None)) | (None, None) => None,
                    (before, after) => Some(ChangeShape::Percent(before.flatten(), after.flatten())),
                }
            }
            (Display::Conditions, _) => members(before, after, |node| values::condition(node, &flag.format)),
            (Display::Set, _) => members(before, after, written::inline),
            (Display::Value | Display::Segments | Display::Variants, _) => None,
        };
        shape.unwrap_or(ChangeShape::Value(before, after))
    }
}

/// The open question about the flag, where it is not known whether it was on, or is.
pub(super) fn unsure(flag: &FlagReport) -> Option<Unsure> {
    flag.impact.as_ref().and_then(|impact| impact.unsure)
}

/// Whether an item that comes or goes is all said by its name, as a map or list in a set is. The name of a scalar may
/// be its place, or the key of a map, so that its value says more.
fn is_its_name(change: &Change, before: Option<&Node>, after: Option<&Node>) -> bool {
    let (Some(item), (Some(node), None) | (None, Some(node))) = (&change.item, (before, after)) else { return false };
    matches!(&node.data, Data::Map(_) | Data::List(_))
        && item.strip_suffix(&canonical(node, &Shape::Any)).is_some_and(|way| way.ends_with('/'))
}

/// Parts of a segment, found by the rows of its format's fields.
pub(in crate::render) struct SegmentParts<'c> {
    pub percentage: Option<&'c Node>,
    pub conditions: &'c [Node],
    pub weights: Option<&'c Entry>,
    /// All fields but these and the name.
    pub rest: Vec<&'c Entry>,
}

impl<'c> SegmentParts<'c> {
    fn of(map: &'c Map, row: &Field) -> Self {
        let (name, fields): (_, &[Field]) = match &row.shape {
            Shape::Items { id, of, .. } => (*id, of),
            _ => ("", &[]),
        };
        let display = |entry: &Entry| fields.iter().find(|field| field.name == entry.key).map(|field| field.display);
        let mut parts = SegmentParts { percentage: None, conditions: &[], weights: None, rest: Vec::new() };
        for entry in map.iter() {
            match display(entry) {
                Some(Display::Percent) => parts.percentage = Some(&entry.value),
                Some(Display::Conditions) => parts.conditions = entry.value.as_list().unwrap_or_default(),
                Some(Display::Weights) => parts.weights = Some(entry),
                _ if entry.key == name => {}
                _ => parts.rest.push(entry),
            }
        }
        parts
    }
}

/// `None` if a side is neither absent nor a list, or if both have the same members (then only the writing differs).
fn members<'c>(
    before: Option<&Node>,
    after: Option<&Node>,
    in_words: impl Fn(&Node) -> String,
) -> Option<ChangeShape<'c>> {
    let list = |side: Option<&Node>| match side {
        None => Some(Vec::new()),
        Some(node) => Some(node.as_list()?.iter().map(&in_words).collect()),
    };
    let (before, after): (Vec<String>, Vec<String>) = (list(before)?, list(after)?);
    let (was, is): (BTreeSet<&String>, BTreeSet<&String>) = (before.iter().collect(), after.iter().collect());
    let without = |all: &[String], others: &BTreeSet<&String>| -> Vec<String> {
        all.iter().filter(|member| !others.contains(member)).cloned().collect()
    };
    let (removed, added) = (without(&before, &is), without(&after, &was));
    let kept = before.iter().filter(|member| is.contains(member)).cloned().collect();
    (!removed.is_empty() || !added.is_empty()).then_some(ChangeShape::Members { removed, added, kept })
}

/// The names of a list's items: the field `id` of each, or its value.
fn names(side: Option<&Node>, id: Option<&str>) -> Vec<String> {
    let name = |node: &Node| {
        let label = id.and_then(|id| node.get(id)).and_then(Node::as_text);
        label.map_or_else(|| written::inline(node), safe::visible)
    };
    match side.map(|node| &node.data) {
        None => Vec::new(),
        Some(Data::List(items)) => items.iter().map(name).collect(),
        Some(Data::Map(map)) => map.iter().map(|entry| safe::visible(&entry.key)).collect(),
        Some(_) => side.iter().map(|node| name(node)).collect(),
    }
}
