//! The report for people in a terminal: the verdict first, then flag by flag what would change, who has to approve
//! it and what is missing; the policy; the diagnostics; last what to do next.

use super::draw::{self, Drawing, Pen, Row, Sign};
use super::page::{Page, Span, Tone, span, wrapped};
use super::view::View;
use super::words::{self, Phrase, count};
use super::{Look, excerpt, moves, people, safe};
use crate::changes::{RuleId, rules};
use crate::diagnostics::Diagnostic;
use crate::report::{Change, Class, FlagReport, PolicyReport, Report};

pub(super) fn review(report: &Report, look: &Look) -> String {
    let mut page = Page::new(look);
    let compared =
        Phrase::new("comparing ").then(words::revision(&report.base)).ours(" → ").then(words::revision(&report.head));
    let compared = page.spans(&compared);
    page.line(0, &compared);
    if look.changes_only {
        let text = match report.flags.len() {
            0 => "no flag changes".to_owned(),
            number => format!("{} changed", count(number, "flag")),
        };
        page.line(0, &[span(Tone::Strong, text)]);
    } else {
        verdict(report, &mut page);
    }
    let mut explained = Vec::new();
    for flag in words::in_order(report) {
        page.blank();
        one(flag, look, &mut explained, &mut page);
    }
    if report.policy.changed && !look.changes_only {
        page.blank();
        policy(&report.policy, &mut page);
    }
    if !report.diagnostics.is_empty() {
        page.blank();
        excerpt::all(&report.diagnostics, &mut page);
    }
    if !look.changes_only {
        closing(report, &mut page);
    }
    page.finish()
}

pub(super) fn diagnostics(diagnostics: &[Diagnostic], look: &Look) -> String {
    let mut page = Page::new(look);
    excerpt::all(diagnostics, &mut page);
    page.blank();
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let text = match (errors, diagnostics.len() - errors) {
        (0, 0) => span(Tone::Good, "no problems"),
        (0, warnings) => span(Tone::Warn, count(warnings, "warning")),
        (errors, 0) => span(Tone::Bad, count(errors, "error")),
        (errors, warnings) => span(Tone::Bad, format!("{}, {}", count(errors, "error"), count(warnings, "warning"))),
    };
    page.line(0, &[text]);
    page.finish()
}

fn verdict(report: &Report, page: &mut Page) {
    let text = words::headline(report);
    let (word, rest) = text.split_once(':').unwrap_or((&text, ""));
    let tone = if super::fits(report) { Tone::of(report.verdict) } else { Tone::Bad };
    page.line(0, &[span(tone, word), span(Tone::Strong, format!(":{rest}"))]);
}

/// A line across the page with a title at its left and a word at its right.
fn heading(title: &[Span], word: Option<Span>, page: &mut Page) {
    let dash = page.either("─", "-");
    let columns = |spans: &[Span]| spans.iter().map(|(_, text)| safe::columns(text)).sum::<usize>();
    let word_columns = word.as_ref().map_or(0, |(_, text)| safe::columns(text) + 4);
    let taken = columns(title) + word_columns + 5;
    let mut line = vec![span(Tone::Quiet, format!("{dash}{dash} "))];
    line.extend_from_slice(title);
    let Some(left) = page.width().checked_sub(taken) else {
        // Too long for one line: the word comes right after it, and both are wrapped.
        if let Some((tone, word)) = word {
            line.extend([span(Tone::Plain, ": "), span(tone, word)]);
        }
        page.line(0, &line);
        return;
    };
    line.push(span(Tone::Quiet, format!(" {}", dash.repeat(left + 1))));
    if let Some(word) = word {
        line.extend([span(Tone::Plain, " "), word, span(Tone::Quiet, format!(" {dash}{dash}"))]);
    }
    page.raw(&line);
}

fn one(flag: &FlagReport, look: &Look, explained: &mut Vec<&'static str>, page: &mut Page) {
    let id = format!("{}/{}", safe::visible(&flag.project), safe::visible(&flag.key));
    let title = [span(Tone::Plain, format!("{} ", flag.kind.word())), span(Tone::Strong, id)];
    let word = (!look.changes_only).then(|| span(Tone::of(flag.verdict), flag.verdict.word()));
    heading(&title, word, page);
    let effect = moves::shown(flag);
    if let Some(effect) = effect {
        moves::first(effect, page);
    }
    let mut about = words::state(flag);
    if let Some(digest) = flag.digest.as_deref().filter(|_| !look.changes_only) {
        about = about.ours(", digest ").value(words::short(digest));
    }
    about = about.ours(", ").value(&flag.path);
    if let Some(previous) = &flag.previous_path {
        about = about.ours(", was ").value(previous);
    }
    let about = page.spans(&about);
    page.line(3, &about);
    if let Some(holder) = flag.locked_by.as_ref().filter(|_| !look.changes_only) {
        let lock = page.spans(&words::lock(holder));
        let lock: Vec<Span> = lock.into_iter().map(|(_, text)| span(Tone::Warn, text)).collect();
        page.line(3, &lock);
    }
    if let Some(effect) = effect {
        moves::rest(effect, flag, look, page);
    }
    changes(flag, look, explained, page);
    if !flag.remarks.is_empty() {
        page.blank();
    }
    for remark in &flag.remarks {
        page.line(3, &[span(Tone::Strong, "note: "), span(Tone::Plain, safe::visible(remark))]);
    }
    if !look.changes_only {
        people::requirements(&flag.requirements, false, page);
        people::told(&flag.notified, page);
    }
}

fn changes(flag: &FlagReport, look: &Look, explained: &mut Vec<&'static str>, page: &mut Page) {
    let shown: Vec<&Change> = flag.changes.iter().filter(|change| look.all || words::matters(change)).collect();
    let mut headings: Vec<(Class, Option<&'static str>)> = Vec::new();
    for change in &shown {
        let group = group(change);
        if !headings.contains(&group) {
            headings.push(group);
        }
    }
    headings.sort_by_key(|(class, _)| *class);
    for wanted in headings {
        page.blank();
        rule(wanted, explained, page);
        for change in shown.iter().filter(|change| group(change) == wanted) {
            one_change(change, flag, page);
        }
    }
    let number = |class: Class| flag.changes.iter().filter(|change| change.class == class).count();
    let (routine, none) = (number(Class::Routine), number(Class::NoEffect));
    if !look.all && routine + none > 0 {
        let what = match (routine, none) {
            (0, none) => format!("{} without effect", count(none, "change")),
            (routine, 0) => count(routine, "routine change"),
            (routine, none) => format!("{}, {none} without effect", count(routine, "routine change")),
        };
        if !shown.is_empty() {
            page.blank();
        }
        page.line(
            3,
            &[span(Tone::Quiet, format!("{what}; --all shows {}", if routine + none == 1 { "it" } else { "them" }))],
        );
    }
}

/// What a change stands under: the rule it falls under, or its class.
fn group(change: &Change) -> (Class, Option<&'static str>) {
    (change.class, if words::matters(change) { change.rule.map(RuleId::as_str) } else { None })
}

fn rule((class, id): (Class, Option<&'static str>), explained: &mut Vec<&'static str>, page: &mut Page) {
    let id = id.unwrap_or(match class {
        Class::Critical | Class::Activation | Class::Deactivation => class.word(),
        Class::Routine => "routine",
        Class::NoEffect => "no effect",
    });
    let why = match class {
        Class::NoEffect => "written differently, means the same",
        Class::Routine => "needs no approval",
        Class::Critical | Class::Activation | Class::Deactivation => rules::by_id(id).map_or("", |rule| rule.why),
    };
    let mut line = vec![span(Tone::Strong, id)];
    if !why.is_empty() && !explained.contains(&id) {
        explained.push(id);
        line.push(span(Tone::Plain, format!(": {why}")));
    }
    page.line(3, &line);
}

/// Columns of the gutter: an indent, a line number, a bar.
const GUTTER: usize = 9;

fn one_change(change: &Change, flag: &FlagReport, page: &mut Page) {
    let bar = page.either("│", "|");
    let first = [span(Tone::Quiet, format!("{:>7} {bar} ", change.line))];
    let rest = [span(Tone::Quiet, format!("{:>7} {bar} ", ""))];
    let title = words::title(change, &flag.variants);
    let title = if change.path == flag.path { title } else { title.ours(", in ").value(&change.path) };
    let pen = Pen { width: page.width().saturating_sub(GUTTER + 3), ascii: page.ascii };
    let drawing = draw::drawing(change, &flag.variants, pen);
    let spread = matches!(View::of(change, &flag.variants), View::Spread(_))
        && matches!(&drawing, Drawing::Rows(rows) if !rows.is_empty());
    let title = if spread { title.ours(", of those exposed:") } else { title };
    let title = page.spans(&title);
    page.put(&first, &rest, &title);
    match drawing {
        Drawing::Rows(rows) => rows.iter().for_each(|line| row(line, &rest, page)),
        Drawing::Sides(before, after) if page.width() >= 80 => sides(&before, &after, &rest, page),
        sides @ Drawing::Sides(..) => sides.rows().iter().for_each(|line| row(line, &rest, page)),
    }
}

pub(super) fn row(row: &Row, gutter: &[Span], page: &mut Page) {
    let tone = match row.sign {
        Sign::Same => Tone::Plain,
        Sign::Added => Tone::Good,
        Sign::Removed => Tone::Bad,
    };
    let text = row.text.trim_start_matches(' ');
    let indent = " ".repeat((row.text.len() - text.len()).min(page.width() / 3));
    let prefix = |sign: char, more: &str| -> Vec<Span> {
        gutter.iter().cloned().chain([span(tone, format!("{sign} {indent}{more}"))]).collect()
    };
    let bars = row.sign == Sign::Same && text.contains(['█', '#', '░']) && safe::columns(&row.text) < page.width() - 11;
    if bars {
        let mut line = prefix(row.sign.mark(), "");
        line.push(span(tone, text));
        return page.raw(&line);
    }
    page.put(&prefix(row.sign.mark(), ""), &prefix(row.sign.mark(), "  "), &[span(tone, text)]);
}

/// Two long values side by side.
fn sides(before: &str, after: &str, gutter: &[Span], page: &mut Page) {
    let width = page.width().saturating_sub(GUTTER + 4) / 2;
    let left = wrapped(&[span(Tone::Bad, before)], width);
    let right = wrapped(&[span(Tone::Good, after)], width);
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

fn policy(policy: &PolicyReport, page: &mut Page) {
    let word = span(Tone::of(policy.verdict), policy.verdict.word());
    heading(&[span(Tone::Plain, "the policy: "), span(Tone::Strong, "who may approve what")], Some(word), page);
    let mut about = Phrase::default().values(policy.paths.iter().map(String::as_str), ", ");
    if let Some(digest) = &policy.digest {
        about = about.ours(", digest ").value(words::short(digest));
    }
    let about = page.spans(&about);
    page.line(3, &about);
    for power in &policy.privilege_changes {
        let (tone, sign, verb) = if power.gained { (Tone::Good, '+', "gains") } else { (Tone::Bad, '-', "loses") };
        let text = format!("{} {verb}: {}", safe::visible(&power.who), safe::visible(&power.what));
        page.put(&[span(tone, format!("   {sign} "))], &[span(tone, "       ")], &[span(tone, text)]);
    }
    for effect in &policy.effects {
        page.put(
            &[span(Tone::Warn, "   ! ")],
            &[span(Tone::Plain, "       ")],
            &[span(Tone::Plain, safe::visible(effect))],
        );
    }
    people::requirements(&policy.requirements, true, page);
}

/// More things to do than this nobody does in one go.
const STEPS: usize = 8;

fn closing(report: &Report, page: &mut Page) {
    page.blank();
    if !report.flags.is_empty() || report.policy.changed || !report.diagnostics.is_empty() {
        page.line(0, &[span(Tone::Strong, words::summary(report))]);
    }
    let steps = words::next(report);
    for (index, step) in steps.iter().take(STEPS).enumerate() {
        let step = page.spans(step);
        let label = if index == 0 { "next: " } else { "      " };
        page.put(&[span(Tone::Strong, label)], &[span(Tone::Plain, "        ")], &step);
    }
    if steps.len() > STEPS {
        page.line(6, &[span(Tone::Plain, format!("and {} more, named above", steps.len() - STEPS))]);
    }
}
