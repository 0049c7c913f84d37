//! Section of one flag in Markdown: its impact, every change that matters with its value before on the left and after on the
//! right, and its requirements.

use super::super::phrases::{NAMES, Part, Phrase, binding, capital, notified};
use super::super::values;
use super::super::view::{ChangeShape, ChangeView, FlagView, RequirementView};
use super::super::{draw, safe};
use super::{Density, PEN, impact, table};
use crate::changes::written::ShortestForm;
use crate::document::Decimal;
use crate::report::FlagReport;

/// A section with drawings or in words.
pub(super) fn full(view: &FlagView<'_>, judged: bool, density: Density) -> String {
    let mut out = opening(view, judged);
    if let Some(view) = &view.impact {
        out.push_str(&impact::opening(view));
    }
    let (mut rows, mut blocks) = (String::new(), String::new());
    for change in view.split().0 {
        match cells(change, density) {
            Some(cells) => rows.push_str(&cells),
            None => blocks.push_str(&drawn(change, view.report)),
        }
    }
    if !rows.is_empty() {
        out.push_str(&format!("\n| Change | Before | After |\n|:---|:---|:---|\n{rows}"));
    }
    out.push_str(&blocks);
    if let Some(view) = view.impact.as_ref().filter(|_| density == Density::Drawn) {
        out.push_str(&impact::groups(view));
    }
    if judged {
        match density {
            Density::Drawn => requirements(&view.requirements, &mut out),
            Density::Words | Density::Compact => unnamed(&view.requirements, &mut out),
        }
        if !view.report.notified.is_empty() {
            out.push_str(&format!("\n{}\n", capital(&notified(&view.report.notified).markdown())));
        }
    }
    out
}

/// A section in the least room: `review::size` counts its characters, and a test holds the two together.
pub(super) fn compact(view: &FlagView<'_>, judged: bool) -> String {
    let mut out = opening(view, judged);
    if let Some(view) = &view.impact {
        out.push_str(&format!("\n**{}**\n", safe::prose(&crate::impact::sentence(view.impact))));
        out.push_str(&impact::warnings(view));
    }
    for change in view.split().0 {
        let (subject, source) = (change.subject().markdown(), source(change, ""));
        if change.change.shared.as_ref().is_some_and(|shared| shared.shown_with.is_some()) {
            out.push_str(&format!("\n- {subject} {source}\n"));
            continue;
        }
        let lines = match ShortestForm::of(change.change.before.as_ref(), change.change.after.as_ref()) {
            ShortestForm::Inline { before, after } => {
                let values: Vec<String> = before.iter().chain(&after).map(|value| safe::code(value)).collect();
                out.push_str(&format!("\n- {subject} {source} {}\n", values.join(" → ")));
                continue;
            }
            ShortestForm::Lines(lines) => lines,
        };
        let mut block = Vec::new();
        block.extend((lines.above > 0).then(|| format!("  {}", draw::left_out(lines.above).text)));
        block.extend(lines.before.iter().map(|line| format!("- {line}")));
        block.extend(lines.after.iter().map(|line| format!("+ {line}")));
        block.extend((lines.below > 0).then(|| format!("  {}", draw::left_out(lines.below).text)));
        out.push_str(&format!("\n**{subject}** {source}\n\n{}", safe::block("diff", &block)));
    }
    out
}

/// The heading, and one line of state, file and digest.
fn opening(view: &FlagView<'_>, judged: bool) -> String {
    let flag = view.report;
    let sign = if judged { format!("{} ", table::sign(flag.verdict)) } else { String::new() };
    let about = Phrase::new(format!("{}, ", flag.kind.word())).then(view.state.clone());
    let mut about = about.ours(", ").value(&flag.path);
    if let Some(previous) = &flag.previous_path {
        about = about.ours(", was ").value(previous);
    }
    if let Some(digest) = flag.digest.as_deref().filter(|_| judged) {
        about = about.ours(", digest ").value(binding(digest));
    }
    format!("\n#### {sign}{}\n\n{}\n", safe::code(&view.id), about.markdown())
}

/// A change as a row of the table, if its title holds both values.
fn cells(view: &ChangeView<'_>, density: Density) -> Option<String> {
    let parts = &view.title.0;
    let at = parts.iter().position(|part| matches!(part, Part::Old(_) | Part::New(_)))?;
    let subject = Phrase(parts.get(..at)?.to_vec()).markdown();
    let subject = subject.trim_end_matches([' ', ':']);
    let (mut old, mut new) = (String::new(), String::new());
    for part in parts {
        match part {
            Part::Old(value) => old = safe::code(value),
            Part::New(value) => new = safe::code(value),
            Part::Ours(_) | Part::Name(_) | Part::Value(_) => {}
        }
    }
    let mut note = "";
    match &view.shape {
        ChangeShape::Percent(before, after) if view.change.before != view.change.after => {
            let meter = |value: Option<&Decimal>| {
                value.map_or_else(String::new, |value| impact::share(value.to_f64() / 100.0, &format!("{value}%")))
            };
            (old, new) = (meter(*before), meter(*after));
        }
        ChangeShape::Spread(spread) => {
            note = "; of those exposed";
            let each = spread.keys.iter().zip(spread.shares()).filter(|_| density == Density::Drawn);
            for (key, (before, after)) in each {
                let (left, right) = values::percents(before, after);
                let line = |label: &str| format!("<br>{} {}", label.replace('<', "under "), safe::code(key));
                old.extend(before.map(|_| line(&left)));
                new.extend(after.map(|_| line(&right)));
            }
        }
        _ => {}
    }
    Some(format!("| {subject}<br>{} | {old} | {new} |\n", source(view, note)))
}

/// A change with a drawing of its own.
fn drawn(view: &ChangeView<'_>, flag: &FlagReport) -> String {
    let mut out = format!("\n**{}** {}\n", view.title.markdown(), source(view, ""));
    let lines = draw::drawing(view, flag, PEN).lines();
    if !lines.is_empty() {
        let lines: Vec<String> = lines.iter().map(|line| format!("{} {}", line.sign.character(), line.text)).collect();
        out.push_str(&format!("\n{}", safe::block("diff", &lines)));
    }
    out
}

/// The line of a change and its rule: "line 17, variant-distribution".
fn source(view: &ChangeView<'_>, note: &str) -> String {
    let file = view.elsewhere.map_or_else(String::new, |path| format!(" of {}", safe::code(path)));
    format!("<sub>line {}{file}, {}{note}</sub>", view.change.line, view.rule())
}

/// Requirements with more approvers than the row of the table names.
fn unnamed(requirements: &[RequirementView<'_>], out: &mut String) {
    for view in requirements.iter().filter(|view| view.requirement.from.len() > NAMES) {
        out.push_str(&format!("\nNeeds {}: **{}**\n", view.needs.markdown(), view.progress));
    }
}

pub(super) fn requirements(requirements: &[RequirementView<'_>], out: &mut String) {
    // A paragraph between, or a list above would go on.
    if !requirements.is_empty() {
        out.push_str("\n**Needs**\n\n");
    }
    for view in requirements {
        let (sign, needs) = (table::sign(view.verdict), view.needs.markdown());
        out.push_str(&format!("- {sign} {needs}: **{}**\n  - {}\n", view.progress, view.source.markdown()));
        for (logins, verb) in view.counted() {
            if !logins.is_empty() {
                out.push_str(&format!("  - {verb}: {}\n", Phrase::default().values(logins, ", ").markdown()));
            }
        }
        for decided in &view.requirement.decided {
            out.push_str(&format!("  - {}\n", safe::prose(decided)));
        }
    }
}
