//! The files on disk, for checks that compare nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use git2::{Index, IndexEntry};

use super::list::entered;
use super::snapshot::{SKIP_WORKTREE, is_extended};
use super::tree_reader::TreeItem;
use super::{EntrySource, Error, Repo, TreeEntry, lossy, path_bytes, system_path};
use crate::flag::FileKind;

/// Deeper than any repository people work in.
const DEEPEST: usize = 512;

/// The files on disk of a repository, with the index, which is read once.
pub struct WorkTree<'r> {
    pub repo: &'r Repo,
    folder: &'r Path,
    index: Index,
}

impl WorkTree<'_> {
    /// Every file of the work tree, tracked or not, except ignored ones and `.git`, by the bytes of their paths. A
    /// folder for which `enter` returns `false` is left out. No link is followed; a repository inside this one is one
    /// entry.
    ///
    /// # Errors
    /// If a folder can't be read.
    pub fn files(&self, enter: &dyn Fn(&str) -> bool, each: &mut dyn FnMut(&str, TreeEntry)) -> Result<(), Error> {
        // Files that a sparse checkout leaves out are part of the repository; those on disk nevertheless count.
        let wanted = |entry: &IndexEntry| is_extended(entry, SKIP_WORKTREE) && entered(enter, &entry.path);
        let entry = |entry: &IndexEntry| self.repo.entry(TreeItem { mode: entry.mode, id: entry.id });
        let left_out = self.index.iter().filter(wanted);
        let mut all: BTreeMap<Vec<u8>, TreeEntry> = left_out.map(|found| (found.path.clone(), entry(&found))).collect();
        if all.is_empty() {
            return self.files_in(self.folder, &mut Vec::new(), 0, enter, each);
        }
        self.files_in(self.folder, &mut Vec::new(), 0, enter, &mut |path, entry| {
            all.insert(path.as_bytes().to_vec(), entry);
        })?;
        for (path, entry) in all {
            each(&lossy(&path), entry);
        }
        Ok(())
    }

    fn files_in(
        &self,
        folder: &Path,
        path: &mut Vec<u8>,
        depth: usize,
        enter: &dyn Fn(&str) -> bool,
        each: &mut dyn FnMut(&str, TreeEntry),
    ) -> Result<(), Error> {
        let fail = |error: std::io::Error| Error::disk(&format!("read the folder `{}`", folder.display()), &error);
        if depth > DEEPEST {
            let message = format!("`{}` is nested deeper than {DEEPEST} folders", lossy(path));
            return Err(Error::outside(message, "flatten the folders, or ignore them"));
        }
        // Paths are put together one by one: there may be as many as there are files.
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let kind = entry.file_type().map_err(fail)?;
            let mut name = path_bytes(Path::new(&entry.file_name()))?;
            if name.eq_ignore_ascii_case(b".git") {
                continue;
            }
            // A folder sorts as its files do.
            if kind.is_dir() {
                name.push(b'/');
            }
            found.push((name, kind));
        }
        found.sort_unstable_by(|one, two| one.0.cmp(&two.0));
        let length = path.len();
        for (name, kind) in found {
            path.truncate(length);
            path.extend_from_slice(&name);
            let at = folder.join(system_path(name.strip_suffix(b"/").unwrap_or(&name))?);
            let module = kind.is_dir() && is_module(path, &at, &self.index)?;
            let left_out = |tracked: bool| Ok(!tracked && self.repo.is_ignored(path)?);
            if kind.is_dir() && !module {
                let text = lossy(path);
                let inside = self.index.find_prefix(system_path(path)?.as_path()).is_ok();
                if enter(text.trim_end_matches('/')) && !left_out(inside)? {
                    self.files_in(&at, path, depth + 1, enter, each)?;
                }
                continue;
            }
            let (kind, source) = match (module, kind.is_symlink(), kind.is_file()) {
                (true, _, _) => (FileKind::Submodule, EntrySource::Submodule(None)),
                (_, true, _) if fs::metadata(&at).is_ok_and(|found| found.is_file()) => {
                    (FileKind::LinkToFile, EntrySource::Disk(at.into()))
                }
                (_, true, _) => (FileKind::Symlink, EntrySource::Disk(at.into())),
                (_, _, true) => (FileKind::Regular, EntrySource::Disk(at.into())),
                // A pipe, a socket, a device: nothing git could store.
                _ => continue,
            };
            let plain = path.strip_suffix(b"/").unwrap_or(path);
            let tracked = is_tracked(&self.index, &system_path(plain)?);
            if !left_out(tracked)? {
                each(&lossy(plain), TreeEntry { kind, mode: kind.mode(), source });
            }
        }
        path.truncate(length);
        Ok(())
    }
}

impl Repo {
    /// The files on disk.
    ///
    /// # Errors
    /// If there is no work tree, or if the index can't be read.
    pub fn work_tree(&self) -> Result<WorkTree<'_>, Error> {
        let Some(folder) = self.workdir() else {
            return Err(Error::usage("a bare repository has no work tree", "run this in a work tree"));
        };
        Ok(WorkTree { repo: self, folder, index: self.open_index()? })
    }

    /// Whether git has a file at this path that a sparse checkout leaves out.
    ///
    /// # Errors
    /// If the index can't be read.
    pub fn is_left_out(&self, path: &str) -> Result<bool, Error> {
        let index = self.open_index()?;
        let place = system_path(path.as_bytes())?;
        let skipped = index.get_path(&place, 0).is_some_and(|entry| is_extended(&entry, SKIP_WORKTREE));
        // A file that git tracks in a sparse checkout and that is not on disk was left out, or is in conflict.
        let sparse = self.git.config().and_then(|config| config.get_bool("core.sparseCheckout")).unwrap_or(false);
        Ok(skipped || sparse && is_tracked(&index, &place))
    }

    /// Whether the ignore rules cover a path that isn't tracked; a folder's ends in a slash.
    pub(super) fn is_ignored(&self, path: &[u8]) -> Result<bool, Error> {
        let fail = |error: git2::Error| Error::git("read the ignore rules", &error);
        self.git.is_path_ignored(system_path(path)?).map_err(fail)
    }
}

/// Whether the index has a path, merged or not.
fn is_tracked(index: &Index, path: &Path) -> bool {
    (0..4).any(|stage| index.get_path(path, stage).is_some())
}

/// Whether a folder is a submodule or another repository.
fn is_module(path: &[u8], at: &Path, index: &Index) -> Result<bool, Error> {
    let plain = path.strip_suffix(b"/").unwrap_or(path);
    let known = index.get_path(&system_path(plain)?, 0).is_some_and(|entry| entry.mode == 0o160_000);
    Ok(known || fs::symlink_metadata(at.join(".git")).is_ok())
}
