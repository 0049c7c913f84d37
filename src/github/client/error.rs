//! The errors of GitHub, each with the help we know.

use crate::error::{Error, ErrorKind};

impl Error {
    /// There is no such thing, or this token may not see it (404).
    pub(in crate::github) fn missing(what: impl std::fmt::Display) -> Self {
        let help = "check the name, and that the token has access to the repository";
        Error::new(ErrorKind::Missing, format!("GitHub has no {what}, or this token may not see it"), help)
    }

    /// The token may not (401, 403), with GitHub's words.
    pub(super) fn denied(what: &str) -> Self {
        let help = "give the token the permissions that examples/workflows/countersign.yml lists";
        Error::new(ErrorKind::Denied, format!("GitHub does not allow it: {what}"), help)
    }

    /// GitHub refused this very request (422), with its words: it has no code for the limit on statuses.
    pub(super) fn refused(what: &str) -> Self {
        let full = what.contains("maximum number of statuses");
        let help = if full { "push a new commit: this one takes no more statuses" } else { "" };
        Error::new(ErrorKind::Refused, format!("GitHub refuses it: {what}"), help)
    }

    /// A limit that lasts longer than the patience of the program: until when, RFC 3339, if GitHub says so.
    pub(in crate::github) fn limited(until: Option<&str>, what: impl std::fmt::Display) -> Self {
        let (message, help) = match until {
            Some(until) => {
                (format!("GitHub's limit is used up until {until}: {what}"), format!("run it again after {until}"))
            }
            None => (format!("GitHub asks to slow down: {what}"), "run it again in a few minutes".to_owned()),
        };
        Error::new(ErrorKind::Limited, message, help)
    }

    /// No answer, or none that can be read, after several tries.
    pub(super) fn unreachable(what: impl std::fmt::Display) -> Self {
        let help = "run it again; https://www.githubstatus.com";
        Error::new(ErrorKind::Network, format!("GitHub cannot be reached: {what}"), help)
    }

    /// An answer of another shape than GitHub documents.
    pub(in crate::github) fn unexpected(what: impl std::fmt::Display) -> Self {
        let message = format!("GitHub's answer is not what its documentation says: {what}");
        Error::new(ErrorKind::Unexpected, message, "run it again, and report it if it stays")
    }

    /// Whether the same request may well succeed a little later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self.kind, ErrorKind::Limited | ErrorKind::Network | ErrorKind::Unexpected)
    }

    /// Whether the token may not see the thing, if it is there at all.
    pub(super) fn is_hidden(&self) -> bool {
        matches!(self.kind, ErrorKind::Missing | ErrorKind::Denied)
    }
}
