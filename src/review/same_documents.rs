//! Documents of one folder that their readers know by the same names: the later one stands in the place of the other,
//! and of its flags nothing is left.
//!
//! **In**: the files that differ, those around them with such names, and kustomizations. **Out**: an error at each of
//! the two. **Refuses**: to compare folders, which are environments, overlays or apps; or projects. **Not taken**: what
//! a kustomization puts together from several folders: the program that builds it refuses two of one name itself.

use std::collections::{BTreeMap, BTreeSet};

use super::base_errors;
use super::read::{Case, FlagChange, Pair};
use super::surroundings::Surroundings;
use crate::diagnostics::diagnostic::Level;
use crate::diagnostics::{Diagnostic, lints};
use crate::flag::{File, FileKind, file_stem, folder};
use crate::format::NamedDocument;
use crate::format::known::{Kustomization, is_kustomization, kustomizations_around};
use crate::policy::{Policy, ProjectMatch};

/// Kustomizations by their paths.
pub type Kustomizations = BTreeMap<String, Kustomization>;

/// A document that has names, at its location.
#[derive(Clone, Debug)]
pub struct DocumentEntry {
    project: String,
    path: String,
    document: NamedDocument,
}

/// Whether documents of a file are known by names.
#[must_use]
pub fn has_names(path: &str, policy: &Policy) -> bool {
    policy.format(path).is_some_and(|format| format.has_resources())
}

/// The documents of a managed file that have names.
#[must_use]
pub fn documents_of(file: &File, policy: &Policy) -> Vec<DocumentEntry> {
    let ProjectMatch::Project(project) = policy.project_of(&file.path) else { return Vec::new() };
    let whole = file.kind == FileKind::Regular && file.size == file.bytes.len() as u64;
    let Some(format) = policy.format(&file.path).filter(|_| whole) else { return Vec::new() };
    let entry = |document| DocumentEntry { project: project.name_at(&file.path), path: file.path.clone(), document };
    format.named_documents(&file.bytes, &file.path).into_iter().map(entry).collect()
}

/// The kustomizations among these files.
pub fn kustomizations<'f>(files: impl Iterator<Item = &'f File>) -> Kustomizations {
    let read = |file: &File| Some((file.path.clone(), Kustomization::read(&file.path, &file.bytes)?));
    files.filter(|file| is_kustomization(&file.path)).filter_map(read).collect()
}

/// The diagnostics of documents that stand twice in one folder of a project. A file that a kustomization lays over
/// others is no document of its own; and what it does not name is not applied with what it names.
#[must_use]
pub fn twice(documents: &[DocumentEntry], kustomizations: &Kustomizations) -> Vec<Diagnostic> {
    type Set<'d> = (&'d str, &'d str, Option<bool>, &'d [String]);
    let mut sets: BTreeMap<Set<'_>, Vec<&DocumentEntry>> = BTreeMap::new();
    for entry in documents.iter().filter(|entry| !kustomizations.values().any(|one| one.lays_over(&entry.path))) {
        let own = kustomizations.iter().find(|(path, _)| folder(path) == folder(&entry.path));
        let named = own.map(|(_, one)| one.has(&entry.path));
        sets.entry((&entry.project, folder(&entry.path), named, &entry.document.names)).or_default().push(entry);
    }
    let mut diagnostics = Vec::new();
    for set in sets.values().filter(|set| set.len() > 1 && set.iter().any(|entry| entry.document.holds_flags)) {
        for entry in set {
            let another = |other: &&&DocumentEntry| {
                (&other.path, other.document.place) != (&entry.path, entry.document.place)
                    && entry.document.may_be(&other.document)
                    && (entry.document.holds_flags || other.document.holds_flags)
            };
            diagnostics.extend(set.iter().find(another).map(|other| diagnostic(entry, other)));
        }
    }
    diagnostics.sort();
    diagnostics
}

fn diagnostic(entry: &DocumentEntry, other: &DocumentEntry) -> Diagnostic {
    let message = format!(
        "`{}` stands in `{}` too, line {}: a program that applies both keeps the later one, and nothing of the other",
        entry.document.names.join(" ").escape_debug(),
        other.path.escape_debug(),
        other.document.place.line
    );
    let mut remedy = "keep one of the two, with all that both hold; if they are for two clusters or environments, put \
                      each into a folder of its own"
        .to_owned();
    if let Some(path) = entry.document.unsaid(&other.document) {
        remedy.push_str(&format!("; if `{path}` tells them apart, write it in both"));
    }
    let mut found = Diagnostic::new(lints::DUPLICATE_DOCUMENT, &entry.path, entry.document.place, message, remedy);
    // Where files stand so, they may be applied to two namespaces; a proposal that brings the second has to say it.
    if entry.path != other.path && entry.document.unsaid(&other.document).is_some() {
        found.level = Level::Warning;
    }
    found
}

/// The diagnostics of documents that a proposal has twice, as far as it brings that about or touches their files.
///
/// # Errors
/// The errors of the surroundings.
pub fn found<S: Surroundings>(
    case: &Case,
    changes: &[FlagChange],
    policies: &[&Policy],
    around: &S,
) -> Result<Vec<Diagnostic>, S::Error> {
    let mut sides = [Vec::new(), Vec::new()];
    for pair in &case.pairs {
        let managed = |policy: &&&Policy| !matches!(policy.project_of(&pair.path), ProjectMatch::Unmanaged);
        let Some(policy) = policies.iter().find(managed) else { continue };
        for (side, file) in sides.iter_mut().zip([&pair.live, &pair.proposed]) {
            side.extend(file.iter().flat_map(|file| documents_of(file, policy)));
        }
    }
    let [mut before, mut after] = sides;
    let same = |one: &DocumentEntry, two: &DocumentEntry| {
        (&one.path, &one.document.names, &one.document.apart) == (&two.path, &two.document.names, &two.document.apart)
    };
    let new = after.iter().filter(|entry| !before.iter().any(|old| same(old, entry)));
    let keys: BTreeSet<(String, String)> =
        new.filter_map(|entry| Some((entry.project.clone(), entry.document.names.last()?.clone()))).collect();
    let differs = |path: &str| case.pairs.iter().any(|pair| pair.path == path);
    if let (Some(policy), false) = (policies.first(), keys.is_empty()) {
        let files = around.holding(&keys)?;
        let more: Vec<DocumentEntry> =
            files.iter().filter(|file| !differs(&file.path)).flat_map(|file| documents_of(file, policy)).collect();
        before.extend(more.iter().cloned());
        after.extend(more);
    }
    let faulty = twice(&after, &Kustomizations::new());
    if faulty.is_empty() {
        return Ok(Vec::new());
    }
    let paths: BTreeSet<&str> = faulty.iter().map(|diagnostic| diagnostic.path.as_str()).collect();
    let [on_base, proposed] = kustomizations_of(&paths, &after, case, around)?;
    let known = twice(&before, &on_base);
    let mut found = twice(&after, &proposed);
    let old: BTreeSet<_> = known.iter().map(Diagnostic::without_place).collect();
    for new in found.iter_mut().filter(|diagnostic| !old.contains(&diagnostic.without_place())) {
        new.level = Level::Error;
    }
    found.retain(|diagnostic| differs(&diagnostic.path) || !old.contains(&diagnostic.without_place()));
    base_errors::weigh_between(&mut found, &known, changes);
    Ok(found)
}

/// The kustomizations of both sides that may name these files: those of their projects, and those in their folders and
/// the folders around.
fn kustomizations_of<S: Surroundings>(
    paths: &BTreeSet<&str>,
    documents: &[DocumentEntry],
    case: &Case,
    around: &S,
) -> Result<[Kustomizations; 2], S::Error> {
    let named = documents.iter().filter(|entry| paths.contains(entry.path.as_str()));
    let keys = named.map(|entry| (entry.project.clone(), file_stem(&entry.path).to_owned())).collect();
    let mut files = around.holding(&keys)?;
    let near = paths.iter().flat_map(|path| kustomizations_around(path)).collect();
    files.extend(around.files(&near)?);
    let unchanged = |file: &&File| !case.pairs.iter().any(|pair| pair.path == file.path);
    let side = |pick: fn(&Pair) -> &Option<File>| {
        kustomizations(files.iter().filter(unchanged).chain(case.pairs.iter().filter_map(|pair| pick(pair).as_ref())))
    };
    let (before, mut after) = (side(|pair| &pair.live), side(|pair| &pair.proposed));
    // No project may have them.
    after.extend(kustomizations(around.changed_outside()?.iter().filter_map(|pair| pair.proposed.as_ref())));
    Ok([before, after])
}
