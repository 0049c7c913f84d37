//! Labels and annotations of resources, by which a kustomization selects those that a patch is laid over.
//!
//! **In**: a file of resources, or what a review has of a kustomization. **Out**: the labels of each resource, and
//! whether the kustomization selects by them. **Refuses**: nothing. **Not taken**: which resources a selector takes,
//! since labels of a base may come from several kustomizations.

use std::collections::BTreeMap;

use super::document::documents;
use super::flag_place::At;
use crate::diagnostics::Diagnostics;
use crate::document::{Data, Map, Node};
use crate::flag::Flag;
use crate::format::FormatRef;

/// A member of a patch's target that selects resources.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Selector {
    pub member: &'static str,
    /// The word for what it looks at.
    pub of: &'static str,
    /// The ways to that, in a resource and in a kustomization that gives it to others.
    ways: &'static [&'static [&'static str]],
}

pub const SELECTORS: &[Selector] = &[
    Selector {
        member: "labelSelector",
        of: "labels",
        ways: &[&["metadata", "labels"], &["labels"], &["commonLabels"]],
    },
    Selector {
        member: "annotationSelector",
        of: "annotations",
        ways: &[&["metadata", "annotations"], &["commonAnnotations"]],
    },
];

impl Selector {
    /// The labels of each document of a file by its kind and name, as JSON; empty for one without any.
    #[must_use]
    pub fn labels(&self, format: &FormatRef, bytes: &[u8], path: &str) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let Some(mapping) = format.mapping.as_ref().filter(|mapping| mapping.once.is_some()) else { return found };
        let read = documents(bytes, mapping, &mut Diagnostics::of(path)).unwrap_or_default();
        for document in &read {
            let at = At::document(&document.node, path);
            let member = |way: &[&str]| way.iter().try_fold(at.document, |node, name| node.get(name));
            let texts = [member(&["kind"]), member(&["metadata", "name"])];
            let name = texts.iter().flatten().filter_map(|node| node.as_text()).collect::<Vec<_>>().join(" ");
            let said = self.ways.iter().filter_map(|way| member(way)).map(Node::json);
            let all: &mut String = found.entry(name).or_default();
            said.for_each(|said| all.push_str(&said));
        }
        found
    }

    /// Whether a kustomization selects so.
    #[must_use]
    pub fn is_in(&self, flag: &Flag) -> bool {
        super::is_part(flag) && flag.key.starts_with("resource ") && self.is_member(&flag.record)
    }

    fn is_member(&self, map: &Map) -> bool {
        map.iter().any(|entry| entry.key.ends_with(self.member) || self.is_inside(&entry.value))
    }

    fn is_inside(&self, node: &Node) -> bool {
        match &node.data {
            Data::Map(map) => self.is_member(map),
            Data::List(items) => items.iter().any(|item| self.is_inside(item)),
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => false,
        }
    }
}

/// Makes something that differs elsewhere a part of both sides of a flag.
pub fn add_difference(before: &mut Flag, after: &mut Flag, what: &str, (was, is): (&str, &str)) {
    for (flag, said) in [(before, was), (after, is)] {
        super::add_to_rest(flag, what, if said.is_empty() { "none".to_owned() } else { said.to_owned() });
    }
}
