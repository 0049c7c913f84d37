//! Exposure model of a flagd flag: its `targeting` as a tree of `if`s, whose leaves are groups of users.
//!
//! Source: `core/pkg/evaluator/fractional.go` of open-feature/flagd, since core 0.15.0 (April 2026): the hash is murmur3
//! (x86, 32 bits, seed 0) of the first argument if that is a string, else of the flag's key and the targeting key run
//! together; the user gets the first variant whose cumulative weight is above `hash * total >> 32`, in the order of the
//! list. Weights below zero count as zero. If all are zero, or the rule gives nothing, it is `defaultVariant`.
//! Older versions cut the hash otherwise, so that other users switch; their shares are the same to within a percent.

use std::rc::Rc;

use super::jsonlogic::operation;
use crate::document::{Data, Decimal, Node};
use crate::flag::Flag;
use crate::impact::{
    Draw, FlagSides, Group, Groups, Impact, Lifecycle, MOST_GROUPS, Partition, Space, Uncomputed, changed_values,
    check_lengths, check_variants, in_backticks,
};

const OLDER_VERSIONS: &str =
    "flagd before core 0.15.0 (April 2026) cuts the hash otherwise: about as many users, but others";

/// The leaves of `targeting` as groups.
///
/// # Errors
/// The size that is too large to be computed.
pub fn groups(flag: &Flag) -> Result<Groups<'_>, String> {
    check_variants(flag)?;
    check_lengths(flag.variants().into_iter())?;
    let tree = tree(flag).ok_or("`targeting` is too large")?;
    Ok(Groups { list: tree.leaves, partition: Partition::Tree { questions: tree.questions, field: "targeting" } })
}

/// Adds a sentence for variants with another value.
pub fn add_unmodelled(sides: &FlagSides<'_>, out: &mut Vec<String>) {
    if let (Lifecycle::Active, Some(before), Some(after)) = (sides.lifecycle, sides.before, sides.after) {
        out.extend(changed_values(before, after, "value"));
    }
}

/// Adds the caveat about older versions, if a hash decides.
pub fn add_notes(sides: &FlagSides<'_>, out: &mut Impact) {
    let hashes = |flag: &Flag| tree(flag).is_none_or(|tree| tree.hashes);
    if [sides.before, sides.after].into_iter().flatten().any(hashes) {
        out.caveats.push(OLDER_VERSIONS.to_owned());
    }
}

/// A rule as a tree: its leaves, and the questions that lead to them.
struct TargetingTree<'f> {
    leaves: Vec<Group<'f>>,
    /// The conditions and their nesting; two trees with the same one send every user to the same leaf.
    questions: String,
    /// Whether a `fractional` is among the leaves.
    hashes: bool,
}

/// The tree of a flag; `None` if it is too large to be taken apart.
fn tree(flag: &Flag) -> Option<TargetingTree<'_>> {
    let targeting = flag.get("targeting");
    let cuts = targeting.and_then(|node| node.get("fractional")).and_then(Node::as_list).unwrap_or_default();
    let mut tree = TargetingTree { leaves: Vec::new(), questions: String::new(), hashes: false };
    let written: String = cuts.iter().map(Node::json).collect();
    let variants = flag.variants();
    let default = flag.get("defaultVariant").map_or_else(String::new, Node::json);
    let context = format!("{written} {default} {variants:?}").into();
    let mut reader = TreeReader { flag, variants, cuts, context, names: 0, hashes_in_conditions: false };
    match targeting.and_then(|node| node.get("rules")) {
        Some(rules) => reader.walk(rules, &mut Vec::new(), &mut tree)?,
        None => reader.leaf(None, &[], &mut tree)?,
    }
    if reader.hashes_in_conditions {
        // A condition that hashes asks another question if its weights differ.
        tree.questions.push_str(&written);
    }
    Some(tree)
}

/// The number of bytes that the names of all leaves may have. A name has every condition on the way to its leaf.
const MOST_NAMED: usize = 1 << 20;

/// The number of pieces that a `fractional` may cut. A variant may be in it more than once.
const MOST_PIECES: usize = 1000;

struct TreeReader<'f> {
    flag: &'f Flag,
    variants: Vec<&'f str>,
    cuts: &'f [Node],
    context: Rc<str>,
    /// Bytes of the names of leaves so far.
    names: usize,
    hashes_in_conditions: bool,
}

impl<'f> TreeReader<'f> {
    /// `None` as soon as the tree is too large.
    fn walk(&mut self, rule: &'f Node, way: &mut Vec<(String, &'f Node)>, tree: &mut TargetingTree<'f>) -> Option<()> {
        if let Some(("if" | "?:", arguments)) = operation(rule) {
            let arguments = arguments.as_list().unwrap_or(std::slice::from_ref(arguments));
            tree.questions.push('(');
            let mut rest = arguments;
            while let [condition, gives, others @ ..] = rest {
                let json = condition.json();
                tree.questions.push_str(&json);
                tree.questions.push('?');
                self.hashes_in_conditions |= json.contains("\"fractional\"");
                way.push((json, condition));
                self.walk(gives, way, tree)?;
                way.pop();
                rest = others;
            }
            match rest {
                [last, ..] => self.walk(last, way, tree)?,
                // Without an else, `if` gives nothing.
                [] => self.leaf(None, way, tree)?,
            }
            tree.questions.push(')');
        } else {
            self.leaf(Some(rule), way, tree)?;
        }
        Some(())
    }

    fn leaf(&mut self, rule: Option<&Node>, way: &[(String, &'f Node)], tree: &mut TargetingTree<'f>) -> Option<()> {
        self.names += way.iter().map(|(json, _)| json.len()).sum::<usize>();
        if self.names > MOST_NAMED || tree.leaves.len() >= MOST_GROUPS {
            return None;
        }
        tree.questions.push(';');
        let draw = match rule {
            None => self.default_variant(),
            Some(rule) => match (&rule.data, operation(rule)) {
                (Data::Null, _) => self.default_variant(),
                (Data::Text(name), _) => self.variant(name),
                (Data::Bool(value), _) => self.variant(if *value { "true" } else { "false" }),
                (Data::Map(_), Some(("fractional", number))) => {
                    tree.hashes = true;
                    self.fractional(number)
                }
                _ => Err(format!("{} depends on the user in a way that can't be computed", in_backticks(&rule.json()))),
            },
        };
        let (names, conditions): (Vec<&str>, Vec<&'f Node>) =
            way.iter().map(|(json, node)| (json.as_str(), *node)).unzip();
        let name = (!way.is_empty()).then(|| names.join(" and "));
        let draw = draw.map_err(|why| {
            let of = rule.map_or_else(String::new, Node::json);
            Uncomputed { why, of, context: Rc::clone(&self.context) }
        });
        tree.leaves.push(Group { name, conditions, draw });
        Some(())
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

    fn fractional(&self, number: &Node) -> Result<Draw, String> {
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
            let given = match &gives.data {
                Data::Text(name) => self.variant(name)?,
                Data::Bool(value) => self.variant(if *value { "true" } else { "false" })?,
                Data::Null => self.default_variant()?,
                _ => return Err("a variant is computed for each user".to_owned()),
            };
            sum +=
                u64::try_from(weight.max(0)).ok().filter(|weight| *weight <= LARGEST).ok_or("a weight is too large")?;
            parts.push((given.constant().flatten().map(str::to_owned), sum));
        }
        if sum > LARGEST {
            return Err("the weights are too large".to_owned());
        }
        if sum == 0 {
            return self.default_variant();
        }
        // The first hash with `hash * sum >> 32 >= upto`.
        let end = |upto: u64| (u128::from(upto) << 32).div_ceil(u128::from(sum));
        let mut ends: Vec<(Option<String>, u64)> = Vec::new();
        for (given, upto) in parts {
            let end = u64::try_from(end(upto)).unwrap_or(u64::MAX);
            if ends.last().map_or(0, |(_, last)| *last) < end {
                ends.push((given, end));
            }
        }
        // The default of the code has no name here, so it can only come last.
        let nameless = ends.iter().position(|(given, _)| given.is_none()).unwrap_or(ends.len());
        if ends.iter().skip(nameless).any(|(given, _)| given.is_some()) {
            return Err("a part of it falls back to the code's own default".to_owned());
        }
        let ends = ends.into_iter().filter_map(|(given, end)| Some((given?, end))).collect();
        Ok(Draw { space: Space::LINE, by: hashed(cut), rows: 1, ends })
    }
}

/// The largest sum of weights flagd takes.
const LARGEST: u64 = i32::MAX as u64;

/// The input of the hash, written so that two inputs are told apart. The key of the flag is the same on both sides.
fn hashed(cut: &Node) -> String {
    let json = |field: &str| cut.get(field).map_or_else(String::new, Node::json);
    let (bucketing, salt) = (json("bucketing"), json("salt"));
    // The default, written out.
    let default = r#"{"cat":[{"salt":1},{"var":"targetingKey"}]}"#;
    match (bucketing.as_str(), salt.as_str()) {
        (written, r#"[{"var":"$flagd.flagKey"}]"#) if written == default => String::new(),
        _ => format!("{bucketing}{salt}"),
    }
}
