//! Notification: a short comment to one person about one event, the only text that mentions anyone.
//!
//! In: a [`Notice`]. Out: one line of Markdown. Its recipient is mentioned if GitHub could have given that login; all
//! else that others wrote is in code. Its caller posts it at the right time and never twice.

use super::phrases::{Phrase, ago, lifting, locked_by};
use crate::diagnostics::escape as safe;
use crate::diagnostics::words::{capital, short};
use crate::report::Freed;

/// A notification.
#[derive(Clone, Debug)]
pub struct Notice {
    /// The recipients: the requestor, who gave a command, or the approvers of a flag; logins and `org/team`.
    pub to: Vec<String>,
    pub said: NoticeCause,
}

/// The event that a notification is about. Flags are named as `project/key`.
#[derive(Clone, Debug)]
pub enum NoticeCause {
    /// Somebody approved; `still` names the pending reviewers after that, as in "1 of @acme/payments".
    Approved { by: String, flags: Vec<String>, still: Vec<String> },
    /// Somebody rejected.
    Rejected { by: String, flags: Vec<String> },
    /// Another pull request holds the lock.
    Locked { flag: String, pull: u64, requestor: String, days: i64 },
    /// Flags are switched off, or restored, for which the policy asks nobody's approval.
    Freed { how: Freed, flags: Vec<String>, by: String },
    /// Admins overrode the approvals of the content with this digest.
    Overridden { by: Vec<String>, flags: Vec<String>, digest: String, reason: String },
    /// Admins broke the glass for the content with this digest, which has to be approved by `due`.
    GlassBroken { by: Vec<String>, flags: Vec<String>, digest: String, reason: String, due: String },
    /// A command was done; `what` is its effect, in our own words and without a full stop.
    Done { command: String, what: String },
    /// A command that the person may not give.
    NotAllowed { command: String, why: String },
    /// A command that is not understood, and how to write it.
    Mistaken { command: String, why: String, instead: String },
}

/// Flags and people that are named.
const NAMED: usize = 5;

/// Characters of a reason or a command.
const LONGEST: usize = 400;

/// The comment.
#[must_use]
pub fn notice(notice: &Notice) -> String {
    let (gist, rest) = written(notice);
    safe::disarmed(format!("{} {gist}{rest}\n", mentions(&notice.to)))
}

/// The people that a notification mentions, and the part of it that is the same whenever it is written; the rest may
/// change from day to day.
#[must_use]
pub fn notice_gist(notice: &Notice) -> (String, String) {
    let gist = match &notice.said {
        NoticeCause::Done { command, .. }
        | NoticeCause::NotAllowed { command, .. }
        | NoticeCause::Mistaken { command, .. } => safe::code(&safe::cut(command, LONGEST)),
        NoticeCause::Approved { .. }
        | NoticeCause::Rejected { .. }
        | NoticeCause::Locked { .. }
        | NoticeCause::Freed { .. }
        | NoticeCause::Overridden { .. }
        | NoticeCause::GlassBroken { .. } => written(notice).0,
    };
    (mentions(&notice.to), safe::disarmed(gist))
}

/// The text of a notification, and the text that only accompanies it.
fn written(notice: &Notice) -> (String, String) {
    let some = |values: &[String]| Phrase::default().some(values, " and ", NAMED).markdown();
    let one = |value: &str| safe::code(&safe::cut(value, LONGEST));
    let whole = |text: String| (text, String::new());
    match &notice.said {
        NoticeCause::Approved { by, flags, still } => {
            let rest = if still.is_empty() {
                "No more approvals are needed for that.".to_owned()
            } else {
                format!("Pending reviewers: {}.", some(still))
            };
            (format!("✅ {} approved ", one(by)), format!("{}. {rest}", some(flags)))
        }
        NoticeCause::Rejected { by, flags } => {
            let how = capital(&lifting(std::slice::from_ref(by)).markdown());
            (format!("❌ {} rejected ", one(by)), format!("{}. {how}.", some(flags)))
        }
        NoticeCause::Locked { flag, pull, requestor, days } => {
            let rest = format!(
                " requested by {}, {}. This pull request is reviewed again as soon as that one is merged, closed or \
                 made a draft.",
                one(requestor),
                ago(*days)
            );
            (format!("🔒 {} is {},", one(flag), locked_by(*pull)), rest)
        }
        NoticeCause::Freed { how, flags, by } => {
            let what = match how {
                Freed::SwitchOff => format!("🔌 **{} switches {} off**", one(by), some(flags)),
                Freed::Restore => format!("🔁 **{} switches {} on, exactly as last live,**", one(by), some(flags)),
            };
            whole(format!(
                "{what} with this pull request. That waits for nobody: the approvers of other changes of it are \
                 notified instead."
            ))
        }
        NoticeCause::Overridden { by, flags, digest, reason } => whole(format!(
            "🚨 **{} overrode the approvals of {}**, digest {}. Their reason: {}",
            some(by),
            some(flags),
            one(short(digest)),
            one(reason)
        )),
        NoticeCause::GlassBroken { by, flags, digest, reason, due } => whole(format!(
            "🚨 **{} broke the glass for {}**, digest {}. Their reason: {} This is a debt: somebody who may approve it, \
             did not write it and did not break the glass has to approve exactly this here by {}, also after the \
             merge.",
            some(by),
            some(flags),
            one(short(digest)),
            one(reason),
            one(due)
        )),
        NoticeCause::Done { command, what } => whole(format!("✅ {}: {}.", one(command), safe::prose(what))),
        NoticeCause::NotAllowed { command, why } => {
            whole(format!("⛔ {} is not done: {}.", one(command), safe::prose(why)))
        }
        NoticeCause::Mistaken { command, why, instead } => {
            whole(format!("❓ {} is not understood: {}; {}.", one(command), safe::prose(why), safe::prose(instead)))
        }
    }
}

/// Each recipient, mentioned.
fn mentions(names: &[String]) -> String {
    names.iter().map(|name| mention(name)).collect::<Vec<_>>().join(" ")
}

/// `@login` or `@org/team`, if GitHub could have given it; anything else mentions nobody.
fn mention(login: &str) -> String {
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let part = |part: &str| !part.is_empty() && part.chars().all(letters) && !part.starts_with(['-', '_']);
    let plain = login.len() <= 100 && login.split('/').count() <= 2 && login.split('/').all(part);
    if plain { format!("@{login}") } else { safe::code(&safe::cut(login, 100)) }
}
