//! How the program ends.

use std::process::ExitCode;

use crate::git::Error;
use crate::report::{Report, Verdict};

/// What the exit code says; the codes are part of the contract.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Exit {
    /// Nothing stands in the way.
    Clear = 0,
    /// An approval is missing, a flag is locked or rejected.
    Blocked = 1,
    /// The command line is wrong.
    Usage = 2,
    /// A file is invalid.
    Invalid = 3,
    /// The policy is invalid.
    Policy = 4,
    /// Git, the disk or the network failed.
    Outside = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

impl Exit {
    /// What a report means. A missing approval blocks only if the caller asked for that.
    #[must_use]
    pub fn of(report: &Report, blocking: bool) -> Exit {
        match report.verdict {
            Verdict::Invalid if report.policy.verdict == Verdict::Invalid => Exit::Policy,
            Verdict::Invalid => Exit::Invalid,
            Verdict::Pending | Verdict::Locked | Verdict::Rejected if blocking => Exit::Blocked,
            Verdict::Pending | Verdict::Locked | Verdict::Rejected | Verdict::Approved | Verdict::NotRequired => {
                Exit::Clear
            }
        }
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub struct Failure {
    pub exit: Exit,
    /// What is wrong; lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl Failure {
    pub fn new(exit: Exit, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Failure { exit, message: message.into(), remedy: remedy.into() }
    }

    /// A file of the disk that can't be read or written.
    pub fn disk(doing: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        Failure::new(
            Exit::Outside,
            format!("cannot {doing} `{}`: {error}", path.display()),
            "check that it is there and that you may",
        )
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// Whatever stopped a command, as what is told of it. An error nobody foresaw is one of the outside.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<Failure>() {
            Ok(failure) => failure,
            Err(error) => match error.downcast::<Error>() {
                Ok(error) => error.into(),
                Err(error) => Failure::new(Exit::Outside, format!("{error:#}"), ""),
            },
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure {
            exit: if error.usage { Exit::Usage } else { Exit::Outside },
            message: error.message,
            remedy: error.remedy,
        }
    }
}
