//! What landed, looked at under the law it landed on.
//!
//! In: a repository and its landings, each on top of the one before. Out: for each of them the comparison with what it
//! landed on and the law there. A landing that touches nothing the law names costs a comparison of two trees: the law is
//! read anew only after a landing that touches it. Refused: judging under a law that does not hold.

use crate::diagnostics::Problem;
use crate::git::{Commit, Comparison, Error, Landing, Repo, Side};
use crate::policy::{APPROVERS_PATH, CONFIG_PATH, LawFiles};
use crate::render;
use crate::report::{Report, Verdict};
use crate::review::Laws;

use super::inputs::{Stop, Under, collisions, concerns, examine, examine_by, law_files};

/// The law a landing landed on.
#[derive(Clone)]
pub enum Standing {
    /// There was none.
    None,
    Holds(Laws),
    /// There was one that does not hold: what is wrong, and the last one that did.
    Broken(Vec<Problem>, Option<Laws>),
}

/// The report as if nobody had answered; or what was wrong with the law.
pub type Outcome = Result<Report, Vec<Problem>>;

/// A landing that needed approval, or could not have got any.
pub struct Gated {
    pub landing: Landing,
    pub outcome: Outcome,
}

/// What there is to audit.
pub struct Found {
    pub gated: Vec<Gated>,
    /// How many landed while there was no law.
    pub lawless: usize,
}

/// Every landing that needed approval under the law it landed on. `step` is told of each that was looked at.
///
/// # Errors
/// If git fails.
pub fn gated(repo: &Repo, landings: &[Landing], step: &dyn Fn()) -> Result<Found, Error> {
    let mut found = Found { gated: Vec::new(), lawless: 0 };
    walk(repo, landings, &mut |landing, comparison, standing| {
        step();
        let outcome = match standing {
            Standing::None => {
                found.lawless += 1;
                None
            }
            Standing::Holds(laws) => needs(repo, comparison, laws)?,
            Standing::Broken(problems, last) => {
                let touched = match last {
                    Some(last) => concerned(repo, comparison, last)?,
                    None => true,
                };
                touched.then(|| Err(problems.clone()))
            }
        };
        found.gated.extend(outcome.map(|outcome| Gated { landing: landing.clone(), outcome }));
        Ok(())
    })?;
    Ok(found)
}

/// The report on a landing under the law it landed on, if anything in it needed approval.
///
/// # Errors
/// If git fails.
pub fn needs(repo: &Repo, comparison: &Comparison, laws: &Laws) -> Result<Option<Outcome>, Error> {
    if !concerned(repo, comparison, laws)? {
        return Ok(None);
    }
    match examine(repo, comparison, Under::Both) {
        Ok(examination) => {
            let report = render::within_a_comment(examination.conclude(None, &[]));
            Ok((report.verdict != Verdict::NotRequired).then_some(Ok(report)))
        }
        Err(Stop::Law(problems)) => Ok(Some(Err(problems))),
        Err(Stop::Repo(error)) => Err(error),
    }
}

/// The report on a landing under another law than the one it landed on.
///
/// # Errors
/// If git fails.
pub fn under(repo: &Repo, comparison: &Comparison, laws: Laws) -> Result<Report, Error> {
    let examination = examine_by(repo, comparison, laws)?;
    Ok(render::within_a_comment(examination.conclude(None, &[])))
}

/// Whether a law has anything to say of what a landing touched.
///
/// # Errors
/// If a tree can't be read.
pub fn concerned(repo: &Repo, comparison: &Comparison, laws: &Laws) -> Result<bool, Error> {
    Ok(comparison.deltas.iter().any(|delta| concerns(&laws.standing, delta))
        || !collisions(repo, comparison, laws)?.is_empty())
}

type Each<'e> = dyn FnMut(&Landing, &Comparison, &Standing) -> Result<(), Error> + 'e;

/// Goes through the landings with what each changed and the law it landed on.
///
/// # Errors
/// If git fails, or `each` does.
pub fn walk(repo: &Repo, landings: &[Landing], each: &mut Each<'_>) -> Result<(), Error> {
    let mut standing: Option<Standing> = None;
    for landing in landings {
        let here = commit(&landing.oid);
        // The very first commit landed on nothing, and so on no law.
        let there = landing.parent.as_deref().map_or_else(|| here.clone(), commit);
        let comparison = repo.two_trees(&there, &here)?;
        let law = match (standing.take(), &landing.parent) {
            (Some(law), _) => law,
            (None, Some(_)) => read(&law_files(repo, &comparison, Side::Live)?, None),
            (None, None) => Standing::None,
        };
        each(landing, &comparison, &law)?;
        let touched = comparison.deltas.iter().any(|delta| [CONFIG_PATH, APPROVERS_PATH].contains(&&*delta.path));
        let next = touched || landing.parent.is_none();
        standing = Some(if next { read(&law_files(repo, &comparison, Side::Proposed)?, Some(law)) } else { law });
    }
    Ok(())
}

/// A law that was there and is gone does not hold: whoever took it away is free of nothing.
fn read(files: &LawFiles, before: Option<Standing>) -> Standing {
    match (Laws::read(files, files), before) {
        (Ok(laws), _) => Standing::Holds(laws),
        (Err(_), None | Some(Standing::None)) if files.config.is_none() => Standing::None,
        (Err(problems), Some(Standing::Holds(laws) | Standing::Broken(_, Some(laws)))) => {
            Standing::Broken(problems, Some(laws))
        }
        (Err(problems), None | Some(Standing::None | Standing::Broken(_, None))) => Standing::Broken(problems, None),
    }
}

pub(super) fn commit(oid: &str) -> Commit {
    Commit { name: oid.chars().take(8).collect(), oid: oid.to_owned() }
}
