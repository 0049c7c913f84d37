//! Quoted strings, one line at a time.

use crate::document::yaml::characters;

/// The part of a quoted string that was read.
pub(super) struct Quoted {
    quote: u8,
    said: String,
    /// Whether an escape put characters into it that the text of the file doesn't have.
    escaped: bool,
}

impl Quoted {
    /// The string whose quote stands at this byte.
    pub fn open(text: &str, at: usize) -> Option<Self> {
        let quote = *text.as_bytes().get(at)?;
        Some(Quoted { quote, said: String::new(), escaped: false })
    }

    /// Takes what stands from this byte to the closing quote, or to the end of the line. Where it closes, if it does;
    /// nothing at all if it leaves the profile.
    pub fn part(&mut self, text: &str, mut at: usize) -> Option<Option<usize>> {
        let bytes = text.as_bytes();
        loop {
            let rest = bytes.get(at..)?;
            let found =
                if self.quote == b'"' { memchr::memchr2(b'"', b'\\', rest) } else { memchr::memchr(b'\'', rest) };
            let Some(length) = found else {
                self.said.push_str(text.get(at..)?);
                return Some(None);
            };
            self.said.push_str(text.get(at..at + length)?);
            at += length;
            if bytes.get(at) == Some(&b'\\') {
                let (char, length) = escape(text.get(at + 1..)?)?;
                self.said.push(char);
                self.escaped = true;
                at += 1 + length;
            } else if self.quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') {
                self.said.push('\'');
                at += 2;
            } else {
                return Some(Some(at + 1));
            }
        }
    }

    /// Whether a line goes on with what readers differ in: a quote, a backslash or a tab.
    pub fn is_special(&self, text: &str, at: usize) -> bool {
        let byte = text.as_bytes().get(at);
        byte.is_none_or(|byte| *byte == self.quote || *byte == b'\t' || *byte == b'\\' && self.quote == b'"')
    }

    /// Folds the line break, with so many empty lines after it.
    pub fn fold(&mut self, blank: usize) {
        match blank {
            0 => self.said.push(' '),
            _ => self.said.extend(std::iter::repeat_n('\n', blank)),
        }
    }

    /// The string as a value.
    pub fn value(self) -> Option<String> {
        let sound = !self.escaped || characters::refused(&self.said).next().is_none();
        sound.then_some(self.said)
    }

    /// The string as a key.
    pub fn key(self) -> Option<String> {
        let said = self.value()?;
        (said != "<<" && !said.contains(['\n', '\t'])).then_some(said)
    }
}

/// The character of the escape after a backslash, and how long that is.
pub fn escape(rest: &str) -> Option<(char, usize)> {
    let digits = match rest.bytes().next()? {
        byte @ (b'"' | b'\\') => return Some((char::from(byte), 1)),
        b'n' => return Some(('\n', 1)),
        b't' => return Some(('\t', 1)),
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        _ => return None,
    };
    let code = rest.get(1..=digits).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    Some((char::from_u32(u32::from_str_radix(code, 16).ok()?)?, 1 + digits))
}
