//! Picture of the flows between variants: a bar before, a bar after, and bands between them.
//!
//! It has no text, so that it may be stretched to any width; its label describes it.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::super::view::{self, moving};
use super::impact::{Keys, VariantKey, variant};
use crate::diagnostics::escape as safe;
use crate::impact::{Flow, SegmentImpact};

/// The picture's own units, stretched to the width of the page.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 100.0;
const BAR: f64 = 18.0;

pub(super) fn picture(group: &SegmentImpact, keys: &Keys<'_>) -> Markup {
    let bands = bands(group, keys);
    html! {
        div.flow {
            span.side aria-hidden="true" { "before" }
            @let area = format!("0 0 {WIDTH} {HEIGHT}");
            svg role="img" aria-label=(label(group)) viewBox=(area) preserveAspectRatio="none" {
                @for band in &bands {
                    @let kind = if band.same { "same" } else { "other" };
                    path.band.(kind).(band.to.1) d=(band.path()) {}
                }
                (bar(&bands, 0.0, |band| (band.from, band.left)))
                (bar(&bands, HEIGHT - BAR, |band| (band.to, band.right)))
            }
            span.side aria-hidden="true" { "after" }
        }
        ul.flows aria-label="Flows between variants" {
            @for flow in moving(group) {
                @let (from, to) = (variant(flow.from.as_deref()), variant(flow.to.as_deref()));
                li { (from) " → " (to) " " strong.number { (flow.share) } }
            }
        }
    }
}

/// A variant's place among all of them, and the class that colours it.
type Colour = (usize, &'static str);

/// One cell of the matrix, from its place before to its place after.
struct Band {
    from: Colour,
    to: Colour,
    same: bool,
    left: f64,
    right: f64,
    width: f64,
}

impl Band {
    fn path(&self) -> String {
        let (top, bottom, middle) = (at(BAR), at(HEIGHT - BAR), at(HEIGHT / 2.0));
        let (a, b) = (at(self.left), at(self.left + self.width));
        let (c, d) = (at(self.right), at(self.right + self.width));
        format!("M{a} {top}C{a} {middle} {c} {middle} {c} {bottom}L{d} {bottom}C{d} {middle} {b} {middle} {b} {top}Z")
    }
}

/// One side: neighbouring cells of one variant are one piece.
fn bar(bands: &[Band], top: f64, side: impl Fn(&Band) -> (Colour, f64)) -> Markup {
    let mut pieces: BTreeMap<usize, (&'static str, f64, f64)> = BTreeMap::new();
    for band in bands {
        let ((index, class), start) = side(band);
        let piece = pieces.entry(index).or_insert((class, start, 0.0));
        piece.1 = piece.1.min(start);
        piece.2 += band.width;
    }
    html! {
        @for (class, start, width) in pieces.into_values() {
            rect.(class) x=(at(start)) y=(at(top)) width=(at(width)) height=(at(BAR)) {}
        }
    }
}

fn bands(group: &SegmentImpact, keys: &Keys<'_>) -> Vec<Band> {
    let mut flows: Vec<&Flow> = group.matrix.iter().collect();
    flows.sort_by_key(|flow| (keys.index(flow.from.as_deref()), keys.index(flow.to.as_deref())));
    let mut left = 0.0;
    let mut bands: Vec<(&Flow, Band)> = Vec::new();
    for flow in flows {
        let width = flow.share.to_f64() * WIDTH;
        let colour = |key: VariantKey<'_>| (keys.index(key), keys.class(key));
        let (from, to) = (colour(flow.from.as_deref()), colour(flow.to.as_deref()));
        bands.push((flow, Band { from, to, same: flow.from == flow.to, left, right: 0.0, width }));
        left += width;
    }
    bands.sort_by_key(|(flow, _)| (keys.index(flow.to.as_deref()), keys.index(flow.from.as_deref())));
    let mut right = 0.0;
    for (_, band) in &mut bands {
        band.right = right;
        right += band.width;
    }
    // Users who switch are drawn over the others.
    bands.sort_by_key(|(flow, _)| flow.from != flow.to);
    bands.into_iter().map(|(_, band)| band).collect()
}

/// A length as it is written: two decimals are a hundredth of a pixel.
fn at(length: f64) -> String {
    let text = format!("{length:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn label(group: &SegmentImpact) -> String {
    let one = |flow: &Flow| {
        let [from, to] = [&flow.from, &flow.to].map(|key| view::variant(key.as_deref(), safe::visible));
        let share = flow.share;
        if flow.from == flow.to { format!("{share} keep {from}") } else { format!("{share} go from {from} to {to}") }
    };
    group.matrix.iter().map(one).collect::<Vec<_>>().join(", ")
}
