//! What a change is to the eye: which drawing and which words suit it. Decided by the native field it means, so that
//! a foreign format's fields are drawn like native ones, and by the values, so that nothing is drawn that is not there.

use super::values::{self, Spread};
use crate::changes::RuleId;
use crate::diagnostics::escape as safe;
use crate::document::{Data, Decimal, Map, Node};
use crate::report::{Act, Change};

/// A change, seen.
pub(super) enum View<'c> {
    /// The flag is gone.
    Deleted,
    /// The flag stands in another file or project.
    Moved,
    /// The same items in another order, by name.
    Reordered(Vec<String>, Vec<String>),
    /// A segment came or went.
    Segment(&'c Map),
    /// A variant came or went.
    Variant(&'c Node),
    /// Users are spread over variants.
    Spread(Spread),
    /// A share of users, 0 to 100.
    Percent(Option<&'c Decimal>, Option<&'c Decimal>),
    /// Members of a set came and went, in words: removed, added, kept.
    Members { removed: Vec<String>, added: Vec<String>, kept: Vec<String> },
    /// Anything else.
    Value(Option<&'c Node>, Option<&'c Node>),
}

impl<'c> View<'c> {
    pub(super) fn of(change: &'c Change, variants: &[String]) -> Self {
        let there = |node: &'c Option<Node>| node.as_ref().filter(|node| !node.is_null());
        let (before, after) = (there(&change.before), there(&change.after));
        let whole = before.is_none() || after.is_none();
        match (change.rule, change.act) {
            (Some(RuleId::DELETION), _) => return View::Deleted,
            (Some(RuleId::MOVED), _) => return View::Moved,
            (_, Act::Reordered) => return View::Reordered(names(before), names(after)),
            (_, Act::Added | Act::Removed | Act::Changed) => {}
        }
        let means = change.means.as_str();
        let one = if whole { after.or(before) } else { None };
        if let (true, Some(node)) = (change.item.is_some(), one) {
            match (means, node.as_map()) {
                ("targetSegments", Some(map)) => return View::Segment(map),
                ("variants", _) => return View::Variant(node),
                _ => {}
            }
        }
        if matches!(means, "rolloutWeights" | "targetSegments.rolloutWeights")
            && let Some(spread) = Spread::of(before, after, variants)
        {
            return View::Spread(spread);
        }
        if matches!(means, "rolloutPercentage" | "targetSegments.percentage") {
            let number = |side: Option<&'c Node>| side.map(Node::as_number);
            match (number(before), number(after)) {
                (Some(None), _) | (_, Some(None)) | (None, None) => {}
                (before, after) => return View::Percent(before.flatten(), after.flatten()),
            }
        }
        let said: Option<fn(&Node) -> String> = match means {
            "targetSegments.conditions" | "exposureEvent.filters" => Some(values::condition),
            "tags" | "deployments" | "variants.inclusions.users" | "variants.inclusions.cohorts" => {
                Some(values::inline)
            }
            _ => None,
        };
        if let Some(view) = said.and_then(|said| members(before, after, said)) {
            return view;
        }
        View::Value(before, after)
    }
}

/// `None` if a side is neither absent nor a list, or if both say the same (then only the writing differs).
fn members<'c>(before: Option<&Node>, after: Option<&Node>, said: fn(&Node) -> String) -> Option<View<'c>> {
    let list = |side: Option<&Node>| match side {
        None => Some(Vec::new()),
        Some(node) => Some(node.as_list()?.iter().map(said).collect()),
    };
    let (before, after) = (list(before)?, list(after)?);
    let without = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|one| !those.contains(one)).cloned().collect()
    };
    let (removed, added) = (without(&before, &after), without(&after, &before));
    let kept = before.into_iter().filter(|one| after.contains(one)).collect();
    (!removed.is_empty() || !added.is_empty()).then_some(View::Members { removed, added, kept })
}

/// The names of a list's items: their `key` or `name`, or what they are.
fn names(side: Option<&Node>) -> Vec<String> {
    let name = |node: &Node| {
        let label = node.get("key").or_else(|| node.get("name")).and_then(Node::as_text);
        label.map_or_else(|| values::inline(node), safe::visible)
    };
    match side.map(|node| &node.data) {
        None => Vec::new(),
        Some(Data::List(items)) => items.iter().map(name).collect(),
        Some(Data::Map(map)) => map.iter().map(|entry| safe::visible(&entry.key)).collect(),
        Some(_) => side.iter().map(|node| name(node)).collect(),
    }
}
