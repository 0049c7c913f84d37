//! A token, and keeping it to ourselves.
//!
//! In: the token, and texts that may quote it. Out: the one header it is sent in, and those texts without it. It shows
//! itself as `[token]` wherever it is printed, and refuses what would break out of a header. Not taken: hiding whatever
//! looks like a token, which takes harmless words away and misses the next kind of token.

use std::fmt;

/// What stands where a token was.
const HIDDEN: &str = "[token]";

/// What lets us in somewhere. Nothing prints it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Nothing if it is empty or has anything in it but visible ASCII: a line break would start another header.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let visible = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        visible.then(|| Token(text.to_owned()))
    }

    /// The token itself, for the one who sends it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// User and password as HTTP wants them, with the user a forge expects beside a token.
    #[must_use]
    pub fn basic(&self) -> String {
        base64(format!("x-access-token:{}", self.0).as_bytes())
    }

    /// A text of somebody else's without the token, plain or as it is sent.
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

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let digit = DIGITS.get((bits >> shift & 63) as usize).copied().unwrap_or(b'=');
            text.push(char::from(if at <= three.len() { digit } else { b'=' }));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of RFC 4648, section 10.
    #[test]
    fn base64_is_the_standard_one() {
        let table =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")];
        for (bytes, text) in table {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }

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
