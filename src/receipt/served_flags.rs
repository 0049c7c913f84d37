//! Coverages of the flags of a file: with the parts that they use, and of which project they are.
//!
//! In: flags as they are served, and what receipts cover. Out: a coverage of each. It refuses a flag whose parts nobody
//! countersigned, or of whose project nobody knows. Not taken: files, which are read elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::countersigned::{Coverage, Covered, Covers};
use super::verification::ServedFlag;
use crate::changes::served::Served;
use crate::diagnostics::Place;
use crate::diagnostics::diagnostic::choice;
use crate::flag::{FlagEntry, PartName};
use crate::format::may_be_built_in;
use crate::policy::own_name;

/// The flags with what is known of the parts that they use, such as segments: who gets a flag is said there. `whole`
/// says that every file there is was read, so that a part that is nowhere is none, unless receipts know of one that
/// nobody took away since.
pub fn with_parts(all: &[(FlagEntry, Covered)], covers: &Covers<'_>, whole: bool) -> Vec<ServedFlag> {
    let mut parts: BTreeMap<(&str, &str), Vec<(&FlagEntry, &Covered)>> = BTreeMap::new();
    // By format: a flag may use parts of another project, if its own has none of that name.
    let mut anywhere: BTreeMap<(&str, &str), Vec<(&FlagEntry, &Covered)>> = BTreeMap::new();
    for (entry, covered) in all {
        if let Some(part) = &entry.flag.links.part {
            parts.entry((&entry.project, &part.id)).or_default().push((entry, covered));
            anywhere.entry((entry.flag.format.id.as_ref(), &part.id)).or_default().push((entry, covered));
        }
    }
    // Groups name the flags they decide about.
    let mut reaching: BTreeMap<(&str, &str), Vec<&Covered>> = BTreeMap::new();
    for (entry, covered) in all {
        for key in &entry.flag.links.reaches {
            reaching.entry((entry.flag.format.id.as_ref(), key)).or_default().push(covered);
        }
    }
    let served = |(entry, covered): &(FlagEntry, Covered)| {
        let mut covered = covered.clone();
        let format = entry.flag.format.id.as_ref();
        // `*` is everyone and no part, unless one has that name.
        let named = |id: &&String| *id != "*" || parts.contains_key(&(entry.project.as_str(), id.as_str()));
        let refs = entry.flag.links.refs.keys().filter(named).filter(|_| covered.coverage != Coverage::Off);
        let is_there =
            |id: &str| parts.contains_key(&(entry.project.as_str(), id)) || anywhere.contains_key(&(format, id));
        for id in refs.collect::<Vec<_>>() {
            let used =
                parts.get(&(entry.project.as_str(), id.as_str())).or_else(|| anywhere.get(&(format, id.as_str())));
            let used = used.map(Vec::as_slice).unwrap_or_default();
            let own: Vec<_> = used.iter().filter(|(part, _)| part.path == entry.path).collect();
            let used: Vec<_> = if own.is_empty() { used.iter().collect() } else { own };
            match used.iter().map(|(_, part)| *part).max_by_key(|part| part.coverage) {
                Some(part) => use_part(&mut covered, part),
                None if whole => {
                    // Users who are not in it get the flag, where it is excluded.
                    if let Some(part) = covers.part(&entry.project, id) {
                        covered.coverage = Coverage::Nobody;
                        covered.why.push(format!("it uses {part}, which was taken away without a receipt"));
                    }
                }
                None if may_be_built_in(id) => {}
                // The same reference, found in the other spelling of its folders, or told in the one that is written.
                None if spelled_otherwise(id, &entry.flag.links.refs)
                    .is_some_and(|other| is_there(other) || other != PartName::in_folders(other)) => {}
                None => {
                    covered.coverage = Coverage::Nobody;
                    covered.why.push(format!("it uses `{id}`, which is in none of the files; verify its file with it"));
                }
            }
        }
        let of = reaching.get(&(format, entry.flag.own_key())).filter(|_| covered.coverage != Coverage::Off);
        of.into_iter().flatten().for_each(|group| use_part(&mut covered, group));
        let place = entry.flag.place;
        ServedFlag { covered, path: entry.path.clone(), line: place.line, column: place.column }
    };
    all.iter().map(served).collect()
}

/// The other spelling of a reference whose folders may be divided by points.
fn spelled_otherwise<'r>(id: &str, refs: &'r BTreeMap<String, Place>) -> Option<&'r str> {
    let folders = PartName::in_folders(id);
    refs.keys().map(String::as_str).find(|other| *other != id && PartName::in_folders(other) == folders)
}

/// A flag is covered no better than a part that decides about it.
fn use_part(covered: &mut Covered, part: &Covered) {
    if part.coverage > covered.coverage && !part.coverage.holds() {
        covered.coverage = part.coverage;
        covered.why.push(format!("it uses {}: {}", part.name, part.coverage.words()));
    }
}

/// Coverage of a flag in a file of which nothing says the project, or only the name that the configuration has for
/// one whose placeholders tell files apart. All flags of a file are of one project: that of which the receipts have
/// their keys. Of several nobody knows which, and what one of them asks no approval for, another may.
pub fn of_the_project(covers: &Covers<'_>, keys: &BTreeSet<String>, entry: &FlagEntry, named: Option<&str>) -> Covered {
    let names = covers.names().filter_map(|name| name.split_once('/'));
    let names: Vec<(&str, &str)> =
        names.filter(|(project, _)| named.is_none_or(|named| named == own_name(project))).collect();
    let all: BTreeSet<&str> = names.iter().map(|(project, _)| *project).collect();
    let with_keys: BTreeSet<&str> =
        names.iter().filter(|(_, key)| keys.contains(*key)).map(|(project, _)| *project).collect();
    let project = with_keys.first().copied().or(named).unwrap_or_default();
    let name = if project.is_empty() { entry.flag.key.clone() } else { format!("{project}/{}", entry.flag.key) };
    let covered = covers.cover(&name, &Served::of(project, &entry.flag));
    let doubtful = with_keys.len() > 1 || all.len() > 1 && covered.coverage == Coverage::Free;
    if !doubtful || covered.coverage == Coverage::Off {
        return covered;
    }
    let names = choice(if with_keys.len() > 1 { with_keys } else { all });
    let why = vec![format!("whether it is a flag of {names} is not known; name the project with `--project`")];
    Covered { name: entry.flag.key.clone(), coverage: Coverage::Nobody, receipt: None, why, ..covered }
}
