//! Impact in Markdown: one cell of the table, one sentence with its warnings, and for each group of users the share of
//! each variant before and after.

use super::super::phrases::{capital, count};
use super::super::values::percents;
use super::super::view::{FlagView, ImpactView, affected, changing, variant, verb, whose};
use super::super::{draw, safe};
use super::{Density, PEN};
use crate::impact::Share;

/// The cell of a table: the largest share, and whether there is a warning. In little room it is one share.
pub(super) fn cell(flag: &FlagView<'_>, density: Density) -> String {
    let Some(impact) = &flag.report.impact else { return String::new() };
    let groups = changing(impact);
    let most = groups.iter().min_by_key(|group| std::cmp::Reverse(group.changed()));
    let mut lines = match most {
        _ if !impact.unknown.is_empty() => vec!["impact unknown, see below".to_owned()],
        Some(group) => {
            let mut shares = affected(group, impact);
            shares.sort_by_key(|(share, _)| std::cmp::Reverse(*share));
            // The group is named once, where there is room for a name.
            let mut whose = match density {
                Density::Drawn | Density::Words => format!(" of {}", whose(group, impact).markdown()),
                Density::Compact => String::new(),
            };
            let most = if density == Density::Drawn { shares.len() } else { 1 };
            let line = |(share, verb)| format!("**{}**{} {verb}", spelled(share), std::mem::take(&mut whose));
            shares.into_iter().take(most).map(line).collect()
        }
        None if !impact.unmodelled.is_empty() => vec!["unmodelled fields change, see below".to_owned()],
        None if impact.members.is_empty() => vec!["nobody".to_owned()],
        None => vec!["nobody, others could match a segment".to_owned()],
    };
    if density != Density::Compact {
        if groups.len() > 1 && impact.unknown.is_empty() {
            lines.push(format!("and {}", count(groups.len() - 1, "more group")));
        }
        if !groups.is_empty() && !impact.unmodelled.is_empty() {
            lines.push("unmodelled fields change too".to_owned());
        }
        if !impact.warnings.is_empty() {
            lines.push("❗ **warning below**".to_owned());
        }
    }
    lines.join("<br>")
}

/// A share without `<`, which could pass for a tag.
fn spelled(share: Share) -> String {
    share.to_string().replace('<', "under ").replace('>', "over ")
}

/// A bar with its label.
pub(super) fn share(share: f64, label: &str) -> String {
    format!("`{}` {label}", draw::bar(share, 10, '░', PEN)).replace('<', "under ")
}

/// The sentence, an item for each of its parts if there are several, and the warnings.
pub(super) fn opening(view: &ImpactView<'_>) -> String {
    let sentence = crate::impact::sentence(view.impact);
    let mut out = match clauses(&sentence).as_slice() {
        [one] => format!("\n**{}**\n", safe::prose(one)),
        several => {
            let items: String = several.iter().map(|clause| format!("- {}\n", safe::prose(clause))).collect();
            format!("\n{items}")
        }
    };
    out.push_str(&warnings(view));
    out
}

pub(super) fn warnings(view: &ImpactView<'_>) -> String {
    let warning = |warning: &String| format!("\n> [!WARNING]\n> {}\n", capital(&safe::prose(warning)));
    view.impact.warnings.iter().map(warning).collect()
}

/// The parts of a sentence between semicolons, except those in names.
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

/// More flows from one variant to another than this are folded.
const OPEN: usize = 3;

/// The groups, the members of segments, and the caveats.
pub(super) fn groups(view: &ImpactView<'_>) -> String {
    let mut bars = String::new();
    let mut flows: Vec<String> = Vec::new();
    for group in &view.groups {
        // The group is named in its first row only.
        let whose = group.whose.markdown();
        let mut first = whose.clone();
        for row in &group.shares {
            let (left, right) = percents(Some(row.before), Some(row.after));
            let (before, after) = (share(row.before, &left), share(row.after, &right));
            let (whose, variant) = (std::mem::take(&mut first), variant(row.variant, safe::code));
            bars.push_str(&format!("| {whose} | {variant} | {before} | {after} |\n"));
        }
        if group.shares_left > 0 {
            bars.push_str(&format!("| | and {} | | |\n", count(group.shares_left, "more variant")));
        }
        flows.extend(group.flows.iter().map(|flow| {
            let [from, to] = [&flow.from, &flow.to].map(|side| variant(side.as_deref(), safe::code));
            format!("- **{}** of {whose} {}, from {from} to {to}\n", spelled(flow.share), verb(flow, view.impact))
        }));
        if group.flows_left > 0 {
            flows.push(format!("- and {} of {whose}\n", count(group.flows_left, "more flow")));
        }
    }
    let mut list = String::new();
    match (view.groups_left, bars.is_empty()) {
        (0, _) => {}
        (left, true) => list.push_str(&format!("- and {}\n", count(left, "more group"))),
        (left, false) => bars.push_str(&format!("| and {} | | | |\n", count(left, "more group"))),
    }
    let mut out = String::new();
    if !bars.is_empty() {
        out.push_str(&format!("\n| Users | Get | Before | After |\n|:---|:---|:---|:---|\n{bars}"));
    }
    if flows.len() <= OPEN {
        list.extend(flows.drain(..));
    }
    for member in &view.members {
        list.push_str(&format!("- {} {}: {}\n", member.verb, safe::code(member.segment), safe::prose(member.users)));
    }
    if view.members_left > 0 {
        list.push_str(&format!("- and {}, see the changes\n", count(view.members_left, "more condition")));
    }
    if !list.is_empty() {
        out.push_str(&format!("\n{list}"));
    }
    let (some, none) = (count(view.caveats.len(), "caveat"), view.caveats.is_empty());
    let title = match (flows.is_empty(), none) {
        (true, true) => return out,
        (true, false) => some,
        (false, true) => "Flows between variants".to_owned(),
        (false, false) => format!("Flows between variants, and {some}"),
    };
    flows.extend(view.caveats.iter().map(|caveat| format!("- {}\n", safe::prose(caveat))));
    out.push_str(&format!("\n<details><summary>{title}</summary>\n\n{}\n</details>\n", flows.concat()));
    out
}
