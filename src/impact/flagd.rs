//! The groups of a flagd flag: its `targeting` as a tree of `if`s whose leaves say what users get.
//!
//! Source: `core/pkg/evaluator/fractional.go` of open-feature/flagd, since core 0.15.0 (April 2026): the hash is murmur3
//! (x86, 32 bits, seed 0) of the first argument if that is a text, else of the flag's key and the targeting key run
//! together; the user gets the first variant whose cumulative weight is above `hash * total >> 32`, in the order of the
//! list. Weights below zero count as zero. If all are zero, or the rule gives nothing, it is `defaultVariant`.
//! Older versions cut the hash otherwise, so that other users are moved; their shares are the same to within a percent.

use std::rc::Rc;

use super::bounds::MOST_GROUPS;
use super::conditions::ticked;
use super::draw::{Draw, Space, Unknown};
use crate::document::{Data, Decimal, Node};
use crate::flag::Flag;

/// A leaf of the tree: the conditions on the way to it, and what its users get.
pub struct Leaf<'f> {
    /// `None` when no condition names these users: everyone, or all other users.
    pub name: Option<String>,
    /// What the name is made of.
    pub conditions: Vec<&'f Node>,
    pub draw: Result<Draw, Unknown>,
}

/// A rule as a tree, and what it asks users, apart from what it gives them.
pub struct Tree<'f> {
    pub leaves: Vec<Leaf<'f>>,
    /// The conditions and their nesting; two trees with the same one send every user to the same leaf.
    pub asks: String,
    /// Whether a `fractional` is among the leaves.
    pub draws: bool,
}

/// Said of a flag that has no tree.
pub const TOO_LARGE: &str = "`targeting` is too large";

/// The tree of a flag; `None` if it is too large to be taken apart.
#[must_use]
pub fn tree(flag: &Flag) -> Option<Tree<'_>> {
    let targeting = flag.get("targeting");
    let cuts = targeting.and_then(|node| node.get("fractional")).and_then(Node::as_list).unwrap_or_default();
    let mut tree = Tree { leaves: Vec::new(), asks: String::new(), draws: false };
    let written: String = cuts.iter().map(Node::json).collect();
    let variants = flag.variants();
    let default = flag.get("defaultVariant").map_or_else(String::new, Node::json);
    let among = format!("{written} {default} {variants:?}").into();
    let mut reader = Reader { flag, variants, cuts, among, names: 0, draws_in_conditions: false };
    match targeting.and_then(|node| node.get("rules")) {
        Some(rules) => reader.walk(rules, &mut Vec::new(), &mut tree)?,
        None => reader.leaf(None, &[], &mut tree)?,
    }
    if reader.draws_in_conditions {
        // A condition that draws by itself asks something else when its weights do.
        tree.asks.push_str(&written);
    }
    Some(tree)
}

/// How many bytes the names of all leaves may have; each has every condition on the way to it.
const MOST_NAMED: usize = 1 << 20;

/// How many pieces one `fractional` may be cut into; a variant may stand in it more than once.
const MOST_PIECES: usize = 1000;

struct Reader<'f> {
    flag: &'f Flag,
    variants: Vec<&'f str>,
    cuts: &'f [Node],
    among: Rc<str>,
    /// Bytes of the names of leaves so far.
    names: usize,
    draws_in_conditions: bool,
}

impl<'f> Reader<'f> {
    /// `None` as soon as the tree is too large.
    fn walk(&mut self, rule: &'f Node, way: &mut Vec<(String, &'f Node)>, tree: &mut Tree<'f>) -> Option<()> {
        if let Some(("if" | "?:", arguments)) = operation(rule) {
            let arguments = arguments.as_list().unwrap_or(std::slice::from_ref(arguments));
            tree.asks.push('(');
            let mut rest = arguments;
            while let [condition, gives, others @ ..] = rest {
                let json = condition.json();
                tree.asks.push_str(&json);
                tree.asks.push('?');
                self.draws_in_conditions |= json.contains("\"fractional\"");
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
            tree.asks.push(')');
        } else {
            self.leaf(Some(rule), way, tree)?;
        }
        Some(())
    }

    fn leaf(&mut self, rule: Option<&Node>, way: &[(String, &'f Node)], tree: &mut Tree<'f>) -> Option<()> {
        self.names += way.iter().map(|(json, _)| json.len()).sum::<usize>();
        if self.names > MOST_NAMED || tree.leaves.len() >= MOST_GROUPS {
            return None;
        }
        tree.asks.push(';');
        let draw = match rule {
            None => self.default_variant(),
            Some(rule) => match (&rule.data, operation(rule)) {
                (Data::Null, _) => self.default_variant(),
                (Data::Text(name), _) => self.variant(name),
                (Data::Bool(value), _) => self.variant(if *value { "true" } else { "false" }),
                (Data::Map(_), Some(("fractional", number))) => {
                    tree.draws = true;
                    self.fractional(number)
                }
                _ => Err(format!("{} depends on the user in a way that can't be computed", ticked(&rule.json()))),
            },
        };
        let (names, conditions): (Vec<&str>, Vec<&Node>) =
            way.iter().map(|(json, node)| (json.as_str(), *node)).unzip();
        let name = (!way.is_empty()).then(|| names.join(" and "));
        let draw = draw.map_err(|why| {
            let of = rule.map_or_else(String::new, Node::json);
            Unknown { why, of, among: Rc::clone(&self.among) }
        });
        tree.leaves.push(Leaf { name, conditions, draw });
        Some(())
    }

    fn variant(&self, name: &str) -> Result<Draw, String> {
        let known = self.variants.contains(&name);
        known.then(|| Draw::everyone(name)).ok_or_else(|| format!("{} is no variant", ticked(name)))
    }

    /// What users get whom the rule gives nothing: the default variant, or what the code has.
    fn default_variant(&self) -> Result<Draw, String> {
        match self.flag.get("defaultVariant") {
            None => Ok(Draw::nobody()),
            Some(node) => {
                self.variant(node.as_text().ok_or_else(|| format!("{} is no variant", ticked(&node.json())))?)
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
        // What the code falls back to has no name here, so it can only come last.
        let nameless = ends.iter().position(|(given, _)| given.is_none()).unwrap_or(ends.len());
        if ends.iter().skip(nameless).any(|(given, _)| given.is_some()) {
            return Err("a part of it falls back to the code's own default".to_owned());
        }
        let ends = ends.into_iter().filter_map(|(given, end)| Some((given?, end))).collect();
        Ok(Draw { space: Space::Line, by: hashed(cut), rows: 1, ends })
    }
}

/// The largest sum of weights flagd takes.
const LARGEST: u64 = i32::MAX as u64;

/// What is hashed, in words that tell two of it apart. The key of the flag is always the same on both sides.
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

fn operation(node: &Node) -> Option<(&str, &Node)> {
    match node.as_map()?.0.as_slice() {
        [entry] => Some((&entry.key, &entry.value)),
        _ => None,
    }
}
