//! Section of a flag in Markdown, or of several that read the same: every change that matters with its value before on
//! the left and after on the right, the users who get something else, and why approvals are asked for.

use super::super::phrases::{NAMES, Part, Phrase, binding, notified};
use super::super::values;
use super::super::view::{ChangeShape, ChangeView, FlagGroup, FlagView, RequirementView};
use super::super::{draw, safe};
use super::{Density, PEN, impact, table};
use crate::changes::written::ShortestForm;
use crate::diagnostics::words::capital;
use crate::document::Decimal;
use crate::report::FlagReport;

/// A section with drawings or in words.
pub(super) fn full(group: &FlagGroup<'_, '_>, judged: bool, density: Density) -> String {
    let view = group.first();
    format!("{}{}", opening(group, judged), body(view, judged, density, group.only().is_some()))
}

/// All of a section but its opening; the lines of changes only for a single flag, since others have theirs.
pub(super) fn body(view: &FlagView<'_>, judged: bool, density: Density, lines: bool) -> String {
    let mut out = String::new();
    let impact = view.impact.as_ref();
    // The table has no room for the impact where there are many flags.
    out.extend(impact.filter(|_| density != Density::Drawn).map(impact::sentence));
    // The shares of users say it where they are shown.
    let shares = density == Density::Drawn && impact.is_none_or(|impact| impact.groups.is_empty());
    let (mut rows, mut blocks) = (String::new(), String::new());
    for change in view.split().0 {
        match cells(change, shares, lines) {
            Some(cells) => rows.push_str(&cells),
            None => blocks.push_str(&drawn(change, view.report, lines)),
        }
    }
    if !rows.is_empty() {
        out.push_str(&format!("\n| Change | Before | After |\n|:---|:---|:---|\n{rows}"));
    }
    out.push_str(&blocks);
    out.extend(impact.filter(|_| density == Density::Drawn).map(impact::groups));
    out.extend(impact.map(impact::without));
    out.push_str(&of_old(view));
    if judged {
        requirements(&view.requirements, density, &mut out);
        let people = &view.report.notified;
        if !people.is_empty() && view.report.switch_off.is_none() {
            out.push_str(&format!("\n{}\n", capital(&notified(people).markdown())));
        }
    }
    out
}

/// The sentences on the users of the flag that a renamed one was.
fn of_old(view: &FlagView<'_>) -> String {
    view.of_old().iter().map(|sentence| format!("\n**{}**\n", safe::prose(sentence))).collect()
}

/// A section in the least room: `review::size` counts its characters, and a test holds the two together.
pub(super) fn compact(group: &FlagGroup<'_, '_>, judged: bool) -> String {
    let view = group.first();
    let mut out = opening(group, judged);
    if let Some(view) = &view.impact {
        out.push_str(&format!("\n**{}**\n", safe::prose(&crate::impact::sentence(view.impact))));
        out.push_str(&impact::warnings(view, None));
    }
    out.push_str(&of_old(view));
    for change in view.split().0 {
        let (subject, source) = (change.subject().markdown(), source(change, "", group.only().is_some()));
        if change.change.shared.as_ref().is_some_and(|shared| shared.listed_with.is_some()) {
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

/// The heading; of one flag a line of state, file and digest, of several a line for each.
fn opening(group: &FlagGroup<'_, '_>, judged: bool) -> String {
    let view = group.first();
    let flag = view.report;
    let sign = if judged { format!("{} ", table::sign(group.verdict())) } else { String::new() };
    let since = view.since.as_ref().map(|since| format!("\n{}.\n", capital(&safe::prose(since)))).unwrap_or_default();
    let heading = format!("\n#### {sign}{}\n\n", group.name());
    if group.only().is_none() {
        let state = Phrase::new("Each of them: ").then(view.state.clone()).markdown();
        return format!("{heading}{state}\n\n{}{since}", group.listed(judged));
    }
    let about = Phrase::new(format!("{}, ", flag.noun())).then(view.state.clone());
    let mut about = about.ours(", ").value(&flag.path);
    if let Some(previous) = &flag.previous_path {
        about = about.ours(", was ").value(previous);
    }
    for (at, digest) in view.digests().into_iter().filter(|_| judged).enumerate() {
        about = about.ours(if at == 0 { ", digest " } else { " and " }).value(binding(digest));
    }
    format!("{heading}{}\n{since}", about.markdown())
}

/// A change as a row of the table, if its title holds both values.
fn cells(view: &ChangeView<'_>, shares: bool, lines: bool) -> Option<String> {
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
            note = if shares { "; of those exposed" } else { "" };
            let each = spread.keys.iter().zip(spread.shares()).filter(|_| shares);
            for (key, (before, after)) in each {
                let (left, right) = values::percents(before, after);
                let line = |label: &str| format!("<br>{} {}", label.replace('<', "under "), safe::code(key));
                old.extend(before.map(|_| line(&left)));
                new.extend(after.map(|_| line(&right)));
            }
        }
        _ => {}
    }
    Some(format!("| {subject}<br>{} | {old} | {new} |\n", source(view, note, lines)))
}

/// A change with a drawing of its own.
fn drawn(view: &ChangeView<'_>, flag: &FlagReport, lines: bool) -> String {
    let mut out = format!("\n**{}** {}\n", view.title.markdown(), source(view, "", lines));
    let lines = draw::drawing(view, flag, PEN).lines();
    if !lines.is_empty() {
        let lines: Vec<String> = lines.iter().map(|line| format!("{} {}", line.sign.character(), line.text)).collect();
        out.push_str(&format!("\n{}", safe::block("diff", &lines)));
    }
    out
}

/// The line of a change and its rule: "line 17, variant-distribution".
fn source(view: &ChangeView<'_>, note: &str, line: bool) -> String {
    let line = if line { format!("line {}", view.change.line) } else { String::new() };
    let file = view.elsewhere.map_or_else(String::new, |path| format!(" of {}", safe::code(path)));
    let comma = if line.is_empty() && file.is_empty() { "" } else { ", " };
    format!("<sub>{line}{file}{comma}{}{note}</sub>", view.rule())
}

/// Why each approval is asked for. Names and numbers are in the table, unless there is no room for them.
pub(super) fn requirements(requirements: &[RequirementView<'_>], density: Density, out: &mut String) {
    let mut items = String::new();
    for view in requirements {
        let requirement = view.requirement;
        let more = requirement.from.len() > NAMES || density != Density::Drawn;
        let needs = if more { format!("{}; ", view.needs.markdown()) } else { String::new() };
        // In little room only what the table leaves out.
        if density != Density::Drawn && requirement.from.len() <= NAMES {
            continue;
        }
        items.push_str(&format!("- {needs}{}\n", view.source.markdown()));
        if requirement.approved_by.len() > table::NAMED {
            let all = Phrase::new("approved by ").values(&requirement.approved_by, ", ");
            items.push_str(&format!("  - {}\n", all.markdown()));
        }
        for decided in requirement.decided.iter().filter(|_| density == Density::Drawn) {
            items.push_str(&format!("  - {}\n", safe::prose(decided)));
        }
    }
    // A paragraph between, or a list above would go on.
    if !items.is_empty() {
        out.push_str(&format!("\nWhat asks for approval:\n\n{items}"));
    }
}
