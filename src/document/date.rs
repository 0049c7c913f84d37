//! Dates as flag files have them: a day, `2026-11-23`, or a second with its zone, `2026-11-23T09:00:00Z`.
//!
//! In: a string. Out: its instant. One grammar: [`pattern`] in the schema admits exactly what [`instant`] reads, and a
//! test holds them together. Refuses: a time without a zone, which is local time to JavaScript and an error to Go; and
//! forms that one of them does not read (a small `t` or `z`, a space, a leap second, years before 1000). Not taken: all
//! of RFC 3339.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

/// The instant of a date. A day is its first second in UTC.
#[must_use]
pub fn instant(text: &str) -> Option<DateTime<Utc>> {
    let (day, time) = text.split_at_checked(10)?;
    if !like(day, "0000-00-00") || day.starts_with('0') {
        return None;
    }
    if time.is_empty() {
        return Some(NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN).and_utc());
    }
    let (clock, rest) = time.split_at_checked(9)?;
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|char: char| char.is_ascii_digit()),
        None => rest,
    };
    let digits = rest.len() - zone.len();
    let zoned = zone == "Z" || like(zone, "+00:00") || like(zone, "-00:00");
    // A leap second.
    let last = clock.ends_with(":60");
    if !(like(clock, "T00:00:00") && !last && zoned && digits != 1 && digits <= 10) {
        return None;
    }
    DateTime::parse_from_rfc3339(text).ok().map(|exact| exact.to_utc())
}

/// An instant as [`instant`] reads it, to the second.
#[must_use]
pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Whether a string has digits where `form` has zeros, and is the same everywhere else.
fn like(text: &str, form: &str) -> bool {
    let same = |(byte, want): (u8, u8)| if want == b'0' { byte.is_ascii_digit() } else { byte == want };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(same)
}

/// The strings that [`instant`] reads, as a regular expression of JSON Schema.
#[must_use]
pub fn pattern() -> String {
    let days = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|\
                (?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8])";
    let leap = "(?:[1-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)-02-29";
    let clock = "(?:[01][0-9]|2[0-3]):[0-5][0-9]";
    format!("^(?:[1-9][0-9]{{3}}-(?:{days})|{leap})(?:T{clock}:[0-5][0-9](?:[.][0-9]{{1,9}})?(?:Z|[+-]{clock}))?$")
}
