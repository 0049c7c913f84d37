//! The GitHub room: everything that knows GitHub, from an event to the actions on a pull request.
//!
//! In: events, comments and facts of GitHub as plain data. Out: actions: a status, a comment, review requests,
//! notifications, annotations. It refuses events whose workflow a proposal could have written, since whoever writes the
//! workflow writes the verdict. Not taken: deciding while asking; an answer that was not fetched then looks like a
//! thing that is not there.
//!
//! The flow goes one way: [`event`] (or [`command`]) → [`runner`] → [`client`] → [`facts`] → [`judge`] (with
//! [`objects`], [`record`], [`locks`] and [`evidence`]) → [`actions`]. [`fingerprint`] is what one run leaves for the
//! next. [`audit`] and [`doctor`] stand next to it and change nothing; [`kept_comment`] is for comments that decide
//! nothing.

pub mod actions;
pub mod audit;
pub mod client;
pub mod command;
pub mod doctor;
pub mod event;
pub mod evidence;
pub mod facts;
pub mod fingerprint;
pub mod judge;
pub mod kept_comment;
pub mod locks;
pub mod objects;
pub mod record;
pub mod runner;

/// Whether a string is the full name of an object, in a SHA-1 or a SHA-256 repository.
pub(crate) fn is_oid(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
