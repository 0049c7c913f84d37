//! Survey of a mapping: paths of it that lead to nothing in the files that it reads, because a misspelt name makes no
//! error elsewhere.
//!
//! **In**: a mapping and its files. **Out**: a warning if no file has a flag, and one for each test of `live` that asks
//! about what no flag has. **Refuses**: to call a field missing that some flag may get one day. **Not taken**: the same
//! question for each review, which has few files.

use std::collections::BTreeMap;

use super::document::documents;
use super::flag_place::At;
use super::language::{Entity, Path, Source, Test, TestQuestion};
use super::read::found;
use super::walk::walk;
use crate::diagnostics::{Diagnostic, Diagnostics, Place, lints};
use crate::flag::File;
use crate::format::Format;

/// The paths that tests ask about, by how they are written, and whether a flag has them.
type TestedPaths<'m> = BTreeMap<String, (&'m Path, bool)>;

/// Most files that are looked at.
pub const MOST_SURVEYED: usize = 200;

/// The warnings of a mapping. `from` is the file that it stands in if it is the repository's `own`, else that which
/// names it.
#[must_use]
pub fn survey(format: &Format, from: &File, own: bool, files: &[File]) -> Vec<Diagnostic> {
    let Some(mapping) = &format.mapping else { return Vec::new() };
    if files.is_empty() {
        return Vec::new();
    }
    let mut flags = 0usize;
    // By entity: how many flags it has, and of each path whether one of them has it.
    let mut tested: Vec<(usize, TestedPaths<'_>)> = mapping.entities.iter().map(tests).collect();
    for file in files {
        // Its diagnostics are added where it is read.
        let Some(documents) = documents(&file.bytes, mapping, &mut Diagnostics::of(&file.path)) else {
            return Vec::new();
        };
        for document in &documents {
            for (entity, (count, paths)) in mapping.entities.iter().zip(&mut tested) {
                for place in found(entity, &document.node, &file.path) {
                    flags += 1;
                    *count += 1;
                    let at = At::document(&document.node, &file.path).at(&place);
                    look(entity, &at, paths);
                }
            }
        }
    }
    let report = |text: &str, message: String, remedy: &str| {
        Diagnostic::new(lints::UNMATCHED_PATH, &from.path, place_of(from, text), message, remedy)
    };
    if flags == 0 {
        let files = if files.len() == 1 { "the file".to_owned() } else { format!("{} files", files.len()) };
        let message = format!("`{}` finds no flag in {files} that it reads", format.id.escape_debug());
        let remedy = "correct `at`, the path of the flags; `countersign formats try FILE` shows what is read";
        let first = mapping.entities.first().and_then(|entity| entity.at.first()).map(Path::shown);
        return vec![report(&first.unwrap_or_default(), message, remedy)];
    }
    // A mapping that is built in is named there, and right.
    if !own {
        return Vec::new();
    }
    let missing = tested
        .iter()
        .filter(|(count, _)| *count > 0)
        .flat_map(|(count, paths)| paths.iter().filter(|(_, (_, found))| !found).map(move |(text, _)| (text, count)));
    missing
        .map(|(text, count)| {
            let flags = if *count == 1 { "the one flag".to_owned() } else { format!("any of the {count} flags") };
            let message = format!("`live` asks about `{}`, which is not in {flags} that it reads", text.escape_debug());
            report(text, message, "correct the name, or take the test out")
        })
        .collect()
}

/// The paths that the tests of an entity ask about.
fn tests(entity: &Entity) -> (usize, TestedPaths<'_>) {
    fn add<'t>(test: &'t Test, out: &mut TestedPaths<'t>) {
        match test {
            Test::Always | Test::Env(_) | Test::File(..) | Test::At(_, TestQuestion::Absent(_)) => {}
            Test::All(tests) | Test::Any(tests) => tests.iter().for_each(|test| add(test, out)),
            Test::Not(test) => match **test {
                // That none of them is so holds where there are none, too.
                Test::At(_, TestQuestion::With(_)) => {}
                _ => add(test, out),
            },
            Test::At(sources, _) => out.extend(sources.iter().filter_map(|source| match source {
                Source::Path(path) => Some((path.shown(), (path, false))),
                _ => None,
            })),
        }
    }
    let mut paths = BTreeMap::new();
    entity.live.iter().for_each(|(test, _)| add(test, &mut paths));
    (0, paths)
}

/// Marks the paths that a flag has, in any of its environments.
fn look(entity: &Entity, at: &At<'_>, paths: &mut TestedPaths<'_>) {
    let mut each = |at: &At<'_>| {
        for (path, found) in paths.values_mut().filter(|(_, found)| !found) {
            *found = !at.nodes(path).is_empty();
        }
    };
    let members = entity
        .each
        .iter()
        .flat_map(|each| &each.at)
        .flat_map(|path| at.start(path).map(|start| walk(start, &path.steps)).unwrap_or_default());
    let mut any = false;
    for member in members {
        any = true;
        let env_key = member.names.last().map(|name| name.clone().into_owned());
        each(&At { env: Some(member.node), env_key, ..at.clone() });
    }
    if !any {
        each(at);
    }
}

/// The line that has a string.
fn place_of(file: &File, text: &str) -> Place {
    let content = String::from_utf8_lossy(&file.bytes);
    let line = content.lines().zip(1u32..).find(|(line, _)| !text.is_empty() && line.contains(text));
    line.map_or(Place::START, |(_, line)| Place { line, ..Place::START })
}
