//! A review of two sets of files instead of two commits: the pure core, fed with plain files.

use std::collections::BTreeMap;
use std::convert::Infallible;

use countersign::approval::Evidence;
use countersign::diagnostics::Diagnostic;
use countersign::flag::File;
use countersign::policy::{APPROVERS_PATH, CONFIG_PATH, PolicyFiles};
use countersign::report::{Report, Revision};
use countersign::review::{Case, Examination, Pair, Policies, review};

/// Judges two sets of files.
pub fn judge_files(
    live: &BTreeMap<String, File>,
    proposed: &BTreeMap<String, File>,
    evidence: Option<&Evidence>,
    vouched: &[String],
) -> Result<Report, Vec<Diagnostic>> {
    Ok(examine_files(live, proposed)?.conclude(evidence, vouched))
}

/// The first half of a review of two sets of files.
pub fn examine_files(
    live: &BTreeMap<String, File>,
    proposed: &BTreeMap<String, File>,
) -> Result<Examination, Vec<Diagnostic>> {
    let policy = |files: &BTreeMap<String, File>| PolicyFiles {
        config: files.get(CONFIG_PATH).cloned(),
        approvers: files.get(APPROVERS_PATH).cloned(),
    };
    let policies = Policies::read(&policy(live), &policy(proposed))?;
    let mut paths: Vec<&String> = live.keys().chain(proposed.keys()).collect();
    paths.sort();
    paths.dedup();
    let pairs: Vec<Pair> = paths
        .iter()
        .filter(|path| live.get(**path) != proposed.get(**path))
        .map(|path| Pair {
            path: (*path).clone(),
            live: live.get(*path).cloned(),
            proposed: proposed.get(*path).cloned(),
        })
        .collect();
    let revision = |name: &str| Revision { name: name.to_owned(), oid: None };
    let case = Case {
        base: revision("live"),
        head: revision("proposed"),
        pairs,
        conflicts: Vec::new(),
        past: Vec::new(),
        tree: Vec::new(),
    };
    let same = |path: &String| live.get(path) == proposed.get(path);
    let others = |_: &std::collections::BTreeSet<countersign::review::FlagName>| -> Result<Vec<File>, Infallible> {
        Ok(live.iter().filter(|(path, _)| same(path)).map(|(_, file)| file.clone()).collect())
    };
    let managed = || -> Result<Vec<String>, Infallible> {
        Ok(paths.iter().filter(|path| !path.starts_with(".countersign/")).map(|path| (*path).clone()).collect())
    };
    let Ok(examination) = review(&case, policies, others, managed);
    Ok(examination)
}
