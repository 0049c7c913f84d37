//! A snapshot of uncommitted changes (the index, or the files on disk), as a commit.
//!
//! A snapshot is taken once, into the temporary repository, so that nothing changes while it is judged, and a merge
//! has a commit to work on. Files are taken as the bytes on disk: no filter is run, no line end converted.

use std::fs;
use std::io::Read;
use std::path::Path;

use git2::{Delta, DiffOptions, FileMode, Index, IndexEntry, IndexTime, ObjectType, Oid, Repository};

use super::scratch::Scratch;
use super::{Conflict, Error, LARGEST, Repo, lossy, path_bytes, system_path};

impl Repo {
    /// The index as a commit on HEAD.
    pub(super) fn index_as_commit(&self) -> Result<(Oid, Vec<Conflict>), Error> {
        if self.git.is_bare() && self.index.is_none() {
            return Err(bare("index"));
        }
        let parents = self.parents()?;
        let (mut index, conflicts) = self.staged()?;
        Ok((self.commit_index(&mut index, &parents)?, conflicts))
    }

    /// The files on disk but for ignored ones, committed on HEAD.
    pub(super) fn worktree_as_commit(&self) -> Result<(Oid, Vec<Conflict>), Error> {
        let Some(workdir) = self.git.workdir() else { return Err(bare("work tree")) };
        let parents = self.parents()?;
        let (mut index, conflicts) = self.staged()?;
        let fail = |error: git2::Error| Error::git("compare the work tree with the index", &error);
        let mut options = DiffOptions::new();
        options.include_untracked(true).recurse_untracked_dirs(true).include_typechange(true).skip_binary_check(true);
        options.include_unreadable(true).include_ignored(true);
        let diff = self.git.diff_index_to_workdir(Some(&index), Some(&mut options)).map_err(fail)?;
        let (mut gone, mut changed) = (Vec::new(), Vec::new());
        for delta in diff.deltas() {
            let path = delta.new_file().path_bytes().or(delta.old_file().path_bytes()).unwrap_or_default();
            let path = path.strip_suffix(b"/").unwrap_or(path).to_vec();
            match delta.status() {
                // libgit2 calls a repository inside this one ignored unless it is a submodule; git would add it.
                Delta::Ignored if self.is_stray_repository(workdir, &path)? => changed.push(path),
                Delta::Unmodified | Delta::Ignored => {}
                Delta::Deleted => gone.push(path),
                Delta::Unreadable => {
                    let message = format!("`{}` cannot be read", lossy(&path));
                    return Err(Error::outside(message, "make the file readable, or ignore it"));
                }
                Delta::Added
                | Delta::Modified
                | Delta::Renamed
                | Delta::Copied
                | Delta::Untracked
                | Delta::Typechange
                | Delta::Conflicted => changed.push(path),
            }
        }
        drop(diff);
        for path in gone {
            let at = system_path(&path)?;
            // A sparse checkout leaves files out on purpose; they stay as they are.
            if !index.get_path(&at, 0).is_some_and(|entry| is_extended(&entry, SKIP_WORKTREE)) {
                index.remove(&at, 0).map_err(fail)?;
            }
        }
        for path in changed {
            let at = system_path(&path)?;
            match self.on_disk(&workdir.join(&at), &path)? {
                Some((mode, id)) => index.add(&entry(path, mode, id)).map_err(fail)?,
                None if index.get_path(&at, 0).is_some() => index.remove(&at, 0).map_err(fail)?,
                None => {}
            }
        }
        Ok((self.commit_index(&mut index, &parents)?, conflicts))
    }

    fn is_stray_repository(&self, workdir: &Path, path: &[u8]) -> Result<bool, Error> {
        let inside = workdir.join(system_path(path)?).join(".git");
        Ok(fs::symlink_metadata(inside).is_ok() && !self.is_ignored(&[path, b"/"].concat())?)
    }

    /// The index without entries that are not really staged; paths with unmerged entries are conflicts.
    fn staged(&self) -> Result<(Index, Vec<Conflict>), Error> {
        let fail = |error: git2::Error| Error::git("read the index", &error);
        let mut index = self.open_index()?;
        let clashes: Vec<git2::IndexConflict> = index.conflicts().and_then(Iterator::collect).map_err(fail)?;
        let mut conflicts = Vec::new();
        for clash in clashes {
            let sides = [&clash.our, &clash.their, &clash.ancestor];
            let Some(path) = sides.into_iter().flatten().map(|side| side.path.clone()).next() else { continue };
            index.conflict_remove(&system_path(&path)?).map_err(fail)?;
            if let Some(ours) = clash.our {
                index.add(&entry(path.clone(), ours.mode, ours.id)).map_err(fail)?;
            }
            let message = "a merge of it is not finished: the index holds both sides".to_owned();
            conflicts.push(Conflict { path: lossy(&path), message });
        }
        // `git add --intent-to-add` puts a name there without content; git leaves it out of a commit too.
        let intended: Vec<Vec<u8>> =
            index.iter().filter(|entry| is_extended(entry, INTENT_TO_ADD)).map(|entry| entry.path).collect();
        for path in intended {
            index.remove(&system_path(&path)?, 0).map_err(fail)?;
        }
        Ok((index, conflicts))
    }

    /// A copy of the index in memory, not shared with anybody.
    pub(super) fn open_index(&self) -> Result<Index, Error> {
        let own = self.git.path().join("index");
        let path = self.index.as_deref().unwrap_or(&own);
        let fail = |error: git2::Error| Error::git("read the index", &error);
        match Index::open_ext(path, self.git.object_format()) {
            // A sparse index has folders in place of the files that a sparse checkout leaves out.
            Err(error) if error.message().contains("sdir") => {
                let whole = self.scratch()?.whole_index(&self.command, path)?;
                let open = || Index::open_ext(&whole, self.git.object_format()).map_err(fail);
                // A comparison with files on disk reads the repository's own index besides.
                self.git.set_index(&mut open()?).map_err(fail)?;
                open()
            }
            index => index.map_err(fail),
        }
    }

    /// The parents that a commit made now would have: HEAD, and the commits being merged into it.
    fn parents(&self) -> Result<Vec<Oid>, Error> {
        let head = self.git.head().and_then(|head| head.peel_to_commit());
        let head = match head {
            Ok(commit) => commit.id(),
            Err(_) => {
                self.head()?;
                return Err(Error::outside("HEAD is not a commit", "check out a branch"));
            }
        };
        let mut parents = vec![head];
        if let Ok(merging) = fs::read_to_string(self.git.path().join("MERGE_HEAD")) {
            for line in merging.lines() {
                let id = Oid::from_str_ext(line.trim(), self.git.object_format());
                parents.push(id.map_err(|error| Error::git("read MERGE_HEAD", &error))?);
            }
        }
        Ok(parents)
    }

    fn commit_index(&self, index: &mut Index, parents: &[Oid]) -> Result<Oid, Error> {
        let scratch = self.scratch()?;
        let tree = index.write_tree_to(&scratch.git);
        scratch.commit(tree.map_err(|error| Error::git("make a tree of the index", &error))?, parents)
    }

    /// The object that git would store for a file on disk; none for a pipe, a socket or a device.
    fn on_disk(&self, at: &Path, path: &[u8]) -> Result<Option<(FileMode, Oid)>, Error> {
        let fail = |error: std::io::Error| Error::disk(&format!("read `{}`", lossy(path)), &error);
        let found = match fs::symlink_metadata(at) {
            Ok(found) => found,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fail(error)),
        };
        let scratch = self.scratch()?;
        if found.is_symlink() {
            let target = path_bytes(&fs::read_link(at).map_err(fail)?)?;
            return Ok(Some((FileMode::Link, scratch.write(&target)?)));
        }
        if found.is_dir() {
            return Ok(self.nested(at, path)?.map(|id| (FileMode::Commit, id)));
        }
        if !found.is_file() {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        // It may grow while it is read.
        fs::File::open(at).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes)).map_err(fail)?;
        let id = if bytes.len() as u64 > LARGEST {
            self.stand_in(scratch, path, found.len())?
        } else {
            scratch.write(&bytes)?
        };
        Ok(Some((if is_executable(&found) { FileMode::BlobExecutable } else { FileMode::Blob }, id)))
    }

    /// A short text in place of a file that is too large to copy: no other file has it, and its size is kept aside.
    fn stand_in(&self, scratch: &Scratch, path: &[u8], size: u64) -> Result<Oid, Error> {
        let id = scratch.write(&[b"too large to be looked at: ", path, b"\0", size.to_string().as_bytes()].concat())?;
        self.oversized.borrow_mut().insert(id, size.max(LARGEST + 1));
        Ok(id)
    }

    /// The commit a repository inside this one is at.
    fn nested(&self, at: &Path, path: &[u8]) -> Result<Option<Oid>, Error> {
        if fs::symlink_metadata(at.join(".git")).is_err() {
            return Ok(None);
        }
        let head = Repository::open(at).and_then(|inner| inner.head()?.peel_to_commit().map(|commit| commit.id()));
        // Only that it is one matters: without a commit of its own it gets an id that stands for its path.
        let kind = self.git.object_format();
        match head.ok().filter(|id| id.object_format() == kind) {
            Some(id) => Ok(Some(id)),
            None => Oid::hash_object_ext(ObjectType::Blob, path, kind)
                .map(Some)
                .map_err(|error| Error::git("name a repository inside this one", &error)),
        }
    }
}

const INTENT_TO_ADD: git2::IndexEntryExtendedFlag = git2::IndexEntryExtendedFlag::INTENT_TO_ADD;
pub(super) const SKIP_WORKTREE: git2::IndexEntryExtendedFlag = git2::IndexEntryExtendedFlag::SKIP_WORKTREE;

pub(super) fn is_extended(entry: &IndexEntry, flag: git2::IndexEntryExtendedFlag) -> bool {
    entry.flags_extended & flag.bits() != 0
}

fn entry(path: Vec<u8>, mode: impl Into<u32>, id: Oid) -> IndexEntry {
    let never = IndexTime::new(0, 0);
    IndexEntry {
        ctime: never,
        mtime: never,
        dev: 0,
        ino: 0,
        mode: mode.into(),
        uid: 0,
        gid: 0,
        file_size: 0,
        id,
        flags: 0,
        flags_extended: 0,
        path,
    }
}

#[cfg(unix)]
fn is_executable(found: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}

fn bare(what: &str) -> Error {
    Error::usage(format!("a bare repository has no {what}"), "name a commit instead, or run this in a work tree")
}
