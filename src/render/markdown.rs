//! The report as Markdown: what a pull-request comment and a job summary show.
//!
//! The verdict first, then a table of the flags, then flag by flag what needs approval; then whatever else fits into
//! one comment. Critical changes are never cut. Nothing untrusted stands outside of code; the only HTML is ours.

use super::bounds::{Block, LIMIT, RESERVE, Title, bounded};
use super::draw::{self, Pen};
use super::view::View;
use super::words::{self, Part, Phrase, count, markdown as md};
use super::{Look, moves, safe, values};
use crate::report::{Change, FlagReport, LawReport, Report, Requirement, Verdict};
use crate::rules;
use crate::text::{Level, Problem};

/// How wide drawings are: a comment on GitHub shows about this many columns of code.
const PEN: Pen = Pen { width: 84, ascii: false };

pub(super) fn review(report: &Report, look: &Look) -> String {
    let title = if look.changes_only {
        match report.flags.len() {
            0 => "no flag changes".to_owned(),
            number => format!("{} changed", count(number, "flag")),
        }
    } else {
        words::headline(report)
    };
    let mut out = format!("### {title}\n\n{}\n", compared(report));
    let asking = asking(report, look);
    let law_changes = report.law.changed && !look.changes_only;
    if !asking.is_empty() || law_changes {
        out.push('\n');
        out.push_str(if look.changes_only { HEAD_CHANGES } else { HEAD });
        let rows = asking.iter().map(|flag| table_row(flag, look));
        let rows = rows.chain(law_changes.then(|| law_row(&report.law))).collect();
        bounded(&mut out, rows, "flag", "");
    }
    let sections = asking.iter().map(|flag| section(flag, look)).collect();
    bounded(&mut out, sections, "flag", "\n");
    if law_changes {
        bounded(&mut out, vec![law(&report.law)], "section", "\n");
    }
    for block in rest(report, look) {
        block.put(&mut out);
    }
    safe::disarmed(out)
}

pub(super) fn problems(problems: &[Problem], _: &Look) -> String {
    let title = match problems.len() {
        0 => "no problems".to_owned(),
        number => count(number, "problem"),
    };
    let mut out = format!("### {title}\n");
    listed(problems, false).put(&mut out);
    safe::disarmed(out)
}

/// Whether the verdict, the table, everything that needs approval and the law fit.
pub(super) fn fits(report: &Report) -> bool {
    let look = Look::default();
    // The headline and the heads of tables are shorter than that.
    let mut left = (LIMIT - RESERVE - 400).saturating_sub(compared(report).chars().count());
    let mut take = |text: &str| {
        let size = text.chars().count() + 1;
        let fits = size <= left;
        left = left.saturating_sub(size);
        fits
    };
    asking(report, &look).iter().all(|flag| take(&table_row(flag, &look)) && take(&section(flag, &look)))
        && (!report.law.changed || take(&law_row(&report.law)) && take(&law(&report.law)))
}

fn compared(report: &Report) -> String {
    let phrase = Phrase::new("Comparing ").then(words::revision(&report.base)).ours(" with ");
    md(&phrase.then(words::revision(&report.head)))
}

/// The flags an approver has to look at, those that need something first.
fn asking<'r>(report: &'r Report, look: &Look) -> Vec<&'r FlagReport> {
    let mut flags = words::in_order(report);
    flags.retain(|flag| {
        if look.changes_only { flag.changes.iter().any(words::matters) } else { flag.verdict != Verdict::NotRequired }
    });
    flags
}

const HEAD: &str = "| Flag | Verdict | Moves | Change | Needs | Approved by |\n|---|---|---|---|---|---|\n";
const HEAD_CHANGES: &str = "| Flag | State | Moves | Change |\n|---|---|---|---|\n";

/// More changes of one flag than this are told by number in the table; its own section has them all.
const TOLD: usize = 3;

fn table_row(flag: &FlagReport, look: &Look) -> String {
    let told: Vec<&Change> = flag.changes.iter().filter(|change| words::matters(change)).collect();
    let mut changes: Vec<String> =
        told.iter().take(TOLD).map(|change| md(&words::title(change, &flag.variants))).collect();
    if told.len() > TOLD {
        changes.push(format!("{} more below", told.len() - TOLD));
    }
    if told.is_empty() {
        changes.push(md(&words::state(flag)));
    }
    let changes = changes.join("; ");
    let (name, moves) = (safe::code(&id(flag)), moves::cell(flag));
    if look.changes_only {
        return format!("| {name} | {} | {moves} | {changes} |\n", md(&words::state(flag)));
    }
    let needs = match &flag.locked_by {
        Some(holder) => md(&words::lock(holder)),
        None => missing(&flag.requirements),
    };
    let approved = approved(&flag.requirements);
    format!("| {name} | {} | {moves} | {changes} | {needs} | {approved} |\n", flag.verdict.word())
}

fn law_row(law: &LawReport) -> String {
    let paths = md(&Phrase::default().values(law.paths.iter().map(String::as_str), ", "));
    let (needs, approved) = (missing(&law.requirements), approved(&law.requirements));
    format!("| the law | {} | | who may approve what: {paths} | {needs} | {approved} |\n", law.verdict.word())
}

fn missing(requirements: &[Requirement]) -> String {
    let open = requirements.iter().filter(|requirement| requirement.missing() > 0);
    let asked: Vec<String> = open.map(|requirement| md(&words::asked(requirement, requirement.missing()))).collect();
    asked.join("; ")
}

fn approved(requirements: &[Requirement]) -> String {
    let mut logins: Vec<&str> =
        requirements.iter().flat_map(|requirement| &requirement.approved_by).map(String::as_str).collect();
    logins.sort_unstable();
    logins.dedup();
    md(&Phrase::default().values(logins, ", "))
}

fn id(flag: &FlagReport) -> String {
    format!("{}/{}", flag.project, flag.key)
}

fn section(flag: &FlagReport, look: &Look) -> String {
    let kind = flag.kind.word();
    let mut out = format!("#### {kind} {}", safe::code(&id(flag)));
    if !look.changes_only {
        out.push_str(&format!(": {}", flag.verdict.word()));
    }
    out.push('\n');
    let effect = moves::shown(flag);
    if let Some(effect) = effect {
        out.push_str(&moves::opening(effect));
    }
    let mut about = words::state(flag).ours(", ").value(&flag.path);
    if let Some(previous) = &flag.previous_path {
        about = about.ours(", was ").value(previous);
    }
    if let Some(digest) = flag.digest.as_deref().filter(|_| !look.changes_only) {
        about = about.ours(", digest ").value(words::short(digest));
    }
    out.push_str(&format!("\n{}\n", md(&about)));
    if let Some(holder) = flag.locked_by.as_ref().filter(|_| !look.changes_only) {
        out.push_str(&format!("\n**{}**\n", md(&words::lock(holder))));
    }
    if let Some(effect) = effect {
        out.push_str(&moves::tables(effect, &flag.variants, PEN));
    }
    let (mut table, mut blocks) = (String::new(), String::new());
    for change in flag.changes.iter().filter(|change| words::matters(change)) {
        match cells(change, flag) {
            Some(rows) => table.push_str(&rows),
            None => blocks.push_str(&drawn(change, flag)),
        }
    }
    if !table.is_empty() {
        out.push_str(&format!("\n| Change | Before | After | Rule |\n|---|---|---|---|\n{table}"));
    }
    out.push_str(&blocks);
    if !look.changes_only {
        requirements(&flag.requirements, false, &mut out);
        if !flag.told.is_empty() {
            let told = Phrase::new("Told, not asked: ").values(flag.told.iter().map(String::as_str), ", ");
            out.push_str(&format!("\n{}\n", md(&told)));
        }
    }
    out
}

/// A change as rows of the table, if its title holds both values.
fn cells(change: &Change, flag: &FlagReport) -> Option<String> {
    let title = words::title(change, &flag.variants);
    let at = title.0.iter().position(|part| matches!(part, Part::Old(_) | Part::New(_)))?;
    let subject = md(&Phrase(title.0.get(..at)?.to_vec()));
    let subject = subject.trim_end_matches([' ', ':']);
    let found = |want: fn(&Part) -> Option<&String>| {
        title.0.iter().find_map(want).map_or_else(String::new, |value| safe::code(value))
    };
    let old = found(|part| if let Part::Old(value) = part { Some(value) } else { None });
    let new = found(|part| if let Part::New(value) = part { Some(value) } else { None });
    let rule = change.rule.unwrap_or(change.class.word());
    let meter = |value: Option<&crate::text::Decimal>| {
        value
            .map_or_else(String::new, |value| format!("`{}` {value}%", draw::bar(value.to_f64() / 100.0, 10, '░', PEN)))
    };
    let view = View::of(change, &flag.variants);
    let (old, new) = match view {
        View::Percent(before, after) if change.before != change.after => (meter(before), meter(after)),
        _ => (old, new),
    };
    let of = if matches!(view, View::Spread(_)) { ", of those exposed" } else { "" };
    let mut rows = format!("| {subject}{}{of} | {old} | {new} | {rule} |\n", place(change, flag));
    if let View::Spread(spread) = view {
        for (key, (before, after)) in spread.keys.iter().zip(spread.shares()) {
            let (left, right) = values::percents(before, after);
            let side = |share: Option<f64>, label: &str| match share {
                Some(share) => format!("`{}` {label}", draw::bar(share, 10, '░', PEN)).replace('<', "under "),
                None => String::new(),
            };
            rows.push_str(&format!("| {} | {} | {} | |\n", safe::code(key), side(before, &left), side(after, &right)));
        }
    }
    Some(rows)
}

/// A change with a drawing of its own.
fn drawn(change: &Change, flag: &FlagReport) -> String {
    let title = md(&words::title(change, &flag.variants));
    let rule = change.rule.unwrap_or(change.class.word());
    let mut out = format!("\n{title}{} ({rule})\n", place(change, flag));
    let rows = draw::drawing(change, &flag.variants, PEN).rows();
    if !rows.is_empty() {
        let lines: Vec<String> = rows.iter().map(|row| format!("{} {}", row.sign.mark(), row.text)).collect();
        out.push_str(&format!("\n{}", safe::block("diff", &lines)));
    }
    out
}

fn place(change: &Change, flag: &FlagReport) -> String {
    if change.path == flag.path {
        format!(", line {}", change.line)
    } else {
        format!(", line {} of {}", change.line, safe::code(&change.path))
    }
}

fn requirements(requirements: &[Requirement], of_law: bool, out: &mut String) {
    for requirement in requirements {
        let asked = md(&words::asked(requirement, requirement.required));
        let source = md(&words::source(requirement, of_law));
        out.push_str(&format!("\nNeeds {asked}: **{}** ({source})\n", words::stands(requirement)));
        for decided in &requirement.decided {
            out.push_str(&format!("\n- {}\n", safe::prose(decided)));
        }
        for (logins, verb) in [(&requirement.approved_by, "approved"), (&requirement.rejected_by, "rejected")] {
            if !logins.is_empty() {
                let who = md(&Phrase::default().values(logins.iter().map(String::as_str), ", "));
                out.push_str(&format!("\n- {verb}: {who}\n"));
            }
        }
    }
}

fn law(law: &LawReport) -> String {
    let mut out = format!("#### the law, who may approve what: {}\n\n", law.verdict.word());
    let mut about = Phrase::default().values(law.paths.iter().map(String::as_str), ", ");
    if let Some(digest) = &law.digest {
        about = about.ours(", digest ").value(words::short(digest));
    }
    out.push_str(&format!("{}\n", md(&about)));
    let power = law.power.iter().map(|power| {
        let verb = if power.gains { "gains" } else { "loses" };
        format!("- {} **{verb}**: {}\n", safe::prose(&power.who), safe::prose(&power.what))
    });
    let effects = law.effects.iter().map(|effect| format!("- {}\n", safe::prose(effect)));
    let told: String = power.chain(effects).collect();
    if !told.is_empty() {
        out.push_str(&format!("\n{told}"));
    }
    requirements(&law.requirements, true, &mut out);
    out
}

/// What may be cut, the more important first.
fn rest(report: &Report, look: &Look) -> Vec<Block> {
    let mut blocks = vec![listed(&report.problems, true)];
    let every = || report.flags.iter().flat_map(|flag| flag.requirements.iter().map(move |r| (Some(flag), r)));
    let law = report.law.requirements.iter().map(|requirement| (None, requirement));
    let mut uncounted: Vec<String> = every()
        .chain(law)
        .flat_map(|(flag, requirement)| requirement.not_counted.iter().map(move |other| (flag, other)))
        .map(|(flag, other)| {
            let place = flag.map_or_else(|| "the law".to_owned(), |flag| safe::code(&id(flag)));
            format!("- {} for {place}: {}\n", safe::code(&other.login), safe::prose(&other.why))
        })
        .collect();
    uncounted.dedup();
    if look.changes_only {
        uncounted.clear();
    }
    let title = match uncounted.len() {
        1 => "1 response that does not count, and why".to_owned(),
        number => format!("{number} responses that do not count, and why"),
    };
    blocks.push(Block { title: Title::Folded(title), items: uncounted, noun: "response" });
    let remarks = report.flags.iter().flat_map(|flag| {
        flag.remarks.iter().map(move |remark| format!("- {}: {}\n", safe::code(&id(flag)), safe::prose(remark)))
    });
    blocks.push(Block { title: Title::Open("Also".to_owned()), items: remarks.collect(), noun: "remark" });
    let free = report.flags.iter().filter(|flag| flag.verdict == Verdict::NotRequired && !look.changes_only);
    let stopped = free.filter_map(|flag| {
        let changes = flag.changes.iter().filter(|change| words::matters(change));
        let mut told: Vec<String> = changes.map(|change| md(&words::sentence(change, &flag.variants))).collect();
        told.extend(moves::shown(flag).map(|effect| safe::prose(&crate::impact::sentence(effect))));
        let name = safe::code(&id(flag));
        (!told.is_empty()).then(|| format!("- {} {name}: {}\n", flag.kind.word(), told.join("; ")))
    });
    let title = Title::Open("Changes of live flags that need no approval".to_owned());
    blocks.push(Block { title, items: stopped.collect(), noun: "change" });
    let routine: Vec<String> = words::in_order(report)
        .into_iter()
        .flat_map(|flag| flag.changes.iter().filter(|change| !words::matters(change)).map(move |c| (flag, c)))
        .map(|(flag, change)| {
            let what = md(&words::sentence(change, &flag.variants));
            let class = if change.class == crate::report::Class::NoEffect { ", without effect" } else { "" };
            format!("- {}: {what}{class}\n", safe::code(&id(flag)))
        })
        .collect();
    let title = match routine.len() {
        1 => "1 change that needs no approval".to_owned(),
        number => format!("{number} changes that need no approval"),
    };
    blocks.push(Block { title: Title::Folded(title), items: routine, noun: "change" });
    let mut ids: Vec<&'static str> = Vec::new();
    let explained = report.flags.iter().filter(|flag| !look.changes_only && flag.verdict != Verdict::NotRequired);
    let explained = explained.flat_map(|flag| &flag.changes);
    for change in explained.filter(|change| words::matters(change)) {
        ids.extend(change.rule.filter(|id| !ids.contains(id)));
    }
    let whys = ids.iter().filter_map(|id| rules::by_id(id)).map(|rule| format!("- {}: {}\n", rule.id, rule.why));
    blocks.push(Block {
        title: Title::Folded("Why these need approval".to_owned()),
        items: whys.collect(),
        noun: "rule",
    });
    blocks
}

fn listed(problems: &[Problem], titled: bool) -> Block {
    let item = |problem: &Problem| {
        let level = match problem.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        let place = safe::code(&format!("{}:{}:{}", problem.path, problem.place.line, problem.place.column));
        let mut item = format!("- {place} **{level}** ({}): {}", problem.id, safe::prose(&problem.message));
        if !problem.remedy.is_empty() {
            item.push_str(&format!("; {}", safe::prose(&problem.remedy)));
        }
        item.push('\n');
        item
    };
    // Errors first: they make the verdict invalid, and the list may be cut.
    let (errors, warnings): (Vec<&Problem>, Vec<&Problem>) = problems.iter().partition(|problem| problem.is_error());
    let title = if titled { Title::Open(count(problems.len(), "problem")) } else { Title::None };
    Block { title, items: errors.into_iter().chain(warnings).map(item).collect(), noun: "problem" }
}
