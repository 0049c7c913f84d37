//! A review of two sets of files instead of two commits: the pure core, fed with plain files.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use countersign::approval::Evidence;
use countersign::diagnostics::Diagnostic;
use countersign::flag::File;
use countersign::policy::{APPROVERS_PATH, CONFIG_PATH, FORMATS_FOLDER, PolicyFiles, TRUST_PATH};
use countersign::report::{Report, Revision};
use countersign::review::flag_past::{Past, PastFiles, PastQuery};
use countersign::review::{Case, Examination, FlagName, Pair, Policies, Surroundings, review};

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
    examine_since(live, proposed, &BTreeMap::new())
}

/// The same, with the files of the base as it was some days ago; of other days nothing was there.
pub fn examine_since(
    live: &BTreeMap<String, File>,
    proposed: &BTreeMap<String, File>,
    then: &BTreeMap<u32, Vec<File>>,
) -> Result<Examination, Vec<Diagnostic>> {
    let policy = |files: &BTreeMap<String, File>| PolicyFiles {
        config: files.get(CONFIG_PATH).cloned(),
        approvers: files.get(APPROVERS_PATH).cloned(),
        formats: files
            .iter()
            .filter(|(path, _)| path.starts_with(FORMATS_FOLDER))
            .map(|(_, file)| file.clone())
            .collect(),
        trust: files.get(TRUST_PATH).cloned(),
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
            through: None,
        })
        .collect();
    let revision = |name: &str| Revision { name: name.to_owned(), oid: None };
    let case =
        Case { base: revision("live"), head: revision("proposed"), pairs, conflicts: Vec::new(), tree: Vec::new() };
    let Ok(examination) = review(&case, policies, &Sides { live, proposed, then });
    Ok(examination)
}

/// All files there are, on both sides.
struct Sides<'f> {
    live: &'f BTreeMap<String, File>,
    proposed: &'f BTreeMap<String, File>,
    then: &'f BTreeMap<u32, Vec<File>>,
}

impl Surroundings for Sides<'_> {
    type Error = Infallible;

    fn holding(&self, _: &BTreeSet<FlagName>) -> Result<Vec<File>, Infallible> {
        let same = |path: &String| self.live.get(path) == self.proposed.get(path);
        Ok(self.live.iter().filter(|(path, _)| same(path)).map(|(_, file)| file.clone()).collect())
    }

    fn brought(&self, _: &BTreeSet<String>) -> Result<Vec<File>, Infallible> {
        let outside = |path: &&String| !path.starts_with("flags/") && !path.starts_with(".countersign/");
        let new = self.proposed.iter().filter(|(path, file)| outside(path) && self.live.get(*path) != Some(file));
        Ok(new.map(|(_, file)| file.clone()).collect())
    }

    fn past(&self, query: &PastQuery) -> Past {
        let base = |days: &u32| {
            let files = self.then.get(days).cloned().unwrap_or_default();
            PastFiles { days: *days, commit: Ok(None), until: None, files }
        };
        Past { bases: query.days.iter().map(base).collect(), ..Past::default() }
    }

    fn managed(&self) -> Result<Vec<String>, Infallible> {
        let mut paths: Vec<String> = self.live.keys().chain(self.proposed.keys()).cloned().collect();
        paths.retain(|path| !path.starts_with(".countersign/"));
        paths.sort();
        paths.dedup();
        Ok(paths)
    }

    fn files(&self, paths: &BTreeSet<String>) -> Result<Vec<File>, Infallible> {
        Ok(paths.iter().filter_map(|path| self.live.get(path).cloned()).collect())
    }
}
