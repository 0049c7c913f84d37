//! The gate: from what the forge says about a proposal to what has to be said and done there.
//!
//! In: events, comments and facts of the forge as plain data. Out: what has to be looked at, and what to post. It refuses
//! events whose workflow a proposal could have written, since whoever writes the workflow writes the verdict. Not taken:
//! deciding while asking, as gates of this kind mostly do; what was not fetched then looks like what is not there.

pub mod audit;
pub mod client;
pub mod command;
pub mod competing;
pub mod doctor;
pub mod dry_run;
pub mod event;
pub mod evidence;
pub mod facts;
pub mod fingerprint;
pub mod judge;
pub mod locks;
pub mod notices;
pub mod plan;
pub mod record;
mod remembered;
pub mod runner;

use crate::render;

/// Somebody's text in backticks: short, in one line, with nothing in it that hides or ends the span.
fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut chars = text.chars();
    let short: String = chars.by_ref().take(LONGEST).map(|char| if char == '`' { '\'' } else { char }).collect();
    let rest = if chars.next().is_some() { "…" } else { "" };
    format!("`{}{rest}`", render::plain(&short))
}

/// Whether a text is the full name of an object, in a SHA-1 or a SHA-256 repository.
pub(crate) fn is_oid(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
