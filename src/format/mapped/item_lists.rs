//! Lists that parts of a flag are read from: the items as they stand in the file, with all that they say.
//!
//! **In**: a flag's place in its document. **Out**: by field and way, the forms of the items of each list that a part
//! goes through. **Refuses**: nothing. **Not taken**: alignment of what one field has of the items, which may say the
//! same in many of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::flag_place::{At, address};
use super::language::{Entity, FieldMap, FieldPart, ListKind, Mapping, PathStep, Source};
use super::path::{StepNames, walk};
use super::project::way;
use crate::document::Node;
use crate::document::alignment::ItemForm;
use crate::flag::ItemLists;

/// The lists of one flag.
pub fn item_lists(mapping: &Mapping, entity: &Entity, at: &At<'_>) -> ItemLists {
    let mut lists = ItemLists::new();
    let mut known: BTreeMap<usize, Arc<[ItemForm]>> = BTreeMap::new();
    let all = entity.fields.iter().flat_map(|row| &row.parts).filter(|part| part.list == ListKind::Positional);
    let sources = all.flat_map(|part| &part.at).filter_map(Source::path);
    let by_place: BTreeSet<usize> = sources.flat_map(|path| at.nodes(path)).map(address).collect();
    // Those that parts go through, and then parts that are such a list as a whole.
    for through in [true, false] {
        let parts = entity.fields.iter().flat_map(|row| row.parts.iter().map(move |part| (row, part)));
        for (row, part, list, name) in parts.flat_map(|(row, part)| found(row, part, through, at)) {
            let Some(items) = list.as_list().filter(|items| !has_numbers_for_names(items, part, mapping)) else {
                continue;
            };
            if by_place.contains(&address(list)) {
                continue;
            }
            let forms = match known.get(&address(list)) {
                Some(forms) => Arc::clone(forms),
                None if !through => continue,
                None => items.iter().map(ItemForm::of).collect(),
            };
            known.insert(address(list), Arc::clone(&forms));
            let name = if mapping.syntax.any_case { name.to_lowercase() } else { name };
            lists.entry((row.field, name)).or_insert(forms);
        }
    }
    lists
}

/// The nodes at the ends of the sources of a part, up to their first `*`, each with its name in the field.
fn found<'a, 'n>(
    row: &'a FieldMap,
    part: &'a FieldPart,
    through: bool,
    at: &At<'n>,
) -> Vec<(&'a FieldMap, &'a FieldPart, &'n Node, String)> {
    let every = |step: &PathStep| matches!(step, PathStep::Any(before, after) if before.is_empty() && after.is_empty());
    let mut nodes = Vec::new();
    for path in part.at.iter().filter_map(Source::path) {
        let wild = path.steps.iter().position(PathStep::is_wild);
        let upto = match wild.and_then(|wild| path.steps.get(wild)) {
            Some(step) if through && every(step) => wild.unwrap_or_default(),
            None if !through => path.steps.len(),
            _ => continue,
        };
        let (steps, Some(start)) = (at.steps(path), at.start(path)) else { continue };
        if let [one] = walk(start, steps.get(..upto).unwrap_or_default()).as_slice()
            && one.node.as_list().is_some()
        {
            let named = part.name.clone().filter(|name| name.len() > 1);
            nodes.push((row, part, one.node, named.unwrap_or_else(|| way(&one.names))));
        }
    }
    nodes
}

/// Whether an item has a name that looks like the place of one.
fn has_numbers_for_names(items: &[Node], part: &FieldPart, mapping: &Mapping) -> bool {
    let by = part.by.as_deref().or(match &part.list {
        ListKind::Keyed(by) => Some(by.as_str()),
        ListKind::Ordered | ListKind::Set | ListKind::Append | ListKind::Positional => None,
    });
    let names = StepNames { by, own: true, lower: mapping.syntax.any_case };
    let number = |item: &Node| {
        let name = names.of(item).filter(|name| super::project::is_scalar(name))?;
        Some(name.as_text().is_none_or(|name| name.bytes().all(|byte| byte.is_ascii_digit())))
    };
    items.iter().any(|item| number(item) == Some(true))
}
