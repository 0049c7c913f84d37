//! The place of a flag in its document, and what sources say from there.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::language::{Path, Root, Source};
use super::path::PathMatch;
use super::walk::{StepNames, each_node_of, walk_names};
use crate::diagnostics::Place;
use crate::document::{Data, Entry, Node};

/// Where a flag stands: what its paths start from.
#[derive(Clone, Debug)]
pub struct At<'n> {
    pub path: &'n str,
    pub document: &'n Node,
    pub entity: &'n Node,
    pub env: Option<&'n Node>,
    /// The names that the `*`s of the entity's path stood for.
    pub keys: Vec<String>,
    pub env_key: Option<String>,
    /// The first name on the way that no `*` stood for.
    pub around: Option<&'n str>,
    /// The way to it without names, where it is an entity or one of its environments.
    pub layout: String,
    /// The member that names it among the items of its list, each of which it names otherwise.
    pub named_by: Option<&'n Entry>,
    /// Whether most readers of its file take another document alone.
    pub later: bool,
    /// The nodes under names of what `each` stands on, and those names.
    pub environments: Arc<BTreeMap<usize, String>>,
    /// The key without its scope, once it is known.
    pub name: Option<String>,
    pub place: Place,
}

impl<'n> At<'n> {
    /// The document itself.
    pub fn document(root: &'n Node, path: &'n str) -> Self {
        let place = root.place;
        let environments = Arc::default();
        At {
            path,
            document: root,
            entity: root,
            env: None,
            keys: Vec::new(),
            env_key: None,
            around: None,
            layout: String::new(),
            named_by: None,
            later: false,
            environments,
            name: None,
            place,
        }
    }

    /// The place that a path of the document leads to.
    pub fn at(&self, found: &PathMatch<'n>) -> Self {
        let named = |at: &usize| found.names.get(*at).map(|name| super::path::without_mark(name).to_owned());
        let keys = found.wild.iter().filter_map(named).collect();
        let layout = super::path::layout(found, false);
        At { entity: found.node, keys, place: found.place, around: found.around(), layout, ..self.clone() }
    }

    /// The places that a source leads to, for paths from there.
    pub fn inside(&self, source: &Source) -> Vec<At<'n>> {
        let Source::Path(path) = source else { return Vec::new() };
        self.walk(path).iter().map(|found| At { env: None, name: None, ..self.at(found) }).collect()
    }

    /// The node that a path starts from.
    pub fn start(&self, path: &Path) -> Option<&'n Node> {
        match path.root {
            Root::Entity => Some(self.entity),
            Root::Env => self.env,
            Root::Document => Some(self.document),
        }
    }

    /// The nodes that a path leads to from here.
    pub fn walk(&self, path: &Path) -> Vec<PathMatch<'n>> {
        self.start(path).map(|start| walk_names(start, &path.steps, self.names())).unwrap_or_default()
    }

    /// The nodes at a path, without the way to each.
    pub fn nodes(&self, path: &Path) -> Vec<&'n Node> {
        let mut found = Vec::new();
        self.each_node(path, &mut |node| found.push(node));
        found
    }

    /// Visits the nodes at a path one by one.
    pub fn each_node(&self, path: &Path, each: &mut dyn FnMut(&'n Node)) {
        if let Some(start) = self.start(path) {
            each_node_of(start, &path.steps, self.names(), each);
        }
    }

    /// Whether a node stands under the name of another environment.
    pub fn is_of_another(&self, node: &Node) -> bool {
        let name = self.environments.get(&address(node));
        name.is_some_and(|name| Some(name) != self.env_key.as_ref())
    }

    /// The names that steps of a path may have from here.
    pub fn names(&self) -> StepNames<'_> {
        StepNames { env: self.env_key.as_deref(), keys: &self.keys, ..StepNames::default() }
    }

    /// The values of the first of some sources that is there.
    pub fn values(&self, sources: &[Source]) -> Vec<Cow<'n, Node>> {
        sources.iter().map(|source| self.value(source)).find(|found| !found.is_empty()).unwrap_or_default()
    }

    /// Whether one of the values is so, of the first of some sources that is there.
    pub fn any(&self, sources: &[Source], so: &dyn Fn(&Node) -> bool) -> bool {
        let mut is_so = false;
        self.each_value(sources, &mut |node| is_so = is_so || so(node));
        is_so
    }

    /// Visits the values of the first of some sources that is there. Every flag is asked, so that no list of values is
    /// made.
    pub fn each_value(&self, sources: &[Source], each: &mut dyn FnMut(&Node)) {
        for source in sources {
            let mut is_there = false;
            let mut visit = |node: &Node| {
                is_there = true;
                each(node);
            };
            match source {
                Source::Path(path) => self.each_node(path, &mut |node| visit(node)),
                Source::Value => visit(self.env.unwrap_or(self.entity)),
                _ => self.value(source).iter().for_each(|node| visit(node)),
            }
            if is_there {
                return;
            }
        }
    }

    fn value(&self, source: &Source) -> Vec<Cow<'n, Node>> {
        let text = |text: String| Cow::Owned(Node::text(self.place, text));
        match source {
            Source::Path(path) => self.nodes(path).into_iter().map(Cow::Borrowed).collect(),
            Source::Key(None) => self.name.as_ref().or(self.keys.last()).cloned().map(text).into_iter().collect(),
            Source::Key(Some(at)) => self.keys.get(*at).cloned().map(text).into_iter().collect(),
            Source::Name => {
                let name = self.keys.last().filter(|key| !key.bytes().all(|byte| byte.is_ascii_digit()));
                name.cloned().map(text).into_iter().collect()
            }
            Source::Item => self.named_by.map(|entry| Cow::Borrowed(&entry.value)).into_iter().collect(),
            Source::EnvKey => self.env_key.clone().map(text).into_iter().collect(),
            Source::Value => vec![Cow::Borrowed(self.env.unwrap_or(self.entity))],
            Source::Word(word) => vec![text(word.clone())],
            Source::File => vec![text(super::path::stem(self.path).to_owned())],
            Source::FileCamel => vec![text(super::path::camel(super::path::stem(self.path)))],
            Source::FileScope => {
                super::path::file_scope(self.path).map(|part| text(part.to_owned())).into_iter().collect()
            }
            Source::FilePart(before, after) => {
                self.file_part(before, after).map(|part| text(part.to_owned())).into_iter().collect()
            }
        }
    }

    /// The part of the path between these two, the first of which begins a name.
    pub fn file_part(&self, before: &str, after: &str) -> Option<&'n str> {
        let rest = match self.path.strip_prefix(before) {
            Some(rest) => rest,
            None => {
                let mut tails = self.path.match_indices('/').filter_map(|(at, _)| self.path.get(at + 1..));
                tails.find_map(|rest| rest.strip_prefix(before))?
            }
        };
        if after.is_empty() {
            return Some(rest.rsplit_once('.').map_or(rest, |(part, _)| part));
        }
        rest.strip_suffix(after)
    }

    /// Whether nothing but its place among other items tells which flag it is.
    pub fn is_known_by_place(&self, name: &str) -> bool {
        self.layout.contains("[]") && self.keys.last().is_some_and(|key| key == name)
    }

    /// The text of the first of some sources that has one.
    pub fn text(&self, sources: &[Source]) -> Option<String> {
        // The first that has one: a name that is nothing, or a map, is no name.
        sources.iter().flat_map(|source| self.value(source)).find_map(|node| match &node.data {
            Data::Text(text) => Some(text.clone()),
            Data::Number(number) => Some(number.to_string()),
            Data::Bool(value) => Some(value.to_string()),
            Data::Null | Data::List(_) | Data::Map(_) => None,
        })
    }
}

/// An address that tells nodes of one document apart.
pub fn address(node: &Node) -> usize {
    std::ptr::from_ref(node) as usize
}

/// Nodes of one document, by their addresses. They are sorted once all are there, and looked up then: each flag has
/// several such sets, in which few nodes are.
#[derive(Default)]
pub struct NodeSet {
    addresses: Vec<usize>,
    sorted: bool,
}

impl NodeSet {
    pub fn insert(&mut self, node: &Node) {
        self.addresses.push(address(node));
        self.sorted = false;
    }

    /// Sorts the nodes, after which they are found soon.
    pub fn sort(&mut self) {
        if !self.sorted {
            self.addresses.sort_unstable();
            self.sorted = true;
        }
    }

    pub fn has(&self, node: &Node) -> bool {
        let address = address(node);
        if self.sorted { self.addresses.binary_search(&address).is_ok() } else { self.addresses.contains(&address) }
    }

    /// Adds the nodes of another set.
    pub fn add(&mut self, other: &NodeSet) {
        self.addresses.extend(&other.addresses);
        self.sorted &= other.addresses.is_empty();
    }
}
