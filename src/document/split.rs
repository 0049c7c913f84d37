//! The normal form of weights in order ([`super::Shape::Split`]): a hash is cut into ranges one after the other, so
//! that another order of the same weights gives users something else.

use super::decimal::{Decimal, ratio};
use super::node::Node;

/// The variants with their weights as the smallest whole numbers of the same ratio, without those of no weight.
pub(super) fn parts(pairs: &[Node]) -> Option<Vec<(&Node, u128)>> {
    let pairs: Option<Vec<(&Node, &Decimal)>> = pairs
        .iter()
        .map(|pair| match pair.as_list()? {
            [given, weight] => Some((given, weight.as_number()?)),
            _ => None,
        })
        .collect();
    let pairs = pairs?;
    let weights = ratio(&pairs.iter().map(|(_, weight)| *weight).collect::<Vec<_>>())?;
    let given = pairs.into_iter().map(|(given, _)| given);
    Some(given.zip(weights).filter(|(_, weight)| *weight > 0).collect())
}

#[cfg(test)]
mod tests {
    use super::super::canonical::canonical;
    use super::super::{Data, Shape};
    use super::*;
    use crate::diagnostics::Place;

    #[test]
    fn a_split_is_its_ratio_and_its_order() {
        let at = Place::START;
        let number = |text: &str| Node::new(at, Decimal::parse(text).map_or(Data::Null, Data::Number));
        let pair = |given: &str, weight: Node| Node::new(at, Data::List(vec![Node::text(at, given), weight]));
        let said = |pairs: Vec<Node>| canonical(&Node::new(at, Data::List(pairs)), &Shape::Split);
        let plain =
            |pairs: &[(&str, &str)]| said(pairs.iter().map(|(given, weight)| pair(given, number(weight))).collect());
        assert_eq!(plain(&[("on", "50"), ("off", "50")]), r#"[["on",1],["off",1]]"#);
        assert_eq!(plain(&[("off", "1"), ("on", "1.0")]), r#"[["off",1],["on",1]]"#);
        assert_eq!(plain(&[("on", "10"), ("off", "90")]), r#"[["on",1],["off",9]]"#);
        assert_eq!(plain(&[("on", "0"), ("off", "90")]), r#"[["off",1]]"#);
        assert_eq!(plain(&[("on", "0"), ("off", "0")]), r#"[["on",0],["off",0]]"#, "no ratio: as it stands");
        assert_eq!(plain(&[]), "[]");
        let computed = || Node::text(at, "x");
        assert_eq!(said(vec![pair("on", computed()), pair("off", number("50"))]), r#"[["on","x"],["off",50]]"#);
        assert_eq!(said(vec![number("1")]), "[1]");
    }
}
