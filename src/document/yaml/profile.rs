//! The closed profile of YAML: the language of flag files and of the policy, and their one reader.
//!
//! 1. A file is UTF-8 with LF or CRLF and holds one map, list or value in the first column; `---` may stand before it
//!    and `...` after it.
//! 2. A block map has lines of `key: value` in one column, a block list lines of `- value`. Nothing after `key:` is
//!    null.
//! 3. A value stands in its line, or below it, deeper; a list may stand in the column of its key, right under it.
//! 4. A flow collection is `{key: value, …}` or `[value, …]`, with a comma at its end or not, over lines or not.
//! 5. A quoted string doubles `'` in single quotes, and in double quotes has `\"`, `\\`, `\/`, `\n`, `\t`, `\x`, `\u`
//!    and `\U`.
//! 6. Every line inside quotes or brackets is deeper than the key or dash they belong to, and none is in the first
//!    column.
//! 7. A block scalar has the header `|`, `|-`, `>` or `>-`, and no line of it ends in a space or a tab.
//! 8. Without quotes stand `true`, `false`, `null`, a decimal of at most 15 digits (`-1.50`; no exponent, no `+`, no
//!    zero in front, no `-0`), a date (`2026-11-23`), a date-time with its zone (`2026-11-23T09:00:00Z`), a span of
//!    time (`14d`; d, h, m, s, w), and words.
//! 9. A word starts with a letter, has letters, digits, single spaces and the signs `_ - . / + * @ % & ! ' ( ) = $ ;`,
//!    outside of brackets also `, ? " < > [ ]`, and `:` before a letter, a digit or `/`. It doesn't end in `-` and is,
//!    in any case, none of `y n yes no on off nan inf infinity`, no other case of `true false null`, and no `e` with
//!    digits. A key has no `:`, `, ? " < > [ ]`.
//! 10. No key stands twice in a map. There are no anchors, aliases, merges, tags, directives, complex keys or tabs as
//!     white space.
//!
//! **In**: a string whose characters were let through. **Out**: its tree, with places; or where it leaves the profile,
//! and `explain` says why. **Not taken**: a list of what readers differ in, which grew with every reader that was
//! tried. These forms were read alike by all of about twenty readers in eight languages; a few forms are left out
//! because one of them differed, and a comment says so.

mod block;
mod quoted;
mod reader;
mod value;

pub use quoted::escape;
pub use reader::{cuts_dots, read};

use crate::document::{Data, Decimal};

/// The longest key, in bytes: some readers give up looking for the colon.
pub const LONGEST_KEY: usize = 200;
/// How many digits every reader keeps, floats of 64 bits included.
const MOST_DIGITS: usize = 15;

/// Words that YAML 1.1, or a reader's number parser, takes for something else.
const RESERVED: [&str; 12] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"];

/// Where a scalar without quotes stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScalarSite {
    /// A value in no bracket.
    Block,
    /// A value in brackets; whether it may hold a colon. Not in a list that stands in a map: a reader of Go's finds a
    /// map in the list of `{a: [b:c]}`.
    Flow { colon: bool },
    /// A key in no bracket.
    Key,
    /// A key in braces: no spaces, because a reader of PHP's cuts it off there.
    FlowKey,
}

/// A line of YAML that serde wrote (`- value`, `key: value`, `key:`), with quotes around a key or a value that is
/// outside of the profile without them.
#[must_use]
pub fn quoted_line(line: &str) -> String {
    let content = line.trim_start_matches(' ');
    let (indent, _) = line.split_at(line.len() - content.len());
    let (dash, content) = content.strip_prefix("- ").map_or(("", content), |rest| ("- ", rest));
    if content.starts_with(['"', '\'']) {
        return line.to_owned();
    }
    let quoted = |text: &str, site| {
        let stays = text.starts_with(['"', '\'', '[', '{']) || unquoted(text, site).is_some();
        if stays { text.to_owned() } else { crate::diagnostics::words::json_string(text) }
    };
    match content.strip_suffix(':').map(|key| (key, "")).or_else(|| content.split_once(": ")) {
        Some((key, "")) => format!("{indent}{dash}{}:", quoted(key, ScalarSite::Key)),
        Some((key, value)) => {
            format!("{indent}{dash}{}: {}", quoted(key, ScalarSite::Key), quoted(value, ScalarSite::Block))
        }
        None => format!("{indent}{dash}{}", quoted(content, ScalarSite::Block)),
    }
}

/// The value of a scalar written without quotes, if it is in the profile.
#[must_use]
pub fn unquoted(text: &str, site: ScalarSite) -> Option<Data> {
    let length = length(text, site)?;
    let (said, rest) = text.split_at_checked(length)?;
    if rest.is_empty() { scalar(said, site) } else { None }
}

/// The value of the scalar that takes up all of `text`, whose characters are allowed at this site.
fn scalar(text: &str, site: ScalarSite) -> Option<Data> {
    let is_key = matches!(site, ScalarSite::Key | ScalarSite::FlowKey);
    if !text.as_bytes().first()?.is_ascii_digit() && !text.starts_with('-') {
        return match text {
            _ if is_key => is_word(text).then(|| Data::Text(text.to_owned())),
            "true" => Some(Data::Bool(true)),
            "false" => Some(Data::Bool(false)),
            "null" => Some(Data::Null),
            _ => is_word(text).then(|| Data::Text(text.to_owned())),
        };
    }
    if is_key {
        None
    } else if is_decimal(text) {
        Decimal::parse(text).map(Data::Number)
    } else {
        (is_span(text) || is_date(text)).then(|| Data::Text(text.to_owned()))
    }
}

/// How long the scalar without quotes is that `text` starts with. `None` if it leaves the profile.
fn length(text: &str, site: ScalarSite) -> Option<usize> {
    let bytes = text.as_bytes();
    let colons = matches!(site, ScalarSite::Block | ScalarSite::Flow { colon: true });
    if matches!(bytes.first()?, b'0'..=b'9' | b'-') {
        let number = |byte: &&u8| {
            matches!(**byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'T' | b'Z' | b'd' | b'h' | b'm' | b's' | b'w')
                || **byte == b':' && colons
        };
        return Some(bytes.iter().take_while(number).count());
    }
    if !text.starts_with(char::is_alphabetic) {
        return None;
    }
    let flow = !matches!(site, ScalarSite::Block | ScalarSite::Key);
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'/' => {}
            b'+' | b'*' | b'@' | b'%' | b'&' | b'!' | b'\'' | b'(' | b')' | b'=' | b'$' | b';' => {}
            b' ' => match bytes.get(spaces(text, at)) {
                None | Some(b'#') => return Some(at),
                Some(b',' | b']' | b'}') if flow => return Some(at),
                Some(b':') if matches!(site, ScalarSite::Key | ScalarSite::FlowKey) => return Some(at),
                _ if site == ScalarSite::FlowKey || bytes.get(at + 1) == Some(&b' ') => return None,
                _ => {}
            },
            b',' | b'?' | b'"' | b'<' | b'>' | b'[' | b']' if site == ScalarSite::Block => {}
            b',' | b']' | b'}' if flow => return Some(at),
            b':' if matches!(site, ScalarSite::Key | ScalarSite::FlowKey) => return Some(at),
            b':' if colons && matches!(bytes.get(at + 1), Some(b'/' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z')) => {}
            128.. => {
                let char = text.get(at..)?.chars().next().filter(|char| char.is_alphanumeric())?;
                at += char.len_utf8() - 1;
            }
            _ => return None,
        }
        at += 1;
    }
    Some(at)
}

/// Whether a string of allowed characters that starts with a letter is a string to every reader.
fn is_word(text: &str) -> bool {
    // The npm package `yaml` makes NaN of `e3` and `E-2` when it reads YAML 1.1.
    let exponent = || {
        let digits = text.strip_prefix(['e', 'E']).unwrap_or_default();
        let digits = digits.strip_prefix(['+', '-']).unwrap_or(digits);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let reserved = || text.len() <= 8 && RESERVED.iter().any(|word| text.eq_ignore_ascii_case(word));
    !(text.ends_with('-') || reserved() || exponent())
}

/// Whether it is a decimal as everybody writes one: `-1.50`, and not `+1`, `01`, `1.`, `1e3` or `-0`.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "1"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && digits(fraction)
        && (whole == "0" || !whole.starts_with('0'))
        && unsigned.bytes().filter(u8::is_ascii_digit).count() <= MOST_DIGITS
        && (unsigned.len() == text.len() || unsigned.bytes().any(|byte| matches!(byte, b'1'..=b'9')))
}

/// Whether it is a number of days, hours, minutes, seconds or weeks.
fn is_span(text: &str) -> bool {
    let number = text.strip_suffix(['d', 'h', 'm', 's', 'w']).unwrap_or_default();
    !number.is_empty() && !number.starts_with('0') && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it is a day of the calendar, or a second of one with its zone and perhaps its milliseconds.
fn is_date(text: &str) -> bool {
    let shape = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text
                .bytes()
                .zip(shape.bytes())
                .all(|(byte, want)| if want == b'0' { byte.is_ascii_digit() } else { byte == want })
    };
    let Some(day) = text.get(..10).filter(|day| shape(day, "0000-00-00") && !day.starts_with("0000")) else {
        return false;
    };
    let exact = chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").is_ok();
    let Some(time) = text.get(10..).filter(|time| !time.is_empty()) else { return exact };
    let Some((clock, zone)) = time.split_at_checked(9) else { return false };
    let zone = zone.get(4..).filter(|_| zone.get(..4).is_some_and(|part| shape(part, ".000"))).unwrap_or(zone);
    let zoned = zone == "Z" || shape(zone, "+00:00") || shape(zone, "-00:00");
    let fields =
        |text: &str| text.split([':', 'T', '+', '-']).filter_map(|part| part.parse::<u32>().ok()).collect::<Vec<_>>();
    let below = |fields: &[u32]| fields.iter().enumerate().all(|(at, field)| *field < if at == 0 { 24 } else { 60 });
    exact && shape(clock, "T00:00:00") && zoned && below(&fields(clock)) && below(&fields(zone.trim_end_matches('Z')))
}

/// Where the spaces end that may stand here.
fn spaces(text: &str, at: usize) -> usize {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| **byte == b' ').count()
}

/// Whether nothing but a comment is left of a line.
fn ends(text: &str, after: usize) -> bool {
    let at = spaces(text, after);
    match text.as_bytes().get(at) {
        None => true,
        Some(byte) => *byte == b'#' && at > after,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_serde_in_the_profile() {
        let cases = [
            ("version: 1", "version: 1"),
            ("admins: []", "admins: []"),
            ("  checkout:", "  checkout:"),
            ("  2026:", "  \"2026\":"),
            ("  'no':", "  'no':"),
            ("- flags/checkout/**", "- flags/checkout/**"),
            ("    - .github/**", "    - \".github/**\""),
            ("- '**/a'", "- '**/a'"),
            ("name: a: b", "name: \"a: b\""),
        ];
        for (written, line) in cases {
            assert_eq!(quoted_line(written), line);
        }
    }
}
