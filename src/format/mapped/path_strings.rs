//! Strings of a flag that are paths of its document, such as the section of the settings that a variant stands for.
//!
//! **In**: the value of a field, and paths in it to such strings. **Out**: the value with what stands at those places,
//! so that a change there is one of the flag. **Refuses**: more than a file may hold. **Not taken**: other files that
//! may say something of the same place.

use super::document::lower_keys;
use super::entries::NamedEntries;
use super::flag_place::At;
use super::language::FieldMap;
use super::letter_case::fold;
use crate::diagnostics::{Diagnostics, Place, lints};
use crate::document::yaml::MAX_NODES;
use crate::document::{Data, Node};

/// A value at a path, with its place and the part of a key below the path, if that ends within a key.
type FollowedValue<'n> = (String, Place, &'n Node);

/// Puts what strings lead to in their place, under the path that they are.
pub fn follow(node: &mut Node, (row, any_case): (&FieldMap, bool), at: &At<'_>, diagnostics: &mut Diagnostics<'_>) {
    let mut left = MAX_NODES;
    for (path, between) in &row.follows {
        super::inner_values::each_at(node, &path.steps, &mut |inner| {
            let Data::Text(way) = &inner.data else { return true };
            let mut walk = FollowedPath { between, any_case, found: Vec::new() };
            walk.step(at.document, way);
            let found = walk.found;
            let size: usize = found.iter().map(|(.., node)| node.size()).sum();
            match left.checked_sub(size) {
                Some(rest) => left = rest,
                None => {
                    let message = format!("`{}` names more than {MAX_NODES} values", way.escape_debug());
                    diagnostics.add(lints::TOO_MANY_NODES, inner.place, message, "name a smaller part of the file");
                    return true;
                }
            }
            let mut entries = NamedEntries::default();
            for (rest, place, node) in found {
                let key = if rest.is_empty() { way.clone() } else { format!("{way}{between}{rest}") };
                let mut value = node.clone();
                if any_case {
                    lower_keys(&mut value);
                }
                entries.push(if any_case { key.to_lowercase() } else { key }, place, value);
            }
            let entries = entries.into_map();
            if !entries.0.is_empty() {
                inner.data = Data::Map(entries);
            }
            true
        });
    }
}

/// A walk along the names in a string.
struct FollowedPath<'n, 'w> {
    between: &'w str,
    any_case: bool,
    found: Vec<FollowedValue<'n>>,
}

impl<'n> FollowedPath<'n, '_> {
    /// Everything at a path. A key of the document may hold several of its names.
    fn step(&mut self, node: &'n Node, way: &str) {
        let (any_case, between) = (self.any_case, self.between);
        let read = |text: &str| if any_case { fold(text).into_owned() } else { text.to_owned() };
        match &node.data {
            Data::Map(map) => {
                let wanted = read(way);
                for entry in map.iter() {
                    let key = read(&entry.key);
                    let below =
                        |long: &str, short: &str| Some(long.strip_prefix(short)?.strip_prefix(between)?.to_owned());
                    if key == wanted {
                        self.found.push((String::new(), entry.place, &entry.value));
                    } else if let Some(rest) = below(&key, &wanted) {
                        self.found.push((rest, entry.place, &entry.value));
                    } else if let Some(rest) = below(&wanted, &key) {
                        self.step(&entry.value, &rest);
                    }
                }
            }
            Data::List(items) => {
                let (first, rest) = way.split_once(between).map_or((way, None), |(one, rest)| (one, Some(rest)));
                let Some(item) = first.parse::<usize>().ok().and_then(|at| items.get(at)) else { return };
                match rest {
                    Some(rest) => self.step(item, rest),
                    None => self.found.push((String::new(), item.place, item)),
                }
            }
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => {}
        }
    }
}
