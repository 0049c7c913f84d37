//! Numbers as they are written: decimals compared digit for digit, so that `1.00` is `1` and `33.333` is not `33.334`.

use std::cmp::Ordering;
use std::fmt;

use serde::ser::{Error, Serialize, Serializer};

/// The largest exponent a number may have either way; beyond it no flag has a use and readers disagree.
const MAX_EXPONENT: i32 = 400;

/// A decimal number in normal form: `digits` has neither leading nor trailing zeros (zero is empty) and stands
/// for `±digits × 10^exponent`. There is no negative zero, no infinity and no NaN.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct Decimal {
    negative: bool,
    digits: String,
    exponent: i32,
}

impl Decimal {
    /// Reads a decimal number as JSON writes it (`-1.50`, `1e3`); a leading `+` or zeros are read too.
    /// `None` for anything else, and for exponents beyond ±400.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
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
            return Some(Decimal { negative: false, digits, exponent: 0 });
        }
        (exponent.abs() <= MAX_EXPONENT && digits.len() <= 1000).then_some(Decimal { negative, digits, exponent })
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
        let length = i32::try_from(self.digits.len()).unwrap_or(i32::MAX);
        let point = length + self.exponent;
        if !(-6..=21).contains(&point) {
            return write!(f, "{sign}{}e{}", self.digits, self.exponent);
        }
        if self.exponent >= 0 {
            return write!(f, "{sign}{}{}", self.digits, "0".repeat(usize::try_from(self.exponent).unwrap_or(0)));
        }
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
        serde_json::value::RawValue::from_string(self.to_string()).map_err(S::Error::custom)?.serialize(serializer)
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
