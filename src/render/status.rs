//! Description of a commit status: one line of at most 140 characters that names the pending reviewers, the most useful
//! words first.
//!
//! In: a [`Report`] and an [`About`]. Out: printable ASCII, never empty, because GitHub takes no more characters than
//! that and no row of a merge box shows more. Characters of other scripts are written as `?`; the comment has them.

use super::comment::About;
use super::phrases::{NO_FLAG, SPLIT, THE_POLICY, locked_by, overriding};
use super::view::{Headline, Stage, approvers, in_order, pending_reviews, rejecters, requirements};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::escape as safe;
use crate::diagnostics::words::counted;
use crate::report::{Report, Verdict};

/// Characters that GitHub takes.
const MOST: usize = 140;

/// Characters of a name where another one follows.
const NAME: usize = 60;

/// The description of a commit status.
#[must_use]
pub fn status_text(report: &Report, about: &About) -> String {
    let text = of_report(report, about);
    match (report.no_flag, Stage::of(report, about.draft)) {
        (false, _) => text,
        (true, Stage::Nothing) => NO_FLAG.to_owned(),
        (true, _) => cut(&format!("{NO_FLAG}; {text}")),
    }
}

fn of_report(report: &Report, about: &About) -> String {
    let with = |verdict: Verdict| -> Vec<String> {
        let flags = in_order(report).into_iter().filter(|flag| flag.verdict == verdict);
        let policy = (report.policy.verdict == verdict).then(|| THE_POLICY.to_owned());
        flags.map(|flag| ascii(&flag.id().to_string())).chain(policy).collect()
    };
    let people = |logins: Vec<String>| logins.iter().map(|login| ascii(login)).collect::<Vec<_>>();
    match Stage::of(report, about.draft) {
        Stage::TooMuch => format!("invalid: {SPLIT}"),
        Stage::Invalid => {
            invalid(&report.diagnostics).unwrap_or_else(|| fitted("invalid: ", &with(Verdict::Invalid), ""))
        }
        Stage::Overridden => {
            let overrides = report.overrides();
            let first = overrides.first().map(|one| one.overridden);
            let by = first.map(|one| people(one.by.clone())).unwrap_or_default();
            let reason = first.map(|one| format!(": {}", ascii(&one.reason))).unwrap_or_default();
            let verb = overriding(first.is_some_and(|one| one.debt.is_some()));
            cut(&format!("{}{reason}", fitted(&format!("{verb} by "), &by, "")))
        }
        Stage::Rejected => {
            let by = fitted("rejected by ", &people(rejecters(requirements(report))), "");
            fitted(&format!("{}: ", clipped(&by, NAME)), &with(Verdict::Rejected), "")
        }
        Stage::Locked => {
            let holder = report.flags.iter().find_map(|flag| flag.locked_by.as_ref());
            let held = if report.flags.iter().any(|flag| flag.held_by.is_some()) {
                "held by an overdue debt: "
            } else {
                "locked: "
            };
            let by = holder.map_or_else(|| held.to_owned(), |holder| format!("{}: ", locked_by(holder.pull)));
            fitted(&by, &with(Verdict::Locked), "")
        }
        Stage::Pending => awaiting("awaiting ", report),
        Stage::Draft => awaiting("draft, no review requested; it needs ", report),
        Stage::Approved => {
            let flags = report.flags.iter().filter(|flag| flag.verdict == Verdict::Approved).count();
            let of = if flags == 0 { format!(" ({THE_POLICY})") } else { format!(" ({})", counted(flags, "flag")) };
            fitted("approved by ", &people(approvers(requirements(report))), &of)
        }
        Stage::NotRequired if report.flags.iter().any(|flag| flag.switch_off.is_some()) => {
            let off = report.flags.iter().filter(|flag| flag.switch_off.is_some());
            fitted(
                "no approval needed to switch off ",
                &off.map(|flag| ascii(&flag.id().to_string())).collect::<Vec<_>>(),
                "",
            )
        }
        Stage::NotRequired => format!("{} changed, no approval needed", counted(report.flags.len(), "flag")),
        Stage::Nothing => "no flag changes".to_owned(),
    }
}

/// The description where the base policy is invalid, so that nothing can be reviewed.
#[must_use]
pub fn invalid_policy_status(diagnostics: &[Diagnostic]) -> String {
    let first = invalid(diagnostics).unwrap_or_default();
    cut(&format!("the policy of the base branch is invalid: {}", first.trim_start_matches("invalid: ")))
}

fn awaiting(verb: &str, report: &Report) -> String {
    let pending = pending_reviews(report);
    let items: Vec<String> = pending
        .iter()
        .map(|review| {
            let who = ascii(&review.reviewers().plain());
            let subjects: Vec<String> = review.subjects().iter().map(|subject| ascii(subject)).collect();
            let subject = match subjects.as_slice() {
                [] => String::new(),
                [one] => format!(" for {one}"),
                [first, rest @ ..] => format!(" for {first} and {} more", rest.len()),
            };
            format!("{who}{subject}")
        })
        .collect();
    if items.is_empty() {
        return cut(&format!("pending: {}", ascii(&Headline::of(report).reason())));
    }
    fitted(verb, &items, "")
}

fn invalid(diagnostics: &[Diagnostic]) -> Option<String> {
    let errors: Vec<&Diagnostic> = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).collect();
    let first = errors.first()?;
    let place = format!("{}:{}:{}", first.path, first.place.line, first.place.column);
    let place = if first.path.is_empty() { String::new() } else { format!("{}: ", ascii(&place)) };
    let more = if errors.len() > 1 { format!(" (and {} more)", errors.len() - 1) } else { String::new() };
    let room = MOST.saturating_sub(more.len());
    Some(format!("{}{more}", clipped(&format!("invalid: {place}{}", ascii(&first.message)), room)))
}

/// As many items as there is room for, and how many more there are; the first is cut if even that is too much.
fn fitted(verb: &str, items: &[String], tail: &str) -> String {
    for shown in (1..=items.len()).rev() {
        let more = match items.len() - shown {
            0 => String::new(),
            left => format!(" and {left} more"),
        };
        let shown_items = items.iter().take(shown).map(String::as_str).collect::<Vec<_>>().join(", ");
        let text = format!("{verb}{shown_items}{more}{tail}");
        if text.len() <= MOST {
            return text;
        }
        if shown == 1 {
            let room = MOST.saturating_sub(verb.len() + more.len() + tail.len());
            return cut(&format!("{verb}{}{more}{tail}", clipped(&shown_items, room)));
        }
    }
    let verb = verb.trim_end_matches([' ', ':']);
    cut(&format!("{}{tail}", verb.strip_suffix(" by").unwrap_or(verb)))
}

/// Any text, made a description of a status.
#[must_use]
pub fn status_line(text: &str) -> String {
    let text = ascii(text);
    if text.trim().is_empty() { "no reason given".to_owned() } else { cut(&text) }
}

fn cut(text: &str) -> String {
    clipped(text, MOST)
}

/// At most `room` characters of ASCII text, with dots where something is left out.
fn clipped(text: &str, room: usize) -> String {
    if text.len() <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(3)).chain("...".chars()).collect()
}

/// Printable ASCII, with a `?` in place of each other character.
fn ascii(text: &str) -> String {
    safe::visible(text).chars().map(|c| if c.is_ascii() { c } else { '?' }).collect()
}
