//! Labels and annotations of resources, by which a kustomization selects those that a patch is laid over.
//!
//! **In**: a file of resources, or what a review has of a kustomization. **Out**: the labels of each resource, and
//! whether the kustomization selects by them. **Refuses**: nothing. **Not taken**: which resources a selector takes,
//! since labels of a base may come from several kustomizations.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use super::document::documents;
use super::flag_place::At;
use crate::diagnostics::Diagnostics;
use crate::document::canonical::canonical;
use crate::document::shape::Shape;
use crate::document::{Data, Entry, Map, Node};
use crate::flag::{File, Flag};
use crate::format::FormatRef;

/// A member of a patch's target that selects resources.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
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
        ways: &[&["metadata", "annotations"], &["annotations"], &["commonAnnotations"]],
    },
];

/// A resource by its kind, its namespace and its name; by its file, if it has no name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Resource {
    pub kind: String,
    pub name: String,
    pub namespace: String,
}

/// The labels or annotations of a resource, by which a selector may take it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Selectable {
    pub selector: Selector,
    pub resource: Resource,
}

impl Selectable {
    /// The same for all that may be patches of each other. Namespaces may be given elsewhere.
    #[must_use]
    pub fn without_namespace(mut self) -> Self {
        self.resource.namespace.clear();
        self
    }
}

impl Display for Resource {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Resource { kind, name, namespace } = self;
        write!(out, "{kind} {name}")?;
        if namespace.is_empty() { Ok(()) } else { write!(out, " in {namespace}") }
    }
}

/// The labels and annotations of each document of a file, in a form that their order does not change; empty for one
/// without any.
#[must_use]
pub fn labels(format: &FormatRef, file: &File) -> BTreeMap<Selectable, String> {
    let mut found = BTreeMap::new();
    let Some(mapping) = format.mapping.as_ref().filter(|mapping| mapping.once.is_some()) else { return found };
    let read = documents(&file.bytes, mapping, &mut Diagnostics::of(&file.path)).unwrap_or_default();
    for document in &read {
        let at = At::document(&document.node, &file.path);
        let member = |way: &[&str]| way.iter().try_fold(at.document, |node, name| node.get(name));
        let text = |way: &[&str]| member(way).and_then(Node::as_text).unwrap_or_default().to_owned();
        let name = Some(text(&["metadata", "name"])).filter(|name| !name.is_empty());
        let resource = Resource {
            kind: text(&["kind"]),
            name: name.unwrap_or_else(|| file.path.clone()),
            namespace: text(&["metadata", "namespace"]),
        };
        for selector in SELECTORS {
            let said = selector.ways.iter().filter_map(|way| member(way)).map(|labels| canonical(labels, &Shape::Any));
            let one = Selectable { selector: *selector, resource: resource.clone() };
            let all: &mut String = found.entry(one).or_default();
            said.filter(|said| said != "{}").for_each(|said| all.push_str(&said));
        }
    }
    found
}

impl Selector {
    /// Whether a document of a kustomization selects so.
    #[must_use]
    pub fn is_in(&self, flag: &Flag) -> bool {
        let is_of_kustomize = |part: &str| {
            let kind = part.split('.').next().unwrap_or_default();
            ["Kustomization", "Component", "patch"].contains(&kind)
                || ["Transformer", "Generator"].iter().any(|end| kind.ends_with(end))
        };
        let part = flag.key.strip_prefix("resource ").filter(|_| super::is_part(flag));
        part.is_some_and(is_of_kustomize) && self.is_member(&flag.record)
    }

    fn is_member(&self, map: &Map) -> bool {
        // Documents of its own stand there in strings.
        let of_documents = |entry: &Entry| ["transformers", "generators"].contains(&entry.key.as_str());
        map.iter().any(|entry| {
            entry.key.ends_with(self.member)
                || self.is_inside(&entry.value, false)
                || of_documents(entry) && self.is_inside(&entry.value, true)
        })
    }

    fn is_inside(&self, node: &Node, in_strings: bool) -> bool {
        match &node.data {
            Data::Map(map) => {
                self.is_member(map) || in_strings && map.iter().any(|entry| self.is_inside(&entry.value, true))
            }
            Data::List(items) => items.iter().any(|item| self.is_inside(item, in_strings)),
            Data::Text(text) => in_strings && text.contains(self.member),
            Data::Null | Data::Bool(_) | Data::Number(_) => false,
        }
    }
}

/// Makes something that differs elsewhere a part of both sides of a flag.
pub fn add_difference(before: &mut Flag, after: &mut Flag, what: &str, (was, is): (&str, &str)) {
    for (flag, said) in [(before, was), (after, is)] {
        super::add_to_rest(flag, what, if said.is_empty() { "none".to_owned() } else { said.to_owned() });
    }
}
