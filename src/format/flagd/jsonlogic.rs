//! flagd's JsonLogic: checks of a rule, the evaluators it refers to, and the variants it can give.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::checks::wrong_type;
use crate::diagnostics::diagnostic::nearest;
use crate::diagnostics::{Diagnostics, Place, lints};
use crate::document::canonical::canonical;
use crate::document::shape::shown;
use crate::document::{Data, Decimal, Entry, Map, Node, Shape};
use crate::flag::{Shared, SharedPart};

/// The operators of flagd's schema (<https://flagd.dev/schema/v0/targeting.json>), and the two of JsonLogic itself
/// that the schema leaves out and the daemon evaluates all the same.
#[rustfmt::skip]
const OPERATORS: &[&str] = &[
    "var", "missing", "missing_some", "if", "==", "===", "!=", "!==", ">", ">=", "<", "<=", "!", "!!", "or", "and",
    "%", "/", "*", "+", "-", "max", "min", "map", "filter", "all", "none", "some", "reduce", "merge", "in", "cat",
    "starts_with", "ends_with", "sem_ver", "fractional", "?:", "substr",
];

/// Operators that give true or false; as the whole of a rule they choose between variants of these names.
#[rustfmt::skip]
pub const BOOLEAN: &[&str] = &[
    "==", "===", "!=", "!==", ">", ">=", "<", "<=", "!", "!!", "in", "all", "none", "some", "starts_with", "ends_with",
    "sem_ver",
];

/// The operators for which users can be told apart, each with the number of arguments at which no reader stops. `min`
/// and `max` are no operators to JavaScript's.
const ARGUMENTS: &[(&[&str], std::ops::RangeInclusive<usize>)] = &[
    (
        &["==", "===", "!=", "!==", "%", "/", "in", "starts_with", "ends_with", "map", "filter", "all", "none", "some"],
        2..=2,
    ),
    (&["<", "<=", ">", ">="], 2..=3),
    (&["sem_ver", "reduce"], 3..=3),
    (&["-"], 1..=2),
    (&["substr"], 2..=3),
    (&["missing_some"], 2..=2),
    (&["if", "?:", "and", "or", "cat", "+", "*", "merge", "missing"], 1..=usize::MAX),
];

/// The part of a rule at which a reader may stop, so that it gives nobody what it says: an operator that it does not
/// have, or arguments that it does not take.
pub fn unsound(rule: &Node) -> Option<String> {
    let mut open = vec![rule];
    while let Some(node) = open.pop() {
        match (operation(node), &node.data) {
            // Taken apart before; only its number stands here.
            (Some(("fractional", _)), _) => {}
            (Some(("var", name)), _) => {
                let name = name.as_list().map_or(Some(name), <[Node]>::first);
                if !name.is_some_and(|name| matches!(name.data, Data::Text(_))) {
                    return Some(shown(node));
                }
            }
            (Some(("!" | "!!", argument)), _) => open.push(argument),
            (Some((operator, arguments)), _) => {
                let known = ARGUMENTS.iter().find(|(names, _)| names.contains(&operator));
                let list = arguments.as_list().unwrap_or_default();
                let first_is_list = operator == "in" && list.first().is_some_and(|first| first.as_list().is_some());
                if first_is_list || !known.is_some_and(|(_, count)| count.contains(&list.len())) {
                    return Some(shown(node));
                }
                open.extend(list);
            }
            (None, Data::Map(map)) if !map.0.is_empty() => return Some(shown(node)),
            (None, Data::List(items)) => open.extend(items),
            (None, _) => {}
        }
    }
    None
}

/// The largest sum of weights flagd cuts a hash by, and so the largest single one.
const MOST_WEIGHT: i128 = i32::MAX as i128;

/// A shared rule: the place of its name, what it says, how many values that are, and whether it has an error.
struct Evaluator {
    place: Place,
    rule: Arc<Node>,
    size: usize,
    invalid: bool,
}

/// The shared rules of a file, and the number of values that may still be copied into its flags.
pub struct Evaluators {
    rules: BTreeMap<String, Evaluator>,
    pub left: usize,
    /// Whether nobody knows which rules there are, for a reason that is reported.
    pub unreadable: bool,
}

impl Evaluators {
    pub fn none(left: usize) -> Self {
        Evaluators { rules: BTreeMap::new(), left, unreadable: false }
    }

    /// Reads the `$evaluators` of the file.
    pub fn read(&mut self, node: Node, diagnostics: &mut Diagnostics<'_>) {
        let Data::Map(map) = node.data else {
            if !node.is_null() {
                wrong_type(&node, "`$evaluators`", "a map from name to rule", diagnostics);
                self.unreadable = true;
            }
            return;
        };
        for Entry { key, place, value } in map.0 {
            let errors = diagnostics.errors();
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            if key.is_empty() || !key.bytes().all(plain) {
                // Readers look for the name as a regular expression, or in text that they cut apart elsewhere.
                let message = format!("`{}` is not usable as the name of an evaluator", key.escape_debug());
                diagnostics.add(lints::BAD_KEY, place, message, "use ASCII letters, digits, `_` and `-`");
            }
            literal(&value, diagnostics);
            match value.as_map() {
                Some(rule) if !rule.0.is_empty() => check(&value, None, diagnostics),
                // The daemon refuses the whole file if one of them is empty.
                _ => wrong_type(&value, &format!("the evaluator `{}`", key.escape_debug()), "a rule", diagnostics),
            }
            let size = value.size();
            let value = super::sets::in_order(value);
            let invalid = diagnostics.errors() > errors;
            self.rules.insert(key, Evaluator { place, rule: Arc::new(value), size, invalid });
        }
    }

    /// Adds the diagnostics of a flag's rule, with its references.
    pub fn check(&self, rule: &Node, diagnostics: &mut Diagnostics<'_>) {
        check(rule, Some(self), diagnostics);
    }

    /// The node with evaluators in the place of the references that name them, but for evaluators with an error: what
    /// comes of that is not reported of each flag.
    pub fn expand(&mut self, mut node: Node) -> Node {
        if let Some(Evaluator { rule, size, .. }) = reference(&node)
            .and_then(Node::as_text)
            .and_then(|name| self.rules.get(name))
            .filter(|evaluator| !evaluator.invalid)
        {
            if *size > self.left {
                self.left = 0;
                return node;
            }
            self.left -= size;
            return Node::clone(rule);
        }
        node.data = match node.data {
            Data::List(items) => Data::List(items.into_iter().map(|item| self.expand(item)).collect()),
            Data::Map(map) => {
                let within = |entry: Entry| Entry { value: self.expand(entry.value), ..entry };
                Data::Map(Map(map.0.into_iter().map(within).collect()))
            }
            scalar @ (Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_)) => scalar,
        };
        node
    }

    /// The evaluators that a rule refers to, each once.
    pub fn used(&self, rule: &Node) -> Option<Shared> {
        let mut names = BTreeSet::new();
        let mut open = vec![rule];
        while let Some(node) = open.pop() {
            match &node.data {
                Data::Map(map) => {
                    names.extend(reference(node).and_then(Node::as_text));
                    open.extend(map.iter().map(|entry| &entry.value));
                }
                Data::List(items) => open.extend(items),
                Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
            }
        }
        let part = |name: &str| {
            let Evaluator { place, rule, .. } = self.rules.get(name)?;
            Some(SharedPart { name: name.to_owned(), place: *place, said: Arc::clone(rule) })
        };
        let parts: Vec<SharedPart> = names.into_iter().filter_map(part).collect();
        (!parts.is_empty()).then(|| Shared { field: "targeting.rules", own: canonical(rule, &Shape::Any), parts })
    }

    /// Takes `size` more values as copied.
    pub fn spend(&mut self, size: usize) {
        self.left = self.left.saturating_sub(size);
    }
}

/// Adds a diagnostic for the first string of an evaluator that a reader does not put in as it stands. Java's, older
/// daemons and Python's take the rule for a replacement of a regular expression, in which `$` and `\\` mean something
/// else; and JSON writes quotes, control characters and, in Python, everything beyond ASCII with a `\\`.
fn literal(rule: &Node, diagnostics: &mut Diagnostics<'_>) {
    let special = |text: &str| text.chars().find(|char| !matches!(char, ' '..='~') || matches!(char, '$' | '\\' | '"'));
    let mut open = vec![rule];
    while let Some(node) = open.pop() {
        let found = match &node.data {
            Data::Text(text) => special(text).map(|char| (char, node.place)),
            Data::Map(map) => {
                open.extend(map.iter().map(|entry| &entry.value));
                let mut keys = map.iter().filter(|entry| entry.key != "$ref");
                keys.find_map(|entry| Some((special(&entry.key)?, entry.place)))
            }
            Data::List(items) => {
                open.extend(items);
                None
            }
            Data::Null | Data::Bool(_) | Data::Number(_) => None,
        };
        if let Some((char, place)) = found {
            let char = char.escape_debug();
            let message = format!("an evaluator holds `{char}`, and readers differ in what they put in for it");
            let remedy = "write the rule out in `targeting` of each flag that needs it, and remove the evaluator";
            diagnostics.add(lints::READERS_DISAGREE, place, message, remedy);
            return;
        }
    }
}

/// The operator of a rule and what it is applied to.
pub fn operation(node: &Node) -> Option<(&str, &Node)> {
    match node.as_map()?.0.as_slice() {
        [Entry { key, value, .. }] => Some((key, value)),
        _ => None,
    }
}

/// The parts of a rule that are its result, as far as that is known without evaluating it: constants, and rules that
/// are true or false. The rest (`var`, `cat`, `or`, …) depends on the user.
pub fn results(rule: &Node) -> Vec<&Node> {
    let mut found = Vec::new();
    let mut open = vec![rule];
    while let Some(node) = open.pop() {
        match (operation(node), &node.data) {
            (Some(("if" | "?:", arguments)), _) => {
                let arguments = arguments.as_list().unwrap_or_default();
                let last = arguments.len().saturating_sub(1);
                let gives = |at: usize| at % 2 == 1 || at == last;
                open.extend(arguments.iter().enumerate().filter(|(at, _)| gives(*at)).map(|(_, node)| node));
            }
            (Some(("fractional", buckets)), _) => {
                let buckets = buckets.as_list().unwrap_or_default();
                let given = buckets.iter().filter_map(|bucket| bucket.as_list()?.first());
                open.extend(given.filter(|given| given.as_list().is_none()));
            }
            (Some((operator, _)), _) => {
                if BOOLEAN.contains(&operator) {
                    found.push(node);
                }
            }
            (None, Data::Null | Data::Map(_)) => {}
            (None, Data::Bool(_) | Data::Number(_) | Data::Text(_) | Data::List(_)) => found.push(node),
        }
    }
    found
}

fn reference(node: &Node) -> Option<&Node> {
    operation(node).filter(|(operator, _)| *operator == "$ref").map(|(_, name)| name)
}

/// Checks a rule. Without `evaluators` the rule is an evaluator, which can refer to none.
fn check(node: &Node, evaluators: Option<&Evaluators>, diagnostics: &mut Diagnostics<'_>) {
    match &node.data {
        Data::List(items) => {
            for item in items {
                check(item, evaluators, diagnostics);
            }
        }
        Data::Map(map) => match operation(node) {
            Some(("$ref", name)) => check_reference(name, evaluators, diagnostics),
            Some((operator, arguments)) => {
                if operator == "fractional" {
                    check_fractional(arguments, diagnostics);
                } else if !OPERATORS.contains(&operator) {
                    let remedy = match nearest(operator, OPERATORS.iter().copied()) {
                        Some(meant) => format!("write `{meant}` if that is what you mean"),
                        None => "use an operator of flagd's targeting schema".to_owned(),
                    };
                    let message = format!("`{}` is no operator flagd has", operator.escape_debug());
                    diagnostics.add(lints::UNKNOWN_WORD, node.place, message, remedy);
                }
                check(arguments, evaluators, diagnostics);
            }
            None => {
                let message = format!("a rule has {} keys: {}", map.0.len(), shown(node));
                diagnostics.add(lints::WRONG_TYPE, node.place, message, "write one operator with its arguments");
            }
        },
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
    }
}

fn check_reference(name: &Node, evaluators: Option<&Evaluators>, diagnostics: &mut Diagnostics<'_>) {
    let Some(evaluators) = evaluators else {
        // flagd replaces references in no particular order, so what comes of one in an evaluator is chance.
        let message = format!("an evaluator refers to another, {}, which flagd does not support", shown(name));
        diagnostics.add(lints::UNKNOWN_EVALUATOR, name.place, message, "write out the rule it refers to");
        return;
    };
    let known = match name.as_text() {
        Some(name) => evaluators.rules.contains_key(name) || evaluators.unreadable,
        None => false,
    };
    if !known {
        let names = evaluators.rules.keys().take(20).map(String::as_str);
        let remedy = match nearest(name.as_text().unwrap_or_default(), names) {
            Some(meant) => format!("write `{meant}` if that is what you mean"),
            None => "add it to `$evaluators`".to_owned(),
        };
        let message = format!("`$ref` names {}, which is no evaluator of this file", shown(name));
        diagnostics.add(lints::UNKNOWN_EVALUATOR, name.place, message, remedy);
    }
}

/// Checks the arguments of a `fractional`: maybe an expression, then lists of a variant and maybe a weight.
fn check_fractional(node: &Node, diagnostics: &mut Diagnostics<'_>) {
    let Some(arguments) = node.as_list() else {
        return wrong_type(
            node,
            "`fractional`",
            "a list of variants with weights, `[[\"on\", 10], [\"off\", 90]]`",
            diagnostics,
        );
    };
    let mut total = Some(0);
    for (at, argument) in arguments.iter().enumerate() {
        match (&argument.data, argument.as_list()) {
            (Data::Map(_), _) if at == 0 => {}
            (_, Some([given])) => {
                check_given(given, diagnostics);
                total = total.map(|sum| sum + 1);
            }
            (_, Some([given, weight])) => {
                check_given(given, diagnostics);
                let weight = check_weight(weight, diagnostics);
                total = total.zip(weight).map(|(sum, weight)| sum + weight);
            }
            _ if at == 0 => {
                wrong_type(
                    argument,
                    "what `fractional` hashes",
                    "a rule such as `{\"var\": \"email\"}`, or nothing",
                    diagnostics,
                );
                total = None;
            }
            _ => {
                wrong_type(
                    argument,
                    "a part of `fractional`",
                    "a variant and its weight, such as `[\"on\", 10]`",
                    diagnostics,
                );
                total = None;
            }
        }
    }
    match total {
        Some(0) => diagnostics.add(
            lints::WEIGHTS_ALL_ZERO,
            node.place,
            "`fractional` gives no variant any weight",
            "give at least one variant a weight above 0",
        ),
        Some(total) if total > MOST_WEIGHT => diagnostics.add(
            lints::OUT_OF_RANGE,
            node.place,
            format!("the weights of `fractional` sum up to {total}"),
            format!("make them sum up to at most {MOST_WEIGHT}"),
        ),
        Some(_) | None => {}
    }
}

fn check_given(node: &Node, diagnostics: &mut Diagnostics<'_>) {
    if node.as_list().is_some() {
        wrong_type(node, "what a part of `fractional` gives", "the name of a variant, or a rule", diagnostics);
    }
}

/// The weight, if it is a number that flagd can use. `None` for one that is computed, or wrong and reported.
fn check_weight(node: &Node, diagnostics: &mut Diagnostics<'_>) -> Option<i128> {
    match &node.data {
        Data::Map(_) => None,
        Data::Number(number) => {
            // Python's reader gives nobody a variant where a weight has a point, as `10.0` has; others take it for 10.
            let weight = Decimal::to_integer(number).filter(|_| !number.is_float());
            let weight = weight.filter(|weight| (0..=MOST_WEIGHT).contains(weight));
            if weight.is_none() {
                diagnostics.add(
                    lints::OUT_OF_RANGE,
                    node.place,
                    format!("a weight of `fractional` is {}", shown(node)),
                    format!("write a whole number from 0 to {MOST_WEIGHT}, without a point; only the ratio counts"),
                );
            }
            weight
        }
        Data::Null | Data::Bool(_) | Data::Text(_) | Data::List(_) => {
            wrong_type(node, "a weight of `fractional`", "a whole number, without quotes", diagnostics);
            None
        }
    }
}
