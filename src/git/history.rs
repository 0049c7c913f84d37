//! Earlier versions of a file on the base branch, as far back as a small budget goes.

use std::collections::BTreeMap;

use git2::{Odb, OdbObject, Oid};

use super::tree::{TreeItem, named};
use super::{Comparison, Repo, TreeEntry};

/// How many commits are looked at.
const COMMITS: usize = 500;
/// How many bytes of trees may be parsed on the way: a folder of 100,000 files is not searched for a remark.
const BYTES: usize = 1 << 19;

/// An earlier version of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PastVersion {
    pub path: String,
    pub entry: TreeEntry,
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
    pub fn past(&self, comparison: &Comparison, paths: &[String]) -> Vec<PastVersion> {
        let mut found = Vec::new();
        // If it fails, the versions found until then are kept.
        let _ = self.walk_past(comparison, paths, &mut found);
        found
    }

    fn walk_past(
        &self,
        comparison: &Comparison,
        paths: &[String],
        found: &mut Vec<PastVersion>,
    ) -> Result<(), git2::Error> {
        let objects = self.objects();
        let Some(tip) = comparison.base.oid.as_deref().filter(|_| !paths.is_empty()) else { return Ok(()) };
        let odb = objects.odb()?;
        let mut next = Some(Oid::from_str_ext(tip, objects.object_format())?);
        let mut seen: BTreeMap<&str, Vec<Oid>> = BTreeMap::new();
        let mut last = None;
        let mut trees = HistoryTrees { odb: &odb, read: BTreeMap::new(), left: BYTES };
        let mut folders = vec![Vec::new(); paths.len()];
        for _ in 0..COMMITS {
            let Some(id) = next.filter(|_| trees.left > 0) else { break };
            let object = odb.read(id)?;
            let (tree, parent) = lines(&object);
            next = parent.map(|parent| Oid::from_str_ext(parent, objects.object_format())).transpose()?;
            let Some(tree) = tree.filter(|tree| last.as_deref() != Some(*tree)) else { continue };
            let root = Oid::from_str_ext(tree, objects.object_format())?;
            last = Some(tree.to_owned());
            let Some(root) = trees.open(root)? else { break };
            for (path, folders) in paths.iter().zip(&mut folders) {
                let Some(item) = trees.news(&root, path, folders)? else { continue };
                let versions = seen.entry(path).or_default();
                if !versions.contains(&item.id) {
                    versions.push(item.id);
                    let commit = objects.find_commit(id)?;
                    found.push(PastVersion {
                        path: path.clone(),
                        entry: self.entry(item),
                        oid: id.to_string(),
                        seconds: commit.time().seconds(),
                        subject: String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default()).into_owned(),
                    });
                }
            }
        }
        Ok(())
    }
}

/// The tree and the first parent of a commit, in hex: the first lines of it, which are all that a walk needs.
fn lines<'c>(commit: &'c OdbObject<'_>) -> (Option<&'c str>, Option<&'c str>) {
    let mut lines =
        commit.data().split(|byte| *byte == b'\n').map(|line| std::str::from_utf8(line).unwrap_or_default());
    let mut value = |name| lines.next().and_then(|line| line.strip_prefix(name));
    (value("tree "), value("parent "))
}

/// HistoryTrees that were read, and how much of them may still be.
struct HistoryTrees<'o> {
    odb: &'o Odb<'o>,
    read: BTreeMap<Oid, OdbObject<'o>>,
    left: usize,
}

impl<'o> HistoryTrees<'o> {
    /// The entry at a path, if the budget lasts until there, and if `folders`, which led there in the commit before,
    /// are not what leads there now: one commit differs from the next in few of its trees.
    fn news(
        &mut self,
        root: &OdbObject<'_>,
        path: &str,
        folders: &mut Vec<Oid>,
    ) -> Result<Option<TreeItem>, git2::Error> {
        let mut names = path.split('/');
        let mut item = names.next().and_then(|name| named(root, name.as_bytes()));
        for (level, name) in names.enumerate() {
            let folder = item.filter(|item| item.is_tree()).map(|folder| folder.id);
            if folder.is_some() && folder == folders.get(level).copied() {
                return Ok(None);
            }
            folders.truncate(level);
            let Some(folder) = folder else { return Ok(None) };
            folders.push(folder);
            if !self.read.contains_key(&folder) {
                let Some(tree) = self.open(folder)? else { return Ok(None) };
                self.read.insert(folder, tree);
            }
            item = self.read.get(&folder).and_then(|tree| named(tree, name.as_bytes()));
        }
        Ok(item.filter(|item| !item.is_tree()))
    }

    /// A tree, if the budget is not used up.
    fn open(&mut self, id: Oid) -> Result<Option<OdbObject<'o>>, git2::Error> {
        // Its size is known without reading it.
        let (size, _) = self.odb.read_header(id)?;
        self.left = self.left.saturating_sub(size);
        if self.left == 0 { Ok(None) } else { self.odb.read(id).map(Some) }
    }
}
