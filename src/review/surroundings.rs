//! The surroundings of a proposal: what a review may need besides the files that differ, and asks for once it knows
//! which.

use std::collections::BTreeSet;

use super::flag_past::{Past, PastQuery};
use super::read::Pair;
use super::related::FlagName;
use crate::flag::File;

/// A reader of the base branch and of the proposal.
pub trait Surroundings {
    type Error;

    /// The files that do not differ and mention one of these flags of their project, or may do so in another spelling.
    ///
    /// # Errors
    /// If they can't be read.
    fn holding(&self, flags: &BTreeSet<FlagName>) -> Result<Vec<File>, Self::Error>;

    /// The files outside of every project that the proposal adds or changes and that mention one of the keys.
    ///
    /// # Errors
    /// If they can't be read.
    fn brought(&self, keys: &BTreeSet<String>) -> Result<Vec<File>, Self::Error>;

    /// Files outside of every project that differ, and that may hold flags by their names. Of those near a project's
    /// none is left out; one that is not looked at has its size and no bytes.
    ///
    /// # Errors
    /// If they can't be read.
    fn changed_outside(&self) -> Result<Vec<Pair>, Self::Error> {
        Ok(Vec::new())
    }

    /// The known past. A part of it that is not known is part of the answer.
    fn past(&self, query: &PastQuery) -> Past;

    /// Every managed path, for a policy that changes.
    ///
    /// # Errors
    /// If a tree can't be read.
    fn managed(&self) -> Result<Vec<String>, Self::Error>;

    /// Files of the base, for a policy that reads them in another way.
    ///
    /// # Errors
    /// If they can't be read.
    fn files(&self, _paths: &BTreeSet<String>) -> Result<Vec<File>, Self::Error> {
        Ok(Vec::new())
    }
}
