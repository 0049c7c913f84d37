//! Finding and opening a repository, and saying why one can't be opened.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;

use git2::{ErrorCode, Repository, RepositoryOpenFlags};

use super::{Error, Repo};

impl Repo {
    /// The repository `from` is in: its folder or one above it, bare or not, or a linked work tree.
    ///
    /// # Errors
    /// If there is none, if it belongs to somebody else, or if it needs what libgit2 can't do.
    pub fn open(from: &Path) -> Result<Self, Error> {
        // Git checks the hash of an object when it comes in, not whenever it is read; so does this.
        git2::opts::strict_hash_verification(false);
        let nowhere: [&Path; 0] = [];
        match Repository::open_ext(from, RepositoryOpenFlags::empty(), nowhere) {
            Ok(git) => no_grafts(&git).map(|()| Repo::around(git)),
            Err(error) => Err(explain(from, &error)),
        }
    }

    pub(super) fn around(git: Repository) -> Self {
        Repo {
            git,
            command: "git".into(),
            index: None,
            scratch: OnceCell::new(),
            oversized: RefCell::new(BTreeMap::new()),
            policies: RefCell::new(Vec::new()),
            loads_largest: Cell::new(false),
            packs: RefCell::new(None),
            fetched: None,
        }
    }
}

/// Refuses a repository whose commits have other parents than they say: libgit2 follows its grafts, as git does, and no
/// server has them.
fn no_grafts(git: &Repository) -> Result<(), Error> {
    let path = git.commondir().join("info").join("grafts");
    let text = match std::fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::file("read", &path, &error)),
    };
    if text.is_empty() { Ok(()) } else { Err(grafts(&path.display().to_string())) }
}

fn grafts(path: &str) -> Error {
    let message = format!("`{path}` gives commits other parents than they have");
    Error::outside(message, "remove that file, and judge the history that everybody has")
}

/// Opens a bare repository of our own. Opened as a bare one by name, libgit2 forgets where a shallow history ends.
pub(super) fn bare(folder: &Path) -> Result<Repository, Error> {
    let nowhere: [&Path; 0] = [];
    Repository::open_ext(folder, RepositoryOpenFlags::BARE | RepositoryOpenFlags::NO_SEARCH, nowhere)
        .map_err(|error| Error::git("open the temporary repository", &error))
}

fn explain(from: &Path, error: &git2::Error) -> Error {
    let (said, shown) = (error.message(), from.display());
    if error.code() == ErrorCode::Owner {
        // libgit2 says: repository path '/x/' is not owned by current user
        let owned = said.split('\'').nth(1).map_or(shown.to_string(), |path| path.trim_end_matches('/').to_owned());
        let remedy = format!("run `git config --global --add safe.directory {owned}` if you trust it");
        return Error::outside(format!("the repository `{owned}` belongs to another user"), remedy);
    }
    if let Some((_, extension)) = said.split_once("extension name ") {
        let extension = extension.trim_start_matches("extensions.");
        let remedy = match extension {
            "refstorage" => "run `git refs migrate --ref-format=files`",
            "partialclone" => "clone it again without `--filter`",
            _ => "clone it again without this extension",
        };
        let message =
            format!("the repository at `{shown}` uses the git extension `{extension}`, which is not supported");
        return Error::outside(message, remedy);
    }
    if said.contains("graft") {
        return grafts(".git/info/grafts");
    }
    if error.code() == ErrorCode::NotFound {
        let remedy = "run this inside a repository, or make one with `git init`";
        return Error::usage(format!("`{shown}` is not in a git repository"), remedy);
    }
    Error::git(&format!("open the repository at `{shown}`"), error)
}
