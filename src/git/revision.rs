//! Names of commits.

use std::collections::BTreeSet;

use git2::{ErrorCode, ObjectFormat, Oid, Reference};

use super::{Commit, Error, Repo, reach};
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
        if let Some((from, to)) = range(revision) {
            let message = format!("`{revision}` is a range, and one commit is expected here");
            let remedy = format!("name one of its ends: `{}` or `{}`", or_head(from), or_head(to));
            return Err(Error::usage(message, remedy));
        }
        self.refuse_ambiguous(revision)?;
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

    /// Refuses a name that several references have which are of different commits. Git takes the tag, and whoever may
    /// push one could give the base branch another commit by it.
    fn refuse_ambiguous(&self, revision: &str) -> Result<(), Error> {
        let end = revision.find(['~', '^', ':']).unwrap_or(revision.len());
        let end = revision.find("@{").map_or(end, |at| at.min(end));
        let name = revision.get(..end).unwrap_or_default();
        // In full, or one of git's own, such as `HEAD`.
        if name.is_empty() || name == "@" || self.git.find_reference(name).is_ok() {
            return Ok(());
        }
        let spaces = ["refs/", "refs/tags/", "refs/heads/", "refs/remotes/"];
        let named: Vec<(String, Oid)> = spaces
            .into_iter()
            .filter_map(|space| {
                let full = format!("{space}{name}");
                let commit = self.git.find_reference(&full).ok()?.peel_to_commit().ok()?;
                Some((full, commit.id()))
            })
            .collect();
        let differ = named.iter().any(|(_, commit)| named.first().is_some_and(|(_, first)| first != commit));
        if !differ {
            return Ok(());
        }
        let names = crate::diagnostics::diagnostic::choice(named.iter().map(|(full, _)| full.as_str()));
        let message = format!("`{name}` names more than one commit");
        Err(Error::usage(message, format!("write the one that is meant in full: {names}")))
    }

    /// The commit of this name, or the branch proposals are for if none is named.
    ///
    /// # Errors
    /// If there is no such commit, or no such branch.
    pub fn or_default_base(&self, name: Option<&str>) -> Result<Commit, Error> {
        name.map_or_else(|| self.default_base(), |name| self.commit(name))
    }

    /// The branch proposals are for: the remote's default branch, else `main` or `master`.
    ///
    /// # Errors
    /// If none of them is there, or a bare repository has another default branch besides.
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
        // In a bare repository, such as a mirror, whoever pushes chooses what stands under `refs/remotes`.
        let own = self.git.find_reference("HEAD").ok().filter(|_| self.git.is_bare());
        let own = own.and_then(|head| Some(head.symbolic_target().ok()??.to_owned()));
        // A bare clone of a work tree has its HEAD on what was checked out there, which may be the proposal.
        let also = local.iter().find(|name| self.git.find_reference(name).is_ok());
        if let (Some(own), Some(also)) = (own.as_ref().filter(|own| !local.contains(own)), also) {
            let [own, also] = [own, also].map(|name| name.strip_prefix("refs/heads/").unwrap_or(name));
            let message = format!("HEAD is on `{own}`, and there is `{also}` too");
            return Err(Error::usage(message, format!("{NAME_BASE}, `{also}` or `{own}`")));
        }
        let of_remotes = named.into_iter().chain(usual).filter(|_| !self.git.is_bare());
        for name in own.into_iter().chain(of_remotes).chain(local) {
            let found = self.git.find_reference(&name).and_then(|found| found.peel_to_commit());
            if let Ok(commit) = found {
                let short = ["refs/remotes/", "refs/heads/"].iter().find_map(|start| name.strip_prefix(start));
                return Ok(Commit { name: short.unwrap_or(&name).to_owned(), oid: commit.id().to_string() });
            }
        }
        let message = format!("there is no `{remote}/HEAD`, `main` or `master` to compare with");
        if remotes.is_empty() {
            return Err(Error::usage(message, NAME_BASE));
        }
        Err(Error::usage(message, self.fetching(remote, "main", &format!("refs/remotes/{remote}/main"), NAME_BASE)))
    }

    /// The branch that the first commit will be on; `None` if there is one.
    #[must_use]
    pub fn unborn_branch(&self) -> Option<String> {
        let head = self.git.find_reference("HEAD").ok()?;
        let name = head.symbolic_target().ok()??.strip_prefix("refs/heads/")?.to_owned();
        self.git.find_reference(&format!("refs/heads/{name}")).is_err().then_some(name)
    }

    /// The branches that are known here, of this repository and of its remotes, by the names that they have there.
    ///
    /// # Errors
    /// If the references can't be read.
    pub fn branches(&self) -> Result<BTreeSet<String>, Error> {
        let failed = |error: git2::Error| Error::git("list the branches", &error);
        let remotes = self.remotes();
        let mut found = BTreeSet::new();
        for reference in self.git.references().map_err(failed)? {
            let reference = reference.map_err(failed)?;
            let Ok(name) = reference.name() else { continue };
            let of_remote = name.strip_prefix("refs/remotes/");
            let of_remote =
                of_remote.and_then(|name| remotes.iter().find_map(|one| name.strip_prefix(&format!("{one}/"))));
            found.extend(name.strip_prefix("refs/heads/").or(of_remote).map(str::to_owned));
        }
        Ok(found)
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

    /// The commits that two sides of a comparison have in common last, for `A...B`.
    ///
    /// # Errors
    /// If there is none, or if it is not here.
    pub fn merge_base(&self, one: &Commit, other: &Commit) -> Result<Commit, Error> {
        let (base, head) = (object_id(&one.oid)?, object_id(&other.oid)?);
        let bases = reach::merge_bases(self.objects(), base, head)?;
        reach::reach(self.objects(), base, head, &bases)?.or_refuse()?;
        let oid = bases.first().map(ToString::to_string);
        let none =
            || Error::usage(format!("`{}` and `{}` have no commit in common", one.name, other.name), "write `A..B`");
        Ok(Commit { name: format!("{}...{}", one.name, other.name), oid: oid.ok_or_else(none)? })
    }

    /// The remedy for a branch of a remote that is not here, or what else may be done.
    fn fetching(&self, remote: &str, branch: &str, into: &str, or: &str) -> String {
        if self.git.is_shallow() {
            return UNSHALLOW.replace("--unshallow", &format!("--unshallow {remote} {branch}:{into}"));
        }
        format!("run `git fetch {remote} {branch}:{into}`, or {or}")
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
        if revision.contains("..") {
            let help = "write one commit, or both ends of a range where the command takes one, as in `A..B`";
            return Error::usage(format!("`{revision}` is not one commit"), help);
        }
        // `main~3` of a branch that is here.
        let start = revision.split(['~', '^']).next().unwrap_or_default();
        if start != revision && self.commit(start).is_ok() {
            let is_cut = self.git.is_shallow();
            let help = if is_cut { UNSHALLOW } else { "write one of the commits that `git log` lists" };
            let why = if is_cut { " here, where the history is cut off" } else { "" };
            return Error::usage(format!("{message}{why}"), help);
        }
        let remotes = self.remotes();
        let of_remote = remotes.iter().find_map(|remote| Some((remote, revision.strip_prefix(&format!("{remote}/"))?)));
        let (from, branch) = of_remote.map_or((remotes.first(), revision), |(remote, branch)| (Some(remote), branch));
        let is_branch = git2::Reference::is_valid_name(&format!("refs/heads/{branch}")) && !is_id(branch);
        match nearest(revision, names.iter().map(String::as_str)) {
            Some(near) => Error::usage(message, format!("write `{near}` if that is meant")),
            None if is_branch && from.is_some() => {
                let remote = from.map(String::as_str).unwrap_or_default();
                let into = of_remote.map_or_else(|| branch.to_owned(), |_| format!("refs/remotes/{remote}/{branch}"));
                Error::usage(message, self.fetching(remote, branch, &into, "name another one"))
            }
            None => {
                Error::usage(message, "list the names there are with `git branch --all` and `git tag`, or fetch it")
            }
        }
    }
}

/// The remedy where the history of a clone is cut off.
const UNSHALLOW: &str =
    "run `git fetch --unshallow`; in a GitHub workflow give `actions/checkout` the setting `fetch-depth: 0`";

/// The remedy where nothing says which branch is the base. The command that runs says how it is named there.
pub const NAME_BASE: &str = "name the branch to compare with";

/// The two ends of a range as git writes one: `A..B` or `A...B`. No name of a branch or tag has two dots.
#[must_use]
pub fn range(text: &str) -> Option<(&str, &str)> {
    let ends = text.split_once("...").or_else(|| text.split_once(".."));
    ends.filter(|(from, to)| !from.is_empty() || !to.is_empty())
}

/// The end of a range, which is HEAD if nothing is written.
#[must_use]
pub fn or_head(end: &str) -> &str {
    if end.is_empty() { "HEAD" } else { end }
}

/// Whether a name is the start of an object id, which cannot be fetched by it.
fn is_id(text: &str) -> bool {
    text.len() >= 7 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
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
