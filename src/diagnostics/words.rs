//! Small forms of words that messages and outputs share: numbers with their noun, hex digits, a name in backticks.
//!
//! In: numbers and strings. Out: visible text, except of [`capital`] and [`counted`], which take our own words. It
//! refuses nothing. Not taken: a form of its own in each room, of which the second one differed.

use std::fmt::Display;

use super::escape::visible;

/// "1 day", "2 days".
#[must_use]
pub fn counted(number: impl TryInto<u64> + Display + Copy, noun: &str) -> String {
    let one = number.try_into().is_ok_and(|number| number == 1);
    format!("{number} {noun}{}", if one { "" } else { "s" })
}

/// " and 3 more" behind the first of a list; nothing if there are no more.
#[must_use]
pub fn and_more(left: usize) -> String {
    if left > 0 { format!(" and {left} more") } else { String::new() }
}

/// A sentence with its first letter in upper case.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Bytes as hex digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first eight digits of a digest or commit, by which people name it.
#[must_use]
pub fn short(digest: &str) -> &str {
    digest.get(..8).unwrap_or(digest)
}

/// A string in double quotes as JSON, and YAML, writes it.
#[must_use]
pub fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Characters of somebody's string that are shown of it.
const SHOWN: usize = 60;

/// The first 60 characters of a string on one line, with nothing in it that cannot be seen.
#[must_use]
pub fn shortened(text: &str) -> String {
    let mut chars = text.chars();
    // `escape_debug` leaves letters and emoji alone; quotes and backslashes need no escape between backticks.
    let seen = |char: char| match char {
        '"' | '\'' | '\\' => char.to_string(),
        _ => char.escape_debug().to_string(),
    };
    let short: String = chars.by_ref().take(SHOWN).map(seen).collect();
    let short = visible(&short);
    if chars.next().is_some() { short + "…" } else { short }
}

/// A shortened string in backticks, of which it has none itself.
#[must_use]
pub fn in_backticks(text: &str) -> String {
    format!("`{}`", shortened(&text.replace('`', "'")))
}

/// All of a string in backticks, of which it has none itself.
#[must_use]
pub fn whole_in_backticks(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}

/// Names in backticks, with commas between them.
#[must_use]
pub fn listed_in_backticks(names: &[&str]) -> String {
    names.iter().map(|name| whole_in_backticks(name)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert_eq!([counted(1, "flag"), counted(0, "flag")], ["1 flag", "0 flags"]);
        assert_eq!([and_more(0), and_more(2)], ["", " and 2 more"]);
        assert_eq!([capital("élan"), capital("")], ["Élan", ""]);
        assert_eq!(hex(&[0, 0xAF]), "00af");
        assert_eq!([short("0123456789"), short("01é")], ["01234567", "01é"]);
        assert_eq!(in_backticks("##[group]"), "`##\\u{5b}group]`");
        assert_eq!(listed_in_backticks(&["a`b", "c"]), "`a'b`, `c`");
        assert_eq!(in_backticks("a`b\n\"c\\"), "`a'b\\n\"c\\`");
        assert_eq!(shortened(&"x".repeat(61)), format!("{}…", "x".repeat(60)));
    }
}
