//! What a file was before: the versions that the base branch held, as far back as a small budget goes.

use std::collections::BTreeMap;

use git2::{Odb, OdbObject, Oid};

use super::tree::{Item, named};
use super::{Comparison, Entry, Repo};

/// How many commits are looked at.
const COMMITS: usize = 1_000;
/// How many bytes of trees may be parsed on the way: a folder of 100,000 files is not searched for a remark.
const BYTES: usize = 1 << 19;

/// An earlier version of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Past {
    pub path: String,
    pub entry: Entry,
    /// The last commit of the base branch that had it, in full.
    pub oid: String,
    /// When it was committed, in seconds since 1970-01-01 UTC.
    pub seconds: i64,
    /// The first line of its message.
    pub subject: String,
}

impl Repo {
    /// The earlier versions of some files on the first-parent history of the base, newest first, each version once.
    ///
    /// It is for remarks, so it never fails: a history of which a shallow or partial clone lacks objects is just a
    /// shorter one.
    #[must_use]
    pub fn past(&self, comparison: &Comparison, paths: &[String]) -> Vec<Past> {
        let mut found = Vec::new();
        // Whatever it fails at, what was found until then holds.
        let _ = self.walk_past(comparison, paths, &mut found);
        found
    }

    fn walk_past(&self, comparison: &Comparison, paths: &[String], found: &mut Vec<Past>) -> Result<(), git2::Error> {
        let objects = self.objects();
        let Some(tip) = comparison.base.oid.as_deref().filter(|_| !paths.is_empty()) else { return Ok(()) };
        let mut commit = objects.find_commit(Oid::from_str_ext(tip, objects.object_format())?)?;
        let mut seen: BTreeMap<&str, Vec<Oid>> = BTreeMap::new();
        let mut last_tree = None;
        let odb = objects.odb()?;
        let mut trees = Trees { odb: &odb, read: BTreeMap::new(), left: BYTES };
        for _ in 0..COMMITS {
            if last_tree != Some(commit.tree_id()) {
                last_tree = Some(commit.tree_id());
                for path in paths {
                    let Some(item) = trees.at(commit.tree_id(), path)? else { continue };
                    let versions = seen.entry(path).or_default();
                    if !versions.contains(&item.id) {
                        versions.push(item.id);
                        found.push(Past {
                            path: path.clone(),
                            entry: self.entry(item),
                            oid: commit.id().to_string(),
                            seconds: commit.time().seconds(),
                            subject: String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default()).into_owned(),
                        });
                    }
                }
            }
            match commit.parent(0) {
                Ok(parent) if trees.left > 0 => commit = parent,
                Ok(_) | Err(_) => break,
            }
        }
        Ok(())
    }
}

/// Trees that were read, and how much of them may still be.
struct Trees<'o> {
    odb: &'o Odb<'o>,
    read: BTreeMap<Oid, OdbObject<'o>>,
    left: usize,
}

impl<'o> Trees<'o> {
    /// What stands at a path, if the budget lasts until there.
    fn at(&mut self, root: Oid, path: &str) -> Result<Option<Item>, git2::Error> {
        let mut id = root;
        let mut names = path.split('/').peekable();
        while let Some(name) = names.next() {
            let Some(tree) = self.tree(id)? else { return Ok(None) };
            let Some(item) = named(tree, name.as_bytes()) else { return Ok(None) };
            match (names.peek().is_some(), item.is_tree()) {
                (true, true) => id = item.id,
                (false, false) => return Ok(Some(item)),
                (true, false) | (false, true) => return Ok(None),
            }
        }
        Ok(None)
    }

    fn tree(&mut self, id: Oid) -> Result<Option<&OdbObject<'o>>, git2::Error> {
        if !self.read.contains_key(&id) {
            // Its size is known without reading it.
            let (size, _) = self.odb.read_header(id)?;
            self.left = self.left.saturating_sub(size);
            if self.left == 0 {
                return Ok(None);
            }
            self.read.insert(id, self.odb.read(id)?);
        }
        Ok(self.read.get(&id))
    }
}
