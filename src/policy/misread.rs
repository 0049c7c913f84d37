//! Misreads: the reason why a word of the policy cannot be read, before it has a place.

use std::fmt;

/// The message and remedy of a diagnostic whose place the caller knows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Misread {
    /// What is there and what was expected; lower case, no full stop.
    pub message: String,
    /// What to do, as one imperative sentence.
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

/// A string in backticks, short, with nothing in it that cannot be seen.
pub(super) fn shown(text: &str) -> String {
    let mut chars = text.chars();
    let short: String = chars.by_ref().take(60).flat_map(visible).collect();
    let rest = if chars.next().is_some() { "…" } else { "" };
    format!("`{short}{rest}`")
}

fn visible(char: char) -> impl Iterator<Item = char> {
    // `escape_debug` leaves letters and emoji alone; quotes and backslashes need no escape between backticks.
    let plain = matches!(char, '\'' | '"' | '\\');
    let escaped = (!plain).then(|| char.escape_debug());
    escaped.into_iter().flatten().chain(plain.then_some(char))
}
