//! Table of the flags: verdict, changes, impact, and who is pending or has approved. It has four columns, so that it needs
//! no sideways scrolling in a comment.

use super::super::phrases::{self, POLICY, Phrase, count, short};
use super::super::safe;
use super::super::view::{FlagView, PolicyView, approvers, phrase_of, rejecters};
use super::{Density, impact};
use crate::report::{Overridden, Requirement, Verdict};

/// Changes of one flag that are named; its own section has them all.
const CHANGES: usize = 3;

/// People who are named in a cell.
const NAMED: usize = 6;

pub(super) fn head(judged: bool) -> &'static str {
    if judged {
        "| Flag | What changes | Impact | Approval |\n|:---|:---|:---|:---|\n"
    } else {
        "| Flag | What changes | Impact |\n|:---|:---|:---|\n"
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

pub(super) fn of_flag(view: &FlagView<'_>, judged: bool, density: Density) -> String {
    let (flag, name, impact) = (view.report, safe::code(&view.id), impact::cell(view, density));
    let changes = changes(view, density);
    if !judged {
        return format!("| {name}<br>{} | {changes} | {impact} |\n", view.state.markdown());
    }
    // The section has the digest too.
    let digest = flag.digest.as_deref().filter(|_| density != Density::Compact);
    let verdict = verdict(flag.verdict, digest, flag.overridden.as_ref());
    let lock = view.lock.as_ref().map(|lock| match (density, &flag.locked_by) {
        (Density::Compact, Some(holder)) => format!("locked by #{}", holder.pull),
        _ => lock.markdown(),
    });
    let approval = approval(lock, &flag.requirements, flag.overridden.is_none(), density);
    format!("| {name}<br>{verdict} | {changes} | {impact} | {approval} |\n")
}

pub(super) fn of_policy(view: &PolicyView<'_>, density: Density) -> String {
    let policy = view.report;
    let verdict = verdict(policy.verdict, policy.digest.as_deref(), policy.overridden.as_ref());
    let paths = match density {
        Density::Compact => count(policy.paths.len(), "file"),
        _ => policy.paths.iter().map(|path| safe::code(path)).collect::<Vec<_>>().join("<br>"),
    };
    let privileges = match policy.privilege_changes.len() {
        0 => String::new(),
        1 => "1 approver gains or loses privileges".to_owned(),
        number => format!("{number} approvers gain or lose privileges"),
    };
    let approval = approval(None, &policy.requirements, policy.overridden.is_none(), density);
    format!("| **{POLICY}**<br>{verdict} | {paths} | {privileges} | {approval} |\n")
}

/// "⏳ pending `1a2b3c4d`".
fn verdict(verdict: Verdict, digest: Option<&str>, overridden: Option<&Overridden>) -> String {
    let mut out = match overridden {
        Some(_) => "🚨 overridden".to_owned(),
        None => format!("{} {}", sign(verdict), phrase_of(verdict)),
    };
    if let Some(digest) = digest {
        out.push_str(&format!(" {}", safe::code(short(digest))));
    }
    out
}

fn changes(view: &FlagView<'_>, density: Density) -> String {
    let (matter, _) = view.split();
    let most = match density {
        Density::Drawn => CHANGES,
        Density::Words => 1,
        Density::Compact => return count(matter.len(), "change"),
    };
    let mut lines: Vec<String> = Vec::new();
    if view.report.live.before != view.report.live.after || matter.is_empty() {
        lines.push(view.state.markdown());
    }
    lines.extend(matter.iter().take(most).map(|change| change.title.markdown()));
    if matter.len() > most {
        lines.push(format!("{} more below", matter.len() - most));
    }
    lines.join("<br>")
}

/// The lock, who rejected, the pending reviewers, and who approved. In little room people are counted.
fn approval(lock: Option<String>, requirements: &[Requirement], open: bool, density: Density) -> String {
    let mut lines: Vec<String> = lock.into_iter().collect();
    let missing = || requirements.iter().filter(|one| open && one.missing() > 0 && one.rejected_by.is_empty());
    if density == Density::Compact {
        let number: u64 = missing().map(|one| u64::from(one.missing())).sum();
        lines.extend((number > 0).then(|| format!("⏳ {number} missing")));
        return lines.join("<br>");
    }
    let named = |sign: &str, logins: &[String]| {
        let phrase = Phrase::new(format!("{sign} ")).some(logins, " and ", NAMED);
        (!logins.is_empty()).then(|| phrase.markdown())
    };
    lines.extend(named("❌", &rejecters(requirements)));
    for requirement in missing() {
        let line = format!("⏳ {}", phrases::pending_reviewers(requirement).markdown());
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.extend(named("✅", &approvers(requirements)));
    lines.join("<br>")
}
