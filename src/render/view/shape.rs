//! Shape of a change: the drawing and the words that suit it. It is chosen by the native field that the changed field
//! means, so that a foreign format's fields are drawn like native ones, and by the values, so that nothing is drawn that
//! is not in the file.

use super::super::values::{self, Spread};
use crate::diagnostics::escape as safe;
use crate::document::written;
use crate::document::{Data, Decimal, Map, Node};
use crate::report::{Act, Change};

/// Shape of a change.
pub(in crate::render) enum ChangeShape<'c> {
    /// The flag is gone.
    Deleted,
    /// The flag is in another file or project.
    Moved,
    /// The same items in another order, by name.
    Reordered(Vec<String>, Vec<String>),
    /// A segment was added or removed.
    Segment(&'c Map),
    /// A variant was added or removed.
    Variant(&'c Node),
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
    pub(super) fn of(change: &'c Change, variants: &[String]) -> Self {
        let present = |node: &'c Option<Node>| node.as_ref().filter(|node| !node.is_null());
        let (before, after) = (present(&change.before), present(&change.after));
        match (change.rule, change.act) {
            (Some("deletion"), _) => return ChangeShape::Deleted,
            (Some("moved"), _) => return ChangeShape::Moved,
            (_, Act::Reordered) => return ChangeShape::Reordered(names(before), names(after)),
            (_, Act::Added | Act::Removed | Act::Changed) => {}
        }
        let means = change.means.as_str();
        let only = if before.is_none() || after.is_none() { after.or(before) } else { None };
        if let (Some(_), Some(node)) = (&change.item, only) {
            match (means, node.as_map()) {
                ("targetSegments", Some(map)) => return ChangeShape::Segment(map),
                ("variants", _) => return ChangeShape::Variant(node),
                _ => {}
            }
        }
        if matches!(means, "rolloutWeights" | "targetSegments.rolloutWeights")
            && let Some(spread) = Spread::of(before, after, variants)
        {
            return ChangeShape::Spread(spread);
        }
        if matches!(means, "rolloutPercentage" | "targetSegments.percentage") {
            let number = |side: Option<&'c Node>| side.map(Node::as_number);
            match (number(before), number(after)) {
                (Some(None), _) | (_, Some(None)) | (None, None) => {}
                (before, after) => return ChangeShape::Percent(before.flatten(), after.flatten()),
            }
        }
        let in_words: Option<fn(&Node) -> String> = match means {
            "targetSegments.conditions" | "exposureEvent.filters" => Some(values::condition),
            "tags" | "deployments" | "variants.inclusions.users" | "variants.inclusions.cohorts" => {
                Some(written::inline)
            }
            _ => None,
        };
        let set = in_words.and_then(|in_words| members(before, after, in_words));
        set.unwrap_or(ChangeShape::Value(before, after))
    }
}

/// `None` if a side is neither absent nor a list, or if both have the same members (then only the writing differs).
fn members<'c>(before: Option<&Node>, after: Option<&Node>, in_words: fn(&Node) -> String) -> Option<ChangeShape<'c>> {
    let list = |side: Option<&Node>| match side {
        None => Some(Vec::new()),
        Some(node) => Some(node.as_list()?.iter().map(in_words).collect()),
    };
    let (before, after): (Vec<String>, Vec<String>) = (list(before)?, list(after)?);
    let without = |all: &[String], others: &[String]| -> Vec<String> {
        all.iter().filter(|member| !others.contains(member)).cloned().collect()
    };
    let (removed, added) = (without(&before, &after), without(&after, &before));
    let kept = before.into_iter().filter(|member| after.contains(member)).collect();
    (!removed.is_empty() || !added.is_empty()).then_some(ChangeShape::Members { removed, added, kept })
}

/// The names of a list's items: their `key` or `name`, or their value.
fn names(side: Option<&Node>) -> Vec<String> {
    let name = |node: &Node| {
        let label = node.get("key").or_else(|| node.get("name")).and_then(Node::as_text);
        label.map_or_else(|| written::inline(node), safe::visible)
    };
    match side.map(|node| &node.data) {
        None => Vec::new(),
        Some(Data::List(items)) => items.iter().map(name).collect(),
        Some(Data::Map(map)) => map.iter().map(|entry| safe::visible(&entry.key)).collect(),
        Some(_) => side.iter().map(|node| name(node)).collect(),
    }
}
