//! Numbers as they are written: decimals compared digit for digit, so that `1.00` is `1` and `33.333` is not `33.334`.
//!
//! A number keeps whether it was written as a whole one. As a percentage or a weight `1.0` is 1; as a value that an
//! application gets it is a float, and a caller that asks for an integer gets an error.

use std::cmp::Ordering;
use std::fmt;

use serde::ser::{Error, Serialize, Serializer};

/// The largest exponent a number may have either way; beyond it no flag has a use and readers disagree.
const MAX_EXPONENT: i32 = 400;

/// A decimal number in normal form: `digits` has neither leading nor trailing zeros (zero is empty) and stands for
/// `±digits × 10^exponent`. There is no infinity and no NaN, and zero is not negative. Two are equal if they are the
/// same number; [`Decimal::typed`] tells apart how they were written.
#[derive(Clone, Debug)]
pub struct Decimal {
    negative: bool,
    digits: String,
    exponent: i32,
    /// Whether it was written with a point or an exponent.
    float: bool,
    /// Whether it was written with a minus.
    minus: bool,
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        (self.negative, self.exponent, &self.digits) == (other.negative, other.exponent, &other.digits)
    }
}

impl Eq for Decimal {}

impl Decimal {
    /// Reads a decimal number as JSON writes it (`-1.50`, `1e3`); a leading `+` or zeros are read too.
    /// `None` for anything else, and for exponents beyond ±400.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let float = rest.contains(['.', 'e', 'E']);
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || mantissa.ends_with('.') {
            return None;
        }
        let mut digits = [whole, fraction].concat();
        let mut exponent = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
        let kept = digits.trim_end_matches('0').len();
        exponent = exponent.checked_add(i32::try_from(digits.len() - kept).ok()?)?;
        digits.truncate(kept);
        digits.drain(..digits.len() - digits.trim_start_matches('0').len());
        if digits.is_empty() {
            return Some(Decimal { negative: false, digits, exponent: 0, float, minus: negative });
        }
        let fits = exponent.abs() <= MAX_EXPONENT && digits.len() <= 1000;
        fits.then_some(Decimal { negative, digits, exponent, float, minus: negative })
    }

    /// The number as a value that an application gets: `1` and `1.0`, `0` and `-0` are two.
    #[must_use]
    pub fn typed(&self) -> String {
        let sign = if self.minus { "-" } else { "" };
        let text = self.to_string();
        if self.is_zero() {
            return format!("{sign}{}", if self.float { "0.0" } else { "0" });
        }
        match text.contains('e') {
            // Only a float is written with an exponent.
            true if !self.float && self.exponent >= 0 => {
                format!("{sign}{}{}", self.digits, "0".repeat(usize::try_from(self.exponent).unwrap_or(0)))
            }
            false if self.float && !text.contains('.') => format!("{text}.0"),
            _ => text,
        }
    }

    /// Whether another number is the same one, and of the same type to an application.
    #[must_use]
    pub fn same_value(&self, other: &Decimal) -> bool {
        self == other && self.float == other.float && self.minus == other.minus
    }

    /// Whether it is the same number as a float, written as an integer.
    pub fn is_integer_of(&self, float: &Decimal) -> bool {
        self == float && !self.float && float.float && self.minus == float.minus
    }

    /// Whether it was written with a point or an exponent.
    #[must_use]
    pub fn is_float(&self) -> bool {
        self.float
    }

    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    #[must_use]
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// The number as an integer, if it is one and fits.
    #[must_use]
    pub fn to_integer(&self) -> Option<i128> {
        if self.exponent < 0 {
            return None;
        }
        let value = self.scaled(0)?;
        let value = i128::try_from(value).ok()?;
        Some(if self.negative { -value } else { value })
    }

    /// The number in thousandths; `None` if it has more places, is negative, or too large for any share.
    #[must_use]
    pub fn thousandths(&self) -> Option<u128> {
        self.scaled(3).filter(|_| !self.negative && self.is_short())
    }

    /// The number as [`Display`](fmt::Display) writes it, whatever it was written as.
    #[must_use]
    pub fn plain(&self) -> Self {
        Decimal { float: self.exponent < 0 || !self.is_short(), minus: self.negative, ..self.clone() }
    }

    /// Whether it is written without an exponent.
    fn is_short(&self) -> bool {
        (-6..=21).contains(&self.magnitude())
    }

    /// The nearest float: for drawing and for sums nobody decides by.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// Whether the nearest float is finite.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        // The largest float is beyond 10^308.
        self.magnitude() <= 308 || self.to_f64().is_finite()
    }

    /// The number is less than ten to the power of this.
    fn magnitude(&self) -> i64 {
        i64::try_from(self.digits.len()).unwrap_or(0) + i64::from(self.exponent)
    }

    /// How many digits stand after the point.
    fn places(&self) -> i32 {
        (-self.exponent).max(0)
    }

    /// The absolute value times `10^places`, if that is an integer that fits.
    fn scaled(&self, places: i32) -> Option<u128> {
        if self.is_zero() {
            return Some(0);
        }
        let power = u32::try_from(self.exponent.checked_add(places)?).ok()?;
        self.digits.parse::<u128>().ok()?.checked_mul(10u128.checked_pow(power)?)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Decimal| match (number.is_zero(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let by_size = || self.magnitude().cmp(&other.magnitude()).then_with(|| self.digits.cmp(&other.digits));
        sign(self).cmp(&sign(other)).then_with(|| match sign(self) {
            1 => by_size(),
            -1 => by_size().reverse(),
            _ => Ordering::Equal,
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        if self.is_zero() {
            return f.write_str("0");
        }
        if !self.is_short() {
            return write!(f, "{sign}{}e{}", self.digits, self.exponent);
        }
        if self.exponent >= 0 {
            return write!(f, "{sign}{}{}", self.digits, "0".repeat(usize::try_from(self.exponent).unwrap_or(0)));
        }
        let point = self.magnitude();
        if point <= 0 {
            let zeros = "0".repeat(usize::try_from(-point).unwrap_or(0));
            return write!(f, "{sign}0.{zeros}{}", self.digits);
        }
        let (whole, fraction) = self.digits.split_at(usize::try_from(point).unwrap_or(0));
        write!(f, "{sign}{whole}.{fraction}")
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::value::RawValue::from_string(self.typed()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// Weights as the smallest whole numbers of the same ratio: `50, 50` and `0.5, 0.5` are `1, 1`.
/// `None` if they are all zero, one is negative, or they are too far apart to say exactly.
#[must_use]
pub fn ratio(weights: &[&Decimal]) -> Option<Vec<u128>> {
    let places = weights.iter().map(|weight| weight.places()).max()?;
    let scaled: Option<Vec<u128>> =
        weights.iter().map(|weight| if weight.negative { None } else { weight.scaled(places) }).collect();
    let scaled = scaled?;
    let divisor = scaled.iter().copied().fold(0, gcd);
    (divisor > 0).then(|| scaled.iter().map(|weight| weight / divisor).collect())
}

fn gcd(a: u128, b: u128) -> u128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_differently_said_the_same() {
        let cases = [
            ("1.00", "1"),
            ("0.50", "0.5"),
            ("-0", "0"),
            ("007", "7"),
            ("1e3", "1000"),
            ("1.5e-3", "0.0015"),
            ("100", "100"),
            ("1200e-2", "12"),
            ("33.333", "33.333"),
            ("-2.50", "-2.5"),
            ("1e-9", "1e-9"),
            ("9e30", "9e30"),
        ];
        for (text, said) in cases {
            assert_eq!(Decimal::parse(text).map(|number| number.to_string()).as_deref(), Some(said), "{text}");
        }
        for text in ["", "-", "1.", ".5", "1e", "nan", ".inf", "1_000", "0x1", "1e999", "1e99999999999", "１"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_float_is_no_integer() {
        let cases = [
            ("1", "1"),
            ("1.0", "1.0"),
            ("1.00", "1.0"),
            ("1e0", "1.0"),
            ("10E-1", "1.0"),
            ("100", "100"),
            ("1E2", "100.0"),
            ("0", "0"),
            ("-0", "-0"),
            ("0.0", "0.0"),
            ("-0.0", "-0.0"),
            ("-1.5", "-1.5"),
            ("1e30", "1e30"),
            ("1000000000000000000000000000000", "1000000000000000000000000000000"),
        ];
        let parsed: Vec<Decimal> = cases.iter().map(|(text, _)| Decimal::parse(text).unwrap()).collect();
        for (one, (_, typed)) in parsed.iter().zip(cases) {
            assert_eq!(one.typed(), typed);
            for (other, (_, others)) in parsed.iter().zip(cases) {
                assert_eq!(one.same_value(other), typed == others, "{typed} {others}");
            }
        }
    }

    #[test]
    fn order() {
        let order = ["-10", "-9.5", "-0.1", "0", "0.001", "0.5", "1", "9", "9.5", "10", "100", "1e30"];
        let numbers: Vec<Decimal> = order.iter().filter_map(|text| Decimal::parse(text)).collect();
        assert_eq!(numbers.len(), order.len());
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn ratios() {
        let of = |texts: &[&str]| {
            let numbers: Vec<Decimal> = texts.iter().filter_map(|text| Decimal::parse(text)).collect();
            ratio(&numbers.iter().collect::<Vec<_>>())
        };
        assert_eq!(of(&["50", "50"]), Some(vec![1, 1]));
        assert_eq!(of(&["33.333", "66.667"]), Some(vec![33333, 66667]));
        assert_eq!(of(&["0.5", "1.50"]), Some(vec![1, 3]));
        assert_eq!(of(&["0", "0"]), None);
        assert_eq!(of(&["-1", "1"]), None);
        assert_eq!(of(&[]), None);
    }
}
