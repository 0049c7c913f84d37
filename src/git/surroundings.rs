//! The surroundings of a proposal, read from a repository.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::inputs::concerns;
use super::search::{SearchedKeys, mentioning};
use super::{
    Comparison, Delta, Error, HistoryEnd, HistoryQuery, LARGEST, PastBase, PastVersion, Repo, TreeEntry, TreeSide,
};
use crate::diagnostics::budgets::{self, Budget};
use crate::flag::{File, FileKind};
use crate::policy::{Policy, ProjectMatch};
use crate::review::flag_past::{Past, PastContent, PastFile, PastFiles, PastQuery};
use crate::review::managed_files::may_decide;
use crate::review::read::Pair;
use crate::review::unread_flags::{LayerNames, filled_in, is_near};
use crate::review::{FlagName, Surroundings};

/// A repository and what is compared in it.
pub(super) struct Around<'r> {
    pub repo: &'r Repo,
    pub comparison: &'r Comparison,
    pub base_policy: Arc<Policy>,
    pub proposed: Option<Arc<Policy>>,
    /// The time of the verdict, in seconds since 1970-01-01 UTC.
    pub now: Option<i64>,
    /// All managed paths, once they were asked for.
    pub managed: OnceCell<Vec<String>>,
}

/// Of files that no project manages so many are looked at, and none that is larger.
const MOST_OUTSIDE: usize = 100;
const LARGEST_OUTSIDE: usize = 256 * 1024;

/// Of those near the files of a project, which may belong to their flags, so many are looked at, as long as both sides
/// of them have so many bytes together: those that are called like layers first, and of these the smaller ones.
const MOST_NEAR: usize = 2_000;
const MOST_NEAR_BYTES: u64 = 32 << 20;

impl Around<'_> {
    fn policies(&self) -> Vec<&Policy> {
        std::iter::once(&self.base_policy).chain(&self.proposed).map(AsRef::as_ref).collect()
    }

    /// The file of an entry of the past. A partial clone may not have it.
    fn content(&self, path: &str, entry: Option<&TreeEntry>) -> PastContent {
        match entry.map(|entry| self.repo.load(path, entry)) {
            None => PastContent::Absent,
            Some(Ok(file)) => PastContent::File(file),
            Some(Err(_)) => PastContent::Unread,
        }
    }

    fn base_then(&self, days: u32, base: Result<PastBase, &str>) -> PastFiles {
        let loaded = base.map_err(str::to_owned).and_then(|base| {
            let files = base.entries.iter().map(|(path, entry)| self.repo.load(path, entry));
            let files = files.collect::<Result<Vec<File>, Error>>();
            let files = files.map_err(|_| "its files are not at hand (a partial clone)".to_owned())?;
            Ok((base.commit, base.until.map(|until| until.saturating_add(seconds(days))), files))
        });
        match loaded {
            Ok((commit, until, files)) => PastFiles { days, commit: Ok(commit), until, files },
            Err(why) => PastFiles { days, commit: Err(why), until: None, files: Vec::new() },
        }
    }
}

impl Around<'_> {
    /// Both sides of files near those of a project. One that is not looked at has its size and no bytes.
    fn near(&self, deltas: Vec<&Delta>, names: &LayerNames<'_>) -> Vec<Pair> {
        let is_no_layer = |delta: &Delta| names.next_to(&delta.path).next().is_none();
        let mut wanted: Vec<(bool, &Delta)> = deltas.into_iter().map(|delta| (is_no_layer(delta), delta)).collect();
        wanted.sort_by_key(|(is_no_layer, _)| *is_no_layer);
        let first = wanted.iter().take(MOST_NEAR).flat_map(|(_, delta)| [&delta.live, &delta.proposed]).flatten();
        let _ = self.repo.want(first.filter_map(TreeEntry::blob));
        wanted.sort_by_cached_key(|(is_no_layer, delta)| (*is_no_layer, self.readable_size(delta)));
        let mut left = MOST_NEAR_BYTES;
        let pair = |(at, (_, delta)): (usize, (bool, &Delta))| {
            let size = self.readable_size(delta);
            let fits = at < MOST_NEAR && size <= left;
            left -= if fits { size } else { 0 };
            let file = |entry: &TreeEntry| {
                let unread = || File {
                    kind: entry.kind,
                    size: self.repo.full_size(entry).max(1),
                    ..File::regular(&delta.path, Vec::new())
                };
                let loaded = if fits { self.repo.load_whole(&delta.path, entry).ok() } else { None };
                loaded.unwrap_or_else(unread)
            };
            let [live, proposed] = [&delta.live, &delta.proposed].map(|entry| entry.as_ref().map(file));
            Pair { path: delta.path.clone(), live, proposed, through: None }
        };
        wanted.into_iter().enumerate().map(pair).collect()
    }

    /// The bytes of both sides of a difference, without what is too large to be read.
    fn readable_size(&self, delta: &Delta) -> u64 {
        let sizes = [&delta.live, &delta.proposed].into_iter().flatten().map(|entry| self.repo.full_size(entry));
        sizes.filter(|size| *size <= LARGEST).sum()
    }
}

/// The seconds of so many days.
fn seconds(days: u32) -> i64 {
    i64::from(days) * 86_400
}

impl Surroundings for Around<'_> {
    type Error = Error;

    fn holding(&self, flags: &BTreeSet<FlagName>) -> Result<Vec<File>, Error> {
        let differing: BTreeSet<&str> = self.comparison.deltas.iter().map(|delta| delta.path.as_str()).collect();
        mentioning(self.repo, self.comparison, &self.base_policy, flags, &|path| !differing.contains(path))
    }

    fn brought(&self, keys: &BTreeSet<String>) -> Result<Vec<File>, Error> {
        let unmanaged = |delta: &&Delta| !self.policies().iter().any(|policy| concerns(policy, delta));
        let deltas = self.comparison.deltas.iter().filter(unmanaged);
        let wanted: Vec<(String, TreeEntry)> = deltas
            .filter_map(|delta| Some((delta.path.clone(), delta.proposed.clone()?)))
            .filter(|(path, entry)| entry.kind == FileKind::Regular && self.base_policy.format(path).is_some())
            .collect();
        let over = |budget: &Budget, found: usize| (found > budget.most).then(|| Error::over(budget, found, b""));
        over(budgets::FILES, wanted.len()).map_or(Ok(()), Err)?;
        self.repo.expect_entries(wanted.iter().map(|(_, entry)| entry))?;
        let sizes = wanted.iter().map(|(path, entry)| self.repo.size(path, entry)).sum::<Result<usize, Error>>()?;
        over(budgets::ALL_BYTES, sizes).map_or(Ok(()), Err)?;
        let policy = &self.base_policy;
        let keys = SearchedKeys::new(&keys.iter().map(String::as_str).collect(), policy);
        self.repo.load_many(&wanted, |_, file| keys.may_be_in(policy, &file.path, &file.bytes).then_some(file))
    }

    fn changed_outside(&self) -> Result<Vec<Pair>, Error> {
        let unmanaged = |delta: &&Delta| !self.policies().iter().any(|policy| concerns(policy, delta));
        let deltas = self.comparison.deltas.iter().filter(unmanaged).filter(|delta| {
            // A link or a submodule may be a folder of files.
            let mut sides = [&delta.live, &delta.proposed].into_iter().flatten();
            may_decide(filled_in(&delta.path)) || sides.any(|entry| entry.kind != FileKind::Regular)
        });
        let deltas: Vec<&Delta> = deltas.collect();
        let managed = if deltas.is_empty() { Vec::new() } else { self.managed()? };
        let names = LayerNames::of(managed.iter().map(String::as_str));
        let is_near = |delta: &&Delta| is_near(&delta.path, &self.base_policy) || names.is_near(&delta.path);
        let (near, others): (Vec<_>, Vec<_>) = deltas.into_iter().partition(is_near);
        let mut found = self.near(near, &names);
        // The others are only for a remark, so what a partial clone has not of them is not fetched.
        let regular = |delta: &Delta| delta.proposed.clone().filter(|entry| entry.kind == FileKind::Regular);
        let mut others: Vec<(usize, &str, TreeEntry)> = others
            .into_iter()
            .filter_map(|delta| Some((delta.path.as_str(), regular(delta)?)))
            .filter_map(|(path, entry)| Some((self.repo.size(path, &entry).ok()?, path, entry)))
            .filter(|(size, ..)| *size <= LARGEST_OUTSIDE)
            .collect();
        others.sort_by_key(|(size, ..)| *size);
        others.truncate(MOST_OUTSIDE);
        let loaded = others.iter().filter_map(|(_, path, entry)| self.repo.load(path, entry).ok());
        found.extend(loaded.map(|file| Pair {
            path: file.path.clone(),
            live: None,
            proposed: Some(file),
            through: None,
        }));
        Ok(found)
    }

    fn past(&self, query: &PastQuery) -> Past {
        let ago = |days: &u32| self.now.map(|now| now.saturating_sub(seconds(*days)));
        let question = HistoryQuery {
            versions: query.versions.iter().cloned().collect(),
            files: query.files.iter().cloned().collect(),
            moments: query.days.iter().filter_map(ago).collect(),
            decides: query.decides,
        };
        let found = self.repo.history(self.comparison, &question);
        let bases = found.bases.iter().flatten().flat_map(|base| base.entries.values());
        let entries = found.versions.iter().filter_map(|version| version.entry.as_ref()).chain(bases);
        // For a remark nothing is fetched. A blob that can't be fetched is missed where it is read.
        if query.decides {
            let _ = self.repo.want(entries.filter_map(TreeEntry::blob));
        }
        let version = |version: &PastVersion| PastFile {
            path: version.path.clone(),
            content: self.content(&version.path, version.entry.as_ref()),
            until: version.until.clone(),
        };
        let mut bases = found.bases.into_iter();
        let base = |days: &u32| match bases.next() {
            Some(base) => self.base_then(*days, base.map_err(HistoryEnd::why)),
            None => self.base_then(*days, Err("nobody said what time it is")),
        };
        Past {
            versions: found.versions.iter().map(version).collect(),
            end: found.end.map(|end| end.why().to_owned()),
            bases: query.days.iter().map(base).collect(),
        }
    }

    fn managed(&self) -> Result<Vec<String>, Error> {
        if let Some(managed) = self.managed.get() {
            return Ok(managed.clone());
        }
        let mut paths = BTreeSet::new();
        let policies = self.policies();
        let enter = |dir: &str| policies.iter().any(|policy| policy.manages_below(dir));
        for side in [TreeSide::Live, TreeSide::Proposed] {
            self.repo.list(self.comparison, side, &enter, &mut |path, _| {
                if policies.iter().any(|policy| !matches!(policy.project_of(path), ProjectMatch::Unmanaged)) {
                    paths.insert(path.to_owned());
                }
            })?;
        }
        Ok(self.managed.get_or_init(|| paths.into_iter().collect()).clone())
    }

    fn files(&self, paths: &BTreeSet<String>) -> Result<Vec<File>, Error> {
        let read = |path: &String| self.repo.read(self.comparison, TreeSide::Live, path).transpose();
        paths.iter().filter_map(read).collect()
    }
}
