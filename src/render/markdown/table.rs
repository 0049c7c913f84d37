//! The table of the flags: where each stands, what changes, whom it moves, who is awaited and who has approved. Four
//! columns, so that it stands in a comment without scrolling sideways.

use super::super::comment::About;
use super::super::standing::{self, id};
use super::super::words::{self, markdown as md};
use super::super::{Look, safe};
use super::{Density, effect};
use crate::report::{Change, FlagReport, PolicyReport, Requirement, Verdict};

/// More changes of one flag than this are told by number; its own section has them all.
const TOLD: usize = 3;

/// People who are named in a cell.
const NAMED: usize = 6;

pub(super) fn head(look: &Look) -> &'static str {
    if look.changes_only {
        "| Flag | What changes | Whom it moves |\n|:---|:---|:---|\n"
    } else {
        "| Flag | What changes | Whom it moves | Approval |\n|:---|:---|:---|:---|\n"
    }
}

/// The sign of a verdict. None of them needs a variation selector, which could hide something.
pub(super) fn sign(verdict: Verdict) -> char {
    match verdict {
        Verdict::NotRequired | Verdict::Approved => '✅',
        Verdict::Pending => '⏳',
        Verdict::Locked => '🔒',
        Verdict::Rejected => '❌',
        Verdict::Invalid => '⛔',
    }
}

pub(super) fn of_flag(flag: &FlagReport, look: &Look, about: &About, density: Density) -> String {
    let (name, moves) = (safe::code(&id(flag)), effect::cell(flag, density));
    let changes = changes(flag, density);
    if look.changes_only {
        return format!("| {name}<br>{} | {changes} | {moves} |\n", md(&words::state(flag)));
    }
    let stands = stands(flag.verdict, flag.digest.as_deref(), about);
    let lock = flag.locked_by.as_ref().map(|holder| md(&words::lock(holder)));
    format!(
        "| {name}<br>{stands} | {changes} | {moves} | {} |\n",
        approval(lock, &flag.requirements, about.overriding(flag.digest.as_deref()).is_none())
    )
}

pub(super) fn of_policy(policy: &PolicyReport, about: &About) -> String {
    let stands = stands(policy.verdict, policy.digest.as_deref(), about);
    let paths: Vec<String> = policy.paths.iter().map(|path| safe::code(path)).collect();
    let paths = format!("who may approve what:<br>{}", paths.join("<br>"));
    let who = format!("{} gain or lose power", words::count(policy.privilege_changes.len(), "approver"));
    let who = if policy.privilege_changes.is_empty() { String::new() } else { who };
    let approval = approval(None, &policy.requirements, about.overriding(policy.digest.as_deref()).is_none());
    format!("| **the policy**<br>{stands} | {paths} | {who} | {approval} |\n")
}

/// "⏳ pending `1a2b3c4d`".
fn stands(verdict: Verdict, digest: Option<&str>, about: &About) -> String {
    let mut out = match about.overriding(digest) {
        Some(_) => "🚨 overridden".to_owned(),
        None => format!("{} {}", sign(verdict), verdict.word()),
    };
    if let Some(digest) = digest {
        out.push_str(&format!(" {}", safe::code(words::short(digest))));
    }
    out
}

fn changes(flag: &FlagReport, density: Density) -> String {
    let most = if density == Density::Drawn { TOLD } else { 1 };
    let told: Vec<&Change> = flag.changes.iter().filter(|change| words::matters(change)).collect();
    let mut lines: Vec<String> = Vec::new();
    if flag.live.before != flag.live.after || told.is_empty() {
        lines.push(md(&words::state(flag)));
    }
    lines.extend(told.iter().take(most).map(|change| md(&words::title(change, &flag.variants))));
    if told.len() > most {
        lines.push(format!("{} more below", told.len() - most));
    }
    lines.join("<br>")
}

fn approval(lock: Option<String>, requirements: &[Requirement], awaited: bool) -> String {
    let named = |sign: &str, logins: &[String]| {
        let phrase = words::Phrase::new(format!("{sign} ")).some(logins, " and ", NAMED);
        (!logins.is_empty()).then(|| md(&phrase))
    };
    let mut lines: Vec<String> = lock.into_iter().collect();
    lines.extend(named("❌", &standing::rejecters(requirements)));
    for requirement in requirements.iter().filter(|one| awaited && one.missing() > 0 && one.rejected_by.is_empty()) {
        let line = format!("⏳ {}", md(&standing::who(requirement, requirement.missing())));
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.extend(named("✅", &standing::approvers(requirements)));
    lines.join("<br>")
}
