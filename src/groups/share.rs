//! A share: a part of a group of users, exactly.

use std::cmp::Ordering;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::document::Decimal;

/// A fraction from 0 to 1, in lowest terms. Shares come from counts of 32-bit hashes, so a denominator is a power of
/// two of at most 2^64 and sums are exact; only a bound read by [`Share::percent`] has another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Share {
    numerator: u128,
    denominator: u128,
}

impl Share {
    pub const NOBODY: Share = Share { numerator: 0, denominator: 1 };
    pub const EVERYONE: Share = Share { numerator: 1, denominator: 1 };

    /// The share of so many of the 2^32 hashes.
    #[must_use]
    pub(super) fn of_hashes(count: u64) -> Self {
        Share::reduced(u128::from(count), 1 << 32)
    }

    /// The share of a bound as people write it, in percent. `None` unless it is between 0 and 100 and has at most
    /// twelve decimals.
    #[must_use]
    pub fn percent(number: &Decimal) -> Option<Self> {
        let text = number.to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        if fraction.len() > 12 {
            return None;
        }
        let scale = 10u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        let numerator = format!("{whole}{fraction}").parse::<u128>().ok()?;
        let denominator = scale.checked_mul(100)?;
        (numerator <= denominator).then(|| Share::reduced(numerator, denominator))
    }

    #[must_use]
    pub fn numerator(self) -> u128 {
        self.numerator
    }

    #[must_use]
    pub fn denominator(self) -> u128 {
        self.denominator
    }

    #[must_use]
    pub fn is_nobody(self) -> bool {
        self.numerator == 0
    }

    /// The nearest float, for drawing.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "nobody decides by it")]
    pub fn to_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// The percentage as people write it in a heading: `40%`, `12.5%`.
    #[must_use]
    pub fn short(self) -> String {
        self.to_string().replace(".0%", "%")
    }

    /// Whether it is more than a bound, as people count. 2^32 is no multiple of 100 and slots are cut at whole numbers,
    /// so a rollout of 20% is a hair more than a fifth of the hashes; a share that is above by a ten-thousandth of a
    /// percent or less is at the bound. Every share but nobody is above 0%.
    #[must_use]
    pub fn above(self, bound: Share) -> bool {
        const HAIR: u128 = 1_000_000;
        let hair_more = Share::reduced(bound.numerator * HAIR + bound.denominator, bound.denominator * HAIR);
        self > bound && (bound.is_nobody() || self == Share::EVERYONE || self > hair_more)
    }

    /// The percentage, with as many decimals as show whether it is above that bound.
    #[must_use]
    pub fn against(self, bound: Share) -> String {
        let rounded = |places: u32| {
            let scale = 100 * 10u128.pow(places);
            let number = (self.numerator * scale * 2 + self.denominator) / (2 * self.denominator);
            (Share::reduced(number, scale), Share::reduced(number, scale).exactly())
        };
        let tells = |rounded: Share| (rounded > bound) == self.above(bound);
        if tells(rounded(1).0) {
            return self.to_string();
        }
        let (_, text) = (2..=9).map(rounded).find(|(share, _)| tells(*share)).unwrap_or_else(|| rounded(9));
        text
    }

    /// The percentage as a bound was written, digit for digit.
    #[must_use]
    pub fn exactly(self) -> String {
        let hundred = self.numerator * 100;
        let (whole, mut rest) = (hundred / self.denominator, hundred % self.denominator);
        let mut text = whole.to_string();
        for place in 0..20 {
            if rest == 0 {
                break;
            }
            text.push_str(if place == 0 { "." } else { "" });
            rest *= 10;
            text.push_str(&(rest / self.denominator).to_string());
            rest %= self.denominator;
        }
        format!("{text}%")
    }

    /// The sum of two shares that have no user in common.
    #[must_use]
    pub fn and(self, other: Share) -> Self {
        let common = self.denominator.max(other.denominator);
        let scaled = |share: Share| share.numerator * (common / share.denominator);
        Share::reduced(scaled(self) + scaled(other), common)
    }

    /// The share of users who are in both of two independent draws.
    #[must_use]
    pub(crate) fn times(self, other: Share) -> Self {
        Share::reduced(self.numerator * other.numerator, self.denominator * other.denominator)
    }

    /// This part of everyone as a part of `whole`, as a float.
    #[must_use]
    pub(crate) fn within(self, whole: Share) -> f64 {
        if whole.is_nobody() { 0.0 } else { self.to_f64() / whole.to_f64() }
    }

    fn reduced(numerator: u128, denominator: u128) -> Self {
        if numerator > 0 && denominator.is_power_of_two() {
            let common = numerator.trailing_zeros().min(denominator.trailing_zeros());
            return Share { numerator: numerator >> common, denominator: denominator >> common };
        }
        let (mut a, mut b) = (denominator, numerator);
        while b > 0 {
            (a, b) = (b, a % b);
        }
        Share { numerator: numerator / a.max(1), denominator: denominator / a.max(1) }
    }
}

impl Ord for Share {
    /// By continued fractions, since products of two denominators need not fit.
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut a, mut b) = (self.numerator, self.denominator);
        let (mut c, mut d) = (other.numerator, other.denominator);
        let mut turned = false;
        loop {
            let mut order = (a / b).cmp(&(c / d));
            let (rest_a, rest_c) = (a % b, c % d);
            if order == Ordering::Equal {
                match (rest_a, rest_c) {
                    (0, 0) => return Ordering::Equal,
                    (0, _) => order = Ordering::Less,
                    (_, 0) => order = Ordering::Greater,
                    _ => {
                        // The rests are rest_a/b and rest_c/d; the larger has the smaller reciprocal.
                        (a, b, c, d) = (b, rest_a, d, rest_c);
                        turned = !turned;
                        continue;
                    }
                }
            }
            return if turned { order.reverse() } else { order };
        }
    }
}

impl PartialOrd for Share {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Percent with one decimal. Only nobody reads `0.0%`, and only everyone `100.0%`.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Half a tenth of a percent rounds up. The product fits: a numerator is at most 2^64 or a bound that was read.
        let tenths = self.numerator.saturating_mul(2000).saturating_add(self.denominator) / (2 * self.denominator);
        if tenths == 0 && self.numerator > 0 {
            return f.write_str("<0.1%");
        }
        if tenths == 1000 && self.numerator < self.denominator {
            return f.write_str(">99.9%");
        }
        write!(f, "{}.{}%", tenths / 10, tenths % 10)
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Share", 2)?;
        out.serialize_field("percent", &format_args!("{self}"))?;
        out.serialize_field("exact", &format_args!("{}/{}", self.numerator, self.denominator))?;
        out.end()
    }
}

impl JsonSchema for Share {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "description": "A part of a group of users: rounded for people, and as an exact fraction.",
            "type": "object",
            "required": ["percent", "exact"],
            "properties": {
                "percent": {
                    "description": "Rounded to a tenth, for people.",
                    "type": "string",
                    "pattern": "^([0-9]{1,3}\\.[0-9]%|<0\\.1%|>99\\.9%)$"
                },
                "exact": {
                    "description": "The fraction in lowest terms, for programs.",
                    "type": "string",
                    "pattern": "^[0-9]+/[0-9]+$"
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written() {
        let cases = [
            (0, "0.0%", "0%"),
            (1, "<0.1%", "<0.1%"),
            (2_147_483, "<0.1%", "<0.1%"),
            (2_147_484, "0.1%", "0.1%"),
            (1 << 31, "50.0%", "50%"),
            (1_717_986_920, "40.0%", "40%"),
            (536_870_912, "12.5%", "12.5%"),
            ((1 << 32) - 1, ">99.9%", ">99.9%"),
            (1 << 32, "100.0%", "100%"),
        ];
        for (count, long, short) in cases {
            let share = Share::of_hashes(count);
            assert_eq!((share.to_string().as_str(), share.short().as_str()), (long, short), "{count}");
        }
        let json = serde_json::to_string(&Share::of_hashes(1 << 30)).unwrap();
        assert_eq!(json, r#"{"percent":"25.0%","exact":"1/4"}"#);
    }

    #[test]
    fn bounds() {
        let bound = |text: &str| Share::percent(&Decimal::parse(text).unwrap());
        for (text, expected) in [
            ("5", Some((1, 20))),
            ("0.5", Some((1, 200))),
            ("0", Some((0, 1))),
            ("100", Some((1, 1))),
            ("100.1", None),
            ("-1", None),
            ("1e-9", None),
            ("5.0000000000001", None),
        ] {
            assert_eq!(bound(text).map(|share| (share.numerator, share.denominator)), expected, "{text}");
        }
        let fifth = bound("20").unwrap();
        // 858993459.2 hashes are a fifth.
        assert!(Share::of_hashes(858_993_459) < fifth && fifth < Share::of_hashes(858_993_460));
        // A rollout of 20% is at the bound of 20%, a millionth more of all is above it; above nobody is anybody.
        let above = |hashes: u64, text: &str| Share::of_hashes(hashes).above(bound(text).unwrap());
        assert!(!above(858_993_460, "20") && !above(858_993_460 + 4_294, "20") && above(858_993_460 + 4_295, "20"));
        assert!(above(1, "0") && !above(0, "0") && above(1 << 32, "99.999999") && !above(1 << 32, "100"));
        for (hashes, text, expected) in [
            (858_993_460, "20", "20.0%"),
            (858_993_460 + 429_496, "20", "20.01%"),
            (858_993_460 + 4_295, "20", "20.0001%"),
            (1_717_986_920, "5", "40.0%"),
            (1, "0", "0.00000002%"),
            (1 << 32, "99.95", "100.0%"),
            (213_030_377, "4.97", "4.96%"),
        ] {
            assert_eq!(Share::of_hashes(hashes).against(bound(text).unwrap()), expected, "{hashes} {text}");
        }
        for text in ["5", "0.05", "33.333", "100", "0", "12.000000000001"] {
            assert_eq!(bound(text).unwrap().exactly(), format!("{text}%"));
        }
        let tiny = Share::of_hashes(1).times(Share::of_hashes(1));
        let order = [Share::NOBODY, tiny, Share::of_hashes(1), fifth, Share::of_hashes(1 << 31), Share::EVERYONE];
        for pair in order.windows(2) {
            assert_eq!((pair[0].cmp(&pair[1]), pair[1].cmp(&pair[0])), (Ordering::Less, Ordering::Greater), "{pair:?}");
        }
        assert_eq!(tiny.cmp(&tiny), Ordering::Equal);
        assert_eq!(bound("50").unwrap().cmp(&Share::of_hashes(1 << 31)), Ordering::Equal);
    }

    #[test]
    fn sums_and_products_are_exact() {
        let third = Share::of_hashes(1_431_655_765);
        let rest = Share::of_hashes((1 << 32) - 1_431_655_765);
        assert_eq!(third.and(rest), Share::EVERYONE);
        let products = [third.times(third), third.times(rest), rest.times(third), rest.times(rest)];
        assert_eq!(products.into_iter().fold(Share::NOBODY, Share::and), Share::EVERYONE);
        assert_eq!(Share::EVERYONE.times(third), third);
    }
}
