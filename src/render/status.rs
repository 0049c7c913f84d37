//! The commit status: one line of at most 140 characters that says who is awaited, the most useful words first.
//!
//! In: a [`Report`] and an [`About`]. Out: printable ASCII, never empty, since GitHub takes no more than that many
//! characters and no row of a merge box shows more. Names in other scripts are told by `?`; the comment has them.

use super::comment::About;
use super::standing::{self, Standing, asks, id};
use super::words::{self, count};
use crate::diagnostics::Diagnostic;
use crate::diagnostics::escape as safe;
use crate::report::{FlagReport, Report, Verdict};

/// What GitHub takes.
const MOST: usize = 140;

/// What a name may take where another one follows.
const NAME: usize = 60;

/// The description of a commit status.
#[must_use]
pub fn status_text(report: &Report, about: &About) -> String {
    let with = |verdict: Verdict| -> Vec<String> {
        let flags = words::in_order(report).into_iter().filter(|flag| flag.verdict == verdict);
        flags.map(name).chain((report.policy.verdict == verdict).then(|| POLICY.to_owned())).collect()
    };
    let people = |logins: Vec<String>| logins.iter().map(|login| ascii(login)).collect::<Vec<_>>();
    match Standing::of(report, about) {
        Standing::TooMuch => format!("invalid: {}", words::SPLIT),
        Standing::Invalid => {
            invalid(&report.diagnostics).unwrap_or_else(|| fitted("invalid: ", &with(Verdict::Invalid), ""))
        }
        Standing::Overridden => {
            let first = about.overrides.first();
            let by = first.map(|one| people(one.by.clone())).unwrap_or_default();
            let reason = first.map(|one| format!(": {}", ascii(&one.reason))).unwrap_or_default();
            cut(&format!("{}{reason}", fitted("overridden by ", &by, "")))
        }
        Standing::Rejected => {
            let by = fitted("rejected by ", &people(standing::rejecters(standing::requirements(report))), "");
            fitted(&format!("{}: ", short(&by)), &with(Verdict::Rejected), "")
        }
        Standing::Locked => {
            let holder = report.flags.iter().find_map(|flag| flag.locked_by.as_ref());
            let by = holder.map_or_else(|| "locked: ".to_owned(), |holder| format!("locked by #{}: ", holder.pull));
            fitted(&by, &with(Verdict::Locked), "")
        }
        Standing::Pending => awaiting("awaiting ", report, about),
        Standing::Draft => awaiting("draft, nobody is asked; it needs ", report, about),
        Standing::Approved => {
            let flags = report.flags.iter().filter(|flag| flag.verdict == Verdict::Approved).count();
            let of = if flags == 0 { format!(" ({POLICY})") } else { format!(" ({})", count(flags, "flag")) };
            fitted("approved by ", &people(standing::approvers(standing::requirements(report))), &of)
        }
        Standing::NotRequired => format!("{} changed, nothing needs approval", count(report.flags.len(), "flag")),
        Standing::Nothing => "no flag changes".to_owned(),
    }
}

/// The same where nothing can be judged, since the base policy does not hold.
#[must_use]
pub fn invalid_policy_status(diagnostics: &[Diagnostic]) -> String {
    let told = invalid(diagnostics).unwrap_or_default();
    cut(&format!("the policy of the base branch does not hold: {}", told.trim_start_matches("invalid: ")))
}

const POLICY: &str = "the policy";

fn name(flag: &FlagReport) -> String {
    ascii(&id(flag))
}

fn awaiting(verb: &str, report: &Report, about: &About) -> String {
    let asks: Vec<String> = asks(report, about)
        .iter()
        .map(|ask| {
            let who = ascii(&ask.who().plain());
            let flags: Vec<String> = ask
                .policy
                .then(|| POLICY.to_owned())
                .into_iter()
                .chain(ask.flags.iter().map(|flag| name(flag)))
                .collect();
            let what = match flags.as_slice() {
                [] => String::new(),
                [one] => format!(" for {one}"),
                [first, rest @ ..] => format!(" for {first} and {} more", rest.len()),
            };
            format!("{who}{what}")
        })
        .collect();
    if asks.is_empty() { cut(&format!("pending: {}", ascii(&words::because(report)))) } else { fitted(verb, &asks, "") }
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
        let told = items.iter().take(shown).map(String::as_str).collect::<Vec<_>>().join(", ");
        let text = format!("{verb}{told}{more}{tail}");
        if text.len() <= MOST {
            return text;
        }
        if shown == 1 {
            let room = MOST.saturating_sub(verb.len() + more.len() + tail.len());
            return cut(&format!("{verb}{}{more}{tail}", clipped(&told, room)));
        }
    }
    let verb = verb.trim_end_matches([' ', ':']);
    cut(&format!("{}{tail}", verb.strip_suffix(" by").unwrap_or(verb)))
}

fn short(text: &str) -> String {
    clipped(text, NAME)
}

/// Any text as the description of a status.
#[must_use]
pub fn status_line(text: &str) -> String {
    let text = ascii(text);
    if text.trim().is_empty() { "no reason given".to_owned() } else { cut(&text) }
}

fn cut(text: &str) -> String {
    clipped(text, MOST)
}

/// Of ASCII, at most `room` characters, with dots where something is left out.
fn clipped(text: &str, room: usize) -> String {
    if text.len() <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(3)).chain("...".chars()).collect()
}

/// Text of which only printable ASCII is left, a `?` in place of each other character.
fn ascii(text: &str) -> String {
    safe::visible(text).chars().map(|c| if c.is_ascii() { c } else { '?' }).collect()
}
