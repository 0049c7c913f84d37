//! Resources that a kustomization selects by their labels: another label takes a patch away, or brings one.
//!
//! **In**: the files that differ, and the kustomizations of their projects. **Out**: a change of each kustomization
//! that selects by what differs, with the labels of both sides. **Refuses**: to look at labels where nothing selects
//! by them. **Not taken**: which resources a selector takes; and a resource that goes, with which its patches go.

use std::collections::{BTreeMap, BTreeSet};

use super::read::{Case, FlagChange, order, read_live};
use super::surroundings::Surroundings;
use crate::flag::{File, FlagEntry};
use crate::format::selected::{SELECTORS, Selectable, add_difference, labels};
use crate::policy::Policy;

/// Said of labels where there is no such resource.
const NO_RESOURCE: &str = "no such resource";

/// A resource with other labels than before.
struct Relabelled {
    of: Selectable,
    /// The file, if it is in one file as before.
    path: String,
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
    let (mut relabelled, unsure) = relabelled(case, policy);
    let members: BTreeSet<&str> = relabelled.iter().chain(&unsure).map(|one| one.of.selector.member).collect();
    if members.is_empty() {
        return Ok(());
    }
    let differs = |path: &str| case.pairs.iter().any(|pair| pair.path == path);
    let mut unchanged = look_for(members.into_iter(), policy, around)?;
    unchanged.retain(|file| !differs(&file.path));
    let entries = |file: &File| -> Vec<FlagEntry> {
        let project = policy.project_name(&file.path);
        project.and_then(|project| read_live(file, policy, &project)).unwrap_or_default()
    };
    let proposed = || case.pairs.iter().filter_map(|pair| pair.proposed.as_ref());
    let mut selecting: Vec<FlagEntry> = unchanged.iter().chain(proposed()).flat_map(entries).collect();
    selecting.retain(|entry| SELECTORS.iter().any(|selector| selector.is_in(&entry.flag)));
    if selecting.is_empty() {
        return Ok(());
    }
    if !unsure.is_empty() {
        let mut elsewhere = look_for(unsure.iter().map(|one| one.of.resource.name.as_str()), policy, around)?;
        elsewhere.retain(|file| !differs(&file.path));
        let live = || case.pairs.iter().filter_map(|pair| pair.live.as_ref());
        let (on_base, after) =
            (names_of(elsewhere.iter().chain(live()), policy), names_of(elsewhere.iter().chain(proposed()), policy));
        relabelled.extend(unsure.into_iter().filter(|one| {
            let name = one.of.clone().without_namespace();
            if one.is == NO_RESOURCE { after.contains(&name) } else { !on_base.contains(&name) }
        }));
    }
    let at = |change: &FlagChange| change.after.as_ref().map(|one| (one.path.clone(), one.flag.key.clone()));
    let mut places: BTreeMap<_, usize> =
        changes.iter().enumerate().filter_map(|(index, change)| Some((at(change)?, index))).collect();
    for entry in &selecting {
        let relabelled: Vec<&Relabelled> = relabelled.iter().filter(|one| one.of.selector.is_in(&entry.flag)).collect();
        if relabelled.is_empty() {
            continue;
        }
        let index = *places.entry((entry.path.clone(), entry.flag.key.clone())).or_insert_with(|| {
            changes.push(FlagChange::became(entry.clone(), Some(entry.clone())));
            changes.len() - 1
        });
        if let Some(change) = changes.get_mut(index) {
            for one in relabelled {
                one.put(change);
            }
        }
    }
    changes.sort_by(|a, b| order(a).cmp(&order(b)));
    Ok(())
}

/// The labels of the resources in a file.
fn labels_of(file: &File, policy: &Policy) -> BTreeMap<Selectable, String> {
    let format = policy.format(&file.path).filter(|format| format.has_resources());
    format.map(|format| labels(&format, file)).unwrap_or_default()
}

/// The resources of files.
fn names_of<'f>(files: impl Iterator<Item = &'f File>, policy: &Policy) -> BTreeSet<Selectable> {
    files.flat_map(|file| labels_of(file, policy).into_keys()).map(Selectable::without_namespace).collect()
}

/// The files of all projects that mention a name.
fn look_for<'n, S: Surroundings>(
    names: impl Iterator<Item = &'n str>,
    policy: &Policy,
    around: &S,
) -> Result<Vec<File>, S::Error> {
    let names: Vec<&str> = names.collect();
    let projects = policy.config.projects.iter();
    let keys = projects.flat_map(|project| names.iter().map(|name| (project.name.clone(), (*name).to_owned())));
    around.holding(&keys.collect())
}

/// The labels of a resource in the files where it was and is no more, and in those where it comes.
#[derive(Default)]
struct ResourcePlaces {
    gone: Vec<String>,
    come: Vec<String>,
}

impl ResourcePlaces {
    /// Labels that differ between the two, if both are known: with several places, nobody knows which became which.
    fn difference(&self) -> Option<(&str, &str)> {
        let (was, is) = (self.gone.first()?, self.come.first()?);
        let differs = |labels: &&String| *labels != was;
        let other = self.come.iter().find(differs).or_else(|| self.gone.iter().find(differs));
        other.map(|other| (was.as_str(), if is == was { other.as_str() } else { is.as_str() }))
    }
}

/// Resources that have other labels in their file, or in another one, and those of which that is not known: they are in
/// more files than before, or in fewer.
fn relabelled(case: &Case, policy: &Policy) -> (Vec<Relabelled>, Vec<Relabelled>) {
    let (mut found, mut unsure) = (Vec::new(), Vec::new());
    let mut places: BTreeMap<Selectable, ResourcePlaces> = BTreeMap::new();
    for pair in &case.pairs {
        let labels = |file: &Option<File>| file.as_ref().map(|file| labels_of(file, policy));
        let mut is = labels(&pair.proposed).unwrap_or_default();
        for (of, was) in labels(&pair.live).unwrap_or_default() {
            match is.remove(&of) {
                Some(is) if was != is => found.push(Relabelled { of, path: pair.path.clone(), was, is }),
                Some(_) => {}
                None => places.entry(of).or_default().gone.push(was),
            }
        }
        for (of, is) in is {
            places.entry(of).or_default().come.push(is);
        }
    }
    for (of, places) in places {
        let relabelled = |was: &str, is: &str| Relabelled {
            of: of.clone(),
            path: String::new(),
            was: was.to_owned(),
            is: is.to_owned(),
        };
        match (places.gone.first(), places.come.first()) {
            (Some(_), Some(_)) => found.extend(places.difference().map(|(was, is)| relabelled(was, is))),
            (None, Some(_)) => match places.come.iter().find(|labels| !labels.is_empty()) {
                Some(labels) => found.push(relabelled("", labels)),
                None => unsure.push(relabelled(NO_RESOURCE, "")),
            },
            _ => {
                let gone = places.gone.iter().find(|labels| !labels.is_empty());
                unsure.extend(gone.map(|was| relabelled(was, NO_RESOURCE)));
            }
        }
    }
    (found, unsure)
}

impl Relabelled {
    fn put(&self, change: &mut FlagChange) {
        // One that comes is approved as a whole.
        if let FlagChange { before: Some(before), after: Some(after), remarks, .. } = change {
            let Selectable { selector, resource } = &self.of;
            let what = format!("{} of {resource} {}", selector.of, self.path);
            add_difference(&mut before.flag, &mut after.flag, what.trim_end(), (&self.was, &self.is));
            let remark = format!("it selects resources by their {}, which differ", selector.of);
            if !remarks.contains(&remark) {
                remarks.push(remark);
            }
        }
    }
}
