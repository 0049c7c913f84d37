//! Documents that their readers know by names, so that a second one with the same names stands in the place of the
//! first: a resource of Kubernetes.
//!
//! **In**: a file, and the words of a mapping for such names. **Out**: the names of each document, and whether it holds
//! flags. **Refuses**: nothing; which files are read together is asked elsewhere. **Not taken**: joining the two, since
//! readers keep nothing of the first.

use super::document::{Document, documents};
use super::flag_place::At;
use super::language::{Path, Source};
use crate::diagnostics::{Diagnostic, Diagnostics, Place};
use crate::document::Node;
use crate::document::yaml::MAX_BYTES;
use crate::format::FormatRef;

/// The names by which readers know a document.
#[derive(Clone, PartialEq, Debug)]
pub struct DocumentNames {
    /// A document without one of these has no name.
    pub key: Vec<Vec<Source>>,
    /// Documents that differ in these are told apart, where both have them.
    pub apart: Vec<Vec<Source>>,
}

/// A document that its readers know by names.
#[derive(Clone, Debug)]
pub struct NamedDocument {
    pub names: Vec<String>,
    /// Names that tell it apart from others with the same names; `None` for each that it does not say.
    pub apart: Vec<Option<String>>,
    /// The paths of these.
    pub told_by: Vec<String>,
    pub place: Place,
    /// Whether any flag, or part of flags, is in it.
    pub holds_flags: bool,
}

impl NamedDocument {
    /// Whether readers may take both for the same.
    #[must_use]
    pub fn may_be(&self, other: &NamedDocument) -> bool {
        let same = |(one, two): (&Option<String>, &Option<String>)| one == two || one.is_none() || two.is_none();
        self.names == other.names && self.apart.iter().zip(&other.apart).all(same)
    }

    /// The path of a name that only one of the two says.
    #[must_use]
    pub fn unsaid<'a>(&'a self, other: &NamedDocument) -> Option<&'a str> {
        let mut sides = self.apart.iter().zip(&other.apart).zip(&self.told_by);
        sides.find(|((one, two), _)| one.is_some() != two.is_some()).map(|(_, path)| path.as_str())
    }
}

/// The documents of a file, in the syntax of a format that a mapping describes; none of an empty file. `None` if a part
/// of it cannot be read, or if it is larger than the format reads.
#[must_use]
pub fn nodes(format: &FormatRef, bytes: &[u8], path: &str) -> Option<Vec<Node>> {
    let mapping = format.mapping.as_ref().filter(|mapping| bytes.len() <= MAX_BYTES * mapping.syntax.times)?;
    let mut diagnostics = Diagnostics::of(path);
    let found = documents(bytes, mapping, &mut diagnostics).filter(|_| !diagnostics.is_unread());
    let is_empty = |found: &Diagnostic| found.id.tells_of_another_file();
    match found {
        Some(found) => Some(found.into_iter().map(|document| document.node).collect()),
        None => diagnostics.finish(bytes).iter().any(is_empty).then(Vec::new),
    }
}

/// The documents of a file that have names; none if it cannot be read.
#[must_use]
pub fn named_documents(format: &FormatRef, bytes: &[u8], path: &str) -> Vec<NamedDocument> {
    let Some((mapping, once)) = format.mapping.as_ref().and_then(|mapping| Some((mapping, mapping.once.as_ref()?)))
    else {
        return Vec::new();
    };
    let Some(documents) = documents(bytes, mapping, &mut Diagnostics::of(path)) else { return Vec::new() };
    let flags = format.flags_of(bytes, path, &mut Diagnostics::of(path)).unwrap_or_default();
    let lines: Vec<u32> = flags.iter().map(|flag| flag.place.line).collect();
    let starts: Vec<u32> = documents.iter().map(Document::lines_before).chain([u32::MAX]).collect();
    let mut found = Vec::new();
    for (document, range) in documents.iter().zip(starts.windows(2)) {
        let at = At::document(&document.node, path);
        let names: Option<Vec<String>> = once.key.iter().map(|sources| at.text(sources)).collect();
        let (Some(names), [start, end]) = (names, range) else { continue };
        found.push(NamedDocument {
            names,
            apart: once.apart.iter().map(|sources| at.text(sources)).collect(),
            told_by: once.apart.iter().flatten().filter_map(Source::path).map(Path::shown).collect(),
            place: once
                .key
                .iter()
                .flatten()
                .filter_map(Source::path)
                .flat_map(|path| at.nodes(path))
                .last()
                .map_or(document.node.place, |node| node.place),
            holds_flags: lines.iter().any(|line| line > start && line <= end),
        });
    }
    found
}
