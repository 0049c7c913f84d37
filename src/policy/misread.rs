//! Misreads: the reason why a word of the policy cannot be read, before it has a place.

use std::fmt;

/// The message and remedy of a diagnostic whose place the caller knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Misread {
    /// The message: what is there and what was expected; lower case, no full stop.
    pub message: String,
    /// The remedy, as one imperative sentence.
    pub remedy: String,
}

impl Misread {
    pub(super) fn new(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Misread { message: message.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Misread> for String {
    fn from(misread: Misread) -> String {
        misread.message
    }
}
