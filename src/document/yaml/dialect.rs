//! Dialects: how the readers of foreign formats take a scalar without quotes. One row a reader, as its source has it.
//!
//! Sources: YAML 1.2.2, 10.3.2 (the core schema); go-yaml v3 `resolve.go`; sigs.k8s.io/yaml `goyaml.v2/resolve.go`,
//! which leaves timestamps strings when it makes JSON; js-yaml 4.1 `lib/type/{null,bool,int,float,timestamp}.js`; Psych
//! `lib/psych/scalar_scanner.rb`; PyYAML `lib/yaml/resolver.py` and `constructor.py`.

use crate::document::Decimal;

/// The language of a file, and the reader whose meaning of it holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// The closed profile of YAML, in which readers don't differ.
    Profile,
    /// YAML 1.2 with its core schema: GitHub's workflows.
    Core,
    /// YAML of which nobody said who reads it: YAML 1.2, and what another reader here takes for something else is kept
    /// as it is written.
    Any,
    /// Go's yaml.v3.
    GoV3,
    /// Go's sigs.k8s.io/yaml: Kubernetes.
    SigsYaml,
    /// The npm package js-yaml, version 4.
    JsYaml,
    /// Ruby's Psych.
    Psych,
    /// PyYAML.
    PyYaml,
    /// RFC 8259.
    Json,
    /// JSON of which nobody said who reads it: comments, and a comma before a closing bracket, are read, and warned of.
    AnyJson,
    /// JSON with comments and a comma before a closing bracket.
    Jsonc,
    /// JSON5 (<https://spec.json5.org>).
    Json5,
}

/// The value that a reader takes a scalar for.
#[derive(Clone, PartialEq, Debug)]
pub enum Taken {
    Null,
    Bool(bool),
    Number(Decimal),
    String,
    /// A date or time; kept as it is written.
    Time,
    /// Something that has no value here: infinity, a symbol, an error.
    Nothing,
}

/// A reader of YAML: which scalars it takes for values.
struct Row {
    trues: &'static [&'static str],
    falses: &'static [&'static str],
    /// Whether those, and `null`, hold in any case.
    any_case: bool,
    bases: Bases,
    /// Whether `017` is 15.
    old_octal: bool,
    /// The signs that may stand between digits.
    between: &'static [char],
    /// The reading of `1:30`.
    sixty: Sixty,
    float: Float,
    times: Times,
    /// Whether `<<` merges.
    merges: bool,
}

/// Prefixes of numbers in another base.
enum Bases {
    /// `0o` and `0x`, without a sign.
    Core,
    /// `0b`, `0o` and `0x`, with a sign or not.
    Js,
    /// `0b`, `0o` and `0x`, in capitals as well, with a sign or not.
    Go,
    /// `0b` and `0x`, with a sign or not.
    One1,
}

/// Numbers with colons, as a reader takes them.
enum Sixty {
    No,
    /// In base 60.
    Python,
    /// One or two colons, counted from hours: 1:30 is 5400.
    Ruby,
}

/// Decimals with a point, as a reader takes them.
enum Float {
    /// The point is needed, and the sign of the exponent; whether a sign may stand before a bare point.
    One1 { signed_point: bool },
    /// Neither is needed; whether a sign may stand before a bare point.
    Free { signed_point: bool },
}

/// Dates and times, as a reader takes them.
enum Times {
    No,
    Go,
    One1,
}

/// The length of the longest word that a reader takes for a value. All else that is none begins with a letter as well.
const LONGEST_WORD: usize = "false".len();

const TRUE: &[&str] = &["true", "True", "TRUE"];
const FALSE: &[&str] = &["false", "False", "FALSE"];

const CORE: Row = Row {
    trues: TRUE,
    falses: FALSE,
    any_case: false,
    bases: Bases::Core,
    old_octal: false,
    between: &[],
    sixty: Sixty::No,
    float: Float::Free { signed_point: true },
    times: Times::No,
    merges: false,
};

/// Nobody said whose reader it is. A file with `<<` is for a reader that merges.
const ANY: Row = Row { merges: true, ..CORE };

const GO_V3: Row = Row { bases: Bases::Go, old_octal: true, between: &['_'], times: Times::Go, merges: true, ..CORE };

const SIGS: Row = Row {
    trues: &["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"],
    falses: &["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"],
    times: Times::No,
    ..GO_V3
};

const JS: Row = Row {
    bases: Bases::Js,
    between: &['_'],
    float: Float::Free { signed_point: false },
    times: Times::One1,
    merges: true,
    ..CORE
};

const PSYCH: Row = Row {
    trues: &["yes", "true", "on"],
    falses: &["no", "false", "off"],
    any_case: true,
    bases: Bases::One1,
    old_octal: true,
    between: &['_', ','],
    sixty: Sixty::Ruby,
    float: Float::One1 { signed_point: true },
    times: Times::One1,
    merges: true,
};

const PYYAML: Row = Row {
    trues: &["yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"],
    falses: &["no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"],
    any_case: false,
    between: &['_'],
    sixty: Sixty::Python,
    float: Float::One1 { signed_point: false },
    ..PSYCH
};

impl Dialect {
    /// Whether it is JSON, with comments or without, or JSON5.
    pub fn is_json(self) -> bool {
        matches!(self, Dialect::Json | Dialect::AnyJson | Dialect::Jsonc | Dialect::Json5)
    }

    fn row(self) -> &'static Row {
        match self {
            Dialect::Core | Dialect::Profile => &CORE,
            Dialect::Json | Dialect::AnyJson | Dialect::Jsonc | Dialect::Json5 => &CORE,
            Dialect::Any => &ANY,
            Dialect::GoV3 => &GO_V3,
            Dialect::SigsYaml => &SIGS,
            Dialect::JsYaml => &JS,
            Dialect::Psych => &PSYCH,
            Dialect::PyYaml => &PYYAML,
        }
    }

    /// The reader's name, for messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Profile | Dialect::Core | Dialect::Any => "YAML 1.2",
            Dialect::GoV3 => "Go's yaml.v3",
            Dialect::SigsYaml => "sigs.k8s.io/yaml",
            Dialect::JsYaml => "js-yaml",
            Dialect::Psych => "Ruby's Psych",
            Dialect::PyYaml => "PyYAML",
            Dialect::Json | Dialect::AnyJson => "JSON",
            Dialect::Jsonc => "JSON with comments",
            Dialect::Json5 => "JSON5",
        }
    }

    /// Whether `<<` merges another map into one.
    #[must_use]
    pub fn merges(self) -> bool {
        self.row().merges
    }

    /// Whether `<<` overwrites what stands above it in its map, and merging nothing is no error.
    #[must_use]
    pub fn merges_in_order(self) -> bool {
        matches!(self, Dialect::Psych | Dialect::Any)
    }

    /// Whether readers take `text`, written without quotes, for different things.
    #[must_use]
    pub fn differ(text: &str) -> bool {
        let others = [Dialect::GoV3, Dialect::SigsYaml, Dialect::JsYaml, Dialect::Psych, Dialect::PyYaml];
        let first = Dialect::Core.take(text);
        others.iter().any(|reader| reader.take(text) != first)
    }

    /// The value that this reader takes `text` for, written without quotes.
    #[must_use]
    pub fn take(self, text: &str) -> Taken {
        // To all of them, and so are most.
        if text.len() > LONGEST_WORD && text.starts_with(|char: char| char.is_ascii_alphabetic()) {
            return Taken::String;
        }
        let row = self.row();
        let is =
            |words: &[&str]| words.iter().any(|word| *word == text || row.any_case && word.eq_ignore_ascii_case(text));
        if is(&["", "~", "null", "Null", "NULL"]) {
            Taken::Null
        } else if is(row.trues) {
            Taken::Bool(true)
        } else if is(row.falses) {
            Taken::Bool(false)
        } else {
            row.number_or_time(text, self)
        }
    }
}

impl Row {
    fn number_or_time(&self, text: &str, dialect: Dialect) -> Taken {
        let (sign, unsigned) = match text.strip_prefix(['+', '-']) {
            Some(rest) => (if text.starts_with('-') { "-" } else { "" }, rest),
            None => ("", text),
        };
        let named = |word: &str| unsigned.strip_prefix('.') == Some(word);
        let any = |word: &str| {
            self.any_case && unsigned.strip_prefix('.').is_some_and(|name| name.eq_ignore_ascii_case(word))
        };
        let infinite = ["inf", "Inf", "INF"].iter().any(|word| named(word)) || any("inf");
        let not_a_number = ["nan", "NaN", "NAN"].iter().any(|word| named(word)) || any("nan");
        if infinite || not_a_number && unsigned.len() == text.len() {
            return Taken::Nothing;
        }
        if dialect == Dialect::Psych && text.len() > 1 && text.starts_with(':')
            || dialect == Dialect::PyYaml && text == "="
        {
            return Taken::Nothing;
        }
        if !unsigned.starts_with(|char: char| char.is_ascii_digit() || char == '.') {
            return Taken::String;
        }
        if self.is_time(text) {
            return Taken::Time;
        }
        let number = self.based(sign, unsigned, text).or_else(|| self.in_sixties(sign, unsigned));
        number.or_else(|| self.decimal(sign, unsigned)).unwrap_or(Taken::String)
    }

    /// A number in base 2, 8 or 16.
    fn based(&self, sign: &str, unsigned: &str, text: &str) -> Option<Taken> {
        let rest = unsigned.strip_prefix('0')?;
        let prefix = rest.chars().next()?;
        let signed = unsigned.len() < text.len();
        let base = match (&self.bases, prefix) {
            (Bases::Core, _) if signed => None,
            (Bases::Core | Bases::Js, 'o') => Some(8),
            (Bases::Core | Bases::Js | Bases::One1, 'x') => Some(16),
            (Bases::Js | Bases::One1, 'b') => Some(2),
            (Bases::Go, 'x' | 'X') => Some(16),
            (Bases::Go, 'o' | 'O') => Some(8),
            (Bases::Go, 'b' | 'B') => Some(2),
            _ => None,
        };
        let (base, digits) = match base {
            Some(base) => (base, rest.get(1..)?),
            None if self.old_octal => (8, rest),
            None => return None,
        };
        let digits = digits.replace(self.between, "");
        if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
            return None;
        }
        let Ok(value) = i128::from_str_radix(&digits, base) else { return Some(Taken::Nothing) };
        Some(Decimal::parse(&format!("{sign}{value}")).map_or(Taken::Nothing, Taken::Number))
    }

    fn in_sixties(&self, sign: &str, unsigned: &str) -> Option<Taken> {
        let ruby = match self.sixty {
            Sixty::No => return None,
            Sixty::Python => false,
            Sixty::Ruby => true,
        };
        let (whole, fraction) = unsigned.split_once('.').map_or((unsigned, None), |(whole, rest)| (whole, Some(rest)));
        let parts: Vec<&str> = whole.split(':').collect();
        let (first, rest) = parts.split_first().filter(|(_, rest)| !rest.is_empty() && (!ruby || rest.len() <= 2))?;
        let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
        let sixties = |part: &&str| matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']);
        let starts =
            first.starts_with(|char: char| char.is_ascii_digit() && (ruby || fraction.is_some() || char != '0'));
        if !(starts && number(first) && rest.iter().all(sixties) && fraction.is_none_or(number)) {
            return None;
        }
        if fraction.is_some_and(|fraction| fraction.bytes().any(|byte| byte != b'0' && byte != b'_')) {
            return Some(Taken::Nothing);
        }
        let mut sum: i128 = 0;
        for part in &parts {
            sum = sum.checked_mul(60)?.checked_add(part.replace('_', "").parse().ok()?)?;
        }
        if ruby && rest.len() == 1 {
            sum = sum.checked_mul(60)?;
        }
        Some(Decimal::parse(&format!("{sign}{sum}")).map_or(Taken::Nothing, Taken::Number))
    }

    /// A number in base 10. `089` is one to readers without the old octal numbers, and to Go's, as a float.
    fn decimal(&self, sign: &str, unsigned: &str) -> Option<Taken> {
        let bare = unsigned.replace(self.between, "");
        let (mantissa, exponent) =
            bare.split_once(['e', 'E']).map_or((&*bare, None), |(before, after)| (before, Some(after)));
        let (whole, fraction) =
            mantissa.split_once('.').map_or((mantissa, None), |(before, after)| (before, Some(after)));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let power = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
        if !all_digits(whole)
            || !fraction.is_none_or(all_digits)
            || whole.is_empty() && fraction.is_none_or(str::is_empty)
            || !power.is_none_or(|power| !power.is_empty() && all_digits(power))
        {
            return None;
        }
        let fits = match self.float {
            Float::One1 { signed_point } => {
                let pointed = fraction.is_some() && (exponent.is_none() || power != exponent);
                let zero_first = fraction.is_none() && whole.len() > 1 && whole.starts_with('0');
                (pointed || exponent.is_none() && !zero_first) && (signed_point || !whole.is_empty() || sign.is_empty())
            }
            Float::Free { signed_point } => signed_point || !whole.is_empty() || sign.is_empty(),
        };
        // js-yaml and Go's readers differ from others in where digits may be parted; no number is written so.
        let parted = unsigned.starts_with(self.between) || unsigned.ends_with(self.between);
        if !fits || parted && bare.len() < unsigned.len() {
            return None;
        }
        let integer = fraction.is_none() && exponent.is_none();
        let fraction = fraction.filter(|fraction| !fraction.is_empty()).unwrap_or("0");
        let whole = if whole.is_empty() { "0" } else { whole };
        let text = if integer {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{fraction}e{}", exponent.unwrap_or("0").trim_start_matches('+'))
        };
        Some(Decimal::parse(&text).filter(Decimal::is_finite).map_or(Taken::Nothing, Taken::Number))
    }

    fn is_time(&self, text: &str) -> bool {
        if matches!(self.times, Times::No) || text.as_bytes().get(4) != Some(&b'-') {
            return false;
        }
        let go = matches!(self.times, Times::Go);
        let (date, time) = text.split_once(['T', 't', ' ']).map_or((text, None), |(date, time)| (date, Some(time)));
        let parts: Vec<&str> = date.split('-').collect();
        let digits = |part: &str, most: usize| {
            (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let [year, month, day] = *parts else { return false };
        let short = go || time.is_some();
        let dated = year.len() == 4 && digits(year, 4) && digits(month, 2) && digits(day, 2);
        if !dated || !short && (month.len() != 2 || day.len() != 2) {
            return false;
        }
        let number = |part: &str| part.parse::<u32>().unwrap_or(0);
        if go && chrono::NaiveDate::from_ymd_opt(year.parse().unwrap_or(0), number(month), number(day)).is_none() {
            return false;
        }
        time.is_none_or(|time| is_clock(time.trim_start(), go, text.contains(' ')))
    }
}

/// Whether it is a time of day: with a zone or not in YAML 1.1, and to Go with one unless a space stands before it.
fn is_clock(time: &str, go: bool, spaced: bool) -> bool {
    let zone = time.find(['Z', '+', '-']);
    let (clock, zone) = zone.and_then(|at| time.split_at_checked(at)).unwrap_or((time, ""));
    let clock = clock.trim_end();
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let parts: Vec<&str> = whole.split(':').collect();
    let [hour, minute, second] = *parts else { return false };
    let two = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    let one_or_two = |part: &str| two(part) || part.len() == 1 && part.bytes().all(|byte| byte.is_ascii_digit());
    let minutes = if go { one_or_two(minute) && one_or_two(second) } else { two(minute) && two(second) };
    let zoned = match zone.strip_prefix(['+', '-']) {
        Some(offset) => match offset.split_once(':') {
            Some((hours, minutes)) => (if go { two(hours) } else { one_or_two(hours) }) && two(minutes),
            None => !go && one_or_two(offset),
        },
        None => zone == "Z" || zone.is_empty() && (!go || spaced),
    };
    let positioned = !go || spaced == zone.is_empty();
    one_or_two(hour) && minutes && fraction.bytes().all(|byte| byte.is_ascii_digit()) && zoned && positioned
}
