//! Impact: the sentence and its warnings, then for each group of users its members, a picture of the flows between
//! variants, and the same as numbers. Colours tell variants apart; the table next to each picture has their names.

use crate::diagnostics::words::counted;
use maud::{Markup, html};

use super::super::phrases::NO_VARIANT;
use super::super::view::{self, FlagView, affected, changing};
use super::flow;
use super::piece::{bar, code, phrase, prose};
use super::segments::Segments;
use crate::groups::Share;
use crate::impact::{Flow, Impact, Members, SegmentImpact};

/// The impact in one sentence.
pub(super) fn sentence(flag: &FlagView<'_>) -> Option<Markup> {
    match (&flag.report.impact, &flag.report.impact_summary) {
        (Some(impact), _) => Some(phrase(&view::impact_sentence(impact))),
        (None, Some(summary)) => Some(prose(summary)),
        (None, None) => None,
    }
}

/// More groups that change than this are folded.
const OPEN: usize = 6;

pub(super) fn section<'r>(flag: &FlagView<'r>) -> Markup {
    let Some(sentence) = sentence(flag) else { return html! {} };
    let Some(impact) = flag.impact.as_ref().map(|view| view.impact) else {
        return html! { h3 { "Impact" } p.impact { (sentence) } };
    };
    let keys = Keys::of(impact, &flag.report.variants);
    let changed = changing(impact);
    let same: Vec<&SegmentImpact> = impact.per_segment.iter().filter(|group| group.changed().is_nobody()).collect();
    let (open, folded) = changed.split_at(changed.len().min(OPEN));
    let mut segments = Segments::of(flag.report, impact);
    let mut all = |groups: &[&'r SegmentImpact]| {
        html! { @for one in groups { (group(one, impact, &keys, &segments.members(one))) } }
    };
    html! {
        h3 { "Impact" }
        p.impact { (sentence) }
        @for warning in &impact.warnings { p.note.bad { strong { "Warning: " } (prose(warning)) } }
        @for unknown in &impact.unknown { p.note.warn { strong { "Cannot be computed: " } (prose(unknown)) } }
        @for unmodelled in &impact.unmodelled { p.note.warn { strong { "Unmodelled: " } (prose(unmodelled)) } }
        (all(open))
        @if !folded.is_empty() {
            details { summary { (counted(folded.len(), "more group")) " of users" } (all(folded)) }
        }
        @if !same.is_empty() {
            details {
                summary {
                    (counted(same.len(), "group")) " of users "
                    (if same.len() == 1 { "gets" } else { "get" }) " the same as before"
                }
                (all(&same))
            }
        }
        (members(&impact.members))
        @if !impact.caveats.is_empty() || !impact.without.is_empty() {
            details {
                summary { "Assumptions of these numbers" }
                ul {
                    @for caveat in &impact.caveats { li { (prose(caveat)) } }
                    @if !impact.without.is_empty() { li { "not in this format: " (prose(&impact.without.join(", "))) } }
                }
            }
        }
    }
}

/// A variant, or none.
pub(super) type VariantKey<'f> = Option<&'f str>;

/// The variants of a flag in their order, each with its colour; no variant comes last.
pub(super) struct Keys<'f>(Vec<VariantKey<'f>>);

impl<'f> Keys<'f> {
    fn of(impact: &'f Impact, variants: &'f [String]) -> Self {
        let mut keys: Vec<VariantKey<'f>> = variants.iter().map(|key| Some(key.as_str())).collect();
        for flow in impact.per_segment.iter().flat_map(|group| &group.matrix) {
            for key in [flow.from.as_deref(), flow.to.as_deref()] {
                if key.is_some() && !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        keys.push(None);
        Keys(keys)
    }

    pub(super) fn index(&self, key: VariantKey<'_>) -> usize {
        self.0.iter().position(|other| *other == key).unwrap_or(self.0.len())
    }

    /// The class of a variant's colour; more than eight variants share colours.
    pub(super) fn class(&self, key: VariantKey<'_>) -> &'static str {
        const COLOURS: [&str; 8] = ["v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7"];
        match key {
            None => "vn",
            Some(_) => COLOURS.get(self.index(key) % COLOURS.len()).copied().unwrap_or("vn"),
        }
    }
}

fn group(group: &SegmentImpact, impact: &Impact, keys: &Keys<'_>, members: &Markup) -> Markup {
    let changed = !group.changed().is_nobody();
    let named = group.moved_from.is_none() && group.segment.is_some();
    html! {
        div.group {
            h4 {
                (if named { "users who match " } else { "" }) (phrase(&view::whose(group, impact)))
                @if group.new { " " span.pill.quiet { "new segment" } }
            }
            @if changed { p.stats { (shares(group, impact)) } }
            (members)
            @if changed { (flow::picture(group, keys)) }
            (table(group, keys, changed))
            @if changed && !group.same_hash {
                p.soft { "Another draw decides than before, so the two are taken as independent." }
            }
        }
    }
}

fn shares(group: &SegmentImpact, impact: &Impact) -> Markup {
    html! {
        @for (share, verb) in affected(group, impact) { span { strong { (share) } " " (verb) } }
        @if impact.keeps_all(group) {
            span { "nobody switches variant" }
        }
    }
}

/// The share of each variant, before and after.
fn table(group: &SegmentImpact, keys: &Keys<'_>, changed: bool) -> Markup {
    let sum = |key: VariantKey<'_>, of: fn(&Flow) -> &Option<String>| {
        let has = group.matrix.iter().filter(|flow| of(flow).as_deref() == key);
        has.fold(Share::NOBODY, |sum, flow| sum.and(flow.share))
    };
    let rows = keys.0.iter().map(|&key| (key, sum(key, |flow| &flow.from), sum(key, |flow| &flow.to)));
    html! {
        table.shares {
            caption.away { "Share of each variant, before and after" }
            thead {
                tr {
                    th scope="col" { "Variant" }
                    th scope="col" { "Before" }
                    @if changed { th scope="col" { "After" } }
                }
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
pub(super) fn variant(key: VariantKey<'_>) -> Markup {
    html! { @match key { Some(key) => (code(key)), None => span.soft { (NO_VARIANT) } } }
}

fn members(all: &[Members]) -> Markup {
    html! {
        @if !all.is_empty() {
            div.group {
                h4 { "Users who could match another segment" }
                @for members in all {
                    p {
                        "Segment " (code(&members.segment))
                        @if members.added { " is new" }
                        @if members.removed { " is removed" }
                    }
                    ul.signed {
                        @for who in &members.joins { li.added { "could now match: " (prose(who)) } }
                        @for who in &members.leaves { li.removed { "no longer match: " (prose(who)) } }
                        @for who in &members.undecided { li { "cannot be compared: " (prose(who)) } }
                    }
                }
            }
        }
    }
}
