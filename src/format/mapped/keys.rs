//! Keys that are put together, and the parts of them that a file holds.

use std::collections::BTreeSet;

use super::REST;
use super::language::{Mapping, Source};
use super::links;

/// The longest part of a key that has to stand in the file or in its path: what names, scopes and environments are
/// joined by is none of it, nor is a word of the mapping. `None` if no part is sure to be written there so.
pub fn part_of_key<'k>(mapping: &Mapping, key: &'k str) -> Option<&'k str> {
    let sources = mapping.entities.iter().flat_map(|entity| entity.key.iter().chain(&entity.scope).flatten());
    let words: BTreeSet<&str> = sources
        .filter_map(|source| match source {
            Source::Word(word) => Some(word.as_str()),
            _ => None,
        })
        .flat_map(parts)
        .collect();
    let own = links::PREFIXES.iter().chain([&REST]).find_map(|prefix| key.strip_prefix(prefix)).unwrap_or(key);
    // A number, a switch or a date may be written otherwise.
    let sure = |part: &&str| {
        let scalar =
            ["true", "false", "null"].contains(part) || !part.starts_with(|char: char| char.is_ascii_alphabetic());
        !scalar && !words.contains(part)
    };
    parts(own).filter(sure).max_by_key(|part| part.len())
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(['.', '@', '/', '#', ' ']).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::Diagnostics;

    #[test]
    fn a_part_that_stands_in_the_file() {
        let text = "entities: [{at: '*', key: ['=feature strategies', '@key'], scope: '=default'}]\n";
        let mapping = super::super::parse(text.as_bytes(), &mut Diagnostics::of("own.yaml")).unwrap();
        for (key, part) in [
            ("checkout@shop", Some("checkout")),
            ("segment eu@production", Some("production")),
            ("strategies.0.search@default", Some("search")),
            ("12@default", None),
            ("true@no", Some("no")),
            ("a#2", Some("a")),
        ] {
            assert_eq!(part_of_key(&mapping, key), part, "{key}");
        }
    }
}
