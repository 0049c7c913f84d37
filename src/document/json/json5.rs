//! The parts of JSON5 beyond JSON with comments (<https://spec.json5.org>): names as keys, numbers as JavaScript writes
//! them, single quotes, more escapes, and lines that go on. Its white space is JSON's here: no editor shows the rest.

use super::JsonReader;
use crate::diagnostics::lints;
use crate::diagnostics::words::shortened as shown;
use crate::document::{Data, Decimal};

impl JsonReader<'_, '_, '_, '_, '_> {
    /// A key without quotes: letters, digits, `_` and `$`.
    pub(super) fn name(&mut self) -> Option<String> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let inside = |char: char| char.is_alphanumeric() || matches!(char, '_' | '$');
        let length = rest.find(|char| !inside(char)).unwrap_or(rest.len());
        let name =
            rest.get(..length).filter(|name| !name.is_empty() && !name.starts_with(|char: char| char.is_numeric()));
        let Some(name) = name else { return self.unexpected("a key") };
        self.at += length;
        Some(name.to_owned())
    }

    /// A number: JSON's, or with a `+`, in base 16, or with nothing on one side of its point.
    pub(super) fn number5(&mut self) -> Option<Data> {
        let from = self.at;
        let rest = self.text.get(from..).unwrap_or_default();
        let part = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '+' | '-' | '_');
        let length = rest.find(|char| !part(char)).unwrap_or(rest.len());
        let text = rest.get(..length).unwrap_or_default();
        self.at += length;
        let (sign, unsigned) = match text.strip_prefix(['+', '-']) {
            Some(unsigned) => (if text.starts_with('-') { "-" } else { "" }, unsigned),
            None => ("", text),
        };
        if matches!(unsigned, "Infinity" | "NaN") {
            let message = format!("`{text}` is no value that can be compared");
            return self.refuse(lints::OUT_OF_RANGE, from, message, "write another number, or put it in quotes");
        }
        if let Some(digits) = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X"))
            && !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        {
            let value = i128::from_str_radix(digits, 16).ok();
            return self.kept(from, value.and_then(|value| Decimal::parse(&format!("{sign}{value}"))));
        }
        let (mantissa, exponent) =
            unsigned.split_once(['e', 'E']).map_or((unsigned, "0"), |(before, after)| (before, after));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let power = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let sound = digits(whole)
            && digits(fraction)
            && !(whole.is_empty() && fraction.is_empty())
            && (whole.len() < 2 || !whole.starts_with('0'))
            && !power.is_empty()
            && digits(power);
        if !sound {
            let message = format!("`{}` is no JSON5 number", shown(text));
            return self.refuse(lints::SYNTAX, from, message, "write a plain decimal number, or put it in quotes");
        }
        if text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-')) {
            return self.kept(from, Decimal::parse(text));
        }
        let or_zero = |part: &str| if part.is_empty() { "0".to_owned() } else { part.to_owned() };
        let exponent = exponent.trim_start_matches('+');
        self.kept(from, Decimal::parse(&format!("{sign}{}.{}e{exponent}", or_zero(whole), or_zero(fraction))))
    }

    /// Whether a backslash stands before a line break, which both are passed.
    pub(super) fn continues(&mut self) -> bool {
        let rest = self.bytes.get(self.at + 1..).unwrap_or_default();
        let length = match rest {
            [b'\r', b'\n', ..] => 3,
            [b'\n', ..] => 2,
            _ => 0,
        };
        self.at += length;
        length > 0
    }

    /// The character of an escape that JSON doesn't have, after its letter.
    pub(super) fn escape5(&mut self, letter: u8) -> Option<char> {
        match letter {
            b'\'' => Some('\''),
            b'v' => Some('\u{b}'),
            b'0' if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) => Some('\0'),
            b'x' => {
                let digits = self
                    .text
                    .get(self.at..self.at + 2)
                    .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
                self.at += 2;
                char::from_u32(u32::from_str_radix(digits, 16).ok()?)
            }
            _ => None,
        }
    }
}
