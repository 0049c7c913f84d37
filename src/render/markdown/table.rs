//! Table of the flags: what changes, its impact, and who is pending or has approved. It has four columns, so that it
//! needs no sideways scrolling in a comment. Everybody is named here and nowhere else.

use super::super::phrases::{self, LIFTED, NO_APPROVAL, POLICY, Phrase, locked_by};
use super::super::safe;
use super::super::view::{ApprovalsView, FlagGroup, FlagView, PolicyView, approvers, rejecters};
use super::group;
use super::{Density, impact};
use crate::diagnostics::words::{counted, short};
use crate::report::{FlagReport, Overridden, Requirement, Verdict};

/// Changes of one flag that are named; its own section has them all.
const CHANGES: usize = 3;

/// People who are named in a cell.
pub(super) const NAMED: usize = 6;

pub(super) fn head(judged: bool) -> &'static str {
    if judged {
        "| Flag | What changes | Impact | Approvals |\n|:---|:---|:---|:---|\n"
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

pub(super) fn of_group(group: &FlagGroup<'_, '_>, judged: bool, density: Density) -> String {
    let view = group.first();
    let name = match (group.only(), density) {
        (None, Density::Compact) => format!("**{}**, named below", group.number()),
        (None, _) => format!("**{}** {}", group.number(), group.names()),
        (Some(view), Density::Compact) => group::code(view),
        (Some(view), _) => {
            let digests: Vec<&str> = view.digests().into_iter().filter(|_| judged).map(short).collect();
            let digests = match digests.as_slice() {
                [] => String::new(),
                some => Phrase::new(", digest ").values(some, " and ").markdown(),
            };
            format!("{}<br><sub>{}{digests}</sub>", group::code(view), view.report.noun())
        }
    };
    let [changes, impact, mut approvals] = cells(view, judged, density);
    let same = |flag: &FlagView<'_>| {
        let [.., other] = cells(flag, judged, density);
        other == approvals
    };
    if judged && !group.flags().all(same) {
        approvals = format!("{} not the same of all", sign(group.verdict()));
    }
    if judged {
        format!("| {name} | {changes} | {impact} | {approvals} |\n")
    } else {
        format!("| {name} | {changes} | {impact} |\n")
    }
}

/// The cells of a flag without its name: the changes, the impact, and the approvals.
pub(super) fn cells(view: &FlagView<'_>, judged: bool, density: Density) -> [String; 3] {
    let approvals = if judged { of_flag(view, density) } else { String::new() };
    [changes(view, density), impact::cell(view, density), approvals]
}

pub(super) fn of_policy(policy: &PolicyView<'_>, density: Density) -> String {
    let report = policy.report;
    let digest = report.digest.as_deref();
    let digest =
        digest.map_or_else(String::new, |digest| format!("<br><sub>digest {}</sub>", safe::code(short(digest))));
    let paths = match density {
        Density::Compact => counted(report.paths.len(), "file"),
        _ => report.paths.iter().map(|path| safe::code(path)).collect::<Vec<_>>().join("<br>"),
    };
    let who = |gained: bool, verb: &str| {
        let mut names: Vec<&str> =
            report.privilege_changes.iter().filter(|one| one.gained == gained).map(|one| one.who.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let verb = if names.len() == 1 { format!("{verb}s") } else { verb.to_owned() };
        let named = match density {
            Density::Compact => names.len().to_string(),
            Density::Drawn | Density::Words => Phrase::default().some(&names, " and ", NAMED).markdown(),
        };
        (!names.is_empty()).then(|| format!("{named} {verb} rights"))
    };
    let rights: Vec<String> = [who(true, "gain"), who(false, "lose")].into_iter().flatten().collect();
    let approvals = match (density, &report.overridden) {
        (Density::Compact, _) => missing(&report.requirements),
        (_, Some(overridden)) => self::overridden(overridden),
        (_, None) => people(&report.requirements, None),
    };
    format!("| **{POLICY}**{digest} | {paths} | {} | {approvals} |\n", rights.join("<br>"))
}

fn changes(view: &FlagView<'_>, density: Density) -> String {
    let most = match density {
        Density::Drawn => CHANGES,
        Density::Words => 1,
        Density::Compact => return counted(view.split().0.len(), "change"),
    };
    let named = view.named_changes(most);
    let mut lines: Vec<String> = named.state.iter().map(|state| state.markdown()).collect();
    // The section of an activation is open, and has all of them.
    if view.since.is_none() {
        lines.extend(named.changes.iter().map(|change| change.title.markdown()));
        lines.extend((named.more > 0).then(|| format!("and {} more", named.more)));
    }
    lines.join("<br>")
}

/// The lock, who rejected, the pending reviewers, and who approved. In little room people are counted.
fn of_flag(view: &FlagView<'_>, density: Density) -> String {
    let flag: &FlagReport = view.report;
    let requirements: Vec<Requirement> = view.requirements.iter().map(|one| one.requirement.clone()).collect();
    if density == Density::Compact {
        let sign = sign(view.verdict());
        return match (view.verdict(), &flag.locked_by) {
            (Verdict::Pending, _) => missing(&requirements),
            (_, Some(holder)) => format!("{sign} {}", locked_by(holder.pull)),
            _ => sign.to_string(),
        };
    }
    let lock =
        view.lock.as_ref().map(|lock| format!("🔒 {}, until it is merged, closed or made a draft", lock.markdown()));
    let notified = &flag.notified;
    match view.approvals() {
        ApprovalsView::NotNeeded if notified.is_empty() || flag.freed.is_none() => NO_APPROVAL.to_owned(),
        ApprovalsView::NotNeeded => {
            format!("{NO_APPROVAL}; notified: {}", Phrase::default().some(notified, ", ", NAMED).markdown())
        }
        ApprovalsView::Impossible => "⛔ none possible".to_owned(),
        ApprovalsView::Overridden(overridden) => self::overridden(overridden),
        ApprovalsView::OfPeople => people(&requirements, lock),
    }
}

fn overridden(by: &Overridden) -> String {
    Phrase::new("🚨 ").then(phrases::overridden(by, NAMED)).markdown()
}

/// "⏳ 2 missing".
fn missing(requirements: &[Requirement]) -> String {
    let missing = requirements.iter().filter(|one| one.rejected_by.is_empty());
    let number: u64 = missing.map(|one| u64::from(one.missing())).sum();
    if number > 0 { format!("⏳ {number} missing") } else { String::new() }
}

fn people(requirements: &[Requirement], lock: Option<String>) -> String {
    let mut lines: Vec<String> = lock.into_iter().collect();
    let rejecters = rejecters(requirements);
    if !rejecters.is_empty() {
        lines
            .push(format!("{}<br><sub>{LIFTED}</sub>", Phrase::new("❌ ").some(&rejecters, " and ", NAMED).markdown()));
    }
    for requirement in requirements.iter().filter(|one| one.missing() > 0 && one.rejected_by.is_empty()) {
        let line = format!("⏳ {}", phrases::pending_reviewers(requirement).markdown());
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let approvers = approvers(requirements);
    let ticks = approvers.iter().take(NAMED).map(|login| Phrase::new("✅ ").value(&safe::cut(login, 80)).markdown());
    lines.extend(ticks);
    lines.extend((approvers.len() > NAMED).then(|| format!("✅ and {} more", approvers.len() - NAMED)));
    lines.join("<br>")
}
