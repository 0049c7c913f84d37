//! Names of commits.

use git2::{ErrorCode, ObjectFormat, Oid, Reference};

use super::{Commit, Error, Repo};
use crate::diagnostics::diagnostic::nearest;

impl Repo {
    /// The commit a branch, a tag or any other revision names.
    ///
    /// # Errors
    /// If there is no such commit; the nearest branch or tag is named if one is near.
    pub fn commit(&self, revision: &str) -> Result<Commit, Error> {
        if revision.starts_with('-') {
            // A branch may be called `--upload-pack=x`; as a name it is fine, as an argument of git it is a command.
            let remedy = format!("name a branch like this as `refs/heads/{revision}`");
            return Err(Error::usage(format!("`{revision}` starts with a dash, as options do"), remedy));
        }
        let found = match self.git.revparse_single(revision) {
            Ok(found) => found,
            // Of so few digits git does not even look whether an object starts with them.
            Err(error) if error.code() == ErrorCode::Ambiguous && revision.len() < 4 => {
                return Err(self.unknown(revision));
            }
            Err(error) if error.code() == ErrorCode::Ambiguous => {
                let message = format!("`{revision}` is the start of more than one object id");
                return Err(Error::usage(message, "write more of its digits"));
            }
            Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::InvalidSpec) => {
                return Err(self.unknown(revision));
            }
            Err(error) => return Err(Error::git(&format!("find `{revision}`"), &error)),
        };
        match found.peel_to_commit() {
            Ok(commit) => Ok(Commit { name: revision.to_owned(), oid: commit.id().to_string() }),
            Err(_) => Err(Error::usage(format!("`{revision}` is not a commit"), "name a branch, a tag or a commit")),
        }
    }

    /// The branch proposals are for: the remote's default branch, else `main` or `master`.
    ///
    /// # Errors
    /// If none of them is there.
    pub fn default_base(&self) -> Result<Commit, Error> {
        let remotes = self.git.remotes().map_err(|error| Error::git("read the remotes", &error))?;
        let remotes: Vec<&str> = remotes.iter().filter_map(|name| name.ok().flatten()).collect();
        let remote = match remotes.as_slice() {
            [only] => only,
            _ => "origin",
        };
        let default = format!("refs/remotes/{remote}/HEAD");
        let named = self.git.find_reference(&default).ok();
        let named = named.and_then(|head| Some(head.symbolic_target().ok()??.to_owned()));
        let usual = ["main", "master"].map(|branch| format!("refs/remotes/{remote}/{branch}"));
        let local = ["main", "master"].map(|branch| format!("refs/heads/{branch}"));
        for name in named.into_iter().chain(usual).chain(local) {
            let found = self.git.find_reference(&name).and_then(|found| found.peel_to_commit());
            if let Ok(commit) = found {
                let short = ["refs/remotes/", "refs/heads/"].iter().find_map(|start| name.strip_prefix(start));
                return Ok(Commit { name: short.unwrap_or(&name).to_owned(), oid: commit.id().to_string() });
            }
        }
        let message = format!("there is no `{remote}/HEAD`, `main` or `master` to compare with");
        Err(Error::usage(message, "name the branch to compare with as `--base`"))
    }

    /// The branch that the first commit will be on; `None` if there is one.
    #[must_use]
    pub fn unborn_branch(&self) -> Option<String> {
        let head = self.git.find_reference("HEAD").ok()?;
        let name = head.symbolic_target().ok()??.strip_prefix("refs/heads/")?.to_owned();
        self.git.find_reference(&format!("refs/heads/{name}")).is_err().then_some(name)
    }

    /// The names of the remotes, as far as they can be read.
    #[must_use]
    pub fn remotes(&self) -> Vec<String> {
        let Ok(names) = self.git.remotes() else { return Vec::new() };
        names.iter().filter_map(|name| name.ok().flatten().map(str::to_owned)).collect()
    }

    /// Where the remotes are, as far as that can be read.
    #[must_use]
    pub fn remote_urls(&self) -> Vec<String> {
        let found = self.remotes().into_iter().filter_map(|name| self.git.find_remote(&name).ok());
        found.filter_map(|remote| remote.url().ok().map(str::to_owned)).collect()
    }

    /// The commit that is checked out.
    ///
    /// # Errors
    /// If there is none yet.
    pub fn head(&self) -> Result<Commit, Error> {
        let head = match self.git.head() {
            Ok(head) => head,
            Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => {
                return Err(Error::usage("HEAD has no commit yet", "commit something first"));
            }
            Err(error) => return Err(Error::git("read HEAD", &error)),
        };
        let commit = head.peel_to_commit().map_err(|error| Error::git("read the commit at HEAD", &error))?;
        let name = head.shorthand().ok().filter(|_| head.is_branch()).unwrap_or("HEAD");
        Ok(Commit { name: name.to_owned(), oid: commit.id().to_string() })
    }

    fn unknown(&self, revision: &str) -> Error {
        let references = self.git.references().ok();
        let names: Vec<String> = references
            .into_iter()
            .flatten()
            .flatten()
            .filter(|found| found.is_branch() || found.is_remote() || found.is_tag())
            .filter_map(|found: Reference<'_>| found.shorthand().ok().map(str::to_owned))
            .collect();
        let message = format!("there is no branch, tag or commit `{revision}`");
        match nearest(revision, names.iter().map(String::as_str)) {
            Some(near) => Error::usage(message, format!("write `{near}` if that is meant")),
            None => {
                Error::usage(message, "list the names there are with `git branch --all` and `git tag`, or fetch it")
            }
        }
    }
}

/// An object id that is written in full: no name, and nothing git could take for an option.
pub(super) fn object_id(text: &str) -> Result<Oid, Error> {
    // The number of digits says which kind of id it is.
    let kind = match text.len() {
        40 => Some(ObjectFormat::Sha1),
        64 => Some(ObjectFormat::Sha256),
        _ => None,
    };
    kind.and_then(|kind| Oid::from_str_ext(text, kind).ok())
        .ok_or_else(|| Error::usage(format!("`{text}` is no object id"), "give the object id in full"))
}
