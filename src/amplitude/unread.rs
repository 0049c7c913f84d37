//! Parts that could not be read: of each which one it is, why, and what becomes of it.
//!
//! In: an error, and the part that it is about. Out: the reason for which nothing but switching off is done about a
//! flag. Not taken: ending a run for one of them, which would keep every other flag on that has to go off.

use super::lock::LOCK_PATH;
use crate::error::Error;
use crate::policy::CONFIG_PATH;

/// A part of what is compared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReadPart {
    /// The lock file.
    Lock,
    /// The policy of the commit.
    Policy,
    /// A project in Amplitude, by its name.
    Project(String),
    /// A flag in Amplitude, as `project/key`, or by its id where nobody knows the key.
    Flag(String),
    /// A flag file, by its path.
    File(String),
    /// The versions of all items, of one project or of several.
    Versions,
}

/// A part that could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnreadPart {
    pub part: ReadPart,
    pub error: Error,
}

impl UnreadPart {
    #[must_use]
    pub fn new(part: ReadPart, error: Error) -> UnreadPart {
        UnreadPart { part, error }
    }

    /// The name of the part for people.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.part {
            ReadPart::Lock => LOCK_PATH,
            ReadPart::Policy => CONFIG_PATH,
            ReadPart::Versions => "versions",
            ReadPart::Project(name) | ReadPart::Flag(name) | ReadPart::File(name) => name,
        }
    }

    /// Whether nothing but switching off may be done anywhere.
    #[must_use]
    pub fn is_of_all(&self) -> bool {
        matches!(self.part, ReadPart::Lock | ReadPart::Policy)
    }

    /// Whether nothing but switching off may be done about a flag.
    #[must_use]
    pub fn holds(&self, project: &str, name: &str, path: &str) -> bool {
        match &self.part {
            ReadPart::Lock | ReadPart::Policy => true,
            ReadPart::Versions => false,
            ReadPart::Project(held) => held == project,
            ReadPart::Flag(held) => held == name,
            ReadPart::File(held) => held == path,
        }
    }
}
