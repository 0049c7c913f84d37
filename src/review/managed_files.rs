//! Files that two projects, two mappings or two formats say are theirs.
//!
//! In: a path and the policy. Out: a diagnostic with the way to settle it. Refuses: to choose one of the two. Not
//! taken: the order of the lines, by which one would win whom nobody meant.

use super::read::Pair;
use crate::diagnostics::{Diagnostic, Place, lints};
use crate::flag::File;
use crate::format::{self, FormatRef, known::known};
use crate::policy::{CONFIG_PATH, Policy, Project, ProjectMatch};

/// The diagnostic of a file that belongs to several projects.
pub fn two_projects(path: &str, projects: &[&Project]) -> Diagnostic {
    let names = crate::diagnostics::diagnostic::choice(projects.iter().map(|project| project.name.as_str()));
    Diagnostic::new(
        lints::TWO_PROJECTS,
        path,
        Place::START,
        format!("this file belongs to {}", names.replace(" or ", " and ")),
        "change `paths` in `.countersign/config.yaml` so that one project has it",
    )
}

/// The diagnostic of a file that two mappings take, of which the first by its name reads it.
pub fn two_mappings(path: &str, policy: &Policy) -> Option<Diagnostic> {
    let [one, other] = policy.two_mappings(path)?;
    let message = format!("the mappings `{one}` and `{other}` both take this file");
    let remedy = format!(
        "name the right one under `formats` in `{CONFIG_PATH}`: `formats: {{\"{}\": {one}}}`; or narrow `files` in one \
         of them",
        path.escape_debug()
    );
    Some(Diagnostic::new(lints::TWO_MAPPINGS, path, Place::START, message, remedy))
}

/// Diagnostics of the files that would belong to two projects, or to two mappings, under the proposed policy and do not
/// under the base policy.
pub fn overlaps(base_policy: &Policy, proposed: &Policy, managed: &[String]) -> Vec<Diagnostic> {
    let several = |policy: &Policy, path: &str| match policy.project_of(path) {
        ProjectMatch::Several(projects) => Some(two_projects(path, &projects)),
        ProjectMatch::Project(_) => two_mappings(path, policy),
        ProjectMatch::Unmanaged => None,
    };
    managed
        .iter()
        .filter(|path| several(base_policy, path).is_none())
        .filter_map(|path| several(proposed, path))
        .collect()
}

/// Whether a file may hold flags, or variables of which a map is made, by its name.
pub fn may_decide(path: &str) -> bool {
    format::known::may_be_known(path) || [".env", ".properties"].iter().any(|end| path.ends_with(end))
}

/// Most changed files that no project has which are named; of more their number.
const MOST_NAMED: usize = 5;

/// Warnings of changed files that look like flags of a format that is reviewed here, and that no project has.
pub fn unmanaged(pairs: &[Pair], unread: &[Diagnostic], policy: &Policy) -> Vec<Diagnostic> {
    let looks = |file: &File| {
        let found = known(&file.path, &file.bytes).filter(|found| found.flags > 0)?;
        let id = found.known.id.or(found.known.shipped.as_ref().map(|shipped| shipped.name))?;
        let named = policy.config.formats.iter().any(|(_, format)| format.id == id);
        let by_name = || format::recognise(&file.path).is_some_and(|format| format.id == id);
        (named || by_name()).then_some(found.known.name)
    };
    let warning = |file: &File| {
        if unread.iter().any(|diagnostic| diagnostic.path == file.path) {
            return None;
        }
        let message =
            format!("this looks like a file of flags ({}), and no project manages it: nobody reviews it", looks(file)?);
        let remedy = format!(
            "add it to the `paths` of the project whose flags these are, in `{CONFIG_PATH}`, if they are served"
        );
        Some(Diagnostic::new(lints::UNMANAGED_FLAGS, &file.path, Place::START, message, remedy))
    };
    let mut found: Vec<Diagnostic> = pairs.iter().filter_map(|pair| warning(pair.proposed.as_ref()?)).collect();
    let more = found.len().saturating_sub(MOST_NAMED);
    found.truncate(MOST_NAMED);
    if let Some(last) = found.last_mut().filter(|_| more > 0) {
        last.message += &format!("; {more} more files look so");
    }
    found
}

/// The diagnostic of a file that policies read in different formats: it may hold an inactive flag in one and an active
/// one in another.
pub fn two_formats<'p>(path: &str, policy: &Policy, managing: impl Iterator<Item = &'p Policy>) -> Option<Diagnostic> {
    let own = policy.format(path);
    let same = |other: &Option<FormatRef>| match (other, &own) {
        (Some(other), Some(own)) => other.reads_as(own),
        (other, own) => other.is_none() && own.is_none(),
    };
    let other = managing.map(|policy| policy.format(path)).find(|other| !same(other))?;
    let [own, other] = [&own, &other].map(|format| format.as_ref().map_or("none", |format| &format.id));
    let message = if own == other {
        format!("the file is read as {own}, which this proposal changes as well")
    } else {
        format!("the file is read as {own} and would be read as {other}")
    };
    let remedy = "change `formats`, or the mapping, and the file in two proposals";
    Some(Diagnostic::new(lints::TWO_FORMATS, path, Place::START, message, remedy))
}
