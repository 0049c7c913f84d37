//! The trust of then: whose signatures counted when a merge was made.
//!
//! In: a repository and a commit. Out: the trust that stands there.
//! It refuses a trust that can't be read: then nobody's signature counts. Not taken: the trust of today, under which whoever pushes
//! one vouches for everything before.

use std::cell::RefCell;
use std::collections::BTreeMap;

use git2::Oid;

use super::revision::object_id;
use super::{Commit, Repo, TreeSide};
use crate::flag::File;
use crate::policy::{FOLDER, TRUST_PATH, Trust};

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
        let short = oid.get(..8).unwrap_or(oid);
        let failed = |error: String| format!("the policy of {short} can't be read: {error}");
        let commit = object_id(oid)
            .map_err(|error| failed(error.message))
            .and_then(|id| self.repo.objects().find_commit(id).map_err(|error| failed(error.message().to_owned())))?;
        let tree = commit.tree().map_err(|error| failed(error.message().to_owned()))?;
        let folder = tree.get_name(FOLDER).map(|entry| entry.id());
        if let Some(known) = self.digests.borrow().get(&folder) {
            return Ok(known.clone());
        }
        let commit = Commit { name: short.to_owned(), oid: oid.to_owned() };
        let digest = self.repo.policy_at(&commit).map_err(|error| failed(error.message))?.digest();
        self.digests.borrow_mut().insert(folder, digest.clone());
        Ok(digest)
    }

    /// The trust of a commit; none if it has none.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn at(&self, oid: &str) -> Result<Option<Trust>, String> {
        let short = oid.get(..8).unwrap_or(oid);
        let commit = Commit { name: short.to_owned(), oid: oid.to_owned() };
        let file: Option<File> = self
            .repo
            .two_trees(&commit, &commit)
            .and_then(|comparison| self.repo.read(&comparison, TreeSide::Live, TRUST_PATH))
            .map_err(|error| format!("the trust of {short} can't be read: {}", error.message))?;
        let Some(file) = file else { return Ok(None) };
        let mut read = self.read.borrow_mut();
        let trust = read.entry(file.bytes.clone()).or_insert_with(|| Trust::read(&file).0);
        trust.clone().map(Some).ok_or_else(|| format!("the trust of {short} is invalid, so nobody's signature counts"))
    }
}
