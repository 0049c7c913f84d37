//! `targeting` as a tree of questions about the user, whose leaves are groups of users.
//!
//! An `if` asks its conditions in turn. A rule that is true or false chooses between variants of these names, and so is
//! a question too. A `fractional` that stands where a condition could is one if it can't be taken into the draw of a
//! leaf.

use super::exposure::Draws;
use super::jsonlogic::{BOOLEAN, operation};
use crate::diagnostics::words::in_backticks;
use crate::document::{Data, Decimal, Node};
use crate::flag::Flag;
use crate::groups::Uncomputed;
use crate::impact::{Answer, Group, MOST_GROUPS};

/// The number of bytes that the names of all leaves may have. A name has every condition on the way to its leaf.
const MOST_NAMED: usize = 1 << 20;

/// A rule as a tree: its leaves, and the questions that lead to them.
pub struct TargetingTree<'f> {
    pub leaves: Vec<Group<'f>>,
    /// The conditions and their nesting; two trees with the same one send every user to the same leaf.
    pub questions: String,
    pub conditions: Vec<String>,
    pub answers: Vec<Answer>,
    /// Whether a `fractional` is among the leaves.
    pub hashes: bool,
}

/// The tree of a flag; `None` if it is too large to be taken apart.
pub fn of(flag: &Flag) -> Option<TargetingTree<'_>> {
    let targeting = flag.get("targeting");
    let cuts = targeting.and_then(|node| node.get("fractional")).and_then(Node::as_list).unwrap_or_default();
    let written: String = cuts.iter().map(Node::json).collect();
    let variants = flag.variants();
    let default = flag.get("defaultVariant").map_or_else(String::new, Node::json);
    let context = format!("{written} {default} {variants:?} {}", flag.key).into();
    let tree = TargetingTree {
        leaves: Vec::new(),
        questions: String::new(),
        conditions: Vec::new(),
        answers: Vec::new(),
        hashes: false,
    };
    let mut reader = TargetingReader { draws: Draws { flag, variants, cuts, context }, tree, names: 0 };
    let start = Way::default();
    match targeting.and_then(|node| node.get("rules")) {
        Some(rules) => reader.walk(rules, &start)?,
        None => reader.leaf(None, &start)?,
    }
    Some(reader.tree)
}

/// The way to a leaf: the conditions that hold, and the last answer.
#[derive(Clone, Default)]
struct Way<'f> {
    holding: Vec<(String, &'f Node)>,
    last: Option<usize>,
}

/// A reader of the rules of one flag.
struct TargetingReader<'f> {
    draws: Draws<'f>,
    tree: TargetingTree<'f>,
    /// Bytes of the names of leaves so far.
    names: usize,
}

impl<'f> TargetingReader<'f> {
    /// `None` as soon as the tree is too large.
    fn walk(&mut self, rule: &'f Node, way: &Way<'f>) -> Option<()> {
        match operation(rule) {
            _ if self.draws.of(Some(rule)).is_some() => self.leaf(Some(rule), way),
            Some(("if" | "?:", arguments)) => {
                self.chain(arguments.as_list().unwrap_or(std::slice::from_ref(arguments)), way)
            }
            Some((operator, _)) if BOOLEAN.contains(&operator) => {
                self.tree.questions.push('(');
                let (yes, no) = self.ask(rule, way);
                self.truth(true, &yes)?;
                self.truth(false, &no)?;
                self.tree.questions.push(')');
                Some(())
            }
            _ => self.leaf(Some(rule), way),
        }
    }

    fn chain(&mut self, arguments: &'f [Node], way: &Way<'f>) -> Option<()> {
        self.tree.questions.push('(');
        let (mut rest, mut way) = (arguments, way.clone());
        loop {
            match rest {
                [condition, gives, others @ ..] => {
                    if let Some(given) = self.draws.chain(rest) {
                        let of = rest.iter().map(Node::json).collect::<Vec<_>>().join(" ");
                        self.put(Some(given), of, &way)?;
                        break;
                    }
                    let (yes, no) = self.ask(condition, &way);
                    self.walk(gives, &yes)?;
                    (rest, way) = (others, no);
                }
                [last] => {
                    self.walk(last, &way)?;
                    break;
                }
                [] => {
                    self.leaf(None, &way)?;
                    break;
                }
            }
        }
        self.tree.questions.push(')');
        Some(())
    }

    /// Asks whether a condition holds: the ways of those for whom it does and of all others.
    fn ask(&mut self, condition: &'f Node, way: &Way<'f>) -> (Way<'f>, Way<'f>) {
        let json = condition.json();
        // A condition that hashes asks another question if its weights differ.
        let mut written = json.clone();
        self.add_cuts(condition, &mut written);
        self.tree.questions.push_str(&written);
        self.tree.questions.push('?');
        let number = self.tree.conditions.len();
        self.tree.conditions.push(written);
        let mut answer = |holds: bool| {
            self.tree.answers.push(Answer { after: way.last, condition: number, holds });
            Some(self.tree.answers.len() - 1)
        };
        let (yes, no) = (answer(true), answer(false));
        let mut holding = way.holding.clone();
        holding.push((json, condition));
        (Way { holding, last: yes }, Way { holding: way.holding.clone(), last: no })
    }

    fn add_cuts(&self, node: &Node, out: &mut String) {
        match (operation(node), &node.data) {
            (Some(("fractional", number)), _) => {
                let at = number.as_number().and_then(Decimal::to_integer).and_then(|at| usize::try_from(at - 1).ok());
                out.extend(at.and_then(|at| self.draws.cuts.get(at)).map(Node::json));
            }
            (_, Data::Map(map)) => map.iter().for_each(|entry| self.add_cuts(&entry.value, out)),
            (_, Data::List(items)) => items.iter().for_each(|item| self.add_cuts(item, out)),
            (_, Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_)) => {}
        }
    }

    fn truth(&mut self, value: bool, way: &Way<'f>) -> Option<()> {
        let node = Node::new(crate::diagnostics::Place::START, Data::Bool(value));
        self.leaf(Some(&node), way)
    }

    fn leaf(&mut self, rule: Option<&Node>, way: &Way<'f>) -> Option<()> {
        let json = rule.map_or_else(String::new, Node::json);
        self.put(self.draws.of(rule), json, way)
    }

    fn put(&mut self, given: Option<Result<super::exposure::Given, String>>, of: String, way: &Way<'f>) -> Option<()> {
        self.names += way.holding.iter().map(|(json, _)| json.len()).sum::<usize>();
        if self.names > MOST_NAMED || self.tree.leaves.len() >= MOST_GROUPS {
            return None;
        }
        self.tree.questions.push(';');
        self.tree.hashes |= of.contains("\"fractional\"");
        let computed = || format!("{} depends on the user in a way that can't be computed", in_backticks(&of));
        let given = given.unwrap_or_else(|| Err(computed()));
        let (draw, unhashed) = match given {
            Ok(given) => (Ok(given.draw), given.unhashed),
            Err(why) => {
                let context = std::sync::Arc::clone(&self.draws.context);
                (Err(Uncomputed { why, of, context }), None)
            }
        };
        let (names, conditions): (Vec<&str>, Vec<&'f Node>) =
            way.holding.iter().map(|(json, node)| (json.as_str(), *node)).unzip();
        let name = (!names.is_empty()).then(|| names.join(" and "));
        self.tree.leaves.push(Group { name, conditions, requires: &[], is_tree: false, draw, unhashed, way: way.last });
        Some(())
    }
}
