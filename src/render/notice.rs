//! The short comments that tell one person, once, what has happened. They are the only text that mentions anyone.
//!
//! In: a [`Notice`]. Out: one or two lines of Markdown. Whom it tells is mentioned if that is a login that GitHub could
//! have; all else that others wrote stands in code. When to say it, and never twice, is up to whoever posts it.

use super::phrase::Phrase;
use super::words::markdown as md;
use crate::diagnostics::escape as safe;

/// Something somebody has to be told.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Login of whom it tells: the requestor, or who gave a command.
    pub to: String,
    pub said: Said,
}

/// What there is to tell. Flags are told as `project/key`.
#[derive(Clone, Debug)]
pub enum Said {
    /// Somebody approved; `still` says who is awaited after that, as in "1 of @acme/payments".
    Approved { by: String, flags: Vec<String>, still: Vec<String> },
    /// Somebody rejected.
    Rejected { by: String, flags: Vec<String> },
    /// Another pull request asked first.
    Locked { flag: String, pull: u64, requestor: String, days: i64 },
    /// Admins overrode the approvals of what has this digest.
    Overridden { by: Vec<String>, flags: Vec<String>, digest: String, reason: String },
    /// A command was done; `what` says what, in our own words and without a full stop.
    Done { command: String, what: String },
    /// A command that this person may not give.
    NotAllowed { command: String, why: String },
    /// A command that makes no sense, and how to write it.
    Mistaken { command: String, why: String, instead: String },
}

/// Flags and people that are named.
const NAMED: usize = 5;

/// Characters of a reason or a command.
const LONGEST: usize = 400;

/// The comment.
#[must_use]
pub fn notice(notice: &Notice) -> String {
    let some = |values: &[String]| md(&Phrase::default().some(values, " and ", NAMED));
    let one = |value: &str| safe::code(&safe::cut(value, LONGEST));
    let text = match &notice.said {
        Said::Approved { by, flags, still } => {
            let rest = if still.is_empty() {
                "Nobody else is awaited for that.".to_owned()
            } else {
                format!("Still awaited: {}.", some(still))
            };
            format!("✅ {} approved {}. {rest}", one(by), some(flags))
        }
        Said::Rejected { by, flags } => {
            let by = one(by);
            format!("❌ {by} rejected {}. Change what was rejected, or ask {by} to approve instead.", some(flags))
        }
        Said::Locked { flag, pull, requestor, days } => {
            let since = match days {
                i64::MIN..=0 => "today".to_owned(),
                1 => "1 day ago".to_owned(),
                days => format!("{days} days ago"),
            };
            format!(
                "🔒 {} is locked by #{pull}, requested by {}, {since}. This one is looked at again as soon as that one is \
                 merged, closed or made a draft.",
                one(flag),
                one(requestor)
            )
        }
        Said::Overridden { by, flags, digest, reason } => format!(
            "🚨 **{} overrode the approvals of {}**, digest {}. Their reason: {}",
            some(by),
            some(flags),
            one(super::words::short(digest)),
            one(reason)
        ),
        Said::Done { command, what } => format!("✅ {}: {}.", one(command), safe::prose(what)),
        Said::NotAllowed { command, why } => format!("⛔ {} is not done: {}.", one(command), safe::prose(why)),
        Said::Mistaken { command, why, instead } => {
            format!("❓ {} is not understood: {}. Write {}.", one(command), safe::prose(why), one(instead))
        }
    };
    safe::disarmed(format!("{} {text}\n", mention(&notice.to)))
}

/// `@login`, if GitHub could have given it; anything else mentions nobody.
fn mention(login: &str) -> String {
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let plain = !login.is_empty() && login.len() <= 100 && login.chars().all(letters) && !login.starts_with(['-', '_']);
    if plain { format!("@{login}") } else { safe::code(&safe::cut(login, 100)) }
}
