//! Head of a comment: the verdict with the pending reviewers, then the next steps. Its room is bounded, so that nothing in
//! it can push content that needs approval out of the comment.

use super::super::comment::About;
use super::super::phrases::{self, Phrase, THE_POLICY, capital, short};
use super::super::safe;
use super::super::view::{
    self, DiagnosticView, OverrideView, PendingReview, Stage, Step, View, approvers, overrides, pending_reviews,
    rejecters,
};
use super::room::{HEAD, until};
use super::{rest, table};
use crate::report::{Holder, Report, Side, Verdict};

/// Pending reviews in the first line; the list below has them all.
const NAMED: usize = 2;

/// Flags in a line of the list.
const FLAGS: usize = 4;

/// Characters of a reason that are shown.
const REASON: usize = 400;

/// Characters that the list of next steps may reach, with the errors and everything before it.
const LIST: usize = HEAD - 1_500;

pub(super) fn of_changes(report: &Report) -> String {
    format!("### {}\n", view::flags_changed(report))
}

pub(super) fn of_invalid_policy(about: &About) -> String {
    let base =
        about.base.as_deref().map_or_else(|| "the base branch".to_owned(), |base| safe::code(&safe::cut(base, 80)));
    format!(
        "### ⛔ Nothing can be approved: the policy of {base} is invalid\n\n\
         The policy is read from the base branch only, so it has to be fixed there, not in this pull request. \
         Until then a merge needs an admin of the repository who may bypass its rules, also one that only switches a flag off.\n"
    )
}

/// The head, and how many errors it lists.
pub(super) fn of_review(view: &View<'_>, about: &About) -> (String, usize) {
    let report = view.report;
    let stage = Stage::of(report, about.draft);
    let pending = pending_reviews(report);
    let reason = capital(&view.headline.reason());
    let mut out = format!("### {}\n", first(stage, report, &reason, &pending));
    for one in overrides(report) {
        out.push_str(&caution(&one));
        // Two can be read; the others are in the table.
        if out.chars().count() > 2_000 {
            break;
        }
    }
    match stage {
        Stage::TooMuch => {
            out.push_str("\nNobody can approve what they cannot read: put fewer flags into each pull request.\n");
            return (out, 0);
        }
        // The first line says it.
        Stage::Nothing | Stage::Invalid | Stage::Overridden => {}
        _ => out.push_str(&format!("\n{reason}.\n")),
    }
    if let Some(how) = how(stage, report, about, &pending) {
        out.push_str(&format!("\n{how}\n"));
    }
    let steps = steps(view, stage);
    let (total, mut put) = (steps.len(), 0);
    if total > 0 {
        out.push('\n');
        put = until(LIST, &mut out, steps);
        if put < total {
            out.push_str(&format!("- and {} more, see below\n", total - put));
        }
    }
    // The errors come first in the list.
    (out, put.min(errors(view).count()))
}

fn errors<'v, 'r>(view: &'v View<'r>) -> impl Iterator<Item = &'v DiagnosticView<'r>> {
    view.diagnostics.iter().filter(|one| one.diagnostic.is_error())
}

/// The verdict and the pending reviewers.
fn first(stage: Stage, report: &Report, reason: &str, pending: &[PendingReview<'_>]) -> String {
    let people = |verb: &str, logins: &[String]| match logins {
        [] => verb.to_owned(),
        logins => format!("{verb} by {}", Phrase::default().some(logins, " and ", 4).markdown()),
    };
    match stage {
        Stage::TooMuch | Stage::Invalid => format!("⛔ {reason}"),
        Stage::Overridden => {
            let mut by: Vec<String> = overrides(report).iter().flat_map(|one| one.overridden.by.clone()).collect();
            by.sort_unstable();
            by.dedup();
            format!("🚨 {}", people("Overridden", &by))
        }
        Stage::Rejected => format!("❌ {}", people("Rejected", &rejecters(view::requirements(report)))),
        Stage::Locked => {
            let short = |holder: &Holder| Holder { requestor: safe::cut(&holder.requestor, 80), ..holder.clone() };
            let holder = report.flags.iter().find_map(|flag| flag.locked_by.as_ref().map(short));
            let lock = holder.map(|holder| capital(&phrases::lock(&holder).markdown()));
            format!("🔒 {}", lock.unwrap_or_else(|| reason.to_owned()))
        }
        Stage::Draft => "📝 A draft, so no review is requested yet".to_owned(),
        Stage::Pending => match reviewers(pending) {
            Some(reviewers) => format!("⏳ Awaiting {reviewers}"),
            None => format!("⏳ {reason}"),
        },
        Stage::Approved => format!("✅ {}", people("Approved", &approvers(view::requirements(report)))),
        Stage::NotRequired => "✅ No approval needed".to_owned(),
        Stage::Nothing => "✅ No flag changes".to_owned(),
    }
}

/// "2 of `@acme/checkout`, 1 of `@acme/data` and 3 more".
fn reviewers(pending: &[PendingReview<'_>]) -> Option<String> {
    let named: Vec<String> = pending.iter().take(NAMED).map(|review| review.reviewers().markdown()).collect();
    let more = pending.len().saturating_sub(NAMED);
    let (last, rest) = named.split_last()?;
    Some(match (rest, more) {
        ([], _) => last.clone(),
        (rest, 0) => format!("{} and {last}", rest.join(", ")),
        (rest, more) => format!("{}, {last} and {more} more", rest.join(", ")),
    })
}

/// How an approver approves, or how the requestor of a draft asks for it.
fn how(stage: Stage, report: &Report, about: &About, pending: &[PendingReview<'_>]) -> Option<String> {
    if stage == Stage::Draft {
        let needs = reviewers(pending).map(|reviewers| format!(": it needs {reviewers}")).unwrap_or_default();
        return Some(format!("**To ask**, mark this pull request as ready for review{needs}."));
    }
    if pending.is_empty() || about.draft || stage == Stage::Invalid {
        return None;
    }
    let mut digests: Vec<&str> =
        pending.iter().flat_map(|review| &review.flags).filter_map(|flag| flag.digest.as_deref()).collect();
    digests.extend(report.policy.digest.as_deref().filter(|_| pending.iter().any(|review| review.policy)));
    digests.dedup();
    let (content, it) = match digests.as_slice() {
        [one] => (format!("the digest {}, the content displayed here", safe::code(short(one))), "it changes"),
        _ => ("the digests in the table, the content displayed here".to_owned(), "they change"),
    };
    Some(format!(
        "**To approve**, review this pull request with **Approve**. That counts for {content}, and holds until {it}. \
         **Request changes** rejects."
    ))
}

/// The next steps, one item each, the most urgent first.
fn steps(view: &View<'_>, stage: Stage) -> Vec<String> {
    let pending = view.steps.iter().filter(|step| matches!(step, Step::AskForReview(_))).count();
    let mut items = Vec::new();
    for step in &view.steps {
        match step {
            Step::Split => {}
            Step::FixErrors => items.extend(errors(view).map(rest::item)),
            Step::Wait { id, holder: Some(holder) } => items.push(format!(
                "- {} {} waits until #{} is merged, closed or made a draft\n",
                table::sign(Verdict::Locked),
                safe::code(&safe::cut(id, 160)),
                holder.pull
            )),
            Step::Wait { holder: None, .. } => {}
            Step::Rejected { subject, by } => {
                let subject =
                    subject.as_ref().map_or_else(|| THE_POLICY.to_owned(), |id| safe::code(&safe::cut(id, 160)));
                let (sign, how) = (table::sign(Verdict::Rejected), phrases::lifting(by).markdown());
                items.push(format!("- {sign} {subject}: {how}\n"));
            }
            // The first line names the reviewers of a single flag already.
            Step::AskForReview(review)
                if pending == 1
                    && matches!(stage, Stage::Pending | Stage::Draft)
                    && review.flags.len() + usize::from(review.policy) == 1 => {}
            Step::AskForReview(review) => {
                let sign = table::sign(Verdict::Pending);
                let side = if review.requirement.policy == Side::Proposed { ", under the proposed policy" } else { "" };
                let (reviewers, subject) = (review.reviewers().markdown(), review.subject(FLAGS).markdown());
                items.push(format!("- {sign} {reviewers} for {subject}{side}\n"));
            }
        }
    }
    items
}

/// An override, so that nobody overlooks it.
fn caution(one: &OverrideView<'_>) -> String {
    let by = Phrase::default().some(&one.overridden.by, " and ", 4).markdown();
    let subject =
        if one.subject == THE_POLICY { THE_POLICY.to_owned() } else { safe::code(&safe::cut(&one.subject, 160)) };
    let digest = safe::code(&safe::cut(short(one.digest), 16));
    let reason = safe::code(&safe::cut(&one.overridden.reason, REASON));
    format!(
        "\n> [!CAUTION]\n> **{by} overrode the approvals of {subject}**, digest {digest}.\n> Their reason: {reason}\n"
    )
}
