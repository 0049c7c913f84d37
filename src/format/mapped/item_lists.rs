//! Lists that parts of a flag are read from: the items as they stand in the file, with all that they say.
//!
//! **In**: a flag's place in its document. **Out**: by field and way, the forms of the items of each list that a part
//! goes through. **Refuses**: nothing. **Not taken**: alignment of what one field has of the items, which may say the
//! same in many of them.

use std::sync::Arc;

use super::flag_place::{At, NodeSet};
use super::language::{FieldMap, ListKind, Path, PathStep, Source};
use super::project::way;
use super::walk::StepNames;
use crate::document::Node;
use crate::document::alignment::ItemForm;
use crate::flag::ItemLists;

/// The lists that the fields of an entity are read from.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct ListPlaces {
    /// The ways to them, each once.
    ways: Vec<Path>,
    parts: Vec<ListPart>,
    /// The lists whose items are known by their place.
    by_place: Vec<Path>,
}

/// A part of a field that a list is a part of, or goes through.
#[derive(Clone, PartialEq, Debug)]
struct ListPart {
    way: usize,
    /// Whether it goes through the list, and is not all of it.
    through: bool,
    field: &'static str,
    name: Option<String>,
    /// The member by which the items are told apart.
    by: Option<String>,
}

/// A list of a flag.
struct FoundList<'n> {
    node: &'n Node,
    items: &'n [Node],
    name: String,
}

impl ListPlaces {
    pub fn of(fields: &[FieldMap]) -> Self {
        let mut places = ListPlaces::default();
        // Those that parts go through, and then parts that are such a list as a whole.
        for through in [true, false] {
            for (row, part) in fields.iter().flat_map(|row| row.parts.iter().map(move |part| (row, part))) {
                let name = part.name.clone().filter(|name| name.len() > 1);
                let by = part.by.clone().or(match &part.list {
                    ListKind::Keyed(by) => Some(by.clone()),
                    ListKind::Ordered | ListKind::Set | ListKind::Append | ListKind::Positional => None,
                });
                for path in part.at.iter().filter_map(Source::path) {
                    let Some(way) = way_of(path, through) else { continue };
                    let (name, by) = (name.clone(), by.clone());
                    let way = places.way(way);
                    places.parts.push(ListPart { way, through, field: row.field, name, by });
                }
            }
        }
        let parts = fields.iter().flat_map(|row| &row.parts).filter(|part| part.list == ListKind::Positional);
        places.by_place = parts.flat_map(|part| &part.at).filter_map(Source::path).cloned().collect();
        places
    }

    fn way(&mut self, way: Path) -> usize {
        let known = self.ways.iter().position(|other| *other == way);
        known.unwrap_or_else(|| {
            self.ways.push(way);
            self.ways.len() - 1
        })
    }

    /// The lists of one flag.
    pub fn lists(&self, any_case: bool, at: &At<'_>) -> ItemLists {
        let found: Vec<Option<FoundList<'_>>> = self.ways.iter().map(|way| found(way, at)).collect();
        let mut lists = ItemLists::new();
        if found.iter().all(Option::is_none) {
            return lists;
        }
        let mut by_place = NodeSet::default();
        self.by_place.iter().for_each(|path| at.each_node(path, &mut |node| by_place.insert(node)));
        // Several ways may lead to one list.
        let mut known: Vec<(&Node, Arc<[ItemForm]>)> = Vec::new();
        for part in &self.parts {
            let Some(list) = found.get(part.way).and_then(Option::as_ref) else { continue };
            if has_numbers_for_names(list.items, part, any_case) || by_place.has(list.node) {
                continue;
            }
            let forms = match known.iter().find(|(node, _)| std::ptr::eq(*node, list.node)) {
                Some((_, forms)) => Arc::clone(forms),
                None if !part.through => continue,
                None => {
                    let forms: Arc<[ItemForm]> = list.items.iter().map(ItemForm::of).collect();
                    known.push((list.node, Arc::clone(&forms)));
                    forms
                }
            };
            let name = part.name.as_ref().unwrap_or(&list.name);
            let name = if any_case { name.to_lowercase() } else { name.clone() };
            lists.entry((part.field, name)).or_insert(forms);
        }
        lists
    }
}

/// The way to the list that a path goes through, which is that up to its first `*`; or to the one that it leads to.
fn way_of(path: &Path, through: bool) -> Option<Path> {
    let every = |step: &PathStep| matches!(step, PathStep::Any(before, after) if before.is_empty() && after.is_empty());
    let wild = path.steps.iter().position(PathStep::is_wild);
    let upto = match wild.and_then(|wild| path.steps.get(wild)) {
        Some(step) if through && every(step) => wild.unwrap_or_default(),
        None if !through => path.steps.len(),
        _ => return None,
    };
    Some(Path { root: path.root, steps: path.steps.get(..upto).unwrap_or_default().to_vec() })
}

/// The list at the end of a way, if it leads to one thing.
fn found<'n>(way_to_it: &Path, at: &At<'n>) -> Option<FoundList<'n>> {
    let mut count = 0;
    at.each_node(way_to_it, &mut |node| count += if node.as_list().is_some() { 1 } else { 2 });
    if count != 1 {
        return None;
    }
    let found = at.walk(way_to_it).pop()?;
    Some(FoundList { node: found.node, items: found.node.as_list()?, name: way(&found.names) })
}

/// Whether an item has a name that looks like the place of one.
fn has_numbers_for_names(items: &[Node], part: &ListPart, any_case: bool) -> bool {
    let names = StepNames { by: part.by.as_deref(), own: true, lower: any_case, ..StepNames::default() };
    let number = |item: &Node| {
        let name = names.of(item).filter(|name| super::project::is_scalar(name))?;
        Some(name.as_text().is_none_or(|name| name.bytes().all(|byte| byte.is_ascii_digit())))
    };
    items.iter().any(|item| number(item) == Some(true))
}
