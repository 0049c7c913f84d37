//! A token that nothing prints.
//!
//! In: the token, and messages that may quote it. Out: the one header it is sent in, and those messages without it. It
//! refuses characters that would break out of a header. Not taken: hiding everything that looks like a token, which
//! takes harmless words away and misses the next kind of token.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The replacement of a token in messages.
const HIDDEN: &str = "[token]";

/// A token. Wherever it is printed, it is `[token]`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// None if it is empty or has other characters than visible ASCII: a line break would start another header.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let visible = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        visible.then(|| Token(text.to_owned()))
    }

    /// The token itself, to be sent.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The basic authentication of HTTP, with the user name that GitHub expects for a token.
    #[must_use]
    pub fn basic(&self) -> String {
        STANDARD.encode(format!("x-access-token:{}", self.0))
    }

    /// A message without the token, plain or as it is sent.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        text.replace(&self.basic(), HIDDEN).replace(&self.0, HIDDEN)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(HIDDEN)
    }
}

impl fmt::Display for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(HIDDEN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_prints_a_token() {
        let token = Token::new("ghs_abc123").unwrap();
        let said = format!("denied ghs_abc123, sent {}, {token} {token:?}", token.basic());
        assert_eq!(token.scrub(&said), "denied [token], sent [token], [token] [token]");
        for text in ["", "a b", "a\nX-Other: b", "a\r", "ä", "\u{7f}"] {
            assert_eq!(Token::new(text), None, "{text:?}");
        }
    }
}
