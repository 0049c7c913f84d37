//! Changed files that no project has, and that belong to flags which are reviewed: a layer next to a file of a project,
//! or a part of what a kustomization makes of its files.
//!
//! **In**: changed files outside of every project. **Out**: an error for each that may switch something on.
//! **Refuses**: to hold up what switches flags off, and what is for those who make them. **Not taken**: reviewing such
//! a file as one of the project next to it, since nobody said whose flags these are.

use std::collections::{BTreeMap, BTreeSet};

use super::files_below::{is_of_makers, stand_together};
use super::read::Case;
use super::same_documents::kustomizations;
use super::surroundings::Surroundings;
use crate::diagnostics::{Diagnostic, Diagnostics, Place, lints};
use crate::flag::{File, Flag, folder};
use crate::format::FormatRef;
use crate::format::known::{about_flags, is_kustomization, known};
use crate::format::names::{NameSet, folded};
use crate::policy::{CONFIG_PATH, Policy, ProjectMatch};

/// The flags of a file by their keys.
type FlagsByKey = BTreeMap<String, Flag>;

/// Looks at files outside of every project.
///
/// # Errors
/// The errors of the surroundings.
pub fn found<S: Surroundings>(
    outside: &[File],
    case: &Case,
    policy: &Policy,
    around: &S,
) -> Result<Vec<Diagnostic>, S::Error> {
    let outside: Vec<&File> =
        outside.iter().filter(|file| is_near(&file.path, policy) && !is_of_makers(&file.path)).collect();
    if outside.is_empty() {
        return Ok(Vec::new());
    }
    let mut managed = around.managed()?;
    managed.retain(|path| !matches!(policy.project_of(path), ProjectMatch::Unmanaged));
    let on_base = around.files(&outside.iter().map(|file| file.path.clone()).collect())?;
    let before = |path: &str| on_base.iter().find(|file| file.path == path);
    let mut found = Vec::new();
    for file in &outside {
        let neighbours = managed.iter().filter(|path| stand_together(path, &file.path));
        // The flags that it has by each format, if one of them comes on.
        let mut by_format: BTreeMap<String, Option<FlagsByKey>> = BTreeMap::new();
        for (path, format) in neighbours.filter_map(|path| Some((path, policy.format(path)?))) {
            let after = by_format.entry(format.id.to_string()).or_insert_with(|| {
                let before = before(&file.path).map(|file| flags(&format, file)).unwrap_or_default();
                Some(flags(&format, file)).filter(|after| comes_on(after, &before))
            });
            let Some(after) = after else { continue };
            let by_name = || known(&file.path, &file.bytes).is_some_and(|found| found.known.id == Some(&*format.id));
            if by_name() || have_keys_in_common(after, &contents(path, case, around)?, &format) {
                found.push(diagnostic(file, &format, &format!("stands next to `{}`", path.escape_debug())));
                break;
            }
        }
    }
    found.extend(built(&outside, &managed, &before, case, policy, around)?);
    found.sort();
    found.dedup_by(|one, other| one.path == other.path);
    Ok(found)
}

/// Whether a file may belong to flags of a project by where it stands.
#[must_use]
pub fn is_near(path: &str, policy: &Policy) -> bool {
    let own = folder(path);
    policy.manages_below(own) || policy.manages_below(folder(own)) || is_kustomization(path)
}

/// Files of which a kustomization makes something out of flags, and resources in the folders of others.
fn built<'f, S: Surroundings>(
    outside: &[&'f File],
    managed: &[String],
    before: &dyn Fn(&str) -> Option<&'f File>,
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
    all.extend(kustomizations(outside.iter().copied()));
    let about = about_flags(&all, &resources);
    let mut found = Vec::new();
    for file in outside {
        let path = &file.path;
        let by = |test: &dyn Fn(&str) -> bool| about.kustomizations.iter().any(|path| test(path));
        let (is, was) =
            (all_parts(&format, file), before(path).map(|file| all_parts(&format, file)).unwrap_or_default());
        let is_resource = || known(path, &file.bytes).is_some_and(|found| found.known.id == Some(&*format.id));
        let belongs = if about.kustomizations.contains(path) || about.patches.contains(path) {
            differ(&is, &was)
        } else if about.variables.contains(path) {
            sets_flags(file, before(path))
        } else if by(&|name| all.get(name).is_some_and(|one| one.has(path)))
            || policy.manages_below(folder(path)) && !is_kustomization(path) && is_resource()
        {
            comes_on(&flags(&format, file), &before(path).map(|file| flags(&format, file)).unwrap_or_default())
        } else {
            false
        };
        if belongs {
            found.push(diagnostic(file, &format, "is a part of what is made of the files of a project"));
        }
    }
    Ok(found)
}

/// All that a file has, with the parts of flags.
fn all_parts(format: &FormatRef, file: &File) -> FlagsByKey {
    let found = format.flags_of(&file.bytes, &file.path, &mut Diagnostics::of(&file.path)).unwrap_or_default();
    found.into_iter().map(|flag| (flag.key.clone(), flag)).collect()
}

fn flags(format: &FormatRef, file: &File) -> FlagsByKey {
    let mut found = all_parts(format, file);
    found.retain(|_, flag| flag.links.part.is_none() && !format.is_rest(flag));
    found
}

/// Whether a flag is on, or takes something away, and said something else before.
fn comes_on(is: &FlagsByKey, was: &FlagsByKey) -> bool {
    let may_serve = |flag: &Flag| flag.state.live || flag.links.gives_back.is_some() || !flag.links.lets_in.is_empty();
    is.iter().any(|(key, flag)| may_serve(flag) && was.get(key).is_none_or(|before| !says_the_same(before, flag)))
}

fn differ(is: &FlagsByKey, was: &FlagsByKey) -> bool {
    is.len() != was.len() || is.iter().any(|(key, flag)| was.get(key).is_none_or(|before| !says_the_same(before, flag)))
}

/// Whether two say the same to users.
fn says_the_same(before: &Flag, after: &Flag) -> bool {
    let said = |flag: &Flag| {
        let of_users = |key: &str| flag.format.field(key).is_none_or(|row| !row.concerns_nobody());
        let all = flag.record.iter().filter(|entry| of_users(&entry.key));
        all.map(|entry| (entry.key.clone(), entry.value.clone())).collect::<Vec<_>>()
    };
    before.state.word == after.state.word && said(before) == said(after)
}

/// The files at a path, on the base and as proposed.
fn contents<S: Surroundings>(path: &str, case: &Case, around: &S) -> Result<Vec<File>, S::Error> {
    let mut files = around.files(&[path.to_owned()].into())?;
    let pairs = case.pairs.iter().filter(|pair| pair.path == path);
    files.extend(pairs.filter_map(|pair| pair.proposed.clone()));
    Ok(files)
}

/// Whether half of the flags of a file, or more, are flags of another one too.
fn have_keys_in_common(own: &FlagsByKey, others: &[File], format: &FormatRef) -> bool {
    let key = |flag: &Flag| folded(flag.own_key());
    let known: BTreeSet<String> =
        others.iter().flat_map(|file| flags(format, file).into_values()).map(|flag| key(&flag)).collect();
    let common = own.values().filter(|flag| known.contains(&key(flag))).count();
    common > 0 && 2 * common >= own.len()
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

fn diagnostic(file: &File, format: &FormatRef, how: &str) -> Diagnostic {
    let path = file.path.escape_debug();
    let name: String = file.path.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '-' }).collect();
    let remedy = format!(
        "name it in `{CONFIG_PATH}` in this pull request, which an admin approves: under `projects` \
         `{}: {{paths: [\"{path}\"], approvals: peer}}`, or `approvals: none` if nobody is served by it, and under \
         `formats` `\"{path}\": {}`",
        name.trim_matches('-').to_lowercase(),
        format.id
    );
    let message = format!("this file {how}, no project has it, and it may switch flags on that nobody reviews");
    Diagnostic::new(lints::UNREAD_FLAGS, &file.path, Place::START, message, remedy)
}
