//! A JSON document whose members keep their order.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    Leaf(Value),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

/// The numbers of the members or items on the way to a place.
pub type Place = Vec<usize>;

impl Tree {
    pub fn len(&self) -> usize {
        match self {
            Tree::Leaf(_) => 0,
            Tree::List(items) => items.len(),
            Tree::Map(members) => members.len(),
        }
    }

    pub fn child(&self, at: usize) -> &Tree {
        match self {
            Tree::List(items) => &items[at],
            Tree::Map(members) => &members[at].1,
            Tree::Leaf(_) => unreachable!("a leaf has no children"),
        }
    }

    pub fn at(&self, place: &[usize]) -> &Tree {
        place.iter().fold(self, |tree, at| tree.child(*at))
    }

    pub fn at_mut(&mut self, place: &[usize]) -> &mut Tree {
        place.iter().fold(self, |tree, at| match tree {
            Tree::List(items) => &mut items[*at],
            Tree::Map(members) => &mut members[*at].1,
            Tree::Leaf(_) => unreachable!("a leaf has no children"),
        })
    }

    /// Every place below this one, and this one.
    pub fn places(&self) -> Vec<Place> {
        let below = (0..self.len())
            .flat_map(|at| self.child(at).places().into_iter().map(move |place| [&[at], &*place].concat()));
        [Vec::new()].into_iter().chain(below).collect()
    }

    /// A place in words: `/flags/0/key`.
    pub fn pointer(&self, place: &[usize]) -> String {
        let Some((first, rest)) = place.split_first() else { return String::new() };
        let name = match self {
            Tree::Map(members) => members[*first].0.clone(),
            _ => first.to_string(),
        };
        format!("/{name}{}", self.child(*first).pointer(rest))
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Tree::Leaf(value) => write!(out, "{value}"),
            Tree::List(items) => {
                let items: Vec<String> = items.iter().map(Tree::to_string).collect();
                write!(out, "[{}]", items.join(", "))
            }
            Tree::Map(members) => {
                let member = |(name, tree): &(String, Tree)| format!("{}: {tree}", Value::from(&**name));
                write!(out, "{{{}}}", members.iter().map(member).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tree, D::Error> {
        struct Ordered;
        impl<'de> Visitor<'de> for Ordered {
            type Value = Tree;

            fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
                out.write_str("a JSON value")
            }

            fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
                Ok(Tree::Leaf(value.into()))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
                Ok(Tree::Leaf(value.into()))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
                Ok(Tree::Leaf(value.into()))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
                Ok(Tree::Leaf(value.into()))
            }

            fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
                Ok(Tree::Leaf(value.into()))
            }

            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree::Leaf(Value::Null))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
                let mut all = Vec::new();
                while let Some(item) = items.next_element()? {
                    all.push(item);
                }
                Ok(Tree::List(all))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree, A::Error> {
                let mut all = Vec::new();
                while let Some(member) = members.next_entry()? {
                    all.push(member);
                }
                Ok(Tree::Map(all))
            }
        }
        deserializer.deserialize_any(Ordered)
    }
}
