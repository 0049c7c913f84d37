//! Files of which a kustomization makes something out of flags, and resources in the folders of others.
//!
//! **In**: changed files outside of every project, and the paths of all that have one. **Out**: an error for each that
//! may switch something on. **Refuses**: nothing. **Not taken**: what comes out of a kustomization.

use std::collections::BTreeSet;

use super::{FlagsByKey, all_parts, coming_on, protect_it, says_the_same, switches_on, unseen, without_parts};
use crate::diagnostics::Diagnostic;
use crate::flag::{File, folder};
use crate::format::known::{about_flags, is_kustomization, known};
use crate::format::names::NameSet;
use crate::policy::Policy;
use crate::review::read::{Case, Pair};
use crate::review::same_documents::kustomizations;
use crate::review::surroundings::Surroundings;

/// Files of which a kustomization makes something out of flags, and resources in the folders of others.
pub fn built<S: Surroundings>(
    outside: &[&Pair],
    managed: &[String],
    case: &Case,
    policy: &Policy,
    around: &S,
) -> Result<Vec<Diagnostic>, S::Error> {
    let of_resources = |path: &&String| policy.format(path).is_some_and(|format| format.has_resources());
    let resources: BTreeSet<&str> = managed.iter().filter(of_resources).map(String::as_str).collect();
    let Some(format) = resources.first().and_then(|path| policy.format(path)) else { return Ok(Vec::new()) };
    let named = managed.iter().filter(|path| is_kustomization(path)).cloned().collect();
    let mut all = kustomizations(around.files(&named)?.iter());
    all.extend(kustomizations(case.pairs.iter().filter_map(|pair| pair.proposed.as_ref())));
    all.extend(kustomizations(outside.iter().filter_map(|pair| pair.proposed.as_ref())));
    let about = about_flags(&all, &resources);
    let mut found = Vec::new();
    for (pair, file) in outside.iter().filter_map(|pair| Some((pair, pair.proposed.as_ref()?))) {
        let path = &file.path;
        let is_named = about.kustomizations.iter().filter_map(|name| all.get(name)).any(|one| one.has(path));
        let is_about = about.kustomizations.contains(path) || about.patches.contains(path);
        if let Some(why) = unseen(pair).filter(|_| is_named || is_about || about.variables.contains(path)) {
            let how = format!("{why}, and is a part of what is made of the files of a project");
            found.push(Diagnostic { remedy: protect_it(path), ..switches_on(pair, &format, &how) });
            continue;
        }
        let [is, was] = [Some(file), pair.live.as_ref()]
            .map(|file| file.and_then(|file| all_parts(&format, file)).unwrap_or_default());
        let is_resource = || known(path, &file.bytes).is_some_and(|found| found.known.id == Some(&*format.id));
        let belongs = if is_about {
            differ(&is, &was)
        } else if about.variables.contains(path) {
            sets_flags(file, pair.live.as_ref())
        } else if is_named || policy.manages_below(folder(path)) && !is_kustomization(path) && is_resource() {
            coming_on(&without_parts(is, &format), &without_parts(was, &format)).next().is_some()
        } else {
            false
        };
        if belongs {
            found.push(switches_on(pair, &format, "is a part of what is made of the files of a project"));
        }
    }
    Ok(found)
}

fn differ(is: &FlagsByKey, was: &FlagsByKey) -> bool {
    is.len() != was.len() || is.iter().any(|(key, flag)| was.get(key).is_none_or(|before| !says_the_same(before, flag)))
}

/// Whether a file of variables says something else of one that is called like a flag.
fn sets_flags(file: &File, before: Option<&File>) -> bool {
    let lines = |file: &File| -> BTreeSet<String> {
        String::from_utf8_lossy(&file.bytes).lines().map(|line| line.trim().to_owned()).collect()
    };
    let before = before.map(lines).unwrap_or_default();
    let names_flag = |line: &String| line.split_once('=').is_some_and(|(name, _)| NameSet::FlagName.has(name.trim()));
    lines(file).iter().any(|line| !before.contains(line) && names_flag(line))
}
