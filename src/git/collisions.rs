//! Paths that are one where case does not count: on many machines one of them hides the other.

use std::collections::{BTreeMap, BTreeSet};

use git2::Oid;

use super::tree_reader::TreeItem;
use super::{Comparison, Error, Repo, lossy, tree_diff};
use crate::policy::fold::folded;

/// A path that the proposal adds, and the path that it collides with where case does not count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Collision {
    pub path: String,
    pub other: String,
    /// Whether the other path exists; otherwise the file would come to lie at it, inside a folder of that name.
    pub there: bool,
    /// Whether the other path is a folder, whose files are hidden together.
    pub folder: bool,
}

/// Most spellings of one folder that are followed; more are a collision of the folders themselves.
const MOST_SPELLINGS: usize = 4;

/// A folder of the proposed side: its names by their folded form, whether they are folders or not, and what the base
/// has under each.
#[derive(Default)]
struct Folder {
    names: BTreeMap<String, BTreeSet<Vec<u8>>>,
    live: BTreeMap<Vec<u8>, TreeItem>,
}

impl Repo {
    /// Every path the proposal adds that folds to the same as another path of the proposed side or a folder of it, or
    /// that comes to lie in such a folder. `concerns` is asked of the folded form of a path: of others nothing is
    /// looked up, since what a stranger adds elsewhere may be of any shape.
    ///
    /// # Errors
    /// If a tree can't be read.
    pub fn case_collisions(
        &self,
        comparison: &Comparison,
        concerns: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<Collision>, Error> {
        let mut folders: BTreeMap<Vec<u8>, Folder> = BTreeMap::new();
        let mut found = BTreeSet::new();
        let added = comparison.differences.iter().filter(|found| found.live.is_none() && found.proposed.is_some());
        for path in added.map(|found| &found.path).filter(|path| concerns(&folded(&lossy(path)))) {
            // The ways down that spell the path's folders somehow, each with what the base has there.
            let mut ways = vec![(Vec::new(), Some(comparison.live))];
            let mut parts = path.split(|byte| *byte == b'/').peekable();
            let mut length = 0;
            while let Some(part) = parts.next() {
                length += part.len() + usize::from(length > 0);
                let true_way = path.get(..length).unwrap_or_default();
                let mut next = Vec::new();
                for (way, live) in ways {
                    if !folders.contains_key(&way) {
                        folders.insert(way.clone(), self.proposed_folder(comparison, &way, live)?);
                    }
                    let Some(folder) = folders.get(&way) else { continue };
                    let names = folder.names.get(&folded(&lossy(part)));
                    if names.is_none() {
                        let rest = path.get(length - part.len()..).unwrap_or_default();
                        let other = lossy(&join(&way, rest));
                        found.insert(Collision { path: lossy(path), other, there: false, folder: false });
                    }
                    for name in names.into_iter().flatten() {
                        let here = join(&way, name);
                        let crowded = next.len() >= MOST_SPELLINGS;
                        let file = Self::is_file(comparison, folder, name, &here);
                        // At the end of the path everything collides, before it only what is no folder.
                        if here != true_way && (crowded || parts.peek().is_none() || file) {
                            let (path, other) = (lossy(path), lossy(&here));
                            found.insert(Collision { path, other, there: true, folder: !file });
                        } else {
                            next.push((here, folder.live.get(name).filter(|item| item.is_tree()).map(|item| item.id)));
                        }
                        if crowded {
                            break;
                        }
                    }
                }
                ways = next;
            }
        }
        Ok(found.into_iter().collect())
    }

    /// A folder of the proposed side; `live` is the tree that the base has there.
    fn proposed_folder(&self, comparison: &Comparison, path: &[u8], live: Option<Oid>) -> Result<Folder, Error> {
        let mut folder = Folder::default();
        let prefix = if path.is_empty() { Vec::new() } else { [path, b"/"].concat() };
        let changed = within(comparison, &prefix);
        for (name, item) in live.map(|live| tree_diff::names(&self.trees(), live)).transpose()?.into_iter().flatten() {
            let path = [prefix.as_slice(), &name].concat();
            let removed = changed
                .binary_search_by(|found| found.path.cmp(&path))
                .is_ok_and(|at| changed.get(at).is_some_and(|found| found.proposed.is_none()));
            // A folder is gone with the last of its files.
            let emptied = item.is_tree() && self.is_emptied(comparison, &path, item.id)?;
            if !removed && !emptied {
                folder.names.entry(folded(&lossy(&name))).or_default().insert(name.clone());
            }
            folder.live.insert(name, item);
        }
        let mut last: &[u8] = b"";
        for found in changed.iter().filter(|found| found.proposed.is_some()) {
            let rest = found.path.get(prefix.len()..).unwrap_or_default();
            let name = rest.split(|byte| *byte == b'/').next().unwrap_or_default();
            if name != last {
                folder.names.entry(folded(&lossy(name))).or_default().insert(name.to_vec());
                last = name;
            }
        }
        Ok(folder)
    }

    /// Whether a folder of the live side has no file left on the proposed side.
    fn is_emptied(&self, comparison: &Comparison, path: &[u8], live: Oid) -> Result<bool, Error> {
        let changed = within(comparison, &[path, b"/"].concat());
        if changed.is_empty() || changed.iter().any(|found| found.proposed.is_some()) {
            return Ok(false);
        }
        let mut left = changed.len() + 1;
        tree_diff::list(&self.trees(), live, &mut |_| true, &mut |_, _| left = left.saturating_sub(1))?;
        Ok(left == 1)
    }

    /// Whether the proposed side has a file under this name of a folder.
    fn is_file(comparison: &Comparison, folder: &Folder, name: &[u8], path: &[u8]) -> bool {
        let at = comparison.differences.binary_search_by(|found| found.path.as_slice().cmp(path));
        match at.ok().and_then(|at| comparison.differences.get(at)) {
            Some(found) => found.proposed.is_some(),
            None => folder.live.get(name).is_some_and(|item| !item.is_tree()),
        }
    }
}

/// The differences whose path starts like this.
fn within<'c>(comparison: &'c Comparison, prefix: &[u8]) -> &'c [tree_diff::PathDifference] {
    let all = &comparison.differences;
    let start = all.partition_point(|found| found.path.as_slice() < prefix);
    let rest = all.get(start..).unwrap_or_default();
    let length = rest.partition_point(|found| found.path.starts_with(prefix));
    rest.get(..length).unwrap_or_default()
}

fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}
