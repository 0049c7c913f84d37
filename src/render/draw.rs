//! Drawing of a change in characters: bars for shares of users, signed lines for added and removed values. The terminal
//! and Markdown show the same drawings, because the same people read both.

use crate::diagnostics::words::counted;
use similar::{ChangeTag, TextDiff};

use super::values::{self, Spread, percents};
use super::view::{ChangeShape, ChangeView, SegmentParts};
use crate::changes::written;
use crate::diagnostics::escape as safe;
use crate::document::{Decimal, Node};
use crate::report::{Act, Class, FlagReport};

/// Sign before a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sign {
    /// Neither added nor removed.
    Same,
    Added,
    Removed,
}

impl Sign {
    /// The sign of everything that is in the only value of a change.
    pub(super) fn of(act: Act) -> Self {
        match act {
            Act::Added => Sign::Added,
            Act::Removed => Sign::Removed,
            Act::Changed | Act::Reordered => Sign::Same,
        }
    }

    pub(super) fn character(self) -> char {
        match self {
            Sign::Same => ' ',
            Sign::Added => '+',
            Sign::Removed => '-',
        }
    }
}

/// One line of a drawing; `text` is visible text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct DrawnLine {
    pub sign: Sign,
    pub text: String,
}

/// Room and characters to draw with.
#[derive(Clone, Copy)]
pub(super) struct Pen {
    /// Width in columns.
    pub width: usize,
    pub ascii: bool,
}

/// Drawing of a change.
pub(super) enum Drawing {
    Lines(Vec<DrawnLine>),
    /// Two values, side by side if there is room.
    Sides(String, String),
}

impl Drawing {
    /// As signed lines, one value under the other.
    pub(super) fn lines(self) -> Vec<DrawnLine> {
        match self {
            Drawing::Lines(rows) => rows,
            Drawing::Sides(before, after) => {
                vec![DrawnLine { sign: Sign::Removed, text: before }, DrawnLine { sign: Sign::Added, text: after }]
            }
        }
    }
}

/// More members that are in both than this are counted.
const KEPT: usize = 8;

/// The drawing of what a change's title does not say.
pub(super) fn drawing(view: &ChangeView<'_>, flag: &FlagReport, pen: Pen) -> Drawing {
    let change = view.change;
    let sign = Sign::of(change.act);
    let lines = match &view.shape {
        ChangeShape::Deleted(_) | ChangeShape::Moved | ChangeShape::Reordered(..) => Vec::new(),
        ChangeShape::Spread(_) | ChangeShape::Percent(..) if change.before == change.after => Vec::new(),
        // The same ratio, written differently: two equal bars say nothing.
        ChangeShape::Spread(_) if change.class == Class::NoEffect => Vec::new(),
        ChangeShape::Spread(spread) => bars(spread, pen),
        ChangeShape::Percent(before, after) => vec![meter(*before, *after, pen)],
        ChangeShape::Segment(parts) => signed(sign, segment(parts, flag, pen)),
        ChangeShape::Variant(node, id) => signed(sign, variant(node, *id)),
        ChangeShape::Members { removed, added, kept } => {
            let mut lines = signed(Sign::Removed, removed.clone());
            lines.extend(signed(Sign::Added, added.clone()));
            match kept.len() {
                0 => {}
                1..=KEPT => lines.push(same(format!("and as before: {}", kept.join("; ")))),
                many => lines.push(same(format!("and {many} as before"))),
            }
            lines
        }
        ChangeShape::Value(..) if view.title_has_values() => Vec::new(),
        ChangeShape::Value(before, after) => return value(*before, *after),
    };
    Drawing::Lines(lines)
}

/// A line that is neither added nor removed.
pub(super) fn same(text: String) -> DrawnLine {
    DrawnLine { sign: Sign::Same, text }
}

fn signed(sign: Sign, lines: Vec<String>) -> Vec<DrawnLine> {
    lines.into_iter().map(|text| DrawnLine { sign, text }).collect()
}

fn value(before: Option<&Node>, after: Option<&Node>) -> Drawing {
    let lines = |side: Option<&Node>| side.map(written::lines).unwrap_or_default();
    let (old, new) = (lines(before), lines(after));
    match (old.as_slice(), new.as_slice()) {
        ([old], [new]) if old != new => Drawing::Sides(old.clone(), new.clone()),
        _ => Drawing::Lines(line_diff(&old, &new)),
    }
}

/// Values with more lines than this on one side are shown whole, old before new. It bounds lines and not time, so that
/// the same change is drawn the same way on every machine.
const COMPARED: usize = 2000;

/// Unchanged lines around a changed one.
const CONTEXT: usize = 2;

/// Two values, line by line, without long unchanged stretches.
fn line_diff(old: &[String], new: &[String]) -> Vec<DrawnLine> {
    if old.len() > COMPARED || new.len() > COMPARED {
        let mut rows = signed(Sign::Removed, old.to_vec());
        rows.extend(signed(Sign::Added, new.to_vec()));
        return rows;
    }
    let (left, right): (Vec<&str>, Vec<&str>) =
        (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
    let diff = TextDiff::from_slices(&left, &right);
    let mut rows = Vec::new();
    let mut shown = 0;
    for group in diff.grouped_ops(CONTEXT) {
        let from = group.first().map_or(0, |op| op.old_range().start);
        if from > shown {
            rows.push(left_out(from - shown));
        }
        shown = group.last().map_or(shown, |op| op.old_range().end);
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let sign = match change.tag() {
                ChangeTag::Equal => Sign::Same,
                ChangeTag::Delete => Sign::Removed,
                ChangeTag::Insert => Sign::Added,
            };
            rows.push(DrawnLine { sign, text: change.value().to_owned() });
        }
    }
    if !rows.is_empty() && old.len() > shown {
        rows.push(left_out(old.len() - shown));
    }
    rows
}

/// A line in place of unchanged ones.
pub(super) fn left_out(lines: usize) -> DrawnLine {
    same(format!("({} as before)", counted(lines, "line")))
}

/// A name of more columns than this has a line of its own.
const NAME: usize = 24;

/// One bar a variant, before and after.
fn bars(spread: &Spread, pen: Pen) -> Vec<DrawnLine> {
    pairs(spread.keys.iter().map(|key| safe::visible(key)).collect(), &spread.shares(), pen)
}

/// One bar a name, before and after; the names are visible text.
pub(super) fn pairs(names: Vec<String>, shares: &[(Option<f64>, Option<f64>)], pen: Pen) -> Vec<DrawnLine> {
    let widest = names.iter().map(|name| safe::columns(name)).max().unwrap_or(0);
    let column = if widest > NAME { 0 } else { widest };
    let both = shares.iter().all(|(before, after)| before.is_some() && after.is_some());
    let labels: Vec<(String, String)> = shares.iter().map(|(before, after)| percents(*before, *after)).collect();
    let label = labels.iter().flat_map(|(a, b)| [safe::columns(a), safe::columns(b)]).max().unwrap_or(0);
    // Per side: the bar, a blank and the label; between them an arrow with two blanks on each side.
    let taken = column + 2 + (label + 1) * 2 + 6;
    let cells = (pen.width.saturating_sub(taken) / 2).clamp(4, 20);
    let mut rows = Vec::new();
    for ((name, (before, after)), (left, right)) in names.into_iter().zip(shares.iter().copied()).zip(labels) {
        let side = |share: Option<f64>, label_text: &str| {
            share.map(|share| format!("{} {}", bar(share, cells, ' ', pen), safe::pad_left(label_text, label)))
        };
        let sides = match (side(before, &left), side(after, &right)) {
            (Some(before), Some(after)) => format!("{before}  {}  {after}", arrow(pen)),
            (before, after) => before.or(after).unwrap_or_default(),
        };
        let sign = match (both, before.is_some()) {
            (true, _) => Sign::Same,
            (false, true) => Sign::Removed,
            (false, false) => Sign::Added,
        };
        if column == 0 {
            rows.push(DrawnLine { sign, text: name });
            rows.push(DrawnLine { sign, text: format!("  {sides}") });
        } else {
            rows.push(DrawnLine { sign, text: format!("{}  {sides}", safe::pad(&name, column)) });
        }
    }
    rows
}

fn meter(before: Option<&Decimal>, after: Option<&Decimal>, pen: Pen) -> DrawnLine {
    let cells = (pen.width.saturating_sub(20) / 2).clamp(4, 20);
    let rest = if pen.ascii { '.' } else { '░' };
    let side = |value: Option<&Decimal>| {
        value.map(|value| format!("{} {value}%", bar(value.to_f64() / 100.0, cells, rest, pen)))
    };
    match (side(before), side(after)) {
        (Some(before), Some(after)) => {
            DrawnLine { sign: Sign::Same, text: format!("{before}  {}  {after}", arrow(pen)) }
        }
        (Some(before), None) => DrawnLine { sign: Sign::Removed, text: before },
        (None, after) => DrawnLine { sign: Sign::Added, text: after.unwrap_or_default() },
    }
}

pub(super) fn arrow(pen: Pen) -> &'static str {
    if pen.ascii { "->" } else { "→" }
}

/// A bar of `cells` columns for a share of 0 to 1. It is empty for nobody and full for everyone, and for no other
/// share.
///
/// Where the rest is blank a cell has eight steps. On a page a font need not have the characters for eighths, and where
/// it has not, bars of one share differ in length; it has the half block wherever it has the full one.
pub(super) fn bar(share: f64, cells: usize, rest: char, pen: Pen) -> String {
    const EIGHTHS: [char; 8] = ['█', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let steps = match (pen.ascii, rest) {
        (true, _) => 1,
        (false, ' ') => 8,
        (false, _) => 2,
    };
    let all = cells * steps;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of 0 to 1 of at most 160 steps"
    )]
    let filled = ((share * all as f64).round() as usize).max(usize::from(share > 0.0)).min(if share < 1.0 {
        all.saturating_sub(1)
    } else {
        all
    });
    let (full, part) = (filled / steps, filled % steps);
    let mut out = String::from(if pen.ascii { "#" } else { "█" }).repeat(full);
    let mut used = full;
    if part > 0 {
        out.extend(EIGHTHS.get(part * 8 / steps));
        used += 1;
    }
    out.extend(std::iter::repeat_n(rest, cells.saturating_sub(used)));
    out
}

/// A segment in words: its share of users, its conditions, its weights and its other fields.
fn segment(parts: &SegmentParts<'_>, flag: &FlagReport, pen: Pen) -> Vec<String> {
    let mut out = Vec::new();
    let percentage = parts.percentage.map(written::inline);
    let share = percentage.map_or_else(|| "users".to_owned(), |percentage| format!("{percentage}% of the users"));
    if parts.conditions.is_empty() {
        out.push(format!("{share} (no conditions)"));
    } else {
        out.push(format!("{share} for whom"));
        for (index, condition) in parts.conditions.iter().enumerate() {
            let and = if index > 0 { "and " } else { "" };
            out.push(format!("  {and}{}", values::condition(condition, &flag.format)));
        }
    }
    let weights = parts.weights.filter(|entry| !entry.value.is_null());
    if let Some(spread) = Spread::of(None, weights.map(|entry| &entry.value), &flag.variants) {
        out.push("of these:".to_owned());
        out.extend(bars(&spread, Pen { width: pen.width.saturating_sub(2), ..pen }).into_iter().map(|row| row.text));
    } else if let Some(entry) = weights {
        out.extend(member(&entry.key, &entry.value));
    }
    out.extend(parts.rest.iter().flat_map(|entry| member(&entry.key, &entry.value)));
    out
}

/// A variant: its fields, a payload with its own lines.
fn variant(node: &Node, id: Option<&str>) -> Vec<String> {
    match (node.as_map(), id) {
        (Some(map), Some(id)) if map.get(id).is_some() => {
            let rest = map.iter().filter(|entry| entry.key != id);
            rest.flat_map(|entry| member(&entry.key, &entry.value)).collect()
        }
        _ => written::lines(node),
    }
}

/// `key: value`, the value's further lines under it.
fn member(key: &str, node: &Node) -> Vec<String> {
    let key = written::quoted(key);
    let flat = written::inline(node);
    let lines = written::lines(node);
    if lines.len() == 1 || node.as_text().is_none() && safe::columns(&flat) <= 60 {
        return vec![format!("{key}: {flat}")];
    }
    // Indented, so that a line of a string cannot pass for another field.
    std::iter::once(format!("{key}:")).chain(lines.into_iter().map(|line| format!("  {line}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Pen = Pen { width: 84, ascii: false };

    #[test]
    fn bars_of_different_shares_differ() {
        let bars: Vec<String> = (0..=20_u32).map(|at| bar(f64::from(at) / 20.0, 20, '░', PAGE)).collect();
        for (at, one) in bars.iter().enumerate() {
            assert_eq!(one.chars().count(), 20);
            assert_eq!(one.chars().filter(|c| *c == '█').count(), at, "{one}");
        }
        let few = [0.0, 0.001, 0.025, 0.05, 0.075, 0.975, 0.999, 1.0].map(|share| bar(share, 20, '░', PAGE));
        assert_eq!(few[0], "░".repeat(20));
        assert_eq!(few[1], few[2]);
        assert_eq!((few[2].chars().next(), few[3].chars().next()), (Some('▌'), Some('█')));
        assert_eq!(few[5], few[6]);
        assert_eq!(few[7], "█".repeat(20));
        assert_ne!(few[6], few[7]);
    }

    #[test]
    fn only_everyone_is_a_full_bar() {
        for (rest, ascii) in [(' ', false), ('░', false), ('.', true)] {
            let pen = Pen { ascii, ..PAGE };
            let full = bar(1.0, 20, rest, pen);
            assert!(bar(0.9999, 20, rest, pen) != full && bar(0.0001, 20, rest, pen) != bar(0.0, 20, rest, pen));
        }
    }
}
