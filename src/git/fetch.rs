//! Objects without a checkout: a bare repository of our own, with the commits to be judged and the objects that takes.
//!
//! In: where to fetch from and full object ids. Out: a [`Repo`] of the commits and trees, whose blobs come when they
//! are read (see `need`), and which is gone when it is dropped. It refuses every protocol but that of the address,
//! follows no redirection, asks nobody for a password and knows no names of branches: the commits of a pull request are
//! somebody else's, and so are the names.
//!
//! A server that can't leave blobs out sends them as well; everything else stays the same.
//!
//! Not taken: `fetch.fsckObjects`. Old histories are full of harmless errors (a mode with a zero in front), for which
//! a repository would never be served; git checks every hash and forges check what is pushed; the trees we read are
//! read strictly (see `tree_reader`). And it reads each `.gitmodules` of the history, which a fetch without blobs has
//! not got.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use git2::{ObjectFormat, Oid, Repository, RepositoryInitOptions};
use tempfile::TempDir;

use super::error::ErrorKind;
use super::kept::KeptFiles;
use super::open::bare;
use super::revision::object_id;
use super::{Error, Repo, command, reach};
use crate::git::Token;

/// How deep the first look into history goes, at least.
const SHALLOWEST: usize = 20;
/// Deeper than this there is no step between: all of it.
const DEEPEST: usize = 5_000;

/// The protocols that may be fetched over.
const PROTOCOLS: &[&str] = &["https", "http", "file"];

/// Settings of `git fetch`, besides those of every git command.
const SETTINGS: &[(&str, &str)] = &[
    // The first protocol in which any object may be asked for by id.
    ("protocol.version", "2"),
    // A blob that the filter leaves out is not missing.
    ("remote.origin.promisor", "true"),
    ("remote.origin.partialCloneFilter", "blob:none"),
    ("remote.origin.followRemoteHEAD", "never"),
    // The token is for the host of the address and no other; no other password is for it.
    ("http.followRedirects", "false"),
    ("credential.helper", ""),
    // A server that says nothing for a minute won't.
    ("http.lowSpeedLimit", "1000"),
    ("http.lowSpeedTime", "60"),
    // Nothing from other places, nothing of submodules, and no housekeeping of what is gone in a moment.
    ("transfer.bundleURI", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("fetch.writeCommitGraph", "false"),
    ("maintenance.auto", "false"),
    ("gc.auto", "0"),
];

/// Messages of a failed git, each with its remedy.
const REMEDIES: &[(&str, &str)] = &[
    ("not our ref", "run this again for the commit that is there now; the one before was pushed over"),
    ("erminal prompts disabled", "give a token that may read the contents of the repository"),
    ("uthentication failed", "give a token that may read the contents of the repository"),
    ("error: 403", "give a token that may read the contents of the repository"),
    ("ot found", "see that the address is right and the token may read the contents of the repository"),
    ("error: 30", "use the address the repository has now: redirections are not followed"),
    ("redirect", "use the address the repository has now: redirections are not followed"),
    ("nknown option", "install git 2.38 or later"),
];

/// Where to fetch from.
#[derive(Clone, Debug)]
pub struct Remote {
    url: String,
    scheme: &'static str,
    token: Option<Token>,
    command: OsString,
}

impl Remote {
    /// # Errors
    /// If the address is none of `https://`, `http://` and `file://`, or has a password in it.
    pub fn new(url: &str, token: Option<Token>) -> Result<Self, Error> {
        let scheme =
            PROTOCOLS.iter().find(|scheme| url.strip_prefix(**scheme).is_some_and(|rest| rest.starts_with("://")));
        let Some(scheme) = scheme else {
            let message = format!("`{}` starts with none of `https://`, `http://` and `file://`", url.escape_debug());
            return Err(Error::usage(message, "give the address of the repository with its protocol"));
        };
        let host = url.split('/').nth(2).unwrap_or_default();
        if host.contains('@') {
            // It is not shown: it would stand in a log.
            let message = "the address of the repository has a user or a password in it";
            return Err(Error::usage(message, "give the address without it, and the token apart"));
        }
        if url.contains(|c: char| c.is_control() || c.is_whitespace()) {
            let message = format!("`{}` has a space or a line break in it", url.escape_debug());
            return Err(Error::usage(message, "give the address as it is written in a link"));
        }
        Ok(Remote { url: url.to_owned(), scheme, token, command: "git".into() })
    }

    /// Uses another git command than the first `git` on the path.
    #[must_use]
    pub fn with_command(mut self, command: impl Into<OsString>) -> Self {
        self.command = command.into();
        self
    }

    /// Runs `git fetch` for some lines of `<id>` or `<id>:<name>`.
    fn fetch(&self, folder: &Path, how: &[&str], settings: &[(&str, &str)], lines: &str) -> Result<(), Error> {
        let header =
            self.token.as_ref().filter(|_| self.scheme != "file").map(|token| {
                (format!("http.{}.extraHeader", self.url), format!("Authorization: Basic {}", token.basic()))
            });
        let mut all = SETTINGS.to_vec();
        all.push(("remote.origin.url", &self.url));
        all.extend(header.iter().map(|(key, value)| (key.as_str(), value.as_str())));
        all.extend(settings);
        let mut command = command::hardened(&self.command, folder, &all);
        // A home without `.netrc`.
        command.env("GIT_ALLOW_PROTOCOL", self.scheme).env("HOME", folder);
        command.args(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance"]);
        command.args(["--recurse-submodules=no", "--filter=blob:none"]).args(how);
        command.args(["--stdin", "--end-of-options", "origin"]);
        let disk = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                let message = format!("there is no program `{}`", self.command.to_string_lossy());
                Error::outside(message, "install git 2.38 or later")
            }
            _ => Error::disk(&format!("run `{}`", self.command.to_string_lossy()), &error),
        };
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(disk)?;
        if let Some(mut pipe) = child.stdin.take() {
            // If it ended without reading them all, how it ended tells more.
            let _ = pipe.write_all(lines.as_bytes());
        }
        let ran = child.wait_with_output().map_err(disk)?;
        if ran.status.success() { Ok(()) } else { Err(self.failed(&String::from_utf8_lossy(&ran.stderr))) }
    }

    /// Why a fetch failed, in one line and without the token.
    fn failed(&self, said: &str) -> Error {
        let said = self.token.as_ref().map_or(said.to_owned(), |token| token.scrub(said));
        let lines = said.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("warning: "));
        // The text comes from a server: one line of it is shown, without control characters, and not too much.
        let said: String = lines.collect::<Vec<_>>().join("; ").escape_debug().take(600).collect();
        let remedy = REMEDIES.iter().find(|(sign, _)| said.contains(sign)).map(|(_, remedy)| *remedy);
        let gone = said.split("not our ref ").nth(1).map(|rest| rest.split(|c: char| !c.is_ascii_hexdigit()).next());
        let message = match gone {
            Some(id) => format!("the object `{}` is not in the repository at `{}`", id.unwrap_or_default(), self.url),
            None => format!("git cannot fetch from `{}`: {said}", self.url),
        };
        // git's words for a name that the server has not.
        let kind = if said.contains("find remote ref") { ErrorKind::Missing } else { ErrorKind::Outside };
        Error::new(kind, message, remedy.unwrap_or("see that the server can be reached, and run this again"))
    }
}

/// Origin and folder of a fetched repository.
pub(super) struct Fetched {
    remote: Remote,
    /// Removed with everything in it when this is dropped.
    folder: TempDir,
}

impl Fetched {
    /// Fetches blobs, as git does by itself when it needs one.
    pub fn blobs(&self, ids: &BTreeSet<Oid>) -> Result<(), Error> {
        let lines: String = ids.iter().map(|id| format!("{id}\n")).collect();
        self.remote.fetch(self.folder.path(), &[], &[("fetch.negotiationAlgorithm", "noop")], &lines)
    }

    /// Fetches so many more commits of the history of `base`.
    pub fn deepen(&self, base: &str, commits: usize) -> Result<(), Error> {
        let lines = format!("+{base}:refs/countersign/{base}\n");
        self.remote.fetch(self.folder.path(), &[&format!("--deepen={commits}")], &[], &lines)
    }
}

/// An empty repository in a temporary folder, for objects with ids like this one.
fn scratch(like: Oid) -> Result<TempDir, Error> {
    let format = if like.as_bytes().len() > 20 { ObjectFormat::Sha256 } else { ObjectFormat::Sha1 };
    let disk = |error: std::io::Error| Error::disk("make a temporary folder to fetch into", &error);
    let folder = tempfile::Builder::new().prefix("countersign-").tempdir().map_err(disk)?;
    let mut options = RepositoryInitOptions::new();
    options.bare(true).no_reinit(true).external_template(false).object_format(format);
    let made = Repository::init_opts(folder.path(), &options);
    made.map_err(|error| Error::git("make a temporary repository", &error))?;
    Ok(folder)
}

impl Repo {
    /// A repository in a temporary folder, with everything needed to judge each of the commits `heads` as a proposal
    /// for `base`. `depth` is the number of commits that is likely to be enough.
    ///
    /// # Errors
    /// If one of them is no object id in full or no commit, or is not there any more, or fetching failed.
    pub fn fetch(remote: &Remote, base: &str, heads: &[String], depth: usize) -> Result<Self, Error> {
        git2::opts::strict_hash_verification(false);
        let base = object_id(base)?;
        let heads = heads.iter().map(|head| object_id(head)).collect::<Result<Vec<Oid>, _>>()?;
        let commits: BTreeSet<Oid> = heads.iter().copied().chain([base]).collect();
        let folder = scratch(base)?;
        // Names of our own keep what is there from being sent a second time.
        let lines: String = commits.iter().map(|id| format!("+{id}:refs/countersign/{id}\n")).collect();
        let mut depth = depth.clamp(SHALLOWEST, DEEPEST);
        loop {
            let whole = depth > DEEPEST;
            let how = if whole { "--unshallow".to_owned() } else { format!("--depth={depth}") };
            remote.fetch(folder.path(), &[&how], &[], &lines)?;
            // A repository that libgit2 has open stays as shallow as it was when it was opened.
            let git = bare(folder.path())?;
            for commit in &commits {
                git.find_commit(*commit).map_err(|error| Error::git(&format!("read the commit {commit}"), &error))?;
            }
            let mut far = true;
            for head in &heads {
                far = far && reach::enough(&git, base, *head)?;
            }
            if far {
                let command = remote.command.clone();
                let fetched = Some(Fetched { remote: remote.clone(), folder });
                return Ok(Repo { command, fetched, ..Repo::around(git) });
            }
            if whole || !git.is_shallow() {
                let message = format!("the history at `{}` ends before what is judged meets `{base}`", remote.url);
                return Err(Error::outside(message, "repair the repository there, which is a shallow clone itself"));
            }
            depth = depth.saturating_mul(2);
        }
    }

    /// The files that are kept under a reference at a remote; none if it has no such reference. `like` is an object id
    /// of it.
    ///
    /// # Errors
    /// If fetching failed, or an object is broken.
    pub fn fetch_kept(remote: &Remote, reference: &str, like: &str) -> Result<Option<KeptFiles>, Error> {
        let folder = scratch(object_id(like)?)?;
        let lines = format!("+{reference}:{reference}\n");
        // All of it at once: everything is read, and each file by itself would be a request.
        match remote.fetch(folder.path(), &["--depth=1", "--no-filter"], &[], &lines) {
            Err(error) if error.kind == ErrorKind::Missing => return Ok(None),
            fetched => fetched?,
        }
        Repo::around(bare(folder.path())?).kept(reference)
    }

    /// The clone that holds `near`, if it has everything needed and may be read; else the one that [`Repo::fetch`]
    /// makes.
    ///
    /// # Errors
    /// As [`Repo::fetch`].
    pub fn near_or_fetched(
        near: Option<&Path>,
        remote: &Remote,
        base: &str,
        heads: &[String],
        depth: usize,
    ) -> Result<Self, Error> {
        // A clone that belongs to another user, is partial or needs what libgit2 can't do does not count.
        let near = near.and_then(|near| Repo::open(near).ok()).map(|repo| repo.with_command(&remote.command));
        let serves = |repo: &Repo| heads.iter().all(|head| repo.serves(base, head).unwrap_or(false));
        match near.filter(serves) {
            Some(repo) => Ok(repo),
            None => Repo::fetch(remote, base, heads, depth),
        }
    }
}
