//! The one error of the program: something outside of the files under review failed.
//!
//! In: what failed and what to do about it. Out: an [`Error`], whose kind decides how the program ends and whether
//! trying again may help. It refuses to stand for an error in somebody's file, which is a
//! [`Diagnostic`](crate::diagnostics::Diagnostic) with a place. Not taken: an error type a room, which every caller
//! then has to translate into the next.

use std::fmt;
use std::path::Path;

/// Which part of the outside failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorKind {
    /// Somebody named a thing that is not there or cannot be used, on the command line or in a comment.
    Usage,
    /// There is no policy to judge by, or an invalid one.
    Policy,
    /// A managed file has an error.
    Invalid,
    /// Git, the disk or the runner failed.
    Outside,
    /// The clone is shallow, and what is needed is beyond the end of its history.
    CutOff,
    /// The server has no such thing, or the token may not see it (404).
    Missing,
    /// The token may not (401, 403).
    Denied,
    /// The key is not taken at all, so that nothing else will be answered.
    Unauthorised,
    /// GitHub refused this very request (422).
    Refused,
    /// A limit of GitHub's that lasts longer than the patience of the program.
    Limited,
    /// No answer of the network, or none that can be read, after several tries.
    Network,
    /// An answer of another shape than GitHub documents.
    Unexpected,
    /// More of something than a budget allows: where a proposal is compared, it is invalid.
    OverBudget,
}

impl ErrorKind {
    /// Whether one answer was no use, and the next question may be answered all the same.
    #[must_use]
    pub fn is_of_an_answer(self) -> bool {
        matches!(self, ErrorKind::Denied | ErrorKind::Refused | ErrorKind::Unexpected)
    }
}

/// Why something could not be done, and what to do about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error {
    pub kind: ErrorKind,
    /// The message; lower case, no full stop.
    pub message: String,
    /// The remedy, as one imperative sentence; empty if there is nothing to advise.
    pub help: String,
}

impl Error {
    pub fn new(kind: ErrorKind, message: impl Into<String>, help: impl Into<String>) -> Self {
        Error { kind, message: message.into(), help: help.into() }
    }

    /// The caller named something that is not there or cannot be used.
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Error::new(ErrorKind::Usage, message, help)
    }

    /// Git, the disk or the runner failed.
    pub fn outside(message: impl Into<String>, help: impl Into<String>) -> Self {
        Error::new(ErrorKind::Outside, message, help)
    }

    /// A file of the disk that cannot be read or written.
    pub fn file(doing: &str, path: &Path, error: &std::io::Error) -> Self {
        let message = format!("cannot {doing} `{}`: {error}", path.display());
        Error::outside(message, "check that it is there and that you may")
    }

    /// Whether the caller named something wrong.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        self.kind == ErrorKind::Usage
    }

    /// The error where nobody named anything: a commit that GitHub named and git does not have is no usage error.
    #[must_use]
    pub fn not_usage(self) -> Self {
        let kind = if self.kind == ErrorKind::Usage { ErrorKind::Outside } else { self.kind };
        Error { kind, ..self }
    }

    /// The error with the place it happened at before its message.
    #[must_use]
    pub fn at(self, place: impl fmt::Display) -> Self {
        Error { message: format!("{place}: {}", self.message), ..self }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)?;
        if self.help.is_empty() { Ok(()) } else { write!(out, ": {}", self.help) }
    }
}

impl std::error::Error for Error {}

/// Another library's error and what caused it, each once.
pub fn causes(error: Option<&dyn std::error::Error>) -> String {
    let mut words: Vec<String> =
        std::iter::successors(error, |error| error.source()).map(ToString::to_string).collect();
    words.dedup();
    words.join(": ")
}
