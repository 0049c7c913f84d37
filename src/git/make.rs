//! A new repository, for the demonstration: the only thing this room writes, and never into a repository that exists.

use std::fs;
use std::path::{Path, PathBuf};

use git2::{Oid, Repository, RepositoryInitOptions, Signature, Time};

use super::Error;

/// A repository in the making, with a work tree.
pub struct Workshop {
    git: Repository,
    folder: PathBuf,
}

impl Workshop {
    /// Makes a repository in a folder that does not exist or is empty; its first branch is `main`.
    ///
    /// # Errors
    /// If there is something in the folder, or it can't be written.
    pub fn create(folder: &Path) -> Result<Self, Error> {
        let used = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
        if used || folder.is_file() {
            return Err(Error::usage(
                format!("`{}` is there already and not empty", folder.display()),
                "name a new folder",
            ));
        }
        fs::create_dir_all(folder).map_err(|error| disk("make", folder, &error))?;
        let mut options = RepositoryInitOptions::new();
        // No template: no hooks, whatever the machine has for them.
        options.initial_head("main").external_template(false).no_reinit(true);
        let git = Repository::init_opts(folder, &options).map_err(|error| Error::git("make a repository", &error))?;
        Ok(Workshop { git, folder: folder.to_owned() })
    }

    /// Writes a file of the work tree.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        let full = self.folder.join(path);
        if let Some(parent) = full.parent() {
            fs::create_dir_all(parent).map_err(|error| disk("make", parent, &error))?;
        }
        fs::write(&full, bytes).map_err(|error| disk("write", &full, &error))
    }

    /// A file of the work tree, as text.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn read(&self, path: &str) -> Result<String, Error> {
        let full = self.folder.join(path);
        fs::read_to_string(&full).map_err(|error| disk("read", &full, &error))
    }

    /// Commits the whole work tree on the branch that is checked out.
    ///
    /// # Errors
    /// If git fails.
    pub fn commit(&self, author: &str, message: &str, seconds: i64) -> Result<(), Error> {
        self.try_commit(author, message, seconds).map_err(|error| Error::git("commit", &error))
    }

    /// Makes a branch where `main` is and checks it out.
    ///
    /// # Errors
    /// If git fails.
    pub fn branch(&self, name: &str) -> Result<(), Error> {
        self.try_checkout(name, true).map_err(|error| Error::git("make a branch", &error))
    }

    /// Checks out `main`.
    ///
    /// # Errors
    /// If git fails.
    pub fn main(&self) -> Result<(), Error> {
        self.try_checkout("main", false).map_err(|error| Error::git("check out `main`", &error))
    }

    /// Keeps what lies under a folder out of git, without a file that says so.
    ///
    /// # Errors
    /// If the disk refuses.
    pub fn ignore(&self, folder: &str) -> Result<(), Error> {
        self.write(".git/info/exclude", format!("/{folder}/\n").as_bytes())
    }

    fn try_commit(&self, author: &str, message: &str, seconds: i64) -> Result<(), git2::Error> {
        let mut index = self.git.index()?;
        index.add_all(["*"], git2::IndexAddOption::DEFAULT, None)?;
        index.update_all(["*"], None)?;
        index.write()?;
        let tree = self.git.find_tree(index.write_tree()?)?;
        let signature = Signature::new(author, &format!("{author}@example.com"), &Time::new(seconds, 0))?;
        let parent: Option<Oid> = self.git.head().ok().and_then(|head| head.target());
        let parent = parent.map(|parent| self.git.find_commit(parent)).transpose()?;
        let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
        self.git.commit(Some("HEAD"), &signature, &signature, message, &tree, &parents)?;
        Ok(())
    }

    fn try_checkout(&self, name: &str, create: bool) -> Result<(), git2::Error> {
        let main = self.git.find_branch("main", git2::BranchType::Local)?.get().peel_to_commit()?;
        if create {
            self.git.branch(name, &main, false)?;
        }
        self.git.set_head(&format!("refs/heads/{name}"))?;
        let mut options = git2::build::CheckoutBuilder::new();
        options.force().remove_untracked(false);
        self.git.checkout_head(Some(&mut options))
    }
}

fn disk(doing: &str, path: &Path, error: &std::io::Error) -> Error {
    Error::outside(format!("cannot {doing} `{}`: {error}", path.display()), "name a folder that can be written")
}
