//! Tests of a flag: whether it is live, and what of a document is a flag at all.

use super::language::{Test, TestQuestion};
use super::read::At;
use crate::document::{Data, Decimal, Node};

impl Test {
    /// Whether it holds for what stands here.
    pub fn holds(&self, at: &At<'_>) -> bool {
        match self {
            Test::Always => true,
            Test::All(tests) => tests.iter().all(|test| test.holds(at)),
            Test::Any(tests) => tests.iter().any(|test| test.holds(at)),
            Test::Not(test) => !test.holds(at),
            Test::Env(names) => at.env_key.as_ref().is_some_and(|key| names.contains(key)),
            Test::File(before, after) => at.file_part(before, after).is_some(),
            Test::At(sources, question) => {
                let found = at.values(sources);
                match question {
                    TestQuestion::Absent(absent) => found.iter().all(Node::is_null) == *absent,
                    TestQuestion::In(those) => found.iter().any(|node| those.iter().any(|one| same(one, node))),
                    TestQuestion::Has(one) => found.iter().any(|node| has(node, one)),
                    TestQuestion::Over(number) => found.iter().any(|node| is_over(node, number)),
                }
            }
        }
    }
}

impl Test {
    /// Whether it asks for true or false of something that is neither: to some readers `yes` is true, and a string to others.
    pub fn is_unclear(&self, at: &At<'_>) -> bool {
        match self {
            Test::Always | Test::Env(_) | Test::File(..) => false,
            Test::All(tests) | Test::Any(tests) => tests.iter().any(|test| test.is_unclear(at)),
            Test::Not(test) => test.is_unclear(at),
            Test::At(sources, TestQuestion::In(those)) => {
                those.iter().any(|one| one.as_bool().is_some())
                    && at.values(sources).iter().any(|node| matches!(node.data, Data::Text(_) | Data::Number(_)))
            }
            // A number that is none, such as `50%`.
            Test::At(sources, TestQuestion::Over(_)) => at.values(sources).iter().any(|node| {
                node.as_text().is_some_and(|text| Decimal::parse(text).is_none()) || node.as_bool().is_some()
            }),
            Test::At(..) => false,
        }
    }
}

/// Whether two say the same, where a number may be written as another one.
fn same(one: &Node, two: &Node) -> bool {
    match (one.as_number(), two.as_number()) {
        (Some(one), Some(two)) => one == two,
        _ => one == two,
    }
}

fn has(node: &Node, one: &Node) -> bool {
    match &node.data {
        Data::List(items) => items.iter().any(|item| same(item, one)),
        Data::Map(map) => one.as_text().is_some_and(|key| map.get(key).is_some()),
        _ => same(node, one),
    }
}

fn is_over(node: &Node, number: &Decimal) -> bool {
    match &node.data {
        Data::Number(found) => found > number,
        // A number in a string, as some formats have it.
        Data::Text(text) => Decimal::parse(text).is_some_and(|found| found > *number),
        _ => false,
    }
}
