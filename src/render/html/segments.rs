//! Members of a group of users: the conditions of its segment in words, before and after.
//!
//! Each segment is described once: next to its own bars, or else where users first come from it or to it. Otherwise a
//! file with many flows between segments would repeat its conditions for each of them.

use crate::diagnostics::words::counted;
use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::super::values;
use super::super::view::ChangedConditions;
use super::piece::code;
use crate::document::Node;
use crate::format::Format;
use crate::impact::{Impact, Segment, SegmentImpact};
use crate::report::FlagReport;

/// Conditions that are listed; the rest are counted.
const MOST: usize = 20;

/// The segments of a flag by name, each with its position, and the names of those described already.
pub(super) struct Segments<'f> {
    format: &'f Format,
    named: BTreeMap<&'f str, (usize, &'f Segment)>,
    described: BTreeSet<&'f str>,
}

impl<'f> Segments<'f> {
    pub(super) fn of(flag: &'f FlagReport, impact: &'f Impact) -> Self {
        let own = impact.per_segment.iter().filter(|group| group.moved_from.is_none());
        Segments {
            format: &flag.format,
            named: flag.segments.iter().enumerate().map(|(at, it)| (it.segment.as_str(), (at, it))).collect(),
            described: own.filter_map(|group| group.segment.as_deref()).collect(),
        }
    }

    /// The members of a group, unless they are described already.
    pub(super) fn members(&mut self, group: &'f SegmentImpact) -> Markup {
        let Some(origin) = &group.moved_from else {
            let own = group.segment.as_deref().and_then(|name| self.named.get(name)).copied();
            return own.map_or_else(|| html! {}, |(at, it)| own_members(at, it, self.format));
        };
        let (from, to) = (self.once(origin.segment.as_deref()), self.once(group.segment.as_deref()));
        html! {
            @if let Some((_, it)) = from {
                @let title = html! { "Users who were in " (code(&it.segment)) };
                (conditions(&title, it.before.as_ref().unwrap_or(&it.conditions), false, self.format))
            }
            @if let Some((at, it)) = to {
                @let title = html! { "Users who are in " (code(&it.segment)) };
                (conditions(&title, &it.conditions, at > 0, self.format))
            }
        }
    }

    fn once(&mut self, name: Option<&'f str>) -> Option<(usize, &'f Segment)> {
        let name = name?;
        self.described.insert(name).then(|| self.named.get(name).copied()).flatten()
    }
}

/// The members of a segment, next to its own bars.
fn own_members(at: usize, segment: &Segment, format: &Format) -> Markup {
    match &segment.before {
        Some(before) => changed(before, &segment.conditions, at > 0, format),
        None if !named_by_conditions(segment, format) => {
            conditions(&html! { "Its members" }, &segment.conditions, at > 0, format)
        }
        None => html! {},
    }
}

/// Whether the name is the conditions as written in the file, and there are no words for them either.
fn named_by_conditions(segment: &Segment, format: &Format) -> bool {
    let wordless = !segment.conditions.iter().any(|node| values::has_words(node, format));
    let json: Vec<String> = segment.conditions.iter().map(Node::json).collect();
    wordless && json.join(" and ") == segment.segment
}

const EVERYONE: &str = "everyone, because there are no conditions";

/// The first segment that matches decides.
const FIRST: &str = "nothing above it in the file matches";

fn conditions(title: &Markup, conditions: &[Node], below: bool, format: &Format) -> Markup {
    let left = conditions.len().saturating_sub(MOST);
    html! {
        div.members {
            p.soft { (title) }
            ul.conditions {
                @if conditions.is_empty() { li { (EVERYONE) } }
                @for (index, condition) in conditions.iter().take(MOST).enumerate() {
                    li { @if index > 0 { (and()) } code { (values::short_condition(condition, format)) } }
                }
                @if left > 0 { li { (and()) (counted(left, "more condition")) } }
                @if below { li { (and()) span.soft { (FIRST) } } }
            }
        }
    }
}

fn and() -> Markup {
    html! { span.soft { "and " } }
}

/// Both sides in one list. No condition that differs is left out or cut, because its end may be the difference.
fn changed(before: &[Node], after: &[Node], below: bool, format: &Format) -> Markup {
    let ChangedConditions { kept, gone, come } = ChangedConditions::of(before, after);
    let left = kept.len().saturating_sub(MOST);
    html! {
        div.members {
            p.soft { "Its members (all of these hold), before and after" }
            ul.rows {
                @for condition in kept.iter().take(MOST) {
                    li { code { (values::short_condition(condition, format)) } }
                }
                @if left > 0 { li { (counted(left, "more condition")) " as before" } }
                @if before.is_empty() { li.removed { del { (EVERYONE) } } }
                @for condition in gone { li.removed { del { code { (values::condition(condition, format)) } } } }
                @if after.is_empty() { li.added { ins { (EVERYONE) } } }
                @for condition in come { li.added { ins { code { (values::condition(condition, format)) } } } }
                @if below { li { span.soft { (FIRST) } } }
            }
        }
    }
}
