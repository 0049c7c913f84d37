//! What an unquoted YAML scalar says, if every reader agrees on it.
//!
//! YAML 1.1 (PyYAML, Ruby, older Go) and YAML 1.2 with its core schema give different types to the same text. What
//! they give the same type to is read; every other text that looks like a boolean or a number is refused.

use crate::document::Decimal;

/// An unquoted scalar.
pub enum Plain {
    Null,
    Bool(bool),
    Number(Decimal),
    /// A plain decimal number with more digits or a larger exponent than readers keep.
    TooLong,
    Text,
    /// Readers disagree; how, and what to write instead.
    Ambiguous {
        how: String,
        remedy: String,
    },
}

/// What `text`, written without quotes, says.
pub fn resolve(text: &str) -> Plain {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Plain::Null,
        "true" | "True" | "TRUE" => return Plain::Bool(true),
        "false" | "False" | "FALSE" => return Plain::Bool(false),
        "-0" => return ambiguous("a text to Symfony's reader and a number to others", "write `0`"),
        "=" => return ambiguous("a default value in YAML 1.1 and a text in YAML 1.2", quotes(text)),
        _ => {}
    }
    if text.len() > 1 && text.starts_with(':') {
        return ambiguous("a symbol to Ruby's reader and a text to others", quotes(text));
    }
    // js-yaml starts a document at `---enabled: true` and reads a key `enabled`.
    if text.starts_with("---") || text.starts_with("...") {
        return ambiguous(
            "the end of a document and a text after it to some readers, and all text to others",
            quotes(text),
        );
    }
    match text.as_bytes().first() {
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => number(text),
        _ => word(text),
    }
}

/// Whether an unquoted text is a date or a time to YAML 1.1 (<https://yaml.org/type/timestamp.html>).
pub fn is_timestamp(text: &str) -> bool {
    let digits = |part: &str, most: usize| {
        !part.is_empty() && part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let day = rest.split(['T', 't', ' ', '\t']).next().unwrap_or_default();
    year.len() == 4 && digits(year, 4) && digits(month, 2) && digits(day, 2)
}

/// `.inf` and `.nan`; `inf`, `infinity` and `nan`, which Rust takes for numbers; and points and exponents without a
/// number, as `.` and `e3`, of which the npm package `yaml` makes NaN when it reads YAML 1.1.
fn is_endless(unsigned: &str) -> bool {
    let name = unsigned.strip_prefix('.').unwrap_or(unsigned);
    let exponent = name.trim_start_matches('_').strip_prefix(['e', 'E']).filter(|_| !unsigned.starts_with('_'));
    let digits = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        || unsigned.starts_with('.') && unsigned.bytes().all(|byte| matches!(byte, b'.' | b'_'))
        || ["inf", "infinity", "nan"].iter().any(|endless| name.eq_ignore_ascii_case(endless))
}

/// Whether a timestamp has a day in the calendar and a time on the clock. Python's readers and Symfony's give a whole
/// file up for one that hasn't, and Symfony's for `9:00:00.5` too.
fn exists(timestamp: &str) -> bool {
    let (date, time) = timestamp.split_once(['T', 't', ' ', '\t']).unwrap_or((timestamp, ""));
    let mut parts = date.split('-').map_while(|part| part.parse::<u32>().ok());
    let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let days = match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let fields =
        time.split([':', '+', '-', ' ', '\t']).filter_map(|field| field.split(['.', 'Z']).next()?.parse::<u32>().ok());
    let on_clock = fields.take(5).enumerate().all(|(at, field)| field < if matches!(at, 0 | 3) { 24 } else { 60 });
    let short = time.trim_start().find(':') == Some(1) && time.contains('.');
    year > 0
        && (1..=12).contains(&month)
        && (1..=days).contains(&day)
        && (time.matches(':').count() < 2 || on_clock && !short)
}

/// Ruby takes these in any case, others in the three cases that YAML 1.1 lists.
fn word(text: &str) -> Plain {
    let starts = matches!(text.as_bytes().first(), Some(b'.' | b'_' | b'e' | b'E' | b'i' | b'I' | b'n' | b'N'));
    if starts && is_endless(text) {
        return ambiguous("not a finite number to some readers and a text to others", quotes(text));
    }
    // `_1`: some readers delete every `_` first.
    let bare = text.trim_start_matches('_');
    if bare.len() < text.len() && bare.starts_with(|char: char| char.is_ascii_digit() || char == '.') {
        let is_text = matches!(number(bare), Plain::Text);
        return if is_text {
            Plain::Text
        } else {
            ambiguous("a number to some readers and a text to others", quotes(text))
        };
    }
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    let value = if text.len() > 5 {
        return Plain::Text;
    } else if is(&["y", "yes", "on", "true"]) {
        true
    } else if is(&["n", "no", "off", "false"]) {
        false
    } else {
        return Plain::Text;
    };
    ambiguous(
        format!("{value} in YAML 1.1 and a text in YAML 1.2"),
        format!("write `{value}`, or put it in quotes: `\"{text}\"`"),
    )
}

fn number(text: &str) -> Plain {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    // `+-5`, `-_2`, `-:0`: each is a number to a reader of Go's or PHP's.
    let bare = unsigned.trim_start_matches(['+', '-', '_', ':']);
    if bare.len() < unsigned.len()
        && unsigned.len() < text.len()
        && bare.starts_with(|char: char| char.is_ascii_digit())
    {
        return ambiguous("a number to some readers and a text to others", quotes(text));
    }
    if is_endless(unsigned) {
        return ambiguous("not a finite number to some readers and a text to others", quotes(text));
    }
    if is_timestamp(text) && !exists(text) {
        return ambiguous("a date or time that some readers give the whole file up for", quotes(text));
    }
    let (mantissa, exponent) = split(unsigned, &['e', 'E']);
    let (whole, fraction) = split(mantissa, &['.']);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let plain = digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && !text.starts_with('+');
    match exponent {
        None if plain => Decimal::parse(text).map_or(Plain::TooLong, Plain::Number),
        // YAML 1.1 wants both the point and the sign of the exponent.
        Some(exponent) if plain && fraction.is_some() && exponent.strip_prefix(['+', '-']).is_some_and(digits) => {
            Decimal::parse(text).map_or(Plain::TooLong, Plain::Number)
        }
        _ => odd_number(text, unsigned),
    }
}

/// A text that starts like a number and isn't a plain one: a number to some reader, or a text to all.
fn odd_number(text: &str, unsigned: &str) -> Plain {
    let plainly = format!("write a plain decimal number, or put it in quotes: `\"{text}\"`");
    let sign = if text.starts_with('-') { "-" } else { "" };
    if let Some((base, rest)) = based(unsigned) {
        let value = i128::from_str_radix(&rest.replace('_', ""), base);
        let value = value.map_or_else(|_| "a number".to_owned(), |value| format!("{sign}{value}"));
        let how = match base {
            2 => format!("{value} in YAML 1.1 and a text in YAML 1.2"),
            8 => format!("a text in YAML 1.1 and {value} in YAML 1.2"),
            _ => format!("{value} in base 16 to some readers and a text to others"),
        };
        return ambiguous(how, plainly);
    }
    if let Some(value) = sexagesimal(sign, unsigned) {
        return ambiguous(format!("{value} in YAML 1.1 and a text in YAML 1.2"), quotes(text));
    }
    let Some(bare) = grouped(unsigned) else { return Plain::Text };
    // `.5` and `5.` as Decimal wants them.
    let padded = format!("{sign}0{}", bare.trim_end_matches('.').replace(".e", "e").replace(".E", "E"));
    let value = Decimal::parse(&padded).map_or_else(|| "a number".to_owned(), |number| number.to_string());
    let how = if unsigned.contains(',') {
        format!("{value} to Ruby's reader of YAML 1.1 and a text to others")
    } else if unsigned.contains('_') {
        format!("{value} in YAML 1.1 and a text in YAML 1.2")
    } else if bare.len() > 1 && bare.starts_with('0') && bare.bytes().all(|byte| byte.is_ascii_digit()) {
        match i128::from_str_radix(&bare, 8) {
            Ok(octal) => format!("{sign}{octal} in YAML 1.1 and {value} in YAML 1.2"),
            Err(_) => format!("a text in YAML 1.1 and {value} in YAML 1.2"),
        }
    } else if bare.contains(['e', 'E']) || text.starts_with("-.") || text.starts_with("+.") {
        format!("a text in YAML 1.1 and {value} in YAML 1.2")
    } else {
        format!("{value}, but not as a plain decimal number, and a text to some readers")
    };
    ambiguous(how, format!("write a plain decimal number such as `{value}`, or put it in quotes: `\"{text}\"`"))
}

/// The base and the digits of `0x1F`, `0o17` and `0b11`. Go's reader takes capital letters as well, and `0b-1` for -1.
fn based(unsigned: &str) -> Option<(u32, &str)> {
    let rest = unsigned.strip_prefix('0')?;
    let mut chars = rest.chars();
    let base = match chars.next()? {
        'x' | 'X' => 16,
        'o' | 'O' => 8,
        'b' | 'B' => 2,
        _ => return None,
    };
    let digits = chars.as_str();
    let mut unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits).chars();
    unsigned.all(|char| char == '_' || char.is_digit(base)).then_some((base, digits))
}

/// What YAML 1.1 takes `1:30` and `190:20:30.15` for: numbers in base 60.
fn sexagesimal(sign: &str, unsigned: &str) -> Option<String> {
    let (whole, fraction) = split(unsigned, &['.']);
    let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let (first, rest) = whole.split_once(':')?;
    let sixties = |part: &str| matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']);
    if !(first.starts_with(|char: char| char.is_ascii_digit())
        && number(first)
        && rest.split(':').all(sixties)
        && fraction.is_none_or(number))
    {
        return None;
    }
    let add = |sum: u64, part: &str| sum.checked_mul(60)?.checked_add(part.parse().ok()?);
    let first = first.replace('_', "").parse().ok().filter(|_| fraction.is_none());
    let sum = first.and_then(|first| rest.split(':').try_fold(first, add));
    Some(sum.map_or_else(|| "a number in base 60".to_owned(), |sum| format!("{sign}{sum}")))
}

/// The number without its `_` and `,`, if that is all that is odd about it besides zeros, points and exponents.
fn grouped(unsigned: &str) -> Option<String> {
    if !unsigned.starts_with(|char: char| char.is_ascii_digit() || char == '.') {
        return None;
    }
    let bare: String = unsigned.chars().filter(|char| !matches!(char, '_' | ',')).collect();
    let (mantissa, exponent) = split(&bare, &['e', 'E']);
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    let fits = all_digits(whole)
        && all_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| !exponent.is_empty() && all_digits(exponent));
    fits.then_some(bare)
}

/// What stands before and, if there is one, after the first of these characters.
fn split<'t>(text: &'t str, at: &[char]) -> (&'t str, Option<&'t str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn quotes(text: &str) -> String {
    format!("put it in quotes: `\"{text}\"`")
}

fn ambiguous(how: impl Into<String>, remedy: impl Into<String>) -> Plain {
    Plain::Ambiguous { how: how.into(), remedy: remedy.into() }
}
