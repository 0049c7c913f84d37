//! Git: commits, trees and merges, read as git reads them. The only room that names libgit2.
//! Gitoxide reads packs.
//!
//! In: a folder or an address, two names of commits, the index or the work tree. Out: every path that differs between
//! the tip of the base and *the merge result*, the files of either side, and whose commits they are. Only the merge
//! result is what would be live: a comparison of head with base accuses a stale branch of the changes of others, and
//! the difference from the merge base misses changes that a criss-cross history brings back.
//!
//! It refuses to guess: a history cut off before the merge base, a merge without git's own engine, trees that two
//! programs read differently. It never writes to the repository but under `refs/countersign`, follows no link, runs no
//! hook, filter, merge driver or text conversion, and reads no attributes, grafts or replace refs: a file is the bytes
//! git stores, or for the work tree the bytes on disk (no line ends converted).
//!
//! Not taken: `git diff base...head` (see above), libgit2's tree diff (see `tree_diff`), a checkout.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this room is the door to the disk and to git: it reads files, runs one command and clears its environment"
)]

mod authors;
mod behind_links;
pub mod branch_receipts;
pub mod branch_steps;
mod collisions;
mod command;
mod compare;
mod contributions;
mod error;
pub mod examined_merges;
mod fetch;
pub mod gpg;
mod history;
pub mod inputs;
pub mod kept;
pub mod keyless;
mod lazy_blobs;
mod links;
mod list;
mod load;
mod make;
mod managed;
mod merged_commits;
mod open;
mod origin;
mod packs;
pub mod past_trusts;
mod reach;
mod real_merge;
pub mod receipt_facts;
mod revision;
mod scratch;
pub mod search;
mod served_tree;
mod snapshot;
mod sources;
pub mod ssh;
mod surroundings;
pub mod token;
mod tree_diff;
mod tree_reader;
pub mod wider_history;
mod worktree;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use git2::{Oid, Repository};

use crate::diagnostics::Diagnostic;
use crate::diagnostics::words::short;
use crate::flag::FileKind;
use crate::policy::Policy;
use crate::report::Revision;

pub use collisions::Collision;
pub use error::Error;
pub use fetch::Remote;
pub use history::{History, HistoryEnd, HistoryQuery, PastBase, PastVersion};
pub use make::Workshop;
pub use managed::nearest_flags;
pub use merged_commits::MergedCommit;
pub use revision::{NAME_BASE, or_head, range};
pub use served_tree::ServedTree;
pub use token::Token;
pub use worktree::WorkTree;

/// Files larger than this are not loaded, unless a mapping of the policy says so: they have their size and no bytes.
pub const LIMIT: u64 = 1 << 20;

/// The largest file that a mapping may ask for.
pub const LARGEST: u64 = 8 << 20;

/// A repository, read only.
pub struct Repo {
    git: Repository,
    /// The git command, for merges that cannot be judged name by name.
    command: OsString,
    /// The index to read instead of the repository's own.
    index: Option<PathBuf>,
    /// Where objects go that a merge or a snapshot makes; made when first needed.
    scratch: OnceCell<scratch::Scratch>,
    /// Files of the work tree over the limit: a short stand-in was snapshotted, and this is the true size.
    oversized: RefCell<BTreeMap<Oid, u64>>,
    /// The policies whose mappings may ask for larger files.
    policies: RefCell<Vec<Arc<Policy>>>,
    /// Whether files are loaded that only some format may have so large.
    loads_largest: Cell<bool>,
    /// The packs of the repository, once one is read.
    packs: RefCell<Option<Arc<packs::Packs>>>,
    /// Where the objects were fetched from and more can be, if this is no clone of somebody's.
    fetched: Option<fetch::Fetched>,
}

/// A commit, by the name it was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Commit {
    pub name: String,
    /// The object id in full.
    pub oid: String,
}

impl Commit {
    /// The commit of an object id, named by all of it.
    #[must_use]
    pub fn of(oid: &str) -> Commit {
        Commit { name: oid.to_owned(), oid: oid.to_owned() }
    }

    /// The commit of an object id, named by its first digits.
    #[must_use]
    pub fn shortly(oid: &str) -> Commit {
        Commit { name: short(oid).to_owned(), oid: oid.to_owned() }
    }
}

/// The proposal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Proposal {
    Commit(Commit),
    /// The staged files, as if they were committed on HEAD.
    Index,
    /// The files on disk, tracked or not but for ignored ones, as if they were committed on HEAD.
    Worktree,
}

/// The entry at a path, not loaded yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TreeEntry {
    pub kind: FileKind,
    /// The mode git gives it.
    pub mode: u32,
    source: EntrySource,
}

/// Where the bytes of an entry are.
#[derive(Clone, PartialEq, Eq, Debug)]
enum EntrySource {
    Object(Oid),
    /// A file on disk over the limit, of which only the size was kept.
    Oversized(u64),
    /// Boxed, for there may be as many as there are files.
    Disk(Box<Path>),
    /// The commit, if git has one for it.
    Submodule(Option<Oid>),
}

/// One path that differs. Both sides may hold the same bytes, if only the executable bit differs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delta {
    /// From the root of the repository; bytes that are not UTF-8 are U+FFFD.
    pub path: String,
    pub live: Option<TreeEntry>,
    pub proposed: Option<TreeEntry>,
}

/// A path in conflict: nobody knows which content would be live. Its delta, if it has one, is not to be judged.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Conflict {
    pub path: String,
    /// The reason; lower case, no full stop.
    pub message: String,
}

/// The sides of a comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TreeSide {
    /// The tip of the base.
    Live,
    /// The tree of the base after the merge.
    Proposed,
}

/// The method by which the merge result was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MergeMethod {
    /// Two trees side by side, without a merge: asked for, or the base is all contained in the proposal.
    Direct,
    /// The base contains the proposal: nothing would change.
    Contained,
    /// No name was touched by both sides, so the result is known without a merge.
    ByName,
    /// A real merge.
    Merged,
}

/// The differences between the base and the merge result.
#[derive(Debug)]
pub struct Comparison {
    pub base: Revision,
    pub head: Revision,
    pub way: MergeMethod,
    /// Every path that differs between the tip of the base and the merge result, sorted.
    pub deltas: Vec<Delta>,
    /// Paths nobody can judge until the proposal is updated; sorted.
    pub conflicts: Vec<Conflict>,
    /// The diagnostic of a proposal with more than is judged: then there are no deltas, and it is invalid.
    pub over: Option<Diagnostic>,
    /// The tree of the base.
    live: Oid,
    /// The differences of `deltas`, by bytes of the path: laid over `live` they make the proposed side.
    differences: Vec<tree_diff::PathDifference>,
}

impl Repo {
    /// The folder files are checked out to, unless the repository is bare.
    #[must_use]
    pub fn workdir(&self) -> Option<&Path> {
        self.git.workdir()
    }

    /// Uses another git command than the first `git` on the path.
    #[must_use]
    pub fn with_command(mut self, command: impl Into<OsString>) -> Self {
        self.command = command.into();
        self
    }

    /// Reads another index than the repository's own. `git commit --all` and `git commit PATH` hand their hooks an
    /// index that differs from it, in `GIT_INDEX_FILE`.
    #[must_use]
    pub fn with_index(mut self, index: impl Into<PathBuf>) -> Self {
        self.index = Some(index.into());
        self
    }

    fn entry(&self, item: tree_reader::TreeItem) -> TreeEntry {
        let kind = item.kind();
        let source = match kind {
            FileKind::Submodule => EntrySource::Submodule(Some(item.id)),
            FileKind::Regular | FileKind::Symlink | FileKind::LinkToFile => match self.oversized.borrow().get(&item.id)
            {
                Some(size) => EntrySource::Oversized(*size),
                None => EntrySource::Object(item.id),
            },
        };
        TreeEntry { kind, mode: item.mode, source }
    }

    /// The repository to read objects from: with those the merge made, if there are any.
    fn objects(&self) -> &Repository {
        self.scratch.get().map_or(&self.git, |scratch| &scratch.git)
    }

    fn packs(&self) -> Arc<packs::Packs> {
        Arc::clone(self.packs.borrow_mut().get_or_insert_with(|| Arc::new(packs::Packs::of(&self.git))))
    }

    /// The trees of the repository, and those the merge made.
    fn trees(&self) -> tree_reader::TreeReader<'_> {
        tree_reader::TreeReader::of(packs::ObjectReader::here(self.packs(), self.objects()))
    }

    /// The place for new objects, made if it isn't there yet.
    fn scratch(&self) -> Result<&scratch::Scratch, Error> {
        if let Some(scratch) = self.scratch.get() {
            return Ok(scratch);
        }
        let made = scratch::Scratch::borrowing(&self.git)?;
        Ok(self.scratch.get_or_init(|| made))
    }
}

/// A path as text; bytes that are not UTF-8 become U+FFFD.
fn lossy(path: &[u8]) -> String {
    String::from_utf8_lossy(path).into_owned()
}

/// A path of git's as a path of the system's.
fn system_path(path: &[u8]) -> Result<PathBuf, Error> {
    #[cfg(unix)]
    let found = Some(std::os::unix::ffi::OsStrExt::from_bytes(path)).map(|name: &std::ffi::OsStr| PathBuf::from(name));
    #[cfg(not(unix))]
    let found = std::str::from_utf8(path).ok().map(PathBuf::from);
    found.ok_or_else(|| Error::outside(format!("the path `{}` is not UTF-8", lossy(path)), "rename the file"))
}

/// A path of the system's as bytes, with slashes.
fn path_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    #[cfg(unix)]
    let found = Some(std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec());
    #[cfg(not(unix))]
    let found = path.to_str().map(|path| path.replace('\\', "/").into_bytes());
    found.ok_or_else(|| Error::outside(format!("the path `{}` is not UTF-8", path.display()), "rename the folder"))
}
