//! A repository of our own, in a temporary folder, that borrows the objects of the real one.
//!
//! Merges write objects. Written here they don't pile up in somebody's repository, and a git command that runs here
//! sees nothing of that repository but its objects: no configuration (hooks, merge drivers, helpers), no
//! attributes, no replace refs, no grafts but those of a shallow clone.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use git2::{ObjectType, Oid, Repository, RepositoryInitOptions, Signature, Time};
use tempfile::TempDir;

use super::open::bare;
use super::{Error, command, lossy, path_bytes};

/// A repository of our own that borrows the objects of the real one.
pub(super) struct Scratch {
    pub git: Repository,
    /// Removed with everything in it when this is dropped.
    folder: TempDir,
}

impl Scratch {
    pub fn borrowing(real: &Repository) -> Result<Self, Error> {
        let disk = |error: std::io::Error| Error::disk("make a temporary folder for the merge", &error);
        let folder = tempfile::Builder::new().prefix("countersign-").tempdir().map_err(disk)?;
        let mut options = RepositoryInitOptions::new();
        options.bare(true).no_reinit(true).external_template(false).object_format(real.object_format());
        let made = Repository::init_opts(folder.path(), &options);
        made.map_err(|error| Error::git("make a temporary repository", &error))?;
        let mut objects = path_bytes(&real.commondir().join("objects"))?;
        if objects.contains(&b'\n') {
            let message = "the path of the repository has a line break in it, which git cannot borrow objects over";
            return Err(Error::outside(message, "move the repository to another folder"));
        }
        objects.push(b'\n');
        let info = folder.path().join("objects").join("info");
        fs::create_dir_all(&info).and_then(|()| fs::write(info.join("alternates"), objects)).map_err(disk)?;
        if real.is_shallow() {
            fs::copy(real.commondir().join("shallow"), folder.path().join("shallow")).map_err(disk)?;
        }
        Ok(Scratch { git: bare(folder.path())?, folder })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, bytes: &[u8]) -> Result<Oid, Error> {
        let odb = self.git.odb().map_err(|error| Error::git("open the temporary objects", &error))?;
        odb.write(ObjectType::Blob, bytes).map_err(|error| Error::git("write a temporary object", &error))
    }

    /// A copy of a sparse index in which every file stands by itself, as git writes it.
    pub fn whole_index(&self, git: &OsStr, sparse: &Path) -> Result<PathBuf, Error> {
        let disk = |error: std::io::Error| Error::disk("copy the index", &error);
        let whole = self.path().join("whole-index");
        fs::copy(sparse, &whole).map_err(disk)?;
        let mut command = command::hardened(git, self.path(), &[("index.sparse", "false")]);
        command.args(["update-index", "--force-write-index"]).env("GIT_INDEX_FILE", &whole).stdin(Stdio::null());
        let ran = command.output().map_err(|error| Error::disk(&format!("run `{}`", git.to_string_lossy()), &error))?;
        if ran.status.success() {
            return Ok(whole);
        }
        let message = format!("git cannot expand the sparse index: {}", lossy(&ran.stderr).trim());
        Err(Error::outside(message, "run `git sparse-checkout reapply --no-sparse-index`"))
    }

    /// A commit of this tree on these parents; younger than they are, since merge bases are searched by date.
    pub fn commit(&self, tree: Oid, parents: &[Oid]) -> Result<Oid, Error> {
        let commit = || {
            let tree = self.git.find_tree(tree)?;
            let parents: Result<Vec<_>, _> = parents.iter().map(|parent| self.git.find_commit(*parent)).collect();
            let parents = parents?;
            let latest = parents.iter().map(|parent| parent.time().seconds()).max().unwrap_or(0);
            let who = Signature::new("countersign", "countersign", &Time::new(latest.saturating_add(1), 0))?;
            self.git.commit(None, &who, &who, "what is not committed yet", &tree, &parents.iter().collect::<Vec<_>>())
        };
        commit().map_err(|error| Error::git("commit what is not committed yet to a temporary repository", &error))
    }
}
