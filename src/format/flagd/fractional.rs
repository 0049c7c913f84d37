//! `targeting` taken apart: the rule with every `fractional` cut out of it, and each `fractional` as a record of the
//! input of its hash, the constants in that input, and its weights.
//!
//! Nothing gets lost: with each record put back in the place of its number, the rule is the same as before.

use super::jsonlogic::operation;
use super::read::named;
use crate::diagnostics::Place;
use crate::document::{Data, Decimal, Entry, Map, Node};

/// The rule with `{fractional: N}` for each `fractional`, and their records, numbered from 1 in the order of the file.
/// A malformed `fractional`, which was reported, stays where it is.
pub fn cut(rule: Node) -> (Node, Vec<Node>) {
    let mut cutter = Cutter { found: Vec::new() };
    let rule = cutter.cut(rule);
    (rule, cutter.found)
}

/// A walk that takes the lists of `fractional` out of a tree.
struct Cutter {
    found: Vec<Node>,
}

impl Cutter {
    fn cut(&mut self, node: Node) -> Node {
        let Node { place, data, quoted, unknown } = node;
        let data = match data {
            Data::Map(mut map) => {
                let entry = match map.0.as_slice() {
                    [entry] if entry.key == "fractional" && well_formed(&entry.value) => map.0.pop(),
                    _ => None,
                };
                match entry {
                    Some(Entry { key, place, value }) => {
                        let number = whole(self.fractional(value));
                        let value = Node { place, data: number, quoted: false, unknown: false };
                        Data::Map(Map(vec![Entry { key, place, value }]))
                    }
                    None => Data::Map(Map(self.entries(map))),
                }
            }
            Data::List(items) => Data::List(items.into_iter().map(|item| self.cut(item)).collect()),
            scalar @ (Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_)) => scalar,
        };
        Node { place, data, quoted, unknown }
    }

    fn entries(&mut self, map: Map) -> Vec<Entry> {
        map.0.into_iter().map(|entry| Entry { value: self.cut(entry.value), ..entry }).collect()
    }

    /// Makes a record of a well-formed `fractional`; its number.
    fn fractional(&mut self, node: Node) -> usize {
        let Node { place, data, .. } = node;
        // Its number comes before the numbers of those inside of it.
        let at = self.found.len();
        self.found.push(Node::new(place, Data::Null));
        let mut record = vec![named("number", place, Data::Text((at + 1).to_string()))];
        let mut pairs = Vec::new();
        let Data::List(arguments) = data else { return at + 1 };
        for argument in arguments {
            let argument = self.cut(argument);
            let place = argument.place;
            if let Data::List(pair) = argument.data {
                pairs.push(weighted(pair, place));
                continue;
            }
            let mut salt = Vec::new();
            let bucketing = unsalted(argument, false, &mut salt);
            record.push(Entry { key: "bucketing".into(), place, value: bucketing });
            if let Some(first) = salt.first().map(|node| node.place) {
                record.push(named("salt", first, Data::List(salt)));
            }
        }
        record.push(named("weights", place, Data::List(pairs)));
        if let Some(slot) = self.found.get_mut(at) {
            slot.data = Data::Map(Map(record));
        }
        at + 1
    }
}

/// Whether the arguments are a rule, or none, and then lists of one or two.
fn well_formed(node: &Node) -> bool {
    let pair = |node: &Node| node.as_list().is_some_and(|pair| matches!(pair.len(), 1 | 2));
    match node.as_list() {
        None | Some([]) => false,
        Some([first, rest @ ..]) => (first.as_map().is_some() || pair(first)) && rest.iter().all(pair),
    }
}

/// A variant and its weight, which is 1 if it is left out.
fn weighted(mut pair: Vec<Node>, place: Place) -> Node {
    if pair.len() == 1 {
        pair.push(Node::new(place, whole(1)));
    }
    Node::new(place, Data::List(pair))
}

/// The input of the hash with `{salt: N}` for each constant and for the flag's key, which go to `salt`. Numbers are
/// constants where they are joined to the rest, directly in a `cat`.
fn unsalted(node: Node, joined: bool, salt: &mut Vec<Node>) -> Node {
    let operator = operation(&node).map(|(operator, _)| operator.to_owned());
    let constant = match (&node.data, operator.as_deref()) {
        (Data::Text(_), _) | (Data::Map(_), Some("salt")) => true,
        (Data::Number(_) | Data::Bool(_), _) => joined,
        (Data::Map(_), Some("var")) => flag_key(&node),
        (Data::Null | Data::List(_) | Data::Map(_), _) => false,
    };
    let (place, quoted, unknown) = (node.place, node.quoted, node.unknown);
    if constant {
        salt.push(node);
        let number = Node::new(place, whole(salt.len()));
        return Node::new(place, Data::Map(Map(vec![Entry { key: "salt".into(), place, value: number }])));
    }
    let data = match (node.data, operator.as_deref()) {
        // Names of attributes are not hashed.
        (data, Some("var" | "missing" | "missing_some")) => data,
        (Data::Map(map), operator) => {
            let cat = operator == Some("cat");
            let within = |entry: Entry| Entry { value: unsalted_arguments(entry.value, cat, salt), ..entry };
            Data::Map(Map(map.0.into_iter().map(within).collect()))
        }
        (Data::List(items), _) => Data::List(items.into_iter().map(|item| unsalted(item, false, salt)).collect()),
        (data @ (Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_)), _) => data,
    };
    Node { place, data, quoted, unknown }
}

/// The arguments of an operator: a list of them, or a single one.
fn unsalted_arguments(node: Node, joined: bool, salt: &mut Vec<Node>) -> Node {
    if let Data::List(items) = node.data {
        let items = items.into_iter().map(|item| unsalted(item, joined, salt)).collect();
        return Node { data: Data::List(items), ..node };
    }
    unsalted(node, joined, salt)
}

/// Whether a `var` is the flag's own key, which is the same for all users.
fn flag_key(node: &Node) -> bool {
    let name = operation(node).and_then(|(_, name)| name.as_text().or_else(|| name.as_list()?.first()?.as_text()));
    name == Some("$flagd.flagKey")
}

fn whole(number: usize) -> Data {
    Decimal::parse(&number.to_string()).map_or(Data::Null, Data::Number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn node(data: Data) -> Node {
        Node::new(Place::START, data)
    }

    fn rule(operator: &str, value: Node) -> Node {
        node(Data::Map(Map(vec![Entry { key: operator.to_owned(), place: Place::START, value }])))
    }

    /// Rules such as people write, and such as nobody should.
    fn rules() -> impl Strategy<Value = Node> {
        let leaf = prop_oneof![
            Just(Data::Null),
            any::<bool>().prop_map(Data::Bool),
            (0usize..4).prop_map(whole),
            prop::sample::select(&["on", "seed", "$flagd.flagKey"][..]).prop_map(|text| Data::Text(text.to_owned())),
        ];
        leaf.prop_map(node).prop_recursive(5, 60, 4, |inner| {
            let list = prop::collection::vec(inner.clone(), 0..4).prop_map(|items| node(Data::List(items)));
            let pair = prop::collection::vec(inner.clone(), 1..3).prop_map(|items| node(Data::List(items)));
            let key = prop_oneof![inner.clone(), list.clone()];
            let hashed = prop::sample::select(&["var", "cat", "if", "salt"][..]);
            let split = (prop::option::of((hashed, key)), prop::collection::vec(pair, 1..4));
            let split = split.prop_map(|(hashed, pairs)| {
                let first = hashed.map(|(operator, value)| rule(operator, value));
                rule("fractional", node(Data::List(first.into_iter().chain(pairs).collect())))
            });
            let operator = prop::sample::select(&["var", "cat", "if", "salt", "=="][..]);
            let other = (operator, inner).prop_map(|(operator, value)| rule(operator, value));
            prop_oneof![list, split, other]
        })
    }

    /// The rule again, from its parts.
    fn joined(node: Node, found: &[Node]) -> Node {
        let number = |node: &Node, wanted: &str| match operation(node) {
            Some((operator, number)) if operator == wanted => number.as_number()?.to_integer()?.try_into().ok(),
            _ => None,
        };
        let at: Option<usize> = number(&node, "fractional");
        if let Some(record) = at.and_then(|at| found.get(at.checked_sub(1)?)) {
            let salt = record.get("salt").and_then(Node::as_list).unwrap_or_default();
            let bucketing = record.get("bucketing").cloned().map(|bucketing| salted(bucketing, salt));
            let pairs = record.get("weights").and_then(Node::as_list).unwrap_or_default().iter().cloned();
            let arguments = bucketing.into_iter().chain(pairs).map(|argument| joined(argument, found)).collect();
            return rule("fractional", Node::new(Place::START, Data::List(arguments)));
        }
        within(node, &|node| joined(node, found))
    }

    fn salted(node: Node, salt: &[Node]) -> Node {
        match operation(&node) {
            Some(("salt", number)) => {
                let at = number.as_number().and_then(Decimal::to_integer).and_then(|at| usize::try_from(at - 1).ok());
                at.and_then(|at| salt.get(at)).cloned().expect("a salt for each number")
            }
            Some(("var" | "missing" | "missing_some", _)) => node,
            _ => within(node, &|node| salted(node, salt)),
        }
    }

    /// The rule with the weights that were left out.
    fn with_weights(node: Node) -> Node {
        match operation(&node) {
            Some(("fractional", pairs)) => {
                let pairs = pairs.as_list().unwrap_or_default().iter().cloned().map(with_weights);
                let pairs = pairs.map(|node| match node.data {
                    Data::List(pair) => weighted(pair, Place::START),
                    _ => node,
                });
                rule("fractional", Node::new(Place::START, Data::List(pairs.collect())))
            }
            _ => within(node, &with_weights),
        }
    }

    fn within(mut node: Node, then: &dyn Fn(Node) -> Node) -> Node {
        node.data = match node.data {
            Data::List(items) => Data::List(items.into_iter().map(then).collect()),
            Data::Map(map) => {
                Data::Map(Map(map.0.into_iter().map(|entry| Entry { value: then(entry.value), ..entry }).collect()))
            }
            scalar => scalar,
        };
        node
    }

    proptest! {
        /// Two rules that come apart into the same parts are the same rule.
        #[test]
        fn nothing_gets_lost(rule in rules()) {
            let (rest, found) = cut(rule.clone());
            prop_assert_eq!(joined(rest, &found), with_weights(rule));
        }
    }
}
