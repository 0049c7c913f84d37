//! The flags that a commit would serve, and the digest of the policy that they stand under.
//!
//! In: a repository and a commit. Out: every flag of every managed file. It refuses a policy that is invalid, and names
//! the files that can't be read: of their flags nobody knows anything. Not taken: the difference from another commit.

use std::collections::BTreeSet;

use super::inputs::policy_files;
use super::{Commit, Error, Repo, TreeEntry, TreeSide};
use crate::diagnostics::Diagnostic;
use crate::flag::{FileKind, FlagEntry};
use crate::policy::fold::folded;
use crate::policy::{FOLDER, Policy, PolicyFiles, ProjectMatch};
use crate::review::read::read_file;

/// The flags of a commit.
#[derive(Debug)]
pub struct ServedTree {
    /// SHA-256 of the files of the policy.
    pub policy_digest: String,
    pub flags: Vec<FlagEntry>,
    /// Managed files that can't be read, each with the reason.
    pub unread: Vec<(String, String)>,
}

impl Repo {
    /// The files of the policy at a commit.
    ///
    /// # Errors
    /// If git fails.
    pub fn policy_at(&self, commit: &Commit) -> Result<PolicyFiles, Error> {
        policy_files(self, &self.two_trees(commit, commit)?, TreeSide::Live)
    }

    /// The flags of a commit, or the diagnostics of its policy.
    ///
    /// # Errors
    /// If git fails.
    pub fn served_at(&self, commit: &Commit) -> Result<Result<ServedTree, Vec<Diagnostic>>, Error> {
        let comparison = self.two_trees(commit, commit)?;
        let files = policy_files(self, &comparison, TreeSide::Live)?;
        let policy = match Policy::read_valid(&files) {
            Ok(policy) => policy,
            Err(diagnostics) => return Ok(Err(diagnostics)),
        };
        let mut wanted: Vec<(String, TreeEntry)> = Vec::new();
        let mut instead: Vec<(String, String)> = Vec::new();
        // Where case does not count, `Flags` is checked out over `flags`.
        let enter = |dir: &str| policy.manages_below(dir) || policy.concerns_folded_below(&folded(dir));
        let mut others: Vec<String> = Vec::new();
        self.list(&comparison, TreeSide::Live, &enter, &mut |path, entry| {
            let managed = !matches!(policy.project_of(path), ProjectMatch::Unmanaged);
            let name = folded(path);
            let disguised = !policy.concerns_below(path) && policy.concerns_folded_below(&name);
            let special = entry.kind != FileKind::Regular;
            if policy.may_hide_files(entry.kind, path) || special && (disguised || managed) {
                instead.push((path.to_owned(), "a link or a submodule stands where files with flags would".to_owned()));
            } else if !managed && policy.manages_folded(&name) {
                let why =
                    "it differs from a managed file in case only, and is one where case does not count".to_owned();
                instead.push((path.to_owned(), why));
            } else if !managed && policy.concerns_folded_below(&name) {
                others.push(path.to_owned());
            }
            if managed {
                wanted.push((path.to_owned(), entry));
            }
        })?;
        // A file in the place of their folder hides the files in it.
        let mut folders: BTreeSet<String> = wanted.iter().flat_map(|(path, _)| folders(&folded(path))).collect();
        folders.insert(FOLDER.to_owned());
        others.retain(|path| folders.contains(&folded(path)));
        let hides = "it is the folder of managed files where case does not count, and hides them";
        instead.extend(others.into_iter().map(|path| (path, hides.to_owned())));
        let read = self.load_many(&wanted, |_, file| {
            let several = "it belongs to two projects".to_owned();
            Some(match policy.project_name(&file.path) {
                Some(project) => match read_file(&file, &policy, &project) {
                    (Some(flags), found) if !found.iter().any(Diagnostic::is_error) => Ok(flags),
                    (_, found) => {
                        let why = found.iter().find(|one| one.is_error()).map(|one| one.message.clone());
                        Err((file.path, why.unwrap_or_else(|| "it can't be read".to_owned())))
                    }
                },
                None => Err((file.path, several)),
            })
        })?;
        let (mut flags, mut unread) = (Vec::new(), instead);
        for one in read {
            match one {
                Ok(mut some) => flags.append(&mut some),
                Err(why) => unread.push(why),
            }
        }
        Ok(Ok(ServedTree { policy_digest: files.digest(), flags, unread }))
    }
}

/// The folders that a path lies in.
fn folders(path: &str) -> Vec<String> {
    path.match_indices('/').filter_map(|(at, _)| Some(path.get(..at)?.to_owned())).collect()
}
