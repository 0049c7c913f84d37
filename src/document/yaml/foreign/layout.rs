//! The spellings that readers of YAML refuse or read differently, whatever they say: underscores in numbers, escapes,
//! names of anchors, signs in brackets.
//!
//! **In**: a scalar as it stands in the file, or what stands between scalars. **Out**: why it is refused. **Refuses**:
//! whatever is not plainly the same to all: what a number could be has to be written as one, a string that a reader
//! could stumble over in quotes. **Not taken**: a list of what was found to differ, which is never complete.

use granit_parser::ScalarStyle;

use super::super::dialect::Dialect;

/// The message and remedy for a scalar that is written so, if it is not read alike.
pub fn of_scalar(
    raw: &str,
    style: ScalarStyle,
    in_brackets: bool,
    readers: &[Dialect],
) -> Option<(String, &'static str)> {
    let several = readers.len() > 1;
    let go = readers.iter().any(|reader| matches!(reader, Dialect::GoV3 | Dialect::SigsYaml));
    match style {
        ScalarStyle::Plain
            if is_ambiguous_number(raw) && (several || go && raw.contains('_') && !has_digits_in_groups(raw)) =>
        {
            Some((
                "is a number with `_`, or with a point behind its sign, which readers take for different things".into(),
                QUOTES,
            ))
        }
        ScalarStyle::Plain if several && raw.contains('\t') => {
            Some(("has a tab in a string without quotes, at which some readers stop".into(), QUOTES))
        }
        ScalarStyle::Plain if several && in_brackets && (raw.contains('?') || raw.starts_with(':')) => {
            let message = "has `?` or `:` in a string without quotes in brackets, at which some readers stop";
            Some((message.into(), QUOTES))
        }
        ScalarStyle::DoubleQuoted if go && escapes_a_slash(raw) => {
            Some(("has the escape `\\/`, which Go's readers don't know".into(), "write `/` without the backslash"))
        }
        ScalarStyle::Literal | ScalarStyle::Folded if (several || go) && starts_with_tabs(raw) => {
            Some(("has a tab behind the indentation, at which some readers stop".into(), "write spaces"))
        }
        _ => None,
    }
}

const QUOTES: &str = "put it in quotes";

/// Whether a reader could take it for a number while it is not written as all readers write one.
fn is_ambiguous_number(raw: &str) -> bool {
    let unsigned = raw.strip_prefix(['+', '-']).unwrap_or(raw);
    let signed_point = unsigned.len() < raw.len() && unsigned.starts_with('.');
    let bare = unsigned.trim_start_matches('_');
    let numeric =
        |char: char| char.is_ascii_hexdigit() || matches!(char, '_' | '.' | '+' | '-' | 'x' | 'X' | 'o' | 'O' | ':');
    let starts = bare.starts_with(|char: char| char.is_ascii_digit() || char == '.');
    signed_point || raw.contains('_') && starts && unsigned.chars().all(numeric)
}

/// Whether it is a whole number with `_` between its digits, which one reader takes for a number all its versions
/// through.
fn has_digits_in_groups(raw: &str) -> bool {
    let digits = raw.strip_prefix(['+', '-']).unwrap_or(raw);
    let group = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    !digits.starts_with('0') && digits.split('_').all(group)
}

fn escapes_a_slash(raw: &str) -> bool {
    let mut chars = raw.chars();
    while let Some(char) = chars.next() {
        if char == '\\' && chars.next() == Some('/') {
            return true;
        }
    }
    false
}

fn starts_with_tabs(raw: &str) -> bool {
    raw.lines().any(|line| line.starts_with(' ') && line.trim_start_matches(' ').starts_with('\t'))
}

/// The anchors that stand between scalars, each with the number of its first byte: those whose name not every reader
/// knows, and those that stand twice.
pub fn ambiguous_anchors(text: &str, scalars: impl Iterator<Item = std::ops::Range<usize>>) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut known = std::collections::BTreeSet::new();
    let mut from = 0;
    let ends = scalars.map(|range| (range.start, range.end)).chain([(text.len(), text.len())]);
    for (start, end) in ends {
        let gap = text.get(from..start.max(from)).unwrap_or_default();
        let mut at = 0;
        while let Some(next) = gap.get(at..).and_then(|rest| rest.find(['&', '#'])) {
            let here = at + next;
            let rest = gap.get(here..).unwrap_or_default();
            if rest.starts_with('#') {
                at = here + rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            let name = rest.get(1..).unwrap_or_default();
            let length = name.find(|char: char| char.is_whitespace() || ",[]{}".contains(char)).unwrap_or(name.len());
            let name = name.get(..length).unwrap_or_default();
            let plain = name.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_'));
            if !plain || !known.insert(name) {
                found.push((from + here, from + here + 1 + length));
            }
            at = here + 1 + length;
        }
        from = end.max(from);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        for text in [
            "+.5", "-.5", "5e2_", "0_o0", ".5_", "+_505", "09_", "-_.0", "9E1_", "0_x9", ".115_", "0x_", "1_000",
            "1_0:30",
        ] {
            assert!(is_ambiguous_number(text), "{text}");
        }
        for plain in
            ["5", "-5", "0.5", ".5", "1e3", "0x1f", "1.2.3", "a_b", "1_big", "_x", "+49", "2026-01-01", "-", "_"]
        {
            assert!(!is_ambiguous_number(plain), "{plain}");
        }
    }

    #[test]
    fn anchors() {
        let found = |text: &str| ambiguous_anchors(text, std::iter::empty()).len();
        assert_eq!(found("a: &x 1\nb: *x\n"), 0);
        assert_eq!(found("a: &x.y 1\n"), 1);
        assert_eq!(found("a: &é 1\n"), 1);
        assert_eq!(found("a: &x 1\nb: &x 2\n"), 1);
        assert_eq!(found("a: 1 # R&é\n"), 0);
    }
}
