//! What may be cut, the more important first: diagnostics, who did not count and why, remarks, and what needs no approval.

use super::super::bounds::{Block, Title};
use super::super::standing::id;
use super::super::words::{self, count, markdown as md};
use super::super::{Look, moves, safe};
use crate::changes::{RuleId, rules};
use crate::diagnostics::{Diagnostic, Level};
use crate::report::{Class, FlagReport, Report, Verdict};

/// More responses than this that did not count are folded.
const SHOWN: usize = 8;

pub(super) fn blocks(report: &Report, look: &Look) -> Vec<Block> {
    let judged = !look.changes_only;
    let mut blocks = Vec::new();
    if judged {
        blocks.push(unmodelled(report));
    }
    blocks.push(listed(&report.diagnostics, true));
    let remarks = report.flags.iter().flat_map(|flag| {
        flag.remarks.iter().map(move |remark| format!("- {}: {}\n", safe::code(&id(flag)), safe::prose(remark)))
    });
    blocks.push(Block { title: Title::Open("Also".to_owned()), items: remarks.collect(), noun: "remark" });
    if judged {
        blocks.push(free(report));
    }
    blocks.push(routine(report));
    if judged {
        blocks.push(whys(report));
    }
    blocks
}

/// Who responded and does not count, open where somebody may look for their own name.
fn unmodelled(report: &Report) -> Block {
    let policy = report.policy.requirements.iter().map(|requirement| (None, requirement));
    let flags = report.flags.iter().flat_map(|flag| flag.requirements.iter().map(move |one| (Some(flag), one)));
    let mut items: Vec<String> = Vec::new();
    for (flag, requirement) in policy.chain(flags) {
        for other in &requirement.not_counted {
            let place = flag.map_or_else(|| "the policy".to_owned(), |flag| safe::code(&id(flag)));
            let item = format!("- {} for {place}: {}\n", safe::code(&other.login), safe::prose(&other.why));
            if items.last() != Some(&item) {
                items.push(item);
            }
        }
    }
    let title = match items.len() {
        1 => "1 response that does not count, and why".to_owned(),
        number => format!("{number} responses that do not count, and why"),
    };
    let title = if items.len() > SHOWN { Title::Folded(title) } else { Title::Open(title) };
    Block { title, items, noun: "response" }
}

/// Flags that are live and whose changes matter without anyone's approval, such as stopping.
fn free(report: &Report) -> Block {
    let free = report.flags.iter().filter(|flag| flag.verdict == Verdict::NotRequired);
    let items = free.filter_map(|flag| {
        let changes = flag.changes.iter().filter(|change| words::matters(change));
        let mut told: Vec<String> = changes.map(|change| md(&words::sentence(change, &flag.variants))).collect();
        told.extend(moves::shown(flag).map(|effect| safe::prose(&crate::impact::sentence(effect))));
        let name = safe::code(&id(flag));
        (!told.is_empty()).then(|| format!("- {} {name}: {}\n", flag.kind.word(), told.join("; ")))
    });
    let title = Title::Open("Changes of live flags that need no approval".to_owned());
    Block { title, items: items.collect(), noun: "change" }
}

/// Folded, unless there is nothing else to see.
fn routine(report: &Report) -> Block {
    let changes = |flag: &FlagReport| flag.changes.iter().filter(|change| !words::matters(change)).cloned().collect();
    let items: Vec<String> = words::in_order(report)
        .into_iter()
        .map(|flag| (flag, changes(flag)))
        .flat_map(|(flag, changes): (_, Vec<_>)| changes.into_iter().map(move |change| (flag, change)))
        .map(|(flag, change)| {
            let what = md(&words::sentence(&change, &flag.variants));
            let class = if change.class == Class::NoEffect { ", without effect" } else { "" };
            format!("- {}: {what}{class}\n", safe::code(&id(flag)))
        })
        .collect();
    let title = match items.len() {
        1 => "1 change that needs no approval".to_owned(),
        number => format!("{number} changes that need no approval"),
    };
    let alone = report.verdict == Verdict::NotRequired && items.len() <= SHOWN;
    Block { title: if alone { Title::Open(title) } else { Title::Folded(title) }, items, noun: "change" }
}

fn whys(report: &Report) -> Block {
    let mut ids: Vec<&'static str> = Vec::new();
    let explained = report.flags.iter().filter(|flag| flag.verdict != Verdict::NotRequired);
    for change in explained.flat_map(|flag| &flag.changes).filter(|change| words::matters(change)) {
        ids.extend(change.rule.map(RuleId::as_str).filter(|id| !ids.contains(id)));
    }
    let whys = ids.iter().filter_map(|id| rules::by_id(id)).map(|rule| format!("- {}: {}\n", rule.id, rule.why));
    Block { title: Title::Folded("Why these need approval".to_owned()), items: whys.collect(), noun: "rule" }
}

pub(super) fn listed(diagnostics: &[Diagnostic], titled: bool) -> Block {
    // Errors first: they make the verdict invalid, and the list may be cut.
    let (errors, warnings): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
        diagnostics.iter().partition(|diagnostic| diagnostic.is_error());
    let title = if titled { Title::Open(count(diagnostics.len(), "problem")) } else { Title::None };
    Block { title, items: errors.into_iter().chain(warnings).map(item).collect(), noun: "problem" }
}

/// A diagnostic with its place and the remedy.
pub(super) fn item(diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.level {
        Level::Error => "⛔ **error**",
        Level::Warning => "❗ **warning**",
    };
    let place = format!("{}:{}:{}", diagnostic.path, diagnostic.place.line, diagnostic.place.column);
    // Some diagnostics are of the whole.
    let place = if diagnostic.path.is_empty() { String::new() } else { format!("{} ", safe::code(&place)) };
    let mut item = format!("- {level} {place}({}): {}", diagnostic.id, safe::prose(&diagnostic.message));
    if !diagnostic.remedy.is_empty() {
        item.push_str(&format!("; {}", safe::prose(&diagnostic.remedy)));
    }
    item.push('\n');
    item
}
