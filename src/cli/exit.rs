//! The exit codes of the program, the one place that maps verdicts and errors to them.

use std::process::ExitCode;

use crate::error::ErrorKind;
use crate::report::{Report, Verdict};

/// The exit code; the numbers are part of the contract.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Exit {
    /// Nothing is in the way.
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

impl From<ErrorKind> for Exit {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Usage => Exit::Usage,
            ErrorKind::OverBudget | ErrorKind::Invalid => Exit::Invalid,
            ErrorKind::Policy => Exit::Policy,
            ErrorKind::Outside
            | ErrorKind::CutOff
            | ErrorKind::Missing
            | ErrorKind::Denied
            | ErrorKind::Unauthorised
            | ErrorKind::Refused
            | ErrorKind::Limited
            | ErrorKind::Network
            | ErrorKind::Unexpected => Exit::Outside,
        }
    }
}

impl Exit {
    /// The exit code of another run of the program; one that is none of ours is a failure.
    #[must_use]
    pub fn of_code(code: u8) -> Exit {
        let all = [Exit::Clear, Exit::Blocked, Exit::Usage, Exit::Invalid, Exit::Policy];
        all.into_iter().find(|exit| *exit as u8 == code).unwrap_or(Exit::Outside)
    }

    /// The exit code for a report. A missing approval blocks only if the caller asked for that.
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
