//! What changes, field by field: one sentence each, unfolded to its values.

use maud::{Markup, html};

use super::super::draw::{self, Pen, Row, Sign};
use super::super::values::{self, Spread, percents};
use super::super::view::View;
use super::super::words::{self, count};
use super::piece::{Tone, bar, code, phrase, pill, prose};
use crate::changes::RuleId;
use crate::document::{Decimal, Map, Node};
use crate::report::{Act, Change, Class, FlagReport};

pub(super) fn section(flag: &FlagReport) -> Markup {
    let (mut told, quiet): (Vec<&Change>, Vec<&Change>) =
        flag.changes.iter().partition(|change| words::matters(change));
    told.sort_by_key(|change| change.class);
    let all = |changes: &[&Change]| html! { @for change in changes { (one(change, flag)) } };
    html! {
        @if !flag.changes.is_empty() {
            h3 { "What changes" }
            div.changes {
                (all(&told))
                @if !quiet.is_empty() {
                    details.quiet {
                        summary {
                            (count(quiet.len(), "change")) " that " (if quiet.len() == 1 { "needs" } else { "need" })
                            " no approval"
                        }
                        div.changes { (all(&quiet)) }
                    }
                }
            }
        }
    }
}

fn one(change: &Change, flag: &FlagReport) -> Markup {
    html! {
        details {
            summary {
                (class(change.class)) " " (phrase(&words::sentence(change, &flag.variants)))
            }
            div.change {
                p.soft { (code(&change.path)) " line " (change.line) ", field " (code(&change.field)) }
                (why(change))
                (drawing(change, flag))
            }
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

fn why(change: &Change) -> Markup {
    let rule = change.rule.and_then(RuleId::rule);
    html! {
        @match rule {
            Some(rule) => p { "Rule " strong { (rule.id) } ": " (prose(rule.why)) },
            None => {},
        }
    }
}

fn drawing(change: &Change, flag: &FlagReport) -> Markup {
    let sign = match change.act {
        Act::Added => Sign::Added,
        Act::Removed => Sign::Removed,
        Act::Changed | Act::Reordered => Sign::Same,
    };
    match View::of(change, &flag.variants) {
        View::Spread(_) | View::Percent(..) if change.before == change.after => html! {},
        // The same ratio, written differently: two equal bars say nothing, what is written does.
        View::Spread(_) if change.class == Class::NoEffect => both(change),
        View::Spread(spread) => bars(&spread),
        View::Percent(before, after) => meter(before, after),
        View::Segment(map) => segment(map, &flag.variants, sign),
        View::Deleted => html! {},
        View::Moved | View::Reordered(..) => both(change),
        View::Variant(_) | View::Members { .. } => drawn(change, flag),
        View::Value(..) => {
            let rows = drawn(change, flag);
            if rows.0.is_empty() { both(change) } else { rows }
        }
    }
}

/// As the terminal draws it: signed lines.
fn drawn(change: &Change, flag: &FlagReport) -> Markup {
    let drawn = draw::drawing(change, &flag.variants, Pen { width: 100, ascii: false }).rows();
    if drawn.is_empty() {
        html! {}
    } else {
        rows(&drawn)
    }
}

/// Both values whole.
fn both(change: &Change) -> Markup {
    let side = |sign: Sign, node: &Option<Node>| -> Vec<Row> {
        let lines = node.as_ref().map(values::lines).unwrap_or_default();
        lines.into_iter().map(|text| Row { sign, text }).collect()
    };
    let mut all = side(Sign::Removed, &change.before);
    all.extend(side(Sign::Added, &change.after));
    rows(&all)
}

fn rows(rows: &[Row]) -> Markup {
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

/// A segment in words: how many of whom, spread how, and whatever else it has.
fn segment(map: &Map, variants: &[String], sign: Sign) -> Markup {
    let conditions = map.get("conditions").and_then(Node::as_list).unwrap_or_default();
    let share = map.get("percentage").map(values::inline);
    let weights = map.get("rolloutWeights");
    let spread = match sign {
        Sign::Removed => Spread::of(weights, None, variants),
        Sign::Added | Sign::Same => Spread::of(None, weights, variants),
    };
    let told =
        |key: &str| matches!(key, "name" | "percentage" | "conditions") || key == "rolloutWeights" && spread.is_some();
    html! {
        p {
            @match &share { Some(share) => { (share) "% of the users" }, None => { "Users" } }
            (if conditions.is_empty() { ", whoever they are (no conditions)" } else { " for whom" })
        }
        @if !conditions.is_empty() {
            ul.conditions {
                @for (index, condition) in conditions.iter().enumerate() {
                    li { @if index > 0 { "and " } code { (values::condition(condition)) } }
                }
            }
        }
        @if let Some(spread) = &spread { (bars(spread)) }
        @for entry in map.iter().filter(|entry| !told(&entry.key)) {
            p { (code(&entry.key)) ": " (value(&entry.value)) }
        }
    }
}

fn value(node: &Node) -> Markup {
    let lines = values::lines(node);
    let many = lines.len() > 1;
    html! { @for line in &lines { code.line[many] { (line) } } }
}
