//! Head of a comment: the verdict, the overrides and the errors. Its room is bounded, so that nothing in it can push
//! content that needs approval out of the comment. The pending reviewers stand in the table.

use super::super::comment::About;
use super::super::phrases::{self, NO_FLAG, Phrase, THE_POLICY, bypassed, overriding};
use super::super::safe;
use super::super::view::{self, DiagnosticView, Stage, View, pending_reviews};
use super::comment_size::{HEAD, until};
use super::optional_blocks;
use crate::diagnostics::words::{capital, short};
use crate::flag::FlagId;
use crate::report::{CountedOverride, Report};

/// Characters of a reason that are shown.
const REASON: usize = 400;

/// Characters that the list of errors may reach, with everything before it.
const LIST: usize = HEAD - 1_500;

pub(super) fn of_changes(report: &Report) -> String {
    format!("### {}\n{}", view::flags_changed(report), bypasses(report))
}

pub(super) fn of_invalid_policy(about: &About) -> String {
    let base =
        about.base.as_deref().map_or_else(|| "the base branch".to_owned(), |base| safe::code(&safe::cut(base, 80)));
    format!(
        "### ⛔ Nothing can be approved: the policy of {base} is invalid\n\n\
         The policy is read from the base branch only, so it has to be fixed there, not in this pull request. \
         Until then a merge needs an admin of the repository who may bypass its rules, also one that only switches a \
         flag off.\n"
    )
}

/// The head, and how many errors it lists.
pub(super) fn of_review(view: &View<'_>, about: &About) -> (String, usize) {
    let report = view.report;
    let stage = Stage::of(report, about.draft);
    let mut line = first(stage, view);
    if report.no_flag && !line.to_lowercase().contains(NO_FLAG) {
        line = format!("{line}; {NO_FLAG}");
    }
    let mut out = format!("### {line}\n");
    for one in report.overrides() {
        out.push_str(&caution(&one));
        // Two can be read; the others are in the table.
        if out.chars().count() > 2_000 {
            break;
        }
    }
    out.push_str(&bypasses(report));
    out.push_str(&debts(report));
    if let Some(diagnostic) = report.too_much().filter(|_| stage == Stage::TooMuch) {
        let remedy = Phrase::of_message(&diagnostic.remedy).markdown();
        out.push_str(&format!("\nNobody can approve what they cannot read: {remedy}.\n"));
        return (out, 0);
    }
    let errors: Vec<String> = errors(view).map(optional_blocks::item).collect();
    let (total, mut put) = (errors.len(), 0);
    if total > 0 {
        out.push('\n');
        put = until(LIST, &mut out, errors);
        if put < total {
            out.push_str(&format!("- and {} more, see below\n", total - put));
        }
    }
    (out, put)
}

/// The flags that are served without their approvals: each of them, since none may be overlooked.
fn bypasses(report: &Report) -> String {
    report.bypassed.iter().map(|one| format!("\n> [!CAUTION]\n> {}\n", capital(&bypassed(one).markdown()))).collect()
}

/// Debts that are listed; the others are counted.
const DEBTS: usize = 3;

/// The debts of the repository, whatever this pull request changes.
fn debts(report: &Report) -> String {
    let all = phrases::debts(report);
    if all.is_empty() {
        return String::new();
    }
    let mut out = "\n> [!WARNING]\n".to_owned();
    for debt in all.iter().take(DEBTS) {
        out.push_str(&format!("> {}\n", debt.markdown()));
    }
    if all.len() > DEBTS {
        out.push_str(&format!("> and {} more debts\n", all.len() - DEBTS));
    }
    out
}

fn errors<'v, 'r>(view: &'v View<'r>) -> impl Iterator<Item = &'v DiagnosticView<'r>> {
    view.diagnostics.iter().filter(|one| one.diagnostic.is_error())
}

/// The verdict.
fn first(stage: Stage, view: &View<'_>) -> String {
    let reason = capital(&view.headline.answer);
    match stage {
        Stage::TooMuch | Stage::Invalid => format!("⛔ {reason}"),
        Stage::Overridden => {
            let overrides = view.report.overrides();
            let mut by: Vec<String> = overrides.iter().flat_map(|one| one.overridden.by.clone()).collect();
            by.sort_unstable();
            by.dedup();
            let what = capital(overriding(overrides.iter().all(|one| one.overridden.debt.is_some())));
            format!("🚨 {what} by {}", Phrase::default().some(&by, " and ", 4).markdown())
        }
        Stage::Rejected => format!("❌ {reason}"),
        Stage::Locked => format!("🔒 {reason}"),
        Stage::Draft => format!("📝 A draft: {}", view.headline.answer),
        Stage::Pending => format!("⏳ {reason}"),
        Stage::Nothing if view.report.no_flag => format!("⚠️ {reason}"),
        Stage::Approved | Stage::NotRequired | Stage::Nothing => format!("✅ {reason}"),
    }
}

/// How an approver approves, or how the requestor of a draft asks for it.
pub(super) fn how(report: &Report, about: &About) -> Option<String> {
    let stage = Stage::of(report, about.draft);
    if stage == Stage::Draft {
        return Some("To ask for approval, mark this pull request as **Ready for review**".to_owned());
    }
    let pending = pending_reviews(report);
    if pending.is_empty() || about.draft || matches!(stage, Stage::Invalid | Stage::TooMuch) {
        return None;
    }
    let mut digests: Vec<&str> =
        pending.iter().flat_map(|review| &review.flags).filter_map(|flag| flag.digest.as_deref()).collect();
    digests.extend(report.policy.digest.as_deref().filter(|_| pending.iter().any(|review| review.policy)));
    digests.dedup();
    let (digest, it) = if digests.len() == 1 { ("the digest", "it changes") } else { ("the digests", "they change") };
    Some(format!("To approve, review with **Approve**: it counts for {digest} above until {it}"))
}

/// An override, so that nobody overlooks it.
fn caution(one: &CountedOverride<'_>) -> String {
    let by = Phrase::default().some(&one.overridden.by, " and ", 4).markdown();
    let flag = |flag: FlagId<'_>| safe::code(&safe::cut(&flag.to_string(), 160));
    let subject = one.flag.map_or_else(|| THE_POLICY.to_owned(), flag);
    let digest = safe::code(&safe::cut(short(one.digest), 16));
    let reason = safe::code(&safe::cut(&one.overridden.reason, REASON));
    if let Some(debt) = &one.overridden.debt {
        return format!(
            "\n> [!CAUTION]\n> **{by} broke the glass for {subject}**, digest {digest}.\n> Their reason: {reason}\n> \
             This is a debt: somebody else who did not write it has to approve exactly this by {}, here, also after \
             the merge.\n",
            safe::code(&debt.due)
        );
    }
    format!(
        "\n> [!CAUTION]\n> **{by} overrode the approvals of {subject}**, digest {digest}.\n> Their reason: {reason}\n"
    )
}
