//! Impact in Markdown: one cell of the table, the warnings, one sentence where there is little room, and for each group
//! of users the share of each variant before and after.

use crate::diagnostics::words::{capital, counted};

use super::super::phrases::Phrase;
use super::super::values::percents;
use super::super::view::{FlagView, ImpactView, most_affected, variant, verb, whose};
use super::super::{draw, safe};
use super::{Density, PEN};
use crate::groups::Share;
use crate::impact::Intent;

/// Groups of users in a cell.
const CELL: usize = 3;

/// The cell of a table: the share of each group that gets something else, and what no share describes. In little room
/// it is one share.
pub(super) fn cell(flag: &FlagView<'_>, density: Density) -> String {
    let Some(impact) = &flag.report.impact else { return String::new() };
    let groups = most_affected(impact);
    let more = groups.len();
    let whole = density == Density::Drawn;
    let mut lines = Vec::new();
    if whole && let Some(intent) = &impact.intent {
        lines.push(match intent {
            Intent::Rollout(variant) => Phrase::new("rolls ").value(variant).ours(" out to everyone").markdown(),
            Intent::Rollback => "rolled back".to_owned(),
        });
    }
    let shown = if whole { CELL } else { 1 };
    for (group, shares) in groups.into_iter().take(shown) {
        // The group is named once, where there is room for a name.
        let mut whose = match density {
            Density::Drawn | Density::Words => format!(" of {}", whose(group, impact).markdown()),
            Density::Compact => String::new(),
        };
        let most = if whole { shares.len() } else { 1 };
        let said = |(share, verb)| format!("**{}**{} {verb}", spelled(share), std::mem::take(&mut whose));
        lines.push(shares.into_iter().take(most).map(said).collect::<Vec<_>>().join(", "));
    }
    if density != Density::Compact && more > shown {
        lines.push(format!("and {}", counted(more - shown, "more group")));
    }
    for (what, list) in [("not computed", &impact.unknown), ("not modelled", &impact.unmodelled)] {
        let Some(first) = list.first() else { continue };
        lines.push(match density {
            Density::Drawn if list.len() > 1 => format!("{what}: {}, and {} more", safe::prose(first), list.len() - 1),
            Density::Drawn => format!("{what}: {}", safe::prose(first)),
            Density::Words | Density::Compact => format!("{what}, see below"),
        });
    }
    if lines.is_empty() {
        let could = "nobody, others could match a segment";
        lines.push(if impact.members.is_empty() { "nobody" } else { could }.to_owned());
    }
    lines.join("<br>")
}

/// A share without `<`, which could pass for a tag.
fn spelled(share: Share) -> String {
    share.to_string().replace('<', "under ").replace('>', "over ")
}

/// Cells of a bar. Half a cell is two and a half percent.
const CELLS: usize = 20;

/// A bar with its label.
pub(super) fn share(share: f64, label: &str) -> String {
    format!("`{}` {label}", draw::bar(share, CELLS, '░', PEN)).replace('<', "under ")
}

/// The sentence, an item for each of its parts if there are several.
pub(super) fn sentence(view: &ImpactView<'_>) -> String {
    let sentence = crate::impact::sentence(view.impact);
    match clauses(&sentence).as_slice() {
        [one] => format!("\n**{}**\n", safe::prose(one)),
        several => {
            let items: String = several.iter().map(|clause| format!("- {}\n", safe::prose(clause))).collect();
            format!("\n{items}")
        }
    }
}

/// The warnings of a flag or of several, each under its name where there is more than one row in the table.
pub(super) fn warnings(view: &ImpactView<'_>, name: Option<&str>) -> String {
    let warning = |warning: &String| match name {
        Some(name) => format!("\n> [!WARNING]\n> {name}: {}\n", safe::prose(warning)),
        None => format!("\n> [!WARNING]\n> {}\n", capital(&safe::prose(warning))),
    };
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

/// Features that the format does not have, if users get something else.
pub(super) fn without(view: &ImpactView<'_>) -> String {
    view.without.as_ref().map(|without| format!("\n{}.\n", capital(&safe::prose(without)))).unwrap_or_default()
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
            bars.push_str(&format!("| | and {} | | |\n", counted(group.shares_left, "more variant")));
        }
        // The shares before and after say where all of them go.
        let in_shares = group.flows.len() == 1 && group.flows_left == 0 && !group.shares.is_empty();
        flows.extend(group.flows.iter().filter(|_| !in_shares).map(|flow| {
            let [from, to] = [&flow.from, &flow.to].map(|side| variant(side.as_deref(), safe::code));
            format!("- **{}** of {whose} {}, from {from} to {to}\n", spelled(flow.share), verb(flow, view.impact))
        }));
        if group.flows_left > 0 {
            flows.push(format!("- and {} of {whose}\n", counted(group.flows_left, "more flow")));
        }
    }
    let mut list = String::new();
    match (view.groups_left, bars.is_empty()) {
        (0, _) => {}
        (left, true) => list.push_str(&format!("- and {}\n", counted(left, "more group"))),
        (left, false) => bars.push_str(&format!("| and {} | | | |\n", counted(left, "more group"))),
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
        list.push_str(&format!("- and {}, see the changes\n", counted(view.members_left, "more condition")));
    }
    if !list.is_empty() {
        out.push_str(&format!("\n{list}"));
    }
    let (some, none) = (counted(view.caveats.len(), "caveat"), view.caveats.is_empty());
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
