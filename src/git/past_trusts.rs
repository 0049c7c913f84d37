//! Trusts of the past: whose signatures counted when a merge was made.
//!
//! In: a repository and a commit. Out: the trust that stands there. It refuses a trust that can't be read: then
//! nobody's signature counts. Not taken: the trust of today, under which whoever pushes one vouches for everything
//! before.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use git2::{ErrorCode, Oid, Sort};

use super::revision::object_id;
use super::{Commit, Error, Repo, TreeSide};
use crate::flag::File;
use crate::policy::trust::AllowedSigner;
use crate::policy::{FOLDER, Policy, TRUST_PATH, Trust};
use crate::receipt::branch::{BranchCommits, CommitPlace};

/// The trusts of a history, each read once.
pub struct TrustsOfThen<'r> {
    repo: &'r Repo,
    /// Digests of policies, by the object of the folder.
    digests: RefCell<BTreeMap<Option<Oid>, String>>,
    read: RefCell<BTreeMap<Vec<u8>, Option<Trust>>>,
}

impl<'r> TrustsOfThen<'r> {
    #[must_use]
    pub fn of(repo: &'r Repo) -> Self {
        TrustsOfThen { repo, digests: RefCell::default(), read: RefCell::new(BTreeMap::new()) }
    }

    /// The digest of the policy of a commit, as a receipt has it.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn policy_digest(&self, oid: &str) -> Result<String, String> {
        let short = crate::diagnostics::words::short(oid);
        let failed = |error: String| format!("the policy of {short} can't be read: {error}");
        let commit = object_id(oid)
            .map_err(|error| failed(error.message))
            .and_then(|id| self.repo.objects().find_commit(id).map_err(|error| failed(error.message().to_owned())))?;
        let tree = commit.tree().map_err(|error| failed(error.message().to_owned()))?;
        let folder = tree.get_name(FOLDER).map(|entry| entry.id());
        if let Some(known) = self.digests.borrow().get(&folder) {
            return Ok(known.clone());
        }
        let commit = Commit::shortly(oid);
        let digest = self
            .repo
            .policy_at(&commit)
            .map_err(|error| failed(format!("{}; {}", error.message, error.help)))?
            .digest();
        self.digests.borrow_mut().insert(folder, digest.clone());
        Ok(digest)
    }

    /// The keys of those who may approve a change of the policy that a commit has, where that can be read.
    #[must_use]
    pub fn policy_signers(&self, oid: &str) -> Vec<AllowedSigner> {
        let commit = Commit::of(oid);
        let policy = self.repo.policy_at(&commit).ok().and_then(|files| Policy::read_valid(&files).ok());
        let Some((policy, trust)) = policy.as_ref().and_then(|policy| Some((policy, policy.trust.as_ref()?))) else {
            return Vec::new();
        };
        let able = policy.policy_by_key(trust);
        let may =
            |signer: &&AllowedSigner| signer.principals.iter().any(|login| able.contains(&login.to_ascii_lowercase()));
        trust.approvers.iter().filter(may).cloned().collect()
    }

    /// The trust of a commit; none if it has none.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn at(&self, oid: &str) -> Result<Option<Trust>, String> {
        let short = crate::diagnostics::words::short(oid);
        let commit = Commit::shortly(oid);
        let file: Option<File> = self
            .repo
            .two_trees(&commit, &commit)
            .and_then(|comparison| self.repo.read(&comparison, TreeSide::Live, TRUST_PATH))
            .map_err(|error| format!("the trust of {short} can't be read: {}; {}", error.message, error.help))?;
        let Some(file) = file else { return Ok(None) };
        let mut read = self.read.borrow_mut();
        let trust = read.entry(file.bytes.clone()).or_insert_with(|| Trust::read(&file).0);
        trust.clone().map(Some).ok_or_else(|| format!("the trust of {short} is invalid, so nobody's signature counts"))
    }
}

impl Repo {
    /// Whether the history is cut off.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        self.objects().is_shallow()
    }

    /// The commits of a branch by first parent, and where its trust begins.
    ///
    /// # Errors
    /// If the history is cut off, or objects are missing.
    pub fn branch_commits(&self, tip: &Commit) -> Result<BranchCommits, Error> {
        let mut found = BranchCommits::default();
        let (mut last, mut gone) = (None, false);
        for (place, one) in self.merged_changes(None, tip, None)?.into_iter().enumerate() {
            let trust = self.trust_blob(object_id(&one.oid)?)?;
            if trust.is_some() && found.begins.is_none() {
                found.begins = Some(one.oid.clone());
            } else if trust.is_some() && gone && trust != last && found.second.is_none() {
                // It was taken out and is another one since: one of the two was nobody's, and may be the first.
                found.second = Some(one.oid.clone());
            }
            gone = trust.is_none();
            last = trust.or(last);
            found.places.insert(one.oid, CommitPlace { place, seconds: one.seconds });
        }
        if let Some(begins) = found.begins.as_ref().filter(|_| found.second.is_none()) {
            let second = self.second_trust(object_id(&tip.oid)?, object_id(begins)?)?;
            found.second = second.map(|id| id.to_string());
        }
        Ok(found)
    }

    /// A commit behind the tip that has another trust than the first of the branch and does not come from it: whoever
    /// merges a branch into a history of their own, with theirs as the first parent, could say whose signatures count.
    fn second_trust(&self, tip: Oid, begins: Oid) -> Result<Option<Oid>, Error> {
        let failed = |error: git2::Error| Error::git("walk the history", &error);
        let first = self.trust_blob(begins)?;
        let mut walk = self.objects().revwalk().map_err(failed)?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE).map_err(failed)?;
        walk.push(tip).map_err(failed)?;
        walk.hide(begins).map_err(failed)?;
        let mut from_first = BTreeSet::from([begins]);
        for id in walk {
            let id = id.map_err(failed)?;
            let commit = self.objects().find_commit(id).map_err(failed)?;
            if commit.parent_ids().any(|parent| from_first.contains(&parent)) {
                from_first.insert(id);
                continue;
            }
            let trust = self.trust_blob(id)?;
            if trust.is_some() && trust != first {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// The object of the trust of a commit.
    fn trust_blob(&self, commit: Oid) -> Result<Option<Oid>, Error> {
        let failed = |error: git2::Error| Error::git("look for the trust of a commit", &error);
        let tree = self.objects().find_commit(commit).and_then(|commit| commit.tree()).map_err(failed)?;
        match tree.get_path(Path::new(TRUST_PATH)) {
            Ok(entry) => Ok(Some(entry.id())),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }
}
