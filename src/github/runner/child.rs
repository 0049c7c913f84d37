//! Reviews apart: of several pull requests each is reviewed in a process of its own, so that one that ends badly costs
//! the others nothing.

use super::{RunResult, Runner};
use crate::error::Error;
use crate::github::facts::Outline;

/// The result of a process for one pull request. Its errors it has printed itself.
pub struct ApartResult {
    /// Its exit code, one of the program's own.
    pub code: u8,
    /// The text that it printed.
    pub output: String,
    /// The verdict it came to, if it came to one.
    pub verdict: Option<String>,
}

/// Reviews the pull request of that number in a process of its own, within its budget; or why it came to no end.
pub type Apart<'a> = &'a dyn Fn(u64) -> Result<ApartResult, String>;

impl Runner<'_> {
    /// Reviews one of several pull requests. If its review does not come to an end, that is its status.
    pub(super) fn aside(&self, outline: &Outline, run: &mut RunResult) {
        let (number, head) = (outline.number, outline.head.as_str());
        let Some(apart) = self.apart else { return self.one(number, Some(head), None, run) };
        let why = match apart(number) {
            Ok(done) => return run.apart.push(done),
            Err(why) => why,
        };
        let help = format!("split the pull request; `countersign review --pr {number} --dry-run` shows where it ends");
        let error = Error::outside(why, help);
        let error = match self.client.facts(number) {
            Ok(facts) => self.fail(&facts, error),
            Err(_) => self.revoke([head], error),
        };
        run.fail(Some(number), error);
    }
}
