//! The section of one flag: whom it moves, every change that matters with before on the left and after on the right, and
//! who has to approve it.

use super::super::standing::{NAMES, id};
use super::super::values;
use super::super::view::View;
use super::super::words::{self, Part, Phrase, markdown as md};
use super::super::{Look, draw, moves, safe};
use super::{Density, PEN, effect, table};
use crate::changes::RuleId;
use crate::report::{Change, FlagReport, Requirement, Verdict};

pub(super) fn section(flag: &FlagReport, look: &Look, density: Density) -> String {
    let sign = if look.changes_only { String::new() } else { format!("{} ", table::sign(flag.verdict)) };
    let mut out = format!("#### {sign}{}\n", safe::code(&id(flag)));
    let mut about =
        Phrase::new(format!("{}, ", flag.kind.word())).then(words::state(flag)).ours(", ").value(&flag.path);
    if let Some(previous) = &flag.previous_path {
        about = about.ours(", was ").value(previous);
    }
    if let Some(digest) = flag.digest.as_deref().filter(|_| !look.changes_only) {
        about = about.ours(", digest ").value(words::short(digest));
    }
    out.push_str(&format!("\n{}\n", md(&about)));
    let effect = moves::shown(flag);
    if let Some(effect) = effect {
        out.push_str(&effect::opening(effect));
    }
    let (mut rows, mut blocks) = (String::new(), String::new());
    for change in flag.changes.iter().filter(|change| words::matters(change)) {
        match cells(change, flag, density) {
            Some(cells) => rows.push_str(&cells),
            None => blocks.push_str(&drawn(change, flag)),
        }
    }
    if !rows.is_empty() {
        out.push_str(&format!("\n| Change | Before | After |\n|:---|:---|:---|\n{rows}"));
    }
    out.push_str(&blocks);
    if let Some(effect) = effect.filter(|_| density == Density::Drawn) {
        out.push_str(&effect::groups(effect, &flag.variants));
    }
    if !look.changes_only {
        match density {
            Density::Drawn => requirements(&flag.requirements, false, &mut out),
            Density::Told => unnamed(&flag.requirements, &mut out),
        }
        if !flag.notified.is_empty() {
            let told = Phrase::new("Told, not asked: ").values(flag.notified.iter().map(String::as_str), ", ");
            out.push_str(&format!("\n{}\n", md(&told)));
        }
    }
    out
}

/// A change as a row of the table, if its title holds both values.
fn cells(change: &Change, flag: &FlagReport, density: Density) -> Option<String> {
    let title = words::title(change, &flag.variants);
    let at = title.0.iter().position(|part| matches!(part, Part::Old(_) | Part::New(_)))?;
    let subject = md(&Phrase(title.0.get(..at)?.to_vec()));
    let subject = subject.trim_end_matches([' ', ':']);
    let found = |want: fn(&Part) -> Option<&String>| {
        title.0.iter().find_map(want).map_or_else(String::new, |value| safe::code(value))
    };
    let old = found(|part| if let Part::Old(value) = part { Some(value) } else { None });
    let new = found(|part| if let Part::New(value) = part { Some(value) } else { None });
    let meter = |value: Option<&crate::document::Decimal>| {
        value.map_or_else(String::new, |value| effect::share(value.to_f64() / 100.0, &format!("{value}%")))
    };
    let view = View::of(change, &flag.variants);
    let (old, new) = match view {
        View::Percent(before, after) if change.before != change.after => (meter(before), meter(after)),
        _ => (old, new),
    };
    let of = if matches!(view, View::Spread(_)) { "; of those exposed" } else { "" };
    let (mut old, mut new) = (old, new);
    if let View::Spread(spread) = view
        && density == Density::Drawn
    {
        for (key, (before, after)) in spread.keys.iter().zip(spread.shares()) {
            let (left, right) = values::percents(before, after);
            let line = |label: &str| format!("<br>{} {}", label.replace('<', "under "), safe::code(key));
            old.extend(before.map(|_| line(&left)));
            new.extend(after.map(|_| line(&right)));
        }
    }
    Some(format!("| {subject}<br>{} | {old} | {new} |\n", source(change, flag, of)))
}

/// A change with a drawing of its own.
fn drawn(change: &Change, flag: &FlagReport) -> String {
    let title = md(&words::title(change, &flag.variants));
    let mut out = format!("\n**{title}** {}\n", source(change, flag, ""));
    let rows = draw::drawing(change, &flag.variants, PEN).rows();
    if !rows.is_empty() {
        let lines: Vec<String> = rows.iter().map(|row| format!("{} {}", row.sign.mark(), row.text)).collect();
        out.push_str(&format!("\n{}", safe::block("diff", &lines)));
    }
    out
}

/// Where it stands and which rule asks: "line 17, variant-distribution".
fn source(change: &Change, flag: &FlagReport, note: &str) -> String {
    let rule = change.rule.map_or(change.class.word(), RuleId::as_str);
    let file = if change.path == flag.path { String::new() } else { format!(" of {}", safe::code(&change.path)) };
    format!("<sub>line {}{file}, {rule}{note}</sub>", change.line)
}

/// Those whom the row of the table has no room to name.
fn unnamed(requirements: &[Requirement], out: &mut String) {
    for requirement in requirements.iter().filter(|requirement| requirement.from.len() > NAMES) {
        let asked = md(&words::asked(requirement, requirement.required));
        out.push_str(&format!("\nNeeds {asked}: **{}**\n", words::stands(requirement)));
    }
}

pub(super) fn requirements(requirements: &[Requirement], of_policy: bool, out: &mut String) {
    // A paragraph between, or a list above would go on.
    if !requirements.is_empty() {
        out.push_str("\n**Needs**\n\n");
    }
    for requirement in requirements {
        let verdict = match (requirement.rejected_by.is_empty(), requirement.missing()) {
            (false, _) => Verdict::Rejected,
            (true, 0) => Verdict::Approved,
            (true, _) => Verdict::Pending,
        };
        let asked = md(&words::asked(requirement, requirement.required));
        let source = md(&words::source(requirement, of_policy));
        let sign = table::sign(verdict);
        out.push_str(&format!("- {sign} {asked}: **{}**\n  - {source}\n", words::stands(requirement)));
        for (logins, verb) in [(&requirement.approved_by, "approved"), (&requirement.rejected_by, "rejected")] {
            if !logins.is_empty() {
                let who = md(&Phrase::default().values(logins.iter().map(String::as_str), ", "));
                out.push_str(&format!("  - {verb}: {who}\n"));
            }
        }
        for decided in &requirement.decided {
            out.push_str(&format!("  - {}\n", safe::prose(decided)));
        }
    }
}
