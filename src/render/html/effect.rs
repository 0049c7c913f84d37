//! Whom a change moves: the sentence, what hurts, and for each group of users who is in it, a picture of who goes where
//! and the same as numbers. Colours tell variants apart; the table beside each picture has their names.

use maud::{Markup, html};

use super::super::words::count;
use super::super::{moves, safe};
use super::flow;
use super::piece::{bar, code, phrase, prose};
use super::who::Segments;
use crate::impact::{Flow, Impact, Members, SegmentImpact, Share};
use crate::report::FlagReport;

/// Whom it moves, in one sentence.
pub(super) fn sentence(flag: &FlagReport) -> Option<Markup> {
    match (&flag.impact, &flag.impact_summary) {
        (Some(effect), _) => Some(phrase(&moves::sentence(effect))),
        (None, Some(moves)) => Some(prose(moves)),
        (None, None) => None,
    }
}

/// More groups that change than this are folded.
const OPEN: usize = 6;

pub(super) fn section<'f>(flag: &'f FlagReport) -> Markup {
    let Some(sentence) = sentence(flag) else { return html! {} };
    let Some(effect) = moves::shown(flag) else {
        return html! { h3 { "Whom it moves" } p.moves { (sentence) } };
    };
    let keys = Keys::of(effect, &flag.variants);
    let changed = moves::changing(effect);
    let same: Vec<&SegmentImpact> = effect.per_segment.iter().filter(|group| group.changed().is_nobody()).collect();
    let (open, folded) = changed.split_at(changed.len().min(OPEN));
    let mut segments = Segments::of(flag, effect);
    let mut all =
        |groups: &[&'f SegmentImpact]| html! { @for one in groups { (group(one, effect, &keys, &segments.who(one))) } };
    html! {
        h3 { "Whom it moves" }
        p.moves { (sentence) }
        @for warning in &effect.warnings { p.note.bad { strong { "Warning: " } (prose(warning)) } }
        @for unknown in &effect.unknown { p.note.warn { strong { "Not computed: " } (prose(unknown)) } }
        @for unmodelled in &effect.unmodelled { p.note.warn { strong { "Not counted: " } (prose(unmodelled)) } }
        (all(open))
        @if !folded.is_empty() {
            details { summary { (count(folded.len(), "more group")) " of users" } (all(folded)) }
        }
        @if !same.is_empty() {
            details {
                summary {
                    (count(same.len(), "group")) " of users "
                    (if same.len() == 1 { "gets" } else { "get" }) " what they got before"
                }
                (all(&same))
            }
        }
        (members(&effect.members))
        @if !effect.caveats.is_empty() {
            details {
                summary { "What these numbers rest on" }
                ul { @for caveat in &effect.caveats { li { (prose(caveat)) } } }
            }
        }
    }
}

/// A variant, or none.
pub(super) type Key<'f> = Option<&'f str>;

/// The variants of a flag in their order, each with its colour; no variant comes last.
pub(super) struct Keys<'f>(Vec<Key<'f>>);

impl<'f> Keys<'f> {
    fn of(effect: &'f Impact, variants: &'f [String]) -> Self {
        let mut keys: Vec<Key<'f>> = variants.iter().map(|key| Some(key.as_str())).collect();
        for flow in effect.per_segment.iter().flat_map(|group| &group.matrix) {
            for key in [flow.from.as_deref(), flow.to.as_deref()] {
                if key.is_some() && !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        keys.push(None);
        Keys(keys)
    }

    pub(super) fn index(&self, key: Key<'_>) -> usize {
        self.0.iter().position(|other| *other == key).unwrap_or(self.0.len())
    }

    /// The class that colours it; colours come again when there are more variants than them.
    pub(super) fn class(&self, key: Key<'_>) -> &'static str {
        const COLOURS: [&str; 8] = ["v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7"];
        match key {
            None => "vn",
            Some(_) => COLOURS.get(self.index(key) % COLOURS.len()).copied().unwrap_or("vn"),
        }
    }
}

fn group(group: &SegmentImpact, effect: &Impact, keys: &Keys<'_>, members: &Markup) -> Markup {
    let changed = !group.changed().is_nobody();
    html! {
        div.group {
            h4 { (who(group, effect)) @if group.new { " " span.pill.quiet { "new segment" } } }
            @if changed { p.stats { (results(group)) } }
            (members)
            @if changed { (flow::picture(group, keys)) }
            (table(group, keys, changed))
            @if changed && !group.same_hash {
                p.soft { "Another draw decides than before: the two are taken as independent." }
            }
        }
    }
}

fn who(group: &SegmentImpact, effect: &Impact) -> Markup {
    let named = group.moved_from.is_none() && group.segment.is_some();
    html! { (if named { "users who match " } else { "" }) (phrase(&moves::whom(group, effect))) }
}

fn results(group: &SegmentImpact) -> Markup {
    let told = [(group.switch, "switch variant"), (group.newly, "newly exposed"), (group.lose, "lose their variant")];
    html! {
        @for (share, what) in told.iter().filter(|(share, _)| !share.is_nobody()) {
            span { strong { (share) } " " (what) }
        }
        @if group.switch.is_nobody() && !group.exposed_before.is_nobody() && !group.exposed_after.is_nobody() {
            span { "nobody switches variant" }
        }
    }
}

/// What each variant has, before and after.
fn table(group: &SegmentImpact, keys: &Keys<'_>, changed: bool) -> Markup {
    let sum = |key: Key<'_>, of: fn(&Flow) -> &Option<String>| {
        let has = group.matrix.iter().filter(|flow| of(flow).as_deref() == key);
        has.fold(Share::NOBODY, |sum, flow| sum.and(flow.share))
    };
    let rows = keys.0.iter().map(|&key| (key, sum(key, |flow| &flow.from), sum(key, |flow| &flow.to)));
    html! {
        table.shares {
            caption.away { "Share of each variant, before and after" }
            thead {
                tr { th scope="col" { "Variant" } th scope="col" { "Before" } @if changed { th scope="col" { "After" } } }
            }
            tbody {
                @for (key, before, after) in rows.filter(|(_, a, b)| !a.is_nobody() || !b.is_nobody()) {
                    tr {
                        th scope="row" { (swatch(keys.class(key))) (variant(key)) }
                        td { span.number { (before) } (bar(before.to_f64(), keys.class(key))) }
                        @if changed {
                            td {
                                @if before == after { span.number { (after) } }
                                @else { strong.number { (after) } }
                                (bar(after.to_f64(), keys.class(key)))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn swatch(class: &str) -> Markup {
    html! { svg.swatch aria-hidden="true" focusable="false" { rect.(class) width="100%" height="100%" {} } }
}

/// A variant's name, or that there is none.
pub(super) fn variant(key: Key<'_>) -> Markup {
    html! { @match key { Some(key) => (code(key)), None => span.soft { "no variant" } } }
}

/// The same as text.
pub(super) fn said(key: Key<'_>) -> String {
    key.map_or_else(|| "no variant".to_owned(), safe::visible)
}

fn members(all: &[Members]) -> Markup {
    html! {
        @if !all.is_empty() {
            div.group {
                h4 { "Who could match another segment" }
                @for members in all {
                    p {
                        "Segment " (code(&members.segment))
                        @if members.added { " is new" }
                        @if members.removed { " is gone" }
                    }
                    ul.signed {
                        @for who in &members.joins { li.added { "could now match: " (prose(who)) } }
                        @for who in &members.leaves { li.removed { "no longer match: " (prose(who)) } }
                        @for who in &members.undecided { li { "can't be compared: " (prose(who)) } }
                    }
                }
            }
        }
    }
}
