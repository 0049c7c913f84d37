//! The trust of then: whose signatures counted when a merge was made.
//!
//! In: a repository and a commit. Out: the trust that stands there.
//! It refuses a trust that can't be read: then nobody's signature counts. Not taken: the trust of today, under which whoever pushes
//! one vouches for everything before.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::{Commit, Repo, TreeSide};
use crate::flag::File;
use crate::policy::{TRUST_PATH, Trust};

/// The trusts of a history, each read once.
pub struct TrustsOfThen<'r> {
    repo: &'r Repo,
    read: RefCell<BTreeMap<Vec<u8>, Option<Trust>>>,
}

impl<'r> TrustsOfThen<'r> {
    #[must_use]
    pub fn of(repo: &'r Repo) -> Self {
        TrustsOfThen { repo, read: RefCell::new(BTreeMap::new()) }
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
