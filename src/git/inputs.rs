//! The input of a review, read from a repository: the files that differ, the policy, and other files that matter.
//!
//! In: a comparison of two sides. Out: an [`Examination`], or the diagnostics of an invalid policy. It refuses to
//! examine without a policy. Not taken: reading the whole tree to know the flags that did not change; files of a
//! project are searched for a key only when a proposal adds one, removes one or depends on one.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Diagnostic, Place, budgets, lints};
use crate::error::ErrorKind;
use crate::flag::{File, FileKind};
use crate::git::managed::ManagedFiles;
use crate::git::surroundings::Around;
use crate::git::{Collision, Comparison, Delta, Error, Repo, TreeEntry, TreeSide};
use crate::policy::fold::folded;
use crate::policy::{
    APPROVERS_PATH, CONFIG_PATH, FOLDER, FORMATS_FOLDER, Policy, PolicyFiles, ProjectMatch, TRUST_PATH,
};
use crate::review::{Case, Examination, Pair, Policies, review};

/// The policy under which a comparison is examined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Under {
    /// The base policy and, if it differs, the proposed policy: the only way to a verdict.
    Both,
    /// Either of the two, the base policy if it is valid: enough to say what would change.
    Either,
}

/// An examination, or the diagnostics of the base policy if that is missing or invalid.
pub type Examined = Result<Examination, Vec<Diagnostic>>;

/// Examines a proposal, and whether the projects of the policy that it would leave gate anything at all.
///
/// # Errors
/// If git fails.
pub fn examine_proposal(
    repo: &Repo,
    comparison: &Comparison,
    under: Under,
    now: Option<i64>,
) -> Result<Examined, Error> {
    let examination = match examine(repo, comparison, under, now)? {
        Ok(examination) => examination,
        Err(diagnostics) => return Ok(Err(diagnostics)),
    };
    // Nothing was read of a proposal over a budget.
    if comparison.over.is_some() {
        return Ok(Ok(examination));
    }
    let found = ManagedFiles::of(repo, comparison, examination.policy_to_be(), examination.has_flags())?;
    Ok(Ok(examination.with_managed(found.empty, found.no_flag)))
}

/// The diagnostics of projects of this policy that have no file, and whether none of them has a flag.
///
/// # Errors
/// If git fails.
pub fn projects(repo: &Repo, comparison: &Comparison, policy: &Policy) -> Result<(Vec<Diagnostic>, bool), Error> {
    let found = ManagedFiles::of(repo, comparison, policy, false)?;
    Ok((found.empty, found.no_flag))
}

/// Examines the differences that a comparison found. `now` is the time of the verdict in seconds since 1970-01-01 UTC,
/// for a policy that looks back; without it nothing is known of the base some days ago.
///
/// # Errors
/// If git fails.
pub fn examine(repo: &Repo, comparison: &Comparison, under: Under, now: Option<i64>) -> Result<Examined, Error> {
    repo.expect(comparison, &[CONFIG_PATH, APPROVERS_PATH, TRUST_PATH])?;
    let base_policy = policy_files(repo, comparison, TreeSide::Live)?;
    let proposed = policy_files(repo, comparison, TreeSide::Proposed)?;
    let policies = match (Policies::read(&base_policy, &proposed), under) {
        (Ok(policies), _) => policies,
        (Err(_), Under::Either) => match Policies::read(&proposed, &proposed) {
            Ok(policies) => policies,
            Err(diagnostics) => return Ok(Err(diagnostics)),
        },
        (Err(mut diagnostics), Under::Both) => {
            not_merged_yet(repo, &comparison.base.name, proposed.config.is_some(), &mut diagnostics);
            before_any_policy(repo, comparison, &mut diagnostics);
            return Ok(Err(diagnostics));
        }
    };
    Ok(Ok(examine_by(repo, comparison, policies, now)?))
}

/// Says of a policy that the base branch does not have where it is: somebody who has just written it need not write it
/// again. `proposed` says that the proposal brings it.
pub fn not_merged_yet(repo: &Repo, base: &str, proposed: bool, diagnostics: &mut [Diagnostic]) {
    let written = || repo.workdir().is_some_and(|root| root.join(CONFIG_PATH).symlink_metadata().is_ok());
    let next = match proposed {
        true => format!("this proposal brings it: merge it into `{base}` by itself first, and it counts from then on"),
        false if written() => {
            format!("it is written and not merged: commit it, and merge it into `{base}`, where it counts")
        }
        false => return,
    };
    for diagnostic in diagnostics.iter_mut().filter(|diagnostic| diagnostic.id == lints::WITHOUT_POLICY) {
        diagnostic.message = format!("`{base}` has no `{CONFIG_PATH}` yet, so nothing says who approves what");
        diagnostic.remedy.clone_from(&next);
    }
}

/// Says how commits are compared that are no branch, onto which nothing can be merged.
fn before_any_policy(repo: &Repo, comparison: &Comparison, diagnostics: &mut [Diagnostic]) {
    let (base, head) = (&comparison.base.name, &comparison.head);
    let is_branch = ["refs/heads/", "refs/remotes/"].iter().any(|refs| repo.commit(&format!("{refs}{base}")).is_ok());
    let written = repo.workdir().is_some_and(|root| root.join(CONFIG_PATH).symlink_metadata().is_ok());
    if is_branch || head.oid.is_none() || !written {
        return;
    }
    for diagnostic in diagnostics.iter_mut().filter(|diagnostic| diagnostic.id == lints::WITHOUT_POLICY) {
        diagnostic.remedy = format!(
            "approvals go by the policy of a branch; `countersign diff --policy . {base} {}` says what changed for \
             users, by the policy on disk",
            head.name
        );
    }
}

/// Examines the differences under these policies, wherever they are from.
///
/// # Errors
/// If git fails.
pub fn examine_by(
    repo: &Repo,
    comparison: &Comparison,
    policies: Policies,
    now: Option<i64>,
) -> Result<Examination, Error> {
    repo.read_by([Some(&policies.base), policies.proposed.as_ref()].into_iter().flatten().cloned());
    let wanted = wanted(comparison, &policies);
    let mut over: Vec<Diagnostic> = comparison.over.iter().cloned().collect();
    over.extend(over_mappings(repo, comparison)?);
    over.extend(over_budget(repo, &wanted)?);
    let (base_policy, proposed) = (policies.base.clone(), policies.proposed.clone());
    let around = Around { repo, comparison, base_policy, proposed, now, managed: OnceCell::new() };
    // Of a proposal over a budget nothing is read: it is invalid, whatever it says.
    let too_large = |policies: Policies, over: Vec<Diagnostic>| {
        let (base, head) = (comparison.base.clone(), comparison.head.clone());
        let case = Case { base, head, pairs: Vec::new(), conflicts: Vec::new(), tree: over };
        review(&case, Policies { proposed: None, ..policies }, &around)
    };
    if !over.is_empty() {
        return too_large(policies, over);
    }
    let by: Vec<&Policy> =
        [Some(&policies.base), policies.proposed.as_ref()].into_iter().flatten().map(|one| &**one).collect();
    let behind = repo.behind_links(comparison, &by)?;
    let mut wanted = wanted;
    wanted.extend(comparison.deltas.iter().filter(|delta| behind.contains_key(&delta.path)));
    wanted.sort_by(|one, other| one.path.cmp(&other.path));
    let over = over_budget(repo, &wanted)?;
    if !over.is_empty() {
        return too_large(policies, over);
    }
    let case = Case {
        base: comparison.base.clone(),
        head: comparison.head.clone(),
        pairs: pairs(repo, &wanted, &behind)?,
        conflicts: comparison.conflicts.iter().map(|clash| (clash.path.clone(), clash.message.clone())).collect(),
        tree: collisions(repo, comparison, &policies)?,
    };
    match review(&case, policies.clone(), &around) {
        Err(error) if error.kind == ErrorKind::OverBudget => {
            too_large(policies, vec![Diagnostic::new(lints::OVER_BUDGET, "", Place::START, error.message, error.help)])
        }
        examined => examined,
    }
}

/// The two files of the policy on one side.
///
/// # Errors
/// If git fails.
pub fn policy_files(repo: &Repo, comparison: &Comparison, side: TreeSide) -> Result<PolicyFiles, Error> {
    let config = repo.read(comparison, side, CONFIG_PATH)?;
    // A link or a submodule in the place of the folder is handed on, to be reported as one.
    let instead = || Ok(repo.read(comparison, side, FOLDER)?.filter(|file| file.kind != FileKind::Regular));
    Ok(PolicyFiles {
        config: config.map_or_else(instead, |config| Ok(Some(config)))?,
        approvers: repo.read(comparison, side, APPROVERS_PATH)?,
        formats: mappings(repo, comparison, side)?,
        trust: repo.read(comparison, side, TRUST_PATH)?,
    })
}

/// The mappings on one side. Of more than are judged none is read: one without its bytes stands for all of them.
fn mappings(repo: &Repo, comparison: &Comparison, side: TreeSide) -> Result<Vec<File>, Error> {
    let found = mapping_entries(repo, comparison, side)?;
    if side == TreeSide::Proposed && over_mappings(repo, comparison)?.is_some() {
        let Some((path, entry)) = found.into_iter().next() else { return Ok(Vec::new()) };
        let size = repo.size(&path, &entry)?.max(1) as u64;
        return Ok(vec![File { path, kind: entry.kind, mode: entry.mode, bytes: Vec::new(), size, id: None }]);
    }
    repo.expect_entries(found.iter().map(|(_, entry)| entry))?;
    found.iter().map(|(path, entry)| repo.load(path, entry)).collect()
}

/// The diagnostic of a proposal that brings more mappings than are judged, and more than the base has. Nothing of it is
/// read for that.
fn over_mappings(repo: &Repo, comparison: &Comparison) -> Result<Option<Diagnostic>, Error> {
    if !comparison.deltas.iter().any(|delta| delta.path.starts_with(FORMATS_FOLDER)) {
        return Ok(None);
    }
    let [before, after] = [TreeSide::Live, TreeSide::Proposed].map(|side| mapping_entries(repo, comparison, side));
    let (before, after) = (before?, after?);
    let many = budgets::MAPPINGS.check(FORMATS_FOLDER, Place::START, after.len(), before.len());
    if many.is_some() {
        return Ok(many);
    }
    let bytes = |all: &[(String, TreeEntry)]| -> Result<usize, Error> {
        repo.expect_entries(all.iter().map(|(_, entry)| entry))?;
        all.iter().map(|(path, entry)| repo.size(path, entry)).sum()
    };
    Ok(budgets::MAPPING_BYTES.check(FORMATS_FOLDER, Place::START, bytes(&after)?, bytes(&before)?))
}

/// The entries of the folder with the mappings on one side.
fn mapping_entries(repo: &Repo, comparison: &Comparison, side: TreeSide) -> Result<Vec<(String, TreeEntry)>, Error> {
    let mut found: Vec<(String, TreeEntry)> = Vec::new();
    let enter = |folder: &str| folder == FOLDER || folder == FORMATS_FOLDER;
    repo.list(comparison, side, &enter, &mut |path, entry| {
        // A link in the place of the folder is handed on, to be reported as one.
        if path.strip_prefix(FORMATS_FOLDER).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            found.push((path.to_owned(), entry));
        }
    })?;
    Ok(found)
}

/// Whether a policy protects or manages a path that differs.
pub(super) fn concerns(policy: &Policy, delta: &Delta) -> bool {
    let kinds = [&delta.live, &delta.proposed].map(|entry| entry.as_ref().map(|entry| entry.kind));
    policy.protects_entry(kinds, &delta.path)
        || !matches!(policy.project_of(&delta.path), ProjectMatch::Unmanaged)
        || kinds.into_iter().flatten().any(|kind| policy.may_hide_files(kind, &delta.path))
}

/// The differences that a policy manages or protects.
fn wanted<'c>(comparison: &'c Comparison, policies: &Policies) -> Vec<&'c Delta> {
    let by = |delta: &&Delta| {
        concerns(&policies.base, delta) || policies.proposed.as_ref().is_some_and(|policy| concerns(policy, delta))
    };
    comparison.deltas.iter().filter(by).collect()
}

fn pairs(repo: &Repo, wanted: &[&Delta], behind: &BTreeMap<String, String>) -> Result<Vec<Pair>, Error> {
    // Both sides in one go: each may cost a round trip.
    let mut entries: Vec<(String, TreeEntry)> = Vec::new();
    for delta in wanted {
        entries.extend(
            [&delta.live, &delta.proposed].into_iter().flatten().map(|entry| (delta.path.clone(), entry.clone())),
        );
    }
    let mut files = repo.load_many(&entries, |_, file| Some(file))?.into_iter();
    Ok(wanted
        .iter()
        .map(|delta| Pair {
            path: delta.path.clone(),
            live: delta.live.as_ref().and_then(|_| files.next()),
            proposed: delta.proposed.as_ref().and_then(|_| files.next()),
            through: behind.get(&delta.path).cloned(),
        })
        .collect())
}

pub(super) fn collisions(repo: &Repo, comparison: &Comparison, policies: &Policies) -> Result<Vec<Diagnostic>, Error> {
    let managed = |path: &str| {
        let by = |policy: &Policy| !matches!(policy.project_of(path), ProjectMatch::Unmanaged) || policy.protects(path);
        by(&policies.base) || policies.proposed.as_deref().is_some_and(by)
    };
    let folded_managed = |path: &str| {
        policies.base.concerns_folded(path) || policies.proposed.as_deref().is_some_and(|one| one.concerns_folded(path))
    };
    let below = |path: &str| {
        let by = |policy: &Policy| policy.concerns_below(path);
        by(&policies.base) || policies.proposed.as_deref().is_some_and(by)
    };
    let folded_below = |path: &str| {
        let by = |policy: &Policy| policy.concerns_folded_below(path);
        by(&policies.base) || policies.proposed.as_deref().is_some_and(by)
    };
    let mut collisions = repo.case_collisions(comparison, &|path: &str| folded_managed(path) || folded_below(path))?;
    // Where two files are one, either may be the flag; where a folder is, the file is a flag that nobody asked about.
    // An object in the place of a folder hides all of its files, or is a way to others.
    collisions.retain(|one| {
        let (path, other) = (managed(&one.path), managed(&one.other));
        if one.there { path || other || one.folder && below(&one.other) } else { other && !path }
    });
    // A path that nobody manages as it is spelled, and somebody does where case does not count.
    let colliding: BTreeSet<&str> = collisions.iter().map(|one| one.path.as_str()).collect();
    let added = comparison.deltas.iter().filter(|delta| delta.live.is_none() && delta.proposed.is_some());
    let instead = |delta: &Delta| {
        let special = delta.proposed.as_ref().is_some_and(|entry| entry.kind != FileKind::Regular);
        special && !below(&delta.path) && folded_below(&folded(&delta.path))
    };
    let disguised: Vec<Diagnostic> = added
        .filter(|delta| !managed(&delta.path) && !colliding.contains(delta.path.as_str()))
        .filter(|delta| folded_managed(&folded(&delta.path)) || instead(delta))
        .map(|delta| {
            let name = folded(&delta.path);
            let message = format!("where case does not count this is `{}`, which is managed", name.escape_debug());
            let remedy = "spell it as the policy does, or give it another name";
            Diagnostic::new(lints::CASE_COLLISION, &delta.path, Place::START, message, remedy)
        })
        .collect();
    Ok(collisions
        .iter()
        .map(|Collision { path, other, there, .. }| {
            let there = *there;
            let other = other.escape_debug();
            let message = if there {
                format!("`{other}` is there too and differs only in case")
            } else {
                format!("where case does not count this is `{other}`, since that folder is there")
            };
            let remedy = if there { "rename one of the two" } else { "spell the folder as the one that is there" };
            Diagnostic::new(lints::CASE_COLLISION, path, Place::START, message, remedy)
        })
        .chain(disguised)
        .collect())
}

/// The diagnostics of files to be read that are over the budgets; deleted files, and the base's side, cost nothing.
fn over_budget(repo: &Repo, deltas: &[&Delta]) -> Result<Vec<Diagnostic>, Error> {
    let proposed = || deltas.iter().filter_map(|delta| Some((delta.path.as_str(), delta.proposed.as_ref()?)));
    let files = budgets::FILES.check("", Place::START, proposed().count(), 0);
    if files.is_some() {
        return Ok(files.into_iter().collect());
    }
    let all = deltas.iter().flat_map(|delta| [&delta.live, &delta.proposed]).flatten();
    repo.expect_entries(all)?;
    let mut bytes = 0;
    for (path, entry) in proposed() {
        bytes += repo.size(path, entry)?;
    }
    Ok(budgets::ALL_BYTES.check("", Place::START, bytes, 0).into_iter().collect())
}
