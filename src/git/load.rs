//! Loading: entries of a tree into files with their bytes.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use git2::{ObjectType, Odb, Oid, Repository};
use rayon::prelude::*;

use super::packs::{ObjectReader, Packs};
use super::{Comparison, EntrySource, Error, LARGEST, LIMIT, Repo, TreeEntry, TreeSide, path_bytes, tree_diff};
use crate::flag::{File, FileKind};
use crate::policy::Policy;

/// Up to so many files are read on the calling thread.
const FEW: usize = 64;

/// A file with its number, and the size up to which it is loaded.
type WantedFile<'w> = (usize, &'w (String, TreeEntry), u64);

impl Repo {
    /// The file an entry stands for. A symlink's bytes are where it points to; it is not followed. A submodule has
    /// none. A file over the limit of its format has its size and no bytes. Nothing is fetched for it.
    ///
    /// # Errors
    /// If it can't be read, or is not here.
    pub fn load(&self, path: &str, entry: &TreeEntry) -> Result<File, Error> {
        load(&mut ObjectReader::here(Arc::new(Packs::default()), self.objects()), path, entry, self.limit(path))
    }

    /// The file of an entry, as large as any format may have it. Nothing is fetched for it.
    ///
    /// # Errors
    /// If it can't be read, or is not here.
    pub fn load_whole(&self, path: &str, entry: &TreeEntry) -> Result<File, Error> {
        load(&mut ObjectReader::here(Arc::new(Packs::default()), self.objects()), path, entry, LARGEST)
    }

    /// Lets the formats of these policies say how large their files may be.
    pub fn read_by(&self, policies: impl Iterator<Item = Arc<Policy>>) {
        *self.policies.borrow_mut() = policies.filter(|policy| policy.reads_larger_files()).collect();
    }

    /// Loads files as large as any format may have them, where their formats are still to be found.
    pub fn load_largest(&self) {
        self.loads_largest.set(true);
    }

    /// The size up to which the file at this path is loaded.
    fn limit(&self, path: &str) -> u64 {
        if self.loads_largest.get() {
            return LARGEST;
        }
        let policies = self.policies.borrow();
        let of = |policy: &Arc<Policy>| policy.times_as_large(path) as u64 * LIMIT;
        policies.iter().map(of).max().unwrap_or(LIMIT).clamp(LIMIT, LARGEST)
    }

    /// Loads many entries on all cores, in the order of the packs, and applies a function to each and its number; the
    /// result is in the order of `wanted`. Missing objects are fetched first, all at once.
    ///
    /// # Errors
    /// One of the files can't be read, or fetching failed.
    pub fn load_many<T: Send>(
        &self,
        wanted: &[(String, TreeEntry)],
        each: impl Fn(usize, File) -> Option<T> + Sync,
    ) -> Result<Vec<T>, Error> {
        self.want(wanted.iter().filter_map(|(_, entry)| entry.blob()))?;
        let packs = self.packs();
        let larger = self.loads_largest.get() || !self.policies.borrow().is_empty();
        let limit = |path: &str| if larger { self.limit(path) } else { LIMIT };
        let mut ordered: Vec<WantedFile<'_>> =
            wanted.iter().enumerate().map(|(at, file)| (at, file, limit(&file.0))).collect();
        // Files on disk have no place in a pack.
        if ordered.iter().any(|(_, (_, entry), _)| entry.blob().is_some()) {
            ordered.sort_by_cached_key(|(_, (_, entry), _)| entry.blob().and_then(|id| packs.place(id)));
        }
        let load_all = |mut reader: ObjectReader<'_>, some: &[WantedFile<'_>]| {
            let one = |(at, (path, entry), limit): &WantedFile<'_>| {
                load(&mut reader, path, entry, *limit).map(|file| Some((*at, each(*at, file)?))).transpose()
            };
            some.iter().filter_map(one).collect::<Result<Vec<(usize, T)>, Error>>()
        };
        let mut loaded = if wanted.len() <= FEW {
            load_all(ObjectReader::here(packs, self.objects()), &ordered)?
        } else {
            // A handle of libgit2's is for one thread.
            let folder = self.objects().path();
            let chunk = wanted.len().div_ceil(rayon::current_num_threads() * 4).max(FEW);
            let chunks = ordered
                .par_chunks(chunk)
                .map(|some| load_all(ObjectReader::elsewhere(Arc::clone(&packs), folder), some));
            chunks.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect()
        };
        loaded.sort_unstable_by_key(|(at, _)| *at);
        Ok(loaded.into_iter().map(|(_, one)| one).collect())
    }

    /// The file at a path of one side, whether it differs or not.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn read(&self, comparison: &Comparison, side: TreeSide, path: &str) -> Result<Option<File>, Error> {
        let entry = self.find(comparison, side, path.as_bytes())?.map(|item| self.entry(item));
        self.want(entry.iter().filter_map(TreeEntry::blob))?;
        entry.map(|entry| self.load(path, &entry)).transpose()
    }

    /// Fetches, all at once, the objects that [`Repo::read`] would fetch one by one.
    ///
    /// # Errors
    /// If a tree can't be read, or fetching failed.
    pub fn expect(&self, comparison: &Comparison, paths: &[&str]) -> Result<(), Error> {
        let mut entries = Vec::new();
        for path in paths {
            for side in [TreeSide::Live, TreeSide::Proposed] {
                entries.extend(self.find(comparison, side, path.as_bytes())?.map(|item| self.entry(item)));
            }
        }
        self.want(entries.iter().filter_map(TreeEntry::blob))
    }

    /// Fetches what these entries stand for, all at once.
    pub(super) fn expect_entries<'e>(&self, entries: impl Iterator<Item = &'e TreeEntry>) -> Result<(), Error> {
        self.want(entries.filter_map(TreeEntry::blob))
    }

    /// The size of what an entry stands for, before it is read. An object that can't be read is an error when it is
    /// read.
    pub(super) fn size(&self, path: &str, entry: &TreeEntry) -> Result<usize, Error> {
        let EntrySource::Object(id) = &entry.source else { return Ok(0) };
        let size = odb(self.objects())?.read_header(*id).map_or(0, |(size, _)| size);
        // Larger ones are not loaded.
        Ok(if size as u64 > self.limit(path) { 0 } else { size })
    }

    /// The size of what an entry stands for, as far as that is known, whatever its format reads.
    pub(super) fn full_size(&self, entry: &TreeEntry) -> u64 {
        match &entry.source {
            EntrySource::Object(id) => {
                let header = odb(self.objects()).ok().and_then(|odb| odb.read_header(*id).ok());
                header.map_or(0, |(size, _)| size as u64)
            }
            EntrySource::Oversized(size) => *size,
            EntrySource::Disk(at) => fs::symlink_metadata(at).map_or(0, |found| found.len()),
            EntrySource::Submodule(_) => 0,
        }
    }

    pub(super) fn find(
        &self,
        comparison: &Comparison,
        side: TreeSide,
        path: &[u8],
    ) -> Result<Option<super::tree_reader::TreeItem>, Error> {
        if side == TreeSide::Proposed {
            let differences = &comparison.differences;
            let at = differences.binary_search_by(|found| found.path.as_slice().cmp(path));
            if let Some(found) = at.ok().and_then(|at| differences.get(at)) {
                return Ok(found.proposed);
            }
        }
        Ok(tree_diff::at(&self.trees(), comparison.live, path)?.filter(|item| !item.is_tree()))
    }
}

impl TreeEntry {
    /// The object that holds the bytes of an entry, if one does.
    pub(super) fn blob(&self) -> Option<Oid> {
        match self.source {
            EntrySource::Object(id) => Some(id),
            EntrySource::Submodule(_) | EntrySource::Oversized(_) | EntrySource::Disk(_) => None,
        }
    }
}

pub(super) fn odb(repo: &Repository) -> Result<Odb<'_>, Error> {
    repo.odb().map_err(|error| Error::git("open the objects of the repository", &error))
}

fn load(reader: &mut ObjectReader<'_>, path: &str, entry: &TreeEntry, limit: u64) -> Result<File, Error> {
    let id = match &entry.source {
        EntrySource::Submodule(id) => id.as_ref().map(ToString::to_string),
        EntrySource::Object(id) => Some(id.to_string()),
        EntrySource::Oversized(_) | EntrySource::Disk(_) => None,
    };
    let file =
        |bytes: Vec<u8>, size: u64| File { path: path.to_owned(), kind: entry.kind, mode: entry.mode, bytes, size, id };
    match &entry.source {
        EntrySource::Submodule(_) => Ok(file(Vec::new(), 0)),
        EntrySource::Oversized(size) => Ok(file(Vec::new(), *size)),
        EntrySource::Object(id) => {
            let found = reader.read(*id, limit).map_err(|error| Error::git(&format!("read `{path}`"), &error))?;
            if found.kind != ObjectType::Blob {
                let message = format!("`{path}` should be a file and {id} is none");
                return Err(Error::outside(message, "run `git fsck` and repair what it reports"));
            }
            Ok(file(found.bytes.to_vec(), found.size))
        }
        EntrySource::Disk(at) => {
            let (bytes, size) =
                disk(at, entry.kind, limit).map_err(|error| Error::disk(&format!("read `{path}`"), &error))?;
            let bytes = match bytes {
                Some(bytes) => bytes,
                None => {
                    path_bytes(&fs::read_link(at).map_err(|error| Error::disk(&format!("read `{path}`"), &error))?)?
                }
            };
            Ok(file(bytes, size))
        }
    }
}

/// The bytes that a reader wants room for, to see that nothing comes any more.
const LAST_LOOK: usize = 64;

/// The bytes and the size of a file on disk; no bytes for a symlink, which is not opened.
fn disk(at: &Path, kind: FileKind, limit: u64) -> std::io::Result<(Option<Vec<u8>>, u64)> {
    match kind {
        FileKind::Submodule => Ok((Some(Vec::new()), 0)),
        FileKind::Symlink | FileKind::LinkToFile => Ok((None, fs::symlink_metadata(at)?.len())),
        FileKind::Regular => {
            let file = open_regular(at)?;
            let found = file.metadata()?;
            if !found.is_file() {
                return Err(std::io::Error::other("it is no file any more"));
            }
            // Room for all of it and a last look; it may grow while it is read.
            let mut bytes = Vec::with_capacity(usize::try_from(found.len().min(limit)).unwrap_or_default() + LAST_LOOK);
            file.take(limit + 1).read_to_end(&mut bytes)?;
            let size = found.len().max(bytes.len() as u64);
            if size > limit {
                bytes = Vec::new();
            }
            Ok((Some(bytes), size))
        }
    }
}

/// Opens what was a file when its folder was read. A link that stands there by now is not followed, and a pipe is not
/// waited for.
fn open_regular(at: &Path) -> std::io::Result<fs::File> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        fs::OpenOptions::new().read(true).custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK).open(at)
    }
    #[cfg(not(unix))]
    {
        match fs::symlink_metadata(at)?.is_file() {
            true => fs::File::open(at),
            false => Err(std::io::Error::other("it is no file any more")),
        }
    }
}
