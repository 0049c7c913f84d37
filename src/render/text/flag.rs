//! One flag in a terminal: its changes under the rules that gate them, its impact, and its requirements.

use super::super::draw::{self, Drawing, DrawnLine, Pen, Sign};
use super::super::page::{Page, Span, span};
use super::super::phrases::{self, Phrase};
use super::super::view::{ChangeShape, ChangeView, FlagGroup, FlagView, ImpactView, groups, phrase_of, variant, verb};
use super::super::wrap::{LongWord, wrap};
use super::super::{Look, safe};
use super::{heading, requirements};
use crate::changes::written;
use crate::diagnostics::words::{counted, short};
use crate::render::Tone;
use crate::report::{Class, FlagReport};

/// One flag, or several that read the same: their names, and the rest once.
pub(super) fn write(group: &FlagGroup<'_, '_>, look: &Look, explained: &mut Vec<&'static str>, page: &mut Page) {
    let (view, alone) = (group.first(), group.only().is_some());
    let (flag, judged) = (view.report, !look.changes_only);
    let names: Vec<String> = view.names().iter().map(|name| safe::visible(name)).collect();
    let names = names.join(page.either(" → ", " -> "));
    let title = if alone {
        [span(Tone::Plain, format!("{} ", flag.noun())), span(Tone::Strong, names)]
    } else {
        [span(Tone::Strong, group.number()), span(Tone::Plain, " that change alike")]
    };
    let word = judged.then(|| span(Tone::of(view.verdict()), phrase_of(view.verdict())));
    heading(&title, word, page);
    if alone {
        page.phrase(3, &about(view, view.state.clone(), judged));
    } else {
        page.phrase(3, &view.state);
        for other in group.flags() {
            page.phrase(5, &about(other, Phrase::default().value(&other.id), judged));
        }
    }
    if let Some(lock) = view.lock.as_ref().filter(|_| judged) {
        page.toned(3, Tone::Warn, lock);
    }
    if let Some(since) = &view.since {
        page.blank();
        page.line(3, &[span(Tone::Plain, safe::visible(since))]);
    }
    changes(view, alone, look, explained, page);
    if let Some(impact) = &view.impact {
        page.blank();
        page.toned(3, Tone::Strong, &impact.sentence);
        for warning in &impact.impact.warnings {
            page.item(3, Tone::Warn, '!', (Tone::Warn, format!("warning: {}", safe::visible(warning))));
        }
        users(impact, look, page);
    }
    for sentence in view.of_old() {
        page.blank();
        page.line(3, &[span(Tone::Strong, safe::visible(&sentence))]);
    }
    if !view.remarks.is_empty() {
        page.blank();
    }
    for remark in &view.remarks {
        page.line(3, &[span(Tone::Strong, "note: "), span(Tone::Plain, safe::visible(remark))]);
    }
    if judged {
        requirements(&view.requirements, page);
        if let Some(overridden) = &flag.overridden {
            page.blank();
            let by = phrases::overridden(overridden, usize::MAX);
            page.toned(3, Tone::Warn, &by.ours(": ").value(&overridden.reason));
        }
        if !flag.notified.is_empty() {
            page.blank();
            page.phrase(3, &phrases::notified(&flag.notified));
        }
    }
}

/// The first sentence of a flag, then the digests and the file.
fn about(view: &FlagView<'_>, mut about: Phrase, judged: bool) -> Phrase {
    for (at, digest) in view.digests().into_iter().filter(|_| judged).enumerate() {
        about = about.ours(if at == 0 { ", digest " } else { " and " }).value(short(digest));
    }
    about = about.ours(", ").value(&view.report.path);
    match &view.report.previous_path {
        Some(previous) => about.ours(", was ").value(previous),
        None => about,
    }
}

/// The groups of users, the members of segments, and the caveats.
fn users(impact: &ImpactView<'_>, look: &Look, page: &mut Page) {
    let pen = Pen { width: page.width().saturating_sub(12), ascii: page.ascii };
    let quiet = |text: String| [span(Tone::Quiet, text)];
    for group in &impact.groups {
        page.blank();
        page.phrase(3, &Phrase::new("of ").then(group.whose.clone()).ours(":"));
        let names = group.shares.iter().map(|row| variant(row.variant, written::quoted)).collect();
        let shares: Vec<_> = group.shares.iter().map(|row| (Some(row.before), Some(row.after))).collect();
        let mut lines = draw::pairs(names, &shares, pen);
        if group.shares_left > 0 {
            lines.push(draw::same(format!("and {}", counted(group.shares_left, "more variant"))));
        }
        for flow in &group.flows {
            let [from, to] = [&flow.from, &flow.to].map(|side| variant(side.as_deref(), written::quoted));
            lines.push(draw::same(format!(
                "{from} {} {to}: {} {}",
                draw::arrow(pen),
                flow.share,
                verb(flow, impact.impact)
            )));
        }
        if group.flows_left > 0 {
            lines.push(draw::same(format!("and {} from one to another", counted(group.flows_left, "more flow"))));
        }
        for line in &lines {
            drawn(line, &[span(Tone::Plain, "     ")], page);
        }
    }
    if impact.groups_left > 0 {
        page.line(3, &quiet(format!("and {}", counted(impact.groups_left, "more group"))));
    }
    if !impact.members.is_empty() {
        page.blank();
    }
    for member in &impact.members {
        let line = Phrase::new(format!("{} ", member.verb)).name(member.segment).ours(": ").value(member.users);
        page.phrase(3, &line);
    }
    if impact.members_left > 0 {
        page.line(3, &quiet(format!("and {}, see the changes", counted(impact.members_left, "more condition"))));
    }
    if !impact.caveats.is_empty() || impact.without.is_some() {
        page.blank();
    }
    if look.all {
        for caveat in &impact.caveats {
            page.line(3, &[span(Tone::Strong, "caveat: "), span(Tone::Plain, safe::visible(caveat))]);
        }
    } else if !impact.caveats.is_empty() {
        let (number, them) = (impact.caveats.len(), if impact.caveats.len() == 1 { "it" } else { "them" });
        page.line(3, &quiet(format!("{}; --all shows {them}", counted(number, "caveat"))));
    }
    if let Some(without) = &impact.without {
        page.line(3, &quiet(safe::visible(without)));
    }
}

fn changes(view: &FlagView<'_>, lines: bool, look: &Look, explained: &mut Vec<&'static str>, page: &mut Page) {
    let shown: Vec<&ChangeView<'_>> = view.changes.iter().filter(|change| look.all || change.matters).collect();
    for group in groups(&shown) {
        page.blank();
        let mut line = vec![span(Tone::Strong, group.label)];
        if !group.why.is_empty() && !explained.contains(&group.why) {
            explained.push(group.why);
            line.push(span(Tone::Plain, format!(": {}", group.why)));
        }
        page.line(3, &line);
        for change in group.changes {
            one(change, view.report, lines, page);
        }
    }
    let number = |class: Class| view.changes.iter().filter(|view| view.change.class == class).count();
    let (routine, none) = (number(Class::Routine), number(Class::NoEffect));
    if !look.all && routine + none > 0 {
        let left_out = match (routine, none) {
            (0, none) => format!("{} without effect", counted(none, "change")),
            (routine, 0) => counted(routine, "routine change"),
            (routine, none) => format!("{}, {none} without effect", counted(routine, "routine change")),
        };
        if !shown.is_empty() {
            page.blank();
        }
        let them = if routine + none == 1 { "it" } else { "them" };
        page.line(3, &[span(Tone::Quiet, format!("{left_out}; --all shows {them}"))]);
    }
}

/// Columns of the gutter: an indent, a line number, a bar.
const GUTTER: usize = 9;

/// A change; of several flags that read the same, each has it at another line.
fn one(view: &ChangeView<'_>, flag: &FlagReport, lines: bool, page: &mut Page) {
    let bar = page.either("│", "|");
    let line = if lines { view.change.line.to_string() } else { String::new() };
    let first = [span(Tone::Quiet, format!("{line:>7} {bar} "))];
    let rest = [span(Tone::Quiet, format!("{:>7} {bar} ", ""))];
    let title = view.title.clone();
    let title = view.elsewhere.iter().fold(title, |title, path| title.ours(", in ").value(path));
    let pen = Pen { width: page.width().saturating_sub(GUTTER + 3), ascii: page.ascii };
    let drawing = draw::drawing(view, flag, pen);
    let spread =
        matches!(&view.shape, ChangeShape::Spread(_)) && matches!(&drawing, Drawing::Lines(lines) if !lines.is_empty());
    let title = if spread { title.ours(", of those exposed:") } else { title };
    let title = page.spans(&title);
    page.put(&first, &rest, &title);
    match drawing {
        Drawing::Sides(before, after) if page.width() >= 80 => sides(&before, &after, &rest, page),
        drawing => drawing.lines().iter().for_each(|line| drawn(line, &rest, page)),
    }
}

/// One line of a drawing; bars are not wrapped.
fn drawn(line: &DrawnLine, gutter: &[Span], page: &mut Page) {
    let tone = match line.sign {
        Sign::Same => Tone::Plain,
        Sign::Added => Tone::Good,
        Sign::Removed => Tone::Bad,
    };
    let text = line.text.trim_start_matches(' ');
    let indent = " ".repeat((line.text.len() - text.len()).min(page.width() / 3));
    let prefix = |more: &str| -> Vec<Span> {
        let sign = span(tone, format!("{} {indent}{more}", line.sign.character()));
        gutter.iter().cloned().chain([sign]).collect()
    };
    let fits = safe::columns(&line.text) < page.width() - 11;
    if line.sign == Sign::Same && text.contains(['█', '#', '░']) && fits {
        let mut bars = prefix("");
        bars.push(span(tone, text));
        return page.raw(&bars);
    }
    page.put(&prefix(""), &prefix("  "), &[span(tone, text)]);
}

/// Two long values side by side.
fn sides(before: &str, after: &str, gutter: &[Span], page: &mut Page) {
    let width = page.width().saturating_sub(GUTTER + 4) / 2;
    let left = wrap(&[span(Tone::Bad, before)], width, LongWord::Broken);
    let right = wrap(&[span(Tone::Good, after)], width, LongWord::Broken);
    for index in 0..left.len().max(right.len()) {
        let side = |lines: &[Vec<Span>]| lines.get(index).cloned().unwrap_or_default();
        let old = side(&left);
        let taken: usize = old.iter().map(|(_, text)| safe::columns(text)).sum();
        let middle = if index == 0 { page.either("→", "->") } else { "" };
        let mut line = gutter.to_vec();
        line.extend(old);
        line.push(span(Tone::Plain, format!("{} {middle:<2} ", " ".repeat(width.saturating_sub(taken)))));
        line.extend(side(&right));
        page.raw(&line);
    }
}
