//! Changes, field by field: one sentence each, unfolded to its values.

use crate::diagnostics::words::counted;
use crate::render::Tone;
use maud::{Markup, html};

use super::super::draw::{self, DrawnLine, Pen, Sign};
use super::super::values::{self, Spread, percents};
use super::super::view::{ChangeShape, ChangeView, FlagView, SegmentParts};
use super::piece::{bar, code, phrase, pill, prose};
use crate::changes::written;
use crate::document::{Decimal, Node};
use crate::report::{Change, Class, FlagReport};

pub(super) fn section(flag: &FlagView<'_>) -> Markup {
    let (mut matter, quiet) = flag.split();
    matter.sort_by_key(|view| view.change.class);
    let all = |changes: &[&ChangeView<'_>]| html! { @for change in changes { (one(change, flag.report)) } };
    html! {
        @if !flag.changes.is_empty() {
            h3 { "What changes" }
            div.changes {
                // An approval of an activation is one of every field.
                @if flag.since.is_some() { @for change in &matter { (open(change, flag.report)) } }
                @else { (all(&matter)) }
                @if !quiet.is_empty() {
                    details.quiet {
                        summary {
                            (counted(quiet.len(), "change")) " that " (if quiet.len() == 1 { "needs" } else { "need" })
                            " no approval"
                        }
                        div.changes { (all(&quiet)) }
                    }
                }
            }
        }
    }
}

fn one(view: &ChangeView<'_>, flag: &FlagReport) -> Markup {
    html! { details { summary { (title(view)) } (unfolded(view, flag)) } }
}

fn open(view: &ChangeView<'_>, flag: &FlagReport) -> Markup {
    html! { details open="" { summary { (title(view)) } (unfolded(view, flag)) } }
}

fn title(view: &ChangeView<'_>) -> Markup {
    html! { (class(view.change.class)) " " (phrase(&view.sentence())) }
}

fn unfolded(view: &ChangeView<'_>, flag: &FlagReport) -> Markup {
    let change = view.change;
    html! {
        div.change {
            p.soft { (code(&change.path)) " line " (change.line) ", field " (code(&change.field)) }
            @if let Some(rule) = change.rule {
                p { "Rule " strong { (rule) } ": " (prose(view.why)) }
            }
            (drawing(view, flag))
        }
    }
}

fn class(class: Class) -> Markup {
    match class {
        Class::Critical | Class::Activation => pill(Tone::Warn, class.word()),
        Class::Deactivation | Class::Routine => pill(Tone::Quiet, class.word()),
        Class::NoEffect => pill(Tone::Quiet, "no effect"),
    }
}

fn drawing(view: &ChangeView<'_>, flag: &FlagReport) -> Markup {
    let change = view.change;
    match &view.shape {
        ChangeShape::Deleted(_) => html! {},
        ChangeShape::Spread(_) | ChangeShape::Percent(..) if change.before == change.after => html! {},
        // The same ratio, written differently: two equal bars say nothing, the values as written do.
        ChangeShape::Spread(_) if change.class == Class::NoEffect => both(change),
        ChangeShape::Spread(spread) => bars(spread),
        ChangeShape::Percent(before, after) => meter(*before, *after),
        ChangeShape::Segment(parts) => segment(parts, flag, Sign::of(change.act)),
        ChangeShape::Moved | ChangeShape::Reordered(..) => both(change),
        ChangeShape::Variant(..) | ChangeShape::Members { .. } => drawn(view, flag),
        ChangeShape::Value(..) => {
            let lines = drawn(view, flag);
            let elsewhere = change.shared.as_ref().is_some_and(|shared| shared.listed_with.is_some());
            if lines.0.is_empty() && !elsewhere { both(change) } else { lines }
        }
    }
}

/// The drawing of the terminal: signed lines.
fn drawn(view: &ChangeView<'_>, flag: &FlagReport) -> Markup {
    rows(&draw::drawing(view, flag, Pen { width: 100, ascii: false }).lines())
}

/// Both values whole.
fn both(change: &Change) -> Markup {
    let side = |sign: Sign, node: &Option<Node>| -> Vec<DrawnLine> {
        let lines = node.as_ref().map(written::lines).unwrap_or_default();
        lines.into_iter().map(|text| DrawnLine { sign, text }).collect()
    };
    let mut all = side(Sign::Removed, &change.before);
    all.extend(side(Sign::Added, &change.after));
    rows(&all)
}

fn rows(rows: &[DrawnLine]) -> Markup {
    html! {
        @if !rows.is_empty() {
            ul.rows {
                @for row in rows {
                    @match row.sign {
                        Sign::Same => li { code { (row.text) } },
                        Sign::Added => li.added { ins { code { (row.text) } } },
                        Sign::Removed => li.removed { del { code { (row.text) } } },
                    }
                }
            }
        }
    }
}

fn bars(spread: &Spread) -> Markup {
    let shares = spread.shares();
    let labels: Vec<(String, String)> = shares.iter().map(|(before, after)| percents(*before, *after)).collect();
    html! {
        table.shares {
            caption.soft { "Of those exposed" }
            thead {
                tr {
                    th scope="col" { "Variant" }
                    @if spread.before.is_some() { th scope="col" { "Before" } }
                    @if spread.after.is_some() { th scope="col" { "After" } }
                }
            }
            tbody {
                @for ((key, (before, after)), (left, right)) in spread.keys.iter().zip(shares).zip(labels) {
                    tr {
                        th scope="row" { (code(key)) }
                        @if let Some(share) = before { td { span.number { (left) } (bar(share, "vb")) } }
                        @if let Some(share) = after { td { span.number { (right) } (bar(share, "vb")) } }
                    }
                }
            }
        }
    }
}

fn meter(before: Option<&Decimal>, after: Option<&Decimal>) -> Markup {
    let side = |title: &str, value: Option<&Decimal>| {
        html! {
            @if let Some(value) = value {
                tr {
                    th scope="row" { (title) }
                    td { span.number { (value.to_string()) "%" } (bar(value.to_f64() / 100.0, "vb")) }
                }
            }
        }
    };
    html! { table.shares { tbody { (side("Before", before)) (side("After", after)) } } }
}

/// A segment in words: its share of users, its conditions, its weights and its other fields.
fn segment(parts: &SegmentParts<'_>, flag: &FlagReport, sign: Sign) -> Markup {
    let weights = parts.weights.map(|entry| &entry.value);
    let spread = match sign {
        Sign::Removed => Spread::of(weights, None, &flag.variants),
        Sign::Added | Sign::Same => Spread::of(None, weights, &flag.variants),
    };
    let undrawn = parts.weights.filter(|_| spread.is_none());
    html! {
        p {
            @match parts.percentage.map(written::inline) {
                Some(share) => { (share) "% of the users" },
                None => { "Users" },
            }
            (if parts.conditions.is_empty() { " (no conditions)" } else { " for whom" })
        }
        @if !parts.conditions.is_empty() {
            ul.conditions {
                @for (index, condition) in parts.conditions.iter().enumerate() {
                    li { @if index > 0 { "and " } code { (values::condition(condition, &flag.format)) } }
                }
            }
        }
        @if let Some(spread) = &spread { (bars(spread)) }
        @for entry in undrawn.iter().chain(&parts.rest) { p { (code(&entry.key)) ": " (value(&entry.value)) } }
    }
}

fn value(node: &Node) -> Markup {
    let lines = written::lines(node);
    let many = lines.len() > 1;
    html! { @for line in &lines { code.line[many] { (line) } } }
}
