//! Envelopes kept in a reference of their own, `refs/countersign/…`: a commit for each time some were added, and never
//! in a branch.
//!
//! In: a repository and the name of the reference. Out: the files of its tip. Each file is named after its own bytes,
//! so that two references with the same history merge without a conflict, and nothing is ever replaced. It refuses to
//! take a reference that is not there for one without files, and to take away a file. A file that somebody put there
//! and that is no such file is passed over and reported, since it would be in everybody's way for good. Not taken:
//! notes of git, which are one file an object and conflict.

mod joining;

use std::collections::{BTreeMap, BTreeSet};

use git2::build::TreeUpdateBuilder;
use git2::{ErrorCode, FileMode, ObjectType, Oid, Repository, Signature, Tree};
use sha2::{Digest as _, Sha256};

pub use self::joining::JoinedKept;
use self::joining::Joining;
use super::{Error, Repo};
use crate::diagnostics::words::hex;
use crate::flag::file_name;
use crate::receipt::approval::APPROVAL_TYPE;
use crate::receipt::envelope::Delivered;
use crate::receipt::history::KeptEnvelope;
use crate::receipt::statement::RECEIPT_TYPE;

/// The reference with the receipts.
pub const RECEIPTS_REF: &str = "refs/countersign/receipts";

/// The reference with the approvals.
pub const APPROVALS_REF: &str = "refs/countersign/approvals";

/// Larger files than this are not read.
const LARGEST: usize = 4 << 20;

/// Bytes that are read of all files together.
const MOST_BYTES: usize = 256 << 20;

/// Deeper folders than this are not opened; those that are made here are two deep.
const DEEPEST: usize = 4;

/// The files that are kept under a reference, and the others that stand there.
#[derive(Clone, Debug, Default)]
pub struct KeptFiles {
    pub envelopes: Vec<KeptEnvelope>,
    /// The other files, in words. They don't count, and keep none of the envelopes from counting.
    pub passed_over: Vec<String>,
}

impl KeptFiles {
    /// A line for the standard error about all that was passed over.
    #[must_use]
    pub fn warning(&self, reference: &str) -> Option<String> {
        let first = self.passed_over.first()?;
        let more = match self.passed_over.len() {
            1 => String::new(),
            count => format!(", and {} more", count - 1),
        };
        Some(format!("{reference}: passed over what is no envelope: {first}{more}; find out who put it there"))
    }
}

/// An entry of a tree that is kept.
struct TreeFile {
    path: String,
    id: Oid,
    /// In bytes; 0 for what is none that is read.
    size: usize,
    mode: FileMode,
    /// Why it is no envelope.
    unreadable: Option<&'static str>,
}

/// A file to be kept: the commit that it is about, and its bytes.
#[derive(Clone, Debug)]
pub struct ToKeep {
    pub about: String,
    pub bytes: Vec<u8>,
}

impl ToKeep {
    /// The path of the file: by the commit it is about, then by its own bytes.
    fn path(&self) -> String {
        let (first, rest) = self.about.split_at_checked(2).unwrap_or(("", &self.about));
        format!("{first}/{rest}/{}.json", hex(&Sha256::digest(&self.bytes)))
    }
}

impl Repo {
    /// The files that are kept under a reference, in the order of their names; none if the reference is not there.
    ///
    /// # Errors
    /// If an object is not here or broken. A file that nobody could read as an envelope is no error.
    pub fn kept(&self, reference: &str) -> Result<Option<KeptFiles>, Error> {
        let mut kept = KeptFiles::default();
        let tip = match self.target(reference)? {
            None => return Ok(None),
            Some((tip, ObjectType::Commit)) => tip,
            Some((_, kind)) => {
                kept.passed_over.push(format!("the reference itself, which is a {kind} and no commit"));
                return Ok(Some(kept));
            }
        };
        let mut all = files(&self.git, &tree_of(&self.git, tip, reference)?, reference)?;
        // The small ones first: who fills the reference up leaves out nothing that was made here.
        all.sort_by_key(|file| file.size);
        let (mut names, mut read): (BTreeMap<Oid, String>, usize) = Default::default();
        for file in all {
            let mut pass_over = |why: &str| kept.passed_over.push(format!("`{}`, {why}", file.path.escape_debug()));
            if let Some(why) = file.unreadable {
                pass_over(why);
                continue;
            }
            let own = file_name(&file.path).strip_suffix(".json").unwrap_or_default();
            if names.get(&file.id).is_some_and(|name| name != own) {
                pass_over("which is not named after its bytes");
                continue;
            }
            read = read.saturating_add(file.size);
            if read > MOST_BYTES {
                pass_over("since the files before it are more than is read of all");
                continue;
            }
            let blob = self
                .git
                .find_blob(file.id)
                .map_err(|error| Error::git(&format!("read `{}` of `{reference}`", file.path), &error))?;
            let name = names.entry(file.id).or_insert_with(|| hex(&Sha256::digest(blob.content())));
            if name != own {
                pass_over("which is not named after its bytes");
            } else {
                kept.envelopes.push(KeptEnvelope { name: file.path, bytes: blob.content().to_vec() });
            }
        }
        kept.envelopes.sort_by(|one, other| one.name.cmp(&other.name));
        kept.passed_over.sort();
        Ok(Some(kept))
    }

    /// Adds files to those that are kept under a reference, with a commit of its own for each. Those that are there are
    /// left as they are; returns how many are new.
    ///
    /// # Errors
    /// If it can't be read or written, or if somebody else added some meanwhile.
    pub fn keep(&self, reference: &str, all: &[ToKeep], seconds: i64) -> Result<usize, Error> {
        let failed = |error: git2::Error| Error::git_ref(&format!("write `{reference}`"), reference, &error);
        let before = self.tip(reference)?;
        let (mut tip, mut new) = (before, 0);
        if let Some(one) = all.iter().find(|one| one.bytes.len() > LARGEST) {
            let message = format!(
                "the envelopes about {} have {} bytes, and more than {LARGEST} are not read",
                one.about,
                one.bytes.len()
            );
            return Err(Error::usage(message, "make it of fewer flags"));
        }
        for one in all {
            let parent = tip.map(|tip| self.git.find_commit(tip)).transpose().map_err(failed)?;
            let path = one.path();
            let tree = parent.as_ref().map(git2::Commit::tree).transpose().map_err(failed)?;
            if tree.as_ref().is_some_and(|tree| tree.get_path(std::path::Path::new(&path)).is_ok()) {
                continue;
            }
            let empty = self.git.treebuilder(None).and_then(|builder| builder.write()).map_err(failed)?;
            let base = match tree {
                Some(tree) => tree,
                None => self.git.find_tree(empty).map_err(failed)?,
            };
            let blob = self.git.blob(&one.bytes).map_err(failed)?;
            let mut update = TreeUpdateBuilder::new();
            update.upsert(path.as_str(), blob, FileMode::Blob);
            let made = update.create_updated(&self.git, &base).map_err(failed)?;
            let made = self.git.find_tree(made).map_err(failed)?;
            let who = self.keeper(seconds).map_err(failed)?;
            let message = format!("{}\n", one.about);
            let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
            tip = Some(self.git.commit(None, &who, &who, &message, &made, &parents).map_err(failed)?);
            new += 1;
        }
        if let Some(tip) = tip.filter(|_| new > 0) {
            self.move_reference(reference, before, tip)?;
        }
        Ok(new)
    }

    /// Takes the files of another tip, such as the one that was fetched, into a reference.
    ///
    /// # Errors
    /// If it can't be read or written.
    pub fn join_kept(&self, reference: &str, other: &str, seconds: i64) -> Result<JoinedKept, Error> {
        let failed = |error: git2::Error| Error::git_ref(&format!("join `{reference}`"), reference, &error);
        let theirs = self.commit(other)?;
        let theirs = super::revision::object_id(&theirs.oid)?;
        self.of_a_kind(reference, theirs, other)?;
        let Some(ours) = self.tip(reference)? else {
            let count = files(&self.git, &tree_of(&self.git, theirs, other)?, other)?.len();
            self.move_reference(reference, None, theirs)?;
            return Ok(JoinedKept { new: count, left_out: Vec::new() });
        };
        if ours == theirs || self.git.graph_descendant_of(ours, theirs).map_err(failed)? {
            return Ok(JoinedKept::default());
        }
        let (our_tree, their_tree) = (tree_of(&self.git, ours, reference)?, tree_of(&self.git, theirs, other)?);
        let own = files(&self.git, &our_tree, reference)?;
        let joined = Joining::of(&self.git, own, files(&self.git, &their_tree, other)?).map_err(failed)?;
        // First what makes way, since a file stands where a folder is needed.
        let mut update = TreeUpdateBuilder::new();
        for path in &joined.gone {
            update.remove(path.as_str());
        }
        let made = update.create_updated(&self.git, &our_tree).map_err(failed)?;
        let our_tree = self.git.find_tree(made).map_err(failed)?;
        let mut update = TreeUpdateBuilder::new();
        for file in &joined.new {
            update.upsert(file.path.as_str(), file.id, file.mode);
        }
        let made = update.create_updated(&self.git, &our_tree).map_err(failed)?;
        let made = self.git.find_tree(made).map_err(failed)?;
        let who = self.keeper(seconds).map_err(failed)?;
        let parents = [ours, theirs].map(|id| self.git.find_commit(id));
        let [Ok(first), Ok(second)] = &parents else {
            return Err(Error::outside(format!("cannot join `{reference}`"), "run `git fsck`"));
        };
        let tip = self.git.commit(None, &who, &who, "join\n", &made, &[first, second]).map_err(failed)?;
        self.move_reference(reference, Some(ours), tip)?;
        Ok(JoinedKept { new: joined.new.len(), left_out: joined.left_out })
    }

    /// Checks that what is joined with a reference is of its kind: receipts with receipts, and approvals with
    /// approvals.
    fn of_a_kind(&self, reference: &str, theirs: Oid, other: &str) -> Result<(), Error> {
        let kind = if reference == APPROVALS_REF { APPROVAL_TYPE } else { RECEIPT_TYPE };
        let mut another = None;
        for file in files(&self.git, &tree_of(&self.git, theirs, other)?, other)? {
            let blob = if file.unreadable.is_some() { None } else { self.git.find_blob(file.id).ok() };
            let envelope = blob.and_then(|blob| Delivered::parse(blob.content()).ok());
            let statement = envelope.and_then(|one| serde_json::from_slice::<serde_json::Value>(&one.payload).ok());
            match statement.as_ref().and_then(|statement| statement.get("predicateType")?.as_str()) {
                Some(found) if found == kind => return Ok(()),
                Some(found @ (APPROVAL_TYPE | RECEIPT_TYPE)) => another = Some(found.to_owned()),
                _ => {}
            }
        }
        let other = other.escape_debug();
        Err(match another {
            Some(another) => Error::usage(
                format!("`{other}` has a `{another}`, and `{reference}` is for others"),
                "approvals are taken in with `countersign approve --join`, receipts with `countersign receipt --join`",
            ),
            None => Error::usage(
                format!("`{other}` has nothing that `{reference}` is for"),
                format!("run `git fetch origin {reference}`, and name `FETCH_HEAD`"),
            ),
        })
    }

    /// Files that some commit of a reference has and its tip has not: what somebody took away. A file without the name
    /// of its bytes was never one of them.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn taken_away(&self, reference: &str) -> Result<Vec<String>, Error> {
        let failed = |error: git2::Error| Error::git_ref(&format!("walk `{reference}`"), reference, &error);
        let Some(tip) = self.tip(reference)? else { return Ok(Vec::new()) };
        let there = files(&self.git, &tree_of(&self.git, tip, reference)?, reference)?;
        let there: BTreeMap<String, Oid> = there.into_iter().map(|file| (file.path, file.id)).collect();
        let mut walk = self.git.revwalk().map_err(failed)?;
        walk.push(tip).map_err(failed)?;
        let mut gone = Vec::new();
        // Each folder is opened once in each of its states.
        let mut seen: BTreeSet<(String, Oid)> = BTreeSet::new();
        for id in walk {
            let commit = self.git.find_commit(id.map_err(failed)?).map_err(failed)?;
            let mut open = vec![(String::new(), commit.tree_id())];
            while let Some((folder, id)) = open.pop() {
                if !seen.insert((folder.clone(), id)) {
                    continue;
                }
                for entry in &self.git.find_tree(id).map_err(failed)? {
                    let path = format!("{folder}{}", super::lossy(entry.name_bytes()));
                    let is_folder = entry.kind() == Some(ObjectType::Tree) && path.matches('/').count() < DEEPEST;
                    if is_folder && !there.contains_key(&path) {
                        open.push((format!("{path}/"), entry.id()));
                    } else if there.get(&path) != Some(&entry.id())
                        && entry.kind() != Some(ObjectType::Tree)
                        && joining::may_be_kept(&self.git, &path, entry.id())
                    {
                        gone.push(path);
                    }
                }
            }
        }
        gone.sort();
        gone.dedup();
        Ok(gone)
    }

    /// The commit that a reference is at.
    fn tip(&self, reference: &str) -> Result<Option<Oid>, Error> {
        match self.target(reference)? {
            None => Ok(None),
            Some((tip, ObjectType::Commit)) => Ok(Some(tip)),
            Some((_, kind)) => Err(Error::outside(
                format!("`{reference}` is a {kind} and no commit"),
                format!("take it away with `git update-ref -d {reference}`, and fetch it again"),
            )),
        }
    }

    /// The object that a reference is at, and what it is.
    fn target(&self, reference: &str) -> Result<Option<(Oid, ObjectType)>, Error> {
        let failed = |error: git2::Error| Error::git_ref(&format!("read `{reference}`"), reference, &error);
        let found = match self.git.find_reference(reference) {
            Ok(found) => found.resolve().map_err(failed)?,
            Err(error) if error.code() == ErrorCode::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let Some(id) = found.target() else { return Ok(None) };
        let (_, kind) = self.git.odb().and_then(|all| all.read_header(id)).map_err(failed)?;
        Ok(Some((id, kind)))
    }

    /// The name under which git would commit here; none where it knows nobody.
    #[must_use]
    pub fn committer(&self) -> Option<String> {
        let who = self.git.signature().ok()?;
        Some(String::from_utf8_lossy(who.name_bytes()).into_owned())
    }

    /// The committer: as git would name one, or the program where git knows nobody.
    fn keeper(&self, seconds: i64) -> Result<Signature<'static>, git2::Error> {
        let time = git2::Time::new(seconds, 0);
        let who = self.git.signature().ok();
        let name = who.as_ref().and_then(|who| std::str::from_utf8(who.name_bytes()).ok()).unwrap_or("countersign");
        let email = who.as_ref().and_then(|who| std::str::from_utf8(who.email_bytes()).ok());
        Signature::new(name, email.unwrap_or("countersign@localhost"), &time)
    }

    /// Moves a reference, unless somebody else did meanwhile.
    fn move_reference(&self, reference: &str, from: Option<Oid>, to: Oid) -> Result<(), Error> {
        let done = match from {
            Some(from) => self.git.reference_matching(reference, to, true, from, "countersign"),
            None => self.git.reference(reference, to, false, "countersign"),
        };
        done.map(|_| ()).map_err(|error| match error.code() {
            ErrorCode::Modified | ErrorCode::Exists => {
                Error::outside(format!("`{reference}` was moved by somebody else meanwhile"), "run it again")
            }
            _ => Error::git_ref(&format!("move `{reference}`"), reference, &error),
        })
    }
}

fn tree_of<'r>(git: &'r Repository, commit: Oid, name: &str) -> Result<Tree<'r>, Error> {
    git.find_commit(commit)
        .and_then(|commit| commit.tree())
        .map_err(|error| Error::git_ref(&format!("read `{name}`"), name, &error))
}

/// The entries of a tree by their paths, with why those that are no file of an envelope are none. An object that is not
/// here is an error.
fn files(git: &Repository, tree: &Tree<'_>, name: &str) -> Result<Vec<TreeFile>, Error> {
    let failed = |error: git2::Error| Error::git_ref(&format!("list `{name}`"), name, &error);
    let objects = git.odb().map_err(failed)?;
    let mut found = Vec::new();
    let mut open: Vec<(String, Oid)> = vec![(String::new(), tree.id())];
    while let Some((folder, id)) = open.pop() {
        for entry in &git.find_tree(id).map_err(failed)? {
            let (path, id) = (format!("{folder}{}", super::lossy(entry.name_bytes())), entry.id());
            let (mode, size, unreadable) = match entry.kind() {
                Some(kind @ (ObjectType::Tree | ObjectType::Blob)) => {
                    let (size, is) = objects.read_header(id).map_err(failed)?;
                    let mode = if kind == ObjectType::Tree { FileMode::Tree } else { FileMode::Blob };
                    let why = if is != kind {
                        Some("which is not what the folder says it is")
                    } else if kind == ObjectType::Blob {
                        (size > LARGEST).then_some("which is larger than any receipt")
                    } else if path.matches('/').count() < DEEPEST {
                        open.push((format!("{path}/"), id));
                        continue;
                    } else {
                        Some("a folder deeper than any that is made here")
                    };
                    (mode, size, why)
                }
                _ => (FileMode::Commit, 0, Some("which is no file")),
            };
            found.push(TreeFile { path, id, size, mode, unreadable });
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}
