//! Exposure model of a flagd flag: the draws of its `targeting`, whose tree is taken apart in [`super::tree`].
//!
//! Source: `core/pkg/evaluator/fractional.go` of open-feature/flagd, since core 0.15.0 (April 2026): the hash is
//! murmur3 (x86, 32 bits, seed 0) of the first argument if that is a string, else of the flag's key and the targeting
//! key run together; the user gets the first variant whose cumulative weight is above `hash * total >> 32`, in the
//! order of the list. Weights below zero count as zero. If all are zero, or the rule gives nothing, it is
//! `defaultVariant`; users who have no value to hash get that too. Older versions cut the hash otherwise, so that other
//! users switch; their shares are the same to within a percent.

use std::sync::Arc;

use super::jsonlogic::{self, operation};
use super::tree;
use crate::diagnostics::words::in_backticks;
use crate::document::{Data, Decimal, Node};
use crate::flag::Flag;
use crate::groups::{Draw, Space};
use crate::impact::{FlagSides, Groups, Impact, Partition, check_lengths, check_variants};

const OLDER_VERSIONS: &str =
    "flagd before core 0.15.0 (April 2026) cuts the hash otherwise: about as many users, but others";

/// The leaves of `targeting` as groups.
///
/// # Errors
/// The size that is too large to be computed.
pub fn groups(flag: &Flag) -> Result<Groups<'_>, String> {
    if flag.get("variants").is_none() {
        return Err("its variants stand in another file, or nowhere".to_owned());
    }
    check_variants(flag)?;
    check_lengths(flag.variants().into_iter())?;
    if let Some(rules) = flag.get("targeting").and_then(|node| node.get("rules"))
        && let Some(part) = jsonlogic::unsound(rules)
    {
        return Err(format!(
            "{part} is no rule that every reader can evaluate; at one it cannot, it gives nobody a variant"
        ));
    }
    let tree = tree::of(flag).ok_or("`targeting` is too large")?;
    let tree::TargetingTree { leaves, questions, conditions, answers, .. } = tree;
    Ok(Groups { list: leaves, partition: Partition::Tree { questions, conditions, answers, field: "targeting" } })
}

/// Adds the caveat about older versions, if a hash decides.
pub fn add_notes(sides: &FlagSides<'_>, out: &mut Impact) {
    let hashes = |flag: &Flag| tree::of(flag).is_none_or(|tree| tree.hashes);
    if [sides.before, sides.after].into_iter().flatten().any(hashes) {
        out.caveats.push(OLDER_VERSIONS.to_owned());
    }
}

/// Whether everyone is certainly served off: there is no targeting, and the default variant gives `false`, or is named
/// `off` and gives `"off"` or 0. The effect of any other value of that name is up to the application.
pub fn serves_off(flag: &Flag) -> bool {
    let untargeted = flag.get("targeting").and_then(Node::as_map).is_none_or(|map| map.0.is_empty());
    let Some(default) = flag.get("defaultVariant").and_then(Node::as_text) else { return false };
    untargeted && gives_off(flag, default)
}

fn gives_off(flag: &Flag, key: &str) -> bool {
    let mut found = flag.variant_items().filter(|(other, _)| *other == Some(key)).map(|(_, variant)| variant);
    let value = found.next().and_then(|variant| variant.get("value"));
    let named = |value: &Node| value.as_text() == Some("off") || value.as_number().is_some_and(Decimal::is_zero);
    let off = |value: &Node| value.as_bool() == Some(false) || key == "off" && named(value);
    value.is_some_and(off)
}

/// The number of pieces that a `fractional` may cut. A variant may be in it more than once.
const MOST_PIECES: usize = 1000;

/// The number of arguments of an `if` whose conditions are all `fractional`.
const MOST_CHAINED: usize = 64;

/// The largest sum of weights flagd takes.
const LARGEST: u64 = i32::MAX as u64;

/// The draw of a rule, and that of users who have no value to hash if it is another one.
#[derive(Clone)]
pub struct Given {
    pub draw: Draw,
    pub unhashed: Option<Draw>,
}

impl From<Draw> for Given {
    fn from(draw: Draw) -> Self {
        Given { draw, unhashed: None }
    }
}

/// The draws of one flag.
pub struct Draws<'f> {
    pub flag: &'f Flag,
    pub variants: Vec<&'f str>,
    pub cuts: &'f [Node],
    /// All that the draw of any leaf could depend on.
    pub context: Arc<str>,
}

impl Draws<'_> {
    /// The draw of a rule. `None` if it asks about the user by more than a hash.
    pub fn of(&self, rule: Option<&Node>) -> Option<Result<Given, String>> {
        let Some(rule) = rule else { return Some(self.default_variant().map(Given::from)) };
        Some(match (&rule.data, operation(rule)) {
            (Data::Null, _) => self.default_variant().map(Given::from),
            (Data::Text(name), _) => self.variant(name).map(Given::from),
            (Data::Bool(value), _) => self.variant(if *value { "true" } else { "false" }).map(Given::from),
            (Data::Map(_), Some(("fractional", number))) => self.fractional(number),
            (Data::Map(_), Some(("if" | "?:", arguments))) => {
                let arguments = arguments.as_list().unwrap_or(std::slice::from_ref(arguments));
                return self.chain(arguments);
            }
            _ => return None,
        })
    }

    /// The draw of a chain of conditions, all of which are `fractional`.
    pub fn chain(&self, arguments: &[Node]) -> Option<Result<Given, String>> {
        match arguments {
            // Nobody writes so many, and each is a call inside of the one before.
            many if many.len() > MOST_CHAINED => None,
            [condition, then, rest @ ..] => {
                let Some(("fractional", number)) = operation(condition) else { return None };
                let (then, otherwise) = (self.of(Some(then))?, self.chain(rest)?);
                Some(self.cut(number).and_then(|cut| decided(cut, &then?, &otherwise?)))
            }
            [last] => self.of(Some(last)),
            // Without an else, `if` gives nothing.
            [] => self.of(None),
        }
    }

    fn variant(&self, name: &str) -> Result<Draw, String> {
        let known = self.variants.contains(&name);
        known.then(|| Draw::everyone(name)).ok_or_else(|| format!("{} is no variant", in_backticks(name)))
    }

    /// The draw of users to whom the rule gives nothing: the default variant, or the default of the code.
    fn default_variant(&self) -> Result<Draw, String> {
        match self.flag.get("defaultVariant") {
            None => Ok(Draw::nobody()),
            Some(node) => {
                self.variant(node.as_text().ok_or_else(|| format!("{} is no variant", in_backticks(&node.json())))?)
            }
        }
    }

    fn fractional(&self, number: &Node) -> Result<Given, String> {
        let Cut { pieces, by, always } = self.cut(number)?;
        if pieces.is_empty() {
            return self.default_variant().map(Given::from);
        }
        let mut ends = Vec::new();
        for (given, end) in pieces {
            let given = match &given.data {
                Data::Text(name) => self.variant(name)?,
                Data::Bool(value) => self.variant(if *value { "true" } else { "false" })?,
                Data::Null => self.default_variant()?,
                _ => return Err("a variant is computed for each user".to_owned()),
            };
            ends.push((given.constant().flatten().map(str::to_owned), end));
        }
        let unhashed = if always { None } else { Some(self.default_variant()?) };
        Ok(Given { draw: Draw { space: Space::LINE, by, rows: 1, ends: named(ends)? }, unhashed })
    }

    /// The pieces of a `fractional`: what each gives, and the first hash beyond it.
    fn cut(&self, number: &Node) -> Result<Cut<'_>, String> {
        let at = number.as_number().and_then(Decimal::to_integer).and_then(|number| usize::try_from(number - 1).ok());
        let cut = at.and_then(|at| self.cuts.get(at)).ok_or("this `fractional` is not well-formed")?;
        let pairs = cut.get("weights").and_then(Node::as_list).unwrap_or_default();
        if pairs.len() > MOST_PIECES {
            return Err(format!("a `fractional` cuts into more than {MOST_PIECES} pieces"));
        }
        let (mut sum, mut parts) = (0u64, Vec::new());
        for pair in pairs {
            let Some([gives, weight]) = pair.as_list() else {
                return Err("this `fractional` is not well-formed".to_owned());
            };
            let weight = weight.as_number().and_then(Decimal::to_integer);
            let weight = weight.ok_or("a weight is computed for each user, or is no whole number")?;
            sum +=
                u64::try_from(weight.max(0)).ok().filter(|weight| *weight <= LARGEST).ok_or("a weight is too large")?;
            parts.push((gives, sum));
        }
        if sum > LARGEST {
            return Err("the weights are too large".to_owned());
        }
        // The first hash with `hash * sum >> 32 >= upto`.
        let end = |upto: u64| (u128::from(upto) << 32).div_ceil(u128::from(sum.max(1)));
        let mut pieces: Vec<(&Node, u64)> = Vec::new();
        for (gives, upto) in parts {
            let end = u64::try_from(end(upto)).unwrap_or(u64::MAX);
            if pieces.last().map_or(0, |(_, last)| *last) < end {
                pieces.push((gives, end));
            }
        }
        // `cat` makes a string of everything; any other rule may give none.
        let by = hashed(cut, &self.flag.key);
        let cat = cut.get("bucketing").and_then(operation).is_some_and(|(operator, _)| operator == "cat");
        Ok(Cut { pieces, always: cat && !by.is_empty(), by })
    }
}

/// A `fractional` as the hash is cut by it.
struct Cut<'f> {
    /// None if all weights are zero.
    pieces: Vec<(&'f Node, u64)>,
    by: String,
    /// Whether every user has something to hash.
    always: bool,
}

/// The draw of users to whom a `fractional` gives something that counts as true, and of the others.
fn decided(cut: Cut<'_>, then: &Given, otherwise: &Given) -> Result<Given, String> {
    let mut pieces = Vec::new();
    for (given, end) in &cut.pieces {
        let holds = match &given.data {
            Data::Text(text) => !text.is_empty(),
            Data::Bool(value) => *value,
            Data::Number(number) => !number.is_zero(),
            Data::Null => false,
            Data::List(_) | Data::Map(_) => return Err("a condition is computed for each user".to_owned()),
        };
        pieces.push((holds, *end));
    }
    // Users without a value to hash are those for whom the condition does not hold.
    let last = || otherwise.unhashed.clone().or_else(|| otherwise.draw.constant().map(|_| otherwise.draw.clone()));
    let unhashed = if cut.always { otherwise.unhashed.clone() } else { last() };
    if pieces.is_empty() {
        return Ok(otherwise.clone());
    }
    let sides = [&then.draw, &otherwise.draw];
    if sides.iter().any(|draw| draw.constant().is_none() && draw.by != cut.by) {
        return Err("one hash decides whether another one counts".to_owned());
    }
    let mut ends: Vec<(Option<String>, u64)> = Vec::new();
    let mut low = 0;
    for (holds, high) in pieces {
        let draw = if holds { &then.draw } else { &otherwise.draw };
        let inside = draw.ends.iter().map(|(_, end)| *end).filter(|end| low < *end && *end < high);
        let cuts: Vec<u64> = inside.chain([high]).collect();
        for end in cuts {
            ends.push((draw.at(0, low).map(str::to_owned), end));
            low = end;
        }
    }
    Ok(Given { draw: Draw { space: Space::LINE, by: cut.by, rows: 1, ends: named(ends)? }, unhashed })
}

/// The ends of pieces that give a variant. The default of the code has no name here, so it can only come last.
fn named(ends: Vec<(Option<String>, u64)>) -> Result<Vec<(String, u64)>, String> {
    let nameless = ends.iter().position(|(given, _)| given.is_none()).unwrap_or(ends.len());
    if ends.iter().skip(nameless).any(|(given, _)| given.is_some()) {
        return Err("a part of it falls back to the code's own default".to_owned());
    }
    Ok(ends.into_iter().filter_map(|(given, end)| Some((given?, end))).collect())
}

/// The input of the hash, written so that two inputs are told apart. The key of the flag is in it by itself, or where a
/// rule asks for it.
fn hashed(cut: &Node, key: &str) -> String {
    let names_key = |salt: &Node| salt.as_list().unwrap_or_default().iter().any(|part| part.as_map().is_some());
    let by_key = cut.get("bucketing").is_none() || cut.get("salt").is_some_and(names_key);
    let key = if by_key { key } else { "" };
    let json = |field: &str| cut.get(field).map_or_else(String::new, Node::json);
    // The default written out is another input: users without a targeting key are hashed by it and not without it, and
    // Python's reader hashes a list by the one and a string by the other.
    format!("{}{}{}", json("bucketing"), json("salt"), Node::text(cut.place, key.to_owned()).json())
}
