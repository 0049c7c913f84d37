//! Rest of a comment, which may be cut, the more important first: diagnostics, responses that do not count, remarks, and
//! changes that need no approval.

use super::super::phrases::{Phrase, THE_POLICY, count, id, notified};
use super::super::view::{DiagnosticView, FlagView, View};
use super::super::{safe, since};
use super::room::{Block, Title};
use crate::changes::RuleId;
use crate::diagnostics::Level;
use crate::report::{Class, NotCounted, SinceApproval, Verdict};

/// More responses that do not count than this are folded.
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
    let noun = if in_head > 0 { "more problem" } else { "problem" };
    blocks.push(Block { title: Title::Open(count(rest.len(), noun)), items: rest, noun: "problem" });
    let remarks = view.flags.iter().flat_map(|flag| {
        let name = safe::code(&flag.id);
        flag.report.remarks.iter().map(move |remark| format!("- {name}: {}\n", safe::prose(remark)))
    });
    blocks.push(Block { title: Title::Open("Also".to_owned()), items: remarks.collect(), noun: "remark" });
    if view.judged {
        blocks.push(ungated(view));
    }
    blocks.push(routine(view));
    if view.judged {
        blocks.push(whys(view));
    }
    blocks
}

/// Responses that do not count, open where somebody may look for their own name.
fn not_counted(view: &View<'_>) -> Block {
    let mut items: Vec<String> = Vec::new();
    let mut add = |subject: &str, other: &NotCounted| {
        let item = format!("- {} for {subject}: {}\n", safe::code(&other.login), safe::prose(&other.why));
        if items.last() != Some(&item) {
            items.push(item);
        }
    };
    for requirement in &view.report.policy.requirements {
        requirement.not_counted.iter().for_each(|other| add(THE_POLICY, other));
    }
    for flag in &view.report.flags {
        let name = safe::code(&id(flag));
        for requirement in &flag.requirements {
            requirement.not_counted.iter().for_each(|other| add(&name, other));
        }
    }
    let title = match items.len() {
        1 => "1 response that does not count, and why".to_owned(),
        number => format!("{number} responses that do not count, and why"),
    };
    let title = if items.len() > SHOWN { Title::Folded(title) } else { Title::Open(title) };
    Block { title, items, noun: "response" }
}

/// What changed since approvals that no longer count, folded: it is for those who gave them.
fn since_approved(view: &View<'_>) -> Block {
    let policy = view.report.policy.since_approved.iter().map(|one| (THE_POLICY.to_owned(), one));
    let flags = view.report.flags.iter();
    let flags = flags.flat_map(|flag| flag.since_approved.iter().map(move |one| (safe::code(&id(flag)), one)));
    let item = |(subject, one): (String, &SinceApproval)| {
        let by = Phrase::default().some(&one.by, " and ", SHOWN).markdown();
        let mut item = format!("- {by} {} of {subject}\n", since::approved(one));
        for sentence in since::sentences(one) {
            item.push_str(&format!("  - {}\n", safe::prose(&sentence)));
        }
        item
    };
    let items: Vec<String> = policy.chain(flags).map(item).collect();
    let title = "What changed since approvals that no longer count".to_owned();
    Block { title: Title::Folded(title), items, noun: "approval" }
}

/// Changes of live flags that matter and need no approval, such as a deactivation.
fn ungated(view: &View<'_>) -> Block {
    let item = |flag: &FlagView<'_>| {
        let mut sentences: Vec<String> = flag.split().0.iter().map(|change| change.sentence().markdown()).collect();
        let impact = flag.impact.as_ref();
        sentences.extend(impact.map(|view| safe::prose(&crate::impact::sentence(view.impact))));
        let (kind, name) = (flag.report.kind.word(), safe::code(&flag.id));
        let told = &flag.report.notified;
        sentences.extend((flag.report.switch_off.is_some() && !told.is_empty()).then(|| notified(told).markdown()));
        (!sentences.is_empty()).then(|| format!("- {kind} {name}: {}\n", sentences.join("; ")))
    };
    let free = view.flags.iter().filter(|flag| flag.report.verdict == Verdict::NotRequired);
    let title = Title::Open("Changes of live flags that need no approval".to_owned());
    Block { title, items: free.filter_map(item).collect(), noun: "change" }
}

/// Routine changes and those without effect, folded unless there is nothing else to see.
fn routine(view: &View<'_>) -> Block {
    let items: Vec<String> = view
        .flags
        .iter()
        .flat_map(|flag| flag.split().1.into_iter().map(move |change| (flag, change)))
        .map(|(flag, change)| {
            let class = if change.change.class == Class::NoEffect { ", without effect" } else { "" };
            format!("- {}: {}{class}\n", safe::code(&flag.id), change.sentence().markdown())
        })
        .collect();
    let title = match items.len() {
        1 => "1 change that needs no approval".to_owned(),
        number => format!("{number} changes that need no approval"),
    };
    let alone = view.report.verdict == Verdict::NotRequired && items.len() <= SHOWN;
    Block { title: if alone { Title::Open(title) } else { Title::Folded(title) }, items, noun: "change" }
}

fn whys(view: &View<'_>) -> Block {
    let mut ids: Vec<RuleId> = Vec::new();
    let gated = view.flags.iter().filter(|flag| flag.report.verdict != Verdict::NotRequired);
    for change in gated.flat_map(|flag| flag.split().0) {
        ids.extend(change.change.rule.filter(|id| !ids.contains(id)));
    }
    let whys = ids.iter().filter_map(|id| id.rule()).map(|rule| format!("- {}: {}\n", rule.id, rule.why));
    Block { title: Title::Folded("Why these need approval".to_owned()), items: whys.collect(), noun: "rule" }
}

pub(super) fn listed(diagnostics: &[DiagnosticView<'_>]) -> Block {
    Block { title: Title::None, items: diagnostics.iter().map(item).collect(), noun: "problem" }
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
