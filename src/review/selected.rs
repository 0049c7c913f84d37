//! Resources that a kustomization selects by their labels: another label takes a patch away, or brings one.
//!
//! **In**: the files that differ, and the kustomizations of their projects. **Out**: a change of each kustomization
//! that selects by what differs, with the labels of both sides. **Refuses**: to look at labels where nothing selects
//! by them. **Not taken**: which resources a selector takes; and a resource that goes, with which its patches go.

use std::collections::BTreeSet;

use super::read::{Case, FlagChange, order, read_live};
use super::surroundings::Surroundings;
use crate::flag::{File, FlagEntry};
use crate::format::known::is_kustomization;
use crate::format::selected::{SELECTORS, Selector, add_difference};
use crate::policy::Policy;

/// A resource with other labels than before.
struct Relabelled {
    selector: Selector,
    name: String,
    was: String,
    is: String,
}

/// Adds the changes of kustomizations that select resources by labels which differ.
///
/// # Errors
/// The errors of the surroundings.
pub fn by_labels<S: Surroundings>(
    changes: &mut Vec<FlagChange>,
    case: &Case,
    policy: &Policy,
    around: &S,
) -> Result<(), S::Error> {
    let relabelled = relabelled(case, policy);
    if relabelled.is_empty() {
        return Ok(());
    }
    let members: BTreeSet<&str> = relabelled.iter().map(|one| one.selector.member).collect();
    let projects = policy.config.projects.iter();
    let keys = projects.flat_map(|project| members.iter().map(|name| (project.name.clone(), (*name).to_owned())));
    let unchanged = around.holding(&keys.collect())?;
    let differs = |path: &str| case.pairs.iter().any(|pair| pair.path == path);
    let own = case.pairs.iter().filter_map(|pair| pair.proposed.as_ref()).filter(|file| is_kustomization(&file.path));
    let files = unchanged.iter().filter(|file| !differs(&file.path)).chain(own);
    let entries = |file: &File| -> Vec<FlagEntry> {
        let project = policy.project_name(&file.path);
        project.and_then(|project| read_live(file, policy, &project)).unwrap_or_default()
    };
    for entry in files.flat_map(entries) {
        for one in relabelled.iter().filter(|one| one.selector.is_in(&entry.flag)) {
            one.put(&entry, changes);
        }
    }
    changes.sort_by(|a, b| order(a).cmp(&order(b)));
    Ok(())
}

fn relabelled(case: &Case, policy: &Policy) -> Vec<Relabelled> {
    let mut found = Vec::new();
    for pair in &case.pairs {
        let Some(format) = policy.format(&pair.path).filter(|format| format.has_resources()) else { continue };
        for selector in SELECTORS {
            let labels =
                |file: &Option<File>| file.as_ref().map(|file| selector.labels(&format, &file.bytes, &file.path));
            let was = labels(&pair.live).unwrap_or_default();
            for (name, is) in labels(&pair.proposed).unwrap_or_default() {
                let was = was.get(&name).cloned().unwrap_or_default();
                if was != is {
                    found.push(Relabelled { selector: *selector, name, was, is });
                }
            }
        }
    }
    found
}

impl Relabelled {
    fn put(&self, entry: &FlagEntry, changes: &mut Vec<FlagChange>) {
        let is_it = |change: &FlagChange| {
            change.after.as_ref().is_some_and(|one| (&one.path, &one.flag.key) == (&entry.path, &entry.flag.key))
        };
        let at = changes.iter().position(is_it).unwrap_or(changes.len());
        if at == changes.len() {
            changes.push(FlagChange::became(entry.clone(), Some(entry.clone())));
        }
        // One that comes is approved as a whole.
        if let Some(FlagChange { before: Some(before), after: Some(after), remarks, .. }) = changes.get_mut(at) {
            let what = format!("{} of {}", self.selector.of, self.name);
            add_difference(&mut before.flag, &mut after.flag, &what, (&self.was, &self.is));
            let remark = format!("it selects resources by their {}, which differ", self.selector.of);
            if !remarks.contains(&remark) {
                remarks.push(remark);
            }
        }
    }
}
