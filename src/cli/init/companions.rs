//! Files that `init` takes along with those that hold flags, because they decide about flags in others.
//!
//! **In**: the files that look as if they had to do with flags. **Out**: those that have, with the patches of
//! kustomizations, and patterns of the values of charts. **Refuses**: files without a flag where there is no flag that
//! they could be about. **Not taken**: names of folders alone.

use std::collections::{BTreeMap, BTreeSet};

use super::choice::read_by;
use super::found::FoundFile;
use super::patterns::folder_of_format;
use super::projects::escaped;
use crate::error::Error;
use crate::flag::{File, file_name};
use crate::format::known::{AboutFlags, KNOWN, Kustomization, about_flags, charts_of, is_kustomization};

/// The files that are about flags: without those that are so only next to a file with flags, where there is none, and
/// with the patches of kustomizations. The second are those that decide about flags and that no format reads.
pub fn settled(
    mut files: Vec<FoundFile>,
    load: &dyn Fn(&str) -> Result<Option<File>, Error>,
) -> Result<(Vec<FoundFile>, Vec<String>), Error> {
    let mut all = BTreeMap::new();
    for file in files.iter().filter(|file| is_kustomization(&file.path)) {
        let read = load(&file.path)?.and_then(|read| Kustomization::read(&file.path, &read.bytes));
        all.extend(read.map(|read| (file.path.clone(), read)));
    }
    // Settings of a format of which there are flags.
    let ids: BTreeSet<&str> = files.iter().filter_map(|file| file.known.id).collect();
    let is_of_them = |file: &&FoundFile| file.known.settings_of.is_some_and(|id| ids.contains(id));
    let settings: Vec<String> = files.iter().filter(is_of_them).map(|file| file.path.clone()).collect();
    files.retain(|file| file.known.settings_of.is_none());
    let flags: BTreeSet<&str> = files.iter().filter(|file| file.flags > 0).map(|file| file.path.as_str()).collect();
    let AboutFlags { kustomizations: about, patches, variables } = about_flags(&all, &flags);
    // A kustomization without an ending is in no pattern of a project.
    let has_ending = |path: &str| file_name(path).contains('.');
    let unread: Vec<String> =
        about.iter().filter(|path| !has_ending(path)).chain(&variables).cloned().chain(settings).collect();
    let resources = !about.is_empty() || files.iter().any(|file| file.flags > 0 && file.known.is_built);
    let location =
        |file: &FoundFile| folder_of_format(file.known, &file.path).map(|(location, _)| location.into_owned());
    let locations: BTreeSet<Option<String>> = files.iter().filter(|file| file.flags > 0).map(location).collect();
    files.retain(|file| match folder_of_format(file.known, &file.path) {
        _ if is_kustomization(&file.path) && !has_ending(&file.path) => false,
        _ if file.flags > 0 => true,
        _ if is_kustomization(&file.path) => about.contains(&file.path),
        _ if file.known.is_built => resources,
        Some((_, folder)) if file.known.vague_folders.contains(&folder) => locations.contains(&location(file)),
        _ => true,
    });
    let Some(known) = KNOWN.iter().find(|known| known.is_built) else {
        return Ok((files, unread));
    };
    for path in patches.into_iter().filter(|path| files.iter().all(|file| file.path != *path)).collect::<Vec<_>>() {
        let (Some(format), Some(file)) = (known.format(), load(&path)?) else { continue };
        if read_by(&format, &path, &file.bytes).is_some() {
            let (mapping, keys) = (None, Vec::new());
            let (template, around) = (false, None);
            files.push(FoundFile { path, known, format: Some(format), mapping, flags: 0, keys, template, around });
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok((files, unread))
}

/// Patterns of the values that templates with flags are filled with.
pub fn values_of(files: &[FoundFile], all: &[String]) -> Vec<String> {
    let templates = files.iter().filter(|file| file.known.is_built).map(|file| file.path.as_str());
    let prefix = |chart: &str| if chart.is_empty() { String::new() } else { format!("{}/", escaped(chart)) };
    charts_of(templates, all).into_iter().map(|chart| format!("{}values*.y*ml", prefix(chart))).collect()
}
