//! The lock file after an apply: ids, versions and hashes of what was read back, in the work tree.
//!
//! Nothing depends on it: the next run finds every item by its key, and goes on from what it reads. It tells a renamed
//! item from a new one, and which file follows Amplitude at the next import; so it is worth a commit.

use std::collections::BTreeSet;

use super::bypass::{Bypasses, now};
use super::files;
use crate::amplitude::Item;
use crate::amplitude::import::{ImportSite, PresentFile, import};
use crate::amplitude::lock::LOCK_PATH;
use crate::amplitude::plan::PlannedItem;
use crate::error::Error;
use crate::git::Repo;
use crate::policy::AmplitudeConfig;

/// Takes down what was done, and of the flags in `console` that the API does not edit them. The words for it; none if
/// the lock file is as it was, or there is no work tree.
pub(super) fn remember(
    repo: &Repo,
    config: &AmplitudeConfig,
    done: &[(&PlannedItem, &Item)],
    console: &[&PlannedItem],
    bypasses: &Bypasses,
) -> Result<Option<String>, Error> {
    let Some(root) = repo.workdir() else {
        let remark =
            format!("there is no work tree: `countersign amplitude import` in one brings `{LOCK_PATH}` up to date");
        return Ok((!done.is_empty() || !console.is_empty() || !bypasses.is_empty()).then_some(remark));
    };
    let mut lock = files::lock(root)?;
    let before = lock.clone();
    for (name, id) in &config.projects {
        let refused = console.iter().filter_map(|planned| Some((*planned, planned.have.as_ref()?)));
        let all = done.iter().copied().chain(refused);
        let here = all.filter(|(planned, _)| planned.wanted.entry.project == *name);
        let (files, items): (Vec<PresentFile>, Vec<Item>) = here
            .map(|(planned, item)| {
                let (entry, bytes) = (planned.wanted.entry.clone(), planned.wanted.bytes.clone());
                (PresentFile { entry, bytes, native: true }, item.clone())
            })
            .unzip();
        let bypassed = |key: &str| bypasses.get(&format!("{name}/{key}")).cloned();
        if items.is_empty() {
            for (key, item) in lock.projects.get_mut(name).into_iter().flat_map(|locked| &mut locked.items) {
                item.bypassed = bypassed(key).or(item.bypassed.take());
            }
            continue;
        }
        let locked = lock.projects.get(name).filter(|locked| locked.id == *id);
        let taken = BTreeSet::new();
        let around =
            ImportSite { files: &files, taken: &taken, folder: "", locked, unmanaged: &config.unmanaged, invalid: &[] };
        let mut remembered = import(id, &items, &around).locked;
        let of_project = |planned: &PlannedItem| planned.wanted.entry.project == *name;
        let applied = done.iter().filter(|(planned, _)| of_project(planned));
        let applied: BTreeSet<&str> = applied.map(|(_, item)| item.key.as_str()).collect();
        for (key, item) in &mut remembered.items {
            if console.iter().any(|planned| of_project(planned) && planned.key() == key) {
                item.console = Some(format!(
                    "an edit was answered with 405 at {}, as those of web experiments and guides are",
                    now()
                ));
            }
            // A content applied with approvals is as it should be.
            let before = item.bypassed.take().filter(|_| !applied.contains(key.as_str()));
            item.bypassed = bypassed(key).or(before);
        }
        lock.projects.insert(name.clone(), remembered);
    }
    if lock == before {
        return Ok(None);
    }
    files::write(root, LOCK_PATH, &lock.text())?;
    Ok(Some(format!(
        "wrote {LOCK_PATH}: commit it through a pull request; until then every run finds the items by their keys"
    )))
}
