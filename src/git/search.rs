//! Search for keys in files that do not differ: bytes first, in the order in which the packs hold them.
//!
//! **In**: flags by project and key, and the base. **Out**: the files of these projects that hold or name such a key, or that may
//! do so in another spelling. **Refuses**: to leave out a file whose bytes may spell a key otherwise. **Not taken**: parsing to find
//! a key, which costs a hundred times as much; and the order of paths, in which each file is put together from the start of
//! its chain of deltas.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use aho_corasick::AhoCorasick;
use git2::{ObjectType, Oid, Repository};
use rayon::prelude::*;

use super::load::odb;
use super::{Comparison, Error, LIMIT, Repo, TreeEntry, TreeSide};
use crate::flag::{File, FileKind};
use crate::policy::{Policy, Project, ProjectMatch};
use crate::review::FlagName;

/// So many files are searched on the thread that asks.
const FEW: usize = 64;

/// A larger index of a pack is not read: it costs more than the order saves.
const LARGEST_INDEX: u64 = 64 << 20;

/// The keys that are looked for in the files of one project.
pub(super) struct SearchedKeys(Option<AhoCorasick>);

impl SearchedKeys {
    pub fn new(keys: &BTreeSet<&str>) -> Self {
        // A line break may stand for a space.
        let plain = !keys.iter().any(|key| key.is_empty() || key.contains(char::is_whitespace));
        SearchedKeys(plain.then(|| AhoCorasick::new(keys).ok()).flatten())
    }

    /// Whether a file holds one of the keys, or may do so in another spelling.
    pub fn may_be_in(&self, bytes: &[u8]) -> bool {
        // An escape may spell a key that the bytes don't show, and so may a doubled quote.
        let spelled = || memchr::memchr(b'\\', bytes).is_some() || memchr::memmem::find(bytes, b"''").is_some();
        self.0.as_ref().is_none_or(|keys| keys.is_match(bytes)) || spelled()
    }
}

/// Flags that are looked for, each in its project.
pub struct SearchedFlags(BTreeMap<String, SearchedKeys>);

impl SearchedFlags {
    #[must_use]
    pub fn new(flags: &BTreeSet<FlagName>) -> Self {
        let mut by_project: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (project, key) in flags {
            by_project.entry(project).or_default().insert(key);
        }
        let searched = by_project.into_iter().map(|(project, keys)| (project.to_owned(), SearchedKeys::new(&keys)));
        SearchedFlags(searched.collect())
    }

    /// The keys that a file at this path may hold. A file without a format holds none.
    fn of(&self, policy: &Policy, path: &str) -> Vec<&SearchedKeys> {
        let of = |project: &Project| self.0.get(&project.name);
        let keys: Vec<&SearchedKeys> = match policy.project_of(path) {
            ProjectMatch::Unmanaged => Vec::new(),
            ProjectMatch::Project(project) => of(project).into_iter().collect(),
            ProjectMatch::Several(projects) => projects.into_iter().filter_map(of).collect(),
        };
        if policy.format(path).is_some() { keys } else { Vec::new() }
    }

    /// Whether a file may mention one of the flags.
    #[must_use]
    pub fn may_be_in(&self, policy: &Policy, path: &str, bytes: &[u8]) -> bool {
        self.of(policy, path).iter().any(|keys| keys.may_be_in(bytes))
    }
}

/// Every file of the base that may mention one of these flags, within their projects.
///
/// # Errors
/// If git fails.
pub fn mentioning(
    repo: &Repo,
    comparison: &Comparison,
    policy: &Policy,
    flags: &BTreeSet<FlagName>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<File>, Error> {
    let searched = SearchedFlags::new(flags);
    let projects = policy.config.projects.iter().filter(|project| searched.0.contains_key(&project.name));
    let patterns: Vec<_> = projects.flat_map(|project| &project.paths).collect();
    let enter = |dir: &str| patterns.iter().any(|pattern| pattern.may_match_below(dir));
    let mut entries: Vec<(String, TreeEntry)> = Vec::new();
    let mut keys: Vec<Vec<&SearchedKeys>> = Vec::new();
    repo.list(comparison, TreeSide::Live, &enter, &mut |path, entry| {
        if entry.kind == FileKind::Regular && wanted(path) {
            let those = searched.of(policy, path);
            if !those.is_empty() {
                entries.push((path.to_owned(), entry));
                keys.push(those);
            }
        }
    })?;
    repo.search(&entries, |at, bytes| keys.get(at).is_none_or(|keys| keys.iter().any(|keys| keys.may_be_in(bytes))))
}

impl Repo {
    /// The files whose bytes are those that are looked for, in the order of `entries`. Files over the limit are none.
    ///
    /// # Errors
    /// If one can't be read, or is not here and fetching failed.
    pub fn search(
        &self,
        entries: &[(String, TreeEntry)],
        looked_for: impl Fn(usize, &[u8]) -> bool + Sync,
    ) -> Result<Vec<File>, Error> {
        self.want(entries.iter().filter_map(|(_, entry)| entry.blob()))?;
        let blobs: Vec<(usize, Oid)> =
            entries.iter().enumerate().filter_map(|(at, (_, entry))| Some((at, entry.blob()?))).collect();
        let find = |repo: &Repository, chunk: &[(usize, Oid)]| -> Result<Vec<usize>, Error> {
            let odb = odb(repo)?;
            let mut found = Vec::new();
            for (at, id) in chunk {
                let object = odb.read(*id).map_err(|error| Error::git(&format!("read the file {id}"), &error))?;
                let fits = object.kind() == ObjectType::Blob && object.len() as u64 <= LIMIT;
                if fits && looked_for(*at, object.data()) {
                    found.push(*at);
                }
            }
            Ok(found)
        };
        let mut found = if blobs.len() <= FEW {
            find(self.objects(), &blobs)?
        } else {
            let folder = self.objects().path();
            let ordered = in_pack_order(self.git.commondir(), blobs);
            let chunk = ordered.len().div_ceil(rayon::current_num_threads()).max(FEW);
            let chunks: Vec<Result<Vec<usize>, Error>> = ordered
                .par_chunks(chunk)
                .map(|chunk| {
                    // A handle of libgit2's is for one thread.
                    let repo =
                        Repository::open(folder).map_err(|error| Error::git("open the repository again", &error))?;
                    find(&repo, chunk)
                })
                .collect();
            chunks.into_iter().collect::<Result<Vec<_>, _>>()?.concat()
        };
        found.sort_unstable();
        found.into_iter().filter_map(|at| entries.get(at)).map(|(path, entry)| self.load(path, entry)).collect()
    }
}

/// The blobs in the order in which the packs of a repository hold them, those in no pack first. Whatever can't be read of a
/// pack only costs time.
fn in_pack_order(repository: &Path, mut blobs: Vec<(usize, Oid)>) -> Vec<(usize, Oid)> {
    let mut places: BTreeMap<Oid, (usize, u64)> = BTreeMap::new();
    let indexes = fs::read_dir(repository.join("objects/pack")).into_iter().flatten().flatten();
    let mut indexes: Vec<_> =
        indexes.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "idx")).collect();
    indexes.sort();
    for (pack, path) in indexes.iter().enumerate() {
        let small = fs::metadata(path).is_ok_and(|found| found.len() <= LARGEST_INDEX);
        let Some(bytes) = small.then(|| fs::read(path).ok()).flatten() else { continue };
        for (_, id) in &blobs {
            if let Some(offset) = PackIndex(&bytes).offset(id.as_bytes()) {
                places.insert(*id, (pack, offset));
            }
        }
    }
    blobs.sort_by_cached_key(|(_, id)| places.get(id).copied());
    blobs
}

/// The bytes of a pack's index, version 2: where its objects are in the pack.
struct PackIndex<'b>(&'b [u8]);

impl PackIndex<'_> {
    const MAGIC: &'static [u8] = &[0xff, b't', b'O', b'c', 0, 0, 0, 2];

    fn number(&self, at: usize) -> Option<usize> {
        let bytes = self.0.get(at..at.checked_add(4)?)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?) as usize)
    }

    /// The offset of an object in the pack, if it is there and the pack is of less than 2 GiB.
    fn offset(&self, id: &[u8]) -> Option<u64> {
        let first = usize::from(*id.first()?);
        let fanout = |at: usize| self.number(Self::MAGIC.len() + 4 * at);
        self.0.starts_with(Self::MAGIC).then_some(())?;
        let count = fanout(255)?;
        let (mut low, mut high) = (if first == 0 { 0 } else { fanout(first - 1)? }, fanout(first)?);
        let ids = Self::MAGIC.len() + 4 * 256;
        while low < high {
            let middle = low.midpoint(high);
            let at = ids + middle * id.len();
            match self.0.get(at..at + id.len())?.cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    let offset = self.number(ids + count * (id.len() + 4) + 4 * middle)?;
                    return (offset < 1 << 31).then_some(offset as u64);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_in_every_spelling() {
        let keys = SearchedKeys::new(&BTreeSet::from(["one-click", "two"]));
        for text in ["key: one-click", "key: \"one\\u002dclick\"", "{'it''s': 1}", "parents: [two]"] {
            assert!(keys.may_be_in(text.as_bytes()), "{text}");
        }
        assert!(!keys.may_be_in(b"key: three\nname: \"one click\"\n"));
        // A fold may spell it.
        assert!(SearchedKeys::new(&BTreeSet::from(["one click"])).may_be_in(b"key: >\n  one\n  click\n"));
    }
}
