//! Packs: the files in which git keeps many objects each, read in the order in which they hold them.
//!
//! **In**: object ids. **Out**: their places, and the objects. **Refuses** nothing: an object that can't be read here
//! is read by libgit2, which knows loose objects and borrowed ones as well, and says what is wrong with one. **Not
//! taken**: libgit2 for all of them. Git keeps most files as the difference from another one, and libgit2 takes several
//! times as long to put them together, twice for each even in this order.

use std::cell::OnceCell;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use git2::{ObjectFormat, ObjectType, Oid, Repository};
use gix_pack::Bundle;
use gix_pack::cache::lru::MemoryCappedHashmap;
use gix_zlib::Inflate;

/// Bytes that putting one object together may take. Larger ones are left to libgit2.
const MEMORY: usize = 4 << 20;

/// Bytes of objects that each thread keeps, since the next ones may be kept as the difference from them.
const BASES: usize = 4 << 20;

/// The packs of a repository.
#[derive(Default)]
pub(super) struct Packs(Vec<Bundle>);

impl Packs {
    pub fn of(repo: &Repository) -> Packs {
        let hash = match repo.object_format() {
            ObjectFormat::Sha1 => gix_hash::Kind::Sha1,
            ObjectFormat::Sha256 => gix_hash::Kind::Sha256,
        };
        let files = fs::read_dir(repo.commondir().join("objects").join("pack")).into_iter().flatten().flatten();
        let mut indexes: Vec<_> =
            files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|end| end == "idx")).collect();
        indexes.sort();
        let open = |index: &_| {
            let Bundle { pack, index } = Bundle::at(index, hash).ok()?;
            Some(Bundle { pack: pack.with_alloc_limit_bytes(Some(MEMORY)), index })
        };
        Packs(indexes.iter().filter_map(open).collect())
    }

    /// The pack that holds an object, and how far into it.
    pub fn place(&self, id: Oid) -> Option<(usize, u64)> {
        let id = gix_hash::oid::try_from_bytes(id.as_bytes()).ok()?;
        let mut packs = self.0.iter().enumerate();
        packs.find_map(|(at, pack)| Some((at, pack.index.pack_offset_at_index(pack.index.lookup(id)?))))
    }
}

/// A repository's handle, which is for one thread.
enum RepositoryHandle<'r> {
    /// The reader of this thread.
    Here(&'r Repository),
    /// One that is opened when it is first needed.
    Folder(&'r Path, OnceCell<Repository>),
}

impl RepositoryHandle<'_> {
    fn repo(&self) -> Result<&Repository, git2::Error> {
        match self {
            RepositoryHandle::Here(repo) => Ok(repo),
            RepositoryHandle::Folder(folder, opened) => match opened.get() {
                Some(repo) => Ok(repo),
                None => {
                    let repo = Repository::open(folder)?;
                    Ok(opened.get_or_init(|| repo))
                }
            },
        }
    }
}

/// Reads objects, on one thread.
pub(super) struct ObjectReader<'r> {
    packs: Arc<Packs>,
    handle: RepositoryHandle<'r>,
    bases: MemoryCappedHashmap,
    inflate: Inflate,
    bytes: Vec<u8>,
}

/// An object: its kind, its size, and its bytes unless those are more than were asked for.
pub(super) struct ReadObject<'b> {
    pub kind: ObjectType,
    pub size: u64,
    pub bytes: &'b [u8],
}

impl<'r> ObjectReader<'r> {
    pub fn here(packs: Arc<Packs>, repo: &'r Repository) -> Self {
        ObjectReader::new(packs, RepositoryHandle::Here(repo))
    }

    pub fn elsewhere(packs: Arc<Packs>, folder: &'r Path) -> Self {
        ObjectReader::new(packs, RepositoryHandle::Folder(folder, OnceCell::new()))
    }

    fn new(packs: Arc<Packs>, handle: RepositoryHandle<'r>) -> Self {
        let (bases, inflate) = (MemoryCappedHashmap::new(BASES), Inflate::default());
        ObjectReader { packs, handle, bases, inflate, bytes: Vec::new() }
    }

    /// An object, with its bytes if there are no more than `most`.
    pub fn read(&mut self, id: Oid, most: u64) -> Result<ReadObject<'_>, git2::Error> {
        let (kind, size) = match self.packed(id, most) {
            Some(found) => found,
            None => self.loose(id, most)?,
        };
        let bytes = if size > most { &[] } else { self.bytes.as_slice() };
        Ok(ReadObject { kind, size, bytes })
    }

    /// Reads an object from its pack, if it is in one and can be read there.
    fn packed(&mut self, id: Oid, most: u64) -> Option<(ObjectType, u64)> {
        let id = gix_hash::oid::try_from_bytes(id.as_bytes()).ok()?;
        let (Bundle { pack, index }, at) =
            self.packs.0.iter().find_map(|bundle| Some((bundle, bundle.index.lookup(id)?)))?;
        // The size of one that is kept whole is known before it is read. One that is too large is left to libgit2.
        let entry = pack.entry(index.pack_offset_at_index(at)).ok()?;
        (entry.header.is_delta() || entry.decompressed_size <= most).then_some(())?;
        let base = |id: &gix_hash::oid, _: &mut Vec<u8>| {
            let found = index.lookup(id).map(|at| pack.entry(index.pack_offset_at_index(at)));
            found.transpose().map(|found| found.map(gix_pack::data::decode::entry::ResolvedBase::InPack))
        };
        let found = pack.decode_entry(entry, &mut self.bytes, &mut self.inflate, &base, &mut self.bases).ok()?;
        let kind = ObjectType::from_str(std::str::from_utf8(found.kind.as_bytes()).ok()?)?;
        // Of an object that is among the bases, `found` has the size of the difference.
        Some((kind, self.bytes.len() as u64))
    }

    /// Reads an object by libgit2.
    fn loose(&mut self, id: Oid, most: u64) -> Result<(ObjectType, u64), git2::Error> {
        let odb = self.handle.repo()?.odb()?;
        let (size, kind) = odb.read_header(id)?;
        self.bytes.clear();
        if size as u64 <= most {
            self.bytes.extend_from_slice(odb.read(id)?.data());
        }
        Ok((kind, size as u64))
    }

    /// The size of an object, before it is read.
    pub fn size(&self, id: Oid) -> Result<usize, git2::Error> {
        self.handle.repo()?.odb()?.read_header(id).map(|(size, _)| size)
    }
}
