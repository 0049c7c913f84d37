//! Rest of a comment, which may be cut, the more important first: diagnostics, responses that do not count, remarks,
//! and changes that need no approval.

use crate::diagnostics::words::counted;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::super::phrases::{Phrase, THE_POLICY};
use super::super::view::{DiagnosticView, FlagView, View};
use super::super::{safe, stale};
use super::comment_size::{Block, Title};
use crate::changes::RuleId;
use crate::diagnostics::Level;
use crate::report::{Class, SinceApproval, Verdict};

/// People, flags or open changes that are listed.
const SHOWN: usize = 8;

/// The blocks in their order; the head lists so many errors already.
pub(super) fn blocks(view: &View<'_>, in_head: usize) -> Vec<Block> {
    let mut blocks = Vec::new();
    if view.judged {
        blocks.push(not_counted(view));
        blocks.push(since_approved(view));
    }
    let errors = view.diagnostics.iter().filter(|one| one.diagnostic.is_error()).skip(in_head);
    let rest: Vec<String> = match in_head {
        0 => view.diagnostics.iter().map(item).collect(),
        _ => errors.chain(view.diagnostics.iter().filter(|one| !one.diagnostic.is_error())).map(item).collect(),
    };
    let noun = if in_head > 0 { "more diagnostic" } else { "diagnostic" };
    let errors = view.diagnostics.iter().filter(|one| one.diagnostic.is_error()).count() > in_head;
    let title = counted(rest.len(), noun);
    let title = if errors || !view.judged { Title::Open(title) } else { Title::Folded(title) };
    blocks.push(Block { title, items: rest, noun: "diagnostic" });
    blocks.push(remarks(view));
    blocks.push(routine(view));
    if view.judged {
        blocks.push(whys(view));
    }
    blocks
}

/// Reasons by their words, each with its place among them and how often it was given.
type Reasons = BTreeMap<String, (usize, usize)>;

/// Responses that do not count: a row a person with the one reason that holds most often.
fn not_counted(view: &View<'_>) -> Block {
    let of_policy = view.report.policy.requirements.iter();
    let all = of_policy.chain(view.report.flags.iter().flat_map(|flag| &flag.requirements));
    // In the order in which people are first named.
    let mut people: Vec<(&str, Reasons)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for other in all.flat_map(|requirement| &requirement.not_counted) {
        let at = *places.entry(&other.login).or_insert(people.len());
        if at == people.len() {
            people.push((&other.login, BTreeMap::new()));
        }
        let Some((_, reasons)) = people.get_mut(at) else { continue };
        let order = reasons.len();
        reasons.entry(other.why.to_string()).or_insert((order, 0)).1 += 1;
    }
    let item = |(login, reasons): &(&str, Reasons)| {
        let most = reasons.iter().min_by_key(|(_, (order, times))| (Reverse(*times), *order));
        format!("- {}: {}\n", safe::code(login), safe::prose(most.map_or("", |(why, _)| why)))
    };
    let title = match people.len() {
        1 => "1 response that does not count, and why".to_owned(),
        number => format!("{number} responses that do not count, and why"),
    };
    Block { title: Title::Folded(title), items: people.iter().map(item).collect(), noun: "response" }
}

/// The differences since approvals that no longer count, folded: they are for those who gave them.
fn since_approved(view: &View<'_>) -> Block {
    let policy = view.report.policy.since_approved.iter().map(|one| (THE_POLICY.to_owned(), one));
    let flags = view.report.flags.iter();
    let flags =
        flags.flat_map(|flag| flag.since_approved.iter().map(move |one| (safe::code(&flag.id().to_string()), one)));
    let item = |(subject, one): (String, &SinceApproval)| {
        let by = Phrase::default().some(&one.by, " and ", SHOWN).markdown();
        let mut item = format!("- {by} {} of {subject}\n", stale::approved(one));
        for sentence in stale::sentences(one) {
            item.push_str(&format!("  - {}\n", safe::prose(&sentence)));
        }
        item
    };
    let items: Vec<String> = policy.chain(flags).map(item).collect();
    let title = "What changed since approvals that no longer count".to_owned();
    Block { title: Title::Folded(title), items, noun: "approval" }
}

/// Remarks on single flags.
fn remarks(view: &View<'_>) -> Block {
    let remarks = view.flags.iter().flat_map(|flag| flag.remarks.iter().map(move |remark| (flag, safe::prose(remark))));
    let items = listed_together(remarks);
    Block { title: Title::Folded(counted(items.len(), "remark")), items, noun: "remark" }
}

/// An item for each thing that is said, with the flags that it is said of.
fn listed_together<'v, 'r: 'v>(said: impl Iterator<Item = (&'v FlagView<'r>, String)>) -> Vec<String> {
    let mut items: Vec<(String, Vec<&str>)> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (flag, words) in said {
        let at = *places.entry(words.clone()).or_insert(items.len());
        match items.get_mut(at) {
            Some((_, flags)) => flags.push(&flag.id),
            None => items.push((words, vec![&flag.id])),
        }
    }
    let item = |(words, flags): (String, Vec<&str>)| {
        let names = Phrase::default().some(&flags, " and ", SHOWN).markdown();
        match flags.len() {
            1 => format!("- {names}: {words}\n"),
            number => format!("- {} ({names}): {words}\n", counted(number, "flag")),
        }
    };
    items.into_iter().map(item).collect()
}

/// Routine changes and those without effect, folded unless there is nothing else to see.
fn routine(view: &View<'_>) -> Block {
    let all = view.flags.iter().flat_map(|flag| flag.split().1.into_iter().map(move |change| (flag, change)));
    let number = all.clone().count();
    let items = listed_together(all.map(|(flag, change)| {
        let class = if change.change.class == Class::NoEffect { ", without effect" } else { "" };
        (flag, format!("{}{class}", change.sentence().markdown()))
    }));
    let title = match number {
        1 => "1 change that needs no approval".to_owned(),
        number => format!("{number} changes that need no approval"),
    };
    let alone = view.report.verdict == Verdict::NotRequired && items.len() <= SHOWN;
    Block { title: if alone { Title::Open(title) } else { Title::Folded(title) }, items, noun: "change" }
}

fn whys(view: &View<'_>) -> Block {
    let mut whys: Vec<(RuleId, &'static str)> = Vec::new();
    let gated = view.flags.iter().filter(|flag| flag.report.verdict != Verdict::NotRequired);
    for change in gated.flat_map(|flag| flag.split().0) {
        let why = change.change.rule.map(|rule| (rule, change.why));
        whys.extend(why.filter(|why| !whys.contains(why)));
    }
    let whys = whys.iter().map(|(rule, why)| format!("- {rule}: {why}\n"));
    Block { title: Title::Folded("Why these need approval".to_owned()), items: whys.collect(), noun: "rule" }
}

pub(super) fn listed(diagnostics: &[DiagnosticView<'_>]) -> Block {
    Block { title: Title::None, items: diagnostics.iter().map(item).collect(), noun: "diagnostic" }
}

/// A diagnostic with its place and the remedy.
pub(super) fn item(view: &DiagnosticView<'_>) -> String {
    let diagnostic = view.diagnostic;
    let level = match diagnostic.level {
        Level::Error => "⛔ **error**",
        Level::Warning => "❗ **warning**",
    };
    let place = view.place().map_or_else(String::new, |place| format!("{} ", safe::code(&place)));
    let mut item = format!("- {level} {place}({}): {}", diagnostic.id, safe::prose(&diagnostic.message));
    if !diagnostic.remedy.is_empty() {
        item.push_str(&format!("; {}", safe::prose(&diagnostic.remedy)));
    }
    if let Some(consequence) = view.consequence() {
        item.push_str(&format!("; it {}", consequence.markdown()));
    }
    item.push('\n');
    item
}
