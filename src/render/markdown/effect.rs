//! Whom a change moves, in Markdown: one cell of the table, one sentence with what hurts, and for each group of users
//! what they get before and after.

use super::super::moves::{self, NONE, changing, whom};
use super::super::values::percents;
use super::super::words::{self, count};
use super::super::{draw, safe};
use super::{Density, PEN};
use crate::impact::{Impact, Share};
use crate::report::FlagReport;

/// The cell of a table: the largest share, and whether something hurts. Where there is little room, one share of it.
pub(super) fn cell(flag: &FlagReport, density: Density) -> String {
    let Some(effect) = &flag.impact else { return String::new() };
    let groups = changing(effect);
    let most = groups.iter().min_by_key(|group| std::cmp::Reverse(group.changed()));
    let mut lines = match most {
        _ if !effect.unknown.is_empty() => vec!["not computed, see below".to_owned()],
        Some(group) => {
            let mut kinds =
                [(group.switch, "switch variant"), (group.newly, "newly exposed"), (group.lose, "lose their variant")];
            kinds.sort_by_key(|(share, _)| std::cmp::Reverse(*share));
            let most = if density == Density::Drawn { kinds.len() } else { 1 };
            let there = kinds.into_iter().filter(|(share, _)| !share.is_nobody()).take(most);
            let mut whose = format!(" of {}", words::markdown(&whom(group, effect)));
            // The group is named once.
            let lines: Vec<String> = there
                .map(|(share, kind)| format!("**{}**{} {kind}", spelled(share), std::mem::take(&mut whose)))
                .collect();
            lines
        }
        None if !effect.unmodelled.is_empty() => vec!["no share counts it, see below".to_owned()],
        None if effect.members.is_empty() => vec!["nobody".to_owned()],
        None => vec!["nobody, others could match a segment".to_owned()],
    };
    if groups.len() > 1 && effect.unknown.is_empty() {
        lines.push(format!("and {}", count(groups.len() - 1, "more group")));
    }
    if !groups.is_empty() && !effect.unmodelled.is_empty() {
        lines.push("not all is counted".to_owned());
    }
    if !effect.warnings.is_empty() {
        lines.push("❗ **warning below**".to_owned());
    }
    lines.join("<br>")
}

/// A share where a `<` could pass for a tag.
fn spelled(share: Share) -> String {
    share.to_string().replace('<', "under ").replace('>', "over ")
}

/// A bar with its label.
pub(super) fn share(share: f64, label: &str) -> String {
    format!("`{}` {label}", draw::bar(share, 10, '░', PEN)).replace('<', "under ")
}

/// The sentence, an item for each of its parts if there are several, and what hurts.
pub(super) fn opening(effect: &Impact) -> String {
    let sentence = crate::impact::sentence(effect);
    let mut out = match clauses(&sentence).as_slice() {
        [one] => format!("\n**{}**\n", safe::prose(one)),
        several => {
            let items: String = several.iter().map(|clause| format!("- {}\n", safe::prose(clause))).collect();
            format!("\n{items}")
        }
    };
    for warning in &effect.warnings {
        out.push_str(&format!("\n> [!WARNING]\n> {}\n", words::capital(&safe::prose(warning))));
    }
    out
}

/// The parts of a sentence between semicolons, those in names aside.
fn clauses(sentence: &str) -> Vec<&str> {
    let mut clauses = Vec::new();
    let mut start = 0;
    for (at, _) in sentence.match_indices("; ") {
        let (before, clause) = (sentence.get(..at).unwrap_or_default(), sentence.get(start..at));
        if before.matches('`').count() % 2 == 0 {
            clauses.extend(clause);
            start = at + 2;
        }
    }
    clauses.extend(sentence.get(start..));
    clauses
}

/// More ways from one variant to another than this are folded.
const OPEN: usize = 3;

/// The groups, their members and what it all holds under.
pub(super) fn groups(effect: &Impact, variants: &[String]) -> String {
    let (groups, left) = moves::drawn(effect);
    let mut bars = String::new();
    let mut ways: Vec<String> = Vec::new();
    let name = |key: Option<&str>| key.map_or_else(|| NONE.to_owned(), safe::code);
    for group in groups {
        // The group stands in its first row only.
        let whose = words::markdown(&whom(group, effect));
        let mut first = whose.clone();
        let (rows, more) = moves::gets(group, variants);
        for (who, before, after) in rows {
            let (left, right) = percents(Some(before), Some(after));
            let (whose, before, after) = (std::mem::take(&mut first), share(before, &left), share(after, &right));
            bars.push_str(&format!("| {whose} | {} | {before} | {after} |\n", name(who)));
        }
        if more > 0 {
            bars.push_str(&format!("| | and {} | | |\n", count(more, "more variant")));
        }
        let (flows, more) = moves::flows(group);
        ways.extend(flows.into_iter().map(|flow| {
            let (from, to) = (name(flow.from.as_deref()), name(flow.to.as_deref()));
            format!("- **{}** of {whose} go from {from} to {to}: {}\n", spelled(flow.share), moves::kind(flow))
        }));
        if more > 0 {
            ways.push(format!("- and {} of {whose}\n", count(more, "more way")));
        }
    }
    let mut list = String::new();
    match (left, bars.is_empty()) {
        (0, _) => {}
        (left, true) => list.push_str(&format!("- and {}\n", count(left, "more group"))),
        (left, false) => bars.push_str(&format!("| and {} | | | |\n", count(left, "more group"))),
    }
    let mut out = String::new();
    if !bars.is_empty() {
        out.push_str(&format!("\n| Users | Get | Before | After |\n|:---|:---|:---|:---|\n{bars}"));
    }
    if ways.len() <= OPEN {
        list.extend(ways.drain(..));
    }
    let (lines, left) = moves::members(effect);
    for (verb, segment, who) in lines {
        list.push_str(&format!("- {verb} {}: {}\n", safe::code(segment), safe::prose(who)));
    }
    if left > 0 {
        list.push_str(&format!("- and {}, see the changes\n", count(left, "more condition")));
    }
    if !list.is_empty() {
        out.push_str(&format!("\n{list}"));
    }
    let caveats = moves::all_caveats(effect);
    let (some, none) = (count(caveats.len(), "caveat"), caveats.is_empty());
    let title = match (ways.is_empty(), none) {
        (true, true) => return out,
        (true, false) => some,
        (false, true) => "Who goes where".to_owned(),
        (false, false) => format!("Who goes where, and {some}"),
    };
    ways.extend(caveats.iter().map(|caveat| format!("- {}\n", safe::prose(caveat))));
    out.push_str(&format!("\n<details><summary>{title}</summary>\n\n{}\n</details>\n", ways.concat()));
    out
}
