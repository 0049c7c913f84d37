//! The input of a review, read from a repository: the files that differ, the policy, and other files that matter.
//!
//! In: a comparison of two sides. Out: an [`Examination`], or the diagnostics of an invalid policy. It refuses to examine
//! without a policy. Not taken: reading the whole tree to know the flags that did not change; files of a project are
//! searched for a key only when a proposal adds one, removes one or depends on one.

use crate::diagnostics::{Diagnostic, Place, lints};
use crate::flag::FileKind;
use crate::git::surroundings::Around;
use crate::git::{Collision, Comparison, Delta, Error, Repo, TreeEntry, TreeSide};
use crate::policy::{APPROVERS_PATH, CONFIG_PATH, FOLDER, Policy, PolicyFiles, ProjectMatch};
use crate::review::{Case, Examination, Pair, PastFile, Policies, review};

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

/// Examines the differences that a comparison found.
///
/// # Errors
/// If git fails.
pub fn examine(repo: &Repo, comparison: &Comparison, under: Under) -> Result<Examined, Error> {
    repo.expect(comparison, &[CONFIG_PATH, APPROVERS_PATH])?;
    let base_policy = policy_files(repo, comparison, TreeSide::Live)?;
    let proposed = policy_files(repo, comparison, TreeSide::Proposed)?;
    let policies = match (Policies::read(&base_policy, &proposed), under) {
        (Ok(policies), _) => policies,
        (Err(_), Under::Either) => match Policies::read(&proposed, &proposed) {
            Ok(policies) => policies,
            Err(diagnostics) => return Ok(Err(diagnostics)),
        },
        (Err(mut diagnostics), Under::Both) => {
            if base_policy.config.is_none() && proposed.config.is_some() {
                for diagnostic in &mut diagnostics {
                    diagnostic.remedy =
                        "this proposal brings the policy: merge it by itself first; `git commit --no-verify` passes a hook once".to_owned();
                }
            }
            return Ok(Err(diagnostics));
        }
    };
    Ok(Ok(examine_by(repo, comparison, policies)?))
}

/// Examines the differences under these policies, wherever they are from.
///
/// # Errors
/// If git fails.
pub fn examine_by(repo: &Repo, comparison: &Comparison, policies: Policies) -> Result<Examination, Error> {
    let case = Case {
        base: comparison.base.clone(),
        head: comparison.head.clone(),
        pairs: pairs(repo, comparison, &policies)?,
        conflicts: comparison.conflicts.iter().map(|clash| (clash.path.clone(), clash.message.clone())).collect(),
        past: past(repo, comparison, &policies),
        tree: collisions(repo, comparison, &policies)?,
    };
    let around = Around { repo, comparison, base_policy: policies.base.clone(), proposed: policies.proposed.clone() };
    review(&case, policies, &around)
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
    })
}

/// Whether a policy protects or manages a path that differs.
pub(super) fn concerns(policy: &Policy, delta: &Delta) -> bool {
    let special = [&delta.live, &delta.proposed].into_iter().flatten().any(|entry| entry.kind != FileKind::Regular);
    policy.protects(&delta.path)
        || !matches!(policy.project_of(&delta.path), ProjectMatch::Unmanaged)
        || (special && policy.manages_below(&delta.path))
}

fn pairs(repo: &Repo, comparison: &Comparison, policies: &Policies) -> Result<Vec<Pair>, Error> {
    let wanted: Vec<&Delta> = comparison
        .deltas
        .iter()
        .filter(|delta| {
            concerns(&policies.base, delta) || policies.proposed.as_ref().is_some_and(|policy| concerns(policy, delta))
        })
        .collect();
    // Both sides in one go: each may cost a round trip.
    let mut entries: Vec<(String, TreeEntry)> = Vec::new();
    for delta in &wanted {
        entries.extend(
            [&delta.live, &delta.proposed].into_iter().flatten().map(|entry| (delta.path.clone(), entry.clone())),
        );
    }
    let mut files = repo.load_many(&entries, |file| file)?.into_iter();
    Ok(wanted
        .iter()
        .map(|delta| Pair {
            path: delta.path.clone(),
            live: delta.live.as_ref().and_then(|_| files.next()),
            proposed: delta.proposed.as_ref().and_then(|_| files.next()),
        })
        .collect())
}

/// How many flags are looked up in the history at most: the remark is for somebody who reads each of them.
const MOST_REMEMBERED: usize = 20;

/// The earlier versions of the managed files that differ, if they are few.
fn past(repo: &Repo, comparison: &Comparison, policies: &Policies) -> Vec<PastFile> {
    let managed = |path: &str| !matches!(policies.base.project_of(path), ProjectMatch::Unmanaged);
    let deltas = comparison.deltas.iter().filter(|delta| delta.proposed.is_some() && managed(&delta.path));
    let paths: Vec<String> = deltas.map(|delta| delta.path.clone()).collect();
    if paths.len() > MOST_REMEMBERED {
        return Vec::new();
    }
    let found = repo.past(comparison, &paths);
    let live =
        |path: &str| comparison.deltas.iter().find(|delta| delta.path == path).and_then(|delta| delta.live.as_ref());
    let mut past = Vec::new();
    for version in found.into_iter().filter(|version| Some(&version.entry) != live(&version.path)) {
        // A partial clone has only what was asked for.
        let Ok(file) = repo.load(&version.path, &version.entry) else { continue };
        let short: String = version.oid.chars().take(8).collect();
        let day = chrono::DateTime::from_timestamp(version.seconds, 0)
            .map_or_else(String::new, |time| time.format(" of %Y-%m-%d").to_string());
        past.push(PastFile { file, commit: format!("`{short}`{day}, `{}`", version.subject.escape_debug()) });
    }
    past
}

pub(super) fn collisions(repo: &Repo, comparison: &Comparison, policies: &Policies) -> Result<Vec<Diagnostic>, Error> {
    let managed = |path: &str| {
        let by = |policy: &Policy| !matches!(policy.project_of(path), ProjectMatch::Unmanaged) || policy.protects(path);
        by(&policies.base) || policies.proposed.as_deref().is_some_and(by)
    };
    let collisions = repo.case_collisions(comparison)?.into_iter();
    // Where two files are one, either may be the flag; where a folder is, the file is a flag that nobody asked about.
    let concerns = |one: &Collision| {
        let (path, other) = (managed(&one.path), managed(&one.other));
        if one.there { path || other } else { other && !path }
    };
    Ok(collisions
        .filter(concerns)
        .map(|Collision { path, other, there }| {
            let other = other.escape_debug();
            let message = if there {
                format!("`{other}` is there too and differs only in case")
            } else {
                format!("where case does not count this is `{other}`, since that folder is there")
            };
            let remedy = if there { "rename one of the two" } else { "spell the folder as the one that is there" };
            Diagnostic::new(lints::CASE_COLLISION, &path, Place::START, message, remedy)
        })
        .collect())
}
